"""Tracks that look made up: held for review, never left out nor punished."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.tracks.flaws import Flaw
from gridmap.tracks.legs import Legs
from gridmap.tracks.limits import Cleaning
from gridmap.tracks.ordering import Course
from gridmap.tracks.taking import Taken

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Steps that a post must have made before its track says anything.
FEWEST = 20
#: Metres that are a step.
_STEP_M = 1.0
#: Metres by which steps of the same length, and fixes on one line, differ in a made-up track: the last digit of degrees
#: with seven decimals, and its roundings. Receivers that smooth their fixes still differ by some decimetres.
_SAME_M, _STRAIGHT_M = 0.05, 0.01
#: Degrees with four decimals are eleven metres apart.
_COARSE = 1e4


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """What each post walked in each shift, and the shape of it."""

    #: first fix of each, and the number of fixes
    first: Ints
    fixes: Ints
    #: fixes that are a step away from the fix before in their leg
    steps: Ints
    #: 16 hexadecimal digits of the places, rounded to a metre, in their order; blank where there are too few steps
    shape: list[str]


def rounds_of(course: Course, legs: Legs) -> Rounds:
    """The rounds of fixes in order.

    Parameters
    ----------
    course, legs
        Fixes in order, and their legs.

    Raises
    ------
    Nothing
    """
    begins = (np.diff(course.track, prepend=-1) != 0) | (np.diff(legs.shift, prepend=-1) != 0)
    first = np.flatnonzero(begins)
    fixes = np.diff(np.append(first, len(course)))
    moved = legs.goes_on & (course.steps_m > _STEP_M)
    steps = np.add.reduceat(moved, first, dtype=np.int64) if len(first) else first
    keys = _keys(course, first, fixes)
    shape = [f"{key:016x}" if many >= FEWEST else "" for key, many in zip(keys, steps, strict=True)]
    return Rounds(first=first, fixes=fixes, steps=steps, shape=shape)


def _keys(course: Course, first: Ints, fixes: Ints) -> list[int]:
    """A number of 64 bits for the places of each round, in their order."""
    if not len(first):
        return []
    place = np.zeros(len(course), dtype=np.uint64)
    for axis in (course.x, course.y):
        place = (place ^ (place >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
        place += np.round(axis).astype(np.int64).view(np.uint64)
    rank = (np.arange(len(course)) - np.repeat(first, fixes)).astype(np.uint64)
    mixed = (place ^ (place >> np.uint64(29))) * (2 * rank + np.uint64(1)) * np.uint64(0xBF58476D1CE4E5B9)
    return [int(key) for key in np.add.reduceat(mixed ^ (mixed >> np.uint64(32)), first)]


def mocked(course: Course, legs: Legs, rounds: Rounds, taken: Taken, cleaning: Cleaning) -> list[Flaw]:
    """Rounds that look made up, each with what speaks for it.

    Equal steps: half of the steps differ by less than 5 cm. No noise: half of the fixes lie within 1 cm of the line
    between their neighbours. Coarse: no coordinate in degrees has more than four decimals. Copy: the same places,
    rounded to a metre, in the same order as another round.

    Parameters
    ----------
    course, legs, rounds
        Fixes in order, their legs and rounds.
    taken
        Coordinates as given.
    cleaning
        ``earlier``: shapes of rounds that are known from before.

    Raises
    ------
    Nothing
    """
    flaws = []
    bend = _bends(course, legs)
    for number in np.flatnonzero(rounds.steps >= FEWEST).tolist():
        mine = slice(int(rounds.first[number]), int(rounds.first[number] + rounds.fixes[number]))
        post = taken.posts[int(taken.post[course.row[mine.start]])]
        shift = legs.labels[int(legs.shift[mine.start])]
        for code, why in _signs(course, legs, bend, mine, taken):
            flaws.append(_flaw(code, post, shift, why))
    copied = _copied(course, legs, rounds, taken, cleaning)
    return flaws + [_flaw("mocked_copy", post, shift, why) for post, shift, why in copied]


def _flaw(code: str, post: str, shift: str, why: str) -> Flaw:
    """A round that is held."""
    message = f"the round of {post} in {shift} {why}; it may be made up: look at it before it counts"
    return Flaw(code=code, message=message, post=post, shift=shift, held=True)


def _bends(course: Course, legs: Legs) -> Floats:
    """Metres of each fix from the line between its neighbours; NaN where it has none or they do not move."""
    bend = np.full(len(course), np.nan)
    if len(course) < 3:  # noqa: PLR2004 (a fix and its two neighbours)
        return bend
    east, north = course.x[2:] - course.x[:-2], course.y[2:] - course.y[:-2]
    chord = np.hypot(east, north)
    across = np.abs(east * (course.y[1:-1] - course.y[:-2]) - north * (course.x[1:-1] - course.x[:-2]))
    inner = legs.goes_on[1:-1] & legs.goes_on[2:] & (chord > 2 * _STEP_M)
    bend[1:-1][inner] = across[inner] / chord[inner]
    return bend


def _signs(course: Course, legs: Legs, bend: Floats, mine: slice, taken: Taken) -> Iterator[tuple[str, str]]:
    """What speaks for a round being made up."""
    steps = course.steps_m[mine][legs.goes_on[mine]]
    steps = steps[steps > _STEP_M]
    if float(np.median(np.abs(steps - np.median(steps)))) < _SAME_M:
        yield "mocked_spacing", f"has steps of {np.median(steps):.2f} m, one like the other"
    known = bend[mine][~np.isnan(bend[mine])]
    # half of them must be so small before it is worth while to look for the middle one
    straight = 2 * np.count_nonzero(known < _STRAIGHT_M) >= len(known) >= FEWEST
    if straight and float(np.median(known)) < _STRAIGHT_M:
        yield "mocked_noise", "lies on straight lines to the centimetre, as no receiver's fixes do"
    if taken.degrees and all(_coarse(axis[course.row[mine]]) for axis in taken.given):
        yield "mocked_decimals", "has degrees of four decimals or fewer, eleven metres"


def _coarse(degrees: Floats) -> bool:
    """Whether no number has more than four decimals."""
    scaled = degrees * _COARSE
    return bool((np.abs(scaled - np.round(scaled)) < _COARSE * 1e-10).all())


def _copied(
    course: Course, legs: Legs, rounds: Rounds, taken: Taken, cleaning: Cleaning
) -> Iterable[tuple[str, str, str]]:
    """Rounds whose places are those of another."""
    known = dict(cleaning.earlier)
    order = np.lexsort((taken.post[course.row[rounds.first]], legs.shift[rounds.first]))
    for number in order.tolist():
        shape = rounds.shape[number]
        if not shape:
            continue
        at = int(rounds.first[number])
        post, shift = taken.posts[int(taken.post[course.row[at]])], legs.labels[int(legs.shift[at])]
        if shape in known and known[shape] != f"{post} {shift}":
            yield post, shift, f"has place for place the fixes of {known[shape]}"
        known.setdefault(shape, f"{post} {shift}")
