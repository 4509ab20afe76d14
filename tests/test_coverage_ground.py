"""Shares of ground that cameras see in areas, worked out by hand on squares."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import coverage
from gridmap.coverage import Counting
from gridmap.coverage.overlaying import shared, united, without
from gridmap.errors import CrsError, TableError
from gridmap.visibility.sweep.pieces import Pieces

ZONE = 4549
BANDS = ["recognise", "find", "detect", "seen"]
EAST, NORTH = 500_000.0, 3_500_000.0


def seen(*cones, certainty=None):
    """Ground to the east of each camera between the diagonals: (x, y, band, near, far); it holds far^2 - near^2."""
    count = len(cones)
    x, y, band, near, far = (np.array(column) for column in zip(*cones, strict=True))
    near, far = near.astype(float), far.astype(float)
    straight = np.zeros(count, bool)
    ground = Pieces(
        view=np.arange(count),
        band=np.array([BANDS.index(each) for each in band]),
        inner=np.column_stack([near, -near, near, near]),
        outer=np.column_stack([far, -far, far, far]),
        inner_arc=straight,
        outer_arc=straight,
        blocker=np.full(count, -1),
    )
    views = SimpleNamespace(
        crs=ZONE,
        ids=np.array([f"C{at}" for at in range(count)], object),
        camera=np.arange(count),
        certainty=np.array([1 if certainty is None else certainty] * count, np.int8),
        xy=np.column_stack([EAST + x, NORTH + y]).astype(float),
        range_m=far * 1.5,
    )
    return ground, views, pd.DataFrame({"id": views.ids})


def areas(**boxes):
    """Squares by code: west, south, east, north and the parent."""
    shapes = [shapely.box(EAST + w, NORTH + s, EAST + e, NORTH + n) for w, s, e, n, _ in boxes.values()]
    parents = [box[4] for box in boxes.values()]
    return gpd.GeoDataFrame({"code": list(boxes), "parent": parents}, geometry=shapes, crs=ZONE)


def houses(*boxes):
    shapes = [shapely.box(EAST + w, NORTH + s, EAST + e, NORTH + n) for w, s, e, n in boxes]
    return gpd.GeoDataFrame(geometry=shapes, crs=ZONE)


def told(scene, table, column="seen_m2", buildings=None, **asked):
    pieces, views, cameras = scene
    found = coverage.areas(pieces, views, table, cameras, buildings=buildings, counting=Counting(**asked))
    return {code: rows.set_index("band")[column].to_dict() for code, rows in found.groupby("code")}


def bands(**m2):
    return {band: pytest.approx(m2.get(band, 0.0)) for band in BANDS}


WHOLE = areas(a=(-200, -200, 200, 200, None))


def test_ground_that_two_cameras_see_counts_once():
    # cones of 40 m from (0, 0) and (20, 0): the second holds the first beyond 20 m but for two triangles
    first, second = shapely.Polygon([(0, 0), (40, -40), (40, 40)]), shapely.Polygon([(20, 0), (60, -40), (60, 40)])
    both = 1600 + 1600 - 20 * 20
    assert first.union(second).area == both
    assert told(seen((0, 0, "seen", 0, 40), (20, 0, "seen", 0, 40)), WHOLE)["a"] == bands(seen=both)


def test_ground_counts_for_its_best_band_and_bands_add_up():
    scene = seen((0, 0, "recognise", 0, 10), (0, 0, "find", 0, 30), (0, 0, "seen", 0, 40))
    assert told(scene, WHOLE)["a"] == bands(recognise=100, find=800, seen=700)
    assert told(scene, WHOLE, at_least=True)["a"] == bands(recognise=100, find=900, detect=900, seen=1600)


def test_shares_are_of_all_ground_of_the_area():
    assert told(seen((0, 0, "seen", 0, 40)), WHOLE, "share")["a"] == bands(seen=0.01)


def test_ground_is_cut_at_the_border_of_the_area():
    scene = seen((-10, 0, "seen", 0, 40))
    assert told(scene, areas(e=(0, -200, 200, 200, None)))["e"] == bands(seen=1600 - 100)


def test_a_parent_has_what_its_children_have_and_what_lies_in_none_of_them():
    nested = areas(p=(-100, -100, 100, 100, None), west=(-100, -100, 20, 100, "p"), east=(20, -100, 30, 100, "p"))
    found = told(seen((0, 0, "seen", 0, 40)), nested)
    assert (found["west"], found["east"], found["p"]) == (bands(seen=400), bands(seen=500), bands(seen=1600))


def test_what_a_grid_has_reaches_the_district_above_its_community():
    three = areas(d=(0, -20, 40, 20, None), c=(0, -20, 30, 20, "d"), g=(0, -20, 20, 20, "c"))
    found = told(seen((0, 0, "seen", 0, 20)), three)
    assert (found["g"], found["c"], found["d"]) == (bands(seen=400), bands(seen=400), bands(seen=400))


def test_open_ground_is_that_on_which_no_building_stands():
    hall = houses((10, -5, 20, 5), (15, -5, 25, 5), (500, 0, 600, 5))
    found = told(seen((0, 0, "seen", 0, 40)), WHOLE, "open_m2", hall)["a"]
    assert found == bands(seen=1600 - 150)
    assert told(seen((0, 0, "seen", 0, 40)), WHOLE, "share_open", hall)["a"]["seen"] == pytest.approx(1450 / 159_850)


def test_without_buildings_open_ground_is_not_known():
    assert np.isnan(told(seen((0, 0, "seen", 0, 40)), WHOLE, "open_m2")["a"]["seen"])


def test_possible_ground_is_no_share():
    scene = seen((0, 0, "seen", 0, 40), certainty=2)
    shares = [told(scene, WHOLE, name)["a"]["seen"] for name in ("share_guaranteed", "share", "share_possible")]
    assert shares == [0, 0, pytest.approx(0.01)]


@pytest.mark.parametrize("plot_m", [7.0, 40.0, 1000.0])
def test_the_width_of_plots_changes_no_figure(plot_m):
    pieces, views, cameras = seen((0, 0, "find", 0, 40), (20, 3, "seen", 0, 40), (-11, 0, "detect", 5, 20))
    plots = coverage.ground(WHOLE, ZONE, buildings=houses((10, -5, 20, 5)), plot_m=plot_m)
    found = coverage.areas(pieces, views, plots, cameras)
    whole = coverage.areas(pieces, views, WHOLE, cameras, buildings=houses((10, -5, 20, 5)))
    pd.testing.assert_frame_equal(found, whole, rtol=1e-9)


def test_an_arc_holds_the_ground_of_the_true_one():
    pieces, views, cameras = seen((0, 0, "seen", 0, 40))
    quarter = Pieces(**{**vars(pieces), "outer_arc": np.array([True])})
    assert told((quarter, views, cameras), WHOLE)["a"]["seen"] == pytest.approx(np.pi / 4 * 2 * 40**2, rel=1e-9)


def test_areas_that_no_viewshed_reaches_have_none_seen():
    assert told(seen((0, 0, "seen", 0, 40)), areas(far=(900, 900, 950, 950, None)))["far"] == bands()


def test_a_city_of_random_cones_is_seen_as_its_union_says():
    rng = np.random.default_rng(7)
    x, y = rng.uniform(-150, 150, (2, 40))
    scene = seen(*((*at, "seen", 0, 30) for at in zip(x, y, strict=True)))
    cones = [shapely.Polygon([(a, b), (a + 30, b - 30), (a + 30, b + 30)]) for a, b in zip(x, y, strict=True)]
    whole = shapely.union_all(cones).intersection(shapely.box(-200, -200, 200, 200)).area
    quarters = areas(p=(-200, -200, 200, 200, None), w=(-200, -200, 0, 200, "p"), e=(0, -200, 200, 200, "p"))
    assert told(scene, quarters)["p"]["seen"] == pytest.approx(whole, rel=1e-9)


def test_ground_whose_union_rounding_breaks_is_united_on_a_fine_lattice(monkeypatch):
    def breaks(shapes, grid_size=None, whole=shapely.union_all):
        if grid_size is None or grid_size < 1e-5:
            raise shapely.errors.GEOSException("TopologyException")
        return whole(shapes, grid_size=grid_size)

    monkeypatch.setattr(shapely, "union_all", breaks)
    found = united([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)])
    assert (found.area, shapely.get_precision(found)) == (pytest.approx(3), 0)


@pytest.mark.parametrize(
    ("name", "overlay", "m2"),
    [("intersection", shared, [4, 2]), ("difference", without, [12, 2])],
    ids=["shared", "without"],
)
def test_a_pair_that_rounding_breaks_is_overlaid_alone_on_a_fine_lattice(name, overlay, m2, monkeypatch):
    square, broken, quarter = shapely.box(0, 0, 4, 4), shapely.box(1, 0, 3, 2), shapely.box(0, 0, 2, 2)
    steps, whole = [], getattr(shapely, name)

    def breaks(one, other, grid_size=None):
        if grid_size is None and (isinstance(one, np.ndarray) or one.equals(broken)):
            raise shapely.errors.GEOSException("TopologyException")
        steps.append(grid_size)
        return whole(one, other, grid_size=grid_size)

    monkeypatch.setattr(shapely, name, breaks)
    assert shapely.area(overlay(np.array([square, broken], dtype=object), quarter)).tolist() == m2
    assert steps == [None, 1e-6]


def test_areas_without_a_coordinate_system_are_refused():
    with pytest.raises(CrsError, match="areas that do not say"):
        told(seen((0, 0, "seen", 0, 40)), WHOLE.set_crs(None, allow_override=True))


def test_areas_on_another_datum_are_refused_instead_of_being_taken_as_they_lie():
    on_xian = areas(a=(0, 0, 100, 100, None)).set_crs(2385, allow_override=True)
    pieces, views, cameras = seen((0, 50, "find", 0, 10))
    with pytest.raises(CrsError, match="Xian 1980"):
        coverage.areas(pieces, views, on_xian, cameras)


def test_an_area_that_is_no_polygon_is_refused_with_its_number():
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    broken = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[shapely.box(0, 0, 1, 1), bow], crs=ZONE)
    with pytest.raises(TableError, match="feature 2: no valid polygon"):
        told(seen((0, 0, "seen", 0, 40)), broken)
