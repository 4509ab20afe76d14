"""What is due at checkpoints: the windows of each shift in which somebody should sign in."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.moments import seconds
from gridmap.errors import Fault, TableError
from gridmap.tracks.shifts import Shifts

_DAY_S, _MINUTE_S = 86_400.0, 60.0
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?")


@dataclass(frozen=True, kw_only=True)
class Due:
    """Sign-ins that are due, one row per checkpoint and shift, and the windows of each."""

    #: row of the checkpoint, shape (n,)
    checkpoint: Ints
    #: name of the shift, and when it begins and ends, seconds since 1970
    shift: Any
    shift_begin: Floats
    shift_end: Floats
    #: scans needed
    visits: Ints
    #: windows: row of what is due, and when they open and close, shape (m,)
    row: Ints
    opens: Floats
    closes: Floats

    def __len__(self) -> int:
        """Return how many are due."""
        return len(self.checkpoint)


@dataclass(frozen=True, kw_only=True)
class Period:
    """Shifts that are asked about."""

    #: shifts that begin on these days: the first, and the first that is no longer asked about
    since: dt.date
    until: dt.date
    shifts: Shifts = field(default_factory=Shifts)
    #: moment with a zone up to which scans are known: what closes later is not missed yet; None: all are
    now: Any = None

    @property
    def known_until(self) -> float:
        """Return that moment as seconds since 1970."""
        return np.inf if self.now is None else float(seconds(self.now))

    def windows(self) -> list[tuple[str, float, float]]:
        """Return the name, beginning and end of each shift, in the order of time.

        Raises
        ------
        Nothing
            A period without days has no shifts.
        """
        found = []
        for day in range((self.until - self.since).days):
            date = self.since + dt.timedelta(days=day)
            for window in self.shifts.windows:
                begin, end = (self.moment(date, _since_midnight(at)) for at in (window.begins, window.ends))
                found.append((f"{date} {window.name}", begin, end if end > begin else end + _DAY_S))
        return sorted(found, key=lambda each: each[1])

    def moment(self, date: dt.date, clock_s: float) -> float:
        """Return so many seconds after midnight of a day on the local clock, as seconds since 1970.

        Raises
        ------
        Nothing
            Any day has a midnight.
        """
        days = (date - dt.date(1970, 1, 1)).days
        return days * _DAY_S - self.shifts.zone.total_seconds() + clock_s


def due(checkpoints: pd.DataFrame, period: Period) -> Due:
    """Return which sign-ins are due in each shift of a period.

    A checkpoint is due once in every shift in which it is open for any time; a window that closes at or before the hour
    at which it opens runs across midnight. Checkpoints with ``every_days`` are due by the list of the month instead
    (`gridmap.coverage.walked.must_visits`).

    Parameters
    ----------
    checkpoints
        ``opens``, ``closes`` (``07:30``, ``24:00``; both blank: always open), ``visits`` (blank: 1), ``every_days``,
        where known.
    period
        The shifts asked about.

    Returns
    -------
    Due
        By shift and checkpoint.

    Raises
    ------
    TableError
        If an hour is none, or only one of two is given; all faults at once.

    Examples
    --------
    Open from ten at night to two in the morning: due in the night shift alone.

    >>> one = Period(since=dt.date(2024, 5, 6), until=dt.date(2024, 5, 7))
    >>> due(pd.DataFrame({"id": ["K1"], "opens": ["22:00"], "closes": ["02:00"]}), one).shift.tolist()
    ['2024-05-06 night']
    """
    open_s = _opening(checkpoints)
    listed = number_column(checkpoints, "every_days").notna().to_numpy()
    found = []
    for name, begin, end in period.windows():
        date = dt.date.fromisoformat(name[:10])
        for row in np.flatnonzero(~listed):
            pieces = _pieces(period, date, open_s[row], (begin, end))
            if pieces:
                found.append((int(row), name, begin, end, pieces))
    visits = number_column(checkpoints, "visits").fillna(1).clip(lower=1).to_numpy(dtype=np.int64)
    which = np.array([each[0] for each in found], dtype=np.int64)
    flat = np.array([(at, *piece) for at, each in enumerate(found) for piece in each[4]], dtype=float).reshape(-1, 3)
    return Due(
        checkpoint=which,
        shift=np.array([each[1] for each in found], dtype=object),
        shift_begin=np.array([each[2] for each in found], dtype=float),
        shift_end=np.array([each[3] for each in found], dtype=float),
        visits=visits[which],
        row=flat[:, 0].astype(np.int64),
        opens=flat[:, 1],
        closes=flat[:, 2],
    )


def _pieces(
    period: Period, date: dt.date, hours: tuple[float, float], shift: tuple[float, float]
) -> list[tuple[float, float]]:
    """When a checkpoint is open within a shift: its windows of the days around, cut to the shift and joined."""
    opens, closes = hours
    last = closes if closes > opens else closes + _DAY_S
    found: list[tuple[float, float]] = []
    for day in (-1, 0, 1):
        midnight = period.moment(date + dt.timedelta(days=day), 0.0)
        begin, end = max(midnight + opens, shift[0]), min(midnight + last, shift[1])
        if end > begin and found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        elif end > begin:
            found.append((begin, end))
    return found


def _opening(checkpoints: pd.DataFrame) -> list[tuple[float, float]]:
    """Seconds after midnight at which each opens and closes."""
    columns = [_words(checkpoints, name) for name in ("opens", "closes")]
    hours, faults = [], []
    for row, words in enumerate(zip(*columns, strict=True)):
        told = [_clock(word) for word in words]
        if words == ("", ""):
            told = [0.0, _DAY_S]
        if None in told:
            message = f"open from {words[0]!r} to {words[1]!r}; expected two hours such as 07:30 and 24:00, or neither"
            faults.append(Fault(code="bad_hours", message=message, feature=row + 1))
        hours.append((told[0] or 0.0, told[1] or 0.0))
    if faults:
        raise TableError("checkpoints", faults)
    return hours


def _clock(word: str) -> float | None:
    """Seconds after midnight of a time of day; None for what is none."""
    match = _CLOCK.fullmatch(word)
    if match is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.groups())
    clock = hour * 3600.0 + minute * _MINUTE_S + second
    return clock if clock <= _DAY_S else None


def _since_midnight(at: dt.time) -> float:
    return at.hour * 3600.0 + at.minute * _MINUTE_S + at.second


def _words(table: pd.DataFrame, name: str) -> list[str]:
    """A column of words, empty where missing."""
    if name not in table:
        return [""] * len(table)
    return ["" if pd.isna(word) else str(word).strip() for word in table[name]]


def number_column(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of numbers, NaN where it or a value is missing.

    Raises
    ------
    Nothing
        What is no number is missing.
    """
    if name not in table:
        return pd.Series(np.full(len(table), np.nan), index=table.index)
    return pd.to_numeric(table[name], errors="coerce").astype(float)
