"""Requests per CPU-second of the server: one lookup beside an empty FastAPI route, in one run.

    python tests/benchmarks/http_locate.py [--json]

A bare FastAPI app and gridmap run on the same uvicorn settings, each in a process of its own on the loopback address.
They are asked in short turns, so that a machine that slows down slows both. What counts is the ratio: the CPU time that
a lookup may cost beside a request that does nothing. Other work on the machine presses on the larger service, whose
memory is pushed out of the processor's caches: measure on a quiet one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: Where the generated territory lies: its west and south side, and the side of its square areas, in degrees.
WEST, SOUTH, SIDE = 120.85, 31.95, 0.004

#: Areas along one side; 40 x 40 grids of 48 corners each.
ACROSS = 40

#: Connections that are kept open.
CONNECTIONS = 8


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service that runs for the measurement."""

    #: port on the loopback address
    port: int
    #: its process
    pid: int


def cpu_seconds(pid: int) -> float:
    """Return user and system CPU time of a process (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def service(which: str) -> Iterator[Service]:
    """Run ``empty`` (a bare FastAPI app) or ``gridmap`` (a territory of 1600 areas) until the block ends."""
    port = free_port()
    here = Path(__file__).resolve().parent
    process = subprocess.Popen(
        [sys.executable, str(here / "http_served.py"), which, str(port)],
        env={**os.environ, "PYTHONPATH": str(here.parents[1])},
    )
    try:
        wait_for(port, process)
        yield Service(port=port, pid=process.pid)
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes], *, seconds: float = 60) -> None:
    """Return when the port is listened on."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the service does not answer on port {port}")


def random_points(count: int, *, seed: int = 7) -> list[bytes]:
    """Return requests for random points, a tenth of them outside the territory."""
    draw = random.Random(seed)
    wide = ACROSS * SIDE
    return [
        _request(f"/api/locate?lon={WEST + wide * draw.uniform(0, 1.1):.7f}&lat={SOUTH + wide * draw.random():.7f}")
        for _ in range(count)
    ]


def ask(served: Service, requests: list[bytes]) -> None:
    """Send requests over kept connections, each of which asks at once and then reads."""
    lines = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(CONNECTIONS)]
    for start in range(0, len(requests), CONNECTIONS):
        batch = list(zip(lines, requests[start : start + CONNECTIONS], strict=False))
        for line, request in batch:
            line.sendall(request)
        for line, _ in batch:
            _read(line)
    for line in lines:
        line.close()


def _request(target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n".encode()


def _read(line: socket.socket) -> bytes:
    """One whole answer; it must be a good one."""
    held = b""
    while True:
        held += line.recv(65536)
        head, ends, body = held.partition(b"\r\n\r\n")
        if not ends:
            continue
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(held.decode())
        if len(body) >= int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]):
            return body


def measure(*, turns: int = 60, count: int = 400) -> dict[str, float]:
    """Return requests per CPU-second of both services, and their ratio.

    Parameters
    ----------
    turns
        How often the two are asked in turn. Short turns spread whatever else the machine does over both alike.
    count
        Requests per turn.
    """
    nothing, points = [_request("/empty")] * count, random_points(count * turns)
    with service("empty") as empty, service("gridmap") as gridmap:
        ask(empty, nothing * 5)
        ask(gridmap, points[: count * 10])
        before = cpu_seconds(empty.pid), cpu_seconds(gridmap.pid)
        for turn in range(turns):
            ask(empty, nothing)
            ask(gridmap, points[turn * count : (turn + 1) * count])
        used = cpu_seconds(empty.pid) - before[0], cpu_seconds(gridmap.pid) - before[1]
    return {
        "requests": turns * count,
        "empty_per_cpu_s": round(turns * count / used[0]),
        "locate_per_cpu_s": round(turns * count / used[1]),
        "ratio": round(used[0] / used[1], 3),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--turns", type=int, default=60, help="how often both are asked in turn")
    arguments = parser.parse_args()
    figures = measure(turns=arguments.turns)
    if arguments.json:
        print(json.dumps(figures))
        return
    print(f"empty FastAPI route   {figures['empty_per_cpu_s']:8.0f} requests per server CPU-second")
    print(f"GET /api/locate       {figures['locate_per_cpu_s']:8.0f} requests per server CPU-second")
    print(f"ratio                 {figures['ratio']:8.3f} (wanted: at least 0.8)")


if __name__ == "__main__":
    main()
