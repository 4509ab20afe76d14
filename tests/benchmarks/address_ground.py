"""The ground of a world of addresses: roads with a law for their numbers, and districts that towns fill.

Metres east and north of a district's south-west corner; `Spot` turns them into degrees.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from itertools import pairwise

from shapely import LineString

from tests.benchmarks.address_words import Names

#: metres from the middle of a road to its plates
SETBACK_M = 12.0
#: how far a road swings to either side of a straight line, and how long a swing is
SWING_M, SWING_LENGTH_M = 8.0, 1300.0
#: side of a district that has ten thousand addresses, and the number of roads that cross it each way
SIDE_M, LINES = 4000.0, 12
#: metres of a degree of latitude, and of longitude at the equator
NORTH_M, EAST_M = 110_950.0, 111_320.0
_SUFFIXES = ("路",) * 14 + ("街",) * 3 + ("大道", "大街", "大道")
_ORDINALS = "一二三四五六七八九十"


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a district's corner lies."""

    #: degrees
    lon: float
    lat: float

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Longitude and latitude of a place."""
        lon = self.lon + x / (EAST_M * math.cos(math.radians(self.lat)))
        return round(lon, 7), round(self.lat + y / NORTH_M, 7)


@dataclass(frozen=True, kw_only=True)
class Road:
    """A named piece of a line of the lattice, with the law that says where a number hangs."""

    #: its name
    name: str
    #: name of its district
    district: str
    #: whether it runs east
    across: bool
    #: northing of a road that runs east, easting of one that runs north
    level: float
    #: easting (northing) of its two ends
    start: float
    end: float
    #: metres from one number to the next, both sides counted
    pace_m: float
    #: swing of that law, so that numbers are not quite evenly spaced
    wave: tuple[float, float, float]
    #: whether numbers rise towards the end
    rising: bool
    #: whether odd numbers hang on the greater side (north, east)
    odd_above: bool
    #: the corner of its district
    spot: Spot
    #: numbers whose plates stand in the table
    numbers: set[int] = field(default_factory=set)

    @property
    def last(self) -> int:
        """The greatest number that the road has room for."""
        return int((self.end - self.start - 40 - self.wave[0]) / self.pace_m)

    def chainage(self, number: float) -> float:
        """Metres from the end where numbers begin."""
        swing, period, phase = self.wave
        return 20 + self.pace_m * number + swing * math.sin(2 * math.pi * number / period + phase)

    def middle(self, along: float) -> tuple[float, float]:
        """The middle of the road at an easting (northing)."""
        other = self.level + SWING_M * math.sin(2 * math.pi * along / SWING_LENGTH_M)
        return (along, other) if self.across else (other, along)

    def plate(self, number: float, back_m: float = 0.0) -> tuple[float, float]:
        """Where a number hangs; ``back_m`` metres farther from the road."""
        metres = self.chainage(number)
        x, y = self.middle(self.start + metres if self.rising else self.end - metres)
        side = SETBACK_M + back_m if (int(number) % 2 == 1) == self.odd_above else -SETBACK_M - back_m
        return (x, y + side) if self.across else (x + side, y)

    def line(self) -> LineString:
        """The road in degrees."""
        steps = max(2, int((self.end - self.start) / 60))
        metres = (self.start + (self.end - self.start) * k / steps for k in range(steps + 1))
        return LineString([self.spot.degrees(*self.middle(along)) for along in metres])


def lattice(chance: random.Random, names: Names, district: str, spot: Spot, scale: float) -> list[Road]:
    """The roads of a district, no name twice; `scale` times as long and as many as in one of ordinary size."""
    side, count = SIDE_M * scale, max(4, round(LINES * scale))
    roads: list[Road] = []
    stems: set[str] = set()
    for across in (True, False):
        levels = [(k + 0.5 + chance.uniform(-0.2, 0.2)) * side / count for k in range(count)]
        for level, called in zip(levels, _lines(chance, names, stems, count, across=across), strict=True):
            ends = _ends(chance, side, count, len(called))
            for name, (start, end) in zip(called, ends, strict=True):
                roads.append(_road(chance, name, district, spot, (across, level, start, end)))
    return roads


def _ends(chance: random.Random, side: float, count: int, pieces: int) -> list[tuple[float, float]]:
    """Where the pieces of a line begin and end: between the lines that cross it."""
    cuts = [0.0, *sorted(side * k / count for k in chance.sample(range(3, count - 2), pieces - 1)), side]
    return [(a + 5, b - 5) for a, b in pairwise(cuts)]


def _road(chance: random.Random, name: str, district: str, spot: Spot, run: tuple[bool, float, float, float]) -> Road:
    across, level, start, end = run
    pace = chance.uniform(5, 12)
    period = chance.uniform(30, 80)
    # the law must rise everywhere: its slope is pace less 2 pi swing / period
    swing = chance.uniform(0.1, 0.6) * pace * period / (2 * math.pi)
    return Road(
        name=name,
        district=district,
        across=across,
        level=level,
        start=start,
        end=end,
        pace_m=pace,
        wave=(swing, period, chance.uniform(0, 6.28)),
        rising=chance.random() < 0.7,
        odd_above=chance.random() < 0.5,
        spot=spot,
    )


def _lines(chance: random.Random, names: Names, stems: set[str], count: int, *, across: bool) -> list[tuple[str, ...]]:
    """Names of the pieces of each line: halves of one stem, numbered families, or names of their own."""
    called: list[tuple[str, ...]] = []
    words = ("东", "西") if across else ("北", "南")

    def fresh() -> str:
        stems.add(stem := names.road(stems))
        return stem

    while len(called) < count:
        kind = chance.random()
        if kind < 0.3:
            stem, suffix = fresh(), chance.choice(_SUFFIXES)
            pieces = (words[1], "中", words[0]) if chance.random() < 0.35 and count > 8 else words[::-1]
            called.append(tuple(stem + piece + suffix for piece in pieces))
        elif kind < 0.38:
            called += _family(fresh(), chance, stems, count - len(called), words)
        elif kind < 0.45:
            called.append((fresh() + chance.choice(_SUFFIXES),))
        else:
            called.append((fresh() + chance.choice(_SUFFIXES), fresh() + chance.choice(_SUFFIXES)))
    return called


def _family(
    stem: str, chance: random.Random, stems: set[str], most: int, words: tuple[str, str]
) -> list[tuple[str, ...]]:
    """``文一路 文二路 文二西路 文三路``: parallel roads that differ by their number."""
    head = stem[:1] if chance.random() < 0.6 else stem
    suffix = chance.choice(("路", "路", "街", "巷"))
    rows: list[tuple[str, ...]] = []
    for ordinal in _ORDINALS[: min(most, chance.randint(3, 5))]:
        if head + ordinal in stems:
            continue
        stems.add(head + ordinal)
        plain = head + ordinal + suffix
        rows.append((plain, head + ordinal + words[1] + suffix) if chance.random() < 0.4 else (plain,))
    return rows
