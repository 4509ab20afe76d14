"""Texts without a number: what a road, a compound, a community or a crossing is answered with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import hypot
from typing import Any, NamedTuple

import numpy as np
import shapely

from gridmap.address.answers import Candidate, Note
from gridmap.address.book import Book, Plot, Split, Stretch
from gridmap.address.deciding import WIDEST_M, Place, middle, row_place, shortened
from gridmap.address.evidence import Mention, Mentions
from gridmap.address.matching import Question
from gridmap.address.plates import Row
from gridmap.address.spots import Plane, Point, Spot, crossings, meeting
from gridmap.address.weighing import WEIGHTS, Case, weigh_divisions, weigh_road

#: Two stretches of one name that are nearer than this are one road.
SAME_ROAD_M = 500.0

#: An address names no more divisions, twice each of five levels; what does is no question for one.
MOST_DIVISIONS = 10

#: Answers of equal weight that are listed at most.
_MOST = 20

_MEET = re.compile(
    "的?(?:[丁十]字)?(?:三岔路?口|路?交叉路?口|交叉处?|路口|交汇处?口?|交会处?口?|交界处?口?|交接处|交岔口|岔口|交口|转角处?|拐角处?)"
)
_AND = tuple("与和跟及同-")


def is_meeting(words: str) -> bool:
    """Tell whether words say that two roads meet: 交叉口."""
    return _MEET.fullmatch(words) is not None


class Named(NamedTuple):
    """What a text without a number is answered with."""

    places: list[Place]
    notes: tuple[Note, ...]
    #: share of what the text says that the answer confirms
    score: float


def named(question: Question) -> Named | None:
    """Return the area, crossing, road or compound that a text names; None where it names none."""
    return crossing(question) or area(question) or known_name(question, question.splits) or _phases(question)


# --- areas


def area(question: Question) -> Named | None:
    """Return the finest division that a text names, if it names nothing else."""
    mentions = question.mentions
    if (
        mentions.rest
        or not 0 < len(mentions.items) <= MOST_DIVISIONS
        or any(mention.foreign for mention in mentions.items)
    ):
        return None
    book = question.book
    *above, finest = mentions.items
    found = [place for meaning, place, _ in book.mentioned.area_meanings(finest) if _lies_in(book, place, above)]
    notes = tuple(Note(meaning.code, finest.given, meaning.instead) for meaning in finest.meanings[:1] if meaning.code)
    places = [_area_place(book, place) for place in found[:_MOST]]
    return Named(places, notes, 1.0) if places else None


def _lies_in(book: Book, place: int, above: Sequence[Mention]) -> bool:
    """Tell whether an area lies in all divisions named before it, as far as these forbid others."""
    if not above:
        return True
    where = book.mentioned.whereabouts_of_area(place)
    return all(
        any(meaning.name in where.every for meaning in mention.meanings)
        or not all(meaning.level in where.by_level for meaning in mention.meanings)
        for mention in above
    )


def _area_place(book: Book, place: int) -> Place:
    """Return an area as a place: a point in it, and how far it reaches from there."""
    return book.remembered(("area", place), lambda: _drawn_place(book, place))


def _drawn_place(book: Book, place: int) -> Place:
    """Return a polygon as a place."""
    told, shape = book.mentioned.area(place)
    point = shape.representative_point()
    x, y = book.ground.from_degrees(point.x, point.y)
    corners = shapely.get_coordinates(shapely.convex_hull(shape))
    plane = Plane(point.x, point.y)
    reach = max(hypot(*plane.metres(lon, lat)) for lon, lat in corners.tolist())
    candidate = Candidate(id=None, text=told.name, level=told.level, x=x, y=y, area=told.code or None)
    return Place(candidate, told.name, round(reach, 1))


# --- roads and compounds


def known_name(question: Question, splits: Sequence[Split]) -> Named | None:
    """Return the road, village or compound that a text ends with."""
    for split in splits:
        if found := _of_split(question.book, split, question):
            return found
    return None


def places_of(question: Question, split: Split) -> list[Place]:
    """Return the roads or compounds of a name that nothing in the text speaks against."""
    found = _of_split(question.book, split, question)
    return found.places if found else []


def _phases(question: Question) -> Named | None:
    """Return all phases of a compound whose name says none."""
    phases = [] if question.splits else question.book.phases(question.head)
    found = [one for split in phases if (one := _of_split(question.book, split, question))]
    return Named([place for one in found for place in one.places], found[0].notes, 1.0) if found else None


def _of_split(book: Book, split: Split, question: Question) -> Named | None:
    """Return a road or compound by those of its stretches that nothing in the text speaks against."""
    if split.kind == "road" and split.mentions.rest:
        return None
    found = [
        (_case(book, stretch.plot, split, question), stretch) for stretch in book.stretches(split.kind, split.name)
    ]
    found = [(case, stretch) for case, stretch in found if not case.against and not _dropped(case)]
    if not found:
        return None
    top = max(case.total for case, _ in found)
    found = [(case, stretch) for case, stretch in found if case.total > top - WEIGHTS.margin]
    level = book.level(split.kind, split.name)
    notes = list(found[0][0].notes)
    if split.slip:
        notes.insert(0, Note("typo", split.given, split.name))
    score = 1.0 - (split.slip.cost / 2 if split.slip else 0)
    key = ("name", split.kind, split.name, tuple(stretch.plot for _, stretch in found))
    places = book.remembered(key, lambda: _name_places(book, level, [stretch for _, stretch in found]))
    return Named(places, tuple(dict.fromkeys(notes)), score)


def _name_places(book: Book, level: str, stretches: Sequence[Stretch]) -> list[Place]:
    """Return the roads or compounds that the stretches of one name make up."""
    groups = _groups(book, stretches, SAME_ROAD_M if level == "road" else WIDEST_M["compound"])
    return [_name_place(book, level, rows) for rows in groups[:_MOST]]


def _case(book: Book, plot: Plot, split: Split, question: Question) -> Case:
    """Return a plot weighed by what stands before the name."""
    case = Case(plot, question.said, split.mentions, by=split.kind)
    for weighing in (weigh_road, weigh_divisions):
        if not case.against:
            weighing(book, case)
    return case


def _dropped(case: Case) -> bool:
    """Tell whether a word was passed over: in a text without numbers it may be the name that is meant."""
    return any(note.code == "dropped" for note in case.notes)


def _groups(book: Book, stretches: Sequence[Stretch], apart_m: float) -> list[list[Row]]:
    """Return addresses of one name, those of one district together, and districts that are near each other."""
    by_district: dict[Any, list[Row]] = {}
    for stretch in stretches:
        by_district.setdefault(book.district(stretch.plot), []).extend(stretch.rows)
    groups: list[list[Row]] = []
    for rows in by_district.values():
        near = next((group for group in groups if _near(book, group, rows, apart_m)), None)
        groups.append(rows) if near is None else near.extend(rows)
    return groups


def _near(book: Book, group: list[Row], rows: list[Row], apart_m: float) -> bool:
    """Tell whether two sets of places come near each other."""
    points = [(index.x[row], index.y[row]) for index, row in (*group, *rows)]
    metres = np.array(book.metres(points))
    if not np.isfinite(metres).all():
        return False
    known, new = np.split(shapely.points(metres), [len(group)])
    return bool(shapely.STRtree(known).query(new, predicate="dwithin", distance=apart_m).size)


def _name_place(book: Book, level: str, rows: list[Row]) -> Place:
    """Return a road or compound as a place: its address in the middle, and how far it reaches."""
    index, row, reach = middle(book, rows)
    text, local = shortened(index, row, level)
    if len(rows) == 1 and index.local(row) == local:
        return row_place(index, row)
    candidate = Candidate(id=None, text=text, level=level, x=index.x[row], y=index.y[row])
    return Place(candidate, local, round(reach, 1))


# --- crossings


def crossing(question: Question) -> Named | None:
    """Return where the two roads meet that a text names together."""
    book, text = question.book, question.written
    found = _MEET.search(text)
    before = text[: found.start()] if found else text
    if found and found[0].startswith("路") and book.road(before + "路"):
        before += "路"
    second = book.road(before)
    if not second:
        return None
    rest = before[: -len(second)]
    if rest[-1:] in _AND and not book.road(rest):
        rest = rest[:-1]
    first = book.road(rest)
    if not first or first == second:
        return None
    mentions = book.mentioned.mentions(rest[: -len(first)])
    if mentions.open or any(mention.foreign for mention in mentions.items):
        return None
    spots = _spots(book, first, second, mentions)
    name = f"{first}与{second}交叉口"
    return Named([_crossing_place(name, spot) for spot in spots[:_MOST]], (), 1.0) if spots else None


def _crossing_place(name: str, spot: Spot) -> Place:
    """Return a crossing as a place."""
    candidate = Candidate(id=None, text=name, level="crossing", x=spot.x, y=spot.y)
    return Place(candidate, name, round(spot.accuracy_m, 1))


def _spots(book: Book, first: str, second: str, mentions: Mentions) -> list[Spot]:
    """Return where two roads meet, by their lines or else by their plates, in the system of the table."""
    lines = book.lines.get(first), book.lines.get(second)
    if None not in lines:
        origin = shapely.get_coordinates(lines[0])[0]
        planes = [shapely.transform(line, lambda xy: book.plane(xy, origin)) for line in lines]
        found = [_back(book, spot, (origin[0], origin[1])) for spot in crossings(*planes)]
        kept = [spot for spot in found if book.lies_in(mentions, spot.x, spot.y)]
        if kept:
            return kept
    return _by_plates(book, first, second, mentions)


def _by_plates(book: Book, first: str, second: str, mentions: Mentions) -> list[Spot]:
    """Return where the plates of two roads come near each other, district by district."""
    roads = [_by_district(book, name, mentions) for name in (first, second)]
    spots = []
    for district in roads[0].keys() & roads[1].keys():
        points = [*roads[0][district], *roads[1][district]]
        metres = book.metres(points)
        cut = len(roads[0][district])
        spot = meeting(metres[:cut], metres[cut:])
        if spot:
            spots.append(_back(book, spot, points[0]))
    return sorted(spots, key=lambda spot: (spot.x, spot.y))


def _by_district(book: Book, road: str, mentions: Mentions) -> dict[Any, list[Point]]:
    """Return the places of a road's plates by district, where the text does not speak against them."""
    found: dict[Any, list[Point]] = {}
    for stretch in book.stretches("road", road):
        if not book.evidence(mentions, stretch.plot).against:
            points = [(index.x[row], index.y[row]) for index, row in stretch.rows]
            found.setdefault(book.district(stretch.plot), []).extend(points)
    return found


def _back(book: Book, spot: Spot, origin: Point) -> Spot:
    """Return a place in metres in the system of the table."""
    x, y = book.ground.back((spot.x, spot.y), origin)
    return Spot(x=x, y=y, accuracy_m=spot.accuracy_m)
