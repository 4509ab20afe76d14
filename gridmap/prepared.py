"""Shapes made ready for many questions, as copies that nobody else holds."""

from __future__ import annotations

from typing import Any

import shapely


def prepared(shapes: Any) -> Any:
    """Return copies of shapes, in two dimensions, prepared for many questions.

    A *prepared* shape gets an index when it is first asked. GEOS lets two threads make it at once and then crashes: a
    shape that stands in a table which threads share must never be prepared itself, for it stays so.

    Parameters
    ----------
    shapes
        One geometry, or shape (n,); missing ones stay missing.

    Returns
    -------
    shapely.Geometry or numpy.ndarray

    Raises
    ------
    Nothing

    Examples
    --------
    >>> square = shapely.box(0, 0, 1, 1)
    >>> copy = prepared(square)
    >>> copy.equals_exact(square), bool(shapely.is_prepared(copy)), bool(shapely.is_prepared(square))
    (True, True, False)
    """
    copies = shapely.force_2d(shapes)
    shapely.prepare(copies)
    return copies
