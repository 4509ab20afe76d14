"""Walls as a camera sees them: cut to wedges of at most a right angle, and laid out by direction and nearness.

In a wedge, with x forward and y to the left, a place is written as t = y / x and w = 1 / x. Straight walls stay
straight, rays from the camera stand upright, and what is nearer lies higher: the visible wall is the highest one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.visibility.cameras.views import Views
from gridmap.visibility.sweep.pieces import Floats, Ints
from gridmap.visibility.sweep.scenes import Scene

#: Directions nearer than this are one: tangents within a wedge go from -1 to 1, so it is some hundred roundings.
NARROW = 1e-13
#: What a wall is to the sight over it: it ends it, or begins or ends ground hidden behind a low building.
STOPS, HIDES, SHOWS = 0, 1, -1
#: A view is cut in wedges of a right angle; a hair more than one is still one.
_HAIR = 1e-9


@dataclass(frozen=True, kw_only=True)
class Wedges:
    """Parts of footprints, each at most a right angle wide, by view and from right to left."""

    #: row of the view, shape (n,)
    view: Ints
    #: the camera's place, metres, shape (n, 2)
    xy: Floats
    #: direction of the middle: its cosine and sine, shape (n, 2)
    forward: Floats
    #: tangent of half the angle, at most 1, shape (n,)
    slope: Floats
    #: metres, shape (n,)
    reach: Floats
    #: height of the camera and of the plane that is judged, metres, shape (n,)
    height: Floats
    target: Floats

    def __len__(self) -> int:
        """Return the number of wedges."""
        return len(self.view)

    def part(self, begin: int, end: int) -> Wedges:
        """Return some wedges that follow one another."""
        return Wedges(**{field.name: getattr(self, field.name)[begin:end] for field in fields(Wedges)})


@dataclass(frozen=True, kw_only=True)
class Segments:
    """Walls in wedges: from (t0, w0) on the right to (t1, w1) on the left, by wedge."""

    wedge: Ints
    t0: Floats
    t1: Floats
    w0: Floats
    w1: Floats
    #: STOPS, HIDES or SHOWS
    kind: Ints
    #: row of the wall in the scene
    edge: Ints

    def __len__(self) -> int:
        """Return the number of walls."""
        return len(self.wedge)

    def at(self, rows: Ints, t: Floats) -> Floats:
        """Return the nearness w of some walls in some directions."""
        t0, w0 = self.t0[rows], self.w0[rows]
        along = np.clip((t - t0) / (self.t1[rows] - t0), 0.0, 1.0)
        found: Floats = w0 + along * (self.w1[rows] - w0)
        return found

    def taken(self, rows: npt.NDArray[Any]) -> Segments:
        """Return some walls."""
        return Segments(**{field.name: getattr(self, field.name)[rows] for field in fields(Segments)})


def ranges(first: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Return which range each member belongs to, and the members: first, first + 1 and so on.

    Parameters
    ----------
    first, count
        Beginning and length of each range, shape (n,).

    Raises
    ------
    Nothing
        Empty ranges have no members.

    Examples
    --------
    >>> [part.tolist() for part in ranges(np.array([5, 9]), np.array([2, 1]))]
    [[0, 0, 1], [5, 6, 9]]
    """
    which = np.repeat(np.arange(len(first)), count)
    return which, np.arange(len(which)) + (first - np.cumsum(count) + count)[which]


def wedges(views: Views) -> Wedges:
    """Return the footprints' sectors in wedges.

    Parameters
    ----------
    views
        Footprints. Where the sides do not pass through the camera, the sector is that which holds the footprint.

    Raises
    ------
    Nothing
        A footprint without angle or range has no wedge.

    Examples
    --------
    All round there are four, and a hair more than a right angle is still one:

    >>> import pandas as pd
    >>> from gridmap.visibility.cameras.views import views
    >>> table = pd.DataFrame({"id": ["a", "b"], "kind": ["fisheye", "fixed"], "status": "online", "heading_deg": 0.0})
    >>> wedges(views(table.assign(lon=120.0, lat=32.0, hfov_deg=[180.0, 90.0]))).view.tolist()
    [0, 0, 0, 0, 1]
    """
    half = held_angle(views)
    count = np.ceil(half / (np.pi / 4) - _HAIR).astype(np.int64)
    count[(views.range_m <= 0) | (half <= 0)] = 0
    view, place = ranges(np.zeros(len(views), np.int64), count)
    each = 2 * half[view] / count[view]
    middle = views.heading[view] - half[view] + (place + 0.5) * each
    return Wedges(
        view=view,
        xy=views.xy[view],
        forward=np.column_stack([np.cos(middle), np.sin(middle)]),
        slope=np.minimum(np.tan(each / 2), 1.0),
        reach=views.range_m[view].astype(np.float64),
        height=views.height_m[view].astype(np.float64),
        target=views.target_m[view].astype(np.float64),
    )


def held_angle(views: Views) -> Floats:
    """Return half the angle in plan that holds each footprint, radians."""
    offset, slope = views.side.T
    aside = (offset > 0) & np.isfinite(offset) & np.isfinite(slope) & (views.half_angle < np.pi / 2)
    widest = np.arctan2(np.where(aside, offset + np.where(aside, slope, 0.0) * views.near_m, 0.0), views.near_m)
    return np.minimum(np.where(aside, np.maximum(widest, views.half_angle), views.half_angle), np.pi)


def walls_in(scene: Scene, wedge: Wedges) -> Segments:
    """Return the walls that matter in each wedge, as they are seen.

    Of a building at least as high as the camera, the walls that face it stop the sight. Of a lower one that rises above
    the plane judged, walls that face the camera begin hidden ground, and those that face away end it, k times as far.

    Parameters
    ----------
    scene
        Obstacles.
    wedge
        Wedges in the scene's metric system.

    Returns
    -------
    Segments
        By wedge.

    Raises
    ------
    Nothing
        In open ground there are none.

    Notes
    -----
    The ray over a roof at height b and distance r meets the plane at height t at r (H - t) / (H - b), H the height of
    the camera: the far edge of the shadow is the far wall enlarged about the camera by k = (H - t) / (H - b).
    """
    which, edge = _near(scene, wedge)
    ends = scene.edges[edge] - wedge.xy[which][:, [0, 1, 0, 1]]
    faces = ends[:, 0] * ends[:, 3] - ends[:, 1] * ends[:, 2]
    top, high, target = scene.height[edge], wedge.height[which], wedge.target[which]
    kept = np.flatnonzero((top > target) & ((faces < 0) | ((faces > 0) & (top < high))))
    which, edge, ends, faces, top = which[kept], edge[kept], ends[kept], faces[kept], top[kept]
    high, target = high[kept], target[kept]
    away = faces > 0
    kind = np.where(away, SHOWS, np.where(top < high, HIDES, STOPS))
    far = np.ones(len(edge))
    far[away] = (high[away] - target[away]) / (high[away] - top[away])
    right, left = np.where(away[:, None], ends[:, :2], ends[:, 2:]), np.where(away[:, None], ends[:, 2:], ends[:, :2])
    return _cut(
        _turned(right, wedge.forward[which]), _turned(left, wedge.forward[which]), (which, edge, kind, far), wedge
    )


def _turned(places: Floats, forward: Floats) -> Floats:
    """Return places with x forward."""
    (x, y), (c, s) = places.T, forward.T
    turned: Floats = np.stack([x * c + y * s, y * c - x * s])
    return turned


def _near(scene: Scene, wedge: Wedges) -> tuple[Ints, Ints]:
    """Return each pair of a wedge and a wall in the cells that its bounds touch, once."""
    west, south, cell = scene.frame
    columns, rows = scene.shape
    low, high = _bounds(wedge)
    limit = np.array([columns - 1, rows - 1])
    first = np.clip(np.floor((low - (west, south)) / cell), 0, limit).astype(np.int64)
    last = np.clip(np.floor((high - (west, south)) / cell), -1, limit).astype(np.int64)
    strip, column = ranges(first[:, 0], np.maximum(last[:, 0] - first[:, 0] + 1, 0))
    row0, row1 = first[strip, 1], np.maximum(last[strip, 1] + 1, first[strip, 1])
    begin, end = scene.start[column * rows + row0], scene.start[column * rows + row1]
    of, entry = ranges(begin, end - begin)
    which, edge = strip[of], scene.wall[entry]
    # a wall stands in several cells: it counts in the first of them that lies in the window
    home = np.maximum(scene.first_cell[edge], first[which])
    once = np.flatnonzero(home[:, 0] * rows + home[:, 1] == scene.entry_cell[entry])
    return which[once], edge[once]


def _bounds(wedge: Wedges) -> tuple[Floats, Floats]:
    """Return the lowest and highest x and y of each wedge's sector."""
    (c, s), slope, reach = wedge.forward.T, wedge.slope, wedge.reach
    tip = reach / np.sqrt(1 + slope * slope)
    corners = [np.zeros((len(wedge), 2))]
    corners += [np.column_stack([tip * (c - t * s), tip * (s + t * c)]) for t in (slope, -slope)]
    for east, north in ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)):
        x, y = east * c + north * s, north * c - east * s
        held = (x > 0) & (np.abs(y) <= slope * x)
        corners.append(np.where(held, reach, 0.0)[:, None] * (east, north))
    stacked = np.stack(corners)
    return wedge.xy + stacked.min(axis=0), wedge.xy + stacked.max(axis=0)


def _cut(right: Floats, left: Floats, rows: tuple[Ints, Ints, Ints, Floats], wedge: Wedges) -> Segments:
    """Return walls cut to the disc and to the sides of their wedges."""
    which, edge, kind, far = rows
    # a wall that counts k times as far is cut where k times as far is the range
    right, left, inside = _in_disc(right, left, wedge.reach[which] / far)
    slope = wedge.slope[which]
    right, left, within = _in_sides(right, left, slope)
    kept = np.flatnonzero(inside & within & (right[0] > 0) & (left[0] > 0))
    (ax, ay), (bx, by), slope = right[:, kept], left[:, kept], slope[kept]
    t0, t1 = np.maximum(ay / ax, -slope), np.minimum(by / bx, slope)
    t0, t1 = np.where(t0 + slope < NARROW, -slope, t0), np.where(slope - t1 < NARROW, slope, t1)
    wide = np.flatnonzero(t1 - t0 > NARROW)
    kept = kept[wide]
    return Segments(
        wedge=which[kept],
        t0=t0[wide],
        t1=t1[wide],
        w0=1 / (ax[wide] * far[kept]),
        w1=1 / (bx[wide] * far[kept]),
        kind=kind[kept],
        edge=edge[kept],
    )


def _in_disc(a: Floats, b: Floats, reach: Floats) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Return the part of each wall within a disc about the camera, and which have one."""
    d = b - a
    length2, limit2 = (d * d).sum(axis=0), reach * reach
    off2 = (a[0] * b[1] - a[1] * b[0]) ** 2 / length2
    inside = off2 < limit2
    foot = -(a * d).sum(axis=0) / length2
    half = np.sqrt(np.maximum(limit2 - off2, 0.0) / length2)
    from_, to = np.maximum(foot - half, 0.0), np.minimum(foot + half, 1.0)
    # ends within the disc stay as they are, to the last bit
    cut_a, cut_b = (a * a).sum(axis=0) > limit2, (b * b).sum(axis=0) > limit2
    return np.where(cut_a, a + from_ * d, a), np.where(cut_b, a + to * d, b), inside & (to > from_)


def _in_sides(a: Floats, b: Floats, slope: Floats) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Return the part of each wall between the sides of its wedge, and which have one; walls run from right to left."""
    fa, fb = a[1] + slope * a[0], b[1] + slope * b[0]
    enters = (fa < 0) & (fb > 0)
    x = a[0] + np.divide(fa, fa - fb, out=np.zeros_like(fa), where=enters) * (b[0] - a[0])
    a = np.where(enters, np.stack([x, -slope * x]), a)
    ga, gb = slope * a[0] - a[1], slope * b[0] - b[1]
    leaves = (ga > 0) & (gb < 0)
    u = np.divide(ga, ga - gb, out=np.zeros_like(ga), where=leaves)
    x = a[0] + u * (b[0] - a[0])
    b = np.where(leaves, np.stack([x, slope * x]), b)
    return a, b, (enters | (fa >= 0)) & (leaves | ((ga >= 0) & (gb >= 0)))
