"""Cells: each face shared out among the outlines that stand in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridmap.errors import InputError
from gridmap.tessellation.arrays import Ints, Polygons
from gridmap.tessellation.checking import checked
from gridmap.tessellation.labelling import Labels, lines_of
from gridmap.tessellation.pieces import NEAR_M, Pieces, cut_ground
from gridmap.tessellation.rings import Lines, drawn, flat_rings, joined, rings_of, thinned
from gridmap.tessellation.sides import Sides, sides_of

#: Metres between the points of outlines and borders that are triangulated: the lower, the nearer a border between two
#: cells runs to the middle, and the more triangles. 12 m is about the depth of a building.
STEP_M = 12.0
#: Metres by which a border between two cells may be straightened: less than a lane, and enough that the zigzag of the
#: triangles does not count against the compactness of what is made of cells.
THIN_M = 3.0
#: Metres of mean width below which a straightened cell is a line there and back.
_SLIVER_M = 0.01


_AREAS = frozenset({"Polygon"})
_LINES = frozenset({"LineString", "LinearRing"})


@dataclass(frozen=True, kw_only=True)
class Cells:
    """A coverage: polygons that fill the faces without gap or overlap, vertices of neighbours exactly equal."""

    #: Polygons, shape (n,)
    geometry: Polygons
    #: row of the face that each goes with, shape (n,)
    face: Ints
    #: row of the outline or line whose ground it is, -1 where the ground has none, shape (n,)
    owner: Ints


def cells(faces: Any, outlines: Any, *, step_m: float = STEP_M, thin_m: float = THIN_M) -> Cells:
    """Return the ground of each outline or line: its own, and what lies nearer to it than to the others of its face.

    The free ground of each face is triangulated between points at most ``step_m`` apart, and each point that is on no
    outline goes to the outline to which the way along the triangles' edges is shortest. So every cell is one piece; two
    of them meet midway between their outlines, give or take a few metres. An outline is never cut: one that lies in
    several faces goes whole to the face that holds most of it, and the borders of the faces go round it. Of outlines
    that overlap, the larger one holds the ground. The order of the outlines makes no difference.

    Lines share out a face between them as far as they run along its border, each on both of its sides. They end where
    cells are to meet: give `gridmap.tessellation.faces` the same lines, so that their ends are vertices there.

    Parameters
    ----------
    faces
        What `gridmap.tessellation.faces` returned, metres, shape (n,).
    outlines
        Valid Polygons, or LineStrings, in metres, shape (m,); several parts of one building are given one by one.
    step_m
        Greatest distance between points that are triangulated.
    thin_m
        By how much borders between two cells may be straightened, as long as no outline is cut; 0 leaves them.

    Returns
    -------
    Cells
        Sorted by face, then by outline; where an outline's ground in a face has several parts, the largest first.
        Where outlines come within 2 mm of one another or of a face's border, what they hold is theirs to a millimetre.

    Raises
    ------
    InputError
        If a face or an outline is not what is asked for above, polygons and lines are mixed, or faces overlap.

    Examples
    --------
    >>> street = [shapely.box(0, 0, 36, 20)]
    >>> houses = [shapely.box(5, 5, 15, 15), shapely.box(21, 5, 31, 15), shapely.box(60, 5, 70, 15)]
    >>> ground = cells(street, houses)
    >>> ground.owner.tolist(), shapely.area(ground.geometry).round().tolist()
    ([0, 1], [360.0, 360.0])
    """
    ground = checked(faces, "face", _AREAS)
    shapes = checked(outlines, "outline", _AREAS | _LINES)
    order = np.lexsort([*shapely.bounds(shapes).T, shapely.area(shapes), shapely.length(shapes)])
    shapes = shapes[order]
    lines = bool(len(shapes)) and bool((shapely.get_dimensions(shapes) == 1).all())
    if not lines and (shapely.get_dimensions(shapes) == 1).any():
        raise InputError("polygons and lines together", expected="outlines of buildings, or lines of streets")
    pieces = cut_ground(ground, shapes[:0] if lines else shapes)
    sides = sides_of(pieces.polygons)
    owner = _along_lines(sides, shapes) if lines else _of_outlines(pieces, sides)
    between, labels = lines_of(pieces, sides, owner, step_m=step_m)
    polygons, label = _polygons(between, pieces, labels, thin_m)
    owner = np.append(order, -1)[labels.owner[label]]
    return in_order(Cells(geometry=standard(polygons), face=labels.face[label], owner=owner))


def standard(polygons: Polygons) -> Polygons:
    """Return polygons counter-clockwise, each ring beginning at its lowest vertex.

    Parameters
    ----------
    polygons
        Any, shape (n,).

    Raises
    ------
    Nothing
        Equal ground comes out equal, whatever way it was found.
    """
    return np.asarray(shapely.orient_polygons(shapely.normalize(polygons)))


def in_order(ground: Cells) -> Cells:
    """Return cells in the order that `cells` promises.

    Parameters
    ----------
    ground
        The cells in any order.

    Raises
    ------
    Nothing
        Any cells have an order.
    """
    polygons = ground.geometry
    rows = np.lexsort([*shapely.bounds(polygons).T, -shapely.area(polygons), ground.owner, ground.face])
    return Cells(geometry=polygons[rows], face=ground.face[rows], owner=ground.owner[rows])


def _polygons(between: Lines, pieces: Pieces, labels: Labels, thin_m: float) -> tuple[Polygons, Ints]:
    """Return (polygons, label of each), their borders thinned wherever that cuts nothing."""
    chains = joined(between)
    rings = rings_of(chains)
    held = np.flatnonzero(pieces.owner >= 0)
    thin = chains.loose.copy()
    while True:
        straight = thinned(chains, thin, thin_m)
        bad = flat_rings(straight, rings)
        if not bad.size:
            polygons, label = drawn(straight, rings)
            bad = _broken(polygons, label, pieces.polygons[held], labels.of_piece[held])
        blamed = thin & np.isin(chains.beside, bad).any(axis=1)
        if not blamed.any():
            return polygons, label
        thin &= ~blamed


def _broken(polygons: Polygons, label: Ints, held: Polygons, held_label: Ints) -> Ints:
    """Return the labels of polygons that are invalid, hardly any ground, or do not hold what they should."""
    width = 2 * shapely.area(polygons) / np.maximum(shapely.length(polygons), _SLIVER_M)
    valid = shapely.is_valid(polygons) & (width > _SLIVER_M)
    order = np.argsort(label, kind="stable")
    first = np.minimum(np.searchsorted(label[order], held_label), len(order) - 1)
    cut = ~shapely.covers(polygons[order][first], held)
    return np.unique(np.concatenate([label[~valid], held_label[cut]]))


def _of_outlines(pieces: Pieces, sides: Sides) -> Ints:
    """Return the outline across each step of free ground, -1 for none and where it belongs to another face."""
    across = sides.across
    known = (across >= 0) & (pieces.owner[sides.polygon] < 0)
    owner = np.where(known, pieces.owner[across], -1)
    return np.where(known & (pieces.face[across] == pieces.face[sides.polygon]), owner, -1)


def _along_lines(sides: Sides, lines: Polygons) -> Ints:
    """Return the line that each step runs along, -1 for none."""
    middles = shapely.points((sides.low + sides.high) / 2)
    edge, line = shapely.STRtree(lines).query(middles, predicate="dwithin", distance=NEAR_M)
    order = np.lexsort([-line, edge])
    owner = np.full(len(middles), -1)
    owner[edge[order]] = line[order]
    return owner[sides.edge]
