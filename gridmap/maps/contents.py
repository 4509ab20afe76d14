"""What the page of grids shows, as plain values: shapes, figures and their classes, for each level of each plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap import standards
from gridmap.errors import InputError, TableError
from gridmap.hierarchy import LEVELS, chain, level_of_code, parent_rows
from gridmap.maps import display
from gridmap.maps.shading import Range, Shading, shading
from gridmap.maps.words import ANY
from gridmap.standards import FIGURES, Norms

#: Decimals of figures that are not whole numbers.
_DECIMALS = {"compactness": 3, "staff_per_10000": 1, "floor_per_100_m2": 1, "floor_share": 2}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The areas of one day or draft, ready to be shown."""

    #: code, name, level and polygons in degrees
    areas: gpd.GeoDataFrame
    #: figures of each area, in the same order
    figures: pd.DataFrame

    def of_level(self, level: str) -> NDArray[np.intp]:
        """Return the rows of the areas of a level."""
        return np.flatnonzero(self.areas["level"] == level)

    def parents(self) -> NDArray[np.int64]:
        """Return the row of the area that holds each, -1 for none, and for all where codes or parents are at fault."""
        try:
            return parent_rows(self.areas)
        except TableError:
            return np.full(len(self.areas), -1, dtype=np.int64)

    def leaves(self) -> NDArray[Any]:
        """Return the polygons that are not divided further."""
        divided = np.zeros(len(self.areas), dtype=bool)
        parents = self.parents()
        divided[parents[parents >= 0]] = True
        return np.asarray(self.areas.geometry.to_numpy()[~divided])


def plan(
    areas: gpd.GeoDataFrame,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    places: gpd.GeoDataFrame | None = None,
    norms: Norms | None = None,
) -> Plan:
    """Return areas with their figures, in degrees.

    Areas that no figures can be told of, since their polygons or codes are at fault, keep the households and residents
    that they state: a map must be able to show what a check found.

    Raises
    ------
    CrsError
        If the areas do not say their CRS, or one that cannot be transformed safely.
    """
    there = display.lon_lat(areas).reset_index(drop=True)
    there = there.assign(code=there["code"].astype(str), level=_levels(there))
    try:
        figured = standards.figures(there, buildings=buildings, places=places, norms=norms)
    except TableError:
        figured = pd.DataFrame({name: _stated(there, name) for name in FIGURES})
    return Plan(areas=there, figures=pd.DataFrame(figured[list(FIGURES)]))


def _stated(areas: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return a column of numbers, NaN where the table has none."""
    if name not in areas:
        return np.full(len(areas), np.nan)
    return np.asarray(pd.to_numeric(areas[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan))


def _levels(areas: pd.DataFrame) -> list[str]:
    """Return the level of each area: as stated, else by the length of its code, else ``area``."""
    stated = areas["level"] if "level" in areas.columns else [None] * len(areas)
    return [
        str(level) if pd.notna(level) else (level_of_code(str(code)) or "area")
        for level, code in zip(stated, areas["code"], strict=True)
    ]


def levels_of(plans: Sequence[Plan]) -> list[str]:
    """Return the levels that are present in any plan, coarsest first; unnamed ones come last."""
    ranks = {level: rank for rank, level in enumerate(LEVELS)}
    present = {level for one in plans for level in one.areas["level"]}
    return sorted(present, key=lambda level: (ranks.get(level, len(ranks)), level))


def level_first(level: str | None, levels: Sequence[str], present: Sequence[str]) -> str | None:
    """Return the level that is shown first: the one asked for, else the grids, else the finest of those present.

    Raises
    ------
    InputError
        If there is no such level.
    """
    if level is not None and level not in levels:
        raise InputError(f"level {level}", expected=f"one of {', '.join(levels)}")
    return level or ("grid" if "grid" in present else present[-1] if present else None)


def classes_of(plans: Sequence[Plan], levels: Sequence[str], norms: Norms) -> dict[str, dict[str, Shading]]:
    """Return the classes of each figure that is known, by level: the same for all plans, so that they compare."""
    made: dict[str, dict[str, Shading]] = {}
    for level in levels:
        ranges = norms.ranges.get(level, {})
        together = pd.concat([one.figures.iloc[one.of_level(level)] for one in plans])
        found = {figure: shading(together[figure], ranges.get(figure)) for figure in FIGURES}
        made[level] = {figure: classes for figure, classes in found.items() if classes is not None}
    return made


def classes_said(classes: dict[str, dict[str, Shading]]) -> dict[str, Any]:
    """Return classes as plain values."""
    return {
        level: {
            figure: {"colours": one.colours, "labels": one.labels, "sides": one.sides}
            for figure, one in of_level.items()
        }
        for level, of_level in classes.items()
    }


def norms_said(norms: Norms, levels: Sequence[str]) -> dict[str, dict[str, Range]]:
    """Return the ranges of the levels that are shown."""
    return {level: dict(norms.ranges.get(level, {})) for level in levels}


class Shapes:
    """Shapes as the page holds them, each once: what did not change between two plans is not written twice."""

    def __init__(self, without: display.Vertices | None) -> None:
        #: vertices that the page does without
        self.without = without
        #: the shapes in the order of their numbers
        self.listed: list[Any] = []
        self._numbers: dict[bytes, int] = {}

    def numbers(self, geometries: NDArray[Any]) -> list[int]:
        """Return the number of each polygon."""
        fresh = dict(zip(shapely.to_wkb(geometries), geometries, strict=True))
        unknown = [key for key in fresh if key not in self._numbers]
        made = display.polygons(np.array([fresh[key] for key in unknown], dtype=object), self.without)
        self._numbers |= {key: len(self.listed) + place for place, key in enumerate(unknown)}
        self.listed += made
        return [self._numbers[key] for key in shapely.to_wkb(geometries)]


def thinned(one: Plan) -> Shapes:
    """Return where shapes of a plan are to be entered, thinned where it has very many vertices."""
    many = len(one.areas.get_coordinates()) > display.MANY_VERTICES
    tolerance = display.tolerance_deg(tuple(one.areas.total_bounds)) if many else 0.0
    return Shapes(display.dispensable([one.leaves()], tolerance))


def listed(one: Plan, level: str, shapes: Shapes, lang: str) -> dict[str, list[Any]]:
    """Return the areas of a level as plain values: codes, names, shapes by number."""
    rows = one.of_level(level)
    codes = one.areas["code"].to_numpy()[rows].tolist()
    names = called(one, lang)
    return {
        "codes": codes,
        "names": [names[code] for code in codes],
        "shapes": shapes.numbers(one.areas.geometry.to_numpy()[rows]),
    }


def plan_said(
    one: Plan, classes: dict[str, dict[str, Shading]], shapes: Shapes, kinds: dict[tuple[str, str], str]
) -> dict[str, Any]:
    """Return a plan as plain values, level by level: codes, names, holders, shapes, figures, classes, kinds."""
    names, parents = _names(one.areas), one.parents()
    levels = {}
    for level, known in classes.items():
        rows = one.of_level(level)
        codes = one.areas["code"].to_numpy()[rows].tolist()
        figured = one.figures.iloc[rows]
        levels[level] = {
            "codes": codes,
            "names": [names[row] for row in rows],
            "holders": [" › ".join(names[holder] for holder in list(chain(int(row), parents))[:-1]) for row in rows],
            "shapes": shapes.numbers(one.areas.geometry.to_numpy()[rows]),
            "figures": {figure: _rounded(figured[figure], figure) for figure in known},
            "classes": {figure: _classed(figured[figure], shade) for figure, shade in known.items()},
            "kinds": [kinds.get((level, code), "unchanged") for code in codes],
        }
    return {"levels": levels}


def _names(areas: pd.DataFrame) -> list[str]:
    """Return what each area is called: its name, or its code."""
    named = areas["name"] if "name" in areas.columns else [None] * len(areas)
    return [str(name) if pd.notna(name) else str(code) for name, code in zip(named, areas["code"], strict=True)]


def called(one: Plan, lang: str) -> dict[str, str]:
    """Return what each area of a plan is called by its code: its name, and its code where others bear that name.

    Raises
    ------
    InputError
        If the language is neither ``zh`` nor ``en``.
    """
    names = _names(one.areas)
    times = Counter(names)
    return {
        code: name if times[name] == 1 or name == code else ANY.one("with_code", lang, name=name, code=code)
        for code, name in zip(one.areas["code"].tolist(), names, strict=True)
    }


def _rounded(values: pd.Series[Any], figure: str) -> list[float | None]:
    """Return figures with as many digits as mean something, None where not known."""
    digits = _DECIMALS.get(figure, 0)
    return [None if pd.isna(value) else round(value, digits) if digits else round(value) for value in values.tolist()]


def _classed(values: pd.Series[Any], shade: Shading) -> list[int | None]:
    """Return the class of each figure."""
    numbers = values.to_numpy(dtype=float)
    at = np.searchsorted(shade.limits, numbers, side="right")
    return [None if np.isnan(value) else int(place) for value, place in zip(numbers, at, strict=True)]
