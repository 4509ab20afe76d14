"""Share of the ground of each area that cameras see, band by band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.coverage.counting import BANDS, CERTAINTIES, Counting, counted, counted_views
from gridmap.coverage.ground import Ground, Shapes, ground, grouped
from gridmap.coverage.streets import shares_of
from gridmap.coverage.sweeping import Floats, Ints
from gridmap.visibility.pieces import Pieces, polygons, taken

if TYPE_CHECKING:
    from gridmap.visibility.views import Views

Flags = npt.NDArray[np.bool_]

#: Arcs are drawn to this, metres: a sector of 100 m then lacks a ten-thousandth of its ground.
TOLERANCE_M = 0.01
_NOMINAL = 1


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
    return shares(plots, seen_m2(pieces, views, plots, counted_views(views, counted(cameras, asked))), asked)


def shares(plots: Ground, amounts: Floats, counting: Counting) -> pd.DataFrame:
    """Return what is seen of plots as the table of `areas`.

    Parameters
    ----------
    plots
        The ground.
    amounts
        What `seen_m2` returned.
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


def seen_m2(pieces: Pieces, views: Views, plots: Ground, flags: Flags) -> Floats:
    """Return the square metres of each plot that are seen in each band or a better one.

    Parameters
    ----------
    pieces, views
        Ground in view, and the views.
    plots
        The ground.
    flags
        Which views count as what: `gridmap.coverage.counted_views`.

    Returns
    -------
    numpy.ndarray
        Shape (plots, 3 certainties, 4 bands, 2): ground, and open ground.

    Raises
    ------
    Nothing
        What lies in no plot is left out.
    """
    amounts = np.tile(plots.none_seen, (len(CERTAINTIES), len(BANDS), 1, 1)).transpose(2, 0, 1, 3)
    near = taken(pieces, (flags.any(axis=1) & _reaching(views, plots))[pieces.view])
    for band in range(len(BANDS)):
        if not (near.band == band).any():
            amounts[:, :, band] = amounts[:, :, band - 1] if band else amounts[:, :, band]
            continue
        view, shapes = drawn(taken(near, near.band <= band), views)
        plot, row = shapely.STRtree(shapes).query(plots.plots, predicate="intersects")
        for at in range(len(CERTAINTIES)):
            same = next(other for other in range(at + 1) if np.array_equal(flags[:, other], flags[:, at]))
            chosen = flags[view[row], at]
            found = amounts[:, same, band] if same < at else _united(plots, shapes, plot[chosen], row[chosen])
            amounts[:, at, band] = found
    return amounts


def drawn(pieces: Pieces, views: Views) -> tuple[Ints, Shapes]:
    """Return the ground of each view as one valid geometry: rows of the views, and geometries.

    Parameters
    ----------
    pieces, views
        Ground in view, and the views.

    Raises
    ------
    Nothing
        Of no pieces nothing is drawn.
    """
    if not len(pieces):
        return np.zeros(0, np.int64), np.zeros(0, dtype=object)
    view, _, shapes = polygons(pieces, views, by=("view",), tolerance_m=TOLERANCE_M)
    # what was joined on a lattice would draw every later overlay onto it
    shapes = shapely.set_precision(shapes, 0)
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    return view, shapes


def _united(plots: Ground, shapes: Shapes, plot: Ints, row: Ints) -> Floats:
    """Ground and open ground of each plot that lies in any of the shapes that meet it."""
    amounts = plots.none_seen.copy()
    groups = grouped(plot, row)
    if groups:
        which = np.array([key for key, _ in groups])
        unions = np.array([shapely.union_all(shapes[rows]) for _, rows in groups], dtype=object)
        amounts[which] = plots.measured(shapely.intersection(unions, plots.plots[which]), which)
    return amounts


def _reaching(views: Views, plots: Ground) -> Flags:
    """Which views have a disc that meets the box around all plots."""
    west, south, east, north = shapely.total_bounds(plots.plots)
    x, y = views.xy.T
    reach = np.asarray(views.range_m)
    return np.asarray((x + reach >= west) & (x - reach <= east) & (y + reach >= south) & (y - reach <= north))
