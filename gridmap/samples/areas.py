"""Areas of the sample town on five levels, in force now and before the merger of some communities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from gridmap.crs import RECORD_EPSG
from gridmap.samples import cells
from gridmap.samples.cells import GRID_HOUSEHOLDS, MICRO_HOUSEHOLDS
from gridmap.samples.divisions import MOST_COMMUNITIES, Division, pick, rows
from gridmap.samples.ground import Ground, Ints
from gridmap.samples.streets import Plan, Span

#: Days on which the former areas and today's came into force.
BEFORE, NOW = dt.date(2016, 1, 1), dt.date(2020, 1, 1)
DISTRICT = ("320613", "崇川区")
#: Plots with fewer households than this may go to the neighbouring area.
LIGHT = 60
#: Levels below the district.
BELOW = ("street", "community", "grid", "micro")


@dataclass(frozen=True, kw_only=True)
class Nest:
    """Areas of one day: a number per plot on each level, and what the numbers mean."""

    #: number of the area on every plot, by level below the district
    labels: dict[str, Ints]
    #: codes by level and number
    codes: dict[str, list[str]]
    #: names by level and number
    names: dict[str, list[str]]

    def chain(self, row: Ints, column: Ints) -> dict[str, list[str]]:
        """Codes of the areas that hold plots, by level from the district down."""
        found = {"district": [DISTRICT[0]] * len(row)}
        for level in BELOW:
            codes = self.codes[level]
            found[level] = [codes[k] for k in self.labels[level][row, column]]
        return found


def nests(rng: np.random.Generator, plan: Plan, households: Ints, communities: int) -> tuple[Nest, Nest]:
    """Areas in force now, and those before: some of today's communities were two then.

    Parameters
    ----------
    rng
        Source of chance.
    plan
        Streets, which borders follow where they can.
    households
        Households on every plot.
    communities
        How many communities there shall be now.
    """
    whole = (0, 0, *households.shape)
    by_community = cells.land(plan, (households + 14.0).astype(float))
    streets = cells.divide(by_community, whole, _sizes(communities))
    places = [
        cells.divide(by_community, span, [1] * size) for span, size in zip(streets, _sizes(communities), strict=True)
    ]
    spans = [span for street in places for span in street]
    by_grid = cells.land(plan, (households + 0.5).astype(float))
    halves = _former(rng, by_community, spans)
    now, before = _levels(by_grid, households, [[span] for span in spans]), _levels(by_grid, households, halves)
    street = _painted(households.shape, streets)
    cells.fray(rng, plan, households < LIGHT, [street, *before, *now])
    chosen = _chosen(plan, streets, places)
    today = _nest(street, now, chosen, [[division] for division in _flat(chosen)])
    then = _nest(street, before, chosen, _named_halves(chosen, halves))
    return today, then


def table(
    ground: Ground, nest: Nest, households: Ints, residents: Ints, days: tuple[dt.date, dt.date | None]
) -> geopandas.GeoDataFrame:
    """The areas of one day as frames promise, coarsest first, by code."""
    parts = [_level(ground, nest, level, households, residents) for level in ("district", *BELOW)]
    every = pd.concat(parts, ignore_index=True)
    for column, day in zip(("valid_from", "valid_to"), days, strict=True):
        every[column] = pd.Series([day] * len(every), dtype=object)
    columns = ["code", "name", "level", "parent", "households", "residents", "valid_from", "valid_to", "geometry"]
    return geopandas.GeoDataFrame(every[columns], geometry="geometry", crs=RECORD_EPSG)


def community_count(buildings: int) -> int:
    """Communities of a town of so many buildings: about one to 330, as many as the division data hold."""
    return int(np.clip(round(buildings / 330), 4, 112))


def _sizes(communities: int) -> list[int]:
    """Communities per street: about six, never more than seven."""
    streets = max(2, -(-communities // MOST_COMMUNITIES), min(16, round(communities / 6)))
    return [communities // streets + (k < communities % streets) for k in range(streets)]


def _painted(shape: tuple[int, ...], spans: Sequence[Span]) -> Ints:
    """Every plot with the number of the span it lies in."""
    labels = np.zeros(shape, dtype=np.int64)
    for k, (south, west, north, east) in enumerate(spans):
        labels[south:north, west:east] = k
    return labels


def _former(rng: np.random.Generator, land: cells.Land, spans: Sequence[Span]) -> list[list[Span]]:
    """The spans of former communities by today's: a tenth of them, at least one, were two."""
    merged = rng.permutation(len(spans))[: max(1, len(spans) // 10)]
    return [cells.divide(land, span, [1, 1]) if k in merged else [span] for k, span in enumerate(spans)]


def _levels(land: cells.Land, households: Ints, places: Sequence[Sequence[Span]]) -> list[Ints]:
    """Numbers of communities, grids and micro-grids on every plot."""
    communities = _flat(places)
    grids = [part for span in communities for part in _fair(land, households, span, GRID_HOUSEHOLDS)]
    micros = [part for span in grids for part in _fair(land, households, span, MICRO_HOUSEHOLDS)]
    return [_painted(households.shape, spans) for spans in (communities, grids, micros)]


def _fair(land: cells.Land, households: Ints, span: Span, target: int) -> list[Span]:
    """A span cut into areas of about so many households."""
    south, west, north, east = span
    total = int(households[south:north, west:east].sum())
    plots = (north - south) * (east - west)
    return cells.divide(land, span, [1] * min(cells.count(total, target), plots, 99))


def _flat(nested: Iterable[Iterable[Any]]) -> list[Any]:
    """One list of lists."""
    return list(chain.from_iterable(nested))


def _chosen(plan: Plan, streets: Sequence[Span], places: Sequence[Sequence[Span]]) -> list[list[Division]]:
    """A real community for every place, per street: the old town in the middle, villages outside."""
    divisions = dict(zip(_outwards(plan, streets), pick(len(streets)).items(), strict=True))
    chosen = []
    for k, spans in enumerate(places):
        order = _outwards(plan, spans)
        taken = _some(divisions[k][1], len(spans))
        chosen.append([taken[order.index(place)] for place in range(len(spans))])
    return chosen


def _outwards(plan: Plan, spans: Sequence[Span]) -> list[int]:
    """Positions of spans from the middle of the town outwards."""
    away = [plan.distance[south:north, west:east].mean() for south, west, north, east in spans]
    return [int(k) for k in np.argsort(np.round(away, 6), kind="stable")]


def _some(divisions: Sequence[Division], count: int) -> list[Division]:
    """So many communities of a street, villages last; two of three are villages where there are as many."""
    villages = [division for division in divisions if division.village]
    plain = [division for division in divisions if not division.village]
    rural = min(len(villages), max(count * 2 // 3, count - len(plain)))
    return plain[: count - rural] + villages[:rural]


def _named_halves(chosen: Sequence[Sequence[Division]], halves: Sequence[Sequence[Span]]) -> list[list[Division]]:
    """Former communities by today's: the second half of a merged one has an invented name and code."""
    taken = {division.code for street in chosen for division in street}
    named = []
    for division, parts in zip(_flat(chosen), halves, strict=True):
        named.append([division])
        if len(parts) > 1:
            code = next(code for k in range(101, 200) if (code := f"{division.code[:9]}{k}") not in taken)
            taken.add(code)
            stem = division.name.removesuffix("社区").removesuffix("村")
            named[-1].append(Division(code=code, name=stem + ("二村" if division.village else "新苑社区")))
    return named


def _nest(
    street: Ints, finer: Sequence[Ints], chosen: Sequence[Sequence[Division]], communities: Sequence[Sequence[Division]]
) -> Nest:
    """Numbers with their codes and names; grids and micro-grids are counted from west to east and north to south."""
    known = {row["code"]: row["name"] for row in rows()}
    labels = dict(zip(BELOW, (street, *finer), strict=True))
    codes = {"street": [places[0].code[:9] for places in chosen]}
    names = {"street": [known[code] for code in codes["street"]]}
    flat = _flat(communities)
    codes["community"], names["community"] = [place.code for place in flat], [place.name for place in flat]
    for level, above, digits, word in (("grid", "community", 3, "网格"), ("micro", "grid", 2, "微网格")):
        serials = _serials(labels[level], labels[above])
        parents = _parents(labels[level], labels[above])
        codes[level] = [
            f"{codes[above][parent]}{serial:0{digits}d}" for parent, serial in zip(parents, serials, strict=True)
        ]
        names[level] = [
            f"{names[above][parent]}第{serial}{word}" for parent, serial in zip(parents, serials, strict=True)
        ]
    return Nest(labels=labels, codes=codes, names=names)


def _parents(labels: Ints, above: Ints) -> Ints:
    """Number of the area above, by the area's number."""
    parents = np.zeros(labels.max() + 1, dtype=np.int64)
    parents[labels] = above
    return parents


def _serials(labels: Ints, above: Ints) -> list[int]:
    """Place of every area among its siblings: bands from north to south, west to east within a band."""
    row, column = np.indices(labels.shape)
    size = np.bincount(labels.ravel())
    north = np.bincount(labels.ravel(), row.ravel()) / size
    east = np.bincount(labels.ravel(), column.ravel()) / size
    parents = _parents(labels, above)
    serials = np.zeros(len(size), dtype=np.int64)
    for members in np.split(np.argsort(parents, kind="stable"), np.cumsum(np.bincount(parents))[:-1]):
        height = max(1.0, float(np.median(np.sqrt(size[members]))))
        band = -np.floor((north[members] - north[members].min()) / height)
        serials[members[np.lexsort((east[members], band))]] = np.arange(1, len(members) + 1)
    return [int(serial) for serial in serials]


def _level(ground: Ground, nest: Nest, level: str, households: Ints, residents: Ints) -> geopandas.GeoDataFrame:
    """The areas of one level, by code."""
    whole = np.zeros(households.shape, dtype=np.int64)
    labels = nest.labels.get(level, whole)
    nodes = cells.rings(labels)
    points = ground.lon_lat.reshape(-1, 2)
    shapes = [shapely.Polygon(points[nodes[k]]) for k in range(len(nodes))]
    codes, names = nest.codes.get(level, [DISTRICT[0]]), nest.names.get(level, [DISTRICT[1]])
    length = {"street": 6, "community": 9, "grid": 12, "micro": 15}.get(level)
    rows = {
        "code": codes,
        "name": names,
        "level": level,
        "parent": [code[:length] if length else None for code in codes],
        "households": np.bincount(labels.ravel(), households.ravel()).astype(np.int64),
        "residents": np.bincount(labels.ravel(), residents.ravel()).astype(np.int64),
    }
    return geopandas.GeoDataFrame(rows, geometry=shapes, crs=RECORD_EPSG).sort_values("code")
