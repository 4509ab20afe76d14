"""What a mediator does from a shell: claims and pictures in, one page out that both parties look at."""

from __future__ import annotations

import json
import re

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import box

from tests.dispute_scene import X, Y, candidates, claims, tiff
from tests.journeys.corner import shell

pytestmark = pytest.mark.usefixtures("built_page")


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the command in a folder with claims and candidates; its exit status, output and error output."""
    monkeypatch.chdir(tmp_path)
    claims().to_file("claims.gpkg")
    candidates(45).to_file("candidates.gpkg")
    return shell(monkeypatch, capsys)


def page_of(path):
    return json.loads(re.search(r'id="gm-data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)[1])


def test_claims_and_two_epochs_become_a_page(run, tmp_path):
    land = gpd.GeoDataFrame({"id": ["1"]}, geometry=[box(X, Y, X + 50, Y + 50)], crs=4549)
    land.to_file("old.gpkg")
    land.to_file("new.gpkg")
    words = ["--claims", "claims.gpkg", "--candidates", "candidates.gpkg", "--old", "old.gpkg", "--new", "new.gpkg"]
    assert run("maps", "disputes", *words, "--old-date", "195X", "--out", "page.html", "--title", "四村")[0] == 0
    page = page_of(tmp_path / "page.html")
    assert [one["capture"] and one["capture"]["text"] for one in page["sources"]] == ["195X", None]
    assert [one["id"] for one in page["candidates"]] == ["M45"]


def test_pictures_keep_the_dates_that_are_stated_in_their_order(run, shared_data, tmp_path):
    pictures = [shared_data("dated_images") / f"ndvi_{year}.tif" for year in (2015, 2016)]
    with rasterio.open(pictures[0]) as file:
        west, south, system = file.bounds.left + 300, file.bounds.bottom + 300, file.crs.to_epsg()
    land = [box(west, south, west + 60, south + 100), box(west + 40, south, west + 100, south + 100)]
    gpd.GeoDataFrame({"party": ["a", "b"]}, geometry=land, crs=system).to_file("claims.gpkg")
    words = ["--claims", "claims.gpkg", "--picture", pictures[0], "--picture", pictures[1], "--lang", "en"]
    stated = ["--captured", "2015-07", "--captured", "", "--released", "", "--released", "2017", "--out", "page.html"]
    assert run("maps", "disputes", *map(str, words), *stated)[0] == 0
    dates = [
        [one[name] and one[name]["text"] for name in ("capture", "release")]
        for one in page_of(tmp_path / "page.html")["sources"]
    ]
    assert dates == [["2015-07", None], [None, "2017"]]


def test_epochs_of_any_number_of_surveys_become_sources_in_their_order(run, tmp_path):
    land = gpd.GeoDataFrame({"id": ["1"]}, geometry=[box(X, Y, X + 50, Y + 50)], crs=4549)
    land.to_file("a.gpkg")
    days = {"valid_from": [None, "2010-01-01"], "valid_to": ["2010-01-01", None]}
    gpd.GeoDataFrame({"id": ["1", "2"], **days}, geometry=[*land.geometry, *land.geometry], crs=4549).to_file("b.gpkg")
    words = ["--claims", "claims.gpkg", "--epoch", "a.gpkg", "--epoch", "b.gpkg", "--out", "page.html", "--lang", "en"]
    assert run("maps", "disputes", *words, "--epoch-date", "1998", "--epoch-date", "")[0] == 0
    page = page_of(tmp_path / "page.html")
    assert [(one["title"], one["capture"]["text"]) for one in page["sources"]] == [
        ("a", "1998"),
        ("b until 2009-12-31", "../2009-12-31"),
        ("b from 2010-01-01", "2010-01-01/.."),
    ]
    assert len(page["changes"]) == 3
    dated = run("maps", "disputes", *words, "--epoch-date", "1998", "--epoch-date", "1999")
    assert (dated[0], "b.gpkg says the days" in dated[2]) == (2, True)


def test_a_picture_is_called_as_it_is_stated_and_its_three_dates_are_told_apart(run, tmp_path):
    tiff(tmp_path / "x.tif", np.zeros((1, 100, 100), dtype=np.uint8))
    words = ["--claims", "claims.gpkg", "--picture", "x.tif", "--picture-title", "航片", "--out", "page.html"]
    assert run("maps", "disputes", *words, "--captured", "1953", "--released", "1960", "--scanned", "2004")[0] == 0
    [one] = page_of(tmp_path / "page.html")["sources"]
    told = [one["title"], *(one[name]["text"] for name in ("capture", "release", "scan"))]
    assert told == ["航片", "1953", "1960", "2004"]


def test_neither_claims_nor_a_case_is_refused(run):
    status, _, told = run("maps", "disputes", "--out", "page.html")
    assert (status, "--claims" in told, "--case" in told) == (2, True, True)


@pytest.mark.parametrize(
    "words",
    [
        ["--picture", "claims.gpkg"],
        ["--picture", "none.tif"],
        ["--picture", "claims.gpkg", "--captured", "1953", "--captured", "1954"],
        ["--captured", "1953"],
        ["--old", "claims.gpkg", "--old-date", "yesterday"],
    ],
    ids=["no-picture", "no-file", "too-many-dates", "date-of-nothing", "no-date"],
)
def test_what_cannot_be_shown_is_refused_and_no_page_is_left(run, tmp_path, words):
    status, _, told = run("maps", "disputes", "--claims", "claims.gpkg", *words, "--out", "page.html")
    assert (status, (tmp_path / "page.html").exists(), "Traceback" in told) == (2, False, False)
    assert told.startswith("gridmap: ")


def test_a_page_that_could_not_be_written_is_refused_before_the_work(run):
    assert "page.pdf" in run("maps", "disputes", "--claims", "claims.gpkg", "--out", "page.pdf")[2]


def test_a_comparison_writes_its_page_beside_its_layers(run, tmp_path):
    words = ["--claims", "claims.gpkg", "--candidates", "candidates.gpkg", "--out", "case.gpkg", "--map", "case.html"]
    assert run("parcels", "compare", *words)[0] == 0
    [one] = page_of(tmp_path / "case.html")["candidates"]
    assert {row["party"]: row["gain"] for row in one["ledger"]} == {"甲村": [500.0, 0.75], "乙村": [1500.0, 2.25]}


def test_what_was_taken_for_granted_to_read_the_claims_stands_on_the_page(run, tmp_path):
    for name, land in (("west", box(X, Y, X + 60, Y + 100)), ("east", box(X + 40, Y, X + 100, Y + 100))):
        gpd.GeoDataFrame(geometry=[land], crs=4549).to_file(f"{name}.gpkg")
    words = ["--claims", "west.gpkg", "--claims", "east.gpkg", "--out", "page.html", "--lang", "en"]
    assert run("maps", "disputes", *words)[0] == 0
    assert any("its name is the label" in note for note in page_of(tmp_path / "page.html")["notes"])
