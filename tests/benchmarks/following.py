"""How soon a service follows a change of the record, and how soon it is ready with and without a kept index.

``python -m tests.benchmarks following`` loads the sample town into a database of its own, runs ``gridmap serve`` on it
and prints three tables. Its exit status is 1 if a change of one address was not answered within a second, if keystrokes
took longer than promised while suggestions were made anew, or if a kept index did not save two thirds of a start.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import httpx
import numpy as np
import psycopg
from sqlalchemy import Engine, make_url

from gridmap import samples, store
from gridmap.atlas import Shelf, build_territory, read_snapshot
from gridmap.territory import today
from tests.benchmarks.meter import machine, measure

#: Addresses that must be there, and seconds in which a change of one must be answered.
ADDRESSES, FOLLOWED_S = 100_000, 1.0

#: How many times sooner a service must be ready that finds its index kept, in CPU seconds of the whole process.
SOONER = 3.0

#: Starts with a kept index, of which the middle one counts.
STARTS = 3

#: Milliseconds in which 95 of 100 keystrokes must be answered, also while suggestions are made anew.
KEYSTROKE_MS = 20.0

#: Seconds between two of them: nobody types more quickly.
TYPING_S = 0.02

#: Buildings of a sample town that has so many addresses.
BUILDINGS = 76_000


@contextmanager
def record(buildings: int) -> Iterator[Engine]:
    """A record that holds the sample town, in a database of its own."""
    server = make_url(os.environ.get("GRIDMAP_BENCH_DATABASE_URL") or os.environ["GRIDMAP_DATABASE_URL"])
    name = f"gridmap_following_{os.getpid()}"
    plain = server.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    url = server.set(database=name).render_as_string(hide_password=False)
    store.migrate(url)
    engine = store.connect(url)
    town = samples.town(seed=0, buildings=buildings)
    for layer in ("areas", "buildings", "streets", "addresses"):
        load(engine, layer, town[layer], date(2024, 1, 1))
    try:
        yield engine
    finally:
        engine.dispose()
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def load(engine: Engine, layer: str, table: gpd.GeoDataFrame, effective: date) -> None:
    """Load a table as a clerk would, and commit."""
    with engine.begin() as connection:
        source = store.Source(file=layer)
        store.load(connection, layer, table, source=source, actor="bench", effective=effective)


@contextmanager
def serving(engine: Engine, folder: Path) -> Iterator[tuple[httpx.Client, int, float]]:
    """A service on the record: a client, the number of its process, and the seconds after which it was ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = engine.url.render_as_string(hide_password=False)
    settings = {**os.environ, "GRIDMAP_DATABASE_URL": url, "GRIDMAP_DATA_DIR": str(folder)}
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "gridmap", "serve", "--port", str(port)], env=settings)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        while not ready(client):
            time.sleep(0.02)
        yield client, process.pid, time.perf_counter() - began
    process.terminate()
    process.wait(60)


def ready(client: httpx.Client) -> bool:
    """Whether a service answers."""
    try:
        return client.get("/readyz").is_success
    except httpx.TransportError:
        return False


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def followed(client: httpx.Client, engine: Engine, address: gpd.GeoDataFrame) -> float:
    """Seconds from the commit of a changed address until it is found."""
    load(engine, "addresses", address, today())
    committed, text = time.perf_counter(), address["text"].iloc[0]
    while client.get("/api/locate", params={"address": text}).json()["address"] != text:
        time.sleep(0.005)
    return time.perf_counter() - committed


def territory_rows(engine: Engine, folder: Path) -> Iterator[tuple[str, float]]:
    """CPU seconds to read what is in force, and to make a territory of it with and without a kept index."""
    gc.disable()  # as in a service that starts
    read, _, snapshot = measure(lambda: read_snapshot(engine, today()), repeats=3)
    yield "reading what is in force", read
    yield "territory, index built", measure(lambda: build_territory(snapshot, today()), repeats=2)[0]
    shelf = Shelf(folder / "shelf", most=1)
    build_territory(snapshot, today(), shelf=shelf)
    yield "territory, index opened", measure(lambda: build_territory(snapshot, today(), shelf=shelf), repeats=3)[0]
    gc.enable()


def main() -> int:
    """Measure, print, and return 1 if a change took too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buildings", type=int, default=BUILDINGS)
    parser.add_argument("--changes", type=int, default=10)
    options = parser.parse_args()
    with TemporaryDirectory() as name, record(options.buildings) as engine:
        folder = Path(name)
        with engine.connect() as connection:
            addresses = store.read(connection, "addresses", on=today()).drop(columns=["valid_from", "valid_to"])
        print(f"{len(addresses)} addresses; {machine(())['processor']}, load {os.getloadavg()[0]:.1f}\n")
        print("| to be ready | CPU s | wall s |\n|---|---:|---:|")
        for label, cpu in territory_rows(engine, folder):
            print(f"| {label} | {cpu:.2f} | |")
        anew, *kept = (started(engine, folder) for _ in range(STARTS + 1))
        sooner = anew[0] / statistics.median(cpu for cpu, _ in kept)
        print(f"| service started, no index kept | {anew[0]:.2f} | {anew[1]:.1f} |")
        print(f"| service started, index kept | {sorted(kept)[STARTS // 2][0]:.2f} | {min(kept)[1]:.1f} |")
        print(f"| times sooner | {sooner:.1f} | |")
        with serving(engine, folder) as (client, pid, _):
            waits, used = follow(client, engine, addresses, options.changes, pid)
            took = typed(client, engine, addresses)
        shutil.rmtree(folder / "index")
    print(f"\n| one address changed | {options.changes} times |\n|---|---:|")
    print(f"| s from commit to answer, median | {statistics.median(waits):.2f} |\n| at most | {max(waits):.2f} |")
    print(f"| CPU s of the service per change, questions included | {used:.2f} |")
    print("\n| a keystroke, ms over HTTP | keystrokes | p50 | p95 | at most |\n|---|---:|---:|---:|---:|")
    for label, one in took.items():
        p50, p95, worst = np.percentile(one, [50, 95, 100]) * 1e3
        print(f"| {label} | {len(one)} | {p50:.1f} | {p95:.1f} | {worst:.1f} |")
    slow = any(np.percentile(one, 95) * 1e3 > KEYSTROKE_MS for one in took.values())
    late = statistics.median(waits) > FOLLOWED_S
    return int(len(addresses) < ADDRESSES or late or slow or sooner < SOONER)


def started(engine: Engine, folder: Path) -> tuple[float, float]:
    """CPU and wall seconds of a service until it is ready."""
    with serving(engine, folder) as (_, pid, wall):
        return cpu_s(pid), wall


def typed(client: httpx.Client, engine: Engine, addresses: gpd.GeoDataFrame) -> dict[str, list[float]]:
    """Seconds that keystrokes took: with suggestions at hand, and after a change until those that follow were made."""
    keystrokes = cycle(text[:end] for text in addresses["text"].iloc[::500] for end in range(1, len(text) + 1))

    def revision() -> str:
        said = client.get("/api/suggest", params={"q": next(keystrokes)}).raise_for_status()
        return said.headers["x-gridmap-version"]

    def until(done: Callable[[str], bool]) -> list[float]:
        took = []
        while True:
            time.sleep(TYPING_S)
            began = time.perf_counter()
            version = revision()
            took.append(time.perf_counter() - began)
            if done(version):
                return took

    before = revision()
    ends = time.perf_counter() + 5
    calm = until(lambda _: time.perf_counter() > ends)
    load(engine, "addresses", addresses.iloc[[-1]].assign(text="崇川区新辟大道9999号"), today())
    return {"suggestions at hand": calm, "in the seconds after a change": until(lambda version: version != before)}


def follow(
    client: httpx.Client, engine: Engine, addresses: gpd.GeoDataFrame, changes: int, pid: int
) -> tuple[list[float], float]:
    """Seconds that each change took to be answered, and CPU seconds per change."""
    before = cpu_s(pid)
    changed = [addresses.iloc[[row]].assign(text=f"崇川区新辟大道{row + 1}号") for row in range(changes)]
    waits = [followed(client, engine, address) for address in changed]
    return waits, (cpu_s(pid) - before) / changes


if __name__ == "__main__":
    raise SystemExit(main())
