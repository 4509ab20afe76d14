"""GCJ-02 and BD-09, the shifted coordinates of Chinese web maps, and the way back.

Both are WGS 84 moved by a formula that was never published officially; the one used here is that of every open
implementation since EvilTransform (2013). GCJ-02 moves places in China by 20 to 700 m; BD-09 moves the result again.
The formula gives the shift at the *true* place, so undoing it by subtracting the shift found at the *shifted* place
errs by up to 4.8 m; here the true place is found by iteration, exact to the last digit of the numbers.

Outside the box of longitude 72.004 to 137.8347 and latitude 0.8293 to 55.8271 GCJ-02 is WGS 84. Within a shift's
length of the box's rim two places can share one GCJ-02 coordinate: then the one inside is meant. Along the meridian of
105 degrees the formula's square root does the same to places 1e-7 m apart; nowhere else is the way back ambiguous.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Degrees = NDArray[np.float64]
Shift = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]

#: Krasovsky 1940: semi-major axis in metres and first eccentricity squared.
_AXIS = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323

#: Where GCJ-02 differs from WGS 84: west, south, east, north.
_BOX = (72.004, 0.8293, 137.8347, 55.8271)

#: Angular frequency of BD-09's ripple, per degree.
_RIPPLE = np.pi * 3000 / 180

#: The shift changes by less than 4 % of the distance walked, so that each round gains more than one digit.
_ROUNDS = 30


def gcj02_shift(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return how far GCJ-02 lies east and north of WGS 84 places, in degrees; zero outside the box."""
    east, north = _formula(lon, lat)
    inside = _in_box(lon, lat)
    return np.where(inside, east, 0 * lon), np.where(inside, north, 0 * lat)


def bd09_shift(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return how far BD-09 lies east and north of WGS 84 places, in degrees."""
    east, north = gcj02_shift(lon, lat)
    further = _bd09_step(lon + east, lat + north)
    return east + further[0], north + further[1]


def gcj02_undone(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return the WGS 84 places of GCJ-02 coordinates."""
    return _where_inside(lon, lat, *_undone(lon, lat, _formula))


def bd09_undone(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return the WGS 84 places of BD-09 coordinates."""
    gcj = _undone(lon, lat, _bd09_step)
    inside = _in_box(*gcj02_undone(*gcj))
    east, north = _undone(lon, lat, _both_steps)
    return np.where(inside, east, gcj[0]), np.where(inside, north, gcj[1])


def _undone(lon: Degrees, lat: Degrees, shift: Shift) -> tuple[Degrees, Degrees]:
    """Return the places that the shift moves to the given coordinates, by fixed-point iteration."""
    x, y = lon, lat
    for _ in range(_ROUNDS):
        east, north = shift(x, y)
        before = x, y
        x, y = lon - east, lat - north
        if np.array_equal(before[0], x, equal_nan=True) and np.array_equal(before[1], y, equal_nan=True):
            break
    return x, y


def _where_inside(lon: Degrees, lat: Degrees, x: Degrees, y: Degrees) -> tuple[Degrees, Degrees]:
    """Return the unshifted places where they lie in the box, else the coordinates as they are."""
    inside = _in_box(x, y)
    return np.where(inside, x, lon), np.where(inside, y, lat)


def _in_box(lon: Degrees, lat: Degrees) -> NDArray[np.bool_]:
    """Tell which places the shift applies to."""
    west, south, east, north = _BOX
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _formula(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return GCJ-02's shift in degrees without regard to the box."""
    x, y = lon - 105.0, lat - 35.0
    pi = np.pi
    common = (20 * np.sin(6 * x * pi) + 20 * np.sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + common
    north += (20 * np.sin(y * pi) + 40 * np.sin(y / 3 * pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * pi) + 320 * np.sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + common
    east += (20 * np.sin(x * pi) + 40 * np.sin(x / 3 * pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * pi) + 300 * np.sin(x / 30 * pi)) * 2 / 3
    magic = 1 - _ECCENTRICITY2 * np.sin(np.radians(lat)) ** 2
    parallel = _AXIS / np.sqrt(magic) * np.cos(np.radians(lat))
    meridian = _AXIS * (1 - _ECCENTRICITY2) / (magic * np.sqrt(magic))
    return np.degrees(east / parallel), np.degrees(north / meridian)


def _bd09_step(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return how far BD-09 lies from GCJ-02 coordinates, in degrees.

    The formula turns and stretches the vector (lon, lat); written as a difference it loses no digits.
    """
    stretch = 2e-5 * np.sin(lat * _RIPPLE) / np.hypot(lon, lat)
    turn = 3e-6 * np.cos(lon * _RIPPLE)
    less, sine = -2 * np.sin(turn / 2) ** 2, np.sin(turn)
    east = stretch * lon + (1 + stretch) * (lon * less - lat * sine) + 0.0065
    north = stretch * lat + (1 + stretch) * (lat * less + lon * sine) + 0.006
    return east, north


def _both_steps(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return BD-09's whole shift from WGS 84 without regard to the box."""
    east, north = _formula(lon, lat)
    further = _bd09_step(lon + east, lat + north)
    return east + further[0], north + further[1]
