"""Tables written to a file that is whole or not there."""

from __future__ import annotations

import csv
import datetime as dt
import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import orjson
import pandas as pd
import shapely

from gridmap import crs as crs_
from gridmap.drafts import draft, refuse_missing_folder
from gridmap.errors import InputError
from gridmap.formats.delimited import guarded
from gridmap.formats.spreadsheets import Sheets, write_sheets

Tables = dict[str, pd.DataFrame]


def write(tables: Mapping[str, pd.DataFrame] | pd.DataFrame, path: str | Path, *, digits: int | None = None) -> None:
    r"""Write tables to a file; while it is being written, and if that fails, what was there before stays.

    By ending: ``.gpkg`` each table a layer, in its own CRS; ``.xlsx`` each a sheet; ``.geojson`` (RFC 7946: WGS 84
    degrees, exterior rings anticlockwise) and ``.csv`` one table. CSV is UTF-8 with a mark that makes Excel show
    Chinese; points are ``lon`` and ``lat``, other shapes WKT in ``geometry``, in degrees. Text that a spreadsheet
    would take for a formula gets an apostrophe in CSV, and stays text in XLSX. Dates and moments are ISO 8601.

    Parameters
    ----------
    tables
        One table, or several by their names.
    path
        The file.
    digits
        Decimal places of degrees in ``.geojson``; all where it is left out. Seven are about a centimetre.

    Raises
    ------
    InputError
        If the ending is not known, several tables are to go into a file for one, there is nothing to write, the folder
        is not there, or the file cannot be written.
    CrsError
        If a table with geometry does not say its CRS, or cannot be brought to WGS 84 without a silent shift.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write(pd.DataFrame({"name": ["=1+1"]}), Path(folder, "a.csv"))
    ...     Path(folder, "a.csv").read_text(encoding="utf-8-sig")
    "name\n'=1+1\n"
    """
    path = Path(path)
    refuse_unwritable(path)
    ending = path.suffix.lower()
    named = {path.stem: tables} if isinstance(tables, pd.DataFrame) else dict(tables)
    if not named:
        raise InputError("there is no table to write", code="empty_layer")
    if len(named) > 1 and ending not in {".gpkg", ".xlsx"}:
        given = f"{ending} holds one table, not {', '.join(named)}"
        raise InputError(given, do="write .gpkg or .xlsx, or one table", code="one_table")
    with draft(path) as fresh:
        _WRITERS[ending](named, fresh, digits)


def refuse_unwritable(path: Path) -> None:
    """Refuse a file that `write` could not write, before the work is done that would fill it.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputError
        If its ending is not known, or its folder is not there.
    """
    ending = path.suffix.lower()
    if ending not in _WRITERS:
        known = ", ".join(_WRITERS)
        raise InputError(
            f"the ending {ending!r} of {path.name} is not known", expected=f"one of {known}", code="unknown_ending"
        )
    refuse_missing_folder(path)


def _write_gpkg(tables: Tables, path: Path, _digits: int | None) -> None:
    """Write each table as a layer."""
    import pyogrio  # GDAL itself, for which no service that is started should wait

    for name, table in tables.items():
        ready = _storable(table)
        with warnings.catch_warnings():
            # an empty geometry column has no one type, which GDAL may be told without harm
            warnings.simplefilter("ignore", UserWarning)
            if _is_spatial(ready):
                pyogrio.write_dataframe(
                    ready, path, layer=name, driver="GPKG", append=path.exists(), **_one_type(ready)
                )
            else:
                pyogrio.write_dataframe(pd.DataFrame(ready), path, layer=name, driver="GPKG", append=path.exists())


def _one_type(table: geopandas.GeoDataFrame) -> dict[str, Any]:
    """The geometry type to promise: single and multiple parts of a kind are multiple parts."""
    kinds = {kind for kind in table.geom_type.unique() if kind}
    if kinds in ({"Polygon", "MultiPolygon"}, {"LineString", "MultiLineString"}):
        return {"promote_to_multi": True}
    return {} if kinds else {"geometry_type": "Unknown"}


def _storable(table: pd.DataFrame) -> pd.DataFrame:
    """The table with column types that GDAL keeps."""
    ready = table.copy()
    for name in ready.columns:
        column = ready[name]
        if column.dtype == object and not isinstance(column.dtype, geopandas.array.GeometryDtype):
            ready[name] = _uniform(column)
    return ready


def _uniform(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column of objects as dates, where all are dates, or else as text."""
    given = column.dropna()
    if len(given) and all(type(cell) is dt.date for cell in given):
        return column
    if len(given) and all(isinstance(cell, (bool, np.bool_)) for cell in given):
        return column.astype("boolean")
    return column.map(lambda cell: None if _is_missing(cell) else cell if isinstance(cell, str) else str(cell)).astype(
        "str"
    )


def _write_geojson(tables: Tables, path: Path, digits: int | None) -> None:
    """Write one table as GeoJSON."""
    table = _degrees(next(iter(tables.values())))
    if not _is_spatial(table):
        raise InputError("the table has no geometry", do="write .csv or .xlsx", code="missing_geometry")
    shapes = shapely.orient_polygons(np.asarray(table.geometry.array))
    if digits is not None:
        shapes = shapely.transform(shapes, lambda points: np.round(points, digits))
    names = [name for name in table.columns if name != table.geometry.name]
    columns = [[_plain(cell) for cell in table[name].astype(object)] for name in names]
    rows = zip(*columns, strict=True) if columns else iter([()] * len(table))
    with path.open("wb") as file:
        file.write(b'{"type":"FeatureCollection","features":[\n')
        for number, (row, shape) in enumerate(zip(rows, shapes, strict=True)):
            properties = dict(zip(map(str, names), row, strict=True))
            geometry = None if shape is None else shapely.geometry.mapping(shape)
            feature = {"type": "Feature", "properties": properties, "geometry": geometry}
            file.write((b",\n" if number else b"") + orjson.dumps(feature))
        file.write(b"\n]}\n")


def csv_text(table: pd.DataFrame, *, header: bool = True) -> str:
    r"""A table as CSV: no cell of it is a formula to a spreadsheet (see `gridmap.formats.delimited.guarded`).

    Parameters
    ----------
    table
        Without geometry.
    header
        Whether the names of the columns come first.

    Returns
    -------
    str
        Lines, the last one ended too; missing cells are empty.

    Raises
    ------
    None

    Examples
    --------
    >>> csv_text(pd.DataFrame({"text": ["=1", None], "n": [0.5, float("nan")]}))
    "text,n\n'=1,0.5\n,\n"
    """
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\n")
    if header:
        writer.writerow([guarded(str(name)) for name in table.columns])
    writer.writerows(zip(*(_texts(table.iloc[:, at]) for at in range(table.shape[1])), strict=True))
    return lines.getvalue()


@contextmanager
def csv_writer(path: str | Path) -> Iterator[Callable[[str], object]]:
    """What writes pieces of CSV, as `csv_text` makes them, one below the other.

    The file appears when it is whole, at the end of the context; nothing is left behind otherwise.

    Parameters
    ----------
    path
        The file, ``.csv``.

    Yields
    ------
    Callable
        Takes a piece, the first with a header, the others without.

    Raises
    ------
    InputError
        If the folder does not exist, or the ending is another.
    """
    path = Path(path)
    _expect(path, ".csv")
    with draft(path) as fresh, fresh.open("w", encoding="utf-8-sig", newline="") as file:
        yield file.write


@contextmanager
def sheets_writer(path: str | Path) -> Iterator[Callable[[str, pd.DataFrame], object]]:
    """What writes tables into sheets of a workbook, in memory that does not grow with their rows.

    The file appears when it is whole, at the end of the context; nothing is left behind otherwise.

    Parameters
    ----------
    path
        The file, ``.xlsx``.

    Yields
    ------
    Callable
        Takes the name of a sheet and a table, whose rows go below those that the sheet has; the first table brings the
        headings. It raises InputError where a sheet gets more rows than Excel opens.

    Raises
    ------
    InputError
        If the folder does not exist, or the ending is another.
    """
    path = Path(path)
    _expect(path, ".xlsx")
    with draft(path) as fresh:
        sheets = Sheets()
        try:
            yield sheets.append
            sheets.save(fresh)
        finally:
            sheets.discard()


def _expect(path: Path, ending: str) -> None:
    """Refuse a file of another ending."""
    if path.suffix.lower() != ending:
        raise InputError(f"{path.name}", expected=f"a name that ends in {ending}", code="unknown_ending")


def _write_csv(tables: Tables, path: Path, _digits: int | None) -> None:
    """Write one table as CSV."""
    path.write_text(csv_text(_flat(next(iter(tables.values())))), encoding="utf-8-sig", newline="")


def _write_xlsx(tables: Tables, path: Path, _digits: int | None) -> None:
    """Write each table as a sheet."""
    write_sheets({name: _flat(table) for name, table in tables.items()}, path)


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its geometry as lon and lat, or as WKT, in degrees."""
    if not _is_spatial(table):
        return pd.DataFrame(table)
    table = _degrees(table)
    shapes, name = np.asarray(table.geometry.array), table.geometry.name
    rest = pd.DataFrame(table.drop(columns=name))
    points = np.isin(shapely.get_type_id(shapes), (-1, shapely.GeometryType.POINT.value))
    if points.all() and not {"lon", "lat"} & set(rest.columns):
        return rest.assign(lon=shapely.get_x(shapes), lat=shapely.get_y(shapes))
    wkt = shapely.to_wkt(shapes, rounding_precision=-1)
    return rest.assign(geometry=pd.Series(wkt, index=rest.index, dtype=object))


def _degrees(table: pd.DataFrame) -> pd.DataFrame:
    """The table in WGS 84 degrees."""
    if not _is_spatial(table):
        return table
    degrees: pd.DataFrame = crs_.to_record(table).set_crs(4326, allow_override=True)
    return degrees


def _is_spatial(table: pd.DataFrame) -> bool:
    """Whether a table has an active geometry column."""
    return isinstance(table, geopandas.GeoDataFrame) and table._geometry_column_name in table.columns  # noqa: SLF001 (.geometry raises)


def _is_missing(cell: Any) -> bool:
    """Whether a cell is missing; a list is not."""
    return cell is None or cell is pd.NaT or cell is pd.NA or (isinstance(cell, float) and bool(np.isnan(cell)))


def _plain(cell: Any) -> Any:
    """A cell as JSON has it."""
    if _is_missing(cell) or (isinstance(cell, float) and bool(np.isinf(cell))):
        return None
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, (dt.date, dt.datetime, dt.time)):
        return cell.isoformat()
    return cell if isinstance(cell, (str, bool, int, float, list, dict)) else str(cell)


def _text(cell: Any) -> str:
    """A cell as CSV has it."""
    plain = _plain(cell)
    if plain is None:
        return ""
    return guarded(plain) if isinstance(plain, str) else str(plain)


def _texts(column: pd.Series[Any]) -> list[Any]:
    """A column's cells as CSV has them; columns of one kind, which most are, without a look at each cell's kind."""
    if pd.api.types.is_float_dtype(column.dtype) and isinstance(column.dtype, np.dtype):
        return ["" if np.isnan(cell) or np.isinf(cell) else cell for cell in column.tolist()]
    if isinstance(column.dtype, pd.StringDtype):
        missing = column.isna().tolist()
        return ["" if blank else guarded(cell) for cell, blank in zip(column.tolist(), missing, strict=True)]
    return [_text(cell) for cell in column.astype(object)]


_WRITERS: dict[str, Callable[[Tables, Path, int | None], None]] = {
    ".gpkg": _write_gpkg,
    ".geojson": _write_geojson,
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
}
