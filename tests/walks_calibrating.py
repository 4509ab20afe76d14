"""Where the calibration of coverage comes from: claimed beside true metres, in walks whose truth is known.

``python -m tests.walks_calibrating HELSINKI.osm.pbf`` prints the rows of `gridmap.tracks.matching.calibration`; its
seeds are from `FIRST_SEED` on, and no test takes walks of these seeds.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd

from gridmap.samples import town
from gridmap.tracks import judge
from gridmap.tracks.matching import Prepared, match, prepared
from tests import walks

FIRST_SEED = 700_000
INTERVALS_S, SPEEDS_M_S, SIGMAS_M = (1.0, 5.0, 15.0, 30.0, 60.0), (1.4, 4.2), (4.0, 8.0, 12.0)
#: Tracks of an hour in each network for each row: between the least and the greatest of 46 lie nine tenths of all, with
#: a confidence of 95 % and whatever their distribution (Wilks 1941, doi 10.1214/aoms/1177731788). Routes go wrong now
#: and then, by much: tails are too heavy for limits of a normal distribution.
TRACKS = 46
#: Fixes closer together in time than this are a way observed, others one inferred.
OBSERVED_S, BRIDGED_S = 30.0, 180.0


def town_streets() -> geopandas.GeoDataFrame:
    """Return the streets of the sample town that can be walked, in metres."""
    streets = town()["streets"]
    streets = streets[streets["class"].notna()].reset_index(drop=True)
    return streets.to_crs(streets.estimate_utm_crs())


def compared(ready: Prepared, each: list[walks.Walk], walked: pd.DataFrame, interval_s: float) -> pd.DataFrame:
    """Return metres of main streets by walk: claimed, true, and both."""
    classes = ["observed"] if interval_s <= OBSERVED_S else ["observed", "inferred"]
    row = {name: k for k, name in enumerate(ready.ids)}
    chosen = walked[walked["class"].isin(classes)]
    found = []
    for one in each:
        mine = chosen[chosen["post"] == one.post]
        claimed = walks.united(mine["street"].map(row), mine["from_m"], mine["to_m"])
        graph = ready.ground.graph
        true = walks.truth(one, graph, one.seen if interval_s <= OBSERVED_S else None)
        low, high = true[["from_m", "to_m"]].min(axis=1), true[["from_m", "to_m"]].max(axis=1)
        placed = ready.corridors.onto(true["street"].to_numpy(), low.to_numpy(), high.to_numpy())
        true = walks.united(placed.street, placed.at_low, placed.at_high)
        both = common(claimed, true)
        found.append({"claimed": length(claimed), "true": length(true), "both": both})
    return pd.DataFrame(found)


def length(intervals: pd.DataFrame) -> float:
    """Return the metres of intervals that lie apart."""
    return float((intervals["to_m"] - intervals["from_m"]).sum())


def common(one: pd.DataFrame, other: pd.DataFrame) -> float:
    """Return the metres that are in both."""
    together = walks.united(*(pd.concat([one[name], other[name]]) for name in ("street", "from_m", "to_m")))
    return length(one) + length(other) - length(together)


def rows(networks: list[Prepared]) -> Any:
    """Yield spacing, interval, speed, sigma, recall, false, low, high."""
    for ready, interval, speed, sigma in product(networks, INTERVALS_S, SPEEDS_M_S, SIGMAS_M):
        manner = walks.Manner(every_s=interval, speed_m_s=speed, sigma_m=sigma)
        graph = ready.ground.graph
        each = [
            walks.walk(graph, np.random.default_rng(FIRST_SEED + k), manner, post=f"walk {k}") for k in range(TRACKS)
        ]
        judged = judge(walks.fixes(each, graph.crs))
        table = compared(ready, each, match(None, ready, judged=judged)[1], interval)
        recall, false = table["both"].sum() / table["true"].sum(), 1 - table["both"].sum() / table["claimed"].sum()
        table = table[table["claimed"] > 0]
        ratio = np.log(table["true"] / table["claimed"])
        low, high = np.exp([ratio.min(), ratio.max()])
        spacing = float(graph.length_m.sum() / len(graph))
        yield (
            round(spacing),
            interval,
            speed,
            sigma,
            *(round(float(figure), 3) for figure in (recall, false, low, high)),
        )


if __name__ == "__main__":
    for row in rows([prepared(walks.helsinki(Path(sys.argv[1]))), prepared(town_streets())]):
        sys.stdout.write(f"    {row},\n")
