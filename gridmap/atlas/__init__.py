"""The territory of every day: read, kept, swapped as a whole when the record changes."""

from gridmap.atlas.book import REFRESH_S, Atlas, build_territory
from gridmap.atlas.shelf import Shelf
from gridmap.atlas.snapshots import Snapshot, read_snapshot, read_version, renew_snapshot

__all__ = [
    "REFRESH_S",
    "Atlas",
    "Shelf",
    "Snapshot",
    "build_territory",
    "read_snapshot",
    "read_version",
    "renew_snapshot",
]
