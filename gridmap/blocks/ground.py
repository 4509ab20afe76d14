"""The ground of each block: what lies nearer to its streets than to others, on both sides and in one piece."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.blocks.network import END_M, SAME_M, Floats, Ints, Lines
from gridmap.blocks.stretches import Pieces
from gridmap.tessellation import borders, cells, faces

#: Times that branches are looked through for those cut off.
ROUNDS = 8
#: Metres by which a dead end is led on at most to meet something: beyond, the ground around its tip is not divided,
#: unless a street would have no ground at all.
REACH_M = 1000.0


def ground(pieces: Pieces, *, within: Any) -> tuple[Lines, Ints]:
    """Return a polygon for each stretch, and the stretch in whose ground each piece of street lies.

    The polygons fill the territory together, and each is one piece.

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
    (numpy.ndarray of Polygon, numpy.ndarray of int64)
        Polygons in the order of ``pieces.stretches``, whose neighbours share their vertices exactly; and for each piece
        its stretch, which is another than before where a branch is cut off from its own by the ground of others.

    Raises
    ------
    InputError
        If the territory is no valid polygon.
    """
    west, south, east, north = shapely.bounds(within).tolist()
    # a lonely street that nothing meets within the reach would have no ground on either side
    for reach_m in (REACH_M, float(np.hypot(east - west, north - south))):
        lines = np.concatenate([pieces.lines, _led_on(pieces.lines, within, reach_m)])
        cut = cells(faces(lines, limit=within), pieces.lines)
        near = _Near.of(cut.geometry)
        stretch = _reached(pieces, cut.owner, near)
        label = _in_one_piece(np.where(cut.owner >= 0, stretch[cut.owner], -1), near)
        if len(np.unique(label[label >= 0])) == len(pieces.stretches):
            break
    order = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[order], np.arange(len(pieces.stretches) + 1))
    groups = [cut.geometry[order[begin:end]] for begin, end in pairwise(starts.tolist())]
    return np.array([shapely.coverage_union_all(group) for group in groups], dtype=object), stretch


def split_along(shape: Any, spine: Lines) -> tuple[Any | None, Any | None]:
    """Return the ground of a block on the left and on the right of its spine, None where there is none."""
    line = shapely.union_all(spine)
    parts = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all([shapely.boundary(shape), line]))))
    inside = shapely.point_on_surface(parts)
    # the side is that of the nearest piece, at the place on it that is nearest
    nearest = shapely.STRtree(spine).nearest(inside)
    along = shapely.line_locate_point(spine[nearest], inside)
    step = np.minimum(1.0, shapely.length(spine[nearest]) / 4)
    low = np.clip(along - step, 0.0, shapely.length(spine[nearest]) - 2 * step)
    spots = (shapely.line_interpolate_point(spine[nearest], low + ahead) for ahead in (0.0, 2 * step))
    begins, ends = (shapely.get_coordinates(spot) for spot in spots)
    way, there = ends - begins, shapely.get_coordinates(inside) - begins
    left = way[:, 0] * there[:, 1] - way[:, 1] * there[:, 0] > 0
    return _together(parts[left]), _together(parts[~left])


def _together(parts: Lines) -> Any | None:
    """The union of neighbouring polygons, None of none."""
    return shapely.coverage_union_all(parts) if len(parts) else None


def _led_on(lines: Lines, within: Any, reach_m: float) -> Lines:
    """Lines from each dead end straight on to the next line or the rim of the territory, where these are in reach."""
    tips = np.stack([shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)], axis=1)
    places = np.rint(tips.reshape(-1, 2) / SAME_M)
    _, node, count = np.unique(places, axis=0, return_inverse=True, return_counts=True)
    dead = np.flatnonzero(count[node] == 1)
    rim = shapely.boundary(within)
    obstacles = np.append(lines, rim)
    tree = shapely.STRtree(obstacles)
    led = [_ray(lines[at // 2], at % 2, obstacles, tree, reach_m) for at in dead.tolist()]
    return np.array([ray for ray in led if ray is not None], dtype=object)


def _ray(line: Any, end: int, obstacles: Lines, tree: Any, reach_m: float) -> Any | None:
    """The line led straight on from one of its ends until it meets something; None where it already does."""
    start = np.array(line.coords[0 if end == 0 else -1])
    back = line.interpolate(min(END_M, line.length) * (1 if end == 0 else -1))
    way = start - [back.x, back.y]
    way /= np.hypot(*way)
    ray = shapely.linestrings([start, start + way * reach_m])
    met = shapely.intersection(obstacles[tree.query(ray, predicate="intersects")], ray)
    points = shapely.get_coordinates(met[~shapely.is_empty(met)])
    ahead = (points - start) @ way
    ahead = ahead[ahead > 2 * SAME_M]
    touching = shapely.distance(obstacles[-1], shapely.points(start)) <= SAME_M
    if touching or not len(ahead):
        return None
    # a little farther than the meeting, so that the two lines do cross
    return shapely.linestrings([start, start + way * (ahead.min() + SAME_M)])


@dataclass(frozen=True, kw_only=True)
class _Near:
    """Cells and their neighbours."""

    #: square metres of each cell
    size: Floats
    #: pairs of neighbours in both orders, and the metres that they share
    pairs: Ints
    metres: Floats

    @classmethod
    def of(cls, shapes: Lines) -> _Near:
        """The neighbours among cells."""
        found = borders(shapes)
        pairs = np.vstack([np.column_stack([found.a, found.b]), np.column_stack([found.b, found.a])])
        return cls(size=np.asarray(shapely.area(shapes)), pairs=pairs, metres=np.tile(found.length_m, 2))


def _reached(pieces: Pieces, owner: Ints, near: _Near) -> Ints:
    """The stretch of each piece, once branches that the ground of others cuts off went to the ground around them."""
    stretch = pieces.stretch.copy()
    for _ in range(ROUNDS):
        apart = _apart(np.where(owner >= 0, stretch[owner], -1), near)
        cut_off = np.unique(owner[apart][owner[apart] >= 0])
        cut_off = cut_off[~pieces.on_spine[cut_off]]
        if not len(cut_off):
            break
        inner, outer = owner[near.pairs].T
        beside = np.isin(inner, cut_off) & ~np.isin(outer, cut_off) & (outer >= 0)
        if not beside.any():
            break
        table = pd.DataFrame({"piece": inner[beside], "to": stretch[outer[beside]], "metres": near.metres[beside]})
        shared = table.groupby(["piece", "to"])["metres"].sum().reset_index()
        best = shared.sort_values(["piece", "metres", "to"], ascending=[True, False, True]).drop_duplicates("piece")
        stretch[best["piece"]] = best["to"]
    return stretch


def _in_one_piece(label: Ints, near: _Near) -> Ints:
    """The stretch of each cell, once every part that lies apart from the greatest went to the neighbour around it."""
    label = label.copy()
    while len(apart := _apart(label, near)):
        waiting = np.zeros(len(label), dtype=bool)
        waiting[apart] = True
        chosen = waiting[near.pairs[:, 0]] & ~waiting[near.pairs[:, 1]]
        if not chosen.any():
            break
        pairs = near.pairs[chosen]
        rows = np.lexsort([label[pairs[:, 1]], -near.metres[chosen], pairs[:, 0]])
        cell, beside = pairs[rows].T
        first = np.append(True, cell[1:] != cell[:-1])
        label[cell[first]] = label[beside[first]]
    return label


def _apart(label: Ints, near: _Near) -> Ints:
    """Cells without a stretch, and those of parts that lie apart from the greatest part of theirs."""
    same = label[near.pairs[:, 0]] == label[near.pairs[:, 1]]
    graph = coo_array((np.ones(same.sum()), tuple(near.pairs[same].T)), shape=(len(label), len(label)))
    parts, part = connected_components(graph, directed=False)
    whole = np.bincount(part, near.size, parts)
    order = np.lexsort([-whole[part], label])
    first = np.append(True, label[order][1:] != label[order][:-1])
    greatest = np.zeros(label.max(initial=-1) + 2, dtype=np.int64)
    greatest[label[order][first]] = part[order][first]
    return np.flatnonzero((label < 0) | (part != greatest[label]))
