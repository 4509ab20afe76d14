"""Where cameras could be put up: poles at the kerbs of streets and at crossings, and where they could look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.crs import convert, is_metric, parse, to_metric
from gridmap.errors import Fault, InputError, TableError, TooLargeError
from gridmap.visibility.cameras.bearings import convergence_deg
from gridmap.visibility.placement.poles import Poles, poles, site

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]

#: Least and greatest distance between poles that can be asked for.
LEAST_EVERY_M, MOST_EVERY_M = 5.0, 1000.0


@dataclass(frozen=True, kw_only=True)
class CameraModel:
    """A camera that could be put up: the usual one of streets today, 4 MP behind a 4 mm lens, unless said otherwise."""

    #: what it is called
    name: str = "fixed 4 MP 4 mm"
    #: fixed, ptz or fisheye
    kind: str = "fixed"
    #: above ground
    height_m: float = 6.0
    #: across
    hfov_deg: float = 67.7
    #: upright; None from the proportions of the picture
    vfov_deg: float | None = None
    #: below the horizon; None for a level axis without a dead zone
    tilt_deg: float | None = 10.0
    #: across
    width_px: int = 2560
    #: greatest distance of use; None as far as its picture resolves anything
    range_m: float | None = None
    #: what one costs, in whatever unit the budget has
    cost: float = 1.0


def candidates(
    streets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    models: Sequence[CameraModel] = (CameraModel(),),
    every_m: float = 30.0,
    most: int = 100_000,
) -> gpd.GeoDataFrame:
    """Return cameras that could be put up: a table of cameras with where each would stand and look.

    Between crossings there is a pole about every so many metres on both sides, at the kerb, from which cameras look
    along the street both ways and across it. At a crossing there is one, in the widest corner, from which they look
    along each arm. Where a house stands at the kerb the pole stands nearer to the middle of the street; where no place
    is free there is none.

    Parameters
    ----------
    streets
        ``id``, lines, perhaps ``class`` and ``barrier``, in any CRS. What is a barrier and no street (a river, a
        railway) has no poles. Lines need not be cut where they cross.
    buildings
        Polygons in any CRS.
    models
        Cameras that could hang on each pole.
    every_m
        Metres between poles along a street, 5 to 1000.
    most
        Greatest number of candidates.

    Returns
    -------
    geopandas.GeoDataFrame
        The columns of a table of cameras (``id``, ``height_m``, ``heading_deg`` from true north, ``hfov_deg``,
        ``tilt_deg``, ``vfov_deg``, ``width_px``, ``range_m``, ``kind``, ``status``), then ``model``, ``cost``,
        ``street`` (id of the nearest), ``at`` (street or crossing) and points in the CRS of the streets. By place from
        west to east and by heading: the order of streets does not matter.

    Raises
    ------
    InputError
        If the distance between poles is out of bounds, or no model is given, or one costs nothing.
    TooLargeError
        If there would be more candidates than ``most``.
    TableError
        If no street is among the lines.
    CrsError
        If a table does not say its CRS.

    Examples
    --------
    >>> road = gpd.GeoDataFrame({"id": ["1"]}, geometry=[shapely.LineString([(0, 0), (30, 0)])], crs=3857)
    >>> road = road.set_crs(4549, allow_override=True)
    >>> road.geometry = road.geometry.translate(500_000, 3_540_000)
    >>> house = gpd.GeoDataFrame(geometry=[shapely.box(500_010, 3_540_003, 500_020, 3_540_012)], crs=4549)
    >>> made = candidates(road, house)
    >>> made.geometry.y.sub(3_540_000).unique().tolist()  # nearer to the middle where the house stands
    [-3.5, 1.75]
    """
    _refuse_odd(models, every_m)
    metric = measured(streets)
    lines = walked(metric).explode(ignore_index=True)
    _refuse_many(lines, len(models), every_m, most)
    ground = site(lines.geometry.to_numpy(), lines["class"].tolist(), moved(buildings, metric.crs))
    found = poles(ground, every_m)
    street = lines["id"].to_numpy(object)[ground.streets.nearest(shapely.points(found.xy))]
    table = _table(found, models, street, metric.crs)
    if len(table) > most:
        raise TooLargeError(f"{len(table)} candidates", expected=f"at most {most}", do="put poles further apart")
    return table.set_geometry(gpd.GeoSeries(moved(table, streets.crs), crs=streets.crs))


def measured(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a table in metres: as it is where it is metric, else in the metric system of its place.

    Raises
    ------
    CrsError
        If the table does not say its CRS.
    """
    return table if table.crs is not None and is_metric(table.crs) else to_metric(table)


def moved(table: gpd.GeoDataFrame | gpd.GeoSeries, system: Any) -> Shapes:
    """Return the geometries of a table in another system, in two dimensions.

    Raises
    ------
    CrsError
        If the table does not say its CRS, or its datum must not be changed without parameters.
    """
    shapes = shapely.force_2d(table.geometry.to_numpy())
    source, target = parse(table.crs), parse(system)
    if source == target or not len(shapes):
        return np.asarray(shapes)
    return np.asarray(shapely.transform(shapes, lambda x, y: convert(x, y, source, target), interleaved=False))


def walked(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the streets among lines: ``id``, ``name``, ``class`` as text and the lines; a river without class is none.

    Raises
    ------
    TableError
        If there are none of any length.
    """
    empty = pd.Series("", index=streets.index)
    kind, barrier, name = (_texts(streets[column]) if column in streets else empty for column in _WORDS)
    ids = (streets["id"] if "id" in streets else pd.Series(streets.index, index=streets.index)).astype(str)
    kept = np.asarray((kind != "") | barrier.isin(("", "no"))) & (shapely.length(streets.geometry.to_numpy()) > 0)
    if not kept.any():
        message = "no street among the lines: all are barriers, or have no length; give at least one"
        raise TableError("streets", [Fault(code="no_streets", message=message)])
    table = gpd.GeoDataFrame({"id": ids, "name": name, "class": kind}, geometry=streets.geometry)
    return table[kept].reset_index(drop=True)


_WORDS = ("class", "barrier", "name")


def _texts(column: pd.Series[Any]) -> pd.Series[str]:
    """Cells as text, empty where missing."""
    return column.astype(object).where(column.notna(), "").astype(str).str.strip()


def _refuse_odd(models: Sequence[CameraModel], every_m: float) -> None:
    """Refuse what cannot be asked for."""
    if not LEAST_EVERY_M <= every_m <= MOST_EVERY_M:
        raise InputError(f"poles every {every_m} m", expected=f"{LEAST_EVERY_M:g} to {MOST_EVERY_M:g} m")
    if not models:
        raise InputError("no camera model", expected="at least one")
    for model in models:
        if not 0 < model.cost < np.inf:
            raise InputError(f"camera model {model.name!r} at a cost of {model.cost}", expected="a cost above 0")


def _refuse_many(lines: gpd.GeoDataFrame, models: int, every_m: float, most: int) -> None:
    """Refuse too many candidates before they are made."""
    least = int(lines.length.sum() // every_m) * models
    if least > most:
        do = "put poles further apart, or give the streets of a smaller area"
        raise TooLargeError(f"{least} poles and more", expected=f"at most {most} candidates", do=do)


def _table(poles: Poles, models: Sequence[CameraModel], street: npt.NDArray[Any], system: Any) -> gpd.GeoDataFrame:
    """The table of candidates, by place, heading and model."""
    place = gpd.GeoSeries(shapely.points(poles.xy), crs=system)
    true = (90 - np.degrees(poles.heading) + convergence_deg(place)) % 360
    order = np.lexsort((np.round(true, 6), *np.round(poles.xy.T[::-1], 3)))
    row, which = np.repeat(order, len(models)), np.tile(np.arange(len(models)), len(order))
    columns: dict[str, Any] = {
        name: np.array([getattr(model, name) for model in models], dtype=kind)[which] for name, kind in _COLUMNS.items()
    }
    table = {"id": [f"P{at + 1:06d}" for at in range(len(row))], "heading_deg": true[row], **columns}
    table |= {"status": "online", "street": street[row], "at": poles.site[row]}
    return gpd.GeoDataFrame(table, geometry=place.to_numpy()[row], crs=system).rename(columns={"name": "model"})


#: Fields of `CameraModel` that are columns of the table, and what they hold.
_COLUMNS = {
    "name": object,
    "kind": object,
    "height_m": float,
    "hfov_deg": float,
    "vfov_deg": float,
    "tilt_deg": float,
    "width_px": int,
    "range_m": float,
    "cost": float,
}
