"""The real divisions of 崇川区 that the sample town borrows: names and statistical codes."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from gridmap.resources import shipped

#: Streets in the order in which a growing town takes them in.
_TAKEN = (
    "005",
    "018",
    "001",
    "006",
    "019",
    "004",
    "008",
    "020",
    "002",
    "007",
    "021",
    "003",
    "009",
    "016",
    "017",
    "010",
)
#: The same from the old town outwards; the last have villages.
_OUTWARDS = (
    "005",
    "004",
    "001",
    "002",
    "006",
    "007",
    "008",
    "003",
    "009",
    "010",
    "016",
    "017",
    "021",
    "020",
    "019",
    "018",
)
#: How the source writes a community's committee; the place is what stands before.
_COMMITTEE = re.compile(r"(?<=村)(村委会|委会)$|居民委+员?会$|居委会$")
#: No street of the sample has more communities than this.
MOST_COMMUNITIES = 7


@dataclass(frozen=True, kw_only=True)
class Division:
    """A street or a community."""

    #: statistical code, 9 or 12 digits
    code: str
    #: name without the word for its committee
    name: str

    @property
    def village(self) -> bool:
        """Whether it has a villagers' committee: such codes end in 200 to 399."""
        return len(self.code) == 12 and self.code[9] in "23"  # noqa: PLR2004 (digits of a community's code)


def rows() -> list[dict[str, str]]:
    """Rows of ``data/divisions_320613.csv``: code, name, level, parent."""
    with shipped("data/divisions_320613.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def pick(streets: int) -> dict[Division, list[Division]]:
    """So many streets from the old town outwards, each with its communities."""
    every = rows()
    picked = {}
    for serial in sorted(_TAKEN[:streets], key=_OUTWARDS.index):
        (street,) = [row for row in every if row["code"] == f"320613{serial}"]
        picked[Division(code=street["code"], name=street["name"])] = [
            Division(code=row["code"], name=_place(row["name"])) for row in every if row["parent"] == street["code"]
        ]
    return picked


def _place(name: str) -> str:
    """``虹桥社区居委会`` -> ``虹桥社区``, ``育爱村村委会`` -> ``育爱村``."""
    place = _COMMITTEE.sub("", name)
    return place if place.endswith(("社区", "村")) else place + "社区"
