"""The camera model against worked numbers: angles of view, dead zone, footprint, densities, bands."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gridmap.errors import InputError
from gridmap.visibility.cameras import fisheyes, optics
from gridmap.visibility.cameras.bands import BANDS, DORI_2014, OODPCVS_2025, PROFILES, of_levels, profile
from tests.looking import near

#: The lens of the worked numbers: 4 mm before a 1/2.7 inch sensor (5.37 mm), 2560 by 1440 pixels.
F_PX = 2560 * 4 / 5.37
VFOV = 41.371


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
