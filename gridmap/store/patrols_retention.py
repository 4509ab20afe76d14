"""Fixes reduced to the ledger: after a set time the places are deleted, and the visits that were made of them stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, TextClause, text

from gridmap.store.conflicts import plain_words


@dataclass(frozen=True, kw_only=True)
class Step:
    """What is taken out of a layer some rows at a time."""

    #: what it does, as the audit trail says it
    action: str
    layer: str
    #: takes out rows from before a moment, no more than so many
    statement: TextClause


#: The oldest fixes first. What is marked has not been settled, or has changed since: it stays; so does what came after
#: this statement began.
DELETE_FIXES = Step(
    action="delete fixes",
    layer="fixes",
    statement=text("""
        WITH gone AS (
            SELECT row_id FROM fixes
            WHERE time < :before AND NOT EXISTS (
                SELECT FROM unsettled
                WHERE unsettled.post = fixes.post AND unsettled.hour = date_trunc('hour', fixes.time, 'UTC')
            )
            ORDER BY time LIMIT :most
        )
        DELETE FROM fixes USING gone WHERE fixes.row_id = gone.row_id
    """),
)
#: That somebody signed in stays; where he stood does not.
BLUR_SIGNINS = Step(
    action="blur signins",
    layer="signins",
    statement=text("""
        WITH gone AS (
            SELECT row_id FROM signins WHERE time < :before AND geom IS NOT NULL ORDER BY time LIMIT :most
        )
        UPDATE signins SET geom = NULL, accuracy_m = NULL FROM gone WHERE signins.row_id = gone.row_id
    """),
)
#: Numbers of batches, by when they were received.
DELETE_BATCHES = Step(
    action="delete batches",
    layer="fixes",
    statement=text("""
        WITH gone AS (SELECT batch_id FROM batches WHERE received_at < :before LIMIT :most)
        DELETE FROM batches USING gone WHERE batches.batch_id = gone.batch_id
    """),
)

# Whoever settles one of these shifts just now is waited for; a shift that has changed since it was settled stays open.
_LOCK = text("""
    SELECT pg_advisory_xact_lock(hashtextextended('gridmap.settle.' || shift, 0))
    FROM (SELECT DISTINCT shift FROM settled WHERE closes <= :before AND reduced_at IS NULL ORDER BY shift) AS due
""")
_MARK = text("""
    UPDATE settled SET reduced_at = now()
    WHERE closes <= :before AND reduced_at IS NULL AND NOT EXISTS (
        SELECT FROM unsettled
        WHERE unsettled.post = settled.post AND unsettled.hour < settled.closes
              AND unsettled.hour + interval '1 hour' > settled.opens
    )
""")
# A shift is reduced as a whole or not at all: from its part that is left it could not be settled again.
_WHOLE = text("SELECT min(opens) FROM settled WHERE opens < :before AND closes > :before AND reduced_at IS NULL")
_FORGET = text("DELETE FROM last_fixes WHERE time < :before")


def has_marks(connection: Connection, until: datetime) -> bool:
    """Whether there are fixes from before a moment that no settling has seen.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    query = text("SELECT EXISTS (SELECT FROM unsettled WHERE since < :until)")
    return bool(connection.scalar(query, {"until": until}))


def whole_shifts(connection: Connection, before: datetime) -> datetime:
    """Return the last moment, not after another, at which no settled shift is cut in two.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    while (earlier := connection.scalar(_WHOLE, {"before": before})) is not None:
        before = earlier
    return before


def close_shifts(connection: Connection, before: datetime) -> int:
    """Settle for good the shifts that ended before a moment, and return how many posts' shifts those were.

    What comes later for one of them is not counted: its fixes are about to be deleted.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``.
    before
        Moment with a zone.

    Raises
    ------
    RecordError
        If the server went away; then nothing was changed.
    """
    with plain_words():
        connection.execute(_LOCK, {"before": before})
        return connection.execute(_MARK, {"before": before}).rowcount


def forget_places(connection: Connection, before: datetime) -> None:
    """Delete the last places of posts that were not heard of since a moment.

    Raises
    ------
    RecordError
        If the server went away; then nothing was changed.
    """
    with plain_words():
        connection.execute(_FORGET, {"before": before})


def take_out(connection: Connection, step: Step, before: datetime, *, most: int) -> int:
    """Take out some rows from before a moment, and return how many; fewer than could be, when there are no more.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``.
    step
        What is taken out of which layer.
    before
        Moment with a zone.
    most
        Rows at most.

    Raises
    ------
    RecordError
        If the server went away; then nothing was changed.
    """
    with plain_words():
        return connection.execute(step.statement, {"before": before, "most": most}).rowcount
