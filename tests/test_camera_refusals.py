"""Nonsense in tables of cameras: each with its own reason, all at once, and nothing else hindered."""

from __future__ import annotations

import math

import pandas as pd
import pytest
import shapely

from gridmap.errors import CrsError, InputError, TableError
from gridmap.visibility.cameras.views import views
from tests.looking import cameras, taken, told, worked


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"height_m": 1.7}, "below_target"),
        ({"height_m": 600.0}, "height_unit"),
        ({"hfov_deg": 0.0}, "bad_fov"),
        ({"hfov_deg": 180.0}, "not_flat"),
        ({"hfov_deg": 360.0}, "not_flat"),
        ({"vfov_deg": 180.0}, "bad_vfov"),
        ({"vfov_deg": 0.0}, "bad_vfov"),
        ({"range_m": 0.0}, "no_range"),
        ({"tilt_deg": -40.0}, "looks_at_sky"),
        ({"tilt_deg": 85.0, "vfov_deg": 2.0, "height_m": 3.0}, "dead_zone_only"),
        ({"tilt_deg": 10.0, "range_m": 5.0}, "dead_zone_only"),
        ({"focal_mm": 0.0}, "bad_lens"),
        ({"focal_mm": 0.0, "sensor_mm": 5.37}, "bad_lens"),
        ({"pixel_um": 0.0, "focal_mm": 4.0}, "bad_lens"),
        ({"dori_detect_m": 0.0}, "bad_lens"),
        ({"sensor_mm": 0.357, "focal_mm": 4.0}, "sensor_in_inches"),
    ],
)
def test_nonsense_is_refused_with_its_reason(columns, code):
    seen = views(cameras(2, **{"heading_deg": 0.0, **{name: [value, None] for name, value in columns.items()}}))
    assert seen.refused[["camera", "code"]].to_numpy().tolist() == [["c1", code]]
    assert seen.ids[seen.camera].tolist() == ["c2"]
    assert len(seen.refused["message"][0]) > 20


def test_a_height_at_the_limit_of_sense_is_one():
    assert told(cameras(height_m=200.0)) == []


def test_a_picture_whose_lower_edge_is_the_horizon_sees_the_sky_alone():
    assert told(cameras(tilt_deg=-20.0, vfov_deg=40.0)) == ["looks_at_sky"]


def test_a_picture_whose_lower_edge_looks_straight_down_ends_at_the_foot_and_not_behind_it():
    table = cameras(heading_deg=0.0, tilt_deg=70.0, vfov_deg=40.0, range_m=5.0)
    assert "tilt_deg" not in taken(table)
    assert "tilt_deg" in taken(table.assign(tilt_deg=70.5))


def test_a_sensor_of_nought_is_no_format_in_inches():
    assert told(cameras(sensor_mm=0.0, focal_mm=4.0)) == ["bad_lens"]


def test_all_faults_of_all_cameras_come_at_once():
    table = cameras(3, height_m=[1.0, 5.0, 900.0], range_m=[0.0, 50.0, 50.0])
    assert views(table).refused[["camera", "code"]].to_numpy().tolist() == [
        ["c1", "below_target"],
        ["c1", "no_range"],
        ["c3", "height_unit"],
    ]


def test_a_camera_below_the_head_is_refused_but_sees_a_lower_target():
    assert told(cameras(height_m=1.5)) == ["below_target"]
    assert told(cameras(height_m=1.5), target_m=(0.0, 1.0)) == []


def test_a_camera_at_nought_degrees_is_nowhere_and_moves_no_other():
    table = pd.DataFrame(
        {"id": ["a", "b"], "kind": "fixed", "status": "online", "lon": [0.0, 120.5], "lat": [0.0, 32.0]}
    )
    seen = views(table)
    assert seen.refused[["camera", "code"]].to_numpy().tolist() == [["a", "null_island"]]
    assert (seen.crs.to_epsg(), seen.ids[seen.camera].tolist()) == (4549, ["b"])


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"heading_deg": [361.0]}, "out_of_range"),
        ({"heading_deg": ["东"]}, "not_a_number"),
        ({"heading_deg": [math.inf]}, "not_finite"),
        ({"hfov_deg": [400.0]}, "out_of_range"),
        ({"hfov_deg": [-5.0]}, "out_of_range"),
        ({"range_m": [-5.0]}, "negative"),
        ({"octant": ["NNE"]}, "bad_choice"),
        ({"sensor_mm": ['1/2.8"']}, "not_a_number"),
        ({"zoom": [0.5]}, "out_of_range"),
    ],
)
def test_cells_that_break_the_promise_of_the_table_are_told(columns, code):
    with pytest.raises(TableError) as caught:
        views(cameras(**columns))
    assert [fault.code for fault in caught.value.faults] == [code]


def test_latitude_before_longitude_is_told():
    with pytest.raises(TableError) as caught:
        views(cameras(at=shapely.Point(32.0, 120.9), crs=4326))
    assert [fault.code for fault in caught.value.faults] == ["swapped"]


def test_the_same_camera_twice_is_told():
    with pytest.raises(TableError) as caught:
        views(cameras(2, id=["a", "a"]))
    assert [fault.code for fault in caught.value.faults] == ["duplicate_key"]


def test_a_table_without_system_is_refused():
    with pytest.raises(CrsError):
        views(cameras(crs=None))


@pytest.mark.parametrize("segment", [(1.7, 0.0), (-1.0, 1.7), (0.0, math.inf), (0.0, math.nan)])
def test_a_segment_that_does_not_stand_on_the_ground_is_refused(segment):
    with pytest.raises(InputError) as caught:
        views(cameras(), target_m=segment)
    assert caught.value.code == "bad_segment"


def test_a_picture_that_ends_before_its_range_says_so():
    assert taken(worked(tilt_deg=30.0)) == {"range_m"}


def test_a_camera_that_looks_behind_its_foot_says_that_this_is_not_counted():
    assert "tilt_deg" in taken(worked(tilt_deg=75.0))


def test_no_cameras_have_no_views():
    seen = views(cameras(1, heading_deg=0.0).iloc[:0])
    assert (len(seen), len(seen.assumed), len(seen.refused)) == (0, 0, 0)


def test_the_table_is_left_as_it_was_and_the_order_of_its_rows_makes_no_difference():
    table = cameras(3, heading_deg=[10.0, None, 200.0], octant=[None, "S", None])
    before = table.copy()
    one, other = views(table), views(table.iloc[::-1])
    pd.testing.assert_frame_equal(table, before)
    assert sorted(zip(one.ids[one.camera], one.certainty, one.half_angle, one.heading, strict=True)) == sorted(
        zip(other.ids[other.camera], other.certainty, other.half_angle, other.heading, strict=True)
    )
