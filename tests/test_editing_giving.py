"""Ground and buildings given to a neighbour, and borders drawn anew; on squares whose answers can be drawn on paper."""

from __future__ import annotations

import math

import geopandas as gpd
import pytest
import shapely

from gridmap.errors import ConflictError, GridmapError, InputError, NotFoundError
from gridmap.partition import give, give_buildings, redraw_border
from tests.squares import A, B, C, X, Y, areas, points, ring, size, whole

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
