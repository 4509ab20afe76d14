"""Streets of the record made ready for matching, once per revision in which they differ."""

from __future__ import annotations

import threading
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import geopandas as gpd
from sqlalchemy import Engine

from gridmap import store
from gridmap.errors import NotFoundError
from gridmap.service.followed import Followed
from gridmap.store.changes import Mark, mark, reread
from gridmap.tracks.matching import Corridors, Prepared, prepared

#: Spans of days kept at once; each takes some 100 MB for 50 000 streets.
KEPT = 3


class _Ready:
    """Streets made ready when they are first needed; shared by all revisions in which they are the same."""

    def __init__(self, table: gpd.GeoDataFrame) -> None:
        self._table = table
        self._making = threading.Lock()

    @cached_property
    def _made(self) -> Prepared:
        return prepared(self._table)

    def __call__(self) -> Prepared:
        """Return them; one makes them, the others wait for its work."""
        with self._making:
            return self._made


@dataclass(frozen=True, kw_only=True, eq=False)
class Streets:
    """The streets in force on the days of one span, at one revision."""

    #: revision of the record
    version: int
    #: first day of the span in which no street changes; None: since ever
    first: date | None
    #: the day after the span; None: until further notice
    until: date | None
    #: the table ``streets`` in EPSG:4490
    table: gpd.GeoDataFrame
    #: when it was read
    mark: Mark
    #: what makes them ready
    readied: _Ready

    @property
    def ready(self) -> Prepared:
        """Return them made ready for matching, which takes seconds the first time."""
        return self.readied()

    @property
    def corridors(self) -> Corridors:
        """Return which streets run along which."""
        return self.ready.corridors

    def holds(self, on: date) -> bool:
        """Whether the span holds this day."""
        return (self.first is None or self.first <= on) and (self.until is None or on < self.until)


class StreetBook:
    """The streets of one record, the spans of days last asked for in memory.

    Parameters
    ----------
    engine
        The record.
    kept
        How many spans are kept.
    """

    def __init__(self, engine: Engine, *, kept: int = KEPT) -> None:
        self.engine = engine
        self._followed = Followed(engine, self._read, kept=kept)

    def at(self, on: date) -> Streets:
        """Return the streets in force on a day, at the revision that stands now.

        Raises
        ------
        NotFoundError
            If there are none on that day.
        RecordError, sqlalchemy.exc.DBAPIError
            If the record cannot be read.
        """
        found = self._followed.at(on)
        if found.table.empty:
            raise NotFoundError(
                f"no street is in force on {on}", do="load streets, or ask for another day", code="no_streets"
            )
        return found

    def _read(self, on: date, known: Streets | None) -> Streets:
        """What the record holds; the very same table where nothing differs."""
        with self.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            days = store.dates_of_change(connection, "streets")
            after = bisect_right(days, on)
            if known is None:
                table = store.read(connection, "streets", on=on)
            else:
                table = reread(connection, "streets", on=on, known=known.table, since=known.mark)
            same = known is not None and table is known.table
            read = Streets(
                version=store.revision(connection),
                first=days[after - 1] if after else None,
                until=days[after] if after < len(days) else None,
                table=table,
                mark=mark(connection),
                readied=known.readied if known is not None and same else _Ready(table),
            )
        return replace(read, table=known.table) if known is not None and same else read
