"""What the record holds about patrols: the visits that count, those of the shift that is open, and who looked."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Engine

from gridmap import store
from gridmap.service.patrol_matching import Outcome, Reading, no_visits, outcome
from gridmap.service.patrol_shifts import Span, span_of, touched
from gridmap.service.patrol_streets import StreetBook, Streets
from gridmap.store import Actor, patrols, patrols_settling
from gridmap.tracks import Cleaning, Shifts

#: Seconds for which the visits of an open shift may be those of a moment ago.
LIVE_S = 30.0

#: So many seconds for each second of processor that matching all open shifts took: it takes a tenth of a core at most.
LIVE_PER_COST = 10.0

#: Posts' shifts that are matched for one answer; the rest are told as pending.
MOST_LIVE = 400

#: Seconds beyond which it is not the matching that took long, but what is made ready once for all of it.
_MOST_COST_S = 1.0

#: Posts' shifts that are kept matched.
_KEPT = 5000

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Walked:
    """What was walked in a span of time, as far as it counts, at one moment of the record."""

    #: the table ``walked`` with confidence and revision: settled visits that count, then those of shifts not settled
    walked: pd.DataFrame
    #: rows of the table ``settled`` whose visits count, and those of shifts not settled (``settled`` is false there)
    shifts: pd.DataFrame
    #: those that are held for review: their visits are not among ``walked``
    held: pd.DataFrame
    #: post and shift of what is not settled and too much to be matched for one answer: nobody knows yet
    pending: pd.DataFrame
    #: revision of the record
    version: int
    #: the moment up to which fixes are known
    as_of: datetime


@dataclass(frozen=True, kw_only=True)
class _Live:
    """What was matched of a shift that is not settled."""

    outcome: Outcome | None
    #: when it was matched, by which streets, and how long that took
    at: datetime
    version: int
    cost_s: float


class Patrols:
    """What one record holds about patrols.

    Parameters
    ----------
    engine
        The record.
    shifts
        Windows of the day; default: day and night from 08:00 and 20:00, China's time.
    """

    def __init__(self, engine: Engine, *, shifts: Shifts | None = None) -> None:
        self.engine = engine
        self.shifts = shifts or Shifts()
        self.book = StreetBook(engine)
        self._live: dict[tuple[str, str], _Live] = {}
        self._matching = threading.Lock()

    def streets(self, on: date) -> Streets:
        """Return the streets in force on a day: ``table``, ``ready``, ``corridors``, ``version``.

        Raises
        ------
        NotFoundError
            If there are none.
        """
        return self.book.at(on)

    def walked(
        self, since: datetime, until: datetime, *, posts: Sequence[str] | None = None, now: datetime | None = None
    ) -> Walked:
        """Return what was walked from a moment to another, the shift that is open included.

        Parameters
        ----------
        since, until
            Moments with a zone; a visit counts by its start.
        posts
            Only of these; None: of all.
        now
            The moment; None: this one.

        Raises
        ------
        NotFoundError
            If shifts that are not settled have no streets to be matched with.
        RecordError, sqlalchemy.exc.DBAPIError
            If the record cannot be read.
        """
        now = now or datetime.now(UTC)
        with self.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            version = store.revision(connection)
            waiting = self._unsettled(patrols_settling.marks(connection, until, since=since - _HOUR), posts)
            rows = patrols.read_settled(connection, since, until, posts)
            table = patrols.read_walked(connection, since, until, posts)
        live, pending, as_of = self._matched(waiting, now)
        keys = {(one.row["post"], one.row["shift"]) for one in live}
        rows = _told(_without(rows, keys), live)
        credited = [one.walked for one in live if one.row["credited"] and len(one.walked)]
        fresh = pd.concat(credited, ignore_index=True) if credited else no_visits()
        fresh = fresh[(fresh["start"] >= since) & (fresh["start"] < until)]
        held = ~rows["credited"].astype(bool)
        return Walked(
            walked=_both(_without(table, keys), fresh),
            shifts=rows[~held].reset_index(drop=True),
            held=rows[held].reset_index(drop=True),
            pending=pd.DataFrame(pending, columns=["post", "shift"]),
            version=version,
            as_of=as_of,
        )

    def last(
        self, *, most_age_s: float, now: datetime | None = None, posts: Sequence[str] | None = None
    ) -> gpd.GeoDataFrame:
        """Return the last fix of each post that has one no older than that: post, time, device, accuracy_m, speed_m_s.

        Raises
        ------
        RecordError
            If the record cannot be read.
        """
        now = now or datetime.now(UTC)
        with self.engine.connect() as connection:
            return patrols.read_last(connection, now - timedelta(seconds=most_age_s), posts)

    def fixes(self, since: datetime, until: datetime, posts: Sequence[str] | None = None) -> gpd.GeoDataFrame:
        """Return fixes of a span of time, as the record holds them.

        Raises
        ------
        RecordError
            If the record cannot be read.
        """
        with self.engine.connect() as connection:
            return patrols.read_moments(connection, "fixes", since, until, posts)

    def signins(self, since: datetime, until: datetime, posts: Sequence[str] | None = None) -> gpd.GeoDataFrame:
        """Return sign-ins of a span of time.

        Raises
        ------
        RecordError
            If the record cannot be read.
        """
        with self.engine.connect() as connection:
            return patrols.read_moments(connection, "signins", since, until, posts)

    def settled(
        self, since: datetime, until: datetime, *, posts: Sequence[str] | None = None, credited: bool | None = None
    ) -> pd.DataFrame:
        """Return what became of shifts that were settled: rows of the table ``settled``.

        Raises
        ------
        sqlalchemy.exc.DBAPIError
            If the record cannot be read.
        """
        with self.engine.connect() as connection:
            return patrols.read_settled(connection, since, until, posts, credited=credited)

    def _unsettled(self, marks: Sequence[Any], posts: Sequence[str] | None) -> list[tuple[str, Span]]:
        """Posts' shifts that have fixes which no settling has seen, the latest first."""
        asked = None if posts is None else set(posts)
        found: dict[tuple[str, str], Span] = {}
        for mark in marks:
            if asked is None or mark.post in asked:
                for label in touched(mark, self.shifts):
                    found.setdefault((mark.post, label), span_of(label, self.shifts))
        return sorted(
            ((post, span) for (post, _), span in found.items()), key=lambda each: (-each[1].opens.timestamp(), each[0])
        )

    def _matched(
        self, waiting: Sequence[tuple[str, Span]], now: datetime
    ) -> tuple[list[Outcome], list[tuple[str, str]], datetime]:
        """Shifts that are not settled, matched as they stand; those left; the moment all are known to."""
        with self._matching:
            cost_s = sum(one.cost_s for one in self._live.values() if now - one.at < _HOUR)
            oldest = now - timedelta(seconds=max(LIVE_S, LIVE_PER_COST * cost_s))
            found = [self._lived(post, span, now, oldest) for post, span in waiting[:MOST_LIVE]]
        live = [one.outcome for one in found if one.outcome is not None]
        pending = [(post, span.label) for post, span in waiting[MOST_LIVE:]]
        return live, pending, min((one.at for one in found), default=now)

    def _lived(self, post: str, span: Span, now: datetime, oldest: datetime) -> _Live:
        """What became of a shift so far; that of a moment ago, where that is at hand."""
        streets, held = self.book.at(span.on), self._live.get((post, span.label))
        if held is not None and held.version == streets.version and held.at > oldest:
            return held
        began = time.thread_time()
        with self.engine.connect() as connection:
            was = patrols_settling.known(connection, span.label, [post]).get(post, {})
            fixes = patrols.read_moments(connection, "fixes", span.opens, span.closes, [post])
        reading = Reading(
            shifts=self.shifts,
            cleaning=Cleaning(now=now),
            read_as=was.get("read_as"),
            released=frozenset(was.get("released", ())),
        )
        found = outcome(fixes, span, streets, reading)
        if len(self._live) >= _KEPT:
            self._live.clear()
        made = _Live(
            outcome=found, at=now, version=streets.version, cost_s=min(time.thread_time() - began, _MOST_COST_S)
        )
        self._live[post, span.label] = made
        return made


def look(engine: Engine, actor: Actor, *, by: str, **seen: Any) -> None:
    """Note in the audit trail that somebody looks at where posts are or went; whoever shows it calls this before.

    Parameters
    ----------
    engine
        The record.
    actor
        Who looks.
    by
        What shows it: the path of a page or an answer.
    **seen
        What is shown: area, since, until, posts (how many).

    Raises
    ------
    RecordError, sqlalchemy.exc.DBAPIError
        If it cannot be noted: then nothing may be shown.
    """
    with engine.begin() as connection:
        store.note(connection, actor, "look at patrols", layer="fixes", detail={**seen, "by": by})


def _without(table: pd.DataFrame, keys: set[tuple[str, str]]) -> pd.DataFrame:
    """Rows of other shifts than these: theirs are told anew."""
    if not keys or table.empty:
        return table
    index = pd.MultiIndex.from_frame(table[["post", "shift"]])
    return table[~index.isin(list(keys))].reset_index(drop=True)


def _told(rows: pd.DataFrame, live: Sequence[Outcome]) -> pd.DataFrame:
    """Settled rows, and those of shifts not settled below them."""
    rows = rows.assign(settled=True)
    if not live:
        return rows
    fresh = pd.DataFrame([one.row for one in live]).reindex(columns=rows.columns).assign(settled=False)
    return fresh if rows.empty else pd.concat([rows.astype(object), fresh.astype(object)], ignore_index=True)


def _both(settled_: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Settled visits, and those of shifts not settled below them."""
    if fresh.empty:
        return settled_
    fresh = fresh.assign(confidence=float("nan"))[list(settled_.columns)]
    return fresh.reset_index(drop=True) if settled_.empty else pd.concat([settled_, fresh], ignore_index=True)
