"""Lines cut at every crossing, on a lattice of one millimetre."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.tessellation.arrays import Floats, Polygons, number_rows, steps_of

#: Metres between the places at which lines can cross. A millimetre is finer than any survey and coarse enough that
#: the crossing of two lines is a place which both go through exactly.
LATTICE_M = 0.001


def polygons_between(lines: Polygons) -> Polygons:
    """Return the polygons into which lines cut the plane: a coverage, its vertices on the lattice or on the lines.

    Where lines cross without a common vertex they get one. Vertices go to the nearest place of the lattice while the
    crossings are found, and back to where they were given: each polygon keeps the vertices of the lines bit by bit,
    unless that would make it invalid. Where several vertices share a place of the lattice, the first one given stands
    for all; a crossing is put on the first of its lines. Dead ends bound nothing and vanish.

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
    return _given_back(polygons, lines) if len(polygons) else polygons


def _given_back(polygons: Polygons, lines: Polygons) -> Polygons:
    """Return the polygons with their vertices moved from the lattice back to where the lines have them."""
    given = shapely.get_coordinates(lines) + 0.0
    lattice = shapely.get_coordinates(polygons)
    places, first = number_rows(np.rint(np.vstack([given, lattice]) / LATTICE_M) + 0.0)
    places = places[len(given) :]
    known = first < len(given)
    moved = np.empty((len(first), 2))
    moved[places] = lattice
    moved[known] = given[first[known]]
    crossings = np.unique(places[~known[places]])
    moved[crossings] = _onto(lines, moved[crossings])
    while True:
        exact = shapely.set_coordinates(polygons.copy(), moved[places])
        points, of = shapely.get_coordinates(polygons, return_index=True)
        wrong = ~shapely.is_valid(exact)[of] & (moved[places] != points).any(axis=1)
        if not wrong.any():
            return np.asarray(exact)
        moved[places[wrong]] = points[wrong]


def _onto(lines: Polygons, points: Floats) -> Floats:
    """Return points of the lattice moved onto the first of the lines that they stand for."""
    steps = shapely.linestrings(steps_of(lines)[0])
    point, step = shapely.STRtree(steps).query(shapely.points(points), predicate="dwithin", distance=LATTICE_M)
    order = np.lexsort([step, point])
    point, at = np.unique(point[order], return_index=True)
    step = step[order][at]
    along = shapely.line_locate_point(steps[step], shapely.points(points[point]))
    result = points.copy()
    result[point] = shapely.get_coordinates(shapely.line_interpolate_point(steps[step], along))
    return result
