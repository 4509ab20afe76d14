"""The journeys, one function each: load, compute, save.

Each takes open things (an engine, an atlas) and plain values, and is what a command or a route calls.
"""

from gridmap.service.asking import Question, answer_rows
from gridmap.service.batch import Files, locate_file
from gridmap.service.checking import Summary
from gridmap.service.demo import demo_key, load_demo
from gridmap.service.record import (
    LAYERS,
    Deed,
    Loaded,
    dump_file,
    load_file,
    open_record,
    publish_file,
)
from gridmap.service.tables import area_warnings, read_aliases, read_tables

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
