"""A table on its way in: copied as a whole beside its layer, before anything is decided."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from psycopg import Connection as Driver
from psycopg import sql
from sqlalchemy import BigInteger, Column, Connection, Date, Integer, MetaData, SmallInteger, Table, Text
from sqlalchemy.schema import CreateTable, DropTable
from sqlalchemy.types import UserDefinedType

from gridmap.store.schema import LAYERS, OWN_COLUMNS, SRID

#: rows between two reports of progress
PROGRESS_EVERY = 5_000

#: Called with the rows done and the rows in all.
Progress = Callable[[int, int], None]

#: what PostgreSQL calls the binary form of each kind of column
_BINARY = {
    "TEXT": "text",
    "SMALL_INTEGER": "int2",
    "INTEGER": "int4",
    "DOUBLE": "float8",
    "DATE": "date",
    "DATETIME": "timestamptz",
}


class Stored(UserDefinedType[bytes]):
    """A geometry that is passed on as it is, where GeoAlchemy2's would be converted each time it is selected."""

    cache_ok = True

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get_col_spec(self, **_: Any) -> str:
        """Its name in SQL."""
        return f"geometry({self.kind}, {SRID})"


def promised_columns(layer: str) -> tuple[str, ...]:
    """Columns of a layer's table that its promise names, in order, without validity and geometry."""
    return tuple(column.name for column in LAYERS[layer].columns if column.name not in OWN_COLUMNS)


def cells(table: pd.DataFrame, name: str) -> list[Any]:
    """Values of a column as the driver takes them, None where one is missing or the whole column is."""
    if name not in table.columns:
        return [None] * len(table)
    column = table[name]
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        values = np.array(column.dt.tz_convert("UTC").dt.to_pydatetime(), dtype=object)
    else:
        values = column.to_numpy(dtype=object)
    missing = column.isna().to_numpy()
    return [None if gone else value for gone, value in zip(missing.tolist(), values.tolist(), strict=True)]


def stage(
    connection: Connection,
    layer: str,
    table: gpd.GeoDataFrame,
    days: tuple[Sequence[Any], Sequence[Any]],
    progress: Progress | None,
) -> Table:
    """Copy a table into a temporary one, which ends with the transaction.

    Parameters
    ----------
    connection
        Inside the transaction that loads.
    layer
        Name of the layer.
    table
        Conformed, in EPSG:4490; areas with their ``depth``.
    days
        First day in force of each row; and the first day no longer in force, or None.
    progress
        Called with the rows copied so far and the rows in all.

    Returns
    -------
    sqlalchemy.Table
        ``staged``: ``ordinal`` (position of the feature in its file, counted from 1), ``starts``, ``ends``, ``current``
        and ``fate`` (empty as yet), the promised columns, ``digest`` for claims, ``depth`` for areas, and ``geom``.

    Raises
    ------
    sqlalchemy.exc.DBAPIError, psycopg.Error
        If the server refuses a value or goes away.
    """
    staged = _staged_table(layer)
    connection.execute(DropTable(staged, if_exists=True))
    connection.execute(CreateTable(staged))
    shapes = stored_shapes(table.geometry.to_numpy())
    columns = {"ordinal": list(range(1, len(table) + 1)), "starts": days[0], "ends": days[1]}
    columns |= {name: cells(table, name) for name in promised_columns(layer)}
    if layer == "claims":
        columns["digest"] = _digests(columns, shapes)
    if layer == "areas":
        columns["depth"] = cells(table, "depth")
    columns["geom"] = shapes
    _copy(connection, staged, columns, progress)
    connection.exec_driver_sql("ANALYZE staged")
    return staged


def _staged_table(layer: str) -> Table:
    """Describe the temporary table."""
    target = LAYERS[layer]
    return Table(
        "staged",
        MetaData(),
        Column("ordinal", Integer),
        Column("starts", Date),
        Column("ends", Date),
        Column("current", BigInteger),
        Column("fate", Text),
        *(Column(name, target.c[name].type) for name in promised_columns(layer)),
        *([Column("digest", Text(collation="C"))] if "digest" in target.c else []),
        *([Column("depth", SmallInteger)] if "depth" in target.c else []),
        Column("geom", Stored(_kind(target))),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )


def _kind(target: Table) -> str:
    """What kind of geometry a layer holds."""
    kind: str = getattr(target.c.geom.type, "geometry_type")  # noqa: B009 (GeoAlchemy2 declares no types)
    return kind


def stored_shapes(shapes: NDArray[Any]) -> list[bytes]:
    """Return EWKB of geometries in EPSG:4490, flat, polygons and lines as collections of one kind.

    Raises
    ------
    None
    """
    flat = shapely.force_2d(shapes)
    kinds = shapely.get_type_id(flat)
    for single, collect in (
        (shapely.GeometryType.POLYGON, shapely.multipolygons),
        (shapely.GeometryType.LINESTRING, shapely.multilinestrings),
    ):
        rows = np.flatnonzero(kinds == single)
        if len(rows):
            flat[rows] = collect(flat[rows], indices=np.arange(len(rows)))
    return list(shapely.to_wkb(shapely.set_srid(flat, SRID), include_srid=True, byte_order=1))


def _digests(columns: dict[str, Sequence[Any]], shapes: Sequence[bytes]) -> list[str]:
    """Hash of each claim's content, by which it is known."""
    content = zip(*(columns[name] for name in promised_columns("claims")), strict=True)
    return [hashlib.sha256(repr(row).encode() + shape).hexdigest() for row, shape in zip(content, shapes, strict=True)]


def _copy(connection: Connection, staged: Table, columns: dict[str, Sequence[Any]], progress: Progress | None) -> None:
    """Copy columns into the temporary table in binary form, which is the fastest way there is."""
    total = len(columns["ordinal"])
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with (
        driver(connection).cursor() as cursor,
        cursor.copy(sql.SQL("COPY staged ({}) FROM STDIN (FORMAT BINARY)").format(names)) as copy,
    ):
        # the server reads a geometry from its EWKB as it is
        copy.set_types([_BINARY.get(type(staged.c[name].type).__visit_name__.upper(), "bytea") for name in columns])
        for done, row in enumerate(zip(*columns.values(), strict=True)):
            if progress and done % PROGRESS_EVERY == 0:
                progress(done, total)
            copy.write_row(row)
    if progress:
        progress(total, total)


def driver(connection: Connection) -> Driver[Any]:
    """Return the psycopg connection below, in the same transaction."""
    below = connection.connection.driver_connection
    if not isinstance(below, Driver):
        raise TypeError(f"the record is read and written through psycopg, not {type(below)}")
    return below
