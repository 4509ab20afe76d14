"""What figures of areas are held to.

The norms of grassroots governance differ from province to province and are written as ranges: a `Norms` says which
hold. The text of GB/T 34300 is not at hand; the defaults are those that yearbooks and guides state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: least and greatest; None: no limit on that side
Range = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True)
class FloorSpace:
    """Floor space that the service places of an area should have, by its households."""

    #: square metres for every hundred households
    per_100_m2: float = 30.0
    #: households up to which that holds ...
    up_to: int = 1000
    #: ... and square metres for every further hundred
    further_100_m2: float = 50.0

    def needed_m2(self, households: Any) -> Floats:
        """Return the square metres that areas of so many households need.

        Examples
        --------
        >>> FloorSpace().needed_m2([0, 500, 1000, 1200]).tolist()
        [0.0, 150.0, 300.0, 400.0]
        """
        count = np.asarray(households, dtype=float)
        within = np.minimum(count, self.up_to) / 100 * self.per_100_m2
        return np.asarray(within + np.maximum(count - self.up_to, 0) / 100 * self.further_100_m2)


@dataclass(frozen=True, kw_only=True)
class Norms:
    """What the figures of each level are held to."""

    #: range of each figure, by level and figure
    ranges: Mapping[str, Mapping[str, Range]] = field(
        default_factory=lambda: MappingProxyType(
            {
                "grid": {
                    "households": (150.0, 500.0),
                    "compactness": (0.2, None),
                    "service_m": (None, 500.0),
                },
                "community": {
                    "households": (1000.0, 3000.0),
                    "staff_per_10000": (18.0, None),
                    "floor_share": (1.0, None),
                    "service_m": (None, 1000.0),
                },
            }
        )
    )
    #: floor space needed by households
    floor_space: FloorSpace = field(default_factory=FloorSpace)
    #: kinds of places whose staff and floor space count
    service_kinds: frozenset[str] = frozenset({"community_centre", "clinic", "social_facility"})
    #: kinds of places that people go to as their service point
    point_kinds: frozenset[str] = frozenset({"community_centre"})
    #: least share of households within so many minutes' walk of a service place; the text of TD/T 1062-2021 on life
    #: circles of 15 minutes (生活圈) is not at hand
    reach: Mapping[float, float] = field(default_factory=lambda: MappingProxyType({15.0: 0.9}))
