"""Columns of tables as plain values of a page: what nothing stands in is None."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


def texts(table: pd.DataFrame, name: str) -> list[str | None]:
    """Return a column as text, None where nothing stands."""
    given = table[name] if name in table else [None] * len(table)
    return [None if pd.isna(value) else str(value) for value in given]


def numbers(table: pd.DataFrame, name: str, digits: int = 1) -> list[float | None]:
    """Return a column of numbers, None where nothing stands."""
    given = pd.to_numeric(table[name], errors="coerce") if name in table else [None] * len(table)
    return [None if pd.isna(value) else round(float(value), digits) for value in given]


def known_values(values: npt.NDArray[np.float64], digits: int) -> list[Any]:
    """Return numbers as nested lists, None where not known."""
    rounded = np.round(values, digits).astype(object)
    rounded[np.isnan(values)] = None
    nested: list[Any] = rounded.tolist()
    return nested
