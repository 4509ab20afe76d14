"""Faces: the ground that lines part."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gridmap.prepared import prepared
from gridmap.tessellation.arrays import Polygons
from gridmap.tessellation.checking import checked
from gridmap.tessellation.noding import polygons_between

#: What can part ground.
_LINES = frozenset({"LineString", "LinearRing", "MultiLineString"})


def faces(lines: Any, *, limit: Any) -> Polygons:
    """Return the faces between lines inside a limit: polygons that fill it without gap or overlap.

    A *face* is ground that can be walked through from end to end without crossing a line. Lines are cut where they
    cross, with or without a common vertex, and may lie on one another; what lies outside the limit bounds nothing, nor
    does a dead end.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings in metres, shape (n,); none leave the limit whole.
    limit
        Polygon or MultiPolygon in metres.

    Returns
    -------
    numpy.ndarray of Polygon
        From west to east, then south to north, by the corner of their bounds. Neighbours share their vertices exactly.

    Raises
    ------
    InputError
        If the limit is no valid polygon with an area, or a line is none or not finite.

    Examples
    --------
    >>> street = shapely.LineString([(5, -1), (5, 11)])
    >>> dead_end = shapely.LineString([(5, 5), (8, 5)])
    >>> [face.bounds for face in faces([street, dead_end], limit=shapely.box(0, 0, 10, 10))]
    [(0.0, 0.0, 5.0, 10.0), (5.0, 0.0, 10.0, 10.0)]
    """
    drawn = checked(
        [line for line in np.asarray(lines, dtype=object).ravel() if not shapely.is_empty(line)], "line", _LINES
    )
    ground = checked(limit, "limit", {"Polygon", "MultiPolygon"})[0]
    near = drawn[shapely.intersects(drawn, ground)]
    parts = shapely.get_parts(ground)
    polygons = polygons_between(np.concatenate([shapely.boundary(parts), near]))
    inside = polygons[shapely.contains(prepared(ground), shapely.point_on_surface(polygons))]
    west_to_east: Polygons = inside[np.lexsort(shapely.bounds(inside).T[::-1])]
    return west_to_east
