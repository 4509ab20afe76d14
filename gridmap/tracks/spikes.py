"""Spikes: fixes that nobody can have reached and left again in time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmap.tracks.limits import Cleaning
from gridmap.tracks.ordering import Course
from gridmap.tracks.walking_kernel import mark_spikes, ready

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

#: A spike may hide another; the third pass finds none any more.
_PASSES = 3


def spikes(course: Course, cleaning: Cleaning) -> Mask:
    """Fixes both ways to which are too fast, while the way past them is not.

    A leg is too fast where it is longer than ``fastest_m_s`` times its seconds and ``slack_m``. Up to ``spike_fixes``
    fixes in a row are one spike. At the beginning and the end of a run there is only one leg to go by: there such a run
    of fixes is a spike if as many legs beyond it are walked at a possible speed. A post that goes too fast for long
    makes no spikes.

    Parameters
    ----------
    course
        Fixes in order.
    cleaning
        Limits.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> track = Course(
    ...     row=np.arange(4), track=np.zeros(4, int), run=np.zeros(4, int), time_us=np.arange(4) * 5_000_000,
    ...     x=np.array([0.0, 7, 900, 21]), y=np.zeros(4),
    ... )
    >>> spikes(track, Cleaning())
    array([False, False,  True, False])
    """
    wild = np.zeros(len(course), dtype=bool)
    for _ in range(_PASSES):
        kept = np.flatnonzero(~wild)
        found = _once(course.only(~wild), cleaning)
        if not found.any():
            break
        wild[kept[found]] = True
    return wild


def _once(course: Course, cleaning: Cleaning) -> Mask:
    """Spikes that show while others may still be there."""
    wild = np.zeros(len(course), dtype=bool)
    seconds, goes_on = course.seconds, course.goes_on
    slow = cleaning.fastest_m_s * np.diff(seconds, prepend=seconds[:1]) + cleaning.slack_m
    fast = goes_on & (course.steps_m > slow)
    legs = np.flatnonzero(fast)
    if not len(legs):
        return wild
    begins = np.append(np.flatnonzero(~goes_on), len(course))
    run = np.searchsorted(begins, legs, side="right") - 1
    ends = (begins[run], begins[run + 1] - 1)
    track = tuple(ready(axis) for axis in (course.x, course.y, seconds))
    limits = (cleaning.fastest_m_s, cleaning.slack_m, float(cleaning.spike_fixes))
    mark_spikes(ready(legs), tuple(ready(end) for end in ends), track, limits, wild)
    _mark_ends(wild, fast, legs, ends, cleaning.spike_fixes)
    return wild


def _mark_ends(wild: Mask, fast: Mask, legs: Ints, ends: tuple[Ints, Ints], longest: int) -> None:
    """Mark the spikes at the beginnings and ends of runs, where there is one leg to go by."""
    for at, first, last in zip(legs.tolist(), ends[0].tolist(), ends[1].tolist(), strict=True):
        if wild[at] or wild[at - 1]:
            continue
        calm_after = last - at >= longest and not fast[at + 1 : at + longest + 1].any()
        calm_before = at - 1 - first >= longest and not fast[at - longest : at].any()
        if at - first <= longest and calm_after:
            wild[first:at] = True
        elif last - at < longest and calm_before:
            wild[at : last + 1] = True
