"""What each table promises (columns, units, geometry) and one check that lists every fault.

The promises are data (`FRAMES`); `conform` makes a table keep its promise or tells all that is wrong with it.
"""

from __future__ import annotations

from gridmap.frames.columns import Column, Frame
from gridmap.frames.conforming import check, conform
from gridmap.frames.counting import counts
from gridmap.frames.names import columns_of, lon_lat_of, personal, plain
from gridmap.frames.promises import FRAMES, frame

__all__ = [
    "FRAMES",
    "Column",
    "Frame",
    "check",
    "columns_of",
    "conform",
    "counts",
    "frame",
    "lon_lat_of",
    "personal",
    "plain",
]
