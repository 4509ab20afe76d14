"""What a person sees of `make demo` once everything is set up."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

#: near the middle of the sample territory
ASKED = "/api/locate?lon=120.8638&lat=32.008"


def _run(folder, command):
    environment = {**os.environ, "GRIDMAP_DATA_DIR": folder}
    ran = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    return ran.stdout


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory(prefix="gridmap-demo-", ignore_cleanup_errors=True) as name:
        # the server runs as an unprivileged user where the tests run as root
        Path(name).chmod(0o755)
        yield name
        _run(name, [sys.executable, "-m", "gridmap", "demo", "--stop"])


@pytest.fixture(scope="module")
def said(folder):
    """Output of `gridmap demo` on a machine where it never ran."""
    return _run(folder, [sys.executable, "-m", "gridmap", "demo", "--buildings", "200", "--port", "18300"])


@pytest.fixture(scope="module")
def address(said):
    return re.search(r"http://127\.0\.0\.1:\d+", said)[0]


def _get(url):
    with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310 -- the demo's own address
        return response.read().decode()


def test_the_demo_ends_with_the_service_up_answering_and_its_address_printed(address):
    assert json.loads(_get(f"{address}/readyz"))["status"] == "ready"
    assert json.loads(_get(address + ASKED))["status"] == "found"


def test_the_printed_key_opens_the_drafts_of_grids(said, address):
    key = re.search(r"alone: (\S+)", said)[1]
    asked = urllib.request.Request(f"{address}/api/plans", headers={"Authorization": f"Bearer {key}"})  # noqa: S310 -- the demo's own address
    with urllib.request.urlopen(asked, timeout=30) as response:  # noqa: S310 -- likewise
        assert json.load(response) == {"plans": []}


def test_the_printed_way_to_stop_the_demo_stops_it(said, address, folder):
    command = shlex.split(said.splitlines()[-1].removeprefix("Stop it with: "))
    assert _run(folder, command) == "the demo is stopped\n"
    with pytest.raises(urllib.error.URLError):
        _get(f"{address}/readyz")
