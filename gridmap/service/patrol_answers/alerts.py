"""The posts that are first at an alert, from the last fix of each, on streets made ready once per revision."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.network import Dispatch, Posts, Ways, nearest, ways
from gridmap.network.posts import AHEAD_S
from gridmap.service.patrol_streets import StreetBook
from gridmap.store.patrols import read_last
from gridmap.streets import StreetGraph, graph

#: Seconds beyond which nobody counts on a position, and nothing of it is told.
MOST_AGE_S = 300.0
#: Hours for which a post that is silent is still named.
NAMED_H = 12
#: Seconds after which the last fixes are read again.
FOLLOW_S = 1.0
#: Seconds beyond which nobody is looked for.
FAR_S = 3600.0
#: Posts that are told of: the first, and why others are not.
MOST_TOLD = 100
#: Ways along streets are looked for up to so many times the straight way of those who would be chosen by it: streets
#: lead about 1.35 times as far. Where that was too little, twice as far.
DETOUR, FARTHER = 1.6, 2.0

Floats = npt.NDArray[np.float64]
#: Why a post is not sent whose position is then not told.
_UNTOLD = np.array(["too_old", "future"], dtype=object)


@dataclass(frozen=True, kw_only=True)
class Alerted:
    """Who is first at an alert."""

    #: revision of the streets
    version: int
    #: the moment of the alert, by the clock of the service
    now: datetime
    #: how many posts were heard of
    number: int
    #: rank, post, seconds, metres, age_s, straight_m, chosen, reason, lon, lat of the first of them; of a position that
    #: is too old its age alone
    posts: pd.DataFrame


@dataclass(frozen=True, kw_only=True, eq=False)
class _Net:
    """Streets of a revision as a graph, and the ways of each mode that was asked for."""

    table: gpd.GeoDataFrame
    graph: StreetGraph
    ways: dict[str, Ways]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Last:
    """The last fix of each post, as read at a moment."""

    #: seconds of a clock that nobody sets
    read_s: float
    net: _Net
    post: npt.NDArray[np.object_]
    #: seconds since 1970
    seen_s: Floats
    #: metres of the graph, and degrees, shape (p, 2)
    xy: Floats
    lon_lat: Floats

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each post."""
        return {post: at for at, post in enumerate(self.post)}


class Alerts:
    """Whom to send, by one record: its streets made ready, and the last fix of each post followed.

    Parameters
    ----------
    book
        The streets of the record.
    clock
        The moment: that of the service, as those of devices and callers may be wrong.
    follow_s
        Seconds after which the last fixes are read again.
    """

    def __init__(
        self,
        book: StreetBook,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        follow_s: float = FOLLOW_S,
    ) -> None:
        self._book = book
        self._clock = clock
        self._follow_s = follow_s
        self._net: _Net | None = None
        self._last: _Last | None = None
        self._making = threading.Lock()

    def alerted(self, at: tuple[float, float], on: date, *, n: int = 3, mode: str = "foot") -> Alerted:
        """Return the posts in the order in which they would be at an alert, the first of them chosen.

        Parameters
        ----------
        at
            Longitude and latitude in degrees.
        on
            Day of the streets.
        n
            How many to choose.
        mode
            How they get along.

        Raises
        ------
        NotFoundError
            If there are no streets on that day.
        InputError
            If the alert is too far from any open street.
        RecordError
            If the record cannot be read.
        """
        streets = self._book.at(on)
        now = self._clock()
        with self._making:
            net = self._net_of(streets.table)
            if mode not in net.ways:
                net.ways[mode] = ways(net.graph, mode)
            roads = net.ways[mode]
            last = self._followed(net, roads, now)
        known = _posts(last, now, streets.table.crs)
        posts = _told(*_nearest(known, roads, at, n), last) if len(known.post) else _nobody()
        return Alerted(version=streets.version, now=now, number=len(known.post), posts=posts)

    def _net_of(self, table: gpd.GeoDataFrame) -> _Net:
        if self._net is None or self._net.table is not table:
            self._net = _Net(table=table, graph=graph(table), ways={})
        return self._net

    def _followed(self, net: _Net, roads: Ways, now: datetime) -> _Last:
        """The last fixes, read again where they were read some time ago."""
        moment = time.monotonic()
        if self._last is None or self._last.net is not net or moment - self._last.read_s >= self._follow_s:
            with self._book.engine.connect() as connection:
                table = read_last(connection, now - timedelta(hours=NAMED_H))
            self._last = _Last(
                read_s=moment,
                net=net,
                post=table["post"].to_numpy(dtype=object),
                seen_s=table["time"].to_numpy(dtype="datetime64[us]").astype(np.int64) / 1e6,
                xy=roads.to_metres(table),
                lon_lat=shapely.get_coordinates(table.geometry.to_numpy()),
            )
        return self._last


def _nearest(known: Posts, roads: Ways, at: tuple[float, float], n: int) -> tuple[pd.DataFrame, bool]:
    """The posts in order, and whether all were looked for: ways are followed no farther than they are needed.

    Their cost grows with the square of how far.
    """
    wanted = min(n, int((known.barred == "").sum()))
    limit = _likely_s(known, roads, at, wanted)
    while limit < FAR_S:
        found = nearest(known, roads, at, n=n, dispatch=Dispatch(most_s=limit))
        chosen = found["chosen"].to_numpy()
        last = (found["seconds"].to_numpy() + found["age_s"].to_numpy())[chosen].max(initial=0.0)
        if chosen.sum() == wanted and last <= limit:
            return found, False
        limit *= FARTHER
    return nearest(known, roads, at, n=n, dispatch=Dispatch(most_s=FAR_S)), True


def _likely_s(known: Posts, roads: Ways, at: tuple[float, float], wanted: int) -> float:
    """Seconds in which those who are wanted are likely to be there, and two more, by their straight ways."""
    free = known.barred == ""
    last = min(wanted + 2, int(free.sum())) - 1
    if last < 0:
        return FAR_S
    straight = np.hypot(*(known.xy[free] - roads.place(at)).T)
    scores = straight / roads.mode.speed_m_s * DETOUR + known.age_s[free]
    return float(np.partition(scores, last)[last])


def _posts(last: _Last, now: datetime, crs: object) -> Posts:
    """The last fixes as they stand at a moment."""
    age = now.timestamp() - last.seen_s
    barred = np.where(age > MOST_AGE_S, "too_old", np.where(age < -AHEAD_S, "future", "")).astype(object)
    return Posts(post=last.post, xy=last.xy, age_s=np.maximum(age, 0.0), barred=barred, now=pd.Timestamp(now), crs=crs)


def _told(found: pd.DataFrame, whole: bool, last: _Last) -> pd.DataFrame:  # noqa: FBT001 (what `_nearest` returned)
    """The first posts with their places; of positions that are too old nothing but their age."""
    reason = found["reason"].to_numpy(dtype=object)
    order = np.arange(len(found))
    if not whole:
        reason, order = _farther(found, reason)
    order = order[:MOST_TOLD]
    first, reason = found.iloc[order], reason[order]
    row = np.array([last.row[post] for post in first["post"].tolist()], dtype=np.int64)
    hidden = np.isin(reason, _UNTOLD)
    lon, lat = np.where(hidden, np.nan, last.lon_lat[row].T)
    straight = np.where(hidden, np.nan, first["straight_m"].to_numpy(dtype=float))
    return first.assign(reason=reason, straight_m=straight, lon=lon, lat=lat)


def _farther(found: pd.DataFrame, reason: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.object_], Any]:
    """Reasons and order where some were not reached in the time looked at: after all others, by straight ways."""
    reason = np.where(reason == "unreachable", "farther", reason)
    unranked, waits = found["rank"].isna().to_numpy(), reason == "farther"
    straight = np.where(unranked & waits, found["straight_m"].to_numpy(dtype=float), 0.0)
    return reason, np.lexsort((straight, unranked & ~waits, unranked))


def _nobody() -> pd.DataFrame:
    names = ("rank", "post", "seconds", "metres", "age_s", "straight_m", "chosen", "reason", "lon", "lat")
    return pd.DataFrame({name: pd.Series(dtype=object) for name in names})
