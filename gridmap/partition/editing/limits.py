"""How near is the same, how thin is too thin, and how much one operation may send."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EditLimits:
    """Bounds of an edit, in metres on the ground."""

    #: a point given no farther than this from a vertex or a border is on it: what a hand with a mouse can hit
    snap_m: float = 1.0
    #: no edit may make an area thinner than this anywhere, nor put two vertices nearer to each other
    narrowest_m: float = 0.5
    #: no edit may leave an area with less ground than this
    least_m2: float = 1.0
    #: points of one line or ground; a border drawn by hand has tens
    points: int = 2_000
    #: codes or buildings named by one operation
    names: int = 1_000


EDIT_LIMITS = EditLimits()

#: Square metres by which one edit may change the ground of all areas together: 1 mm2, the rounding of coordinates.
ROUNDING_M2 = 1e-6
