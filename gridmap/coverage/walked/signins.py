"""Sign-ins judged: on time, early, late, missed, out of order, too fast, off site, twice, and what the track says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.agreement import Track, cases
from gridmap.coverage.walked.duties import Due, Period, due, number_column
from gridmap.coverage.walked.ledger import rows_of
from gridmap.coverage.walked.moments import seconds, stamps
from gridmap.crs import to_metric, to_system, to_wgs84
from gridmap.errors import Fault, TableError

if TYPE_CHECKING:
    import geopandas as gpd

Flags = npt.NDArray[np.bool_]
#: Metres of way between two places each, given x and y in the metric system of the checkpoints, shape (n, 2).
Distance = Callable[[Floats, Floats], Floats]

#: What a scan can be, the gravest first: the first that applies is its status.
STATUSES = ("duplicate", "off_site", "too_fast", "out_of_window", "out_of_order", "early", "late", "on_time")
#: Scans of these count towards what is due; order is told, and counts.
VALID = ("on_time", "out_of_order")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """When a scan is good. Norms leave the tolerances (允许误差) to each district's plan."""

    #: seconds before a window opens and after it closes within which a scan is early or late
    tolerance_s: float = 900.0
    #: a scan of the same point by the same post within so many seconds of the one before is a duplicate
    twice_s: float = 60.0
    #: greatest speed from one point to the next, metres per second: 25 km/h
    fastest_m_s: float = 7.0
    #: metres from a point within which one is there, where the point states none
    radius_m: float = 30.0
    #: standard errors of the device's place that are granted besides, and metres of one where the device states none
    errors: float = 2.0
    accuracy_m: float = 10.0
    #: a place that equals the stored one so nearly, degrees, was copied from it: no device measures so well
    copied_deg: float = 1e-6


def signins(
    scans: gpd.GeoDataFrame,
    checkpoints: gpd.GeoDataFrame,
    period: Period,
    *,
    rules: Rules | None = None,
    track: Track | None = None,
    distance: Distance | None = None,
) -> pd.DataFrame:
    """Return every scan with its status, and every sign-in that was missed.

    A scan belongs to the shift in which it was made or, just before or after one, to that whose window it is nearest.
    It is *on time* within an opening window of the checkpoint; *early* or *late* within the tolerance before or after;
    else out of window. At a checkpoint that is due once in so many days a scan is always on time. It is *off site*
    farther from the point than its radius and two standard errors; *too fast* where the post cannot have come from its
    scan before; *out of order* where the plan fixes one and the post has signed in farther on in the same shift; a
    *duplicate* less than a minute after the same point by the same post. A place equal to the stored one is told
    (``copied``), and no verdict.

    Parameters
    ----------
    scans
        The table ``signins``: ``post``, ``checkpoint``, ``time``, ``accuracy_m`` where known; points, missing where the
        device told no place.
    checkpoints
        The table ``checkpoints``.
    period
        The shifts asked about.
    rules
        Tolerances.
    track
        Fixes of the posts, to hold scans against.
    distance
        Metres by street between places; by default as the crow flies, which is never too long.

    Returns
    -------
    pandas.DataFrame
        By checkpoint, shift and time: ``checkpoint``, ``post`` (missing where missed), ``shift`` (missing for a scan
        outside the period), ``due`` (when its window opens; missing where none is), ``closes``, ``time`` (missing where
        missed), ``status`` (one of ``STATUSES``, or ``missed``), ``off_m`` (metres from the point), ``copied``,
        ``track`` (scan_and_track, scan_only, track_only, neither; missing where the track says nothing).

    Raises
    ------
    TableError
        If a scan is of an unknown checkpoint, or hours are none.
    InputError
        If a time states no zone.
    """
    asked, listed = rules or Rules(), due(checkpoints, period)
    metric = to_metric(checkpoints)
    told = _told(scans, metric, asked).sorted()
    row, timing = _windows(told, listed, asked)
    # what is due once in so many days has no hours that could be missed
    timing[number_column(checkpoints, "every_days").notna().to_numpy()[told.checkpoint]] = "on_time"
    shift = np.where(row >= 0, np.concatenate([listed.shift, [None]])[row], _shift_of(told.time, period))
    place = number_column(checkpoints, "place_in_order").to_numpy()
    status = _status(told, timing, (shift, place), asked, distance or _straight)
    made = pd.DataFrame(
        {
            "checkpoint": told.ids[told.checkpoint],
            "post": told.post,
            "shift": shift,
            "window": row,
            "time": told.time,
            "status": status,
            "off_m": told.off_m,
            "copied": told.copied,
            "row": told.checkpoint,
        }
    )
    table = pd.concat([made, _missed(made, listed, told.ids, period.known_until)], ignore_index=True)
    table["track"] = None if track is None else cases(table, listed, metric, track)
    return _finished(table, listed)


def completion(table: pd.DataFrame, checkpoints: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return which share of the sign-ins that were due was made (到位率), shift by shift and in all.

    Parameters
    ----------
    table
        What `signins` returned.
    checkpoints, period
        As given to it.

    Returns
    -------
    pandas.DataFrame
        By shift, the last row for ``all``: ``shift``, ``due``, ``done`` (points with as many valid scans as needed),
        ``share`` (missing where nothing was due), ``open`` (points not visited yet whose hours go on: they are not due
        so far), and the number of scans of each status.

    Raises
    ------
    TableError
        If hours are none.
    """
    listed = due(checkpoints, period)
    ids = checkpoints["id"].to_numpy(dtype=object)
    valid = table[table["status"].isin(VALID)].groupby(["checkpoint", "shift"]).size()
    wanted = pd.DataFrame({"checkpoint": ids[listed.checkpoint], "shift": listed.shift, "needed": listed.visits})
    pair = pd.MultiIndex.from_frame(wanted[["checkpoint", "shift"]])
    wanted["done"] = valid.reindex(pair, fill_value=0).to_numpy() >= wanted["needed"].to_numpy()
    # what was missed has a row of its own once its hours are over
    wanted["open"] = ~pair.isin(pd.MultiIndex.from_frame(table[["checkpoint", "shift"]])) & ~wanted["done"]
    wanted["due"] = ~wanted["open"]
    shifts = [name for name, _, _ in period.windows()]
    counts = wanted.groupby("shift")[["due", "done", "open"]].sum().reindex(shifts, fill_value=0)
    words = pd.crosstab(table["shift"], table["status"]) if table["shift"].notna().any() else pd.DataFrame()
    every = [*STATUSES, "missed"]
    words = words.reindex(index=shifts, columns=every, fill_value=0)
    found = pd.DataFrame({"shift": shifts, **{name: counts[name].to_numpy() for name in ("due", "done", "open")}})
    found = pd.concat([found, words.reset_index(drop=True)], axis=1).fillna(0)
    total = pd.DataFrame([{"shift": "all", **found.drop(columns="shift").sum()}])
    found = pd.concat([found, total], ignore_index=True).astype(
        dict.fromkeys(["due", "done", "open", *every], np.int64)
    )
    share = np.where(found["due"] > 0, found["done"] / found["due"].where(found["due"] > 0), np.nan)
    found.insert(3, "share", share)
    return found


@dataclass(frozen=True, kw_only=True)
class _Told:
    """Scans as numbers."""

    #: ids of the checkpoints, and the row of that of each scan
    ids: npt.NDArray[np.object_]
    checkpoint: Ints
    post: npt.NDArray[np.object_]
    #: seconds since 1970
    time: Floats
    #: metres from the point, NaN where the place is not known, and how many are granted
    off_m: Floats
    granted_m: Floats
    copied: Flags
    #: place of each checkpoint, metres
    xy: Floats

    def sorted(self) -> _Told:
        """By time, post and checkpoint."""
        order = np.lexsort((self.checkpoint, pd.factorize(self.post, sort=True)[0], self.time))
        rows = {name: getattr(self, name)[order] for name in _PER_SCAN}
        return _Told(ids=self.ids, xy=self.xy, **rows)


_PER_SCAN = ("checkpoint", "post", "time", "off_m", "granted_m", "copied")


def _told(scans: gpd.GeoDataFrame, metric: gpd.GeoDataFrame, rules: Rules) -> _Told:
    """Scans with the row of their checkpoint and how far from it they were made."""
    ids = metric["id"].to_numpy(dtype=object)
    row = rows_of(ids, scans["checkpoint"].to_numpy(dtype=object))
    faults = [
        Fault(code="unknown_checkpoint", message="no such checkpoint; expected the id of one", feature=at + 1)
        for at in np.flatnonzero(row < 0).tolist()
    ]
    if faults:
        raise TableError("signins", faults)
    placed = shapely.get_coordinates(metric.geometry.to_numpy())
    here = np.full((len(scans), 2), np.nan)
    known = ~(scans.geometry.isna() | scans.geometry.is_empty).to_numpy()
    if known.any():
        here[known] = shapely.get_coordinates(to_system(scans[known], metric.crs).geometry.to_numpy())
    places = (placed[row], np.where(known[:, None], here, placed[row]))
    stored, own = (np.column_stack(to_wgs84(each[:, 0], each[:, 1], metric.crs)) for each in places)
    accuracy = number_column(scans, "accuracy_m").fillna(rules.accuracy_m).to_numpy()
    radius = number_column(metric, "radius_m").fillna(rules.radius_m).to_numpy()
    return _Told(
        ids=ids,
        checkpoint=row,
        post=scans["post"].astype(str).to_numpy(dtype=object),
        time=np.asarray(seconds(scans["time"])) if len(scans) else np.zeros(0),
        off_m=np.hypot(*(here - placed[row]).T),
        granted_m=radius[row] + rules.errors * accuracy,
        copied=known & (np.abs(stored - own) <= rules.copied_deg).all(axis=1),
        xy=placed,
    )


def _windows(told: _Told, listed: Due, rules: Rules) -> tuple[Ints, npt.NDArray[np.object_]]:
    """What each scan answers (-1 for nothing), and whether it is on time: the window nearest to it in time."""
    row, timing = np.full(len(told.time), -1), np.full(len(told.time), "out_of_window", dtype=object)
    of = listed.checkpoint[listed.row] if len(listed) else listed.row
    for checkpoint in np.unique(told.checkpoint):
        scans, windows = np.flatnonzero(told.checkpoint == checkpoint), np.flatnonzero(of == checkpoint)
        if not len(windows):
            continue
        time = told.time[scans][:, None]
        before, after = listed.opens[windows] - time, time - listed.closes[windows]
        off = np.maximum(np.maximum(before, after), 0.0)
        # a window's last moment is the next one's first: it belongs to the next
        best = off.shape[1] - 1 - np.argmin(off[:, ::-1], axis=1)
        near = np.take_along_axis(off, best[:, None], axis=1)[:, 0]
        early = np.take_along_axis(before, best[:, None], axis=1)[:, 0] > 0
        within = near <= rules.tolerance_s
        row[scans] = np.where(within, listed.row[windows[best]], -1)
        timing[scans] = np.select([near == 0, within & early, within], ["on_time", "early", "late"], "out_of_window")
    return row, timing


def _status(
    told: _Told,
    timing: npt.NDArray[np.object_],
    order: tuple[npt.NDArray[np.object_], Floats],
    rules: Rules,
    distance: Distance,
) -> npt.NDArray[np.object_]:
    """The gravest that applies to each scan."""
    twice = _twice(told, rules)
    tests = {
        "duplicate": twice,
        "off_site": told.off_m > told.granted_m,
        "too_fast": _too_fast(told, twice, rules, distance),
        "out_of_window": timing == "out_of_window",
        "out_of_order": _out_of_order(told, *order, twice),
        "early": timing == "early",
        "late": timing == "late",
    }
    return np.select(list(tests.values()), list(tests), "on_time").astype(object)


def _twice(told: _Told, rules: Rules) -> Flags:
    """Scans of the same point by the same post shortly before."""
    found = np.zeros(len(told.time), dtype=bool)
    keys = pd.factorize(told.post, sort=True)[0] * (len(told.ids) + 1) + told.checkpoint
    order = np.lexsort((told.time, keys))
    same = (np.diff(keys[order]) == 0) & (np.diff(told.time[order]) < rules.twice_s)
    found[order[1:][same]] = True
    return found


def _too_fast(told: _Told, twice: Flags, rules: Rules, distance: Distance) -> Flags:
    """Scans at which the post cannot have arrived from its scan before."""
    found = np.zeros(len(told.time), dtype=bool)
    rows = np.flatnonzero(~twice)
    post = pd.factorize(told.post, sort=True)[0][rows]
    rows = rows[np.lexsort((told.time[rows], post))]
    one, other = rows[:-1], rows[1:]
    pair = told.post[one] == told.post[other]
    one, other = one[pair], other[pair]
    if len(one):
        metres = distance(told.xy[told.checkpoint[one]], told.xy[told.checkpoint[other]])
        found[other] = metres > rules.fastest_m_s * (told.time[other] - told.time[one])
    return found


def _out_of_order(told: _Told, shift: npt.NDArray[np.object_], place: Floats, twice: Flags) -> Flags:
    """Scans of a point that stands before one at which the post has signed in, in the same shift."""
    found = np.zeros(len(told.time), dtype=bool)
    farthest: dict[tuple[Any, Any], float] = {}
    for at in np.flatnonzero(~twice & ~np.isnan(place[told.checkpoint])):
        key, here = (told.post[at], shift[at]), float(place[told.checkpoint[at]])
        found[at] = here < farthest.get(key, -np.inf)
        farthest[key] = max(here, farthest.get(key, -np.inf))
    return found


def _shift_of(time: Floats, period: Period) -> npt.NDArray[np.object_]:
    """Name of the shift in which each moment lies, None where it lies in none."""
    windows = period.windows()
    found = np.full(len(time), None, dtype=object)
    for name, begin, end in windows:
        found[(time >= begin) & (time < end)] = name
    return found


def _missed(made: pd.DataFrame, listed: Due, ids: npt.NDArray[np.object_], now: float) -> pd.DataFrame:
    """Rows of what is due and was not answered, once its last window has closed."""
    answered = made.loc[~made["status"].isin(STATUSES[:4]), "window"].to_numpy()
    closes = np.full(len(listed), -np.inf)
    np.maximum.at(closes, listed.row, listed.closes)
    rows = np.setdiff1d(np.flatnonzero(closes <= now), answered)
    return pd.DataFrame(
        {
            "checkpoint": ids[listed.checkpoint[rows]],
            "post": None,
            "shift": listed.shift[rows],
            "window": rows,
            "time": np.nan,
            "status": "missed",
            "off_m": np.nan,
            "copied": False,
            "row": listed.checkpoint[rows],
        }
    ).astype({"post": object})


def _finished(table: pd.DataFrame, listed: Due) -> pd.DataFrame:
    """The table as promised, in order."""
    opens, closes = np.full(len(listed) + 1, np.inf), np.full(len(listed) + 1, -np.inf)
    np.minimum.at(opens, listed.row, listed.opens)
    np.maximum.at(closes, listed.row, listed.closes)
    opens[-1] = closes[-1] = np.nan
    window = table["window"].to_numpy(dtype=np.int64)
    begin, time = opens[window], table["time"].to_numpy(dtype=float)
    order = np.lexsort((np.nan_to_num(time, nan=np.inf), np.where(np.isnan(begin), time, begin), table["row"]))
    found = table.assign(due=stamps(begin), closes=stamps(closes[window]), time=stamps(time)).iloc[order]
    columns = ["checkpoint", "post", "shift", "due", "closes", "time", "status", "off_m", "copied", "track"]
    return found[columns].reset_index(drop=True)


def _straight(one: Floats, other: Floats) -> Floats:
    """Metres as the crow flies."""
    return np.asarray(np.hypot(*(other - one).T))
