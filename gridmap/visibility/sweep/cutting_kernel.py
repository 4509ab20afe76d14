"""The kernel of `gridmap.visibility.sweep.cutting`: pieces cut along a line or circle each, one after the other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gridmap.compiling import compiled, inlined

#: Share of a right angle that is no angle: some hundred roundings.
_TINY = 1e-14
#: Edges cross a cut in two directions at most; with the piece's own rays there are six.
_MOST = 6


@compiled
def cut_all(pieces: Any, cuts: Any, out: Any) -> int:
    """Write all pieces, cut; return how many there would be with room for all."""
    inner, outer, inner_arc, outer_arc = pieces
    angles, work = np.empty(_MOST), np.empty((3, 4))
    count = 0
    for row in range(len(inner)):
        cut = (cuts[0][row, 0], cuts[0][row, 1], cuts[1][row])
        side = _side(inner, outer, (inner_arc[row], outer_arc[row]), row, cut)
        if side != 0:
            if count < len(out[0]):
                for at in range(4):
                    out[0][count, at], out[1][count, at] = inner[row, at], outer[row, at]
                out[2][count], out[3][count] = inner_arc[row], outer_arc[row]
                out[4][count], out[5][count], out[6][count] = row, side > 0, False
            count += 1
            continue
        piece = (inner[row], outer[row], inner_arc[row], outer_arc[row])
        wide = _angle(piece[1][0], piece[1][1], piece[1][2], piece[1][3])
        number = _directions(piece, cut, wide, angles)
        for place in range(number - 1):
            if angles[place + 1] - angles[place] > _TINY:
                count = _divide(piece, cut, (angles[place], angles[place + 1], wide, row, work), out, count)
    return count


@inlined
def _angle(x0: float, y0: float, x1: float, y1: float) -> float:
    """Angle from one direction to another, counter-clockwise."""
    return math.atan2(x0 * y1 - y0 * x1, x0 * x1 + y0 * y1)


@inlined
def _excess(cut: Any, x: float, y: float) -> Any:
    """How far beyond the cut a place is."""
    if cut[0] == 0 and cut[1] == 0:
        return math.hypot(x, y) - cut[2]
    return cut[0] * x + cut[1] * y - cut[2]


@inlined
def _side(inner: Any, outer: Any, arcs: Any, row: int, cut: Any) -> int:
    """-1 for a piece wholly before its cut, 1 for one wholly beyond, 0 for one that may be cut."""
    if cut[2] == math.inf:
        return -1
    steep = math.hypot(cut[0], cut[1])
    a, b = _excess(cut, inner[row, 0], inner[row, 1]), _excess(cut, inner[row, 2], inner[row, 3])
    c, d = _excess(cut, outer[row, 0], outer[row, 1]), _excess(cut, outer[row, 2], outer[row, 3])
    lowest, highest = min(a, b, c, d), max(a, b, c, d)
    if steep == 0 and not arcs[0] and lowest >= 0:
        # a straight edge lies before a circle through its ends
        dx, dy = inner[row, 2] - inner[row, 0], inner[row, 3] - inner[row, 1]
        # the length is above nought but for edges that rounding made a point, which stay where they are
        foot = abs(inner[row, 0] * dy - inner[row, 1] * dx) / max(math.hypot(dx, dy), _TINY)
        lowest = min(lowest, foot - cut[2])
    if steep > 0 and arcs[1]:
        # an arc bulges beyond its ends
        highest = max(highest, steep * math.hypot(outer[row, 0], outer[row, 1]) - cut[2])
    if steep > 0 and arcs[0]:
        highest = max(highest, steep * math.hypot(inner[row, 0], inner[row, 1]) - cut[2])
    if lowest >= 0:
        return 1
    return -1 if highest <= 0 else 0


@compiled
def _directions(piece: Any, cut: Any, wide: float, angles: Any) -> int:
    """Write the angles from the right ray at which the piece is to be cut, ascending; return their number."""
    angles[0], angles[1] = 0.0, wide
    number = 2
    for ends, arc in ((piece[0], piece[2]), (piece[1], piece[3])):
        first, second = _crossings(ends, arc, cut)
        for bearing in (first, second):
            angle = (bearing - math.atan2(piece[1][1], piece[1][0])) % (2 * math.pi)
            if angle < wide:
                place = number
                while place > 0 and angles[place - 1] > angle:
                    angles[place] = angles[place - 1]
                    place -= 1
                angles[place] = angle
                number += 1
    return number


@compiled
def _crossings(ends: Any, arc: Any, cut: Any) -> tuple[float, float]:
    """Bearings at which an edge may cross its cut, NaN for none."""
    steep = math.hypot(cut[0], cut[1])
    if arc and steep > 0:
        share = cut[2] / (math.hypot(ends[0], ends[1]) * steep)
        if share < 1:
            middle, aside = math.atan2(cut[1], cut[0]), math.acos(share)
            return middle - aside, middle + aside
    elif not arc and steep > 0:
        before, after = _excess(cut, ends[0], ends[1]), _excess(cut, ends[2], ends[3])
        if before * after < 0:
            return _bearing(ends, before / (before - after)), math.nan
    elif not arc:
        return _circled(ends, cut[2])
    return math.nan, math.nan


@compiled
def _circled(ends: Any, radius: float) -> tuple[float, float]:
    """Bearings at which a straight edge crosses a circle about the camera."""
    dx, dy = ends[2] - ends[0], ends[3] - ends[1]
    length2 = dx * dx + dy * dy
    if length2 == 0:
        return math.nan, math.nan
    off2 = (ends[0] * dy - ends[1] * dx) ** 2 / length2
    if off2 >= radius * radius:
        return math.nan, math.nan
    foot, half = -(ends[0] * dx + ends[1] * dy) / length2, math.sqrt((radius * radius - off2) / length2)
    first, second = foot - half, foot + half
    return (
        _bearing(ends, first) if 0 < first < 1 else math.nan,
        _bearing(ends, second) if 0 < second < 1 else math.nan,
    )


@compiled
def _bearing(ends: Any, share: float) -> float:
    """Bearing of a place on a straight edge."""
    return math.atan2(ends[1] + share * (ends[3] - ends[1]), ends[0] + share * (ends[2] - ends[0]))


@compiled
def _met(ends: Any, arc: Any, x: float, y: float) -> tuple[Any, Any]:
    """Where a ray meets an edge."""
    if arc:
        radius = math.hypot(ends[0], ends[1])
        return radius * x, radius * y
    before, after = ends[1] * x - ends[0] * y, ends[3] * x - ends[2] * y
    share = before / (before - after) if before != after else 0.0
    share = min(max(share, 0.0), 1.0)
    return ends[0] + share * (ends[2] - ends[0]), ends[1] + share * (ends[3] - ends[1])


@compiled
def _divide(piece: Any, cut: Any, part: Any, out: Any, count: int) -> Any:
    """Write the part of a piece between two angles, in two if the cut passes through it."""
    begin, end, wide, row, work = part
    right = math.atan2(piece[1][1], piece[1][0])
    inner, outer, between = work[0], work[1], work[2]
    for ends, edge, arc in ((inner, piece[0], piece[2]), (outer, piece[1], piece[3])):
        ends[0], ends[1] = edge[0], edge[1]
        ends[2], ends[3] = edge[2], edge[3]
        if begin > 0:
            ends[0], ends[1] = _met(edge, arc, math.cos(right + begin), math.sin(right + begin))
        if end < wide:
            ends[2], ends[3] = _met(edge, arc, math.cos(right + end), math.sin(right + end))
    x, y = math.cos(right + (begin + end) / 2), math.sin(right + (begin + end) / 2)
    near, far = _met(inner, piece[2], x, y), _met(outer, piece[3], x, y)
    begins_near, ends_far = _excess(cut, near[0], near[1]) < 0, _excess(cut, far[0], far[1]) > 0
    arcs = (piece[2], piece[3])
    if not (begins_near and ends_far):
        return _write((inner, outer), arcs, (row, not begins_near, False), out, count)
    for at in (0, 2):
        between[at], between[at + 1] = _along(inner[at : at + 2], outer[at : at + 2], cut)
    circle = cut[0] == 0 and cut[1] == 0
    count = _write((inner, between), (arcs[0], circle), (row, False, True), out, count)
    return _write((between, outer), (circle, arcs[1]), (row, True, False), out, count)


@compiled
def _along(nearest: Any, farthest: Any, cut: Any) -> tuple[float, float]:
    """Where the cut lies on a ray, between two edges whatever rounding says."""
    low, high = math.hypot(nearest[0], nearest[1]), math.hypot(farthest[0], farthest[1])
    x, y = farthest[0] / high, farthest[1] / high
    toward = 1.0 if cut[0] == 0 and cut[1] == 0 else cut[0] * x + cut[1] * y
    distance = min(max(cut[2] / toward if toward > 0 else math.inf, low), high)
    return distance * x, distance * y


@inlined
def _write(ends: Any, arcs: Any, told: Any, out: Any, count: int) -> int:
    """Write a piece if there is room; return how many there would be then."""
    if count < len(out[0]):
        out[0][count], out[1][count] = ends
        out[2][count], out[3][count] = arcs
        out[4][count], out[5][count], out[6][count] = told
    return count + 1
