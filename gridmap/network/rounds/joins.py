"""The cheapest edges to walk twice: a T-join, the heart of every postman's round.

Given the *odd* nodes of a graph, a T-join is a set of edges of which an odd number meets at just these. The cheapest
one is made of shortest paths between odd nodes, paired at the least cost (Edmonds and Johnson 1973). Pairs between near
nodes are paired first; what the proof claims then tells which further pairs could be cheaper still, if any.

Edmonds, J., Johnson, E. L. (1973): Matching, Euler tours and the Chinese postman. Mathematical Programming 5, 88-124.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse import csgraph

from gridmap.network.rounds.blossoms import Blossoms
from gridmap.network.rounds.pairing import Pairing

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Lengths are compared in these parts of a metre: whole numbers make the proof exact.
PER_METRE = 100_000
#: Pairs that are looked at first: so many neighbours of each odd node, within so many mean street lengths.
NEAR, NEAR_STREETS = 10, 6.0
#: Rows of distances that are held at once.
_ROWS = 256


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Pairs of odd nodes, by their place in the list of these, the first below the second."""

    #: the two, shape (n, 2)
    ends: Ints
    #: metres between them, shape (n,)
    length_m: Floats

    @property
    def cost(self) -> Ints:
        """Even whole numbers that stand for the metres."""
        return 2 * np.rint(self.length_m * PER_METRE).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Ways:
    """A graph without loops, with the shortest of parallel edges only."""

    #: metres from node to neighbour
    matrix: sparse.csr_matrix
    #: edges that are left, shape (n,)
    edge: Ints
    #: their nodes, lower first, in ascending order, shape (n, 2)
    ends: Ints
    #: their metres, shape (n,)
    length_m: Floats

    def between(self, one: Ints, other: Ints) -> Ints:
        """Return the edges between neighbours, as places in ``edge``."""
        size = self.matrix.shape[0]
        keys = self.ends[:, 0] * size + self.ends[:, 1]
        return np.asarray(np.searchsorted(keys, np.minimum(one, other) * size + np.maximum(one, other)))


def cheapest_join(ends: Ints, length_m: Floats, odd: Flags) -> Ints:
    """Return the edges of the shortest T-join, ascending: an odd number of them meets at each odd node, and only there.

    Parameters
    ----------
    ends
        Nodes of each edge, shape (n, 2).
    length_m
        Metres of each edge, not negative, shape (n,).
    odd
        Whether each node is odd, shape (k,).

    Raises
    ------
    ValueError
        If a connected piece of the graph holds an odd number of odd nodes: then there is none.

    Notes
    -----
    The sum is the least to within 1/200 000 metre for each pair.

    Examples
    --------
    Of a square with a diagonal, the ends of the diagonal are odd; the way round is longer than the diagonal:

    >>> square = np.array([[0, 1], [1, 2], [2, 3], [3, 0], [0, 2]])
    >>> cheapest_join(square, np.array([10, 10, 10, 10, 14.1]), np.array([True, False, True, False])).tolist()
    [4]
    """
    ways = _ways(len(odd), ends, length_m)
    _refuse_uneven(ways, odd)
    core, forced, left = _without_dead_ends(ways, odd)
    nodes = np.flatnonzero(left)
    if not len(nodes):
        return np.sort(ways.edge[forced])
    inner = _ways(len(odd), ways.ends[core], ways.length_m[core])
    taken = core[inner.edge[_paths(inner, nodes, _paired(inner, nodes))]]
    return np.sort(ways.edge[np.concatenate([forced, taken])])


def _ways(nodes: int, ends: Ints, length_m: Floats) -> Ways:
    """The graph without loops and without the longer ones of parallel edges."""
    low, high = ends.min(axis=1), ends.max(axis=1)
    order = np.lexsort([length_m, high, low])
    first = low[order] != high[order]
    first[1:] &= (low[order[1:]] != low[order[:-1]]) | (high[order[1:]] != high[order[:-1]])
    edge = order[first]
    # a path finder takes an entry of 0 for no edge
    metres = np.maximum(length_m[edge], np.finfo(float).tiny)
    one, other = np.concatenate([low[edge], high[edge]]), np.concatenate([high[edge], low[edge]])
    matrix = sparse.csr_matrix((np.concatenate([metres, metres]), (one, other)), shape=(nodes, nodes))
    return Ways(matrix=matrix, edge=edge, ends=np.stack([low[edge], high[edge]], axis=1), length_m=length_m[edge])


def _refuse_uneven(ways: Ways, odd: Flags) -> None:
    """Refuse a piece of the graph with an odd number of odd nodes."""
    _, piece = csgraph.connected_components(ways.matrix, directed=False)
    if (np.bincount(piece, odd) % 2).any():
        raise ValueError("a connected piece of the graph holds an odd number of odd nodes")


def _without_dead_ends(ways: Ways, odd: Flags) -> tuple[Ints, Ints, Flags]:
    """Return (the edges that lie on no dead end, those of dead ends that must be taken, the nodes then odd)."""
    at: list[dict[int, int]] = [{} for _ in odd]
    for edge, (a, b) in enumerate(ways.ends.tolist()):
        at[a][b] = at[b][a] = edge
    left, forced, core = odd.copy(), [], np.ones(len(ways.ends), dtype=bool)
    waiting = [node for node, edges in enumerate(at) if len(edges) == 1]
    while waiting:
        tip = waiting.pop()
        if len(at[tip]) != 1:
            continue
        neighbour, edge = at[tip].popitem()
        core[edge] = False
        del at[neighbour][tip]
        if left[tip]:
            forced.append(edge)
            left[tip], left[neighbour] = False, not left[neighbour]
        if len(at[neighbour]) == 1:
            waiting.append(neighbour)
    return np.flatnonzero(core), np.array(forced, dtype=np.int64), left


def _paired(ways: Ways, nodes: Ints) -> Ints:
    """The partner of each odd node, as a place in their list, so that the sum of distances is least."""
    near = NEAR_STREETS * float(ways.length_m.mean())
    pairs = _nearest(_pairs_within(ways, nodes, np.full(len(nodes), near / 2)), len(nodes))
    pairs = _merged([pairs, _tree_pairs(ways, nodes)])
    while True:
        pairing = _solved(pairs, len(nodes))
        further = _cheaper(ways, nodes, pairing)
        if not len(further.ends):
            return np.array(pairing.held.mate, dtype=np.int64)
        pairs = _merged([pairs, further])


def _pairs_within(ways: Ways, nodes: Ints, reach_m: Floats) -> Pairs:
    """Pairs of odd nodes that are at most as far apart as both reach together."""
    order = np.argsort(-reach_m, kind="stable")
    rank = np.argsort(order)
    found = []
    for begin in range(0, len(order), _ROWS):
        rows = order[begin : begin + _ROWS]
        # of two nodes the one that reaches further finds the other
        metres = csgraph.dijkstra(ways.matrix, directed=False, indices=nodes[rows], limit=2 * reach_m[rows[0]])[
            :, nodes
        ]
        fits = (metres <= reach_m[rows, None] + reach_m[None, :]) & (rank[rows, None] < rank[None, :])
        row, other = np.nonzero(fits)
        found.append(Pairs(ends=np.sort(np.stack([rows[row], other], axis=1), axis=1), length_m=metres[row, other]))
    return _merged(found)


def _merged(several: list[Pairs]) -> Pairs:
    """All pairs once, in ascending order, with the least distance that was found."""
    ends = np.concatenate([pairs.ends for pairs in several])
    length = np.concatenate([pairs.length_m for pairs in several])
    order = np.lexsort([length, ends[:, 1], ends[:, 0]])
    ends, length = ends[order], length[order]
    first = np.ones(len(ends), dtype=bool)
    first[1:] = (ends[1:] != ends[:-1]).any(axis=1)
    return Pairs(ends=ends[first], length_m=length[first])


def _nearest(pairs: Pairs, count: int) -> Pairs:
    """Each odd node's nearest only."""
    one, other = np.concatenate([pairs.ends, pairs.ends[:, ::-1]]).T
    order = np.lexsort([other, np.concatenate([pairs.length_m, pairs.length_m]), one])
    begin = np.searchsorted(one[order], np.arange(count))
    near = order[np.arange(len(order)) - begin[one[order]] < NEAR] % max(len(pairs.ends), 1)
    kept = np.unique(near)
    return Pairs(ends=pairs.ends[kept], length_m=pairs.length_m[kept])


def _tree_pairs(ways: Ways, nodes: Ints) -> Pairs:
    """Pairs along a shortest spanning tree, each node once: there is always a pairing, if a dear one."""
    found, size = [], ways.matrix.shape[0]
    place = np.full(size, -1)
    place[nodes] = np.arange(len(nodes))
    tree = csgraph.minimum_spanning_tree(ways.matrix)
    _, piece = csgraph.connected_components(tree, directed=False)
    open_at: list[tuple[int, float] | None] = [(at, 0.0) if at >= 0 else None for at in place.tolist()]
    for root in np.unique(piece, return_index=True)[1].tolist():
        order, before = csgraph.breadth_first_order(tree, root, directed=False)
        for node in order[:0:-1].tolist():
            ended, parent = open_at[node], int(before[node])
            if ended is None:
                continue
            further = (ended[0], ended[1] + float(max(tree[node, parent], tree[parent, node])))
            met = open_at[parent]
            if met is not None:
                found.append((*sorted((met[0], further[0])), met[1] + further[1]))
            open_at[parent] = further if met is None else None
    table = np.array(found, dtype=float).reshape(-1, 3)
    return Pairs(ends=table[:, :2].astype(np.int64), length_m=table[:, 2])


def _solved(pairs: Pairs, count: int) -> Pairing:
    """The cheapest of these pairs, with the proof."""
    share, reach = _started(pairs, count)
    near: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for (a, b), cost in zip(pairs.ends.tolist(), pairs.cost.tolist(), strict=True):
        near[a].append((b, cost))
        near[b].append((a, cost))
    held = Blossoms(size=count)
    tight = pairs.cost == reach[pairs.ends].sum(axis=1)
    for at in np.lexsort([np.arange(len(share)), -share]).tolist():
        a, b = pairs.ends[at].tolist()
        if share[at] > 0 and tight[at] and held.mate[a] < 0 and held.mate[b] < 0:
            held.mate[a], held.mate[b] = b, a
    pairing = Pairing(near=near, reach=reach.tolist(), held=held)
    for node in range(count):
        if held.mate[node] < 0:
            pairing.pair(node)
    return pairing


def _started(pairs: Pairs, count: int) -> tuple[Floats, Ints]:
    """Return (halves of pairs that are cheapest if odd rings may be shared, what each node may claim at most then).

    The linear programme leaves only few nodes without a partner. Of its claims only what holds in whole numbers counts.
    """
    at = np.arange(len(pairs.ends))
    table = (np.ones(2 * len(at)), (pairs.ends.T.ravel(), np.concatenate([at, at])))
    meets = sparse.csr_matrix(table, shape=(count, len(at)))
    answer = linprog(pairs.cost / PER_METRE, A_eq=meets, b_eq=np.ones(count), bounds=(0, None), method="highs-ds")
    reach = np.rint(answer.eqlin.marginals * PER_METRE).astype(np.int64)
    left = pairs.cost - reach[pairs.ends].sum(axis=1)
    np.minimum.at(reach, pairs.ends[:, 0], reach[pairs.ends[:, 0]] + np.minimum(left, 0))
    return np.round(2 * answer.x) / 2, reach


def _cheaper(ways: Ways, nodes: Ints, pairing: Pairing) -> Pairs:
    """Pairs that the proof does not cover: they cost less than their nodes claim."""
    reach = np.array(pairing.reach) / (2 * PER_METRE)
    near = _pairs_within(ways, nodes, np.maximum(reach, 0.0))
    left = near.cost - np.array(pairing.reach)[near.ends].sum(axis=1)
    short = np.array(list(_uncovered(near, left, pairing)), dtype=np.int64)
    return Pairs(ends=near.ends[short], length_m=near.length_m[short])


def _uncovered(pairs: Pairs, left: Ints, pairing: Pairing) -> Iterator[int]:
    """Yield the pairs whose nodes claim more than they cost; what blossoms round both claim is none of theirs."""
    for at in np.flatnonzero(left < 0).tolist():
        a, b = pairs.ends[at].tolist()
        both = set(pairing.held.round(a)).intersection(pairing.held.round(b))
        if left[at] + 2 * sum(pairing.claim[blossom] for blossom in both) < 0:
            yield at


def _paths(ways: Ways, nodes: Ints, mate: Ints) -> Ints:
    """Edges of the shortest paths between partners, as places in ``edge``; what two of them share falls away."""
    one = np.flatnonzero(np.arange(len(mate)) < mate)
    taken = np.zeros(len(ways.edge), dtype=np.int64)
    for begin in range(0, len(one), _ROWS):
        rows = one[begin : begin + _ROWS]
        _, before = csgraph.dijkstra(ways.matrix, directed=False, indices=nodes[rows], return_predecessors=True)
        at, row = nodes[mate[rows]], np.arange(len(rows))
        while len(row):
            back = before[row, at]
            np.add.at(taken, ways.between(at, back), 1)
            going = back != nodes[rows[row]]
            row, at = row[going], back[going]
    return np.flatnonzero(taken % 2)
