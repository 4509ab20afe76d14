"""The error of a picture as a page draws it: a band around what was read off, as wide as the error is there."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gridmap.crs import is_metric, to_metric, to_system
from gridmap.disputes import Comparison
from gridmap.imagery import error_band
from gridmap.maps.dispute_shapes import Path, filled, in_degrees

#: Vertices of a quarter circle at the ends of a band.
_QUARTER = 4
#: A line is followed to this share of the error: a band of 5 m need not wind with each centimetre of a river, and
#: around 8 000 vertices that do it takes half a minute.
_FOLLOWED = 0.02
#: Digits of an error, metres.
_M = 3


def band(
    found: Comparison, error_m: float, control: gpd.GeoDataFrame | None = None, *, method: str = "order1"
) -> list[list[Path]]:
    """Return the ground within which lines that were read off a picture may truly lie: around lines and candidates.

    Parameters
    ----------
    found
        What was compared.
    error_m
        The error of the whole picture, metres.
    control
        Where it is known how it differs: points in any CRS with ``leave_one_out_m``. The band is then as wide as
        `gridmap.imagery.error_at` says at each place; else everywhere as the whole.
    method
        The method by which the picture was warped.

    Returns
    -------
    list
        Polygons of rings in degrees, none where there is no error.

    Raises
    ------
    CrsError
        If a table does not say its CRS, or says one that cannot be transformed safely.
    InputError
        If the method is unknown.
    """
    lines = [one.geometry for one in (found.lines, found.candidates) if len(one)]
    if not lines or error_m <= 0:
        return []
    table = gpd.GeoDataFrame(geometry=pd.concat(lines, ignore_index=True), crs=found.claims.crs)
    metric = table if is_metric(CRS(table.crs)) else to_metric(table)
    coarse = metric.set_geometry(metric.simplify(_FOLLOWED * error_m))
    around = shapely.buffer(coarse.geometry.to_numpy(), error_m, quad_segs=_QUARTER)
    if control is not None:
        differing = error_band(coarse, _points(to_system(control, metric.crs)), method=method)
        # points too few for the method tell nothing of places
        around = around if differing["radius_m"].isna().any() else differing.geometry.to_numpy()
    whole = gpd.GeoDataFrame(geometry=[shapely.union_all(around)], crs=metric.crs)
    polygons: list[list[Path]] = filled(in_degrees(whole))[0]
    return polygons


def control_said(control: gpd.GeoDataFrame) -> list[list[float]]:
    """Return latitude, longitude and error with the point left out, metres, of control points where one is known.

    Raises
    ------
    CrsError
        As `band`.
    """
    known = control[np.isfinite(control["leave_one_out_m"])]
    places = shapely.get_coordinates(in_degrees(known))[:, ::-1].round(6)
    return np.column_stack([places, known["leave_one_out_m"].round(_M)]).tolist() if len(known) else []


def _points(control: gpd.GeoDataFrame) -> pd.DataFrame:
    """Control points as `gridmap.imagery.error_band` takes them."""
    return pd.DataFrame(
        {"east": control.geometry.x, "north": control.geometry.y, "leave_one_out_m": control["leave_one_out_m"]}
    )
