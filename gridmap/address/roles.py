"""What the numbers in an address stand for: plate, lane, building, unit, floor or room.

The word behind a number tells (幢, 单元, 室); where 号 or none stands there, the name before and the parts told so
far do.
"""

from __future__ import annotations

import re

from gridmap.address.endings import ends_as_market, ends_as_place, ends_as_road
from gridmap.address.names import Part

#: Kinds of parts, coarsest first; the last ones say where a place is seen from, or are no part of an address.
KINDS = (
    "province",
    "city",
    "district",
    "street",
    "zone",
    "community",
    "road",
    "lane",
    "group",
    "number",
    "compound",
    "place",
    "building",
    "unit",
    "floor",
    "room",
    "relation",
    "person",
    "other",
)

#: The words behind numbers, and what they make of them; ``storey`` and ``row`` depend on what stands around.
UNITS = {
    "支弄": "lane",
    "弄": "lane",
    "巷": "lane",
    "村民小组": "group",
    "组": "group",
    "邻": "group",
    "号院": "number",
    "号": "number",
    "#": "number",
    "号楼": "building",
    "#楼": "building",
    "栋楼": "building",
    "幢楼": "building",
    "座楼": "building",
    "栋": "building",
    "幢": "building",
    "撞": "building",
    "座": "building",
    "排": "building",
    "楼": "storey",
    "单元": "unit",
    "门": "unit",
    "街": "row",
    "层楼": "floor",
    "层": "floor",
    "室": "room",
    "户": "room",
    "房间": "room",
    "房": "room",
    "号房": "room",
    "铺": "room",
    "号铺": "room",
    "商铺": "room",
    "号商铺": "room",
    "店": "room",
    "档": "room",
    "号店": "room",
    "办公室": "room",
    "店面": "room",
    "号店面": "room",
    "店铺": "room",
    "号店铺": "room",
    "档口": "room",
    "号档口": "room",
    "摊位": "room",
    "号摊位": "room",
    "铺位": "room",
    "号铺位": "room",
}

#: Numbers of one plate, as of a shop with several doors, lie this near.
_PLATE_RANGE = 60
#: A room's number has as many digits or more.
ROOM_DIGITS = 3
_INNERMOST = ("building", "unit", "room")
_ALL_INNER = ("building", "unit", "floor", "room")
_DIVISION_END = re.compile("[省市区县旗镇乡村组队社]$|社区$|村委会$|居委会$")
#: A letter that names a building, and a room in it: B1043.
LETTER_ROOM = re.compile(r"([A-Z]|[0-9][A-Z])([0-9]{3,})$")


def roles(word: str, values: list[str], parts: list[Part], before: str) -> tuple[str, ...]:
    """Return the kinds of one number, or of several joined by dashes, after what is said before them.

    Parameters
    ----------
    word
        What the word behind makes of it (see `UNITS`); empty where there is none.
    values
        The numbers, in digits.
    parts
        Parts told so far.
    before
        The name between the last part and the number.

    Examples
    --------
    >>> roles("number", ["5"], [], "人民路"), roles("", ["3", "2", "501"], [], "阳光花园")
    (('number',), ('building', 'unit', 'room'))
    """
    seen = {part.kind for part in parts}
    if word == "number":
        return _kinds_of_number(values, parts, seen, before)
    if word == "row":
        return ("unit",)
    if word == "storey":
        return _kinds_of_storey(values, seen)
    if word == "unit" and len(values) == len(("building", "unit")):
        return ("building", "unit")
    if word not in {"room", ""}:
        # 人民路1234 2幢: the gap is a dash here
        return ("number", word) if len(values) > 1 and ends_as_road(before) and not parts else (word,)
    inside = word == "room" or (bool(before) if parts else ends_as_place(before))
    return _kinds_of_bare(values, seen, before, inside=inside)


def _kinds_of_storey(values: list[str], seen: set[str]) -> tuple[str, ...]:
    """Return the kinds of what 楼 stands behind: a floor, but D7楼 is a building; 4-9楼 and D-7楼 are both."""
    if len(values) == 1 and values[0][:1].isalpha():
        return ("building",)
    several = {2: ("building", "floor"), 3: ("building", "unit", "floor")}
    return several.get(len(values), ("floor",)) if "building" not in seen else ("floor",)


def _kinds_of_number(values: list[str], parts: list[Part], seen: set[str], before: str) -> tuple[str, ...]:
    """Return the kinds of what 号 stands behind: of a plate, a building, or a door in it."""
    if ends_as_road(before):
        return ("number",)
    market = bool(before) and ends_as_market(before)
    if seen & {"building", "unit", "floor"}:
        named_anew = before and "floor" not in seen and not market
        return ("building",) if named_anew else _kinds_of_door(values, seen)
    if market:
        return ("building", "room") if len(values) == len(("building", "room")) and not _near(values) else ("room",)
    if ("number" in seen or before) and len(values) == len(_INNERMOST):
        return _INNERMOST
    if "number" in seen or ends_as_place(before):
        pair = len(values) > 1 and not _near(values)
        return ("building", "room" if _door(values) else "unit") if pair else ("building",)
    beside = bool(before) and bool(parts) and parts[-1].kind != "relation" and "group" not in seen
    return ("building",) if beside else ("number",)


def _kinds_of_door(values: list[str], seen: set[str]) -> tuple[str, ...]:
    """Return the kinds of what 号 stands behind in a building: 3幢5号, 3幢2-5号."""
    several = len(values) == len(("unit", "room")) and not _near(values)
    return ("unit", "room") if several and not seen & {"unit", "floor"} else ("room",)


def _near(values: list[str]) -> bool:
    """Tell whether two numbers are the first and last of one plate: 131-135."""
    if len(values) != len(("first", "last")):
        return False
    first, last = values
    return first.isdigit() and last.isdigit() and 0 < int(last) - int(first) <= _PLATE_RANGE


def _door(values: list[str]) -> bool:
    """Tell whether two numbers are those of a building and a room."""
    return len(values) == len(("building", "room")) and len(values[1]) >= ROOM_DIGITS and not _near(values)


def _kinds_of_bare(values: list[str], seen: set[str], before: str, *, inside: bool) -> tuple[str, ...]:
    """Return the kinds of numbers without words: behind a road the house's, else building, unit and room."""
    if ends_as_road(before) or (not seen and not inside):
        return _kinds_behind_road(values, before)
    if seen & {"building", "unit", "floor"}:
        return _kinds_inside(values, seen)
    if len(values) == 1:
        return _kinds_of_one(values[0], before)
    if _near(values) and (ends_as_market(before) or len(values[0]) >= ROOM_DIGITS):
        return ("room",)
    fine = "room" if len(values[-1]) >= ROOM_DIGITS else "unit"
    return {2: ("building", fine), 3: _INNERMOST, 4: _ALL_INNER}.get(len(values), ("room",))


def _kinds_behind_road(values: list[str], before: str) -> tuple[str, ...]:
    """Return the kinds of numbers without words right behind a road, or behind a name that may be one."""
    count = len(values)
    if count > 1 and not ends_as_road(before) and not _near(values):
        if len(values[-1]) >= ROOM_DIGITS:
            return {2: ("building", "room"), 3: _INNERMOST, 4: _ALL_INNER}.get(count, ("number",))
        if before and values[0][0].isalpha():
            return _INNERMOST[:count]
    if count == len(_INNERMOST):
        return ("number", "building", "room")
    if count == len(_ALL_INNER):
        return ("number", *_INNERMOST)
    if count == 1 and len(values[0]) >= ROOM_DIGITS and _names_place(before):
        return ("room",)
    return ("number", "room") if _door(values) else ("number",)


def _names_place(before: str) -> bool:
    """Tell whether a text ends in a name that is neither that of a road nor of a division."""
    return bool(before) and not ends_as_road(before) and not _DIVISION_END.search(before)


def _kinds_inside(values: list[str], seen: set[str]) -> tuple[str, ...]:
    """Return the kinds of numbers without words inside a building."""
    order = ("unit" if not seen & {"unit", "floor"} else "floor", "floor", "room")
    if (_near(values) and len(values[0]) >= ROOM_DIGITS) or (len(values) > 1 and "floor" in seen):
        return ("room",)
    return {2: (order[0], "room"), 3: order}.get(len(values), ("room",))


def _kinds_of_one(value: str, before: str) -> tuple[str, ...]:
    """Return the kinds of one number without a word behind a place: 3, 501, B1043, 5F."""
    if LETTER_ROOM.match(value) and before:
        return ("building", "room")
    return ("room",) if len(value.strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) >= ROOM_DIGITS else ("building",)
