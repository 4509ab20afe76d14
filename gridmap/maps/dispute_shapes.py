"""Shapes of a dispute as a page holds them: to the millimetre, since a quarrel may be one of decimetres."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.crs import to_record

#: Digits of a degree that are kept: 1 mm.
DIGITS = 8

#: Points of a line or ring: latitude and longitude.
Path = list[list[float]]


def in_degrees(table: gpd.GeoDataFrame) -> NDArray[Any]:
    """Return the shapes of a table in degrees, empty ones where there are none.

    Raises
    ------
    CrsError
        If the table does not say its CRS, or says one that cannot be transformed safely.
    """
    if table.empty:
        return np.empty(0, dtype=object)
    shapes = to_record(table).geometry.to_numpy()
    known: NDArray[Any] = np.where(shapely.is_missing(shapes), shapely.Polygon(), shapes)
    return known


def filled(shapes: NDArray[Any]) -> list[list[list[Path]]]:
    """Return each shape as polygons of rings; lines and points in it are left out.

    Examples
    --------
    >>> filled(np.array([shapely.box(0, 0, 1, 1), shapely.Point(0, 0)]))
    [[[[[0.0, 1.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]]], []]
    """
    return [
        [[_path(ring) for ring in shapely.get_rings(part)] for part in shapely.get_parts(shape) if _is_areal(part)]
        for shape in shapes
    ]


def traced(shapes: NDArray[Any]) -> list[list[Path]]:
    """Return each shape as lines: lines as they are, of polygons their rings; points are left out.

    Examples
    --------
    >>> traced(np.array([shapely.LineString([(0, 0), (1, 2)]), shapely.Point(0, 0)]))
    [[[[0.0, 0.0], [2.0, 1.0]]], []]
    """
    return [[_path(line) for part in shapely.get_parts(shape) for line in _lines(part)] for shape in shapes]


def _is_areal(part: shapely.Geometry) -> bool:
    return part.geom_type == "Polygon" and not part.is_empty


def _lines(part: shapely.Geometry) -> list[Any]:
    """The lines of one piece."""
    if _is_areal(part):
        return list(shapely.get_rings(part))
    return [part] if part.geom_type in ("LineString", "LinearRing") and not part.is_empty else []


def _path(line: shapely.Geometry) -> Path:
    """Latitude and longitude of the points of a line."""
    points: Path = np.round(shapely.get_coordinates(line)[:, ::-1], DIGITS).tolist()
    return points
