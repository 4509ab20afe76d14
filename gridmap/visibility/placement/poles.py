"""Poles at the kerbs of streets and at crossings, and the directions in which cameras on them could look; in metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.tessellation.noding import LATTICE_M

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]

#: Metres from the middle of a street to its kerb by OpenStreetMap's class: half of the lanes that the class usually
#: has, 3.5 m each in main streets.
KERB_M = {
    **dict.fromkeys(("motorway", "trunk"), 12.0),
    "primary": 9.0,
    "secondary": 7.0,
    "tertiary": 5.0,
    **dict.fromkeys(("service", "track", "living_street", "pedestrian"), 2.5),
    **dict.fromkeys(("footway", "path", "steps", "cycleway", "corridor", "bridleway"), 1.5),
}
#: The same for all other classes, and for streets that say none.
USUAL_KERB_M = 3.5
#: Where a house stands at the kerb the pole stands nearer to the middle: shares of the distance, in turn.
NEARER = (1.0, 0.5, 0.25, 0.0)
#: A pole and its foundation keep this far from walls, metres.
CLEAR_M = 0.3
#: Metres over which the direction of a street is taken, and at which cameras at crossings aim along each arm.
STEP_M, AIM_M = 1.0, 20.0
#: Corners that differ by less than this many decimals of a radian are equally wide.
DECIMALS_RAD = 6
#: Arms that make a crossing, and metres within which crossings of divided streets are one.
LEAST_ARMS, ONE_CROSSING_M = 3, 8.0


@dataclass(frozen=True, kw_only=True)
class Poles:
    """Poles and the directions from them, one row per direction, in metres."""

    #: places, shape (n, 2)
    xy: Floats
    #: counter-clockwise from grid east, radians, shape (n,)
    heading: Floats
    #: "street" or "crossing", shape (n,)
    site: npt.NDArray[np.object_]


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where poles may stand."""

    #: streets from crossing to crossing, each metre once, in the order of their middles
    edges: Shapes
    #: streets as they were given, and metres from the middle of each to its kerb
    streets: shapely.STRtree
    kerb_m: Floats
    #: buildings
    walls: shapely.STRtree

    def beside_m(self, places: Floats) -> Floats:
        """Return metres from places on streets to the kerb."""
        return self.kerb_m[self.streets.nearest(shapely.points(places))] if len(places) else np.empty(0)


def site(lines: Shapes, classes: Sequence[str], walls: Shapes) -> Site:
    """Return streets and buildings as ground for poles.

    Parameters
    ----------
    lines, classes
        LineStrings in metres and their classes.
    walls
        Polygons in the same metres.

    Raises
    ------
    Nothing
        Classes that are not known have the usual width.
    """
    kerb_m = np.array([KERB_M.get(kind, USUAL_KERB_M) for kind in classes])
    streets = shapely.STRtree(lines)
    return Site(edges=_between_crossings(lines), streets=streets, kerb_m=kerb_m, walls=shapely.STRtree(walls))


def poles(place: Site, every_m: float) -> Poles:
    """Return poles along streets, every so many metres, and at crossings.

    Raises
    ------
    Nothing
        Where no place is free there is none.
    """
    groups = [_along(place, every_m), _at_crossings(place)]
    columns = {name: np.concatenate([getattr(one, name) for one in groups]) for name in ("xy", "heading", "site")}
    return Poles(**columns)


def _between_crossings(lines: Shapes) -> Shapes:
    """Streets from crossing to crossing, each metre once, in the order of their middles."""
    noded = shapely.union_all(lines, grid_size=LATTICE_M)
    edges = np.asarray(shapely.get_parts(shapely.line_merge(noded)))
    edges = shapely.normalize(edges[shapely.length(edges) > LATTICE_M])
    middle = shapely.get_coordinates(shapely.line_interpolate_point(edges, 0.5, normalized=True))
    return np.asarray(edges[np.lexsort(np.round(middle.T, 3))])


def _along(place: Site, every_m: float) -> Poles:
    """Poles between crossings, evenly spaced, on both sides."""
    edges = place.edges
    metres = shapely.length(edges)
    count = np.rint(metres / every_m).astype(np.int64)
    edge = np.repeat(np.arange(len(edges)), count)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    at = (number + 0.5) * (metres / np.maximum(count, 1))[edge]
    middle, way = _points(edges[edge], at), _direction(edges[edge], at)
    beside = place.beside_m(middle)
    sides = [_one_side(middle, way, side * beside, place.walls) for side in (1, -1)]
    return Poles(xy=np.concatenate([one.xy for one in sides]), heading=np.concatenate([one.heading for one in sides]),
                  site=np.concatenate([one.site for one in sides]))  # fmt: skip


def _one_side(middle: Floats, way: Floats, beside: Floats, walls: shapely.STRtree) -> Poles:
    """Poles on the left of a street (on the right where the distance is negative): along both ways, and across."""
    normal = np.stack([-np.sin(way), np.cos(way)], axis=1)
    spot, free = _free([middle + share * beside[:, None] * normal for share in NEARER], walls)
    across = way - np.sign(beside) * np.pi / 2
    heading = np.stack([way, way + np.pi, across], axis=1)[free]
    return Poles(
        xy=np.repeat(spot[free], 3, axis=0), heading=heading.ravel(), site=np.full(heading.size, "street", object)
    )


def _at_crossings(place: Site) -> Poles:
    """Poles at crossings, in the widest corner that is free, looking along each arm."""
    spots, headings = [np.empty((0, 2))], [np.empty(0)]
    for node, arms in _crossings(place.edges):
        near = place.streets.query(shapely.Point(node), "dwithin", 10 * LATTICE_M)
        beside = float(place.kerb_m[near].max(initial=0)) or USUAL_KERB_M
        spot, free = _free(_corners(node, arms, beside), place.walls)
        if free[0]:
            aims = node + AIM_M * np.stack([np.cos(arms), np.sin(arms)], axis=1) - spot[0]
            headings.append(np.arctan2(aims[:, 1], aims[:, 0]))
            spots.append(np.repeat(spot[:1], len(arms), axis=0))
    heading = np.concatenate(headings)
    return Poles(xy=np.concatenate(spots), heading=heading, site=np.full(len(heading), "crossing", object))


def _crossings(edges: Shapes) -> list[tuple[Floats, Floats]]:
    """Place of each crossing and the directions of its arms, ascending; of those close together the first."""
    metres = shapely.length(edges)
    ends = [_points(edges, at) for at in (np.zeros(len(edges)), metres)]
    reach = np.minimum(AIM_M / 2, metres / 2)
    ways = [_points(edges, at) - end for at, end in zip((reach, metres - reach), ends, strict=True)]
    place = np.rint(np.concatenate(ends) / LATTICE_M)
    way = np.arctan2(*np.concatenate(ways).T[::-1])
    nodes, node = np.unique(place, axis=0, return_inverse=True)
    order = np.lexsort((way, node.ravel()))
    arms = np.split(way[order], np.cumsum(np.bincount(node.ravel()))[:-1])
    crossing = np.flatnonzero([len(one) >= LEAST_ARMS for one in arms])
    spots = nodes[crossing] * LATTICE_M
    return [(spots[at], arms[crossing[at]]) for at in _apart(spots, ONE_CROSSING_M)]


def _apart(spots: Floats, least_m: float) -> list[int]:
    """Rows of places none of which is near to an earlier one that is kept."""
    if not len(spots):
        return []
    points = shapely.points(spots)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=least_m)
    near: dict[int, list[int]] = {}
    for row, before in zip(one[other < one].tolist(), other[other < one].tolist(), strict=True):
        near.setdefault(row, []).append(before)
    kept: set[int] = set()
    for row in range(len(spots)):
        if kept.isdisjoint(near.get(row, ())):
            kept.add(row)
    return sorted(kept)


def _corners(node: Floats, arms: Floats, beside: float) -> list[Floats]:
    """Places in the corners between arms, the widest corner first, each at the kerb and then nearer."""
    gap = np.diff(arms, append=arms[0] + 2 * np.pi)
    middle = arms + gap / 2
    # in a narrow corner the kerbs meet far out: not further than twice the distance
    out = beside / np.maximum(np.sin(np.minimum(gap, np.pi) / 2), 0.5)
    widest = np.argsort(-np.round(gap, DECIMALS_RAD), kind="stable")
    return [
        (node + share * out[at] * np.array([np.cos(middle[at]), np.sin(middle[at])]))[None]
        for share in NEARER[:-1]
        for at in widest
    ]


def _free(tries: list[Floats], walls: shapely.STRtree) -> tuple[Floats, Flags]:
    """The first of several places for each pole that is clear of buildings, and whether there is one."""
    spot, free = tries[0].copy(), np.zeros(len(tries[0]), bool)
    for places in tries:
        rest = np.flatnonzero(~free)
        hit = walls.query(shapely.points(places[rest]), predicate="dwithin", distance=CLEAR_M)[0]
        clear = np.delete(rest, np.unique(hit))
        spot[clear], free[clear] = places[clear], True
    return spot, free


def _points(lines: Shapes, at_m: Floats) -> Floats:
    """Places along lines."""
    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(lines, at_m)))


def _direction(lines: Shapes, at_m: Floats) -> Floats:
    """Direction of lines at places along them, radians."""
    step = _points(lines, np.minimum(at_m + STEP_M, shapely.length(lines))) - _points(
        lines, np.maximum(at_m - STEP_M, 0)
    )
    return np.asarray(np.arctan2(step[:, 1], step[:, 0]))
