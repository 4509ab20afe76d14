"""Alerts over HTTP: the posts that are first along streets, and nothing of a position that is too old."""

from __future__ import annotations

import time

import pytest

from gridmap.api import patrols_examples
from gridmap.crs import from_wgs84
from gridmap.service.patrol_answers import alerts
from tests.journeys.beat import (
    ALERT,
    ALERTS,
    DEGREE_M,
    PACE_M_S,
    cloned,
    load,
    looks,
    now,
    opened,
    shape,
    spotted,
    told,
)

pytestmark = pytest.mark.usefixtures("built_page")


@pytest.fixture(scope="module")
def alarmed(database_server, settled_record, serving):
    """A service that heard of five posts: two on the street of the alert, one long ago, one on another street."""
    with cloned(database_server, settled_record, "alerts") as record:
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


def test_of_many_posts_the_first_are_told_and_how_many_there_are(alarmed, monkeypatch):
    monkeypatch.setattr(alerts, "MOST_TOLD", 2)
    answer = alert(alarmed).json()
    assert (answer["numberMatched"], answer["numberReturned"]) == (4, 2)
    assert [row["post"] for row in answer["posts"]] == ["near", "far"]


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
    until, first = time.monotonic() + 10, None
    while first != "new" and time.monotonic() < until:
        time.sleep(0.1)
        first = alert(alarmed, n=1).json()["posts"][0]["post"]
    assert first == "new"
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


def test_the_example_of_an_alert_has_the_shape_of_the_answer(alarmed):
    answer = alarmed.post(ALERTS, json={**patrols_examples.ALERT, **ALERT}).json()
    assert shape(answer) == shape(patrols_examples.NEAREST)
