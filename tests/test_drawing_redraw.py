"""Grids in force mended after a change: few people move, and each who does is listed with the reason."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.errors import InputError
from gridmap.partition import draw, redraw
from gridmap.partition.drawing.aims import Size
from gridmap.partition.drawing.areas import graph_of
from gridmap.partition.drawing.returning import returned
from gridmap.partition.drawing.tabling import Stock
from gridmap.partition.drawing.transferring import transfers_of
from gridmap.samples import town


def row(*households):
    shapes = [shapely.box(40 * k, 0, 40 * k + 20, 20) for k in range(len(households))]
    table = {"id": [f"h{k}" for k in range(len(households))], "households": list(households)}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4549)


def in_force(*ends):
    """Grids of a row of houses, from west to east: how many houses each ends after."""
    starts = (0, *ends[:-1])
    shapes = [shapely.box(40 * a - 10, -10, 40 * b - 10, 30) for a, b in zip(starts, ends, strict=True)]
    codes = [f"old{k}" for k in range(len(ends))]
    return gpd.GeoDataFrame({"code": codes, "level": "grid"}, geometry=shapes, crs=4549)


def ground(count):
    return gpd.GeoDataFrame(geometry=[shapely.box(-10, -10, 40 * count - 10, 30)], crs=4549)


def mended(houses, standing, **options):
    return redraw(houses, None, standing, within=ground(len(houses)), **options)


def test_who_moves_to_a_grid_that_is_too_small_is_told_so():
    drawn = mended(row(50, 30, 30, 25, 25), in_force(3, 5), target=90, tolerance=0.25)
    moved = drawn.transfers[["building", "from", "to", "reason"]].to_numpy().tolist()
    assert moved == [["h2", "old0", "old1", "the other grid is too small"]]


@pytest.mark.parametrize(
    ("old", "new", "there", "before", "atom", "reason"),
    [
        ("a", "c", False, False, 2, "its grid is dissolved"),
        ("a", "c", True, False, 2, "its grid is split"),
        ("a", "c", True, True, 2, "it is cut off from its grid"),
        ("a", "c", True, True, 0, "its grid is too large"),
        ("b", "c", True, True, 0, "the other grid is too small"),
        ("b", "d", True, True, 0, "it makes room between two others"),
    ],
)
def test_of_several_reasons_for_a_move_the_gravest_is_told(old, new, there, before, atom, reason):
    # four atoms of two grids in turn: the third is the lesser part of its grid
    squares = np.array([shapely.box(k, 0, k + 1, 1) for k in range(4)])
    rows = [("h", old, new, 0), ("1", "a", "a", 120), ("2", "b", "b", 100), ("3", "c", "c", 30), ("4", "d", "d", 90)]
    houses = pd.DataFrame(rows, columns=["building", "from", "to", "weight"])
    houses = houses.assign(households=1, there=there, old=before)
    none = np.zeros(5, int)
    stock = Stock(
        cells=squares, ids=none, atom=np.array([atom, 0, 0, 0, 0]), households=none, residents=none, parents=None
    )
    graph = graph_of(squares, np.array([60.0, 60.0, 10.0, 60.0]))
    told = transfers_of(graph, stock, np.array([0, 1, 0, 1]), houses, Size(target=90, low=70, high=110))
    assert told[["building", "reason"]].to_numpy().tolist() == [["h", reason]]


def test_of_areas_in_force_the_grids_are_mended_whatever_is_above_and_below_them():
    grids = in_force(2, 4).assign(parent="c")
    micro = in_force(1, 2, 3, 4).assign(
        level="micro", code=["m0", "m1", "m2", "m3"], parent=["old0", "old0", "old1", "old1"]
    )
    above = in_force(4).assign(level="community", code="c")
    drawn = mended(row(55, 50, 45, 50), pd.concat([above, micro, grids]), target=100)
    assert drawn.grids["code"].tolist() == ["old0", "old1"]


def test_where_nothing_is_out_of_size_nobody_moves_and_codes_stay():
    drawn = mended(row(55, 50, 45, 50), in_force(2, 4), target=100)
    assert drawn.grids["code"].tolist() == ["old0", "old1"]
    assert drawn.assignment["grid"].tolist() == ["old0", "old0", "old1", "old1"]
    assert len(drawn.transfers) == 0
    assert drawn.report.moved == 0


def test_a_grid_at_the_rim_of_what_is_allowed_is_left_alone():
    drawn = mended(row(30, 60, 30, 30, 30, 30), in_force(3, 6), target=100, tolerance=0.2)
    assert drawn.grids["households"].tolist() == [120, 90]


def test_beside_a_grid_out_of_size_those_inside_a_wide_band_are_left_as_they_are():
    drawn = mended(row(76, 76, 30, 30, 30, 55, 20, 15, 70, 70), in_force(2, 8, 10), band=(150, 500))
    assert drawn.transfers["building"].tolist() == ["h7"]


def test_no_more_houses_move_than_it_takes():
    drawn = mended(row(60, 30, 20, 22, 30, 30, 30), in_force(4, 7), target=100, tolerance=0.25)
    assert drawn.transfers["building"].tolist() == ["h3"]


SIZE = Size(target=8, low=5, high=12)
FOUR = [shapely.box(k, 0, k + 1, 1) for k in range(4)]


def back(shapes, weights, label, home):
    return returned(
        graph_of(np.array(shapes), np.array(weights, float)), np.array(label), np.array(home), SIZE
    ).tolist()


def test_a_house_whose_way_home_leads_over_another_goes_back_after_it():
    assert back(FOUR, [5, 1, 3, 5], [0, 1, 1, 1], [0, 0, 0, 1]) == [0, 0, 0, 1]


def test_of_two_that_could_go_back_one_stays_where_the_other_leaves_too_few_people():
    assert back(FOUR, [2, 3, 3, 4], [0, 1, 1, 1], [0, 0, 0, 1]) == [0, 0, 1, 1]


def test_nobody_goes_back_whose_leaving_would_cut_a_grid_in_two():
    north = shapely.box(1, 1, 2, 2)
    assert back([*FOUR[:3], north], [3, 1, 3, 5], [1, 1, 1, 0], [1, 0, 1, 0]) == [1, 1, 1, 0]


#: the border between two grids, drawn by hand two metres from the second house, with a corner in the open
HAND = shapely.LineString([(62, -10), (62, 5), (68, 12), (68, 30)])


def cut_by_hand(line):
    shapes = sorted(shapely.get_parts(shapely.ops.split(ground(4).geometry[0], line)), key=lambda shape: shape.bounds)
    return gpd.GeoDataFrame({"code": ["old0", "old1"], "level": "grid"}, geometry=shapes, crs=4549)


def test_a_border_drawn_by_hand_stays_where_it_is():
    standing = cut_by_hand(HAND)
    drawn = mended(row(50, 50, 50, 50), standing, target=100)
    assert shapely.equals(drawn.grids.geometry.to_numpy(), standing.geometry.to_numpy()).all()


def test_a_border_drawn_by_hand_stays_beside_a_house_that_is_gone_and_one_that_is_new():
    standing, houses = cut_by_hand(HAND), row(50, 50, 50, 50)
    houses.geometry = [*houses.geometry[:1], shapely.box(30, 0, 35, 5), *houses.geometry[2:]]
    drawn = mended(houses, standing, target=100)
    assert shapely.equals(drawn.grids.geometry.to_numpy(), standing.geometry.to_numpy()).all()


def test_an_island_where_nobody_lives_stays_with_the_grid_that_holds_it():
    shapes = [*in_force(2, 4).geometry, shapely.box(0, 40, 20, 60)]
    standing = gpd.GeoDataFrame({"code": ["old0", "old1", "old1"], "level": "grid"}, geometry=shapes, crs=4549)
    standing = standing.dissolve("code", as_index=False)
    within = gpd.GeoDataFrame(geometry=[standing.union_all()], crs=4549)
    drawn = redraw(row(50, 50, 50, 50), None, standing, within=within, target=100)
    assert shapely.equals(drawn.grids.geometry.to_numpy(), standing.geometry.to_numpy()).all()


def test_a_border_through_a_house_goes_round_it_and_stays_elsewhere():
    standing = cut_by_hand(shapely.LineString([(55, -10), (55, 30)]))
    houses = row(50, 50, 50, 50)
    drawn = mended(houses, standing, target=100)
    wanted = standing.geometry[0].union(houses.geometry[1])
    assert drawn.grids.geometry[0].symmetric_difference(wanted).area < 0.01


def test_too_many_people_in_one_grid_pass_a_house_on():
    drawn = mended(row(50, 50, 50, 50, 10, 40), in_force(4, 6), target=125, tolerance=0.2)
    assert drawn.grids["households"].tolist() == [150, 100]
    assert drawn.transfers["building"].tolist() == ["h3"]
    assert drawn.transfers[["from", "to", "reason"]].to_numpy().tolist() == [["old0", "old1", "its grid is too large"]]
    assert drawn.report.moved == pytest.approx(50 / 250)


def test_a_grid_whose_people_have_left_is_dissolved():
    drawn = mended(row(100, 100, 5, 95, 1, 1), in_force(1, 2, 4, 6), target=100)
    assert "old3" not in set(drawn.grids["code"])
    gone = drawn.transfers[drawn.transfers["from"] == "old3"]
    assert set(gone["reason"]) == {"its grid is dissolved"}


def test_where_people_double_a_new_grid_with_a_new_code_is_made():
    drawn = mended(row(100, 100, 100, 100), in_force(2, 4), target=100)
    assert sorted(drawn.grids["households"]) == [100, 100, 100, 100]
    assert {"old0", "old1"} < set(drawn.grids["code"])
    assert set(drawn.transfers["reason"]) == {"its grid is split"}


def test_ground_new_to_the_plan_is_given_to_a_neighbour():
    drawn = mended(row(100, 100, 3), in_force(1, 2), target=100)
    assert drawn.assignment["grid"].tolist() == ["old0", "old1", "old1"]
    assert len(drawn.transfers) == 0


def test_areas_above_the_grids_in_force_are_looked_past():
    community = gpd.GeoDataFrame({"code": ["c"], "level": ["community"]}, geometry=[ground(4).geometry[0]], crs=4549)
    standing = gpd.pd.concat([community, in_force(2, 4).assign(parent="c")])
    assert mended(row(50, 50, 50, 50), standing, target=100).grids["code"].tolist() == ["old0", "old1"]


def test_ground_that_is_none_is_refused():
    with pytest.raises(InputError, match="ground of type GeoDataFrame"):
        mended(row(50, 50), in_force(2), target=100, ground=ground(2))


def test_an_empty_plan_in_force_is_refused():
    with pytest.raises(InputError, match="no areas in force"):
        mended(row(50, 50), in_force(2).iloc[:0], target=100)


#: thirty grids of two houses each: what happens to a few of them makes no difference to the mean of all
PAIRS = in_force(*range(2, 61, 2))


def test_grids_that_emptied_are_made_one_though_the_others_are_as_they_were():
    drawn = mended(row(*[50] * 30, *[17, 16] * 3, *[50] * 24), PAIRS, target=100)
    assert sorted(drawn.grids["households"]) == [99, *[100] * 27]
    assert set(drawn.transfers["reason"]) == {"its grid is dissolved"}
    assert drawn.transfers["households"].sum() == 66


def test_a_grid_that_filled_up_is_split_though_the_others_are_as_they_were():
    drawn = mended(row(*[50] * 30, 98, 97, *[50] * 28), PAIRS, target=100)
    assert sorted(drawn.grids["households"]) == [97, 98, *[100] * 29]
    assert drawn.transfers["reason"].tolist() == ["its grid is split"]


def test_a_grid_that_goes_on_keeps_its_name_and_a_new_one_has_none():
    standing = in_force(2, 4).assign(name=["North", "South"])
    drawn = mended(row(100, 100, 50, 50), standing, target=100)
    names = drawn.grids.set_index("code")["name"]
    assert (names["old0"], names["old1"], names.isna().sum()) == ("North", "South", 1)


@pytest.fixture(scope="module")
def change():
    """A town, its plan, the town after 2 % of its buildings changed, and the plan mended."""
    tables = town(seed=2, buildings=2000)
    areas, houses = tables["areas"], tables["buildings"]
    within = areas[areas["level"] == "district"]
    standing = draw(houses, tables["streets"], within)
    rng = np.random.default_rng(0)
    rows = rng.choice(len(houses), len(houses) // 50, replace=False)
    households = houses["households"].to_numpy(np.int64, copy=True)
    households[rows] = np.where(rng.random(len(rows)) < 0.5, 0, households[rows] * 2)
    after = houses.assign(households=households).drop(index=houses.index[rows[::4]])
    return standing, after, redraw(after, tables["streets"], standing.grids, within=within)


def test_after_two_percent_of_the_buildings_change_at_most_three_percent_of_the_people_move(change):
    standing, after, new = change
    table = after.merge(standing.assignment, left_on="id", right_on="building").merge(new.assignment, on="building")
    moved = table.loc[table["grid_x"] != table["grid_y"], "households"].sum() / table["households"].sum()
    assert moved <= 0.03
    assert new.report.moved == pytest.approx(moved)


def test_the_list_of_transfers_is_the_difference_of_the_two_plans(change):
    standing, after, new = change
    old, now = (plan.assignment.set_index("building")["grid"] for plan in (standing, new))
    changed = [building for building in after["id"] if old[building] != now[building]]
    assert new.transfers["building"].tolist() == changed
    assert (new.transfers["from"].to_numpy() == old.loc[changed].to_numpy()).all()
    assert new.transfers["households"].tolist() == after.set_index("id").loc[changed, "households"].tolist()


def test_a_mended_plan_is_a_partition_of_connected_grids(change):
    _, _, new = change
    assert shapely.coverage_is_valid(new.grids.geometry.to_numpy())
    assert (new.grids["parts"] == 1).all()


def test_grids_that_nobody_leaves_or_enters_keep_their_ground_though_houses_in_them_are_gone():
    tables = town(seed=1, buildings=1000)
    within, houses = tables["areas"].query("level == 'district'"), tables["buildings"]
    standing = draw(houses, tables["streets"], within)
    new = redraw(houses.drop(index=houses.index[::20]), tables["streets"], standing.grids, within=within)
    old, now = (plan.grids.set_index("code").geometry for plan in (standing, new))
    alone = old.index.difference(new.transfers["from"]).difference(new.transfers["to"]).intersection(now.index)
    assert len(alone) > len(old) / 3
    assert (old[alone].symmetric_difference(now[alone]).to_crs(4549).area < 0.01).all()


def test_in_a_plan_drawn_by_hand_hardly_more_people_move_than_are_too_many_or_too_few():
    tables = town(seed=0, buildings=1000)
    standing = tables["areas"].query("level == 'grid'")
    houses = tables["buildings"].iloc[:980]
    new = redraw(
        houses, tables["streets"], standing, band=(150, 500), parents=tables["areas"].query("level == 'community'")
    )
    people = gpd.sjoin(houses.set_geometry(houses.representative_point()), standing[["code", "geometry"]])
    people = people.groupby("code")["households"].sum()
    amiss = (people - people.clip(150, 500)).abs().sum()
    assert 0 < amiss <= new.transfers["households"].sum() <= 1.25 * amiss


def test_mending_brings_grids_back_into_size(change):
    standing, after, new = change
    before = after.merge(standing.assignment, left_on="id", right_on="building").groupby("grid")["households"].sum()
    assert (before.between(270, 330)).mean() < new.report.within


def test_ground_handed_on_makes_no_difference_to_the_plan(change):
    standing, after, _ = change
    tables = town(seed=2, buildings=2000)
    fewer = after.drop(index=after.index[::97])
    within = tables["areas"].query("level == 'district'")
    with_it, without = (
        redraw(fewer, tables["streets"], standing.grids, within=within, ground=ground)
        for ground in (standing.ground, None)
    )
    assert with_it.grids.geometry.to_wkb().tolist() == without.grids.geometry.to_wkb().tolist()
    assert with_it.assignment.equals(without.assignment)
