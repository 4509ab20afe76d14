"""Which wall is seen in each direction: the upper envelope of walls laid out by direction and nearness, with numpy.

`gridmap.visibility.sweep.sweeping_kernel` does the same compiled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.visibility.sweep.pieces import Floats, Ints
from gridmap.visibility.sweep.wedges import NARROW, Segments, Wedges, ranges

#: No wall: sight begins at the camera, or ends at its range.
OPEN = -1


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Visible ground by direction and nearness: each row between two directions, from an inner to an outer edge."""

    #: row of the wedge, ascending, shape (n,)
    wedge: Ints
    #: tangents of the right and the left side, shape (n, 2)
    t: Floats
    #: nearness of the inner edge on both sides; 0 where the ground begins at the camera, shape (n, 2)
    inner: Floats
    #: nearness of the outer edge on both sides; 0 where the ground ends at the range, shape (n, 2)
    outer: Floats
    #: row of the wall in the scene that bounds it outside, `OPEN` for the range, shape (n,)
    edge: Ints


@dataclass(frozen=True, kw_only=True)
class Spans:
    """Visible ground by direction: between tangents t0 and t1, from one wall to another; from right to left."""

    wedge: Ints
    t0: Floats
    t1: Floats
    #: rows of the walls in their `Segments`, `OPEN` for the camera and for the range
    inner: Ints
    outer: Ints

    def __len__(self) -> int:
        """Return the number of spans."""
        return len(self.wedge)


@dataclass(frozen=True, kw_only=True)
class Slabs:
    """Directions between which no wall begins or ends, by wedge and from right to left."""

    wedge: Ints
    t0: Floats
    t1: Floats
    #: slabs that each wall passes: from the first up to before the last
    first: Ints
    last: Ints

    def __len__(self) -> int:
        """Return the number of slabs."""
        return len(self.wedge)


def slabs(segments: Segments, wedge: Wedges, more: tuple[Ints, Floats] | None = None) -> Slabs:
    """Return the directions between which nothing changes.

    Parameters
    ----------
    segments
        Walls.
    wedge
        The wedges that they are in.
    more
        Wedge and tangent of further directions at which something changes.

    Raises
    ------
    Nothing
        A wedge without walls is one slab.
    """
    own = np.arange(len(wedge))
    others = more or (np.zeros(0, np.int64), np.zeros(0))
    of = np.concatenate([segments.wedge, segments.wedge, own, own, others[0]])
    t = np.concatenate([segments.t0, segments.t1, -wedge.slope, wedge.slope, others[1]])
    order = np.lexsort((t, of))
    of, t = of[order], t[order]
    new = np.ones(len(t), np.bool_)
    new[1:] = (of[1:] != of[:-1]) | (t[1:] - t[:-1] > NARROW)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.cumsum(new) - 1
    of, t = of[new], t[new]
    # the last direction of a wedge begins no slab: each wedge has one slab fewer than directions
    ends = np.flatnonzero(np.append(of[1:] == of[:-1], False))
    first, last = rank[: len(segments)], rank[len(segments) : 2 * len(segments)]
    return Slabs(
        wedge=of[ends],
        t0=t[ends],
        t1=t[ends + 1],
        first=first - segments.wedge,
        last=last - segments.wedge,
    )


def envelope(segments: Segments, wedge: Wedges) -> Spans:
    """Return the nearest wall in each direction of each wedge; walls do not cross one another.

    Parameters
    ----------
    segments
        Walls that stop the sight.
    wedge
        The wedges that they are in.

    Returns
    -------
    Spans
        They fill each wedge; ``inner`` is `OPEN` everywhere.

    Raises
    ------
    Nothing
        Without walls the sight is open.
    """
    slab = slabs(segments, wedge)
    wall, at = ranges(slab.first, slab.last - slab.first)
    near = segments.at(wall, ((slab.t0 + slab.t1) / 2)[at])
    nearest = np.full(len(slab), -np.inf)
    np.maximum.at(nearest, at, near)
    best = np.flatnonzero(near == nearest[at])
    top = np.full(len(slab), len(segments))
    np.minimum.at(top, at[best], wall[best])
    top[top == len(segments)] = OPEN
    return _runs(slab, top)


def _runs(slab: Slabs, top: Ints) -> Spans:
    """Return neighbouring slabs with the same wall as one span."""
    begins = np.ones(len(slab), np.bool_)
    begins[1:] = (slab.wedge[1:] != slab.wedge[:-1]) | (top[1:] != top[:-1])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(slab)) - 1
    return Spans(
        wedge=slab.wedge[first],
        t0=slab.t0[first],
        t1=slab.t1[last],
        inner=np.full(len(first), OPEN),
        outer=top[first],
    )
