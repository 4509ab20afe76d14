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
from gridmap.service.tables import columns_of
from gridmap.visibility.reading import catalogue, codes, osm_tags, words

#: Faults of a file of buildings that are only warned of: what is left of a footprint hides all the same.
WALLS_ALL_THE_SAME = ("missing_geometry", "too_few_points", "unclosed_ring", "zero_area", "invalid_ring")
#: Endings of OpenStreetMap's own files, whose points are read.
_OSM = (".pbf", ".osm")
_NOTES = ("camera", "code", "what")
_UNMAPPED = "the columns stated for {} are not looked at: catalogues and OpenStreetMap have names of their own"


def read_cameras(
    path: Path,
    *,
    on: date | None = None,
    columns: Mapping[str, str] | None = None,
    sublayer: str | None = None,
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
        Ours to theirs; ``cameras.ours`` for this layer alone. Of a table; the others have columns of their own, and a
        note says so.
    sublayer
        Layer inside a file that holds several; of OpenStreetMap the points if left out.
    **reading
        Options of `gridmap.formats.read`.

    Returns
    -------
    tuple of GeoDataFrame and DataFrame
        Cameras as `gridmap.frames.CAMERAS` promises them; notes: camera, code, what, those of codes that are none of
        GB/T 28181 among them.

    Raises
    ------
    NotFoundError, FormatError, TableError, CrsError
        As `gridmap.formats.read`.
    """
    inner = sublayer or ("points" if path.suffix.lower() in _OSM else None)
    raw = formats.read(path, sublayer=inner, **reading)
    made, notes = _recognised(raw)
    if made is None:
        made = read_layer(path, "cameras", columns=columns, sublayer=sublayer, **reading)
        notes = noted(codes.table_notes(made))
    elif stated := columns_of("cameras", columns or {}):
        notes = noted(notes, pd.DataFrame([(None, "column", _UNMAPPED.format(", ".join(stated)))], columns=_NOTES))
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


def gathered(notes: pd.DataFrame) -> pd.DataFrame:
    """Return notes with those that say the same of several cameras as one, the commonest first.

    Parameters
    ----------
    notes
        camera, code, what.

    Returns
    -------
    DataFrame
        ``code``, ``what``, ``cameras`` (their number), ``camera`` (its identifier where it is one alone).

    Raises
    ------
    Nothing
        Without notes there is nothing to gather.

    Examples
    --------
    >>> notes = pd.DataFrame({"camera": ["a", "b", "c"], "code": "kind", "what": ["fixed", "fixed", "round"]})
    >>> gathered(notes)[["what", "cameras", "camera"]].values.tolist()
    [['fixed', 2, nan], ['round', 1, 'c']]
    """
    groups = notes.groupby(["code", "what"], sort=False)["camera"]
    table = groups.agg(cameras="size", camera="first").reset_index()
    table["camera"] = table["camera"].where(table["cameras"] == 1)
    return table.sort_values("cameras", ascending=False, kind="stable", ignore_index=True)


def told(notes: pd.DataFrame) -> list[str]:
    """Return notes as sentences, those that say the same of several cameras as one.

    Raises
    ------
    Nothing
        Without notes nothing is said.

    Examples
    --------
    >>> told(pd.DataFrame({"camera": ["a", "b", None], "code": "k", "what": ["it is fixed", "it is fixed", "all is"]}))
    ['2 cameras: it is fixed', 'all is']
    """
    table = gathered(notes)
    alone = ["" if pd.isna(name) else f"camera {name}: " for name in table["camera"]]
    return [
        (f"{count} cameras: " if count > 1 else one) + what
        for count, one, what in zip(table["cameras"], alone, table["what"], strict=True)
    ]


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
