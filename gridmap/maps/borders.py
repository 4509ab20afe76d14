"""How the borders of each level are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the borders of a level are drawn."""

    #: colour of the line
    colour: str
    #: width of the line in pixels
    width: float
    #: dashes in pixels; None for a solid line
    dash: str | None = None


#: How borders are drawn, by the level of their areas.
LOOKS = {
    "district": Look(colour="#111827", width=3.5),
    "street": Look(colour="#7c2d12", width=2.6),
    "community": Look(colour="#374151", width=1.9),
    "grid": Look(colour="#4b5563", width=1.0),
    "micro": Look(colour="#6b7280", width=0.8, dash="2 3"),
}
#: The same for levels of one's own.
OTHER_LOOK = Look(colour="#4b5563", width=1.0)


def looks_said(levels: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return how the borders of each level are drawn, as plain values."""
    return {level: asdict(LOOKS.get(level, OTHER_LOOK)) for level in levels}
