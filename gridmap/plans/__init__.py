"""Plans against each other: what became of each area, which code it has, who changes grid and who must be told."""

from __future__ import annotations

from gridmap.plans.bounds import bounds_in_words
from gridmap.plans.changes import change_sheet
from gridmap.plans.codes import CodeRule, Tier, assign_codes
from gridmap.plans.figures import differences, figures, households_moved
from gridmap.plans.lineage import carried_on, compare
from gridmap.plans.merging import merged
from gridmap.plans.sheets import registration_forms, sheets
from gridmap.tessellation.lineage import LineageLimits

__all__ = [
    "CodeRule",
    "LineageLimits",
    "Tier",
    "assign_codes",
    "bounds_in_words",
    "carried_on",
    "change_sheet",
    "compare",
    "differences",
    "figures",
    "households_moved",
    "merged",
    "registration_forms",
    "sheets",
]
