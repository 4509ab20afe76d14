"""Fixes matched to streets, and the stretches of street that were walked, seen, inferred or unknown."""

from gridmap.tracks.matching.journey import Prepared, match, prepared
from gridmap.tracks.matching.limits import Matching

__all__ = ["Matching", "Prepared", "match", "prepared"]
