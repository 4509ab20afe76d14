"""Atoms put together into larger ones, so that a plan is first drawn in broad strokes."""

from __future__ import annotations

import numpy as np

from gridmap.partition.drawing.graph import AtomGraph, merged, numbered
from gridmap.partition.edges import Ints
from gridmap.partition.orientation import Flags, Floats

#: Rounds of putting together; each round joins about a third of the atoms.
_ROUNDS = 14


def coarsened(graph: AtomGraph, *, weight: float) -> Ints:
    """Return the group of each atom, numbered from 0: neighbours put together while a group stays small.

    Two neighbours are put together when each is the other's best: that with which it has the longest border for its
    size, never across a main barrier.

    Parameters
    ----------
    graph
        The ground.
    weight
        Greatest weight of a group; a heavier atom stays alone.

    Raises
    ------
    Nothing
        Where nothing can be put together each atom is its own group.
    """
    group = np.arange(len(graph))
    for _ in range(_ROUNDS):
        fits = (graph.superblock[graph.a] == graph.superblock[graph.b]) & (
            graph.weight[graph.a] + graph.weight[graph.b] <= weight
        )
        step = _joined(graph, fits, _closeness(graph, weight))
        if step.max(initial=-1) + 1 == len(graph):
            break
        group = step[group]
        graph = merged(graph, step)
    return group


def without_leaves(graph: AtomGraph, low: float) -> Ints:
    """Return the group of each atom, numbered from 0: a light atom of a single neighbour is put to it.

    Such an atom is in the grid of that neighbour, or it would be a grid of its own and too light.

    Parameters
    ----------
    graph
        The ground.
    low
        Atoms from this weight on are grids by themselves.

    Raises
    ------
    Nothing
        Two atoms that have only each other become one group.
    """
    neighbours = np.bincount(graph.a, minlength=len(graph)) + np.bincount(graph.b, minlength=len(graph))
    other = np.arange(len(graph))
    for one, two in ((graph.a, graph.b), (graph.b, graph.a)):
        leaf = (neighbours[one] == 1) & (graph.weight[one] < low)
        other[one[leaf]] = two[leaf]
    both = other[other] == np.arange(len(graph))
    other[both] = np.minimum(other, np.arange(len(graph)))[both]
    return numbered(other)


def _closeness(graph: AtomGraph, weight: float) -> Floats:
    """How much two neighbours belong together: the share of the lesser one's border, light ones first."""
    open_m = graph.length_m - np.minimum(graph.barrier_m, graph.length_m)
    least = np.minimum(graph.perimeter_m[graph.a], graph.perimeter_m[graph.b])
    return open_m / np.maximum(least, 1e-9) / (1 + (graph.weight[graph.a] + graph.weight[graph.b]) / weight)


def _joined(graph: AtomGraph, fits: Flags, closeness: Floats) -> Ints:
    """Groups of the pairs that are each other's best neighbour, and of the atoms that are alone."""
    best = np.full(len(graph), -1)
    pairs = np.flatnonzero(fits & (closeness > 0))
    ends = np.concatenate([graph.a[pairs], graph.b[pairs]])
    both = np.concatenate([pairs, pairs])
    order = np.lexsort((-both, closeness[both], ends))
    last = np.flatnonzero(np.append(ends[order][1:] != ends[order][:-1], True)) if len(order) else order
    best[ends[order[last]]] = both[order[last]]
    mutual = pairs[(best[graph.a[pairs]] == pairs) & (best[graph.b[pairs]] == pairs)]
    group = np.arange(len(graph))
    group[graph.b[mutual]] = graph.a[mutual]
    return numbered(group)
