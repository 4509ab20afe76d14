"""What the page of cameras shows, as plain values: seen ground by band and certainty, shares of areas, blind ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.errors import InputError
from gridmap.maps import display
from gridmap.maps.columns import known_values, numbers, texts
from gridmap.maps.shading import Shading, in_light, shading

#: Bands in falling pixel density; the last is seen, but too coarsely for any of the others.
BANDS = ("recognise", "find", "detect", "seen")
#: How sure it is that ground is seen, the surest first.
CERTAINTIES = ("guaranteed", "nominal", "possible")
#: Ground with more vertices than these is thinned: a browser still draws it at once.
MANY_VERTICES = 60_000
#: By how much seen ground is thinned then, in metres: less than a kerb is from its house.
TOLERANCE_M = 0.5
#: Blind stretches that a page holds, the worst first.
MOST_BLIND = 3_000
#: Digits of shares that the page holds.
SHARE_DIGITS = 6
# classes of shares are told apart by fewer digits than a share is read with
_PERCENT_DIGITS, _CLASS_DIGITS = 4, 2
_METRES_PER_DEGREE = 111_320
_SHARES = ("seen_m2", "share", "share_guaranteed", "share_possible")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What cameras see on one day: the tables of coverage that a page draws."""

    #: camera, band, certainty, area_m2 and polygons in any CRS
    viewsheds: gpd.GeoDataFrame | None = None
    #: code, band, seen_m2, share, share_guaranteed?, share_possible?: how much of each area is seen
    shares: pd.DataFrame | None = None
    #: stretches of streets that no camera sees, worst first: id, name?, class?, length_m?; lines in any CRS
    blind: gpd.GeoDataFrame | None = None
    #: the cameras themselves, as the frame promises them; points in any CRS
    cameras: gpd.GeoDataFrame | None = None
    #: the day; None where it is not known
    on: date | None = None
    #: what a reader must know of it, a sentence each: what was assumed, left out, moved
    notes: tuple[str, ...] = ()

    def without_places(self) -> Seen:
        """Return what tells nobody where a camera stands: the shares of areas alone."""
        return Seen(shares=self.shares, on=self.on, notes=self.notes)


class Ground:
    """Seen ground as a page holds it: each shape once, on however many days it is seen."""

    def __init__(self, sides: Sequence[Seen]) -> None:
        self._tables = [None if one.viewsheds is None else display.lon_lat(one.viewsheds) for one in sides]
        vertices = sum(len(table.get_coordinates()) for table in self._tables if table is not None)
        #: by how much shapes are thinned for drawing, degrees
        self.tolerance = TOLERANCE_M / _METRES_PER_DEGREE if vertices > MANY_VERTICES else 0.0
        #: shapes in the order of their numbers
        self.shapes: list[Any] = []
        self._numbers: dict[bytes, int] = {}

    @property
    def boxes(self) -> list[NDArray[np.float64]]:
        """West, south, east and north of the ground of each day that has any."""
        return [table.total_bounds for table in self._tables if table is not None and len(table)]

    def said(self, side: int) -> dict[str, list[Any]]:
        """Return the ground of a day as columns: camera, band and certainty by number, square metres, shape."""
        table = self._tables[side]
        if table is None:
            return {name: [] for name in ("camera", "band", "certainty", "m2", "shape")}
        certainty = table["certainty"] if "certainty" in table else pd.Series("nominal", index=table.index)
        return {
            "camera": table["camera"].astype(str).tolist(),
            "band": _places(table["band"], BANDS, "band"),
            "certainty": _places(certainty, CERTAINTIES, "certainty"),
            "m2": table["area_m2"].astype(float).round(1).tolist(),
            "shape": self._numbered(table.geometry.to_numpy()),
        }

    def _numbered(self, geometries: NDArray[Any]) -> list[int]:
        """Return the number of each shape, entering those that are new."""
        keys = shapely.to_wkb(geometries).tolist()
        fresh = {key: geometry for key, geometry in zip(keys, geometries, strict=True) if key not in self._numbers}
        shapes = np.fromiter(fresh.values(), dtype=object, count=len(fresh))
        # each alone: ground of many cameras overlaps, there are no shared borders to keep
        thin = shapely.simplify(shapes, self.tolerance) if self.tolerance else shapes
        self._numbers |= {key: len(self.shapes) + place for place, key in enumerate(fresh)}
        self.shapes += display.polygons(thin)
        return [self._numbers[key] for key in keys]


def _places(words: pd.Series[Any], known: tuple[str, ...], column: str) -> list[int]:
    """Return the place of each word among those that are known."""
    texts = words.astype(str)
    at = pd.Index(known).get_indexer(pd.Index(texts))
    if (at < 0).any():
        raise InputError(f"{column} {texts[at < 0].iloc[0]}", expected=f"one of {', '.join(known)}")
    return [int(place) for place in at]


def cameras_said(one: Seen) -> list[dict[str, Any]]:
    """Return the cameras that have a place: id, kind, status, heading, octant, height and where they stand."""
    if one.cameras is None:
        return []
    there = display.lon_lat(one.cameras)
    spots = display.points(there.geometry.to_numpy())
    words = {name: texts(there, name) for name in ("id", "code", "kind", "status", "octant")}
    measures = {name: numbers(there, name) for name in ("heading_deg", "hfov_deg", "height_m", "range_m")}
    columns = {**words, **measures, "at": spots}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def shares_of(one: Seen, codes: Sequence[str]) -> NDArray[np.float64]:
    """Return the shares of areas: one row per code, one column per band, then seen_m2, share, guaranteed, possible.

    NaN where the table has no row for an area, or lacks the column.

    Raises
    ------
    InputError
        If a band is unknown.
    """
    made = np.full((len(codes), len(BANDS), len(_SHARES)), np.nan)
    if one.shares is None or not len(one.shares):
        return made
    row = pd.Index(list(codes)).get_indexer(pd.Index(one.shares["code"].astype(str)))
    band = np.array(_places(one.shares["band"], BANDS, "band"))
    for at, name in enumerate(_SHARES):
        if name in one.shares:
            values = one.shares[name].to_numpy(dtype=float, na_value=np.nan)
            made[row[row >= 0], band[row >= 0], at] = values[row >= 0]
    return made


def or_better(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return per cent of each area seen in a band or a better one: one column per band; NaN where nothing is known.

    Bands are disjoint: what is recognised is found as well.
    """
    nominal = shares[:, :, 1]
    total = np.nancumsum(nominal, axis=1) * 100
    total[np.isnan(nominal).all(axis=1)] = np.nan
    return np.asarray(total)


def shares_said(shares: NDArray[np.float64], classes: dict[str, Shading]) -> dict[str, Any]:
    """Return the shares of one level as the page holds them, and the class of each share for each band."""
    percent = or_better(shares)
    return {
        "rows": known_values(shares, SHARE_DIGITS),
        "percent": known_values(percent, _PERCENT_DIGITS),
        "classes": {band: _classed(percent[:, BANDS.index(band)], shade) for band, shade in classes.items()},
    }


def classes_of(sides: Sequence[NDArray[np.float64]]) -> dict[str, Shading]:
    """Return the classes of the share seen in each band or better, the same for both days, so that they compare."""
    together = np.concatenate([or_better(shares) for shares in sides])
    found = {band: shading(np.round(together[:, at], _CLASS_DIGITS)) for at, band in enumerate(BANDS)}
    return {band: in_light(shade) for band, shade in found.items() if shade}


def _classed(values: NDArray[np.float64], shade: Shading) -> list[int | None]:
    """Return the class of each value."""
    at = np.searchsorted(shade.limits, np.round(values, _CLASS_DIGITS), side="right")
    return [None if np.isnan(value) else int(place) for value, place in zip(values, at, strict=True)]


def blind_said(one: Seen) -> dict[str, Any]:
    """Return blind stretches in their order: id, name, class, metres, lines; how many more there are, metres of all."""
    if one.blind is None:
        return {"rows": [], "more": 0, "length_m": None}
    there = display.lon_lat(one.blind)
    first = there.iloc[:MOST_BLIND]
    columns = {
        "id": texts(first, "id"),
        "name": texts(first, "name"),
        "class": texts(first, "class"),
        "length_m": numbers(first, "length_m"),
        "lines": display.lines(first.geometry.to_numpy()),
    }
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    metres = float(there["length_m"].sum()) if "length_m" in there else None
    return {"rows": rows, "more": len(there) - len(first), "length_m": metres}
