"""Batches from devices, written together: whoever hands one in is told when it stands in the record, and not before.

One thread writes for all. While it waits for the disk, batches gather; the next transaction takes all of them. There is
room for so many that wait; who comes then is told to come again.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from uuid import UUID

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from gridmap.errors import ConflictError, GridmapError
from gridmap.store.patrols_batches import Batch, HourLoads, Receipt, write

#: Seconds that the thread stays when there is nothing to write.
_IDLE_S = 5.0

#: How often a group is tried where another process wrote one of its batches just then.
_TRIES = 3


@dataclass(frozen=True, kw_only=True)
class Room:
    """How much may wait to be written."""

    #: batches
    batches: int = 200
    #: rows of all of them
    rows: int = 100_000
    #: seconds that the first of a group waits for others; a transaction costs 3 ms of processor however few it writes
    gather_s: float = 0.02


class Intake:
    """What writes the batches of one record.

    Parameters
    ----------
    engine
        The record.
    room
        How much may wait.
    """

    def __init__(self, engine: Engine, *, room: Room | None = None) -> None:
        self.engine = engine
        self.room = room or Room()
        self._waiting: deque[tuple[Batch, Future[Receipt]]] = deque()
        self._rows = 0
        self._hours = HourLoads()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def offer(self, batch: Batch) -> Future[Receipt] | None:
        """Take a batch to be written; None where too much waits, and it is not taken.

        Parameters
        ----------
        batch
            As it was checked.

        Returns
        -------
        Future
            What became of it, once the transaction stands; or what went wrong, and then it was not written.
        """
        future: Future[Receipt] = Future()
        with self._changed:
            full = len(self._waiting) >= self.room.batches
            # one that has more rows than all may have is taken when nothing else waits
            if full or (self._waiting and self._rows + len(batch) > self.room.rows):
                return None
            self._waiting.append((batch, future))
            self._rows += len(batch)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="gridmap-intake", daemon=True)
                self._thread.start()
            self._changed.notify()
        return future

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._changed.wait_for(lambda: self._waiting, _IDLE_S):
                    self._thread = None
                    return
            time.sleep(self.room.gather_s)
            with self._changed:
                group = list(self._waiting)
            self._write(group)
            with self._changed:
                # room is made when they stand, not when they are taken up
                for batch, _ in group:
                    self._waiting.popleft()
                    self._rows -= len(batch)

    def _write(self, group: Sequence[tuple[Batch, Future[Receipt]]]) -> None:
        """Write a group, and tell everyone what became of his batch."""
        first: dict[UUID, Batch] = {}
        for batch, _ in group:
            first.setdefault(batch.batch_id, batch)
        try:
            receipts = dict(zip(first, self._written(list(first.values())), strict=True))
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must be told
            if len(first) > 1 and not _is_away(error):
                # one of them cannot be written: each for itself, so that it is the only one that is not
                for pair in group:
                    self._write([pair])
                return
            for _, future in group:
                future.set_exception(error)
            return
        for batch, future in group:
            same = first[batch.batch_id].digest == batch.digest
            future.set_result(receipts[batch.batch_id] if same else Receipt(fate="differs"))

    def _written(self, batches: Sequence[Batch]) -> list[Receipt]:
        """Write batches of different numbers in one transaction."""
        for attempt in range(_TRIES):
            hours = HourLoads(loads=dict(self._hours.loads))
            try:
                with self.engine.begin() as connection:
                    receipts = write(connection, batches, hours)
            except ConflictError:
                if attempt == _TRIES - 1:
                    raise
            else:
                self._hours = hours
                return receipts
        raise AssertionError


def _is_away(error: Exception) -> bool:
    """Whether it is the record that is away: then nothing can be written one by one either."""
    if isinstance(error, psycopg.DataError | psycopg.IntegrityError):
        return False
    return isinstance(error, GridmapError | SQLAlchemyError | psycopg.OperationalError)
