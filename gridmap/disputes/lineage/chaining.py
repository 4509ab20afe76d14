"""Lineage over many epochs: composed step by step, never told by a jump from the first epoch to the last."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap import crs
from gridmap.errors import InputError
from gridmap.tessellation.lineage import (
    KINDS,
    LineageLimits,
    Pairs,
    Side,
    as_drawn,
    kinds,
    picked,
    polygons_of,
    shares,
    wide,
)

#: Columns of a chained lineage, before its geometry.
COLUMNS = ("old", "new", "kind", "share_old", "share_new", "area_m2", "event", "descends", "through")
_NEEDED = ("old", "new", "share_old", "share_new", "area_m2", "descends")

_LIMITS = LineageLimits()


def chain(tables: Sequence[gpd.GeoDataFrame], *, limits: LineageLimits = _LIMITS) -> gpd.GeoDataFrame:
    """Return what became, by the last epoch, of each parcel of the first one.

    Lineage is *composed*: a parcel descends from another if it descends from one that descends from it. The first
    epoch is never laid over the last: where every epoch is generalised anew, borders wander, and a jump over many takes
    the strips between them for ground that changed hands. Only where several parcels went into one and several came out
    of it, the ground that passed in is laid over the ground that passed out, and both are told in the vertices of that
    very parcel.

    The kinds are those of `epochs`, told by who descends from whom. What was created and abolished in between is in
    the tables of those steps, and not here.

    Parameters
    ----------
    tables
        What `epochs` returned for the first and the second epoch, for the second and the third, and so on.
    limits
        What counts as ground where it is laid over each other, and as the same parcel, as in `epochs`.

    Returns
    -------
    geopandas.GeoDataFrame
        As of `epochs`, ``old`` being of the first epoch and ``new`` of the last, and ``through`` (identifiers of the
        epochs between, joined by ``>``, several ways by ``;``). Areas and geometry are those of the step with the least
        ground on the way, in the CRS of the first table; shares are of the parcels of the first and the last epoch.

    Raises
    ------
    InputError
        If there is no table, one lacks a column, or two are not of consecutive epochs: the new parcels of the one are
        not the old parcels of the next.
    CrsError
        If a table says no CRS, or one that cannot be taken to metres.

    Examples
    --------
    A field is renamed in one year and divided in the next:

    >>> from gridmap.disputes.lineage import epochs
    >>> def year(*fields):
    ...     names, shapes = zip(*fields)
    ...     return gpd.GeoDataFrame({"id": names}, geometry=list(shapes), crs=4549)
    >>> whole, west, east = (shapely.box(*ends, 100) for ends in ((0, 0, 100), (0, 0, 40), (40, 0, 100)))
    >>> first, second, third = year(("a", whole)), year(("b", whole)), year(("c", west), ("d", east))
    >>> chain([epochs(first, second), epochs(second, third)])[["old", "new", "kind", "share_old", "through"]]
      old new   kind  share_old through
    0   a   c  split        0.4       b
    1   a   d  split        0.6       b
    """
    steps, system = _steps(tables)
    passed = steps[0].assign(through="")
    for step in steps[1:]:
        passed = _composed(passed, step, limits)
    ends = _side(steps[0], "old", "share_old"), _side(steps[-1], "new", "share_new")
    found = _told(passed, ends, limits)
    shapes = found["ground"].to_numpy()
    if system != tables[0].crs:
        shapes = crs.convert_shapes(shapes, system, tables[0].crs)
    return gpd.GeoDataFrame(found[list(COLUMNS)], geometry=shapes, crs=tables[0].crs)


def event_counts(lineage: pd.DataFrame) -> dict[str, int]:
    """Return how many events of each kind a lineage tells: a merger of seven parcels is one.

    Parameters
    ----------
    lineage
        What `epochs` or `chain` returned.

    Returns
    -------
    dict of str to int
        By kind, in the order of the kinds; those that did not happen are left out.

    Raises
    ------
    None
    """
    ends = lineage["descends"] | lineage["old"].isna() | lineage["new"].isna()
    # what descends tells the kind of an event, and ground that was just lost or gained only where nothing descends
    first = lineage[ends].sort_values("descends", ascending=False, kind="stable").drop_duplicates("event")
    counts = first["kind"].value_counts()
    return {kind: int(counts[kind]) for kind in KINDS if kind in counts}


def _steps(tables: Sequence[gpd.GeoDataFrame]) -> tuple[list[pd.DataFrame], Any]:
    """Return the tables, checked, with their ground in one metric system."""
    if not tables:
        raise InputError("no lineage to chain", expected="what epochs returned, for each two epochs that follow")
    for number, table in enumerate(tables, start=1):
        if lacking := [name for name in _NEEDED if name not in table]:
            raise InputError(f"lineage {number} has no column {', '.join(lacking)}", expected="what epochs returned")
    for number, (one, other) in enumerate(pairwise(tables), start=1):
        apart = sorted({*one["new"].dropna()} ^ {*other["old"].dropna()})
        if apart:
            raise InputError(
                f"lineages {number} and {number + 1} are not of consecutive epochs: {len(apart)} parcels such as "
                f"{apart[0]} are in one only",
                expected="the new parcels of the one to be the old parcels of the other",
            )
    shapes, system = as_drawn(*tables)
    return [
        pd.DataFrame(table[[*_NEEDED]]).assign(ground=shape) for table, shape in zip(tables, shapes, strict=True)
    ], system


def _composed(passed: pd.DataFrame, step: pd.DataFrame, limits: LineageLimits) -> pd.DataFrame:
    """Return what passed in by way of what passed out."""
    gone, fresh = passed[passed["new"].isna()], step[step["old"].isna()].assign(through="")
    inward = passed[passed["new"].notna()]
    inward = inward.assign(into=inward.groupby("new")["new"].transform("size"))
    outward = step[step["old"].notna()]
    outward = outward.assign(out_of=outward.groupby("old")["old"].transform("size"))
    both = inward.merge(outward, left_on="new", right_on="old", suffixes=("", "_out"))
    both = _with_ground(both[both["old"].notna() | both["new_out"].notna()].reset_index(drop=True), limits)
    both = both.assign(
        through=[_further(ways, by) for ways, by in zip(both["through"], both["new"], strict=True)],
        new=both["new_out"],
        descends=both["descends"] & both["descends_out"],
    )
    columns = ["old", "new", "descends", "area_m2", "ground", "through"]
    every = pd.concat([part[columns] for part in (gone, both, fresh) if len(part)], ignore_index=True)
    return _summed(every)


def _with_ground(both: pd.DataFrame, limits: LineageLimits) -> pd.DataFrame:
    """Return what passes with its ground: of a parcel that all goes into, or comes out of, one, without a look."""
    ground, area = both["ground"].to_numpy(copy=True), both["area_m2"].to_numpy(copy=True)
    into, out_of = both["into"].to_numpy(), both["out_of"].to_numpy()
    later = both["ground_out"].to_numpy()
    divided = np.flatnonzero((into == 1) & (out_of > 1))
    ground[divided], area[divided] = later[divided], both["area_m2_out"].to_numpy()[divided]
    mixed = np.flatnonzero((into > 1) & (out_of > 1))
    shapes = shapely.intersection(ground[mixed], later[mixed])
    ground[mixed], area[mixed] = shapes, shapely.area(shapes)
    kept = np.ones(len(both), dtype=bool)
    kept[mixed] = wide(shapes, limits)
    return both.assign(ground=ground, area_m2=area)[kept]


def _summed(every: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each pair of ends, whatever ways there are between them."""
    by, rising = ["old", "new", "descends", "area_m2", "through"], [True, True, False, False, True]
    ordered = every.sort_values(by, ascending=rising, kind="stable", na_position="last", ignore_index=True)
    begins = np.flatnonzero(~ordered.duplicated(["old", "new"]).to_numpy())
    ends = np.append(begins[1:], len(ordered))
    ground, through, descends = (ordered[name].to_numpy() for name in ("ground", "through", "descends"))
    area = ordered.groupby(begins.searchsorted(np.arange(len(ordered)), side="right"))["area_m2"].sum().to_numpy()
    first = ordered.iloc[begins].reset_index(drop=True)
    whole, ways = ground[begins], through[begins]
    for row in np.flatnonzero(ends - begins > 1).tolist():
        begin, end = begins[row], ends[row]
        whole[row] = shapely.union_all(ground[begin:end])
        # strips over borders have ever more ways: where nothing descends, that of the most ground is told
        told = max(1, int(descends[begin:end].sum()))
        ways[row] = ";".join(dict.fromkeys(through[begin : begin + told]))
    return first.assign(area_m2=area, ground=whole, through=ways)


def _further(ways: str, by: str) -> str:
    """Return ways that go on by one parcel more."""
    return ";".join(f"{way}>{by}" if way else str(by) for way in ways.split(";"))


def _told(passed: pd.DataFrame, ends: tuple[Side, Side], limits: LineageLimits) -> pd.DataFrame:
    """Return the rows with their kinds and shares."""
    ground = np.array([*map(polygons_of, passed["ground"]), None], dtype=object)[:-1]
    rows = _rows(passed["old"], ends[0]), _rows(passed["new"], ends[1])
    pairs = Pairs(*rows, passed["area_m2"].to_numpy(dtype=float), ground)
    told = kinds(pairs, *ends, limits, passed["descends"].to_numpy(dtype=bool))
    share = shares(pairs, *ends)
    more = {"kind": told.kind, "share_old": share.old, "share_new": share.new, "descends": told.tied}
    names = {
        end: pd.Series(picked(side.codes, row), dtype=object)
        for end, side, row in zip(("old", "new"), ends, rows, strict=True)
    }
    return passed.assign(**names, **more, event=pd.factorize(told.group)[0], ground=ground)


def _side(step: pd.DataFrame, end: str, share: str) -> Side:
    """Return the parcels at one end, with their areas."""
    rows = step[step[end].notna()].drop_duplicates(end).sort_values(end, kind="stable")
    codes = rows[end].to_numpy(dtype=object)
    area = (rows["area_m2"] / rows[share]).to_numpy(dtype=float)
    return Side(codes=codes, names=np.full(len(codes), None, dtype=object), shapes=rows["ground"].to_numpy(), area=area)


def _rows(ids: pd.Series[Any], side: Side) -> NDArray[np.intp]:
    """Return the row of each parcel, -1 for none."""
    return np.asarray(pd.Index(side.codes, dtype=object).get_indexer(pd.Index(ids, dtype=object)))
