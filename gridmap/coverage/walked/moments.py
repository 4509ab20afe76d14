"""Moments as seconds since 1970 in UTC."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gridmap.errors import InputError


def seconds(times: Any) -> Any:
    """Return moments as seconds since 1970 in UTC, NaN where there is none.

    Parameters
    ----------
    times
        One moment, or a column of them; all with a zone: a time of day without one could be eight hours off.

    Returns
    -------
    float or numpy.ndarray
        As many as were given.

    Raises
    ------
    InputError
        If a moment states no zone, or is none.

    Examples
    --------
    >>> seconds("1970-01-01T08:00:01+08:00")
    1.0
    """
    single = not isinstance(times, (pd.Series, pd.Index, np.ndarray, list))
    column = pd.Series([times] if single else times)
    if not isinstance(column.dtype, pd.DatetimeTZDtype):
        column = _parsed(column)
    plain = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    numbers = np.where(np.isnat(plain), np.nan, plain.astype(np.int64) / 1e6)
    return float(numbers[0]) if single else numbers


def stamps(numbers: Any) -> pd.Series:
    """Return seconds since 1970 as moments in UTC, missing where the number is.

    Raises
    ------
    Nothing
        Any number is a moment.

    Examples
    --------
    >>> stamps(np.array([0.5, np.nan])).tolist()
    [Timestamp('1970-01-01 00:00:00.500000+0000', tz='UTC'), NaT]
    """
    told = np.asarray(numbers, dtype=float)
    known = ~np.isnan(told)
    whole = np.full(len(told), np.datetime64("NaT", "us"))
    whole[known] = np.round(told[known] * 1e6).astype("int64").astype("datetime64[us]")
    found: pd.Series = pd.Series(whole).dt.tz_localize("UTC")
    return found


def _parsed(column: pd.Series) -> pd.Series:
    """Words and objects as moments."""
    if any(_zoneless(each) for each in column.dropna().unique()):
        raise InputError("a time that states no zone, or is none", expected="such as 2024-05-06T08:00:00+08:00")
    moments: pd.Series = pd.to_datetime(column, utc=True, format="ISO8601")
    return moments


def _zoneless(each: Any) -> bool:
    """Whether it cannot be read as a moment with a zone."""
    try:
        return pd.Timestamp(each).tzinfo is None
    except (ValueError, TypeError):
        return True
