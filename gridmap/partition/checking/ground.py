"""Ground that two areas hold, that none holds, or that lies outside the territory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.partition.checking.found import Finding, metres2, named
from gridmap.partition.checking.limits import Limits
from gridmap.partition.checking.measured import Measured
from gridmap.partition.edges import Ints
from gridmap.partition.findings import ground_of, together
from gridmap.prepared import prepared


def overlaps(areas: Measured, limits: Limits) -> Iterator[Finding]:
    """Ground that two areas of one layer hold."""
    for row in _found(areas, limits, "overlap"):
        one, other = row.codes.split(";", 1) if ";" in row.codes else (row.codes, row.codes)
        yield Finding(
            rule="overlap",
            codes=(one, other),
            measured=row.measured,
            unit="m2",
            limit=limits.ground_m2,
            message=f"{one} and {other} overlap by {metres2(row.measured)}",
            mend=f"give it to {_longest(areas, row.geometry, (one, other))}, whose border it shares longest",
            place=row.geometry,
            excess=row.measured,
        )


def gaps(areas: Measured, limits: Limits, *, within: Any | None) -> Iterator[Finding]:
    """Ground that no area holds: enclosed by areas, or anywhere in the territory where that is known."""
    rows = _found(areas, limits, "gap") if within is None else _uncovered(areas, limits, within)
    for codes, measured, place in ((row.codes, row.measured, row.geometry) for row in rows):
        beside = tuple(filter(None, codes.split(";")))
        yield Finding(
            rule="gap",
            codes=beside,
            measured=measured,
            unit="m2",
            limit=limits.ground_m2,
            message=f"no area holds {metres2(measured)}" + (f" between {named(beside)}" if beside else ""),
            mend=f"give it to {_longest(areas, place, beside)}, whose border it shares longest" if beside else "",
            place=place,
            excess=measured,
        )


def outside(areas: Measured, limits: Limits, *, within: Any | None) -> Iterator[Finding]:
    """Ground of an area beyond the territory."""
    if within is None:
        return
    rows = np.flatnonzero(~shapely.covers(prepared(within), areas.shapes))
    beyond = areas.series([ground_of(shape) for shape in shapely.difference(areas.shapes[rows], within)])
    sizes, wide = areas.beyond_rounding(beyond, limits)
    for row, place, size, counts in zip(rows.tolist(), beyond, sizes, wide, strict=True):
        if counts:
            code = areas.codes[row]
            yield Finding(
                rule="outside",
                codes=(code,),
                measured=float(size),
                unit="m2",
                limit=limits.ground_m2,
                message=f"{metres2(float(size))} of {code} lie outside the territory",
                mend="cut it off at the border of the territory",
                place=place,
                excess=float(size),
            )


def _found(areas: Measured, limits: Limits, rule: str) -> list[Any]:
    """Overlaps or gaps of all layers, as rows."""
    if areas.faults.empty:
        return []
    found = areas.faults[areas.faults["rule"] == rule]
    _, wide = areas.beyond_rounding(found.geometry.to_numpy(), limits)
    return list(found[wide].itertuples())


def _uncovered(areas: Measured, limits: Limits, within: Any) -> list[Any]:
    """Parts of the territory that a layer leaves open, each once though several layers do."""
    seen: dict[bytes, tuple[Any, Ints]] = {}
    for rows in areas.layers():
        for part in shapely.get_parts(shapely.difference(within, together(areas.shapes[rows]))):
            seen.setdefault(shapely.to_wkb(part), (part, rows))
    parts = np.array([part for part, _ in seen.values()], dtype=object)
    table = gpd.GeoDataFrame(
        {"codes": [_beside(areas, part, rows) for part, rows in seen.values()]}, geometry=parts, crs=areas.system
    )
    table["measured"], wide = areas.beyond_rounding(parts, limits)
    return list(table[wide].itertuples())


def _beside(areas: Measured, part: Any, rows: Ints) -> str:
    """Codes of the areas that touch a piece of ground."""
    near = shapely.STRtree(areas.shapes[rows]).query(part, predicate="intersects")
    return ";".join(sorted(areas.codes[row] for row in rows[near]))


def _longest(areas: Measured, place: Any, codes: tuple[str, ...]) -> str:
    """Of some areas the one with the longest border in common with a piece of ground, by code where they are equal."""
    shared = {
        code: shapely.length(shapely.intersection(shapely.boundary(place), areas.shapes[areas.codes.index(code)]))
        for code in sorted(codes)
    }
    return max(shared, key=lambda code: shared[code])
