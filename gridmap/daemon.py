"""The demo's service as a process of its own: started, waited for, found again and stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from gridmap.errors import RecordError

#: Seconds that a service may take to answer for the first time.
START_S = 90.0

#: Seconds that it may take to end before it is killed.
STOP_S = 15.0

_NOTE = "service.json"

#: Services that this very process started: whoever starts a process has to wait for its end.
_started: dict[int, subprocess.Popen[bytes]] = {}


def start(data_dir: Path, *, port: int) -> str:
    """Start the service on a private record, wait until it answers, and return its address.

    A service that already runs on this folder is left alone and its address returned; a port that is taken is
    replaced by a free one.

    Parameters
    ----------
    data_dir
        Folder of the private record.
    port
        Port wanted on the loopback address.

    Raises
    ------
    RecordError
        If it ends, or does not answer within ``START_S``; the message names its log.
    """
    if (running := _running(data_dir)) is not None:
        return str(running["address"])
    port = port if _is_free(port) else _free_port()
    address = f"http://127.0.0.1:{port}"
    log = data_dir / "service.log"
    environment = {name: value for name, value in os.environ.items() if name != "GRIDMAP_DATABASE_URL"}
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [sys.executable, "-m", "gridmap", "serve", "--port", str(port)],
            env={**environment, "GRIDMAP_DATA_DIR": str(data_dir)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _started[process.pid] = process
    (data_dir / _NOTE).write_text(json.dumps({"pid": process.pid, "address": address}))
    _wait(process, f"{address}/readyz", log)
    return address


def stop(data_dir: Path) -> bool:
    """Stop the service of this folder; return whether one was running."""
    running = _running(data_dir)
    if running is None:
        return False
    pid = int(running["pid"])
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_S
    while _is_ours(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    if _is_ours(pid):
        os.kill(pid, signal.SIGKILL)
    if pid in _started:
        _started.pop(pid).wait()
    (data_dir / _NOTE).unlink(missing_ok=True)
    return True


def _running(data_dir: Path) -> dict[str, Any] | None:
    """The note of a service that still lives."""
    try:
        note: dict[str, Any] = json.loads((data_dir / _NOTE).read_text())
    except (OSError, ValueError):
        return None
    return note if _is_ours(int(note["pid"])) else None


def _is_ours(pid: int) -> bool:
    """Whether that process is a gridmap service: numbers are used again after a reboot."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"gridmap" in command and b"serve" in command


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RecordError(f"the service ended with status {process.returncode}", do=f"read {log}")
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own loopback address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    process.terminate()
    raise RecordError(f"the service did not answer within {START_S:.0f} s", do=f"read {log}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
