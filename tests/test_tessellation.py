"""Faces between lines, cells around outlines, and the borders between them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap import crs
from gridmap.errors import InputError
from gridmap.samples import town
from gridmap.tessellation import Cells, borders, cells, faces, shared, surroundings, triangulating
from gridmap.tessellation.triangles import SHARED, Walls, mesh_of
from gridmap.tessellation.triangulating import triangles_in

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
from helsinki import helsinki

SQUARE = shapely.box(0, 0, 100, 100)


def line(*points: tuple[float, float]) -> Any:
    return shapely.LineString(points)


def house(x: float, y: float, side: float = 10.0) -> Any:
    return shapely.box(x, y, x + side, y + side)


def whole(found: Any) -> float:
    """Area of a coverage, after it was seen to be one of single valid polygons."""
    assert shapely.coverage_is_valid(found)
    assert shapely.is_valid(found).all()
    assert {shape.geom_type for shape in found} <= {"Polygon"}
    return float(shapely.area(found).sum())


def of(ground: Cells, outline: int) -> Any:
    """The only cell of an outline."""
    (cell,) = ground.geometry[ground.owner == outline]
    return cell


# faces


def test_streets_that_cross_without_a_common_vertex_part_the_ground_in_four():
    found = faces([line((50, -5), (50, 105)), line((-5, 30), (105, 30))], limit=SQUARE)
    assert shapely.area(found).tolist() == [1500.0, 3500.0, 1500.0, 3500.0]
    assert whole(found) == 10_000


@pytest.mark.parametrize(
    ("streets", "count"),
    [
        pytest.param([], 1, id="no street"),
        pytest.param([line((50, 0), (50, 60))], 1, id="a dead end"),
        pytest.param([line((50, 0), (50, 100))] * 2, 2, id="the same street twice"),
        pytest.param(
            [line((50, 0), (50, 70)), line((50, 30), (50, 100))], 2, id="streets that overlap along their length"
        ),
        pytest.param([line((200, 0), (200, 100))], 1, id="a street beyond the limit"),
        pytest.param([line((0, 0), (100, 0))], 1, id="a street along the limit"),
        pytest.param(
            [line((20, 20), (40, 20), (40, 40), (20, 40), (20, 20))], 2, id="a ring road that nothing leads to"
        ),
        pytest.param(
            [shapely.MultiLineString([[(50, 0), (50, 100)], [(0, 50), (50, 50)]])], 3, id="a street in two parts"
        ),
    ],
)
def test_faces_fill_the_limit_whatever_the_streets(streets, count):
    found = faces(streets, limit=SQUARE)
    assert len(found) == count
    assert whole(found) == pytest.approx(10_000, rel=1e-12)


def test_a_limit_of_two_islands_gives_faces_on_both_and_none_in_its_holes():
    lake = shapely.box(10, 10, 90, 90)
    found = faces([line((50, -5), (50, 105))], limit=shapely.union(SQUARE.difference(lake), house(200, 0)))
    assert sorted(shapely.area(found)) == pytest.approx([100, 1800, 1800])


def test_the_limit_keeps_its_vertices_bit_by_bit_and_streets_end_on_its_line():
    limit = shapely.Polygon([(0.12345, 0.98765), (97.31415, 3.27182), (88.1618, 91.4142), (-7.5772, 83.2654)])
    found = faces([line((-50, 33.333), (150, 51.111)), line((41.7, -50), (39.3, 150))], limit=limit)
    rim = shapely.boundary(shapely.coverage_union_all(found))
    assert {tuple(point) for point in limit.exterior.coords} <= {tuple(point) for point in rim.coords}
    assert shapely.hausdorff_distance(rim, limit.exterior) < 1e-9


@pytest.mark.parametrize(
    ("lines", "limit", "words"),
    [
        pytest.param([shapely.Point(1, 1)], SQUARE, "line 0 is Point", id="a point for a line"),
        pytest.param([None], SQUARE, "line 0 is no geometry", id="nothing for a line"),
        pytest.param(
            [], shapely.Polygon([(0, 0), (1, 1), (0, 1), (1, 0)]), "Self-intersection", id="a limit that crosses itself"
        ),
        pytest.param([], shapely.Polygon(), "limit 0: empty", id="an empty limit"),
        pytest.param([], line((0, 0), (1, 1)), "limit 0 is LineString", id="a line for a limit"),
        pytest.param([line((0, 0), (np.inf, 1))], SQUARE, "line 0", id="a line to infinity"),
    ],
)
def test_what_cannot_part_ground_is_refused_with_its_place(lines, limit, words):
    with pytest.raises(InputError, match=words):
        faces(lines, limit=limit)


# cells around outlines


def test_two_houses_share_the_ground_between_them_midway():
    ground = cells([shapely.box(0, 0, 36, 20)], [house(5, 5), house(21, 5)], thin_m=0)
    assert shapely.area(ground.geometry).tolist() == [360.0, 360.0]
    assert shapely.hausdorff_distance(line((18, 0), (18, 20)), of(ground, 0).intersection(of(ground, 1))) < 2


def test_a_lone_house_gets_its_whole_face_and_an_empty_face_stays_without_owner():
    ground = cells(faces([line((50, 0), (50, 100))], limit=SQUARE), [house(10, 10)])
    assert (ground.face.tolist(), ground.owner.tolist()) == ([0, 1], [0, -1])
    assert shapely.area(ground.geometry).tolist() == [5000.0, 5000.0]


def test_houses_that_share_a_wall_meet_in_it():
    ground = cells([SQUARE], [house(40, 45), house(50, 45)])
    wall = line((50, 45), (50, 55))
    assert shapely.covers(shapely.intersection(of(ground, 0).boundary, of(ground, 1).boundary), wall)
    assert whole(ground.geometry) == 10_000


def test_a_row_of_houses_of_unequal_depth_keeps_every_wall():
    row = [shapely.box(10 * k, 0, 10 * k + 10, 10 + k % 3) for k in range(9)]
    ground = cells([SQUARE], row)
    assert [shapely.covers(of(ground, k), row[k]) for k in range(9)] == [True] * 9
    assert whole(ground.geometry) == 10_000


def test_houses_that_touch_in_a_corner_have_a_border_on_both_sides_of_it():
    ground = cells([SQUARE], [house(40, 40), house(50, 50)])
    common = shapely.intersection(of(ground, 0).boundary, of(ground, 1).boundary)
    assert shapely.dwithin(common, shapely.Point(50, 50), 1e-9)
    assert borders(ground.geometry).length_m[0] > 60
    assert whole(ground.geometry) == 10_000


def test_of_houses_that_overlap_the_larger_one_keeps_the_ground():
    ground = cells([SQUARE], [house(40, 40, 10), house(45, 45, 20)])
    assert shapely.covers(of(ground, 1), house(45, 45, 20))
    assert shapely.covers(of(ground, 0), house(40, 40, 10).difference(house(45, 45, 20)))


def test_a_house_under_a_larger_one_holds_nothing():
    ground = cells([SQUARE], [house(40, 40, 20), house(45, 45, 5)])
    assert ground.owner.tolist() == [0]


def test_a_house_on_a_street_goes_whole_to_the_side_that_holds_most_of_it():
    parted = faces([line((50, 0), (50, 100))], limit=SQUARE)
    ground = cells(parted, [shapely.box(43, 40, 53, 50), house(20, 20), house(70, 70)])
    assert shapely.covers(of(ground, 0), shapely.box(43, 40, 53, 50))
    assert ground.face[ground.owner == 0].tolist() == [0]
    assert shapely.area(of(ground, 2)) == 5000 - 3 * 10


def test_a_street_that_ends_inside_a_house_cuts_nothing():
    parted = faces([line((50, 0), (50, 45)), line((0, 50), (100, 50))], limit=SQUARE)
    ground = cells(parted, [house(45, 35)])
    assert shapely.area(ground.geometry[ground.owner == 0]).tolist() == [5000.0]


def test_a_house_beyond_the_faces_has_no_cell_and_one_on_their_border_what_lies_within():
    ground = cells([SQUARE], [house(95, 50), house(300, 300)])
    assert ground.owner.tolist() == [0]
    assert whole(ground.geometry) == 10_000


def test_a_courtyard_belongs_to_its_house():
    ring = shapely.box(30, 30, 70, 70).difference(shapely.box(40, 40, 60, 60))
    ground = cells([SQUARE], [ring, house(5, 5)])
    assert shapely.covers(of(ground, 0), shapely.box(30, 30, 70, 70))


def test_a_house_in_a_courtyard_shares_it_and_lies_in_a_hole_of_the_other_cell():
    ring = shapely.box(30, 30, 70, 70).difference(shapely.box(40, 40, 60, 60))
    ground = cells([SQUARE], [ring, house(47, 47, 6)])
    assert len(of(ground, 0).interiors) == 1
    assert 36 < shapely.area(of(ground, 1)) < 400
    assert whole(ground.geometry) == 10_000


def test_the_order_of_houses_makes_no_difference():
    rng = np.random.default_rng(3)
    houses = np.array([house(*spot) for spot in rng.integers(0, 90, (12, 2)).astype(float)])
    mixed = rng.permutation(12)
    plain, other = cells([SQUARE], houses), cells([SQUARE], houses[mixed])
    assert {(shape.wkb, owner) for shape, owner in zip(plain.geometry, plain.owner.tolist(), strict=True)} == {
        (shape.wkb, int(mixed[owner])) for shape, owner in zip(other.geometry, other.owner.tolist(), strict=True)
    }


def test_straightening_moves_borders_by_no_more_than_allowed_and_never_into_a_house():
    houses = [house(x, y, 6) for x in range(5, 95, 15) for y in range(5 + x % 2 * 5, 90, 20)]
    rough, smooth = (cells([SQUARE], houses, thin_m=thin) for thin in (0, 4))
    far = shapely.hausdorff_distance(shapely.boundary(rough.geometry), shapely.boundary(smooth.geometry))
    assert 0 < far.max() <= 4
    assert shapely.covers(smooth.geometry, np.array(houses)[smooth.owner]).all()
    assert shapely.get_num_coordinates(smooth.geometry).sum() < 0.7 * shapely.get_num_coordinates(rough.geometry).sum()


@pytest.mark.parametrize(
    ("faces_", "outlines", "words"),
    [
        pytest.param([SQUARE], [shapely.Point(1, 1)], "outline 0 is Point", id="a point"),
        pytest.param([SQUARE], [house(1, 1), line((0, 0), (1, 1))], "polygons and lines", id="polygons and lines"),
        pytest.param(
            [SQUARE], [shapely.Polygon([(0, 0), (1, 1), (0, 1), (1, 0)])], "outline 0: Self", id="a crossed outline"
        ),
        pytest.param([shapely.MultiPolygon([SQUARE])], [], "face 0 is MultiPolygon", id="a face in several parts"),
        pytest.param([SQUARE, SQUARE], [], "overlap", id="faces that overlap"),
    ],
)
def test_what_cannot_be_shared_out_is_refused(faces_, outlines, words):
    with pytest.raises(InputError, match=words):
        cells(faces_, outlines)


# cells along lines


def test_each_line_keeps_its_whole_length_of_border_and_lines_that_meet_have_neighbouring_cells():
    sides = [line((0, 0), (100, 0)), line((100, 0), (100, 10)), line((50, 10), (100, 10)), line((0, 10), (50, 10))]
    sides.append(line((0, 0), (0, 10)))
    ground = cells(faces(sides, limit=shapely.box(0, 0, 100, 10)), sides)
    own = [shapely.length(shapely.intersection(of(ground, k).boundary, sides[k])) for k in range(5)]
    assert own == pytest.approx([100, 10, 50, 50, 10])
    assert shapely.area(of(ground, 2)) == pytest.approx(shapely.area(of(ground, 3)), rel=0.05)
    found = borders(ground.geometry)
    assert {(0, 1), (0, 4), (1, 2), (2, 3), (3, 4)} <= set(zip(found.a.tolist(), found.b.tolist(), strict=True))


def test_a_line_has_a_cell_on_either_side():
    street = line((50, 0), (50, 100))
    ground = cells(faces([street], limit=SQUARE), [street])
    assert (ground.face.tolist(), ground.owner.tolist()) == ([0, 1], [0, 0])


# borders


def test_only_neighbours_with_a_common_segment_share_a_border():
    found = borders([house(0, 0), house(10, 0), house(10, 10), shapely.MultiPolygon([house(0, 10), house(20, 0)])])
    assert list(zip(found.a.tolist(), found.b.tolist(), strict=True)) == [(0, 1), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert found.length_m.tolist() == [10.0] * 5
    assert found.segments[found.pair == 2].tolist() == [[10.0, 10.0, 20.0, 10.0]]


def test_a_vertex_on_one_side_only_is_no_common_border():
    split = shapely.Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10, 5)])
    assert len(borders([house(0, 0), split]).a) == 0


def test_an_area_is_no_neighbour_of_itself():
    assert len(borders([shapely.MultiPolygon([house(0, 0), house(10, 0)])]).a) == 0


def test_polygons_that_overlap_along_an_edge_are_refused():
    with pytest.raises(InputError, match="overlap along an edge"):
        borders([house(0, 0), shapely.box(0, 0, 10, 20), shapely.box(0, 0, 10, 5)])


# surroundings


def test_ground_around_houses_holds_them_all_and_has_no_lakes():
    ring = [
        house(x, y) for x in range(0, 1000, 100) for y in range(0, 1000, 100) if not (200 < x < 800 and 200 < y < 800)
    ]
    ground = surroundings(ring)
    assert shapely.covers(ground, shapely.buffer(np.array(ring), 65)).all()
    assert len(shapely.get_rings(ground)) == 1
    with pytest.raises(InputError, match="nothing to find the limit around"):
        surroundings([])


# triangles


def test_how_far_ground_goes_and_which_gaps_it_fills_is_for_the_caller_to_say():
    # 200 m from tile to tile, 160 m between their margins
    two = [shapely.box(0, 0, 40, 340), shapely.box(260, 0, 290, 340)]
    assert [len(shapely.get_parts(surroundings(two, margin_m=20, bay_m=gap))) for gap in (90, 200)] == [2, 1]
    west, *_ = surroundings(two, margin_m=20, bay_m=200).bounds
    assert west == pytest.approx(-20, abs=5)


def test_the_lower_the_step_the_more_points_a_border_between_two_cells_has():
    pair = [shapely.box(5, 5, 15, 15), shapely.box(25, 9, 35, 19)]
    points = [
        shapely.get_num_coordinates(cells([shapely.box(0, 0, 40, 24)], pair, step_m=step, thin_m=0).geometry).sum()
        for step in (24.0, 6.0, 2.0)
    ]
    assert points == sorted(set(points))


@pytest.mark.parametrize("many", [0, 10**6], ids=["points first", "ears"])
def test_triangles_fill_a_polygon_with_no_vertex_but_its_own(many):
    rng = np.random.default_rng(1)
    holes = [house(x + 3 * rng.random(), y + 3 * rng.random(), 4) for x in range(2, 98, 8) for y in range(2, 98, 8)]
    ground = shapely.Polygon(shapely.segmentize(SQUARE, 5).exterior, [hole.exterior for hole in holes])
    corners, row = triangles_in(np.array([ground]), many=many)
    vertices = {tuple(point) for point in shapely.get_coordinates(ground).tolist()}
    assert {tuple(point) for point in corners.reshape(-1, 2).tolist()} == vertices
    # Euler: vertices + 2 holes - 2
    assert len(row) == len(vertices) + 2 * len(holes) - 2
    assert shapely.area(shapely.polygons(corners)).sum() == pytest.approx(shapely.area(ground), rel=1e-12)
    assert shapely.is_ccw(shapely.get_exterior_ring(shapely.polygons(corners))).all()


def test_a_polygon_of_many_vertices_is_never_left_to_the_ears_as_a_whole(monkeypatch):
    sizes, ears = [], triangulating._by_ears
    monkeypatch.setattr(triangulating, "_by_ears", lambda shapes: sizes.extend(shapes) or ears(shapes))
    rng = np.random.default_rng(5)
    holes = [house(x + 2 * rng.random(), y + 2 * rng.random(), 5) for x in range(2, 92, 8) for y in range(2, 92, 8)]
    triangles_in(
        np.array([shapely.Polygon(shapely.segmentize(SQUARE, 3).exterior, [h.exterior for h in holes])]), many=0
    )
    assert max(shapely.get_num_coordinates(np.array(sizes, dtype=object)), default=0) < 60


def test_points_close_to_a_long_side_do_not_hide_it():
    comb = [shapely.box(k, 0.001, k + 0.5, 0.3) for k in range(1, 99)]
    ground = shapely.Polygon(SQUARE.exterior, [tooth.exterior for tooth in comb])
    corners, _ = triangles_in(np.array([ground]), many=0)
    assert whole(shapely.polygons(corners)) == pytest.approx(shapely.area(ground), rel=1e-12)


def test_where_walls_touch_the_ground_on_either_side_has_a_vertex_of_its_own():
    rings = [
        shapely.get_coordinates(ring)[:-1] for ring in (SQUARE.exterior, house(40, 40).exterior, house(50, 50).exterior)
    ]
    rings[1:] = [ring[::-1] for ring in rings[1:]]
    number = np.repeat([0, 1, 2], 4)
    walls = Walls(start=np.concatenate(rings), ring=number, ring_piece=np.zeros(3, dtype=np.int64), owner=number - 1)
    mesh = mesh_of(walls)
    corners = (mesh.points == (50, 50)).all(axis=1) & np.isin(np.arange(len(mesh.points)), mesh.triangles)
    assert mesh.owner[corners].tolist() == [SHARED, SHARED]


# whole towns


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_cells_of_a_town_fill_it_and_cut_no_building(seed):
    tables = town(seed, 1500)
    houses, streets = (crs.to_metric(tables[name]).geometry.to_numpy() for name in ("buildings", "streets"))
    limit = surroundings(np.concatenate([houses, streets]))
    ground = cells(faces(streets, limit=limit), houses)
    assert whole(ground.geometry) == pytest.approx(limit.area, rel=1e-9)
    assert sorted(ground.owner[ground.owner >= 0]) == list(range(1500))
    assert shapely.covers(ground.geometry[ground.owner >= 0], houses[ground.owner[ground.owner >= 0]]).all()


def test_the_cells_of_helsinki_fill_it_and_cut_no_building_beyond_what_another_covers(shared_data):
    tables = helsinki(shared_data("helsinki_osm/Helsinki.osm.pbf"))
    houses, limit = tables["buildings"].geometry.to_numpy(), tables["within"].geometry.iloc[0]
    ground = cells(faces(tables["streets"].geometry.to_numpy(), limit=limit), houses)
    assert whole(ground.geometry) == pytest.approx(limit.area, rel=1e-9)
    own = np.flatnonzero(ground.owner >= 0)
    assert sorted(ground.owner[own]) == list(range(len(houses)))
    tree = shapely.STRtree(houses)
    for cell, owner in zip(ground.geometry[own], ground.owner[own], strict=True):
        lost = shapely.difference(houses[owner], shapely.buffer(cell, 0.001))
        others = np.setdiff1d(tree.query(houses[owner], predicate="intersects"), owner)
        assert shapely.area(lost.difference(shapely.union_all(shapely.buffer(houses[others], 0.001)))) < 1e-6


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8)), min_size=2, max_size=30, unique=True))
def test_houses_that_do_not_overlap_have_one_cell_each_however_they_touch(spots):
    ground = cells([SQUARE], [house(10 * x, 10 * y) for x, y in spots])
    assert sorted(ground.owner) == list(range(len(spots)))
    assert whole(ground.geometry) == pytest.approx(10_000, rel=1e-12)


spots = st.tuples(st.integers(-5, 95), st.integers(-5, 95), st.integers(3, 25), st.integers(3, 25), st.integers(0, 3))
ways = st.lists(st.tuples(st.integers(-5, 105), st.integers(-5, 105)), min_size=2, max_size=4, unique=True)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.lists(spots, max_size=9), st.lists(ways, max_size=5), st.booleans())
def test_any_houses_and_streets_give_whole_ground(houses, streets, turned):
    """Rectangles on whole metres overlap, touch and stand on streets; turned ones do so anywhere."""
    boxes = [shapely.box(x, y, x + wide, y + deep) for x, y, wide, deep, _ in houses]
    turns = [shapely.affinity.rotate(box, 17 * spot[4]) for box, spot in zip(boxes, houses, strict=True)]
    outlines = turns if turned else boxes
    ground = cells(faces([line(*way) for way in streets], limit=SQUARE), outlines)
    assert whole(ground.geometry) == pytest.approx(10_000, rel=1e-9)
    for k, outline in enumerate(outlines):
        rest = shapely.union_all([other for other in outlines[:k] + outlines[k + 1 :] if other.area >= outline.area])
        solid = shapely.buffer(shapely.intersection(outline, SQUARE).difference(shapely.buffer(rest, 0.002)), -0.002)
        own = shapely.union_all(ground.geometry[ground.owner == k])
        assert shapely.area(solid.difference(own)) < 1e-6


def test_outlines_that_are_given_twice_are_told_apart_after_a_change_too():
    block, house = [shapely.box(0, 0, 40, 20)], shapely.box(5, 5, 15, 15)
    twice, more = [house, house], shapely.box(25, 5, 35, 15)
    ground = shared(block, [*twice, more], before=shared(block, twice))
    anew = cells(block, [*twice, more])
    assert ground.cells.owner.tolist() == anew.owner.tolist()
    assert shapely.to_wkb(ground.cells.geometry).tolist() == shapely.to_wkb(anew.geometry).tolist()
