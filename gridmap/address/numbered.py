"""The numbered parts of an address: road number, lane, group, building, unit, floor, room.

They are told by their numbers and the words after these; Chinese numerals count as numbers only before such words, so
that 三里屯 stays a name and 三号楼 is building 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from gridmap.address.endings import ends_as_market, ends_as_place, ends_as_road
from gridmap.address.names import Part, is_relation
from gridmap.address.numerals import NUMERALS, number
from gridmap.address.roles import KINDS, LETTER_ROOM, ROOM_DIGITS, UNITS, roles

__all__ = ["KINDS", "Reading", "read"]

#: 三户, 三房 and 八排 begin names of villages, so these words count only behind digits.
_DIGITS_ONLY = {word for word, kind in UNITS.items() if kind == "room"} - {"室"} | {"#", "#楼", "排", "撞"}


def _alternatives(words: Iterable[str]) -> str:
    """Return a pattern of any of the words, longer ones first; 楼下 is none."""
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(f"{word}(?![上下])" if word.endswith("楼") else word for word in longest_first)


#: 5, 5A, 12-3-1001, A-502, -1 before 层, a letter by itself, or two before 座.
_LATIN = (
    r"(?:(?:-(?=[0-9]+[层楼]))?(?:[A-Z]-)?(?:(?<![A-Z])[A-Z]{1,2})?[0-9]+(?:[A-Z](?![A-Z])[0-9]*)?"
    r"(?:-(?:[A-Z]?[0-9]+[A-Z]?|[A-Z](?![A-Z])))*|(?<![A-Z0-9])(?:[A-Z]{2}(?=[座栋幢])|[A-Z](?![A-Z0-9])))"
)
#: What a number, or the words before one, may begin with: nothing else is tried at other characters.
BEGINS = rf"(?=[0-9A-Z{NUMERALS}甲乙丙丁戊新老临第负地东南西北中之-])"
TOKEN = re.compile(
    rf"{BEGINS}(?P<mark>(?<=[路街道巷弄村])[甲乙丙丁戊新老临]字?(?=[0-9{NUMERALS}]))?第?"
    rf"(?:(?P<below>负|地下)?(?P<value>{_LATIN})(?P<unit>{_alternatives(UNITS)})?"
    rf"|(?P<under>负|地下)?(?P<numeral>[{NUMERALS}]+)(?:至(?P<until>[{NUMERALS}]+))?"
    rf"(?P<word>{_alternatives(UNITS.keys() - _DIGITS_ONLY)})"
    r"|(?P<side>[东南西北中])单元"
    rf"|(?<=号)(?:之(?P<sub>[{NUMERALS}]+|[0-9]+)(?![路街室层楼])|(?P<suffix>[甲乙丙丁戊])(?![一-龥])))"
)

#: After a number and its word these show that both belong to a name: 一号路, 八号桥, 三门县, 七组村.
_NAME_GOES_ON = re.compile(
    "[东南西北中]?[路街]|[巷线桥村镇乡县市区口诊面峡站地厅厂团]|公路|大道|[东南西北中]?大街|社区|园区"
)
#: 6号大街 and 3号路 are roads.
_NUMBERED_ROAD = re.compile("[东南西北中]?大街|大道|路(?![口边旁灯面东南西北]|$)")
#: Behind a road they are only where a number follows: 人民路7号东大街医院.
_NUMBERED_ON_ROAD = re.compile("(?:[东南西北中]?大街|大道)(?=[0-9])|路(?![口边旁灯面东南西北]|$)")
#: 5号门 and 3号厂房 name parts of a place.
_GATE = re.compile("门(?!面|市)|仓|库|厂房|车间|写字楼|电梯")
#: These make a number the name of a place: 518酒店, 1912街区, 12路公交.
_NUMBER_BEGINS = re.compile(
    "酒店|宾馆|广场|大厦|连锁|创意|街区|[路段年级月线度医]|中(?:$|学|专|校|[对旁附门])|医院|研究所|信箱|国道|省道|县道"
)
_SECTION_END = re.compile("[东南西北0-9A-Z一二三四五六七八九十][区期]$")
#: Behind a number these name no place, but say that one stands before the door: 75号前.
_IN_FRONT = frozenset({"前", "前方"})
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
#: What goes on with the number before: 5号之二, 5号甲.
_CONTINUE = frozenset({"sub", "suffix"})
_JOINS = {"附": "附", "之": "-"}
#: 5F is said of shops in big buildings.
_STOREY = re.compile("-?[0-9]{1,2}F")


#: Stands behind the last part.
_NO_PART = Part("", 0, 0, "")


class Reading(NamedTuple):
    """What a plainly written address says: where its front with divisions and road ends, and the parts behind."""

    head: str
    parts: tuple[Part, ...]


def read(text: str) -> Reading:
    """Return the front of a plainly written address and the numbered parts behind it.

    Parameters
    ----------
    text
        An address as `writing.plain` writes it.

    Returns
    -------
    Reading
        Its head holds divisions and road or compound, unsplit; names between numbers are of the kind ``compound``.

    Examples
    --------
    >>> head, parts = read("人民路5号阳光花园3幢501")
    >>> head, [(part.kind, part.value) for part in parts]
    ('人民路', [('number', '5'), ('compound', '阳光花园'), ('building', '3'), ('room', '501')])
    """
    parts: list[Part] = []
    head, position = len(text), 0
    for token in TOKEN.finditer(text):
        before = text[position : token.start()]
        if _belongs_to_name(text, token, before, parts):
            continue
        if not parts:
            head = token.start()
        elif before.strip("-") and before not in {"附", "之"}:
            parts.append(_between(before, position, token.start()))
        parts.extend(_numbered(token, parts, before))
        position = token.end()
    if parts and text[position:].strip("-"):
        parts.append(_between(text[position:], position, len(text)))
    return Reading(text[:head], tuple(_settled(text, parts)))


def _between(name: str, start: int, end: int) -> Part:
    """Return what stands between numbers: a compound, or words such as 对面."""
    return Part("relation" if is_relation(name) or name in _IN_FRONT else "compound", start, end, name)


def _belongs_to_name(text: str, token: re.Match[str], before: str, parts: list[Part]) -> bool:
    """Tell whether a number is part of a name: 一号路, 318国道, A8空间, 西湖3期."""
    if token.lastgroup == "side":
        return not before and not parts
    if token.lastgroup in _CONTINUE:
        return bool(before) or not parts or parts[-1].kind != "number"
    if word := token["unit"] or token["word"]:
        return _word_of_name(text, token, word, before, parts)
    return not _stands_bare(token["value"], before, text[token.end() :], parts)


def _stands_bare(value: str, before: str, after: str, parts: list[Part]) -> bool:
    """Tell whether a number without a word is one of an address: 人民路5阳光花园, 万达广场1043优衣库."""
    if not before and not parts:
        return False
    if value.isalpha():
        return bool(parts) and not after
    if not after or "-" in value.strip("-"):
        return True
    if _NUMBER_BEGINS.match(after):
        return False
    return not before or ends_as_road(before) or (len(value) >= ROOM_DIGITS and ends_as_place(before))


def _word_of_name(text: str, token: re.Match[str], word: str, before: str, parts: list[Part]) -> bool:
    """Tell whether a number with its word is part of a name."""
    kind, last = UNITS[word], parts[-1].kind if parts else ""
    if kind == "row":
        return not (_is_section(before) or (not before and last in {"floor", "building", "room"}))
    if word in {"巷", "弄"} and token["word"] and not ends_as_road(before):
        return bool(before) or last not in {"number", "lane"}
    if word == "门":
        return not parts
    # a dealer's 4S店
    if word == "店" and not token["value"][-1].isdigit():
        return True
    return _name_goes_on(text[token.end() :], kind, before, last) if word != "号院" else False


def _name_goes_on(after: str, kind: str, before: str, last: str) -> bool:
    """Tell whether a number and its word are the front of a name: 八号桥, 3号厂房.

    Behind a road the number is the house's, whatever follows: 人民路5号桥头小区.
    """
    if kind == "number" and (_NUMBERED_ON_ROAD if ends_as_road(before) else _NUMBERED_ROAD).match(after):
        return True
    if ends_as_road(before):
        return bool(last) and kind in {"number", "group"} and bool(_GATE.match(after))
    if kind == "storey" and ends_as_place(before):
        return False
    gate = kind in {"number", "group"} and _GATE.match(after)
    return bool(gate) or (bool(before or not last) and bool(_NAME_GOES_ON.match(after)))


def _is_section(before: str) -> bool:
    """Tell whether a market or a part of one stands here, in which rows of shops are counted."""
    return ends_as_market(before) or bool(_SECTION_END.search(before)) or before.endswith("号门")


def _numbered(token: re.Match[str], parts: list[Part], before: str) -> Iterator[Part]:
    """Return the parts that a number with its word stands for."""
    if token.lastgroup == "side":
        yield Part("unit", token.start(), token.end(), token["side"])
    elif token.lastgroup in _CONTINUE:
        yield _continued(parts.pop(), token)
    elif before in {"附", "之"} and parts and parts[-1].kind == "number":
        main = parts.pop()
        yield Part("number", main.start, token.end(), f"{main.value}{_JOINS[before]}{_said(token)}")
    else:
        yield from _in_a_row(token, parts, before)


def _said(token: re.Match[str]) -> str:
    """Return the number that is said, in digits."""
    value = _value(token["value"]) if token["value"] else str(number(token["numeral"]))
    if token["until"]:
        value += f"-{number(token['until'])}"
    return f"-{value}" if token["below"] or token["under"] else value


def _in_a_row(token: re.Match[str], parts: list[Part], before: str) -> Iterator[Part]:
    """Return the part of one number, or the parts of several in a row."""
    unit, value = token["unit"] or token["word"] or "", _said(token)
    values = value.lstrip("-").split("-")
    bare_storey = not unit and _STOREY.fullmatch(value)
    kinds = ("floor",) if bare_storey else roles(UNITS.get(unit, ""), values, parts, before)
    pieces = _pieces(token["value"] or "", len(kinds))
    if len(kinds) == 1 or len(pieces) != len(kinds):
        yield Part(kinds[-1], token.start(), token.end(), f"{token['mark'][0]}{value}" if token["mark"] else value)
        return
    place = token.start("value")
    for kind, piece in zip(kinds, pieces, strict=True):
        place = token.string.index(piece, place)
        end = token.end() if kind == kinds[-1] else place + len(piece)
        yield Part(kind, place, end, _value(piece))
        place += len(piece)


def _continued(main: Part, token: re.Match[str]) -> Part:
    """Return a number with what is said behind it: 5号之二, 5号甲."""
    sub = token["sub"]
    more = token["suffix"] or f"-{sub if sub.isdigit() and sub.isascii() else number(sub)}"
    return Part("number", main.start, token.end(), f"{main.value}{more}")


def _pieces(value: str, count: int) -> list[str]:
    """Return the numbers that dashes part, or a letter and the number behind it."""
    pieces = value.lstrip("-").split("-")
    if len(pieces) < count and (found := LETTER_ROOM.match(value)):
        return list(found.groups())
    return pieces


def _settled(text: str, parts: list[Part]) -> Iterator[Part]:
    """Return the parts with what only those behind them tell.

    A storey before a unit is a building (3楼2单元), a room before a room is a unit (3幢5号501).
    """
    before: set[str] = set()
    for part, behind in pairwise([*parts, _NO_PART]):
        kind = part.kind
        if kind == "floor" and behind.kind == "unit" and "building" not in before and text[behind.end - 1] != "街":
            yield part._replace(kind="building")
        elif kind == "room" and behind.kind in {"room", "floor"} and "unit" not in before:
            yield part._replace(kind="unit" if "building" in before else "building")
        else:
            yield part
        before.add(kind)


def _value(written: str) -> str:
    """Return a number without leading zeros, part by part."""
    return _ZEROS.sub("", written) if "0" in written else written
