"""The camera model against worked numbers: angles, dead zone, footprint, densities, bands, and the views of a table."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import CrsError, InputError, TableError
from gridmap.visibility.cameras import fisheyes, optics
from gridmap.visibility.cameras.assuming import Assumed
from gridmap.visibility.cameras.bands import BANDS, DORI_2014, OODPCVS_2025, PROFILES, of_levels, profile
from gridmap.visibility.cameras.bearings import convergence_deg
from gridmap.visibility.cameras.views import CERTAINTIES, views

#: The lens of the worked numbers: 4 mm before a 1/2.7 inch sensor (5.37 mm), 2560 by 1440 pixels.
F_PX = 2560 * 4 / 5.37
HFOV, VFOV = 67.743, 41.371
#: On the central meridian of the zone, where grid north is true north.
MERIDIAN = shapely.Point(500_000, 3_500_000)


def near(value, digits=3):
    """A worked number, good to its last digit."""
    return pytest.approx(value, abs=0.6 * 10**-digits)


def cameras(count=1, *, at=MERIDIAN, crs=4549, **columns):
    """A table of cameras at one place: fixed and online unless said otherwise."""
    rows = {"id": [f"c{row + 1}" for row in range(count)], "kind": "fixed", "status": "online", **columns}
    return gpd.GeoDataFrame(pd.DataFrame(rows, index=range(count)), geometry=[at] * count, crs=crs)


def worked(**columns):
    """The camera of the worked numbers at 5 m, heading north."""
    lens = {"focal_mm": 4.0, "sensor_mm": 5.37, "width_px": 2560, "height_px": 1440, "range_m": 100.0}
    return cameras(height_m=5.0, heading_deg=0.0, **lens, **columns)


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


def told(table, **options):
    """Codes of what is refused."""
    return views(table, **options).refused["code"].tolist()


def taken(table, **options):
    """Columns that something was taken for granted of."""
    return set(views(table, **options).assumed["column"])


# E1: angles of view and focal lengths in pixels


def test_angle_of_view_and_focal_length_follow_from_lens_and_sensor():
    assert optics.hfov_deg(4, 5.37) == near(67.743)
    assert optics.focal_px_of_sensor(2560, 4, 5.37) == near(1906.890)
    assert optics.focal_px(2560, 67.743) == pytest.approx(1906.890, rel=1e-5)
    assert optics.vfov_deg(67.743, 1440 / 2560) == near(41.371)


@pytest.mark.parametrize(
    ("levels", "metres"),
    [
        (DORI_2014.levels, {"detect": 76.276, "observe": 30.510, "recognise": 15.255, "identify": 7.628}),
        (
            OODPCVS_2025.levels,
            {
                "overview": 95.345,
                "outline": 47.672,
                "discern": 23.836,
                "perceive": 15.255,
                "characterise": 7.628,
                "validate": 3.814,
                "scrutinise": 1.271,
            },
        ),
    ],
    ids=["DORI 2014", "OODPCVS 2025"],
)
def test_each_level_ends_at_its_worked_distance(levels, metres):
    assert {name: optics.depth_of_density(F_PX, levels[name], 0, 0) for name in metres} == {
        name: near(value) for name, value in metres.items()
    }


def test_distances_that_makers_state_follow_from_lens_and_pixel_and_not_from_the_angle():
    densities = [DORI_2014.levels[name] for name in ("detect", "observe", "recognise", "identify")]
    assert (optics.focal_px_of_pixel(2.8, 2.0) / densities).tolist() == [near(x, 1) for x in (56.0, 22.4, 11.2, 5.6)]
    assert optics.focal_px(2560, 101) / 25 == near(42.2, 1)


def test_a_stated_distance_of_detection_gives_the_focal_length_back():
    assert optics.focal_px_of_detection(56.0) == optics.focal_px_of_pixel(2.8, 2.0) == 1400


@pytest.mark.parametrize(
    ("sensor", "focal", "distance", "angle", "width", "density"),
    [(5.6, 4, 10, 69.98, 14.0, 137.14), (4.8, 6, 15, 43.60, 12.0, 160.0)],
    ids=["1/2.8 inch, 4 mm", "1/3 inch, 6 mm"],
)
def test_tables_of_others_agree(sensor, focal, distance, angle, width, density):
    found = optics.hfov_deg(focal, sensor)
    assert found == near(angle, 2)
    assert 2 * optics.half_width_m(distance, 0, 0, found) == near(width)
    assert optics.density(optics.focal_px(1920, found), distance, 0, 0) == near(density, 2)


# E2, E5: dead zone and trapezoid


@pytest.mark.parametrize(
    ("drop", "tilt", "begins", "ends"),
    [(5, 10, 8.426, math.inf), (5, 20, 5.816, math.inf), (5, 30, 4.0946, 30.4846), (3.3, 30, 2.702, 20.120)],
)
def test_the_dead_zone_ends_and_the_picture_ends_where_worked_out(drop, tilt, begins, ends):
    vfov = optics.vfov_deg(optics.hfov_deg(4, 5.37), 1440 / 2560)
    assert optics.near_m(drop, tilt, vfov) == near(begins)
    assert optics.far_m(drop, tilt, vfov) == (near(ends) if ends < math.inf else math.inf)


def test_a_picture_that_looks_straight_down_has_no_dead_zone_and_one_at_the_sky_no_ground():
    assert optics.near_m(5, 70, 41.371) == 0
    assert optics.near_m(5, -21, 41.371) == math.inf


def test_the_footprint_is_the_worked_trapezoid():
    hfov = optics.hfov_deg(4, 5.37)
    near_side, far_side = (2 * optics.half_width_m(x, 5, 30, hfov) for x in (4.0946, 30.4846))
    assert (near_side, far_side) == (near(8.1168), near(38.7988))
    assert (near_side + far_side) / 2 * (30.4846 - 4.0946) == pytest.approx(619.052, abs=0.01)


@pytest.mark.parametrize(("pixel", "place"), [((1280, 720), (4.0946, 4.0584)), ((-1280, -720), (30.4846, -19.3994))])
def test_corner_pixels_look_at_the_corners_of_the_footprint(pixel, place):
    assert optics.ground_of_pixel(pixel, F_PX, 5, 30) == (near(place[0]), near(place[1]))


def test_a_pixel_above_the_horizon_sees_no_ground():
    assert np.isnan(optics.ground_of_pixel((0, -720), F_PX, 5, 10)).all()


def test_the_top_of_the_picture_meets_heads_at_thirty_metres_at_the_worked_tilt():
    assert optics.far_m(5 - 1.7, 26.963, VFOV) == pytest.approx(30, abs=0.01)


# E3: bands by depth


@pytest.mark.parametrize(
    ("tilt", "metres"), [(10, (7.163, 14.909, 30.399, 76.870)), (30, (6.902, 15.710, 33.325, 86.170))]
)
def test_bands_of_a_tilted_camera_end_at_the_worked_depths(tilt, metres):
    found = optics.depth_of_density(F_PX, np.array([250, 125, 62.5, 25]), 5 - 1.7, tilt)
    assert found.tolist() == [near(x) for x in metres]


def test_density_falls_along_the_ground_as_worked_out_and_not_as_one_over_distance():
    found = optics.density(F_PX, np.array([5, 10, 20, 30]), 5, 30)
    assert found.tolist() == [near(x, 2) for x in (279.19, 170.86, 96.21, 66.95)]
    assert F_PX / 5 / found[0] == near(1.37, 2)


def test_straight_down_all_ground_has_one_density():
    assert optics.depth_of_density(1000, np.array([100.0, 250.0]), 5, 90).tolist() == [math.inf, 0.0]


# the fisheye of E6


def test_a_fisheye_has_the_worked_densities():
    per_rad = fisheyes.px_per_rad(2992, 180)
    assert per_rad == near(952.38, 2)
    assert fisheyes.radius_of_density(per_rad, 25, 0) == near(38.10, 2)
    assert fisheyes.densities(per_rad, 4, 4) == (near(168.36, 2), near(187.00, 2))
    assert fisheyes.radius_of_density(per_rad, 168.36, 4) == near(4, 2)


# bands


@pytest.mark.parametrize("known", PROFILES.values(), ids=PROFILES)
def test_the_densities_of_a_profile_descend_and_are_levels_of_its_standard(known):
    assert sorted(known.densities, reverse=True) == list(known.densities)
    assert set(known.densities) <= set(known.levels.values())
    assert list(known.levels.values()) == sorted(known.levels.values())


def test_the_standards_have_their_levels():
    assert list(DORI_2014.levels.values()) == [12.5, 25, 62.5, 125, 250, 1000]
    assert list(OODPCVS_2025.levels.values()) == [20, 40, 80, 125, 250, 500, 1500]
    assert BANDS == ("recognise", "find", "detect", "seen")


@pytest.mark.parametrize(
    ("densities", "code"),
    [((0, 60, 125), "bad_density"), ((25, math.nan, 125), "bad_density"), ((60, 25, 125), "densities_do_not_ascend")],
    ids=["nought", "not a number", "wrong order"],
)
def test_a_profile_that_cannot_be_is_refused(densities, code):
    with pytest.raises(InputError) as caught:
        profile(**dict(zip(("detect", "find", "recognise"), densities, strict=True)))
    assert caught.value.code == code


def test_bands_can_stand_for_other_levels_of_a_standard():
    strict = of_levels(OODPCVS_2025, detect="discern", find="perceive", recognise="validate")
    assert strict.densities == (500, 125, 80)
    assert strict.levels == OODPCVS_2025.levels
    with pytest.raises(InputError) as caught:
        of_levels(DORI_2014, detect="detect", find="see", recognise="identify")
    assert caught.value.code == "unknown_level"


def test_a_profile_of_ones_own_moves_the_limits_of_the_bands():
    own = profile(detect=20, find=40, recognise=250, name="town")
    assert views(worked(), profile=own).edges[0].tolist() == [near(x) for x in (7.628, 47.672, 95.345)]


# views of a table


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


# nonsense


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
