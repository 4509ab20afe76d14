"""Each engine's plan of each ground, and what is promised of ours."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from gridmap.partition import AreaIndex, check
from gridmap.partition.drawing.drawn import Drawn
from tests.benchmarks.drawing_engines import PEERS, QUICK
from tests.benchmarks.drawing_figures import Figures, cut, figures
from tests.benchmarks.drawing_grounds import Ground, Yard, lying_on, yard
from tests.benchmarks.drawing_run import OURS, PLAIN, Ran, run

#: what barriers are compared with
RIVAL = "METIS, barriers"
#: more atoms than this are left to those who are known to finish
MOST_ATOMS = 20_000
#: findings that are no fault of the shape of a partition: sizes and forms have lines of their own
_NORMS = {"households", "residents", "compactness", "barrier", "name_spelling"}
#: atoms of a ground on which a peer took long, and a word on it
Slow = dict[str, tuple[int, str]]
#: reasons for a grid out of size that no search could do away with
FORCED = {"atom", "region", "coarse", "special"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One engine on one ground."""

    #: title of the ground
    ground: str
    #: who drew
    engine: str
    #: CPU seconds without the making of cells, and with it
    cpu_s: float | None = None
    whole_s: float | None = None
    #: most memory of the process and what it had before, megabytes
    peak_mb: float | None = None
    before_mb: float | None = None
    #: what the plan is worth
    figures: Figures | None = None
    #: buildings in several grids
    cut: int | None = None
    #: why there is no plan, or what should be known of it
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What is promised, and what was measured."""

    #: what must be
    text: str
    #: what is
    measured: str
    #: whether that is as it must be
    kept: bool


@dataclass(frozen=True, kw_only=True)
class Laid:
    """A ground in atoms, and what that took."""

    ground: Ground
    yard: Yard
    cells_s: float


def laid(ground: Ground) -> Laid:
    """Return a ground in atoms."""
    start = time.process_time()
    made = yard(ground)
    return Laid(ground=ground, yard=made, cells_s=time.process_time() - start)


def ours(ground: Laid, engine: str, ran: Ran) -> Row:
    """Return a row of gridmap: which atom is in which grid is asked of the polygons that it returned."""
    if ran.result is None:
        return Row(ground=ground.ground.title, engine=engine, cpu_s=ran.cpu_s, note=ran.failed)
    drawn: Drawn = ran.result
    graph, grids = ground.yard.graph, drawn.grids
    label = AreaIndex(grids).locate(*graph.xy.T)
    assert ran.cpu_s is not None
    return Row(
        ground=ground.ground.title,
        engine=engine,
        cpu_s=ran.cpu_s - ran.cells_s,
        whole_s=ran.cpu_s,
        peak_mb=ran.peak_mb,
        before_mb=ran.before_mb,
        figures=figures(graph, label, ground.ground.target),
        cut=buildings_cut(ground.ground, grids),
        note="; ".join(f"{one.grid} {one.deviation:+.1%} {one.reason}" for one in drawn.report.exceptions),
    )


def buildings_cut(ground: Ground, grids: gpd.GeoDataFrame) -> int:
    """Return how many buildings lie in several of the polygons."""
    if ground.buildings is None:
        return 0
    return cut(*lying_on(ground.buildings.geometry.to_numpy(), grids.geometry.to_numpy()))


def peer(ground: Laid, engine: str, ran: Ran) -> Row:
    """Return the row of another engine."""
    if ran.result is None:
        return Row(ground=ground.ground.title, engine=engine, cpu_s=ran.cpu_s, note=ran.failed)
    label = np.unique(ran.result, return_inverse=True)[1]
    assert ran.cpu_s is not None
    return Row(
        ground=ground.ground.title,
        engine=engine,
        cpu_s=ran.cpu_s,
        whole_s=ran.cpu_s + ground.cells_s,
        peak_mb=ran.peak_mb,
        before_mb=ran.before_mb,
        figures=figures(ground.yard.graph, label, ground.ground.target),
        cut=cut(ground.yard.on_building, label[ground.yard.on_atom]),
    )


def peers(ground: Laid, engines: Sequence[str], slow: Slow, limit_s: int) -> Iterator[Row]:
    """Give the rows of all others; who took half of the limit on a ground of half the atoms is not tried again."""
    title, graph = ground.ground.title, ground.yard.graph
    for engine in engines:
        if engine not in QUICK and len(graph) > MOST_ATOMS:
            yield Row(ground=title, engine=engine, note=f"not run on more than {MOST_ATOMS} atoms")
        elif engine in slow and len(graph) > 2 * slow[engine][0]:
            yield Row(ground=title, engine=engine, note=f"not run: {slow[engine][1]}")
        else:
            ran = run(engine, (graph, ground.ground.target), limit_s=limit_s)
            if ran.cpu_s is None or ran.cpu_s > limit_s / 2:
                took = ran.failed or f"took {ran.cpu_s:.0f} CPU s"
                slow[engine] = (len(graph), f"{took} on {len(graph)} atoms")
            yield peer(ground, engine, ran)


def plans(ground: Laid, slow: Slow, limit_s: int) -> tuple[list[Row], list[Promise]]:
    """Return the rows of a ground, ours first, and what is promised of ours."""
    ran = run(OURS, ground.ground, limit_s=10 * limit_s)
    mine = ours(ground, OURS, ran)
    if ran.result is None:
        return [mine], [Promise(text=f"{mine.ground}: a plan", measured=ran.failed, kept=False)]
    rows = [mine]
    if len(ground.yard.graph) <= MOST_ATOMS:
        rows.append(ours(ground, PLAIN, run(PLAIN, ground.ground, limit_s=limit_s)))
    rows += peers(ground, list(PEERS), slow, limit_s)
    return rows, [*held(ground.ground, ran.result, mine), *against(mine, rows)]


def faults_of(ground: Ground, grids: gpd.GeoDataFrame) -> list[str]:
    """Return the rules that grids break, but for those that the areas they are made of break themselves."""
    given = set() if ground.areas is None else set(check(ground.areas)["rule"])
    found = check(grids, ground.within, buildings=ground.buildings)
    return [rule for rule in found["rule"] if rule not in _NORMS | given]


def held(ground: Ground, drawn: Drawn, row: Row) -> Iterator[Promise]:
    """Give what is promised of a plan whoever else draws."""
    found = row.figures
    assert found is not None
    whole = {one.grid for one in drawn.report.exceptions if one.reason == "island"}
    broken = set(drawn.grids.loc[drawn.grids["parts"] > 1, "code"]) - whole
    count = max(found.broken - len(whole), len(broken))
    yield Promise(text=f"{row.ground}: 0 non-contiguous grids", measured=f"{count}", kept=not count)
    yield Promise(text=f"{row.ground}: 0 buildings cut", measured=f"{row.cut}", kept=row.cut == 0)
    faults = faults_of(ground, drawn.grids)
    yield Promise(
        text=f"{row.ground}: passes the check",
        measured=", ".join(f"{faults.count(rule)} {rule}" for rule in sorted(set(faults))) or "no finding",
        kept=not faults,
    )
    yield Promise(
        text=f"{row.ground}: >= 97 % of the grids within 10 %",
        measured=f"{found.within_10:.1%}",
        kept=found.within_10 >= 0.97,
    )
    far = [one for one in drawn.report.exceptions if abs(one.deviation) > 0.15]
    beyond = round((1 - found.within_15) * found.grids)
    yield Promise(
        text=f"{row.ground}: none beyond 15 % unless forced",
        measured=f"{beyond} ({', '.join(one.message for one in far) or 'none listed'})",
        kept=beyond == sum(one.reason in FORCED for one in far),
    )
    if ground.buildings is not None:
        yield Promise(
            text=f"{row.ground}: mean Polsby-Popper >= 0.50", measured=f"{found.compact:.3f}", kept=found.compact >= 0.5
        )


def against(mine: Row, rows: Sequence[Row]) -> Iterator[Promise]:
    """Give what is promised beside METIS, where there are barriers."""
    assert mine.figures is not None
    rival = next((row.figures for row in rows if row.engine == RIVAL), None)
    if not mine.figures.barriers_km:
        return
    share = mine.figures.barrier_km / rival.barrier_km if rival else None
    yield Promise(
        text=f"{mine.ground}: barrier metres inside grids at most half of METIS's with barrier weights",
        measured="METIS drew nothing" if share is None else f"{share:.2f}",
        kept=share is not None and share <= 0.5,
    )


def quick(rows: Sequence[Row], ground: str, most_s: float) -> Promise:
    """Return the promise of time, cells and all."""
    whole = next(row.whole_s for row in rows if row.engine == OURS and row.ground == ground)
    return Promise(
        text=f"{ground}: drawn in {most_s:g} CPU s, cells and all",
        measured="not drawn" if whole is None else f"{whole:.2f} s",
        kept=whole is not None and whole <= most_s,
    )


def linear(rows: Sequence[Row], small: str, large: str, times: float) -> Promise:
    """Return the promise of memory: what drawing adds to a process grows with the buildings, not faster."""
    added = [
        row.peak_mb - row.before_mb
        for title in (small, large)
        for row in rows
        if row.ground == title and row.engine == OURS and row.peak_mb and row.before_mb
    ]
    ratio = added[1] / added[0] if len(added) == 2 else float("inf")
    return Promise(
        text=f"memory for {times:g} times the buildings grows at most {1.1 * times:g} times",
        measured=f"{ratio:.1f} times",
        kept=ratio <= 1.1 * times,
    )
