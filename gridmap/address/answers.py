"""What a gazetteer answers: the place that a text means, why not, and what was taken on trust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

#: Levels of an answer, finest first.
LEVELS = (
    "room",
    "unit",
    "building",
    "number",
    "interpolated",
    "crossing",
    "compound",
    "place",
    "road",
    "group",
    "community",
    "street",
    "district",
    "city",
    "province",
)

#: Columns of a table of answers: the fields of `Match` that fit a cell.
COLUMNS = (
    "query",
    "status",
    "text",
    "local",
    "level",
    "score",
    "x",
    "y",
    "accuracy_m",
    "id",
    "area",
    "reason",
    "notes",
)


class Note(NamedTuple):
    """Something that was taken on trust, or otherwise than it was written."""

    #: former_name, alias, typo, other_division, interpolated, relation, unit_unknown, repeated or dropped
    code: str
    #: what the text says
    given: str
    #: what it was taken for; empty where it was passed over
    taken: str

    def __str__(self) -> str:
        """Return ``typo: 人名路 → 人民路``."""
        return f"{self.code}: {self.given} → {self.taken}" if self.taken else f"{self.code}: {self.given}"


class Step(NamedTuple):
    """One step of the comparison, and what it added to the address that was answered (or came nearest)."""

    #: what was compared: road, number, compound, divisions, ...
    name: str
    #: points added; negative for a contradiction
    gain: float
    #: what was seen
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A place that a text may mean."""

    #: its id in the table; None for what is no row of it
    id: Any
    #: its text in the table, or its name
    text: str
    #: what it is: building, number, road, street, ... (`LEVELS`)
    level: str
    #: where it is, in the CRS of the table of addresses
    x: float
    y: float
    #: code of the area, where it is one
    area: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """What a text means."""

    #: found, ambiguous (several places fit equally) or not_found
    status: str
    #: the text that was asked, telephone and identity numbers masked
    query: str
    #: the standard address; None unless found
    text: str | None = None
    #: the standard address without its divisions: 人民路5号3幢; None unless found
    local: str | None = None
    #: what was found (`LEVELS`); None unless found
    level: str | None = None
    #: how well it fits, 0 to 1; 1 is said of the standard address itself
    score: float = 0.0
    #: where it is, in the CRS of the table of addresses; None unless found
    x: float | None = None
    y: float | None = None
    #: how far the true place may lie from there, metres; None for a place of the table
    accuracy_m: float | None = None
    #: id of the address in its table; None unless an address of the table was found
    id: Any = None
    #: code of the area, where the text names no more than a division
    area: str | None = None
    #: the places that fit equally, if ambiguous; if not found, what may be meant by a road's name for short: 人民路8号
    #: may be 人民西路8号
    candidates: tuple[Candidate, ...] = ()
    #: why there is no answer: empty, too_long, no_parts, other_place, no_such_road, no_such_compound, no_such_number,
    #: no_such_building, contradiction; several_places if ambiguous; None if found
    reason: str | None = None
    #: the finest place that the text names and that exists, where there is no answer
    known: Candidate | None = None
    #: what was taken on trust or otherwise than written
    notes: tuple[Note, ...] = ()
    #: how the comparison went; empty unless asked for
    steps: tuple[Step, ...] = ()
