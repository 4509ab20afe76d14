"""Areas split by a line, and neighbours merged; on squares whose answers can be drawn on paper."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from gridmap.errors import ConflictError, InputError
from gridmap.partition import merge, split
from tests.squares import A, B, C, X, Y, areas, points, ring, size, whole

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
