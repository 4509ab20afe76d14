"""What has changed in a layer since it was last read: a copy of 100 000 rows is renewed by the few that differ.

PostgreSQL keeps beside each row the number of the transaction that wrote it (``xmin``). Rows written since a reading
are those whose number is not older than the oldest transaction that was still open then; a few that were seen already
may be among them. A row that was taken out by another client leaves no such trace: it is noticed by the count of those
that are left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, Text, cast, func, literal, literal_column, select, text
from sqlalchemy.types import UserDefinedType

from gridmap.store.rows import read
from gridmap.store.schema import KEYS, LAYERS

#: More rows than this share of a layer are read more quickly all at once.
MOST_CHANGED = 0.2

#: Below this number of rows the share does not matter.
_FEW = 1000

#: After so many transactions their numbers, of 32 bits in each row, are no longer told from those of the next round.
_ROUND = 2**32
_COMPARABLE = 2**30

# Which server and database, since the server was started, and the oldest transaction that is still open.
_MARK = text("""
    SELECT concat_ws(' ', pg_postmaster_start_time(), oid), pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    FROM pg_database WHERE datname = current_database()
""")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """When a record was read."""

    #: the database, and the run of its server; numbers of transactions are comparable within these only
    database: str
    #: what was written by this transaction or a later one may not have been seen
    transaction: int


class _Xid(UserDefinedType[int]):
    """The number of a transaction."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Its name in SQL."""
        return "xid"


def mark(connection: Connection) -> Mark:
    """Return the mark of what this transaction reads.

    Parameters
    ----------
    connection
        In a transaction of isolation level ``REPEATABLE READ``.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    database, transaction = connection.execute(_MARK).one()
    return Mark(database=database, transaction=transaction)


def reread(connection: Connection, layer: str, *, on: date, known: gpd.GeoDataFrame, since: Mark) -> gpd.GeoDataFrame:
    """Rows of a dated layer that are in force on a day, of which only those are sent that a copy lacks.

    Parameters
    ----------
    connection
        In a transaction of isolation level ``REPEATABLE READ``.
    layer
        Name of a dated layer.
    on
        The day.
    known
        What `gridmap.store.read` or this returned for that day, or for another of the span in which nothing changed,
        when the record was as ``since`` says.
    since
        The mark of that reading.

    Returns
    -------
    GeoDataFrame
        What `gridmap.store.read` returns; ``known`` itself if nothing differs.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    now = mark(connection)
    if now.database != since.database or not 0 <= now.transaction - since.transaction < _COMPARABLE:
        return read(connection, layer, on=on)
    target, (key,) = LAYERS[layer], KEYS[layer]
    written = list(connection.scalars(select(target.c[key]).where(_written_since(target, since)).distinct()))
    if len(written) > max(_FEW, MOST_CHANGED * len(known)):
        return read(connection, layer, on=on)
    renewed = _renewed(known, read(connection, layer, on=on, codes=written), written, key) if written else known
    count = connection.scalar(select(func.count()).select_from(target).where(target.c.valid.contains(on)))
    return renewed if len(renewed) == count else read(connection, layer, on=on)


def _written_since(target: Table, since: Mark) -> ColumnElement[bool]:
    """Whether a row was written by that transaction or a later one; numbers are compared by their age, as they wrap."""
    oldest = cast(cast(literal(since.transaction % _ROUND), Text), _Xid)
    return func.age(literal_column(f"{target.name}.xmin", _Xid)) <= func.age(oldest)


def _renewed(known: gpd.GeoDataFrame, fresh: gpd.GeoDataFrame, written: list[str], key: str) -> gpd.GeoDataFrame:
    """A table with some rows read anew, in the order of their keys; the table itself if they are as they were."""
    again = known[key].isin(written)
    if known[again].reset_index(drop=True).equals(fresh):
        return known
    both = pd.concat([table for table in (known[~again], fresh) if len(table)] or [fresh])
    return both.sort_values(key, kind="stable", ignore_index=True)
