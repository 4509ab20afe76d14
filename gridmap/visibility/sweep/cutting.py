"""Pieces cut along straight lines and circles about the camera, exactly: footprints and bands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.compiling import COMPILED
from gridmap.visibility.sweep.cutting_kernel import cut_all
from gridmap.visibility.sweep.pieces import NO_BLOCKER, Flags, Floats, Ints, Pieces, taken, width

#: Share of an edge or of a right angle that is no length: some hundred roundings.
_TINY = 1e-14
#: Pieces that there is room for beyond half as many again.
_ROOM = 16


@dataclass(frozen=True, kw_only=True)
class Cuts:
    """A line or a circle about the camera for each piece: places with n . p = limit, or at the distance ``limit``."""

    #: (0, 0) for a circle, shape (m, 2)
    normal: Floats
    #: metres, above 0: the camera itself is on the near side, shape (m,)
    limit: Floats

    def excess(self, places: Floats) -> Floats:
        """Return how far beyond the line or circle places are, shape (m,)."""
        circle = (self.normal == 0).all(axis=1)
        measure = np.where(circle, np.hypot(places[:, 0], places[:, 1]), (self.normal * places).sum(axis=1))
        found: Floats = measure - self.limit
        return found

    def taken(self, rows: npt.NDArray[np.int64]) -> Cuts:
        """Return the cuts of some pieces."""
        return Cuts(normal=self.normal[rows], limit=self.limit[rows])


def split(pieces: Pieces, cuts: Cuts) -> tuple[Pieces, Flags]:
    """Return pieces cut in two where a line or circle passes through them, and which lie beyond it.

    Parameters
    ----------
    pieces
        Any pieces.
    cuts
        One per piece.

    Returns
    -------
    Pieces, numpy.ndarray
        In the order of the pieces; an infinite limit cuts nothing. The far part keeps the blocker, the near has none.

    Raises
    ------
    Nothing
        A line that passes by leaves a piece whole.

    Examples
    --------
    A quarter of the unit disc, cut by the circle of half its radius: a quarter of its ground lies within.

    >>> from gridmap.visibility.sweep.pieces import areas
    >>> whole = Pieces(view=np.zeros(1, int), band=np.full(1, 3), inner=np.zeros((1, 4)), blocker=np.full(1, -1),
    ...     outer=np.array([[1.0, 0, 0, 1]]), inner_arc=np.array([False]), outer_arc=np.array([True]))
    >>> parts, beyond = split(whole, Cuts(normal=np.zeros((1, 2)), limit=np.array([0.5])))
    >>> (areas(parts) / areas(whole)[0]).round(12).tolist(), beyond.tolist()
    ([0.25, 0.75], [False, True])
    """
    return _split_compiled(pieces, cuts) if COMPILED else split_by_numpy(pieces, cuts)


def _split_compiled(pieces: Pieces, cuts: Cuts) -> tuple[Pieces, Flags]:
    """Return pieces cut by the compiled kernel."""
    edges = (pieces.inner, pieces.outer, pieces.inner_arc, pieces.outer_arc)
    room = len(pieces) + len(pieces) // 2 + _ROOM
    while True:
        flags = (np.empty(room, np.bool_) for _ in range(4))
        arcs, told = (next(flags), next(flags)), (next(flags), next(flags))
        out: Any = (np.empty((room, 4)), np.empty((room, 4)), *arcs, np.empty(room, np.int64), *told)
        count = cut_all(edges, (cuts.normal, cuts.limit), out)
        if count <= room:
            break
        room = count
    inner, outer, inner_arc, outer_arc, row, beyond, bare = (column[:count] for column in out)
    blocker = np.where(bare, NO_BLOCKER, pieces.blocker[row])
    parts = Pieces(
        view=pieces.view[row],
        band=pieces.band[row],
        inner=inner,
        outer=outer,
        inner_arc=inner_arc,
        outer_arc=outer_arc,
        blocker=blocker,
    )
    return parts, beyond


def split_by_numpy(pieces: Pieces, cuts: Cuts) -> tuple[Pieces, Flags]:
    """Return the same as `split`, found with numpy.

    Parameters
    ----------
    pieces
        Any pieces.
    cuts
        One per piece.

    Raises
    ------
    Nothing
        A line that passes by leaves a piece whole.
    """
    limited = np.isfinite(cuts.limit)
    lowest, highest = _span(pieces, cuts)
    touched = np.flatnonzero(limited & (lowest < 0) & (highest > 0))
    beyond = limited & (lowest >= 0)
    if not touched.size:
        return pieces, beyond
    narrow, of = _by_direction(taken(pieces, touched), cuts.taken(touched))
    parts, far, source = _by_distance(narrow, cuts.taken(touched[of]))
    whole = np.ones(len(pieces), np.bool_)
    whole[touched] = False
    kept = np.flatnonzero(whole)
    origin = np.concatenate([kept, touched[of[source]]])
    order = np.argsort(origin, kind="stable")
    both = _joined(taken(pieces, kept), parts)
    return taken(both, order), np.concatenate([beyond[kept], far])[order]


def _joined(one: Pieces, other: Pieces) -> Pieces:
    """Return two tables of pieces as one, not sorted."""
    return Pieces(**{name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in vars(one)})


def _span(pieces: Pieces, cuts: Cuts) -> tuple[Floats, Floats]:
    """Return bounds of the excess within each piece."""
    corners = np.stack([cuts.excess(ends[:, at]) for ends in (pieces.inner, pieces.outer) for at in ([0, 1], [2, 3])])
    lowest, highest = corners.min(axis=0), corners.max(axis=0)
    # an arc bulges beyond its ends, a straight edge lies before a circle through its ends
    radius = np.hypot(pieces.outer[:, 0], pieces.outer[:, 1])
    steep = np.hypot(*cuts.normal.T)
    circle = steep == 0
    highest = np.where(pieces.outer_arc & ~circle, steep * radius - cuts.limit, highest)
    inner = np.hypot(pieces.inner[:, 0], pieces.inner[:, 1])
    lowest = np.where(circle & ~pieces.inner_arc, np.minimum(lowest, _foot(pieces.inner) - cuts.limit), lowest)
    return lowest, np.where(pieces.inner_arc & ~circle, np.maximum(highest, steep * inner - cuts.limit), highest)


def _foot(ends: Floats) -> Floats:
    """Return the distance of the camera from the line through each edge."""
    x0, y0, x1, y1 = ends.T
    length = np.hypot(x1 - x0, y1 - y0)
    foot: Floats = np.divide(np.abs(x0 * y1 - y0 * x1), length, out=np.zeros_like(length), where=length > 0)
    return foot


def _by_direction(pieces: Pieces, cuts: Cuts) -> tuple[Pieces, Ints]:
    """Return pieces cut along rays through all crossings of their edges with the cut, and the row of each before."""
    crossings = np.column_stack(
        [
            _crossings(pieces.inner, pieces.inner_arc, cuts),
            _crossings(pieces.outer, pieces.outer_arc, cuts),
        ]
    )
    right, left = _units(pieces.outer[:, :2]), _units(pieces.outer[:, 2:])
    wide = width(np.hstack([right, left]))
    angles = np.column_stack([np.zeros(len(pieces)), crossings, wide])
    for column in range(1, angles.shape[1] - 1):
        angles[:, column] = _within(angles[:, column], right, wide)
    angles.sort(axis=1)
    row, place = np.nonzero(np.diff(angles, axis=1) > _TINY)
    begin, end = angles[row, place], angles[row, place + 1]
    return narrowed(taken(pieces, row), (begin, end), (wide[row], right[row])), row


def _within(bearing: Floats, right: Floats, wide: Floats) -> Floats:
    """Return bearings as angles from the right ray; those outside the piece as 0."""
    angle = np.remainder(bearing - np.arctan2(right[:, 1], right[:, 0]), 2 * np.pi)
    return np.where(np.isfinite(angle) & (angle < wide), angle, 0.0)


def _crossings(ends: Floats, arc: Flags, cuts: Cuts) -> Floats:
    """Return the bearings at which each edge may cross its cut, NaN for none, shape (m, 2)."""
    circle = (cuts.normal == 0).all(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        straight = np.where(circle[:, None], _line_circle(ends, cuts.limit), _line_line(ends, cuts))
        curved = np.where(circle[:, None], np.nan, _arc_line(ends, cuts))
    return np.where(arc[:, None], curved, straight)


def _line_line(ends: Floats, cuts: Cuts) -> Floats:
    """Return the bearing at which a straight edge crosses a line, once at most."""
    a, b = ends[:, :2], ends[:, 2:]
    fa, fb = cuts.excess(a), cuts.excess(b)
    share = np.where(fa * fb < 0, fa / (fa - fb), np.nan)
    place = a + share[:, None] * (b - a)
    bearing = np.arctan2(place[:, 1], place[:, 0])
    return np.column_stack([bearing, np.full(len(ends), np.nan)])


def _line_circle(ends: Floats, radius: Floats) -> Floats:
    """Return the bearings at which a straight edge crosses a circle about the camera."""
    a, d = ends[:, :2], ends[:, 2:] - ends[:, :2]
    length2 = (d * d).sum(axis=1)
    foot = -(a * d).sum(axis=1) / length2
    off2 = (a[:, 0] * d[:, 1] - a[:, 1] * d[:, 0]) ** 2 / length2
    half = np.sqrt((radius**2 - off2) / length2)
    share = np.column_stack([foot - half, foot + half])
    share[(share <= 0) | (share >= 1)] = np.nan
    x, y = (a[:, axis, None] + share * d[:, axis, None] for axis in (0, 1))
    return np.arctan2(y, x)


def _arc_line(ends: Floats, cuts: Cuts) -> Floats:
    """Return the bearings at which an arc about the camera crosses a line."""
    radius, steep = np.hypot(ends[:, 0], ends[:, 1]), np.hypot(*cuts.normal.T)
    middle = np.arctan2(cuts.normal[:, 1], cuts.normal[:, 0])
    aside = np.arccos(cuts.limit / (radius * steep))
    return np.column_stack([middle - aside, middle + aside])


def _units(places: Floats) -> Floats:
    """Return places at a distance of 1."""
    return places / np.hypot(places[:, 0], places[:, 1])[:, None]


def narrowed(pieces: Pieces, angles: tuple[Floats, Floats], frame: tuple[Floats, Floats]) -> Pieces:
    """Return the part of each piece between two angles from its right ray.

    Parameters
    ----------
    pieces
        Any pieces.
    angles
        Where each part begins and ends, radians counter-clockwise from the piece's right ray.
    frame
        The angle that each piece spans, and the direction of its right ray, shapes (m,) and (m, 2).

    Raises
    ------
    Nothing
        A part that begins or ends with its piece keeps that end to the last bit.
    """
    (begin, end), (wide, right) = angles, frame
    rays = [_ray(right, begin), _ray(right, end)]
    at_right, at_left = begin == 0, end == wide

    def cut(ends: Floats, arc: Flags) -> Floats:
        """Return an edge between the rays; where a ray is the piece's own, its end stays to the last bit."""
        met = [_met(ends, arc, ray) for ray in rays]
        return np.column_stack(
            [
                np.where(at_right[:, None], ends[:, :2], met[0]),
                np.where(at_left[:, None], ends[:, 2:], met[1]),
            ]
        )

    return replace(pieces, inner=cut(pieces.inner, pieces.inner_arc), outer=cut(pieces.outer, pieces.outer_arc))


def _ray(right: Floats, angle: Floats) -> Floats:
    """Return the direction at an angle from the right ray."""
    c, s = np.cos(angle), np.sin(angle)
    return np.column_stack([right[:, 0] * c - right[:, 1] * s, right[:, 0] * s + right[:, 1] * c])


def _met(ends: Floats, arc: Flags, ray: Floats) -> Floats:
    """Return where a ray meets an edge."""
    a, b = ends[:, :2], ends[:, 2:]
    fa, fb = (places[:, 1] * ray[:, 0] - places[:, 0] * ray[:, 1] for places in (a, b))
    share = np.clip(np.divide(fa, fa - fb, out=np.zeros_like(fa), where=fa != fb), 0.0, 1.0)
    straight = a + share[:, None] * (b - a)
    return np.where(arc[:, None], np.hypot(a[:, 0], a[:, 1])[:, None] * ray, straight)


def _by_distance(pieces: Pieces, cuts: Cuts) -> tuple[Pieces, Flags, Ints]:
    """Return pieces that no edge of which crosses the cut, cut along it; whether each is beyond; its row before."""
    right, left = _units(pieces.outer[:, :2]), _units(pieces.outer[:, 2:])
    middle = _units(right + left)
    inner, outer = (
        _met(*edge, middle) for edge in ((pieces.inner, pieces.inner_arc), (pieces.outer, pieces.outer_arc))
    )
    begins_near, ends_far = cuts.excess(inner) < 0, cuts.excess(outer) > 0
    through = np.flatnonzero(begins_near & ends_far)
    edge = np.hstack([_along(right, 0, pieces, cuts), _along(left, 2, pieces, cuts)])[through]
    circle = (cuts.normal == 0).all(axis=1)[through]
    crossed = taken(pieces, through)
    near = replace(crossed, outer=edge, outer_arc=circle, blocker=np.full(len(through), NO_BLOCKER))
    far = replace(crossed, inner=edge, inner_arc=circle)
    whole = np.flatnonzero(~(begins_near & ends_far))
    parts = _joined(_joined(taken(pieces, whole), near), far)
    beyond = np.repeat([False, True], [len(whole) + len(through), len(through)])
    beyond[: len(whole)] = ~begins_near[whole]
    source = np.concatenate([whole, through, through])
    order = np.argsort(source, kind="stable")
    return taken(parts, order), beyond[order], source[order]


def _along(ray: Floats, end: int, pieces: Pieces, cuts: Cuts) -> Floats:
    """Return where the cut lies on one ray of each piece, between its edges whatever rounding says."""
    circle = (cuts.normal == 0).all(axis=1)
    toward = np.where(circle, 1.0, (cuts.normal * ray).sum(axis=1))
    far = np.divide(cuts.limit, toward, out=np.full(len(ray), np.inf), where=toward > 0)
    nearest, farthest = (np.hypot(*ends[:, end : end + 2].T) for ends in (pieces.inner, pieces.outer))
    place: Floats = np.clip(far, nearest, farthest)[:, None] * ray
    return place
