"""Grids drawn over a territory: sizes, borders, what is refused, and what is explained."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap.errors import CrsError, InputError, TableError
from gridmap.partition import draw, draw_from_areas
from gridmap.partition.drawing.aims import Aims
from gridmap.samples import town


def block(rows, *, size=20, gap=20, origin=(0, 0)):
    """Houses in a block, the first row in the south; a number is a house of so many households."""
    step, (x, y) = size + gap, origin
    cells = [(i, j, n) for j, row in enumerate(rows) for i, n in enumerate(row)]
    shapes = [shapely.box(x + i * step, y + j * step, x + i * step + size, y + j * step + size) for i, j, _ in cells]
    ids = [f"{'abcdefghijklmnopqrstuvwxyz'[j]}{i}" for i, j, _ in cells]
    return gpd.GeoDataFrame({"id": ids, "households": [n for *_, n in cells]}, geometry=shapes, crs=4549)


def ground(*bounds):
    return gpd.GeoDataFrame(geometry=[shapely.box(*bounds)], crs=4549)


def parted(drawn):
    """The buildings of each grid, as sets."""
    return {frozenset(group["building"]) for _, group in drawn.assignment.groupby("grid")}


@pytest.fixture(scope="module")
def sample():
    tables = town(seed=3, buildings=600)
    areas = tables["areas"]
    return tables | {"within": areas[areas["level"] == "district"]}


@pytest.fixture(scope="module")
def drawn(sample):
    return draw(sample["buildings"], sample["streets"], sample["within"], target=300)


def test_a_row_of_four_equal_houses_becomes_two_grids_of_neighbours():
    grids, assignment = draw(block([[50, 50, 50, 50]]), None, target=100)
    assert grids["households"].tolist() == [100, 100]
    assert assignment["grid"].tolist() == ["G0001", "G0001", "G0002", "G0002"]


def test_four_houses_along_a_river_are_parted_by_it_and_not_across_it():
    river = gpd.GeoDataFrame(
        {"id": ["r"], "barrier": ["river"]}, geometry=[shapely.LineString([(30, -50), (30, 110)])], crs=4549
    )
    drawn = draw(block([[50, 50], [50, 50]]), river, ground(-10, -10, 70, 70), target=100)
    assert parted(drawn) == {frozenset({"a0", "b0"}), frozenset({"a1", "b1"})}
    assert drawn.report.barrier_m == 0
    assert drawn.report.barrier_total_m == pytest.approx(80)


def test_grids_fill_the_ground_without_gap_overlap_or_second_part(sample, drawn):
    polygons = drawn.grids.to_crs(4549).geometry.to_numpy()
    limit = sample["within"].to_crs(4549).geometry.iloc[0]
    assert shapely.coverage_is_valid(drawn.grids.geometry.to_numpy())
    assert shapely.area(polygons).sum() == pytest.approx(limit.area, abs=1)
    assert (shapely.get_num_geometries(polygons) == 1).all()
    assert drawn.grids.crs == sample["buildings"].crs


def test_no_grid_lies_inside_another(drawn):
    parts = shapely.get_parts(drawn.grids.geometry.to_numpy())
    assert (shapely.get_num_interior_rings(parts) == 0).all()


def test_no_building_is_cut_and_each_lies_in_the_grid_it_is_said_to_be_in(sample, drawn):
    grids = drawn.grids.to_crs(4549).set_index("code").geometry
    houses = sample["buildings"].to_crs(4549).geometry
    own = grids.loc[drawn.assignment["grid"]].to_numpy()
    assert shapely.area(shapely.difference(houses.to_numpy(), own)).max() < 0.1


def test_figures_of_grids_are_those_of_their_buildings_and_polygons(sample, drawn):
    table = sample["buildings"].merge(drawn.assignment, left_on="id", right_on="building")
    sums = table.groupby("grid")[["households", "residents"]].sum()
    grids = drawn.grids.set_index("code")
    assert (grids[["households", "residents"]].astype(int) == sums.astype(int).loc[grids.index]).all(axis=None)
    metric = drawn.grids.to_crs(4549)
    assert np.allclose(metric.area, grids["area_m2"])
    assert np.allclose(4 * np.pi * metric.area / metric.length**2, grids["compactness"])


def test_the_number_of_grids_is_that_of_the_people_and_most_are_of_the_size_asked_for(sample, drawn):
    assert len(drawn.grids) == round(sample["buildings"]["households"].sum() / 300)
    assert drawn.report.within == pytest.approx(drawn.grids["deviation"].abs().le(0.1 + 1e-9).mean())
    assert drawn.report.within >= 0.9


def test_every_grid_out_of_size_is_named_in_the_report_with_a_reason(drawn):
    out = set(drawn.grids.loc[drawn.grids["deviation"].abs() > 0.1 + 1e-9, "code"])
    named = {exception.grid for exception in drawn.report.exceptions if exception.reason not in {"island", "enclosed"}}
    assert named == out


def test_codes_count_from_west_to_east(drawn):
    middle = drawn.grids.to_crs(4549).centroid.x
    assert middle.is_monotonic_increasing
    assert drawn.grids["code"].tolist() == [f"G{number:04d}" for number in range(1, len(drawn.grids) + 1)]


def test_equal_seeds_draw_equal_grids_in_whatever_order_the_buildings_come(sample, drawn):
    shuffled = sample["buildings"].sample(frac=1, random_state=5)
    again = draw(shuffled, sample["streets"], sample["within"], target=300)
    assert again.grids.geometry.to_wkb().tolist() == drawn.grids.geometry.to_wkb().tolist()
    before = drawn.assignment.set_index("building")["grid"]
    assert (again.assignment.set_index("building")["grid"] == before.loc[shuffled["id"]]).all()


def test_a_tower_that_no_grid_can_hold_stands_alone_and_is_named():
    drawn = draw(block([[100, 100, 100, 400]]), None, target=300)
    assert parted(drawn) == {frozenset({"a3"}), frozenset({"a0", "a1", "a2"})}
    (exception,) = drawn.report.exceptions
    assert (exception.reason, exception.forced_by, exception.weight) == ("atom", ("a3",), 400)
    assert drawn.report.reachable == (270, 400)


def test_two_towers_that_no_plan_can_part_better_are_named_as_too_coarse():
    drawn = draw(block([[200, 200, 200, 200, 200]]), None, target=500)
    assert sorted(drawn.grids["households"]) == [400, 600]
    assert {exception.reason for exception in drawn.report.exceptions} == {"coarse"}


def test_within_a_band_any_size_is_as_good_as_the_middle():
    # 5 houses of 100 with a river after the second: 200 and 300 lie in the band, and the river is kept to
    river = gpd.GeoDataFrame(
        {"id": ["r"], "barrier": ["river"]}, geometry=[shapely.LineString([(70, -50), (70, 70)])], crs=4549
    )
    drawn = draw(block([[100] * 5]), river, ground(-10, -10, 190, 30), band=(200, 300))
    assert drawn.grids["households"].tolist() == [200, 300]
    assert drawn.report.within == 1


def test_grids_never_cross_a_parent_and_carry_its_code():
    parents = gpd.GeoDataFrame(
        {"code": ["west", "east"]}, geometry=[shapely.box(-10, -10, 30, 70), shapely.box(30, -10, 150, 70)], crs=4549
    )
    drawn = draw(block([[50, 50, 50, 50], [50, 50, 50, 50]]), None, target=100, parents=parents)
    assert drawn.grids["parent"].tolist() == ["west", "east", "east", "east"]
    assert frozenset({"a0", "b0"}) in parted(drawn)


def test_a_parent_with_too_few_people_is_named_as_what_forces_its_grid():
    parents = gpd.GeoDataFrame(
        {"code": ["west", "east"]}, geometry=[shapely.box(-10, -10, 30, 30), shapely.box(30, -10, 110, 30)], crs=4549
    )
    drawn = draw(block([[20, 100, 100]]), None, target=100, parents=parents)
    (exception,) = drawn.report.exceptions
    assert (exception.reason, exception.forced_by, exception.weight) == ("region", ("west",), 20)


def test_a_compound_stays_whole_though_two_halves_would_be_better():
    compound = gpd.GeoDataFrame({"kind": ["compound"]}, geometry=[shapely.box(30, -10, 110, 30)], crs=4549)
    houses = block([[100, 60, 60, 100]])
    assert parted(draw(houses, None, ground(-10, -10, 150, 30), target=160)) == {
        frozenset({"a0", "a1"}),
        frozenset({"a2", "a3"}),
    }
    whole = draw(houses, None, ground(-10, -10, 150, 30), target=160, fixed=compound)
    assert any({"a1", "a2"} <= group for group in parted(whole))


def test_a_school_becomes_a_special_grid_of_its_own_when_asked():
    school = gpd.GeoDataFrame({"kind": ["school"]}, geometry=[shapely.box(110, -10, 150, 30)], crs=4549)
    drawn = draw(
        block([[50, 50, 100, 5]]), None, ground(-10, -10, 150, 30), target=100, fixed=school, special=["school"]
    )
    assert drawn.grids["kind"].tolist() == ["basic", "basic", "special"]
    assert drawn.grids["households"].tolist() == [100, 100, 5]
    assert drawn.report.exceptions == ()


def test_an_island_with_people_is_a_grid_of_its_own_and_one_without_goes_to_the_nearest():
    land = [shapely.box(-10, -10, 150, 30), shapely.box(-10, 100, 30, 140), shapely.box(100, 100, 140, 140)]
    houses = gpd.pd.concat([block([[50, 50, 50, 50]]), block([[7]], origin=(0, 110)).assign(id="island")])
    drawn = draw(houses, None, gpd.GeoDataFrame(geometry=land, crs=4549), target=100)
    assert sorted(drawn.grids["households"]) == [7, 100, 100]
    assert frozenset({"island"}) in parted(drawn)
    assert {e.reason for e in drawn.report.exceptions} == {"region", "island"}
    assert drawn.grids["area_m2"].sum() == pytest.approx(160 * 40 + 2 * 40 * 40)


def test_a_building_outside_the_ground_has_no_grid_and_is_warned_of():
    drawn = draw(block([[50, 50, 50]]), None, ground(-10, -10, 70, 30), target=100)
    assert drawn.assignment["grid"].isna().tolist() == [False, False, True]
    assert any("outside" in warning for warning in drawn.report.warnings)


def test_residents_can_be_balanced_instead_of_households():
    houses = block([[1, 1, 1, 1]]).assign(residents=[300, 100, 100, 100])
    drawn = draw(houses, None, target=300, weight="residents")
    assert parted(drawn) == {frozenset({"a0"}), frozenset({"a1", "a2", "a3"})}


def test_progress_is_told_and_a_stopped_run_still_gives_whole_grids(sample):
    told = []
    stopped = draw(
        sample["buildings"], sample["streets"], sample["within"], target=300,
        progress=lambda done, total: told.append((done, total)), stop=lambda: True,
    )  # fmt: skip
    assert stopped.report.stopped
    assert len(told) == 1
    assert 0 < told[0][0] <= told[0][1]
    assert (stopped.grids["parts"] == 1).all()
    assert stopped.assignment["grid"].notna().all()


def test_missing_counts_are_taken_as_none_and_said():
    houses = block([[50, 50]]).assign(households=gpd.pd.array([50, None], dtype="Int64"))
    drawn = draw(houses, None, target=50)
    assert drawn.grids["households"].sum() == 50
    assert "1 buildings do not say their households: taken as 0" in drawn.report.warnings


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        pytest.param({"target": 0}, InputError, "target 0", id="target none"),
        pytest.param({"target": float("nan")}, InputError, "target nan", id="target not a number"),
        pytest.param({"target": "300"}, InputError, "target '300'", id="target a text"),
        pytest.param({"tolerance": 0}, InputError, "tolerance 0", id="no tolerance"),
        pytest.param({"tolerance": 7}, InputError, "tolerance 7", id="any size would do"),
        pytest.param({"band": (500, 300)}, InputError, "band", id="falling band"),
        pytest.param({"band": 300}, InputError, "band", id="band of one number"),
        pytest.param({"weight": "cats"}, InputError, "cats", id="unknown weight"),
        pytest.param({"special": ["zoo"]}, InputError, "zoo", id="special kind that no piece has"),
    ],
)
def test_sizes_that_no_grid_can_have_are_refused(change, kind, said):
    with pytest.raises(kind, match=said):
        draw(block([[50, 50]]), None, **change)


@pytest.mark.parametrize(
    ("houses", "said"),
    [
        pytest.param(block([[0, 0]]), "all buildings have 0 households", id="nobody"),
        pytest.param(block([[5, -3]]), "-3", id="negative"),
        pytest.param(block([[5, 3]]).drop(columns="households"), "no building says", id="no counts"),
        pytest.param(block([[5, 3]]).drop(columns="id"), "id", id="no ids"),
        pytest.param(block([[5, 3]]).iloc[:0], "at least one", id="no buildings"),
    ],
)
def test_buildings_that_nothing_can_be_drawn_from_are_refused_with_every_fault(houses, said):
    with pytest.raises(TableError, match=said):
        draw(houses, None)


def test_buildings_without_a_coordinate_system_are_refused():
    with pytest.raises((CrsError, TableError), match=r"coordinate system|CRS"):
        draw(block([[5, 3]]).set_crs(None, allow_override=True), None)


def test_larger_areas_are_made_of_whole_given_ones():
    squares = [shapely.box(x, y, x + 10, y + 10) for y in (0, 10) for x in (0, 10, 20, 30)]
    areas = gpd.GeoDataFrame({"code": list("abcdefgh"), "households": 10}, geometry=squares, crs=4549)
    drawn = draw_from_areas(areas, target=40, level="precinct")
    assert drawn.grids["households"].tolist() == [40, 40]
    assert drawn.grids["level"].tolist() == ["precinct"] * 2
    # two squares of 2 by 2 are rounder than two rows of 4
    assert drawn.grids["compactness"].tolist() == pytest.approx([np.pi / 4] * 2)
    assert list(drawn.assignment.columns) == ["area", "grid"]


def test_larger_areas_stay_inside_their_parents_when_asked():
    squares = [shapely.box(x, 0, x + 10, 10) for x in (0, 10, 20, 30)]
    table = {"code": list("abcd"), "parent": ["p", "q", "q", "q"], "households": 10}
    areas = gpd.GeoDataFrame(table, geometry=squares, crs=4549)
    free, nested = (draw_from_areas(areas, target=20, nested=nested) for nested in (False, True))
    assert free.assignment["grid"].tolist() == ["G0001", "G0001", "G0002", "G0002"]
    assert nested.grids["parent"].tolist()[0] == "p"
    assert nested.assignment["grid"].nunique() == 3


@pytest.mark.parametrize(
    ("column", "said"),
    [
        pytest.param({"households": [1, -1]}, "-1", id="negative"),
        pytest.param({"households": [0, 0]}, "at least one above 0", id="nobody"),
        pytest.param({"households": [3, 4], "code": ["a", "a"]}, "'a'", id="one code twice"),
    ],
)
def test_areas_that_nothing_can_be_made_of_are_refused(column, said):
    squares = [shapely.box(0, 0, 9, 9), shapely.box(9, 0, 18, 9)]
    table = {"code": ["a", "b"], **column}
    with pytest.raises(InputError, match=said):
        draw_from_areas(gpd.GeoDataFrame(table, geometry=squares, crs=4549), target=3)


def test_hand_drawn_areas_whose_borders_differ_by_a_hair_are_neighbours_all_the_same():
    shapes = [shapely.box(0, 0, 10, 10), shapely.box(10.00001, 0, 20, 5), shapely.box(10.00001, 5, 20, 10)]
    areas = gpd.GeoDataFrame({"code": list("abc"), "households": [50, 30, 20]}, geometry=shapes, crs=4549)
    drawn = draw_from_areas(areas, target=100)
    assert (len(drawn.grids), drawn.grids["parts"].item()) == (1, 1)
    assert "did not agree" in drawn.report.warnings[0]


def test_the_villages_of_taipei_make_ninety_precincts_of_about_equal_size(shared_data):
    villages = gpd.read_file(shared_data("taipei/taipei_village.geojson"))
    key = gpd.pd.read_csv(shared_data("taipei/districts.csv"), dtype=str)
    counts = key[key["county"] == "臺北市"].merge(gpd.pd.read_csv(shared_data("taipei/census2013-03.csv")), on="ivid")
    table = villages.merge(counts, left_on=["TNAME", "VNAME"], right_on=["town", "name"], how="left")
    # one village whose name has a rare character is not found
    assert table["household"].isna().sum() == 1
    areas = gpd.GeoDataFrame(
        {"code": table["TVNAME"], "households": table["household"].fillna(0)}, geometry=table.geometry, crs=4326
    )
    drawn = draw_from_areas(areas, target=areas["households"].sum() / 90)
    assert len(drawn.grids) == 90
    assert (drawn.grids["parts"] == 1).all()
    assert drawn.report.within >= 0.97
    assert (drawn.grids["deviation"].abs() <= 0.15).all()


def test_a_compound_on_a_border_between_parents_is_a_piece_on_either_side():
    halves = [shapely.box(-10, -10, 70, 30), shapely.box(70, -10, 150, 30)]
    parents = gpd.GeoDataFrame({"code": ["w", "e"]}, geometry=halves, crs=4549)
    across = gpd.GeoDataFrame({"kind": ["compound"]}, geometry=[shapely.box(30, -10, 110, 30)], crs=4549)
    drawn = draw(block([[50, 50, 50, 50]]), None, target=100, parents=parents, fixed=across)
    assert parted(drawn) == {frozenset({"a0", "a1"}), frozenset({"a2", "a3"})}
    assert drawn.grids[["parent", "area_m2"]].to_numpy().tolist() == [["w", 3200], ["e", 3200]]


def test_grids_are_square_and_cross_the_road_where_barriers_count_nothing():
    # four houses around a crossing; halves along the road are 50 m by 200 m, halves across it squares
    homes = [shapely.box(x, y, x + 10, y + 10) for x in (20, 70) for y in (45, 145)]
    stock = gpd.GeoDataFrame({"id": list("abcd"), "households": 100}, geometry=homes, crs=4549)
    lines = [shapely.LineString([(50, 0), (50, 200)]), shapely.LineString([(0, 100), (100, 100)])]
    roads = gpd.GeoDataFrame({"id": ["r", "l"], "class": ["primary", "residential"]}, geometry=lines, crs=4549)
    ground = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 100, 200)], crs=4549)
    kept = draw(stock, roads, ground, target=200)
    crossed = draw(stock, roads, ground, target=200, aims=Aims(barrier=0.0, spread=0.0))
    assert [round(drawn.grids["barrier_m"].sum()) for drawn in (kept, crossed)] == [0, 160]
