"""Stops: where a post stayed, and from when to when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.tracks.legs import Legs
from gridmap.tracks.limits import Cleaning
from gridmap.tracks.ordering import Course
from gridmap.tracks.walking_kernel import mark_stops, ready

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Stops:
    """The stops of fixes in order."""

    #: for each fix the number of its stop, -1 for none
    stop: Ints
    #: first and last fix of each stop
    first: Ints
    last: Ints
    #: metres east and north of each stop: the median of its fixes
    x: Floats
    y: Floats

    @property
    def fixes(self) -> Ints:
        """Number of fixes in each stop."""
        return self.last - self.first + 1


def stops_of(course: Course, legs: Legs, cleaning: Cleaning) -> Stops:
    """The stops within legs.

    A stop is a run of fixes within ``stop_radius_m`` of its running centre (the mean of those that joined before) that
    lasts ``stop_s`` at least; ``stop_outliers`` fixes in a row may lie outside and do not move the centre. Its place is
    the median of its fixes (definition D1).

    Parameters
    ----------
    course
        Fixes in order.
    legs
        Their legs; no stop goes beyond one.
    cleaning
        Limits.

    Raises
    ------
    Nothing
    """
    stop = np.full(len(course), -1, dtype=np.int64)
    track = tuple(ready(axis) for axis in (course.x, course.y, course.seconds))
    limits = (cleaning.stop_radius_m, cleaning.stop_s, float(cleaning.stop_outliers))
    count = mark_stops(ready(legs.first), track, limits, stop)
    inside = np.flatnonzero(stop >= 0)
    first, last = (np.searchsorted(stop[inside], np.arange(count), side=side) for side in ("left", "right"))
    last = last - 1
    x, y = (_medians(axis[inside], stop[inside], first, last) for axis in (course.x, course.y))
    return Stops(stop=stop, first=inside[first], last=inside[last], x=x, y=y)


def _medians(values: Floats, group: Ints, first: Ints, last: Ints) -> Floats:
    """The median of each group of values that stand together."""
    ordered = values[np.lexsort((values, group))]
    middle = first + last
    medians: Floats = (ordered[middle // 2] + ordered[(middle + 1) // 2]) / 2
    return medians
