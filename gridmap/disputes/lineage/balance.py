"""Where the ground of each parcel went: the books of a comparison of two epochs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gridmap.disputes.lineage.parcels import TwoEpochs
from gridmap.tessellation.lineage import Floats, Ground, Pairs, Rows, Side

#: Columns of the books.
COLUMNS = ("epoch", "id", "area_m2", "common_m2", "alone_m2", "dropped_m2", "twice_m2", "error_m2")

#: Share of a parcel's area by which the books may be off: the rounding of coordinates of seven digits before the point.
BALANCED = 1e-6


def balance(ground: Ground, both: TwoEpochs) -> pd.DataFrame:
    """Return where the ground of each parcel went: what it has in common with others, what is alone, what was dropped.

    ``area_m2 + twice_m2 = common_m2 + alone_m2 + dropped_m2 + error_m2``. Each is measured for itself, the rest of a
    parcel being cut out and not reckoned, so that the error is one; it is at most ``BALANCED`` of the area.

    Parameters
    ----------
    ground
        All ground of the two epochs.
    both
        Their parcels.

    Returns
    -------
    pandas.DataFrame
        ``epoch`` (old, new), ``id``, ``area_m2``, ``common_m2`` (passed on to, or come from, parcels of the other
        epoch), ``alone_m2`` (abolished or created), ``dropped_m2`` (too narrow or too small to be told, and what the
        same ground drawn a fraction of a millimetre otherwise is worth, which may be below 0), ``twice_m2`` (counted
        for two parcels of the other epoch that overlap),
        ``error_m2``. Old parcels first, by identifier.

    Raises
    ------
    None
    """
    sides = (("old", both.old, both.same[0]), ("new", both.new, both.same[1]))
    return pd.concat(
        [_books(name, side, same, ground, at) for at, (name, side, same) in enumerate(sides)], ignore_index=True
    )


def _books(epoch: str, side: Side, same: Rows, ground: Ground, at: int) -> pd.DataFrame:
    """Return the books of one epoch."""
    kept = ground.pairs
    alone = (kept.new if at == 0 else kept.old) < 0
    common = _sums(kept.take(~alone), at, len(side))
    lost = _sums(kept.take(alone), at, len(side))
    dropped = _sums(ground.dropped, at, len(side))
    # the very same ground is so to the millimetre: the areas differ by what that rounding is worth
    first = kept.take(np.arange(ground.same))
    dropped[same] += side.area[same] - _sums(first, at, len(side))[same]
    over = common + lost + dropped - side.area
    twice = np.where(over > BALANCED * side.area, over, 0.0)
    books = (epoch, side.codes, side.area, common, lost, dropped, twice, twice - over)
    return pd.DataFrame(dict(zip(COLUMNS, books, strict=True)))


def _sums(pairs: Pairs, at: int, count: int) -> Floats:
    """Return the area of the pairs of each row."""
    rows = pairs.old if at == 0 else pairs.new
    held = rows >= 0
    return np.asarray(np.bincount(rows[held], pairs.area[held], count), dtype=np.float64)
