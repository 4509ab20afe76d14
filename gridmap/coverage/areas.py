"""Share of the ground of each area that cameras see, band by band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.coverage.counting import BANDS, CERTAINTIES, Counting, counted, counted_views
from gridmap.coverage.ground import Ground, Shapes, areal, ground, grouped
from gridmap.coverage.overlaying import united
from gridmap.coverage.streets import shares_of
from gridmap.coverage.sweeping import Floats, Ints
from gridmap.visibility.sweep.pieces import Pieces, polygons, taken

if TYPE_CHECKING:
    from gridmap.visibility.cameras.views import Views

Flags = npt.NDArray[np.bool_]

#: Arcs are drawn to this, metres. They hold the ground of true ones, so that it matters only where they cross.
TOLERANCE_M = 0.01


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
    amounts = np.repeat(plots.none_seen[:, None, None], len(CERTAINTIES), axis=1).repeat(len(BANDS), axis=2)
    near = np.flatnonzero(flags.any(axis=1) & _reaching(views, plots))
    seen = drawn(taken(pieces, np.isin(pieces.view, near)), views)
    plot, row = shapely.STRtree(seen.shapes).query(plots.plots, predicate="intersects")
    told: dict[bytes, Floats] = {}
    for at in range(len(CERTAINTIES)):
        key = flags[:, at].tobytes()
        if key not in told:
            counts = flags[seen.view[row], at]
            told[key] = _united(plots, seen, plot[counts], row[counts])
        amounts[:, at] = told[key]
    return amounts


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Ground of views band by band, as geometries."""

    #: polygons, shape (n,)
    shapes: Shapes
    #: row of the view of each
    view: Ints
    #: 0 recognise, 1 find, 2 detect, 3 seen
    band: Ints


def drawn(pieces: Pieces, views: Views) -> Drawn:
    """Return the ground of each view and band as one valid geometry; arcs are drawn so that their ground is exact.

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
        none = np.zeros(0, np.int64)
        return Drawn(shapes=np.zeros(0, dtype=object), view=none, band=none)
    view, band, shapes = polygons(pieces, views, by=("view", "band"), tolerance_m=TOLERANCE_M)
    # what was joined on a lattice would draw every later overlay onto it
    shapes = shapely.set_precision(shapes, 0)
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = areal(shapely.make_valid(shapes[broken]))
    return Drawn(shapes=shapes, view=view, band=band)


def _united(plots: Ground, seen: Drawn, plot: Ints, row: Ints) -> Floats:
    """Ground and open ground of each plot seen in each band or a better one, shape (plots, 4, 2)."""
    amounts = np.repeat(plots.none_seen[:, None], len(BANDS), axis=1)
    places, unions = [], []
    for each, rows in grouped(plot, row):
        by_band = [seen.shapes[rows[seen.band[rows] == band]] for band in range(len(BANDS))]
        so_far = shapely.Polygon()
        for band, shapes in enumerate(by_band):
            if len(shapes):
                so_far = united([so_far, *shapes])
                places.append((each, band))
                unions.append(so_far)
    if places:
        at, band = np.array(places).T
        amounts[at, band] = plots.measured(np.array(unions, dtype=object), at)
        _carry(amounts, at, band)
    return amounts


def _carry(amounts: Floats, plot: Ints, band: Ints) -> None:
    """Put what is seen in a band into the worse ones in which nothing more is seen."""
    told = np.zeros(amounts.shape[:2], dtype=bool)
    told[plot, band] = True
    for worse in range(1, len(BANDS)):
        empty = ~told[:, worse]
        amounts[empty, worse] = amounts[empty, worse - 1]


def _reaching(views: Views, plots: Ground) -> Flags:
    """Which views have a disc that meets the box around all plots."""
    west, south, east, north = shapely.total_bounds(plots.plots)
    x, y = views.xy.T
    reach = np.asarray(views.range_m)
    return np.asarray((x + reach >= west) & (x - reach <= east) & (y + reach >= south) & (y - reach <= north))
