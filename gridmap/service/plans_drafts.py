"""Drafts at hand: the areas of a plan in memory, with the buildings in each, so that an edit is answered at once.

The record is the truth. A draft in memory is of one version of its plan, and is used only while the record, in the
same transaction, says that this version stands.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from sqlalchemy import Connection, Engine

from gridmap import crs, store
from gridmap.plans.belonging import Footprints
from gridmap.plans.belonging import holders as belonging
from gridmap.service.plans_figures import Figures, figures_of
from gridmap.store.plans import Plan, buildings_digest
from gridmap.store.plans_rows import COUNTS, tables

#: Drafts kept in memory at once: some 20 MB each for 100 000 buildings.
KEPT = 16

#: The code of no area.
NOWHERE = ""

Codes = npt.NDArray[np.object_]


@dataclass(frozen=True, kw_only=True)
class Stock:
    """The buildings in force on a day, as counts at places."""

    #: what tells them from those of another reading (see `gridmap.store.plans.buildings_digest`)
    digest: tuple[int, ...]
    #: id, households, residents, polygon of each
    table: gpd.GeoDataFrame
    #: the polygons, to be asked about again and again
    footprints: Footprints
    #: households and residents of each, 0 where unknown, shape (n, 2)
    counts: npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The areas of one version of a plan; never changed, only followed by another."""

    #: what the plan says of itself
    plan: Plan
    #: areas that no other divides, in the order of their codes, in EPSG:4490
    leaves: gpd.GeoDataFrame
    #: areas above them, without ground of their own
    upper: pd.DataFrame
    #: the buildings; None where the record holds none
    stock: Stock | None
    #: code of the area that holds each building, `NOWHERE` if none does
    holder: Codes
    #: figures of each area by its code
    figures: Mapping[str, Figures]
    #: EPSG code of the system that the whole plan is measured in
    metric: int


class Drafts:
    """Drafts of one record, the last used ones in memory.

    Parameters
    ----------
    engine
        The record.
    kept
        How many are kept.
    """

    def __init__(self, engine: Engine, *, kept: int = KEPT) -> None:
        self.engine = engine
        self._kept = kept
        self._drafts: OrderedDict[int, Draft] = OrderedDict()
        self._stocks: OrderedDict[date, tuple[int, Stock | None]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, connection: Connection, plan: Plan) -> Draft:
        """Return the draft of a plan, from memory if that is of its version, else from the record.

        Raises
        ------
        RecordError
            If the record cannot be read.
        """
        stock = self.stock(connection, plan.base)
        with self._lock:
            held = self._drafts.get(plan.id)
            if held is not None:
                self._drafts.move_to_end(plan.id)
        if held is not None and held.plan.version == plan.version and held.stock is stock:
            return replace(held, plan=plan)
        draft = read_draft(connection, plan, stock)
        self.keep(draft)
        return draft

    def keep(self, draft: Draft) -> None:
        """Keep a draft that the record holds; the one that was not used for longest is forgotten."""
        with self._lock:
            self._drafts[draft.plan.id] = draft
            self._drafts.move_to_end(draft.plan.id)
            while len(self._drafts) > self._kept:
                self._drafts.popitem(last=False)

    def stock(self, connection: Connection, on: date) -> Stock | None:
        """Return the buildings in force on a day; None if there are none.

        Raises
        ------
        RecordError
            If the record cannot be read.
        """
        revision = store.revision(connection)
        with self._lock:
            seen, stock = self._stocks.get(on, (-1, None))
        if seen == revision:
            return stock
        digest = buildings_digest(connection, on)
        if stock is None or stock.digest != digest:
            stock = _read_stock(connection, on, digest)
        with self._lock:
            self._stocks[on] = revision, stock
            while len(self._stocks) > self._kept:
                self._stocks.popitem(last=False)
        return stock


def read_draft(connection: Connection, plan: Plan, stock: Stock | None) -> Draft:
    """Return the draft of a plan as the record holds it.

    Raises
    ------
    RecordError
        If the record cannot be read.
    """
    held = tables(connection, plan.id)
    holder = holders(held.leaves, stock)
    # what the record holds was counted when each area was drawn; buildings may have been loaded again since
    leaves = counted(held.leaves, stock, holder)
    west, south, east, north = leaves.total_bounds
    metric = crs.metric_epsg((west + east) / 2, (south + north) / 2)
    return Draft(
        plan=plan,
        leaves=leaves,
        upper=held.upper,
        stock=stock,
        holder=holder,
        figures=figures_of(leaves, plan.target, metric=metric),
        metric=metric,
    )


def holders(leaves: gpd.GeoDataFrame, stock: Stock | None) -> Codes:
    """Return the code of the area that each building belongs to, `NOWHERE` if none has any of it.

    A building belongs to the area with the largest share of its footprint (see `gridmap.plans.belonging.Ground`).

    Raises
    ------
    TableError
        If the areas are no areas (see `gridmap.partition.AreaIndex`).
    """
    return np.empty(0, dtype=object) if stock is None else _held(leaves, stock.footprints)


def counted(leaves: gpd.GeoDataFrame, stock: Stock | None, holder: Codes) -> gpd.GeoDataFrame:
    """Return areas with the households, residents and buildings in each; as they are where no buildings are known.

    Raises
    ------
    None
    """
    if stock is None:
        return leaves
    codes = pd.Index(leaves["code"])
    row = codes.get_indexer(holder)
    inside = row >= 0
    sums = np.zeros((len(codes), 3), dtype=np.int64)
    np.add.at(sums, row[inside], np.column_stack([stock.counts[inside], np.ones(int(inside.sum()), dtype=np.int64)]))
    return leaves.assign(**{name: pd.array(sums[:, at], dtype="Int64") for at, name in enumerate(COUNTS)})


def moved_holders(draft: Draft, gone: Collection[str], fresh: gpd.GeoDataFrame) -> Codes:
    """Return the holder of each building when some areas are replaced by others.

    Only buildings of areas that are gone, those that meet the new ones, and those that no area held can have another
    holder.

    Raises
    ------
    TableError
        As `holders`.
    """
    if draft.stock is None:
        return draft.holder
    asked = pd.Index(draft.holder).isin([*gone, NOWHERE])
    asked[draft.stock.footprints.tree.query(fresh.geometry.to_numpy(), predicate="intersects")[1]] = True
    rows = np.flatnonzero(asked)
    holder = draft.holder.copy()
    holder[rows] = _held(_with_neighbours(draft, gone, fresh), Footprints(draft.stock.table.iloc[rows]))
    return holder


def followed(
    draft: Draft,
    plan: Plan,
    gone: Collection[str],
    fresh: gpd.GeoDataFrame,
    upper: pd.DataFrame,
    holder: Codes,
) -> Draft:
    """Return the draft in which some areas are replaced by others.

    Parameters
    ----------
    draft
        The draft before.
    plan
        What the plan says of itself afterwards.
    gone
        Codes of the areas that are replaced.
    fresh
        The areas that replace them, with their counts.
    upper
        The areas above, afterwards.
    holder
        Code of the area that holds each building afterwards (see `moved_holders`).

    Raises
    ------
    None
    """
    stay = draft.leaves[~draft.leaves["code"].isin(list(gone))]
    leaves = pd.concat([stay, fresh[list(stay.columns)]]) if len(fresh) else stay
    figures = {code: held for code, held in draft.figures.items() if code not in set(gone)}
    return replace(
        draft,
        plan=plan,
        leaves=leaves.sort_values("code", ignore_index=True),
        upper=upper,
        holder=holder,
        figures=figures | figures_of(fresh, plan.target, metric=draft.metric),
    )


def _held(areas: gpd.GeoDataFrame, footprints: Footprints) -> Codes:
    codes = np.append(areas["code"].to_numpy(dtype=object), NOWHERE)
    return np.asarray(codes[belonging(areas[["code", areas.geometry.name]], footprints)], dtype=object)


def _with_neighbours(draft: Draft, gone: Collection[str], fresh: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """New areas, and those that stay whose extent meets theirs: what a building near them can belong to."""
    if not len(fresh):
        return fresh
    west, south, east, north = fresh.total_bounds
    bounds = shapely.bounds(draft.leaves.geometry.to_numpy())
    near = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    stay = draft.leaves[near & ~draft.leaves["code"].isin(list(gone)).to_numpy()]
    codes = [*fresh["code"], *stay["code"]]
    shapes = [*fresh.geometry.to_numpy(), *stay.geometry.to_numpy()]
    return gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=draft.leaves.crs)


def _read_stock(connection: Connection, on: date, digest: tuple[int, ...]) -> Stock | None:
    table = store.read(connection, "buildings", on=on)
    if table.empty:
        return None
    counts = np.column_stack([_whole(table[name]) for name in ("households", "residents")])
    table = table[["id", "households", "residents", "geometry"]]
    return Stock(digest=digest, table=table, footprints=Footprints(table), counts=counts)


def _whole(column: pd.Series[Any]) -> npt.NDArray[np.int64]:
    """A column of counts, 0 where one is missing."""
    return np.asarray(column.fillna(0), dtype=np.int64)
