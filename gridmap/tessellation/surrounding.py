"""The ground that buildings and streets stand on, where nobody says how far it goes."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gridmap.errors import InputError
from gridmap.tessellation.arrays import Polygons

#: Side of the tiles that are counted as built on: about half a block.
TILE_M = 50.0
#: How far the ground goes beyond the last tile, and how wide a bay or gap may be to be filled.
MARGIN_M, BAY_M = 75.0, 300.0
#: Metres by which its border is straightened.
_STRAIGHT_M = 5.0


def surroundings(shapes: Any, *, margin_m: float = MARGIN_M, bay_m: float = BAY_M) -> Any:
    """Return the ground around shapes: all within a margin of them, bays and gaps between them filled, without holes.

    The shapes are taken tile by tile (50 m), so that 100 000 buildings take no longer than their ground.
    What lies far apart stays apart: the result then has several parts.

    Parameters
    ----------
    shapes
        Polygons or lines in metres, shape (n,); coordinates that are no numbers are left out.
    margin_m, bay_m
        Metres beyond the shapes, and the width of the gaps that are filled.

    Returns
    -------
    Polygon or MultiPolygon
        Every shape lies inside it, ``margin_m`` less 10 m from its border or farther: corners are rounded.

    Raises
    ------
    InputError
        If there is no shape.

    Examples
    --------
    >>> ground = surroundings([shapely.box(0, 0, 10, 10), shapely.box(900, 0, 910, 10)])
    >>> len(shapely.get_parts(ground)), len(shapely.get_parts(surroundings([shapely.box(0, 0, 900, 10)])))
    (2, 1)
    """
    drawn = np.asarray(shapes, dtype=object)
    # GEOS divides no line without length, and nothing that is not finite
    long = np.isfinite(lengths := shapely.length(drawn)) & (lengths > 0)
    points = shapely.get_coordinates([*drawn[~long], *shapely.segmentize(drawn[long], TILE_M)])
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        raise InputError("nothing to find the limit around", expected="buildings or streets, or the limit itself")
    tiles = np.unique(np.floor(points / TILE_M), axis=0) * TILE_M
    built = shapely.union_all(shapely.box(*tiles.T, *(tiles + TILE_M).T))
    wide = shapely.buffer(built, margin_m + bay_m / 2, quad_segs=8)
    ground = shapely.simplify(shapely.buffer(_filled(wide), -bay_m / 2, quad_segs=8), _STRAIGHT_M)
    return _filled(ground)


def _filled(ground: Any) -> Any:
    """Return the ground without holes."""
    parts: Polygons = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(ground)))
    return shapely.union_all(parts)
