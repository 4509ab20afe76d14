"""What speaks for and against a plot being the one that a text means: named steps, each with its gain."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gridmap.address.answers import Note, Step
from gridmap.address.book import LIKELY, Book, Plot
from gridmap.address.evidence import Mentions
from gridmap.address.index import Index
from gridmap.address.likeness import Slip
from gridmap.address.taking import Numbered


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each agreement counts: what tells more places apart counts more."""

    #: one of some thousand names; a slip takes off its cost
    road: float = 3.0
    #: one of some hundred on the road
    number: float = 3.0
    #: one of some thousand names
    compound: float = 3.0
    #: of a name only what all phases of a compound share
    part_of_compound: float = 2.0
    #: one of some ten in the plot
    building: float = 2.0
    unit: float = 1.0
    #: a building that is known without that unit is hardly the one that is meant where another has it
    unit_unknown: float = -0.8
    room: float = 0.5
    #: by level: coarse ones hold for nearly all places of a territory; streets and communities are often wrong or
    #: merged since, so that a wrong one costs less than a right one gains
    agrees: tuple[tuple[str, float], ...] = (
        ("province", 0.2),
        ("city", 0.5),
        ("district", 2.0),
        ("street", 0.8),
        ("community", 1.2),
    )
    otherwise: tuple[tuple[str, float], ...] = (("street", -0.3), ("community", -0.4))
    #: a word that means nothing here
    dropped: float = -0.5
    #: two places that differ by less answer equally well: less than any single agreement that tells places apart
    margin: float = 0.35


WEIGHTS = Weights()
_AGREES = dict(WEIGHTS.agrees)
_OTHERWISE = dict(WEIGHTS.otherwise)


class Inside(NamedTuple):
    """The addresses of a plot that a text means."""

    #: what they have in common
    level: str
    first: int
    last: int
    #: whether more was said than tells which of them is meant
    open: bool = False


_NOWHERE = Inside("number", 0, 0)


@dataclass(slots=True)
class Case:
    """A plot that a text may mean, and what speaks for it."""

    plot: Plot
    said: Numbered
    mentions: Mentions
    #: what the text said and what was found, one step after the other
    steps: list[Step] = field(default_factory=list)
    #: all gains together
    total: float = 0.0
    notes: list[Note] = field(default_factory=list)
    #: what led here: road or compound
    by: str = "road"
    #: how the name that led here was off; None if it was not
    slip: Slip | None = None
    #: whether no other name is as near to what is written
    alone: bool = True
    #: what speaks against it so much that it cannot be meant: the reason
    against: str = ""
    inside: Inside | None = None
    #: what agreed besides the name that led here
    agreed: set[str] = field(default_factory=set)

    def gain(self, name: str, points: float, detail: str) -> None:
        """Add a step."""
        self.steps.append(Step(name, points, detail))
        self.total += points


#: Numbers that stand for words.
Labels = Sequence[int]

#: A room's number has as many digits or more.
_ROOM_DIGITS = 3

#: Digits of a unit and a room above the ninth floor.
_UNIT_AND_ROOM = 5

#: A name that holds a number with its word says more than a name.
_NUMBERS = re.compile("[一二三四五六七八九十](?:号|幢|栋|单元|室|弄|-[一二三四五六七八九十])")

Weighing = Callable[[Book, Case], None]


def weigh_compound(book: Book, case: Case) -> None:
    """Compare the names behind the number, and those before the road, with the compound of the plot."""
    own = case.plot.part.compound_of(case.plot.plot)
    asked = [*case.said.names, *(name for name in case.mentions.rest if book.has("compound", name))]
    said = asked or case.said.behind
    if not said or case.by == "compound":
        return
    for name in (*asked, *case.said.behind):
        if own and _same_compound(book, case, name, own):
            case.agreed.add("compound")
            if any(_NUMBERS.search(behind) for behind in case.said.behind):
                case.against = "no_such_building"
            return
    if not asked:
        _drop(book, case, case.said.behind)
    elif any(book.has("compound", name) for name in asked) or (own and case.said.building):
        case.against = "no_such_compound"
    else:
        _drop(book, case, tuple(asked))


def _drop(book: Book, case: Case, names: tuple[str, ...]) -> None:
    """Pass over names that mean nothing here, unless they number something."""
    for name in names:
        if _NUMBERS.search(name):
            case.against = "no_such_building"
        elif book.is_elsewhere(name):
            case.against = "other_place"
        case.gain("dropped", WEIGHTS.dropped, name)
        case.notes.append(Note("dropped", name, ""))


def _same_compound(book: Book, case: Case, name: str, own: str) -> bool:
    """Compare one name with that of a compound."""
    if name == own:
        case.gain("compound", WEIGHTS.compound, own)
        return True
    if book.has("compound", name) and not _phase_left_out(name, own):
        return False
    if _phase_left_out(name, own) or (name.removesuffix("小区") == own.removesuffix("小区")):
        case.gain("compound", WEIGHTS.part_of_compound, own)
        return True
    slip = next((slip for word, slip in book.near("compound", name) if word == own), None)
    if slip is None or (slip.kind not in LIKELY and not _has_building(case)):
        return False
    case.gain("compound", WEIGHTS.compound * (1 - slip.cost / 2), f"{name} for {own}")
    case.notes.append(Note("typo", name, own))
    return True


def _has_building(case: Case) -> bool:
    """Tell whether the plot, which road and number led to, has the building that the text names."""
    index, plot = case.plot
    label = index.labels.get(case.said.building, 0)
    return label > 0 and _among(index.building, label, *index.places_of(plot)) is not None


def _phase_left_out(name: str, own: str) -> bool:
    """Tell whether a name is that of a compound without its phase: 阳光花园 of 阳光花园二期."""
    return own.startswith(name) and len(name) > len(own) - len(name)


def weigh_road(book: Book, case: Case) -> None:
    """Compare roads that stand before a compound with the road that the compound is on."""
    for name in case.mentions.rest:
        road = next((name[start:] for start in range(len(name) - 1) if book.has("road", name[start:])), None)
        own = case.plot.part.road_of(case.plot.plot)
        if road is None:
            if not book.has("compound", name):
                _drop(book, case, (name,))
        elif own and road != own:
            case.against = "contradiction"
        elif own:
            case.agreed.add("road")
            case.gain("road", WEIGHTS.road, road)


def weigh_divisions(book: Book, case: Case) -> None:
    """Compare the divisions in the text with those that the plot lies in."""
    items = case.mentions.items
    if not items:
        return
    found = book.evidence(case.mentions, case.plot)
    for level, sure in found.agreed:
        case.agreed.add(level)
        case.gain(level, _AGREES.get(level, 0.0) * sure, "")
    case.notes.extend(found.notes)
    for mention in found.other:
        meaning = mention.meanings[0]
        points = _OTHERWISE.get(meaning.level, 0.0)
        case.gain(meaning.level, points, mention.given)
        taken = ", ".join(sorted(book.where(case.plot).by_level.get(meaning.level, ())))
        case.notes.append(Note("other_division", mention.given, taken))
    if found.against:
        case.against = "other_place" if any(mention.foreign for mention in found.against) else "contradiction"


def weigh_inside(_: Book, case: Case) -> None:
    """Look for building, unit and room in the plot."""
    index, plot = case.plot
    first, last = index.places_of(plot)
    level = "number" if case.said.plate or index.plate_of(plot) else "compound" if index.compound_of(plot) else "road"
    case.said = _storey(index, case.said, first, last)
    case.inside = Inside(level, first, last)
    _to_building(index, case)
    if not case.against:
        _to_unit(index, case)
        _to_room(index, case)


def _to_building(index: Index, case: Case) -> None:
    """Go from a plot to the building that is named."""
    said, (level, first, last, _) = case.said, case.inside or _NOWHERE
    if said.building:
        found = _among(index.building, index.labels.get(said.building, -1), first, last)
        if found is None:
            case.against = "no_such_building"
            return
        case.inside = Inside("building", *found)
        case.agreed.add("building")
        case.gain("building", WEIGHTS.building, said.building)
    elif said.unit or said.rest:
        # units of a plot without buildings; where it has buildings the unit alone does not tell which
        bare = _among(index.building, 0, first, last)
        if bare and (bare[1] == last or index.unit[bare[1] - 1] or index.rest[bare[1] - 1]):
            case.inside = Inside(level, *bare)
        else:
            case.inside = Inside(level, first, last, open=True)


def _to_unit(index: Index, case: Case) -> None:
    """Go from a building to the unit that is named."""
    _, first, last, _ = case.inside or _NOWHERE
    if _glued(case.said) and _has_unit(index, case.said.rest[0], first, last):
        case.said = case.said._replace(unit=case.said.rest[0], rest=case.said.rest[1:])
    unit = case.said.unit
    if not unit:
        return
    if _has_unit(index, unit, first, last) and (found := _among(index.unit, index.labels[unit], first, last)):
        case.inside = Inside("unit", *found)
        case.agreed.add("unit")
        case.gain("unit", WEIGHTS.unit, unit)
    else:
        case.gain("unit", WEIGHTS.unit_unknown, unit)
        case.notes.append(Note("unit_unknown", unit, ""))


def _to_room(index: Index, case: Case) -> None:
    """Go from a building or unit to the room that is named, where one alone is called so."""
    rest, (_, first, last, _) = case.said.rest, case.inside or _NOWHERE
    if not rest or not _one(index.building, first, last):
        return
    label = index.labels.get(rest, -1)
    places = [place for place in range(first, last) if index.rest[place] == label]
    if len(places) == 1:
        case.inside = Inside("floor" if rest.endswith("层") else "room", places[0], places[0] + 1)
        case.gain("room", WEIGHTS.room, rest)


def _glued(said: Numbered) -> bool:
    """Tell whether unit and room may be written as one number: 12302 for room 2302 of unit 1."""
    return not said.unit and len(said.rest) == _UNIT_AND_ROOM and said.rest.isdecimal()


def _has_unit(index: Index, unit: str, first: int, last: int) -> bool:
    """Tell whether a building has a unit."""
    return _one(index.building, first, last) and bool(_among(index.unit, index.labels.get(unit, -1), first, last))


def _storey(index: Index, said: Numbered, first: int, last: int) -> Numbered:
    """Return 3楼 as building 3, and 3-2 as its unit 2, where the plot has such a one, else as floor or room."""
    if said.building or said.unit:
        return said
    building, dash, rest = said.rest.partition("-")
    if dash and _among(index.building, index.labels.get(building, -1), first, last):
        room = len(rest) >= _ROOM_DIGITS
        return said._replace(building=building, unit="" if room else rest, rest=rest if room else "")
    if not said.storey:
        return said
    found = _among(index.building, index.labels.get(said.storey, -1), first, last)
    rest = "" if said.rest.endswith("层") else said.rest
    return said._replace(building=said.storey, rest=rest) if found else said


def is_whole(index: Index, inside: Inside, place: int) -> bool:
    """Tell whether one of some addresses says no more than their level."""
    if inside.open:
        return False
    if inside.level in ("room", "floor"):
        return True
    if index.rest[place]:
        return False
    return inside.level == "unit" or (
        not index.unit[place] and (inside.level == "building" or not index.building[place])
    )


def _one(labels: Labels, first: int, last: int) -> bool:
    """Tell whether a stretch has one label only."""
    return bool(labels[first] == labels[last - 1])


def _among(labels: Labels, label: int, first: int, last: int) -> tuple[int, int] | None:
    """Return the stretch of a label among sorted ones."""
    if label < 0:
        return None
    start = bisect_left(labels, label, first, last)
    end = bisect_left(labels, label + 1, start, last)
    return (start, end) if start < end else None


#: In this order; a plot that one of them speaks against is not weighed further.
WEIGHINGS: tuple[Weighing, ...] = (weigh_compound, weigh_road, weigh_divisions, weigh_inside)


def weighed(book: Book, case: Case) -> Case:
    """Return a case with all its gains."""
    for weighing in WEIGHINGS:
        weighing(book, case)
        if case.against:
            break
    return case


def attainable(case: Case) -> float:
    """Return the gains of an address that confirms all that a text says."""
    said = case.said
    points = sum(_AGREES.get(mention.meanings[0].level, 0.0) for mention in case.mentions.items)
    points += WEIGHTS.compound * bool(said.names) if case.by == "road" else 0.0
    points += WEIGHTS.building * bool(said.building) + WEIGHTS.unit * bool(said.unit) + WEIGHTS.room * bool(said.rest)
    points += WEIGHTS.road + (WEIGHTS.number if said.plate else 0.0)
    return points
