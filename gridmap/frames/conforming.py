"""A table held against its promise."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from gridmap.errors import Fault, TableError
from gridmap.frames.cells import absent, converted
from gridmap.frames.columns import Column, Frame
from gridmap.frames.names import columns_of, lon_lat_of, personal_faults
from gridmap.frames.promises import frame
from gridmap.frames.shapes import shape_faults

#: A day number after every date, for rows without an end.
FAR_DAY = 10**9


def conform(
    table: pd.DataFrame,
    layer: str,
    *,
    columns: Mapping[str, str] | None = None,
    source: str = "table",
    keep_extra: bool = False,
    tolerate: Collection[str] = (),
) -> geopandas.GeoDataFrame:
    """The table as promised: its columns named, typed and in order, nothing else.

    Promised columns that the table lacks and may lack come out empty, or with their default and a warning. Text is
    trimmed, blank text is missing; codes that a spreadsheet turned into numbers are text again; a height of coordinates
    is dropped, which ``attrs["warnings"]`` then says. The table that was given is not changed.

    Parameters
    ----------
    table
        Any table; a GeoDataFrame, or for tables of points one with ``lon`` and ``lat`` in degrees.
    layer
        Name of the promise in ``FRAMES``.
    columns
        ``{"ours": "theirs"}`` for columns of other names. Usual synonyms, Chinese ones included, are known.
    source
        What to call the table in messages.
    keep_extra
        Whether columns that are not promised stay behind those that are.
    tolerate
        Codes of faults that are only warned of, such as ``invalid_ring`` where a table is asked and not kept.

    Returns
    -------
    GeoDataFrame
        The promised columns in their order, then ``geometry`` in the table's CRS, with a RangeIndex. Text is ``str``,
        whole numbers ``Int64``, numbers ``float64``, dates objects of ``datetime.date`` or None, moments
        ``datetime64[us, UTC]``. ``attrs["warnings"]`` is a list of ``{"code", "message", "feature"}``.

    Raises
    ------
    TableError
        With every fault of every feature, features counted from 1.
    InputError
        If no table of that name is promised.

    Examples
    --------
    >>> areas = geopandas.GeoDataFrame({"编码": [320613001.0]}, geometry=[shapely.box(0, 0, 9, 9)], crs=4547)
    >>> conform(areas, "areas")["code"].item()
    '320613001'
    """
    promise = frame(layer)
    result, found = _examined(table, promise, columns or {}, keep_extra=keep_extra)
    faults = [fault for fault in found if fault.code not in tolerate]
    if faults:
        raise TableError(source, sorted(faults, key=lambda fault: fault.feature or 0))
    result.attrs["warnings"] += [
        {"code": fault.code, "message": fault.message, "feature": fault.feature} for fault in found
    ]
    return result


def check(table: pd.DataFrame, layer: str, *, columns: Mapping[str, str] | None = None) -> list[Fault]:
    """Every fault of a table against its promise, in the order of its features; an empty list where it keeps it.

    Parameters
    ----------
    table, layer, columns
        As for `conform`.

    Raises
    ------
    InputError
        If no table of that name is promised.

    Examples
    --------
    >>> areas = geopandas.GeoDataFrame({"code": ["1"]}, geometry=[shapely.Point(0, 0)], crs=4547)
    >>> [(fault.code, fault.feature) for fault in check(areas, "areas")]
    [('wrong_geometry', 1)]
    """
    _, faults = _examined(table, frame(layer), columns or {}, keep_extra=False)
    return sorted(faults, key=lambda fault: fault.feature or 0)


def _examined(
    table: pd.DataFrame, promise: Frame, columns: Mapping[str, str], *, keep_extra: bool
) -> tuple[geopandas.GeoDataFrame, list[Fault]]:
    """The table as promised, and its faults."""
    geometry_name = table.geometry.name if _has_geometry(table) else None
    names = [str(name) for name in table.columns if name != geometry_name]
    bare = pd.DataFrame(table.drop(columns=[geometry_name] if geometry_name else [])).set_axis(names, axis=1)
    bare = bare.reset_index(drop=True)
    faults = [*_repeated_names(names), *personal_faults(names)]
    if len(set(names)) < len(names):
        bare = bare.loc[:, ~bare.columns.duplicated()]
    found, more = columns_of(list(bare.columns), promise, columns)
    faults += more
    cells, more = _cells(bare, promise, found)
    faults += more
    geometry, more, warnings = _geometry(table, bare, promise, columns)
    warnings += [_taken(column) for column in promise.columns if column.default and column.name not in found]
    faults += more + list(_key_faults(cells, promise)) + list(_validity_faults(cells, promise))
    if keep_extra:
        cells |= {name: bare[name] for name in bare.columns if name not in {*found.values(), *cells, "geometry"}}
    frame_ = pd.DataFrame(cells, index=bare.index)
    result = geopandas.GeoDataFrame(frame_, geometry=geometry)
    result.attrs = {**{key: value for key, value in table.attrs.items() if key == "reading"}, "warnings": warnings}
    return result, faults


def _has_geometry(table: pd.DataFrame) -> bool:
    """Whether a table has an active geometry column."""
    return isinstance(table, geopandas.GeoDataFrame) and table._geometry_column_name in table.columns  # noqa: SLF001 (asking .geometry raises)


def _repeated_names(names: list[str]) -> Iterator[Fault]:
    """Faults of columns that are there twice."""
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault(code="repeated_column", message=f"{names.count(name)} columns of this name", column=name)


def _cells(table: pd.DataFrame, promise: Frame, found: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """The promised columns, and what is wrong in their cells."""
    cells: dict[str, Any] = {}
    faults: list[Fault] = []
    for column in promise.columns:
        cells[column.name], more = _one_column(table, column, found.get(column.name))
        faults += more
    return cells, faults


def _one_column(table: pd.DataFrame, column: Column, theirs: str | None) -> tuple[pd.Series[Any], list[Fault]]:
    """One promised column."""
    if theirs is None and column.default:
        return pd.Series(column.default, index=table.index, dtype="str"), []
    if theirs is None:
        return absent(column, table.index), []
    return converted(table[theirs], column)


def _geometry(
    table: pd.DataFrame, bare: pd.DataFrame, promise: Frame, columns: Mapping[str, str]
) -> tuple[geopandas.GeoSeries, list[Fault], list[dict[str, Any]]]:
    """The geometry in two dimensions, its faults and warnings."""
    if _has_geometry(table):
        shapes, crs = np.asarray(table.geometry.array), table.geometry.crs
    elif promise.pointlike and (pair := lon_lat_of(list(bare.columns), columns)) is not None:
        return _from_lon_lat(bare, pair, placeless=promise.placeless)
    elif promise.placeless:
        return geopandas.GeoSeries([None] * len(bare), index=bare.index, crs=pyproj.CRS.from_epsg(4326)), [], []
    else:
        wanted = "geometry, or columns lon and lat" if promise.pointlike else "geometry"
        empty = geopandas.GeoSeries([None] * len(bare), index=bare.index)
        message = f"the table has no {wanted}; expected a {' or '.join(promise.geometry)} per row"
        return empty, [Fault(code="missing_geometry", message=message)], []
    high = np.flatnonzero(shapely.has_z(shapes))
    warnings = [_dropped_height(len(high), int(high[0]) + 1)] if len(high) else []
    flat = shapely.force_2d(shapes) if (shapely.has_z(shapes) | shapely.has_m(shapes)).any() else shapes
    faults = shape_faults(flat, promise.geometry, crs)
    if promise.placeless:
        faults = [fault for fault in faults if fault.code != "missing_geometry"]
    return geopandas.GeoSeries(flat, index=bare.index, crs=crs), faults, warnings


def _taken(column: Column) -> dict[str, Any]:
    """The warning of a column that is not there and whose default is taken."""
    message = f"no column {column.name} ({column.meaning}): every row is taken to say {column.default}"
    return {"code": "assumed_column", "message": message, "feature": None}


def _dropped_height(count: int, first: int) -> dict[str, Any]:
    """The warning of coordinates in three dimensions."""
    message = f"the heights of the coordinates of {count} features were dropped"
    return {"code": "height_dropped", "message": message, "feature": first}


def _from_lon_lat(
    bare: pd.DataFrame, pair: tuple[str, str], *, placeless: bool
) -> tuple[geopandas.GeoSeries, list[Fault], list[dict[str, Any]]]:
    """Points from columns of longitude and latitude in degrees (WGS 84); none where both may be blank and are."""
    wgs84 = pyproj.CRS.from_epsg(4326)
    nowhere = bare[list(pair)].isna().all(axis=1).to_numpy() if placeless else np.zeros(len(bare), dtype=bool)
    axes = [
        converted(bare[name], Column(name=word, kind="number", meaning="degrees", required=True))
        for name, word in zip(pair, ("lon", "lat"), strict=True)
    ]
    (lon, faults), (lat, more) = axes
    faults = [fault for fault in (*faults, *more) if fault.feature is None or not nowhere[fault.feature - 1]]
    bad = {fault.feature for fault in faults}
    points = shapely.points(lon.to_numpy(), lat.to_numpy())
    points[nowhere] = None
    found = shape_faults(points, ("point",), wgs84)
    faults += [fault for fault in found if fault.feature not in bad and not nowhere[(fault.feature or 0) - 1]]
    return geopandas.GeoSeries(points, index=bare.index, crs=wgs84), faults, []


def _key_faults(cells: Mapping[str, pd.Series[Any]], promise: Frame) -> Iterator[Fault]:
    """Faults of rows that have the key of an earlier one on the same day."""
    if promise.key is None:
        return
    column = cells[promise.key]
    repeated = np.flatnonzero((column.duplicated(keep=False) & column.notna()).to_numpy())
    keys, days = column.to_numpy(dtype=object), _days(cells) if promise.dated else None
    groups: dict[str, list[int]] = {}
    for row in repeated.tolist():
        groups.setdefault(keys[row], []).append(row)
    for key, rows in groups.items():
        for row, earlier in _clashes(rows, days):
            when = " for days that both are in force" if promise.dated else ""
            message = f"{promise.key} {key!r} is that of feature {earlier + 1} already{when}"
            yield Fault(code="duplicate_key", message=message, feature=row + 1, column=promise.key)


def _days(cells: Mapping[str, pd.Series[Any]]) -> npt.NDArray[np.int64]:
    """First day in force and first day no longer in force of each row, as day numbers; open ends are far away."""
    ends = (("valid_from", 0), ("valid_to", FAR_DAY))
    columns = [
        [open_end if day is None else day.toordinal() for day in cells[name].to_numpy(dtype=object)]
        for name, open_end in ends
    ]
    return np.array(columns, dtype=np.int64).T


def _clashes(rows: list[int], days: npt.NDArray[np.int64] | None) -> Iterator[tuple[int, int]]:
    """Rows of one key that clash, each with the earlier row that it clashes with."""
    if days is None:
        yield from ((row, rows[0]) for row in rows[1:])
        return
    first, *others = sorted(rows, key=lambda row: (days[row, 0], row))
    holder = first
    for row in others:
        if days[row, 0] < days[holder, 1]:
            yield max(row, holder), min(row, holder)
        if days[row, 1] > days[holder, 1]:
            holder = row


def _validity_faults(cells: Mapping[str, pd.Series[Any]], promise: Frame) -> Iterator[Fault]:
    """Faults of rows that end before they begin."""
    if not promise.dated:
        return
    days = _days(cells)
    for row in np.flatnonzero(days[:, 1] <= days[:, 0]).tolist():
        start, end = (cells[name].to_numpy(dtype=object)[row] for name in ("valid_from", "valid_to"))
        message = f"valid_to {end} is not after valid_from {start}; valid_to is the first day no longer in force"
        yield Fault(code="empty_validity", message=message, feature=row + 1, column="valid_to")
