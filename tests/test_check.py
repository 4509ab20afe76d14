"""What keeps areas from being a partition: every rule on ground drawn by hand, in metres of EPSG:4549."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely.affinity import translate
from shapely.geometry import Polygon, box

from gridmap.errors import CrsError, InputError, TableError
from gridmap.partition import Limits, check, spellings

#: Where the scenes lie: false easting and a northing near Nantong, so that they can be taken to degrees.
EAST, NORTH = 500_000.0, 3_540_000.0
#: A territory of 200 m by 100 m in two squares.
WEST, RIGHT, WHOLE = (0, 0, 100, 100), (100, 0, 200, 100), (0, 0, 200, 100)


def ground(shape):
    """A box of four numbers, or a polygon, moved to where the scenes lie."""
    shape = box(*shape) if isinstance(shape, tuple) else shape
    return translate(shape, EAST, NORTH)


def areas(*shapes, crs=4549, codes="abcdefgh", **columns):
    return gpd.GeoDataFrame(
        {"code": list(codes[: len(shapes)]), **columns}, geometry=[ground(shape) for shape in shapes], crs=crs
    )


def buildings(*shapes, **columns):
    return areas(*shapes, **columns).rename(columns={"code": "id"})


def found(table, *given, rule=None, **options):
    """(rule, codes, measured) of the findings, or only of one rule."""
    rows = check(table, *given, **options)[["rule", "codes", "measured"]].to_numpy().tolist()
    return [(name, codes, round(measured, 3)) for name, codes, measured in rows if rule in (None, name)]


def test_two_squares_that_share_a_border_are_a_partition():
    assert found(areas(WEST, RIGHT), ground(WHOLE)) == []


@pytest.mark.parametrize("crs", [4490, 4549, 3857], ids=["degrees", "metres", "web"])
def test_a_partition_is_one_in_every_coordinate_system(crs):
    assert found(areas(WEST, RIGHT).to_crs(crs)) == []


def test_ground_that_two_areas_hold_is_an_overlap():
    assert found(areas(WEST, (90, 0, 200, 100)), rule="overlap") == [("overlap", "a;b", 1000.0)]


def test_an_overlap_lies_where_both_are():
    place = check(areas(WEST, (90, 0, 200, 100))).query("rule == 'overlap'").geometry.iloc[0]
    assert place.normalize().equals(shapely.multipolygons([ground((90, 0, 100, 100))]).normalize())


def test_ground_enclosed_by_areas_that_none_holds_is_a_gap():
    ring = Polygon([(0, 0), (100, 0), (100, 100), (0, 100)], [[(40, 40), (60, 40), (60, 60), (40, 60)]])
    assert found(areas(ring), rule="gap") == [("gap", "a", 400.0)]


def test_a_gap_at_the_rim_is_seen_where_the_territory_is_known():
    short = areas(WEST, (100, 0, 200, 90))
    assert found(short, rule="gap") == []
    assert found(short, ground(WHOLE), rule="gap") == [("gap", "a;b", 1000.0)]


def test_the_mend_of_a_gap_is_the_neighbour_with_the_longest_common_border():
    # 100 m of it lie along b, 10 m along a
    gap = check(areas(WEST, (100, 0, 200, 90)), ground(WHOLE)).query("rule == 'gap'")
    assert gap["mend"].tolist() == ["give it to b, whose border it shares longest"]


def test_ground_beyond_the_territory_is_outside():
    assert found(areas(WEST, (100, 0, 230, 100)), ground(WHOLE), rule="outside") == [("outside", "b", 3000.0)]


def test_the_territory_may_be_a_table_in_another_system():
    within = areas(WHOLE).to_crs(4490)
    assert found(areas(WEST, (100, 0, 200, 90)), within, rule="gap")[0][1] == "a;b"


@pytest.mark.parametrize(
    ("strip", "expected"),
    [
        pytest.param((100, 0, 100.2, 20), [], id="4 m2, 20 cm wide: two surveys of one border differ by as much"),
        pytest.param((100, 0, 100.2, 50), [("overlap", "a;b", 10.0)], id="10 m2, though thin"),
        pytest.param((100, 0, 102, 2), [("overlap", "a;b", 4.0)], id="4 m2, but 2 m wide"),
    ],
)
def test_rounding_is_ground_that_is_both_small_and_thin(strip, expected):
    assert found(areas(shapely.union(box(*WEST), box(*strip)), RIGHT), rule="overlap") == expected


def test_an_area_outside_its_parent_breaks_the_nesting():
    table = areas((0, 0, 100, 100), (0, 0, 60, 100), (60, 0, 110, 100), parent=[None, "a", "a"])
    assert found(table, rule="nesting") == [("nesting", "c;a", 1000.0)]


def test_parents_of_another_table_are_found_by_the_ground_they_hold():
    parents = areas(WEST, RIGHT, codes="XY")
    grids = areas((0, 0, 50, 100), (50, 0, 105, 100), (105, 0, 200, 100))
    assert found(grids, None, parents, rule="nesting") == [("nesting", "b;X", 500.0)]


def test_the_ground_of_the_parents_is_the_territory():
    assert found(areas(WEST), None, areas(WHOLE, codes="X"), rule="gap") == [("gap", "a", 10000.0)]


def test_an_area_in_two_parts_is_found_with_what_lies_apart():
    parts = shapely.union(box(*WEST), box(190, 0, 200, 10))
    row = check(areas(parts, (100, 0, 190, 100))).query("rule == 'multi_part'").iloc[0]
    assert (row.codes, row.measured) == ("a", 2)
    assert "100 m2 apart" in row.message


def test_parts_that_touch_in_a_corner_are_two():
    corner = shapely.multipolygons([box(0, 0, 50, 50), box(50, 50, 100, 100)])
    assert found(areas(corner), rule="multi_part") == [("multi_part", "a", 2.0)]


def test_an_area_that_lies_inside_another_makes_a_hole_there():
    ring = shapely.difference(box(*WEST), box(40, 40, 60, 60))
    assert found(areas(ring, (40, 40, 60, 60))) == [("hole", "a", 400.0)]


def test_a_strip_of_two_metres_is_a_sliver_whose_width_is_told():
    # 2 m by 100 m: twice 200 m2 over 204 m
    assert found(areas(WEST, (100, 0, 102, 100)), rule="sliver") == [("sliver", "b", 1.961)]


def test_a_strip_wider_than_the_limit_is_no_sliver():
    assert found(areas(WEST, (100, 0, 104, 100)), rule="sliver") == []


def test_a_narrow_area_with_one_wide_place_is_no_sliver():
    wide = shapely.union(box(100, 0, 102, 100), box(100, 0, 110, 10))
    assert found(areas(WEST, wide), rule="sliver") == []


def test_a_vertex_on_one_side_only_is_a_t_junction():
    bent = Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100, 30)])
    place = check(areas(WEST, bent))
    assert place[["rule", "codes"]].to_numpy().tolist() == [["t_junction", "a;b"]]
    assert place.geometry.iloc[0].equals(shapely.Point(EAST + 100, NORTH + 30))


def test_a_t_junction_a_tenth_of_a_millimetre_off_the_line_is_found_with_its_distance():
    bent = Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100.0001, 30)])
    assert found(areas(WEST, bent)) == [("t_junction", "a;b", 0.0)]
    assert check(areas(WEST, bent))["measured"].iloc[0] == pytest.approx(0.0001, rel=1e-4)


def test_a_hole_that_touches_its_own_area_is_no_t_junction():
    touching = Polygon([(0, 0), (100, 0), (100, 100), (0, 100)], [[(50, 0), (60, 20), (40, 20)]])
    assert found(areas(touching), rule="t_junction") == []


def test_three_areas_that_meet_on_one_line_have_a_t_junction_where_the_long_one_has_no_vertex():
    assert found(areas((0, 0, 100, 100), (100, 0, 200, 50), (100, 50, 200, 100))) == [("t_junction", "a;b", 0.0)]


def test_a_code_borne_twice_is_found_with_its_number_of_areas():
    assert found(areas(WEST, RIGHT, codes="aa"), rule="duplicate_code") == [("duplicate_code", "a", 2.0)]


def test_rings_that_cross_themselves_are_named_with_the_place():
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    row = check(areas(bow)).query("rule == 'invalid'").iloc[0]
    assert row.codes == "a"
    assert "Self-intersection" in row.message


def test_a_building_outside_every_area_is_an_orphan():
    table = buildings((10, 10, 20, 20), (300, 10, 310, 20))
    assert found(areas(WEST, RIGHT), buildings=table) == [("orphan_building", "b", 1.0)]


def test_a_building_half_outside_is_an_orphan_by_half():
    assert found(areas(WEST), buildings=buildings((95, 10, 105, 20))) == [("orphan_building", "a", 0.5)]


def test_a_building_on_a_border_is_cut_with_the_smaller_share():
    assert found(areas(WEST, RIGHT), buildings=buildings((98, 10, 108, 20), codes="h")) == [
        ("cut_building", "h;a;b", 0.2)
    ]


def test_a_building_that_touches_a_border_is_not_cut():
    assert found(areas(WEST, RIGHT), buildings=buildings((90, 10, 100, 20), (100, 30, 110, 40))) == []


@pytest.mark.parametrize(("households", "expected"), [(149, [149.0]), (150, []), (500, []), (501, [501.0]), (None, [])])
def test_households_of_a_grid_are_held_to_the_norm_at_its_very_limits(households, expected):
    table = areas(WEST, households=[households], level=["grid"])
    assert [measured for _, _, measured in found(table, rule="households")] == expected


def test_a_building_whose_middle_is_on_a_border_counts_in_one_area_only():
    house = buildings((90, 40, 110, 60), codes="h", households=200)
    assert found(areas(WEST, RIGHT), rule="households", buildings=house) == [("households", "b", 0.0)]


def test_a_building_counts_in_its_grid_and_in_the_community_above():
    table = areas(
        WEST, RIGHT, WHOLE, codes=["g", "h", "P"], parent=["P", "P", None], level=["grid", "grid", "community"]
    )
    houses = buildings((10, 40, 20, 60), (110, 40, 120, 60), codes="xy", households=[300, 300])
    limits = Limits(households=(0, 500), counted_level="community")
    assert found(table, rule="households", buildings=houses, limits=limits) == [("households", "P", 600.0)]


def test_the_norm_is_not_asked_of_communities():
    assert found(areas(WEST, households=[3000], level=["community"])) == []


@pytest.mark.parametrize(
    ("code", "expected"), [("320613001001", []), ("320613001001005", [3000.0])], ids=["community", "grid"]
)
def test_an_area_that_says_no_level_has_that_of_its_code(code, expected):
    table = areas(WEST, codes=[code], households=[3000], level=[None])
    assert [measured for _, _, measured in found(table, rule="households")] == expected


def test_where_buildings_are_given_their_households_count():
    table = areas(WEST, RIGHT, households=[300, 300], level=["grid", "grid"])
    people = buildings((10, 10, 20, 20), (110, 10, 120, 20), households=[200, 90])
    assert found(table, buildings=people) == [("households", "b", 90.0)]


def test_residents_are_asked_only_where_a_norm_is_given():
    table = areas(WEST, residents=[2000])
    assert found(table) == []
    assert found(table, limits=Limits(residents=(500, 1500))) == [("residents", "a", 2000.0)]


def streets(*lines, **columns):
    shapes = [ground(shapely.LineString(line)) for line in lines]
    return gpd.GeoDataFrame({"id": range(len(lines)), **columns}, geometry=shapes, crs=4549)


def test_a_river_through_an_area_is_found_with_the_metres_that_lie_inside_it():
    # 15 m at either end run beside the border
    river = streets([(50, -20), (50, 120)], barrier=["river"])
    assert found(areas(WEST, RIGHT), streets=river) == [("barrier", "a", 70.0)]


def test_a_main_road_along_the_border_is_where_it_should_be():
    assert found(areas(WEST, RIGHT), streets=streets([(104, 0), (104, 100)], **{"class": ["primary"]})) == []


def test_a_lane_is_no_barrier():
    assert found(areas(WEST), streets=streets([(50, 0), (50, 100)], **{"class": ["residential"]}, barrier=["no"])) == []


def test_a_long_strip_is_not_compact():
    # 4 pi 1000 / 2020 squared
    table = areas((0, 0, 1000, 10))
    assert found(table, limits=Limits(compactness=0.04)) == [("compactness", "a", 0.031)]
    assert found(table, limits=Limits(compactness=0.03)) == []
    assert found(table, limits=Limits(compactness=None)) == []


@pytest.mark.parametrize(
    ("limits", "table", "given", "rule", "usual", "then"),
    [
        # 4 m2, wider than 1 cm and nowhere wider than 28 cm
        pytest.param(Limits(ground_m2=3), areas(WEST, (99.9, 0, 200, 40)), {}, "overlap", [], [4.0], id="ground"),
        pytest.param(Limits(width_m=0.5), areas(WEST, (99.6, 0, 200, 10)), {}, "overlap", [4.0], [], id="width"),
        pytest.param(
            Limits(rounding_m=0.2), areas(WEST, (99.9, 0, 200, 100)), {}, "overlap", [10.0], [], id="rounding"
        ),
        pytest.param(
            Limits(vertex_m=0.01),
            areas(WEST, Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100.005, 50)])),
            {},
            "t_junction",
            [],
            [0.005],
            id="vertex",
        ),
        # twice 400 m2 over a perimeter of 208 m
        pytest.param(Limits(sliver_m=5), areas(WEST, (100, 0, 104, 100)), {}, "sliver", [], [3.846], id="sliver"),
        pytest.param(
            Limits(beside_m=5),
            areas(WEST),
            {"streets": streets([(90, 0), (90, 100)], barrier=["river"])},
            "barrier",
            [],
            [90.0],
            id="beside",
        ),
        pytest.param(
            Limits(main_roads=frozenset({"tertiary"})),
            areas(WEST),
            {"streets": streets([(50, 0), (50, 100)], **{"class": ["tertiary"]})},
            "barrier",
            [],
            [70.0],
            id="main roads",
        ),
        pytest.param(
            Limits(cut_share=0.06),
            areas(WEST, RIGHT),
            {"buildings": buildings((90.5, 0, 100.5, 10), codes="h")},
            "cut_building",
            [0.05],
            [],
            id="cut",
        ),
        pytest.param(
            Limits(counted_level="micro"),
            areas(WEST, level="micro", households=9),
            {},
            "households",
            [],
            [9.0],
            id="level",
        ),
    ],
)
def test_each_limit_draws_its_line_where_it_says(limits, table, given, rule, usual, then):
    assert [measured for _, _, measured in found(table, rule=rule, **given)] == usual
    assert [measured for _, _, measured in found(table, rule=rule, limits=limits, **given)] == then


def test_the_worst_place_of_a_rule_comes_first():
    table = areas(WEST, (90, 0, 200, 100), (180, 0, 300, 100))
    assert [codes for _, codes, _ in found(table, rule="overlap")] == ["b;c", "a;b"]


def test_a_clean_result_has_all_columns_and_the_system_of_the_areas():
    result = check(areas(WEST, RIGHT).to_crs(4490))
    assert list(result.columns) == ["rule", "codes", "measured", "unit", "limit", "message", "mend", "geometry"]
    assert result.crs == "EPSG:4490"
    assert result["codes"].str.split(";").tolist() == []


def test_the_areas_are_not_changed():
    table = areas(Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]), RIGHT)
    before = table.copy(deep=True)
    check(table, ground(WHOLE))
    assert table.equals(before)


@pytest.mark.parametrize(
    ("name", "of", "number"),
    [
        pytest.param("糖廍里", "万华区", 1, id="one character differs"),
        pytest.param("糖蔀里", "万华区", 0, id="the same"),
        pytest.param("糖廍村", "万华区", 0, id="two characters differ"),
        pytest.param("大糖蔀里", "万华区", 0, id="one character more"),
        pytest.param("糖廍里", "大同区", 0, id="another district"),
    ],
)
def test_a_name_that_differs_by_one_character_in_the_same_district_is_told(name, of, number):
    table = areas(WEST, name=["糖蔀里"], of=["万华区"])
    assert len(spellings(table, pd.DataFrame({"name": [name], "of": [of]}))) == number


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        pytest.param(areas(WEST).iloc[:0], TableError, "no areas", id="no areas"),
        pytest.param(areas(WEST).drop(columns="code"), TableError, "no areas with a code", id="no codes"),
        pytest.param(areas(WEST, codes=[" "]), TableError, "feature 1: no code", id="an empty code"),
        pytest.param(areas(shapely.Point(0, 0)), TableError, "expected a polygon", id="a point"),
        pytest.param(areas(WEST).set_crs(None, allow_override=True), CrsError, "state it", id="no system"),
    ],
)
def test_areas_that_cannot_be_checked_are_refused(table, error, words):
    with pytest.raises(error, match=words):
        check(table)


def test_a_territory_that_is_no_polygon_is_refused():
    with pytest.raises(InputError, match="expected a polygon"):
        check(areas(WEST), shapely.Point(0, 0))
