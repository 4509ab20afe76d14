"""A territory: what is in force on one day, ready to answer.

A territory is immutable: every answer it gives is from one version of the record, whatever is published meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from datetime import date
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from gridmap import crs
from gridmap.address import Gazetteer, Match
from gridmap.address.gazetteer import CANDIDATES
from gridmap.address.suggest import Suggestions
from gridmap.errors import NotFoundError
from gridmap.partition import AreaIndex
from gridmap.territory.chains import chains_of, codes_by_level, levels_present
from gridmap.territory.footprints import Footprints
from gridmap.territory.ground import Ground, Standing
from gridmap.territory.once import Once
from gridmap.territory.words import Words, reason_of

Answer = dict[str, Any]


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
        If a table states no CRS, or one that cannot be transformed without a silent shift.

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
        self.levels = levels_present(self.areas)
        self.chains = chains_of(self.areas, self.index)
        self._codes = codes_by_level(self.chains, self.levels)
        self._ground = Ground(self.areas, self.index)
        self._words = Words(self.index, self.chains)
        known = _no_addresses() if addresses is None else crs.to_record(addresses)
        streets = None if streets is None else crs.to_record(streets)
        self._named = Once(partial(Suggestions, known, self.areas))
        #: names, addresses and aliases to be suggested while one is typed; made when first asked for
        self.suggestions = Once(partial(_with_aliases, self._named, aliases), version=version)
        self.gazetteer = gazetteer or Gazetteer(known, self.areas, streets=streets, aliases=aliases, former=former)
        self._footprints = Footprints(self._ground, None if buildings is None else crs.to_record(buildings), known)

    def on_day(self, on: date) -> Territory:
        """Return the same territory for another day of the span in which nothing changes."""
        other = copy(self)
        other.on = on
        other.said = {**self.said, "on": on.isoformat()}
        return other

    def renewed(
        self,
        gazetteer: Gazetteer,
        *,
        version: int,
        addresses: gpd.GeoDataFrame | None = None,
        buildings: gpd.GeoDataFrame | None = None,
        aliases: pd.DataFrame | None = None,
        changed: bool,
    ) -> Territory:
        """Return a territory of the same areas, a few of whose addresses differ.

        Parameters
        ----------
        gazetteer
            Of all its addresses, in EPSG:4490.
        version
            Revision of the record that it is of.
        addresses, buildings, aliases
            All of them, as of the class.
        changed
            Whether any of the addresses or buildings differs.

        Raises
        ------
        CrsError
            If a table states no CRS, or one that cannot be transformed without a silent shift.
        """
        other = copy(self)
        other.version = version
        other.said = {**self.said, "version": version}
        other.gazetteer = gazetteer
        if changed:
            known = _no_addresses() if addresses is None else crs.to_record(addresses)
            other._named = Once(partial(Suggestions, known, self.areas))  # noqa: SLF001 - of its own class
            houses = None if buildings is None else crs.to_record(buildings)
            other._footprints = Footprints(self._ground, houses, known)  # noqa: SLF001 - of its own class
        made = partial(_with_aliases, other._named, aliases)  # noqa: SLF001 - of its own class
        other.suggestions = Once(made, version=version, before=self.suggestions)
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
            ``version``; if ambiguous or near from outside also ``candidates``: the areas (level, code, name) within
            the accuracy, the finest, or those of a coarser level where the finest are more than 20.

        Raises
        ------
        Nothing
            A point that is no place on the globe is outside.
        """
        row, border_m = self.index.locate_with_border(lon, lat)
        return self._located(row, lon, lat, border_m, accuracy_m)

    def locate_many(self, lon: ArrayLike, lat: ArrayLike, *, accuracy_m: float | None = None) -> list[Answer]:
        """Return the answer of `locate` to each of many points, whose areas are looked up at once.

        Parameters
        ----------
        lon, lat, accuracy_m
            As of `locate`, arrays of one length.

        Raises
        ------
        InputError
            If the arrays differ in length.
        """
        rows, borders = self.index.locate(lon, lat).tolist(), self.index.border_distance(lon, lat).tolist()
        x, y = (np.atleast_1d(np.asarray(values, float)).tolist() for values in (lon, lat))
        return [self._located(*one, accuracy_m) for one in zip(rows, x, y, borders, strict=True)]

    def find(self, text: str, *, accuracy_m: float | None = None, explain: bool = False) -> Answer:
        """Return the address that a text means, and the areas that hold it.

        *Which area.* Where the building of the address is known, its footprint decides: the area that holds it but
        for a share of ``ground.SLACK_SHARE`` is found; if several hold it the answer is ambiguous, ``area`` being that
        of the address point if it is one of them, else that with the largest share. Without a footprint the circle of
        uncertainty decides: ``accuracy_m`` as asked or as the place has it (a road, a crossing, an interpolated
        number), whichever is greater; where it reaches over a border the answer is ambiguous. ``area`` then is that of
        the point if it is a plate, and the finest area that holds the whole circle if the place is less than that. A
        text that names nothing but a division is answered by that division. Of several places that a text may mean,
        ``area`` is the finest that holds them all.

        Parameters
        ----------
        text
            An address as a person writes it.
        accuracy_m
            How far the true place may lie from the point of its address; asked only where no footprint is known.
        explain
            Tell the steps of the comparison.

        Returns
        -------
        dict
            As `locate`, and ``query`` (numbers of persons masked), ``address`` (matched text), ``matched_level``,
            ``score`` (0 to 1), ``standard`` (the address with all divisions that are sure, from the province to the
            community), ``accuracy_m`` (metres; None for a plate), ``reason`` (of `gridmap.address.Match`, or
            over_border), ``known`` (text, level, area of the finest place that exists, where there is no answer),
            ``notes`` (code, given, taken), ``candidates``: places (address, level, lon, lat, area), or areas (level,
            code, name, and share of a footprint). With ``explain`` also ``steps`` (name, gain, detail). ``status`` may
            also be ``not_found``.

        Raises
        ------
        InputError
            If it is not a text.
        """
        match = self.gazetteer.match(text, explain=explain)
        x, y = (math.nan if value is None else value for value in (match.x, match.y))
        answer = self._found(match, *self.index.locate_with_border(x, y), accuracy_m)
        return {**answer, "steps": [step._asdict() for step in match.steps]} if explain else answer

    def find_many(self, texts: Sequence[str], *, accuracy_m: float | None = None) -> list[Answer]:
        """Return the answer of `find` to each of many texts, whose areas are looked up at once.

        Raises
        ------
        InputError
            If one is not a text.
        """
        matches, rows, borders = self._matched(texts)
        return [
            self._found(match, row, border_m, accuracy_m)
            for match, row, border_m in zip(matches, rows, borders.tolist(), strict=True)
        ]

    def locate_table(self, lon: ArrayLike, lat: ArrayLike, *, accuracy_m: float | None = None) -> pd.DataFrame:
        """Return one row per point: status, area, one column per level, lon, lat, border_m, reason, candidates.

        Parameters
        ----------
        lon, lat
            Arrays of one length, degrees; NaN is answered ``not_found``.
        accuracy_m
            As for :meth:`locate`.

        Returns
        -------
        pandas.DataFrame
            ``reason`` is no_point or over_border; ``candidates`` are as a person reads them.

        Raises
        ------
        InputError
            If the arrays differ in length.
        """
        lon, lat = np.asarray(lon, float), np.asarray(lat, float)
        rows = self.index.locate(lon, lat)
        border_m = self.index.border_distance(lon, lat)
        status = np.where(rows >= 0, "found", "outside").astype(object)
        reason, candidates = (np.full(len(rows), None, dtype=object) for _ in ("reason", "candidates"))
        for at in np.flatnonzero(border_m < (accuracy_m or 0)).tolist():
            centre, row = (float(lon[at]), float(lat[at])), int(rows[at])
            standing = self._ground.of_circle(centre, row, border_m[at], accuracy_m or 0, plate=True)
            status[at], candidates[at] = standing.status, self._words.areas_listed(standing.reach) or None
            reason[at] = "over_border" if standing.over_border else None
        blank = ~(np.isfinite(lon) & np.isfinite(lat))
        status[blank], reason[blank] = "not_found", "no_point"
        return self._table(status, rows, lon, lat, border_m).assign(reason=reason, candidates=candidates)

    def find_table(self, texts: Sequence[str], *, accuracy_m: float | None = None) -> pd.DataFrame:
        """Return one row per text: as :meth:`locate_table`, and what :meth:`find` says of the address.

        Parameters
        ----------
        texts
            Addresses as people write them.
        accuracy_m
            As for :meth:`find`.

        Returns
        -------
        pandas.DataFrame
            Columns status, area, one per level, lon, lat, border_m, address, matched_level, score, standard,
            accuracy_m, reason, notes, known, candidates; the last three as a person reads them, None where there are
            none.

        Raises
        ------
        InputError
            If one is not a text.
        """
        matches, rows, borders = self._matched(texts)
        standings = [self._stand(*one, accuracy_m) for one in zip(matches, rows, borders.tolist(), strict=True)]
        places = self._table(
            np.array([standing.status for standing in standings], dtype=object),
            np.array([standing.row for standing in standings], dtype=int),
            np.array([match.x for match in matches], dtype=float),
            np.array([match.y for match in matches], dtype=float),
            np.where([match.area is not None for match in matches], np.nan, borders),
        )
        said = {
            "address": [match.text for match in matches],
            "matched_level": [match.level for match in matches],
            "score": [match.score for match in matches],
            "standard": [self._words.standard(*pair) for pair in zip(matches, standings, strict=True)],
            "accuracy_m": [match.accuracy_m for match in matches],
            "reason": [reason_of(*pair) for pair in zip(matches, standings, strict=True)],
            "notes": ["; ".join(map(str, match.notes)) or None for match in matches],
            "known": [f"{match.known.text} ({match.known.level})" if match.known else None for match in matches],
            "candidates": [self._words.left_open(*pair) or None for pair in zip(matches, standings, strict=True)],
        }
        numbers = {"score": "float64", "accuracy_m": "float64"}
        return pd.concat([places, pd.DataFrame(said, index=places.index).astype(numbers)], axis=1)

    def _matched(self, texts: Sequence[str]) -> tuple[list[Match], list[int], np.ndarray]:
        """What texts mean, the rows of the areas that hold their points, and the distances to the nearest border."""
        once = {text: self.gazetteer.match(text) for text in dict.fromkeys(texts)}
        matches = [once[text] for text in texts]
        self._footprints.tell(match.id for match in once.values() if match.status == "found" and match.id is not None)
        x = np.array([match.x for match in matches], dtype=float)
        y = np.array([match.y for match in matches], dtype=float)
        return matches, self.index.locate(x, y).tolist(), self.index.border_distance(x, y)

    def _stand(self, match: Match, row: int, border_m: float, accuracy_m: float | None) -> Standing:
        """How what a text means stands among the areas."""
        if match.status != "found":
            return self._stand_of_several(match)
        if (division := self._words.rows.get(match.area or "")) is not None:
            return Standing("found", division, division)
        if match.x is None or match.y is None:
            return Standing("found")
        footprint = self._footprints.of(match.id) if match.accuracy_m is None else ()
        if footprint:
            return self._ground.of_footprint(footprint)
        reach_m = max(match.accuracy_m or 0, accuracy_m or 0)
        return self._ground.of_circle((match.x, match.y), row, border_m, reach_m, plate=match.accuracy_m is None)

    def _stand_of_several(self, match: Match) -> Standing:
        """How several places stand, or none; if the list of them is cut short, none is sure to be left out."""
        if match.status != "ambiguous":
            return Standing(match.status)
        rows = [self._words.row_of(candidate) for candidate in match.candidates]
        sure = self._ground.shared(rows) if rows and len(rows) < CANDIDATES else -1
        return Standing(match.status, sure, sure)

    def _located(self, row: int, lon: float, lat: float, border_m: float, accuracy_m: float | None) -> Answer:
        """The answer to a point."""
        standing = self._ground.of_circle((lon, lat), row, border_m, accuracy_m or 0, plate=True)
        answer = {"status": standing.status, **self._place(row, lon, lat, border_m)}
        return {**answer, "candidates": self._words.links(standing.reach)} if standing.reach else answer

    def _found(self, match: Match, row: int, border_m: float, accuracy_m: float | None) -> Answer:
        """The answer to a text."""
        standing = self._stand(match, row, border_m, accuracy_m)
        several = [self._words.candidate(candidate) for candidate in match.candidates]
        return {
            "status": standing.status,
            # a division is no point: how far its middle is from a border says nothing
            **self._place(standing.row, match.x, match.y, border_m if match.area is None else math.nan),
            "query": match.query,
            "address": match.text,
            "matched_level": match.level,
            "score": match.score,
            "standard": self._words.standard(match, standing),
            "accuracy_m": match.accuracy_m,
            "reason": reason_of(match, standing),
            "known": None if match.known is None else self._words.known(match.known),
            "notes": [note._asdict() for note in match.notes],
            "candidates": several or self._words.links(standing.reach),
        }

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

    def _table(self, status: Any, rows: Any, lon: Any, lat: Any, border_m: Any) -> pd.DataFrame:
        """The columns that every table of answers begins with."""
        codes = {name: column[rows] for name, column in self._codes.items()}
        return pd.DataFrame({"status": status, **codes, "lon": lon, "lat": lat, "border_m": np.round(border_m, 3)})


def _with_aliases(named: Once[Suggestions], aliases: pd.DataFrame | None) -> Suggestions:
    """Names and addresses that are there already, or are made now, with aliases."""
    return named().with_aliases(aliases)


def _no_addresses() -> gpd.GeoDataFrame:
    """A gazetteer's worth of nothing."""
    return gpd.GeoDataFrame({"id": [], "text": []}, geometry=[], crs=crs.RECORD_EPSG)
