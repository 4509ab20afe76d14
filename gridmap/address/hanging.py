"""What the table lacks but its plates tell: numbers between two of their side of the road, and mouths of lanes."""

from __future__ import annotations

from collections.abc import Iterator

from gridmap.address.answers import Candidate, Note
from gridmap.address.book import Book, District, Split
from gridmap.address.deciding import Place
from gridmap.address.endings import ends_as_road
from gridmap.address.index import Index
from gridmap.address.matching import Question
from gridmap.address.plates import MOUTHS
from gridmap.address.taking import taken
from gridmap.address.writing import plain


def hung(question: Question) -> tuple[Place, Note] | None:
    """Return where a number should hang that lies between two plates of its side of the road.

    Only where nothing finer is asked, and one road alone can be meant.
    """
    said = question.said
    if not said.plate or "组" in said.plate or said.names or said.building or said.unit or said.behind:
        return None
    found = [place for split in question.splits if split.kind == "road" for place in _on_roads(question, split)]
    return found[0] if len(found) == 1 else None


def _on_roads(question: Question, split: Split) -> Iterator[tuple[Place, Note]]:
    """Return where a number should hang on each road of a name."""
    book, plate = question.book, question.said.plate
    if not (ends_as_road(split.name) or split.name in book.lines) or book.mentioned.is_community(split.name):
        return
    if book.at(split.name, plate):
        return
    inside = plate[plate.rfind("弄") + 1 :]
    for district in _districts(book, split):
        road = book.plates_near(split.name, district, plate)
        between = road.plates.between(inside) if road else None
        # 5号附4 and 甲5号 are addresses of their own: where 5号 alone is known they do not hang between two plates
        if road and between and between.lower != between.upper:
            x, y = book.ground.back((between.x, between.y), road.origin)
            text, local = _written(*road.row, f"{plate}号")
            one = Candidate(id=None, text=text, level="interpolated", x=x, y=y)
            note = Note("interpolated", plate, f"{between.lower} - {between.upper}")
            yield Place(one, local, round(between.accuracy_m, 1)), note


def _districts(book: Book, split: Split) -> list[District]:
    """Return the districts of a road that the divisions in the text do not forbid."""
    found = {
        book.district(stretch.plot)
        for stretch in book.stretches("road", split.name)
        if not book.evidence(split.mentions, stretch.plot).against
    }
    return sorted(found, key=lambda district: sorted(district or ()))


def mouth(question: Question) -> tuple[Place, Note] | None:
    """Return where a lane leaves its road: 423弄口.

    The lane's own lowest plate tells it, or the number that it bears among those of its road, whichever is surer.
    """
    said = question.said
    if (
        len(said.names) != 1
        or said.names[0] not in MOUTHS
        or not said.plate.endswith("弄")
        or said.building
        or said.unit
        or said.behind
    ):
        return None
    found = [
        (place, Note("relation", said.names[0], ""))
        for split in question.splits
        if split.kind == "road"
        for district in _districts(question.book, split)
        for place in _mouths(question.book, split.name, said.plate, district)
    ]
    return found[0] if len(found) == 1 else None


def _mouths(book: Book, name: str, lane: str, district: District) -> Iterator[Place]:
    """Return where a lane of a road in a district begins, if that can be told."""
    outer = lane[: lane.rfind("弄", 0, -1) + 1]
    road, inside = book.plates(name, outer, district), book.plates(name, lane, district)
    told = [(road, road.plates.mouth(lane.removeprefix(outer)))] if road else []
    told += [(inside, inside.plates.start())] if inside else []
    spots = [(plates, spot) for plates, spot in told if spot]
    if not spots:
        return
    plates, spot = min(spots, key=lambda one: one[1].accuracy_m)
    x, y = book.ground.back((spot.x, spot.y), plates.origin)
    text, local = _written(*plates.row, f"{lane}口")
    yield Place(Candidate(id=None, text=text, level="crossing", x=x, y=y), local, round(spot.accuracy_m, 1))


def _written(index: Index, row: int, said: str) -> tuple[str, str]:
    """Return the standard text of what the table lacks on the road of a row, whole and without divisions."""
    text, local = index.text_and_local(row)
    head, _ = taken(plain(local))
    return text[: len(text) - len(local)] + head + said, head + said
