"""Where an address ends and what its name may have been: remarks behind it, ends of names, roads named for short."""

from __future__ import annotations

import pandas as pd
import pytest

from gridmap.address import Gazetteer, Match

FRONT = "江苏省南通市"
#: Each address 0.001 degrees, some 95 m, east of the one before.
TEXTS = """
崇川区锦坊路137号 崇川区锦坊路139号 崇川区锦坊路139-1号 崇川区锦坊路141号 崇川区锦坊路5号阳光花园3幢
崇川区碧桂新村32幢 崇川区四牌楼里12号 崇川区七号园区村12组27号 崇川区虹东社区2组7号
崇川区人民东路5号 崇川区人民中路5号 崇川区人民西路8号 崇川区江海大道东段6号 崇川区江海大道西段6号 崇川区青年东路3号
崇川区城东街道展河社区牛征水岸17幢1单元 崇川区城东街道展河社区牛征水岸17幢2单元 崇川区城东街道京英社区牛征水岸16幢1单元
崇川区胜英中大道10号工人名邸二期2幢
崇川区城东街道和平路2号 崇川区城东街道松山路4号
"""


@pytest.fixture(scope="module")
def here() -> Gazetteer:
    texts = TEXTS.split()
    places = {"lon": [120.8 + row / 1000 for row in range(len(texts))], "lat": 32.0}
    return Gazetteer(pd.DataFrame({"id": texts, "text": [FRONT + text for text in texts], **places}))


def shown(match: Match) -> list[str]:
    """What may be meant, without province and city."""
    return [candidate.text.removeprefix(FRONT) for candidate in match.candidates]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("锦坊路上139-1号，路灯坏了", "崇川区锦坊路139-1号"),
        ("锦坊路上139-1号", "崇川区锦坊路139-1号"),
        ("锦坊路上139-1", "崇川区锦坊路139-1号"),
        ("锦坊路上的139号", "崇川区锦坊路139号"),
        ("锦坊路139号路灯坏了", "崇川区锦坊路139号"),
        ("锦坊路139号路面积水", "崇川区锦坊路139号"),
        ("锦坊路139号、路灯坏了，请来修", "崇川区锦坊路139号"),
        ("锦坊路139号；下水道堵了。有人来过，没修好！", "崇川区锦坊路139号"),
        ("锦坊路139号，坏了3天", "崇川区锦坊路139号"),
        ("锦坊路139号，已经2个月了，路灯坏了", "崇川区锦坊路139号"),
        ("锦坊路5号，阳光花园，3幢，楼道里堆东西", "崇川区锦坊路5号阳光花园3幢"),
    ],
)
def test_a_complaint_behind_an_address_does_not_hide_it(here, asked, found):
    assert here.match(asked).id == found


@pytest.mark.parametrize(
    "asked",
    [
        "锦坊路139号，3幢",
        "锦坊路5号，阳光花园4幢",
        "锦坊路5号，阳光花园，4#",
        "锦坊路139号，阳光花园",
        "锦坊路139号，上海市",
        "锦坊路140-1号，路灯坏了",
        "锦坊路上140-1号",
    ],
)
def test_what_goes_on_with_the_address_is_no_remark(here, asked):
    assert here.match(asked).status == "not_found"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("碧桂村新32幢", "崇川区碧桂新村32幢"),
        ("四楼牌里12号", "崇川区四牌楼里12号"),
        ("七号园去村12组27号", "崇川区七号园区村12组27号"),
    ],
    ids=["mark of a number", "floor", "number of a name"],
)
def test_a_slip_that_makes_a_numeral_of_a_name_is_found(here, asked, found):
    match = here.match(asked)
    assert (match.id, [note.code for note in match.notes]) == (found, ["typo"])


@pytest.mark.parametrize("asked", ["锦坊路乙139号", "锦坊路新139号", "四牌楼里三楼12号"])
def test_a_mark_before_a_number_is_not_passed_over(here, asked):
    assert here.match(asked).status == "not_found"


def test_a_road_that_is_off_is_found_behind_a_compound_however_long_both_are(here):
    match = here.match("工人名邸二期胜蝇中大道10号2幢")
    assert match.id == "崇川区胜英中大道10号工人名邸二期2幢"


@pytest.mark.parametrize("asked", ["展河社区牛征水岸17-2", "牛征水岸17-2", "京英社区牛征水岸17-2"])
def test_a_dash_behind_a_compound_parts_building_and_unit_whatever_its_name_ends_with(here, asked):
    assert here.match(asked).id == "崇川区城东街道展河社区牛征水岸17幢2单元"


def test_a_building_whose_own_number_has_a_dash_is_not_a_unit():
    texts = ["崇川区牛征水岸17-2幢", "崇川区牛征水岸16幢2单元"]
    plates = pd.DataFrame({"id": [1, 2], "text": texts, "lon": [120.8, 120.9], "lat": 32.0})
    assert [Gazetteer(plates).match(asked).id for asked in ("牛征水岸17-2", "牛征水岸16-2")] == [1, 2]


def test_what_is_known_of_a_village_that_lacks_the_house_is_the_village(here):
    match = here.match("虹东社区2组8号", explain=True)
    assert (match.reason, match.known.level) == ("no_such_number", "community")
    assert match.known.text == "江苏省南通市崇川区虹东社区"


def test_a_village_is_explained_as_one(here):
    assert [step.name for step in here.match("虹东社区2组7号", explain=True).steps] == ["community", "number"]


# --- a road of several sides, by what they have in common


def test_a_number_that_several_sides_of_a_road_have_is_ambiguous(here):
    match = here.match("人民路5号")
    assert (match.status, match.reason) == ("ambiguous", "several_places")
    assert shown(match) == ["崇川区人民东路5号", "崇川区人民中路5号"]


@pytest.mark.parametrize("asked", ["人民路8号", "崇川区人民路8号", "崇川区人民路8号，路灯坏了"])
def test_a_number_that_one_side_has_is_shown_and_not_guessed(here, asked):
    match = here.match(asked)
    assert (match.status, match.reason, shown(match)) == ("not_found", "no_such_road", ["崇川区人民西路8号"])


def test_for_a_number_that_no_side_has_the_sides_are_shown(here):
    match = here.match("人民路77号")
    assert (match.status, match.reason) == ("not_found", "no_such_road")
    assert shown(match) == ["崇川区人民东路", "崇川区人民中路", "崇川区人民西路"]


@pytest.mark.parametrize(
    ("asked", "status", "roads"),
    [
        ("人民路", "ambiguous", ["崇川区人民东路", "崇川区人民中路", "崇川区人民西路"]),
        ("江海大道", "ambiguous", ["崇川区江海大道东段", "崇川区江海大道西段"]),
        ("青年路", "not_found", ["崇川区青年东路"]),
        ("和平东路", "not_found", []),
        ("上海市人民路", "not_found", []),
        ("上海市人民路5号", "not_found", []),
    ],
)
def test_the_name_that_sides_share_means_any_of_them(here, asked, status, roads):
    match = here.match(asked)
    assert (match.status, sorted(shown(match))) == (status, sorted(roads))


# --- a character that looks a little like another


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("城东街道知平路2号", "崇川区城东街道和平路2号"),
        ("知平路2号", None),
        ("城东街道知平路4号", None),
        ("天生港镇街道知平路2号", None),
        ("城东街道太平路2号", None),
        ("城东街道柏山路4号", None),
    ],
    ids=["number and street agree", "no street", "another number", "another street", "unlike", "of one radical"],
)
def test_a_road_with_a_character_a_little_alike_is_taken_where_number_and_street_agree(here, asked, found):
    assert here.match(asked).id == found


# --- when two places are one, and when nothing tells two from each other

#: 0.001 degrees are 95 m to the east and 111 m to the north
SEVERAL = {
    "heard nearly as well as another": (
        ("江苏省南通市崇川区人民路5号", "江苏省南通市崇川区任明路5号"),
        "任民路5号",
    ),
    "one road in two districts, of which one states its province": (
        ("江苏省崇川区海港路5号", "通州区海港路7号"),
        "江苏省海港路",
    ),
    "one text at two places": (("崇川区人民路5号", "崇川区人民路5号"), "人民路5号"),
    "a building here, and its door there": (
        ("崇川区城东街道人民路5号3幢", "崇川区学田街道人民路5号3幢1单元"),
        "人民路5号3幢",
    ),
}


@pytest.mark.parametrize(("texts", "asked"), SEVERAL.values(), ids=SEVERAL)
def test_places_two_kilometres_apart_that_a_text_fits_alike_are_ambiguous(texts, asked):
    plates = pd.DataFrame({"id": [1, 2], "text": texts, "lon": [120.80, 120.82], "lat": 32.0})
    match = Gazetteer(plates).match(asked)
    assert (match.status, match.reason, len(match.candidates)) == ("ambiguous", "several_places", 2)


@pytest.mark.parametrize(
    "texts",
    [
        ("崇川区人民路5号", "崇川区人民路5号"),
        ("崇川区城东街道人民路5号3幢", "崇川区学田街道人民路5号3幢1单元"),
    ],
    ids=["one text twice", "a building and its door"],
)
def test_places_twenty_metres_apart_that_are_called_alike_are_one(texts):
    plates = pd.DataFrame({"id": [1, 2], "text": texts, "lon": [120.8000, 120.8002], "lat": 32.0})
    asked = texts[0][texts[0].index("人民") :]
    assert Gazetteer(plates).match(asked).id == 1
