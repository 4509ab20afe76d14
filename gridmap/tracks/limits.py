"""What counts as a fault of a fix, a gap and a stop: the limits of cleaning, each with its reason."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from shapely.geometry.base import BaseGeometry

from gridmap.errors import InputError


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


def limits_of(words: Iterable[str]) -> Cleaning:
    """The limits of cleaning, some of them stated as ``name=number``.

    Parameters
    ----------
    words
        Such as ``gap_s=600``: any limit of `Cleaning` that is a number.

    Raises
    ------
    InputError
        If there is no such limit, or it is no number above 0; for a count of fixes, no whole one of 0 or more.

    Examples
    --------
    >>> limits_of(["fastest_m_s=30", "gap_s=600"]).gap_s
    600.0
    """
    known = {each.name: type(each.default) for each in fields(Cleaning) if isinstance(each.default, int | float)}
    stated: dict[str, Any] = {}
    for word in words:
        name, _, value = (part.strip() for part in word.partition("="))
        if name not in known:
            raise InputError(f"limit {word!r}", expected=f"name=number, the name one of {', '.join(known)}")
        whole = known[name] is int
        try:
            number = known[name](value)
        except ValueError:
            number = -1
        if not (math.isfinite(number) and (number >= 0 if whole else number > 0)):
            expected = "a whole number, 0 or more" if whole else "a number above 0"
            raise InputError(f"limit {word!r}", expected=expected)
        stated[name] = number
    return Cleaning(**stated)
