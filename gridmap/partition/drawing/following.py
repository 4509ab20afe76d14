"""Where borders in force run through the cells of new ground, so that the ground must be cut along them."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.partition.edges import Ints, Polygons
from gridmap.partition.orientation import Flags, Floats
from gridmap.prepared import prepared
from gridmap.tessellation import Shared
from gridmap.tessellation.arrays import number_rows

#: Metres within which two places are the same: what is left of a vertex after a way through degrees and back.
_SAME_M = 0.0001
#: Metres that a border must reach into a face to cut it: nearer to its border it is that border, drawn by another hand.
_INTO_M = 0.01


def cutting(standing: Polygons, ground: Shared) -> Polygons:
    """Return the borders in force along which faces must be cut, so that no ground lies in two areas: LineStrings.

    A border that runs between cells anyhow cuts nothing: where areas were drawn from the same cells, only faces whose
    buildings changed are cut. A face that is cut at all is cut along every border in it.

    Parameters
    ----------
    standing
        Areas in force, metres, shape (n,).
    ground
        The faces and their cells.

    Raises
    ------
    Nothing
        Where no border cuts anything the answer is empty.

    Examples
    --------
    >>> from gridmap.tessellation import shared
    >>> ground = shared([shapely.box(0, 0, 20, 10)], [shapely.box(2, 2, 8, 8), shapely.box(12, 2, 18, 8)])
    >>> len(cutting(ground.cells.geometry, ground))
    0
    >>> cutting(np.array([shapely.box(0, 0, 9, 10), shapely.box(9, 0, 20, 10)]), ground).tolist()
    [<LINESTRING (9 0, 9 10)>]
    """
    steps = _steps(standing)
    step, face = _running_into(steps, ground.faces)
    used, step = np.unique(step, return_inverse=True)
    steps = steps[used]
    cells = ground.cells.geometry[np.isin(ground.cells.face, face)]
    cut = face[_lonely(steps, _steps(cells))[step]]
    corner_step, corner_face = _new_corners(steps, ground.faces)
    count = -1
    # a face that gets a corner from the border that cuts its neighbour is shared out otherwise: it is cut too
    while len(cut) != count:
        count = len(cut)
        beside = corner_face[np.isin(corner_step, step[np.isin(face, cut)])]
        cut = np.union1d(cut, np.intersect1d(beside, face))
    return _lines(steps[np.unique(step[np.isin(face, cut)])])


def _steps(polygons: Polygons) -> Floats:
    """The straight pieces of borders, each once: x1, y1, x2, y2, from west to east (or from south to north)."""
    points, ring = shapely.get_coordinates(shapely.get_rings(polygons), return_index=True)
    start, end = points[:-1][ring[1:] == ring[:-1]], points[1:][ring[1:] == ring[:-1]]
    back = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    steps = np.where(back[:, None], np.hstack([end, start]), np.hstack([start, end]))
    return steps[number_rows(steps + 0.0)[1]]


def _lines(steps: Floats) -> Polygons:
    """Steps as LineStrings."""
    return np.asarray(shapely.linestrings(steps.reshape(-1, 2, 2)))


def _running_into(steps: Floats, faces: Polygons) -> tuple[Ints, Ints]:
    """Which step runs into which face, not only along its border: row of each."""
    lines = _lines(steps)
    step, face = shapely.STRtree(faces).query(lines, predicate="intersects")
    met, at = np.unique(face, return_inverse=True)
    inside = prepared(shapely.buffer(faces[met], -_INTO_M, join_style="mitre"))
    into = shapely.intersects(inside[at], lines[step])
    return step[into], face[into]


def _new_corners(steps: Floats, faces: Polygons) -> tuple[Ints, Ints]:
    """Ends of steps on borders of faces that have no vertex there: row of the step, and of the face."""
    ends = steps.reshape(-1, 2)
    corners, of = shapely.get_coordinates(faces, return_index=True)
    place, _ = number_rows(np.rint(np.vstack([corners, ends]) / _SAME_M) + 0.0)
    end, face = shapely.STRtree(faces).query(shapely.points(ends), predicate="dwithin", distance=_SAME_M)
    known = np.isin(place[len(corners) + end] * len(faces) + face, place[: len(corners)] * len(faces) + of)
    return end[~known] // 2, face[~known]


def _lonely(steps: Floats, others: Floats) -> Flags:
    """Whether each step is none of the others, give or take what rounding does."""
    number, _ = number_rows(np.rint(np.vstack([others, steps]) / _SAME_M) + 0.0)
    result: Flags = ~np.isin(number[len(others) :], number[: len(others)])
    return result
