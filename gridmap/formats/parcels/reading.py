"""A file of parcels read: its format told, its system decided, its rings made shapes, its areas compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd

from gridmap.errors import FormatError, GridmapError, NotFoundError, TableError
from gridmap.formats.parcels import readers, territory
from gridmap.formats.parcels.finishing import Asked, finished
from gridmap.formats.parcels.leaving import Change
from gridmap.formats.parcels.notes import Notes

#: Files larger than this are refused unless the caller allows more.
MAX_BYTES = 512 * 1024**2
#: Points of one file; a file of more is a mistake or an attack.
MAX_POINTS = 5_000_000


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a file of parcels holds, and what was decided to read it."""

    #: id, name, party? (a label the user named), declared_area_m2, area_m2 (planar in the CRS; NaN for a line), parts,
    #: points (how many), line (of the parcel in the file), geometry: in the file's own CRS, east first
    parcels: geopandas.GeoDataFrame
    #: parcel, ring (from 1 in each parcel), number (from 1 in each ring), name (as written), line, x_north, y_east;
    #: closing points are left out
    points: pd.DataFrame
    #: EPSG code of the parcels' CRS
    epsg: int
    #: order in the file: ``north_east``, ``east_north``, ``lon_lat`` or ``lat_lon``
    axis_order: str
    #: ``m`` or ``degree``
    unit: str
    #: ``CGCS2000``, ``Xian 1980``, ``Beijing 1954``, ``WGS 84`` or the register's name of another
    datum: str
    #: ``exchange``, ``points``, ``dxf``, ``kml``, ``kmz``, ``geojson``, ``gpkg``, ``shapefile``, ...
    format: str
    #: Python's name of the text's encoding
    encoding: str
    #: what, value, why: every decision with its reason
    decided: pd.DataFrame
    #: code, line (row of a sheet, feature of a layer; missing: the whole file), message, message_zh
    warnings: pd.DataFrame
    #: what an exchange file says of itself, in its own words
    header: Mapping[str, str]
    #: fields of each parcel that go back into an exchange file
    fields: tuple[Mapping[str, str], ...] = ()


def read_parcels(  # noqa: PLR0913 (each is a thing that files leave unsaid)
    path: str | Path,
    *,
    within: geopandas.GeoDataFrame | None = None,
    crs: str | int | None = None,
    datum_parameters: Change | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    sublayer: str | None = None,
    max_bytes: int = MAX_BYTES,
    max_points: int = MAX_POINTS,
) -> Reading:
    r"""Parcels as an office hands them over, with everything that was decided to read them; nothing is guessed.

    The national coordinate-exchange text, tables of boundary points (CSV, XLSX), DXF, KML, KMZ, and what GDAL reads:
    shapefile, GeoJSON, GeoPackage, file geodatabase. Names of right holders are never kept.

    Parameters
    ----------
    path
        The file.
    within
        The territory that the parcels lie in: it tells the zone of eastings that carry none, and catches a wrong one.
    crs
        The system where the file does not say: EPSG code, ``"GCJ-02"`` or ``"BD-09"``; these are set right to WGS 84.
    datum_parameters
        What leaves Xian 1980 or Beijing 1954: `gridmap.crs.SevenParameters`, `gridmap.crs.PlaneFit`, or a table of
        common points (``x_old``, ``y_old``, ``x_new``, ``y_new``: east first, in the file's system and in the same zone
        of CGCS2000), which confirms the seven parameters of the file where it has any, else is fitted in the plane.
        Without it coordinates stay on their datum, with a warning.
    columns
        ``{"id": theirs, "name": theirs, "area": theirs, "party": theirs}`` of a layer; a party is a label (a village, a
        group) that the user names.
    encoding
        Encoding of the text where it is known.
    sublayer
        Which layer of a GeoPackage, a geodatabase or a drawing, or which sheet of a workbook; else all of these two.
    max_bytes
        Larger files, and archives that unpack to more, are refused.
    max_points
        Files of more points are refused.

    Returns
    -------
    Reading
        Parcels in the file's own system, their points, and why.

    Raises
    ------
    NotFoundError
        If there is no such file.
    CrsError
        If the territory does not say its system.
    FormatError
        Every refusal, in English and Chinese, with its code and line: ``E_ENCODING``, ``E_NO_PARCEL``,
        ``E_POINT_BEFORE_PARCEL``, ``E_HEAD_MIXED``, ``E_COLUMNS_TWICE``,
        ``E_POINT_COLUMNS``, ``E_PARCEL_COLUMNS``, ``E_NUMBER``, ``E_RANGE``, ``E_MIXED_ZONE``, ``E_ZONE_UNKNOWN``,
        ``E_DATUM_UNKNOWN``, ``E_UNIT_UNKNOWN``, ``E_RING_TOO_SHORT``, ``E_SELF_INTERSECTION``, ``E_ZERO_AREA``,
        ``E_OUTSIDE_TERRITORY``, ``E_CRS_CONTRADICTION``, ``E_DWG``, ... All faults that can be told at once are in
        ``values["faults"]``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> text = '''[属性描述]
    ... 坐标系=2000国家大地坐标系
    ... [地块坐标]
    ... 4,0.0100,DK1,东河组,面,,,,@
    ... J1,1,3352700.000,40520700.000
    ... J2,1,3352700.000,40520710.000
    ... J3,1,3352710.000,40520710.000
    ... J1,1,3352700.000,40520700.000
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_text(text, encoding="gbk")
    ...     reading = read_parcels(Path(folder, "a.txt"))
    >>> reading.epsg, reading.axis_order, float(reading.parcels.area_m2[0]), list(reading.warnings.code)
    (4528, 'north_east', 50.0, ['W_AREA_MISMATCH'])
    """
    path = Path(path)
    if not path.exists():
        raise NotFoundError(f"there is no file {path}", do="check the name and the folder", code="missing_file")
    ground = None if within is None else territory.ground_of(within)
    asked = Asked(crs=crs, within=ground, datum_parameters=datum_parameters)
    file = readers.File(
        path=path,
        columns=columns or {},
        encoding=encoding,
        max_bytes=max_bytes,
        max_points=max_points,
        sublayer=sublayer,
    )
    notes = Notes(path.name or str(path))
    try:
        # coordinates may be infinite, which is told as a fault and no matter for numpy's warnings
        with np.errstate(all="ignore"):
            return _read(file, notes, asked)
    except GridmapError as error:
        raise _refused(error, notes) from None


def _read(file: readers.File, notes: Notes, asked: Asked) -> Reading:
    """The reading of a file."""
    opened = readers.opened(file, notes)
    done = finished(opened.survey, notes, asked, area_unit=opened.area_unit)
    return Reading(
        parcels=done.parcels,
        points=done.points,
        epsg=done.system.epsg,
        axis_order=done.system.axis_order,
        unit=done.system.unit,
        datum=done.system.datum,
        format=opened.format,
        encoding=opened.encoding,
        decided=notes.decided(),
        warnings=notes.warnings(),
        header=opened.survey.header,
        fields=tuple(draft.fields for draft in opened.survey.parcels),
    )


def _refused(error: GridmapError, notes: Notes) -> FormatError:
    """A refusal of a reader of layers as one of parcels."""
    if isinstance(error, FormatError) and error.code.startswith("E_"):
        return error
    if isinstance(error, TableError):
        for fault in error.faults[:-1]:
            notes.fault(f"E_{fault.code.upper()}", fault.message, fault.feature or fault.line)
        last = error.faults[-1]
        return notes.stop(f"E_{last.code.upper()}", last.message, last.feature or last.line)
    return notes.stop(f"E_{error.code.upper()}" if error.code else "E_UNREADABLE", str(error))
