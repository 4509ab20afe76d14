"""Whether coordinates lie in the territory that they should: the only thing that catches a wrong central meridian."""

from __future__ import annotations

from typing import Any

import geopandas
import numpy as np
import shapely

from gridmap import crs as crs_
from gridmap.errors import CrsError
from gridmap.formats.parcels.survey import Numbers
from gridmap.prepared import prepared

#: Degrees by which coordinates of an old datum, read as CGCS2000, may lie off, and parcels beside the border that they
#: dispute: some 300 m, where a wrong central meridian is off by hundreds of kilometres.
SLACK = 0.003
#: Metres of a degree of latitude, to the thousandth.
_DEGREE_M = 111_000.0
#: Points that stand for all of them where a zone is looked for.
_ENOUGH = 1000


def ground_of(within: geopandas.GeoDataFrame) -> shapely.Geometry:
    """A territory as one shape in degrees.

    Parameters
    ----------
    within
        The territory, in any CRS that converts to degrees.

    Raises
    ------
    CrsError
        If it does not say its CRS.
    """
    shapes = crs_.to_system(within, 4326).geometry.dropna().to_numpy()
    return shapely.union_all(shapely.make_valid(shapes))


def share_inside(x: Numbers, y: Numbers, system: Any, within: shapely.Geometry, *, slack: float = 0.0) -> float:
    """The share of points that lie in a territory, 0 to 1.

    Parameters
    ----------
    x, y
        East and north, or longitude and latitude, shape (points,).
    system
        Their system.
    within
        The territory in degrees.
    slack
        Degrees beyond its border that still count.

    Returns
    -------
    float
        0 where the points are no coordinates of the system at all.

    Raises
    ------
    None
    """
    try:
        lon, lat = crs_.to_wgs84(x, y, system)
    except CrsError:
        return 0.0
    ground = prepared(within.buffer(slack) if slack else within)
    return float(np.mean(shapely.intersects_xy(ground, lon, lat)))


def farthest_outside(x: Numbers, y: Numbers, system: Any, within: shapely.Geometry) -> float:
    """Metres from a territory to the point that lies farthest from it; 0 where all lie in it.

    Parameters
    ----------
    x, y
        East and north, or longitude and latitude, shape (points,).
    system
        Their system.
    within
        The territory in degrees.

    Returns
    -------
    float
        To about one in a hundred: it says whether points are off by a rounding or by a village.

    Raises
    ------
    CrsError
        If the points are no coordinates of the system.
    """
    lon, lat = crs_.to_wgs84(x, y, system)
    scale = _DEGREE_M * np.array([np.cos(np.radians(np.mean(lat))), 1.0])
    ground = prepared(shapely.transform(within, lambda degrees: degrees * scale))
    return float(shapely.distance(ground, shapely.points(np.column_stack([lon, lat]) * scale)).max())


def fitting_zones(east: Numbers, north: Numbers, within: shapely.Geometry) -> list[int]:
    """The 3-degree zones whose central meridian puts most points of eastings without zone into the territory.

    Every central meridian of a 6-degree zone is one of a 3-degree zone too, and gives the same coordinates.

    Parameters
    ----------
    east, north
        Metres, shape (points,).
    within
        The territory in degrees.

    Returns
    -------
    list of int
        Zone numbers, 25 to 45.

    Raises
    ------
    None
    """
    step = max(len(east) // _ENOUGH, 1)
    few = east[::step], north[::step]
    ground = within.buffer(SLACK)
    shares = {zone: share_inside(*few, crs_.zone_epsg(zone, prefixed=False), ground) for zone in range(25, 46)}
    return [zone for zone, share in shares.items() if share > 0.5]  # noqa: PLR2004 (most of them)
