"""Sign-ins: scans as they were given, or, where there are none, the moments at which tracks passed the points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import formats
from gridmap.coverage.walked import Period, Rules, Track, completion, must_visits, signins
from gridmap.crs import RECORD_EPSG, to_metric, to_system
from gridmap.frames import FRAMES
from gridmap.service.patrols.reading import Span
from gridmap.service.tables import columns_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Seconds between two fixes up to which the way between them is known well enough to have passed a point.
OBSERVED_S = 30.0
#: Seconds away from a point after which coming back is another pass of it.
AWAY_S = 600.0


@dataclass(frozen=True, kw_only=True)
class Spots:
    """Where and when somebody signed in."""

    #: the table ``checkpoints``
    checkpoints: gpd.GeoDataFrame
    #: the table ``signins``; None: the tracks stand in for it (see `passed`)
    scans: gpd.GeoDataFrame | None = None


def read_signins(
    path: Path, *, asked: Span, crs: str | None = None, columns: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame:
    """Return the scans of a file that were made in some time; none where it holds none of these.

    Raises
    ------
    NotFoundError, FormatError, TableError, CrsError
        As `gridmap.formats.read_fixes`.
    """
    mapped = columns_of("signins", columns or {}) or None
    parts = list(formats.read_fixes(path, layer="signins", crs=crs, columns=mapped))
    if not parts:
        return no_scans()
    table = pd.concat(parts, ignore_index=True)
    return table[asked.holds(table["time"].to_numpy(dtype="datetime64[us]").astype(np.int64))].reset_index(drop=True)


def no_scans() -> gpd.GeoDataFrame:
    """Return the table ``signins`` without rows."""
    cells = {column.name: pd.Series(dtype="str") for column in FRAMES["signins"].columns}
    cells["time"] = pd.Series(dtype="datetime64[us, UTC]")
    cells["accuracy_m"] = pd.Series(dtype=float)
    return gpd.GeoDataFrame(cells, geometry=gpd.GeoSeries([], crs=RECORD_EPSG))


def passed(fixes: gpd.GeoDataFrame, checkpoints: gpd.GeoDataFrame, *, rules: Rules | None = None) -> gpd.GeoDataFrame:
    """Return a scan for each pass of a post by a checkpoint: what stands in for sign-ins that nobody kept.

    A post *passes* a point when the way between two of its fixes, at most 30 s apart, comes within the radius of the
    point. Passes less than ten minutes apart are one; its moment is that at which the post was nearest.

    Parameters
    ----------
    fixes
        post, leg (if known), time and points in any CRS, sorted by post, leg and time: fixes that were judged good.
    checkpoints
        ``id``, ``radius_m`` where known; points in any CRS.
    rules
        The radius of points that state none.

    Returns
    -------
    GeoDataFrame
        The table ``signins``: post, checkpoint, time, device, accuracy_m; the place where the post was nearest, in the
        CRS of the checkpoints.

    Raises
    ------
    CrsError
        If a table states no CRS.
    """
    metric = to_metric(checkpoints)
    spots = shapely.get_coordinates(metric.geometry.to_numpy())
    xy = shapely.get_coordinates(to_system(fixes.geometry, metric.crs).to_numpy())
    time = fixes["time"].to_numpy(dtype="datetime64[us]").astype(np.int64) / 1e6
    leg = fixes["leg"].to_numpy(dtype=np.int64) if "leg" in fixes else pd.factorize(fixes["post"])[0]
    first = np.flatnonzero((np.diff(leg) == 0) & (np.diff(time) <= OBSERVED_S))
    radius = (
        pd.to_numeric(metric["radius_m"], errors="coerce") if "radius_m" in metric else pd.Series(np.nan, metric.index)
    )
    near = radius.fillna((rules or Rules()).radius_m).to_numpy(dtype=float)
    ways = shapely.linestrings(np.stack([xy[first], xy[first + 1]], axis=1)) if len(first) else np.array([], object)
    point, way = shapely.STRtree(ways).query(shapely.points(spots), predicate="dwithin", distance=near)
    row, point = first[way], point.astype(np.int64)
    share, off = _nearest(xy[row], xy[row + 1], spots[point])
    when = time[row] + share * (time[row + 1] - time[row])
    post = pd.factorize(fixes["post"])[0][row]
    best = _passes(post, point, when, off)
    place = xy[row[best]] + share[best, None] * (xy[row[best] + 1] - xy[row[best]])
    moments = pd.DatetimeIndex(np.round(when[best] * 1e6).astype("int64").view("datetime64[us]")).tz_localize("UTC")
    table = gpd.GeoDataFrame(
        {
            "post": fixes["post"].to_numpy()[row[best]],
            "checkpoint": metric["id"].to_numpy(dtype=object)[point[best]],
            "time": moments,
            "device": pd.Series(pd.NA, index=range(len(best)), dtype="str"),
            "accuracy_m": fixes["accuracy_m"].to_numpy(dtype=float)[row[best]] if "accuracy_m" in fixes else np.nan,
        },
        geometry=gpd.GeoSeries(shapely.points(place), crs=metric.crs),
    )
    return to_system(table.sort_values(["time", "post", "checkpoint"], ignore_index=True), checkpoints.crs)


def judged_signins(
    spots: Spots,
    fixes: gpd.GeoDataFrame,
    period: Period,
    *,
    since: pd.Timestamp,
) -> dict[str, pd.DataFrame]:
    """Return sign-ins with their status, the share of those due that was made, and the list of what is due by month.

    Parameters
    ----------
    spots
        Checkpoints and the scans there.
    fixes
        Fixes that were judged good: scans are held against them.
    period
        The shifts asked about, and the moment up to which scans are known.
    since
        The moment since which the record is complete, for the list of the month.

    Returns
    -------
    dict of str to DataFrame
        ``signins``, with points; ``completion``; ``lists`` where checkpoints state ``every_days``.

    Raises
    ------
    TableError, InputError
        As `gridmap.coverage.walked.signins` and `gridmap.coverage.walked.must_visits`.
    """
    checkpoints = spots.checkpoints
    if spots.scans is None:
        table = signins(passed(fixes, checkpoints), checkpoints, period).assign(by="track")
        # to pass a point while it is closed is no sign-in that failed
        table = table[table["status"] != "out_of_window"].reset_index(drop=True)
    else:
        table = signins(spots.scans, checkpoints, period, track=Track(fixes=fixes)).assign(by="scan")
    points = checkpoints.set_index("id").geometry
    shapes = gpd.GeoSeries(points.loc[table["checkpoint"]].to_numpy(), crs=checkpoints.crs)
    layers: dict[str, pd.DataFrame] = {
        "signins": gpd.GeoDataFrame(table, geometry=shapes),
        "completion": completion(table, checkpoints, period),
    }
    if "every_days" in checkpoints and checkpoints["every_days"].notna().any():
        good = table[table["status"].isin(["on_time", "out_of_order"])]
        layers["lists"] = must_visits(checkpoints, good, now=period.now, since=since)
    return layers


def _nearest(begin: Floats, end: Floats, spot: Floats) -> tuple[Floats, Floats]:
    """How far along each way, as a share, it is nearest to its point, and how near, metres."""
    along = end - begin
    square = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((spot - begin) * along).sum(axis=1) / square, 0.0, 1.0)
    return share, np.hypot(*(begin + share[:, None] * along - spot).T)


def _passes(post: Ints, point: Ints, when: Floats, off: Floats) -> Ints:
    """The nearest moment of each pass."""
    order = np.lexsort((when, point, post))
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(post[order]) != 0) | (np.diff(point[order]) != 0) | (np.diff(when[order]) > AWAY_S)
    number = np.cumsum(fresh)
    best = order[np.lexsort((when[order], off[order], number))]
    chosen: Ints = best[np.unique(np.sort(number), return_index=True)[1]]
    return chosen
