"""When each metre of street was visited: stretches that the same visits cover, with these in the order of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.ledger import Visits
from gridmap.coverage.walked.unions import in_order
from gridmap.errors import InputError

#: Visits less than so long apart are one: a post that turns at a corner has not come twice.
APART_S = 600.0
#: Ends of visits are moved to marks so far apart, metres: positions are not known better, and every end kept as it is
#: would cut a busy street into as many pieces as it has visits.
EVERY_M = 2.0


@dataclass(frozen=True, kw_only=True)
class Passes:
    """Stretches of lines and the distinct visits to each, in the order of time."""

    #: row of the line, shape (n,)
    line: Ints
    #: metres along the line
    from_m: Floats
    to_m: Floats
    #: stretch of each distinct visit, ascending, shape (m,)
    stretch: Ints
    #: when it began and ended, seconds since 1970
    begin: Floats
    end: Floats

    @property
    def metres(self) -> Floats:
        """Length of each stretch."""
        return np.asarray(self.to_m - self.from_m)

    def gaps(self, since: float, until: float) -> tuple[Ints, Floats]:
        """Return the stretch and the seconds of each gap between visits in a window, its two ends among them."""
        inside = (self.end > since) & (self.begin < until)
        stretch, begin, end = self.stretch[inside], self.begin[inside], self.end[inside]
        every = np.arange(len(self.line))
        count = np.bincount(stretch, minlength=len(every))
        # one gap before each visit and one after the last: visits move down by the number of stretches before theirs
        at = np.arange(len(stretch)) + stretch
        last = np.cumsum(count + 1) - 1
        opens, closes = (np.empty(len(stretch) + len(every)) for _ in range(2))
        closes[at], closes[last] = begin, until
        opens[at + 1] = end
        opens[last - count] = since
        return np.repeat(every, count + 1), np.maximum(closes - opens, 0.0)


def passes(visits: Visits, *, apart_s: float = APART_S, every_m: float = EVERY_M) -> Passes:
    """Return when each stretch of line was visited.

    Visits to one place less than ``apart_s`` apart are one, from the beginning of the first to the end of the last: a
    chain of visits is one visit however long it gets.

    Parameters
    ----------
    visits
        Credited visits in their order.
    apart_s
        Least seconds between two visits.
    every_m
        Ends of visits are moved to the nearest multiple of it along the street, or to the end of the line: what is
        said to be visited goes at most half of it too far.

    Returns
    -------
    Passes
        Every metre of every line is in exactly one stretch, visited or not; by line and metre.

    Raises
    ------
    InputError
        If ``every_m`` is not above 0.
    """
    if not every_m > 0:
        raise InputError(f"marks every {every_m} m", expected="more than 0")
    line, metre, low, high = _cut(visits, every_m)
    begins = np.diff(line, append=-1) == 0
    number = np.cumsum(begins) - 1
    stretch, visit = _laid(visits, number[low], number[high - 1] + 1)
    start, end = visits.start[visit], visits.end[visit]
    reached = _reached(stretch, end)
    fresh = np.ones(len(stretch), dtype=bool)
    fresh[1:] = (np.diff(stretch) != 0) | (start[1:] - reached[:-1] >= apart_s)
    first = np.flatnonzero(fresh)
    at = np.flatnonzero(begins)
    return Passes(
        line=line[at],
        from_m=metre[at],
        to_m=metre[at + 1],
        stretch=stretch[first],
        begin=start[first],
        end=reached[np.append(first, len(fresh))[1:] - 1] if len(first) else reached[:0],
    )


def distinct(key: Ints, start: Floats, end: Floats, *, apart_s: float = APART_S) -> npt.NDArray[np.bool_]:
    """Return which rows begin a distinct visit, given rows by key and start.

    Raises
    ------
    Nothing
        Of no rows none does.

    Examples
    --------
    >>> distinct(np.zeros(3, int), np.array([0.0, 650.0, 1500.0]), np.array([60.0, 700.0, 1600.0])).tolist()
    [True, False, True]
    """
    fresh = np.ones(len(key), dtype=bool)
    fresh[1:] = (np.diff(key) != 0) | (start[1:] - _reached(key, end)[:-1] >= apart_s)
    return fresh


def _cut(visits: Visits, every_m: float) -> tuple[Ints, Floats, Ints, Ints]:
    """Marks that are the end of a visit or of a line, in order, and between which two of them each visit lies."""
    first, last = np.floor(visits.begins_m / every_m), np.ceil(visits.ends_m / every_m)
    count = (last - first).astype(np.int64) + 1
    offset = np.cumsum(count) - count
    ends = [
        _marked(each, visits, every_m, (first, last)) + offset[visits.line] for each in (visits.from_m, visits.to_m)
    ]
    used = np.zeros(int(count.sum()), dtype=bool)
    for each in (offset, offset + count - 1, *ends):
        used[each] = True
    mark = np.cumsum(used) - 1
    line = np.repeat(np.arange(len(count)), count)[used]
    nth = np.flatnonzero(used) - offset[line]
    metre = np.clip((first[line] + nth) * every_m, visits.begins_m[line], visits.ends_m[line])
    return line, metre, mark[ends[0]], mark[ends[1]]


def _marked(metres: Floats, visits: Visits, every_m: float, marks: tuple[Floats, Floats]) -> Ints:
    """Number on its line of the mark nearest to each place; the ends of a line are marks."""
    first, last = (each[visits.line] for each in marks)
    nearest = np.clip(np.round(metres / every_m), first, last)
    nearest = np.where(metres >= visits.ends_m[visits.line], last, nearest)
    return np.asarray(np.where(metres <= visits.begins_m[visits.line], first, nearest) - first, dtype=np.int64)


def _laid(visits: Visits, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Every pair of a stretch and a visit that covers it, by stretch and start of the visit."""
    order = visits.by_start
    count = np.maximum(high - low, 0)[order]
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    stretch = np.repeat(low[order], count) + nth
    rows = in_order(stretch)
    return stretch[rows], np.repeat(order, count)[rows]


def _reached(key: Ints, end: Floats) -> Floats:
    """Latest end so far among the rows of each key."""
    if not len(key):
        return end
    # keys as steps longer than all time, so that one pass serves all; what it finds is copied: nothing is rounded
    early = end.min()
    raised = end - early + key * (end.max() - early + 1.0)
    best = np.where(raised >= np.maximum.accumulate(raised), np.arange(len(key)), 0)
    return np.asarray(end[np.maximum.accumulate(best)])
