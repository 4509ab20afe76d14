"""How long the service takes to answer about patrols: ``python -m tests.benchmarks http_patrols [--posts 500]``.

A net of 50 000 stretches of street and posts that were heard of just now are loaded into a record, and `gridmap serve`
answers for it in a process of its own. Measured are the first alert, which makes the streets ready, and alerts at
other places, each noted in the audit trail. Other work on the machine lengthens the wall clock: `LIMIT_MS` is for the
processor's time in the service, of which the function that looks for the posts has its own promise (``patrols``).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import psycopg
import shapely
from psycopg import sql
from sqlalchemy import Engine, make_url

from gridmap import store
from tests.benchmarks.http_cameras import Watch, served

#: Milliseconds of the processor that an alert may take in the service, over HTTP and noted in the audit trail.
LIMIT_MS = 10

#: Streets each way, and degrees from one to the next.
STREETS, EAST, NORTH = 160, 0.00115, 0.001
#: Where they begin.
WEST, SOUTH = 120.8, 31.9

#: Alerts, and seconds since the oldest of the last fixes.
ASKED, OLDEST_S = 300, 200.0

ALERTS = "/api/patrols/alerts"


def streets() -> gpd.GeoDataFrame:
    """Return a net of streets that are not quite straight and meet at every crossing."""
    noise = np.random.default_rng(1).normal(0, 0.00012, (STREETS, STREETS, 2))
    east, north = WEST + np.arange(STREETS) * EAST, SOUTH + np.arange(STREETS) * NORTH
    crossings = np.stack(np.meshgrid(east, north, indexing="ij"), axis=-1) + noise
    lines = [shapely.LineString(each) for each in (*crossings, *crossings.swapaxes(0, 1))]
    names = [f"S{number:05}" for number in range(len(lines))]
    return gpd.GeoDataFrame({"id": names, "class": "residential"}, geometry=lines, crs=4490)


def places(seed: int, count: int) -> npt.NDArray[np.float64]:
    """Return longitudes and latitudes anywhere in the net, shape (count, 2)."""
    least, most = (0.01 * STREETS * EAST, 0.99 * STREETS * EAST), (0.01 * STREETS * NORTH, 0.99 * STREETS * NORTH)
    random = np.random.default_rng(seed)
    return np.column_stack([WEST + random.uniform(*least, count), SOUTH + random.uniform(*most, count)])


def heard_of(engine: Engine, posts: int, by: Mapping[str, Any]) -> None:
    """Load a fix of each post, made in the last minutes."""
    now, ago = datetime.now(UTC), np.random.default_rng(2).uniform(0, OLDEST_S, posts)
    columns = {
        "post": [f"P{number:04}" for number in range(posts)],
        "time": [now - timedelta(seconds=seconds) for seconds in ago],
    }
    fixes = gpd.GeoDataFrame(columns, geometry=shapely.points(places(3, posts)), crs=4490)
    with engine.begin() as connection:
        store.load(connection, "fixes", fixes, **by)


@contextmanager
def record(posts: int) -> Iterator[tuple[str, str]]:
    """Yield the address of a record of the net and the posts, and the key of an operator."""
    server = os.environ.get("GRIDMAP_BENCH_DATABASE_URL") or os.environ["GRIDMAP_DATABASE_URL"]
    plain = make_url(server).set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    name = f"gridmap_bench_patrols_{os.getpid()}"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
        )
        url = make_url(server).set(database=name).render_as_string(hide_password=False)
        try:
            yield url, filled(url, posts)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def filled(url: str, posts: int) -> str:
    """Load the net, its area and the posts; return the key of an operator."""
    store.migrate(url)
    engine = store.connect(url)
    ground = shapely.box(WEST - 0.01, SOUTH - 0.01, WEST + STREETS * EAST, SOUTH + STREETS * NORTH)
    area = gpd.GeoDataFrame({"code": ["320613"], "level": ["district"]}, geometry=[ground], crs=4490)
    by: dict[str, Any] = {"source": store.Source(file="bench"), "actor": "bench", "effective": date(2024, 1, 1)}
    with engine.begin() as connection:
        store.load(connection, "areas", area, **by)
        store.load(connection, "streets", streets(), **by)
        key = store.add_key(connection, "bench", "operator", actor="bench")
    heard_of(engine, posts, by)
    engine.dispose()
    return key


def main(arguments: list[str] | None = None) -> int:
    """Print what was measured; 1 if an alert takes too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=500)
    asked = parser.parse_args(arguments)
    with record(asked.posts) as (url, key), served(url, key) as (client, pid):
        watch = Watch(pid)
        alerts = [partial(client.post, ALERTS, json={"lon": lon, "lat": lat}) for lon, lat in places(4, ASKED).tolist()]
        spent = {"first alert": watch.spent(alerts[:1]), "alerts": watch.spent(alerts)}
    print(f"{asked.posts} posts, {2 * STREETS * (STREETS - 1)} stretches of street; milliseconds")
    print(f"{'':30}{'median':>10}{'95 %':>10}{'processor':>12}")
    for name, (walls, cpu) in spent.items():
        print(f"{name:30}{np.median(walls):10.1f}{np.percentile(walls, 95):10.1f}{cpu:12.1f}")
    return int(spent["alerts"][1] > LIMIT_MS)


if __name__ == "__main__":
    raise SystemExit(main())
