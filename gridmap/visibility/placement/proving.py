"""The best choice of candidates, proven, for cases small enough: an integer programme solved by HiGHS through SciPy.

Stretches that the same candidates see are one, and those shorter than a millimetre are left out of the programme and
added to its bound; the bound therefore holds for all street.

Source: R. Church, C. ReVelle, The maximal covering location problem, Papers in Regional Science 32, 1974.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.optimize
import scipy.sparse

from gridmap.visibility.placement.choosing import Means
from gridmap.visibility.placement.reaching import Floats, Ints, Reach

#: Stretches below this stay out of the programme.
LEAST_M = 1e-3
#: Pairs of a stretch and a candidate up to which the solver is done in a second.
MOST_ENTRIES = 30_000
#: Nodes of the search tree after which it is given up: what was found and proven by then is kept. Time would make the
#: answer depend on the machine.
MOST_NODES = 20_000
#: Share of the best by which the solver may stay below it.
LEEWAY = 1e-6


@dataclass(frozen=True, kw_only=True)
class Musts:
    """Who sees which place that must be seen, in pairs."""

    #: row of a candidate, shape (pairs,)
    who: Ints
    #: place that it sees, shape (pairs,)
    place: Ints
    #: number of places
    count: int

    def only(self, rows: Ints) -> Musts:
        """Return the same places where only some candidates can be taken, numbered anew; rows ascend."""
        at = np.searchsorted(rows, self.who)
        kept = at < len(rows)
        kept[kept] = rows[at[kept]] == self.who[kept]
        return Musts(who=at[kept], place=self.place[kept], count=self.count)

    def met(self, chosen: list[int]) -> int:
        """Return how many of the places the chosen see."""
        return int((self.seen_by(chosen) >= 0).sum())

    def seen_by(self, chosen: list[int]) -> Ints:
        """Return for each place the position in ``chosen`` of the first that sees it, -1 where none does."""
        first = np.full(self.count, -1)
        for at, one in reversed(list(enumerate(chosen))):
            first[self.place[self.who == one]] = at
        return first


def seers(reach: Reach, means: Means, musts: Musts) -> list[int]:
    """Return candidates that see the places that must be seen: at each step who sees most of those left.

    Of equals who sees most street, then the first in the table (D. S. Johnson, Approximation algorithms for
    combinatorial problems, 1974).

    Parameters
    ----------
    reach, means, musts
        As `proven`.

    Raises
    ------
    Nothing
        Places that nobody sees within the means are left out.
    """
    chosen: list[int] = []
    street = reach.gains(reach.metres)
    # less than one place, whatever the street
    street = street / (street.max(initial=0) + 1) / 2
    who, place = musts.who, musts.place
    while len(who) and (able := means.affordable(chosen)).any():
        count = np.bincount(who, minlength=len(reach))
        best = int(np.argmax(np.where(able & (count > 0), (count + street) / means.cost, -1.0)))
        if not able[best] or not count[best]:
            break
        chosen.append(best)
        left = ~np.isin(place, place[who == best])
        who, place = who[left], place[left]
    return chosen


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What the programme found."""

    #: rows of the candidates of the best choice found
    chosen: list[int]
    #: metres that no choice exceeds
    bound_m: float


def proven(reach: Reach, means: Means, musts: Musts, *, most: int | None = MOST_ENTRIES) -> Proof | None:
    """Return the best choice: first as many of the places that must be seen as can be, then as many metres.

    Parameters
    ----------
    reach
        What each candidate sees.
    means
        What may be spent.
    musts
        Places that must be seen.
    most
        Greatest number of (stretch, candidate) pairs that is tried; None for any.

    Returns
    -------
    Proof or None
        None where the case is too large, or the solver found no choice at all within its limits.

    Raises
    ------
    Nothing
        Where nobody sees anything nobody is chosen.
    """
    if not len(reach):
        return Proof(chosen=[], bound_m=0.0)
    streets, metres, omitted = _groups(reach)
    if most is not None and streets.nnz > most:
        return None
    places = scipy.sparse.csr_array((np.ones(len(musts.who)), (musts.place, musts.who)), (musts.count, len(reach)))
    wanted = 0
    if musts.count:
        answer = _solved(_Programme(things=places, worth=np.ones(musts.count)), means)
        if answer is None:
            return None
        wanted = round(float((answer.covered > 0).sum()))
    things = scipy.sparse.vstack([streets, places]).tocsr()
    worth = np.append(metres, np.zeros(musts.count))
    best = _solved(_Programme(things=things, worth=worth, must=musts.count, wanted=wanted), means)
    return None if best is None else Proof(chosen=best.chosen, bound_m=best.bound + omitted)


@dataclass(frozen=True, kw_only=True)
class _Programme:
    """Things that are worth something once a candidate covers them."""

    #: 1 where a candidate covers a thing, shape (things, candidates)
    things: Any
    #: worth of each, shape (things,)
    worth: Floats
    #: how many of the last things so many must be covered of
    must: int = 0
    wanted: int = 0


@dataclass(frozen=True, kw_only=True)
class _Solved:
    """What the solver answers."""

    #: rows of candidates
    chosen: list[int]
    #: how many of the chosen cover each thing, shape (things,)
    covered: Floats
    #: worth that no choice exceeds
    bound: float


def _solved(programme: _Programme, means: Means) -> _Solved | None:
    """Solve: a candidate is taken or not, a thing covered as far as candidates that cover it are taken."""
    count, candidates = programme.things.shape
    answer = scipy.optimize.milp(
        -np.append(np.zeros(candidates), programme.worth),
        constraints=_limits(programme, means),
        integrality=np.repeat([1, 0], [candidates, count]),
        bounds=scipy.optimize.Bounds(0, 1),
        options={"node_limit": MOST_NODES, "mip_rel_gap": LEEWAY},
    )
    if answer.x is None:
        return None
    taken = answer.x[:candidates] > 0.5  # noqa: PLR2004 (0 or 1 but for rounding)
    return _Solved(
        chosen=np.flatnonzero(taken).tolist(), covered=programme.things @ taken, bound=-float(answer.mip_dual_bound)
    )


def _limits(programme: _Programme, means: Means) -> list[Any]:
    """The constraints of a programme."""
    count, candidates = programme.things.shape
    cover = scipy.sparse.hstack([programme.things, -scipy.sparse.eye_array(count)])
    rows = [(cover, 0.0, np.inf), (np.repeat([1.0, 0.0], [candidates, count])[None], 0.0, float(means.count))]
    if not means.even:
        rows.append((np.append(means.cost, np.zeros(count))[None], 0.0, means.budget))
    if programme.wanted:
        must = np.repeat([0.0, 1.0], [candidates + count - programme.must, programme.must])
        rows.append((must[None], float(programme.wanted), np.inf))
    return [scipy.optimize.LinearConstraint(matrix, low, high) for matrix, low, high in rows]


def _groups(reach: Reach) -> tuple[Any, Floats, float]:
    """Stretches by who sees them: matrix (groups, candidates), metres of each group, metres left out.

    Equal sets of candidates are told by the sum of two random numbers of 64 bits for each candidate.
    """
    kept = np.flatnonzero(reach.metres > LEAST_M)
    keys = _keys(reach)[kept]
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    metres = np.bincount(group.ravel(), reach.metres[kept], len(first)).astype(np.float64)
    member = _members(reach, kept[first])
    seen = np.asarray(member.sum(axis=1)).ravel() > 0
    return member[seen], metres[seen], float(reach.metres[reach.metres <= LEAST_M].sum())


def _keys(reach: Reach) -> npt.NDArray[np.uint64]:
    """Two numbers for each stretch, equal where the same candidates see it, shape (n, 2)."""
    own = np.random.default_rng(0).integers(2**64 - 1, size=(len(reach), 2), dtype=np.uint64)[reach.who]
    ends = np.zeros((len(reach.metres) + 1, 2), np.uint64)
    np.add.at(ends, reach.first, own)
    np.subtract.at(ends, reach.last, own)
    return np.cumsum(ends, axis=0, dtype=np.uint64)[:-1]


def _members(reach: Reach, stretches: Ints) -> Any:
    """Matrix of who sees some stretches, shape (stretches, candidates)."""
    order = np.argsort(stretches)
    low, high = (np.searchsorted(stretches[order], ends) for ends in (reach.first, reach.last))
    who = np.repeat(reach.who, high - low)
    start = np.repeat(low - np.append(0, np.cumsum(high - low))[:-1], high - low)
    rows = order[start + np.arange(len(who))]
    return scipy.sparse.csr_array((np.ones(len(who)), (rows, who)), (len(stretches), len(reach)))
