"""What is refused about plans is said in English and Chinese: every code has its sentences, which say what is known."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gridmap.api.plans_words import REFUSALS, finding, refusal
from gridmap.errors import ConflictError, StaleError
from gridmap.partition import check

ROOT = Path(__file__).parents[1] / "gridmap"
#: Where an edit, a draft or a publish is refused.
PLACES = [
    *ROOT.glob("partition/editing/*.py"),
    *ROOT.glob("service/plans*.py"),
    *ROOT.glob("store/plans*.py"),
    ROOT / "api" / "plans.py",
]
#: Refused by what no page sends: bodies that are no edit, tables that are no areas.
UNSAID = {"above.py", "operations.py", "plans_asked.py"}


def raised(path):
    """Calls that make an error, with the words of their arguments."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error"):
            yield node.func.id, {word.arg: word.value for word in node.keywords}


REFUSED = [(path.name, kind, words) for path in PLACES for kind, words in raised(path)]
CODED = [(name, kind, words) for name, kind, words in REFUSED if isinstance(words.get("code"), ast.Constant)]


def test_every_code_that_is_raised_has_its_sentences():
    assert len(CODED) > 50
    assert {words["code"].value for _, _, words in CODED} - set(REFUSALS) == set()


def test_every_refusal_of_a_step_or_a_publish_has_a_code():
    kinds = {"ConflictError", "StaleError", "NotFoundError", "TooLargeError"}
    bare = [name for name, kind, words in REFUSED if kind in kinds and "code" not in words and name not in UNSAID]
    assert bare == []


@pytest.mark.parametrize("code", REFUSALS)
def test_both_languages_tell_the_same_values(code):
    english, chinese = (set(re.findall(r"\{(\w+)\}", text)) for text in REFUSALS[code])
    assert english == chinese
    assert re.search("[一-鿿]", REFUSALS[code][1])


def test_sentences_ask_for_nothing_that_the_error_does_not_tell():
    lacking = []
    for name, kind, words in CODED:
        given = {key.value for key in words["values"].keys} if isinstance(words.get("values"), ast.Dict) else set()
        given |= {"version", "areas"} if kind == "StaleError" else set()
        asked = set(re.findall(r"\{(\w+)\}", REFUSALS[words["code"].value][0]))
        lacking += [(name, words["code"].value, value) for value in asked - given]
    # a variable holds the values of what blocks a plan
    assert lacking == [("plans_publishing.py", "blocked", "findings")]


def test_areas_are_called_by_their_names_where_those_are_known():
    error = ConflictError("", code="not_neighbours", values={"areas": ["1", "2"]})
    assert refusal(error, chinese=False).startswith("1 and 2 have no border")
    error.names = {"1": "东一网格"}
    assert refusal(error, chinese=True) == "东一网格、2没有共同的界线。请把它们之间的也选上。"


def test_many_areas_are_counted_instead_of_named():
    changed = [str(number) for number in range(9)]
    error = StaleError("", version=3, changed=changed, code="stale_version", do="")
    assert "0、1、2、3、4等 9 个" in refusal(error, chinese=True)


def test_what_blocks_a_plan_is_said_in_the_language_asked_for():
    row = {"rule": "overlap", "codes": "1;2", "measured": 12.0, "unit": "m2", "limit": 1.0}
    error = ConflictError("", code="blocked", values={"findings": [row], "more": 2})
    error.names = {"1": "一网格", "2": "二网格"}
    assert "一网格和二网格重叠 12 平方米" in refusal(error, chinese=True)
    assert "另有 2 处" in refusal(error, chinese=True)


def test_an_error_without_sentences_keeps_its_own():
    assert refusal(ConflictError("something else", code="unheard_of"), chinese=True) is None


@pytest.mark.parametrize(("households", "said"), [(0, "0 households"), (1, "1 household"), (27, "27 households")])
def test_one_household_is_singular_in_what_is_found(households, said):
    row = {"rule": "households", "codes": "1", "measured": households, "unit": "households", "limit": 150.0}
    assert finding(row, {}, chinese=False)[0] == f"1 has {said}, the norm is at least 150 households"
    grids = gpd.GeoDataFrame(
        {"code": ["a"], "households": [households]}, geometry=[shapely.box(0, 0, 99, 99)], crs=4549
    )
    (message,) = check(grids).query("rule == 'households'")["message"]
    assert message.startswith(f"a has {said}, ")
