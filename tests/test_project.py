"""The project's own order: floors, locks, a quick command line, nothing big."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = sorted(path.stem for path in (ROOT / "requirements").glob("*.lock"))
HEAVY = {"numpy", "pandas", "geopandas", "shapely", "sqlalchemy", "fastapi", "pyproj", "scipy", "folium", "psycopg"}
#: files that may be larger than 300 kB, and why
LARGE: dict[str, str] = {}


def in_checkout(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_imports_go_down_the_floors_only():
    checked = in_checkout(
        sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"
    )
    assert checked.returncode == 0, checked.stdout


def test_no_table_is_moved_to_another_datum_in_silence():
    # geopandas' own to_crs moves Xian 1980 by nothing and says nothing: crs.to_system refuses it
    sources = [path for path in (ROOT / "gridmap").rglob("*.py") if ".to_crs(" in path.read_text(encoding="utf-8")]
    assert sources == []


def test_no_shape_that_others_hold_is_prepared():
    # two threads that first ask one prepared shape crash the process: gridmap.prepared makes copies
    sources = [path for path in (ROOT / "gridmap").rglob("*.py") if "shapely.prepare(" in path.read_text("utf-8")]
    assert sources == [ROOT / "gridmap/prepared.py"]


def group(name):
    """The requirements of a dependency group, its included groups' among them."""
    for entry in PROJECT["dependency-groups"][name]:
        yield from group(entry["include-group"]) if isinstance(entry, dict) else [entry]


def direct(lock):
    """What pyproject.toml asks for that must stand in a lock."""
    run = PROJECT["project"]["dependencies"]
    fast = PROJECT["project"]["optional-dependencies"]["fast"]
    return {"run": run, "dev": [*run, *fast, *group("dev")]}.get(lock) or list(group(lock))


def locked(lock):
    """Versions per package name, several where they depend on the Python."""
    found = {}
    text = (ROOT / f"requirements/{lock}.lock").read_text()
    for name, version in re.findall(r"^([a-z0-9][a-z0-9.-]*)==([^ ;\\]+)", text, re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(Version(version))
    return found


def test_there_is_a_lock_for_each_way_of_setting_up():
    assert LOCKS == ["dev", "node", "peers", "run", "setup"]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_every_direct_dependency_in_a_version_that_satisfies_it(lock):
    versions = locked(lock)
    wrong = [
        f"{need}: {versions.get(canonicalize_name(need.name))}"
        for need in map(Requirement, direct(lock))
        if not any(need.specifier.contains(version) for version in versions.get(canonicalize_name(need.name), ()))
    ]
    assert wrong == [], "run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_by_hash_and_names_no_host(lock):
    text = (ROOT / f"requirements/{lock}.lock").read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"://|--(?:extra-)?index|--find-links", text) == []


def test_locks_agree_where_they_share_a_package():
    dev = locked("dev")
    assert {name: versions for name, versions in locked("run").items() if dev[name] != versions} == {}


def test_help_comes_at_once_and_loads_nothing_heavy():
    code = f"import sys; from gridmap import cli; print(*sorted({HEAVY!r} & set(sys.modules)))"
    assert in_checkout(sys.executable, "-c", code).stdout.split() == []
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert in_checkout(sys.executable, "-m", "gridmap", "--help").returncode == 0
    # processor time: what else the machine does is not gridmap's doing
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 1


def test_no_large_file_is_kept():
    tracked = in_checkout("git", "ls-files", "-z").stdout.split("\0")[:-1]
    sizes = {name: (ROOT / name).stat().st_size for name in tracked if (ROOT / name).is_file()}
    assert {name: size for name, size in sizes.items() if size > 300_000 and name not in LARGE} == {}
