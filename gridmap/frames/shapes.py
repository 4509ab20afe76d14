"""Geometry of a table against its promise: there, of the right shape, valid, and where coordinates can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from gridmap.errors import Fault
from gridmap.frames.columns import Shape

Mask = npt.NDArray[np.bool_]

_TYPES: dict[Shape, tuple[shapely.GeometryType, ...]] = {
    "point": (shapely.GeometryType.POINT,),
    "line": (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING),
    "polygon": (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
}
_WORDS = {kind.value: kind.name.capitalize() for kind in shapely.GeometryType}


def shape_faults(geometry: npt.NDArray[Any], shapes: Sequence[Shape], crs: pyproj.CRS | None) -> list[Fault]:
    """All that is wrong with a table's geometry; one fault per feature, the first that applies.

    Parameters
    ----------
    geometry
        Array of n shapely geometries or None, in two dimensions.
    shapes
        The shapes that are promised.
    crs
        Its CRS; where it is geographic, coordinates must be degrees in the order lon, lat.

    Returns
    -------
    list of Fault
        Codes ``missing_geometry``, ``empty_geometry``, ``wrong_geometry``, ``not_finite``, ``degrees``, ``swapped``,
        ``invalid_ring``, ``zero_area``, ``zero_length``, each with its feature number, in the order of the features.

    Raises
    ------
    None
    """
    faults: dict[int, Fault] = {}
    left = np.ones(len(geometry), dtype=bool)
    # coordinates may be infinite, which is a fault and no matter for numpy's warnings
    with np.errstate(all="ignore"):
        checks = _checks(geometry, shapes, crs)
    for bad, code, messages in checks:
        for row in np.flatnonzero(bad & left):
            message = messages(int(row)) if callable(messages) else messages
            faults[int(row)] = Fault(code=code, message=message, feature=int(row) + 1)
        left &= ~bad
    return [faults[row] for row in sorted(faults)]


def _checks(geometry: npt.NDArray[Any], shapes: Sequence[Shape], crs: pyproj.CRS | None) -> list[tuple[Mask, str, Any]]:
    """Each check: which features fail it, its code, and a message or a function of the row."""
    types = shapely.get_type_id(geometry)
    wanted = [kind.value for shape in shapes for kind in _TYPES[shape]]
    expected = " or ".join(shapes)
    polygonal = np.isin(types, [kind.value for kind in _TYPES["polygon"]])
    finite = _finite(geometry)
    invalid = ~shapely.is_valid(geometry) & finite
    # GEOS takes a two-point line of no length for invalid; it is told apart because it is no matter of rings
    flat = (types != shapely.GeometryType.POINT.value) & (shapely.length(geometry) == 0)
    return [
        (shapely.is_missing(geometry), "missing_geometry", f"no geometry; expected a {expected}"),
        (shapely.is_empty(geometry), "empty_geometry", f"the geometry is empty; expected a {expected}"),
        (
            ~np.isin(types, wanted),
            "wrong_geometry",
            lambda row: f"the geometry is a {_WORDS.get(int(types[row]), 'curve')}; expected a {expected}",
        ),
        (~finite, "not_finite", "a coordinate is not a finite number"),
        *_degree_checks(geometry, crs),
        (flat & ~polygonal, "zero_length", "the line has no length: all its points are one"),
        (_zero_area(geometry, polygonal & finite), "zero_area", "the polygon encloses no ground: its area is 0"),
        (invalid, "invalid_ring", lambda row: _reason(geometry[row])),
    ]


def _finite(geometry: npt.NDArray[Any]) -> Mask:
    """Which geometries have finite coordinates only."""
    coordinates, rows = shapely.get_coordinates(geometry, return_index=True)
    finite = np.ones(len(geometry), dtype=bool)
    finite[rows[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def _zero_area(geometry: npt.NDArray[Any], polygonal: Mask) -> Mask:
    """Which polygons enclose nothing: all vertices on one line, or on one point."""
    zero = np.zeros(len(geometry), dtype=bool)
    candidates = np.flatnonzero(polygonal & (shapely.area(geometry) == 0))
    # the signed area of a figure of eight is 0 as well, but that is an invalid ring and not an empty one
    hulls = shapely.convex_hull(geometry[candidates])
    zero[candidates] = shapely.get_dimensions(hulls) < 2  # noqa: PLR2004 (the dimension of an area)
    return zero


def _reason(shape: Any) -> str:
    """Why a polygon is invalid, and where."""
    return f"{shapely.is_valid_reason(shape)}; mend the file, or ask for it with mend (--mend)"


def _degree_checks(geometry: npt.NDArray[Any], crs: pyproj.CRS | None) -> list[tuple[Mask, str, Any]]:
    """Checks of degrees for a geographic CRS."""
    if crs is None or not crs.is_geographic:
        return []
    bounds = shapely.bounds(geometry)
    with np.errstate(all="ignore"):
        lon, lat = np.abs(bounds[:, [0, 2]]).max(axis=1), np.abs(bounds[:, [1, 3]]).max(axis=1)
    swapped = (lat > 90) & (lat <= 180) & (lon <= 90)  # noqa: PLR2004 (the globe's own degrees)
    outside = (lon > 180) | (lat > 90)  # noqa: PLR2004 (as above)
    return [
        (swapped, "swapped", lambda row: f"{_box(bounds[row])} is latitude before longitude; expected longitude first"),
        (
            outside,
            "degrees",
            lambda row: (
                f"{_box(bounds[row])} cannot be degrees of longitude and latitude; state the CRS it is in (--crs)"
            ),
        ),
    ]


def _box(bounds: npt.NDArray[np.float64]) -> str:
    """The lower left corner of a geometry, for a message."""
    return f"{bounds[0]:.6g}, {bounds[1]:.6g}"
