"""Places that no fix can have, each way in which they are wrong told by its own name."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap import crs as crs_
from gridmap.errors import CrsError, InputError
from gridmap.prepared import prepared
from gridmap.tracks.flaws import Flaw, rows_of

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_DEGREES = frozenset({"EPSG:4326", "EPSG:4490", "GCJ-02", "BD-09"})
#: Degrees from the middle of all fixes within which a place that was read the other way round must come to lie.
_NEAR_DEG = 1.0
_HALF_TURN, _RIGHT_ANGLE = 180.0, 90.0
#: Numbers beyond this are no degrees that somebody mistyped, but metres.
_METRES = 1_000.0
_NO_DEGREES = "coordinates that are no degrees; expected longitude -180 to 180, latitude -90 to 90"


def place_flaws(given: tuple[Floats, Floats], system: str, outline: BaseGeometry | None) -> tuple[list[Flaw], Mask]:
    """What is wrong with places, and which of them can be used.

    Parameters
    ----------
    given
        East and north, or longitude and latitude, NaN where there is none.
    system
        Their CRS.
    outline
        The territory in the same CRS: places outside are told, not dropped.

    Raises
    ------
    Nothing
    """
    x, y = given
    known = np.isfinite(x) & np.isfinite(y)
    flaws = _missing(known)
    zero = known & (x == 0) & (y == 0)
    flaws += _flaw("zero_place", zero, "places at 0, 0, where no fix was; have the device send none instead")
    good = known & ~zero
    if system in _DEGREES:
        beyond = good & ((np.abs(x) > _HALF_TURN) | (np.abs(y) > _RIGHT_ANGLE))
        metres = beyond & (np.maximum(np.abs(x), np.abs(y)) > _METRES)
        swapped = _swapped(x, y, good & ~metres, outline)
        flaws += _metres(x, y, metres, system) + _turned(x, y, swapped)
        strange = beyond & ~metres & ~swapped
        flaws += _flaw("no_degrees", strange, _NO_DEGREES)
        good &= ~(beyond | swapped)
    return flaws + _outside(x, y, good, outline), good


def _flaw(code: str, mask: Mask, message: str) -> list[Flaw]:
    """A flaw of some rows, or none."""
    rows = rows_of(mask)
    return [Flaw(code=code, message=f"{len(rows)} fixes have {message}", rows=rows)] if rows else []


def _missing(known: Mask) -> list[Flaw]:
    """Rows without a place."""
    return _flaw("no_place", ~known, "no place, or one that is no number; they are left out")


def _swapped(x: Floats, y: Floats, known: Mask, outline: BaseGeometry | None) -> Mask:
    """Places that fit only when latitude and longitude are read the other way round."""
    if not known.any():
        return known
    west, south, east, north = _ground(x, y, known, outline)
    lon, lat = (np.where(known, axis, np.nan) for axis in (x, y))
    with np.errstate(invalid="ignore"):
        here = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        there = (lat >= west) & (lat <= east) & (lon >= south) & (lon <= north)
    found: Mask = there & ~here
    return found


def _ground(x: Floats, y: Floats, known: Mask, outline: BaseGeometry | None) -> tuple[float, float, float, float]:
    """West, south, east and north of where the fixes are to be expected: the outline, or near most of them."""
    if outline is not None:
        west, south, east, north = outline.bounds
        return west, south, east, north
    first, second = x[known], y[known]
    lon, lat = float(np.median(first)), float(np.median(second))
    if abs(lat) > _RIGHT_ANGLE:
        # most of them are the other way round, and no latitude is above 90
        lon, lat = lat, lon
    return lon - _NEAR_DEG, lat - _NEAR_DEG, lon + _NEAR_DEG, lat + _NEAR_DEG


def _turned(x: Floats, y: Floats, swapped: Mask) -> list[Flaw]:
    """Places whose latitude and longitude are exchanged."""
    if not swapped.any():
        return []
    at = int(np.argmax(swapped))
    message = f"latitude and longitude exchanged, the first {x[at]}, {y[at]}; expected longitude first: exchange them"
    return _flaw("swapped_place", swapped, message)


def _metres(x: Floats, y: Floats, metres: Mask, system: str) -> list[Flaw]:
    """Metres where degrees were promised, with the system that they are likely in."""
    if not metres.any():
        return []
    at = int(np.argmax(metres))
    message = f"metres, the first {x[at]}, {y[at]}, where {system} has degrees; {_likely(x[metres], y[metres])}"
    return _flaw("metres_as_degrees", metres, message)


def _likely(x: Floats, y: Floats) -> str:
    """What metres may be, in words."""
    try:
        found = crs_.guess(x, y)
    except (CrsError, InputError) as error:
        return str(error)
    names = " or ".join(f"EPSG:{each.epsg} ({each.axis_order.replace('_', ', ')})" for each in found)
    return f"they look like {names}: state that" if names else "state the system that they are in"


def _outside(x: Floats, y: Floats, good: Mask, outline: BaseGeometry | None) -> list[Flaw]:
    """Fixes outside the territory: kept, for open ground is walked too, and told."""
    if outline is None:
        return []
    beyond = good & ~np.asarray(shapely.intersects_xy(prepared(outline), x, y), dtype=bool)
    many = (
        "most of them: the CRS or the datum may be wrong" if beyond.sum() > good.sum() / 2 else "they count no street"
    )
    return _flaw("outside", beyond, f"a place outside the territory; {many}")
