"""Divisions that areas tell of: their names, their codes, and which of them hold a place."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.address.divisions import canonical, nation
from gridmap.address.keeping import Arrays
from gridmap.address.writing import plain
from gridmap.crs import to_record
from gridmap.hierarchy import level_of_code

#: A place this near to a division's border, degrees (some 50 m), may be said to lie in it.
_NEAR = 5e-4

#: Levels whose names are told by areas, coarsest first.
LEVELS = ("district", "street", "community")

_SHORTEST = 2

#: Places that are looked up at once: what is needed for them stays below some 20 MB.
_CHUNK = 65_536

#: No area of a level holds the place.
NONE = -1


class Area(NamedTuple):
    """A division that is drawn."""

    code: str
    name: str
    level: str


class Divided:
    """What areas tell of divisions.

    Parameters
    ----------
    areas
        Code, name and level of each area that has a name.
    shapes
        Their polygons, degrees.
    """

    def __init__(self, areas: list[Area], shapes: NDArray[Any]) -> None:
        self.areas = areas
        self.shapes = shapes
        self._tree = shapely.STRtree(shapes)
        #: level and full name by each name that is sure: not shorter than it is written
        self.known: dict[str, tuple[str, str]] = {}
        #: numbers of the areas of a full name
        self.of_name: dict[str, list[int]] = {}
        for place, area in enumerate(areas):
            full = canonical(area.name)
            self.known[area.name] = self.known[full] = (area.level, full)
            self.of_name.setdefault(full, []).append(place)
        #: provinces and cities (GB/T 2260) by the codes of areas
        self.codes = frozenset(code[:size] for code, _, _ in areas if level_of_code(code) for size in (2, 4))
        for area in areas:
            # 辽阳 is 辽阳市 before 辽阳县
            if area.level == "district" and len(area.name) > _SHORTEST and area.name[:-1] not in nation():
                self.known.setdefault(area.name[:-1], (area.level, canonical(area.name)))

    @classmethod
    def of(cls, areas: gpd.GeoDataFrame | None) -> Divided:
        """Return what a table of areas with name, level or code, and polygons tells; None tells nothing."""
        named = [] if areas is None else list(_named(areas))
        shapes = np.empty(len(named), object)
        shapes[:] = [shape for _, shape in named]
        return cls([area for area, _ in named], shapes)

    def __bool__(self) -> bool:
        return bool(self.areas)

    def __reduce__(self) -> tuple[Any, ...]:
        return Divided, (self.areas, self.shapes)

    def kept(self) -> tuple[list[list[str]], dict[str, NDArray[Any]]]:
        """Return names and polygons to keep in a file."""
        coded = shapely.to_wkb(self.shapes).tolist()
        ends = np.cumsum([len(shape) for shape in coded], dtype=np.int64)
        return [list(area) for area in self.areas], {
            "shape": np.frombuffer(b"".join(coded), np.uint8),
            "shape_end": ends,
        }

    @classmethod
    def opened(cls, areas: list[list[str]], arrays: Arrays) -> Divided:
        """Return what `kept` gave."""
        data, ends = arrays["shape"].tobytes(), arrays["shape_end"].tolist()
        coded = [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        shapes = np.empty(len(coded), object)
        shapes[:] = list(shapely.from_wkb(coded))
        return cls([Area(*area) for area in areas], shapes)

    def chains(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], list[tuple[int, ...]]]:
        """Return which chain of areas holds each place, and the chains: number of the area of each of `LEVELS`."""
        held = np.full((len(lon), len(LEVELS)), NONE, np.int64)
        column = np.array([LEVELS.index(area.level) for area in self.areas], np.int64)
        for start in range(0, len(lon) if self.areas else 0, _CHUNK):
            part = slice(start, start + _CHUNK)
            place, area = self._tree.query(shapely.points(lon[part], lat[part]), predicate="intersects")
            # on a border the area that the table has first, whatever the order of the tree
            order = np.argsort(-area, kind="stable")
            held[start + place[order], column[area[order]]] = area[order]
        base = len(self.areas) + 1
        keys = ((held[:, 0] + 1) * base + held[:, 1] + 1) * base + held[:, 2] + 1
        found, which = np.unique(keys, return_inverse=True)
        chains: list[tuple[int, ...]] = [
            (key // base**2 - 1, key // base % base - 1, key % base - 1) for key in map(int, found)
        ]
        return which.astype(np.int32), chains or [(NONE,) * len(LEVELS)]

    @cached_property
    def chain_of_area(self) -> list[tuple[int, ...]]:
        """The chain of areas that holds each area, by a point in it."""
        inside = shapely.point_on_surface(self.shapes)
        which, chains = self.chains(shapely.get_x(inside), shapely.get_y(inside))
        return [chains[chain] for chain in which]

    def touches(self, name: str, lon: float, lat: float) -> bool:
        """Tell whether a place lies in a division of this name, or so near that it may be said to."""
        place = shapely.Point(lon, lat)
        return any(shapely.dwithin(self.shapes[area], place, _NEAR) for area in self.of_name.get(name, ()))


@lru_cache(maxsize=1)
def nation_by_code() -> dict[str, str]:
    """Return the full name of China's provinces and cities by code."""
    return dict(nation().values())


def _named(areas: gpd.GeoDataFrame) -> Iterator[tuple[Area, shapely.Geometry]]:
    """Return name, level, code and polygon of each area that has a name."""
    if "name" not in areas.columns:
        return
    table = to_record(areas) if areas.crs is not None else areas
    blank = pd.Series([None] * len(table), index=table.index)
    columns = [table["name"], table.get("level", blank), table.get("code", blank), table.geometry]
    for name, level, code, shape in zip(*columns, strict=True):
        code_text = "" if pd.isna(code) else str(code)
        found = level_of_code(code_text) if pd.isna(level) else level
        if isinstance(name, str) and len(plain(name)) >= _SHORTEST and found in LEVELS and shape is not None:
            yield Area(code_text, plain(name), str(found)), shape
