"""Each file that cannot be used has its own clear answer; the others come out as they are in the file."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from gridmap.errors import CrsError, FormatError, InputError, NotFoundError, TableError, TooLargeError
from gridmap.formats import read, write
from tests.map_files import BOWTIE, RING, feature, geojson, refusal, shapefile, squares


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert refusal(tmp_path / "none.shp", NotFoundError).code == "missing_file"


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "shp", "csv", "xlsx", "kml", "zip"])
def test_an_empty_file_is_told(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"")
    assert refusal(path).code == "empty_file"


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "shp", "csv"])
def test_a_git_lfs_pointer_is_told_with_the_way_to_the_data(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", encoding="ascii")
    error = refusal(path)
    assert error.code == "lfs_pointer"
    assert "git lfs pull" in str(error)


def test_broken_json_is_told_with_line_and_column(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text('{"type": "FeatureCollection",\n "features": [}\n', encoding="ascii")
    error = refusal(path)
    assert error.code == "broken_json"
    assert "line 2, column 15" in str(error)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_json_that_is_cut_off_is_told_as_such(tmp_path, share):
    text = json.dumps({"type": "FeatureCollection", "features": [feature(name="网格")] * 20})
    path = tmp_path / "a.geojson"
    path.write_text(text[: int(len(text) * share)], encoding="utf-8")
    assert refusal(path).code in {"truncated", "broken_json"}


def test_json_that_ends_within_a_list_is_cut_off(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [', encoding="ascii")
    assert refusal(path).code == "truncated"


def test_json_of_another_kind_is_told(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"type": "Topology", "objects": {}}', encoding="ascii")
    assert refusal(path).code == "not_geojson"


def test_json_nested_without_end_is_refused_and_not_followed(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[" * 100_000, encoding="ascii")
    assert refusal(path).code == "broken_json"


def test_a_layer_without_features_is_told(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}', encoding="ascii")
    assert refusal(path).code == "empty_layer"
    assert refusal(shapefile(tmp_path, squares().iloc[:0])).code == "empty_layer"
    (tmp_path / "a.csv").write_text("code,name\n", encoding="ascii")
    assert refusal(tmp_path / "a.csv").code == "empty_layer"


def test_open_rings_are_listed_by_feature_and_ring(tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(RING), feature(RING[:-1]), feature(RING, RING[:-1]))
    faults = refusal(path, TableError).faults
    assert [(fault.code, fault.feature) for fault in faults] == [("unclosed_ring", 2), ("unclosed_ring", 3)]
    assert "ring 1 is not closed" in faults[0].message
    assert "ring 2 is not closed" in faults[1].message


def test_open_rings_are_told_together_with_all_other_faults(tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(RING[:-1]), feature(BOWTIE, code=None))
    faults = refusal(path, TableError, layer="areas").faults
    assert [(fault.code, fault.feature) for fault in faults] == [
        ("unclosed_ring", 1),
        ("missing_value", 2),
        ("invalid_ring", 2),
    ]


def test_an_open_ring_in_wkt_is_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('code,wkt\n1,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\n2,"POLYGON ((0 0, 1 0, 1 1))"\n', encoding="ascii")
    (fault,) = refusal(path, TableError).faults
    assert (fault.code, fault.feature) == ("unclosed_ring", 2)


def test_an_open_ring_in_a_shapefile_which_gdal_accepts_is_told(tmp_path):
    path = shapefile(tmp_path)
    data = bytearray(path.read_bytes())
    data[-16:] = np.array([500_001.0, 3_500_001.0]).tobytes()  # the last vertex, which closed the ring
    path.write_bytes(data)
    (fault,) = refusal(path, TableError).faults
    assert (fault.code, fault.feature) == ("unclosed_ring", 1)


def test_an_open_ring_is_closed_on_request_and_reported_with_its_whole_area(tmp_path):
    table = read(geojson(tmp_path / "a.geojson", feature(RING), feature(RING[:-1], code="2")), layer="areas", mend=True)
    (mend,) = table.attrs["reading"]["mended"]
    assert (mend["feature"], mend["area_before_m2"]) == (2, 0)
    assert mend["changed_m2"] == mend["area_after_m2"] == pytest.approx(104.8e6, rel=0.01)


def test_an_invalid_ring_is_mended_on_request_only(tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(BOWTIE))
    assert [fault.code for fault in refusal(path, TableError, layer="areas").faults] == ["invalid_ring"]
    assert read(path, layer="areas", mend=True).is_valid.all()


def test_each_mend_is_reported_with_the_ground_that_changed(tmp_path):
    # a square of 4 x 4 m whose ring runs round a square of 1 x 1 m twice: by structure that ground belongs to it
    ring = [(0, 0), (4, 0), (4, 4), (2, 4), (2, 2), (1, 2), (1, 3), (2, 3), (2, 4), (0, 4), (0, 0)]
    path = tmp_path / "a.gpkg"
    shape = shapely.Polygon([(500_000 + x, 3_500_000 + y) for x, y in ring])
    pyogrio.write_dataframe(geopandas.GeoDataFrame({"code": ["1"]}, geometry=[shape], crs=4549), path)
    (mend,) = read(path, layer="areas", mend=True).attrs["reading"]["mended"]
    assert mend["feature"] == 1
    assert mend["changed_m2"] == pytest.approx(abs(mend["area_after_m2"] - mend["area_before_m2"]), abs=1e-6)


def test_the_bowtie_keeps_both_its_lobes(tmp_path):
    # two triangles of 2 x 1 m each
    ring = [(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)]
    path = tmp_path / "a.gpkg"
    shape = shapely.Polygon([(500_000 + x, 3_500_000 + y) for x, y in ring])
    pyogrio.write_dataframe(geopandas.GeoDataFrame({"code": ["1"]}, geometry=[shape], crs=4549), path)
    (mend,) = read(path, layer="areas", mend=True).attrs["reading"]["mended"]
    assert (mend["area_before_m2"], mend["area_after_m2"], mend["changed_m2"]) == pytest.approx((2, 2, 0), rel=1e-3)


def test_a_polygon_without_ground_cannot_be_mended(tmp_path):
    flat = [[120, 32], [121, 33], [122, 34], [120, 32]]
    path = geojson(tmp_path / "a.geojson", feature(flat))
    assert [fault.code for fault in refusal(path, TableError, layer="areas", mend=True).faults] == ["zero_area"]


def test_without_a_promise_invalid_rings_are_warned_of(tmp_path):
    table = read(geojson(tmp_path / "a.geojson", feature(RING), feature(BOWTIE)))
    assert [(w["code"], w["feature"]) for w in table.attrs["reading"]["warnings"]] == [("invalid_ring", 2)]


@pytest.mark.parametrize("ending", ["shx", "dbf"])
def test_a_shapefile_without_a_companion_is_told_which(tmp_path, ending):
    path = shapefile(tmp_path)
    path.with_suffix(f".{ending}").unlink()
    assert refusal(path).code == f"missing_{ending}"


def test_a_shapefile_without_prj_is_refused_with_what_it_looks_like(tmp_path):
    path = shapefile(tmp_path)
    path.with_suffix(".prj").unlink()
    error = refusal(path, CrsError)
    assert error.code == "missing_crs"
    assert "3-degree zones 25 to 45" in str(error)


def test_a_shapefile_without_prj_is_read_in_the_crs_that_is_stated(tmp_path):
    path = shapefile(tmp_path)
    path.with_suffix(".prj").unlink()
    table = read(path, crs="EPSG:4549")
    assert table.crs.to_epsg() == 4549
    assert "as stated by the user" in table.attrs["reading"]["crs"]


@pytest.mark.parametrize("ending", ["shp", "dbf"])
def test_a_shapefile_that_is_cut_off_is_told(tmp_path, ending):
    path = shapefile(tmp_path, squares(50))
    part = path.with_suffix(f".{ending}")
    part.write_bytes(part.read_bytes()[:-100])
    assert refusal(path).code == "truncated"


def test_a_geopackage_that_is_cut_off_is_told(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(squares(), path)
    path.write_bytes(path.read_bytes()[:40_000])
    assert refusal(path).code == "truncated"


def test_a_file_of_another_kind_than_its_ending_is_told_with_what_it_looks_like(tmp_path):
    pyogrio.write_dataframe(squares(), tmp_path / "a.gpkg")
    (tmp_path / "a.gpkg").rename(tmp_path / "a.shp")
    error = refusal(tmp_path / "a.shp")
    assert error.code == "wrong_format"
    assert "looks like a gpkg file" in str(error)


@pytest.mark.parametrize("text", ["<OGRVRTDataSource></OGRVRTDataSource>", "<html></html>"])
def test_a_description_that_leads_gdal_elsewhere_is_not_followed(tmp_path, text):
    for ending in ("kml", "gml", "geojson"):
        path = tmp_path / f"a.{ending}"
        path.write_text(text, encoding="ascii")
        assert refusal(path).code == "wrong_format"


def test_an_unknown_ending_is_told_with_those_that_are_known(tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(b"x")
    assert refusal(path, InputError).code == "unknown_ending"


def test_a_folder_is_told_with_the_files_in_it(tmp_path):
    geojson(tmp_path / "a.geojson")
    error = refusal(tmp_path, InputError)
    assert error.code == "directory"
    assert "a.geojson" in str(error)


def test_a_file_larger_than_allowed_is_told(tmp_path):
    assert refusal(geojson(tmp_path / "a.geojson"), TooLargeError, max_bytes=10).code == "too_large"


def zipped(path, *files):
    """Zip files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, f"资料/{file.name}")
    return path


def test_a_zipped_shapefile_is_read(tmp_path):
    shapefile(tmp_path)
    path = zipped(tmp_path / "a.zip", *tmp_path.glob("areas.*"))
    assert read(path, layer="areas")["code"].tolist() == ["1"]
    assert read(path).attrs["reading"]["source"] == "a.zip"


def test_a_zip_that_unpacks_beyond_measure_is_told(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"0" * 60_000_000)
    assert refusal(zipped(tmp_path / "a.zip", tmp_path / "a.csv"), TooLargeError).code == "zip_bomb"


def test_a_zip_that_needs_a_password_is_told(tmp_path):
    path = zipped(tmp_path / "a.zip", geojson(tmp_path / "a.geojson"))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag of encryption in the directory
    path.write_bytes(data)
    assert refusal(path).code == "password"


def test_a_zip_that_is_cut_off_is_told(tmp_path):
    path = zipped(tmp_path / "a.zip", geojson(tmp_path / "a.geojson"))
    path.write_bytes(path.read_bytes()[:-30])
    assert refusal(path).code == "broken_zip"


def test_a_zip_of_several_tables_asks_which(tmp_path):
    files = [geojson(tmp_path / f"{name}.geojson") for name in "ab"]
    path = zipped(tmp_path / "a.zip", *files)
    assert refusal(path, InputError).code == "which_sublayer"
    assert len(read(path, sublayer="b")) == 1


def test_an_archive_cannot_write_outside_its_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../../escaped.csv", "a\n1\n")
    read(tmp_path / "a.zip")
    assert list(tmp_path.parent.glob("escaped*")) == []


def test_kinds_of_geometry_that_were_not_promised_are_told_by_feature(tmp_path):
    point = {"type": "Feature", "properties": {"code": "2"}, "geometry": {"type": "Point", "coordinates": [120, 32]}}
    path = geojson(tmp_path / "a.geojson", feature(), point)
    assert [(f.code, f.feature) for f in refusal(path, TableError, layer="areas").faults] == [("wrong_geometry", 2)]
    assert list(read(path).geom_type) == ["Polygon", "Point"]


def test_a_geometry_that_is_none_is_told_by_feature(tmp_path):
    strange = {"type": "Feature", "properties": {"code": "2"}, "geometry": {"type": "Blob", "coordinates": "x"}}
    faults = refusal(geojson(tmp_path / "a.geojson", feature(), strange), TableError).faults
    assert [(fault.code, fault.feature) for fault in faults] == [("broken_geometry", 2)]


@pytest.mark.parametrize("kind", ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"])
def test_every_geometry_of_geojson_comes_out_as_shapely_reads_it(tmp_path, kind):
    hole = [[120.01, 32.01], [120.02, 32.01], [120.02, 32.02], [120.01, 32.01]]
    coordinates = {
        "Point": RING[0],
        "MultiPoint": RING,
        "LineString": RING[:3],
        "MultiLineString": [RING[:2], RING[2:]],
        "Polygon": [RING, hole],
        "MultiPolygon": [[RING, hole], [hole]],
    }
    geometry = {"type": kind, "coordinates": coordinates[kind]}
    other = {"type": "GeometryCollection", "geometries": [geometry]}
    features = [{"type": "Feature", "properties": {}, "geometry": each} for each in (geometry, other)]
    table = read(geojson(tmp_path / "a.geojson", *features))
    assert table.geometry[0] == shapely.from_geojson(json.dumps(geometry))
    assert table.geometry[1] == shapely.GeometryCollection([table.geometry[0]])


def test_cells_of_geojson_stay_what_they_are(tmp_path):
    table = read(geojson(tmp_path / "a.geojson", feature(code="007", n=12345678901234567, list=[1, "一"], none=None)))
    assert table[["code", "n", "list"]].iloc[0].tolist() == ["007", 12345678901234567, '[1, "一"]']


def test_a_file_of_several_layers_asks_which(tmp_path):
    for name in ("old", "new"):
        pyogrio.write_dataframe(squares(), tmp_path / "a.gpkg", layer=name, append=name == "new")
    error = refusal(tmp_path / "a.gpkg", InputError, layer="areas")
    assert error.code == "which_sublayer"
    assert "old (Polygon), new (Polygon)" in str(error)
    assert len(read(tmp_path / "a.gpkg", layer="areas", sublayer="old")) == 1
    assert refusal(tmp_path / "a.gpkg", NotFoundError, sublayer="older").code == "no_sublayer"


def test_of_several_layers_that_of_the_tables_own_name_is_read_and_said(tmp_path):
    for name in ("areas", "other"):
        pyogrio.write_dataframe(squares(), tmp_path / "a.gpkg", layer=name, append=name == "other")
    reading = read(tmp_path / "a.gpkg", layer="areas").attrs["reading"]
    assert [warning["code"] for warning in reading["warnings"]] == ["sublayer"]


def test_a_geopackage_whose_pages_are_damaged_is_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(squares(), path)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE gpkg_geometry_columns")
    connection.close()
    assert refusal(path, (FormatError, TableError, InputError)) is not None


def test_the_report_of_a_reading_is_fit_for_json(tmp_path):
    reading = read(geojson(tmp_path / "a.geojson", feature(BOWTIE)), layer="areas", mend=True).attrs["reading"]
    assert set(json.loads(json.dumps(reading))) == {
        *("source", "sha256", "encoding", "crs", "epsg", "features", "warnings", "mended")
    }


def test_columns_can_be_renamed_without_a_promise(tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(NAME="x"))
    assert "name" in read(path, columns={"name": "NAME"})
    assert refusal(path, TableError, columns={"name": "Name"}).faults[0].code == "unknown_column"


def test_tracks_of_gpx_are_fixes_of_the_post_that_the_track_names(tmp_path):
    (tmp_path / "a.gpx").write_text(
        '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>岗一</name><trkseg>'
        '<trkpt lat="32" lon="120.9"><ele>3</ele><time>2024-05-01T00:00:00Z</time></trkpt></trkseg></trk></gpx>',
        encoding="utf-8",
    )
    table = read(tmp_path / "a.gpx", layer="fixes")
    assert table["post"].tolist() == ["岗一"]
    assert table["time"].item() == pd.Timestamp("2024-05-01T00:00:00Z")


@pytest.mark.parametrize(
    ("ending", "driver"), [("fgb", "FlatGeobuf"), ("kml", "KML"), ("gml", "GML"), ("mif", "MapInfo File")]
)
def test_other_formats_of_gdal_are_read_and_nothing_is_left_beside_them(tmp_path, ending, driver):
    table = squares(3).to_crs(4326)
    pyogrio.write_dataframe(table.rename(columns={"code": "Name"}), tmp_path / f"a.{ending}", driver=driver)
    before = sorted(tmp_path.iterdir())
    result = read(tmp_path / f"a.{ending}", columns={"code": "Name"}, layer="areas")
    result = result.sort_values("code")  # FlatGeobuf orders its features by place
    assert shapely.equals_exact(result.geometry.array, table.geometry.array, 1e-6).all()
    assert sorted(tmp_path.iterdir()) == before


def test_a_copy_of_a_file_has_the_same_hash(tmp_path, shared_data):
    path = shared_data("taipei/taipei_town.geojson")
    shutil.copy(path, tmp_path / "b.geojson")
    assert read(path).attrs["reading"]["sha256"] == read(tmp_path / "b.geojson").attrs["reading"]["sha256"]


def test_a_table_without_places_beside_the_only_layer_is_not_worth_a_warning(tmp_path):
    square = geopandas.GeoDataFrame({"code": ["1"]}, geometry=[shapely.box(120, 32, 120.1, 32.1)], crs=4490)
    write({"grids": square, "assignment": pd.DataFrame({"building": ["b"]})}, tmp_path / "a.gpkg")
    write({"grids": square, "moved": square}, tmp_path / "b.gpkg")
    found = read(tmp_path / "a.gpkg", layer="areas")
    assert (found["code"].tolist(), found.attrs["reading"]["warnings"]) == (["1"], [])
    with pytest.raises(InputError, match="several layers"):
        read(tmp_path / "b.gpkg", layer="areas")
