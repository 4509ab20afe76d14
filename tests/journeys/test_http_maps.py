"""``/maps/grids`` over a record: two days side by side, figures by what the record holds, and what it refuses."""

from __future__ import annotations

import json
import re
from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap import store
from gridmap.api import create_app
from gridmap.atlas import Atlas

pytestmark = pytest.mark.usefixtures("built_page")

SINCE = date(2020, 1, 1)
BY = {"source": store.Source(file="test"), "actor": "test"}


@pytest.fixture
def atlas(record):
    """What is in force in the record on each day."""
    return Atlas.of_record(record)


@pytest.fixture
def recorded(record, atlas, serving, four_grids):
    """A service over a record: four grids, of which the southern two are one since 2026; a house in each."""
    north = four_grids.iloc[[0, 3, 4]]
    south = shapely.union_all(four_grids.geometry.iloc[1:3])
    joined = gpd.GeoDataFrame(
        {"code": ["320613001001009"], "name": ["九网格"], "level": ["grid"], "parent": ["320613"]},
        geometry=[south],
        crs=4490,
    )
    doors = shapely.box([120.004, 120.014], [32.004, 32.004], [120.0042, 120.0142], [32.0042, 32.0042])
    houses = gpd.GeoDataFrame({"id": ["w", "e"], "households": [100, 200]}, geometry=doors, crs=4490)
    with record.begin() as connection:
        store.publish(connection, four_grids, effective=SINCE, **BY)
        store.load(connection, "buildings", houses, effective=SINCE, **BY)
        plan = pd.concat([north, joined], ignore_index=True)
        store.publish(connection, plan, effective=date(2026, 1, 1), **BY)
    app = create_app(atlas, engine=record, open_read=True)
    with serving(app) as client:
        yield client


def _written(page):
    return json.loads(re.search(r'id="gm-data">(.*?)</script>', page, re.DOTALL)[1])


def test_two_days_of_the_record_lie_side_by_side(recorded):
    written = _written(recorded.get("/maps/grids?on=2026-02-01&old=2025-12-31&by=change").text)
    (merger,) = written["events"]
    assert (merger["kind"], merger["new"], merger["households"]) == ("merge", ["320613001001009"], 300)
    assert merger["old"] == ["320613001001001", "320613001001002"]
    assert written["captions"] == {"new": "新：2026-02-01", "old": "原：2025-12-31"}


def test_figures_are_those_of_the_buildings_of_the_record(recorded):
    grids = _written(recorded.get("/maps/grids?on=2026-02-01").text)["sides"]["new"]["levels"]["grid"]
    assert dict(zip(grids["codes"], grids["figures"]["households"], strict=True))["320613001001009"] == 300


def test_a_page_follows_the_record(recorded, record, atlas):
    def households():
        grids = _written(recorded.get("/maps/grids?on=2026-02-01").text)["sides"]["new"]["levels"]["grid"]
        return max(grids["figures"]["households"])

    before = households()
    house = gpd.GeoDataFrame(
        {"id": ["n"], "households": [7]}, geometry=[shapely.box(120.006, 32.004, 120.0062, 32.0042)], crs=4490
    )
    with record.begin() as connection:
        store.load(connection, "buildings", house, effective=SINCE, **BY)
    atlas.refresh()
    assert (before, households()) == (300, 307)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("old=2026-02-30", 400),
        ("old=yesterday", 400),
        ("old=1990-01-01", 404),
        ("by=wealth", 400),
        ("by=change", 400),
        ("level=ward", 400),
        ("level=" + "x" * 50, 400),
        ("old=2025-12-31&old=2025-12-30", 400),
        ("buildings=true", 400),
    ],
)
def test_what_a_page_cannot_show_is_refused_as_a_problem(recorded, query, status):
    reply = recorded.get(f"/maps/grids?{query}")
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
