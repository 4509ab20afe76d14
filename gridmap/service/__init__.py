"""The journeys, one function each: load, compute, save.

Each takes open things (an engine, an atlas) and plain values, and is what a command or a route calls.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridmap.service.asking import Question, answer_rows
    from gridmap.service.batch import Files, locate_file
    from gridmap.service.checking import Summary
    from gridmap.service.demo import demo_key, load_demo
    from gridmap.service.record import LAYERS, Deed, Loaded, dump_file, load_file, open_record, publish_file
    from gridmap.service.tables import area_warnings, read_aliases, read_tables

#: Journeys and where they are: each is loaded when it is asked for, so that work on files does not load the record.
_PARTS = {
    "LAYERS": "gridmap.service.record",
    "Deed": "gridmap.service.record",
    "Files": "gridmap.service.batch",
    "Loaded": "gridmap.service.record",
    "Question": "gridmap.service.asking",
    "Summary": "gridmap.service.checking",
    "answer_rows": "gridmap.service.asking",
    "area_warnings": "gridmap.service.tables",
    "demo_key": "gridmap.service.demo",
    "dump_file": "gridmap.service.record",
    "load_demo": "gridmap.service.demo",
    "load_file": "gridmap.service.record",
    "locate_file": "gridmap.service.batch",
    "open_record": "gridmap.service.record",
    "publish_file": "gridmap.service.record",
    "read_aliases": "gridmap.service.tables",
    "read_tables": "gridmap.service.tables",
}

__all__ = [
    "LAYERS",
    "Deed",
    "Files",
    "Loaded",
    "Question",
    "Summary",
    "answer_rows",
    "area_warnings",
    "demo_key",
    "dump_file",
    "load_demo",
    "load_file",
    "locate_file",
    "open_record",
    "publish_file",
    "read_aliases",
    "read_tables",
]


def __getattr__(name: str) -> Any:
    """Import a part when it is first asked for."""
    if name in _PARTS:
        return getattr(import_module(_PARTS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
