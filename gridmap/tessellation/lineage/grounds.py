"""The ground that two sides have in common: by identity first, by overlay only where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.tessellation.lineage.identity import identical, rows_without
from gridmap.tessellation.lineage.sides import Flags, Floats, Rows, Side, polygons_of

#: Share of its area by which what was found of a row may miss it before the rest is cut out: the rounding of areas.
ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class LineageLimits:
    """What counts as ground in a comparison of two sides, and what as an exchange between neighbours."""

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
    """Pairs of an old and a new row with the ground they have in common; -1 for ground that one side does not hold."""

    #: rows of the old side
    old: Rows
    #: rows of the new side
    new: Rows
    #: m2 in common
    area: Floats
    #: the common ground in metres
    shapes: NDArray[Any]

    def take(self, where: NDArray[Any]) -> Pairs:
        """Return some of the pairs."""
        return Pairs(self.old[where], self.new[where], self.area[where], self.shapes[where])


class Ground(NamedTuple):
    """All ground of two sides."""

    #: pairs of the very same ground, those that differ, and ground that one side alone holds
    pairs: Pairs
    #: how many of the pairs, which stand first, are of the very same ground
    same: int
    #: ground that counts as none, in the same form
    dropped: Pairs


def common(old: Side, new: Side, limits: LineageLimits, same: tuple[Rows, Rows] | None = None) -> Ground:
    """Return the ground that two sides have in common, and what one of them alone holds.

    Rows of the very same ground (see `gridmap.tessellation.lineage.identity.identical`) have all of it in common: they
    are laid over what the other side alone seems to hold, and over nothing else. Ground counts as none by ``limits``,
    unless it is the largest piece of a row of which no ground would be left.

    Parameters
    ----------
    old, new
        The two sides in one metric system.
    limits
        What counts as ground.
    same
        Rows of the very same ground, where they are known already.

    Returns
    -------
    Ground
        The pieces of each row add up to its area, but where rows of one side overlap.

    Raises
    ------
    None
    """
    same = identical(old, new) if same is None else same
    left, right = rows_without(same[0], len(old)), rows_without(same[1], len(new))
    over = _overlaid(old, new, left, right)
    rests = joined([_remainder(old, left, over, new, 0), _remainder(new, right, over, old, 1)])
    whole = Pairs(*same, old.area[same[0]], new.shapes[same[1]])
    found = joined([over, *_held_twice(rests, whole, limits)])
    kept = _is_ground(found, old, new, limits)
    kept |= _all_that_is_left(found, kept)
    return Ground(joined([whole, found.take(kept)]), len(same[0]), found.take(~kept))


def _overlaid(old: Side, new: Side, left: Rows, right: Rows) -> Pairs:
    """Return all ground that some old rows have in common with some new ones, slivers too."""
    one, other = shapely.STRtree(new.shapes[right]).query(old.shapes[left], predicate="intersects")
    one, other = left[one], right[other]
    shapes = _intersection(old.shapes[one], new.shapes[other])
    return _held(Pairs(one, other, shapely.area(shapes), shapes))


def _intersection(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
    """Return what pairs of polygons have in common: of those that lie in the other, themselves, which is quicker."""
    found = np.full(len(old), None, dtype=object)
    boxes, sizes = (shapely.bounds(old), shapely.bounds(new)), (shapely.area(old), shapely.area(new))
    for whole, part in ((0, 1), (1, 0)):
        within = (boxes[whole][:, :2] <= boxes[part][:, :2]).all(axis=1)
        within &= (boxes[whole][:, 2:] >= boxes[part][:, 2:]).all(axis=1)
        near = np.flatnonzero(within & (sizes[whole] >= sizes[part]) & shapely.is_missing(found))
        outer, inner = (old, new)[whole][near], (old, new)[part][near]
        held = shapely.covers(outer, inner)
        found[near[held]] = inner[held]
    rest = np.flatnonzero(shapely.is_missing(found))
    found[rest] = shapely.intersection(old[rest], new[rest])
    return found


def _held(pairs: Pairs) -> Pairs:
    """Return pairs that have ground, as polygons."""
    held = pairs.take(np.flatnonzero(pairs.area > 0))
    mixture = np.flatnonzero(~np.isin(shapely.get_type_id(held.shapes), [3, 6]))
    held.shapes[mixture] = [polygons_of(shape) for shape in held.shapes[mixture]]
    return held


def _is_ground(pairs: Pairs, old: Side, new: Side, limits: LineageLimits) -> Flags:
    """Tell which ground is more than a sliver."""
    shares = [
        np.where(rows >= 0, pairs.area / np.append(side.area, np.inf)[rows], 0)
        for rows, side in ((pairs.old, old), (pairs.new, new))
    ]
    return (np.maximum(*shares) >= limits.least_share) & wide(pairs.shapes, limits)


def _all_that_is_left(pairs: Pairs, kept: Flags) -> Flags:
    """Tell which pairs are the largest piece of a row of which no other is kept."""
    found = np.zeros(len(kept), dtype=bool)
    order = np.lexsort((pairs.new, pairs.old, -pairs.area))
    for rows in (pairs.old, pairs.new):
        first = order[np.unique(rows[order], return_index=True)[1]]
        first = first[rows[first] >= 0]
        found[first[~np.isin(rows[first], rows[kept])]] = True
    return found


def wide(shapes: NDArray[Any], limits: LineageLimits) -> Flags:
    """Tell which ground is as large as ``least_m2``, and somewhere wider than ``tolerance_m``."""
    area, around = shapely.area(shapes), shapely.length(shapes)
    held = np.asarray(area >= limits.least_m2)
    # a strip is as wide as twice its area over its perimeter: what is several times wider need not be shrunk
    slim = np.flatnonzero(held & (2 * area <= 4 * limits.tolerance_m * around))
    held[slim] = ~shapely.is_empty(shapely.buffer(shapes[slim], -limits.tolerance_m / 2, join_style="mitre"))
    return held


def _remainder(side: Side, rows: Rows, over: Pairs, against: Side, at: int) -> Pairs:
    """Return the ground of some rows that the other side does not hold."""
    held = np.bincount(over[at], weights=over.area, minlength=len(side))
    rows = rows[np.abs(side.area[rows] - held[rows]) > ROUNDING * side.area[rows]]
    partners = [against.shapes[other] for other in _partners(over, at, rows)]
    shapes = np.array([*map(shapely.union_all, partners), None], dtype=object)[:-1]
    shapes = shapely.difference(side.shapes[rows], shapes)
    none = np.full(len(rows), -1, dtype=np.intp)
    one, other = (rows, none) if at == 0 else (none, rows)
    return _held(Pairs(one, other, shapely.area(shapes), shapes))


def _held_twice(rests: Pairs, whole: Pairs, limits: LineageLimits) -> tuple[Pairs, Pairs]:
    """Return what is left of rests, and the ground of them that rows of the very same ground hold on the other side.

    There is such ground only where rows of one side overlap.
    """
    cores = shapely.buffer(rests.shapes, -limits.tolerance_m / 2, join_style="mitre")
    solid = np.flatnonzero(~shapely.is_empty(cores))
    row, rest = shapely.STRtree(cores[solid]).query(whole.shapes, predicate="intersects")
    rest = solid[rest]
    ground = shapely.intersection(rests.shapes[rest], whole.shapes[row])
    old = np.where(rests.old[rest] < 0, whole.old[row], rests.old[rest])
    new = np.where(rests.new[rest] < 0, whole.new[row], rests.new[rest])
    left = rests.shapes.copy()
    for one in np.unique(rest).tolist():
        left[one] = shapely.difference(left[one], shapely.union_all(whole.shapes[row[rest == one]]))
    twice = Pairs(old, new, shapely.area(ground), ground)
    return _held(Pairs(rests.old, rests.new, shapely.area(left), left)), _held(twice)


def _partners(over: Pairs, at: int, rows: Rows) -> Iterator[Rows]:
    """Give the rows of the other side that each of some rows has ground in common with."""
    own, others = (over.old, over.new) if at == 0 else (over.new, over.old)
    order = np.argsort(own, kind="stable")
    begin, end = np.searchsorted(own[order], rows, side="left"), np.searchsorted(own[order], rows, side="right")
    return (others[order[one:other]] for one, other in zip(begin.tolist(), end.tolist(), strict=True))


def joined(parts: Sequence[Pairs]) -> Pairs:
    """Return pairs one below the other."""
    return Pairs(
        np.concatenate([part.old for part in parts]),
        np.concatenate([part.new for part in parts]),
        np.concatenate([part.area for part in parts]),
        np.concatenate([part.shapes for part in parts]),
    )
