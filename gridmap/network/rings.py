"""What posts on duty reach within some minutes: response rings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import crs
from gridmap.errors import InputError
from gridmap.network.doors import Doors, doors
from gridmap.network.nearest import Dispatch
from gridmap.network.posts import Posts, posts
from gridmap.network.reach import Stretches, first_two, lines, reached, shared, stretches, total
from gridmap.network.ways import Ways, ways
from gridmap.streets import StreetGraph

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: The response rings of Hunan's 城市快警.
MINUTES = (1.0, 3.0, 5.0)


@dataclass(frozen=True, kw_only=True)
class Rings:
    """Streets reached within some minutes."""

    #: ``minutes``, ``posts`` (that could be sent), ``length_m`` (open streets), ``reached_m``, ``share``, ``sole_m``
    #: (reached by one post only), ``share_sole``, ``households``, ``households_reached``, ``share_households``,
    #: ``households_too_far`` (from any street; missing without buildings), lines reached; nearest ring first
    rings: gpd.GeoDataFrame
    #: ``street`` (row of the table), ``minutes``, ``length_m``, ``reached_m``, ``sole_m``: streets that are reached
    streets: pd.DataFrame


def rings(
    fixes: gpd.GeoDataFrame | Posts,
    streets: gpd.GeoDataFrame | StreetGraph | Ways,
    minutes: Sequence[float] = MINUTES,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    now: dt.datetime | pd.Timestamp | None = None,
    dispatch: Dispatch | None = None,
) -> Rings:
    """Return the share of streets, and of households, that posts on duty reach within some minutes.

    A metre of street is reached where the quickest post is there in time, and served by one post only where no second
    one is. Metres are exact: an edge counts as far as time lasts. Streets closed to the mode do not count, and one that
    is drawn twice counts once.

    Parameters
    ----------
    fixes
        As for `gridmap.network.nearest`; posts that may not be sent reach nothing.
    streets
        A table of lines in any CRS, a graph, or prepared `Ways`.
    minutes
        The rings.
    buildings
        Polygons in any CRS, ``households`` where known; without that column every building counts as one.
    now
        The moment asked about, with its zone; by default that of the last fix.
    dispatch
        Which posts may be sent, and how they get along.

    Raises
    ------
    InputError
        If there are no minutes, or they are not above 0.
    TableError, CrsError
        If there are no fixes or no streets, or they cannot be read.

    Notes
    -----
    Metric N2 of the patrol reference.

    Examples
    --------
    A walker in the middle of a street of 400 m gets 78 m either way in a minute:

    >>> table = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (400, 0)])], crs=4549)
    >>> moment = pd.to_datetime(["2026-01-01T08:00Z"])
    >>> post = gpd.GeoDataFrame({"post": ["a"], "time": moment}, geometry=gpd.points_from_xy([200], [0]), crs=4549)
    >>> rings(post, table).rings[["minutes", "reached_m", "share", "sole_m"]].round(3).values.tolist()
    [[1.0, 156.0, 0.39, 156.0], [3.0, 400.0, 1.0, 400.0], [5.0, 400.0, 1.0, 400.0]]
    """
    asked, limits = dispatch or Dispatch(), seconds_of(minutes)
    ready = ways(streets, asked.mode)
    known = (
        fixes
        if isinstance(fixes, Posts)
        else posts(fixes, ready, now=now, most_age_s=asked.most_age_s, on_duty=asked.on_duty)
    )
    able = known.xy[known.barred == ""]
    cut = stretches(ready, able, asked.off_m)
    found = first_two(cut, np.flatnonzero(cut.foot >= 0), limits[-1])
    behind = None if buildings is None else doors(buildings, ready)
    rows = [_ring(cut, found, limit, behind) for limit in limits]
    table = gpd.GeoDataFrame([row for row, _ in rows], geometry="geometry", crs=ready.graph.crs)
    by_street = pd.concat([each for _, each in rows], ignore_index=True)
    return Rings(rings=crs.to_system(table, known.crs), streets=by_street)


def seconds_of(minutes: Sequence[float]) -> list[float]:
    """Return minutes as seconds, in order, each once.

    Raises
    ------
    InputError
        If there are none, or they are not above 0.

    Examples
    --------
    >>> seconds_of([5, 1])
    [60.0, 300.0]
    """
    limits = sorted({60.0 * float(each) for each in minutes})
    if not limits or not all(0 < limit < np.inf for limit in limits):
        raise InputError(f"minutes {list(minutes)}", expected="numbers above 0: 5, 10, 15")
    return limits


def counting(cut: Stretches) -> npt.NDArray[np.bool_]:
    """Return the stretches that count: open to the mode, and no second drawing of another, shape (s,).

    Raises
    ------
    Nothing
        Every stretch is a part of an edge.
    """
    return np.asarray(np.isfinite(cut.s_per_m) & (cut.ways.twin[cut.edge] == cut.edge))


def _ring(
    cut: Stretches, found: tuple[Floats, Ints], limit: float, behind: Doors | None
) -> tuple[dict[str, object], pd.DataFrame]:
    """(One ring, its streets)."""
    seconds, which = found
    metres, counts = reached(cut, seconds[:, 0], limit), counting(cut)
    whole, together = total(cut, metres), shared(cut, seconds, which, limit)
    length, arrived, sole = (float(each[counts].sum()) for each in (cut.length_m, whole, whole - together))
    row = {
        "minutes": limit / 60,
        "posts": int((cut.foot >= 0).sum()),
        "length_m": length,
        "reached_m": arrived,
        "share": arrived / length,
        "sole_m": sole,
        "share_sole": sole / length,
        **households(cut, seconds[:, 0], limit, behind),
        "geometry": shapely.MultiLineString(list(lines(cut, metres)[0])),
    }
    return row, _by_street(cut, limit, whole, whole - together)


def households(cut: Stretches, node_s: Floats, limit: float, behind: Doors | None) -> dict[str, float]:
    """Return the households, those reached in time, their share, and those too far from any street to tell.

    Raises
    ------
    Nothing
        Without buildings nothing is known.
    """
    names = ("households", "households_reached", "share_households", "households_too_far")
    if behind is None:
        return dict.fromkeys(names, np.nan)
    count = behind.households
    all_of = float(count.sum())
    arrived = float(count[behind.seconds(cut, node_s) <= limit].sum())
    share = arrived / all_of if all_of else np.nan
    return dict(zip(names, (all_of, arrived, share, float(count[behind.too_far].sum())), strict=True))


def _by_street(cut: Stretches, limit: float, whole: Floats, sole: Floats) -> pd.DataFrame:
    """Metres of each street that is reached."""
    street = cut.ways.graph.street[cut.edge]
    sums = [np.bincount(street, each) for each in (cut.length_m, whole, sole)]
    at = np.flatnonzero(sums[1] > 0)
    columns = dict(zip(("length_m", "reached_m", "sole_m"), (each[at] for each in sums), strict=True))
    return pd.DataFrame({"street": at, "minutes": limit / 60, **columns})
