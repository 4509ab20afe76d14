"""What became of each area between two plans: every kind, what counts as ground, and that nothing is lost."""

from __future__ import annotations

import time
from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from gridmap import crs
from gridmap.errors import CrsError, InputError, TableError
from gridmap.plans import LineageLimits, carried_on, compare
from gridmap.samples import town

#: metres of a cell of a picture
CELL = 100


def plan(picture, **columns):
    """Areas drawn with letters, one for each square of 100 m, rows from north to south; a dot is no ground."""
    rows = picture.split("/")
    cells = {}
    for north, row in enumerate(reversed(rows)):
        for east, letter in enumerate(row.strip()):
            at = (east * CELL, north * CELL)
            cells.setdefault(letter, []).append(box(*at, at[0] + CELL, at[1] + CELL))
    cells.pop(".", None)
    shapes = [shapely.coverage_union_all(cells[code]) for code in sorted(cells)]
    return gpd.GeoDataFrame({"code": sorted(cells), **columns}, geometry=shapes, crs=4549)


def homes(*places):
    """Buildings of 20 by 20 m around (x, y), with so many households."""
    shapes = [box(x - 10, y - 10, x + 10, y + 10) for x, y, _ in places]
    table = {"id": [f"h{k}" for k in range(len(places))], "households": [n for *_, n in places]}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4549)


def kinds(changes):
    """``a>b split`` for each row."""
    rows = zip(changes["old"], changes["new"], changes["kind"], strict=True)
    return [f"{old or '-'}>{new or '-'} {kind}" for old, new, kind in rows]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("ab", "ab", ["a>a unchanged", "b>b unchanged"]),
        ("ab", "ax", ["a>a unchanged", "b>x renamed"]),
        ("aaab", "aabb", ["a>a adjusted", "a>b adjusted", "b>b adjusted"]),
        ("aaab", "xxyy", ["a>x adjusted", "a>y adjusted", "b>y adjusted"]),
        ("ab.", "abb", ["a>a unchanged", "b>b adjusted", "->b adjusted"]),
        ("abb", "ab.", ["a>a unchanged", "b>b adjusted", "b>- adjusted"]),
        ("aab", "cdb", ["a>c split", "a>d split", "b>b unchanged"]),
        ("aab", "adb", ["a>a split", "a>d split", "b>b unchanged"]),
        ("abc", "ddc", ["a>d merge", "b>d merge", "c>c unchanged"]),
        ("abc", "aac", ["a>a merge", "b>a merge", "c>c unchanged"]),
        ("aaabbb", "ccddee", ["a>c complex", "a>d complex", "b>d complex", "b>e complex"]),
        ("ab/ab", "cc/dd", ["a>c complex", "a>d complex", "b>c complex", "b>d complex"]),
        ("a.", "ab", ["a>a unchanged", "->b created"]),
        ("ab", "a.", ["a>a unchanged", "b>- abolished"]),
        ("a.", ".b", ["a>- abolished", "->b created"]),
    ],
    ids=[
        "nothing changed", "another code", "a border moved", "a border moved and both renamed", "grown outwards",
        "shrunk", "split", "split, one half keeps the code", "merged", "merged under one of the codes",
        "a third made of two", "cut the other way", "new ground", "ground given up", "elsewhere",
    ],
)  # fmt: skip
def test_every_kind_is_told_by_the_ground(old, new, expected):
    assert kinds(compare(plan(old), plan(new))) == expected


def test_another_name_on_the_same_ground_is_a_renaming():
    changes = compare(plan("ab", name=["东网格", "西网格"]), plan("ab", name=["东网格", "新网格"]))
    assert kinds(changes) == ["a>a unchanged", "b>b renamed"]


def test_a_name_that_only_one_plan_knows_is_no_renaming():
    assert kinds(compare(plan("ab"), plan("ab", name=["东网格", "西网格"]))) == ["a>a unchanged", "b>b unchanged"]


def test_shares_are_of_the_whole_old_and_the_whole_new_area():
    table = compare(plan("aaab"), plan("aabb"))
    assert table["share_old"].round(4).tolist() == [0.6667, 0.3333, 1]
    assert table["share_new"].round(4).tolist() == [1, 0.5, 0.5]
    assert table["area_m2"].round(6).tolist() == [20_000, 10_000, 10_000]


def test_a_share_of_an_area_that_is_not_there_is_missing():
    table = compare(plan("a."), plan(".b"))
    assert table["share_old"].isna().tolist() == [False, True]
    assert table["share_new"].isna().tolist() == [True, False]


def test_a_strip_to_the_neighbour_does_not_make_its_split_complex():
    changes = compare(plan("aaaaaaaaaabbbbbbbbbb"), plan("aaaaaaaaabbbbbbccccc"))
    assert kinds(changes) == ["a>a adjusted", "a>b adjusted", "b>b split", "b>c split"]


def test_a_strip_from_an_area_that_is_split_is_a_border_moved():
    changes = compare(plan("aaaaaaaaaabbbbbbbbbb"), plan("aaaaaaaaaaabbbbccccc"))
    assert kinds(changes) == ["a>a adjusted", "b>a adjusted", "b>b split", "b>c split"]


def test_an_area_that_is_shared_out_in_strips_is_merged_with_the_one_that_gets_most():
    old, new = plan("bbbbb/bbaaa/aadcc/ddccc"), plan("bbbbb/bbbcc/dddcc/ddccc")
    changes = compare(old, new, limits=LineageLimits(exchange_share=0.5))
    assert [row for row in kinds(changes) if row[0] == "a"] == ["a>b adjusted", "a>c merge", "a>d adjusted"]


def test_more_than_a_strip_to_the_neighbour_ties_the_two_together():
    changes = compare(plan("aaaaaaaaaabbbbbbbbbb"), plan("aaaaaaabbbbbbbbccccc"))
    assert set(changes["kind"]) == {"complex"}


def test_what_counts_as_a_strip_is_a_limit():
    old, new = plan("aaaaaaaaaabbbbbbbbbb"), plan("aaaaaaaaabbbbbbccccc")
    assert set(compare(old, new, limits=LineageLimits(exchange_share=0.05))["kind"]) == {"complex"}


def test_an_area_lasts_if_most_of_it_stays():
    old, new = plan("aaab"), plan("aabb")
    assert set(compare(old, new, limits=LineageLimits(same_share=0.7))["kind"]) == {"complex"}


@pytest.mark.parametrize(
    ("old", "new", "carried"),
    [
        ("ab", "xy", {"x": "a", "y": "b"}),
        ("aaab", "xxyy", {"x": "a", "y": "b"}),
        ("aab", "adb", {"b": "b"}),
        ("abc", "aac", {"c": "c"}),
        ("aaaaaaaaaabbbbbbbbbb", "xxxxxxxxxyyyyyzzzzzz", {"x": "a"}),
        ("aaaa", "x...", {"x": "a"}),
    ],
    ids=["renamed", "adjusted", "not a split", "not a merger", "beside a split", "a quarter left"],
)
def test_unchanged_renamed_and_adjusted_areas_carry_on_the_old_one(old, new, carried):
    assert carried_on(compare(plan(old), plan(new))) == carried


def moved_border(metres):
    """Two squares whose common border lies so far east."""
    shapes = [box(0, 0, 100 + metres, 100), box(100 + metres, 0, 200, 100)]
    return gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=shapes, crs=4549)


@pytest.mark.parametrize(("metres", "kind"), [(0.0004, "unchanged"), (0.19, "unchanged"), (0.21, "adjusted")])
def test_a_border_within_the_tolerance_of_the_survey_has_not_moved(metres, kind):
    assert set(compare(plan("ab"), moved_border(metres))["kind"]) == {kind}


def test_a_strip_within_the_tolerance_does_not_hide_a_corner_that_is_wider():
    bent = shapely.union(box(0, 0, 100.1, 100), box(100, 0, 110, 10))
    new = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[bent, box(0, 0, 200, 100) - bent], crs=4549)
    changes = compare(plan("ab"), new)
    assert kinds(changes) == ["a>a adjusted", "b>a adjusted", "b>b adjusted"]
    assert changes["area_m2"].tolist() == pytest.approx([10_000, 10 + 99, 10_000 - 109])


def test_ground_below_the_least_area_or_share_is_none():
    assert set(compare(plan("ab"), moved_border(1), limits=LineageLimits(least_m2=101))["kind"]) == {"unchanged"}
    assert set(compare(plan("ab"), moved_border(1), limits=LineageLimits(least_share=0.011))["kind"]) == {"unchanged"}
    assert set(compare(plan("ab"), moved_border(1), limits=LineageLimits(least_share=0.009))["kind"]) == {"adjusted"}


def test_ground_that_only_one_plan_holds_counts_by_the_same_limits():
    smaller = gpd.GeoDataFrame({"code": ["a"]}, geometry=[box(0, 0, 99, 100)], crs=4549)
    for limits, expected in (
        (LineageLimits(), 2),
        (LineageLimits(least_share=0.011), 1),
        (LineageLimits(tolerance_m=1.1), 1),
    ):
        assert (
            len(compare(plan("a"), smaller, limits=limits))
            == len(compare(smaller, plan("a"), limits=limits))
            == expected
        )


@pytest.mark.parametrize("change", [0.0, 0.0004], ids=["equal", "within a millimetre"])
def test_areas_that_did_not_change_are_not_laid_over_anything(change, monkeypatch):
    sizes, overlay = [], shapely.intersection
    monkeypatch.setattr(shapely, "intersection", lambda a, b: sizes.append(len(a)) or overlay(a, b))
    compare(plan("ab"), moved_border(change))
    assert sum(sizes) == 0


def test_renamed_areas_are_not_laid_over_anything_even_if_their_rings_begin_elsewhere(monkeypatch):
    sizes, overlay = [], shapely.intersection
    turned = gpd.GeoDataFrame({"code": ["z"]}, geometry=[shapely.Polygon([(100, 0), (100, 100), (0, 100), (0, 0)])])
    monkeypatch.setattr(shapely, "intersection", lambda a, b: sizes.append(len(a)) or overlay(a, b))
    assert kinds(compare(plan("a"), turned.set_crs(4549))) == ["a>z renamed"]
    assert sum(sizes) == 0


def test_households_go_the_way_of_their_building():
    table = compare(plan("aaab"), plan("aabb"), homes((50, 50, 7), (250, 50, 5), (260, 20, 1), (350, 50, 4)))
    assert table["households"].tolist() == [7, 6, 4]
    assert table["buildings"].tolist() == [1, 2, 1]


def test_a_building_on_a_border_goes_with_the_larger_part_of_its_footprint():
    table = compare(plan("ab"), plan("xy"), homes((99, 50, 3), (102, 50, 8)))
    assert table["households"].tolist() == [3, 8]


def test_households_are_missing_where_no_buildings_are_given():
    assert compare(plan("ab"), plan("xy"))["households"].isna().all()


def test_a_building_that_changes_area_is_told_even_where_the_border_moved_less_than_the_tolerance():
    changes = compare(plan("ab"), moved_border(0.1), homes((100.05, 50, 9)))
    assert kinds(changes) == ["a>a unchanged", "b>a adjusted", "b>b unchanged"]
    assert changes["households"].tolist() == [0, 9, 0]
    assert changes["area_m2"].tolist() == [10_000, 0, 9_990]


def test_a_building_that_goes_to_the_neighbour_makes_no_merger_of_ground_given_up():
    astride = gpd.GeoDataFrame({"id": ["h"], "households": [4]}, geometry=[box(60, 40, 130, 60)], crs=4549)
    changes = compare(plan("ab"), plan(".b"), astride)
    assert kinds(changes) == ["a>b adjusted", "a>- abolished", "b>b unchanged"]
    assert changes["households"].tolist() == [4, 0, 0]


def test_an_area_of_which_a_strip_is_left_to_the_neighbour_is_abolished():
    changes = compare(plan("aaaaaaaaaabbbbbbbbbb"), plan(".........bbbbbbbbbbb"))
    assert kinds(changes) == ["a>b adjusted", "a>- abolished", "b>b adjusted"]


def test_two_areas_cannot_both_go_on_as_one():
    changes = compare(plan("aaaaaaaaaabbbbbbbbbb"), plan("yxxxxxxxxxxxxxxxxxxy"))
    assert set(changes["kind"]) == {"complex"}
    assert not changes["carries_on"].any()


@pytest.mark.parametrize("turn", [1, -1], ids=["as given", "turned"])
def test_of_equal_pieces_the_least_code_is_the_largest_whatever_the_order_of_rows(turn):
    old, new = plan("bbbbba/aadccc/ccdddd"), plan("bbbbbb/dddccc/ccdddd")
    limits = LineageLimits(exchange_share=0.5)
    assert kinds(compare(old.iloc[::turn], new.iloc[::turn], limits=limits))[:2] == ["a>b adjusted", "a>d merge"]
    equal = plan("bbbbbb/dccccc/ccdddd")
    assert kinds(compare(old.iloc[::turn], equal.iloc[::turn], limits=limits))[0] == "a>b merge"


def test_households_whose_ground_the_new_plan_gives_up_are_counted_with_it():
    assert compare(plan("ab"), plan("a."), homes((150, 50, 6)))["households"].tolist() == [0, 6]


def nested(old, new):
    """The same pictures as grids, with their union as a community."""
    tables = []
    for picture, code in zip((old, new), ("320613001001", "320613001001"), strict=True):
        grids = plan(picture, level="grid")
        whole = gpd.GeoDataFrame({"code": [code], "level": ["community"]}, geometry=[grids.union_all()], crs=4549)
        tables.append(pd.concat([grids, whole], ignore_index=True))
    return tables


def test_each_level_is_compared_by_itself():
    changes = compare(*nested("aab", "adb"), homes((50, 50, 3)))
    assert changes["level"].tolist() == ["community", "grid", "grid", "grid"]
    assert changes["kind"].tolist() == ["unchanged", "split", "split", "unchanged"]
    assert changes["households"].tolist() == [3, 3, 0, 0]


def test_a_level_that_is_not_stated_is_told_by_the_length_of_the_code():
    old = plan("a").assign(code=["320613001001001"])
    assert compare(old, plan("b"))["level"].tolist() == ["grid"]


def test_an_area_without_a_level_among_several_is_refused():
    old, new = nested("ab", "ab")
    with pytest.raises(TableError, match="no level, where there are community, grid"):
        compare(old, new.assign(level=[None, "grid", "community"]))


def test_the_order_of_rows_does_not_matter():
    old, new = plan("aab/cdd"), plan("eeb/fdd")
    turned = compare(old.iloc[::-1], new.iloc[::-1])
    assert turned.drop(columns="geometry").equals(compare(old, new).drop(columns="geometry"))


def test_plans_in_degrees_are_measured_in_metres_and_told_in_degrees():
    old, new = (crs.to_record(plan(picture).translate(500_000, 3_500_000).to_frame("geometry").assign(code=list("ab")))
                for picture in ("aaab", "aabb"))  # fmt: skip
    changes = compare(old, new)
    assert changes.crs.to_epsg() == 4490
    assert changes["area_m2"].tolist() == pytest.approx([20_000, 10_000, 10_000], rel=1e-6)
    assert changes.geometry.iloc[1].bounds[2] < 121


def test_plans_of_different_systems_are_compared_in_one():
    old = plan("aaab").set_geometry(plan("aaab").translate(500_000, 3_500_000))
    assert set(compare(old, crs.to_record(old))["kind"]) == {"unchanged"}


def test_the_ground_of_a_row_is_what_both_areas_hold():
    changes = compare(plan("aaab"), plan("aabb"))
    assert changes.geometry.iloc[1].equals(box(200, 0, 300, 100))


def test_the_first_plan_of_a_territory_creates_all_its_areas():
    nothing = plan("ab").iloc[:0]
    assert kinds(compare(nothing, plan("ab"), homes((50, 50, 2)))) == ["->a created", "->b created"]
    assert kinds(compare(plan("ab"), nothing)) == ["a>- abolished", "b>- abolished"]


@pytest.mark.parametrize(
    ("old", "error", "message"),
    [
        (plan("ab").assign(code=["a", "a"]), TableError, "feature 2, column code: a: a code that another area has"),
        (plan("ab").assign(code=["a", None]), TableError, "feature 2, column code: None: no code"),
        (plan("ab").drop(columns="code"), TableError, "no column code"),
        (plan("ab").set_geometry([box(0, 0, 1, 1).exterior, None]), TableError, "2 faults"),
        (gpd.GeoDataFrame({"code": ["a"]}, geometry=[box(0, 0, 1, 1)]), CrsError, "coordinate system"),
        (42, InputError, "GeoDataFrame"),
    ],
    ids=["repeated code", "missing code", "no codes", "no polygons", "no CRS", "no table"],
)  # fmt: skip
def test_a_plan_that_cannot_be_compared_is_refused(old, error, message):
    with pytest.raises(error, match=message):
        compare(old, plan("ab"))


def test_two_plans_without_any_area_are_refused():
    with pytest.raises(InputError, match="expected at least one area"):
        compare(plan("a").iloc[:0], plan("a").iloc[:0])


def test_rings_that_cross_themselves_are_compared_by_the_ground_they_enclose():
    bow = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    changes = compare(gpd.GeoDataFrame({"code": ["a"]}, geometry=[bow], crs=4549), plan("a"))
    assert changes["area_m2"].tolist() == pytest.approx([5_000, 5_000])


PICTURE = st.lists(st.sampled_from("abcd."), min_size=12, max_size=12).filter(lambda cells: set(cells) != {"."})


def drawn(cells, word):
    """A picture of four columns and three rows; the areas of the new plan have codes of their own."""
    letters = ["." if cell == "." else word[ord(cell) - ord("a")] for cell in cells]
    return "/".join("".join(letters[row : row + 4]) for row in (0, 4, 8))


@settings(max_examples=60, deadline=None)
@given(PICTURE, PICTURE)
def test_no_square_metre_and_no_household_is_lost(before, after):
    old, new = plan(drawn(before, "abcd")), plan(drawn(after, "wxyz"))
    middles = [(50 + 100 * east, 250 - 100 * south) for south in range(3) for east in range(4)]
    lived = homes(*((x, y, 1 + at) for at, (x, y) in enumerate(middles)))
    changes = compare(old, new, lived)
    pairs = zip(drawn(before, "abcd").replace("/", ""), drawn(after, "wxyz").replace("/", ""), strict=True)
    ground, people = Counter(), Counter()
    for at, (one, other) in enumerate(pairs):
        if (one, other) != (".", "."):
            ground[one, other] += CELL**2
            people[one, other] += 1 + at
    keys = list(zip(changes["old"].fillna("."), changes["new"].fillna("."), strict=True))
    assert dict(zip(keys, changes["area_m2"].round(6), strict=True)) == dict(ground)
    assert dict(zip(keys, changes["households"], strict=True)) == dict(people)
    for end in ("old", "new"):
        assert np.allclose(changes.groupby(end)[f"share_{end}"].sum(), 1)


def test_the_parcels_of_the_sample_town_have_the_lineage_they_were_made_with():
    tables = town(0, 2000)
    old, new = (tables[name].rename(columns={"id": "code"}) for name in ("parcels_before", "parcels"))
    changes = compare(old, new)
    found = set(zip(changes["old"], changes["new"], changes["kind"], strict=True))
    truth = tables["truth_parcels"].astype(object).where(tables["truth_parcels"].notna(), None)
    assert found == set(truth.itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("years", "unchanged", "merges"), [(("2010", "2011"), 2542, 13), (("2020", "2021"), 2153, 19)], ids=["2011", "2021"]
)
def test_swiss_municipalities_merge_as_they_did(years, unchanged, merges, shared_data):
    old, new = (municipalities(shared_data(f"swiss_epochs/{year}")) for year in years)
    # each year is generalised anew, so that borders which nobody moved differ by tens of metres
    changes = compare(old, new, limits=LineageLimits(least_share=0.01, tolerance_m=0))
    assert (changes["kind"] == "unchanged").sum() == unchanged
    assert changes.loc[changes["kind"] == "merge", "new"].nunique() == merges


def municipalities(folder):
    table = gpd.read_file(next(folder.glob("*.shp")), columns=["id"])
    return gpd.GeoDataFrame({"code": table["id"].astype(str)}, geometry=table.geometry.to_numpy(), crs=2056)


@pytest.mark.alone
def test_a_large_plan_of_which_little_changed_is_compared_in_seconds():
    side = 100
    squares = [box(x, y, x + CELL, y + CELL) for y in range(0, side * CELL, CELL) for x in range(0, side * CELL, CELL)]
    old = gpd.GeoDataFrame({"code": [f"{k:05d}" for k in range(side**2)]}, geometry=squares, crs=4549)
    pairs = np.arange(0, 700, 2)
    united = shapely.union(old.geometry.to_numpy()[pairs], old.geometry.to_numpy()[pairs + 1])
    new = gpd.GeoDataFrame({"code": [f"m{k}" for k in pairs]}, geometry=united, crs=4549)
    new = pd.concat([old.iloc[700:], new], ignore_index=True)
    start = time.process_time()
    changes = compare(old, new)
    assert changes["kind"].value_counts().to_dict() == {"unchanged": 9300, "merge": 700}
    assert time.process_time() - start < 3
