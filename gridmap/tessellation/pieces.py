"""Pieces of ground: what each outline holds, and the free ground between them, face by face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.tessellation.arrays import Flags, Floats, Ints, Polygons, steps_of
from gridmap.tessellation.noding import LATTICE_M, polygons_between

#: Outlines nearer than this to one another or to a face's border are tangled: two steps of the lattice, so that what is
#: not tangled stays clear of whatever snapping moves.
NEAR_M = 2 * LATTICE_M


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """Polygons that fill the faces; every outline is made of whole pieces."""

    #: polygons, the shell counter-clockwise, in an order that tells nothing of how they were found, shape (n,)
    polygons: Polygons
    #: row of the face that the piece goes to, shape (n,)
    face: Ints
    #: row of the outline that holds the piece, -1 for free ground, shape (n,)
    owner: Ints


def cut_ground(faces: Polygons, outlines: Polygons) -> Pieces:
    """Return the faces cut along the outlines.

    Where outlines overlap, the larger one holds the ground. An outline that lies in several faces goes whole to the
    one that holds most of it, and the others lose that ground. What lies in no face is left out.

    Parameters
    ----------
    faces
        Polygons that cover the ground without overlap, metres, shape (n,).
    outlines
        Valid Polygons in metres, shape (m,). A courtyard belongs to its outline unless another one stands in it.

    Raises
    ------
    Nothing
        Outlines in no face hold nothing.
    """
    filled = shapely.polygons(shapely.get_exterior_ring(outlines)) if len(outlines) else outlines
    tangled = _tangled(faces, filled)
    held = _arranged(faces, outlines, np.flatnonzero(tangled)) if tangled.any() else _untouched(faces)
    loose = np.flatnonzero(~tangled)
    free = np.flatnonzero(held.owner < 0)
    inner, at = _holders(held.polygons[free], _first_points(filled[loose]))
    loose, piece = loose[inner], free[at]
    polygons = held.polygons.copy()
    _cut_out(polygons, piece, filled[loose])
    polygons = shapely.orient_polygons(shapely.normalize(np.concatenate([polygons, filled[loose]])))
    order = np.lexsort([shapely.area(polygons), *shapely.bounds(polygons).T])
    return Pieces(
        polygons=polygons[order],
        face=np.concatenate([held.face, held.face[piece]])[order],
        owner=np.concatenate([held.owner, loose])[order],
    )


def _tangled(faces: Polygons, filled: Polygons) -> Flags:
    """Tell which outlines come near to another outline or to the border of a face."""
    tangled = np.zeros(len(filled), dtype=bool)
    if not len(filled):
        return tangled
    one, other = shapely.STRtree(filled).query(filled, predicate="dwithin", distance=NEAR_M)
    tangled[one[one != other]] = True
    walls = shapely.linestrings(steps_of(shapely.get_rings(faces))[0])
    tangled[shapely.STRtree(walls).query(filled, predicate="dwithin", distance=NEAR_M)[0]] = True
    return tangled


def _untouched(faces: Polygons) -> Pieces:
    """Return the faces as free ground."""
    return Pieces(polygons=faces, face=np.arange(len(faces)), owner=np.full(len(faces), -1))


def _arranged(faces: Polygons, outlines: Polygons, tangled: Ints) -> Pieces:
    """Return the faces cut along the tangled outlines."""
    polygons = polygons_between(np.concatenate([shapely.boundary(faces), shapely.boundary(outlines[tangled])]))
    points = shapely.point_on_surface(polygons)
    inside, face = _holders(faces, points)
    polygons, points = polygons[inside], points[inside]
    owner = np.full(len(polygons), -1)
    area = shapely.area(outlines[tangled])
    piece, outline = shapely.STRtree(outlines[tangled]).query(points, predicate="intersects")
    order = np.lexsort([-outline, area[outline]])
    owner[piece[order]] = tangled[outline[order]]
    return Pieces(polygons=polygons, face=_at_home(face, owner, shapely.area(polygons)), owner=owner)


def _at_home(face: Ints, owner: Ints, area: Floats) -> Ints:
    """Return the face of each piece; of those that an outline holds, the face with most of the outline."""
    held = np.flatnonzero(owner >= 0)
    pairs, pair = np.unique(np.column_stack([owner[held], face[held]]), axis=0, return_inverse=True)
    size = np.bincount(pair.ravel(), area[held], len(pairs))
    order = np.lexsort([-pairs[:, 1], size])
    home = np.full(int(owner.max(initial=-1)) + 1, -1)
    home[pairs[order, 0]] = pairs[order, 1]
    whole = face.copy()
    whole[held] = home[owner[held]]
    return whole


def _holders(polygons: Polygons, points: Polygons) -> tuple[Ints, Ints]:
    """Return (row of the point, row of the first polygon that holds it) for each point that one does."""
    if not len(polygons) or not len(points):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    point, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
    order = np.lexsort([polygon, point])
    point, first = np.unique(point[order], return_index=True)
    return point, polygon[order][first]


def _first_points(polygons: Polygons) -> Polygons:
    """Return the first vertex of each shell."""
    return np.asarray(shapely.get_point(shapely.get_exterior_ring(polygons), 0))


def _cut_out(polygons: Polygons, piece: Ints, inner: Polygons) -> None:
    """Cut polygons that lie strictly inside pieces out of them, in place: they become holes, nothing is computed."""
    holed = np.unique(piece)
    if not holed.size:
        return
    rings, at = shapely.get_rings(polygons[holed], return_index=True)
    rings = np.concatenate([rings, shapely.get_exterior_ring(inner)])
    at = np.concatenate([at, np.searchsorted(holed, piece)])
    order = np.argsort(at, kind="stable")
    points, ring = shapely.get_coordinates(rings[order], return_index=True)
    polygons[holed] = assembled(points, np.bincount(ring), np.bincount(at))


def assembled(points: Floats, ring_sizes: Ints, polygon_rings: Ints) -> Polygons:
    """Return polygons from the points of their closed rings, the shell first: points per ring and rings per polygon."""
    offsets = (np.concatenate([[0], np.cumsum(ring_sizes)]), np.concatenate([[0], np.cumsum(polygon_rings)]))
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, offsets))
