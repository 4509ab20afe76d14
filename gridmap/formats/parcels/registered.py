"""Coordinates in a system of the register that is none of China's: only where it is used tells their order."""

from __future__ import annotations

import numpy as np
from pyproj import CRS

from gridmap import crs as crs_
from gridmap.errors import CrsError
from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.survey import Numbers, Survey

#: The orders of axes in metres and in degrees, that of x and y first, and what messages call them.
METRIC, DEGREES = ("east_north", "north_east"), ("lon_lat", "lat_lon")
_SAID = dict(zip((*METRIC, *DEGREES), ("east first", "north first", "longitude first", "latitude first"), strict=True))
#: Degrees of longitude and latitude beyond where a system is used that coordinates in it may lie: towns keep one zone.
_BEYOND = (6.0, 0.5)
#: Metres within which coordinates must come back, for those of another turn around the world do not; and the greatest
#: number of a degree.
_BACK_M, _CIRCLE = 1.0, 360.0


def order_of(survey: Survey, system: CRS, notes: Notes) -> str:
    """The order of axes of coordinates in a system, the promised one where both can be.

    Parameters
    ----------
    survey
        Points as written.
    system
        What they are in.
    notes
        Where ``W_AXIS_SWAPPED`` is noted.

    Raises
    ------
    FormatError
        ``E_RANGE`` where they lie nowhere that the system is used.
    """
    both = DEGREES if system.is_geographic else METRIC
    promised = both[survey.promised in {METRIC[1], DEGREES[1]}]
    places = {both[0]: (survey.first, survey.second), both[1]: (survey.second, survey.first)}
    order = next((name for name in (promised, *both) if _is_used(system, *places[name])), None)
    if order is None:
        given = f"{survey.first[0]:.10g}, {survey.second[0]:.10g}"
        message = f"{given} is no place where {system.name} is used, in either order: check the system"
        raise notes.stop("E_RANGE", message, int(survey.line[0]))
    if order != promised:
        warn_of_order(order, promised, survey, notes)
    why = "as the format has it" if order == promised else "only so they lie where the system is used"
    notes.decide("axis order", order, why)
    return order


def warn_of_order(order: str, promised: str, survey: Survey, notes: Notes) -> None:
    """Note that coordinates stand in another order than is promised.

    Raises
    ------
    None
    """
    message = f"coordinates stand {_SAID[order]}, where the file promises {_SAID[promised]}"
    notes.warn("W_AXIS_SWAPPED", message, int(survey.line[0]))


def _is_used(system: CRS, x: Numbers, y: Numbers) -> bool:
    """Whether all coordinates lie about where a system is used."""
    own, area = system.geodetic_crs, system.area_of_use
    if not system.is_geographic and max(np.abs(x).max(), np.abs(y).max()) <= _CIRCLE:
        return False
    try:
        lon, lat = crs_.convert(x, y, system, own)
        back = crs_.convert(lon, lat, own, system)
    except CrsError:
        return False
    if not system.is_geographic and np.hypot(back[0] - x, back[1] - y).max() > _BACK_M:
        return False
    if area is None:
        return True
    width = (area.east - area.west) % 360 or 360
    across = (lon - area.west + _BEYOND[0]) % 360 <= width + 2 * _BEYOND[0]
    return bool((across & (lat >= area.south - _BEYOND[1]) & (lat <= area.north + _BEYOND[1])).all())
