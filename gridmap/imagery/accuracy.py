"""How wrong a warped scan is: residuals, the error of points left out, and the band to draw around what is read off."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.errors import CrsError
from gridmap.imagery.fitting import fit_warp, left_out
from gridmap.imagery.ground import Ground, on_ground
from gridmap.imagery.points import ControlPoints, Numbers, control_points

#: Columns that tell how wrong each point is, in order.
ERROR_COLUMNS = ("east", "north", "dx_m", "dy_m", "residual_m", "leave_one_out_m")


def leave_one_out(points: ControlPoints | pd.DataFrame, *, method: str = "order1", crs: object = None) -> pd.DataFrame:
    """Return how wrong a warp is at each control point: as fitted, and with the point left out.

    The residual of a thin-plate spline is 0 by construction, and that of a polynomial is drawn down by the very point
    it is measured at. Left out, the point is a check by the others: the error to expect between points.

    Parameters
    ----------
    points
        Control points, or a table of pixel, line, x, y; whole ones.
    method
        order1, order2, order3 or tps.
    crs
        System of x and y where the points do not say.

    Returns
    -------
    pandas.DataFrame
        The points' table, and east, north (metres, see `gridmap.imagery.ground.on_ground`), dx_m, dy_m (fitted less
        given), residual_m, leave_one_out_m (NaN where the others do not define the warp), in their order.

    Raises
    ------
    InputError
        If the points do not define the warp.
    CrsError
        If the numbers cannot be coordinates of the system.

    Examples
    --------
    >>> table = pd.DataFrame({"pixel": [0, 10, 0, 10], "line": [0, 0, 10, 10]})
    >>> table = table.assign(x=[500000, 500010, 500000, 500011], y=[3500010, 3500010, 3500000, 3500000])
    >>> leave_one_out(table, crs=4549)[["residual_m", "leave_one_out_m"]].round(6).values.tolist()[3]
    [0.25, 1.0]
    """
    given = control_points(points)
    return measured(given, on_ground(given, crs), method)


def measured(points: ControlPoints, ground: Ground, method: str) -> pd.DataFrame:
    """Return the table of `leave_one_out` for points that are on the ground already."""
    off = fit_warp(points.pixels, ground.metres, method).place(points.pixels) - ground.metres
    missed = left_out(points.pixels, ground.metres, method)
    values = (*ground.metres.T, *off.T, np.hypot(*off.T), np.hypot(*missed.T))
    return points.table.assign(**dict(zip(ERROR_COLUMNS, values, strict=True)))


def root_mean_square(errors: Numbers | pd.Series) -> float:
    """Return the root of the mean square of what is known; NaN where nothing is."""
    known = np.asarray(errors, dtype=np.float64)
    known = known[np.isfinite(known)]
    return float(np.sqrt((known**2).mean())) if len(known) else float("nan")


def error_at(points: pd.DataFrame, places: Numbers) -> Numbers:
    """Return the error to expect at places of a warped scan, metres: what a map draws as the radius of a band.

    The squares of the errors of points left out, weighted by the inverse square of their distance: at a point its own
    error, far from all of them that of all. Never below the half of that, since one lucky point proves nothing.

    Parameters
    ----------
    points
        As `leave_one_out` returns it.
    places
        East and north, shape (n, 2), metres.

    Returns
    -------
    numpy.ndarray of float64, shape (n,)
        NaN where no point could be left out.

    Raises
    ------
    InputError
        Never.

    Examples
    --------
    >>> points = pd.DataFrame({"east": [0.0, 100.0], "north": [0.0, 0.0], "leave_one_out_m": [1.0, 3.0]})
    >>> error_at(points, np.array([[0.0, 0.0], [50.0, 0.0], [100.0, 0.0]])).round(3).tolist()
    [1.118, 2.236, 3.0]
    """
    known = points[np.isfinite(points["leave_one_out_m"])]
    if known.empty:
        return np.full(len(places), np.nan)
    at = known[["east", "north"]].to_numpy()
    squared = ((places[:, None, :] - at[None, :, :]) ** 2).sum(axis=-1)
    weights = 1 / np.maximum(squared, _NEAR_M**2)
    errors = known["leave_one_out_m"].to_numpy() ** 2
    here = np.sqrt((weights * errors).sum(axis=1) / weights.sum(axis=1))
    least: Numbers = np.maximum(here, root_mean_square(known["leave_one_out_m"]) / 2)
    return least


#: Distance within which a place is that of a control point, metres.
_NEAR_M = 1e-3

#: Places along the longer side of a footprint at which a band is drawn.
_ALONG = 24


def error_band(lines: gpd.GeoDataFrame, points: pd.DataFrame, *, step_m: float | None = None) -> gpd.GeoDataFrame:
    """Return the ground within which lines read off a warped scan may truly lie: a band as wide as the error there.

    Parameters
    ----------
    lines
        What was read off the scan, in the metric system of the points' east and north; not changed.
    points
        As `leave_one_out` returns it.
    step_m
        Distance at which the width is asked anew; a fiftieth of each line if left out.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows with polygons, and radius_m, the greatest half width. Empty polygons and NaN where no error is
        known: nothing can be said.

    Raises
    ------
    CrsError
        If the lines are not in metres.
    """
    if lines.crs is None or not lines.crs.is_projected:
        raise CrsError("lines that are not in metres", expected="the system of the warped scan")
    bands = [_band(shape, points, step_m) for shape in lines.geometry]
    widths = [width for _, width in bands]
    return lines.assign(radius_m=widths).set_geometry(gpd.GeoSeries([b for b, _ in bands], lines.index, crs=lines.crs))


def _band(shape: shapely.Geometry, points: pd.DataFrame, step_m: float | None) -> tuple[shapely.Geometry, float]:
    """The band around one geometry, and its greatest half width."""
    pieces, widest = [], float("nan")
    for part in shapely.get_parts(shapely.segmentize(shape, step_m or max(shape.length / 50, 1e-6))):
        at = shapely.get_coordinates(part)
        widths = error_at(points, at)
        if np.isnan(widths).any():
            return shapely.Polygon(), float("nan")
        widest = float(np.nanmax([widest, widths.max()]))
        discs = shapely.buffer(shapely.points(at), widths)
        pieces += [shapely.convex_hull(shapely.union(*pair)) for pair in pairwise(discs)] or list(discs)
    return shapely.union_all(pieces), widest


def error_grid(footprint: shapely.Polygon, points: pd.DataFrame, crs: str | None) -> gpd.GeoDataFrame:
    """Return places over a warped scan with the error to expect there: radius_m, and a circle of that radius.

    Parameters
    ----------
    footprint
        Ground that the scan covers.
    points
        As `leave_one_out` returns it.
    crs
        System of both.

    Returns
    -------
    geopandas.GeoDataFrame
        radius_m and circles, row by row from the north-west; at most 24 along the longer side.

    Raises
    ------
    InputError
        Never.
    """
    west, south, east, north = footprint.bounds
    step = max(east - west, north - south) / _ALONG
    across, up = np.arange(west + step / 2, east, step), np.arange(north - step / 2, south, -step)
    places = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    places = places[shapely.intersects_xy(footprint, *places.T)]
    radius = error_at(points, places)
    circles = shapely.buffer(shapely.points(places), np.nan_to_num(radius))
    return gpd.GeoDataFrame({"radius_m": radius}, geometry=circles, crs=crs)
