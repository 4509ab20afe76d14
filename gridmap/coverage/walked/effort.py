"""What patrols came to: kilometres and hours by way of moving, and how much of it was walked by two posts at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage.sweeping import Floats, Ints, merged, swept
from gridmap.coverage.walked.ledger import Ledger, Visits
from gridmap.coverage.walked.modes import MODES, Speeds
from gridmap.coverage.walked.revisits import HOUR_S
from gridmap.coverage.walked.unions import running_max, united

_KM = 1000.0
#: Visits that overlap by no more than so many seconds follow one another: moments are kept to the second.
_TURN_S = 1.0


def effort(book: Ledger, *, speeds: Speeds | None = None, least: str = "observed") -> pd.DataFrame:
    """Return the kilometres and hours that each post really patrolled in each shift.

    A street walked twice counts twice: that is effort, not coverage. One patrol counts once however many of its members
    report it: what one post reports of one street at overlapping times is one walk along the union of the metres
    (ecoscope's issue 741 tells of 63 617 km counted for 11 867). Hours are those in which anything was walked.

    Parameters
    ----------
    book
        The ledger.
    speeds
        What tells a bicycle from a walk.
    least
        Least sure class that counts.

    Returns
    -------
    pandas.DataFrame
        By post and shift: ``post``, ``shift``, ``km``, ``km_foot``, ``km_e_bike``, ``km_car``, ``hours``.

    Raises
    ------
    Nothing
        Where nothing was walked there are no rows.
    """
    visits = walks(book.visits.credited(least))
    round_of = visits.post * len(book.shifts) + visits.shift
    keys, row = np.unique(round_of, return_inverse=True)
    row = row.ravel()
    km = np.zeros((len(keys), len(MODES)))
    np.add.at(km, (row, (speeds or Speeds()).modes(visits)), visits.metres / _KM)
    order = np.lexsort((visits.start, row))
    took = united(row[order], visits.start[order], visits.end[order], len(keys))
    return pd.DataFrame(
        {
            "post": book.posts[keys // len(book.shifts)] if len(keys) else np.zeros(0, dtype=object),
            "shift": book.shifts[keys % len(book.shifts)] if len(keys) else np.zeros(0, dtype=object),
            "km": km.sum(axis=1),
            **{f"km_{mode}": km[:, at] for at, mode in enumerate(MODES)},
            "hours": took / HOUR_S,
        }
    )


def walks(visits: Visits) -> Visits:
    """Return visits with those of one post that overlap in time on one street made one along the union of their metres.

    A post is in one place at a time: two reports of one street at once are two devices on one walk. Where the metres do
    not touch, they stay apart.

    Parameters
    ----------
    visits
        Visits in their order.

    Raises
    ------
    Nothing
        Visits that do not overlap stay as they are.
    """
    if not len(visits):
        return visits
    whose = (visits.line * (visits.post.max() + 1) + visits.post) * (visits.shift.max() + 1) + visits.shift
    order = np.lexsort((visits.start, whose))
    late = running_max(whose[order], visits.end[order])
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(whose[order]) != 0) | (visits.start[order][1:] > late[:-1] - _TURN_S)
    walk = np.empty(len(order), np.int64)
    walk[order] = np.cumsum(fresh)
    order = np.lexsort((visits.from_m, walk))
    far = running_max(walk[order], visits.to_m[order])
    fresh[1:] = (np.diff(walk[order]) != 0) | (visits.from_m[order][1:] > far[:-1])
    first = np.flatnonzero(fresh)
    return _joined(visits.taken(order), first)


def overlap(book: Ledger, *, least: str = "observed", ahead_h: float = 8.0) -> pd.DataFrame:
    """Return which share of what was patrolled was patrolled by two posts or more in the same hour of the clock.

    In each hour a metre counts once for each post that walked it, and once for all; a visit belongs to the hour in
    which its middle lies.

    Parameters
    ----------
    book
        The ledger.
    least
        Least sure class that counts.
    ahead_h
        Hours that the clock is ahead of UTC; it matters where that is no whole number.

    Returns
    -------
    pandas.DataFrame
        By shift, the last row for ``all``: ``shift``, ``km`` (metres walked in each hour, summed over the hours),
        ``km_overlap``, ``share``; missing where nothing was walked.

    Raises
    ------
    Nothing
        One post alone overlaps with nobody.
    """
    visits = book.visits.credited(least)
    hour = np.floor((visits.start + visits.end) / 2 / HOUR_S + ahead_h).astype(np.int64)
    keys, key = np.unique(np.column_stack([visits.shift, hour, visits.line]), axis=0, return_inverse=True)
    line, _, low, high = merged(key.ravel().astype(np.int64), visits.post, visits.from_m, visits.to_m)
    found = swept(line, low, high, np.ones((len(line), 1), np.int64))
    shift = keys[found.line, 0] if len(keys) else found.line
    km = _by_shift(shift, found.metres, len(book.shifts))
    twice = _by_shift(shift, np.where(found.sums[:, 0] > 1, found.metres, 0.0), len(book.shifts))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(km > 0, twice / km, np.nan)
    return pd.DataFrame({"shift": [*book.shifts, "all"], "km": km, "km_overlap": twice, "share": share})


def _by_shift(shift: Ints, metres: Floats, shifts: int) -> Floats:
    """Kilometres of each shift, and of all."""
    km = np.bincount(shift, metres, shifts) / _KM
    return np.append(km, km.sum())


def _joined(visits: Visits, first: npt.NDArray[np.int64]) -> Visits:
    """Runs of visits as one each: from the least to the greatest metre, from the first to the last moment."""
    one = visits.taken(first)
    if not len(first):
        return one
    ends = {"to_m": np.maximum.reduceat(visits.to_m, first), "end": np.maximum.reduceat(visits.end, first)}
    begin = np.minimum.reduceat(visits.start, first)
    return Visits(
        line=one.line,
        from_m=one.from_m,
        start=begin,
        post=one.post,
        shift=one.shift,
        rank=one.rank,
        direction=one.direction,
        begins_m=visits.begins_m,
        ends_m=visits.ends_m,
        **ends,
    )
