"""A file read: found, opened, its CRS decided, its geometry checked and mended, its table held against a promise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import crs as crs_
from gridmap import frames
from gridmap.errors import Fault, FormatError, TableError
from gridmap.formats import (
    archives,
    delimited,
    files,
    gdal,
    geojson,
    gpx,
    jsonlines,
    mending,
    parquet,
    references,
    spreadsheets,
)
from gridmap.formats.contents import Contents
from gridmap.formats.options import Options

#: Rows that are read at a time from files that are read in parts.
_PART_ROWS = 200_000


def read(  # noqa: PLR0913 (each is a thing that files leave unsaid)
    path: str | Path,
    *,
    layer: str | None = None,
    crs: str | int | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    sublayer: str | None = None,
    mend: bool = False,
    tolerate: Collection[str] = (),
    keep_extra: bool = False,
    max_bytes: int = files.MAX_BYTES,
) -> geopandas.GeoDataFrame:
    r"""The table in a file, and in ``attrs["reading"]`` what was done to read it.

    Files by their ending: GeoJSON, GPKG, SHP (zipped too), FlatGeobuf, KML, KMZ, GPX, GML, DXF, MapInfo, file
    geodatabase, OpenStreetMap PBF, Parquet, XLSX, JSON lines and CSV (with WKT, with lon and lat in degrees, or with x
    and y). Encodings that a file does not state are found out. GCJ-02 and BD-09 are set right, to WGS 84.

    Parameters
    ----------
    path
        The file.
    layer
        Name of a table in ``frames.FRAMES``: the table is checked against that promise and comes out as promised.
        Where it is left out, the table comes out as it is in the file.
    crs
        The CRS of the coordinates where the file does not say: EPSG code, ``"GCJ-02"`` or ``"BD-09"``.
    columns
        ``{"ours": "theirs"}`` for columns of other names.
    encoding
        Encoding of the text where it is known.
    sublayer
        Layer or sheet of a file that has several.
    mend
        Whether invalid polygons are made valid and open rings closed.
    tolerate
        As for ``frames.conform``; also faults of a geometry, which then is missing: ``too_few_points``,
        ``unclosed_ring``.
    keep_extra
        As for ``frames.conform``.
    max_bytes
        Larger files, and archives that unpack to more, are refused.

    Returns
    -------
    GeoDataFrame
        With a RangeIndex. ``attrs["reading"]`` is a dict fit for JSON: ``source``, ``sha256``, ``encoding``, ``crs``
        (what was decided and why), ``epsg``, ``features``, ``warnings`` (``code``, ``message``, ``feature``) and
        ``mended`` (``feature``, ``reason``, ``area_before_m2``, ``area_after_m2``, ``changed_m2``).

    Raises
    ------
    NotFoundError
        If there is no such file or layer in it.
    TooLargeError
        If it is larger than ``max_bytes``, or an archive that unpacks beyond measure.
    FormatError
        If it is not what it claims to be; ``code`` says in which way: ``empty_file``, ``lfs_pointer``,
        ``broken_json``, ``truncated``, ``wrong_format``, ``missing_shx``, ``missing_dbf``, ``bad_encoding``,
        ``empty_layer``, ...
    CrsError
        If its CRS is not known (``missing_crs``), contradicted (``crs_contradiction``) or cannot be (``not_degrees``).
    TableError
        With every fault of its features and its table.
    InputError
        If it is a folder, of an unknown ending, or has several layers.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.csv").write_text("编号,地址,经度,纬度\n7,人民路1号,120.9,32.0\n", encoding="gbk")
    ...     table = read(Path(folder, "a.csv"), layer="addresses")
    >>> table["text"].item(), table.attrs["reading"]["encoding"]
    ('人民路1号', 'gb18030')
    """
    frame = frames.frame(layer) if layer is not None else None
    options = Options(
        frame=frame,
        crs=crs,
        columns=columns,
        encoding=encoding,
        sublayer=sublayer,
        mend=mend,
        tolerate=tolerate,
        keep_extra=keep_extra,
    )
    found = files.find(path, max_bytes=max_bytes)
    # coordinates may be infinite, which is told as a fault and no matter for numpy's warnings
    with np.errstate(all="ignore"):
        return finished(found, _contents(found, options, max_bytes), options)


def _contents(found: files.Found, options: Options, max_bytes: int) -> Contents:
    """The contents of the file, or of the one in it where it is an archive."""
    if found.kind != "zip":
        return _opened(found.path, found.kind, options)
    with TemporaryDirectory(prefix="gridmap-") as folder:
        inner = archives.unpacked(found.path, Path(folder), member=options.sublayer, max_bytes=max_bytes)
        return _opened(inner.path, inner.kind, archives.within(options, inner))


def _opened(path: Path, kind: str, options: Options) -> Contents:
    """The contents of a file of that kind."""
    if kind in {"geojson", "geojsonl"}:
        contents = _from_geojson(path, lines=kind == "geojsonl")
    elif kind == "csv":
        table, encoding = delimited.read_csv(path, encoding=options.encoding)
        contents = placed(table, options).changed(encoding=encoding)
    elif kind in {"jsonl", "parquet"} or (kind == "gpx" and _is_fixes(options)):
        contents = _from_parts(path, kind, options)
    elif kind == "xlsx":
        contents = placed(spreadsheets.read_sheet(path, sheet=options.sublayer), options)
    else:
        contents = gdal.read_gdal(path, kind, frame=options.frame, sublayer=options.sublayer, encoding=options.encoding)
    if not len(contents.table) and not (contents.geometry is not None and len(contents.geometry)):
        raise FormatError(f"{path.name} has no features", expected="at least one", code="empty_layer")
    return contents


def _is_fixes(options: Options) -> bool:
    """Whether fixes are asked for."""
    return options.frame is not None and options.frame.name == "fixes"


def _from_parts(path: Path, kind: str, options: Options) -> Contents:
    """The contents of a file that is read in parts, put together."""
    if kind == "gpx":
        return _joined(list(gpx.read_points(path, size=_PART_ROWS)))
    if kind == "jsonl":
        tables = list(jsonlines.read_objects(path, size=_PART_ROWS, encoding=options.encoding))
        return placed(pd.concat(tables, ignore_index=True), options)
    whole = _joined(list(parquet.read_batches(path, size=_PART_ROWS)))
    return placed(whole.table, options) if whole.geometry is None else whole


def _joined(parts: Sequence[Contents]) -> Contents:
    """Contents one after the other."""
    if not parts:
        return Contents(table=pd.DataFrame(), geometry=None)
    located = [part.geometry for part in parts if part.geometry is not None]
    return parts[0].changed(
        table=pd.concat([part.table for part in parts], ignore_index=True),
        geometry=np.concatenate(located) if located else None,
        warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
    )


def _from_geojson(path: Path, *, lines: bool) -> Contents:
    """The contents of a GeoJSON file."""
    features, encoding = geojson.read_features(path, lines=lines)
    index = pd.RangeIndex(len(features.geometry))
    table = pd.DataFrame({name: pd.Series(cells, index=index) for name, cells in features.columns.items()}, index=index)
    return Contents(
        table=table,
        geometry=features.geometry,
        crs=features.crs,
        implied=True,
        encoding=encoding,
        faults=features.faults,
        unclosed=features.unclosed,
    )


def placed(table: pd.DataFrame, options: Options) -> Contents:
    """The contents of a table whose columns may hold the geometry; raises nothing, faults are in the contents."""
    place = delimited.placed(table, options.columns)
    keep = [name for name in table.columns if name not in place.used or place.kind != "wkt"]
    return Contents(
        table=table[keep], geometry=place.geometry, implied=place.kind in {"lon_lat", "wkt"}, faults=place.faults
    )


def finished(found: files.Found, contents: Contents, options: Options) -> geopandas.GeoDataFrame:
    """The table with its CRS, mended and as promised, and the report of its reading; raises as `read`."""
    reading: dict[str, Any] = {
        "source": found.path.name,
        "sha256": found.sha256,
        "encoding": contents.encoding,
        "crs": "no geometry",
        "epsg": None,
        "features": len(contents.table),
        "warnings": [{"code": code, "message": message, "feature": None} for code, message in contents.warnings],
        "mended": [],
    }
    if contents.geometry is None:
        table = geopandas.GeoDataFrame(contents.table)
    else:
        table = _located(contents, contents.geometry, options, reading)
    faults = [fault for fault in contents.faults if not _is_mended(fault, reading["mended"])]
    table = _promised(
        table, [fault for fault in faults if fault.code not in options.tolerate], options, found.path.name
    )
    reading["warnings"] += [
        {"code": fault.code, "message": fault.message, "feature": fault.feature}
        for fault in faults
        if fault.code in options.tolerate
    ]
    reading["warnings"] += table.attrs.pop("warnings", [])
    table.attrs["reading"] = reading
    return table


def _located(
    contents: Contents, geometry: npt.NDArray[Any], options: Options, reading: dict[str, Any]
) -> geopandas.GeoDataFrame:
    """The table with its geometry in the CRS that was decided on, mended where that was asked for."""
    decision = references.decide(
        stated=contents.crs,
        asked=options.crs,
        geometry=_with_closed(geometry, contents.unclosed),
        source=reading["source"],
        implied=contents.implied,
    )
    reading |= {"crs": decision.sentence, "epsg": decision.epsg}
    unclosed = dict(contents.unclosed)
    if decision.shifted:
        geometry = _set_right(geometry, decision.name)
        unclosed = {at: _set_right(np.array([shape]), decision.name)[0] for at, shape in unclosed.items()}
        reading["crs"] += "; the coordinates were set right to WGS 84 (EPSG:4326)"
    table = contents.table.drop(columns="geometry", errors="ignore")
    series = geopandas.GeoSeries(geometry, index=table.index, crs=decision.epsg)
    located = geopandas.GeoDataFrame(table, geometry=series)
    if options.mend:
        located, reading["mended"] = mending.mended(located, unclosed)
    elif options.frame is None:
        reading["warnings"] += _invalid(geometry)
    return located


def _with_closed(geometry: npt.NDArray[Any], unclosed: Mapping[int, Any]) -> npt.NDArray[Any]:
    """The geometry with the open rings closed, to look at its coordinates."""
    shapes = geometry.copy()
    for feature, shape in unclosed.items():
        shapes[feature - 1] = shape
    return shapes


def _set_right(geometry: npt.NDArray[Any], name: str) -> npt.NDArray[Any]:
    """Coordinates of GCJ-02 or BD-09 as WGS 84."""
    finite = geometry.copy()
    moved = shapely.transform(finite, lambda points: np.column_stack(crs_.to_wgs84(points[:, 0], points[:, 1], name)))
    return np.asarray(moved)


def _invalid(geometry: npt.NDArray[Any]) -> list[dict[str, Any]]:
    """Warnings of invalid geometries."""
    bad = np.flatnonzero(~shapely.is_valid(geometry) & ~shapely.is_missing(geometry))
    return [
        {"code": "invalid_ring", "message": str(shapely.is_valid_reason(geometry[row])), "feature": row + 1}
        for row in bad.tolist()
    ]


def _is_mended(fault: Fault, mends: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an open ring was closed."""
    return fault.code == "unclosed_ring" and any(mend["feature"] == fault.feature for mend in mends)


def _promised(
    table: geopandas.GeoDataFrame, faults: Sequence[Fault], options: Options, source: str
) -> geopandas.GeoDataFrame:
    """The table as promised, or as it is where nothing is promised."""
    all_faults = list(faults)
    try:
        if options.frame is not None:
            table = frames.conform(
                table,
                options.frame.name,
                columns=options.columns,
                source=source,
                tolerate=options.tolerate,
                keep_extra=options.keep_extra,
            )
        else:
            table = _renamed(table, options.columns or {}, source)
    except TableError as error:
        # a geometry that could not be built is no missing one
        known = {fault.feature for fault in faults if fault.feature is not None}
        all_faults += [
            fault for fault in error.faults if fault.code != "missing_geometry" or fault.feature not in known
        ]
    if all_faults:
        raise TableError(source, sorted(all_faults, key=lambda fault: fault.feature or 0))
    return table


def _renamed(table: geopandas.GeoDataFrame, columns: Mapping[str, str], source: str) -> geopandas.GeoDataFrame:
    """The table with the user's names of columns."""
    strange = [theirs for theirs in columns.values() if theirs not in table.columns]
    if strange:
        listed = ", ".join(map(str, table.columns))
        message = f"{', '.join(strange)} is not in the file; it has {listed}"
        raise TableError(source, [Fault(code="unknown_column", message=message)])
    return table.rename(columns={theirs: ours for ours, theirs in columns.items()})
