"""Addresses as they come in: every kind of bad input that the reference lists, in its order, and what it must mean.

What nobody means as an address (numbers of persons, code, words for nothing) is in ``test_address_hostile``.

::

    y   32.005 ├──────────── 青年路        houses hang along 人民路 at their number times 0.0005 degrees,
        32.000 ├──────┼───── 人民路        工农路 crosses it at 120.82
             120.79 120.82
"""

from __future__ import annotations

import math

import pytest

from gridmap.address import Gazetteer, parse
from gridmap.address.former import national_former
from tests.houses import AREAS, DEGREE_M, FORMER, FRONT, HOUSES, LON, ROADS, divisions, houses, plates


@pytest.fixture(scope="module")
def here():
    return Gazetteer(houses(), AREAS, streets=ROADS, former=FORMER)


def meant(gazetteer, text):
    """Id of the address that a text means; else why it means none."""
    match = gazetteer.match(text)
    return match.id if match.status == "found" else match.reason


def notes(gazetteer, text):
    return [note.code for note in gazetteer.match(text).notes]


def each(texts):
    """Each of some texts with the id of what it means."""
    return [(text, name) for name, said in texts.items() for text in said.split()]


def told(text):
    return " ".join(f"{part.kind}={part.value}" for part in parse(text))


@pytest.mark.parametrize("name", HOUSES)
def test_every_address_means_itself_so_that_what_follows_says_something(here, name):
    assert meant(here, FRONT + HOUSES[name]) == name


# --- nothing, too little, too much

NOTHING = ["", " ", "\u3000", "\t\r\n", "\u200b\ufeff", "——", "。，、；", "()", "\x00"]


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_where_nothing_is_written_the_answer_says_that(here, text):
    assert (meant(here, text), parse(text)) == ("empty", [])


@pytest.mark.parametrize("text", [*"路号幢村人五5A#①-", "🏠", "⻄", "臺", "\ud800", "\u0301"], ids=ascii)
def test_one_character_is_no_address(here, text):
    match = here.match(text)
    assert (match.status, match.id, match.x, match.candidates) == ("not_found", None, None, ())
    assert all(part.text == text for part in parse(text))


@pytest.mark.parametrize(
    "around", ["{}" * 900, "{}" + "很" * 10_000, "很" * 10_000 + "{}"], ids=["often", "front", "end"]
)
def test_ten_thousand_characters_are_no_address_even_where_they_hold_one(here, around):
    text = around.replace("{}", "人民路5号阳光花园")
    assert (meant(here, text), parse(text)) == ("too_long", [])


# --- numbers


@pytest.mark.parametrize(
    "said", ["３＃楼", "三号楼", "3#", "3＃", "③幢", "叁幢", "3-2-501", "３—２—５０１", "03幢", "3栋"]
)
def test_building_three_is_found_in_whatever_way_it_is_written(here, said):
    assert meant(here, f"阳光花园{said}") == "三幢"


@pytest.mark.parametrize("said", ["①幢", "①", "壹幢", "壹号楼", "1#", "一号楼", "⑴幢", "㈠号楼"])
def test_building_one_is_found_in_whatever_way_it_is_written(here, said):
    assert meant(here, f"阳光花园{said}") == "一幢"


@pytest.mark.parametrize("said", ["廿三幢", "二十三幢", "贰拾叁幢", "㉓幢", "23#", "２３号楼"])
def test_building_twenty_three_is_found_in_whatever_way_it_is_written(here, said):
    assert meant(here, f"阳光花园{said}") == "廿三幢"


@pytest.mark.parametrize("said", ["②幢", "贰幢", "卅三幢", "廿幢", "32#", "13-2-501", "２＃楼", "2-3-501", "四号楼"])
def test_a_building_that_is_not_there_is_refused_in_whatever_way_it_is_written(here, said):
    assert meant(here, f"阳光花园{said}") == "no_such_building"
    assert here.match(f"阳光花园{said}").known.level == "compound"


# --- characters


def test_radicals_are_read_as_the_characters_they_look_like():
    table = {"plain": "陕西省西安市长安区韦曲街道青年街5号", "radical": "陕⻄省⻄安市⻓安区⻙曲街道⻘年街7号"}
    city = Gazetteer(plates(table), divisions(("610116", "district", "长安区", None, 120.79, 120.85)))
    assert meant(city, "⻄安市⻓安区⻘年街5号") == "plain"
    assert meant(city, "西安市长安区青年街7号") == "radical"
    assert meant(city, "⻄安市⻓安区⻘年街6号") == "no_such_number"


def test_traditional_characters_are_read_as_simplified_ones_on_either_side():
    table = {"plain": "崇川区学田路9号阳光花园3幢", "traditional": "崇川區學田路九號陽光花園五幢"}
    both = Gazetteer(plates(table))
    assert meant(both, "崇川區學田路９號陽光花園三號樓") == "plain"
    assert meant(both, "崇川区学田路9号阳光花园5号楼") == "traditional"


@pytest.mark.parametrize(
    "hidden", ["\u200b", "\ufeff", "\u200d", "\u2060", "\u00ad", "\u202e", "\u200f", "\ufe0f"], ids=ascii
)
def test_a_hidden_character_between_any_two_changes_nothing(here, hidden):
    text = f"{FRONT}学田路9号阳光花园23幢"
    assert meant(here, hidden.join(["", *text, ""])) == "廿三幢"
    assert {meant(here, text[:place] + hidden + text[place:]) for place in range(len(text) + 1)} == {"廿三幢"}


@pytest.mark.parametrize(
    "text",
    ["🏠人民路5号", "人民路5号🏡👨‍👩‍👧", "人民路5️⃣号", "❤️人民路５号❤️", "人民路5号\U0001f1e8\U0001f1f3"],
)
def test_pictures_are_passed_over(here, text):
    assert meant(here, text) == "人民5"
    assert told(text) == "road=人民路 number=5"


@pytest.mark.parametrize("gap", ["\t", "\n", "\r\n", "\u3000", "\u00a0", "\x0b", "\x85", "\u2028", " \t "], ids=ascii)
def test_gaps_of_any_kind_part_words_and_no_numbers_from_their_words(here, gap):
    assert meant(here, f"{gap}崇川区{gap}学田路{gap}9{gap}号{gap}阳光花园{gap}23{gap}幢{gap}") == "廿三幢"
    assert meant(here, f"阳光花园2{gap}3幢") != "廿三幢"


# --- villages, lanes


@pytest.mark.parametrize(
    "said", ["2组", "二组", "2-村民小组", "2村民小组", "二村民小组", "第2村民小组", "第二组", "２組"]
)
def test_a_group_of_a_village_is_found_by_its_short_and_its_long_name(here, said):
    assert meant(here, f"五星村{said}7号") == "组"
    assert meant(here, f"崇川区城东街道五星村{said}七号") == "组"


@pytest.mark.parametrize("said", ["3组7号", "7组2号", "2组8号", "12组7号", "3-村民小组7号"])
def test_another_group_or_house_of_a_village_is_never_answered_for_it(here, said):
    match = here.match(f"五星村{said}")
    assert (match.id, match.status) == (None, "not_found")


@pytest.mark.parametrize(
    ("text", "name"),
    each({
        "弄": "柳营路669弄14号 柳營路669衖14號 柳营路六百六十九弄十四号 柳营路669弄14号1102室",
        "支弄": "永嘉路578弄2支弄5号 永嘉路578弄二支弄五号",
        "胡同": "史家胡同24号 史家胡同二十四号",
        "里": "安定里12号 安定里十二号",
    }),
)  # fmt: skip
def test_houses_in_lanes_are_found(here, text, name):
    assert meant(here, text) == name


NO_LANE = """柳营路669号14号 柳营路14号 柳营路14弄669号 柳营路669弄15号 柳营路699弄14号 永嘉路578弄5号 永嘉路578弄2号
    永嘉路2弄5号 永嘉路578弄5支弄2号 史家胡同25号 史家里24号 安定里21号 安定路12号"""


@pytest.mark.parametrize("text", NO_LANE.split())
def test_a_lane_is_no_house_number_and_a_house_number_no_lane(here, text):
    assert here.match(text).id is None


# --- several buildings in one, numbers below numbers


@pytest.mark.parametrize("said", ["1-10幢", "1—10幢", "１～１０幢", "1至10幢", "一至十幢"])
def test_buildings_that_share_one_address_are_told_as_one(here, said):
    assert told(f"文峰新村{said}") == "compound=文峰新村 building=1-10"
    assert meant(here, f"文峰新村{said}") == "十幢"


def test_a_text_that_names_ten_buildings_is_not_answered_by_one_of_them(here):
    assert here.match("阳光花园1-10幢").id is None
    assert here.match("文峰新村1-9幢").id is None


@pytest.mark.parametrize(
    ("said", "name"),
    each({
        "附": "5号附3号 5附3号 五号附三号 5號附3",
        "甲": "甲5号 甲字5号 甲字五号",
        "之二": "5号之二 5之2号 5之二号 5-2号",
        "人民5": "5号 五号",
    }),
)  # fmt: skip
def test_numbers_below_a_number_are_found_and_not_confused(here, said, name):
    assert meant(here, f"人民路{said}") == name


@pytest.mark.parametrize(
    "said", ["5号附4号", "3号附5号", "乙5号", "乙字5号", "5号乙", "甲7号", "5号之三", "2号之五", "53号", "52号"]
)
def test_a_number_below_a_number_that_is_not_there_is_refused(here, said):
    match = here.match(f"人民路{said}")
    assert (match.reason in {"no_such_number", "no_such_building"}, match.x, match.id) == (True, None, None)


@pytest.mark.parametrize("said", ["-1层", "－１层", "负一层", "地下1层", "-1楼", "负1楼停车场"])
def test_a_floor_below_the_ground_is_no_house_number(here, said):
    assert meant(here, f"人民路5号{said}") == "人民5"
    assert meant(here, f"工农路90号{said}") == "平台"


@pytest.mark.parametrize("said", ["A座", "Ａ座", "a座", "Ａ栋", "A幢", "Ⓐ座", "Ａ　座"])
def test_a_building_with_a_letter_is_found_in_whatever_width(here, said):
    assert meant(here, f"工农路88号{said}") == "A"


@pytest.mark.parametrize("said", ["B座", "Ｂ座", "AB座", "1座"])
def test_a_building_of_another_letter_is_refused(here, said):
    assert meant(here, f"工农路88号{said}") == "no_such_building"


# --- names of places in names of roads and compounds


def test_chongqing_road_in_qingdao_is_in_qingdao():
    table = {"road": "山东省青岛市市北区重庆路5号"}
    city = Gazetteer(plates(table), divisions(("370203", "district", "市北区", None, 120.79, 120.85)))
    for text in ("重庆路5号", "青岛重庆路5号", "青岛市市北区重庆路5号", "山东青岛市重庆路五号"):
        assert meant(city, text) == "road"
    assert told("青岛市重庆路5号") == "city=青岛市 road=重庆路 number=5"
    assert meant(city, "重庆市重庆路5号") == "other_place"


def test_shanghai_town_in_yining_is_in_yining():
    table = {"compound": "新疆伊犁哈萨克自治州伊宁市上海城徐汇苑5幢"}
    city = Gazetteer(plates(table), divisions(("654002", "district", "伊宁市", None, 120.79, 120.85)))
    assert meant(city, "新疆伊宁市上海城徐汇苑5幢") == "compound"
    assert meant(city, "上海市徐汇苑5幢") == "other_place"
    values = {part.value for part in parse("新疆伊宁市上海城徐汇苑")}
    assert "伊宁市" in values
    assert not values & {"上海市", "徐汇区"}


def test_nanjing_road_west_is_a_road_and_not_in_nanjing():
    table = {"west": "上海市静安区南京西路100号", "east": "上海市黄浦区南京东路100号"}
    city = Gazetteer(
        plates(table, {"west": 120.80, "east": 120.86}),
        divisions(
            ("310106", "district", "静安区", None, 120.79, 120.85),
            ("310101", "district", "黄浦区", None, 120.85, 120.9),
        ),
    )
    assert [meant(city, f"南京{side}路100号") for side in "西东"] == ["west", "east"]
    assert told("南京西路100号") == "road=南京西路 number=100"
    assert meant(city, "南京市南京西路100号") == "other_place"
    assert city.match("南京路100号").id is None


# --- names of communities


@pytest.mark.parametrize("name", ["七号园区社区", "七号园区社区居委会", "七号园区社区居民委员会", "７号园区社区"])
def test_a_number_in_the_name_of_a_community_is_no_house_number(here, name):
    assert meant(here, f"崇川区{name}兴盛路5号") == "园区"
    assert here.match(f"崇川区{name}兴盛路7号").id is None
    assert "number" not in told(f"崇川区{name}")


@pytest.mark.parametrize(
    "said", ["中国（南京）软件谷社区", "中国(南京)软件谷社区", "中国【南京】软件谷社区", "中国南京软件谷社区"]
)
def test_brackets_in_the_name_of_a_community_are_no_remark(said):
    table = {"valley": "南京市雨花台区中国（南京）软件谷社区花神大道5号"}
    areas = divisions(
        ("320114", "district", "雨花台区", None, 120.79, 120.85),
        ("320114001", "community", "中国（南京）软件谷社区", "320114", 120.79, 120.85),
    )
    city = Gazetteer(plates(table), areas)
    assert meant(city, f"雨花台区{said}花神大道5号") == "valley"
    assert city.match(f"雨花台区{said}").area == "320114001"


# --- one name at several places


def test_one_road_in_two_districts_is_left_open_until_the_district_is_named():
    table = {"west": "南通市崇川区和平路3号", "east": "南通市通州区和平路3号"}
    both = Gazetteer(plates(table, {"west": 120.80, "east": 120.87}), AREAS)
    for text in ("和平路3号", "南通市和平路3号", "江苏省南通市和平路三号"):
        match = both.match(text)
        assert (match.status, match.reason, match.x) == ("ambiguous", "several_places", None)
        assert {candidate.id for candidate in match.candidates} == {"west", "east"}
    assert [meant(both, f"{name}和平路3号") for name in ("崇川区", "通州区")] == ["west", "east"]


def test_the_phases_of_a_compound_are_left_open_until_one_is_named(here):
    match = here.match("江海嘉园3幢")
    assert (match.status, {candidate.id for candidate in match.candidates}) == ("ambiguous", {"一期", "二期"})
    assert [meant(here, f"江海嘉园{phase}3幢") for phase in ("一期", "二期", "1期", "２期", "Ⅱ期")] == [
        "一期", "二期", "一期", "二期", "二期"]  # fmt: skip
    assert here.match("江海嘉园三期3幢").id is None
    assert here.match("江海嘉园三期3幢").status == "not_found"


# --- beside, opposite, where roads cross


@pytest.mark.parametrize("said", ["旁边", "旁", "对面", "斜对面", "附近", "對面", "后面"])
def test_what_is_beside_a_house_is_near_it_and_not_the_house(here, said):
    match = here.match(f"人民路5号{said}")
    assert (match.status, notes(here, f"人民路5号{said}")) == ("found", ["relation"])
    assert match.accuracy_m > 0
    assert math.hypot((match.x - LON["人民5"]) * DEGREE_M, (match.y - 32.0) * 110_880) <= match.accuracy_m


@pytest.mark.parametrize(
    ("said", "east_m"),
    [("往东50米", 50), ("向西50米", -50), ("以东五十米", 50), ("往东两里路", 1000), ("东50米处", 50)],
)
def test_fifty_metres_on_are_fifty_metres_on(here, said, east_m):
    match = here.match(f"人民路5号{said}")
    assert (match.status, match.x) == ("found", pytest.approx(LON["人民5"] + east_m / DEGREE_M, abs=3e-5))
    assert match.y == pytest.approx(32.0, abs=3e-5)
    assert match.accuracy_m > 0


@pytest.mark.parametrize("said", ["以东", "往西", "向北", "东侧", "西头"])
def test_a_direction_alone_leaves_open_how_far(here, said):
    match = here.match(f"人民路5号{said}")
    assert (match.id, notes(here, f"人民路5号{said}")) == (None, ["relation"])
    assert match.accuracy_m >= 50


@pytest.mark.parametrize(
    "said", ["人民路与工农路交叉口", "工农路和人民路路口", "人民路工农路交叉口", "人民路、工农路交界处"]
)
def test_where_two_roads_cross_is_their_crossing(here, said):
    match = here.match(said)
    assert (match.status, match.level, match.id) == ("found", "crossing", None)
    assert (match.x, match.y) == (pytest.approx(120.82, abs=1e-4), pytest.approx(32.0, abs=1e-4))
    assert 0 < match.accuracy_m <= 300


@pytest.mark.parametrize("said", ["人民路与青年路交叉口", "人民路与无名路交叉口"])
def test_roads_that_do_not_cross_have_no_crossing(here, said):
    match = here.match(said)
    assert (match.status, match.x) == ("not_found", None)


# --- divisions left out, wrong, former, foreign


@pytest.mark.parametrize(
    "front", ["", "江苏省", "南通市", "江苏南通", "城东街道", "江苏省南通市城东街道", "崇川", "中国"]
)
def test_divisions_may_be_left_out(here, front):
    assert meant(here, f"{front}人民路5号") == "人民5"


def test_a_street_that_was_merged_is_answered_and_called_former(here):
    assert meant(here, "崇川区任港街道人民路5号") == "人民5"
    assert notes(here, "崇川区任港街道人民路5号") == ["former_name"]


def test_a_street_that_is_simply_wrong_is_answered_and_called_so(here):
    assert meant(here, "崇川区五洲街道人民路5号") == "人民5"
    assert notes(here, "崇川区五洲街道人民路5号") == ["other_division"]
    assert meant(here, "崇川区五洲街道人民路6号") == "no_such_number"


@pytest.fixture(scope="module")
def laiwu():
    table = {"street": "山东省济南市莱芜区凤城街道汶源大街5号"}
    return Gazetteer(plates(table), divisions(("370116", "district", "莱芜区", None, 120.79, 120.85)))


@pytest.mark.parametrize("front", ["莱芜市", "山东省莱芜市", "莱芜市莱城区", "山东省莱芜市莱城区凤城街道", "莱城区"])
def test_a_city_that_became_a_district_is_answered_and_called_former(laiwu, front):
    assert [place.name for place in national_former()["莱城区"]] == ["莱芜区"]
    assert meant(laiwu, f"{front}汶源大街5号") == "street"
    assert set(notes(laiwu, f"{front}汶源大街5号")) == {"former_name"}


def test_another_district_of_a_former_city_is_another_place(laiwu):
    assert meant(laiwu, "济南市钢城区汶源大街5号") == "other_place"
    assert meant(laiwu, "莱芜市钢城区汶源大街5号") == "other_place"


@pytest.mark.parametrize("said", ["15号", "999号", "12345号", "6号", "0号", "1号", "99999999999号", "负5号"])
def test_a_number_beyond_those_of_its_road_is_refused_and_the_road_is_told(here, said):
    match = here.match(f"人民路{said}")
    assert (match.status, match.reason, match.x, match.id) == ("not_found", "no_such_number", None, None)
    assert (match.known.level, match.known.text.endswith("人民路")) == ("road", True)


def test_a_number_between_two_plates_is_placed_between_them_and_called_so(here):
    match = here.match("人民路11号")
    assert (match.level, match.id, notes(here, "人民路11号")) == ("interpolated", None, ["interpolated"])
    # the middle between 9 and 13
    assert match.x == pytest.approx(120.8055, abs=2e-5)
    assert match.accuracy_m > 0


#: The last three are no more.
ELSEWHERE = """苏州市 浙江省 上海市 上海市崇川区 南京市鼓楼区 江苏省南通市海门区 如皋市 香港特别行政区 广东深圳
    海门市 山东省莱芜市 江苏省淮安市清河区"""


@pytest.mark.parametrize("front", ELSEWHERE.split())
def test_an_address_of_another_city_is_another_place(here, front):
    match = here.match(f"{front}人民路5号")
    assert (match.status, match.reason, match.id, match.x) == ("not_found", "other_place", None, None)


def test_an_address_of_another_district_of_the_territory_is_not_answered_from_this_one(here):
    match = here.match("南通市通州区人民路5号")
    assert (match.status, match.id, match.x) == ("not_found", None, None)
