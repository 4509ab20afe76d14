"""Faces: the ground between lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gridmap.errors import InputError
from gridmap.tessellation.arrays import Polygons
from gridmap.tessellation.noding import polygons_between


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
    drawn = checked_lines(lines)
    ground = _checked_limit(limit)
    near = drawn[shapely.intersects(drawn, ground)] if len(drawn) else drawn
    borders = np.asarray([shapely.boundary(part) for part in shapely.get_parts(ground)], dtype=object)
    polygons = polygons_between(np.concatenate([borders, near]))
    shapely.prepare(ground)
    inside = polygons[shapely.contains(ground, shapely.point_on_surface(polygons))]
    return inside[np.lexsort(shapely.bounds(inside).T[::-1])]


def checked_lines(lines: Any) -> Polygons:
    """Return lines as an array without empty ones, or refuse what is no line."""
    drawn = np.asarray(lines, dtype=object).ravel()
    kinds = {shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING, shapely.GeometryType.MULTILINESTRING}
    wrong = np.flatnonzero(~np.isin(shapely.get_type_id(drawn), [int(kind) for kind in kinds]))
    if wrong.size:
        found = "nothing" if drawn[wrong[0]] is None else getattr(drawn[wrong[0]], "geom_type", "no geometry")
        raise InputError(f"line {wrong[0]} is {found}", expected="LineStrings or MultiLineStrings")
    if not np.isfinite(shapely.get_coordinates(drawn)).all():
        raise InputError("lines with coordinates that are not finite numbers", do="take those lines out")
    return shapely.force_2d(drawn[~shapely.is_empty(drawn)])


def _checked_limit(limit: Any) -> Any:
    """Return the limit in two dimensions, or refuse it."""
    areal = getattr(limit, "geom_type", "") in {"Polygon", "MultiPolygon"}
    if not areal or not shapely.is_valid(limit) or not shapely.area(limit) > 0:
        reason = shapely.is_valid_reason(limit) if areal else f"a {type(limit).__name__}"
        raise InputError(f"limit: {reason}", expected="one valid Polygon or MultiPolygon with an area, in metres")
    return shapely.force_2d(limit)
