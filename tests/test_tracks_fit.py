"""What it costs to take fixes to be on streets, and what a verdict on their datum needs, worked out by hand."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import crs
from gridmap.tracks import datum_of, prepared
from gridmap.tracks.datums import _stretches, _verdict
from gridmap.tracks.fitting import Fit, fitted

#: Metres in CGCS2000 zone 40 (EPSG:4549), within Nantong.
EAST, NORTH = 581_000.0, 3_543_000.0


def ground(*lines):
    """Streets in metres from one place of Nantong."""
    shapes = [shapely.LineString(np.add(line, (EAST, NORTH))) for line in lines]
    return prepared(geopandas.GeoDataFrame({"id": list(map(str, range(len(lines))))}, geometry=shapes, crs=4549))


def cost(ready, places, legs=None, datum=0):
    lon, lat = crs.to_wgs84(*np.add(places, (EAST, NORTH)).T.astype(float), 4549)
    legs = np.zeros(len(places), dtype=np.int64) if legs is None else np.array(legs)
    return fitted(ready.ground, lon, lat, legs).cost[datum].tolist()


STREET = [(-300, 0), (300, 0)]


@pytest.mark.parametrize(
    ("across", "expected"),
    [pytest.param(0, 0, id="on it"), pytest.param(16, 2, id="two standard errors"), pytest.param(45, 8, id="the most")],
)
def test_a_fix_costs_by_the_square_of_its_distance_and_no_more_than_a_bad_one(across, expected):
    assert cost(ground(STREET), [(0, across)]) == [pytest.approx(expected, abs=1e-3)]


@pytest.mark.parametrize(
    ("legs", "expected"), [((0, 0), (20 - 200**0.5) / 8), ((0, 1), 0)], ids=["in a leg", "from leg to leg"]
)
def test_a_way_round_a_corner_costs_by_how_much_longer_it_is(legs, expected):
    """20 m by street, 14.14 m straight, at 8 m."""
    corner = ground([(0, 0), (100, 0), (100, 100)])
    assert cost(corner, [(90, 0), (100, 10)], legs) == pytest.approx([0, expected], abs=0.01)


def test_a_way_shorter_than_the_straight_line_costs_too():
    """10 m off on either side: 100 / 128 each; 3 m by street, 20.2 m straight."""
    expected = [100 / 128, 100 / 128 + (409**0.5 - 3) / 8]
    assert cost(ground(STREET), [(0, 10), (3, -10)]) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("legs", "expected"), [((0, 0), 5), ((0, 1), 0)], ids=["in a leg", "in another"])
def test_where_no_street_leads_on_within_a_leg_the_chain_breaks(legs, expected):
    apart = ground(STREET, [(-300, 200), (300, 200)])
    assert cost(apart, [(0, 0), (0, 200)], legs) == pytest.approx([0, expected], abs=0.01)


def test_the_first_fix_of_another_reading_is_no_break():
    lon, lat = crs.to_wgs84(EAST, NORTH, 4549)
    x, y = crs.from_wgs84(*crs.to_wgs84(lon, lat, "GCJ-02"), 4549)
    there = [(x - EAST - 300, y - NORTH), (x - EAST + 300, y - NORTH)]
    assert cost(ground(STREET, there), [(0, 0)], datum=1) == [pytest.approx(0, abs=0.01)]


def fit(fixes, best=0.5, second=1.0):
    """Fixes that cost so much as WGS 84, so much as GCJ-02, and most as BD-09, all on streets."""
    costs = np.repeat([[best], [second], [9.0]], fixes, axis=1)
    return Fit(cost=costs, offset_m=np.zeros_like(costs), inside=np.ones(costs.shape, dtype=bool))


@pytest.mark.parametrize(
    ("fixes", "best", "second", "far", "code"),
    [
        pytest.param(100, 0.5, 0.81, 900, "fits", id="0.3 apart"),
        pytest.param(100, 0.5, 0.79, 900, "close", id="less apart"),
        pytest.param(41, 0.5, 1.0, 900, "fits", id="20 over all fixes"),
        pytest.param(39, 0.5, 1.0, 900, "close", id="less over all"),
        pytest.param(100, 1.4, 1.9, 900, "close", id="twice as bad a fit needs twice the margin"),
        pytest.param(100, 1.4, 2.1, 900, "fits", id="twice the margin"),
        pytest.param(100, 0.5, 1.5, 149, "few", id="too short a way"),
        pytest.param(23, 0.1, 9.0, 900, "few", id="too few fixes"),
    ],
)
def test_a_verdict_needs_a_margin_by_how_many_the_fixes_are_and_how_well_they_fit(fixes, best, second, far, code):
    assert _verdict(fit(fixes, best, second), far).code == code


def test_of_long_tracks_stretches_from_beginning_to_end_are_looked_at_of_each_post():
    of_first, of_second = _stretches(np.array([0, 900]), 1_000)
    assert (len(of_first), of_first[0], of_first[-1]) == (360, 0, 899)
    assert of_second.tolist() == list(range(900, 1_000))


def test_as_many_fixes_of_every_post_are_looked_at():
    noise = np.random.default_rng(2).normal(0, 4, (2, 400, 2))
    there = np.column_stack([EAST - 1_400 + 7 * np.arange(400), np.full(400, NORTH)])
    times = pd.date_range("2024-05-06", periods=400, freq="5s", tz="UTC")
    both = [
        geopandas.GeoDataFrame({"post": post, "time": times}, geometry=shapely.points(there + each), crs=4549)
        for post, each in zip("AB", noise, strict=True)
    ]
    found = datum_of(pd.concat(both), ground([(-1_500, 0), (1_500, 0)]))
    assert found["fixes"].tolist() == [360, 360]
