"""Which system the numbers of a file are in, by the zone algebra of China, or why that cannot be told.

Northings of China (1.8 to 6 million), eastings without zone (0.1 to 0.9 million) and eastings with it (13 to 46
million) are disjoint, so that numbers tell the order of axes. The zone before an easting tells its width: 13 to 23 are
6-degree zones, 25 to 45 are 3-degree ones. Without it the head must say the zone, or the territory: a wrong central
meridian moves a parcel by 289 km at latitude 30, and looks as good.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridmap import crs as crs_
from gridmap.errors import CrsError
from gridmap.formats.parcels import digits, registered, zones
from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.survey import Numbers, Stated, Survey

Mask = NDArray[np.bool_]

#: Northings on land and its islands; with a zone before the easting the South China Sea's can be told too.
NORTHINGS, SEA_NORTHINGS = (1.8e6, 6.0e6), (3.0e5, 6.0e6)
#: Eastings without their zone, and with it.
PLAIN, PREFIXED = (1.0e5, 9.0e5), (13.0e6, 46.0e6)
#: Degrees of China and its seas.
LONGITUDES, LATITUDES = (73.0, 136.0), (3.0, 54.0)
_SIXTY = 60
_SAME_DEGREES = frozenset({"EPSG:4326", "EPSG:4490"})
_SHIFTED = frozenset({"GCJ-02", "BD-09"})
_ASSUMED = (
    "no datum is said and numbers do not tell it: read as CGCS2000, the national system; coordinates of Xian 1980 or "
    "Beijing 1954 lie 30 to 130 m off: ask the surveying office, and state it with crs (--crs)"
)
_ASK = (
    "degrees of KML are WGS 84 by rule, but Amap, Tencent and Baidu, and tools that draw on their maps, write shifted "
    "ones (GCJ-02, BD-09), 300 to 1500 m off: look at it on a picture you trust; if it is shifted, state it with crs "
    "(--crs GCJ-02), and it is set right exactly"
)


@dataclass(frozen=True, kw_only=True)
class System:
    """What the coordinates of a file are in."""

    #: EPSG code
    epsg: int
    #: ``CGCS2000``, ``Xian 1980``, ``Beijing 1954``, ``WGS 84`` or the name of a registered system's datum
    datum: str
    #: ``north_east``, ``east_north``, ``lon_lat`` or ``lat_lon``
    axis_order: str
    #: ``m`` or ``degree``
    unit: str
    #: ``GCJ-02`` or ``BD-09`` where the user says that coordinates are shifted
    shifted: str = ""

    @property
    def old(self) -> bool:
        """Whether it is on a datum that is left with parameters only."""
        return self.datum in crs_.OLD_DATUMS


def is_place(first: float, second: float) -> bool:
    """Whether two numbers can be a place of China, in metres or degrees and in either order.

    Raises
    ------
    None

    Examples
    --------
    >>> is_place(3352700.0, 40520700.0), is_place(30.29, 120.21), is_place(1, 3352700.0)
    (True, True, False)
    """
    return any(mask[0] for mask in orders(np.array([first]), np.array([second])).values())


def orders(first: Numbers, second: Numbers) -> dict[str, Mask]:
    """Which points can be coordinates in which order of axes.

    Parameters
    ----------
    first, second
        Coordinates in the order of the file, shape (points,); NaN is no place.

    Returns
    -------
    dict of str to numpy.ndarray of bool
        ``north_east``, ``east_north``, ``lon_lat``, ``lat_lon``: no point can be more than one of them.

    Raises
    ------
    None
    """
    return {
        "north_east": _is_metric(first, second),
        "east_north": _is_metric(second, first),
        "lon_lat": _within(first, LONGITUDES) & _within(second, LATITUDES),
        "lat_lon": _within(second, LONGITUDES) & _within(first, LATITUDES),
    }


def _is_metric(north: Numbers, east: Numbers) -> Mask:
    """Which points can be a northing and an easting."""
    return (_within(east, PREFIXED) & _within(north, SEA_NORTHINGS)) | (
        _within(east, PLAIN) & _within(north, NORTHINGS)
    )


def _within(values: Numbers, bounds: tuple[float, float]) -> Mask:
    """Which values lie in a range."""
    return np.asarray((values >= bounds[0]) & (values <= bounds[1]))


def decide(
    survey: Survey, notes: Notes, *, asked: str | int | None = None, within: shapely.Geometry | None = None
) -> System:
    """The system of a survey's coordinates, by what numbers, file, user and territory say.

    Parameters
    ----------
    survey
        Points as written.
    notes
        Where decisions, warnings and faults are noted.
    asked
        What the user says: an EPSG code, ``"GCJ-02"`` or ``"BD-09"``.
    within
        The territory that the parcels lie in, in degrees.

    Returns
    -------
    System
        What was decided; the decisions and their reasons are in the notes.

    Raises
    ------
    FormatError
        ``E_RANGE``, ``E_MIXED_ZONE``, ``E_ZONE_UNKNOWN``, ``E_DATUM_UNKNOWN``, ``E_CRS_CONTRADICTION``,
        ``E_CRS_UNKNOWN``: with the line.
    """
    user = _asked(asked, survey.stated, notes)
    if user and not _is_family(user):
        return _registered(user, survey, notes)
    if (user in _SAME_DEGREES or survey.stated.unit == "degree") and _is_abroad(survey):
        return _registered(user or "EPSG:4326", survey, notes)
    order = _order(survey, notes)
    if order in {"lon_lat", "lat_lon"}:
        return _in_degrees(survey, order, user, notes)
    east, north = (survey.second, survey.first) if order == "north_east" else (survey.first, survey.second)
    number, width, prefixed = zones.zone_of_eastings(survey, east, north, user, within, notes)
    datum = _datum(survey.stated, user, notes)
    zone = crs_.Zone(datum="CGCS2000" if datum == "WGS 84" else datum, number=number, width=width, prefixed=prefixed)
    _refuse_contradiction(user, zone.epsg, notes)
    why = "the zone stands before the eastings" if prefixed else "eastings without their zone"
    notes.decide("crs", f"EPSG:{zone.epsg}", f"{CRS.from_epsg(zone.epsg).name}: {why}")
    zones.refuse_far(survey, east, width, notes)
    return System(epsg=zone.epsg, datum=datum, axis_order=order, unit="m")


def _asked(asked: str | int | None, stated: Stated, notes: Notes) -> str | None:
    """The normalised name of what the user, or else the file, calls its system."""
    if asked is None:
        return None if stated.epsg is None else f"EPSG:{stated.epsg}"
    try:
        user = crs_.parse(int(asked) if isinstance(asked, str) and asked.strip().isdecimal() else asked)
    except CrsError as error:
        raise notes.stop("E_CRS_UNKNOWN", str(error)) from None
    own = None if stated.epsg is None else f"EPSG:{stated.epsg}"
    same = own in {None, user} or {own, user} <= _SAME_DEGREES or (own in _SAME_DEGREES and user in _SHIFTED)
    if not same:
        raise notes.stop("E_CRS_CONTRADICTION", f"the file says {own}, but {user} was stated: leave one of them out")
    return user


def _is_family(name: str) -> bool:
    """Whether numbers can be held against a system: China's zones and degrees, and web maps' shifts."""
    if name in _SHIFTED or crs_.zone_of(name) is not None:
        return True
    return name in {f"EPSG:{code}" for code in crs_.DATUMS.values()}


def _is_abroad(survey: Survey) -> bool:
    """Whether all points are degrees, and some of them outside China, where either order fits."""
    degrees = _within(survey.first, (-180.0, 180.0)) & _within(survey.second, (-180.0, 180.0))
    return bool(degrees.all()) and not any(mask.all() for mask in orders(survey.first, survey.second).values())


def _registered(user: str, survey: Survey, notes: Notes) -> System:
    """A system that the user or the file names and that is none of China's zones."""
    system = CRS(user)
    notes.decide("crs", user, f"{system.name}, as the user or the file says")
    order = registered.order_of(survey, system, notes)
    if system.is_geographic:
        digits.warn_of_decimals(survey.first, survey.second, notes)
    unit = "degree" if system.is_geographic else "m"
    return System(epsg=int(user.removeprefix("EPSG:")), datum=crs_.datum_name(user), axis_order=order, unit=unit)


def _order(survey: Survey, notes: Notes) -> str:
    """The order of axes that the numbers tell, once every point has it."""
    masks = orders(survey.first, survey.second)
    order = max(masks, key=lambda name: int(masks[name].sum()))
    wrong = np.flatnonzero(~masks[order])
    notes.fault_each("E_RANGE", wrong, lambda at: (_out_of_range(survey, at), int(survey.line[at])))
    if len(wrong):
        notes.refuse()
    told = "latitudes and longitudes" if order.startswith("l") else "northings and eastings"
    notes.decide("axis order", order, f"the ranges of {told} of China are disjoint")
    _hold_against_promise(order, survey, notes)
    return order


def _hold_against_promise(order: str, survey: Survey, notes: Notes) -> None:
    """Warn where the numbers are in another order, or another unit, than the file has it."""
    degrees = order in {"lon_lat", "lat_lon"}
    # X and Y of degrees are promised by no rule in a text; everywhere else x is east
    promised = {"east_north": "lon_lat", "north_east": order}.get(survey.promised, survey.promised)
    if order != (promised if degrees else survey.promised):
        registered.warn_of_order(order, survey.promised, survey, notes)
    if survey.stated.unit is not None and degrees != (survey.stated.unit == "degree"):
        said, found = ("metres", "degrees") if degrees else ("degrees", "metres")
        message = f"the file says {said}, its numbers are {found}, which counts"
        notes.warn("W_UNIT_CONTRADICTS_NUMBERS", message, survey.stated.lines.get("unit"))


def _out_of_range(survey: Survey, at: int) -> str:
    """Why a point is no place."""
    first, second = survey.first[at], survey.second[at]
    given = f"{first:.10g}, {second:.10g} is no place of China"
    begin = np.flatnonzero(survey.ring == survey.ring[at])[0]
    if at != begin and first == second and first in {survey.first[begin], survey.second[begin]}:
        return f"{given}: the closing line repeats one number of the ring's first point twice; take the line out"
    if hint := _hint(first, second):
        return f"{given}; {hint}"
    return f"{given}; expected northings of 1.8 to 6, eastings of 0.1 to 0.9 or 13 to 46 million metres, or degrees"


def _hint(first: float, second: float) -> str:
    """What numbers of no place look like."""
    for factor, unit in ((1e-3, "millimetres"), (1e-2, "centimetres"), (1e3, "kilometres")):
        if _is_metric(np.array([first * factor, second * factor]), np.array([second * factor, first * factor])).any():
            return f"it would be one in {unit}: convert the file to metres"
    if _is_sexagesimal(first) and _is_sexagesimal(second) and is_place(first // 1e4, second // 1e4):
        return "it looks like degrees, minutes and seconds in one number: convert the file to degrees"
    return ""


def _is_sexagesimal(number: float) -> bool:
    """Whether the last four digits before the point can be minutes and seconds."""
    return 0 <= number < 1e7 and number % 100 < _SIXTY and number // 100 % 100 < _SIXTY  # noqa: PLR2004 (180 degrees)


def _in_degrees(survey: Survey, order: str, user: str | None, notes: Notes) -> System:
    """The system of degrees."""
    stated = survey.stated
    digits.warn_of_decimals(survey.first, survey.second, notes)
    if stated.epsg is None and not (stated.silent and stated.unit):
        # layers and KML are in decimal degrees by rule
        digits.warn_of_minutes(survey.first, survey.second, int(survey.line[0]), notes)
    if user in _SHIFTED:
        notes.decide("crs", user, "as stated by the user; coordinates were set right to WGS 84 (EPSG:4326)")
        return System(epsg=4326, datum="WGS 84", axis_order=order, unit="degree", shifted=str(user))
    if stated.doubtful and user is None:
        notes.warn("W_POSSIBLY_SHIFTED", _ASK)
    datum = _datum(stated, user, notes, degrees=True)
    epsg = crs_.DATUMS[datum]
    _refuse_contradiction(user, epsg, notes)
    notes.decide("crs", f"EPSG:{epsg}", f"degrees on {datum}")
    return System(epsg=epsg, datum=datum, axis_order=order, unit="degree")


def _datum(stated: Stated, user: str | None, notes: Notes, *, degrees: bool = False) -> str:
    """The datum that the user or the file says."""
    if user is not None and user not in _SHIFTED:
        said = crs_.datum_name(user)
        if stated.datum not in {None, said} and {stated.datum, said} != {"CGCS2000", "WGS 84"}:
            message = f"the file says {stated.datum}, but {user} on {said} was stated"
            raise notes.stop("E_CRS_CONTRADICTION", message, stated.lines.get("datum"))
        notes.decide("datum", said, "as the user or the file says")
        return said
    if stated.datum is not None:
        notes.decide("datum", stated.datum, "as the file says")
        return stated.datum
    if stated.silent or degrees:
        notes.decide("datum", "CGCS2000", "assumed: nothing says it")
        message = _ASSUMED
        if degrees:
            message += "; of a web map they may be shifted (GCJ-02, BD-09) by up to 700 m or more"
        notes.warn("W_DATUM_ASSUMED", message)
        return "CGCS2000"
    if "datum" in stated.lines:
        notes.refuse()  # a name that is not known was noted with its line
    message = "no datum is said (坐标系=...), and numbers do not tell it; state the system with crs (--crs)"
    raise notes.stop("E_DATUM_UNKNOWN", message, stated.lines.get("datum"))


def _refuse_contradiction(user: str | None, epsg: int, notes: Notes) -> None:
    """Refuse a system that the user states and the numbers are not in."""
    if user is None or user == f"EPSG:{epsg}" or {user, f"EPSG:{epsg}"} <= _SAME_DEGREES:
        return
    if user in _SHIFTED:
        raise notes.stop("E_CRS_CONTRADICTION", f"{user} is of degrees, but the coordinates are metres")
    message = f"{user} ({CRS(user).name}) was stated, but the coordinates are in EPSG:{epsg} ({CRS(epsg).name})"
    raise notes.stop("E_CRS_CONTRADICTION", message + "; leave the statement out, or mend the file")
