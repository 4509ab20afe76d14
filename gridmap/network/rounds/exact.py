"""The shortest round itself: the bound's programme in whole numbers, given the sets that its answers still break.

A round walks no edge whose use alone would make it longer than the best one known, so these are left out. What remains
is solved by branch and bound; stopped early, it is still a bound, and often a better round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from gridmap.network.rounds.bounds import Borders, Bound
from gridmap.network.rounds.linking import walks
from gridmap.network.rounds.task import Task, components

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: How often the programme is solved, and how many branches it may open: some seconds at worst.
_TURNS, _BRANCHES = 4, 20
#: A round no longer than its bound by more than this share is as good as the shortest.
CLOSE = 0.002
#: Edges that are left at most: more take too long.
MOST_EDGES = 1_200


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What the programme said."""

    #: how often each edge is walked besides; None where it found nothing
    extra: Ints | None
    #: metres that no round along these edges falls below
    least_m: float


def improved(task: Task, extra: Ints, least: Bound) -> tuple[Ints, float]:
    """Return (the walks of a round no longer than one that is known, the metres that no round falls below).

    Parameters
    ----------
    task
        What is to be walked.
    extra
        The walks besides of a round that is known.
    least
        The bound.

    Raises
    ------
    Nothing
        What cannot be improved stays as it is.
    """
    best, best_m, bound_m = extra, _length(task, extra), least.length_m
    for _ in range(_TURNS):
        open_ = np.flatnonzero((least.length_m + least.left_m <= best_m) & (task.ends[:, 0] != task.ends[:, 1]))
        if best_m <= bound_m * (1 + CLOSE) or not 0 < len(open_) <= MOST_EDGES:
            break
        answer = _solved(task, least.borders, open_)
        # a round along an edge that was left out is longer than the best one
        bound_m = max(bound_m, min(answer.least_m, best_m))
        if answer.extra is None:
            break
        joined = task.joined(answer.extra)
        found = answer.extra if joined else _led(task, answer.extra)
        if _length(task, found) < best_m:
            best, best_m = found, _length(task, found)
        if joined or not _taken_up(task, least.borders, answer.extra):
            break
    return best, bound_m


def _led(task: Task, extra: Ints) -> Ints:
    """A round that goes, as far as may be, where walks go that fall into pieces."""
    return walks(task, task.length_m * np.where(extra > 0, 1e-3, 1.0))


def _length(task: Task, extra: Ints) -> float:
    """Metres of a round."""
    return task.required_m + float(task.length_m @ extra)


def _solved(task: Task, borders: Borders, open_: Ints) -> _Answer:
    """The shortest walks along some edges that leave every set often enough, and meet evenly at every node."""
    count, nodes = len(open_), task.nodes
    at = np.arange(count)
    meets = sparse.csr_matrix(
        (np.ones(2 * count), (task.ends[open_].T.ravel(), np.concatenate([at, at]))), shape=(nodes, count)
    )
    even = sparse.hstack([meets, -2 * sparse.identity(nodes)])
    left = sparse.hstack([borders.matrix()[:, open_], sparse.csr_matrix((len(borders.least), nodes))])
    odd = task.odd.astype(float)
    found = milp(
        np.concatenate([task.length_m[open_], np.zeros(nodes)]),
        integrality=np.ones(count + nodes),
        bounds=Bounds(0, np.concatenate([np.full(count, 2.0), np.full(nodes, np.inf)])),
        constraints=[LinearConstraint(even, odd, odd), LinearConstraint(left, borders.least, np.inf)],
        options={"node_limit": _BRANCHES, "mip_rel_gap": CLOSE / 4},
    )
    least = -np.inf if found.mip_dual_bound is None else float(found.mip_dual_bound)
    if found.x is None:
        return _Answer(extra=None, least_m=task.required_m + least)
    extra = np.zeros(len(task.ends), dtype=np.int64)
    extra[open_] = np.rint(found.x[:count]).astype(np.int64)
    return _Answer(extra=extra, least_m=task.required_m + least)


def _taken_up(task: Task, borders: Borders, extra: Ints) -> bool:
    """Take up the pieces into which walks fall; whether any is new."""
    label = components(task.nodes, task.ends[task.required | (extra > 0)])
    pieces = np.unique(label[task.piece >= 0])
    return sum(borders.add(label == piece) for piece in pieces.tolist()) > 0
