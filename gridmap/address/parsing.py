"""The parts of an address text, from province to room, each with its place in the text as it was written.

Divisions go first, then the names of roads and places, between them numbers with the words after these. The order of
the parts follows GB/T 35639-2017.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gridmap.address.divisions import divisions
from gridmap.address.names import Part, named
from gridmap.address.numbered import KINDS, Reading, read
from gridmap.address.numerals import number
from gridmap.address.writing import LONGEST, plain_with_origins
from gridmap.errors import InputError

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


def _parts(written: str, gaps: frozenset[int]) -> Iterator[Part]:
    """Return divisions, names and numbered parts."""
    reading = read(written)
    kinds = [part.kind for part in reading.parts]
    yield from _front(reading.head, gaps, kinds[0] if kinds else "")
    for place, part in enumerate(reading.parts):
        if part.kind == "compound":
            around = {"before": kinds[place - 1], "behind": (kinds[place + 1 :] or [""])[0]}
            yield from named(written, part.start, part.end, gaps=gaps, **around)
        else:
            yield part


def _front(head: str, gaps: frozenset[int], behind: str) -> Iterator[Part]:
    """Return the divisions and the names in front of the first number."""
    end, level, said = 0, "", set[str]()
    for division in divisions(head, {}, gaps=gaps):
        # a village may be all there is before its house numbers; a compound's name may look like one
        if division.end == len(head) and behind and head.endswith("新村"):
            break
        again = division.level in said
        yield Part("other" if again else division.level, division.start, division.end, division.name)
        said.add(division.level)
        end, level = division.end, division.level
    yield from named(head, end, len(head), gaps=gaps, before=level if level == "community" else "", behind=behind)
