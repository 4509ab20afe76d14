"""What somebody decides about tracks who has looked at them: one that was held counts, a clock is set right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update

from gridmap import store
from gridmap.crs import parse
from gridmap.errors import ConflictError, InputError, NotFoundError
from gridmap.service.patrol_record import Patrols
from gridmap.service.patrol_settling import settle_again
from gridmap.service.patrol_shifts import labels_of, span_of
from gridmap.store import Actor, patrols_clocks, patrols_settling
from gridmap.store.conflicts import plain_words
from gridmap.store.schema import settled
from gridmap.tracks.clocks import ROLLOVER_S

#: A clock is wrong by hours, by days, or by the weeks after which those of GPS begin anew; not by more.
MOST_OFFSET_S = ROLLOVER_S + 86_400.0

#: How far ahead of the service a clock may be.
_AHEAD = timedelta(minutes=5)


def release(
    engine: Engine,
    post: str,
    shift: str,
    *,
    actor: Actor | str,
    read_as: str | None = None,
    patrols_: Patrols | None = None,
) -> dict[str, Any]:
    """Let the visits of a shift count that was held for review, and return its row; the audit trail tells who did.

    It counts for the reasons for which it is held now: where a late fix gives another reason, it is held again.

    Parameters
    ----------
    engine
        The record.
    post, shift
        Which.
    actor
        Who has looked at it.
    read_as
        The datum in which its fixes are, where that is not the one stated: ``GCJ-02`` or ``BD-09``; they are then
        matched anew. None: they are right as they are.
    patrols_
        What is at hand of this record.

    Raises
    ------
    NotFoundError
        If that shift of that post was not settled.
    InputError
        If it is not held, or the datum is none.
    ConflictError
        If its fixes are no longer kept and so cannot be read anew.
    RecordError
        If the server went away; then nothing was changed.
    """
    known = patrols_ or Patrols(engine)
    if read_as is not None and parse(read_as) not in {"GCJ-02", "BD-09"}:
        raise InputError(f"the datum {read_as!r}", expected="GCJ-02 or BD-09")
    with engine.begin() as connection, plain_words():
        patrols_settling.lock_shift(connection, shift)
        row = _one(connection, post, shift)
        if row.credited:
            raise InputError(f"{post} in {shift} is not held", do="nothing was changed", code="not_held")
        if read_as is not None and row.reduced_at is not None:
            raise ConflictError(f"the fixes of {post} in {shift} are no longer kept", do="release it as it was read")
        reasons = sorted({*row.released, *(each["reason"] for each in row.held)})
        values = {"released": reasons, "read_as": read_as or row.read_as, "credited": True}
        name = actor if isinstance(actor, str) else actor.name
        values |= {"released_by": name, "released_at": datetime.now(UTC)}
        connection.execute(update(settled).where(settled.c.post == post, settled.c.shift == shift).values(**values))
        detail = {"post": post, "shift": shift, "reasons": reasons, "read_as": read_as}
        store.note(connection, actor, "release patrols", layer="visits", detail=detail)
    if read_as is not None:
        settle_again(engine, shift, [post], actor=actor, shifts=known.shifts, book=known.book)
    with engine.connect() as connection:
        return dict(_one(connection, post, shift)._mapping)  # noqa: SLF001 (SQLAlchemy's name for it is public)


@dataclass(frozen=True, kw_only=True)
class Reset:
    """Fixes whose clock was set right."""

    #: whose, and the shift in which they stood
    post: str
    shift: str
    #: seconds added to their moments
    offset_s: float
    #: how many, and the shifts in which they stand now, in the order of time; these are settled anew
    fixes: int
    shifts: tuple[str, ...]


def set_clock(
    known: Patrols, post: str, shift: str, offset_s: float, *, actor: Actor | str, now: datetime | None = None
) -> Reset:
    """Set right the clock by which the fixes of a post in a shift were made, and return where they stand now.

    A clock that is hours behind or ahead puts a round into another shift, where nobody walked; that of a receiver whose
    weeks began anew, twenty years back. Which offset is right is known from elsewhere: from sign-ins, or by asking.
    All fixes that the record has in that shift are moved; what was made of them is forgotten and made anew. The audit
    trail tells who did: the same offset with the other sign takes it back.

    Parameters
    ----------
    known
        What the record holds about patrols.
    post, shift
        Whose, and the shift in which the record has them.
    offset_s
        Seconds to add to their moments.
    actor
        Who has looked at it.
    now
        The moment; None: this one.

    Raises
    ------
    InputError
        If the offset is none, the moments would be yet to come, or the label is none of these shifts.
    NotFoundError
        If the post has no fixes in that shift.
    ConflictError
        If fixes of that shift, or of one to which they would be moved, are no longer kept, or it has fixes at these
        moments.
    RecordError
        If the server went away; then nothing was changed.
    """
    offset, shifts = _offset(offset_s), known.shifts
    span = span_of(shift, shifts)
    with known.engine.begin() as connection, plain_words():
        patrols_settling.lock_shift(connection, shift)
        given = patrols_clocks.moments_of(connection, post, span.opens, span.closes)
        labels = labels_of([moment for _, moment in given], shifts)
        mine = [one for one, label in zip(given, labels, strict=True) if label == shift]
        moments = [moment + offset for _, moment in mine]
        reached = tuple(dict.fromkeys(labels_of(moments, shifts)))
        _check_movable(connection, post, (shift, *reached), moments, now or datetime.now(UTC))
        patrols_clocks.move(connection, post, shift, [row for row, _ in mine], offset)
        detail = {"post": post, "shift": shift, "offset_s": offset_s, "fixes": len(mine), "shifts": list(reached)}
        store.note(connection, actor, "set clock", layer="fixes", detail=detail)
    return Reset(post=post, shift=shift, offset_s=offset_s, fixes=len(mine), shifts=reached)


def _offset(offset_s: float) -> timedelta:
    if not math.isfinite(offset_s) or not 0 < abs(offset_s) <= MOST_OFFSET_S:
        raise InputError(
            f"offset_s={offset_s}",
            expected=f"seconds to add to the clock, not 0, at most {MOST_OFFSET_S:.0f} either way",
            code="no_offset",
        )
    return timedelta(seconds=offset_s)


def _check_movable(
    connection: Connection, post: str, shifts: Sequence[str], moments: Sequence[datetime], now: datetime
) -> None:
    """Refuse to move what is not there, what is yet to come, and what could not be settled any more."""
    gone = patrols_clocks.reduced(connection, post, shifts)
    if gone is not None:
        raise ConflictError(
            f"the fixes of {post} in {gone} are no longer kept",
            do="its visits stay as they are",
            code="fixes_gone",
            values={"post": post, "shift": gone},
        )
    if not moments:
        raise NotFoundError(
            f"{post} has no fixes in {shifts[0]}",
            do="name the shift in which the record has them",
            code="no_fixes",
            values={"post": post, "shift": shifts[0]},
        )
    if max(moments) > now + _AHEAD:
        raise InputError(
            f"the last fix would be of {max(moments).isoformat()}",
            expected="an offset to moments that have been",
            code="clock_ahead",
            values={"moment": max(moments).isoformat()},
        )


def _one(connection: Connection, post: str, shift: str) -> Row[Any]:
    """What is settled of a shift of a post."""
    row = connection.execute(select(settled).where(settled.c.post == post, settled.c.shift == shift)).one_or_none()
    if row is None:
        raise NotFoundError(
            f"{post} in {shift} was not settled", do="look at what is held", code="no_such_shift", values={"post": post}
        )
    return row
