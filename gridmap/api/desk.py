"""What every route has at hand: the territories, the gate, the limits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from gridmap.address.suggest import Suggestions
from gridmap.api.auth import Gate
from gridmap.api.deps import Given
from gridmap.api.limits import Limits
from gridmap.api.metrics import Metrics
from gridmap.atlas import Atlas
from gridmap.errors import RecordError
from gridmap.settings import Settings
from gridmap.store import Actor
from gridmap.territory import Territory, today
from gridmap.territory.once import Once


class Desk:
    """What every route has at hand.

    Parameters
    ----------
    atlas
        What is in force on each day.
    gate
        Who may do what.
    limits
        How much may be asked for.
    settings
        Title and basemap of the page.
    engine
        The record; None when the service answers from files.
    """

    def __init__(self, *, atlas: Atlas, gate: Gate, limits: Limits, settings: Settings, engine: Engine | None) -> None:
        self.atlas = atlas
        self.gate = gate
        self.limits = limits
        self.settings = settings
        self.engine = engine
        self.metrics = Metrics()
        self._in_work: dict[date, asyncio.Task[Territory]] = {}
        self._preparing: dict[Once[Suggestions], asyncio.Task[Suggestions]] = {}

    async def territory(self, on: date | None) -> Territory:
        """Return what is in force on a day; a request takes it once and asks it everything.

        A day not asked for before is read from the record in a thread, so that other requests go on; all requests that
        ask for it meanwhile wait for the same reading.

        Raises
        ------
        NotFoundError
            If no area is in force on that day.
        RecordError
            If too many other days than today are being read already, or the record is away.
        """
        held = self.atlas.held(on)
        if held is not None:
            return held
        day = on or today()
        if day not in self._in_work:
            # today is never refused: at midnight every request asks for a day that none has asked for before
            if on is not None and len(self._in_work) >= self.limits.days_in_work:
                raise RecordError("too many past days are being read at once", do="ask again in a moment")
            self._in_work[day] = asyncio.create_task(run_in_threadpool(self.atlas.territory, day))
            self._in_work[day].add_done_callback(lambda _: self._in_work.pop(day))
        # shielded: one client that leaves must not end the reading that others wait for
        return await asyncio.shield(self._in_work[day])

    async def suggestions(self, territory: Territory) -> Once[Suggestions]:
        """Return names and addresses to be suggested: a territory's, or the last at hand of an older revision.

        They are made in a thread when first asked for. Who asks meanwhile is answered by those of the same day that
        were made before, and waits only where there are none.
        """
        latest = self.prepare(territory)
        if latest is not None:
            return latest
        await asyncio.shield(self._preparing[territory.suggestions])
        return territory.suggestions

    def prepare(self, territory: Territory) -> Once[Suggestions] | None:
        """Have a territory's suggestions made, and return the last that are at hand, None if there are none.

        Where there are some, one making at a time is enough: in a burst of changes each would be out of date when done.
        """
        wanted = territory.suggestions
        latest = wanted.latest
        if latest is not wanted and wanted not in self._preparing and (latest is None or not self._preparing):
            self._preparing[wanted] = asyncio.create_task(run_in_threadpool(wanted))
            self._preparing[wanted].add_done_callback(lambda _: self._preparing.pop(wanted))
        return latest


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request that was let in, and what it says."""

    #: what every route has at hand
    desk: Desk
    #: the request, for its headers and body
    request: Request
    #: the values of its parameters
    given: Given
    #: who asks, by a key; None where none was sent, which only reading allows
    actor: Actor | None = None

    async def territory(self) -> Territory:
        """Return what is in force on the day that the request asks about."""
        return await self.desk.territory(self.given["on"])
