"""Viewsheds against independent oracles: overlay of shadow polygons, and single sight lines in degenerate scenes.

GRIDMAP_SCENES=5000 draws that many scenes instead of a few.
"""

from __future__ import annotations

import math
import os

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS
from shapely import affinity

from gridmap.visibility import areas, polygons, scene, seen, visible
from gridmap.visibility.cameras.views import Views
from gridmap.visibility.sweep.pieces import taken

SYSTEM = CRS(4528)
SCENES = int(os.environ.get("GRIDMAP_SCENES", "150"))
#: sight lines that are looked along in each view
POINTS = 60


def looking(  # noqa: PLR0913 - all that these views differ in
    places, *, heading, half_angle, reach, height, target=0.0, near=0.0, far=None, side=(0.0, math.inf)
):
    """Views from places, all alike."""
    n = len(places)
    return Views(
        crs=SYSTEM,
        ids=np.arange(n).astype(object),
        camera=np.arange(n),
        certainty=np.ones(n, np.int8),
        xy=np.array(places, float),
        height_m=np.full(n, height),
        target_m=np.full(n, target),
        heading=np.full(n, heading),
        half_angle=np.full(n, half_angle),
        near_m=np.full(n, near),
        far_m=np.full(n, far or reach),
        range_m=np.full(n, reach),
        side=np.tile(side, (n, 1)).astype(float),
        edges=np.tile([reach * share for share in (0.1, 0.2, 0.4)], (n, 1)),
        by_depth=np.full(n, half_angle <= math.pi / 2),
        assumed=pd.DataFrame(),
        refused=pd.DataFrame(),
    )


def scene_of(shapes, heights):
    return scene(gpd.GeoDataFrame({"height_m": heights}, geometry=list(shapes), crs=SYSTEM), crs=SYSTEM)


# -- shadows by overlay -----------------------------------------------------------------------------------------------


def front_walls(shape):
    """Walls that face the origin, which lies outside the shape, with the ground of the shape on their left."""
    ends = np.stack([np.array(shape.exterior.coords)[:-1], np.array(shape.exterior.coords)[1:]], axis=1)
    turn = ends[:, 0, 0] * ends[:, 1, 1] - ends[:, 0, 1] * ends[:, 1, 0]
    return ends[turn < 0]


def shadow(shape, factor, reach):
    """Ground hidden from the origin: each front wall swept outwards, and the shape itself, enlarged where it ends."""
    shape = shapely.orient_polygons(shape)
    parts = [shape if math.isinf(factor) else affinity.scale(shape, factor, factor, origin=(0, 0))]
    for wall in front_walls(shape):
        distance = shapely.LineString(wall).distance(shapely.Point(0, 0))
        far = 1 + 4 * reach / distance if math.isinf(factor) else factor
        parts.append(shapely.Polygon([*wall, *(wall[::-1] * far)]))
    return shapely.union_all([shape, *parts])


def random_scene(rng):
    """Some rotated boxes of random heights; none within 5 cm of the camera at the origin."""
    boxes = []
    for _ in range(rng.integers(1, 25)):
        (x, y), (w, h) = rng.uniform(-80, 80, 2), rng.uniform(3, 25, 2)
        box = affinity.rotate(shapely.box(x, y, x + w, y + h), rng.uniform(0, 90))
        if box.distance(shapely.Point(0, 0)) > 0.05:
            boxes.append(box)
    return boxes, rng.choice([1.0, 3.0, 4.0, 9.0, 12.0], len(boxes))


def relative_error(rng):
    """How far the visible area of one random scene is from that left by overlaid shadows."""
    boxes, heights = random_scene(rng)
    height, target = rng.choice([6.0, 15.0]), rng.choice([0.0, 1.7])
    heading, far, near = rng.uniform(0, 2 * math.pi), rng.uniform(20, 80), rng.choice([0.0, 3.0])
    offset, slope = rng.choice([0.0, 2.0]), rng.uniform(0.2, 0.95)
    looked = looking(
        [(0, 0)], heading=heading, half_angle=math.atan(slope), reach=2 * far, height=height, target=target,
        near=near, far=far, side=(offset, slope),
    )  # fmt: skip
    found = areas(seen(scene_of(boxes, heights), looked)).sum()
    corners = [(x, hand * (offset + slope * x)) for x, hand in ((near, -1), (far, -1), (far, 1), (near, 1))]
    ground = affinity.rotate(shapely.Polygon(corners), heading, origin=(0, 0), use_radians=True)
    for box, top in zip(boxes, heights, strict=True):
        if top > target:
            factor = math.inf if top >= height else (height - target) / (height - top)
            ground = ground.difference(shadow(box, factor, 2 * far))
    # a viewshed that is nearly all hidden is compared with the smallest that is worth a camera
    return abs(found - ground.area) / max(ground.area, far * far / 1000)


def test_areas_are_those_left_by_overlaid_shadows():
    rng = np.random.default_rng(5)
    assert max(relative_error(rng) for _ in range(SCENES)) < 1e-9


# -- sight lines in degenerate scenes ---------------------------------------------------------------------------------


def integer_scene(rng):
    """Boxes and triangles with corners on a small integer grid: they touch, overlap and lie in line."""
    shapes = []
    for _ in range(rng.integers(1, 14)):
        (x, y), (w, h) = rng.integers(0, 20, 2), rng.integers(1, 6, 2)
        box, half = shapely.box(x, y, x + w, y + h), shapely.Polygon([(x, y), (x + w, y), (x, y + h)])
        shapes.append(box if rng.random() < 0.8 else half)
    low = rng.random() < 0.6
    return shapes, rng.choice([2.0, 3.0, 4.5, 9.0], len(shapes)) if low else np.full(len(shapes), 9.0)


def turn(a, b):
    return a[0] * b[..., 1] - a[1] * b[..., 0]


def beyond(ends, arc, places):
    """Whether places lie beyond an edge, seen from the camera."""
    if arc:
        return np.hypot(*places.T) > np.hypot(*ends[:2])
    return turn(ends[2:] - ends[:2], places - ends[:2]) < 0


def holders(pieces, places):
    """How many pieces hold each place, by their own definition."""
    count = np.zeros(len(places), int)
    for inner, outer, inner_arc, outer_arc in zip(
        pieces.inner, pieces.outer, pieces.inner_arc, pieces.outer_arc, strict=True
    ):
        inside = (turn(outer[:2], places) >= 0) & (turn(outer[2:], places) <= 0)
        inside &= places @ (outer[:2] / np.hypot(*outer[:2]) + outer[2:] / np.hypot(*outer[2:])) > 0
        inside &= ~beyond(outer, outer_arc, places)
        count += inside & beyond(inner, inner_arc, places) if inner.any() else inside
    return count


def hidden(shapes, heights, height, sight):
    """Whether a building stands in the part of the sight line in which it would hide its end."""
    camera, places = sight
    found = np.zeros(len(places), bool)
    for shape, top in zip(shapes, heights, strict=True):
        # at the share s of the way the line is s of the camera's height below it: under the roof from (H - b) / H on
        share = max(0.0, (height - top) / height)
        line = shapely.linestrings(np.stack([places * share + camera, places + camera], axis=1))
        found |= shapely.length(shapely.intersection(line, shape)) > 1e-9
    return found


def faults(rng):
    """Places of one degenerate scene at which a sight line and the pieces disagree, and views that were compared."""
    shapes, heights = integer_scene(rng)
    half_angle = rng.choice([math.pi / 6, math.pi / 4, math.pi / 2, math.pi, 0.95])
    heading, reach = rng.choice([0, math.pi / 4, math.pi / 2, 1.1, math.pi]), rng.choice([5, 7.3, 10, 30])
    places = rng.integers(-1, 25, (6, 2)) + rng.choice([0, 0.5])
    looked = looking(places, heading=heading, half_angle=half_angle, reach=reach, height=6.0)
    sight = visible(scene_of(shapes, heights), looked)
    wrong = 0
    for row, camera in enumerate(sight.views.xy):
        radius, angle = reach * np.sqrt(rng.random(POINTS)), heading + half_angle * rng.uniform(-1, 1, POINTS)
        aims = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        count = holders(taken(sight.pieces, sight.pieces.view == row), aims)
        wrong += (count != ~hidden(shapes, heights, 6.0, (camera, aims))).sum()
    view, _, outline = polygons(sight.pieces, sight.views, ("view",), tolerance_m=0.01)
    exact = np.bincount(sight.pieces.view, areas(sight.pieces), minlength=len(sight.views))[view]
    wrong += (~shapely.is_valid(outline)).sum() + (abs(shapely.area(outline) - exact) > 2e-3 * (1 + exact)).sum()
    return wrong, len(sight.views)


def test_no_place_of_a_degenerate_scene_is_judged_otherwise_than_by_its_sight_line():
    rng = np.random.default_rng(8)
    found = np.array([faults(rng) for _ in range(SCENES // 3)])
    assert found[:, 1].sum() > SCENES
    assert found[:, 0].sum() == 0


def test_sight_along_a_wall_goes_on_past_its_corner():
    # a wall that only touches the sight line hides what is on its own side alone
    looked = looking([(0, 0)], heading=0.0, half_angle=math.pi / 4, reach=20, height=6.0)
    one_side = areas(seen(scene_of([shapely.box(5, 0, 9, 4)], [9.0]), looked)).sum()
    # hidden: from x = 5 to the arc, between the heading and the corner at (5, 4)
    expected = 100 * math.pi - (200 * math.atan(4 / 5) - 10)
    assert one_side == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("gap", [0.0, 1e-9, 4e-4], ids=["touching", "rounding", "drawing"])
def test_nothing_is_seen_between_houses_that_touch(gap):
    pair = [shapely.box(5, -9, 6, 0), shapely.box(5, gap, 6, 9)]
    looked = looking([(0, 0.3)], heading=0.0, half_angle=math.pi / 4, reach=20, height=6.0)
    assert areas(seen(scene_of(pair, [9.0, 12.0]), looked)).sum() == pytest.approx(25, abs=1e-6)
