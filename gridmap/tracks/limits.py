"""What counts as a fault of a fix, a gap and a stop: the limits of cleaning, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, kw_only=True)
class Cleaning:
    """Limits by which fixes are judged; the defaults are those of crews on foot and on electric bicycles."""

    #: metres a second that nobody on patrol exceeds; 12 is an electric bicycle at 43 km/h, 30 suits cars
    fastest_m_s: float = 12.0
    #: metres by which two fixes may lie apart besides, three times a usual error of 8 m
    slack_m: float = 25.0
    #: fixes that say they are worse than this, metres, come from cell towers
    worst_accuracy_m: float = 100.0
    #: fixes in a row that may be one spike
    spike_fixes: int = 3
    #: seconds without a fix after which nobody knows the way between
    gap_s: float = 180.0
    #: seconds that the clock may seem to run back: fixes overtake each other on their way by so much
    disorder_s: float = 60.0
    #: seconds at the same place to the last digit, while the device says that it moves, that show a stuck sensor
    frozen_s: float = 600.0
    #: metres from its running centre within which a stop stays: two and a half standard errors of a usual receiver; of
    #: the stops that were made, 15 m lose one in three and 20 m one in forty
    stop_radius_m: float = 20.0
    #: seconds a stop lasts at least
    stop_s: float = 120.0
    #: fixes in a row that may leave a stop without ending it
    stop_outliers: int = 2
    #: when the fixes were received; None: no fix is known to come from the future
    now: datetime | None = None
    #: the territory, in the CRS of the fixes; None: no fix is known to lie outside
    outline: BaseGeometry | None = None
    #: seconds to add to the clock of a post, once sign-ins have confirmed that it is wrong by so much
    offsets_s: Mapping[str, float] = field(default_factory=dict)
    #: shapes of rounds known from before (``Judged.shapes``), each with the post and shift that walked it
    earlier: Mapping[str, str] = field(default_factory=dict)
