"""How soon every metre of street is reached from some places: exact along each edge, whichever end it is reached from.

Every place is made a node: its edge is cut there. Along what is left between two nodes the time to a metre is that of
the nearer end plus the way from there, so that the metres reached in a given time are two stretches, one at each end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from gridmap.network.ways import Ways
from gridmap.streets import NearestEdges

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Entries of a table of times that stand in memory at once.
AT_ONCE = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Stretches:
    """Edges of a street graph cut at the feet of places, each between two nodes."""

    #: the streets
    ways: Ways
    #: edge that each is a stretch of, in the order of edges and metres, shape (s,)
    edge: Ints
    #: metres along the edge at which it begins and ends, shape (s,) each
    from_m: Floats
    to_m: Floats
    #: nodes at both ends, shape (s, 2); feet are numbered after the nodes of the graph
    ends: Ints
    #: number of nodes, feet included
    nodes: int
    #: node of each place, -1 where it is near no street, shape (m,)
    foot: Ints
    #: seconds from each place to its foot, shape (m,)
    lead_s: Floats

    @property
    def length_m(self) -> Floats:
        """Metres of each stretch."""
        return self.to_m - self.from_m

    @property
    def s_per_m(self) -> Floats:
        """Seconds for a metre of each stretch."""
        return self.ways.s_per_m[self.edge]

    def locate(self, feet: NearestEdges) -> tuple[Ints, Floats]:
        """Return (stretch, metres along it) of other feet; -1 and NaN where there is none."""
        wide = self.ways.graph.length_m.max(initial=0.0) + 1.0
        near = feet.edge >= 0
        key = feet.edge[near] * wide + feet.along_m[near]
        at = np.searchsorted(self.edge * wide + self.from_m, key, side="right") - 1
        at = np.maximum(at, np.searchsorted(self.edge, feet.edge[near]))
        stretch, along = np.full(len(near), -1), np.full(len(near), np.nan)
        stretch[near] = at
        along[near] = np.clip(feet.along_m[near] - self.from_m[at], 0.0, self.length_m[at])
        return stretch, along


def stretches(ways: Ways, xy: Floats, within_m: float) -> Stretches:
    """Return the edges of a graph cut at the feet of places.

    Parameters
    ----------
    ways
        The streets.
    xy
        The places in the metres of the graph, shape (m, 2).
    within_m
        How far a place may be from its street; the way there is straight.

    Raises
    ------
    Nothing
        A place near no street has no foot.
    """
    feet = ways.feet(xy, within_m)
    near = np.flatnonzero(feet.edge >= 0)
    foot = np.full(len(xy), -1)
    foot[near] = ways.graph.nodes + np.arange(len(near))
    count = len(ways.graph)
    edge = np.concatenate([np.arange(count), feet.edge[near], np.arange(count)])
    along = np.concatenate([np.zeros(count), feet.along_m[near], ways.graph.length_m])
    node = np.concatenate([ways.graph.ends[:, 0], foot[near], ways.graph.ends[:, 1]])
    stage = np.repeat([0, 1, 2], [count, len(near), count])
    order = np.lexsort([node, along, stage, edge])
    edge, along, node = edge[order], along[order], node[order]
    one = np.flatnonzero(edge[1:] == edge[:-1])
    lead = np.where(feet.edge >= 0, np.nan_to_num(feet.offset_m), 0.0) / ways.mode.speed_m_s
    return Stretches(
        ways=ways,
        edge=edge[one],
        from_m=along[one],
        to_m=along[one + 1],
        ends=np.stack([node[one], node[one + 1]], axis=1),
        nodes=ways.graph.nodes + len(near),
        foot=foot,
        lead_s=lead,
    )


def matrix(cut: Stretches) -> sparse.csr_matrix:
    """Return the seconds from node to node, and from each place, a node behind the feet, to its foot.

    Raises
    ------
    Nothing
        Places without a foot lead nowhere.
    """
    seconds = cut.length_m * cut.s_per_m
    near = np.flatnonzero(cut.foot >= 0)
    row = np.concatenate([cut.ends[:, 0], cut.ends[:, 1], cut.nodes + near])
    column = np.concatenate([cut.ends[:, 1], cut.ends[:, 0], cut.foot[near]])
    cost = np.concatenate([seconds, seconds, cut.lead_s[near]])
    order = np.lexsort([cost, column, row])
    row, column, cost = row[order], column[order], cost[order]
    kept = np.isfinite(cost)
    kept[1:] &= (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    size = cut.nodes + len(cut.foot)
    begin = np.concatenate([[0], np.cumsum(np.bincount(row[kept], minlength=size))])
    return sparse.csr_matrix((cost[kept], column[kept].astype(np.int32), begin.astype(np.int32)), shape=(size, size))


def first(cut: Stretches, places: Ints, limit_s: float) -> Floats:
    """Return the seconds in which any of these places reaches each node, infinite beyond the limit, shape (nodes,).

    Raises
    ------
    Nothing
        Without places nothing is reached.
    """
    if not len(places):
        return np.full(cut.nodes, np.inf)
    found = csgraph.dijkstra(matrix(cut), indices=cut.nodes + places, min_only=True, limit=limit_s)
    return np.asarray(found[: cut.nodes])


def first_two(cut: Stretches, places: Ints, limit_s: float) -> tuple[Floats, Ints]:
    """Return (seconds of the two soonest places at each node, and which they are), shape (nodes, 2) each.

    Raises
    ------
    Nothing
        Where fewer arrive the seconds are infinite and the place is -1.
    """
    seconds, which = np.full((cut.nodes, 2), np.inf), np.full((cut.nodes, 2), -1)
    for some, found in _each(cut, places, limit_s):
        times = np.concatenate([seconds.T, found])
        names = np.concatenate([which.T, np.broadcast_to(some[:, None], found.shape)])
        best = np.argsort(times, axis=0, kind="stable")[:2]
        seconds, which = (np.take_along_axis(table, best, axis=0).T for table in (times, names))
    return seconds, np.where(np.isfinite(seconds), which, -1)


def _each(cut: Stretches, places: Ints, limit_s: float) -> Iterator[tuple[Ints, Floats]]:
    """Some of the places, and their seconds to each node, shape (some, nodes)."""
    graph, size = matrix(cut), max(AT_ONCE // max(cut.nodes, 1), 1)
    for begin in range(0, len(places), size):
        some = places[begin : begin + size]
        yield some, csgraph.dijkstra(graph, indices=cut.nodes + some, limit=limit_s)[:, : cut.nodes]


def reached(cut: Stretches, node_s: Floats, limit_s: float) -> Floats:
    """Return the metres of each stretch reached in time from its first and from its last node, shape (s, 2).

    Each at most the whole stretch; where they overlap all of it is reached.

    Raises
    ------
    Nothing
        What is closed is not reached.
    """
    left = np.maximum(limit_s - node_s[cut.ends], 0.0)
    pace = cut.s_per_m[:, None]
    metres = np.divide(left, pace, out=np.zeros_like(left), where=np.isfinite(pace))
    return np.asarray(np.minimum(metres, cut.length_m[:, None]))


def total(cut: Stretches, metres: Floats) -> Floats:
    """Return the metres of each stretch that its two reached ends come to, shape (s,).

    Raises
    ------
    Nothing
        Overlapping ends count once.
    """
    return np.asarray(np.minimum(metres.sum(axis=1), cut.length_m))


def shared(cut: Stretches, node_s: Floats, which: Ints, limit_s: float) -> Floats:
    """Return the metres of each stretch that two places or more reach, shape (s,).

    Of all who come by one end only the two soonest can be the two soonest anywhere along the stretch: what both of
    them reach from one end, and what one reaches from this end and another from that.

    Parameters
    ----------
    cut
        The stretches.
    node_s, which
        What `first_two` returned.
    limit_s
        Time there is.

    Raises
    ------
    Nothing
        What one alone reaches is shared with nobody.
    """
    ones, others = (reached(cut, node_s[:, k], limit_s) for k in (0, 1))
    length = cut.length_m
    head, tail = others[:, 0], length - others[:, 1]
    begin, end = length - ones[:, 1], ones[:, 0]
    differ = which[cut.ends[:, 0], 0] != which[cut.ends[:, 1], 0]
    between = np.clip(np.minimum(end, tail) - np.maximum(begin, head), 0.0, None) * differ
    return np.asarray(np.minimum(length, length - np.maximum(tail - head, 0.0) + between))


def seconds_at(cut: Stretches, node_s: Floats, feet: NearestEdges) -> Floats:
    """Return the seconds in which feet are reached, infinite where they are not, shape (m,).

    Raises
    ------
    Nothing
        What has no foot is not reached.
    """
    stretch, along = cut.locate(feet)
    near = stretch >= 0
    at, pace = stretch[near], cut.s_per_m[stretch[near]]
    ways = node_s[cut.ends[at]] + np.stack([along[near], cut.length_m[at] - along[near]], axis=1) * pace[:, None]
    seconds = np.full(len(near), np.inf)
    seconds[near] = ways.min(axis=1)
    return seconds


def lines(cut: Stretches, metres: Floats) -> tuple[npt.NDArray[Any], Ints]:
    """Return (LineStrings of what is reached, edge of each); neighbours along an edge are joined.

    Parameters
    ----------
    cut
        The stretches.
    metres
        What `reached` returned.

    Raises
    ------
    Nothing
        Nothing reached has no lines.
    """
    whole = (metres.sum(axis=1) >= cut.length_m) & (cut.length_m > 0)
    head, tail = (metres[:, 0] > 0) & ~whole, (metres[:, 1] > 0) & ~whole
    at = np.concatenate([np.flatnonzero(flags) for flags in (whole, head, tail)])
    begin = np.concatenate([cut.from_m[whole], cut.from_m[head], cut.to_m[tail] - metres[tail, 1]])
    end = np.concatenate([cut.to_m[whole], cut.from_m[head] + metres[head, 0], cut.to_m[tail]])
    edge, begin, end = _merged(cut.edge[at], begin, end)
    return substrings(cut.ways.graph.edges[edge], begin, end, cut.ways.graph.length_m[edge]), edge


def _merged(edge: Ints, begin: Floats, end: Floats) -> tuple[Ints, Floats, Floats]:
    """Parts of edges in order, those that touch made one."""
    order = np.lexsort([begin, edge])
    edge, begin, end = edge[order], begin[order], end[order]
    fresh = np.ones(len(edge), dtype=bool)
    fresh[1:] = (edge[1:] != edge[:-1]) | (begin[1:] > end[:-1])
    heads = np.flatnonzero(fresh)
    return edge[heads], begin[heads], np.maximum.reduceat(end, heads) if len(heads) else end


def substrings(shapes: Any, begin: Floats, end: Floats, length: Floats) -> npt.NDArray[Any]:
    """Return the parts of LineStrings between two metres, the very line where that is all of it, shape (n,).

    Parameters
    ----------
    shapes
        LineStrings, shape (n,).
    begin, end
        Metres, ``begin < end``.
    length
        Metres of each line.

    Raises
    ------
    Nothing
        Metres beyond an end are at that end.

    Examples
    --------
    >>> bent = np.array([shapely.LineString([(0, 0), (5, 0), (5, 5)])])
    >>> substrings(bent, np.array([2.0]), np.array([6.0]), np.array([10.0]))[0].wkt
    'LINESTRING (2 0, 5 0, 5 1)'
    """
    result = np.array(shapes, dtype=object)
    part = np.flatnonzero((begin > 0) | (end < length))
    xy, of = shapely.get_coordinates(result[part], return_index=True)
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    many = np.bincount(of, minlength=len(part))
    first_at = np.cumsum(many) - many
    step[first_at] = 0.0
    run = np.cumsum(step)
    along = run - run[first_at[of]]
    inner = (along > begin[part][of]) & (along < end[part][of])
    tips = [shapely.get_coordinates(shapely.line_interpolate_point(result[part], each[part])) for each in (begin, end)]
    points = np.concatenate([tips[0], xy[inner], tips[1]])
    owner = np.concatenate([np.arange(len(part)), of[inner], np.arange(len(part))])
    order = np.argsort(owner, kind="stable")
    result[part] = shapely.linestrings(points[order], indices=owner[order])
    return result
