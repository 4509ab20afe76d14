"""Control points in metres on the ground, without a shift that nobody asked for."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from gridmap import crs as crs_
from gridmap.errors import CrsError
from gridmap.imagery.points import DECIDED, ControlPoints, Numbers

_SHIFTED = ("GCJ-02", "BD-09")


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """Where control points lie, in metres."""

    #: east and north, shape (n, 2); NaN where the point has no place
    metres: Numbers
    #: name of the metric system (see `gridmap.crs.parse`); None where nobody knows it
    crs: str | None
    #: what, value, why
    decided: pd.DataFrame


def on_ground(points: ControlPoints, crs: object = None) -> Ground:
    """Return control points in the metric system that a picture of them is warped into.

    Coordinates in metres stay as they are, on their own datum: Xian 1980 and Beijing 1954 are never shifted. Degrees
    go to the 3-degree zone of the place, those of GCJ-02 and BD-09 after their shift is undone, which is told.

    Parameters
    ----------
    points
        Control points.
    crs
        System of x and y where the file does not say it, or says it wrongly (see `gridmap.crs.parse`).

    Returns
    -------
    Ground
        `crs` is None, and metres are assumed, where neither says a system and the numbers do not tell one.

    Raises
    ------
    CrsError
        If the numbers cannot be coordinates of the system: degrees, a wrong prefix. Exchanged axes are a fault that
        `gridmap.imagery.judge_control_points` names.

    Examples
    --------
    >>> from gridmap.imagery.points import control_points
    >>> table = pd.DataFrame({"pixel": [0.0], "line": [0.0], "x": [120.0], "y": [32.0]})
    >>> ground = on_ground(control_points(table), 4490)
    >>> ground.crs, ground.metres.round(1).tolist()
    ('EPSG:4549', [[500000.0, 3541852.4]])
    """
    source, why = _source(points, crs)
    if source is None:
        rows = [("crs", "unknown", why)]
        return Ground(metres=points.places, crs=None, decided=pd.DataFrame(rows, columns=list(DECIDED)))
    target = _target(points.places, source)
    if target == source:
        _refuse_elsewhere(points.places, source)
    x, y = crs_.convert(points.places[:, 0], points.places[:, 1], source, target)
    rows = [("crs", source, why)]
    if target != source:
        rows.append(("measured_in", target, _measured(source)))
    if (datum := crs_.datum_name(CRS(target))) in crs_.OLD_DATUMS:
        rows.append(
            ("datum", datum, "it cannot be laid over maps on another datum without parameters or common points")
        )
    metres = np.stack([np.asarray(x), np.asarray(y)], axis=1)
    return Ground(metres=metres, crs=target, decided=pd.DataFrame(rows, columns=list(DECIDED)))


def _source(points: ControlPoints, crs: object) -> tuple[str | None, str]:
    """The system of the coordinates, and who says so."""
    if crs is not None:
        return crs_.parse(crs), "stated by the user"
    if points.crs is not None:
        return points.crs, "stated by the file"
    known = points.places[np.isfinite(points.places).all(axis=1)]
    try:
        found = crs_.guess(known[:, 0], known[:, 1]) if len(known) else []
    except CrsError as error:
        return None, f"nobody says it, metres are assumed: {error}"
    fitting = [guess for guess in found if guess.axis_order in {"lon_lat", "east_north"}]
    if len(fitting) != 1 and not (fitting and found[0].axis_order == "lon_lat"):
        return None, "nobody says it, metres are assumed"
    return f"EPSG:{fitting[0].epsg}", f"read off the numbers: {fitting[0].reason}"


def _target(places: Numbers, source: str) -> str:
    """The metric system for coordinates in another one."""
    if source not in _SHIFTED and crs_.is_metric(CRS(source)):
        return source
    known = places[np.isfinite(places).all(axis=1)]
    if not len(known):
        return source
    x, y = (known.min(axis=0) + known.max(axis=0)) / 2
    if source in _SHIFTED:
        return f"EPSG:{crs_.metric_epsg(*crs_.to_wgs84(x, y, source))}"
    corners = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*known.T), crs=source)
    return crs_.parse(crs_.to_metric(corners).crs)


def _refuse_elsewhere(places: Numbers, source: str) -> None:
    """Refuse metres that lie far from where their system is used, in either order of the axes."""
    known = places[np.isfinite(places).all(axis=1)]
    if not len(known):
        return
    # one typing error is a matter of that point
    x, y = (float(number) for number in np.median(known, axis=0))
    if not (_near_use(x, y, source) or _near_use(y, x, source)):
        raise CrsError(
            f"{x:.3f}, {y:.3f} in {source}",
            expected=f"coordinates of {CRS(source).name}",
            do="check the zone, whether eastings carry its number, and whether they are degrees",
        )


def _near_use(x: float, y: float, source: str) -> bool:
    """Tell whether metres lie near where their system is used."""
    system = CRS(source)
    area, degrees = system.area_of_use, system.geodetic_crs
    if area is None or degrees is None or degrees.to_epsg() is None:
        return True
    try:
        lon, lat = crs_.convert(x, y, source, f"EPSG:{degrees.to_epsg()}")
    except CrsError:
        return False
    west, south, east, north = area.bounds
    return bool(west - _REACH <= lon <= east + _REACH and south - _REACH <= lat <= north + _REACH)


#: How far outside the area of use of a system coordinates are taken for its own, degrees: two zones of 3 degrees.
_REACH = 6.0


def _measured(source: str) -> str:
    """Why coordinates were brought to another system."""
    if source in _SHIFTED:
        return f"the shift of {source} is undone, which is exact to a millimetre; its own metres are wrong by 0.5 %"
    return "lengths are measured in metres of the place"
