"""One edit as it comes from the page: what it says and keeps, what it may not send, and the areas above it."""

from __future__ import annotations

import json
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import crs
from gridmap.errors import ConflictError, InputError, NotFoundError, TableError, TooLargeError
from gridmap.partition import AreaIndex, EditLimits, apply, insert_vertex, move_vertex, upper
from gridmap.partition.editing.judging import Draft, judge
from gridmap.partition.editing.mosaic import opened
from tests.squares import A5, B5, EDITS, A, B, C, X, Y, areas, degrees, points, ring, spot

# --- parents


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_border_between_communities_moves_only_where_the_edit_says_so(edit):
    table = areas(a=A5, b=B5, parents=["东社区", "西社区"])
    with pytest.raises(ConflictError, match="东社区 and 西社区"):
        apply(table, edit)
    assert apply(table, {**edit, "across": True}).changed


def test_a_vertex_may_be_inserted_on_a_communitys_border():
    assert apply(areas(a=A, b=B, parents="PQ"), {"op": "insert_vertex", "at": spot(100, 50)}).changed == ("a", "b")


# --- one edit from JSON


def test_an_edit_says_which_areas_changed_went_and_came():
    edited = apply(areas(a=A, b=B, c=C), {"op": "split", "code": "a", "line": ring("0,30 100,30"), "codes": ["x", "y"]})
    assert (edited.changed, edited.removed, edited.added) == (("b",), ("a",), ("x", "y"))
    assert edited.before["code"].tolist() == ["a", "b"]
    assert edited.after["code"].tolist() == ["x", "y", "b"]


def test_untouched_areas_keep_the_very_same_geometry():
    table = areas(a=A5, b=B5, c=C)
    edited = apply(table, EDITS["move"])
    assert edited.areas.geometry.iloc[2] is table.geometry.iloc[2]
    assert edited.changed == ("a", "b")


def test_the_table_given_is_not_changed():
    table = areas(a=A5, b=B5).assign(households=[1, 2])
    before = table.to_wkb().to_csv()
    apply(table, EDITS["move"])
    assert table.to_wkb().to_csv() == before


def test_an_edit_comes_as_json_and_its_lines_as_geojson():
    line = {"type": "LineString", "coordinates": ring("0,30 100,30")}
    operation = json.loads(json.dumps({"op": "split", "code": "a", "line": line, "codes": ["a", "z"]}))
    assert apply(areas(a=A), operation).added == ("z",)


HUGE = [[X + k, Y] for k in range(2001)]
BAD = {
    "no object": ([], InputError),
    "no op": ({}, InputError),
    "unknown op": ({"op": "explode"}, InputError),
    "op of another type": ({"op": ["split"]}, InputError),
    "a member too many": ({"op": "merge", "codes": ["a", "b"], "by": "me"}, InputError),
    "a member missing": ({"op": "move_vertex", "at": spot(100, 50)}, InputError),
    "not a number": ({"op": "insert_vertex", "at": [math.nan, Y]}, InputError),
    "infinite": ({"op": "insert_vertex", "at": [math.inf, Y]}, InputError),
    "true as a number": ({"op": "insert_vertex", "at": [True, Y]}, InputError),
    "text as a number": ({"op": "insert_vertex", "at": ["500100", Y]}, InputError),
    "three numbers": ({"op": "insert_vertex", "at": [X, Y, 0]}, InputError),
    "a number of 400 digits": ({"op": "insert_vertex", "at": [10**400, Y]}, InputError),
    "on another continent": ({"op": "insert_vertex", "at": [-X, Y]}, InputError),
    "degrees for metres": ({"op": "insert_vertex", "at": [120.8, 32.0]}, InputError),
    "an unknown area": ({"op": "merge", "codes": ["a", "q"]}, NotFoundError),
    "codes that are none": ({"op": "merge", "codes": [["a"], "b"]}, InputError),
    "codes in a text": ({"op": "merge", "codes": "ab"}, InputError),
    "a line too long": ({"op": "redraw_border", "one": "a", "other": "b", "line": HUGE}, TooLargeError),
    "a line of one point": ({"op": "split", "code": "a", "line": [[X, Y]], "codes": ["a", "z"]}, InputError),
    "ground of two points": ({"op": "give", "ground": [ring("0,0 9,9")], "to": "b"}, InputError),
    "ground like an 8": ({"op": "give", "ground": [ring("80,0 120,50 120,0 80,50")], "to": "b"}, InputError),
    "ground of another type": (
        {"op": "give", "ground": {"type": "Point", "coordinates": [X, Y]}, "to": "b"},
        InputError,
    ),
    "a flag that is a number": ({"op": "delete_vertex", "at": spot(100, 50), "across": 1}, InputError),
    "one area twice": ({"op": "redraw_border", "one": "a", "other": "a", "line": ring("0,0 9,9")}, InputError),
    "buildings without their table": ({"op": "give_buildings", "buildings": ["1"], "to": "b"}, InputError),
    "nothing there": ({"op": "insert_vertex", "at": spot(50, 50)}, InputError),
}


def test_true_is_no_coordinate():
    with pytest.raises(InputError, match="two numbers"):
        insert_vertex(areas(a=A), (True, Y))


@pytest.mark.parametrize(("operation", "error"), BAD.values(), ids=BAD)
def test_an_edit_that_is_none_is_refused(operation, error):
    with pytest.raises(error):
        apply(areas(a=A5, b=B5), operation)


def test_a_table_with_communities_in_it_is_refused():
    with pytest.raises(TableError, match="holds others"):
        insert_vertex(areas(P=A, b=B, parents=[None, "P"]), spot(100, 50))


def test_areas_that_overlap_already_are_refused_and_it_is_said_so():
    with pytest.raises(ConflictError, match="already"):
        insert_vertex(areas(a="0,0 104,0 104,100 0,100", b=B), spot(50, 0))


# --- exactness


@pytest.mark.parametrize("epsg", [4549, 4528, 4490], ids=["metres", "metres with a zone", "degrees"])
def test_a_vertex_on_a_border_of_30_km_leaves_the_ground_to_a_square_millimetre(epsg):
    long = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.Polygon(ring("7,3 30011,12987 9000,25013"))], crs=4549)
    long = degrees(long) if epsg == 4490 else degrees(long).to_crs(epsg)
    middle = shapely.get_coordinates(long.geometry.iloc[0])[:2].mean(axis=0)
    at = crs.to_metric(long).geometry.iloc[0].exterior.interpolate(0.2, normalized=True)
    at = gpd.GeoSeries([at], crs=4549).to_crs(long.crs).iloc[0] if epsg != 4490 else shapely.Point(middle)
    after = insert_vertex(long, at, limits=near(epsg))
    assert abs(crs.to_metric(after).area.sum() - crs.to_metric(long).area.sum()) < 1e-6
    assert len(shapely.get_coordinates(after.geometry.iloc[0])) == 5


def near(epsg):
    """A chord of 30 km in degrees bends ten metres off the straight line in metres."""
    return EditLimits(snap_m=30.0 if epsg == 4490 else 1.0)


def test_an_edit_that_would_change_the_ground_of_all_is_refused():
    mosaic = opened(areas(a=A))
    wider = shapely.Polygon(ring("0,0 100,0 100,100.0001 0,100.0001"))
    with pytest.raises(ConflictError, match=r"\+0\.0100000 m2"):
        judge(mosaic, Draft(rows=[0], codes=["a"], shapes=[wider], parts=1), EditLimits())


def test_degrees_are_measured_in_metres_of_the_place():
    table = degrees(areas(a=A5, b=B5))
    at, to = (crs.to_record(gpd.GeoDataFrame(geometry=[shapely.Point(spot(x, 50))], crs=4549)) for x in (100, 120))
    moved = move_vertex(table, at.geometry.iloc[0], to.geometry.iloc[0])
    assert crs.to_metric(moved).area.round(3).tolist() == [11000, 9000]


def test_undoing_with_the_rows_kept_gives_the_same_bytes():
    table = areas(a=A5, b=B5, c=C).assign(households=[1, 2, 3])
    edited = apply(table, EDITS["give"])
    kept = edited.areas[~edited.areas["code"].isin(edited.after["code"])]
    undone = {row.code: row for row in [*kept.itertuples(), *edited.before.itertuples()]}
    assert {code: row.geometry.wkb for code, row in undone.items()} == dict(
        zip(table["code"], table.geometry.map(lambda shape: shape.wkb), strict=True)
    )
    assert {code: row.households for code, row in undone.items()} == {"a": 1, "b": 2, "c": 3}


# --- the areas above


ABOVE = pd.DataFrame({"code": ["P", "Q", "D"], "parent": ["D", "D", None]})


def test_a_community_is_the_union_of_its_grids_to_the_last_vertex():
    levels = upper(areas(a=A5, b=B5, c=C, parents="PPQ"), ABOVE)
    assert levels["code"].tolist() == ["D", "P", "Q", "a", "b", "c"]
    assert levels.area.tolist() == [30000, 20000, 10000, 10000, 10000, 10000]
    assert (100, 50) not in points(levels, "P")
    assert (100, 100) in points(levels, "P")


def test_only_the_touched_areas_above_are_made_anew():
    grids = areas(a=A5, b=B5, c=C, parents="PPQ")
    levels = upper(grids, ABOVE)
    edited = apply(grids, EDITS["move"])
    again = upper(edited.areas, levels[:3], touched=[*edited.changed, *edited.parents])
    same = [one is other for one, other in zip(levels.geometry, again.geometry, strict=True)]
    assert same == [False, False, True, False, False, True]


def test_a_community_without_grids_is_refused():
    with pytest.raises(ConflictError, match="Q has no part"):
        upper(areas(a=A, b=B), ABOVE)


def test_counts_above_are_sums_and_unknown_where_one_is():
    counted = areas(a=A5, b=B5, c=C, parents="PPQ").assign(households=[1, 2, np.nan])
    levels = upper(counted, ABOVE).set_index("code")["households"]
    assert levels["P"] == 3
    assert levels[["D", "Q"]].isna().all()


def test_after_an_edit_every_point_still_has_one_area():
    moved = move_vertex(areas(a=A5, b=B5), spot(100, 50), spot(120, 50))
    x, y = np.array([X + 110.0, X + 120.0, X + 130.0]), np.full(3, Y + 50.0)
    assert AreaIndex(moved).locate(x, y).tolist()[::2] == [0, 1]
