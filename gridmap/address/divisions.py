"""Names of divisions at the front of an address, and whether they can be those of a place."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import NamedTuple

from gridmap.address.nation import Entry, full_named, nation, short_named, within

__all__ = ["DIVISIONS", "Division", "Known", "canonical", "divisions", "is_zone", "nation"]

Known = Mapping[str, tuple[str, str]]
Codes = tuple[str, ...]

_NOWHERE: Codes = ()
_PROVINCE = len("32")
#: 克孜勒苏柯尔克孜自治州 and 双江拉祜族佤族布朗族傣族自治县
_LONGEST_NAME = 15
#: Names for short are shorter, and what an ending tells is no longer than this.
_LONGEST_SHORT = 5
_LONGEST_TOLD = {"province": 8, "city": 12, "district": 4, "street": 8, "community": 12}

#: Levels of divisions an address may begin with, coarsest first.
DIVISIONS = ("province", "city", "district", "street", "community")

_ENDINGS = {
    "省": "province",
    "自治区": "province",
    "特别行政区": "province",
    "自治州": "city",
    "地区": "city",
    # cities proper are known by name; what else is called 市 has the rank of a county
    "市": "district",
    "区": "district",
    "县": "district",
    "旗": "district",
    "街道办事处": "street",
    "街办事处": "street",
    "街道办": "street",
    "街办": "street",
    "街道": "street",
    "镇": "street",
    "乡": "street",
    "社区居民委员会": "community",
    "社区居委会": "community",
    "社区": "community",
    "居民委员会": "community",
    "居委会": "community",
    "村村民委员会": "community",
    "村村委会": "community",
    "村民委员会": "community",
    "村委会": "community",
    "村": "community",
}

#: After these a name goes on: 新市路, 区府大道, 镇南街, 小区.
_ON = r"(?!路|街|大道|大街|巷|弄|公路|里|桥|港|口|[社小园]?区|民委|委会|居委)"
#: 城东小区, 三区 and B区 are parts of a compound.
_NOT_BEFORE = "(?<![小校厂景库院一二三四五六七八九十0-9A-Z])"
#: Names that hold an ending before their own: 练市镇, 桐乡市, 曹家镇村委会, 许村镇, 市场.
_GOING_ON = {
    "市": "(?![镇村乡场])",
    "乡": "(?![市镇村])",
    "镇": "(?!市|村委|村村|村居)",
    "村": "(?![镇乡])",
}
_PATTERNS = [ending + _GOING_ON.get(ending, "") for ending in sorted(_ENDINGS.keys() - {"区"}, key=len, reverse=True)]
_ENDING = re.compile(f"(?:{'|'.join(_PATTERNS)}|{_NOT_BEFORE}区){_ON}")
_NO_DIVISIONS = {"城市", "都市", "超市", "门市", "集市", "东区", "西区", "南区", "北区", "中区"}
_LEAST = 2
#: After the short name of a division these show that it begins the name of something else: 南通路, 宁波大学.
_NAME_GOES_ON = re.compile(
    "[东南西北中一二三四五六七八九十0-9]{0,2}(?:路|街|大道|巷|弄|桥|站|村|社区|小区|新村|花园|大厦|广场|医院|中心|市场|公寓)"
    "|[东南西北中一二三四五六七八九十0-9]{0,2}[苑区期里坊村]|[省市区县村镇乡州港湾寺庙塘岛园城府庄屯岗家楼桥花号]|居委|大学|大桥|大酒店|新区|电子|理工|财经|医科|学院|学校|师范|职业|工业|科技|国际|银行|机场|火车|汽车|中学|小学|"
    "商会|高速|古城|古镇|新城|名都|人家|家园|文化|第[一二三四]|分公司|分行|支行"
)
#: After the full name of one these do, by its last character.
_GOES_ON = {
    **dict.fromkeys("区县旗木", re.compile("路|街(?!道)|大道|巷|弄|公路|医院|政府|人民")),
    "市": re.compile("路|街(?!道)|大道|巷|弄|场|民|政"),
    **dict.fromkeys("镇乡", re.compile("[东南西北中]?(?:路|街(?!道))|大道|巷|弄|村|[市镇]|中学|小学")),
    "道": re.compile("路"),
}
#: A full name behind its own city or province only begins the name of a road if nothing else follows.
_ROAD_ENDS = re.compile("[东南西北中]?(?:路|街|大道|巷|弄)$")
#: 湖州市中心医院 is a place, whatever stood before.
_INSTITUTION = re.compile("中心|人民|第|中级|中医|公安|政府|妇幼|委|局|实验|民政|财政|高级|图书|体育|场|分公司")
_UPPER_END = re.compile("省|市|自治区|自治州")
#: What shows, behind a city or district named for short, that an address goes on.
_ADDRESS_FOLLOWS = re.compile(
    "[^路街巷]{2,}?(?:路|街|大道|巷|[县区市镇乡村]|社区|小区|花园|大厦|广场|公寓|[苑园城])|[^路街巷]+$"
)
#: 控江路 is not short for the street named after it, nor 三里 for a town.
_NO_SHORT = "路街巷道村区"
#: These end the names of zones and of parts of compounds.
_NO_DISTRICT = re.compile(
    "(?:开发|新|园|业|度假|集聚|示范|生活|家属|交易|保税|高新|居住|住宅|其它|其他|(?:^|..)[东南西北中前后老旧]|[一二三四五六七八九十])区$"
)
_ROAD_FOLLOWS = re.compile("[^路街巷]{2,4}?(?:路|街|大道)")
_ZONE_FOLLOWS = re.compile("[东南西北中]?(?:开发|工业|经济|高新|科技|园区|派出所|卫生|中心|政府|农贸|菜|面料|街道)")
_SKIPPED = re.compile("中国(?=[^人民中国]{2})|NULL")
#: A name that an ending tells goes back to where the name before it ends.
_INSIDE = re.compile(
    "(?:路|街|大道|巷|公司|大厦|小区|广场|花园|公寓|市场|学校|医院|工业|开发区|园区)(?!道|社区|居委|[村镇乡]|$)|对面|附近"
)
_OFFICE = re.compile("居(?:民)?委(?:员)?会|民?委(?:员)?会|办事处")

#: Zones that are no division of their own and may be added or left out anywhere.
_ZONES = ("开发区", "新区", "园区", "工业区", "保税区", "度假区", "高新区")


class Division(NamedTuple):
    """A name in front of an address: where it stands, and how it is compared."""

    start: int
    end: int
    level: str
    name: str


def canonical(name: str) -> str:
    """Return a division's name without the office that runs it: 东市社区居委会 is 东市社区."""
    name = re.sub("(?:社区)?居(?:民)?委(?:员)?会$", "社区", name)
    name = re.sub("村?村(?:民)?委(?:员)?会$", "村", name)
    return name.removesuffix("办事处") if name.endswith("街道办事处") else name


def is_zone(name: str) -> bool:
    """Tell whether a name is that of a development zone and the like."""
    return name.endswith(_ZONES)


def divisions(text: str, known: Known, *, gaps: Container[int] = ()) -> Iterator[Division]:
    """Return the division names that a text may begin with, front to back, as far as they go.

    Parameters
    ----------
    text
        Front of an address, up to its first number, as `writing.plain` writes it.
    known
        Divisions that are known to exist, by each of their names: level and full name. They go before what endings
        and the nation's lists tell.
    gaps
        Places in the text before which the writer left a gap: no name goes on there.

    Examples
    --------
    >>> [(one.level, one.name) for one in divisions("浙江杭州余杭良渚莫干山路", {})]
    [('province', '浙江省'), ('city', '杭州市'), ('district', '余杭区'), ('street', '良渚街道')]
    """
    place = _Place(_skipped(text, 0), "", _NOWHERE)
    while place.start < len(text):
        found = _known(text, place.start, known)
        if found:
            place = _Place(found.end, found.level, place.codes)
        else:
            entry = _national(text, place, gaps) or _told(text, place, gaps)
            if entry is None:
                return
            found, codes = entry
            place = _Place(_skipped(text, found.end), found.level, codes)
        yield found


def begins_anew(text: str) -> Iterator[int]:
    """Return the places in a text, behind its front, where a province or city is said in full.

    Examples
    --------
    >>> list(begins_anew("绍兴路浙江省杭州市下城区"))
    [3]
    """
    last = 0
    for found in _UPPER_END.finditer(text):
        starts = range(max(found.end() - _LONGEST_NAME, last), found.end() - 2)
        start = next((place for place in starts if _said_in_full(text[place : found.end()])), 0)
        if start > last and not _INSTITUTION.match(text, found.end()):
            yield start - _province_before(text, start)
            last = found.end()


def _said_in_full(name: str) -> bool:
    """Tell whether this is the full name of a province or city."""
    return nation().get(name, ("", ""))[1] == name


def _province_before(text: str, start: int) -> int:
    """Return how many characters in front name a province for short."""
    sizes = (size for size in (3, 2) if start > size)
    return next((size for size in sizes if len(nation().get(text[start - size : start], ("",))[0]) == _PROVINCE), 0)


class _Place(NamedTuple):
    """How far a text was read: the level of the last division, and the codes it may have."""

    start: int
    level: str
    codes: Codes


def _skipped(text: str, start: int) -> int:
    """Return where a text goes on behind what names no division: 中国, and the NULL of a table."""
    found = _SKIPPED.match(text, start)
    return found.end() if found else start


def _known(text: str, start: int, known: Known) -> Division | None:
    """Return the longest known name that stands here."""
    if not known:
        return None
    for end in range(min(len(text), start + 16), start + 1, -1):
        name = text[start:end]
        if name in known:
            office = _OFFICE.match(text, end)
            end = office.end() if office else end  # noqa: PLW2901 - the search ends here
            return Division(start, end, *known[name])
    return None


def _national(text: str, place: _Place, gaps: Container[int]) -> tuple[Division, Codes] | None:
    """Return the division of the nation that stands here and the codes it may have; a longer name goes first."""
    start = place.start
    for end in range(min(len(text), start + _LONGEST_NAME), start + 1, -1):
        name = text[start:end]
        found = _upper(text, end, name, place, gaps) or _full(text, end, name, place.codes)
        if found is None and end - start <= _LONGEST_SHORT:
            found = _everyday(text, end, name, place, gaps)
        if found:
            office = _OFFICE.match(text, end) if found.level == "street" else None
            return Division(start, office.end() if office else end, found.level, found.name), found.codes
    return None


def _upper(text: str, end: int, name: str, place: _Place, gaps: Container[int]) -> Entry | None:
    """Return the province or city that stands here: by its full name, or its short one where what follows agrees."""
    code, full = nation().get(name, ("", ""))
    if not code:
        return None
    level = "province" if len(code) == _PROVINCE else "city"
    if name != full and place.level not in ("", "province")[: 1 + (level == "city")]:
        return None
    if name != full and end not in gaps and _NAME_GOES_ON.match(text, end):
        return Entry(level, full, (code,)) if _followed(text, end, (code,)) else None
    if name == full and _ROAD_ENDS.match(text, end) and end not in gaps:
        return None
    if name == full or level == "province" or code.startswith(place.codes or "-") or _goes_on(text, end):
        return Entry(level, full, (code,))
    return None


def _followed(text: str, end: int, codes: Codes) -> bool:
    """Tell whether a finer division of these follows: 宁波镇海区, 瑞安塘下镇."""
    stops = range(min(len(text), end + _LONGEST_NAME), end + _LEAST, -1)
    if any(within(entry.codes, codes) for stop in stops for entry in full_named(text[end:stop])):
        return True
    short = short_named(text[end : end + _LEAST], codes)
    return short is not None and not _NAME_GOES_ON.match(text, end + _LEAST)


def _goes_on(text: str, end: int) -> bool:
    """Tell whether an address goes on behind the short name of a city or district: 杭州文三路, 宁波江东区."""
    return bool(_ADDRESS_FOLLOWS.match(text, end))


def _full(text: str, end: int, name: str, above: Codes) -> Entry | None:
    """Return the district or street of this full name, those in the divisions above before others."""
    goes_on = _GOES_ON.get(name[-1])
    if goes_on is None:
        return None
    for entry in full_named(name):
        codes = within(entry.codes, above) or within(entry.codes, tuple(code[:4] for code in above))
        if codes and above and not _ROAD_ENDS.match(text, end):
            return Entry(entry.level, name, codes)
        if not goes_on.match(text, end):
            return Entry(entry.level, name, codes or entry.codes)
    return None


def _everyday(text: str, end: int, name: str, place: _Place, gaps: Container[int]) -> Entry | None:
    """Return the district or street that is called so for short, in the divisions above or the only one there is."""
    if name[-1] in _NO_SHORT or place.level in {"street", "community"}:
        return None
    above = place.codes
    found = short_named(name, above) or (short_named(name, tuple(code[:4] for code in above)) if above else None)
    if found is None or (found.level == "district" and place.level == "district"):
        return None
    if end in gaps:
        return found
    if not above and (len(found.codes) > 1 or not _goes_on(text, end)):
        return None
    if not above and found.level == "street" and not _ROAD_FOLLOWS.match(text, end):
        return None
    if _NAME_GOES_ON.match(text, end) or (found.level == "street" and _ZONE_FOLLOWS.match(text, end)):
        return found if _followed(text, end, found.codes) and found.level == "district" else None
    return found


def _told(text: str, place: _Place, gaps: Container[int]) -> tuple[Division, Codes] | None:
    """Return the name that an ending tells."""
    start = place.start
    found = _ENDING.search(text, start + _LEAST - 1)
    if found is None:
        return None
    level = _ENDINGS[found[0]]
    name = canonical(text[start : found.end()])
    if name in _NO_DIVISIONS or len(name) > _LONGEST_TOLD[level] or _INSIDE.search(text[: found.end()], start):
        return None
    if level == "district" and (place.level in {"district", "street", "community"} or _NO_DISTRICT.search(name)):
        return None
    if any(gap in gaps for gap in range(start + 1, found.end())):
        return None
    return Division(start, found.end(), level, name), place.codes
