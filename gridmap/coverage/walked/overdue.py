"""Streets that are owed a visit: how long ago they were walked, beside how often they should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage.sweeping import Floats
from gridmap.coverage.walked.ledger import Ledger, Visits
from gridmap.coverage.walked.moments import seconds, stamps
from gridmap.coverage.walked.passes import passes
from gridmap.coverage.walked.revisits import HOUR_S, passed
from gridmap.coverage.walked.shares import DONE, street_shares
from gridmap.coverage.walked.sides import Sides, over
from gridmap.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Hours after which a visit is owed, by duty. The text of no standard sets them: each district states its own."""

    #: streets that must be walked daily: 必巡线
    must: float = 24.0
    #: all others
    ordinary: float = 72.0
    #: what is on the list of the month
    monthly: float = 30 * 24.0

    def hours(self, duty: npt.NDArray[np.object_] | None, count: int) -> Floats:
        """Return the hours of each street by its duty (must, ordinary, monthly); without one it is ordinary.

        Raises
        ------
        InputError
            If there is no such duty.
        """
        if duty is None:
            return np.full(count, self.ordinary)
        hours: Mapping[Any, float] = {"must": self.must, "ordinary": self.ordinary, "monthly": self.monthly}
        words = ["ordinary" if pd.isna(word) else word for word in duty]
        if unknown := sorted({str(word) for word in words} - set(hours)):
            raise InputError(f"duty {unknown[0]!r}", expected=f"one of {', '.join(hours)}", code="unknown_duty")
        return np.array([hours[word] for word in words])


@dataclass(frozen=True, kw_only=True)
class Owing:
    """What is asked: when, and by what."""

    #: the moment, with a zone
    now: Any
    #: the moment since which the ledger is complete; by default that of its first visit
    since: Any = None
    #: duty of each street (must, ordinary, monthly), None for ordinary
    duty: npt.NDArray[np.object_] | None = None
    targets: Targets = Targets()
    #: least sure class that counts as a visit
    least: str = "observed"
    #: share of its length that must be walked for a street to be
    done: float = DONE


@dataclass(frozen=True, kw_only=True)
class _Idle:
    """Stretches and how long ago they were visited."""

    line: npt.NDArray[np.int64]
    metres: Floats
    #: hours since the last visit; since the ledger began where there was none, NaN where that is not known either
    hours: Floats
    #: whether there was a visit
    known: npt.NDArray[np.bool_]


def streets(book: Ledger, asked: Owing) -> pd.DataFrame:
    """Return each street with how much of it was walked, how often, when last, and whether a visit is owed.

    The *idleness* of a place is the time since the last visit to it ended. That of a street is the time within which
    nine tenths of its length were visited (``done``), as a street counts as walked when so much of it was: a post that
    crosses it at a junction has not visited it. It is *overdue* when its idleness exceeds its target. Where too little
    was ever visited, it is overdue once the ledger is longer than the target, and before that nobody knows.

    Parameters
    ----------
    book
        The ledger, of all the time that is known.
    asked
        The moment, duties and targets.

    Returns
    -------
    pandas.DataFrame
        In the order of the streets: ``id``, ``length_m``, ``walked_m``, ``share``, ``share_inferred``,
        ``share_unknown``, ``share_never`` (of all the ledger, up to ``now``), ``passes`` (distinct visits to any part),
        ``last_passed`` (UTC; missing for never), ``idle_h`` (missing where it was never walked), ``target_h``,
        ``overdue`` (missing where nobody knows, or for what is no street), ``overdue_m`` (metres whose idleness exceeds
        the target), ``debt_m`` (metres times the targets missed: ``sum(length * max(0, idle / target - 1))``).

    Raises
    ------
    InputError
        If a moment states no zone, or a duty is none.
    """
    now, known = seconds(asked.now), _until(book, seconds(asked.now))
    visits = known.visits.credited(asked.least)
    target = asked.targets.hours(asked.duty, len(book.ids))
    idle = _idle(visits, now, _since(book, asked))
    idle = replace(idle, line=book.street[idle.line])
    table, length = street_shares(known), book.length_m
    number, last = passed(book, visits)
    hours = _within(idle, target, asked.done)
    ever = _visited(idle, length) >= asked.done * length
    owed = pd.array(hours > target, dtype="boolean")
    owed[np.isnan(hours)] = pd.NA
    late, debt = _owed(idle, target[idle.line])
    lines = len(book.ids)
    return table.assign(
        passes=number,
        last_passed=stamps(last),
        idle_h=np.where(ever, hours, np.nan),
        target_h=np.where(length > 0, target, np.nan),
        overdue=owed,
        overdue_m=np.bincount(idle.line, late, lines),
        debt_m=np.bincount(idle.line, debt, lines),
    )


def overdue(book: Ledger, laid: Sides, asked: Owing) -> pd.DataFrame:
    """Return how many metres of street are overdue in each area, and what is owed.

    Parameters
    ----------
    book, laid
        The ledger, and its streets cut along the areas.
    asked
        The moment, duties and targets.

    Returns
    -------
    pandas.DataFrame
        In the order of the areas: ``code``, ``length_m``, ``overdue_m``, ``share_overdue`` (missing without streets),
        ``debt_m`` (metres times targets missed), ``unknown_m``: metres never visited while the ledger is shorter than
        their target.

    Raises
    ------
    InputError
        As `streets`.
    """
    now = seconds(asked.now)
    target = asked.targets.hours(asked.duty, len(book.ids))[laid.street]
    visits = over(_until(book, now).visits.credited(asked.least), laid)
    idle = _idle(visits, now, _since(book, asked))
    late, debt = _owed(idle, target[idle.line])
    silent = np.where(~idle.known & ~(idle.hours > target[idle.line]), idle.metres, 0.0)
    sums = laid.per_area(np.column_stack([np.bincount(idle.line, each, len(laid)) for each in (late, debt, silent)]))
    length = laid.per_area(laid.length_m)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(length > 0, sums[:, 0] / length, np.nan)
    return pd.DataFrame(
        {
            "code": laid.areas["code"].to_numpy(dtype=object),
            "length_m": length,
            "overdue_m": sums[:, 0],
            "share_overdue": share,
            "debt_m": sums[:, 1],
            "unknown_m": sums[:, 2],
        }
    )


def _until(book: Ledger, now: float) -> Ledger:
    """What was known at a moment: visits that had begun."""
    return replace(book, visits=book.visits.taken(book.visits.start <= now))


def _since(book: Ledger, asked: Owing) -> float:
    """When the ledger begins, NaN where that is not known."""
    if asked.since is not None:
        return float(seconds(asked.since))
    return float(book.visits.start.min()) if len(book.visits) else np.nan


def _idle(visits: Visits, now: float, since: float) -> _Idle:
    """How long ago each stretch was visited."""
    found = passes(visits)
    last = np.full(len(found.line), -np.inf)
    np.maximum.at(last, found.stretch, found.end)
    known = np.isfinite(last)
    # who is there now has left nothing alone
    hours = np.where(known, np.maximum(now - last, 0.0), now - since) / HOUR_S
    return _Idle(line=found.line, metres=found.metres, hours=hours, known=known)


def _owed(idle: _Idle, target: Floats) -> tuple[Floats, Floats]:
    """Metres overdue, and metres times targets missed, of each stretch."""
    beyond = np.nan_to_num(np.maximum(idle.hours / target - 1.0, 0.0))
    return np.where(beyond > 0, idle.metres, 0.0), idle.metres * beyond


def _visited(idle: _Idle, length: Floats) -> Floats:
    """Metres of each line that were ever visited; what has no length never was."""
    return np.where(length > 0, np.bincount(idle.line, np.where(idle.known, idle.metres, 0.0), len(length)), -1.0)


def _within(idle: _Idle, target: Floats, done: float) -> Floats:
    """Hours within which so great a share of each line was visited; NaN where nobody knows."""
    # a stretch never visited, in a ledger shorter than the target, may have been visited at any time before it
    silent = ~idle.known & ~(idle.hours > target[idle.line])
    hours = np.where(silent, np.inf, idle.hours)
    order = np.lexsort((hours, idle.line))
    line, hours, metres = idle.line[order], hours[order], idle.metres[order]
    so_far = np.cumsum(metres)
    whole = np.bincount(line, metres, len(target))
    before = np.cumsum(whole) - whole
    enough = so_far - before[line] >= done * whole[line] * (1 - 1e-9)
    row, first = np.unique(line[enough], return_index=True)
    found = np.full(len(target), np.nan)
    found[row] = hours[enough][first]
    return np.where(np.isfinite(found), found, np.nan)
