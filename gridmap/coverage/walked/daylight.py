"""Day and night: by the clock of the shifts, or by the height of the sun."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gridmap.coverage.sweeping import Floats
from gridmap.coverage.walked.ledger import PER_VISIT, Visits
from gridmap.errors import InputError

_DAY_S, _HOUR_S = 86_400.0, 3600.0
#: The sun rises and sets with its centre so far below the horizon: refraction 34', half its disc 16'.
HORIZON_DEG = -0.833
#: Noon of 2000-01-01, the epoch of the formulas, in seconds since 1970.
_J2000_S = 946_728_000.0
#: Halvings by which the moment of a change is found: to milliseconds within a day.
_HALVINGS = 27


class Daylight(Protocol):
    """What tells day from night."""

    def is_day(self, moments: Floats) -> npt.NDArray[np.bool_]:
        """Return whether it is day at moments in seconds since 1970."""
        ...


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Day between two hours of the clock."""

    #: hours at which the day shift begins and the night shift does; 0 to 24, the first the smaller
    day_from: float = 8.0
    day_to: float = 20.0
    #: hours that the clock is ahead of UTC
    ahead_h: float = 8.0

    def __post_init__(self) -> None:
        """Refuse hours that are none."""
        if not 0 <= self.day_from < self.day_to <= 24:  # noqa: PLR2004 (hours of a day)
            given = f"a day from {self.day_from} to {self.day_to} o'clock"
            raise InputError(given, expected="0 <= day_from < day_to <= 24")

    def is_day(self, moments: Floats) -> npt.NDArray[np.bool_]:
        """Return whether it is day; the first moment of a half belongs to it."""
        hour = (moments + self.ahead_h * _HOUR_S) % _DAY_S / _HOUR_S
        return np.asarray((hour >= self.day_from) & (hour < self.day_to))


@dataclass(frozen=True, kw_only=True)
class Sun:
    """Day while the sun is up at a place."""

    #: degrees east and north
    lon: float
    lat: float
    #: height of the sun's centre at which day begins
    horizon_deg: float = HORIZON_DEG

    def is_day(self, moments: Floats) -> npt.NDArray[np.bool_]:
        """Return whether it is day."""
        return np.asarray(altitude(moments, self.lon, self.lat) >= self.horizon_deg)


def altitude(moments: Floats, lon: float, lat: float) -> Floats:
    """Return the height of the sun's centre above the horizon in degrees, without refraction.

    Within 0.02 degrees (5 seconds of a sunrise) between 1950 and 2050: the low-precision coordinates of the sun in The
    Astronomical Almanac, section C: mean longitude L = 280.460 + 0.9856474 n and anomaly g = 357.528 + 0.9856003 n for
    n days after J2000, ecliptic longitude L + 1.915 sin g + 0.020 sin 2g, obliquity 23.439 - 0.0000004 n, Greenwich
    sidereal time 280.46062 + 360.98564737 n; sin(height) = sin(lat) sin(dec) + cos(lat) cos(dec) cos(hour angle).

    Parameters
    ----------
    moments
        Seconds since 1970 in UTC, shape (n,).
    lon, lat
        Degrees east and north.

    Raises
    ------
    Nothing
        The sun stands somewhere at any moment.

    Examples
    --------
    Noon at Greenwich on the June solstice: 90 - 51.48 + 23.44 degrees.

    >>> float(altitude(np.array([1718971200.0 + 105]), 0.0, 51.48)[0].round(1))
    62.0
    """
    n = (np.asarray(moments, dtype=float) - _J2000_S) / _DAY_S
    g = np.radians(357.528 + 0.9856003 * n)
    longitude = np.radians(280.460 + 0.9856474 * n + 1.915 * np.sin(g) + 0.020 * np.sin(2 * g))
    tilt = np.radians(23.439 - 4e-7 * n)
    ascension = np.arctan2(np.cos(tilt) * np.sin(longitude), np.cos(longitude))
    declination = np.arcsin(np.sin(tilt) * np.sin(longitude))
    hour_angle = np.radians(280.46062 + 360.98564737 * n + lon) - ascension
    up = np.sin(np.radians(lat)) * np.sin(declination)
    return np.asarray(np.degrees(np.arcsin(up + np.cos(np.radians(lat)) * np.cos(declination) * np.cos(hour_angle))))


def by_day(visits: Visits, daylight: Daylight) -> npt.NDArray[np.bool_]:
    """Return which visits were by day: those whose middle was. Give visits that `halved` cut.

    Raises
    ------
    Nothing
        Any visit is by day or by night.
    """
    return daylight.is_day((visits.start + visits.end) / 2)


def halved(visits: Visits, daylight: Daylight) -> Visits:
    """Return visits cut where day turns into night or night into day.

    Where a post walked on across the change, the metres before it belong to the one and those after it to the other, at
    an even pace. A stretch walked there and back is not cut: it belongs where its middle lies. So kilometres by day and
    by night add up to all kilometres, and metres covered by day, plus by night, less those covered by both, to all
    metres covered.

    Parameters
    ----------
    visits
        Visits, each shorter than a day or a night.
    daylight
        What tells day from night.

    Raises
    ------
    Nothing
        Any visit is by day or by night.
    """
    early, late = daylight.is_day(visits.start), daylight.is_day(visits.end)
    across = (early != late) & (visits.direction != 0) & (visits.end > visits.start)
    if not across.any():
        return visits
    parts = [visits.taken(~across), *_cut(visits.taken(across), early[across], daylight)]
    joined = replace(visits, **{name: np.concatenate([getattr(part, name) for part in parts]) for name in PER_VISIT})
    return joined.taken(np.lexsort((joined.start, joined.from_m, joined.line)))


def _cut(visits: Visits, early: npt.NDArray[np.bool_], daylight: Daylight) -> tuple[Visits, Visits]:
    """Visits before and after the moment at which the half changes, which is found by halving."""
    low, high = visits.start.copy(), visits.end.copy()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        before = daylight.is_day(middle) == early
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    share = (high - visits.start) / (visits.end - visits.start)
    ahead = visits.direction > 0
    place = np.where(ahead, visits.from_m + share * visits.metres, visits.to_m - share * visits.metres)
    near = replace(visits, end=high, to_m=np.where(ahead, place, visits.to_m))
    near = replace(near, from_m=np.where(ahead, visits.from_m, place))
    far = replace(visits, start=high, from_m=np.where(ahead, place, visits.from_m))
    return near, replace(far, to_m=np.where(ahead, visits.to_m, place))
