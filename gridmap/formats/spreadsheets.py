"""XLSX files: one sheet is one table, its first row that is not blank names the columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.cell import WriteOnlyCell

from gridmap.errors import FormatError, InputError, NotFoundError

#: Rows that Excel opens.
MAX_ROWS = 1_048_576


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
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheets = {name: list(_rows(book[name])) for name in book.sheetnames if sheet in {None, name}}
        names = list(book.sheetnames)
        book.close()
    except Exception as error:  # noqa: BLE001 (a damaged file makes openpyxl raise whatever it stumbles on)
        given = f"{path.name} cannot be read: {' '.join(str(error).split())[:200]}"
        raise FormatError(given, do="it may be damaged or cut off: get it again", code="unreadable") from None
    if sheet is not None and sheet not in names:
        raise NotFoundError(
            f"{path.name} has no sheet {sheet!r}", expected=f"one of {', '.join(names)}", code="no_sublayer"
        )
    filled = {name: rows for name, rows in sheets.items() if rows}
    if not filled:
        raise FormatError(f"{path.name} has no cells", expected="a first row of column names", code="empty_layer")
    if len(filled) > 1:
        given = f"{path.name} has several sheets: {', '.join(filled)}"
        raise InputError(given, do="name one with sublayer (--sublayer)", code="which_sublayer")
    return _table(next(iter(filled.values())))


def write_sheets(tables: dict[str, pd.DataFrame], path: Path) -> None:
    """Write each table as a sheet; text stays text, even where it begins like a formula.

    Raises
    ------
    InputError
        If a table has more rows than Excel opens.
    """
    book = openpyxl.Workbook(write_only=True)
    for name, table in tables.items():
        if len(table) >= MAX_ROWS:
            given = f"{name} has {len(table)} rows"
            raise InputError(given, expected=f"at most {MAX_ROWS - 1} for .xlsx", do="write .csv or .gpkg")
        sheet = book.create_sheet(name[:31])
        sheet.append([_written(sheet, str(column)) for column in table.columns])
        for row in zip(*(table[column].astype(object) for column in table.columns), strict=True):
            sheet.append([_written(sheet, cell) for cell in row])
    book.save(path)


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Rows that have any cell."""
    for row in sheet.iter_rows(values_only=True):
        if any(cell is not None and str(cell).strip() for cell in row):
            yield row


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
        cell = WriteOnlyCell(sheet, value=openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", value))
        cell.data_type = "s"
        return cell
    return value if isinstance(value, (int, float, bool, dt.date)) else str(value)
