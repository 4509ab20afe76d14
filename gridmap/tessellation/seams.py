"""Free ground shared out: the lines at which the ground of two owners meets.

Inside a triangle the ground of two owners meets in the straight line between the midpoints of two edges, that of more
in the middle. Where the walls of two owners meet in a vertex, the line between their ground begins there. It is
all arithmetic on shared vertices: neighbours compute the same numbers, and no outline is cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.tessellation.arrays import Floats, Ints
from gridmap.tessellation.triangles import SHARED, Mesh, Walls, mesh_of


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
        Such ground can always be shared out.
    """
    mesh = mesh_of(walls)
    seams, beside, triangle = _spokes(mesh, *_corners(mesh))
    halves = np.where(mesh.owner[mesh.steps] == SHARED, mesh.wall[:, None], mesh.owner[mesh.steps])
    return Shares(halves=halves, seams=seams, beside=beside, piece=mesh.piece[mesh.triangles[triangle, 0]])


def _corners(mesh: Mesh) -> tuple[Ints, Ints]:
    """Return the owners at the corners of triangles: (beside the edge that goes out, beside the one that comes in).

    They differ in one triangle of each fan around a vertex where two walls meet: there the ground of the one ends and
    that of the other begins.
    """
    leaving, coming = mesh.owner[mesh.triangles], mesh.owner[mesh.triangles]
    corner = np.flatnonzero(leaving.ravel() == SHARED)
    if not corner.size:
        return leaving, coming
    corner, out, into, changes = _fans(mesh, corner)
    group = np.cumsum(np.append(True, mesh.triangles.ravel()[corner[1:]] != mesh.triangles.ravel()[corner[:-1]])) - 1
    place = np.arange(len(corner))
    at = changes[group]
    leaving.ravel()[corner] = np.where(place <= at, out, into)
    coming.ravel()[corner] = np.where(place < at, out, into)
    return leaving, coming


def _fans(mesh: Mesh, corner: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the corners fan by fan, counter-clockwise.

    With them the owner of the wall where the fan begins and of that where it ends, and for each fan the position of the
    corner in which the one gives way to the other: where fewest vertices around lie on the wrong side, else midway.
    """
    vertex = mesh.triangles.ravel()[corner]
    ahead = mesh.edges[corner, 1]
    out, into, begin = (np.full(len(mesh.points), -1) for _ in range(3))
    out[mesh.steps[:, 0]], begin[mesh.steps[:, 0]] = mesh.wall, mesh.steps[:, 1]
    into[mesh.steps[:, 1]] = mesh.wall
    turn = _direction(mesh, vertex, ahead) - _direction(mesh, vertex, begin[vertex])
    order = np.lexsort([np.mod(turn, 2 * np.pi), vertex])
    vertex, seen = vertex[order], mesh.owner[ahead[order]]
    first = np.flatnonzero(np.append(True, vertex[1:] != vertex[:-1]))
    size = np.diff(np.append(first, len(vertex)))
    # changing in a corner leaves the vertices up to its edge with the first owner, those after it with the second
    wrong = _summed(seen == into[vertex], first, size) - _summed(seen == out[vertex], first, size)
    least = np.repeat(np.minimum.reduceat(wrong, first), size)
    best = np.flatnonzero(wrong == least)
    group = np.repeat(np.arange(len(first)), size)[best]
    ties = np.bincount(group)
    middle = np.cumsum(ties) - ties + (ties - 1) // 2
    return corner[order], out[vertex], into[vertex], best[middle]


def _summed(flags: np.ndarray[tuple[int], np.dtype[np.bool_]], first: Ints, size: Ints) -> Ints:
    """Return running sums of flags that begin anew with each group."""
    total = np.cumsum(flags)
    return np.asarray(total - np.repeat(total[first] - flags[first], size))


def _direction(mesh: Mesh, start: Ints, end: Ints) -> Floats:
    """Return the direction from one vertex to another, in radians."""
    east, north = (mesh.points[end] - mesh.points[start]).T
    return np.asarray(np.arctan2(north, east))


def _spokes(mesh: Mesh, leaving: Ints, coming: Ints) -> tuple[Floats, Ints, Ints]:
    """Return (seams, owners on their left and right, triangle of each).

    On the rim of a triangle owners change at the midpoints of edges and in the corners where two walls meet. From each
    such place a seam goes to the middle of them all; where there are but two, from the one to the other.
    """
    points = mesh.points[mesh.triangles]
    ahead = np.roll(points, -1, axis=1)
    rim = np.concatenate([(points + ahead) / 2, points], axis=1)
    left = np.concatenate([leaving, coming], axis=1)
    right = np.concatenate([np.roll(coming, -1, axis=1), leaving], axis=1)
    change = left != right
    count = change.sum(axis=1)
    triangle, place = np.nonzero(change)
    middle = np.where(change[..., None], rim, 0.0).sum(axis=1) / np.maximum(count, 1)[:, None]
    straight = np.flatnonzero(count[triangle] == 2)  # noqa: PLR2004 (from one place to another)
    ends = middle[triangle]
    ends[straight[::2]] = rim[triangle[straight[1::2]], place[straight[1::2]]]
    kept = np.ones(len(triangle), dtype=bool)
    kept[straight[1::2]] = False
    seams = np.stack([rim[triangle, place], ends], axis=1)[kept]
    return seams, np.column_stack([left[change], right[change]])[kept], triangle[kept]
