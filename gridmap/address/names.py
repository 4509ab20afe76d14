"""The names in an address: roads, villages, zones, compounds and other places, and words such as 对面 between them.

A name is told by how it ends: 路 ends a road, 村 a village, 大厦 a place. Where no ending tells, all that is left is
one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gridmap.address.divisions import canonical, is_zone
from gridmap.address.endings import (
    CHAINED,
    COMPOUND_END,
    COMPOUNDS,
    INSTITUTIONS,
    PLACES,
    ROADS,
    VILLAGES,
    ZONES,
    any_of,
    ends_as_place,
    ends_as_road,
)


class Part(NamedTuple):
    """A part of a plainly written text, by its place in it."""

    kind: str
    start: int
    end: int
    value: str


_COUNT = "[一二三四五六七八九十百两0-9]"
_SIDE = "(?:[东南西北]{1,2}|[前后左右上下里外]|正|斜)"
_AWAY = f"{_COUNT}+(?:米|公里|里路|千米)(?:左右|处|远)?"
_CROSSING = (
    "(?:[丁十三]字)?(?:路口|交叉路?口|交叉处?|交汇处?口?|交界处?口?|交接处|交岔口|交口|转角处?|拐角处?)"
    "(?:[东南西北]{1,2}[角侧面边])?"
)
#: Words that say where wherever they stand in a text.
_PLAIN_RELATION = (
    "(?:正|斜|东|西|南|北)?(?:对面|对过|对门)|隔壁|附近|旁边|边上|周边|周围"
    f"|(?:交叉|交汇|交界|十字|丁字){_COUNT}?[路处口]+"
)
_RELATION = re.compile(
    f"(?:往|向|朝|以|再|进|靠|由)?{_SIDE}?(?:行|走|约|还|转|拐)?{_AWAY}(?:对面|路[东南西北])?"
    f"|的?{_CROSSING}|{_PLAIN_RELATION}|旁"
    "|(?:往|向|朝)[东南西北]{1,2}(?:[行走]|方向)?|以[东南西北]{1,2}"
    "|[东南西北]{1,2}(?:侧|面|边|端|首|头|角)"
    "|后面|前面|里面|外面|左边|右边|左侧|右侧|中间|之间|后侧|前侧|楼下|楼上|院内|校内|门口|门前|内部"
)
_INNER_RELATION = re.compile(
    f"{_PLAIN_RELATION}|旁|后面|前面|门口|院内|楼下|[东南西北]{{1,2}}侧|(?:[往向朝][东南西北]+|[东南西北])(?:约)?{_AWAY}"
)
#: These say where only at the end of a name, or between two roads.
_ENDING_RELATION = re.compile("[内外旁口后边上下]侧?$|[东南西北]$")
_MOUTH = re.compile("口(?![一-龥]?(?:村|镇|乡|路|街))")
_AND = re.compile("[与和跟及](?=[^与和跟及]{1,8}(?:路|街|大道|巷|道|线|环|高速))")

#: 陶巷路 and 文峰街支路 are one road each.
_ROAD_NOT = (
    "(?!道|桥|镇|乡|村|社区|居委|坊|铺|(?<![路道])路(?!口)|(?<!路)[巷弄]|支[路弄]|口巷)"
    "(?!(?<!路)[东南西北中]{1,2}(?:路|大道))"
)
#: What goes on as a part of a road: 人民路东段, 辛亥路5段, 江海大道观音段; 电务段 is a place.
_SECTION_OF_ROAD = "(?:[东南西北中一二三四五六七八九十]|[0-9]{1,2}|[一-龥]{2}(?<!务))段(?![一-龥]?[路街])"
_NUMBERED_ROAD = "[东南西北][一二三四五六]环(?!路)|[0-9一二三四五六七八九十]+道(?![0-9]*路|[街巷])"
_ROAD_OF_NAME = "[东南西北中前后新老上下]?[一二三四五六七八九十]?(?:路(?!口)|街|大道|巷|弄|桥|线)(?!道)"
_PLACE_NOT = (
    f"(?!{_ROAD_OF_NAME}|[市区县]|门市|社区|居委|村|.{{0,6}}(?:分公司|分店|专卖店|分行|支行)(?:$|[A-Z0-9])|.{{1,6}}校区"
    "|(?:(?<=大学)|(?<=学院))(?:.{1,8}学院|.{0,8}附属|.{2,4}(?:医院|学校)))"
)
_ENDING = re.compile(
    f"(?P<road>(?:(?:{any_of(ROADS)}){_ROAD_NOT}(?:{_SECTION_OF_ROAD})?|{_NUMBERED_ROAD}))"
    f"|(?P<community>(?<![新园])(?:{any_of(VILLAGES)})(?!镇|乡|民|委|[东南西北中]?路|街|大?道|巷|小区|公寓|卫生|信用|商业银行|合作))"
    "|(?P<street>街道(?:办事处)?|(?<![小古城老新])[镇乡](?![路街镇乡中小东南西北]|政府|卫生|医院|中心|企业))"
    f"|(?P<zone>(?:{any_of(ZONES)}){_PLACE_NOT})"
    # 通海线 behind a village; 生产线 and 热线 are no roads
    "|(?P<line>[一-龥](?<![干产天热专前])线(?![路上下条缆]))"
    "|(?P<group>(?:[村居]民)?组(?![团合织装件建长别部]))"
    f"|(?P<place>(?:{any_of(PLACES)}){_PLACE_NOT})"
)
#: Words for places that names begin with: 新城明珠, 公园世家.
_BEGINS = frozenset(["新城", "花园", "公园", "佳园", "大学", "政府", "银行", "商城"])
#: 市场口街 begins with the word for a market, and is a street.
_ROAD_SOON = re.compile("[一-龥](?:路|街|巷)")
_CHAINED = re.compile(any_of(CHAINED))
#: Names of roads that are an ending and no more.
_ROAD_ALONE = re.compile("步行街|辅路|大街|[东南西北][一二三四五六]环(?![东南西北中]?路|线)")
#: No name by themselves: 文峰路菜市场 is a market that a road gave its name.
_NAMED_AFTER_ROAD = re.compile(
    "(?:小区|公寓|新村|宿舍|大厦|菜市场|农贸市场|工业区|创业园|校区|营业部|营业厅|邮政局|信用社|小学|大酒店|一区|二区)(?!路|街)"
)
#: Parts of a compound or a building: 三期, 东区, A区, 北门, 2号门.
_SECTION = re.compile(
    "(?:[东南西北中]{0,2}[一二三四五六七八九十]{1,3}|[东南西北中前后]{1,2}大?|[A-Z][0-9]{0,2}|[0-9]{1,3}|大|[左右])"
    "(?:期|区|号门|门|组团|标段|苑|团)(?![市县路街])"
    "|[东南西北主副前后]楼|裙楼|底商|架空层|地下室|(?:大门口|前台|门卫[室处]?|传达室|收发室)(?=$)"
    "|(?:商铺|店面|车库|仓库|宿舍)(?=$|[A-Z0-9])"
)
#: A section that a name without an ending may be followed by: 阳光二期, 理想城北门.
_SECTION_BEHIND = re.compile(
    "[一二三四五六七八九十0-9]{1,2}期|(?:[0-9]{1,2}|[一二三四五六])号门|(?:[东南西北]大?|后|正)门$|门卫[室处]?$|[东南西北主]楼$"
)
#: Behind a short name it is a part of that: 长城机电东区, but 青口东区 is one name.
_SIDE_BEHIND = re.compile("[东南西北]{1,2}区$")
#: What is said to a carrier, not of the place.
_ASIDE = re.compile(
    "(?:邮寄|收货|联系|详细|家庭|公司)地址|地址$|手机号码?|收件人|(?:请|到了?|先)?(?:电话?联系?|打电话|致电)(?:我)?$|电联|丰巢|快递柜|自提|代收|提前致电"
)
_PERSON = re.compile(".{1,3}(?:先生|女士|小姐|师傅|老师|经理|老板|收)$")
#: Names that are a road's without a number behind them: 沪杭线, but not 生产线.
_ROAD_NAME = re.compile("^[^A-Z0-9]{1,3}(?<![干产天热专])线$")
_GROUP_NAME = re.compile("[^班小集团]{2}组$")
_RESIDENTIAL = re.compile(f"(?:{any_of(COMPOUNDS)})$")
#: 光明一村 and 光明南村 are compounds where buildings are counted in them.
_SERIAL_VILLAGE = re.compile("[一二三四五六七八九东南西北]村$")
_LONGEST_TOWN = 3
#: A zone of works is one of the town's where none is named before, and streets are behind it.
_WORKS = re.compile("工业园?区$")
_ROAD_AHEAD = re.compile("[^路街巷]{2,4}(?:路|街|大道)")
_ROAD_STEM = re.compile(
    "([^0-9A-Z]+?)[东南西北中]?(?:大道|大街|公路|步行街|路|街|巷)(?:(?:[东南西北中一二三四五六七八九十]|[0-9]{1,2}|[一-龥]{2}(?<!务))段)?"
)
_LONG_STEM = 4
#: What ends in front of the name of a road: 红旗农场兴业六路, 文峰鞋城北三路, 东区兴业二路; but not 环区南路.
_PLACE_BEFORE_ROAD = re.compile(
    "(?:.+农场|.+[鞋纺贸材具配]城|.+区块)(?=[^大公].)(?![东南西北中](?:路|街))"
    "|(?:.{2,}|[东南西北A-Z])(?<![城市环新园])区(?=[^公块大东南西北中].{2}|[东南西北].路)"
    "|.{3,}区(?=大道|[东南西北中].{0,2}路)"
)
_LONG_NAMED = re.compile(
    "[一二三四五六七八九十横直支环纬经新老商]$|门[内外]$|宫$|公园$|新城$|工业$|科技$|学院$|机场$|文化$|[一-龥]门$|[路街巷弄组桥村湖江河山寺]$"
)
_INSTITUTION = re.compile(f"(?:{any_of(INSTITUTIONS)})$")
#: The least length of a name.
_LEAST = 2


def is_relation(text: str) -> bool:
    """Tell whether a text only says where, seen from what is named before: 对面, 往东50米."""
    return bool(_RELATION.fullmatch(text))


def is_compound(village: str, behind: str) -> bool:
    """Tell whether what ends like a village is a compound, with a part of some kind behind: 阳光新村 with numbers."""
    return village.endswith("新村") or (behind in {"building", "unit"} and bool(_SERIAL_VILLAGE.search(village)))


def named(
    text: str, start: int, end: int, *, gaps: Iterable[int] = (), before: str = "", behind: str = ""
) -> Iterator[Part]:
    """Return the names that a stretch of a text is made of, front to back.

    Parameters
    ----------
    text
        An address as `writing.plain` writes it.
    start, end
        First and one past the last character of the stretch; it holds no divisions at its front.
    gaps
        Places where the writer left a gap: no name goes on there.
    before, behind
        Kinds of the parts before and behind; empty where there are none.

    Examples
    --------
    >>> [(part.kind, part.value) for part in named("人民路文峰大厦对面", 0, 9)]
    [('road', '人民路'), ('place', '文峰大厦'), ('relation', '对面')]
    """
    position, last = start, before
    for stop in sorted({gap for gap in gaps if start < gap < end} | {end}):
        while position < stop and text[position] == "-":
            position += 1
        while position < stop:
            part = _next(text, position, stop, last, behind if stop == end else "")
            yield part
            position, last = part.end, part.kind


def _next(text: str, start: int, stop: int, last: str, behind: str) -> Part:
    """Return the name or relation that begins here."""
    if said := _ASIDE.match(text, start, stop):
        return Part("other", start, said.end(), said[0])
    if last not in {"", "street"} and (found := _relation(text, start, stop, last)):
        return found
    if last in {"compound", "place", "building"} and (section := _SECTION.match(text, start, stop)):
        return Part("compound", start, section.end(), section[0])
    kind, end = _ended(text, start, stop, last)
    return _named(text, start, end, kind, last, behind if end == stop else "")


def _relation(text: str, start: int, stop: int, last: str) -> Part | None:
    """Return the words that say where, seen from what is named before."""
    found = _RELATION.match(text, start, stop) or _ENDING_RELATION.match(text, start, stop)
    if found is None and last == "road":
        found = _MOUTH.match(text, start, stop) or _AND.match(text, start, stop)
    return Part("relation", start, found.end(), found[0]) if found else None


def _ended(text: str, start: int, stop: int, last: str) -> tuple[str, int]:
    """Return kind and end of the name that begins here: by the ending that comes first, or where no name goes on."""
    for limit in (_INNER_RELATION.search(text, start + _LEAST, stop), _ASIDE.search(text, start + 1, stop)):
        stop = min(stop, limit.start()) if limit else stop
    for found in _ENDING.finditer(text, start, stop):
        if ended := _end_of(found, start, stop, last):
            return ended
    section = (
        _SECTION_BEHIND.search(text, start + _LEAST, stop)
        or _SIDE_BEHIND.search(text, start + _LONG_STEM, stop)
        or _ENDING_RELATION.search(text, start + 3, stop)
    )
    if section and (len(section[0]) > 1 or section[0] in "内旁"):
        return "", section.start()
    return "", stop


def _end_of(found: re.Match[str], start: int, stop: int, last: str) -> tuple[str, int] | None:
    """Return kind and end of a name that has this ending; none where the ending is only a part of the name."""
    text, kind = found.string, found.lastgroup or ""
    if kind == "place":
        end = found.end()
        begins = found.start() == start and end < stop and (found[0] in _BEGINS or _ROAD_SOON.match(text, end, stop))
        return None if begins or _CHAINED.match(text, end, stop) else (kind, end)
    if kind == "road" and (after := _NAMED_AFTER_ROAD.match(text, found.end(), stop)):
        return "place", after.end()
    if found.start() == start and _ROAD_ALONE.match(text, start, stop):
        return "road", found.end()
    if kind == "line":
        return ("road", found.end()) if found.start() - start == 1 and last in {"street", "community"} else None
    if not _may_end(kind, found.start() - start, last):
        return None
    before_road = _long_road(text[start : found.end()]) if kind == "road" else 0
    return ("hamlet", start + before_road) if before_road else (kind, found.end())


def _may_end(kind: str, length: int, last: str) -> bool:
    """Tell whether an ending may stand behind so many characters of a name."""
    if kind == "group":
        return last == "community" and 0 < length <= _LONGEST_TOWN
    if kind == "street":
        return _LEAST <= length <= _LONGEST_TOWN
    return length > 0 or kind == "zone"


def _long_road(name: str) -> int:
    """Return how many characters before the name of a road name something else: 东坝人民路.

    The names of roads have two characters before 路, 东路 and the like, or a few more where they count or come from a
    name that itself has an ending: 海滨十二路, 东湖大道北路.
    """
    if place := _PLACE_BEFORE_ROAD.match(name):
        return place.end()
    found = _ROAD_STEM.fullmatch(name)
    if not found or len(found[1]) < _LONG_STEM or _LONG_NAMED.search(found[1]):
        return 0
    return len(found[1]) - 2


def _named(text: str, start: int, end: int, kind: str, last: str, behind: str) -> Part:
    """Return a part with the kind that its ending, and the parts around it, tell."""
    value = text[start:end]
    kind = kind or _kind_without_ending(value, last, behind)
    if kind == "community" and is_compound(value, behind):
        kind = "compound"
    if kind == "hamlet":
        hamlet = last == "street" and len(value) <= _LONGEST_TOWN and value[-1] not in "区城"
        kind = "community" if hamlet else "zone" if is_zone(value) else ""
    if kind == "zone" and (last == "street" or (behind and value.endswith("新区"))):
        kind = "place"
    if kind == "place" and last != "street" and _WORKS.search(value) and _ROAD_AHEAD.match(text, end):
        kind = "zone"
    if kind in {"road", "street", "community", "zone", "group", "person"}:
        return Part(kind, start, end, canonical(value))
    if last in {"floor", "room"}:
        return Part("person", start, end, value)
    compound = not kind or behind in {"building", "unit"} or _is_residential(value)
    return Part("compound" if compound else "place", start, end, value)


def _is_residential(value: str) -> bool:
    """Tell whether the name of a place is that of a compound: 阳光花园, but not 人民医院."""
    if _RESIDENTIAL.search(value):
        return True
    return bool(COMPOUND_END.search(value)) and not _INSTITUTION.search(value)


def _kind_without_ending(value: str, last: str, behind: str) -> str:
    """Return the kind of a name that no ending tells: 沪杭线, 王经理."""
    if _ROAD_NAME.search(value) or (behind in {"number", "lane"} and ends_as_road(value)):
        return "road"
    if _GROUP_NAME.search(value):
        return "group"
    if last and _PERSON.fullmatch(value) and not ends_as_place(value):
        return "person"
    return ""
