"""Aliases among what is suggested: typed in full, in part, in letters."""

from __future__ import annotations

import pandas as pd
import pytest

from gridmap.address.suggest import Suggestions
from tests.plates import numbered, plates, texts


@pytest.fixture(scope="module")
def called():
    """A town whose people call some places by other names."""
    town = plates(*numbered("江苏省南通市崇川区人民路", 5, 7), *numbered("江苏省南通市崇川区大润路", 1, 2, 3))
    means = {
        "大润发": "人民路5号",
        "老大润发": "人民路7号",
        "大马路": "人民路",
        "旧厂": "人民路9号",
        "KFC大楼": "崇川区人民路7号",
    }
    return Suggestions(town, aliases=pd.DataFrame({"alias": list(means), "means": list(means.values())}))


def test_an_alias_that_was_typed_in_full_comes_first_and_asks_for_what_it_means(called):
    (first, *_) = called.suggest("大润发")
    assert (first.text, first.kind, first.matched) == ("大润发", "alias", (0, 3))
    assert (first.address, first.means, first.id) == (*["江苏省南通市崇川区人民路5号"] * 2, "A1")
    assert (first.x, first.y, first.count) == (120.8, 32.0, 1)


def test_an_alias_of_a_road_stands_for_all_its_addresses(called):
    (first, *_) = called.suggest("大马路")
    assert (first.address, first.count, first.id) == ("崇川区人民路", 2, None)


def test_names_come_before_aliases_of_which_a_part_was_typed(called):
    assert texts(called, "大润") == ["大润路", "大润路1号", "大润路2号", "大润路3号", "大润发", "老大润发"]


def test_of_three_suggestions_one_may_be_an_alias_that_was_typed_in_part(called):
    assert texts(called, "大润", limit=3) == ["大润路", "大润路1号", "大润发"]
    assert texts(called, "大润", limit=2) == ["大润路", "大润路1号"]


@pytest.mark.parametrize(
    ("typed", "matched"), [("润发", (1, 3)), ("darunf", (0, 3)), ("DRF", (0, 3))], ids=["inside", "pinyin", "initials"]
)
def test_an_alias_is_found_by_any_part_of_it_and_by_its_pinyin(called, typed, matched):
    (found,) = (one for one in called.suggest(typed) if one.text == "大润发")
    assert found.matched == matched


def test_an_alias_with_letters_is_found_however_they_are_written(called):
    assert [one.address for one in called.suggest("kfc")] == ["江苏省南通市崇川区人民路7号"]


def test_an_alias_of_what_is_not_there_is_passed_over(called):
    assert texts(called, "旧厂") == []


def test_other_aliases_leave_the_suggestions_that_are_there_as_they_are(called):
    other = called.with_aliases(pd.DataFrame({"alias": ["老街"], "means": ["人民路"]}))
    assert (texts(other, "老街"), texts(called, "老街")) == (["老街"], [])
    assert [one.kind for one in called.suggest("大马路")] == ["alias"]
    assert texts(other.with_aliases(None), "老街") == []
