"""Names of divisions at the front of an address, and whether they can be those of a place."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import NamedTuple

from gridmap.address.nation import PROVINCE, TAIWAN_CODES, full_named, nation, within
from gridmap.address.recognition import Codes, Front, Place, recognise

__all__ = ["DIVISIONS", "Division", "Known", "canonical", "divisions", "is_zone", "nation", "skipped"]

Known = Mapping[str, tuple[str, str]]


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
#: Names that hold an ending before their own: 练市镇, 桐乡市, 曹家镇村委会, 许村镇, 李村村, 市场.
_GOING_ON = {
    "市": "(?![镇村乡场心])",
    "乡": "(?![市镇村])",
    "镇": "(?!村委|村村|村居)",
    "村": "(?![镇乡村民]|信用|商业银行|合作)",
    "社区": "(?!卫生)",
}
_PATTERNS = [ending + _GOING_ON.get(ending, "") for ending in sorted(_ENDINGS.keys() - {"区"}, key=len, reverse=True)]
_ENDING = re.compile(f"(?:{'|'.join(_PATTERNS)}|{_NOT_BEFORE}区){_ON}")
_NO_DIVISIONS = {
    "城区",
    "市区",
    "郊区",
    "矿区",
    "城市",
    "都市",
    "超市",
    "门市",
    "集市",
    "东区",
    "西区",
    "南区",
    "北区",
    "中区",
}
_LEAST = 2
#: 茶乡中路 and 花市北街 are roads; 平潮镇西路 is the western road of a town.
_BEGINS_ROAD = re.compile("[东南西北中](?:路|街(?!道)|大道|大街)")
#: What an ending tells is no longer than this; full names reach as far as 双江拉祜族佤族布朗族傣族自治县.
_LONGEST_TOLD = {"province": 8, "city": 12, "district": 4, "street": 8, "community": 12}
_LONGEST_NAME = 15
#: These end the names of zones and of parts of compounds.
_NO_DISTRICT = re.compile(
    "(?:开发|新|园|业|度假|集聚|示范|生活|家属|交易|保税|高新|居住|住宅|其它|其他|(?:^|..)[东南西北中前后老旧]"
    "|[一二三四五六七八九十])区$"
)
#: A name that an ending tells goes back to where the name before it ends.
_INSIDE = re.compile(
    "(?:路|街|大道|巷|公司|大厦|小区|广场|花园|公寓|市场|学校|医院|工业|开发区|园区)(?!道|街道|社区|居委|办|[村镇乡]|$)"
    "|对面|附近"
)
#: Villages of Taiwan's cities.
_LI = re.compile("[^路街巷弄号0-9区市镇乡]{2,3}里(?![路街])")
_OFFICE = re.compile("居(?:民)?委(?:员)?会|民?委(?:员)?会|办事处")
#: What names no division: 中国 before a province, the NULL of a table, 市辖区 for any district of a city; 城区 is one
#: in the cities that have a district called so.
_SKIPPED = re.compile(
    "中国(?=.{1,6}(?:省|市|自治区))|NULL|市辖区|其[它他]地?区|[城市]区(?!.{0,3}(?:小区|[学院局所厂村])|社区)"
)
_UPPER_END = re.compile("省|市|自治区|自治州")
#: 南通市中心医院 is a place, whatever stood before.
_INSTITUTION = re.compile("中心|人民|第|中级|中医|公安|政府|妇幼|委|局|实验|民政|财政|高级|图书|体育|场|分公司")
#: So is 南通市文峰有限公司, if nothing of an address stands between.
_COMPANY = re.compile("[^省市区县旗镇乡路街村道]{2,16}(?:公司|集团|厂|局|研究院|研究所|大学|学院|学校|协会)")

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
    front, place = Front(text, gaps), Place(0, "", ())
    while place.start < len(text):
        by_name = _known(text, place.start, known)
        place = place if by_name else place._replace(start=skipped(text, place.start, place.codes))
        found = (by_name, place.codes) if by_name else _recognised(front, place) or _told(front, place)
        if found is None:
            return
        division, codes = found
        yield division
        place = Place(division.end, division.level, codes)


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
        if start > last and not _INSTITUTION.match(text, found.end()) and not _COMPANY.match(text, found.end()):
            yield start - _province_before(text, start)
            last = found.end()


def _said_in_full(name: str) -> bool:
    """Tell whether this is the full name of a province or city."""
    return nation().get(name, ("", ""))[1] == name


def _province_before(text: str, start: int) -> int:
    """Return how many characters in front name a province for short."""
    sizes = (size for size in (3, 2) if start > size)
    return next((size for size in sizes if len(nation().get(text[start - size : start], ("",))[0]) == PROVINCE), 0)


def skipped(text: str, start: int, above: Codes = ()) -> int:
    """Return where a text goes on behind what names no division below those above: 中国, 市辖区, the NULL of a table.

    Examples
    --------
    >>> skipped("城区人民路", 0), skipped("人民路", 0)
    (2, 0)
    """
    found = _SKIPPED.match(text, start)
    if found is None or (above and any(within(entry.codes, above) for entry in full_named(found[0]))):
        return start
    return found.end()


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


def _recognised(front: Front, place: Place) -> tuple[Division, Codes] | None:
    """Return the division of the nation that stands here, and the codes it may have."""
    found = recognise(front, place)
    if found is None:
        return None
    entry, end = found
    office = _OFFICE.match(front.text, end) if entry.level == "street" else None
    return Division(place.start, office.end() if office else end, entry.level, entry.name), entry.codes


def _told(front: Front, place: Place) -> tuple[Division, Codes] | None:
    """Return the name that an ending tells."""
    text, start = front.text, place.start
    found = place.codes == TAIWAN_CODES and _LI.match(text, start)
    if found:
        return Division(start, found.end(), "community", found[0]), place.codes
    found = _ENDING.search(text, start + _LEAST - 1)
    if not found or any(gap in front.gaps for gap in range(start + 1, found.end())):
        return None
    level, name = _ENDINGS[found[0]], canonical(text[start : found.end()])
    if len(name) == _LEAST and _BEGINS_ROAD.match(text, found.end()):
        return None
    if not _may_be(name, level, place.level) or _INSIDE.search(text[: found.end()], start):
        return None
    return Division(start, found.end(), level, name), place.codes


def _may_be(name: str, level: str, above: str) -> bool:
    """Tell whether a name with the ending of a level may be that of a division below another."""
    if name in _NO_DIVISIONS or len(name) > _LONGEST_TOLD[level]:
        return False
    return level != "district" or (above in {"", "province", "city"} and not _NO_DISTRICT.search(name))
