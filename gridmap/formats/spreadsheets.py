"""XLSX files: one sheet is one table, its first row that is not blank names the columns."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pandas as pd

from gridmap.errors import FormatError, GridmapError, InputError, NotFoundError
from gridmap.formats import files

#: Rows that Excel opens.
MAX_ROWS = 1_048_576
#: Columns that are read; what stands farther right is a stray mark, and Excel's widest sheets take minutes to read.
MAX_COLUMNS = 1024
#: Rows in which the headings are looked for: titles and remarks may stand above them.
HEADING_WITHIN = 10
#: Whole numbers below this are exact where a spreadsheet keeps all numbers as floats.
_EXACT = 2**53
#: Control characters, which XML cannot hold.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def read_sheet(path: Path, *, sheet: str | None = None) -> pd.DataFrame:
    """The rows of one sheet; numbers stay numbers, dates dates, blank rows are left out.

    Parameters
    ----------
    path
        The file.
    sheet
        Its name; where it is left out, the only sheet that has any cells.

    Raises
    ------
    FormatError
        ``unreadable``, or ``empty_layer`` where no sheet has a cell.
    InputError
        ``which_sublayer`` where several sheets have cells.
    NotFoundError
        If there is no such sheet.
    """
    with _opened(path) as book:
        sheets = {name: [row for _, row in _rows(book[name])] for name in book.sheetnames if sheet in {None, name}}
        _refuse_choice(path, book.sheetnames, [name for name, rows in sheets.items() if rows], sheet)
        return _table(next(rows for rows in sheets.values() if rows))


def read_sheet_chunks(
    path: str | Path,
    *,
    size: int = 50_000,
    sheet: str | None = None,
    is_heading: Callable[[Sequence[str]], bool] = any,
    max_bytes: int = files.MAX_BYTES,
) -> Iterator[pd.DataFrame]:
    """The rows of one sheet, ``size`` at a time; only texts that the file keeps for several cells are held all along.

    Parameters
    ----------
    path
        The file.
    size
        Rows per table.
    sheet
        Its name; where it is left out, the only sheet that has any cells.
    is_heading
        Tells whether cells may be the names of columns: the first row it takes among the first ten that are not blank
        is the heading, whatever stands above it; if it takes none, the first row that is not blank is.
    max_bytes
        Files that unpack to more are refused.

    Yields
    ------
    DataFrame
        Columns of objects, blank cells missing, whole numbers as such; blank rows are left out. The index is the number
        of the row in the sheet, from 1. A sheet with a heading only gives one table without rows.

    Raises
    ------
    FormatError
        ``unreadable``, ``empty_layer`` where no sheet has a cell, or ``ragged_row`` where a cell stands in a column
        beyond the last heading; also what `gridmap.formats.files.find` refuses.
    InputError
        ``which_sublayer`` where several sheets have cells.
    NotFoundError
        If there is no such file or sheet.
    TooLargeError
        If it unpacks to more than ``max_bytes``.
    """
    path = Path(path)
    files.find(path, max_bytes=max_bytes)
    with _opened(path) as book:
        names = [name for name in book.sheetnames if sheet in {None, name} and next(_rows(book[name]), None)]
        _refuse_choice(path, book.sheetnames, names, sheet)
        rows = _rows(book[names[0]])
        heads, rows = _below_heading(rows, is_heading)
        yield from _row_tables(path, heads, rows, size)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A workbook to be read row by row; a damaged one makes openpyxl raise whatever it stumbles on."""
    import openpyxl  # 140 ms, for which no service that is started should wait

    book = None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        yield book
    except (GridmapError, GeneratorExit):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the file cannot be read
        given = f"{path.name} cannot be read: {' '.join(str(error).split())[:200]}"
        raise FormatError(given, do="it may be damaged or cut off: get it again", code="unreadable") from None
    finally:
        if book is not None:
            book.close()


def _refuse_choice(path: Path, names: Sequence[str], filled: Sequence[str], sheet: str | None) -> None:
    """Refuse a workbook of which not exactly one sheet is meant."""
    if sheet is not None and sheet not in names:
        raise NotFoundError(
            f"{path.name} has no sheet {sheet!r}", expected=f"one of {', '.join(names)}", code="no_sublayer"
        )
    if not filled:
        raise FormatError(f"{path.name} has no cells", expected="a first row of column names", code="empty_layer")
    if len(filled) > 1:
        given = f"{path.name} has several sheets: {', '.join(filled)}"
        raise InputError(given, do="name one with sublayer (--sublayer)", code="which_sublayer")


def _below_heading(
    rows: Iterator[tuple[int, tuple[Any, ...]]], is_heading: Callable[[Sequence[str]], bool]
) -> tuple[list[str], Iterator[tuple[int, tuple[Any, ...]]]]:
    """The names of the columns, and the rows below them."""
    first = list(islice(rows, HEADING_WITHIN))
    heads = [["" if cell is None else str(cell).strip() for cell in row] for _, row in first]
    at = next((at for at, names in enumerate(heads) if is_heading(names)), 0)
    width = max(place for place, name in enumerate(heads[at], 1) if name)
    return heads[at][:width], chain(first[at + 1 :], rows)


def _row_tables(
    path: Path, heads: list[str], rows: Iterable[tuple[int, tuple[Any, ...]]], size: int
) -> Iterator[pd.DataFrame]:
    """Tables of ``size`` rows each, under their headings."""
    rows, width, begun = iter(rows), len(heads), False
    while (batch := list(islice(rows, size))) or not begun:
        begun = True
        for number, row in batch:
            if any(cell is not None for cell in row[width:]):
                given = f"{path.name}, row {number}: a cell stands in a column that has no heading"
                raise FormatError(given, do="give the column a heading, or clear the cell", code="ragged_row")
        cells = [[_read_cell(cell) for cell in (*row, *[None] * (width - len(row)))[:width]] for _, row in batch]
        index = pd.Index([number for number, _ in batch], dtype="int64")
        yield pd.DataFrame(cells, index=index, columns=heads, dtype=object)


def _read_cell(cell: Any) -> Any:
    """A cell as it was meant: None for a blank one, codes that a spreadsheet made floats whole again."""
    if isinstance(cell, str):
        return cell if cell.strip() else None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        return int(cell)
    midnight = isinstance(cell, dt.datetime) and cell.time() == dt.time()
    return cell.date() if midnight else cell


class Sheets:
    """A workbook that is written row by row, several sheets at a time; rows are kept in temporary files until then.

    Text stays text, even where it begins like a formula. Each sheet's first row, the headings, stays in view.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     sheets = Sheets()
    ...     sheets.append("a", pd.DataFrame({"text": ["=1+1", None]}))
    ...     sheets.append("a", pd.DataFrame({"text": ["x"]}))
    ...     sheets.save(Path(folder, "a.xlsx"))
    ...     list(read_sheet(Path(folder, "a.xlsx"))["text"])
    ['=1+1', 'x']
    """

    def __init__(self) -> None:
        import openpyxl  # as in _opened

        self._book = openpyxl.Workbook(write_only=True)
        self._rows: dict[str, int] = {}

    def append(self, name: str, table: pd.DataFrame) -> None:
        """Write rows below those that a sheet has; the first table brings its headings.

        Raises
        ------
        InputError
            If the sheet gets more rows than Excel opens.
        """
        rows = self._rows.get(name, 1) + len(table)
        if rows > MAX_ROWS:
            given = f"{name} has {rows - 1} rows or more"
            raise InputError(given, expected=f"at most {MAX_ROWS - 1} for .xlsx", do="write .csv or .gpkg")
        if name not in self._rows:
            sheet = self._book.create_sheet(name[:31])
            sheet.freeze_panes = "A2"
            sheet.append([_written(sheet, str(column)) for column in table.columns])
        sheet = self._book[name[:31]]
        columns = (table.iloc[:, place].astype(object) for place in range(table.shape[1]))
        for row in zip(*columns, strict=True):
            sheet.append([_written(sheet, cell) for cell in row])
        self._rows[name] = rows

    def save(self, path: Path) -> None:
        """Write the file; nothing can be appended afterwards."""
        self._book.save(path)

    def discard(self) -> None:
        """Remove the temporary files of a workbook that is not to be."""
        for sheet in self._book.worksheets:
            if not sheet.closed:
                sheet.close()
                sheet._writer.cleanup()  # noqa: SLF001 - openpyxl itself removes them when the process ends, not before


def write_sheets(tables: dict[str, pd.DataFrame], path: Path) -> None:
    """Write each table as a sheet of its own; raises as `Sheets.append`."""
    sheets = Sheets()
    try:
        for name, table in tables.items():
            sheets.append(name, table)
        sheets.save(path)
    finally:
        sheets.discard()


def _rows(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Rows that have any cell, with their numbers; what the file says of its own extent may be wrong."""
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(max_row=MAX_ROWS, values_only=True), 1):
        if any(cell is not None and str(cell).strip() for cell in row[:MAX_COLUMNS]):
            yield number, row[:MAX_COLUMNS]


def _table(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Rows as a table; columns without a name and without cells are left out."""
    width = max(map(len, rows))
    padded = [(*row, *([None] * (width - len(row)))) for row in rows]
    names, body = padded[0], padded[1:]
    index = pd.RangeIndex(len(body))
    columns, heads = [], []
    for name, cells in zip(names, zip(*body, strict=True) if body else [()] * width, strict=True):
        if name is not None or any(cell is not None for cell in cells):
            columns.append(pd.Series(list(cells), index=index, dtype=object))
            heads.append("" if name is None else str(name).strip())
    return pd.concat(columns, axis=1).set_axis(heads, axis=1)


def _written(sheet: Any, value: Any) -> Any:
    """A cell as Excel shall keep it."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.isoformat()  # Excel knows no time zones
    if isinstance(value, str):
        text = _UNWRITABLE.sub("", value)
        # openpyxl takes =1+1 for a formula and #N/A for an error; all other text it leaves as it is
        return _as_text(sheet, text) if text.startswith(("=", "#")) else text
    return value if isinstance(value, (int, float, bool, dt.date)) else str(value)


def _as_text(sheet: Any, text: str) -> Any:
    """A cell whose text is no more than that, whatever it looks like."""
    from openpyxl.cell import WriteOnlyCell  # as in _opened

    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell
