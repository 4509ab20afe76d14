"""Sign-ins of the sample town: which crew passed which checkpoint, and what it sent from there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd

from gridmap.crs import RECORD_EPSG
from gridmap.samples.ground import Array, Ints, degrees
from gridmap.samples.network import Edges
from gridmap.samples.patrols import ROUND_S, SPEED_M_S, Round

#: Shares of crews that forget to sign in where they pass, sign in from elsewhere, and sign in twice.
FORGOTTEN, ELSEWHERE, TWICE = 0.06, 0.04, 0.04
#: Metres off the checkpoint that a crew stands, and that one is away which signs in from elsewhere.
BESIDE_M, AWAY_M = 4.0, 180.0
#: Least and greatest seconds between passing and signing in, and between a sign-in and the same again.
SLOW_S, AGAIN_S = (5, 40), 20


@dataclass(frozen=True, kw_only=True)
class Posted:
    """Where checkpoints stand, and to which post each belongs."""

    #: identifier of each
    id: list[str]
    #: number of the crossing at whose corner each stands
    node: Ints
    #: the post whose round it belongs to
    post: list[str]
    #: metres, shape (n, 2)
    point: Array


def tables(
    rng: np.random.Generator, edges: Edges, walked: list[Round], posted: Posted
) -> tuple[geopandas.GeoDataFrame, pd.DataFrame]:
    """Sign-ins, and for every shift and checkpoint when it was passed and what the crew did there."""
    throws = rng.random((len(walked), len(posted.id), 4))
    told = [row for k, each in enumerate(walked) for row in _round(each, edges, posted, throws[k])]
    truth = pd.DataFrame(told).drop(columns=["point", "after_s"])
    sent = [signin for row in told for signin in _sent(row)]
    lon, lat = degrees(*np.round([row.pop("point") for row in sent], 3).T).T
    signins = geopandas.GeoDataFrame(sent, geometry=geopandas.points_from_xy(lon, lat), crs=RECORD_EPSG)
    return signins, truth


def _round(each: Round, edges: Edges, posted: Posted, throws: Array) -> Iterator[dict[str, Any]]:
    """What one crew did at each checkpoint of its post."""
    pieces = each.pieces
    metres = np.abs(edges.to_m - edges.from_m)[pieces]
    begun = np.concatenate([[0.0], np.cumsum(metres)[:-1]]) / SPEED_M_S
    for k in np.flatnonzero([post == each.post for post in posted.post]).tolist():
        passes = begun[(edges.begin[pieces] == posted.node[k]) & (begun < ROUND_S - SLOW_S[1] - AGAIN_S)]
        chance, slow, *way = throws[k].tolist()
        what = _deed(chance) if len(passes) else "not passed"
        angle, away = 2 * np.pi * way[0], AWAY_M if what == "elsewhere" else BESIDE_M * way[1]
        yield {
            "checkpoint": posted.id[k],
            "post": each.post,
            "shift": each.shift,
            "passed": pd.Timestamp(each.start) + pd.Timedelta(seconds=round(passes[0])) if len(passes) else pd.NaT,
            "what": what,
            "point": posted.point[k] + away * np.array([np.cos(angle), np.sin(angle)]),
            "after_s": round(SLOW_S[0] + slow * (SLOW_S[1] - SLOW_S[0])),
        }


def _deed(chance: float) -> str:
    """What a crew does at a checkpoint that it passes."""
    shares = {"forgotten": FORGOTTEN, "elsewhere": ELSEWHERE, "twice": TWICE}
    for what, share in shares.items():
        if chance < share:
            return what
        chance -= share
    return "there"


def _sent(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The sign-ins of one crew at one checkpoint."""
    times = {"forgotten": 0, "not passed": 0, "twice": 2}.get(row["what"], 1)
    for again in range(times):
        time = row["passed"] + dt.timedelta(seconds=row["after_s"] + again * AGAIN_S)
        yield {"post": row["post"], "checkpoint": row["checkpoint"], "time": time, "point": row["point"]}
