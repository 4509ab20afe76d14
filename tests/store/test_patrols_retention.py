"""Fixes reduced to the ledger: they go after a set time, and the visits made of them stay."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import text

from gridmap.errors import ConflictError, InputError
from gridmap.service import patrol_keeping as keeping
from gridmap.service import patrol_reducing as reducing
from gridmap.service.patrol_review import release
from gridmap.service.patrol_settling import settle
from gridmap.tracks import Shifts
from tests.store.patrol_walks import CLOSED, DAY, NINE, audited, load, made_up, value, walk, walked


def reduce(record, days=1, **options):
    return reducing.reduce(record, before=CLOSED + timedelta(days=days), now=CLOSED + timedelta(days=90), **options)


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
    assert value(town, "SELECT count(*) FROM last_fixes WHERE post = 'P1'") == 0
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
    assert reducing.reduce(town, before=middle, now=CLOSED + timedelta(days=90)).fixes == 0


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
        reducing.reduce(town, before=CLOSED, now=CLOSED + timedelta(hours=23))


def test_fixes_that_are_gone_cannot_be_read_in_another_datum(town):
    load(town, "fixes", made_up())
    settle(town, now=CLOSED)
    reduce(town)
    with pytest.raises(ConflictError, match="no longer kept"):
        release(town, "P1", DAY, actor="desk", read_as="BD-09")


def test_numbers_of_batches_are_kept_for_a_fortnight_whatever_becomes_of_fixes(record):
    with record.begin() as connection:
        for days in (75, 77):
            row = {"at": CLOSED + timedelta(days=days)}
            query = "INSERT INTO batches (batch_id, layer, digest, rows, added, received_at)"
            connection.execute(text(f"{query} VALUES (gen_random_uuid(), 'fixes', '', 1, 1, :at)"), row)
    # a fortnight before the ninetieth day
    assert reduce(record).batches == 1
    assert value(record, "SELECT max(received_at) FROM batches") == CLOSED + timedelta(days=77)


@pytest.mark.parametrize(("days", "due"), [(0, False), (3, True)], ids=["open", "closed"])
def test_the_process_that_settles_is_not_started_for_a_shift_that_is_open(record, days, due):
    load(record, "fixes", walk(since=datetime.now(UTC) - timedelta(days=days), fixes=1))
    assert keeping.Settler(record, Shifts()).is_due() == due


def test_one_look_settles_nothing_twice_though_streets_were_loaded_a_moment_ago(town):
    load(town, "fixes", walk())
    assert keeping.Settler(town, Shifts()).settle()
    assert len(audited(town, "settle patrols")) == 1


@pytest.mark.parametrize("apart", [False, True], ids=["in a thread", "in a process of its own"])
def test_in_the_background_what_has_closed_is_settled_and_what_is_old_reduced(town, monkeypatch, apart):
    monkeypatch.setattr(keeping, "HOUR_S", 0.0)
    now = datetime.now(UTC)
    load(town, "fixes", pd.concat([walk(since=now - timedelta(days=3)), walk("P2", now - timedelta(days=9), seed=2)]))
    keeper = keeping.Keeper(town, keep_days=5, settle_s=0.05, apart=apart)
    keeper.keep()
    until = datetime.now(UTC) + timedelta(seconds=60)
    left = "SELECT (SELECT count(*) FROM fixes) - 30 * (SELECT count(*) FROM settled)"
    while value(town, left) != 1 and datetime.now(UTC) < until:
        threading.Event().wait(0.05)
    keeper.close()
    assert value(town, "SELECT string_agg(post, ' ' ORDER BY post) FROM settled") == "P1 P2"
    assert value(town, "SELECT string_agg(DISTINCT post, ' ') FROM fixes") == "P1"
