"""Atoms: buildings, streets and barriers as the graph that grids are drawn on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.errors import CrsError, InputError, TableError
from gridmap.partition.drawing.atoms import Atoms, atoms
from gridmap.samples import town

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
from helsinki import helsinki

CRS = 4549


def table(*shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, index=range(len(shapes)), geometry=list(shapes), crs=CRS)


def houses(*spots: tuple[float, float], households: Any = 1) -> gpd.GeoDataFrame:
    return table(*(shapely.box(x, y, x + 10, y + 10) for x, y in spots), households=households)


def street(*points: tuple[float, float]) -> Any:
    return shapely.LineString(points)


SQUARE = table(shapely.box(0, 0, 100, 100))
UPRIGHT, LEVEL = street((50, 0), (50, 100)), street((0, 50), (100, 50))


def pairs(ground: Atoms) -> dict[tuple[int, int], float]:
    graph = ground.graph
    return dict(zip(zip(graph.a.tolist(), graph.b.tolist(), strict=True), graph.length_m.tolist(), strict=True))


def whole(ground: Atoms) -> float:
    """Area of the atoms, after they were seen to be single polygons without gap or overlap."""
    shapes = ground.cells.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert {shape.geom_type for shape in shapes} == {"Polygon"}
    return float(ground.graph.area_m2.sum())


def test_four_blocks_with_a_house_each_are_four_atoms_in_a_ring():
    ground = atoms(
        houses((20, 20), (70, 20), (20, 70), (70, 70), households=[1, 2, 3, 4]), table(UPRIGHT, LEVEL), within=SQUARE
    )
    assert ground.graph.weight[ground.building_atom].tolist() == [1, 2, 3, 4]
    assert sorted(pairs(ground).values()) == [50, 50, 50, 50]
    assert ground.graph.area_m2.tolist() == [2500] * 4
    assert ground.graph.perimeter_m.tolist() == [200] * 4
    assert shapely.covers(ground.cells.geometry.to_numpy(), shapely.points(ground.graph.xy)).all()


def test_a_block_without_houses_is_an_atom_without_weight():
    ground = atoms(houses((20, 20)), table(UPRIGHT), within=SQUARE)
    assert ground.graph.weight.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("columns", "weights", "expected"),
    [
        pytest.param({"class": "primary"}, None, 80, id="a main road, by default 0.8 a metre"),
        pytest.param({"class": "residential"}, None, 0, id="a side street is none"),
        pytest.param({"barrier": "river", "class": None}, None, 100, id="a river"),
        pytest.param({"barrier": None, "class": "secondary"}, None, 60, id="an empty barrier leaves the class"),
        pytest.param({"barrier": "no", "class": "primary"}, None, 80, id="the word no leaves it too"),
        pytest.param({"class": "residential"}, {"residential": 0.25}, 25, id="weights of one's own"),
        pytest.param({"class": "primary"}, {}, 0, id="no weights at all"),
        pytest.param({}, None, 0, id="neither column"),
    ],
)
def test_metres_along_a_barrier_count_by_its_class(columns, weights, expected):
    ground = atoms(houses((20, 45), (70, 45)), table(UPRIGHT, **columns), within=SQUARE, barriers=weights)
    assert ground.graph.barrier_m.tolist() == [expected]
    assert len(set(ground.graph.superblock.tolist())) == (2 if expected else 1)


def test_superblocks_are_parted_by_barriers_and_not_by_side_streets():
    streets = table(UPRIGHT, LEVEL, **{"class": ["secondary", "residential"]})
    ground = atoms(houses((20, 20), (70, 20), (20, 70), (70, 70)), streets, within=SQUARE)
    south_west, south_east, north_west, north_east = ground.graph.superblock[ground.building_atom]
    assert south_west == north_west != south_east == north_east


@pytest.mark.parametrize("classes", [["secondary", "trunk"], ["trunk", "secondary"]], ids=" before ".join)
def test_the_heavier_of_two_barriers_on_one_line_counts(classes):
    ground = atoms(houses((20, 45), (70, 45)), table(UPRIGHT, UPRIGHT, **{"class": classes}), within=SQUARE)
    assert ground.graph.barrier_m.tolist() == [100]


def test_no_atom_reaches_across_a_parent_and_each_says_its_own():
    halves = table(shapely.box(0, 0, 50, 100), shapely.box(50, 0, 100, 100))
    ground = atoms(houses((38, 45), (52, 45)), None, parents=halves)
    assert ground.graph.parent[ground.building_atom].tolist() == [0, 1]
    assert ground.graph.area_m2.tolist() == [5000, 5000]


def test_ground_that_no_parent_holds_says_so():
    ground = atoms(houses((20, 20), (70, 20)), None, within=SQUARE, parents=table(shapely.box(0, 0, 50, 100)))
    assert ground.graph.parent[ground.building_atom].tolist() == [0, -1]


def test_a_compound_is_one_piece_whatever_stands_in_it():
    compound = table(shapely.box(10, 10, 60, 60), kind="compound")
    ground = atoms(houses((15, 15), (40, 40), (80, 80)), table(LEVEL), within=SQUARE, fixed=compound)
    assert ground.graph.piece[ground.building_atom].tolist() == [0, 0, -1]
    inside = ground.graph.area_m2[ground.graph.piece == 0].sum()
    assert inside == pytest.approx(2500)


def test_parts_of_a_building_whose_cells_touch_are_one_atom():
    double = shapely.MultiPolygon([shapely.box(10, 40, 30, 60), shapely.box(70, 40, 90, 60)])
    ground = atoms(table(double, households=[5]), None, within=SQUARE)
    assert ground.graph.weight.tolist() == [5]
    assert ground.warnings == ()


def test_parts_on_both_sides_of_a_parents_border_stay_apart():
    halves = table(shapely.box(0, 0, 50, 100), shapely.box(50, 0, 100, 100))
    double = shapely.MultiPolygon([shapely.box(10, 40, 30, 60), shapely.box(70, 40, 95, 60)])
    ground = atoms(table(double, households=[5]), None, parents=halves)
    assert ground.graph.weight.tolist() == [0, 5]


def test_parts_with_others_between_them_count_where_the_largest_stands():
    double = shapely.MultiPolygon([shapely.box(70, 40, 90, 60), shapely.box(2, 40, 10, 60)])
    wall = shapely.box(40, 0, 50, 100)
    ground = atoms(table(double, wall, households=[5, 1]), None, within=SQUARE)
    assert shapely.covers(ground.cells.geometry.iloc[ground.building_atom[0]], shapely.box(70, 40, 90, 60))
    assert [(warned.code, warned.buildings) for warned in ground.warnings] == [("apart", (0,))]


def test_what_lies_outside_or_under_another_is_said_once_for_each_kind():
    spots = houses((300, 300), (95, 50), (20, 20), (25, 25), households=[7, 1, 1, 1])
    larger = gpd.pd.concat([spots, table(shapely.box(24, 24, 44, 44), households=[2])], ignore_index=True)
    ground = atoms(larger, None, within=SQUARE)
    assert ground.building_atom[0] == -1
    assert ground.building_atom[3] == ground.building_atom[4]
    assert ground.graph.weight.sum() == 5
    assert [(warned.code, warned.buildings) for warned in ground.warnings] == [
        ("outside", (0,)),
        ("partly_outside", (1,)),
        ("overlap", (2,)),
    ]
    assert "row 1" in str(ground.warnings[0])


def test_buildings_on_a_border_between_parents_are_told_and_go_to_one_side_whole():
    halves = table(shapely.box(0, 0, 50, 100), shapely.box(50, 0, 100, 100))
    stock = houses((20, 20), (43, 50), (40, 80), (50, 10))
    ground = atoms(stock, None, within=SQUARE, parents=halves)
    assert [(warned.code, warned.buildings) for warned in ground.warnings] == [("straddling", (1,))]
    assert ground.graph.parent[ground.building_atom].tolist() == [0, 0, 0, 1]
    assert ground.cells.geometry.iloc[ground.building_atom[1]].covers(stock.geometry.iloc[1])


def test_small_neighbours_are_lumped_up_to_the_weight_allowed():
    spots = houses((2, 45), (14, 45), (76, 45), (88, 45), households=[2, 3, 2, 4])
    lumped = atoms(spots, None, within=SQUARE, lump=6)
    assert sorted(lumped.graph.weight.tolist()) == [5, 6]
    assert lumped.building_atom[0] == lumped.building_atom[1] != lumped.building_atom[2] == lumped.building_atom[3]
    assert sorted(atoms(spots, None, within=SQUARE, lump=5).graph.weight.tolist()) == [2, 4, 5]
    assert whole(lumped) == 10_000


def test_a_lump_fills_a_hectare_at_most():
    ground = atoms(houses((20, 45), (170, 45)), None, within=table(shapely.box(0, 0, 200, 100)), lump=100)
    assert ground.graph.weight.tolist() == [1, 1]


def test_lumps_stay_on_their_side_of_the_street():
    ground = atoms(houses((38, 45), (52, 45)), table(UPRIGHT), within=SQUARE, lump=100)
    assert ground.graph.weight.tolist() == [1, 1]


def test_an_island_is_kept_without_neighbours():
    islands = table(shapely.box(0, 0, 100, 100), shapely.box(200, 0, 300, 100))
    ground = atoms(houses((20, 20), (220, 20)), table(LEVEL), within=islands)
    graph = ground.graph
    links = coo_array((np.ones(len(graph.a)), (graph.a, graph.b)), shape=(len(graph),) * 2)
    assert connected_components(links, directed=False)[0] == 2
    assert whole(ground) == 20_000


def test_one_house_and_nothing_else_is_one_atom_of_the_ground_around_it():
    ground = atoms(houses((0, 0)), None)
    assert len(ground.graph) == 1
    assert ground.graph.area_m2[0] > 150**2


def test_tables_in_degrees_come_out_in_metres_and_in_one_system():
    tables = town(0, 200)
    ground = atoms(
        tables["buildings"], tables["streets"].to_crs(4326), within=tables["areas"].query("level == 'district'")
    )
    assert ground.cells.crs.to_epsg() == 4549
    assert ground.graph.weight.sum() == tables["buildings"]["households"].sum()


def test_households_that_a_building_does_not_say_are_none():
    ground = atoms(houses((20, 20), (70, 20), households=[None, 4.0]), None, within=SQUARE)
    assert ground.graph.weight[ground.building_atom].tolist() == [0, 4]


BOW_TIE = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        pytest.param({"weight": "people"}, InputError, "without a column people", id="no such weight"),
        pytest.param(
            {"buildings": houses((0, 0), households=[-1])}, InputError, "-1 of building 1", id="fewer than none"
        ),
        pytest.param({"buildings": houses((0, 0), households=["many"])}, InputError, "many of building 1", id="words"),
        pytest.param({"buildings": table(BOW_TIE, households=[1])}, TableError, "feature 1", id="a crossed outline"),
        pytest.param({"buildings": table(shapely.Point(1, 1), households=[1])}, TableError, "feature 1", id="a point"),
        pytest.param(
            {"streets": table(shapely.Point(1, 1))}, TableError, "streets: 1 fault", id="a point for a street"
        ),
        pytest.param({"streets": table(UPRIGHT).set_crs(None, allow_override=True)}, CrsError, "streets", id="no CRS"),
        pytest.param(
            {"fixed": table(*SQUARE.geometry, *SQUARE.geometry)},
            InputError,
            "fixed 0 and 1",
            id="compounds that overlap",
        ),
        pytest.param({"barriers": {"river": -1}}, InputError, "barrier river", id="a barrier that draws"),
    ],
)
def test_what_atoms_cannot_be_made_of_is_refused(change, error, words):
    asked = {"buildings": houses((20, 20)), "streets": table(UPRIGHT), "within": SQUARE, **change}
    with pytest.raises(error, match=words):
        atoms(asked.pop("buildings"), asked.pop("streets"), **asked)


def test_the_atoms_of_a_town_respect_every_border_above_them_and_hold_everybody():
    tables = town(4, 2000)
    communities = tables["areas"].query("level == 'community'").reset_index(drop=True)
    ground = atoms(tables["buildings"], tables["streets"], parents=communities)
    assert whole(ground) == pytest.approx(communities.to_crs(CRS).area.sum(), rel=1e-9)
    truth = tables["truth_buildings"].set_index("building").loc[tables["buildings"]["id"], "community"]
    assert communities["code"].to_numpy()[ground.graph.parent[ground.building_atom]].tolist() == truth.tolist()
    assert ground.graph.weight.sum() == tables["buildings"]["households"].sum()
    assert ground.warnings == ()


def test_the_river_and_main_roads_of_a_town_are_counted_to_the_metre():
    tables = town(4, 2000)
    district = tables["areas"].query("level == 'district'")
    ground = atoms(tables["buildings"], tables["streets"], within=district, barriers={"river": 1.0})
    river = tables["streets"].query("barrier == 'river'").to_crs(CRS).geometry.iloc[0]
    inside = shapely.intersection(river, shapely.buffer(district.to_crs(CRS).geometry.iloc[0], -0.01)).length
    assert ground.graph.barrier_m.sum() == pytest.approx(inside, rel=1e-4)


def test_helsinki_has_atoms_for_every_building_and_lumps_leave_its_households_alone(shared_data):
    tables = helsinki(shared_data("helsinki_osm/Helsinki.osm.pbf"))
    ground = atoms(tables["buildings"], tables["streets"], within=tables["within"], lump=9)
    assert whole(ground) == pytest.approx(tables["within"].area.sum(), rel=1e-9)
    assert (ground.building_atom >= 0).all()
    assert ground.graph.weight.sum() == tables["buildings"]["households"].sum()
    assert {warned.code for warned in ground.warnings} == {"overlap"}


def demolished(buildings, rng):
    return buildings.drop(index=rng.choice(len(buildings), 12, replace=False))


def rebuilt(buildings, rng):
    rows = rng.choice(len(buildings), 12, replace=False)
    shapes = buildings.geometry.to_numpy(copy=True)
    shapes[rows] = shapely.transform(shapes[rows], lambda points: points + rng.uniform(-4, 4, 2))
    return buildings.set_geometry(gpd.GeoSeries(shapes, index=buildings.index, crs=buildings.crs))


def shuffled(buildings, rng):
    return rebuilt(buildings, rng).sample(frac=1, random_state=0)


@pytest.fixture(scope="module")
def small_town():
    tables = {name: table.to_crs(CRS) for name, table in town(3, 600).items() if isinstance(table, gpd.GeoDataFrame)}
    return tables["buildings"], tables["streets"]


def cut_anew(before, *tables, **options):
    return atoms(*tables, before=before, **options), atoms(*tables, **options)


#: cells at least that twelve changes in forty blocks leave alone
KEPT = 100


def same(one, two):
    assert one.cells.geometry.to_wkb().tolist() == two.cells.geometry.to_wkb().tolist()
    assert one.building_atom.tolist() == two.building_atom.tolist()
    assert {name: list(map(str, values)) for name, values in vars(one.graph).items()} == {
        name: list(map(str, values)) for name, values in vars(two.graph).items()
    }


@pytest.mark.parametrize("change", [demolished, rebuilt, shuffled])
@pytest.mark.parametrize("seed", range(3))
def test_atoms_after_a_change_are_bit_by_bit_those_cut_from_nothing(small_town, change, seed):
    buildings, streets = small_town
    within = table(shapely.box(*buildings.total_bounds))
    before = atoms(buildings, streets, within=within, lump=3.0)
    again, anew = cut_anew(before, change(buildings, np.random.default_rng(seed)), streets, within=within)
    same(again, anew)
    assert len(set(map(id, before.shared.cells.geometry)) & set(map(id, again.shared.cells.geometry))) > KEPT


def test_atoms_after_a_street_is_gone_are_those_cut_from_nothing(small_town):
    buildings, streets = small_town
    before = atoms(buildings, streets)
    same(*cut_anew(before, buildings, streets.drop(index=streets.index[7])))


def test_where_only_households_change_no_ground_is_cut(small_town):
    buildings, streets = small_town
    before = atoms(buildings, streets)
    after = atoms(buildings.assign(households=1), streets, before=before)
    assert all(one is two for one, two in zip(after.shared.cells.geometry, before.shared.cells.geometry, strict=True))
    assert after.graph.weight.sum() == len(buildings)


def test_faces_far_from_a_change_are_not_cut():
    streets = table(*(street((x, 0), (x, 100)) for x in (100, 200, 300)))
    ground, eight = table(shapely.box(0, 0, 400, 100)), houses(*((x, 20) for x in range(20, 400, 50)))
    before = atoms(eight, streets, within=ground)
    after = atoms(eight.iloc[1:], streets, within=ground, before=before)
    standing = set(map(id, before.shared.cells.geometry))
    assert [id(cell) in standing for cell in after.shared.cells.geometry] == [False, False, *[True] * 5]


def test_a_house_across_a_street_stays_with_its_face_when_its_neighbour_is_gone():
    across = table(*houses((20, 20), (60, 70)).geometry, shapely.box(30, 40, 60, 50), households=1)
    before = atoms(across, table(UPRIGHT), within=SQUARE)
    same(*cut_anew(before, across.drop(index=1), table(UPRIGHT), within=SQUARE))
