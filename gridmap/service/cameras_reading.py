"""Cameras of any file: tables, OpenStreetMap, the national catalogue; with what was taken for granted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap import formats, frames
from gridmap.errors import NotFoundError
from gridmap.frames.validity import in_force
from gridmap.service.grids import read_layer
from gridmap.visibility.reading import catalogue, osm_tags, words

#: Faults of a file of buildings that are only warned of: what is left of a footprint hides all the same.
WALLS_ALL_THE_SAME = ("missing_geometry", "too_few_points", "unclosed_ring", "zero_area", "invalid_ring")
#: Endings of OpenStreetMap's own files, whose points are read.
_OSM = (".pbf", ".osm")
_NOTES = ("camera", "code", "what")


def read_cameras(
    path: Path,
    *,
    on: date | None = None,
    columns: Mapping[str, str] | None = None,
    **reading: Any,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the cameras of a file, and what was taken for granted or left out.

    A file of OpenStreetMap is searched for its surveillance nodes; a catalogue of GB/T 28181 is known by its columns;
    every other file holds the columns of the frame.

    Parameters
    ----------
    path
        Whatever GDAL reads.
    on
        The day; None: every row.
    columns
        Ours to theirs; ``cameras.ours`` for this layer alone.
    **reading
        Options of `gridmap.formats.read`.

    Returns
    -------
    tuple of GeoDataFrame and DataFrame
        Cameras as `gridmap.frames.CAMERAS` promises them; notes: camera, code, what.

    Raises
    ------
    NotFoundError, FormatError, TableError, CrsError
        As `gridmap.formats.read`.
    """
    raw = formats.read(path, sublayer="points" if path.suffix.lower() in _OSM else None, **reading)
    made, notes = _recognised(raw)
    if made is None:
        made, notes = read_layer(path, "cameras", columns=columns, **reading), no_notes()
    made.attrs["reading"] = made.attrs.get("reading", raw.attrs.get("reading", {}))
    return made if on is None else in_force(made, on), notes


def _recognised(raw: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame | None, pd.DataFrame]:
    """Return the cameras of OpenStreetMap or of a catalogue; None for a table that is neither."""
    if osm_tags.is_surveillance(raw):
        made, notes = osm_tags.cameras(raw)
    elif catalogue.is_catalogue(raw):
        made, notes = catalogue.cameras(raw)
    else:
        return None, no_notes()
    if made.empty:
        raise NotFoundError("no camera in the file", do="look at what was left out, or name another file")
    return frames.conform(made, "cameras", source="cameras"), noted(no_notes(), notes)


def headed(
    cameras: gpd.GeoDataFrame, streets: gpd.GeoDataFrame | None, notes: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return cameras with the headings that their directions in words give, and what was noted besides.

    Parameters
    ----------
    cameras
        With ``direction`` where known.
    streets
        Streets that the words may name, any CRS.
    notes
        What is noted of the cameras already: camera, code, what.

    Raises
    ------
    CrsError
        If a table does not say its CRS.
    """
    made, more = words.headings(cameras, streets)
    return made, noted(notes, more)


def no_notes() -> pd.DataFrame:
    """Return a table of notes that holds none: camera, code, what."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in _NOTES})


def noted(*tables: pd.DataFrame) -> pd.DataFrame:
    """Return notes one after the other; without a code, it is what was assumed."""
    named = [
        table.rename(columns={"column": "code", "message": "what"}).reindex(columns=_NOTES)
        for table in tables
        if len(table)
    ]
    return pd.concat(named, ignore_index=True) if named else no_notes()
