"""Free ground shared out: every place goes to the outline that is nearest along the edges of a triangulation.

Each piece of free ground is triangulated (constrained Delaunay, no vertices but its own). A vertex on an outline is the
outline's; any other goes to the outline from which the way along edges is shortest, so that the vertices of one owner
hang together. Inside a triangle the ground of two owners meets in the line through the midpoints of two edges, that of
three in the middle. All of it is arithmetic on shared vertices: neighbours compute the same numbers, nothing is cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gridmap.tessellation.arrays import Floats, Ints, number_rows
from gridmap.tessellation.pieces import assembled

#: Owners of a vertex: nobody yet, and nobody ever since several outlines meet there.
UNOWNED, SHARED = -1, -2


@dataclass(frozen=True, kw_only=True)
class Walls:
    """Rings of free ground as short steps; each step starts where the one before it ended."""

    #: where each step starts, metres, shape (n, 2)
    start: Floats
    #: ring of each step, steps of a ring standing together in order, shape (n,)
    ring: Ints
    #: piece of ground of each ring, rings of a piece standing together, the shell first, shape (rings,)
    ring_piece: Ints
    #: owner of the wall along each step, -1 for none, shape (n,)
    owner: Ints

    @property
    def following(self) -> Ints:
        """The step after each step, round its ring."""
        size = np.bincount(self.ring, minlength=len(self.ring_piece))
        last = np.cumsum(size)
        following = np.arange(1, len(self.ring) + 1)
        following[last[size > 0] - 1] = (last - size)[size > 0]
        return following


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Free ground shared out."""

    #: owner on the first and on the second half of each step of the walls, shape (n, 2)
    halves: Ints
    #: lines between two owners, shape (m, 2, 2): from, to; x, y
    seams: Floats
    #: owner on the left and on the right of each seam, shape (m, 2)
    beside: Ints
    #: piece of ground in which each seam lies, shape (m,)
    piece: Ints


def share_out(walls: Walls) -> Shares:
    """Return who gets which part of each piece of free ground.

    Parameters
    ----------
    walls
        The rings of pieces that each have at least two owners.

    Raises
    ------
    Nothing
        Whatever no vertex decides goes to the neighbour across an edge.
    """
    vertex, first, triangles = _triangulated(walls)
    owner = _spread_along_edges(_of_walls(walls, vertex, len(first)), walls, vertex, triangles)
    whole = _whole_triangles(owner, triangles)
    points = walls.start[first]
    piece = walls.ring_piece[walls.ring[first]]
    parts = [_between_midpoints(owner, triangles, points), _to_shared(owner, triangles, points)]
    parts += [_to_middle(owner, triangles, points), _along_shared(owner, triangles, points, whole)]
    seams, beside, at = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Shares(
        halves=_halves(owner, walls, vertex, triangles, whole),
        seams=seams,
        beside=beside,
        piece=piece[triangles[at, 0]],
    )


def _triangulated(walls: Walls) -> tuple[Ints, Ints, Ints]:
    """Return (vertex of each step, a step of each vertex, counter-clockwise triangles of vertices)."""
    size = np.bincount(walls.ring)
    closing = np.cumsum(size)
    points = np.insert(walls.start, closing, walls.start[closing - size], axis=0)
    pieces, rings = np.unique(walls.ring_piece, return_counts=True)
    triangles = shapely.constrained_delaunay_triangles(assembled(points, size + 1, rings))
    corners, of = shapely.get_coordinates(triangles, return_index=True)
    corners = corners.reshape(-1, 4, 2)[:, [0, 2, 1]].reshape(-1, 2)
    places = np.vstack([walls.start, corners])
    at = np.concatenate([walls.ring_piece[walls.ring], np.repeat(pieces[of[::4]], 3)])
    vertex, first = number_rows(np.column_stack([places, at.astype(np.float64)]))
    count = len(walls.start)
    return vertex[:count], first, vertex[count:].reshape(-1, 3)


def _of_walls(walls: Walls, vertex: Ints, count: int) -> Ints:
    """Return the owner of each vertex by the walls that meet there."""
    ends = np.concatenate([vertex, vertex[walls.following]])
    owner = np.tile(walls.owner, 2)
    owned = owner >= 0
    greatest = np.full(count, UNOWNED)
    np.maximum.at(greatest, ends[owned], owner[owned])
    least = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(least, ends[owned], owner[owned])
    return np.where((greatest >= 0) & (least != greatest), SHARED, greatest)


def _spread_along_edges(owner: Ints, walls: Walls, vertex: Ints, triangles: Ints) -> Ints:
    """Return the owners after each unowned vertex went to the outline that is nearest along edges.

    Places where several outlines meet are neither a source nor a way: ground beyond one would hang on by that point.
    """
    start = np.concatenate([triangles.ravel(), vertex[walls.following]])
    end = np.concatenate([np.roll(triangles, -1, axis=1).ravel(), vertex])
    use = (owner[start] != SHARED) & (owner[end] == UNOWNED)
    start, end = start[use], end[use]
    sources = np.unique(start[owner[start] >= 0])
    if not sources.size:
        return owner
    first = np.empty(int(max(vertex.max(), triangles.max(initial=0))) + 1, dtype=np.int64)
    first[vertex] = np.arange(len(vertex))
    length = np.hypot(*(walls.start[first[start]] - walls.start[first[end]]).T)
    graph = csr_array((length, (start, end)), shape=(len(owner), len(owner)))
    _, _, source = dijkstra(graph, indices=sources, min_only=True, return_predecessors=True)
    reached = (owner == UNOWNED) & (source >= 0)
    result = owner.copy()
    result[reached] = owner[source[reached]]
    return result


def _whole_triangles(owner: Ints, triangles: Ints) -> Ints:
    """Return the owner of each triangle, any of them where it has several.

    A triangle of which no corner decides takes the owner across an edge, the rest of the piece going on from there.
    """
    whole = owner[triangles].max(axis=1)
    if (whole >= 0).all():
        return whole
    one, other = _neighbours(triangles)
    while True:
        open_ = (whole[one] < 0) & (whole[other] >= 0)
        if not open_.any():
            return whole
        np.maximum.at(whole, one[open_], whole[other[open_]])


def _neighbours(triangles: Ints) -> tuple[Ints, Ints]:
    """Return pairs of triangles that share an edge, each pair both ways."""
    start, end = triangles.ravel(), np.roll(triangles, -1, axis=1).ravel()
    edge, _ = number_rows(np.column_stack([np.minimum(start, end), np.maximum(start, end)]))
    order = np.argsort(edge, kind="stable")
    same = np.flatnonzero(edge[order][1:] == edge[order][:-1])
    one, other = order[same] // 3, order[same + 1] // 3
    return np.concatenate([one, other]), np.concatenate([other, one])


_Seams = tuple[Floats, Ints, Ints]


def _turned(triangles: Ints, corner: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the corners of triangles in their order, beginning with a given one."""
    rows = np.arange(len(triangles))
    return triangles[rows, corner], triangles[rows, (corner + 1) % 3], triangles[rows, (corner + 2) % 3]


def _between_midpoints(owner: Ints, triangles: Ints, points: Floats) -> _Seams:
    """Return the seams of triangles of which one corner has another owner than the other two."""
    owners = owner[triangles]
    alone = np.stack(
        [
            (owners[:, (k + 1) % 3] == owners[:, (k + 2) % 3]) & (owners[:, k] != owners[:, (k + 1) % 3])
            for k in range(3)
        ]
    )
    at = np.flatnonzero(alone.any(axis=0) & (owners >= 0).all(axis=1))
    a, b, c = _turned(triangles[at], alone[:, at].argmax(axis=0))
    seams = np.stack([(points[a] + points[b]) / 2, (points[c] + points[a]) / 2], axis=1)
    return seams, np.column_stack([owner[a], owner[b]]), at


def _to_shared(owner: Ints, triangles: Ints, points: Floats) -> _Seams:
    """Return the seams that end where several outlines meet: from the midpoint of the edge opposite."""
    owners = owner[triangles]
    undecided = owners < 0
    at = np.flatnonzero(undecided.sum(axis=1) == 1)
    shared, a, b = _turned(triangles[at], undecided[at].argmax(axis=1))
    mixed = owner[a] != owner[b]
    shared, a, b = shared[mixed], a[mixed], b[mixed]
    seams = np.stack([(points[a] + points[b]) / 2, points[shared]], axis=1)
    return seams, np.column_stack([owner[a], owner[b]]), at[mixed]


def _to_middle(owner: Ints, triangles: Ints, points: Floats) -> _Seams:
    """Return the seams of triangles with three owners: from the midpoint of each edge to the middle."""
    owners = owner[triangles]
    differ = (owners[:, 0] != owners[:, 1]) & (owners[:, 1] != owners[:, 2]) & (owners[:, 2] != owners[:, 0])
    at = np.flatnonzero(differ & (owners >= 0).all(axis=1))
    a, b = triangles[at].ravel(), np.roll(triangles[at], -1, axis=1).ravel()
    middle = np.repeat(points[triangles[at]].sum(axis=1) / 3, 3, axis=0)
    seams = np.stack([(points[a] + points[b]) / 2, middle], axis=1)
    return seams, np.column_stack([owner[a], owner[b]]), np.repeat(at, 3)


def _along_shared(owner: Ints, triangles: Ints, points: Floats, whole: Ints) -> _Seams:
    """Return the seams along edges from one place where outlines meet to another."""
    start, end = triangles.ravel(), np.roll(triangles, -1, axis=1).ravel()
    corner = np.flatnonzero((owner[start] < 0) & (owner[end] < 0))
    low, high = np.minimum(start[corner], end[corner]), np.maximum(start[corner], end[corner])
    order = np.lexsort([high, low])
    same = np.flatnonzero((low[order][1:] == low[order][:-1]) & (high[order][1:] == high[order][:-1]))
    one, other = corner[order[same]], corner[order[same + 1]]
    mixed = whole[one // 3] != whole[other // 3]
    one, other = one[mixed], other[mixed]
    seams = np.stack([points[start[one]], points[end[one]]], axis=1)
    return seams, np.column_stack([whole[one // 3], whole[other // 3]]), one // 3


def _halves(owner: Ints, walls: Walls, vertex: Ints, triangles: Ints, whole: Ints) -> Ints:
    """Return the owners on the two halves of each step of the walls."""
    start, end = owner[vertex], owner[vertex[walls.following]]
    halves = np.column_stack([np.where(start >= 0, start, end), np.where(end >= 0, end, start)])
    open_ = np.flatnonzero((start < 0) & (end < 0))
    if open_.size:
        corners = np.column_stack([triangles.ravel(), np.roll(triangles, -1, axis=1).ravel()])
        steps = np.column_stack([vertex, vertex[walls.following]])[open_]
        number, _ = number_rows(np.vstack([corners, steps]))
        triangle = np.full(int(number.max()) + 1, -1)
        triangle[number[: len(corners)]] = np.arange(len(corners)) // 3
        halves[open_] = whole[triangle[number[len(corners) :]]][:, None]
    return halves
