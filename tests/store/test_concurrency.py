"""Several writers at once: they wait for one another, and readers never do."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from datetime import date

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import text

from gridmap import store
from gridmap.errors import ConflictError

DAY, JUNE = date(2026, 1, 1), date(2026, 6, 1)
SOURCE = store.Source(file="areas.geojson")


def area(code, east):
    return gpd.GeoDataFrame({"code": [code]}, geometry=[shapely.box(0, 0, east, 1)], crs=4490)


def load(connection, code="a", east=1.0, effective=DAY):
    return store.load(connection, "areas", area(code, east), source=SOURCE, actor="test", effective=effective)


class Later(threading.Thread):
    """A writer in a thread of its own; `result` gives what it returned or raised."""

    def __init__(self, record, work):
        super().__init__(daemon=True)
        self.record, self.work, self.outcome = record, work, None
        self.start()

    def run(self):
        try:
            with self.record.begin() as connection:
                self.outcome = self.work(connection)
        except Exception as error:  # noqa: BLE001 (handed to the test)
            self.outcome = error

    def result(self):
        self.join(20)
        assert not self.is_alive()
        return self.outcome


def waiting(record):
    """Wait until a backend of this database waits for a lock."""
    with record.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        query = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        for _ in range(400):
            if connection.scalar(query):
                return True
            connection.execute(text("SELECT pg_sleep(0.02)"))
    return False


def test_a_second_load_of_the_same_code_waits_and_sees_the_first(record):
    with record.begin() as connection:
        load(connection)
        second = Later(record, load)
        assert waiting(record)
    assert (second.result().added, second.result().unchanged) == (0, 1)


def test_a_second_load_that_contradicts_the_first_is_refused_whole(record):
    with record.begin() as connection:
        load(connection, effective=JUNE)
        second = Later(record, lambda other: load(other, east=2.0, effective=DAY))
        assert waiting(record)
    assert isinstance(second.result(), ConflictError)
    with record.connect() as connection:
        assert list(store.read(connection, "areas")["valid_from"]) == [JUNE]
        assert store.verify_audit(connection).rows == 1


def test_a_reader_neither_waits_nor_sees_what_is_not_committed(record):
    with record.begin() as connection:
        load(connection)
        with record.connect() as reader:
            assert len(store.read(reader, "areas")) == 0
            assert store.revision(reader) == 0


def test_two_publishes_do_not_interleave(record):
    def publish(code):
        return lambda connection: store.publish(connection, area(code, 1.0), effective=DAY, source=SOURCE, actor="test")

    with record.begin() as connection:
        publish("a")(connection)
        second = Later(record, publish("b"))
        assert waiting(record)
    assert second.result().closed == 1
    with record.connect() as connection:
        assert list(store.read(connection, "areas", on=DAY)["code"]) == ["b"]


def test_revisions_are_numbered_in_the_order_of_the_commits(record):
    seen = []

    def change(code):
        def work(connection):
            load(connection, code)
            return store.revision(connection)

        return work

    with record.begin() as connection:
        load(connection, "a")
        second = Later(record, change("b"))
        assert waiting(record)
        seen.append(store.revision(connection))
    assert [*seen, second.result()] == [1, 2]


def test_writers_of_different_layers_leave_one_unbroken_audit_trail(record):
    def add(name):
        return lambda connection: store.add_key(connection, name, "viewer", actor="test")

    with record.begin() as connection:
        load(connection)
        writers = [Later(record, add(f"desk {number}")) for number in range(3)]
        assert waiting(record)
    assert all(isinstance(writer.result(), str) for writer in writers)
    with record.connect() as connection:
        check = store.verify_audit(connection)
    assert (check.rows, check.broken_at) == (4, None)


def test_a_row_that_another_client_entered_meanwhile_is_named(record):
    with record.begin() as connection:
        load(connection, "x")
    raw = """INSERT INTO areas (code, depth, valid, geom, load_id)
             SELECT 'a', 0, '[2026-01-01,)', geom, load_id FROM areas LIMIT 1"""
    with ExitStack() as stack:
        outside = stack.enter_context(record.begin())
        outside.execute(text(raw))
        second = Later(record, load)
        assert waiting(record)
    with pytest.raises(ConflictError, match=r"areas: a "):
        raise second.result()
