"""What patrols walked, on tables of files or of the record: matched, summed up, routed, and said.

What belongs to the record alone, and is served over HTTP, stands beside it in ``gridmap.service.patrol_...``.
"""

from gridmap.service.patrols.journeys import Asked, Covered, cover, match_layers, match_report
from gridmap.service.patrols.matching import Matched, Taking, matched
from gridmap.service.patrols.reading import Span, Tracks, gathered, read_tracks, span
from gridmap.service.patrols.routing import Wanted, routed

__all__ = [
    "Asked",
    "Covered",
    "Matched",
    "Span",
    "Taking",
    "Tracks",
    "Wanted",
    "cover",
    "gathered",
    "match_layers",
    "match_report",
    "matched",
    "read_tracks",
    "routed",
    "span",
]
