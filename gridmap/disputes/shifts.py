"""How far areas stay open because whole claims may be shifted: by their map or picture, or by their datum."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.disputes.area import area_error, rings_of
from gridmap.disputes.given import is_line
from gridmap.disputes.ground import Ground

Floats = NDArray[np.float64]
Shapes = NDArray[Any]

#: An edge is a claim's own where its middle lies this near to the claim's border, in metres: twice the grid.
_ON_M = 0.002


def ground_error(shapes: Shapes, point_m: Floats, own: Ground, *, corners: Shapes | None = None) -> Floats:
    """Return the standard errors of areas in m2, from what differs from corner to corner and what shifts whole claims.

    error² = area_error² + `shift_error`².

    Parameters
    ----------
    shapes
        Polygons in local metres, shape (n,).
    point_m
        Standard error of a corner where corners err independently, shape (n,).
    own
        What parties claim, and how far each claim may be shifted.
    corners
        The polygons without corners that nobody surveyed; as they are if left out.

    Raises
    ------
    Nothing
    """
    bare = shapes if corners is None else corners
    found: Floats = np.hypot(area_error(bare, point_m), shift_error(shapes, own))
    return found


def shift_error(shapes: Shapes, own: Ground, *, less: Shapes | None = None) -> Floats:
    """Return the standard errors that shifts of whole claims leave areas, in m2.

    A shift (dx, dy) of a claim changes a piece of ground by dx ΔY - dy ΔX, where (ΔX, ΔY) is the chord of the claim's
    border along the piece: the sum of its edges there. So error² = Σ m² / 2 · |chord|² over the claims, each with the
    standard error m of its place. A claim's own area does not change: its chord is nought.

    Parameters
    ----------
    shapes
        Polygons in local metres, shape (n,).
    own
        What parties claim; ``errors.common`` is m.
    less
        Polygons whose areas are taken off, shape (n,): one shift moves both.

    Raises
    ------
    Nothing
    """
    shifted = np.flatnonzero(own.errors.common > 0)
    variance = np.zeros(len(shapes))
    if not len(shifted):
        return variance
    drawn = is_line(own.claims[shifted])
    borders = np.where(drawn, own.claims[shifted], shapely.boundary(own.shapes[shifted]))
    sides = [(shapes, 1.0)] if less is None else [(shapes, 1.0), (less, -1.0)]
    edges = [(row, middle, sign * run) for ground, sign in sides for row, middle, run in [_edges(ground)]]
    row, middle, run = (np.concatenate(each) for each in zip(*edges, strict=True))
    which, edge = shapely.STRtree(shapely.points(middle)).query(borders, predicate="dwithin", distance=_ON_M)
    pairs, number = np.unique(row[edge] * len(shifted) + which, return_inverse=True)
    chord = np.stack([np.bincount(number, weights=run[edge, axis], minlength=len(pairs)) for axis in (0, 1)])
    place = own.errors.common[shifted][pairs % len(shifted)]
    np.add.at(variance, pairs // len(shifted), place**2 / 2 * (chord**2).sum(axis=0))
    found: Floats = np.sqrt(variance)
    return found


def _edges(shapes: Shapes) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Of every edge the position of its shape, its middle, and its run, with the ground on its left."""
    rings, shape, _ = rings_of(shapely.orient_polygons(shapes))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = np.diff(ring) == 0
    run = np.diff(points, axis=0)[same]
    return shape[ring[:-1][same]], points[:-1][same] + run / 2, run
