"""Fixes as the states that are matched: each fix smoothed by its neighbours, each stop as one place."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from gridmap.tracks.matching.limits import Matching

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Neighbours before and after that help to smooth a fix.
_SMOOTHED = 4


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
    #: state of each fix, -1 for those thrown away from the way, shape (n,)
    of_fix: Ints


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
    same = np.zeros(len(track.x), dtype=bool)
    same[1:] = (track.stop[1:] >= 0) & (track.stop[1:] == track.stop[:-1]) & (track.leg[1:] == track.leg[:-1])
    same[1:] &= np.diff(track.time) <= limits.observed_s
    first = np.flatnonzero(~same)
    last = np.append(first[1:] - 1, len(same) - 1) if len(first) else first
    x, y = _standing(track)
    made = States(
        x=x[first],
        y=y[first],
        begun=track.time[first],
        ended=track.time[last],
        leg=track.leg[first],
        sigma=track.sigma[first],
        of_fix=np.cumsum(~same) - 1,
    )
    moving = track.stop[first] < 0
    kept = np.flatnonzero(~_thrown(made, moving, limits))
    return _smoothed(_only(made, kept), moving[kept], limits)


def _only(made: States, kept: Ints) -> States:
    """Some of the states."""
    number = np.full(len(made.x), -1)
    number[kept] = np.arange(len(kept))
    return States(
        x=made.x[kept],
        y=made.y[kept],
        begun=made.begun[kept],
        ended=made.ended[kept],
        leg=made.leg[kept],
        sigma=made.sigma[kept],
        of_fix=number[made.of_fix],
    )


def _thrown(made: States, moving: Flags, limits: Matching) -> Flags:
    """Which moving states lie apart from the way between their neighbours farther than noise and the usual pace tell.

    The cleaning of fixes knows no more than the pace that nobody exceeds; here it is the usual pace of the leg.
    """
    thrown = np.zeros(len(made.x), dtype=bool)
    if len(made.x) <= 2:
        return thrown
    step = np.hypot(np.diff(made.x), np.diff(made.y))
    lasts = np.maximum(made.begun[1:] - made.ended[:-1], 1e-3)
    inside = made.leg[1:] == made.leg[:-1]
    pace = _paces(made.leg, np.where(inside, step / lasts, np.nan))
    slack = limits.thrown_sigmas * made.sigma[1:-1]
    usual = limits.thrown_steps * pace[1:-1]
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
    order = np.argsort(values, kind="stable")
    # short numbers are sorted by their digits, in one go
    short = group.astype(np.uint16) if group.max(initial=0) < 2**16 else group
    order = order[np.argsort(short[order], kind="stable")]
    count = np.bincount(group)
    begin = np.cumsum(count) - count
    ranked = values[order]
    return np.asarray((ranked[begin + (count - 1) // 2] + ranked[begin + count // 2]) / 2)


def _smoothed(made: States, moving: Flags, limits: Matching) -> States:
    """Moving states at the value of the straight line, fitted over time, through them and their near neighbours.

    Neighbours count while the way to them at the usual pace is short against the noise: so it is the noise that is
    smoothed, and not the corners.
    """
    reach = limits.smooth_m / np.maximum(_paces(made.leg, _progress(made)), 1e-3)
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
    fitted = moving & (weight > 2) & (spread > 0)
    x, y = np.where(fitted, (squares * sums - lasts * leaning) / np.where(fitted, spread, 1.0), places)
    return States(x=x, y=y, begun=made.begun, ended=made.ended, leg=made.leg, sigma=made.sigma, of_fix=made.of_fix)


def _progress(made: States) -> Floats:
    """Metres a second between each state and the one some steps later: over several steps noise counts for less."""
    k = _SMOOTHED
    metres = np.hypot(made.x[k:] - made.x[:-k], made.y[k:] - made.y[:-k])
    lasts = np.maximum(made.begun[k:] - made.ended[:-k], 1e-3)
    return np.where(made.leg[k:] == made.leg[:-k], metres / lasts, np.nan)
