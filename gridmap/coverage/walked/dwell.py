"""Where posts stood: dwell at hot spots, and time stood idle elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.duties import number_column
from gridmap.coverage.walked.moments import seconds
from gridmap.coverage.walked.revisits import HOUR_S
from gridmap.coverage.walked.unions import united
from gridmap.crs import to_metric, to_system

if TYPE_CHECKING:
    import geopandas as gpd

_MINUTE_S, _DAY_S = 60.0, 86_400.0
#: A stop at a hot spot deters longest when it lasts 10 to 16 minutes (Koper, Justice Quarterly 12, 1995); one shorter
#: than 5 hardly does, and beyond 30 the time is lost elsewhere. Ends count as within.
KOPER_MIN = (10.0, 16.0)
SHORT_MIN, LONG_MIN = 5.0, 30.0
#: Metres from a place within which one is at it, where it states none.
RADIUS_M = 50.0


def dwell(stops: gpd.GeoDataFrame, spots: gpd.GeoDataFrame, *, since: Any, until: Any) -> pd.DataFrame:
    """Return how often and how long posts stood at each hot spot.

    Parameters
    ----------
    stops
        ``post``, ``arrived``, ``left``; points, in any CRS: those that `gridmap.tracks.judge` found.
    spots
        ``id``, ``radius_m`` where known (else 50); points, in any CRS.
    since, until
        The window: stops that began in it count.

    Returns
    -------
    pandas.DataFrame
        In the order of the spots: ``id``, ``stops``, ``per_2h`` (stops in two hours), ``dwell_min`` (mean),
        ``share_koper`` (10 to 16 minutes), ``share_short`` (below 5), ``share_long`` (above 30); shares and mean are
        missing where nobody stood.

    Raises
    ------
    CrsError
        If a table states no CRS.
    InputError
        If a moment states no zone.
    """
    begin, end = seconds(since), seconds(until)
    arrived, left = _times(stops)
    chosen = (arrived >= begin) & (arrived < end)
    spot, stop = _at(stops[chosen], to_metric(spots))
    minutes = ((left - arrived) / _MINUTE_S)[chosen][stop]
    count = np.bincount(spot, minlength=len(spots))

    def mean(each: npt.NDArray[Any]) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(count > 0, np.bincount(spot, each.astype(float), len(spots)) / count, np.nan)

    return pd.DataFrame(
        {
            "id": spots["id"].to_numpy(),
            "stops": count,
            "per_2h": count * 2 * HOUR_S / (end - begin),
            "dwell_min": mean(minutes),
            "share_koper": mean((minutes >= KOPER_MIN[0]) & (minutes <= KOPER_MIN[1])),
            "share_short": mean(minutes < SHORT_MIN),
            "share_long": mean(minutes > LONG_MIN),
        }
    )


def worked(fixes: pd.DataFrame) -> pd.DataFrame:
    """Return when each post was out in each shift: from its first fix to its last.

    Parameters
    ----------
    fixes
        ``post``, ``shift``, ``time``.

    Returns
    -------
    pandas.DataFrame
        ``post``, ``shift``, ``begin``, ``end``.

    Raises
    ------
    Nothing
        Without fixes nobody was out.
    """
    grouped = fixes.groupby(["post", "shift"], sort=True)["time"]
    return grouped.agg(["min", "max"]).reset_index().rename(columns={"min": "begin", "max": "end"})


def idle(
    stops: gpd.GeoDataFrame,
    shifts: pd.DataFrame,
    *,
    places: gpd.GeoDataFrame | None = None,
    rests: Sequence[tuple[dt.time, dt.time]] = (),
    ahead_h: float = 8.0,
) -> pd.DataFrame:
    """Return which share of its shift each post stood idle.

    Time stood is *idle* outside hot spots, stations and hours of rest. What a post's devices report at one time counts
    once.

    Parameters
    ----------
    stops
        ``post``, ``shift``, ``arrived``, ``left``; points.
    shifts
        ``post``, ``shift``, ``begin``, ``end``: `worked`, or the plan.
    places
        Hot spots and stations: ``radius_m`` where known; points.
    rests
        Hours of rest by the local clock; one that ends before it begins runs across midnight.
    ahead_h
        Hours that the clock is ahead of UTC.

    Returns
    -------
    pandas.DataFrame
        In the order of ``shifts``: ``post``, ``shift``, ``hours``, ``stopped_h``, ``idle_h``, ``share`` (idle in the
        hours; missing where there are none).

    Raises
    ------
    CrsError
        If a table states no CRS.
    """
    arrived, left = _times(stops)
    keys = pd.MultiIndex.from_frame(shifts[["post", "shift"]].astype(str))
    row = np.asarray(keys.get_indexer(pd.MultiIndex.from_frame(stops[["post", "shift"]].astype(str))), dtype=np.int64)
    away = np.ones(len(stops), dtype=bool)
    if places is not None:
        away[_at(stops, to_metric(places))[1]] = False
    begin, end = (np.asarray(seconds(shifts[name]), dtype=float) for name in ("begin", "end"))
    stopped = _stood(row, arrived, left, len(shifts))
    loose = away & (row >= 0)
    waking = _waking(row[loose], arrived[loose], left[loose], _resting(rests, arrived, left, ahead_h))
    hours, idled = (end - begin) / HOUR_S, _stood(*waking, len(shifts)) / HOUR_S
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(hours > 0, idled / hours, np.nan)
    found = {"hours": hours, "stopped_h": stopped / HOUR_S, "idle_h": idled, "share": share}
    return shifts[["post", "shift"]].reset_index(drop=True).assign(**found)


def _times(stops: pd.DataFrame) -> tuple[Floats, Floats]:
    if not len(stops):
        return np.zeros(0), np.zeros(0)
    return np.asarray(seconds(stops["arrived"])), np.asarray(seconds(stops["left"]))


def _at(stops: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
    """Every pair of a place and a stop at it."""
    if not len(stops) or not len(places):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    points = np.asarray(to_system(stops.geometry, places.crs).to_numpy())
    radius = number_column(places, "radius_m").fillna(RADIUS_M).to_numpy()
    tree = shapely.STRtree(points)
    place, stop = tree.query(places.geometry.to_numpy(), predicate="dwithin", distance=radius)
    return place, stop


def _stood(row: Ints, begin: Floats, end: Floats, rows: int) -> Floats:
    """Seconds of the union of intervals of each row."""
    known = row >= 0
    row, begin, end = row[known], begin[known], end[known]
    order = np.lexsort((begin, row))
    return united(row[order], begin[order], end[order], rows)


def _resting(
    rests: Sequence[tuple[dt.time, dt.time]], arrived: Floats, left: Floats, ahead_h: float
) -> list[tuple[float, float]]:
    """Hours of rest on all days that stops touch, joined and in order."""
    if not len(arrived):
        return []
    first, last = (int((each + ahead_h * HOUR_S) // _DAY_S) for each in (arrived.min(), left.max()))
    found: list[tuple[float, float]] = []
    spans = []
    for day in range(first - 1, last + 1):
        midnight = day * _DAY_S - ahead_h * HOUR_S
        for begins, ends in rests:
            begin, end = (at.hour * HOUR_S + at.minute * _MINUTE_S + at.second for at in (begins, ends))
            spans.append((midnight + begin, midnight + (end if end > begin else end + _DAY_S)))
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def _waking(row: Ints, arrived: Floats, left: Floats, rests: list[tuple[float, float]]) -> tuple[Ints, Floats, Floats]:
    """Intervals without hours of rest: what lies between one rest and the next."""
    opens = np.array([-np.inf, *(end for _, end in rests)])
    closes = np.array([*(begin for begin, _ in rests), np.inf])
    begin, end = np.maximum(arrived[:, None], opens), np.minimum(left[:, None], closes)
    which, at = np.nonzero(end > begin)
    return row[which], begin[which, at], end[which, at]
