"""The 456 villages of Taipei and 4 042 places whose district and village are written beside them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from gridmap.partition import AreaIndex


@pytest.fixture(scope="module")
def villages(shared_data):
    table = gpd.read_file(shared_data("taipei/taipei_village.geojson"))
    return table.rename(columns={"CPTVID": "code"})[["code", "TNAME", "VNAME", "geometry"]]


@pytest.fixture(scope="module")
def index(villages):
    return AreaIndex(villages)


@pytest.fixture(scope="module")
def stops(shared_data, villages, index):
    """The stops: what is stated, what was found, and how far the nearest border is."""
    table = gpd.read_file(shared_data("taipei/garbage_truck__97a0381c93ca.geojson"))
    rows, x, y = index.locate(table.geometry.x, table.geometry.y), table.geometry.x, table.geometry.y
    # -1 takes the last of these: outside
    town, village = (np.append(villages[name].to_numpy(object), "")[rows] for name in ("TNAME", "VNAME"))
    return table.assign(row=rows, town=town, village=village, border_m=index.border_distance(x, y))


def test_the_district_agrees_for_at_least_99_3_percent_of_the_stops(stops):
    assert len(stops) == 4042
    assert (stops["town"] == stops["行政區"]).mean() >= 0.993


def test_the_village_agrees_for_87_3_to_87_7_percent_of_the_stops(stops):
    assert 0.873 <= (stops["village"] == stops["里別"]).mean() <= 0.877


def test_eighteen_stops_lie_outside_the_city(stops):
    assert (stops["row"] == -1).sum() == 18


def test_of_the_stops_that_differ_at_least_45_percent_are_within_10_m_of_a_border(stops):
    differ = stops[(stops["village"] != stops["里別"]) & (stops["row"] >= 0)]
    assert (differ["border_m"] < 10).mean() >= 0.45


def test_the_villages_are_one_partition_but_for_a_tenth_of_a_square_metre(index):
    found = index.findings(least_m2=0)
    assert len(index) == 456
    assert found[found["rule"] == "overlap"]["measured"].sum() == pytest.approx(0.1, abs=0.02)
    assert found["measured"].max() < 5


def test_every_vertex_belongs_to_exactly_one_village(villages, index):
    x, y = villages.geometry.get_coordinates().to_numpy().T
    rows = index.locate(x, y)
    assert (rows >= 0).all()
    assert np.array_equal(rows[:2000], [index.locate_one(*p) for p in zip(x[:2000], y[:2000], strict=True)])
