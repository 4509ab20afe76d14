"""Rounds: every street once, given streets only, and what is overdue; beside networkx, their bounds and the habit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.crs import to_wgs84
from gridmap.network import Round, Shift, inspection_round, overdue_round
from gridmap.streets import graph
from tests.benchmarks.cameras_run import timed
from tests.benchmarks.patrols_grounds import FIRST_SEED, Ground

#: classes of the streets that cars use: those of the reference's cases
DRIVEN = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street",
          "motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link")  # fmt: skip
#: small networks whose best round is found another way
SMALL = 30
#: shares of the streets that are required
REQUIRED = (0.12, 0.38)
#: share of the streets that is overdue, and metres of a shift
OVERDUE, SHIFT_M = 0.33, (10_000, 12_000)
SPEED_M_S = 1.3


@dataclass(frozen=True, kw_only=True)
class Full:
    """A round along every street."""

    ground: str
    streets: int
    #: crossings with an odd number of streets
    odd: int
    km: float
    extra_km: float
    gap: float
    #: CPU seconds, the graph included, and that of networkx where it was asked
    cpu_s: float
    networkx_s: float | None = None
    #: metres by which the round is longer than the best by networkx
    longer_m: float | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Rural:
    """A round along given streets."""

    ground: str
    streets: int
    required: int
    km: float
    bound_km: float
    gap: float
    cpu_s: float
    #: whether the line is closed, as long as told, and holds every required street
    sound: bool


@dataclass(frozen=True, kw_only=True)
class Owed:
    """A shift for what is overdue."""

    ground: str
    streets: int
    due: int
    km: float
    #: shares of the debt: collected, what no round exceeds, and the habit
    collected: float
    bound: float
    habit: float
    minutes: float
    allowed: float
    cpu_s: float


def driven(ground: Ground) -> Ground:
    """Return the streets of a ground that cars use."""
    kept = ground.streets[ground.streets["class"].isin(DRIVEN)]
    return Ground(f"{ground.title}, driven", kept.reset_index(drop=True))


def jittered(size: int, missing: float, seed: int) -> Ground:
    """Return a lattice of streets pushed about, some of them missing."""
    rng = np.random.default_rng(seed)
    xy = np.stack(np.meshgrid(np.arange(size), np.arange(size)), -1) * 100.0 + rng.normal(0, 20, (size, size, 2))
    xy += (500_000, 3_540_000)
    ends = np.concatenate(
        [np.stack([xy[:-1], xy[1:]], 2).reshape(-1, 2, 2), np.stack([xy[:, :-1], xy[:, 1:]], 2).reshape(-1, 2, 2)]
    )
    ends = ends[rng.random(len(ends)) >= missing]
    table = {"id": [f"s{k}" for k in range(len(ends))], "class": "residential"}
    return Ground(f"lattice {size}", gpd.GeoDataFrame(table, geometry=shapely.linestrings(ends), crs=4549))


def edges_of(ground: Ground) -> Ground:
    """Return a ground whose streets reach from crossing to crossing, the longest piece that hangs together."""
    made = graph(ground.streets)
    kept = (made.component == int(np.bincount(made.component, weights=made.length_m).argmax())) & (
        made.twin == np.arange(len(made))
    )
    table = {"id": [f"e{k}" for k in np.flatnonzero(kept)], "class": made.kind[kept]}
    return Ground(ground.title, gpd.GeoDataFrame(table, geometry=made.edges[kept], crs=ground.streets.crs))


def around(ground: Ground, count: int) -> Ground:
    """Return so many streets round the middle of a ground, from crossing to crossing; a few less hang together."""
    whole = edges_of(ground)
    if len(whole.streets) <= count:
        return whole
    middle = shapely.Point(*np.median(shapely.get_coordinates(shapely.centroid(whole.lines)), axis=0))
    nearest = np.argsort(shapely.distance(whole.lines, middle), kind="stable")[:count]
    return Ground(f"{ground.title}, {count} streets", whole.streets.iloc[np.sort(nearest)].reset_index(drop=True))


def start_of(ground: Ground) -> tuple[float, float]:
    """Return the beginning of the longest street, in degrees."""
    line = ground.lines[int(np.argmax(shapely.length(ground.lines)))]
    x, y = shapely.get_coordinates(line)[0].tolist()
    lon, lat = to_wgs84(x, y, ground.streets.crs)
    return float(lon), float(lat)


def full(ground: Ground, *, beside: bool) -> Full:
    """Return the round along every street, beside networkx's where asked."""
    whole = edges_of(ground)
    made_s, made = timed(lambda: inspection_round(whole.streets, start_of(whole), mode="foot"), repeats=2)
    streets = graph(whole.streets)
    odd = _odd(streets)
    best = networkx_s = None
    if beside:
        networkx_s, best = timed(lambda: best_by_networkx(streets, odd), repeats=1)
    return Full(
        ground=ground.title,
        streets=len(whole.streets),
        odd=len(odd),
        km=made.length_m / 1000,
        extra_km=(made.length_m - made.required_m) / 1000,
        gap=made.gap,
        cpu_s=made_s,
        networkx_s=networkx_s,
        longer_m=None if best is None else made.length_m - best,
        note=f"{len(made.unreachable)} streets unreachable" if made.unreachable else "",
    )


def _odd(streets: Any) -> np.ndarray:
    """Crossings with an odd number of streets."""
    return np.asarray(np.flatnonzero(np.bincount(streets.ends.ravel(), minlength=streets.nodes) % 2))


def best_by_networkx(streets: Any, odd: np.ndarray) -> float:
    """Return the metres of the shortest round along every street: all ways between odd crossings, paired at best."""
    import networkx as nx

    net = nx.Graph()
    for (a, b), metres in zip(streets.ends.tolist(), streets.length_m.tolist(), strict=True):
        if not net.has_edge(a, b) or net[a][b]["weight"] > metres:
            net.add_edge(a, b, weight=metres)
    far = {a: nx.single_source_dijkstra_path_length(net, a) for a in odd.tolist()}
    pairs = nx.Graph()
    pairs.add_weighted_edges_from((a, b, far[a][b]) for a, b in combinations(odd.tolist(), 2))
    matching = nx.min_weight_matching(pairs)
    return float(streets.length_m.sum() + sum(far[a][b] for a, b in matching))


def small() -> tuple[int, float]:
    """Return (how many small networks, the most by which a round is longer or shorter than networkx's best, metres)."""
    differ = [_differs(FIRST_SEED + k) for k in range(SMALL)]
    return len(differ), max(differ)


def _differs(seed: int) -> float:
    """Metres between the round and the best of one small network."""
    ground = edges_of(jittered(5, 0.2, seed))
    made = inspection_round(ground.streets, start_of(ground))
    streets = graph(ground.streets)
    return abs(made.length_m - best_by_networkx(streets, _odd(streets)))


def rural(ground: Ground, share: float, seed: int = FIRST_SEED) -> Rural:
    """Return the round along a share of the streets, by chance."""
    whole = edges_of(ground)
    rng = np.random.default_rng(seed)
    asked = whole.streets["id"].to_numpy()[rng.random(len(whole.streets)) < share]
    seconds, made = timed(lambda: inspection_round(whole.streets, start_of(whole), required=asked), repeats=1)
    return Rural(
        ground=ground.title,
        streets=len(whole.streets),
        required=len(asked),
        km=made.length_m / 1000,
        bound_km=made.bound_m / 1000,
        gap=made.length_m / made.bound_m - 1,
        cpu_s=seconds,
        sound=is_sound(made, whole, asked),
    )


def is_sound(made: Round, ground: Ground, asked: np.ndarray) -> bool:
    """Whether the line of a round is closed, as long as told, and has every required street on it, to a centimetre."""
    wanted = shapely.union_all(ground.lines[ground.streets["id"].isin(asked).to_numpy()])
    missed = shapely.difference(wanted, shapely.buffer(made.line, 0.01)).length
    return made.line.is_closed and bool(np.isclose(made.line.length, made.length_m)) and missed < 1


def owed(ground: Ground, metres: float, seed: int = FIRST_SEED) -> Owed:
    """Return the shift for streets that are overdue by chance."""
    whole = edges_of(ground)
    rng = np.random.default_rng(seed)
    due = rng.random(len(whole.streets)) < OVERDUE
    # debt is metres times periods overdue
    weight = whole.streets.length.to_numpy()[due] * rng.uniform(0.2, 3, int(due.sum()))
    debt = pd.DataFrame({"street": whole.streets["id"].to_numpy()[due], "weight": weight})
    allowed = metres / SPEED_M_S / 60
    seconds, made = timed(
        lambda: overdue_round(whole.streets, start_of(whole), allowed, overdue=debt, shift=Shift(mode="foot")),
        repeats=1,
    )
    return Owed(
        ground=ground.title,
        streets=len(whole.streets),
        due=int(due.sum()),
        km=metres / 1000,
        collected=made.collected / made.possible,
        bound=made.collected_bound / made.possible,
        habit=made.habit / made.possible,
        minutes=made.minutes,
        allowed=allowed,
        cpu_s=seconds,
    )


def rurals(grounds: Sequence[Ground]) -> Iterator[Rural]:
    """Yield rounds along few and many given streets."""
    for ground in grounds:
        for share in REQUIRED:
            yield rural(ground, share)
