"""Bad ground: areas and points that come in wrong, as far as `test_partition` and `test_frames` do not tell.

They hold points on vertices, edges and the rim, points that are no numbers, holes, enclaves, several parts, vertices of
one side only, and what is refused when it is loaded; ``journeys/test_publish_under_load`` a plan that changes at work.
"""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from gridmap.errors import TableError
from gridmap.partition import AreaIndex
from gridmap.territory import Territory, today

KERNELS = pytest.mark.parametrize("compiled", [False, True], ids=["numpy", "numba"])


def areas(shapes, crs=4549):
    """A table of areas from a dict of code to polygon."""
    return gpd.GeoDataFrame({"code": list(shapes)}, geometry=list(shapes.values()), crs=crs)


def held(shapes, points, **options):
    """Codes of the areas that hold the points, None outside; many at once and one by one."""
    index = AreaIndex(areas(shapes), **options)
    many = index.locate(*zip(*points, strict=True)).tolist()
    assert many == [index.locate_one(*point) for point in points]
    return [index.codes[row] if row >= 0 else None for row in many]


def findings(shapes):
    return AreaIndex(areas(shapes)).findings()[["rule", "codes", "measured"]].to_numpy().tolist()


def town(buildings=None, addresses=None):
    """Two grids of 0.01 degrees side by side; the border is at 120.87."""
    grids = {"g1": box(120.86, 32.0, 120.87, 32.01), "g2": box(120.87, 32.0, 120.88, 32.01)}
    table = areas(grids, crs=4490).assign(name=["一", "二"], level="grid")
    return Territory(table, addresses, on=today(), buildings=buildings)


# --- points in another system than they are said to be


@KERNELS
def test_degrees_asked_of_areas_in_metres_are_outside_and_far_away(compiled):
    index = AreaIndex(areas({"a": box(576_000, 3_540_000, 577_000, 3_541_000)}), compiled=compiled)
    assert index.locate([120.86, 32.0], [32.0, 120.86]).tolist() == [-1, -1]
    # from the false origin to the south-west corner of the area, over Pythagoras
    assert index.border_distance([0.0], [0.0])[0] == pytest.approx(math.hypot(576_000, 3_540_000), rel=2e-3)


@pytest.mark.parametrize(
    "point",
    [(32.005, 120.865), (576_000.0, 3_540_000.0), (120.865, 92.0), (math.nan, 32.0), (120.865, math.inf)],
    ids=str,
)
def test_a_point_in_the_wrong_order_or_system_is_outside_and_near_nothing(point):
    answer = town().locate(*point, accuracy_m=100)
    assert (answer["status"], answer["area"], answer["chain"], answer.get("candidates", [])) == (
        "outside",
        None,
        [],
        [],
    )
    assert town().locate_many(*([value] for value in point), accuracy_m=100)[0]["status"] == "outside"


def test_a_point_shifted_by_a_web_map_is_ambiguous_where_its_accuracy_is_told():
    # 250 m west of the border; GCJ-02 puts it about 405 m to the east and 244 m to the south there, BD-09 about 1 km
    true, shifted = (120.86735, 32.0050), (120.87164, 32.0028)
    assert town().locate(*true)["area"] == "g1"
    assert town().locate(*shifted)["area"] == "g2"
    answer = town().locate(*shifted, accuracy_m=700)
    assert (answer["status"], {area["code"] for area in answer["candidates"]}) == ("ambiguous", {"g1", "g2"})


# --- slivers

WIDE = {"a": box(0, 0, 100, 100), "b": box(99.999, 0, 200, 100)}
APART = {"a": box(0, 0, 100, 100), "b": box(100.001, 0, 200, 100), "n": box(0, 100, 200, 200), "s": box(0, -9, 200, 0)}


@KERNELS
def test_ground_that_two_grids_hold_for_a_millimetre_belongs_to_one(compiled):
    points = [(99.9985, 50), (99.999, 50), (99.9995, 50), (100, 50), (100.0005, 50)]
    assert held(WIDE, points, compiled=compiled) == ["a", "a", "a", "b", "b"]


def test_an_overlap_and_a_gap_of_a_millimetre_are_told():
    # 1 mm by 100 m
    assert findings(WIDE) == [["overlap", "a;b", pytest.approx(0.1, rel=1e-6)]]
    assert findings(APART) == [["gap", "a;b;n;s", pytest.approx(0.1, rel=1e-6)]]


@KERNELS
def test_a_point_in_a_gap_of_a_millimetre_is_outside_and_nowhere_else(compiled):
    assert held(APART, [(99.9999, 50), (100.0005, 50), (100.001, 50)], compiled=compiled) == ["a", None, "b"]
    index = AreaIndex(areas(APART), compiled=compiled)
    assert index.border_distance([100.0005], [50])[0] == pytest.approx(0.0005, rel=1e-3)


# --- one grid twice


@KERNELS
@pytest.mark.parametrize("codes", ["ab", "ba"])
def test_of_two_grids_on_the_same_ground_the_lesser_code_answers_everywhere(compiled, codes):
    shapes = {code: box(0, 0, 100, 100) for code in codes}
    assert held(shapes, [(50, 50), (0, 50), (100, 100), (0, 0), (101, 50)], compiled=compiled) == [*"aaaa", None]
    assert findings(shapes) == [["overlap", "a;b", 10_000.0]]


def test_a_code_that_comes_twice_is_refused_with_both_places():
    twice = areas({"a": box(0, 0, 1, 1), "b": box(1, 0, 2, 1)}).assign(code=["a", "a"])
    with pytest.raises(TableError, match=r"feature 2.*code a .*feature 1"):
        AreaIndex(twice)


# --- odd rings


@KERNELS
@pytest.mark.parametrize("code", ["a", "z"])
def test_a_grid_without_ground_on_a_border_takes_no_point_from_its_neighbours(compiled, code):
    flat = Polygon([(100, 0), (100, 50), (100, 100)])
    shapes = {code: flat, "w": box(0, 0, 100, 100), "x": box(100, 0, 200, 100)}
    assert held(shapes, [(100, 50), (100, 25), (99, 50), (101, 50)], compiled=compiled) == ["x", "x", "w", "x"]


@KERNELS
def test_a_ring_that_touches_itself_leaves_what_it_goes_round_to_others(compiled):
    # the shell goes in at the middle of its upper side, round a triangle, and out again
    around = Polygon([(0, 0), (4, 0), (4, 4), (2, 4), (3, 2), (1, 2), (2, 4), (0, 4)])
    shapes = {"a": around, "b": Polygon([(2, 4), (1, 2), (3, 2)])}
    points = [(2, 3), (0.5, 3), (3.5, 3), (2, 1), (1.5, 3), (2.5, 3), (2, 2), (1, 2), (3, 2), (2, 4)]
    # on a border: the area to the east, or to the north; on the rim, where nothing lies to the north: the lesser code
    assert held(shapes, points, compiled=compiled) == ["b", "a", "a", "a", "b", "a", "b", "b", "a", "a"]


@KERNELS
def test_where_three_grids_meet_one_answers_whatever_their_order(compiled):
    centre, east, north, south = (0, 0), (10, 0), (-5, 10), (-5, -10)
    top = Polygon([centre, east, (10, 10), north])
    low = Polygon([centre, south, (10, -10), east])
    left = Polygon([centre, north, (-10, 0), south])
    for codes in permutations("abc"):
        shapes = dict(zip(codes, (top, low, left), strict=True))
        # just east of the centre and a still smaller step north of that
        assert held(shapes, [centre, (5, 0)], compiled=compiled) == [codes[0]] * 2


@KERNELS
def test_a_corner_on_the_side_of_a_third_grid_belongs_to_the_north_east(compiled):
    shapes = {"w": box(0, 0, 1, 2), "se": box(1, 0, 2, 1), "ne": box(1, 1, 2, 2)}
    assert held(shapes, [(1, 1)], compiled=compiled) == ["ne"]
    mirrored = {"e": box(1, 0, 2, 2), "sw": box(0, 0, 1, 1), "nw": box(0, 1, 1, 2)}
    assert held(mirrored, [(1, 1)], compiled=compiled) == ["e"]


# --- very large and very small ones together


@pytest.mark.alone
@KERNELS
def test_ten_thousand_tiny_grids_in_a_huge_one_are_all_found_and_soon_ready(compiled):
    x, y = (np.stack(np.meshgrid(*[np.arange(100) * 1000.0 + 500] * 2)).reshape(2, -1)).tolist()
    tiny = box(x, y, np.array(x) + 1, np.array(y) + 1)
    huge = Polygon(box(0, 0, 1e5, 1e5).exterior.coords, [shape.exterior.coords for shape in tiny])
    begun = time.process_time()
    index = AreaIndex(areas({"0": huge} | {str(row): shape for row, shape in enumerate(tiny, 1)}), compiled=compiled)
    assert time.process_time() - begun < 10  # measured: 0.3
    assert index.nbytes < 100e6  # measured: 10 MB
    inside, outside = np.array([x, y]) + 0.5, np.array([x, y]) - 0.001
    assert index.locate(*inside).tolist() == list(range(1, 10_001))
    assert set(index.locate(*outside).tolist()) == {0}


# --- many threads


def test_many_threads_get_from_a_fresh_territory_what_one_gets():
    count = 200
    x = np.linspace(120.8601, 120.8799, count)
    houses = gpd.GeoDataFrame(
        {"id": [str(row) for row in range(count)]}, geometry=box(x - 2e-5, 32.005, x + 2e-5, 32.0051), crs=4490
    )
    texts = [f"人民路{row + 1}号" for row in range(count)]
    plates = gpd.GeoDataFrame(
        {"id": houses["id"], "text": texts, "building": houses["id"]}, geometry=shapely.points(x, 32.005), crs=4490
    )
    alone = [town(houses, plates).find(text) for text in texts[:: count // 4]]
    fresh = town(houses, plates)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(fresh.find, texts * 8))
    assert answers[: count : count // 4] == alone
    assert answers == answers[:count] * 8
    assert {answer["status"] for answer in answers} <= {"found", "ambiguous"}
