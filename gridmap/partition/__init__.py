"""Areas that fill a territory: which one holds a point, how far its border is, where they overlap or leave gaps."""

from gridmap.partition.findings import summed_up
from gridmap.partition.index import AreaIndex

__all__ = ["AreaIndex", "summed_up"]
