"""Outlines of visible ground: pieces stitched along the rays that they share, without any overlay.

The border of a piece runs along its right ray, its outer edge, its left ray and its inner edge. Where two pieces lie on
both sides of a ray, what they share of it is no border. The rest forms rings: shells run counter-clockwise, holes
clockwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.visibility.sweep.pieces import Flags, Floats, Ints, Pieces, taken, width
from gridmap.visibility.sweep.stacking import SAME_PLACE_M, SAME_RAY, directions, rays, stacked
from gridmap.visibility.sweep.wedges import ranges

#: Fewest places of a ring.
_CORNERS = 3
#: Widest angle of a chord, radians.
_WIDEST = np.pi / 8
#: Rings that hold less ground are none, square metres.
_NOTHING_M2 = 1e-6
#: Step of the lattice on which outlines are joined that could not be stitched, metres.
_LATTICE_M = 1e-3


@dataclass(frozen=True, kw_only=True)
class _Borders:
    """Directed parts of borders, the ground on their left; each from one node to another."""

    begin: Ints
    end: Ints
    group: Ints
    #: x0, y0, x1, y1 relative to the camera
    places: Floats
    #: angle that an arc turns, counter-clockwise; 0 where the part is straight
    turn: Floats


def outlined(pieces: Pieces, group: Ints, at: Floats, tolerance_m: float) -> npt.NDArray[Any]:
    """Return one geometry per group of pieces.

    Parameters
    ----------
    pieces
        Visible ground.
    group
        Group of each piece, from 0 without gaps; pieces of one group are of one camera.
    at
        Place of the camera of each group, metres, shape (g, 2).
    tolerance_m
        How far arcs may be drawn from their place.

    Raises
    ------
    Nothing
        A group too narrow to be drawn is an empty polygon.
    """
    wide = np.flatnonzero(width(pieces.outer) > 4 * SAME_RAY)
    borders = _borders(*stacked(taken(pieces, wide), group[wide]))
    made = _assembled(*_rings(borders, tolerance_m), at)
    for bad in np.union1d(np.flatnonzero(~shapely.is_valid(made)), _loose(borders)):
        made[bad] = _united(taken(pieces, np.flatnonzero(group == bad)), at[bad], tolerance_m)
    return made


def _borders(pieces: Pieces, group: Ints) -> _Borders:
    """Return the borders of the ground that each group's pieces fill together."""
    count = len(pieces)
    ray = rays(pieces, group)
    # ends of pieces on rays: first those on the right side of their ray, then those on its left
    low = np.concatenate([np.hypot(*pieces.inner[:, at : at + 2].T) for at in (2, 0)])
    high = np.concatenate([np.hypot(*pieces.outer[:, at : at + 2].T) for at in (2, 0)])
    node, radius, node_ray, first_of_ray = _nodes(np.concatenate([ray, ray]), np.concatenate([low, high]))
    low_node, high_node = node[: 2 * count], node[2 * count :]
    direction, ray_group = directions(pieces, group, ray)
    outward = _uncovered(low_node, high_node, count, len(radius), first_of_ray)
    begin = np.where(outward[1] > 0, outward[0], outward[0] + 1)
    end = np.where(outward[1] > 0, outward[0] + 1, outward[0])
    along = direction[node_ray]
    turning = width(pieces.outer)
    return _Borders(
        begin=np.concatenate([high_node[count:], low_node[:count], begin]),
        end=np.concatenate([high_node[:count], low_node[count:], end]),
        group=np.concatenate([group, group, ray_group[node_ray[begin]]]),
        places=np.concatenate(
            [
                pieces.outer,
                pieces.inner[:, [2, 3, 0, 1]],
                np.hstack([radius[begin, None] * along[begin], radius[end, None] * along[end]]),
            ]
        ),
        turn=np.concatenate(
            [
                np.where(pieces.outer_arc, turning, 0.0),
                np.where(pieces.inner_arc, -turning, 0.0),
                np.zeros(len(begin)),
            ]
        ),
    )


def _nodes(ray: Ints, radius: Floats) -> tuple[Ints, Floats, Ints, Flags]:
    """Return the node of each place on a ray; of each node its radius and ray, and whether it is the ray's first."""
    order = np.lexsort((radius, ray))
    new_ray = np.ones(len(order), np.bool_)
    new_ray[1:] = np.diff(ray[order]) != 0
    new = new_ray.copy()
    new[1:] |= np.diff(radius[order]) > SAME_PLACE_M
    node = np.empty(len(order), np.int64)
    node[order] = np.cumsum(new) - 1
    kept = order[new]
    return node, radius[kept], ray[kept], new_ray[new]


def _uncovered(low: Ints, high: Ints, count: int, nodes: int, first_of_ray: Flags) -> tuple[Ints, Ints]:
    """Return the stretches of rays with ground on one side alone, by their lower node, and 1 where that is the left."""
    sides = []
    for side in (slice(None, count), slice(count, None)):
        steps = np.bincount(low[side], minlength=nodes) - np.bincount(high[side], minlength=nodes)
        sides.append(np.cumsum(steps) > 0)
    right, left = sides
    border = np.flatnonzero((right != left)[:-1] & ~first_of_ray[1:])
    return border, np.where(left[border], 1, -1)


def _loose(borders: _Borders) -> Ints:
    """Return the groups in which some node is left more or less often than reached: rounding tore them."""
    nodes = int(max(borders.begin.max(initial=-1), borders.end.max(initial=-1))) + 1
    left, reached = (np.bincount(ends, minlength=nodes) for ends in (borders.begin, borders.end))
    torn = left != reached
    return np.unique(borders.group[torn[borders.begin] | torn[borders.end]])


def _rings(borders: _Borders, tolerance_m: float) -> tuple[Ints, Floats, Ints]:
    """Return the group of each ring, the places of all rings, and the ring of each place."""
    moves = borders.begin != borders.end
    kept = np.flatnonzero(moves | (borders.turn != 0))
    begin, end, group = borders.begin[kept], borders.end[kept], borders.group[kept]
    leaving, arriving = np.argsort(begin, kind="stable"), np.argsort(end, kind="stable")
    following = np.empty(len(kept), np.int64)
    following[arriving] = leaving
    _, ring = connected_components(
        coo_array((np.ones(len(kept), np.int8), (np.arange(len(kept)), following)), shape=(len(kept),) * 2),
        directed=False,
    )
    order = np.lexsort((_places_in(ring, following), ring, group))
    place, of = _drawn(borders.places[kept][order], borders.turn[kept][order], tolerance_m)
    ring, group = ring[order][of], group[order][of]
    new = np.ones(len(ring), np.bool_)
    new[1:] = ring[1:] != ring[:-1]
    return group[new], place, np.cumsum(new) - 1


def _places_in(ring: Ints, following: Ints) -> Ints:
    """Return how many steps each part comes after the first of its ring, by doubling the steps."""
    count = len(ring)
    _, first = np.unique(ring, return_index=True)
    before = np.empty(count, np.int64)
    before[following] = np.arange(count)
    before[first] = first
    steps = np.ones(count, np.int64)
    steps[first] = 0
    while True:
        further = steps[before]
        if not further.any():
            return steps
        steps, before = steps + further, before[before]


def _drawn(places: Floats, turn: Floats, tolerance_m: float) -> tuple[Floats, Ints]:
    """Return the places along borders without the last of each, arcs within a tolerance; and the border of each.

    Places between the ends of an arc lie a little outside it, so that the chords hold as much ground as the arc.
    """
    radius = np.hypot(places[:, 0], places[:, 1])
    # two chords leave the arc by a sixth of the square of their angle, more of them by less
    step = np.minimum(np.sqrt(6 * tolerance_m / np.maximum(radius, tolerance_m)), _WIDEST)
    count = np.where(turn != 0, np.maximum(np.ceil(np.abs(turn) / step), 2), 1).astype(np.int64)
    of, place = ranges(np.zeros(len(count), np.int64), count)
    angle = turn[of] * place / count[of]
    outside = np.where(place > 0, _raised(turn / count, count)[of], 1.0)
    c, s = outside * np.cos(angle), outside * np.sin(angle)
    x, y = places[of, 0], places[of, 1]
    return np.column_stack([x * c - y * s, x * s + y * c]), of


def _raised(chord: Floats, count: Ints) -> Floats:
    """Return by what the radius grows between the ends of an arc, so that chords hold the ground of the sector.

    With n chords of angle d, (n - 2) r^2 + 2 r = n d / sin d.
    """
    d = np.abs(chord)
    share = np.divide(d, np.sin(d), out=np.ones_like(d), where=d > 0)
    inner = np.maximum(count - 2, 0)
    raised: Floats = (inner + 2) * share / (1 + np.sqrt(1 + inner * (inner + 2) * share))
    return raised


def _assembled(group: Ints, place: Floats, ring: Ints, at: Floats) -> npt.NDArray[Any]:
    """Return the geometry of each group from its rings."""
    place, ring, kept = _simplified(place, ring, len(group))
    group = group[kept]
    area = _ring_areas(place, ring, len(group))
    shell = np.flatnonzero(area > _NOTHING_M2)
    hole = np.flatnonzero(area < -_NOTHING_M2)
    place = place + at[group[ring]]
    start = np.searchsorted(ring, np.arange(len(group) + 1))
    owner = np.arange(len(group))
    if hole.size:
        owner[hole] = _holders(place, start, group, (shell, hole))
    used = np.sort(np.concatenate([shell, hole[owner[hole] >= 0]]))
    order = used[np.lexsort((used, area[used] < 0, owner[used], group[used]))]
    return _geometries(place, start, (group, owner), order, len(at))


def _simplified(place: Floats, ring: Ints, rings: int) -> tuple[Floats, Ints, Ints]:
    """Return rings without repeated places, numbered anew, and the rings that remain."""
    new = np.ones(len(ring), np.bool_)
    near = np.abs(np.diff(place, axis=0)).max(axis=1, initial=0.0) < SAME_PLACE_M
    new[1:] = (ring[1:] != ring[:-1]) | ~near
    place, ring = place[new], ring[new]
    full = np.bincount(ring, minlength=rings) >= _CORNERS
    held = full[ring]
    return place[held], (np.cumsum(full) - 1)[ring[held]], np.flatnonzero(full)


def _ring_areas(place: Floats, ring: Ints, rings: int) -> Floats:
    """Return the signed area of each ring."""
    after = np.arange(1, len(ring) + 1)
    last = np.append(ring[1:] != ring[:-1], True)[: len(ring)]
    after[last] = np.searchsorted(ring, ring[last])
    cross = place[:, 0] * place[after, 1] - place[:, 1] * place[after, 0]
    return np.bincount(ring, cross, minlength=rings) / 2


def _holders(place: Floats, start: Ints, group: Ints, kinds: tuple[Ints, Ints]) -> Ints:
    """Return the shell that each hole lies in, -1 for none."""
    shell, hole = kinds
    first = np.searchsorted(group[shell], group[hole])
    count = np.searchsorted(group[shell], group[hole], side="right") - first
    which, member = ranges(first, count)
    holder = np.where(count > 0, shell[np.minimum(first, len(shell) - 1)] if len(shell) else -1, -1)
    several = np.flatnonzero(count[which] > 1)
    if several.size:
        pairs = (hole[which[several]], shell[member[several]])
        inner, outer = (_polygons_of(place, start, rows) for rows in pairs)
        inside = shapely.contains(outer, shapely.point_on_surface(inner))
        rows = several[inside][np.argsort(-shapely.area(outer[inside]), kind="stable")]
        holder[which[several]] = -1
        holder[which[rows]] = shell[member[rows]]
    return holder


def _polygons_of(place: Floats, start: Ints, rows: Ints) -> npt.NDArray[Any]:
    """Return some rings as polygons."""
    of, member = ranges(start[rows], start[rows + 1] - start[rows])
    rings = shapely.linearrings(place[member], indices=of)
    made: npt.NDArray[Any] = shapely.make_valid(shapely.polygons(rings))
    return made


def _geometries(place: Floats, start: Ints, of: tuple[Ints, Ints], order: Ints, groups: int) -> npt.NDArray[Any]:
    """Return MultiPolygons of rings in an order by group and shell; single ones as Polygons."""
    group, owner = of
    size = start[order + 1] - start[order]
    # each ring ends where it begins
    _, member = ranges(start[order], size + 1)
    member[np.cumsum(size + 1) - 1] = start[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = owner[order][1:] != owner[order][:-1]
    begins = np.append(np.flatnonzero(first), len(order))
    part_of = group[order][first]
    offsets = (
        np.append(0, np.cumsum(size + 1)),
        begins,
        np.searchsorted(part_of, np.arange(groups + 1)),
    )
    coordinates = np.ascontiguousarray(place[member])
    made: npt.NDArray[Any] = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, coordinates, offsets)
    number = np.diff(offsets[2])
    made[number == 1] = shapely.get_geometry(made[number == 1], 0)
    made[number == 0] = shapely.Polygon()
    return made


def _united(pieces: Pieces, at: Floats, tolerance_m: float) -> Any:
    """Return pieces joined by overlay, where their borders touch in a way that stitching does not settle."""
    parts = []
    for row in range(len(pieces)):
        borders = [
            _drawn(ends[None], np.array([turn]), tolerance_m)[0]
            for ends, turn in (
                (pieces.outer[row], width(pieces.outer[row : row + 1])[0] * pieces.outer_arc[row]),
                (pieces.outer[row, [2, 3, 2, 3]], 0.0),
                (pieces.inner[row, [2, 3, 0, 1]], -width(pieces.inner[row : row + 1])[0] * pieces.inner_arc[row]),
                (pieces.inner[row, [0, 1, 0, 1]], 0.0),
            )
        ]
        parts.append(shapely.make_valid(shapely.Polygon(np.concatenate(borders) + at)))
    united = shapely.union_all(shapely.set_precision(parts, _LATTICE_M), grid_size=_LATTICE_M)
    solid = [part for part in shapely.get_parts(united) if part.geom_type == "Polygon"]
    return solid[0] if len(solid) == 1 else shapely.MultiPolygon(solid)
