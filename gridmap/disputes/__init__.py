"""Claims on land: contested ground, gaps, what each proposed line gives and takes, and whether surveys can tell."""

from gridmap.disputes.area import MU_M2, area_error, ellipsoidal, mu
from gridmap.disputes.books import matrix
from gridmap.disputes.comparison import Comparison, compare
from gridmap.disputes.deviation import deviations, profile
from gridmap.disputes.limits import Limits
from gridmap.disputes.lineage import EpochChange, LineageLimits, chain, compare_epochs, epochs
from gridmap.disputes.points import boundary_points, post_table
from gridmap.disputes.share import Solved, solve
from gridmap.disputes.survey import CLASSES, SurveyError, judge, limit, tolerance
from gridmap.disputes.walk import direction, walk, walks

__all__ = [
    "CLASSES",
    "MU_M2",
    "Comparison",
    "EpochChange",
    "Limits",
    "LineageLimits",
    "Solved",
    "SurveyError",
    "area_error",
    "boundary_points",
    "chain",
    "compare",
    "compare_epochs",
    "deviations",
    "direction",
    "ellipsoidal",
    "epochs",
    "judge",
    "limit",
    "matrix",
    "mu",
    "post_table",
    "profile",
    "solve",
    "tolerance",
    "walk",
    "walks",
]
