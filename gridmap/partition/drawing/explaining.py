"""Why a plan is as it is: figures, and what forces each grid that is not as was wished."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gridmap.partition.drawing.aims import Size
from gridmap.partition.drawing.drawn import Exceptional, Report
from gridmap.partition.drawing.graph import AtomGraph, merged, numbered, sums
from gridmap.partition.drawing.planning import Planned
from gridmap.partition.drawing.seats import inside_parents, reckoned, regions
from gridmap.partition.edges import Ints
from gridmap.partition.orientation import Floats

#: Ids shown of what forces an exception.
_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Names:
    """What things are called."""

    #: ids of the buildings (or areas) on a unit, most people first
    on_unit: Callable[[int], Sequence[str]]
    #: codes of the parents by number, none where there are none
    parents: Sequence[str]
    #: codes of the grids by label
    grids: Sequence[str]
    #: households or residents
    noun: str


@dataclass(frozen=True, kw_only=True)
class _View:
    """A plan seen by its units, pieces being whole."""

    graph: AtomGraph
    label: Ints
    region: Ints
    plan: Planned
    size: Size
    names: Names
    #: weight of each grid, and the mean weight of the grids of each region
    weight: Floats
    mean: Floats


def units_of(graph: AtomGraph) -> Ints:
    """Return the unit of each atom, shape (n,): the fixed piece that it is a part of, else itself."""
    return numbered(np.where(graph.piece >= 0, len(graph) + graph.piece, np.arange(len(graph))))


def report(graph: AtomGraph, plan: Planned, grids: pd.DataFrame, size: Size, names: Names) -> Report:
    """Return how good a plan is and why it is not better.

    Parameters
    ----------
    graph, plan, grids
        The ground, which atom is in which grid, and the table of grids by label.
    size
        How large grids may be.
    names
        What things are called.

    Raises
    ------
    Nothing
        Any plan can be explained.
    """
    view = _view(graph, plan, size, names)
    basic = ~plan.special
    away = np.abs(view.weight / size.target - 1)[basic]
    good = (view.weight >= size.low) & (view.weight <= size.high)
    compact = grids["compactness"].to_numpy()
    return Report(
        target=size.target,
        low=size.low,
        high=size.high,
        reachable=_reachable(view),
        grids=len(grids),
        within=float(good[basic].mean()) if basic.any() else 1.0,
        mean_deviation=float(away.mean()) if basic.any() else 0.0,
        greatest_deviation=float(away.max(initial=0.0)),
        compactness=float(compact.mean()),
        least_compactness=float(compact.min()),
        barrier_m=float(grids["barrier_m"].sum()),
        barrier_total_m=float(graph.barrier_m.sum()),
        exceptions=tuple(_exceptions(view, grids)),
        stopped=plan.stopped,
    )


def _view(graph: AtomGraph, plan: Planned, size: Size, names: Names) -> _View:
    """The plan by its units."""
    unit = units_of(graph)
    whole = merged(inside_parents(graph), unit)
    label = np.zeros(len(whole), np.int64)
    label[unit] = plan.label
    region = regions(whole)
    basic = ~plan.special[label]
    reckon = np.bincount(region[basic], reckoned(whole.weight, size.target, size.high)[basic], int(region.max()) + 1)
    grids_here = pd.DataFrame({"region": region[basic], "label": label[basic]}).drop_duplicates()
    count = np.bincount(grids_here["region"], minlength=len(reckon))
    return _View(
        graph=whole,
        label=label,
        region=region,
        plan=plan,
        size=size,
        names=names,
        weight=sums(label, whole.weight, len(plan.special)),
        mean=reckon / np.maximum(count, 1),
    )


def _reachable(view: _View) -> tuple[float, float]:
    """The band that no plan can be inside of more closely: a mean is never beyond all, an atom never below itself."""
    basic = ~view.plan.special[view.label]
    populated = np.bincount(view.region[basic], view.graph.weight[basic], len(view.mean)) > 0
    means = view.mean[populated]
    heaviest = float(view.graph.weight[basic].max(initial=0.0))
    low = min(view.size.low, float(means.min(initial=np.inf)))
    return low, max(view.size.high, heaviest, float(means.max(initial=0.0)))


def _exceptions(view: _View, grids: pd.DataFrame) -> Iterator[Exceptional]:
    """Grids out of size, in several parts, or inside another."""
    out = (view.weight < view.size.low) | (view.weight > view.size.high)
    for grid in np.flatnonzero(out & ~view.plan.special).tolist():
        yield _of_size(view, grid)
    for grid in np.flatnonzero(grids["parts"].to_numpy() > 1).tolist():
        count = int(grids["parts"].iloc[grid])
        yield _exceptional(view, grid, "island", (), f"lies in {count} parts: ground that does not touch")
    for grid, around in _enclosed(view):
        yield _exceptional(view, grid, "enclosed", (view.names.grids[around],), "lies inside another")


def _of_size(view: _View, grid: int) -> Exceptional:
    """What forces the size of a grid."""
    members = np.flatnonzero(view.label == grid)
    heavy = members[view.graph.weight[members] > view.size.high]
    if len(heavy):
        return _too_heavy(view, grid, heavy)
    mean = float(view.mean[view.region[members[0]]])
    if not view.size.low <= mean <= view.size.high:
        parent = int(view.graph.parent[members[0]])
        forced = (view.names.parents[parent],) if len(view.names.parents) else ()
        ground = f"area {forced[0]}" if forced else "its ground"
        return _exceptional(view, grid, "region", forced, f"{ground} holds {mean:g} {view.names.noun} a grid")
    return _coarse(view, grid, members)


def _too_heavy(view: _View, grid: int, heavy: Ints) -> Exceptional:
    """A grid with atoms that no grid can hold."""
    forced = tuple(name for unit in heavy.tolist() for name in view.names.on_unit(unit)[:_SHOWN])
    most = float(view.graph.weight[heavy].max())
    return _exceptional(view, grid, "atom", forced, f"{_listed(forced)} alone holds {most:g}")


def _coarse(view: _View, grid: int, members: Ints) -> Exceptional:
    """A grid that could be mended only by atoms lighter than those at its border."""
    weight = float(view.weight[grid])
    graph = view.graph
    across = (view.label[graph.a] == grid) != (view.label[graph.b] == grid)
    ends = np.unique(np.concatenate([graph.a[across], graph.b[across]]))
    light = weight < view.size.low
    near = ends[(view.label[ends] == grid) != light]
    near = near[graph.weight[near] > 0]
    room = view.size.high - weight if light else weight - view.size.low
    if len(near) and float(graph.weight[near].min()) <= room:
        return _exceptional(view, grid, "search", (), "no better plan was found")
    order = near[np.argsort(graph.weight[near], kind="stable")] if len(near) else members[:0]
    forced = tuple(name for unit in order[:_SHOWN].tolist() for name in view.names.on_unit(unit)[:1])
    least = float(graph.weight[near].min()) if len(near) else 0.0
    what = "could be added" if light else "could be given away"
    return _exceptional(view, grid, "coarse", forced, f"the least that {what} is {least:g} ({_listed(forced)})")


def _enclosed(view: _View) -> Iterator[tuple[int, int]]:
    """Basic grids inside another, and that other."""
    graph, count = view.graph, len(view.weight)
    one, two = view.label[graph.a], view.label[graph.b]
    apart = one != two
    pairs = np.column_stack([np.concatenate([one[apart], two[apart]]), np.concatenate([two[apart], one[apart]])])
    shared = np.bincount(pairs[:, 0], np.tile(graph.length_m[apart], 2), count)
    around = np.bincount(view.label, graph.perimeter_m, count)
    around -= 2 * np.bincount(one[~apart], graph.length_m[~apart], count)
    neighbours = np.unique(pairs, axis=0)
    single = np.flatnonzero((np.bincount(neighbours[:, 0], minlength=count) == 1) & (around - shared < 1e-6 * around))
    for grid in single[~view.plan.special[single]].tolist():
        yield grid, int(neighbours[neighbours[:, 0] == grid][0, 1])


def _exceptional(view: _View, grid: int, reason: str, forced: tuple[str, ...], because: str) -> Exceptional:
    """One exception, said in a sentence."""
    weight = float(view.weight[grid])
    return Exceptional(
        grid=view.names.grids[grid],
        weight=weight,
        deviation=weight / view.size.target - 1,
        reason=reason,
        forced_by=forced,
        message=f"grid {view.names.grids[grid]} of {weight:g} {view.names.noun}: {because}",
    )


def _listed(names: Sequence[str]) -> str:
    """Names in a row, the first few."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
