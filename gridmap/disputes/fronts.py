"""Where parties face each other: the stretch of each one's border that lies within the ground of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse

from gridmap.disputes.arrangement import Arrangement, dense
from gridmap.disputes.extent import eastward
from gridmap.disputes.given import is_line
from gridmap.disputes.ground import Ground
from gridmap.disputes.layers import surveyed

Shapes = NDArray[Any]

#: Shorter pieces of a front, in metres, are traces of rounding.
_LEAST_M = 0.05
#: Borders nearer to each other than this, in metres, are one that was rounded twice.
_BESIDE_M = 0.002
#: Two claims that share this much of the ground of both are two surveys of one parcel.
_SAME_SHARE = 0.8


@dataclass(frozen=True, kw_only=True)
class Fronts:
    """Lines of parties that face each other, each beside its partner."""

    #: positions of the parties
    a: list[int]
    b: list[int]
    #: their lines in local metres
    line_a: Shapes
    line_b: Shapes
    #: pairs that dispute ground and have no lines to compare: one claim lies within the other
    without: list[tuple[int, int]]


def fronts(land: Arrangement, own: Ground) -> Fronts:
    """Return the lines of all pairs of parties that dispute ground or share a border.

    The line of a party towards another is the part of its border that lies inside the ground of both, gaps between
    them included. Of two claims to nearly the same ground it is the whole border.

    Parameters
    ----------
    land, own
        The cells, and what each party claims. Of parties that claim lines those are compared that face each other.

    Raises
    ------
    Nothing
    """
    found = list(own.facing)
    without = []
    for a, b in _pairs(land, own.shapes):
        if is_line(own.claims[[a, b]]).any():
            continue
        lines = _rings(own.shapes[a], own.shapes[b]) or _facing(a, b, land)
        found += [(a, b, one, other) for one, other in lines]
        if not lines and _disputed(a, b, land):
            without.append((a, b))
    return Fronts(
        a=[each[0] for each in found],
        b=[each[1] for each in found],
        line_a=np.array([each[2] for each in found], dtype=object),
        line_b=np.array([each[3] for each in found], dtype=object),
        without=without,
    )


def _pairs(land: Arrangement, shapes: Shapes) -> list[tuple[int, int]]:
    """Pairs of parties that dispute a cell or touch each other."""
    open_ = land.about[np.flatnonzero(land.claims != 1)]
    together = sparse.triu(open_.T @ open_, k=1).tocoo()
    touching = shapely.STRtree(shapes).query(shapes, predicate="touches")
    pairs = {(int(a), int(b)) for a, b in zip(together.row, together.col, strict=True)}
    return sorted(pairs | {(int(a), int(b)) for a, b in touching.T if a < b})


def _disputed(a: int, b: int, land: Arrangement) -> bool:
    """Whether both claim some ground."""
    return bool(dense(land.claimed, land.cells_about([a, b]), [a, b]).all(axis=1).any())


def _rings(a: Any, b: Any) -> list[tuple[Any, Any]]:
    """The whole borders of two surveys of one parcel, begun at the same place."""
    if a.geom_type != "Polygon" or b.geom_type != "Polygon":
        return []
    if shapely.area(shapely.intersection(a, b)) < _SAME_SHARE * shapely.area(shapely.union(a, b)):
        return []
    one, other = (shapely.get_exterior_ring(shapely.normalize(each)) for each in (a, b))
    points = shapely.get_coordinates(other)[:-1]
    start = int(np.argmin(np.hypot(*(points - shapely.get_coordinates(one)[0]).T)))
    turned = np.roll(points, -start, axis=0)
    return [(shapely.linestrings(shapely.get_coordinates(one)), shapely.linestrings([*turned, turned[0]]))]


def _facing(a: int, b: int, land: Arrangement) -> list[tuple[Any, Any]]:
    """The borders of both inside their common ground, piece beside piece."""
    edge = shapely.boundary(shapely.coverage_union_all(land.cells[_cells(land, [a, b], land.about)]))
    one, other = (
        _pieces(_off(shapely.boundary(shapely.coverage_union_all(land.cells[cells])), edge))
        for cells in (_cells(land, [a], land.claimed), _cells(land, [b], land.claimed))
    )
    if not len(one) or not len(other):
        return []
    near = shapely.distance(one[:, None], other[None, :]) + shapely.hausdorff_distance(one[:, None], other[None, :])
    best = {(k, int(near[k].argmin())) for k in range(len(one))} & {
        (int(near[:, k].argmin()), k) for k in range(len(other))
    }
    return [(one[i], other[j]) for i, j in sorted(best)]


def _off(border: Any, edge: Any) -> Any:
    """The part of a border that does not run along the edge of the ground of both, a rounding beside it included."""
    inner = shapely.difference(border, edge)
    beside = shapely.get_parts(shapely.intersection(inner, shapely.buffer(edge, _BESIDE_M)))
    # where a border leaves the edge at an angle, only its first millimetres are near
    along = beside[shapely.length(beside) > _LEAST_M]
    return shapely.difference(inner, shapely.union_all(along)) if len(along) else inner


def _cells(land: Arrangement, parties: list[int], of: sparse.csr_array) -> NDArray[np.intp]:
    """Cells that are about these parties; of gaps, those between all of them."""
    cells = land.cells_about(parties)
    count = dense(of, cells, sorted(parties)).sum(axis=1)
    found: NDArray[np.intp] = cells[np.where(land.claims[cells] > 0, count > 0, count == len(parties))]
    return found


def _pieces(lines: Any) -> Shapes:
    """Lines joined where they meet, without the nodes that cutting set, from west to east."""
    merged = shapely.get_parts(shapely.line_merge(lines)) if not shapely.is_empty(lines) else np.empty(0, dtype=object)
    kept = merged[shapely.length(merged) > _LEAST_M]
    order = np.argsort(-shapely.length(kept), kind="stable")
    return eastward(surveyed(kept[order])) if len(kept) else kept
