"""How wide a line read off an old map may lie: bands and circles that widen away from the points, worked by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.errors import CrsError, InputError
from gridmap.imagery import error_at, error_band, error_grid, leave_one_out
from gridmap.imagery.fitting import fit_warp, looseness
from tests.imagery_sheet import table

#: Corners of a square of 200 m around the origin. Each corner's share of its own fitted value is 3 / 4, so that left
#: out it errs by 2 metres where the unit is 1: sqrt(1 / (1 - 3 / 4)) = 2.
CORNERS = np.array([[-100.0, -100.0], [100.0, -100.0], [-100.0, 100.0], [100.0, 100.0]])


def known(errors, at=CORNERS):
    """Control points with the error of each left out."""
    return pd.DataFrame({"east": at[:, 0], "north": at[:, 1], "leave_one_out_m": errors})


def looser(x, y):
    """The unit times the root of 1 + 1/4 + (x / 200)^2 + (y / 200)^2: what four corners leave open at a place."""
    return np.sqrt(1.25 + (x / 200) ** 2 + (y / 200) ** 2)


@pytest.fixture
def border():
    """A line of 200 m through the middle, read off the map."""
    return gpd.GeoDataFrame({"id": ["L"]}, geometry=[shapely.LineString([(-100, 0), (100, 0)])], crs=4549)


@pytest.mark.parametrize("place", [(0, 0), (100, 100), (300, 0), (-1000, 500)])
def test_the_error_grows_away_from_the_points(place):
    assert error_at(known(2.0), np.array([place], dtype=float))[0] == pytest.approx(looser(*place), rel=1e-9)


def test_points_that_err_more_make_all_of_the_picture_worse():
    # the mean square of 1, 1, 1 and 5 is 7
    there = error_at(known([1.0, 1.0, 1.0, 5.0]), np.zeros((1, 2)))
    assert there[0] == pytest.approx(np.sqrt(7 / 4) * looser(0, 0))


def test_the_spline_errs_least_at_its_points_and_never_less_than_half_of_all():
    at = np.vstack([CORNERS, np.zeros((1, 2))])
    places = np.array([[100.0, 100.0], [90.0, 90.0], [50.0, 50.0], [200.0, 200.0], [400.0, 400.0]])
    radius = error_at(known(2.0, at), places, method="tps")
    assert radius[0] == radius[1] == pytest.approx(1.0)
    assert (np.diff(radius[1:])[1:] > 0).all()


def test_the_unit_of_the_spline_is_the_root_of_its_power_function_left_out():
    rng = np.random.default_rng(2)
    at = rng.uniform(-100, 100, (9, 2))

    # by hand: the kernel between all points, its plane, and what the others leave open at one of them
    def kernel(a, b):
        squared = ((a[:, None] - b[None]) ** 2).sum(-1)
        return squared * np.log(np.where(squared > 0, squared, 1))

    def open_at(points, place):
        flat = np.c_[np.ones(len(points)), points]
        matrix = np.block([[kernel(points, points), flat], [flat.T, np.zeros((3, 3))]])
        row = np.r_[kernel(place[None], points)[0], 1, place]
        return -row @ np.linalg.solve(matrix, row)

    held = sum(open_at(np.delete(at, k, 0), at[k]) for k in range(9))
    there = error_at(known(3.0, at), np.array([[250.0, 40.0]]), method="tps")
    assert there[0] == pytest.approx(3 * np.sqrt(9 * open_at(at, np.array([250.0, 40.0])) / held), rel=1e-6)


@pytest.mark.parametrize("method", ["order1", "order2", "tps"])
def test_the_error_told_is_about_the_true_one_where_the_paper_waves(method):
    """Forty sheets of 15 points whose paper waves: told within a half, and larger where it is larger."""
    told, true = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        at = rng.uniform(0, 400, (65, 2))
        phase = rng.uniform(0, 6, 2)
        wave = 4 * np.sin(at[:, ::-1] / 90 + phase)
        ground = at * [1, -1] + [520000, 3352000] + wave
        points = leave_one_out(table(at[:15], ground[:15]), method=method, crs=4549)
        placed = fit_warp(at[:15], ground[:15], method).place(at[15:])
        true.append(np.hypot(*(placed - ground[15:]).T))
        told.append(error_at(points, placed, method=method))
    said, was = np.concatenate(told), np.concatenate(true)
    assert np.sqrt((said**2).mean() / (was**2).mean()) == pytest.approx(1, abs=0.5)
    far = said > np.median(said)
    assert was[far].mean() > 1.3 * was[~far].mean()
    assert (was < 2 * said).mean() > 0.9


def test_a_band_is_as_wide_as_the_error_along_the_line(border):
    band = error_band(border, known(2.0))
    ends, middle = looser(100, 0), looser(0, 0)
    assert band.total_bounds.tolist() == pytest.approx([-100 - ends, -ends, 100 + ends, ends], abs=1e-3)
    across = band.geometry[0].intersection(shapely.LineString([(0, -9), (0, 9)]))
    assert across.length == pytest.approx(2 * middle, rel=1e-3)
    assert (band["radius_m"].tolist(), band["id"].tolist(), band.crs.to_epsg()) == ([pytest.approx(ends)], ["L"], 4549)


def test_a_band_and_circles_are_those_of_the_method(border):
    at = np.vstack([CORNERS, np.zeros((1, 2))])
    bent, even = (error_band(border, known(2.0, at), method=method) for method in ("tps", "order1"))
    assert bent.geometry[0].area != pytest.approx(even.geometry[0].area, rel=0.05)
    circles = [error_grid(shapely.box(-9, -9, 9, 9), known(2.0, at), "EPSG:4549", method=m) for m in ("tps", "order1")]
    assert (circles[0]["radius_m"] != circles[1]["radius_m"]).all()


@pytest.mark.parametrize(
    "points",
    [known(np.nan), known(2.0, CORNERS * [1, 0]), known(2.0, CORNERS).iloc[:2], known([np.nan] * 3 + [2.0])],
    ids=["no error", "on a line", "two", "one"],
)
def test_where_no_error_can_be_told_there_is_no_band(border, points):
    band = error_band(border, points, method="order1")
    empty = len(points) < 4 or points["leave_one_out_m"].isna().all() or (points["north"] == 0).all()
    assert (band.geometry.is_empty.tolist(), band["radius_m"].isna().tolist()) == ([empty], [empty])


@pytest.mark.parametrize("method", ["order1", "tps"])
def test_how_loosely_points_are_held_is_not_told_where_the_others_define_nothing(method):
    own, held = looseness(CORNERS[:3], np.zeros((1, 2)), method)
    assert np.isnan(own).all()
    assert np.isfinite(held).all()
    assert all(np.isnan(part).all() for part in looseness(CORNERS * [1, 0], np.zeros((1, 2)), method))
    assert all(np.isnan(part).all() for part in looseness(CORNERS[:2], np.zeros((1, 2)), method))


def test_a_method_that_there_is_not_is_refused(border):
    with pytest.raises(InputError, match="order1, order2, order3, tps"):
        error_band(border, known(2.0), method="affine")


@pytest.mark.parametrize("crs", [4490, None])
def test_a_band_is_drawn_in_metres_only(border, crs):
    with pytest.raises(CrsError, match="metres"):
        error_band(border.set_crs(crs, allow_override=True), known(2.0))


def test_circles_stand_all_over_the_scan_and_nowhere_else():
    found = error_grid(shapely.box(0, 0, 240, 120), known(2.0), "EPSG:4549")
    # a 24th of the longer side apart: 24 by 12, the first in the north-west
    assert (len(found), found.geometry[0].centroid.coords[0]) == (288, pytest.approx((5, 115)))
    assert found["radius_m"][0] == pytest.approx(looser(5, 115))
    assert found.geometry.area.to_numpy() == pytest.approx(np.pi * found["radius_m"] ** 2, rel=1e-2)
    half = error_grid(shapely.Polygon([(0, 0), (240, 0), (0, 240)]), known(2.0), "EPSG:4549")
    # row by row 1, 2, ... 24 of them, those on the slanting edge among them
    assert len(half) == 300
