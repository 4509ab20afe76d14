"""Two villages of the sample town that disagree about their border, and parcels beside it in two epochs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
import shapely

from gridmap.crs import RECORD_EPSG
from gridmap.samples import cells
from gridmap.samples.areas import Nest
from gridmap.samples.ground import Array, Ground, Ints, degrees

#: Points of a claimed line per plot that it passes.
STEPS = 4
#: How far a parcel's land reaches from the border, in plots.
REACH = 3
#: Days of the two parcel surveys.
OLD, NEW = dt.date(1998, 6, 1), dt.date(2021, 9, 1)
#: What became of the parcels of a plot, and how often.
KINDS = ("unchanged", "renamed", "adjusted", "split", "merge", "complex", "created", "abolished")
_SHARES = np.array([0.4, 0.1, 0.14, 0.12, 0.1, 0.06, 0.04, 0.04])
#: Cells of a plot, four from south to north and two from west to east, with the number of their parcel in the old
#: survey and in the new one; -1 is nobody's.
_HALVES = [[0, 0], [0, 0], [1, 1], [1, 1]]
_PATTERNS = {
    "unchanged": (_HALVES, _HALVES),
    "renamed": (_HALVES, _HALVES),
    "adjusted": (_HALVES, [[0, 0], [0, 0], [0, 0], [1, 1]]),
    "split": (_HALVES, [[0, 2], [0, 2], [1, 1], [1, 1]]),
    "merge": (_HALVES, [[0, 0], [0, 0], [0, 0], [0, 0]]),
    "complex": (_HALVES, [[0, 2], [0, 2], [0, 2], [1, 1]]),
    "created": ([[-1, -1], [-1, -1], [1, 1], [1, 1]], _HALVES),
    "abolished": (_HALVES, [[-1, -1], [-1, -1], [1, 1], [1, 1]]),
}
#: Which old parcel went into which new one, by what happened in the plot; None where there was or is none.
_LINEAGE: dict[str, list[tuple[int | None, int | None, str]]] = {
    "unchanged": [(0, 0, "unchanged"), (1, 1, "unchanged")],
    "renamed": [(0, 0, "renamed"), (1, 1, "renamed")],
    "adjusted": [(0, 0, "adjusted"), (1, 0, "adjusted"), (1, 1, "adjusted")],
    "split": [(0, 0, "split"), (0, 2, "split"), (1, 1, "unchanged")],
    "merge": [(0, 0, "merge"), (1, 0, "merge")],
    "complex": [(0, 0, "complex"), (0, 2, "complex"), (1, 0, "complex"), (1, 2, "complex"), (1, 1, "complex")],
    "created": [(None, 0, "created"), (1, 1, "unchanged")],
    "abolished": [(0, None, "abolished"), (1, 1, "unchanged")],
}


@dataclass(frozen=True, kw_only=True)
class Border:
    """A straight stretch of lattice line between two communities."""

    #: numbers of the communities on its west or south side, and on the other
    first: int
    second: int
    #: whether it runs northwards (else eastwards)
    upright: bool
    #: its line, and the nodes from which to which it runs
    line: int
    begin: int
    end: int

    def points(self, ground: Ground, along: Array, off: Array) -> Array:
        """Points in metres, so many plots along the line and off it to the second side; shape (points, 2)."""
        row, column = (along, self.line + off) if self.upright else (self.line + off, along)
        rows, columns = ground.shape
        whole_row = np.clip(np.floor(row), 0, rows - 1).astype(np.int64)
        whole_column = np.clip(np.floor(column), 0, columns - 1).astype(np.int64)
        return np.round(ground.inside(whole_row, whole_column, column - whole_column, row - whole_row), 3)


def disputed(nest: Nest, distance: Array) -> Border:
    """The longest straight border (six plots at most) between two communities, villages and outskirts first."""
    return max(borders(nest.labels["community"]), key=lambda border: merit(border, nest, distance))


def claims(
    rng: np.random.Generator, ground: Ground, nest: Nest, border: Border
) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame, geopandas.GeoDataFrame]:
    """Both villages' claims, the lines proposed to settle, and the truth: border and contested ground."""
    along = np.linspace(border.begin, border.end, (border.end - border.begin) * STEPS + 1)
    swing = np.abs(np.sin(along * 1.3 + 6.28 * rng.random()))
    beyond, back = 0.08 + 0.24 * swing, -(0.06 + 0.18 * (1 - swing))
    names = [nest.names["community"][k] for k in (border.first, border.second)]
    edge = {0.0: np.zeros_like(along)}
    lines = {
        "true border": border.points(ground, along, edge[0.0]),
        f"as {names[0]} claims": border.points(ground, along, beyond),
        f"as {names[1]} claims": border.points(ground, along, back),
        "half way": border.points(ground, along, (beyond + back) / 2),
    }
    strips = [between(ground, border, along, (-0.9, beyond)), between(ground, border, along, (back, 0.9))]
    rows = {
        "party": names,
        "source": ["1985 village map", "1998 parcel survey"],
        "date": pd.Series([dt.date(1985, 4, 1), OLD], dtype=object),
        "accuracy_m": [5.0, 1.0],
    }
    contested = between(ground, border, along, (back, beyond))
    codes = [nest.codes["community"][k] for k in (border.first, border.second)]
    truth = {"a": codes[:1], "b": codes[1:], "contested_m2": [round(area(contested), 2)]}
    proposed = {"id": [f"D{k + 1}" for k in range(len(lines))], "source": list(lines)}
    return (
        table(rows, [shapely.Polygon(lon_lat(strip)) for strip in strips]),
        table(proposed, [shapely.LineString(lon_lat(line)) for line in lines.values()]),
        table(truth, [shapely.LineString(lon_lat(lines["true border"]))]),
    )


def parcels(
    rng: np.random.Generator, ground: Ground, nest: Nest, border: Border
) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame, pd.DataFrame]:
    """Parcels beside the border in the old survey and in the new one, and what became of each."""
    plots = _around(ground, border)
    happened = [KINDS[k] for k in np.searchsorted(np.cumsum(_SHARES)[:-1], rng.random(len(plots)), side="right")]
    # every kind is there in any town
    happened[: len(KINDS)] = KINDS[: len(happened)]
    surveys, ids = [], []
    for epoch, date in enumerate((OLD, NEW)):
        labels, known = _drawn(ground, plots, happened, epoch)
        owner = [_party(nest, plots[plot]) for plot, _ in known]
        titles = {key: _title(nest, plots[key[0]], key, happened[key[0]], epoch) for key in known}
        shapes = _shapes(ground, labels)
        rows = {
            "id": [titles[key] for key in known],
            "party": owner,
            "source": [f"{date.year} parcel survey"] * len(known),
            "accuracy_m": [(1.0, 0.05)[epoch]] * len(known),
        }
        surveys.append(table(rows, [shapes[k] for k in range(len(known))]))
        ids.append(titles)
    lineage = [
        (None if old is None else ids[0][plot, old], None if new is None else ids[1][plot, new], kind)
        for plot, what in enumerate(happened)
        for old, new, kind in _LINEAGE[what]
    ]
    return surveys[0], surveys[1], pd.DataFrame(lineage, columns=["old", "new", "kind"])


def borders(community: Ints) -> list[Border]:
    """Straight stretches of border, cut into pieces of six plots."""
    found = []
    for upright, labels in ((True, community), (False, community.T)):
        for line in range(1, labels.shape[1]):
            pairs = list(zip(labels[:, line - 1].tolist(), labels[:, line].tolist(), strict=True))
            begin = 0
            for end in range(1, len(pairs) + 1):
                if end < len(pairs) and pairs[end] == pairs[begin] and end - begin < 6:  # noqa: PLR2004 (long enough)
                    continue
                first, second = pairs[begin]
                if first != second:
                    found.append(Border(first=first, second=second, upright=upright, line=line, begin=begin, end=end))
                begin = end
    return found


def merit(border: Border, nest: Nest, distance: Array) -> tuple[float, ...]:
    """Villages first, then length, then how far out."""
    villages = sum(nest.names["community"][k].endswith("村") for k in (border.first, border.second))
    middle = (border.begin + border.end) // 2
    row, column = (middle, border.line) if border.upright else (border.line, middle)
    return villages, border.end - border.begin, round(float(distance[row, column]), 6), -border.line


def between(ground: Ground, border: Border, along: Array, off: tuple[Array | float, Array | float]) -> Array:
    """Ring of the strip between two lines on both sides of the border, metres.

    Its ends pass the border's own ends, where the lattice bends.
    """
    one, other = (np.broadcast_to(np.asarray(side, dtype=float), along.shape) for side in off)
    ends = border.points(ground, along[[0, -1]], np.zeros(2))
    back = border.points(ground, along, other)[::-1]
    return np.concatenate([border.points(ground, along, one), ends[1:], back, ends[:1]])


def area(ring: Array) -> float:
    """Area of a ring by the shoelace formula."""
    x, y = ring.T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _around(ground: Ground, border: Border) -> list[tuple[int, int]]:
    """Plots within reach of the border."""
    rows, columns = ground.shape
    found = []
    for off in range(-REACH, REACH):
        for along in range(border.begin, border.end):
            row, column = (along, border.line + off) if border.upright else (border.line + off, along)
            if 0 <= row < rows and 0 <= column < columns:
                found.append((row, column))
    return found


def _drawn(
    ground: Ground, plots: list[tuple[int, int]], happened: list[str], epoch: int
) -> tuple[Ints, list[tuple[int, int]]]:
    """Numbers of parcels on the cells of the whole lattice, and plot and part of every number."""
    rows, columns = ground.shape
    known: list[tuple[int, int]] = []
    labels = np.full((rows * 4, columns * 2), -1, dtype=np.int64)
    for plot, (row, column) in enumerate(plots):
        pattern = np.array(_PATTERNS[happened[plot]][epoch])
        for part in np.unique(pattern[pattern >= 0]).tolist():
            labels[row * 4 : row * 4 + 4, column * 2 : column * 2 + 2][pattern == part] = len(known)
            known.append((plot, part))
    return labels, known


def _shapes(ground: Ground, labels: Ints) -> dict[int, shapely.Polygon]:
    """Polygons of parcels, vertices shared with their neighbours."""
    rings = cells.rings(labels)
    wide = labels.shape[1] + 1
    rows, columns = ground.shape
    shapes = {}
    for label, ring in rings.items():
        row, column = np.divmod(np.array(ring), wide)
        plot_row, plot_column = np.minimum(row // 4, rows - 1), np.minimum(column // 2, columns - 1)
        point = ground.inside(plot_row, plot_column, column / 2 - plot_column, row / 4 - plot_row)
        shapes[label] = shapely.Polygon(lon_lat(np.round(point, 3)))
    return shapes


def _party(nest: Nest, plot: tuple[int, int]) -> str:
    """The collective that holds the land of a plot."""
    return f"{nest.names['community'][nest.labels['community'][plot]]}村民小组"


def _title(nest: Nest, plot: tuple[int, int], key: tuple[int, int], what: str, epoch: int) -> str:
    """A parcel number in the form of TD/T 1001: area codes, JC, five digits; what is new has a new one."""
    fresh = epoch and any(new == key[1] and kind not in ("unchanged", "adjusted") for _, new, kind in _LINEAGE[what])
    serial = key[0] * 4 + key[1] + (50_000 if fresh else 0) + 1
    return f"{nest.codes['community'][nest.labels['community'][plot]]}JC{serial:05d}"


def lon_lat(point: Array) -> Array:
    """Degrees of metres."""
    return degrees(point[:, 0], point[:, 1])


def table(rows: Mapping[str, object], shapes: Sequence[object]) -> geopandas.GeoDataFrame:
    """A table in degrees."""
    return geopandas.GeoDataFrame(rows, geometry=shapes, crs=RECORD_EPSG)
