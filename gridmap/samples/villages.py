"""Four disputed lines between eight villages of the sample town, one of them a century old."""

from __future__ import annotations

import datetime as dt
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from gridmap.errors import InputError
from gridmap.samples.disputes import STEPS, Border, area, between, borders, lon_lat, merit, table
from gridmap.samples.ground import Array, Ground
from gridmap.samples.site import build, chance

#: Lines, and plots between the ground of two of them.
LINES, APART = 4, 2
#: What both sides of each line hold, its day, and the error of a point in metres.
SOURCES = (
    ("1985 village map", dt.date(1985, 4, 1), 5.0),
    ("1998 parcel survey", dt.date(1998, 6, 1), 1.0),
    ("2021 parcel survey", dt.date(2021, 9, 1), 0.05),
    ("1924 land deed map", dt.date(1924, 1, 1), 10.0),
)
#: Candidates of each line, as the part of the way from the second village's line to the first's.
CANDIDATES = {"as the first claims": 1.0, "half way": 0.5, "as the second claims": 0.0}


def villages(seed: int = 0, buildings: int = 5000) -> dict[str, Any]:
    """Claims of eight villages along four lines, candidates for each, and the truth of every ledger.

    Parameters
    ----------
    seed, buildings
        As of `gridmap.samples.town`: the same territory.

    Returns
    -------
    dict
        ``claims`` and ``candidates`` as `gridmap.frames` promises, and ``truth_ledger``: ``candidate``, ``party``,
        ``gain_m2``, ``loss_m2``, of rings drawn between the lines, never of an overlay.

    Raises
    ------
    InputError
        If the town is too small for eight villages that quarrel in pairs.

    Examples
    --------
    >>> tables = villages(buildings=5000)
    >>> len(tables["claims"]), len(tables["candidates"]), len(tables["truth_ledger"])
    (8, 12, 24)
    """
    site = build(seed, buildings)
    labels = site.now.labels["community"]
    ranked = sorted(borders(labels), key=lambda border: merit(border, site.now, site.plan.distance), reverse=True)
    chosen = _apart(ranked)
    if len(chosen) < LINES:
        raise InputError(f"{len(chosen)} lines between villages of their own", do="ask for more buildings")
    names = site.now.names["community"]
    rng = chance(seed, "villages")
    parts = [
        _line(rng, site.ground, border, k, (names[border.first], names[border.second]))
        for k, border in enumerate(chosen)
    ]
    claims, candidates, truth = zip(*parts, strict=True)
    return {
        "claims": _joined(claims),
        "candidates": _joined(candidates),
        "truth_ledger": pd.concat(truth, ignore_index=True),
    }


def _apart(ranked: list[Border]) -> list[Border]:
    """The best lines of which no two have a village in common or lie near each other."""
    chosen: list[Border] = []
    for border in ranked:
        if len(chosen) < LINES and all(_strangers(border, other) for other in chosen):
            chosen.append(border)
    return chosen


def _strangers(one: Border, other: Border) -> bool:
    """Whether two lines have no village in common and ground between them."""
    if {one.first, one.second} & {other.first, other.second}:
        return False
    (low, high), (left, right) = (np.array(_extent(border), dtype=float).T for border in (one, other))
    return bool((low - APART >= right).any() or (left - APART >= high).any())


def _extent(border: Border) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last row and column of the ground on both sides of a line."""
    along, off = (border.begin, border.end), (border.line - 1, border.line + 1)
    return (along, off) if border.upright else (off, along)


def _line(
    rng: np.random.Generator, ground: Ground, border: Border, number: int, names: tuple[str, str]
) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame, pd.DataFrame]:
    """Claims of both villages along one line, its candidates, and what these give and take."""
    along = np.linspace(border.begin, border.end, (border.end - border.begin) * STEPS + 1)
    swing = np.abs(np.sin(along * 1.3 + 6.28 * rng.random()))
    beyond, back = 0.08 + 0.24 * swing, -(0.06 + 0.18 * (1 - swing))
    source, date, accuracy = SOURCES[number]
    rows = {
        "party": names,
        "source": [source, source],
        "date": pd.Series([date, date], dtype=object),
        "accuracy_m": [accuracy, accuracy],
    }
    strips = [between(ground, border, along, off) for off in ((-0.9, beyond), (back, 0.9))]
    offs = {f"L{number + 1} {title}": back + part * (beyond - back) for title, part in CANDIDATES.items()}
    lines = [border.points(ground, along, off) for off in offs.values()]
    proposed = {"id": list(offs), "source": list(CANDIDATES)}
    truth = [
        row for title, off in offs.items() for row in _ledger(ground, border, along, title, (back, off, beyond), names)
    ]
    return (
        table(rows, [shapely.Polygon(lon_lat(strip)) for strip in strips]),
        table(proposed, [shapely.LineString(lon_lat(line)) for line in lines]),
        pd.DataFrame(truth, columns=["candidate", "party", "gain_m2", "loss_m2"]),
    )


def _ledger(
    ground: Ground, border: Border, along: Array, title: str, off: tuple[Array, Array, Array], names: tuple[str, str]
) -> list[tuple[str, str, float, float]]:
    """What a candidate gives both villages: the rings on its two sides."""
    back, candidate, beyond = off
    first = area(between(ground, border, along, (back, candidate)))
    second = area(between(ground, border, along, (candidate, beyond)))
    return [(title, names[0], first, second), (title, names[1], second, first)]


def _joined(tables: tuple[geopandas.GeoDataFrame, ...]) -> geopandas.GeoDataFrame:
    """Tables below each other."""
    return geopandas.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=tables[0].crs)
