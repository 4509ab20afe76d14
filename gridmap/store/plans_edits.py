"""Edits of a plan: each accepted or refused whole, kept with the rows before and after it, undone and done again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, text, update

from gridmap.errors import ConflictError, StaleError
from gridmap.store.audit import Actor, note
from gridmap.store.conflicts import listed, plain_words
from gridmap.store.plans import Digests, Plan, check_draft, find, name_of, standing, undone
from gridmap.store.plans_rows import PlanRow, put, take
from gridmap.store.schema import plan_edits, plans


@dataclass(frozen=True, kw_only=True)
class Change:
    """One edit of a plan: which rows it takes away, and which it puts there."""

    #: ``edit``, ``undo`` or ``redo``
    kind: str
    #: what was done, as JSON
    operation: Mapping[str, Any]
    #: codes of the areas concerned
    codes: Sequence[str]
    #: their rows as they were
    before: Sequence[PlanRow]
    #: their rows as they are to be
    after: Sequence[PlanRow]
    #: the edit that is undone or done again
    of: int | None = None


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One line of a plan's history."""

    #: the version that it made
    number: int
    #: ``edit``, ``undo`` or ``redo``
    kind: str
    #: the edit that it undid or did again
    of: int | None
    #: what was done
    operation: Mapping[str, Any]
    #: codes of the areas concerned
    codes: tuple[str, ...]
    #: whether it does not stand any more
    undone: bool
    #: the key or account that did it
    actor: str
    #: when
    at: datetime


def draft_of_version(connection: Connection, plan_id: int, version: int) -> Plan:
    """Lock a draft, and return it if it is of the version that somebody saw.

    Raises
    ------
    NotFoundError
        If there is no such plan.
    ConflictError
        If it is no draft any more.
    StaleError
        If others changed it since: with the version that stands, and the areas that they changed.
    """
    plan = find(connection, plan_id, lock=True)
    check_draft(plan)
    check_version(connection, plan, version)
    return plan


def check_version(connection: Connection, plan: Plan, version: int) -> None:
    """Return if a plan is of the version that somebody saw.

    Raises
    ------
    StaleError
        If it is not.
    """
    if version == plan.version:
        return
    changed = codes_since(connection, plan.id, version)
    what = listed(changed) or "nothing"
    raise StaleError(
        f"plan {plan.id} is of version {plan.version}, not {version}; since then {what} changed",
        version=plan.version,
        changed=changed,
        code="stale_version",
        do="look at what changed, and try again from there",
    )


def codes_since(connection: Connection, plan_id: int, version: int) -> list[str]:
    """Return the codes of the areas that were changed after a version, in order.

    Raises
    ------
    RecordError
        If the server went away.
    """
    code = func.jsonb_array_elements_text(plan_edits.c.codes)
    query = select(code).where(plan_edits.c.plan_id == plan_id, plan_edits.c.number > version).distinct()
    with plain_words():
        return sorted(connection.scalars(query))


# Areas of a plan that are not those that it was made from; one above others has no ground of its own.
_OWN = text("""
    SELECT code FROM plan_areas WHERE plan_id = :plan_id AND (
        (CAST(:known AS jsonb) -> code ->> 0) IS DISTINCT FROM
            encode(sha256(convert_to(jsonb_build_array(name, level, parent)::text, 'UTF8')), 'hex')
        OR geom IS NOT NULL AND (CAST(:known AS jsonb) -> code ->> 1) IS DISTINCT FROM
            encode(sha256(ST_AsBinary(geom, 'NDR')), 'hex'))
""")


def own_codes(connection: Connection, plan_id: int, known: Digests) -> set[str]:
    """Return the codes of the areas that a plan changed, whether or not it undid that.

    Parameters
    ----------
    connection
        To the record.
    plan_id
        The plan.
    known
        Digests of the areas that it was made from.

    Raises
    ------
    RecordError
        If the server went away.
    """
    with plain_words():
        rows = connection.scalars(_OWN, {"plan_id": plan_id, "known": json.dumps(known)})
        return {*rows, *codes_since(connection, plan_id, 0)}


def change(connection: Connection, plan: Plan, done: Change, *, actor: Actor | str) -> Plan:
    """Carry out an edit of a plan that is locked, and return the plan as it is then.

    Parameters
    ----------
    connection
        The transaction in which `draft_of_version` locked the plan.
    plan
        What that returned.
    done
        The edit.
    actor
        Who does it.

    Raises
    ------
    ConflictError
        If two areas would share a code.
    RecordError
        If the server went away; then nothing was changed.
    """
    number = plan.version + 1
    row = {**vars(done), "number": number, "undone": False, "codes": list(done.codes), "actor": name_of(actor)}
    if done.kind != "edit":
        # the rows are those of the edit that it undoes, the other way round
        row |= {"before": [], "after": []}
    with plain_words():
        take(connection, plan.id, done.before)
        put(connection, plan.id, done.after)
        connection.execute(insert(plan_edits).values(plan_id=plan.id, **row))
        if done.of is not None:
            connection.execute(
                update(plan_edits)
                .values(undone=done.kind == "undo")
                .where(plan_edits.c.plan_id == plan.id, plan_edits.c.number == done.of)
            )
        changed = update(plans).values(version=number, changed_at=func.now()).where(plans.c.plan_id == plan.id)
        connection.execute(changed)
        word = "edit plan" if done.kind == "edit" else f"{done.kind} edit of plan"
        said = {"plan": plan.id, "version": number, "op": done.operation.get("op"), "codes": list(done.codes)}
        note(connection, actor, word, detail=said)
    return find(connection, plan.id)


def to_undo(connection: Connection, plan: Plan) -> Change:
    """Return the change that undoes the last edit that stands.

    Raises
    ------
    ConflictError
        If none stands.
    """
    with plain_words():
        last = connection.execute(standing(plan.id)).one_or_none()
    if last is None:
        raise ConflictError(f"no edit of plan {plan.id} is left to be undone", code="nothing_to_undo")
    said = {"op": "undo", "of": last.number}
    return Change(kind="undo", of=last.number, operation=said, codes=last.codes, before=last.after, after=last.before)


def to_redo(connection: Connection, plan: Plan) -> Change:
    """Return the change that does again what was undone last, if nothing else was done since.

    Raises
    ------
    ConflictError
        If there is none.
    """
    with plain_words():
        first = connection.execute(undone(plan.id)).one_or_none()
    if first is None:
        raise ConflictError(f"no edit of plan {plan.id} is left to be done again", code="nothing_to_redo")
    said = {"op": "redo", "of": first.number}
    return Change(
        kind="redo", of=first.number, operation=said, codes=first.codes, before=first.before, after=first.after
    )


def history(connection: Connection, plan_id: int, *, since: int = 0) -> list[Edit]:
    """Return the edits of a plan after a version, in their order.

    Raises
    ------
    RecordError
        If the server went away.
    """
    columns = [plan_edits.c[name] for name in Edit.__dataclass_fields__]
    query = select(*columns).where(plan_edits.c.plan_id == plan_id, plan_edits.c.number > since)
    with plain_words():
        rows = connection.execute(query.order_by(plan_edits.c.number)).mappings()
        return [Edit(**{**row, "codes": tuple(row["codes"])}) for row in rows]


def rebased(
    connection: Connection,
    plan: Plan,
    done: Change,
    base: tuple[date, Mapping[str, Sequence[str]]],
    *,
    actor: Actor | str,
) -> Plan:
    """Carry out an edit that brings a plan up to the areas in force on another day, and return the plan.

    Raises
    ------
    RecordError
        If the server went away; then nothing was changed.
    """
    on, digests = base
    with plain_words():
        connection.execute(update(plans).values(base=on, base_areas=digests).where(plans.c.plan_id == plan.id))
    return change(connection, plan, done, actor=actor)
