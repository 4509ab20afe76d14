"""Addresses as callers say them and clerks write them, by hand, against the gazetteer of a small town.

``tests/data/spoken_addresses.csv`` has a sentence and what is right: the addresses that may answer it, a status, or
``interpolated``. Nobody tuned a rule by a single line of it.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pandas as pd
import pytest

from gridmap.address import Gazetteer, Match

#: how far an answer without a row may lie from the place that is meant
NEAR_M = 100.0
SPOKEN = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def spoken() -> list[tuple[str, str, str]]:
    """What people say, what is right, and what the gazetteer of a small town makes of it."""
    table = pd.read_csv(SPOKEN / "spoken_gazetteer.csv", dtype={"building": "str"})
    points = {key: (lon, lat) for key, lon, lat in zip(table["id"], table["lon"], table["lat"], strict=True)}
    gazetteer = Gazetteer(table)
    with (SPOKEN / "spoken_addresses.csv").open(encoding="utf-8") as file:
        rows = [(row["query"], row["expected"]) for row in csv.DictReader(file)]
    return [(query, expected, verdict(expected, gazetteer.match(query), points)) for query, expected in rows]


def verdict(expected: str, match: Match, points: dict[str, tuple[float, float]]) -> str:
    """right, refused or wrong: ids parted by ``|``, a status, or ``interpolated``."""
    if expected in ("not_found", "ambiguous"):
        return "right" if match.status == expected else "refused" if match.status != "found" else "wrong"
    if match.status != "found":
        return "refused"
    if expected == "interpolated":
        return "right" if match.level == "interpolated" and match.id is None else "wrong"
    # beside, before or anywhere in the place is told by a point that has no row
    near = match.id is None and min(metres(match, points[key]) for key in expected.split("|")) <= NEAR_M
    return "right" if match.id in expected.split("|") or near else "wrong"


def metres(match: Match, point: tuple[float, float]) -> float:
    """From the answer to a point, at the latitude of the small town."""
    assert match.x is not None
    assert match.y is not None
    return math.hypot((match.x - point[0]) * 94_400, (match.y - point[1]) * 110_950)


def test_sentences_written_by_hand_are_understood_in_95_of_a_hundred_cases(spoken: list[tuple[str, str, str]]):
    missed = [row for row in spoken if row[2] != "right"]
    assert len(spoken) >= 300
    assert len(missed) <= 0.05 * len(spoken), missed


def test_sentences_written_by_hand_are_answered_wrongly_in_one_of_a_hundred_cases_at_most(
    spoken: list[tuple[str, str, str]],
):
    wrong = [row for row in spoken if row[2] == "wrong"]
    assert len(wrong) <= 0.01 * len(spoken), wrong
