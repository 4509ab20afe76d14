"""Every name that addresses are found by: roads, compounds, communities, and the addresses below each of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.address.divisions import DIVISIONS, Known, canonical, divisions
from gridmap.address.parsing import Part, read
from gridmap.address.suggest import tables
from gridmap.address.suggest.listing import Draft, Listing, Step
from gridmap.address.suggest.tables import LEVELS, Area
from gridmap.address.suggest.typed import finer, step
from gridmap.address.taking import comparable
from gridmap.address.writing import plain, plain_with_origins

#: A district is called by its name without 区 or 县 where at least two characters are left: 崇川, but never 蓟.
_SHORTEST = 2

#: Levels by which equal names are told apart: there is a 人民路 in every district.
_ABOVE = ("province", "city", "district")

_ROAD = re.compile("(?:路|街|道|巷|弄|胡同|线|[东南西北中一二三四五六七八九十]段)$")

#: District, kind and plain name: what makes two addresses name the same.
Key = tuple[str, str, str]


class Front(NamedTuple):
    """The divisions that an address begins with."""

    #: as the table writes them
    written: str
    #: full name by level
    names: Mapping[str, str]


class Name(NamedTuple):
    """A name that something bears."""

    #: as it is compared
    plain: str
    #: as it is written
    written: str
    #: road, compound, or a level of divisions
    kind: str
    #: district it lies in; empty where that is not known
    within: str
    #: nodes of the listing that bear it
    nodes: tuple[int, ...]
    #: how many addresses name it
    addresses: int
    #: a place in it, in the CRS of the addresses
    x: float
    y: float
    #: code of the area that bears it
    code: str | None


class Row(NamedTuple):
    """An address, taken apart."""

    #: position in the table
    row: int
    #: position of its front
    front: int
    #: road or compound behind the divisions, as it is compared and as it is written; empty where there is none
    name: str
    written: str
    #: what stands behind
    steps: tuple[Step, ...]


@dataclass(kw_only=True, slots=True)
class _Bearer:
    """What bears a name, while addresses are still being gathered."""

    written: str
    rows: list[int] = field(default_factory=list)
    fronts: set[int] = field(default_factory=set)
    above: set[str] = field(default_factory=set)
    nodes: list[int] = field(default_factory=list)
    area: Area | None = None


@dataclass(frozen=True, kw_only=True)
class Directory:
    """All names, and the addresses below them; unchangeable."""

    #: ids and places of the addresses, in the order of their table
    ids: Sequence[Any]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    #: those that most addresses name first
    names: tuple[Name, ...]
    #: addresses below roads and compounds
    listing: Listing
    #: what addresses begin with
    fronts: tuple[Front, ...]
    #: level and full name by each name of a division
    known: Known
    #: positions of the names in a division, by its full name
    inside: Mapping[str, NDArray[np.int64]]
    #: positions of the fronts that name a division, by its full name
    naming: Mapping[str, frozenset[int]]


def directory(addresses: pd.DataFrame, areas: gpd.GeoDataFrame | None = None) -> Directory:
    """Return all names that addresses and areas bear.

    Parameters
    ----------
    addresses
        Table with id, text; point geometry, or columns lon and lat. Rows without a text or a place are passed over.
    areas
        Areas with code, name, level, parent and polygons.

    Raises
    ------
    InputError
        If the table has no texts or no places.
    CrsError
        If the systems of the two tables cannot be brought together.
    """
    ids, texts, x, y = tables.columns(addresses)
    named = [] if areas is None else list(tables.named_areas(areas, addresses))
    own = [(area.level, area.name) for area in named]
    reader = _Reader(dict(_full_names(own)))
    rows = [reader.row(row, text) for row, text in enumerate(texts) if text and isfinite(x[row]) and isfinite(y[row])]
    fronts = tuple(reader.fronts.values())
    districts = _districts(rows, fronts, named, shapely.points(x, y))
    bearers: dict[Key, _Bearer] = {}
    listing = _listed(rows, fronts, districts, bearers)
    _add_divisions(rows, fronts, districts, bearers)
    _add_areas(named, bearers)
    told = [(level, name) for front in fronts for level, name in front.names.items()]
    ordered = sorted(bearers.items(), key=lambda item: (-len(item[1].rows), item[0][2], item[0][0]))
    return Directory(
        ids=ids,
        x=x,
        y=y,
        names=tuple(_name(key, bearer, listing, x, y) for key, bearer in ordered),
        listing=listing,
        fronts=fronts,
        known={**_short_names([*told, *own]), **dict(_full_names(told)), **reader.known},
        inside=_inside(ordered, fronts),
        naming=_naming(fronts),
    )


class _Reader:
    """Takes addresses apart; what many begin with is looked at once."""

    def __init__(self, known: dict[str, tuple[str, str]]) -> None:
        self.known = known
        #: by what the table writes, in the order of their first address
        self.fronts: dict[str, Front] = {}
        self._heads: dict[str, tuple[int, dict[str, str]]] = {}
        self._numbers: dict[str, int] = {}
        self._steps: dict[Step, Step] = {}

    def row(self, row: int, text: str) -> Row:
        """Return an address taken apart."""
        written = plain(text)
        head, parts = read(written)
        end, names = self._split(head)
        cut = _Cut(text, written)
        front = self._front(cut.between(0, end), names)
        steps = tuple([self._step(*step) for step in _steps(parts, len(written), cut)])
        return Row(row, front, comparable(canonical(head[end:])), cut.between(end, len(head)), steps)

    def _step(self, kind: str, value: str, written: str) -> Step:
        """A step, the same one each time: there are few different ones."""
        step = Step(kind, value, written)
        return self._steps.setdefault(step, step)

    def _split(self, head: str) -> tuple[int, dict[str, str]]:
        """Where the divisions at the front of a head end, and their names by level."""
        if head not in self._heads:
            found = finer(divisions(head, self.known))
            self._heads[head] = found[-1].end if found else 0, {division.level: division.name for division in found}
        return self._heads[head]

    def _front(self, written: str, names: dict[str, str]) -> int:
        """The number of a front; what it names is known from then on."""
        if written not in self._numbers:
            self._numbers[written] = len(self._numbers)
            self.fronts[written] = Front(written, names)
        return self._numbers[written]


class _Cut:
    """Cuts pieces of a plainly written text out of the original."""

    def __init__(self, text: str, written: str) -> None:
        self._text = text
        # standard addresses are written plainly already, nearly all of them
        self._origins = None if text == written else plain_with_origins(text)[1]

    def between(self, start: int, end: int) -> str:
        """Return the original of what stands between two places."""
        if self._origins is None:
            return self._text[start:end]
        begin = self._origins[start][0] if start < len(self._origins) else len(self._text)
        return self._text[begin : self._origins[end - 1][1]].strip() if start < end else ""


def _steps(parts: Sequence[Part], length: int, cut: _Cut) -> Iterator[tuple[str, str, str]]:
    """Return kind and value of parts, and what is written up to the next one, so that nothing but gaps is lost."""
    starts = [*[part.start for part in parts], length]
    for part, (start, end) in zip(parts, pairwise(starts), strict=True):
        yield *step(part), cut.between(start, end)


def _districts(rows: Sequence[Row], fronts: Sequence[Front], named: Sequence[Area], points: NDArray[Any]) -> list[str]:
    """Return the district of each address: the one that it names, else the one that it lies in, else none."""
    labels = _labels(fronts)
    found = [labels[row.front] for row in rows]
    districts = [area for area in named if area.level == "district"]
    untold = [at for at, label in enumerate(found) if not label]
    if districts and untold:
        tree = shapely.STRtree([area.shape for area in districts])
        places, which = tree.query(points[[rows[at].row for at in untold]], predicate="intersects")
        for place, area in zip(places.tolist(), which.tolist(), strict=True):
            found[untold[place]] = districts[area].name
    return found


def _labels(fronts: Sequence[Front]) -> list[str]:
    """Return the district that each front names, with its city where two cities have one of that name."""
    cities: dict[str, set[str]] = {}
    for front in fronts:
        if "district" in front.names and "city" in front.names:
            cities.setdefault(front.names["district"], set()).add(front.names["city"])
    labels = []
    for front in fronts:
        finest = next((front.names[level] for level in reversed(_ABOVE) if level in front.names), "")
        several = len(cities.get(finest, ())) > 1
        labels.append(front.names.get("city", "") + finest if several else finest)
    return labels


def _listed(
    rows: Sequence[Row], fronts: Sequence[Front], districts: Sequence[str], bearers: dict[Key, _Bearer]
) -> Listing:
    """Put each address below its road, compound or community, and enter these among what bears a name."""
    roots: dict[Key, Draft] = {}
    for row, district in zip(rows, districts, strict=True):
        kind, name, written = _root(row, fronts[row.front])
        if not name:
            continue
        key = district, kind, name
        roots.setdefault(key, Draft("" if kind in LEVELS else written)).enter(row.steps, row.row, row.front)
        _bear(bearers, key, written, row, counted=kind not in LEVELS)
        for kind, name, written in row.steps:
            if kind == "compound":
                _bear(bearers, (district, kind, name), written, row)
    listing = Listing(list(roots.values()))
    keys = list(roots)
    for number, key in enumerate(keys):
        bearers[key].nodes.append(number)
    for node in range(len(keys), len(listing.kind)):
        if listing.kind[node] == "compound":
            bearers[keys[listing.root(node)][0], "compound", listing.value[node]].nodes.append(node)
    return listing


def _root(row: Row, front: Front) -> tuple[str, str, str]:
    """Return kind, plain name and written name of what an address stands below."""
    if row.name:
        return ("road" if _ROAD.search(row.name) else "compound"), row.name, row.written
    level, name = next(reversed(list(front.names.items())), ("", ""))
    return (level, name, name) if level in LEVELS else ("", "", "")


def _bear(bearers: dict[Key, _Bearer], key: Key, written: str, row: Row, *, counted: bool = True) -> None:
    """Enter that an address names something."""
    bearer = bearers.get(key)
    if bearer is None:
        bearer = bearers[key] = _Bearer(written=written)
    bearer.fronts.add(row.front)
    if counted:
        bearer.rows.append(row.row)


def _add_divisions(
    rows: Sequence[Row], fronts: Sequence[Front], districts: Sequence[str], bearers: dict[Key, _Bearer]
) -> None:
    """Enter the divisions that addresses name: all that begin alike at once."""
    alike: dict[tuple[int, str], list[int]] = {}
    for row, district in zip(rows, districts, strict=True):
        alike.setdefault((row.front, district), []).append(row.row)
    for (front, district), members in alike.items():
        for level, name in fronts[front].names.items():
            if level in LEVELS:
                bearer = bearers.setdefault((district, level, name), _Bearer(written=name))
                bearer.fronts.add(front)
                bearer.rows += members


def _add_areas(named: Sequence[Area], bearers: dict[Key, _Bearer]) -> None:
    """Enter the areas, which may hold no address."""
    for area in named:
        bearer = bearers.setdefault((area.district, area.level, area.name), _Bearer(written=area.name))
        bearer.area = area
        bearer.above |= area.above


def _name(key: Key, bearer: _Bearer, listing: Listing, x: NDArray[np.float64], y: NDArray[np.float64]) -> Name:
    """Return a name that something bears."""
    district, kind, name = key
    place = _place(bearer, listing, x, y)
    within = "" if kind == "district" else district
    code = None if bearer.area is None else bearer.area.code
    return Name(plain(name), bearer.written, kind, within, tuple(bearer.nodes), len(bearer.rows), *place, code)


def _place(bearer: _Bearer, listing: Listing, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Return a place in what bears a name: a point of its area, else its middle address."""
    if bearer.area is not None:
        point = shapely.point_on_surface(bearer.area.shape)
        return float(point.x), float(point.y)
    row = listing.middle(bearer.nodes[len(bearer.nodes) // 2]) if bearer.nodes else bearer.rows[len(bearer.rows) // 2]
    return float(x[row]), float(y[row])


def _inside(ordered: Sequence[tuple[Key, _Bearer]], fronts: Sequence[Front]) -> dict[str, NDArray[np.int64]]:
    """Return the positions of the names in each division; a division lies in the coarser ones named beside it."""
    found: dict[str, list[int]] = {}
    for position, ((_, kind, _), bearer) in enumerate(ordered):
        coarser = DIVISIONS[: DIVISIONS.index(kind)] if kind in DIVISIONS else DIVISIONS
        stated = (fronts[front].names.get(level) for front in bearer.fronts for level in coarser)
        for name in bearer.above.union(name for name in stated if name):
            found.setdefault(name, []).append(position)
    return {name: np.array(positions, dtype=np.int64) for name, positions in found.items()}


def _naming(fronts: Sequence[Front]) -> dict[str, frozenset[int]]:
    """Return the positions of the fronts that name each division."""
    found: dict[str, set[int]] = {}
    for position, front in enumerate(fronts):
        for name in front.names.values():
            found.setdefault(name, set()).add(position)
    return {name: frozenset(positions) for name, positions in found.items()}


def _full_names(names: Iterable[tuple[str, str]]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Return divisions by their full names: level and name."""
    return ((name, (level, name)) for level, name in names)


def _short_names(names: Iterable[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Return districts by their everyday names, which only those who type leave the ending off."""
    districts = (name for level, name in names if level == "district")
    return {name[:-1]: ("district", name) for name in districts if len(name) > _SHORTEST}
