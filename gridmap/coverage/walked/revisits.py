"""How long streets were left alone: mean and worst idleness, and how regular visits were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.ledger import Ledger, Visits
from gridmap.coverage.walked.moments import seconds
from gridmap.coverage.walked.passes import distinct, passes
from gridmap.coverage.walked.sides import Sides, over
from gridmap.errors import InputError

HOUR_S, HOURS = 3600.0, 24


@dataclass(frozen=True, kw_only=True)
class _Left:
    """How long lines were left alone."""

    #: hours times metres, of the mean idleness
    mean: Floats
    #: hours at worst
    worst: Floats
    #: visits times metres
    visits: Floats


def idleness(book: Ledger, *, since: Any, until: Any, least: str = "observed") -> pd.DataFrame:
    """Return how long each street was left alone within a window.

    The *idleness* of a place is the time since it was last visited. With the gaps g between distinct visits, both ends
    of the window counted as visits, its mean over the window is ``sum(g**2) / (2 * (until - since))`` and its worst is
    the longest gap (Machado and others, Multi-Agent Patrolling, 2002). Visits less than ten minutes apart are one. A
    street's mean is that over its metres, its worst that of its worst metre.

    Parameters
    ----------
    book
        The ledger.
    since, until
        The window: moments with a zone.
    least
        Least sure class that counts: observed or inferred.

    Returns
    -------
    pandas.DataFrame
        In the order of the streets: ``id``, ``length_m``, ``visits`` (distinct ones, mean over its metres), ``mean_h``,
        ``worst_h``; missing for what is no street. A street never visited has the whole window as its worst, half of it
        as its mean.

    Raises
    ------
    InputError
        If the window has no length, or a moment states no zone.
    """
    visits = book.visits.credited(least)
    left = _left(visits, *_window(since, until))
    number, mean = (book.per_street(each) for each in (left.visits, left.mean))
    return _table({"id": book.ids}, book.length_m, number, mean, book.greatest(left.worst))


def area_idleness(book: Ledger, laid: Sides, *, since: Any, until: Any, least: str = "observed") -> pd.DataFrame:
    """Return how long the streets of each area were left alone within a window: as `idleness`, by ``code``.

    Parameters
    ----------
    book, laid
        The ledger, and its streets cut along the areas.
    since, until, least
        As of `idleness`.

    Returns
    -------
    pandas.DataFrame
        In the order of the areas: ``code``, ``length_m``, ``visits``, ``mean_h``, ``worst_h``.

    Raises
    ------
    InputError
        As `idleness`.
    """
    visits = over(book.visits.credited(least), laid)
    left = _left(visits, *_window(since, until))
    length, number, mean = (laid.per_area(each) for each in (laid.length_m, left.visits, left.mean))
    codes = laid.areas["code"].to_numpy(dtype=object)
    return _table({"code": codes}, length, number, mean, laid.greatest(left.worst))


def regularity(book: Ledger, *, since: Any, until: Any, least: str = "observed", ahead_h: float = 8.0) -> pd.DataFrame:
    """Return how regular the visits to each street were: what is regular can be foreseen.

    To be reported, never to rank staff by.

    Parameters
    ----------
    book
        The ledger.
    since, until, least
        As of `idleness`.
    ahead_h
        Hours that the clock is ahead of UTC.

    Returns
    -------
    pandas.DataFrame
        In the order of the streets: ``id``, ``visits`` (distinct ones to any part of it), ``cv`` (standard deviation
        over mean of the gaps of `idleness`, mean over the metres visited at all; 0 is a clockwork), ``modal_hour`` (0
        to 23) and ``modal_share``: the hour of the clock in which most visits began, and their share; missing where
        there were none.

    Raises
    ------
    InputError
        As `idleness`.
    """
    begin, end = _window(since, until)
    visits = book.visits.credited(least)
    street, start = _begun(book, visits)
    inside = (start >= begin) & (start < end)
    hour = ((start[inside] / HOUR_S + ahead_h) % HOURS).astype(np.int64)
    by_hour = np.zeros((len(book.ids), HOURS), np.int64)
    np.add.at(by_hour, (street[inside], hour), 1)
    number = by_hour.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread, told = (book.per_street(each) for each in _spread(visits, begin, end))
        cv = np.where(told > 0, spread / told, np.nan)
        share = np.where(number > 0, by_hour.max(axis=1) / number, np.nan)
    modal = pd.array(by_hour.argmax(axis=1), dtype="Int64")
    modal[number == 0] = pd.NA
    return pd.DataFrame({"id": book.ids, "visits": number, "cv": cv, "modal_hour": modal, "modal_share": share})


def _begun(book: Ledger, visits: Visits) -> tuple[Ints, Floats]:
    """Street and beginning of each distinct visit to any part of a street."""
    street = book.street[visits.line]
    order = np.lexsort((visits.start, street))
    street, start, end = street[order], visits.start[order], visits.end[order]
    fresh = distinct(street, start, end)
    return street[fresh], start[fresh]


def passed(book: Ledger, visits: Visits) -> tuple[Ints, Floats]:
    """Return how often each street was passed, and when last (seconds since 1970, NaN for never).

    A pass is a distinct visit to any part of it.

    Raises
    ------
    Nothing
        A street may never have been passed.
    """
    street, _ = _begun(book, visits)
    last = np.full(len(book.ids), -np.inf)
    np.maximum.at(last, book.street[visits.line], visits.end)
    return np.bincount(street, minlength=len(book.ids)), np.where(np.isfinite(last), last, np.nan)


def _left(visits: Visits, since: float, until: float) -> _Left:
    """How long each line was left alone: means times its metres, and its worst."""
    found, lines = passes(visits), len(visits.length_m)
    stretch, gap = found.gaps(since, until)
    number = np.bincount(stretch, minlength=len(found.line))
    squares = np.bincount(stretch, gap**2, len(found.line))
    most = np.maximum.reduceat(gap, np.cumsum(number) - number) if len(gap) else gap
    worst = np.full(lines, -np.inf)
    np.maximum.at(worst, found.line, most)
    return _Left(
        mean=np.bincount(found.line, squares * found.metres, lines) / (2 * (until - since) * HOUR_S),
        worst=np.where(np.isfinite(worst), worst / HOUR_S, np.nan),
        visits=np.bincount(found.line, (number - 1.0) * found.metres, lines).astype(float),
    )


def _spread(visits: Visits, since: float, until: float) -> tuple[Floats, Floats]:
    """Coefficient of variation of the gaps of each line times its metres, and the metres of which there is one."""
    found, lines = passes(visits), len(visits.length_m)
    stretch, gap = found.gaps(since, until)
    number = np.bincount(stretch, minlength=len(found.line))
    mean, squares = (np.bincount(stretch, each, len(found.line)) / np.maximum(number, 1) for each in (gap, gap**2))
    told = (number > 1) & (mean > 0)
    cv = np.sqrt(np.maximum(squares - mean**2, 0.0)) / np.where(told, mean, 1.0)
    metres = np.where(told, found.metres, 0.0)
    cvs, told_m = (np.bincount(found.line, each, lines).astype(float) for each in (cv * metres, metres))
    return cvs, told_m


def _window(since: Any, until: Any) -> tuple[float, float]:
    begin, end = seconds(since), seconds(until)
    if not begin < end:
        raise InputError(f"a window from {since} to {until}", expected="an end after its beginning")
    return begin, end


def _table(keys: dict[str, Any], length: Floats, visits: Floats, mean: Floats, worst: Floats) -> pd.DataFrame:
    """Sums over metres as means, missing where there are no metres."""
    with np.errstate(divide="ignore", invalid="ignore"):
        means = [np.where(length > 0, each / length, np.nan) for each in (visits, mean)]
    worst = np.where(length > 0, worst, np.nan)
    return pd.DataFrame({**keys, "length_m": length, "visits": means[0], "mean_h": means[1], "worst_h": worst})
