"""Parquet files, with or without a geometry (GeoParquet), streamed by the extra ``gridmap[parquet]``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.errors import FormatError, InputError, TooLargeError
from gridmap.formats.contents import Contents

#: Bytes that one row group may unpack to: it is unpacked as a whole.
MAX_GROUP = 2 * 1024**3


def read_batches(path: Path, *, size: int) -> Iterator[Contents]:
    """The rows of a Parquet file, so many at a time; a row group is unpacked at a time.

    Parameters
    ----------
    path
        The file; its geometry is that of the GeoParquet metadata, as WKB.
    size
        Rows per table.

    Yields
    ------
    Contents
        The columns, and one geometry or None per row where the file has any; of a file without rows one without.

    Raises
    ------
    InputError
        ``missing_extra`` where pyarrow is not installed.
    FormatError
        ``broken_parquet`` where it cannot be read.
    TooLargeError
        ``too_large`` where a row group unpacks beyond measure.
    """
    if find_spec("pyarrow") is None:
        raise InputError(
            f"{path.name} is Parquet, which needs pyarrow",
            expected="the extra parquet",
            do="install gridmap[parquet], or hand in CSV",
            code="missing_extra",
        )
    from pyarrow import parquet  # an extra, and slow to import

    with _told(path), parquet.ParquetFile(path) as file:
        _refuse_large(path, file.metadata)
        name, system = _geometry(file.schema_arrow.metadata or {})
        if not file.metadata.num_rows:
            yield _contents(file.schema_arrow.empty_table().to_pandas(), name, system)
        for batch in file.iter_batches(batch_size=size):
            yield _contents(batch.to_pandas(), name, system)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in our words that a file cannot be read."""
    from pyarrow import ArrowException

    try:
        yield
    except (ArrowException, OSError, shapely.GEOSException) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FormatError(
            f"{path.name} cannot be read as Parquet: {first}", do="export it again", code="broken_parquet"
        ) from None


def _refuse_large(path: Path, metadata: Any) -> None:
    """Refuse row groups that unpack beyond measure."""
    largest = max((metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups)), default=0)
    if largest > MAX_GROUP:
        raise TooLargeError(
            f"{path.name} has a row group of {largest} bytes",
            expected=f"at most {MAX_GROUP}",
            do="write it with smaller row groups",
            code="too_large",
        )


def _geometry(metadata: dict[bytes, bytes]) -> tuple[str | None, Any]:
    """The column that holds the geometry, and its CRS."""
    try:
        geo = json.loads(metadata.get(b"geo", b"{}"))
        name = geo.get("primary_column")
        return name, geo["columns"][name].get("crs", "OGC:CRS84") if name is not None else None
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None, None


def _contents(table: pd.DataFrame, name: str | None, system: Any) -> Contents:
    """Some rows as contents."""
    table = table.reset_index(drop=table.index.name is None or table.index.name in table.columns)
    if name is None or name not in table:
        return Contents(table=table, geometry=None)
    # what is no WKB is no geometry, and is told with its row
    shapes = shapely.from_wkb(table[name].to_numpy(dtype=object), on_invalid="ignore")
    return Contents(table=table.drop(columns=name), geometry=np.asarray(shapes), crs=_stated(system))


def _stated(system: Any) -> Any:
    """What the metadata says of the CRS, as pyproj takes it; GeoParquet's silence is longitude and latitude."""
    return json.dumps(system) if isinstance(system, dict) else system
