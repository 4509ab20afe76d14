"""Which system plain coordinates are in, as far as the numbers tell.

They tell degrees from metres, the order of the axes, the zone where eastings carry it, and with it the zone's width:
prefixes 13 to 23 are 6-degree zones, 25 to 45 are 3-degree ones. They do not tell the datum, nor GCJ-02 from WGS 84,
nor the zone of eastings without prefix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridmap.crs.names import RECORD_EPSG, ZONES, zone_epsg
from gridmap.crs.transform import _numbers, to_wgs84
from gridmap.errors import CrsError

Numbers = NDArray[np.float64]

#: China with its seas, degrees: west, south, east, north.
_CHINA = (73.0, 3.0, 136.0, 54.0)

_HALF_TURN, _RIGHT_ANGLE = 180.0, 90.0
_SIXTY = 60

#: Northings of China in Gauss-Kruger metres.
_NORTHINGS = (3.0e5, 6.0e6)

#: Greatest distance of an easting from its false origin of 500 km: the half width at the equator and a tenth more.
_REACH = {3: 185_000.0, 6: 370_000.0}
_ORIGIN, _PREFIX = 500_000.0, 1_000_000.0

#: Eastings without prefix, 6-degree zones and UTM included.
_PLAIN_EASTINGS = (1.0e5, 9.0e5)

#: Half the side of the web Mercator square, metres.
_WEB = 20_037_508.35

#: Chance below which digits that all could be minutes and seconds are none of decimal degrees.
_NO_CHANCE = 1e-3


@dataclass(frozen=True, kw_only=True)
class CrsGuess:
    """A system that coordinates may be in."""

    #: EPSG code
    epsg: int
    #: what the first and the second number are: east_north, north_east, lon_lat or lat_lon
    axis_order: str
    #: what in the numbers speaks for it, and what they cannot tell
    reason: str


def guess(x: ArrayLike, y: ArrayLike) -> list[CrsGuess]:
    """Return the systems that coordinates of China may be in, the likeliest first.

    Parameters
    ----------
    x, y
        First and second number of each point, in the order of the file; NaN is passed over. More points tell more.

    Returns
    -------
    list of CrsGuess
        Usually one. Several where the numbers fit several, as web Mercator in East China and the 6-degree zone 13 in
        the Pamirs, or degrees outside China in either order. Empty where nothing fits.

    Raises
    ------
    CrsError
        If the numbers are of a kind that must not be guessed: eastings without zone, more than one zone, degrees with
        minutes and seconds. The message lists what they could be.
    InputError
        If x and y are not numbers or differ in shape.

    Examples
    --------
    >>> [(found.epsg, found.axis_order) for found in guess(3352680.12, 40520760.2)]
    [(4528, 'north_east')]
    >>> [(found.epsg, found.axis_order) for found in guess(32.01, 120.86)]
    [(4490, 'lat_lon')]
    """
    first, second = (np.atleast_1d(numbers).ravel() for numbers in _numbers(x, y))
    known = np.isfinite(first) & np.isfinite(second)
    first, second = first[known], second[known]
    if not len(first):
        return []
    if found := _degrees(first, second):
        return found
    _refuse_sexagesimal(first, second)
    found = _web_mercator(first, second) + _zones(first, second, "east_north") + _zones(second, first, "north_east")
    if not found:
        _refuse_plain(first, second)
    return found


def _within(values: Numbers, least: float, most: float) -> bool:
    """Tell whether all values lie in a range."""
    return bool(((values >= least) & (values <= most)).all())


def _in_china(lon: Numbers, lat: Numbers) -> bool:
    """Tell whether all places lie in the box of China."""
    west, south, east, north = _CHINA
    return _within(lon, west, east) and _within(lat, south, north)


def _degrees(first: Numbers, second: Numbers) -> list[CrsGuess]:
    """Return the readings as degrees; those within China where there is one."""
    found = []
    for lon, lat, order in ((first, second, "lon_lat"), (second, first, "lat_lon")):
        if _within(lon, -_HALF_TURN, _HALF_TURN) and _within(lat, -_RIGHT_ANGLE, _RIGHT_ANGLE):
            where = _in_china(lon, lat)
            reason = "degrees " + ("within China" if where else "outside China, either order fits")
            reason += "; WGS 84, CGCS2000, GCJ-02 and BD-09 cannot be told apart by numbers"
            found.append((where, CrsGuess(epsg=RECORD_EPSG, axis_order=order, reason=reason)))
    if any(where for where, _ in found):
        found = [(where, reading) for where, reading in found if where]
        _refuse_point_minutes(first, second)
    return [reading for _, reading in found]


def _web_mercator(x: Numbers, y: Numbers) -> list[CrsGuess]:
    """Return the reading as web Mercator where it lies in China."""
    if not (_within(x, -_WEB, _WEB) and _within(y, -_WEB, _WEB) and _in_china(*to_wgs84(x, y, 3857))):
        return []
    return [CrsGuess(epsg=3857, axis_order="east_north", reason="metres of web Mercator within China")]


def _zones(east: Numbers, north: Numbers, order: str) -> list[CrsGuess]:
    """Return the reading as Gauss-Kruger coordinates whose eastings carry the zone."""
    prefixes = np.unique(east // _PREFIX)
    widths = [width for width, (least, most) in ZONES.items() if _within(prefixes, least, most)]
    if not widths or not _within(north, *_NORTHINGS):
        return []
    width = widths[0]
    if not _within(east % _PREFIX, _ORIGIN - _REACH[width], _ORIGIN + _REACH[width]):
        return []
    if len(prefixes) > 1:
        zones = ", ".join(str(int(prefix)) for prefix in prefixes)
        raise CrsError(f"eastings of the zones {zones}", expected="one zone", do="split the file by zone")
    zone = int(prefixes[0])
    reason = (
        f"eastings carry the prefix {zone}, a {width}-degree zone; the datum (CGCS2000, Xian 1980, ...) is not told"
    )
    return [CrsGuess(epsg=zone_epsg(zone, width), axis_order=order, reason=reason)]


def _refuse_plain(first: Numbers, second: Numbers) -> None:
    """Refuse metres whose zone is unknown, and say what they could be."""
    for east, north, order in ((first, second, "east, north"), (second, first, "north, east")):
        if _within(east, *_PLAIN_EASTINGS) and _within(north, *_NORTHINGS):
            raise CrsError(
                f"metres in the order {order} whose eastings carry no zone, as {east[0]}",
                expected="the zone, for a wrong one moves everything by hundreds of kilometres and looks as good",
                do="state it: EPSG 4534 to 4554 (CGCS2000, 3-degree zones 25 to 45), 4502 to 4512 (6-degree zones "
                "13 to 23), 3826 (TWD97 TM2, Taiwan) or 32643 to 32653 (UTM)",
            )


def _refuse_sexagesimal(first: Numbers, second: Numbers) -> None:
    """Refuse degrees, minutes and seconds written as one number, 1201256.88."""
    for lon, lat in ((first, second), (second, first)):
        if _in_china(np.trunc(lon / 1e4), np.trunc(lat / 1e4)) and _below_sixty(lon, 1.0) and _below_sixty(lat, 1.0):
            raise CrsError(
                f"{lon[0]} and {lat[0]} look like degrees, minutes and seconds written as one number",
                expected="decimal degrees or metres",
                do="convert them, or state the system if they are metres without zone",
            )


def _refuse_point_minutes(first: Numbers, second: Numbers) -> None:
    """Refuse degrees.minutes-seconds, 120.125688, where enough points make chance impossible."""
    below = _below_sixty(first, 1e4) and _below_sixty(second, 1e4)
    if below and _chance_of_digits(first) * _chance_of_digits(second) < _NO_CHANCE:
        raise CrsError(
            f"{first[0]} and {second[0]}: the digits after the point stay below 60 in pairs, as minutes and seconds do",
            expected="decimal degrees",
            do="convert them",
        )


def _chance_of_digits(values: Numbers) -> float:
    """Return the chance that decimal degrees have no pair of digits beyond 59.

    Neighbours are no independent evidence: a run of n values in a row lies below 60 in 61 - n of 100 places, and n
    values anywhere do so with a chance of 0.6 to the power of n. The larger counts.
    """
    digits = np.unique(np.floor(np.abs(values) * 1e4 + 1e-6).astype(np.int64))
    chance = 1.0
    for pairs in (digits, np.unique(digits // 100)):
        begins = np.flatnonzero(np.diff(pairs // 100, prepend=-1))
        counts = np.diff(np.r_[begins, len(pairs)])
        runs = pairs[begins + counts - 1] - pairs[begins] + 1
        chance *= float(np.prod(np.maximum((_SIXTY + 1 - runs) / 100, 0.6**counts)))
    return chance


def _below_sixty(values: Numbers, scale: float) -> bool:
    """Tell whether the last two pairs of digits before the point, after scaling, are all below 60."""
    whole = np.floor(np.abs(values) * scale + 1e-6)
    return bool(((whole % 100 < _SIXTY) & (whole // 100 % 100 < _SIXTY)).all())
