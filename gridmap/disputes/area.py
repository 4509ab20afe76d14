"""Area of claims: on the map of the legal zone, on the ellipsoid, in mu, and how far surveys leave it open."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Geod

from gridmap.crs import convert

Array = NDArray[np.float64]

#: Square metres of a mu: fifteen make a hectare.
MU_M2 = 2000 / 3
#: Longest piece of an edge, in metres, that may be taken for a geodesic. A straight edge of the map is none: undivided,
#: a square of 5 km is 1.3 m2 off, one of 20 km 328 m2.
GEODESIC_STEP_M = 200.0


def mu(area_m2: Any) -> Any:
    """Return square metres as mu; 15 mu are a hectare.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> round(mu(10_000.0), 9)
    15.0
    """
    return area_m2 / MU_M2


def ellipsoidal(shapes: gpd.GeoSeries) -> Array:
    """Return areas on the ellipsoid in m2, edges being straight on the map of the series' CRS.

    The ellipsoid is that of the CRS (GRS 80 for CGCS2000). Unlike the area on the map, which is the legal figure, it
    does not grow towards the edge of a zone: there 10 mu at latitude 30 are 3.4 m2 larger on the map.

    Parameters
    ----------
    shapes
        Polygons in a metric CRS.

    Raises
    ------
    CrsError
        If the coordinates are none of that CRS.

    Examples
    --------
    >>> field = gpd.GeoSeries([shapely.box(640000, 3320000, 640100, 3320100)], crs=4549)
    >>> round(float(ellipsoidal(field)[0]), 2)
    9995.16
    """
    fine = shapely.force_2d(shapely.segmentize(shapes.to_numpy(), GEODESIC_STEP_M))
    rings, owner, sign = rings_of(fine)
    system = CRS(shapes.crs)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    lon, lat = convert(points[:, 0], points[:, 1], system, system.geodetic_crs)
    earth = system.get_geod() or Geod(ellps="GRS80")
    cuts = np.searchsorted(ring, np.arange(1, len(rings)))
    pieces = zip(np.split(lon, cuts), np.split(lat, cuts), strict=True)
    each = np.array([abs(earth.polygon_area_perimeter(x, y)[0]) for x, y in pieces] if len(rings) else [])
    return np.bincount(owner, weights=sign * each, minlength=len(fine)).astype(np.float64)


def area_error(shapes: Any, point_m: Any) -> Array:
    """Return the standard errors of areas in m2, from the standard error of their corners.

    m_A² = m² / 8 · Σ |P(i-1) P(i+1)|², where m is the error of a point, m / √2 that along each axis, and corners err
    independently. Corners on a straight edge count: they were surveyed too.

    Parameters
    ----------
    shapes
        Polygons in metres, shape (n,).
    point_m
        Standard error of a point in metres: one, or shape (n,).

    Raises
    ------
    Nothing

    Examples
    --------
    A homestead of 10 m by 16 m in the best class:

    >>> round(float(area_error([shapely.box(0, 0, 10, 16)], 0.05)[0]), 2)
    0.67
    """
    return np.asarray(point_m, dtype=np.float64) * np.sqrt(_spread(shapes) / 8)


def _spread(shapes: Any) -> Array:
    """Sum of squared distances between the two neighbours of each corner, over all rings."""
    rings, owner, _ = rings_of(np.asarray(shapes, dtype=object))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return np.zeros(len(shapes))
    first = np.flatnonzero(np.diff(ring, prepend=-1))
    last = np.append(first[1:], len(ring)) - 1
    after, before = np.arange(1, len(ring) + 1), np.arange(-1, len(ring) - 1)
    # the last point of a ring repeats the first: a ring's corners are all but it
    after[last - 1] = first
    before[first] = last - 1
    corner = np.ones(len(ring), dtype=bool)
    corner[last] = False
    squares = ((points[after[corner]] - points[before[corner]]) ** 2).sum(axis=1)
    return np.bincount(owner[ring[corner]], weights=squares, minlength=len(shapes)).astype(np.float64)


def rings_of(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp], Array]:
    """Return all rings of polygons, the position of the shape of each, and 1 for shells, -1 for holes.

    Raises
    ------
    Nothing
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    sign = np.where(np.diff(part, prepend=-1) > 0, 1.0, -1.0)
    return rings, owner[part], sign
