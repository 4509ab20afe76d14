"""Walks that make a round of required edges: connections between their pieces, then the cheapest join of odd nodes.

Frederickson, G. N. (1979): Approximation algorithms for some postman problems. J. ACM 26, 538-554.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from gridmap.network.rounds.joins import cheapest_join
from gridmap.network.rounds.task import Task

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Walks along an edge beyond which a round gains nothing.
_BOTH_WAYS = 2


def walks(task: Task, weight: Floats) -> Ints:
    """Return the walks besides of a round, its connections the cheapest by some weight of the edges.

    Raises
    ------
    Nothing
        A connected graph has a round.
    """
    extra = np.zeros(len(task.ends), dtype=np.int64)
    extra[_connections(task, weight)] = 1
    extra[cheapest_join(task.ends, task.length_m, task.parity(extra))] += 1
    return pruned(task, extra)


def _connections(task: Task, weight: Floats) -> Ints:
    """Edges that join all pieces: a spanning tree over the shortest ways between them."""
    ends = np.sort(task.merged[task.ends], axis=1)
    count = int(task.merged.max()) + 1
    order = np.lexsort([weight, ends[:, 1], ends[:, 0]])
    first = ends[order, 0] != ends[order, 1]
    first[1:] &= (ends[order[1:]] != ends[order[:-1]]).any(axis=1)
    edge = order[first]
    shape = (count, count)
    matrix = sparse.csr_matrix((np.maximum(weight[edge], 1e-12), (ends[edge, 0], ends[edge, 1])), shape=shape)
    far, before = csgraph.dijkstra(matrix, directed=False, indices=np.arange(task.pieces), return_predecessors=True)
    tree = csgraph.minimum_spanning_tree(far[:, : task.pieces]).tocoo()
    steps: set[tuple[int, int]] = set()
    for root, at in zip(tree.row.tolist(), tree.col.tolist(), strict=True):
        node = at
        while node != root:
            back = int(before[root, node])
            steps.add((min(node, back), max(node, back)))
            node = back
    table = np.array(sorted(steps), dtype=np.int64)
    keys = ends[edge, 0] * count + ends[edge, 1]
    return np.asarray(edge[np.searchsorted(keys, table[:, 0] * count + table[:, 1])])


def pruned(task: Task, extra: Ints) -> Ints:
    """Return walks without pairs of them along one edge that nothing hangs on, the longest first.

    Raises
    ------
    Nothing
        What hangs together still does.
    """
    # of more than two walks along an edge, two make no difference to what hangs together
    left = np.where(extra > _BOTH_WAYS, _BOTH_WAYS - extra % 2, extra)
    twice = np.flatnonzero(left > 1)
    for edge in twice[np.lexsort([twice, -task.length_m[twice]])].tolist():
        left[edge] -= 2
        if not task.joined(left):
            left[edge] += 2
    return left
