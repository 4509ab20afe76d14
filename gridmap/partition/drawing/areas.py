"""Plain areas as atoms: villages into precincts, communities into larger ones."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.partition.drawing.graph import AtomGraph, sums
from gridmap.partition.edges import Polygons, ring_edges
from gridmap.partition.orientation import Floats


def graph_of(polygons: Polygons, weight: Floats) -> AtomGraph:
    """Return areas as atoms; two are neighbours where they have exactly equal edges.

    Parameters
    ----------
    polygons
        Polygons or MultiPolygons in a metric CRS that share vertices, shape (n,).
    weight
        Households or residents of each, shape (n,).

    Raises
    ------
    Nothing
        Areas without common edges have no neighbours.

    Examples
    --------
    >>> two = np.array([shapely.box(0, 0, 3, 3), shapely.box(3, 0, 6, 3)])
    >>> graph_of(two, np.array([5.0, 7.0])).length_m.tolist()
    [3.0]
    """
    size = len(polygons)
    edges = ring_edges(polygons)
    order = np.lexsort(edges.ends.T)
    ends, row = edges.ends[order], edges.row[order].astype(np.int64)
    twice = np.flatnonzero((ends[1:] == ends[:-1]).all(axis=1) & (row[1:] != row[:-1]))
    low, high = np.minimum(row[twice], row[twice + 1]), np.maximum(row[twice], row[twice + 1])
    length = np.hypot(ends[twice, 2] - ends[twice, 0], ends[twice, 3] - ends[twice, 1])
    pairs, which = np.unique(low * size + high, return_inverse=True)
    return AtomGraph(
        weight=np.asarray(weight, np.float64),
        area_m2=shapely.area(polygons),
        perimeter_m=shapely.length(polygons),
        xy=shapely.get_coordinates(shapely.point_on_surface(polygons)),
        parent=np.zeros(size, np.int64),
        piece=np.full(size, -1),
        superblock=np.zeros(size, np.int64),
        a=pairs // max(size, 1),
        b=pairs % max(size, 1),
        length_m=sums(which, length, len(pairs)),
        barrier_m=np.zeros(len(pairs)),
    )
