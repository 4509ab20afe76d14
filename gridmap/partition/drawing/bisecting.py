"""A first plan: the ground is cut in two where that is cheapest, and each half again, until every grid is there.

The atoms are put in a row in several ways: by their place along some directions, and by how far it is to walk from an
end of the ground, barriers being long ways. A cut after any atom of the row is measured exactly, for all of them at
once, by what it cuts and how far the weights are from whole numbers of grids.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from gridmap.partition.drawing.graph import AtomGraph, connected, taken
from gridmap.partition.edges import Ints
from gridmap.partition.orientation import Flags, Floats

#: Of a border along a barrier, the share of its length that need not be paid to cut it.
_FREE = 0.95
#: How many times longer the way across a barrier is than its length.
_DETOUR = 8.0
#: Directions in which the ground is swept, as parts of a half turn.
_DIRECTIONS = 4
#: The lesser half has at least this share of the grids.
_LEAST_HALF = 0.25
#: What a grid's weight of imbalance costs, in sides of a grid that are cut.
_IMBALANCE = 4.0


def bisected(graph: AtomGraph, grids: int) -> Ints:
    """Return a first plan of connected grids of about equal weight, shape (n,), numbered from 0.

    Parameters
    ----------
    graph
        Connected ground.
    grids
        How many grids; never more than there are atoms.

    Raises
    ------
    Nothing
        Each half keeps as many atoms as it has grids.
    """
    label = np.zeros(len(graph), np.int64)
    waiting = [(np.arange(len(graph)), graph, 0, grids)]
    while waiting:
        atoms, part, first, count = waiting.pop()
        label[atoms] = first
        if count == 1:
            continue
        beyond, far = halved(part, count)
        for side, begin, number in ((~beyond, first, count - far), (beyond, first + count - far, far)):
            chosen = np.flatnonzero(side)
            waiting.append((atoms[chosen], taken(part, chosen), begin, number))
    return label


def halved(graph: AtomGraph, grids: int) -> tuple[Flags, int]:
    """Return which atoms lie beyond the cheapest cut of connected ground in two, and how many grids they are for.

    Parameters
    ----------
    graph
        Connected ground of at least as many atoms as grids.
    grids
        How many grids the two halves are for together, at least 2.

    Raises
    ------
    Nothing
        There is always a cut.
    """
    best = (np.inf, np.empty(0, np.int64))
    for order in _orders(graph):
        cost, at = _cheapest(graph, order, grids)
        if cost < best[0]:
            best = (cost, order[at:])
    beyond = np.zeros(len(graph), bool)
    beyond[best[1]] = True
    return _mended(graph, beyond, grids)


def _orders(graph: AtomGraph) -> Iterator[Ints]:
    """Rows of all atoms, along directions and away from two ends of the ground."""
    centred = graph.xy - graph.xy.mean(axis=0)
    for turn in np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS:
        along = centred @ np.array([np.cos(turn), np.sin(turn)])
        yield np.argsort(np.round(along, 6), kind="stable")
    ways = _ways(graph)
    start = int(np.argmin(graph.xy[:, 0]))
    for _ in range(2):
        distance = csgraph.dijkstra(ways, directed=False, indices=start)
        yield np.argsort(np.round(distance, 6), kind="stable")
        start = int(np.argmax(distance))


def _ways(graph: AtomGraph) -> sparse.csr_matrix:
    """Metres to walk between the middles of neighbours, barriers being long ways."""
    straight = np.hypot(*(graph.xy[graph.a] - graph.xy[graph.b]).T)
    barred = graph.barrier_m / np.maximum(graph.length_m, 1e-9)
    metres = np.maximum(straight, 1e-3) * (1 + _DETOUR * np.minimum(barred, 1))
    return sparse.coo_matrix((metres, (graph.a, graph.b)), shape=(len(graph), len(graph))).tocsr()


def _cheapest(graph: AtomGraph, order: Ints, grids: int) -> tuple[float, int]:
    """Cost of the best cut of a row, and the place in the row where it is."""
    count = len(order)
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    low, high = np.minimum(place[graph.a], place[graph.b]), np.maximum(place[graph.a], place[graph.b])
    price = np.maximum(graph.length_m - _FREE * graph.barrier_m, 0.02 * graph.length_m)
    steps = np.bincount(low, price, count) - np.bincount(high, price, count)
    cut = np.cumsum(steps)[:-1]
    weight = np.cumsum(graph.weight[order])[:-1]
    at, near = _allowed(graph, weight, grids)
    ideal = graph.weight.sum() / grids
    side = np.sqrt(graph.area_m2.sum() / grids)
    away = np.abs(weight[at] - near * ideal) / max(ideal, 1e-9)
    cost = cut[at] / max(side, 1e-9) + _IMBALANCE * away + away * away
    best = int(np.argmin(cost))
    return float(cost[best]), int(at[best]) + 1


def _allowed(graph: AtomGraph, weight: Floats, grids: int) -> tuple[Ints, Ints]:
    """Places of a row where it may be cut, and the grids before each: each half gets its share, and an atom a grid."""
    count = len(graph)
    before = np.arange(1, count)
    ideal = max(float(graph.weight.sum()) / grids, 1e-9)
    least = max(1, int(_LEAST_HALF * grids))
    near = np.clip(np.rint(weight / ideal).astype(np.int64), least, grids - least)
    near = np.clip(near, grids - (count - before), before)
    at = np.flatnonzero((near >= least) & (near <= grids - least))
    if not len(at):
        near = np.clip(near, 1, grids - 1)
        at = np.flatnonzero((near <= before) & (grids - near <= count - before))
    return at, near[at]


def _mended(graph: AtomGraph, beyond: Flags, grids: int) -> tuple[Flags, int]:
    """The two halves made connected, and the grids beyond: what is cut off goes to the other half."""
    for side in (False, True):
        part = connected(graph, beyond.astype(np.int64))
        inside = np.flatnonzero(beyond == side)
        heaviest = np.argmax(np.bincount(part[inside], graph.weight[inside] + 1e-6))
        beyond = np.where((beyond == side) & (part != heaviest), not side, beyond)
    atoms = int(beyond.sum())
    share = round(float(graph.weight[beyond].sum()) / max(float(graph.weight.sum()), 1e-9) * grids)
    least, most = max(1, grids - (len(graph) - atoms)), min(grids - 1, atoms)
    return beyond, min(max(share, least), most)
