"""What changes grid on the day, who must be told, and what is printed of it."""

from __future__ import annotations

import datetime as dt
import time
from functools import cache

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box

from gridmap import formats
from gridmap.errors import CrsError, InputError, TableError
from gridmap.plans import (
    bounds_in_words,
    change_sheet,
    compare,
    differences,
    figures,
    households_moved,
    registration_forms,
    sheets,
)
from gridmap.plans.belonging import FAR_DEG, SLACK_SHARE
from gridmap.samples import town
from gridmap.territory import Territory, footprints, ground

tables = cache(town)


def plan(shapes, **columns):
    """Grids by their codes."""
    return gpd.GeoDataFrame({"code": list(shapes), **columns}, geometry=list(shapes.values()), crs=4549)


def things(shapes, **columns):
    """Things by their ids."""
    return gpd.GeoDataFrame({"id": list(shapes), **columns}, geometry=list(shapes.values()), crs=4549)


def house(x, y=50, half=10):
    return box(x - half, y - half, x + half, y + half)


#: three grids from west to east; in the new plan the middle one is split and the eastern one has another code
OLD = plan({"a": box(0, 0, 100, 100), "b": box(100, 0, 300, 100), "c": box(300, 0, 400, 100)})
NEW = plan(
    {"a": box(0, 0, 100, 100), "d": box(100, 0, 200, 100), "e": box(200, 0, 300, 100), "f": box(300, 0, 400, 100)}
)
HOMES = things(
    {"h1": house(50), "h2": house(130), "h3": house(270), "h4": house(350)},
    households=[5, 20, 30, 40],
    residents=[9, 50, 70, 90],
)


def rows(table, *names):
    """Rows of a table as tuples."""
    return list(table[list(names)].itertuples(index=False, name=None))


def test_buildings_whose_grid_has_another_code_are_listed_with_the_reason():
    moved = change_sheet(OLD, NEW, buildings=HOMES)["buildings"]
    assert rows(moved, "id", "old", "new", "kind") == [
        ("h2", "b", "d", "split"),
        ("h3", "b", "e", "split"),
        ("h4", "c", "f", "renamed"),
    ]
    assert rows(moved, "households", "residents") == [(20, 50), (30, 70), (40, 90)]


def test_households_are_counted_by_where_they_come_from_and_go():
    table = change_sheet(OLD, NEW, buildings=HOMES)["households"]
    assert rows(table, "old", "new", "kind", "households", "residents", "buildings") == [
        ("b", "d", "split", 20, 50, 1),
        ("b", "e", "split", 30, 70, 1),
        ("c", "f", "renamed", 40, 90, 1),
    ]


def test_areas_that_changed_are_listed_with_their_people_before_and_after():
    table = change_sheet(OLD, NEW, buildings=HOMES)["areas"]
    assert rows(table, "old", "new", "old_households", "new_households", "old_residents", "new_residents") == [
        ("b", "d", 50, 20, 120, 50),
        ("b", "e", 50, 30, 120, 70),
        ("c", "f", 40, 40, 90, 90),
    ]


def test_without_buildings_the_people_are_those_that_the_plans_tell():
    table = change_sheet(OLD.assign(households=[1, 2, 3]), NEW.assign(households=[1, 5, 6, 7]))["areas"]
    assert rows(table, "old_households", "new_households") == [(2, 5), (2, 6), (3, 7)]
    assert table["old_residents"].isna().all()


def test_posts_change_grid_with_the_ground_they_stand_on():
    posts = things({"p2": Point(250, 5), "p1": Point(150, 5), "p0": Point(50, 5), "px": Point(900, 5)})
    told = change_sheet(OLD, NEW, cameras=posts, checkpoints=posts.assign(name=["南门", None, None, None]))
    assert rows(told["cameras"], "id", "old", "new", "kind") == [("p1", "b", "d", "split"), ("p2", "b", "e", "split")]
    assert told["checkpoints"]["name"].fillna("-").tolist() == ["-", "南门"]


def test_a_post_on_the_new_border_belongs_to_the_grid_east_of_it():
    told = change_sheet(OLD, NEW, cameras=things({"p": Point(200, 50)}))
    assert rows(told["cameras"], "old", "new") == [("b", "e")]


def test_a_post_that_no_grid_holds_any_more_is_listed():
    told = change_sheet(OLD, NEW.iloc[:3], cameras=things({"p": Point(350, 50)}))["cameras"]
    assert rows(told, "id", "old", "new", "kind") == [("p", "c", None, "abolished")]


def test_an_address_goes_with_its_building():
    doors = things({"d": Point(95, 50), "e": Point(150, 50)}, text=["甲路1号", "甲路2号"], building=["h2", None])
    told = change_sheet(OLD, NEW, addresses=doors, buildings=HOMES)["addresses"]
    assert rows(told, "id", "text", "old", "new") == [("d", "甲路1号", "b", "d"), ("e", "甲路2号", "b", "d")]


def test_an_address_without_its_building_goes_with_its_point():
    doors = things({"d": Point(95, 50)}, text=["甲路1号"], building=["h2"])
    assert not len(change_sheet(OLD, NEW, addresses=doors)["addresses"])
    assert not len(change_sheet(OLD, NEW, addresses=doors.assign(building="unknown"), buildings=HOMES)["addresses"])


def test_a_building_far_away_from_its_address_is_taken_for_another():
    doors = things({"d": Point(-400, 50)}, text=["甲路1号"], building=["h2"])
    assert not len(change_sheet(OLD, NEW, addresses=doors, buildings=HOMES)["addresses"])


@pytest.mark.parametrize(
    ("border", "new"), [(200, "e"), (209, "e"), (209.5, "d"), (190.5, "e")], ids=["half", "6%", "2%", "98%"]
)
def test_where_a_building_stands_on_the_border_the_door_decides_unless_its_side_is_a_sliver(border, new):
    halves = plan({"a": NEW.geometry[0], "d": box(100, 0, border, 100), "e": box(border, 0, 400, 100)})
    doors = things({"door": Point(215, 50)}, text=["甲路1号"], building=["h"])
    told = change_sheet(OLD, halves, addresses=doors, buildings=things({"h": house(200)}))["addresses"]
    assert rows(told, "old", "new") == [("b", new)]


def test_a_building_drawn_as_a_point_is_where_the_point_is():
    told = change_sheet(OLD, NEW, buildings=things({"h": Point(150, 50)}, households=[3]))
    assert rows(told["buildings"], "id", "old", "new", "households") == [("h", "b", "d", 3)]


#: the same grids in two communities, of which the western has a and b
PARENTS = {"level": "grid", "parent": ["W", "W", "E"]}
COMMUNITIES = plan({"W": box(0, 0, 300, 100), "E": box(300, 0, 400, 100)}, level="community", name=["西社区", "东社区"])


def with_communities(grids, parents):
    return pd.concat([grids.assign(level="grid", parent=parents), COMMUNITIES], ignore_index=True)


def test_grids_and_their_communities_are_told_what_leaves_and_what_arrives():
    doors = things({"d": Point(250, 50)}, text=["甲路1号"])
    told = change_sheet(
        with_communities(OLD, ["W", "W", "E"]),
        with_communities(NEW, ["W", "W", "W", "E"]),
        buildings=HOMES,
        addresses=doors,
        cameras=things({"k": Point(150, 50)}),
    )["inform"]
    names = ("code", "side", "households", "buildings", "addresses", "cameras", "checkpoints")
    assert sorted(rows(told, *names)) == [
        ("E", "arriving", 40, 1, 0, 0, 0),
        ("E", "leaving", 40, 1, 0, 0, 0),
        ("W", "arriving", 50, 2, 1, 1, 0),
        ("W", "leaving", 50, 2, 1, 1, 0),
        ("b", "leaving", 50, 2, 1, 1, 0),
        ("c", "leaving", 40, 1, 0, 0, 0),
        ("d", "arriving", 20, 1, 0, 1, 0),
        ("e", "arriving", 30, 1, 1, 0, 0),
        ("f", "arriving", 40, 1, 0, 0, 0),
    ]
    why = dict(rows(told[told["side"] == "leaving"], "code", "why"))
    assert why["b"] == "拆分 split → d, e"
    assert why["W"] == "网格 grid: 拆分 split 1"


def test_a_grid_that_changed_is_told_even_if_nobody_lives_there():
    told = change_sheet(OLD, NEW)["inform"]
    assert rows(told[told["code"] == "b"], "side", "buildings", "why") == [("leaving", 0, "拆分 split → d, e")]


def test_things_in_a_community_without_grids_belong_to_the_community():
    old = pd.concat([COMMUNITIES, OLD.iloc[:2].assign(level="grid", parent="W")], ignore_index=True)
    new = with_communities(OLD, ["W", "W", "E"])
    moved = change_sheet(old, new, buildings=HOMES, level="grid")["buildings"]
    assert rows(moved, "id", "old", "new") == [("h4", "E", "c")]


def test_nothing_changes_between_a_plan_and_itself():
    told = change_sheet(
        OLD, OLD, buildings=HOMES, cameras=things({"p": Point(150, 5)}), addresses=HOMES.assign(text="x")
    )
    assert {name: len(table) for name, table in told.items()} == dict.fromkeys(told, 0)


@pytest.mark.parametrize("level", ["grid", "micro"])
def test_the_sample_town_changes_as_it_was_built(level):
    made = tables(0, 1500)
    layers = {name: made[name] for name in ("buildings", "addresses", "cameras", "checkpoints")}
    told = change_sheet(made["areas_before"], made["areas"], **layers, level=level)
    if level == "grid":
        for name, key in (("buildings", "building"), ("addresses", "address")):
            truth = made[f"truth_{name}"]
            moved = truth[truth["grid_before"] != truth["grid"]]
            assert set(rows(told[name], "id", "old", "new")) == set(rows(moved, key, "grid_before", "grid"))
    assert told["households"]["households"].sum() == told["buildings"]["households"].sum() > 0


def test_an_address_is_in_the_grid_that_the_service_says():
    assert (SLACK_SHARE, FAR_DEG) == (ground.SLACK_SHARE, footprints._FAR)
    made = tables(0, 300)
    areas = made["areas"]
    away = areas.assign(code="x" + areas["code"], parent="x" + areas["parent"])
    told = change_sheet(areas, away, buildings=made["buildings"], addresses=made["addresses"])["addresses"]
    territory = Territory(areas, made["addresses"], on=dt.date(2024, 1, 1), buildings=made["buildings"])
    sample = told.iloc[:: len(told) // 60]
    answers = [territory.find(text) for text in sample["text"]]
    sure = [
        (row.old, answer["area"][:15])
        for row, answer in zip(sample.itertuples(), answers, strict=True)
        if answer["status"] == "found"
    ]
    assert len(sure) > 40
    assert [one for one, _ in sure] == [other for _, other in sure]


def test_the_first_plan_of_a_territory_gives_everything_its_grid():
    told = change_sheet(OLD.iloc[:0], NEW, buildings=HOMES, cameras=things({"p": Point(50, 50)}))
    assert rows(told["buildings"], "id", "old", "new", "kind")[0] == ("h1", None, "a", "created")
    assert rows(told["cameras"], "id", "old", "new", "kind") == [("p", None, "a", "created")]


def test_layers_without_rows_change_nothing():
    none = things({"d": Point(1, 1)}, text=["x"], building=["h1"]).iloc[:0]
    told = change_sheet(OLD, NEW, buildings=HOMES.iloc[:0], addresses=none, cameras=none, checkpoints=none)
    assert [len(told[name]) for name in ("buildings", "addresses", "cameras", "checkpoints")] == [0, 0, 0, 0]
    assert list(told["addresses"]) == ["id", "text", "old", "new", "kind"]


def test_a_thing_without_a_place_is_left_out():
    lost = HOMES.set_geometry([None, *HOMES.geometry[1:]], crs=4549)
    told = change_sheet(OLD, NEW.assign(code=["z", "d", "e", "f"]), buildings=lost)
    assert told["buildings"]["id"].tolist() == ["h2", "h3", "h4"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"level": "micro"}, InputError, "level 'micro'"),
        (
            {"buildings": HOMES.assign(households=["4", "many", None, 2])},
            TableError,
            "feature 2, column households: households is 'many'",
        ),
        ({"buildings": gpd.GeoDataFrame({"id": ["h"]}, geometry=[house(1)])}, CrsError, "coordinate system"),
    ],
    ids=["no such level", "a word for a count", "no CRS"],
)
def test_what_cannot_be_counted_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        change_sheet(OLD, NEW, **options)


def test_a_plan_without_areas_has_no_figures():
    with pytest.raises(InputError, match="at least one grid"):
        figures(OLD.iloc[:0])


def test_no_table_names_a_person():
    told = change_sheet(OLD, NEW, buildings=HOMES.assign(owner="张三", phone="13800000000"))
    assert not {"owner", "phone"} & {column for table in told.values() for column in table}


def test_the_change_sheet_is_written_as_a_workbook_in_both_languages(tmp_path):
    changes = compare(OLD, NEW, HOMES)
    forms = registration_forms(NEW.assign(level="grid"), changes, effective=dt.date(2027, 1, 1))
    told = sheets({**change_sheet(OLD, NEW, buildings=HOMES), "forms": forms})
    formats.write(told, tmp_path / "changes.xlsx")
    table = formats.read(tmp_path / "changes.xlsx", sublayer="楼栋变更 Buildings")
    assert list(table)[:4] == ["编号 id", "原编码 old code", "新编码 new code", "变更类型 kind of change"]
    assert table["变更类型 kind of change"].tolist() == ["拆分 split", "拆分 split", "更名或换码 renamed"]


def test_every_column_and_sheet_has_a_chinese_and_an_english_name():
    told = {
        **change_sheet(OLD, NEW),
        "forms": registration_forms(NEW, compare(OLD, NEW), effective=dt.date(2027, 1, 1)),
    }
    names = [*sheets(told), *(name for table in sheets(told).values() for name in table)]
    assert [name for name in names if name.isascii()] == []


ROADS = gpd.GeoDataFrame(
    {"name": ["人民路", "青年路", "通吕运河", None, "横街"]},
    geometry=[
        LineString([(208, -50), (208, 150)]),
        LineString([(90, -12), (210, -12)]),
        LineString([(100, 105), (150, 110), (210, 118)]),
        LineString([(101, 0), (101, 100)]),
        LineString([(150, -60), (150, 160)]),
    ],
    crs=4549,
)


def test_the_four_boundaries_are_streets_and_rivers_else_neighbours():
    words = bounds_in_words(NEW.iloc[[1]], ROADS, among=NEW)
    assert rows(words, "east", "south", "west", "north") == [("人民路", "青年路", "邻a", "通吕运河")]


def test_where_nothing_lies_beyond_the_boundary_is_the_territory():
    assert rows(bounds_in_words(NEW.iloc[[0]], None, among=NEW), "east", "south") == [("邻d", "界外")]


def test_a_side_along_two_streets_names_the_longer_first():
    two = gpd.GeoDataFrame(
        {"name": ["短街", "长街"]},
        geometry=[LineString([(0, -5), (30, -5)]), LineString([(30, -5), (100, -5)])],
        crs=4549,
    )
    assert bounds_in_words(NEW.iloc[[0]], two)["south"].tolist() == ["长街、短街"]


def test_of_two_streets_alongside_the_nearer_is_named():
    lines = [LineString([(0, y), (100, y)]) for y in (-20, -5, -10)]
    roads = gpd.GeoDataFrame({"name": ["甲路", "乙路", "丙路"]}, geometry=lines, crs=4549)
    assert bounds_in_words(NEW.iloc[[0]], roads)["south"].tolist() == ["乙路"]


def test_the_way_in_which_a_ring_runs_does_not_matter():
    turned = NEW.iloc[[1]].set_geometry([NEW.geometry[1].reverse()], crs=4549)
    assert rows(bounds_in_words(turned, ROADS, among=NEW), "east", "west") == [("人民路", "邻a")]


def test_a_form_names_the_old_grid_with_the_larger_share_first():
    whole = plan({"n": box(0, 0, 300, 100), "f": box(300, 0, 400, 100)})
    forms = registration_forms(whole, compare(OLD, whole), effective=dt.date(2027, 1, 1))
    assert forms["old_codes"].tolist() == ["c", "b、a"]


def test_a_registration_form_tells_what_the_grid_is_and_what_it_was():
    areas = with_communities(NEW.assign(name=["一", "二", "三", "四"]), ["W", "W", "W", "E"])
    changes = compare(with_communities(OLD, ["W", "W", "E"]), areas, HOMES)
    forms = registration_forms(areas, changes, effective=dt.date(2027, 1, 1), streets=ROADS)
    assert forms["code"].tolist() == ["d", "e", "f"]
    assert forms.iloc[0].drop(["east", "south", "west", "north"]).to_dict() == {
        "code": "d", "name": "二", "community": "W", "community_name": "西社区", "kind": "split", "households": 20,
        "residents": 50, "buildings": 1, "area_m2": 10_000, "old_codes": "b", "effective": dt.date(2027, 1, 1),
    }  # fmt: skip


def test_a_plan_that_changes_nothing_needs_no_form():
    assert not len(registration_forms(NEW.assign(level="grid"), compare(NEW, NEW), effective=dt.date(2027, 1, 1)))


def test_figures_of_a_plan_are_those_worked_out_by_hand():
    homes = things(
        {"h1": house(50), "h2": house(150), "h3": house(250), "hx": house(900)}, households=[300, 320, 450, 7]
    )
    said = figures(OLD, homes, target=300, band=0.1)
    assert (said["grids"], said["households"], said["largest"], said["smallest"]) == (3, 1070, 770, 0)
    assert said["mean_deviation"] == pytest.approx((0 + 470 / 300 + 1) / 3)
    assert (said["share_in_band"], said["buildings_outside"]) == (pytest.approx(1 / 3), 1)
    assert said["compactness_mean"] == pytest.approx((2 * 0.785398 + 0.698132) / 3, rel=1e-5)
    assert said["compactness_min"] == pytest.approx(0.698132, rel=1e-5)


def test_special_grids_count_for_the_ground_alone():
    said = figures(OLD.assign(kind=["special", "basic", "basic"], households=[0, 300, 330]))
    assert (said["grids"], said["mean_deviation"], said["share_in_band"]) == (3, pytest.approx(0.05), 1)


def test_figures_of_households_are_missing_where_nothing_tells_them():
    said = figures(OLD)
    assert said["grids"] == 3
    assert {said[name] for name in ("households", "mean_deviation", "households_moved")} == {None}


def test_two_drafts_stand_beside_each_other():
    table = differences(figures(OLD, HOMES, standing=OLD), figures(NEW, HOMES, standing=OLD)).set_index("figure")
    assert table.loc["grids"].tolist() == [3, 4, 1]
    assert table.loc["households_moved"].tolist() == [0, 20, 20]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (OLD, OLD.assign(code=["x", "y", "z"]), 0),
        (OLD, NEW, 20),
        (NEW, OLD, 20),
        (OLD, plan({"a": box(0, 0, 140, 100), "b": box(140, 0, 300, 100), "c": box(300, 0, 400, 100)}), 20),
        (OLD, OLD.iloc[:2], 40),
    ],
    ids=["renamed", "split", "merged", "border moved", "given up"],
)
def test_households_move_with_the_smaller_part_and_never_by_a_new_name(old, new, expected):
    assert households_moved(old, new, HOMES) == expected


def test_as_many_households_as_can_are_taken_to_stay():
    # a keeps 9 and gives 10 to b, which keeps 9: were a to go on as b, only 10 would stay
    old = plan({"a": box(0, 0, 200, 100), "b": box(200, 0, 300, 100)})
    new = plan({"a": box(0, 0, 100, 100), "b": box(100, 0, 300, 100)})
    homes = things({"h1": house(50), "h2": house(150), "h3": house(250)}, households=[9, 10, 9])
    assert households_moved(old, new, homes) == 10


@pytest.mark.alone
def test_a_town_of_many_buildings_has_its_change_sheet_in_seconds():
    count = 60
    squares = {
        f"{k:04d}": box(x * 100, y * 100, x * 100 + 100, y * 100 + 100)
        for k, (x, y) in enumerate((k % count, k // count) for k in range(count**2))
    }
    old = plan(squares)
    new = plan({("n" + code if code < "0100" else code): shape for code, shape in squares.items()})
    homes = things(
        {
            f"{code}-{k}": house(shape.bounds[0] + 20 + 25 * (k % 3), shape.bounds[1] + 20 + 25 * (k // 3), 9)
            for code, shape in squares.items()
            for k in range(6)
        }
    )
    doors = gpd.GeoDataFrame(
        {"id": homes["id"], "text": "x", "building": homes["id"]}, geometry=homes.centroid, crs=4549
    )
    start = time.process_time()
    told = change_sheet(old, new, buildings=homes, addresses=doors)
    assert (len(told["buildings"]), len(told["addresses"])) == (600, 600)
    assert time.process_time() - start < 3
