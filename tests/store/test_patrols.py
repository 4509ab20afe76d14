"""The ledger of visits: settled when a shift has closed, whole and once, and read as it was written."""

from __future__ import annotations

import re
import threading
from datetime import UTC, date, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import text

from gridmap import store
from gridmap.errors import InputError
from gridmap.service.patrol_record import Patrols
from gridmap.service.patrol_settling import settle, settle_again, settle_outdated
from gridmap.service.patrol_shifts import labels_of, span_of
from gridmap.store import patrols, patrols_settling
from gridmap.tracks import Shifts
from tests.store.patrol_walks import (
    CLOSED,
    DAY,
    HALF,
    NINE,
    SPAN,
    audited,
    load,
    made_up,
    settled,
    streets,
    value,
    walk,
    walked,
)


def test_a_shift_that_has_closed_is_settled_into_visits(town):
    load(town, "fixes", walk())
    assert (settle(town, now=CLOSED).visits, settle(town, now=CLOSED).shifts) == (1, 0)
    (visit,) = walked(town).to_dict("records")
    assert [visit[name] for name in ("post", "shift", "street", "direction", "class")] == [
        "P1",
        DAY,
        "A",
        1,
        "observed",
    ]
    # 0.002 and 0.011 degrees of 94 489 m: a degree of longitude at 32 north on the ellipsoid
    assert [visit["from_m"], visit["to_m"]] == pytest.approx([189, 1039], abs=4)
    assert (visit["start"], visit["end"]) == (NINE, NINE + timedelta(seconds=600))


def test_a_shift_that_is_open_is_not_settled_but_answered(town):
    load(town, "fixes", walk())
    now = NINE + timedelta(hours=1)
    assert settle(town, now=now).shifts == 0
    found = Patrols(town).walked(*SPAN, now=now)
    assert found.walked["street"].tolist() == ["A"]
    assert found.shifts["settled"].tolist() == [False]
    assert value(town, "SELECT count(*) FROM visits") == 0


@pytest.mark.parametrize(("since", "until"), [(NINE + timedelta(minutes=5), SPAN[1]), (SPAN[0], NINE)])
def test_of_an_open_shift_too_only_visits_that_began_in_the_span_count(town, since, until):
    load(town, "fixes", walk())
    found = Patrols(town).walked(since, until, now=NINE + timedelta(hours=1))
    assert found.walked.empty


def test_late_fixes_are_waited_for_ten_minutes_after_a_shift(town):
    load(town, "fixes", walk())
    closes = NINE + timedelta(hours=11)
    assert settle(town, now=closes + timedelta(minutes=9, seconds=59)).shifts == 0
    assert settle(town, now=closes + timedelta(minutes=10)).shifts == 1


def test_an_open_shift_and_a_settled_one_are_answered_alike(town):
    load(town, "fixes", pd.concat([walk(), walk("P2", y=32.011, seed=2)]))
    known = Patrols(town)
    before = known.walked(*SPAN, now=CLOSED)
    settle(town, now=CLOSED)
    after = known.walked(*SPAN, now=CLOSED)
    pd.testing.assert_frame_equal(before.walked, after.walked)
    assert before.shifts[["post", "kept"]].to_numpy().tolist() == after.shifts[["post", "kept"]].to_numpy().tolist()


def test_settled_again_a_shift_has_the_same_rows(town):
    load(town, "fixes", pd.concat([walk(), walk("P2", y=32.011, seed=2)]))
    settle(town, now=CLOSED)
    before = walked(town), settled(town).drop(columns="matched_at")
    assert settle_again(town, DAY, ["P1", "P2"], actor="test").shifts == 2
    pd.testing.assert_frame_equal(walked(town), before[0])
    pd.testing.assert_frame_equal(settled(town).drop(columns="matched_at"), before[1])


def test_a_late_fix_settles_its_shift_anew_and_no_other(town):
    load(town, "fixes", pd.concat([walk(fixes=31), walk("P2", y=32.011, seed=2)]))
    settle(town, now=CLOSED)
    load(town, "fixes", walk().iloc[31:])
    found = settle(town, now=CLOSED)
    assert (found.shifts, found.fixes) == (1, 61)
    assert walked(town, posts=["P1"])["to_m"].tolist() == pytest.approx([1039], abs=4)
    assert len(walked(town)) == 2


def test_a_shift_that_was_settled_and_has_a_late_fix_is_answered_once_and_whole(town):
    load(town, "fixes", walk(fixes=31))
    settle(town, now=CLOSED)
    load(town, "fixes", walk().iloc[31:])
    found = Patrols(town).walked(*SPAN, now=CLOSED)
    assert found.walked["to_m"].tolist() == pytest.approx([1039], abs=4)
    assert found.shifts["fixes"].tolist() == [61]


def test_what_is_held_while_its_shift_is_open_is_not_among_what_counts(town):
    load(town, "fixes", made_up())
    found = Patrols(town).walked(*SPAN, now=NINE + timedelta(hours=1))
    assert (len(found.walked), found.held["post"].tolist(), len(found.shifts)) == (0, ["P1"], 0)


def test_a_late_fix_before_the_mark_of_an_hour_that_two_shifts_share_is_settled_too(town):
    load(town, "fixes", walk(since=NINE + timedelta(minutes=25)))
    settle(town, now=NINE + timedelta(minutes=45), shifts=HALF)
    load(town, "fixes", walk(since=NINE + timedelta(minutes=1), fixes=7, y=32.011))
    assert settle(town, now=NINE + timedelta(minutes=50), shifts=HALF).fixes == 37


def test_a_fix_that_comes_while_its_shift_is_settled_is_not_forgotten(town):
    load(town, "fixes", walk(fixes=31))
    with town.begin() as connection:
        taken = patrols_settling.take_marks(connection, patrols_settling.marks(connection, CLOSED))
        # it does not wait for whoever settles
        load(town, "fixes", walk().iloc[31:])
        patrols_settling.end_marks(connection, taken, [])
    assert settle(town, now=CLOSED).fixes == 61


def test_a_mark_under_which_fixes_are_still_coming_is_left_alone(town):
    load(town, "fixes", walk(fixes=31))
    with town.begin() as coming:
        source = store.Source(file="fixes")
        store.load(coming, "fixes", walk().iloc[31:], source=source, actor="test", effective=date(2024, 1, 1))
        assert settle(town, now=CLOSED).shifts == 0
    assert settle(town, now=CLOSED).fixes == 61


def test_nothing_is_settled_by_halves(town, monkeypatch):
    load(town, "fixes", walk())

    def broken(*_, **__):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(patrols_settling, "end_marks", broken)
        with pytest.raises(RuntimeError):
            settle(town, now=CLOSED)
    assert value(town, "SELECT (SELECT count(*) FROM visits) + (SELECT count(*) FROM settled)") == 0
    assert settle(town, now=CLOSED).shifts == 1


def test_two_who_settle_at_once_do_the_work_once(town):
    load(town, "fixes", pd.concat([walk(f"P{number}", y=32.0055 * 0 + 32.0, seed=number) for number in range(6)]))
    done = []
    threads = [
        threading.Thread(target=lambda: done.append(settle(town, now=CLOSED, posts_at_once=2))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.shifts for one in done) == 6
    assert len(walked(town)) == 6


def test_settling_is_noted_once_for_each_transaction(town):
    load(town, "fixes", pd.concat([walk(f"P{number}", seed=number) for number in range(3)]))
    settle(town, now=CLOSED, posts_at_once=2, actor="desk")
    assert [one["posts"] for one in audited(town, "settle patrols")] == [["P0", "P1"], ["P2"]]


def test_without_streets_a_shift_waits_until_there_are_some(record):
    load(record, "fixes", walk())
    assert settle(record, now=CLOSED).without_streets == (DAY,)
    load(record, "streets", streets())
    assert settle(record, now=CLOSED).visits == 1


def test_a_walk_across_the_end_of_a_shift_belongs_to_both(town):
    load(town, "fixes", walk(since=NINE + timedelta(hours=11) - timedelta(seconds=300)))
    later = NINE + timedelta(days=2)
    assert settle(town, now=NINE + timedelta(hours=12)).shifts == 1
    assert settle(town, now=later).shifts == 1
    assert walked(town)["shift"].tolist() == [DAY, "2026-11-20 night"]


def test_an_hour_that_two_shifts_share_is_settled_for_each_when_it_closes(town):
    load(town, "fixes", walk(since=NINE + timedelta(minutes=25)))
    assert settle(town, now=NINE + timedelta(minutes=45), shifts=HALF).shifts == 1
    assert settle(town, now=NINE + timedelta(minutes=50), shifts=HALF).shifts == 0
    assert settle(town, now=CLOSED, shifts=HALF).shifts == 1
    assert walked(town)["shift"].tolist() == ["2026-11-20 early", "2026-11-20 late"]


def test_the_tables_of_months_are_made_when_they_are_needed(town):
    load(town, "fixes", pd.concat([walk(), walk(since=datetime(2026, 12, 3, 1, tzinfo=UTC))]))
    settle(town, now=datetime(2026, 12, 5, tzinfo=UTC))
    names = "SELECT string_agg(inhrelid::regclass::text, ' ') FROM pg_inherits WHERE inhparent = 'visits'::regclass"
    assert sorted(value(town, names).split()) == ["visits_2026_11", "visits_2026_12"]
    indexes = "SELECT string_agg(indexdef, ' ') FROM pg_indexes WHERE tablename = 'visits_2026_11'"
    kinds = [word for word in value(town, indexes).split() if word in {"brin", "btree"}]
    assert sorted(kinds) == ["brin", "btree", "btree"]


def test_only_the_months_asked_about_are_read(town):
    months = pd.Series(pd.to_datetime([f"2026-{month:02}-05T00:00Z" for month in range(1, 13)]))
    with town.begin() as connection:
        patrols_settling.make_months(connection, months)
        plan = connection.scalars(
            text("EXPLAIN SELECT * FROM visits WHERE start >= '2026-03-01Z' AND start < '2026-04-01Z'")
        )
        assert set(re.findall(r"visits_\d{4}_\d\d", " ".join(plan))) == {"visits_2026_03"}


def test_readers_do_not_wait_while_the_table_of_a_month_is_made(town):
    with town.begin() as making:
        patrols_settling.make_months(making, pd.Series(pd.to_datetime(["2026-03-05T00:00Z"])))
        with town.begin() as reading:
            reading.execute(text("SET LOCAL lock_timeout = '2s'"))
            assert reading.scalar(text("SELECT count(*) FROM visits")) == 0


def test_the_last_place_of_each_post_is_at_hand(town):
    load(town, "fixes", pd.concat([walk(fixes=31), walk("P2", NINE - timedelta(hours=1))]))
    load(town, "fixes", walk(fixes=3, since=NINE - timedelta(seconds=5)))
    last = Patrols(town).last(most_age_s=600, now=NINE + timedelta(seconds=305))
    assert last["post"].tolist() == ["P1"]
    assert last["time"].tolist() == [NINE + timedelta(seconds=300)]


def test_a_clock_in_the_future_hides_no_later_fix(town):
    load(town, "fixes", walk(fixes=1, since=datetime.now(UTC) + timedelta(days=9000)))
    now = datetime.now(UTC)
    load(town, "fixes", walk(fixes=1, since=now))
    assert Patrols(town).last(most_age_s=60, now=now)["time"].tolist() == [now]


@pytest.mark.parametrize("label", ["2026-11-20 noon", "day", "2026-13-01 day"])
def test_a_label_of_no_shift_is_refused(label):
    with pytest.raises(InputError, match="the shift"):
        span_of(label, Shifts())


def test_a_shift_spans_the_moments_that_bear_its_label():
    span = span_of("2026-11-20 night", Shifts())
    second = timedelta(seconds=1)
    moments = [span.opens - second, span.opens, span.closes - second, span.closes]
    assert labels_of(moments, Shifts()) == ["2026-11-20 day", span.label, span.label, "2026-11-21 day"]


def test_many_visits_are_read_as_they_were_written(town):
    count = 60_000
    rng = np.random.default_rng(7)
    low = rng.uniform(0, 500, count).round(3)
    start = pd.Series(pd.Timestamp(NINE) + pd.to_timedelta(np.sort(rng.integers(0, 39_000, count)), unit="s"))
    table = pd.DataFrame(
        {
            "post": "P1", "shift": DAY, "street": np.array(list("ABCDE"))[rng.integers(0, 5, count)], "from_m": low,
            "to_m": low + 1.5, "start": start, "end": start + pd.Timedelta(seconds=9),
            "direction": rng.integers(-1, 2, count), "class": np.array(patrols.CLASSES)[rng.integers(0, 3, count)],
            "revision": 3,
        }
    )  # fmt: skip
    with town.begin() as connection:
        patrols_settling.make_months(connection, table["start"])
        patrols_settling._copy(connection, table)
        row = dict.fromkeys(("fixes", "kept", "visits", "revision"), 0) | {"post": "P1", "shift": DAY, "credited": True}
        row |= {name: [] for name in ("waterfall", "faults", "held", "released", "shapes")} | {"quality": {}}
        row |= {"opens": SPAN[0], "closes": CLOSED - timedelta(hours=1)}
        connection.execute(store.schema.settled.insert().values(row))
    order = ["start", "street", "from_m"]
    expected = table.sort_values(order, kind="stable", ignore_index=True)
    found = walked(town)
    for name in table:
        assert (found[name] == expected[name]).all(), name


def test_an_open_shift_is_matched_again_after_half_a_minute_and_not_before(town):
    known, now = Patrols(town), NINE + timedelta(minutes=20)
    load(town, "fixes", walk(fixes=31))
    known.walked(*SPAN, now=now)
    load(town, "fixes", walk().iloc[31:])
    soon, later = (known.walked(*SPAN, now=now + timedelta(seconds=wait)) for wait in (20, 120))
    assert [found.shifts["fixes"].tolist() for found in (soon, later)] == [[31], [61]]
    assert (soon.as_of, later.as_of) == (now, now + timedelta(seconds=120))


def hour_passes(record):
    """All that was loaded was loaded an hour before."""
    with record.begin() as connection:
        connection.execute(text("UPDATE loads SET loaded_at = loaded_at - interval '1 hour'"))


def longer():
    """Street A begins a hundredth of a degree, or 945 m, further west."""
    line = shapely.LineString([(119.99, 32.0), (120.03, 32.0)])
    return gpd.GeoDataFrame({"id": ["A"], "class": "residential"}, geometry=[line], crs=4490)


@pytest.mark.parametrize(
    ("effective", "again"), [(date(2024, 6, 1), 1), (date(2026, 11, 20), 1), (date(2026, 11, 21), 0)]
)
def test_shifts_are_matched_again_where_streets_of_their_day_were_loaded_later(town, effective, again):
    load(town, "fixes", walk())
    settle(town, now=CLOSED)
    hour_passes(town)
    assert settle_outdated(town).shifts == 0
    load(town, "streets", longer(), effective)
    assert settle_outdated(town).shifts == again
    assert walked(town)["from_m"].tolist() == pytest.approx([189 + 945 * again], abs=5)
    hour_passes(town)
    assert settle_outdated(town).shifts == 0


@pytest.mark.parametrize("why", ["the same streets", "fixes are gone"])
def test_shifts_stay_as_they_are_where_nothing_could_be_matched_otherwise(town, why):
    load(town, "fixes", walk())
    settle(town, now=CLOSED)
    hour_passes(town)
    same = why == "the same streets"
    load(town, "streets", streets() if same else longer(), date(2026, 1, 1))
    if not same:
        with town.begin() as connection:
            connection.execute(text("UPDATE settled SET reduced_at = now()"))
    with town.connect() as connection:
        assert patrols_settling.outdated(connection, most=1) == {}
