"""Claims on land: contested ground, gaps, what each proposed line gives and takes, and whether surveys can tell."""

from gridmap.disputes.area import area_error, ellipsoidal, mu
from gridmap.disputes.comparison import Comparison, compare
from gridmap.disputes.limits import Limits

__all__ = ["Comparison", "Limits", "area_error", "compare", "ellipsoidal", "mu"]
