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
from shapely import box

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
