"""Old fixes reduced to the ledger, some at a time, each time noted in the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from gridmap import store
from gridmap.errors import InputError
from gridmap.store import Actor, patrols_retention
from gridmap.store.audit import SERVICE
from gridmap.store.patrols_retention import BLUR_SIGNINS, DELETE_BATCHES, DELETE_FIXES, Step

#: Days for which the numbers of batches are kept: longer than a device may keep what it could not send.
BATCH_DAYS = 14

#: Rows taken out in one transaction.
ROWS_AT_ONCE = 50_000


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
        patrols_retention.forget_places(connection, before)

    def taken_out(step: Step, before: datetime) -> int:
        return sum(_parts(engine, step, before, actor, rows_at_once))

    return Reduced(
        shifts=shifts,
        fixes=taken_out(DELETE_FIXES, before),
        signins=taken_out(BLUR_SIGNINS, before),
        batches=taken_out(DELETE_BATCHES, old),
    )


def _parts(engine: Engine, step: Step, before: datetime, actor: Actor | str, most: int) -> Iterator[int]:
    """How many rows each transaction took out, until none are left."""
    rows = most
    while rows == most:
        with engine.begin() as connection:
            rows = patrols_retention.take_out(connection, step, before, most=most)
            if rows:
                store.note(connection, actor, step.action, layer=step.layer, detail=_detail(before, rows))
        yield rows


def _detail(before: datetime, rows: int) -> dict[str, object]:
    return {"before": before.isoformat(), "rows": rows}
