"""A copy of a layer is renewed by what differs, and is then what a whole reading gives."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pytest
import shapely
from pandas.testing import assert_frame_equal
from sqlalchemy import text

from gridmap import store
from gridmap.store import changes

DAY, JUNE = date(2026, 1, 1), date(2026, 6, 1)
SOURCE = store.Source(file="addresses.csv")


def plates(*numbers, road="人民路"):
    points = [shapely.Point(120 + number / 1000, 31) for number in numbers]
    texts = [f"{road}{number}号" for number in numbers]
    return gpd.GeoDataFrame({"id": [str(n) for n in numbers], "text": texts}, geometry=points, crs=4490)


def load(record, table, effective=DAY, **options):
    with record.begin() as connection:
        store.load(connection, "addresses", table, source=SOURCE, actor="test", effective=effective, **options)


def run(record, statement):
    with record.begin() as connection:
        connection.execute(text(statement))


def looking(record):
    return record.connect().execution_options(isolation_level="REPEATABLE READ")


def seen(record, on=JUNE):
    """What is in force, and the mark of that reading."""
    with looking(record) as connection:
        return store.read(connection, "addresses", on=on), changes.mark(connection)


def again(record, known, since, on=JUNE):
    with looking(record) as connection:
        return changes.reread(connection, "addresses", on=on, known=known, since=since)


@pytest.fixture
def known(record):
    load(record, plates(*range(1, 10)))
    return seen(record)


def insert(record):
    load(record, plates(10, 11))


def change(record):
    load(record, plates(3, road="工农路"))


def end(record):
    load(record, plates(*range(1, 8)), replace=True, effective=date(2026, 3, 1))


def edit_in_place(record):
    run(record, "UPDATE addresses SET text = 'x' WHERE id = '4'")


def rename_in_place(record):
    run(record, "UPDATE addresses SET id = '44' WHERE id = '4'")


def take_out(record):
    run(record, "DELETE FROM addresses WHERE id IN ('4', '5')")


def take_out_and_put_in(record):
    take_out(record)
    load(record, plates(20, 21))


def take_all_out(record):
    run(record, "TRUNCATE addresses")


def change_twice(record):
    change(record)
    load(record, plates(3, road="青年路"), effective=date(2026, 2, 1))


DEEDS = [
    insert, change, end, edit_in_place, rename_in_place, take_out, take_out_and_put_in, take_all_out, change_twice
]  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_a_renewed_copy_is_what_a_whole_reading_gives(record, known, deed):
    deed(record)
    whole, _ = seen(record)
    assert_frame_equal(again(record, *known), whole)
    assert not whole.equals(known[0])


def test_only_what_differs_is_sent(record, known, monkeypatch):
    change(record)
    asked = []
    reading = store.read
    monkeypatch.setattr(changes, "read", lambda *args, **how: asked.append(how.get("codes")) or reading(*args, **how))
    again(record, *known)
    assert asked == [["3"]]


def test_a_copy_in_which_nothing_differs_is_kept_as_it_is(record, known):
    load(record, plates(50), effective=date(2027, 1, 1))
    assert again(record, *known) is known[0]


def test_what_was_being_written_during_a_reading_is_not_missed(record):
    load(record, plates(*range(1, 10)))
    with record.begin() as slow:
        slow.execute(text("UPDATE addresses SET text = 'x' WHERE id = '4'"))
        # others that begin later and end earlier must not hide it
        run(record, "CREATE TABLE other (x int)")
        copy, since = seen(record)
    assert again(record, copy, since).set_index("id")["text"]["4"] == "x"


def test_what_was_written_within_a_savepoint_is_not_missed(record, known):
    with record.begin() as connection:
        connection.execute(text("SELECT pg_current_xact_id()"))
        with connection.begin_nested():
            connection.execute(text("UPDATE addresses SET text = 'x' WHERE id = '4'"))
    assert again(record, *known).set_index("id")["text"]["4"] == "x"


def test_a_copy_of_another_database_or_run_of_the_server_is_read_whole(record, known):
    copy, since = known
    other = changes.Mark(database="another", transaction=since.transaction)
    wrong = copy.assign(text="wrong")
    assert again(record, wrong, other)["text"].tolist() == copy["text"].tolist()


@pytest.mark.parametrize("transaction", [2**40, 0], ids=["a later transaction than any", "one of another round"])
def test_a_mark_that_cannot_be_compared_makes_for_a_whole_reading(record, known, transaction):
    copy, since = known
    wrong = copy.assign(text="wrong")
    odd = changes.Mark(database=since.database, transaction=transaction - 2**31)
    assert again(record, wrong, odd)["text"].tolist() == copy["text"].tolist()
