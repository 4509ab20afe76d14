"""Views of a table of cameras: footprints, how sure they are, north, night, and what was taken for granted."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.visibility.cameras.assuming import Assumed
from gridmap.visibility.cameras.bands import profile
from gridmap.visibility.cameras.bearings import convergence_deg
from gridmap.visibility.cameras.views import CERTAINTIES, views
from tests.looking import cameras, near, taken, told, worked


def holds(view_set, row, x, y, band=None):
    """Whether places given forward and left of the heading lie in a view, or in its bands up to one."""
    r = np.hypot(x, y)
    half, side = view_set.half_angle[row], view_set.side[row]
    inside = (np.abs(np.arctan2(y, x)) <= half + 1e-9) & (r <= view_set.range_m[row] + 1e-9)
    if half <= math.pi / 2:
        inside &= (x >= view_set.near_m[row] - 1e-9) & (x <= view_set.far_m[row] + 1e-9)
        inside &= np.abs(y) <= side[0] + side[1] * x + 1e-9
    if band is not None:
        inside &= np.where(view_set.by_depth[row], x, r) <= view_set.edges[row, band] + 1e-9
    return inside


def test_a_profile_of_ones_own_moves_the_limits_of_the_bands():
    own = profile(detect=20, find=40, recognise=250, name="town")
    assert views(worked(), profile=own).edges[0].tolist() == [near(x) for x in (7.628, 47.672, 95.345)]


def test_a_view_is_the_worked_trapezoid_of_its_camera():
    seen = views(worked(tilt_deg=30.0), target_m=(0.0, 0.0))
    assert (seen.near_m[0], seen.far_m[0]) == (near(4.0946), near(30.4846))
    assert seen.side[0, 0] + seen.side[0, 1] * 4.0946 == near(8.1168 / 2)
    assert math.tan(seen.half_angle[0]) == pytest.approx(4.0584 / 4.0946, abs=1e-3)
    assert seen.by_depth.all()


def test_feet_bind_the_near_edge_and_the_head_the_far_edge_and_the_bands():
    seen = views(worked(tilt_deg=30.0))
    assert (seen.near_m[0], seen.far_m[0]) == (near(4.0946), near(20.120))
    assert seen.edges[0].tolist() == [near(x) for x in (15.710, 33.325, 86.170)]
    assert seen.target_m[0] == 0


def test_a_camera_whose_tilt_is_not_known_has_a_wedge_without_dead_zone_and_says_so():
    seen = views(worked())
    assert (seen.near_m[0], seen.far_m[0], seen.side[0, 0]) == (0, 100, 0)
    assert seen.half_angle[0] == near(math.radians(67.743 / 2), 5)
    assert set(seen.assumed["column"]) == {"tilt_deg"}


def test_what_a_maker_states_goes_before_the_angle_of_view():
    table = cameras(heading_deg=0.0, hfov_deg=101.0, width_px=2560, height_m=5.0, tilt_deg=0.0)
    by_angle, by_pitch = views(table), views(table.assign(focal_mm=2.8, pixel_um=2.0))
    stated = views(table.assign(dori_detect_m=56.0))
    assert [seen.edges[0, 2] for seen in (by_angle, by_pitch, stated)] == [near(42.2, 1), near(56.0), near(56.0)]
    assert by_pitch.half_angle[0] == by_angle.half_angle[0]


def test_of_several_statements_the_distance_of_detection_goes_first_then_the_pixel_then_the_sensor():
    table = cameras(heading_deg=0.0, focal_mm=4.0, sensor_mm=5.37, width_px=2560, tilt_deg=0.0)
    pixel = table.assign(pixel_um=2.0)
    stated = [views(one).edges[0, 2] for one in (table, pixel, pixel.assign(dori_detect_m=60.0))]
    assert stated == [near(76.276), near(80), near(60)]


def test_looking_up_the_sides_lean_in_and_feet_bind_them():
    seen = views(cameras(heading_deg=0.0, tilt_deg=-10.0, hfov_deg=90.0, vfov_deg=40.0, height_m=6.0))
    assert seen.side[0].tolist() == pytest.approx([-6 * math.sin(math.radians(10)), math.cos(math.radians(10))])
    assert seen.half_angle[0] == pytest.approx(math.atan(math.cos(math.radians(10))))


def test_all_that_is_missing_is_taken_for_granted_and_listed():
    table = cameras(heading_deg=0.0)
    assert taken(table) == {"height_m", "hfov_deg", "width_px", "tilt_deg", "range_m"}
    seen = views(table)
    assert (seen.height_m[0], seen.range_m[0], seen.edges[0, 2]) == (6.0, near(76.8), near(38.4))
    assert set(seen.assumed["camera"]) == {"c1"}


def test_nothing_is_listed_where_nothing_is_missing():
    assert taken(worked(tilt_deg=10.0)) == set()


def test_what_is_taken_for_granted_can_be_chosen():
    seen = views(cameras(heading_deg=0.0), limits=Assumed(height_m=4.0, hfov_deg=60.0, range_most_m=50.0))
    assert (seen.height_m[0], seen.range_m[0]) == (4.0, 50.0)
    assert seen.half_angle[0] == pytest.approx(math.radians(30))


def test_a_tele_lens_is_not_cut_short_where_no_range_is_stated():
    assert views(cameras(heading_deg=0.0, hfov_deg=30.0)).range_m[0] == 150


def test_a_missing_kind_is_said():
    assert "kind" in taken(cameras(heading_deg=0.0).drop(columns="kind"))


# how sure


def certainties(table, **options):
    seen = views(table, **options)
    return [(seen.ids[camera], CERTAINTIES[grade]) for camera, grade in zip(seen.camera, seen.certainty, strict=True)]


def test_a_heading_that_is_known_is_nominal_an_octant_has_three_shades_and_no_heading_is_possible_alone():
    table = cameras(3, heading_deg=[90.0, None, None], octant=[None, "NE", None])
    assert certainties(table) == [
        ("c1", "nominal"),
        ("c2", "guaranteed"),
        ("c2", "nominal"),
        ("c2", "possible"),
        ("c3", "possible"),
    ]


def test_a_missing_heading_is_never_invented():
    seen = views(cameras(heading_deg=None))
    assert (seen.half_angle[0], CERTAINTIES[seen.certainty[0]]) == (math.pi, "possible")
    assert "heading_deg" in set(seen.assumed["column"])


def test_an_octant_narrows_what_is_certain_and_widens_what_is_possible_by_its_half():
    seen = views(cameras(octant=["E"], range_m=100.0))
    assert np.degrees(seen.half_angle).tolist() == pytest.approx([22.5, 45, 67.5])
    assert (np.degrees(seen.heading) == 0).all()
    area = seen.half_angle * 100**2
    assert area.tolist() == pytest.approx([3926.991, 7853.982, 11780.972], abs=1e-3)


def test_nothing_is_certain_where_the_octant_is_wider_than_the_view():
    assert certainties(cameras(octant=["E"], hfov_deg=44.0)) == [("c1", "nominal"), ("c1", "possible")]


def test_nothing_is_certain_where_a_turn_brings_all_of_it_into_the_dead_zone():
    table = worked(tilt_deg=30.0, heading_accuracy_deg=22.5).assign(range_m=4.5)
    assert certainties(table) == [("c1", "nominal"), ("c1", "possible")]


def test_looking_up_what_is_certain_stays_within_the_near_corners():
    """The near corners lie 34.03 m ahead and 32.47 m aside: at 43.657 degrees, less the half degree of doubt."""
    table = cameras(heading_deg=0.0, heading_accuracy_deg=0.5, tilt_deg=-10.0, hfov_deg=90.0, vfov_deg=40.0)
    assert np.degrees(views(table).half_angle[0]) == pytest.approx(43.157, abs=1e-3)


def test_a_heading_with_a_stated_accuracy_has_three_shades_of_that_width():
    seen = views(cameras(heading_deg=[90.0], heading_accuracy_deg=[10.0]))
    assert np.degrees(seen.half_angle).tolist() == pytest.approx([35, 45, 55])


@settings(max_examples=60, deadline=None)
@given(
    tilt=st.sampled_from([None, -15.0, -5.0, 0.0, 5.0, 20.0, 45.0, 80.0]),
    hfov=st.floats(20, 170),
    off=st.floats(0.5, 60),
    height=st.floats(2, 30),
)
def test_what_is_certain_lies_in_what_every_turn_sees_and_what_any_turn_sees_is_possible(tilt, hfov, off, height):
    table = cameras(heading_deg=0.0, tilt_deg=tilt, hfov_deg=hfov, height_m=height, range_m=60.0, vfov_deg=40.0)
    exact, vague = views(table), views(table.assign(heading_accuracy_deg=off))
    if not len(exact):
        assert not len(vague)
        return
    places = np.random.default_rng(0).uniform(-65, 65, (2, 1500))
    place = places[0] + 1j * places[1]
    for turn in np.radians([-off, -off / 3, 0, off]):
        turned = place * np.exp(-1j * turn)
        for band in (None, 0, 1, 2):
            seen = holds(exact, 0, turned.real, turned.imag, band)
            assert not (seen & ~holds(vague, len(vague) - 1, *places, band)).any()
            if vague.certainty[0] == 0:
                assert not (holds(vague, 0, *places, band) & ~seen).any()


def test_a_turning_camera_is_its_home_view_and_its_reach_only_where_asked():
    table = cameras(kind="ptz", heading_deg=0.0, hfov_deg=60.0, zoom=4.0, range_m=100.0, height_m=5.7, width_px=1920)
    home, reach = views(table), views(table, reach=True)
    assert (home.half_angle[0], reach.half_angle[0]) == (pytest.approx(math.radians(30)), math.pi)
    assert reach.edges[0, 2] ** 2 + 4**2 == pytest.approx((4 * home.edges[0, 2]) ** 2)
    assert views(table.assign(turn_deg=45.0), reach=True).half_angle[0] == pytest.approx(math.radians(52.5))


def test_an_octant_of_which_a_worse_accuracy_is_stated_is_as_vague_as_that():
    seen = views(cameras(octant=["E"], heading_accuracy_deg=[40.0]))
    assert np.degrees(seen.half_angle).tolist() == pytest.approx([5, 45, 85])


def test_a_turning_camera_spans_sixty_degrees_where_nothing_is_stated():
    assert np.degrees(views(cameras(kind="ptz", heading_deg=0.0)).half_angle).tolist() == pytest.approx([30])


def test_a_camera_that_turns_through_an_angle_about_an_unknown_heading_reaches_all_round():
    assert views(cameras(kind="ptz", turn_deg=45.0), reach=True).half_angle.tolist() == [math.pi]


def test_without_a_stated_zoom_a_turning_camera_reaches_no_further_than_at_its_widest():
    table = cameras(kind="ptz", heading_deg=0.0, hfov_deg=60.0, height_m=5.7, width_px=1920)
    assert views(table, reach=True).edges.tolist() == views(table.assign(zoom=1.0), reach=True).edges.tolist()


@pytest.mark.parametrize(("tilt", "said"), [(30.0, True), (60.0, False)])
def test_a_fisheye_whose_axis_is_nearer_to_level_is_taken_to_look_all_round_which_is_said(tilt, said):
    assert ("tilt_deg" in taken(cameras(kind="fisheye", tilt_deg=tilt))) == said


def test_a_turning_camera_without_a_home_view_is_possible_alone():
    assert certainties(cameras(kind="ptz")) == [("c1", "possible")]
    assert certainties(cameras(kind="ptz"), reach=True) == [("c1", "nominal")]


def test_a_fisheye_sees_all_round_in_rings():
    seen = views(cameras(kind="fisheye", hfov_deg=180.0, width_px=2992, height_m=5.7, range_m=100.0))
    assert (seen.half_angle[0], CERTAINTIES[seen.certainty[0]], bool(seen.by_depth[0])) == (math.pi, "nominal", False)
    assert seen.edges[0].tolist() == [near(math.sqrt((952.38 / rho) ** 2 - 16), 2) for rho in (125, 62.5, 25)]


def test_the_circle_of_a_fisheye_fits_into_a_picture_that_is_wider_than_high():
    table = cameras(kind="fisheye", hfov_deg=180.0, width_px=4000, height_px=2992, height_m=5.7, range_m=100.0)
    assert views(table).edges[0, 2] == near(math.sqrt((952.38 / 25) ** 2 - 16), 2)


def test_a_fisheye_of_less_than_half_a_turn_sees_no_further_than_its_rim():
    seen = views(cameras(kind="fisheye", hfov_deg=90.0, height_m=5.7, range_m=100.0))
    assert seen.range_m[0] == pytest.approx(4.0)


def test_a_fisheye_all_round_whose_lens_spans_half_a_turn_is_read_as_that():
    table = cameras(kind="fisheye", width_px=2992, height_m=5.7, range_m=100.0)
    all_round, lens = (views(table.assign(hfov_deg=a, vfov_deg=180.0)) for a in (360.0, 180.0))
    assert all_round.edges.tolist() == lens.edges.tolist()


# north


def test_headings_run_clockwise_from_true_north():
    seen = views(cameras(4, heading_deg=[0.0, 90.0, 180.0, 270.0]))
    assert np.degrees(seen.heading).tolist() == pytest.approx([90, 0, -90, -180])


def test_grid_north_lies_east_of_true_north_east_of_the_meridian_by_hand():
    """At 121 E, 30 N in the zone of 120 E: one degree of longitude times the sine of 30 degrees."""
    place = gpd.GeoSeries(gpd.points_from_xy([121.0, 119.0], [30.0, 30.0]), crs=4490).to_crs(4549)
    assert convergence_deg(place).tolist() == pytest.approx([0.5, -0.5], abs=1e-4)


def test_a_heading_to_true_north_leans_west_on_a_grid_that_leans_east():
    seen = views(cameras(heading_deg=0.0, at=shapely.Point(121.0, 30.0), crs=4490))
    assert np.degrees(seen.heading[0]) == pytest.approx(90.5, abs=1e-4)
    assert seen.crs.to_epsg() == 4549


def test_true_north_on_the_grid_is_where_the_pole_is():
    seen = views(cameras(heading_deg=0.0, at=shapely.Point(121.3, 31.0), crs=4490))
    here, further = gpd.GeoSeries([shapely.Point(121.3, 31.0), shapely.Point(121.3, 31.001)], crs=4490).to_crs(seen.crs)
    assert seen.heading[0] == pytest.approx(math.atan2(further.y - here.y, further.x - here.x), abs=1e-6)


def test_a_metric_system_is_measured_in_as_it_is_and_degrees_in_that_of_their_place():
    assert views(cameras(heading_deg=0.0, at=shapely.Point(385_000, 6_672_000), crs=3067)).crs.to_epsg() == 3067
    assert views(cameras(heading_deg=0.0, at=shapely.Point(24.94, 60.17), crs=4326)).crs.to_epsg() == 32635


# night


@pytest.mark.parametrize(
    ("columns", "reach"),
    [
        ({"light": "ir", "night_m": 40.0}, 40),
        ({"light": "white"}, 30),
        ({"light": "ir", "night_m": 200.0}, 100),
        ({"light": "none", "lit": "yes"}, 100),
        ({"night_m": 50.0}, 50),
        ({"light": "none", "night_m": 50.0}, 50),
    ],
    ids=["infrared", "white light of usual reach", "light beyond the range", "street lamps", "reach", "reach of none"],
)
def test_at_night_a_camera_sees_as_far_as_light_reaches(columns, reach):
    assert views(worked(**columns), night=True).range_m[0] == reach
    assert views(worked(**columns)).range_m[0] == 100


@pytest.mark.parametrize(
    "columns", [{"light": "none"}, {"light": "none", "lit": "no"}, {"light": "ir", "night_m": 0.0}]
)
def test_without_any_light_a_camera_sees_nothing_at_night_and_says_so(columns):
    assert told(worked(**columns), night=True) == ["dark"]
    assert len(views(worked(**columns), night=True)) == 0


def test_light_of_which_nothing_is_known_is_taken_for_granted_and_said():
    assert "night_m" in taken(worked(), night=True)
    assert "night_m" not in taken(worked())
