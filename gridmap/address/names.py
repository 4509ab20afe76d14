"""The names in an address: roads, villages, zones, compounds and other places, and words such as 对面 between them.

A name is told by how it ends: 路 ends a road, 村 a village, 大厦 a place. Where no ending tells, all that is left is one
name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gridmap.address.divisions import canonical


class Part(NamedTuple):
    """A part of a plainly written text, by its place in it."""

    kind: str
    start: int
    end: int
    value: str


def _any(words: str) -> str:
    """Return a pattern of any of the words, longer ones first."""
    return "|".join(sorted(words.split(), key=len, reverse=True))


_COUNT = "[一二三四五六七八九十百两0-9]"
_SIDE = "(?:[东南西北]{1,2}|[前后左右上下里外]|正|斜)"
_AWAY = f"{_COUNT}+(?:米|公里|里路|千米)(?:左右|处|远)?"
_RELATION = re.compile(
    f"(?:往|向|朝|以|再|进|靠|由)?{_SIDE}?(?:行|走|约|还|转|拐)?{_AWAY}(?:对面|路[东南西北])?"
    "|(?:正|斜|东|西|南|北)?(?:对面|对过|对门)|隔壁|(?:附近|旁边|边上|旁|周边|周围)"
    "|(?:的)?(?:[丁十三]字)?(?:路口|交叉路?口|交叉处?|交汇处?口?|交界处?口?|交接处|交岔口|交口|转角处?|拐角处?)(?:[东南西北]{1,2}[角侧面边])?"
    "|(?:往|向|朝)[东南西北]{1,2}(?:[行走]|方向)?|以[东南西北]{1,2}"
    f"|[东南西北]{{1,2}}(?:侧|面|边|端|首|头|角)|(?:后面|前面|里面|外面|左边|右边|左侧|右侧|中间|之间|后侧|前侧)"
    "|楼下|楼上|院内|校内|门口|门前|内部"
)
#: These say where only at the end of a name, or between two roads.
_ENDING_RELATION = re.compile("[内外旁口后边上下](?:侧)?$|[东南西北]$")
_AND = re.compile("[与和跟及](?=[^与和跟及]{1,8}(?:路|街|大道|巷|道))")

_ROAD = "大道 大街 公路 路 街 巷 胡同 国道 省道 县道 乡道 弄堂 弄 步行街 支路 辅路"
#: What goes on as a part of a road: 人民路东段, 中山路二巷
_ROAD_ON = "(?:[东南西北中]|[一二三四五六七八九])段"
_ROAD_NOT = "(?!道|桥|镇|乡|村|社区|居委|坊|铺|[东南西北中]{1,2}[一二三四]?(?:路|街|巷|大道))"
_NUMBERED_ROAD = "[东南西北][一二三四五六]环(?!路)|[0-9一二三四五六七八九十]+道(?![0-9]*路)"
_VILLAGE = (
    "社区居民委员会 社区居委会 社区 居民委员会 居委会 村村民委员会 村民委员会 村村委会 村委会 村 自然村 行政村 大队"
)
_ZONE = "新区 开发区 高新区 保税区 出口加工区 度假区 集聚区 示范区"
#: Endings of names of places, after which another name may begin.
_PLACE = (
    "小区 花园 家园 公寓 大厦 广场 新村 公馆 花苑 嘉苑 佳苑 雅苑 景苑 名苑 嘉园 佳园 雅园 别墅 山庄 豪庭 华庭 府邸 名邸 "
    "公司 集团 工厂 厂房 医院 卫生院 卫生所 诊所 学校 小学 中学 大学 学院 幼儿园 校区 宿舍 分校 党校 酒店 宾馆 饭店 旅馆 招待所 会所 "
    "超市 商场 市场 商城 商厦 商贸城 轻纺城 购物中心 批发部 百货 菜场 商业街 步行街 "
    "工业区 工业园 工业园区 工业城 科技园 科技园区 产业园 产业园区 创业园 创意园 软件园 物流园 物流园区 园区 产业基地 基地 "
    "大楼 写字楼 办公楼 综合楼 宿舍楼 教学楼 行政楼 商务楼 科技楼 实验楼 "
    "法院 检察院 派出所 公安局 税务局 财政局 工商局 供电局 供电所 邮政局 国税局 地税局 政府 居委 银行 支行 分行 信用社 营业厅 营业部 "
    "汽车站 火车站 车站 客运站 地铁站 公交站 加油站 收费站 服务站 机场 码头 体育馆 体育场 图书馆 博物馆 文化宫 影剧院 电影院 公园 "
    "服务中心 活动中心 会展中心 商务中心 研究院 研究所 设计院 养老院 敬老院 福利院 物流 仓库 大院 车库 工地 项目部 事务所 组团"
)
_PLACE_NOT = "(?![东南西北中前后新老上下]?[一二三四五六七八九十]?(?:路(?!口)|街|大道|巷|弄|桥|线)(?!道)|[市区县]|门市|社区|居委|村)"
_ENDING = re.compile(
    f"(?P<road>(?:(?:{_any(_ROAD)}){_ROAD_NOT}(?:{_ROAD_ON})?|{_NUMBERED_ROAD}))"
    f"|(?P<community>(?<![新园])(?:{_any(_VILLAGE)})(?!镇|乡|民|委|路|街|大道|巷|小区|公寓))"
    f"|(?P<zone>(?:{_any(_ZONE)}){_PLACE_NOT})"
    f"|(?P<place>(?:{_any(_PLACE)}){_PLACE_NOT})"
)
#: Parts of a compound or a building: 三期, 东区, A区, 北门, 2号门.
_SECTION = re.compile(
    "(?:[东南西北中]{0,2}[一二三四五六七八九十]{1,3}|[东南西北中前后]{1,2}大?|[A-Z]?[0-9]{0,2}|大|[左右])(?:期|区|号门|门|组团|标段|苑|团)(?![市县路街])"
    "|地下室|门卫室?|传达室|裙楼|[东南西北主副前后]楼|底商|商铺|店面|车库|仓库|宿舍|架空层"
)
#: What is said to a carrier, not of the place.
_ASIDE = re.compile("(?:请|到了?|先)?(?:电话?联系?|打电话|致电)(?:我)?$|电联|收$|丰巢|快递柜|自提|代收")

_COMPOUND = re.compile(
    "(?:小区|花园|家园|公寓|大厦|广场|新村|公馆|国际|中心|[东南西北0-9A-Z一二三四五六七八九十][区期]|大楼|山庄|别墅|"
    "园|苑|城|府|郡|墅|湾|庭|院|居|楼|座|厂|期|里|坊|屯|邸|寓)$"
)


#: What a road's name ends with before its number.
_ROAD_END = re.compile(r"(?:[路街道巷弄]|胡同|国道|省道|县道|线|桥|[东南西北中一二三四五六七八九]段)$")
#: Behind these a number is that of a shop or room, not of a building.
_MARKET_END = re.compile(
    "(?:市场|商城|[贸纺配革材具器饰衫鞋服商][城都]|大厦|商厦|大楼|[商写]铺|店面|超市|百货|银泰|国际|字楼|公楼)$"
)
#: Names that are a road's without a number behind them: 灵宜线, but not 阳光新干线 nor 生产线.
_ROAD_NAME = re.compile("^[^A-Z0-9]{1,3}(?<![干产天热专])线$")
_GROUP_NAME = re.compile("[^班小集团]{2}组$")
_PLACE_END = re.compile(f"(?:{_any(_PLACE)})$")


def ends_as_road(text: str) -> bool:
    """Tell whether a text ends like the name of a road."""
    return bool(_ROAD_END.search(text))


def ends_as_place(text: str) -> bool:
    """Tell whether a text ends like the name of a compound or another place."""
    return bool(_COMPOUND.search(text) or _PLACE_END.search(text))


def ends_as_market(text: str) -> bool:
    """Tell whether a text ends like the name of one building or market with many doors inside."""
    return bool(_MARKET_END.search(text))


def is_relation(text: str) -> bool:
    """Tell whether a text only says where, seen from what is named before: 对面, 往东50米."""
    return bool(_RELATION.fullmatch(text))


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
    """
    stops = sorted({gap for gap in gaps if start < gap < end} | {end})
    position, last = start, before
    for stop in stops:
        while position < stop:
            part = _next(text, position, stop, last, behind if stop == end else "")
            yield part
            position, last = part.end, part.kind


def _next(text: str, start: int, stop: int, last: str, behind: str) -> Part:
    """Return the name or relation that begins here."""
    said = _ASIDE.match(text, start, stop)
    if said:
        return Part("other", start, said.end(), said[0])
    if last and (found := _relation(text, start, stop, last)):
        return found
    if last in {"compound", "place", "building"} and (section := _SECTION.match(text, start, stop)):
        return Part("compound", start, section.end(), section[0])
    kind, end = _ended(text, start, stop) or ("", stop)
    end, kind = _before_aside(text, start, end, kind, last)
    return _named(text, start, end, kind, last, behind if end == stop else "")


def _relation(text: str, start: int, stop: int, last: str) -> Part | None:
    """Return the words that say where, seen from what is named before."""
    found = _RELATION.match(text, start, stop) or _ENDING_RELATION.match(text, start, stop)
    if found is None and last == "road":
        found = _AND.match(text, start, stop)
    return Part("relation", start, found.end(), found[0]) if found else None


def _ended(text: str, start: int, stop: int) -> tuple[str, int] | None:
    """Return kind and end of the name whose ending comes first."""
    for found in _ENDING.finditer(text, start, stop):
        kind = found.lastgroup or ""
        if found.start() > start or kind in {"place", "zone"}:
            return kind, found.end()
    return None


def _before_aside(text: str, start: int, end: int, kind: str, last: str) -> tuple[int, str]:
    """Return end and kind of a name without the words for a carrier and the relation at its end."""
    if kind:
        return end, kind
    said = _ASIDE.search(text, start + 1, end)
    end = said.start() if said else end
    for found in _RELATION.finditer(text, start + 2, end):
        return found.start(), kind
    found = _ENDING_RELATION.search(text, start + 3, end)
    return (found.start(), kind) if found and found[0][0] in "内旁" else (end, kind)


def _named(text: str, start: int, end: int, kind: str, last: str, behind: str) -> Part:
    """Return a part with the kind that its ending, and the parts around it, tell."""
    value = text[start:end]
    if not kind and (_ROAD_NAME.search(value) or (behind in {"number", "lane"} and not ends_as_place(value))):
        kind = "road" if ends_as_road(value) else ""
    if not kind and _GROUP_NAME.search(value):
        kind = "group"
    if kind in {"road", "community", "zone", "group"}:
        return Part(kind, start, end, canonical(value))
    if last in {"floor", "room"}:
        return Part("person", start, end, value)
    compound = _COMPOUND.search(value) or behind in {"building", "unit"} or not kind
    return Part("compound" if compound else "place", start, end, value)
