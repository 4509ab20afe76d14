"""Versions and days of cameras over HTTP: changes, comparisons, and what a reader sees while cameras are loaded."""

from __future__ import annotations

import threading
import time
from datetime import date

import httpx
import pytest
from sqlalchemy import text

from gridmap.territory import today
from tests.journeys.watching import COVERAGE, DISTRICT, ONE, STREET_M, TWO, cameras, load, share, told

pytestmark = pytest.mark.usefixtures("built_page")


# versions and days


def test_who_holds_an_answer_is_sent_nothing_until_the_record_changes(service):
    first = service.get(COVERAGE)
    again = {"If-None-Match": first.headers["etag"]}
    assert service.get(COVERAGE, headers=again).status_code == 304
    assert service.get(COVERAGE, headers={**again, **service.keys["viewer"]}).status_code == 200
    load(service.record, "cameras", cameras(("C3", 120.012, "online")))
    changed = service.get(COVERAGE, headers=again)
    assert (changed.status_code, changed.json()["version"]) == (200, first.json()["version"] + 1)


def test_two_days_are_compared_share_by_share(service):
    load(service.record, "cameras", cameras(("C3", 120.012, "online")), effective=date(2026, 3, 1))
    answer = service.get(f"{COVERAGE}&from=2026-02-28&to=2026-03-01").json()
    (row,) = (
        row
        for row in answer["compare"]["shares"]
        if (row["code"], row["of"], row["cameras"], row["band"]) == (TWO, "streets", "online", "any")
    )
    assert [row["seen_from"], row["seen_to"]] == pytest.approx([0, 200], abs=0.01)
    assert row["change"] == pytest.approx(200 / (STREET_M / 2), rel=1e-4)


def test_two_days_are_compared_in_one_band_if_asked(reading):
    answer = reading.get(f"{COVERAGE}&from=2026-02-28&to=2026-03-01&band=find").json()
    assert {row["band"] for row in answer["compare"]["shares"]} == {"find"}


def test_a_change_of_a_camera_that_ends_leaves_its_end(service):
    passing = cameras(("C3", 120.012, "online")).assign(valid_to=date(2026, 6, 1))
    load(service.record, "cameras", passing, effective=date(2026, 3, 1))
    seen = service.get("/api/cameras/C3?on=2026-04-01").json()["camera"]["properties"]["seen"]
    body = {"seen": seen, "camera": {"height_m": 5.0}, "effective": "2026-04-01"}
    assert service.put("/api/cameras/C3", json=body).status_code == 200
    known = [service.get(f"/api/cameras?on={day}").json()["numberMatched"] for day in ("2026-05-31", "2026-06-01")]
    assert known == [3, 2]


def test_a_change_of_a_camera_leaves_the_days_before_as_they_were(service):
    seen = service.get("/api/cameras/C1").json()["camera"]["properties"]["seen"]
    body = {"seen": seen, "camera": {"lon": 120.0151, "status": "online"}, "effective": "2026-03-01"}
    saved = service.put("/api/cameras/C1", json=body)
    assert saved.json()["geometry"]["coordinates"] == [120.0151, 32.005]
    days = [service.get(f"{COVERAGE}&on={day}").json() for day in ("2026-02-28", "2026-03-01")]
    assert [share(answer, ONE)["seen"] for answer in days] == pytest.approx([200, 0], abs=0.01)


def test_a_change_from_a_state_that_others_changed_is_refused(service):
    seen = service.get("/api/cameras/C1").json()["camera"]["properties"]["seen"]
    assert service.put("/api/cameras/C1", json={"seen": seen, "camera": {"height_m": 5.0}}).status_code == 200
    stale = service.put("/api/cameras/C1", json={"seen": seen, "camera": {"height_m": 7.0}})
    assert told(stale) == (409, "stale_camera")
    assert told(service.delete(f"/api/cameras/C1?seen={seen}")) == (409, "stale_camera")
    assert service.get("/api/cameras/C1").json()["camera"]["properties"]["height_m"] == 5.0


def test_a_camera_is_added_and_taken_away_and_both_are_traced(service):
    new = {"lon": 120.012, "lat": 32.005, "kind": "fisheye", "height_m": 6.0, "range_m": 100.0}
    added = service.put("/api/cameras/C9", json={"camera": new, "effective": "2026-03-01"}).json()
    assert told(service.put("/api/cameras/C9", json={"camera": new})) == (409, "stale_camera")
    ended = service.delete(f"/api/cameras/C9?seen={added['properties']['seen']}&effective=2026-04-01")
    assert ended.json() == {"id": "C9", "version": added["version"] + 1, "valid_to": "2026-04-01"}
    known = [service.get(f"/api/cameras?on={day}").json()["numberMatched"] for day in ("2026-03-31", "2026-04-01")]
    assert known == [3, 2]
    with service.record.connect() as connection:
        trail = connection.execute(text("SELECT actor, action, layer, detail FROM audit ORDER BY audit_id")).all()
    made = [row for row in trail if row.actor == "desk" and row.action != "look at cameras"]
    assert [(row.action, row.layer) for row in made] == [("load", "cameras"), ("end", "cameras")]
    assert (made[0].detail["file"], made[1].detail["ids"]) == ("camera C9", ["C9"])


def test_reads_while_cameras_are_loaded_see_one_revision_or_the_other(service):
    stop, told_of, failed = threading.Event(), [], []

    def ask():
        with httpx.Client(base_url=service.base_url, headers=service.headers, timeout=30) as client:
            while not stop.is_set():
                answer = client.get(COVERAGE)
                said = answer.json()
                failed.extend([answer.text] if answer.status_code != 200 else [])
                seen = [round(share(said, code)["seen"]) for code in (ONE, TWO, DISTRICT)]
                told_of.append((said["version"], said["cameras"]["total"], seen))

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    for number in range(5):
        # both move at once: in grid 1 and in grid 2, or the other way round
        lons = (120.005, 120.015) if number % 2 else (120.015, 120.005)
        table = cameras(("C1", lons[0], "online"), ("C2", lons[1], "online"), (f"N{number}", 120.0061, "offline"))
        load(service.record, "cameras", table, effective=today())
        time.sleep(0.4)
    stop.set()
    for asker in askers:
        asker.join()
    assert failed == []
    by_version = {version: (total, seen) for version, total, seen in told_of}
    assert len(by_version) > 2
    assert all(by_version[version] == (total, seen) for version, total, seen in told_of)
    assert {tuple(seen) for version, (_, seen) in by_version.items() if version > min(by_version)} <= {(200, 200, 400)}
