"""Fixes of any number, read a part at a time: CSV, JSON lines, GPX and Parquet in memory that does not grow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd

from gridmap import frames
from gridmap.errors import Fault, TableError
from gridmap.formats import delimited, files, gpx, jsonlines, parquet
from gridmap.formats.contents import Contents
from gridmap.formats.options import Options
from gridmap.formats.reading import finished, placed, read

#: Rows that are held at a time.
CHUNK_ROWS = 100_000
#: Bytes of a file that is streamed, at most.
MAX_STREAMED = 64 * 1024**3
#: Kinds of files that are read a part at a time.
STREAMED = frozenset({"csv", "jsonl", "gpx", "parquet"})


def read_fixes(  # noqa: PLR0913 (each is a thing that files leave unsaid)
    path: str | Path,
    *,
    layer: str = "fixes",
    chunk: int = CHUNK_ROWS,
    crs: str | int | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    max_bytes: int = MAX_STREAMED,
) -> Iterator[geopandas.GeoDataFrame]:
    r"""The fixes in a file, so many at a time.

    CSV, JSON lines (``.jsonl``, ``.ndjson``), GPX and Parquet are streamed; files of other kinds are read whole and
    handed over in parts.

    Parameters
    ----------
    path
        The file.
    layer
        Name of the promise: ``"fixes"`` or ``"signins"``.
    chunk
        Rows per table.
    crs, columns, encoding, max_bytes
        As for `read`.

    Yields
    ------
    GeoDataFrame
        As `read` gives it, with an index that goes on from one table to the next.

    Raises
    ------
    NotFoundError, TooLargeError, FormatError, CrsError, InputError
        As `read`.
    TableError
        With every fault of the part that it came upon, with lines or features of the whole file. Parts before it were
        handed over already: whoever keeps them must be ready to let them go.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.jsonl")
    ...     _ = file.write_text('{"post": "A", "time": "2024-05-06T08:00:00+08:00", "lon": 120.9, "lat": 32}\n' * 3)
    ...     [list(part.index) for part in read_fixes(file, chunk=2)]
    [[0, 1], [2]]
    """
    found = files.find(path, max_bytes=max_bytes)
    options = Options(frame=frames.frame(layer), crs=crs, columns=columns, encoding=encoding)
    if found.kind not in STREAMED:
        whole = read(path, layer=layer, crs=crs, columns=columns, encoding=encoding, max_bytes=max_bytes)
        for begin in range(0, len(whole), chunk):
            yield whole.iloc[begin : begin + chunk]
        return
    begun = 0
    for contents, lines in _parts(found, options, chunk):
        # a table without rows may still lack columns
        table = _part(found, contents, options, begun, lines)
        if len(table):
            yield table
            begun += len(table)


def _parts(found: files.Found, options: Options, chunk: int) -> Iterator[tuple[Contents, pd.Index | None]]:
    """Contents of a file, so many rows at a time, and the lines that they stand on where it has any."""
    if found.kind == "gpx":
        yield from ((contents, None) for contents in gpx.read_points(found.path, size=chunk))
    elif found.kind == "parquet":
        for contents in parquet.read_batches(found.path, size=chunk):
            yield (placed(contents.table, options) if contents.geometry is None else contents), None
    else:
        if found.kind == "csv":
            tables = delimited.read_chunks(found.path, size=chunk, encoding=options.encoding, by_line=True)
        else:
            tables = jsonlines.read_objects(found.path, size=chunk, encoding=options.encoding)
        for table in tables:
            yield placed(table.reset_index(drop=True), options), table.index


def _part(
    found: files.Found, contents: Contents, options: Options, begun: int, lines: pd.Index | None
) -> geopandas.GeoDataFrame:
    """One part as promised, its rows and faults numbered as those of the whole file."""
    try:
        with np.errstate(all="ignore"):
            table = finished(found, contents, options)
    except TableError as error:
        raise TableError(found.path.name, [_numbered(fault, begun, lines) for fault in error.faults]) from None
    return table.set_axis(pd.RangeIndex(begun, begun + len(table)))


def _numbered(fault: Fault, begun: int, lines: pd.Index | None) -> Fault:
    """A fault of a part as one of the whole file."""
    if fault.feature is None:
        return fault
    line = fault.line if lines is None else int(lines[fault.feature - 1])
    return replace(fault, feature=fault.feature + begun, line=line)
