"""On which days a row holds: from its ``valid_from`` until the day before its ``valid_to``."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np


def in_force(table: gpd.GeoDataFrame, on: date) -> gpd.GeoDataFrame:
    """Return the rows that hold on a day.

    Parameters
    ----------
    table
        Table with ``valid_from`` and ``valid_to`` (``datetime.date`` or missing), either or both of which it may lack;
        a missing day is no limit.
    on
        The day asked about.

    Returns
    -------
    geopandas.GeoDataFrame
        The rows that hold, in their order, with their index.

    Raises
    ------
    None

    Examples
    --------
    >>> from datetime import date
    >>> day = date(2020, 1, 1)
    >>> rows = gpd.GeoDataFrame({"code": ["old", "new"], "valid_from": [None, day], "valid_to": [day, None]})
    >>> in_force(rows, day)["code"].tolist()
    ['new']
    """
    holds = [
        (first is None or first <= on) and (until is None or on < until)
        for first, until in zip(_days(table, "valid_from"), _days(table, "valid_to"), strict=True)
    ]
    # of a table without rows, an empty list would choose columns
    return table[np.array(holds, dtype=bool)]


def days_of_change(table: gpd.GeoDataFrame) -> list[date]:
    """Return the days on which rows begin or end, in order.

    Parameters
    ----------
    table
        As for :func:`in_force`.

    Returns
    -------
    list of datetime.date
        Empty where every row holds for ever.

    Raises
    ------
    None
    """
    return sorted({day for name in ("valid_from", "valid_to") for day in _days(table, name) if day is not None})


def _days(table: gpd.GeoDataFrame, name: str) -> list[date | None]:
    """One column of days; None where there is none."""
    if name not in table:
        return [None] * len(table)
    column = table[name].astype(object)
    return [None if missing else day for day, missing in zip(column, np.asarray(column.isna()), strict=True)]
