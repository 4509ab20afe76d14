"""Street blocks: streets drawn by hand in metres of EPSG:4549, the sample town, and the centre of Helsinki."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, box

from gridmap import crs
from gridmap.blocks import street_blocks, street_faces, street_sides
from gridmap.blocks.cutting import cut
from gridmap.errors import CrsError, InputError, TableError
from gridmap.samples import town
from tests.benchmarks.helsinki import helsinki

EAST, NORTH = 500_000.0, 3_540_000.0


def streets(*rows):
    """Streets of (id, name, points) or (id, name, points, barrier)."""
    shapes = [LineString([(EAST + x, NORTH + y) for x, y in row[2]]) for row in rows]
    table = {"id": [row[0] for row in rows], "name": [row[1] for row in rows]}
    kinds = {
        "class": [None if row[3:] else "residential" for row in rows],
        "barrier": [(*row, None)[3] for row in rows],
    }
    return gpd.GeoDataFrame({**table, **kinds}, geometry=shapes, crs=4549)


def ground(west, south, east, north):
    return box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def told(blocks, *columns):
    return blocks[list(columns)].round(2).to_numpy().tolist()


def differs(one, other):
    """Ground that only one of two shapes holds, as a share of the second."""
    return one.symmetric_difference(other).area / other.area


MAIN = ("main", "人民路", [(0, 0), (900, 0)])
AROUND = ground(0, -100, 900, 100)


def test_a_street_is_cut_into_equal_stretches_with_their_chainage():
    blocks = street_blocks(streets(MAIN), AROUND)
    assert told(blocks, "id", "name", "from_m", "to_m") == [
        ["main-001", "人民路 1", 0, 300],
        ["main-002", "人民路 2", 300, 600],
        ["main-003", "人民路 3", 600, 900],
    ]


def test_a_block_lies_on_both_sides_of_its_street_up_to_the_rim():
    blocks = street_blocks(streets(MAIN), AROUND)
    assert told(blocks, "length_m", "area_m2") == [[300, 60_000]] * 3
    # the border to the next one starts at the cut and is square to the street but for the step of the triangulation
    assert differs(blocks.geometry.iloc[0], ground(0, -100, 300, 100)) < 0.02


def test_chainage_begins_in_the_west_whichever_way_the_line_was_drawn():
    back = ("main", "人民路", MAIN[2][::-1])
    assert told(street_blocks(streets(back), AROUND), "from_m") == [[0], [300], [600]]
    assert differs(street_blocks(streets(back), AROUND).geometry.iloc[0], ground(0, -100, 300, 100)) < 0.02


def test_stretches_meet_at_a_crossing_where_that_is_near():
    lane = ("lane", None, [(340, 0), (340, 300)])
    blocks = street_blocks(streets(MAIN, lane), ground(0, -100, 900, 300))
    assert told(blocks[blocks["street"] == "main"], "from_m", "to_m")[0] == [0, 340]


def test_ground_between_two_streets_is_shared_out_half_and_half():
    north = ("north", "北路", [(0, 80), (300, 80)])
    blocks = street_blocks(streets(("south", "南路", [(0, 0), (300, 0)]), north), ground(0, 0, 300, 80))
    assert told(blocks, "area_m2") == [[12_000], [12_000]]


def test_a_lane_belongs_to_the_street_that_it_is_entered_from():
    lane = ("lane", None, [(450, 0), (450, 90)])
    blocks = street_blocks(streets(MAIN, lane), AROUND)
    assert told(blocks, "street", "branches_m") == [["main", 0], ["main", 90], ["main", 0]]


def test_a_lane_goes_to_the_street_of_its_own_name_first():
    named = ("b", "人民路", [(450, 0), (450, 90)])
    other = ("long", "长路", [(0, 90), (1200, 90)])
    blocks = street_blocks(streets(MAIN, other, named), ground(0, -100, 1200, 200))
    assert blocks[blocks["branches_m"] > 0]["name"].str.startswith("人民路").all()


def test_two_short_streets_in_one_line_are_one_course():
    one, other = ("a", "甲路", [(0, 0), (150, 0)]), ("b", "乙路", [(150, 0), (300, 0)])
    blocks = street_blocks(streets(one, other), ground(0, -50, 300, 50))
    assert told(blocks, "from_m", "to_m") == [[0, 300]]


def test_two_short_streets_in_one_line_over_a_crossing_are_one_course():
    north, south = ("n", None, [(300, 0), (300, 150)]), ("s", None, [(300, 0), (300, -150)])
    blocks = street_blocks(streets(("main", "人民路", [(0, 0), (600, 0)]), north, south), ground(0, -150, 600, 150))
    assert sorted(blocks["length_m"].round()) == [292, 292, 300]


def test_two_short_streets_at_a_right_angle_are_branches():
    corner = [("n", None, [(300, 0), (300, 150)]), ("e", None, [(300, 0), (450, -120)])]
    blocks = street_blocks(streets(("main", "人民路", [(0, 0), (600, 0)]), *corner), ground(0, -150, 600, 150))
    assert set(blocks["street"]) == {"main"}


def test_a_street_goes_on_round_a_bend_by_its_name():
    bent = ("bent", "弯路", [(0, 0), (150, 0), (150, 150)])
    cross = ("cross", "横路", [(150, 0), (600, 0)])
    blocks = street_blocks(streets(bent, cross), ground(0, -50, 600, 200))
    assert told(blocks[blocks["street"] == "bent"], "from_m", "to_m") == [[0, 300]]


def test_the_second_carriageway_belongs_to_the_first():
    two = [("a", "大道", [(0, 0), (600, 0)]), ("b", "大道", [(0, 20), (590, 20)])]
    blocks = street_blocks(streets(*two), ground(0, -100, 600, 120))
    assert told(blocks, "street", "from_m", "to_m") == [["a", 0, 300], ["a", 300, 600]]
    assert blocks["branches_m"].sum() == pytest.approx(590)


def test_a_roundabout_belongs_to_a_street_that_enters_it():
    turn = np.linspace(0, 2 * np.pi, 13)
    ring = ("ring", None, list(zip(300 + 20 * np.cos(turn), 20 * np.sin(turn), strict=True)))
    west, right = ("w", "西路", [(0, 0), (280, 0)]), ("e", "东路", [(320, 0), (600, 0)])
    blocks = street_blocks(streets(west, right, ring), ground(0, -100, 600, 100))
    assert sorted(blocks["street"]) == ["e", "w"]
    assert blocks["branches_m"].sum() == pytest.approx(24 * 20 * np.sin(np.pi / 12), abs=0.01)


def test_where_two_streets_cross_the_ground_of_one_goes_on_and_holds_the_corner():
    across = ("across", "横路", [(150, -150), (150, 150)])
    along = ("along", "纵路", [(0, 0), (350, 0)])
    blocks = street_blocks(streets(along, across), ground(0, -150, 350, 150))
    # 2 x 142 m of the shorter one are too short for blocks of their own
    assert told(blocks, "street", "branches_m") == [["along", 300]]


def test_a_crossing_of_two_long_streets_is_in_one_block():
    blocks = street_blocks(
        streets(("along", "纵路", [(0, 0), (400, 0)]), ("across", "横路", [(150, -150), (150, 350)])),
        ground(0, -150, 400, 350),
    )
    corner = shapely.Point(EAST + 150, NORTH + 1)
    assert blocks[blocks.contains(corner)]["street"].tolist() == ["across"]
    assert (blocks.geom_type == "Polygon").all()


def test_a_river_is_no_street():
    river = ("river", "河", [(0, 50), (900, 50)], "river")
    assert len(street_blocks(streets(MAIN, river), AROUND)) == 3


def test_classes_that_are_passed_over_bound_no_blocks():
    table = streets(MAIN, ("path", None, [(0, 50), (900, 50)]))
    table.loc[1, "class"] = "footway"
    assert set(street_blocks(table, AROUND, passed_over=("footway",))["street"]) == {"main"}


def test_streets_that_lie_on_one_another_count_once():
    blocks = street_blocks(streets(MAIN, ("copy", "又名路", MAIN[2])), AROUND)
    assert told(blocks, "street", "length_m") == [["main", 300]] * 3


def test_blocks_of_another_length_can_be_asked_for():
    assert told(street_blocks(streets(MAIN), AROUND, 450), "from_m", "to_m") == [[0, 450], [450, 900]]


def test_degrees_are_cut_as_metres_are():
    blocks = street_blocks(streets(MAIN).to_crs(4490), gpd.GeoSeries([AROUND], crs=4549))
    assert blocks.crs == "EPSG:4490"
    assert told(blocks, "length_m", "id")[0] == [pytest.approx(300, abs=0.1), "main-001"]


def test_the_left_side_of_a_street_from_west_to_east_is_the_north():
    sides = street_sides(streets(MAIN), ground(0, -50, 900, 100))
    assert told(sides, "id", "block", "side")[:2] == [
        ["main-001-L", "main-001", "left"],
        ["main-001-R", "main-001", "right"],
    ]
    assert sides.area.tolist() == pytest.approx([30_000, 15_000] * 3, rel=0.02)


def test_a_street_along_the_rim_has_one_side():
    assert told(street_sides(streets(MAIN), ground(0, 0, 900, 100)), "side") == [["left"]] * 3


def test_faces_are_the_ground_between_streets():
    cross = ("cross", "横路", [(450, -100), (450, 100)])
    assert told(street_faces(streets(MAIN, cross), AROUND), "id", "area_m2") == [
        [f"F0000{number}", 45_000] for number in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize(
    ("table", "options", "error", "words"),
    [
        pytest.param(streets(("r", "河", [(0, 0), (1, 1)], "river")), {}, TableError, "no street", id="only a river"),
        pytest.param(streets(MAIN), {"within": ground(0, 500, 9, 509)}, TableError, "no street", id="elsewhere"),
        pytest.param(streets(MAIN, MAIN), {}, TableError, "no id for each street, all different", id="an id twice"),
        pytest.param(streets(MAIN).drop(columns="id"), {}, TableError, "no id", id="no ids"),
        pytest.param(streets(MAIN).set_crs(None, allow_override=True), {}, CrsError, "state it", id="no system"),
        pytest.param(streets(MAIN), {"length_m": 0}, InputError, "30 to 3000 m", id="no length"),
        pytest.param(streets(MAIN), {"length_m": float("nan")}, InputError, "30 to 3000 m", id="not a number"),
    ],
)
def test_what_cannot_be_cut_is_refused(table, options, error, words):
    with pytest.raises(error, match=words):
        street_blocks(table, **options)


@given(st.floats(200, 5000), st.lists(st.floats(0, 1), max_size=40))
def test_every_stretch_is_between_two_and_four_thirds_of_the_wanted_length(length, shares):
    stretches = np.diff(cut(length, sorted(share * length for share in shares), wanted_m=300))
    assert stretches.sum() == pytest.approx(length)
    assert stretches.min() >= 199.99
    assert stretches.max() <= 400.01


def test_cuts_lie_at_crossings_where_that_costs_little():
    assert cut(900, [100, 310, 450, 620]) == (0, 310, 620, 900)


def _laid(table, within):
    """Blocks, all lines that are no barriers, the territory, and the streets."""
    blocks = street_blocks(table, within)
    limit = within.geometry.iloc[0]
    lines = table[table["barrier"].isna()].geometry.to_numpy()
    drawn = shapely.union_all(shapely.intersection(lines, limit))
    return blocks, drawn, limit, table


@pytest.fixture(scope="module", params=["sample town", "Helsinki"])
def laid(request):
    if request.param == "Helsinki":
        tables = helsinki(request.getfixturevalue("shared_data")("helsinki_osm/Helsinki.osm.pbf"))
        return _laid(tables["streets"], tables["within"])
    tables = {name: crs.to_metric(table) for name, table in town(seed=5, buildings=10_000).items() if name in NEEDED}
    return _laid(tables["streets"], tables["areas"][tables["areas"]["level"] == "district"].reset_index(drop=True))


NEEDED = ("streets", "areas")


def test_95_percent_of_the_blocks_are_between_200_and_400_m_long(laid):
    blocks, *_ = laid
    assert blocks["length_m"].between(199.99, 400.01).mean() >= 0.95
    assert np.allclose(blocks["length_m"], blocks["to_m"] - blocks["from_m"])


def test_no_block_is_in_several_parts(laid):
    blocks, *_ = laid
    assert set(blocks.geom_type) == {"Polygon"}
    assert blocks["id"].is_unique


def test_blocks_fill_the_territory_without_gap_or_overlap(laid):
    blocks, _, limit, _ = laid
    assert shapely.coverage_is_valid(blocks.geometry.to_numpy())
    assert blocks.area.sum() == pytest.approx(limit.area, rel=1e-9)


def test_every_metre_of_street_is_in_exactly_one_block(laid):
    blocks, drawn, *_ = laid
    shapes = blocks.geometry.to_numpy()
    inside = shapely.length(shapely.intersection(shapes, drawn)).sum()
    along_a_border = shapely.length(shapely.intersection(shapely.union_all(shapely.boundary(shapes)), drawn))
    assert inside - along_a_border == pytest.approx(drawn.length, rel=1e-6)
    assert along_a_border <= 1e-4 * drawn.length
    assert (blocks["length_m"] + blocks["branches_m"]).sum() == pytest.approx(drawn.length, rel=1e-6)


def test_the_two_sides_of_a_block_are_its_ground(laid):
    blocks, _, limit, table = laid
    sides = street_sides(table, limit)
    whole = sides.groupby("block")["area_m2"].sum()
    assert np.allclose(whole.reindex(blocks["id"]), blocks["area_m2"])


def test_a_lonely_street_in_wide_country_has_the_whole_of_it():
    blocks = street_blocks(streets(("a", None, [(0, 0), (20, 20)])), ground(-4000, -3000, 5000, 6000))
    assert blocks["area_m2"].tolist() == pytest.approx([81_000_000])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 40)] * 4).filter(lambda p: p[:2] != p[2:]), min_size=1, max_size=9))
@example([(7, 10, 10, 0), (10, 0, 5, 17)])
@example([(0, 0, 1, 1)])
def test_whatever_streets_there_are_blocks_fill_the_ground_in_one_piece_each(ends):
    rows = [(str(at), None, [(20 * a, 20 * b), (20 * c, 20 * d)]) for at, (a, b, c, d) in enumerate(ends)]
    blocks = street_blocks(streets(*rows), ground(-50, -50, 850, 850))
    assert set(blocks.geom_type) == {"Polygon"}
    assert shapely.coverage_is_valid(blocks.geometry.to_numpy())
    assert blocks.area.sum() == pytest.approx(810_000)
