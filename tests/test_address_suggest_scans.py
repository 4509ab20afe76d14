"""What is suggested, held against a scan of all texts."""

from __future__ import annotations

import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap import samples
from gridmap.address import Gazetteer
from gridmap.address.suggest import Suggestions
from gridmap.address.suggest.infixes import Infixes
from gridmap.address.suggest.listing import Draft, Listing, Step


@pytest.fixture(scope="module")
def town():
    return samples.town(seed=0, buildings=5000)


@pytest.fixture(scope="module")
def of_town(town):
    return Suggestions(town["addresses"], town["areas"])


def test_areas_are_suggested_by_name_with_their_codes_though_no_address_lies_in_them(town, of_town):
    (first, *_) = of_town.suggest("城东")
    assert (first.text, first.kind, first.within, first.area) == ("城东街道", "street", "崇川区", "320613001")
    empty = Suggestions(town["addresses"].iloc[:0], town["areas"])
    assert (empty.suggest("城东")[0].text, empty.suggest("城东")[0].count) == ("城东街道", 0)


def test_no_more_than_the_limit_are_answered_and_none_twice(of_town):
    for typed in ("路", "人民", "崇川区", "学田北路6", "1", "rm"):
        found = of_town.suggest(typed, limit=30)
        assert len(found) <= 30
        assert len({(one.within, one.text, one.kind) for one in found}) == len(found)


def test_another_process_suggests_the_same(of_town):
    other = pickle.loads(pickle.dumps(of_town))  # noqa: S301 - dumped in this line
    for typed in ("人民", "学田北路6", "rml", "学甜北路", "虹西社区1"):
        assert other.suggest(typed) == of_town.suggest(typed)


def test_every_address_of_the_town_is_suggested_first_once_it_is_typed(town, of_town):
    for row in town["addresses"].iloc[::7].itertuples():
        first = of_town.suggest(row.text, limit=1)[0]
        assert (first.within + first.text, first.id) == (row.text, row.id)


def test_whatever_is_suggested_is_found_when_it_is_asked(town, of_town):
    gazetteer = Gazetteer(town["addresses"], town["areas"])
    for typed in (
        "人民",
        "学田北路",
        "学田北路6",
        "丽景嘉园1",
        "虹",
        "路",
        "园",
        "虹西社区1",
        "城东街道",
        "崇川",
        "医院",
        "rm",
    ):
        for one in of_town.suggest(typed, limit=50):
            match = gazetteer.match(one.within + one.text)
            assert (match.status, one.id in {None, match.id}) == ("found", True), (typed, one)


def test_roads_of_the_town_are_suggested_as_a_scan_of_all_its_texts_finds_them(town, of_town):
    roads = town["addresses"]["text"].str.extract(r"(?:社区|村)([^0-9社区村]+[路街巷弄])\d+号")[0].value_counts()
    for typed in ("人民", "青年", "学", "通京中"):
        begin = [name for name in roads.index if name.startswith(typed)]
        expected = sorted(begin, key=lambda name: (-roads[name], name))[:5]
        found = [one.text for one in of_town.suggest(typed, limit=50) if one.kind == "road"]
        assert found[: len(expected)] == expected


def test_numbers_of_the_town_are_suggested_as_a_scan_of_all_its_texts_finds_them(town, of_town):
    listed = town["addresses"]["text"]
    for road in ("人民中路", "青年西路", "学田北路"):
        numbers = sorted({int(n) for text in listed for n in re.findall(rf"{road}(\d+)号", text)})
        for typed in ("1", "2", "10"):
            begin = [f"{road}{n}号" for n in numbers if str(n).startswith(typed)]
            found = [one.text for one in of_town.suggest(f"{road}{typed}", limit=50) if one.kind == "number"]
            # where there is none, the road is suggested with what it has
            assert found == begin or not begin


names = st.lists(st.text("甲乙丙路", min_size=1, max_size=5), min_size=1, max_size=12, unique=True)


@given(names, st.text("甲乙丙路", min_size=1, max_size=3))
def test_names_are_found_by_any_part_as_a_scan_finds_them(words, part):
    index = Infixes((word, place, range(len(word))) for place, word in enumerate(words))
    rank = {word: 0 if word == part else 1 if word.startswith(part) else 2 for word in words}
    expected = sorted((place for place, word in enumerate(words) if part in word), key=lambda p: (rank[words[p]], p))
    assert [hit.name for hit in index.holding(part)] == expected


def test_a_part_longer_than_names_are_told_apart_by_is_compared_to_its_end():
    index = Infixes((text, place, range(len(text))) for place, text in enumerate(["甲" * 30 + "乙", "甲" * 30 + "丙"]))
    assert [hit.name for hit in index.holding("甲" * 28 + "丙")] == [1]
    assert list(index.holding("甲" * 40)) == []


@given(st.sets(st.integers(1, 3000), min_size=1, max_size=60), st.integers(1, 3000))
def test_numbers_that_begin_so_are_found_as_a_scan_finds_them(numbers, typed):
    root = Draft("人民路")
    for number in numbers:
        root.enter([Step("number", str(number), f"{number}号")], number, 0)
    listing = Listing([root])
    found = [int(listing.value[node]) for node in listing.beginning(0, str(typed))]
    assert found == sorted((n for n in numbers if str(n).startswith(str(typed))), key=lambda n: (len(str(n)), n))
    assert [listing.value[node] for node in listing.equal(0, str(typed))] == [str(typed)] * (typed in numbers)
