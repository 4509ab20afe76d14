"""What a planner does from a shell: what service places reach in some minutes, and whether that is enough."""

from __future__ import annotations

import json

import geopandas as gpd
import pyogrio
import pytest
from shapely import LineString, Point, box

from gridmap import formats
from gridmap.samples import town
from tests.journeys.corner import shell

X, Y, CRS = 580_000, 3_543_000, 4549


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command as a shell would and return its exit status, output and error output."""
    return shell(monkeypatch, capsys)


@pytest.fixture
def street(tmp_path):
    """A street of 2 km, a clinic at its west end, a house of 10 households at 300 m and one of 30 at 1900 m."""
    line = gpd.GeoDataFrame({"id": ["S"]}, geometry=[LineString([(X, Y), (X + 2000, Y)])], crs=CRS)
    clinic = {"id": ["L"], "kind": ["clinic"], "floor_m2": [400.0], "staff": [2]}
    homes = [box(X + x - 5, Y + 5, X + x + 5, Y + 15) for x in (300, 1900)]
    tables = {
        "streets": line,
        "places": gpd.GeoDataFrame(clinic, geometry=[Point(X, Y)], crs=CRS),
        "buildings": gpd.GeoDataFrame({"id": ["a", "b"], "households": [10, 30]}, geometry=homes, crs=CRS),
        "areas": gpd.GeoDataFrame(
            {"code": ["320613"], "level": ["district"]}, geometry=[box(X - 9, Y - 99, X + 2009, Y + 99)], crs=CRS
        ),
    }
    for name, table in tables.items():
        formats.write({name: table}, tmp_path / f"{name}.gpkg")
    return [word for name in tables for word in (f"--{name}", tmp_path / f"{name}.gpkg")]


def test_households_are_reached_along_streets_in_the_minutes_asked_for(run, street, tmp_path):
    words = ("services", "coverage", *street, "--minutes", "15", "--out", tmp_path / "s.gpkg", "--json")
    status, out, _ = run(*words)
    (reached,) = [row for row in json.loads(out)["polygons"] if row["kind"] == "clinic"]
    # 15 minutes at 1.3 m/s are 1170 m of 2000 m: the house at 300 m is reached, that at 1900 m is not
    assert (status, reached["share"]) == (0, pytest.approx(1170 / 2000, abs=1e-3))
    assert (reached["households_reached"], reached["share_households"]) == (10, 0.25)


def test_several_minutes_are_told_and_floor_space_beside_the_households(run, street, tmp_path):
    status, out, _ = run("services", "coverage", *street, "--out", tmp_path / "s.gpkg", "--json")
    told = json.loads(out)
    assert (status, {row["minutes"] for row in told["polygons"]}) == (0, {5, 10, 15})
    (area,) = [row for row in told["areas"] if (row["kind"], row["minutes"]) == ("clinic", 5)]
    # 400 m2 for 40 households
    assert (area["floor_m2_per_100"], area["staff"]) == (pytest.approx(1000), 2)
    assert {name for name, _ in pyogrio.list_layers(tmp_path / "s.gpkg")} == {"polygons", "areas", "places"}


def test_without_buildings_nobody_is_said_to_be_reached(run, street, tmp_path):
    words = street[:4]
    status, said, _ = run("services", "coverage", *words, "--out", tmp_path / "s.gpkg")
    assert (status, "not known" in said, "norm of" in said) == (0, True, False)


def test_the_sample_town_is_told_beside_its_norms(run, tmp_path):
    tables, words = town(seed=3, buildings=400), []
    for name in ("places", "streets", "areas", "buildings"):
        formats.write({name: tables[name]}, tmp_path / f"{name}.gpkg")
        words += [f"--{name}", tmp_path / f"{name}.gpkg"]
    status, said, _ = run("services", "coverage", *words, "--minutes", "5,15", "--out", tmp_path / "s.gpkg")
    assert (status, "norm of households reached" in said, "clinic" in said) == (0, True, True)
    told = json.loads(
        run("services", "coverage", *words, "--minutes", "5,15", "--out", tmp_path / "s.gpkg", "--json")[1]
    )
    bound = [row["kept"] for row in told["areas"] if row["kind"] == "all" and row["norm"] is not None]
    counts = told["norms"]["share"]
    assert (counts["areas"], counts["kept"], counts["below"]) == (len(bound), bound.count(True), bound.count(False))
    assert counts["kept"] > 0


@pytest.mark.parametrize(("minutes", "told"), [("0", "minutes above 0"), ("soon", "minutes above 0")])
def test_minutes_that_are_none_are_refused(run, street, tmp_path, minutes, told):
    status, _, err = run("services", "coverage", *street, "--minutes", minutes, "--out", tmp_path / "s.gpkg")
    assert (status, told in err, (tmp_path / "s.gpkg").exists()) == (2, True, False)


@pytest.mark.usefixtures("street")
def test_places_far_from_every_street_are_refused_with_nothing_left(run, tmp_path):
    far = gpd.GeoDataFrame({"id": ["L"], "kind": ["clinic"]}, geometry=[Point(X, Y + 9000)], crs=CRS)
    formats.write({"places": far}, tmp_path / "far.gpkg")
    words = ("--places", tmp_path / "far.gpkg", "--streets", tmp_path / "streets.gpkg", "--out", tmp_path / "s.gpkg")
    status, said, err = run("services", "coverage", *words)
    assert (status, said, err.startswith("gridmap: "), (tmp_path / "s.gpkg").exists()) == (2, "", True, False)
