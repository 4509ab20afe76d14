"""Files as offices and surveys gave them out."""

from __future__ import annotations

import pytest
import shapely

from gridmap.errors import InputError, TableError
from gridmap.formats import read
from tests.map_files import refusal


def test_the_villages_of_taipei_have_two_invalid_rings_which_are_mended_on_request(shared_data):
    path, columns = shared_data("taipei/taipei_village.geojson"), {"code": "CPTVID", "name": "PTVNAME"}
    faults = refusal(path, TableError, layer="areas", columns=columns).faults
    assert [(fault.code, fault.feature) for fault in faults] == [("invalid_ring", 102), ("invalid_ring", 128)]
    table = read(path, layer="areas", columns=columns, mend=True)
    assert (len(table), table.is_valid.all()) == (456, True)
    assert max(mend["changed_m2"] for mend in table.attrs["reading"]["mended"]) < 0.01


def test_the_outlines_of_nantong_of_2017_have_seven_invalid_rings(shared_data):
    warnings = read(shared_data("nantong/jiang1_su1_nan2_tong1.geojson")).attrs["reading"]["warnings"]
    assert [warning["code"] for warning in warnings] == ["invalid_ring"] * 7


def test_gcj_02_outlines_of_nantong_come_to_lie_on_those_of_the_survey(shared_data):
    path = shared_data("nantong/datav_320682.json")
    raw, amap = (read(path, crs=crs).to_crs(4549).geometry.item().centroid for crs in (None, "GCJ-02"))
    survey = read(shared_data("nantong/CLIP_tianditu_districts_1563206.geojson")).set_index("name").to_crs(4549)
    other = survey.geometry["如皋市"].centroid
    # the outlines are drawn differently, which moves their centres too
    assert shapely.distance(raw, other) > 400
    assert shapely.distance(amap, other) < 130


@pytest.mark.parametrize(("year", "count"), [("2010", 2600), ("2021", 2175)])
def test_the_municipalities_of_switzerland_are_utf_8_without_saying_so(shared_data, year, count):
    folder = shared_data(f"swiss_epochs/{year}")
    table = read(folder / "municipalities.shp", layer="areas", columns={"code": "id"})
    assert (table["name"] == "Zürich").sum() == 1
    assert table.attrs["reading"]["encoding"] == "utf-8"
    assert len(table) == count


def test_the_layers_of_bubenec_must_be_named(shared_data):
    path = shared_data("parcels_flanders_prague/bubenec.gpkg")
    assert refusal(path, InputError).code == "which_sublayer"
    assert len(read(path, layer="buildings", columns={"id": "uID"})) == len(read(path, sublayer="buildings"))


def test_streets_of_openstreetmap_are_the_lines_that_are_highways(shared_data):
    table = read(shared_data("helsinki_osm/Helsinki.osm.pbf"), layer="streets")
    assert (len(table), table["class"].isna().sum()) == (2504, 0)
    assert table["id"].is_unique
