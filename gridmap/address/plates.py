"""Which addresses of a road tell where its numbers hang."""

from __future__ import annotations

from collections.abc import Sequence
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
    row: Row


class RoadPlates(NamedTuple):
    """The plates of a road in their order."""

    #: one of its addresses
    row: Row
    #: where its metres begin, in the system of the table
    origin: Point
    plates: Plates


def nearest_plates(hung: Sequence[Hung], main: int, count: int) -> list[Hung]:
    """Return the plates of so many numbers of each side that are nearest to one."""
    by_distance = sorted({plate.told.main for plate in hung}, key=lambda other: (abs(other - main), other))
    near = {other for side in (0, 1) for other in [one for one in by_distance if one % 2 == side][:count]}
    return [plate for plate in hung if plate.told.main in near]


def told_by(part: Index, plot: int, lane: str) -> Told | None:
    """Return the number in a lane, or on the road, that a plot tells.

    The mouth of lane 121 is at number 121, as in Taiwan.
    """
    plate = part.plate_of(plot)
    return _told(plate, lane, plate[-1:] == "弄" and part.compound_of(plot) in MOUTHS)


@lru_cache(maxsize=65_536)
def _told(plate: str, lane: str, mouth: bool) -> Told | None:  # noqa: FBT001 - remembered by position
    """Return the number in a lane that a plate, or the mouth of a lane, tells."""
    if mouth:
        plate = plate[:-1]
    main = main_number(plate[len(lane) :]) if _in_lane(plate, lane) else None
    return None if main is None else Told(plate[len(lane) :], main, _MOUTH_M if mouth else 0.0)


def _in_lane(plate: str, lane: str) -> bool:
    """Tell whether a plate hangs in a lane, and in none that leads off it."""
    return len(plate) > len(lane) and plate.startswith(lane) and "弄" not in plate[len(lane) :] and "组" not in plate
