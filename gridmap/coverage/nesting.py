"""Sums of what lies in areas, worked out for the same areas again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap import hierarchy
from gridmap.coverage.sweeping import Ints


@dataclass(frozen=True, kw_only=True)
class Nested:
    """Which area lies in which, the finest first."""

    #: number of areas
    count: int
    #: rows of areas of one depth and of their parents, depth by depth from the deepest
    steps: tuple[tuple[Ints, Ints], ...]

    def summed(self, area: Ints, amounts: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return amounts, shape (n, ...), summed by area with those of areas inside; ``area`` -1 lies in none."""
        totals = np.zeros((self.count, *amounts.shape[1:]))
        np.add.at(totals, area[area >= 0], amounts[area >= 0])
        for rows, parents in self.steps:
            np.add.at(totals, parents, totals[rows])
        return totals


def nested(areas: pd.DataFrame) -> Nested:
    """Return which area lies in which.

    Parameters
    ----------
    areas
        ``code``, ``parent`` and ``level`` where known.

    Raises
    ------
    TableError
        As `gridmap.hierarchy.parent_rows`.

    Examples
    --------
    >>> found = nested(pd.DataFrame({"code": ["a", "b"], "parent": [None, "a"]}))
    >>> found.summed(np.array([0, 1, -1]), np.array([1.0, 10.0, 100.0])).tolist()
    [11.0, 10.0]
    """
    if not len(areas):
        return Nested(count=0, steps=())
    parents, depth = hierarchy.parent_rows(areas), hierarchy.depths(areas)
    levels = (np.flatnonzero((depth == level) & (parents >= 0)) for level in range(int(depth.max()), 0, -1))
    return Nested(count=len(areas), steps=tuple((rows, parents[rows]) for rows in levels))
