"""Edges of a coverage: each once, with the polygons on its two sides, and the rings as walks along them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.errors import InputError
from gridmap.tessellation.arrays import Flags, Floats, Ints, Polygons, number_rows


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The edges, and the steps of the rings along them."""

    #: west end of each edge, the south one where both are as far west, shape (n, 2)
    low: Floats
    #: the other end, shape (n, 2)
    high: Floats
    #: row of the polygon on the left of the way from low to high, -1 for none, shape (n,)
    left: Ints
    #: row of the polygon on the right, -1 for none, shape (n,)
    right: Ints
    #: edge of each step, ring after ring; its polygon is on the left, shape (m,)
    edge: Ints
    #: whether the step goes from low to high, shape (m,)
    forward: Flags
    #: number of the ring, shape (m,)
    ring: Ints
    #: row of the polygon of each ring, shape (rings,)
    ring_polygon: Ints

    @property
    def polygon(self) -> Ints:
        """Row of the polygon of each step."""
        return self.ring_polygon[self.ring]

    @property
    def across(self) -> Ints:
        """Row of the polygon on the other side of each step, -1 for none."""
        return np.where(self.forward, self.right[self.edge], self.left[self.edge])


def sides_of(polygons: Polygons) -> Sides:
    """Return the edges of polygons with what lies on their two sides.

    Parameters
    ----------
    polygons
        Polygons that share their vertices exactly and do not overlap, shells counter-clockwise, shape (n,).

    Raises
    ------
    InputError
        If two polygons lie on one side of an edge.
    """
    rings, ring_polygon = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points = points + 0.0
    step = (ring[1:] == ring[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    start, end, ring = points[:-1][step], points[1:][step], ring[:-1][step]
    forward = (start[:, 0] < end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] < end[:, 1]))
    ends = np.where(forward[:, None], np.hstack([start, end]), np.hstack([end, start]))
    edge, first = number_rows(ends)
    if len(np.unique(edge * 2 + forward)) < len(edge):
        raise InputError("polygons that overlap along an edge", expected="a coverage: no ground that two polygons hold")
    left, right = np.full(len(first), -1), np.full(len(first), -1)
    left[edge[forward]] = ring_polygon[ring[forward]]
    right[edge[~forward]] = ring_polygon[ring[~forward]]
    return Sides(
        low=ends[first, :2],
        high=ends[first, 2:],
        left=left,
        right=right,
        edge=edge,
        forward=forward,
        ring=ring.astype(np.int64),
        ring_polygon=ring_polygon.astype(np.int64),
    )
