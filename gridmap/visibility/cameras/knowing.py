"""What is known of each camera of a table, with what had to be taken for granted and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from gridmap import crs as crs_
from gridmap import frames
from gridmap.visibility.cameras import lenses
from gridmap.visibility.cameras.assuming import Assumed, Cells, Ledger
from gridmap.visibility.cameras.bearings import OCTANT_ACCURACY_DEG, OCTANTS, convergence_deg
from gridmap.visibility.cameras.lenses import first_known
from gridmap.visibility.cameras.refusing import note_ends, refuse_lenses, refuse_nonsense

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known or assumed of each camera, one row per camera of the table."""

    #: metric system of ``xy``
    crs: CRS
    #: identifiers
    ids: npt.NDArray[Any]
    #: east and north, metres
    xy: Floats
    #: fixed, ptz or fisheye
    kind: npt.NDArray[Any]
    #: metres above ground
    height_m: Floats
    #: counter-clockwise from grid east, radians; NaN where no heading is known
    heading: Floats
    #: how far the heading may be off, radians
    accuracy: Floats
    #: horizontal angle of view, or of a fisheye's lens, degrees
    hfov_deg: Floats
    #: vertical angle of view, degrees
    vfov_deg: Floats
    #: below the horizon, degrees; NaN where it is not known
    tilt_deg: Floats
    #: focal length in pixels, or pixels per radian of a fisheye
    focal_px: Floats
    #: metres
    range_m: Floats
    #: angle through which a turning camera turns, radians
    turn: Floats
    #: optical zoom
    zoom: Floats
    #: whether the camera is not refused
    usable: Mask
    #: camera, column, what
    assumed: pd.DataFrame
    #: camera, code, message
    refused: pd.DataFrame


def known(cameras: pd.DataFrame, limits: Assumed, *, target_m: tuple[float, float], night: bool) -> Known:
    """Return what is known of each camera, with what had to be taken for granted and what is refused.

    Parameters
    ----------
    cameras
        Table of cameras in any CRS.
    limits
        What is taken for granted.
    target_m
        Lower and upper end of the segment that must be seen wholly.
    night
        Whether it is dark.

    Returns
    -------
    Known
        One row per camera.

    Raises
    ------
    TableError
        If the table breaks the promise of ``frames.CAMERAS``.
    CrsError
        If its coordinates cannot be measured in.
    """
    table = frames.conform(cameras, "cameras", source="cameras")
    cells, ids = Cells(table), table["id"].to_numpy(object)
    taken, refused = Ledger(ids), Ledger(ids)
    place = _placed(table, refused)
    kind = table["kind"].to_numpy(object)
    if "kind" not in frames.columns_of(list(cameras.columns), frames.frame("cameras"))[0]:
        taken.note(np.ones(len(table), dtype=bool), "kind", "it is fixed")
    found = lenses.lenses(cells, kind, limits, taken)
    what = f"it hangs {limits.height_m:g} m above ground"
    found["height_m"] = taken.fill(cells.numbers("height_m"), limits.height_m, "height_m", what)
    found["tilt_deg"] = lenses.tilts(cells.numbers("tilt_deg"), kind, taken)
    found["range_m"] = lenses.ranges(cells.numbers("range_m"), found["focal_px"], limits, taken)
    refuse_lenses(cells, limits, refused)
    refuse_nonsense(found, kind != "fisheye", target_m, limits, refused)
    note_ends(found, kind != "fisheye", target_m, taken, refused)
    if night:
        found["range_m"] = lenses.ranges_at_night(cells, found["range_m"], limits, taken, refused)
    heading, accuracy = _heading(cells, kind, place, taken)
    return Known(
        crs=place.crs,
        ids=ids,
        xy=shapely.get_coordinates(place.to_numpy()),
        kind=kind,
        heading=heading,
        accuracy=accuracy,
        turn=np.radians(np.nan_to_num(cells.numbers("turn_deg"), nan=360.0)),
        zoom=np.nan_to_num(cells.numbers("zoom"), nan=1.0),
        usable=~refused.rows,
        assumed=taken.table("column", "what"),
        refused=refused.table("code", "message"),
        **found,
    )


def _placed(table: gpd.GeoDataFrame, refused: Ledger) -> gpd.GeoSeries:
    """Return the places in the metric system of most of them; those at 0, 0 degrees are nowhere."""
    place = table.geometry
    nowhere = np.zeros(len(table), dtype=bool)
    if place.crs is not None and place.crs.is_geographic:
        nowhere = (shapely.get_coordinates(place.to_numpy()) == 0).all(axis=1)
    message = "longitude and latitude are 0, 0, which is what devices say that know no place; state where it is"
    refused.note(nowhere, "null_island", message)
    if nowhere.any() and not nowhere.all():
        # one camera in the Gulf of Guinea would move the zone that all are measured in
        place = place.where(~nowhere, place[~nowhere].iloc[0])
    if not len(place) or (place.crs is not None and crs_.is_metric(place.crs)):
        return place
    return crs_.to_metric(place.to_frame("geometry")).geometry


def _heading(cells: Cells, kind: npt.NDArray[Any], place: gpd.GeoSeries, taken: Ledger) -> tuple[Floats, Floats]:
    """Return headings on the grid and how far they may be off, radians."""
    true, stated = cells.numbers("heading_deg"), cells.numbers("heading_accuracy_deg")
    octant = np.array([OCTANTS.get(word, np.nan) for word in cells.words("octant")], dtype=float)
    coarse = np.isnan(true) & ~np.isnan(octant)
    off = np.where(coarse, np.fmax(stated, OCTANT_ACCURACY_DEG), np.nan_to_num(stated))
    found = first_known(true, octant)
    taken.note(coarse, "heading_deg", "it looks at the middle of its octant, give or take 22.5 degrees")
    blind = np.isnan(found) & (kind != "fisheye")
    what = "its heading is not known: all ground around it is possible only"
    taken.note(blind & (kind != "ptz"), "heading_deg", what)
    what = "the view that it keeps is not known: all ground around it is possible only"
    taken.note(blind & (kind == "ptz"), "heading_deg", what)
    return np.radians(90 - (found - convergence_deg(place))), np.radians(off)
