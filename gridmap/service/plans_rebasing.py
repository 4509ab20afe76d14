"""A draft brought up to the areas in force on another day: what it left alone is taken over, what it changed stays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import geopandas as gpd
import pandas as pd

from gridmap.errors import StaleError
from gridmap.service.plans_drafts import Draft, counted, holders
from gridmap.service.plans_making import Parts
from gridmap.store.plans_edits import Change
from gridmap.store.plans_rows import rows_of


def taken_over(draft: Draft, now: Parts, theirs: Collection[str], mine: Collection[str], *, on: date) -> Change:
    """Return the edit that takes over what others published since a draft was made.

    Parameters
    ----------
    draft
        The draft.
    now
        The areas in force on the other day, down to the level of the draft.
    theirs
        Codes of areas that are others now than those that the draft was made from.
    mine
        Codes of areas that the draft changed.
    on
        The day.

    Raises
    ------
    StaleError
        If an area is among both.
    """
    there, here = _codes(now.leaves, now.upper), _codes(draft.leaves, draft.upper)
    concerned = set(theirs) & (there | here | set(mine))
    if met := sorted(concerned & set(mine)):
        raise StaleError(
            f"plan {draft.plan.id} changed {', '.join(met[:5])}, and so did what is in force on {on}",
            version=draft.plan.version,
            changed=met,
            code="base_changed",
            do="undo these in the draft, or draft them anew from the areas in force on that day",
            values={"day": on, "both": True},
        )
    leaves, upper = (table[table["code"].isin(concerned)] for table in (now.leaves, now.upper))
    old, old_upper = (table[table["code"].isin(concerned)] for table in (draft.leaves, draft.upper))
    return Change(
        kind="edit",
        operation={"op": "rebase", "on": str(on), "from": str(draft.plan.base)},
        codes=sorted(concerned),
        before=rows_of(old, old_upper),
        after=rows_of(_recounted(draft, leaves), upper),
    )


def _recounted(draft: Draft, leaves: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return counted(leaves, draft.stock, holders(leaves, draft.stock)) if len(leaves) else leaves


def _codes(*tables: pd.DataFrame) -> set[str]:
    return {code for table in tables for code in table["code"]}
