"""Areas by level: the chain from the coarsest area to each, and the codes on each level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.hierarchy import LEVELS
from gridmap.partition import AreaIndex

#: Level, code and name of an area.
Link = dict[str, Any]


def levels_present(areas: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Levels of the table from the coarsest to the finest; levels of the user's own come last, by name."""
    present = set(areas.get("level", pd.Series(dtype=object)).dropna())
    return (*(level for level in LEVELS if level in present), *sorted(present - set(LEVELS)))


def chains_of(areas: gpd.GeoDataFrame, index: AreaIndex) -> list[list[Link]]:
    """Level, code and name of each area and its ancestors, coarsest first."""
    columns = [areas[name].tolist() if name in areas else [None] * len(areas) for name in ("level", "code", "name")]
    links = [
        {"level": _or_none(level), "code": code, "name": _or_none(name)}
        for level, code, name in zip(*columns, strict=True)
    ]
    return [[links[step] for step in index.chain(row)] for row in range(len(areas))]


def codes_by_level(chains: list[list[Link]], levels: Sequence[str]) -> dict[str, np.ndarray]:
    """Code of each area, then of its ancestor (or itself) on each level; the last row, None, is for outside."""
    columns = {name: np.full(len(chains) + 1, None, dtype=object) for name in ("area", *levels)}
    for row, chain in enumerate(chains):
        columns["area"][row] = chain[-1]["code"]
        for link in chain:
            if link["level"] is not None:
                columns[link["level"]][row] = link["code"]
    return columns


def _or_none(value: Any) -> Any:
    """None for a missing cell."""
    return None if pd.isna(value) else value
