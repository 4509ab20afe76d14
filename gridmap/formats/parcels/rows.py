"""Rows of CSV files and workbooks as they stand there: titles, headings and points alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gridmap.errors import FormatError
from gridmap.formats.parcels.notes import Notes

#: Rows and columns of a sheet that are read: what stands farther is a stray mark.
MAX_ROWS, MAX_COLUMNS = 1_048_576, 64
#: Characters of one cell.
_LONGEST = 10_000
_DELIMITERS = (",", "\t", ";", "，")


class Row(NamedTuple):
    """A row of a sheet or of a CSV file."""

    #: the sheet's name; empty for CSV
    sheet: str
    #: number of the row, or line, from 1
    number: int
    #: its cells as text
    cells: list[str]


def csv_rows(text: str, notes: Notes) -> Iterator[Row]:
    """The rows of a CSV text that have any cell, with their lines.

    Parameters
    ----------
    text
        The file.
    notes
        Where a fault is noted.

    Raises
    ------
    FormatError
        ``E_CSV`` with the line where quotes are left open or a cell is too long.
    """
    delimiter = max(_DELIMITERS, key=text[:20_000].count)
    reader = csv.reader(io.StringIO(text.replace("，", ",") if delimiter == "，" else text, newline=""))
    if delimiter in {"\t", ";"}:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begin = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            message = f"the line cannot be read ({error})"
            raise notes.stop("E_CSV", message, reader.line_num or begin) from None
        if cells is None:
            return
        if any(len(cell) > _LONGEST for cell in cells):
            raise notes.stop("E_CSV", f"a cell of more than {_LONGEST} characters: a quote may be left open", begin)
        if any(cell.strip() for cell in cells):
            yield Row(sheet="", number=begin, cells=cells[:MAX_COLUMNS])
        begin = reader.line_num + 1


def sheet_rows(path: Path, notes: Notes, *, sheet: str | None = None) -> Iterator[Row]:
    """The rows of a workbook that have any cell, of all its sheets or of one.

    Parameters
    ----------
    path
        The file, found to be no bomb.
    notes
        Where a fault is noted, and ``W_HIDDEN`` for sheets that nobody sees who opens the workbook.
    sheet
        The one sheet to read.

    Raises
    ------
    FormatError
        ``E_UNREADABLE`` where it is damaged: openpyxl raises whatever it stumbles on; ``E_NO_SUBLAYER``.
    """
    import openpyxl  # 140 ms, for which no service that is started should wait

    book: Any = None
    try:
        # a file that openpyxl opens itself stays open where it is damaged
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            for name in _chosen(book.sheetnames, sheet, notes):
                yield from _rows(book[name], name, notes)
    except (FormatError, GeneratorExit):
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is, the file cannot be read)
        message = f"the workbook cannot be read: {' '.join(str(error).split())[:200]}; it may be damaged: get it again"
        raise notes.stop("E_UNREADABLE", message) from None
    finally:
        if book is not None:
            book.close()


def _chosen(names: Sequence[str], wanted: str | None, notes: Notes) -> Sequence[str]:
    """The sheets to read."""
    if wanted is None:
        return names
    if wanted not in names:
        raise notes.stop("E_NO_SUBLAYER", f"there is no sheet {wanted!r}; expected one of {', '.join(names)}")
    return [wanted]


def _rows(sheet: Any, name: str, notes: Notes) -> Iterator[Row]:
    """The rows of a sheet; a chart has none."""
    if not hasattr(sheet, "reset_dimensions"):
        return
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS, values_only=True)
    met = False
    for number, row in enumerate(rows, 1):
        cells = ["" if cell is None else _text(cell) for cell in row]
        if any(cell.strip() for cell in cells):
            if not met and sheet.sheet_state != "visible":
                notes.warn("W_HIDDEN", f"the sheet {name!r} is hidden, and was read all the same", number)
            met = True
            yield Row(sheet=name, number=number, cells=cells)


def _text(cell: Any) -> str:
    """A cell as text; numbers with all their digits."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    return str(cell)
