"""From the plots that a text may mean to one answer: the place, the several places, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from gridmap.address.answers import Candidate
from gridmap.address.book import Book, Plot
from gridmap.address.index import NO_BUILDING, Index
from gridmap.address.plates import Row
from gridmap.address.spots import extent
from gridmap.address.taking import parted
from gridmap.address.weighing import WEIGHTS, Case, is_whole
from gridmap.address.writing import plain_with_origins

#: How many candidates an ambiguous answer names.
CANDIDATES = 20

#: Addresses that say the same and are no farther apart are one place: a plate and the door beside it.
SAME_PLACE_M = 30.0

#: What is wider is more than one place of that level; a number may be a yard, or a plot with a street around it.
WIDEST_M = {"unit": 60.0, "building": 150.0, "number": 600.0, "group": 2000.0, "compound": 1500.0, "place": 1500.0}

#: Kinds of parts that an address of a level ends with, at the latest.
_ENDS = {
    "number": {"number", "lane", "group"},
    "group": {"group"},
    "lane": {"lane"},
    "building": {"building"},
    "unit": {"unit"},
}


class Place(NamedTuple):
    """One place that a text may mean."""

    candidate: Candidate
    local: str
    #: None for a place of the table
    accuracy_m: float | None


def best(book: Book, cases: list[Case]) -> list[Case]:
    """Return the cases that nothing tells from the best one."""
    if len(cases) == 1:
        return cases
    top = max(case.total for case in cases)
    left = [case for case in cases if case.total > top - WEIGHTS.margin]
    # the plate of a number stands for it, not the compounds there
    plates = {_number(book, case) for case in left if _level(case) == "number" and _whole(case)}
    return [case for case in left if _level(case) != "number" or _whole(case) or _number(book, case) not in plates]


def _number(book: Book, case: Case) -> tuple[object, ...]:
    """Return road, number and district of a plot."""
    index, plot = case.plot
    return index.road_of(plot), index.plate_of(plot), book.district(case.plot)


def places(book: Book, cases: list[Case]) -> list[Place]:
    """Return the places that cases lead to, those that are one place only once."""
    groups: list[tuple[Case, list[Row]]] = []
    for case in sorted(cases, key=_whole, reverse=True) if len(cases) > 1 else cases:
        rows = _rows(book, case)
        for other, others in groups:
            if _one_place(book, (other, others), (case, rows)):
                # an address that says just what was asked stands for those that say more
                others.extend(rows if _whole(other) == _whole(case) else ())
                break
        else:
            groups.append((case, rows))
    return [place for case, rows in groups for place in _placed(book, case, rows)]


def _rows(book: Book, case: Case) -> list[Row]:
    """Return the rows that a case leads to: those that say no more than was asked, else all."""
    index, inside = case.plot.part, case.inside
    if inside is None:
        return []
    found = book.places(index, inside.first, inside.last)
    whole = [place for place in found if is_whole(index, inside, place)]
    return [(index, index.rows[place]) for place in whole or found]


def _one_place(book: Book, one: tuple[Case, list[Row]], other: tuple[Case, list[Row]]) -> bool:
    """Tell whether two cases are one place: what was asked is the same of both, and they lie together."""
    (case, rows), (second, others) = one, other
    both = _whole(case) and _whole(second)
    widest_m = SAME_PLACE_M if both else WIDEST_M.get(_level(case), SAME_PLACE_M)
    together = _together(book, [*rows, *others], widest_m)
    return together and _same(book, case, second)


def _same(book: Book, case: Case, other: Case) -> bool:
    """Tell whether two plots are called the same by what was asked, in the same district."""
    a, b = case.plot, other.plot
    plates = (a.part.road_of(a.plot), a.part.plate_of(a.plot)), (b.part.road_of(b.plot), b.part.plate_of(b.plot))
    if plates[0] != plates[1] and (case.by != "compound" or _level(case) not in ("compound", "place")):
        return False
    if _level(case) != "number" and a.part.compound_of(a.plot) != b.part.compound_of(b.plot):
        return False
    return book.district(a) == book.district(b)


def _whole(case: Case) -> bool:
    """Tell whether the table has an address that says just what was asked."""
    return case.inside is not None and is_whole(case.plot.part, case.inside, case.inside.first)


def _level(case: Case) -> str:
    """Return the level that a case leads to."""
    return case.inside.level if case.inside else "number"


def _together(book: Book, rows: Sequence[Row], widest_m: float) -> bool:
    """Tell whether rows lie within a distance of the first, or in one building."""
    points = [(index.x[row], index.y[row]) for index, row in rows]
    if len(set(points)) == 1:
        return True
    buildings = {index.building_of[row] for index, row in rows}
    if len(buildings) == 1 and NO_BUILDING not in buildings:
        return True
    spot = extent(book.metres(points))
    return spot is not None and spot.accuracy_m <= widest_m


def _placed(book: Book, case: Case, rows: list[Row]) -> list[Place]:
    """Return the place of rows that are one, or each of those that are not."""
    level = _level(case)
    whole = _whole(case)
    if whole and _together(book, rows, SAME_PLACE_M):
        return [row_place(*rows[0])]
    if whole:
        return [row_place(*row) for row in rows[:CANDIDATES]]
    if len({(index.x[row], index.y[row]) for index, row in rows}) == 1 or _together(
        book, rows, WIDEST_M.get(level, 1e9)
    ):
        return [_middle(book, level, rows)]
    return [row_place(*row) for row in rows[:CANDIDATES]]


def row_place(index: Index, row: int) -> Place:
    """Return the place of an address."""
    text, local = index.text_and_local(row)
    candidate = Candidate(id=index.ids[row], text=text, level=index.level(row), x=index.x[row], y=index.y[row])
    return Place(candidate, local, None)


def _middle(book: Book, level: str, rows: list[Row]) -> Place:
    """Return the place of what several addresses have in common: one of them in the middle."""
    index, row, accuracy_m = middle(book, rows)
    text, local = shortened(index, row, level)
    # the door of a building stands for it where it has one only, or all are of one building of the table
    door = level == "building" and _together(book, rows, 0.0)
    candidate = Candidate(id=index.ids[row] if door else None, text=text, level=level, x=index.x[row], y=index.y[row])
    return Place(candidate, local, accuracy_m)


def middle(book: Book, rows: Sequence[Row]) -> tuple[Index, int, float]:
    """Return the row in the middle of some, and how far the others reach from it, metres."""
    points = [(index.x[row], index.y[row]) for index, row in rows]
    metres = book.metres(points)
    spot = extent(metres)
    if spot is None:
        raise LookupError("no rows have no middle")
    at = metres.index((spot.x, spot.y))
    return (*rows[at], spot.accuracy_m)


def shortened(index: Index, row: int, level: str) -> tuple[str, str]:
    """Return the text of an address as far as a level, whole and without its divisions."""
    text, local = index.text_and_local(row)
    written, origins = plain_with_origins(text)
    head, parts = parted(written)
    end = len(head)
    if level in ("compound", "place"):
        end = next((part.end for part in parts if part.kind in ("compound", "place")), end)
    elif level in _ENDS:
        end = max((part.end for part in parts if part.kind in _ENDS[level]), default=len(written))
    cut = origins[end - 1][1] if 0 < end <= len(origins) else len(text)
    return text[:cut], text[len(text) - len(local) : cut]


def known(book: Book, case: Case) -> Candidate | None:
    """Return what of a refused case exists: the plot without its building."""
    index, plot = case.plot
    first, last = index.places_of(plot)
    rows = [(index, index.rows[place]) for place in book.places(index, first, last)]
    if not rows:
        return None
    if index.plate_of(plot) and case.by == "road":
        level = "number"
    elif index.compound_of(plot):
        level = "compound"
    else:
        level = book.level("road", index.road_of(plot))
    whole = [row for row in rows if row[0].level(row[1]) == level]
    return (row_place(*whole[0]) if whole else _middle(book, level, rows)).candidate


def plot_rows(book: Book, plot: Plot) -> list[Row]:
    """Return the addresses of a plot."""
    index, number = plot
    return [(index, index.rows[place]) for place in book.places(index, *index.places_of(number))]


def road_candidate(book: Book, rows: Sequence[Row], level: str, plate: str) -> Place:
    """Return a road, village, lane or compound by all its addresses."""
    place = _middle(book, level if not plate.endswith("弄") else "lane", list(rows))
    return place._replace(candidate=replace(place.candidate, id=None, level=level))
