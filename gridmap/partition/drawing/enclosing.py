"""No grid inside another: what would close a ring around others is seen before it is done.

Ground is flat: when a grid takes an atom around which the other grids (and what lies beyond the rim) stand in two
groups, it closes a ring, and one of the groups is inside. Whether they stand in one group is seen close by, since
neighbours in a group touch each other or have a neighbour in common.
"""

from __future__ import annotations

from typing import Any

from gridmap.compiling import compiled
from gridmap.partition.drawing.moves import STAMP

#: Atoms that are looked at from one neighbour; what is not found among them counts as not connected.
_NEAR = 48


@compiled
def encloses(ground: Any, plan: Any, atom: Any, new: Any) -> Any:
    """Return whether a grid that takes an atom closes a ring around others."""
    first, count = -1, ground.rim[atom]
    for k in range(ground.start[atom], ground.start[atom + 1]):
        if plan.label[ground.other[k]] != new:
            first = ground.other[k]
            count += 1
    if count <= 1:
        return False
    plan.tally[STAMP] += 2
    home = plan.tally[STAMP]
    rim_met = _spread(ground, plan, (atom, first, new), (home, -1)) == 1
    if ground.rim[atom] == 1 and not rim_met:
        return True
    for k in range(ground.start[atom], ground.start[atom + 1]):
        other = ground.other[k]
        if plan.label[other] == new or plan.mark[other] == home:
            continue
        plan.tally[STAMP] += 2
        met = _spread(ground, plan, (atom, other, new), (plan.tally[STAMP], home))
        if not (met == 2 or (met == 1 and rim_met)):  # noqa: PLR2004 (see _spread)
            return True
    return False


@compiled
def _spread(ground: Any, plan: Any, start: Any, stamps: Any) -> Any:
    """Search from an atom around another through all grids but one; return 2 if it meets an earlier search, 1 the rim.

    A search that met the rim goes on for as long as an earlier one could still be met.
    """
    atom, first, new = start
    seen, home = stamps
    plan.mark[first] = seen
    plan.queue[0] = first
    read, filled, met = 0, 1, ground.rim[first]
    while read < filled and read < _NEAR:
        here = plan.queue[read]
        read += 1
        for k in range(ground.start[here], ground.start[here + 1]):
            other = ground.other[k]
            if other == atom or plan.label[other] == new or plan.mark[other] == seen:
                continue
            if plan.mark[other] == home:
                return 2
            if ground.rim[other] == 1:
                met = 1
            plan.mark[other] = seen
            plan.queue[filled] = other
            filled += 1
    return met
