"""Which place a text means, rule by rule; `town` builds a gazetteer from lines of text."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.address import Gazetteer, Note
from tests.address_lines import FRONT, TOWN, areas, codes, said, town


@pytest.fixture(scope="module")
def nantong() -> Gazetteer:
    return town(TOWN)


@pytest.fixture(scope="module")
def divided() -> Gazetteer:
    return town(TOWN, areas())


# --- writing


@pytest.mark.parametrize(
    "text",
    [
        "人民路5号阳光花园3幢",
        "人民路5号3栋",
        "人民路5号三号楼",
        "人民路5号3#",
        "人民路５号３＃楼",
        "人民路5号3座",
        "人民路5号3楼",
        "人民路5-3",
        "人民路5-3-501",
        "阳光花园3-501",
        "阳光花园3幢301室",
        "阳光花园人民路5号3幢",
        "人民路5号3幢(阳光花园)",
        "江苏南通崇川人民路5号阳光花园3幢",
        "南通市崇川区南通市崇川区人民路5号阳光花园3幢",
        "人民路5号3幢人民路5号3幢（本人）",
        "喂，我在人民路上的五号那个阳光花园里面三号楼，路灯坏了",
        "人民路5号阳光花园3幢【房东】",
        "崇川區人民路5號陽光花園3幢",
        "人民路阳光花园3幢",
        "地址：人民路5号阳光花园3幢",
    ],
)
def test_one_building_is_found_in_whatever_way_people_write_it(text, nantong):
    match = nantong.match(text)
    assert (match.status, *said(match)) == ("found", "building", "人民路5号阳光花园3幢")


@pytest.mark.parametrize(
    "text", ["五星村2组7号", "五星村二组七号", "五星村2村民小组7号", "五星村2队7号", "五星2组7号", "五星村2-7"]
)
def test_a_house_of_a_village_is_found_by_group_and_number(text, nantong):
    assert nantong.match(text).id == "A10"


def test_a_lane_and_a_group_are_answered_where_no_house_is_asked(nantong):
    assert said(nantong.match("柳营路669弄")) == ("number", "柳营路669弄")
    group = nantong.match("五星村2组")
    assert (*said(group), group.id) == ("group", "五星村2组", None)
    assert 90 < group.accuracy_m < 100


def test_a_name_that_holds_a_number_is_taken_whole(nantong):
    assert nantong.match("金沙街道银杏七号公馆三幢").id == "A15"
    assert nantong.match("银杏七号公馆").level == "compound"
    assert town("仁虹条3号1幢 @ 0 0").match("仁虹条三号一幢").level == "building"
    assert town("壹号院3幢 @ 0 0\n望岳壹号院3幢 @ 9 0").match("望岳一号院3幢").id == "A1"


# --- numbers are never fuzzy


@pytest.mark.parametrize(
    ("text", "reason", "known"),
    [
        ("人民路5号阳光花园4幢", "no_such_building", "人民路5号"),
        ("人民路55号", "no_such_number", "人民路"),
        ("阳光花园31幢", "no_such_building", "阳光花园"),
        ("五星村3组7号", "no_such_number", "五星村"),
        ("建设路5号", "no_such_road", None),
        ("月亮湾花园5幢", "no_such_compound", None),
        ("上海市人民路5号", "other_place", None),
        ("南京市崇川区人民路5号", "other_place", None),
        ("通州区人民路5号", "contradiction", None),
        ("", "empty", None),
        ("人" * 201, "too_long", None),
        ("江苏省", "no_parts", None),
    ],
)
def test_what_does_not_exist_is_refused_with_the_reason_and_what_exists(text, reason, known, nantong):
    match = nantong.match(text)
    assert (match.status, match.reason, match.x, match.text) == ("not_found", reason, None, None)
    assert (match.known is None) if known is None else match.known.text.endswith(known)


def test_a_refusal_names_the_finest_division_that_exists(divided):
    match = divided.match("崇川区城东街道建设路5号")
    assert (match.reason, match.known.text, match.known.area) == ("no_such_road", "城东街道", "320602001")


def test_a_number_between_two_plates_of_its_side_is_interpolated(nantong):
    match = nantong.match("人民路3号")
    assert (match.level, match.id, codes(match)) == ("interpolated", None, ["interpolated"])
    assert 120.8 < match.x < 120.801
    assert match.notes[0].taken == "1 - 5"
    assert 10 < match.accuracy_m < 100


def test_plates_of_many_buildings_do_not_hide_the_next_number():
    rows = [f"崇川区人民路{number}号 @ {number} 0" for number in (1, 5)]
    crowded = town("\n".join([*rows, *(f"崇川区人民路5号{name}苑 @ 5 0" for name in "天地玄黄宇宙洪荒日月")]))
    assert crowded.match("人民路3号").level == "interpolated"


def test_who_lives_at_the_mouth_of_a_lane_tells_where_the_number_of_the_lane_is():
    road = town("崇川区人民路119号 @ 0 0\n崇川区人民路121弄口 @ 1 0\n崇川区人民路125号 @ 3 0")
    match = road.match("人民路123号")
    assert (match.level, round(match.x, 4), [note.taken for note in match.notes]) == (
        "interpolated",
        120.802,
        ["121 - 125"],
    )
    plates = town("崇川区人民路119号 @ 0 0\n崇川区人民路121号 @ 1 0\n崇川区人民路125号 @ 3 0")
    assert match.accuracy_m == pytest.approx(plates.match("人民路123号").accuracy_m + 15, abs=0.1)


@pytest.mark.parametrize("text", ["人民路4号", "人民路11号", "人民路3号2幢", "人民路3号阳光花园"])
def test_nothing_is_interpolated_beyond_the_plates_or_where_more_is_asked(text, nantong):
    assert nantong.match(text).status == "not_found"


# --- slips


@pytest.mark.parametrize("text", ["任民路5号", "人民璐5号", "民人路5号", "人明民路5号", "青年西5号", "人人民路5号"])
def test_a_likely_slip_in_a_road_is_believed_and_noted(text, nantong):
    if text.startswith("青年"):
        assert nantong.match("青年希路7号").notes == (Note("typo", "青年希路", "青年西路"),)
        return
    match = nantong.match(text)
    assert (match.id, [note.taken for note in match.notes]) == ("A1", ["人民路"])
    assert match.score < 1


def test_an_arbitrary_character_is_believed_only_where_the_compound_confirms_the_place(nantong):
    assert nantong.match("人丙路5号").reason == "no_such_road"
    assert nantong.match("人丙路5号阳光花园3幢").id == "A4"
    assert nantong.match("人民路5号月光花园3幢").notes == (Note("typo", "月光花园", "阳光花园"),)
    assert nantong.match("人民路5号月光花园").id == "A1"


@pytest.mark.parametrize("text", ["旧人民路5号", "人民西路5号", "人民一路5号", "新人民路5号3幢"])
def test_a_word_that_tells_two_roads_apart_is_no_slip(text, nantong):
    assert nantong.match(text).reason in {"no_such_road", "no_such_compound"}


def test_a_name_that_exists_is_never_taken_for_its_neighbour():
    roads = town("人民路5号 @ 0 0\n仁民路7号 @ 9 0\n人民路9号 @ 1 0")
    assert roads.match("仁民路5号").status == "not_found"
    assert roads.match("人民路7号").level == "interpolated"
    assert town("人民路5号 @ 0 0\n仁民路5号 @ 9 0").match("壬民路5号").status == "ambiguous"


def test_a_slip_in_a_division_does_not_hide_the_place(divided):
    assert divided.match("通洲区海港路5号").id == "A14"
    assert Note("typo", "通洲区", "通州区") in divided.match("通洲区海港路5号").notes


# --- divisions


def test_a_wrong_street_or_community_does_not_sink_a_place_that_is_unique(nantong):
    match = nantong.match("天生港镇街道人民路5号")
    assert (match.id, codes(match)) == ("A1", ["other_division"])
    assert match.notes[0] == Note("other_division", "天生港镇街道", "城东街道")


def test_a_street_that_was_merged_answers_with_its_successor(divided):
    former = pd.DataFrame({"name": ["学田街道"], "level": ["street"], "successors": [("320602001",)]})
    match = town(TOWN, areas(), former=former).match("学田街道人民路5号")
    assert (match.id, match.notes) == ("A1", (Note("former_name", "学田街道", "城东街道"),))
    assert codes(divided.match("学田街道人民路5号")) == ["other_division"]


def test_one_road_in_two_districts_is_ambiguous_until_one_is_named(nantong):
    match = nantong.match("海港路5号")
    assert (match.status, match.reason, [one.id for one in match.candidates]) == (
        "ambiguous",
        "several_places",
        ["A13", "A14"],
    )
    assert nantong.match("通州区海港路5号").id == "A14"
    assert nantong.match("金沙海港路5号").id == "A14"


def test_phases_of_a_compound_are_different_compounds(nantong):
    assert nantong.match("文峰苑一期1幢").id == "A7"
    assert nantong.match("文峰苑2期2幢").id == "A8"
    assert nantong.match("文峰苑二期1幢").status == "not_found"
    assert nantong.match("工农路88号文峰苑1幢").id == "A7"
    assert nantong.match("工农路88号文峰苑二期1幢").status == "not_found"


def test_a_place_at_a_border_may_be_said_to_lie_on_either_side():
    edge = town("人民路5号 @ 49.8 0\n人民路7号 @ 30 0", areas())
    assert edge.match("通州区人民路5号").id == "A0"
    assert edge.match("通州区人民路7号").status == "not_found"


# --- inside a plot


def test_what_is_finer_than_the_table_is_answered_by_building_or_unit(nantong):
    assert nantong.match("人民路5号3幢2单元501室").id == "A6"
    assert nantong.match("人民路5号3幢501室").id == "A4"
    assert nantong.match("人民路5号501室").id == "A1"


def test_a_unit_that_is_unknown_is_answered_by_its_building_and_noted(nantong):
    match = nantong.match("人民路5号阳光花园3幢7单元")
    assert (match.id, match.notes) == ("A4", (Note("unit_unknown", "7", ""),))


def test_a_number_of_which_only_buildings_are_known_is_answered_by_all_of_them(nantong):
    match = nantong.match("工农路88号")
    assert (match.level, match.id, match.local, match.x) == ("number", None, "工农路88号", 120.805)


def test_rows_of_one_building_or_at_one_point_are_one_place():
    assert town("人民路5号 @ 0 0\n人民路5号 @ 9 0").match("人民路5号").status == "ambiguous"
    assert town("人民路5号 @ 0 0 #B1\n人民路5号 @ 9 0 #B1").match("人民路5号").id == "A0"
    assert town("人民路5号 @ 0 0\n人民路5号 @ 0 0").match("人民路5号").id == "A0"


def test_a_word_that_means_nothing_is_passed_over_and_said(nantong):
    assert nantong.match("人民路5号肯德基").notes == (Note("dropped", "肯德基", ""),)


# --- names only


@pytest.mark.parametrize("front", ["南通市市辖区", "南通市崇川区城区", "南通市城区", "南通市其它区", "市区"])
def test_words_for_districts_without_a_name_hide_no_place(front, nantong):
    assert nantong.match(f"{front}人民路5号").text == f"{FRONT}人民路5号"


def test_a_road_is_answered_by_its_plate_in_the_middle_and_how_far_it_reaches(nantong):
    match = nantong.match("崇川区人民路")
    assert (match.level, match.x, match.id) == ("road", 120.801, None)
    # 0.001 degrees of longitude at 32 degrees north
    assert match.accuracy_m == pytest.approx(94.4, abs=0.5)


def test_a_compound_is_answered_by_its_buildings(nantong):
    assert said(nantong.match("阳光花园")) == ("compound", "人民路5号阳光花园")


@pytest.mark.parametrize(
    ("text", "level", "code"),
    [
        ("北濠桥社区", "community", "320602001001"),
        ("北濠桥社区居委会", "community", "320602001001"),
        ("崇川区城东街道", "street", "320602001"),
        ("江苏南通崇川", "district", "320602"),
    ],
)
def test_a_division_is_answered_by_its_area(text, level, code, divided):
    match = divided.match(text)
    assert (match.status, match.level, match.area, match.id) == ("found", level, code, None)
    assert match.accuracy_m > 5000


@pytest.mark.parametrize(
    "text", ["南北路与东西路交叉口", "南北路东西路口", "东西路/南北路", "崇川区东西路和南北路路口"]
)
def test_a_crossing_is_where_the_lines_of_two_roads_meet(text):
    lines = [shapely.LineString([(120.7, 32), (120.8, 32)]), shapely.LineString([(120.75, 31.9), (120.75, 32.1)])]
    streets = gpd.GeoDataFrame({"id": [1, 2], "name": ["东西路", "南北路"]}, geometry=lines, crs=4490)
    match = town("东西路1号 @ 0 0\n崇川区南北路1号 @ 9 9", streets=streets).match(text)
    assert (match.level, match.accuracy_m) == ("crossing", 25.0)
    assert (match.x, match.y) == pytest.approx((120.75, 32.0))


def test_a_crossing_without_lines_lies_between_the_nearest_plates():
    match = town("东西路1号 @ 0 0\n东西路9号 @ 5 0\n南北路1号 @ 6 0\n南北路9号 @ 6 9").match("东西路与南北路交叉口")
    assert (match.level, match.x) == ("crossing", pytest.approx(120.8055))


@pytest.mark.parametrize(("words", "reach"), [("对面", 40), ("旁边", 25), ("附近", 200), ("门口", 15)])
def test_a_relation_says_how_far_the_place_may_lie_from_its_anchor(words, reach, nantong):
    match = nantong.match(f"人民路9号{words}")
    assert (match.level, match.id, match.accuracy_m) == ("number", None, reach)
    assert match.notes == (Note("relation", words, ""),)


def test_fifty_metres_east_is_fifty_metres_east(nantong):
    match = nantong.match("人民路9号往东50米")
    assert (match.x - 120.802) * 111_320 * np.cos(np.radians(32)) == pytest.approx(50, abs=1)
    assert match.y == pytest.approx(32.0)


# --- hostile text, and speed


@pytest.mark.alone
@pytest.mark.parametrize(
    "text",
    [
        "人民路" * 3333,
        "1" * 10_000,
        "'; DROP TABLE addresses; --" * 7,
        "<script>alert(1)</script>" * 7,
        "\x00\x01\x02" * 60,
        "🏠" * 199,
        "人民路5号" * 40,
        "一二三四五六七八九十" * 19,
        "号" * 200,
        "5-" * 100,
        "崇川区" * 66,
        "(" * 200,
        "与路口" * 66,
        "路" * 200,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_hostile_text_is_answered_at_once(text, divided):
    begun = time.process_time()
    match = divided.match(text)
    assert time.process_time() - begun < 0.05
    assert match.status == "not_found" or match.level in {"number", "road"}


# --- phases of a compound

PHASES = """
崇川区江海路1号江海嘉园一期3幢 @ 0 0
崇川区江海路2号江海嘉园二期3幢 @ 5 5
崇川区江海路2号江海嘉园二期5幢 @ 5 5.5
"""


@pytest.mark.parametrize("text", ["江海嘉园3幢", "崇川区江海嘉园3幢", "江海嘉园"])
def test_a_compound_without_its_phase_may_be_each_that_fits(text):
    match = town(PHASES).match(text)
    assert (match.status, len(match.candidates)) == ("ambiguous", 2)


def test_a_building_that_one_phase_alone_has_tells_the_phase():
    assert town(PHASES).match("江海嘉园5幢").text == "崇川区江海路2号江海嘉园二期5幢"


def test_a_phase_that_is_named_is_never_another_one():
    assert town(PHASES).match("江海嘉园三期3幢").status == "not_found"
    assert town(PHASES).match("江海嘉园6幢").reason == "no_such_building"


# --- what a building's word says


@pytest.mark.parametrize("text", ["福昌里7幢", "福昌里7号楼", "福昌里7栋"])
def test_a_building_is_never_the_plate_of_its_number(text):
    alley = town("崇川区福昌里7号 @ 0 0\n崇川区福昌里9号 @ 1 0")
    assert alley.match("福昌里7号").status == "found"
    assert (alley.match(text).status, alley.match(text).reason) == ("not_found", "no_such_number")


def test_a_compound_that_ends_in_li_keeps_its_last_character():
    two = town("崇川区江海路2号仁虹里13幢 @ 0 0\n崇川区江海路8号仁虹里13幢 @ 0 35")
    match = two.match("仁虹里13幢")
    assert (match.status, len(match.candidates), match.notes) == ("ambiguous", 2, ())


# --- roads with a number in their names that meet


@pytest.mark.parametrize("words", ["交叉口", "路口", "丁字路口", "三岔路口", "交叉路口"])
def test_the_number_in_the_name_of_a_road_is_no_part_of_the_word_for_a_crossing(words):
    lines = [shapely.LineString([(120.79, 32.0), (120.81, 32.0)]), shapely.LineString([(120.8, 31.99), (120.8, 32.01)])]
    streets = gpd.GeoDataFrame({"id": [1, 2], "name": ["松桂北路", "海三路"]}, geometry=lines, crs=4490)
    roads = town("崇川区松桂北路5号 @ 0 0\n崇川区海三路7号 @ 0 .1", streets=streets)
    match = roads.match(f"松桂北路与海三路{words}")
    assert (match.level, round(match.x, 6), round(match.y, 6)) == ("crossing", 120.8, 32.0)
