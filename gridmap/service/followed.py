"""What is made of a record, kept in memory for the spans of days last asked for, and made anew when the record changes.

The record is the truth: whoever asks is answered from the revision that stands when he asks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Engine

from gridmap import store


class Dated(Protocol):
    """What is made of a record at a revision, for the days of a span in which nothing of it changes."""

    @property
    def version(self) -> int:
        """Revision of the record."""

    def holds(self, on: date) -> bool:
        """Whether the span holds this day."""


T = TypeVar("T", bound=Dated)


class Followed(Generic[T]):
    """What is made of one record, by day.

    Parameters
    ----------
    engine
        The record.
    make
        Makes it for a day, at the revision that stands then; it is given what was made for that day at another
        revision, or None, and may take over what is the same.
    kept
        How many spans are kept.
    """

    def __init__(self, engine: Engine, make: Callable[[date, T | None], T], *, kept: int) -> None:
        self._engine = engine
        self._make = make
        self._kept = kept
        self._held: tuple[T, ...] = ()
        self._making = threading.Lock()

    def at(self, on: date) -> T:
        """Return what there is for a day, no older than the revision that stands now.

        Raises
        ------
        RecordError, sqlalchemy.exc.DBAPIError
            If the record cannot be read; and what making it raises.
        """
        with self._engine.connect() as connection:
            version = store.revision(connection)
        held = self._fitting(on, version)
        if held is not None:
            return held
        # one makes it, the others find it made
        with self._making:
            return self._fitting(on, version) or self._made(on)

    def _fitting(self, on: date, version: int) -> T | None:
        return next((held for held in self._held if held.version >= version and held.holds(on)), None)

    def _made(self, on: date) -> T:
        old = next((held for held in reversed(self._held) if held.holds(on)), None)
        made = self._make(on, old)
        # replaced as a whole, so that readers need no lock
        self._held = (*(held for held in self._held if held is not old), made)[-self._kept :]
        return made
