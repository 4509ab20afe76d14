"""Coverage by patrols: which share of the streets was walked, how often, by when, and what nobody knows.

Start with `ledger` of what matching returned, and `sides` of the areas; every figure is a function of these.
"""

from __future__ import annotations

from gridmap.coverage.walked.adherence import adherence, tau
from gridmap.coverage.walked.agreement import Track, agreement
from gridmap.coverage.walked.daylight import Clock, Daylight, Sun
from gridmap.coverage.walked.duties import Due, Period, due
from gridmap.coverage.walked.dwell import dwell, idle, worked
from gridmap.coverage.walked.effort import effort, overlap
from gridmap.coverage.walked.equity import equity, proportionality
from gridmap.coverage.walked.error import Bars, bars
from gridmap.coverage.walked.gap import gap
from gridmap.coverage.walked.ledger import CLASSES, Ledger, Visits, ledger
from gridmap.coverage.walked.lists import must_visits
from gridmap.coverage.walked.modes import Speeds
from gridmap.coverage.walked.overdue import Owing, Targets, overdue, streets
from gridmap.coverage.walked.periods import compare_areas, compare_streets
from gridmap.coverage.walked.quality import Grading, quality
from gridmap.coverage.walked.revisits import area_idleness, idleness, regularity
from gridmap.coverage.walked.shares import areas, must_walk, street_shares
from gridmap.coverage.walked.sides import Sides, sides
from gridmap.coverage.walked.sight import Widths, area_sight, sight, street_sight
from gridmap.coverage.walked.signins import Rules, completion, signins
from gridmap.coverage.walked.unwatched import unwatched

__all__ = [
    "CLASSES",
    "Bars",
    "Clock",
    "Daylight",
    "Due",
    "Grading",
    "Ledger",
    "Owing",
    "Period",
    "Rules",
    "Sides",
    "Speeds",
    "Sun",
    "Targets",
    "Track",
    "Visits",
    "Widths",
    "adherence",
    "agreement",
    "area_idleness",
    "area_sight",
    "areas",
    "bars",
    "compare_areas",
    "compare_streets",
    "completion",
    "due",
    "dwell",
    "effort",
    "equity",
    "gap",
    "idle",
    "idleness",
    "ledger",
    "must_visits",
    "must_walk",
    "overdue",
    "overlap",
    "proportionality",
    "quality",
    "regularity",
    "sides",
    "sight",
    "signins",
    "street_shares",
    "street_sight",
    "streets",
    "tau",
    "unwatched",
    "worked",
]
