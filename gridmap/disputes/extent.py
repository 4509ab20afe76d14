"""Lines run the same way, and cut to the stretch that both have."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[Any]
Floats = NDArray[np.float64]

#: Shorter stretches, in metres, are no common extent.
LEAST_M = 0.01


def eastward(lines: Shapes) -> Shapes:
    """Return lines running from west to east, or from south to north where they are steeper than 45 degrees.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> eastward(np.array([shapely.LineString([(9, 0), (0, 1)])]))[0].wkt
    'LINESTRING (0 1, 9 0)'
    """
    run = shapely.get_coordinates(shapely.get_point(lines, -1)) - shapely.get_coordinates(shapely.get_point(lines, 0))
    steep = np.abs(run[:, 1]) > np.abs(run[:, 0])
    back = np.where(steep, run[:, 1], run[:, 0]) < 0
    found: Shapes = np.where(back, shapely.reverse(lines), lines)
    return found


def common_extent(a: Shapes, b: Shapes) -> tuple[Shapes, Shapes, Floats]:
    """Return the stretches of lines that lie beside each other, running the same way.

    Each line is cut where the ends of the other are nearest to it: beside a line of which one party claims a part
    only, the rest of the other's line has nothing to be compared with.

    Parameters
    ----------
    a, b
        Lines in metres, shape (n,), each beside its partner.

    Returns
    -------
    a, b : numpy.ndarray of lines
        b runs the way of a. Pairs without common extent stay as they are.
    common_m : numpy.ndarray of float
        Length of the stretch of a; 0 where there is none.

    Raises
    ------
    Nothing
    """
    begin, end = shapely.get_point(b, 0), shapely.get_point(b, -1)
    first, last = shapely.line_locate_point(a, begin), shapely.line_locate_point(a, end)
    closed = shapely.is_closed(a) & shapely.is_closed(b)
    same = np.where(first > last, shapely.reverse(b), b)
    one = np.where(closed, a, stretch(a, np.minimum(first, last), np.maximum(first, last)))
    ends = shapely.get_point(a, 0), shapely.get_point(a, -1)
    from_, to = (shapely.line_locate_point(same, end) for end in ends)
    other = np.where(closed, same, stretch(same, np.minimum(from_, to), np.maximum(from_, to)))
    common = shapely.length(one)
    met = (common > LEAST_M) & (shapely.length(other) > LEAST_M)
    return np.where(met, one, a), np.where(met, other, b), np.where(met, common, 0.0)


def stretch(lines: Shapes, start: Floats, stop: Floats) -> Shapes:
    """Return the part of each line between two distances along it, in metres.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> road = np.array([shapely.LineString([(0, 0), (10, 0), (10, 10)])])
    >>> stretch(road, np.array([4.0]), np.array([12.0]))[0].wkt
    'LINESTRING (4 0, 10 0, 10 2)'
    """
    points, line = shapely.get_coordinates(lines, return_index=True)
    along = _along(points, line)
    inner = (along > start[line] + 1e-9) & (along < stop[line] - 1e-9)
    cuts = [shapely.get_coordinates(shapely.line_interpolate_point(lines, at)) for at in (start, stop)]
    number = np.arange(len(lines))
    which = np.concatenate([number, line[inner], number])
    # the cuts stand before and after all points between them
    rank = np.concatenate([np.full(len(lines), -1.0), along[inner], np.full(len(lines), np.inf)])
    order = np.lexsort((rank, which))
    every = np.concatenate([cuts[0], points[inner], cuts[1]])[order]
    found: Shapes = shapely.linestrings(every, indices=which[order])
    return found


def _along(points: Floats, line: NDArray[np.intp]) -> Floats:
    """Distance of each vertex from the start of its line."""
    step = np.hypot(*np.diff(points, axis=0, prepend=points[:1]).T)
    step[np.diff(line, prepend=-1) > 0] = 0.0
    total = np.cumsum(step)
    first = np.flatnonzero(np.diff(line, prepend=-1))
    found: Floats = total - np.repeat(total[first], np.diff(np.append(first, len(line))))
    return found
