"""How good and how fast placement is: real candidates of the village, the greedy choice beside the proven best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.visibility.cameras.bands import BANDS, DORI_2014
from gridmap.visibility.placement.candidates import candidates
from gridmap.visibility.placement.choosing import Means, bound, chosen_well, greedy
from gridmap.visibility.placement.demand import demand, in_metres, seeing
from gridmap.visibility.placement.proving import Musts, proven
from gridmap.visibility.placement.reaching import Reach, intervals, reach
from tests.benchmarks.cameras_grounds import Ground
from tests.benchmarks.cameras_run import timed

#: candidates, cameras to be put up, and whether the best is looked for by the solver
CASES = ((500, 30, True), (2_000, 50, True), (2_000, 100, True), (10_000, 50, False))
#: metres between poles: more than 10 000 candidates in the village
EVERY_M = 20.0
BAND = "find"
_NOBODY = Musts(who=np.empty(0, np.int64), place=np.empty(0, np.int64), count=0)


@dataclass(frozen=True, kw_only=True)
class Placed:
    """One choice of cameras."""

    ground: str
    candidates: int
    count: int
    #: stretches of street
    stretches: int
    #: CPU seconds of the greedy course alone, of all of the choice with its bound, and of the solver
    greedy_s: float
    chosen_s: float
    proof_s: float | None
    #: metres of the greedy course, of the choice, that nothing exceeds (by the bound, by the solver)
    greedy_m: float
    chosen_m: float
    bound_m: float
    best_m: float | None

    @property
    def most_m(self) -> float:
        """Metres that are proven not to be exceeded."""
        return self.bound_m if self.best_m is None else self.best_m


def placed(ground: Ground) -> list[Placed]:
    """Return choices among some of the candidates of a ground."""
    every = candidates(ground.streets, ground.buildings, every_m=EVERY_M)
    picks = {count: np.sort(np.random.default_rng(count).permutation(len(every))[:count]) for count, _, _ in CASES}
    laid = demand(ground.streets, ground.buildings)
    found = []
    for count, cameras, exact in CASES:
        table = in_metres(every.iloc[picks[count]], laid.scene.crs)
        seen = seeing(table, laid, DORI_2014, BANDS.index(BAND))
        reached = reach(seen.street, len(table), seen=intervals([]))
        found.append(_chosen(ground.title, reached, Means(cost=np.ones(len(table)), count=cameras), exact=exact))
    return found


def _chosen(title: str, reached: Reach, means: Means, *, exact: bool) -> Placed:
    """Choose and measure."""
    greedy_s, plain = timed(lambda: greedy(reached, means), repeats=3)
    well_s, choice = timed(lambda: chosen_well(reached, means), repeats=1)
    bound_s, limit = timed(lambda: bound(reached, means, reached_m=choice.total_m), repeats=1)
    proof_s = best = None
    if exact:
        # all candidates: the bound that leaves some out is not part of the proof here
        proof_s, best = timed(lambda: proven(reached, means, _NOBODY, most=None), repeats=1)
    return Placed(
        ground=title,
        candidates=len(reached),
        count=means.count,
        stretches=len(reached.metres),
        greedy_s=greedy_s,
        chosen_s=well_s + bound_s,
        proof_s=proof_s,
        greedy_m=plain.total_m,
        chosen_m=choice.total_m,
        bound_m=limit.metres,
        best_m=None if best is None else best.bound_m,
    )
