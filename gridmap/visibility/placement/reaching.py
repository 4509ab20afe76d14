"""What each candidate sees of the streets, in stretches that it sees wholly or not at all.

A *stretch* is street between two neighbouring places at which what some candidate sees begins or ends. Each candidate
therefore sees a stretch from end to end or nothing of it, and sums of stretches are exact: no street is sampled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Metres between parts that are one: what two pieces of one view share is a line without width.
TOUCHING_M = 1e-9
#: Decimals of metres to which gains are compared: the order of a sum may differ in what comes after a micrometre.
DECIMALS = 6


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """Parts of streets that are seen, each by one candidate."""

    #: who sees, shape (n,)
    who: Ints
    #: row of the line, shape (n,)
    line: Ints
    #: metres from the line's beginning, shape (n,)
    from_m: Floats
    to_m: Floats

    def __len__(self) -> int:
        """Number of parts."""
        return len(self.who)

    def only(self, rows: npt.NDArray[Any]) -> Intervals:
        """Return the parts of some rows: flags or numbers."""
        return Intervals(who=self.who[rows], line=self.line[rows], from_m=self.from_m[rows], to_m=self.to_m[rows])


def intervals(rows: Sequence[tuple[int, int, float, float]]) -> Intervals:
    """Return parts written out as (who, line, from_m, to_m).

    Raises
    ------
    Nothing
        No rows are no parts.

    Examples
    --------
    >>> len(intervals([(0, 0, 0.0, 30.0)]))
    1
    """
    who, line, from_m, to_m = np.array(rows, float).reshape(-1, 4).T
    return Intervals(who=who.astype(np.int64), line=line.astype(np.int64), from_m=from_m, to_m=to_m)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What each candidate sees: ranges of stretches, which follow one another along each line."""

    #: metres of each stretch that nobody sees yet, shape (n,)
    metres: Floats
    #: row of the line, and metres along it at which each stretch begins, shape (n,)
    line: Ints
    at_m: Floats
    #: first stretch of each range, and the first one after it, shape (r,)
    first: Ints
    last: Ints
    #: ranges of candidate i are start[i] to start[i + 1], shape (candidates + 1,)
    start: Ints

    def __len__(self) -> int:
        """Number of candidates."""
        return len(self.start) - 1

    @property
    def who(self) -> Ints:
        """Candidate of each range, shape (r,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def gains(self, metres: Floats) -> Floats:
        """Metres that each candidate would add, of stretches that still count for so many, shape (candidates,)."""
        total = _running(metres)
        return np.bincount(self.who, total[self.last] - total[self.first], len(self)).astype(np.float64)

    def gains_of(self, chosen: Ints, total: Floats) -> Floats:
        """Metres that some candidates would add, from running sums over the stretches, shape (chosen,)."""
        rows, which = self._ranges(chosen)
        return np.bincount(which, total[self.last[rows]] - total[self.first[rows]], len(chosen)).astype(np.float64)

    def seen(self, chosen: Ints) -> Ints:
        """How many of the chosen candidates see each stretch, shape (n,)."""
        rows, _ = self._ranges(chosen)
        return _stacked(self.first[rows], self.last[rows], len(self.metres))

    def left(self, chosen: Ints) -> Floats:
        """Metres of each stretch that nobody sees after the chosen ones, shape (n,)."""
        return np.where(self.seen(chosen) > 0, 0.0, self.metres)

    def only(self, chosen: Ints) -> Reach:
        """Return what some candidates see of the same stretches."""
        rows, which = self._ranges(chosen)
        start = np.searchsorted(which, np.arange(len(chosen) + 1))
        return replace(self, first=self.first[rows], last=self.last[rows], start=start)

    def _ranges(self, chosen: Ints) -> tuple[Ints, Ints]:
        """Rows of the ranges of candidates, and which of them each belongs to."""
        counts = self.start[chosen + 1] - self.start[chosen]
        which = np.repeat(np.arange(len(chosen)), counts)
        before = np.cumsum(counts) - counts
        return self.start[chosen][which] + np.arange(len(which)) - before[which], which


def reach(candidates: Intervals, count: int, *, seen: Intervals) -> Reach:
    """Return what each of so many candidates sees, in stretches.

    Parameters
    ----------
    candidates
        What they see: ``who`` is the candidate. Parts of one candidate may overlap.
    count
        Number of candidates, whether they see anything or not.
    seen
        What is seen already: its stretches count for nothing.

    Returns
    -------
    Reach
        Stretches by line and along it; ranges by candidate, line and along it.

    Raises
    ------
    Nothing
        Candidates that see nothing have no ranges.

    Examples
    --------
    Two candidates share the 10 m between 20 and 30:

    >>> both = intervals([(0, 0, 0.0, 30.0), (1, 0, 20.0, 50.0)])
    >>> made = reach(both, 2, seen=intervals([]))
    >>> made.gains(made.metres).tolist(), made.gains(made.left(np.array([0]))).tolist()
    ([30.0, 30.0], [0.0, 20.0])
    """
    own, others = merged(candidates), merged(replace(seen, who=np.zeros(len(seen), np.int64)))
    line = np.concatenate([own.line, own.line, others.line, others.line])
    at = np.concatenate([own.from_m, own.to_m, others.from_m, others.to_m])
    lines, ats, place = _places(line, at)
    first, last, gone, gone_last = np.split(place, np.cumsum([len(own), len(own), len(others)]))
    metres = np.zeros(len(ats))
    metres[:-1] = np.where(lines[1:] == lines[:-1], np.diff(ats), 0.0)
    metres[_stacked(gone, gone_last, len(metres)) > 0] = 0.0
    start = np.searchsorted(own.who, np.arange(count + 1))
    return Reach(metres=metres, line=lines, at_m=ats, first=first, last=last, start=start)


def merged(parts: Intervals) -> Intervals:
    """Return the parts by who, line and along it, those that overlap or touch as one.

    Parameters
    ----------
    parts
        In any order.

    Raises
    ------
    Nothing
        Parts without length vanish.

    Examples
    --------
    >>> one = merged(intervals([(0, 0, 5.0, 8.0), (0, 0, 0.0, 5.0), (0, 0, 9.0, 12.0)]))
    >>> one.from_m.tolist(), one.to_m.tolist()
    ([0.0, 9.0], [8.0, 12.0])
    """
    parts = parts.only(parts.to_m > parts.from_m)
    if not len(parts):
        return parts
    parts = parts.only(np.lexsort((parts.from_m, parts.line, parts.who)))
    group = np.cumsum(_starts(parts.who) | _starts(parts.line)) - 1
    reached = _greatest_so_far(parts.to_m, group)
    begins = _starts(group)
    begins[1:] |= parts.from_m[1:] > reached[:-1] + TOUCHING_M
    return replace(parts.only(begins), to_m=np.maximum.reduceat(parts.to_m, np.flatnonzero(begins)))


def _greatest_so_far(values: Floats, group: Ints) -> Floats:
    """The greatest value of each group up to each row; groups follow one another."""
    order = np.lexsort((values, group))
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(values))
    # ranks grow from group to group, so that none reaches into the next
    return values[order][np.maximum.accumulate(rank)]


def _starts(values: Ints) -> npt.NDArray[np.bool_]:
    """Whether each row differs from the one before."""
    return np.append(np.ones(1, bool), values[1:] != values[:-1])


def _places(line: Ints, at_m: Floats) -> tuple[Ints, Floats, Ints]:
    """Places without repetition, by line and along it, and the place of each that was given."""
    order = np.lexsort((at_m, line))
    new = _starts(line[order])
    new[1:] |= at_m[order][1:] != at_m[order][:-1]
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(new) - 1
    kept = order[new]
    return line[kept], at_m[kept], place


def _stacked(first: Ints, last: Ints, count: int) -> Ints:
    """How many ranges lie on each of so many stretches."""
    ends = np.bincount(first, minlength=count + 1) - np.bincount(last, minlength=count + 1)
    return np.cumsum(ends)[:count]


def _running(metres: Floats) -> Floats:
    """Sums of all stretches before each, and of all, shape (n + 1,)."""
    return np.append(0.0, np.cumsum(metres))
