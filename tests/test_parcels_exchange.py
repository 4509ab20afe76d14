"""The national coordinate-exchange text in the forms that offices write it."""

from __future__ import annotations

import codecs
import json
import time

import pytest

from gridmap.errors import FormatError
from gridmap.formats.parcels import read_parcels
from tests.parcel_files import EAST, NORTH, PARCEL, exchange, square

LISTED = [
    "01_national_8field",
    "02_gbk",
    "05_provincial_10field",
    "06_extended_13field",
    "07_no_J_prefix",
    "09_east_first",
    "12_hole",
    "14_two_parts",
    "15_two_parcels",
    "22_header_6deg_prefix_40",
    "24_xian80",
    "28_bowtie",
]


@pytest.fixture
def read(tmp_path):
    def reading(text, encoding="gbk", **options):
        path = tmp_path / "a.txt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return read_parcels(path, **options)

    return reading


@pytest.fixture
def refused(read):
    def codes(text, **options):
        with pytest.raises(FormatError) as refusal:
            read(text, **options)
        return [(fault["code"], fault["line"]) for fault in refusal.value.values["faults"]]

    return codes


def warned(reading):
    return [(row.code, row.line) for row in reading.warnings.itertuples()]


# --- the twelve examples


@pytest.mark.parametrize("name", LISTED)
def test_each_of_the_twelve_examples_ends_as_it_should(shared_data, name):
    folder = shared_data("txt_examples")
    expected = json.loads((folder / "expected.json").read_text())[f"{name}.txt"]
    if "error" in expected:
        with pytest.raises(FormatError, match=expected["error"]):
            read_parcels(folder / f"{name}.txt")
        return
    reading = read_parcels(folder / f"{name}.txt")
    assert reading.epsg == expected["epsg"]
    assert reading.parcels["area_m2"].round(1).tolist() == [expected["area"]] * expected.get("n", 1)
    assert reading.warnings["code"].tolist() == expected["warnings"]
    assert reading.parcels["id"][0] == expected.get("id", "DK001")
    assert reading.parcels["parts"][0] == expected.get("parts", 1)


# --- encodings and signs


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (exchange().encode("gbk"), "gb18030"),
        (exchange().encode(), "utf-8"),
        (exchange().encode("utf-8-sig"), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + exchange().encode("utf-16-le"), "utf-16"),
        (exchange().encode("utf-16-le"), "utf-16-le"),
        (exchange().encode("utf-16-be"), "utf-16-be"),
        (exchange(parcel="5,0.6667,DK1,𠮷野村,面,,,,@").encode("gb18030"), "gb18030"),
    ],
    ids=["GBK", "UTF-8", "UTF-8 with mark", "UTF-16 with mark", "UTF-16LE without", "UTF-16BE without", "rare sign"],
)
def test_the_encoding_is_told_whatever_it_is(read, data, encoding):
    reading = read(data)
    assert reading.encoding == encoding
    assert reading.parcels["name"][0] in {"东河组", "𠮷野村"}
    assert round(reading.parcels["area_m2"][0], 1) == 6666.7


def test_bytes_of_no_encoding_are_refused_with_their_line(refused):
    assert refused(exchange().encode("gbk").replace("东河".encode("gbk"), b"\xff\xff\xff")) == [("E_ENCODING", 11)]


def test_a_zero_byte_in_a_text_is_refused_with_its_line(refused):
    assert refused(exchange().encode("gbk").replace(b"J3", b"J\0")) == [("E_ENCODING", 14)]


def test_wide_signs_are_read_as_narrow_ones(read):
    wide = str.maketrans("0123456789.,=@J", "０１２３４５６７８９．，＝＠Ｊ")
    text = exchange().replace("[", "【").replace("]", "】").translate(wide)
    reading = read(text)
    assert (reading.epsg, reading.parcels["id"][0]) == (4528, "DK001")
    assert reading.points["name"].tolist() == ["J1", "J2", "J3", "J4"]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"], ids=["LF", "CR", "CRLF"])
def test_lines_may_end_in_any_way(read, end):
    assert len(read(exchange().replace("\r\n", end)).points) == 4


# --- widths of parcels' lines and of points' lines


@pytest.mark.parametrize(
    ("parcel", "fields"),
    [
        ("5,0.6667,DK7,组,面,H51,住宅,0702,@", {"sheet": "H51", "use": "住宅", "class": "0702"}),
        ("5,0.6667,330106104,横桥村,DK7,组,面,,,,@", {"code": "330106104", "village": "横桥村"}),
        ("5,0.6667,DK7,组,面,H51,住宅,0702,,1,B,C,备注,@", {"sheet": "H51", "use": "住宅", "class": "0702"}),
    ],
    ids=["8", "10", "13"],
)
def test_parcels_lines_of_each_width_give_the_same_parcel(read, parcel, fields):
    reading = read(exchange(parcel=parcel))
    assert (reading.parcels["id"][0], reading.parcels["name"][0]) == ("DK7", "组")
    assert dict(reading.fields[0]) == fields


@pytest.mark.parametrize("parcel", ["5,0.6667,DK7,@", "5,1,2,3,4,5,6,7,8,9,10,@", "5,1,D,n,圆,,,,@"], ids=str)
def test_parcels_lines_of_no_known_form_are_refused(refused, parcel):
    assert ("E_PARCEL_COLUMNS", 11) in refused(exchange(parcel=parcel))


@pytest.mark.parametrize(
    "form",
    ["{0},{1},{2},{3},0,2", "{0},{1},k,2,{2},{3}", "{0},K{0},{1},{2},{3},x", "{0},{1},{2},{3},,"],
    ids=["behind", "before", "beside the ring", "blank"],
)
def test_point_lines_of_six_columns_are_read_where_their_numbers_are_coordinates(read, form):
    reading = read(exchange([form.format(*line.split(",")) for line in square()]))
    assert round(reading.parcels["area_m2"][0], 1) == 6666.7
    assert reading.points["name"].tolist() == ["J1", "J2", "J3", "J4"]


def test_the_ring_of_a_point_of_six_columns_is_the_whole_number_beside_it(read):
    hole = ["J5,2,3352720,40520720", "J6,2,3352720,40520740", "J7,2,3352740,40520740", "J5,2,3352720,40520720"]
    lines = ["{},{},k,{},{},x".format(*line.split(",")) for line in [*square(), *hole]]
    reading = read(exchange(lines, parcel="9,0,D,组,面,,,,@"))
    assert (len(reading.warnings), reading.points["ring"].max()) == (0, 2)


def test_all_faulty_lines_are_told_at_once(refused):
    points = square()
    points[1], points[2] = "J2,1,3352700.000", "J3,1,335x766.667,40520800.000"
    assert refused(exchange(points)) == [("E_POINT_COLUMNS", 13), ("E_NUMBER", 14)]


@pytest.mark.parametrize("number", ["nan", "1e999", "3_352_700", "inf", "", "0x33"], ids=str)
def test_what_is_no_number_is_refused(refused, number):
    assert refused(exchange([*square()[:1], f"J2,1,{number},40520800.0", *square()[2:]])) == [("E_NUMBER", 13)]


def test_points_before_any_parcel_are_refused(refused):
    found = refused(exchange(parcel="J0,1,3352700.000,40520700.000"))
    assert found[0] == ("E_POINT_BEFORE_PARCEL", 11)


def test_a_file_without_parcels_is_refused(refused):
    assert refused("[属性描述]\n坐标系=2000国家大地坐标系\n")[0][0] == "E_NO_PARCEL"


def test_an_empty_file_is_refused(refused):
    assert refused(b"\r\n") == [("E_EMPTY_FILE", None)]


# --- rings


def test_ring_two_may_be_a_part_or_a_hole(read):
    hole = ["J5,2,3352720,40520720", "J6,2,3352740,40520720", "J7,2,3352740,40520740", "J5,2,3352720,40520720"]
    part = square(east=EAST + 300, ring=3, first=8)
    reading = read(exchange([*square(), *hole, *part], parcel="14,0,D,组,面,,,,@"))
    assert reading.parcels["parts"][0] == 2
    assert reading.parcels["area_m2"][0] == pytest.approx(2 * 6666.7 - 200, abs=0.01)


def test_an_island_in_a_hole_is_ground_again(read):
    def ring(number, off):
        places = [(off, off), (off, 66 - off), (66 - off, 66 - off), (66 - off, off), (off, off)]
        return [f"J{at},{number},{NORTH + up},{EAST + right}" for at, (up, right) in enumerate(places)]

    reading = read(exchange([*ring(3, 20), *ring(1, 0), *ring(2, 10)], parcel="15,0,D,组,面,,,,@"))
    assert reading.parcels["area_m2"][0] == pytest.approx(66**2 - 46**2 + 26**2)


def test_rings_of_one_parcel_that_cross_are_refused(refused):
    crossing = square(north=NORTH + 20, east=EAST + 20, ring=2, first=5)
    assert refused(exchange([*square(), *crossing])) == [("E_SELF_INTERSECTION", 12)]


def test_an_open_ring_is_closed_and_told_with_its_last_line(read):
    reading = read(exchange(square()[:4]))
    assert warned(reading) == [("W_RING_NOT_CLOSED", 15)]
    assert round(reading.parcels["area_m2"][0], 1) == 6666.7


def test_a_doubled_point_is_left_out_and_told(read):
    points = square()
    reading = read(exchange([*points[:2], points[1], *points[2:]], parcel="6,0.6667,D,组,面,,,,@"))
    assert warned(reading) == [("W_DUPLICATE_POINT", 14)]
    assert len(reading.points) == 4


@pytest.mark.parametrize(("count", "told"), [(4, []), (5, []), (9, [("W_COUNT_MISMATCH", 11)]), (0, [])], ids=str)
def test_the_count_may_include_the_closing_point_or_not(read, count, told):
    assert warned(read(exchange(parcel=f"{count},0.6667,D,组,面,,,,@"))) == told


def test_a_ring_of_two_points_is_refused(refused):
    assert refused(exchange([*square()[:2], square()[0]])) == [("E_RING_TOO_SHORT", 12)]


def test_a_ring_without_area_is_refused(refused):
    line = [f"J{at},1,{NORTH + 10 * at},{EAST + 10 * at}" for at in range(4)]
    assert refused(exchange([*line, line[0]])) == [("E_ZERO_AREA", 12)]


def test_a_parcel_without_points_is_refused(refused):
    assert refused(exchange(["4,0,D2,组,面,,,,@", *square()])) == [("E_RING_TOO_SHORT", 11)]


def test_a_ring_that_crosses_itself_is_refused_with_the_line_of_the_crossing_side(refused):
    # J2 and J3 changed places: the sides J1-J3 and J2-J4 cross, and J4 stands in line 15
    points = square()
    points[1], points[2] = points[2], points[1]
    (code, line), *others = refused(exchange(points))
    assert (code, others) == ("E_SELF_INTERSECTION", [])
    assert line == 15


def test_two_rings_of_one_number_that_close_are_two(read):
    reading = read(exchange([*square(), *square(east=EAST + 300, first=5)], parcel="10,0,D,组,面,,,,@"))
    assert reading.parcels["parts"][0] == 2
    assert warned(reading) == [("W_RING_NUMBER_REPEATED", 17)]


def test_a_parcel_of_the_kind_line_is_a_line(read):
    reading = read(exchange(square()[:3], parcel="3,,X1,界线,线,,,,@"))
    assert reading.parcels.geometry[0].length == pytest.approx(166.667)
    assert reading.parcels["area_m2"].isna().all()
    assert warned(reading) == []


# --- areas


@pytest.mark.parametrize(
    ("area", "square_metres", "told"),
    [
        ("0.6667", 6667.0, []),
        ("0.6667公顷", 6667.0, []),
        ("6666.7", 6666.7, ["W_AREA_UNIT_m2"]),
        ("10.0000", 6666.67, ["W_AREA_UNIT_mu"]),
        ("10.0亩", 6666.67, []),
        ("6667平方米", 6667.0, []),
        ("0.6699", 6699.0, []),
        ("0.6702", 6702.0, ["W_AREA_MISMATCH"]),
        ("0.7", 7000.0, []),
        ("0.8", 8000.0, ["W_AREA_MISMATCH"]),
    ],
    ids=str,
)
def test_declared_areas_are_in_the_unit_that_fits_and_compared(read, area, square_metres, told):
    # half a per cent of 6666.7 m2 is 33.3 m2; one unit of the last digit of 0.7 ha is 1000 m2
    reading = read(exchange(parcel=f"5,{area},D,组,面,,,,@"))
    assert reading.parcels["declared_area_m2"][0] == pytest.approx(square_metres, abs=0.01)
    assert reading.warnings["code"].tolist() == told


@pytest.mark.parametrize("area", ["", "0", "0.0000"], ids=str)
def test_no_area_is_no_fault(read, area):
    reading = read(exchange(parcel=f"5,{area},D,组,面,,,,@"))
    assert reading.parcels["declared_area_m2"].isna().all()
    assert warned(reading) == []


# --- persons, and what a reading says


@pytest.mark.parametrize("key", ["权利人", "土地使用者", "QLR", "使用权人名称"], ids=str)
def test_names_of_right_holders_are_nowhere_in_a_reading(read, key):
    reading = read(exchange().replace("[属性描述]", f"[属性描述]\r\n{key}=张三"))
    assert "张三" not in repr((reading.header, reading.parcels.to_dict(), reading.decided.to_dict()))
    assert f"left out {key}" in (reading.decided["what"] + " " + reading.decided["value"]).tolist()


def test_every_decision_has_a_reason(read):
    decided = read(exchange()).decided
    assert {"encoding", "axis order", "zone", "datum", "crs"} <= set(decided["what"])
    assert (decided["why"].str.len() > 10).all()


def test_points_keep_their_names_rings_and_lines(read):
    points = read(exchange()).points
    assert list(points.columns) == ["parcel", "ring", "number", "name", "line", "x_north", "y_east"]
    assert points.iloc[2].tolist() == ["DK001", 1, 3, "J3", 14, NORTH + 66.667, EAST + 100]


def test_a_parcel_without_identifier_is_called_by_its_place(read):
    assert read(exchange(parcel=PARCEL.replace("DK001", ""))).parcels["id"].tolist() == ["1"]


def test_an_identifier_that_comes_twice_is_told(read):
    reading = read(exchange([*square(), PARCEL, *square(east=EAST + 300)]))
    assert warned(reading) == [("W_DUPLICATE_ID", 17)]


def test_a_hundred_thousand_points_are_read_in_less_than_two_seconds(read):
    rows = [line for at in range(20_000) for line in (PARCEL, *square(north=NORTH + 100 * at))]
    text = exchange(rows[1:])
    begin = time.process_time()
    reading = read(text)
    assert time.process_time() - begin < 2
    assert len(reading.parcels) == 20_000
