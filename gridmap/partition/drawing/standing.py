"""A plan in force mended after the ground changed: people keep their grid unless they must move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gridmap.partition.drawing.aims import Aims, Size, rules_of
from gridmap.partition.drawing.bisecting import bisected, halved
from gridmap.partition.drawing.graph import AtomGraph, connected, numbered, taken
from gridmap.partition.drawing.searching import Course, Home, improved
from gridmap.partition.drawing.seats import reckoned, regions
from gridmap.partition.edges import Ints

if TYPE_CHECKING:
    from gridmap.partition.drawing.planning import Watch, Wish


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The grids in force, seen from the atoms."""

    #: the grid of each atom, -1 for none, shape (n,)
    grid: Ints
    #: what it costs that somebody changes grid, per share of the target
    stay: float

    def taken(self, atoms: Ints) -> Standing:
        """Return the same for some of the atoms."""
        return replace(self, grid=self.grid[atoms])

    def merged(self, graph: AtomGraph, group: Ints) -> Standing:
        """Return the same for groups of atoms: the grid of most of a group's weight, of several of most ground."""
        count, grids = int(group.max(initial=-1)) + 1, int(self.grid.max(initial=-1)) + 2
        keys, which = np.unique(group * grids + self.grid + 1, return_inverse=True)
        weight, area = np.bincount(which, graph.weight), np.bincount(which, graph.area_m2)
        order = np.lexsort((-keys, area, weight, keys // grids))
        chief = order[np.searchsorted(keys[order] // grids, np.arange(count), side="right") - 1]
        return replace(self, grid=keys[chief] % grids - 1)


#: What it costs that an atom changes grid, whoever lives there, as a share of a target's worth of people.
_LEAST_STAY = 0.02
_MOVES_PER_ATOM = 60


def mended(graph: AtomGraph, standing: Standing, wish: Wish, watch: Watch) -> tuple[Ints, Ints]:
    """Return the plan in force with as few people moved as it takes: labels, and the former grid of each label.

    Parameters
    ----------
    graph
        The ground where people live.
    standing
        The grids in force, from the atoms' side.
    wish, watch
        What is asked for, and who watches.

    Raises
    ------
    Nothing
        Ground that no grid in force holds is given to its neighbours, or drawn anew where there are none.
    """
    region = regions(graph)
    label = _grown(graph, _whole(graph, standing.grid, region), region, wish.size)
    label = _counted(graph, label, region, wish.size)
    home = Home(grid=_homes(standing.grid, label), cost=_stay_costs(graph, standing, wish.size))
    rules = rules_of(replace(wish.size, level=True), wish.aims)
    used = numbered(label)
    grids = np.empty(int(used.max()) + 1, np.int64)
    grids[used] = label
    known = np.full(int(max(label.max(), standing.grid.max())) + 1, -1)
    known[grids] = np.arange(len(grids))
    moves = _MOVES_PER_ATOM * len(graph)
    watch.expect(moves)
    homes = Home(grid=np.where(home.grid >= 0, known[home.grid], -1), cost=home.cost)
    found = improved(
        graph,
        used,
        rules,
        courses=(Course(hot=0.08, cold=0.002, moves=moves, between=0),),
        seed=wish.seed,
        home=homes,
        watch=watch,
    )
    former = np.where(grids <= standing.grid.max(), grids, -1)
    return found, former


def _homes(grid: Ints, label: Ints) -> Ints:
    return np.where(np.isin(grid, label), grid, -1)


def _stay_costs(graph: AtomGraph, standing: Standing, size: Size):
    return standing.stay * (graph.weight / size.target + _LEAST_STAY)


def _whole(graph: AtomGraph, grid: Ints, region: Ints) -> Ints:
    """Grids in force of one connected part each, the heaviest; the atoms of other parts are in none."""
    part = connected(graph, grid)
    weight = np.bincount(part, graph.weight + 1e-6 * graph.area_m2 / max(float(graph.area_m2.sum()), 1e-9))
    order = np.lexsort((part, -weight[part], grid))
    first = order[np.searchsorted(grid[order], np.unique(grid))]
    kept = np.isin(part, part[first]) & (grid >= 0)
    return np.where(kept, grid, -1)


def _grown(graph: AtomGraph, label: Ints, region: Ints, size: Size) -> Ints:
    """Labels with every atom that has none given to the neighbouring grid with the longest border, step by step."""
    label = label.copy()
    while True:
        best = {}
        one, two = np.concatenate([graph.a, graph.b]), np.concatenate([graph.b, graph.a])
        length = np.tile(graph.length_m, 2)
        open_ = np.flatnonzero((label[one] < 0) & (label[two] >= 0))
        if not len(open_):
            break
        order = open_[np.lexsort((label[two[open_]], length[open_]))]
        label[one[order]] = label[two[order]]
    for number in np.unique(region[label < 0]).tolist():
        atoms = np.flatnonzero(region == number)
        part = taken(replace(graph, weight=reckoned(graph.weight, size.target, size.high)), atoms)
        count = min(max(1, round(float(part.weight.sum()) / size.target)), len(atoms))
        label[atoms] = max(int(label.max()), 0) + 1 + bisected(part, count)
    return label


def _counted(graph: AtomGraph, label: Ints, region: Ints, size: Size) -> Ints:
    """Labels with grids split or dissolved in regions whose mean grid is outside the band."""
    weight = reckoned(graph.weight, size.target, size.high)
    for number in np.unique(region).tolist():
        atoms = np.flatnonzero(region == number)
        total = float(weight[atoms].sum())
        while True:
            grids = np.unique(label[atoms])
            count = len(grids)
            sums = np.array([weight[atoms[label[atoms] == g]].sum() for g in grids])
            if total / count > size.high and count < len(atoms):
                heavy = atoms[label[atoms] == grids[np.argmax(sums)]]
                if len(heavy) < 2:
                    break
                beyond, _ = halved(taken(graph, heavy), 2)
                label[heavy[beyond]] = label.max() + 1
            elif count > 1 and total / count < size.low:
                light = atoms[label[atoms] == grids[np.argmin(sums)]]
                label[light] = -1
                label = _grown(graph, label, region, size)
            else:
                break
    return label
