"""The territory of every day, swapped as a whole when the record changes.

A reader takes one :class:`~gridmap.territory.Territory` and asks it everything it needs; a publish in the meantime
makes a new one beside it. So no request fails or mixes two versions, and no lock stands in the way of an answer.
"""

from __future__ import annotations

import logging
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
from sqlalchemy import Engine

from gridmap import store
from gridmap.errors import GridmapError, NotFoundError
from gridmap.frames.validity import days_of_change, in_force
from gridmap.territory import Territory, today

_log = logging.getLogger(__name__)

#: How often a running service asks the record for its revision, in seconds.
REFRESH_S = 0.5

#: Spans of days kept ready at once; a further one is built when it is asked for.
SPANS_KEPT = 6

#: Days remembered by name before the list is begun anew.
_DAYS_KEPT = 400


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What was in force on one day, read at one revision."""

    #: revision of the record
    version: int
    #: first day of the span in which nothing changes; None: since ever
    first: date | None
    #: the day after the span; None: until further notice
    until: date | None
    #: areas in force, of all levels
    areas: gpd.GeoDataFrame
    #: addresses in force; None: none are known
    addresses: gpd.GeoDataFrame | None

    def holds(self, on: date) -> bool:
        """Whether the span holds this day."""
        return (self.first is None or self.first <= on) and (self.until is None or on < self.until)


@dataclass(kw_only=True)
class _Book:
    """Territories of one revision; replaced as a whole, so that readers need no lock."""

    version: int = -1
    spans: list[tuple[Snapshot, Territory]] = field(default_factory=list)
    days: dict[date, Territory] = field(default_factory=dict)


class Atlas:
    """The territory in force on each day.

    Parameters
    ----------
    read
        Reads what was in force on a day.
    version
        Reads the revision of the record.
    """

    def __init__(self, read: Callable[[date], Snapshot], version: Callable[[], int]) -> None:
        self._read = read
        self._version = version
        self._book = _Book()
        self._building = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @classmethod
    def of_record(cls, engine: Engine) -> Atlas:
        """Return the atlas of the record behind an engine."""
        return cls(lambda on: read_snapshot(engine, on), lambda: read_version(engine))

    @classmethod
    def of_tables(cls, areas: gpd.GeoDataFrame, addresses: gpd.GeoDataFrame | None = None) -> Atlas:
        """Return the atlas of tables: rows that state no dates are in force on every day."""
        days = {*days_of_change(areas), *(() if addresses is None else days_of_change(addresses))}

        def read(on: date) -> Snapshot:
            first, until = _span(days, on)
            known = None if addresses is None else in_force(addresses, on)
            return Snapshot(version=0, first=first, until=until, areas=in_force(areas, on), addresses=known)

        return cls(read, lambda: 0)

    def territory(self, on: date | None = None) -> Territory:
        """Return what is in force on a day (today if none is given).

        Raises
        ------
        NotFoundError
            If no area is in force on that day.
        RecordError
            If the record cannot be reached and that day was not asked for before.
        """
        on = on or today()
        return self._book.days.get(on) or self._open(on)

    def held(self, on: date | None = None) -> Territory | None:
        """Return what :meth:`territory` does if that is at hand without reading the record, else None."""
        return self._book.days.get(on or today())

    def refresh(self) -> bool:
        """Swap in what the record holds now, if it has changed; return whether it had."""
        if self._version() == self._book.version:
            return False
        with self._building:
            book = _Book(version=self._version())
            # a record that holds nothing yet is no fault: whoever asks it is told
            with suppress(NotFoundError):
                self._add(book, today())
            self._book = book
        return True

    def keep_fresh(self) -> None:
        """Refresh in the background until :meth:`close`; a record that is away for a while is asked again."""
        self._thread = threading.Thread(target=self._run, name="gridmap-atlas", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop refreshing."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._closed.wait(REFRESH_S):
            try:
                self.refresh()
            except GridmapError as error:
                _log.warning("the territory in force stays as it is: %s", error)
            except Exception:  # noqa: BLE001 - whatever happens to one refresh, the next must be tried
                _log.exception("the territory in force stays as it is")

    def _open(self, on: date) -> Territory:
        """The territory of a day not asked for before; one builder at a time, the others wait for its work."""
        with self._building:
            return self._book.days.get(on) or self._add(self._book, on)

    def _add(self, book: _Book, on: date) -> Territory:
        if len(book.days) >= _DAYS_KEPT:
            book.days = {}
        for snapshot, territory in book.spans:
            if snapshot.holds(on):
                return book.days.setdefault(on, territory.on_day(on))
        snapshot = self._read(on)
        territory = Territory(snapshot.areas, snapshot.addresses, on=on, version=snapshot.version)
        book.spans = [*book.spans[-SPANS_KEPT + 1 :], (snapshot, territory)]
        return book.days.setdefault(on, territory)


def read_version(engine: Engine) -> int:
    """Return the record's revision: it grows with every committed change of areas or addresses."""
    with engine.connect() as connection:
        return store.revision(connection)


def read_snapshot(engine: Engine, on: date) -> Snapshot:
    """Return what was in force on a day, all of it as of one moment of the record."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        days = {day for layer in ("areas", "addresses") for day in store.dates_of_change(connection, layer)}
        first, until = _span(days, on)
        return Snapshot(
            version=store.revision(connection),
            first=first,
            until=until,
            areas=store.read(connection, "areas", on=on),
            addresses=store.read(connection, "addresses", on=on),
        )


def _span(days: Iterable[date], on: date) -> tuple[date | None, date | None]:
    """First day, and the day after the last, of the span around a day in which nothing changes."""
    ordered = sorted(days)
    after = bisect_right(ordered, on)
    return ordered[after - 1] if after else None, ordered[after] if after < len(ordered) else None
