"""Which candidates to take so that together they see most street, and how far from the best that can be.

The choice is *maximum coverage*: a stretch counts once, however many see it. Taking at each step who adds most gives at
least 1 - 1/e = 63 % of the best (G. L. Nemhauser, L. A. Wolsey, M. L. Fisher, An analysis of approximations for
maximizing submodular set functions I, Mathematical Programming 14, 1978); where costs differ the better of two courses,
by metres and by metres per cost, gives at least half of that (J. Leskovec et al., Cost-effective outbreak detection in
networks, KDD 2007). What an instance allows is known far better: see `bound`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from gridmap.visibility.placement.reaching import DECIMALS, Floats, Ints, Reach

Flags = npt.NDArray[np.bool_]

#: Shares of the best that are proven for any instance: all of one cost, and of several.
SHARE_OF_BEST, SHARE_OF_BEST_COSTS = 1 - 1 / math.e, (1 - 1 / math.e) / 2
#: How many candidates are reckoned anew at a time: most that were next remain next.
BATCH = 64
#: Steps by which the bound is lowered: so many leave one candidate in ten that could be part of a better choice.
STEPS = 400
#: Steps without a lower bound after which steps become shorter, and how close to the choice is close enough.
PATIENCE, CLOSE = 6, 1e-6
#: Rounds in which each choice is asked whether another would do better in its place.
ROUNDS = 2
#: Costs are money: what differs by less is equal.
_CENT = 1e-9


@dataclass(frozen=True, kw_only=True)
class Means:
    """What may be spent."""

    #: cost of each candidate, shape (candidates,)
    cost: Floats
    #: most candidates that may be taken
    count: int
    #: most that they may cost together
    budget: float = math.inf

    @property
    def even(self) -> bool:
        """Whether only the number counts."""
        return math.isinf(self.budget)

    def only(self, chosen: Ints) -> Means:
        """Return the same means where only some candidates can be taken."""
        return replace(self, cost=self.cost[chosen])

    def affordable(self, chosen: list[int]) -> Flags:
        """Whether one more candidate may be taken, for each, shape (candidates,)."""
        if len(chosen) >= self.count:
            return np.zeros(len(self.cost), bool)
        return np.asarray(self.cost <= self.budget - math.fsum(self.cost[chosen]) + _CENT)

    def most(self, gains: Floats) -> tuple[float, Floats]:
        """Return the most that gains can add up to, parts of candidates allowed, and the part taken of each.

        Of two limits, number and budget, the one that binds more is kept: dropping the other can only raise the sum.
        """
        sums = [self._filled(gains, np.ones(len(gains)), float(self.count))]
        if not self.even:
            sums.append(self._filled(gains, self.cost, self.budget))
        return min(sums, key=lambda pair: pair[0])

    def missed(self, gains: Floats) -> Floats:
        """Return what taking each candidate costs at least of the most that gains can add up to, shape (candidates,).

        Where only the number counts: the gain of the last one that finds room, less its own.
        """
        if not self.even or self.count < 1 or self.count >= len(gains):
            return np.zeros(len(gains))
        last = np.partition(gains, -self.count)[-self.count]
        return np.asarray(np.maximum(last - gains, 0.0))

    @staticmethod
    def _filled(gains: Floats, cost: Floats, room: float) -> tuple[float, Floats]:
        """Fill the room with what is worth most for its cost, the last one in part."""
        order = np.argsort(-gains / cost, kind="stable")
        spent = np.cumsum(cost[order])
        part = np.zeros(len(gains))
        part[order] = np.clip((room - spent) / cost[order] + 1, 0, 1)
        return float((part * gains).sum()), part


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Who is taken, in order."""

    #: rows of candidates
    chosen: list[int]
    #: metres that each adds to those before it
    gains: list[float] = field(default_factory=list)

    @property
    def total_m(self) -> float:
        """Metres that all add."""
        return math.fsum(self.gains)


def greedy(reach: Reach, means: Means, *, first: list[int] | None = None, per_cost: bool = False) -> Choice:
    """Return who is taken if at each step who adds most is; of equals the first in the table.

    What a candidate adds never grows while others are taken. A gain reckoned earlier is therefore a bound of it, and
    only those at the top of the list are reckoned anew (M. Minoux, Accelerated greedy algorithms, 1978).

    Parameters
    ----------
    reach
        What each sees.
    means
        What may be spent; who adds nothing is not taken.
    first
        Who is taken before.
    per_cost
        Whether metres are divided by cost.

    Raises
    ------
    Nothing
        Where nobody adds anything nobody is taken.
    """
    chosen = list(first or [])
    gains = _gains_in_order(reach, chosen)
    metres = reach.left(np.array(chosen, np.int64))
    bounds = np.round(reach.gains(metres), DECIMALS)
    divisor = means.cost if per_cost else np.ones(len(reach))
    while len(reach) and (able := means.affordable(chosen)).any():
        total = np.append(0.0, np.cumsum(metres))
        best = _best(reach, bounds, np.where(able, divisor, np.inf), total)
        if not able[best] or bounds[best] <= 0:
            break
        chosen.append(best)
        gains.append(float(bounds[best]))
        metres[reach.seen(np.array([best])) > 0] = 0.0
    return Choice(chosen=chosen, gains=gains)


def _best(reach: Reach, bounds: Floats, divisor: Floats, total: Floats) -> int:
    """Row of who adds most for its cost; bounds that were reckoned anew are written back."""
    score = bounds / divisor
    fresh = np.zeros(len(score), bool)
    while not fresh[best := int(np.argmax(score))]:
        batch = np.argpartition(-score, BATCH)[:BATCH] if len(score) > BATCH else np.arange(len(score))
        batch = np.union1d(batch[~fresh[batch]], best)
        bounds[batch] = np.round(reach.gains_of(batch, total), DECIMALS)
        score[batch] = bounds[batch] / divisor[batch]
        fresh[batch] = True
    return best


def _gains_in_order(reach: Reach, chosen: list[int]) -> list[float]:
    """Metres that each of the chosen adds to those before it."""
    metres, gains = reach.metres.copy(), []
    for one in chosen:
        seen = reach.seen(np.array([one])) > 0
        gains.append(round(float(metres[seen].sum()), DECIMALS))
        metres[seen] = 0.0
    return gains


def chosen_well(reach: Reach, means: Means, *, first: list[int] | None = None) -> Choice:
    """Return a good choice: greedy by metres (and by metres per cost), then each asked whether another would do better.

    Parameters
    ----------
    reach, means
        As `greedy`.
    first
        Who is taken in any case, such as those who see what must be seen.

    Returns
    -------
    Choice
        In the order in which each adds most to those before it, ``first`` at the beginning.

    Raises
    ------
    Nothing
        As `greedy`.
    """
    courses = [False] if means.even else [False, True]
    kept = list(first or [])
    best = max((greedy(reach, means, first=kept, per_cost=way) for way in courses), key=lambda made: made.total_m)
    return ordered(reach, _exchanged(reach, means, best, kept), first=kept)


def ordered(reach: Reach, chosen: list[int], *, first: list[int] | None = None) -> Choice:
    """Return the chosen in the order in which each adds most to those before it.

    Parameters
    ----------
    reach
        What each sees.
    chosen
        Rows of candidates.
    first
        Those of them that stay at the beginning, in their order.

    Raises
    ------
    Nothing
        Any rows have an order.
    """
    head = list(first or [])
    rest = sorted(set(chosen) - set(head))
    while rest:
        metres = reach.left(np.array(head, np.int64))
        gains = np.round(reach.gains_of(np.array(rest), np.append(0.0, np.cumsum(metres))), DECIMALS)
        head.append(rest.pop(int(np.argmax(gains))))
    return Choice(chosen=head, gains=_gains_in_order(reach, head))


def _exchanged(reach: Reach, means: Means, choice: Choice, kept: list[int]) -> list[int]:
    """The chosen, each of them in turn replaced by who adds more in its place, as long as that helps somewhere."""
    chosen = list(choice.chosen)
    for _ in range(ROUNDS):
        before = list(chosen)
        seen = reach.seen(np.array(chosen, np.int64))
        for place in range(len(kept), len(chosen)):
            one = np.array(chosen[place : place + 1])
            seen -= reach.seen(one)
            gains = np.round(reach.gains(np.where(seen > 0, 0.0, reach.metres)), DECIMALS)
            able = means.affordable(chosen[:place] + chosen[place + 1 :])
            best = int(np.argmax(np.where(able, gains, -1.0)))
            if gains[best] > gains[chosen[place]]:
                chosen[place] = best
            seen += reach.seen(np.array(chosen[place : place + 1]))
        if chosen == before:
            break
    return chosen


@dataclass(frozen=True, kw_only=True)
class Bound:
    """What no choice can exceed."""

    #: metres
    metres: float
    #: metres that no choice which takes the candidate can exceed, shape (candidates,)
    with_each: Floats


def bound(reach: Reach, means: Means, *, reached_m: float, steps: int = STEPS) -> Bound:
    """Return metres that no choice within the means can exceed.

    Each stretch of w metres is given a price between 0 and w. Whatever is chosen, a stretch counts at most w less its
    price, and its price once more for each candidate that sees it; so no choice is worth more than all that is left of
    the stretches and the most that the prices seen by candidates can add up to. Any prices give a bound (Lagrangian
    relaxation); those of a greedy choice, w where it does not see and 0 where it does, give the textbook one. Prices
    are then moved: up where the best relaxed choice does not see, down where several see, by steps that shrink with the
    gap (B. T. Polyak, Minimization of unsmooth functionals, 1969).

    Parameters
    ----------
    reach, means
        As `greedy`.
    reached_m
        Metres of some choice; the bound is not lowered beyond it.
    steps
        How often prices are moved.

    Raises
    ------
    Nothing
        No candidates have a bound of 0.

    Examples
    --------
    Of two that see the same 10 m and one that sees 4 others, two can be taken:

    >>> from gridmap.visibility.placement.reaching import intervals, reach
    >>> three = reach(intervals([(0, 0, 0, 10), (1, 0, 0, 10), (2, 1, 0, 4)]), 3, seen=intervals([]))
    >>> round(bound(three, Means(cost=np.ones(3), count=2), reached_m=14).metres, 3)
    14.0
    """
    if not len(reach):
        return Bound(metres=0.0, with_each=np.zeros(0))
    metres, who = reach.metres, reach.who
    share, best = np.ones(len(metres)), Bound(metres=math.inf, with_each=np.full(len(reach), np.inf))
    pace, since = 1.0, 0
    for _ in range(steps + 1):
        gains = reach.gains(share * metres)
        value, part = means.most(gains)
        value += float(((1 - share) * metres).sum())
        since = 0 if value < best.metres else since + 1
        best = best if since else Bound(metres=value, with_each=value - means.missed(gains))
        pace, since = (pace / 2, 0) if since > PATIENCE else (pace, since)
        slope = _stacked_parts(reach, part[who]) - 1
        square = float((metres * slope**2).sum())
        if square <= 0 or best.metres <= reached_m * (1 + CLOSE):
            break
        share = np.clip(share - pace * (value - reached_m) / square * slope, 0, 1)
    return replace(best, metres=max(best.metres, reached_m))


def _stacked_parts(reach: Reach, part: Floats) -> Floats:
    """How often each stretch is seen where parts of candidates are taken, shape (n,)."""
    count = len(reach.metres) + 1
    ends = np.bincount(reach.first, part, count) - np.bincount(reach.last, part, count)
    return np.cumsum(ends)[:-1]
