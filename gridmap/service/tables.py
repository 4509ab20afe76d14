"""Files that are asked and not kept: read as layers, and what the user should know of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap import formats, frames
from gridmap.errors import Fault, FormatError
from gridmap.partition import AreaIndex, summed_up


def read_tables(
    files: Mapping[str, Path | None], *, columns: Mapping[str, str] | None = None, **reading: Any
) -> dict[str, gpd.GeoDataFrame]:
    """Read files as layers to be asked, giving each the column mappings that concern it.

    Nothing is kept of them, so invalid rings are only warned of: the tie rule has an answer for them as well.

    Parameters
    ----------
    files
        Path by layer; None is passed over.
    columns
        Mapping ours to theirs; ``layer.ours`` for one layer only.
    **reading
        Options of :func:`gridmap.formats.read`.

    Raises
    ------
    NotFoundError, FormatError, TableError, CrsError
        As :func:`gridmap.formats.read`.
    """
    mapping = columns or {}
    return {
        layer: formats.read(
            path, layer=layer, columns=columns_of(layer, mapping) or None, tolerate=("invalid_ring",), **reading
        )
        for layer, path in files.items()
        if path is not None
    }


def read_aliases(path: Path, *, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return the aliases of a CSV file: alias, means; rows that lack either are left out.

    Parameters
    ----------
    path
        With columns ``alias`` (what people say) and ``means`` (a standard address, road, compound or division).
    columns
        Ours to theirs; also ``aliases.alias`` and ``aliases.means``.

    Raises
    ------
    FormatError, TableError
        If it is no CSV file, or has not one of each column.
    """
    mapping = columns or {}
    theirs = {mapping.get(f"aliases.{ours}", mapping.get(ours, ours)): ours for ours in ("alias", "means")}
    table = pd.concat(list(formats.read_chunks(path)))
    missing = [name for name in theirs if list(table.columns).count(name) != 1]
    if missing:
        raise FormatError(f"{path.name} has not one column {' and one '.join(missing)}", do="map it: --column")
    return table[list(theirs)].rename(columns=theirs).dropna().reset_index(drop=True)


def area_warnings(index: AreaIndex) -> tuple[Fault, ...]:
    """Return what keeps areas from being a partition: overlaps and gaps, a sentence each."""
    return partition_warnings(index.findings())


def partition_warnings(findings: gpd.GeoDataFrame) -> tuple[Fault, ...]:
    """Return overlaps and gaps, as `AreaIndex.findings` tells them, as warnings."""
    return tuple(Fault(code=rule, message=message) for rule, message in summed_up(findings))


def columns_of(layer: str, mapping: Mapping[str, str], *, promise: str | None = None) -> dict[str, str]:
    """Return the mappings that concern one layer of several: those that name it, and those of a column that it has.

    Parameters
    ----------
    layer
        Its name.
    mapping
        Ours to theirs; ``layer.ours`` for one layer only, which goes before the same without.
    promise
        Name of the table that it must be, where that is another.

    Raises
    ------
    Nothing
        What concerns other layers is left out.

    Examples
    --------
    >>> columns_of("streets", {"id": "objectid", "streets.id": "code", "cameras.id": "no", "heading_deg": "angle"})
    {'id': 'code'}
    """
    promised = {column.name for column in frames.FRAMES[promise or layer].columns} | {"lon", "lat"}
    plain = {ours: theirs for ours, theirs in mapping.items() if ours in promised}
    return plain | {
        ours.removeprefix(f"{layer}."): theirs for ours, theirs in mapping.items() if ours.startswith(f"{layer}.")
    }
