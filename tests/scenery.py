"""Buildings and views drawn by hand, and how much ground is seen: for tests of viewsheds."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely import affinity

from gridmap.compiling import COMPILED
from gridmap.visibility import areas, scene
from gridmap.visibility.cameras.views import Views
from gridmap.visibility.seeing import in_sight

ROUND = 2 * math.pi
QUARTER = math.pi / 2
FAR_AWAY = shapely.box(900, 900, 901, 901)
WALL = shapely.box(50, -10, 51, 10)
COURTYARD = shapely.box(-6, -6, 6, 6) - shapely.box(-5, -5, 5, 5)
SYSTEM = CRS(4528)


def looking(  # noqa: PLR0913 - all that a view may differ in
    *places, heading=0.0, angle=QUARTER, reach=100.0, height=6.0, target=0.0, near=0.0, far=None, side=None, edges=()
):
    """Views from places, all alike."""
    n = len(places)
    return Views(
        crs=SYSTEM,
        ids=np.arange(n).astype(object),
        camera=np.arange(n),
        certainty=np.ones(n, np.int8),
        xy=np.array(places, float).reshape(n, 2),
        height_m=np.full(n, height),
        target_m=np.full(n, target),
        heading=np.full(n, heading),
        half_angle=np.full(n, angle / 2),
        near_m=np.full(n, near),
        far_m=np.full(n, reach if far is None else far),
        range_m=np.full(n, reach),
        side=np.tile((0.0, math.inf) if side is None else side, (n, 1)).astype(float),
        edges=np.tile(edges or (0.0, 0.0, 0.0), (n, 1)).astype(float),
        by_depth=np.full(n, angle <= math.pi),
        assumed=pd.DataFrame(),
        refused=pd.DataFrame(),
    )


def houses(*polygons, height=10.0, **columns):
    """A scene of buildings."""
    heights = np.broadcast_to(height, len(polygons))
    table = gpd.GeoDataFrame({"height_m": heights, **columns}, geometry=list(polygons), crs=SYSTEM)
    return scene(table, crs=SYSTEM)


def table(*polygons, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(polygons), crs=SYSTEM)


def total(buildings, looked, kernel=COMPILED):
    return areas(in_sight(buildings, looked, kernel=kernel)).sum()


def random_town(seed, count=60):
    rng = np.random.default_rng(seed)
    boxes = [
        affinity.rotate(shapely.box(x, y, x + w, y + h), angle)
        for (x, y), (w, h), angle in zip(
            rng.uniform(-90, 90, (count, 2)), rng.uniform(4, 15, (count, 2)), rng.uniform(0, 90, count), strict=True
        )
        if math.hypot(x, y) > 25
    ]
    return houses(*boxes, height=rng.choice([2.0, 3.0, 5.0, 9.0], len(boxes)))
