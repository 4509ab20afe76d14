"""Which area holds a point, how far its border is, and what is wrong with the areas."""

from __future__ import annotations

import pickle
import time
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box

from gridmap.errors import CrsError, InputError, TableError
from gridmap.partition import AreaIndex
from gridmap.partition.orientation import exact_sign, sign_one

KERNELS = pytest.mark.parametrize("compiled", [False, True], ids=["numpy", "numba"])


def areas(shapes, crs=4549, **columns):
    """A table of areas from a dict of code to polygon."""
    table = gpd.GeoDataFrame({"code": list(shapes)}, geometry=list(shapes.values()), crs=crs)
    return table.assign(**columns)


def held(shapes, points, **options):
    """Codes of the areas that hold the points, None outside."""
    index = AreaIndex(areas(shapes), **options)
    xs, ys = zip(*points, strict=True)
    many = index.locate(xs * 20, ys * 20)[: len(points)].tolist()
    assert many == [index.locate_one(*point) for point in points]
    return [index.codes[row] if row >= 0 else None for row in many]


#: south-west, south-east, north-west, north-east
FOUR = {"sw": box(0, 0, 1, 1), "se": box(1, 0, 2, 1), "nw": box(0, 1, 1, 2), "ne": box(1, 1, 2, 2)}


@KERNELS
def test_a_point_on_a_shared_border_belongs_to_the_area_east_of_it(compiled):
    assert held(FOUR, [(1, 0.5), (1, 1.5)], compiled=compiled) == ["se", "ne"]


@KERNELS
def test_a_point_on_a_border_from_west_to_east_belongs_to_the_area_north_of_it(compiled):
    assert held(FOUR, [(0.5, 1), (1.5, 1)], compiled=compiled) == ["nw", "ne"]


@KERNELS
def test_a_corner_of_four_areas_belongs_to_the_one_in_the_north_east(compiled):
    assert held(FOUR, [(1, 1)], compiled=compiled) == ["ne"]


@KERNELS
@pytest.mark.parametrize(
    ("point", "code"),
    [
        ((0, 0.5), "sw"),
        ((2, 0.5), "se"),
        ((1, 2), "ne"),
        ((2, 1), "ne"),
        ((0, 0), "sw"),
        ((2, 0), "se"),
        ((0, 2), "nw"),
    ],
    ids=["west", "east", "north of two", "east of two", "south-west corner", "south-east corner", "north-west corner"],
)
def test_the_outer_rim_belongs_to_the_territory(compiled, point, code):
    assert held(FOUR, [point], compiled=compiled) == [code]


def test_on_the_closed_rim_the_least_code_is_the_answer_where_two_areas_meet():
    assert held({"b": box(0, 0, 1, 1), "a": box(0, 1, 1, 2)}, [(1, 1)]) == ["a"]


@KERNELS
@pytest.mark.parametrize("step", [-1, 1], ids=["before", "beyond"])
def test_one_rounding_beyond_the_rim_is_outside(compiled, step):
    point = (np.nextafter(2.0, 2.0 + step).item(), 0.5)
    assert held(FOUR, [point], compiled=compiled) == ["se" if step < 0 else None]


def test_a_hole_is_outside_and_its_rim_is_not():
    ring = Polygon(box(0, 0, 3, 3).exterior, [box(1, 1, 2, 2).exterior])
    assert held({"a": ring}, [(1.5, 1.5), (1, 1.5), (2, 1.5), (1.5, 1), (1.5, 2)]) == [None, "a", "a", "a", "a"]


def test_an_enclave_is_found_inside_the_area_around_it():
    around = Polygon(box(0, 0, 3, 3).exterior, [box(1, 1, 2, 2).exterior])
    points = [(1.5, 1.5), (1, 1.5), (2, 1.5), (1.5, 1), (1.5, 2), (0.5, 0.5)]
    assert held({"around": around, "in": box(1, 1, 2, 2)}, points) == ["in", "in", "around", "in", "around", "around"]


def test_an_area_of_two_parts_holds_the_points_of_both():
    parts = MultiPolygon([box(0, 0, 1, 1), box(5, 5, 6, 6)])
    assert held({"a": parts, "b": box(1, 0, 5, 6)}, [(0.5, 0.5), (5.5, 5.5), (3, 3)]) == ["a", "a", "b"]


@KERNELS
def test_where_areas_overlap_the_least_code_is_the_answer(compiled):
    shapes = {"c": box(0, 0, 4, 4), "a": box(1, 1, 2, 2), "b": box(1.5, 1.5, 3, 3)}
    assert held(shapes, [(0.5, 0.5), (1.6, 1.6), (2.5, 2.5), (2, 1.5)], compiled=compiled) == ["c", "a", "b", "b"]


def test_a_vertex_that_only_one_neighbour_has_makes_no_difference():
    west = Polygon([(0, 0), (1, 0), (1, 3), (0, 3)])
    east = Polygon([(1, 0), (2, 0), (2, 3), (1, 3), (1, 2), (1, 1)])
    assert held({"w": west, "e": east}, [(1, 1), (1, 0.5), (0.999, 1), (1, 3), (1, 0)]) == ["e", "e", "w", "e", "e"]


def test_a_bow_tie_is_read_as_even_odd():
    bow = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert held({"a": bow}, [(0.5, 1), (1.5, 1), (1, 0.5), (1, 1.5)]) == ["a", "a", None, None]


NESTED = areas(
    {"d": box(0, 0, 4, 4), "c1": box(0, 0, 2, 4), "c2": box(2, 0, 4, 3), "g": box(0, 0, 1, 1)},
    parent=[None, "d", "d", "c1"],
    level=["district", "community", "community", "grid"],
)


@KERNELS
@pytest.mark.parametrize(
    ("point", "chain"),
    [
        ((0.5, 0.5), ["d", "c1", "g"]),
        ((1, 0.5), ["d", "c1"]),
        ((2, 1), ["d", "c2"]),
        ((3, 3.5), ["d"]),
        ((2, 3.5), ["d"]),
        ((4, 4), ["d"]),
        ((4, 1), ["d", "c2"]),
        ((5, 5), []),
    ],
    ids=["grid", "east of the grid", "border of communities", "no community", "west of it", "rim", "two rims", "out"],
)
def test_the_finest_area_comes_with_all_that_hold_it(compiled, point, chain):
    index = AreaIndex(NESTED, compiled=compiled)
    row = index.locate([point[0]] * 20, [point[1]] * 20)[0]
    assert [index.codes[r] for r in index.chain(row)] == chain
    assert index.locate_one(*point) == row


def test_levels_tell_the_depth_where_no_parents_are_known():
    table = areas({"a": box(0, 0, 2, 2), "b": box(0, 0, 1, 1)}, level=["community", "grid"])
    assert AreaIndex(table).locate([0.5, 1.5], [0.5, 1.5]).tolist() == [1, 0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e308], ids=["nan", "inf", "-inf", "huge"])
def test_a_coordinate_that_is_no_place_is_outside(bad):
    index = AreaIndex(areas(FOUR))
    assert index.locate_one(bad, 0.5) == index.locate_one(0.5, bad) == -1
    assert index.locate([bad, 0.5] * 20, [0.5, bad] * 20).tolist() == [-1] * 40


def test_a_coordinate_that_is_no_place_has_no_distance():
    index = AreaIndex(areas(FOUR))
    assert np.isnan(index.border_distance([np.nan, np.inf, 0.5], [0.5, 0.5, np.nan])).all()
    assert np.isnan(index.border_distance_one(np.nan, 0.5))


@pytest.mark.parametrize("x", [5e-324, -5e-324, 1e-310, -1e-310], ids=str)
@KERNELS
def test_the_least_numbers_there_are_lie_on_their_side_of_a_border_through_zero(compiled, x):
    shapes = {"w": Polygon([(-1, -1), (0, -1), (0, 1), (-1, 1)]), "e": Polygon([(0, -1), (1, -1), (1, 1), (0, 1)])}
    assert held(shapes, [(x, 0.5), (x, -x)], compiled=compiled) == ["e" if x > 0 else "w"] * 2


@pytest.mark.parametrize(("y", "code"), [(1e-323, "e"), (1.5e-323, "w")], ids=["two of them", "three of them"])
@KERNELS
def test_products_too_small_for_a_double_are_compared_as_real_numbers(compiled, y, code):
    # the double 0.1 is more than a third of the double 0.3: three least numbers up and one east lie above the line
    west = Polygon([(-0.1, -0.3), (0.1, 0.3), (-1, 0.3), (-1, -0.3)])
    east = Polygon([(-0.1, -0.3), (1, -0.3), (1, 0.3), (0.1, 0.3)])
    assert held({"w": west, "e": east}, [(5e-324, y)], compiled=compiled) == [code]


@pytest.mark.parametrize(
    "sign_of",
    [lambda *numbers: int(exact_sign(*(np.array([n]) for n in numbers))[0]), sign_one],
    ids=["expansion", "rational"],
)
@pytest.mark.parametrize(
    ("numbers", "sign"),
    [
        ((0.0, 0.0, 3.0, 1.0, 0.3, 0.1), 1),  # the double 0.1 is a tenth and 5.55e-18, 0.3 three tenths less 1.11e-17
        ((0.0, 0.0, 1.0, 1.0, 0.5, 0.5), 0),
        ((2.0**299, 0.0, 0.0, 2.0**-299, 2.0**299, 2.0**-299), -1),
        ((0.0, 0.0, 2.0**-299, 2.0**-299, 2.0**-300, 2.0**-300), 0),
        ((0.5, 0.5, 12.0, 12.0, 24.0, np.nextafter(24.0, 25)), 1),
        ((0.5, 0.5, 12.0, 12.0, np.nextafter(0.5, 1), 0.5), -1),
    ],
    ids=["tenths", "middle", "largest", "least", "one rounding above", "one rounding east"],
)
def test_the_side_of_a_line_is_that_of_the_real_numbers(sign_of, numbers, sign):
    assert sign_of(*numbers) == sign


def test_the_distance_to_the_nearest_border_is_in_metres_inside_and_outside():
    index = AreaIndex(areas({"a": box(0, 0, 10, 10), "b": box(10, 0, 20, 10)}))
    assert index.border_distance([8, 10, 5, 23], [5, 5, 1, 14]).tolist() == [2, 0, 1, 5]
    assert [index.border_distance_one(8, 5), index.border_distance_one(23, 14)] == [2, 5]


def test_borders_are_those_of_the_areas_that_hold_no_other():
    table = areas({"a": box(0, 0, 20, 10), "b": box(0, 0, 20, 10)}, parent=[None, "a"])
    split = areas({"a": box(0, 0, 20, 10), "b": box(0, 0, 8, 10), "c": box(8, 0, 20, 10)}, parent=[None, "a", "a"])
    assert [AreaIndex(t).border_distance_one(9, 5) for t in (table, split)] == [5, 1]


@pytest.mark.parametrize("crs", [4490, 4326, 3857], ids=["CGCS2000", "WGS 84", "web Mercator"])
def test_distances_are_metres_on_the_ground_in_systems_that_are_not_metric(crs):
    # on the ellipsoid a minute of longitude at 32 degrees north is 1574.7 m, hence a 60th of it 26.25 m
    table = areas({"a": box(120, 31.9, 121, 32.1)}, crs=4326).to_crs(crs)
    point = gpd.GeoSeries([Point(120 + 1 / 3600, 32)], crs=4326).to_crs(crs)[0]
    assert AreaIndex(table).border_distance_one(point.x, point.y) == pytest.approx(26.25, abs=0.02)


def test_a_long_border_in_degrees_follows_its_parallel():
    # a degree of latitude is 110.88 km at 32 degrees north; the chord of the 94 km border runs 109 m beside it
    index = AreaIndex(areas({"a": box(120, 32, 121, 33)}, crs=4490))
    assert index.border_distance_one(120.5, 32.001) == pytest.approx(110.88, abs=0.1)


def test_many_distances_are_those_of_one_by_one():
    index = AreaIndex(areas({"a": box(120, 32, 120.02, 32.01), "b": box(120.02, 32, 120.03, 32.01)}, crs=4490))
    x, y = np.random.default_rng(1).uniform([119.99, 31.99], [120.04, 32.02], (50, 2)).T
    assert index.border_distance(x, y).tolist() == [index.border_distance_one(*p) for p in zip(x, y, strict=True)]


def test_areas_without_a_crs_answer_which_but_not_how_far():
    index = AreaIndex(areas(FOUR, crs=None))
    assert index.locate_one(0.5, 0.5) == 0
    with pytest.raises(CrsError, match="state it"):
        index.border_distance([0.5], [0.5])


def test_an_overlap_is_found_with_its_codes_and_measure():
    found = AreaIndex(areas({"a": box(0, 0, 10, 10), "b": box(9, 0, 20, 10)})).findings()
    assert found[["rule", "codes", "measured", "unit"]].to_numpy().tolist() == [["overlap", "a;b", 10.0, "m2"]]
    assert found.geometry[0].equals(box(9, 0, 10, 10))


def test_a_gap_is_found_with_the_areas_around_it():
    ring = Polygon(box(0, 0, 9, 9).exterior, [box(3, 3, 6, 6).exterior])
    found = AreaIndex(areas({"a": ring, "b": box(3, 3, 6, 5)})).findings()
    assert found[["rule", "codes", "measured"]].to_numpy().tolist() == [["gap", "a;b", 3.0]]


@pytest.mark.parametrize("crs", [4549, 4490], ids=["metres", "degrees"])
def test_a_partition_gives_no_findings(crs):
    assert AreaIndex(areas(FOUR, crs=crs)).findings().empty


def test_nesting_is_no_overlap_and_an_undivided_area_is_no_gap():
    around = Polygon(box(0, 0, 9, 9).exterior, [box(3, 3, 6, 6).exterior])
    table = areas({"d": box(0, 0, 9, 9), "a": around, "b": box(3, 3, 6, 6), "g": around}, parent=[None, "d", "d", "a"])
    assert AreaIndex(table).findings().empty


def test_findings_in_degrees_are_measured_in_square_metres():
    # 0.0001 of a degree at 32 degrees north: 9.448 m by 11.087 m
    found = AreaIndex(
        areas({"a": box(120, 32, 120.0002, 32.0001), "b": box(120.0001, 32, 120.0003, 32.0001)}, crs=4490)
    )
    assert found.findings()["measured"][0] == pytest.approx(9.448 * 11.087, rel=1e-3)


@pytest.mark.parametrize(
    ("shapes", "fault"),
    [
        ({"a": None}, "feature 1.*no geometry"),
        ({"a": box(0, 0, 1, 1), "b": Polygon()}, "feature 2.*no geometry"),
        ({"a": Point(0, 0)}, "not a polygon"),
        ({"a": Polygon([(0, 0), (1, 0), (np.inf, 1)])}, "not finite"),
        ({"a": Polygon([(0, 0), (1, 0), (1e-310, 1)])}, "no map has"),
        ({"a": Polygon([(1, 1), (1, 1), (1, 1)])}, "one point"),
        ({}, "at least one"),
    ],
    ids=["none", "empty", "point", "infinite", "too small", "no extent", "no areas"],
)
def test_areas_that_cannot_be_indexed_are_refused_with_their_number(shapes, fault):
    with pytest.raises(TableError, match=fault):
        AreaIndex(areas(shapes))


def test_all_faults_are_listed_at_once():
    with pytest.raises(TableError) as caught:
        AreaIndex(areas({"a": None, "b": box(0, 0, 1, 1), "c": Point(0, 0)}))
    assert [fault.feature for fault in caught.value.faults] == [1, 3]


@pytest.mark.parametrize("points", [([1, 2], [1]), ([[1, 2]], [[1, 2]]), (["x"], [1])], ids=["length", "shape", "text"])
def test_coordinates_that_do_not_match_are_refused(points):
    with pytest.raises(InputError, match="expected"):
        AreaIndex(areas(FOUR)).locate(*points)


@pytest.mark.parametrize("cell", [0, -1, np.nan, 1e-9], ids=str)
def test_cells_that_cannot_be_are_refused(cell):
    with pytest.raises(InputError, match="cells of width"):
        AreaIndex(areas(FOUR), cell=cell)


def net(side, width=100.0, corner=(0.0, 0.0)):
    """A partition into squares, and their codes by column and row."""
    at = [(i, j) for i in range(side) for j in range(side)]
    west, south = (np.array(at) * width + corner).T
    return dict(zip([f"{i:03d}{j:03d}" for i, j in at], box(west, south, west + width, south + width), strict=True))


@KERNELS
def test_no_points_have_no_answers(compiled):
    assert AreaIndex(areas(FOUR), compiled=compiled).locate([], []).shape == (0,)


@KERNELS
def test_a_town_and_an_area_a_thousand_kilometres_away_are_both_found(compiled):
    shapes = net(20) | {"far": box(1e6, 1e6, 1e6 + 50, 1e6 + 50)}
    points = [(150, 250), (1999.5, 0.5), (1e6 + 1, 1e6 + 1), (5e5, 5e5), (1e6 + 50, 1e6), (700, 800)]
    assert held(shapes, points, compiled=compiled) == ["001002", "019000", "far", None, "far", "007008"]


def test_areas_far_apart_do_not_crowd_into_one_cell():
    index = AreaIndex(areas(net(20) | {"far": box(1e6, 1e6, 1e6 + 50, 1e6 + 50)}))
    assert np.diff(index._layers[0].record_start).max() < 64


def test_faces_smaller_than_a_cell_are_found():
    shapes = {"big": Polygon(box(0, 0, 1, 1).exterior, [box(0.5, 0.5, 0.51, 0.51).exterior])} | {
        "p": box(0.5, 0.5, 0.505, 0.51),
        "q": box(0.505, 0.5, 0.51, 0.51),
    }
    assert held(shapes, [(0.502, 0.505), (0.505, 0.505), (0.4, 0.4), (0.51, 0.5)], cell=0.4) == ["p", "q", "big", "big"]


@KERNELS
def test_several_threads_get_the_answers_of_one(compiled):
    index = AreaIndex(areas(net(30)), compiled=compiled)
    x, y = np.random.default_rng(2).uniform(-10, 3010, (2, 100_000))
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: (index.locate(x, y), index.border_distance(x[:999], y[:999])), range(8)))
    assert all((rows == index.locate(x, y)).all() and (m == results[0][1]).all() for rows, m in results)


def test_a_pickled_index_gives_the_same_answers():
    index = AreaIndex(NESTED)
    copy = pickle.loads(pickle.dumps(index))  # noqa: S301 - made in the line above
    assert (
        copy.locate([0.5, 4, 9], [0.5, 4, 9]).tolist() == index.locate([0.5, 4, 9], [0.5, 4, 9]).tolist() == [3, 0, -1]
    )
    assert copy.border_distance_one(0.5, 0.75) == 0.25


def test_the_table_is_not_changed():
    table = NESTED.copy()
    AreaIndex(table).findings()
    assert table.equals(NESTED)


def test_the_index_counts_its_bytes():
    index = AreaIndex(areas(net(30)))
    assert len(pickle.dumps(index)) / 3 < index.nbytes < 5e6


def cpu_seconds(work):
    """Least of three measurements."""

    def once():
        start = time.thread_time()
        work()
        return time.thread_time() - start

    return min(once() for _ in range(3))


@pytest.mark.alone
def test_a_hundred_thousand_points_take_at_most_a_fifth_of_the_work_of_a_spatial_join():
    table = areas(net(60))
    x, y = np.random.default_rng(3).uniform(0, 6000, (2, 100_000))
    index, points = AreaIndex(table, compiled=False), gpd.GeoDataFrame(geometry=shapely.points(x, y), crs=4549)
    join = cpu_seconds(lambda: gpd.sjoin(points, table, predicate="within"))
    assert cpu_seconds(lambda: index.locate(x, y)) < join / 5


def _table(*areas):
    rows = [(code, parent, shape) for code, parent, shape in areas]
    return gpd.GeoDataFrame(rows, columns=["code", "parent", "geometry"], crs=4549)


@pytest.mark.parametrize(
    "table",
    [
        _table(("a", None, shapely.box(0, 0, 10, 10)), ("b", None, shapely.box(8, 2, 20, 8))),
        _table(("a", None, shapely.box(0, 0, 10, 10)), ("b", None, shapely.box(4, 4, 6, 6))),
        _table(
            ("p", None, shapely.box(0, 0, 10, 10)),
            ("q", None, shapely.box(10, 0, 20, 10)),
            ("q1", "q", shapely.box(7, 3, 20, 10)),
        ),
        _table(
            ("p", None, shapely.box(0, 0, 10, 10)),
            ("q", None, shapely.box(10, 0, 20, 10)),
            ("q1", "q", shapely.box(10, 0, 20, 10)),
        ),
        _table(
            ("a", None, shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])), ("b", None, shapely.box(10, 0, 12, 9))
        ),
    ],
    ids=["overlap", "one in another", "a child that sticks out of its parent", "one parent undivided", "crooked"],
)
def test_the_nearest_border_is_found_where_areas_lie_over_each_other(table):
    rng = np.random.default_rng(5)
    x, y = rng.uniform(-5, 25, 500), rng.uniform(-5, 15, 500)
    finest = ~table["code"].isin(table["parent"].dropna())
    border = shapely.union_all(table.geometry[finest].boundary.to_numpy())
    expected = shapely.distance(border, shapely.points(x, y))
    index = AreaIndex(table)
    np.testing.assert_allclose(index.border_distance(x, y), expected, atol=1e-9)
    one_by_one = [index.locate_with_border(*point) for point in zip(x, y, strict=True)]
    np.testing.assert_allclose([metres for _, metres in one_by_one], expected, atol=1e-9)
    assert [row for row, _ in one_by_one] == index.locate(x, y).tolist()


def test_areas_that_only_touch_do_not_overlap_however_little_is_asked_for():
    # the vertex of b and c at (10, 5) is none of a's, and d does overlap: the pairs must be looked at one by one
    table = _table(
        ("a", None, shapely.box(0, 0, 10, 10)),
        ("b", None, shapely.box(10, 0, 20, 5)),
        ("c", None, shapely.box(10, 5, 20, 10)),
        ("d", None, shapely.box(19, 5, 29, 10)),
    )
    found = AreaIndex(table).findings(least_m2=0)
    assert found[["rule", "codes", "measured"]].to_numpy().tolist() == [["overlap", "c;d", 5.0]]
