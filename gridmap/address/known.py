"""Divisions that are known by name, and what speaks for or against an address lying in one."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.address.divisions import Division, canonical, is_zone, nation
from gridmap.address.writing import plain
from gridmap.crs import to_record
from gridmap.hierarchy import level_of_code

#: A place this near to a division's border, degrees (some 50 m), may be said to lie in it.
_NEAR = 5e-4

#: Levels whose names are told by areas.
_LEVELS = ("district", "street", "community")

_SHORTEST = 2


class KnownDivisions:
    """What areas tell of divisions.

    Parameters
    ----------
    areas
        Areas with name, level or code, and polygons; None where nothing is known.
    """

    def __init__(self, areas: gpd.GeoDataFrame | None) -> None:
        #: level and full name by each name of a division
        self.known: dict[str, tuple[str, str]] = {}
        #: full names by level
        self.names: dict[str, set[str]] = {}
        self._shapes: dict[str, list[shapely.Geometry]] = {}
        self._codes: set[str] = set()
        for name, level, code, shape in () if areas is None else _named(areas):
            full = canonical(name)
            self.known[name] = self.known[full] = (level, full)
            if level == "district" and len(name) > _SHORTEST:
                self.known.setdefault(name[:-1], (level, full))
            self.names.setdefault(level, set()).add(full)
            self._shapes.setdefault(full, []).append(shape)
            if level_of_code(code):
                self._codes |= {code[:2], code[:4]}

    def __bool__(self) -> bool:
        return bool(self.known)

    def holds(self, division: Division, lon: float, lat: float) -> bool | None:
        """Tell whether a place lies in a named division; None where nothing is known of it."""
        national = nation().get(division.name)
        if national and self._codes:
            return national[0] in self._codes
        shapes = self._shapes.get(division.name)
        if not shapes:
            return None
        place = shapely.Point(lon, lat)
        return any(shapely.dwithin(shape, place, _NEAR) for shape in shapes)


def agreement(division: Division, stated: dict[str, set[str]], vocabulary: dict[str, set[str]]) -> bool | None:
    """Tell whether a division agrees with those an address states; None where its text does not tell.

    Parameters
    ----------
    division
        Division in the text that was asked.
    stated
        Names in the address by level.
    vocabulary
        All names by level that any address or area states.
    """
    if division.name in stated.get(division.level, ()) or any(division.name in names for names in stated.values()):
        return True
    if is_zone(division.name):
        return None
    if division.level in stated:
        return False
    names = vocabulary.get(division.level)
    return False if names and division.name not in names else None


def _named(areas: gpd.GeoDataFrame) -> Iterator[tuple[str, str, str, shapely.Geometry]]:
    """Return name, level, code and polygon of each area that has a name."""
    if "name" not in areas.columns:
        return
    table = to_record(areas) if areas.crs is not None else areas
    blank = pd.Series([None] * len(table), index=table.index)
    columns = [table["name"], table.get("level", blank), table.get("code", blank), table.geometry]
    for name, level, code, shape in zip(*columns, strict=True):
        code_text = "" if pd.isna(code) else str(code)
        found = level_of_code(code_text) if pd.isna(level) else level
        if isinstance(name, str) and len(plain(name)) >= _SHORTEST and found in _LEVELS and shape is not None:
            shapely.prepare(shape)
            yield plain(name), found, code_text, shape
