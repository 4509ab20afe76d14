"""Tables of boundary points in CSV and XLSX, with all that offices put above, between and below."""

from __future__ import annotations

import openpyxl
import pytest

from gridmap.errors import FormatError
from gridmap.formats.parcels import read_parcels

#: A triangle of 50 m2: point, north, east.
TRIANGLE = [("J1", 3352700.0, 40520700.0), ("J2", 3352700.0, 40520710.0), ("J3", 3352710.0, 40520710.0)]
TITLE = ["坐标系：2000国家大地坐标系", "", "", ""]
HEADING = ["点号", "距离", "X坐标(m)", "Y坐标(m)"]


def points(east=0.0, *, repeat=True):
    rows = [[name, "", north, y + east] for name, north, y in TRIANGLE]
    return rows + rows[:1] * repeat


@pytest.fixture(params=["csv", "xlsx"])
def read(request, tmp_path):
    def reading(rows, **options):
        path = tmp_path / f"a.{request.param}"
        if request.param == "csv":
            path.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="gbk")
        else:
            book = openpyxl.Workbook()
            for row in rows:
                book.active.append([None if cell == "" else cell for cell in row])
            book.save(path)
        return read_parcels(path, **options)

    return reading


def told(reading):
    return reading.warnings["code"].tolist()


def test_a_table_with_title_and_repeated_last_row_is_a_parcel(read):
    reading = read([["界址点成果表"], TITLE, HEADING, *points()])
    assert (reading.format, reading.epsg, reading.axis_order) == ("points", 4528, "north_east")
    assert reading.parcels["area_m2"].tolist() == [50.0]
    assert reading.points["name"].tolist() == ["J1", "J2", "J3"]
    assert reading.points["line"].tolist() == [4, 5, 6]
    assert told(reading) == []


@pytest.mark.parametrize(
    "heading",
    [
        ["点号", "", "X坐标", "Y坐标"],
        ["界址点号", "边长", "纵坐标X（米）", "横坐标Y（米）"],
        ["序号", "", "北坐标(N)", "东坐标(E)"],
        ["拐点编号", "", "北", "东"],
        ["point", "", "N", "E"],
        ["No.", "", "Northing", "Easting"],
        ["点 号", "", "Ｘ 坐标", "Ｙ 坐标"],
        ["点名", "", "x", "y"],
    ],
    ids=lambda heading: heading[2],
)
def test_headings_of_many_offices_are_understood(read, heading):
    reading = read([TITLE, heading, *points()])
    assert (reading.epsg, told(reading)) == (4528, [])


@pytest.mark.parametrize(
    "heading", [["点号", "", "Y坐标", "X坐标"], ["点号", "", "横坐标", "纵坐标"]], ids=["Y X", "横 纵"]
)
def test_columns_may_stand_in_either_order(read, heading):
    swapped = [[name, side, east, north] for name, side, north, east in points()]
    reading = read([TITLE, heading, *swapped])
    assert (reading.axis_order, told(reading)) == ("east_north", [])
    assert reading.parcels["area_m2"][0] == 50


def test_swapped_headings_are_told_and_read_by_the_numbers(read):
    swapped = [[name, side, east, north] for name, side, north, east in points()]
    reading = read([TITLE, HEADING, *swapped])
    assert (reading.axis_order, told(reading)) == ("east_north", ["W_AXIS_SWAPPED"])
    assert reading.points["x_north"][0] == 3352700


def test_several_parcels_on_a_sheet_each_under_its_head_line(read):
    rows = [TITLE, ["宗地代码：330106001", "", "面积(平方米)", "50.00"], HEADING, *points()]
    rows += [["宗地代码", "330106002", "宗地面积（亩）", "0.075"], HEADING, *points(100)]
    reading = read(rows)
    assert reading.parcels["id"].tolist() == ["330106001", "330106002"]
    assert reading.parcels["declared_area_m2"].tolist() == pytest.approx([50, 50])
    assert told(reading) == []


def test_parcels_told_by_a_column_whose_cells_stretch_over_many_rows(read):
    rows = [["宗地号", *HEADING]]
    rows += [["甲" if at == 0 else "", *row] for at, row in enumerate(points())]
    rows += [["乙" if at == 0 else "", *row] for at, row in enumerate(points(100))]
    reading = read(rows, crs=4528)
    assert reading.parcels["id"].tolist() == ["甲", "乙"]
    assert reading.parcels["area_m2"].tolist() == [50.0, 50.0]


def test_a_heading_over_two_rows_is_one(read):
    rows = [TITLE, ["点号", "距离", "坐标", ""], ["", "", "X", "Y"], *points()]
    assert read(rows).points["name"].tolist() == ["J1", "J2", "J3"]


def test_a_heading_repeated_on_the_next_page_does_not_part_a_parcel(read):
    first, second, *rest = points()
    reading = read([TITLE, HEADING, first, second, HEADING, *rest])
    assert (len(reading.parcels), reading.parcels["area_m2"][0]) == (1, 50.0)


def test_a_hole_below_a_repeated_head_line_is_one_of_the_same_parcel(tmp_path):
    def ring(number, off):
        places = [(off, off), (off, 30 - off), (30 - off, 30 - off), (30 - off, off), (off, off)]
        return [f"J{at % 4},{number},{3352700 + up},{40520700 + right}" for at, (up, right) in enumerate(places)]

    head = ["宗地代码,1", "点号,圈号,X,Y"]
    lines = ["坐标系,2000国家大地坐标系", *head, *ring(1, 0), *head, *ring(2, 5)]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    assert read_parcels(tmp_path / "a.csv").parcels["area_m2"].tolist() == [30**2 - 20**2]


def test_rings_below_one_head_line_repeated_are_one_parcel_where_no_column_counts_them(read):
    head = [["宗地代码", "1", "", ""], HEADING]
    reading = read([TITLE, *head, *points(), *head, *points(100)])
    assert (reading.parcels["parts"].tolist(), told(reading)[0]) == ([2], "W_RING_NUMBER_REPEATED")


def test_rows_of_distances_between_the_points_are_passed_over(read):
    rows = [TITLE, HEADING]
    for row in points():
        rows += [row, ["", 10.0, "", ""]]
    assert len(read(rows).points) == 3


def test_rings_of_one_parcel_are_told_by_their_column(read):
    outer = [("J1", 0, 0), ("J2", 0, 30), ("J3", 30, 30), ("J4", 30, 0), ("J1", 0, 0)]
    inner = [("J5", 10, 10), ("J6", 10, 20), ("J7", 20, 20), ("J5", 10, 10)]
    rows = [[n, 1, 3352700 + up, 40520700 + right] for n, up, right in outer]
    rows += [[n, 2, 3352700 + up, 40520700 + right] for n, up, right in inner]
    assert read([TITLE, ["点号", "圈号", "X", "Y"], *rows]).parcels["area_m2"].tolist() == [850.0]


def test_full_width_digits_and_numbers_kept_as_text_are_numbers(read):
    wide = str.maketrans("0123456789.", "０１２３４５６７８９．")
    rows = [[name, "", str(north).translate(wide), f" {east} "] for name, _, north, east in points()]
    assert read([TITLE, HEADING, *rows]).parcels["area_m2"][0] == 50


@pytest.mark.parametrize(
    ("lat", "lon"),
    [("30°12′36.0″", "120°12′00.0″"), ("30度12分36秒", "120度12分0秒"), ("北纬30°12'36\"", "东经120°12'0\"")],
    ids=["signs", "words", "typed"],
)
def test_degrees_minutes_and_seconds_are_degrees(tmp_path, lat, lon):
    book = openpyxl.Workbook()
    for row in (["点号", "经度", "纬度"], ["1", lon, lat], ["2", 120.21, 30.21], ["3", 120.2, 30.22], ["1", lon, lat]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    reading = read_parcels(tmp_path / "a.xlsx")
    assert (reading.epsg, reading.axis_order) == (4490, "lon_lat")
    assert reading.points[["y_east", "x_north"]].iloc[0].tolist() == pytest.approx([120.2, 30.21])


@pytest.mark.parametrize("cell", ["33527o0.0", "30°72′00″", "—"], ids=str)
def test_a_cell_that_is_no_coordinate_is_refused_with_its_row(read, cell):
    rows = [TITLE, HEADING, *points()]
    rows[3] = ["J2", "", cell, 40520710.0]
    with pytest.raises(FormatError, match="E_NUMBER, row 4"):
        read(rows)


def test_names_of_holders_and_of_those_who_made_the_table_are_not_kept(read):
    rows = [["权利人：张三", "", "宗地代码", "甲1"], TITLE, HEADING, *points(), ["制表：李四", "", "审核：王五", ""]]
    reading = read(rows)
    assert reading.parcels["id"].tolist() == ["甲1"]
    kept = repr([reading.parcels.to_dict(), reading.points.to_dict(), reading.decided.to_dict(), reading.header])
    assert not any(name in kept for name in ("张三", "李四", "王五"))
    assert "权利人" in reading.decided["value"].tolist()


def test_a_table_that_says_no_datum_is_read_as_todays_and_told(read):
    assert told(read([HEADING, *points()])) == ["W_DATUM_ASSUMED"]
    assert told(read([HEADING, *points()], crs=4528)) == []


@pytest.mark.parametrize(("said", "epsg"), [("1980西安坐标系", 2364), ("1954年北京坐标系", 2416)], ids=str)
def test_a_title_tells_an_old_datum(read, said, epsg):
    reading = read([["坐标系", said], HEADING, *points()])
    assert (reading.epsg, told(reading)) == (epsg, ["W_DATUM_NEEDS_PARAMETERS"])


def test_a_table_without_coordinates_is_refused(read):
    with pytest.raises(FormatError, match="E_NO_PARCEL"):
        read([["姓名", "电话"], ["a", "b"]])


def test_every_sheet_of_a_workbook_is_read(tmp_path):
    book = openpyxl.Workbook()
    for name, east in (("甲", 0), ("乙", 100)):
        sheet = book.create_sheet(name)
        for row in (HEADING, *points(east)):
            sheet.append([None if cell == "" else cell for cell in row])
    book.save(tmp_path / "a.xlsx")
    assert read_parcels(tmp_path / "a.xlsx").parcels["id"].tolist() == ["甲", "乙"]


def test_merged_cells_of_a_workbook_hold_their_value_once(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["宗地界址点成果表"], ["宗地号", *HEADING], *(["甲", *row] for row in points())):
        sheet.append([None if cell == "" else cell for cell in row])
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("A3:A6")
    book.save(tmp_path / "a.xlsx")
    reading = read_parcels(tmp_path / "a.xlsx")
    assert (reading.parcels["id"].tolist(), reading.parcels["area_m2"].tolist()) == (["甲"], [50.0])


def test_a_text_file_may_be_a_table_with_tabs(tmp_path):
    rows = [HEADING, *points()]
    (tmp_path / "a.txt").write_text("\n".join("\t".join(map(str, row)) for row in rows), encoding="utf-8")
    assert read_parcels(tmp_path / "a.txt", crs=4528).parcels["area_m2"][0] == 50
