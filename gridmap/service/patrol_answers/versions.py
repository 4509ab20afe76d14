"""In which state the record of patrols is, and between which moments it knows anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import Connection, func, select

from gridmap import store
from gridmap.service.patrol_shifts import labels_of
from gridmap.store.schema import fixes, settled, signins, unsettled
from gridmap.tracks import Shifts


@dataclass(frozen=True, kw_only=True)
class Version:
    """A state of the record of patrols."""

    #: revision of what a territory is made of
    revision: int
    #: digits that differ where the revision, what was settled, or what waits to be settled differs
    settled: str
    #: the last fix and the last sign-in that came
    arrived: tuple[int, int]

    @property
    def tag(self) -> str:
        """Return digits that differ where anything does."""
        return f"{self.settled}.{self.arrived[0]}.{self.arrived[1]}"


def version_of(connection: Connection) -> Version:
    """Return the state of the record of patrols.

    Raises
    ------
    RecordError, sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    revision = store.revision(connection)
    done = connection.execute(
        select(func.count(), func.max(settled.c.matched_at), func.max(settled.c.released_at)).select_from(settled)
    ).one()
    waiting = connection.execute(select(func.count(), func.max(unsettled.c.mark_id)).select_from(unsettled)).one()
    last = [connection.scalar(select(func.max(layer.c.row_id))) or 0 for layer in (fixes, signins)]
    digest = sha256(repr((revision, *done, *waiting)).encode()).hexdigest()[:16]
    return Version(revision=revision, settled=digest, arrived=(last[0], last[1]))


def last_day(connection: Connection, shifts: Shifts) -> date | None:
    """Return the day on which the last shift began of which the record holds anything; None where it holds nothing.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    moments = (
        connection.scalar(select(func.max(settled.c.opens))),
        connection.scalar(select(func.max(unsettled.c.hour))),
    )
    labels = labels_of([moment for moment in moments if moment is not None], shifts)
    return max((date.fromisoformat(label[:10]) for label in labels), default=None)


def first_moment(connection: Connection) -> datetime | None:
    """Return when the first shift began of which the record holds anything; None where it holds nothing.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    moments = (
        connection.scalar(select(func.min(settled.c.opens))),
        connection.scalar(select(func.min(unsettled.c.hour))),
    )
    return min((moment for moment in moments if moment is not None), default=None)
