"""What `make demo` does once everything is set up."""

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

#: near the middle of the sample territory
ASKED = "/api/locate?lon=120.8638&lat=32.008"


@pytest.fixture(scope="module")
def demo():
    """Run `gridmap demo` in a folder of its own, as a shell would, and return what it prints."""
    with tempfile.TemporaryDirectory(prefix="gridmap-demo-", ignore_cleanup_errors=True) as folder:
        # the server runs as an unprivileged user where the tests run as root
        Path(folder).chmod(0o755)

        def run(*words):
            command = [sys.executable, "-m", "gridmap", "demo", *words]
            environment = {**os.environ, "GRIDMAP_DATA_DIR": folder}
            return subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
            ).stdout

        yield run
        run("--stop")


@pytest.fixture(scope="module")
def said(demo):
    return demo("--buildings", "200", "--port", "18300")


@pytest.fixture(scope="module")
def address(said):
    return re.search(r"http://127\.0\.0\.1:\d+", said)[0]


def _get(url):
    with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310 -- the demo's own address
        return response.read().decode()


def test_the_demo_ends_with_the_service_up_answering_and_its_address_printed(address):
    assert json.loads(_get(f"{address}/readyz"))["status"] == "ready"
    assert json.loads(_get(address + ASKED))["status"] == "found"


def test_a_second_demo_leaves_the_first_running_and_prints_its_address(demo, address):
    assert address in demo("--buildings", "200", "--port", "18300")


def test_the_printed_way_to_stop_the_demo_names_a_program_that_is_there(said):
    program = shlex.split(said.splitlines()[-1].removeprefix("Stop it with: "))[0]
    assert subprocess.run([program, "--help"], capture_output=True, check=False).returncode == 0


def test_a_stopped_demo_answers_no_more(demo, address):
    assert demo("--stop") == "the demo is stopped\n"
    with pytest.raises(urllib.error.URLError):
        _get(f"{address}/readyz")
    assert demo("--stop") == "no demo was running\n"
