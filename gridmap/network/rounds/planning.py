"""The plan of a shift: calls put in where they bring most for the time, some taken out again, and so on.

Ruin and recreate (Schrimpf et al. 2000): a part of the plan is taken out, what brings most for the time that it costs
is put in, and the better of both is kept, now and then also a slightly worse one. A stretch on the way costs no time,
so it is put in first.

Schrimpf, G. et al. (2000): Record breaking optimization results using the ruin and recreate principle. J. Comp. Physics
159, 139-171.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from gridmap.network.rounds.calls import Calls

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Seconds that a call is taken to cost at least: on the way it costs none.
_LEAST_S = 0.5
#: How much the worth of a call is varied when a plan is filled up again.
_NOISE = 0.3
#: Worse plans are kept at first if they are worse by about this share.
_WORSE = 0.005
#: Of two ways to change a plan each is taken as often.
_EVEN = 0.5


def habit(calls: Calls) -> list[int]:
    """Return the plan of who always goes to the nearest overdue stretch from which there is time to come home."""
    plan: list[int] = []
    left, now, at = np.ones(2 * calls.stretches, dtype=bool), 0.0, calls.home
    stretch = np.arange(2 * calls.stretches)
    while True:
        begun = now + calls.from_end[at, stretch]
        back = begun + calls.takes_s[stretch] + calls.from_end[stretch, calls.home]
        fits = np.flatnonzero(left & (back <= calls.over_s))
        if not len(fits):
            return plan
        nearest = int(fits[np.argmin(begun[fits])])
        left[[nearest, nearest ^ 1]] = False
        plan.append(nearest)
        now, at = float(begun[nearest] + calls.takes_s[nearest]), nearest


def planned(calls: Calls, signing: list[int], *, turns: int) -> list[int]:
    """Return the calls of a shift in order.

    Parameters
    ----------
    calls
        What may be called at.
    signing
        Checkpoints in an order that meets their windows.
    turns
        How often a part of the plan is taken out and filled up.

    Raises
    ------
    Nothing
        Where nothing can be reached in time the plan is what must be signed in at.
    """
    random = np.random.default_rng(0)
    plan = filled(calls, signing, np.ones(calls.stretches))
    best = plan
    for turn in range(turns):
        thinned = _thinned(calls, plan, random)
        if calls.timetable(thinned) is None:
            continue
        made = filled(calls, thinned, 1 + _NOISE * random.random(calls.stretches))
        gain = calls.total(made) - calls.total(plan)
        heat = _WORSE * calls.total(best) * (1 - turn / turns)
        if gain >= 0 or (heat > 0 and random.random() < math.exp(gain / heat)):
            plan = made
        if calls.total(plan) > calls.total(best):
            best = plan
    return best


def filled(calls: Calls, plan: list[int], weight: Floats) -> list[int]:
    """Return a plan with stretches put in, the most debt for the time first, until nothing fits any more."""
    count = 2 * calls.stretches
    worth = calls.worth[:count] * np.repeat(weight, 2)
    way = [calls.home, *plan, calls.home]
    free = np.ones(count, dtype=bool)
    for call in plan:
        if call < count:
            free[[call, call ^ 1]] = False
    # what a call costs between each two of the plan, and how long that takes
    costs = [_between(calls, one, other, count) for one, other in pairwise(way)]
    while True:
        times = calls.timetable(way[1:-1])
        if times is None or not free.any():
            return way[1:-1]
        done, latest = times
        room = latest[1:] - done[:-1] - calls.from_end[way[:-1], way[1:]]
        cost = np.array(costs)
        rate = np.where((cost <= room[:, None] + 1e-9) & free, worth / np.maximum(cost, _LEAST_S), -1.0)
        at, call = divmod(int(np.argmax(rate)), count)
        if rate[at, call] <= 0:
            return way[1:-1]
        free[[call, call ^ 1]] = False
        costs[at : at + 1] = [_between(calls, way[at], call, count), _between(calls, call, way[at + 1], count)]
        way.insert(at + 1, call)


def _between(calls: Calls, one: int, other: int, count: int) -> Floats:
    """Seconds that each stretch costs between two calls."""
    ways = calls.from_end[one, :count] + calls.takes_s[:count] + calls.from_end[:count, other]
    return np.asarray(ways - calls.from_end[one, other])


def _thinned(calls: Calls, plan: list[int], random: np.random.Generator) -> list[int]:
    """A plan without some of its stretches: a run of them or single ones; now and then a run is turned round."""
    count = 2 * calls.stretches
    places = [at for at, call in enumerate(plan) if call < count]
    if not places:
        return plan
    size = 1 + int(random.random() * min(len(places), max(3, len(places) // 3)))
    if random.random() < _EVEN:
        first = int(random.random() * (len(places) - size + 1))
        gone = set(places[first : first + size])
    else:
        gone = set(np.array(places)[random.permutation(len(places))[:size]].tolist())
    left = [call for at, call in enumerate(plan) if at not in gone]
    if len(left) > 1 and random.random() < _EVEN:
        a, b = sorted(random.integers(0, len(left) + 1, 2).tolist())
        left[a:b] = [call ^ 1 if call < count else call for call in reversed(left[a:b])]
    return left
