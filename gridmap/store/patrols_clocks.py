"""Fixes whose clock was wrong, moved to the moments at which they were made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from gridmap.store.conflicts import plain_words

_MOMENTS = text("SELECT row_id, time FROM fixes WHERE post = :post AND time >= :since AND time < :until ORDER BY time")

# Taken out and put in again as new rows: a moment that another of them leaves is no clash; what is put in is marked.
_KEEP = text("CREATE TEMPORARY TABLE moved ON COMMIT DROP AS SELECT * FROM fixes WHERE row_id = ANY(:rows)")
_TAKE_OUT = text("DELETE FROM fixes WHERE row_id = ANY(:rows)")
_PUT_IN = text("""
    INSERT INTO fixes (post, time, device, accuracy_m, speed_m_s, geom, load_id)
    SELECT post, time + :offset, device, accuracy_m, speed_m_s, geom, load_id FROM moved
""")

# What was made of them, and where the post was last, as far as these fixes said it.
_FORGET_VISITS = text("DELETE FROM visits WHERE post = :post AND shift = :shift")
_FORGET_SHIFT = text("DELETE FROM settled WHERE post = :post AND shift = :shift")
_FORGET_LAST = text("DELETE FROM last_fixes WHERE post = :post")
_LAST = text("""
    INSERT INTO last_fixes (post, time, device, accuracy_m, speed_m_s, geom)
    SELECT post, time, device, accuracy_m, speed_m_s, geom FROM fixes
    WHERE post = :post AND time <= now() + interval '5 minutes' ORDER BY time DESC, device LIMIT 1
    ON CONFLICT (post) DO NOTHING
""")
_REDUCED = text("SELECT min(shift) FROM settled WHERE post = :post AND shift = ANY(:shifts) AND reduced_at IS NOT NULL")


def moments_of(connection: Connection, post: str, since: datetime, until: datetime) -> list[tuple[int, datetime]]:
    """Return number and moment of each fix of a post in a span of time, by moment.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    rows = connection.execute(_MOMENTS, {"post": post, "since": since, "until": until})
    return [(row.row_id, row.time) for row in rows]


def reduced(connection: Connection, post: str, shifts: Sequence[str]) -> str | None:
    """Return the first of some shifts of a post whose fixes are no longer kept; None where there is none.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    found: str | None = connection.scalar(_REDUCED, {"post": post, "shifts": list(shifts)})
    return found


def move(connection: Connection, post: str, shift: str, rows: Sequence[int], offset: timedelta) -> None:
    """Move fixes of a post in time, and forget what was made of the shift in which they stood.

    They, and what else that shift holds, are marked to be settled. Nothing else of them changes.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``, with the shift locked.
    post, shift
        Whose they are, and where they stood.
    rows
        Numbers of all fixes of that shift.
    offset
        What is added to their moments.

    Raises
    ------
    ConflictError
        If the post has another fix at one of these moments.
    RecordError
        If the server went away; then nothing was changed.
    """
    whose = {"post": post, "shift": shift}
    with plain_words():
        connection.execute(_KEEP, {"rows": list(rows)})
        connection.execute(_TAKE_OUT, {"rows": list(rows)})
        connection.execute(_FORGET_LAST, whose)
        connection.execute(_PUT_IN, {"offset": offset})
        connection.execute(_FORGET_LAST, whose)
        connection.execute(_LAST, whose)
        connection.execute(_FORGET_VISITS, whose)
        connection.execute(_FORGET_SHIFT, whose)
