"""How slow the machine is at the moment: what is promised in seconds is promised of one that is not shared."""

from __future__ import annotations

import time

import geopandas as gpd
import shapely

_SQUARE = shapely.box(120.0, 32.0, 120.01, 32.01)


def pace_s() -> float:
    """Seconds of the processor that twenty small tables take to make: 11 to 20 milliseconds."""
    began = time.process_time()
    for _ in range(20):
        gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[_SQUARE, _SQUARE], crs=4490)
    return time.process_time() - began
