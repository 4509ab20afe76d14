"""What is done about patrols without being asked: shifts that closed are settled, old fixes reduced to the ledger.

Whoever keeps a record asks it what there is to do: whoever else settles or reduces at the same time, from a shell or
another service, does the same work only once.

Settling keeps a core busy: beside a service that takes fixes in it is done by a process of its own, which yields to all
others, and ends when there has been nothing to settle for a while. It may be killed at any moment: what it had begun is
settled by the next one.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Engine, func, select

from gridmap import store
from gridmap.errors import GridmapError
from gridmap.service.patrol_reducing import reduce
from gridmap.service.patrol_shifts import labels_of, span_of
from gridmap.store import patrols_retention, patrols_settling
from gridmap.tracks.shifts import Shifts

if TYPE_CHECKING:
    from gridmap.service.patrol_streets import StreetBook

_log = logging.getLogger(__name__)

T = TypeVar("T")

#: Days for which fixes are kept.
KEEP_DAYS = 90

#: Seconds between two looks at what is to be settled, and at what is outdated and to be reduced.
SETTLE_S, HOUR_S = 30.0, 3600.0

#: Seconds without anything to settle after which the process that settles ends: it holds all streets in memory.
IDLE_S = 300.0

#: By how much that process yields to others, of 19.
_NICE = 5


class Settler:
    """What settles the shifts of one record, the streets at hand from one time to the next.

    Parameters
    ----------
    engine
        The record.
    shifts
        Windows of the day.
    """

    def __init__(self, engine: Engine, shifts: Shifts) -> None:
        self._engine = engine
        self._shifts = shifts
        self._told: tuple[str, ...] = ()

    def is_due(self) -> bool:
        """Whether there are marks from before the shift that is open: of one that is over.

        Raises
        ------
        sqlalchemy.exc.DBAPIError
            If the record cannot be read.
        """
        (label,) = labels_of([datetime.now(UTC)], self._shifts)
        with self._engine.connect() as connection:
            return patrols_retention.has_marks(connection, span_of(label, self._shifts).opens)

    def is_outdated(self) -> bool:
        """Whether shifts are settled on streets that have been replaced since.

        Raises
        ------
        sqlalchemy.exc.DBAPIError
            If the record cannot be read.
        """
        with self._engine.connect() as connection:
            return bool(patrols_settling.outdated(connection, most=1))

    def settle(self) -> bool:
        """Settle what has closed, then some of what is outdated, and return whether there was anything.

        Raises
        ------
        GridmapError, sqlalchemy.exc.DBAPIError
            As `gridmap.service.patrol_settling.settle`; what was settled before stays.
        """
        # matching takes seconds to import, and a record without patrols never needs it
        from gridmap.service.patrol_settling import settle, settle_outdated

        with self._engine.connect() as connection:
            began = connection.scalar(select(func.now()))
        done = settle(self._engine, shifts=self._shifts, book=self._book)
        if done.without_streets != self._told:
            self._told = done.without_streets
            _log.warning("shifts that cannot be settled without streets: %s", ", ".join(self._told) or "none")
        until = time.monotonic() + SETTLE_S
        while time.monotonic() < until:
            # what was settled just now may still count as outdated, soon after streets were loaded: not again at once
            again = settle_outdated(self._engine, shifts=self._shifts, book=self._book, before=began)
            done += again
            if not again.shifts:
                break
        return done.shifts > 0

    @cached_property
    def _book(self) -> StreetBook:
        from gridmap.service.patrol_streets import StreetBook

        return StreetBook(self._engine)


class Keeper:
    """What keeps the ledger of one record, in the background.

    Parameters
    ----------
    engine
        The record.
    shifts
        Windows of the day.
    keep_days
        Days for which fixes are kept; None: for ever.
    settle_s
        Seconds between two looks.
    apart
        Whether it is a process of its own that settles, so that nothing else has to wait for it.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        shifts: Shifts | None = None,
        keep_days: int | None = KEEP_DAYS,
        settle_s: float = SETTLE_S,
        apart: bool = False,
    ) -> None:
        self._engine = engine
        self._shifts = shifts or Shifts()
        self._settler = Settler(engine, self._shifts)
        self._keep_days = keep_days
        self._settle_s = settle_s
        self._apart = apart
        self._process: SpawnProcess | None = None
        self._line: Connection | None = None
        self._hour_at = -HOUR_S
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def keep(self) -> None:
        """Settle and reduce in the background until :meth:`close`; a record that is away for a while is asked again."""
        self._thread = threading.Thread(target=self._run, name="gridmap-patrols", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; what is being settled is settled first, but by a process of its own, which leaves it to the next."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()
        if self._process is not None:
            self._process.terminate()
            self._process.join()

    def once(self) -> None:
        """Settle what has closed; once an hour also what is outdated, and reduce what is old."""
        hourly = time.monotonic() - self._hour_at >= HOUR_S
        if self._settler.is_due() or (hourly and self._settler.is_outdated()):
            if self._apart:
                self._start()
            else:
                self._settler.settle()
        if hourly and self._keep_days is not None:
            reduce(self._engine, before=datetime.now(UTC) - timedelta(days=self._keep_days))
        if hourly:
            self._hour_at = time.monotonic()

    def _start(self) -> None:
        """Start the process that settles, unless it runs."""
        if self._process is not None and self._process.is_alive():
            return
        spawn = get_context("spawn")
        theirs, self._line = spawn.Pipe(duplex=False)
        url = self._engine.url.render_as_string(hide_password=False)
        self._process = spawn.Process(
            target=_settle_apart, args=(url, self._shifts, self._settle_s, theirs), name="gridmap-settling", daemon=True
        )
        self._process.start()
        # the line ends with this process, however that ends, if nobody else in it holds their end
        theirs.close()

    def _run(self) -> None:
        while not self._closed.wait(self._settle_s):
            _tried(self.once)


def _settle_apart(url: str, shifts: Shifts, settle_s: float, line: Connection) -> None:
    """Settle a record until there has been nothing to settle for a while, or the one who keeps it has gone."""
    # whoever keeps the record is told to end as well, and ends this
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    engine = store.connect(url)
    settler, done_at = Settler(engine, shifts), time.monotonic()
    while time.monotonic() - done_at < IDLE_S:
        if _tried(settler.settle):
            done_at = time.monotonic()
        if line.poll(settle_s):
            break
    engine.dispose()


def _tried(work: Callable[[], T]) -> T | None:
    """What work returns; None where it could not be done, which is told."""
    try:
        return work()
    except GridmapError as error:
        _log.warning("patrols are settled later: %s", error)
    except Exception:  # noqa: BLE001 - whatever happens to one look, the next must be tried
        _log.exception("patrols are settled later")
    return None
