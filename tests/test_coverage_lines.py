"""Parts of lines in view: exact metres, worked out by hand or by an overlay of finely drawn polygons."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap.errors import CrsError, TableError
from gridmap.visibility import clipping
from gridmap.visibility.lines import drawn, gridded, parts
from gridmap.visibility.sweep.pieces import Pieces

ZONE = 4549


def pieces(*rows):
    """Rows of view, band, inner, outer, and which edges are arcs: "", "i", "o" or "io"."""
    view, band, inner, outer, arcs = zip(*rows, strict=True)
    return Pieces(
        view=np.array(view),
        band=np.array(band),
        inner=np.array(inner, float),
        outer=np.array(outer, float),
        inner_arc=np.array(["i" in arc for arc in arcs]),
        outer_arc=np.array(["o" in arc for arc in arcs]),
        blocker=np.full(len(view), -1),
    )


def views(*places):
    return SimpleNamespace(xy=np.array(places, float), crs=ZONE)


def streets(*lines):
    return gpd.GeoSeries([shapely.LineString(line) for line in lines], crs=ZONE)


def ring(inner, outer, band=3, view=0):
    """Four quarters of a ring about the camera."""
    turned = [(1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0)]
    return [(view, band, np.multiply(inner, quarter), np.multiply(outer, quarter), "io") for quarter in turned]


#: a quarter that looks east: to the sides of the diagonals, from depth 2 to depth 10
CONE = (0, 1, (2, -2, 2, 2), (10, -10, 10, 10), "")


def away(metres, angle):
    """A place so far from the camera, in that direction."""
    return metres * np.array([np.cos(angle), np.sin(angle)])


def told(found):
    return list(zip(found.line, found.view, found.band, found.from_m, found.to_m, strict=True))


def test_a_street_through_a_viewshed_is_seen_from_its_inner_to_its_outer_edge():
    assert told(parts(pieces(CONE), views((100, 0)), streets([(90, 0), (130, 0)]))) == [(0, 0, 1, 12.0, 20.0)]


def test_a_street_across_a_viewshed_is_seen_from_ray_to_ray():
    assert told(parts(pieces(CONE), views((0, 0)), streets([(6, -20), (6, 20)]))) == [(0, 0, 1, 14.0, 26.0)]


def test_an_arc_cuts_a_street_where_pythagoras_says():
    found = parts(pieces(*ring(0, 5)), views((0, 0)), streets([(-10, 3), (10, 3)]))
    assert told(found) == [(0, 0, 3, pytest.approx(6), pytest.approx(14))]


def test_a_street_is_seen_on_both_sides_of_an_inner_arc():
    found = parts(pieces(*ring(25, 30)), views((0, 0)), streets([(-50, 24), (50, 24)]))
    assert np.column_stack([found.from_m, found.to_m]) == pytest.approx(np.array([(32, 43), (57, 68)]))


@pytest.mark.parametrize("height", [1000.0, 3_500_000.0], ids=["near the origin", "far north"])
def test_a_street_along_the_ray_between_two_pieces_is_seen_once(height):
    found = parts(pieces(*ring(0, 5)), views((500_000, height)), streets([(499_990, height), (500_010, height)]))
    assert told(found) == [(0, 0, 3, pytest.approx(5), pytest.approx(15))]


def test_a_street_along_a_ray_at_any_angle_is_not_lost_between_two_pieces():
    place, angles, none = np.array([500_000, 3_500_000]), np.linspace(0.01, 6.27, 200), np.zeros(4)
    rows = []
    for view, a in enumerate(angles):
        rows += [
            (view, 3, none, [*away(5, a - 1), *away(5, a)], "o"),
            (view, 3, none, [*away(7, a), *away(7, a + 1)], "o"),
        ]
    lines = streets(*([place, place + away(14, a)] for a in angles))
    found = parts(pieces(*rows), views(*[place] * 200), lines)
    own = found.taken(found.line == found.view)
    assert (own.to_m - own.from_m) == pytest.approx(np.full(200, 7.0))


def test_a_street_along_the_edge_between_two_bands_counts_once():
    near, far = (0, 1, (0, 0, 0, 0), (5, -5, 5, 5), ""), (0, 2, (5, -5, 5, 5), (9, -9, 9, 9), "")
    assert told(parts(pieces(far, near), views((0, 0)), streets([(5, -9), (5, 9)]))) == [(0, 0, 1, 4.0, 14.0)]


def test_bands_of_one_view_follow_one_another_without_gap():
    near, far = (0, 0, (0, 0, 0, 0), (5, -5, 5, 5), ""), (0, 2, (5, -5, 5, 5), (9, -9, 9, 9), "")
    found = parts(pieces(far, near), views((0, 0)), streets([(0, 0), (20, 0)]))
    assert told(found) == [(0, 0, 0, 0.0, 5.0), (0, 0, 2, 5.0, 9.0)]


def test_metres_go_on_round_bends_and_from_part_to_part():
    bent = shapely.MultiLineString([[(0, 50), (0, 60)], [(0, -3), (4, -3), (4, 0)]])
    found = parts(pieces(CONE), views((0, 0)), gpd.GeoSeries([bent], crs=ZONE))
    # on the first ray at (3, -3), 13 m along; in view to the end
    assert told(found) == [(0, 0, 1, 13.0, 17.0)]


def test_parts_come_by_line_view_and_metre_whatever_the_order_of_pieces():
    rows = [*ring(25, 30, view=1), *ring(0, 5, view=0)]
    lines = streets([(-50, 24), (50, 24)], [(-50, 3), (50, 3)])
    found, other = (parts(pieces(*each), views((0, 0), (0, 0)), lines) for each in (rows, rows[::-1]))
    assert told(found) == told(other)
    assert [(line, view) for line, view, *_ in told(found)] == [(0, 1), (0, 1), (1, 0), (1, 1), (1, 1)]


def test_what_cannot_be_seen_has_no_parts():
    found = parts(pieces(CONE), views((0, 0)), streets([(-9, 0), (-1, 0)], [(3, 3), (3, 3)]))
    assert (len(found), found.length_m.tolist()) == (0, [8.0, 0.0])


@pytest.mark.parametrize(
    "lines", [streets(), gpd.GeoSeries([None, shapely.LineString()], crs=ZONE)], ids=["no", "empty"]
)
def test_no_lines_have_no_parts(lines):
    assert len(parts(pieces(CONE), views((0, 0)), lines)) == 0


def test_a_viewshed_cut_by_the_shadow_of_a_low_house_is_seen_beyond_it():
    before, beyond = (0, 3, (0, 0, 0, 0), (4, -4, 4, 4), ""), (0, 3, (8, -8, 8, 8), (10, -10, 10, 10), "")
    found = parts(pieces(before, beyond), views((0, 0)), streets([(0, 1), (20, 1)]))
    assert told(found) == [(0, 0, 3, 1.0, 4.0), (0, 0, 3, 8.0, 10.0)]


def scene(seed, count=60):
    """Wedges of many cameras with straight and round edges, and short streets between them."""
    rng = np.random.default_rng(seed)
    begin, turn = rng.uniform(0, 2 * np.pi, count), rng.uniform(0.05, np.pi / 2, count)
    ends = [(np.cos(angle), np.sin(angle)) for angle in (begin, begin + turn)]
    arcs = rng.random((2, count)) < 0.5
    near = rng.uniform(5, 20, (2, count)) * (rng.random(count) < 0.7)
    far = rng.uniform(40, 60, (2, count))
    edges = [
        np.column_stack(
            [(r if k == 0 else np.where(arc, radius[0], r)) * axis for k, r in enumerate(radius) for axis in ends[k]]
        )
        for radius, arc in ((near, arcs[0]), (far, arcs[1]))
    ]
    rows = zip(range(count), [3] * count, *edges, ["i" * int(i) + "o" * int(o) for i, o in arcs.T], strict=True)
    start, way = rng.uniform(0, 300, (400, 2)), rng.normal(0, 40, (400, 2))
    lines = gpd.GeoSeries(shapely.linestrings(np.stack([start, start + way], axis=1)), crs=ZONE)
    return pieces(*rows), views(*rng.uniform(0, 300, (count, 2))), lines


def edge(ends, arc, steps=4000):
    """An edge as many points."""
    if not arc:
        return ends.reshape(2, 2)
    first, last = (np.arctan2(ends[at + 1], ends[at]) for at in (0, 2))
    angle = first + (last - first) % (2 * np.pi) * np.linspace(0, 1, steps)
    return np.hypot(*ends[:2]) * np.column_stack([np.cos(angle), np.sin(angle)])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_parts_are_as_long_as_the_overlay_of_finely_drawn_polygons_says(seed):
    some, seen_from, lines = scene(seed)
    found = parts(some, seen_from, lines)
    metres = np.zeros((len(lines), len(some)))
    np.add.at(metres, (found.line, found.view), found.to_m - found.from_m)
    for row, place in enumerate(seen_from.xy):
        outside, inside = edge(some.outer[row], some.outer_arc[row]), edge(some.inner[row], some.inner_arc[row])
        ground = shapely.make_valid(shapely.Polygon(np.vstack([outside, inside[::-1]]) + place))
        assert metres[:, row] == pytest.approx(lines.intersection(ground).length.to_numpy(), abs=2e-3)


@pytest.mark.parametrize("seed", [4, 5])
def test_arrays_and_kernel_give_the_same_bits(seed, monkeypatch):
    some, seen_from, lines = scene(seed)
    found = parts(some, seen_from, lines)
    monkeypatch.setattr(clipping, "COMPILED", False)
    monkeypatch.setattr(clipping, "BATCH", 500)
    assert told(parts(some, seen_from, lines)) == told(found)


def test_the_width_of_cells_changes_nothing(monkeypatch):
    some, seen_from, lines = scene(6)
    found = parts(some, seen_from, lines)
    monkeypatch.setattr("gridmap.visibility.lines.CELL_M", 500.0)
    assert told(parts(some, seen_from, lines)) == told(found)


def test_streets_a_thousand_kilometres_apart_fit_in_one_grid():
    far = streets([(0, 0), (20, 0)], [(1e6, 1e6), (1e6 + 20, 1e6)], [(0, 0), (1e6, 1e6)])
    found = parts(pieces(CONE), views((1e6, 1e6)), far)
    assert told(found) == [(1, 0, 1, 2.0, 10.0)]
    assert len(gridded(far, ZONE).cells) < 2_000_000


def test_stretches_are_drawn_with_their_bends():
    net = gridded(streets([(0, 0), (5, 0), (5, 5)]), ZONE)
    shapes = drawn(net, np.array([0, 0]), np.array([4.0, 0.0]), np.array([7.0, 2.0]))
    assert [shape.wkt for shape in shapes] == ["LINESTRING (4 0, 5 0, 5 2)", "LINESTRING (0 0, 2 0)"]


def test_lines_without_a_coordinate_system_are_refused():
    with pytest.raises(CrsError, match="coordinate system"):
        gridded(streets([(0, 0), (1, 1)]).set_crs(None, allow_override=True), ZONE)


def test_all_that_is_no_line_is_refused_with_its_number():
    mixed = gpd.GeoSeries(
        [shapely.LineString([(0, 0), (1, 1)]), shapely.Point(1, 1), shapely.box(0, 0, 1, 1)], crs=ZONE
    )
    with pytest.raises(TableError, match=r"feature 2: a Point(.|\n)*feature 3: a Polygon"):
        gridded(mixed, ZONE)
