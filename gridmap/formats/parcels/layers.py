"""Layers that GDAL reads and GeoJSON: shapefile, GeoPackage, file geodatabase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import ProjError

from gridmap import crs as crs_
from gridmap.errors import CrsError
from gridmap.formats import gdal, geojson
from gridmap.formats.contents import Contents
from gridmap.formats.parcels.attributes import drafts_of
from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.outlines import survey_of_shapes
from gridmap.formats.parcels.readers import File, Opened
from gridmap.formats.parcels.survey import Draft, Stated
from gridmap.frames import FRAMES

_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING, shapely.GeometryType.LINEARRING)


def read_layer(file: File, kind: str, notes: Notes) -> Opened:
    """The parcels of a layer.

    Parameters
    ----------
    file
        The file.
    kind
        One of the kinds of ``gridmap.formats.files.KINDS``.
    notes
        Where decisions, warnings and faults are noted: ``E_GEOMETRY`` where a feature has no surface and is no line.

    Raises
    ------
    GridmapError
        As `gridmap.formats.gdal.read_gdal`, `gridmap.formats.geojson.read_features`.
    FormatError
        ``E_CRS_UNKNOWN``, ``E_NO_PARCEL``, ``E_COLUMN``, ``E_HOLDER``, ``E_TOO_LARGE``.
    """
    notes.place = "feature"
    contents = _contents(file, kind)
    for code, message in contents.warnings:
        notes.warn(f"W_{code.upper()}", message)
    return opened_layer(contents, kind, file, notes)


def opened_layer(contents: Contents, kind: str, file: File, notes: Notes) -> Opened:
    """The parcels of a layer's contents; raises as `read_layer`."""
    stated = stated_of_crs(contents.crs, notes, implied=contents.implied)
    for fault in contents.faults:
        if fault.feature not in contents.unclosed:
            notes.fault(f"E_{fault.code.upper()}", fault.message, fault.feature)
    shapes = _all_shapes(contents, file.max_points, notes)
    drafts = drafts_of(contents.table, file.columns, notes)
    keep, kept = _told_apart(shapes, drafts, notes)
    for feature in contents.unclosed:
        notes.warn("W_RING_NOT_CLOSED", "a ring does not end where it begins; it was closed", feature)
    if not kept:
        notes.refuse()
        raise notes.stop("E_NO_PARCEL", "no feature is a polygon or a line")
    survey = survey_of_shapes(kept, shapes[keep], stated)
    return Opened(survey=survey, format=kind, encoding=contents.encoding, area_unit="m2")


def stated_of_crs(stated: Any, notes: Notes, *, implied: bool) -> Stated:
    """What a layer says of its system.

    Parameters
    ----------
    stated
        Whatever pyproj understands; None where the layer is silent.
    notes
        Where the decision is noted.
    implied
        Whether silence means WGS 84 degrees.

    Raises
    ------
    FormatError
        ``E_CRS_UNKNOWN`` where it says what cannot be understood.
    """
    if stated in {None, ""}:
        return Stated(datum="WGS 84", unit="degree", silent=True) if implied else Stated(silent=True)
    try:
        system = CRS.from_user_input(stated)
        flat = system.sub_crs_list[0] if system.is_compound else system
        if flat.is_engineering or flat.name.casefold().startswith(("unknown", "undefined")):
            return Stated(silent=True)
        name = crs_.parse(_coded(flat))
    except (ProjError, CrsError) as error:
        raise notes.stop("E_CRS_UNKNOWN", f"what the file says of its system is not understood: {error}") from None
    return Stated(epsg=int(name.removeprefix("EPSG:")), datum=crs_.datum_name(name), silent=True)


def _coded(system: CRS) -> Any:
    """A system by the code it carries itself: old WKT turns axes round, after which PROJ recognises it no more."""
    code = system.to_json_dict().get("id", {})
    if "CRS84" in str(code.get("code", "")) or "crs84" in system.name.casefold().replace(" ", ""):
        return 4326
    return f"EPSG:{code['code']}" if code.get("authority") == "EPSG" else system


def _contents(file: File, kind: str) -> Contents:
    """The contents of a file."""
    if kind not in {"geojson", "geojsonl"}:
        return gdal.read_gdal(file.path, kind, frame=FRAMES["parcels"], sublayer=file.sublayer, encoding=file.encoding)
    features, name = geojson.read_features(file.path, lines=kind == "geojsonl")
    index = pd.RangeIndex(len(features.geometry))
    table = pd.DataFrame({key: pd.Series(cells, index=index) for key, cells in features.columns.items()}, index=index)
    return Contents(
        table=table,
        geometry=features.geometry,
        crs=features.crs,
        implied=True,
        encoding=name,
        faults=features.faults,
        unclosed=features.unclosed,
    )


def _all_shapes(contents: Contents, most: int, notes: Notes) -> Any:
    """The shapes, open rings closed, without heights."""
    if contents.geometry is None:
        raise notes.stop("E_NO_PARCEL", "the file has no geometry")
    shapes = contents.geometry.copy()
    for feature, shape in contents.unclosed.items():
        shapes[feature - 1] = shape
    if (count := int(shapely.get_num_coordinates(shapes).sum())) > most:
        raise notes.stop("E_TOO_LARGE", f"{count} points; expected at most {most}: split the file")
    if shapely.has_z(shapes).any():
        notes.decide("heights", "left out", "a parcel is an outline on the ground")
    return shapely.force_2d(shapes)


def _told_apart(shapes: Any, drafts: Sequence[Draft], notes: Notes) -> tuple[Any, list[Draft]]:
    """Which features are parcels, and these as such: lines are kept as lines, points and nothing are no parcels."""
    types = shapely.get_type_id(shapes)
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    surface, line = np.isin(types, _POLYGONS) & ~empty, np.isin(types, _LINES) & ~empty
    known = {fault.line for fault in notes.faults}
    for at in np.flatnonzero(~surface & ~line).tolist():
        if at + 1 not in known:
            message = "the feature has no geometry" if empty[at] else f"a {shapes[at].geom_type} is no parcel"
            notes.warn("W_NO_PARCEL", f"{message}; it was left out", at + 1)
    for at in np.flatnonzero(line).tolist():
        notes.warn("W_LINE", "the feature is a line, not a parcel; it was kept as a line", at + 1)
    keep = np.flatnonzero(surface | line)
    return keep, [replace(drafts[at], shape="polygon" if surface[at] else "line") for at in keep.tolist()]
