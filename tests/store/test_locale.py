"""Records in databases of other locales: refused where Chinese characters are no letters, else as anywhere."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from datetime import date

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import create_engine

from gridmap import cli, store
from gridmap.atlas import Atlas
from gridmap.errors import ConflictError, RecordError
from gridmap.store import aliases

DAY, LATER = date(2026, 1, 1), date(2026, 6, 1)
SOURCE = store.Source(file="layer.geojson")


@contextmanager
def database(server, ctype):
    """URL of an empty database that sorts by bytes, and takes for letters what its LC_CTYPE says."""
    root = create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"gridmap_locale_{ctype.lower().replace('.', '_').replace('-', '_')}_{os.getpid()}"
    with root.connect() as connection:
        made = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE '{ctype}'"
        connection.exec_driver_sql(made)
    try:
        yield root.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with root.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        root.dispose()


# --- no letters


@pytest.fixture
def unlettered(database_server):
    with database(database_server, "C") as url:
        yield url


def asked(url, question):
    engine = create_engine(url)
    with engine.connect() as connection:
        answer = connection.exec_driver_sql(question).scalar_one()
    engine.dispose()
    return answer


def test_such_a_database_takes_no_chinese_character_for_a_letter(unlettered):
    assert asked(unlettered, "SELECT datctype FROM pg_database WHERE datname = current_database()") == "C"
    assert asked(unlettered, "SELECT '号' ~ '[[:alpha:]]'") is False


def test_no_record_is_made_in_such_a_database_and_none_is_read(unlettered):
    with pytest.raises(RecordError, match=r"LC_CTYPE .* expected C.UTF-8; make the database again"):
        store.migrate(unlettered)
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'spatial_ref_sys'"
    assert asked(unlettered, tables) == 0
    with pytest.raises(RecordError):
        store.connect(unlettered)


@pytest.mark.parametrize("command", [["db", "migrate"], ["locate", "人民路5号"], ["aliases", "list"]], ids=" ".join)
def test_a_shell_is_told_so_in_one_sentence(unlettered, monkeypatch, capsys, tmp_path, command):
    engine = create_engine(unlettered)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS postgis")
    engine.dispose()
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", unlettered)
    monkeypatch.setenv("GRIDMAP_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["gridmap", *command])
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr()
    assert (end.value.code, said.out) == (2, "")
    assert "LC_CTYPE" in said.err
    assert "Traceback" not in said.err


# --- letters, sorted by bytes


@pytest.fixture(scope="module")
def bytewise(database_server):
    """An engine on a record in a database that sorts by bytes: a district of two streets, three plates."""
    with database(database_server, "C.UTF-8") as url:
        store.migrate(url)
        engine = store.connect(url)
        for layer, table in (("areas", areas()), ("addresses", plates())):
            with engine.begin() as connection:
                store.load(connection, layer, table, source=SOURCE, actor="test", effective=DAY)
        yield engine
        engine.dispose()


def areas():
    west, east = shapely.box(120, 32, 120.01, 32.01), shapely.box(120.01, 32, 120.02, 32.01)
    return gpd.GeoDataFrame(
        {
            "code": ["320613", "320613001", "320613002"],
            "name": ["崇川区", "城东街道", "狼山镇街道"],
            "level": ["district", "street", "street"],
            "parent": [None, "320613", "320613"],
        },
        geometry=[shapely.box(120, 32, 120.02, 32.01), west, east],
        crs=4490,
    )


def plates():
    texts = ["南通市崇川区人民路5号", "南通市崇川区人民路9号", "南通市崇川区学田路3号Ａ座"]
    return gpd.GeoDataFrame(
        {"id": ["a", "b", "c"], "text": texts}, geometry=shapely.points([120.005, 120.015, 120.006], 32.005), crs=4490
    )


def find(engine, text, on=DAY):
    """Status and area of a text, as a service on this record answers."""
    atlas = Atlas.of_record(engine)
    answer = atlas.territory(on).find(text)
    atlas.close()
    return answer["status"], answer["area"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("人民路5号", ("found", "320613001")),
        ("崇川區人民路９號", ("found", "320613002")),
        ("仁民路5号", ("found", "320613001")),
        ("学田路3号a座", ("found", "320613001")),
        ("人民路6号", ("not_found", None)),
        ("苏州市人民路5号", ("not_found", None)),
        ("狼山镇街道", ("found", "320613002")),
    ],
    ids=["plate", "traditional", "misheard", "letter", "no such number", "another city", "street"],
)
def test_addresses_are_found_and_refused_as_anywhere(bytewise, text, expected):
    assert find(bytewise, text) == expected


def test_a_point_is_in_one_area_in_sql_too(bytewise):
    with bytewise.connect() as connection:
        codes = connection.exec_driver_sql(
            "SELECT code FROM areas_of(%s, %s, %s)", ([120.005, 120.01, 120.015], [32.005] * 3, DAY)
        ).scalars()
        assert list(codes) == ["320613001", "320613002", "320613002"]


def test_aliases_hold_are_followed_and_known_in_whatever_way_they_are_written(bytewise):
    with bytewise.begin() as connection:
        aliases.add(connection, "老纺织厂Ａ区", "人民路9号", actor="test", effective=LATER)
    with pytest.raises(ConflictError), bytewise.begin() as connection:
        aliases.add(connection, "老紡織廠a區", "人民路5号", actor="test", effective=LATER)
    assert find(bytewise, "老纺织厂A区", LATER) == ("found", "320613002")
    assert find(bytewise, "老纺织厂A区", DAY)[0] == "not_found"
    with bytewise.begin() as connection:
        aliases.withdraw(connection, "老纺织厂a区", actor="test", effective=LATER)
    assert find(bytewise, "老纺织厂A区", LATER)[0] == "not_found"


def test_names_are_read_back_as_they_were_loaded(bytewise):
    with bytewise.connect() as connection:
        assert set(store.read(connection, "areas", on=DAY)["name"]) == {"崇川区", "城东街道", "狼山镇街道"}
        assert set(store.read(connection, "addresses", on=DAY)["text"]) == set(plates()["text"])
