"""Lines laid on the borders: what comes near a vertex or a border is on it, what crosses one has a vertex there."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely

from gridmap.errors import ConflictError, InputError
from gridmap.partition.editing.limits import EditLimits
from gridmap.partition.editing.net import Net
from gridmap.partition.editing.plane import Points, place
from gridmap.partition.editing.rings import Edge

#: Times that a line bent to vertices near it is looked at again; each time it comes to more of them or is done.
ROUNDS = 12


def lay(net: Net, rows: Sequence[int], points: Points, limits: EditLimits) -> list[int]:
    """Return the vertices of a line laid on the borders of areas; new vertices are put into both sides of a border.

    Points no farther than ``snap_m`` from a vertex go to it, else those as near to a border go onto it. Where the line
    passes a vertex nearer than ``narrowest_m`` it goes through it, and where it crosses a border both have a vertex.

    Parameters
    ----------
    net
        Borders; changed.
    rows
        Areas whose borders matter.
    points
        Line in stored coordinates, shape (n, 2).
    limits
        Distances.

    Raises
    ------
    InputError
        If the line crosses or meets itself.
    ConflictError
        If it runs so near to the borders that it cannot be told what it crosses.
    """
    path = _without_spikes(_snapped(net, rows, points, limits))
    for _ in range(ROUNDS):
        longer = _without_spikes(_through(net, rows, path, limits))
        if longer == path:
            _refuse_knots(net, path)
            return path
        path = longer
    raise ConflictError(
        f"the line at {place(net.stored[path[0]])} runs too near to the borders to tell what it crosses",
        do="draw it farther from them, or along their vertices",
        code="line_too_near",
        values={"place": place(net.stored[path[0]])},
    )


def chords(net: Net, path: Sequence[int], shapes: dict[int, Any]) -> dict[Edge, int]:
    """Return the steps of a path that are no border yet, and the area that each runs in (-1: in none).

    Parameters
    ----------
    net
        Borders.
    path
        What `lay` returned.
    shapes
        Areas in metres, by row.
    """
    steps = [step for step in itertools.pairwise(path) if not net.known(step)]
    middles = [(net.point(start) + net.point(end)) / 2 for start, end in steps]
    return {
        step: next((row for row, shape in shapes.items() if shapely.contains_xy(shape, *middle)), -1)
        for step, middle in zip(steps, middles, strict=True)
    }


def tidy(net: Net, before: int, used: Iterable[int]) -> None:
    """Take the vertices out of the borders again that a line put there and does not use.

    Parameters
    ----------
    net
        Borders; changed.
    before
        How many vertices there were before the line was laid.
    used
        Vertices of its steps that become borders.
    """
    kept = set(used)
    for vertex in sorted({start for start, _ in net.left if start >= before} - kept):
        ends = list(net.neighbours(vertex))
        net.remove(vertex, ends[0], ends[1])


def _snapped(net: Net, rows: Sequence[int], points: Points, limits: EditLimits) -> list[int]:
    """Return the vertices that the points of a line are: known ones, ones on borders, or free ones."""
    metres = net.plane.metres(points)
    edges, vertices = _edges(net, rows), _vertices(net, rows)
    spots = shapely.points(metres)
    found: dict[int, int] = {}
    near = _tree(net, vertices).query_nearest(spots, max_distance=limits.snap_m, all_matches=False)
    found.update({int(point): vertices[int(k)] for point, k in near.T})
    onto = _lines(net, edges).query_nearest(spots, max_distance=limits.snap_m, all_matches=False)
    feet = [(edges[int(k)], int(point)) for point, k in onto.T if int(point) not in found]
    put = _put(net, [(edge, metres[point]) for edge, point in feet], limits.snap_m)
    found.update({point: vertex for (_, point), vertex in zip(feet, put, strict=True)})
    return [found[k] if k in found else net.number(points[k], metres[k]) for k in range(len(points))]


def _through(net: Net, rows: Sequence[int], path: list[int], limits: EditLimits) -> list[int]:
    """Return a path with the vertices that it passes or makes where it crosses borders."""
    steps = [step for step in itertools.pairwise(path) if not net.known(step)]
    if not steps:
        return path
    lines = shapely.linestrings([[net.at(start), net.at(end)] for start, end in steps])
    nodes = _passed(net, _vertices(net, rows), steps, lines, limits)
    crossing = _crossings(net, _edges(net, rows), steps, lines, nodes)
    put = _put(net, [(edge, spot) for _, edge, spot in crossing], limits.narrowest_m)
    for (step, _, _), vertex in zip(crossing, put, strict=True):
        nodes.setdefault(step, set()).add(vertex)
    longer = [path[0]]
    for step in itertools.pairwise(path):
        longer += [*_in_order(net, step, nodes.get(step, set())), step[1]]
    return longer


def _passed(net: Net, vertices: list[int], steps: list[Edge], lines: Any, limits: EditLimits) -> dict[Edge, set[int]]:
    """Return the vertices that steps pass nearer than is allowed."""
    nodes: dict[Edge, set[int]] = {}
    pairs = _tree(net, vertices).query(lines, predicate="dwithin", distance=limits.narrowest_m)
    for line, k in pairs.T:
        step, vertex = steps[int(line)], vertices[int(k)]
        if vertex not in step and 0.0 < _share(net, step, net.point(vertex)) < 1.0:
            nodes.setdefault(step, set()).add(vertex)
    return nodes


def _crossings(
    net: Net, edges: list[Edge], steps: list[Edge], lines: Any, nodes: dict[Edge, set[int]]
) -> list[tuple[Edge, Edge, Points]]:
    """Return where steps cross borders away from vertices that they pass: step, border, place in metres."""
    found = []
    for line, k in _lines(net, edges).query(lines, predicate="intersects").T:
        step, edge = steps[int(line)], edges[int(k)]
        if not {*step, *nodes.get(step, ())} & {*edge}:
            found.append((step, edge, _meeting(net, step, edge)))
    return found


def _put(net: Net, spots: list[tuple[Edge, Points]], apart_m: float) -> list[int]:
    """Put vertices on borders; return them, one for those that lie nearer together than is allowed."""
    put: dict[int, int] = {}
    by_edge: dict[Edge, list[int]] = {}
    for k, (edge, _) in enumerate(spots):
        by_edge.setdefault(edge, []).append(k)
    for edge, members in by_edge.items():
        new: list[int] = []
        for k in sorted(members, key=lambda k: _share(net, edge, spots[k][1])):
            stored, metres = net.plane.straight(net.point(edge[0]), net.point(edge[1]), spots[k][1])
            ends = [*new[-1:], *edge]
            same = [end for end in ends if np.hypot(*(net.point(end) - metres)) < min(apart_m, _half(net, edge))]
            put[k] = same[0] if same else net.number(stored, metres)
            new += [] if same else [put[k]]
        net.insert(edge, new)
    return [put[k] for k in range(len(spots))]


def _half(net: Net, edge: Edge) -> float:
    """Return half the length of an edge."""
    return float(np.hypot(*(net.point(edge[1]) - net.point(edge[0])))) / 2


def _meeting(net: Net, step: Edge, edge: Edge) -> Points:
    """Return the place in metres where a step meets an edge."""
    start, along = net.point(edge[0]), net.point(edge[1]) - net.point(edge[0])
    from_, way = net.point(step[0]), net.point(step[1]) - net.point(step[0])
    turn = along[0] * way[1] - along[1] * way[0]
    gap = from_ - start
    share = 0.5 if turn == 0 else (gap[0] * way[1] - gap[1] * way[0]) / turn
    return np.asarray(start + np.clip(share, 0.0, 1.0) * along)


def _in_order(net: Net, step: Edge, nodes: set[int]) -> list[int]:
    """Return vertices in the order in which a step comes to them."""
    return sorted(nodes - {*step}, key=lambda vertex: (_share(net, step, net.point(vertex)), vertex))


def _share(net: Net, step: Edge, spot: Points) -> float:
    """Return how far along a step a place lies, as a share of its length."""
    start, along = net.point(step[0]), net.point(step[1]) - net.point(step[0])
    return float((spot - start) @ along / (along @ along))


def _edges(net: Net, rows: Sequence[int]) -> list[Edge]:
    """Return the edges of areas, each once."""
    return list(dict.fromkeys((min(edge), max(edge)) for row in rows for edge in net.edges[row]))


def _vertices(net: Net, rows: Sequence[int]) -> list[int]:
    """Return the vertices of areas, each once."""
    return list(dict.fromkeys(start for row in rows for start, _ in net.edges[row]))


def _tree(net: Net, vertices: list[int]) -> Any:
    """Return a search tree of vertices."""
    return shapely.STRtree(shapely.points([net.at(vertex) for vertex in vertices]))


def _lines(net: Net, edges: list[Edge]) -> Any:
    """Return a search tree of edges."""
    return shapely.STRtree(shapely.linestrings([[net.at(start), net.at(end)] for start, end in edges]))


def _without_spikes(path: list[int]) -> list[int]:
    """Return a path without steps to where it is, or there and straight back."""
    kept: list[int] = []
    for vertex in path:
        if len(kept) > 1 and kept[-2] == vertex:
            kept.pop()
        elif not kept or kept[-1] != vertex:
            kept.append(vertex)
    return kept


def _refuse_knots(net: Net, path: list[int]) -> None:
    """Refuse a path that crosses or meets itself, but for a ring that closes."""
    inner = path[:-1] if len(path) > 2 and path[0] == path[-1] else path  # noqa: PLR2004 - there and back is no ring
    again = next((vertex for k, vertex in enumerate(inner) if vertex in inner[:k]), None)
    if again is None and len(path) > 1 and not shapely.LineString([net.at(vertex) for vertex in path]).is_simple:
        again = path[len(path) // 2]
    if again is not None:
        raise InputError(
            f"a line that crosses or meets itself near {place(net.stored[again])}",
            expected="a line that does not",
            do="draw it anew",
            code="line_crosses_itself",
            values={"place": place(net.stored[again])},
        )
