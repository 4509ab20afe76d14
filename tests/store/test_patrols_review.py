"""Tracks that somebody has looked at: held ones count once they are released, and clocks are set right."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import text

from gridmap import store
from gridmap.errors import ConflictError, InputError, NotFoundError
from gridmap.service.patrol_record import Patrols
from gridmap.service.patrol_review import release, set_clock
from gridmap.service.patrol_settling import settle, settle_again
from gridmap.store import patrols
from tests.store.patrol_walks import (
    CLOSED,
    DAY,
    HALF,
    NINE,
    SPAN,
    across,
    audited,
    load,
    made_up,
    settled,
    value,
    walk,
    walked,
)


def test_fixes_in_another_datum_are_held_until_somebody_says_what_they_are(town):
    corner = pd.concat([walk(fixes=61, datum="GCJ-02"), across("GCJ-02")])
    load(town, "fixes", corner)
    assert settle(town, now=CLOSED).held == 1
    (row,) = settled(town).to_dict("records")
    assert (row["datum"], row["credited"], [one["reason"] for one in row["held"]]) == ("GCJ-02", False, ["datum"])
    assert row["datum_margin"] > 0.3
    assert (len(walked(town)), len(walked(town, held=True)) > 0) == (0, True)
    release(town, "P1", DAY, actor=store.Actor(name="desk"), read_as="GCJ-02")
    found = walked(town)
    assert found.loc[found["street"] == "A", ["from_m", "to_m"]].to_numpy()[0] == pytest.approx([189, 1039], abs=6)
    assert audited(town, "release patrols") == [{"post": "P1", "shift": DAY, "reasons": ["datum"], "read_as": "GCJ-02"}]


def test_what_was_released_counts_until_there_is_another_reason(town):
    load(town, "fixes", made_up())
    settle(town, now=CLOSED)
    assert len(walked(town)) == 0
    row = release(town, "P1", DAY, actor="desk")
    assert row["credited"]
    assert {"mocked_spacing", "mocked_noise"} <= set(row["released"])
    assert len(walked(town)) == 1
    settle_again(town, DAY, ["P1"], actor="test")
    assert settled(town)[["credited", "released_by"]].to_numpy().tolist() == [[True, "desk"]]


def test_a_round_with_the_places_of_an_earlier_one_is_held(town):
    load(town, "fixes", pd.concat([walk("P1"), walk("P1", NINE + timedelta(days=1)), walk("P2", y=32.011, seed=9)]))
    settle(town, now=NINE + timedelta(days=3))
    with town.connect() as connection:
        rows = patrols.read_settled(connection, SPAN[0], SPAN[1] + timedelta(days=2))
    assert rows[["post", "shift", "credited"]].to_numpy().tolist() == [
        ["P1", DAY, True],
        ["P2", DAY, True],
        ["P1", "2026-11-21 day", False],
    ]
    assert f"the fixes of P1 {DAY}" in rows["held"].iloc[2][0]["message"]


def test_of_several_earlier_rounds_with_the_same_places_the_first_is_named(town):
    load(town, "fixes", pd.concat([walk("P1", NINE + timedelta(days=days)) for days in range(3)]))
    settle(town, now=NINE + timedelta(days=4))
    held = value(town, "SELECT held->0->>'message' FROM settled WHERE shift = '2026-11-22 day'")
    assert f"the fixes of P1 {DAY}" in held


def test_a_round_with_the_places_of_another_post_is_held_in_one_shift_too(town):
    load(town, "fixes", pd.concat([walk("P1"), walk("P2")]))
    settle(town, now=CLOSED, posts_at_once=2)
    assert settled(town)[["post", "credited"]].to_numpy().tolist() == [["P1", True], ["P2", False]]


def test_what_is_not_held_or_not_settled_cannot_be_released(town):
    load(town, "fixes", walk())
    with pytest.raises(NotFoundError, match="was not settled"):
        release(town, "P1", DAY, actor="desk")
    settle(town, now=CLOSED)
    with pytest.raises(InputError, match="is not held"):
        release(town, "P1", DAY, actor="desk")
    with pytest.raises(InputError, match="GCJ-02 or BD-09"):
        release(town, "P1", DAY, actor="desk", read_as="EPSG:2437")


def late_clock(hours=-8):
    """A walk at nine in the morning by a clock that is hours behind: one in the night before."""
    return walk(since=NINE + timedelta(hours=hours))


def reset(record, shift="2026-11-19 night", offset_s=8 * 3600, post="P1", **options):
    return set_clock(Patrols(record), post, shift, offset_s, actor="desk", **{"now": CLOSED, **options})


@pytest.mark.parametrize("done", [True, False], ids=["settled", "not settled"])
def test_a_clock_set_right_moves_a_round_to_the_shift_in_which_it_was_walked(town, done):
    load(town, "fixes", late_clock())
    if done:
        assert settle(town, now=CLOSED).visits == 1
    found = reset(town)
    assert (found.fixes, found.shifts) == (61, (DAY,))
    known = Patrols(town).walked(SPAN[0] - timedelta(days=1), SPAN[1], now=CLOSED)
    assert known.walked[["shift", "street"]].to_numpy().tolist() == [[DAY, "A"]]
    assert settle(town, now=CLOSED).shifts == 1
    assert walked(town, SPAN[0] - timedelta(days=1))[["shift", "start"]].to_numpy().tolist() == [[DAY, NINE]]
    assert value(town, "SELECT count(*) FROM visits") == 1


def test_the_other_sign_takes_a_clock_back(town):
    load(town, "fixes", walk())
    before = value(town, "SELECT string_agg(time::text || ST_AsText(geom), ',' ORDER BY time) FROM fixes")
    reset(town, DAY, -1800.5)
    reset(town, DAY, 1800.5)
    assert value(town, "SELECT string_agg(time::text || ST_AsText(geom), ',' ORDER BY time) FROM fixes") == before
    assert [each["offset_s"] for each in audited(town, "set clock")] == [-1800.5, 1800.5]


def test_a_clock_may_be_off_by_less_than_its_track_is_long(town):
    load(town, "fixes", walk())
    # each fix comes to stand where another has just been
    assert reset(town, DAY, 60).fixes == 61
    assert value(town, "SELECT min(time) FROM fixes") == NINE + timedelta(minutes=1)


def test_only_the_post_and_the_shift_that_are_named_are_moved(town):
    for post, since in (("P1", NINE - timedelta(hours=8)), ("P2", NINE - timedelta(hours=8)), ("P1", NINE)):
        load(town, "fixes", walk(post, since, fixes=3))
    reset(town, offset_s=9 * 3600)
    rows = "SELECT string_agg(DISTINCT post || ' ' || to_char(time AT TIME ZONE 'UTC', 'HH24'), ',') FROM fixes"
    assert value(town, rows) == "P1 01,P1 02,P2 17"


@pytest.mark.parametrize(("hours", "last"), [(-14, "2026-11-20 01:00"), (1, "2026-11-20 02:00")])
def test_a_post_is_where_its_clocks_set_right_have_it_last(town, hours, last):
    load(town, "fixes", late_clock().iloc[:1])
    load(town, "fixes", walk(since=NINE + timedelta(hours=hours)).iloc[:1])
    reset(town)
    assert value(town, "SELECT time::text FROM last_fixes").startswith(last)


@pytest.mark.parametrize(
    ("asked", "error", "code"),
    [
        ({"offset_s": 0.0}, InputError, "no_offset"),
        ({"offset_s": float("nan")}, InputError, "no_offset"),
        ({"offset_s": 7e8}, InputError, "no_offset"),
        ({"offset_s": 24 * 3600}, InputError, "clock_ahead"),
        ({"post": "P9"}, NotFoundError, "no_fixes"),
        ({"shift": DAY}, NotFoundError, "no_fixes"),
        ({"shift": "noon"}, InputError, ""),
    ],
)
def test_a_clock_that_cannot_be_set_right_is_left_as_it_is(town, asked, error, code):
    load(town, "fixes", late_clock())
    with pytest.raises(error) as caught:
        reset(town, **asked)
    assert caught.value.code == code
    assert value(town, "SELECT min(time) FROM fixes") == NINE - timedelta(hours=8)


def test_a_clock_is_not_set_to_where_the_post_has_other_fixes(town):
    load(town, "fixes", pd.concat([late_clock(), walk()]))
    with pytest.raises(ConflictError, match="has a fix at that time already"):
        reset(town)
    assert value(town, "SELECT count(*) FROM fixes") == 122


@pytest.mark.parametrize("shift", [DAY, "2026-11-19 night"], ids=["where they go", "where they are"])
def test_nothing_is_moved_to_or_from_a_shift_whose_fixes_are_no_longer_kept(town, shift):
    load(town, "fixes", pd.concat([late_clock(), walk(since=NINE + timedelta(hours=1))]))
    settle(town, now=CLOSED)
    with town.begin() as connection:
        connection.execute(text("UPDATE settled SET reduced_at = now() WHERE shift = :shift"), {"shift": shift})
    with pytest.raises(ConflictError, match=f"P1 in {shift} are no longer kept"):
        reset(town)


def test_the_first_fix_of_a_shift_is_moved_with_it(town):
    load(town, "fixes", walk(since=NINE - timedelta(hours=1), fixes=2))
    assert reset(town, DAY, 60).fixes == 2


def test_what_is_off_duty_is_moved_without_the_shifts_of_its_day(town):
    load(town, "fixes", pd.concat([walk(since=NINE - timedelta(hours=5), fixes=2), walk(fixes=3)]))
    found = set_clock(Patrols(town, shifts=HALF), "P1", "2026-11-20 off", 5 * 3600 + 60, actor="desk", now=CLOSED)
    assert (found.fixes, found.shifts) == (2, ("2026-11-20 early",))


@pytest.mark.parametrize(("ahead_s", "moved"), [(300, True), (301, False)])
def test_a_clock_is_set_at_most_five_minutes_ahead(town, ahead_s, moved):
    load(town, "fixes", late_clock().iloc[:1])
    now = NINE - timedelta(seconds=ahead_s)
    if moved:
        assert reset(town, now=now).fixes == 1
    else:
        with pytest.raises(InputError, match="moments that have been"):
            reset(town, now=now)
