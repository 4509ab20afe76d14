"""The buildings of a draft in a box, so that whoever moves a border sees what it cuts; people are counts."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gridmap.prepared import prepared
from gridmap.service.plans import opened
from gridmap.service.plans_drafts import NOWHERE, Draft, Drafts
from gridmap.service.plans_figures import in_metres

#: Buildings in one answer: as many as a screen can show, and a browser draw without being felt.
SHOWN = 6000

#: Square metres of a building that may lie beyond a border without its being cut: the rounding of drawing.
SLIP_M2 = 0.5


@dataclass(frozen=True, kw_only=True)
class Found:
    """Buildings in a box."""

    #: id, households, residents, area (code of that which holds it, None if none does), cut, polygon in EPSG:4490;
    #: empty where there are more than are shown
    table: gpd.GeoDataFrame
    #: how many there are
    count: int


def within(
    drafts: Drafts, plan_id: int, box: tuple[float, float, float, float], *, shown: int = SHOWN
) -> tuple[Draft, Found]:
    """Return a plan, and its buildings whose extent meets a box.

    Parameters
    ----------
    drafts
        The drafts of the record.
    plan_id
        The plan.
    box
        West, south, east and north in degrees.
    shown
        Of more buildings only their number is told.

    Raises
    ------
    NotFoundError
        If there is no such plan.
    """
    draft = opened(drafts, plan_id)
    rows = np.empty(0, dtype=np.int64) if draft.stock is None else draft.stock.footprints.tree.query(shapely.box(*box))
    count = len(rows)
    return draft, Found(table=_table(draft, np.sort(rows[:0] if count > shown else rows)), count=count)


def _table(draft: Draft, rows: npt.NDArray[np.int64]) -> gpd.GeoDataFrame:
    if draft.stock is None:
        return gpd.GeoDataFrame(geometry=[], crs=4490)
    table = draft.stock.table.iloc[rows].reset_index(drop=True)
    holder = draft.holder[rows]
    area = holder.copy()
    area[holder == NOWHERE] = None
    found = table.assign(area=area, cut=_cut(draft, table, holder))
    return found[["id", "households", "residents", "area", "cut", "geometry"]]


def _cut(draft: Draft, table: gpd.GeoDataFrame, holder: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Which buildings reach out of the area that holds them, by more than a slip."""
    near = draft.leaves[draft.leaves["code"].isin(set(holder))]
    grounds = dict(zip(near["code"], prepared(near.geometry.to_numpy()), strict=True))
    shapes = table.geometry.to_numpy()
    held = np.array([grounds.get(code) for code in holder], dtype=object)
    loose = np.flatnonzero(~shapely.covers(held, shapes) & (holder != NOWHERE))
    cut = np.zeros(len(table), dtype=bool)
    outside = shapely.difference(shapes[loose], held[loose])
    metres = in_metres(gpd.GeoDataFrame(geometry=outside, crs=table.crs), draft.metric)
    cut[loose] = shapely.area(metres) > SLIP_M2
    return cut
