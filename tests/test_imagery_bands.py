"""How wide a line read off an old map may lie: bands and circles by the errors of points left out, worked by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.errors import CrsError
from gridmap.imagery import error_band, error_grid


def left_out(**errors):
    """Control points at places east, all at north 0, with the error of each: ``at_0=1.0``."""
    east = [float(name.removeprefix("at_")) for name in errors]
    return pd.DataFrame({"east": east, "north": 0.0, "leave_one_out_m": list(errors.values())})


@pytest.fixture
def border():
    """A line of 100 m, read off the map."""
    return gpd.GeoDataFrame({"id": ["L"]}, geometry=[shapely.LineString([(0, 0), (100, 0)])], crs=4549)


def test_where_the_error_is_the_same_everywhere_the_band_is_as_wide_everywhere(border):
    band = error_band(border, left_out(at_0=2.0, at_100=2.0))
    # 100 m by 4 m, and half a disc of 2 m at each end
    assert band.geometry[0].area == pytest.approx(400 + np.pi * 4, rel=2e-3)
    assert (band["radius_m"].tolist(), band["id"].tolist(), band.crs.to_epsg()) == ([pytest.approx(2)], ["L"], 4549)


def test_a_band_is_wider_where_points_err_more(border):
    band = error_band(border, left_out(at_0=1.0, at_100=3.0))
    # the mean error is the root of 5; at the good point half of it counts: 1.118
    assert band.total_bounds.tolist() == pytest.approx([-1.118, -3, 103, 3], abs=1e-3)
    assert band["radius_m"].tolist() == pytest.approx([3])


def test_where_no_error_is_known_there_is_no_band(border):
    band = error_band(border, left_out(at_0=float("nan")))
    assert (band.geometry.is_empty.tolist(), band["radius_m"].isna().tolist()) == ([True], [True])


@pytest.mark.parametrize("crs", [4490, None])
def test_a_band_is_drawn_in_metres_only(border, crs):
    with pytest.raises(CrsError, match="metres"):
        error_band(border.set_crs(crs, allow_override=True), left_out(at_0=2.0))


def test_circles_stand_all_over_the_scan_and_nowhere_else():
    found = error_grid(shapely.box(0, 0, 240, 120), left_out(at_0=2.0, at_240=2.0), "EPSG:4549")
    # a 24th of the longer side apart: 24 by 12, the first in the north-west
    assert (len(found), found.geometry[0].centroid.coords[0]) == (288, pytest.approx((5, 115)))
    assert found["radius_m"].to_numpy() == pytest.approx(np.full(288, 2.0))
    assert found.geometry.area.to_numpy() == pytest.approx(np.full(288, np.pi * 4), rel=1e-2)
    half = error_grid(shapely.Polygon([(0, 0), (240, 0), (0, 240)]), left_out(at_0=2.0), "EPSG:4549")
    # row by row 1, 2, ... 24 of them, those on the slanting edge among them
    assert len(half) == 300
