"""Services that journeys talk to: a tiny one whose answers are worked out by hand, and the sample town's."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date
from pathlib import Path
from threading import Thread

import geopandas as gpd
import httpx
import psycopg
import pytest
import shapely
import uvicorn
from fastapi import FastAPI
from psycopg import sql
from sqlalchemy import make_url

from gridmap import samples, store
from gridmap.api import create_app
from gridmap.api.server import server_config
from gridmap.atlas import Atlas

Serving = Callable[[FastAPI], AbstractContextManager[httpx.Client]]

#: Seconds that a service may take to start.
START_S = 60


@pytest.fixture(scope="session")
def four_grids() -> gpd.GeoDataFrame:
    """A district of 0.02 x 0.02 degrees with its south-west corner at 120 E 32 N, cut into four square grids.

    Grid 1 is the south-western, 2 the south-eastern, 3 the north-western, 4 the north-eastern one.
    """
    corners = [(120.0, 32.0), (120.01, 32.0), (120.0, 32.01), (120.01, 32.01)]
    grids = [shapely.box(x, y, round(x + 0.01, 2), round(y + 0.01, 2)) for x, y in corners]
    return gpd.GeoDataFrame(
        {
            "code": ["320613", *(f"32061300100100{number}" for number in (1, 2, 3, 4))],
            "name": ["崇川区", "一网格", "二网格", "三网格", "四网格"],
            "level": ["district", *["grid"] * 4],
            "parent": [None, *["320613"] * 4],
        },
        geometry=[shapely.box(120.0, 32.0, 120.02, 32.02), *grids],
        crs=4490,
    )


@pytest.fixture(scope="session")
def two_addresses() -> gpd.GeoDataFrame:
    """青年路1号 in the middle of grid 1, 青年路2号 in the middle of grid 4."""
    texts = ["江苏省南通市崇川区青年路1号", "江苏省南通市崇川区青年路2号"]
    points = shapely.points([120.005, 120.015], [32.005, 32.015])
    return gpd.GeoDataFrame({"id": ["1", "2"], "text": texts}, geometry=points, crs=4490)


@pytest.fixture(scope="session")
def small_atlas(four_grids, two_addresses) -> Atlas:
    """The four grids and two addresses, in force on every day."""
    return Atlas.of_tables(four_grids, two_addresses)


class _Prompt(uvicorn.Server):
    """A server that ends at once: hundreds of tests would each wait a sixth of a second for their own."""

    async def main_loop(self) -> None:
        """Look ten times a second whether it is to end, as uvicorn does, and when it is told."""
        self._loop, self._told = asyncio.get_running_loop(), asyncio.Event()
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 0.1)

    def end(self) -> None:
        """Tell it, from another thread, that it is to end."""
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._told.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Where nobody is connected any more, do not leave the tenth of a second that connections have to end."""
        if self.server_state.connections:
            await super().shutdown(sockets)
            return
        for server in self.servers:
            server.close()
        await self.lifespan.shutdown()


@pytest.fixture(scope="session")
def serving() -> Serving:
    """Run an application on the loopback address; the client ends with it."""

    @contextmanager
    def run(app: FastAPI) -> Iterator[httpx.Client]:
        server = _Prompt(server_config(app, "127.0.0.1", 0))
        thread = Thread(target=server.run, daemon=True)
        thread.start()
        until = time.monotonic() + START_S
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        # the first question of a fresh checkout waits until kernels are compiled
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=180) as client:
            yield client
        server.end()
        thread.join(START_S)

    return run


@pytest.fixture(scope="session")
def client(small_atlas, serving) -> Iterator[httpx.Client]:
    """A client of the four grids' service, where reading needs no key."""
    with serving(create_app(small_atlas, open_read=True)) as running:
        yield running


@pytest.fixture(scope="session")
def town() -> dict[str, gpd.GeoDataFrame]:
    """The sample town of 400 buildings, with the truth beside it."""
    return samples.town(seed=0, buildings=400)


@pytest.fixture(scope="session")
def town_record(database_server, record_template, town) -> Iterator[Callable[[str], str]]:
    """Make a record that holds the sample town, and return its URL."""
    made: list[str] = []

    def make(name: str) -> str:
        made.append(f"gridmap_{name}_{os.getpid()}")
        statement = f"CREATE DATABASE {{}} TEMPLATE {record_template} STRATEGY FILE_COPY"
        _database(database_server, statement, made[-1])
        url = make_url(database_server).set(database=made[-1]).render_as_string(hide_password=False)
        engine = store.connect(url)
        with engine.begin() as connection:
            for layer in ("areas", "buildings", "streets", "addresses"):
                source = store.Source(file="sample town, seed 0, 400 buildings")
                store.load(connection, layer, town[layer], source=source, actor="test", effective=date(2024, 1, 1))
        engine.dispose()
        return url

    yield make
    for name in made:
        _database(database_server, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="session")
def town_url(town_record) -> str:
    """URL of a record that holds the sample town; journeys only read it."""
    return str(town_record("town"))


@pytest.fixture(scope="session")
def live_server(town_url, tmp_path_factory) -> Iterator[str]:
    """Address of `gridmap serve` on the sample town, a process of its own."""
    port, folder = _free_port(), tmp_path_factory.mktemp("served")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gridmap", "serve", "--port", str(port)],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "GRIDMAP_DATABASE_URL": town_url, "GRIDMAP_DATA_DIR": str(folder)},
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(address, process, folder / "log")
        yield address
    finally:
        process.terminate()
        process.wait(START_S)


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < until:
        try:
            if httpx.get(f"{address}/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail(f"the service did not start:\n{log.read_text()[-4000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _database(server: str, statement: str, name: str) -> None:
    plain = make_url(server).set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
