"""How wrong a warped scan is: residuals, the error of points left out, and the band to draw around what is read off."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.errors import CrsError
from gridmap.imagery.fitting import fit_warp, left_out, looseness
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


def error_at(points: pd.DataFrame, places: Numbers, *, method: str = "order1") -> Numbers:
    """Return the error to expect at places of a warped scan, metres: what a map draws as the radius of a band.

    The warp is held at the control points and grows looser away from them, most beyond their outermost; how much is
    a matter of where they lie (`gridmap.imagery.fitting.looseness`). How many metres that makes is told by the points
    left out: together they err as much as they are loose. Never below half their root mean square: the spline passes
    through every point, whoever pointed at it.

    Parameters
    ----------
    points
        As `leave_one_out` returns it.
    places
        East and north, shape (n, 2), metres.
    method
        The method of the warp.

    Returns
    -------
    numpy.ndarray of float64, shape (n,)
        NaN where no point could be left out.

    Raises
    ------
    InputError
        If the method is unknown.

    Examples
    --------
    Three good points of four: left out, the fourth errs as the others do, and the picture is surest in the middle.

    >>> square = pd.DataFrame({"east": [0.0, 10.0, 0.0, 10.0], "north": [0.0, 0.0, 10.0, 10.0]})
    >>> points = square.assign(leave_one_out_m=2.0)
    >>> error_at(points, np.array([[5.0, 5.0], [10.0, 10.0], [20.0, 5.0]])).round(3).tolist()
    [1.118, 1.323, 1.871]
    """
    own, held = looseness(points[["east", "north"]].to_numpy(), places, method)
    errors = points["leave_one_out_m"].to_numpy()
    known = np.isfinite(errors) & np.isfinite(own)
    if not known.any():
        return np.full(len(places), np.nan)
    errors = errors[known]
    unit = (errors**2).sum() / own[known].sum()
    least: Numbers = np.maximum(np.sqrt(unit * held), root_mean_square(errors) / 2)
    return least


#: Places along the longer side of a footprint at which a band is drawn.
_ALONG = 24


def error_band(
    lines: gpd.GeoDataFrame, points: pd.DataFrame, *, method: str = "order1", step_m: float | None = None
) -> gpd.GeoDataFrame:
    """Return the ground within which lines read off a warped scan may truly lie: a band as wide as the error there.

    Parameters
    ----------
    lines
        What was read off the scan, in the metric system of the points' east and north; not changed.
    points
        As `leave_one_out` returns it.
    method
        The method of the warp.
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
    InputError
        If the method is unknown.
    """
    if lines.crs is None or not lines.crs.is_projected:
        raise CrsError("lines that are not in metres", expected="the system of the warped scan")
    bands = [_band(shape, points, method, step_m) for shape in lines.geometry]
    widths = [width for _, width in bands]
    return lines.assign(radius_m=widths).set_geometry(gpd.GeoSeries([b for b, _ in bands], lines.index, crs=lines.crs))


def _band(
    shape: shapely.Geometry, points: pd.DataFrame, method: str, step_m: float | None
) -> tuple[shapely.Geometry, float]:
    """The band around one geometry, and its greatest half width."""
    pieces, widest = [], float("nan")
    for part in shapely.get_parts(shapely.segmentize(shape, step_m or max(shape.length / 50, 1e-6))):
        at = shapely.get_coordinates(part)
        widths = error_at(points, at, method=method)
        if np.isnan(widths).any():
            return shapely.Polygon(), float("nan")
        widest = float(np.nanmax([widest, widths.max()]))
        discs = shapely.buffer(shapely.points(at), widths)
        pieces += [shapely.convex_hull(shapely.union(*pair)) for pair in pairwise(discs)] or list(discs)
    return shapely.union_all(pieces), widest


def error_grid(
    footprint: shapely.Polygon, points: pd.DataFrame, crs: str | None, *, method: str = "order1"
) -> gpd.GeoDataFrame:
    """Return places over a warped scan with the error to expect there: radius_m, and a circle of that radius.

    Parameters
    ----------
    footprint
        Ground that the scan covers.
    points
        As `leave_one_out` returns it.
    crs
        System of both.
    method
        The method of the warp.

    Returns
    -------
    geopandas.GeoDataFrame
        radius_m and circles, row by row from the north-west; at most 24 along the longer side.

    Raises
    ------
    InputError
        If the method is unknown.
    """
    west, south, east, north = footprint.bounds
    step = max(east - west, north - south) / _ALONG
    across, up = np.arange(west + step / 2, east, step), np.arange(north - step / 2, south, -step)
    places = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    places = places[shapely.intersects_xy(footprint, *places.T)]
    radius = error_at(points, places, method=method)
    circles = shapely.buffer(shapely.points(places), np.nan_to_num(radius))
    return gpd.GeoDataFrame({"radius_m": radius}, geometry=circles, crs=crs)
