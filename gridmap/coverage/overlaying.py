"""Overlays that do not fail: where rounding breaks one, it is done on a fine lattice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.errors import GEOSException

Shapes = npt.NDArray[np.object_]

#: Steps of the lattices tried one after another, metres. Walls that two cameras see lie on one another but for the last
#: digits, which GEOS cannot always put in order; a micrometre is below all that is measured.
LATTICES_M = (1e-6, 1e-5, 1e-4, 1e-3)


def united(shapes: Any) -> Any:
    """Return the union of geometries.

    Parameters
    ----------
    shapes
        Valid polygons, shape (n,).

    Raises
    ------
    GEOSException
        If it fails on every lattice.

    Examples
    --------
    >>> united([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)]).area
    3.0
    """
    try:
        return shapely.union_all(shapes)
    except GEOSException:
        return _on_lattice(lambda step: shapely.union_all(shapes, grid_size=step))


def shared(one: Any, other: Any) -> Any:
    """Return what geometries share, pair by pair.

    Raises
    ------
    GEOSException
        As `united`.
    """
    return _pairwise(shapely.intersection, one, other)


def without(one: Any, other: Any) -> Any:
    """Return geometries without others, pair by pair.

    Raises
    ------
    GEOSException
        As `united`.
    """
    return _pairwise(shapely.difference, one, other)


def _pairwise(overlay: Callable[..., Any], one: Any, other: Any) -> Any:
    """The overlay of all pairs at once; where one fails, pair by pair."""
    try:
        return overlay(one, other)
    except GEOSException:
        pairs = np.broadcast(np.asarray(one, dtype=object), np.asarray(other, dtype=object))
        found = np.empty(pairs.size, dtype=object)
        for row, (a, b) in enumerate(pairs):
            found[row] = _single(overlay, a, b)
        return found.reshape(pairs.shape)[()]


def _single(overlay: Callable[..., Any], one: Any, other: Any) -> Any:
    """The overlay of two, on a lattice where it fails."""
    try:
        return overlay(one, other)
    except GEOSException:
        return _on_lattice(lambda step: overlay(one, other, grid_size=step))


def _on_lattice(overlay: Callable[[float], Any]) -> Any:
    """The overlay on the finest lattice on which it does not fail."""
    for step in LATTICES_M[:-1]:
        try:
            # else every later overlay with it would be drawn onto the lattice too
            return shapely.set_precision(overlay(step), 0)
        except GEOSException:
            continue
    return shapely.set_precision(overlay(LATTICES_M[-1]), 0)
