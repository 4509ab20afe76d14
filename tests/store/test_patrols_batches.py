"""Batches that wait together: each is told what became of it, whatever becomes of the others."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from gridmap import store
from gridmap.errors import GridmapError
from gridmap.service.patrol_ingest import Intake, Room
from gridmap.service.patrol_reports import Letter, batch_of
from gridmap.store import Actor

NOW = datetime.now(UTC).replace(microsecond=0)
DESK = Actor(name="desk", role="operator")


def batch(*seconds, post="P1"):
    """A batch with a fix so many seconds ago, for each."""
    rows = [
        {"post": post, "time": (NOW - timedelta(seconds=ago)).isoformat(), "lon": 120.0, "lat": 32.0} for ago in seconds
    ]
    return batch_of("fixes", rows, Letter(batch_id=str(uuid.uuid4()), actor=DESK), now=NOW)


@pytest.fixture
def intake(record):
    with record.begin() as connection:
        store.add_key(connection, "desk", "operator", actor="test")
    return Intake(record, room=Room(batches=5, rows=10, gather_s=0.2))


def fates(intake, *batches):
    """What became of batches that were offered at once."""
    waiting = [intake.offer(one) for one in batches]
    return [None if one is None else one.result(timeout=20).fate for one in waiting]


def held(intake):
    with intake.engine.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM fixes"))


def test_the_same_batch_twice_at_once_is_taken_once(intake):
    one = batch(0, 5)
    assert fates(intake, one, one) == ["taken", "taken"]
    assert held(intake) == 2


def test_two_batches_of_one_number_at_once_are_told_apart(intake):
    one = batch(0)
    assert fates(intake, one, replace(batch(5), batch_id=one.batch_id)) == ["taken", "differs"]
    assert held(intake) == 1


def test_one_that_cannot_be_written_takes_no_other_with_it(intake):
    poison = batch(5)
    poison = replace(poison, cells={**poison.cells, "post": ["P\0"]})
    waiting = [intake.offer(one) for one in (batch(0), poison, batch(10))]
    assert waiting[0].result(20).added == waiting[2].result(20).added == 1
    assert waiting[1].exception(20) is not None
    assert held(intake) == 2


def test_a_fix_that_two_batches_bring_at_once_is_counted_for_the_first(intake):
    near, far = batch(0, 5), batch(5, 10)
    far = replace(far, cells={**far.cells, "lat": [33.0, 33.0]})
    waiting = [intake.offer(one) for one in (near, far)]
    assert [one.result(20).added for one in waiting] == [2, 1]
    with intake.engine.connect() as connection:
        assert list(connection.scalars(text("SELECT ST_Y(geom) FROM fixes ORDER BY time"))) == [33.0, 32.0, 32.0]


def test_there_is_room_for_so_many_batches_and_rows(intake):
    assert [one is None for one in map(intake.offer, [batch(n) for n in range(7)])] == [False] * 5 + [True] * 2


def test_there_is_room_for_so_many_rows(intake):
    assert fates(intake, batch(*range(8)), batch(8, 9, 10), batch(11)) == ["taken", None, "taken"]


def test_a_batch_larger_than_all_the_room_is_taken_alone(intake):
    assert fates(intake, batch(*range(12)), batch(20)) == ["taken", None]


def test_room_is_made_again(intake):
    for turn in range(3):
        assert fates(intake, *[batch(10 * turn + n) for n in range(5)]) == ["taken"] * 5
    assert held(intake) == 15


def test_after_a_rest_there_is_somebody_who_writes(intake, monkeypatch):
    monkeypatch.setattr("gridmap.service.patrol_ingest._IDLE_S", 0.01)
    assert fates(intake, batch(0)) == ["taken"]
    assert intake._thread is not None
    intake._thread.join(5)
    assert fates(intake, batch(5)) == ["taken"]


def test_everyone_is_told_when_the_record_is_away():
    away = Intake(create_engine("postgresql+psycopg:///none?host=/nowhere"), room=Room(gather_s=0.05))
    waiting = [away.offer(batch(number)) for number in range(3)]
    assert all(isinstance(one.exception(20), GridmapError | SQLAlchemyError) for one in waiting)
