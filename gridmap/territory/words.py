"""How areas and places are named in an answer: for programs, and in one text for a cell of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gridmap.address import Candidate, Match
from gridmap.partition import AreaIndex
from gridmap.territory.chains import Link
from gridmap.territory.ground import Reach, Standing
from gridmap.territory.standard import standard_address, upper_names

#: Levels of which a single point is enough to tell the area; roads and compounds stretch.
_PLATES = frozenset({"room", "unit", "building", "number"})


class Words:
    """How areas and places are named in an answer.

    Parameters
    ----------
    index
        The areas.
    chains
        Level, code and name of each area and its ancestors, coarsest first.
    """

    def __init__(self, index: AreaIndex, chains: Sequence[Sequence[Link]]) -> None:
        self._index = index
        self._ends = [chain[-1] for chain in chains]
        self._uppers = [upper_names(chain) for chain in chains]
        #: row of each area by its code
        self.rows = {str(code): row for row, code in enumerate(index.codes)}

    def standard(self, match: Match, standing: Standing) -> str | None:
        """Return the standard address, with the divisions that are sure; as the table has it where none is."""
        if match.text is None or match.local is None or standing.sure < 0:
            return match.text
        return standard_address(self._uppers[standing.sure], match.local)

    def links(self, reach: Reach) -> list[Link]:
        """Return areas within reach, each with its share of a footprint if that is what reaches."""
        ends = ((self._ends[row], share) for row, share in reach)
        return [link if share is None else {**link, "share": share} for link, share in ends]

    def areas_listed(self, reach: Reach) -> str:
        """Return areas within reach in one text."""
        return "; ".join(
            f"{link['name'] or ''} [{link['code']}]".strip() + (f" {link['share']:.0%}" if "share" in link else "")
            for link in self.links(reach)
        )

    def left_open(self, match: Match, standing: Standing) -> str:
        """Return what an answer leaves open in one text: the places that it may be, or the areas."""
        places = (f"{other.text} [{self._code(other) or '-'}]" for other in match.candidates)
        return "; ".join(places) or self.areas_listed(standing.reach)

    def candidate(self, candidate: Candidate) -> dict[str, Any]:
        """Return one of several places that a text may mean."""
        place = {"lon": candidate.x, "lat": candidate.y, "area": self._code(candidate)}
        return {"address": candidate.text, "level": candidate.level, **place}

    def known(self, known: Candidate) -> dict[str, Any]:
        """Return the finest place that a text without an answer names."""
        return {"text": known.text, "level": known.level, "area": self._code(known)}

    def row_of(self, candidate: Candidate) -> int:
        """Return the row of the area that a place is, or that holds its plate; -1 for what may stretch over several."""
        if candidate.area is not None:
            return self.rows.get(candidate.area, -1)
        if candidate.id is None and candidate.level not in _PLATES:
            return -1
        return self._index.locate_one(candidate.x, candidate.y)

    def _code(self, candidate: Candidate) -> str | None:
        """Code of the area of a place."""
        row = self.row_of(candidate)
        return str(self._index.codes[row]) if row >= 0 else None


def reason_of(match: Match, standing: Standing) -> str | None:
    """Return why an answer is none, or not one."""
    return match.reason or ("over_border" if standing.over_border else None)
