"""What a shift may call at: overdue stretches either way, checkpoints within their windows; and its timetable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Calls:
    """Calls 2k and 2k + 1 are stretch k in both directions; checkpoints follow, then the start; all in seconds."""

    #: place in ``far_s`` at which each call begins and ends, shape (c,)
    begin: Ints
    end: Ints
    #: seconds that each takes, shape (c,)
    takes_s: Floats
    #: debt that each works off, shape (c,)
    worth: Floats
    #: seconds from the start between which it may begin, shape (c,)
    opens_s: Floats
    closes_s: Floats
    #: place of each in the order in which checkpoints are due, NaN where that is free, shape (c,)
    place: Floats
    #: seconds between places, shape (p, p)
    far_s: Floats
    #: number of stretches
    stretches: int
    #: seconds after which the shift is over
    over_s: float

    @property
    def home(self) -> int:
        """The start, as a call."""
        return len(self.begin) - 1

    @cached_property
    def checkpoints(self) -> list[int]:
        """The calls that must be made."""
        return list(range(2 * self.stretches, self.home))

    @cached_property
    def from_end(self) -> Floats:
        """Seconds from where each call ends to where each begins, shape (c, c)."""
        return self.far_s[np.ix_(self.end, self.begin)]

    def in_order(self, plan: list[int]) -> bool:
        """Whether checkpoints come in the order in which they are due."""
        place = self.place[plan]
        return bool((np.diff(place[~np.isnan(place)]) >= 0).all())

    def timetable(self, plan: list[int]) -> tuple[Floats, Floats] | None:
        """Return (when each call ends, when it must begin at the latest), home before and after.

        None where a call is too late, or before one that is due earlier.
        """
        if not self.in_order(plan):
            return None
        way = [self.home, *plan, self.home]
        done = np.zeros(len(way))
        for at in range(1, len(way)):
            call = way[at]
            begun = max(done[at - 1] + self.from_end[way[at - 1], call], self.opens_s[call])
            if begun > self.closes_s[call] + 1e-6:
                return None
            done[at] = begun + self.takes_s[call]
        latest = np.full(len(way), self.over_s)
        for at in range(len(way) - 2, 0, -1):
            call = way[at]
            leave = latest[at + 1] - self.from_end[call, way[at + 1]] - self.takes_s[call]
            latest[at] = min(self.closes_s[call], leave)
        return done, latest

    def total(self, plan: list[int]) -> float:
        """Debt that a plan works off."""
        return float(self.worth[plan].sum())
