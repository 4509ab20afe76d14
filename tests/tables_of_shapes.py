"""Tables of single shapes, and the same as a web map shifts them."""

from __future__ import annotations

import geopandas as gpd
import shapely

from gridmap.crs import from_wgs84


def layer(*shapes: shapely.Geometry, crs: int | None = 4490, **columns: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def shifted(table: gpd.GeoDataFrame, system: str) -> gpd.GeoDataFrame:
    move = lambda x, y: from_wgs84(x, y, system)  # noqa: E731 - handed to shapely
    return table.set_geometry(shapely.transform(table.geometry, move, interleaved=False))
