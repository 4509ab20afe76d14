"""Borders: which polygons of a coverage are neighbours, and along how many metres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridmap.tessellation.arrays import Floats, Ints, parts_of
from gridmap.tessellation.sides import sides_of


@dataclass(frozen=True, kw_only=True)
class Borders:
    """Pairs of neighbours, and the straight segments of which their common borders are made."""

    #: the two neighbours of each pair, a before b, each pair once and in order, shape (n,)
    a: Ints
    b: Ints
    #: metres of border that they share, shape (n,)
    length_m: Floats
    #: pair of each segment, shape (m,)
    pair: Ints
    #: ends of each segment, metres, shape (m, 4): x1, y1, x2, y2
    segments: Floats

    @property
    def segment_m(self) -> Floats:
        """Length of each segment in metres."""
        return np.hypot(self.segments[:, 2] - self.segments[:, 0], self.segments[:, 3] - self.segments[:, 1])


def borders(polygons: Any) -> Borders:
    """Return the neighbours among polygons, with what they share.

    *Neighbours* share a piece of border, not just a corner: a segment whose two ends are exactly equal in both.

    Parameters
    ----------
    polygons
        Polygons or MultiPolygons of a coverage in metres, shape (n,).

    Returns
    -------
    Borders
        Pairs in ascending order of a, then b.

    Raises
    ------
    InputError
        If two polygons lie on one side of a segment, so that they overlap.

    Examples
    --------
    >>> found = borders([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(0, 1, 1, 2)])
    >>> found.a.tolist(), found.b.tolist(), found.length_m.tolist()
    ([0, 0], [1, 2], [1.0, 1.0])
    """
    shapes = np.asarray(polygons, dtype=object)
    parts, row = parts_of(shapes)
    sides = sides_of(shapely.orient_polygons(parts))
    edge = np.flatnonzero((sides.left >= 0) & (sides.right >= 0))
    two = np.sort(row[np.column_stack([sides.left[edge], sides.right[edge]])], axis=1)
    apart = two[:, 0] != two[:, 1]
    pairs, pair = np.unique(two[apart, 0] * len(shapes) + two[apart, 1], return_inverse=True)
    segments = np.hstack([sides.low, sides.high])[edge[apart]]
    length = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    return Borders(
        a=pairs // max(len(shapes), 1),
        b=pairs % max(len(shapes), 1),
        length_m=np.bincount(pair, length, len(pairs)).astype(np.float64),
        pair=pair,
        segments=segments,
    )
