"""An address text taken apart as it is entered in an index and as it is asked: both in the same way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from gridmap.address.divisions import DIVISIONS, Division, Known, canonical, divisions
from gridmap.address.endings import ends_as_road
from gridmap.address.parsing import Part, read
from gridmap.address.writing import plain, plain_with_origins

#: A division that a text states: level and full name.
Stated = tuple[str, str]

_DIGITS = re.compile("[0-9]+")
_NUMERALS = "零一二三四五六七八九"
_TENS = "十"
#: Names with numbers are written 2期 and 二期; beyond this they are read digit by digit, 318国道.
_COUNTED = 100
#: 银杏七号公馆 is the name of a compound: what stands behind its number.
_NUMBERED_NAME = re.compile("公馆|公寓|公社|院子|别墅|庄园|府|国际|城|苑|花园|小区|家园|名邸|官邸|会所")
#: Groups of houses are called by older and longer words too.
_GROUP = re.compile("村民小组|小组|(?<=[0-9一二三四五六七八九十])(?:小队|队)(?=[0-9一二三四五六七八九十])")
#: 甲5号 is a number of its own beside 5号.
_BEFORE_NUMBER = tuple("甲乙丙丁")
_NAMES = frozenset({"compound", "place"})
#: Behind a number these mean the door itself: 75号前.
_IN_FRONT = frozenset({"前", "前方"})


class Numbered(NamedTuple):
    """What the parts behind the front of an address say; empty texts where they say nothing."""

    #: number on the road, with its lanes or its group: 5, 5附1, 260弄17, 2组7
    plate: str
    #: names behind the number and before the building, as they are compared
    names: tuple[str, ...]
    building: str
    unit: str
    #: room, or floor where there is none
    rest: str
    #: names behind the building
    behind: tuple[str, ...] = ()
    #: what is called a floor, where it may be a building as well: 3楼
    storey: str = ""


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


@lru_cache(maxsize=16_384)
def comparable(name: str) -> str:
    """Return a name as it is compared: 2期 is 二期, and 318国道 is 三一八国道.

    Examples
    --------
    >>> comparable("阳光花园12期"), comparable("纬3路"), comparable("318国道")
    ('阳光花园十二期', '纬三路', '三一八国道')
    """
    return _DIGITS.sub(_numeral, name) if _DIGITS.search(name) else name


def _numeral(digits: re.Match[str]) -> str:
    """Return digits as a Chinese numeral."""
    number = int(digits[0])
    if not 0 < number < _COUNTED or digits[0][0] == "0":
        return "".join(_NUMERALS[int(digit)] for digit in digits[0])
    tens, ones = divmod(number, 10)
    return (_NUMERALS[tens] if tens > 1 else "") + (_TENS if tens else "") + (_NUMERALS[ones] if ones else "")


def numbered(written: str, parts: Iterable[Part]) -> Numbered:
    """Return what the parts behind the front of a plainly written text say."""
    plate = building = unit = floor = room = storey = ""
    names: list[str] = []
    behind: list[str] = []
    for kind, start, end, value in parts:
        if kind == "number":
            if not plate or plate[-1] in "弄组":
                plate += value
            elif value != plate:
                building = building or value
        elif kind == "building":
            if plate.endswith("组") and "号" in written[start:end]:
                plate += value
            elif building and written[start - 1 : start] == "附":
                building += f"附{value}"
            elif building and not plate and behind:
                # 青梅里24号火车站花苑6幢: the first was the number of a road that is called like a compound
                plate, building, names, behind = building, value, behind, []
            else:
                building = building or value
        elif kind in _NAMES and value not in _IN_FRONT:
            (behind if building or unit or floor or room else names).append(comparable(value))
        elif kind == "unit":
            unit = unit or value
        elif kind == "room":
            if building or unit or written[end - 1] != "#":
                room = value
            else:
                building = value
        elif kind == "floor":
            if storey and not building:
                building, storey = storey, ""
            elif written[end - 1] == "楼":
                storey = value
            floor = f"{value}层"
        elif kind == "lane":
            plate += f"{value}弄"
        elif kind == "group":
            plate += f"{value}组"
    return Numbered(plate, tuple(names), building, unit, room or floor, tuple(behind), storey)


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


def taken(written: str) -> tuple[str, Numbered]:
    """Return the front of a plainly written address, and what its numbered parts say.

    Examples
    --------
    >>> taken("崇川区仁虹条甲5号")[0], taken("崇川区仁虹条甲5号")[1].plate
    ('崇川区仁虹条', '甲5')
    """
    if "小组" in written or "队" in written:
        written = _GROUP.sub("组", written)
    head, parts = _whole_names(written, *read(written))
    said = numbered(written, parts)
    if head[-1:] in _BEFORE_NUMBER and said.plate:
        return head[:-1], said._replace(plate=head[-1] + said.plate)
    return head, said


def _whole_names(written: str, head: str, parts: tuple[Part, ...]) -> tuple[str, tuple[Part, ...]]:
    """Return front and parts with the names whole that hold a number: 银杏七号公馆."""
    for at, part in enumerate(parts[:-1]):
        behind = parts[at + 1]
        if written[part.end - 1] != "号" or part.kind not in ("building", "number", "room"):
            continue
        if behind.kind in _NAMES and _NUMBERED_NAME.match(behind.value):
            end, left = behind.end, parts[at + 2 :]
        elif behind.kind == "building" and behind.start == part.end and written[behind.end - 1] != "号":
            end, left = part.end, parts[at + 1 :]
        else:
            continue
        if at == 0 and head and not ends_as_road(head):
            return _whole_names(written, written[:end], left)
        if at and parts[at - 1].kind in _NAMES:
            start = parts[at - 1].start
            whole = Part("compound", start, end, written[start:end])
            return _whole_names(written, head, (*parts[: at - 1], whole, *left))
    return head, parts


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
