"""PostGIS found on this machine, or fetched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from gridmap.errors import RecordError
from gridmap.postgis import apt, packages

ROOT = Path(__file__).parents[2]
NOBODY = 65534
# what a user without root does on a machine without PostGIS; standard library only, so that the system's Python will do
ROOTLESS = """
import sys
from pathlib import Path
from gridmap.postgis import apt, cluster, packages
folder = Path(sys.argv[1])
apt.unpack(folder / "postgis", status=folder / "status")
packages._system_folders = lambda: iter(())
cluster.up(folder, durable=False)
print(packages.find(unpacked=[folder / "postgis"]).folder.relative_to(folder), cluster.status(folder).running)
cluster.down(folder)
"""


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


def test_postgis_is_unpacked_once_for_all_data_folders_of_a_user(monkeypatch, tmp_path):
    usual, other = tmp_path / "home/gridmap/postgis", tmp_path / "other/postgis"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GRIDMAP_DATA_DIR", str(tmp_path / "other"))
    assert packages.unpacked_dir() == other
    usual.mkdir(parents=True)
    assert packages.unpacked_dir() == usual
    other.mkdir(parents=True)
    assert packages.unpacked_dir() == other


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
    prefix = packages.default_data_dir() / "postgis"
    found = packages.provide(prefix)
    assert packages.find(major=found.major, unpacked=[prefix]) == found
    assert packages.find(major=9, unpacked=[prefix]) is None


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


def test_an_archive_that_does_not_answer_is_told_of(monkeypatch, tmp_path):
    # apt-get update without any network says so, and ends with status 0
    monkeypatch.setattr(apt, "_run", lambda *_, **__: "")
    monkeypatch.setattr(apt, "_SYSTEM_LISTS", tmp_path)
    with pytest.raises(RecordError, match=r"archive cannot be reached.*GRIDMAP_DATABASE_URL"):
        apt.install()


def without_postgis():
    """What dpkg would say on this machine if neither PostgreSQL nor PostGIS nor what needs them were installed."""
    entries = Path("/var/lib/dpkg/status").read_text().split("\n\n")
    gone = {"libgdal32", "libgeos-c1v5", "libproj25"}
    kept = [entry for entry in entries if not re.match(r"Package: (postgresql|postgis)", entry)]
    while True:
        dropped = [entry for entry in kept if name_of(entry) in gone or needs(entry) & gone]
        if not dropped:
            return "\n\n".join(kept) + "\n\n"
        gone |= {name_of(entry) for entry in dropped}
        kept = [entry for entry in kept if entry not in dropped]


def name_of(entry):
    return entry.removeprefix("Package: ").partition("\n")[0]


def needs(entry):
    found = re.findall(r"^(?:Pre-)?Depends: (.*)$", entry, re.MULTILINE)
    return {name for line in found for name in re.findall(r"(?:^|, )([a-z0-9][a-z0-9.+-]+)", line)}


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("apt-get"), reason="needs Debian's package archive")
def test_a_user_without_root_gets_postgis_unpacked_and_running():
    with tempfile.TemporaryDirectory(prefix="gridmap-rootless-", ignore_cleanup_errors=True) as folder:
        Path(folder, "status").write_text(without_postgis())
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        if who:
            os.chown(folder, NOBODY, NOBODY)
        home = {"PATH": os.defpath, "HOME": folder, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        command = ["/usr/bin/python3", "-c", ROOTLESS, folder]
        ran = subprocess.run(command, cwd="/", env=home, capture_output=True, text=True, check=False, **who)
    if "No module named 'gridmap'" in ran.stderr:
        pytest.skip("this checkout lies where other users cannot read it")
    if "archive cannot be reached" in ran.stderr:
        pytest.skip("Debian's package archive cannot be reached from here")
    assert re.fullmatch(r"postgis/usr/lib/postgresql/\d+/bin True\n", ran.stdout), ran.stderr
