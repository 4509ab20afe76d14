"""Systems that numbers tell, and layers that a web map shifted."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.crs import from_wgs84, guess, offset_verdict
from gridmap.errors import CrsError
from tests.tables_of_shapes import layer, shifted

# --- guesses


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (120.2, 30.3, [(4490, "lon_lat")]),
        (30.3, 120.2, [(4490, "lat_lon")]),
        (87.6, 43.8, [(4490, "lon_lat")]),
        (24.9, 60.2, [(4490, "lon_lat"), (4490, "lat_lon")]),
        (40520760.2, 3352680.1, [(4528, "east_north")]),
        (3352680.1, 40520760.2, [(4528, "north_east")]),
        (21232105.0, 3355945.4, [(4499, "east_north")]),
        (20447924.9, 4419436.0, [(4498, "east_north")]),
        (4851775.3, 29548285.1, [(4517, "north_east")]),
        (11_500_000.0, 3_500_000.0, [(3857, "east_north")]),
        (13_382_361.0, 3_538_000.0, [(3857, "east_north"), (4491, "east_north")]),
        (24_500_000.0, 3_000_000.0, []),
        (40_900_000.0, 3_352_680.0, []),
        (1e12, 5.0, []),
        (float("nan"), 5.0, []),
        ([np.nan, 120.2], [1.0, 30.3], [(4490, "lon_lat")]),
    ],
    ids=[
        "degrees", "latitude first", "Urumqi", "Helsinki", "3-degree prefix", "north first", "6-degree prefix",
        "zone 20",
        "zone 29 north first", "web Mercator", "web Mercator or zone 13", "no zone 24", "too far from the meridian",
        "nonsense", "missing", "one missing",
    ],
)  # fmt: skip
def test_plain_numbers_tell_their_system_as_far_as_they_can(x, y, expected):
    assert [(found.epsg, found.axis_order) for found in guess(x, y)] == expected


@pytest.mark.parametrize("order", ["east, north", "north, east"])
def test_metres_without_a_zone_are_refused_with_what_they_could_be(order):
    numbers = (520760.2, 3352680.1) if order.startswith("east") else (3352680.1, 520760.2)
    with pytest.raises(CrsError, match=f"{order}.*4534 to 4554.*3826"):
        guess(*numbers)


def test_points_of_two_zones_in_one_file_are_refused():
    with pytest.raises(CrsError, match="zones 39, 40"):
        guess([39447924.8, 40520760.2], [4419435.9, 3352680.1])


def test_degrees_minutes_and_seconds_in_one_number_are_refused():
    with pytest.raises(CrsError, match="minutes and seconds"):
        guess(1201256.88, 301736.96)


def test_many_points_with_all_digits_below_sixty_are_minutes_and_seconds():
    pairs = np.arange(60) / 1e4
    with pytest.raises(CrsError, match="below 60"):
        guess(120.12 + pairs, 30.17 + pairs[::-1])
    assert guess(120.12 + np.arange(100) / 1e4, 30.17 + np.arange(100) / 1e4)


def test_degrees_of_a_small_place_are_no_minutes_and_seconds_though_all_digits_are_below_sixty():
    # 60 fixes within 200 m: their pairs of digits are neighbours, 10 to 29 and 30 to 49, and tell nothing
    fixes = np.linspace(0, 0.0019, 60)
    assert guess(120.1210 + fixes, 30.1730 + fixes[::-1])[0].axis_order == "lon_lat"


# --- layers shifted by a web map


def district(lon: float = 120.8, lat: float = 32.0) -> gpd.GeoDataFrame:
    """A jagged outline of some 20 km with one neighbour."""
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = 0.08 + 0.02 * np.sin(5 * angle) + 0.005 * np.cos(17 * angle)
    ring = shapely.Polygon(np.c_[lon + radius * np.cos(angle), lat + radius * np.sin(angle)])
    return layer(ring, shapely.box(lon + 0.1, lat, lon + 0.2, lat + 0.1), code=["a", "b"])


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09"])
def test_a_layer_shifted_by_a_web_map_is_told_with_its_vector(system):
    verdict = offset_verdict(shifted(district(), system), district())
    east, north = (
        (a - b) * m for a, b, m in zip(from_wgs84(120.8, 32.0, system), (120.8, 32.0), (94_400, 110_900), strict=True)
    )
    assert verdict.system == system
    assert (verdict.east_m, verdict.north_m) == pytest.approx((east, north), abs=30)
    assert verdict.misfit_after_m < 20 < verdict.misfit_before_m
    assert f"--crs {system}" in verdict.message


def test_a_true_layer_is_not_suspected():
    assert offset_verdict(district(), district()) is None


@pytest.mark.parametrize("shift", [(-0.004, 0.0025), (0.001, 0.001), (0.0, 0.004)], ids=str)
def test_a_layer_off_in_another_direction_is_no_web_maps(shift):
    moved = district().set_geometry(district().translate(*shift))
    assert offset_verdict(moved, district()) is None


def test_a_border_redrawn_in_part_is_no_shift():
    west = shapely.box(120.0, 31.0, 120.78, 33.0)
    redrawn = district().set_geometry(district().difference(west))
    assert offset_verdict(redrawn, district()) is None


def test_layers_that_do_not_meet_tell_nothing():
    assert offset_verdict(district(lon=119.0), district()) is None
    assert offset_verdict(layer(), district()) is None


def test_points_and_lines_are_compared_too():
    random = np.random.default_rng(3)
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(random.uniform(120.8, 120.9, 80), random.uniform(32, 32.1, 80)), crs=4490
    )
    assert offset_verdict(shifted(points, "GCJ-02"), points).system == "GCJ-02"
    lines = district().set_geometry(district().boundary)
    assert offset_verdict(shifted(lines, "GCJ-02"), lines).system == "GCJ-02"


@pytest.mark.parametrize("name", ["崇川区", "通州区", "如东县", "如皋市", "海门区", "海安市"])
def test_districts_of_a_web_map_are_told_from_the_true_ones(shared_data, name):
    true = gpd.read_file(shared_data("nantong/CLIP_tianditu_districts_1563206.geojson"))
    files = sorted(shared_data("nantong").glob("datav_3206*.json"))
    web = pd.concat([gpd.read_file(path) for path in files])
    verdict = offset_verdict(web[web["name"] == name], true)
    assert verdict.system == "GCJ-02"
    assert 300 < verdict.east_m < 550
    assert -330 < verdict.north_m < -150


def test_the_echarts_outlines_of_2017_are_told_and_true_ones_are_not(shared_data):
    true = gpd.read_file(shared_data("nantong/CLIP_tianditu_districts_1563206.geojson"))
    old = gpd.read_file(shared_data("nantong/jiang1_su1_nan2_tong1.geojson"))
    assert offset_verdict(old, true).system == "GCJ-02"
    assert offset_verdict(true, true) is None
    assert offset_verdict(old, old) is None
