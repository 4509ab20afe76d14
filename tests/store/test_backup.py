"""The whole record as one file, and back."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg
import pytest

from gridmap.errors import FormatError, NotFoundError, RecordError
from gridmap.store import cluster


def ask(url, question):
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        answer = connection.execute(question)
        return answer.fetchone()[0] if answer.description else None


@pytest.fixture(scope="module")
def server():
    """The URL of a server of these tests' own, since they count its databases."""
    with tempfile.TemporaryDirectory(prefix="gridmap-backup-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield cluster.up(folder, durable=False)
        cluster.down(folder)


@pytest.fixture
def record(server):
    """The URL of a record that holds one town."""
    url = server
    town = "CREATE TABLE town AS SELECT '南通'::text AS name, ST_SetSRID(ST_MakePoint(120.8, 32), 4490) AS geom"
    ask(url, f"DROP TABLE IF EXISTS town; {town}")
    return url


def test_a_backup_brings_back_what_was_lost(record, tmp_path):
    cluster.backup(record, tmp_path / "record.backup")
    ask(record, "DROP TABLE town")
    cluster.restore(record, tmp_path / "record.backup")
    assert ask(record, "SELECT name || ST_AsText(geom) || ST_SRID(geom) FROM town") == "南通POINT(120.8 32)4490"
    assert ask(record, "SELECT count(*) FROM pg_database") == 4  # gridmap, postgres, template0, template1


def test_a_backup_is_its_owners_alone_and_leaves_nothing_else_behind(record, tmp_path):
    cluster.backup(record, tmp_path / "record.backup")
    assert [(file.name, file.stat().st_mode & 0o777) for file in tmp_path.iterdir()] == [("record.backup", 0o600)]


def test_sessions_on_the_record_do_not_hinder_a_restore(record, tmp_path):
    cluster.backup(record, tmp_path / "record.backup")
    with psycopg.connect(record.replace("+psycopg", "")) as session:
        session.execute("SELECT * FROM town")
        cluster.restore(record, tmp_path / "record.backup")
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")


def cut_off(file):
    file.write_bytes(file.read_bytes()[:-300])


def overwrite(file):
    file.write_text("nothing like a backup")


@pytest.mark.parametrize("spoil", [cut_off, overwrite])
def test_a_broken_backup_leaves_the_record_as_it_is(record, tmp_path, spoil):
    cluster.backup(record, tmp_path / "record.backup")
    spoil(tmp_path / "record.backup")
    with pytest.raises(FormatError, match="the record is unchanged"):
        cluster.restore(record, tmp_path / "record.backup")
    assert ask(record, "SELECT count(*) FROM town") == 1
    assert ask(record, "SELECT count(*) FROM pg_database") == 4


def test_a_backup_of_another_database_is_refused(record, tmp_path):
    ask(record, "CREATE DATABASE other")
    cluster.backup(record.replace("/gridmap?", "/other?"), tmp_path / "other.backup")
    ask(record, "DROP DATABASE other")
    with pytest.raises(FormatError, match="not of gridmap's record"):
        cluster.restore(record, tmp_path / "other.backup")
    assert ask(record, "SELECT count(*) FROM town") == 1


def test_a_backup_that_fails_leaves_the_one_before(record, tmp_path):
    tmp_path.joinpath("record.backup").write_text("yesterday's")
    with pytest.raises(RecordError, match="pg_dump failed"):
        cluster.backup(record.replace("/gridmap?", "/absent?"), tmp_path / "record.backup")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["yesterday's"]


def test_a_backup_that_is_not_there_is_named(record, tmp_path):
    with pytest.raises(NotFoundError, match=r"none\.backup"):
        cluster.restore(record, tmp_path / "none.backup")
