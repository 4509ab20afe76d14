"""JSON lines: one object on each line, as devices and message queues write them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from gridmap.errors import Fault, FormatError, TableError
from gridmap.formats.delimited import open_csv

#: Characters of one line at most.
_LONGEST = 1_000_000


def read_objects(path: Path, *, size: int, encoding: str | None = None) -> Iterator[pd.DataFrame]:
    """The objects of a file of JSON lines, so many at a time, in memory that does not grow with the file.

    Parameters
    ----------
    path
        The file; blank lines are passed over.
    size
        Objects per table.
    encoding
        Where it is known; else it is found out.

    Yields
    ------
    DataFrame
        A column for each name that occurs among these objects, cells as they are; the index is the line, from 1.

    Raises
    ------
    FormatError
        ``bad_encoding`` where a byte is not in the encoding; ``empty_layer`` where there is no object.
    TableError
        With each line that is no JSON object (``broken_json``), is too long (``too_large``), or holds objects or lists
        where a value belongs (``nested_value``), up to the end of the table.
    """
    rows: list[dict[str, Any]] = []
    lines: list[int] = []
    faults: list[Fault] = []
    begun = False
    for number, text in _lines(path, encoding):
        found = _object(text, number)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            rows.append(found)
            lines.append(number)
        if len(rows) + len(faults) == size:
            yield _table(path, rows, lines, faults)
            begun, rows, lines = True, [], []
    if rows or faults:
        yield _table(path, rows, lines, faults)
    elif not begun:
        raise FormatError(f"{path.name} has no objects", expected="at least one", code="empty_layer")


def _lines(path: Path, encoding: str | None) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, with their numbers; one that is too long is cut off."""
    with open_csv(path, encoding=encoding) as (file, name):
        number = 0
        try:
            while text := file.readline(_LONGEST + 1):
                number += 1
                if len(text) > _LONGEST:
                    while (rest := file.readline(_LONGEST)) and not rest.endswith("\n"):
                        pass
                if text.strip():
                    yield number, text
        except UnicodeError as error:
            given = f"{path.name} is not {name} text throughout ({error})"
            raise FormatError(given, do="state the encoding it is in (--encoding)", code="bad_encoding") from None


def _object(text: str, number: int) -> dict[str, Any] | Fault:
    """The object of a line, or why it is none."""
    if len(text) > _LONGEST:
        return Fault(code="too_large", message=f"more than {_LONGEST} characters on a line", line=number)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Fault(code="broken_json", message=f"no JSON: {error}", line=number)
    if not isinstance(found, dict):
        return Fault(code="broken_json", message=f"{type(found).__name__}; expected one object a line", line=number)
    nested = next((name for name, cell in found.items() if isinstance(cell, dict | list)), None)
    if nested is not None:
        do = "write lon and lat as numbers; GeoJSON features belong in a file .geojsonl"
        return Fault(code="nested_value", message=f"{nested} is no single value; {do}", line=number, column=nested)
    return found


def _table(path: Path, rows: list[dict[str, Any]], lines: list[int], faults: list[Fault]) -> pd.DataFrame:
    """Objects as a table."""
    if faults:
        raise TableError(path.name, faults)
    return pd.DataFrame(rows, index=pd.Index(lines))
