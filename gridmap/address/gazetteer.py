"""Which standard address a text means: one, several, or none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from math import isfinite
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.address.answers import COLUMNS, Candidate, Match, Step
from gridmap.address.divisions import Division, Known, canonical, divisions
from gridmap.address.known import KnownDivisions, agreement
from gridmap.address.parsing import KINDS, Part, read
from gridmap.address.writing import LONGEST, masked, plain
from gridmap.crs import to_record
from gridmap.errors import InputError

#: How many candidates an ambiguous answer names.
CANDIDATES = 20

#: Parts that may be said of an address that is known only down to its building; left off from the finest.
_FINER = ((), ("floor",), ("floor", "room"), ("unit", "floor", "room"))

_INNER = frozenset({"unit", "floor", "room"})

#: Immediate repetition of three characters or more, the first not being of a number.
_REPEATED = re.compile(r"([^\W\d_A-Z].{2,}?)\1+")


class _Front(NamedTuple):
    """One way to take the front of an address: divisions by level, then the road or compound."""

    head: int
    stated: dict[str, set[str]]


class _Hit(NamedTuple):
    """An address that fits, and how well."""

    same_front: bool
    confirmed: int
    row: int


class _Fit(NamedTuple):
    """A front that does not contradict that of a text."""

    head: int
    same: bool
    confirmed: int
    untold: tuple[Division, ...]


class Gazetteer:
    """Standard addresses, ready to be found by exactly what they say.

    A text means an address if both say the same road or compound, lane, number, building, unit and room, written in
    whatever way (see `parse`), and no division in the text contradicts the address: divisions may be left out on either
    side. Where the text is finer than any address, the building's address answers; where its number or building does
    not exist, none.

    Parameters
    ----------
    addresses
        Table with id, text; point geometry, or columns lon and lat. Rows without a text or a place are never found.
    areas
        Areas with name, level and polygons: their names tell divisions from roads, their polygons whether an address
        lies in a division that its text leaves out. Their codes (GB/T 2260) tell which province and city they are in.
    streets
        Lines with id and name.
    aliases
        Table with alias and means: an address of the table, or a name of a road, compound or division.
    former
        Former names of divisions: name, level, until, successors.

    Raises
    ------
    InputError
        If the table has no texts or no places.
    CrsError
        If areas are given and the systems of the two tables cannot be brought together.

    Examples
    --------
    >>> import pandas as pd
    >>> plates = pd.DataFrame({"id": [1], "text": ["崇川区人民路5号3幢"], "lon": [120.86], "lat": [32.01]})
    >>> found = Gazetteer(plates).match("江苏省南通市崇川区人民路５号 三号楼 501室")
    >>> found.status, found.level, found.text
    ('found', 'building', '崇川区人民路5号3幢')
    >>> Gazetteer(plates).match("人民路5号4幢").status
    'not_found'
    """

    def __init__(
        self,
        addresses: pd.DataFrame,
        areas: gpd.GeoDataFrame | None = None,
        *,
        streets: gpd.GeoDataFrame | None = None,
        aliases: pd.DataFrame | None = None,
        former: pd.DataFrame | None = None,
    ) -> None:
        self._streets, self._aliases, self._former = streets, aliases, former
        self._ids, self._texts, self._buildings = _columns(addresses)
        self._x, self._y = _places(addresses)
        self._known = KnownDivisions(areas)
        self._lon, self._lat = _degrees(addresses, self._x, self._y) if self._known else (self._x, self._y)
        self._levels = [""] * len(self._texts)
        self._heads: dict[str, int] = {}
        self._fronts: dict[str, list[_Front]] = {}
        self._exact: dict[tuple[int, str], list[int]] = {}
        self._loose: dict[tuple[int, str], list[int]] = {}
        self._vocabulary = {level: set(names) for level, names in self._known.names.items()}
        self._remember()
        for row, text in enumerate(self._texts):
            if isfinite(self._x[row]) and isfinite(self._y[row]):
                self._enter(row, plain(text))
        # an address without a street says nothing of which streets there are; only areas do
        for level in ("street", "community"):
            self._vocabulary[level] = self._known.names.get(level, set())

    def match(self, text: str, *, explain: bool = False) -> Match:
        """Return the address that a text means.

        Parameters
        ----------
        text
            An address as a person writes it. Empty ones and those of more than 200 characters mean none.
        explain
            Tell the steps of the comparison.

        Returns
        -------
        Match
            Its ``query`` repeats the text with telephone and identity numbers masked.

        Raises
        ------
        InputError
            If it is not a text.
        """
        if not isinstance(text, str):
            raise InputError(f"an address of type {type(text).__name__}", expected="a text")
        written = plain(text)
        query = masked(text)
        if not written or len(written) > LONGEST:
            return Match(status="not_found", query=query, reason="too_long" if written else "empty")
        found = self._look_up(written, query)
        if found.status == "not_found" and (once := _REPEATED.sub(r"\1", written)) != written:
            found = self._look_up(once, query)
        return replace(found, steps=(Step(found.level or "none", found.score, found.query),)) if explain else found

    def match_many(self, texts: Iterable[str | None]) -> pd.DataFrame:
        """Return what each of many texts means.

        Parameters
        ----------
        texts
            Addresses as persons write them; missing ones mean none.

        Returns
        -------
        pandas.DataFrame
            The columns of `answers.COLUMNS`, one row per text in their order, with the index of ``texts`` if it has
            one.

        Raises
        ------
        InputError
            If one is neither a text nor missing.
        """
        index = texts.index if isinstance(texts, pd.Series) else None
        matches = [self.match("" if _missing(text) else text) for text in texts]  # type: ignore[arg-type]
        columns = {name: [getattr(match, name) for match in matches] for name in COLUMNS}
        columns["notes"] = ["; ".join(map(str, match.notes)) for match in matches]
        table = pd.DataFrame(columns, index=index, columns=list(COLUMNS))
        return table.astype({"score": "float64", "x": "float64", "y": "float64", "accuracy_m": "float64"})

    def _remember(self) -> None:
        """Start anew to remember how fronts are taken, for many addresses have the same."""
        self._split = lru_cache(maxsize=65_536)(partial(_split, self._known.known))
        self._fits = lru_cache(maxsize=16_384)(self._fitting)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is only remembered: another process starts anew."""
        return {name: value for name, value in self.__dict__.items() if name not in {"_split", "_fits"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._remember()

    def _enter(self, row: int, written: str) -> None:
        """Enter an address under all that it may be asked by."""
        head, parts = read(written)
        if not written:
            return
        head_row = self._head(head)
        self._exact.setdefault((head_row, _key(parts)), []).append(row)
        self._levels[row] = _level(parts)
        kinds = {part.kind for part in parts}
        if kinds & _INNER:
            self._enter_loosely(head_row, _without(parts, _INNER), row)
        if "compound" in kinds and kinds & {"number", "building"}:
            self._enter_by_compound(head_row, head, parts, row)

    def _enter_by_compound(self, head_row: int, head: str, parts: tuple[Part, ...], row: int) -> None:
        """Enter an address without its compound, and by its compound without road and number."""
        place = next(place for place, part in enumerate(parts) if part.kind == "compound")
        if any(part.kind == "number" for part in parts[:place]):
            self._enter_loosely(head_row, parts[:place] + parts[place + 1 :], row)
        if any(part.kind == "building" for part in parts[place:]):
            self._enter_loosely(self._compound(head, parts[place].value), parts[place + 1 :], row)

    def _enter_loosely(self, head_row: int, parts: tuple[Part, ...], row: int) -> None:
        """Enter an address by less than it says."""
        if parts:
            self._loose.setdefault((head_row, _key(parts)), []).append(row)

    def _head(self, head: str) -> int:
        """Return the number of a front, entering it under each way to take it when it is new."""
        if head in self._heads:
            return self._heads[head]
        row = self._heads[head] = len(self._heads)
        for anchor, before in self._split(head):
            self._fronts.setdefault(anchor, []).append(_Front(row, self._stated(before)))
        return row

    def _compound(self, head: str, compound: str) -> int:
        """Return the number of a compound behind the divisions of a front, entering it when it is new."""
        before = self._split(head)[-1][1]
        name = f"{head[: before[-1].end] if before else ''}\0{compound}"
        if name not in self._heads:
            self._heads[name] = len(self._heads)
            self._fronts.setdefault(compound, []).append(_Front(self._heads[name], self._stated(before)))
        return self._heads[name]

    def _stated(self, before: tuple[Division, ...]) -> dict[str, set[str]]:
        """Return names by level, entering them in the vocabulary."""
        stated: dict[str, set[str]] = {}
        for division in before:
            stated.setdefault(division.level, set()).add(division.name)
            self._vocabulary.setdefault(division.level, set()).add(division.name)
        return stated

    def _look_up(self, written: str, query: str) -> Match:
        """Return what a plainly written text means."""
        head, parts = read(written)
        fits = self._fits(head)
        if not fits:
            return Match(status="not_found", query=query, reason="no_such_road")
        for entered in (self._exact, self._loose):
            for finer in _FINER:
                kept = _without(parts, finer)
                if finer and len(kept) == len(parts):
                    continue
                if hits := _best(list(self._hits(fits, _key(kept), entered))):
                    size = 1 + len(self._split(head)[-1][1]) + len(parts)
                    said = 1 + hits[0].confirmed + len(kept)
                    return self._answer(query, hits, round(min(said / size, 1.0), 3))
        return Match(status="not_found", query=query, reason="no_such_number")

    def _hits(self, fits: tuple[_Fit, ...], key: str, entered: dict[tuple[int, str], list[int]]) -> Iterator[_Hit]:
        """Return the addresses that say the same and do not contradict the divisions in the text."""
        for head, same, confirmed, untold in fits:
            for row in entered.get((head, key), ()):
                held = [self._known.holds(division, self._lon[row], self._lat[row]) for division in untold]
                if False not in held:
                    yield _Hit(same, confirmed + held.count(True), row)

    def _fitting(self, head: str) -> tuple[_Fit, ...]:
        """Return the fronts of addresses that the front of a text does not contradict.

        The way to take the text with the most divisions goes first; the others only count where it fits nothing, as
        when the name of a compound ends like that of a division.
        """
        whole = self._heads.get(head)
        for anchor, before in reversed(self._split(head)):
            found = []
            for front in self._fronts.get(anchor, ()):
                agree = [agreement(division, front.stated, self._vocabulary) for division in before]
                if False not in agree:
                    untold = [d for d, agrees in zip(before, agree, strict=True) if agrees is None and self._known]
                    found.append(_Fit(front.head, front.head == whole, agree.count(True), tuple(untold)))
            if found:
                return tuple(found)
        return ()

    def _answer(self, query: str, hits: list[_Hit], score: float) -> Match:
        """Return the one place that is meant, or the several."""
        rows = sorted({hit.row for hit in hits})
        candidates = tuple(self._candidate(row) for row in rows[:CANDIDATES])
        if not self._one_place(rows):
            return Match(status="ambiguous", query=query, score=score, candidates=candidates, reason="several_places")
        best = candidates[0]
        return Match(
            status="found",
            query=query,
            text=best.text,
            local=self._local(best.text),
            level=best.level,
            score=score,
            x=best.x,
            y=best.y,
            id=best.id,
        )

    def _local(self, text: str) -> str:
        """Return an address without its divisions."""
        written = plain(text)
        before = self._split(read(written).head)[-1][1]
        return written[before[-1].end :] if before else written

    def _one_place(self, rows: list[int]) -> bool:
        """Tell whether addresses are all at one place, or doors of one building."""
        if len({(self._x[row], self._y[row]) for row in rows}) == 1:
            return True
        buildings = {self._buildings[row] for row in rows}
        return len(buildings) == 1 and None not in buildings

    def _candidate(self, row: int) -> Candidate:
        """Return an address of the table."""
        return Candidate(
            id=self._ids[row], text=self._texts[row], level=self._levels[row], x=self._x[row], y=self._y[row]
        )


def _split(known: Known, head: str) -> tuple[tuple[str, tuple[Division, ...]], ...]:
    """Return each way to take a front: what names the place, and the divisions before it."""
    found = tuple(divisions(head, known))
    ends = [0, *(division.end for division in found)]
    return tuple(
        (canonical(head[end:]), found[:count]) for count, end in enumerate(ends) if end < len(head) or not head
    )


def _best(hits: list[_Hit]) -> list[_Hit]:
    """Return the hits that fit best: of the same front, else with the most divisions confirmed."""
    best = max((hit[:2] for hit in hits), default=None)
    return [hit for hit in hits if hit[:2] == best]


def _key(parts: Iterable[Part]) -> str:
    """Return one text for the parts behind the front."""
    return ";".join([f"{part.kind}={part.value}" for part in parts])


def _without(parts: tuple[Part, ...], kinds: Iterable[str]) -> tuple[Part, ...]:
    """Return the parts of other kinds."""
    return tuple([part for part in parts if part.kind not in kinds])


def _level(parts: tuple[Part, ...]) -> str:
    """Return the finest kind of the parts, which is a compound or road where there is no number."""
    return max((part.kind for part in parts), key=KINDS.index, default="compound")


def _missing(value: Any) -> bool:
    """Tell whether a cell holds nothing."""
    return value is None or (not isinstance(value, str) and bool(pd.isna(value)))


def _columns(addresses: pd.DataFrame) -> tuple[list[Any], list[str], list[Any]]:
    """Return ids, texts and buildings, empty texts for missing ones."""
    if "text" not in addresses.columns:
        raise InputError("a table of addresses without a column text", expected="id, text and a point or lon, lat")
    texts = ["" if _missing(text) else str(text) for text in addresses["text"]]
    ids = addresses["id"] if "id" in addresses.columns else addresses.index
    buildings = addresses["building"] if "building" in addresses.columns else [None] * len(texts)
    return ids.tolist(), texts, [None if _missing(building) else building for building in buildings]


def _places(addresses: pd.DataFrame) -> tuple[list[float], list[float]]:
    """Return the places of addresses in the CRS of their table."""
    if isinstance(addresses, gpd.GeoDataFrame):
        points = shapely.centroid(addresses.geometry.to_numpy())
        return shapely.get_x(points).tolist(), shapely.get_y(points).tolist()
    if not {"lon", "lat"} <= set(addresses.columns):
        raise InputError("a table of addresses without places", expected="a point geometry, or columns lon and lat")
    return addresses["lon"].astype(float).tolist(), addresses["lat"].astype(float).tolist()


def _degrees(addresses: pd.DataFrame, x: list[float], y: list[float]) -> tuple[list[float], list[float]]:
    """Return the places of addresses in degrees, to compare with areas."""
    if isinstance(addresses, gpd.GeoDataFrame) and addresses.crs is not None:
        return _places(to_record(addresses))
    return x, y
