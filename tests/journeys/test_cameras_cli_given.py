"""What the camera commands are given: columns, catalogues, OpenStreetMap, words, the record; and what they refuse."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pytest

from gridmap import formats
from tests.journeys.corner import CRS, at, camera_file, ground, options, shell


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command as a shell would and return its exit status, output and error output."""
    return shell(monkeypatch, capsys)


@pytest.fixture
def corner(tmp_path):
    """One camera that looks east behind a house at its back, and a street of 200 m before it; as options."""
    return ground(tmp_path)


def test_progress_and_warnings_go_to_standard_error_and_json_alone_to_standard_output(run, corner, tmp_path):
    corner["--cameras"] = tmp_path / "bare.geojson"
    point = gpd.GeoSeries([at(0, 0)], crs=CRS).to_crs(4326)
    gpd.GeoDataFrame({"id": ["C1"]}, geometry=point).to_file(corner["--cameras"])
    status, out, err = run("cameras", "coverage", *options(corner), "--json")
    assert (status, json.loads(out)["cameras"]["counted"]) == (0, 1)
    assert "no column kind" in err


def test_a_column_of_one_file_is_stated_for_its_layer(run, corner, tmp_path):
    for layer, key in (("cameras", "--cameras"), ("streets", "--streets")):
        table = gpd.read_file(corner[key]).rename(columns={"id": f"{layer}_nr"})
        formats.write({layer: table}, tmp_path / f"renamed_{layer}.gpkg")
        corner[key] = tmp_path / f"renamed_{layer}.gpkg"
    stated = ("--column", "cameras.id=cameras_nr", "--column", "streets.id=streets_nr")
    told = json.loads(run("cameras", "coverage", *options(corner), *stated, "--json")[1])
    assert ({row["camera"] for row in told["viewsheds"]}, {row["id"] for row in told["streets"]}) == ({"C1"}, {"S"})


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("camera.id=nr", "--column camera.; expected one of areas., buildings., streets., addresses., cameras."),
        ("streets.id=nr", "'nr', stated for id, is not in the file"),
        ("id=nr", "state it for that layer alone, as in --column cameras.ours=theirs"),
        ("idd=nr", "has no column 'idd'"),
    ],
    ids=["no such layer", "not in that file", "not in every file", "no such column"],
)
def test_a_column_that_cannot_be_meant_is_refused(run, corner, column, said):
    status, _, err = run("cameras", "coverage", *options(corner), "--column", column)
    assert (status, said in err) == (2, True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--out": "coverage.docx"}, "the ending '.docx'"),
        ({"--out": "nowhere/coverage.gpkg"}, "there is no folder"),
        ({"--map": "page.pdf"}, "expected a file that ends in .html"),
        ({"--map": "nowhere/page.html"}, "there is no folder"),
        ({"--cameras": "missing.gpkg"}, "missing.gpkg"),
    ],
    ids=["ending", "folder", "page", "page's folder", "no file"],
)
def test_what_cannot_be_read_or_written_is_refused_with_one_message_and_nothing_left(
    run, corner, tmp_path, changed, said
):
    corner |= {name: tmp_path / value for name, value in changed.items()}
    before = sorted(tmp_path.iterdir())
    status, out, err = run("cameras", "coverage", *options(corner))
    assert (status, out, said in err, err.count("gridmap:")) == (2, "", True, 1)
    assert sorted(tmp_path.iterdir()) == before


CATALOGUE = """DeviceID,Name,Longitude,Latitude,PTZType,DirectionType,Status,Resolution,HorizontalFieldAngle
34020000001320000001,东门,{lon},{lat},3,1,ON,1920*1080,90
34020000002000000001,平台,{lon},{lat},3,1,ON,1920*1080,90
"""


def test_a_national_catalogue_knows_headings_as_octants_and_servers_are_no_cameras(run, corner, tmp_path):
    place = gpd.GeoSeries([at(0, 0)], crs=CRS).to_crs(4490)[0]
    corner["--cameras"] = tmp_path / "catalogue.csv"
    corner["--cameras"].write_text(CATALOGUE.format(lon=place.x, lat=place.y), encoding="utf-8")
    _, out, _ = run("cameras", "coverage", *options(corner), "--json")
    told = json.loads(out)
    counts = told["cameras"]
    assert (counts["counted"], counts["heading_uncertain"], counts["possible_only"]) == (1, 1, 0)
    shares = [told["street_m"][name] for name in ("share_guaranteed", "share", "share_possible")]
    assert shares == sorted(shares)
    assert shares[0] < shares[2]


OSM = """<osm version="0.6"><node id="1" lon="{0}" lat="{1}"><tag k="man_made" v="surveillance"/>
<tag k="surveillance:type" v="camera"/><tag k="camera:direction" v="90"/><tag k="camera:type" v="fixed"/></node>
<node id="2" lon="{2}" lat="{3}"/><node id="3" lon="{4}" lat="{3}"/><node id="4" lon="{4}" lat="{5}"/>
<node id="5" lon="{2}" lat="{5}"/><way id="9"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="5"/><nd ref="2"/>
<tag k="building" v="yes"/><tag k="building:levels" v="{6}"/></way></osm>"""


@pytest.mark.parametrize(("levels", "beyond"), [("1", True), ("9", False)], ids=["low", "high"])
def test_openstreetmap_is_cameras_and_buildings_in_one_and_its_levels_are_heights(run, tmp_path, levels, beyond):
    west, east = (gpd.GeoSeries([at(x, y)], crs=CRS).to_crs(4326)[0] for x, y in ((20, -30), (25, 30)))
    camera = gpd.GeoSeries([at(0, 0)], crs=CRS).to_crs(4326)[0]
    path, out = tmp_path / "place.osm", tmp_path / "coverage.gpkg"
    path.write_text(OSM.format(camera.x, camera.y, west.x, west.y, east.x, east.y, levels), encoding="utf-8")
    status, *_ = run("cameras", "coverage", "--cameras", path, "--buildings", path, "--out", out)
    ground = gpd.read_file(out, layer="viewsheds").to_crs(CRS)
    # from 6 m up, one floor of 3 m in 20 to 25 m hides no more than to 50 m; nine floors hide all
    assert (status, ground.intersects(at(60, 0)).any(), ground.intersects(at(10, 0)).any()) == (0, beyond, True)


def test_a_direction_in_words_is_a_heading_where_its_street_is_known(run, corner, tmp_path):
    corner["--cameras"] = camera_file(tmp_path / "w.gpkg", ("C1", 0, 0, None), direction="朝人民路")
    streets = gpd.read_file(corner["--streets"]).assign(name="人民路")
    formats.write({"streets": streets}, tmp_path / "named.gpkg")
    corner["--streets"] = tmp_path / "named.gpkg"
    told = json.loads(run("cameras", "coverage", *options(corner), "--json")[1])
    assert told["cameras"]["possible_only"] == 0
    assert "朝人民路: it looks at the nearest point of 人民路" in {note["what"] for note in told["notes"]}


@pytest.mark.parametrize("ending", ["csv", "gpkg", "xlsx"])
def test_what_is_written_of_an_empty_record_has_the_promised_columns_and_says_that_there_are_no_rows(
    run, tmp_path, monkeypatch, record_url, ending
):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record_url)
    out = tmp_path / f"cameras.{ending}"
    status, _, err = run("dump", "cameras", out, "--on", "2026-01-01")
    read = {"csv": pd.read_csv, "gpkg": gpd.read_file, "xlsx": pd.read_excel}[ending](out)
    assert (status, len(read), {"id", "heading_deg", "kind", "status"} <= {*read.columns}) == (0, 0, True)
    assert "0 rows of cameras" in err
    assert "the record holds none in force on 2026-01-01" in err


def test_cameras_of_a_catalogue_are_loaded_as_they_are_asked_and_what_is_left_out_is_said(
    run, tmp_path, monkeypatch, record_url
):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record_url)
    catalogue = tmp_path / "catalogue.csv"
    catalogue.write_text(CATALOGUE.format(lon=120.0, lat=31.9), encoding="utf-8")
    status, out, err = run("load", "cameras", catalogue)
    assert (status, "1 added" in out) == (0, True)
    assert "warning: camera 34020000002000000001: it is no camera" in err


def test_codes_of_a_plain_table_that_are_none_are_told_and_hinder_nothing(run, corner, tmp_path):
    wrong = ["340200000013200000", "34020000002000000001", "34020000001320000001", "34020000001320000001"]
    rows = [(f"C{n}", 0, 10 * n, 90.0) for n in range(4)]
    corner["--cameras"] = camera_file(tmp_path / "codes.gpkg", *rows, code=wrong)
    status, out, _ = run("cameras", "coverage", *options(corner))
    assert (status, "4 of 4 cameras count" in out) == (0, True)
    assert "note: camera C0: its code has 18 characters; expected 20 digits (GB/T 28181)" in out
    assert "note: camera C1: its code has type 200 (SIP server)" in out
    assert "note: camera C3: its code is that of feature 3 already" in out


def test_a_table_with_wrong_codes_is_loaded_with_a_warning_and_its_columns_may_be_stated_by_layer(
    run, tmp_path, monkeypatch, record_url
):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record_url)
    path = tmp_path / "cameras.csv"
    path.write_text("nr,code,kind,status,lon,lat\n7,12,fixed,online,120.0,31.9\n", encoding="utf-8")
    status, out, err = run("load", "cameras", path, "--column", "cameras.id=nr")
    assert (status, "1 added" in out) == (0, True)
    assert "warning: camera 7: its code has 2 characters" in err


def test_helsinki_has_221_cameras_of_which_nobody_knows_where_they_look(run, tmp_path, shared_data):
    path = shared_data("helsinki_osm/Helsinki.osm.pbf")
    words = ("--cameras", path, "--buildings", path, "--streets", path)
    status, out, _ = run("cameras", "coverage", *words, "--out", tmp_path / "helsinki.gpkg", "--json")
    told = json.loads(out)
    assert (status, told["cameras"]["total"]) == (0, 221)
    assert told["cameras"]["possible_only"] + told["cameras"]["refused"] == 221
    assert (told["street_m"]["share"], 0.3 < told["street_m"]["share_possible"] < 0.8) == (0, True)


def test_taipeis_cameras_are_told_village_by_village(run, tmp_path, shared_data):
    cameras, villages = shared_data("taipei/cctv.geojson"), shared_data("taipei/taipei_village.geojson")
    words = ("--cameras", cameras, "--column", "cameras.id=攝影機數字編號", "--open-ground", "--areas", villages)
    words = (*words, "--column", "areas.code=CPTVID", "--column", "areas.name=TVNAME")
    status, out, _ = run("cameras", "coverage", *words, "--out", tmp_path / "taipei.gpkg", "--json")
    told = json.loads(out)
    assert (status, told["cameras"]["possible_only"]) == (0, 401)
    assert len({row["code"] for row in told["areas"]}) == 456
    assert all(row["share"] == 0 for row in told["areas"])
    assert sum(row["share_possible"] > 0 for row in told["areas"]) > 200
