"""Systems of coordinates: names, zones, transformations, datums, what web maps shift, and tables."""

from __future__ import annotations

import threading
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS, Geod

from gridmap import formats
from gridmap.crs import (
    convert,
    convert_shapes,
    from_wgs84,
    metric_epsg,
    parse,
    to_metric,
    to_record,
    to_system,
    to_wgs84,
    zone_epsg,
)
from gridmap.errors import CrsError, InputError
from tests.tables_of_shapes import layer, shifted

GEOD = Geod(ellps="WGS84")
HANGZHOU = (120.2158, 30.2936)


# --- names and zones


@pytest.mark.parametrize("datum", ["CGCS2000", "Xian 1980", "Beijing 1954"])
@pytest.mark.parametrize("prefixed", [True, False], ids=["prefix", "no prefix"])
def test_every_zone_is_the_one_of_that_name_in_the_register(datum, prefixed):
    for width, zones in ((3, range(25, 46)), (6, range(13, 24))):
        for zone in zones:
            crs = CRS.from_epsg(zone_epsg(zone, width, prefixed, datum))
            values = {item.name: item.value for item in crs.coordinate_operation.params}
            assert crs.name.startswith(datum)
            assert values["Longitude of natural origin"] == (3 * zone if width == 3 else 6 * zone - 3)
            assert values["False easting"] == 500_000 + prefixed * zone * 1_000_000


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((24,), "25 to 45"),
        ((12, 6), "13 to 23"),
        ((40, 6), "13 to 23"),
        ((40, 2), "3 or 6"),
        ((40, 3, True, "WGS 84"), "Xian 1980"),
    ],
    ids=["west of China", "6 degrees", "a 3-degree number", "width", "datum"],
)
def test_a_zone_that_does_not_exist_is_refused_with_those_that_do(arguments, told):
    with pytest.raises(CrsError, match=told):
        zone_epsg(*arguments)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (4490, "EPSG:4490"),
        ("4490", "EPSG:4490"),
        ("epsg:4547", "EPSG:4547"),
        ("urn:ogc:def:crs:EPSG::4490", "EPSG:4490"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("CGCS2000", "EPSG:4490"),
        ("wgs 84", "EPSG:4326"),
        ("GCJ02", "GCJ-02"),
        ("gcj_02", "GCJ-02"),
        ("bd09", "BD-09"),
        ("4480", "EPSG:4490"),
        (CRS.from_epsg(4528), "EPSG:4528"),
        (CRS.from_user_input("OGC:CRS84"), "EPSG:4326"),
        (CRS.from_epsg(4549).to_wkt("WKT1_ESRI"), "EPSG:4549"),
        ("CGCS2000 / 3-degree Gauss-Kruger zone 40", "EPSG:4528"),
    ],
    ids=str,
)
def test_a_system_is_understood_in_the_ways_people_write_it(given, name):
    assert parse(given) == name


@pytest.mark.parametrize("given", ["", "mars", 999999, "EPSG:1", 5773, True, None, "+proj=aeqd +lat_0=31"], ids=str)
def test_what_is_not_understood_is_refused_with_a_list_of_what_is(given):
    with pytest.raises(CrsError, match=r"GCJ-02|geographic or projected"):
        parse(given)


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (120.86, 32.01, 4549),
        (118.4999, 30, 4548),
        (118.5, 30, 4549),
        (73.5, 39, 4534),
        (121.56, 25.04, 4550),
        (24.94, 60.17, 32635),
        (-70.0, -33.0, 32719),
        (180.0, 0.0, 32660),
    ],
    ids=["Nantong", "west of a zone's edge", "on a zone's edge", "Pamirs", "Taipei", "Helsinki", "south", "date line"],
)
def test_lengths_are_measured_in_the_zone_of_the_place(lon, lat, epsg):
    assert metric_epsg(lon, lat) == epsg


@pytest.mark.parametrize("place", [(200.0, 0.0), (0.0, 85.0), (0.0, -81.0), (float("nan"), 30.0)], ids=str)
def test_there_is_no_zone_off_the_globe_or_near_a_pole(place):
    with pytest.raises(CrsError, match="place"):
        metric_epsg(*place)


# --- transformations


@pytest.mark.parametrize(
    ("place", "zone", "width", "expected"),
    [
        ((120.2158, 30.2936), 40, 3, (520760.1990, 3352680.1240)),
        ((120.2158, 30.2936), 21, 6, (232105.0356, 3355945.3582)),
        ((114.0, 22.0), 38, 3, (500000.0, 2433800.4777)),
        ((114.0, 22.0), 20, 6, (190110.9943, 2436841.5282)),
        ((116.391, 39.9075), 39, 3, (447924.8618, 4419435.9646)),
        ((104.0668, 30.5728), 35, 3, (410478.6648, 3383983.2842)),
        ((87.6, 43.8), 29, 3, (548285.1151, 4851775.3027)),
    ],
    ids=["Hangzhou 3", "Hangzhou 6", "Hong Kong 3", "Hong Kong 6", "Beijing", "Chengdu", "Urumqi"],
)
@pytest.mark.parametrize("prefixed", [True, False], ids=["prefix", "no prefix"])
def test_worked_places_come_out_to_a_tenth_of_a_millimetre(place, zone, width, expected, prefixed):
    epsg = zone_epsg(zone, width, prefixed)
    x, y = from_wgs84(*place, epsg)
    assert (x - prefixed * zone * 1e6, y) == pytest.approx(expected, abs=1e-4)
    assert to_wgs84(x, y, epsg) == pytest.approx(place, abs=1e-10)


def test_numbers_give_numbers_and_sequences_give_arrays():
    assert all(type(value) is float for value in to_wgs84(520760.2, 3352680.1, 4549))
    lon, lat = to_wgs84([520760.2], pd.Series([3352680.1]), 4549)
    assert lon.shape == lat.shape == (1,)
    assert all(type(value) is float for value in from_wgs84(*HANGZHOU, "GCJ-02"))
    assert to_wgs84([], [], 4549)[0].shape == (0,)


@pytest.mark.parametrize("crs", [4549, 4490, "GCJ-02", "BD-09"])
def test_a_missing_coordinate_stays_missing_and_harms_no_other(crs):
    x, y = from_wgs84([np.nan, 120.2158], [30.0, 30.2936], crs)
    lon, lat = to_wgs84(x, y, crs)
    assert np.isnan(lon[0])
    assert (lon[1], lat[1]) == pytest.approx(HANGZHOU, abs=1e-9)


def test_coordinates_must_be_as_many_of_one_kind_as_of_the_other():
    with pytest.raises(InputError, match="2 x and 1 y"):
        to_wgs84([1.0, 2.0], [1.0], 4549)
    with pytest.raises(InputError, match="not numbers"):
        to_wgs84("a", "b", 4549)


def test_the_arrays_that_were_given_are_not_changed_or_handed_back():
    lon, lat = np.array([120.0]), np.array([30.0])
    out = to_wgs84(lon, lat, 4490)
    out[0][0] = 0.0
    assert lon[0] == 120.0


def test_latitude_given_first_is_refused_where_it_shows():
    with pytest.raises(CrsError, match="order of the axes"):
        to_wgs84(30.2936, 120.2158, 4326)
    with pytest.raises(CrsError, match="order of the axes"):
        to_wgs84(30.2936, 120.2158, "GCJ-02")


def test_metres_stated_as_degrees_are_refused():
    with pytest.raises(CrsError, match="520760"):
        to_wgs84(520760.2, 3352680.1, 4490)


def test_coordinates_that_no_place_has_are_counted_and_refused():
    with pytest.raises(CrsError, match="1 of 2 coordinates"):
        to_wgs84([520760.2, 1e30], [3352680.1, 1e30], 4549)


def test_taiwan_belgium_and_web_mercator_go_through_the_register():
    assert to_wgs84(306_973.0, 2_769_619.0, 3826) == pytest.approx((121.5645, 25.0338), abs=1e-3)
    assert to_wgs84(13382361.0, 0.0, 3857) == pytest.approx((13382361.0 / 20037508.342789244 * 180, 0.0), abs=1e-9)
    assert convert(3500000.0, 5000000.0, 3857, 4490) == convert(3500000.0, 5000000.0, 3857, 4326)


# --- datums


@pytest.mark.parametrize("datum", ["Xian 1980", "Beijing 1954"])
@pytest.mark.parametrize("target", [4490, 4326, 4549, 3857, "GCJ-02"], ids=str)
def test_an_old_datum_is_never_left_or_entered_without_parameters(datum, target):
    old = zone_epsg(40, datum=datum)
    for way in ((old, target), (target, old)):
        with pytest.raises(CrsError, match=f"{datum} are not public"):
            convert(120.0, 30.0, *way)


@pytest.mark.parametrize(("datum", "geographic"), [("Xian 1980", 4610), ("Beijing 1954", 4214)])
def test_within_an_old_datum_the_projection_alone_is_undone(datum, geographic):
    # the central meridian is exact on every ellipsoid
    lon, lat = convert(40500000.0, 3320000.0, zone_epsg(40, datum=datum), geographic)
    assert lon == pytest.approx(120.0, abs=1e-12)
    assert 29.9 < lat < 30.1
    assert convert(lon, lat, geographic, zone_epsg(40, datum=datum)) == pytest.approx((40500000.0, 3320000.0), abs=1e-6)


def test_the_two_old_datums_are_not_mixed_either():
    with pytest.raises(CrsError, match="Beijing 1954 and Xian 1980"):
        convert(120.0, 30.0, 4610, 4214)


def test_a_way_that_proj_only_guesses_is_refused():
    with pytest.raises(CrsError, match="no transformation"):
        convert(120.0, 30.0, 4018, 4326)


# --- GCJ-02 and BD-09


def test_the_worked_place_of_gcj02_and_bd09():
    assert from_wgs84(*HANGZHOU, "GCJ-02") == pytest.approx((120.220327670374, 30.291169938466), abs=1e-12)
    assert from_wgs84(*HANGZHOU, "BD-09") == pytest.approx((120.226789540530, 30.297357780526), abs=1e-12)


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09"])
def test_the_way_back_is_exact_all_over_china(system):
    random = np.random.default_rng(7)
    lon, lat = random.uniform(73.0, 135.5, 100_000), random.uniform(3.5, 54.0, 100_000)
    back = to_wgs84(*from_wgs84(lon, lat, system), system)
    assert np.max(GEOD.inv(lon, lat, *back)[2]) <= 1e-8


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09"])
def test_coordinates_found_back_are_those_that_were_asked(system):
    random = np.random.default_rng(8)
    lon, lat = random.uniform(75.0, 134.0, 50_000), random.uniform(18.0, 53.0, 50_000)
    again = from_wgs84(*to_wgs84(lon, lat, system), system)
    assert np.max(GEOD.inv(lon, lat, *again)[2]) <= 1e-8


def test_the_usual_one_step_way_back_errs_by_metres_and_ours_does_not():
    random = np.random.default_rng(9)
    lon, lat = random.uniform(75.0, 134.0, 50_000), random.uniform(19.0, 53.0, 50_000)
    x, y = from_wgs84(lon, lat, "GCJ-02")
    again = from_wgs84(x, y, "GCJ-02")
    one_step = GEOD.inv(lon, lat, 2 * x - again[0], 2 * y - again[1])[2]
    assert np.max(one_step) > 1.0
    assert np.max(GEOD.inv(lon, lat, *to_wgs84(x, y, "GCJ-02"))[2]) < 1e-8


def test_gcj02_moves_places_in_china_by_twenty_to_seven_hundred_metres():
    random = np.random.default_rng(0)
    lon, lat = random.uniform(75.0, 134.0, 50_000), random.uniform(19.0, 53.0, 50_000)
    distance = GEOD.inv(lon, lat, *from_wgs84(lon, lat, "GCJ-02"))[2]
    assert 15 < distance.min() < 30
    assert 690 < distance.max() < 710


@pytest.mark.parametrize("place", [(24.94, 60.17), (-122.4, 37.8), (72.0, 35.0), (137.84, 35.0), (120.0, 0.8)], ids=str)
def test_outside_chinas_box_gcj02_is_wgs84(place):
    assert from_wgs84(*place, "GCJ-02") == place
    assert to_wgs84(*place, "GCJ-02") == place


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09"])
def test_places_just_inside_the_rim_of_the_box_are_found_back(system):
    lon = np.array([72.0041, 137.8346, 100.0, 100.0, 72.0041])
    lat = np.array([40.0, 40.0, 0.8294, 55.8270, 55.8270])
    back = to_wgs84(*from_wgs84(lon, lat, system), system)
    assert np.max(GEOD.inv(lon, lat, *back)[2]) <= 1e-8


def test_on_the_meridian_where_the_formula_folds_the_way_back_stays_within_a_micrometre():
    lon, lat = np.full(200, 105.0), np.linspace(20, 50, 200)
    back = to_wgs84(*from_wgs84(lon, lat, "GCJ-02"), "GCJ-02")
    assert np.max(GEOD.inv(lon, lat, *back)[2]) < 1e-6


# --- tables


def test_wgs84_degrees_enter_the_record_to_the_last_digit():
    table = layer(shapely.Point(120.123456789012345, 32.0), crs=4326, name=["x"])
    table.attrs["reading"] = {"source": "x.geojson"}
    record = to_record(table)
    assert record.crs.to_epsg() == 4490
    assert record.geometry[0].equals_exact(table.geometry[0], 0)
    assert record.attrs == table.attrs
    assert table.crs.to_epsg() == 4326


def test_a_gcj02_layer_that_calls_itself_wgs84_is_read_as_stated():
    true = layer(shapely.Point(*HANGZHOU))
    wrong = shifted(true, "GCJ-02").set_crs(4326, allow_override=True)
    back = to_record(wrong, "gcj02")
    assert back.geometry[0].distance(true.geometry[0]) < 1e-13
    assert back.crs.to_epsg() == 4490


def test_rows_columns_index_and_heights_stay_on_the_way_into_the_record():
    table = gpd.GeoDataFrame(
        {"name": ["a", None]}, geometry=[shapely.Point(520760.199, 3352680.124, 7.5), None], crs=4549, index=[5, 3]
    ).rename_geometry("place")
    record = to_record(table)
    assert record.index.tolist() == [5, 3]
    assert list(record.columns) == ["name", "place"]
    assert record.geometry[5].z == 7.5
    assert (record.geometry[5].x, record.geometry[5].y) == pytest.approx(HANGZHOU, abs=1e-8)
    assert record.geometry[3] is None


def test_a_table_that_does_not_say_its_system_is_refused():
    with pytest.raises(CrsError, match="does not say"):
        to_record(layer(shapely.Point(1, 1), crs=None))


def test_an_old_datums_table_does_not_enter_the_record():
    with pytest.raises(CrsError, match="CGCS2000"):
        to_record(layer(shapely.Point(40500000, 3320000), crs=2364))


@pytest.mark.parametrize(("lon", "lat"), [(120.0, 32.0), (121.2, 32.0), (87.6, 43.8), (24.9, 60.2)], ids=str)
def test_areas_in_metres_agree_with_those_on_the_ellipsoid(lon, lat):
    square = layer(shapely.box(lon, lat, lon + 0.01, lat + 0.01).segmentize(0.001))
    true = abs(GEOD.geometry_area_perimeter(square.geometry[0])[0])
    assert to_metric(square).area[0] == pytest.approx(true, rel=1.2e-3)


def test_an_old_datums_table_is_measured_on_its_own_datum():
    assert to_metric(layer(shapely.Point(40500000, 3320000), crs=2364)).crs.to_epsg() == 2364
    assert to_metric(layer(shapely.Point(120, 30), crs=4610)).crs.to_epsg() == 2385


def test_without_any_geometry_there_is_no_place_to_measure_in():
    with pytest.raises(CrsError, match="without any geometry"):
        to_metric(layer())


def test_threads_may_share_the_transformations():
    found: list[tuple[float, float]] = []
    threads = [threading.Thread(target=lambda: found.append(to_wgs84(520760.199, 3352680.124, 4549))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert found[0] == pytest.approx(HANGZHOU, abs=1e-8)


def test_nothing_here_warns_on_the_way():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(from_wgs84([np.nan], [np.nan], "BD-09")[0]).all()


@pytest.mark.parametrize("epsg", [2364, 2385, 4610, 2416, 2437, 4214, 21421, 4555])
def test_every_door_out_of_an_old_datum_is_shut(epsg, tmp_path):
    bounds = (120.2, 30.2, 120.201, 30.201) if epsg > 4000 and epsg < 5000 else (520700, 3352700, 520800, 3352800)
    table = gpd.GeoDataFrame({"id": ["1"]}, geometry=[shapely.box(*bounds)], crs=epsg)
    doors = [
        lambda: to_record(table),
        lambda: to_system(table, 4549),
        lambda: convert_shapes(table.geometry, epsg, 4490),
        lambda: to_wgs84(*bounds[:2], epsg),
        lambda: from_wgs84(120.2, 30.2, epsg),
        lambda: formats.write(table, tmp_path / "a.geojson"),
    ]
    for door in doors:
        with pytest.raises(CrsError, match="changes the datum"):
            door()


def test_degrees_of_a_datum_without_known_zones_are_no_metres():
    table = gpd.GeoDataFrame(geometry=[shapely.box(120.2, 30.2, 120.201, 30.201)], crs=4555)
    with pytest.raises(CrsError, match="degrees of New Beijing"):
        to_metric(table)
