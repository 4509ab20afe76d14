"""Fixes of duty posts: judged and cleaned, parted into shifts, legs and stops, and the datum that they are in."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridmap.tracks.datums import datum_of
    from gridmap.tracks.judging import Judged, clean, collapsed, judge
    from gridmap.tracks.limits import Cleaning
    from gridmap.tracks.matching import Matching, Prepared, match, prepared
    from gridmap.tracks.shifts import Shifts, Window

#: Names of the parts that only those pay for who use them, and where they stand.
_PARTS = {
    "Cleaning": "gridmap.tracks.limits",
    "Judged": "gridmap.tracks.judging",
    "Matching": "gridmap.tracks.matching",
    "Prepared": "gridmap.tracks.matching",
    "Shifts": "gridmap.tracks.shifts",
    "Window": "gridmap.tracks.shifts",
    "clean": "gridmap.tracks.judging",
    "collapsed": "gridmap.tracks.judging",
    "datum_of": "gridmap.tracks.datums",
    "judge": "gridmap.tracks.judging",
    "match": "gridmap.tracks.matching",
    "prepared": "gridmap.tracks.matching",
}

__all__ = [
    "Cleaning",
    "Judged",
    "Matching",
    "Prepared",
    "Shifts",
    "Window",
    "clean",
    "collapsed",
    "datum_of",
    "judge",
    "match",
    "prepared",
]


def __getattr__(name: str) -> Any:
    """Import a part when it is first asked for."""
    if name in _PARTS:
        return getattr(import_module(_PARTS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
