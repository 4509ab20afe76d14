"""Cells of one column turned into what was promised, with every fault."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.errors import Fault
from gridmap.frames.columns import Column

#: Whole numbers up to here survive being a 64-bit float, as a spreadsheet or a nullable GDAL field keeps them.
EXACT_FLOAT = 2**53
#: Spreadsheets keep this many digits of a number and turn the rest into zeros.
SPREADSHEET_DIGITS = 15

_WHOLE_FLOAT = re.compile(r"[+-]?\d+\.0+")
_DATE = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|(\d{2})(\d{2})|年(\d{1,2})月(\d{1,2})日)(?:[T ]00:00(?::00(?:\.0+)?)?)?"
)
_ZONE = r"(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$"

Mask = npt.NDArray[np.bool_]


def converted(values: pd.Series[Any], column: Column) -> tuple[pd.Series[Any], list[Fault]]:
    """The column's cells in the promised dtype, and what is wrong with them.

    A cell with a fault becomes missing. Blank text is missing.

    Parameters
    ----------
    values
        Cells as they came, with any index.
    column
        The promise.

    Returns
    -------
    cells : Series
        In the dtype of ``column.kind``, with the same index.
    faults : list of Fault
        In the order of the rows, each with its feature number (position + 1).

    Raises
    ------
    None
    """
    cells, faults = _KINDS[column.kind](values, column)
    if column.required:
        bad = {fault.feature for fault in faults}
        empty = [row for row in np.flatnonzero(cells.isna().to_numpy()) if int(row) + 1 not in bad]
        message = f"{column.name} is empty; every row needs one ({column.meaning})"
        faults += [
            Fault(code="missing_value", message=message, feature=int(row) + 1, column=_own(values)) for row in empty
        ]
    return cells, faults


def absent(column: Column, index: pd.Index[Any]) -> pd.Series[Any]:
    """A column of missing cells in the promised dtype."""
    return converted(pd.Series([None] * len(index), index=index, dtype=object), _optional(column))[0]


def _optional(column: Column) -> Column:
    """The same column, which may be empty."""
    return Column(name=column.name, kind=column.kind, meaning=column.meaning, choices=column.choices)


def _own(values: pd.Series[Any]) -> str:
    """The column's own name in its table."""
    return str(values.name)


def _faults(values: pd.Series[Any], bad: Mask, code: str, message: str) -> list[Fault]:
    """One fault per bad row; ``{}`` in the message becomes the cell."""
    cells = values.to_numpy(dtype=object)
    return [
        Fault(code=code, message=message.replace("{}", _shown(cells[row])), feature=int(row) + 1, column=_own(values))
        for row in np.flatnonzero(bad)
    ]


def _shown(cell: object) -> str:
    """A cell for a message, at most 60 characters of it."""
    text = repr(cell) if isinstance(cell, str) else str(cell)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 (two uses side by side)


def _text(values: pd.Series[Any], column: Column) -> tuple[pd.Series[Any], list[Fault]]:
    """Text, trimmed; numbers as they would be written by hand, codes without the ``.0`` of a spreadsheet."""
    cells, lost = _written(values)
    if column.code:
        cells = _by_unique(cells, _code)
    if column.words:
        words = column.words
        cells = _by_unique(cells, lambda text: words.get(text, text))
    faults = _faults(
        values,
        lost,
        "lost_digits",
        f"{{}} is a number of more digits than it can keep, so the last digits of {column.name} are gone;"
        " give the column as text",
    )
    if column.pattern:
        rule = re.compile(column.pattern)
        bad = np.array([text is not None and not rule.fullmatch(text) for text in cells], dtype=bool)
        faults += _faults(values, bad, "bad_text", f"{column.name} is {{}}; expected {column.meaning}")
        cells = _without(cells, bad)
    return _as_text(cells, values.index), faults


def _as_text(cells: npt.NDArray[Any], index: pd.Index[Any]) -> pd.Series[Any]:
    """Objects as pandas text."""
    return pd.Series(cells, index=index, dtype="str")


def _written(values: pd.Series[Any]) -> tuple[npt.NDArray[Any], Mask]:
    """Cells as trimmed text or None, and which are numbers that have lost digits."""
    if pd.api.types.is_float_dtype(values.dtype) or pd.api.types.is_integer_dtype(values.dtype):
        return _written_numbers(values)
    cells = values.to_numpy(dtype=object, na_value=cast("Any", None))
    lost = np.array([isinstance(cell, float) and abs(cell) >= EXACT_FLOAT for cell in cells], dtype=bool)
    return _by_unique(cells, _one_written), lost


def _written_numbers(values: pd.Series[Any]) -> tuple[npt.NDArray[Any], Mask]:
    """Numbers as text: whole ones without a decimal point."""
    missing = values.isna().to_numpy()
    lost = np.zeros(len(values), dtype=bool)
    if pd.api.types.is_float_dtype(values.dtype):
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        lost = np.abs(np.where(missing, 0, numbers)) >= EXACT_FLOAT
    texts = [None if gone else _one_written(value) for value, gone in zip(values.tolist(), missing, strict=True)]
    return _objects(texts), lost


def _one_written(cell: object) -> str | None:
    """One cell as trimmed text."""
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell)):
        return None
    if isinstance(cell, (float, np.floating)) and float(cell).is_integer():
        return str(int(cell))
    if isinstance(cell, dt.time):
        return cell.isoformat("minutes")
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8", "replace")
    return str(cell).strip() or None


def _code(text: str) -> str:
    """A code in half-width characters without the ``.0`` that a spreadsheet adds."""
    text = unicodedata.normalize("NFKC", text)
    return text[: text.index(".")] if _WHOLE_FLOAT.fullmatch(text) else text


def _without(cells: npt.NDArray[Any], bad: Mask) -> npt.NDArray[Any]:
    """The cells with those that are bad missing."""
    left = cells.copy()
    left[bad] = None
    return left


def _objects(cells: Sequence[Any]) -> npt.NDArray[Any]:
    """A one-dimensional array of objects, whatever they are."""
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return array


def _by_unique(cells: npt.NDArray[Any], change: Callable[[Any], Any]) -> npt.NDArray[Any]:
    """Each cell changed, each distinct one only once; None stays None."""
    seen: dict[Any, Any] = {None: None}
    out = np.empty(len(cells), dtype=object)
    for row, cell in enumerate(cells):
        try:
            known = cell in seen
        except TypeError:  # a list or a dict out of a JSON file
            out[row] = change(cell)
            continue
        if not known:
            seen[cell] = change(cell)
        out[row] = seen[cell]
    return out


def _numbers(values: pd.Series[Any], column: Column) -> tuple[npt.NDArray[np.float64], list[Fault]]:
    """Cells as floats, NaN where missing or wrong."""
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        numbers, wrong = values.to_numpy(dtype=float, na_value=np.nan), np.zeros(len(values), dtype=bool)
    else:
        numbers, wrong = _parsed_numbers(values)
    faults = _faults(values, wrong, "not_a_number", f"{column.name} is {{}}; expected a number ({column.meaning})")
    infinite = np.isinf(numbers)
    faults += _faults(values, infinite, "not_finite", f"{column.name} is {{}}; expected a finite number")
    numbers = np.where(infinite, np.nan, numbers)
    outside = _outside(numbers, column)
    faults += _faults(values, outside, _range_code(column), f"{column.name} is {{}}; expected {_range(column)}")
    return np.where(outside, np.nan, numbers), faults


def _parsed_numbers(values: pd.Series[Any]) -> tuple[npt.NDArray[np.float64], Mask]:
    """Text and mixed cells as floats, and which of them are no numbers."""
    cells = _by_unique(values.to_numpy(dtype=object, na_value=cast("Any", None)), _one_number)
    wrong = np.array([isinstance(cell, str) for cell in cells], dtype=bool)
    return np.array([np.nan if cell is None else cell for cell in _without(cells, wrong)], dtype=float), wrong


def _one_number(cell: object) -> float | str | None:
    """A number; None for an empty cell; text for what is no number."""
    if isinstance(cell, (bool, np.bool_)):
        return str(cell)
    if isinstance(cell, (int, float, np.integer, np.floating)):
        return _float(cell)
    text = unicodedata.normalize("NFKC", _one_written(cell) or "")
    if not text:
        return None
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)", text, re.IGNORECASE):
        return float(text)
    return f"{text} "


def _float(cell: Any) -> float | None:
    """A number as float, None for NaN; a whole number too large for one is infinite."""
    try:
        number = float(cell)
    except OverflowError:
        return np.inf
    return None if np.isnan(number) else number


def _outside(numbers: npt.NDArray[np.float64], column: Column) -> Mask:
    """Which numbers are outside what makes sense."""
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum
    outside: Mask = (numbers < low) | (numbers > high)
    return outside


def _range_code(column: Column) -> str:
    """``negative`` for what counts from nought upwards, else ``out_of_range``."""
    return "negative" if column.minimum == 0 and column.maximum is None else "out_of_range"


def _range(column: Column) -> str:
    """The range for a message."""
    if column.maximum is None:
        return f"at least {column.minimum}"
    return f"{column.minimum} to {column.maximum}"


def _number(values: pd.Series[Any], column: Column) -> tuple[pd.Series[Any], list[Fault]]:
    """Numbers."""
    numbers, faults = _numbers(values, column)
    return pd.Series(numbers, index=values.index, dtype=float), faults


def _integer(values: pd.Series[Any], column: Column) -> tuple[pd.Series[Any], list[Fault]]:
    """Whole numbers."""
    numbers, faults = _numbers(values, column)
    with np.errstate(invalid="ignore"):
        broken = (np.floor(numbers) != numbers) & ~np.isnan(numbers)
        large = np.abs(numbers) >= EXACT_FLOAT
    faults += _faults(values, broken, "not_whole", f"{column.name} is {{}}; expected a whole number")
    faults += _faults(values, large, "out_of_range", f"{column.name} is {{}}; expected at most {EXACT_FLOAT}")
    whole = np.where(broken | large | np.isnan(numbers), 0, numbers).astype("int64")
    gone = broken | large | np.isnan(numbers)
    return pd.Series(pd.arrays.IntegerArray(whole, gone), index=values.index), faults


def _date(values: pd.Series[Any], column: Column) -> tuple[pd.Series[Any], list[Fault]]:
    """Dates."""
    raw = values.to_numpy(dtype=object, na_value=cast("Any", None))
    cells = _by_unique(raw, _one_date)
    wrong = np.array([isinstance(cell, str) for cell in cells], dtype=bool)
    message = f"{column.name} is {{}}; expected a date such as 2024-05-01"
    dates = pd.Series(_without(cells, wrong), index=values.index, dtype="object")
    return dates, _faults(values, wrong, "not_a_date", message)


def _one_date(cell: Any) -> dt.date | str | None:
    """A date; None for an empty cell; text for what is no date."""
    if isinstance(cell, np.datetime64):
        cell = pd.Timestamp(cell).to_pydatetime()
    if cell is pd.NaT:
        return None
    if isinstance(cell, dt.datetime):
        return cell.date() if (cell.hour, cell.minute, cell.second) == (0, 0, 0) else str(cell)
    if isinstance(cell, dt.date):
        return cell
    text = unicodedata.normalize("NFKC", _one_written(cell) or "")
    if not text:
        return None
    match = _DATE.fullmatch(text)
    try:
        return dt.date(*(int(part) for part in match.groups() if part)) if match else text
    except ValueError:
        return text


def _time(values: pd.Series[Any], column: Column) -> tuple[pd.Series[Any], list[Fault]]:
    """Moments in UTC."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_convert("UTC").dt.as_unit("us"), []
    texts = pd.Series(
        _by_unique(values.to_numpy(dtype=object, na_value=cast("Any", None)), _one_moment),
        index=values.index,
        dtype="str",
    )
    moments = pd.to_datetime(texts, utc=True, format="ISO8601", errors="coerce").dt.as_unit("us")
    given = texts.notna().to_numpy()
    wrong = moments.isna().to_numpy() & given
    zoneless = given & ~wrong & ~texts.str.contains(_ZONE, regex=True, na=False).to_numpy(dtype=bool)
    hint = "2024-05-01T08:00:00+08:00"
    faults = _faults(values, wrong, "not_a_time", f"{column.name} is {{}}; expected a moment such as {hint}")
    faults += _faults(
        values, zoneless, "no_zone", f"{column.name} is {{}}, in no time zone; expected {hint} (or Z for UTC)"
    )
    return moments.mask(pd.Series(zoneless, index=values.index)), faults


def _one_moment(cell: Any) -> str | None:
    """A moment as ISO 8601 text, with the zone that it has."""
    if isinstance(cell, np.datetime64):
        cell = pd.Timestamp(cell)
    return cell.isoformat() if isinstance(cell, dt.datetime) and cell is not pd.NaT else _one_written(cell)


def _choice(values: pd.Series[Any], column: Column) -> tuple[pd.Series[Any], list[Fault]]:
    """One of a fixed list of words."""
    words = {**{word: word for word in column.choices}, **column.words}
    raw, _ = _written(values)
    cells = _by_unique(raw, lambda text: words.get(text, words.get(text.casefold(), text)))
    wrong = np.array([cell is not None and cell not in column.choices for cell in cells], dtype=bool)
    message = f"{column.name} is {{}}; expected one of {', '.join(column.choices)}"
    return _as_text(_without(cells, wrong), values.index), _faults(values, wrong, "bad_choice", message)


_KINDS: dict[str, Callable[[pd.Series[Any], Column], tuple[pd.Series[Any], list[Fault]]]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "date": _date,
    "time": _time,
    "choice": _choice,
}
