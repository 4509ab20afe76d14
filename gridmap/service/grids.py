"""Grids on files or on the record: read what is asked about, and write what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Engine

from gridmap import formats, frames, store
from gridmap.errors import InputError, TableError
from gridmap.frames.validity import in_force
from gridmap.service.tables import columns_of

#: Faults of a file of areas that are for the check to find, not for the reading to refuse.
LEFT_TO_THE_CHECK = ("invalid_ring", "duplicate_key", "zero_area")


def read_layer(
    path: Path,
    layer: str,
    *,
    on: date | None = None,
    columns: Mapping[str, str] | None = None,
    promise: str | None = None,
    **reading: Any,
) -> gpd.GeoDataFrame:
    """Return the rows of a file that are in force on a day, as the layer promises.

    Parameters
    ----------
    path
        Whatever GDAL reads.
    layer
        One of ``frames.FRAMES``.
    on
        The day; None: every row.
    columns
        Ours to theirs; ``layer.ours`` for one layer only. What no table promises at all is told as a fault.
    promise
        The table of ``frames.FRAMES`` that it must be, where the layer is called otherwise.
    **reading
        Options of :func:`gridmap.formats.read`.

    Raises
    ------
    NotFoundError, FormatError, TableError, CrsError
        As :func:`gridmap.formats.read`.
    """
    mapping = columns or {}
    promised = {column.name for frame in frames.FRAMES.values() for column in frame.columns} | {"lon", "lat"}
    strange = {ours: theirs for ours, theirs in mapping.items() if "." not in ours and ours not in promised}
    own = strange | columns_of(layer, mapping, promise=promise)
    table = _read(path, promise or layer, own, layer=layer, **reading)
    return table if on is None else in_force(table, on)


def _read(path: Path, promise: str, columns: Mapping[str, str], *, layer: str, **reading: Any) -> gpd.GeoDataFrame:
    """Read a file as a table; a column that it lacks may be that of another file."""
    try:
        return formats.read(path, layer=promise, columns=columns or None, **reading)
    except TableError as error:
        if not any(fault.code == "unknown_column" for fault in error.faults):
            raise
        hint = f"; if it is a column of another file, state it for that layer alone, as in --column {layer}.ours=theirs"
        faults = [
            replace(fault, message=fault.message + hint) if fault.code == "unknown_column" else fault
            for fault in error.faults
        ]
        raise TableError(path.name, faults) from error


def read_ground(path: Path, *, crs: str | None = None) -> gpd.GeoDataFrame:
    """Return the polygons of any file as one territory.

    Parameters
    ----------
    path
        Whatever GDAL reads; columns do not matter.
    crs
        The CRS where the file does not say.

    Raises
    ------
    NotFoundError, FormatError, CrsError
        As :func:`gridmap.formats.read`.
    InputError
        If it holds no polygon.
    """
    table = formats.read(path, crs=crs)
    shapes = table.geometry.to_numpy()
    ground = shapes[(shapely.get_dimensions(shapes) == 2) & ~shapely.is_empty(shapes)]  # noqa: PLR2004 - a polygon's
    if not len(ground):
        raise InputError(f"{path.name} holds no polygon", expected="the territory as one polygon or several")
    whole = shapely.union_all(shapely.make_valid(ground))
    return gpd.GeoDataFrame(geometry=[whole], crs=table.crs)


def recorded(engine: Engine, layer: str, on: date) -> gpd.GeoDataFrame | None:
    """Return a layer of the record as it is in force on a day, None where it holds nothing then.

    Raises
    ------
    RecordError
        If the record cannot be reached.
    """
    with engine.connect() as connection:
        table = store.read(connection, layer, on=on)
    return None if table.empty else table


def figure_tables(figured: pd.DataFrame, judged: pd.DataFrame, *, by_level: bool) -> dict[str, pd.DataFrame]:
    """Return the figures of areas with what is off the norm beside them, and the norms one by one.

    Parameters
    ----------
    figured, judged
        What `gridmap.standards.figures` and `gridmap.standards.judge` returned.
    by_level
        Whether each level has a table of its own.

    Returns
    -------
    dict of str to DataFrame
        By level, or ``figures``: the figures, then ``off`` (those off their norm, joined by ``;``); last ``norms``.

    Raises
    ------
    None
    """
    off = judged[~judged["kept"].fillna(True)].groupby("code")["figure"].agg(";".join)
    table = figured.assign(off=figured["code"].map(off).fillna(""))
    if not by_level:
        return {"figures": table, "norms": judged}
    levels = {str(level): rows.reset_index(drop=True) for level, rows in table.groupby("level", sort=False)}
    return {**levels, "norms": judged}


def write_grids(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write tables that belong together: layers of ``.gpkg``, sheets of ``.xlsx``; of other files, the first alone.

    Raises
    ------
    InputError
        If the ending is unknown, or the folder does not exist.
    """
    several = path.suffix.lower() in {".gpkg", ".xlsx"}
    formats.write(dict(tables) if several else dict(list(tables.items())[:1]), path)
