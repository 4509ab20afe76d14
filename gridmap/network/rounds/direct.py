"""The same task on the nodes that must be called at alone: the shortest way from one to another is one edge.

Crossings that nothing is required at only let an answer of the programme wander: without them its bound is as high
after a few turns as it was after hundreds. No round gets longer: what it walks between two required edges is never less
than the shortest way.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from gridmap.network.rounds.reducing import Reduced
from gridmap.network.rounds.task import Task

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Nodes to be called at beyond which ways between all of them are too many to look at: a second for the cube of it.
MOST_NODES = 600
#: Metres within which a way through a node is as short as the way past it.
_SAME_M = 1e-6


def direct(task: Task) -> Reduced:
    """Return a task with rounds of the same least length on the ends of required edges and home alone.

    An edge of it is a required edge, or the shortest way between two nodes that leads through no third one. A task with
    too many nodes, or one that would get no smaller, stays as it is.

    Parameters
    ----------
    task
        What is to be walked, all of it connected.

    Raises
    ------
    Nothing
        Any connected task has such ways.
    """
    called = np.flatnonzero(task.piece >= 0)
    as_it_is = Reduced(task=task, members=[[edge] for edge in range(len(task.ends))])
    if len(called) > MOST_NODES:
        return as_it_is
    matrix, edge_at = _ways(task)
    far, before = csgraph.dijkstra(matrix, directed=False, indices=called, return_predecessors=True)
    one, other = np.nonzero(_past_no_third(far[:, called]))
    required = np.flatnonzero(task.required)
    if len(required) + len(one) >= len(task.ends):
        return as_it_is
    place = np.full(task.nodes, -1)
    place[called] = np.arange(len(called))
    ways = [_way(before[a], edge_at, int(called[a]), int(called[b])) for a, b in zip(one, other, strict=True)]
    leaner = Task(
        ends=np.concatenate([place[task.ends[required]], np.stack([one, other], axis=1)]),
        length_m=np.concatenate([task.length_m[required], far[one, called[other]]]),
        required=np.arange(len(required) + len(one)) < len(required),
        home=int(place[task.home]),
        nodes=len(called),
    )
    return Reduced(task=leaner, members=[*([edge] for edge in required.tolist()), *ways])


def _ways(task: Task) -> tuple[sparse.csr_matrix, dict[tuple[int, int], int]]:
    """Metres from node to neighbour, and the shortest edge between the two."""
    low, high = task.ends.min(axis=1), task.ends.max(axis=1)
    order = np.lexsort([task.length_m, high, low])
    first = low[order] != high[order]
    first[1:] &= (low[order[1:]] != low[order[:-1]]) | (high[order[1:]] != high[order[:-1]])
    edge = order[first]
    # a path finder takes an entry of 0 for no edge
    metres = np.maximum(task.length_m[edge], np.finfo(float).tiny)
    matrix = sparse.csr_matrix((metres, (low[edge], high[edge])), shape=(task.nodes, task.nodes))
    pairs = zip(low[edge].tolist(), high[edge].tolist(), strict=True)
    return matrix, dict(zip(pairs, edge.tolist(), strict=True))


def _past_no_third(far: Floats) -> Flags:
    """Pairs, the lower first, between which no way through a third node is as short as the shortest."""
    alone = np.triu(np.ones(far.shape, dtype=bool), 1)
    for third in range(len(far)):
        # a third node at the same place leads past itself only
        apart = (far[:, third, None] > _SAME_M) & (far[third] > _SAME_M)
        alone &= ~(apart & (far[:, third, None] + far[third] <= far + _SAME_M))
    return alone


def _way(before: Ints, edge_at: dict[tuple[int, int], int], start: int, goal: int) -> list[int]:
    """Edges of the shortest way between two nodes."""
    found, node = [], goal
    while node != start:
        back = int(before[node])
        found.append(edge_at[min(back, node), max(back, node)])
        node = back
    return found
