"""The addresses of a gazetteer in all its parts, those entered at first and those changed since, as if one."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.address.evidence import Evidence, Mentioned, Mentions, Whereabouts
from gridmap.address.ground import Ground
from gridmap.address.index import Index
from gridmap.address.likeness import Slip
from gridmap.address.plates import ALONG_LINE, NEAREST, Hanging, Hung, RoadPlates, Row, Telling, told_by
from gridmap.address.roads import Plate, Plates, main_number
from gridmap.address.spots import Point
from gridmap.address.taking import comparable


class Plot(NamedTuple):
    """A plot of one of the parts."""

    part: Index
    plot: int


T = TypeVar("T")

#: Names of the district that a place lies in.
District = frozenset[str] | None


class Stretch(NamedTuple):
    """The plots of a road or compound that lie in one home."""

    part: Index
    #: numbers of its plots
    plots: tuple[int, ...]
    #: rows of one address of each plot of a road, of all of a compound
    of_table: tuple[int, ...]

    @property
    def rows(self) -> list[Row]:
        """The addresses."""
        return [(self.part, row) for row in self.of_table]

    @property
    def plot(self) -> Plot:
        """One of the plots."""
        return Plot(self.part, self.plots[0])


class Split(NamedTuple):
    """One way to take the front of a text: divisions, then a name that is known."""

    #: what stands before the name
    mentions: Mentions
    #: road or compound
    kind: str
    #: as the table writes it, in the one way in which names are compared
    name: str
    #: as the text writes it
    given: str
    #: how it is off; None if it is not
    slip: Slip | None = None
    #: whether no other name is one slip from what is written
    alone: bool = True


class Book:
    """Looks names and numbers up in all parts of a gazetteer.

    Parameters
    ----------
    parts
        The indexes, the first one with most of the addresses.
    gone
        Rows of the first that hold no longer.
    mentioned
        Tells divisions.
    ground
        The system of the places.
    lines
        Lines of roads by name.
    aliases
        What other writings mean.
    """

    def __init__(
        self,
        parts: tuple[Index, ...],
        gone: frozenset[int],
        mentioned: Mentioned,
        *,
        ground: Ground,
        lines: Mapping[str, Any],
        aliases: Mapping[str, str],
    ) -> None:
        self.parts, self.gone, self.mentioned, self.ground = parts, gone, mentioned, ground
        #: what each alias means
        self.aliases = aliases
        self._alias_sizes = sorted({len(alias) for alias in aliases}, reverse=True)
        #: lines of roads by name, in the system of the table
        self.lines = {comparable(name): line for name, line in lines.items()}
        self._vocabularies = {"road": [part.roads for part in parts], "compound": [part.compounds for part in parts]}
        #: how long the names are that end with a character, longest first
        self._sizes = _sizes(word for part in parts for words in (part.roads, part.compounds) for word in words)
        self._phases: dict[str, list[str]] = {}
        for name in dict.fromkeys(word for part in parts for word in part.compounds):
            if phase := _PHASE.search(name):
                self._phases.setdefault(name[: phase.start()], []).append(name)
        self._sections: dict[str, list[str]] = {}
        for name in dict.fromkeys(word for part in parts for word in part.roads):
            if side := _SIDE.search(name):
                self._sections.setdefault(name[: side.start()] + (side[1] or ""), []).append(name)
        self.longest = max((sizes[0] for sizes in self._sizes.values()), default=0)
        mentioned.listen(self._slipped)
        self._where: dict[tuple[int, int], Whereabouts] = {}
        self._memory: dict[Hashable, Any] = {}
        self._evidence: dict[tuple[str, int, int], Evidence] = {}
        self.stretches = lru_cache(maxsize=_STRETCHES)(self._stretches)
        self.hanging = lru_cache(maxsize=_STRETCHES)(self._hanging)
        self.plates = lru_cache(maxsize=_STRETCHES)(self._plates)
        self.splits = lru_cache(maxsize=16_384)(self._splits)

    def load(self) -> None:
        """Read what is only read when it is needed, so that the first question is answered as fast as any."""
        for kind, vocabularies in self._vocabularies.items():
            for word in islice((word for words in vocabularies for word in words if word), 1):
                self.near(kind, f"{word[:-1]}某")
        self.mentioned.load()

    def has(self, kind: str, name: str) -> bool:
        """Tell whether a road or compound of this name is known."""
        return any(name in words for words in self._vocabularies[kind])

    def is_elsewhere(self, words: str) -> bool:
        """Tell whether words are no more than a division that the territory does not have: 上海市, not 上海银行."""
        mentions = self.mentioned.mentions(words)
        return mentions.foreign and not mentions.rest

    def level(self, kind: str, name: str) -> str:
        """Return what a name is that plates hang from: compound, road, or community."""
        return "community" if kind == "road" and self.mentioned.is_community(name) else kind

    def ends_with_compound(self, text: str) -> bool:
        """Tell whether a text ends with the name of a compound."""
        return any(self.has("compound", text[-size:]) for size in self._sizes.get(text[-1:], ()) if size <= len(text))

    def road(self, text: str) -> str:
        """Return the longest road of plates or lines that a text ends with; empty where there is none."""
        text = comparable(text)
        for start in range(max(0, len(text) - self.longest), len(text) - 1):
            if text[start:] in self.lines or self.has("road", text[start:]):
                return text[start:]
        return ""

    def sections(self, road: str) -> list[str]:
        """Return the roads that are called like one but for a side: 人民东路 and 人民路西段 for 人民路."""
        return self._sections.get(road, [])

    def near(self, kind: str, name: str) -> tuple[tuple[str, Slip], ...]:
        """Return the roads or compounds that are one slip from a name, the likeliest first."""
        if len(self.parts) == 1:
            return self.parts[0].names[kind].near(name)
        found = dict(one for part in self.parts for one in part.names[kind].near(name))
        return tuple(sorted(found.items(), key=lambda one: one[1].cost))

    def _slipped(self, part: str) -> bool:
        """Tell whether a text is a likely slip of the name of a road or compound."""
        return any(slip.kind in LIKELY for kind in ("road", "compound") for _, slip in self.near(kind, part))

    def at(self, road: str, plate: str) -> list[Plot]:
        """Return the plots at a number of a road."""
        return [Plot(part, plot) for part in self.parts for plot in self._alive(part, part.plots_at(road, plate))]

    def within(self, road: str, parent: str) -> list[Plot]:
        """Return the plots of a lane, or of a group of houses."""
        return [Plot(part, plot) for part in self.parts for plot in self._alive(part, part.plots_within(road, parent))]

    def of(self, compound: str) -> Iterator[Plot]:
        """Return the plots of a compound, one after the other: half a town may be called so."""
        return (Plot(part, plot) for part in self.parts for plot in self._alive(part, part.plots_of(compound)))

    def _alive(self, part: Index, plots: Sequence[int]) -> Iterable[int]:
        """Return the plots that have an address left."""
        if not self.gone or part is not self.parts[0]:
            return plots
        return (plot for plot in plots if self.places(part, *part.places_of(plot)))

    def places(self, index: Index, first: int, last: int) -> Sequence[int]:
        """Return those places of a stretch whose addresses hold."""
        if not self.gone or index is not self.parts[0]:
            return range(first, last)
        return [place for place in range(first, last) if index.rows[place] not in self.gone]

    def _hanging(self, road: str, lane: str, district: District) -> Hanging:
        """Return the plates of a road in a district, or of one of its lanes."""
        return Hanging(
            [
                Telling(part, rows, [told_by(part, plot, lane) for plot in plots])
                for part, plots, rows in self.stretches("road", road)
                if self.district(Plot(part, plots[0])) == district
            ]
        )

    def _plates(self, road: str, lane: str, district: District) -> RoadPlates | None:
        """Return all plates of a road in a district, along its line, or of one of its lanes."""
        plates = self.hanging(road, lane, district).plates()
        return self._along(plates, None if lane else self.lines.get(road)) if plates else None

    def plates_near(self, road: str, district: District, number: str) -> RoadPlates | None:
        """Return the plates of a road that tell where a number hangs: the nearest ones on both sides.

        Most numbers asked in vain hang between no plates: the line is only followed for those that do.
        """
        lane = number[: number.rfind("弄") + 1]
        hanging, inside = self.hanging(road, lane, district), number.removeprefix(lane)
        main = main_number(inside)
        if main is None or not hanging.beside(main):
            return None
        straight = self._along(hanging.nearest(main, NEAREST), None)
        between = straight.plates.between(inside)
        line = None if lane else self.lines.get(road)
        if line is None or between is None or between.lower == between.upper:
            return straight
        return self._along(hanging.nearest(main, ALONG_LINE), line)

    def _along(self, hung: Sequence[Hung], line: shapely.Geometry | None) -> RoadPlates:
        """Return plates of one road, along its line, or straight on without one."""
        points = [(part.x[row], part.y[row]) for _, part, row in hung]
        plates = [
            Plate(plate.told.number, x, y, plate.told.off_m)
            for plate, (x, y) in zip(hung, self.metres(points), strict=True)
        ]
        along = None if line is None else self._in_plane(line, points[0])
        return RoadPlates((hung[0].part, hung[0].row), points[0], Plates(plates, along))

    def _in_plane(self, line: shapely.Geometry, origin: Point) -> shapely.Geometry:
        """Return a line in metres."""
        return shapely.transform(line, lambda xy: self.plane(xy, origin))

    def _stretches(self, kind: str, name: str) -> tuple[Stretch, ...]:
        """Return the plots of a road or compound, those of one home together."""
        found: list[Stretch] = []
        for part in self.parts:
            homes: dict[int, list[int]] = {}
            for plot in self._alive(part, part.plots_along(name) if kind == "road" else part.plots_of(name)):
                homes.setdefault(part.home_of(plot), []).append(plot)
            found.extend(self._stretch(kind, part, plots) for plots in homes.values())
        return tuple(found)

    def _stretch(self, kind: str, part: Index, plots: list[int]) -> Stretch:
        """Return plots of one home with their addresses."""
        held = [self.places(part, *part.places_of(plot)) for plot in plots]
        told = [places[:1] for places in held] if kind == "road" else held
        return Stretch(part, tuple(plots), tuple([part.rows[place] for places in told for place in places]))

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made of the same key before, or make it."""
        found: T | None = self._memory.get(key)
        if found is None:
            if len(self._memory) >= _REMEMBERED:
                self._memory.clear()
            found = self._memory[key] = make()
        return found

    def evidence(self, mentions: Mentions, plot: Plot) -> Evidence:
        """Return what the divisions in a text say of a plot."""
        part, number = plot
        key = (mentions.front, id(part), part.home_of(number))
        found = self._evidence.get(key)
        if found is None:
            row = part.rows[part.places_of(number)[0]]
            found = self.mentioned.weigh(mentions.items, self.where(plot), *self.degrees(part, row))
            if found.throughout:
                if len(self._evidence) >= _REMEMBERED:
                    self._evidence.clear()
                self._evidence[key] = found
        return found

    def where(self, plot: Plot) -> Whereabouts:
        """Return the names of the divisions that a plot lies in."""
        home = plot.part.home_of(plot.plot)
        key = (id(plot.part), home)
        if key not in self._where:
            self._where[key] = self.mentioned.whereabouts(plot.part.homes[home])
        return self._where[key]

    def district(self, plot: Plot) -> District:
        """Return the names of the district that a plot lies in; None where that is not known."""
        return self.where(plot).by_level.get("district")

    def degrees(self, index: Index, row: int) -> Point:
        """Return where an address is, in degrees."""
        return self.ground.degrees(index.x[row], index.y[row])

    def metres(self, points: Sequence[Point]) -> list[Point]:
        """Return places in metres of one plane, which begins at the first of them."""
        return self.ground.metres(points, points[0]) if points else []

    def plane(self, xy: NDArray[np.float64], origin: Sequence[float]) -> NDArray[np.float64]:
        """Return coordinates of lines in metres of one plane."""
        start = float(origin[0]), float(origin[1])
        return np.array(self.ground.metres([(x, y) for x, y in xy.tolist()], start))

    def lies_in(self, mentions: Mentions, x: float, y: float) -> bool:
        """Tell whether a place lies in all divisions that a text names, as far as they are drawn."""
        lon, lat = self.ground.degrees(x, y)
        return self.mentioned.hold(mentions.items, lon, lat)

    def without_alias(self, written: str) -> Iterator[tuple[str, str]]:
        """Return each alias that a text holds, the longest first, and the text with what it means instead."""
        for size in self._alias_sizes:
            for start in range(len(written) - size + 1):
                alias = written[start : start + size]
                if alias in self.aliases and self._stands_alone(written, start, start + size):
                    yield alias, written[:start] + self.aliases[alias] + written[start + size :]

    def _stands_alone(self, written: str, start: int, end: int) -> bool:
        """Tell whether a stretch of a text is no part of a longer name or number."""
        if written[end - 1].isdigit() and written[end : end + 1].isdigit():
            return False
        return not start or written[start - 1] in "号弄组" or not self.mentioned.mentions(written[:start]).open

    def written(self, text: str) -> Iterator[tuple[Index, int]]:
        """Return the rows whose plain writing is just this text."""
        for part in self.parts:
            for row in part.written(text):
                if part is not self.parts[0] or row not in self.gone:
                    yield part, row

    def phases(self, head: str) -> list[Split]:
        """Return the ways to take a front whose end is the name that phases of a compound share."""
        for start in range(max(0, len(head) - self.longest), len(head)):
            if names := self._phases.get(head[start:]):
                mentions = self.mentioned.mentions(head[:start])
                return [Split(mentions, "compound", name, head[start:]) for name in names]
        return []

    def _splits(self, head: str) -> tuple[Split, ...]:
        """Return the ways to take a front whose end is a known name, the longest name first."""
        found = []
        for size in self._sizes.get(head[-1:], ()):
            if size > len(head):
                continue
            name = head[-size:]
            for kind, vocabularies in self._vocabularies.items():
                for words in vocabularies:
                    if name in words:
                        mentions = self.mentioned.mentions(head[:-size])
                        # what stands right before a name and tells nothing may be a part of it: 旧人民路
                        if not (mentions.open and len(mentions.rest[-1]) <= _PART_OF_NAME):
                            found.append(Split(mentions, kind, name, name))
                        break
        return tuple(found)


def _sizes(names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return how long the names are that end with a character, longest first."""
    found: dict[str, set[int]] = {}
    for char, size in {(name[-1], len(name)) for name in names if name}:
        found.setdefault(char, set()).add(size)
    return {char: tuple(sorted(sizes, reverse=True)) for char, sizes in found.items()}


#: What tells the phases of a compound from each other, behind a name of three characters or more.
_PHASE = re.compile("(?<=...)(?:[一二三四五六七八九十]+期|[东南西北]区)$")

#: What tells the sides of a long road from each other, in the name or behind it: 人民东路, 人民路东段.
_SIDE = re.compile("(?<=..)[东南西北中](大道|大街|公路|路|街|巷)$|(?<=路|街|道)[东南西北中]段$")

#: What divisions in a text say of a home; some 10 MB when full.
_REMEMBERED = 16_384


#: Roads and compounds whose addresses are remembered together; some 50 MB when full.
_STRETCHES = 1024

#: Slips that are believed where all else fits and no other name is as near.
LIKELY = frozenset({"homophone", "shape", "swap", "drop", "insert"})

#: So few characters before a name that are no division are taken for its beginning.
_PART_OF_NAME = 2
