"""Plans against each other: what became of each area, which code it has, who changes grid and who must be told."""

from __future__ import annotations

from gridmap.plans.codes import CodeRule, Tier, assign_codes
from gridmap.plans.grounds import LineageLimits
from gridmap.plans.lineage import carried_on, compare

__all__ = ["CodeRule", "LineageLimits", "Tier", "assign_codes", "carried_on", "compare"]
