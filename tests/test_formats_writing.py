"""What is written is whole or not there, and comes back as it was."""

from __future__ import annotations

import datetime as dt
import json

import geopandas
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from gridmap import frames
from gridmap.errors import CrsError, InputError
from gridmap.formats import csv_text, csv_writer, read, write

ENDINGS = ["gpkg", "geojson", "csv", "xlsx"]


def areas(*names, crs=4490):
    """Conformed areas of these names: the first without an end, the last without anything but a name."""
    table = geopandas.GeoDataFrame(
        {
            "code": [f"32061300{row}" for row in range(len(names))],
            "name": list(names),
            "households": [7, None][: len(names)],
            "valid_from": [dt.date(2024, 2, 29), None][: len(names)],
        },
        geometry=[shapely.box(120 + row, 32, 120.5 + row, 32.5) for row in range(len(names))],
        crs=4490,
    )
    return frames.conform(table.to_crs(crs), "areas")


def fixes():
    """Conformed fixes, one between two seconds."""
    times = ["2024-05-01T08:00:00.250+08:00", "2024-05-01T08:00:01+08:00"]
    table = pd.DataFrame(
        {"post": ["006", "007"], "time": times, "lon": [120.1, 120.2], "lat": 32.0, "accuracy_m": [3.5, None]}
    )
    return frames.conform(table, "fixes")


def assert_same(table, other):
    """Both tables have the same cells, dtypes and shapes."""
    pd.testing.assert_frame_equal(*(pd.DataFrame(each.drop(columns="geometry")) for each in (table, other)))
    assert shapely.equals_exact(table.geometry.array, other.geometry.array, 1e-12, normalize=True).all()


@pytest.mark.parametrize("ending", ENDINGS)
def test_areas_come_back_as_they_were(tmp_path, ending):
    table = areas("网格一", "二")
    write(table, tmp_path / f"a.{ending}")
    assert_same(table, read(tmp_path / f"a.{ending}", layer="areas"))


@pytest.mark.parametrize("ending", ENDINGS)
def test_moments_come_back_to_the_millisecond_and_posts_keep_their_noughts(tmp_path, ending):
    write(fixes(), tmp_path / f"a.{ending}")
    assert_same(fixes(), read(tmp_path / f"a.{ending}", layer="fixes"))


def test_several_tables_are_layers_of_one_geopackage(tmp_path):
    write({"areas": areas("一"), "fixes": fixes(), "notes": pd.DataFrame({"n": [1]})}, tmp_path / "a.gpkg")
    assert {name for name, _ in pyogrio.list_layers(tmp_path / "a.gpkg")} == {"areas", "fixes", "notes"}
    assert_same(fixes(), read(tmp_path / "a.gpkg", layer="fixes"))
    assert read(tmp_path / "a.gpkg", sublayer="notes")["n"].tolist() == [1]


def test_a_geopackage_keeps_the_crs_of_its_table(tmp_path):
    write(areas("一", crs=4549), tmp_path / "a.gpkg")
    assert read(tmp_path / "a.gpkg", sublayer="a").crs.to_epsg() == 4549


def test_polygons_of_one_and_of_many_parts_share_a_layer(tmp_path):
    table = areas("一", "二")
    parts = shapely.MultiPolygon([shapely.box(1, 1, 2, 2), shapely.box(3, 3, 4, 4)])
    write(table.set_geometry([table.geometry[0], parts], crs=4490), tmp_path / "a.gpkg")
    assert read(tmp_path / "a.gpkg", layer="areas").geometry[1].equals(parts)


def test_geojson_is_wgs_84_with_exterior_rings_anticlockwise(tmp_path):
    clockwise = areas("一").set_geometry(shapely.reverse(shapely.orient_polygons(areas("一").geometry.array)), crs=4490)
    write(clockwise.to_crs(4549), tmp_path / "a.geojson")
    document = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
    ring = shapely.LinearRing(document["features"][0]["geometry"]["coordinates"][0])
    assert "crs" not in document
    assert ring.is_ccw
    assert shapely.Polygon(ring).equals_exact(areas("一").geometry[0], 1e-9, normalize=True)


def test_geojson_is_rounded_on_request_only(tmp_path):
    table = geopandas.GeoDataFrame({"id": ["1"]}, geometry=[shapely.Point(120 + 1 / 3, 32)], crs=4326)
    for digits, lon in ((None, 120 + 1 / 3), (7, 120.3333333)):
        write(table, tmp_path / "a.geojson", digits=digits)
        assert read(tmp_path / "a.geojson").geometry.item().x == lon


def test_excel_sees_that_a_csv_is_utf_8(tmp_path):
    write(areas("一"), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfcode,")


def test_points_in_a_csv_are_lon_and_lat(tmp_path):
    write(fixes(), tmp_path / "a.csv")
    head = (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert head == "post,time,device,accuracy_m,speed_m_s,lon,lat"


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "'=1", "''+x", "=HYPERLINK(1)"])
def test_text_that_looks_like_a_formula_is_harmless_in_a_csv_and_comes_back(tmp_path, text):
    write(pd.DataFrame({"name": [text]}), tmp_path / "a.csv")
    cell = (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert cell.strip('"').startswith("'")
    assert read(tmp_path / "a.csv")["name"].tolist() == [text]


@pytest.mark.parametrize("text", ["-12.5", "+8", "-1e3", "人民路", "a=b", "'quoted'"])
def test_other_text_is_written_as_it_is(tmp_path, text):
    write(pd.DataFrame({"name": [text]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()[1] == text


def test_text_that_looks_like_a_formula_stays_text_in_a_spreadsheet(tmp_path):
    write(pd.DataFrame({"name": ["=1+1"]}), tmp_path / "a.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").active["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_codes_that_excel_keeps_as_numbers_are_text_again(tmp_path):
    book = openpyxl.Workbook()
    for row in (["编码", "名称", "wkt"], [320613001, "一", "POLYGON ((120 32, 121 32, 121 33, 120 32))"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx", layer="areas")["code"].tolist() == ["320613001"]


def test_a_book_of_several_filled_sheets_asks_which(tmp_path):
    write({"one": pd.DataFrame({"a": [1]}), "two": pd.DataFrame({"a": [2]})}, tmp_path / "a.xlsx")
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.xlsx")
    assert caught.value.code == "which_sublayer"
    assert read(tmp_path / "a.xlsx", sublayer="two")["a"].tolist() == [2]


@pytest.mark.parametrize(
    ("tables", "name", "code"),
    [
        ({"a": areas("一")}, "a.docx", "unknown_ending"),
        ({"a": areas("一"), "b": areas("一")}, "a.csv", "one_table"),
        ({}, "a.gpkg", "empty_layer"),
        ({"a": pd.DataFrame({"n": [1]})}, "a.geojson", "missing_geometry"),
        ({"a": areas("一")}, "none/a.gpkg", "missing_folder"),
    ],
    ids=["ending", "two tables", "no table", "no geometry", "no folder"],
)
def test_what_cannot_be_written_is_told_and_leaves_nothing_behind(tmp_path, tables, name, code):
    with pytest.raises(InputError) as caught:
        write(tables, tmp_path / name)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["geojson", "csv", "xlsx"])
def test_a_table_without_a_crs_cannot_be_brought_to_degrees(tmp_path, ending):
    with pytest.raises(CrsError):
        write(areas("一").set_crs(None, allow_override=True), tmp_path / f"a.{ending}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_write_that_fails_leaves_the_old_file_as_it_was(tmp_path, ending, monkeypatch):
    path = tmp_path / f"a.{ending}"
    write(areas("一"), path)
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write(areas("二"), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_existing_file_is_replaced(tmp_path, ending):
    for name in ("一", "二"):
        write(areas(name), tmp_path / f"a.{ending}")
    assert read(tmp_path / f"a.{ending}", layer="areas")["name"].tolist() == ["二"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_table_without_rows_is_written(tmp_path, ending):
    write(areas("一").iloc[:0], tmp_path / f"a.{ending}")
    assert (tmp_path / f"a.{ending}").stat().st_size > 0


def test_tables_one_below_the_other_have_one_first_line_and_keep_the_guard(tmp_path):
    with csv_writer(tmp_path / "a.csv") as write_piece:
        for text in ("=1", "b"):
            write_piece(csv_text(pd.DataFrame({"n": [text]}), header=text == "=1"))
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig") == "n\n'=1\nb\n"


def test_writing_does_not_change_the_table(tmp_path):
    table = areas("一", "二", crs=4549)
    before = table.copy()
    for ending in ENDINGS:
        write(table, tmp_path / f"a.{ending}")
    pd.testing.assert_frame_equal(table, before)


def test_whole_numbers_and_truth_values_keep_their_kind_in_geojson(tmp_path):
    table = geopandas.GeoDataFrame(
        {"n": [np.int64(3)], "on": [True], "share": [0.5], "inf": [np.inf]}, geometry=[shapely.Point(1, 2)], crs=4326
    )
    write(table, tmp_path / "a.geojson")
    properties = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))["features"][0]["properties"]
    assert properties == {"n": 3, "on": True, "share": 0.5, "inf": None}


def test_whoever_reads_a_file_while_it_is_written_anew_reads_the_old_one_to_its_end(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old\n", encoding="utf-8")
    with path.open(encoding="utf-8") as reader:
        with csv_writer(path) as write_piece:
            write_piece("new\n")
        assert reader.read() == "old\n"
    assert path.read_text(encoding="utf-8-sig") == "new\n"
