"""A sample town from a seed, its answers known by construction."""

from __future__ import annotations

from gridmap.samples.building_site import town

__all__ = ["town"]
