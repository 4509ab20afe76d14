"""Killed in the middle of a load: nothing half loaded, and the record recovers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import text

from gridmap import store
from gridmap.errors import RecordError
from gridmap.store import cluster

DAY = date(2026, 1, 1)
SOURCE = store.Source(file="places.csv")
#: loads places and says so at the first row that is on its way, then goes on
LOADER = """
import sys, time
from tests_store_crash import load, places
from gridmap import store
engine = store.connect(sys.argv[1])
def tell(done, total):
    if done:
        print("half way", flush=True)
        time.sleep(60)
with engine.begin() as connection:
    load(connection, places(20_000), tell)
"""


def places(count):
    return gpd.GeoDataFrame(
        {"id": [str(number) for number in range(count)], "kind": "clinic"},
        geometry=shapely.points([120.0] * count, [31.0] * count),
        crs=4490,
    )


def load(connection, table, progress=None):
    return store.load(connection, "places", table, source=SOURCE, actor="test", effective=DAY, progress=progress)


def counts(engine):
    with engine.connect() as connection:
        return [connection.scalar(text(query)) for query in COUNTS]


COUNTS = ("SELECT count(*) FROM places", "SELECT count(*) FROM loads", "SELECT count(*) FROM audit")


def test_a_killed_loader_leaves_nothing(record, record_url, tmp_path):
    (tmp_path / "tests_store_crash.py").write_text(Path(__file__).read_text(encoding="utf-8"), encoding="utf-8")
    root = str(Path(store.__file__).parents[2])
    child = subprocess.Popen(
        [sys.executable, "-c", LOADER, record_url],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([root, str(tmp_path)])},
    )
    with child:
        assert child.stdout.readline() == b"half way\n"
        child.send_signal(signal.SIGKILL)
    assert counts(record) == [0, 0, 0]
    with record.begin() as connection:
        assert load(connection, places(3)).added == 3


def test_a_killed_backend_is_told_in_one_sentence_and_leaves_nothing(record):
    with record.connect() as connection:
        backend = connection.scalar(text("SELECT pg_backend_pid()"))

        def kill(done, _):
            if done:
                with record.connect() as other:
                    other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})

        with pytest.raises(RecordError, match="went away"):
            load(connection, places(20_000), kill)
        connection.invalidate()
    assert counts(record) == [0, 0, 0]


@pytest.fixture
def open_folder():
    """A folder that the unprivileged user who runs the server may enter."""
    with tempfile.TemporaryDirectory(prefix="gridmap-crash-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_killed_server_leaves_nothing_and_comes_up_again(open_folder):
    url = cluster.up(open_folder)
    try:
        store.migrate(url)
        engine = store.connect(url)
        with engine.begin() as connection:
            load(connection, places(3))
        with engine.connect() as connection:
            postmaster = int(next(open_folder.rglob("postmaster.pid")).read_text().split()[0])

            def kill(done, _):
                if done:
                    os.kill(postmaster, signal.SIGKILL)
                    time.sleep(0.5)

            with pytest.raises(RecordError, match="went away"):
                load(connection, places(20_000), kill)
            connection.invalidate()
        engine.dispose()
        engine = store.connect(cluster.up(open_folder))
        assert counts(engine) == [3, 1, 1]
        engine.dispose()
    finally:
        cluster.down(open_folder)
