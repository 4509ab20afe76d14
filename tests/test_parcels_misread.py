"""Readings that would look right and be wrong: each is warned of or refused, with its line."""

from __future__ import annotations

import re
from pathlib import Path

import ezdxf
import geopandas
import openpyxl
import pandas as pd
import pytest
import shapely

from gridmap.errors import FormatError
from gridmap.formats.parcels import read_parcels, words
from tests.parcel_files import EAST, NORTH, PARCEL, exchange, square

PLAIN = square(east=520_700.0)
TITLE = "坐标系,2000国家大地坐标系"
ROWS = ["J1,3352700,40520700", "J2,3352700,40520710", "J3,3352710,40520710", "J1,3352700,40520700"]
TABLE = [TITLE, "点号,X,Y", *ROWS]


@pytest.fixture
def told(tmp_path):
    """What is told of a file: code and line of each warning, or of each fault of a refusal."""

    def codes(text, ending="txt", **options):
        path = tmp_path / f"a.{ending}"
        path.write_text("\n".join(text) if isinstance(text, list) else text, encoding="utf-8", newline="")
        return _told(path, **options)

    return codes


@pytest.fixture
def layer(tmp_path):
    def codes(bounds, crs):
        table = geopandas.GeoDataFrame({"id": ["1"]}, geometry=[shapely.box(*bounds)], crs=crs)
        table.to_file(tmp_path / "a.gpkg")
        return _told(tmp_path / "a.gpkg")

    return codes


def _told(path, **options):
    try:
        warnings = read_parcels(path, **options).warnings
    except FormatError as refusal:
        return [(fault["code"], fault["line"]) for fault in refusal.values["faults"]]
    return [(row.code, None if pd.isna(row.line) else row.line) for row in warnings.itertuples()]


# --- which zone


def test_a_meridian_that_no_zone_of_the_said_width_has_is_refused(told):
    text = exchange(PLAIN, 带号=None, 几度分带="6", 中央子午线="120")
    assert told(text) == [("E_ZONE_UNKNOWN", 9)]
    assert told(text, crs=4549) == []


@pytest.mark.parametrize(
    ("head", "line"), [({}, 7), ({"带号": None, "中央子午线": "120"}, 9)], ids=["zone", "meridian"]
)
def test_a_zone_that_the_user_states_may_not_contradict_the_head(told, head, line):
    assert told(exchange(PLAIN, **head), crs=4550) == [("E_CRS_CONTRADICTION", line)]
    assert told(exchange(PLAIN, **head), crs=4549) == []


def test_the_user_decides_where_the_head_contradicts_itself(told):
    assert told(exchange(PLAIN, 中央子午线="117"), crs=4549) == []
    assert told(exchange(PLAIN, 中央子午线="117"), crs=4550) == []


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("带号", "39", 23),
        ("坐标系", "1980西安坐标系", 19),
        ("几度分带", "6", 20),
        ("计量单位", "度", 22),
        ("转换参数", "1,2,3,0,0,0,0", 25),
    ],
    ids=["zone", "datum", "width", "unit", "parameters"],
)
def test_files_of_two_systems_put_into_one_are_refused(told, key, value, line):
    both = exchange(PLAIN) + exchange(PLAIN, parcel=PARCEL.replace("DK001", "DK002"), **{key: value})
    assert told(both) == [("E_HEAD_MIXED", line)]


def test_files_of_one_system_may_be_put_into_one_whatever_they_call_it(told):
    other = exchange(parcel=PARCEL.replace("DK001", "DK002"), 坐标系="CGCS2000", 几度分带="3度带")
    assert told(exchange() + other) == []


@pytest.mark.parametrize(("first", "second"), [("", "40"), ("40", "")], ids=["first", "second"])
def test_a_head_that_leaves_a_key_blank_contradicts_none(told, first, second):
    other = exchange(parcel=PARCEL.replace("DK001", "DK002"), 带号=second)
    assert told(exchange(带号=first) + other) == []


def test_tables_of_two_systems_in_one_file_are_refused(told):
    assert told([*TABLE, "坐标系,1980西安坐标系", "宗地代码,2", *TABLE[1:]], "csv") == [("E_HEAD_MIXED", 7)]
    assert told([*TABLE, TITLE, "宗地代码,2", *TABLE[1:]], "csv") == []


# --- which axis, which unit


@pytest.mark.parametrize(
    ("bounds", "crs", "codes"),
    [
        ((520700, 3352700, 520800, 3352800), 32650, []),
        ((3352700, 520700, 3352800, 520800), 32650, [("W_AXIS_SWAPPED", 1)]),
        ((40520700, 3352700, 40520800, 3352800), 32650, [("E_RANGE", 1)]),
        ((302000, 2769000, 302100, 2769100), 3826, []),
        ((2769000, 302000, 2769100, 302100), 3826, [("W_AXIS_SWAPPED", 1)]),
        ((13382500, 3544200, 13382600, 3544300), 3857, []),
        ((40520700, 3352700, 40520800, 3352800), 3857, [("E_RANGE", 1)]),
        ((120.2152001, 30.2936001, 120.2162001, 30.2946001), 3857, [("E_RANGE", 1)]),
        ((30.2936001, 120.2152001, 30.2946001, 120.2162001), 4490, [("W_AXIS_SWAPPED", 1)]),
        ((179.9912345, -16.5012345, 179.9962345, -16.5002345), 4326, []),
    ],
    ids=[
        *("UTM", "UTM, north first", "zone 40 called UTM", "Taiwan", "Taiwan, north first", "web"),
        *("zone 40 called web", "degrees called web", "latitude first", "the other side of the world"),
    ],
)
def test_a_system_of_the_register_is_held_against_where_it_is_used(layer, bounds, crs, codes):
    assert layer(bounds, crs) == codes


def test_x_of_another_countrys_table_may_be_east_which_is_told(told):
    rows = [line.replace("40520", "520") for line in TABLE[1:]]
    assert told(rows, "csv", crs=32650) == []
    assert told([row.replace("X,Y", "Y,X") for row in rows], "csv", crs=32650) == [("W_AXIS_SWAPPED", 2)]


def test_a_kml_with_latitudes_first_is_told(told):
    places = "30.2936001,120.2158001 30.2936001,120.2168001 30.2946001,120.2168001 30.2936001,120.2158001"
    ring = f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{places}</coordinates></LinearRing></outerBoundaryIs>"
    text = f"<kml>\n<Placemark>\n{ring}</Polygon></Placemark></kml>"
    assert told(text, "kml") == [("W_AXIS_SWAPPED", 3), ("W_POSSIBLY_SHIFTED", None)]


DEGREES = ["J1,1,30.2936001,120.2158001", "J2,1,30.2936001,120.2168001", "J3,1,30.2946001,120.2168001"]
MINUTES = ["J1,1,30.1736961,120.1256881", "J2,1,30.1736961,120.1300461", "J3,1,30.1740561,120.1300461"]


@pytest.mark.parametrize(
    ("points", "unit", "codes"),
    [
        (None, "度", [("W_UNIT_CONTRADICTS_NUMBERS", 6)]),
        ([*DEGREES, DEGREES[0]], "米", [("W_UNIT_CONTRADICTS_NUMBERS", 6)]),
        ([*DEGREES, DEGREES[0]], "度", []),
        (None, None, []),
    ],
    ids=["metres", "degrees", "degrees as said", "nothing said"],
)
def test_a_unit_that_the_numbers_contradict_is_told(told, points, unit, codes):
    text = exchange(points, 计量单位=unit, parcel=PARCEL.replace("0.6667", ""))
    assert told(text) == codes


def test_degrees_whose_digits_could_be_minutes_and_seconds_are_told(told):
    head = {"计量单位": "度", "parcel": PARCEL.replace("0.6667", "")}
    assert told(exchange([*MINUTES, MINUTES[0]], **head)) == [("W_POSSIBLY_SEXAGESIMAL", 12)]
    # one pair of digits beyond sixty tells: 75 seconds, or 61 minutes
    for other in ("120.1375461", "120.6100461"):
        tampered = MINUTES[1].replace("120.1300461", other)
        assert told(exchange([MINUTES[0], tampered, MINUTES[2], MINUTES[0]], **head)) == []


@pytest.mark.parametrize(
    ("decimals", "told_of"), [(0, True), (3, True), (4, False)], ids=["whole seconds", "milliseconds", "finer"]
)
def test_seconds_with_too_few_decimals_are_told(told, decimals, told_of):
    def angle(degree, second):
        return f"{degree}°12′{second:.{decimals}f}″"

    places = [(36.12345, 12.12345), (36.12345, 17.54321), (39.54321, 17.54321), (36.12345, 12.12345)]
    rows = [f"J{at},{angle(120, lon)},{angle(30, lat)}" for at, (lat, lon) in enumerate(places)]
    assert (("W_TOO_FEW_DECIMALS", None) in told(["点号,经度,纬度", *rows], "csv")) == told_of


def test_degrees_of_a_text_with_too_few_decimals_are_told(told):
    rows = [line[:-2].replace("001,", ",") for line in [*DEGREES, DEGREES[0]]]
    text = exchange(rows, 计量单位="度", parcel=PARCEL.replace("0.6667", ""))
    assert ("W_TOO_FEW_DECIMALS", None) in told(text)


# --- both languages

CODES = sorted(
    {
        code
        for path in {*Path(words.__file__).parent.glob("*.py")} - {Path(words.__file__)}
        for code in re.findall(r'"([EW]_[A-Za-z0-9_]+)"', path.read_text(encoding="utf-8"))
    }
)


@pytest.mark.parametrize("code", CODES)
def test_every_warning_and_refusal_has_its_chinese(code):
    assert re.search("[\u4e00-\u9fff]", words.CHINESE[code])


def test_warnings_and_refusals_are_told_in_both_languages(tmp_path):
    (tmp_path / "a.txt").write_text(exchange(parcel=PARCEL.replace("5,0.6667", "9,0.7777")), encoding="gbk")
    warnings = read_parcels(tmp_path / "a.txt").warnings
    assert warnings["message"].str.isascii().all()
    assert warnings["message_zh"].tolist() == [
        "所述界址点数为9，实有5行",
        "所述面积7777.00平方米，图形面积6666.70平方米，二者不符",
    ]
    (tmp_path / "a.txt").write_text(exchange(计量单位="尺"), encoding="gbk")
    with pytest.raises(
        FormatError, match=r"E_UNIT_UNKNOWN, line 6: the unit '尺' is not known.*；计量单位不明，应为米或度"
    ):
        read_parcels(tmp_path / "a.txt")


# --- corners that are lost


def test_a_corner_without_coordinates_is_refused_and_rows_numbered_in_advance_are_not(told):
    assert told([*TABLE[:3], "J9,,", *TABLE[3:]], "csv") == [("E_NUMBER", 4)]
    assert told([*TABLE, "J9,,", "J10,,"], "csv") == []
    assert told([*TABLE[:2], "J0,,", *TABLE[2:]], "csv") == []
    assert told([*TABLE, "J9,,", "宗地代码,2", *TABLE[1:]], "csv") == []


def test_two_halves_of_a_page_side_by_side_are_refused(told):
    assert told([TITLE, "点号,X,Y,点号,X,Y", "J1,3352700,40520700,J4,3352720,40520710"], "csv") == [
        ("E_COLUMNS_TWICE", 2)
    ]


@pytest.mark.parametrize("heading", ["N,X,Y", "No,X,Y", "点号,X,Y,N", "序号,X,Y"], ids=str)
def test_a_bare_letter_is_a_coordinate_only_where_nothing_plainer_is(told, heading):
    assert told([TITLE, heading, *ROWS], "csv") == []


def test_a_point_is_called_by_its_number_and_not_by_that_of_its_row(tmp_path):
    rows = [f"{at},{row}" for at, row in enumerate(ROWS, 1)]
    (tmp_path / "a.csv").write_text("\n".join([TITLE, "序号,点号,X,Y", *rows]))
    assert read_parcels(tmp_path / "a.csv").points["name"].tolist() == ["J1", "J2", "J3"]


@pytest.mark.parametrize(
    ("number", "codes"),
    [("4.052E+07", [("E_NUMBER", 4)]), ("4.0520710E+07", [("E_NUMBER", 4)]), ("4.052071000E+07", [])],
    ids=["thousands", "metres", "centimetres"],
)
def test_numbers_that_a_spreadsheet_cut_are_refused(told, number, codes):
    assert told([*TABLE[:3], f"J2,3352700,{number}", *TABLE[4:]], "csv") == codes


def test_a_name_that_two_points_of_a_ring_have_is_told(told):
    points = square()
    points[2] = points[2].replace("J3", "J2")
    assert told(exchange(points)) == [("W_POINT_NAME_REPEATED", 14)]
    # each ring may count its own, and points without names have none
    hole = ["J1,2,3352720,40520720", "J2,2,3352720,40520740", "J3,2,3352740,40520740", "J1,2,3352720,40520720"]
    assert told(exchange([*square(), *hole], parcel="9,0,D,组,面,,,,@")) == []
    assert told(exchange(["," + line.partition(",")[2] for line in square()])) == []


# --- what nobody sees


def test_a_hidden_sheet_is_told_and_one_sheet_can_be_named(tmp_path):
    book = openpyxl.Workbook()
    for name, state in (("新", "visible"), ("旧", "hidden")):
        sheet = book.create_sheet(name)
        for row in TABLE:
            sheet.append(row.split(","))
        sheet.sheet_state = state
    book.save(tmp_path / "a.xlsx")
    assert _told(tmp_path / "a.xlsx") == [("W_HIDDEN", 1)]
    assert _told(tmp_path / "a.xlsx", sublayer="新") == []
    assert _told(tmp_path / "a.xlsx", sublayer="无") == [("E_NO_SUBLAYER", None)]


def test_a_layer_of_a_drawing_that_is_off_is_told_and_one_layer_can_be_named(tmp_path):
    document = ezdxf.new()
    for name, x in (("JZD", EAST), ("OLD", EAST + 50), ("ICE", EAST + 90)):
        document.layers.add(name)
        ring = [(x, NORTH), (x + 10, NORTH), (x + 10, NORTH + 10)]
        document.modelspace().add_lwpolyline(ring, close=True, dxfattribs={"layer": name})
    document.layers.get("OLD").off()
    document.layers.get("ICE").freeze()
    document.saveas(tmp_path / "a.dxf")
    assert _told(tmp_path / "a.dxf", crs=4528) == [("W_HIDDEN", None), ("W_HIDDEN", None)]
    reading = read_parcels(tmp_path / "a.dxf", crs=4528, sublayer="JZD")
    assert (reading.parcels["name"].tolist(), reading.warnings.empty) == (["JZD"], True)
    assert _told(tmp_path / "a.dxf", sublayer="无") == [("E_NO_SUBLAYER", None)]


@pytest.mark.parametrize("ending", ["txt", "csv", "kml"])
def test_a_layer_of_a_file_that_has_none_is_refused(told, ending):
    assert told(exchange(), ending, sublayer="JZD") == [("E_NO_SUBLAYER", None)]


# --- areas and signs


def test_an_area_of_one_is_in_the_unit_that_fits_best(told):
    # a square of 25.82 m is one mu, which is a hectare to the digit too
    ring = [f"J{at},1,{NORTH + up},{EAST + right}" for at, up, right in ((1, 0, 0), (2, 0, 25.82), (3, 25.82, 25.82))]
    text = exchange([*ring, f"J4,1,{NORTH + 25.82},{EAST}", ring[0]], parcel="5,1,D,组,面,,,,@")
    assert told(text) == [("W_AREA_UNIT_mu", 11)]


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u202e", "\u00a0"], ids=["zero width", "mark", "turned", "wide"])
def test_signs_that_nobody_sees_change_no_coordinate(told, sign):
    points = square()
    points[1] = points[1].replace("3352700", f"33527{sign}00")
    assert told(exchange(points)) == [("E_NUMBER", 13)]


def test_what_a_file_calls_a_layer_can_be_shown_and_kept(tmp_path):
    document = ezdxf.new("R2000")
    ring = [(EAST, NORTH), (EAST + 10, NORTH), (EAST + 10, NORTH + 10)]
    document.modelspace().add_lwpolyline(ring, close=True, dxfattribs={"layer": "QQQ"})
    document.saveas(tmp_path / "a.dxf")
    data = (tmp_path / "a.dxf").read_bytes().replace(b"QQQ", b"\xe6\x1bQ")
    (tmp_path / "a.dxf").write_bytes(data)
    assert read_parcels(tmp_path / "a.dxf", crs=4528).parcels["name"][0].isprintable()


@pytest.mark.parametrize("ending", ["png", "tif", "pdf"])
def test_a_scan_is_refused_with_what_lays_it_on_the_ground(told, ending):
    assert told("\x89PNG", ending) == [("E_PICTURE", None)]


def test_an_encoding_that_no_kml_can_have_is_refused(told):
    assert told('<?xml version="1.0" encoding="UTF-9"?><kml/>', "kml") == [("E_BROKEN_XML", None)]


def test_a_curve_larger_than_any_on_the_ground_is_refused_soon(tmp_path):
    document = ezdxf.new()
    document.modelspace().add_spline([(EAST, NORTH), (1e12, NORTH), (1e12, 1e12), (EAST, NORTH)])
    document.saveas(tmp_path / "a.dxf")
    assert _told(tmp_path / "a.dxf") == [("E_UNREADABLE", None)]


def test_of_many_faults_the_first_are_told_one_by_one_and_all_are_counted(tmp_path):
    (tmp_path / "a.txt").write_text(exchange([f"J{at},1,1,{at}" for at in range(3000)]), encoding="gbk")
    with pytest.raises(FormatError, match="3000 faults") as refusal:
        read_parcels(tmp_path / "a.txt")
    error = refusal.value
    assert len(error.values["faults"]) == 1000  # noqa: PD011 (no table)
    assert "and 2950 more" in str(error)
