"""Ground that several see, swept by the kernel and united by overlays: the same, and what worked out by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap import coverage
from gridmap.compiling import COMPILED
from gridmap.coverage.uniting import Drawn, seen_m2

#: Far from the origin, as metric systems are.
EAST, NORTH = 500_000, 3_540_000
AREA = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(EAST, NORTH, EAST + 12, NORTH + 12)], crs=4549)
HALLS = [shapely.box(2, 2, 5, 5), shapely.Polygon([(7, 1), (11, 3), (8, 6)])]
BARE = coverage.ground(AREA, 4549)
BUILT = coverage.ground(
    AREA,
    4549,
    buildings=gpd.GeoDataFrame(geometry=[shapely.affinity.translate(hall, EAST, NORTH) for hall in HALLS], crs=4549),
)
WAYS = pytest.mark.parametrize(
    "kernel",
    [False, pytest.param(True, marks=pytest.mark.skipif(not COMPILED, reason="numba is not installed"))],
    ids=["overlays", "kernel"],
)


def seen(*shapes):
    """Shapes of views of their own: (band, geometry near the origin)."""
    moved = [shapely.affinity.translate(shape, EAST, NORTH) for _, shape in shapes]
    band = np.array([band for band, _ in shapes], np.int64)
    return Drawn(shapes=np.array(moved, dtype=object), view=np.arange(len(shapes)), band=band)


def counting(shapes, columns=1):
    return np.ones((len(shapes), columns), dtype=bool)


@WAYS
def test_what_two_see_counts_once_and_for_the_better_band(kernel):
    two = [(0, shapely.box(0, 0, 4, 4)), (2, shapely.box(2, 2, 6, 6))]
    found = seen_m2(seen(*two), BARE, counting(two), kernel=kernel)
    assert found[0, 0, :, 0].tolist() == [16, 16, 28, 28]


@WAYS
def test_open_ground_is_what_no_hall_stands_on(kernel):
    one = [(3, shapely.box(0, 0, 4, 4))]
    assert seen_m2(seen(*one), BUILT, counting(one), kernel=kernel)[0, 0, 3].tolist() == [16, 12]
    assert np.isnan(seen_m2(seen(*one), BARE, counting(one), kernel=kernel)[0, 0, 3, 1])


@WAYS
def test_what_is_beyond_the_plot_on_any_side_is_not_of_it(kernel):
    around = [(1, shapely.box(-5, -5, 20, 20).difference(shapely.box(1, 1, 11, 11)))]
    assert seen_m2(seen(*around), BARE, counting(around), kernel=kernel)[0, 0, 1, 0] == 144 - 100


@WAYS
def test_each_column_counts_its_own_views(kernel):
    two = [(0, shapely.box(0, 0, 4, 4)), (0, shapely.box(2, 0, 6, 4))]
    flags = np.array([[True, False, True, False], [True, True, False, False]])
    assert seen_m2(seen(*two), BARE, flags, kernel=kernel)[0, :, 3, 0].tolist() == [24, 16, 16, 0]


@WAYS
def test_columns_that_differ_elsewhere_alone_hold_the_same_here(kernel):
    two = [(0, shapely.box(0, 0, 4, 4)), (0, shapely.box(100, 0, 104, 4))]
    flags = np.array([[True, True], [False, True]])
    assert seen_m2(seen(*two), BARE, flags, kernel=kernel)[0, :, 3, 0].tolist() == [16, 16]


@WAYS
def test_what_counts_in_no_column_holds_nothing(kernel):
    two = [(0, shapely.box(0, 0, 4, 4)), (0, shapely.box(2, 0, 6, 4))]
    assert seen_m2(seen(*two), BARE, np.zeros((2, 1), bool), kernel=kernel)[..., 0].sum() == 0


@WAYS
def test_outlines_that_lie_on_one_another_hold_no_ground_between_them(kernel):
    nudged = 2 + 1e-10
    three = [(0, shapely.box(0, 0, 2, 8)), (1, shapely.box(nudged, 0, 4, 8)), (1, shapely.box(0, 0, nudged, 8))]
    assert seen_m2(seen(*three), BARE, counting(three), kernel=kernel)[0, 0, 3, 0] == pytest.approx(32, rel=1e-9)


CORNERS = st.lists(st.tuples(st.integers(-3, 15), st.integers(-3, 15)), min_size=3, max_size=6, unique=True)


@pytest.mark.skipif(not COMPILED, reason="numba is not installed")
@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), CORNERS, st.integers(1, 7)), min_size=1, max_size=8))
def test_the_kernel_sweeps_what_overlays_unite(drawn):
    hulls = [(band, shapely.convex_hull(shapely.MultiPoint(corners)), counts) for band, corners, counts in drawn]
    solid = [each for each in hulls if each[1].area > 0]
    flags = np.array([[counts & 1, counts & 2, counts & 4] for *_, counts in solid], dtype=bool).reshape(-1, 3)
    shapes = seen(*(each[:2] for each in solid))
    swept, united = (seen_m2(shapes, BUILT, flags, kernel=kernel) for kernel in (True, False))
    np.testing.assert_allclose(swept, united, rtol=1e-9, atol=1e-7)
