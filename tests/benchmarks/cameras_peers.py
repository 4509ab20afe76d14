"""What a user would otherwise reckon a camera's ground with; each is given the buildings in range, found beforehand.

A peer is imported when it is used, so that the rest runs where it is not installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from tests.benchmarks.cameras_oracle import Look

#: chords by which an arc is drawn, radians; and rays of those who cast rays
_CHORD, _RAYS = math.radians(1), 360


@dataclass(frozen=True, kw_only=True)
class Case:
    """A camera and the buildings in range, all of them higher than the camera; the camera is the origin."""

    look: Look
    #: footprints
    shapes: np.ndarray
    #: their walls, x0, y0, x1, y1, the building on the left
    walls: np.ndarray


#: reckons a case: square metres, None where a peer gives no region
Peer = Callable[[Case], "float | None"]


def cases(looks: list[Look], footprints: np.ndarray) -> list[Case]:
    """Return each camera with the buildings in its range."""
    tree = shapely.STRtree(footprints)
    return [_case(look, footprints[np.sort(_near(tree, look))]) for look in looks]


def _near(tree: shapely.STRtree, look: Look) -> np.ndarray:
    return tree.query(shapely.Point(look.xy), predicate="dwithin", distance=look.range_m)


def _case(look: Look, footprints: np.ndarray) -> Case:
    shapes = shapely.transform(shapely.orient_polygons(footprints), lambda xy: xy - look.xy)
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapes), return_index=True)
    within = ring[1:] == ring[:-1]
    return Case(look=look, shapes=np.asarray(shapes), walls=np.hstack([xy[:-1], xy[1:]])[within])


def pysovist() -> Peer:
    """Return pysovist: the exact region among wall segments."""
    from pysovist import isovist

    def work(case: Case) -> float:
        look = case.look
        direction = math.remainder(look.heading, math.tau)
        made = isovist(
            case.walls.reshape(-1, 2, 2),
            (0.0, 0.0),
            max_distance=look.range_m,
            fov=2 * look.half_angle,
            direction=direction,
        )
        return float(made.area)

    return work


def pyvisgraph() -> Peer:
    """Return pyvisgraph: the corners that are seen, all round and without end; no region, so no area."""
    from pyvisgraph.graph import Graph, Point
    from pyvisgraph.visible_vertices import visible_vertices

    def work(case: Case) -> None:
        rings = shapely.get_rings(case.shapes)
        graph = Graph([[Point(*xy) for xy in shapely.get_coordinates(ring)[:-1]] for ring in rings])
        visible_vertices(Point(0.0, 0.0), graph)

    return work


def shadows() -> Peer:
    """Return the sector less the shadows of walls, by shapely: exact but for the chords of the arc."""

    def work(case: Case) -> float:
        walls = case.walls[case.walls[:, 0] * case.walls[:, 3] - case.walls[:, 1] * case.walls[:, 2] < 0]
        far = walls * 1e4
        corners = np.stack([walls[:, :2], walls[:, 2:], far[:, 2:], far[:, :2]], axis=1)
        dark = shapely.union_all([*shapely.polygons(corners), *case.shapes])
        return float(shapely.difference(_sector(case.look), dark).area)

    return work


def rays() -> Peer:
    """Return 360 rays cut by shapely, all at once, as most programs do."""

    def work(case: Case) -> float:
        look = case.look
        angle = look.heading - look.half_angle + 2 * look.half_angle * (np.arange(_RAYS) + 0.5) / _RAYS
        ends = look.range_m * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        lines = shapely.linestrings(np.stack([np.zeros_like(ends), ends], axis=1))
        dark = shapely.union_all(case.shapes)
        seen = shapely.get_parts(shapely.difference(lines, dark), return_index=True) if len(case.shapes) else None
        metres = _first_parts(*seen) if seen else np.full(_RAYS, look.range_m)
        return float((metres**2).sum() * look.half_angle / _RAYS)

    return work


def _first_parts(parts: np.ndarray, ray: np.ndarray) -> np.ndarray:
    """Length of the part of each ray that begins at the camera."""
    start = shapely.get_coordinates(shapely.get_point(parts, 0))
    # the camera is the origin
    begins = np.hypot(*start.T) < 1e-9
    metres = np.zeros(_RAYS)
    metres[ray[begins]] = shapely.length(parts[begins])
    return metres


def _sector(look: Look) -> shapely.Geometry:
    """The sector, its arc drawn by chords of a degree."""
    count = math.ceil(2 * look.half_angle / _CHORD)
    angle = look.heading - look.half_angle + 2 * look.half_angle * np.arange(count + 1) / count
    return shapely.Polygon([(0, 0), *(look.range_m * np.stack([np.cos(angle), np.sin(angle)], axis=1))])


#: Peers by what the table calls them, and whether they are exact.
PEERS: dict[str, Callable[[], Peer]] = {
    "pysovist": pysovist,
    "pyvisgraph (corners only)": pyvisgraph,
    "shapely, sector less shadows": shadows,
    "shapely, 360 rays": rays,
}
