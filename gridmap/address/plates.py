"""Which addresses of a road tell where its numbers hang."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gridmap.address.index import Index
from gridmap.address.roads import Plates
from gridmap.address.spots import Point

#: Numbers of each side that tell where a number between them hangs, and whether the numbering is in order there.
_NEAREST = 8

#: How the mouth of a lane is said.
MOUTHS = frozenset({"口", "弄口", "巷口"})

#: Who writes down the mouth of a lane stands somewhere about it, metres.
_MOUTH_M = 15.0


Row = tuple[Index, int]


class Hung(NamedTuple):
    """An address that tells where a number of its road hangs."""

    number: str
    #: the number without its addition
    main: int
    row: Row
    #: how far off the plate it may be, metres
    off_m: float


class RoadPlates(NamedTuple):
    """The plates of a road in their order."""

    #: one of its addresses
    row: Row
    #: where its metres begin, in the system of the table
    origin: Point
    plates: Plates


def nearest_plates(hung: Sequence[Hung], main: int) -> list[Hung]:
    """Return the plates of those numbers of each side that are nearest to one."""
    by_distance = sorted({plate.main for plate in hung}, key=lambda other: (abs(other - main), other))
    near = {other for side in (0, 1) for other in [one for one in by_distance if one % 2 == side][:_NEAREST]}
    return [plate for plate in hung if plate.main in near]


def told_by(part: Index, plot: int, lane: str) -> Iterator[tuple[str, float]]:
    """Return the number in a lane, or on the road, that a plot tells, and how far off its plate it may be, metres.

    The mouth of lane 121 is at number 121, as in Taiwan.
    """
    plate = part.plate_of(plot)
    if _in_lane(plate, lane):
        yield plate.removeprefix(lane), 0.0
    elif plate.endswith("弄") and part.compound_of(plot) in MOUTHS and _in_lane(plate[:-1], lane):
        yield plate[len(lane) : -1], _MOUTH_M


def _in_lane(plate: str, lane: str) -> bool:
    """Tell whether a plate hangs in a lane, and in none that leads off it."""
    return len(plate) > len(lane) and plate.startswith(lane) and "弄" not in plate[len(lane) :] and "组" not in plate
