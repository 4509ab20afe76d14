"""How good a track is: its intervals, gaps, spikes, copies and error, and the grade that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.moments import seconds

#: Median of the absolute value of an error, as a share of its standard deviation, where errors are normal.
_MEDIAN_OF_NORMAL = 0.6744897501960817
#: Reasons for which fixes are dropped, and the columns of their shares.
_SHARES = {"spike": "spike_share", "duplicate": "duplicate_share"}
GRADES = ("A", "B", "C")


@dataclass(frozen=True, kw_only=True)
class Grading:
    """Limits of the grades: A within all of the first numbers, C beyond any of the second, else B."""

    #: seconds between fixes, at the ninth decile: A is what is observed throughout, C what is not even inferred
    interval_s: tuple[float, float] = (30.0, 180.0)
    #: share of the time in gaps above ``gap_s``
    gap_share: tuple[float, float] = (0.05, 0.3)
    #: share of fixes dropped, copies of one another aside
    dropped_share: tuple[float, float] = (0.01, 0.05)
    #: standard error of a fix across its street, metres
    sigma_m: tuple[float, float] = (10.0, 25.0)
    #: what is a gap, seconds
    gap_s: float = 30.0


def quality(
    fixes: pd.DataFrame,
    *,
    dropped: pd.DataFrame | None = None,
    verdicts: pd.DataFrame | None = None,
    grading: Grading | None = None,
) -> pd.DataFrame:
    """Return how good the tracks of each post are, shift by shift.

    Parameters
    ----------
    fixes
        ``post``, ``shift``, ``time``, and ``offset_m`` (from the street matched) where known: the fixes that were kept.
    dropped
        ``post``, ``shift``, ``reason`` (duplicate, spike, ...) of the others.
    verdicts
        ``post``, ``datum``: what `gridmap.tracks.datum_of` returned.
    grading
        Limits of the grades.

    Returns
    -------
    pandas.DataFrame
        By post and shift: ``post``, ``shift``, ``fixes`` (kept), ``interval_p50_s``, ``interval_p90_s``, ``gap_share``
        (of the time from first fix to last, that in intervals above 30 s), ``spike_share``, ``duplicate_share``,
        ``dropped_share`` (for other reasons than being a copy) of all fixes, ``sigma_m`` (median distance from the
        street as the standard error across it; missing without ``offset_m``), ``datum``, ``grade`` (A, B, C). What is
        not known does not count against a grade.

    Raises
    ------
    InputError
        If a time states no zone.
    """
    limits = grading or Grading()
    rows = fixes[["post", "shift"]].astype(str)
    away = pd.DataFrame({"post": [], "shift": []}) if dropped is None else dropped[["post", "shift"]].astype(str)
    keys = pd.concat([rows, away]).drop_duplicates().sort_values(["post", "shift"]).reset_index(drop=True)
    index = pd.MultiIndex.from_frame(keys)
    row = np.asarray(index.get_indexer(pd.MultiIndex.from_frame(rows)), dtype=np.int64)
    gone = np.asarray(index.get_indexer(pd.MultiIndex.from_frame(away)), dtype=np.int64)
    kept = np.bincount(row, minlength=len(keys))
    found = keys.assign(fixes=kept, **_intervals(row, fixes, len(keys), limits.gap_s))
    reasons = np.zeros(0, dtype=object) if dropped is None else dropped["reason"].to_numpy(dtype=object)
    found = found.assign(**_dropped(gone, reasons, kept), sigma_m=_sigma(row, fixes, len(keys)))
    datum = {} if verdicts is None else dict(zip(verdicts["post"].astype(str), verdicts["datum"], strict=True))
    found["datum"] = [datum.get(post) for post in keys["post"]]
    return found.assign(grade=_grades(found, limits))


def _intervals(row: Ints, fixes: pd.DataFrame, rows: int, gap_s: float) -> dict[str, Floats]:
    """Deciles of the seconds between fixes, and the share of the time in gaps."""
    time = np.asarray(seconds(fixes["time"])) if len(fixes) else np.zeros(0)
    order = np.lexsort((time, row))
    step, same = np.diff(time[order]), np.diff(row[order]) == 0
    step, of = step[same], row[order][1:][same]
    parts = np.split(step, np.searchsorted(of, np.arange(1, rows)))
    whole, gaps = np.bincount(of, step, rows), np.bincount(of, np.where(step > gap_s, step, 0.0), rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(whole > 0, gaps / whole, np.nan)
    deciles = [np.array([np.quantile(each, level) if len(each) else np.nan for each in parts]) for level in (0.5, 0.9)]
    return {"interval_p50_s": deciles[0], "interval_p90_s": deciles[1], "gap_share": share}


def _dropped(gone: Ints, reasons: npt.NDArray[np.object_], kept: Ints) -> dict[str, Floats]:
    """Shares of all fixes that were dropped."""
    whole = kept + np.bincount(gone, minlength=len(kept))
    shares = {
        column: np.bincount(gone[reasons == reason], minlength=len(kept)) / whole for reason, column in _SHARES.items()
    }
    others = np.bincount(gone[reasons != "duplicate"], minlength=len(kept)) / whole
    return {**shares, "dropped_share": others}


def _sigma(row: Ints, fixes: pd.DataFrame, rows: int) -> Floats:
    """Standard error across the street of each track."""
    if "offset_m" not in fixes:
        return np.full(rows, np.nan)
    off = pd.Series(np.abs(pd.to_numeric(fixes["offset_m"], errors="coerce").to_numpy(dtype=float)))
    median = off.groupby(row).median().reindex(range(rows))
    return np.asarray(median.to_numpy(dtype=float) / _MEDIAN_OF_NORMAL)


def _grades(found: pd.DataFrame, limits: Grading) -> list[str]:
    """The worst grade of each track's figures."""
    worst = np.zeros(len(found), np.int64)
    for column, name in (
        ("interval_p90_s", "interval_s"),
        ("gap_share", "gap_share"),
        ("dropped_share", "dropped_share"),
        ("sigma_m", "sigma_m"),
    ):
        fine, poor = getattr(limits, name)
        figure = found[column].to_numpy(dtype=float)
        worst = np.maximum(worst, (figure > fine).astype(np.int64) + (figure > poor))
    return [GRADES[grade] for grade in worst]
