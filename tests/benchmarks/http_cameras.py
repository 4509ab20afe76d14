"""How long the service takes to answer about cameras: ``python -m tests.benchmarks http_cameras [--cameras 10000]``.

A sample town with cameras along its streets is loaded into a record, and `gridmap serve` answers for it in a process of
its own. Measured are the first answer of coverage, which computes what all cameras see; the same again; the map of all
cameras and its size; one camera moved and turned (`what-if`); and the first answer after a camera was saved. Other work
on the machine lengthens the wall clock: `LIMIT_MS` is for the processor's time in the service.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import httpx
import numpy as np
import psycopg
import shapely
from psycopg import sql
from sqlalchemy import make_url

from gridmap import samples, store
from tests.benchmarks.http_locate import cpu_seconds

LAYERS = ("areas", "buildings", "streets", "places")

#: Milliseconds of the processor that a question what if may take.
LIMIT_MS = 100

#: Bytes that the map of all cameras may have.
LIMIT_BYTES = 15_000_000

#: Questions that are asked, and seconds that a service may take to start.
ASKED, START_S = 60, 180

#: The district of the sample town.
AREA = "320613"


def cameras(streets: gpd.GeoDataFrame, count: int) -> gpd.GeoDataFrame:
    """Return cameras at even distances along all streets, each 90 degrees wide, looking this way and that."""
    metric = streets[streets["barrier"].isna()].to_crs(4549).geometry
    ends = metric.length.cumsum().to_numpy()
    at = np.linspace(0, ends[-1] - 1, count)
    row = np.searchsorted(ends, at, side="right")
    points = shapely.line_interpolate_point(metric.to_numpy()[row], at - (ends - metric.length.to_numpy())[row])
    number = np.arange(count)
    columns = {
        "id": [f"X{one:05d}" for one in number],
        "kind": "fixed",
        "status": np.where(number % 33, "online", "offline"),
        "height_m": 6.0,
        "heading_deg": number * 47.0 % 360,
        "hfov_deg": 90.0,
        "width_px": 1920,
        "range_m": 60.0 + number % 41,
    }
    return gpd.GeoDataFrame(columns, geometry=points, crs=4549).to_crs(4490)


@contextmanager
def record(count: int, buildings: int) -> Iterator[tuple[str, str, gpd.GeoDataFrame]]:
    """Yield the address of a record of the town, the key of an operator, and the cameras."""
    server = os.environ.get("GRIDMAP_BENCH_DATABASE_URL") or os.environ["GRIDMAP_DATABASE_URL"]
    plain = make_url(server).set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    name = f"gridmap_bench_cameras_{os.getpid()}"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
        )
        url = make_url(server).set(database=name).render_as_string(hide_password=False)
        try:
            yield url, *filled(url, count, buildings)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def filled(url: str, count: int, buildings: int) -> tuple[str, gpd.GeoDataFrame]:
    """Load the town and its cameras; return the key of an operator, and the cameras."""
    store.migrate(url)
    town, engine = samples.town(seed=0, buildings=buildings), store.connect(url)
    made = cameras(town["streets"], count)
    by: dict[str, Any] = {"source": store.Source(file="bench"), "actor": "bench", "effective": date(2024, 1, 1)}
    with engine.begin() as connection:
        for layer in LAYERS:
            store.load(connection, layer, town[layer], **by)
        store.load(connection, "cameras", made, **by)
        key = store.add_key(connection, "bench", "operator", actor="bench")
    engine.dispose()
    return key, made


@contextmanager
def served(url: str, key: str) -> Iterator[tuple[httpx.Client, int]]:
    """Yield a client of `gridmap serve` on a record, and the number of the service's process."""
    with socket.socket() as probe, TemporaryDirectory(prefix="gridmap-bench-") as folder:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {**os.environ, "GRIDMAP_DATABASE_URL": url, "GRIDMAP_DATA_DIR": folder}
        command = [sys.executable, "-m", "gridmap", "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL)
        headers = {"Authorization": f"Bearer {key}"}
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=600) as client:
                wait_for(client)
                yield client, process.pid
        finally:
            process.terminate()
            process.wait()


def wait_for(client: httpx.Client) -> None:
    """Wait until a service is ready."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            if client.get("/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise SystemExit("the service did not start")


class Watch:
    """Milliseconds that answers take: of the wall clock at the client, and of the processor in the service."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def spent(self, work: Sequence[Callable[[], httpx.Response]]) -> tuple[list[float], float]:
        """Return the milliseconds of each answer by the wall clock, and by the processor on average."""
        before, walls = cpu_seconds(self.pid), []
        for one in work:
            began = time.perf_counter()
            one().raise_for_status()
            walls.append((time.perf_counter() - began) * 1000)
        return walls, (cpu_seconds(self.pid) - before) * 1000 / len(work)


def moved(client: httpx.Client, camera: Any) -> httpx.Response:
    """Ask what would be if a camera were ten metres to the east and turned by thirty degrees."""
    place = {"lon": camera.geometry.x + 1e-4, "lat": camera.geometry.y, "heading_deg": (camera.heading_deg + 30) % 360}
    return client.post("/api/coverage/cameras/what-if", json={"set": [{"id": camera.id, **place}]})


def saved(client: httpx.Client, name: str) -> httpx.Response:
    """Turn a camera in the record."""
    seen = client.get(f"/api/cameras/{name}").raise_for_status().json()["camera"]["properties"]["seen"]
    return client.put(f"/api/cameras/{name}", json={"seen": seen, "camera": {"heading_deg": 123.0}})


def main(arguments: list[str] | None = None) -> int:
    """Print what was measured; 1 if a question what if takes too much, or the map is too large."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=10_000)
    parser.add_argument("--buildings", type=int, default=20_000)
    asked = parser.parse_args(arguments)
    coverage = f"/api/coverage/cameras?area={AREA}"
    with record(asked.cameras, asked.buildings) as (url, key, made), served(url, key) as (client, pid):
        watch, rows = Watch(pid), list(made.iloc[:: max(1, len(made) // ASKED)].itertuples())
        rounds = {
            "first answer of coverage": [partial(client.get, coverage)],
            "the same answer again": [partial(client.get, coverage)] * ASKED,
            "the map of all cameras, first": [partial(client.get, "/maps/cameras")],
            "the same map again": [partial(client.get, "/maps/cameras")] * ASKED,
            "one camera moved, first": [partial(moved, client, rows[0])],
            "one camera moved (what-if)": [partial(moved, client, row) for row in rows],
            "one camera saved": [partial(saved, client, "X00000")],
            "next answer of coverage": [partial(client.get, coverage)],
        }
        spent = {name: watch.spent(work) for name, work in rounds.items()}
        page = len(client.get("/maps/cameras").content)
    print(f"{asked.cameras} cameras, {asked.buildings} buildings; milliseconds")
    print(f"{'':30}{'median':>10}{'95 %':>10}{'processor':>12}")
    for name, (walls, cpu) in spent.items():
        print(f"{name:30}{np.median(walls):10.1f}{np.percentile(walls, 95):10.1f}{cpu:12.1f}")
    print(f"the map: {page / 1e6:.1f} MB")
    return int(spent["one camera moved (what-if)"][1] > LIMIT_MS or page > LIMIT_BYTES)


if __name__ == "__main__":
    raise SystemExit(main())
