"""The page of a case over HTTP and from a shell: epochs of the record, parcels, scans and pictures handed in."""

from __future__ import annotations

import io
import json
import re

import geopandas as gpd
import pytest
from PIL import Image

from tests.journeys.beat import cloned, load, opened
from tests.journeys.corner import shell
from tests.journeys.strip import EAST, NORTH, NORTH_VILLAGE, SOUTH_VILLAGE, exchange, filled, geojson, ground, sent

pytestmark = pytest.mark.usefixtures("built_page")


@pytest.fixture(scope="module")
def record(database_server, record_template, four_grids):
    with cloned(database_server, record_template, "case_pages") as made:
        load(made, "areas", four_grids)
        yield made


@pytest.fixture(scope="module")
def service(record, serving):
    with opened(record, serving) as client:
        client.headers.update(client.keys["mediator"])
        yield client


def page_of(service, case):
    page = service.get(f"/maps/disputes?case={case.rpartition('/')[2]}&lang=en")
    assert page.status_code == 200, page.text
    return json.loads(re.search(r'id="gm-data">(.*?)</script>', page.text, re.DOTALL)[1])


def handed_in(service, case, content, *, file, **source):
    """Hand in a file as a source of a case; the case has version 3."""
    added = sent(service, f"{case}/evidence", content, version=3, file=file, kind="map")
    body = {"version": 4, "title": file, "evidence": 1, **source}
    put = service.post(f"{case}/sources", json=body)
    assert (added.status_code, put.status_code) == (201, 201), put.text


def test_an_agreement_is_an_epoch_after_the_parcels_that_lay_there(service, record):
    case = filled(service)
    villages = {"id": ["S", "N"], "party": [SOUTH_VILLAGE, NORTH_VILLAGE]}
    before = gpd.GeoDataFrame(villages, geometry=[ground(0, 8), ground(8, 20)], crs=4528)
    load(record, "parcels", before.to_crs(4490))
    signed = {"version": 3, "candidate": "half way", "agreed_on": "2026-02-01", "effective": "2026-03-01"}
    assert service.post(f"{case}/agreements", json=signed).status_code == 201
    page = page_of(service, case)
    assert [one["title"].split()[-2:] for one in page["sources"]][1:] == [["from", "2026-03-01"]]
    [change] = page["changes"]
    # each village gets half of the two metres: 800 m2 become 900, 1200 become 1100
    assert {(*one["old"], *one["new"]): [round(m2) for m2 in one["m2"]] for one in change["events"]} == {
        ("S", "S"): [800, 900],
        ("N", "N"): [1200, 1100],
    }


def test_parcels_that_were_handed_in_are_an_epoch_of_the_day_of_their_source(service):
    case = filled(service)
    handed_in(service, case, exchange(0, 9), file="1998.txt", kind="parcels", captured="1998")
    [one] = [one for one in page_of(service, case)["sources"] if one["title"] == "1998.txt"]
    assert (one["parcels"]["m2"], one["capture"]["text"]) == ([900.0], "1998")


def test_a_scan_is_laid_on_the_ground_by_the_control_points_of_its_source(service):
    case = filled(service)
    scan = io.BytesIO()
    Image.new("L", (140, 60), 128).save(scan, "PNG")
    corners = [(0, 0), (140, 0), (0, 60), (140, 60), (70, 30)]
    points = [{"pixel": c, "line": r, "x": EAST - 20 + c, "y": NORTH + 40 - r} for c, r in corners]
    points[4]["x"] += 1
    handed_in(service, case, scan.getvalue(), file="map.png", kind="map", points=points, epsg=4528, method="order1")
    [one] = [one for one in page_of(service, case)["sources"] if one["title"] == "map.png"]
    assert (len(one["control"]), one["error_m"] > 0.5, len(one["band"]) > 0) == (5, True, True)


@pytest.mark.parametrize(
    ("file", "content", "source"),
    [
        ("far.geojson", geojson(ground(9e3, 9.1e3), id="1"), {"kind": "parcels"}),
        ("none.txt", b"nothing", {"kind": "parcels"}),
        ("cut.png", b"\x89PNG\r\n\x1a\n", {"kind": "map", "points": [{"pixel": 1, "line": 1, "x": EAST, "y": NORTH}]}),
    ],
    ids=["elsewhere", "no-parcels", "no-picture"],
)
def test_what_cannot_be_shown_stands_on_the_timeline_with_the_reason(service, file, content, source):
    case = filled(service)
    handed_in(service, case, content, file=file, **source)
    [one] = [one for one in page_of(service, case)["sources"] if one["title"].startswith(file)]
    assert (one["title"].startswith(f"{file} ("), "parcels" in one or "picture" in one) == (True, False)
    assert "gridmap-" not in one["title"]


def test_buildings_of_the_record_are_drawn(service, record):
    case = filled(service)
    house = gpd.GeoDataFrame({"id": ["B1"], "floors": [1]}, geometry=[ground(8.5, 9.5)], crs=4528).to_crs(4490)
    load(record, "buildings", house)
    assert len(page_of(service, case)["backdrops"]["buildings"]) == 1


def test_the_page_of_a_case_is_written_from_a_shell_too(service, record, monkeypatch, capsys, tmp_path):
    code = filled(service).rpartition("/")[2]
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record.url.render_as_string(hide_password=False))
    monkeypatch.chdir(tmp_path)
    run = shell(monkeypatch, capsys)
    assert run("maps", "disputes", "--case", code, "--out", "page.html")[0] == 0
    assert SOUTH_VILLAGE in (tmp_path / "page.html").read_text("utf-8")
    assert run("maps", "disputes", "--case", code, "--claims", "x.gpkg", "--out", "other.html")[0] == 2
    assert run("maps", "disputes", "--case", "none", "--out", "other.html")[0] == 2
    assert not (tmp_path / "other.html").exists()
