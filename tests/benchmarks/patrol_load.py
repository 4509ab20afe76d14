"""Posts that all report to one service: how long it takes until a fix stands in the record, and whether all of them do.

Every post sends one fix in a batch of its own every five seconds. A request's time is counted from the moment at which
it was due, so that one that had to wait for those before it is not told as quick. Who gets no answer, or is told to
come again, sends the same batch again. In the middle the service may be killed; another is started in its place.

The service and the server of the record are processes of their own, the record is durable (fsync), and this is a third
process beside them. ``python -m tests.benchmarks.patrol_load --posts 2000 --seconds 120 [--kill]``
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import text

from gridmap import store
from gridmap.store import cluster
from tests.benchmarks.http_patrols import EAST, NORTH, SOUTH, STREETS, WEST, streets

ROOT = Path(__file__).parents[2]
EVERY_S = 5.0
#: Seconds after the last fix within which all must have been taken.
FAREWELL_S = 60.0


@dataclass(kw_only=True)
class Load:
    """What is sent, and what became of it."""

    posts: int
    seconds: float
    port: int
    key: str
    connections: int = 400
    #: milliseconds from the moment at which each batch was due to its acknowledgement
    took_ms: list[float] = field(default_factory=list)
    #: the same of those that were due in the first third, before anything is killed
    early_ms: list[float] = field(default_factory=list)
    #: post and moment of each fix that was acknowledged
    taken: list[tuple[str, str]] = field(default_factory=list)
    sent: int = 0
    #: answers other than 200, by status; 0: none
    others: dict[int, int] = field(default_factory=dict)


async def _ask(load: Load, pipe: Any, body: bytes) -> tuple[int, bytes]:
    reader, writer = pipe
    head = (
        f"POST /api/patrols/fixes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {load.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    status = int(answer[9:12])
    length = next(
        int(line.split(b":")[1]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    return status, await reader.readexactly(length)


async def _send(load: Load, pipe: Any, body: bytes) -> Any:
    """Send a batch until it is acknowledged; return the connection, which may be another."""
    while True:
        status = 0
        try:
            pipe = pipe or await asyncio.open_connection("127.0.0.1", load.port)
            status, said = await asyncio.wait_for(_ask(load, pipe, body), 20)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            if pipe is not None:
                pipe[1].close()
                with suppress(OSError):
                    await pipe[1].wait_closed()
            pipe = None
        if status == 200:
            assert json.loads(said)["fixes"] == 1
            return pipe
        load.others[status] = load.others.get(status, 0) + 1
        assert status in {0, 429, 503}, said
        await asyncio.sleep(random.uniform(0.2, 1.0))


async def _line(load: Load, posts: range, begin: float) -> None:
    """One connection: its posts take turns, evenly over the five seconds."""
    pipe = None
    phases = sorted((random.random() * EVERY_S, post) for post in posts)
    for turn in range(round(load.seconds / EVERY_S)):
        for phase, post in phases:
            due = begin + turn * EVERY_S + phase
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            name, moment = f"P-{post:05}", datetime.now(UTC).isoformat(timespec="milliseconds")
            place = {"lon": 120.0 + post % 100 / 5000, "lat": 32.0 + turn / 5000, "accuracy_m": 8.0, "speed_m_s": 1.4}
            sent = {
                "batch": str(uuid.uuid4()),
                "post": name,
                "device": f"D-{post:05}",
                "fixes": [{"time": moment, **place}],
            }
            load.sent += 1
            pipe = await _send(load, pipe, json.dumps(sent).encode())
            load.took_ms.append((time.monotonic() - due) * 1e3)
            if due < begin + load.seconds / 3:
                load.early_ms.append(load.took_ms[-1])
            load.taken.append((name, moment))
    if pipe is not None:
        pipe[1].close()
        await pipe[1].wait_closed()


async def _all(load: Load) -> None:
    begin = time.monotonic() + 1.0
    step = -(-load.posts // load.connections)
    lines = [range(first, min(first + step, load.posts)) for first in range(0, load.posts, step)]
    async with asyncio.timeout(load.seconds + FAREWELL_S):
        await asyncio.gather(*(_line(load, posts, begin) for posts in lines))


def _serve(url: str, port: int, folder: Path) -> subprocess.Popen[bytes]:
    """A service that answers."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gridmap", "serve", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "GRIDMAP_DATABASE_URL": url, "GRIDMAP_DATA_DIR": str(folder)},
            stdout=log,
            stderr=log,
        )
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return process
    raise RuntimeError((folder / "log").read_text())


def _filled(url: str) -> str:
    """A record with one area, and a key that may report."""
    store.migrate(url)
    engine = store.connect(url)
    area = gpd.GeoDataFrame(
        {"code": ["320613"], "level": ["district"]}, geometry=[shapely.box(119.9, 31.9, 120.2, 32.2)], crs=4490
    )
    with engine.begin() as connection:
        source = store.Source(file="area")
        store.load(connection, "areas", area, source=source, actor="bench", effective=date(2024, 1, 1))
        key = store.add_key(connection, f"gateway {uuid.uuid4().hex[:8]}", "operator", actor="bench")
    engine.dispose()
    return key


def _walked(url: str, posts: int) -> None:
    """Streets, and a fix every ten seconds of four hours of yesterday's day shift of each post, not settled yet."""
    engine = store.connect(url)
    morning = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    with engine.begin() as connection:
        source = store.Source(file="streets")
        store.load(connection, "streets", streets(), source=source, actor="bench", effective=date(2024, 1, 1))
        load_id = connection.scalar(text("SELECT max(load_id) FROM loads"))
        connection.execute(_WALK, {"morning": morning, "posts": posts, "load_id": load_id})
    engine.dispose()


# Along streets from west to east, at the pace of somebody who walks, with noise of some metres.
_WALK = text(f"""
    INSERT INTO fixes (post, time, accuracy_m, geom, load_id)
    SELECT 'W-' || post, CAST(:morning AS timestamptz) + step * interval '10 seconds', 8.0, ST_SetSRID(ST_MakePoint(
               {WEST} + post % 10 * {EAST} + step * 0.000138 + random() * 0.00006,
               {SOUTH} + post % {STREETS} * {NORTH} + random() * 0.00005), 4490), CAST(:load_id AS bigint)
    FROM generate_series(1, CAST(:posts AS integer)) AS post, generate_series(0, 1439) AS step
""")  # noqa: S608 (numbers of this folder's own)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure(
    url: str, *, posts: int, seconds: float, kill: bool = False, connections: int = 400, settling: int = 0
) -> dict[str, Any]:
    """Return what was sent, taken, lost and doubled, and how long it took.

    Parameters
    ----------
    url
        An empty record.
    posts
        How many report, every five seconds.
    seconds
        For how long.
    kill
        Whether the service is killed (SIGKILL) in the middle, and another started.
    connections
        How many they share.
    settling
        Posts whose shift of yesterday is to be settled meanwhile.
    """
    load = Load(posts=posts, seconds=seconds, port=_free_port(), key=_filled(url), connections=connections)
    if settling:
        _walked(url, settling)
    with tempfile.TemporaryDirectory(prefix="gridmap-load-") as name:
        folder = Path(name)
        running = [_serve(url, load.port, folder)]

        async def killed() -> None:
            await asyncio.sleep(1.0 + seconds / 2)
            running[0].send_signal(signal.SIGKILL)
            running[0].wait()
            running.append(await asyncio.to_thread(_serve, url, load.port, folder))

        async def run() -> None:
            await asyncio.gather(_all(load), *([killed()] if kill else []))

        began = time.monotonic()
        try:
            asyncio.run(run())
        finally:
            lasted = time.monotonic() - began
            usage = {each.pid: _cpu_s(each.pid) for each in running if each.poll() is None}
            for each in running:
                each.kill()
                each.wait()
    return _told(url, load, lasted) | {"service_cpu_s": round(sum(usage.values()), 1)}


def _cpu_s(pid: int) -> float:
    cells = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(cells[11]) + int(cells[12])) / os.sysconf("SC_CLK_TCK")


def _told(url: str, load: Load, lasted: float) -> dict[str, Any]:
    engine = store.connect(url)
    with engine.connect() as connection:
        query = text("SELECT post, time FROM fixes WHERE post LIKE 'P-%'")
        held = [(post, time) for post, time in connection.execute(query)]
        settled = connection.scalar(text("SELECT count(*) FROM settled"))
        rows = connection.execute(text("SELECT (SELECT count(*) FROM batches), (SELECT count(*) FROM audit)")).one()
        whole = store.verify_audit(connection).broken_at is None
    engine.dispose()
    acknowledged = {(post, datetime.fromisoformat(moment)) for post, moment in load.taken}
    p50, p95, p99, most = np.percentile(load.took_ms, [50, 95, 99, 100]).round(1).tolist()
    return {
        "posts": load.posts,
        "sent": load.sent,
        "acknowledged": len(load.taken),
        "per_s": round(len(load.taken) / lasted, 1),
        "lost": len(acknowledged - set(held)),
        "double": len(held) - len(set(held)),
        "strange": len(set(held) - acknowledged),
        "batches": rows[0],
        "audit_rows": rows[1],
        "audit_whole": whole,
        "settled": settled,
        "p50_ms": p50,
        "p95_ms": p95,
        "p99_ms": p99,
        "p99_early_ms": round(float(np.percentile(load.early_ms, 99)), 1),
        "most_ms": most,
        "other_answers": load.others,
        "load_cpu_s": round(resource.getrusage(resource.RUSAGE_SELF).ru_utime, 1),
        "machine_load": os.getloadavg()[0],
    }


def main() -> None:
    """Measure on a durable record of its own, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--posts", type=int, default=2000)
    options.add_argument("--seconds", type=float, default=120.0)
    options.add_argument("--connections", type=int, default=400)
    options.add_argument("--kill", action="store_true")
    options.add_argument("--settling", type=int, default=0)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="gridmap-load-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        try:
            url = cluster.up(folder)
            print(json.dumps(measure(url, **vars(given)), indent=1))
        finally:
            cluster.down(folder)


if __name__ == "__main__":
    main()
