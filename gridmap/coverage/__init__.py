"""Coverage: the share of streets, ground and places that cameras see (never GEOS's "polygonal coverage")."""

from __future__ import annotations

from gridmap.coverage.counting import Counting, counted
from gridmap.coverage.streets import streets

__all__ = ["Counting", "counted", "streets"]
