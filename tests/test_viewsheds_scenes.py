"""Where cameras stand, and what stands in their way: walls, roofs and facades, outlines and heights of buildings."""

from __future__ import annotations

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import affinity

from gridmap.errors import CrsError, InputError
from gridmap.visibility import areas, scene, seen, visible
from tests.scenery import COURTYARD, FAR_AWAY, ROUND, SYSTEM, WALL, houses, looking, random_town, table, total

# -- where cameras stand ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "height", "what", "moved"),
    [
        ((0, 0), 6.0, None, 0.0),
        ((50, 3), 6.0, "wall", 0.01),
        ((50, -10), 6.0, "wall", 0.01),
        ((50.3, 0), 11.0, "roof", 0.0),
        ((50.3, 0), 6.0, "facade", 0.31),
        ((50.3, 0), 10.0, "facade", 0.31),
    ],
    ids=["free", "on a wall", "at a corner", "on a roof", "inside", "inside, as high as its roof"],
)
def test_a_camera_stands_where_it_can(place, height, what, moved):
    found = visible(houses(WALL), looking(place, heading=math.pi, height=height))
    assert found.standing.moved["what"].tolist() == ([what] if what else [])
    assert math.dist(found.views.xy[0], place) == pytest.approx(moved, abs=1e-9)


def test_a_camera_on_a_wall_sees_nothing_of_the_ground_behind_it():
    found = visible(houses(WALL), looking((50, 0), angle=ROUND, reach=8))
    # half a disc but for what the centimetre before the wall adds: at most 2 * 8 * 0.01
    assert 32 * math.pi < areas(found.pieces).sum() < 32 * math.pi + 0.16


def test_a_camera_inside_is_put_before_the_facade_it_looks_at():
    block = houses(shapely.box(0, 0, 6, 20))
    nearest = visible(block, looking((2, 10), angle=ROUND)).views.xy[0]
    ahead = visible(block, looking((2, 10), heading=0.0)).views.xy[0]
    assert nearest == pytest.approx([-0.01, 10], abs=1e-9)
    assert ahead == pytest.approx([6.01, 10], abs=1e-9)


def test_a_camera_that_looks_at_a_chink_is_put_before_the_nearest_facade():
    # between the two there are 4 mm: no room for a camera
    pair = houses(shapely.box(0, 0, 6, 20), shapely.box(6.004, 0, 12, 20))
    assert visible(pair, looking((2, 10), heading=0.0)).views.xy[0] == pytest.approx([-0.01, 10], abs=1e-9)


def test_a_kerb_below_the_plane_judged_is_nothing_to_stand_on():
    found = visible(houses(WALL, height=1.0), looking((50.3, 0), (50, 3), target=1.7))
    assert found.standing.moved.empty
    assert found.views.xy.tolist() == [[50.3, 0], [50, 3]]


def test_a_camera_of_several_views_is_told_of_once():
    three = replace(looking((50, 3), (50, 3), (50, 3)), camera=np.zeros(3, np.int64))
    assert visible(houses(WALL), three).standing.moved["camera"].tolist() == [0]


def test_a_camera_deep_inside_a_higher_building_is_refused_with_its_reason():
    found = visible(houses(shapely.box(0, 0, 20, 20)), looking((10, 10), (30, 10)))
    assert found.standing.refused["code"].tolist() == ["inside"]
    assert "more than 5 m from a facade" in found.standing.refused["message"][0]
    assert found.standing.row.tolist() == [1]
    assert found.views.ids[found.views.camera].tolist() == [1]


def test_a_camera_on_the_wall_between_two_houses_stands_on_the_one_that_is_lower():
    found = visible(houses(shapely.box(0, 0, 9, 9), shapely.box(9, 0, 18, 9), height=[4.0, 9.0]), looking((9, 4)))
    assert found.views.xy[0][0] < 9


def test_a_camera_in_a_courtyard_on_its_wall_looks_into_the_courtyard():
    found = visible(houses(COURTYARD), looking((5, 0), angle=ROUND))
    assert areas(found.pieces).sum() == pytest.approx(100, rel=1e-9)


# -- buildings --------------------------------------------------------------------------------------------------------


def test_heights_come_from_height_else_floors_else_are_assumed_and_said():
    made = scene(
        table(
            *(affinity.translate(WALL, 0, 40 * i) for i in range(4)),
            id=["a", "b", "c", "d"],
            height_m=[7.0, None, -1.0, math.nan],
            floors=[9, 2, 0, None],
        ),
        crs=SYSTEM,
    )
    assert sorted(set(made.height.tolist())) == [6.0, 7.0, 10.0]
    assert made.assumed["building"].tolist() == ["b", "c", "d"]
    assert made.assumed["what"][1] == "neither height nor floors: taken as 10 m high"


@pytest.mark.parametrize("kind", ["roof", "carport"])
def test_a_roof_on_posts_hides_nothing(kind):
    made = scene(table(WALL, FAR_AWAY, building=[kind, "yes"], height_m=[9.0, 9.0]), crs=SYSTEM)
    assert total(made, looking((0, 0))) == pytest.approx(2500 * math.pi)


@pytest.mark.parametrize(
    ("shapes", "walls"),
    [
        ([WALL, WALL], 4),
        ([shapely.box(0, 0, 4, 2), shapely.box(4, 0, 8, 2)], 6),
        ([shapely.box(0, 0, 4, 2), shapely.box(2, 1, 6, 3)], 8),
        ([shapely.box(0, 0, 4, 2), shapely.box(4.0004, 0, 8, 2)], 6),
        ([shapely.box(0, 0, 4, 2), shapely.box(3.9996, 0, 8, 2)], 6),
        ([shapely.box(0, 0, 4, 2), shapely.box(4.002, 0, 8, 2)], 8),
        ([shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])], 6),
        ([shapely.force_3d(WALL, 5.0)], 4),
        ([shapely.MultiPolygon([WALL, FAR_AWAY])], 8),
        ([shapely.Polygon(), None, WALL], 4),
        ([shapely.Point(0, 0), shapely.LineString([(0, 0), (5, 5)]), WALL], 4),
        ([shapely.box(0, 0, 1e-3, 1e-3)], 0),
        ([], 0),
    ],
    ids=[
        *(
            "twice",
            "side by side",
            "overlapping",
            "gap of drawing",
            "overlap of drawing",
            "gap",
            "bow-tie",
            "with heights",
            "two parts",
            "empty and missing",
        ),
        *("no area", "sliver", "none"),
    ],
)
def test_bad_outlines_are_mended_and_common_walls_vanish(shapes, walls):
    assert len(scene(table(*shapes, height_m=[9.0] * len(shapes)), crs=SYSTEM)) == walls


def test_where_buildings_overlap_the_higher_one_holds_the_ground():
    made = houses(shapely.box(0, 0, 4, 2), shapely.box(2, 0, 6, 2), height=[9.0, 3.0]).obstacles
    assert dict(zip(made.height.tolist(), shapely.area(made.polygons).tolist(), strict=True)) == {9.0: 8.0, 3.0: 4.0}


@pytest.mark.parametrize("option", ["unknown_height_m", "floor_m", "cell_m"])
def test_a_length_of_nought_is_refused(option):
    with pytest.raises(InputError, match=f"{option}=0; expected metres above 0"):
        scene(table(WALL), crs=SYSTEM, **{option: 0})


def test_buildings_without_crs_are_refused():
    with pytest.raises(CrsError, match="coordinate system"):
        scene(gpd.GeoDataFrame(geometry=[WALL]))


def test_views_and_buildings_in_two_systems_are_refused():
    with pytest.raises(CrsError, match="expected the scene's"):
        seen(scene(gpd.GeoDataFrame(geometry=[]), crs=4529), looking((0, 0)))


def test_two_buildings_far_apart_get_large_cells_instead_of_many():
    # 2000 cells for 1000 km: 500 m each, and the far end begins one more
    made = houses(shapely.box(0, 0, 10, 10), shapely.box(999_990, 0, 1e6, 10))
    assert (made.frame[2], made.shape) == (500, (2001, 1))


@pytest.mark.parametrize("cell_m", [0.5, 5, 24, 500])
def test_the_grid_does_not_change_the_answer(cell_m):
    town = random_town(5)
    given = town.obstacles
    outlines = gpd.GeoDataFrame({"height_m": given.outline_height}, geometry=given.outlines, crs=SYSTEM)
    looked = looking((0, 0), (-300, 5), angle=ROUND, reach=260)
    assert total(scene(outlines, crs=SYSTEM, cell_m=cell_m), looked) == pytest.approx(total(town, looked), rel=1e-12)
