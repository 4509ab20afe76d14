"""Which system coordinates are in: zones by the number before the easting, the head, the user or the territory."""

from __future__ import annotations

import geopandas
import pytest
import shapely

from gridmap.crs import zone_epsg, zone_of
from gridmap.errors import CrsError, FormatError
from gridmap.formats.parcels import read_parcels
from tests.parcel_files import EAST, NORTH, exchange, square

PLAIN = square(east=520_700.0)
#: A box around the square, in degrees: Hangzhou.
HANGZHOU = geopandas.GeoDataFrame(geometry=[shapely.box(120.1, 30.2, 120.4, 30.4)], crs=4490)

#: Longitude, latitude, 3-degree and 6-degree zone, and the northings and eastings (the zone left out) in both.
WORKED = {
    "Hangzhou": (40, 21, (3352680.1240, 520760.1990), (3355945.3582, 232105.0356)),
    "Shenzhen": (38, 20, (2433800.4777, 500000.0), (2436841.5282, 190110.9943)),
    "Beijing": (39, 20, (4419435.9646, 447924.8618), (4419435.9646, 447924.8618)),
    "Chengdu": (35, 18, (3383983.2842, 410478.6648), (3383983.2842, 410478.6648)),
}


@pytest.fixture
def read(tmp_path):
    def reading(text, **options):
        path = tmp_path / "a.txt"
        path.write_text(text, encoding="gbk", newline="")
        return read_parcels(path, **options)

    return reading


@pytest.fixture
def refused(read):
    def code(text, **options):
        with pytest.raises(FormatError) as refusal:
            read(text, **options)
        first = refusal.value.values["faults"][0]
        return first["code"], first["line"], first["message"]

    return code


# --- the zone


@pytest.mark.parametrize("place", WORKED)
@pytest.mark.parametrize("width", [3, 6])
@pytest.mark.parametrize("prefixed", [True, False], ids=["prefix", "no prefix"])
@pytest.mark.parametrize(
    ("datum", "said"),
    [("CGCS2000", "2000国家大地坐标系"), ("Xian 1980", "1980西安坐标系"), ("Beijing 1954", "1954北京坐标系")],
    ids=["2000", "1980", "1954"],
)
def test_each_worked_place_is_read_in_its_zone(read, place, width, prefixed, datum, said):
    three, six, *places = WORKED[place]
    zone, (north, east) = (three, places[0]) if width == 3 else (six, places[1])
    points = square(north=north, east=east + prefixed * zone * 1_000_000)
    reading = read(exchange(points, 坐标系=said, 几度分带=str(width), 带号=None if prefixed else str(zone)))
    assert reading.epsg == zone_epsg(zone, width, prefixed, datum)
    assert reading.datum == datum


@pytest.mark.parametrize("datum", ["CGCS2000", "Xian 1980", "Beijing 1954"])
def test_every_zone_is_found_again_from_its_code(datum):
    for width, numbers in ((3, range(25, 46)), (6, range(13, 24))):
        for number in numbers:
            for prefixed in (True, False):
                zone = zone_of(zone_epsg(number, width, prefixed, datum))
                assert (zone.datum, zone.number, zone.width, zone.prefixed) == (datum, number, width, prefixed)
                assert zone.meridian == (3 * number if width == 3 else 6 * number - 3)


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ({"带号": "39"}, "W_HEADER_ZONE_CONTRADICTS_PREFIX"),
        ({"几度分带": "6"}, "W_HEADER_WIDTH_CONTRADICTS_PREFIX"),
        ({"中央子午线": "117"}, "W_HEADER_ZONE_CONTRADICTS_PREFIX"),
    ],
    ids=["zone", "width", "meridian"],
)
def test_the_number_before_the_easting_counts_whatever_the_head_says(read, head, code):
    reading = read(exchange(**head))
    assert (reading.epsg, reading.warnings["code"].tolist()) == (4528, [code])
    assert reading.warnings["line"][0] > 1


@pytest.mark.parametrize(
    ("head", "epsg"),
    [
        ({}, 4549),
        ({"带号": None, "中央子午线": "120"}, 4549),
        ({"带号": None, "中央子午线": "117°", "几度分带": "6度带"}, 4509),
        ({"带号": "20", "几度分带": "6"}, 4509),
        ({"带号": "20", "几度分带": None}, 4509),
    ],
    ids=["zone", "meridian", "meridian of 6 degrees", "6 degrees", "number alone"],
)
def test_the_head_tells_the_zone_of_plain_eastings(read, head, epsg):
    assert read(exchange(PLAIN, **head)).epsg == epsg


def test_plain_eastings_that_nothing_tells_the_zone_of_are_refused(refused):
    code, line, message = refused(exchange(PLAIN, 带号=None))
    assert (code, line) == ("E_ZONE_UNKNOWN", 11)
    assert "--within" in message


def test_the_territory_tells_the_zone_of_plain_eastings(read):
    reading = read(exchange(PLAIN, 带号=None), within=HANGZHOU)
    assert reading.epsg == 4549
    assert "120" in reading.decided.set_index("what").loc["zone", "why"]


def test_a_territory_of_several_zones_tells_nothing(refused):
    wide = geopandas.GeoDataFrame(geometry=[shapely.box(110, 29, 125, 32)], crs=4490)
    assert refused(exchange(PLAIN, 带号=None), within=wide)[0] == "E_ZONE_UNKNOWN"


@pytest.mark.parametrize("zone", ["38", "39", "41"])
def test_a_wrong_central_meridian_is_caught_against_the_territory(refused, zone):
    code, _, message = refused(exchange(PLAIN, 带号=zone), within=HANGZHOU)
    assert code == "E_OUTSIDE_TERRITORY"
    assert "with 120 they would" in message


def test_a_wrong_prefix_is_caught_against_the_territory(refused):
    points = square(east=39_520_700.0)
    assert refused(exchange(points, 带号="39"), within=HANGZHOU)[0] == "E_OUTSIDE_TERRITORY"


@pytest.mark.parametrize("said", ["1980西安坐标系", "1954北京坐标系"])
def test_a_wrong_meridian_is_caught_on_old_datums_too(read, refused, said):
    assert refused(exchange(PLAIN, 坐标系=said, 带号="39"), within=HANGZHOU)[0] == "E_OUTSIDE_TERRITORY"
    assert read(exchange(PLAIN, 坐标系=said), within=HANGZHOU).warnings["code"].tolist() == ["W_DATUM_NEEDS_PARAMETERS"]


def test_parcels_that_reach_beyond_the_territory_are_warned_of(read):
    # the square's west side lies at 120.2152: half of its points are in
    half = geopandas.GeoDataFrame(geometry=[shapely.box(120.1, 30.2, 120.2157, 30.4)], crs=4490)
    assert read(exchange(), within=half).warnings["code"].tolist() == ["W_OUTSIDE_TERRITORY"]
    assert read(exchange(), within=HANGZHOU).warnings.empty


@pytest.mark.parametrize(("beyond", "told"), [(0.4, []), (0.6, ["W_OUTSIDE_TERRITORY"]), (2, ["W_OUTSIDE_TERRITORY"])])
def test_a_border_is_not_crossed_by_less_than_its_own_error(read, beyond, told):
    # the square is 100 m wide from EAST on; the territory ends before its east side
    ground = shapely.box(EAST - 900, NORTH - 900, EAST + 100 - beyond, NORTH + 900)
    warnings = read(exchange(), within=geopandas.GeoDataFrame(geometry=[ground], crs=4528)).warnings
    assert warnings["code"].tolist() == told
    assert all(f"by up to {beyond:.1f} m" in message for message in warnings["message"])


@pytest.mark.parametrize(
    ("beside", "codes"), [(0, ["W_OUTSIDE_TERRITORY"]), (200, ["W_OUTSIDE_TERRITORY"]), (400, ["E_OUTSIDE_TERRITORY"])]
)
def test_a_parcel_beside_the_border_is_told_and_its_zone_is_found(read, refused, beside, codes):
    ground = shapely.box(EAST - 9000, NORTH - 9000, EAST - beside - 0.001, NORTH + 9000)
    within = geopandas.GeoDataFrame(geometry=[ground], crs=4528)
    if codes[0].startswith("E"):
        assert refused(exchange(), within=within)[0] == codes[0]
        assert refused(exchange(PLAIN, 带号=None), within=within)[0] == "E_ZONE_UNKNOWN"
    else:
        assert read(exchange(), within=within).warnings["code"].tolist() == codes
        assert read(exchange(PLAIN, 带号=None), within=within).epsg == 4549


def test_a_territory_that_does_not_say_its_system_is_refused(read):
    with pytest.raises(CrsError, match="does not say"):
        read(exchange(), within=HANGZHOU.set_crs(None, allow_override=True))


@pytest.mark.parametrize(
    ("points", "line"),
    [
        ([*square()[:2], *square(east=39_520_700.0)[2:4]], 14),
        ([*square()[:3], *PLAIN[3:4]], 15),
    ],
    ids=["two zones", "with and without"],
)
def test_points_of_several_zones_are_refused(refused, points, line):
    assert refused(exchange(points))[:2] == ("E_MIXED_ZONE", line)


@pytest.mark.parametrize("zone", ["24", "12", "46", "0"])
def test_a_zone_that_china_has_not_is_refused(refused, zone):
    assert refused(exchange(PLAIN, 带号=zone))[0] == "E_ZONE_UNKNOWN"


def test_the_number_24_before_an_easting_is_no_zone(refused):
    assert refused(exchange(square(east=24_520_700.0)))[0] == "E_ZONE_UNKNOWN"


# --- ranges


@pytest.mark.parametrize(
    ("east", "fits"),
    [(40_664_000.0, True), (40_666_000.0, False), (40_336_000.0, True), (40_334_000.0, False)],
    ids=["164 km", "166 km", "-164 km", "-166 km"],
)
def test_eastings_lie_within_165_km_of_a_three_degree_meridian(read, refused, east, fits):
    points = square(east=east)
    if fits:
        assert read(exchange(points)).epsg == 4528
    else:
        assert refused(exchange(points))[:2] == ("E_RANGE", 12)


@pytest.mark.parametrize(("east", "fits"), [(21_838_000.0, True), (21_842_000.0, False)], ids=["338 km", "342 km"])
def test_eastings_lie_within_340_km_of_a_six_degree_meridian(read, refused, east, fits):
    text = exchange(square(east=east), 几度分带="6", 带号="21")
    assert read(text).epsg == 4499 if fits else refused(text)[0] == "E_RANGE"


@pytest.mark.parametrize(
    ("point", "hint"),
    [
        ("J2,1,3352700.000,-40520800.000", "is no place"),
        ("J2,1,3352700000,40520800000", "millimetres"),
        ("J2,1,301736.96,1201256.88", "minutes and seconds"),
        ("J1,1,3352700.000,3352700.000", "closing line repeats"),
        ("J2,1,0,0", "is no place"),
    ],
    ids=["west", "millimetres", "sexagesimal", "an exporter's closing line", "nothing"],
)
def test_points_that_are_no_places_are_refused_with_what_they_look_like(refused, point, hint):
    code, line, message = refused(exchange([*square()[:4], point]))
    assert (code, line) == ("E_RANGE", 16)
    assert hint in message


def test_a_single_point_of_swapped_axes_is_refused(refused):
    points = square()
    points[2] = f"J3,1,{EAST + 100},{NORTH + 66.667}"
    assert refused(exchange(points))[:2] == ("E_RANGE", 14)


# --- degrees


@pytest.mark.parametrize(
    ("form", "order"), [("{1},{0}", "lat_lon"), ("{0},{1}", "lon_lat")], ids=["latitude first", "longitude first"]
)
def test_degrees_without_a_head_are_told_by_their_ranges(read, form, order):
    places = [(120.2158001, 30.2936001), (120.2168001, 30.2936001), (120.2168001, 30.2946001)]
    rows = [f"J{at},1," + form.format(*place) for at, place in enumerate(places)]
    reading = read("\n".join(["3,0,D,组,面,,,,@", *rows, rows[0]]))
    assert (reading.epsg, reading.axis_order, reading.unit) == (4490, order, "degree")
    assert reading.parcels.geometry[0].bounds[0] == 120.2158001
    assert reading.warnings["code"].tolist() == ["W_DATUM_ASSUMED"]


def test_shifted_degrees_are_set_right_where_the_user_says_so(read):
    # the worked place of the shift: 120.2158, 30.2936 is drawn at 120.220327670374, 30.291169938466
    rows = [
        f"J{at},1,{30.291169938466 + up},{120.220327670374 + right}"
        for at, up, right in ((1, 0, 0), (2, 0, 0.001), (3, 0.001, 0.001))
    ]
    reading = read("\n".join(["3,0,D,组,面,,,,@", *rows, rows[0]]), crs="GCJ-02")
    assert reading.epsg == 4326
    assert reading.points[["y_east", "x_north"]].iloc[0].tolist() == pytest.approx([120.2158, 30.2936], abs=1e-9)


# --- the datum


@pytest.mark.parametrize(
    "said",
    ["2000国家大地坐标系", "CGCS2000", "CGCS2000坐标系", "国家2000大地坐标系", "２０００国家大地坐标系", "WGS84坐标系"],
    ids=str,
)
def test_the_datum_of_today_goes_by_many_names(read, said):
    reading = read(exchange(坐标系=said))
    assert (reading.epsg, reading.warnings.empty) == (4528, True)


@pytest.mark.parametrize(
    ("said", "epsg"),
    [
        ("80国家大地坐标系", 2364),
        ("1980西安坐标系", 2364),
        ("西安80坐标系", 2364),
        ("1954北京坐标系", 2416),
        ("北京54坐标系", 2416),
    ],
    ids=str,
)
def test_old_datums_are_read_and_left_alone(read, said, epsg):
    reading = read(exchange(坐标系=said))
    assert (reading.epsg, reading.warnings["code"].tolist()) == (epsg, ["W_DATUM_NEEDS_PARAMETERS"])
    assert reading.parcels.geometry[0].bounds[:2] == (EAST, NORTH)


@pytest.mark.parametrize("said", ["杭州2000坐标系", "地方独立坐标系", "新北京54", "月球"], ids=str)
def test_local_systems_are_no_datum_of_the_nation(refused, said):
    assert refused(exchange(坐标系=said))[:2] == ("E_DATUM_UNKNOWN", 3)


def test_a_text_that_says_no_datum_is_refused(refused, read):
    assert refused(exchange(坐标系=None))[0] == "E_DATUM_UNKNOWN"
    assert read(exchange(坐标系=None), crs=4528).epsg == 4528


@pytest.mark.parametrize("unit", ["英尺", "海里"], ids=str)
def test_other_units_than_metres_and_degrees_are_refused(refused, unit):
    assert refused(exchange(计量单位=unit))[:2] == ("E_UNIT_UNKNOWN", 6)


# --- what the user says


@pytest.mark.parametrize(
    ("points", "crs"),
    [(None, 4527), (None, 4549), (None, 2364), (None, 4490), (PLAIN, 4528), (None, "GCJ-02"), (None, "nonsense")],
    ids=["zone", "prefix", "datum", "degrees", "no prefix", "shift", "nothing"],
)
def test_what_the_user_says_may_not_contradict_the_file(refused, points, crs):
    assert refused(exchange(points), crs=crs)[0] in {"E_CRS_CONTRADICTION", "E_CRS_UNKNOWN"}


@pytest.mark.parametrize(("crs", "epsg"), [(4549, 4549), ("EPSG:4550", 4550), ("4509", 4509)], ids=str)
def test_the_user_tells_the_zone_of_plain_eastings(read, crs, epsg):
    assert read(exchange(PLAIN, 带号=None, 几度分带=None), crs=crs).epsg == epsg


def test_a_system_of_another_country_is_taken_as_stated(read):
    rows = ["J1,1,2769000,302000", "J2,1,2769000,302010", "J3,1,2769010,302010", "J1,1,2769000,302000"]
    reading = read(exchange(rows, 坐标系=None, 带号=None), crs=3826)
    assert (reading.epsg, reading.axis_order) == (3826, "north_east")
    assert reading.parcels["area_m2"][0] == pytest.approx(50)
