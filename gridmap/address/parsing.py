"""The parts of an address text: divisions, road, number, lane, compound, building, unit, floor, room.

The parts behind the road are told by their numbers and the words after these; Chinese numerals count as numbers only
before such words, so that 三里屯 stays a name and 三号楼 is building 3. Order of the parts follows GB/T 35639-2017.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from gridmap.address.divisions import divisions
from gridmap.address.writing import LONGEST, plain_with_origins
from gridmap.errors import InputError

#: Kinds of parts, coarsest first.
KINDS = (
    "province",
    "city",
    "district",
    "street",
    "community",
    "road",
    "lane",
    "group",
    "number",
    "compound",
    "building",
    "unit",
    "floor",
    "room",
)

_DIGITS = {char: place % 10 for place, char in enumerate("零一二三四五六七八九〇壹贰叁肆伍陆柒捌玖")} | {"两": 2}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000}
_SCORES = {"廿": "二十", "卅": "三十"}
_NUMERALS = "".join(_DIGITS) + "".join(_TENS) + "".join(_SCORES)

_UNITS = {
    "支弄": "lane",
    "弄": "lane",
    "村民小组": "group",
    "组": "group",
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
    "座": "building",
    "楼": "storey",
    "单元": "unit",
    "门": "unit",
    "层楼": "floor",
    "层": "floor",
    "室": "room",
    "户": "room",
}


def _alternatives(words: Iterable[str]) -> str:
    """Return a pattern of any of the words, longer ones first."""
    return "|".join(sorted(words, key=len, reverse=True))


_LATIN = r"(?:-?[A-Z]{0,2}[0-9]+[A-Z]?(?:-[A-Z]?[0-9]+[A-Z]?)*|(?<![A-Z0-9])[A-Z](?![A-Z0-9]))"
#: 三户 and 三房 begin names of villages, so these words count only behind digits.
_TOKEN = re.compile(
    rf"第?(?P<value>{_LATIN})(?P<unit>{_alternatives(_UNITS)})?"
    rf"|第?(?P<numeral>[{_NUMERALS}]+)(?P<word>{_alternatives(_UNITS.keys() - {'户', '#', '#楼'})})"
)

#: After a number and its word these show that both belong to a name: 一号路, 八号桥, 三门县, 七组村.
_NAME_GOES_ON = re.compile("[路街巷线桥村镇乡县市区口诊面峡站地厅厂]|公路|大道|大街|社区|园区")
_ROAD = re.compile(r"(?:路|街|道|巷|胡同|里|弄|公路|国道|省道|县道|线|桥|[东南西北中]段)$")
_COMPOUND = re.compile(
    r"(?:花园|家园|公寓|大厦|广场|新村|小区|公馆|国际|中心|[东南西北0-9一二三四五六七八九十]区"
    r"|园|苑|城|府|郡|墅|湾|庭|院|居|楼|座|厂|期)$"
)
#: A room's number has as many digits or more.
_ROOM_DIGITS = 3
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_INNERMOST = ("building", "unit", "room")


@dataclass(frozen=True, kw_only=True)
class Component:
    """A part of an address text."""

    #: province, city, district, street, community, road, lane, group, number, compound, building, unit, floor or room
    kind: str
    #: the part as it was written
    text: str
    #: how it is compared: the number in digits, or the name in one way of writing
    value: str
    #: first and one past the last character in the text
    span: tuple[int, int]


class Part(NamedTuple):
    """A part of a plainly written text, by its place in it."""

    kind: str
    start: int
    end: int
    value: str


class Reading(NamedTuple):
    """What a plainly written address says: where its front with divisions and road ends, and the parts behind."""

    head: str
    parts: tuple[Part, ...]


def parse(text: str) -> list[Component]:
    """Return the parts of an address text, front to back.

    Telephone and identity numbers are passed over. Divisions are told by the ends of their names (市, 区, 街道) and by
    the names of China's provinces and cities; what stands between them and the first number is the road, or a compound
    if its name ends like one.

    Parameters
    ----------
    text
        An address as a person writes it.

    Returns
    -------
    list of Component
        Empty for a text of more than 200 characters, and where no part was told.

    Raises
    ------
    InputError
        If it is not a text.

    Examples
    --------
    >>> [(part.kind, part.value, part.span) for part in parse("崇川区人民路５号三号楼")]
    [('district', '崇川区', (0, 3)), ('road', '人民路', (3, 6)), ('number', '5', (6, 8)), ('building', '3', (8, 11))]
    >>> [(part.kind, part.value) for part in parse("三里屯")]
    [('compound', '三里屯')]
    """
    if not isinstance(text, str):
        raise InputError(f"an address of type {type(text).__name__}", expected="a text")
    written, origins = plain_with_origins(text)
    if not written or len(written) > LONGEST:
        return []
    reading = read(written)
    parts = [*_head_parts(reading), *reading.parts]
    return [_component(text, origins, part) for part in parts]


def _component(text: str, origins: list[tuple[int, int]], part: Part) -> Component:
    """Return a part with its place in the original text."""
    span = (origins[part.start][0], origins[part.end - 1][1])
    return Component(kind=part.kind, text=text[slice(*span)], value=part.value, span=span)


def _head_parts(reading: Reading) -> Iterator[Part]:
    """Return the divisions and the road or compound in front of the first number."""
    end = 0
    for division in divisions(reading.head, {}):
        # a village may be all there is before its house numbers; a compound's name may look like one
        if division.end == len(reading.head) and _is_compound(reading, division.start):
            break
        yield Part(division.level, division.start, division.end, division.name)
        end = division.end
    if end < len(reading.head):
        rest = reading.head[end:]
        numbered = bool(reading.parts) and reading.parts[0].kind in {"number", "lane"}
        kind = "road" if _ROAD.search(rest) or (numbered and not _COMPOUND.search(rest)) else "compound"
        yield Part(kind, end, len(reading.head), rest)


def _is_compound(reading: Reading, start: int) -> bool:
    """Tell whether a name that ends like a village's is a compound's: 阳光新村 with numbers behind."""
    return bool(reading.parts) and reading.head[start:].endswith("新村")


def read(text: str) -> Reading:
    """Return the front of a plainly written address and the numbered parts behind it."""
    parts: list[Part] = []
    head, position = len(text), 0
    for token in _TOKEN.finditer(text):
        before = text[position : token.start()]
        if _belongs_to_name(text, token, before, parts):
            continue
        if not parts:
            if not before and not (token["unit"] or token["word"]):
                continue
            head = token.start()
        elif before and before != "附":
            parts.append(Part("compound", position, token.start(), before))
        found = list(_numbered(token, parts, before))
        parts.extend(found)
        position = token.end()
    if parts and position < len(text):
        parts.append(Part("compound", position, len(text), text[position:]))
    return Reading(text[:head], tuple(parts))


def _belongs_to_name(text: str, token: re.Match[str], before: str, parts: list[Part]) -> bool:
    """Tell whether a number is part of a name: 一号路, 318国道, A8空间, 西湖3期."""
    after = text[token.end() :]
    unit = token["unit"] or token["word"]
    if token["word"] == "门" and not parts:
        return True
    if unit:
        # 人民路5号桥头小区: behind a road the number is the house's, whatever follows
        return bool(_NAME_GOES_ON.match(after)) and not _ROAD.search(before) and not parts
    if token["value"].isalpha():
        return True
    return bool(after) and "-" not in token["value"] and not (_ROAD.search(before) or (not before and parts))


def _numbered(token: re.Match[str], parts: list[Part], before: str) -> Iterator[Part]:
    """Return the parts that a number with its word stands for."""
    unit = token["unit"] or token["word"] or ""
    value = _value(token["value"]) if token["value"] else str(number(token["numeral"]))
    if before == "附" and parts and parts[-1].kind == "number":
        main = parts.pop()
        yield Part("number", main.start, token.end(), f"{main.value}附{value}")
        return
    values = value.split("-")
    named = _names_compound(before, parts) or (not parts and _is_bare_row(unit, values, before))
    kinds = _kinds(_UNITS.get(unit, ""), values, {part.kind for part in parts}, named=named)
    if len(kinds) == 1:
        yield Part(kinds[0], token.start(), token.end(), value)
        return
    start = token.start("value")
    for kind, written, single in zip(kinds, token["value"].split("-"), values, strict=True):
        last = kind == kinds[-1]
        yield Part(kind, start, token.end() if last else start + len(written), single)
        start += len(written) + 1


def _names_compound(before: str, parts: list[Part]) -> bool:
    """Tell whether a number stands behind the name of a compound or building."""
    return bool(before) if parts else bool(_COMPOUND.search(before))


def _is_bare_row(unit: str, values: list[str], before: str) -> bool:
    """Tell whether numbers in a row without a word, not behind a road, end in that of a room: 天阳上河6-3-554."""
    return not unit and len(values) > 1 and len(values[-1]) >= _ROOM_DIGITS and not _ROAD.search(before)


def _kinds(word: str, values: list[str], seen: set[str], *, named: bool) -> tuple[str, ...]:
    """Return the kinds of one number, or of several joined by dashes, after what is said before them."""
    if word == "number":
        return ("room",) if seen & {"building", "unit"} else ("building",) if "number" in seen or named else ("number",)
    if word == "storey":
        return ("building",) if named and "building" not in seen else ("floor",)
    if word == "unit" and len(values) == len(("building", "unit")):
        return ("building", "unit")
    return (word,) if word not in {"room", ""} else _kinds_of_bare(values, seen, inside=named or word == "room")


def _kinds_of_bare(values: list[str], seen: set[str], *, inside: bool) -> tuple[str, ...]:
    """Return the kinds of numbers without words: behind a road the house's, else building, unit and room."""
    count = len(values)
    if not seen and not inside:
        return ("number", "building", "room") if count == len(_INNERMOST) else ("number",)
    if seen & {"building", "unit"}:
        order = ("unit" if "unit" not in seen else "floor", "floor", "room")
        return {2: (order[0], "room"), 3: order}.get(count, ("room",))
    fine = "room" if len(values[-1]) >= _ROOM_DIGITS else "unit"
    if count == 1:
        return ("room",) if fine == "room" else ("building",)
    return {2: ("building", fine), 3: _INNERMOST, 4: ("building", "unit", "floor", "room")}.get(count, ("room",))


def _value(written: str) -> str:
    """Return a number without leading zeros, part by part."""
    return _ZEROS.sub("", written) if "0" in written else written


def number(numeral: str) -> int:
    """Return the value of a Chinese numeral, read by places (一二八) or by words (一百二十八).

    Examples
    --------
    >>> number("一百二十八"), number("一二八"), number("十五"), number("廿三"), number("二〇三")
    (128, 128, 15, 23, 203)
    """
    for short, full in _SCORES.items():
        numeral = numeral.replace(short, full)
    if not any(char in _TENS for char in numeral):
        return int("".join(str(_DIGITS[char]) for char in numeral))
    total, digit = 0, 0
    for char in numeral:
        if char in _TENS:
            total += (digit or 1) * _TENS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit
