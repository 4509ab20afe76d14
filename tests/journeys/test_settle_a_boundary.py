"""A mediator's journey from a shell, on files alone: two parties' files and an old map become a sheet and a page."""

from __future__ import annotations

import json
import time

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pypdfium2
import pytest
import shapely
from PIL import Image
from typer.testing import CliRunner

from gridmap import formats, maps
from gridmap.cli import app
from gridmap.crs import to_system
from gridmap.disputes import compare, matrix
from gridmap.formats.parcels import write_parcels
from gridmap.maps.sheet import sheet
from gridmap.samples import town, villages
from tests.journeys.corner import shell
from tests.pace import pace_s

#: CPU seconds that a case of four lines between eight villages may take, computed and drawn.
MOST_S = 1.0
#: The same in paces, where the machine is slow: it takes 40 to 55 of them.
MOST_PACES = 60


@pytest.fixture(scope="module")
def tables():
    return town(seed=0, buildings=1000, days=1)


@pytest.fixture(scope="module")
def desk(tables, tmp_path_factory):
    """A folder with an exchange text, a table with its headings exchanged, the territory, and the lines proposed."""
    folder, given = tmp_path_factory.mktemp("desk"), tables["claims"]
    write_parcels(to_system(given.iloc[[0]].assign(id="A-1"), 4528), folder / "甲村.txt")
    corners = shapely.get_coordinates(to_system(given.iloc[[1]], 4549).geometry.to_numpy())
    book = openpyxl.Workbook()
    book.active.append(["点号", "X坐标", "Y坐标"])
    for number, (east, north) in enumerate(corners.tolist()):
        book.active.append([f"J{number + 1}", east, north])
    book.save(folder / "乙村.xlsx")
    formats.write({"district": tables["areas"].query("level == 'district'")}, folder / "district.gpkg")
    formats.write({"candidates": tables["candidates"]}, folder / "lines.gpkg")
    return folder


@pytest.fixture
def run(monkeypatch, capsys):
    """What runs a command as a shell would: exit status, output and error output."""
    return shell(monkeypatch, capsys)


def _done(*words):
    """What a command says that ends well; for what several tests look at."""
    result = CliRunner().invoke(app, [*map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def compared(desk, built_page):  # noqa: ARG001 - the page carries a part of it
    """The case compared: what its JSON tells."""
    claims = ["--claims", desk / "甲村.txt", "--claims", desk / "乙村.xlsx", "--within", desk / "district.gpkg"]
    stated = ["--accuracy", "甲村=5", "--accuracy", "乙村=1", "--candidates", desk / "lines.gpkg", "--share", "0.4"]
    written = ["--out", desk / "case.gpkg", "--sheet", desk / "sheet.pdf", "--map", desk / "page.html"]
    return json.loads(_done("parcels", "compare", *claims, *stated, *written, "--json"))


def _text(path):
    """All that is written in a PDF."""
    with pypdfium2.PdfDocument(path) as pdf:
        return "".join(pdf[page].get_textpage().get_text_range() for page in range(len(pdf)))


def test_each_file_tells_how_it_was_read(desk):
    first = json.loads(_done("parcels", "read", desk / "甲村.txt", "--json"))
    other = json.loads(_done("parcels", "read", desk / "乙村.xlsx", "--within", desk / "district.gpkg", "--json"))
    assert (first["epsg"], first["axis_order"]) == (4528, "north_east")
    assert (other["epsg"], other["axis_order"]) == (4549, "east_north")
    assert "W_AXIS_SWAPPED" in {row["code"] for row in other["warnings"]}


def test_a_table_that_does_not_say_its_zone_is_refused_where_no_territory_tells_it(desk, run):
    status, out, err = run("parcels", "read", desk / "乙村.xlsx", "--out", desk / "read.gpkg")
    assert (status, out, (desk / "read.gpkg").exists()) == (2, "", False)
    assert "E_ZONE_UNKNOWN, row 2" in err


def test_two_files_in_two_forms_are_compared_as_the_truth_has_it(compared, tables):
    assert compared["contested"][0]["area_m2"] == pytest.approx(tables["truth_borders"]["contested_m2"][0], abs=0.5)
    solved = [row for row in compared["ledger"] if "40%" in row["candidate"]]
    assert solved[0]["gain_m2"] / (solved[0]["gain_m2"] + solved[0]["loss_m2"]) == pytest.approx(0.4, abs=1e-5)


def test_what_a_party_states_of_its_accuracy_decides_the_verdict(compared):
    line = compared["lines"][0]
    # by hand: sqrt(5² + 1²) sqrt(ln(25 / 0.01))
    assert (line["verdict"], line["tolerance_m"]) == ("beyond", pytest.approx(14.263, abs=1e-3))
    assert not line["assumed"]


def test_the_sheet_names_both_parties_and_every_point_of_the_solved_line(compared, desk):
    text = _text(desk / "sheet.pdf")
    solved = [row for row in compared["points"] if "40%" in row["candidate"]]
    assert "甲村" in text
    assert "乙村" in text
    assert all(f"{row['x_north']:.3f}" in text for row in solved)


@pytest.mark.usefixtures("compared")
def test_the_page_loads_nothing_and_names_both_parties(desk):
    page = (desk / "page.html").read_text(encoding="utf-8")
    assert 'src="http' not in page
    assert "甲村" in page
    assert "乙村" in page


@pytest.fixture
def scanned(tables, tmp_path, monkeypatch):
    """A blank sheet of 900 by 700 pixels, a metre each, and nine corners of parcels looked up on it to the pixel."""
    monkeypatch.chdir(tmp_path)
    Image.new("L", (900, 700), 230).save("map.png")
    known = shapely.get_coordinates(to_system(tables["parcels_before"], 4549).geometry.to_numpy())[::29][:9]
    places = pd.DataFrame(known, columns=["x", "y"])
    west, north = known[:, 0].min() - 50, known[:, 1].max() + 50
    return places.assign(pixel=(places["x"] - west).round(), line=(north - places["y"]).round())


def test_an_old_map_is_laid_on_the_ground_with_its_error(scanned, run, tmp_path):
    scanned.to_csv("points.csv", index=False)
    words = ("parcels", "georeference", "map.png", "--points", "points.csv", "--crs", "EPSG:4549", "--json")
    status, out, _ = run(*words, "--out", "map.tif")
    told = json.loads(out)
    assert (status, told["faults"]) == (0, [])
    # clicks to the pixel are off by up to half a metre each way
    assert 0 < told["leave_one_out_m"] < 1
    assert (tmp_path / "map.tif").exists()


def test_a_corner_looked_up_wrongly_is_named_and_the_map_called_unfit(scanned, run):
    scanned.loc[4, "pixel"] += 45
    scanned.to_csv("points.csv", index=False)
    words = ("parcels", "georeference", "map.png", "--points", "points.csv", "--crs", "EPSG:4549", "--json")
    status, out, _ = run(*words)
    assert status == 1
    fault = json.loads(out)["faults"][0]
    assert (fault["code"], fault["points"]) == ("outlier", [4])


@pytest.fixture(scope="module")
def quarrels():
    return villages()


@pytest.fixture(scope="module")
def settled(quarrels, tmp_path_factory, built_page):  # noqa: ARG001 - the page carries a part of it
    """Folder and screen of four lines between eight villages, from files to files."""
    folder = tmp_path_factory.mktemp("villages")
    formats.write({"claims": quarrels["claims"]}, folder / "claims.gpkg")
    formats.write({"candidates": quarrels["candidates"]}, folder / "lines.geojson")
    given = ["--claims", folder / "claims.gpkg", "--candidates", folder / "lines.geojson"]
    written = ["--out", folder / "case.gpkg", "--sheet", folder / "sheet.pdf", "--map", folder / "page.html"]
    return folder, _done("parcels", "compare", *given, *written)


def test_eight_villages_see_what_each_line_gives_them_in_m2_and_in_mu(settled, quarrels):
    told = pyogrio.read_dataframe(settled[0] / "case.gpkg", layer="matrix").set_index("party")
    true = quarrels["truth_ledger"].assign(net=lambda rows: rows["gain_m2"] - rows["loss_m2"])
    true = true.pivot_table(index="party", columns="candidate", values="net")
    found = told[[f"{name}_m2" for name in true]].to_numpy()
    assert told.shape == (8, 24)
    assert np.allclose(found, true.loc[told.index], atol=0.05, equal_nan=True)
    # 15 mu are a hectare
    assert np.allclose(told[[f"{name}_mu" for name in true]].to_numpy() * 10_000 / 15, found, equal_nan=True)


def test_the_map_of_a_century_ago_decides_nothing_and_the_later_ones_do(settled):
    lines = pyogrio.read_dataframe(settled[0] / "case.gpkg", layer="lines", read_geometry=False)
    assert sorted(lines["verdict"]) == ["beyond"] * 3 + ["cannot_decide"]
    assert "this source cannot decide" in settled[1]
    assert "该资料无法判定" in settled[1]


def test_the_page_and_the_sheet_of_eight_villages_name_them_all(settled, quarrels):
    text, page = _text(settled[0] / "sheet.pdf"), (settled[0] / "page.html").read_text(encoding="utf-8")
    assert all(party in text and party in page for party in quarrels["claims"]["party"])


@pytest.mark.alone
@pytest.mark.usefixtures("built_page")
def test_a_case_of_eight_villages_ends_in_a_second(quarrels):
    def once():
        begin = time.process_time()
        told = compare(quarrels["claims"], quarrels["candidates"])
        assert matrix(told.ledger).shape == (8, 25)
        assert maps.page_html(maps.dispute_map(told))
        assert sheet(told).startswith(b"%PDF")
        return time.process_time() - begin

    assert min(once() / max(MOST_S, MOST_PACES * pace_s()) for _ in range(3)) <= 1
