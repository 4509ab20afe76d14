"""The parts of an address text, from province to room, each with its place in the text as it was written.

Divisions go first, then the names of roads and places, between them numbers with the words after these. The order of
the parts follows GB/T 35639-2017.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gridmap.address.divisions import begins_anew, divisions
from gridmap.address.names import Part, is_compound, named
from gridmap.address.numbered import KINDS, Reading, read
from gridmap.address.numerals import number
from gridmap.address.writing import LONGEST, plain_with_origins
from gridmap.errors import InputError

#: Divisions that an address names once.
_UPPER = ("province", "city", "district")

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
    if not written or len(written) > LONGEST:
        return []
    return [_component(text, origins, part) for part in _parts(written, _gaps(text, origins))]


def _component(text: str, origins: list[tuple[int, int]], part: Part) -> Component:
    """Return a part with its place in the original text."""
    span = (origins[part.start][0], origins[part.end - 1][1])
    return Component(kind=part.kind, text=text[slice(*span)], value=part.value, span=span)


def _gaps(text: str, origins: list[tuple[int, int]]) -> frozenset[int]:
    """Return the places in the written text before which the original has a gap between words."""
    if len(origins) == len(text):
        return frozenset()
    ends = [end for _, end in origins]
    return frozenset(
        place
        for place, ((start, _), end) in enumerate(zip(origins[1:], ends, strict=False), 1)
        if start > end and any(char.isspace() or not char.isalnum() for char in text[end:start] if char > "\x1f")
    )


def _parts(written: str, gaps: frozenset[int]) -> list[Part]:
    """Return divisions, names and numbered parts; of divisions that are said twice the last."""
    reading = read(written)
    kinds = [part.kind for part in reading.parts]
    anew = set(begins_anew(written))
    parts = list(_names(written, 0, len(reading.head), gaps, anew | {0}, before="", behind=(kinds or [""])[0]))
    for place, part in enumerate(reading.parts):
        if part.kind == "compound":
            around = {"before": kinds[place - 1] if place else "", "behind": (kinds[place + 1 :] or [""])[0]}
            parts.extend(_names(written, part.start, part.end, gaps, anew, **around))
        else:
            parts.append(part)
    return _said_once(parts)


def _names(
    text: str, start: int, end: int, gaps: frozenset[int], anew: set[int], *, before: str, behind: str
) -> Iterator[Part]:
    """Return the divisions and names in a stretch of a text; divisions stand at the places given."""
    while start < end:
        if start in anew:
            for part in _divisions(text[:end], start, gaps, behind):
                yield part
                start, before = part.end, part.kind if part.kind in {"street", "community"} else ""
        stop = min((place for place in anew if start < place < end), default=end)
        yield from named(text, start, stop, gaps=gaps, before=before, behind=behind if stop == end else "")
        start = stop


def _divisions(text: str, start: int, gaps: frozenset[int], behind: str) -> Iterator[Part]:
    """Return the divisions that stand here."""
    shifted = frozenset(gap - start for gap in gaps) if start else gaps
    for found in divisions(text[start:], {}, gaps=shifted):
        if (
            start + found.end == len(text)
            and behind
            and is_compound(text[start + found.start : start + found.end], behind)
        ):
            return
        yield Part(found.level, start + found.start, start + found.end, found.name)


def _said_once(parts: list[Part]) -> list[Part]:
    """Return the parts with those as ``other`` that an address has in front of a division which begins it anew.

    Where nothing but divisions follows, the address is only written backwards.
    """
    last: dict[str, int] = {}
    cut, since = 0, 0
    for place, part in enumerate(parts):
        if part.kind not in _UPPER:
            continue
        rank = KINDS.index(part.kind)
        again = [earlier for kind, earlier in last.items() if KINDS.index(kind) >= rank and earlier >= since]
        if part.kind in last and again:
            cut, since = place, place
            parts = [
                one._replace(kind="other") if min(again) <= index < place else one for index, one in enumerate(parts)
            ]
            last = {kind: earlier for kind, earlier in last.items() if KINDS.index(kind) < rank}
        last[part.kind] = place
    return parts
