"""An address text taken apart as it is entered in an index and as it is asked: both in the same way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from gridmap.address.divisions import DIVISIONS, Division, Known, canonical, divisions
from gridmap.address.endings import ends_as_road
from gridmap.address.taking import Numbered, comparable, taken
from gridmap.address.writing import plain, plain_with_origins

#: A division that a text states: level and full name.
Stated = tuple[str, str]


class Head(NamedTuple):
    """The front of an address: divisions, then a name."""

    stated: tuple[Stated, ...]
    #: name of a road, village or compound, as it is compared
    name: str
    #: where the name begins
    cut: int


class Entry(NamedTuple):
    """An address of a table as it is entered."""

    stated: tuple[Stated, ...]
    road: str
    plate: str
    compound: str
    building: str
    unit: str
    rest: str
    #: the finest part that it names
    level: str


class Entries:
    """Takes the addresses of a table apart, remembering the fronts that many of them share.

    Parameters
    ----------
    known
        Divisions that are known to exist: level and full name by each of their names.
    """

    def __init__(self, known: Known) -> None:
        self._known = known
        self._head = lru_cache(maxsize=65_536)(self._split)

    def entry(self, written: str) -> tuple[Entry, int]:
        """Return a plainly written address taken apart, and where its name begins."""
        text, said = taken(written)
        stated, name, cut = self._head(text, bool(said.plate), bool(said.building))
        road = name if said.plate or ends_as_road(name) else ""
        names = said.names if road else (name, *said.names)
        compound = names[0] if names else ""
        rest = said.rest + "".join([*names[1:], *said.behind])
        level = _level(said, road, compound, name)
        return Entry(stated, road, said.plate, compound, said.building, said.unit, rest, level), cut

    def _split(self, text: str, plate: bool, building: bool) -> Head:  # noqa: FBT001 - remembered by position
        """Return the divisions of a front and the name behind them."""
        found = tuple(_finer(divisions(text, self._known)))
        # a compound may be called like a village, 学田新村3幢; a village stands before its house numbers itself
        if found and found[-1].end == len(text) and building and not plate:
            found = found[:-1]
        stated = tuple((division.level, division.name) for division in found)
        if found and found[-1].end == len(text):
            return Head(stated, comparable(found[-1].name), found[-1].start)
        cut = found[-1].end if found else 0
        return Head(stated, comparable(canonical(text[cut:])), cut)


def _finer(found: Iterable[Division]) -> Iterator[Division]:
    """Return divisions as long as they get finer: behind a village 宁夏 is the name of a road."""
    finest = -1
    for division in found:
        level = DIVISIONS.index(division.level) if division.level in DIVISIONS else finest + 1
        if level <= finest:
            return
        finest = level
        yield division


def _level(said: Numbered, road: str, compound: str, name: str) -> str:
    """Return the finest part that an address names."""
    if said.rest:
        return "floor" if said.rest.endswith("层") else "room"
    if said.building or said.unit:
        return "unit" if said.unit else "building"
    if compound:
        return "compound"
    if said.plate:
        return "group" if said.plate.endswith("组") else "number"
    return "road" if road and road == name else "compound"


def cut_text(text: str, cut: int) -> int:
    """Return where in a text as it was written its plain writing's character ``cut`` stands."""
    if not cut or plain(text[:cut]) == text[:cut]:
        return cut
    origins = plain_with_origins(text)[1]
    return origins[cut][0] if cut < len(origins) else len(text)
