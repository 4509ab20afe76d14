"""Indexes of addresses: kept from one start to the next, and updated in place where little has changed."""

from __future__ import annotations

import gc
import os
import time
import weakref
from dataclasses import replace
from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, box, points

from gridmap.address import Gazetteer
from gridmap.atlas import Atlas, Shelf, Snapshot, book, build_territory
from gridmap.atlas.renewal import difference, renewed
from gridmap.atlas.shelf import digest
from gridmap.territory import answering

DAY = date(2026, 1, 1)
FORMER = pd.DataFrame(
    {
        "name": ["旧城街道"],
        "level": "street",
        "until": [DAY],
        "successors": [("1",)],
        "shares": [(1.0,)],
        "how": "renamed",
    }
)
ALIASES = pd.DataFrame({"alias": ["老厂"], "means": ["人民路1号"]})


def areas():
    """A district of two grids, parted at 120.05."""
    return gpd.GeoDataFrame(
        {"code": ["1", "11", "12"], "name": ["崇川区", "一网格", "二网格"], "level": ["district", "grid", "grid"]}
        | {"parent": [None, "1", "1"], "households": [3, 1, 2]},
        geometry=[box(120, 32, 120.1, 32.1), box(120, 32, 120.05, 32.1), box(120.05, 32, 120.1, 32.1)],
        crs=4490,
    )


def plates(count=40, road="人民路"):
    """Numbers 1 to 40 of a road from west to east, 250 m apart; each with a building of its own number."""
    numbers = range(1, count + 1)
    texts = [f"{road}{number}号" for number in numbers]
    where = points([120 + number / 400 - 0.001 for number in numbers], 32.05)
    return gpd.GeoDataFrame(
        {"id": [f"p{n}" for n in numbers], "text": texts, "building": [f"b{n}" for n in numbers]},
        geometry=where,
        crs=4490,
    )


def houses(width=1e-4):
    centres = plates().geometry
    shapes = [box(spot.x - width, spot.y - width, spot.x + width, spot.y + width) for spot in centres]
    return gpd.GeoDataFrame({"id": [f"b{number}" for number in range(1, 41)]}, geometry=shapes, crs=4490)


def streets(name="人民路"):
    return gpd.GeoDataFrame(
        {"id": ["s"], "name": [name]}, geometry=[LineString([(120, 32.05), (120.1, 32.05)])], crs=4490
    )


def snapshot(**changes):
    tables = {"areas": areas(), "addresses": plates(), "streets": streets(), "buildings": houses()}
    whole = Snapshot(version=1, first=None, until=None, aliases=ALIASES, former=FORMER, **tables)
    return replace(whole, **changes)


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A shelf on which indexes of few addresses are kept as well."""
    monkeypatch.setattr(book, "LEAST_ADDRESSES", 1)
    return Shelf(tmp_path / "data" / "index", most=2)


@pytest.fixture
def built(monkeypatch):
    """A list that grows with every index that is built."""
    builds = []

    class Counted(Gazetteer):
        def __init__(self, *tables, **more):
            builds.append(len(tables[0]))
            super().__init__(*tables, **more)

    monkeypatch.setattr(answering, "Gazetteer", Counted)
    return builds


def opened(shelf, **changes):
    return build_territory(snapshot(**changes), DAY, shelf=shelf)


def answers(territory):
    asked = ["人民路7号", "人民路40号", "老厂", "新厂", "工农路7号", "人民路99号", "旧城街道人民路8号", "人民路20号"]
    said = [territory.find(text) for text in asked]
    return [{key: value for key, value in answer.items() if key not in {"version", "on"}} for answer in said]


def test_a_kept_index_is_opened_and_not_built_and_answers_alike(shelf, built):
    first, again = opened(shelf), opened(shelf)
    assert built == [40]
    assert answers(again) == answers(first)


def test_without_a_shelf_nothing_is_kept(built, tmp_path):
    opened(None)
    opened(None)
    assert (built, list(tmp_path.iterdir())) == ([40, 40], [])


def changed(table, row, **cells):
    table = table.copy()
    for column, value in cells.items():
        table[column] = [value if at == row else cell for at, cell in enumerate(table[column])]
    return table


OTHER = {
    "an address": {"addresses": changed(plates(), 3, text="人民路4号A")},
    "an id": {"addresses": changed(plates(), 3, id="x")},
    "a building of an address": {"addresses": changed(plates(), 3, building="b9")},
    "a place": {"addresses": plates().set_geometry(plates().geometry.translate(1e-9))},
    "one address less": {"addresses": plates(39)},
    "a system": {"addresses": plates().to_crs(4326)},
    "an area's name": {"areas": changed(areas(), 1, name="三网格")},
    "an area's parent": {"areas": changed(areas(), 1, parent=None)},
    "a border": {"areas": areas().set_geometry(areas().geometry.translate(1e-9))},
    "a street": {"streets": streets("工农路")},
    "no streets": {"streets": None},
    "an alias": {"aliases": changed(ALIASES, 0, means="人民路2号")},
    "a former name": {"former": changed(FORMER, 0, name="旧街道")},
    "a successor": {"former": changed(FORMER, 0, successors=("11",))},
}


@pytest.mark.parametrize("change", OTHER.values(), ids=OTHER)
def test_an_index_of_anything_else_has_another_key(change):
    assert digest(snapshot(**change)) != digest(snapshot())


@pytest.mark.parametrize(
    "change",
    [{"version": 9}, {"areas": changed(areas(), 1, households=77)}, {"buildings": houses(2e-4)}],
    ids=["revision", "households", "buildings"],
)
def test_what_no_index_is_made_of_does_not_change_its_key(change):
    assert digest(snapshot(**change)) == digest(snapshot())


def test_cells_do_not_run_into_one_another():
    left, right = (pd.DataFrame({"alias": [a], "means": [b]}) for a, b in (("ab", "c"), ("a", "bc")))
    assert digest(snapshot(aliases=left)) != digest(snapshot(aliases=right))


def cut(path):
    path.write_bytes(path.read_bytes()[:-9])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path):
    path.write_bytes(b"")


def of_another_version(path):
    path.write_bytes(path.read_bytes().replace(b"gridmap addresses ", b"gridmap addresses 9", 1))


@pytest.mark.parametrize("spoil", [cut, flip, empty, of_another_version], ids=lambda spoil: spoil.__name__)
def test_a_damaged_index_is_told_of_and_built_anew(shelf, built, caplog, spoil):
    opened(shelf)
    (path,) = shelf.folder.iterdir()
    spoil(path)
    assert opened(shelf).find("人民路7号")["area"] == "11"
    assert "is built anew" in caplog.text
    opened(shelf)
    assert built == [40, 40]


def test_an_index_is_its_owners_alone_and_lies_there_whole(shelf):
    opened(shelf)
    (path,) = shelf.folder.iterdir()
    assert (path.suffix, path.stat().st_mode & 0o777, shelf.folder.stat().st_mode & 0o777) == (".index", 0o600, 0o700)


def test_only_the_indexes_used_last_are_kept(shelf, built):
    for count in (40, 39, 40, 38):
        opened(shelf, addresses=plates(count))
        time.sleep(0.02)
    opened(shelf)
    assert (built, len(list(shelf.folder.iterdir()))) == ([40, 39, 38], 2)


def test_what_was_never_finished_is_cleared_away_after_a_while(shelf):
    opened(shelf)
    new, old = shelf.folder / ".new.part", shelf.folder / ".old.part"
    for path, age in ((new, 0), (old, 7200)):
        path.write_text("x")
        os.utime(path, (time.time() - age, time.time() - age))
    opened(shelf, addresses=plates(39))
    assert (new.exists(), old.exists()) == (True, False)


def test_where_nothing_can_be_kept_answers_are_given_all_the_same(shelf, caplog):
    shelf.folder.parent.write_text("no folder")
    assert opened(shelf).find("人民路7号")["area"] == "11"
    assert "is not kept" in caplog.text


def test_an_index_of_few_addresses_is_not_kept(tmp_path):
    shelf = Shelf(tmp_path / "index", most=2)
    opened(shelf)
    assert not shelf.folder.exists()


def updated(**changes):
    """The territory of the first snapshot, and what becomes of it when some of its tables are others."""
    before = snapshot()
    base = build_territory(before, DAY)
    return base, renewed(base, before, replace(before, version=2, **changes))


def some(**cells):
    return changed(plates(), 6, **cells)


def moved(number, lon):
    table = plates()
    spots = [points(lon, 32.05) if at == number - 1 else spot for at, spot in enumerate(table.geometry)]
    return table.set_geometry(gpd.GeoSeries(spots, crs=4490))


DEEDS = {
    "a new text": {"addresses": some(text="工农路7号")},
    "a new address": {"addresses": pd.concat([plates(), plates(1, "工农路").assign(id="q", text="工农路7号")])},
    "an address less": {"addresses": plates().drop(index=6)},
    "an address moved": {"addresses": moved(7, 120.09)},
    "another building": {"addresses": some(building="b40")},
    "a new alias": {"aliases": pd.DataFrame({"alias": ["新厂"], "means": ["人民路40号"]})},
    "buildings that reach over a border": {"buildings": houses(2e-3)},
    "both": {"addresses": some(text="工农路7号"), "buildings": houses(2e-3)},
    "nothing": {},
}


@pytest.mark.parametrize("change", DEEDS.values(), ids=DEEDS)
def test_an_updated_territory_answers_as_one_that_is_built_anew(monkeypatch, change):
    monkeypatch.setattr("gridmap.atlas.renewal.MOST_CHANGED", 0.1)
    _, after = updated(**change)
    assert answers(after) == answers(build_territory(replace(snapshot(), **change), DAY))
    assert after.version == 2


def test_an_address_said_to_be_in_another_building_no_longer_answers_by_the_one_before():
    wide = snapshot(buildings=houses(2e-3))
    after = replace(wide, version=2, addresses=changed(plates(), 19, building="b40"))
    base = build_territory(wide, DAY)
    said = [territory.find("人民路20号")["status"] for territory in (base, renewed(base, wide, after))]
    # its own house reaches over the border at 120.05; number 40 is 5 km away and cannot be meant
    assert said == ["ambiguous", "found"]


def test_an_update_builds_no_index_and_leaves_the_older_territory_as_it_was(built):
    base, after = updated(addresses=some(text="工农路7号"))
    assert (base.find("人民路7号")["status"], after.find("工农路7号")["status"]) == ("found", "found")
    assert (base.find("工农路7号")["status"], base.version, built) == ("not_found", 1, [40])


def test_the_areas_of_an_updated_territory_are_not_indexed_again():
    base, after = updated(addresses=some(text="工农路7号"))
    assert after.index is base.index


FARTHER = {
    "areas": {"areas": areas()},
    "streets": {"streets": streets()},
    "former names": {"former": FORMER.copy()},
    "too many addresses": {"addresses": plates(40, "工农路")},
    "no addresses": {"addresses": None},
    "an id twice": {"addresses": pd.concat([plates(), plates(1)])},
    "another system": {"addresses": plates().to_crs(4326)},
}


@pytest.mark.parametrize("change", FARTHER.values(), ids=FARTHER)
def test_what_differs_in_more_than_a_few_addresses_is_built_anew(change):
    assert updated(**change)[1] is None


def test_a_difference_names_what_is_new_changed_and_gone():
    after = some(text="工农路7号").drop(index=0)
    after = pd.concat([after, plates(1).assign(id="q")], ignore_index=True)
    found = difference(plates(), after)
    assert (found.changed["id"].tolist(), found.gone) == (["p7", "q"], ("p1",))


def test_a_missing_building_is_no_difference_to_another_missing_one():
    one, other = (plates().assign(building=pd.Series([gap] * 40, dtype=object)) for gap in (None, float("nan")))
    assert difference(one, other).rows == 0


class _Record:
    """A record whose snapshots a test sets."""

    def __init__(self):
        self.now, self.renewals = snapshot(), 0

    def read(self, _):
        return self.now

    def renew(self, old, _):
        self.renewals += 1
        same = {name: getattr(old, name) for name in ("areas", "streets", "former")}
        return replace(self.now, **same)

    def change(self, **tables):
        self.now = replace(self.now, version=self.now.version + 1, **tables)


@pytest.fixture
def record():
    return _Record()


@pytest.fixture
def atlas(record, shelf):
    atlas = Atlas(record.read, lambda: record.now.version, renew=record.renew, shelf=shelf)
    atlas.refresh()
    return atlas


def test_a_change_of_one_address_is_followed_without_building_an_index(atlas, record, built):
    record.change(addresses=some(text="工农路7号"))
    assert (atlas.refresh(), built, record.renewals) == (True, [], 1)
    assert (atlas.territory().find("工农路7号")["status"], atlas.territory().version) == ("found", 2)


def test_what_was_in_force_before_a_change_is_let_go(atlas, record):
    before = weakref.ref(atlas.territory())
    record.change(addresses=some(text="工农路7号"))
    atlas.refresh()
    gc.collect()
    assert before() is None


def test_what_was_read_before_the_first_refresh_is_neither_built_nor_kept_again(record, shelf, built, monkeypatch):
    monkeypatch.setattr(book, "QUIET_S", 0)
    atlas = Atlas(record.read, lambda: record.now.version, renew=lambda old, _: old, shelf=shelf)
    atlas.territory()
    (path,) = shelf.folder.iterdir()
    path.unlink()
    atlas.refresh()
    atlas._keep_updated()
    assert (built, list(shelf.folder.iterdir())) == ([40], [])


def test_an_updated_index_is_kept_when_changes_have_ceased_for_a_while(atlas, record, shelf, monkeypatch):
    record.change(addresses=some(text="工农路7号"))
    atlas.refresh()
    atlas._keep_updated()
    assert len(list(shelf.folder.iterdir())) == 1
    monkeypatch.setattr(book, "QUIET_S", 0)
    atlas._keep_updated()
    assert len(list(shelf.folder.iterdir())) == 2
    assert shelf.take(digest(record.now)).match("工农路7号").status == "found"


def test_an_update_that_was_kept_is_not_kept_again(atlas, record, shelf, monkeypatch):
    monkeypatch.setattr(book, "QUIET_S", 0)
    record.change(addresses=some(text="工农路7号"))
    atlas.refresh()
    atlas._keep_updated()
    (shelf.folder / f"{digest(record.now)}.index").unlink()
    atlas._keep_updated()
    assert len(list(shelf.folder.iterdir())) == 1
