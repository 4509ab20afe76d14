"""Numbers that the table lacks: where they should hang between two plates of their side of the road."""

from __future__ import annotations

from collections.abc import Iterator

from gridmap.address.answers import Candidate, Note
from gridmap.address.book import Book, District, Split
from gridmap.address.deciding import Place
from gridmap.address.endings import ends_as_road
from gridmap.address.index import Index
from gridmap.address.matching import Question
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
    lane = plate[: plate.rfind("弄") + 1]
    for district in _districts(book, split):
        road = book.plates(split.name, lane, district)
        between = road.plates.between(plate.removeprefix(lane)) if road else None
        if road and between:
            x, y = book.ground.back((between.x, between.y), road.origin)
            text, local = _numbered(*road.row, plate)
            one = Candidate(id=None, text=text, level="interpolated", x=x, y=y)
            note = Note("interpolated", plate, f"{between.lower} - {between.upper}")
            yield Place(one, local, round(between.accuracy_m, 1)), note


def _districts(book: Book, split: Split) -> list[District]:
    """Return the districts of a road that the divisions in the text do not forbid."""
    found = {
        book.where(stretch.plot).by_level.get("district")
        for stretch in book.stretches("road", split.name)
        if not book.evidence(split.mentions, stretch.plot).against
    }
    return sorted(found, key=lambda district: sorted(district or ()))


def _numbered(index: Index, row: int, plate: str) -> tuple[str, str]:
    """Return the standard text of a number that the table lacks, whole and without divisions."""
    text, local = index.texts[row], index.local(row)
    head, _ = taken(plain(local))
    said = head + plate + "号"
    return text[: len(text) - len(local)] + said, said
