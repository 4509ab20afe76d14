"""A merger of 49 communities into 18 in a sample town: what the tables say is what the table of mergers was.

Expected values come from that table and from how the town was built; nothing is compared to find them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import cache

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap.errors import TableError
from gridmap.frames.validity import in_force
from gridmap.partition import AreaIndex
from gridmap.plans import assign_codes, carried_on, change_sheet, compare, merged
from gridmap.samples import town

#: The town of 49 communities, and how many shall be left.
BUILDINGS, LEFT = 16_200, 18
DAY = dt.date(2027, 7, 1)


@cache
def tables():
    made = town(3, BUILDINGS)
    return {name: made[name] for name in ("areas", "buildings", "addresses", "truth_buildings", "truth_addresses")}


@cache
def mergers():
    """Draft code of the new community by the code of the old one: neighbours of one street grow together.

    Again and again the community with the fewest households joins the neighbour with the fewest, until 18 are left.
    """
    places = tables()["areas"].query("level == 'community'").set_index("code")
    one, other = shapely.STRtree(places.geometry.to_numpy()).query(places.geometry, predicate="intersects")
    border = shapely.length(shapely.intersection(*(places.geometry.to_numpy()[rows] for rows in (one, other))))
    near = {(places.index[a], places.index[b]) for a, b, m in zip(one, other, border, strict=True) if a != b and m > 0}
    near = {(a, b) for a, b in near if places["parent"][a] == places["parent"][b]}
    group, homes = {code: code for code in places.index}, places["households"].to_dict()
    while len(homes) > LEFT:
        beside = {(group[a], group[b]) for a, b in near if group[a] != group[b]}
        small = min((a for a, _ in beside), key=lambda code: (homes[code], code))
        taker = min((b for a, b in beside if a == small), key=lambda code: (homes[code], code))
        homes[taker] += homes.pop(small)
        group = {code: taker if held == small else held for code, held in group.items()}
    sizes = Counter(group.values())
    return {code: f"draft-{held}" for code, held in group.items() if sizes[held] > 1}


@cache
def published():
    """The plan in force, and the one that follows it with its codes."""
    old = tables()["areas"]
    draft = merged(old, mergers())
    lineage = compare(old, draft)
    made_of_several = lineage.loc[lineage["kind"] == "merge", "new"].tolist()
    new = assign_codes(draft, used=old["code"], keep=carried_on(lineage), merged=made_of_several)
    return old, new


@cache
def codes():
    """Code in force after the merger by the code before, on every level."""
    old, new = published()
    by_draft = dict(zip(new["draft_code"], new["code"], strict=True))
    return {code: by_draft[mergers().get(code, code)] for code in old["code"]}


@cache
def told():
    old, new = published()
    layers = {name: tables()[name] for name in ("buildings", "addresses")}
    return compare(old, new, layers["buildings"]), change_sheet(old, new, **layers)


def test_forty_nine_communities_become_eighteen():
    old, new = published()
    assert [(plan["level"] == "community").sum() for plan in (old, new)] == [49, LEFT]


def test_the_new_plan_fills_the_territory_as_the_old_one_did():
    old, new = (plan.loc[plan["level"] == "community"].geometry.to_numpy() for plan in published())
    assert shapely.coverage_is_valid(new)
    assert shapely.coverage_union_all(new).equals(shapely.coverage_union_all(old))


def test_each_community_becomes_what_the_table_of_mergers_says():
    changes, _ = told()
    rows = changes[changes["level"] == "community"]
    expected = {(old, codes()[old], "merge" if old in mergers() else "unchanged") for old in rows["old"]}
    assert len(rows) == 49
    assert set(zip(rows["old"], rows["new"], rows["kind"], strict=True)) == expected


@pytest.mark.parametrize("level", ["grid", "micro"])
def test_grids_stay_as_they_are_and_get_codes_of_their_new_community(level):
    changes, _ = told()
    rows = changes[changes["level"] == level]
    kinds = {old: "renamed" if old[:12] in mergers() else "unchanged" for old in rows["old"]}
    assert dict(zip(rows["old"], rows["kind"], strict=True)) == kinds
    assert [codes()[old] for old in rows["old"]] == rows["new"].tolist()


def test_streets_and_the_district_do_not_change():
    changes, _ = told()
    rows = changes[changes["level"].isin(["district", "street"])]
    assert set(rows["kind"]) == {"unchanged"}
    assert rows["old"].tolist() == rows["new"].tolist()


def test_new_codes_nest_and_none_was_used_before():
    old, new = published()
    fresh = new[~new["code"].isin(new["draft_code"])]
    assert not set(fresh["code"]) & set(old["code"])
    below = fresh.dropna(subset="parent")
    assert [code.startswith(parent) for code, parent in zip(below["code"], below["parent"], strict=True)] == [
        True
    ] * len(below)
    assert new["code"].is_unique


def test_merged_communities_are_numbered_from_601_in_each_street():
    _, new = published()
    fresh = new[(new["level"] == "community") & (new["code"] != new["draft_code"])]
    serials = fresh.groupby("parent")["code"].agg(lambda held: sorted(int(code[9:]) for code in held))
    assert serials.tolist() == [list(range(601, 601 + len(held))) for held in serials]


def test_households_go_with_their_community():
    changes, _ = told()
    truth = tables()["truth_buildings"].merge(tables()["buildings"], left_on="building", right_on="id")
    rows = changes[changes["level"] == "community"].set_index("old")
    assert rows["households"].to_dict() == truth.groupby("community")["households"].sum().to_dict()


@pytest.mark.parametrize(("name", "key"), [("buildings", "building"), ("addresses", "address")])
def test_what_changes_grid_is_what_stands_in_a_merged_community(name, key):
    _, sheet = told()
    truth = tables()[f"truth_{name}"]
    moved = truth[truth["community"].isin(mergers())]
    expected = {(row[key], row["grid"], codes()[row["grid"]]) for row in moved[[key, "grid"]].to_dict("records")}
    table = sheet[name]
    assert set(zip(table["id"], table["old"], table["new"], strict=True)) == expected
    assert len(table) == len(expected)


def test_communities_that_merge_are_told_how_many_households_leave_and_arrive():
    _, sheet = told()
    truth = tables()["truth_buildings"].merge(tables()["buildings"], left_on="building", right_on="id")
    homes = truth.groupby("community")["households"].sum()
    leaving = {code: homes.get(code, 0) for code in mergers()}
    arriving = Counter()
    for code, count in leaving.items():
        arriving[codes()[code]] += count
    rows = sheet["inform"][sheet["inform"]["level"] == "community"]
    for side, expected in (("leaving", leaving), ("arriving", arriving)):
        found = rows[rows["side"] == side].set_index("code")["households"]
        assert found.to_dict() == dict(expected)


def test_questions_about_a_day_before_are_answered_by_the_old_grids():
    old, new = (
        plan.assign(valid_from=first, valid_to=last)
        for plan, first, last in zip(published(), (None, DAY), (DAY, None), strict=True)
    )
    dated = gpd.GeoDataFrame(pd.concat([old, new], ignore_index=True), crs=old.crs)
    truth = tables()["truth_buildings"]
    spots = shapely.point_on_surface(tables()["buildings"].geometry.to_numpy())
    for day, expected in ((DAY - dt.timedelta(days=1), truth["micro"]), (DAY, truth["micro"].map(codes()))):
        index = AreaIndex(in_force(dated, day))
        held = index.codes[index.locate(shapely.get_x(spots), shapely.get_y(spots))]
        assert held.tolist() == expected.tolist()


SQUARES = gpd.GeoDataFrame(
    {
        "code": ["a", "b", "c"],
        "name": ["甲", "乙", "丙"],
        "households": [1, 5, 5],
        "level": "grid",
        "parent": ["p", "p", "q"],
    },
    geometry=[shapely.box(x, 0, x + 1, 1) for x in range(3)],
    crs=4549,
)


def test_a_merged_area_is_named_after_its_largest_member():
    plan = merged(SQUARES, {"a": "n", "b": "n"})
    assert plan[["code", "name", "households"]].to_numpy().tolist() == [["n", "乙", 6], ["c", "丙", 5]]
    assert plan.geometry[0].area == 2


def test_an_area_may_join_another_under_its_code():
    assert merged(SQUARES, {"a": "b"})["code"].tolist() == ["b", "c"]


@pytest.mark.parametrize(
    ("into", "message"),
    [
        ({"a": "n", "x": "n"}, "x: no such area"),
        ({"b": "n", "c": "n"}, "n: its members are of several levels or parents"),
        ({"a": "n", "c": "n"}, "n: its members do not touch"),
    ],
    ids=["unknown", "two parents", "apart"],
)
def test_a_merger_that_makes_no_area_is_refused(into, message):
    with pytest.raises(TableError, match=message):
        merged(SQUARES, into)
