"""Where streets join: vertices at one place, ends and junctions that touch a line, crossings without a vertex."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from gridmap.streets.reading import Drawn
from gridmap.tessellation.arrays import number_rows
from gridmap.tessellation.noding import LATTICE_M

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Pairs of boxes looked at in one go: their arrays fit into a hundred megabytes.
AT_ONCE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Cuts:
    """Where lines are cut, and the place that each cut is at."""

    #: vertex at which or behind which the cut is, shape (c,)
    vertex: Ints
    #: metres behind that vertex, 0 at it, shape (c,)
    beyond_m: Floats
    #: number of the place, shape (c,)
    place: Ints


@dataclass(frozen=True, kw_only=True)
class Joined:
    """All places at which streets join or end."""

    #: where lines are cut
    cuts: Cuts
    #: coordinates of every place, shape (places, 2)
    xy: Floats
    #: crossings on one level without a vertex
    bare: int
    #: whether those join
    every: bool
    #: how far from its place the end of a piece may be, metres
    reach_m: float


@dataclass(frozen=True, kw_only=True)
class Crossings:
    """Proper crossings of straight steps on one level, a millimetre or more from every vertex."""

    #: the two steps that cross, by their first vertices, shape (x, 2)
    vertex: Ints
    #: metres behind those vertices, shape (x, 2)
    beyond_m: Floats
    #: where, shape (x, 2)
    xy: Floats


def join(lines: Drawn, crossings: str, snap_m: float) -> Joined:
    """Return where lines join or end.

    Parameters
    ----------
    lines
        The lines.
    crossings
        ``auto``, ``shared`` or ``all``: whether crossings without a vertex join.
    snap_m
        How far an end may be from what it joins.

    Raises
    ------
    Nothing
        Lines that join nothing are cut at their ends.
    """
    place, junction = meetings(lines, snap_m)
    bare = crossed(lines, snap_m)
    every = crossings == "all" or (crossings == "auto" and len(bare.xy) > _forks(lines, place))
    touching = touches(lines, place, snap_m)
    at = np.flatnonzero(junction | np.isin(place, touching.place))
    own = Cuts(vertex=at, beyond_m=np.zeros(len(at)), place=place[at])
    xy = np.zeros((place.max(initial=-1) + 1, 2))
    xy[place[::-1]] = lines.xy[::-1]
    both = _at_crossings(bare, len(xy)) if every else []
    cuts, xy = _united(lines, _all_of([own, touching, *both]), np.vstack([xy, bare.xy]))
    return Joined(cuts=cuts, xy=xy, bare=len(bare.xy), every=every, reach_m=max(snap_m, LATTICE_M))


def _forks(lines: Drawn, place: Ints) -> int:
    """Number of places at which vertices of three or more arms meet."""
    return int((np.bincount(place, np.where(lines.is_end, 1, 2)) > 2).sum())  # noqa: PLR2004 (two arms are one street)


def _all_of(cuts: list[Cuts]) -> Cuts:
    """Cuts one after the other."""
    columns = (np.concatenate([getattr(each, name) for each in cuts]) for name in ("vertex", "beyond_m", "place"))
    return Cuts(**dict(zip(("vertex", "beyond_m", "place"), columns, strict=True)))


def _at_crossings(bare: Crossings, count: int) -> list[Cuts]:
    """Cuts of both lines of every crossing, each crossing a place of its own behind the places there are."""
    new = np.arange(count, count + len(bare.xy))
    return [Cuts(vertex=bare.vertex[:, k], beyond_m=bare.beyond_m[:, k], place=new) for k in (0, 1)]


def _united(lines: Drawn, cuts: Cuts, xy: Floats) -> tuple[Cuts, Floats]:
    """Cuts, and the places they are at: places within a millimetre are one, on one level or on one line."""
    used = np.unique(cuts.place)
    near = used[cKDTree(xy[used]).query_pairs(LATTICE_M, output_type="ndarray")].reshape(-1, 2)
    level = _levels(lines, cuts, len(xy))
    one, other = level[near[:, 0]], level[near[:, 1]]
    pairs = np.vstack([near[(one == other) | np.isnan(one) | np.isnan(other)], _neighbouring(lines, cuts)])
    group = grouped(len(xy), pairs)
    _, first = np.unique(group, return_index=True)
    return Cuts(vertex=cuts.vertex, beyond_m=cuts.beyond_m, place=group[cuts.place]), xy[first]


def _neighbouring(lines: Drawn, cuts: Cuts) -> Ints:
    """Pairs of places at which a line is cut within a millimetre: one is on its left, say, and one on its right."""
    order = np.lexsort([cuts.beyond_m, cuts.vertex])
    part, along = lines.part[cuts.vertex[order]], (lines.along_m[cuts.vertex] + cuts.beyond_m)[order]
    same = np.flatnonzero((part[1:] == part[:-1]) & (along[1:] - along[:-1] <= LATTICE_M))
    return np.stack([cuts.place[order][same], cuts.place[order][same + 1]], axis=1)


def _levels(lines: Drawn, cuts: Cuts, count: int) -> Floats:
    """Level of each place; NaN where several come together."""
    of = lines.level[lines.part[cuts.vertex]]
    least, most = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(least, cuts.place, of)
    np.maximum.at(most, cuts.place, of)
    return np.where(least == most, least, np.nan)


def meetings(lines: Drawn, snap_m: float) -> tuple[Ints, Flags]:
    """Return (place of each vertex, whether it is at a junction, an end, or where a line turns back), shape (v,) each.

    Vertices within a millimetre of each other are at one place, and so is what lies within ``snap_m`` of an end. Where
    nobody ends, those of different levels stay apart: a bridge has no junction with what runs below it.

    Raises
    ------
    Nothing
        A vertex that nothing else comes near is a place of its own.
    """
    ends = lines.is_end
    distinct, first = number_rows(lines.xy + 0.0)
    ending = np.zeros(len(first), dtype=bool)
    ending[distinct[ends]] = True
    place = _gathered(lines.xy[first], ending, snap_m)[distinct]
    ending = np.zeros(place.max(initial=-1) + 1, dtype=bool)
    ending[place[ends]] = True
    level = np.where(ending[place], np.nan, lines.level[lines.part])
    place, _ = number_rows(np.column_stack([place.astype(float), np.nan_to_num(level, nan=np.inf)]) + 0.0)
    return place, (np.bincount(place)[place] > 1) | ends | _turning(lines)


def _turning(lines: Drawn) -> Flags:
    """Whether a line goes back at a vertex along which it came, to the millimetre."""
    inner = np.flatnonzero(~lines.is_end)
    came, goes = lines.xy[inner] - lines.xy[inner - 1], lines.xy[inner + 1] - lines.xy[inner]
    beside = np.abs(_turned(came, goes)) / np.maximum(np.hypot(*came.T), np.hypot(*goes.T))
    flags = np.zeros(len(lines.xy), dtype=bool)
    flags[inner] = (beside <= LATTICE_M) & ((came * goes).sum(axis=1) < 0)
    return flags


def _gathered(xy: Floats, ending: Flags, snap_m: float) -> Ints:
    """Number of the group of each distinct point: what lies that near an end, or within a millimetre."""
    pairs = cKDTree(xy).query_pairs(max(snap_m, LATTICE_M), output_type="ndarray") if len(xy) else np.empty((0, 2), int)
    near = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) <= LATTICE_M
    return grouped(len(xy), pairs[near | ending[pairs].any(axis=1)])


def grouped(count: int, pairs: Ints) -> Ints:
    """Return the group of each of so many things of which pairs belong together, shape (count,).

    Raises
    ------
    Nothing
        Without pairs each is a group of its own.

    Examples
    --------
    >>> grouped(4, np.array([[0, 2]])).tolist()
    [0, 1, 0, 2]
    """
    one, other = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).T
    linked = sparse.coo_matrix((np.ones(len(one)), (one, other)), shape=(count, count))
    return np.asarray(csgraph.connected_components(linked, directed=False)[1], dtype=np.int64)


def touches(lines: Drawn, place: Ints, snap_m: float) -> Cuts:
    """Return where vertices touch the middle of a step of a line on their level.

    Parameters
    ----------
    lines
        The lines.
    place
        Place of each vertex, shape (v,).
    snap_m
        How far an end may be from the line that it touches; other vertices lie on it, to the millimetre.

    Raises
    ------
    Nothing
        Vertices that touch nothing cut nothing.
    """
    steps = lines.steps
    tree = shapely.STRtree(shapely.linestrings(np.stack([lines.xy[steps], lines.xy[steps + 1]], axis=1)))
    reach = np.where(lines.is_end, max(snap_m, LATTICE_M), LATTICE_M)
    point, step = tree.query(shapely.points(lines.xy), predicate="dwithin", distance=reach)
    begin = steps[step]
    beyond, length = _feet(lines.xy[point], lines.xy[begin], lines.xy[begin + 1])
    inside = (beyond > 0) & (beyond < length) & (place[point] != place[begin]) & (place[point] != place[begin + 1])
    inside &= lines.level[lines.part[begin]] == lines.level[lines.part[point]]
    return Cuts(vertex=begin[inside], beyond_m=beyond[inside], place=place[point[inside]])


def _feet(points: Floats, begin: Floats, end: Floats) -> tuple[Floats, Floats]:
    """(Metres along each step to the foot of its point, metres of the step)."""
    way = end - begin
    length = np.hypot(*way.T)
    return ((points - begin) * way).sum(axis=1) / length, length


def crossed(lines: Drawn, snap_m: float) -> Crossings:
    """Return where straight steps on one level cross without a vertex within a millimetre, or an end within the snap.

    Parameters
    ----------
    lines
        The lines.
    snap_m
        How far an end may be from what it joins.

    Raises
    ------
    Nothing
        Lines that do not cross have no crossings.
    """
    steps = lines.steps
    boxes = shapely.box(
        *np.minimum(lines.xy[steps], lines.xy[steps + 1]).T, *np.maximum(lines.xy[steps], lines.xy[steps + 1]).T
    )
    tree = shapely.STRtree(boxes)
    room = np.where(lines.is_end, max(snap_m, LATTICE_M), LATTICE_M)
    found = [_crossed(lines, room, steps[one], steps[other]) for one, other in _neighbours(tree, boxes)]
    vertex, beyond, xy = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort(vertex.T[::-1])
    return Crossings(vertex=vertex[order], beyond_m=beyond[order], xy=xy[order])


def _neighbours(tree: shapely.STRtree, boxes: npt.NDArray[np.object_]) -> list[tuple[Ints, Ints]]:
    """Pairs of steps whose boxes meet, each pair once, in portions."""
    portions = []
    for first in range(0, max(len(boxes), 1), AT_ONCE):
        one, other = tree.query(boxes[first : first + AT_ONCE])
        once = one + first < other
        portions.append((one[once] + first, other[once]))
    return portions


def _crossed(lines: Drawn, room: Floats, one: Ints, other: Ints) -> tuple[Ints, Floats, Floats]:
    """(First vertices of the steps, metres behind them, where) of the pairs that cross."""
    same = lines.level[lines.part[one]] == lines.level[lines.part[other]]
    one, other = one[same], other[same]
    a, b, c, d = lines.xy[one], lines.xy[one + 1], lines.xy[other], lines.xy[other + 1]
    way, across = b - a, d - c
    turn = way[:, 0] * across[:, 1] - way[:, 1] * across[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = _turned(c - a, across) / turn, _turned(c - a, way) / turn
        metres = share[0] * np.hypot(*way.T), share[1] * np.hypot(*across.T)
        inside = [
            (beyond > room[step]) & (np.hypot(*whole.T) - beyond > room[step + 1])
            for beyond, whole, step in zip(metres, (way, across), (one, other), strict=True)
        ]
    real = inside[0] & inside[1]
    vertex, beyond = np.stack([one, other], axis=1)[real], np.stack(metres, axis=1)[real]
    return vertex, beyond, a[real] + share[0][real, None] * way[real]


def _turned(one: Floats, other: Floats) -> Floats:
    """Cross product of vectors in the plane."""
    return np.asarray(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
