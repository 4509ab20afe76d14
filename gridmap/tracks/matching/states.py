"""Fixes as the states that are matched: each fix smoothed by its neighbours, each stop as one place."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from gridmap.tracks.matching.limits import Matching

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Neighbours before and after that help to smooth a fix.
_SMOOTHED = 4
#: A state and one on each side of it: fewer can neither be smoothed nor be seen to be thrown.
_BETWEEN = 3


@dataclass(frozen=True, kw_only=True)
class Track:
    """Fixes in the order of their legs and times, shape (n,) each."""

    x: Floats
    y: Floats
    #: seconds since any moment
    time: Floats
    #: number that changes from leg to leg
    leg: Ints
    #: number of the stop, -1 where the fix moves
    stop: Ints
    #: standard error along each axis, metres
    sigma: Floats

    def part(self, rows: slice) -> Track:
        """Return some of the fixes."""
        return Track(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})


@dataclass(frozen=True, kw_only=True)
class States:
    """What is matched, in order, shape (m,) each."""

    x: Floats
    y: Floats
    #: seconds at which the place was reached and left; the same but for stops
    begun: Floats
    ended: Floats
    leg: Ints
    sigma: Floats
    #: seconds without a fix since the state before, the longest of them
    silence: Floats
    #: state of each fix, or the one nearest to it in time; -1 for those thrown away from the way, shape (n,)
    of_fix: Ints
    #: smoothed place of each fix, shape (2, n)
    places: Floats


def states(track: Track, limits: Matching) -> States:
    """Return a track as states: moving fixes smoothed, fixes of a stop as one state at their median.

    Standing still adds no way: all fixes of a stop are one place. Where no fix came for longer than is observed while
    the crew stood, the stop is two states, so that nothing observed spans the silence.

    Parameters
    ----------
    track
        The fixes.
    limits
        What counts as observed, and how far smoothing reaches.

    Raises
    ------
    Nothing
        A track without fixes has no states.
    """
    if not len(track.x):
        return _gathered(track, np.empty(0, np.int64), np.empty(0, np.int64))
    same = np.zeros(len(track.x), dtype=bool)
    same[1:] = (track.stop[1:] >= 0) & (track.stop[1:] == track.stop[:-1]) & (track.leg[1:] == track.leg[:-1])
    same[1:] &= np.diff(track.time) <= limits.observed_s
    first = np.flatnonzero(~same)
    made = _gathered(track, first, np.append(first[1:] - 1, len(same) - 1))
    moving = track.stop[first] < 0
    pace = _paces(made.leg, _progress(made))
    kept = np.flatnonzero(~_thrown(made, moving, limits))
    made, moving, pace = _only(made, kept), moving[kept], pace[kept]
    made = _smoothed(made, moving, pace, limits)
    return _thinned(made, moving, pace, limits)


def _gathered(track: Track, first: Ints, last: Ints) -> States:
    """States of runs of fixes, the first and last of each given; they are where their first fix is."""
    x, y = _standing(track)
    begun, ended = track.time[first], track.time[last]
    number = np.zeros(len(track.x), np.int64)
    number[first[1:]] = 1
    return States(
        x=x[first],
        y=y[first],
        begun=begun,
        ended=ended,
        leg=track.leg[first],
        sigma=track.sigma[first],
        silence=np.append(np.zeros(min(len(first), 1)), begun[1:] - ended[:-1]),
        of_fix=np.cumsum(number),
        places=np.stack([x, y]),
    )


def _only(made: States, kept: Ints) -> States:
    """Some of the states; the fixes of the others have none."""
    number = np.full(len(made.x), -1)
    number[kept] = np.arange(len(kept))
    some = {name: getattr(made, name)[kept] for name in ("x", "y", "begun", "ended", "leg", "sigma")}
    silence = np.append(np.zeros(min(len(kept), 1)), some["begun"][1:] - some["ended"][:-1])
    return States(**some, silence=silence, of_fix=number[made.of_fix], places=made.places)


def _thinned(made: States, moving: Flags, pace: Floats, limits: Matching) -> States:
    """One state for every few metres at the usual pace, besides stops and the ends of legs and silences.

    States much nearer to each other than the noise tell little more, and what they tell is told twice: their errors are
    alike. Pace and time decide, not the fixes themselves, so that noise does not choose.
    """
    if not len(made.x):
        return made
    begins = np.flatnonzero(np.diff(made.leg, prepend=made.leg[0] - 1))
    since = made.begun - np.repeat(made.begun[begins], np.diff(np.append(begins, len(made.x))))
    stretch = np.floor(since * pace / limits.thin_m)
    kept = ~moving | (np.diff(stretch, prepend=-1) != 0) | (pace == 0) | (made.silence > limits.observed_s)
    kept[begins] = True
    kept[np.append(begins[1:] - 1, len(kept) - 1)] = True
    kept[:-1] |= (made.silence[1:] > limits.observed_s) | ~moving[1:]
    rows = np.flatnonzero(kept)
    number = np.cumsum(kept) - 1
    # what was left out goes with the nearer of the states around it
    following = np.minimum(number + 1, len(rows) - 1)
    later = ~kept & (made.begun[rows[following]] - made.begun < made.begun - made.ended[rows[number]])
    nearest = np.where(later, following, number)
    places = made.places.copy()
    has = np.flatnonzero(made.of_fix >= 0)
    places[:, has] = np.stack([made.x, made.y])[:, made.of_fix[has]]
    of_fix = np.full_like(made.of_fix, -1)
    of_fix[has] = nearest[made.of_fix[has]]
    some = {name: getattr(made, name)[rows] for name in ("x", "y", "begun", "ended", "leg", "sigma")}
    silence = np.maximum.reduceat(made.silence[1:], rows[:-1]) if len(rows) > 1 else np.empty(0)
    return States(**some, silence=np.append(0.0, silence), of_fix=of_fix, places=places)


def _thrown(made: States, moving: Flags, limits: Matching) -> Flags:
    """Which moving states lie apart from the way between their neighbours farther than noise and the usual pace tell.

    The cleaning of fixes knows no more than the pace that nobody exceeds; here it is the usual pace of the leg.
    """
    thrown = np.zeros(len(made.x), dtype=bool)
    if len(made.x) < _BETWEEN:
        return thrown
    step = np.hypot(np.diff(made.x), np.diff(made.y))
    lasts = np.maximum(made.begun[1:] - made.ended[:-1], 1e-3)
    inside = made.leg[1:] == made.leg[:-1]
    slack = limits.thrown_sigmas * made.sigma[1:-1]
    # from step to step: over several steps a crew that turns about makes little way
    usual = limits.thrown_steps * _paces(made.leg, np.where(inside, step / lasts, np.nan))[1:-1]
    around = np.hypot(made.x[2:] - made.x[:-2], made.y[2:] - made.y[:-2])
    thrown[1:-1] = moving[1:-1] & inside[1:] & inside[:-1]
    thrown[1:-1] &= (step[:-1] > usual * lasts[:-1] + slack) & (step[1:] > usual * lasts[1:] + slack)
    thrown[1:-1] &= around <= usual * (lasts[:-1] + lasts[1:]) + slack
    return thrown


def _paces(leg: Ints, pace: Floats) -> Floats:
    """Usual pace of the leg of each state: the median of its steps."""
    number = _numbered(leg)
    known = np.flatnonzero(np.isfinite(pace))
    of = number[len(leg) - len(pace) :][known]
    usual = np.zeros(int(number.max(initial=-1)) + 1)
    has = np.bincount(of, minlength=len(usual)) > 0
    usual[has] = _medians(pace[known], (np.cumsum(has) - 1)[of])
    return usual[number]


def _numbered(label: Ints) -> Ints:
    """Number from 0 on of each run of one label."""
    return np.cumsum(np.diff(label, prepend=label[:1]) != 0)


def _standing(track: Track) -> tuple[Floats, Floats]:
    """Places of the fixes, those of a stop at its median."""
    x, y = track.x.copy(), track.y.copy()
    still = np.flatnonzero(track.stop >= 0)
    stop = _numbered(track.stop[still])
    for places in (x, y):
        places[still] = _medians(places[still], stop)[stop]
    return x, y


def _medians(values: Floats, group: Ints) -> Floats:
    """Median of each group, from 0 on, none of them empty."""
    order = np.argsort(values)
    # short numbers are sorted by their digits, in one go
    short = group.astype(np.uint16) if group.max(initial=0) < 2**16 else group
    order = order[np.argsort(short[order], kind="stable")]
    count = np.bincount(group)
    begin = np.cumsum(count) - count
    ranked = values[order]
    return np.asarray((ranked[begin + (count - 1) // 2] + ranked[begin + count // 2]) / 2)


def _smoothed(made: States, moving: Flags, pace: Floats, limits: Matching) -> States:
    """Moving states at the value of the straight line, fitted over time, through them and their near neighbours.

    Neighbours count while the way to them at the usual pace is short against the noise: so it is the noise that is
    smoothed, and not the corners.
    """
    # a leg too short to have a usual pace is taken as it is
    reach = np.where(pace > 0, limits.smooth_m / np.maximum(pace, 1e-3), 0.0)
    lasts, squares, weight = np.zeros(len(made.x)), np.zeros(len(made.x)), np.ones(len(made.x))
    sums = np.stack([made.x, made.y])
    leaning = np.zeros_like(sums)
    places = np.stack([made.x, made.y])
    for k in range(1, _SMOOTHED + 1):
        near = (made.leg[k:] == made.leg[:-k]) & (
            made.begun[k:] - made.ended[:-k] <= np.minimum(reach[k:], limits.smooth_s)
        )
        near &= np.abs(places[:, k:] - places[:, :-k]).max(axis=0, initial=0) <= limits.smooth_m + 4 * made.sigma[k:]
        early, late = np.flatnonzero(near), np.flatnonzero(near) + k
        if not len(early):
            break
        apart = made.begun[late] - made.ended[early]
        for here, there, time in ((early, late, apart), (late, early, -apart)):
            weight[here] += 1
            lasts[here] += time
            squares[here] += time * time
            sums[:, here] += places[:, there]
            leaning[:, here] += time * places[:, there]
    spread = weight * squares - lasts * lasts
    fitted = moving & (weight >= _BETWEEN) & (spread > 0)
    x, y = np.where(fitted, (squares * sums - lasts * leaning) / np.where(fitted, spread, 1.0), places)
    return replace(made, x=x, y=y)


def _progress(made: States) -> Floats:
    """Metres a second between each state and the one some steps later: over several steps noise counts for less."""
    k = _SMOOTHED
    metres = np.hypot(made.x[k:] - made.x[:-k], made.y[k:] - made.y[:-k])
    lasts = np.maximum(made.begun[k:] - made.ended[:-k], 1e-3)
    return np.where(made.leg[k:] == made.leg[:-k], metres / lasts, np.nan)
