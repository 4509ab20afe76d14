"""What a person who types is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """What may be meant so far; `address` can be asked."""

    #: what is named: 人民路, 人民路5号, 阳光花园3幢
    text: str
    #: the divisions, and the road and number before a compound, as the table writes them
    within: str
    #: road, compound, district, street or community; number, building, unit, ...; alias
    kind: str
    #: id of the address that bears exactly this text; None for a name, or a number that only others go on from
    id: Any
    #: where it is, in the CRS of the table: the address, or one in the middle of those that the name stands for
    x: float
    y: float
    #: first and one past the last character of `text` that was typed
    matched: tuple[int, int]
    #: how many addresses it stands for
    count: int
    #: code of the area that bears the name
    area: str | None = None
    #: of an alias the address that it means, whose id, place and count are told; None for all others
    means: str | None = None

    @property
    def address(self) -> str:
        """What to ask: the divisions and the text, of an alias what it means."""
        return self.means or self.within + self.text
