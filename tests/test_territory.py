"""Which area a point or an address is in, on a small territory drawn by hand.

::

    32.02 ┌────┬────┐
          │ g3 │ g4 │     grids g1..g4 of 0.01 degree, all in community c of district d
    32.01 ├────┼────┤
          │ g1 │ g2 │     a degree of longitude is about 94.4 km there, one of latitude 110.9 km
    32.00 └────┴────┘
        120.86 .87 .88
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from gridmap.address import Candidate, Match, Note, Step
from gridmap.errors import NotFoundError
from gridmap.territory import Territory, days, today

DAY = date(2026, 7, 1)


def _areas():
    cells = {"g1": (0, 0), "g2": (1, 0), "g3": (0, 1), "g4": (1, 1)}
    rows = [(code, "grid", "c", box(120.86 + i / 100, 32 + j / 100, 120.87 + i / 100, 32.01 + j / 100))
            for code, (i, j) in cells.items()]  # fmt: skip
    whole = box(120.86, 32.0, 120.88, 32.02)
    rows += [("c", "community", "d", whole), ("d", "district", None, whole)]
    table = pd.DataFrame(rows, columns=["code", "level", "parent", "geometry"])
    return gpd.GeoDataFrame(table.assign(name="区域" + table["code"]), crs=4490)


def _addresses():
    texts = ["人民路1号", "人民路2号", "青年路5号", "青年路5号"]
    points = gpd.points_from_xy([120.865, 120.875, 120.861, 120.879], [32.005, 32.005, 32.019, 32.019])
    return gpd.GeoDataFrame({"id": list("pqrs"), "text": texts}, geometry=points, crs=4490)


@pytest.fixture(scope="module")
def place():
    return Territory(_areas(), _addresses(), on=DAY, version=7)


def test_a_point_is_answered_by_the_finest_area_and_its_whole_chain(place):
    answer = place.locate(120.865, 32.004)
    assert (answer["status"], answer["area"]) == ("found", "g1")
    assert [link["code"] for link in answer["chain"]] == ["d", "c", "g1"]
    assert [link["level"] for link in answer["chain"]] == ["district", "community", "grid"]
    assert (answer["on"], answer["version"]) == ("2026-07-01", 7)


def test_the_answer_says_how_far_the_nearest_border_is(place):
    # 0.004 degrees of latitude at 32 N are 443.5 m; the other borders of g1 are 472 m and more away
    assert place.locate(120.865, 32.004)["border_m"] == pytest.approx(443.5, abs=0.5)


def test_a_point_on_a_border_belongs_to_the_east(place):
    assert place.locate(120.87, 32.005)["area"] == "g2"


def test_a_point_nearer_to_a_border_than_its_accuracy_is_ambiguous_and_names_both_areas(place):
    answer = place.locate(120.86999, 32.005, accuracy_m=10)
    assert answer["status"] == "ambiguous"
    assert [candidate["code"] for candidate in answer["candidates"]] == ["g1", "g2"]


def test_a_road_named_without_its_side_is_not_found_but_shown_with_its_area():
    addresses = _addresses().iloc[:1].assign(text="人民西路8号")
    answer = Territory(_areas(), addresses, on=DAY, version=7).find("人民路8号")
    assert (answer["status"], answer["area"], answer["reason"]) == ("not_found", None, "no_such_road")
    assert [(one["address"], one["area"]) for one in answer["candidates"]] == [("人民西路8号", "g1")]


def test_the_accuracy_reaches_as_far_to_the_east_as_to_the_north(place):
    # 0.0001 degrees of longitude are 9.44 m at 32 degrees north, 11.1 m at the equator
    assert place.locate(120.8699, 32.005, accuracy_m=9.4)["status"] == "found"
    near = place.locate(120.8699, 32.005, accuracy_m=9.5)
    assert [candidate["code"] for candidate in near["candidates"]] == ["g1", "g2"]


def test_a_point_well_inside_is_not_ambiguous(place):
    assert place.locate(120.865, 32.005, accuracy_m=10)["status"] == "found"


def test_a_point_outside_has_no_area_but_says_which_lie_within_its_accuracy(place):
    answer = place.locate(120.85999, 32.005, accuracy_m=10)
    assert (answer["status"], answer["area"], answer["chain"]) == ("outside", None, [])
    assert [candidate["code"] for candidate in answer["candidates"]] == ["g1"]


def test_an_address_is_answered_with_its_place_and_area(place):
    answer = place.find("人民路2号")
    assert (answer["status"], answer["area"], answer["address"]) == ("found", "g2", "人民路2号")
    assert (answer["lon"], answer["lat"]) == (120.875, 32.005)


def test_an_address_that_is_not_on_record_is_not_found_and_nothing_near_is_offered(place):
    answer = place.find("人民路3号")
    assert (answer["status"], answer["area"], answer["lon"]) == ("not_found", None, None)


def test_two_places_of_one_address_are_ambiguous_with_both_named(place):
    answer = place.find("青年路5号")
    assert answer["status"] == "ambiguous"
    assert sorted(candidate["area"] for candidate in answer["candidates"]) == ["g3", "g4"]


def test_a_table_of_points_is_answered_as_each_point_alone(place):
    lon, lat = [120.865, 120.87, 120.85, float("nan")], [32.004, 32.005, 32.0, 32.0]
    table = place.locate_table(lon, lat)
    assert table["status"].tolist() == ["found", "found", "outside", "not_found"]
    assert table["grid"].fillna("").tolist() == ["g1", "g2", "", ""]
    assert table["district"].fillna("").tolist() == ["d", "d", "", ""]
    assert table["border_m"][0] == place.locate(lon[0], lat[0])["border_m"]


def test_a_table_of_addresses_is_answered_as_each_address_alone(place):
    table = place.find_table(["人民路1号", "人民路9号", "青年路5号"])
    assert table["status"].tolist() == ["found", "not_found", "ambiguous"]
    # both of 青年路5号 lie in community c
    assert table["area"].fillna("").tolist() == ["g1", "", "c"]


class Told:
    """A gazetteer that answers what it was told, to see how each answer stands among the areas."""

    def __init__(self, **match):
        self._match = match

    def match(self, text, *, explain=False):
        steps = (Step("road", 0.5, "人民路"),) if explain else ()
        return Match(**{"status": "found", "query": text, "steps": steps, **self._match})


def _told(**match):
    return Territory(_areas(), on=DAY, gazetteer=Told(**match))


def _house(west, east, *, south=32.004, north=32.0044, plate=(120.8698, 32.0042)):
    """A territory whose address 人民路1号 has a house from west to east; its plate hangs in g1."""
    table = pd.DataFrame({"id": ["p"], "text": ["人民路1号"], "building": ["b"]})
    plates = gpd.GeoDataFrame(table, geometry=[Point(plate)], crs=4490)
    house = gpd.GeoDataFrame({"id": ["b"]}, geometry=[box(west, south, east, north)], crs=4490)
    return Territory(_areas(), plates, on=DAY, buildings=house)


def test_a_house_inside_one_grid_is_found_there_however_near_the_border():
    answer = _house(120.8695, 120.86999).find("人民路1号", accuracy_m=50)
    assert (answer["status"], answer["area"], answer["reason"], answer["candidates"]) == ("found", "g1", None, [])


def test_a_house_that_overhangs_a_border_by_less_than_its_drawing_may_err_is_found():
    # 40 of 1000 parts lie beyond 120.87
    answer = _house(120.86904, 120.87004).find("人民路1号")
    assert (answer["status"], answer["area"]) == ("found", "g1")


def test_a_house_across_a_border_is_ambiguous_with_the_shares_of_its_ground_the_plates_own_area_first():
    # from 120.8697 to 120.8707: three tenths in g1, where the plate hangs, seven in g2
    answer = _house(120.8697, 120.8707).find("人民路1号")
    assert (answer["status"], answer["area"], answer["reason"]) == ("ambiguous", "g1", "over_border")
    assert [(area["code"], area["share"]) for area in answer["candidates"]] == [("g1", 0.3), ("g2", 0.7)]


def test_a_house_across_a_border_whose_plate_hangs_elsewhere_is_led_by_its_larger_part():
    # the plate hangs in g1; two tenths of the house lie in g2, eight in g4
    place = _house(120.8701, 120.8709, south=32.0098, north=32.0108, plate=(120.8698, 32.0098))
    answer = place.find("人民路1号")
    assert (answer["status"], answer["area"]) == ("ambiguous", "g4")
    assert [(area["code"], area["share"]) for area in answer["candidates"]] == [("g4", 0.8), ("g2", 0.2)]


def test_a_plate_over_the_border_from_its_house_is_answered_by_the_house():
    assert _house(120.8701, 120.8709).find("人民路1号")["area"] == "g2"


@pytest.mark.parametrize(
    "house",
    [(120.873, 120.874), (120.8801, 120.8802)],
    ids=["a house of that id but 300 m away", "a house outside of all areas"],
)
def test_a_house_that_tells_nothing_leaves_the_answer_to_the_plate(house):
    assert _house(*house).find("人民路1号")["area"] == "g1"


def test_what_lies_beside_a_house_is_not_held_to_its_footprint():
    place = _house(120.8701, 120.8709)
    place.gazetteer = Told(text="人民路1号", id="p", level="number", x=120.8698, y=32.0042, accuracy_m=5)
    assert place.find("人民路1号旁边")["area"] == "g1"


def test_the_standard_address_of_a_house_in_two_communities_names_neither():
    names = {"320613001001": "虹桥社区", "320613001002": "天宁社区", "320613001": "虹桥街道"}
    shapes = [box(120.86, 32, 120.87, 32.02), box(120.87, 32, 120.88, 32.02), box(120.86, 32, 120.88, 32.02)]
    table = {"code": list(names), "name": list(names.values()), "level": ["community", "community", "street"]}
    areas = gpd.GeoDataFrame({**table, "parent": ["320613001", "320613001", None]}, geometry=shapes, crs=4490)
    plate = gpd.GeoDataFrame(
        {"id": ["p"], "text": ["人民路1号"], "building": ["b"]}, geometry=[Point(120.8698, 32.004)]
    )
    house = gpd.GeoDataFrame({"id": ["b"]}, geometry=[box(120.8697, 32.004, 120.8707, 32.005)], crs=4490)
    answer = Territory(areas, plate.set_crs(4490), on=DAY, buildings=house).find("人民路1号")
    assert (answer["area"], answer["standard"]) == ("320613001001", "江苏省南通市虹桥街道人民路1号")


def test_a_house_partly_outside_of_all_areas_is_ambiguous():
    answer = _house(120.8596, 120.8606, plate=(120.8601, 32.0042)).find("人民路1号")
    assert answer["status"] == "ambiguous"
    assert [(area["code"], area["share"]) for area in answer["candidates"]] == [("g1", 0.6)]


def test_a_road_that_stays_in_one_grid_tells_the_grid():
    answer = _told(text="人民路", local="人民路", level="road", x=120.865, y=32.005, accuracy_m=300).find("人民路")
    assert (answer["status"], answer["area"], answer["accuracy_m"]) == ("found", "g1", 300)


def test_a_road_through_two_grids_tells_the_community_that_holds_both():
    # the middle is 472 m from g2
    road = {"text": "人民路", "local": "人民路", "level": "road", "x": 120.865, "y": 32.005, "accuracy_m": 500}
    answer = _told(**road).find("人民路")
    assert (answer["status"], answer["area"], answer["reason"]) == ("ambiguous", "c", "over_border")
    assert [link["code"] for link in answer["chain"]] == ["d", "c"]
    assert [area["code"] for area in answer["candidates"]] == ["g1", "g2"]


def test_the_greater_of_the_places_own_and_the_asked_accuracy_counts():
    place = _told(text="人民路", level="road", x=120.865, y=32.005, accuracy_m=300)
    assert place.find("人民路", accuracy_m=500)["status"] == "ambiguous"
    assert place.find("人民路", accuracy_m=100)["status"] == "found"


def test_a_text_that_names_a_community_alone_is_answered_by_it_and_by_nothing_finer():
    place = _told(text="区域c", local="", level="community", x=120.87, y=32.01, area="c", accuracy_m=1000)
    answer = place.find("区域c")
    assert (answer["status"], answer["area"], answer["border_m"]) == ("found", "c", None)
    table = place.find_table(["区域c"])
    assert table[["status", "area", "district", "community"]].iloc[0].tolist() == ["found", "c", "d", "c"]
    assert table["grid"].isna().all()
    assert table["border_m"].isna().all()


def test_several_places_tell_the_finest_area_that_holds_them_all(place):
    answer = place.find("青年路5号")
    assert (answer["area"], answer["reason"]) == ("c", "several_places")
    assert [candidate["level"] for candidate in answer["candidates"]] == ["number", "number"]


@pytest.mark.parametrize(("count", "area"), [(19, "g1"), (20, None)], ids=["all are listed", "the list is cut short"])
def test_places_that_are_not_all_listed_tell_no_area(count, area):
    spots = tuple(Candidate(id=i, text="x", level="number", x=120.865, y=32.005) for i in range(count))
    assert _told(status="ambiguous", candidates=spots, reason="several_places").find("x")["area"] == area


def test_places_in_and_outside_of_the_areas_tell_none():
    spots = tuple(Candidate(id=x, text="x", level="number", x=x, y=32.005) for x in (120.865, 121.0))
    assert _told(status="ambiguous", candidates=spots).find("x")["area"] is None


def test_roads_of_one_name_tell_no_area_for_how_far_they_stretch_is_not_told():
    roads = tuple(Candidate(id=None, text="人民路", level="road", x=x, y=32.005) for x in (120.865, 120.866))
    answer = _told(status="ambiguous", candidates=roads).find("人民路")
    assert (answer["area"], [road["area"] for road in answer["candidates"]]) == (None, [None, None])


def test_communities_of_one_name_are_areas_themselves():
    both = tuple(Candidate(id=None, text=code, level="grid", x=0.0, y=0.0, area=code) for code in ("g1", "g3"))
    answer = _told(status="ambiguous", candidates=both).find("x")
    assert (answer["area"], [one["area"] for one in answer["candidates"]]) == ("c", ["g1", "g3"])


@pytest.mark.parametrize(
    ("known", "area"),
    [
        ({"text": "人民路", "level": "road", "x": 120.865, "y": 32.005}, None),
        ({"text": "人民路1号", "level": "number", "x": 120.865, "y": 32.005}, "g1"),
        ({"text": "区域c", "level": "community", "x": 120.865, "y": 32.005, "area": "c"}, "c"),
    ],
    ids=["a road stretches", "a plate has one", "a community is one"],
)
def test_where_there_is_no_answer_what_is_known_is_told(known, area):
    place = _told(status="not_found", reason="no_such_number", known=Candidate(id=None, **known))
    answer = place.find("x")
    assert answer["known"] == {"text": known["text"], "level": known["level"], "area": area}
    assert (answer["status"], answer["area"], answer["reason"]) == ("not_found", None, "no_such_number")


def test_notes_and_steps_are_told_as_they_are():
    place = _told(text="人民路1号", x=120.865, y=32.005, notes=(Note("typo", "人名路", "人民路"),))
    answer = place.find("人名路1号", explain=True)
    assert answer["notes"] == [{"code": "typo", "given": "人名路", "taken": "人民路"}]
    assert answer["steps"] == [{"name": "road", "gain": 0.5, "detail": "人民路"}]
    assert "steps" not in place.find("人名路1号")
    assert place.find_table(["人名路1号"])["notes"].tolist() == ["typo: 人名路 → 人民路"]


def test_more_areas_than_an_answer_can_name_are_told_by_those_that_hold_them():
    strips = [box(120.86 + i / 1000, 32, 120.861 + i / 1000, 32.01) for i in range(24)]
    halves = [box(120.86, 32, 120.872, 32.01), box(120.872, 32, 120.884, 32.01)]
    table = {
        "code": [*(f"g{i:02}" for i in range(24)), "c1", "c2"],
        "parent": [*("c1" if i < 12 else "c2" for i in range(24)), None, None],
    }
    place = Territory(gpd.GeoDataFrame(table, geometry=[*strips, *halves], crs=4490), on=DAY)
    answer = place.locate(120.8725, 32.005, accuracy_m=5000)
    assert [area["code"] for area in answer["candidates"]] == ["c1", "c2"]


NANTONG = [
    ("320613001001001", "grid", "320613001001", "第一网格"),
    ("320613001001", "community", "320613001", "虹桥社区"),
    ("320613001", "street", "320613", "虹桥街道"),
    ("320613", "district", None, "崇川区"),
]


@pytest.mark.parametrize(
    ("local", "standard"),
    [
        ("人民路5号3幢", "江苏省南通市崇川区虹桥街道虹桥社区人民路5号3幢"),
        ("虹桥社区1组5号", "江苏省南通市崇川区虹桥街道虹桥社区1组5号"),
        ("虹桥街道人民路5号", "江苏省南通市崇川区虹桥街道虹桥社区人民路5号"),
    ],
    ids=["by road", "a village's own name is not doubled", "a street's own name is not doubled"],
)
def test_the_standard_address_names_all_divisions_from_the_province_to_the_community(local, standard):
    rows = [(*row, box(120.86, 32, 120.88, 32.02)) for row in NANTONG]
    areas = gpd.GeoDataFrame(rows, columns=["code", "level", "parent", "name", "geometry"], crs=4490)
    told = Told(text="x", local=local, level="building", x=120.865, y=32.005)
    assert Territory(areas, on=DAY, gazetteer=told).find("x")["standard"] == standard


def test_the_standard_address_of_a_place_that_may_lie_in_two_grids_names_what_both_lie_in():
    answer = _told(text="人民路", local="人民路", level="road", x=120.87, y=32.005, accuracy_m=9).find("人民路")
    assert answer["standard"] == "区域d区域c人民路"


def test_outside_of_all_areas_the_address_stands_as_its_table_has_it():
    answer = _told(text="海门区人民路1号", local="人民路1号", x=121.5, y=32.0).find("x")
    assert (answer["status"], answer["standard"]) == ("outside", "海门区人民路1号")


ASKED = ["人民路1号", "人民路2号", "人民路9号", "青年路5号", "", "x" * 300]


@pytest.mark.parametrize("accuracy_m", [None, 480.0])
def test_one_text_and_the_same_among_many_are_answered_alike(place, accuracy_m):
    alone = [place.find(text, accuracy_m=accuracy_m) for text in ASKED]
    assert place.find_many(ASKED, accuracy_m=accuracy_m) == alone
    table = place.find_table(ASKED, accuracy_m=accuracy_m)
    for name in ("status", "area", "standard", "reason", "lon", "border_m", "score"):
        assert table[name].astype(object).where(table[name].notna(), None).tolist() == [a[name] for a in alone], name


@given(st.lists(st.tuples(st.floats(120.85, 120.89), st.floats(31.99, 32.03)), max_size=20), st.floats(0, 900))
def test_one_point_and_the_same_among_many_are_answered_alike(place, points, accuracy_m):
    lon, lat = zip(*points, strict=True) if points else ((), ())
    alone = [place.locate(*point, accuracy_m=accuracy_m) for point in points]
    assert place.locate_many(lon, lat, accuracy_m=accuracy_m) == alone
    table = place.locate_table(lon, lat, accuracy_m=accuracy_m)
    assert table["status"].tolist() == [answer["status"] for answer in alone]


def test_a_day_without_areas_has_no_territory():
    with pytest.raises(NotFoundError, match="no area is in force on 2026-07-01"):
        Territory(_areas().iloc[:0], on=DAY)


def test_areas_in_metres_answer_the_same_in_degrees():
    metric = Territory(_areas().to_crs(4549), on=DAY)
    assert metric.locate(120.8651, 32.0041)["area"] == "g1"


@pytest.mark.parametrize(
    ("clock", "day"),
    [((2026, 7, 1, 15, 59), date(2026, 7, 1)), ((2026, 7, 1, 16, 0), date(2026, 7, 2))],
    ids=["a minute before midnight in China", "midnight in China"],
)
def test_today_is_the_day_in_china(monkeypatch, clock, day):
    monkeypatch.setattr(days.time, "time", datetime(*clock, tzinfo=UTC).timestamp)
    assert today() == day
