"""China's divisions by name: provinces, cities, districts, streets and towns, as they are counted by the nation."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from gridmap.address.writing import plain
from gridmap.resources import shipped

#: Length of the codes of provinces (GB/T 2260).
PROVINCE = len("32")

#: What everyday names leave off, by level.
_DISTRICT_ENDINGS = ("区", "市", "县", "旗")
_STREET_ENDINGS = ("街道", "镇", "乡")

#: Farms, mines and the like that are counted as streets are no part of an address.
_TOWNS = re.compile("[^ ]+(?:街道|镇|乡|苏木)(?=(?:办事处)?(?: |$))")

_PEOPLES = (
    "蒙古族|蒙古|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克|"
    "傣族|黎族|傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|"
    "布朗族|撒拉族|毛南族|仡佬族|锡伯|塔吉克|怒族|鄂温克族|保安族|裕固族|独龙族|普米族|鄂伦春|各族|联合"
)
_AUTONOMOUS = re.compile(f"(?:{_PEOPLES})*自治[区州县旗]$")

#: Cities and counties of Taiwan, which the nation's lists of districts leave out.
TAIWAN = frozenset(
    [f"{name}市" for name in ("台北", "新北", "桃园", "台中", "台南", "高雄", "基隆", "新竹", "嘉义")]
    + [f"{name}县" for name in ("新竹", "苗栗", "彰化", "南投", "云林", "嘉义", "屏东", "宜兰", "花莲", "台东")]
    + [f"{name}县" for name in ("澎湖", "金门", "连江")]
)
TAIWAN_CODES = ("71",)


class Entry(NamedTuple):
    """Divisions of one level that have a name: in which districts, cities or provinces they are."""

    level: str
    #: full name
    name: str
    #: codes: of the divisions, for streets of their districts
    codes: tuple[str, ...]


@lru_cache(maxsize=1)
def nation() -> dict[str, tuple[str, str]]:
    """Return code (2 or 4 digits) and full name of China's provinces and cities by each of their names."""
    with shipped("data/nation.csv").open(encoding="utf-8", newline="") as rows:
        full = {row["name"]: (row["code"], row["name"]) for row in csv.DictReader(rows)}
    short = {_short(name): entry for name, entry in full.items() if len(entry[0]) == PROVINCE or name[-1] in "市盟州区"}
    return {**short, **full}


def _short(name: str) -> str:
    """Return the everyday name of a province or city: 江苏, 内蒙古, 南通, 延边."""
    return _AUTONOMOUS.sub("", name) if "自治" in name else re.sub("特别行政区$|省$|市$|地区$|盟$", "", name)


class _Lists(NamedTuple):
    """The nation's districts and streets by name."""

    #: codes of districts by their full names
    districts: dict[str, tuple[str, ...]]
    #: full names of districts by everyday ones that leave off more than 区: 景宁 for 景宁畲族自治县
    longer: dict[str, str]
    #: codes of their districts by the full names of streets and towns
    streets: dict[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def _lists() -> _Lists:
    """Return districts and streets by name, read when first asked for."""
    districts: dict[str, list[str]] = {}
    streets: dict[str, list[str]] = {}
    longer: dict[str, str] = {}
    with gzip.open(shipped("data/nation_districts.csv.gz"), "rt", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            name, code = plain(row["name"]), row["code"]
            districts.setdefault(name, []).append(code)
            if "自治" in name and len(short := _AUTONOMOUS.sub("", name)) > 1:
                longer[short] = name
            for street in _TOWNS.findall(row["streets"]):
                streets.setdefault(street, []).append(code)
    return _Lists(_fixed(districts), longer, _fixed(streets))


def _fixed(lists: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """Return the lists of a table as tuples."""
    return {name: tuple(codes) for name, codes in lists.items()}


def within(codes: tuple[str, ...], above: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes that lie in one of those above; all where nothing is above.

    Examples
    --------
    >>> within(("320613", "330106"), ("33",))
    ('330106',)
    """
    return tuple([code for code in codes if code.startswith(above)]) if above else codes


def cities(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes of the cities that districts lie in, or lay in before they were cut anew."""
    return tuple([code[:4] for code in codes])


def full_named(name: str) -> Iterator[Entry]:
    """Return the districts and streets whose full name this is, coarser first."""
    districts, _, streets = _lists()
    if name in districts:
        yield Entry("district", name, districts[name])
    if name in streets:
        yield Entry("street", name, streets[name])


def short_named(name: str, above: tuple[str, ...], *, level: str = "") -> Entry | None:
    """Return what may be called by this name for short in the divisions above; a district goes before a street.

    With a level, nothing of another one is looked for.
    """
    districts, longer, streets = _lists()
    full = longer.get(name) or next((name + ending for ending in _DISTRICT_ENDINGS if name + ending in districts), "")
    if full and level != "street" and (codes := within(districts[full], above)):
        return Entry("district", full, codes)
    for ending in _STREET_ENDINGS:
        if name + ending in streets and (codes := within(streets[name + ending], above)):
            return Entry("street", name + ending, codes)
    return None
