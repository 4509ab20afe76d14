"""Why a text means no address, and what of it exists."""

from __future__ import annotations

from gridmap.address.answers import Candidate
from gridmap.address.book import Split, Stretch
from gridmap.address.deciding import known, road_candidate
from gridmap.address.divided import LEVELS
from gridmap.address.matching import Question
from gridmap.address.naming import area
from gridmap.address.plates import Row
from gridmap.address.weighing import Case

Refusal = tuple[str, Candidate | None]


def refusal(question: Question, against: list[Case]) -> Refusal:
    """Return why a text means no address, and the finest place that it names and that exists.

    Parameters
    ----------
    question
        The text.
    against
        The plots that it might have meant, but for what speaks against them.

    Returns
    -------
    tuple of str and Candidate or None
        The reason (see `answers.Match`), and the place.
    """
    splits = question.splits
    if (splits[0].mentions if splits else question.mentions).foreign:
        return "other_place", None
    for case in sorted(against, key=lambda case: case.total, reverse=True):
        if case.slip is None and case.against != "contradiction":
            return case.against, known(question.book, case)
    return _of_name(question, splits[0]) if splits else _of_unknown(question)


def _of_name(question: Question, split: Split) -> Refusal:
    """Return what a road or compound lacks, and the road or compound."""
    book = question.book
    stretches = book.stretches(split.kind, split.name)
    allowed = [one for one in stretches if not book.evidence(split.mentions, one.plot).against]
    if not allowed:
        return "contradiction", finest_area(question, split)
    level = book.level(split.kind, split.name)
    reason = "no_such_number" if split.kind == "road" else "no_such_building"
    key = ("known", split.kind, split.name, tuple(stretch.plot for stretch in allowed))
    return reason, book.remembered(key, lambda: road_candidate(book, _rows(allowed), level, "").candidate)


def _rows(stretches: list[Stretch]) -> list[Row]:
    """Return the addresses of stretches."""
    return [row for stretch in stretches for row in stretch.rows]


def _of_unknown(question: Question) -> Refusal:
    """Return what a text names that does not exist, and the division that does."""
    said, mentions = question.said, question.mentions
    finest = finest_area(question, None)
    if not question.head or not (said.plate or said.building or mentions.rest):
        return "no_parts", finest
    return "no_such_compound" if said.building and not said.plate else "no_such_road", finest


def finest_area(question: Question, split: Split | None) -> Candidate | None:
    """Return the finest division that a text names and that exists."""
    mentions = (split.mentions if split else question.mentions).items
    for mention in sorted(mentions, key=lambda one: _rank(one.meanings[0].level), reverse=True):
        found = area(Question(mention.given, question.book))
        if found and len(found.places) == 1:
            return found.places[0].candidate
    return None


def _rank(level: str) -> int:
    """Return how fine a division is."""
    return LEVELS.index(level) if level in LEVELS else -1
