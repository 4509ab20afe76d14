"""CSV files: text in any usual encoding, streamed row by row, with the line of every fault.

Cells are text and stay text; blank ones are missing. A cell that a spreadsheet would take for a formula is written
with an apostrophe before it, as spreadsheets themselves do, and loses it again when gridmap reads it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.errors import Fault, FormatError, TableError
from gridmap.formats.encodings import named, text_encoding
from gridmap.frames import lon_lat_of, plain

#: Bytes that are looked at to find out encoding and delimiter.
SAMPLE = 256 * 1024
#: A cell may be this long, enough for the outline of a province as WKT.
MAX_CELL = 64 * 1024**2
#: Names of columns that hold a geometry as WKT.
WKT_NAMES = ("geometry", "wkt", "geom", "thegeom", "shape", "wktgeom", "几何")
#: Names of columns that hold metres, in pairs of east and north.
X_Y = (("x", "y"), ("easting", "northing"), ("east", "north"), ("x坐标", "y坐标"), ("东坐标", "北坐标"))

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    Parameters
    ----------
    text
        The cell.

    Returns
    -------
    str
        With an apostrophe before it where it begins with ``=``, ``+``, ``-``, ``@``, a tab or a line feed and is no
        number; `unguarded` takes it away again.

    Raises
    ------
    None

    Examples
    --------
    >>> guarded("=1+1"), guarded("-12.5"), unguarded(guarded("'=x"))
    ("'=1+1", '-12.5', "'=x")
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """The cell as it was before `guarded`."""
    return text[1:] if _GUARDED.match(text) else text


@contextmanager
def open_csv(path: str | Path, *, encoding: str | None = None) -> Iterator[tuple[TextIO, str]]:
    """Open a text file in the encoding that it is in.

    Parameters
    ----------
    path
        The file.
    encoding
        Where it is known; else UTF-8, GB18030, Big5 and UTF-16 are told apart.

    Yields
    ------
    file, encoding
        The text and Python's name of its encoding.

    Raises
    ------
    InputError
        If the stated encoding is not known.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.csv").write_bytes("名称".encode("gbk"))
    ...     with open_csv(Path(folder, "a.csv")) as (file, encoding):
    ...         print(file.read(), encoding)
    名称 gb18030
    """
    path = Path(path)
    name = named(encoding) if encoding else _detected(path)
    if name == "utf-8":
        name = "utf-8-sig"
    with path.open(encoding=name, newline="") as file:
        yield file, "utf-8" if name == "utf-8-sig" else name


def read_chunks(
    path: str | Path, *, size: int = 50_000, encoding: str | None = None, by_line: bool = False
) -> Iterator[pd.DataFrame]:
    r"""The rows of a CSV file, ``size`` at a time, in memory that does not grow with the file.

    Parameters
    ----------
    path
        The file; its first line names the columns. Comma, semicolon and tab are told apart.
    size
        Rows per table.
    encoding
        Where it is known; else it is found out.
    by_line
        Whether the index is the line of the file on which each row ends, counted from 1.

    Yields
    ------
    DataFrame
        Text columns, blank cells missing, with a RangeIndex that goes on from one table to the next unless the lines
        are asked for. A file with a first line only gives one table without rows.

    Raises
    ------
    FormatError
        If a byte is not in the encoding, quotes are never closed, or the first line is missing.
    TableError
        With the line of each row that has more or fewer cells than the first line, up to the end of the table.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.csv").write_text("query\n一号\n二号\n三号\n", encoding="utf-8")
    ...     [list(chunk["query"]) for chunk in read_chunks(Path(folder, "a.csv"), size=2)]
    [['一号', '二号'], ['三号']]
    """
    path = Path(path)
    with open_csv(path, encoding=encoding) as (file, name):
        try:
            yield from _tables(path, file, size, by_line=by_line)
        except UnicodeError as error:
            given = f"{path.name} is not {name} text throughout ({error})"
            raise FormatError(given, do="state the encoding it is in (--encoding)", code="bad_encoding") from None


def read_csv(path: Path, *, encoding: str | None = None) -> tuple[pd.DataFrame, str]:
    """All rows of a CSV file as text, and its encoding; raises as `read_chunks`."""
    with open_csv(path, encoding=encoding) as (_, name):
        pass
    chunks = list(read_chunks(path, size=200_000, encoding=name))
    return pd.concat(chunks) if len(chunks) > 1 else chunks[0], name


@dataclass(frozen=True, kw_only=True)
class Place:
    """The geometry that columns of a table hold."""

    #: one geometry or None per row; None where no columns hold any
    geometry: npt.NDArray[Any] | None = None
    #: the columns it was made from
    used: tuple[str, ...] = ()
    #: ``wkt``, ``lon_lat``, ``x_y``, or ``none``
    kind: str = "none"
    #: what could not be read
    faults: tuple[Fault, ...] = ()


def placed(table: pd.DataFrame, columns: Mapping[str, str] | None = None) -> Place:
    """The geometry that columns of a table hold: WKT, else lon and lat in degrees, else x and y in metres.

    Parameters
    ----------
    table
        Columns of text or numbers.
    columns
        ``{"lon": "theirs", "lat": "theirs"}`` as stated by the user.

    Raises
    ------
    None

    Examples
    --------
    >>> placed(pd.DataFrame({"经度": ["120.5"], "纬度": ["32"]})).kind
    'lon_lat'
    """
    names = list(map(str, table.columns))
    by_plain = {plain(name): name for name in reversed(names)}
    wkt = next((by_plain[name] for name in WKT_NAMES if name in by_plain and _is_wkt(table[by_plain[name]])), None)
    if wkt is not None:
        geometry, faults = _from_wkt(table[wkt])
        return Place(geometry=geometry, used=(wkt,), kind="wkt", faults=tuple(faults))
    pair, kind = lon_lat_of(names, columns), "lon_lat"
    if pair is None:
        pair = next(((by_plain[x], by_plain[y]) for x, y in X_Y if x in by_plain and y in by_plain), None)
        kind = "x_y"
    if pair is None:
        return Place()
    geometry, faults = _from_pair(table, pair)
    return Place(geometry=geometry, used=pair, kind=kind, faults=tuple(faults))


def _detected(path: Path) -> str:
    """The encoding of a text file, from its first part that is not plain ASCII."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
        whole = len(sample) < SAMPLE
        if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
            return text_encoding(sample)
        while sample.isascii() and (block := file.read(SAMPLE)):
            # from the start of a line, so that the sample starts at the start of a character
            sample, whole = sample[sample.rfind(b"\n") + 1 :] + block, len(block) < SAMPLE
    return text_encoding(sample, whole=whole)


def _tables(path: Path, file: TextIO, size: int, *, by_line: bool) -> Iterator[pd.DataFrame]:
    """Tables of ``size`` rows each."""
    csv.field_size_limit(MAX_CELL)
    start = file.read(SAMPLE)
    file.seek(0)
    rows = csv.reader(_without_nul(path, file), delimiter=_delimiter(start), strict=True)
    try:
        names = [name.strip() for name in next(rows, [])]
        if not any(names):
            raise FormatError(f"{path.name} has no first line of column names", code="empty_file")
        begin = 0
        for cells, lines in _batches(path, rows, len(names), size):
            yield _table(names, cells, pd.Index(lines) if by_line else pd.RangeIndex(begin, begin + len(cells)))
            begin += len(cells)
        if begin == 0:
            yield _table(names, [], pd.RangeIndex(0))
    except csv.Error as error:
        code = "truncated" if "unexpected end" in str(error) else "broken_csv"
        hint = "a quote is opened and never closed; the file may be cut off" if code == "truncated" else str(error)
        raise FormatError(f"{path.name}, line {rows.line_num}: {hint}", do="export it again", code=code) from None


def _without_nul(path: Path, file: TextIO) -> Iterator[str]:
    """Lines of a text file; a zero byte says that it is none."""
    for number, line in enumerate(file, 1):
        if "\0" in line:
            raise FormatError(f"{path.name}, line {number}: a zero byte; this is no text", code="wrong_format")
        yield line


def _delimiter(start: str) -> str:
    """Comma, semicolon or tab: whichever the first line has most of outside quotes."""
    first = re.sub(r'"[^"]*"', "", start.partition("\n")[0])
    return max(",;\t", key=first.count)


def _batches(path: Path, rows: Any, width: int, size: int) -> Iterator[tuple[list[list[str]], list[int]]]:
    """Rows in lists of ``size``, each of the same width, and their lines; blank lines are left out."""
    cells: list[list[str]] = []
    lines: list[int] = []
    faults: list[Fault] = []
    for row in rows:
        if len(row) != width:
            if not any(row):
                continue
            if any(row[width:]) or len(row) < width:
                message = f"{len(row)} cells; the first line has {width}"
                faults.append(Fault(code="ragged_row", message=message, line=rows.line_num))
                continue
        cells.append(row[:width])
        lines.append(rows.line_num)
        if len(cells) == size:
            _refuse(path, faults)
            yield cells, lines
            cells, lines = [], []
    _refuse(path, faults)
    if cells:
        yield cells, lines


def _refuse(path: Path, faults: list[Fault]) -> None:
    """Raise what was found."""
    if faults:
        raise TableError(path.name, faults)


def _table(names: Sequence[str], rows: list[list[str]], index: pd.Index[Any]) -> pd.DataFrame:
    """Rows as a table of text, blank cells missing."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    series = [pd.Series([_cell(cell) for cell in column], index=index, dtype="str") for column in columns]
    return pd.concat(series, axis=1).set_axis(list(names), axis=1)


def _cell(cell: str) -> str | None:
    """A cell as it was meant; None for a blank one."""
    if not cell or cell.isspace():
        return None
    return unguarded(cell) if cell[0] == "'" else cell


def _is_wkt(cells: pd.Series[Any]) -> bool:
    """Whether the first cell of a column that is not blank begins like WKT."""
    given = cells.dropna()
    start = str(given.iloc[0]).lstrip().upper() if len(given) else ""
    return bool(re.match(r"(SRID=\d+;)?(MULTI)?(POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION", start))


def _from_wkt(cells: pd.Series[Any]) -> tuple[npt.NDArray[Any], list[Fault]]:
    """Geometry from WKT, and what could not be read."""
    texts = np.array([None if pd.isna(cell) else re.sub(r"^SRID=\d+;", "", cell) for cell in cells], dtype=object)
    geometry = shapely.from_wkt(texts, on_invalid="ignore")
    broken = np.flatnonzero(shapely.is_missing(geometry) & np.array([text is not None for text in texts], dtype=bool))
    return geometry, [_wkt_fault(texts[row], int(row) + 1) for row in broken]


def _wkt_fault(text: str, feature: int) -> Fault:
    """Why a text is no geometry."""
    try:
        shapely.from_wkt(text)
    except shapely.GEOSException as error:
        if "closed" in str(error):
            return Fault(code="unclosed_ring", message="a ring is not closed", feature=feature)
        return Fault(code="broken_geometry", message=f"the WKT cannot be read: {error}", feature=feature)
    return Fault(code="broken_geometry", message="the WKT cannot be read", feature=feature)


def _from_pair(table: pd.DataFrame, pair: tuple[str, str]) -> tuple[npt.NDArray[Any], list[Fault]]:
    """Points from two columns of numbers, missing where both are blank."""
    axes = [pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float) for name in pair]
    given = [table[name].notna().to_numpy() for name in pair]
    faults = [
        Fault(code="not_a_number", message=f"{table[name].iloc[row]!r} is no coordinate", feature=row + 1, column=name)
        for name, numbers, there in zip(pair, axes, given, strict=True)
        for row in np.flatnonzero(there & ~np.isfinite(numbers)).tolist()
    ]
    points = np.full(len(table), None, dtype=object)
    good = np.isfinite(axes[0]) & np.isfinite(axes[1])
    points[good] = shapely.points(axes[0][good], axes[1][good])
    return points, faults
