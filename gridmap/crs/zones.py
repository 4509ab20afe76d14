"""Which zone of China a system is, if it is one: the way back from `zone_epsg`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pyproj import CRS

from gridmap.crs.names import BD09, GCJ02, ZONES, parse, zone_epsg

#: Datums of China, and of the satellites, by the EPSG code of their degrees.
DATUMS = {"CGCS2000": 4490, "Xian 1980": 4610, "Beijing 1954": 4214, "WGS 84": 4326}
#: Datums that are left and entered with parameters only.
OLD_DATUMS = frozenset({"Xian 1980", "Beijing 1954"})


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A Gauss-Kruger zone of China on its datum."""

    #: ``"CGCS2000"``, ``"Xian 1980"`` or ``"Beijing 1954"``
    datum: str
    #: zone number: 25 to 45 for 3 degrees, 13 to 23 for 6
    number: int
    #: width in degrees
    width: int
    #: whether eastings begin with the number
    prefixed: bool

    @property
    def meridian(self) -> int:
        """The central meridian in degrees."""
        return 3 * self.number if self.width == 3 else 6 * self.number - 3  # noqa: PLR2004 (degrees)

    @property
    def epsg(self) -> int:
        """EPSG code."""
        return zone_epsg(self.number, self.width, self.prefixed, self.datum)


def width_of(number: int) -> int | None:
    """Return the width in degrees of the zones that have a number, for no number is one of both; None for none.

    Parameters
    ----------
    number
        Zone number, as it stands before an easting.

    Raises
    ------
    None

    Examples
    --------
    >>> width_of(40), width_of(21), width_of(24)
    (3, 6, None)
    """
    return next((width for width, (first, last) in ZONES.items() if first <= number <= last), None)


def zone_of(crs: Any) -> Zone | None:
    """Return the zone of China that a system is, or None.

    Parameters
    ----------
    crs
        Whatever `parse` understands.

    Raises
    ------
    CrsError
        If it is not understood.

    Examples
    --------
    >>> zone_of(4528)
    Zone(datum='CGCS2000', number=40, width=3, prefixed=True)
    >>> zone_of(2335).meridian, zone_of(3857) is None
    (123, True)
    """
    return _zones().get(parse(crs))


def datum_name(crs: Any) -> str:
    """Return the name of a system's datum as gridmap writes it: a key of `DATUMS`, or what the register calls it.

    Parameters
    ----------
    crs
        Whatever `parse` understands; GCJ-02 and BD-09 are shifts of WGS 84.

    Raises
    ------
    CrsError
        If it is not understood.

    Examples
    --------
    >>> datum_name(4528), datum_name(2385), datum_name("GCJ-02"), datum_name(3826)
    ('CGCS2000', 'Xian 1980', 'WGS 84', 'Taiwan Datum 1997')
    """
    name = parse(crs)
    if name in {GCJ02, BD09}:
        return "WGS 84"
    geodetic = CRS(name).geodetic_crs
    if geodetic is None or geodetic.datum is None:
        return name
    codes = {code: datum for datum, code in DATUMS.items()}
    return codes.get(geodetic.to_epsg() or 0, geodetic.datum.name)


@cache
def _zones() -> dict[str, Zone]:
    """Every zone of China by the name of its system."""
    every = [
        Zone(datum=datum, number=number, width=width, prefixed=prefixed)
        for datum in ("CGCS2000", "Xian 1980", "Beijing 1954")
        for width, (first, last) in ZONES.items()
        for number in range(first, last + 1)
        for prefixed in (True, False)
    ]
    return {f"EPSG:{zone.epsg}": zone for zone in every}
