"""Patrol walks whose truth is known, the fixes that a device would have kept of them, and how a match compares.

A crew walks over a street graph, prefers the streets it has walked least and turns back only at dead ends. Its device
errs, stands still with it, jumps, stutters and falls silent. The truth is kept as exact intervals of streets, apart
from what any matcher says: the score is taken from the lines on the ground.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

Array = NDArray[np.float64]

#: Moment at which walks set out where no other is named.
START = dt.datetime(2026, 3, 2, 8, tzinfo=dt.timezone(dt.timedelta(hours=8)))
#: Fixes no further apart than this see what is walked between them.
SEEN_S = 30.0
#: Metres within which a claim is on the right corridor.
CORRIDOR_M = 15.0


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a crew walks and how its device keeps fixes."""

    hours: float = 1.0
    speed_m_s: float = 1.4
    every_s: float = 5.0
    #: standard error of a fix along each axis
    sigma_m: float = 8.0
    #: seconds after which an error has mostly been forgotten; 0: each error is its own
    memory_s: float = 30.0
    #: stops of 3 to 12 minutes
    stops: int = 3
    #: silences of 40 to 125 s, and of 200 to 600 s
    gaps: int = 3
    long_gaps: int = 0
    #: share of fixes thrown 60 to 400 m away, and of fixes sent twice
    spikes: float = 0.01
    twice: float = 0.01


#: Nothing goes wrong but the noise.
CLEAN = Manner(memory_s=0, stops=0, gaps=0, spikes=0, twice=0)


@dataclass(frozen=True, kw_only=True)
class Walk:
    """One walk, the truth of it, and what its device kept."""

    manner: Manner
    #: pieces walked in order: edge of the graph, metres along it, seconds since the start; a stop has no length
    edge: NDArray[np.int64]
    leaves_m: Array
    reaches_m: Array
    begun: Array
    ended: Array
    #: fixes as sent: seconds since the start, metres
    time: Array
    x: Array
    y: Array
    #: which of the fixes are thrown far away
    spike: NDArray[np.bool_]
    #: spans of seconds, shape (k, 2), that fixes at most `SEEN_S` apart see; silences; stops
    seen: Array
    silent: Array
    stood: Array
    post: str = field(default="walk")


def walk(graph: Any, rng: np.random.Generator, manner: Manner = Manner(), post: str = "walk") -> Walk:
    """Return one walk over a street graph.

    Parameters
    ----------
    graph
        With ``ends``, ``edges``, ``length_m`` and ``component``; the walk keeps to the largest component.
    rng
        Where chance comes from.
    manner
        How the crew walks and its device errs.
    post
        Name of the crew.
    """
    edge, leaves, reaches, begun, ended = _course(graph, rng, manner)
    moments = np.arange(0.0, ended[-1], manner.every_s)
    true = _places(graph, (edge, leaves, reaches, begun, ended), moments)
    place = true + _noise(rng, manner, len(moments))
    silent = _silences(rng, manner, moments[-1])
    kept = ~np.any((moments[:, None] > silent[:, 0]) & (moments[:, None] < silent[:, 1]), axis=1)
    moments, place = moments[kept], place[kept]
    spike = rng.random(len(moments)) < manner.spikes
    angle, far = rng.uniform(0, 2 * np.pi, len(moments)), rng.uniform(60, 400, len(moments))
    place = place + np.where(spike, far, 0.0)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    sent = np.sort(np.concatenate([np.arange(len(moments)), np.flatnonzero(rng.random(len(moments)) < manner.twice)]))
    stood = np.column_stack([begun, ended])[leaves == reaches]
    return Walk(
        manner=manner,
        edge=edge,
        leaves_m=leaves,
        reaches_m=reaches,
        begun=begun,
        ended=ended,
        time=moments[sent],
        x=place[sent, 0],
        y=place[sent, 1],
        spike=spike[sent],
        seen=_seen(moments[~spike]),
        silent=silent,
        stood=stood,
        post=post,
    )


def fixes(walks: Iterable[Walk], crs: Any, start: dt.datetime = START) -> geopandas.GeoDataFrame:
    """Return the fixes of walks as a table: post, time, point."""
    each = list(walks)
    seconds = np.concatenate([one.time for one in each])
    points = shapely.points(np.concatenate([one.x for one in each]), np.concatenate([one.y for one in each]))
    posts = np.repeat([one.post for one in each], [len(one.time) for one in each])
    times = pd.Timestamp(start) + pd.to_timedelta(np.round(seconds * 1e3), unit="ms")
    return geopandas.GeoDataFrame({"post": posts, "time": times}, geometry=points, crs=crs)


def truth(one: Walk, graph: Any, spans: Array | None = None) -> pd.DataFrame:
    """Return what was walked, in order: street, from_m, to_m (from_m > to_m when against the line), begun, ended.

    Parameters
    ----------
    one
        The walk.
    graph
        The graph it went over.
    spans
        Only what was walked within these spans of seconds, shape (k, 2), in order and apart; ``one.seen`` is what the
        fixes could see.
    """
    spans = np.array([[0.0, np.inf]]) if spans is None else spans
    piece, span = np.nonzero((one.begun[:, None] < spans[:, 1]) & (one.ended[:, None] > spans[:, 0]))
    begun, ended = np.maximum(one.begun[piece], spans[span, 0]), np.minimum(one.ended[piece], spans[span, 1])
    lasts = np.maximum(one.ended - one.begun, 1e-9)[piece]
    slope = (one.reaches_m - one.leaves_m)[piece] / lasts
    first = graph.from_m[one.edge[piece]] + one.leaves_m[piece]
    rows = {
        "street": np.asarray(graph.street)[one.edge[piece]],
        "from_m": first + slope * (begun - one.begun[piece]),
        "to_m": first + slope * (ended - one.begun[piece]),
        "begun": begun,
        "ended": ended,
    }
    found = pd.DataFrame(rows)
    return found[found["from_m"] != found["to_m"]].reset_index(drop=True)


def united(street: Any, from_m: Any, to_m: Any) -> pd.DataFrame:
    """Return the union of intervals of streets: street, from_m, to_m, sorted, apart, from_m < to_m."""
    table = pd.DataFrame({"street": street, "from_m": np.minimum(from_m, to_m), "to_m": np.maximum(from_m, to_m)})
    table = table.sort_values(["street", "from_m"], kind="stable")
    rows: list[list[Any]] = []
    for name, low, high in table.itertuples(index=False):
        if rows and rows[-1][0] == name and low <= rows[-1][2]:
            rows[-1][2] = max(rows[-1][2], high)
        else:
            rows.append([name, low, high])
    return pd.DataFrame(rows, columns=["street", "from_m", "to_m"])


def lines(intervals: pd.DataFrame, streets: Sequence[Any]) -> Any:
    """Return intervals of streets as one geometry; `streets` are their lines by row, parts one after the other."""
    found = []
    for street, low, high in intervals[["street", "from_m", "to_m"]].itertuples(index=False):
        passed = 0.0
        for part in shapely.get_parts(streets[street]):
            a, b = max(low - passed, 0.0), min(high - passed, part.length)
            if b > a:
                found.append(substring(part, a, b))
            passed += part.length
    return shapely.multilinestrings([line for line in found if line.length > 0]) if found else shapely.MultiLineString()


def score(claimed: Any, walked: Any, seen: Any = None, tolerance_m: float = CORRIDOR_M) -> dict[str, float]:
    """Return how claims compare with the truth, all as lines on the ground.

    Parameters
    ----------
    claimed
        Lines said to have been walked, each metre once.
    walked
        Lines truly walked, each metre once.
    seen
        The part of `walked` that could be known; all of it where None.
    tolerance_m
        Metres within which a claim is on the right corridor.

    Returns
    -------
    dict
        ``recall``: share of `seen` with a claim within the tolerance; ``false``: length of claims with no truth within
        the tolerance, as a share of the length of `walked`; ``walked_m``, ``seen_m``, ``claimed_m``.
    """
    seen = walked if seen is None else seen
    missed = shapely.difference(seen, shapely.buffer(claimed, tolerance_m, quad_segs=16)).length
    false = shapely.difference(claimed, shapely.buffer(walked, tolerance_m, quad_segs=16)).length
    return {
        "recall": 1 - missed / max(seen.length, 1e-9),
        "false": false / max(walked.length, 1e-9),
        "walked_m": walked.length,
        "seen_m": seen.length,
        "claimed_m": claimed.length,
    }


def worn(
    streets: geopandas.GeoDataFrame, rng: np.random.Generator, *, missing: float = 0.02, shift_m: float = 3.0
) -> geopandas.GeoDataFrame:
    """Return a map of the streets with faults: some are missing, all are moved the same way; the index stays."""
    kept = streets[rng.random(len(streets)) >= missing]
    angle = rng.uniform(0, 2 * np.pi)
    moved = kept.geometry.translate(shift_m * np.cos(angle), shift_m * np.sin(angle))
    return kept.set_geometry(moved)


def helsinki(path: Path) -> geopandas.GeoDataFrame:
    """Return the streets of an OpenStreetMap extract, in metres: id, name, class, line."""
    read = geopandas.read_file(path, layer="lines")
    read = read[read["highway"].notna() & ~read["highway"].isin(["platform", "elevator", "corridor", "construction"])]
    table = read.rename(columns={"osm_id": "id", "highway": "class"})[["id", "name", "class", "geometry"]]
    return table.reset_index(drop=True).to_crs(32635)


def _course(graph: Any, rng: np.random.Generator, manner: Manner) -> tuple[Any, ...]:
    """Pieces of a walk: edge, metres left and reached, seconds begun and ended; stops are pieces without length."""
    at = _at_nodes(graph)
    allowed = np.flatnonzero(graph.component == _largest(graph))
    edge = int(rng.choice(allowed[graph.length_m[allowed] > min(20.0, graph.length_m[allowed].max() / 2)]))
    along, forward = float(rng.uniform(0, graph.length_m[edge])), bool(rng.random() < 0.5)
    moving = manner.hours * 3600
    breaks = sorted(rng.uniform(0.03 * moving, 0.97 * moving, manner.stops).tolist())
    passes, rows, clock, moved = np.zeros(len(graph.length_m)), [], 0.0, 0.0
    while moved < moving:
        pace = manner.speed_m_s * rng.uniform(0.85, 1.15)
        ahead = (graph.length_m[edge] - along if forward else along) / pace
        until = breaks[0] if breaks else moving
        spent = max(min(ahead, until - moved), 0.0)
        # the whole rest of the edge exactly, so that the next piece begins at the node
        ends = float(graph.length_m[edge]) if forward else 0.0
        target = ends if spent == ahead else along + (pace * spent if forward else -pace * spent)
        rows.append((edge, along, target, clock, clock + spent))
        along, clock, moved = target, clock + spent, moved + spent
        if spent < ahead:
            if breaks:
                stay = float(rng.uniform(180, 720))
                rows.append((edge, along, along, clock, clock + stay))
                clock += stay
                breaks.pop(0)
            continue
        passes[edge] += 1
        edge, forward = _turn(graph, rng, at, passes, (edge, forward))
        along = 0.0 if forward else float(graph.length_m[edge])
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return columns[0].astype(np.int64), *[column.astype(np.float64) for column in columns[1:]]


def _at_nodes(graph: Any) -> dict[int, list[tuple[int, bool]]]:
    """Edges that can be entered at each node, and whether forwards."""
    at: dict[int, list[tuple[int, bool]]] = {}
    for edge, (first, last) in enumerate(np.asarray(graph.ends).tolist()):
        at.setdefault(first, []).append((edge, True))
        at.setdefault(last, []).append((edge, False))
    return at


def _turn(graph: Any, rng: np.random.Generator, at: Any, passes: Array, came: tuple[int, bool]) -> tuple[int, bool]:
    """Edge walked next: one of those walked least most likely, the one just walked only at a dead end."""
    edge, forward = came
    ways = at[int(graph.ends[edge][1 if forward else 0])]
    ahead = [way for way in ways if way != (edge, not forward)] or ways
    weight = np.array([1 / (1 + 4 * passes[way[0]]) for way in ahead])
    return ahead[int(rng.choice(len(ahead), p=weight / weight.sum()))]


def _largest(graph: Any) -> int:
    """Component with the most metres."""
    return int(np.bincount(graph.component, weights=graph.length_m).argmax())


def _places(graph: Any, course: tuple[Any, ...], moments: Array) -> Array:
    """Points at some seconds of a walk."""
    edge, leaves, reaches, begun, ended = course
    piece = np.clip(np.searchsorted(begun, moments, side="right") - 1, 0, len(edge) - 1)
    share = np.clip((moments - begun[piece]) / np.maximum(ended[piece] - begun[piece], 1e-9), 0, 1)
    along = leaves[piece] + share * (reaches[piece] - leaves[piece])
    return shapely.get_coordinates(shapely.line_interpolate_point(np.asarray(graph.edges)[edge[piece]], along))


def _noise(rng: np.random.Generator, manner: Manner, count: int) -> Array:
    """Errors of fixes in metres: each remembers the one before by exp(-interval / memory)."""
    fresh = rng.normal(0, manner.sigma_m, (count, 2))
    if not manner.memory_s:
        return fresh
    kept = float(np.exp(-manner.every_s / manner.memory_s))
    for k in range(1, count):
        fresh[k] = kept * fresh[k - 1] + (1 - kept**2) ** 0.5 * fresh[k]
    return fresh


def _silences(rng: np.random.Generator, manner: Manner, lasts: float) -> Array:
    """Spans of seconds in which nothing is sent."""
    length = np.concatenate([rng.uniform(40, 125, manner.gaps), rng.uniform(200, 600, manner.long_gaps)])
    first = rng.uniform(0.02 * lasts, 0.9 * lasts, len(length))
    return np.column_stack([first, first + length])


def _seen(moments: Array) -> Array:
    """Spans of seconds between good fixes close enough together, neighbours joined."""
    apart = np.flatnonzero(np.diff(moments) > SEEN_S)
    first, last = np.concatenate([[0], apart + 1]), np.concatenate([apart, [len(moments) - 1]])
    return np.column_stack([moments[first], moments[last]])
