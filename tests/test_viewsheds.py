"""What cameras see behind buildings: areas worked out by hand, bands, footprints, outlines, tables."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import affinity

from gridmap.compiling import COMPILED
from gridmap.errors import InputError
from gridmap.visibility import areas, polygons, scene, seeing, seen, viewsheds, visible
from gridmap.visibility.cameras.views import views
from gridmap.visibility.seeing import drawn, in_sight
from gridmap.visibility.sweep import cutting
from gridmap.visibility.sweep.pieces import taken
from gridmap.visibility.sweep.wedges import wedges
from tests.scenery import COURTYARD, FAR_AWAY, QUARTER, ROUND, SYSTEM, WALL, houses, looking, random_town, total

PILLAR = shapely.box(-1, -1, 1, 1)
EVERY_WAY = pytest.mark.parametrize(
    "kernel",
    [False, pytest.param(True, marks=pytest.mark.skipif(not COMPILED, reason="numba is not installed"))],
    ids=["numpy", "numba"],
)


def by_band(buildings, looked):
    found = seen(buildings, looked)
    return np.bincount(found.band, areas(found), minlength=4)


# pillar: a ray at distance d from (3, 0) is hidden over a width d from d = 2 to the wall at 8, that is 30 of 100 m2.
# low wall: k = 2. From x = 50 to 100 the shadow is 0.4 x wide: 0.2 (100^2 - 50^2) = 1500 m2, the wall itself within;
# then the far wall twice as far, 2 m deep and 40 m wide: 80 m2. Its farthest corner lies 104 m off, within the range.
@EVERY_WAY
@pytest.mark.parametrize(
    ("buildings", "looked", "expected"),
    [
        pytest.param(houses(FAR_AWAY), looking((0, 0)), 7853.981633974483, id="T1 open quarter"),
        pytest.param(houses(WALL), looking((0, 0)), 2500 * math.pi - (1e4 * math.atan(0.2) - 500), id="T2 wall"),
        pytest.param(houses(COURTYARD), looking((3, 0), angle=ROUND), 100, id="T3 courtyard"),
        pytest.param(houses(COURTYARD, PILLAR), looking((3, 0), angle=ROUND), 70, id="T4 pillar"),
        pytest.param(houses(WALL, height=3.0), looking((0, 0), reach=150), 5625 * math.pi - 1580, id="T5 low wall"),
        pytest.param(houses(), looking((0, 0), angle=math.pi / 4), 3926.990816987242, id="T6 guaranteed"),
        pytest.param(houses(), looking((0, 0), angle=3 * math.pi / 4), 11780.972450961725, id="T6 possible"),
    ],
)
def test_closed_forms_of_the_visible_area(buildings, looked, expected, kernel):
    assert total(buildings, looked, kernel) == pytest.approx(expected, rel=1e-12)


@EVERY_WAY
@pytest.mark.parametrize("degrees", [0, 17, 90, 133.3])
def test_the_area_stays_where_everything_is_turned_and_moved(degrees, kernel):
    moved = affinity.translate(affinity.rotate(WALL, degrees, origin=(0, 0)), 4.5e5, 3.4e6)
    found = total(houses(moved), looking((4.5e5, 3.4e6), heading=math.radians(degrees)), kernel)
    # coordinates so large are 5e-10 m apart: T7
    assert found == pytest.approx(6380.026035475675, abs=1e-7)


@EVERY_WAY
def test_the_shadow_of_a_low_wall_within_that_of_another_goes_on_behind_it(kernel):
    # the second stands in the shadow of the first; k = 6, so it hides x / 12 to both sides up to the range at 150 m,
    # and is seen to do so from x = 102 on, where the first shadow ends
    pair = houses(WALL, shapely.box(60, -5, 61, 5), height=[3.0, 5.0])
    more = 150**2 * math.atan(1 / 12) - 102**2 / 12
    assert total(pair, looking((0, 0), reach=150), kernel) == pytest.approx(5625 * math.pi - 1580 - more, rel=1e-12)


@EVERY_WAY
def test_a_camera_on_a_roof_sees_the_ground_from_where_the_edge_of_the_roof_lets_it(kernel):
    # k = 2: a roof of 10 m by 10 m hides 20 m by 20 m
    roof = houses(shapely.box(-5, -5, 5, 5), height=3.0)
    found = total(roof, looking((0, 0), angle=ROUND, reach=50), kernel)
    assert found == pytest.approx(2500 * math.pi - 400, rel=1e-12)


@EVERY_WAY
def test_a_camera_on_a_roof_before_a_higher_wall_may_see_nothing_at_all(kernel):
    steps = houses(shapely.box(0, 0, 9, 9), shapely.box(9, 0, 18, 9), height=[4.0, 9.0])
    assert total(steps, looking((8.99, 4)), kernel) == 0


@EVERY_WAY
def test_a_camera_in_the_middle_of_a_wide_roof_sees_no_ground(kernel):
    roof = houses(shapely.box(-300, -300, 300, 300), height=3.0)
    assert total(roof, looking((0, 0), angle=ROUND, reach=50), kernel) == 0


@EVERY_WAY
@pytest.mark.parametrize("place", [(0, 0), (50.5, 0)], ids=["before it", "over it"])
@pytest.mark.parametrize("height", [1.7, 0.5])
def test_a_building_no_higher_than_the_plane_judged_hides_nothing(height, place, kernel):
    assert total(houses(WALL, height=height), looking(place, target=1.7), kernel) == pytest.approx(2500 * math.pi)


@EVERY_WAY
def test_ground_without_depth_between_two_shadows_is_no_piece(kernel):
    # k = 2: the shadow of the first ends at 40, where the second begins
    pair = houses(shapely.box(10, -10, 20, 10), shapely.box(40, -60, 45, 60), height=3.0)
    assert areas(in_sight(pair, looking((0, 0)), kernel=kernel)).min() > 1


@EVERY_WAY
def test_a_building_as_high_as_the_camera_hides_for_ever(kernel):
    assert total(houses(WALL, height=6.0), looking((0, 0)), kernel) == pytest.approx(6380.026035475675, rel=1e-12)


def test_a_plane_above_ground_shortens_shadows():
    # k = (6 - 1.7) / (6 - 3): the shadow of the wall's near side ends at 50 k, that of its far side at 51 k
    k = 4.3 / 3
    hidden = 0.2 * ((50 * k) ** 2 - 50**2) + 20 * k * k
    found = total(houses(WALL, height=3.0), looking((0, 0), target=1.7))
    assert found == pytest.approx(2500 * math.pi - hidden, rel=1e-12)


@pytest.mark.parametrize(("more", "count"), [(1e-12, 1), (1e-6, 2)], ids=["by rounding", "in earnest"])
def test_a_view_wider_than_a_right_angle_is_swept_in_two(more, count):
    assert len(wedges(looking((0, 0), angle=QUARTER * (1 + more)))) == count


def test_bands_by_depth_end_at_straight_lines():
    found = by_band(houses(), looking((0, 0), edges=(20, 60, 65)))
    # within 45 degrees of the heading, ground up to the depth x is a triangle of x^2
    assert found == pytest.approx([400, 3200, 625, 2500 * math.pi - 4225], rel=1e-12)


def test_bands_by_radius_end_at_circles():
    found = by_band(houses(), looking((0, 0), angle=ROUND, edges=(20, 60, 65)))
    assert found == pytest.approx(math.pi * np.array([400, 3200, 625, 5775]), rel=1e-12)


@pytest.mark.parametrize(
    ("edges", "expected"),
    [((0, 0, 0), [0, 0, 0, 1]), ((math.inf,) * 3, [1, 0, 0, 0]), ((0, 300, math.inf), [0, 1, 0, 0])],
    ids=["no such ground", "all within", "beyond the range"],
)
def test_a_band_may_hold_nothing_or_all(edges, expected):
    assert by_band(houses(), looking((0, 0), edges=edges)) / (2500 * math.pi) == pytest.approx(expected)


@pytest.mark.parametrize("near", [0.0, 3.0])
def test_a_footprint_with_slanting_sides_is_a_trapezoid(near):
    # 4 + x wide at the depth x, from near to 40
    looked = looking((0, 0), angle=2 * math.atan(0.5), near=near, far=40.0, side=(2.0, 0.5), heading=1.0)
    expected = 4 * (40 - near) + (40**2 - near**2) / 2
    assert areas(seen(houses(), looked)).sum() == pytest.approx(expected, rel=1e-12)


def test_bands_add_up_to_the_viewshed_behind_many_buildings():
    town, looked = random_town(3), looking((0, 0), angle=ROUND, edges=(11, 23, 47))
    assert by_band(town, looked).sum() == pytest.approx(total(town, looked), rel=1e-12)


def test_a_piece_says_which_building_ends_it():
    pair = houses(FAR_AWAY, shapely.box(50, -10, 51, 0), shapely.box(50, 0, 51, 10))
    found = seen(pair, looking((0, 0)))
    assert sorted(set(found.blocker.tolist())) == [-1, 1, 2]
    assert len(pair.obstacles.polygons) == 2


@pytest.mark.skipif(not COMPILED, reason="numba is not installed")
@pytest.mark.parametrize("seed", range(4))
def test_the_compiled_kernel_finds_the_same_pieces_as_numpy(seed):
    town = random_town(seed)
    looked = looking(*np.random.default_rng(seed).uniform(-9, 9, (9, 2)), angle=4.0, reach=80)
    one, other = (in_sight(town, looked, kernel=kernel) for kernel in (False, True))
    orders = [np.lexsort([*part.outer.T.round(6), part.view]) for part in (one, other)]
    for name in ("view", "outer", "inner", "outer_arc", "blocker"):
        pair = (getattr(part, name)[order].astype(float) for part, order in zip((one, other), orders, strict=True))
        np.testing.assert_allclose(*pair, rtol=0, atol=1e-9)


@pytest.mark.skipif(not COMPILED, reason="numba is not installed")
@pytest.mark.parametrize("angle", [QUARTER, ROUND], ids=["along lines", "along circles"])
def test_the_compiled_kernel_cuts_like_numpy(angle, monkeypatch):
    looked = looking((0, 0), (5, 3), angle=angle, near=2.0, far=60.0, side=(2.0, 0.9), edges=(11, 23, 47))
    made = []
    for way in (cutting.split, cutting.split_by_numpy):
        monkeypatch.setattr(seeing, "split", way)
        made.append(seen(random_town(4), looked))
    for name in ("view", "band", "inner", "outer", "inner_arc", "outer_arc", "blocker"):
        one, other = (getattr(part, name).astype(float) for part in made)
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-9)


def test_where_each_piece_begins_and_ends_is_between_its_rays():
    found = seen(random_town(1), looking((0, 0), angle=ROUND, edges=(11, 23, 47)))
    x0, y0, x1, y1 = found.outer.T
    assert (x0 * y1 - y0 * x1 > 0).all()
    assert (x0 * x1 + y0 * y1 >= -1e-9).all()
    assert (areas(found) >= -1e-12).all()


@pytest.mark.parametrize("by", [("view", "band"), ("view",)])
def test_outlines_are_valid_and_hold_the_exact_ground(by):
    looked = looking((0, 0), (3, 4), angle=ROUND, edges=(11, 23, 47))
    found = seen(random_town(2), looked)
    view, band, outline = polygons(found, looked, by, tolerance_m=0.5)
    exact = [
        areas(taken(found, (found.view == v) & ((found.band == b) | (b < 0)))).sum()
        for v, b in zip(view, band, strict=True)
    ]
    assert shapely.is_valid(outline).all()
    assert shapely.area(outline) == pytest.approx(exact, rel=1e-7)


def test_an_outline_round_a_hidden_middle_has_a_hole():
    looked = looking((0, 0), angle=ROUND, reach=50)
    _, _, outline = polygons(seen(houses(shapely.box(-5, -5, 5, 5), height=3.0), looked), looked)
    assert len(outline[0].interiors) == 1
    assert outline[0].area == pytest.approx(2500 * math.pi - 400)


def test_an_outline_needs_a_tolerance():
    looked = looking((0, 0))
    with pytest.raises(InputError, match="tolerance_m=0; expected metres above 0"):
        polygons(seen(houses(), looked), looked, tolerance_m=0)


# -- tables -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def street():
    """Three cameras 10 m south of a house near Nantong: to the north, to the north by its octant alone, to anywhere."""
    at = gpd.GeoSeries([shapely.Point(40350000 + 60 * i, 3550000) for i in range(3)], crs=SYSTEM)
    cameras = gpd.GeoDataFrame(
        {
            "id": ["north", "octant", "unknown"],
            "kind": "fixed",
            "heading_deg": [0.0, 0.0, None],
            "heading_accuracy_deg": [None, 22.5, None],
            "hfov_deg": 60.0,
            "height_m": 5.0,
            "width_px": 1920.0,
            "range_m": 30.0,
        },
        geometry=at,
    ).to_crs(4490)
    house = shapely.box(40349990, 3550010, 40350130, 3550018)
    return cameras, gpd.GeoDataFrame({"id": ["h"], "height_m": [12.0]}, geometry=[house], crs=SYSTEM)


def test_the_table_of_viewsheds_is_in_the_crs_of_the_cameras(street):
    made = viewsheds(*street)
    assert made.columns.tolist() == ["camera", "band", "certainty", "area_m2", "geometry"]
    assert made.crs == street[0].crs
    assert shapely.is_valid(made.geometry).all()
    assert not made.duplicated(["camera", "band", "certainty"]).any()


def test_areas_of_the_table_are_those_of_its_outlines(street):
    sight = visible(scene(street[1], crs=views(street[0]).crs), views(street[0]))
    made = drawn(sight)
    assert made.area.to_numpy() == pytest.approx(made["area_m2"].to_numpy(), rel=1e-7)
    assert made["area_m2"].sum() == pytest.approx(areas(sight.pieces).sum(), rel=1e-12)


def test_guaranteed_ground_lies_within_nominal_and_that_within_possible(street):
    made = viewsheds(*street).query("camera == 'octant'").dissolve("certainty").to_crs(SYSTEM).geometry
    assert made["guaranteed"].difference(made["nominal"]).area < 1e-6 * made["nominal"].area
    assert made["nominal"].difference(made["possible"]).area < 1e-6 * made["possible"].area
    assert made["guaranteed"].area < made["nominal"].area < made["possible"].area


def test_a_camera_without_heading_counts_as_possible_alone(street):
    made = viewsheds(*street)
    assert set(made.loc[made["camera"] == "unknown", "certainty"]) == {"possible"}
    assert set(made.loc[made["camera"] == "north", "certainty"]) == {"nominal"}


def test_no_ground_behind_the_house_is_seen(street):
    behind = shapely.box(40349980, 3550018.001, 40350140, 3550060)
    seen_there = viewsheds(*street).to_crs(SYSTEM).geometry.intersection(behind).area
    # past the ends of the house only, which the first camera does not reach
    assert seen_there.sum() < 60


def test_the_tables_are_not_changed(street):
    before = [part.copy() for part in street]
    viewsheds(*street)
    for part, copy in zip(street, before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(part), pd.DataFrame(copy))
