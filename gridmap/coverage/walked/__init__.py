"""Coverage by patrols: which share of the streets was walked, how often, by when, and what nobody knows."""

from __future__ import annotations

from gridmap.coverage.walked.daylight import Clock, Daylight, Sun
from gridmap.coverage.walked.ledger import Ledger, Visits, ledger
from gridmap.coverage.walked.shares import areas, must_walk, street_shares
from gridmap.coverage.walked.sides import Sides, sides

__all__ = [
    "Clock",
    "Daylight",
    "Ledger",
    "Sides",
    "Sun",
    "Visits",
    "areas",
    "ledger",
    "must_walk",
    "sides",
    "street_shares",
]
