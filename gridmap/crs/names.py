"""Which coordinate system a name, a zone or a place stands for."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError as ProjError

from gridmap.errors import CrsError

#: What the record holds: CGCS2000, degrees.
RECORD_EPSG = 4490

GCJ02 = "GCJ-02"
BD09 = "BD-09"

#: Zones of China by their width in degrees: first and last number.
ZONES = {3: (25, 45), 6: (13, 23)}

#: EPSG code less the zone number, by datum, width and whether eastings carry the zone as prefix (EPSG registry; the
#: whole families are compared with the names in PROJ's copy by the tests).
_BASES = {
    "CGCS2000": {(3, True): 4488, (3, False): 4509, (6, True): 4478, (6, False): 4489},
    "Xian 1980": {(3, True): 2324, (3, False): 2345, (6, True): 2314, (6, False): 2325},
    "Beijing 1954": {(3, True): 2376, (3, False): 2397, (6, True): 21400, (6, False): 21440},
}

#: Latitudes between which places count as lying in China's zones, islands of the South China Sea included.
_LATITUDES = (3.0, 54.0)
_UTM_LATITUDES = (-80.0, 84.0)
_HALF_TURN = 180.0

#: Characters of an unknown name that a message repeats.
_SHOWN = 80

_UNDERSTOOD = 'an EPSG code as 4490 or "EPSG:4490", "CGCS2000", "WGS 84", "GCJ-02" or "BD-09"'

_NAMES = {
    "GCJ02": GCJ02,
    "火星坐标系": GCJ02,
    "火星坐标": GCJ02,
    "BD09": BD09,
    "BD09LL": BD09,
    "百度坐标系": BD09,
    "百度坐标": BD09,
    "CGCS2000": "EPSG:4490",
    "2000国家大地坐标系": "EPSG:4490",
    "WGS84": "EPSG:4326",
    "CRS84": "EPSG:4326",
    "OGC:CRS84": "EPSG:4326",
    "URN:OGC:DEF:CRS:OGC:1.3:CRS84": "EPSG:4326",
    "TWD97": "EPSG:3824",
}
_EPSG = re.compile(r"(?:(?:URN:OGC:DEF:CRS:)?EPSG:{1,2}|EPSG)?([0-9]{4,6})")


def zone_epsg(zone: int, width: int = 3, prefixed: bool = True, datum: str = "CGCS2000") -> int:  # noqa: FBT001, FBT002 - fixed by the contract
    """Return the EPSG code of a Gauss-Kruger zone of China.

    Parameters
    ----------
    zone
        Zone number: 25 to 45 for 3 degrees (central meridian 3 x zone), 13 to 23 for 6 (6 x zone - 3).
    width
        Width of the zone in degrees, 3 or 6.
    prefixed
        Whether eastings begin with the zone number, as 40 in 40520760.
    datum
        ``"CGCS2000"``, ``"Xian 1980"`` or ``"Beijing 1954"``.

    Returns
    -------
    int
        EPSG code; the register's axes are (north, east), gridmap's (east, north).

    Raises
    ------
    CrsError
        If there is no such zone, width or datum.

    Examples
    --------
    >>> zone_epsg(40), zone_epsg(40, prefixed=False), zone_epsg(21, width=6, datum="Xian 1980")
    (4528, 4549, 2335)
    """
    if datum not in _BASES:
        raise CrsError(f"datum {datum!r}", expected="one of " + ", ".join(_BASES))
    if width not in ZONES:
        raise CrsError(f"zone width {width!r}", expected="3 or 6 degrees")
    first, last = ZONES[width]
    if zone not in range(first, last + 1):
        raise CrsError(f"{width}-degree zone {zone!r}", expected=f"a zone of China, {first} to {last}")
    return _BASES[datum][width, prefixed] + int(zone)


def metric_epsg(lon: float, lat: float) -> int:
    """Return the EPSG code of the system in which to measure at a place.

    In China the CGCS2000 3-degree Gauss-Kruger zone without prefix (scale 1 at the central meridian, at most 1.0003 at
    the zone's edge), elsewhere the WGS 84 UTM zone (0.9996 to 1.0010).

    Parameters
    ----------
    lon, lat
        Place in degrees.

    Returns
    -------
    int
        EPSG code.

    Raises
    ------
    CrsError
        If the place is not on the globe, or nearer to a pole than UTM goes (80 S, 84 N).

    Examples
    --------
    >>> metric_epsg(120.86, 32.01), metric_epsg(24.94, 60.17)
    (4549, 32635)
    """
    if not (abs(lon) <= _HALF_TURN and _UTM_LATITUDES[0] <= lat <= _UTM_LATITUDES[1]):
        raise CrsError(f"place {lon}, {lat}", expected="longitude -180 to 180, latitude -80 to 84, in degrees")
    zone = math.floor((lon + 1.5) / 3)
    if ZONES[3][0] <= zone <= ZONES[3][1] and _LATITUDES[0] <= lat <= _LATITUDES[1]:
        return zone_epsg(zone, prefixed=False)
    return (32600 if lat >= 0 else 32700) + min(int((lon + 180) // 6) + 1, 60)


def parse(text: Any) -> str:
    """Return the normalised name of a coordinate system.

    Parameters
    ----------
    text
        EPSG code as number or text (``4490``, ``"EPSG:4490"``, ``"urn:ogc:def:crs:EPSG::4490"``), a usual name
        (``"CGCS2000"``, ``"WGS84"``, ``"GCJ02"``, ``"bd-09"``), WKT, or a pyproj CRS. Case, spaces, hyphens and
        underscores in names do not matter.

    Returns
    -------
    str
        ``"EPSG:<code>"``, ``"GCJ-02"`` or ``"BD-09"``. A three-dimensional system becomes its horizontal part.

    Raises
    ------
    CrsError
        If it is not understood, EPSG knows no such code, or it is neither geographic nor projected.

    Examples
    --------
    >>> parse("gcj02"), parse(4528), parse("wgs 84")
    ('GCJ-02', 'EPSG:4528', 'EPSG:4326')
    """
    if isinstance(text, str):
        return _read(text)
    if isinstance(text, int) and not isinstance(text, bool):
        return _known(text)
    return _described(text)


@lru_cache(maxsize=256)
def _read(text: str) -> str:
    """Return the name of a system given as text."""
    compact = re.sub(r"[\s_]", "", text).upper()
    if name := _NAMES.get(compact) or _NAMES.get(compact.replace("-", "")):
        return name
    code = _EPSG.fullmatch(compact)
    return _known(int(code[1])) if code else _described(text)


@lru_cache(maxsize=256)
def _known(code: int) -> str:
    """Return the name of an EPSG code that exists and is horizontal."""
    try:
        crs = CRS.from_epsg(code)
    except ProjError:
        raise CrsError(f"EPSG code {code} does not exist", expected=_UNDERSTOOD) from None
    return _horizontal(crs, f"EPSG:{code}")


def _described(text: Any) -> str:
    """Return the name of a system given as WKT, as its full name, or as an object of pyproj."""
    shown = repr(text if len(str(text)) <= _SHOWN else f"{str(text)[:_SHOWN]}...")
    try:
        crs = CRS.from_user_input(text)
    except (ProjError, TypeError, ValueError):
        raise CrsError(f"coordinate system {shown} is not understood", expected=_UNDERSTOOD) from None
    return _horizontal(crs, shown)


def _horizontal(crs: CRS, shown: str) -> str:
    """Return the name of the horizontal part of a system."""
    if not (crs.is_geographic or crs.is_projected):
        raise CrsError(f"{shown} ({crs.name}) has no map coordinates", expected="a geographic or projected system")
    flat = crs if len(crs.axis_info) == len(("x", "y")) else crs.to_2d()
    code = flat.to_epsg() or next((code for code in (4326, RECORD_EPSG) if _equal(flat, code)), None)
    if code is None:
        raise CrsError(f"{shown} ({crs.name}) is not in the EPSG register", expected=_UNDERSTOOD)
    return f"EPSG:{code}"


def _equal(crs: CRS, code: int) -> bool:
    """Tell whether a system is that of an EPSG code with its axes in whatever order, as OGC:CRS84 is EPSG:4326."""
    return bool(crs.equals(CRS.from_epsg(code), ignore_axis_order=True))
