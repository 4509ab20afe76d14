"""Names of divisions that were in force once: what holds their ground on a day, and how it came to that."""

from __future__ import annotations

import csv
import gzip
import re
import subprocess
import sys
import time
from datetime import date
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.address.former import former_names, national_former
from gridmap.errors import InputError
from gridmap.samples import town

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"

START, CHANGE, LATER, TODAY = date(2016, 1, 1), date(2020, 1, 1), date(2022, 7, 1), date(2024, 1, 1)


def area(name, west, east, *, since=None, until=None, **more):
    """A community from west to east, one high: easy to see what holds what."""
    ground = {"code": f"{west}-{east}-{since}", "level": "community", "geometry": shapely.box(west, 0, east, 1)}
    return {"name": name, "valid_from": since, "valid_to": until, **ground, **more}


def former(*areas, on=TODAY):
    """Former names with what became of them, by codes, shares and a word."""
    table = former_names(gpd.GeoDataFrame(list(areas), crs=4490), on)
    shares = [tuple(round(share, 2) for share in row) for row in table["shares"]]
    return {
        name: (codes, share, how)
        for name, codes, share, how in zip(table["name"], table["successors"], shares, table["how"], strict=True)
    }


@pytest.mark.parametrize("level", ["district", "street", "community", "grid"])
def test_a_renamed_area_is_known_by_its_new_name(level):
    before = area("城中", 0, 4, until=CHANGE, level=level, code="a")
    after = area("和平", 0, 4, since=CHANGE, level=level, code="b")
    assert former(before, after) == {"城中": (("b",), (1.0,), "renamed")}


def test_a_renamed_area_may_keep_its_code_and_move_its_border_a_little():
    before = area("城中", 0, 100, until=CHANGE, code="a")
    assert former(before, area("和平", 3, 100, since=CHANGE, code="a")) == {"城中": (("a",), (0.97,), "renamed")}


def test_merged_areas_are_part_of_one():
    whole = area("和平社区", 0, 4, since=CHANGE, code="c")
    found = former(area("城东社区", 0, 3, until=CHANGE), area("城西社区", 3, 4, until=CHANGE), whole)
    assert found == {"城东社区": (("c",), (1.0,), "merged"), "城西社区": (("c",), (1.0,), "merged")}


def test_an_area_whose_name_goes_on_for_the_merged_one_is_not_former():
    whole = area("城东社区", 0, 4, since=CHANGE, code="c")
    found = former(area("城东社区", 0, 3, until=CHANGE), area("城西社区", 3, 4, until=CHANGE), whole)
    assert found == {"城西社区": (("c",), (1.0,), "merged")}


def test_a_split_area_names_all_that_hold_its_ground_the_largest_first():
    parts = [area("甲", 0, 1, since=CHANGE, code="1"), area("乙", 1, 4, since=CHANGE, code="2")]
    assert former(area("城中", 0, 4, until=CHANGE), *parts) == {"城中": (("2", "1"), (0.75, 0.25), "split")}


def test_a_sliver_is_no_successor():
    parts = [area("甲", 0, 96, since=CHANGE, code="1"), area("乙", 96, 200, since=CHANGE, code="2")]
    assert former(area("城中", 0, 100, until=CHANGE), *parts) == {"城中": (("1",), (0.96,), "renamed")}
    table = former_names(gpd.GeoDataFrame([area("城中", 0, 100, until=CHANGE), *parts]), TODAY, least_share=0.04)
    assert table["successors"].tolist() == [("1", "2")]


def test_neighbours_that_only_touch_are_no_successors():
    touching = area("乙", 4, 8, since=START, code="2")
    assert former(area("城中", 0, 4, until=CHANGE), touching) == {"城中": ((), (), "abolished")}


def test_an_abolished_street_is_answered_by_the_district_that_holds_it():
    district = area("崇川区", 0, 9, level="district", code="320613")
    found = former(area("城中街道", 0, 4, until=CHANGE, level="street"), district)
    assert found == {"城中街道": (("320613",), (1.0,), "abolished")}


def test_an_area_of_which_little_is_held_is_abolished_all_the_same():
    assert former(area("城中", 0, 10, until=CHANGE), area("甲", 9, 20, since=CHANGE, code="1")) == {
        "城中": (("1",), (0.1,), "abolished")
    }


def test_areas_of_another_level_on_the_same_ground_are_no_successors():
    street = area("城中街道", 0, 4, level="street", code="s")
    found = former(area("城中", 0, 4, until=CHANGE), area("和平", 0, 4, since=CHANGE, code="c"), street)
    assert found == {"城中": (("c",), (1.0,), "renamed")}


def test_a_name_that_was_given_to_other_ground_is_in_force_there():
    reused = area("城中社区", 8, 9, since=LATER)
    assert former(area("城中社区", 0, 4, until=CHANGE), area("和平社区", 0, 4, since=CHANGE), reused) == {}


def test_the_office_in_a_name_is_no_part_of_it():
    assert former(area("城中社区居委会", 0, 4, until=CHANGE), area("城中社区", 0, 4, since=CHANGE)) == {}


@pytest.mark.parametrize(
    ("on", "names"),
    [
        (date(2019, 12, 31), {}),
        (CHANGE, {"甲": (("2",), (1.0,), "renamed")}),
        (date(2022, 6, 30), {"甲": (("2",), (1.0,), "renamed")}),
        (LATER, {"甲": (("3",), (1.0,), "renamed"), "乙": (("3",), (1.0,), "renamed")}),
        (date(2000, 1, 1), {}),
    ],
    ids=["the day before", "the day", "before the next", "two names ago", "before all"],
)
def test_a_name_is_former_from_the_day_it_ended(on, names):
    epochs = [("1", "甲", START, CHANGE), ("2", "乙", CHANGE, LATER), ("3", "丙", LATER, None)]
    areas = [area(name, 0, 4, since=since, until=until, code=code) for code, name, since, until in epochs]
    assert former(*areas, on=on) == names


def test_a_name_that_ended_twice_on_one_ground_is_told_once_with_its_last_day():
    versions = [area("甲", 0, 4, until=CHANGE), area("甲", 0, 5, since=CHANGE, until=LATER)]
    table = former_names(gpd.GeoDataFrame([*versions, area("乙", 0, 5, since=LATER, code="b")]), TODAY)
    assert table[["name", "until"]].to_numpy().tolist() == [["甲", LATER]]


def test_a_name_that_two_grounds_had_is_told_for_each_the_latest_first():
    grounds = [area("新建村", 0, 4, until=CHANGE), area("新建村", 6, 8, until=LATER)]
    new = [area("甲", 0, 4, since=CHANGE, code="1"), area("乙", 6, 8, since=LATER, code="2")]
    table = former_names(gpd.GeoDataFrame([*grounds, *new]), TODAY)
    assert table[["until", "successors"]].to_numpy().tolist() == [[LATER, ("2",)], [CHANGE, ("1",)]]


def test_forty_nine_communities_became_eighteen():
    old = [area(f"旧{k}社区", k, k + 1, until=CHANGE) for k in range(49)]
    borders = [round(49 * k / 18) for k in range(19)]
    new = [area(f"新{k}社区", *ends, since=CHANGE, code=str(k)) for k, ends in enumerate(pairwise(borders))]
    found = former(*old, *new)
    assert len(found) == 49
    assert {name: codes for name, (codes, _, _) in found.items()} == {
        f"旧{k}社区": (str(np.searchsorted(borders, k, side="right") - 1),) for k in range(49)
    }


def test_shares_are_the_same_in_metres_and_in_degrees():
    west, south = 120.86, 32.01
    old = area("城中", 0, 1, until=CHANGE) | {"geometry": shapely.box(west, south, west + 0.04, south + 0.02)}
    new = area("甲", 0, 1, since=CHANGE) | {"geometry": shapely.box(west, south, west + 0.03, south + 0.03)}
    degrees = gpd.GeoDataFrame([old, new], crs=4490)
    shares = [former_names(table, TODAY)["shares"].iloc[0][0] for table in (degrees, degrees.to_crs(4549))]
    assert shares == pytest.approx([0.75, 0.75], abs=1e-3)


def test_each_former_area_is_compared_with_its_own_level():
    before = [area("城中", 0, 4, until=CHANGE), area("城中街道", 0, 4, until=CHANGE, level="street")]
    after = [area("和平", 0, 4, since=CHANGE, code="c"), area("新街道", 0, 8, since=CHANGE, level="street", code="s")]
    assert former(*before, *after) == {"城中": (("c",), (1.0,), "renamed"), "城中街道": (("s",), (1.0,), "merged")}


def test_areas_without_name_level_or_polygon_are_passed_over():
    nameless, flat = area(None, 0, 4, until=CHANGE), area("线", 0, 4, until=CHANGE) | {"geometry": None}
    unranked = area("无级", 0, 4, until=CHANGE, code="x") | {"level": None}
    assert former(nameless, flat, unranked, area("甲", 0, 4)) == {}


def test_a_level_is_told_by_the_code_where_the_table_has_none():
    rows = [area("城中", 0, 4, until=CHANGE, code="320613001"), area("和平", 0, 4, since=CHANGE, code="320613002")]
    table = former_names(gpd.GeoDataFrame(rows).drop(columns="level"), TODAY)
    assert table[["name", "level", "successors"]].to_numpy().tolist() == [["城中", "street", ("320613002",)]]


def test_a_level_of_its_own_is_compared_with_itself_alone():
    areas = [area("旧园", 0, 4, until=CHANGE, level="园区"), area("新园", 0, 4, since=CHANGE, level="园区", code="n")]
    assert former(*areas, area("甲", 0, 4)) == {"旧园": (("n",), (1.0,), "renamed")}
    assert former(areas[0], area("甲", 0, 4)) == {"旧园": ((), (), "abolished")}


def test_a_ring_that_crosses_itself_is_mended_for_the_comparison():
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    found = former(area("旧", 0, 2, until=CHANGE) | {"geometry": bow}, area("新", 0, 2, since=CHANGE, code="n"))
    assert found["旧"][0] == ("n",)


@pytest.mark.parametrize("rows", [[], [area("甲", 0, 4)]], ids=["none", "none ended"])
def test_where_nothing_ended_no_name_is_former(rows):
    columns = ["code", "name", "level", "valid_from", "valid_to", "geometry"]
    table = former_names(gpd.GeoDataFrame(rows, columns=columns, geometry="geometry"), TODAY)
    assert table.columns.tolist() == ["name", "level", "until", "successors", "shares", "how"]
    assert len(table) == 0


def test_a_table_without_names_is_refused():
    with pytest.raises(InputError, match="name"):
        former_names(gpd.GeoDataFrame([area("甲", 0, 4)]).drop(columns="name"), TODAY)


def test_the_table_given_is_left_as_it_was():
    given = gpd.GeoDataFrame([area("城中", 0, 4, until=CHANGE), area("和平", 0, 4, since=CHANGE)])
    copy = given.copy(deep=True)
    former_names(given, TODAY)
    pd.testing.assert_frame_equal(given, copy)


def test_the_communities_of_the_sample_town_that_were_merged_are_part_of_what_covers_them():
    tables = town(seed=1, buildings=3000)
    ever = pd.concat([tables["areas_before"], tables["areas"]], ignore_index=True)
    found = former_names(ever, TODAY)
    gone = set(tables["areas_before"]["name"]) - set(tables["areas"]["name"])
    assert set(found["name"]) == gone
    shapes = ever.dropna(subset="geometry").set_index(["code", "valid_from"]).geometry
    merged = found[found["level"] == "community"]
    assert len(merged) >= 1
    for name, successors in zip(merged["name"], merged["successors"], strict=True):
        old = ever[(ever["name"] == name) & (ever["level"] == "community")].geometry.iloc[0]
        assert shapes[successors[0], CHANGE].buffer(1e-9).covers(old)


@pytest.mark.alone
def test_two_thousand_areas_take_less_than_a_second():
    side = 31
    old = [cell(k, side, until=CHANGE) for k in range(side * side)]
    new = [cell(k, side, since=CHANGE, shift=0.3) for k in range(side * side)]
    before = time.process_time()
    found = former_names(gpd.GeoDataFrame(old + new), TODAY)
    assert time.process_time() - before < 1
    assert (len(found), found["how"].value_counts().idxmax()) == (side * side, "split")


def cell(number, side, *, since=None, until=None, shift=0.0):
    """One of side x side discs of 64 corners, as fine as real borders."""
    row, column = divmod(number, side)
    shape = shapely.Point(column + shift, row + shift).buffer(0.6, quad_segs=16)
    return area(f"{'新' if since else '旧'}{number}", 0, 1, since=since, until=until, code=f"{number}{since}") | {
        "geometry": shape
    }


#: former name, full name now, city and year: from memory of what was announced, not from the table
FACTS = """
莱芜市 济南市 济南市 2019 | 莱城区 莱芜区 济南市 2019 | 通州市 通州区 南通市 2009 | 港闸区 崇川区 南通市 2020
海门市 海门区 南通市 2020 | 江浦县 浦口区 南京市 2002 | 江宁县 江宁区 南京市 2000 | 大厂区 六合区 南京市 2002
高淳县 高淳区 南京市 2013 | 白下区 秦淮区 南京市 2013 | 下关区 鼓楼区 南京市 2013 | 江都市 江都区 扬州市 2011
吴江市 吴江区 苏州市 2012 | 平江区 姑苏区 苏州市 2012 | 金坛市 金坛区 常州市 2015 | 大丰市 大丰区 盐城市 2015
铜山县 铜山区 徐州市 2010 | 卢湾区 黄浦区 上海市 2011 | 南汇区 浦东新区 上海市 2009 | 闸北区 静安区 上海市 2015
宣武区 西城区 北京市 2010 | 崇文区 东城区 北京市 2010 | 密云县 密云区 北京市 2015 | 塘沽区 滨海新区 天津市 2009
富阳市 富阳区 杭州市 2014 | 下城区 拱墅区 杭州市 2021 | 萧山市 萧山区 杭州市 2001 | 增城市 增城区 广州市 2014
芳村区 荔湾区 广州市 2005 | 萝岗区 黄埔区 广州市 2014 | 顺德市 顺德区 佛山市 2002 | 双流县 双流区 成都市 2015
万盛区 綦江区 重庆市 2011 | 动力区 香坊区 哈尔滨市 2006 | 四方区 市北区 青岛市 2012 | 襄樊市 襄阳市 襄阳市 2010
思茅市 普洱市 普洱市 2007 | 大庸市 张家界市 张家界市 1994 | 通什市 五指山市 _ 2001 | 灌县 都江堰市 成都市 1988
长治县 上党区 长治市 2018 | 户县 鄠邑区 西安市 2016 | 徽州地区 黄山市 黄山市 1987 | 即墨市 即墨区 青岛市 2017
"""


@pytest.mark.parametrize("fact", [fact.split() for fact in re.split("[|\n]", FACTS.strip())], ids="-".join)
def test_a_district_that_was_renamed_or_merged_is_known_by_its_successor(fact):
    old, new, city, year = fact
    found = [place for place in national_former()[old] if place.city == city.strip("_")]
    assert [(place.name, place.year) for place in found] == [(new, int(year))]


@pytest.mark.parametrize(
    ("old", "year", "successor"),
    [
        ("海门县", 1993, None),
        ("海门县", 1994, "海门市"),
        ("海门县", 2019, "海门市"),
        ("海门县", 2020, "海门区"),
        ("海门市", 2019, None),
        ("中甸县", 2001, "香格里拉县"),
        ("中甸县", 2014, "香格里拉市"),
        ("南通县", 2009, "通州区"),
        ("莱芜县", 1990, "莱芜市"),
        ("莱芜县", 2019, "济南市"),
    ],
)
def test_a_former_name_is_followed_through_its_changes_up_to_the_day(old, year, successor):
    found = national_former(date(year, 7, 1)).get(old)
    assert (found and [place.name for place in found]) == (successor and [successor])


@pytest.mark.parametrize("name", ["崇川区", "通州区", "浦口区", "郊区", "城区", "市中区", "新区", "南通市", "江苏省"])
def test_names_in_force_and_words_that_name_no_one_place_are_not_former(name):
    assert name not in national_former()


@pytest.mark.parametrize("name", ["吴县市", "江干区", "潮阳市", "西湖区", "锡山市"])
def test_a_district_that_was_split_has_no_one_successor(name):
    assert name not in national_former()


def test_a_former_name_of_several_places_tells_each_with_city_and_province():
    found = {(place.city, place.name) for place in national_former()["南市区"]}
    assert found == {("上海市", "黄浦区"), ("保定市", "莲池区")}
    assert {place.province for place in national_former()["南市区"]} == {"上海市", "河北省"}


def test_every_successor_is_a_division_of_today_in_the_province_that_is_told():
    with gzip.open(DATA / "nation_districts.csv.gz", "rt", encoding="utf-8") as lines:
        today = {row["code"]: row["name"] for row in csv.DictReader(lines)}
    with (DATA / "nation.csv").open(encoding="utf-8") as lines:
        today |= {row["code"]: row["name"] for row in csv.DictReader(lines)}
    places = [place for found in national_former().values() for place in found]
    assert len(places) == len((DATA / "former.csv").read_text(encoding="utf-8").splitlines()) - 1 > 800
    assert [place for place in places if today[place.code] != place.name] == []
    assert [place for place in places if today[place.code[:2]] != place.province] == []
    assert [place for place in places if place.code[:4] in today and today[place.code[:4]] != place.city] == []


def test_the_national_table_cannot_be_changed_by_who_asks():
    with pytest.raises(TypeError):
        national_former()["海门县"] = ()


def test_the_national_table_is_what_its_tool_makes_of_the_events(shared_data):
    folder = shared_data("county_changes")
    files = [folder / "county_administrative_events_1983_2026.csv", folder / "unified_events_1987_2026.csv"]
    made = subprocess.run([sys.executable, ROOT / "tools/former.py", *files], capture_output=True, check=True)
    assert made.stdout == (DATA / "former.csv").read_bytes()


@pytest.mark.parametrize(("snapshot", "least"), [("2009", 5), ("2021", 13)])
def test_changes_that_another_source_announces_are_told_alike(shared_data, snapshot, least):
    text = (shared_data("nantong") / f"ctamap_changes_{snapshot}.md").read_text(encoding="utf-8")
    sentences = re.findall(r"撤销([^，；。|\s]+)，(?:设立|将其行政区域并入)(?:新的|县级)*([^，；。|\s]+)", text)
    announced = {(plain_name(old), plain_name(new)) for olds, new in sentences for old in olds.split("、")}
    # five towns of 水城县 went to 钟山区, so it is not told
    changed = {(old, new) for old, new in announced if old not in {new, "水城县"}}
    assert len(changed) >= least
    known = {(old, place.name) for old, _ in changed for place in national_former().get(old, ())}
    assert known == changed


def plain_name(name):
    """A district's name without the city before it."""
    return re.sub("^.{2,3}市(?=.{2,}区$)", "", name)
