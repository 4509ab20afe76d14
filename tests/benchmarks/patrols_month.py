"""A month of visits summarised, and the posts that are nearest to alerts: how long it takes, and is it right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csgraph
from shapely.ops import substring

from gridmap import crs
from gridmap.coverage import walked as figures
from gridmap.network import Dispatch, nearest, posts, ways
from tests.benchmarks.cameras_run import timed
from tests.benchmarks.patrols_grounds import FIRST_SEED

#: streets on a lattice: lines each way and metres between them; those of the month, and those posts stand on
MONTH, LARGE = (36, 91.0), (160, 91.0)
#: where the lattices lie, in CGCS2000 about 120 E
ORIGIN, EPSG = (500_000.0, 3_540_000.0), 4549
#: days, crews, streets walked by a crew in a shift, share walked in part, metres of an area
DAYS, CREWS, WALKED, PARTLY, AREA_M = 30, 12, 84, 0.1, 300.0
#: metres a second
PACE = 1.3
BEGINS = pd.Timestamp("2024-05-06T00:00:00Z")
#: posts, alerts asked for, alerts that are looked up another way
POSTS, ALERTS, LOOKED_UP = 500, 300, 100


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month summarised."""

    visits: int
    streets_km: float
    areas: int
    shifts: int
    #: CPU seconds: the ledger, streets cut along areas (made once), the shares and idleness of all areas and shifts
    ledger_s: float
    sides_s: float
    summary_s: float
    #: CPU seconds of one shift by shapely, and the greatest difference of its metres, as a share
    shapely_s: float
    differ: float


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """Alerts answered."""

    posts: int
    edges: int
    #: CPU milliseconds of an answer
    median_ms: float
    p95_ms: float
    #: answers whose three posts are not the first of all, of those looked up another way
    wrong: int
    looked_up: int


def lattice(count: int, step: float) -> gpd.GeoDataFrame:
    """Return streets between all neighbours of a square of crossings."""
    at = np.stack(np.meshgrid(np.arange(count), np.arange(count), indexing="ij"), -1) * step + ORIGIN
    ends = np.concatenate([
        np.stack([at[:-1], at[1:]], 2).reshape(-1, 2, 2), np.stack([at[:, :-1], at[:, 1:]], 2).reshape(-1, 2, 2)
    ])  # fmt: skip
    table = {"id": [f"s{k}" for k in range(len(ends))], "class": "residential"}
    return gpd.GeoDataFrame(table, geometry=shapely.linestrings(ends), crs=EPSG)


def visits(streets: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the visits of a month: crews that go on to the street that they have walked least this shift."""
    rng = np.random.default_rng(FIRST_SEED)
    xy = shapely.get_coordinates(streets.geometry.to_numpy()).round(3).reshape(-1, 2, 2)
    node = np.unique(xy.reshape(-1, 2), axis=0, return_inverse=True)[1].reshape(-1, 2)
    at: list[list[tuple[int, int, int]]] = [[] for _ in range(node.max() + 1)]
    for street, (a, b) in enumerate(node.tolist()):
        at[a].append((street, b, 1))
        at[b].append((street, a, -1))
    length = streets.length.to_numpy()
    rows = [row for day in range(DAYS) for half in ("day", "night") for crew in range(CREWS)
            for row in _shift(rng, at, length, (day, half, crew))]  # fmt: skip
    names = ["post", "shift", "street", "from_m", "to_m", "start", "end", "direction"]
    table = pd.DataFrame(rows, columns=names)
    chance = rng.random(len(table))
    for name in ("start", "end"):
        table[name] = BEGINS + pd.to_timedelta(table[name], unit="s")
    table["class"] = np.select([chance < 0.9, chance < 0.97], ["observed", "inferred"], "unknown")
    return table


def _shift(rng: np.random.Generator, at: Any, length: np.ndarray, whose: tuple[int, str, int]) -> Iterator[Any]:
    """Yield the visits of one crew in one shift."""
    day, half, crew = whose
    clock = day * 86_400 + 43_200 * (half == "night") + rng.uniform(0, 7_200)
    label, node = f"{BEGINS.date() + pd.Timedelta(days=day)} {half}", int(rng.integers(len(at)))
    passes: dict[int, int] = {}
    for _ in range(WALKED):
        street, reached, direction = min(at[node], key=lambda way: (passes.get(way[0], 0), rng.random()))
        passes[street] = passes.get(street, 0) + 1
        whole = float(length[street])
        low, high = sorted(rng.uniform(0, whole, 2)) if rng.random() < PARTLY else (0.0, whole)
        lasts = (high - low) / PACE
        yield f"P{crew}", label, f"s{street}", low, high, clock, clock + lasts, direction
        clock, node = clock + lasts, reached


def grids(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a district in squares; no street of the lattice runs along their borders."""
    low_x, low_y, high_x, high_y = np.add(streets.total_bounds, (-1, -1, 1, 1))
    count = int(np.ceil((high_x - low_x) / AREA_M))
    x, y = (np.minimum(low + AREA_M * np.arange(count + 1), high) for low, high in ((low_x, high_x), (low_y, high_y)))
    column, row = (each.ravel() for each in np.meshgrid(np.arange(count), np.arange(count)))
    boxes = shapely.box(x[column], y[row], x[column + 1], y[row + 1])
    codes = [f"D{a:02d}{b:02d}" for a, b in zip(column.tolist(), row.tolist(), strict=True)]
    table = {
        "code": ["D", *codes],
        "level": ["district", *["grid"] * len(codes)],
        "parent": [None, *["D"] * len(codes)],
    }
    return gpd.GeoDataFrame(table, geometry=[shapely.box(low_x, low_y, high_x, high_y), *boxes], crs=EPSG)


def month() -> Month:
    """Return what a month of visits takes to be summarised, and how it compares with shapely."""
    streets = lattice(*MONTH)
    table, areas = visits(streets), grids(streets)
    ledger_s, book = timed(lambda: figures.ledger(table, streets), repeats=3)
    sides_s, laid = timed(lambda: figures.sides(book, areas), repeats=2)
    since, until = BEGINS, BEGINS + pd.Timedelta(days=DAYS)

    def work() -> tuple[pd.DataFrame, pd.DataFrame]:
        return figures.areas(book, laid), figures.area_idleness(book, laid, since=since, until=until)

    work()
    summary_s, (shares, _) = timed(work)
    one = table["shift"].iloc[0]
    shapely_s, true = timed(lambda: by_shapely(table[table["shift"] == one], streets, areas), repeats=1)
    ours = shares[shares["shift"] == one].set_index("code")["walked_m"].reindex(areas["code"]).fillna(0).to_numpy()
    return Month(
        visits=len(table),
        streets_km=float(streets.length.sum()) / 1000,
        areas=len(areas),
        shifts=table["shift"].nunique(),
        ledger_s=ledger_s,
        sides_s=sides_s,
        summary_s=summary_s,
        shapely_s=shapely_s,
        differ=float(np.abs(ours - true).max() / true.max()),
    )


def by_shapely(table: pd.DataFrame, streets: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> np.ndarray:
    """Return the metres of each area that were observed, by lines cut and united."""
    seen = table[table["class"] == "observed"]
    line = dict(zip(streets["id"], streets.geometry, strict=True))
    cells = zip(seen["street"], seen["from_m"], seen["to_m"], strict=True)
    walked = shapely.union_all([substring(line[street], low, high) for street, low, high in cells])
    return np.asarray(shapely.length(shapely.intersection(walked, areas.geometry.to_numpy())))


def alerts() -> Nearest:
    """Return how long it takes to tell the nearest of many posts, and whether these are the nearest."""
    rng = np.random.default_rng(FIRST_SEED)
    roads = ways(lattice(*LARGE), "foot")
    graph = roads.graph
    now = pd.Timestamp("2026-05-06T10:00:00Z")
    at, age = rng.integers(graph.nodes, size=POSTS), np.round(rng.uniform(0, 250, POSTS))
    table = {"post": [f"P{k}" for k in range(POSTS)], "time": now - pd.to_timedelta(age, unit="s")}
    known = posts(gpd.GeoDataFrame(table, geometry=shapely.points(graph.node_xy[at]), crs=EPSG), roads, now=now)
    asked = rng.integers(graph.nodes, size=ALERTS)
    places = list(zip(*crs.to_wgs84(*graph.node_xy[asked].T, EPSG), strict=True))
    nearest(known, roads, places[0], now=now, dispatch=Dispatch(mode="foot"))
    took, wrong = [], 0
    matrix = graph.matrix(roads.seconds)
    for k, place in enumerate(places):
        seconds, found = timed(lambda where=place: nearest(known, roads, where, now=now), repeats=1)
        took.append(1e3 * seconds)
        if k < LOOKED_UP:
            cost = csgraph.dijkstra(matrix, indices=asked[k], directed=False)[at] + age
            chosen = found[found["chosen"]]
            first = (chosen["seconds"] + chosen["age_s"]).to_numpy()
            # degrees and back are a hundredth of a millimetre
            wrong += not np.allclose(np.sort(first), np.sort(cost)[: len(first)], atol=1e-3) or len(first) != 3
    return Nearest(
        posts=POSTS,
        edges=len(graph),
        median_ms=float(np.median(took)),
        p95_ms=float(np.percentile(took, 95)),
        wrong=wrong,
        looked_up=LOOKED_UP,
    )
