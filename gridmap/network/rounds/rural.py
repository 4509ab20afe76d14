"""The edges that a round walks besides the required ones: connections between pieces, then the cheapest join.

The bound's programme tells which edges a short round is likely to use; connections are drawn along these, again and
again with other weights, and the shortest round is kept. Nothing is left to chance: the weights come from a fixed seed.

Frederickson, G. N. (1979): Approximation algorithms for some postman problems. J. ACM 26, 538-554.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmap.network.rounds.bounds import bound
from gridmap.network.rounds.direct import direct
from gridmap.network.rounds.exact import CLOSE, improved
from gridmap.network.rounds.joins import cheapest_join
from gridmap.network.rounds.linking import pruned, walks
from gridmap.network.rounds.reducing import reduced
from gridmap.network.rounds.task import Task

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: How much of the programme's wish is followed, tried in turn.
_TRUST = (1.0, 0.9, 0.7, 0.5, 0.2)
#: Weights of edges are varied by this much.
_SPREAD = 0.3
#: Edges times tries that are worth a second or so; and the most and the fewest tries.
_WORK, _MOST, _FEWEST = 16_000, 40, 6


def extra_walks(task: Task, *, tries: int | None = None) -> tuple[Ints, float]:
    """Return (how often each edge is walked besides the required walks, the metres that no round falls below).

    Where the required edges and home are one piece, the answer is the shortest there is.

    Parameters
    ----------
    task
        What is to be walked, all of it connected.
    tries
        How often connections are drawn; by default as often as takes about a second.

    Raises
    ------
    Nothing
        A connected graph has a round.
    """
    if task.pieces == 1:
        extra = np.zeros(len(task.ends), dtype=np.int64)
        extra[cheapest_join(task.ends, task.length_m, task.odd)] = 1
        return extra, task.required_m + float(task.length_m @ extra)
    small = reduced(task)
    lean = direct(small.task)
    extra, least_m = _best(lean.task, tries)
    walked = pruned(small.task, lean.spread(extra, len(small.task.ends)))
    return small.spread(walked, len(task.ends)), least_m


def _best(task: Task, tries: int | None) -> tuple[Ints, float]:
    """The shortest of several rounds, and the bound."""
    least = bound(task)
    count = tries or int(np.clip(_WORK // len(task.ends), _FEWEST, _MOST))
    random = np.random.default_rng(0)
    found = [walks(task, task.length_m)]
    for number in range(count):
        if task.required_m + float(task.length_m @ found[-1]) <= least.length_m * (1 + CLOSE):
            break
        wish = 1 - np.minimum(least.share, 1.0) * _TRUST[number % len(_TRUST)]
        varied = 1.0 if number < len(_TRUST) else random.uniform(1 - _SPREAD, 1 + _SPREAD, len(task.ends))
        found.append(walks(task, task.length_m * (wish * varied + 1e-3)))
    return improved(task, min(found, key=lambda extra: float(task.length_m @ extra)), least)
