"""Addresses while they are being typed: what is suggested, and in which order."""

from __future__ import annotations

import pickle
import time
import tracemalloc

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap import samples
from gridmap.address.suggest import Suggestions
from gridmap.address.suggest.listing import natural
from gridmap.errors import InputError
from tests.plates import numbered, plates, texts

#: What the project promises of 100 000 addresses.
PROMISED_CPU_S, PROMISED_MB = 5.0, 60.0


@pytest.fixture(scope="module")
def small():
    """Two districts with roads of one name, a compound with buildings, a village with groups."""
    return Suggestions(
        plates(
            *numbered("江苏省南通市崇川区城东街道人民路", 50, 5, 51, 500, 6, "5附1"),
            *numbered("江苏省南通市崇川区城东街道人民东路", 1, 2, 3),
            *numbered("江苏省南通市海门区人民路", 5, 7),
            *(f"江苏省南通市崇川区城东街道学田路9号阳光花园{n}幢" for n in (3, 30, 12)),
            "江苏省南通市崇川区城东街道学田路9号阳光花园3幢2单元",
            "江苏省南通市崇川区新人民巷1号",
            "江苏省南通市崇川区文峰街道五一村2组14号",
            "江苏省南通市崇川区文峰街道五一村2组3号",
        )
    )


def test_names_come_as_typed_then_beginning_so_then_holding_it_and_the_most_borne_first(small):
    found = [(one.text, one.within, one.count) for one in small.suggest("人民路")]
    assert found[:2] == [("人民路", "崇川区", 6), ("人民路", "海门区", 2)]
    found = [(one.text, one.within, one.count) for one in small.suggest("人民")]
    assert found == [
        ("人民路", "崇川区", 6),
        ("人民东路", "崇川区", 3),
        ("人民路", "海门区", 2),
        ("新人民巷", "崇川区", 1),
    ]


def test_names_borne_by_as_many_stand_in_the_order_of_their_characters():
    # 一 U+4E00, 丁 U+4E01, 七 U+4E03
    suggestions = Suggestions(plates("七里路1号", "一里路1号", "丁里路1号"))
    assert texts(suggestions, "里路") == ["一里路", "丁里路", "七里路"]


def test_numbers_are_listed_as_they_are_counted_the_typed_one_first(small):
    found = [(one.text, one.within[-3:]) for one in small.suggest("人民路5")]
    assert found == [
        ("人民路5号", "东街道"),
        ("人民路5号", "海门区"),
        ("人民路5附1号", "东街道"),
        ("人民路50号", "东街道"),
        ("人民路51号", "东街道"),
        ("人民路500号", "东街道"),
    ]


def test_a_number_typed_with_its_word_is_only_that_number(small):
    assert texts(small, "崇川区人民路5号") == ["人民路5号"]


def test_a_road_typed_in_full_lists_its_first_numbers_after_the_names(small):
    assert texts(small, "人民东路") == ["人民东路", "人民东路1号", "人民东路2号", "人民东路3号"]


def test_buildings_of_a_compound_are_listed_with_or_without_its_road(small):
    assert texts(small, "阳光花园3") == ["阳光花园3幢", "阳光花园30幢", "阳光花园3幢2单元"]
    assert texts(small, "学田路9号3")[:2] == ["学田路9号阳光花园3幢", "学田路9号阳光花园30幢"]
    assert texts(small, "学田路9号阳") == ["学田路9号阳光花园", *(f"学田路9号阳光花园{n}幢" for n in (3, 12, 30))]


def test_a_village_lists_its_groups_and_a_group_its_houses(small):
    assert texts(small, "五一村2") == ["五一村2组", "五一村2组3号", "五一村2组14号"]
    assert texts(small, "五一村2组1") == ["五一村2组14号"]
    assert small.suggest("五一村")[0].count == 2


@pytest.mark.parametrize(
    "typed",
    [
        "崇川区人民路51",
        "崇川人民路51",
        "江苏省南通市崇川区城东街道人民路51",
        "南通市崇川区人民路５１",
        "崇川区 人民路 51",
        "崇川区人民路五十一",
        "崇川区人民路五一号",
        "崇川區人民路51號",
        "崇川区rml51",
        "崇川区renminlu51",
        "崇川区人名路51",
    ],
)
def test_the_same_number_may_be_typed_in_many_ways(small, typed):
    assert (small.suggest(typed)[0].text, small.suggest(typed)[0].id) == ("人民路51号", "A3")


def test_a_division_that_was_typed_leaves_out_the_others(small):
    assert [one.within for one in small.suggest("海门区人民路5")] == ["江苏省南通市海门区"]


def test_names_are_left_out_too_that_do_not_lie_in_a_typed_division(small):
    assert [(one.text, one.within) for one in small.suggest("海门区人民", limit=1)] == [("人民路", "海门区")]
    assert "人民东路" not in texts(small, "海门区人民")


def test_of_a_road_through_two_streets_only_the_numbers_of_the_typed_one_are_listed():
    suggestions = Suggestions(plates("崇川区城东街道人民路1号", "崇川区文峰街道人民路2号", "崇川区文峰街道人民路10号"))
    assert texts(suggestions, "文峰街道人民路") == ["人民路", "人民路2号", "人民路10号"]
    assert texts(suggestions, "文峰街道人民路1") == ["人民路10号"]


def test_districts_of_one_name_are_told_apart_by_their_cities():
    suggestions = Suggestions(plates("江苏省南京市鼓楼区人民路1号", "江苏省徐州市鼓楼区人民路2号"))
    assert [one.within for one in suggestions.suggest("人民路")] == ["南京市鼓楼区", "徐州市鼓楼区"]


def test_numbers_of_a_full_name_go_before_those_of_names_that_hold_it():
    suggestions = Suggestions(plates(*(f"新阳光花园{n}幢" for n in (3, 4, 5)), "阳光花园30幢", "阳光花园3幢"))
    assert texts(suggestions, "阳光花园3") == ["阳光花园3幢", "阳光花园30幢", "新阳光花园3幢"]


def test_the_word_of_a_number_tells_a_house_from_a_building():
    suggestions = Suggestions(plates("学田路5号", "学田路5幢"))
    assert texts(suggestions, "学田路5号") == ["学田路5号"]
    assert texts(suggestions, "学田路5幢") == ["学田路5幢"]
    assert set(texts(suggestions, "学田路5")) == {"学田路5号", "学田路5幢"}


@pytest.mark.parametrize("typed", ["复兴南路1段39", "復興南路一段39", "复兴南路一段三十九"])
def test_numbers_in_names_may_be_typed_either_way(typed):
    suggestions = Suggestions(plates("臺北市大安區復興南路1段390號", "台北市大安区复兴南路一段39号"))
    assert texts(suggestions, typed) == ["復興南路1段39号", "復興南路1段390號"]
    assert suggestions.suggest("复兴")[0].kind == "road"


def test_a_road_called_like_a_district_is_a_road_whatever_stands_before():
    suggestions = Suggestions(plates("台北市中正区信义路2段15号", "台北市信义区松高路1号", "信义路2段20号"))
    assert [one.count for one in suggestions.suggest("信义路")] == [1, 1]
    assert texts(suggestions, "中正区信义路2段1") == ["信义路2段15号"]


def test_a_division_that_no_such_road_lies_in_is_passed_over(small):
    assert texts(small, "文峰街道人民东路2") == ["人民东路2号"]


def test_a_name_may_be_spelled_in_full_or_by_its_first_letters(small):
    for typed in ("renmindong", "RMDL", "ren min dong lu", "rmd"):
        assert texts(small, typed)[0] == "人民东路"
    assert texts(small, "minlu")[0] == "人民路"


def test_a_character_with_several_readings_is_found_by_any():
    suggestions = Suggestions(plates("重庆路1号", "长乐路1号"))
    assert [texts(suggestions, typed)[0] for typed in ("chongqing", "zhongqing", "cql", "changle", "zhangle")] == [
        *["重庆路"] * 3,
        *["长乐路"] * 2,
    ]


def test_letters_that_a_name_holds_are_no_pinyin():
    suggestions = Suggestions(plates("学田路1号", "XT公寓2号"))
    assert texts(suggestions, "xt") == ["XT公寓", "XT公寓2号"]


def test_a_slip_is_only_thought_of_where_nothing_is_written_so(small):
    assert texts(small, "人名东路")[0] == "人民东路"
    assert texts(small, "学甜路") == texts(small, "学田路")
    assert "人民东路" not in texts(small, "人民路")


def test_a_word_left_out_of_a_name_is_a_slip_and_another_word_is_not():
    suggestions = Suggestions(plates(*numbered("人民中路", 1, 2), "人民东路1号", "学田路1号"))
    assert texts(suggestions, "人民路") == ["人民中路", "人民东路"]
    assert texts(suggestions, "学府路") == []


def test_where_a_number_does_not_exist_its_road_is_suggested(small):
    assert texts(small, "人民东路99")[0] == "人民东路"


@pytest.mark.parametrize("typed", ["五一村2村", "五一村2村民", "五一村2村民小"])
def test_a_word_of_a_number_may_be_half_typed(small, typed):
    assert texts(small, typed)[0] == "五一村2组"


def test_half_a_unit_is_typed_on_the_way_to_a_unit(small):
    assert texts(small, "阳光花园3幢2单") == ["阳光花园3幢2单元"]


def test_a_division_typed_in_full_lists_what_lies_in_it(small):
    found = [(one.text, one.kind, one.count) for one in small.suggest("城东街道")]
    assert found[:3] == [("城东街道", "street", 13), ("人民路", "road", 6), ("学田路", "road", 4)]


@pytest.mark.parametrize(
    ("typed", "first", "typed_part"),
    [
        ("人民", "人民路", "人民"),
        ("花园", "阳光花园", "花园"),
        ("海门区人民路7", "人民路7号", "人民路7"),
        ("人民东路三", "人民东路3号", "人民东路3"),
        ("renmind", "人民东路", "人民东"),
        ("rmdl1", "人民东路1号", "人民东路1"),
        ("五一村2组1", "五一村2组14号", "五一村2组1"),
        ("光花园12幢", "阳光花园12幢", "光花园12幢"),
        ("人名东路2号", "人民东路2号", "人民东路2号"),
    ],
)
def test_what_was_typed_is_told(small, typed, first, typed_part):
    one = small.suggest(typed)[0]
    assert (one.text, one.text[slice(*one.matched)]) == (first, typed_part)


def test_a_suggestion_of_an_address_says_which_and_where_it_is(small):
    one = small.suggest("海门区人民路7号")[0]
    assert (one.within, one.text, one.kind, one.id) == ("江苏省南通市海门区", "人民路7号", "number", "A11")
    assert (one.x, one.y, one.count) == (pytest.approx(120.81), 32.0, 1)


def test_a_name_is_placed_at_an_address_in_its_middle(small):
    # 人民东路 1, 2 and 3 are the seventh to ninth plate; the middle one stands at 120.8 + 7 * 0.001
    assert small.suggest("人民东路")[0].x == pytest.approx(120.807)


def test_a_number_that_only_others_go_on_from_is_no_address(small):
    one = small.suggest("学田路9")[0]
    assert (one.text, one.id, one.count) == ("学田路9号", None, 4)


def test_roads_of_one_name_are_told_apart_by_where_they_lie_if_their_texts_do_not_say():
    districts = gpd.GeoDataFrame(
        {"code": ["1", "2"], "name": ["东区县", "西城区"], "level": "district", "parent": None},
        geometry=[shapely.box(121, 32, 122, 33), shapely.box(120, 32, 121, 33)],
        crs=4490,
    )
    suggestions = Suggestions(plates("人民路1号", "人民路2号", at=[(120.5, 32.5), (121.5, 32.5)]), districts)
    assert [(one.within, one.count) for one in suggestions.suggest("人民路", limit=2)] == [("东区县", 1), ("西城区", 1)]


def test_texts_are_shown_as_the_table_writes_them_but_for_gaps():
    suggestions = Suggestions(plates("崇川区 人民路 ５号", "崇川區學田路６號"))
    found = [(one.within + one.text) for typed in ("人民路5", "学田路6") for one in suggestions.suggest(typed)]
    assert found == ["崇川区人民路５号", "崇川區學田路６號"]


def test_numbers_of_persons_are_neither_suggested_nor_searched():
    suggestions = Suggestions(plates("崇川区人民路5号 13800138000", "崇川区人民路6号"))
    assert "138" not in "".join(one.within + one.text for one in suggestions.suggest("人民路"))
    assert texts(suggestions, "人民路6 13800138000") == ["人民路6号"]


def test_an_address_without_numbers_is_suggested_by_its_name_and_as_itself():
    suggestions = Suggestions(plates("崇川区虹桥医院", "崇川区虹桥医院2号楼", "崇川区"))
    assert [(one.text, one.count) for one in suggestions.suggest("虹桥")] == [("虹桥医院", 2), ("虹桥医院2号楼", 1)]
    assert [one.id for one in suggestions.suggest("虹桥")] == ["A1", "A2"]


def test_rows_without_a_text_or_a_place_are_passed_over():
    table = pd.DataFrame(
        {"id": [1, 2, 3], "text": [None, "人民路2号", "人民路3号"], "lon": [1.0, None, 120.8], "lat": [1.0, 2.0, 32.0]}
    )
    assert texts(Suggestions(table), "人民路") == ["人民路", "人民路3号"]
    assert texts(Suggestions(table), "none") == texts(Suggestions(table), "nan") == []


@pytest.mark.alone
@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "\0",
        "路" * 201,
        "'; DROP TABLE addresses; --",
        "<img src=x>",
        "😀",
        "没有这条路",
        "5号",
        "\u200b",
        "-" * 99,
    ],
)
def test_nothing_is_suggested_for_what_is_no_address(small, typed):
    began = time.process_time()
    assert small.suggest(typed) == []
    assert time.process_time() - began < 0.05


@pytest.mark.parametrize(("typed", "limit"), [(None, 10), (5, 10), ("人民", 0)])
def test_what_cannot_be_asked_is_refused(small, typed, limit):
    with pytest.raises(InputError):
        small.suggest(typed, limit=limit)


@pytest.mark.parametrize("table", [pd.DataFrame({"id": [1]}), pd.DataFrame({"id": [1], "text": ["a"]})])
def test_a_table_without_texts_or_places_is_refused(table):
    with pytest.raises(InputError):
        Suggestions(table)


def test_numbers_with_more_behind_them_stand_behind_the_plain_ones():
    assert sorted(["12", "2", "2附1", "2-1", "丙", "A", "2附10", "2附2"], key=natural) == [
        *("2", "2-1", "2附1", "2附2", "2附10", "12"),
        *("A", "丙"),
    ]


@pytest.mark.alone
@pytest.mark.slow
def test_100_000_addresses_are_ready_within_5_cpu_seconds_and_60_megabytes():
    tables = samples.town(seed=3, buildings=76_000)
    assert len(tables["addresses"]) >= 100_000
    began = time.process_time()
    kept = pickle.dumps(Suggestions(tables["addresses"], tables["areas"]))
    assert time.process_time() - began < PROMISED_CPU_S
    tracemalloc.start()
    restored = pickle.loads(kept)  # noqa: S301 - dumped above
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert restored.suggest("人民")
    assert held / 1e6 < PROMISED_MB
