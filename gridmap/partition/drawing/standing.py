"""A plan in force mended after the ground changed: people keep their grid unless they must move."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridmap.partition.drawing.aims import Aims, Size, rules_of
from gridmap.partition.drawing.bisecting import bisected, halved
from gridmap.partition.drawing.graph import AtomGraph, connected, sums, taken
from gridmap.partition.drawing.opening import opened
from gridmap.partition.drawing.returning import returned
from gridmap.partition.drawing.searching import Home, Watch
from gridmap.partition.drawing.seats import inside_parents, reckoned, regions
from gridmap.partition.drawing.settling import Unsettled, filled, settled
from gridmap.partition.drawing.solving import members_of, renumbered
from gridmap.partition.edges import Ints
from gridmap.partition.orientation import Floats


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The grids in force, seen from the atoms."""

    #: the grid of each atom, -1 for none, shape (n,)
    grid: Ints
    #: what it costs that a grid's worth of people changes grid
    stay: float

    def taken(self, atoms: Ints) -> Standing:
        """Return the same for some of the atoms."""
        return replace(self, grid=self.grid[atoms])

    def merged(self, graph: AtomGraph, group: Ints) -> Standing:
        """Return the same for groups of atoms: the grid of most of a group's weight, of several of most ground."""
        grids = int(self.grid.max(initial=-1)) + 2
        keys, which = np.unique(group * grids + self.grid + 1, return_inverse=True)
        weight, area = (sums(which, amount, len(keys)) for amount in (graph.weight, graph.area_m2))
        return replace(self, grid=keys[heaviest_of(keys // grids, weight, area)] % grids - 1)


def heaviest_of(group: Ints, weight: Floats, area: Floats) -> Ints:
    """Return the member of each group with most weight, of several that with most ground, then the first, shape (g,).

    Parameters
    ----------
    group
        The group of each member, numbered from 0 without a gap.
    weight, area
        Of each member.

    Raises
    ------
    Nothing
        Every group has a member.

    Examples
    --------
    >>> heaviest_of(np.array([0, 0, 1]), np.array([4.0, 9.0, 0.0]), np.ones(3)).tolist()
    [1, 2]
    """
    order = np.lexsort((-np.arange(len(group)), area, weight, group))
    last: Ints = order[np.append(group[order][1:] != group[order][:-1], True)]
    return last


def mended(
    graph: AtomGraph, standing: Standing, size: Size, aims: Aims, *, seed: int, watch: Watch
) -> tuple[Ints, Ints]:
    """Return the plan in force with as few people moved as it takes.

    Parameters
    ----------
    graph
        The ground where people live.
    standing
        The grids in force, from the atoms' side.
    size, aims, seed, watch
        See `gridmap.partition.drawing.solving.solved`.

    Returns
    -------
    label : array of int, shape (n,)
        The grid of each atom, numbered from 0.
    former : array of int, shape (k,)
        The grid in force that each goes on from, -1 for a new one.

    Raises
    ------
    Nothing
        Ground that no grid in force holds is given to its neighbours, or drawn anew where there are none.
    """
    graph = inside_parents(graph)
    label = _counted(graph, _grown(graph, _whole(graph, standing.grid), size), size)
    cost = standing.stay * graph.weight / size.target
    ground = Unsettled(
        graph=graph,
        home=Home(grid=standing.grid, cost=cost),
        stay=standing.stay,
        size=replace(size, level=True),
        aims=aims,
        seed=seed,
        watch=watch,
    )
    label, grids = renumbered(returned(graph, settled(ground, label), standing.grid, size))
    former = np.where(grids <= standing.grid.max(initial=-1), grids, -1)
    return opened(graph, label, rules_of(ground.size, aims), seed=seed), former


def _whole(graph: AtomGraph, grid: Ints) -> Ints:
    """Grids in force of one connected part each, the heaviest; the atoms of other parts are in none."""
    part = connected(graph, grid)
    weight, area = (sums(part, amount, int(part.max()) + 1) for amount in (graph.weight, graph.area_m2))
    of_part = np.full(len(weight), -1)
    of_part[part] = grid
    number = np.unique(of_part, return_inverse=True)[1]
    kept = np.isin(part, heaviest_of(number, weight, area)) & (grid >= 0)
    return np.where(kept, grid, -1)


def _grown(graph: AtomGraph, label: Ints, size: Size) -> Ints:
    """Labels with every atom that has none given to the neighbouring grid of longest border, step by step.

    Regions without any grid are drawn anew.
    """
    label = filled(graph, label)
    weight = reckoned(graph.weight, size.target, size.high)
    for atoms in members_of(regions(graph)):
        if label[atoms[0]] < 0:
            part = taken(replace(graph, weight=weight), atoms)
            count = round(float(part.weight.sum()) / size.target)
            label[atoms] = int(label.max()) + 1 + bisected(part, min(max(1, count), len(atoms)))
    return label


def _counted(graph: AtomGraph, label: Ints, size: Size) -> Ints:
    """Labels with grids halved or dissolved in regions whose grids are out of size on the mean."""
    weight = reckoned(graph.weight, size.target, size.high)
    for atoms in members_of(regions(graph)):
        total, least = float(weight[atoms].sum()), len(np.unique(label[atoms]))
        while total / least > size.high and least < len(atoms):
            label = _with_one_more(graph, label, atoms, weight)
            least += 1
        while least > 1 and total / least < size.low and total / (least - 1) <= size.high:
            label = _with_one_less(graph, label, atoms, size)
            least -= 1
    return label


def _with_one_more(graph: AtomGraph, label: Ints, atoms: Ints, weight: Floats) -> Ints:
    """Labels with the heaviest grid of a region that has two atoms halved."""
    sums = np.bincount(label[atoms], weight[atoms])
    sums[np.bincount(label[atoms]) < 2] = -1.0  # noqa: PLR2004 (a single atom cannot be halved)
    chosen = atoms[label[atoms] == np.argmax(sums)]
    beyond, _ = halved(taken(graph, chosen), 2)
    label = label.copy()
    label[chosen[beyond]] = label.max() + 1
    return label


def _with_one_less(graph: AtomGraph, label: Ints, atoms: Ints, size: Size) -> Ints:
    """Labels with the lightest grid of a region given to its neighbours."""
    grids = np.unique(label[atoms])
    sums = np.bincount(label[atoms], graph.weight[atoms])[grids]
    return _grown(graph, np.where(label == grids[np.argmin(sums)], -1, label), size)
