"""Free ground in triangles, each vertex with its owner.

Each piece of free ground is triangulated (constrained Delaunay, no vertices but its own). A vertex on an outline is the
outline's; any other goes to the outline from which the way along edges is shortest, so that the vertices of one owner
hang together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from gridmap.tessellation.arrays import Floats, Ints, next_in_ring, number_rows
from gridmap.tessellation.pieces import assembled
from gridmap.tessellation.triangulating import triangles_in

#: Owner of a vertex that is nobody's yet, and of one where the walls of two owners meet.
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
        return next_in_ring(self.ring)


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """Triangles between the vertices of walls, and whose each vertex is."""

    #: places of the vertices, metres, shape (n, 2); a place in two pieces, or at which walls touch, is several vertices
    points: Floats
    #: piece of ground of each vertex, shape (n,)
    piece: Ints
    #: vertices of each triangle, counter-clockwise, shape (m, 3)
    triangles: Ints
    #: vertices at the start and at the end of each step of the walls, shape (steps, 2)
    steps: Ints
    #: owner of the wall along each step, -1 for none, shape (steps,)
    wall: Ints
    #: owner of each vertex; `SHARED` where the walls of two owners meet, shape (n,)
    owner: Ints

    @property
    def edges(self) -> Ints:
        """The edges of the triangles, the three of each together: edge i is one of triangle i // 3."""
        return np.column_stack([self.triangles.ravel(), np.roll(self.triangles, -1, axis=1).ravel()])


def mesh_of(walls: Walls) -> Mesh:
    """Return the ground between walls in triangles, each vertex with the owner nearest to it along their edges.

    Parameters
    ----------
    walls
        The rings of pieces that each have at least two owners.

    Raises
    ------
    Nothing
        Every vertex of such a piece has an owner.
    """
    vertex, first, triangles = _triangulated(walls)
    mesh = Mesh(
        points=walls.start[first],
        piece=walls.ring_piece[walls.ring[first]],
        triangles=triangles,
        steps=np.column_stack([vertex, vertex[walls.following]]),
        wall=walls.owner,
        owner=np.full(len(first), UNOWNED),
    )
    mesh = _fanned_out(mesh)
    mesh = replace(mesh, owner=_beside_walls(mesh))
    # ground that only a shared vertex leads to hangs on one of its two owners
    mesh = _spread_along_edges(mesh, np.where(mesh.owner == SHARED, UNOWNED, mesh.owner))
    return _spread_along_edges(mesh, np.where(mesh.owner == SHARED, _going_out(mesh), mesh.owner))


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


def _fanned_out(mesh: Mesh) -> Mesh:
    """Return the mesh with vertices at which walls touch taken apart: one for each fan of triangles around them."""
    visits = np.bincount(mesh.steps[:, 0], minlength=len(mesh.points))
    edges = mesh.edges
    corner = np.flatnonzero(visits[mesh.triangles.ravel()] > 1)
    if not corner.size:
        return mesh
    # corner i goes out along edge i and comes in along the edge before it; two corners of a fan share such an edge
    before = corner // 3 * 3 + (corner + 2) % 3
    ways, _ = number_rows(np.vstack([edges[corner], edges[before][:, ::-1]]))
    place = np.full(int(ways.max()) + 1, -1)
    place[ways[: len(corner)]] = np.arange(len(corner))
    other = place[ways[len(corner) :]]
    linked = np.flatnonzero(other >= 0)
    links = coo_array((np.ones(len(linked)), (linked, other[linked])), shape=(len(corner),) * 2)
    fan = connected_components(links, directed=False)[1]
    triangles = mesh.triangles.ravel().copy()
    of_fan = np.empty(int(fan.max()) + 1, dtype=np.int64)
    of_fan[fan] = triangles[corner]
    triangles[corner] = len(mesh.points) + fan
    return replace(
        mesh,
        points=np.concatenate([mesh.points, mesh.points[of_fan]]),
        piece=np.concatenate([mesh.piece, mesh.piece[of_fan]]),
        triangles=triangles.reshape(-1, 3),
        steps=_on_rims(edges, triangles.reshape(-1, 3), mesh.steps),
        owner=np.full(len(mesh.points) + len(of_fan), UNOWNED),
    )


def _on_rims(edges: Ints, triangles: Ints, steps: Ints) -> Ints:
    """Return the steps by the new vertices of the triangles on whose rim they lie."""
    number, _ = number_rows(np.vstack([edges, steps]))
    edge = np.full(int(number.max()) + 1, -1)
    edge[number[: len(edges)]] = np.arange(len(edges))
    at = edge[number[len(edges) :]]
    return np.column_stack([triangles.ravel()[at], np.roll(triangles, -1, axis=1).ravel()[at]])


def _beside_walls(mesh: Mesh) -> Ints:
    """Return the owner of each vertex by the two walls that meet there."""
    out, into = _going_out(mesh), np.full(len(mesh.points), UNOWNED)
    into[mesh.steps[:, 1]] = mesh.wall
    return np.where((out >= 0) & (into >= 0) & (out != into), SHARED, np.maximum(out, into))


def _going_out(mesh: Mesh) -> Ints:
    """Return the owner of the wall that goes on from each vertex."""
    out = np.full(len(mesh.points), UNOWNED)
    out[mesh.steps[:, 0]] = mesh.wall
    return out


def _spread_along_edges(mesh: Mesh, source_owner: Ints) -> Mesh:
    """Return the mesh after each unowned vertex went to the source that is nearest along edges.

    A vertex where two walls meet is no way to go on: ground beyond it would hang on by that point.
    """
    start, end = np.vstack([mesh.edges, mesh.steps[:, ::-1]]).T
    use = (mesh.owner[end] == UNOWNED) & ((mesh.owner[start] == UNOWNED) | (source_owner[start] >= 0))
    start, end = start[use], end[use]
    sources = np.unique(start[source_owner[start] >= 0])
    if not sources.size:
        return mesh
    length = np.hypot(*(mesh.points[start] - mesh.points[end]).T)
    graph = csr_array((length, (start, end)), shape=(len(mesh.points),) * 2)
    _, _, source = dijkstra(graph, indices=sources, min_only=True, return_predecessors=True)
    reached = (mesh.owner == UNOWNED) & (source >= 0)
    return replace(mesh, owner=np.where(reached, source_owner[np.where(reached, source, 0)], mesh.owner))
