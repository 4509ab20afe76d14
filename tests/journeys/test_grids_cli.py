"""What a grid administrator does from a shell: draw, check, mend and compare grids, on files."""

from __future__ import annotations

import json
import sys

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from shapely import box

from gridmap import cli, formats
from gridmap.samples import town


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command as a shell would and return its exit status, output and error output."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["gridmap", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return end.value.code or 0, said.out, said.err

    return run


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The sample town's layers as files, by name."""
    folder, tables = tmp_path_factory.mktemp("town"), town(seed=3, buildings=600)
    levels = dict(tuple(tables["areas"].groupby("level")))
    layers = {**{name: tables[name] for name in ("buildings", "streets", "areas", "areas_before")}, **levels}
    for name, table in layers.items():
        formats.write({name: table}, folder / f"{name}.gpkg")
    return {name: folder / f"{name}.gpkg" for name in layers}


def squares(path, *boxes, **columns):
    """A file of boxes in hundredths of a degree from 120.86 E, 32 N."""
    shapes = [box(120.86 + w / 100, 32 + s / 100, 120.86 + e / 100, 32 + n / 100) for w, s, e, n in boxes]
    table = {"code": list("abcd"[: len(boxes)]), **columns}
    gpd.GeoDataFrame(table, geometry=shapes, crs=4490).to_file(path)
    return path


def test_a_partition_has_no_findings_and_status_0(run, tmp_path):
    status, out, _ = run("grids", "check", "--areas", squares(tmp_path / "a.geojson", (0, 0, 1, 1), (1, 0, 2, 1)))
    assert (status, out) == (0, "no findings: the areas are a partition\n")


def test_an_overlap_is_told_with_its_mend_and_status_1(run, tmp_path):
    status, out, _ = run("grids", "check", "--areas", squares(tmp_path / "a.geojson", (0, 0, 1.1, 1), (1, 0, 2, 1)))
    assert status == 1
    assert out.startswith("overlap: 1\n  a and b overlap by 104")
    assert "; give it to " in out


def test_findings_are_json_with_a_place(run, tmp_path):
    path = squares(tmp_path / "a.geojson", (0, 0, 1.1, 1), (1, 0, 2, 1))
    status, out, _ = run("grids", "check", "--areas", path, "--json")
    overlap = json.loads(out)["findings"][0]
    assert (status, overlap["rule"], overlap["codes"]) == (1, "overlap", ["a", "b"])
    assert (overlap["lon"], overlap["lat"]) == pytest.approx((120.8705, 32.005), abs=0.0006)


def test_findings_are_a_layer_of_a_file(run, tmp_path):
    path, out = squares(tmp_path / "a.geojson", (0, 0, 1.1, 1), (1, 0, 2, 1)), tmp_path / "findings.gpkg"
    run("grids", "check", "--areas", path, "--out", out)
    assert gpd.read_file(out, layer="findings")["rule"].tolist()[0] == "overlap"


def test_a_gap_at_the_rim_is_found_where_the_territory_is_named(run, tmp_path):
    areas = squares(tmp_path / "a.geojson", (0, 0, 1, 1), (1, 0, 2, 0.9))
    within = squares(tmp_path / "w.geojson", (0, 0, 2, 1))
    _, out, _ = run("grids", "check", "--areas", areas, "--within", within, "--json")
    assert next((row["rule"], row["codes"]) for row in json.loads(out)["findings"]) == ("gap", ["a", "b"])


def test_codes_borne_twice_and_crossed_rings_are_findings_and_no_bad_file(run, tmp_path):
    path = squares(tmp_path / "a.geojson", (0, 0, 1, 1), (1, 0, 2, 1), code=["a", "a"])
    status, out, _ = run("grids", "check", "--areas", path)
    assert status == 1
    assert "2 areas bear the code a" in out


def test_areas_are_mended_and_the_moves_written_beside_them(run, tmp_path):
    path, mended = squares(tmp_path / "a.geojson", (0, 0, 1.1, 1), (1, 0, 2, 1)), tmp_path / "mended.gpkg"
    run("grids", "check", "--areas", path, "--clean", mended)
    assert run("grids", "check", "--areas", mended)[0] == 0
    assert gpd.read_file(mended, layer="moved")["reason"].tolist() == ["overlap"]


def test_grids_are_drawn_from_buildings_and_streets_and_pass_the_check(run, files, tmp_path):
    out = tmp_path / "grids.gpkg"
    options = ("--buildings", files["buildings"], "--streets", files["streets"])
    status, said, _ = run("grids", "draw", *options, "--within", files["district"], "--out", out)
    assert status == 0
    assert "grids, " in said
    assert {name for name, _ in pyogrio.list_layers(out)} == {"grids", "assignment"}
    checked = run("grids", "check", "--areas", out, "--within", files["district"], "--json")[1]
    assert {row["rule"] for row in json.loads(checked)["findings"]} <= {"households", "barrier"}


def test_no_drawn_grid_crosses_its_community(run, files, tmp_path):
    out = tmp_path / "grids.gpkg"
    options = ("--buildings", files["buildings"], "--streets", files["streets"], "--parents", files["community"])
    run("grids", "draw", *options, "--out", out)
    checked = run("grids", "check", "--areas", out, "--parents", files["community"], "--json")[1]
    assert [row for row in json.loads(checked)["findings"] if row["rule"] in {"nesting", "gap", "outside"}] == []


def test_a_drawing_is_explained_as_json(run, files, tmp_path):
    options = ("--buildings", files["buildings"], "--streets", files["streets"], "--band", "300-500", "--json")
    _, out, _ = run("grids", "draw", *options, "--out", tmp_path / "grids.gpkg")
    report = json.loads(out)
    assert (report["low"], report["high"]) == (300, 500)


def test_a_drawing_over_standing_grids_lists_who_changes(run, files, tmp_path):
    out = tmp_path / "grids.gpkg"
    options = ("--buildings", files["buildings"], "--streets", files["streets"], "--standing", files["grid"])
    run("grids", "draw", *options, "--out", out)
    moved = gpd.read_file(out, layer="transfers")
    assert {"building", "households", "from", "to", "reason"} <= set(moved.columns)


def test_two_plans_are_compared_and_every_sheet_written(run, files, tmp_path):
    out = tmp_path / "changes.xlsx"
    options = ("--old", files["areas_before"], "--new", files["areas"], "--buildings", files["buildings"])
    status, said, _ = run("grids", "compare", *options, "--out", out, "--json")
    changes = json.loads(said)["changes"]
    assert status == 0
    assert {"changes", "buildings", "inform"} <= set(pd.read_excel(out, sheet_name=None))
    assert {row["old"] for row in changes if row["old"]} == set(gpd.read_file(files["areas_before"])["code"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(
            ("draw", "--buildings", "nix.gpkg", "--streets", "x.gpkg"), "there is no file nix.gpkg", id="no file"
        ),
        pytest.param(("draw", "--buildings", "{buildings}"), "no streets; name a file", id="no streets"),
        pytest.param(
            ("draw", "--buildings", "{buildings}", "--streets", "{streets}", "--band", "300"),
            "two numbers with a dash",
            id="a band of one number",
        ),
        pytest.param(
            ("draw", "--buildings", "{buildings}", "--streets", "{streets}", "--target", "0"), "target", id="no target"
        ),
        pytest.param(("check", "--areas", "{streets}"), "polygon", id="streets for areas"),
        pytest.param(("check", "--areas", "{areas}", "--on", "2010-01-01"), "in force on 2010-01-01", id="no such day"),
    ],
)
def test_what_cannot_be_done_ends_with_status_2_and_one_message(run, files, tmp_path, words, message):
    out = tmp_path / "out.gpkg"
    status, said, error = run("grids", *(word.format(**files) for word in words), "--out", out)
    assert (status, said) == (2, "")
    assert message in error
    assert "Traceback" not in error
    assert not out.exists()


def test_streets_are_cut_into_blocks_with_their_sides_and_faces(run, files, tmp_path):
    out = tmp_path / "blocks.gpkg"
    status, said, _ = run("grids", "blocks", "--streets", files["streets"], "--within", files["district"], "--out", out)
    blocks = gpd.read_file(out, layer="blocks")
    assert status == 0
    assert said.startswith(f"{len(blocks)} blocks, ")
    assert {name for name, _ in pyogrio.list_layers(out)} == {"blocks", "sides", "faces"}
    assert {"id", "street", "name", "from_m", "to_m", "length_m", "area_m2"} <= set(blocks.columns)


def test_blocks_may_be_one_layer_of_geojson(run, files, tmp_path):
    out = tmp_path / "blocks.geojson"
    assert run("grids", "blocks", "--streets", files["streets"], "--length", "150", "--out", out, "--json")[0] == 0
    assert gpd.read_file(out)["length_m"].median() < 200


@pytest.mark.parametrize("out", ["nowhere/grids.gpkg", "grids.doc"], ids=["no folder", "no such kind of file"])
def test_a_file_that_cannot_be_written_is_refused_before_the_work_is_done(run, files, tmp_path, monkeypatch, out):
    monkeypatch.setattr("gridmap.partition.drawing.drawing.draw", lambda *_, **__: pytest.fail("it was drawn"))
    options = ("--buildings", files["buildings"], "--streets", files["streets"])
    status, _, error = run("grids", "draw", *options, "--out", tmp_path / out)
    assert status == 2
    assert "there is no folder" in error or "is not known" in error


def test_an_area_without_a_name_is_called_by_its_code_alone(run, tmp_path):
    long = squares(tmp_path / "a.geojson", (0, 0, 9, 0.1), level=["grid"])
    assert "  a: compactness" in run("grids", "figures", "--areas", long)[1]
