"""Plans, the journeys: draft, edit, undo, look, compare, publish, withdraw, one short function each.

Each takes the `Drafts` of a record, the number of a plan, and the version of it that the caller saw: what others did
since is shown to him, and nothing is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection

from gridmap import store
from gridmap.errors import InputError, NotFoundError, StaleError, TooLargeError
from gridmap.service.plans_carrying import Answer, carried_out, change_of, with_ground
from gridmap.service.plans_drafts import Draft, Drafts, Stock, counted, holders, moved_holders
from gridmap.service.plans_making import Parts, drawn_parts, parts_of, usual_level
from gridmap.service.plans_naming import named
from gridmap.service.plans_steps import Step, step_of
from gridmap.store import Actor, plans, plans_edits
from gridmap.store.plans import NewPlan, Plan
from gridmap.store.plans_edits import Edit
from gridmap.store.plans_rows import leaves_of, rows_of, tables
from gridmap.territory import today

#: Households that a grid should have, where nothing else is asked for.
TARGET = 300.0

#: Drafts that may be open at once, and edits that one may have: more is taken for a mistake or an attack.
DRAFTS, EDITS = 200, 100_000

#: Areas that a plan may have; the largest prefectures have some 30 000 grids.
AREAS = 50_000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody asks of a new draft."""

    #: what it is to be called
    name: str
    #: the day whose areas in force it is made from; None: today
    on: date | None = None
    #: the finest level of its areas; None: grids, where there are any
    level: str | None = None
    #: households that an area should have
    target: float = TARGET
    #: what its makers should know
    note: str = ""


def draft_from_record(drafts: Drafts, wanted: Wanted, *, actor: Actor | str) -> Plan:
    """Make a draft of the areas in force on a day, and return it.

    Raises
    ------
    NotFoundError
        If no area is in force on that day.
    InputError
        If no area is of that level.
    ConflictError
        If another draft has that name.
    TooLargeError
        If there are too many drafts or areas.
    """
    on = wanted.on or today()
    with drafts.engine.begin() as connection:
        standing = standing_on(connection, on)
        level = wanted.level or usual_level(standing)
        return _made(drafts, connection, parts_of(standing, level), (wanted, on, level), actor)


def draft_from_table(drafts: Drafts, drawn: gpd.GeoDataFrame, wanted: Wanted, *, actor: Actor | str) -> Plan:
    """Make a draft of a drawn set of areas, and return it.

    Raises
    ------
    TableError, CrsError, InputError
        If the set cannot be used (see `gridmap.service.plans_making.drawn_parts`).
    ConflictError
        If another draft has that name.
    TooLargeError
        If there are too many drafts or areas.
    """
    on = wanted.on or today()
    with drafts.engine.begin() as connection:
        standing = store.read(connection, "areas", on=on)
        level = wanted.level or usual_level(drawn)
        return _made(drafts, connection, drawn_parts(drawn, standing, wanted.level), (wanted, on, level), actor)


def copy(drafts: Drafts, plan_id: int, name: str, *, note: str = "", actor: Actor | str) -> Plan:
    """Make a draft that is a plan as it is now, and return it.

    Raises
    ------
    NotFoundError
        If there is no such plan.
    ConflictError
        If another draft has that name.
    TooLargeError
        If there are too many drafts.
    """
    with drafts.engine.begin() as connection:
        plan = plans.find(connection, plan_id)
        _check_room(connection)
        held, digests = tables(connection, plan_id), plans.base_areas(connection, plan_id)
        new = NewPlan(
            name=name, base=plan.base, base_areas=digests, level=plan.level, target=plan.target, note=note or plan.note
        )
        return plans.make(connection, new, rows_of(held.leaves, held.upper), actor=actor)


def listed(drafts: Drafts, *, status: str | None = None) -> list[Plan]:
    """Return all plans, those changed last first, or those of a status.

    Raises
    ------
    RecordError
        If the record cannot be reached.
    """
    with drafts.engine.connect() as connection:
        return plans.listing(connection, status=status)


def opened(drafts: Drafts, plan_id: int) -> Draft:
    """Return a plan with its areas, their figures and the buildings in them.

    Raises
    ------
    NotFoundError
        If there is no such plan.
    RecordError
        If the record cannot be reached.
    """
    with drafts.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        return drafts.of(connection, plans.find(connection, plan_id))


def edit(
    drafts: Drafts,
    plan_id: int,
    version: int,
    operation: Mapping[str, Any],
    *,
    actor: Actor | str,
    rebase: bool = False,
) -> Answer:
    """Carry out an operation on a draft, and return what it did.

    Parameters
    ----------
    drafts
        The drafts of the record.
    plan_id
        The plan.
    version
        The version that the caller saw.
    operation
        See `gridmap.service.plans_steps.step_of`.
    actor
        Who edits.
    rebase
        Take the edit although others changed the draft since, if they changed other areas than it concerns.

    Raises
    ------
    NotFoundError
        If there is no such plan.
    InputError
        If the operation cannot be done; nothing was changed.
    StaleError
        If others changed the draft since.
    ConflictError
        If it is no draft any more.
    """
    with drafts.engine.begin() as connection:
        plan = _locked(connection, plan_id, version, rebase=rebase)
        draft = drafts.of(connection, plan)
        with named(draft):
            step = step_of(draft, operation)
            _refuse_met(connection, plan, version, step)
        holder = moved_holders(draft, step.gone, step.fresh)
        answer = carried_out(connection, draft, change_of(draft, step, holder), holder, actor)
    drafts.keep(answer.draft)
    return answer


def undo(drafts: Drafts, plan_id: int, version: int, *, actor: Actor | str) -> Answer:
    """Undo the last edit of a draft that stands, to the last bit, and return what that did.

    Raises
    ------
    NotFoundError, StaleError
        As `edit`.
    ConflictError
        If no edit stands, or it is no draft any more.
    """
    with drafts.engine.begin() as connection:
        plan = _locked(connection, plan_id, version)
        draft = drafts.of(connection, plan)
        change = plans_edits.to_undo(connection, plan)
        holder = moved_holders(draft, with_ground(change.before), leaves_of(change.after))
        answer = carried_out(connection, draft, change, holder, actor)
    drafts.keep(answer.draft)
    return answer


def redo(drafts: Drafts, plan_id: int, version: int, *, actor: Actor | str) -> Answer:
    """Do again what was undone last, if nothing else was done since, and return what that did.

    Raises
    ------
    NotFoundError, StaleError
        As `edit`.
    ConflictError
        If there is nothing to be done again, or it is no draft any more.
    """
    with drafts.engine.begin() as connection:
        plan = _locked(connection, plan_id, version)
        draft = drafts.of(connection, plan)
        change = plans_edits.to_redo(connection, plan)
        holder = moved_holders(draft, with_ground(change.before), leaves_of(change.after))
        answer = carried_out(connection, draft, change, holder, actor)
    drafts.keep(answer.draft)
    return answer


def history(drafts: Drafts, plan_id: int, *, since: int = 0) -> tuple[Plan, list[Edit]]:
    """Return a plan and its edits after a version, in their order.

    Raises
    ------
    NotFoundError
        If there is no such plan.
    """
    with drafts.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        return plans.find(connection, plan_id), plans_edits.history(connection, plan_id, since=since)


def standing_on(connection: Connection, on: date) -> gpd.GeoDataFrame:
    """Return the areas in force on a day.

    Raises
    ------
    NotFoundError
        If there are none.
    """
    standing = store.read(connection, "areas", on=on)
    if standing.empty:
        raise NotFoundError(
            f"no area is in force on {on}",
            do="choose another day, or draw the areas",
            code="nothing_in_force",
            values={"day": on},
        )
    return standing


def _made(
    drafts: Drafts, connection: Connection, parts: Parts, asked: tuple[Wanted, date, str | None], actor: Actor | str
) -> Plan:
    """A draft of areas, with what is counted in them."""
    wanted, on, level = asked
    _check_room(connection)
    if len(parts.leaves) > AREAS:
        raise TooLargeError(
            f"{len(parts.leaves)} areas",
            expected=f"at most {AREAS}",
            code="too_many_areas",
            values={"given": len(parts.leaves), "most": AREAS},
        )
    if not 0 < wanted.target < 1e6:  # noqa: PLR2004 (a million households are no grid)
        raise InputError(f"target {wanted.target}", expected="households of one area, above 0", code="no_target")
    stock: Stock | None = drafts.stock(connection, on)
    leaves = counted(parts.leaves, stock, holders(parts.leaves, stock))
    new = NewPlan(
        name=wanted.name,
        base=on,
        base_areas=plans.base_digests(connection, on),
        level=level,
        target=wanted.target,
        note=wanted.note,
    )
    return plans.make(connection, new, rows_of(leaves, parts.upper), actor=actor)


def _check_room(connection: Connection) -> None:
    if plans.count(connection, plans.DRAFT) >= DRAFTS:
        raise TooLargeError(
            f"{DRAFTS} drafts are open",
            expected="fewer",
            do="withdraw those that nobody needs",
            code="too_many_drafts",
            values={"most": DRAFTS},
        )


def _locked(connection: Connection, plan_id: int, version: int, *, rebase: bool = False) -> Plan:
    """The draft, kept from others; of the version that was seen, unless others' changes are to be passed by."""
    if rebase:
        plan = plans.find(connection, plan_id, lock=True)
        plans.check_draft(plan)
    else:
        plan = plans_edits.draft_of_version(connection, plan_id, version)
    if plan.version >= EDITS:
        raise TooLargeError(
            f"plan {plan_id} has {plan.version} edits",
            expected=f"at most {EDITS}",
            do="copy it",
            code="too_many_edits",
            values={"most": EDITS},
        )
    return plan


def _refuse_met(connection: Connection, plan: Plan, version: int, step: Step) -> None:
    """Refuse a step that concerns areas which others changed since the version that was seen."""
    if version > plan.version:
        plans_edits.check_version(connection, plan, version)
    changed = plans_edits.codes_since(connection, plan.id, version) if version < plan.version else []
    if met := sorted(set(changed) & set(step.touched)):
        raise StaleError(
            f"plan {plan.id} is of version {plan.version}, and others changed {', '.join(met[:5])} since {version}",
            version=plan.version,
            changed=changed,
            code="stale_version",
            do="look at what changed, and try again from there",
        )
