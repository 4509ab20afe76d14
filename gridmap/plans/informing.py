"""Who must be told of a new plan: areas that change, what leaves and arrives, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gridmap.plans.sides import codes_of, levels_of, texts
from gridmap.plans.words import KINDS, LEVELS, said

#: What is counted for those who are told, in the order of the columns.
COUNTED = ("households", "residents", "buildings", "addresses", "cameras", "checkpoints")

#: Columns of the table, in their order.
COLUMNS = ("level", "code", "name", "side", *COUNTED, "why")

#: Partners that a reason names; where there are more it says how many.
MOST_NAMED = 6


def informed(
    areas: pd.DataFrame, moved: Mapping[str, pd.DataFrame], plans: tuple[pd.DataFrame, pd.DataFrame], level: str
) -> pd.DataFrame:
    """Return who must be told: each area that changes and each area above it, with what leaves and what arrives.

    Parameters
    ----------
    areas
        The lineage of all levels (level, old, new, kind).
    moved
        Things that change area, by layer: old, new; buildings with households and residents.
    plans
        The areas before and after (code, name, level, parent).
    level
        The level that things change.

    Returns
    -------
    pandas.DataFrame
        ``level``, ``code``, ``name``, ``side`` (leaving: of the plan before; arriving: of the plan after), the counts
        of ``COUNTED``, ``why``; by level as given, code and side.

    Raises
    ------
    None
    """
    changed = areas[areas["kind"] != "unchanged"]
    parts = [
        _of_side(changed, _counts(moved, end), (end, side), plan, level)
        for end, side, plan in zip(("old", "new"), ("leaving", "arriving"), plans, strict=True)
    ]
    table = pd.concat(parts, ignore_index=True)
    order = table.assign(length=table["code"].str.len()).sort_values(["length", "code", "side"], kind="stable").index
    return table.loc[order, list(COLUMNS)].reset_index(drop=True)


def _of_side(
    changed: pd.DataFrame, counts: pd.DataFrame, ends: tuple[str, str], plan: pd.DataFrame, level: str
) -> pd.DataFrame:
    """Return those who must be told in one of the plans."""
    end, side = ends
    columns = {"level": levels_of([plan])[0], "name": texts(plan, "name"), "parent": texts(plan, "parent")}
    facts = pd.DataFrame(columns, index=codes_of(plan), dtype=object)
    concerned = changed.loc[changed["level"] == level, end].dropna()
    own = counts.reindex(sorted({*counts.index, *concerned}), fill_value=0)
    above = own.groupby(facts["parent"].reindex(own.index)).sum()
    whys = _reasons(changed, end), _reasons_above(changed[changed["level"] == level], end, facts["parent"])
    why = pd.concat(whys).groupby(level=0).agg("; ".join)
    every = pd.concat([above, own])
    named = every.join(facts[["level", "name"]]).assign(side=side, why=why.reindex(every.index))
    return named.rename_axis("code").reset_index()


def _counts(moved: Mapping[str, pd.DataFrame], end: str) -> pd.DataFrame:
    """Return how much changes area, by the code that it leaves or comes to."""
    homes = moved["buildings"]
    columns = {name: homes.groupby(end)[name].sum() for name in ("households", "residents")}
    columns |= {name: moved[name].groupby(end).size() for name in COUNTED[2:]}
    return pd.DataFrame(columns).fillna(0).astype("int64")[list(COUNTED)]


def _reasons(changed: pd.DataFrame, end: str) -> pd.Series[Any]:
    """Return why each area is told: what became of it, and of which areas it is made or which are made of it."""
    other = "new" if end == "old" else "old"
    arrow = "→" if end == "old" else "←"
    pairs = changed[changed[end].notna()]
    told = {
        code: _sentence(rows["kind"], rows[other].dropna(), arrow) for code, rows in pairs.groupby(end)[["kind", other]]
    }
    return pd.Series(told, dtype=object)


def _sentence(kinds: pd.Series[Any], partners: pd.Series[Any], arrow: str) -> str:
    """Return ``拆分 split → a, b``."""
    words = "; ".join(said(KINDS, kind) for kind in sorted(set(kinds)))
    names = sorted(set(partners))
    more = f" (+{len(names) - MOST_NAMED})" if len(names) > MOST_NAMED else ""
    return f"{words} {arrow} {', '.join(names[:MOST_NAMED])}{more}" if names else words


def _reasons_above(changed: pd.DataFrame, end: str, parents: pd.Series[Any]) -> pd.Series[Any]:
    """Return why each area above is told: what became of how many of its own."""
    pairs = changed[changed[end].notna()].drop_duplicates([end, "kind"])
    pairs = pairs.assign(parent=pairs[end].map(parents)).dropna(subset="parent")
    told = {parent: _summary(rows["level"].iloc[0], rows["kind"]) for parent, rows in pairs.groupby("parent")}
    return pd.Series(told, dtype=object)


def _summary(level: str, kinds: pd.Series[Any]) -> str:
    """Return ``网格 grid: 拆分 split 2, 合并 merged 1``."""
    counts = kinds.value_counts().sort_index()
    words = ", ".join(f"{said(KINDS, str(kind))} {count}" for kind, count in counts.items())
    return f"{said(LEVELS, level)}: {words}"
