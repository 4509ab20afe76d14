"""Fixes sifted: one reason after the other for which they are left out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gridmap.errors import Fault, TableError
from gridmap.tracks.clocks import clock_flaws
from gridmap.tracks.flaws import Flaw
from gridmap.tracks.legs import Legs
from gridmap.tracks.limits import Cleaning
from gridmap.tracks.ordering import Course, copies, ordered, parted, repeats
from gridmap.tracks.sensors import frozen, many_spikes, too_fast
from gridmap.tracks.spikes import spikes
from gridmap.tracks.stopping import Stops
from gridmap.tracks.suspicion import Rounds, mocked
from gridmap.tracks.taking import Taken
from gridmap.tracks.units import shared_devices, two_places
from gridmap.tracks.waterfall import Waterfall

Mask = npt.NDArray[np.bool_]

#: Why fixes are left out, by the numbers of `Sieve.why`; the first is of those that are kept.
REASONS = ("", "post", "place", "clock", "duplicate", "accuracy", "frozen", "spike")


@dataclass(frozen=True, kw_only=True)
class Sifted:
    """The fixes that are kept, and what they make."""

    #: in order
    course: Course
    #: stretches that can be measured
    legs: Legs
    #: where the post stayed
    stops: Stops
    #: what was walked in each shift
    rounds: Rounds


@dataclass(kw_only=True)
class Sieve:
    """Which fixes fell through, and what was told on the way."""

    #: what was given
    taken: Taken
    #: limits
    cleaning: Cleaning
    #: what is wrong
    flaws: list[Flaw]
    #: for each row the position in `REASONS` of why it is left out
    why: npt.NDArray[np.int8] = field(init=False)
    #: what each step takes away
    waterfall: Waterfall = field(init=False)

    def __post_init__(self) -> None:
        """Begin with all fixes."""
        self.why = np.zeros(len(self.taken.post), dtype=np.int8)
        self.waterfall = Waterfall(rows=len(self.why))

    def sifted(self) -> Course:
        """The fixes that are kept, in order; raises TableError where there are fixes and none is kept."""
        course = self._usable()
        self.waterfall.raw(course)
        course = self._without(course, copies(course), "duplicate")
        course, flaws = parted(course, self.taken, self.cleaning)
        course = self._without(course, repeats(course, self.taken.accuracy_m[course.row]), "duplicate")
        self.waterfall.duplicates(course)
        vague = self.taken.accuracy_m[course.row] > self.cleaning.worst_accuracy_m
        course = self._without(course, vague, "accuracy")
        stuck, more = frozen(course, self.taken, self.cleaning)
        course = self._without(course, stuck, "frozen")
        course = self._without(course, spikes(course, self.cleaning), "spike")
        self.waterfall.spikes(course)
        self.flaws = [*self.flaws, *flaws, *more]
        return course

    def suspect(self, course: Course, legs: Legs, rounds: Rounds) -> None:
        """Tell what is odd about fixes, those that are kept among them."""
        taken, cleaning = self.taken, self.cleaning
        spiky = np.isin(self.why, (REASONS.index("spike"), REASONS.index("accuracy")))
        self.flaws = [
            *self.flaws,
            *many_spikes(taken, spiky, self.why == 0),
            *too_fast(course, legs, taken, cleaning),
            *shared_devices(course, legs, taken),
            *two_places(course, taken),
            *mocked(course, legs, rounds, taken, cleaning),
        ]

    def _usable(self) -> Course:
        """The fixes that have a post, a place and a time."""
        flaws, timed = clock_flaws(self.taken, self.cleaning)
        named, placed = self.taken.post >= 0, np.isfinite(self.taken.x) & np.isfinite(self.taken.y)
        if not named.all():
            rows = tuple(np.flatnonzero(~named).tolist())
            flaws.insert(
                0, Flaw(code="no_post", message=f"{len(rows)} fixes have no post; they are left out", rows=rows)
            )
        self.flaws = [*self.flaws, *flaws]
        for good, reason in ((timed, "clock"), (placed, "place"), (named, "post")):
            self.why[~good] = REASONS.index(reason)
        if len(self.why) and self.why.all():
            raise TableError("fixes", [_refused(flaw) for flaw in self.flaws])
        return ordered(self.taken, self.why == 0)

    def _without(self, course: Course, fallen: Mask, reason: str) -> Course:
        """The fixes that did not fall through now."""
        if not fallen.any():
            return course
        self.why[course.row[fallen]] = REASONS.index(reason)
        return course.only(~fallen)


def _refused(flaw: Flaw) -> Fault:
    """A flaw as a fault of the table."""
    return Fault(code=flaw.code, message=flaw.message, feature=flaw.rows[0] + 1 if flaw.rows else None)
