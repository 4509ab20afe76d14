"""Counts of people and houses in a table that was made by hand or by another program."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gridmap.errors import TableError
from gridmap.frames.cells import absent, converted
from gridmap.frames.columns import Column


def counts(table: pd.DataFrame, name: str, *, source: str) -> pd.Series[Any]:
    """Return a column of counts: whole numbers from 0 up, missing where a cell is or the table has no such column.

    Parameters
    ----------
    table
        Any table.
    name
        The column, such as ``"households"``.
    source
        What the table is called in messages.

    Returns
    -------
    pandas.Series of Int64
        With the index of the table.

    Raises
    ------
    TableError
        If a cell is text, negative, broken or infinite; all of them at once.

    Examples
    --------
    >>> counts(pd.DataFrame({"households": ["12", None]}), "households", source="areas").tolist()
    [12, <NA>]
    """
    column = Column(name=name, kind="integer", meaning=f"number of {name}", minimum=0)
    if name not in table:
        return absent(column, table.index)
    cells, faults = converted(table[name], column)
    if faults:
        raise TableError(source, faults)
    return cells
