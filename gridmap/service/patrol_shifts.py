"""When shifts open and close, and which of them a moment or an hour touches."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from gridmap.errors import InputError
from gridmap.store.patrols_settling import Mark
from gridmap.tracks.shifts import OFF_DUTY, SECOND, Shifts

_DAY = dt.timedelta(days=1)
_MINUTES = 60


@dataclass(frozen=True, kw_only=True)
class Span:
    """A shift by its label, and between which moments it lies."""

    #: ``2024-05-06 night``
    label: str
    opens: dt.datetime
    closes: dt.datetime

    @property
    def on(self) -> dt.date:
        """The day on which it began, by which all is judged that belongs to it."""
        return dt.date.fromisoformat(self.label[:10])


def span_of(label: str, shifts: Shifts) -> Span:
    """Return between which moments a shift lies; what is in no window has the whole day.

    Raises
    ------
    InputError
        If the label is none of these shifts.

    Examples
    --------
    >>> span = span_of("2024-05-06 night", Shifts())
    >>> span.opens.isoformat(), span.closes.isoformat()
    ('2024-05-06T12:00:00+00:00', '2024-05-07T00:00:00+00:00')
    """
    day, _, name = label.partition(" ")
    windows = {window.name: window for window in shifts.windows}
    try:
        midnight = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), dt.UTC) - shifts.zone
    except ValueError as error:
        raise _no_shift(label, shifts) from error
    if name == OFF_DUTY:
        return Span(label=label, opens=midnight, closes=midnight + _DAY)
    if name not in windows:
        raise _no_shift(label, shifts)
    begins, ends = (_since_midnight(at) for at in (windows[name].begins, windows[name].ends))
    return Span(label=label, opens=midnight + begins, closes=midnight + ends + (_DAY if ends <= begins else 0 * _DAY))


def labels_of(moments: list[dt.datetime], shifts: Shifts) -> list[str]:
    """Return the label of the shift of each moment.

    Raises
    ------
    Nothing
    """
    time_us = np.array([round(moment.timestamp() * SECOND) for moment in moments], dtype=np.int64)
    codes, labels = shifts.of(time_us)
    return [labels[code] for code in codes]


def touched(mark: Mark, shifts: Shifts) -> dict[str, dt.datetime]:
    """Return the shifts that the fixes of a mark may belong to, each with the first minute that is its own.

    Raises
    ------
    Nothing
    """
    end = mark.hour + dt.timedelta(hours=1)
    minutes = [mark.since + dt.timedelta(minutes=number) for number in range(_MINUTES)]
    minutes = [minute for minute in minutes if minute < end]
    found: dict[str, dt.datetime] = {}
    for minute, label in zip(minutes, labels_of(minutes, shifts), strict=True):
        found.setdefault(label, minute)
    return found


def _since_midnight(at: dt.time) -> dt.timedelta:
    return dt.timedelta(hours=at.hour, minutes=at.minute)


def _no_shift(label: str, shifts: Shifts) -> InputError:
    names = ", ".join(window.name for window in shifts.windows)
    return InputError(f"the shift {label[:40]!r}", expected=f"a day and one of {names}, as 2026-05-06 day")
