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
    from gridmap.partition.editing.above import upper
    from gridmap.partition.editing.bordering import redraw_border
    from gridmap.partition.editing.giving import give
    from gridmap.partition.editing.housing import give_buildings
    from gridmap.partition.editing.limits import EditLimits
    from gridmap.partition.editing.merging import merge
    from gridmap.partition.editing.operations import apply
    from gridmap.partition.editing.results import Edited
    from gridmap.partition.editing.splitting import split
    from gridmap.partition.editing.vertices import delete_vertex, insert_vertex, move_vertex

#: Names of the parts that only those pay for who use them, and where they stand.
_PARTS = {
    "EditLimits": "gridmap.partition.editing.limits",
    "Edited": "gridmap.partition.editing.results",
    "Limits": "gridmap.partition.checking.limits",
    "apply": "gridmap.partition.editing.operations",
    "check": "gridmap.partition.checking.check",
    "clean": "gridmap.partition.cleaning",
    "delete_vertex": "gridmap.partition.editing.vertices",
    "draw": "gridmap.partition.drawing.drawing",
    "draw_from_areas": "gridmap.partition.drawing.drawing",
    "give": "gridmap.partition.editing.giving",
    "give_buildings": "gridmap.partition.editing.housing",
    "insert_vertex": "gridmap.partition.editing.vertices",
    "merge": "gridmap.partition.editing.merging",
    "move_vertex": "gridmap.partition.editing.vertices",
    "redraw": "gridmap.partition.drawing.drawing",
    "redraw_border": "gridmap.partition.editing.bordering",
    "spellings": "gridmap.partition.checking.spellings",
    "split": "gridmap.partition.editing.splitting",
    "unions": "gridmap.partition.checking.unions",
    "upper": "gridmap.partition.editing.above",
}

__all__ = [
    "AreaIndex",
    "EditLimits",
    "Edited",
    "Limits",
    "apply",
    "check",
    "clean",
    "delete_vertex",
    "draw",
    "draw_from_areas",
    "give",
    "give_buildings",
    "insert_vertex",
    "merge",
    "move_vertex",
    "redraw",
    "redraw_border",
    "spellings",
    "split",
    "summed_up",
    "unions",
    "upper",
]


def __getattr__(name: str) -> Any:
    """Import a part when it is first asked for: a service that only looks points up never loads the drawing."""
    if name in _PARTS:
        return getattr(import_module(_PARTS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
