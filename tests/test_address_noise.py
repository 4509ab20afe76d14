"""The examination itself: worlds are repeatable and true, noise keeps what it must keep, verdicts are just.

A wrong examiner passes anything, so that its rules are held to examples worked out by hand.
"""

from __future__ import annotations

import hashlib
import random
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
import shapely

from tests.benchmarks import address_typos as typos
from tests.benchmarks.address_drafts import Draft, Place
from tests.benchmarks.address_kinds import NOISES, numeral
from tests.benchmarks.address_noise import questions
from tests.benchmarks.address_refusals import AMBIGUOUS, REFUSALS
from tests.benchmarks.address_rows import parts, plate
from tests.benchmarks.address_verdicts import Question, judge
from tests.benchmarks.address_world import World, world


@pytest.fixture(scope="module")
def small() -> World:
    """A world of forty thousand addresses."""
    return world(7, 40_000)


@pytest.fixture(scope="module")
def asked(small: World) -> list[Question]:
    """A thousand questions about it."""
    return questions(small, 7, 1000)


def of(asked: list[Question], kind: str) -> list[Question]:
    """The questions of one kind."""
    return [question for question in asked if question.kind == kind]


def test_a_seed_gives_the_same_world_and_the_same_questions_in_every_process(small: World, asked: list[Question]):
    program = (
        "import hashlib; from tests.benchmarks.address_noise import questions, world; w = world(7, 40_000)\n"
        "texts = [*w.addresses['text'], *(q.query for q in questions(w, 7, 1000))]\n"
        "print(hashlib.md5('|'.join(texts).encode('utf-8', 'replace')).hexdigest())"
    )
    here = [*small.addresses["text"], *(question.query for question in asked)]
    expected = hashlib.md5("|".join(here).encode("utf-8", "replace")).hexdigest()  # noqa: S324 a fingerprint, no secret
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected


def test_the_office_writes_every_address_once(small: World):
    assert small.addresses["text"].is_unique
    assert small.addresses["id"].is_unique


@pytest.mark.parametrize("level", ["district", "street", "community"])
def test_areas_of_a_level_lie_side_by_side_without_overlap(small: World, level: str):
    shapes = small.areas.loc[small.areas["level"] == level, "geometry"].to_numpy()
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum(), rel=1e-9)


def test_every_address_lies_in_the_community_that_the_truth_names(small: World):
    areas = small.areas[small.areas["level"] == "community"]
    table = small.addresses.sample(500, random_state=1)
    point, area = areas.sindex.query(shapely.points(table["lon"], table["lat"]), predicate="intersects")
    held = {
        (p, areas["name"].iloc[a].removesuffix("居委会").removesuffix("委会")) for p, a in zip(point, area, strict=True)
    }
    assert all((k, name) in held for k, name in enumerate(table["community"]))


def test_numbers_of_one_side_rise_along_their_road_and_lie_opposite_to_the_others(small: World):
    road = next(road for road in small.roads.values() if road.last > 80)
    chainages = [road.chainage(number) for number in range(1, road.last + 1)]
    assert chainages == sorted(chainages)
    across = [road.plate(number)[1 if road.across else 0] for number in (41, 42, 43)]
    assert abs(across[0] - across[2]) < 4
    assert 20 < abs(across[0] - across[1]) < 28


def test_there_are_at_least_24_kinds_of_noise_and_refusals_of_many_kinds(asked: list[Question]):
    kinds = {question.kind for question in asked}
    assert len(NOISES) >= 24
    assert kinds >= {*NOISES, "mix2", "mix3", "mix4", *REFUSALS, *AMBIGUOUS, "crossing", "road_only"}


def test_every_answerable_address_says_which_rows_are_right(asked: list[Question]):
    places = [question for question in asked if question.expects == "place"]
    assert all(question.ids or question.inner for question in places)
    assert all(question.point for question in places)


@pytest.mark.parametrize("kind", ["homophone", "look_alike", "dropped", "swapped", "inserted"])
def test_slips_of_names_leave_every_number_as_it_was(asked: list[Question], kind: str):
    for question in of(asked, kind):
        assert re.findall(r"\d+", question.query) == re.findall(r"\d+", question.plain)
        assert question.query != question.plain


def test_a_slip_never_makes_another_name_of_the_world(small: World, asked: list[Question]):
    texts = set(small.addresses["text"])
    assert not [question.query for question in of(asked, "homophone") if question.query in texts]


def test_a_slip_is_thrown_away_where_two_names_of_the_district_stand_as_near(small: World):
    place, known = Place(small), {(row.district, row.compound) for row in small.rows}
    rows = {(row.district, row.compound): row for row in small.rows if row.compound.endswith("园")}
    twins = {key for key in rows if (key[0], key[1][:-1] + "苑") in known}
    assert twins
    for key, row in rows.items():
        assert place.clear(Draft(row), row.compound[:-1] + "圆", row.compound) is (key not in twins)


def test_the_numbers_asked_for_in_gaps_and_beyond_stand_on_no_plate(small: World, asked: list[Question]):
    known = {(row.district, row.road, row.number) for row in small.rows}
    for question in of(asked, "gap_number") + of(asked, "beyond_range"):
        found = re.search(r"(\d+)号$", question.query)
        assert found
        roads = {row.road: row.district for row in small.rows if row.district in question.query and row.road}
        assert not any(
            (d, road, found[1]) in known for road, d in roads.items() if f"{road}{found[0]}" in question.query
        )


@pytest.mark.parametrize(
    ("number", "expected"),
    [(7, "七"), (10, "十"), (12, "十二"), (20, "二十"), (101, "一百零一"), (110, "一百一十"), (345, "三百四十五")],
)
def test_numbers_are_spoken_as_people_speak_them(number: int, expected: str):
    assert numeral(number) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [("5", "5号"), ("5附1", "5号附1号"), ("5之2", "5号之2"), ("甲5", "甲5号"), ("5-1", "5-1号"), ("", "")],
)
def test_plates_are_written_as_offices_write_them(number: str, expected: str):
    assert plate(number) == expected


def test_the_pieces_of_a_row_make_its_text(small: World):
    for row, text in list(zip(small.rows, small.addresses["text"], strict=True))[::400]:
        assert "".join(piece for _, piece in parts(row)) == text


@pytest.mark.parametrize(
    ("slipped", "near"),
    [
        ("虹侨花园", True),  # sounds the same
        ("红桥花园", True),
        ("虹桥花圆", True),
        ("虹花桥园", True),  # two exchanged
        ("虹桥园", True),  # one left out
        ("虹虹桥花园", True),  # one too many
        ("虹石花园", False),  # another name
        ("花虹桥园", False),  # two slips
    ],
)
def test_one_slip_is_one_slip(slipped: str, near: bool):  # noqa: FBT001 the parametrized expectation
    assert typos.one_slip("虹桥花园", slipped) is near


def test_a_replaced_character_neither_sounds_nor_looks_like_the_true_one():
    chance = random.Random(3)
    found = [typos.replaced(chance, "虹桥花园", 0) for _ in range(200)]
    assert not [name for name in found if name and typos.one_slip("虹桥花园", name)]


def answer(status: str = "found", level: str = "building", **more: object) -> SimpleNamespace:
    """An answer at a place, unless it says otherwise."""
    told = {"id": "A1", "x": 120.0, "y": 32.0, "accuracy_m": None, "area": None, "candidates": ()}
    return SimpleNamespace(status=status, level=level, **(told | more))


PLACE = Question(
    query="",
    kind="",
    expects="place",
    ids=frozenset({"A1"}),
    inner=frozenset({"A2"}),
    levels=("building",),
    point=(120, 32),
)
GAP = Question(query="", kind="gap_number", expects="gap", point=(120.0, 32.0))
TWOFOLD = Question(query="", kind="", expects="ambiguous", ids=frozenset({"A1"}))
CROSSING = Question(query="", kind="crossing", expects="near", point=(120.0, 32.0))
ROAD = Question(query="", kind="", expects="level", levels=("road",), point=(120.0, 32.0), reach_m=500)


@pytest.mark.parametrize(
    ("question", "given", "verdict"),
    [
        (PLACE, answer(), "right"),
        (PLACE, answer(id="A9"), "wrong"),
        (PLACE, answer(id="A2"), "right"),
        (PLACE, answer(id="A2", level="unit"), "wrong"),
        (PLACE, answer(id=None), "right"),
        (PLACE, answer(id=None, y=32.01), "wrong"),
        (PLACE, answer(id=None, level="road", accuracy_m=900.0, y=32.005), "refused"),
        (PLACE, answer("not_found"), "refused"),
        (PLACE, answer("ambiguous"), "refused"),
        (GAP, answer("not_found"), "right"),
        (GAP, answer(level="number"), "wrong"),
        (GAP, answer(level="interpolated", id=None, accuracy_m=30.0), "right"),
        (GAP, answer(level="interpolated", id=None, accuracy_m=30.0, y=32.001), "wrong"),
        (GAP, answer(level="interpolated", id=None, accuracy_m=5000.0), "wrong"),
        (TWOFOLD, answer(), "wrong"),
        (TWOFOLD, answer("ambiguous", candidates=(SimpleNamespace(id="A1"),)), "right"),
        (TWOFOLD, answer("ambiguous", candidates=(SimpleNamespace(id="A7"),)), "refused"),
        (CROSSING, answer(level="crossing", y=32.0005), "right"),
        (CROSSING, answer(level="crossing", y=32.002, accuracy_m=250.0), "right"),
        (CROSSING, answer(level="crossing", y=32.02, accuracy_m=5000.0), "wrong"),
        (ROAD, answer(level="road", y=32.004), "right"),
        (ROAD, answer(level="road", y=32.006), "wrong"),
        (ROAD, answer(level="number"), "wrong"),
    ],
)
def test_verdicts_follow_the_rules(question: Question, given: SimpleNamespace, verdict: str):
    assert judge(question, given) == verdict
