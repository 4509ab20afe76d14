"""Copies of tables for display: longitude and latitude, few digits, few vertices. They are never to be measured."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.crs import to_record

#: Digits of a degree that are kept: 0.1 m.
DIGITS = 6
#: A browser draws more polygons than these on one canvas instead of as SVG, and with simplified borders.
MANY = 3_000
#: Borders of many polygons are simplified by at most this share of the map's longer side.
TOLERANCE_SHARE = 1 / 8_000
_METRES_PER_DEGREE = 111_320


def lon_lat(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows that have a geometry, in degrees as the web understands them (WGS 84 within centimetres).

    Raises
    ------
    CrsError
        If the table does not say its CRS, or says one that cannot be transformed safely.
    """
    there = table[~(table.geometry.isna() | table.geometry.is_empty)]
    return to_record(there)


def tolerance_deg(bounds: tuple[float, float, float, float]) -> float:
    """Return by how much borders may be simplified on a map of these bounds, in degrees."""
    west, south, east, north = bounds
    return max(east - west, north - south) * TOLERANCE_SHARE


def tolerance_m(degrees: float) -> int:
    """Return a tolerance in metres along a meridian, rounded up."""
    return int(np.ceil(degrees * _METRES_PER_DEGREE))


def light(geometries: NDArray[Any], tolerance: float = 0.0) -> NDArray[Any]:
    """Return geometries with rounded coordinates and, given a tolerance, fewer vertices.

    Neighbours are simplified together, so that no gaps open between them, wherever they fit without overlap.

    Parameters
    ----------
    geometries
        Polygons or lines in degrees.
    tolerance
        Greatest shift of a border, degrees; 0 keeps every vertex.
    """
    if tolerance > 0:
        geometries = _simpler(geometries, tolerance)
    return np.asarray(shapely.transform(geometries, lambda xy: np.round(xy, DIGITS)))


def _simpler(geometries: NDArray[Any], tolerance: float) -> NDArray[Any]:
    """Return simplified geometries; those of a partition keep their shared borders."""
    if bool(np.isin(shapely.get_type_id(geometries), (3, 6)).all()) and bool(shapely.coverage_is_valid(geometries)):
        return np.asarray(shapely.coverage_simplify(geometries, tolerance))
    return np.asarray(shapely.simplify(geometries, tolerance))


def features(geometries: NDArray[Any], properties: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a GeoJSON feature collection whose features carry their position as ``id``."""
    pairs = zip(geometries, properties, strict=True)
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": row, "properties": values, "geometry": shapely.geometry.mapping(geometry)}
            for row, (geometry, values) in enumerate(pairs)
        ],
    }
