"""From the ground to a plan: in broad strokes, then atom by atom, then where grids are still out of size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from gridmap.partition.drawing.aims import Aims, Size, rules_of
from gridmap.partition.drawing.bisecting import bisected
from gridmap.partition.drawing.coarsening import coarsened, without_leaves
from gridmap.partition.drawing.graph import AtomGraph, merged, numbered, sums, taken
from gridmap.partition.drawing.opening import opened
from gridmap.partition.drawing.searching import Course, Watch, improved
from gridmap.partition.drawing.seats import inside_parents, reckoned, regions, seats
from gridmap.partition.edges import Ints
from gridmap.partition.orientation import Flags

#: Groups of atoms that make up a grid in broad strokes.
_STROKES = 14


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much is tried."""

    #: heat at the beginning and at the end
    hot: float
    cold: float
    #: moves per atom, but never fewer than `_LEAST_MOVES` in all
    moves: int
    #: new cuts of pairs per grid
    cuts: int
    #: where it is for grids out of size: how many neighbours away others help at first
    rings: int = 2


#: Moves that even the smallest ground is given: they cost some hundredths of a second.
_LEAST_MOVES = 30_000
_BROAD = Effort(hot=1.0, cold=0.02, moves=200, cuts=80)
_FINE = Effort(hot=0.12, cold=0.004, moves=40, cuts=6)
LAST = Effort(hot=0.6, cold=0.01, moves=100, cuts=60)
#: An atom of a single neighbour below this share of the least grid is no grid by itself in any good plan.
_LEAF = 0.25
#: How often grids out of size are taken up again, each time with a further ring of neighbours.
_ROUNDS = 3
#: How much more being out of size counts then.
_URGENCY = 3.0


def solved(graph: AtomGraph, size: Size, aims: Aims, *, seed: int = 0, watch: Watch | None = None) -> Ints:
    """Return the grid of each atom, shape (n,), numbered from 0; all grids connected, none in two regions.

    Parameters
    ----------
    graph
        The ground; somebody lives in each of its regions.
    size
        How large grids may be.
    aims
        What counts how much.
    seed
        Equal seeds give equal plans.
    watch
        Told of the moves made; may end the search.

    Raises
    ------
    Nothing
        Any ground has a plan.
    """
    watch = watch or Watch()
    graph = inside_parents(graph)
    unit = without_leaves(graph, size.low * _LEAF)
    fine = merged(graph, unit)
    group = coarsened(fine, weight=size.target / _STROKES)
    broad = merged(fine, group)
    label = opened(broad, first_plan(broad, size), rules_of(size, aims), seed=seed)
    grids = int(label.max()) + 1
    watch.expect(_moves(_BROAD, len(broad)) + _moves(_FINE, len(fine)))
    rules = rules_of(size, aims)
    label = improved(broad, label, rules, courses=(_course(_BROAD, len(broad), grids),), seed=seed, watch=watch)
    label = polished(broad, label, size, aims, seed=seed, watch=watch)[group]
    rules = rules_of(size, urgent(aims))
    label = improved(fine, label, rules, courses=(_course(_FINE, len(fine), grids),), seed=seed, watch=watch)
    label = polished(fine, label, size, aims, seed=seed, watch=watch)
    return opened(fine, label, rules, seed=seed)[unit]


def first_plan(graph: AtomGraph, size: Size) -> Ints:
    """Return a first plan: every region cut into its number of grids, shape (n,).

    Parameters
    ----------
    graph
        The ground, without neighbourhoods across parents.
    size
        How large grids may be.

    Raises
    ------
    Nothing
        A region of fewer atoms than grids gets a grid for each atom.
    """
    region = regions(graph)
    graph = replace(graph, weight=reckoned(graph.weight, size.target, size.high))
    count = seats(sums(region, graph.weight, int(region.max()) + 1), size.target)
    count = np.clip(count, 1, np.bincount(region))
    label = np.zeros(len(graph), np.int64)
    first = 0
    for atoms, grids in zip(members_of(region), count.tolist(), strict=True):
        label[atoms] = first + bisected(taken(graph, atoms), grids)
        first += grids
    return label


def polished(  # noqa: PLR0913 (what `solved` was given, and the plan)
    graph: AtomGraph,
    label: Ints,
    size: Size,
    aims: Aims,
    *,
    seed: int,
    watch: Watch,
    effort: Effort = LAST,
) -> Ints:
    """Return the plan with grids that are out of size taken up again, together with those around them, shape (n,).

    Parameters
    ----------
    graph, label
        The ground and the plan.
    size, aims, seed, watch
        See `solved`.
    effort
        How much is tried in each of a few rounds; each takes in more of the grids around.

    Raises
    ------
    Nothing
        Where nothing better is found the plan stays as it is.
    """
    rules = rules_of(size, urgent(aims))
    for turn in range(_ROUNDS):
        atoms = np.flatnonzero(troubled(graph, label, size, effort.rings + turn)[label])
        if not len(atoms) or watch.stopped:
            break
        here, grids = renumbered(label[atoms])
        course = _course(effort, len(atoms), len(grids))
        watch.expect(course.moves)
        better = improved(
            taken(graph, atoms),
            here,
            rules,
            courses=(course,),
            seed=seed + turn + 1,
            watch=watch,
        )
        label = label.copy()
        label[atoms] = grids[better]
    return label


def renumbered(label: Ints) -> tuple[Ints, Ints]:
    """Return labels numbered from 0 without a gap, and the label of each number.

    Parameters
    ----------
    label
        Any numbers, shape (n,).

    Raises
    ------
    Nothing
        Any numbers can be numbered.

    Examples
    --------
    >>> [part.tolist() for part in renumbered(np.array([7, 3, 7]))]
    [[0, 1, 0], [7, 3]]
    """
    here = numbered(label)
    grids = np.zeros(int(here.max()) + 1, np.int64)
    grids[here] = label
    return here, grids


def urgent(aims: Aims) -> Aims:
    """Return the same aims, being out of size counting more."""
    return replace(aims, steep=aims.steep * _URGENCY, line=aims.line * _URGENCY)


def troubled(graph: AtomGraph, label: Ints, size: Size, rings: int) -> Flags:
    """Return which grids are out of size for no good reason, or near one that is, shape (k,).

    Parameters
    ----------
    graph, label
        The ground and the plan.
    size
        How large grids may be.
    rings
        How many neighbours away is near.

    Raises
    ------
    Nothing
        There may be none.
    """
    count = int(label.max(initial=-1)) + 1
    weight = np.bincount(label, graph.weight, count)
    heaviest = np.zeros(count)
    np.maximum.at(heaviest, label, graph.weight)
    near: Flags = (weight < size.low) | (weight > np.maximum(size.high, heaviest))
    one, two = label[graph.a], label[graph.b]
    for _ in range(rings):
        wider = near.copy()
        wider[one[near[two]]] = True
        wider[two[near[one]]] = True
        near = wider
    return near


def members_of(region: Ints) -> Iterator[Ints]:
    """Yield the atoms of each region, in the order of the regions.

    Parameters
    ----------
    region
        Numbered from 0 without a gap, shape (n,).

    Raises
    ------
    Nothing
        Every region has an atom.
    """
    order = np.argsort(region, kind="stable")
    yield from np.split(order, np.cumsum(np.bincount(region))[:-1])


def _moves(effort: Effort, atoms: int) -> int:
    """The number of moves for so many atoms."""
    return max(effort.moves * atoms, _LEAST_MOVES)


def _course(effort: Effort, atoms: int, grids: int) -> Course:
    """The course for so many atoms and grids."""
    moves = _moves(effort, atoms)
    cuts = max(effort.cuts * grids * moves // max(effort.moves * atoms, 1), 1)
    return Course(hot=effort.hot, cold=effort.cold, moves=moves, between=max(2, moves // cuts))
