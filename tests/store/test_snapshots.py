"""What was in force on a day is read at one revision, whole or by what has changed."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pytest
import shapely
from pandas.testing import assert_frame_equal

from gridmap import store
from gridmap.atlas import Atlas, read_snapshot, renew_snapshot
from gridmap.store import aliases

DAY, JUNE, JULY, AUGUST = date(2026, 1, 1), date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)
TABLES = ("areas", "addresses", "streets", "buildings", "aliases", "former")


def layers():
    """One street with a plate in a building."""
    area = {"code": ["320602001"], "name": ["城东街道"], "level": ["street"]}
    return {
        "areas": gpd.GeoDataFrame(area, geometry=[shapely.box(120, 31, 121, 32)], crs=4490),
        "addresses": plate("人民路1号"),
        "streets": gpd.GeoDataFrame(
            {"id": ["s"], "name": ["人民路"]}, geometry=[shapely.LineString([(120.4, 31.5), (120.6, 31.5)])], crs=4490
        ),
        "buildings": gpd.GeoDataFrame({"id": ["b"]}, geometry=[shapely.Point(120.5, 31.5).buffer(1e-4)], crs=4490),
    }


def plate(text, number="1"):
    return gpd.GeoDataFrame(
        {"id": [number], "text": [text], "building": ["b"]}, geometry=[shapely.Point(120.5, 31.5)], crs=4490
    )


def load(record, layer, table, effective=DAY, **options):
    with record.begin() as connection:
        source = store.Source(file=layer)
        store.load(connection, layer, table, source=source, actor="test", effective=effective, **options)


def alias(record, text="老厂", effective=DAY):
    with record.begin() as connection:
        aliases.add(connection, text, "人民路1号", actor="test", effective=effective)


@pytest.fixture
def filled(record):
    for layer, table in layers().items():
        load(record, layer, table)
    return record


def test_a_snapshot_holds_all_that_a_territory_is_made_of(filled):
    alias(filled)
    held = read_snapshot(filled, AUGUST)
    assert [len(getattr(held, name)) for name in TABLES] == [1, 1, 1, 1, 1, 0]
    assert (held.version, held.first, held.until) == (5, DAY, None)


@pytest.mark.parametrize("layer", ["areas", "addresses", "streets", "buildings"])
def test_a_day_on_which_a_layer_changes_begins_another_span(filled, layer):
    changed = layers()[layer]
    changed = changed.set_geometry(changed.geometry.translate(1e-5))
    load(filled, layer, changed, effective=JULY)
    assert (read_snapshot(filled, JUNE).until, read_snapshot(filled, AUGUST).first) == (JULY, JULY)


def test_a_day_on_which_an_alias_begins_begins_another_span(filled):
    alias(filled, effective=JULY)
    before, after = read_snapshot(filled, JUNE), read_snapshot(filled, AUGUST)
    assert (before.until, after.first, len(before.aliases), len(after.aliases)) == (JULY, JULY, 0, 1)


def test_names_that_areas_had_before_are_known_from_the_day_on_which_they_changed(filled):
    renamed = layers()["areas"].assign(code="320602009", name="新城街道")
    load(filled, "areas", renamed, effective=JULY, replace=True)
    names = [read_snapshot(filled, day).former["name"].tolist() for day in (JUNE, AUGUST)]
    assert names == [[], ["城东街道"]]


def nothing(record):
    load(record, "cameras", gpd.GeoDataFrame({"id": ["c"], "kind": ["fixed"], "status": ["online"]},
                                             geometry=[shapely.Point(120.5, 31.5)], crs=4490))  # fmt: skip


def an_address(record):
    load(record, "addresses", plate("人民路2号", "2"))


def an_alias(record):
    alias(record, "大桥头")


def a_street(record):
    load(record, "streets", layers()["streets"].assign(name="工农路"))


def an_area(record):
    renamed = layers()["areas"].assign(code="320602009", name="新城街道")
    load(record, "areas", renamed, effective=JULY, replace=True)


def a_building(record):
    load(record, "buildings", layers()["buildings"].assign(id="c"))


#: What is done, and which tables are others then.
DEEDS = [
    (nothing, set()),
    (an_address, {"addresses"}),
    (an_alias, {"aliases"}),
    (a_street, {"streets"}),
    (a_building, {"buildings"}),
    (an_area, {"areas", "former"}),
]


@pytest.mark.parametrize(("deed", "others"), DEEDS, ids=[deed.__name__ for deed, _ in DEEDS])
def test_a_renewed_snapshot_is_the_one_that_a_whole_reading_gives_and_keeps_what_is_the_same(filled, deed, others):
    alias(filled)
    old = read_snapshot(filled, AUGUST)
    deed(filled)
    new, whole = renew_snapshot(filled, old, AUGUST), read_snapshot(filled, AUGUST)
    for name in TABLES:
        assert_frame_equal(getattr(new, name), getattr(whole, name))
    assert (new.version, new.first, new.until) == (whole.version, whole.first, whole.until)
    same = {name for name in TABLES if getattr(new, name) is getattr(old, name)}
    assert same >= set(TABLES) - others - {"aliases"}


def test_a_snapshot_of_another_span_is_read_whole(filled):
    load(filled, "addresses", plate("人民路9号"), effective=JULY)
    old = read_snapshot(filled, JUNE)
    assert renew_snapshot(filled, old, AUGUST).addresses["text"].tolist() == ["人民路9号"]


def test_a_running_atlas_follows_aliases_streets_and_buildings_too(filled):
    atlas = Atlas.of_record(filled)
    atlas.refresh()
    seen = [atlas.territory().version]
    for deed in (an_alias, a_street, a_building):
        deed(filled)
        assert atlas.refresh()
        seen.append(atlas.territory().version)
    assert seen == [4, 5, 6, 7]
    assert atlas.territory().find("大桥头")["address"] == "人民路1号"


def test_a_change_that_was_withdrawn_again_leaves_the_answers_as_they_were(filled):
    atlas = Atlas.of_record(filled)
    atlas.refresh()
    an_alias(filled)
    atlas.refresh()
    with filled.begin() as connection:
        aliases.withdraw(connection, "大桥头", actor="test", effective=DAY)
    atlas.refresh()
    assert atlas.territory().find("大桥头")["status"] == "not_found"
