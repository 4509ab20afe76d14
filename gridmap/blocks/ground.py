"""The ground of each block: what lies nearer to its streets than to others, on both sides and in one piece."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.blocks.network import SAME_M, Ints, Lines
from gridmap.blocks.stretches import Pieces
from gridmap.tessellation import borders, cells, faces

#: Metres by which a dead end is led on at most to meet something: beyond, the ground around its tip is not divided.
REACH_M = 1000.0


def ground(pieces: Pieces, *, within: Any) -> Lines:
    """Return a polygon for each stretch: together they fill the territory, and each is one piece.

    The ground between streets is shared out among those at its rim, each place to the nearest of them; so a block lies
    on both sides of its streets and reaches half way to the next ones. Where two stretches of one street meet, the
    border crosses the street at their common end. A dead end is led straight on to the far side of the ground that it
    ends in, which divides that ground; the line led on is no street.

    Parameters
    ----------
    pieces
        The streets, and the stretch of each.
    within
        The territory: a polygon in the same metres.

    Returns
    -------
    numpy.ndarray of Polygon
        In the order of ``pieces.stretches``; neighbours share their vertices exactly.

    Raises
    ------
    InputError
        If the territory is no valid polygon.
    """
    lines = np.concatenate([pieces.lines, _led_on(pieces.lines, within)])
    found = faces(lines, limit=within)
    cut = cells(found, pieces.lines)
    stretch = np.where(cut.owner >= 0, pieces.stretch[cut.owner], -1)
    label = _in_one_piece(cut.geometry, stretch)
    order = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[order], np.arange(len(pieces.stretches) + 1))
    groups = [cut.geometry[order[begin:end]] for begin, end in pairwise(starts.tolist())]
    return np.array([shapely.coverage_union_all(group) for group in groups], dtype=object)


def _led_on(lines: Lines, within: Any) -> Lines:
    """Lines from each dead end straight on to the next line or the rim of the territory."""
    tips = np.stack([shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)], axis=1)
    places = np.rint(tips.reshape(-1, 2) / SAME_M)
    _, node, count = np.unique(places, axis=0, return_inverse=True, return_counts=True)
    dead = np.flatnonzero(count[node] == 1)
    rim = shapely.boundary(within)
    obstacles = np.append(lines, rim)
    tree = shapely.STRtree(obstacles)
    led = [_ray(lines[at // 2], at % 2, obstacles, tree) for at in dead.tolist()]
    return np.array([ray for ray in led if ray is not None], dtype=object)


def _ray(line: Any, end: int, obstacles: Lines, tree: Any) -> Any | None:
    """The line led straight on from one of its ends until it meets something; None where it already does."""
    length = line.length
    tip, back = (
        (line.interpolate(0), line.interpolate(min(12.0, length)))
        if end == 0
        else (
            line.interpolate(length),
            line.interpolate(max(length - 12.0, 0.0)),
        )
    )
    way = np.array([tip.x - back.x, tip.y - back.y])
    way /= np.hypot(*way)
    start = np.array(line.coords[0 if end == 0 else -1])
    ray = shapely.linestrings([start, start + way * REACH_M])
    met = shapely.intersection(obstacles[tree.query(ray, predicate="intersects")], ray)
    points = shapely.get_coordinates(met[~shapely.is_empty(met)])
    ahead = (points - start) @ way
    ahead = ahead[ahead > 2 * SAME_M]
    touching = shapely.distance(obstacles[-1], shapely.points(start)) <= SAME_M
    if touching or not len(ahead):
        return None
    # a little farther than the meeting, so that the two lines do cross
    return shapely.linestrings([start, start + way * (ahead.min() + SAME_M)])


def _in_one_piece(shapes: Lines, stretch: Ints) -> Ints:
    """The stretch of each cell, once every part that lies apart from the greatest went to the neighbour around it."""
    near = borders(shapes)
    pairs = np.vstack([np.column_stack([near.a, near.b]), np.column_stack([near.b, near.a])])
    metres = np.tile(near.length_m, 2)
    size = np.asarray(shapely.area(shapes))
    label = stretch.copy()
    while len(apart := _apart(label, pairs, size)):
        waiting = np.zeros(len(label), dtype=bool)
        waiting[apart] = True
        chosen = waiting[pairs[:, 0]] & ~waiting[pairs[:, 1]]
        if not chosen.any():
            break
        rows = np.lexsort([label[pairs[chosen, 1]], -metres[chosen], pairs[chosen, 0]])
        cell, beside = pairs[chosen][rows].T
        first = np.append(True, cell[1:] != cell[:-1])
        label[cell[first]] = label[beside[first]]
    return label


def _apart(label: Ints, pairs: Ints, size: Any) -> Ints:
    """Cells without a stretch, and those of parts that lie apart from the greatest part of theirs."""
    same = label[pairs[:, 0]] == label[pairs[:, 1]]
    graph = coo_array((np.ones(same.sum()), tuple(pairs[same].T)), shape=(len(label), len(label)))
    parts, part = connected_components(graph, directed=False)
    whole = np.bincount(part, size, parts)
    order = np.lexsort([-whole[part], label])
    first = np.append(True, label[order][1:] != label[order][:-1])
    greatest = dict(zip(label[order][first].tolist(), part[order][first].tolist(), strict=True))
    return np.flatnonzero((label < 0) | (part != np.array([greatest[one] for one in label.tolist()])))
