"""PostGIS found on this machine, or fetched."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from gridmap.errors import RecordError
from gridmap.postgis import apt, packages

NOBODY = 65534


@pytest.mark.parametrize(
    ("environment", "root", "expected"),
    [
        ({"GRIDMAP_DATA_DIR": "/srv/grids", "HOME": "/usr"}, True, "/srv/grids"),
        ({"HOME": "/root"}, True, "/var/lib/gridmap"),
        ({"HOME": "/usr", "XDG_DATA_HOME": "/srv/data"}, False, "/srv/data/gridmap"),
        ({"HOME": "/usr"}, False, "/usr/.local/share/gridmap"),
    ],
    ids=["stated", "root", "xdg", "home"],
)
def test_the_data_folder_is_where_its_user_expects_it(monkeypatch, environment, root, expected):
    for name in ("GRIDMAP_DATA_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    assert packages.default_data_dir() == Path(expected)


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch):
    for name in ("GRIDMAP_DATA_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(RecordError, match="set GRIDMAP_DATA_DIR"):
        packages.default_data_dir()


def test_a_folder_stated_for_the_programs_is_the_only_one_looked_at(monkeypatch, tmp_path):
    monkeypatch.setenv("GRIDMAP_PG_BIN", str(tmp_path))
    with pytest.raises(RecordError, match=f"GRIDMAP_PG_BIN={re.escape(str(tmp_path))} holds no such server"):
        packages.find()


def test_the_programs_found_are_of_the_version_asked_for():
    found = packages.find()
    assert packages.find(major=found.major) == found
    assert packages.find(major=9) is None


def test_a_server_without_postgis_does_not_count(monkeypatch):
    monkeypatch.setattr(packages, "EXTENSIONS", ("postgis", "an extension that nobody has"))
    assert packages.find() is None


def test_a_machine_without_a_package_archive_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(packages, "_system_folders", lambda: iter(()))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(
        RecordError,
        match=r"PostGIS is missing here.*sudo apt-get install postgresql-15-postgis-3.*GRIDMAP_DATABASE_URL",
    ):
        packages.provide(tmp_path / "postgis", major=15)


def test_an_archive_without_postgis_is_told_of(monkeypatch):
    monkeypatch.setattr(apt, "_run", lambda *_, **__: "postgresql-15-postgis-3 - spatial\n")
    assert apt._package(None) == "postgresql-15-postgis-3"
    with pytest.raises(RecordError, match="offers no postgresql-17-postgis-3"):
        apt._package(17)


def test_the_newest_postgresql_of_the_archive_is_taken(monkeypatch):
    monkeypatch.setattr(apt, "_run", lambda *_, **__: "postgresql-9-postgis-3 - a\npostgresql-16-postgis-3 - b\n")
    assert apt._package(None) == "postgresql-16-postgis-3"
