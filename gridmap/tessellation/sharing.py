"""Cells: each face shared out among the outlines that stand in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridmap.tessellation.arrays import Ints, Polygons
from gridmap.tessellation.labelling import Labels, lines_of
from gridmap.tessellation.pieces import NEAR_M, Pieces, cut_ground
from gridmap.tessellation.rings import Lines, drawn, joined, rings_of, thinned
from gridmap.tessellation.sides import Sides, sides_of

#: Metres between the points of outlines and borders that are triangulated: the lower, the nearer a border between two
#: cells runs to the middle, and the more triangles. 12 m is about the depth of a building.
STEP_M = 12.0
#: Metres by which a border between two cells may be straightened.
THIN_M = 1.0


@dataclass(frozen=True, kw_only=True)
class Cells:
    """A coverage: polygons that fill the faces without gap or overlap, vertices of neighbours exactly equal."""

    #: Polygons, shape (n,)
    geometry: Polygons
    #: row of the face that each lies in, shape (n,)
    face: Ints
    #: row of the outline or line whose ground it is, -1 where the ground has none, shape (n,)
    owner: Ints


def cells(faces: Any, outlines: Any, *, step_m: float = STEP_M, thin_m: float = THIN_M) -> Cells:
    """Return the ground of each outline or line: its own, and what lies nearer to it than to the others of its face."""
    ground = np.asarray(faces, dtype=object)
    drawn_outlines = np.asarray(outlines, dtype=object)
    lines = bool(len(drawn_outlines)) and bool((shapely.get_dimensions(drawn_outlines) == 1).all())
    pieces = cut_ground(ground, drawn_outlines[:0] if lines else drawn_outlines)
    sides = sides_of(pieces.polygons)
    owner = _along_lines(sides, drawn_outlines) if lines else _of_outlines(pieces, sides)
    between, labels = lines_of(pieces, sides, owner, step_m=step_m)
    polygons, label = _polygons(between, pieces, labels, thin_m)
    order = np.lexsort([-shapely.area(polygons), labels.owner[label], labels.face[label]])
    label = label[order]
    return Cells(geometry=polygons[order], face=labels.face[label], owner=labels.owner[label])


def _polygons(between: Lines, pieces: Pieces, labels: Labels, thin_m: float) -> tuple[Polygons, Ints]:
    """Return (polygons, label of each), their borders thinned wherever that cuts nothing."""
    chains = joined(between)
    rings = rings_of(chains)
    held = np.flatnonzero(pieces.owner >= 0)
    thin = chains.loose.copy()
    while True:
        polygons, label = drawn(thinned(chains, thin, thin_m), rings)
        bad = _broken(polygons, label, pieces.polygons[held], labels.of_piece[held])
        blamed = thin & np.isin(chains.beside, bad).any(axis=1)
        if not blamed.any():
            return polygons, label
        thin &= ~blamed


def _broken(polygons: Polygons, label: Ints, held: Polygons, held_label: Ints) -> Ints:
    """Return the labels of polygons that are invalid or do not hold what they should."""
    valid = shapely.is_valid(polygons)
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
