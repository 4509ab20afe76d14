"""Posts, tracks and sign-ins over HTTP: for operators alone, each look audited; and tracks released that are held."""

from __future__ import annotations

import re

import httpx
import pytest
from pyproj import Geod
from shapely import LineString
from sqlalchemy import text

from gridmap.api import patrols_examples
from tests.journeys.beat import (
    ALERT,
    ALERTS,
    COVERAGE,
    DEGREE_M,
    DISTRICT,
    ONE,
    PACE_M_S,
    READERS,
    SIXTH,
    STREET_M,
    THREE,
    TWO,
    WATCHERS,
    asked,
    looks,
    rounds,
    share,
    told,
)

pytestmark = pytest.mark.usefixtures("built_page")


# posts, tracks and sign-ins


def test_what_each_post_walked_of_an_area_is_told_with_its_hours(reading):
    (post,) = asked(reading, SIXTH.replace(DISTRICT, TWO))["effort"]
    assert (post["post"], post["shift"]) == ("P2", "2024-05-06 night")
    assert post["km"] == pytest.approx(0.002 * DEGREE_M / 1000, abs=0.003)
    assert post["hours"] == pytest.approx(0.002 * DEGREE_M / PACE_M_S / 3600, abs=0.003)


def test_a_track_that_looks_made_up_is_held_and_does_not_count(reading):
    answer = asked(reading, SIXTH)
    assert answer["held"] == {"mocked_noise": 1, "mocked_spacing": 1}
    assert {(row["post"], row["shift"]) for row in answer["tracks"]["held"]["tracks"]} == {("P3", "2024-05-06 day")}
    assert share(answer, THREE)["walked_m"] == 0


def test_what_became_of_the_fixes_is_told_step_by_step(reading):
    steps = {row["step"]: row for row in asked(reading, SIXTH)["tracks"]["waterfall"]}
    first = rounds()[lambda table: table["time"] < "2024-05-07"]
    walks = [first[first["post"] == post] for post in ("P1", "P2")]
    metres = sum(Geod(ellps="GRS80").geometry_length(LineString(list(one.geometry))) for one in walks)
    number = sum(map(len, walks))
    assert [steps[step]["fixes"] for step in ("raw", "spikes", "credited")] == [number, 0, number]
    assert steps["credited"]["left_km"] == pytest.approx(metres / 1000, rel=1e-3)


def test_the_quality_of_the_tracks_through_an_area_is_told(reading):
    (track,) = asked(reading, SIXTH.replace(DISTRICT, ONE))["tracks"]["quality"]
    assert (track["post"], track["interval_p50_s"], track["grade"]) == ("P1", 10, "A")


def test_sign_ins_are_counted_against_those_that_were_due(reading):
    told_ = asked(reading, SIXTH)["signins"]
    (whole,) = (row for row in told_["completion"] if row["shift"] == "all")
    assert [whole[name] for name in ("due", "done", "share", "on_time", "missed")] == [2, 1, 0.5, 1, 1]
    assert whole["out_of_window"] == 0
    assert [(row["checkpoint"], row["status"]) for row in told_["amiss"]] == [("K2", "missed")]
    # the track of P1 passes K1 as it signs in there; the scan of an unknown checkpoint is left out
    assert told_["agreement"][0] == {"case": "scan_and_track", "count": 1, "share": 0.5}
    assert told_["left_out"] == 1


def test_sign_ins_are_those_of_the_checkpoints_in_an_area(reading):
    rows = asked(reading, SIXTH.replace(DISTRICT, ONE))["signins"]["completion"]
    assert [(row["shift"], row["due"], row["done"]) for row in rows][-1] == ("all", 1, 1)


def test_the_list_of_the_month_tells_what_was_visited_and_what_is_due(reading):
    listed = asked(reading, SIXTH)["must_visit"]
    assert [(row["checkpoint"], row["status"]) for row in listed["checkpoints"]] == [("M1", "done"), ("M2", "due")]
    after = asked(reading, f"{COVERAGE}&on=2024-05-07")["must_visit"]
    # a visit of the day before counts for thirty days
    assert [(row["checkpoint"], row["status"]) for row in after["checkpoints"]] == [("M1", "done"), ("M2", "due")]
    later = asked(reading, f"{COVERAGE}&on=2024-06-10")["must_visit"]
    assert [later[status] for status in ("done", "due", "overdue")] == [0, 0, 2]


def test_streets_that_neither_patrol_nor_camera_sees_are_listed_the_longest_first(reading):
    rows = asked(reading, SIXTH)["neither"]["streets"]
    # a stretch ends where its street enters another grid
    assert [(row["id"], row["length_m"]) for row in rows[:2]] == [("T", pytest.approx(STREET_M / 2, rel=1e-3))] * 2
    assert sum(row["length_m"] for row in rows) == pytest.approx(2 * STREET_M - 0.006 * DEGREE_M - 200, abs=5)


def test_streets_that_lost_metres_since_the_other_period_are_listed(reading):
    (row,) = asked(reading, f"{COVERAGE}&on=2024-05-07&compare_from=2024-05-06")["lost"]["streets"]
    assert (row["id"], row["lost_m"]) == ("S", pytest.approx(0.004 * DEGREE_M, abs=5))


# who may see what


@pytest.mark.parametrize("role", READERS)
def test_an_area_of_everybody_tells_shares_and_nothing_of_streets_or_posts(reading, role):
    before = looks(reading.record)
    response = reading.get(SIXTH, headers=reading.keys[role])
    hidden = ("overdue", "neither", "effort", "overlap", "tracks", "signins", "must_visit", "lost")
    assert [response.json()[name] for name in hidden] == [None] * len(hidden)
    assert not re.search(r'"(S|T|P\d|K\d|M\d|南街)"', response.text)
    assert share(response.json(), ONE)["share"] == pytest.approx(0.5, abs=0.005)
    assert looks(reading.record) == before


@pytest.mark.parametrize("role", WATCHERS)
def test_every_look_at_posts_is_in_the_audit_trail_before_it_is_shown(reading, role):
    response = reading.get(SIXTH, headers=reading.keys[role])
    assert response.headers["cache-control"] == "no-store"
    seen = {"area": DISTRICT, "since": "2024-05-06", "until": "2024-05-06", "by": "/api/coverage/patrols"}
    assert looks(reading.record)[-1] == (role, role, seen)


def test_nobody_without_a_key_is_told_of_posts(reading):
    with httpx.Client(base_url=reading.base_url) as nobody:
        assert nobody.get(SIXTH).json()["effort"] is None
        assert nobody.post(ALERTS, json=ALERT).status_code == 401


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("path", [ALERTS, "/api/patrols/held/P3/2024-05-06 day/release"])
def test_who_may_not_see_patrols_is_refused_where_posts_are_and_their_release(reading, role, path):
    before = looks(reading.record)
    assert reading.post(path, json=ALERT, headers=reading.keys[role]).status_code == 403
    assert looks(reading.record) == before


# released


def test_a_track_that_is_released_counts(service):
    answer = service.post("/api/patrols/held/P3/2024-05-06 day/release", json={})
    assert answer.json() | {"released_at": 0} == {
        "post": "P3",
        "shift": "2024-05-06 day",
        "credited": True,
        "released": ["mocked_noise", "mocked_spacing"],
        "released_by": "desk",
        "released_at": 0,
        "read_as": None,
        "visits": 1,
    }
    found = asked(service, SIXTH)
    assert (found["held"], share(found, THREE)["share"]) == ({}, pytest.approx(0.003 / 0.008, abs=0.01))
    assert told(service.post("/api/patrols/held/P3/2024-05-06 day/release", json={})) == (400, "not_held")
    assert told(service.post("/api/patrols/held/P9/2024-05-06 day/release", json={})) == (404, "no_such_shift")
    assert told(service.post("/api/patrols/held/P3/2024-05-06 day/release", json=[])) == (400, None)


CLOCK = "/api/patrols/clocks/P2/2024-05-06 night"


def test_a_round_counts_in_the_shift_to_which_its_clock_set_right_moves_it(service):
    done = service.post(CLOCK, json={"offset_s": -36000})
    fixes = done.json()["fixes"]
    assert done.headers["cache-control"] == "no-store"
    assert done.json() == {**patrols_examples.RESET, "post": "P2", "offset_s": -36000.0, "fixes": fixes}
    found = asked(service, SIXTH)
    assert [share(found, TWO, shift)["share"] for shift in ("day", "night")] == [pytest.approx(0.25, abs=0.01), None]
    with service.record.connect() as connection:
        noted = connection.execute(text("SELECT actor, role, detail FROM audit WHERE action = 'set clock'")).one()
    assert noted == ("desk", "operator", done.json())


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (CLOCK, {}, 400, "no_offset"),
        (CLOCK, {"offset_s": True}, 400, "no_offset"),
        (CLOCK, {"offset_s": "8 h"}, 400, "no_offset"),
        (CLOCK, {"offset_s": 60, "why": ""}, 400, "no_offset"),
        (CLOCK, [], 400, "no_offset"),
        (CLOCK.replace("P2", "P9"), {"offset_s": 60}, 404, "no_fixes"),
        (CLOCK.replace("night", "noon"), {"offset_s": 60}, 400, None),
    ],
)
def test_a_clock_is_set_right_by_seconds_alone(reading, path, body, status, code):
    assert told(reading.post(path, json=body)) == (status, code)


@pytest.mark.parametrize("role", READERS)
def test_who_may_not_release_tracks_sets_no_clock(reading, role):
    assert reading.post(CLOCK, json={"offset_s": -36000}, headers=reading.keys[role]).status_code == 403
