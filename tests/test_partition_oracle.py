"""The index against the tie rule written out in rational numbers, and against shapely, on random areas."""

from __future__ import annotations

from contextlib import nullcontext
from fractions import Fraction
from itertools import pairwise
from unittest.mock import patch

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gridmap.partition import AreaIndex
from gridmap.partition.lattice import lay_unevenly

KERNELS = pytest.mark.parametrize("compiled", [False, True], ids=["numpy", "numba"])
PLENTY = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def edges_of(polygon):
    for part in shapely.get_parts(polygon):
        for ring in shapely.get_rings(part):
            points = [(Fraction(x), Fraction(y)) for x, y in shapely.get_coordinates(ring).tolist()]
            yield from (
                (min(a, b, key=lambda p: (p[1], p[0])), max(a, b, key=lambda p: (p[1], p[0])))
                for a, b in pairwise(points)
            )


def turn(edge, x, y):
    (x1, y1), (x2, y2) = edge
    return (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)


def holds(edges, x, y):
    """An eastward ray from the point, nudged, crosses the rings an odd number of times."""
    return sum((e[0][1] <= y) != (e[1][1] <= y) and turn(e, x, y) > 0 for e in edges) % 2 == 1


def touches(edges, x, y):
    """The point lies on a ring."""
    return any(
        turn(e, x, y) == 0 and e[0][1] <= y <= e[1][1] and min(e[0][0], e[1][0]) <= x <= max(e[0][0], e[1][0])
        for e in edges
    )


def rule(areas, points):
    """Rows by the tie rule: who holds the nudged point, else who touches it; the deepest, then the least code."""
    parent = dict(zip(areas["code"], areas["parent"], strict=True))
    depth = [len(list(ancestors(code, parent))) for code in areas["code"]]
    order = sorted(range(len(areas)), key=lambda row: (-depth[row], areas["code"][row]))
    edges = [list(edges_of(shape)) for shape in areas.geometry]
    answers = []
    for px, py in points:
        x, y = Fraction(px), Fraction(py)
        found = [row for row in order if holds(edges[row], x, y)] or [row for row in order if touches(edges[row], x, y)]
        answers.append(found[0] if found else -1)
    return answers


def ancestors(code, parent):
    while isinstance(code := parent[code], str):
        yield code


def table(shapes, parents=None):
    """Areas whose codes run against their rows, so that the order of codes is not that of rows."""
    codes = [f"{len(shapes) - row:02d}" for row in range(len(shapes))]
    above = [None if up is None else codes[up] for up in parents or [None] * len(shapes)]
    return gpd.GeoDataFrame({"code": codes, "parent": above}, geometry=list(shapes), crs=4549)


def hard_points(shapes, seed):
    """All vertices and midpoints of edges, each with neighbours one rounding away, and a few anywhere."""
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(shapely.get_parts(np.array(shapes)))]
    on = np.unique(np.vstack([*rings, *[(ring[1:] + ring[:-1]) / 2 for ring in rings]]), axis=0)
    rng = np.random.default_rng(seed)
    near = np.nextafter(on, on + rng.choice([-1.0, 0.0, 1.0], on.shape))
    low, high = on.min(axis=0), on.max(axis=0)
    mixed = np.column_stack([rng.choice(on[:, 0], 40), rng.choice(on[:, 1], 40)])
    points = np.vstack([on, near, mixed, rng.uniform(low - 0.1, high + 0.1, (40, 2))])
    return points[rng.permutation(len(points))[:120]]


PLACES = st.sampled_from([(0.0, 1.0), (500_000.1, 0.1), (120.7, 1e-5), (-3.0, 1.0), (1e7, 1e-8)])
CELLS = st.sampled_from([None, 0.05, 0.3, 1.0, "uneven"])


@st.composite
def mosaics(draw):
    """Areas put together from quadrilaterals of a jittered net: holes, enclaves, several parts, gaps; some shifted."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    side, offset_scale = draw(st.integers(2, 6)), draw(PLACES)
    jitter = draw(st.sampled_from([0.0, 0.3])) * rng.uniform(-1, 1, (side + 1, side + 1, 2))
    net = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0)), axis=-1) + jitter
    net = offset_scale[0] + offset_scale[1] * net
    owner = rng.integers(-1 if draw(st.booleans()) else 0, draw(st.integers(1, 6)), (side, side))
    quads = {
        (i, j): shapely.Polygon([net[i, j], net[i, j + 1], net[i + 1, j + 1], net[i + 1, j]])
        for i in range(side)
        for j in range(side)
    }
    shapes = [
        shapely.union_all([quad for key, quad in quads.items() if owner[key] == o]) for o in range(owner.max() + 1)
    ]
    shapes = [shape for shape in shapes if not shape.is_empty] or [quads[0, 0]]
    if draw(st.booleans()):  # vertices on one side of a border only
        shapes[0] = shapely.simplify(shapes[0], 0)
    if draw(st.booleans()):  # an overlap
        step = offset_scale[1] / 4
        shapes[-1] = shapely.transform(shapes[-1], lambda p: p + step)
    return shapes


@st.composite
def scrawls(draw):
    """Areas of any rings whatever: crossing themselves and each other, doubled edges, spikes, holes outside."""
    number = st.integers(0, 5)
    offset, scale = draw(PLACES)
    ring = st.lists(st.tuples(number, number), min_size=3, max_size=7).filter(lambda points: len(set(points)) > 1)
    rings = draw(st.lists(st.lists(ring, min_size=1, max_size=2), min_size=1, max_size=5))
    placed = [[[(offset + scale * x, offset + scale * y) for x, y in r] for r in area] for area in rings]
    return [shapely.Polygon(area[0], area[1:]) for area in placed]


def check(areas, points, compiled, cell):
    uneven = patch("gridmap.partition.cells.lay", lambda ends, cell: lay_unevenly(ends))  # noqa: ARG005 - as `lay`
    with uneven if cell == "uneven" else nullcontext():
        index = AreaIndex(areas, compiled=compiled, cell=None if cell == "uneven" else cell)
    expected = rule(areas, points)
    assert index.locate(*points.T).tolist() == expected
    assert [index.locate_one(*point) for point in points.tolist()] == expected


def stated(cell, shapes):
    """A cell in units of the areas' width, so that it is neither too small nor too large."""
    low, high = np.split(shapely.total_bounds(np.array(shapes)), 2)
    return cell * float((high - low).max()) if isinstance(cell, float) else cell


@KERNELS
@PLENTY
@given(shapes=mosaics(), seed=st.integers(0, 99), cell=CELLS)
def test_partitions_with_holes_enclaves_and_several_parts_follow_the_tie_rule(compiled, shapes, seed, cell):
    check(table(shapes), hard_points(shapes, seed), compiled, stated(cell, shapes))


@KERNELS
@PLENTY
@given(shapes=scrawls(), seed=st.integers(0, 99), cell=CELLS)
@example(shapes=[shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1, 1)], seed=0, cell=None)
def test_any_rings_whatever_follow_the_tie_rule(compiled, shapes, seed, cell):
    check(table(shapes), hard_points(shapes, seed), compiled, stated(cell, shapes))


@KERNELS
@PLENTY
@given(shapes=st.one_of(mosaics(), scrawls()), data=st.data(), seed=st.integers(0, 99))
def test_nested_areas_follow_the_tie_rule(compiled, shapes, data, seed):
    parents = [data.draw(st.none() | st.integers(0, row - 1)) if row else None for row in range(len(shapes))]
    check(table(shapes, parents), hard_points(shapes, seed), compiled, None)


@PLENTY
@given(shapes=mosaics(), seed=st.integers(0, 99))
def test_the_index_agrees_with_shapely_wherever_exactly_one_area_is_possible(shapes, seed):
    areas, points = table(shapes), hard_points(shapes, seed)
    one, area = shapely.STRtree(shapes).query(shapely.points(points), predicate="intersects")
    alone = np.flatnonzero(np.bincount(one, minlength=len(points)) == 1)
    expected = area[np.searchsorted(one, alone)]
    assert (AreaIndex(areas).locate(*points[alone].T) == expected).all()
