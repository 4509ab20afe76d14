"""Claims on land: contested ground, gaps, what each proposed line gives and takes, and whether surveys can tell."""

from gridmap.disputes.area import area_error, ellipsoidal, mu
from gridmap.disputes.comparison import Comparison, compare
from gridmap.disputes.limits import Limits
from gridmap.disputes.lineage import LineageLimits, chain, compare_epochs, epochs

__all__ = [
    "Comparison",
    "Limits",
    "LineageLimits",
    "area_error",
    "chain",
    "compare",
    "compare_epochs",
    "ellipsoidal",
    "epochs",
    "mu",
]
