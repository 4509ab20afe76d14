"""The system of coordinates of a file: what it says, what is stated, and where they contradict each other."""

from __future__ import annotations

import geopandas
import pyogrio
import pytest
import shapely

from gridmap.errors import CrsError
from gridmap.formats import read
from tests.map_files import feature, geojson, refusal, shapefile, squares


@pytest.mark.parametrize("crs", ["EPSG:4547+5737", "EPSG:4979"])
def test_a_crs_of_three_dimensions_is_reduced_to_its_horizontal_part_and_said(tmp_path, crs):
    horizontal = 4326 if crs == "EPSG:4979" else 4547
    shape = shapely.force_3d(shapely.box(120, 32, 121, 33) if horizontal == 4326 else squares().geometry.item(), 4)
    pyogrio.write_dataframe(geopandas.GeoDataFrame({"code": ["1"]}, geometry=[shape], crs=crs), tmp_path / "a.gpkg")
    table = read(tmp_path / "a.gpkg", layer="areas")
    assert table.crs.to_epsg() == horizontal
    assert "height of its CRS was left out" in table.attrs["reading"]["crs"]


def test_file_and_user_may_not_contradict_each_other(tmp_path):
    assert refusal(shapefile(tmp_path), CrsError, crs=4547).code == "crs_contradiction"


@pytest.mark.parametrize("crs", [4549, "4549", "EPSG:4549", "epsg:4549"], ids=repr)
def test_file_and_user_may_say_the_same(tmp_path, crs):
    assert read(shapefile(tmp_path), crs=crs).crs.to_epsg() == 4549


def test_geojson_is_degrees_unless_it_says_otherwise(tmp_path):
    reading = read(geojson(tmp_path / "a.geojson")).attrs["reading"]
    assert reading["epsg"] == 4326
    assert "its format has no other" in reading["crs"]


def test_geojson_in_metres_is_refused_with_what_it_looks_like(tmp_path):
    ring = [[500000, 3500000], [500010, 3500000], [500010, 3500010], [500000, 3500000]]
    path = geojson(tmp_path / "a.geojson", feature(ring))
    error = refusal(path, CrsError)
    assert error.code == "not_degrees"
    assert "EPSG:" in str(error)
    assert read(path, crs=4549).crs.to_epsg() == 4549


@pytest.mark.parametrize(
    ("name", "epsg"),
    [("urn:ogc:def:crs:OGC:1.3:CRS84", 4326), ("urn:ogc:def:crs:EPSG::4490", 4490), ("EPSG:4326", 4326)],
)
def test_the_crs_that_old_geojson_states_is_honoured(tmp_path, name, epsg):
    path = geojson(tmp_path / "a.geojson", crs={"type": "name", "properties": {"name": name}})
    assert read(path).crs.to_epsg() == epsg


def test_gcj_02_is_set_right_to_wgs_84_and_said(tmp_path):
    # Tian'anmen: WGS 84 116.391222 E 39.907139 N appears on Chinese maps at 116.397463 E 39.908543 N
    point = {"type": "Feature", "properties": {"id": 1, "kind": "x"}, "geometry": None}
    point["geometry"] = {"type": "Point", "coordinates": [116.397463, 39.908543]}
    table = read(geojson(tmp_path / "a.geojson", point), layer="places", crs="gcj02")
    assert shapely.distance(table.geometry.item(), shapely.Point(116.391222, 39.907139)) < 5e-6
    assert "set right to WGS 84" in table.attrs["reading"]["crs"]


def test_a_csv_in_metres_needs_its_crs(tmp_path):
    (tmp_path / "a.csv").write_text("id,kind,x,y\n1,a,500000,3500000\n", encoding="ascii")
    assert refusal(tmp_path / "a.csv", CrsError).code == "missing_crs"
    assert read(tmp_path / "a.csv", layer="places", crs=4549).geometry.item() == shapely.Point(500000, 3500000)
