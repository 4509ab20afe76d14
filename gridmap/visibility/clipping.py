"""Straight segments against pieces of viewsheds: the interval of each segment that lies in each piece.

With numba one kernel walks the cells below each piece; without, numpy's arrays go through the same pairs by the same
arithmetic, so both ways give the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gridmap.compiling import COMPILED
from gridmap.visibility.clipping_kernel import SLACK_M, walk

if TYPE_CHECKING:
    from gridmap.visibility.lines import Lines
    from gridmap.visibility.sweep.pieces import Pieces

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: row of the piece, row of the segment, and where the segment enters and leaves as shares of it
Clips = tuple[Ints, Ints, Floats, Floats]

#: Pairs of a piece and an entry of the grid that numpy looks at together.
BATCH = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Pieces as they are cut with: where their cameras stand, their edges, and the boxes around them."""

    #: camera of each piece, metres, shape (m, 2)
    place: Floats
    #: inner and outer edges, relative to the camera, shape (m, 4)
    inner: Floats
    outer: Floats
    #: whether they are arcs about the camera
    inner_arc: npt.NDArray[np.bool_]
    outer_arc: npt.NDArray[np.bool_]
    #: west, south, east and north of each piece, shape (m, 4)
    box: Floats

    @classmethod
    def of(cls, pieces: Pieces, place: Floats) -> Cut:
        """Return pieces with the places of their cameras, ready to be cut with."""
        inner, outer = (np.ascontiguousarray(each, dtype=float) for each in (pieces.inner, pieces.outer))
        return cls(
            place=place,
            inner=inner,
            outer=outer,
            inner_arc=np.ascontiguousarray(pieces.inner_arc),
            outer_arc=np.ascontiguousarray(pieces.outer_arc),
            box=np.ascontiguousarray(_boxes(inner, outer, pieces.outer_arc) + np.tile(place, 2)),
        )


def clipped(cut: Cut, lines: Lines) -> Clips:
    """Return where segments lie in pieces; a segment may lie in a piece twice, before and after its inner arc.

    Parameters
    ----------
    cut
        The pieces.
    lines
        Segments in their grid.

    Returns
    -------
    tuple of arrays
        Piece, segment, and the shares of the segment at which it enters and leaves, 0 to 1; in no stated order.

    Raises
    ------
    Nothing
        Any segments can be cut.
    """
    if not len(cut.place) or not len(lines.ends):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    return _by_kernel(cut, lines) if COMPILED else by_arrays(cut, lines)


def cells_of(box: Floats, frame: tuple[float, float, float], size: tuple[int, int]) -> tuple[Ints, Ints]:
    """Return every pair of a box and a cell of the grid that it reaches into.

    Parameters
    ----------
    box
        West, south, east, north, shape (n, 4).
    frame
        West and south of the grid, and cells per metre.
    size
        Columns and rows; what lies beyond the grid counts for its outermost cells.

    Returns
    -------
    tuple of arrays
        Row of the box, ascending, and number of the cell: column * rows + row.

    Raises
    ------
    Nothing
        Every box has a cell.

    Examples
    --------
    >>> cells_of(np.array([[5.0, 5.0, 15.0, 5.0]]), (0.0, 0.0, 0.1), (3, 2))[1].tolist()
    [0, 2]
    """
    west, south, per_m = frame
    column, row = (_cell(box[:, axis::2], (west, south)[axis], per_m, size[axis]) for axis in (0, 1))
    wide, high = np.diff(column)[:, 0] + 1, np.diff(row)[:, 0] + 1
    which = np.repeat(np.arange(len(box)), wide * high)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(wide * high) - wide * high, wide * high)
    tall = high[which]
    return which, (column[which, 0] + nth // tall) * size[1] + row[which, 0] + nth % tall


def _cell(metres: Any, begin: float, per_m: float, count: int) -> Any:
    """Column or row of each coordinate, the outermost for those beyond."""
    return np.clip(np.floor((metres - begin) * per_m), 0, count - 1).astype(np.int64)


def _boxes(inner: Floats, outer: Floats, arc: npt.NDArray[np.bool_]) -> Floats:
    """Box around each piece, relative to its camera."""
    x, y = (np.hstack([inner[:, at::2], outer[:, at::2]]) for at in (0, 1))
    box = np.column_stack([x.min(axis=1), y.min(axis=1), x.max(axis=1), y.max(axis=1)])
    x0, y0, x1, y1 = outer.T
    radius = np.hypot(x0, y0)
    # an arc of at most a right angle bulges where it passes east, north, west or south of its camera
    for side, passed in (
        (0, (y0 > 0) & (y1 < 0)),
        (1, (x0 < 0) & (x1 > 0)),
        (2, (y0 < 0) & (y1 > 0)),
        (3, (x0 > 0) & (x1 < 0)),
    ):
        box[arc & passed, side] = (radius if side > 1 else -radius)[arc & passed]
    # metres that rounding may leave outside
    return np.asarray(box + np.array([-1, -1, 1, 1]) * (2 * SLACK_M))


def by_arrays(cut: Cut, lines: Lines) -> Clips:
    """Return the same as `clipped`, by numpy alone."""
    found = [_cut_pairs(cut, lines, piece, segment) for piece, segment in _pairs(cut, lines)]
    piece, segment, low, high = (np.concatenate(column) for column in zip(*found, strict=True))
    return piece, segment, low, high


def _pairs(cut: Cut, lines: Lines) -> Iterator[tuple[Ints, Ints]]:
    """Pieces and segments whose boxes meet, each pair once, a batch at a time."""
    step = max(1, BATCH // max(1, 4 * len(lines.entries) // (len(lines.cells) - 1) + 4))
    for begin in range(0, len(cut.box), step):
        piece, cell = cells_of(cut.box[begin : begin + step], lines.frame, lines.size)
        count = lines.cells[cell + 1] - lines.cells[cell]
        nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        segment = lines.entries[np.repeat(lines.cells[cell], count) + nth]
        piece, cell = np.repeat(piece, count) + begin, np.repeat(cell, count)
        yield _once(cut, lines, piece, segment, cell)


def _once(cut: Cut, lines: Lines, piece: Ints, segment: Ints, cell: Ints) -> tuple[Ints, Ints]:
    """Of the pairs found cell by cell those whose boxes meet, where the south-west of what they share lies."""
    box, ends = cut.box[piece], lines.ends[segment]
    low = np.maximum(box[:, :2], np.minimum(ends[:, :2], ends[:, 2:]))
    high = np.minimum(box[:, 2:], np.maximum(ends[:, :2], ends[:, 2:]))
    west, south, per_m = lines.frame
    column = _cell(low[:, 0], west, per_m, lines.size[0])
    row = _cell(low[:, 1], south, per_m, lines.size[1])
    here = (low <= high).all(axis=1) & (column * lines.size[1] + row == cell)
    return piece[here], segment[here]


def _cut_pairs(cut: Cut, lines: Lines, piece: Ints, segment: Ints) -> Clips:
    """Each pair's interval, or its two, as arrays."""
    x, y = (lines.ends[segment, :2] - cut.place[piece]).T
    dx, dy = (lines.ends[segment, 2:] - lines.ends[segment, :2]).T
    at = (x, y, dx, dy)
    x0, y0, x1, y1 = cut.outer[piece].T
    low, high = _kept(at, (0.0, 0.0, x0, y0))
    low, high = _narrowed(low, high, _kept(at, (x1, y1, 0.0, 0.0)))
    inside = np.where(cut.outer_arc[piece], _in_disc(at, x0, y0), _kept(at, (x0, y0, x1, y1)))
    low, high = _narrowed(low, high, inside)
    i0, j0, i1, j1 = cut.inner[piece].T
    before = np.where(cut.inner_arc[piece], _in_disc(at, i0, j0), (0.0 * x + 2.0, 0.0 * x - 2.0))
    straight = ~cut.inner_arc[piece] & ((i0 != 0) | (j0 != 0) | (i1 != 0) | (j1 != 0))
    beyond = np.where(straight, _kept(at, (i1, j1, i0, j0)), (0.0 * x, 0.0 * x + 1.0))
    low, high = _narrowed(low, high, beyond)
    passes = before[0] <= before[1]
    first = np.where(passes, np.minimum(high, before[0]), high)
    second = np.where(passes, np.maximum(low, before[1]), 2.0)
    real = x0 * y1 - y0 * x1 > 0
    one, two = real & (first > low), real & (high > second)
    return (
        np.concatenate([piece[one], piece[two]]),
        np.concatenate([segment[one], segment[two]]),
        np.concatenate([low[one], second[two]]),
        np.concatenate([first[one], high[two]]),
    )


def _narrowed(low: Any, high: Any, other: Any) -> tuple[Any, Any]:
    """What two intervals share."""
    return np.maximum(low, other[0]), np.minimum(high, other[1])


def _kept(at: Any, edge: Any) -> Any:
    """Interval of each segment that lies to the left of an edge, or along it."""
    x, y, dx, dy = at
    ax, ay, bx, by = edge
    ex, ey = bx - ax, by - ay
    begin = ex * (y - ay) - ey * (x - ax)
    end = ex * (y + dy - ay) - ey * (x + dx - ax)
    slack = SLACK_M * np.sqrt(ex * ex + ey * ey)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = begin / (begin - end)
    along = (np.abs(begin) <= slack) & (np.abs(end) <= slack)
    low = np.where(along | (begin >= 0), 0.0, np.where(end < 0, 2.0, share))
    return low, np.where(along | (end >= 0), 1.0, np.where(begin < 0, -1.0, share))


def _in_disc(at: Any, rx: Any, ry: Any) -> Any:
    """Interval of each segment that lies in the disc about the camera through (rx, ry); (2, -2) for none."""
    x, y, dx, dy = at
    a, b, c = dx * dx + dy * dy, x * dx + y * dy, x * x + y * y - (rx * rx + ry * ry)
    under = b * b - a * c
    root = np.sqrt(np.maximum(under, 0.0))
    return np.where(under > 0, (-b - root) / a, 2.0), np.where(under > 0, (-b + root) / a, -2.0)


def _by_kernel(cut: Cut, lines: Lines) -> Clips:
    """Run the kernel with room enough for what it finds."""
    shape = (cut.place, cut.inner, cut.outer, cut.inner_arc, cut.outer_arc, cut.box)
    grid = (lines.ends, lines.cells, lines.entries, lines.frame, lines.size)
    room = 2 * len(cut.place) + 1024
    while True:
        found = (np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room), np.empty(room))
        count = walk(shape, grid, found)
        if count <= room:
            return found[0][:count], found[1][:count], found[2][:count], found[3][:count]
        room = count
