"""Metres between nodes by the table, for numba; `pairs.between` says what they are and gives the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from gridmap.compiling import inlined
from gridmap.tracks.matching.pairs import SHIFT, SPREAD


@inlined
def between(one: int, other: int, table: Any) -> float:
    """Metres between two nodes."""
    if one == other:
        return 0.0
    begin, keys, metres = table
    less, more = min(one, other), max(one, other)
    at = begin[less]
    mask = begin[less + 1] - at - 1
    slot = ((more * SPREAD) >> SHIFT) & mask
    while True:
        held = keys[at + slot]
        if held == more:
            return float(metres[at + slot])
        if held < 0:
            return np.inf
        slot = (slot + 1) & mask
