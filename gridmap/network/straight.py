"""How often a straight line would send the wrong post."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.network.nearest import Dispatch, nearest
from gridmap.network.posts import Posts, posts
from gridmap.network.ways import Ways, ways
from gridmap.streets import StreetGraph


def wrong_responders(
    fixes: gpd.GeoDataFrame | Posts,
    streets: gpd.GeoDataFrame | StreetGraph | Ways,
    alerts: gpd.GeoDataFrame,
    *,
    now: dt.datetime | pd.Timestamp | None = None,
    dispatch: Dispatch | None = None,
) -> pd.DataFrame:
    """Return for each alert who is first there along streets, and whom a straight line would have sent.

    Both are chosen from the posts that can come, whatever the age of their position. The share of ``wrong`` is metric
    N3 of the patrol reference.

    Parameters
    ----------
    fixes, streets, now, dispatch
        As for `gridmap.network.nearest`.
    alerts
        Points in any CRS.

    Returns
    -------
    pandas.DataFrame
        Alert by alert: ``alert`` (its row), ``nearest``, ``straight`` (posts, empty where nobody can come), ``wrong``,
        ``extra_s``: seconds that the wrong one takes longer.

    Raises
    ------
    InputError, TableError, CrsError
        As `gridmap.network.nearest`.
    """
    asked = replace(dispatch or Dispatch(), age_weight=0.0)
    ready = ways(streets, asked.mode)
    known = (
        fixes
        if isinstance(fixes, Posts)
        else posts(fixes, ready, now=now, most_age_s=asked.most_age_s, on_duty=asked.on_duty)
    )
    rows = [_judged(known, ready, at, asked) for at in ready.degrees(alerts)]
    table = pd.DataFrame(rows, columns=["nearest", "straight", "wrong", "extra_s"])
    table.insert(0, "alert", np.arange(len(table)))
    return table


def _judged(known: Posts, ready: Ways, at: tuple[float, float], asked: Dispatch) -> tuple[str, str, bool, float]:
    """Who is nearest to one alert, and by straight line."""
    rows = nearest(known, ready, at, n=len(known.post), dispatch=asked)
    able = rows["chosen"].to_numpy(dtype=bool)
    if not able.any():
        return "", "", False, 0.0
    names, seconds = rows["post"].to_numpy()[able], rows["seconds"].to_numpy()[able]
    crow = int(np.argmin(rows["straight_m"].to_numpy()[able]))
    return names[0], names[crow], crow > 0, float(seconds[crow] - seconds[0])
