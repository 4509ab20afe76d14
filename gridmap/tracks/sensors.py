"""Faults of sensors and of modes: positions that are stuck, too many spikes, and speeds that no crew on foot has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmap.tracks.flaws import Flaw
from gridmap.tracks.legs import Legs
from gridmap.tracks.limits import Cleaning
from gridmap.tracks.ordering import Course
from gridmap.tracks.shifts import SECOND
from gridmap.tracks.taking import Taken

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Seconds of too great a speed after which it is no error of the fixes but another mode.
_TOO_LONG_S = 60.0
#: A post of which more than this share of fixes are spikes has a bad receiver.
_MANY = 0.05


def stretches(goes_on: Mask) -> tuple[Ints, Ints]:
    """First and last of each stretch of what goes on from the one before."""
    first = np.flatnonzero(~goes_on)
    return first, np.append(first, len(goes_on))[1:] - 1


def frozen(course: Course, taken: Taken, cleaning: Cleaning) -> tuple[Mask, list[Flaw]]:
    """Fixes of a sensor that is stuck, and what is told of them.

    The sensor is stuck where a device sends the same place to the last digit for longer than ``frozen_s`` though it
    says that it moves. The first of these fixes is kept, the others are no stop: where the post was then is not known.
    Where the device tells no speed but always the same accuracy, it may stand or be stuck: that is told only.

    Parameters
    ----------
    course
        Fixes in order.
    taken
        Speeds and accuracies as reported.
    cleaning
        ``frozen_s``.

    Raises
    ------
    Nothing
    """
    stuck = np.zeros(len(course), dtype=bool)
    flaws: list[Flaw] = []
    still = course.goes_on & (course.steps_m == 0)
    first, last = stretches(still)
    long = (course.time_us[last] - course.time_us[first]) > cleaning.frozen_s * SECOND
    for begin, end in zip(first[long].tolist(), last[long].tolist(), strict=True):
        rows = course.row[begin : end + 1]
        speed, accuracy = taken.speed_m_s[rows], taken.accuracy_m[rows]
        moving = not np.isnan(speed).all() and float(np.nanmedian(speed)) > 0
        if moving:
            stuck[begin + 1 : end + 1] = True
        if moving or (np.isnan(speed).all() and np.ptp(accuracy) == 0):
            flaws.append(_frozen(taken.posts[int(taken.post[rows[0]])], rows, moving=moving))
    return stuck, flaws


def _frozen(post: str, rows: Ints, *, moving: bool) -> Flaw:
    """What is told of a stuck sensor."""
    why = "though the device says that it moves: left out" if moving else "and accuracy: it may be stuck, or stand"
    message = f"{len(rows)} fixes of {post} have the same place to the last digit {why}"
    return Flaw(code="frozen", message=message, rows=tuple(rows.tolist()), post=post)


def many_spikes(taken: Taken, spiky: Mask, rest: Mask) -> list[Flaw]:
    """Posts of whose fixes, copies apart, more than 5 % are spikes or too vague."""
    bad, good = (np.bincount(taken.post[mask], minlength=len(taken.posts)) for mask in (spiky, rest))
    found = np.flatnonzero(bad > _MANY * (bad + good)).tolist()
    return [
        Flaw(
            code="many_spikes",
            message=f"{bad[number]} of {bad[number] + good[number]} fixes of {taken.posts[number]} are spikes or worse "
            "than any use; the receiver is bad, or it is carried where it sees no sky",
            post=taken.posts[number],
        )
        for number in found
    ]


def too_fast(course: Course, legs: Legs, taken: Taken, cleaning: Cleaning) -> list[Flaw]:
    """Stretches faster than the mode for more than a minute: another mode, whose ways are not walked."""
    with np.errstate(invalid="ignore"):
        fast = legs.goes_on & (legs.speed_m_s > cleaning.fastest_m_s)
    rows: dict[int, list[int]] = {}
    first, last = stretches(fast)
    # a stretch begins with the fix that its first fast leg leaves
    long = (course.time_us[last] - course.time_us[first]) > _TOO_LONG_S * SECOND
    for begin, end in zip(first[long].tolist(), last[long].tolist(), strict=True):
        rows.setdefault(int(taken.post[course.row[begin]]), []).extend(course.row[begin : end + 1].tolist())
    return [
        Flaw(
            code="too_fast",
            message=f"{len(found)} fixes of {taken.posts[post]} go faster than {cleaning.fastest_m_s:g} m/s for more "
            f"than {_TOO_LONG_S:.0f} s: in a vehicle, which sees less than who walks",
            rows=tuple(found),
            post=taken.posts[post],
        )
        for post, found in rows.items()
    ]
