"""What a grid administrator sees of areas beside the norms, from a shell."""

from __future__ import annotations

import json
import sys

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely
from shapely import box

from gridmap import cli

COMMUNITY = "320613001001"


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command as a shell would and return its exit status and output."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["gridmap", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return end.value.code or 0, said.out

    return run


@pytest.fixture
def files(tmp_path):
    """A community of two square kilometres, a grid each: 100 households in the west, 400 in the east, no more."""
    squares = [box(500000, 3500000, 501000, 3501000), box(501000, 3500000, 502000, 3501000)]
    areas = {"code": [COMMUNITY, f"{COMMUNITY}001", f"{COMMUNITY}002"], "parent": [None, COMMUNITY, COMMUNITY]}
    levels = {"level": ["community", "grid", "grid"], "name": ["社区", "西", "东"]}
    gpd.GeoDataFrame({**areas, **levels}, geometry=[shapely.union_all(squares), *squares], crs=4549).to_file(
        tmp_path / "areas.gpkg"
    )
    houses = {"id": ["w", "e"], "households": [100, 400], "residents": [250, 1000]}
    doors = [box(500490, 3500490, 500510, 3500510), box(501490, 3500490, 501510, 3500510)]
    gpd.GeoDataFrame(houses, geometry=doors, crs=4549).to_file(tmp_path / "houses.gpkg")
    centre = {"id": ["c"], "kind": ["community_centre"], "floor_m2": [120.0], "staff": [2]}
    gpd.GeoDataFrame(centre, geometry=[shapely.Point(501500, 3500100)], crs=4549).to_file(tmp_path / "places.gpkg")
    return tmp_path


def given(files):
    """The options that name them."""
    return (f"--{name}={files / file}.gpkg" for name, file in _FILES.items())


_FILES = {"areas": "areas", "buildings": "houses", "places": "places"}


def test_each_level_is_told_with_its_norms_and_who_is_off_them(run, files):
    status, out = run("grids", "figures", *given(files))
    # 2 staff for 1 250 residents are 16 in 10 000; 120 m2 where 500 households need 150; from the west to the centre
    # it is the root of 1000^2 + 400^2, 1 077 m
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert status == 0
    assert "households 100 250 400 150-500 1" in lines
    assert f"{COMMUNITY} 社区: staff_per_10000 16, norm ≥ 18" in lines
    assert f"{COMMUNITY} 社区: floor_share 0.80, norm ≥ 1" in lines
    assert f"{COMMUNITY}001 西: households 100, norm 150-500" in lines
    assert f"{COMMUNITY}001 西: service_m 1,077, norm ≤ 500" in lines


def test_json_has_every_figure_and_every_norm(run, files):
    _, out = run("grids", "figures", *given(files), "--json")
    said = json.loads(out)
    assert [row["households"] for row in said["figures"]] == [500, 100, 400]
    west = {row["figure"]: row["kept"] for row in said["norms"] if row["name"] == "西"}
    assert west == {"households": False, "compactness": True, "service_m": False}


def test_a_workbook_has_a_sheet_for_each_level_and_one_of_norms(run, files):
    run("grids", "figures", *given(files), "--out", files / "f.xlsx")
    book = openpyxl.load_workbook(files / "f.xlsx")
    head, west, _ = book["grid"].iter_rows(values_only=True)
    row = dict(zip(head, west, strict=True))
    assert book.sheetnames == ["community", "grid", "norms"]
    assert (row["households"], row["off"]) == (100, "households;service_m")
    assert "geometry" not in row


def test_a_geopackage_has_a_layer_with_shapes_for_each_level(run, files):
    run("grids", "figures", *given(files), "--out", files / "f.gpkg")
    assert dict(pyogrio.list_layers(files / "f.gpkg").tolist()) == {
        "community": "Polygon",
        "grid": "Polygon",
        "norms": None,
    }


def test_without_buildings_and_places_only_what_areas_state_is_told(run, files):
    _, out = run("grids", "figures", "--areas", files / "areas.gpkg")
    assert "compactness" in out
    assert "households" not in out
    assert "service_m" not in out
