"""Stops: where a post stayed, and from when to when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.tracks.legs import Legs
from gridmap.tracks.limits import Cleaning
from gridmap.tracks.ordering import Course
from gridmap.tracks.shifts import SECOND
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
    the median of its fixes (definition D1), and its first and last fix lie within the radius of that.

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
    mark_stops(ready(legs.first), track, limits, stop)
    trimmed = _trimmed(course, _gathered(course, stop), cleaning)
    return _gathered(course, trimmed)


def _gathered(course: Course, stop: Ints) -> Stops:
    """Stops by the number of the stop of each fix."""
    inside = np.flatnonzero(stop >= 0)
    numbers = np.arange(int(stop.max(initial=-1)) + 1)
    first, last = (np.searchsorted(stop[inside], numbers, side=side) for side in ("left", "right"))
    x, y = (_medians(axis[inside], stop[inside], first, last - 1) for axis in (course.x, course.y))
    return Stops(stop=stop, first=inside[first], last=inside[last - 1], x=x, y=y)


def _trimmed(course: Course, stops: Stops, cleaning: Cleaning) -> Ints:
    """The number of the stop of each fix, without the steps towards it and away from it.

    The running centre follows who arrives slowly: fixes before the first and after the last within the radius of where
    the post stood are steps. A stop that is too short without them is none.
    """
    inside = np.flatnonzero(stops.stop >= 0)
    if not len(inside):
        return stops.stop
    number = stops.stop[inside]
    far = np.hypot(course.x[inside] - stops.x[number], course.y[inside] - stops.y[number])
    near = inside[far <= cleaning.stop_radius_m]
    bounds = [np.searchsorted(near, stops.first), np.searchsorted(near, stops.last, side="right") - 1]
    empty = bounds[0] > bounds[1]
    first, last = (near[np.minimum(bound, len(near) - 1)] for bound in bounds)
    kept = ~empty & (course.time_us[last] - course.time_us[first] >= cleaning.stop_s * SECOND)
    trimmed = np.full(len(course), -1, dtype=np.int64)
    place = np.where(kept, np.cumsum(kept) - 1, -1)[number]
    within = (inside >= first[number]) & (inside <= last[number])
    trimmed[inside[within]] = place[within]
    return trimmed


def _medians(values: Floats, group: Ints, first: Ints, last: Ints) -> Floats:
    """The median of each group of values that stand together."""
    order = np.argsort(values)
    # short numbers are sorted by their digits, in one go
    short = group.astype(np.uint16) if group.max(initial=0) < 2**16 else group
    ordered = values[order[np.argsort(short[order], kind="stable")]]
    middle = first + last
    medians: Floats = (ordered[middle // 2] + ordered[(middle + 1) // 2]) / 2
    return medians
