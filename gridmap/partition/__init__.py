"""Areas that fill a territory: which one holds a point; drawing, checking and changing them without gap or overlap."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gridmap.partition.findings import summed_up
from gridmap.partition.index import AreaIndex

if TYPE_CHECKING:
    from gridmap.partition.checking.check import check
    from gridmap.partition.checking.limits import Limits
    from gridmap.partition.checking.spellings import spellings
    from gridmap.partition.checking.unions import unions
    from gridmap.partition.cleaning import clean
    from gridmap.partition.drawing.drawing import draw, draw_from_areas, redraw

#: Names of the parts that only those pay for who use them, and where they stand.
_PARTS = {
    "Limits": "gridmap.partition.checking.limits",
    "check": "gridmap.partition.checking.check",
    "clean": "gridmap.partition.cleaning",
    "draw": "gridmap.partition.drawing.drawing",
    "draw_from_areas": "gridmap.partition.drawing.drawing",
    "redraw": "gridmap.partition.drawing.drawing",
    "spellings": "gridmap.partition.checking.spellings",
    "unions": "gridmap.partition.checking.unions",
}

__all__ = [
    "AreaIndex",
    "Limits",
    "check",
    "clean",
    "draw",
    "draw_from_areas",
    "redraw",
    "spellings",
    "summed_up",
    "unions",
]


def __getattr__(name: str) -> Any:
    """Import a part when it is first asked for: a service that only looks points up never loads the drawing."""
    if name in _PARTS:
        return getattr(import_module(_PARTS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
