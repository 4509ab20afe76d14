"""Fixes put in order: copies left out, each track in the order of its clock, and parted where that clock jumps."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.tracks.flaws import Flaw
from gridmap.tracks.limits import Cleaning
from gridmap.tracks.shifts import SECOND
from gridmap.tracks.taking import Taken

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: A file in which the clock runs back this often, as a share of its fixes, was not written in the order of recording.
_DISORDER = 0.05


@dataclass(frozen=True, kw_only=True)
class Course:
    """Fixes in order: by post and device, by stretch between jumps of the clock, by time."""

    #: row of the table
    row: Ints
    #: the track (a device of a post) and the stretch of it between jumps of the clock
    track: Ints
    run: Ints
    time_us: Ints
    x: Floats
    y: Floats

    def __len__(self) -> int:
        """Number of fixes."""
        return len(self.row)

    def only(self, keep: Mask | npt.NDArray[np.intp]) -> Course:
        """The fixes that are kept."""
        return replace(self, **{each.name: getattr(self, each.name)[keep] for each in fields(self)})

    @cached_property
    def seconds(self) -> Floats:
        """Seconds since the first fix."""
        first = self.time_us.min() if len(self) else 0
        seconds: Floats = (self.time_us - first) / SECOND
        return seconds

    @cached_property
    def goes_on(self) -> Mask:
        """Whether each fix is in the run of the fix before."""
        same: Mask = (np.diff(self.track, prepend=-1) == 0) & (np.diff(self.run, prepend=-1) == 0)
        return same

    @cached_property
    def steps_m(self) -> Floats:
        """Metres from the fix before, whatever it belongs to; 0 for the first."""
        return np.hypot(np.diff(self.x, prepend=self.x[:1]), np.diff(self.y, prepend=self.y[:1]))


def ordered(taken: Taken, usable: Mask) -> Course:
    """The usable fixes by track and time; those of one moment in the order of their rows."""
    row = np.flatnonzero(usable)
    track, time_us = taken.track[row], taken.time_us[row]
    order = in_order(track, time_us)
    row = row[order]
    return Course(
        row=row,
        track=track[order],
        run=np.zeros(len(row), dtype=np.int64),
        time_us=time_us[order],
        x=taken.x[row],
        y=taken.y[row],
    )


def in_order(first: Ints, second: Ints) -> Ints:
    """Positions by one key, then by another, then as they stand."""
    if not len(first):
        return np.empty(0, dtype=np.int64)
    least = int(second.min())
    span = int(second.max()) - least + 1
    if (int(first.max()) + 1) * span >= 2**62:
        return np.lexsort((second, first))
    return np.argsort(first * span + (second - least), kind="stable")


def copies(course: Course) -> Mask:
    """Fixes that are there already: one moment and place, whoever reported it.

    The members of a crew each hand in the same track; the first post in the order of their codes keeps it.
    """
    keys = _mixed(course)
    same = np.zeros(len(course), dtype=bool)
    several = np.flatnonzero(pd.Series(keys).duplicated(keep=False).to_numpy())
    order = several[np.argsort(keys[several], kind="stable")]
    before, after = order[:-1], order[1:]
    alike = keys[before] == keys[after]
    for column in (course.time_us, course.x, course.y):
        alike &= column[before] == column[after]
    same[after] = alike
    return same


def _mixed(course: Course) -> npt.NDArray[np.uint64]:
    """A number of 64 bits for each moment and place."""
    keys = course.time_us.astype(np.uint64)
    for column in (course.x, course.y):
        # adding 0 makes of minus nought nought
        keys = (keys ^ (keys >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15) + (column + 0.0).view(np.uint64)
    mixed: npt.NDArray[np.uint64] = keys * np.uint64(0xBF58476D1CE4E5B9)
    return mixed


def parted(course: Course, taken: Taken, cleaning: Cleaning) -> tuple[Course, list[Flaw]]:
    """The fixes with their runs, in order, and where the clock jumped.

    In the order of the rows a clock that runs back by more than ``disorder_s`` jumped: what comes after is another
    run, unless it fits between what came before, as fixes do that were sent late. A table in which that happens all
    the time was not written in the order of recording; its fixes are sorted.
    """
    file_order = in_order(course.track, course.row)
    track, time_us = course.track[file_order], course.time_us[file_order]
    back = (np.diff(time_us, prepend=time_us[:1]) < -cleaning.disorder_s * SECOND) & (
        np.diff(track, prepend=track[:1]) == 0
    )
    flaws: list[Flaw] = []
    if not back.any():
        return course, flaws
    run = np.empty(len(course), dtype=np.int64)
    run[file_order] = np.cumsum(back)
    for each in np.unique(track[back]).tolist():
        mine = np.flatnonzero(course.track == each)
        run[mine], found = _runs(course.only(course.track == each), run[mine], taken, cleaning)
        flaws += found
    order = np.lexsort((course.time_us, run, course.track))
    return replace(course, run=run).only(order), flaws


def _runs(course: Course, run: Ints, taken: Taken, cleaning: Cleaning) -> tuple[Ints, list[Flaw]]:
    """The runs of one track, and the flaw that its clock jumped."""
    names, run = np.unique(run, return_inverse=True)
    post = taken.posts[int(taken.post[course.row[0]])]
    if len(names) - 1 > _DISORDER * len(course):
        message = f"the clock of {post} runs back {len(names) - 1} times: the rows are in no order, and were sorted"
        return np.zeros(len(course), dtype=np.int64), [Flaw(code="unordered", message=message, post=post)]
    if np.count_nonzero(np.diff(run)) <= 2 * (len(names) - 1):
        # in the order of time each lies in one gap of the others: fixes sent late, in their place again
        return np.zeros(len(course), dtype=np.int64), []
    starts = tuple(course.row[run == number].min() for number in range(1, len(names)))
    message = (
        f"the clock of {post} runs back by more than {cleaning.disorder_s:.0f} s at {len(starts)} places into times "
        "that it had shown already: it jumped, or two devices report as one; the track was parted there"
    )
    return run, [Flaw(code="clock_jump", message=message, rows=tuple(map(int, starts)), post=post)]


def repeats(course: Course, accuracy_m: Floats) -> Mask:
    """Fixes of a moment that their run has a fix of already; the most accurate one is kept, else the first."""
    again: Mask = (np.diff(course.time_us, prepend=-1) == 0) & course.goes_on
    if not again.any():
        return again
    group = np.cumsum(~again)
    known = np.where(np.isnan(accuracy_m), np.inf, accuracy_m)
    order = np.lexsort((course.row, known, group))
    dropped = np.ones(len(course), dtype=bool)
    dropped[order[np.diff(group[order], prepend=-1) != 0]] = False
    return dropped
