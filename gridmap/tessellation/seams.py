"""Free ground shared out: the lines at which the ground of two owners meets.

Inside a triangle the ground of two owners meets in the straight line between the midpoints of two edges, that of three
in the middle. It is all arithmetic on shared vertices: neighbours compute the same numbers, and no outline is cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.tessellation.arrays import Floats, Ints, number_rows
from gridmap.tessellation.triangles import Mesh, Walls, mesh_of


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
    mesh = mesh_of(walls)
    parts = [_past_one_corner(mesh), _to_shared(mesh), _to_middle(mesh), _along_shared(mesh)]
    seams, beside, at = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Shares(halves=_halves(mesh), seams=seams, beside=beside, piece=mesh.piece[mesh.triangles[at, 0]])


#: Lines, owners on their left and right, and the triangle of each.
_Seams = tuple[Floats, Ints, Ints]


def _meeting(mesh: Mesh, a: Ints, b: Ints) -> Floats:
    """Return the midpoints of edges: the same floats whichever end comes first."""
    return (mesh.points[a] + mesh.points[b]) / 2


def _turned(triangles: Ints, corner: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the corners of triangles in their order, beginning with a given one."""
    rows = np.arange(len(triangles))
    return triangles[rows, corner], triangles[rows, (corner + 1) % 3], triangles[rows, (corner + 2) % 3]


def _past_one_corner(mesh: Mesh) -> _Seams:
    """Return the seams of triangles of which one corner has another owner than the other two."""
    owners = mesh.owner[mesh.triangles]
    equal = owners == np.roll(owners, -1, axis=1)
    at = np.flatnonzero((equal.sum(axis=1) == 1) & (owners >= 0).all(axis=1))
    # where the corners k and k + 1 are equal, k + 2 is the one
    a, b, c = _turned(mesh.triangles[at], (equal[at].argmax(axis=1) + 2) % 3)
    seams = np.stack([_meeting(mesh, a, b), _meeting(mesh, c, a)], axis=1)
    return seams, mesh.owner[np.column_stack([a, b])], at


def _to_shared(mesh: Mesh) -> _Seams:
    """Return the seams that end where several outlines meet: from the edge opposite."""
    undecided = mesh.owner[mesh.triangles] < 0
    at = np.flatnonzero(undecided.sum(axis=1) == 1)
    shared, a, b = _turned(mesh.triangles[at], undecided[at].argmax(axis=1))
    mixed = mesh.owner[a] != mesh.owner[b]
    shared, a, b = shared[mixed], a[mixed], b[mixed]
    return np.stack([_meeting(mesh, a, b), mesh.points[shared]], axis=1), mesh.owner[np.column_stack([a, b])], at[mixed]


def _to_middle(mesh: Mesh) -> _Seams:
    """Return the seams of triangles with three owners: from each edge to the middle."""
    owners = mesh.owner[mesh.triangles]
    at = np.flatnonzero((owners != np.roll(owners, -1, axis=1)).all(axis=1) & (owners >= 0).all(axis=1))
    a, b = mesh.triangles[at].ravel(), np.roll(mesh.triangles[at], -1, axis=1).ravel()
    meeting = _meeting(mesh, a, b)
    middle = np.repeat(meeting.reshape(-1, 3, 2).mean(axis=1), 3, axis=0)
    return np.stack([meeting, middle], axis=1), mesh.owner[np.column_stack([a, b])], np.repeat(at, 3)


def _along_shared(mesh: Mesh) -> _Seams:
    """Return the seams along edges from one place where outlines meet to another."""
    edges = mesh.edges
    open_ = np.flatnonzero((mesh.owner[edges] < 0).all(axis=1))
    number, _ = number_rows(np.sort(edges[open_], axis=1))
    order = np.argsort(number, kind="stable")
    same = np.flatnonzero(number[order][1:] == number[order][:-1])
    one, other = open_[order[same]], open_[order[same + 1]]
    mixed = mesh.whole[one // 3] != mesh.whole[other // 3]
    one, other = one[mixed], other[mixed]
    return mesh.points[edges[one]], mesh.whole[np.column_stack([one, other]) // 3], one // 3


def _halves(mesh: Mesh) -> Ints:
    """Return the owners on the two halves of each step of the walls."""
    start, end = mesh.owner[mesh.steps].T
    halves = np.column_stack([np.where(start >= 0, start, end), np.where(end >= 0, end, start)])
    open_ = np.flatnonzero((start < 0) & (end < 0))
    if open_.size:
        number, _ = number_rows(np.vstack([mesh.edges, mesh.steps[open_]]))
        count = len(mesh.edges)
        triangle = np.full(int(number.max()) + 1, -1)
        triangle[number[:count]] = np.arange(count) // 3
        halves[open_] = mesh.whole[triangle[number[count:]]][:, None]
    return halves
