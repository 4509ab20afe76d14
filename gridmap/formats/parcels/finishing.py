"""From points as written to parcels with shapes, areas and everything that was decided on the way."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gridmap import crs as crs_
from gridmap.formats.parcels import declared, leaving, rings, systems, territory
from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.survey import Numbers, Survey

#: Metres beyond the border of a territory that are the border's own error: rounding, or the digitising of a map.
RIM = 0.5


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the user says about a file."""

    #: EPSG code, GCJ-02 or BD-09
    crs: str | int | None = None
    #: the territory that the parcels lie in, in degrees
    within: shapely.Geometry | None = None
    #: parameters or common points that leave an old datum
    datum_parameters: leaving.Change | None = None


@dataclass(frozen=True, kw_only=True)
class Finished:
    """Parcels, their points and their system."""

    #: id, name, declared_area_m2, area_m2, parts, points, line, geometry
    parcels: geopandas.GeoDataFrame
    #: parcel, ring, number, name, line, x_north, y_east
    points: pd.DataFrame
    #: what the coordinates are in
    system: systems.System


def finished(survey: Survey, notes: Notes, asked: Asked, *, area_unit: str = "ha") -> Finished:
    """The parcels of a survey.

    Parameters
    ----------
    survey
        What a reader handed over.
    notes
        Where decisions, warnings and faults are noted.
    asked
        What the user says.
    area_unit
        The unit in which files of this format declare areas.

    Raises
    ------
    FormatError
        With every fault that was found.
    """
    system = systems.decide(survey, notes, asked=asked.crs, within=asked.within)
    x, y = _in_order(survey, system)
    system, x, y = leaving.left(survey.stated, system, x, y, asked.datum_parameters, notes)
    polygon = np.array([draft.shape == "polygon" for draft in survey.parcels], dtype=bool)
    same = rings.SAME_DEGREES if system.unit == "degree" else rings.SAME
    declared.compare_counts(survey, notes)
    points = rings.closed(rings.points_of(survey, x, y), polygon, notes, same=same)
    rings.warn_of_names(points, notes)
    shapes = rings.shaped(points, len(survey.parcels), polygon, notes)
    _refuse_empty(survey, points, notes)
    notes.refuse()
    _hold_against_ground(x, y, system, asked.within, survey, notes)
    return _assembled(survey, points, shapes, system, notes, area_unit)


def _in_order(survey: Survey, system: systems.System) -> tuple[Numbers, Numbers]:
    """East and north, or longitude and latitude, set right where the user says that they are shifted."""
    first_is_x = system.axis_order in {"east_north", "lon_lat"}
    x, y = (survey.first, survey.second) if first_is_x else (survey.second, survey.first)
    return crs_.to_wgs84(x, y, system.shifted) if system.shifted else (x, y)


def _refuse_empty(survey: Survey, points: rings.Points, notes: Notes) -> None:
    """Note parcels that have no point."""
    seen = np.bincount(points.owner, minlength=len(survey.parcels)) > 0
    for at in np.flatnonzero(~seen).tolist():
        draft = survey.parcels[at]
        notes.fault("E_RING_TOO_SHORT", f"the parcel {draft.id or draft.name!r} has no points", draft.line or None)


def _hold_against_ground(
    x: Numbers, y: Numbers, system: systems.System, within: shapely.Geometry | None, survey: Survey, notes: Notes
) -> None:
    """Refuse parcels that lie nowhere in the territory, warn where some points lie beyond it."""
    if within is None:
        return
    zone = crs_.zone_of(system.epsg)
    # an old datum is left with parameters only; to tell the meridian its coordinates may stand for CGCS2000's
    twin = crs_.zone_epsg(zone.number, zone.width, zone.prefixed) if zone and system.old else system.epsg
    twin = crs_.DATUMS["CGCS2000"] if zone is None and system.old else twin
    share = territory.share_inside(x, y, twin, within, slack=territory.SLACK if system.old else 0.0)
    near = share > 0 or territory.share_inside(x, y, twin, within, slack=territory.SLACK) > 0
    if share == 1:
        notes.decide("territory", "inside", "every point lies in it")
    elif near:
        _tell_rim(1 - share, territory.farthest_outside(x, y, twin, within), notes)
    else:
        raise notes.stop("E_OUTSIDE_TERRITORY", _elsewhere(x, y, zone, within), int(survey.line[0]))


def _tell_rim(share: float, farthest: float, notes: Notes) -> None:
    """Warn of points beyond the territory's border, unless by no more than its own error."""
    if farthest <= RIM:
        notes.decide("territory", "inside", f"every point lies in it, or within {RIM:g} m of its border")
        return
    message = f"{share:.1%} of the points lie outside the territory, by up to {farthest:,.1f} m"
    notes.warn("W_OUTSIDE_TERRITORY", message, share=share, farthest=farthest)


def _elsewhere(x: Numbers, y: Numbers, zone: crs_.Zone | None, within: shapely.Geometry) -> str:
    """Where parcels outside the territory would lie in another zone."""
    if zone is None:
        return "no point lies in the territory: check order, datum and territory"
    plain = x % 1_000_000 if zone.prefixed else x
    fit = territory.fitting_zones(plain, y, within)
    told = f"no point lies in the territory, with the central meridian {zone.meridian}"
    if not fit:
        return f"{told}, nor with any other: check file and territory"
    return f"{told}; with {' or '.join(str(3 * number) for number in fit)} they would: the zone of the file is wrong"


def _assembled(
    survey: Survey, points: rings.Points, shapes: rings.Shapes, system: systems.System, notes: Notes, area_unit: str
) -> Finished:
    """Tables of parcels and points."""
    drafts = survey.parcels
    ids = _ids(survey, notes)
    table = geopandas.GeoDataFrame(
        {
            "id": pd.Series(ids, dtype="str"),
            "name": pd.Series([draft.name or None for draft in drafts], dtype="str"),
        },
        geometry=geopandas.GeoSeries(shapes, crs=system.epsg),
    )
    measured = _areas(table)
    stated = [
        declared.compared_area(draft, area, notes, unit=area_unit) for draft, area in zip(drafts, measured, strict=True)
    ]
    table.insert(2, "declared_area_m2", np.array(stated))
    table.insert(3, "area_m2", measured)
    table.insert(4, "parts", shapely.get_num_geometries(shapes).astype(np.int64))
    table.insert(5, "points", np.bincount(points.owner, minlength=len(drafts)))
    table.insert(6, "line", np.array([draft.line for draft in drafts], dtype=np.int64))
    if any(draft.party is not None for draft in drafts):
        table.insert(2, "party", pd.Series([draft.party for draft in drafts], dtype="str"))
    return Finished(parcels=table, points=_point_table(points, ids), system=system)


def _ids(survey: Survey, notes: Notes) -> list[str]:
    """The identifier of each parcel: as written, else its place in the file."""
    ids = [draft.id or str(at) for at, draft in enumerate(survey.parcels, 1)]
    if any(not draft.id for draft in survey.parcels):
        notes.decide("id", "order in the file", "parcels without an identifier")
    seen: set[str] = set()
    for name, draft in zip(ids, survey.parcels, strict=True):
        if name in seen:
            notes.warn("W_DUPLICATE_ID", f"the identifier {name[:60]!r} was met before", draft.line or None)
        seen.add(name)
    return ids


def _areas(table: geopandas.GeoDataFrame) -> Numbers:
    """Planar areas in the table's own zone, or in that of the place where it is in degrees; NaN for lines."""
    own = CRS(table.crs)
    flat = table if crs_.is_metric(own) else crs_.to_metric(table)
    surfaces = shapely.get_dimensions(table.geometry.to_numpy()) == 2  # noqa: PLR2004 (a surface)
    return np.where(surfaces, shapely.area(flat.geometry.to_numpy()), np.nan)


def _point_table(points: rings.Points, ids: list[str]) -> pd.DataFrame:
    """Every point once, in the order of the file."""
    ring = points.ring
    first = np.r_[True, points.owner[1:] != points.owner[:-1]]
    begin = np.r_[True, ring[1:] != ring[:-1]]
    steps = np.cumsum(begin)
    of_parcel = steps[np.flatnonzero(first)[np.cumsum(first) - 1]]
    starts = np.flatnonzero(begin)[steps - 1]
    return pd.DataFrame(
        {
            "parcel": pd.Series(np.array(ids, dtype=object)[points.owner], dtype="str"),
            "ring": steps - of_parcel + 1,
            "number": np.arange(len(ring)) - starts + 1,
            "name": pd.Series(points.name, dtype="str"),
            "line": points.line,
            "x_north": points.y,
            "y_east": points.x,
        }
    )
