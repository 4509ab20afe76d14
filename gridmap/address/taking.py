"""What the numbers of an address say, and the names between them: the same of an address of the table and of a text.

`parsing.read` tells parts one by one. Here they are put together: a plate of lane, group and number; one building, unit
and room; and names that hold numbers themselves, such as 银杏七号公馆.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from gridmap.address.endings import ends_as_road
from gridmap.address.parsing import Part, read

_DIGITS = re.compile("[0-9]+")
_NUMERALS = "零一二三四五六七八九"
_TENS = "十"
#: Names are written with formal numerals too: 壹号院.
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾", "一二三四五六七八九十")
#: What a name may be written with other than it is compared.
_WRITTEN_OTHERWISE = re.compile("[0-9壹贰叁肆伍陆柒捌玖拾]")
#: Names with numbers are written 2期 and 二期; beyond this they are read digit by digit, 318国道.
_COUNTED = 100

#: Groups of houses are called by older and longer words too.
_GROUP = re.compile("村民小组|小组|(?<=[0-9一二三四五六七八九十])(?:小队|队)(?=[0-9一二三四五六七八九十])")
#: 银杏七号公馆 and 花阳一号二期 are names of compounds: what stands behind their number.
_NUMBERED_NAME = re.compile(
    "公馆|公寓|公社|院子|别墅|庄园|府|国际|城|苑|花园|小区|家园|名邸|官邸|会所|[一二三四五六七八九十]期|[东南西北中]区"
)
#: Old lanes of houses, whose numbers are plates and not buildings.
_LANES = tuple("里坊条")
#: 甲5号 is a number of its own beside 5号.
_BEFORE_NUMBER = tuple("甲乙丙丁")
_NAMES = frozenset({"compound", "place"})
_HOUSES = frozenset({"building", "number"})
#: Stands for a road when the parts behind one are read.
_SOME_ROAD = "某路"
#: Stands for a plate when the parts behind one are read.
_SOME_PLATE = "某路1号"
#: Stands for a compound when the parts behind one are read.
_SOME_COMPOUND = "某花园"


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


#: What a text without numbers says.
NOTHING_SAID = Numbered("", (), "", "", "")


@lru_cache(maxsize=16_384)
def comparable(name: str) -> str:
    """Return a name as it is compared: 2期 is 二期, and 318国道 is 三一八国道.

    Examples
    --------
    >>> comparable("阳光花园12期"), comparable("纬3路"), comparable("318国道")
    ('阳光花园十二期', '纬三路', '三一八国道')
    """
    if not _WRITTEN_OTHERWISE.search(name):
        return name
    return _DIGITS.sub(_numeral, name.translate(_FORMAL))


def _numeral(digits: re.Match[str]) -> str:
    """Return digits as a Chinese numeral."""
    number = int(digits[0])
    if not 0 < number < _COUNTED or digits[0][0] == "0":
        return "".join(_NUMERALS[int(digit)] for digit in digits[0])
    tens, ones = divmod(number, 10)
    return (_NUMERALS[tens] if tens > 1 else "") + (_TENS if tens else "") + (_NUMERALS[ones] if ones else "")


@lru_cache(maxsize=4_096)
def taken(written: str, *, named: bool | None = None) -> tuple[str, Numbered]:
    """Return the front of a plainly written address, and what its numbered parts say.

    Parameters
    ----------
    written
        An address as `writing.plain` writes it.
    named
        Whether a number before that of a building belongs to the name, as in 花阳一号3幢; None to tell by its writing,
        as tables write plates in digits.

    Examples
    --------
    >>> taken("崇川区仁虹条甲5号")[0], taken("崇川区仁虹条甲5号")[1].plate
    ('崇川区仁虹条', '甲5')
    >>> taken("银杏七号公馆3幢")[0], taken("银杏七号公馆3幢")[1].building
    ('银杏七号公馆', '3')
    """
    if "小组" in written or "队" in written:
        written = _GROUP.sub("组", written)
    head, parts = parted(written, named=named)
    said = numbered(written, parts)
    if head[-1:] in _BEFORE_NUMBER and said.plate:
        return head[:-1], said._replace(plate=head[-1] + said.plate)
    return head, said


def taken_behind(written: str, front: int) -> tuple[str, Numbered]:
    """Return a front of so many characters, whatever numerals it holds, and what the parts behind it say.

    Examples
    --------
    >>> head, said = taken_behind("四楼牌里12号", 4)
    >>> head, said.plate
    ('四楼牌里', '12')
    """
    return written[:front], numbered(written, _behind(written, front, _SOME_ROAD)[1])


def inside(dashed: str) -> Numbered:
    """Return what numbers in a row say behind the name of a compound.

    Examples
    --------
    >>> inside("17-2").building, inside("17-2").unit, inside("17-502").rest
    ('17', '2', '502')
    """
    return taken(_SOME_COMPOUND + dashed)[1]


def parted(written: str, *, named: bool | None = None) -> tuple[str, tuple[Part, ...]]:
    """Return the front of a plainly written address and the parts behind it, in the roles that `taken` gives them."""
    head, parts = read(written)
    if "号" in written and parts:
        head, parts = _whole_names(written, head, parts, named=named)
        parts = _plate_first(written, head, parts)
    return head, parts


def _whole_names(
    written: str, head: str, parts: tuple[Part, ...], *, named: bool | None
) -> tuple[str, tuple[Part, ...]]:
    """Return front and parts with the names whole that hold a number."""
    at = 0
    while at < len(parts):
        end = _name_end(written, parts[at], parts[at + 1 : at + 2], named=named)
        if end and at == 0 and head and not ends_as_road(head):
            more, parts = _behind(written, end, _SOME_COMPOUND)
            head, at = written[: end + more], -1
        elif end and at and parts[at - 1].kind in _NAMES:
            start = parts[at - 1].start
            whole = Part("compound", start, end, written[start:end])
            parts = (*parts[: at - 1], whole, *_behind_name(written, end))
        at += 1
    return head, parts


def _name_end(written: str, part: Part, following: tuple[Part, ...], *, named: bool | None) -> int:
    """Return where a name ends that goes on behind a number; 0 where the number is that of a house."""
    said = written[part.start : part.end]
    if part.kind not in _HOUSES or not said.endswith(("号", "号院")):
        return 0
    belongs = named or (named is None and not said[0].isdigit())
    goes_on = _NUMBERED_NAME.match(written, part.end)
    if goes_on and following and following[0].kind in _NAMES and (belongs or said.endswith("号")):
        return goes_on.end()
    if said.endswith("号院"):
        return part.end if belongs else 0
    return part.end if belongs and following and _is_inside(written, part, following[0]) else 0


def _is_inside(written: str, part: Part, behind: Part) -> bool:
    """Tell whether a number right behind another one is that of a building: 3幢 or 7-4."""
    if behind.start != part.end:
        return False
    dashed = written[behind.end : behind.end + 1] == "-"
    return dashed or (behind.kind == "building" and written[behind.end - 1] != "号")


def _behind_name(written: str, end: int) -> tuple[Part, ...]:
    """Return the parts behind the name of a compound, another name before the first number among them."""
    more, parts = _behind(written, end, _SOME_COMPOUND)
    return (Part("compound", end, end + more, written[end : end + more]), *parts) if more else parts


def _behind(written: str, end: int, front: str) -> tuple[int, tuple[Part, ...]]:
    """Return how far the name goes on behind a place in a text, and the parts, as if some front stood before it."""
    shift = end - len(front)
    head, parts = read(front + written[end:])
    shifted = [Part(part.kind, part.start + shift, part.end + shift, part.value) for part in parts]
    return max(0, len(head) - len(front)), tuple(part for part in shifted if part.end > end)


def _plate_first(written: str, head: str, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return parts whose first number is a plate where it was taken for a building: 银学里18号, 仁虹条3号1幢."""
    first, *others = parts or (None,)
    if first is None or first.kind != "building" or written[first.end - 1] != "号":
        return parts
    number = Part("number", first.start, first.end, first.value)
    if len(others) > 1 and others[0].kind in _NAMES:
        return (number, others[0], *_behind_name(written, others[0].end))
    if written[first.end : first.end + 1] == "附":
        return (number, *others)
    if head.endswith(_LANES) or (others and others[0].kind == "building"):
        return (number, *_behind(written, first.end, _SOME_PLATE)[1])
    return parts


def numbered(written: str, parts: Iterable[Part]) -> Numbered:
    """Return what the parts behind the front of a plainly written text say."""
    sum_ = _Sum(written)
    for part in parts:
        sum_.add(part)
    return Numbered(
        sum_.plate,
        tuple(sum_.names),
        sum_.building,
        sum_.unit,
        sum_.room or sum_.floor,
        tuple(sum_.behind),
        sum_.storey,
    )


class _Sum:
    """What parts say together."""

    __slots__ = ("behind", "building", "floor", "names", "plate", "room", "storey", "unit", "written")

    def __init__(self, written: str) -> None:
        self.written = written
        self.plate = self.building = self.unit = self.floor = self.room = self.storey = ""
        self.names: list[str] = []
        self.behind: list[str] = []

    def add(self, part: Part) -> None:
        """Add a part."""
        if add := _ADD.get(part.kind):
            add(self, part)

    def number(self, part: Part) -> None:
        """Add a number; said twice it counts once, a second one is that of a building."""
        if not self.plate or self.plate[-1] in "弄组":
            self.plate += part.value
        elif part.value != self.plate:
            self.building = self.building or part.value

    def house(self, part: Part) -> None:
        """Add a building, which in a group of houses is a number."""
        said = self.written[part.start : part.end]
        if self.plate.endswith("组") and "号" in said:
            self.plate += part.value
        elif self.written[part.start - 1 : part.start] == "附" and (self.building or self.plate):
            if self.building:
                self.building += f"附{part.value}"
            else:
                self.plate += f"附{part.value}"
        elif self.building and self.building != part.value:
            self.behind.append(comparable(said))
        else:
            self.building = part.value

    def door(self, part: Part) -> None:
        """Add a room; 3# without any other is a building."""
        if self.building or self.unit or self.written[part.end - 1] != "#":
            self.room = part.value
        else:
            self.building = part.value

    def storeys(self, part: Part) -> None:
        """Add a floor; of two the first is a building."""
        if self.storey and not self.building:
            self.building, self.storey = self.storey, ""
        elif self.written[part.end - 1] == "楼":
            self.storey = part.value
        self.floor = f"{part.value}层"

    def name(self, part: Part) -> None:
        """Add a name."""
        inside = self.building or self.unit or self.floor or self.room
        (self.behind if inside else self.names).append(comparable(part.value))

    def stair(self, part: Part) -> None:
        """Add a unit."""
        self.unit = self.unit or part.value

    def lane(self, part: Part) -> None:
        """Add a lane."""
        self.plate += f"{part.value}弄"

    def group(self, part: Part) -> None:
        """Add a group of houses."""
        self.plate += f"{part.value}组"


_ADD = {
    "number": _Sum.number,
    "building": _Sum.house,
    "compound": _Sum.name,
    "place": _Sum.name,
    "unit": _Sum.stair,
    "floor": _Sum.storeys,
    "room": _Sum.door,
    "lane": _Sum.lane,
    "group": _Sum.group,
}
