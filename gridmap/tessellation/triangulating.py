"""Triangles that fill polygons, with the polygons' vertices and no others."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gridmap.prepared import prepared
from gridmap.tessellation.arrays import Flags, Floats, Ints, Polygons, number_rows, steps_of

#: Vertices beyond which a polygon is triangulated by its points first: cutting ears costs 3 microseconds a vertex here,
#: 25 at 10 000 and 70 at 50 000, the points some 12 at any number.
MANY = 4000


def triangles_in(polygons: Polygons, *, many: int = MANY) -> tuple[Floats, Ints]:
    """Return triangles that fill each polygon and have no vertices but its own.

    They are as near to equal-sided as flips can make them (constrained Delaunay).

    Parameters
    ----------
    polygons
        Valid Polygons, shape (n,).
    many
        Polygons with more vertices are triangulated in another way, whose time grows with their number only: points
        first, then anew where a side of the polygon is missing.

    Returns
    -------
    corners : numpy.ndarray of float
        Counter-clockwise, shape (m, 3, 2).
    row : numpy.ndarray of int
        Row of the polygon of each, ascending, shape (m,).

    Raises
    ------
    Nothing
        Whatever valid polygons can be triangulated.

    Examples
    --------
    >>> corners, row = triangles_in(np.array([shapely.box(0, 0, 1, 1).difference(shapely.box(0.4, 0.4, 0.6, 0.6))]))
    >>> len(row), round(float(shapely.area(shapely.polygons(corners)).sum()), 9)
    (8, 0.96)
    """
    large = np.flatnonzero(shapely.get_num_coordinates(polygons) > many)
    shapes = np.delete(polygons, large)
    rows = np.delete(np.arange(len(polygons)), large)
    corners, of = _by_ears(shapes)
    parts, row = [corners], [rows[of]]
    for at in large:
        parts.append(_by_points(shapely.orient_polygons(polygons[at])))
        row.append(np.full(len(parts[-1]), at))
    owner = np.concatenate(row)
    order = np.argsort(owner, kind="stable")
    return np.concatenate(parts)[order], owner[order]


def _by_ears(polygons: Polygons) -> tuple[Floats, Ints]:
    """Return (corners, position of the polygon) by cutting ears off and flipping edges, as GEOS does it."""
    corners, of = shapely.get_coordinates(shapely.constrained_delaunay_triangles(polygons), return_index=True)
    # GEOS goes round clockwise and says the first corner twice
    return corners.reshape(-1, 4, 2)[:, [0, 2, 1]], of[::4]


def _by_points(polygon: Any) -> Floats:
    """Return the triangles of a polygon of many vertices.

    The points are triangulated without regard to the sides; the triangles that a side crosses are taken out, and the
    holes so made are filled by ears, whose vertices are all there already.
    """
    rings, of = shapely.get_coordinates(shapely.get_rings(polygon), return_index=True)
    step = np.flatnonzero(of[1:] == of[:-1])
    corners = _counter_clockwise(_among_points(rings))
    sides, triangles = _numbered(rings, step, corners)
    missing = ~_among(sides, triangles)
    crossed = _crossed(corners, np.stack([rings[step][missing], rings[step + 1][missing]], axis=1))
    ground, middle = prepared(polygon), corners.mean(axis=1)
    # of a flat triangle between three vertices of a straight side rounding would not tell on which side it lies
    beyond = _beside(triangles, sides[:, ::-1])
    within = _beside(triangles, sides) | (shapely.contains_xy(ground, middle[:, 0], middle[:, 1]) & ~beyond)
    filled = np.concatenate([corners[~crossed & within], _refilled(ground, corners[crossed], rings, step)])
    if _whole(polygon, filled, *_numbered(rings, step, filled)):
        return filled
    return _by_ears(np.array([polygon], dtype=object))[0]


def _among_points(points: Floats) -> Floats:
    """Return the corners of a triangulation of points, and of four more far around them.

    GEOS begins with a large triangle around everything and drops what hangs on it, flat triangles on the rim among it.
    """
    west, south, east, north = shapely.total_bounds(shapely.multipoints(points)).tolist()
    far = 1 + east - west + north - south
    around = shapely.get_coordinates(shapely.box(west - far, south - far, east + far, north + far))
    everything = shapely.multipoints(np.unique(np.vstack([points, around]), axis=0))
    return np.asarray(shapely.get_coordinates(shapely.delaunay_triangles(everything)))


def _numbered(rings: Floats, step: Ints, corners: Floats) -> tuple[Ints, Ints]:
    """Return (ends of each side, corners of each triangle) as numbers of vertices."""
    number, _ = number_rows(np.vstack([rings, corners.reshape(-1, 2)]) + 0.0)
    return np.column_stack([number[step], number[step + 1]]), number[len(rings) :].reshape(-1, 3)


def _whole(polygon: Any, corners: Floats, sides: Ints, triangles: Ints) -> bool:
    """Tell whether triangles fill a polygon: each side once on the rim of one, and no area more or less."""
    rim, _ = number_rows(np.vstack([sides, _edges(triangles)]))
    count = np.bincount(rim[len(sides) :], minlength=len(sides) + 1)[rim[: len(sides)]]
    area = shapely.area(shapely.polygons(corners)).sum()
    return bool((count == 1).all() and abs(area / shapely.area(polygon) - 1) < _WHOLE)


#: Share of a polygon's area that its triangles may lack or exceed by rounding.
_WHOLE = 1e-9


def _counter_clockwise(points: Floats) -> Floats:
    """Return triangles turned counter-clockwise; GEOS turns all of them the same way."""
    corners = points.reshape(-1, 4, 2)[:, :3]
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return corners[:, ::-1] if (one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]).sum() < 0 else corners


def _edges(triangles: Ints) -> Ints:
    """Return the edges of triangles, the three of each together, shape (3n, 2)."""
    return np.column_stack([triangles.ravel(), np.roll(triangles, -1, axis=1).ravel()])


def _beside(triangles: Ints, sides: Ints) -> Flags:
    """Tell which triangles have one of the sides on their rim, the triangle on its left."""
    number, _ = number_rows(np.vstack([sides, _edges(triangles)]))
    beside = np.isin(number[len(sides) :], number[: len(sides)]).reshape(-1, 3)
    return np.asarray(beside.any(axis=1))


def _among(sides: Ints, triangles: Ints) -> Flags:
    """Tell which sides are edges of triangles, either way round."""
    number, _ = number_rows(np.sort(np.vstack([sides, _edges(triangles)]), axis=1))
    found: Flags = np.isin(number[: len(sides)], number[len(sides) :])
    return found


def _crossed(corners: Floats, lines: Floats) -> Flags:
    """Tell which triangles a line goes through."""
    crossed = np.zeros(len(corners), dtype=bool)
    if len(lines):
        tree = shapely.STRtree(shapely.polygons(corners))
        crossed[tree.query(shapely.linestrings(lines), predicate="crosses")[1]] = True
    return crossed


def _refilled(polygon: Any, corners: Floats, rings: Floats, step: Ints) -> Floats:
    """Return triangles in place of those that sides of the polygon cross."""
    if not len(corners):
        return np.empty((0, 3, 2))
    hole = prepared(shapely.coverage_union_all(shapely.polygons(corners)))
    edges = shapely.linestrings(np.stack([rings[step], rings[step + 1]], axis=1))
    rim, _ = steps_of(np.atleast_1d(shapely.boundary(hole)))
    walls = np.concatenate([edges[shapely.covers(hole, edges)], shapely.linestrings(rim)])
    parts = np.asarray(shapely.get_parts(shapely.polygonize(walls)))
    return _by_ears(parts[shapely.contains(polygon, shapely.point_on_surface(parts))])[0]
