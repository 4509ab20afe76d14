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
#: 克孜勒苏柯尔克孜自治州 and 双江拉祜族佤族布朗族傣族自治县
_LONGEST_NAME = 15

#: Levels of divisions an address may begin with, coarsest first.
DIVISIONS = ("province", "city", "district", "street", "community")

_ENDINGS = {
    "省": "province",
    "自治区": "province",
    "特别行政区": "province",
    "自治州": "city",
    "地区": "city",
    "盟": "city",
    # cities proper are known by name; what else is called 市 has the rank of a county
    "市": "district",
    "区": "district",
    "县": "district",
    "旗": "district",
    "街道办事处": "street",
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
    "盟": "(?!村)",
}
_PATTERNS = [ending + _GOING_ON.get(ending, "") for ending in sorted(_ENDINGS.keys() - {"区"}, key=len, reverse=True)]
_ENDING = re.compile(f"(?:{'|'.join(_PATTERNS)}|{_NOT_BEFORE}区){_ON}")
_NO_DIVISIONS = {"城市", "都市", "超市", "门市", "集市", "东区", "西区", "南区", "北区", "中区"}
_LEAST = 2
#: After the short name of a division these show that it begins the name of something else: 南通路, 宁波大学.
_NAME_GOES_ON = re.compile(
    "[东南西北中一二三四五六七八九十0-9]{0,2}(?:路|街|大道|巷|弄|桥|站|村|社区|小区|新村|花园|大厦|广场|医院|中心|市场|公寓)"
    "|[省市区县村镇乡州港湾湖山江河里寺庙塘岛]|居委|大学|大桥|大酒店|学院|学校|师范|职业|工业|科技|国际|银行|机场|火车|汽车|中学|小学|"
    "商会|高速|古城|古镇|新城|名都|人家|家园|文化|第[一二三四]|分公司|分行|支行"
)
#: After the full name of one these do, by its last character.
_GOES_ON = {
    **dict.fromkeys("区县旗木", re.compile("路|街(?!道)|大道|巷|弄|公路|医院|政府|人民")),
    "市": re.compile("路|街(?!道)|大道|巷|弄|场|民|政"),
    **dict.fromkeys("镇乡", re.compile("[东南西北中]?(?:路|街(?!道))|大道|巷|弄|村|[市镇]|中学|小学")),
    "道": re.compile("路"),
}
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
    start, above = 0, _NOWHERE
    while start < len(text):
        found = _known(text, start, known)
        if found is None:
            found, above = _national(text, start, above, gaps) or (_told(text, start, gaps), above)
        if found is None:
            return
        yield found
        start = found.end


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


def _national(text: str, start: int, above: Codes, gaps: Container[int]) -> tuple[Division, Codes] | None:
    """Return the division of the nation that stands here and the codes it may have."""
    for end in range(min(len(text), start + _LONGEST_NAME), start + 1, -1):
        name = text[start:end]
        found = _upper(text, start, end, above, gaps) or _full(text, end, name, above)
        if found is None and above:
            found = _everyday(text, end, name, above, gaps)
        if found:
            office = _OFFICE.match(text, end) if found.level == "street" else None
            return Division(start, office.end() if office else end, found.level, found.name), found.codes
    return None


def _upper(text: str, start: int, end: int, above: Codes, gaps: Container[int]) -> Entry | None:
    """Return the province or city that stands here: by its full name, or its short one where what follows agrees."""
    name = text[start:end]
    code, full = nation().get(name, ("", ""))
    if not code or (name != full and _NAME_GOES_ON.match(text, end) and end not in gaps):
        return None
    level = "province" if len(code) == len("32") else "city"
    if name == full or level == "province" or (above and code.startswith(above)) or _followed(text, end, code, gaps):
        return Entry(level, full, (code,))
    return None


def _followed(text: str, end: int, code: str, gaps: Container[int]) -> bool:
    """Tell whether a division of a city follows."""
    return end in gaps or any(
        _full(text, stop, text[end:stop], (code,)) or _everyday(text, stop, text[end:stop], (code,), gaps)
        for stop in range(min(len(text), end + _LONGEST_NAME), end + 1, -1)
    )


def _full(text: str, end: int, name: str, above: Codes) -> Entry | None:
    """Return the district or street of this full name, best one in the divisions above."""
    if name[-1] not in "区市县旗镇乡道木" or _GOES_ON[name[-1]].match(text, end):
        return None
    for entry in full_named(name):
        if codes := within(entry.codes, above) or entry.codes:
            return Entry(entry.level, name, codes)
    return None


def _everyday(text: str, end: int, name: str, above: Codes, gaps: Container[int]) -> Entry | None:
    """Return the district or street in the divisions above that is called so for short."""
    if end not in gaps and _NAME_GOES_ON.match(text, end):
        return None
    return short_named(name, above)


def _told(text: str, start: int, gaps: Container[int]) -> Division | None:
    """Return the name that an ending tells."""
    found = _ENDING.search(text, start + _LEAST - 1)
    if found is None or found.end() - start > _LONGEST_NAME:
        return None
    name = canonical(text[start : found.end()])
    if name in _NO_DIVISIONS or _INSIDE.search(text[: found.end()], start):
        return None
    if any(place in gaps for place in range(start + 1, found.end())):
        return None
    return Division(start, found.end(), _ENDINGS[found[0]], name)
