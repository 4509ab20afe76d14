"""Where patrols walked in a span of days, computed once for each state of the record and kept in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import Engine

from gridmap.coverage import walked as figures
from gridmap.service.camera_record import Recorded
from gridmap.service.camera_watches import Watch, Watches
from gridmap.service.patrol_answers.spans import USUAL_DAYS, Span, span
from gridmap.service.patrol_answers.versions import Version, first_moment, last_day, version_of
from gridmap.service.patrol_record import Patrols, Walked
from gridmap.service.patrol_streets import Streets
from gridmap.territory import today
from gridmap.tracks.matching.calibration import expected

#: Spans kept at once.
KEPT = 6
#: Answers kept for one span.
ANSWERS_KEPT = 500
#: Days before a span that are read with it: a street is owed a visit by the list of the month at the latest.
MEMORY_DAYS = 31
#: Seconds for which fixes and sign-ins that arrive meanwhile may be missing from an answer.
FRESH_S = 10.0
#: Times that the record may change while it is read before what was read is taken as it is.
_TRIES = 3

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, eq=False)
class Roads:
    """Streets ready for figures of patrols; they outlive changes of anything else."""

    #: the table of streets, and how they run along each other
    streets: Streets
    #: the areas that they are cut along
    areas: gpd.GeoDataFrame
    #: the streets cut along the areas
    laid: figures.Sides

    @property
    def table(self) -> gpd.GeoDataFrame:
        """The table of streets, in the order of all figures."""
        return self.streets.table

    def ledger(self, visits: pd.DataFrame) -> figures.Ledger:
        """Return the ledger of visits to these streets."""
        return figures.ledger(visits, self.table, corridors=self.streets.corridors)


@dataclass(frozen=True, kw_only=True, eq=False)
class Patrolled:
    """Where patrols walked in a span, by one state of the record; never changed, only followed by another."""

    #: state of the record of patrols
    version: Version
    #: seconds of a clock that nobody sets, when it was read
    read_s: float
    #: what cameras see, which holds the rest of the record
    watch: Watch
    #: shifts asked about
    span: Span
    #: the streets
    roads: Roads
    #: what was walked in the span and in the days before it
    walks: Walked
    #: the same as a ledger
    book: figures.Ledger
    #: visits that are left out: of streets that are not in force, or that are shorter now
    left_out: int
    #: the moment since which the ledger is complete; None where it holds nothing
    since: datetime | None
    #: what was answered from it, by question
    answers: dict[Any, Any] = field(default_factory=dict)

    @property
    def recorded(self) -> Recorded:
        """The other layers of the record."""
        return self.watch.recorded

    @cached_property
    def inside(self) -> figures.Ledger:
        """The ledger of the shifts of the span."""
        known = np.isin(self.book.shifts.astype(str), self.span.shifts)
        rows = known[self.book.visits.shift] if len(known) else np.zeros(0, dtype=bool)
        return replace(self.book, visits=self.book.visits.taken(rows))

    @cached_property
    def tracks(self) -> pd.DataFrame:
        """How good each track of the span is: post, shift, fixes, interval_p50_s, ..., grade."""
        rows = self.walks.shifts[self.walks.shifts["shift"].isin(self.span.shifts)]
        found = pd.DataFrame([one for one in rows["quality"] if one])
        return found.reindex(columns=[*TRACK]) if found.empty else found

    @cached_property
    def held(self) -> pd.DataFrame:
        """Tracks of the span that are held for review, a row for each reason: post, shift, reason, message."""
        rows = self.walks.held[self.walks.held["shift"].isin(self.span.shifts)]
        found = [
            {"post": post, "shift": shift, "reason": one["reason"], "message": one["message"]}
            for post, shift, reasons, released in rows[["post", "shift", "held", "released"]].itertuples(index=False)
            for one in reasons
            if one["reason"] not in released
        ]
        return pd.DataFrame(found, columns=["post", "shift", "reason", "message"])

    @cached_property
    def shares(self) -> pd.DataFrame:
        """Shares of every area: all, day, night and each shift, with the bar of their error."""
        spacing = self.roads.streets.ready.spacing_m
        bars = figures.bars(self.inside, self.tracks, partial(expected, spacing_m=spacing))
        return figures.areas(self.inside, self.roads.laid, shifts=self.span.shifts, bars=bars)

    @property
    def owing(self) -> figures.Owing:
        """When, and since when, a visit is owed."""
        return figures.Owing(now=self.span.as_of, since=self.since)

    @cached_property
    def owed(self) -> pd.DataFrame:
        """Each street, and whether it is owed a visit when the span ends."""
        return figures.streets(self.book, self.owing)

    def once(self, question: object, answer: Callable[[], T]) -> T:
        """Return an answer that was given before, or give it; two may both work it out at once, to the same end."""
        if question not in self.answers:
            if len(self.answers) >= ANSWERS_KEPT:
                self.answers.clear()
            self.answers[question] = answer()
        found: T = self.answers[question]
        return found


#: What is told of a track.
TRACK = (
    "post",
    "shift",
    "fixes",
    "interval_p50_s",
    "interval_p90_s",
    "gap_share",
    "spike_share",
    "duplicate_share",
    "dropped_share",
    "sigma_m",
    "datum",
    "grade",
)


class Coverages:
    """Where patrols walked by one record, the spans last asked for in memory.

    Parameters
    ----------
    known
        What the record holds about patrols.
    watches
        What cameras see by the record, which also holds areas.
    kept
        How many spans are kept.
    fresh_s
        Seconds for which what arrives meanwhile may be missing; what is settled or loaded is never missing.
    clock
        The moment.
    """

    def __init__(
        self,
        known: Patrols,
        watches: Watches,
        *,
        kept: int = KEPT,
        fresh_s: float = FRESH_S,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.known = known
        self.watches = watches
        self._kept = kept
        self._fresh_s = fresh_s
        self._clock = clock
        self._held: list[Patrolled] = []
        self._roads: list[Roads] = []
        self._building = threading.Lock()

    @property
    def engine(self) -> Engine:
        """The record."""
        return self.known.engine

    def now(self) -> datetime:
        """Return the moment."""
        return self._clock()

    def version(self) -> Version:
        """Return the state of the record.

        Raises
        ------
        RecordError, sqlalchemy.exc.DBAPIError
            If the record cannot be read.
        """
        with self.engine.connect() as connection:
            return version_of(connection)

    def span(self, since: date | None, last: date | None, on: date | None = None) -> Span:
        """Return the shifts that are asked about.

        Without days it is those of ``on``; without that, the month that ends with the last day of which there is any
        record.

        Raises
        ------
        InputError
            As `gridmap.service.patrol_answers.spans.span`.
        RecordError, sqlalchemy.exc.DBAPIError
            If the record cannot be read.
        """
        if since is None and last is None and on is not None:
            since = last = on
        if last is None:
            last = self._last_day() if since is None else max(since, today())
        return span(since or last - timedelta(days=USUAL_DAYS - 1), last, now=self.now())

    def _last_day(self) -> date:
        with self.engine.connect() as connection:
            return min(last_day(connection, self.known.shifts) or today(), today())

    def during(self, asked: Span, on: date) -> Patrolled:
        """Return where patrols walked in a span, on the streets of a day, as the record stands now.

        Raises
        ------
        NotFoundError
            If no area, or no street, is in force on that day.
        RecordError, sqlalchemy.exc.DBAPIError
            If the record cannot be read.
        """
        version = self.version()
        watch = self.watches.at(on)
        held = self._same(asked, watch, version)
        if held is not None:
            return held
        with self._building:
            return self._same(asked, watch, version) or self._made(asked, on, version)

    def _same(self, asked: Span, watch: Watch, version: Version) -> Patrolled | None:
        """What is at hand of that span and state, or was a moment ago."""
        now = time.monotonic()
        for one in self._held:
            alike = one.watch is watch and one.span == asked and one.version.settled == version.settled
            if alike and (one.version == version or now - one.read_s < self._fresh_s):
                return one
        return None

    def _made(self, asked: Span, on: date, version: Version) -> Patrolled:
        watch, roads = self._ground(on)
        read_s = time.monotonic()
        first = asked.begins - timedelta(days=MEMORY_DAYS)
        walks = self.known.walked(first, asked.ends, now=self.now())
        fits = fitting(walks.walked, roads)
        with self.engine.connect() as connection:
            begun = first_moment(connection)
        made = Patrolled(
            version=version,
            read_s=read_s,
            watch=watch,
            span=asked,
            roads=roads,
            walks=walks,
            book=roads.ledger(walks.walked[fits]),
            left_out=int((~fits).sum()),
            since=None if begun is None else max(begun, first),
        )
        others = [one for one in self._held if (one.watch, one.span) != (watch, asked)]
        self._held = [*others, made][-self._kept :]
        return made

    def _ground(self, on: date) -> tuple[Watch, Roads]:
        """What cameras see, and the streets, of one revision."""
        for _ in range(_TRIES):
            watch, streets = self.watches.at(on), self.known.streets(on)
            if watch.recorded.version == streets.version:
                break
        return watch, self._ready(streets, watch.recorded.areas)

    def _ready(self, streets: Streets, areas: gpd.GeoDataFrame) -> Roads:
        """Streets cut along areas, as they were before where they are the same."""
        for one in self._roads:
            if one.table is streets.table and one.areas is areas:
                return one
        empty = figures.ledger(NO_VISITS, streets.table, corridors=streets.corridors)
        made = Roads(streets=streets, areas=areas, laid=figures.sides(empty, areas))
        self._roads = [*self._roads, made][-2:]
        return made


def fitting(visits: pd.DataFrame, roads: Roads) -> Any:
    """Return which visits lie on the streets that are in force; others were matched to streets of another day.

    Raises
    ------
    Nothing
        There may be no visits.
    """
    length = pd.Series(roads.ledger(NO_VISITS).lines.length_m, index=roads.table["id"].to_numpy(dtype=object))
    whole = visits["street"].astype(object).map(length).to_numpy(dtype=float)
    return visits["to_m"].to_numpy(dtype=float) <= whole * (1 + _LONGER) + _LONGER_M


#: By how much a visit may be longer than its street: another zone measures differently.
_LONGER, _LONGER_M = 1e-3, 1.0

#: The table of no visits.
NO_VISITS = pd.DataFrame(
    {name: pd.Series(dtype=object) for name in ("post", "shift", "street", "from_m", "to_m", "start", "end")}
)
