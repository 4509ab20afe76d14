"""Areas that fill a territory: which one holds a point; drawing, checking and changing them without gap or overlap."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from gridmap.partition.findings import summed_up
from gridmap.partition.index import AreaIndex

#: Names of the parts that only those pay for who use them, and where they stand.
_PARTS: dict[str, str] = {}

__all__ = ["AreaIndex", "summed_up"]


def __getattr__(name: str) -> Any:
    """Import a part when it is first asked for: a service that only looks points up never loads the drawing."""
    if name in _PARTS:
        return getattr(import_module(_PARTS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
