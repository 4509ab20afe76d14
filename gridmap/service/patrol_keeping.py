"""What is done about patrols without being asked: shifts that closed are settled, old fixes reduced to the ledger.

It runs beside the refreshing of the territory, in a thread of its own, and asks the record what there is to do: whoever
else settles or reduces at the same time, from a shell or another service, does the same work only once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from gridmap import store
from gridmap.errors import GridmapError, InputError
from gridmap.service.patrol_shifts import labels_of, span_of
from gridmap.store import Actor, patrols_retention
from gridmap.tracks.shifts import Shifts

_log = logging.getLogger(__name__)

#: Who does it where nobody is told.
SERVICE = Actor(name="service")

#: Days for which fixes are kept.
KEEP_DAYS = 90

#: Days for which the numbers of batches are: longer than a device may keep what it could not send.
BATCH_DAYS = 14

#: Rows deleted in one transaction.
ROWS_AT_ONCE = 50_000

#: Seconds between two looks at what is to be settled, and at what is to be reduced.
SETTLE_S, REDUCE_S = 30.0, 3600.0


@dataclass(frozen=True, kw_only=True)
class Reduced:
    """What was reduced."""

    #: posts' shifts that are settled for good
    shifts: int
    #: fixes deleted
    fixes: int
    #: sign-ins whose place was deleted
    signins: int
    #: numbers of batches deleted
    batches: int


def reduce(
    engine: Engine,
    *,
    before: datetime,
    now: datetime | None = None,
    actor: Actor | str = SERVICE,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Reduced:
    """Delete fixes, and the places of sign-ins, from before a moment, and return how many; visits stay.

    Fixes that were not settled stay, whatever their age, and so do all of a shift that was not over. It is done in
    steps, each of which stands for itself.

    Parameters
    ----------
    engine
        The record.
    before
        Moment with a zone; at least the day before now.
    now
        The moment; None: this one.
    actor
        Who reduces, for the audit.
    rows_at_once
        Rows in one transaction.

    Raises
    ------
    InputError
        If the moment is less than a day ago: shifts of that day may still be open.
    RecordError, sqlalchemy.exc.DBAPIError
        If the record cannot be written; what was done before stays.
    """
    now = now or datetime.now(UTC)
    if before > now - timedelta(days=1):
        raise InputError(f"fixes from before {before.isoformat()}", expected="a moment that is a day ago or more")
    old = now - timedelta(days=BATCH_DAYS)
    with engine.begin() as connection:
        before = patrols_retention.whole_shifts(connection, before)
        shifts = patrols_retention.close_shifts(connection, before)
        if shifts:
            store.note(connection, actor, "close shifts", layer="visits", detail=_detail(before, shifts))
    return Reduced(
        shifts=shifts,
        fixes=_steps(engine, patrols_retention.delete_fixes, before, actor, rows_at_once),
        signins=_steps(engine, patrols_retention.blur_signins, before, actor, rows_at_once),
        batches=_steps(engine, patrols_retention.delete_batches, old, actor, rows_at_once),
    )


def _detail(before: datetime, rows: int) -> dict[str, object]:
    return {"before": before.isoformat(), "rows": rows}


_Step = Callable[..., int]


def _steps(engine: Engine, step: _Step, before: datetime, actor: Actor | str, most: int) -> int:
    """Do a step until there is nothing left to do, each noted in the audit trail."""
    total = 0
    while True:
        with engine.begin() as connection:
            rows = step(connection, before, most=most)
            if rows:
                _note(connection, step, before, rows, actor)
        total += rows
        if rows < most:
            return total


def _note(connection: Connection, step: _Step, before: datetime, rows: int, actor: Actor | str) -> None:
    layer = "signins" if step is patrols_retention.blur_signins else "fixes"
    action = step.__name__.replace("_", " ")
    store.note(connection, actor, action, layer=layer, detail=_detail(before, rows))


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
    """

    def __init__(
        self,
        engine: Engine,
        *,
        shifts: Shifts | None = None,
        keep_days: int | None = KEEP_DAYS,
        settle_s: float = SETTLE_S,
    ) -> None:
        self._engine = engine
        self._shifts = shifts or Shifts()
        self._keep_days = keep_days
        self._settle_s = settle_s
        self._reduced_at = -REDUCE_S
        self._told: tuple[str, ...] = ()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def keep(self) -> None:
        """Settle and reduce in the background until :meth:`close`; a record that is away for a while is asked again."""
        self._thread = threading.Thread(target=self._run, name="gridmap-patrols", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; what is being settled is settled first."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def once(self) -> None:
        """Settle what has closed, and reduce what is old, if an hour has passed since that was done."""
        if self._is_due():
            # matching takes seconds to import, and a record without patrols never needs it
            from gridmap.service.patrol_settling import settle

            done = settle(self._engine, shifts=self._shifts)
            if done.without_streets != self._told:
                self._told = done.without_streets
                _log.warning("shifts that cannot be settled without streets: %s", ", ".join(self._told) or "none")
        if self._keep_days is not None and time.monotonic() - self._reduced_at >= REDUCE_S:
            reduce(self._engine, before=datetime.now(UTC) - timedelta(days=self._keep_days))
            self._reduced_at = time.monotonic()

    def _is_due(self) -> bool:
        """Whether there are marks from before the shift that is open: of one that is over."""
        (label,) = labels_of([datetime.now(UTC)], self._shifts)
        with self._engine.connect() as connection:
            return patrols_retention.has_marks(connection, span_of(label, self._shifts).opens)

    def _run(self) -> None:
        while not self._closed.wait(self._settle_s):
            try:
                self.once()
            except GridmapError as error:
                _log.warning("patrols are settled later: %s", error)
            except Exception:  # noqa: BLE001 - whatever happens to one look, the next must be tried
                _log.exception("patrols are settled later")
