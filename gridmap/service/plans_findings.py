"""What is wrong with the areas of a draft: all of it, or that near the areas of an edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import hierarchy
from gridmap.partition.checking.check import check
from gridmap.partition.checking.limits import Limits
from gridmap.service.plans_drafts import Draft

#: Households of a grid for which the usual limits are meant.
_USUAL_TARGET = 300.0

#: Findings that keep a plan from being published, whatever somebody accepts.
NEVER = frozenset({"invalid", "duplicate_code", "overlap", "nesting"})

#: Findings that keep it from being published unless whoever publishes accepts them: islands and enclaves are lawful.
UNLESS_ACCEPTED = frozenset({"gap", "outside", "multi_part"})


def findings_of(draft: Draft, areas: gpd.GeoDataFrame, standing: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return what is wrong with a draft as a whole set of areas.

    Parameters
    ----------
    draft
        The draft, for its buildings and its target.
    areas
        All its areas, as `gridmap.service.plans_whole.whole` returns them.
    standing
        The areas in force, whose ground it must fill; empty where there are none.

    Returns
    -------
    geopandas.GeoDataFrame
        As `gridmap.partition.check`, with ``blocks``: whether it keeps the draft from being published.

    Raises
    ------
    TableError
        If the draft has no areas.
    """
    buildings = None if draft.stock is None else draft.stock.table
    within = None if standing.empty else shapely.union_all(standing.geometry.to_numpy()[_top(standing)])
    found = _judged(check(areas, within, buildings=buildings, limits=_limits(draft)))
    return found.assign(blocks=found["blocks"] & ~_as_before(found, standing))


def findings_near(draft: Draft, codes: Sequence[str]) -> gpd.GeoDataFrame:
    """Return what is wrong with some areas of a draft; only they and their neighbours are looked at.

    Raises
    ------
    None
    """
    shapes = draft.leaves.geometry.to_numpy()
    touched = draft.leaves["code"].isin(list(codes)).to_numpy()
    near = np.unique(shapely.STRtree(shapes).query(shapes[touched], predicate="intersects")[1])
    limits = _limits(draft)
    if not len(near):
        return _judged(check(draft.leaves.iloc[:1], limits=limits).iloc[:0])
    found = check(draft.leaves.iloc[near], buildings=_held(draft, codes), limits=limits)
    concerned = [bool(set(codes) & set(named.split(";"))) for named in found["codes"]]
    others = np.setdiff1d(np.arange(len(shapes)), near)
    return _judged(found[np.array(concerned, dtype=bool) & ~_filled(found, shapes[others])])


def _limits(draft: Draft) -> Limits:
    """The usual limits, for the target and the level of a draft."""
    usual = Limits()
    least, most = usual.households or (0.0, np.inf)
    scale = draft.plan.target / _USUAL_TARGET
    level = draft.plan.level or usual.counted_level
    return replace(usual, households=(least * scale, most * scale), counted_level=level)


def _top(standing: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Which areas lie in no other."""
    return np.asarray(hierarchy.depths(standing) == 0)


def _as_before(found: gpd.GeoDataFrame, standing: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Which findings are areas of several parts that had as many in force: islands and enclaves."""
    parts = dict(zip(standing["code"], shapely.get_num_geometries(standing.geometry.to_numpy()), strict=True))
    had = np.array([parts.get(codes, 0) for codes in found["codes"]], dtype=float)
    return np.asarray((found["rule"] == "multi_part").to_numpy() & (found["measured"].to_numpy() <= had), dtype=bool)


def _held(draft: Draft, codes: Sequence[str]) -> gpd.GeoDataFrame | None:
    """The buildings in some areas."""
    if draft.stock is None:
        return None
    return draft.stock.table[pd.Index(draft.holder).isin(list(codes))]


def _filled(found: gpd.GeoDataFrame, others: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Which findings are gaps only because the areas that fill them were not looked at."""
    filled = np.zeros(len(found), dtype=bool)
    gaps = np.flatnonzero((found["rule"] == "gap").to_numpy())
    if len(gaps) and len(others):
        inside = shapely.point_on_surface(found.geometry.to_numpy()[gaps])
        filled[gaps[shapely.STRtree(others).query(inside, predicate="intersects")[0]]] = True
    return filled


def _judged(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return found.assign(blocks=found["rule"].isin(NEVER | UNLESS_ACCEPTED)).reset_index(drop=True)
