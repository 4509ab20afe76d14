"""The kilometres of fixes from raw to credited, and what each step takes away."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.tracks.legs import Legs
from gridmap.tracks.ordering import Course
from gridmap.tracks.stopping import Stops

Floats = npt.NDArray[np.float64]

#: Steps in their order; between the first and the last each takes something away.
STEPS = ("raw", "unusable", "duplicates", "spikes", "gaps", "stop_wander", "credited")


@dataclass(kw_only=True)
class Waterfall:
    """Fixes and metres that are left after each step."""

    #: rows of the table that was given
    rows: int
    #: fixes and metres left, by step
    left: dict[str, tuple[int, float]] = field(default_factory=dict)

    def raw(self, course: Course) -> None:
        """All fixes; those without place or time have no metres to lose."""
        metres = _along(course)
        self.left |= {"raw": (self.rows, metres), "unusable": (len(course), metres)}

    def duplicates(self, course: Course) -> None:
        """Without copies."""
        self.left["duplicates"] = (len(course), _along(course))

    def spikes(self, course: Course) -> None:
        """Without fixes where nobody was: spikes, vague ones, stuck sensors."""
        self.left["spikes"] = (len(course), _along(course))

    def gaps(self, course: Course, legs: Legs) -> None:
        """Without ways from one leg to the next."""
        self.left["gaps"] = (len(course), float(course.steps_m[legs.goes_on].sum()))

    def stop_wander(self, course: Course, legs: Legs, stops: Stops) -> None:
        """With each stop at one place, arrived at and left."""
        metres = float(collapsed_steps(course, stops)[legs.goes_on].sum())
        within = int((stops.fixes - 2).sum())
        self.left |= {"stop_wander": (len(course) - within, metres), "credited": (len(course) - within, metres)}

    def table(self) -> pd.DataFrame:
        """Step, fixes, km, left_fixes, left_km."""
        left = [self.left[step] for step in STEPS]
        taken = [left[0], *((a[0] - b[0], a[1] - b[1]) for a, b in pairwise(left[:-1])), left[-1]]
        return pd.DataFrame(
            {
                "step": pd.Series(STEPS, dtype="str"),
                "fixes": [fixes for fixes, _ in taken],
                "km": [metres / 1000 for _, metres in taken],
                "left_fixes": [fixes for fixes, _ in left],
                "left_km": [metres / 1000 for _, metres in left],
            }
        )


def collapsed_steps(course: Course, stops: Stops) -> Floats:
    """Metres from the fix before, all fixes of a stop standing at its place."""
    inside = stops.stop >= 0
    x, y = course.x.copy(), course.y.copy()
    x[inside], y[inside] = stops.x[stops.stop[inside]], stops.y[stops.stop[inside]]
    return np.hypot(np.diff(x, prepend=x[:1]), np.diff(y, prepend=y[:1]))


def _along(course: Course) -> float:
    """Metres of the ways from fix to fix of each track, wherever its runs part."""
    same = np.diff(course.track, prepend=-1) == 0
    return float(course.steps_m[same].sum())
