"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, make_url

from gridmap import store
from gridmap.store import cluster

#: Bytes that must be free in memory for a server to be kept there: its log alone may take a gigabyte.
ROOM = 4 << 30


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that hold slow tests come first, journeys next: no process waits long for the last file of another."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, "journeys" not in item.path.parts))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Read no file without a test that measures time where such tests alone are asked for: reading all takes longer."""
    if config.option.markexpr != "alone" or not collection_path.is_file():
        return None
    return True if b"mark.alone" not in collection_path.read_bytes() else None


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Path of a file of real data, which is not part of the project; the test is skipped where it is absent."""
    root = Path(os.environ.get("GRIDMAP_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))

    def find(name: str) -> Path:
        path = root / name
        if not path.exists():
            pytest.skip(f"real data {name} is not beside this checkout (set GRIDMAP_SHARED_DATA)")
        return path

    return find


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """URL of a server for tests: the one that GRIDMAP_TEST_DATABASE_URL names, else a private one without fsync."""
    if url := os.environ.get("GRIDMAP_TEST_DATABASE_URL"):
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="gridmap-test-", dir=_in_memory(), ignore_cleanup_errors=True) as folder:
        # the server runs as an unprivileged user where the tests run as root
        Path(folder).chmod(0o755)
        yield cluster.up(folder, durable=False)
        cluster.down(folder)


def _in_memory() -> str | None:
    """A folder in memory where there is room for a server: it copies a whole database for most tests of the store."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of an unguessable name is made in it
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    return str(memory) if roomy else None


@pytest.fixture(scope="session")
def record_template(database_server: str) -> Iterator[str]:
    """Name of a migrated, empty database, to be cloned."""
    name = f"gridmap_template_{os.getpid()}"
    _database(database_server, "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name)
    store.migrate(_url(database_server, name))
    yield name
    _database(database_server, "DROP DATABASE {} WITH (FORCE)", name)


_number = count(1)


@pytest.fixture
def record_url(database_server: str, record_template: str) -> Iterator[str]:
    """URL of a record of the test's own, empty."""
    name = f"gridmap_test_{os.getpid()}_{next(_number)}"
    _database(database_server, f"CREATE DATABASE {{}} TEMPLATE {record_template} STRATEGY FILE_COPY", name)
    yield _url(database_server, name)
    _database(database_server, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def record(record_url: str) -> Iterator[Engine]:
    """An engine on a record of the test's own, empty."""
    engine = store.connect(record_url)
    yield engine
    engine.dispose()


def _url(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)


def _database(server: str, statement: str, name: str) -> None:
    plain = make_url(server).set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def built_page() -> Path:
    """Folder of the built web page; it is built now unless that was done before."""
    root = Path(__file__).parents[1]
    subprocess.run([sys.executable, root / "web" / "build.py"], check=True, timeout=280)
    return root / "web" / "dist"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright; the test is skipped where either is absent.

    Not for the whole session: Playwright's event loop would stand in the way of tests that run their own.
    """
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = Path(os.environ.get("GRIDMAP_CHROMIUM", "/usr/bin/chromium"))
    if not program.exists():
        pytest.skip(f"no {program}: apt-get install chromium fonts-noto-cjk, or set GRIDMAP_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
