"""Index in memory and function in the record give one answer on every vertex and edge midpoint."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap import store
from gridmap.partition import AreaIndex

DAY = date(2026, 1, 1)
#: vertices on one side of a grid; grids, communities and the district on one side of it
STEPS, SIDES = 12, {"grid": 30, "community": 6, "district": 1}
#: vertices, and as many edge midpoints, that are asked
PROBES = 20_000


def territory():
    """Nested areas with crooked common borders: 900 grids of 48 vertices, 36 communities, 1 district."""
    size = STEPS * SIDES["grid"]
    places = np.stack(np.meshgrid(np.arange(size + 1), np.arange(size + 1), indexing="ij"), axis=-1)
    places = (120.0, 31.0) + (places + np.random.default_rng(0).uniform(-0.4, 0.4, places.shape)) * 1e-4
    rows = [row for level, sides in SIDES.items() for row in level_rows(places, level, sides)]
    return gpd.GeoDataFrame(rows, crs=4490)


def level_rows(places, level, sides):
    wide = (len(places) - 1) // sides
    above = {"grid": ("community", 5), "community": ("district", 6), "district": (None, 1)}[level]
    for i, j in np.ndindex(sides, sides):
        ring = places[i * wide : (i + 1) * wide + 1, j * wide : (j + 1) * wide + 1]
        parts = [ring[:-1, 0], ring[-1, :-1], ring[:0:-1, -1], ring[0, :0:-1]]
        parent = f"{above[0]}-{i // above[1]:02}-{j // above[1]:02}" if above[0] else None
        shape = shapely.Polygon(np.concatenate(parts))
        yield {"code": f"{level}-{i:02}-{j:02}", "level": level, "parent": parent, "geometry": shape}


def probes(areas):
    """Vertices and as many edge midpoints, each once."""
    vertices, rows = shapely.get_coordinates(areas.geometry.to_numpy(), return_index=True)
    edges = np.flatnonzero(rows[1:] == rows[:-1])
    middles = (vertices[edges] + vertices[edges + 1]) / 2
    rng = np.random.default_rng(0)
    return np.concatenate([rng.permutation(np.unique(xy, axis=0))[:PROBES] for xy in (vertices, middles)])


@pytest.mark.slow
def test_index_and_record_agree_on_every_vertex_and_midpoint(record):
    with record.begin() as connection:
        store.load(connection, "areas", territory(), source=store.Source(file="town"), actor="test", effective=DAY)
        areas = store.read(connection, "areas", on=DAY)
        xy = probes(areas)
        rows = connection.exec_driver_sql(
            "SELECT code FROM areas_of(%s, %s, %s)", (xy[:, 0].tolist(), xy[:, 1].tolist(), DAY)
        )
        told = [row.code for row in rows]
    held = AreaIndex(areas).locate(xy[:, 0], xy[:, 1])
    codes = areas["code"].to_numpy(dtype=object)
    assert len(told) == 2 * PROBES
    assert told == np.where(held >= 0, codes[held], None).tolist()
