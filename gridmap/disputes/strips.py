"""The strip between two lines: its shape, and its area with a sign."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[Any]
Floats = NDArray[np.float64]


def strips(a: Any, b: Any) -> Shapes:
    """Return the ground between lines, closed by straight lines from end to end.

    Where the lines cross, the strip is taken apart by structure: all of its parts count. (Buffering by nothing loses
    every other of them.)

    Parameters
    ----------
    a, b
        Lines in metres that run the same way, shape (n,).

    Raises
    ------
    Nothing

    Examples
    --------
    Two lines that cross in the middle leave a triangle of 25 m2 on each side:

    >>> one, other = shapely.linestrings([[[0, 0], [10, 10]], [[0, 10], [10, 0]]])
    >>> float(shapely.area(strips([one], [other]))[0])
    50.0
    """
    found: Shapes = shapely.make_valid(shapely.polygons(_rings(a, b)), method="structure", keep_collapsed=False)
    return found


def signed_area(a: Any, b: Any) -> Floats:
    """Return the area between lines in m2, positive where b lies left of a, negative where right.

    Parameters
    ----------
    a, b
        Lines in metres that run the same way, shape (n,).

    Raises
    ------
    Nothing

    Examples
    --------
    >>> east, beside = shapely.linestrings([[[0, 0], [100, 0]], [[0, 5], [100, 5]]])
    >>> float(signed_area([east], [beside])[0]), float(signed_area([beside], [east])[0])
    (500.0, -500.0)
    """
    points, ring = shapely.get_coordinates(_rings(a, b), return_index=True)
    first = np.searchsorted(ring, np.arange(len(a)))
    x, y = (points - points[first[ring]]).T
    cross = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
    cross[np.append(np.diff(ring) > 0, True)] = 0.0
    return np.bincount(ring, weights=cross, minlength=len(a)).astype(np.float64) / 2


def _rings(a: Any, b: Any) -> Shapes:
    """Rings along a and back along b."""
    there, one = shapely.get_coordinates(np.asarray(a), return_index=True)
    back, other = shapely.get_coordinates(shapely.reverse(np.asarray(b)), return_index=True)
    which = np.concatenate([one, other])
    order = np.argsort(which, kind="stable")
    found: Shapes = shapely.linearrings(np.concatenate([there, back])[order], indices=which[order])
    return found
