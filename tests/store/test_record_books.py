"""The schema against its promises, migrations, the audit trail, revisions and keys."""

from __future__ import annotations

import re
from datetime import date

import geopandas as gpd
import psycopg
import pytest
import shapely
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import DBAPIError

from gridmap import store
from gridmap.errors import ConflictError, InputError, NotFoundError, RecordError
from gridmap.frames import FRAMES, personal
from gridmap.store.engine import NEWEST, alembic_config
from gridmap.store.schema import LAYERS, metadata

DAY = date(2026, 1, 1)
SOURCE = store.Source(file="addresses.csv", sha256="ab" * 32)
KINDS = {"text": "TEXT", "choice": "TEXT", "integer": "INTEGER", "number": "DOUBLE", "date": "DATE", "time": "DATETIME"}


@pytest.mark.parametrize("layer", FRAMES)
def test_the_schema_keeps_what_the_frames_promise(layer):
    promised = {
        column.name: column for column in FRAMES[layer].columns if column.name not in {"valid_from", "valid_to"}
    }
    held = {column.name: column for column in LAYERS[layer].columns}
    assert {name: held[name].type.__visit_name__.upper() for name in promised} == {
        name: KINDS[column.kind] for name, column in promised.items()
    }
    assert all(column.required is not held[name].nullable for name, column in promised.items())


def test_every_layer_of_the_record_is_promised():
    assert set(LAYERS) == set(FRAMES)


def test_no_column_names_or_numbers_a_person():
    names = {column.name for table in metadata.tables.values() for column in table.columns}
    assert not [name for name in names if personal(name)]
    assert not [name for name in names if re.search("person|resident_|phone|mobile|id_?card|face|birth|sex", name)]


def test_the_migrations_make_what_the_schema_says(record):
    with record.begin() as connection:
        command.check(alembic_config(connection))


def test_the_newest_version_is_that_of_the_last_migration(record):
    with record.begin() as connection:
        assert ScriptDirectory.from_config(alembic_config(connection)).get_current_head() == NEWEST


def test_a_record_can_be_taken_back_and_made_again(record_url):
    store.migrate(record_url, target="base")
    with pytest.raises(RecordError, match="gridmap db migrate"):
        store.connect(record_url)
    store.migrate(record_url)
    store.connect(record_url).dispose()


def test_a_record_of_a_newer_gridmap_is_refused(record, record_url):
    with record.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RecordError, match="9999, newer than this gridmap"):
        store.connect(record_url)
    with pytest.raises(RecordError, match="newer"):
        store.migrate(record_url)


def test_a_server_that_is_not_there_is_told_in_one_sentence():
    with pytest.raises(RecordError, match="cannot be reached") as caught:
        store.connect("postgresql://nobody:secret@/gridmap?host=/nowhere")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["sqlite:///record.db", "not an address"])
def test_an_address_of_another_kind_is_refused(url):
    with pytest.raises(InputError):
        store.connect(url)


def test_a_statement_is_given_up_after_its_time(record_url):
    engine = store.connect(record_url, statement_timeout_s=0.1)
    with engine.connect() as connection, pytest.raises(DBAPIError, match="statement timeout"):
        connection.execute(text("SELECT pg_sleep(5)"))
    engine.dispose()


def addresses(*ids):
    return gpd.GeoDataFrame(
        {"id": ids, "text": [f"人民路{n}号" for n in ids]}, geometry=[shapely.Point(120, 31)] * len(ids), crs=4490
    )


def load(connection, *ids):
    return store.load(connection, "addresses", addresses(*ids), source=SOURCE, actor="desk", effective=DAY)


def test_a_load_leaves_its_provenance_and_one_audit_row(record):
    with record.begin() as connection:
        report = load(connection, "1", "2")
        kept = connection.execute(text("SELECT file, sha256, actor, rows, effective FROM loads")).one()
        noted = connection.execute(text("SELECT actor, action, layer, load_id, detail->>'added' FROM audit")).one()
    assert kept == ("addresses.csv", "ab" * 32, "desk", 2, DAY)
    assert noted == ("desk", "load", "addresses", report.load_id, "2")


def test_what_is_rolled_back_leaves_no_row_anywhere(record):
    with record.connect() as connection:
        load(connection, "1")
        connection.rollback()
        tables = [metadata.tables[name] for name in ("addresses", "loads", "audit")]
        assert [connection.scalar(select(func.count()).select_from(table)) for table in tables] == [0, 0, 0]
        assert store.revision(connection) == 0


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_audit_trail_cannot_be_changed(record, change):
    with record.connect() as connection:
        load(connection, "1")
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(change))


CHANGES = [
    "actor = 'x'",
    "role = 'x'",
    "action = 'x'",
    "layer = 'x'",
    "load_id = 9",
    "detail = '{}'",
    "at = at + '1 us'",
]
CHANGES += ["prev = sha256('x')", "hash = sha256('x')", "audit_id = 9"]


@pytest.mark.parametrize("change", CHANGES)
def test_an_audit_row_that_was_altered_behind_the_triggers_is_found(record, change):
    with record.begin() as connection:
        for number in "123":
            load(connection, number)
        assert store.verify_audit(connection).broken_at is None
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_append_only"))
        connection.exec_driver_sql(f"UPDATE audit SET {change} WHERE audit_id = 2")  # noqa: S608 (the test's own words)
        assert store.verify_audit(connection).broken_at in {2, 3}


def test_an_audit_row_that_was_taken_out_is_found(record):
    with record.begin() as connection:
        for number in "123":
            load(connection, number)
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_append_only"))
        connection.execute(text("DELETE FROM audit WHERE audit_id = 2"))
        assert store.verify_audit(connection).broken_at == 3


def test_the_revision_grows_once_for_a_transaction_that_changes_something(record):
    def revision_after(*ids):
        with record.begin() as connection:
            for number in ids:
                load(connection, number)
            return store.revision(connection)

    assert [revision_after("1"), revision_after("2", "3"), revision_after("1"), revision_after()] == [1, 2, 2, 2]


def test_a_change_by_another_client_counts_and_is_told(record, record_url):
    with psycopg.connect(record_url.replace("+psycopg", ""), autocommit=True) as listener:
        listener.execute("LISTEN gridmap_changed")
        with record.begin() as connection:
            load(connection, "1")
        with record.begin() as connection:
            connection.execute(text("UPDATE addresses SET text = 'x'"))
        told = [notice.payload for notice in listener.notifies(timeout=5, stop_after=2)]
    assert told == ["1", "2"]


def test_a_key_is_found_by_its_secret_until_it_is_revoked(record):
    with record.begin() as connection:
        secret = store.add_key(connection, "command centre", "operator", actor="desk")
        found = store.find_key(connection, secret)
        assert (found.name, found.role, found.prefix) == ("command centre", "operator", secret[:9])
        assert store.find_key(connection, secret + "x") is None
        store.revoke_key(connection, "command centre", actor="desk")
        assert store.find_key(connection, secret) is None


def test_a_secret_is_kept_nowhere(record):
    with record.begin() as connection:
        secret = store.add_key(connection, "command centre", "operator", actor="desk")
        kept = [
            connection.scalar(text(query))
            for query in ("SELECT k::text FROM api_keys k", "SELECT a::text FROM audit a")
        ]
    assert len(kept) == 2
    assert not [row for row in kept if secret[9:] in row]


def test_two_keys_in_use_cannot_share_a_name(record):
    with record.connect() as connection:
        store.add_key(connection, "desk", "viewer", actor="desk")
        with pytest.raises(ConflictError, match="desk"):
            store.add_key(connection, "desk", "viewer", actor="desk")


def test_an_unknown_role_or_name_of_a_key_is_refused(record):
    with record.connect() as connection:
        with pytest.raises(InputError, match="device, viewer, operator, mediator, grid-admin, system-admin"):
            store.add_key(connection, "desk", "king", actor="desk")
        with pytest.raises(NotFoundError, match="nobody"):
            store.revoke_key(connection, "nobody", actor="desk")


def test_a_database_of_another_encoding_is_refused(record_url):
    name = "gridmap_latin"
    root = create_engine(record_url, isolation_level="AUTOCOMMIT")
    with root.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    try:
        with pytest.raises(RecordError, match="SQL_ASCII"):
            store.migrate(root.url.set(database=name).render_as_string(hide_password=False))
    finally:
        with root.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        root.dispose()
