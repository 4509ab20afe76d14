"""Where each post was last known to be, and whether that is fit to send it anywhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.errors import Fault, InputError, TableError
from gridmap.network.ways import Ways

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Seconds by which a device's clock may run ahead of that of the alert.
AHEAD_S = 300.0
#: What the column ``status`` says of a post that may be sent; all else is off duty.
ON_DUTY = frozenset({"", "on_duty", "on duty", "on", "available", "在岗", "值班", "巡逻"})


@dataclass(frozen=True, kw_only=True)
class Posts:
    """Posts by name, each where its last fix has it."""

    #: names, in order, shape (p,)
    post: npt.NDArray[np.object_]
    #: metres of the graph, NaN where the fix has no place, shape (p, 2)
    xy: Floats
    #: seconds since the fix, never below 0, shape (p,)
    age_s: Floats
    #: why a post may not be sent, empty where it may: ``too_old``, ``future``, ``off_duty``, ``no_place``, shape (p,)
    barred: npt.NDArray[np.object_]
    #: the moment asked about
    now: pd.Timestamp
    #: the system of the fixes, to which answers go back
    crs: Any


def posts(
    fixes: gpd.GeoDataFrame,
    ways: Ways,
    *,
    now: dt.datetime | pd.Timestamp | None = None,
    most_age_s: float = 300.0,
    on_duty: Collection[str] | None = None,
) -> Posts:
    """Return every post at its last fix, and whether it may be sent.

    Fixes of more than five minutes after the moment asked about are passed over: the clock that made them is wrong.

    Parameters
    ----------
    fixes
        ``post``, ``time`` with its zone, points in any CRS; ``status`` where known: ``on_duty``, or what else.
    ways
        The streets.
    now
        The moment asked about; by default that of the last fix of all, which is right for a file of fixes that all
        clocks agree on, and for nothing else.
    most_age_s
        Age in seconds beyond which nobody knows where a post is.
    on_duty
        Names of the posts on duty; by default all whose ``status`` does not say otherwise.

    Raises
    ------
    TableError
        If there are no fixes, a column is missing, or a time has no zone or cannot be read.
    InputError
        If the moment has no zone, or the age is negative.
    """
    moment = None if now is None else _moment(now)
    if not most_age_s >= 0:
        raise InputError(f"most_age_s {most_age_s}", expected="0 or more seconds")
    times = _times(fixes)
    at = moment or times.max()
    last = _last(fixes["post"].astype(str).to_numpy(dtype=object), times, at)
    names = fixes["post"].astype(str).to_numpy(dtype=object)[last]
    age = (at - times[last]).total_seconds().to_numpy(dtype=float)
    xy = ways.to_metres(fixes.geometry.iloc[last])
    barred = _barred(names, age, xy, most_age_s, _off_duty(fixes, last, names, on_duty))
    return Posts(post=names, xy=xy, age_s=np.maximum(age, 0.0), barred=barred, now=at, crs=fixes.crs)


def _barred(names: Any, age: Floats, xy: Floats, most_age_s: float, off: Flags) -> npt.NDArray[np.object_]:
    """Why a post may not be sent: the first reason that holds."""
    reasons = {
        "off_duty": off,
        "future": age < -AHEAD_S,
        "too_old": age > most_age_s,
        "no_place": ~np.isfinite(xy).all(axis=1),
    }
    barred = np.full(len(names), "", dtype=object)
    for reason, holds in reversed(reasons.items()):
        barred[holds] = reason
    return barred


def _off_duty(fixes: gpd.GeoDataFrame, last: Any, names: Any, on_duty: Collection[str] | None) -> Flags:
    """Whether each post is off duty."""
    off = np.zeros(len(names), dtype=bool)
    if "status" in fixes:
        said = fixes["status"].iloc[last].fillna("").astype(str).str.strip().str.lower()
        off |= ~said.isin(ON_DUTY).to_numpy()
    if on_duty is not None:
        off |= ~np.isin(names, list(on_duty))
    return off


def _last(names: Any, times: pd.DatetimeIndex, at: pd.Timestamp) -> npt.NDArray[np.int64]:
    """Row of the last fix of each post that is not ahead of its time, of the first one where all are."""
    seconds = (times - at).total_seconds().to_numpy(dtype=float)
    ahead = seconds > AHEAD_S
    order = np.lexsort([np.where(ahead, -seconds, seconds), ~ahead, names.astype(str)])
    sorted_names = names[order]
    final = np.ones(len(order), dtype=bool)
    final[:-1] = sorted_names[1:] != sorted_names[:-1]
    return np.asarray(order[final])


def _times(fixes: gpd.GeoDataFrame) -> pd.DatetimeIndex:
    """Moments of the fixes in UTC."""
    if missing := [name for name in ("post", "time") if name not in fixes]:
        message = f"no column {' or '.join(missing)}; map or add it"
        raise TableError("fixes", [Fault(code="missing_column", message=message)])
    if not len(fixes):
        raise TableError("fixes", [Fault(code="no_fixes", message="no fix of any post; give at least one")])
    column = fixes["time"]
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        times = pd.DatetimeIndex(column).tz_convert("UTC")
    else:
        times = pd.DatetimeIndex([_read(value) for value in column])
    faults = [
        Fault(code="no_time", message="no moment with its zone: 2024-05-06T08:00:00+08:00, say", feature=int(at) + 1)
        for at in np.flatnonzero(times.isna())
    ]
    if faults:
        raise TableError("fixes", faults)
    return times


def _read(value: Any) -> Any:
    """A moment in UTC, or none where it has no zone or cannot be read."""
    moment = pd.to_datetime(value, errors="coerce")
    return pd.NaT if pd.isna(moment) or moment.tzinfo is None else moment.tz_convert("UTC")


def _moment(now: dt.datetime | pd.Timestamp) -> pd.Timestamp:
    """The moment asked about in UTC."""
    moment = pd.Timestamp(now)
    if pd.isna(moment) or moment.tzinfo is None:
        raise InputError(f"now {now} without a zone", expected="a moment such as 2024-05-06T08:00:00+08:00")
    return moment.tz_convert("UTC")
