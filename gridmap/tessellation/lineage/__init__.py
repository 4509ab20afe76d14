"""What became of ground: two partitions, or two epochs of one, compared by identity first and by overlay after.

Plans compare their areas by it, and disputes their parcels. Everything is in metres.
"""

from gridmap.tessellation.lineage.grounds import LineageLimits, Pairs, common, joined
from gridmap.tessellation.lineage.kinds import KINDS, Shares, kinds, shares
from gridmap.tessellation.lineage.sides import Flags, Floats, Rows, Side, Texts, in_metres, picked, polygons_of

__all__ = [
    "KINDS",
    "Flags",
    "Floats",
    "LineageLimits",
    "Pairs",
    "Rows",
    "Shares",
    "Side",
    "Texts",
    "common",
    "in_metres",
    "joined",
    "kinds",
    "picked",
    "polygons_of",
    "shares",
]
