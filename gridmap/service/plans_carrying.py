"""An edit carried out: the rows that it takes away and puts there, the draft afterwards, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
from sqlalchemy import Connection

from gridmap.service.plans_drafts import Codes, Draft, counted, followed
from gridmap.service.plans_figures import Figures, before_and_after
from gridmap.service.plans_findings import findings_near
from gridmap.service.plans_steps import Step, upper_after
from gridmap.store import Actor, plans_edits
from gridmap.store.plans import Plan
from gridmap.store.plans_edits import Change
from gridmap.store.plans_rows import PlanRow, leaves_of, rows_of, upper_of


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an edit did."""

    #: the draft afterwards
    draft: Draft
    #: areas that are new or changed
    changed: gpd.GeoDataFrame
    #: codes of the areas that are there no longer
    removed: tuple[str, ...]
    #: whether the areas above are others
    upper_changed: bool
    #: what is wrong with the areas concerned
    findings: gpd.GeoDataFrame
    #: figures of each area concerned before and after
    figures: Mapping[str, Mapping[str, Figures | None]]


def change_of(draft: Draft, step: Step, holder: Codes) -> Change:
    """Return the edit that a step is: the rows that it takes away, and those that it puts there, with their counts.

    Parameters
    ----------
    draft
        The draft before.
    step
        The step.
    holder
        Code of the area that holds each building afterwards.

    Raises
    ------
    None
    """
    fresh = counted(step.fresh, draft.stock, holder)
    old = draft.leaves[draft.leaves["code"].isin(step.gone)]
    old_upper = draft.upper[draft.upper["code"].isin(step.gone_upper)]
    return Change(
        kind="edit",
        operation=step.operation,
        codes=step.touched,
        before=rows_of(old, old_upper),
        after=rows_of(fresh, step.fresh_upper),
    )


def carried_out(connection: Connection, draft: Draft, change: Change, holder: Codes, actor: Actor | str) -> Answer:
    """Write an edit into the record, and return what it did.

    Parameters
    ----------
    connection
        The transaction in which the plan was locked.
    draft
        The draft before.
    change
        The edit.
    holder
        Code of the area that holds each building afterwards.
    actor
        Who edits.

    Raises
    ------
    ConflictError, RecordError
        As `gridmap.store.plans_edits.change`.
    """
    plan = plans_edits.change(connection, draft.plan, change, actor=actor)
    return told(draft, _after(draft, plan, change, holder), change)


def told(before: Draft, after: Draft, change: Change) -> Answer:
    """Return what a change did to a draft.

    Raises
    ------
    None
    """
    gone = tuple(sorted({row["code"] for row in change.before} - {row["code"] for row in change.after}))
    touched = tuple(sorted(with_ground([*change.before, *change.after])))
    changed = after.leaves[after.leaves["code"].isin(touched)]
    return Answer(
        draft=after,
        changed=changed,
        removed=gone,
        upper_changed=any(row["geom"] is None for row in [*change.before, *change.after]),
        findings=findings_near(after, tuple(changed["code"])),
        figures=before_and_after(before.figures, after.figures, touched),
    )


def _after(draft: Draft, plan: Plan, change: Change, holder: Codes) -> Draft:
    """The draft after a change."""
    gone_upper = tuple(row["code"] for row in change.before if row["geom"] is None)
    upper = upper_after(draft, gone_upper, upper_of(change.after))
    fresh = leaves_of(change.after)
    if change.kind != "edit":
        # areas that come back were counted when they went
        fresh = counted(fresh, draft.stock, holder)
    return followed(draft, plan, with_ground(change.before), fresh, upper, holder)


def with_ground(rows: Sequence[PlanRow]) -> set[str]:
    """Return the codes of those rows whose areas no other divides.

    Raises
    ------
    None
    """
    return {row["code"] for row in rows if row["geom"] is not None}
