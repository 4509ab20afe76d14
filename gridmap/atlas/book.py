"""The territory of every day, swapped as a whole when the record changes.

A reader takes one :class:`~gridmap.territory.Territory` and asks it everything it needs; a publish in the meantime
makes a new one beside it. So no request fails or mixes two versions, and no lock stands in the way of an answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import pandas as pd
from sqlalchemy import Engine

from gridmap.atlas.renewal import renewed
from gridmap.atlas.shelf import LEAST_ADDRESSES, Shelf, digest
from gridmap.atlas.snapshots import Snapshot, read_snapshot, read_version, reader_of_tables, renew_snapshot
from gridmap.errors import GridmapError, NotFoundError
from gridmap.territory import Territory, today

_log = logging.getLogger(__name__)

#: How often a running service asks the record for its revision, in seconds.
REFRESH_S = 0.2

#: Seconds without a change after which an index that was updated is put in order and kept on the disk, which takes as
#: long as building it: changes come in bursts.
QUIET_S = 60.0

#: Spans of days kept ready at once; a further one is built when it is asked for.
SPANS_KEPT = 6

#: Days remembered by name before the list is begun anew.
_DAYS_KEPT = 400


@dataclass(kw_only=True)
class _Book:
    """Territories of one revision; replaced as a whole, so that readers need no lock."""

    version: int = -1
    spans: list[tuple[Snapshot, Territory]] = field(default_factory=list)
    days: dict[date, Territory] = field(default_factory=dict)
    #: those of the revision before, from which new ones are made; each is let go when it was used
    older: list[tuple[Snapshot, Territory]] = field(default_factory=list)


class Atlas:
    """The territory in force on each day.

    Parameters
    ----------
    read
        Reads what was in force on a day.
    version
        Reads the revision of the record.
    renew
        Reads what was in force on a day, given what that was at an older revision. None: ``read`` does.
    shelf
        Where indexes are kept from one start to the next; None: nowhere.
    """

    def __init__(
        self,
        read: Callable[[date], Snapshot],
        version: Callable[[], int],
        *,
        renew: Callable[[Snapshot, date], Snapshot] | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self._read = read
        self._version = version
        self._renew = renew or (lambda _, on: self._read(on))
        self._shelf = shelf
        self._unkept: tuple[Snapshot, Territory] | None = None
        self._changed_at = time.monotonic()
        self._book = _Book()
        self._building = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @classmethod
    def of_record(cls, engine: Engine, *, shelf: Shelf | None = None) -> Atlas:
        """Return the atlas of the record behind an engine."""
        return cls(
            lambda on: read_snapshot(engine, on),
            lambda: read_version(engine),
            renew=lambda old, on: renew_snapshot(engine, old, on),
            shelf=shelf,
        )

    @classmethod
    def of_tables(
        cls,
        areas: gpd.GeoDataFrame,
        addresses: gpd.GeoDataFrame | None = None,
        *,
        streets: gpd.GeoDataFrame | None = None,
        buildings: gpd.GeoDataFrame | None = None,
        aliases: pd.DataFrame | None = None,
        shelf: Shelf | None = None,
    ) -> Atlas:
        """Return the atlas of tables: rows that state no dates are in force on every day."""
        read = reader_of_tables(areas=areas, addresses=addresses, streets=streets, buildings=buildings, aliases=aliases)
        return cls(read, lambda: 0, shelf=shelf)

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
            book = _Book(version=self._version(), older=self._book.spans)
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
                self._keep_updated()
            except GridmapError as error:
                _log.warning("the territory in force stays as it is: %s", error)
            except Exception:  # noqa: BLE001 - whatever happens to one refresh, the next must be tried
                _log.exception("the territory in force stays as it is")

    def _keep_updated(self) -> None:
        """Keep the index that was updated last, once there is time for it."""
        if self._unkept is None or time.monotonic() - self._changed_at < QUIET_S:
            return
        (snapshot, territory), self._unkept = self._unkept, None
        if self._shelf is not None:
            self._shelf.put(digest(snapshot), territory.gazetteer)

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
        snapshot, territory = self._built(book, on)
        book.spans = [*book.spans[-SPANS_KEPT + 1 :], (snapshot, territory)]
        return book.days.setdefault(on, territory)

    def _built(self, book: _Book, on: date) -> tuple[Snapshot, Territory]:
        """What is in force on a day, and its territory: from that of the revision before, where little differs."""
        base = next((held for held in book.older if held[0].holds(on)), None)
        if base is None:
            snapshot = self._read(on)
            return snapshot, self._made(snapshot, on)
        snapshot = self._renew(base[0], on)
        book.older = [held for held in book.older if held is not base]
        territory = renewed(base[1].on_day(on), base[0], snapshot)
        if territory is None:
            territory = self._made(snapshot, on)
            territory.suggestions.follow(base[1].suggestions)
            return snapshot, territory
        if territory.gazetteer is not base[1].gazetteer:
            self._unkept, self._changed_at = (snapshot, territory), time.monotonic()
        return snapshot, territory

    def _made(self, snapshot: Snapshot, on: date) -> Territory:
        """The territory of a snapshot, its index from the shelf if it lies there."""
        return build_territory(snapshot, on, shelf=self._shelf)


def build_territory(snapshot: Snapshot, on: date, *, shelf: Shelf | None = None) -> Territory:
    """Return the territory of a snapshot.

    Parameters
    ----------
    snapshot
        What is in force.
    on
        The day asked about.
    shelf
        Where its index may lie, and is kept; None: it is built.

    Raises
    ------
    NotFoundError, TableError, CrsError
        As `gridmap.territory.Territory`.
    """
    shelf = shelf if snapshot.addresses is not None and len(snapshot.addresses) >= LEAST_ADDRESSES else None
    key = "" if shelf is None else digest(snapshot)
    kept = None if shelf is None else shelf.take(key)
    territory = Territory(
        snapshot.areas,
        snapshot.addresses,
        on=on,
        version=snapshot.version,
        buildings=snapshot.buildings,
        streets=snapshot.streets,
        aliases=snapshot.aliases,
        former=snapshot.former,
        gazetteer=kept,
    )
    if shelf is not None and kept is None:
        shelf.put(key, territory.gazetteer)
    return territory
