"""Epochs of parcels: what became of each between two, and over many."""

from gridmap.disputes.lineage.chaining import chain, event_counts
from gridmap.disputes.lineage.comparing import EpochChange, compare_epochs, epochs
from gridmap.disputes.lineage.events import typed_events
from gridmap.disputes.lineage.rivers import moved_river
from gridmap.tessellation.lineage import LineageLimits

__all__ = [
    "EpochChange",
    "LineageLimits",
    "chain",
    "compare_epochs",
    "epochs",
    "event_counts",
    "moved_river",
    "typed_events",
]
