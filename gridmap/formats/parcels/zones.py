"""Which zone eastings belong to: the number before them, the head, the user, or the territory; never a guess."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap import crs as crs_
from gridmap.formats.parcels import territory
from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.survey import Numbers, Stated, Survey

#: Farthest that an easting may lie from the central meridian, metres: the half width of a zone at latitude 18, and a
#: tenth more for towns that keep one meridian.
REACH = {3: 165_000.0, 6: 340_000.0}
_ORIGIN, _PREFIX, _PREFIXED = 500_000.0, 1_000_000.0, 13.0e6
#: Meridians of the 3-degree zones of China, those of the 6-degree zones among them.
_MERIDIANS = frozenset(range(75, 136, 3))

#: Zone number, width, and whether eastings carry the number.
Told = tuple[int, int, bool]


def zone_of_eastings(
    survey: Survey,
    east: Numbers,
    north: Numbers,
    user: str | None,
    within: shapely.Geometry | None,
    notes: Notes,
) -> Told:
    """The zone of eastings, and by what it is told.

    Parameters
    ----------
    survey
        What the file says, and the lines of its points.
    east, north
        Metres, shape (points,).
    user
        Normalised name of the system that the user states.
    within
        The territory.
    notes
        Where decisions and warnings are noted: ``W_HEADER_ZONE_CONTRADICTS_PREFIX``,
        ``W_HEADER_WIDTH_CONTRADICTS_PREFIX``.

    Raises
    ------
    FormatError
        ``E_MIXED_ZONE``, ``E_ZONE_UNKNOWN``, ``E_CRS_CONTRADICTION``, each with a line.
    """
    prefixes = np.where(east >= _PREFIXED, east // _PREFIX, 0).astype(np.int64)
    if (other := np.flatnonzero(prefixes != prefixes[0])).size:
        said = ", ".join(str(number) if number else "none" for number in np.unique(prefixes).tolist())
        message = f"eastings of several zones ({said}); expected one: split the file, or bring it to one zone"
        raise notes.stop("E_MIXED_ZONE", message, int(survey.line[other[0]]))
    if prefixes[0]:
        return _prefixed(int(prefixes[0]), survey, notes)
    if user is not None:
        return _of_user(user, survey.stated, notes)
    if told := _of_head(survey.stated, notes):
        return told
    return _of_territory(survey, east, north, within, notes)


def refuse_far(survey: Survey, east: Numbers, width: int, notes: Notes) -> None:
    """Refuse eastings too far from their central meridian to be of this zone.

    Raises
    ------
    FormatError
        ``E_RANGE`` with the line of each.
    """
    off = np.abs(east % _PREFIX - _ORIGIN)
    for at in np.flatnonzero(off > REACH[width]).tolist():
        message = (
            f"the easting {east[at]:.10g} lies {off[at] / 1000:.0f} km from the central meridian; expected at most "
            f"{REACH[width] / 1000:.0f} km in a {width}-degree zone: check the zone"
        )
        notes.fault("E_RANGE", message, int(survey.line[at]))
    notes.refuse()


def _prefixed(number: int, survey: Survey, notes: Notes) -> Told:
    """The zone that stands before the eastings, whatever the head says."""
    width, stated = crs_.width_of(number), survey.stated
    if width is None:
        raise notes.stop("E_ZONE_UNKNOWN", f"eastings begin with {number}; {_zones()}", int(survey.line[0]))
    meridian = _meridian(number, width)
    notes.decide("zone", number, f"it stands before the eastings; of numbers up to 23, 6 degrees wide, else 3: {width}")
    if stated.zone not in {None, number}:
        message = f"the head says zone {stated.zone}, eastings begin with {number}, which counts"
        notes.warn("W_HEADER_ZONE_CONTRADICTS_PREFIX", message, stated.lines.get("zone"), zone=number)
    if stated.meridian not in {None, meridian}:
        message = f"the head says the meridian {stated.meridian:g}; zone {number} has {meridian:g}, which counts"
        notes.warn("W_HEADER_ZONE_CONTRADICTS_PREFIX", message, stated.lines.get("meridian"), zone=number)
    if stated.width not in {None, width}:
        message = f"the head says {stated.width} degrees; zone {number} is one of {width} degrees, which counts"
        notes.warn("W_HEADER_WIDTH_CONTRADICTS_PREFIX", message, stated.lines.get("width"), zone=number, width=width)
    return number, width, True


def _of_user(user: str, stated: Stated, notes: Notes) -> Told:
    """The zone that the user names, for eastings that do not carry it; the head may not say another."""
    zone = crs_.zone_of(user)
    if zone is None or zone.prefixed:
        kind = "of degrees" if zone is None else "a system whose eastings begin with their zone"
        raise notes.stop("E_CRS_CONTRADICTION", f"{user} is {kind}, but the coordinates are metres without zone")
    said = _meridians(stated)
    if len(said) == 1 and zone.meridian not in said:
        message = f"{user} has the meridian {zone.meridian}, the head says {said.pop():g}: leave one of them out"
        raise notes.stop("E_CRS_CONTRADICTION", message, stated.lines.get("zone", stated.lines.get("meridian")))
    notes.decide("zone", zone.number, f"as the user or the file says; {zone.width} degrees, meridian {zone.meridian}")
    return zone.number, zone.width, False


def _meridians(stated: Stated) -> set[float]:
    """The central meridians that a head says, by zone and by degrees: two where it contradicts itself."""
    width = None if stated.zone is None else crs_.width_of(stated.zone)
    of_zone = None if stated.zone is None or width is None else _meridian(stated.zone, width)
    return {meridian for meridian in (of_zone, stated.meridian) if meridian is not None}


def _of_head(stated: Stated, notes: Notes) -> Told | None:
    """The zone that the head says, by its number or its meridian; None where it is silent."""
    if stated.zone is None:
        return _of_meridian(stated, notes)
    width, line = crs_.width_of(stated.zone), stated.lines.get("zone")
    if width is None:
        raise notes.stop("E_ZONE_UNKNOWN", f"the head says zone {stated.zone}; {_zones()}", line)
    if stated.width not in {None, width} or stated.meridian not in {None, _meridian(stated.zone, width)}:
        message = f"the head says zone {stated.zone}, which is one of {width} degrees, and contradicts that elsewhere"
        raise notes.stop("E_ZONE_UNKNOWN", f"{message}: state the system with crs (--crs)", line)
    notes.decide("zone", stated.zone, f"as the head says, for eastings do not carry it; {width} degrees")
    return stated.zone, width, False


def _of_meridian(stated: Stated, notes: Notes) -> Told | None:
    """The zone whose central meridian the head says; None where it is silent."""
    if stated.meridian is None:
        return None
    if stated.meridian not in _MERIDIANS:
        message = f"the head says the meridian {stated.meridian:g}, which no zone has: a local system"
        raise notes.stop("E_ZONE_UNKNOWN", message, stated.lines.get("meridian"))
    if stated.width == 6 and stated.meridian % 6 != 3:  # noqa: PLR2004 (degrees)
        message = f"the head says the meridian {stated.meridian:g}, which is that of no 6-degree zone"
        message += ", though it says 6 degrees: state the system with crs (--crs)"
        raise notes.stop("E_ZONE_UNKNOWN", message, stated.lines.get("meridian"))
    notes.decide("zone", f"meridian {stated.meridian:g}", "as the head says, for eastings do not carry it")
    if stated.width == 6:  # noqa: PLR2004 (degrees)
        return int(stated.meridian + 3) // 6, 6, False
    return int(stated.meridian) // 3, 3, False


def _of_territory(survey: Survey, east: Numbers, north: Numbers, within: shapely.Geometry | None, notes: Notes) -> Told:
    """The only zone that puts the points into the territory."""
    fit = [] if within is None else territory.fitting_zones(east, north, within)
    if len(fit) == 1:
        notes.decide("zone", fit[0], f"only the central meridian {3 * fit[0]} puts the points into the territory")
        return fit[0], 3, False
    message = (
        f"eastings such as {east[0]:.10g} carry no zone and nothing says it; a wrong one moves everything by hundreds "
        "of kilometres and looks as good: state the system with crs (--crs), EPSG 4534 to 4554 for CGCS2000, or the "
        "territory with within (--within)"
    )
    if within is not None:
        message += (
            "; " + (", ".join(str(3 * zone) for zone in fit) or "no central meridian") + " would put them into it"
        )
    raise notes.stop("E_ZONE_UNKNOWN", message, int(survey.line[0]))


def _meridian(number: int, width: int) -> float:
    """The central meridian of a zone."""
    return float(3 * number if width == 3 else 6 * number - 3)  # noqa: PLR2004 (degrees)


def _zones() -> str:
    """Zones of China for a message."""
    return "zones of China are 13 to 23 (6 degrees) and 25 to 45 (3 degrees)"
