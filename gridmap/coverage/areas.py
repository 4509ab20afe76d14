"""Share of the ground of each area that cameras see, band by band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.coverage.counting import Counting, counted, counted_views
from gridmap.coverage.ground import Ground, ground
from gridmap.coverage.streets import shares_of
from gridmap.coverage.sweeping import Floats
from gridmap.coverage.uniting import drawn, seen_m2
from gridmap.visibility.sweep.pieces import Pieces

if TYPE_CHECKING:
    from gridmap.visibility.cameras.views import Views


def areas(
    pieces: Pieces,
    views: Views,
    areas: gpd.GeoDataFrame | Ground,
    cameras: pd.DataFrame,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    counting: Counting | None = None,
) -> pd.DataFrame:
    """Return how much ground of each area is seen, and which share that is, band by band.

    Ground that several cameras see counts once, for the best band in which it is seen: the four bands of an area are
    disjoint and add up to all that is seen of it. With ``counting.at_least`` a band counts what is seen in it or
    better; see `gridmap.coverage.streets`. *Open ground* is that on which no building stands. Viewsheds are united
    inside each area, and parents have what their children have and what lies in none of them.

    Parameters
    ----------
    pieces, views
        Ground in view, and the views.
    areas
        ``code``, ``parent`` and ``level`` where known, polygons in any CRS; or their `Ground`, made once.
    cameras
        The table the views were made of.
    buildings
        Polygons in any CRS; without them open ground is missing. Not used where a `Ground` is given.
    counting
        Day, status and bands.

    Returns
    -------
    pandas.DataFrame
        Area by area and band by band: ``code``, ``band``, ``seen_m2``, ``share`` of all ground (nominal),
        ``share_guaranteed``, ``share_possible``, ``open_m2`` (open ground seen), ``share_open`` of all open ground.

    Raises
    ------
    TableError
        If the areas are faulty, or the cameras are not those of the views.
    CrsError
        If a table states no CRS.
    """
    asked = counting or Counting()
    plots = areas if isinstance(areas, Ground) else ground(areas, views.crs, buildings=buildings)
    flags = counted_views(views, counted(cameras, asked))
    return shares(plots, seen_m2(drawn(pieces, views, plots, flags), plots, flags), asked)


def shares(plots: Ground, amounts: Floats, counting: Counting) -> pd.DataFrame:
    """Return what is seen of plots as the table of `areas`.

    Parameters
    ----------
    plots
        The ground.
    amounts
        What `gridmap.coverage.uniting.seen_m2` returned for one way of counting.
    counting
        Whether bands are disjoint.

    Raises
    ------
    Nothing
        The share of no ground is missing.
    """
    seen, whole = plots.per_area(amounts), plots.per_area(plots.m2)
    if not counting.at_least:
        seen = np.diff(seen, axis=2, prepend=0.0)
    codes = plots.areas["code"].to_numpy(dtype=object)
    table = shares_of(codes, "code", seen[..., 0], whole[:, 0]).rename(columns={"seen": "seen_m2"})
    free = shares_of(codes, "code", seen[..., 1], whole[:, 1])
    return table.assign(open_m2=free["seen"], share_open=free["share"])
