"""Codes, buildings and people: each code once, each building in one area, as many households as the norm says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.frames import counts
from gridmap.partition.checking.found import Finding, named, noun
from gridmap.partition.checking.limits import Limits
from gridmap.partition.checking.measured import Measured
from gridmap.partition.edges import Ints
from gridmap.prepared import prepared


def duplicate_codes(areas: Measured, _: Limits) -> Iterator[Finding]:
    """Codes that several areas bear."""
    for code, times in sorted(Counter(areas.codes).items()):
        if times > 1:
            rows = [row for row, other in enumerate(areas.codes) if other == code]
            yield Finding(
                rule="duplicate_code",
                codes=(code,),
                measured=float(times),
                unit="areas",
                limit=1.0,
                message=f"{times} areas bear the code {code}",
                mend="give all but one of them codes of their own, or make them one area",
                place=shapely.union_all(areas.shapes[rows]),
                excess=times - 1.0,
            )


def orphan_buildings(areas: Measured, limits: Limits, *, buildings: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Buildings that no area holds, and buildings that a border cuts."""
    shapes = buildings.geometry.to_numpy()
    held = _held(areas, shapes)
    ids = buildings["id"].tolist()
    for building, shares in enumerate(held):
        code = str(ids[building])
        lost = 1.0 - sum(shares.values())
        if not shares or lost > limits.cut_share:
            yield _orphan("orphan_building", (code,), lost, limits, "lies outside every area", shapes[building])
        cut = [row for row, share in shares.items() if share > limits.cut_share]
        if len(cut) > 1:
            codes = (code, *(areas.codes[row] for row in cut))
            least = min(shares[row] for row in cut)
            words = f"is cut by the border between {named(codes[1:])}"
            yield _orphan("cut_building", codes, least, limits, words, shapes[building])


def _orphan(rule: str, codes: tuple[str, ...], share: float, limits: Limits, words: str, place: Any) -> Finding:
    mends = {
        "orphan_building": "give its ground to the neighbouring area, or correct the building",
        "cut_building": "move the border round the building",
    }
    return Finding(
        rule=rule,
        codes=codes,
        measured=share,
        unit="share",
        limit=limits.cut_share,
        message=f"{share:.0%} of building {codes[0]} {words}"
        if rule == "orphan_building"
        else f"building {codes[0]} {words}",
        mend=mends[rule],
        place=place,
        excess=share,
    )


def _held(areas: Measured, shapes: Any) -> list[dict[int, float]]:
    """For each building the share of its ground in each finest area that it touches."""
    rows = np.flatnonzero(areas.finest)
    building, area = shapely.STRtree(areas.shapes[rows]).query(shapes, predicate="intersects")
    held: list[dict[int, float]] = [{} for _ in shapes]
    times = np.bincount(building, minlength=len(shapes))
    whole = shapely.contains(prepared(areas.shapes[rows])[area], shapes[building])
    share = np.ones(len(building))
    part = np.flatnonzero(~whole | (times[building] > 1))
    common = shapely.area(shapely.intersection(areas.shapes[rows][area[part]], shapes[building[part]]))
    share[part] = common / np.maximum(shapely.area(shapes[building[part]]), np.finfo(float).tiny)
    for one, other, much in zip(building.tolist(), rows[area].tolist(), share.tolist(), strict=True):
        if much > 0:
            held[one][other] = much
    return held


def out_of_norm(
    areas: Measured, limits: Limits, *, count: str, buildings: gpd.GeoDataFrame | None
) -> Iterator[Finding]:
    """Areas of the counted level with fewer or more households (or residents) than the norm.

    Parameters
    ----------
    areas
        With a column of the count; areas whose count is not known are passed over.
    limits
        The norm, and the level it is for.
    count
        ``households`` or ``residents``.
    buildings
        Where given, their counts are summed up and the areas' own are not looked at.
    """
    norm = limits.households if count == "households" else limits.residents
    if norm is None:
        return
    rows = _counted(areas, limits)
    numbers = _numbers(areas, count, buildings)
    for row in rows[np.isfinite(numbers[rows])].tolist():
        number = float(numbers[row])
        if norm[0] <= number <= norm[1]:
            continue
        few, limit = number < norm[0], norm[0] if number < norm[0] else norm[1]
        has = f"{number:.0f} {noun(count, number)}"
        yield Finding(
            rule=count,
            codes=(areas.codes[row],),
            measured=number,
            unit=count,
            limit=limit,
            message=f"{areas.codes[row]} has {has}, the norm is {norm[0]:.0f} to {norm[1]:.0f}",
            mend="merge it with a neighbour, or take buildings from one" if few else "split it, or give buildings away",
            place=areas.shapes[row],
            excess=abs(number - limit),
        )


def _counted(areas: Measured, limits: Limits) -> Ints:
    """Rows of the level that the norm is for; of the finest areas where no level is known."""
    levels = areas.levels()
    if all(level is None for level in levels):
        return np.flatnonzero(areas.finest)
    return np.flatnonzero(np.array([level == limits.counted_level for level in levels]))


def _numbers(areas: Measured, count: str, buildings: gpd.GeoDataFrame | None) -> Any:
    """The count of each area, NaN where it is not known."""
    if buildings is not None and count in buildings:
        return _summed(areas, buildings, count)
    return counts(areas.table, count, source="areas").to_numpy(dtype=float, na_value=np.nan)


def _summed(areas: Measured, buildings: gpd.GeoDataFrame, count: str) -> Any:
    """The count of the buildings whose middle each area holds; where it is on a border, of the area of least code."""
    numbers = counts(buildings, count, source="buildings").to_numpy(dtype=float, na_value=0.0)
    middle = shapely.point_on_surface(buildings.geometry.to_numpy())
    building, area = shapely.STRtree(areas.shapes).query(middle, predicate="intersects")
    order = np.lexsort([np.array(areas.codes)[area], areas.depth[area], building])
    building, area = building[order], area[order]
    _, first = np.unique(np.column_stack([building, areas.depth[area]]), axis=0, return_index=True)
    return np.bincount(area[first], numbers[building[first]], len(areas.codes))
