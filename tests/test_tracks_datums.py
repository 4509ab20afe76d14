"""The datum of fixes, told from their fit to the streets: right or undecided, hardly ever wrong."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import crs
from gridmap.samples import town
from gridmap.tracks import datum_of, judge, prepared
from tests.walks import Manner, fixes, walk

DATUMS = ("WGS 84", "GCJ-02", "BD-09")
#: A crew on foot that does not stand still.
WALKING = Manner(hours=0.7, stops=0)


@pytest.fixture(scope="module")
def ready():
    return prepared(town(seed=0, buildings=1500)["streets"])


def in_datum(table, datum, post):
    """Fixes in metres as a device of another datum would give them: in degrees that are said to be WGS 84."""
    lon, lat = crs.to_wgs84(table.geometry.x.to_numpy(), table.geometry.y.to_numpy(), table.crs)
    if datum != "WGS 84":
        lon, lat = crs.from_wgs84(lon, lat, datum)
    columns = {"post": post, "time": table["time"].dt.tz_convert("UTC")}
    return geopandas.GeoDataFrame(columns, geometry=geopandas.points_from_xy(lon, lat), crs=4326)


def walked(ready, seed, minutes):
    """The fixes of so many minutes of a walk, in each datum, of a post that is called by it."""
    graph = ready.ground.graph
    whole = fixes([walk(graph, np.random.default_rng(seed), WALKING)], graph.crs)
    begins = whole["time"].iloc[0] + pd.Timedelta(minutes=seed % 3 * 10)
    part = whole[(whole["time"] >= begins) & (whole["time"] < begins + pd.Timedelta(minutes=minutes))]
    return pd.concat([in_datum(part, datum, datum) for datum in DATUMS], ignore_index=True)


@pytest.mark.parametrize("seed", range(900, 906))
def test_ten_minutes_of_walking_tell_the_datum(ready, seed):
    verdicts = datum_of(walked(ready, seed, 10), ready).set_index("post")
    assert verdicts["datum"].to_dict() == {datum: datum for datum in DATUMS}
    assert (verdicts["margin"] >= 0.3).all()


@pytest.mark.parametrize("seed", range(900, 906))
def test_three_minutes_of_walking_are_undecided_rather_than_wrong(ready, seed):
    verdicts = datum_of(walked(ready, seed, 3), ready).set_index("post")
    assert all(found in {said, "undecided"} for said, found in verdicts["datum"].items())


def test_a_minute_says_nothing(ready):
    verdicts = datum_of(walked(ready, 900, 1), ready)
    assert set(verdicts["datum"]) == {"undecided"}
    assert "wait for ten minutes of walking" in verdicts["reason"][0]


def test_a_post_that_stood_says_nothing(ready):
    noise = np.random.default_rng(1).normal(0, 2, (200, 2))
    times = pd.date_range("2024-05-06", periods=200, freq="5s", tz="UTC")
    stood = geopandas.GeoDataFrame(
        {"post": "A", "time": times},
        geometry=shapely.points(ready.ground.graph.node_xy[0] + noise),
        crs=ready.ground.graph.crs,
    )
    assert datum_of(stood, ready)[["datum", "code"]].to_numpy().tolist() == [["undecided", "few"]]


def test_the_reason_names_both_readings_and_how_well_they_fit(ready):
    reason = datum_of(walked(ready, 901, 10), ready).set_index("post")["reason"]["BD-09"]
    assert reason.startswith("the fixes fit the streets as BD-09 at ")


def test_fixes_of_another_datum_are_held_and_kept(ready):
    judged = judge(walked(ready, 902, 10), streets=ready)
    assert judged.held[["post", "reason"]].to_numpy().tolist() == [["BD-09", "datum"], ["GCJ-02", "datum"]]
    assert "state GCJ-02 if that is so" in judged.held["message"][1]
    assert set(judged.fixes["post"]) == set(DATUMS)


def moved(ready, metres):
    """Ten minutes of walking in the right datum, moved to the north."""
    table = walked(ready, 903, 10)
    table = table[table["post"] == "WGS 84"].to_crs(ready.ground.graph.crs)
    return table.set_geometry(table.geometry.translate(0, metres))


def test_fixes_outside_the_district_are_told(ready):
    judged = judge(moved(ready, 30_000), streets=ready)
    assert judged.faults["code"].tolist() == ["outside"]
    assert "outside the district" in judged.faults["message"][0]
    assert len(judged.held) == 0


def test_fixes_on_no_street_are_told():
    rng = np.random.default_rng(3)
    streets = geopandas.GeoDataFrame(
        {"id": ["1", "2"]},
        geometry=[shapely.LineString([(0, 0), (9_000, 0)]), shapely.LineString([(0, 9_000), (9_000, 9_000)])],
        crs=4549,
    )
    streets = streets.set_geometry(streets.geometry.translate(581_000, 3_543_000))
    along = np.cumsum(rng.uniform(5, 8, 150))
    points = shapely.points(582_000 + along, 3_547_000 + rng.normal(0, 5, 150))
    times = pd.date_range("2024-05-06", periods=150, freq="5s", tz="UTC")
    field = geopandas.GeoDataFrame({"post": "A", "time": times}, geometry=points, crs=4549)
    judged = judge(field, streets=streets)
    assert judged.faults["code"].tolist() == ["off_streets"]


def test_fixes_in_metres_are_judged_as_those_in_degrees(ready):
    table = walked(ready, 904, 10)
    metric = table.to_crs(ready.ground.graph.crs)
    assert datum_of(metric, ready)["datum"].tolist() == datum_of(table, ready)["datum"].tolist()


def test_streets_alike_in_every_datum_leave_it_undecided():
    # parallel streets as far apart as GCJ-02 lies off here: whichever it is, the fixes lie on one of them
    lon, lat = crs.from_wgs84(120.86, 32.01, "GCJ-02")
    (x, _), (y, there) = crs.from_wgs84(np.array([120.86, lon]), np.array([32.01, lat]), 4549)
    lines = [shapely.LineString([(x - 3_000, n), (x + 3_000, n)]) for n in (y, y + (there - y), y - (there - y))]
    streets = geopandas.GeoDataFrame({"id": ["1", "2", "3"]}, geometry=lines, crs=4549)
    noise = np.random.default_rng(2).normal(0, 4, (150, 2))
    points = shapely.points(np.column_stack([x + 7 * np.arange(150), np.full(150, y)]) + noise)
    times = pd.date_range("2024-05-06", periods=150, freq="5s", tz="UTC")
    along = geopandas.GeoDataFrame({"post": "A", "time": times}, geometry=points, crs=4549)
    assert datum_of(along, streets)[["datum", "code"]].to_numpy().tolist() == [["undecided", "close"]]
