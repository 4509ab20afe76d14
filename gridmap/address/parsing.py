"""The parts of an address text, from province to room, each with its place in the text as it was written.

Divisions go first, then the names of roads and places, between them numbers with the words after these. The order of
the parts follows GB/T 35639-2017.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from gridmap.address.divisions import begins_anew, divisions, skipped
from gridmap.address.names import Part, is_compound, named
from gridmap.address.numbered import KINDS, Reading, read
from gridmap.address.numerals import number
from gridmap.address.writing import LONGEST, plain_with_origins, says_nothing
from gridmap.errors import InputError

_OPENING = re.compile("[(（\\[【]")
_CLOSING = frozenset(")）]】")
_BRACKETS = frozenset("()（）[]【】〔〕「」《》<>“”\"'")

#: Divisions that an address names once.
_UPPER = ("province", "city", "district")
_FINE = frozenset({"road", "lane", "number", "building"})

__all__ = ["KINDS", "Component", "Part", "Reading", "number", "parse", "read"]


@dataclass(frozen=True, kw_only=True)
class Component:
    """A part of an address text."""

    #: one of KINDS: province, city, ..., room; relation, person or other for what is no part of an address
    kind: str
    #: the part as it was written
    text: str
    #: how it is compared: the number in digits, or the name in one way of writing
    value: str
    #: first and one past the last character in the text
    span: tuple[int, int]


def parse(text: str) -> list[Component]:
    """Return the parts of an address text, front to back.

    Telephone and identity numbers are passed over. Divisions are told by the ends of their names (市, 区, 街道) and by
    the names of China's provinces, cities, districts, streets and towns; roads and places by the ends of theirs.

    Parameters
    ----------
    text
        An address as a person writes it.

    Returns
    -------
    list of Component
        Empty for a text of more than 200 characters, and where no part was told. A division that is said twice, and
        words for a carrier, are of the kind ``other``.

    Raises
    ------
    InputError
        If it is not a text.

    Examples
    --------
    >>> [(part.kind, part.value, part.span) for part in parse("崇川区人民路５号三号楼")]
    [('district', '崇川区', (0, 3)), ('road', '人民路', (3, 6)), ('number', '5', (6, 8)), ('building', '3', (8, 11))]
    >>> [(part.kind, part.value) for part in parse("三里屯")]
    [('compound', '三里屯')]
    """
    if not isinstance(text, str):
        raise InputError(f"an address of type {type(text).__name__}", expected="a text")
    written, origins = plain_with_origins(text)
    if says_nothing(written) or len(written) > LONGEST:
        return []
    return [_component(text, origins, part) for part in _parts(written, _gaps(text, origins))]


def _component(text: str, origins: list[tuple[int, int]], part: Part) -> Component:
    """Return a part with its place in the original text."""
    start, end = origins[part.start][0], origins[part.end - 1][1]
    if text[end : end + 1] in _CLOSING and _OPENING.search(text, start, end):
        end += 1
    span = (start, end)
    return Component(kind=part.kind, text=text[slice(*span)], value=part.value, span=span)


def _gaps(text: str, origins: list[tuple[int, int]]) -> frozenset[int]:
    """Return the places in the written text before which the original has a gap between words."""
    if len(origins) == len(text):
        return frozenset()
    return frozenset(
        place
        for place, ((_, end), (start, _)) in enumerate(pairwise(origins), 1)
        if start > end and any(map(_parts_words, text[end:start]))
    )


def _parts_words(char: str) -> bool:
    """Tell whether a character that is not compared parts words: spaces and commas do, brackets do not."""
    return char.isspace() or (char.isprintable() and not char.isalnum() and char not in _BRACKETS)


class _Written(NamedTuple):
    """A plainly written text."""

    text: str
    #: places before which the writer left a gap
    gaps: frozenset[int]
    #: places where divisions may stand: the front, and where an address begins anew
    anew: frozenset[int]


def _parts(text: str, gaps: frozenset[int]) -> list[Part]:
    """Return divisions, names and numbered parts; of what is said twice, one is no part of the address."""
    reading = read(text)
    written = _Written(text, gaps, frozenset({0, *begins_anew(text)}))
    kinds = ["", *(part.kind for part in reading.parts), ""]
    parts = list(_names(written, 0, len(reading.head), before="", behind=kinds[1]))
    for place, part in enumerate(reading.parts, 1):
        if part.kind == "compound":
            around = {"before": kinds[place - 1], "behind": kinds[place + 1]}
            parts.extend(_names(written, part.start, part.end, **around))
        else:
            parts.append(part)
    return _said_once(parts)


def _names(written: _Written, start: int, end: int, *, before: str, behind: str) -> Iterator[Part]:
    """Return the divisions and names in a stretch of a text."""
    while start < end:
        if start in written.anew:
            for part in _divisions(written, start, end, behind):
                yield part
                start, before = part.end, part.kind if part.kind in {"street", "community"} else ""
            start = skipped(written.text, start)
        stop = min((place for place in written.anew if start < place < end), default=end)
        yield from named(
            written.text, start, stop, gaps=written.gaps, before=before, behind=behind if stop == end else ""
        )
        start = stop


def _divisions(written: _Written, start: int, end: int, behind: str) -> Iterator[Part]:
    """Return the divisions that stand here."""
    gaps = frozenset(gap - start for gap in written.gaps) if start else written.gaps
    for found in divisions(written.text[start:end], {}, gaps=gaps):
        name = written.text[start + found.start : start + found.end]
        if is_compound(name, behind if start + found.end == end else ""):
            return
        yield Part(found.level, start + found.start, start + found.end, found.name)


def _said_once(parts: list[Part]) -> list[Part]:
    """Return the parts with those as ``other`` that say again what another says.

    Where a province, city or district begins the address anew, what stood before at this level and below is left, and
    so is a street before its province. Of a district that is said twice in a row, and of two ends that are the same,
    the second is.
    """
    parts = [*parts[:1], *(_left(part) if _says_again(before, part) else part for before, part in pairwise(parts))]
    first: dict[str, int] = {}
    for place, part in enumerate(parts):
        if part.kind not in _UPPER:
            continue
        rank = _UPPER.index(part.kind)
        if part.kind in first:
            since = min(first.pop(kind) for kind in _UPPER[rank:] if kind in first)
            parts = _one_of_two(parts, since, _chain(parts, since, place))
        elif rank < _UPPER.index("district"):
            parts = [_left(one) if one.kind == "street" and index < place else one for index, one in enumerate(parts)]
        first[part.kind] = place
    for size in range(2, len(parts) // 2 + 1):
        if _same(parts[-size:], parts[-2 * size : -size]):
            return parts[:-size] + [_left(part) for part in parts[-size:]]
    return parts


def _says_again(before: Part, part: Part) -> bool:
    """Tell whether a district is said again right behind itself: 如皋市如皋."""
    return before.kind == part.kind == "district" and before.value == part.value


def _chain(parts: list[Part], since: int, place: int) -> int:
    """Return where the divisions begin that lead up to one: at its province."""
    rank = _UPPER.index(parts[place].kind)
    while place - 1 > since and parts[place - 1].kind in _UPPER[:rank]:
        place -= 1
    return place


def _one_of_two(parts: list[Part], since: int, anew: int) -> list[Part]:
    """Return the parts with one of two beginnings left: the first, unless it alone names a road or number."""
    if any(part.kind in _FINE for part in parts[since:anew]) and not any(part.kind in _FINE for part in parts[anew:]):
        return [_left(one) if index >= anew and one.kind in _UPPER else one for index, one in enumerate(parts)]
    return [_left(one) if since <= index < anew else one for index, one in enumerate(parts)]


def _left(part: Part) -> Part:
    """Return a part as one that says nothing more."""
    return part._replace(kind="other")


def _same(parts: list[Part], others: list[Part]) -> bool:
    """Tell whether parts say the same."""
    return all(one.kind == other.kind and one.value == other.value for one, other in zip(parts, others, strict=True))
