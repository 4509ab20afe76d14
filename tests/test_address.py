from __future__ import annotations

import csv
import pickle
import time
from collections import Counter

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.address import Gazetteer, parse
from gridmap.address.parsing import number
from gridmap.address.writing import masked, plain, plain_with_origins
from gridmap.errors import InputError

FULL = "江苏省南通市崇川区城东街道北濠桥社区"
TEXTS = [
    f"{FULL}人民路5号",
    f"{FULL}人民路5号阳光花园3幢",
    f"{FULL}人民路5号阳光花园12幢",
    f"{FULL}工农路88号A座",
    "江苏省南通市崇川区天生港镇街道五星村2组7号",
    "江苏省南通市通州区金沙街道人民路9号",
    "江苏省南通市崇川区城东街道人民路9号",
    "江苏省南通市如皋市如城街道海阳路1号",
    "江苏省南通市崇川区三里屯路三号楼",
]


def table(*texts: str) -> pd.DataFrame:
    """Addresses one after the other, 0.01 degrees apart."""
    count = range(len(texts))
    return pd.DataFrame(
        {
            "id": [f"A{i}" for i in count],
            "text": texts,
            "lon": [120.8 + i / 100 for i in count],
            "lat": [32.0] * len(texts),
        }
    )


def areas(**boxes: tuple[float, float]) -> gpd.GeoDataFrame:
    """Districts from one longitude to another."""
    shapes = [shapely.box(west, 31.5, east, 32.5) for west, east in boxes.values()]
    codes = [f"32061{i}" for i in range(len(boxes))]
    return gpd.GeoDataFrame({"code": codes, "name": list(boxes), "level": "district"}, geometry=shapes, crs=4490)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(table(*TEXTS))


def kinds(text: str) -> list[tuple[str, str]]:
    return [(part.kind, part.value) for part in parse(text)]


# --- parts of a text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("人民路5号", "road=人民路 number=5"),
        ("人民路５号３＃楼", "road=人民路 number=5 building=3"),
        ("人民路5-3号", "road=人民路 number=5-3"),
        ("人民路5#", "road=人民路 number=5"),
        ("人民路5号附3号", "road=人民路 number=5附3"),
        ("北京东路甲29号院3号楼", "road=北京东路 number=甲29 building=3"),
        ("柳营路669弄14号1102", "road=柳营路 lane=669 number=14 room=1102"),
        ("沿山村5组6号", "community=沿山村 group=5 number=6"),
        ("下沈村村民委员会107号", "community=下沈村 number=107"),
        ("阳光花园3-2-501", "compound=阳光花园 building=3 unit=2 room=501"),
        ("双益小区2-6-5-1187", "compound=双益小区 building=2 unit=6 floor=5 room=1187"),
        ("天阳上河6--3-554", "compound=天阳上河 building=6 unit=3 room=554"),
        ("永安坊12一7一944", "compound=永安坊 building=12 unit=7 room=944"),
        ("金沙小区93栋6单元12号", "compound=金沙小区 building=93 unit=6 room=12"),
        ("杭州市14号大街71号", "city=杭州市 road=14号大街 number=71"),
        ("桐乡市濮院镇恒乐路1号", "district=桐乡市 street=濮院镇 road=恒乐路 number=1"),
        ("河南村村委会5号", "community=河南村 number=5"),
        ("育新村委会5号", "community=育新村 number=5"),
        ("江苏省镇江市", "province=江苏省 city=镇江市"),
        ("阳光花园3-501", "compound=阳光花园 building=3 room=501"),
        ("阳光花园3号", "compound=阳光花园 building=3"),
        ("阳光新村3幢", "compound=阳光新村 building=3"),
        ("人民路5号桥头小区3幢2单元501室", "road=人民路 number=5 compound=桥头小区 building=3 unit=2 room=501"),
        ("人民路5号A座3楼", "road=人民路 number=5 building=A floor=3"),
        ("人民路5号B座-1层", "road=人民路 number=5 building=B floor=-1"),
        ("人民路007号", "road=人民路 number=7"),
        ("中山东路一百二十八号十八层1802室", "road=中山东路 number=128 floor=18 room=1802"),
        ("一号路5号", "road=一号路 number=5"),
        ("318国道25号", "road=318国道 number=25"),
        ("三里屯", "compound=三里屯"),
        ("八一路一号", "road=八一路 number=1"),
        ("三门县城关镇三号桥路2号", "district=三门县 street=城关镇 road=三号桥路 number=2"),
        ("七号园区社区人民路5号", "community=七号园区社区 road=人民路 number=5"),
        ("⻄安市⻓安区韦曲街道", "city=西安市 district=长安区 street=韦曲街道"),
        ("江苏南通崇川区", "province=江苏省 city=南通市 district=崇川区"),
        ("如皋市海阳路1号", "district=如皋市 road=海阳路 number=1"),
        ("崇川区新市路1号", "district=崇川区 road=新市路 number=1"),
        ("崇川区城市绿洲花园3#", "district=崇川区 compound=城市绿洲花园 building=3"),
        ("天生港镇街道人民路1号", "street=天生港镇街道 road=人民路 number=1"),
        ("5幢501", "building=5 room=501"),
    ],
)
def test_the_parts_of_an_address_are_told(text, expected):
    assert " ".join(f"{kind}={value}" for kind, value in kinds(text)) == expected


def test_a_part_says_where_it_stands_in_the_text_as_it_was_written():
    text = "\u200b 崇川区，人民路 ５ 号 (三号楼)"
    assert [part.text for part in parse(text)] == ["崇川区", "人民路", "５ 号", "三号楼"]
    assert all(text[slice(*part.span)] == part.text for part in parse(text))


@pytest.mark.parametrize(
    ("numeral", "value"),
    [("一", 1), ("十", 10), ("十五", 15), ("二十", 20), ("一百零八", 108), ("一百二十八", 128), ("一千二百", 1200),
     ("一二八", 128), ("二〇三", 203), ("廿三", 23), ("壹", 1), ("两", 2), ("拾贰", 12)],
)  # fmt: skip
def test_chinese_numerals_are_read_by_words_and_by_places(numeral, value):
    assert number(numeral) == value


@pytest.mark.parametrize(
    "text", ["", " ", "\t\n", "🏠", "路", "5", "号" * 10_000, "1号" * 50], ids=lambda t: repr(t[:4])
)
def test_a_text_that_is_no_address_is_taken_calmly(text, gazetteer):
    assert isinstance(parse(text), list)
    assert gazetteer.match(text).status == "not_found"


def test_what_is_not_a_text_is_refused(gazetteer):
    with pytest.raises(InputError, match="int"):
        parse(5)
    with pytest.raises(InputError, match="NoneType"):
        gazetteer.match(None)


@given(st.text(alphabet="人民路五5 号-#３＃幢⻄（）\u200bAb，1三十🏠", max_size=30))
def test_spans_are_ordered_and_lie_in_the_text_whatever_is_written(text):
    assert plain_with_origins(text)[0] == plain(text)
    ends = [0]
    for part in parse(text):
        assert ends[-1] <= part.span[0] < part.span[1] <= len(text)
        ends.append(part.span[1])


# --- matching


@pytest.mark.parametrize("text", TEXTS)
def test_a_standard_address_finds_itself(text, gazetteer):
    match = gazetteer.match(text)
    assert (match.status, match.text, match.score) == ("found", text, 1.0)


@pytest.mark.parametrize(
    "text",
    [
        f"{FULL}人民路5号阳光花园3幢",
        "人民路5号阳光花园3幢",
        "崇川区人民路5号阳光花园3栋",
        "江苏省崇川区人民路5号阳光花园3号楼",
        "江苏南通崇川区城东街道人民路5号阳光花园3#",
        "南通市 崇川区 人民路５号 阳光花园 ３座",
        "南通市,崇川区,人民路5号,阳光花园(3幢)",
        "人民路五号阳光花园三号楼",
        "人民路5号-阳光花园-03幢",
        "人\u200b民路5号阳光花园3幢",
        "城东街道办事处北濠桥社区居委会人民路5号阳光花园3幢",
        "南通市崇川区南通市崇川区人民路5号阳光花园3幢",
        "人民路5号阳光花园3幢人民路5号阳光花园3幢",
        "阳光花园3幢",
        "崇川区阳光花园三幢",
        "人民路5号3幢",
        "人民路5号3#楼",
    ],
)
def test_an_address_is_found_in_whatever_way_it_is_written(text, gazetteer):
    match = gazetteer.match(text)
    assert (match.status, match.id, match.level) == ("found", "A1", "building")
    assert (match.x, match.y) == (120.81, 32.0)


@pytest.mark.parametrize("end", ["2单元501室", "501", "2-501", "二单元", "3楼", "3层301室"])
def test_what_is_finer_than_any_address_is_answered_by_its_building(end, gazetteer):
    match = gazetteer.match(f"人民路5号阳光花园3幢{end}")
    assert (match.status, match.id, match.level) == ("found", "A1", "building")
    assert match.score < 1


@pytest.mark.parametrize(
    "text",
    [
        "人民路6号",
        "人民路55号",
        "人民路5号阳光花园4幢",
        "人民路5号阳光花园2幢",
        "人民路5号4幢",
        "阳光花园31幢",
        "人民西路5号",
        "旧人民路5号",
        "工农路88号B座",
        "五星村2组8号",
        "五星村3组7号",
        "南京市人民路5号",
        "上海市崇川区人民路5号",
        "通州区人民路5号",
        "崇川区",
        "三里屯路四号楼",
    ],
)
def test_what_does_not_exist_is_not_found_and_never_the_nearest_look_alike(text, gazetteer):
    match = gazetteer.match(text)
    assert (match.status, match.text, match.x, match.id, match.candidates) == ("not_found", None, None, None, ())


def test_the_same_short_address_in_two_districts_is_ambiguous_until_one_is_named(gazetteer):
    match = gazetteer.match("人民路9号")
    assert match.status == "ambiguous"
    assert [candidate.id for candidate in match.candidates] == ["A5", "A6"]
    assert (match.x, match.text) == (None, None)
    assert gazetteer.match("通州区人民路9号").id == "A5"
    assert gazetteer.match("崇川区人民路9号").id == "A6"


def test_the_address_that_says_just_the_same_goes_before_one_that_says_more():
    both = Gazetteer(table("崇川区人民路5号", "崇川区城东街道人民路5号"))
    assert both.match("崇川区人民路5号").id == "A0"
    assert both.match("崇川区城东街道人民路5号").id == "A1"
    assert both.match("人民路5号").status == "ambiguous"


def test_the_address_that_confirms_more_of_the_text_goes_before_one_that_says_less():
    both = Gazetteer(table("崇川区人民路5号", "人民路5号"))
    assert both.match("南通市崇川区人民路5号").id == "A0"


def test_a_hidden_character_does_not_part_a_number():
    assert Gazetteer(table("人民路12号")).match("人民路1\u200b2号").id == "A0"
    assert Gazetteer(table("人民路12号")).match("人民路1 2号").status == "not_found"


def test_an_address_without_a_place_is_never_found():
    assert Gazetteer(table("人民路5号").assign(lon=float("nan"))).match("人民路5号").status == "not_found"


def test_a_gazetteer_can_be_sent_to_another_process(gazetteer):
    assert pickle.loads(pickle.dumps(gazetteer)).match("人民路5号阳光花园3幢").id == "A1"  # noqa: S301 - our own


def test_the_same_text_at_two_places_is_ambiguous_and_at_one_place_is_not():
    twice = table("人民路5号", "人民路5号")
    assert Gazetteer(twice).match("人民路5号").status == "ambiguous"
    assert Gazetteer(twice.assign(lon=120.8)).match("人民路5号").status == "found"


def test_doors_of_one_building_answer_for_it():
    doors = table("人民路5号3幢1单元", "人民路5号3幢2单元")
    assert Gazetteer(doors).match("人民路5号3幢").status == "ambiguous"
    assert Gazetteer(doors.assign(building="B1")).match("人民路5号3幢").status == "found"
    assert Gazetteer(doors).match("人民路5号3幢2单元401").id == "A1"


def test_areas_tell_in_which_district_a_short_address_lies():
    plates = table("人民路5号", "人民路5号", "人民路7号")
    divided = Gazetteer(plates, areas(崇川区=(120.79, 120.805), 通州区=(120.805, 120.83)))
    assert divided.match("人民路5号").status == "ambiguous"
    assert divided.match("崇川区人民路5号").id == "A0"
    assert divided.match("江苏省南通市通州区人民路5号").id == "A1"
    assert divided.match("崇川人民路5号").id == "A0"
    assert divided.match("崇川区人民路7号").status == "not_found"


@pytest.mark.parametrize("front", ["上海市", "苏州市", "浙江省", "海门区"])
def test_a_division_that_the_territory_does_not_have_is_not_found(front):
    divided = Gazetteer(table("人民路5号"), areas(崇川区=(120.0, 121.0)))
    assert divided.match(f"{front}人民路5号").status == "not_found"


def test_a_name_that_looks_like_a_division_is_known_from_the_areas():
    divided = Gazetteer(table("新市区路5号", "新市区人民路5号"), areas(新市区=(120.0, 121.0)))
    assert divided.match("新市区人民路5号").id == "A1"
    assert divided.match("人民路5号").id == "A1"


def test_places_keep_the_coordinates_of_the_table():
    metres = gpd.GeoDataFrame(
        {"id": [7], "text": ["人民路5号"]}, geometry=[shapely.Point(576000.0, 3542000.0)], crs=4549
    )
    match = Gazetteer(metres, areas(崇川区=(120.0, 121.5))).match("崇川区人民路5号")
    assert (match.x, match.y, match.id) == (576000.0, 3542000.0, 7)


def test_an_address_of_one_word_without_number_is_found_by_its_name():
    assert Gazetteer(table("崇川区文峰大世界")).match("文峰大世界").id == "A0"


@pytest.mark.parametrize(
    "pasted",
    ["13812345678", "138 1234 5678", "138-1234-5678", "+86 13812345678", "１３８１２３４５６７８", "0513-85512345",
     "320602199001011234", "32060219900101123X", "320602900101123"],
)  # fmt: skip
def test_numbers_of_persons_are_dropped_and_never_repeated(pasted, gazetteer):
    match = gazetteer.match(f"人民路5号阳光花园3幢 {pasted}")
    digits = "".join(char for char in plain_digits(match.query) if char.isdigit())
    assert match.id == "A1"
    assert digits == "53"
    assert "*" in match.query
    assert all(pasted not in part.text for part in parse(f"人民路5号 电话：{pasted}"))


def plain_digits(text: str) -> str:
    return text.translate({ord("０") + i: str(i) for i in range(10)})


def test_house_numbers_are_not_taken_for_those_of_persons():
    assert masked("人民路12345号 阳光花园12-3-1001") == "人民路12345号 阳光花园12-3-1001"


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE addresses; --", "<script>alert(1)</script>", "人民路5号' OR 1=1", "\x00人民西路"]
)
def test_code_in_the_text_is_only_text(text, gazetteer):
    assert gazetteer.match(text).status == "not_found"


def test_many_texts_give_one_row_each_with_their_index(gazetteer):
    asked = pd.Series(["人民路5号", None, "人民路9号", "人民路6号"], index=[4, 2, 9, 0])
    answers = gazetteer.match_many(asked)
    assert answers.columns.tolist() == [
        "query",
        "status",
        "text",
        "local",
        "level",
        "score",
        "x",
        "y",
        "accuracy_m",
        "id",
        "area",
        "reason",
        "notes",
    ]
    assert answers.index.tolist() == [4, 2, 9, 0]
    assert answers["status"].tolist() == ["found", "not_found", "ambiguous", "not_found"]
    assert answers["x"].tolist()[0] == 120.8
    assert answers["x"].isna().tolist() == [False, True, True, True]
    assert len(gazetteer.match_many([])) == 0


def test_an_empty_gazetteer_finds_nothing():
    assert Gazetteer(table()).match("人民路5号").status == "not_found"


@pytest.mark.parametrize("columns", [["id", "lon", "lat"], ["id", "text"]], ids=["no text", "no place"])
def test_a_table_without_texts_or_places_is_refused(columns):
    with pytest.raises(InputError, match="addresses without"):
        Gazetteer(table("人民路5号")[columns])


@pytest.mark.alone
def test_a_hundred_thousand_addresses_are_entered_and_asked_in_seconds():
    roads = [f"江苏省南通市崇川区城东街道{name}路" for name in ("人民", "工农", "青年")]
    texts = [f"{road}{plate}号{building}幢" for road in roads for plate in range(1100) for building in range(31)]
    begun = time.process_time()
    quick = Gazetteer(table(*texts))
    built = time.process_time()
    answers = quick.match_many([text.removeprefix("江苏省").replace("幢", "号楼") for text in texts[::10]])
    asked = time.process_time() - built
    assert (answers["status"] == "found").all()
    # several times what was measured: 100 000 in 3 s, and 20 000 matches a second
    assert built - begun < 15
    assert asked < 5


# --- real words


def test_names_of_real_communities_are_told_whole(shared_data):
    with shared_data("nantong/CLIP_villages_3206.csv").open(encoding="utf-8") as rows:
        names = [row["name"] for row in csv.DictReader(rows) if row["name"].endswith(("居委会", "村委会"))]
    told = [kinds(f"{name}5号") for name in names]
    whole = [parts[0][0] == "community" and parts[1:] == [("number", "5")] for parts in told]
    assert len(names) > 1500
    assert sum(whole) / len(whole) > 0.97


def labelled(path) -> list[tuple[str, dict[str, str]]]:
    """Texts and the words under each of their labels."""
    found = []
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        words, text = {}, ""
        for token, label in (line.replace("_", " ").rsplit(" ", 1) for line in block.splitlines()):
            text += token
            words[label[2:]] = words.get(label[2:], "") + token
        found.append((text, words))
    return found


def test_numbers_and_buildings_of_real_addresses_are_told(shared_data, record_property):
    right, said = Counter(), Counter()
    for text, words in labelled(shared_data("address_ncap/dev.txt")):
        values = dict(kinds(text))
        for kind, label in (("number", "roadno"), ("building", "houseno"), ("room", "roomno")):
            digits = "".join(char for char in words.get(label, "") if char.isdigit())
            if digits and "".join(char for char in words[label] if char in "组附-之、弄") == "":
                said[kind] += 1
                right[kind] += "".join(char for char in values.get(kind, "") if char.isdigit()) == digits
    shares = {kind: round(right[kind] / said[kind], 3) for kind in said}
    record_property("shares", shares)
    assert shares["number"] > 0.9, shares
    assert shares["building"] > 0.8, shares
