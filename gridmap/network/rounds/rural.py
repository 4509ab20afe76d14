"""The edges that a round walks besides the required ones: connections between pieces, then the cheapest join.

The bound's programme tells which edges a short round is likely to use; connections are drawn along these, again and
again with other weights, and the shortest round is kept. Nothing is left to chance: the weights come from a fixed seed.

Frederickson, G. N. (1979): Approximation algorithms for some postman problems. J. ACM 26, 538-554.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from gridmap.network.rounds.bounds import bound
from gridmap.network.rounds.joins import cheapest_join
from gridmap.network.rounds.reducing import reduced
from gridmap.network.rounds.task import Task

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: How much of the programme's wish is followed, tried in turn.
_TRUST = (1.0, 0.9, 0.7, 0.5, 0.2)
#: Weights of edges are varied by this much.
_SPREAD = 0.3
#: Edges times tries that are worth a second or so; and the most and the fewest tries.
_WORK, _MOST, _FEWEST = 16_000, 40, 6


def extra_walks(task: Task, *, tries: int | None = None) -> tuple[Ints, float]:
    """Return (how often each edge is walked besides the required walks, the metres that no round falls below).

    Where the required edges and home are one piece, the answer is the shortest there is.

    Parameters
    ----------
    task
        What is to be walked, all of it connected.
    tries
        How often connections are drawn; by default as often as takes about a second.

    Raises
    ------
    Nothing
        A connected graph has a round.
    """
    if task.pieces == 1:
        extra = np.zeros(len(task.ends), dtype=np.int64)
        extra[cheapest_join(task.ends, task.length_m, task.odd)] = 1
        return extra, task.required_m + float(task.length_m @ extra)
    small = reduced(task)
    extra, least_m = _best(small.task, tries)
    return small.spread(extra, len(task.ends)), least_m


def _best(task: Task, tries: int | None) -> tuple[Ints, float]:
    """The shortest of several rounds, and the bound."""
    least = bound(task)
    count = tries or int(np.clip(_WORK // len(task.ends), _FEWEST, _MOST))
    random = np.random.default_rng(0)
    found = [_walks(task, task.length_m)]
    for number in range(count):
        wish = 1 - np.minimum(least.share, 1.0) * _TRUST[number % len(_TRUST)]
        varied = 1.0 if number < len(_TRUST) else random.uniform(1 - _SPREAD, 1 + _SPREAD, len(task.ends))
        found.append(_walks(task, task.length_m * (wish * varied + 1e-3)))
    return min(found, key=lambda extra: float(task.length_m @ extra)), least.length_m


def _walks(task: Task, weight: Floats) -> Ints:
    """The walks besides, with connections that are cheapest by some weight."""
    extra = np.zeros(len(task.ends), dtype=np.int64)
    extra[_connections(task, weight)] = 1
    extra[cheapest_join(task.ends, task.length_m, task.parity(extra))] += 1
    return _pruned(task, extra)


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


def _pruned(task: Task, extra: Ints) -> Ints:
    """Without pairs of walks along one edge that nothing hangs on, the longest first."""
    left = extra.copy()
    twice = np.flatnonzero(left > 1)
    for edge in twice[np.lexsort([twice, -task.length_m[twice]])].tolist():
        left[edge] -= 2
        if not task.joined(left):
            left[edge] += 2
    return left
