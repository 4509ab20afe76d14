"""Texts that nobody means as an address: what they cost, what they are answered, and what is never told of them."""

from __future__ import annotations

import dataclasses
import gc
import itertools
import logging
import random
import time

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap.address import Gazetteer, parse
from gridmap.address.suggest import Suggestions
from gridmap.errors import InputError
from gridmap.territory import Territory, today

#: What one text may cost, CPU seconds: promised of any text.
BLINK_S = 0.05


def plates(*texts, **more):
    """Addresses along the 32nd parallel, 100 m apart or so."""
    places = shapely.points([120.8 + place * 1e-3 % 1 for place in range(len(texts))], 32.0)
    return gpd.GeoDataFrame({"id": range(len(texts)), "text": texts, **more}, geometry=places, crs=4490)


@pytest.fixture(scope="module")
def small():
    """Two plates of one road, and a building."""
    return Gazetteer(plates("崇川区人民路5号", "崇川区人民路7号", "崇川区学田路9号阳光花园3幢"))


# --- what a text costs

#: Characters of names of which each is one slip from many others: every third sounds alike.
_ALIKE = "民明名仁人任清青轻兴星新"

_STEMS = ["".join(stem) for stem in itertools.product(_ALIKE, repeat=3)]

#: 1 728 roads and as many compounds, 20 736 addresses: the worst that a search for slips may meet.
_CROWDED = [
    f"江苏省南通市崇川区城东街道{stem}路{number}号{stem[::-1]}花园{building}幢"
    for stem in _STEMS
    for number, building in zip(range(1, 13), range(12, 0, -1), strict=True)
]


def slipped(seed, pattern, count):
    """Names that are one character off those of the gazetteer, each in a pattern."""
    chance = random.Random(seed)
    stems = (list(chance.choice(_STEMS)) for _ in range(count))
    return "".join(pattern.format("".join([*stem[:2], chance.choice("铭亲鑫情")])) for stem in stems)


#: What is written over and over again.
UNITS = {
    "digits": ["1234567890", "9", "１２３", "1 ", "138 0000 ", "5号0"],
    "numerals": ["一二三四五六七八九十", "百千万", "零〇", "廿", "一百二十三号", "两"],
    "words of numbers": ["号", "幢栋座楼", "单元室层", "1号2幢3单元4室", "#", "号楼"],
    "one road": ["民民民路", "民民民路5号", "民民民路与", "路", "民明名路1号民明名路"],
    "one compound": ["民民民花园", "民民民花园3幢", "花园", "民明名花园一期"],
    "brackets": [
        "(",
        ")",
        "()",
        "（民民民路）",
        "[（",
        "（无",
        "）（",
        "（民民民民民民民民民民民民民民民民民民民民民民",
    ],
    "numbers below numbers": ["5号附3号", "附3号", "之2", "5之", "附", "甲乙丙丁", "民民民路5号之2附3甲"],
    "dashes": ["1-", "-", "1--2", "民民民路1-2-3-", "1至2之", "—~"],
    "letters": ["A1", "ABCDEFG", "A座B座", "AB", "a b "],
    "relations": ["对面旁边", "往东50米", "交叉口", "与和及", "民民民路往东", "民民民路5号对面", "路口"],
    "divisions": ["江苏省南通市崇川区", "江苏南通", "市", "省市区县镇乡村社区", "南京", "崇川区城东街道"],
    "code": ["'; DROP TABLE addresses; --", "<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}", "%s%n", "../"],
    "not to be seen": ["\x00\x01\x1b", "\u200b", "\u202e", "民\u200b", "\ufeff"],
    "growing": ["\ufdfa", "㍿", "⑽", "㈱", "½", "人\u0301", "한"],
    "rare": ["🏠", "👨‍👩‍👧", "𠀀", "\ue000", "\ud800", "㐀㐁㐂", "臺灣號樓"],
    "gaps": [" ", "\t\n", "民 ", "，a", "。", "东,区,", "民民民路，"],
}

#: Patterns of names that are off by one character, and how many there are.
_PATTERNS = {"{}路": 50, "{}": 66, "{}路3号": 33, "{}路与": 40, "{}花园3幢": 28, "{0}路3号{0}花园5幢": 1}

#: The longest text that is still looked up, and one that only is written plainly.
LENGTHS = (200, 10_000)

HOSTILE = {
    f"{kind} {place}, {length}": (unit * length)[:length]
    for kind, units in UNITS.items()
    for place, unit in enumerate(units)
    for length in LENGTHS
} | {
    f"slipped {pattern} {seed}": slipped(seed, pattern, count)
    for pattern, count in _PATTERNS.items()
    for seed in range(3)
}


@pytest.fixture(scope="module")
def crowded():
    """What answers from the crowded gazetteer; garbage is not collected meanwhile, for that is nobody's text's cost."""
    table = plates(*_CROWDED)
    gazetteer, suggestions = Gazetteer(table), Suggestions(table)
    for warm in ("崇川区民民民路5号", "臺灣"):
        gazetteer.match(warm), parse(warm), suggestions.suggest(warm)
    gc.collect()
    gc.disable()
    yield {"match": gazetteer.match, "parse": parse, "suggest": suggestions.suggest}
    gc.enable()


@pytest.mark.alone
@pytest.mark.parametrize("ask", ["match", "parse", "suggest"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=map(ascii, HOSTILE))
def test_no_text_costs_more_than_a_blink_when_it_is_first_asked(crowded, text, ask):
    begun = time.thread_time()
    crowded[ask](text)
    assert time.thread_time() - begun < BLINK_S


# --- numbers of persons

#: Made up; each has four zeros in a row, which nothing that is told of it may have.
PERSONAL = [
    "13800000000", "138 0000 0000", "138-0000-0000", "138.0000.0000", "+86 138 0000 0000", "008613800000000",
    "１３８００００００００", "138\u200b0000\u200b0000", "0513-85500000", "(0513)85500000", "320602199001010000",
    "32060219900000000X", "320602 19901010 0000", "320602-19901010-000X", "320602901010000", "6222 0000 0000 0000",
    "６２２２０００００００００００００００",
]  # fmt: skip

AROUND = [
    "人民路5号 {}",
    "{} 人民路5号",
    "电话：{}，人民路5号",
    "人民路5号（{}）",
    "人民路5号，手机号码{}",
    "人民路6号 {}",
]


@pytest.mark.parametrize("pasted", PERSONAL, ids=ascii)
@pytest.mark.parametrize("around", AROUND)
def test_numbers_of_persons_are_dropped_and_told_to_nobody(small, caplog, pasted, around):
    caplog.set_level(logging.DEBUG)
    text = around.format(pasted)
    match = small.match(text, explain=True)
    number = "5" if "5" in around else "6"
    assert (match.id, match.reason) == ((0, None) if number == "5" else (None, "no_such_number"))
    assert not [said for said in texts(dataclasses.asdict(match)) if "0000" in digits(said)]
    assert [(part.kind, part.value) for part in parse(text)] == [("road", "人民路"), ("number", number)]
    assert not caplog.records


def texts(said):
    """All texts in an answer."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict | list | tuple):
        for part in said.values() if isinstance(said, dict) else said:
            yield from texts(part)


def digits(text):
    """The digits of a text, in one width."""
    return "".join(str(int(char)) for char in text if char.isdecimal())


@pytest.mark.parametrize(
    "text", ["人民路12345号", "阳光花园12-3-1001", "318国道1234号", "人民路1234号12幢3单元1001室", "人民路5号 226000"]
)
def test_numbers_of_addresses_are_told(small, text):
    assert small.match(text).query == text


# --- code

CODE = [
    "'; DROP TABLE addresses; --", "' OR '1'='1", "1; SELECT pg_sleep(10)", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "{{7*7}}", "${jndi:ldap://x/a}", "../../etc/passwd", "%00", "=HYPERLINK(1)",
    "\\u001b", "$(reboot)", "\x1b[2J", "\x00\x01\x02", "\u202e\u2066<b>", "🏠🏠", "\ud800\udfff", "﷽",
]  # fmt: skip


@pytest.mark.parametrize("code", CODE, ids=ascii)
def test_code_is_no_address(small, code):
    match = small.match(code)
    assert (match.status, match.id, match.x, match.candidates, match.query) == ("not_found", None, None, (), code)


@pytest.mark.parametrize("code", CODE, ids=ascii)
def test_code_behind_an_address_is_refused_or_what_was_passed_over_is_told(small, code):
    match = small.match(f"人民路5号 {code}")
    assert match.id in {None, 0}
    assert match.id is None or match.notes or not any(char.isalnum() for char in code)


# --- nothing

NOTHING = ["无", "暂无", "不详", "未知", "NULL", "null", "None", "NaN", "N/A", " 无 "]


@pytest.mark.parametrize("word", NOTHING)
def test_a_word_for_nothing_is_no_address(small, word):
    assert (small.match(word).reason, parse(word)) == ("empty", [])
    assert Gazetteer(plates(word)).match(word).status == "not_found"
    assert Suggestions(plates(word)).suggest(word) == []


@pytest.mark.parametrize("cell", [None, float("nan"), pd.NA, pd.NaT], ids=str)
def test_an_empty_cell_is_no_address(small, cell):
    assert small.match_many([cell, "人民路5号"])["status"].tolist() == ["not_found", "found"]
    assert Gazetteer(plates(cell, "人民路5号")).match("人民路5号").id == 1


@pytest.mark.parametrize("value", [None, float("nan"), 5, b"\xe4", ["人民路5号"], pd.NA], ids=str)
def test_what_is_no_text_is_refused(small, value):
    for ask in (small.match, parse):
        with pytest.raises(InputError, match="text"):
            ask(value)


@pytest.mark.parametrize("cell", ["无", "NULL", "暂无", "", " ", None])
def test_two_houses_without_a_building_are_not_in_one_building(cell):
    apart = plates("人民路5号", "人民路5号", building=[cell, cell])
    assert Gazetteer(apart).match("人民路5号").status == "ambiguous"


@pytest.mark.parametrize("name", ["无锡市", "无为市", "无极县"])
def test_a_division_whose_name_begins_with_the_word_for_nothing_is_one(name):
    assert [part.value for part in parse(f"{name}人民路5号")] == [name, "人民路", "5"]
    assert Gazetteer(plates(f"{name}人民路5号")).match(f"{name}人民路5号").id == 0


# --- all of it in a territory

EVERY = [*CODE, *NOTHING, *(around.format(PERSONAL[0]) for around in AROUND), "很" * 10_000, "", "人民路7号", "花园"]


@pytest.fixture(scope="module")
def territory():
    whole = gpd.GeoDataFrame(
        {"code": ["320613"], "name": ["崇川区"], "level": ["district"]},
        geometry=[shapely.box(120.7, 31.9, 120.9, 32.1)],
        crs=4490,
    )
    return Territory(whole, plates("崇川区人民路5号", "崇川区人民路7号"), on=today())


@pytest.mark.parametrize("text", EVERY, ids=lambda text: ascii(text[:12]))
def test_a_territory_answers_with_its_area_or_with_none(territory, text):
    answer = territory.find(text)
    number = next((number for number in "57" if f"人民路{number}号" in text), None)
    assert answer["status"] == ("found" if number else "not_found")
    assert (answer["area"], answer["lon"]) == (
        ("320613", {"5": 120.8, "7": 120.801}[number]) if number else (None, None)
    )
    assert not [said for said in texts(answer) if "0000" in digits(said)]


def test_a_territory_answers_many_bad_texts_as_each_alone(territory):
    assert territory.find_many(EVERY) == [territory.find(text) for text in EVERY]
