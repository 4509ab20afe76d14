"""Shifts: windows of the day in which posts are on duty, and the date that each belongs to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.errors import InputError

Ints = npt.NDArray[np.int64]

#: Microseconds, as the table of fixes keeps time.
SECOND = 1_000_000
_MINUTE, _DAY = 60 * SECOND, 86_400 * SECOND
#: What a fix outside all windows is said to belong to.
OFF_DUTY = "off"


@dataclass(frozen=True, kw_only=True)
class Window:
    """A part of each day; one that ends before it begins runs across midnight."""

    #: ``day``, ``night``, or a word of your own
    name: str
    #: time of day at which it begins, and at which it has ended
    begins: dt.time
    ends: dt.time


def _day_and_night() -> tuple[Window, ...]:
    """Day from 08:00 to 20:00, night for the rest."""
    eight, twenty = dt.time(8), dt.time(20)
    return (Window(name="day", begins=eight, ends=twenty), Window(name="night", begins=twenty, ends=eight))


@dataclass(frozen=True, kw_only=True)
class Shifts:
    """The windows of a day and the zone of its clock.

    A shift is called by the date on which it began and its window, as ``2024-05-06 night``: what is walked at three in
    the morning of the seventh belongs to the night of the sixth.

    Raises
    ------
    InputError
        If there is no window, two have one name, one is empty, or two overlap.
    """

    #: windows that do not overlap
    windows: tuple[Window, ...] = field(default_factory=_day_and_night)
    #: how far the local clock is ahead of UTC; China's is by eight hours
    zone: dt.timedelta = dt.timedelta(hours=8)

    def __post_init__(self) -> None:
        """Refuse windows that tell no shift from another."""
        names = [window.name for window in self.windows]
        if not names or len(set(names)) < len(names) or OFF_DUTY in names or "" in names:
            raise InputError(f"shifts named {names}", expected=f"at least one, of different names, none {OFF_DUTY!r}")
        taken = np.zeros(_DAY // _MINUTE, dtype=np.int64)
        for window in self.windows:
            begins, length = _minutes(window)
            taken[(begins + np.arange(length)) % len(taken)] += 1
        if taken.max() > 1:
            raise InputError(f"the shifts {', '.join(names)} overlap", expected="windows without a common minute")

    def of(self, time_us: Ints) -> tuple[Ints, list[str]]:
        """The shift of each moment.

        Parameters
        ----------
        time_us
            Microseconds since 1970 UTC.

        Returns
        -------
        codes, labels
            For each moment the position of its label; labels are ``2024-05-06 day``, in the order of time, and
            ``2024-05-06 off`` for moments in no window.

        Raises
        ------
        Nothing

        Examples
        --------
        A moment at 03:00 of the seventh in China belongs to the night that began on the sixth.

        >>> moment = pd.Timestamp("2024-05-06T19:00Z").value // 1000
        >>> Shifts().of(np.array([moment]))[1]
        ['2024-05-06 night']
        """
        local = time_us + round(self.zone.total_seconds() * SECOND)
        day, clock = np.divmod(local, _DAY)
        window = np.full(len(local), len(self.windows), dtype=np.int64)
        for number, each in enumerate(self.windows):
            begins, length = (minutes * _MINUTE for minutes in _minutes(each))
            inside = (clock - begins) % _DAY < length
            window[inside] = number
            # past midnight it is still the shift of the day before
            day = day - (inside & (clock < begins))
        return _labelled(day * (len(self.windows) + 1) + window, [each.name for each in self.windows])


def _minutes(window: Window) -> tuple[int, int]:
    """Minute of the day at which a window begins, and how many it lasts; one that ends as it begins lasts a day."""
    begins, ends = (time.hour * 60 + time.minute for time in (window.begins, window.ends))
    return begins, (ends - begins - 1) % (_DAY // _MINUTE) + 1


def _labelled(keys: Ints, names: list[str]) -> tuple[Ints, list[str]]:
    """Positions in the list of labels, and the labels."""
    codes, distinct = pd.factorize(keys, sort=True)
    epoch = dt.date(1970, 1, 1)
    words = [*names, OFF_DUTY]
    days = [(epoch + dt.timedelta(days=int(key) // len(words)), words[int(key) % len(words)]) for key in distinct]
    return codes.astype(np.int64), [f"{day} {word}" for day, word in days]
