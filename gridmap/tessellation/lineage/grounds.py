"""The ground that areas of two plans have in common: by identity first, by overlay only where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.tessellation.lineage.sides import Floats, Rows, Side, polygons_of

#: Vertices that differ by less are the same: a millimetre is finer than any survey, and rounding to it is common.
SAME_M = 0.001


@dataclass(frozen=True, kw_only=True)
class LineageLimits:
    """What counts as ground in a comparison of two plans, and what as an exchange between neighbours."""

    #: m2 below which common ground is none; the overlap that a published plan may have is as much
    least_m2: float = 1.0
    #: share of both areas below which common ground is none; above 0 for borders that were generalised anew
    least_share: float = 0.0
    #: metres; ground that is nowhere wider lies within the tolerance of the survey, and is none
    tolerance_m: float = 0.2
    #: share of both areas up to which ground that passes from one to the other is a border moved between neighbours
    exchange_share: float = 0.2
    #: what two areas have in common, against the mean of their areas, from which one goes on as the other
    same_share: float = 0.6


class Pairs(NamedTuple):
    """Pairs of an old and a new area with the ground they have in common; -1 for ground that one plan does not hold."""

    #: rows of the old areas
    old: Rows
    #: rows of the new areas
    new: Rows
    #: m2 in common
    area: Floats
    #: the common ground in metres
    shapes: NDArray[Any]

    def take(self, where: NDArray[Any]) -> Pairs:
        """Return some of the pairs."""
        return Pairs(self.old[where], self.new[where], self.area[where], self.shapes[where])


def common(old: Side, new: Side, limits: LineageLimits) -> Pairs:
    """Return the ground that areas of one level have in common, and what one of the plans alone holds.

    Areas of one code whose vertices agree within ``SAME_M``, and areas of any code whose coordinates are equal, have
    all ground in common: they are not laid over anything.
    """
    same = _identical(old, new)
    left, right = _others(len(old), same[0]), _others(len(new), same[1])
    over = _overlaid(old, new, left, right)
    kept = _is_ground(over, old, new, limits)
    alone = [
        _remainder(side, rows, (new, old)[at], over, at, limits)
        for at, (side, rows) in enumerate(((old, left), (new, right)))
    ]
    whole = Pairs(*same, old.area[same[0]], new.shapes[same[1]])
    return joined([whole, over.take(kept), *alone])


def _identical(old: Side, new: Side) -> tuple[Rows, Rows]:
    """Return rows of areas whose ground is the same without a look at any other area."""
    row_of = {code: row for row, code in enumerate(new.codes.tolist())}
    known = np.array([row_of.get(code, -1) for code in old.codes.tolist()], dtype=np.intp)
    one = np.flatnonzero(known >= 0)
    equal = shapely.equals_exact(old.shapes[one], new.shapes[known[one]], tolerance=SAME_M, normalize=True)
    one = one[equal]
    other = known[one]
    rest, free = _others(len(old), one), _others(len(new), other)
    held = dict(zip(_keys(new.shapes[free]), free.tolist(), strict=True))
    more = [
        (row, held.pop(key)) for row, key in zip(rest.tolist(), _keys(old.shapes[rest]), strict=True) if key in held
    ]
    found = np.array(more, dtype=np.intp).reshape(-1, 2)
    return np.concatenate([one, found[:, 0]]), np.concatenate([other, found[:, 1]])


def _keys(shapes: NDArray[Any]) -> list[bytes]:
    """Return what is equal for equal ground, whatever vertex its rings begin at."""
    return list(shapely.to_wkb(shapely.normalize(shapes))) if len(shapes) else []


def _others(count: int, rows: Rows) -> Rows:
    """Return the rows that are not among these."""
    free = np.ones(count, dtype=bool)
    free[rows] = False
    return np.flatnonzero(free)


def _overlaid(old: Side, new: Side, left: Rows, right: Rows) -> Pairs:
    """Return all ground that some old areas have in common with some new ones, slivers too."""
    one, other = shapely.STRtree(new.shapes[right]).query(old.shapes[left], predicate="intersects")
    one, other = left[one], right[other]
    shapes = shapely.intersection(old.shapes[one], new.shapes[other])
    area = shapely.area(shapes)
    held = np.flatnonzero(area > 0)
    shapes = shapes[held]
    mixed = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), [3, 6]))
    shapes[mixed] = [polygons_of(shape) for shape in shapes[mixed]]
    return Pairs(one[held], other[held], area[held], shapes)


def _is_ground(pairs: Pairs, old: Side, new: Side, limits: LineageLimits) -> NDArray[np.bool_]:
    """Tell which common ground is more than a sliver."""
    share = np.maximum(pairs.area / old.area[pairs.old], pairs.area / new.area[pairs.new])
    return (share >= limits.least_share) & wide(pairs.shapes, limits)


def wide(shapes: NDArray[Any], limits: LineageLimits) -> NDArray[np.bool_]:
    """Tell which ground is as large as ``least_m2``, and somewhere wider than ``tolerance_m``."""
    area, around = shapely.area(shapes), shapely.length(shapes)
    held = np.asarray(area >= limits.least_m2)
    # a strip is as wide as twice its area over its perimeter: what is several times wider need not be shrunk
    slim = np.flatnonzero(held & (2 * area <= 4 * limits.tolerance_m * around))
    held[slim] = ~shapely.is_empty(shapely.buffer(shapes[slim], -limits.tolerance_m / 2, join_style="mitre"))
    return held


def _remainder(side: Side, rows: Rows, against: Side, over: Pairs, at: int, limits: LineageLimits) -> Pairs:
    """Return the ground of some areas that the other plan does not hold."""
    held = np.bincount(over[at], weights=over.area, minlength=len(side))
    rows = rows[side.area[rows] - held[rows] >= limits.least_m2 / 2]
    partners = {row: against.shapes[over[1 - at][over[at] == row]] for row in rows.tolist()}
    shapes = np.array(
        [shapely.difference(side.shapes[row], shapely.union_all(shape)) for row, shape in partners.items()],
        dtype=object,
    )
    large = shapely.area(shapes) >= limits.least_share * side.area[rows]
    kept = np.flatnonzero(large & wide(shapes, limits))
    none = np.full(len(kept), -1, dtype=np.intp)
    old, new = (rows[kept], none) if at == 0 else (none, rows[kept])
    return Pairs(old, new, shapely.area(shapes[kept]), shapes[kept])


def joined(parts: list[Pairs]) -> Pairs:
    """Return pairs one below the other."""
    return Pairs(
        np.concatenate([part.old for part in parts]),
        np.concatenate([part.new for part in parts]),
        np.concatenate([part.area for part in parts]),
        np.concatenate([part.shapes for part in parts]),
    )
