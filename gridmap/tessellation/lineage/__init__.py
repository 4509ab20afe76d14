"""What became of ground: two partitions, or two epochs of one, compared by identity first and by overlay after.

Plans compare their areas by it, and disputes their parcels. Everything is in metres.
"""

from gridmap.tessellation.lineage.grounds import Ground, LineageLimits, Pairs, common, joined, wide
from gridmap.tessellation.lineage.identity import SAME_M, identical, rows_without
from gridmap.tessellation.lineage.kinds import KINDS, Shares, Told, kinds, shares
from gridmap.tessellation.lineage.sides import (
    Flags,
    Floats,
    Rows,
    Side,
    Texts,
    as_drawn,
    broken,
    in_metres,
    mended,
    picked,
    polygons_of,
)

__all__ = [
    "KINDS",
    "SAME_M",
    "Flags",
    "Floats",
    "Ground",
    "LineageLimits",
    "Pairs",
    "Rows",
    "Shares",
    "Side",
    "Texts",
    "Told",
    "as_drawn",
    "broken",
    "common",
    "identical",
    "in_metres",
    "joined",
    "kinds",
    "mended",
    "picked",
    "polygons_of",
    "rows_without",
    "shares",
    "wide",
]
