"""Edits on squares whose answers can be drawn on paper: 100 m squares a, b in a row, c above b, all in metres."""

from __future__ import annotations

import json
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import crs
from gridmap.errors import ConflictError, GridmapError, InputError, NotFoundError, TableError, TooLargeError
from gridmap.partition import (
    AreaIndex,
    apply,
    delete_vertex,
    give,
    give_buildings,
    insert_vertex,
    merge,
    move_vertex,
    redraw_border,
    split,
    upper,
)
from gridmap.partition.editing import EditLimits
from gridmap.partition.editing.judging import Draft, judge
from gridmap.partition.editing.mosaic import opened

X, Y = 500_000, 3_500_000


def spot(x, y):
    return (X + x, Y + y)


def ring(text):
    """Points of ``0,0 100,0 ...``, from the corner of a."""
    return [spot(*map(float, pair.split(","))) for pair in text.split()]


def areas(*, parents="PPP", epsg=4549, **rings):
    shapes = [shapely.Polygon(ring(text)) for text in rings.values()]
    return gpd.GeoDataFrame({"code": list(rings), "parent": list(parents)[: len(rings)]}, geometry=shapes, crs=epsg)


A = "0,0 100,0 100,100 0,100"
B = "100,0 200,0 200,100 100,100"
C = "100,100 200,100 200,200 100,200"
#: as A and B, with a vertex at 100,50 on their border
A5 = "0,0 100,0 100,50 100,100 0,100"
B5 = "100,0 200,0 200,100 100,100 100,50"


def size(table):
    """Square metres by code."""
    return dict(zip(table["code"], table.area.round(6), strict=True))


def points(table, code):
    """Vertices of an area, from the corner of a."""
    shape = table.loc[table["code"] == code].geometry.iloc[0]
    return {(round(x - X, 6), round(y - Y, 6)) for x, y in shapely.get_coordinates(shape).tolist()}


def whole(table):
    """Whether areas share their borders exactly, valid and each in one part."""
    shapes = table.geometry.to_numpy()
    single = (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all()
    return bool(shapely.coverage_is_valid(shapes) and shapely.is_valid(shapes).all() and single)


def degrees(table):
    return crs.to_record(table)


# --- vertices


def test_a_shared_vertex_moves_in_both_areas():
    moved = move_vertex(areas(a=A5, b=B5), spot(100, 50), spot(120, 50))
    assert size(moved) == {"a": 11000, "b": 9000}
    assert whole(moved)


def test_a_node_of_three_areas_moves_in_all_of_them():
    three = areas(a="0,0 100,0 100,100 100,200 0,200", b=B, c=C)
    moved = move_vertex(three, spot(100, 100), spot(80, 100))
    assert size(moved) == {"a": 18000, "b": 11000, "c": 11000}
    assert whole(moved)


def test_the_nearest_vertex_within_a_metre_is_meant():
    assert size(move_vertex(areas(a=A5, b=B5), spot(100.6, 50.6), spot(120, 50)))["a"] == 11000
    with pytest.raises(InputError, match=r"the nearest is 1\.41 m away"):
        move_vertex(areas(a=A5, b=B5), spot(101, 51), spot(120, 50))


@pytest.mark.parametrize("corner", ["0,0", "100,0"], ids=["a corner", "an end of a border"])
def test_a_vertex_of_the_outer_border_is_not_moved_off_it(corner):
    at = ring(corner)[0]
    with pytest.raises(ConflictError, match="outer border"):
        move_vertex(areas(a=A, b=B), at, (at[0] + 3, at[1] + 5))


def test_an_end_of_a_border_slides_along_the_outer_border_where_it_is_straight():
    slid = move_vertex(areas(a=A, b=B), spot(100, 0), spot(120, 0.4))
    assert size(slid) == {"a": 11000, "b": 9000}
    assert (120, 0) in points(slid, "a") & points(slid, "b")


def test_the_outer_border_moves_where_the_caller_may_decide_it():
    assert size(move_vertex(areas(a=A, b=B), spot(0, 0), spot(-100, 0), outer=True)) == {"a": 15000, "b": 10000}


@pytest.mark.parametrize("to", ["300,50", "0,50", "100,99.7", "199.8,50"])
def test_a_vertex_is_not_moved_where_areas_would_overlap_or_become_too_thin(to):
    with pytest.raises(ConflictError):
        move_vertex(areas(a=A5, b=B5), spot(100, 50), ring(to)[0])


def test_a_vertex_is_inserted_in_both_areas_and_nobodys_ground_changes():
    more = insert_vertex(areas(a=A, b=B), spot(100.3, 40))
    assert (100, 40) in points(more, "a") & points(more, "b")
    assert size(more) == {"a": 10000, "b": 10000}


def test_a_vertex_may_be_inserted_on_the_outer_border():
    assert (40, 0) in points(insert_vertex(areas(a=A, b=B), spot(40, 0)), "a")


def test_a_vertex_inserted_and_dragged_is_one_edit():
    assert size(insert_vertex(areas(a=A, b=B), spot(100, 50), to=spot(80, 50))) == {"a": 9000, "b": 11000}


def test_no_vertex_is_inserted_nearer_than_half_a_metre_to_another():
    with pytest.raises(ConflictError, match=r"0\.400 m"):
        insert_vertex(areas(a=A, b=B), spot(100, 0.4))


def test_a_deleted_vertex_goes_from_both_areas():
    bent = areas(a="0,0 100,0 120,50 100,100 0,100", b="100,0 200,0 200,100 100,100 120,50")
    assert size(delete_vertex(bent, spot(120, 50))) == {"a": 10000, "b": 10000}


def test_a_node_is_not_deleted():
    with pytest.raises(ConflictError, match="3 borders meet"):
        delete_vertex(areas(a=A, b=B), spot(100, 0))


def test_on_the_outer_border_only_a_vertex_where_it_is_straight_is_deleted():
    flat = areas(a="0,0 50,0 100,0 100,100 0,100", b=B)
    assert (50, 0) not in points(delete_vertex(flat, spot(50, 0)), "a")
    with pytest.raises(ConflictError, match="outer border"):
        delete_vertex(flat, spot(0, 0))


def test_a_vertex_in_which_the_territory_touches_itself_stays():
    with pytest.raises(ConflictError, match="outer border"):
        move_vertex(
            areas(a="0,0 100,0 100,100 100,200 0,200", c="100,100 200,50 200,150"), spot(100, 100), spot(100, 110)
        )


def test_an_area_that_would_cross_itself_is_refused():
    with pytest.raises(ConflictError, match="cross or touch itself"):
        move_vertex(areas(a=A), spot(0, 0), spot(150, 30), outer=True)


def test_counts_hold_where_nobodys_ground_changed():
    table = areas(a=A5, b=B5).assign(households=[1, 2])
    assert insert_vertex(table, spot(100, 20))["households"].tolist() == [1, 2]
    assert move_vertex(table, spot(100, 50), spot(110, 50))["households"].isna().all()


# --- split


def test_a_line_from_border_to_border_splits_an_area_and_its_neighbour_has_the_end():
    cut = split(areas(a=A, b=B), "a", ring("-9,30 109,30"), ["a", "a2"])
    assert size(cut) == {"a": 7000, "a2": 3000, "b": 10000}
    assert (100, 30) in points(cut, "b")
    assert whole(cut)


def test_the_largest_piece_has_the_first_code():
    assert size(split(areas(a=A), "a", ring("0,70 100,70"), ["x", "y"])) == {"x": 7000, "y": 3000}


def test_ends_within_a_metre_of_the_border_are_taken_to_it():
    assert size(split(areas(a=A, b=B), "a", ring("0.9,50 99.2,50"), ["a", "z"]))["z"] == 5000


def test_a_line_that_ends_inside_is_refused_with_the_distance():
    with pytest.raises(ConflictError, match=r"inside area a, 40\.00 m from its border"):
        split(areas(a=A, b=B), "a", ring("-5,50 60,50"), ["a", "z"])


def test_a_line_that_enters_twice_makes_three_pieces_only_if_three_are_asked_for():
    u_turn = ring("-10,20 70,20 70,80 -10,80")
    out = ring("30,-10 30,110 60,110 60,-10")
    assert size(split(areas(a=A), "a", u_turn, ["a", "z"])) == {"a": 5800, "z": 4200}
    with pytest.raises(ConflictError, match="into 3 pieces"):
        split(areas(a=A), "a", out, ["a", "z"])
    assert size(split(areas(a=A), "a", out, ["p", "q", "r"])) == {"p": 4000, "q": 3000, "r": 3000}


def test_a_line_near_a_vertex_ends_in_it():
    cut = split(areas(a=A, b=B), "a", ring("-5,-4.6 105,105"), ["a", "z"])
    assert points(cut, "a") | points(cut, "z") == {(0, 0), (100, 0), (100, 100), (0, 100)}


def test_a_line_that_passes_a_corner_too_near_goes_through_it():
    notched = areas(a="0,0 100,0 100,100 55,100 50,50 45,100 0,100")
    cut = split(notched, "a", ring("0,49.7 100,49.7"), ["a", "w", "e"])
    assert all((50, 50) in points(cut, code) for code in ("a", "w", "e"))


def test_points_sent_twice_count_once():
    assert size(split(areas(a=A), "a", ring("0,30 50,30 50,30 100,30"), ["a", "z"])) == {"a": 7000, "z": 3000}


def test_a_strip_thinner_than_half_a_metre_is_not_split_off():
    thin = areas(a="0,0 100,0 100,100 0,100")
    with pytest.raises(ConflictError):
        split(thin, "a", ring("20,0 20,0.4 60,0.4 60,0"), ["a", "z"])


def test_a_split_area_keeps_its_values_but_not_its_counts():
    table = areas(a=A, b=B).assign(name=["甲", "乙"], households=[10, 20])
    cut = split(table, "a", ring("0,30 100,30"), ["a", "z"]).set_index("code")
    assert cut["name"].isna().to_dict() == {"a": False, "z": True, "b": False}
    assert cut["parent"].tolist() == ["P", "P", "P"]
    assert cut["households"].isna().to_dict() == {"a": True, "z": True, "b": False}


@pytest.mark.parametrize(
    ("codes", "error"),
    [(["a", "b"], ConflictError), (["a", "a"], InputError), (["a", ""], InputError), (["a", 7], InputError)],
    ids=["another area's", "twice", "blank", "a number"],
)
def test_pieces_need_codes_of_their_own(codes, error):
    with pytest.raises(error):
        split(areas(a=A, b=B), "a", ring("0,30 100,30"), codes)


def test_a_line_across_an_enclave_splits_the_area_around_it():
    around = shapely.box(X, Y, X + 100, Y + 100).difference(shapely.box(X + 40, Y + 40, X + 60, Y + 60))
    inner = shapely.box(X + 40, Y + 40, X + 60, Y + 60)
    table = gpd.GeoDataFrame({"code": ["a", "i"]}, geometry=[around, inner], crs=4549)
    cut = split(table, "a", ring("-5,45 105,45"), ["a", "z"])
    assert size(cut) == {"a": 5200, "z": 4400, "i": 400}
    assert whole(cut)


# --- merge


def test_neighbours_merge_into_one_that_sums_their_counts():
    table = areas(a=A, b=B, c=C).assign(households=[1, 2, 4])
    merged = merge(table, ["b", "a"], into="a")
    assert size(merged) == {"a": 20000, "c": 10000}
    assert merged["households"].tolist() == [3, 4]


def test_areas_that_touch_in_a_corner_only_are_not_merged():
    with pytest.raises(ConflictError, match="a and c have no border in common"):
        merge(areas(a=A, b=B, c=C), ["a", "c"])


def test_areas_far_apart_merge_with_those_between():
    assert size(merge(areas(a=A, b=B, c=C), ["a", "c", "b"], into="new")) == {"new": 30000}


def test_a_merger_is_of_two_or_more_and_takes_no_others_code():
    with pytest.raises(InputError):
        merge(areas(a=A, b=B), ["a"])
    with pytest.raises(ConflictError):
        merge(areas(a=A, b=B, c=C), ["a", "b"], into="c")


# --- give


def test_ground_at_the_border_goes_to_the_neighbour():
    given = give(areas(a=A, b=B), [ring("80,20 120,20 120,60 80,60")], to="b")
    assert size(given) == {"a": 9200, "b": 10800}
    assert {(100, 20), (80, 20), (80, 60), (100, 60)} <= points(given, "a") & points(given, "b")
    assert whole(given)


def test_ground_leaves_no_vertex_where_no_border_ends():
    given = give(areas(a=A, b=B), [ring("80,0 90,0 100,0 100,60 80,60")], to="b")
    assert (80, 0) in points(given, "a") & points(given, "b")
    assert (90, 0) not in points(given, "a") | points(given, "b")


def test_ground_that_strays_over_a_third_area_by_less_than_a_metre_takes_nothing_of_it():
    table = areas(a="0,0 100,0 100,100 100,200 0,200", b=B, c=C)
    given = give(table, [ring("80,50 100,50 100.5,100.5 80,100.5")], to="b")
    assert size(given) == {"a": 20000 - 1005, "b": 11005, "c": 10000}


def test_ground_inside_an_area_is_no_neighbours():
    with pytest.raises(ConflictError, match="2 parts"):
        give(areas(a=A, b=B), [ring("40,40 60,40 60,60 40,60")], to="b")


def test_ground_that_would_leave_the_giver_in_two_parts_stays():
    with pytest.raises(ConflictError, match="area a would be in 2 parts"):
        give(areas(a=A, b=B), [ring("-5,40 105,40 105,60 -5,60")], to="b")


def test_all_ground_of_an_area_is_merged_and_not_given():
    with pytest.raises(ConflictError, match="merge it"):
        give(areas(a=A, b=B), [ring("-5,-5 105,-5 105,105 -5,105")], to="b")


def test_ground_of_several_areas_goes_only_if_they_are_named():
    both = [ring("90,90 150,90 150,150 90,150")]
    table = areas(a="0,0 100,0 100,100 100,200 0,200", b=B, c=C)
    with pytest.raises(ConflictError, match="b, c"):
        give(table, both, to="a")
    assert size(give(table, both, to="a", of=["b", "c"])) == {"a": 23000, "b": 9500, "c": 7500}


def test_ground_with_a_hole_leaves_the_hole_only_where_the_giver_stays_whole():
    hole = [ring("60,0 100,0 100,100 60,100"), ring("70,40 90,40 90,60 70,60")]
    with pytest.raises(ConflictError, match="area a would be in 2 parts"):
        give(areas(a=A, b=B), hole, to="b")


# --- a new border


def test_a_new_border_replaces_the_old_one():
    bent = redraw_border(areas(a=A, b=B), "a", "b", ring("100,0 130,50 100,100"))
    assert size(bent) == {"a": 11500, "b": 8500}


def test_the_direction_of_the_line_makes_no_difference():
    bent = redraw_border(areas(a=A, b=B), "b", "a", ring("100,100 130,50 100,0"))
    assert size(bent) == {"a": 11500, "b": 8500}


def test_between_two_places_on_the_old_border_only_the_part_between_moves():
    bent = redraw_border(areas(a=A, b=B), "a", "b", ring("100,40 60,40 60,60 100,60"))
    assert size(bent) == {"a": 9200, "b": 10800}
    assert {(100, 0), (100, 40), (100, 60), (100, 100)} <= points(bent, "a")


def test_a_bay_larger_than_what_is_left_of_the_area_is_still_what_moves():
    bay = redraw_border(areas(a=A, b=B), "a", "b", ring("100,2 2,2 2,98 100,98"))
    assert size(bay) == {"a": 592, "b": 19408}


def test_the_ends_of_a_border_may_slide_along_a_third_area_whose_ground_stays():
    table = areas(a=A, b=B, c="0,100 100,100 200,100 200,200 0,200")
    slid = redraw_border(table, "a", "b", ring("70,0 70,100"))
    assert size(slid) == {"a": 7000, "b": 13000, "c": 10000 * 2}
    assert (70, 100) in points(slid, "c")
    assert whole(slid)


def test_a_line_that_winds_about_the_old_border_exchanges_ground():
    wound = redraw_border(areas(a=A, b=B), "a", "b", ring("80,0 80,50 120,50 120,100"))
    assert size(wound) == {"a": 10000, "b": 10000}
    assert {(80, 0), (80, 50), (120, 50), (120, 100)} <= points(wound, "a") & points(wound, "b")
    assert whole(wound)


def test_what_overshoots_both_areas_is_left_off():
    assert size(redraw_border(areas(a=A, b=B), "a", "b", ring("120,-20 120,120"))) == {"a": 12000, "b": 8000}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("100,0 130,50", "inside an area"),
        ("100,0 150,120 100,100", "leaves areas"),
        ("100,0 100,100", "as it is"),
        ("100,0 130,50 70,50 130,90 100,30 100,100", "crosses or meets itself"),
    ],
    ids=["ends inside", "through a third area", "the same", "crosses itself"],
)
def test_a_new_border_is_refused_when(line, reason):
    with pytest.raises(GridmapError, match=reason):
        redraw_border(areas(a=A, b=B, c=C), "a", "b", ring(line))


def test_areas_without_a_common_border_have_none_to_redraw():
    with pytest.raises(ConflictError, match="no border in common"):
        redraw_border(areas(a=A, b=B, c=C), "a", "c", ring("50,50 150,150"))


def test_the_border_around_an_enclave_can_be_redrawn():
    inner = shapely.box(X + 40, Y + 40, X + 60, Y + 60)
    around = shapely.box(X, Y, X + 100, Y + 100).difference(inner)
    table = gpd.GeoDataFrame({"code": ["a", "i"]}, geometry=[around, inner], crs=4549)
    wider = redraw_border(table, "a", "i", ring("60,40 80,50 60,60"))
    assert size(wider) == {"a": 9400, "i": 600}


# --- buildings


def houses(**boxes):
    shapes = [shapely.box(X + w, Y + s, X + e, Y + n) for w, s, e, n in boxes.values()]
    return gpd.GeoDataFrame({"id": list(boxes)}, geometry=shapes, crs=4549)


def test_a_building_goes_with_the_ground_nearer_to_it_than_to_others():
    given = give_buildings(areas(a=A, b=B), houses(west=(20, 40, 40, 60), east=(60, 40, 80, 60)), ["east"], to="b")
    assert size(given)["a"] == pytest.approx(5000, abs=5)
    assert given.geometry.iloc[1].covers(shapely.box(X + 60, Y + 40, X + 80, Y + 60))


def test_a_building_behind_another_is_refused_and_the_other_named():
    with pytest.raises(ConflictError, match="between are east"):
        give_buildings(areas(a=A, b=B), houses(west=(20, 0, 40, 100), east=(60, 0, 80, 100)), ["west"], to="b")


def test_a_strip_runs_between_the_buildings_and_cuts_none():
    rows = houses(west=(20, 42, 40, 58), south=(50, 5, 90, 45), north=(50, 55, 90, 95), edge=(1, 1, 6, 99))
    given = give_buildings(areas(a=A, b=B), rows, ["west"], to="b", strip=4)
    receiver = given.geometry.iloc[1]
    assert receiver.covers(rows.geometry.iloc[0])
    assert receiver.intersection(shapely.union_all(rows.geometry.to_numpy()[1:])).area == 0
    assert whole(given)


def test_a_building_that_overlaps_the_one_given_is_not_cut():
    with pytest.raises(ConflictError, match="cut building small"):
        give_buildings(areas(a=A, b=B), houses(small=(60, 40, 80, 60), large=(70, 30, 95, 70)), ["large"], to="b")


def test_a_strip_wider_than_the_lane_is_refused():
    rows = houses(west=(10, 40, 30, 60), south=(50, 0, 90, 45), north=(50, 55, 90, 100))
    with pytest.raises(ConflictError, match="no strip of 12 m"):
        give_buildings(areas(a=A, b=B), rows, ["west"], to="b", strip=12)


def test_a_building_cut_by_the_border_is_made_whole():
    given = give_buildings(areas(a=A, b=B), houses(on=(90, 40, 110, 60), west=(20, 40, 40, 60)), ["on"], to="b")
    assert given.geometry.iloc[1].covers(shapely.box(X + 90, Y + 40, X + 110, Y + 60))


@pytest.mark.parametrize(
    ("ids", "strip", "error"),
    [
        (["none"], None, NotFoundError),
        (["east"], 0.1, InputError),
        (["east"], math.nan, InputError),
        (["east"], True, InputError),
        ("east", None, InputError),
        ([], None, InputError),
    ],
    ids=["unknown", "thin", "nan", "true", "no list", "empty"],
)
def test_buildings_and_strips_are_checked(ids, strip, error):
    with pytest.raises(error):
        give_buildings(areas(a=A, b=B), houses(east=(60, 40, 80, 60)), ids, to="b", strip=strip)


# --- parents


EDITS = {
    "move": {"op": "move_vertex", "at": spot(100, 50), "to": spot(110, 50)},
    "drag": {"op": "insert_vertex", "at": spot(100, 25), "to": spot(110, 25)},
    "merge": {"op": "merge", "codes": ["a", "b"]},
    "give": {"op": "give", "ground": [ring("80,20 100,20 100,60 80,60")], "to": "b"},
    "redraw": {"op": "redraw_border", "one": "a", "other": "b", "line": ring("100,0 130,50 100,100")},
}


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
