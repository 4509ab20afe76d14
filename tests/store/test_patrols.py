"""The ledger of visits: settled when a shift has closed, whole and once; held where it must be; kept when fixes go."""

from __future__ import annotations

import datetime as dt
import re
import threading
from datetime import UTC, date, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import text

from gridmap import crs, store
from gridmap.errors import ConflictError, InputError, NotFoundError
from gridmap.service import patrol_keeping as keeping
from gridmap.service.patrol_record import Patrols, release
from gridmap.service.patrol_settling import settle, settle_again
from gridmap.service.patrol_shifts import labels_of, span_of
from gridmap.store import patrols, patrols_settling
from gridmap.tracks import Shifts, Window

#: Nine in the morning in China, in the day shift of 20 November 2026.
NINE = datetime(2026, 11, 20, 1, tzinfo=UTC)
DAY = "2026-11-20 day"
CLOSED = NINE + timedelta(hours=12)
SPAN = (NINE - timedelta(hours=1), NINE + timedelta(days=1))


#: Two shifts that meet at half past nine.
HALF = Shifts(
    windows=(
        Window(name="early", begins=dt.time(8), ends=dt.time(9, 30)),
        Window(name="late", begins=dt.time(9, 30), ends=dt.time(20)),
    )
)


def load(record, layer, table):
    with record.begin() as connection:
        source = store.Source(file=layer)
        store.load(connection, layer, table, source=source, actor="test", effective=date(2024, 1, 1))


def streets():
    """Five streets from west to east, 600 m apart, and two across."""
    lines = [shapely.LineString([(120.0, y), (120.03, y)]) for y in (32.0, 32.0055, 32.011, 32.0165, 32.022)]
    lines += [shapely.LineString([(x, 32.0), (x, 32.022)]) for x in (120.0, 120.03)]
    return gpd.GeoDataFrame({"id": list("ABCDEFG"), "class": "residential"}, geometry=lines, crs=4490)


def walk(post="P1", since=NINE, fixes=61, y=32.0, seed=1, datum=None):
    """One fix every ten seconds along a street, fourteen metres apart, a metre or two of noise."""
    noise = np.random.default_rng(seed).normal(0, 1.5e-5, (fixes, 2))
    x, y = 120.002 + np.arange(fixes) * 0.00015 + noise[:, 0], y + noise[:, 1]
    x, y = (x, y) if datum is None else crs.from_wgs84(x, y, datum)
    time = pd.date_range(since, periods=fixes, freq="10s")
    return gpd.GeoDataFrame({"post": post, "time": time}, geometry=gpd.points_from_xy(x, y), crs=4490)


@pytest.fixture
def town(record):
    """A record with streets."""
    load(record, "streets", streets())
    return record


def walked(record, since=SPAN[0], until=SPAN[1], posts=None, **options):
    with record.connect() as connection:
        return patrols.read_walked(connection, since, until, posts, **options)


def value(record, query):
    with record.connect() as connection:
        return connection.scalar(text(query))


def settled(record):
    with record.connect() as connection:
        return patrols.read_settled(connection, *SPAN)


def audited(record, action):
    with record.connect() as connection:
        assert store.verify_audit(connection).broken_at is None
        return list(connection.scalars(text("SELECT detail FROM audit WHERE action = :action"), {"action": action}))


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


def across(datum=None):
    """A walk up the western street by the same post, later."""
    noise = np.random.default_rng(5).normal(0, 1.5e-5, (121, 2))
    x, y = 120.0 + noise[:, 0], 32.001 + np.arange(121) * 0.00013 + noise[:, 1]
    x, y = (x, y) if datum is None else crs.from_wgs84(x, y, datum)
    time = pd.date_range(NINE + timedelta(hours=1), periods=121, freq="10s")
    return gpd.GeoDataFrame({"post": "P1", "time": time}, geometry=gpd.points_from_xy(x, y), crs=4490)


def made_up(post="P1", since=NINE):
    """Equal steps without noise."""
    table = walk(post, since)
    points = gpd.points_from_xy(120.002 + np.arange(len(table)) * 0.00015, np.full(len(table), 32.0))
    return table.set_geometry(points, crs=4490)


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


def reduce(record, days=1, **options):
    return keeping.reduce(record, before=CLOSED + timedelta(days=days), now=CLOSED + timedelta(days=90), **options)


def test_old_fixes_are_deleted_and_their_visits_stay(town):
    load(town, "fixes", pd.concat([walk(), walk("P2", NINE + timedelta(days=3), y=32.011)]))
    scans = gpd.GeoDataFrame(
        {"post": "P1", "checkpoint": "Q", "time": [NINE]}, geometry=[shapely.Point(120, 32)], crs=4490
    )
    load(town, "signins", scans)
    settle(town, now=CLOSED + timedelta(days=5))
    before = walked(town)
    done = reduce(town, rows_at_once=25)
    assert (done.shifts, done.fixes, done.signins) == (1, 61, 1)
    assert value(town, "SELECT string_agg(DISTINCT post, ' ') FROM fixes") == "P2"
    assert value(town, "SELECT post || checkpoint || coalesce(geom::text, ' nowhere') FROM signins") == "P1Q nowhere"
    pd.testing.assert_frame_equal(walked(town), before)
    assert [one["rows"] for one in audited(town, "delete fixes")] == [25, 25, 11]


def test_fixes_that_were_not_settled_stay_whatever_their_age(record):
    load(record, "fixes", walk())
    assert reduce(record).fixes == 0
    assert value(record, "SELECT count(*) FROM fixes") == 61


def test_a_shift_is_reduced_as_a_whole_or_not_at_all(town):
    load(town, "fixes", walk())
    settle(town, now=CLOSED)
    middle = NINE + timedelta(seconds=300)
    assert keeping.reduce(town, before=middle, now=CLOSED + timedelta(days=90)).fixes == 0


def test_a_fix_that_comes_after_its_shift_was_reduced_changes_nothing(town):
    load(town, "fixes", walk(fixes=31))
    settle(town, now=CLOSED)
    reduce(town)
    before = walked(town)
    load(town, "fixes", walk().iloc[31:])
    assert settle(town, now=CLOSED).too_late == 1
    pd.testing.assert_frame_equal(walked(town), before)
    assert reduce(town).fixes == 30


def test_fixes_of_the_last_day_are_never_reduced(town):
    with pytest.raises(InputError, match="a day ago"):
        keeping.reduce(town, before=CLOSED, now=CLOSED + timedelta(hours=23))


def test_fixes_that_are_gone_cannot_be_read_in_another_datum(town):
    load(town, "fixes", made_up())
    settle(town, now=CLOSED)
    reduce(town)
    with pytest.raises(ConflictError, match="no longer kept"):
        release(town, "P1", DAY, actor="desk", read_as="BD-09")


def test_in_the_background_what_has_closed_is_settled_and_what_is_old_reduced(town):
    now = datetime.now(UTC)
    load(town, "fixes", pd.concat([walk(since=now - timedelta(days=3)), walk("P2", now - timedelta(days=9), seed=2)]))
    keeper = keeping.Keeper(town, keep_days=5, settle_s=0.05)
    keeper.keep()
    until = datetime.now(UTC) + timedelta(seconds=20)
    while value(town, "SELECT count(*) FROM fixes") != 61 and datetime.now(UTC) < until:
        threading.Event().wait(0.05)
    keeper.close()
    assert value(town, "SELECT string_agg(post, ' ' ORDER BY post) FROM settled") == "P1 P2"
    assert value(town, "SELECT string_agg(DISTINCT post, ' ') FROM fixes") == "P1"


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
