"""Parcels written back: what went in comes out, to the byte in the national form."""

from __future__ import annotations

import time

import ezdxf
import geopandas
import openpyxl
import pytest
import shapely

from gridmap.errors import CrsError, InputError
from gridmap.formats.parcels import read_parcels, write_parcels
from tests.parcel_files import EAST, exchange, square

HOLE = ["J5,2,3352720.000,40520720.000", "J6,2,3352720.000,40520740.000", "J7,2,3352740.000,40520740.000"]
TWO = exchange(
    [*square(), *HOLE, HOLE[0], "5,0.6667,DK002,西河组,面,,,,@", *square(east=EAST + 300)],
    parcel="9,0.6467,DK001,东河组,面,H51,住宅用地,0702,@",
)


@pytest.fixture
def two(tmp_path):
    (tmp_path / "two.txt").write_bytes(TWO.encode("gbk"))
    return read_parcels(tmp_path / "two.txt")


@pytest.mark.parametrize(
    "name", ["01_national_8field", "02_gbk", "05_provincial_10field", "12_hole", "15_two_parcels", "24_xian80"]
)
def test_a_text_in_the_national_form_comes_out_to_the_byte(shared_data, tmp_path, name):
    source = shared_data("txt_examples") / f"{name}.txt"
    write_parcels(read_parcels(source), tmp_path / "b.txt")
    assert (tmp_path / "b.txt").read_bytes() == source.read_bytes()


def test_a_text_with_holes_and_several_parcels_comes_out_to_the_byte(two, tmp_path):
    write_parcels(two, tmp_path / "b.txt")
    assert (tmp_path / "b.txt").read_bytes() == TWO.encode("gbk")


@pytest.mark.parametrize("change", [{"几度分带": "6"}, {"带号": "39"}, {"坐标系": "CGCS2000"}], ids=str)
def test_a_head_that_contradicts_its_numbers_is_written_right(tmp_path, change):
    (tmp_path / "a.txt").write_bytes(exchange(**change).encode("gbk"))
    write_parcels(read_parcels(tmp_path / "a.txt"), tmp_path / "b.txt")
    again = read_parcels(tmp_path / "b.txt")
    assert (again.epsg, again.warnings.empty) == (4528, True)


@pytest.mark.parametrize("ending", ["txt", "csv", "xlsx", "dxf", "gpkg"])
def test_each_file_is_read_as_the_parcels_that_were_written(two, tmp_path, ending):
    write_parcels(two, tmp_path / f"b.{ending}")
    again = read_parcels(tmp_path / f"b.{ending}")
    assert again.epsg == 4528
    assert again.warnings.empty
    assert again.parcels["id"].tolist() == ["DK001", "DK002"]
    assert again.parcels["name"].tolist() == ["东河组", "西河组"]
    assert all(again.parcels.geometry.geom_equals_exact(two.parcels.geometry, 1e-4))


@pytest.mark.parametrize("ending", ["txt", "csv", "xlsx"])
def test_texts_and_tables_keep_the_names_of_points_and_the_declared_areas(two, tmp_path, ending):
    write_parcels(two, tmp_path / f"b.{ending}")
    again = read_parcels(tmp_path / f"b.{ending}")
    assert again.points.drop(columns="line").equals(two.points.drop(columns="line"))
    assert again.parcels["declared_area_m2"].tolist() == pytest.approx([6467, 6667])


@pytest.mark.parametrize("ending", ["txt", "csv", "xlsx", "dxf"])
def test_parcels_of_one_identifier_and_no_name_stay_apart_and_nameless(tmp_path, ending):
    squares = [shapely.box(EAST + east, 3352700, EAST + east + 9, 3352709) for east in (0, 20, 40)]
    table = geopandas.GeoDataFrame({"id": ["甲", "甲", "乙"]}, geometry=squares, crs=4528)
    write_parcels(table, tmp_path / f"b.{ending}")
    again = read_parcels(tmp_path / f"b.{ending}").parcels
    assert again["id"].tolist() == ["甲", "甲", "乙"]
    assert again["name"].isna().all()
    assert again["area_m2"].round(6).tolist() == [81.0] * 3


def test_other_programs_open_what_was_written(two, tmp_path):
    for ending in ("dxf", "kml", "xlsx"):
        write_parcels(two, tmp_path / f"b.{ending}")
    drawing = ezdxf.readfile(tmp_path / "b.dxf")
    assert not drawing.audit().errors
    # GDAL makes rings of closed polylines, a hole a line of its own
    rings = geopandas.read_file(tmp_path / "b.dxf").geometry
    assert [round(shapely.Polygon(ring.coords).area, 1) for ring in rings] == [6666.7, 200.0, 6666.7]
    holed, plain = geopandas.read_file(tmp_path / "b.kml", driver="KML").to_crs(4528).area
    assert (holed, plain) == (pytest.approx(6466.7, abs=0.1), pytest.approx(6666.7, abs=0.1))
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx").active
    assert [cell.value for cell in sheet[4]][:5] == ["J1", "1", 3352700.0, 40520700.0, 100.0]


@pytest.mark.parametrize("ending", ["kml", "geojson"])
def test_degrees_lose_no_more_than_a_tenth_of_a_millimetre(two, tmp_path, ending):
    write_parcels(two, tmp_path / f"b.{ending}")
    again = read_parcels(tmp_path / f"b.{ending}").parcels
    assert again["id"].tolist() == ["DK001", "DK002"]
    moved = again.to_crs(4528).geometry.hausdorff_distance(two.parcels.geometry, align=False)
    assert moved.max() < 1e-4


@pytest.mark.parametrize("ending", ["txt", "csv", "xlsx", "kml", "dxf"])
def test_the_same_parcels_are_the_same_bytes_a_day_later(two, tmp_path, monkeypatch, ending):
    write_parcels(two, tmp_path / f"b.{ending}")
    later = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    write_parcels(two, tmp_path / f"c.{ending}")
    assert (tmp_path / f"b.{ending}").read_bytes() == (tmp_path / f"c.{ending}").read_bytes()


def test_a_workbook_does_not_say_when_it_was_written(two, tmp_path):
    write_parcels(two, tmp_path / "b.xlsx")
    said = openpyxl.load_workbook(tmp_path / "b.xlsx").properties
    assert said.created.year == said.modified.year == 2000


@pytest.mark.parametrize("ending", ["txt", "csv", "xlsx", "kml", "dxf"])
def test_a_line_stays_a_line(tmp_path, ending):
    line = geopandas.GeoDataFrame({"id": ["界"]}, geometry=[shapely.LineString([(EAST, 3352700), (EAST + 9, 3352705)])])
    write_parcels(line.set_crs(4528), tmp_path / f"b.{ending}")
    assert read_parcels(tmp_path / f"b.{ending}").parcels.geom_type.tolist() == ["LineString"]


def test_eastings_without_zone_are_written_with_the_zone_in_the_head(tmp_path):
    table = geopandas.GeoDataFrame({"id": ["1"]}, geometry=[shapely.box(520700, 3352700, 520710, 3352710)], crs=4549)
    write_parcels(table, tmp_path / "b.txt")
    assert "带号=40" in (tmp_path / "b.txt").read_text(encoding="gbk")
    assert read_parcels(tmp_path / "b.txt").epsg == 4549


def test_degrees_are_written_in_the_zone_of_the_place(tmp_path):
    table = geopandas.GeoDataFrame({"id": ["1"]}, geometry=[shapely.box(120.2, 30.2, 120.201, 30.201)], crs=4490)
    write_parcels(table, tmp_path / "b.txt")
    assert read_parcels(tmp_path / "b.txt").epsg == 4528


def test_signs_that_part_fields_are_written_wide(tmp_path):
    table = geopandas.GeoDataFrame({"id": ["a,b@"], "name": ["x\ny"]}, geometry=[shapely.box(0, 0, 9, 9)], crs=4528)
    moved = table.set_geometry(table.translate(EAST, 3352700))
    write_parcels(moved, tmp_path / "b.txt")
    assert "a，b＠,x y,面" in (tmp_path / "b.txt").read_text(encoding="gbk")
    assert len(read_parcels(tmp_path / "b.txt").parcels) == 1


def test_a_spreadsheet_takes_no_cell_for_a_formula(tmp_path):
    table = geopandas.GeoDataFrame({"id": ["=1+1"]}, geometry=[shapely.box(EAST, 3352700, EAST + 9, 3352709)], crs=4528)
    for ending in ("csv", "xlsx"):
        write_parcels(table, tmp_path / f"b.{ending}")
        assert read_parcels(tmp_path / f"b.{ending}").parcels["id"].tolist() == ["=1+1"]
    assert "'=1+1" in (tmp_path / "b.csv").read_text(encoding="utf-8-sig")


def test_an_old_datum_is_not_left_for_kml(two, tmp_path):
    with pytest.raises(CrsError, match="changes the datum"):
        write_parcels(two.parcels.set_crs(2364, allow_override=True), tmp_path / "b.kml")
    assert not (tmp_path / "b.kml").exists()


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("b.pdf", None), ("nowhere/b.txt", None), ("b.txt", "ascii")],
    ids=["ending", "folder", "ascii"],
)
def test_what_cannot_be_written_leaves_no_file(two, tmp_path, name, encoding):
    with pytest.raises(InputError):
        write_parcels(two, tmp_path / name, encoding=encoding)
    assert not (tmp_path / name).exists()
