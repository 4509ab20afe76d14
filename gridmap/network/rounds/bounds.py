"""No round can be shorter than this: a linear programme over the edges walked besides the required ones.

Out of any set of nodes with an odd number of required edges on its border, a round goes at least once more; out of any
set with required edges inside and outside and none on its border, at least twice. The programme starts with a few such
sets and is given those that its answer breaks, until there are none (Corberan and Sanchis 1994). Stopped early, it is
still a bound.

Corberan, A., Sanchis, J. M. (1994): A polyhedral approach to the rural postman problem. EJOR 79, 95-114.
Goemans, M. X., Williamson, D. P. (1995): A general approximation technique. SIAM J. Comput. 24, 296-317 (the moats).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse import csgraph

from gridmap.network.rounds.task import Task, components

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: What counts as nothing in an answer of the programme.
EPS = 1e-6
#: Parts of an edge that flows are reckoned in: scipy's flows are whole numbers.
_PARTS = 1_000_000
#: Edges times rounds that are worth a second or so; and the most and the fewest rounds.
_WORK, _MOST, _FEWEST = 9_000, 40, 5


@dataclass(frozen=True, kw_only=True)
class Bound:
    """What the programme said last."""

    #: metres that no round falls below
    length_m: float
    #: how often each edge is walked besides, if it could be walked in parts, shape (n,)
    share: Floats
    #: metres by which a round gets longer at least for each walk along an edge that the programme does without
    left_m: Floats
    #: the sets that the programme was given
    borders: Borders


@dataclass(kw_only=True)
class Borders:
    """Sets of nodes that a round leaves, by the edges on their border."""

    task: Task
    #: edges of each border, and how often they are walked besides at least
    edges: list[Ints] = field(default_factory=list)
    least: list[int] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)

    def add(self, inside: Flags, share: Floats | None = None) -> bool:
        """Take up a set of nodes, if it asks for anything new that an answer does not hold to."""
        task = self.task
        border = np.flatnonzero(inside[task.ends[:, 0]] != inside[task.ends[:, 1]])
        least = self._least(inside, border)
        key = border.tobytes()
        if not least or key in self.seen or (share is not None and share[border].sum() >= least - EPS):
            return False
        self.seen.add(key)
        self.edges.append(border)
        self.least.append(least)
        return True

    def _least(self, inside: Flags, border: Ints) -> int:
        crossing = int(self.task.required[border].sum())
        if crossing:
            return crossing % 2
        held = self.task.piece >= 0
        return 2 if (held & inside).any() and (held & ~inside).any() else 0

    def matrix(self) -> sparse.csr_matrix:
        """Return which edge is on which border."""
        begin = np.concatenate([[0], np.cumsum([len(border) for border in self.edges])])
        entries = np.concatenate(self.edges)
        return sparse.csr_matrix((np.ones(len(entries)), entries, begin), shape=(len(self.edges), len(self.task.ends)))


def bound(task: Task, rounds: int | None = None) -> Bound:
    """Return a length that no round of a task falls below.

    Parameters
    ----------
    task
        What is to be walked.
    rounds
        How often the programme is solved at most; by default as often as takes about a second.

    Raises
    ------
    Nothing
        A task whose required edges make up a round needs nothing besides.
    """
    borders, share, left = Borders(task=task), np.zeros(len(task.ends)), task.length_m
    best = Bound(length_m=task.required_m, share=share, left_m=left, borders=borders)
    for _ in range(rounds or int(np.clip(_WORK // len(task.ends), _FEWEST, _MOST))):
        if not _broken(borders, share, left):
            break
        least = -np.array(borders.least, dtype=float)
        answer = linprog(task.length_m, A_ub=-borders.matrix(), b_ub=least, bounds=(0, 2), method="highs-ds")
        share, left = answer.x, np.maximum(answer.lower.marginals, 0.0)
        best = Bound(length_m=task.required_m + float(answer.fun), share=share, left_m=left, borders=borders)
    return best


def _broken(borders: Borders, share: Floats, left: Floats) -> int:
    """Take up sets whose border an answer does not cross often enough; how many."""
    task, on = borders.task, share > EPS
    apart = components(task.nodes, task.ends[on])
    whole = components(task.nodes, task.ends[on | task.required])
    found = sum(borders.add(inside, share) for inside in _moats(task, apart, left, parity=True))
    found += sum(borders.add(inside, share) for inside in _moats(task, whole, left, parity=False))
    if on.any():
        found += sum(borders.add(inside, share) for inside in _narrow(task, share))
    if on.any() and found <= FEW:
        found += sum(borders.add(inside, share) for inside in _odd(task, share))
    return found


#: Broken sets that are enough for one turn: the costly search for odd ones waits.
FEW = 5


def _moats(task: Task, label: Ints, left: Floats, *, parity: bool) -> Iterator[Flags]:
    """Yield sets that grow evenly from pieces of an answer until they meet: they are broken, or will be soon."""
    count = int(label.max()) + 1
    outside = label[task.ends[:, 0]] != label[task.ends[:, 1]]
    ends, slack = label[task.ends[outside]], left[outside].copy()
    fresh = np.arange(count)
    while True:
        active = _active(task, label, count, parity=parity)
        for number in fresh[active[fresh]].tolist():
            yield label == number
        rate = active[ends].sum(axis=1)
        if not rate.any():
            return
        step = (slack[rate > 0] / rate[rate > 0]).min()
        slack -= step * rate
        met = components(count, ends[slack <= EPS])
        label, ends, size = met[label], met[ends], np.bincount(met)
        apart = ends[:, 0] != ends[:, 1]
        ends, slack, count = ends[apart], slack[apart], len(size)
        fresh = np.flatnonzero(size > 1)


def _active(task: Task, label: Ints, count: int, *, parity: bool) -> Flags:
    """Which sets must be left: those with an odd number of odd nodes, or all that hold a piece while there are two."""
    if parity:
        return np.asarray(np.bincount(label, task.odd, minlength=count) % 2 == 1)
    held = np.bincount(label, task.piece >= 0, minlength=count) > 0
    return held if held.sum() > 1 else np.zeros(count, dtype=bool)


def _narrow(task: Task, share: Floats) -> Iterator[Flags]:
    """Yield sets round pieces that less than two walks lead out of, on the way to the piece of home."""
    flows = _network(task.merged[task.ends], share, int(task.merged.max()) + 1)
    home, done = int(task.piece[task.home]), np.zeros(task.pieces, dtype=bool)
    for piece in range(task.pieces):
        if piece != home and not done[piece]:
            value, inside = _least_border(flows, piece, home)
            if value < 2 * _PARTS - 2 * len(share):
                done |= inside[: task.pieces]
                yield inside[task.merged]


def _odd(task: Task, share: Floats) -> Iterator[Flags]:
    """Yield odd sets that less than one walk leads out of: least borders between odd nodes (Padberg and Rao 1982)."""
    whole = share > 1 - EPS
    label = components(task.nodes, task.ends[whole])
    odd = np.bincount(label, task.odd) % 2 == 1
    partly = (share > EPS) & ~whole
    ends, count = label[task.ends], len(odd)
    piece = components(count, ends[partly])
    flows = _network(ends, np.where(partly, share, 0.0), count)
    for number in np.unique(piece[odd]).tolist():
        for inside in _least_odd(flows, np.flatnonzero(odd & (piece == number)), odd):
            yield inside[label]


def _least_odd(flows: sparse.csr_matrix, nodes: Ints, odd: Flags) -> Iterator[Flags]:
    """Yield the least borders of a tree of Gomory and Hu, by Gusfield's way, that hold an odd number of odd nodes."""
    up = dict.fromkeys(nodes.tolist(), int(nodes[0]))
    for place, node in enumerate(nodes.tolist()[1:], 2):
        value, inside = _least_border(flows, node, up[node])
        for other in nodes.tolist()[place:]:
            if inside[other] and up[other] == up[node]:
                up[other] = node
        if value < _PARTS - len(nodes) and odd[inside].sum() % 2:
            yield inside


def _network(ends: Ints, share: Floats, count: int) -> sparse.csr_matrix:
    """The edges of an answer as pipes, both ways."""
    used = (share > EPS) & (ends[:, 0] != ends[:, 1])
    parts = np.rint(share[used] * _PARTS).astype(np.int32)
    one, other = ends[used].T
    pairs = (np.concatenate([one, other]), np.concatenate([other, one]))
    return sparse.csr_matrix((np.concatenate([parts, parts]), pairs), shape=(count, count), dtype=np.int32)


def _least_border(flows: sparse.csr_matrix, source: int, sink: int) -> tuple[int, Flags]:
    """Return (the greatest flow between two nodes, the nodes on the source's side of the least border)."""
    found = csgraph.maximum_flow(flows, source, sink)
    rest = flows - found.flow
    rest.data = np.maximum(rest.data, 0)
    rest.eliminate_zeros()
    inside = np.zeros(flows.shape[0], dtype=bool)
    inside[csgraph.breadth_first_order(rest, source, return_predecessors=False)] = True
    return int(found.flow_value), inside
