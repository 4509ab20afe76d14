"""A grid of streets 100 m apart, whose ways can be worked out on paper; all in metres of EPSG:4549."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from gridmap import crs

X, Y = 500_000.0, 3_540_000.0
NOW = pd.Timestamp("2026-03-01T08:00:00+08:00")


def streets(side=3, kinds=None):
    """``side`` streets from west to east, then as many from south to north, 100 m apart, with common vertices."""
    steps = np.arange(side) * 100.0
    level = [[(X + x, Y + y) for x in steps] for y in steps]
    upright = [[(X + x, Y + y) for y in steps] for x in steps]
    table = {} if kinds is None else {"class": kinds}
    return gpd.GeoDataFrame(table, geometry=[shapely.LineString(each) for each in level + upright], crs=4549)


def points(*spots, **columns):
    return gpd.GeoDataFrame(
        columns, geometry=gpd.points_from_xy(*np.array([(X + x, Y + y) for x, y in spots]).T), crs=4549
    )


def fixes(ages=None, **spots):
    """Posts by name, each at its place, ``ages`` seconds before NOW."""
    ages = ages or [0] * len(spots)
    times = [NOW - pd.Timedelta(seconds=age) for age in ages]
    return points(*spots.values(), post=list(spots), time=pd.DatetimeIndex(times))


def lon_lat(x, y):
    return tuple(float(each) for each in crs.to_wgs84(X + x, Y + y, 4549))


def oracle(made, edges, alongs, speeds):
    """The streets in networkx, with every given place on an edge as a node ("at", number) of its own."""
    whole = nx.Graph()
    for edge, (ends, length, speed) in enumerate(zip(made.ends.tolist(), made.length_m.tolist(), speeds, strict=True)):
        here = [(alongs[k], ("at", k)) for k in range(len(edges)) if edges[k] == edge]
        chain = [(0.0, ends[0]), *sorted(here), (length, ends[1])]
        for (one_m, one), (other_m, other) in pairwise(chain):
            cost = (other_m - one_m) / speed
            if one != other and cost < whole.get_edge_data(one, other, {"s": np.inf})["s"]:
                whole.add_edge(one, other, s=cost, m=other_m - one_m)
    return whole
