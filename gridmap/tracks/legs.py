"""Legs: stretches of fixes whose way from one to the next is known well enough to be measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.tracks.limits import Cleaning
from gridmap.tracks.ordering import Course
from gridmap.tracks.shifts import SECOND, Shifts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Legs:
    """The legs of fixes in order, an entry for each fix."""

    #: number of the leg
    leg: Ints
    #: position of the shift in ``labels``
    shift: Ints
    #: labels of the shifts, in the order of time
    labels: list[str]
    #: whether the leg goes on from the fix before
    goes_on: Mask
    #: metres a second since the fix before; NaN for the first of a leg
    speed_m_s: Floats

    @property
    def first(self) -> Ints:
        """First fixes of the legs and, last, the number of fixes."""
        return np.append(np.flatnonzero(~self.goes_on), len(self.leg))


def legs_of(course: Course, shifts: Shifts, cleaning: Cleaning) -> Legs:
    """The legs of fixes in order.

    Parameters
    ----------
    course
        Fixes in order.
    shifts
        Windows of the day; no leg runs from one shift into another.
    cleaning
        ``gap_s``: a leg ends where no fix comes for longer.

    Raises
    ------
    Nothing
    """
    shift, labels = shifts.of(course.time_us)
    seconds = np.diff(course.time_us, prepend=course.time_us[:1]) / SECOND
    goes_on = course.goes_on & (np.diff(shift, prepend=-1) == 0) & (seconds <= cleaning.gap_s)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.where(goes_on, course.steps_m / seconds, np.nan)
    return Legs(leg=np.cumsum(~goes_on) - 1, shift=shift, labels=labels, goes_on=goes_on, speed_m_s=speed)
