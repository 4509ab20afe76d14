"""Points to areas: this project beside what a user would otherwise pick, all in one run.

    python -m tests.benchmarks.locate [--areas 10000] [--points 1000000] [--repeats 3] [--database-url URL]

CPU seconds are compared, the least of some repeats: wall time depends on who else uses the machine. Every engine must
give our answer for every point.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.partition import AreaIndex
from tests.benchmarks import meter, peers
from tests.benchmarks.ground import partition
from tests.benchmarks.meter import Row, measure

#: standard deviation of the street-side points from a border: where door plates are
STREET_SIDE_M = 10.0
PACKAGES = ("numpy", "numba", "shapely", "geopandas", "duckdb", "psycopg")


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write the JSON; 1 if any engine disagrees."""
    options = parse(arguments)
    areas = partition(options.areas, seed=options.seed)
    rng = np.random.default_rng(options.seed)
    low, high = np.split(areas.total_bounds, 2)
    uniform = rng.uniform(low, high, (options.points, 2))
    street = street_side(areas, options.points, rng)
    index, facts = built(areas, options.repeats)
    rows = [
        *ours(index, "uniform", uniform, options.repeats),
        *others(areas, "uniform", uniform, index, options),
        *ours(index, "street-side", street, options.repeats),
        *joins(areas, "street-side", street, index, options.repeats),
    ]
    facts |= {**singles(index, uniform), **ties(areas, index, rng), **ratios(rows)}
    facts |= {"vertices_per_area": shapely.get_num_coordinates(areas.geometry.to_numpy()).mean()}
    facts |= {name: getattr(options, name) for name in ("areas", "points", "repeats", "seed")}
    facts["machine"] = meter.machine(PACKAGES)
    path = meter.write("locate", rows, facts)
    numpy_cpu = {row.task: row.cpu_s for row in rows if row.engine == "gridmap, numpy" and row.cpu_s}
    sys.stdout.write(f"{meter.table(rows, numpy_cpu)}\n\n{listed(facts)}\n\nwritten to {path}\n")
    return int(any(row.differ for row in rows))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--areas", type=int, default=10_000)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20240601)
    url = os.environ.get("GRIDMAP_BENCH_DATABASE_URL", os.environ.get("GRIDMAP_DATABASE_URL"))
    parser.add_argument("--database-url", default=url, help="a PostGIS to compare with; only temporary tables are made")
    return parser.parse_args(arguments)


def street_side(areas: gpd.GeoDataFrame, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return points near borders: anywhere along an edge, moved by a normal step of `STREET_SIDE_M`."""
    corners, ring = shapely.get_coordinates(areas.geometry.to_numpy(), return_index=True)
    edge = np.flatnonzero(ring[:-1] == ring[1:])
    length = np.hypot(*(corners[edge + 1] - corners[edge]).T)
    chosen = rng.choice(edge, count, p=length / length.sum())
    along = corners[chosen] + rng.uniform(0, 1, (count, 1)) * (corners[chosen + 1] - corners[chosen])
    low, high = np.split(areas.total_bounds, 2)
    return np.clip(along + rng.normal(0, STREET_SIDE_M, (count, 2)), np.nextafter(low, high), np.nextafter(high, low))


def built(areas: gpd.GeoDataFrame, repeats: int) -> tuple[AreaIndex, dict[str, Any]]:
    """Return the index on numpy alone, and what it took."""
    cpu, wall, index = measure(lambda: AreaIndex(areas, compiled=False), repeats=repeats)
    return index, {"build_cpu_s": cpu, "build_wall_s": wall, "index_mb": index.nbytes / 1e6}


def ours(index: AreaIndex, task: str, points: np.ndarray, repeats: int) -> Iterator[Row]:
    """Measure numpy, and the compiled kernel where numba is installed."""
    x, y = np.ascontiguousarray(points.T)
    cpu, wall, rows = measure(lambda: index.locate(x, y), repeats=5 * repeats)
    yield Row(task=task, engine="gridmap, numpy", cpu_s=cpu, wall_s=wall, differ=0)
    if not find_spec("numba"):
        yield Row(task=task, engine="gridmap, compiled", note="numba is not installed")
        return
    compiled = with_kernel(index)
    first = measure(lambda: compiled.locate(x, y), repeats=1)[0]
    cpu, wall, found = measure(lambda: compiled.locate(x, y), repeats=5 * repeats)
    note = f"first call {first:.2f} CPU s, which compiles or loads the kernel"
    yield Row(
        task=task, engine="gridmap, compiled", cpu_s=cpu, wall_s=wall, differ=int((found != rows).sum()), note=note
    )


def with_kernel(index: AreaIndex) -> AreaIndex:
    """Return the same index, that asks the kernel."""
    compiled = AreaIndex.__new__(AreaIndex)
    compiled.__setstate__(index.__getstate__() | {"_compiled": "now"})
    return compiled


def joins(areas: gpd.GeoDataFrame, task: str, points: np.ndarray, index: AreaIndex, repeats: int) -> Iterator[Row]:
    """Measure GeoPandas and shapely."""
    x, y = np.ascontiguousarray(points.T)
    expected = index.locate(x, y)
    for predicate in ("intersects", "within"):
        work, read = peers.sjoin(areas, x, y, predicate)
        cpu, wall, joined = measure(work, repeats=repeats)
        differ = int((read(joined) != expected).sum())
        yield Row(task=task, engine=f"geopandas.sjoin {predicate}", cpu_s=cpu, wall_s=wall, differ=differ)
    for engine, peer in (("STRtree of areas", peers.tree_of_areas), ("STRtree of points", peers.tree_of_points)):
        yield prepared(task, f"shapely {engine}", peer(areas, x, y), expected, repeats)


def prepared(task: str, engine: str, peer: Any, expected: np.ndarray, repeats: int) -> Row:
    """Measure an engine that builds something first."""
    build, ask = peer
    prepare, _, made = measure(build, repeats=1)
    cpu, wall, found = measure(lambda: ask(made), repeats=repeats)
    differ = int((found != expected).sum())
    return Row(task=task, engine=engine, cpu_s=cpu, wall_s=wall, prepare_s=prepare, differ=differ)


def others(
    areas: gpd.GeoDataFrame, task: str, points: np.ndarray, index: AreaIndex, options: argparse.Namespace
) -> Iterator[Row]:
    """Measure every peer."""
    yield from joins(areas, task, points, index, options.repeats)
    x, y = np.ascontiguousarray(points.T)
    expected = index.locate(x, y)
    if find_spec("duckdb") and find_spec("duckdb_extension_spatial"):
        yield prepared(task, "DuckDB spatial join, 1 thread", peers.duckdb(areas, x, y), expected, 1)
    else:
        yield Row(task=task, engine="DuckDB spatial join", note="duckdb and duckdb-extension-spatial are not installed")
    yield postgis(areas, task, (x, y), expected, options.database_url)


def postgis(areas: gpd.GeoDataFrame, task: str, points: Any, expected: np.ndarray, url: str | None) -> Row:
    """Measure PostGIS, if there is one."""
    engine = "PostGIS join, areas outside"
    if not url:
        return Row(task=task, engine=engine, note="no database: set GRIDMAP_BENCH_DATABASE_URL")
    import psycopg

    try:
        server = peers.PostGIS(url)
    except (psycopg.Error, OSError) as error:
        return Row(task=task, engine=engine, note=f"not reached: {' '.join(str(error).split())}")
    prepare, _, _ = measure(lambda: server.load(areas, *points), repeats=1, clock=server.clock)
    cpu, wall, _ = measure(server.join, repeats=1, clock=server.clock)
    differ = int((server.read(len(expected)) != expected).sum())
    note = f"PostGIS {server.version}, CPU of the server's process"
    return Row(task=task, engine=engine, cpu_s=cpu, wall_s=wall, prepare_s=prepare, differ=differ, note=note)


def singles(index: AreaIndex, points: np.ndarray) -> dict[str, float]:
    """Return microseconds of one lookup at a time, and of one distance."""
    pairs = points[:20_000].tolist()
    located = [timed(index.locate_one, *pair) for pair in pairs]
    measured = [timed(index.border_distance_one, *pair) for pair in pairs]
    x, y = points[:200_000].T
    many = measure(lambda: index.border_distance(x, y), repeats=1)[0]
    return {
        "locate_one_p50_us": float(np.percentile(located, 50)) * 1e6,
        "locate_one_p99_us": float(np.percentile(located, 99)) * 1e6,
        "border_distance_one_p50_us": float(np.percentile(measured, 50)) * 1e6,
        "border_distance_cpu_us_per_point": many / len(x) * 1e6,
    }


def timed(work: Any, x: float, y: float) -> float:
    """Return wall seconds of one call."""
    start = time.perf_counter()
    work(x, y)
    return time.perf_counter() - start


def ties(areas: gpd.GeoDataFrame, index: AreaIndex, rng: np.random.Generator) -> dict[str, Any]:
    """Return how many of 20 000 vertices and 20 000 midpoints of edges have exactly one area, that touches them."""
    corners, ring = shapely.get_coordinates(areas.geometry.to_numpy(), return_index=True)
    edge = rng.choice(np.flatnonzero(ring[:-1] == ring[1:]), 20_000)
    tried = {"vertices": corners[edge], "midpoints": (corners[edge] + corners[edge + 1]) / 2}
    compiled = with_kernel(index) if find_spec("numba") else index
    shapes = areas.geometry.to_numpy()
    result: dict[str, Any] = {}
    for name, points in tried.items():
        rows = index.locate(*points.T)
        one_by_one = [index.locate_one(*point) for point in points.tolist()]
        same = (rows == one_by_one) & (rows == compiled.locate(*points.T))
        near = shapely.dwithin(shapes[rows], shapely.points(points), 1e-6)
        result[f"{name}_with_exactly_one_area"] = int(((rows >= 0) & same & near).sum())
        result[f"{name}_tried"] = len(points)
    return result


def ratios(rows: list[Row]) -> dict[str, float]:
    """Return how many times the CPU of ours GeoPandas takes: by its default predicate, and by the faster one."""
    cpu = {(row.task, row.engine): row.cpu_s for row in rows if row.cpu_s}
    result = {}
    for task in ("uniform", "street-side"):
        joins = {name: cpu[task, f"geopandas.sjoin {name}"] for name in ("intersects", "within")}
        for engine in ("numpy", "compiled"):
            if own := cpu.get((task, f"gridmap, {engine}")):
                result[f"{task}_sjoin_default_over_{engine}"] = joins["intersects"] / own
                result[f"{task}_sjoin_fastest_over_{engine}"] = min(joins.values()) / own
    return result


def listed(facts: dict[str, Any]) -> str:
    """Return the facts that are numbers, one per line."""
    return "\n".join(f"{name}: {value:.4g}" for name, value in facts.items() if isinstance(value, int | float))


if __name__ == "__main__":
    raise SystemExit(main())
