"""Tracks of any number of fixes: read a part at a time, kept as numbers, and handed over post by post."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import formats
from gridmap.coverage.walked import Period
from gridmap.crs import convert, parse
from gridmap.errors import CrsError, InputError, NotFoundError
from gridmap.service.tables import columns_of
from gridmap.tracks import Shifts

Ints = npt.NDArray[np.int64]

#: Fixes judged and matched at a time, whole posts: some 300 MB. What is held against two posts together, such as a
#: device that both carry, is told among so many.
AT_ONCE = 200_000
#: Datums of web maps, which have no EPSG code: files in them say that they are in WGS 84, or nothing.
SHIFTED = ("GCJ-02", "BD-09")
_NUMBERS = ("accuracy_m", "speed_m_s")
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Span:
    """The moments asked about: ``since <= time < until``, microseconds since 1970; None leaves an end open."""

    #: the first
    since_us: int | None = None
    #: the first that is no longer asked about
    until_us: int | None = None

    def holds(self, time_us: Ints) -> npt.NDArray[np.bool_]:
        """Return which moments are asked about."""
        kept = np.ones(len(time_us), dtype=bool)
        if self.since_us is not None:
            kept &= time_us >= self.since_us
        if self.until_us is not None:
            kept &= time_us < self.until_us
        return kept


@dataclass(frozen=True, kw_only=True)
class Tracks:
    """Fixes as numbers, in the order in which they were read."""

    #: names of the posts, in order
    posts: npt.NDArray[np.object_]
    #: number of the post of each fix, shape (n,)
    post: Ints
    #: time, device, accuracy_m, speed_m_s, x and y of each
    cells: pd.DataFrame
    #: the system of x and y
    crs: Any
    #: number of each among all that were read, those outside the time asked about among them
    row: Ints
    #: how many were read, and what the reading had to take for granted
    read: int
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of fixes."""
        return len(self.post)

    def table(self, rows: Ints) -> gpd.GeoDataFrame:
        """Return some fixes as the table ``fixes``, with their row as index."""
        cells = self.cells.iloc[rows]
        posts = pd.Series(pd.array(self.posts, dtype="str").take(self.post[rows]), index=self.row[rows])
        table = cells.drop(columns=["x", "y"]).set_axis(self.row[rows]).assign(post=posts)
        points = shapely.points(cells["x"].to_numpy(), cells["y"].to_numpy())
        return gpd.GeoDataFrame(table, geometry=points, crs=self.crs)

    def parts(self, most: int = AT_ONCE) -> Iterator[gpd.GeoDataFrame]:
        """Yield the fixes of whole posts, in the order of their names, as many at a time as may be."""
        order = np.argsort(self.post, kind="stable")
        begins = np.searchsorted(self.post[order], np.arange(len(self.posts) + 1))
        first = 0
        while first < len(self.posts):
            fits = int(np.searchsorted(begins, begins[first] + most, side="right")) - 1
            last = max(fits, first + 1)
            yield self.table(np.sort(order[begins[first] : begins[last]]))
            first = last


def span(since: dt.date | None, until: dt.date | None, shifts: Shifts | None = None) -> Span:
    """Return the moments of the shifts that begin on some days, the last of them among them.

    Raises
    ------
    InputError
        If the last day lies before the first.

    Examples
    --------
    The night of the sixth ends at 08:00 of the seventh in China, midnight of UTC.

    >>> day = dt.date(2024, 5, 6)
    >>> asked = span(day, day)
    >>> [str(pd.Timestamp(us, unit="us")) for us in (asked.since_us, asked.until_us)]
    ['2024-05-06 00:00:00', '2024-05-07 00:00:00']
    """
    if since is not None and until is not None and until < since:
        raise InputError(f"--until {until} lies before --since {since}", expected="the last day, or the first again")

    def ends(day: dt.date) -> tuple[int, int]:
        windows = Period(since=day, until=day + _DAY, shifts=shifts or Shifts()).windows()
        begin, end = min(begin for _, begin, _ in windows), max(end for _, _, end in windows)
        return round(begin * 1e6), round(end * 1e6)

    return Span(since_us=None if since is None else ends(since)[0], until_us=None if until is None else ends(until)[1])


def read_tracks(
    paths: Sequence[Path],
    *,
    asked: Span | None = None,
    crs: str | None = None,
    columns: Mapping[str, str] | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Tracks:
    """Return the fixes of files that were made in some time, as numbers.

    Parameters
    ----------
    paths
        CSV, JSON lines, GPX, Parquet, or whatever GDAL reads.
    asked
        The time; all of it by default.
    crs
        The CRS of files that state none; ``GCJ-02`` and ``BD-09`` also of those that say WGS 84.
    columns
        Ours to theirs; ``fixes.ours`` and ``tracks.ours`` for this layer alone.
    progress
        Told how many fixes were read.

    Raises
    ------
    NotFoundError
        If there is no file, or no fix in the time asked about.
    FormatError, TableError, CrsError, TooLargeError
        As `gridmap.formats.read_fixes`.
    """
    mapped = {**columns_of("fixes", columns or {}), **columns_of("tracks", columns or {}, promise="fixes")}
    files = (part for path in paths for part in _parts(path, crs, mapped))
    return gathered(files, asked=asked, progress=progress)


def gathered(
    tables: Iterable[gpd.GeoDataFrame],
    *,
    asked: Span | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Tracks:
    """Return tables of fixes as numbers; their places in the CRS of the first.

    Raises
    ------
    NotFoundError
        If there is no fix in the time asked about.
    CrsError
        If a table does not say its CRS.
    """
    names: dict[str, int] = {}
    parts: list[pd.DataFrame] = []
    read, crs = 0, None
    warnings: dict[str, None] = {}
    for table in tables:
        crs = table.crs if crs is None else crs
        warnings |= dict.fromkeys(_warned(table))
        parts.append(_numbers(table, names, crs, read, asked or Span()))
        read += len(table)
        progress(read, 0)
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if whole.empty:
        wanted = "in the time asked about" if read else "at all"
        raise NotFoundError(f"no fix {wanted}: {read} were read", do="look at --since, --until and the file")
    posts, number = np.unique(np.array(list(names), dtype=object), return_inverse=True)
    cells = whole[["time", "device", *_NUMBERS, "x", "y"]]
    post = number.ravel().astype(np.int64)[whole["post"].to_numpy()]
    row = whole["row"].to_numpy(dtype=np.int64)
    return Tracks(posts=posts, post=post, cells=cells, crs=crs, row=row, read=read, warnings=tuple(warnings))


def _parts(path: Path, crs: str | None, columns: Mapping[str, str]) -> Iterator[gpd.GeoDataFrame]:
    """The fixes of a file; a CRS that is stated for silent files does not contradict one that speaks."""
    said = crs is not None and parse(crs) in SHIFTED
    try:
        yield from formats.read_fixes(path, crs=crs, columns=columns or None)
    except CrsError as error:
        if said or error.code != "crs_contradiction":
            raise
        yield from formats.read_fixes(path, columns=columns or None)


def _warned(table: gpd.GeoDataFrame) -> list[str]:
    """What the reading had to take for granted, but that GDAL found its way."""
    told = table.attrs.get("reading", {}).get("warnings", ())
    return [warning["message"] for warning in told if "successfully parsed" not in warning["message"]]


def _numbers(table: gpd.GeoDataFrame, names: dict[str, int], crs: Any, read: int, asked: Span) -> pd.DataFrame:
    """The fixes of one part as numbers, those of other times left out."""
    time = table["time"].to_numpy(dtype="datetime64[us]").astype(np.int64)
    kept = np.flatnonzero(asked.holds(time))
    some = table.iloc[kept]
    post = [names.setdefault(str(name), len(names)) for name in some["post"]]
    x, y = shapely.get_coordinates(some.geometry.to_numpy()).T if len(some) else np.zeros((2, 0))
    if table.crs != crs:
        x, y = convert(x, y, table.crs, crs)
    device = some["device"].to_numpy() if "device" in some else None
    cells: dict[str, Any] = {"post": np.array(post, dtype=np.int64), "row": kept + read, "x": x, "y": y}
    cells["time"] = some["time"].to_numpy(dtype="datetime64[us]")
    cells["device"] = pd.Series(device, index=range(len(some)), dtype="str")
    cells |= {name: some[name].to_numpy(dtype=np.float64) if name in some else np.nan for name in _NUMBERS}
    return pd.DataFrame(cells).assign(time=lambda made: made["time"].dt.tz_localize("UTC"))
