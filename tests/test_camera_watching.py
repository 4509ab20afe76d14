"""What cameras see is followed from revision to revision: the same as looking anew, whatever changed."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.service import camera_failing as failing
from gridmap.service import camera_watches
from gridmap.service.camera_record import Recorded
from gridmap.service.camera_standing import MOST_CARRIED, differing
from gridmap.service.camera_watches import watch
from gridmap.store.changes import Mark

WEST, SOUTH = 500_000.0, 3_540_000.0


def table(columns, shapes):
    placed = [shapely.affinity.translate(shape, WEST, SOUTH) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=placed, crs=4549).to_crs(4490)


def cameras(*rows):
    """Fixed cameras by id: (x, y, heading, status); a heading of None is not known."""
    columns = {
        "id": [row[0] for row in rows],
        "kind": "fixed",
        "status": [row[4] for row in rows],
        "height_m": 6.0,
        "heading_deg": [row[3] for row in rows],
        "range_m": 60.0,
    }
    return table(columns, [shapely.Point(row[1], row[2]) for row in rows])


FOUR = (
    ("a", 20, 50, 90.0, "online"),
    ("b", 60, 50, 270.0, "offline"),
    ("c", 20, 20, None, "online"),
    ("inside", 105, 85, 0.0, "online"),
)


def recorded(rows=FOUR, east=0.0):
    boxes = [(0, 0, 120, 100), (0, 0, 60, 100), (60, 0, 120, 100)]
    codes = {"code": ["p", "w", "e"], "name": None, "level": "grid", "parent": [None, "p", "p"]}
    halls = [shapely.box(35 + east, 40, 45 + east, 47), shapely.box(90, 70, 120, 100)]
    ways = [shapely.LineString([(0, 50 + east), (120, 50 + east)]), shapely.LineString([(20, 0), (20, 100)])]
    return Recorded(
        version=1,
        first=None,
        until=None,
        areas=table(codes, [shapely.box(*box) for box in boxes]),
        buildings=table({"id": ["h", "k"], "height_m": [3.0, 30.0]}, halls),
        streets=table({"id": ["s", "t"], "class": "residential", "barrier": None}, ways),
        cameras=cameras(*rows),
        places=table({"id": ["x"], "kind": "school"}, [shapely.Point(40, 52)]),
        mark=Mark(database="test", transaction=1),
    )


@cache
def stood():
    """What is seen at first, its shares counted."""
    found = watch(recorded())
    assert found.standings
    return found


def after(rows):
    return replace(stood().recorded, version=2, cameras=cameras(*rows))


def assert_same(found, anew):
    for name in found.standings:
        for each in ("streets", "street_shares", "areas"):
            one, other = (getattr(every.standings[name], each)() for every in (found, anew))
            pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-7)
    assert_same_sight(found, anew)
    for one, other in ((found.asked.assumed, anew.asked.assumed), (found.asked.refused, anew.asked.refused)):
        assert sorted(one.to_numpy().tolist()) == sorted(other.to_numpy().tolist())
    for name in ("moved", "refused"):
        one, other = (getattr(every.sight.standing, name)["camera"] for every in (found, anew))
        assert sorted(one) == sorted(other)


def assert_same_sight(found, anew):
    for one, other in ((found.sight.pieces, anew.sight.pieces), (found.parts, anew.parts)):
        for field in fields(one):
            np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))
    for one, other in ((found.asked, anew.asked), (found.sight.views, anew.sight.views)):
        for name in ("ids", "camera", "certainty", "xy", "heading", "range_m"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert found.sight.standing.row.tolist() == anew.sight.standing.row.tolist()


CHANGES = {
    "turned": [("a", 20, 50, 180.0, "online"), *FOUR[1:]],
    "moved into a building": [("a", 105, 85, 90.0, "online"), *FOUR[1:]],
    "mended": [FOUR[0], ("b", 60, 50, 270.0, "online"), *FOUR[2:]],
    "broken": [("a", 20, 50, 90.0, "offline"), *FOUR[1:]],
    "given a heading": [*FOUR[:2], ("c", 20, 20, 0.0, "online"), FOUR[3]],
    "taken away": [FOUR[0], *FOUR[2:]],
    "added before the others": [("0", 60, 60, 200.0, "online"), *FOUR],
    "several at once": [("a", 21, 50, 45.0, "offline"), FOUR[2], ("new", 60, 20, None, "online"), FOUR[3]],
    "none": list(FOUR),
}


@pytest.mark.parametrize("rows", CHANGES.values(), ids=CHANGES)
def test_cameras_that_changed_are_followed_as_if_all_were_looked_at_anew(rows, monkeypatch):
    now, anew = after(rows), watch(after(rows))
    assert anew.standings
    monkeypatch.setattr(camera_watches, "stood", None)
    assert_same(watch(now, stood()), anew)


def test_the_first_camera_that_breaks_is_told_from_those_that_work():
    working = [(*row[:4], "online") for row in FOUR]
    before = watch(after(working))
    assert before.standings["online"].lines is before.standings["all"].lines
    broken = after([(*FOUR[0][:4], "offline"), *working[1:]])
    assert_same(watch(broken, before), watch(broken))


def test_one_change_after_another_is_followed():
    first = watch(after(CHANGES["turned"]), stood())
    again = watch(after(CHANGES["several at once"]), first)
    assert again.counted["all"].changed == {"a", "b", "new"}
    assert_same(again, watch(after(CHANGES["several at once"])))


@pytest.mark.parametrize("layer", ["areas", "streets", "buildings"])
def test_other_ground_is_looked_at_anew(layer):
    now = replace(after(CHANGES["turned"]), **{layer: getattr(recorded(east=10), layer)})
    found = watch(now, stood())
    assert found.counted is None
    assert_same(found, watch(now))


def test_many_changes_at_once_are_counted_anew():
    many = [(f"n{at}", at, 10, 0.0, "online") for at in range(MOST_CARRIED + 1)]
    found = watch(after([*FOUR, *many]), stood())
    assert found.counted is None
    assert_same(found, watch(after([*FOUR, *many])))


def test_many_changes_one_by_one_are_counted_anew_in_the_end():
    many = [(f"n{at}", at, 10, 0.0, "online") for at in range(MOST_CARRIED)]
    full = watch(after([*FOUR, *many]), stood())
    assert full.counted is not None
    assert watch(after([*CHANGES["turned"], *many]), full).counted is None


def test_other_places_take_over_all_that_was_counted():
    found = watch(replace(stood().recorded, version=2, places=recorded().places), stood())
    assert found.standings is stood().standings


def test_other_places_are_judged_anew():
    assert failing.places(stood(), "p")["id"].tolist() == ["x"]
    two = table({"id": ["x", "y"], "kind": "school"}, [shapely.Point(40, 52), shapely.Point(80, 90)])
    found = watch(replace(stood().recorded, version=2, places=two), stood())
    assert sorted(failing.places(found, "p")["id"]) == ["x", "y"]


def test_a_missing_cell_is_the_same_as_a_missing_cell():
    table = pd.DataFrame({"id": ["a", "b"], "code": [None, "1"], "width_px": [np.nan, 3.0]})
    other = table.assign(code=[pd.NA, "2"])
    assert differing(table, other) == ["b"]
