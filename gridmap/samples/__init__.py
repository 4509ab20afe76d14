"""A sample town from a seed, its answers known by construction: for the demo, notebooks and tests.

It lies where Nantong's 崇川区 lies and borrows the real names and codes of its divisions (china-division, WTFPL, see
``data/README.md``). All else is made up from the seed: no street, compound, household or figure is anybody's.
"""

from __future__ import annotations

from gridmap.samples.tables import town
from gridmap.samples.villages import villages

__all__ = ["town", "villages"]
