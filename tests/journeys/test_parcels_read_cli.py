"""A mediator reads the files of two parties from a shell."""

from __future__ import annotations

import json

import geopandas
import pytest
import shapely
from typer.testing import CliRunner

from gridmap.cli import app, main
from gridmap.errors import FormatError
from gridmap.formats.parcels import read_parcels
from tests.parcel_files import exchange, square


@pytest.fixture
def run(tmp_path):
    def command(*words, text=None):
        if text is not None:
            (tmp_path / "a.txt").write_text(text, encoding="gbk", newline="")
        return CliRunner().invoke(app, ["parcels", "read", str(tmp_path / "a.txt"), *map(str, words)])

    return command


def test_what_was_read_is_told_as_json_and_nothing_else(run):
    result = run("--json", text=exchange([*square()[:4]]))
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {name: told[name] for name in ("epsg", "axis_order", "unit", "datum")} == {
        "epsg": 4528,
        "axis_order": "north_east",
        "unit": "m",
        "datum": "CGCS2000",
    }
    parcel = told["parcels"][0]
    assert (parcel["id"], round(parcel["area_m2"], 1), parcel["declared_area_m2"]) == ("DK001", 6666.7, 6667.0)
    assert [(row["code"], row["line"]) for row in told["warnings"]] == [("W_RING_NOT_CLOSED", 15)]


def test_a_person_is_told_what_was_decided_and_why(run):
    said = run(text=exchange()).stdout
    assert "EPSG:4528" in said
    assert "the ranges of northings and eastings of China are disjoint" in said


def test_a_refusal_has_code_and_line_and_leaves_no_file(run, tmp_path):
    result = run("--out", tmp_path / "b.gpkg", text=exchange(["J1,1,x,40520700.000", *square()[1:]]))
    assert isinstance(result.exception, FormatError)  # which the program tells in one message, with status 2
    assert "E_NUMBER, line 12" in str(result.exception)
    assert not (tmp_path / "b.gpkg").exists()


def test_the_program_ends_with_status_two_and_one_message(monkeypatch, capsys, tmp_path):
    (tmp_path / "a.txt").write_text(exchange(坐标系="月球"), encoding="gbk", newline="")
    monkeypatch.setattr("sys.argv", ["gridmap", "parcels", "read", str(tmp_path / "a.txt"), "--json"])
    with pytest.raises(SystemExit) as end:
        main()
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "")
    assert err.startswith("gridmap: a.txt: E_DATUM_UNKNOWN, line 3:")


def test_a_person_is_told_in_both_languages_and_no_terminal_obeys_the_file(run):
    said = run(text=exchange(square()[:4], parcel="4,0.6667,D\x07K,组,面,,,,@")).stdout
    assert said.startswith("1 parcel, 6,666.70 m2 (10.000 mu)；宗地 1 宗，面积 6,666.70 平方米")
    assert "it was closed；界址圈首尾不闭合，已自动闭合" in said
    assert "D?K: 6,666.70 m2, 4 points" in said


def test_the_territory_catches_a_wrong_meridian(run, tmp_path):
    ground = geopandas.GeoDataFrame(geometry=[shapely.box(120.1, 30.2, 120.4, 30.4)], crs=4490)
    ground.to_file(tmp_path / "ground.gpkg")
    text = exchange(square(east=520_700.0), 带号="39")
    assert "E_OUTSIDE_TERRITORY" in str(run("--within", tmp_path / "ground.gpkg", text=text).exception)
    told = run("--within", tmp_path / "ground.gpkg", "--json", text=exchange(square(east=520_700.0), 带号=None))
    assert json.loads(told.stdout)["epsg"] == 4549


@pytest.mark.parametrize("ending", ["txt", "csv", "xlsx", "kml", "dxf", "gpkg", "geojson"])
def test_what_was_read_is_written_too(run, tmp_path, ending):
    assert run("--out", tmp_path / f"b.{ending}", text=exchange()).exit_code == 0
    assert read_parcels(tmp_path / f"b.{ending}").parcels["id"].tolist() == ["DK001"]


def test_common_points_leave_an_old_datum(run, tmp_path):
    rows = [(40520700, 3352700), (40529700, 3352700), (40520700, 3361700)]
    lines = [f"{x},{y},{x + 100},{y - 50}" for x, y in rows]
    (tmp_path / "points.csv").write_text("\n".join(["x_old,y_old,x_new,y_new", *lines]))
    result = run("--common-points", tmp_path / "points.csv", "--json", text=exchange(坐标系="1980西安坐标系"))
    assert json.loads(result.stdout)["epsg"] == 4528


def test_an_unknown_ending_is_refused_before_anything_is_read(run, tmp_path):
    result = run("--out", tmp_path / "b.doc", text="no parcels at all")
    assert "the ending '.doc' of b.doc is not known" in str(result.exception)


def test_a_terminal_is_not_told_what_a_hostile_file_would_have_it_do(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("sys.argv", ["gridmap", "parcels", "read", str(tmp_path / "\x07甲　村.txt")])
    with pytest.raises(SystemExit):
        main()
    # a sequence of escape is dropped on the way to a file anyway, a bell is not
    assert "?甲　村.txt" in capsys.readouterr().err
