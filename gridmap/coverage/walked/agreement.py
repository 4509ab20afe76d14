"""Sign-ins held against tracks: whether the post was there when it signed in, and passed where it did not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gridmap.coverage.sweeping import Floats
from gridmap.coverage.walked.moments import seconds
from gridmap.crs import to_system

if TYPE_CHECKING:
    import geopandas as gpd

    from gridmap.coverage.walked.duties import Due

#: What scan and track say together, in the order of `agreement`.
CASES = ("scan_and_track", "scan_only", "track_only", "neither")


@dataclass(frozen=True, kw_only=True)
class Track:
    """Fixes that sign-ins are held against."""

    #: ``post``, ``time``; points in any CRS: fixes that were judged good
    fixes: gpd.GeoDataFrame
    #: a post was at a point when it has a fix so near, metres, and so near in time, seconds
    near_m: float = 30.0
    within_s: float = 60.0


def cases(table: pd.DataFrame, listed: Due, checkpoints: gpd.GeoDataFrame, track: Track) -> npt.NDArray[np.object_]:
    """Return what scan and track say together of each row of sign-ins.

    A scan is confirmed by a fix of its post within 30 m of the point and 60 s of the scan; one that has no fix within
    60 s at all is neither confirmed nor contradicted. A point that was missed was passed when any post has a fix within
    30 m of it in one of the windows; if there is no fix of anybody in these, nothing is known.

    Parameters
    ----------
    table
        ``post``, ``time`` (seconds, NaN where missed), ``row`` of the checkpoint, ``window`` (row of what is due).
    listed
        What is due.
    checkpoints
        Points in a metric system.
    track
        Fixes.

    Returns
    -------
    numpy.ndarray
        One of ``CASES``, None where nothing is known.

    Raises
    ------
    CrsError
        If the fixes state no CRS.
    """
    placed = shapely.get_coordinates(checkpoints.geometry.to_numpy())
    xy = shapely.get_coordinates(to_system(track.fixes, checkpoints.crs).geometry.to_numpy())
    time = np.asarray(seconds(track.fixes["time"])) if len(xy) else np.zeros(0)
    found = np.full(len(table), None, dtype=object)
    scanned = table["time"].notna().to_numpy()
    found[scanned] = _confirmed(table[scanned], placed, (track, xy, time))
    near = _near(placed, xy, time, track.near_m)
    every = np.sort(time)
    window, point = (table[name].to_numpy(dtype=np.int64) for name in ("window", "row"))
    for at in np.flatnonzero(~scanned):
        windows = np.flatnonzero(listed.row == window[at])
        known, passed = (
            any(_any_within(times, listed.opens[each], listed.closes[each]) for each in windows)
            for times in (every, near[int(point[at])])
        )
        found[at] = ("track_only" if passed else "neither") if known else None
    return found


def agreement(table: pd.DataFrame) -> pd.DataFrame:
    """Return how often sign-ins and tracks agree.

    Parameters
    ----------
    table
        What `gridmap.coverage.walked.signins` returned for a track.

    Returns
    -------
    pandas.DataFrame
        The four of ``CASES`` and ``unknown``: ``case``, ``count``, ``share`` (of what is known; missing for unknown,
        and where nothing is known).

    Raises
    ------
    Nothing
        Nothing need be known.

    Examples
    --------
    >>> agreement(pd.DataFrame({"track": ["scan_only", "scan_and_track", None]}))["share"].tolist()
    [0.5, 0.5, 0.0, 0.0, nan]
    """
    counts = [int((table["track"] == case).sum()) for case in CASES]
    whole = sum(counts)
    share = [count / whole if whole else np.nan for count in counts]
    unknown = int(table["track"].isna().sum())
    return pd.DataFrame({"case": [*CASES, "unknown"], "count": [*counts, unknown], "share": [*share, np.nan]})


def _confirmed(scans: pd.DataFrame, placed: Floats, told: tuple[Track, Floats, Floats]) -> npt.NDArray[np.object_]:
    """What the track of its post says of each scan."""
    track, xy, time = told
    posts = track.fixes["post"].astype(str).to_numpy(dtype=object)
    order = np.argsort(time, kind="stable")
    mine = {post: order[posts[order] == post] for post in scans["post"].unique()}
    found = np.full(len(scans), None, dtype=object)
    columns = (scans[name].to_numpy() for name in ("post", "time", "row"))
    for at, (post, moment, row) in enumerate(zip(*columns, strict=True)):
        rows = mine[post]
        first = np.searchsorted(time[rows], moment - track.within_s, side="left")
        around = rows[first : np.searchsorted(time[rows], moment + track.within_s, side="right")]
        if len(around):
            off = np.hypot(*(xy[around] - placed[row]).T)
            found[at] = "scan_and_track" if off.min() <= track.near_m else "scan_only"
    return found


def _near(placed: Floats, xy: Floats, time: Floats, near_m: float) -> list[Floats]:
    """Moments, in order, at which anybody was near each point."""
    if not len(xy):
        return [np.zeros(0)] * len(placed)
    return [np.sort(time[rows]) for rows in cKDTree(xy).query_ball_point(placed, near_m)]


def _any_within(times: Floats, opens: Any, closes: Any) -> bool:
    return bool(np.searchsorted(times, closes, side="right") > np.searchsorted(times, opens, side="left"))
