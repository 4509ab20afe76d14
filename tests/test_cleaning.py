"""A drawn layer made into a partition, on ground drawn by hand in metres of EPSG:4549."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate
from shapely.geometry import Polygon, box

from gridmap.errors import InputError
from gridmap.partition import check, clean

EAST, NORTH = 500_000.0, 3_540_000.0
WEST, RIGHT, WHOLE = (0, 0, 100, 100), (100, 0, 200, 100), (0, 0, 200, 100)


def ground(shape):
    return translate(box(*shape) if isinstance(shape, tuple) else shape, EAST, NORTH)


def areas(*shapes, crs=4549):
    return gpd.GeoDataFrame(
        {"code": list("abcdefgh"[: len(shapes)])}, geometry=[ground(shape) for shape in shapes], crs=crs
    )


def moves(cleaned):
    return [
        (one, two, round(size, 3), reason)
        for one, two, size, reason in cleaned.moved[["from", "to", "area_m2", "reason"]].to_numpy().tolist()
    ]


def sizes(cleaned):
    return cleaned.areas.area.round(3).tolist()


def test_a_partition_is_left_as_it_is_to_the_last_polygon():
    table = areas(WEST, RIGHT)
    cleaned = clean(table, within=ground(WHOLE))
    assert moves(cleaned) == []
    assert all(one is other for one, other in zip(table.geometry, cleaned.areas.geometry, strict=True))


def test_an_overlap_goes_to_the_holder_with_the_longest_border_to_it():
    # a strip of 10 m by 100 m: b alone lies along 100 m of it, a alone along 60 m, c along the rest
    west = shapely.difference(box(0, 0, 110, 100), box(0, 60, 100, 100))
    cleaned = clean(areas(west, (100, 0, 200, 100), (0, 60, 100, 100)))
    assert moves(cleaned) == [("a", "b", 1000.0, "overlap")]
    assert sizes(cleaned) == [6000, 10_000, 4000]


def test_a_gap_goes_to_the_neighbour_with_the_longest_border():
    # a hole of 10 m by 90 m: 90 m of it lie along d, 80 m along a, 10 m each along b, c and e
    around = [(0, 0, 100, 85), (100, 0, 110, 5), (100, 95, 110, 100), (110, 0, 200, 100), (0, 85, 100, 100)]
    assert moves(clean(areas(*around))) == [("", "d", 900.0, "gap")]


def test_a_gap_at_the_rim_is_filled_where_the_territory_is_known():
    cleaned = clean(areas(WEST, (100, 0, 200, 90)), within=ground(WHOLE))
    assert moves(cleaned) == [("", "b", 1000.0, "gap")]


def test_a_gap_larger_than_the_limit_is_left_open():
    cleaned = clean(areas(WEST, (100, 0, 200, 90)), within=ground(WHOLE), gap_m2=999)
    assert moves(cleaned) == []


def test_ground_outside_the_territory_is_cut_off():
    cleaned = clean(areas(WEST, (100, 0, 230, 100)), within=ground(WHOLE))
    assert moves(cleaned) == [("b", "", 3000.0, "outside")]
    assert sizes(cleaned) == [10_000, 10_000]


def test_a_vertex_on_one_side_only_is_given_to_both():
    bent = Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100, 30)])
    cleaned = clean(areas(WEST, bent))
    assert moves(cleaned) == []
    assert check(cleaned.areas).empty
    assert (EAST + 100, NORTH + 30) in cleaned.areas.geometry.iloc[0].exterior.coords


def test_a_stray_part_goes_to_the_neighbour_around_it():
    stray = shapely.multipolygons([box(*WEST), box(150, 0, 152, 2)])
    cleaned = clean(areas(stray, shapely.difference(box(*RIGHT), box(150, 0, 152, 2))))
    assert moves(cleaned) == [("a", "b", 4.0, "border")]


def test_a_part_that_is_more_than_rounding_stays():
    part = shapely.multipolygons([box(*WEST), box(150, 0, 160, 10)])
    assert moves(clean(areas(part, shapely.difference(box(*RIGHT), box(150, 0, 160, 10))))) == []


def test_corners_that_nearly_meet_are_made_one():
    # a strip of 0.4 m between the two: its corners are the western ones afterwards
    cleaned = clean(areas(WEST, (100.4, 0, 200, 100)), snap_m=0.5)
    assert moves(cleaned) == [("", "b", 40.0, "gap")]
    assert check(cleaned.areas, ground(WHOLE)).empty


def test_corners_farther_apart_than_the_distance_are_left():
    assert moves(clean(areas(WEST, (100.4, 0, 200, 100)), snap_m=0.3)) == []


def test_rings_that_cross_themselves_are_read_as_even_odd():
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    cleaned = clean(areas(bow))
    assert moves(cleaned) == []
    assert cleaned.areas.geometry.is_valid.all()
    assert sizes(cleaned) == [5000]


def test_an_area_that_another_one_covers_wholly_keeps_its_row():
    cleaned = clean(areas(WEST, WEST))
    assert sizes(cleaned) == [10_000, 0]
    assert moves(cleaned) == [("b", "a", 10_000.0, "overlap")]


def test_an_area_inside_another_that_forgot_to_leave_it_out_keeps_its_ground():
    cleaned = clean(areas(WEST, (40, 40, 60, 60)))
    assert sum(sizes(cleaned)) == 10_000


def test_degrees_are_cleaned_as_metres_are():
    table = areas(WEST, (90, 0, 200, 100))
    metric, degrees = clean(table), clean(table.to_crs(4490))
    assert degrees.areas.crs == "EPSG:4490"
    assert degrees.moved["area_m2"].tolist() == pytest.approx(metric.moved["area_m2"].tolist(), rel=1e-5)


def test_the_table_is_not_changed():
    table = areas(WEST, (90, 0, 200, 100))
    before = table.copy(deep=True)
    clean(table)
    assert table.equals(before)


def test_a_distance_below_zero_is_refused():
    with pytest.raises(InputError, match="0 or more"):
        clean(areas(WEST), snap_m=-1)


shapes = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 30), st.integers(1, 30), st.integers(0, 89)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(shapes)
def test_whatever_is_drawn_becomes_a_partition_and_every_square_metre_is_accounted_for(drawn):
    table = areas(*(shapely.affinity.rotate(box(x, y, x + w, y + h), turn) for x, y, w, h, turn in drawn))
    cleaned = clean(table, within=ground((0, 0, 60, 60)))
    after = cleaned.areas.geometry.to_numpy()
    held = after[~shapely.is_empty(after)]
    assert shapely.coverage_is_valid(held)
    assert shapely.area(held).sum() == pytest.approx(3600, abs=1e-6)
    lost = shapely.area(shapely.difference(table.geometry.to_numpy(), after))
    told = cleaned.moved.groupby("from")["area_m2"].sum().reindex(table["code"], fill_value=0)
    assert np.allclose(lost, told, atol=0.02)
