"""Which area a point or an address is in: the areas and addresses in force on one day, ready to answer.

A territory is immutable: every answer it gives is from one version of the record, whatever is published meanwhile.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from copy import copy
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike

from gridmap import crs
from gridmap.address import Gazetteer
from gridmap.errors import NotFoundError
from gridmap.hierarchy import LEVELS
from gridmap.partition import AreaIndex

#: One degree of latitude in metres, to size the small search around an ambiguous point; no answer is measured with it.
_METRES_PER_DEGREE = 111_000.0

#: China keeps one time from Kashgar to Nantong, without summer time: 8 hours before UTC.
_CHINA_S = 8 * 3600

_DAY_S = 24 * 3600
_FIRST_DAY = date(1970, 1, 1).toordinal()

Answer = dict[str, Any]


def today() -> date:
    """Return the day it is in China, whatever the clock's zone."""
    return date.fromordinal(_FIRST_DAY + int(time.time() + _CHINA_S) // _DAY_S)


class Territory:
    """The areas and addresses in force on one day.

    Parameters
    ----------
    areas
        Areas of all levels as ``frames`` promises (code, name, level, parent; polygon), in any CRS that can be
        transformed to EPSG:4490.
    addresses
        Addresses as ``frames`` promises (id, text; point); without them no address is ever found.
    on
        The day they are in force.
    version
        Revision of the record they were read at; 0 for tables that come from files.
    buildings
        Buildings (id; polygon): where an address names its building, the footprint decides which areas hold it.
    streets, aliases, former
        What else the gazetteer is made of (see `gridmap.address.Gazetteer`).
    gazetteer
        A ready one of these addresses, in EPSG:4490; then none is built of the tables.

    Raises
    ------
    NotFoundError
        If there are no areas: nothing is in force on that day.
    TableError
        If an area's geometry, code or parent cannot be used; every fault is listed.
    CrsError
        If the areas state no CRS, or one that cannot be transformed without a silent shift.

    Notes
    -----
    The index works on the stored coordinates (EPSG:4490, degrees), so that it agrees with the record's SQL function
    on every point. WGS 84 and CGCS2000 coordinates are taken as equal: they differ by centimetres.
    """

    def __init__(  # noqa: PLR0913 - what a territory is made of, each by its name
        self,
        areas: gpd.GeoDataFrame,
        addresses: gpd.GeoDataFrame | None = None,
        *,
        on: date,
        version: int = 0,
        buildings: gpd.GeoDataFrame | None = None,
        streets: gpd.GeoDataFrame | None = None,
        aliases: pd.DataFrame | None = None,
        former: pd.DataFrame | None = None,
        gazetteer: Gazetteer | None = None,
    ) -> None:
        if areas.empty:
            raise NotFoundError(f"no area is in force on {on}", do="load areas, or ask for another day")
        self.on = on
        self.version = version
        self.said = {"on": on.isoformat(), "version": version}
        self.areas = crs.to_record(areas).reset_index(drop=True)
        self.index = AreaIndex(self.areas)
        self.levels = _levels_present(self.areas)
        self.chains = _chains(self.areas, self.index)
        self._codes = _codes_by_level(self.chains, self.levels)
        known = _no_addresses() if addresses is None else crs.to_record(addresses)
        streets = None if streets is None else crs.to_record(streets)
        self.gazetteer = gazetteer or Gazetteer(known, self.areas, streets=streets, aliases=aliases, former=former)
        self.buildings = None if buildings is None else crs.to_record(buildings)
        self._finest = shapely.STRtree(self.areas.geometry.to_numpy())

    def on_day(self, on: date) -> Territory:
        """Return the same territory for another day of the span in which nothing changes."""
        other = copy(self)
        other.on = on
        other.said = {**self.said, "on": on.isoformat()}
        return other

    def locate(self, lon: float, lat: float, *, accuracy_m: float | None = None) -> Answer:
        """Return the finest area that holds a point, and its chain of parents.

        Parameters
        ----------
        lon, lat
            Degrees, WGS 84 or CGCS2000.
        accuracy_m
            How far the true place may lie from the given point; without it nothing is called ambiguous.

        Returns
        -------
        dict
            ``status`` (found, ambiguous, outside), ``area`` (code or None), ``chain`` (level, code, name from the
            coarsest to the finest), ``lon``, ``lat``, ``border_m`` (metres to the nearest border), ``on``,
            ``version``; if ambiguous or near from outside also ``candidates``, every area within the accuracy.
        """
        row, border_m = self.index.locate_with_border(lon, lat)
        answer = {"status": "found" if row >= 0 else "outside", **self._place(row, lon, lat, border_m)}
        if accuracy_m is not None and border_m < accuracy_m:
            answer["candidates"] = self._within(lon, lat, accuracy_m)
            answer["status"] = "ambiguous" if row >= 0 else "outside"
        return answer

    def find(self, text: str, *, accuracy_m: float | None = None) -> Answer:
        """Return the address that a text means, and the areas that hold it.

        Parameters
        ----------
        text
            An address as a person writes it.
        accuracy_m
            As for :meth:`locate`.

        Returns
        -------
        dict
            As :meth:`locate`, with ``query``, ``address`` (matched text), ``matched_level`` and ``score`` (0 to 1).
            ``status`` may also be ``not_found``; it is ``ambiguous`` when several places answer equally well, then
            they are the ``candidates``.
        """
        match = self.gazetteer.match(text)
        said = {"query": match.query, "address": match.text, "matched_level": match.level, "score": match.score}
        if match.x is not None and match.y is not None:
            return {**self.locate(match.x, match.y, accuracy_m=accuracy_m), **said}
        candidates = [self._candidate(candidate) for candidate in match.candidates]
        return {"status": match.status, **self._place(-1, None, None, None), **said, "candidates": candidates}

    def locate_table(self, lon: ArrayLike, lat: ArrayLike, *, accuracy_m: float | None = None) -> pd.DataFrame:
        """Return one row per point: status, area, one column per level, lon, lat, border_m.

        Parameters
        ----------
        lon, lat
            Arrays of one length, degrees; NaN is answered ``not_found``.
        accuracy_m
            As for :meth:`locate`.

        Raises
        ------
        InputError
            If the arrays differ in length.
        """
        lon, lat = np.asarray(lon, float), np.asarray(lat, float)
        rows = self.index.locate(lon, lat)
        border_m = self.index.border_distance(lon, lat)
        status = np.where(rows >= 0, "found", "outside").astype(object)
        if accuracy_m is not None:
            status[(rows >= 0) & (border_m < accuracy_m)] = "ambiguous"
        status[~(np.isfinite(lon) & np.isfinite(lat))] = "not_found"
        codes = {name: column[rows] for name, column in self._codes.items()}
        return pd.DataFrame({"status": status, **codes, "lon": lon, "lat": lat, "border_m": np.round(border_m, 3)})

    def find_table(self, texts: Sequence[str], *, accuracy_m: float | None = None) -> pd.DataFrame:
        """Return one row per text: as :meth:`locate_table`, and address, matched_level, score.

        Parameters
        ----------
        texts
            Addresses as people write them.
        accuracy_m
            As for :meth:`locate`.
        """
        matches = self.gazetteer.match_many(texts).reset_index(drop=True)
        found = (matches["status"] == "found").to_numpy()
        places = self.locate_table(
            matches["x"].where(found).to_numpy(float), matches["y"].where(found).to_numpy(float), accuracy_m=accuracy_m
        )
        places.loc[~found, "status"] = matches.loc[~found, "status"]
        said = matches[["text", "level", "score"]].rename(columns={"text": "address", "level": "matched_level"})
        return pd.concat([places, said], axis=1)

    def _place(self, row: int, lon: float | None, lat: float | None, border_m: float | None) -> Answer:
        """What every answer holds, in the order it is read."""
        return {
            "area": self.index.codes[row] if row >= 0 else None,
            "chain": self.chains[row] if row >= 0 else [],
            "lon": lon,
            "lat": lat,
            "border_m": None if border_m is None or math.isnan(border_m) else round(border_m, 3),
            **self.said,
        }

    def _within(self, lon: float, lat: float, accuracy_m: float) -> list[Answer]:
        """The finest areas that the circle of the given accuracy touches, by code."""
        reach = accuracy_m / _METRES_PER_DEGREE
        circle = shapely.affinity.scale(shapely.Point(lon, lat).buffer(reach), xfact=1 / np.cos(np.radians(lat)))
        rows = set(self._finest.query(circle, predicate="intersects").tolist())
        parents = {int(self.index.parents[row]) for row in rows}
        return [self.chains[row][-1] for row in sorted(rows - parents, key=lambda row: str(self.index.codes[row]))]

    def _candidate(self, candidate: Any) -> Answer:
        """One of several places that answer a text equally well."""
        row = self.index.locate_one(candidate.x, candidate.y)
        area = self.index.codes[row] if row >= 0 else None
        return {"address": candidate.text, "lon": candidate.x, "lat": candidate.y, "area": area}


def _levels_present(areas: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Levels of the table from the coarsest to the finest; levels of the user's own come last, by name."""
    present = set(areas.get("level", pd.Series(dtype=object)).dropna())
    return (*(level for level in LEVELS if level in present), *sorted(present - set(LEVELS)))


def _chains(areas: gpd.GeoDataFrame, index: AreaIndex) -> list[list[Answer]]:
    """Level, code and name of each area and its ancestors, coarsest first."""
    columns = [areas[name].tolist() if name in areas else [None] * len(areas) for name in ("level", "code", "name")]
    links = [
        {"level": _or_none(level), "code": code, "name": _or_none(name)}
        for level, code, name in zip(*columns, strict=True)
    ]
    return [[links[step] for step in index.chain(row)] for row in range(len(areas))]


def _codes_by_level(chains: list[list[Answer]], levels: Sequence[str]) -> dict[str, np.ndarray]:
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


def _no_addresses() -> gpd.GeoDataFrame:
    """A gazetteer's worth of nothing."""
    return gpd.GeoDataFrame({"id": [], "text": []}, geometry=[], crs=crs.RECORD_EPSG)
