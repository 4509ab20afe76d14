"""What a plan is worth, by one yardstick for all who drew one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from gridmap.partition.drawing.graph import AtomGraph, connected


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Figures of a plan; deviations and shares are fractions of 1."""

    #: grids that were wanted, and that were made
    wanted: int
    grids: int
    #: grids that are not in one piece
    broken: int
    #: greatest and mean difference from the target
    greatest: float
    mean: float
    #: share of the grids within 10 % and 15 % of the target
    within_10: float
    within_15: float
    #: mean and least Polsby-Popper, 4 pi A / P²
    compact: float
    least_compact: float
    #: kilometres of barrier with the same grid on both sides, and of all
    barrier_km: float
    barriers_km: float


def figures(graph: AtomGraph, label: np.ndarray, target: float) -> Figures:
    """Return the figures of a plan: the grid of each atom."""
    label = np.unique(label, return_inverse=True)[1]
    count = int(label.max()) + 1
    same = label[graph.a] == label[graph.b]
    away = np.abs(np.bincount(label, graph.weight, count) / target - 1)
    around = np.bincount(label, graph.perimeter_m, count)
    around -= 2 * np.bincount(label[graph.a[same]], graph.length_m[same], count)
    compact = 4 * np.pi * np.bincount(label, graph.area_m2, count) / around**2
    return Figures(
        wanted=max(round(float(graph.weight.sum()) / target), 1),
        grids=count,
        broken=int((parts(graph, label) > 1).sum()),
        greatest=float(away.max()),
        mean=float(away.mean()),
        within_10=float((away <= 0.1 + 1e-9).mean()),
        within_15=float((away <= 0.15 + 1e-9).mean()),
        compact=float(compact.mean()),
        least_compact=float(compact.min()),
        barrier_km=float(graph.barrier_m[same].sum() / 1000),
        barriers_km=float(graph.barrier_m.sum() / 1000),
    )


def parts(graph: AtomGraph, label: np.ndarray) -> np.ndarray:
    """Return in how many connected parts the atoms of each grid are."""
    one_each = np.unique(np.column_stack([label, connected(graph, label)]), axis=0)
    return np.bincount(one_each[:, 0], minlength=int(label.max()) + 1)


def cut(building: np.ndarray, grid: np.ndarray) -> int:
    """Return how many buildings lie in more than one grid, from all pairs of a building and a grid that it lies in."""
    pairs = np.unique(np.column_stack([building, grid]), axis=0)
    return int((np.bincount(pairs[:, 0]) > 1).sum()) if len(pairs) else 0


def moved(before: pd.Series, after: pd.Series, households: pd.Series) -> float:
    """Return the share of the households that change grid, by building and code."""
    table = _together(before, after, households)
    return float(table.loc[table["before"] != table["after"], "households"].sum() / table["households"].sum())


def moved_at_least(before: pd.Series, after: pd.Series, households: pd.Series) -> float:
    """Return the same if grids went on as whatever grids keep most households where they are."""
    table = _together(before, after, households)
    one, two = (np.unique(table[name].to_numpy(str), return_inverse=True)[1] for name in ("before", "after"))
    common = np.zeros((one.max() + 1, two.max() + 1))
    np.add.at(common, (one, two), table["households"].to_numpy(float))
    kept = common[linear_sum_assignment(-common)].sum()
    return float(1 - kept / common.sum())


def _together(before: pd.Series, after: pd.Series, households: pd.Series) -> pd.DataFrame:
    """Return what is known of each building both before and after."""
    columns = {"before": before, "after": after, "households": households}
    return pd.concat(columns, axis=1, join="inner").dropna()
