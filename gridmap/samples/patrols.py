"""Patrol rounds of the sample town: where duty posts truly walked, and the fixes that their devices kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.crs import RECORD_EPSG
from gridmap.samples.areas import Nest
from gridmap.samples.ground import Array, Ground, Ints, degrees
from gridmap.samples.network import Edges, street_id

#: China's time.
ZONE = dt.timezone(dt.timedelta(hours=8))
FIRST_DAY, DAYS = dt.date(2024, 5, 6), 2
#: Hour at which each shift sets out; the night shift walks across midnight.
SHIFTS = {"day": 8, "night": 23}
#: Seconds of a round, and between fixes; metres walked in a second.
ROUND_S, EVERY_S, SPEED_M_S = 7200, 15, 1.3
#: Standard error of a fix in metres, how much of it the next fix inherits, share of wild fixes.
SIGMA_M, KEPT, WILD = 5.0, 0.8, 0.003
#: No more posts than this.
MOST_POSTS = 40


@dataclass(frozen=True, kw_only=True)
class Round:
    """One shift of one post."""

    post: str
    #: such as ``2024-05-06 day``
    shift: str
    start: dt.datetime
    #: pieces of street in the order walked, as rows of the edges
    pieces: Ints


def rounds(rng: np.random.Generator, edges: Edges, territory: dict[str, Ints], days: int = DAYS) -> list[Round]:
    """Two shifts a day for every post; it keeps to the pieces of its territory and prefers those not walked yet."""
    found = []
    for post, pieces in territory.items():
        ways = _ways(edges, pieces)
        for day in range(days):
            for shift, hour in SHIFTS.items():
                date = FIRST_DAY + dt.timedelta(days=day)
                start = dt.datetime.combine(date, dt.time(hour), ZONE)
                walked = _walk(rng, edges, ways)
                found.append(Round(post=post, shift=f"{date} {shift}", start=start, pieces=walked))
    return found


def tables(
    rng: np.random.Generator, ground: Ground, edges: Edges, walked: list[Round]
) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame, pd.DataFrame]:
    """Fixes, the truth of every fix in the same order, and the stretches truly walked."""
    steps = np.arange(0, ROUND_S, EVERY_S)
    noise = _noise(rng, len(walked), len(steps))
    kept = ~_gaps(rng, len(walked), len(steps))
    wild = rng.random(kept.shape) < WILD
    noise[wild] *= 30
    parts = [_truth(ground, edges, each, steps[kept[k]], wild[k, kept[k]]) for k, each in enumerate(walked)]
    truth = pd.concat([part for part, _ in parts], ignore_index=True)
    point = np.concatenate([point for _, point in parts])
    lon, lat = degrees(*np.round(point + noise[kept], 3).T).T
    accuracy = np.round(4 + 4 * rng.random(len(truth)), 1)
    fixes = {"post": truth["post"], "time": truth["time"], "accuracy_m": accuracy}
    seen = geopandas.GeoDataFrame(fixes, geometry=geopandas.points_from_xy(lon, lat), crs=RECORD_EPSG)
    lon, lat = degrees(*np.round(point, 3).T).T
    truth.insert(0, "fix", np.arange(len(truth)))
    true = geopandas.GeoDataFrame(truth, geometry=geopandas.points_from_xy(lon, lat), crs=RECORD_EPSG)
    return seen, true, pd.concat([_stretches(edges, each) for each in walked], ignore_index=True)


def _ways(edges: Edges, pieces: Ints) -> dict[int, list[int]]:
    """Pieces that begin at each node."""
    ways: dict[int, list[int]] = {}
    for piece in pieces.tolist():
        ways.setdefault(int(edges.begin[piece]), []).append(piece)
    return ways


def _walk(rng: np.random.Generator, edges: Edges, ways: dict[int, list[int]]) -> Ints:
    """Pieces of one round from the busiest crossing: always the one walked least, turning back only at dead ends."""
    walked: list[int] = []
    passes: dict[int, int] = {}
    metres, node, came = 0.0, max(ways, key=lambda node: len(ways[node])), -1
    throws = iter(rng.random(20_000))
    while metres < ROUND_S * SPEED_M_S:
        ahead = [piece for piece in ways[node] if edges.end[piece] != came] or ways[node]
        piece = min(ahead, key=lambda piece: (passes.get(piece // 2, 0), next(throws)))
        # both directions of a piece are counted as one street walked
        passes[piece // 2] = passes.get(piece // 2, 0) + 1
        walked.append(piece)
        metres += abs(float(edges.to_m[piece] - edges.from_m[piece]))
        came, node = node, int(edges.end[piece])
    return np.array(walked, dtype=np.int64)


def _noise(rng: np.random.Generator, count: int, steps: int) -> Array:
    """Errors in metres, each inheriting from the one before it; shape (rounds, steps, 2)."""
    fresh = SIGMA_M * rng.standard_normal((count, steps, 2))
    errors = fresh.copy()
    for k in range(1, steps):
        errors[:, k] = KEPT * errors[:, k - 1] + (1 - KEPT**2) ** 0.5 * fresh[:, k]
    return errors


def _gaps(rng: np.random.Generator, count: int, steps: int) -> NDArray[np.bool_]:
    """Where two gaps of 3 to 12 minutes are in every round."""
    gone = np.zeros((count, steps), dtype=bool)
    for k, throw in enumerate(rng.random((count, 2, 2))):
        for start, length in throw:
            first = int(start * (steps - 48))
            gone[k, first : first + 12 + int(length * 36)] = True
    return gone


def _truth(
    ground: Ground, edges: Edges, each: Round, seconds: Ints, wild: NDArray[np.bool_]
) -> tuple[pd.DataFrame, Array]:
    """Street and metres along it at some seconds of a round, and the point in metres."""
    length = np.abs(edges.to_m - edges.from_m)[each.pieces]
    done = np.concatenate([[0.0], np.cumsum(length)])
    k = np.clip(np.searchsorted(done, seconds * SPEED_M_S, side="right") - 1, 0, len(length) - 1)
    share = (seconds * SPEED_M_S - done[k]) / length[k]
    piece = each.pieces[k]
    along = edges.from_m[piece] + share * (edges.to_m[piece] - edges.from_m[piece])
    node = np.stack([ground.x.ravel(), ground.y.ravel()], axis=-1)
    point = node[edges.begin[piece]] + share[:, None] * (node[edges.end[piece]] - node[edges.begin[piece]])
    times = _times(each.start, seconds)
    rows = {
        "post": each.post,
        "shift": each.shift,
        "time": times,
        "street": edges.street_ids(piece),
        "along_m": np.round(along, 3),
        "wild": wild,
    }
    return pd.DataFrame(rows), point


def _times(start: dt.datetime, seconds: Array | Ints) -> pd.DatetimeIndex:
    """Moments so many seconds after a start, in its zone."""
    return pd.DatetimeIndex([start] * len(seconds)) + pd.to_timedelta(seconds, unit="s")


def _stretches(edges: Edges, each: Round) -> pd.DataFrame:
    """Streets walked in one go: neighbouring pieces of one street in one direction, joined; the last one cut short."""
    piece = each.pieces
    start, stop = edges.from_m[piece], edges.to_m[piece].copy()
    length = np.abs(stop - start)
    begun = np.concatenate([[0.0], np.cumsum(length)[:-1]])
    stop[-1] = start[-1] + np.sign(stop[-1] - start[-1]) * (ROUND_S * SPEED_M_S - begun[-1])
    ended = np.append(begun[1:], ROUND_S * SPEED_M_S)
    way = edges.street[piece] * 2 + (stop > start)
    first = np.flatnonzero(np.diff(way, prepend=-9))
    last = np.append(first[1:] - 1, len(piece) - 1)
    rows = {
        "post": each.post,
        "shift": each.shift,
        "street": [street_id(k) for k in edges.street[piece[first]]],
        "from_m": np.round(start[first], 3),
        "to_m": np.round(stop[last], 3),
        "start": _times(each.start, np.round(begun[first] / SPEED_M_S)),
        "end": _times(each.start, np.round(ended[last] / SPEED_M_S)),
    }
    return pd.DataFrame(rows)


def territories(ground: Ground, edges: Edges, nest: Nest) -> dict[str, Ints]:
    """Pieces of street in or beside every community, by the name of its post."""
    rows, columns = ground.shape
    framed = np.pad(nest.labels["community"], 1, constant_values=-1)
    around = np.stack([framed[a : a + rows + 1, b : b + columns + 1].ravel() for a in (0, 1) for b in (0, 1)])
    found = {}
    for label, name in enumerate(nest.names["community"][:MOST_POSTS]):
        touches = (around == label).any(axis=0)
        pieces = np.flatnonzero(touches[edges.begin] & touches[edges.end])
        if len(pieces):
            found[f"{name}巡逻岗"] = pieces
    return found
