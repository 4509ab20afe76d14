"""Invalid polygons mended on request, and each mend reported with the ground that it changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import shapely

from gridmap import crs as crs_

_POLYGONAL = (shapely.GeometryType.POLYGON.value, shapely.GeometryType.MULTIPOLYGON.value)


def mended(
    table: geopandas.GeoDataFrame, unclosed: Mapping[int, Any]
) -> tuple[geopandas.GeoDataFrame, list[dict[str, Any]]]:
    """The table with its invalid polygons made valid.

    Rings are taken as drawn: outer ground minus holes (``make_valid`` by structure, collapsed parts dropped). Open
    rings are closed by a straight line. A polygon of which nothing is left stays as it was.

    Parameters
    ----------
    table
        Geometry with a CRS.
    unclosed
        Features with open rings, counted from 1, with the shape that closing them gives.

    Returns
    -------
    table : GeoDataFrame
        The same rows.
    mends : list of dict
        ``feature``, ``reason``, ``area_before_m2`` (0 for an open ring, which encloses nothing), ``area_after_m2``,
        and ``changed_m2``: ground in one of the two but not in the other. Areas are in square metres on the ground.

    Raises
    ------
    CrsError
        If the table's CRS cannot be measured in.
    """
    shapes = np.asarray(table.geometry.array).copy()
    reasons: dict[int, str] = {}
    for feature, shape in unclosed.items():
        if shape is not None:
            shapes[feature - 1] = shape
            reasons[feature - 1] = "a ring was not closed"
    before = shapes.copy()
    before[list(reasons)] = shapely.Polygon()
    invalid = np.flatnonzero(np.isin(shapely.get_type_id(shapes), _POLYGONAL) & ~shapely.is_valid(shapes))
    for row in invalid.tolist():
        reasons.setdefault(row, str(shapely.is_valid_reason(shapes[row])))
        shapes[row] = _made_valid(shapes[row])
    whole = [row for row in sorted(reasons) if shapely.is_valid(shapes[row]) and not shapely.is_empty(shapes[row])]
    result = table.set_geometry(geopandas.GeoSeries(shapes, index=table.index, crs=table.crs))
    return result, _reports(table, before, shapes, [(row, reasons[row]) for row in whole])


def _made_valid(shape: Any) -> Any:
    """The polygon made valid; as it was where nothing is left of it or its coordinates are not finite."""
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return shape
    try:
        valid = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    except shapely.GEOSException:
        return shape
    return shape if shapely.is_empty(valid) or shapely.get_type_id(valid) not in _POLYGONAL else valid


def _reports(
    table: geopandas.GeoDataFrame,
    before: npt.NDArray[Any],
    after: npt.NDArray[Any],
    rows: list[tuple[int, str]],
) -> list[dict[str, Any]]:
    """What each mend changed."""
    if not rows:
        return []
    at = [row for row, _ in rows]
    # an invalid polygon encloses the ground that its rings enclose an odd number of times
    old = shapely.make_valid(_metric(before[at], table.crs), method="linework")
    new = _metric(after[at], table.crs)
    changed = shapely.area(shapely.symmetric_difference(old, new))
    return [
        {
            "feature": row + 1,
            "reason": reason,
            "area_before_m2": round(float(shapely.area(old[number])), 6),
            "area_after_m2": round(float(shapely.area(new[number])), 6),
            "changed_m2": round(float(changed[number]), 6),
        }
        for number, (row, reason) in enumerate(rows)
    ]


def _metric(shapes: npt.NDArray[Any], crs: Any) -> npt.NDArray[Any]:
    """Shapes in the metric CRS of their place."""
    if shapely.is_empty(shapes).all():
        return shapes
    table = geopandas.GeoDataFrame(geometry=geopandas.GeoSeries(shapes, crs=crs))
    return np.asarray(crs_.to_metric(table).geometry.array)
