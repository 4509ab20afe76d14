"""Patrols over HTTP: shares for every reader; streets, posts and sign-ins for operators alone, each look audited."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from pyproj import Geod
from shapely import LineString

from gridmap.api import create_app, patrols_examples
from gridmap.api.auth import GRANTS, WATCH_PATROLS
from gridmap.crs import from_wgs84
from gridmap.service.patrol_settling import settle
from gridmap.store.keys import ROLES
from gridmap.territory import today
from tests.journeys.beat import (
    DEGREE_M,
    DISTRICT,
    FOUR,
    ONE,
    PACE_M_S,
    SPAN,
    STREET_M,
    THREE,
    TWO,
    cloned,
    fill,
    load,
    looks,
    now,
    opened,
    round_,
    rounds,
    spotted,
    told,
)

pytestmark = pytest.mark.usefixtures("built_page")

WATCHERS = [role for role in ROLES if WATCH_PATROLS in GRANTS[role]]
READERS = [role for role in ROLES if WATCH_PATROLS not in GRANTS[role]]

COVERAGE = f"/api/coverage/patrols?area={DISTRICT}"
SIXTH = f"{COVERAGE}&on=2024-05-06"
#: Five days, three of them without any round.
WEEK = f"{COVERAGE}&from=2024-05-06&to=2024-05-10"
ALERTS = "/api/patrols/alerts"
#: Where the alert is, and how far from there a post is to stand.
ALERT = {"lon": 120.006, "lat": 32.005}


@pytest.fixture(scope="module")
def reading(database_server, record_template, four_grids, serving):
    """A service that no test changes but its audit trail."""
    with cloned(database_server, record_template, "patrols") as record:
        fill(record, four_grids)
        with opened(record, serving) as client:
            yield client


@pytest.fixture
def service(record, four_grids, serving):
    """A service of the test's own."""
    fill(record, four_grids)
    with opened(record, serving) as client:
        yield client


def area_of(answer, code):
    (found,) = (area for area in answer["areas"] if area["code"] == code)
    return found


def share(answer, code, shift="all"):
    """The shares of an area in a shift."""
    (found,) = (row for row in area_of(answer, code)["shares"] if row["shift"] == shift)
    return found


def asked(client, query, role=None):
    response = client.get(query, headers=None if role is None else client.keys[role])
    assert response.status_code == 200, response.text
    return response.json()


# shares of areas


def test_an_area_is_answered_with_its_children_in_the_order_of_their_codes(reading):
    answer = asked(reading, SIXTH)
    assert [area["code"] for area in answer["areas"]] == [DISTRICT, ONE, TWO, THREE, FOUR]
    assert answer["areas"][0]["streets_m"] == pytest.approx(2 * STREET_M, rel=1e-4)


@pytest.mark.parametrize(
    ("code", "shift", "degrees"),
    [
        (ONE, "all", 0.004),
        (ONE, "day", 0.004),
        (ONE, "night", 0.0),
        (ONE, "2024-05-06 day", 0.004),
        (TWO, "2024-05-06 night", 0.002),
        (TWO, "day", 0.0),
        (DISTRICT, "all", 0.006),
        (DISTRICT, "night", 0.002),
    ],
)
def test_the_metres_that_a_crew_walked_are_told_by_area_and_shift(reading, code, shift, degrees):
    row = share(asked(reading, SIXTH), code, shift)
    assert row["walked_m"] == pytest.approx(degrees * DEGREE_M, abs=3)
    streets = 2 * SPAN if code == DISTRICT else SPAN / 2
    assert row["share"] == pytest.approx(degrees / streets, abs=0.005)


def test_shares_of_what_was_seen_bridged_guessed_and_never_walked_add_up_to_one(reading):
    for area in asked(reading, WEEK)["areas"]:
        for row in area["shares"]:
            parts = [row[name] for name in ("share_inferred", "share_unknown", "share_never")]
            assert sum(parts) + (row["share"] or 0) == pytest.approx(1)


def test_the_true_share_lies_between_the_bars(reading):
    row = share(asked(reading, SIXTH), ONE)
    assert row["share_low"] <= 0.5 <= row["share_high"]
    assert 0 < row["share_high"] - row["share_low"] < 0.2


def test_a_shift_without_any_record_is_unknown_and_not_nought(reading):
    answer = asked(reading, WEEK)
    assert answer["period"]["shifts"][3] == "2024-05-07 night"
    assert [share(answer, ONE, "2024-05-09 day")[name] for name in ("share", "share_unknown")] == [None, 1]


def test_one_shift_alone_is_answered_if_asked(reading):
    answer = asked(reading, f"{SIXTH}&shift=night")
    assert {row["shift"] for area in answer["areas"] for row in area["shares"]} == {"night"}


def test_grids_are_held_beside_each_other(reading):
    even = asked(reading, SIXTH)["even"]
    # shares of a half, a quarter, and two of nought, of one length each
    assert (even["level"], even["areas"]) == ("grid", 4)
    assert [even["mean"], even["gini"]] == pytest.approx([0.1875, 7 / 12], abs=0.005)


def test_what_neither_patrol_nor_camera_sees_is_told_by_day_and_night(reading):
    rows = {row["shift"]: row for row in area_of(asked(reading, SIXTH), TWO)["cameras"]}
    assert rows["night"]["patrol_m"] == pytest.approx(0.002 * DEGREE_M, abs=3)
    assert [rows["day"]["patrol_m"], rows["day"]["both_m"]] == [0, 0]
    assert rows["day"]["camera_m"] == pytest.approx(200, rel=1e-4)
    assert rows["day"]["neither_m"] == pytest.approx(STREET_M / 2 - 200, rel=1e-4)


def test_two_periods_are_compared_by_the_metres_gained_and_lost(reading):
    answer = asked(reading, f"{COVERAGE}&on=2024-05-07&compare_from=2024-05-06")
    (row,) = (row for row in answer["compare"]["areas"] if (row["code"], row["shift"]) == (ONE, "all"))
    # from 120.004 to 120.008 on the one day, from 120.006 to 120.0099 on the other
    metres = [row[name] / DEGREE_M for name in ("old_m", "new_m", "gained_m", "lost_m", "kept_m")]
    assert metres == pytest.approx([0.004, 0.0039, 0.0019, 0.002, 0.002], abs=3 / DEGREE_M)
    assert answer["compare"]["period"]["shifts"] == ["2024-05-06 day", "2024-05-06 night"]


# what is owed


def test_nothing_is_overdue_on_the_first_evening(reading):
    answer = asked(reading, SIXTH)
    assert answer["overdue"]["numberMatched"] == answer["areas"][0]["owed"]["overdue_m"] == 0


def test_streets_are_overdue_once_nobody_came_for_three_days(reading):
    answer = asked(reading, WEEK)
    assert area_of(answer, DISTRICT)["owed"]["overdue_m"] == pytest.approx(2 * STREET_M, rel=1e-4)
    first, second = answer["overdue"]["streets"]
    # T was never walked in the 120 hours since the record began, of 72 that it may be left
    assert (first["id"], first["last_passed"]) == ("T", None)
    assert first["debt_m"] == pytest.approx((120 / 72 - 1) * STREET_M, rel=1e-3)
    assert (second["id"], second["name"], second["passes"]) == ("S", "南街", 3)


def test_an_area_has_the_overdue_streets_that_run_through_it(reading):
    answer = asked(reading, WEEK.replace(DISTRICT, THREE))
    assert [street["id"] for street in answer["overdue"]["streets"]] == ["T"]


def test_how_long_streets_were_left_alone_counts_from_the_first_record_on(reading):
    owed = area_of(asked(reading, f"{COVERAGE}&from=2024-04-20&to=2024-05-06"), THREE)["owed"]
    assert (owed["worst_h"], owed["mean_h"]) == pytest.approx((24, 12))


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


# versions


def test_who_holds_an_answer_is_sent_nothing_until_something_is_settled(service):
    first = service.get(SIXTH)
    again = {"If-None-Match": first.headers["etag"]}
    assert service.get(SIXTH, headers=again).status_code == 304
    assert service.get(SIXTH, headers={**again, **service.keys["viewer"]}).status_code == 200
    load(service.record, "fixes", round_("P4", "2024-05-06T10:00+08:00", 120.008, 120.01))
    settle(service.record, actor="test")
    changed = service.get(SIXTH, headers=again)
    assert share(changed.json(), ONE)["share"] == pytest.approx(0.75, abs=0.01)


def test_what_is_not_settled_yet_counts_as_it_stands(service):
    service.get(SIXTH)
    load(service.record, "fixes", round_("P4", "2024-05-06T10:00+08:00", 120.008, 120.01))
    assert share(asked(service, SIXTH), ONE)["share"] == pytest.approx(0.75, abs=0.01)


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


def test_visits_to_streets_that_are_gone_are_left_out_and_counted(service):
    assert asked(service, SIXTH)["left_out"] == 0
    with service.record.begin() as connection:
        connection.exec_driver_sql("UPDATE visits SET street = 'gone' WHERE post = 'P2'")
        connection.exec_driver_sql("UPDATE settled SET matched_at = now() WHERE post = 'P2'")
    answer = asked(service, SIXTH)
    assert (answer["left_out"], share(answer, TWO)["walked_m"]) == (1, 0)


# what is asked wrongly


ASKED_WRONGLY = [
    ("", 400, "no_area_asked"),
    ("area=nowhere", 404, "no_such_area"),
    (f"area={DISTRICT}&on=2026-02-30", 400, "no_day"),
    (f"area={DISTRICT}&from=2024-05-07&to=2024-05-06", 400, "days_reversed"),
    (f"area={DISTRICT}&from=2020-01-01&to=2024-05-06", 400, "too_many_days"),
    (f"area={DISTRICT}&from=2190-01-01&to=2190-01-02", 400, "days_ahead"),
    (f"area={DISTRICT}&on=1990-01-01", 404, None),
    (f"area={DISTRICT}&on=2024-05-06&shift=noon", 404, "no_shift"),
    (f"area={DISTRICT}&on=2024-05-06&shift=2024-05-07 day", 404, "no_shift"),
    (f"area={DISTRICT}&on=2024-05-06&compare_to=2024-05-05", 400, "compare_unclear"),
    (f"area={DISTRICT}&band=find", 400, None),
]


@pytest.mark.parametrize(("query", "status", "code"), ASKED_WRONGLY, ids=[query for query, _, _ in ASKED_WRONGLY])
def test_a_question_about_patrols_that_cannot_be_answered_is_refused(reading, query, status, code):
    assert told(reading.get(f"/api/coverage/patrols?{query}")) == (status, code)


def test_a_refusal_speaks_the_language_of_its_reader(reading):
    details = [
        reading.get(f"{SIXTH}&shift=noon", headers={"Accept-Language": language}).json()["detail"]
        for language in ("en", "zh-CN")
    ]
    assert ("have no shift noon" in details[0], "没有班次 noon" in details[1]) == (True, True)


def test_a_service_that_answers_from_files_says_that_it_has_no_patrols(small_atlas, serving):
    with serving(create_app(small_atlas, open_read=True)) as client:
        assert told(client.get(COVERAGE)) == (404, "no_patrols")


def test_a_record_without_streets_says_so(record, four_grids, serving):
    load(record, "areas", four_grids)
    with opened(record, serving) as client:
        assert told(client.get(SIXTH)) == (404, "no_streets")


def test_without_any_day_the_month_is_answered_that_ends_with_the_last_record(reading):
    period = asked(reading, COVERAGE)["period"]
    assert (period["from"], period["to"], len(period["shifts"])) == ("2024-04-08", "2024-05-07", 60)


def test_the_shift_that_is_open_is_answered_up_to_the_minute(service):
    moment = now()
    answer = asked(service, f"{COVERAGE}&on={today()}")
    as_of = answer["period"]["as_of"]
    assert moment - timedelta(minutes=1) < now().fromisoformat(as_of) <= now()


# alerts


@pytest.fixture(scope="module")
def alarmed(database_server, record_template, four_grids, serving):
    """A service that heard of five posts: two on the street of the alert, one long ago, one on another street."""
    with cloned(database_server, record_template, "alerts") as record:
        fill(record, four_grids)
        near = ("near", 120.004, 32.005, 5), ("far", 120.0105, 32.005, 5), ("stale", 120.0061, 32.005, 400)
        load(record, "fixes", spotted(*near, ("across", 120.006, 32.015, 5), now=now()))
        with opened(record, serving) as client:
            yield client


def alert(client, **more):
    return client.post(ALERTS, json={**ALERT, **more})


def test_posts_are_told_in_the_order_in_which_they_would_be_there(alarmed):
    answer = alert(alarmed, n=1).json()
    found = {row["post"]: row for row in answer["posts"]}
    assert list(found)[:2] == ["near", "far"]
    assert [found[post]["chosen"] for post in ("near", "far", "stale", "across")] == [True, False, False, False]
    metres = [found[post]["metres"] for post in ("near", "far")]
    assert metres == pytest.approx([0.002 * DEGREE_M, 0.0045 * DEGREE_M], rel=1e-3)
    assert found["near"]["seconds"] == pytest.approx(0.002 * DEGREE_M / PACE_M_S, rel=1e-3)
    assert (found["near"]["lon"], found["far"]["reason"]) == (120.004, "farther")


def test_a_post_that_a_straight_line_would_send_loses_to_one_that_streets_bring_sooner(alarmed):
    row = next(row for row in alert(alarmed, n=1).json()["posts"] if row["post"] == "across")
    # 1.1 km as the crow flies, and no street that leads there
    assert (row["chosen"], row["seconds"]) == (False, None)


def test_a_post_on_a_street_that_does_not_lead_there_cannot_come(alarmed):
    rows = {row["post"]: row for row in alert(alarmed, n=3).json()["posts"]}
    assert (rows["across"]["reason"], rows["across"]["chosen"]) == ("unreachable", False)


def test_nothing_is_told_of_a_position_that_is_too_old_but_its_age(alarmed):
    response = alert(alarmed)
    (row,) = (row for row in response.json()["posts"] if row["post"] == "stale")
    assert row["age_s"] == pytest.approx(400, abs=60)
    assert [row[name] for name in ("seconds", "metres", "straight_m", "lon", "lat")] == [None] * 5
    assert (row["reason"], "120.0061" in response.text) == ("too_old", False)


def test_an_alert_may_be_told_in_another_system(alarmed):
    lon, lat = (float(value) for value in from_wgs84(ALERT["lon"], ALERT["lat"], "GCJ-02"))
    answer = alarmed.post(ALERTS, json={"lon": lon, "lat": lat, "crs": "GCJ-02", "n": 1}).json()
    assert answer["posts"][0]["metres"] == pytest.approx(0.002 * DEGREE_M, abs=1)


def test_every_alert_is_in_the_audit_trail_without_its_place(alarmed):
    assert alert(alarmed).headers["cache-control"] == "no-store"
    assert looks(alarmed.record)[-1] == ("desk", "operator", {"posts": 4, "by": ALERTS})


def test_a_fix_that_has_just_come_is_counted_on_within_seconds(alarmed):
    alert(alarmed)
    load(alarmed.record, "fixes", spotted(("new", 120.0062, 32.005, 0), now=now()))
    first = []
    while "new" not in first and len(first) < 1000:
        first.append(alert(alarmed, n=1).json()["posts"][0]["post"])
    assert first[-1] == "new"
    with alarmed.record.begin() as connection:
        connection.exec_driver_sql("DELETE FROM last_fixes WHERE post = 'new'")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "no_alert_place"),
        ({"lon": "east", "lat": 32.0}, 400, "no_alert_place"),
        ({"lon": True, "lat": 32.0}, 400, "no_alert_place"),
        ({"lon": 32.005, "lat": 120.006}, 400, None),
        ({**ALERT, "lat": 32.05}, 400, None),
        ({**ALERT, "n": 0}, 400, None),
        ({**ALERT, "n": 1.5}, 400, None),
        ({**ALERT, "mode": "horse"}, 400, None),
        ({**ALERT, "who": "me"}, 400, None),
        ({**ALERT, "crs": "Mars"}, 400, None),
        ([], 400, None),
    ],
)
def test_an_alert_that_makes_no_sense_is_refused(alarmed, body, status, code):
    assert told(alarmed.post(ALERTS, json=body)) == (status, code)


def test_an_alert_of_another_type_is_refused(alarmed):
    assert alarmed.post(ALERTS, content=b"lon=120").status_code == 415


def test_where_nobody_was_heard_of_nobody_is_sent(service):
    assert alert(service).json()["posts"] == []


# rounds


ROUND = f"/api/patrols/round?area={DISTRICT}&lon=120.002&lat=32.005&from=2024-05-06&to=2024-05-10"


def test_a_round_goes_where_most_is_owed_within_its_minutes_and_comes_back(reading):
    way, *stretches = asked(reading, f"{ROUND}&minutes=45")["features"]
    # along S and back takes 39 minutes; T does not lead there
    assert [one["properties"]["street"] for one in stretches] == ["S", "S"]
    assert way["properties"]["length_m"] == pytest.approx(2 * STREET_M, rel=1e-3)
    assert way["geometry"]["coordinates"][0] == way["geometry"]["coordinates"][-1]
    assert way["properties"]["collected"] == pytest.approx(debt_of(reading, "S"))


def debt_of(reading, street):
    """What a street is owed."""
    (row,) = (row for row in asked(reading, WEEK)["overdue"]["streets"] if row["id"] == street)
    return row["debt_m"]


def test_a_round_without_the_time_for_anything_goes_nowhere(reading):
    (way,) = asked(reading, f"{ROUND}&minutes=38")["features"]
    assert (way["properties"]["length_m"], way["properties"]["collected"]) == (0, 0)


def test_a_round_through_all_streets_of_an_area_is_the_shortest(reading):
    way, *_ = asked(reading, ROUND.replace(DISTRICT, ONE))["features"]
    # S is walked to its end and back, as it is one street that runs on beyond the grid
    assert way["properties"]["length_m"] == pytest.approx(2 * STREET_M, rel=1e-3)
    assert way["properties"]["gap"] == pytest.approx(0)


def test_a_round_meets_the_checkpoints_while_they_are_open(reading):
    way, *_ = asked(reading, f"{ROUND}&minutes=120&signins=true")["features"]
    times = {row["checkpoint"]: row["minutes"] for row in way["properties"]["signins"]}
    assert set(times) == {"K1", "K2"}
    assert times["K1"] >= 0.003 * DEGREE_M / PACE_M_S / 60 - 0.1


def test_a_round_for_a_phone_is_a_file(reading):
    answer = reading.get(f"{ROUND}&minutes=45&f=gpx")
    assert answer.headers["content-type"] == "application/gpx+xml"
    assert answer.headers["content-disposition"].endswith('filename="round.gpx"')
    assert answer.content.startswith(b"<?xml")
    assert b"<trkpt" in answer.content


def test_every_round_is_in_the_audit_trail(reading):
    assert reading.get(f"{ROUND}&minutes=30").headers["cache-control"] == "no-store"
    assert looks(reading.record)[-1][2] == {
        "area": DISTRICT,
        "since": "2024-05-06",
        "until": "2024-05-10",
        "by": "/api/patrols/round",
    }


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (("&lon=120.002", ""), 400, "no_start"),
        ((DISTRICT, "nowhere"), 404, "no_such_area"),
        (("lat=32.005", "lat=32.3"), 400, "start_off_streets"),
        (("to=2024-05-10", "to=2024-05-06&minutes=30"), 404, "nothing_owed"),
        (("to=2024-05-10", "to=2024-05-10&minutes=1000"), 400, None),
        (("to=2024-05-10", "to=2024-05-10&minutes=30&begins=25:00"), 400, None),
        (("to=2024-05-10", "to=2024-05-10&mode=horse"), 400, None),
        (("to=2024-05-10", "to=2024-05-10&f=pdf"), 400, None),
    ],
)
def test_a_round_that_cannot_be_planned_is_refused(reading, change, status, code):
    assert told(reading.get(ROUND.replace(*change))) == (status, code)


@pytest.mark.parametrize("role", READERS)
def test_who_may_not_see_patrols_is_planned_no_round(reading, role):
    assert told(reading.get(ROUND, headers=reading.keys[role]))[0] == 403


def test_the_example_of_a_round_has_the_shape_of_the_answer(reading):
    answer = asked(reading, f"{ROUND}&minutes=120&signins=true")
    kinds = [[one["properties"].keys() for one in each["features"][:2]] for each in (answer, patrols_examples.ROUND)]
    assert (kinds[0], answer.keys()) == (kinds[1], patrols_examples.ROUND.keys())


# the map


def drawn(page):
    """What a page was drawn from, as text."""
    return re.search(r'id="gm-data"[^>]*>(.*?)</script>', page.text, re.DOTALL)[1]


def test_the_map_of_who_may_not_see_patrols_holds_no_streets_and_posts(reading):
    before = looks(reading.record)
    page = reading.get("/maps/patrols?on=2024-05-06", headers=reading.keys["viewer"])
    assert page.headers["etag"]
    assert not re.search(r'"(S|T|P\d|K\d|南街)"', drawn(page))
    assert looks(reading.record) == before
    again = {"If-None-Match": page.headers["etag"], **reading.keys["viewer"]}
    assert reading.get("/maps/patrols?on=2024-05-06", headers=again).status_code == 304


def test_the_map_of_operators_tells_streets_and_sign_ins_and_is_audited(reading):
    page = reading.get("/maps/patrols?on=2024-05-06")
    assert {"南街", "P1", "K1"} <= set(re.findall(r'"(南街|P1|K1)"', drawn(page)))
    assert page.headers["cache-control"] == "no-store"
    assert looks(reading.record)[-1][2] == {
        "area": None,
        "since": "2024-05-06",
        "until": "2024-05-06",
        "by": "/maps/patrols",
    }


def test_a_map_of_one_area_holds_what_lies_in_it(reading):
    text = drawn(reading.get(f"/maps/patrols?on=2024-05-06&area={ONE}"))
    assert (ONE in text, TWO in text, "K1" in text, "K2" in text) == (True, False, True, False)


def test_two_periods_lie_side_by_side_on_the_map(reading):
    page = reading.get("/maps/patrols?on=2024-05-07&old_from=2024-05-06&lang=en")
    assert ("Before: 2024-05-06" in page.text, '<html lang="en"' in page.text) == (True, True)
    assert [seen["since"] for _, _, seen in looks(reading.record)[-2:]] == ["2024-05-07", "2024-05-06"]


def test_a_map_says_what_does_not_count(reading):
    page = reading.get("/maps/patrols?on=2024-05-06&lang=en", headers=reading.keys["viewer"])
    assert "2 posts' shifts are held" not in page.text
    assert "1 posts' shifts are held" in page.text


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [("area=nowhere", 404, "no_such_area"), ("old_to=2024-05-06", 400, "compare_unclear"), ("lang=fr", 400, None)],
)
def test_a_map_that_cannot_be_drawn_is_refused(reading, query, status, code):
    assert told(reading.get(f"/maps/patrols?{query}")) == (status, code)


# the documentation


def shape(value):
    """The names in a value, of lists those in the first member."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items() if name != "held" or "numberMatched" in part}
    return [shape(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None


def test_the_example_of_coverage_has_the_shape_of_the_answer(reading):
    # after a week streets are owed; of one day beside two some were walked no more
    answer = asked(reading, f"{WEEK}&compare_from=2024-05-06")
    lost = asked(reading, f"{SIXTH}&compare_from=2024-05-06&compare_to=2024-05-07")["lost"]
    assert shape({**answer, "lost": lost}) == shape(patrols_examples.COVERAGE)


def test_the_example_of_an_alert_has_the_shape_of_the_answer(alarmed):
    answer = alarmed.post(ALERTS, json={**patrols_examples.ALERT, **ALERT}).json()
    assert shape(answer) == shape(patrols_examples.NEAREST)
