"""Footprints of buildings without common ground: valid, overlaps settled, equal neighbours made one.

What stands alone keeps its corners to the last bit. Where neighbours leave a gap or an overlap that no survey can mean,
their whole group is put on a lattice of 1 mm, which closes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.visibility.sweep.pieces import Floats, Ints

Polygons = npt.NDArray[Any]

#: Step of the lattice, and widest gap or overlap that is a fault of drawing: finer than any survey.
LATTICE_M = 0.001
#: Gaps and overlaps below this are roundings of coordinates, and of no effect.
ROUNDING_M = 1e-7
#: Smaller footprints are slivers of bad data, not buildings.
SMALLEST_M2 = 0.01
#: How far a wall may lie from the outline it comes from: what the lattice moves, several times.
_NEAR_M = 3 * LATTICE_M


@dataclass(frozen=True, kw_only=True)
class Obstacles:
    """Ground that buildings stand on; no two footprints overlap, and neighbours differ in height."""

    #: Polygons, shells counter-clockwise and holes clockwise, shape (n,)
    polygons: Polygons
    #: metres, shape (n,)
    height: Floats
    #: outlines of the buildings that they were made of, shape (m,)
    outlines: Polygons
    #: height and row of the building of each outline, shape (m,)
    outline_height: Floats
    outline_owner: Ints

    def owners(self, edges: Floats, of: Ints) -> Ints:
        """Return the row of the building that each wall belongs to; the first of several.

        Parameters
        ----------
        edges
            Walls, shape (k, 4), metres.
        of
            Row of the footprint of each.

        Raises
        ------
        Nothing
            A wall that the lattice moved away from all outlines belongs to the nearest.
        """
        nobody = np.iinfo(np.int64).max
        owners = np.full(len(edges), nobody)
        if not len(edges):
            return owners
        middles = shapely.points((edges[:, :2] + edges[:, 2:]) / 2)
        tree = shapely.STRtree(self.outlines)
        wall, outline = tree.query(middles, predicate="dwithin", distance=_NEAR_M)
        equal = self.outline_height[outline] == self.height[of[wall]]
        np.minimum.at(owners, wall[equal], self.outline_owner[outline[equal]])
        lost = np.flatnonzero(owners == nobody)
        if lost.size:
            owners[lost] = self.outline_owner[tree.nearest(middles[lost])]
        return owners


def disjoint(outlines: Polygons, height: Floats, owner: Ints) -> Obstacles:
    """Return outlines as footprints without common ground: where outlines overlap, the highest holds it.

    Parameters
    ----------
    outlines
        Geometries in metres, of any kind and validity, shape (n,); what is not an area is left out.
    height
        Metres, shape (n,).
    owner
        Row of each in the caller's table, shape (n,).

    Raises
    ------
    Nothing
        Nothing has no footprints.

    Examples
    --------
    >>> low_and_high = np.array([shapely.box(0, 0, 4, 2), shapely.box(2, 0, 6, 2)])
    >>> made = disjoint(low_and_high, np.array([3.0, 9.0]), np.arange(2))
    >>> shapely.area(made.polygons).tolist(), made.height.tolist()
    ([4.0, 8.0], [3.0, 9.0])
    """
    polygons, row = _valid(outlines)
    own_height = height[row]
    settled, settled_height = _settled(polygons, own_height)
    settled = shapely.orient_polygons(shapely.normalize(settled))
    order = np.lexsort([settled_height, *shapely.bounds(settled).reshape(-1, 4).T])
    return Obstacles(
        polygons=settled[order],
        height=settled_height[order],
        outlines=polygons,
        outline_height=own_height,
        outline_owner=owner[row],
    )


def _valid(outlines: Polygons) -> tuple[Polygons, Ints]:
    """Return valid polygons, and the row of the outline that each was part of."""
    parts, row = shapely.get_parts(shapely.make_valid(outlines), return_index=True)
    deeper, inner = shapely.get_parts(parts, return_index=True)
    kept = _are_polygons(deeper) & (shapely.area(deeper) >= SMALLEST_M2)
    return deeper[kept], row[inner][kept]


def _are_polygons(geometries: Polygons) -> npt.NDArray[np.bool_]:
    """Return which geometries are single areas."""
    return np.asarray(shapely.get_type_id(geometries) == shapely.GeometryType.POLYGON, np.bool_)


def _settled(polygons: Polygons, height: Floats) -> tuple[Polygons, Floats]:
    """Return polygons without common ground, and their heights."""
    if not len(polygons):
        return polygons, height
    group, torn = _groups(polygons)
    count = len(torn)
    alone = np.bincount(group, minlength=count)[group] == 1
    lowest, highest = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(lowest, group, height)
    np.maximum.at(highest, group, height)
    level = (lowest == highest)[group]
    made = [(polygons[alone], height[alone])]
    for step in (0.0, LATTICE_M):
        members = ~alone & (torn[group] == (step > 0))
        made += _levels(polygons[members & level], height[members & level], step)
        made += _levels(*_arranged(polygons[members & ~level], height[members & ~level], step), step)
    return np.concatenate([each for each, _ in made]), np.concatenate([tall for _, tall in made])


def _groups(polygons: Polygons) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return the group of polygons that touch or nearly touch, and which groups are torn by faults of drawing."""
    one, other = shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=LATTICE_M)
    count, group = connected_components(
        coo_array((np.ones(len(one), np.int8), (one, other)), shape=(len(polygons),) * 2), directed=False
    )
    one, other = one[one < other], other[one < other]
    gap = shapely.distance(polygons[one], polygons[other])
    shared = shapely.intersection(polygons[one], polygons[other])
    # a strip is as wide as its area over half its outline
    width = 2 * shapely.area(shared) / np.maximum(shapely.length(shared), LATTICE_M)
    faulty = [(width_ > ROUNDING_M) & (width_ <= LATTICE_M) for width_ in (gap, width)]
    torn = np.zeros(count, np.bool_)
    torn[group[one[faulty[0] | faulty[1]]]] = True
    return group.astype(np.int64), torn


def _levels(polygons: Polygons, height: Floats, step: float) -> list[tuple[Polygons, Floats]]:
    """Return polygons that touch at equal height as one, level by level, on a lattice if its step is not 0."""
    made = []
    if step:
        polygons = shapely.set_precision(polygons, step)
    for tall in np.unique(height):
        parts = shapely.get_parts(shapely.union_all(polygons[height == tall], grid_size=step or None))
        parts = parts[_are_polygons(parts)]
        made.append((parts, np.full(len(parts), tall)))
    return made


def _arranged(polygons: Polygons, height: Floats, step: float) -> tuple[Polygons, Floats]:
    """Return the faces between all outlines, each with the height of the highest polygon that holds it."""
    if not len(polygons):
        return polygons, height
    lines = shapely.union_all(shapely.boundary(polygons), grid_size=step or None)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    face, polygon = shapely.STRtree(polygons).query(shapely.point_on_surface(faces), predicate="within")
    highest = np.full(len(faces), -np.inf)
    np.maximum.at(highest, face, height[polygon])
    held = np.isfinite(highest)
    return faces[held], highest[held]
