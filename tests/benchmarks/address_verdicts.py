"""What a question about an address expects, and the verdict on an answer: right, refused or wrong.

``wrong`` is the worst: a place is given and it is not the true one. ``refused`` stands for every answer without a place
(not found, or ambiguous), and for one that is true but coarser than was asked. What is right, by what is expected:

place        found; the row is one of `ids`: what is asked for, no more and no less. A row of `inner`, which is a part
             of it, is right where the level is no finer than the query's. Without a row: within `reach_m` (at least
             60 m) of the true point and at the level of the query. A coarser level whose accuracy covers the truth
             counts as refused, not as wrong.
level        found at one of `levels`, with the area's code where there is one, and within `reach_m` of the true point.
near         found within 60 m of the truth, or within the accuracy that it states, which must be 300 m at most.
refused      no place is given.
gap          no place is given, or the level is ``interpolated``, there is no row, and the true place of the missing
             number lies within the stated accuracy (500 m at most).
ambiguous    ambiguous, and one of `ids` among the candidates. Any single place is wrong, the true one too: it was luck.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Expects = Literal["place", "level", "near", "refused", "gap", "ambiguous"]
Verdict = Literal["right", "refused", "wrong"]
#: Levels from fine to coarse; a plate and the compound or tower that it belongs to are one step.
RANK = {
    "room": 0,
    "unit": 1,
    "building": 2,
    "number": 3,
    "compound": 3,
    "place": 3,
    "interpolated": 4,
    "crossing": 4,
    "road": 5,
    "group": 5,
    "community": 6,
    "street": 7,
    "district": 8,
    "city": 9,
    "province": 10,
}
#: Metres that an answer without a row may lie from the truth; what accuracy a crossing and a gap may claim at most.
NEAR_M, CROSSING_M, GAP_M = 60.0, 300.0, 500.0


@dataclass(frozen=True, kw_only=True)
class Question:
    """One text, and what is right."""

    #: what is asked
    query: str
    #: the kind of noise, or of refusal
    kind: str
    #: see the module
    expects: Expects
    #: addresses that are the place meant, or any of the places meant
    ids: frozenset[str] = frozenset()
    #: addresses inside of the place meant: entrances where a building is asked for
    inner: frozenset[str] = frozenset()
    #: the finest level that the query names; all that are right where a level is expected
    levels: tuple[str, ...] = ()
    #: the code of the area meant, where it is one
    area: str = ""
    #: the true place, degrees; None where there is none
    point: tuple[float, float] | None = None
    #: metres around it that are still the place
    reach_m: float = 0.0
    #: the text before any noise; for reading results only
    plain: str = ""

    @property
    def group(self) -> str:
        """``answerable``, ``unanswerable`` or ``ambiguous``."""
        if self.expects in ("refused", "gap"):
            return "unanswerable"
        return "ambiguous" if self.expects == "ambiguous" else "answerable"


def judge(question: Question, match: Any) -> Verdict:
    """The verdict on an answer, which has status, level, id, x, y, accuracy_m, area and candidates."""
    if question.expects == "ambiguous":
        return _ambiguous(question, match)
    if question.expects in ("refused", "gap"):
        fair = match.status != "found" or (question.expects == "gap" and _interpolated(question, match))
        return "right" if fair else "wrong"
    if match.status != "found":
        return "refused"
    return {"place": _place, "level": _level, "near": _near}[question.expects](question, match)


def _ambiguous(question: Question, match: Any) -> Verdict:
    if match.status == "found":
        return "wrong"
    listed = {candidate.id for candidate in match.candidates} if match.status == "ambiguous" else set()
    return "right" if listed & question.ids else "refused"


def _interpolated(question: Question, match: Any) -> bool:
    accuracy = match.accuracy_m
    plain = match.level == "interpolated" and not match.id and accuracy is not None and accuracy <= GAP_M
    return plain and distance(question, match) <= accuracy


def _place(question: Question, match: Any) -> Verdict:
    asked, given = RANK[question.levels[0]], RANK[match.level]
    if match.id in question.ids or (match.id in question.inner and given >= asked):
        return "right"
    if not match.id and given == asked:
        return "right" if distance(question, match) <= max(NEAR_M, question.reach_m) else "wrong"
    coarse = not match.id and match.accuracy_m is not None and distance(question, match) <= match.accuracy_m
    return "refused" if coarse else "wrong"


def _level(question: Question, match: Any) -> Verdict:
    if match.level not in question.levels:
        known = match.accuracy_m is not None and RANK[match.level] > RANK[question.levels[0]]
        return "refused" if known and distance(question, match) <= match.accuracy_m else "wrong"
    same = match.area == question.area if question.area else distance(question, match) <= max(NEAR_M, question.reach_m)
    return "right" if same else "wrong"


def _near(question: Question, match: Any) -> Verdict:
    stated = min(CROSSING_M, match.accuracy_m or 0.0)
    return "right" if distance(question, match) <= max(NEAR_M, stated) else "wrong"


def distance(question: Question, match: Any) -> float:
    """Metres between the true place and the answer; infinite where either has none."""
    if question.point is None or match.x is None or match.y is None or math.isnan(match.x):
        return math.inf
    lon, lat = question.point
    east = (match.x - lon) * 111_320 * math.cos(math.radians(lat))
    return math.hypot(east, (match.y - lat) * 110_950)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many questions of a group were answered how."""

    #: answerable, unanswerable or ambiguous
    group: str
    #: number of questions
    count: int
    #: of them right, refused and wrong
    right: int
    refused: int
    wrong: int

    def share(self, verdict: Verdict) -> float:
        """Share of the group's questions with this verdict."""
        return getattr(self, verdict) / self.count if self.count else math.nan


def tallies(verdicts: Iterable[tuple[Question, Verdict]], by: str = "group") -> dict[str, Tally]:
    """Verdicts counted by group, or by ``kind``."""
    counts: dict[str, Counter[str]] = {}
    for question, verdict in verdicts:
        counts.setdefault(getattr(question, by), Counter())[verdict] += 1
    return {
        key: Tally(
            group=key,
            count=count.total(),
            right=count["right"],
            refused=count["refused"],
            wrong=count["wrong"],
        )
        for key, count in counts.items()
    }
