"""Which area holds a point is one question with one answer, wherever it is asked."""

from __future__ import annotations

import csv
import io
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely
from sqlalchemy import text

from gridmap import store
from gridmap.api import create_app
from gridmap.atlas import Atlas

#: Areas along one side, and corners along each border between two of them.
ACROSS, BENDS = 40, 7

SINCE = date(2024, 1, 1)


def crooked_partition(seed=11):
    """1600 areas whose borders bend at random, each border stored once and walked both ways; and a district of all."""
    draw = np.random.default_rng(seed)
    side = 0.004
    knots = np.stack(np.meshgrid(np.arange(ACROSS + 1), np.arange(ACROSS + 1), indexing="ij"), axis=-1) * side
    knots = knots + (120.85, 31.95) + draw.uniform(-0.2, 0.2, knots.shape) * side
    steps = np.linspace(0, 1, BENDS + 1)[:-1, None]

    def border(start, end):
        wobble = draw.uniform(-0.02, 0.02, (BENDS, 2)) * side
        wobble[0] = 0
        return start + (end - start) * steps + wobble

    east = {(i, j): border(knots[i, j], knots[i + 1, j]) for i in range(ACROSS) for j in range(ACROSS + 1)}
    north = {(i, j): border(knots[i, j], knots[i, j + 1]) for i in range(ACROSS + 1) for j in range(ACROSS)}

    def ring(i, j):
        back = [
            np.vstack([knots[i + 1, j + 1], east[i, j + 1][:0:-1]]),
            np.vstack([knots[i, j + 1], north[i, j][:0:-1]]),
        ]
        return shapely.Polygon(np.vstack([east[i, j], north[i + 1, j], *back]))

    cells = [(i, j) for i in range(ACROSS) for j in range(ACROSS)]
    grids = [ring(i, j) for i, j in cells]
    rim = [*(east[i, 0] for i in range(ACROSS)), *(north[ACROSS, j] for j in range(ACROSS))]
    rim += [np.vstack([knots[i + 1, ACROSS], east[i, ACROSS][:0:-1]]) for i in reversed(range(ACROSS))]
    rim += [np.vstack([knots[0, j + 1], north[0, j][:0:-1]]) for j in reversed(range(ACROSS))]
    return gpd.GeoDataFrame(
        {
            "code": ["320613", *(f"3206130010{i:02d}{j:02d}" for i, j in cells)],
            "level": ["district", *["grid"] * len(cells)],
            "parent": [None, *["320613"] * len(cells)],
        },
        geometry=[shapely.Polygon(np.vstack(rim)), *grids],
        crs=4490,
    )


def corners_and_middles(areas, count):
    """So many different corners of the areas, and the middles of as many edges, as they come out in floating point."""
    rings = [shapely.get_coordinates(shape) for shape in areas.geometry]
    corners = np.unique(np.vstack(rings), axis=0)
    middles = np.unique(np.vstack([(ring[1:] + ring[:-1]) / 2 for ring in rings]), axis=0)
    draw = np.random.default_rng(5)
    return np.vstack([draw.choice(points, count, replace=False) for points in (corners, middles)])


def asked_over_http(client, points):
    lines = "lon,lat\n" + "\n".join(f"{lon!r},{lat!r}" for lon, lat in points.tolist())
    response = client.post("/api/locate", content=lines, headers={"content-type": "text/csv"})
    return [row["area"] for row in csv.DictReader(io.StringIO(response.text))]


def asked_in_sql(record, points):
    points_of = "unnest(:lons, :lats) WITH ORDINALITY AS p (lon, lat, n)"
    question = text(f"SELECT coalesce(area_at(lon, lat, :on), '') FROM {points_of} ORDER BY n")  # noqa: S608 - constant
    lons, lats = points.T.tolist()
    with record.connect() as connection:
        return connection.scalars(question, {"on": SINCE, "lons": lons, "lats": lats}).all()


@pytest.mark.slow
def test_index_sql_and_http_give_one_and_the_same_area_on_every_corner_and_middle(record, serving):
    areas = crooked_partition()
    points = corners_and_middles(areas, 20_000)
    with record.begin() as connection:
        store.load(connection, "areas", areas, source=store.Source(file="test"), actor="test", effective=SINCE)
    atlas = Atlas.of_record(record)
    rows = atlas.territory().index.locate(*points.T)
    index = [atlas.territory().index.codes[row] if row >= 0 else "" for row in rows]
    with serving(create_app(atlas, open_read=True)) as client:
        assert asked_over_http(client, points) == index
    assert asked_in_sql(record, points) == index
    # every corner and nearly every middle lies on the ground of some area; a middle on the rim may round to outside
    assert index[:20_000].count("") == 0
