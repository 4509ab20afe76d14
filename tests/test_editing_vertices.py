"""Vertices that areas share: moved, inserted and deleted; on squares whose answers can be drawn on paper."""

from __future__ import annotations

import pytest

from gridmap.errors import ConflictError, InputError
from gridmap.partition import EditLimits, delete_vertex, insert_vertex, move_vertex
from tests.squares import A5, B5, A, B, C, areas, points, ring, size, spot, whole


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


def test_how_near_vertices_may_be_is_a_limit():
    near = spot(100, 3)
    assert (100, 3) in points(insert_vertex(areas(a=A, b=B), near), "a")
    with pytest.raises(ConflictError, match="at least 5 m from one to the next"):
        insert_vertex(areas(a=A, b=B), near, limits=EditLimits(narrowest_m=5))


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
