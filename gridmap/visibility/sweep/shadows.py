"""Ground seen again behind low buildings: what a ray meets is counted, ground is in sight where the count is nought.

A ray that meets a low building at r and leaves it at s is hidden from r to k s (see `wedges.walls_in`). Along a ray
the count grows by one at each near wall and falls by one at each far wall, enlarged k times: it is the number of low
buildings that hide the place, whichever near wall belongs to whichever far one. Between neighbouring directions at
which a wall begins, ends or crosses another, the order along the ray does not change, so that this is exact.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from gridmap.visibility.sweep.pieces import Floats, Ints
from gridmap.visibility.sweep.sweeping import OPEN, Slabs, Spans, slabs
from gridmap.visibility.sweep.wedges import NARROW, STOPS, Segments, Wedges, ranges

#: What a wall that stops the sight adds to the count: no number of far walls brings it back to nought.
_NEVER = 1 << 40


def beyond_shadows(segments: Segments, spans: Spans, wedge: Wedges, over: Ints) -> tuple[Segments, Spans]:
    """Return visible ground in front of the walls that stop the sight, between and behind low buildings.

    Parameters
    ----------
    segments
        All walls.
    spans
        The `sweeping.envelope` of those that stop the sight; ``outer`` counts in `segments`.
    wedge
        The wedges that they are in.
    over
        How many low buildings each camera stands on, by wedge.

    Returns
    -------
    Segments, Spans
        Walls cut to what is seen of them, and ground in terms of these. Wedges without low walls are left as they are.

    Raises
    ------
    Nothing
        Where nothing is low, nothing changes.
    """
    low = segments.kind != STOPS
    shaded = np.zeros(len(wedge), np.bool_)
    shaded[segments.wedge[low]] = True
    shaded |= over > 0
    if not shaded.any():
        return segments, spans
    plain = np.flatnonzero(~shaded[spans.wedge])
    walls = _with_stops(segments, spans, np.flatnonzero(low), shaded)
    slab = slabs(walls, wedge, _crossings(walls))
    found = _in_sight(walls, slab, over, np.flatnonzero(shaded[slab.wedge]))
    every = _joined(segments, walls)
    inner, outer = (_shifted(rows, len(segments)) for rows in (found.inner, found.outer))
    found = replace(found, inner=inner, outer=outer)
    return every, _merged(spans, plain, found)


def _shifted(rows: Ints, by: int) -> Ints:
    """Return rows of a table that now stands behind another."""
    return np.where(rows == OPEN, OPEN, rows + by)


def _joined(one: Segments, other: Segments) -> Segments:
    """Return two tables of walls as one."""
    names = ("wedge", "t0", "t1", "w0", "w1", "kind", "edge")
    return Segments(**{name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in names})


def _with_stops(segments: Segments, spans: Spans, low: Ints, shaded: npt.NDArray[np.bool_]) -> Segments:
    """Return the low walls, and what is seen of those that stop the sight where there are low ones."""
    rows = np.flatnonzero((spans.outer != OPEN) & shaded[spans.wedge])
    wall, t0, t1 = spans.outer[rows], spans.t0[rows], spans.t1[rows]
    seen = replace(segments.taken(wall), t0=t0, t1=t1, w0=segments.at(wall, t0), w1=segments.at(wall, t1))
    joined = _joined(segments.taken(low), seen)
    return joined.taken(np.argsort(joined.wedge, kind="stable"))


def _crossings(walls: Segments) -> tuple[Ints, Floats]:
    """Return wedge and tangent of the crossings of low walls with any others."""
    order = np.lexsort((walls.t0, walls.wedge))
    sorted_ = walls.taken(order)
    # in the order of their beginnings: each is met by those after it that begin before it ends
    key = sorted_.wedge * 4.0
    ends = np.searchsorted(key + sorted_.t0, key + sorted_.t1, side="left")
    one, other = ranges(np.arange(1, len(order) + 1), np.maximum(ends - np.arange(1, len(order) + 1), 0))
    both = np.flatnonzero((sorted_.kind[one] != STOPS) | (sorted_.kind[other] != STOPS))
    one, other = one[both], other[both]
    begin, end = np.maximum(sorted_.t0[one], sorted_.t0[other]), np.minimum(sorted_.t1[one], sorted_.t1[other])
    before = sorted_.at(one, begin) - sorted_.at(other, begin)
    after = sorted_.at(one, end) - sorted_.at(other, end)
    cross = np.flatnonzero((before * after < 0) & (end - begin > NARROW))
    share = before[cross] / (before[cross] - after[cross])
    return sorted_.wedge[one[cross]], begin[cross] + share * (end - begin)[cross]


def _in_sight(walls: Segments, slab: Slabs, over: Ints, wanted: Ints) -> Spans:
    """Return the stretches of some slabs at which the count is nought, neighbours with the same walls as one."""
    passing, at = ranges(slab.first, slab.last - slab.first)
    near = walls.at(passing, ((slab.t0 + slab.t1) / 2)[at])
    # the camera itself begins every slab
    at = np.concatenate([wanted, at])
    near = np.concatenate([np.full(len(wanted), np.inf), near])
    passing = np.concatenate([np.full(len(wanted), OPEN), passing])
    adds = np.concatenate(
        [over[slab.wedge[wanted]], np.where(walls.kind == STOPS, _NEVER, walls.kind)[passing[len(wanted) :]]]
    )
    order = np.lexsort((-near, at))
    at, near, passing, adds = at[order], near[order], passing[order], adds[order]
    total = np.cumsum(adds)
    begins = np.flatnonzero(np.append(True, at[1:] != at[:-1])[: len(at)])
    size = np.diff(np.append(begins, len(at)))
    total -= np.repeat(total[begins] - adds[begins], size)
    last = np.append(at[1:] != at[:-1], True)[: len(at)]
    next_ = np.where(last, OPEN, np.append(passing[1:], OPEN))
    length = near * (1 - 1e-13) > np.where(last, 0.0, np.append(near[1:], 0.0))
    seen = np.flatnonzero((total == 0) & length)
    return _runs(slab, at[seen], passing[seen], next_[seen])


def _runs(slab: Slabs, at: Ints, inner: Ints, outer: Ints) -> Spans:
    """Return stretches of neighbouring slabs between the same walls as one."""
    order = np.lexsort((at, outer, inner, slab.wedge[at]))
    at, inner, outer = at[order], inner[order], outer[order]
    wedge = slab.wedge[at]
    same = (wedge[1:] == wedge[:-1]) & (inner[1:] == inner[:-1]) & (outer[1:] == outer[:-1]) & (at[1:] == at[:-1] + 1)
    first = np.flatnonzero(np.append(True, ~same)[: len(at)])
    last = np.append(first[1:], len(at))[: len(first)] - 1
    return Spans(
        wedge=wedge[first],
        t0=slab.t0[at[first]],
        t1=slab.t1[at[last]],
        inner=inner[first],
        outer=outer[first],
    )


def _merged(spans: Spans, plain: Ints, found: Spans) -> Spans:
    """Return spans of both kinds of wedges, by wedge and direction."""
    names = ("wedge", "t0", "t1", "inner", "outer")
    columns = {name: np.concatenate([getattr(spans, name)[plain], getattr(found, name)]) for name in names}
    order = np.lexsort((columns["outer"], columns["inner"], columns["t0"], columns["wedge"]))
    return Spans(**{name: columns[name][order] for name in names})
