"""The ways to take what was typed: where its divisions end, what is a name, and which numbers stand behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from gridmap.address.divisions import DIVISIONS, Division, Known, divisions
from gridmap.address.parsing import Part, read
from gridmap.address.taking import comparable
from gridmap.address.writing import LONGEST

#: Parts behind a road that have names of their own.
_NAMED = frozenset({"compound", "place", "zone"})

#: The beginning of a word that numbers take, not yet a word: 5号3单(元), 2村民(小组).
_HALF_WORD = re.compile("(?<=[0-9])(?:单|村民?小?|支)$|附$")

#: A number, or a name, whose last character is this may go on: 5, 5A; one that ends in its word may not: 5号.
_GOES_ON = re.compile("[0-9A-Z-]")

#: Parts behind a name; no address has more: lane, number, compound, building, unit, floor, room, and each said twice.
_MOST_PARTS = 14

_LETTERS = re.compile("(?P<letters>[A-Z]+)(?P<rest>[^A-Z].*)?$")


#: A text is read several times on its way; a few texts are typed at once.
_read = lru_cache(maxsize=256)(read)


def finer(found: Iterable[Division]) -> tuple[Division, ...]:
    """Return divisions as long as they get finer: behind 中正区 the 信义 of 信义路 is no district."""
    kept: list[Division] = []
    for division in found:
        if kept and DIVISIONS.index(division.level) <= DIVISIONS.index(kept[-1].level):
            break
        kept.append(division)
    return tuple(kept)


class Number(NamedTuple):
    """A number behind a name, as far as it was typed; or the name of a compound behind a number."""

    #: number, building, compound, ... as `parse` tells it
    kind: str
    #: how it is compared
    value: str
    #: characters typed
    size: int
    #: whether its word was typed too, so that it does not go on: 5号
    whole: bool


class Way(NamedTuple):
    """One way to take what was typed."""

    #: a name, or a part of one
    name: str
    #: what stands behind it
    numbers: tuple[Number, ...]
    #: full names of the divisions before it
    stated: frozenset[str]


def without_half_word(written: str) -> str:
    """Return a text without a word at its end that numbers take and that is not yet typed in full."""
    return _HALF_WORD.sub("", written)


def is_address(written: str) -> bool:
    """Tell whether a text may be the beginning of an address: not too long, nor a heap of numbers."""
    return 0 < len(written) <= LONGEST and len(_read(written).parts) <= _MOST_PARTS


def as_name(written: str) -> Way:
    """Return a text taken for a name, numbers and all: 五一路, 一号桥."""
    return Way(comparable(written), (), frozenset())


def as_address(written: str, known: Known) -> list[Way]:
    """Return a text taken for a name with numbers behind it: all of its front, then less one division more each time.

    Examples
    --------
    >>> [way.name for way in as_address("崇川区虹桥街道人民路5", {})]
    ['崇川区虹桥街道人民路', '虹桥街道人民路', '人民路']
    """
    head, numbers = _read(written).head, _numbers(written)
    before = finer(divisions(head, known))
    ends = [0, *(division.end for division in before)]
    return [Way(comparable(head[end:]), numbers, _names(before[:count])) for count, end in enumerate(ends)]


def as_numeral(written: str, known: Known) -> list[Way]:
    """Return a text with the Chinese numeral at its end taken for a number that may go on: 人民路五."""
    ways = as_address(f"{written}号", known)
    if not ways[0].numbers or ways[0].numbers[-1].size < len("五号"):
        return []
    *others, last = ways[0].numbers
    numbers = (*others, last._replace(size=last.size - len("号"), whole=False))
    return [way._replace(numbers=numbers) for way in ways]


def as_letters(written: str, known: Known) -> Way | None:
    """Return a text whose divisions are followed by letters, with the numbers behind these; None where it is not so."""
    found = _LETTERS.search(written)
    if found is None:
        return None
    before = finer(divisions(written[: found.start()], known))
    # read as they would be behind a road
    numbers = _numbers(f"路{found['rest'] or ''}")
    if found.start() != (before[-1].end if before else 0) or len(numbers) > _MOST_PARTS:
        return None
    return Way(found["letters"], numbers, _names(before))


def before_last_number(written: str) -> str:
    """Return what stands before the last number; nothing where there is none."""
    parts = _read(written).parts
    return written[: parts[-1].start] if parts else ""


def step(part: Part) -> tuple[str, str]:
    """Return what a part behind the front is and how it is compared; a name is a compound's, whatever its ending tells.

    Examples
    --------
    >>> step(Part("place", 6, 9, "2医院")), step(Part("number", 3, 5, "5"))
    (('compound', '二医院'), ('number', '5'))
    """
    return ("compound", comparable(part.value)) if part.kind in _NAMED else (part.kind, part.value)


def _numbers(written: str) -> tuple[Number, ...]:
    """What stands behind the front of a text."""
    parts = _read(written).parts
    return tuple(Number(*step(part), part.end - part.start, not _goes_on(part, written)) for part in parts)


def _goes_on(part: Part, written: str) -> bool:
    """Whether a part may still be typed on: every name may."""
    return part.kind in _NAMED or _GOES_ON.match(written[part.end - 1]) is not None


def _names(before: Iterable[Division]) -> frozenset[str]:
    """Full names of divisions."""
    return frozenset(division.name for division in before)
