"""The posts that are first at an alert, and why the others are not sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.errors import InputError
from gridmap.network.alarm import Alarm, alarm
from gridmap.network.modes import FOOT, Mode
from gridmap.network.posts import Posts, posts
from gridmap.network.ways import Ways, ways
from gridmap.streets import StreetGraph

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


#: Posts whose way is looked for at once before it is known how far the others may be: a few cost hardly more than one.
LOOK_AT = 16


@dataclass(frozen=True, kw_only=True)
class Dispatch:
    """Whom to send."""

    #: how the posts get along; not asked for where prepared `Ways` are given
    mode: Mode | str = FOOT
    #: seconds beyond which a position is too old to count on
    most_age_s: float = 300.0
    #: seconds that a second of age counts for: as long as it was not heard of, a post may have walked away
    age_weight: float = 1.0
    #: metres from a street beyond which a post is off the streets
    off_m: float = 100.0
    #: metres from a street beyond which an alert cannot be reached along streets
    alert_off_m: float = 300.0
    #: seconds beyond which a post is not reached at all
    most_s: float = 3600.0
    #: names of the posts on duty; None: all whose ``status`` does not say otherwise
    on_duty: Collection[str] | None = None


def nearest(
    fixes: gpd.GeoDataFrame | Posts,
    streets: gpd.GeoDataFrame | StreetGraph | Ways,
    at: tuple[float, float],
    *,
    n: int = 3,
    now: dt.datetime | pd.Timestamp | None = None,
    dispatch: Dispatch | None = None,
) -> pd.DataFrame:
    """Return the posts in the order in which they would be at an alert, the first ``n`` of them chosen.

    The order is that of the seconds along streets and of the age of the position, second for second: where nobody knows
    what a post did meanwhile, it may have moved away that long. Nobody is chosen whose position is too old, who is off
    duty, off the streets or not connected with the alert.

    Parameters
    ----------
    fixes
        ``post``, ``time``, points in any CRS, ``status`` where known; or what `gridmap.network.posts` made of them.
    streets
        A table of lines in any CRS, a graph, or prepared `Ways`, with which an answer takes a few milliseconds.
    at
        Longitude and latitude of the alert in degrees.
    n
        How many to choose.
    now
        The moment of the alert, with its zone; by default that of the last fix.
    dispatch
        Whom to send.

    Returns
    -------
    pandas.DataFrame
        One row a post, chosen ones first, then those that could come, then the others by name: ``rank`` (missing for
        those who cannot come or were not looked at any further), ``post``, ``seconds`` and ``metres`` along streets,
        ``age_s``, ``straight_m``, ``chosen``, ``reason``: empty for the chosen; ``farther``,
        ``farther_though_nearer`` (by straight line nearer than one of the chosen), ``older`` (sooner there than one of
        the chosen if its position were as fresh), ``too_old``, ``future``, ``off_duty``, ``off_streets``,
        ``unreachable``, ``no_place``. Whoever is too far even in a straight line is ``farther`` without ``seconds``.

    Raises
    ------
    InputError
        If ``n`` is below 1, the alert lies too far from any open street, or its degrees or the moment are none.
    TableError, CrsError
        If there are no fixes or no streets, or they cannot be read.

    Notes
    -----
    Metric N1 of the patrol reference: arg min of d_net / v + age. R. C. Larson and E. A. Franck, Evaluating dispatching
    consequences of automatic vehicle location in emergency services, Computers & Operations Research 5, 1978.

    Examples
    --------
    A post across the river is nearer only for birds:

    >>> import shapely
    >>> from gridmap.crs import to_wgs84
    >>> roads = [[(0, 0), (1000, 0)], [(0, 100), (1000, 100)], [(1000, 0), (1000, 100)]]
    >>> table = gpd.GeoDataFrame(geometry=[shapely.LineString(road) for road in roads], crs=4549)
    >>> spots = gpd.points_from_xy([0, 300], [100, 0])
    >>> seen = pd.to_datetime(["2026-01-01T08:00Z"] * 2)
    >>> known = gpd.GeoDataFrame({"post": ["across", "along"], "time": seen}, geometry=spots, crs=4549)
    >>> alert = to_wgs84(0.0, 0.0, 4549)
    >>> nearest(known, table, alert, n=1)[["post", "metres", "reason"]].round(1).values.tolist()
    [['along', 300.0, ''], ['across', 2100.0, 'farther_though_nearer']]
    """
    asked = dispatch or Dispatch()
    if n < 1:
        raise InputError(f"n {n}", expected="1 or more posts to choose")
    ready = ways(streets, asked.mode)
    known = (
        fixes
        if isinstance(fixes, Posts)
        else posts(fixes, ready, now=now, most_age_s=asked.most_age_s, on_duty=asked.on_duty)
    )
    alert = alarm(ready, ready.place(at), off_m=asked.alert_off_m, most_s=asked.most_s)
    return _told(known, _looked_at(known, alert, n, asked), n)


@dataclass(frozen=True, kw_only=True)
class _Looked:
    """What is known of each post's way; NaN where nobody looked, infinite where there is none."""

    straight_m: Floats
    seconds: Floats
    metres: Floats
    #: seconds and age together
    score: Floats
    #: why a post cannot come or was not looked at
    reason: npt.NDArray[np.object_]


def _looked_at(known: Posts, alert: Alarm, n: int, asked: Dispatch) -> _Looked:
    """The ways of all who could be among the first n: nobody is quicker than along a straight line at full speed."""
    straight = np.hypot(*(known.xy - alert.xy).T)
    age = known.age_s * asked.age_weight
    least = straight / alert.ways.mode.fastest_m_s + age
    seconds, metres = np.full((2, len(straight)), np.nan)
    reason = known.barred.copy()
    queue = np.flatnonzero(reason == "")
    queue = queue[np.argsort(least[queue], kind="stable")]
    done, wanted = 0, max(4 * n, LOOK_AT)
    while done < len(queue) and wanted > done:
        some = queue[done:wanted]
        seconds[some], metres[some], off = alert.ways_to(known.xy[some], asked.off_m)
        reason[some[off]] = "off_streets"
        reason[some[~off & ~(seconds[some] <= asked.most_s)]] = "unreachable"
        done = wanted
        score = np.where(reason[queue[:done]] == "", (seconds + age)[queue[:done]], np.inf)
        bar = np.partition(score, n - 1)[n - 1] if len(score) >= n else np.inf
        wanted = int(np.searchsorted(least[queue], bar, side="right"))
    reason[queue[done:]] = "farther"
    return _Looked(straight_m=straight, seconds=seconds, metres=metres, score=seconds + age, reason=reason)


def _told(known: Posts, looked: _Looked, n: int) -> pd.DataFrame:
    """The table of the answer."""
    comes, waits = looked.reason == "", looked.reason == "farther"
    score = np.where(comes, looked.score, np.inf)
    # those who were not looked at come next, by straight line; those who cannot come last, by name
    order = np.lexsort(
        [known.post.astype(str), np.where(waits, looked.straight_m, 0.0), score, 2 * ~(comes | waits) + waits]
    )
    rank = np.where(comes[order], np.arange(1, len(order) + 1), 0)
    chosen = (rank > 0) & (rank <= n)
    reason = _lost(looked, order, chosen)
    way = comes[order]
    return pd.DataFrame(
        {
            "rank": pd.arrays.IntegerArray(rank, rank == 0),
            "post": known.post[order],
            "seconds": np.where(way, looked.seconds[order], np.nan),
            "metres": np.where(way, looked.metres[order], np.nan),
            "age_s": known.age_s[order],
            "straight_m": looked.straight_m[order],
            "chosen": chosen,
            "reason": reason,
        }
    )


def _lost(looked: _Looked, order: Ints, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    """Why each was not chosen, in the order of the answer."""
    reason = looked.reason[order]
    open_ = (reason == "") & ~chosen
    seconds, straight = looked.seconds[order], looked.straight_m[order]
    reason[open_] = "farther"
    reason[open_ & (straight < straight[chosen].max(initial=-np.inf))] = "farther_though_nearer"
    reason[open_ & (seconds < seconds[chosen].max(initial=-np.inf))] = "older"
    return reason
