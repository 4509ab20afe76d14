"""Which addresses of a road tell where its numbers hang."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Sequence
from functools import lru_cache
from typing import NamedTuple

from gridmap.address.index import Index
from gridmap.address.roads import Plates, main_number
from gridmap.address.spots import Point

#: Numbers of each side that tell whether the numbering is in order about a number between them.
NEAREST = 8

#: Those of them that are looked for along the line of the road: the two beside it, and those beside these.
ALONG_LINE = 4

#: How the mouth of a lane is said.
MOUTHS = frozenset({"口", "弄口", "巷口"})

#: Who writes down the mouth of a lane stands somewhere about it, metres.
_MOUTH_M = 15.0


Row = tuple[Index, int]


class Told(NamedTuple):
    """What the number of an address tells of its road."""

    number: str
    #: the number without its addition
    main: int
    #: how far off the plate the address may be, metres
    off_m: float


class Hung(NamedTuple):
    """An address that tells where a number of its road hangs."""

    told: Told
    part: Index
    row: int


class Telling(NamedTuple):
    """Addresses of one part, and what their numbers tell."""

    part: Index
    rows: Sequence[int]
    #: None of those that tell nothing
    told: Sequence[Told | None]


class Hanging:
    """All addresses of a road, or lane, that tell where its numbers hang.

    Parameters
    ----------
    telling
        The addresses; several may tell the same number.
    """

    __slots__ = ("_sides", "_telling")

    def __init__(self, telling: Sequence[Telling]) -> None:
        self._telling = telling
        mains = sorted({told.main for one in telling for told in one.told if told})
        #: the numbers of each side, in order
        self._sides = tuple([main for main in mains if main % 2 == side] for side in (0, 1))

    def beside(self, main: int) -> bool:
        """Tell whether there are numbers both below and above one."""
        ends = [end for side in self._sides if side for end in (side[0], side[-1])]
        return bool(ends) and min(ends) < main < max(ends)

    def nearest(self, main: int, count: int) -> list[Hung]:
        """Return the plates of so many numbers of each side that are nearest to one."""
        return self._plates({other for side in self._sides for other in _nearest(side, main, count)})

    def plates(self) -> list[Hung]:
        """Return the plates of all numbers."""
        return self._plates({main for side in self._sides for main in side})

    def _plates(self, mains: Container[int]) -> list[Hung]:
        """Return the plates of some numbers."""
        return [
            Hung(told, part, row)
            for part, rows, tells in self._telling
            for row, told in zip(rows, tells, strict=True)
            if told and told.main in mains
        ]


class RoadPlates(NamedTuple):
    """The plates of a road in their order."""

    #: one of its addresses
    row: Row
    #: where its metres begin, in the system of the table
    origin: Point
    plates: Plates


def _nearest(mains: list[int], main: int, count: int) -> list[int]:
    """Return so many of some numbers in order that are nearest to one, of two as near the lower."""
    place = bisect_left(mains, main)
    around = mains[max(0, place - count) : place + count]
    return sorted(around, key=lambda other: abs(other - main))[:count]


def told_by(part: Index, plot: int, lane: str) -> Told | None:
    """Return the number in a lane, or on the road, that a plot tells.

    The mouth of lane 121 is at number 121, as in Taiwan.
    """
    plate = part.plate_of(plot)
    if plate.endswith("弄"):
        return _told(plate[:-1], lane, _MOUTH_M) if part.compound_of(plot) in MOUTHS else None
    return _told(plate, lane)


@lru_cache(maxsize=65_536)
def _told(plate: str, lane: str, off_m: float = 0.0) -> Told | None:
    """Return the number in a lane that a plate tells, off which the address may be so far."""
    main = main_number(plate[len(lane) :]) if _in_lane(plate, lane) else None
    return None if main is None else Told(plate[len(lane) :], main, off_m)


def _in_lane(plate: str, lane: str) -> bool:
    """Tell whether a plate hangs in a lane, and in none that leads off it."""
    return len(plate) > len(lane) and plate.startswith(lane) and "弄" not in plate[len(lane) :] and "组" not in plate
