"""The kernel of `gridmap.visibility.clipping`: segments cut with pieces, pair by pair."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gridmap.compiling import compiled

#: A segment both of whose ends are that near to an edge lies along it, and in the piece, metres. Coordinates of a city
#: are no finer: the spacing of floating-point numbers at 4 000 km is 5e-10 m.
SLACK_M = 1e-9


@compiled
def walk(shape: Any, grid: Any, found: Any) -> int:
    """Cut segments with pieces whose boxes they meet; count the intervals, and keep those there is room for."""
    box = shape[5]
    ends, cells, entries, frame, size = grid
    pair = np.empty(4)
    count = 0
    for piece in range(len(box)):
        west, south = _column(box[piece, 0], frame, size), _row(box[piece, 1], frame, size)
        east, north = _column(box[piece, 2], frame, size), _row(box[piece, 3], frame, size)
        for column in range(west, east + 1):
            for row in range(south, north + 1):
                cell = column * size[1] + row
                for entry in range(cells[cell], cells[cell + 1]):
                    segment = entries[entry]
                    if _meets(box, piece, grid, segment, cell):
                        _cut_one(shape, piece, ends, segment, pair)
                        count = _note(found, count, piece, segment, pair[0], pair[1])
                        count = _note(found, count, piece, segment, pair[2], pair[3])
    return count


@compiled
def _column(x: float, frame: Any, size: Any) -> int:
    """Column of a coordinate, the outermost for one beyond."""
    return int(min(max(math.floor((x - frame[0]) * frame[2]), 0), size[0] - 1))


@compiled
def _row(y: float, frame: Any, size: Any) -> int:
    """Row of a coordinate, the outermost for one beyond."""
    return int(min(max(math.floor((y - frame[1]) * frame[2]), 0), size[1] - 1))


@compiled
def _meets(box: Any, piece: int, grid: Any, segment: int, cell: int) -> bool:
    """Tell whether two boxes meet and the south-west of what they share lies in this cell."""
    ends, _, _, frame, size = grid
    west = max(box[piece, 0], min(ends[segment, 0], ends[segment, 2]))
    south = max(box[piece, 1], min(ends[segment, 1], ends[segment, 3]))
    if west > min(box[piece, 2], max(ends[segment, 0], ends[segment, 2])):
        return False
    if south > min(box[piece, 3], max(ends[segment, 1], ends[segment, 3])):
        return False
    return bool(_column(west, frame, size) * size[1] + _row(south, frame, size) == cell)


@compiled
def _cut_one(shape: Any, piece: int, ends: Any, segment: int, pair: Any) -> None:
    """Put the interval of a segment in a piece, or its two, into ``pair``: low, high, low, high."""
    place, inner, outer, inner_arc, outer_arc, _ = shape
    x, y = ends[segment, 0] - place[piece, 0], ends[segment, 1] - place[piece, 1]
    at = (x, y, ends[segment, 2] - ends[segment, 0], ends[segment, 3] - ends[segment, 1])
    x0, y0, x1, y1 = outer[piece, 0], outer[piece, 1], outer[piece, 2], outer[piece, 3]
    pair[0], pair[1], pair[2], pair[3] = 2.0, -1.0, 2.0, -1.0
    if not x0 * y1 - y0 * x1 > 0:
        return
    low, high = _left(at, 0.0, 0.0, x0, y0)
    low, high = _shared(low, high, _left(at, x1, y1, 0.0, 0.0))
    if low >= high:
        return
    low, high = _shared(low, high, _disc(at, x0, y0) if outer_arc[piece] else _left(at, x0, y0, x1, y1))
    x0, y0, x1, y1 = inner[piece, 0], inner[piece, 1], inner[piece, 2], inner[piece, 3]
    if inner_arc[piece]:
        enters, leaves = _disc(at, x0, y0)
        if enters <= leaves:
            pair[2], pair[3] = max(low, leaves), high
            high = min(high, enters)
    elif x0 != 0 or y0 != 0 or x1 != 0 or y1 != 0:
        low, high = _shared(low, high, _left(at, x1, y1, x0, y0))
    pair[0], pair[1] = low, high


@compiled
def _shared(low: float, high: float, other: Any) -> Any:
    """What two intervals share."""
    return max(low, other[0]), min(high, other[1])


@compiled
def _left(at: Any, ax: float, ay: float, bx: float, by: float) -> Any:
    """Interval of a segment that lies to the left of an edge, or along it: as `clipping._kept`."""
    x, y, dx, dy = at
    ex, ey = bx - ax, by - ay
    begin = ex * (y - ay) - ey * (x - ax)
    end = ex * (y + dy - ay) - ey * (x + dx - ax)
    slack = SLACK_M * math.sqrt(ex * ex + ey * ey)
    if abs(begin) <= slack and abs(end) <= slack:
        return 0.0, 1.0
    if begin >= 0 and end >= 0:
        return 0.0, 1.0
    if begin < 0 and end < 0:
        return 2.0, -1.0
    share = begin / (begin - end)
    return (share, 1.0) if begin < 0 else (0.0, share)


@compiled
def _disc(at: Any, rx: float, ry: float) -> Any:
    """Interval of a segment that lies in the disc about the camera through (rx, ry): as `clipping._in_disc`."""
    x, y, dx, dy = at
    a, b, c = dx * dx + dy * dy, x * dx + y * dy, x * x + y * y - (rx * rx + ry * ry)
    under = b * b - a * c
    if not under > 0:
        return 2.0, -2.0
    root = math.sqrt(under)
    return (-b - root) / a, (-b + root) / a


@compiled
def _note(found: Any, count: int, piece: int, segment: int, low: float, high: float) -> int:
    """Write down an interval, if it is one and there is room; return how many there are by now."""
    if not high > low:
        return count
    if count < len(found[0]):
        found[0][count], found[1][count], found[2][count], found[3][count] = piece, segment, low, high
    return count + 1
