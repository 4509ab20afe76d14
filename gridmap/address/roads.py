"""Where on a road a number hangs that no known plate bears, told from the plates that are known.

All coordinates are metres in one plane (`spots.Plane` makes such from degrees). Nothing is guessed beyond the first and
the last plate of a side, nor where the plates are too far apart or out of order.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import exp, hypot, log, sqrt
from statistics import median
from typing import NamedTuple

import shapely

from gridmap.address.courses import Course, along, courses, on_the_way
from gridmap.address.spots import PLATE_M, Point, Spot, extent, most_central

#: Plates of one side farther apart than this tell nothing of what lies between: some ten crossroads in a town.
LONGEST_GAP_M = 1500.0

#: A place that may be farther off than this is not worth telling: no grid or village is that wide in a town.
LEAST_ACCURACY_M = 500.0

#: A house is rarely narrower than this share of a metre per number; plates that are nearer are of another road, or
#: were all taken at one place.
LEAST_PER_NUMBER_M = 0.5

#: Metres per number may change from one pair of plates to the next by no more than this factor; where they do, the
#: numbering begins anew or a plate is wrong.
GREATEST_BREAK = 8.0

#: A sub-number (5之1, 5附1, 5甲) lies next door to its main number or behind it.
SUB_NUMBER_M = 60.0

#: A lane's mouth follows the numbers of its road less closely than doors do: lanes were numbered when they were made.
MOUTH_FACTOR = 1.6

#: Metres per number, both sides counted, that nine of ten gaps in the lanes of Taipei stay below.
PER_NUMBER_M = 6.0

#: What a place is off by, along the road, in shares of gap * sqrt(share * (1 - share)) and of the square root of the
#: break in metres per number beside it. Houses are of random width, so that a number's place between two plates is a
#: Brownian bridge: surest at the plates, least sure midway. Measured by leaving out one plate at a time, 93 % lie
#: within it among the stops of Taipei, 90 to 93 % among the plates of central Helsinki, all or three of ten of them.
SPREAD = 0.42

#: The break where no plates beside the two tell it: the median of such gaps.
UNTOLD_BREAK = 1.6

#: The way over a plate that is out of order: so many times that past it, and so many metres more.
DETOUR, DETOUR_M = 3.0, 150.0

#: Numbers run along one side of a lane where both odd and even ones hang on one line: so many plates must show it,
#: within so many metres, less than half the width of any street with two sides.
ROW_PLATES, ROW_M = 5, 3.0

_MAIN = re.compile("[0-9]+")


class Plate(NamedTuple):
    """A number as `writing.plain` writes it (5, 5附1, 5甲), and where it hangs, metres."""

    number: str
    x: float
    y: float
    #: how far off it may be; of use where a lane's mouth or a compound stands for a plate
    off_m: float = 0.0


Given = Plate | tuple[str, float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpolated:
    """Where a number should hang that no known plate bears."""

    #: where it should be, metres
    x: float
    y: float
    #: how far the true place may lie from it, metres: in nine of ten cases it does not lie farther
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
    #: its least and greatest number that is known
    first: int
    last: int
    #: how many of them are known
    plates: int


class _Hung(NamedTuple):
    """A plate by its main number, and where along which of the road's lines it hangs."""

    main: int
    plate: Plate
    #: metres along and to the left of each line that it is near to, by the line's place
    along: dict[int, Point]


def main_number(number: str) -> int | None:
    """Return the number that a house has without its addition; None without digits.

    Examples
    --------
    >>> main_number("5附1"), main_number("甲")
    (5, None)
    """
    found = _MAIN.search(number)
    return int(found[0]) if found else None


class Plates:
    """The known plates of one road, lane or compound, ready to tell where other numbers hang.

    Odd and even numbers are the two sides of a road, and each side is numbered on its own; where odd and even plates
    hang on one line, there is one side only.

    Parameters
    ----------
    plates
        Plates, or tuples of number, x, y; in any order, numbers may repeat. Those without digits are left out, and
        those that lie far off the way between the plates before and behind them.
    line
        The road's line or lines, to interpolate along; without it, straight.

    Examples
    --------
    >>> road = Plates([("1", 0.0, 0.0), ("11", 50.0, 0.0), ("2", 0.0, 20.0)])
    >>> found = road.between("5")
    >>> found.x, found.y, found.lower, found.upper, found.side
    (20.0, 0.0, '1', '11', 'odd')
    >>> road.between("13") is None, road.between("4") is None
    (True, True)
    """

    def __init__(self, plates: Iterable[Given], line: shapely.Geometry | None = None) -> None:
        hung = [_Hung(main, plate, {}) for main, plate in _by_main(plates)]
        self._courses = [] if line is None else courses(line)
        if self._courses:
            places = along([(hangs.plate.x, hangs.plate.y) for hangs in hung], self._courses)
            hung = [hangs._replace(along=place) for hangs, place in zip(hung, places, strict=True)]
        names = ("both",) if _in_row(hung) else ("odd", "even")
        self._sides = {
            name: _Side(_in_order([plate for plate in hung if name in {"both", _parity(plate.main)}])) for name in names
        }

    def between(self, number: str) -> Interpolated | None:
        """Return where a number hangs between the nearest lower and upper plate of its side.

        A sub-number sits with its main number, and a main number with its sub-numbers.

        Parameters
        ----------
        number
            As `writing.plain` writes it.

        Returns
        -------
        Interpolated or None
            None for a number beyond the plates of its side, and where these are too far apart, too near or too
            unequal to tell (see the constants of this module).
        """
        main = main_number(number)
        if main is None:
            return None
        name = "both" if "both" in self._sides else _parity(main)
        side = self._sides[name]
        place = bisect_left(side.mains, main)
        if place < len(side.mains) and side.mains[place] == main:
            return _beside(side.plates[place].plate, number, name)
        if not 0 < place < len(side.mains):
            return None
        return self._between(side, place - 1, main, name)

    def mouth(self, lane: str) -> Spot | None:
        """Return where a lane leaves the road: lane 423 lies at number 423, as in Taiwan and Shanghai.

        Parameters
        ----------
        lane
            The lane's number.

        Returns
        -------
        Spot or None
            None where the road's plates do not tell that number.

        Examples
        --------
        >>> road = Plates([("421", 0.0, 0.0), ("425", 40.0, 0.0)])
        >>> road.mouth("423").x, road.mouth("427")
        (20.0, None)
        """
        found = self.between(lane)
        return None if found is None else Spot(x=found.x, y=found.y, accuracy_m=MOUTH_FACTOR * found.accuracy_m)

    def start(self) -> Spot | None:
        """Return where a lane begins: numbers begin at its mouth, so that the lowest plate is as near as it is low.

        Examples
        --------
        >>> Plates([("2", 60.0, 15.0), ("8", 60.0, 45.0)]).start()
        Spot(x=60.0, y=15.0, accuracy_m=22.0)
        """
        lowest = min((side.plates[0] for side in self._sides.values() if side.plates), default=None)
        if lowest is None:
            return None
        main, plate, _ = lowest
        return Spot(x=plate.x, y=plate.y, accuracy_m=PLATE_M + plate.off_m + main * PER_NUMBER_M)

    def sides(self) -> tuple[Side, ...]:
        """Return the sides of the road that have plates with their ranges of numbers, the odd one first."""
        return tuple(
            Side(side=name, first=side.mains[0], last=side.mains[-1], plates=len(side.mains))
            for name, side in self._sides.items()
            if side.mains
        )

    def extent(self) -> Spot | None:
        """Return the plate in the middle, and how far the others reach from it; None without plates."""
        plates = [hung.plate for side in self._sides.values() for hung in side.plates]
        return extent([(plate.x, plate.y) for plate in plates])

    def _between(self, side: _Side, place: int, main: int, name: str) -> Interpolated | None:
        """Return where a number hangs between the plate at this place and the next."""
        lower, upper = side.plates[place], side.plates[place + 1]
        course, start, end = self._way(lower, upper)
        gap_m, numbers = abs(end[0] - start[0]), upper.main - lower.main
        broken = side.broken(place)
        if gap_m > LONGEST_GAP_M or numbers * LEAST_PER_NUMBER_M > gap_m + PLATE_M or broken > GREATEST_BREAK:
            return None
        share = (main - lower.main) / numbers
        off_m = PLATE_M + max(lower.plate.off_m, upper.plate.off_m)
        accuracy_m = off_m + SPREAD * sqrt(broken) * gap_m * sqrt(share * (1 - share))
        if accuracy_m > LEAST_ACCURACY_M:
            return None
        x, y = course.point(*on_the_way(start, end, share))
        return Interpolated(
            x=x,
            y=y,
            accuracy_m=accuracy_m,
            lower=lower.plate.number,
            upper=upper.plate.number,
            side=name,
        )

    def _way(self, lower: _Hung, upper: _Hung) -> tuple[Course, Point, Point]:
        """Return the line from plate to plate, and where along and off it they hang: straight where there is none."""
        common = lower.along.keys() & upper.along.keys()
        if common:
            row = min(common, key=lambda row: abs(lower.along[row][1]) + abs(upper.along[row][1]))
            return self._courses[row], lower.along[row], upper.along[row]
        points = (lower.plate.x, lower.plate.y), (upper.plate.x, upper.plate.y)
        straight = Course(points)
        return straight, (0.0, 0.0), (straight.length, 0.0)


class _Side:
    """Plates of one side of a road by number, and the metres per number from each to the next."""

    def __init__(self, plates: list[_Hung]) -> None:
        self.plates = plates
        self.mains = [plate.main for plate in plates]
        self._rates = [max(_far(a, b), LEAST_PER_NUMBER_M) / (b.main - a.main) for a, b in pairwise(plates)]

    def broken(self, place: int) -> float:
        """Return the factor by which metres per number differ from those of the gaps beside."""
        rates = self._rates
        beside = [abs(log(rates[other] / rates[place])) for other in (place - 1, place + 1) if 0 <= other < len(rates)]
        return exp(sum(beside) / len(beside)) if beside else UNTOLD_BREAK


def _by_main(plates: Iterable[Given]) -> Iterator[tuple[int, Plate]]:
    """Return one plate per main number, in order: the one without an addition, or the middle one of several."""
    groups: dict[int, list[Plate]] = {}
    for given in plates:
        plate = Plate(*given)
        main = main_number(plate.number)
        if main is not None:
            groups.setdefault(main, []).append(plate)
    for main in sorted(groups):
        number = min((plate.number for plate in groups[main]), key=lambda number: (len(number), number))
        same = [plate for plate in groups[main] if plate.number == number]
        yield main, same[0] if len(same) == 1 else _middle(same)


def _middle(plates: list[Plate]) -> Plate:
    """Return the middle one of plates with one number, as far off as the others reach."""
    spot = most_central([(plate.x, plate.y) for plate in plates])
    off_m = max(plate.off_m for plate in plates) + spot.accuracy_m - PLATE_M
    return Plate(plates[0].number, spot.x, spot.y, off_m)


def _in_order(plates: list[_Hung]) -> list[_Hung]:
    """Return plates without those that lie far off the way between the one before and the one behind."""
    kept = plates[:1]
    for place, plate in enumerate(plates[1:-1], start=1):
        before, behind = kept[-1], plates[place + 1]
        direct, way = _far(before, behind), _far(before, plate) + _far(plate, behind)
        if way <= max(DETOUR * direct, direct + DETOUR_M):
            kept.append(plate)
    return kept + plates[1:][-1:]


def _in_row(plates: list[_Hung]) -> bool:
    """Tell whether odd and even numbers hang on one line, one after the other."""
    across = []
    for before, plate, behind in zip(plates, plates[1:], plates[2:], strict=False):
        if before.main % 2 == behind.main % 2 != plate.main % 2 and (length := _far(before, behind)):
            ahead = behind.plate.x - before.plate.x, behind.plate.y - before.plate.y
            aside = plate.plate.x - before.plate.x, plate.plate.y - before.plate.y
            across.append(abs(ahead[0] * aside[1] - ahead[1] * aside[0]) / length)
    return len(across) >= ROW_PLATES and median(across) <= ROW_M


def _beside(plate: Plate, number: str, side: str) -> Interpolated:
    """Return the place of a plate for a number that differs from it by its addition, if at all."""
    accuracy_m = plate.off_m + (PLATE_M if plate.number == number else SUB_NUMBER_M)
    return Interpolated(
        x=plate.x,
        y=plate.y,
        accuracy_m=accuracy_m,
        lower=plate.number,
        upper=plate.number,
        side=side,
    )


def _parity(main: int) -> str:
    """Return the side of a number."""
    return "odd" if main % 2 else "even"


def _far(a: _Hung, b: _Hung) -> float:
    """Return the distance of two plates."""
    return hypot(a.plate.x - b.plate.x, a.plate.y - b.plate.y)
