"""What became of each area: two plans compared, one row for each old and new area that have ground in common."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap import crs
from gridmap.plans.belonging import Footprints, holders
from gridmap.plans.sides import Side, counts_of, rank, sides
from gridmap.tessellation.lineage import LineageLimits, Pairs, Rows, common, joined, kinds, picked, shares

#: What is counted of the buildings that pass.
COUNTS = ("households", "residents", "buildings")

#: Columns of a table of changes, before its geometry.
COLUMNS = ("level", "old", "new", "kind", "share_old", "share_new", "area_m2", *COUNTS, "carries_on")


class Homes(NamedTuple):
    """Where people live, and how many."""

    #: of the buildings
    footprints: Footprints
    #: households of each building
    households: NDArray[np.int64]
    #: residents of each
    residents: NDArray[np.int64]


_LIMITS = LineageLimits()


def compare(
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None = None,
    *,
    limits: LineageLimits = _LIMITS,
) -> gpd.GeoDataFrame:
    """Return what became of each area between two plans.

    One row for each pair of an old and a new area of one level that *have ground in common*: as much as
    ``limits.least_m2``, as ``limits.least_share`` of either, and somewhere wider than ``limits.tolerance_m``; or a
    building that is in the one before and in the other after. Ground that only one of the plans holds has a row with
    the other side missing, so that the shares of each area add up to 1 but for ground that counts as none.

    A pair is a *border moved* if its ground is no more than ``limits.exchange_share`` of either area, nor the largest
    piece of either (ground that only one plan holds being a piece too). All other pairs tie areas together; of each
    group of areas that are so tied, the number of old and of new ones tells the kind:

    ============= ================================================================================================
    unchanged     1 to 1, the same ground, code and name (names count where both plans have one)
    renamed       1 to 1, the same ground, another code or name
    adjusted      1 to 1, with ground lost or gained; n to n where each old area goes on as one new one (what they have
                  in common is more than ``limits.same_share`` of the mean of their areas); every border moved,
                  and every building that passes where no ground does
    split         1 to n
    merge         n to 1
    complex       any other n to m
    created       a new area that no old one ties to
    abolished     an old area that ties to no new one
    ============= ================================================================================================

    Ground that only one plan holds takes the kind of its area. Areas of one code whose vertices differ by less than a
    millimetre, and areas of equal coordinates, are not laid over anything: a plan that changed little is compared in
    the time that the change takes. Each plan should be a partition on each level: of areas that overlap, ground counts
    twice.

    Parameters
    ----------
    old, new
        Areas of one or several levels mixed (code, name, level; polygon), in any CRS. A level that is not stated is
        told by the length of the code.
    buildings
        Footprints (households, residents) in any CRS. A building belongs to the area that has the largest share of it
        (see `gridmap.plans.belonging.Ground`).
    limits
        What counts as ground, and what as an exchange.

    Returns
    -------
    geopandas.GeoDataFrame
        ``level``, ``old``, ``new`` (codes, None where the plan does not hold the ground), ``kind``, ``share_old``,
        ``share_new`` (of the area of each; NaN where there is none), ``area_m2``, ``households``, ``residents``,
        ``buildings`` (how many pass from old to new; missing where no buildings are given), ``carries_on`` (the new
        area is the old one: it keeps its code), ``geometry`` (the common ground, in the CRS of the old plan; empty
        where only a building passes). By level from coarse to fine, then by old and new code, missing ones last.

    Raises
    ------
    TableError
        If codes are missing or repeated, levels missing where there are several, or geometries missing, empty or no
        polygons; all faults of a plan at once.
    CrsError
        If a table says no CRS, or one that cannot be taken to metres.
    InputError
        If neither plan has an area.

    Examples
    --------
    A grid is split, its neighbour stays as it was:

    >>> from shapely import box
    >>> old = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)], crs=4549)
    >>> halves = [box(0, 0, 40, 100), box(40, 0, 100, 100), box(100, 0, 200, 100)]
    >>> new = gpd.GeoDataFrame({"code": ["c", "d", "b"]}, geometry=halves, crs=4549)
    >>> compare(old, new)[["old", "new", "kind", "share_old", "share_new", "area_m2"]]
      old new       kind  share_old  share_new  area_m2
    0   a   c      split        0.4        1.0   4000.0
    1   a   d      split        0.6        1.0   6000.0
    2   b   b  unchanged        1.0        1.0  10000.0
    """
    one, other, system = sides(old, new)
    levels = sorted({*one.levels.tolist(), *other.levels.tolist()}, key=rank)
    pairs = joined([_on_level(one, other, level, limits) for level in levels])
    counts = None
    if buildings is not None:
        homes = Homes(Footprints(buildings), *(counts_of(buildings, name) for name in ("households", "residents")))
        passed = pd.concat([_passed((old, new), (one, other), level, homes) for level in levels])
        pairs, counts = _with_passed(pairs, passed)
    told = kinds(pairs, one, other, limits)
    share = shares(pairs, one, other)
    table = _ends(pairs, one, other).assign(
        kind=told.kind, share_old=share.old, share_new=share.new, area_m2=pairs.area
    )
    table = table.join(_no_counts(len(table)) if counts is None else counts).assign(carries_on=told.carried)
    ground = _as_given(pairs.shapes, system, old.crs if len(old) else new.crs)
    return _sorted(gpd.GeoDataFrame(table[list(COLUMNS)], geometry=ground))


def carried_on(changes: pd.DataFrame) -> dict[str, str]:
    """Return the old code of each new area that carries one on: what it keeps of its past.

    Parameters
    ----------
    changes
        What `compare` returned.

    Returns
    -------
    dict of str to str
        Old code by new code.

    Raises
    ------
    None
    """
    rows = changes[changes["carries_on"]]
    return dict(zip(rows["new"].tolist(), rows["old"].tolist(), strict=True))


def _on_level(old: Side, new: Side, level: str, limits: LineageLimits) -> Pairs:
    """Return the pairs of one level."""
    one, other = (np.flatnonzero(side.levels == level) for side in (old, new))
    pairs = common(old.take(one), new.take(other), limits).pairs
    return Pairs(_whole(pairs.old, one), _whole(pairs.new, other), pairs.area, pairs.shapes)


def _whole(rows: Rows, among: Rows) -> Rows:
    """Return rows of a whole table for rows of a part of it; -1 stays."""
    return picked(among, rows, -1)


def _passed(
    plans: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    made: tuple[Side, Side],
    level: str,
    homes: Homes,
) -> pd.DataFrame:
    """Return how many buildings and households pass from each old to each new area of a level."""
    ends = []
    for table, side in zip(plans, made, strict=True):
        rows = np.flatnonzero(side.levels == level)
        ground = gpd.GeoDataFrame({"code": side.codes[rows]}, geometry=table.geometry.to_numpy()[rows], crs=table.crs)
        ends.append(_whole(holders(ground, homes.footprints), rows))
    counts = {"households": homes.households, "residents": homes.residents, "buildings": 1}
    passed = pd.DataFrame({"old": ends[0], "new": ends[1], **counts})
    passed = passed[(passed["old"] >= 0) | (passed["new"] >= 0)]
    return passed.groupby(["old", "new"], as_index=False).sum()


def _with_passed(pairs: Pairs, passed: pd.DataFrame) -> tuple[Pairs, pd.DataFrame]:
    """Return the pairs, those through which only buildings pass too, and the counts of each."""
    known = pd.DataFrame({"old": pairs.old, "new": pairs.new})
    every = known.merge(passed, how="left", on=["old", "new"])
    more = passed.merge(known, how="left", on=["old", "new"], indicator=True)
    more = more[more["_merge"] == "left_only"]
    nothing = np.full(len(more), shapely.Polygon(), dtype=object)
    added = Pairs(more["old"].to_numpy(), more["new"].to_numpy(), np.zeros(len(more)), nothing)
    counts = pd.concat([every, more], ignore_index=True)[list(COUNTS)]
    return joined([pairs, added]), counts.fillna(0).astype("Int64")


def _no_counts(rows: int) -> pd.DataFrame:
    """Return missing counts, where no buildings are given."""
    return pd.DataFrame({name: pd.array([pd.NA] * rows, dtype="Int64") for name in COUNTS})


def _as_given(shapes: NDArray[Any], system: Any, given: Any) -> gpd.GeoSeries:
    """Return ground in the system of the plan that it is told of."""
    return gpd.GeoSeries(shapes if system == given else crs.convert_shapes(shapes, system, given), crs=given)


def _ends(pairs: Pairs, old: Side, new: Side) -> pd.DataFrame:
    """Return the level and the codes of each pair."""
    one, other = picked(old.codes, pairs.old), picked(new.codes, pairs.new)
    level = np.where(pairs.old >= 0, picked(old.levels, pairs.old), picked(new.levels, pairs.new))
    return pd.DataFrame({"level": level, "old": one, "new": other}, dtype=object)


def _sorted(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return rows by level from coarse to fine, then by codes, missing ones last."""
    keys = [
        (rank(level), old is None, old or "", new is None, new or "")
        for level, old, new in zip(table["level"], table["old"], table["new"], strict=True)
    ]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return table.iloc[order].reset_index(drop=True)
