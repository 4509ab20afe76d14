"""A line that gives each side a wanted share of the ground between two lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.disputes.cuts import cuts
from gridmap.disputes.strips import strips
from gridmap.errors import InputError

Floats = NDArray[np.float64]
#: Share of some ground that a line leaves on the side of the first of two lines.
Measure = Callable[[Any], float]

#: How near the share must come, in m2, and after how many halvings it is given up.
_NEAR_M2, _HALVINGS = 1e-7, 100
#: How far the line may leave the ground between, in metres: rounding.
_LEAVE_M = 1e-6
#: Vertices of both lines within this many metres, or this part of the usual step between vertices, are one bend.
_TOGETHER_M, _TOGETHER_STEPS = 5.0, 0.5
#: A post that the line between its neighbours passes this near, in metres, tells nothing: no survey by class sees it.
_STRAIGHT_M = 0.05


@dataclass(frozen=True, kw_only=True)
class Solved:
    """A line that parts the ground between two lines."""

    #: the line, in metres; several where a straight cut leaves pieces of the ground beyond it
    line: Any
    #: share of the ground on the side of the first line
    share: float
    #: ground between the lines in m2
    area_m2: float
    #: ``between`` (led from one line to the other) or ``parallel`` (a straight cut)
    kind: str
    #: of ``between`` how far from the first line to the second, 0 to 1; of ``parallel`` metres across
    at: float
    #: halvings that it took
    steps: int


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """What is wanted of a line."""

    #: the lines
    a: Any
    b: Any
    #: the ground between them, and its area in m2
    ground: Any
    whole: float
    #: share of it for the side of a
    share: float
    #: how the share of a line is told where another ground counts; None: by the ground between
    measure: Measure | None

    @property
    def area(self) -> float:
        """What the side of a is to have, in m2."""
        return self.share * self.whole


def solve(a: Any, b: Any, share: float, *, bearing_deg: float | None = None, measure: Measure | None = None) -> Solved:
    """Return the line that leaves a wanted share of the ground between two lines on the side of the first.

    The line is led from one to the other: each point is (1 - t) A + t B of points at the same part of both lengths, and
    t is found by halving. It bears posts as people set them: bends of both lines that nearly coincide are one, and
    where it runs straight it has none. Where such a line leaves the ground or crosses itself, as between very different
    lines, or where a bearing is asked for, the ground is cut straight: the border then follows one line as far as the
    cut, and the other from there on (see `gridmap.disputes.cuts.cuts`).

    Parameters
    ----------
    a, b
        Lines in metres that run the same way.
    share
        Share of the ground between them for the side of a, 0 to 1; 0 gives a itself, 1 b.
    bearing_deg
        Bearing of a straight cut from the north of the map, clockwise; that of the chord of a where a cut is needed
        and none is given. One that runs across the lines has the ground of a's side on its left.
    measure
        Share that a line leaves on the side of a, where another ground counts than that between the two lines.

    Returns
    -------
    Solved
        The line runs the way of a; its share is exact to 1e-6 m2.

    Raises
    ------
    InputError
        If the share is not between 0 and 1, or there is no ground between the lines.

    Examples
    --------
    >>> wall, hedge = shapely.linestrings([[[0, 0], [100, 0]], [[0, 10], [100, 10]]])
    >>> solve(wall, hedge, 0.25).line.wkt
    'LINESTRING (0 2.5, 100 2.5)'
    >>> solve(wall, hedge, 0.25, bearing_deg=0).line.wkt
    'LINESTRING (0 10, 25 10, 25 0, 100 0)'
    """
    if not 0 <= share <= 1:
        raise InputError(f"a share of {share}", expected="0 to 1", code="no_share")
    ground = strips([a], [b])[0]
    whole = float(shapely.area(ground))
    if not whole:
        raise InputError("no ground between the lines", expected="lines some way apart", code="no_strip")
    wanted = _Wanted(a=a, b=b, ground=ground, whole=whole, share=share, measure=measure)
    led = _led(wanted) if bearing_deg is None else None
    return led or _cut(wanted, bearing_deg)


def _led(wanted: _Wanted) -> Solved | None:
    """The line between both, led from one to the other; None where it leaves the ground or crosses itself."""
    ends = _matched(wanted.a, wanted.b)
    full = _between(*ends, wanted)
    if full is None or not 0 < wanted.share < 1:
        return full
    kept = _posts(_at(*ends, full.at))
    # with fewer posts it may leave the ground where that is narrow
    return _between(ends[0][kept], ends[1][kept], wanted) or full


def _between(one: Floats, other: Floats, wanted: _Wanted) -> Solved | None:
    """The line led from some points to others; None where it leaves the ground or crosses itself."""

    def area_at(t: float) -> float:
        line = shapely.linestrings(_at(one, other, t))
        if wanted.measure:
            return wanted.measure(line) * wanted.whole
        return float(shapely.area(strips([wanted.a], [line])[0]))

    t, steps = _halved(area_at, wanted.area, (0.0, 1.0))
    line, part = shapely.simplify(shapely.linestrings(_at(one, other, t)), 1e-9), area_at(t)
    inside = shapely.covers(shapely.buffer(wanted.ground, _LEAVE_M), line)
    exact = abs(part - wanted.area) <= 10 * _NEAR_M2
    if wanted.measure is None:
        # what is left must be the rest: where the lines cross, the line passes from one side to the other
        rest = float(shapely.area(strips([line], [wanted.b])[0]))
        exact = exact and abs(part + rest - wanted.whole) <= _LEAVE_M * wanted.whole
    if not (inside and exact and shapely.is_simple(line)):
        return None
    return Solved(line=line, share=part / wanted.whole, area_m2=wanted.whole, kind="between", at=t, steps=steps)


def _at(one: Floats, other: Floats, t: float) -> Floats:
    """Points between those of two lines."""
    return (1 - t) * one + t * other


def _matched(a: Any, b: Any) -> tuple[Floats, Floats]:
    """Points of both lines that belong together: wherever either has a vertex, bends of both that nearly coincide once.

    Those are a vertex and the nearest one of the other line, by the part of the length at which they lie.
    """
    parts, others = _parts(a), _parts(b)
    length = float(shapely.length(a) + shapely.length(b)) / 2
    near = _nearest(parts, others)
    one = np.abs(parts - others[near]) * length <= _together(length, max(len(parts), len(others)))
    alone = np.setdiff1d(np.arange(len(others)), near[one])
    # a vertex without a partner lies between two that have theirs, and so does its partner
    there = np.interp(parts, parts[one], others[near[one]])
    here = np.interp(others[alone], others[near[one]], parts[one])
    order = np.argsort(np.append(parts, here), kind="stable")
    pairs = np.append(parts, here)[order], np.append(there, others[alone])[order]
    first, second = (
        shapely.get_coordinates(shapely.line_interpolate_point(line, at, normalized=True))
        for line, at in zip((a, b), pairs, strict=True)
    )
    return first, second


def _parts(line: Any) -> Floats:
    """At which part of its length each vertex of a line lies."""
    steps = np.hypot(*np.diff(shapely.get_coordinates(line), axis=0).T)
    found: Floats = np.round(np.append(0.0, np.cumsum(steps)) / steps.sum(), 12)
    return found


def _nearest(parts: Floats, others: Floats) -> NDArray[np.intp]:
    """Position of the nearest of others, in order, to each part."""
    after = np.clip(np.searchsorted(others, parts), 1, len(others) - 1)
    found: NDArray[np.intp] = after - (parts - others[after - 1] <= others[after] - parts)
    return found


def _together(length: float, points: int) -> float:
    """How near bends are one, in metres."""
    return min(_TOGETHER_M, _TOGETHER_STEPS * length / max(points - 1, 1))


def _posts(points: Floats) -> NDArray[np.intp]:
    """Which points of a line are worth a post: where it bends, and none beside another; both ends."""
    line = shapely.linestrings(points)
    bends = shapely.get_coordinates(shapely.simplify(line, _STRAIGHT_M))
    least = _together(float(shapely.length(line)), len(bends))
    kept = [0]
    for k in np.flatnonzero(np.isin(points @ (1, 1j), bends @ (1, 1j)))[1:-1].tolist():
        if np.hypot(*(points[[kept[-1], -1]] - points[k]).T).min() > least:
            kept.append(k)
    return np.array([*kept, len(points) - 1], dtype=np.intp)


def _cut(wanted: _Wanted, bearing_deg: float | None) -> Solved:
    """The border along a straight cut; by the ground between the lines where no cut is right by the measure."""
    possible = cuts(wanted.a, wanted.b, wanted.ground, bearing_deg)

    def by_ground(at: float) -> float:
        return float(shapely.area(possible.piece(at)))

    def by_measure(at: float) -> float:
        return wanted.measure(possible.border(at)) * wanted.whole if wanted.measure else by_ground(at)

    at, steps = _halved(by_measure, wanted.area, possible.between)
    if abs(by_measure(at) - wanted.area) > _LEAVE_M * float(shapely.length(wanted.ground)):
        at, steps = _halved(by_ground, wanted.area, possible.between)
    share = by_ground(at) / wanted.whole
    return Solved(line=possible.border(at), share=share, area_m2=wanted.whole, kind="parallel", at=at, steps=steps)


def _halved(area_at: Callable[[float], float], wanted: float, between: tuple[float, float]) -> tuple[float, int]:
    """Where an area that grows reaches what is wanted."""
    low, high = between
    for end in between:
        if abs(area_at(end) - wanted) <= _NEAR_M2:
            return end, 0
    for step in range(1, _HALVINGS + 1):
        at = (low + high) / 2
        found = area_at(at)
        if abs(found - wanted) <= _NEAR_M2:
            return at, step
        low, high = (at, high) if found < wanted else (low, at)
    return (low + high) / 2, _HALVINGS
