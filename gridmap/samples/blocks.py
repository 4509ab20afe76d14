"""What stands on each block of the sample town."""

from __future__ import annotations

import numpy as np

from gridmap.samples.ground import Ints
from gridmap.samples.streets import PRIMARY, SERVICE, Plan, Span, add_service, beside_barrier

#: Uses of a block.
USES = ("shops", "old", "slabs", "towers", "public", "works", "park", "farm", "village")
SHOPS, OLD, SLABS, TOWERS, PUBLIC, WORKS, PARK, FARM, VILLAGE = range(len(USES))
#: Uses that are one walled compound with one gate and a name.
COMPOUND = (SLABS, TOWERS, PUBLIC, WORKS)
#: Shares of the uses near the middle, in the rest of the town, and outside.
_SHARES = np.array(
    [
        [0.26, 0.30, 0.22, 0.08, 0.09, 0.00, 0.05, 0.00, 0.00],
        [0.14, 0.08, 0.38, 0.20, 0.09, 0.05, 0.06, 0.00, 0.00],
        [0.01, 0.00, 0.04, 0.01, 0.02, 0.06, 0.02, 0.20, 0.64],
    ]
)


def uses(rng: np.random.Generator, plan: Plan) -> Ints:
    """The use of every block; lanes are added inside compounds."""
    chosen = np.array([_use(plan, span, *rng.random(2)) for span in plan.spans], dtype=np.int64)
    for block in np.flatnonzero(np.isin(chosen, (SLABS, TOWERS))):
        _lane(plan, plan.spans[block])
    return chosen


def _use(plan: Plan, span: Span, throw: float, again: float) -> int:
    """The use of one block."""
    south, west, north, east = span
    away = plan.distance[(south + north) // 2, (west + east) // 2]
    ring = int(np.searchsorted([0.4, 1.0], away))
    if plan.cut[south:north, west:east].any():
        return SHOPS if ring < 2 else VILLAGE  # noqa: PLR2004 (outside)
    if beside_barrier(plan, span) and again < 0.6:  # noqa: PLR2004 (six of ten)
        return PARK if ring < 2 else FARM  # noqa: PLR2004 (outside)
    return int(np.searchsorted(np.cumsum(_SHARES[ring])[:-1], throw, side="right"))


def _lane(plan: Plan, span: Span) -> None:
    """One lane through the middle of a compound, from wall to wall where streets are."""
    south, west, north, east = span
    if east - west > 1 and _streets(plan.across[[south, north], west]):
        add_service(plan, "up", (west + east) // 2, (south, north))
    elif north - south > 1 and _streets(plan.up[south, [west, east]]):
        add_service(plan, "across", (south + north) // 2, (west, east))


def _streets(ranks: Ints) -> bool:
    """Whether all of these lines are streets."""
    return bool(np.all((ranks > SERVICE) & (ranks <= PRIMARY)))
