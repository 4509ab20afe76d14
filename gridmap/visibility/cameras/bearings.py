"""Bearings: points of the compass, and the way from true north to the north of a grid."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Proj

Floats = npt.NDArray[np.float64]

#: Octants in the order of the compass, with their middles clockwise from true north.
OCTANTS = {"N": 0.0, "NE": 45.0, "E": 90.0, "SE": 135.0, "S": 180.0, "SW": 225.0, "W": 270.0, "NW": 315.0}
#: How far a heading may be from the middle of its octant.
OCTANT_ACCURACY_DEG = 22.5


def convergence_deg(place: gpd.GeoSeries) -> Floats:
    """Return how far grid north lies east of true north at places in a projected system.

    A heading from true north less this is a heading on the grid. On a transverse Mercator grid it is close to the
    difference of longitude from the central meridian times the sine of the latitude.

    Parameters
    ----------
    place
        Points in a projected CRS.

    Returns
    -------
    numpy.ndarray of float64
        Degrees.

    Raises
    ------
    None

    Examples
    --------
    >>> place = gpd.GeoSeries([shapely.Point(581_634.58, 3_543_287.58)], crs=4549)
    >>> round(float(convergence_deg(place)[0]), 3)
    0.458
    """
    if not len(place):
        return np.zeros(0)
    grid = Proj(place.crs)
    x, y = shapely.get_coordinates(place.to_numpy()).T
    lon, lat = grid(x, y, inverse=True)
    return np.asarray(grid.get_factors(lon, lat).meridian_convergence, dtype=float)
