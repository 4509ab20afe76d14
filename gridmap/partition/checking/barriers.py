"""Rivers, railways and main roads that run through an area instead of along its border."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from gridmap.crs import to_system
from gridmap.partition.checking.found import Finding
from gridmap.partition.checking.limits import Limits
from gridmap.partition.checking.measured import Measured


def barriers(areas: Measured, limits: Limits, *, streets: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Finest areas that a barrier runs through for more metres than the limit.

    A barrier is a line whose ``barrier`` says so or whose ``class`` is a main road. What runs within ``beside_m`` of
    the area's own border runs along it.
    """
    lines, kinds = _lines(areas, limits, streets)
    rows = np.flatnonzero(areas.finest)
    line, area = shapely.STRtree(areas.metric[rows]).query(lines, predicate="intersects")
    inner = shapely.buffer(areas.metric[rows], -limits.beside_m, quad_segs=2)
    inside = shapely.intersection(lines[line], inner[area])
    metres = shapely.length(inside)
    for at in np.unique(area).tolist():
        chosen = np.flatnonzero((area == at) & (metres > 0))
        total = float(metres[chosen].sum())
        if total > limits.barrier_m:
            code, words = areas.codes[rows[at]], ", ".join(sorted({kinds[row] for row in line[chosen]}))
            yield Finding(
                rule="barrier",
                codes=(code,),
                measured=total,
                unit="m",
                limit=limits.barrier_m,
                message=f"{total:.0f} m of barriers ({words}) run through {code}",
                mend="split it along them, or give what lies beyond them to the neighbour there",
                place=areas.from_metric([shapely.union_all(inside[chosen])])[0],
                excess=total - limits.barrier_m,
            )


def _lines(areas: Measured, limits: Limits, streets: gpd.GeoDataFrame) -> tuple[np.ndarray, list[str]]:
    """Barriers in metres, and what each is."""
    empty = [None] * len(streets)
    said = [_word(value) for value in streets.get("barrier", empty)]
    classes = [_word(value) for value in streets.get("class", empty)]
    kinds = [
        barrier or (kind if kind in limits.main_roads else "") for barrier, kind in zip(said, classes, strict=True)
    ]
    rows = [row for row, kind in enumerate(kinds) if kind]
    own = to_system(streets.iloc[rows], areas.system)
    return areas.to_metric(own.geometry.to_numpy()).to_numpy(), [kinds[row] for row in rows]


def _word(value: object) -> str:
    """A cell's word; none where it is empty or says no."""
    return "" if value is None or value != value or str(value) in {"", "no"} else str(value)  # noqa: PLR0124 - NaN
