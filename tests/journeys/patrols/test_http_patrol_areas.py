"""Shares of areas over HTTP: how much street patrols walked, shift by shift, what is owed, what is asked wrongly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gridmap.api import create_app, patrols_examples
from gridmap.service.patrol_settling import settle
from tests.journeys.beat import (
    COVERAGE,
    DEGREE_M,
    DISTRICT,
    FOUR,
    ONE,
    SIXTH,
    SPAN,
    STREET_M,
    THREE,
    TWO,
    WEEK,
    area_of,
    asked,
    load,
    now,
    opened,
    round_,
    shape,
    share,
    told,
)

pytestmark = pytest.mark.usefixtures("built_page")


# shares of areas


# slow in a fresh checkout, where this file comes early and compiles the kernels that the others then find
@pytest.mark.slow
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
    # the first shift of a day opens at eight in China, when the day begins in Greenwich
    answer = asked(service, f"{COVERAGE}&on={moment.date()}")
    as_of = answer["period"]["as_of"]
    assert moment - timedelta(minutes=1) < now().fromisoformat(as_of) <= now()


# the documentation


def test_the_example_of_coverage_has_the_shape_of_the_answer(reading):
    # after a week streets are owed; of one day beside two some were walked no more
    answer = asked(reading, f"{WEEK}&compare_from=2024-05-06")
    lost = asked(reading, f"{SIXTH}&compare_from=2024-05-06&compare_to=2024-05-07")["lost"]
    assert shape({**answer, "lost": lost}) == shape(patrols_examples.COVERAGE)
