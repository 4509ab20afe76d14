"""Addresses while they are being typed: what is suggested, and in which order."""

from __future__ import annotations

import pickle
import re
import time
import tracemalloc

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap import samples
from gridmap.address import Gazetteer
from gridmap.address.suggest import Suggestions
from gridmap.address.suggest.infixes import Infixes
from gridmap.address.suggest.listing import Draft, Listing, Step, natural
from gridmap.errors import InputError

#: What the project promises of 100 000 addresses.
PROMISED_CPU_S, PROMISED_MB = 5.0, 60.0


def plates(*texts, at=None):
    """Addresses of these texts, one after the other along a line, or where they are said to be."""
    at = at or [(120.8 + 0.001 * place, 32.0) for place in range(len(texts))]
    return gpd.GeoDataFrame(
        {"id": [f"A{place + 1}" for place in range(len(texts))], "text": texts}, geometry=shapely.points(at), crs=4490
    )


def numbered(road, *numbers):
    """Plates of a road."""
    return [f"{road}{number}号" for number in numbers]


def texts(suggestions, typed, **options):
    return [one.text for one in suggestions.suggest(typed, **options)]


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


@pytest.fixture(scope="module")
def town():
    return samples.town(seed=0, buildings=5000)


@pytest.fixture(scope="module")
def of_town(town):
    return Suggestions(town["addresses"], town["areas"])


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


def test_areas_are_suggested_by_name_with_their_codes_though_no_address_lies_in_them(town, of_town):
    (first, *_) = of_town.suggest("城东")
    assert (first.text, first.kind, first.within, first.area) == ("城东街道", "street", "崇川区", "320613001")
    empty = Suggestions(town["addresses"].iloc[:0], town["areas"])
    assert (empty.suggest("城东")[0].text, empty.suggest("城东")[0].count) == ("城东街道", 0)


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
