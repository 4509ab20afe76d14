"""Curves of drawings as chords to a stated tolerance, in the plane of the map."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: No chord lies farther from its arc than this, metres.
TOLERANCE = 0.001
#: Chords of one arc at most: a circle of 50 km to a millimetre.
_MOST = 20_000

Points = NDArray[np.float64]


def flattened(entity: Any, kind: str) -> tuple[Points, bool, bool]:
    """The points of an entity, whether it says that it is closed, and whether it has curves.

    Parameters
    ----------
    entity
        An entity of ezdxf: LWPOLYLINE, POLYLINE, SPLINE, LINE, ARC or ELLIPSE.
    kind
        Its type.

    Returns
    -------
    points : numpy.ndarray, shape (points, 2)
        East and north, in the system of the map whatever the plane that the entity is drawn in.
    closed, curved : bool

    Raises
    ------
    ezdxf.DXFError
        If the entity is damaged.
    ValueError
        If a curve is larger than any on the ground.
    """
    if kind == "LWPOLYLINE":
        vertices = [(x, y, bulge) for x, y, bulge in entity.get_points("xyb")]
        points, curved = bulged(np.array(vertices, dtype=np.float64).reshape(-1, 3), closed=bool(entity.closed))
        return _in_map(entity, points, entity.dxf.elevation), bool(entity.closed), curved
    if kind == "POLYLINE":
        return _old_polyline(entity)
    if kind == "LINE":
        return _flat([entity.dxf.start, entity.dxf.end]), False, False
    if kind == "ARC":
        return _arc(entity), False, True
    points = _flat(islice(entity.flattening(TOLERANCE), _MOST + 2))
    _refuse_vast(len(points) - 1)
    return points, bool(getattr(entity, "closed", False)), True


def bulged(vertices: Points, *, closed: bool) -> tuple[Points, bool]:
    """The points of a polyline whose sides may be arcs.

    The bulge of a side is the tangent of a quarter of its arc's angle, positive where the arc turns anticlockwise.

    Parameters
    ----------
    vertices
        x, y and the bulge of the side that begins there, shape (vertices, 3).
    closed
        Whether the last vertex has a side back to the first.

    Returns
    -------
    points : numpy.ndarray, shape (points, 2)
        Points of arcs lie on them.
    curved : bool
        Whether there was an arc.

    Raises
    ------
    None

    Examples
    --------
    >>> half, _ = bulged(np.array([[0.0, 0.0, 1.0], [2.0, 0.0, 0.0]]), closed=False)
    >>> [float(round(value, 3)) for value in half[len(half) // 2]]
    [1.0, -1.0]
    """
    out: list[Points] = []
    curved = False
    count = len(vertices)
    for at in range(count):
        start, bulge = vertices[at, :2], float(vertices[at, 2])
        out.append(start[None])
        if abs(bulge) > 1e-12 and (at + 1 < count or closed):  # noqa: PLR2004 (straight to the digit)
            curved = True
            out.append(_between(start, vertices[(at + 1) % count, :2], bulge))
    return np.concatenate(out) if out else np.empty((0, 2)), curved


def _between(start: Points, end: Points, bulge: float) -> Points:
    """Points of an arc between its ends, which are left out."""
    chord = end - start
    length = float(np.hypot(*chord))
    if length == 0:
        return np.empty((0, 2))
    angle = 4 * np.arctan(bulge)
    radius = length / (2 * np.sin(angle / 2))
    centre = (start + end) / 2 + np.array([-chord[1], chord[0]]) / length * radius * np.cos(angle / 2)
    first = np.arctan2(*(start - centre)[::-1])
    turns = first + angle * np.linspace(0, 1, _chords(abs(radius), abs(angle)) + 1)[1:-1]
    return np.asarray(centre + abs(radius) * np.column_stack([np.cos(turns), np.sin(turns)]))


def _chords(radius: float, angle: float) -> int:
    """How many chords keep an arc within the tolerance: the sagitta of each is radius times 1 - cos(half its angle)."""
    if radius <= TOLERANCE:
        return 4
    count = max(np.ceil(angle / (2 * np.arccos(1 - TOLERANCE / radius))), 2)
    _refuse_vast(count)
    return int(count)


def _refuse_vast(chords: float) -> None:
    """Refuse a curve of more chords than any on the ground has: it is drawn in another unit, or damaged."""
    if not chords <= _MOST:
        raise ValueError(f"a curve of more than {_MOST} chords of {TOLERANCE} m: check the unit of the drawing")


def _old_polyline(entity: Any) -> tuple[Points, bool, bool]:
    """The points of a POLYLINE, flat or in space; meshes have none."""
    closed = bool(entity.is_closed)
    if entity.is_2d_polyline:
        rows = [(at.dxf.location.x, at.dxf.location.y, at.dxf.get("bulge", 0.0)) for at in entity.vertices]
        points, curved = bulged(np.array(rows, dtype=np.float64).reshape(-1, 3), closed=closed)
        elevation = entity.dxf.elevation.z if entity.dxf.hasattr("elevation") else 0.0
        return _in_map(entity, points, elevation), closed, curved
    if not entity.is_3d_polyline:
        return np.empty((0, 2)), False, False
    return _flat(vertex.dxf.location for vertex in entity.vertices), closed, False


def _arc(entity: Any) -> Points:
    """The points of an arc, its ends among them."""
    start, end = np.radians(entity.dxf.start_angle), np.radians(entity.dxf.end_angle)
    angle = (end - start) % (2 * np.pi) or 2 * np.pi
    radius = float(entity.dxf.radius)
    turns = start + angle * np.linspace(0, 1, _chords(radius, angle) + 1)
    centre = entity.dxf.center
    points = np.column_stack([centre.x + radius * np.cos(turns), centre.y + radius * np.sin(turns)])
    return _in_map(entity, points, centre.z)


def _in_map(entity: Any, points: Points, elevation: float) -> Points:
    """Points of an entity's own plane in the map's: a mirrored block turns the plane over."""
    system = entity.ocs()
    if not system.transform:
        return points
    return _flat(system.points_to_wcs([(x, y, elevation) for x, y in points.tolist()]))


def _flat(places: Iterable[Any]) -> Points:
    """Places without their heights, shape (places, 2)."""
    return np.array([(at.x, at.y) for at in places], dtype=np.float64).reshape(-1, 2)
