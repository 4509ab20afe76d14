"""Fixes of duty posts: judged and cleaned, parted into shifts, legs and stops, and the datum that they are in."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridmap.tracks.judging import Judged, clean, collapsed, judge
    from gridmap.tracks.limits import Cleaning
    from gridmap.tracks.shifts import Shifts, Window

#: Names of the parts that only those pay for who use them, and where they stand.
_PARTS = {
    "Cleaning": "gridmap.tracks.limits",
    "Judged": "gridmap.tracks.judging",
    "Shifts": "gridmap.tracks.shifts",
    "Window": "gridmap.tracks.shifts",
    "clean": "gridmap.tracks.judging",
    "collapsed": "gridmap.tracks.judging",
    "judge": "gridmap.tracks.judging",
}

__all__ = ["Cleaning", "Judged", "Shifts", "Window", "clean", "collapsed", "judge"]


def __getattr__(name: str) -> Any:
    """Import a part when it is first asked for."""
    if name in _PARTS:
        return getattr(import_module(_PARTS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
