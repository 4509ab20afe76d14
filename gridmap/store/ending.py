"""Single rows of a dated layer, ended from a day on; `gridmap.store.load` adds and changes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, and_, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import DATERANGE

from gridmap.errors import ConflictError, NotFoundError
from gridmap.store.audit import Actor, note
from gridmap.store.conflicts import NAMED, listed, plain_words
from gridmap.store.schema import KEYS, LAYERS


def lock(connection: Connection, layer: str) -> None:
    """Keep others from changing a layer until the transaction ends; they wait, and readers do not.

    Raises
    ------
    RecordError
        If the server went away.
    """
    with plain_words():
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"gridmap.load.{layer}"})


def end(connection: Connection, layer: str, keys: Sequence[str], *, actor: Actor | str, effective: date) -> int:
    """End rows that are in force on a day, so that they hold no longer from that day on, and return how many.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``; the layer is locked against other changes until it ends.
    layer
        A dated layer whose rows have a key of one column.
    keys
        Those of the rows.
    actor
        Who ends them.
    effective
        First day on which they hold no longer. One that ends on its first day stays, with an empty validity.

    Raises
    ------
    NotFoundError
        If a key has no row in force on that day; then nothing was changed.
    ConflictError
        If the record holds a later row of a key: what would become of it is not said.
    RecordError
        If the server went away; then nothing was changed.
    """
    target, (key,) = LAYERS[layer], KEYS[layer]
    wanted = target.c[key].in_(list(keys))
    in_force = and_(wanted, target.c.valid.contains(effective))
    later = select(target.c[key]).where(wanted, func.lower(target.c.valid) > effective).limit(NAMED + 1)
    lock(connection, layer)
    with plain_words():
        held = set(connection.scalars(select(target.c[key]).where(in_force)))
        if missing := sorted(set(keys) - held):
            raise NotFoundError(f"{layer}: {listed(missing)}: not in force on {effective}", do="look at that day first")
        if known := connection.scalars(later).all():
            raise ConflictError(f"{layer}: {listed(known)}: recorded for later days too", do="choose a later day")
        days = func.daterange(func.lower(target.c.valid), literal(effective), type_=DATERANGE)
        connection.execute(update(target).values(valid=days).where(in_force))
        detail = {"ids": sorted(held), "effective": effective.isoformat(), "closed": len(held)}
        note(connection, actor, "end", layer=layer, detail=detail)
    return len(held)
