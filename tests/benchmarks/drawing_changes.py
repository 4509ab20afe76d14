"""Grids in force mended after 2 % of the buildings changed, beside grids drawn from scratch: who changes grid?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.partition import AreaIndex, draw, redraw
from tests.benchmarks import meter
from tests.benchmarks.drawing_engines import PEERS
from tests.benchmarks.drawing_figures import Figures, figures, moved, moved_at_least
from tests.benchmarks.drawing_grounds import Ground, yard
from tests.benchmarks.drawing_plans import OURS, RIVAL, Promise
from tests.benchmarks.drawing_run import cells_timed

#: share of the buildings that change
CHANGED = 0.02
#: most of the households that may change grid, and CPU seconds that mending 10 000 buildings may take
MOST_MOVED, MOST_S = 0.03, 1.0
#: our grids mended
MENDED = f"{OURS}, mended"
#: where the changed buildings are: anywhere, or next to one another
PLACES = ("anywhere", "in one place")
#: a building counted anew has as many households as before, give or take so much
_RECOUNTED = 0.3


@dataclass(frozen=True, kw_only=True)
class Mended:
    """What came of a change."""

    ground: str
    engine: str
    #: where buildings changed, and the seed of it
    where: str
    seed: int
    #: CPU seconds, and those of them that cells took
    cpu_s: float | None = None
    cells_s: float | None = None
    #: shares of the households that change grid: by codes, where there are codes that stay; if grids are matched best
    moved: float | None = None
    moved_matched: float | None = None
    #: what the plan is worth
    figures: Figures | None = None
    #: why there is none
    note: str = ""


def changed(buildings: gpd.GeoDataFrame, where: str, seed: int) -> gpd.GeoDataFrame:
    """Return the buildings after 2 % of them changed.

    A third are demolished; a third are built anew, with the households of some other building; a third are counted
    anew.
    """
    rng = np.random.default_rng(seed)
    count = round(CHANGED * len(buildings))
    rows = rng.permutation(len(buildings))[:count]
    if where != "anywhere":
        points = shapely.point_on_surface(buildings.geometry.to_numpy())
        rows = rng.permutation(np.argsort(shapely.distance(points, points[rows[0]]), kind="stable")[:count])
    gone, rebuilt, recounted = np.array_split(rows, 3)
    households = buildings["households"].to_numpy(copy=True)
    households[rebuilt] = rng.choice(buildings["households"].to_numpy(), len(rebuilt))
    factor = rng.uniform(1 - _RECOUNTED, 1 + _RECOUNTED, len(recounted))
    households[recounted] = np.round(households[recounted] * factor)
    return buildings.assign(households=households).drop(index=buildings.index[gone]).reset_index(drop=True)


def mended(ground: Ground, seeds: Sequence[int], engines: Sequence[str] = (RIVAL,)) -> Iterator[Mended]:
    """Give what comes of each change: grids mended, drawn from scratch, and cut from scratch by the peers."""
    assert ground.buildings is not None
    # the kernels of both are compiled on first use, which is not measured
    in_force = draw(ground.buildings, ground.streets, ground.within, target=ground.target)
    redraw(ground.buildings, ground.streets, in_force.grids, within=ground.within, target=ground.target)
    before = _by_building(in_force.assignment)
    cut_before = {engine: _cut(ground, engine)[0] for engine in engines}
    meter.rest_collector()
    for where in PLACES:
        for seed in seeds:
            after = replace(ground, buildings=changed(ground.buildings, where, seed))
            row = Mended(ground=ground.title, engine="", where=where, seed=seed)
            for engine, options in (
                (MENDED, {"standing": in_force.grids, "ground": in_force.ground}),
                (f"{MENDED}, cells anew", {"standing": in_force.grids}),
                (f"{OURS}, from scratch", {}),
            ):
                yield _ours(after, before, replace(row, engine=engine), options)
            for engine in engines:
                yield _theirs(after, cut_before[engine], replace(row, engine=f"{engine}, from scratch"), engine)


def _ours(after: Ground, before: pd.Series, row: Mended, options: Mapping[str, Any]) -> Mended:
    """Return what comes of drawing with or without grids in force."""
    with cells_timed() as cells:
        cpu_s, _, drawn = meter.measure(
            lambda: draw(after.buildings, after.streets, after.within, target=after.target, **options),
            repeats=2 if row.engine == MENDED else 1,
        )
    now, households = _by_building(drawn.assignment), _households(after)
    return replace(
        row,
        cpu_s=cpu_s,
        cells_s=min(cells),
        moved=moved(before, now, households) if options else None,
        moved_matched=moved_at_least(before, now, households),
        figures=figures(drawn.ground.graph, AreaIndex(drawn.grids).locate(*drawn.ground.graph.xy.T), after.target),
    )


def _theirs(after: Ground, before: pd.Series | None, row: Mended, engine: str) -> Mended:
    """Return what comes of cutting anew."""
    now, seconds, found = _cut(after, engine)
    if before is None or now is None:
        return replace(row, note=str(found))
    return replace(row, cpu_s=seconds, moved_matched=moved_at_least(before, now, _households(after)), figures=found)


def _cut(ground: Ground, engine: str) -> tuple[pd.Series | None, float, Any]:
    """Return the grid of each building, the CPU seconds, and the figures; or why there are none."""
    made = yard(ground)
    try:
        work = PEERS[engine](made.graph, ground.target, 0)
    except ModuleNotFoundError as error:
        return None, 0.0, f"not installed: {error.name}"
    start = time.process_time()
    label = work()
    seconds = time.process_time() - start
    assert ground.buildings is not None
    inside = made.building_atom >= 0
    grid = pd.Series(label[made.building_atom[inside]], index=ground.buildings["id"][inside])
    return grid, seconds, figures(made.graph, label, ground.target)


def _by_building(assignment: pd.DataFrame) -> pd.Series:
    """Return the grid of each building."""
    return assignment.set_index("building")["grid"]


def _households(ground: Ground) -> pd.Series:
    """Return the households of each building."""
    assert ground.buildings is not None
    return ground.buildings.set_index("id")["households"]


def promises(rows: Sequence[Mended], timed: str) -> Iterator[Promise]:
    """Give what is promised of mending; ``timed`` is the ground of 10 000 buildings."""
    ours = [row for row in rows if row.engine == MENDED]
    for ground in dict.fromkeys(row.ground for row in ours):
        every = [row for row in ours if row.ground == ground]
        here = [row for row in every if row.where == "anywhere"]
        shares = [row.moved for row in here if row.moved is not None]
        found = [row.figures for row in every if row.figures]
        broken = sum(each.broken for each in found)
        yield Promise(
            text=f"{ground}: after 2 % of the buildings changed, <= 3 % of the households change grid",
            measured=f"{np.mean(shares):.2%} on the mean of {len(shares)} changes anywhere, {max(shares):.2%} at most",
            kept=max(shares) <= MOST_MOVED,
        )
        yield Promise(
            text=f"{ground}: mended grids are connected",
            measured=f"{broken} broken; within 10 %: {np.mean([each.within_10 for each in found]):.1%} on the mean",
            kept=not broken,
        )
        if ground == timed:
            slowest = max(row.cpu_s or 0.0 for row in every)
            yield Promise(
                text=f"{ground}: mended in {MOST_S:g} CPU s, given the ground of before",
                measured=f"{slowest:.2f} s at most, {max(row.cells_s or 0.0 for row in every):.2f} s of it cells",
                kept=slowest <= MOST_S,
            )
