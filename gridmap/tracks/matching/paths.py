"""The way between states that follow each other, as pieces of edges with the seconds at which they were walked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from gridmap.compiling import COMPILED
from gridmap.tracks.matching import ways_kernel
from gridmap.tracks.matching.ground import Ground
from gridmap.tracks.matching.lattice import routes
from gridmap.tracks.matching.pairs import between

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Codes of `Pieces.kind`, by how sure the way is.
OBSERVED, INFERRED, UNKNOWN = 0, 1, 2
CLASSES = ("observed", "inferred", "unknown")
#: Nodes on a route of the table at most: it has no more than this many edges.
_MOST_NODES = 2000
#: Pieces of each step for which there is room at first.
_PIECES = 4
#: Nodes from which ways over gaps are sought at a time.
_SOURCES = 64


@dataclass(frozen=True, kw_only=True)
class Places:
    """States with their places on edges, and the steps between them, shape (n,) each."""

    edge: Ints
    along: Floats
    begun: Floats
    ended: Floats
    #: whether the way begins anew at the state
    fresh: npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """Pieces of edges in the order walked, shape (p,) each."""

    #: state to which the step leads that the piece is of
    step: Ints
    edge: Ints
    #: metres along the edge, in the direction walked
    leaves: Floats
    reaches: Floats
    #: seconds
    begun: Floats
    ended: Floats
    #: OBSERVED, INFERRED or UNKNOWN
    kind: Ints

    def __len__(self) -> int:
        """Return the number of pieces."""
        return len(self.step)

    def at(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Pieces:
        """Return some of them, in that order."""
        return Pieces(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})


@dataclass(frozen=True, kw_only=True)
class _Ways:
    """Edges on the way of each step, unordered; `nth` orders those of one step."""

    step: Ints
    nth: Ints
    edge: Ints
    leaves: Floats
    reaches: Floats


#: Position of the step, edge, and metres at which it is left and reached, in the order walked, shape (p,) each.
_Walked = tuple[Ints, Ints, Floats, Floats]


def joined(pieces: list[Pieces]) -> Pieces:
    """Return pieces of steps in the order of the steps."""
    names = [each.name for each in fields(Pieces)]
    whole = Pieces(**{name: np.concatenate([getattr(part, name) for part in pieces]) for name in names})
    return whole.at(np.argsort(whole.step, kind="stable"))


def pieces(ground: Ground, places: Places, steps: Ints, kind: Ints, *, kernel: bool = COMPILED) -> Pieces:
    """Return the shortest ways of the table between states and those before them.

    Parameters
    ----------
    ground
        The streets.
    places
        The states.
    steps
        States to which a way leads, none of them the first.
    kind
        How sure each way is.
    kernel
        Whether the compiled kernel is used; the answer is the same.

    Returns
    -------
    Pieces
        By step, in the order walked, at an even pace over each step.

    Raises
    ------
    Nothing
        A step without a way has no pieces.
    """
    one = places.edge[steps - 1], places.along[steps - 1]
    other = places.edge[steps], places.along[steps]
    return _timed((_compiled if kernel else _sought)(ground, one, other), places, steps, kind)


def _compiled(ground: Ground, one: tuple[Ints, Floats], other: tuple[Ints, Floats]) -> _Walked:
    """The shortest ways of the table between places, by numba where it is installed."""
    net = (ground.first, ground.last, ground.length, *ground.graph.incidence)
    room = _PIECES * len(one[0])
    while True:
        answer = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room), np.empty(room)
        count = ways_kernel.ways(net, ground.pairs.slots, (*one, *other), _MOST_NODES, answer)
        if count <= room:
            step, edge, leaves, reaches = answer
            return step[:count], edge[:count], leaves[:count], reaches[:count]
        room = count


def _sought(ground: Ground, one: tuple[Ints, Floats], other: tuple[Ints, Floats]) -> _Walked:
    """The same by numpy."""
    _, ends = routes(ground, one, other)
    straight = np.flatnonzero(ends == -1)
    turned = np.flatnonzero(ends >= 0)
    leave, enter = ends[turned] // 2, ends[turned] % 2
    node = np.where(leave == 0, ground.first[one[0][turned]], ground.last[one[0][turned]])
    to = np.where(enter == 0, ground.first[other[0][turned]], ground.last[other[0][turned]])
    inner = _inner(ground, node, to)
    return _ordered([
        _Ways(step=straight, nth=np.zeros_like(straight), edge=one[0][straight], leaves=one[1][straight],
              reaches=other[1][straight]),
        *_outer(ground, turned, (one[0][turned], one[1][turned], leave), (other[0][turned], other[1][turned], enter)),
        _Ways(step=turned[inner.step], nth=inner.nth, edge=inner.edge, leaves=inner.leaves, reaches=inner.reaches),
    ])  # fmt: skip


def _outer(
    ground: Ground, step: Ints, one: tuple[Ints, Floats, Ints], other: tuple[Ints, Floats, Ints]
) -> tuple[_Ways, _Ways]:
    """From a place to the end by which its edge is left, and from the end by which an edge is entered to a place."""
    (edge, along, leave), (to_edge, to_along, enter) = one, other
    nth = np.zeros_like(step)
    out = _Ways(step=step, nth=nth - 1, edge=edge, leaves=along, reaches=np.where(leave == 0, 0.0, ground.length[edge]))
    into = np.where(enter == 0, 0.0, ground.length[to_edge])
    return out, _Ways(step=step, nth=nth + 2 * _MOST_NODES, edge=to_edge, leaves=into, reaches=to_along)


def _inner(ground: Ground, node: Ints, to: Ints) -> _Ways:
    """Whole edges between nodes, each followed by the one from which the rest of the way is shortest."""
    begin, at_edge, at_end = ground.graph.incidence
    found: list[tuple[Ints, Ints, Ints, Ints]] = []
    left, here = np.flatnonzero(node != to), node.copy()
    far = between(ground.pairs, node, to)
    for nth in range(_MOST_NODES):
        if not len(left):
            break
        count = begin[here[left] + 1] - begin[here[left]]
        step = np.repeat(left, count)
        each = np.arange(len(step)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(begin[here[left]], count)
        edge, end = at_edge[each], at_end[each]
        ahead = np.where(end == 0, ground.last[edge], ground.first[edge])
        rest = between(ground.pairs, ahead, to[step])
        # what is no nearer may lead in a circle, where edges are shorter than the table tells metres apart
        total = np.where(rest < far[step], ground.length[edge] + rest, np.inf)
        order = np.lexsort([edge, total, step])
        chosen = order[np.flatnonzero(np.diff(step[order], prepend=-1))]
        chosen = chosen[np.isfinite(total[chosen])]
        left = step[chosen]
        found.append((left, np.full(len(left), nth), edge[chosen], end[chosen]))
        here[left], far[left] = ahead[chosen], rest[chosen]
        left = left[here[left] != to[left]]
    if not found:
        return _whole(ground, *(np.empty(0, np.int64),) * 4)
    return _whole(ground, *(np.concatenate(column) for column in zip(*found, strict=True)))


def _whole(ground: Ground, step: Ints, nth: Ints, edge: Ints, end: Ints) -> _Ways:
    """Edges walked from end to end, `end` being the one by which they are entered."""
    length = ground.length[edge]
    return _Ways(step=step, nth=nth, edge=edge, leaves=np.where(end == 0, 0.0, length),
                 reaches=np.where(end == 0, length, 0.0))  # fmt: skip


def _ordered(parts: list[_Ways]) -> _Walked:
    """Ways in the order walked."""
    step, nth, edge, leaves, reaches = (
        np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(_Ways)
    )
    order = np.lexsort([nth, step])
    return step[order], edge[order], leaves[order], reaches[order]


def _timed(walked: _Walked, places: Places, steps: Ints, kind: Ints) -> Pieces:
    """Ways at an even pace from when the state before was left until the next was reached."""
    step, edge, leaves, reaches = walked
    metres = np.abs(reaches - leaves)
    run = np.cumsum(metres)
    first = np.flatnonzero(np.diff(step, prepend=-1))
    count = np.diff(np.append(first, len(step)))
    before = np.repeat(run[first] - metres[first], count)
    total = np.repeat(np.add.reduceat(metres, first), count) if len(first) else metres
    total = np.maximum(total, 1e-9)
    set_out = places.ended[steps[step] - 1]
    lasts = places.begun[steps[step]] - set_out
    return Pieces(
        step=steps[step],
        edge=edge,
        leaves=leaves,
        reaches=reaches,
        begun=set_out + lasts * np.clip((run - metres - before) / total, 0, 1),
        ended=set_out + lasts * np.clip((run - before) / total, 0, 1),
        kind=kind[step],
    )


def bridged(ground: Ground, places: Places, steps: Ints, kind: Ints, most_m: Floats) -> Pieces:
    """Return the shortest ways between states and those before them, beyond the reach of the table.

    Parameters
    ----------
    ground, places, steps, kind
        As for `pieces`.
    most_m
        Metres that each way may have, shape (m,).

    Raises
    ------
    Nothing
        A step without a way, or with one too long, has no pieces.
    """
    matrix, edges = ground.adjacency
    begin, to = matrix.indptr, matrix.indices
    rows: list[tuple[int, int, int, float, float]] = []
    for chosen in alike(most_m):
        edge = places.edge[steps[chosen] - 1]
        sources, which = np.unique(np.stack([ground.first[edge], ground.last[edge]]), return_inverse=True)
        limit = float(most_m[chosen].max())
        metres, came = dijkstra(matrix, indices=sources, limit=limit, return_predecessors=True)
        for k, step in enumerate(chosen.tolist()):
            way = _over(ground, places, int(steps[step]), metres[which.reshape(2, -1)[:, k]])
            if way is None or way[0] > most_m[step]:
                continue
            _, leave, node = way
            nodes = _back(came[which.reshape(2, -1)[leave, k]], node) if leave >= 0 else []
            inner = [edges[begin[u] + np.flatnonzero(to[begin[u] : begin[u + 1]] == v)[0]] for u, v in pairwise(nodes)]
            rows += _told(ground, places, (step, int(steps[step])), (leave, node), nodes, inner)
    whole, metres = np.array([row[:3] for row in rows], np.int64), np.array([row[3:] for row in rows], np.float64)
    (number, nth, edge), (leaves, reaches) = whole.reshape(-1, 3).T, metres.reshape(-1, 2).T
    walked = _ordered([_Ways(step=number, nth=nth, edge=edge, leaves=leaves, reaches=reaches)])
    return _timed(walked, places, steps, kind)


def alike(most_m: Floats) -> Iterator[Ints]:
    """Yield few steps at a time whose ways may be about as long: the longest tells how far all are sought.

    Parameters
    ----------
    most_m
        Metres that each way may have, shape (m,).

    Raises
    ------
    Nothing
    """
    order = np.argsort(most_m, kind="stable")
    octave = np.floor(np.log2(np.maximum(most_m[order], 1.0)))
    for part in np.split(order, np.flatnonzero(np.diff(octave)) + 1):
        yield from (part[at : at + _SOURCES // 2] for at in range(0, len(part), _SOURCES // 2))


def _over(ground: Ground, places: Places, state: int, metres: Floats) -> tuple[float, int, int] | None:
    """Metres of the shortest way to a state, the end by which it leaves (-1: none), and the node where it enters."""
    (edge, to_edge), (along, to_along) = places.edge[state - 1 : state + 1], places.along[state - 1 : state + 1]
    ways = [(abs(along - to_along), -1, -1)] if edge == to_edge else []
    for leave, out in enumerate((along, ground.length[edge] - along)):
        for node, into in (
            (ground.first[to_edge], to_along),
            (ground.last[to_edge], ground.length[to_edge] - to_along),
        ):
            ways.append((float(out + metres[leave, node] + into), leave, int(node)))
    best = min(ways)
    return best if np.isfinite(best[0]) else None


def _back(came: Ints, node: int) -> list[int]:
    """Nodes on the way to a node, from where it began."""
    nodes = [node]
    while came[nodes[-1]] >= 0:
        nodes.append(int(came[nodes[-1]]))
    return nodes[::-1]


def _told(
    ground: Ground, places: Places, step: tuple[int, int], way: tuple[int, int], nodes: list[int], inner: list[int]
) -> list[tuple[int, int, int, float, float]]:
    """Step, order, edge, metres left and reached of a way by nodes and the edges between them."""
    (number, state), (leave, node) = step, way
    edge, to_edge = int(places.edge[state - 1]), int(places.edge[state])
    along, to_along = float(places.along[state - 1]), float(places.along[state])
    if leave < 0:
        return [(number, 0, edge, along, to_along)]
    rows = [(number, 0, edge, along, float(ground.length[edge]) if leave else 0.0)]
    for nth, (u, passed) in enumerate(zip(nodes, inner, strict=False), start=1):
        length, forward = float(ground.length[passed]), ground.first[passed] == u
        rows.append((number, nth, int(passed), 0.0 if forward else length, length if forward else 0.0))
    into = 0.0 if ground.first[to_edge] == node else float(ground.length[to_edge])
    if ground.first[to_edge] == ground.last[to_edge] and to_along > ground.length[to_edge] / 2:
        into = float(ground.length[to_edge])
    return [*rows, (number, len(rows), to_edge, into, to_along)]
