"""Coordinates of an old datum brought to CGCS2000 where parameters are given, and left alone where they are not."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from gridmap import crs as crs_
from gridmap.errors import CrsError
from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.survey import Numbers, Stated
from gridmap.formats.parcels.systems import System

#: What leaves an old datum: parameters, a fit, or the points for either.
Change = crs_.SevenParameters | crs_.PlaneFit | pd.DataFrame


def left(
    stated: Stated, system: System, x: Numbers, y: Numbers, change: Change | None, notes: Notes
) -> tuple[System, Numbers, Numbers]:
    """The system and the coordinates after an old datum was left; as they are where nothing leaves it.

    Parameters
    ----------
    stated
        What the file says: it may carry seven parameters.
    system
        What the coordinates are in.
    x, y
        East and north, or longitude and latitude.
    change
        What the user gives.
    notes
        Where it is noted what was done and how wrong it is; else ``W_DATUM_NEEDS_PARAMETERS``.

    Raises
    ------
    GridmapError
        As `gridmap.crs.plane_fit`, `gridmap.crs.confirmed_parameters` and `gridmap.crs.in_cgcs2000`.
    """
    if not system.old:
        if change is not None:
            message = f"parameters were given, but the coordinates are on {system.datum}"
            notes.warn("W_PARAMETERS_UNUSED", message, datum=system.datum)
        return system, x, y
    if change is None:
        line = stated.lines.get("datum")
        notes.warn("W_DATUM_NEEDS_PARAMETERS", _kept(stated, system), line, datum=system.datum)
        return system, x, y
    found = _of_points(stated, system, change) if isinstance(change, pd.DataFrame) else change
    x, y = crs_.in_cgcs2000(x, y, found, system.epsg)
    zone = crs_.zone_of(system.epsg)
    epsg = replace(zone, datum="CGCS2000").epsg if zone else crs_.DATUMS["CGCS2000"]
    notes.decide("datum left", f"{system.datum} to CGCS2000 (EPSG:{epsg})", _told(found))
    return replace(system, epsg=epsg, datum="CGCS2000"), x, y


def _of_points(stated: Stated, system: System, points: pd.DataFrame) -> crs_.SevenParameters | crs_.PlaneFit:
    """The parameters of the file, confirmed by the points, else a fit to the points."""
    zone = crs_.zone_of(system.epsg)
    if zone is None:
        given = "common points in metres for coordinates in degrees"
        raise CrsError(given, do="give seven parameters, or read the parcels in metres", code="datum_parameters")
    if stated.parameters is not None:
        return crs_.confirmed_parameters(stated.parameters, points, zone)
    return crs_.plane_fit(points)


def _kept(stated: Stated, system: System) -> str:
    """Why coordinates stay on an old datum."""
    message = (
        f"coordinates on {system.datum} lie some 30 to 130 m off today's, by parameters that are not public; they are "
        "kept as they are until parameters, or two common points or more, are given"
    )
    if stated.parameters is not None:
        message += "; the file carries seven, but not how they are meant: one point known in both systems tells"
    return message


def _told(change: crs_.SevenParameters | crs_.PlaneFit) -> str:
    """What was done, and how wrong it is."""
    if isinstance(change, crs_.SevenParameters):
        return f"by seven parameters, read as {change.convention.replace('_', ' ')}, at height 0"
    error = change.leave_one_out_m
    said = f"{error:.3f} m with each left out" if error == error else "unknown error: three points would tell it"  # noqa: PLR0124 (NaN)
    return f"by a fit in the plane to {len(change.points)} common points, {said}"
