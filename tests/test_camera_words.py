"""Directions of cameras in words: which heading they give, and why some give none."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.visibility.cameras.views import views
from gridmap.visibility.reading import words

#: A town of streets around the origin: one 30 m east that runs north, one 40 m north that runs east, one that is
#: far away, one through the origin that runs north-east, and one whose name is the end of another's.
ORIGIN = (500_000.0, 3_500_000.0)
STREETS = {
    "人民东路": [(30, -200), (30, 200)],
    "解放路": [(-200, 40), (200, 40)],
    "远方大道": [(900, 900), (950, 900)],
    "斜街": [(-60, -60), (60, 60)],
    "东路": [(-90, 0), (-90, 50)],
}


def streets(**lines):
    """Named streets in metres from the origin."""
    found = {**STREETS, **lines}
    shapes = [shapely.LineString(np.add(line, ORIGIN)) for line in found.values()]
    return gpd.GeoDataFrame({"name": list(found)}, geometry=shapes, crs=4549)


def worded(text, *, at=(0, 0), **columns):
    """The camera whose direction is stated in words, and what is said of it."""
    rows = {"id": ["c"], "kind": ["fixed"], "direction": [text], **columns}
    table = gpd.GeoDataFrame(rows, geometry=[shapely.Point(np.add(at, ORIGIN))], crs=4549)
    found, notes = words.headings(table, streets())
    return found.iloc[0], notes


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("东", 90),
        ("朝东", 90),
        ("朝向东南", 135),
        ("面向西北方向", 315),
        ("正北", 0),
        ("向南", 180),
        ("朝東", 90),
        ("由西向东", 90),
        ("自南往北", 0),
        ("东向西", 270),
        ("路口朝东", 90),
        ("北偏东30度", 30),
        ("南偏西 15°", 195),
        ("西偏北10", 280),
    ],
)
def test_points_of_the_compass_are_headings(text, heading):
    assert worded(text)[0]["heading_deg"] == heading


def test_a_point_of_the_compass_is_an_eighth_of_it_and_a_stated_angle_is_exact():
    assert worded("朝东")[0]["heading_accuracy_deg"] == 22.5
    assert worded("北偏东30度")[0]["heading_accuracy_deg"] == 0


@pytest.mark.parametrize(
    ("text", "heading"),
    [("朝人民东路", 90), ("朝向解放路", 0), ("对着人民东路", 90), ("朝人民東路", 90)],
)
def test_towards_a_street_is_the_way_to_its_nearest_point(text, heading):
    found, notes = worded(text)
    assert found["heading_deg"] == pytest.approx(heading, abs=1e-6)
    assert notes["code"].tolist() == ["assumed"]
    assert "nearest point" in notes["what"][0]


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("沿人民东路向北", 0),
        ("沿人民东路向南", 180),
        ("沿着人民东路由南向北", 0),
        ("解放路西向", 270),
        ("沿解放路向东北", 90),
        ("沿斜街向北", 45),
        ("沿斜街向西", 225),
    ],
)
def test_along_a_street_is_its_way_there_that_is_nearer_to_the_named_point(text, heading):
    found, notes = worded(text)
    assert found["heading_deg"] == pytest.approx(heading, abs=1e-6)
    assert (found["heading_accuracy_deg"], notes["code"].tolist()) == (11.25, ["assumed"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("路口", "several ways"),
        ("球机", "many ways"),
        ("云台", "many ways"),
        ("人民东路", "two ways"),
        ("沿人民东路", "two ways"),
        ("沿人民东路向东", "does not run that way"),
        ("朝远方大道", "m away"),
        ("朝中山路", "no street is called 中山路"),
        ("朝人民东路与解放路", "several streets"),
        ("朝东门", "no direction"),
        ("东侧", "no direction"),
        ("东西向", "no direction"),
        ("朝东朝西", "no direction"),
        ("大门", "no direction"),
        ("北偏南20度", "no direction"),
    ],
)
def test_words_that_leave_it_open_give_no_heading_and_a_reason(text, why):
    found, notes = worded(text)
    assert np.isnan(found["heading_deg"])
    assert notes["code"].tolist() == ["unknown"]
    assert why in notes["what"][0]


def test_the_name_of_a_street_is_no_point_of_the_compass():
    """人民东路 holds 东, and 朝东大街 names a street."""
    assert worded("朝人民东路", at=(60, 0))[0]["heading_deg"] == pytest.approx(270, abs=1e-3)
    assert "朝东大街" not in STREETS
    assert np.isnan(worded("朝东大街")[0]["heading_deg"])


def test_of_a_street_in_pieces_the_nearest_one_says_which_way_it_runs():
    lines = [[(-90, -90), (-90, 90)], [(-20, 15), (20, 15)]]
    pieces = gpd.GeoDataFrame(
        {"name": ["弯街", "弯街"]}, geometry=[shapely.LineString(np.add(line, ORIGIN)) for line in lines], crs=4549
    )
    table = gpd.GeoDataFrame({"id": ["c"], "direction": ["沿弯街向东"]}, geometry=[shapely.Point(ORIGIN)], crs=4549)
    assert words.headings(table, pieces)[0]["heading_deg"][0] == pytest.approx(90, abs=1e-3)


def headed(text, **lines):
    """The heading that words give a camera at the origin, of streets in pieces called 弯街."""
    shapes = [shapely.LineString(np.add(line, ORIGIN)) for line in lines.values()]
    pieces = gpd.GeoDataFrame({"name": "弯街"}, geometry=shapes, crs=4549, index=range(len(shapes)))
    table = gpd.GeoDataFrame({"id": ["c"], "direction": [text]}, geometry=[shapely.Point(ORIGIN)], crs=4549)
    return words.headings(table, pieces)[0]["heading_deg"][0]


def test_a_street_that_bends_runs_as_it_does_beside_the_camera():
    assert headed("沿弯街向东", bent=[(-50, 10), (25, 10), (25, 200)]) == pytest.approx(90)


def test_at_the_end_of_a_bent_street_it_runs_as_its_first_metres_do():
    assert headed("沿弯街向东", bent=[(0, 10), (100, 10), (100, 110)]) == pytest.approx(90)


def test_a_street_that_runs_more_than_sixty_degrees_off_does_not_run_that_way():
    """At an azimuth of 26.57 degrees east lies 63.43 degrees off, north-east 18.43."""
    slanted = [(-40, -100), (60, 100)]
    assert np.isnan(headed("沿弯街向东", slanted=slanted))
    assert headed("沿弯街向东北", slanted=slanted) == pytest.approx(26.565, abs=1e-3)


def test_of_a_street_in_pieces_the_nearest_is_looked_at_and_a_farther_one_leaves_it_as_clear():
    assert headed("朝弯街", near=[(30, -50), (30, 50)], far=[(-80, -50), (-80, 50)]) == pytest.approx(90)


def test_two_pieces_as_near_a_right_angle_apart_give_no_heading():
    assert np.isnan(headed("朝弯街", east=[(30, -9), (30, 9)], north=[(-9, 30), (9, 30)]))


def test_on_a_street_the_way_to_it_says_nothing():
    found, notes = worded("朝人民东路", at=(30.5, 0))
    assert np.isnan(found["heading_deg"])
    assert "stands on" in notes["what"][0]


def test_a_street_that_is_as_near_on_two_sides_gives_no_heading():
    both = gpd.GeoDataFrame(
        {"name": ["环路", "环路"]},
        geometry=[shapely.LineString(np.add(line, ORIGIN)) for line in ([(-20, -9), (-20, 9)], [(20, -9), (20, 9)])],
        crs=4549,
    )
    table = gpd.GeoDataFrame({"id": ["c"], "direction": ["朝环路"]}, geometry=[shapely.Point(ORIGIN)], crs=4549)
    found, notes = words.headings(table, both)
    assert np.isnan(found["heading_deg"][0])
    assert "several directions" in notes["what"][0]


@pytest.mark.parametrize("text", ["全景", "360度", "360°全景", "环视四周"])
def test_all_round_is_a_fisheye_where_a_camera_was_said_to_be_fixed_and_no_heading_where_it_turns(text):
    assert worded(text)[0]["kind"] == "fisheye"
    turning, notes = worded(text, kind=["ptz"])
    assert (turning["kind"], notes["code"].tolist()) == ("ptz", ["unknown"])
    assert worded(text, hfov_deg=[60.0])[0]["kind"] == "fixed"


def test_a_heading_that_is_known_is_left_as_it_is():
    found, notes = worded("朝东", heading_deg=[200.0])
    assert (found["heading_deg"], len(notes)) == (200, 0)


def test_words_that_contradict_the_octant_give_no_heading():
    assert worded("朝东", octant=["SE"])[0]["heading_deg"] == 90
    found, notes = worded("朝东", octant=["W"])
    assert np.isnan(found["heading_deg"])
    assert "contradicts" in notes["what"][0]


def test_without_streets_points_of_the_compass_are_read_all_the_same():
    rows = {"id": ["a", "b", "c"], "direction": ["朝东", "朝人民路", None]}
    table = gpd.GeoDataFrame(rows, geometry=[shapely.Point(120.9, 32.0)] * 3, crs=4490)
    found, notes = words.headings(table)
    assert found["heading_deg"].tolist()[:1] == [90]
    assert (found["heading_deg"].isna().tolist(), notes["camera"].tolist()) == ([False, True, True], ["a", "b"])


def test_a_heading_out_of_geometry_is_from_true_north():
    """At 121 E, 30 N the grid of 120 E leans half a degree east: a street to the grid's east lies at 90.5 degrees."""
    place = gpd.GeoSeries([shapely.Point(121.0, 30.0)], crs=4490).to_crs(4549)
    line = shapely.LineString([(place[0].x + 30, place[0].y - 50), (place[0].x + 30, place[0].y + 50)])
    table = gpd.GeoDataFrame({"id": ["c"], "direction": ["朝人民路"]}, geometry=place)
    found, _ = words.headings(table, gpd.GeoDataFrame({"name": ["人民路"]}, geometry=[line], crs=4549))
    assert found["heading_deg"][0] == pytest.approx(90.5, abs=1e-3)
    back = views(found.assign(kind="fixed", status="online"))
    assert np.degrees(back.heading[1]) == pytest.approx(0, abs=1e-6)


def test_the_table_of_cameras_is_left_as_it_was():
    table = gpd.GeoDataFrame(
        {"id": ["c"], "direction": ["朝东"]}, geometry=[shapely.Point(ORIGIN)], crs=4549, index=[7]
    )
    before = table.copy()
    found, _ = words.headings(table)
    pd.testing.assert_frame_equal(table, before)
    assert found.index.tolist() == [7]
