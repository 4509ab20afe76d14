"""What a start of the service loads: of what only files, maps and migrations need, nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: Libraries that take long to import, each with what it is for.
NEEDLESS = {
    "openpyxl": "workbooks",
    "pyogrio": "files that GDAL reads",
    "scipy": "a layer laid on another",
    "alembic": "a record of an older version",
    "folium": "pages with a map",
    "matplotlib": "pages with a map",
    "gridmap.samples": "the demo",
}

#: All that `gridmap serve` does until it listens.
_START = """
import sys
from gridmap import cli
from gridmap.cli import serving
from gridmap.api import server
server.serve = lambda app, *_: print(*sys.modules)
serving.serve()
"""


@pytest.fixture(scope="module")
def loaded(town_url, tmp_path_factory):
    """Modules that are loaded when the service on the sample town is ready."""
    settings = {"GRIDMAP_DATABASE_URL": town_url, "GRIDMAP_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    ran = subprocess.run([sys.executable, "-c", _START], env=settings, capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


@pytest.mark.parametrize("name", NEEDLESS)
def test_a_start_of_the_service_does_not_load(loaded, name):
    assert name not in loaded, f"only needed for {NEEDLESS[name]}"


def test_the_start_that_was_looked_at_is_that_of_the_whole_service(loaded):
    assert {"gridmap.api.app", "gridmap.atlas.snapshots", "gridmap.address.gazetteer", "psycopg", "uvicorn"} <= loaded
