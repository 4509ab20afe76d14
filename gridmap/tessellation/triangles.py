"""Free ground in triangles, each vertex with its owner.

Each piece of free ground is triangulated (constrained Delaunay, no vertices but its own). A vertex on an outline is the
outline's; any other goes to the outline from which the way along edges is shortest, so that the vertices of one owner
hang together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gridmap.tessellation.arrays import Floats, Ints, number_rows
from gridmap.tessellation.pieces import assembled
from gridmap.tessellation.triangulating import triangles_in

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
class Mesh:
    """Triangles between the vertices of walls, and whose each vertex is."""

    #: places of the vertices, metres, shape (n, 2); a place in two pieces is two vertices
    points: Floats
    #: piece of ground of each vertex, shape (n,)
    piece: Ints
    #: vertices of each triangle, counter-clockwise, shape (m, 3)
    triangles: Ints
    #: vertices at the start and at the end of each step of the walls, shape (steps, 2)
    steps: Ints
    #: owner of each vertex; below 0 where several outlines meet or nothing reaches it, shape (n,)
    owner: Ints

    @property
    def edges(self) -> Ints:
        """The edges of the triangles, the three of each together: edge i is one of triangle i // 3."""
        return np.column_stack([self.triangles.ravel(), np.roll(self.triangles, -1, axis=1).ravel()])

    @cached_property
    def whole(self) -> Ints:
        """Owner of each triangle, any of them where it has several.

        A triangle of which no corner decides takes the owner across an edge, the rest of the piece going on from there.
        """
        whole: Ints = self.owner[self.triangles].max(axis=1)
        if (whole >= 0).all():
            return whole
        one, other = _neighbours(self)
        while (open_ := (whole[one] < 0) & (whole[other] >= 0)).any():
            np.maximum.at(whole, one[open_], whole[other[open_]])
        return whole


def mesh_of(walls: Walls) -> Mesh:
    """Return the ground between walls in triangles, each vertex with the owner nearest to it along their edges.

    Parameters
    ----------
    walls
        The rings of pieces that each have at least two owners.

    Raises
    ------
    Nothing
        Vertices that nothing reaches have no owner.
    """
    vertex, first, triangles = _triangulated(walls)
    mesh = Mesh(
        points=walls.start[first],
        piece=walls.ring_piece[walls.ring[first]],
        triangles=triangles,
        steps=np.column_stack([vertex, vertex[walls.following]]),
        owner=np.full(len(first), UNOWNED),
    )
    return _spread_along_edges(replace(mesh, owner=_beside_walls(mesh, walls.owner)))


def _triangulated(walls: Walls) -> tuple[Ints, Ints, Ints]:
    """Return (vertex of each step, a step of each vertex, counter-clockwise triangles of vertices)."""
    size = np.bincount(walls.ring)
    closing = np.cumsum(size)
    points = np.insert(walls.start, closing, walls.start[closing - size], axis=0)
    pieces, rings = np.unique(walls.ring_piece, return_counts=True)
    corners, of = triangles_in(assembled(points, size + 1, rings))
    places = np.vstack([walls.start, corners.reshape(-1, 2)])
    at = np.concatenate([walls.ring_piece[walls.ring], np.repeat(pieces[of], 3)])
    vertex, first = number_rows(np.column_stack([places, at.astype(np.float64)]))
    count = len(walls.start)
    return vertex[:count], first, vertex[count:].reshape(-1, 3)


def _beside_walls(mesh: Mesh, owner: Ints) -> Ints:
    """Return the owner of each vertex by those of the steps that meet there."""
    owned = np.flatnonzero(owner >= 0)
    greatest = np.full(len(mesh.points), UNOWNED)
    least = np.full(len(mesh.points), np.iinfo(np.int64).max)
    for end in mesh.steps[owned].T:
        np.maximum.at(greatest, end, owner[owned])
        np.minimum.at(least, end, owner[owned])
    return np.where((greatest >= 0) & (least != greatest), SHARED, greatest)


def _spread_along_edges(mesh: Mesh) -> Mesh:
    """Return the mesh after each unowned vertex went to the outline that is nearest along edges.

    Places where several outlines meet are neither a source nor a way: ground beyond one would hang on by that point.
    """
    start, end = np.vstack([mesh.edges, mesh.steps[:, ::-1]]).T
    use = (mesh.owner[start] != SHARED) & (mesh.owner[end] == UNOWNED)
    start, end = start[use], end[use]
    sources = np.unique(start[mesh.owner[start] >= 0])
    if not sources.size:
        return mesh
    length = np.hypot(*(mesh.points[start] - mesh.points[end]).T)
    graph = csr_array((length, (start, end)), shape=(len(mesh.points),) * 2)
    _, _, source = dijkstra(graph, indices=sources, min_only=True, return_predecessors=True)
    reached = (mesh.owner == UNOWNED) & (source >= 0)
    owner = np.where(reached, mesh.owner[np.where(reached, source, 0)], mesh.owner)
    return replace(mesh, owner=owner)


def _neighbours(mesh: Mesh) -> tuple[Ints, Ints]:
    """Return pairs of triangles that share an edge, each pair both ways."""
    edge, _ = number_rows(np.sort(mesh.edges, axis=1))
    order = np.argsort(edge, kind="stable")
    same = np.flatnonzero(edge[order][1:] == edge[order][:-1])
    one, other = order[same] // 3, order[same + 1] // 3
    return np.concatenate([one, other]), np.concatenate([other, one])
