"""Lines cut where they join: pieces with their own vertices, and their metres along the line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.streets.joining import Cuts
from gridmap.streets.reading import Drawn
from gridmap.tessellation.arrays import spread
from gridmap.tessellation.noding import LATTICE_M

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """Lines between neighbouring cuts, in order."""

    #: LineStrings, shape (n,)
    shapes: npt.NDArray[Any]
    #: part that each is a piece of, shape (n,)
    part: Ints
    #: metres along the part at which each begins and ends, shape (n, 2)
    along_m: Floats
    #: places of the two ends, shape (n, 2)
    ends: Ints


def pieces(lines: Drawn, cuts: Cuts) -> Pieces:
    """Return what is left of lines between their cuts.

    Parameters
    ----------
    lines
        The lines.
    cuts
        Where they are cut, both ends of each part among them; those at one place are one within a millimetre.

    Raises
    ------
    Nothing
        A part cut nowhere else is one piece.
    """
    cuts = _distinct(lines, cuts)
    part = lines.part[cuts.vertex]
    one = np.flatnonzero(part[1:] == part[:-1])
    ends = np.stack([one, one + 1], axis=1)
    along = lines.along_m[cuts.vertex] + cuts.beyond_m
    return Pieces(shapes=_drawn(lines, cuts, ends), part=part[one], along_m=along[ends], ends=cuts.place[ends])


def _distinct(lines: Drawn, cuts: Cuts) -> Cuts:
    """The cuts in order, without those that repeat their neighbour."""
    order = np.lexsort([cuts.place, cuts.beyond_m, cuts.vertex])
    cuts = _taken(cuts, order)
    part, along = lines.part[cuts.vertex], lines.along_m[cuts.vertex] + cuts.beyond_m
    again = (part[1:] == part[:-1]) & (cuts.place[1:] == cuts.place[:-1]) & (along[1:] - along[:-1] <= LATTICE_M)
    is_end = lines.is_end[cuts.vertex] & (cuts.beyond_m == 0)
    return _taken(cuts, ~np.append(False, again) | is_end)


def _taken(cuts: Cuts, rows: Any) -> Cuts:
    """The cuts at these rows."""
    return Cuts(vertex=cuts.vertex[rows], beyond_m=cuts.beyond_m[rows], place=cuts.place[rows])


def _drawn(lines: Drawn, cuts: Cuts, ends: Ints) -> npt.NDArray[Any]:
    """LineStrings between two cuts: the cuts, and the vertices between them."""
    xy = _points(lines, cuts)
    first = cuts.vertex[ends[:, 0]] + 1
    last = cuts.vertex[ends[:, 1]] + (cuts.beyond_m[ends[:, 1]] > 0)
    piece, at = spread(np.maximum(last - first, 0))
    points = np.concatenate([xy[ends[:, 0]], lines.xy[first[piece] + at], xy[ends[:, 1]]])
    of = np.concatenate([np.arange(len(ends)), piece, np.arange(len(ends))])
    order = np.argsort(of, kind="stable")
    return np.asarray(shapely.linestrings(points[order], indices=of[order]))


def _points(lines: Drawn, cuts: Cuts) -> Floats:
    """Coordinates of the cuts, those at a vertex bit by bit."""
    at = cuts.vertex
    beyond = np.minimum(at + 1, len(lines.xy) - 1)
    way = lines.xy[beyond] - lines.xy[at]
    whole = np.hypot(*way.T)
    share = np.divide(cuts.beyond_m, whole, out=np.zeros(len(at)), where=cuts.beyond_m > 0)
    return np.asarray(lines.xy[at] + share[:, None] * way)
