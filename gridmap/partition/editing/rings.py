"""Boundaries as directed edges: added, taken away, and walked into rings.

An area's boundary is the set of its edges from vertex to vertex, the area on their left. Two areas that share a border
have its edges in opposite directions; put together, these cancel, and what is left bounds both. So ground goes from one
area to another by adding its boundary here and taking it away there, without computing a coordinate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import shapely

Edge = tuple[int, int]
Ring = list[int]
Place = tuple[float, float]
#: A ring around ground, and rings around what it leaves out.
Face = list[Ring]
#: Where a vertex lies, in metres.
At = Callable[[int], Place]


def joined(edges: Iterable[Edge]) -> dict[Edge, None]:
    """Return edges without those that cancel, in the order of their first appearance.

    Examples
    --------
    >>> list(joined([(1, 2), (2, 3), (3, 2), (2, 4)]))
    [(1, 2), (2, 4)]
    """
    left: dict[Edge, None] = {}
    for start, end in edges:
        if (end, start) in left:
            del left[end, start]
        else:
            left[start, end] = None
    return left


def edges_of(face: Face) -> list[Edge]:
    """Return the edges of the rings of a face."""
    return [edge for ring in face for edge in zip(ring, [*ring[1:], ring[0]], strict=True)]


def faces(edges: Iterable[Edge], at: At) -> list[Face]:
    """Return the faces to the left of edges: each one ring around ground, then the rings of its holes.

    Parameters
    ----------
    edges
        Directed edges that close, and meet in vertices only; a line across an area counts in both directions.
    at
        Where vertices lie, in metres.
    """
    rings = [part for ring in _walks(list(edges), at) for part in _simple(ring)]
    areas = [twice_area([at(vertex) for vertex in ring]) for ring in rings]
    shells = [[ring] for ring, area in zip(rings, areas, strict=True) if area > 0]
    for ring, area in zip(rings, areas, strict=True):
        if area <= 0 and shells:
            _holder(shells, ring, at).append(ring)
    return shells


def twice_area(points: Sequence[Place]) -> float:
    """Return twice the signed area of a ring, counter-clockwise positive.

    Examples
    --------
    >>> twice_area([(0, 0), (2, 0), (2, 1)])
    2.0
    """
    x0, y0 = points[0]
    moved = [(x - x0, y - y0) for x, y in points]
    return math.fsum(a[0] * b[1] - b[0] * a[1] for a, b in zip(moved, [*moved[1:], moved[0]], strict=True))


def _walks(edges: Sequence[Edge], at: At) -> list[Ring]:
    """Return the closed walks along edges that keep the ground to their left together."""
    leaving: dict[int, list[int]] = {}
    for start, end in edges:
        leaving.setdefault(start, []).append(end)
    walks, walked = [], set[Edge]()
    for edge in edges:
        if edge in walked:
            continue
        ring, step = [], edge
        while step not in walked:
            walked.add(step)
            ring.append(step[0])
            step = (step[1], _turn(step, leaving[step[1]], at))
        walks.append(ring)
    return walks


def _turn(step: Edge, choices: list[int], at: At) -> int:
    """Return where to go on: the first way clockwise from that back, which keeps to the ground on the left."""
    if len(choices) == 1:
        return choices[0]
    back = _angle(at(step[1]), at(step[0]))
    turns = [(back - _angle(at(step[1]), at(end))) % math.tau or math.tau for end in choices]
    return choices[min(range(len(choices)), key=lambda k: math.tau if choices[k] == step[0] else turns[k])]


def _angle(origin: Place, to: Place) -> float:
    """Return the direction to a place."""
    return math.atan2(to[1] - origin[1], to[0] - origin[0])


def _simple(ring: Ring) -> list[Ring]:
    """Return a ring cut where it comes to a vertex again: a hole that touches the outside is a ring of its own."""
    rings, path, where = [], Ring(), dict[int, int]()
    for vertex in ring:
        if vertex in where:
            first = where[vertex]
            rings.append(path[first:])
            for passed in path[first:]:
                del where[passed]
            del path[first:]
        where[vertex] = len(path)
        path.append(vertex)
    return [*rings, path]


def _holder(shells: list[Face], hole: Ring, at: At) -> Face:
    """Return the smallest of the faces that hold a hole."""
    if len(shells) == 1:
        return shells[0]
    ring = shapely.Polygon([at(vertex) for vertex in hole])
    ground, outer = (
        ring.representative_point(),
        [shapely.Polygon([at(vertex) for vertex in face[0]]) for face in shells],
    )
    # what fills the hole covers it as well, and is no larger
    holding = [k for k, shape in enumerate(outer) if shape.area > ring.area * (1 + 1e-9) and shape.covers(ground)]
    return shells[min(holding or range(len(shells)), key=lambda k: outer[k].area)]
