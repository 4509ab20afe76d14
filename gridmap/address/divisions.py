"""Names of divisions at the front of an address, and whether they can be those of a place."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from gridmap.resources import shipped

Known = Mapping[str, tuple[str, str]]

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
_ROADS = re.compile("[东南西北中一二三四五六七八九十0-9]{0,2}(?:路|街|大道|巷)|[省市区县村镇乡]|社区|居委")
_OFFICE = re.compile("居(?:民)?委(?:员)?会|民?委(?:员)?会|办事处")

#: Zones that are no division of their own and may be added or left out anywhere.
_ZONES = ("开发区", "新区", "园区", "工业区", "保税区", "度假区", "高新区")


class Division(NamedTuple):
    """A name in front of an address: where it stands, and how it is compared."""

    start: int
    end: int
    level: str
    name: str


@lru_cache(maxsize=1)
def nation() -> dict[str, tuple[str, str]]:
    """Return code (2 or 4 digits) and full name of China's provinces and cities by each of their names."""
    with shipped("data/nation.csv").open(encoding="utf-8", newline="") as rows:
        full = {row["name"]: (row["code"], row["name"]) for row in csv.DictReader(rows)}
    short = {_short(name): entry for name, entry in full.items() if len(entry[0]) == len("32") or name.endswith("市")}
    return {**short, **full}


def _short(name: str) -> str:
    """Return the everyday name of a province or city: 江苏, 内蒙古, 南通."""
    return re.sub("(?:壮族|回族|维吾尔)?自治区$|特别行政区$|省$|市$", "", name)


def canonical(name: str) -> str:
    """Return a division's name without the office that runs it: 东市社区居委会 is 东市社区."""
    name = re.sub("(?:社区)?居(?:民)?委(?:员)?会$", "社区", name)
    name = re.sub("村?村(?:民)?委(?:员)?会$", "村", name)
    return name.removesuffix("办事处") if name.endswith("街道办事处") else name


def is_zone(name: str) -> bool:
    """Tell whether a name is that of a development zone and the like."""
    return name.endswith(_ZONES)


def divisions(text: str, known: Known) -> Iterator[Division]:
    """Return the division names that a text may begin with, front to back, as far as they go.

    Parameters
    ----------
    text
        Front of an address, up to its first number, as `writing.plain` writes it.
    known
        Divisions that are known to exist, by each of their names: level and full name. They go before what endings
        tell.
    """
    start, level = 0, ""
    while start < len(text):
        found = _known(text, start, known) or _national(text, start, level) or _told(text, start)
        if found is None:
            return
        yield found
        start, level = found.end, found.level


def _known(text: str, start: int, known: Known) -> Division | None:
    """Return the longest known name that stands here."""
    for end in range(min(len(text), start + 16), start + 1, -1):
        name = text[start:end]
        if name in known:
            office = _OFFICE.match(text, end)
            end = office.end() if office else end  # noqa: PLW2901 - the search ends here
            return Division(start, end, *known[name])
    return None


def _national(text: str, start: int, above: str) -> Division | None:
    """Return the province that stands here, or the city where a province stood before or the name is full."""
    for end in range(min(len(text), start + 11), start + 1, -1):
        code, name = nation().get(text[start:end], ("", ""))
        if not code or (text[start:end] != name and _ROADS.match(text, end)):
            continue
        if len(code) == len("32"):
            return Division(start, end, "province", name)
        if above == "province" or text[end - 1] in "市州盟区":
            return Division(start, end, "city", name)
    return None


def _told(text: str, start: int) -> Division | None:
    """Return the name that an ending tells."""
    found = _ENDING.search(text, start + _LEAST - 1)
    if found is None:
        return None
    name = canonical(text[start : found.end()])
    if name in _NO_DIVISIONS:
        return None
    return Division(start, found.end(), _ENDINGS[found[0]], name)
