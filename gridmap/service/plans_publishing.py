"""Plans, what becomes of them: findings, comparison, change sheet, publish, rebase, withdraw."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection

from gridmap import hierarchy, store
from gridmap.errors import ConflictError, InputError, StaleError
from gridmap.plans import assign_codes, carried_on, change_sheet, compare
from gridmap.service.plans import standing_on
from gridmap.service.plans_carrying import Answer, told
from gridmap.service.plans_drafts import Draft, Drafts
from gridmap.service.plans_findings import UNLESS_ACCEPTED, findings_of
from gridmap.service.plans_making import divided, parts_of
from gridmap.service.plans_naming import named
from gridmap.service.plans_rebasing import taken_over
from gridmap.service.plans_whole import going_on, recoded, whole
from gridmap.store import Actor, plans, plans_edits
from gridmap.store import plans_publishing as books
from gridmap.store.conflicts import listed
from gridmap.store.plans import Plan
from gridmap.store.plans_publishing import Coming
from gridmap.territory import today

#: Layers whose rows change their area with a plan, each a part of its change sheet.
_CONCERNED = ("buildings", "addresses", "cameras", "checkpoints")

#: How many findings a refusal tells.
_TOLD = 20


@dataclass(frozen=True, kw_only=True)
class Published:
    """What a publish did."""

    #: the plan afterwards
    plan: Plan
    #: codes that areas were given, by those that they had in the draft, where they differ
    codes: Mapping[str, str]
    #: how many pairs of an old and a new area are of each kind
    lineage: Mapping[str, int]
    #: codes of finer areas that end because their area changed
    ended: tuple[str, ...]
    #: revision of the record that holds it
    version: int


@dataclass(frozen=True, kw_only=True)
class _Coming:
    """What a draft would bring."""

    #: all its areas, and the finer ones that go on, with the codes that they will have
    areas: gpd.GeoDataFrame
    #: what became of each area
    changes: gpd.GeoDataFrame
    #: codes that are given, by those of the draft
    codes: Mapping[str, str]
    #: codes of finer areas that end
    ended: tuple[str, ...]


def findings(drafts: Drafts, plan_id: int) -> tuple[Draft, gpd.GeoDataFrame]:
    """Return a plan, and what is wrong with it and where.

    Raises
    ------
    NotFoundError
        If there is no such plan.
    """
    with drafts.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        draft = drafts.of(connection, plans.find(connection, plan_id))
        standing = store.read(connection, "areas", on=draft.plan.base)
    return draft, findings_of(draft, whole(draft, standing), standing)


def compared(drafts: Drafts, plan_id: int, other: int | None = None) -> gpd.GeoDataFrame:
    """Return what becomes of each area between another plan, or the areas that a plan was made from, and the plan.

    Returns
    -------
    geopandas.GeoDataFrame
        As `gridmap.plans.compare`: ``old`` are the other plan's areas, ``new`` the plan's.

    Raises
    ------
    NotFoundError
        If there is no such plan.
    """
    with drafts.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        draft = drafts.of(connection, plans.find(connection, plan_id))
        standing = store.read(connection, "areas", on=draft.plan.base)
        if other is None:
            old = _down_to(standing, draft.plan.level)
        else:
            than = drafts.of(connection, plans.find(connection, other))
            old = whole(than, store.read(connection, "areas", on=than.plan.base))
    buildings = None if draft.stock is None else draft.stock.table
    return compare(old, whole(draft, standing), buildings)


def changes(drafts: Drafts, plan_id: int) -> tuple[Plan, dict[str, pd.DataFrame]]:
    """Return a plan and its change sheet: the one kept when it was published, or what a draft would change.

    Raises
    ------
    NotFoundError
        If there is no such plan.
    """
    with drafts.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        plan = plans.find(connection, plan_id)
        kept = books.sheets_of(connection, plan_id)
        if kept:
            return plan, kept
        draft = drafts.of(connection, plan)
        standing = store.read(connection, "areas", on=plan.base)
        coming = _coming(connection, draft, standing)
        return plan, _sheets(connection, coming, standing, plan.base)


def publish(
    drafts: Drafts,
    plan_id: int,
    version: int,
    effective: date,
    *,
    actor: Actor | str,
    accept: Collection[str] = (),
) -> Published:
    """Bring a draft into force from a day on, checked again inside the transaction that writes it.

    Of a special grid its code remains, from a range of its own where the rule of codes has one; that it is special
    (``kind``) stays with the draft, since areas in force promise no such column.

    Parameters
    ----------
    drafts
        The drafts of the record.
    plan_id
        The plan.
    version
        The version that the caller saw.
    effective
        First day in force.
    actor
        Who publishes.
    accept
        Rules of `UNLESS_ACCEPTED` whose findings whoever publishes takes on himself; the audit names them.

    Raises
    ------
    NotFoundError
        If there is no such plan.
    StaleError
        If others changed the draft since, or the areas in force on that day are not those that it was made from.
    ConflictError
        If findings block it, another plan begins on that day or later, or it is no draft any more.
    InputError
        If a rule cannot be accepted.
    RecordError
        If the record cannot be reached; then nothing was changed.
    """
    if unknown := sorted(set(accept) - UNLESS_ACCEPTED):
        raise InputError(
            f"accept {', '.join(unknown)[:80]}",
            expected=f"any of {', '.join(sorted(UNLESS_ACCEPTED))}",
            code="not_acceptable",
        )
    with drafts.engine.begin() as connection:
        plan = plans_edits.draft_of_version(connection, plan_id, version)
        books.hold_areas(connection)
        books.check_day(connection, effective)
        draft = drafts.of(connection, plan)
        with named(draft):
            _refuse_drifted(connection, plan, effective)
            standing = store.read(connection, "areas", on=effective)
            coming = _coming(connection, draft, standing)
            _refuse_blocked(draft, coming, standing, accept)
        return _in_force(connection, plan, coming, (standing, effective, accept), actor)


def rebase(drafts: Drafts, plan_id: int, version: int, on: date, *, actor: Actor | str) -> Answer:
    """Bring a draft up to the areas in force on another day, and return what that changed.

    Areas that the draft left as they were become those in force on that day; what the draft changed stays.

    Raises
    ------
    NotFoundError
        If there is no such plan, or no area is in force on that day.
    StaleError
        If others changed the draft since, or both the draft and the record changed an area: it is named.
    ConflictError
        If it is no draft any more.
    """
    with drafts.engine.begin() as connection:
        plan = plans_edits.draft_of_version(connection, plan_id, version)
        draft = drafts.of(connection, plan)
        known, now = plans.base_areas(connection, plan_id), plans.base_digests(connection, on)
        mine = plans_edits.own_codes(connection, plan_id, known)
        standing = standing_on(connection, on)
        parts = parts_of(standing, _level_of(standing, plan.level))
        with named(draft):
            change = taken_over(draft, parts, plans.differing(known, now), mine, on=on)
        plan = plans_edits.rebased(connection, plan, change, (on, now), actor=actor)
        return told(draft, drafts.of(connection, plan), change)


def withdraw(drafts: Drafts, plan_id: int, version: int, *, actor: Actor | str) -> Plan:
    """Withdraw a published plan before its day: the record is as before. A draft is put away.

    Raises
    ------
    NotFoundError
        If there is no such plan.
    StaleError
        If others changed the draft since.
    ConflictError
        If its day has come, areas were changed on top of it, or it is withdrawn already.
    """
    with drafts.engine.begin() as connection:
        plan = plans.find(connection, plan_id, lock=True)
        plans_edits.check_version(connection, plan, version)
        if plan.status == plans.DRAFT:
            return plans.put_away(connection, plan, actor=actor)
        if plan.status != plans.PUBLISHED or plan.effective is None:
            raise ConflictError(
                f"plan {plan.id} is withdrawn already", code=plans.NOT_A_DRAFT, values={"status": plan.status}
            )
        if plan.effective <= today():
            raise ConflictError(
                f"plan {plan.id} is in force since {plan.effective}",
                do="publish another plan to change the areas",
                code="in_force",
                values={"day": plan.effective},
            )
        return books.withdraw(connection, plan, actor=actor)


def _coming(connection: Connection, draft: Draft, standing: gpd.GeoDataFrame) -> _Coming:
    """What a draft would bring: its areas with their codes, and what becomes of those in force."""
    areas = whole(draft, standing)
    if standing.empty:
        old, finer = standing, standing
    else:
        old, finer = divided(standing, _level_of(standing, draft.plan.level))
    drafted = compare(old, areas)
    used = books.used_codes(connection)
    kept = {**_proper(areas, used), **carried_on(drafted)}
    merged = set(drafted.loc[drafted["kind"] == "merge", "new"].dropna())
    coded = assign_codes(areas, used=used, keep=kept, merged=merged)
    codes = dict(zip(coded["draft_code"], coded["code"], strict=True))
    final = recoded(areas, codes)
    told = compare(old, final, None if draft.stock is None else draft.stock.table)
    stay = going_on(finer, told)
    return _Coming(
        areas=gpd.GeoDataFrame(pd.concat([final, stay[final.columns]])) if len(stay) else final,
        changes=told,
        codes={draft_code: code for draft_code, code in codes.items() if draft_code != code},
        ended=tuple(sorted(set(finer["code"]) - set(stay["code"]))),
    )


def _proper(areas: gpd.GeoDataFrame, used: Collection[str]) -> dict[str, str]:
    """Codes that were drawn, are those of their level and parent, and were never used: they are what was meant."""
    taken = set(used)
    rows = areas[["code", "level", "parent"]].itertuples(index=False, name=None)
    return {
        code: code
        for code, level, parent in rows
        if code not in taken and hierarchy.level_of_code(code) == level and code.startswith(parent or "")
    }


def _in_force(
    connection: Connection,
    plan: Plan,
    coming: _Coming,
    terms: tuple[gpd.GeoDataFrame, date, Collection[str]],
    actor: Actor | str,
) -> Published:
    standing, effective, accept = terms
    kinds = _kinds(coming.changes)
    held = books.bring_into_force(
        connection,
        plan,
        Coming(
            areas=coming.areas,
            effective=effective,
            lineage=coming.changes,
            sheets=_sheets(connection, coming, standing, effective),
            detail={"lineage": kinds, "ended": len(coming.ended), "accepted": sorted(accept)},
        ),
        actor=actor,
    )
    revision = store.revision(connection)
    return Published(plan=held, codes=coming.codes, lineage=kinds, ended=coming.ended, version=revision)


def _sheets(connection: Connection, coming: _Coming, standing: gpd.GeoDataFrame, on: date) -> dict[str, pd.DataFrame]:
    """The change sheet of what a plan brings, with the codes that its areas had in the draft."""
    layers: dict[str, Any] = {}
    for layer in _CONCERNED:
        table = store.read(connection, layer, on=on)
        layers[layer] = None if table.empty else table
    sheets: dict[str, pd.DataFrame] = dict(change_sheet(standing, coming.areas, **layers))
    codes = pd.DataFrame(sorted(coming.codes.items()), columns=["draft", "code"])
    return {**sheets, "codes": codes}


def _refuse_drifted(connection: Connection, plan: Plan, effective: date) -> None:
    """Refuse a plan whose ground was changed since by others."""
    known, now = plans.base_areas(connection, plan.id), plans.base_digests(connection, effective)
    if changed := plans.differing(known, now):
        raise StaleError(
            f"the areas in force on {effective} are not those of {plan.base} that plan {plan.id} was made from: "
            f"{listed(changed)} changed",
            version=plan.version,
            changed=changed,
            code="base_changed",
            do=f"rebase the plan on {effective}, look at it, and publish it then",
            values={"day": effective, "base": plan.base},
        )


def _refuse_blocked(draft: Draft, coming: _Coming, standing: gpd.GeoDataFrame, accept: Collection[str]) -> None:
    """Refuse a plan with findings that nobody may publish, or that were not accepted."""
    found = findings_of(draft, coming.areas, standing)
    blocking = found[found["blocks"] & ~found["rule"].isin(list(accept))]
    if len(blocking):
        lines = [f"  {message}" for message in blocking["message"].iloc[:_TOLD]]
        more = [f"  and {len(blocking) - _TOLD} more"] if len(blocking) > _TOLD else []
        told = "\n".join([f"plan {draft.plan.id} cannot be published:", *lines, *more])
        rows = blocking[["rule", "codes", "measured", "unit", "limit"]].iloc[:_TOLD].to_dict("records")
        values = {"findings": rows, "more": len(blocking) - len(rows)}
        raise ConflictError(told, do="mend them first, or accept what is lawful here", code="blocked", values=values)


def _down_to(standing: gpd.GeoDataFrame, level: str | None) -> gpd.GeoDataFrame:
    return standing if standing.empty else divided(standing, _level_of(standing, level))[0]


def _level_of(standing: gpd.GeoDataFrame, level: str | None) -> str | None:
    """The finest level of a plan, if areas in force are of it."""
    return level if level is not None and bool((standing["level"] == level).any()) else None


def _kinds(told: pd.DataFrame) -> dict[str, int]:
    """How many rows of a lineage are of each kind."""
    return {str(kind): int(rows) for kind, rows in told["kind"].value_counts().sort_index().items()}
