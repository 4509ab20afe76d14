"""The demo's service as a process of its own."""

from __future__ import annotations

import json
import socket
import tempfile
import urllib.request
from pathlib import Path

import pytest

from gridmap import daemon, service
from gridmap.store import cluster

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder():
    """A private record with a small territory; its server runs as an unprivileged user where the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="gridmap-demo-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        with service.open_record(None, Path(name)) as engine:
            service.load_demo(engine, buildings=200)
            yield Path(name)
        daemon.stop(Path(name))
        cluster.down(name)


def _get(address):
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own loopback address
        return json.load(answer)


def test_the_service_answers_when_start_returns_and_is_found_again_and_stopped(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        address = daemon.start(folder, port=port)
    assert address != f"http://127.0.0.1:{port}"
    assert _get(f"{address}/readyz")["status"] == "ready"
    assert daemon.start(folder, port=port) == address
    assert [daemon.stop(folder), daemon.stop(folder)] == [True, False]
    with pytest.raises(OSError, match="refused"):
        _get(f"{address}/readyz")
