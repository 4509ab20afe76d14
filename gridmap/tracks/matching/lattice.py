"""Where each fix may have been, and the likeliest way through: by numpy, over all tracks of a batch at once.

The model is a hidden Markov chain (Newson and Krumm 2009, doi 10.1145/1653771.1653818): a state is a place on an edge,
its emission the normal error of the fix, and the step between two states the likelier, the nearer the length of the
route is to that of the straight line. `lattice_kernel` holds the same written out for numba; both give the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.tracks.matching.ground import Cells, Ground
from gridmap.tracks.matching.pairs import between

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Waves = Iterator[tuple[Ints, Floats]]

#: Fixes whose candidates are sought, and steps whose routes are measured, at a time.
_FIXES, _STEPS = 4096, 16_384


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Nearest edges of each fix, nearest first, shape (n, edges) each."""

    #: how many there are, shape (n,)
    count: Ints
    #: nearest segment of the edge, metres along the edge of its nearest point, square of the distance to it
    segment: npt.NDArray[np.int32]
    along: Floats
    square: Floats


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What is known of each fix and the step to it from the one before, shape (n,) each."""

    #: whether a route may lead from the fix before to this one
    linked: Flags
    #: metres between both, and those of the longest route that is believed; the first has no meaning
    straight: Floats
    most: Floats
    #: standard error of the fix, metres
    sigma: Floats


def candidates(ground: Ground, x: Floats, y: Floats) -> Candidates:
    """Return the nearest edges of each fix within reach, each with its nearest point; ties go to the first edge.

    Parameters
    ----------
    ground
        The streets.
    x, y
        Fixes in metres, shape (n,).

    Raises
    ------
    Nothing
        A fix far from all streets has no candidates.
    """
    most = ground.matching.edges
    found = Candidates(
        count=np.zeros(len(x), np.int64),
        segment=np.full((len(x), most), -1, np.int32),
        along=np.zeros((len(x), most)),
        square=np.full((len(x), most), np.inf),
    )
    for at in range(0, len(x), _FIXES):
        fix, segment, along, square = _near(ground, x[at : at + _FIXES], y[at : at + _FIXES])
        nth, kept = _ranks(fix, most)
        fix, segment, along, square = fix[kept] + at, segment[kept], along[kept], square[kept]
        found.segment[fix, nth], found.along[fix, nth], found.square[fix, nth] = segment, along, square
        found.count[:] += np.bincount(fix, minlength=len(x))
    return found


def _near(ground: Ground, x: Floats, y: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Fix, segment, metres along and square of distance, nearest first by fix, every edge once."""
    held, within = ground.segments, ground.matching.within_m
    fix, segment = _around(held.cells, x, y)
    a, b, dx, dy = x[fix] - held.x[segment], y[fix] - held.y[segment], held.dx[segment], held.dy[segment]
    share = np.minimum(np.maximum((a * dx + b * dy) * (1 / held.square[segment]), 0.0), 1.0)
    ex, ey = share * dx - a, share * dy - b
    square = ex * ex + ey * ey
    near = np.flatnonzero(square <= within * within)
    near = near[np.lexsort([segment[near], square[near], fix[near]])]
    fix, segment, share, square = fix[near], segment[near], share[near], square[near]
    _, first = np.unique(fix * np.int64(len(ground.length)) + held.edge[segment], return_index=True)
    first.sort()
    fix, segment, share, square = fix[first], segment[first], share[first], square[first]
    return fix, segment, held.along[segment] + share * np.sqrt(held.square[segment]), square


def _around(held: Cells, x: Floats, y: Floats) -> tuple[Ints, Ints]:
    """Every fix with every segment that its cell knows."""
    column, row = np.floor((x - held.left) / held.side), np.floor((y - held.bottom) / held.side)
    there = np.flatnonzero((column >= 0) & (column < held.columns) & (row >= 0) & (row < held.rows))
    cell = (column[there] * held.rows + row[there]).astype(np.int64)
    count = held.begin[cell + 1] - held.begin[cell]
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(there, count), held.inside[np.repeat(held.begin[cell], count) + nth].astype(np.int64)


def _ranks(fix: Ints, most: int) -> tuple[Ints, Ints]:
    """Rank of each candidate among those of its fix, and which ones to keep; candidates come by fix."""
    begins = np.flatnonzero(np.diff(fix, prepend=-1))
    nth = np.arange(len(fix)) - np.repeat(begins, np.diff(np.append(begins, len(fix))))
    kept = np.flatnonzero(nth < most)
    return nth[kept], kept


def routes(ground: Ground, one: tuple[Ints, Floats], other: tuple[Ints, Floats]) -> tuple[Floats, Ints]:
    """Return the metres of the shortest route between two places on edges, and by which ends it goes.

    Parameters
    ----------
    ground
        The streets.
    one, other
        Edge and metres along it, shape (m,) each.

    Returns
    -------
    metres, shape (m,)
        Infinite beyond the table's reach.
    ends, shape (m,)
        -1: straight along the edge that both are on; else 2 * (end by which the first edge is left) + (end by which the
        other is entered), 0 the first and 1 the last; -2: no route. Of routes as long the first in this order.

    Raises
    ------
    Nothing
        Places without a route are infinitely far.
    """
    (edge, along), (to_edge, to_along) = one, other
    best = np.where(edge == to_edge, np.abs(along - to_along), np.inf)
    ends = np.where(edge == to_edge, -1, -2)
    for leave in range(2):
        out = along if leave == 0 else ground.length[edge] - along
        node = (ground.last if leave else ground.first)[edge]
        for enter in range(2):
            into = to_along if enter == 0 else ground.length[to_edge] - to_along
            maybe = np.flatnonzero(out + into < best)
            to_node = (ground.last if enter else ground.first)[to_edge[maybe]]
            metres = out[maybe] + between(ground.pairs, node[maybe], to_node) + into[maybe]
            better = metres < best[maybe]
            best[maybe[better]], ends[maybe[better]] = metres[better], 2 * leave + enter
    return best, ends


def likeliest(ground: Ground, found: Candidates, steps: Steps) -> tuple[Ints, Flags]:
    """Return the candidate of each fix on the likeliest way, and whether a way begins anew there.

    Parameters
    ----------
    ground
        The streets.
    found
        Candidates of the fixes, at least one each.
    steps
        What is known of the step to each fix from the one before.

    Raises
    ------
    Nothing
        Where no route leads on, a new way begins.
    """
    n, most = found.segment.shape
    emission = -found.square * (0.5 / (steps.sigma * steps.sigma))[:, None]
    emission[np.arange(most) >= found.count[:, None]] = -np.inf
    score, back = emission.copy(), np.full((n, most), -1, np.int64)
    fresh = np.ones(n, dtype=bool)
    for rows, costs in _waves(ground, found, steps):
        reached = score[rows - 1][:, None, :] - costs
        came = reached.argmax(axis=2)
        best = np.take_along_axis(reached, came[..., None], axis=2)[..., 0] + emission[rows]
        on = np.isfinite(best).any(axis=1)
        score[rows[on]] = best[on]
        back[rows[on]] = np.where(np.isfinite(best[on]), came[on], -1)
        fresh[rows[on]] = False
    return _traced(score, back, fresh), fresh


def _waves(ground: Ground, found: Candidates, steps: Steps) -> Waves:
    """Yield the fixes that are the second of their run, the third and so on, each with the costs of all its steps."""
    follows = np.flatnonzero(steps.linked)
    costs = np.empty((len(follows), found.segment.shape[1], found.segment.shape[1]))
    for at in range(0, len(follows), _STEPS):
        rows = follows[at : at + _STEPS]
        costs[at : at + _STEPS] = _costs(ground, found, rows, steps)
    begins = np.maximum.accumulate(np.where(steps.linked, 0, np.arange(len(steps.linked))))
    for chosen in _grouped(follows - begins[follows]):
        yield follows[chosen], costs[chosen]


def _costs(ground: Ground, found: Candidates, rows: Ints, steps: Steps) -> Floats:
    """Cost of each step to candidate k from candidate q of the fix before, shape (rows, edges, edges)."""
    weights, most = ground.matching, found.segment.shape[1]
    nth = np.arange(most)
    row, to, came = np.nonzero(
        (nth[:, None] < found.count[rows, None, None]) & (nth < found.count[rows - 1, None, None])
    )
    at, before = rows[row], rows[row] - 1
    edge = ground.segments.edge
    one = edge[found.segment[before, came]], found.along[before, came]
    other = edge[found.segment[at, to]], found.along[at, to]
    metres, _ = routes(ground, one, other)
    over = metres - steps.straight[at]
    cost = np.where(over > 0, over / weights.beta_m, -over * weights.shortfall / weights.beta_m)
    cost += np.where(one[0] != other[0], weights.change, 0.0)
    costs = np.full((len(rows), most, most), np.inf)
    costs[row, to, came] = np.where(metres > steps.most[at], np.inf, cost)
    return costs


def _grouped(number: Ints) -> list[Ints]:
    """Positions of each number, from the least number to the greatest."""
    order = np.argsort(number, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1) if len(order) else []


def _traced(score: Floats, back: Ints, fresh: Flags) -> Ints:
    """Candidates of the likeliest ways, from the best end of each back to its beginning."""
    count = len(fresh)
    ends = np.append(np.flatnonzero(fresh)[1:] - 1, count - 1) if count else np.empty(0, np.int64)
    until = ends[np.cumsum(fresh) - 1]
    chosen: Ints = np.asarray(np.argmax(score, axis=1))
    for rows in _grouped(until - np.arange(count))[1:]:
        chosen[rows] = back[rows + 1, chosen[rows + 1]]
    return chosen
