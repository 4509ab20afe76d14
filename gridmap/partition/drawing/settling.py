"""Grids in force that are out of size settled with those around them, one after the other, moving few people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from gridmap.partition.drawing.aims import Aims, Size, rules_of
from gridmap.partition.drawing.bisecting import halved
from gridmap.partition.drawing.graph import AtomGraph, sums, taken
from gridmap.partition.drawing.searching import Course, Home, Watch, improved
from gridmap.partition.drawing.solving import renumbered, urgent
from gridmap.partition.edges import Ints
from gridmap.partition.orientation import Flags

#: Moves in all: so many per atom, and at least so many, which is a sixth of a second.
_MOVES, _LEAST_MOVES = 12, 120_000
#: Where the ground is small all is begun anew up to so many times, and the best is kept: up to so many atoms in all.
_RUNS, _SMALL = 8, 8000
#: Between the seeds of two such beginnings: more than the attempts of one.
_APART = 1000
#: Moves per atom of one attempt, and at least so many.
_PER_ATOM, _LEAST = 8, 2000
#: How far around a grid others help: first those that touch it.
_RINGS = (1, 2, 3)
#: Attempts per grid, as far as moves are left.
_ATTEMPTS = 10
#: Times the people who must move at least that are few enough to try no more.
_FEW = 7.0
#: Where staying counts so much, bringing a grid into size is worth that a grid's worth of people change grid: at the
#: usual 6 it is worth two thirds of them.
_STAY = 4.0
#: The share of a grid's people beyond the band that counts as much as a further grid out of size.
_FAR = 0.1


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    """One way of settling."""

    #: how warm it begins, and by what staying counts more
    hot: float
    stay: float
    #: whether the grid is first dissolved, if too light, or halved, if too heavy
    recount: bool = False


#: Cool attempts move few people, warm ones find more; which of them is best is different for each grid.
_WAYS = (
    _Attempt(hot=0.08, stay=1.0),
    _Attempt(hot=0.3, stay=1.0, recount=True),
    _Attempt(hot=0.3, stay=4.0),
    _Attempt(hot=0.3, stay=0.5),
    _Attempt(hot=0.3, stay=2.0),
    _Attempt(hot=0.08, stay=1.0, recount=True),
    _Attempt(hot=0.3, stay=8.0),
)


@dataclass(frozen=True, kw_only=True)
class Unsettled:
    """Grids in force on changed ground."""

    graph: AtomGraph
    #: where people should stay, and what it costs that a grid's worth of them does not
    home: Home
    stay: float
    size: Size
    aims: Aims
    seed: int
    watch: Watch

    def amiss(self, label: Ints) -> Ints:
        """Return the people by which each grid is out of size for no good reason, below 0 where it is too light."""
        count = int(label.max(initial=-1)) + 1
        weight = sums(label, self.graph.weight, count)
        heaviest = np.zeros(count)
        np.maximum.at(heaviest, label, self.graph.weight)
        over = np.maximum(weight - np.maximum(self.size.high, heaviest), 0)
        short = np.maximum(self.size.low - weight, 0) * (np.bincount(label, minlength=count) > 0)
        return np.where(over > 0, np.ceil(over), -np.ceil(short)).astype(np.int64)

    def price(self, label: Ints) -> float:
        """Return what is wrong with a plan, in grids: those out of size, by how much, and the people who move."""
        amiss = np.abs(self.amiss(label))
        moved = self.graph.weight[(self.home.grid >= 0) & (self.home.grid != label)].sum()
        staying = self.stay / _STAY * float(moved)
        return float(np.count_nonzero(amiss)) + (float(amiss.sum()) / _FAR + staying) / self.size.target

    def part(self, atoms: Ints) -> Unsettled:
        """Return the same for some of the atoms."""
        home = Home(grid=self.home.grid[atoms], cost=self.home.cost[atoms])
        return replace(self, graph=taken(self.graph, atoms), home=home)


def settled(ground: Unsettled, label: Ints) -> Ints:
    """Return the plan with the grids that are out of size settled as far as moves reach, shape (n,).

    Each is taken with those around it, the worst first, and several attempts are compared by how many grids are out of
    size and how many people move. Grids may vanish and come: numbers may have gaps.

    Parameters
    ----------
    ground
        Where people live, and where they should stay.
    label
        The grid of each atom; every grid connected.

    Raises
    ------
    Nothing
        Where nothing better is found the plan stays as it is.
    """
    best, least = label, ground.price(label)
    for turn in range(max(1, min(_RUNS, _SMALL // len(ground.graph)))):
        again = replace(ground, seed=ground.seed + turn * _APART)
        new = _one_by_one(again, label)
        if (price := ground.price(new)) < least:
            best, least = new, price
    return best


def _one_by_one(ground: Unsettled, label: Ints) -> Ints:
    """The plan with one grid after the other settled."""
    left = max(_MOVES * len(ground.graph), _LEAST_MOVES)
    ground.watch.expect(left)
    for rings in _RINGS:
        amiss = ground.amiss(label)
        waiting = [grid for grid in np.argsort(-np.abs(amiss), kind="stable").tolist() if amiss[grid] != 0]
        for at, grid in enumerate(waiting):
            if left <= 0 or ground.watch.stopped:
                return label
            if ground.amiss(label)[grid] != 0:
                label, spent = _settled_around(ground, label, grid, rings, left // (len(waiting) - at))
                left -= spent
    return label


def _settled_around(ground: Unsettled, label: Ints, grid: int, rings: int, moves: int) -> tuple[Ints, int]:
    """The plan with a grid settled among those around it, and the moves that took."""
    atoms = np.flatnonzero(_near(ground.graph, label, grid, rings)[label])
    here, part = label[atoms], ground.part(atoms)
    best, least = here, part.price(here)
    each = max(_PER_ATOM * len(atoms), _LEAST)
    away = abs(int(part.amiss(here)[grid])) / ground.size.target
    enough = least - 1 - away / _FAR + _FEW * away * ground.stay / _STAY
    spent = 0
    for turn, way in enumerate(_ways()):
        if turn > 1 and (spent + each > moves or turn == _ATTEMPTS or ground.watch.stopped):
            break
        start = _recounted(part, here, grid, int(label.max()) + 1) if way.recount else here
        new = _attempted(part, start, way, each, turn)
        spent += each
        price = part.price(new)
        if price < least:
            best, least = new, price
        if least <= enough:
            break
    result = label.copy()
    result[atoms] = best
    return result, spent


def _ways() -> Iterator[_Attempt]:
    """The ways, again and again."""
    while True:
        yield from _WAYS


def _near(graph: AtomGraph, label: Ints, grid: int, rings: int) -> Flags:
    """Whether each grid is a given one or at most so many neighbours away."""
    near = np.zeros(int(label.max()) + 1, bool)
    near[grid] = True
    one, two = label[graph.a], label[graph.b]
    for _ in range(rings):
        first, second = near[one], near[two]
        near[one[second]] = True
        near[two[first]] = True
    return near


def _recounted(part: Unsettled, label: Ints, grid: int, new: int) -> Ints:
    """Labels with a grid dissolved among its neighbours if it is too light, halved if it is too heavy."""
    label = label.copy()
    inside = np.flatnonzero(label == grid)
    if part.amiss(label)[grid] > 0:
        if len(inside) > 1:
            beyond, _ = halved(taken(part.graph, inside), 2)
            label[inside[beyond]] = new
    elif len(inside) < len(label):
        label[inside] = -1
        label = filled(part.graph, label)
    return label


def filled(graph: AtomGraph, label: Ints) -> Ints:
    """Return labels with every atom that has none given to the neighbouring grid of longest border, step by step.

    Parameters
    ----------
    graph
        The ground.
    label
        The grid of each atom, -1 for none, shape (n,).

    Raises
    ------
    Nothing
        Regions without any grid keep none.
    """
    label = label.copy()
    one, two = np.concatenate([graph.a, graph.b]), np.concatenate([graph.b, graph.a])
    length = np.tile(graph.length_m, 2)
    while len(open_ := np.flatnonzero((label[one] < 0) & (label[two] >= 0))):
        order = open_[np.lexsort((label[two[open_]], length[open_]))]
        label[one[order]] = label[two[order]]
    return label


def _attempted(part: Unsettled, label: Ints, way: _Attempt, moves: int, turn: int) -> Ints:
    """The plan after one attempt."""
    here, grids = renumbered(label)
    home = replace(part.home, cost=part.home.cost * way.stay).taken(np.arange(len(label)), grids)
    course = Course(hot=way.hot, cold=0.004, moves=moves, between=0)
    rules = rules_of(part.size, urgent(part.aims))
    better = improved(
        part.graph, here, rules, courses=(course,), seed=part.seed + turn + 1, home=home, watch=part.watch
    )
    return grids[better]
