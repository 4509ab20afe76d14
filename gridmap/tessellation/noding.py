"""Lines cut at every crossing, on a lattice of one millimetre."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.tessellation.arrays import Floats, Polygons, number_rows

#: Metres between the places at which lines can cross. A millimetre is finer than any survey and coarse enough that
#: the crossing of two lines is a place which both go through exactly.
LATTICE_M = 0.001


def polygons_between(lines: Polygons) -> Polygons:
    """Return the polygons into which lines cut the plane: a coverage, its vertices on the lattice or on the lines.

    Where lines cross without a common vertex they get one. Vertices go to the nearest place of the lattice while the
    crossings are found, and back to where they were given: each polygon keeps the vertices of the lines bit by bit,
    unless that would turn a polygon over. Where several vertices share a place of the lattice, the first one given
    stands for all. Dead ends bound nothing and vanish.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings, metres, shape (n,); those whose vertices matter most come first.

    Raises
    ------
    Nothing
        No lines leave no polygons.

    Source: J. D. Hobby, Practical segment intersection with finite precision output, Computational Geometry 13, 1999
    (snap rounding, which GEOS does).
    """
    if not len(lines):
        return np.empty(0, dtype=object)
    noded = shapely.union_all(lines, grid_size=LATTICE_M)
    polygons = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    return _given_back(polygons, shapely.get_coordinates(lines))


def _given_back(polygons: Polygons, given: Floats) -> Polygons:
    """Return the polygons with the vertices of the lattice moved back to the given ones that fell on them."""
    if not len(polygons):
        return polygons
    given = given + 0.0
    places, first = number_rows(np.rint(np.vstack([given, shapely.get_coordinates(polygons)]) / LATTICE_M) + 0.0)
    source = first[places[len(given) :]]
    moved = shapely.get_coordinates(polygons)
    known = source < len(given)
    moved[known] = given[source[known]]
    exact = shapely.set_coordinates(polygons.copy(), moved)
    return exact if shapely.is_valid(exact).all() else polygons
