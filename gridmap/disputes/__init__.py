"""Claims on land: contested ground, gaps, what each proposed line gives and takes, and whether surveys can tell."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gridmap.disputes.area import MU_M2, area_error, ellipsoidal, mu
from gridmap.disputes.books import matrix
from gridmap.disputes.comparison import Comparison, compare
from gridmap.disputes.deviation import deviations, profile
from gridmap.disputes.limits import Limits
from gridmap.disputes.points import boundary_points, post_table
from gridmap.disputes.share import Solved, solve
from gridmap.disputes.survey import CLASSES, SurveyError, judge, limit, tolerance
from gridmap.disputes.walk import direction, walk, walks

if TYPE_CHECKING:
    from gridmap.disputes.lineage import EpochChange, LineageLimits, chain, compare_epochs, epochs

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

#: Names that are loaded when they are asked for: with them come the solvers of scipy, which claims need not wait for.
_OF_EPOCHS = ("EpochChange", "LineageLimits", "chain", "compare_epochs", "epochs")


def __getattr__(name: str) -> Any:
    if name in _OF_EPOCHS:
        return getattr(import_module("gridmap.disputes.lineage"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
