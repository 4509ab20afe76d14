"""Shifts settled: their visits put into the ledger in place of those before, and the marks of what has to be settled.

A mark says that a post has fixes, between a moment and the end of that hour, that no settling has seen; the database
makes it when fixes are added. Marks are taken for the length of a transaction, and never waited for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from psycopg import sql
from sqlalchemy import Connection, delete, func, insert, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from gridmap.store.conflicts import plain_words
from gridmap.store.schema import settled, unsettled, visits
from gridmap.store.staging import cells, driver

#: Columns of visits that come with the table `walked`, and what PostgreSQL calls their binary form.
_COPIED = {
    "post": "text",
    "shift": "text",
    "street": "text",
    "from_m": "float8",
    "to_m": "float8",
    "start": "timestamptz",
    "end": "timestamptz",
    "class": "text",
    "direction": "int2",
    "confidence": "float8",
    "revision": "int8",
}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Fixes that no settling has seen."""

    #: number of the mark
    mark_id: int
    #: whose they are
    post: str
    #: the hour in which they were made
    hour: datetime
    #: first moment at which one may have been made
    since: datetime


def marks(connection: Connection, until: datetime, *, since: datetime | None = None) -> list[Mark]:
    """Marks of hours that began before a moment, by hour and post.

    Parameters
    ----------
    connection
        To the record.
    until
        Moment with a zone.
    since
        Only hours that begin at this moment or later.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    query = select(unsettled).where(unsettled.c.hour < until)
    if since is not None:
        query = query.where(unsettled.c.hour >= since)
    rows = connection.execute(query.order_by(unsettled.c.hour, unsettled.c.post, unsettled.c.mark_id))
    return [Mark(**row._mapping) for row in rows]  # noqa: SLF001 (SQLAlchemy's name for it is public)


def take_marks(connection: Connection, marks: Sequence[Mark]) -> list[Mark]:
    """Take marks until the transaction ends, those left out that somebody else holds or has taken away.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``: what is read after this holds all that these marks stand for.
    marks
        Those wanted.

    Raises
    ------
    RecordError
        If the server went away.
    """
    wanted = {mark.mark_id: mark for mark in marks}
    query = select(unsettled.c.mark_id).where(unsettled.c.mark_id == func.any(list(wanted)))
    with plain_words():
        held = connection.scalars(query.order_by(unsettled.c.mark_id).with_for_update(skip_locked=True)).all()
    return [wanted[mark_id] for mark_id in held]


def end_marks(connection: Connection, marks: Sequence[Mark], later: Sequence[tuple[str, datetime]]) -> None:
    """Take marks away, and leave others for what they stood for besides.

    Parameters
    ----------
    connection
        In the transaction that took them.
    marks
        Those taken.
    later
        Post, and first moment, of what is still to be settled in their hours.

    Raises
    ------
    RecordError
        If the server went away.
    """
    rows = [
        {"post": post, "hour": since.replace(minute=0, second=0, microsecond=0), "since": since}
        for post, since in later
    ]
    with plain_words():
        connection.execute(delete(unsettled).where(unsettled.c.mark_id == func.any([mark.mark_id for mark in marks])))
        if rows:
            connection.execute(insert(unsettled), rows)


def lock_shift(connection: Connection, shift: str) -> None:
    """Keep others from settling, releasing or reducing a shift until the transaction ends.

    Raises
    ------
    RecordError
        If the server went away.
    """
    with plain_words():
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"gridmap.settle.{shift}"}
        )


def known(connection: Connection, shift: str, posts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What is settled of a shift, by post: ``read_as``, ``released``, ``released_by``, ``released_at``, ``reduced_at``.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    kept = (
        settled.c.read_as,
        settled.c.released,
        settled.c.released_by,
        settled.c.released_at,
        settled.c.reduced_at,
    )
    query = select(settled.c.post, *kept).where(settled.c.shift == shift, settled.c.post == func.any(list(posts)))
    return {row.post: {column.name: getattr(row, column.name) for column in kept} for row in connection.execute(query)}


# Streets that came with a load may have been committed somewhat later than that load began.
_OUTDATED = text("""
    SELECT shift, post FROM settled
    WHERE reduced_at IS NULL AND matched_at < coalesce(CAST(:before AS timestamptz), 'infinity') AND EXISTS (
        SELECT FROM loads
        WHERE layer = 'streets' AND coalesce(effective, '-infinity') <= left(shift, 10)::date
              AND loaded_at + interval '2 minutes' > matched_at
              AND EXISTS (SELECT FROM streets WHERE streets.load_id = loads.load_id)
    )
    ORDER BY opens DESC, post LIMIT :most
""")


def outdated(connection: Connection, *, most: int, before: datetime | None = None) -> dict[str, list[str]]:
    """Posts by shift that were settled before streets were loaded which are in force on their day, the last first.

    What was settled in the two minutes after the load is among them: the load may have been committed later.

    Parameters
    ----------
    connection
        To the record.
    most
        Posts' shifts at most; those whose fixes are no longer kept are none of them.
    before
        Only what was settled before that moment, by the server's clock.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    found: dict[str, list[str]] = {}
    for shift, post in connection.execute(_OUTDATED, {"most": most, "before": before}):
        found.setdefault(shift, []).append(post)
    return found


def shapes_before(connection: Connection, shapes: Sequence[str], opens: datetime) -> dict[str, str]:
    """Which shapes of rounds are known from shifts that began before a moment, each with the post and shift.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    if not shapes:
        return {}
    query = (
        select(settled.c.post, settled.c.shift, settled.c.shapes)
        .where(settled.c.shapes.overlap(list(shapes)), settled.c.opens < opens)
        .order_by(settled.c.opens.desc(), settled.c.post.desc())
    )
    # the earliest comes last and stays
    return {shape: f"{row.post} {row.shift}" for row in connection.execute(query) for shape in row.shapes}


def put(connection: Connection, rows: Sequence[dict[str, Any]], walked: pd.DataFrame) -> None:
    """Put what became of shifts into the ledger, in place of what was settled of them before.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``, with the shift locked.
    rows
        Rows of ``settled``, all columns but ``matched_at``.
    walked
        Their visits: the table `walked` with ``revision``, and ``confidence`` where known.

    Raises
    ------
    ConflictError
        If another change came in between.
    RecordError
        If the server went away; then nothing was changed.
    """
    # a moment's grace: what began on the very border of the shift
    first = min(row["opens"] for row in rows) - timedelta(days=1)
    last = max(row["closes"] for row in rows) + timedelta(days=1)
    keys = [(row["post"], row["shift"]) for row in rows]
    held = tuple_(visits.c.post, visits.c.shift).in_(keys)
    with plain_words():
        connection.execute(delete(visits).where(held, visits.c.start >= first, visits.c.start < last))
        make_months(connection, walked["start"])
        _copy(connection, walked)
        fresh = upsert(settled)
        own = {column.name for column in settled.columns if not column.primary_key} - {"matched_at", "reduced_at"}
        put_in = {name: fresh.excluded[name] for name in sorted(own)} | {"matched_at": func.now()}
        statement = fresh.on_conflict_do_update(index_elements=["post", "shift"], set_=put_in)
        connection.execute(statement, list(rows))


def make_months(connection: Connection, starts: pd.Series[Any]) -> None:
    """Make the tables of the months in which visits began, where they are missing; readers do not wait.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``.
    starts
        Moments.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the server refuses.
    """
    months = sorted({(moment.year, moment.month) for moment in starts.dt.tz_convert("UTC").dt.normalize().unique()})
    missing = [month for month in months if not _stands(connection, month)]
    if not missing:
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gridmap.visits.months'))"))
    for year, month in missing:
        if _stands(connection, (year, month)):
            continue
        first, end = datetime(year, month, 1, tzinfo=UTC), datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        name = sql.Identifier(_month(year, month))
        # made beside and then attached: to make it in its place would keep all readers waiting until the commit
        with driver(connection).cursor() as cursor:
            cursor.execute(sql.SQL("CREATE TABLE {} (LIKE visits INCLUDING ALL)").format(name))
            attach = sql.SQL("ALTER TABLE visits ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})")
            cursor.execute(attach.format(name, first.isoformat(), end.isoformat()))


def _month(year: int, month: int) -> str:
    """What the table of a month is called."""
    return f"visits_{year:04}_{month:02}"


def _stands(connection: Connection, month: tuple[int, int]) -> bool:
    return connection.scalar(text("SELECT to_regclass(:name)"), {"name": _month(*month)}) is not None


def _copy(connection: Connection, walked: pd.DataFrame) -> None:
    """Copy visits in binary form, which is the fastest way there is."""
    if not len(walked):
        return
    table = walked if "confidence" in walked else walked.assign(confidence=None)
    names = sql.SQL(", ").join(map(sql.Identifier, _COPIED))
    with (
        driver(connection).cursor() as cursor,
        cursor.copy(sql.SQL("COPY visits ({}) FROM STDIN (FORMAT BINARY)").format(names)) as copy,
    ):
        copy.set_types(list(_COPIED.values()))
        for row in zip(*(cells(table, name) for name in _COPIED), strict=True):
            copy.write_row(row)
