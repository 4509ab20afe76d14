"""Fixes matched to streets, and the stretches of street that were walked: observed, inferred or unknown."""

from gridmap.tracks.matching.calibration import Expected, expected
from gridmap.tracks.matching.corridors import Corridors
from gridmap.tracks.matching.journey import Prepared, match, prepared
from gridmap.tracks.matching.laying import Beside, laid
from gridmap.tracks.matching.limits import Matching

__all__ = ["Beside", "Corridors", "Expected", "Matching", "Prepared", "expected", "laid", "match", "prepared"]
