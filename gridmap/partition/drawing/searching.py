"""A plan under improvement: what the kernels read and keep up to date, and the courses they are sent on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gridmap.partition.drawing.annealing import CHANCES, anneal
from gridmap.partition.drawing.compiling import readied
from gridmap.partition.drawing.graph import AtomGraph, around, rim_of
from gridmap.partition.drawing.moves import MODULUS, SCATTER, Ground, Plan, Rules
from gridmap.partition.edges import Ints
from gridmap.partition.orientation import Floats

#: Moves between two looks at whether the user wants to stop: a few hundredths of a second where compiled.
STRIDE = 50_000


class Watch:
    """Counts the moves made, tells of them and asks whether to stop.

    Parameters
    ----------
    progress
        Called with the moves made and those expected in all, which may grow.
    stop
        Asked now and then; True ends the search.
    """

    def __init__(
        self, progress: Callable[[int, int], None] | None = None, stop: Callable[[], bool] | None = None
    ) -> None:
        self._progress, self._stop = progress, stop
        self._done = self._total = 0
        #: whether the search was ended
        self.stopped = False

    def expect(self, moves: int) -> None:
        """Take note of moves to come."""
        self._total += moves

    def made(self, moves: int) -> bool:
        """Take note of moves made; return whether to stop."""
        self._done += moves
        if self._progress is not None:
            self._progress(self._done, max(self._total, self._done))
        if self._stop is not None and self._stop():
            self.stopped = True
        return self.stopped


@dataclass(frozen=True, kw_only=True)
class Course:
    """How warm and how long."""

    #: heat at the beginning and at the end, in units of cost
    hot: float
    cold: float
    #: number of moves
    moves: int
    #: moves between two new cuts of a pair of grids, 0 for none
    between: int


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where atoms should stay."""

    #: the grid of each atom in force, -1 for none, shape (n,)
    grid: Ints
    #: what it costs to be elsewhere, shape (n,)
    cost: Floats

    def taken(self, atoms: Ints, grids: Ints) -> Home:
        """Return the same for some atoms, grids being numbered as given; homes that are not given are none."""
        number = np.full(int(max(self.grid.max(initial=-1), grids.max(initial=-1))) + 2, -1)
        number[grids] = np.arange(len(grids))
        return Home(grid=number[self.grid[atoms]], cost=self.cost[atoms])


def improved(  # noqa: PLR0913 (the plan, what it is drawn for, and how long)
    graph: AtomGraph,
    label: Ints,
    rules: Rules,
    *,
    courses: tuple[Course, ...],
    seed: int,
    home: Home | None = None,
    watch: Watch | None = None,
) -> Ints:
    """Return the plan after one or more courses of moves, shape (n,); a worse one than given is never returned.

    Parameters
    ----------
    graph
        The ground.
    label
        The grid of each atom, numbered from 0 without a gap; every grid connected.
    rules
        What counts how much.
    courses
        How warm and how long, one after the other.
    seed
        Equal seeds give equal plans.
    home
        Where atoms should stay; None: nowhere.
    watch
        Told of the moves made; may end the search.

    Raises
    ------
    Nothing
        What was given is checked by those who ask.
    """
    if watch is not None and watch.stopped:
        return label
    ground = ground_of(graph, home)
    plan = plan_of(graph, label, seed)
    chances = readied(CHANCES)
    best, least, cost = label, 0.0, 0.0
    for course in courses:
        cooling = (course.cold / course.hot) ** (1 / max(course.moves, 1))
        heat = course.hot
        for begin in range(0, course.moves, STRIDE):
            moves = min(STRIDE, course.moves - begin)
            cost += anneal(ground, plan, rules, (heat, cooling, moves, course.between, chances))
            heat *= cooling**moves
            if cost < least:
                best, least = np.array(plan.label), cost
            if watch is not None and watch.made(moves):
                return best
    return best


def ground_of(graph: AtomGraph, home: Home | None = None) -> Ground:
    """What the kernels read."""
    near = around(graph)
    none = Home(grid=np.full(len(graph), -1), cost=np.zeros(len(graph)))
    stays = home or none
    arrays = (
        near.start,
        near.other,
        near.source,
        graph.length_m[near.pair],
        graph.barrier_m[near.pair],
        graph.weight,
        graph.area_m2,
        graph.perimeter_m,
        graph.superblock,
        rim_of(graph).astype(np.int64),
        stays.grid,
        stays.cost,
    )
    return Ground(*(readied(array) for array in arrays))


def plan_of(graph: AtomGraph, label: Ints, seed: int) -> Plan:
    """What the kernels keep up to date."""
    size, grids = len(graph), int(label.max(initial=-1)) + 1
    same = label[graph.a] == label[graph.b]
    inner = np.bincount(label[graph.a[same]], graph.length_m[same], grids)
    foreign = np.bincount(graph.a[~same], minlength=size) + np.bincount(graph.b[~same], minlength=size)
    listed = np.flatnonzero(foreign)
    position = np.full(size, -1)
    position[listed] = np.arange(len(listed))
    border = np.zeros(size, np.int64)
    border[: len(listed)] = listed
    blocks = int(graph.superblock.max(initial=0)) + 1
    keys, held, taken = _table(label * blocks + graph.superblock, graph.weight)
    luck = (seed % (MODULUS - 1)) + 1
    arrays = (
        label.astype(np.int64),
        np.bincount(label, graph.weight, grids),
        np.bincount(label, graph.area_m2, grids),
        np.bincount(label, graph.perimeter_m, grids) - 2 * inner,
        np.bincount(label, minlength=grids),
        foreign,
        border,
        position,
        keys,
        held,
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(2 * len(graph.a) + 1, np.int64),
        np.zeros(2 * len(graph.a) + 1, np.int64),
        np.array([len(listed), 0, taken, luck, blocks]),
    )
    return Plan(*(readied(array.copy()) for array in arrays))


def _table(keys: Ints, weight: Floats) -> tuple[Ints, Floats, int]:
    """The table of weight by grid and superblock, at most a quarter full, and how many places are taken."""
    found, which = np.unique(keys[weight > 0], return_inverse=True)
    sums = np.bincount(which, weight[weight > 0], len(found))
    size = 1 << max(4, int(4 * len(keys)).bit_length())
    places, held = np.full(size, -1), np.zeros(size)
    for key, total in zip(found.tolist(), sums.tolist(), strict=True):
        place = (key * SCATTER >> 4) & (size - 1)
        while places[place] >= 0:
            place = (place + 1) & (size - 1)
        places[place], held[place] = key, total
    return places, held, len(found)
