"""A line that gives each side a wanted share of the ground between two lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.disputes.strips import strips
from gridmap.errors import InputError

Floats = NDArray[np.float64]
#: Share of some ground that a line leaves on the side of the first of two lines.
Measure = Callable[[Any], float]

#: How near the share must come, in m2, and after how many halvings it is given up.
_NEAR_M2, _HALVINGS = 1e-7, 100
#: How far the line may leave the ground between, in metres: rounding.
_LEAVE_M = 1e-6
#: A half plane is drawn so much larger than the ground.
_FAR = 4.0


@dataclass(frozen=True, kw_only=True)
class Solved:
    """A line that parts the ground between two lines."""

    #: the line, in metres
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


def solve(a: Any, b: Any, share: float, *, bearing_deg: float | None = None, measure: Measure | None = None) -> Solved:
    """Return the line that leaves a wanted share of the ground between two lines on the side of the first.

    The line is led from one to the other: each point is (1 - t) A + t B of points at the same part of both lengths, and
    t is found by halving. Where such a line leaves the ground or crosses itself, as between very different lines, or
    where a bearing is asked for, it is a straight cut: the ground is cut parallel to the bearing.

    Parameters
    ----------
    a, b
        Lines in metres that run the same way.
    share
        Share of the ground between them for the side of a, 0 to 1; 0 gives a itself, 1 b.
    bearing_deg
        Bearing of a straight cut from the north of the map, clockwise; that of the chord of a where a cut is needed
        and none is given.
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
    """
    if not 0 <= share <= 1:
        raise InputError(f"a share of {share}", expected="0 to 1", code="no_share")
    ground = strips([a], [b])[0]
    if not shapely.area(ground):
        raise InputError("no ground between the lines", expected="lines some way apart", code="no_strip")
    led = _led(a, b, share, ground, measure) if bearing_deg is None else None
    return led or _parallel(a, ground, share, bearing_deg, measure)


def _led(a: Any, b: Any, share: float, ground: Any, measure: Measure | None) -> Solved | None:
    """The line between both, led from one to the other; None where it leaves the ground or crosses itself."""
    ends = _matched(a, b)
    whole = float(shapely.area(ground))

    def line_at(t: float) -> Any:
        return shapely.linestrings((1 - t) * ends[0] + t * ends[1])

    def area_at(t: float) -> float:
        line = line_at(t)
        return measure(line) * whole if measure else float(shapely.area(strips([a], [line])[0]))

    t, steps = _halved(area_at, share * whole, (0.0, 1.0))
    line = shapely.simplify(line_at(t), 1e-9)
    part = area_at(t)
    inside = shapely.covers(shapely.buffer(ground, _LEAVE_M), line)
    exact = abs(part - share * whole) <= 10 * _NEAR_M2
    if measure is None:
        # what is left must be the rest: where the lines cross, the line passes from one side to the other
        rest = float(shapely.area(strips([line], [b])[0]))
        exact = exact and abs(part + rest - whole) <= _LEAVE_M * whole
    if not (inside and exact and shapely.is_simple(line)):
        return None
    return Solved(line=line, share=part / whole, area_m2=whole, kind="between", at=t, steps=steps)


def _matched(a: Any, b: Any) -> tuple[Floats, Floats]:
    """Points at the same parts of both lengths: wherever either line has a vertex."""
    parts = np.union1d(_parts(a), _parts(b))
    one, other = (
        shapely.get_coordinates(shapely.line_interpolate_point(line, parts, normalized=True)) for line in (a, b)
    )
    return one, other


def _parts(line: Any) -> Floats:
    """At which part of its length each vertex of a line lies."""
    steps = np.hypot(*np.diff(shapely.get_coordinates(line), axis=0).T)
    found: Floats = np.round(np.append(0.0, np.cumsum(steps)) / steps.sum(), 12)
    return found


def _parallel(a: Any, ground: Any, share: float, bearing_deg: float | None, measure: Measure | None) -> Solved:
    """The straight cut that leaves the share on the side of a."""
    chord = np.diff(shapely.get_coordinates(a)[[0, -1]], axis=0)[0]
    turn = np.arctan2(chord[0], chord[1]) if bearing_deg is None else np.radians(bearing_deg)
    along = np.array([np.sin(turn), np.cos(turn)])
    along = along if np.dot(along, chord) >= 0 else -along
    across = np.array([-along[1], along[0]])
    corners = shapely.get_coordinates(ground)
    middle, reach = corners.mean(axis=0), _FAR * float(np.hypot(*np.ptp(corners, axis=0)))
    offset = (corners - middle) @ across
    # the side of a is that on which a lies, as seen from the middle of the ground
    near = float(np.mean((shapely.get_coordinates(a) - middle) @ across))
    sign = 1.0 if near <= 0 else -1.0
    low, high = float((sign * offset).min()), float((sign * offset).max())
    whole = float(shapely.area(ground))

    def half(d: float) -> Any:
        edge = middle + sign * d * across
        back = edge - sign * reach * across
        return shapely.polygons(
            [edge - reach * along, edge + reach * along, back + reach * along, back - reach * along]
        )

    def line_at(d: float) -> Any:
        edge = middle + sign * d * across
        return _within(shapely.linestrings([edge - reach * along, edge + reach * along]), ground)

    def area_at(d: float) -> float:
        return measure(line_at(d)) * whole if measure else float(shapely.area(shapely.intersection(ground, half(d))))

    d, steps = _halved(area_at, share * whole, (low, high))
    return Solved(line=line_at(d), share=area_at(d) / whole, area_m2=whole, kind="parallel", at=d, steps=steps)


def _within(straight: Any, ground: Any) -> Any:
    """The cut from where it enters the ground to where it leaves it for good."""
    points = shapely.get_coordinates(shapely.intersection(straight, ground))
    if len(points) < 2:  # noqa: PLR2004 - a cut along the edge
        return straight
    order = np.argsort(shapely.line_locate_point(straight, shapely.points(points)))
    return shapely.linestrings(points[order[[0, -1]]])


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
