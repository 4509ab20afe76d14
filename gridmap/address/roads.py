"""Where on a road a number, a lane's mouth or a crossing lies, told from the plates and lines that are known.

All coordinates are metres in one plane; `Plane` makes such from degrees. Nothing here knows texts, but for numbers.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, radians, sin, sqrt
from typing import NamedTuple

import shapely

#: Plates of one side farther apart than this say nothing of what lies between: in a town some ten crossroads.
LONGEST_GAP_M = 1500.0

#: Numbers between two plates; more would be guessing.
LONGEST_GAP = 200

#: No plate hangs nearer to its door than this: where plates are taken, and the width of a front.
PLATE_M = 10.0

#: How far a sub-number (5之1, 5附1, 5甲) lies from its main number: next door or behind it.
SUB_NUMBER_M = 30.0

_EARTH_M = 6_371_008.8
_MAIN = re.compile("[0-9]+")


class Plane:
    """Metres east and north of a place, good to a part in a thousand within some 50 km.

    Examples
    --------
    >>> plane = Plane(121.5, 25.0)
    >>> [round(metres) for metres in plane.metres(121.51, 25.01)]
    [1008, 1112]
    >>> plane.degrees(*plane.metres(121.51, 25.01))
    (121.51, 25.01)
    """

    def __init__(self, lon: float, lat: float) -> None:
        self._lon, self._lat = lon, lat
        self._north = _EARTH_M * pi / 180
        self._east = self._north * cos(radians(lat))

    def metres(self, lon: float, lat: float) -> tuple[float, float]:
        """Return metres east and north of the place."""
        return (lon - self._lon) * self._east, (lat - self._lat) * self._north

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Return the degrees that `metres` made metres of."""
        return self._lon + x / self._east, self._lat + y / self._north


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """A place that is not known exactly."""

    x: float
    y: float
    #: how far the true place may lie from it, metres
    accuracy_m: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpolated:
    """Where a number should hang that no known plate bears."""

    x: float
    y: float
    #: how far the true place may lie from it, metres
    accuracy_m: float
    #: the plates beside it; both the same where a sub-number sits with its main number
    lower: str
    upper: str
    #: odd, even, or both where numbers run along one side
    side: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One side of a road, and the numbers known on it."""

    #: odd, even, or both where numbers run along one side
    side: str
    first: int
    last: int
    plates: int


class _Plate(NamedTuple):
    """A main number, where it hangs, and how it was written."""

    main: int
    x: float
    y: float
    number: str


def main_number(number: str) -> int | None:
    """Return the number that a house has without its addition: 5 of 5, 5附1, 5甲, 5-1; None without digits.

    Examples
    --------
    >>> main_number("5附1"), main_number("甲")
    (5, None)
    """
    found = _MAIN.search(number)
    return int(found[0]) if found else None


class Plates:
    """The known plates of one road or lane, ready to tell where others hang.

    Parameters
    ----------
    plates
        Number as `writing.plain` writes it (5, 5附1, 5甲), x and y in metres; in any order, numbers may repeat.
    """

    def __init__(self, plates: Iterable[tuple[str, float, float]]) -> None:
        self._plates = _by_main(plates)
        self.scheme = "sides"
        self._sides = {"odd": [p for p in self._plates if p.main % 2], "even": [p for p in self._plates if not p.main % 2]}
        self._mains = {side: [plate.main for plate in plates] for side, plates in self._sides.items()}

    def between(self, number: str) -> Interpolated | None:
        """Return where a number hangs between the nearest plates of its side; None where nothing can be told."""
        main = main_number(number)
        if main is None:
            return None
        side = "odd" if main % 2 else "even"
        plates, place = self._sides[side], bisect_left(self._mains[side], main)
        if place < len(plates) and plates[place].main == main:
            plate = plates[place]
            return Interpolated(
                x=plate.x, y=plate.y, accuracy_m=SUB_NUMBER_M, lower=plate.number, upper=plate.number, side=side
            )
        if not 0 < place < len(plates):
            return None
        return _between(plates[place - 1], plates[place], main, side)

    def sides(self) -> tuple[Side, ...]:
        """Return the sides of the road with their ranges of numbers, odd first."""
        return tuple(
            Side(side=side, first=plates[0].main, last=plates[-1].main, plates=len(plates))
            for side, plates in self._sides.items()
            if plates
        )

    def extent(self) -> Spot | None:
        """Return the plate in the middle, and how far the others reach from it; None without plates."""
        return extent([(plate.x, plate.y) for plate in self._plates])


def extent(points: Sequence[tuple[float, float]]) -> Spot | None:
    """Return the one of some points that is the most in the middle, and how far the others reach from it."""
    if not points:
        return None
    xs, ys = [x for x, _ in points], [y for _, y in points]
    middle_x, middle_y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    x, y = min(points, key=lambda point: (hypot(point[0] - middle_x, point[1] - middle_y), point))
    return Spot(x=x, y=y, accuracy_m=max(PLATE_M, max(hypot(x - a, y - b) for a, b in points)))


def _by_main(plates: Iterable[tuple[str, float, float]]) -> list[_Plate]:
    """Return one plate per main number, in order: that without an addition before others."""
    best: dict[int, tuple[tuple[int, str], _Plate]] = {}
    for number, x, y in plates:
        main = main_number(number)
        if main is None:
            continue
        rank = (len(number), number)
        if main not in best or rank < best[main][0]:
            best[main] = (rank, _Plate(main, x, y, number))
    return [best[main][1] for main in sorted(best)]


def _between(lower: _Plate, upper: _Plate, main: int, side: str) -> Interpolated | None:
    """Return where a number hangs between two plates; None where they are too far apart."""
    gap_m = hypot(upper.x - lower.x, upper.y - lower.y)
    if gap_m > LONGEST_GAP_M or upper.main - lower.main > LONGEST_GAP:
        return None
    share = (main - lower.main) / (upper.main - lower.main)
    return Interpolated(
        x=lower.x + share * (upper.x - lower.x),
        y=lower.y + share * (upper.y - lower.y),
        accuracy_m=PLATE_M + gap_m * sqrt(share * (1 - share)) * 0.5,
        lower=lower.number,
        upper=upper.number,
        side=side,
    )
