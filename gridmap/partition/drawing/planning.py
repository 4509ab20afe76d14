"""The whole plan: special grids, then basic ones on the ground that is left, then the ground where nobody lives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from gridmap.partition.drawing.aims import Aims, Size
from gridmap.partition.drawing.graph import AtomGraph, connected, merged, numbered, taken
from gridmap.partition.drawing.searching import Watch
from gridmap.partition.drawing.seats import inside_parents, regions
from gridmap.partition.drawing.solving import solved
from gridmap.partition.drawing.standing import Standing, mended
from gridmap.partition.edges import Ints
from gridmap.partition.orientation import Flags


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked for."""

    #: how large grids may be
    size: Size
    #: what counts how much
    aims: Aims
    #: equal seeds give equal plans
    seed: int
    #: fixed pieces that become grids of their own
    special: frozenset[int] = frozenset()
    #: called with the share of the work that is done
    progress: Callable[[int, int], None] | None = None
    #: asked now and then whether to stop
    stop: Callable[[], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class Planned:
    """Which atom is in which grid."""

    #: the grid of each atom, numbered from 0 without a gap, shape (n,)
    label: Ints
    #: whether a grid is special, shape (k,)
    special: Flags
    #: the grid in force that a grid goes on from, -1 for none, shape (k,)
    former: Ints
    #: whether the search was stopped before its end
    stopped: bool


def planned(graph: AtomGraph, wish: Wish, standing: Standing | None = None) -> Planned:
    """Return the plan for some ground.

    Atoms are put in order by their place first, so that the order in which they were given does not matter.

    Parameters
    ----------
    graph
        The ground.
    wish
        What is asked for.
    standing
        The grids in force, which are mended instead of drawn anew; None: there are none.

    Raises
    ------
    Nothing
        What was given is checked by those who ask.
    """
    order = np.lexsort((graph.area_m2, graph.xy[:, 1], graph.xy[:, 0]))
    ordered = taken(graph, order)
    here = None if standing is None else standing.taken(order)
    watch = Watch(wish.progress, wish.stop)
    whole, special = _pieces(ordered, wish.special)
    units = merged(inside_parents(ordered), whole)
    label = np.full(len(units), -1)
    basic = np.flatnonzero(~special)
    basic = basic[_peopled(taken(units, basic))]
    former = np.empty(0, np.int64)
    if len(basic):
        part = taken(units, basic)
        if here is None:
            label[basic] = solved(part, wish.size, wish.aims, seed=wish.seed, watch=watch)
            former = np.full(int(label.max()) + 1, -1)
        else:
            force = here.merged(ordered, whole).taken(basic)
            label[basic], former = mended(part, force, wish.size, wish.aims, seed=wish.seed, watch=watch)
            label = np.where(label < 0, _going_on(former, here.merged(ordered, whole).grid), label)
    count = int(label.max(initial=-1)) + 1
    own = np.flatnonzero(special)
    label[own] = count + np.arange(len(own))
    label = _attached(units, label)
    atoms = np.empty(len(graph), np.int64)
    atoms[order] = label[whole]
    kinds = np.arange(int(label.max()) + 1) >= count
    kinds[count + len(own) :] = False
    former = np.concatenate([former, np.full(len(kinds) - len(former), -1)])
    return Planned(label=atoms, special=kinds, former=former, stopped=watch.stopped)


def _going_on(former: Ints, grid: Ints) -> Ints:
    """The grid that each unit's grid in force goes on as, -1 for none."""
    now = np.full(int(max(former.max(initial=-1), grid.max(initial=-1))) + 2, -1)
    now[former[former >= 0]] = np.flatnonzero(former >= 0)
    return now[grid]


def _pieces(graph: AtomGraph, special: frozenset[int]) -> tuple[Ints, Flags]:
    """The unit of each atom, fixed pieces being whole (inside one parent), and whether a unit is special."""
    alone = np.arange(len(graph))
    parents = int(graph.parent.max(initial=0)) + 1
    key = np.where(graph.piece >= 0, len(graph) + graph.piece * parents + graph.parent, alone)
    unit = numbered(key)
    marked = np.isin(graph.piece, np.array(sorted(special), np.int64))
    flags = np.zeros(int(unit.max(initial=-1)) + 1, bool)
    flags[unit[marked]] = True
    return unit, flags


def _peopled(graph: AtomGraph) -> Flags:
    """Whether anybody lives in the region of each atom."""
    region = regions(graph)
    peopled: Flags = np.bincount(region, graph.weight)[region] > 0
    return peopled


def _attached(graph: AtomGraph, label: Ints) -> Ints:
    """Labels with every region of ground where nobody lives given to a grid that it touches, else to the nearest.

    A parent without any grid gets one for all such ground.
    """
    label = label.copy()
    region = connected(graph, (label < 0).astype(np.int64))
    for _ in range(2):
        for one, two in ((graph.a, graph.b), (graph.b, graph.a)):
            touching = np.flatnonzero((label[one] < 0) & (label[two] >= 0) & (graph.parent[one] == graph.parent[two]))
            touching = touching[np.argsort(-graph.length_m[touching], kind="stable")]
            chosen = np.full(int(region.max(initial=0)) + 1, -1)
            chosen[region[one[touching[::-1]]]] = label[two[touching[::-1]]]
            label = np.where(label < 0, chosen[region], label)
    for parent in np.unique(graph.parent[label < 0]).tolist():
        empty = np.flatnonzero((label < 0) & (graph.parent == parent))
        held = np.flatnonzero((label >= 0) & (graph.parent == parent))
        if len(held):
            label[empty] = label[held[cKDTree(graph.xy[held]).query(graph.xy[empty])[1]]]
        else:
            label[empty] = label.max() + 1
    return label
