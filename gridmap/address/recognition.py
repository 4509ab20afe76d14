"""Which of the nation's divisions stands at a place in a text: by its full name, or for short where the rest agrees."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import NamedTuple

from gridmap.address.nation import (
    PROVINCE,
    TAIWAN,
    TAIWAN_CODES,
    Entry,
    cities,
    full_named,
    nation,
    short_named,
    within,
)

Codes = tuple[str, ...]

_LEAST = 2
#: 双江拉祜族佤族布朗族傣族自治县; names for short are shorter.
_LONGEST_NAME = 15
_LONGEST_SHORT = 5
#: After the short name of a division these show that it begins the name of something else: 南通路, 宁波大学.
_NAME_GOES_ON = re.compile(
    "[东南西北中内外山新一二三四五六七八九十0-9]{0,2}"
    "(?:路|街|大街|大道|巷|弄|桥|站|社区|小区|新村|花园|大厦|广场|医院|中心|市场|公寓|[苑区期里坊村])"
    "|[省市县镇乡州港湾寺庙塘岛园城府庄屯岗家楼花号门]|.[园苑城]$|居委|大学|大酒店|新区|电子|理工|财经|医科|学院|学校|师范|职业"
    "|工业|科技|国际|银行|机场|火车|汽车|中学|小学|商会|高速|古城|古镇|新城|名都|人家|家园|文化|第[一二三四]"
    "|分公司|分行|支行|公司|集团|有限|超市|商场|酒店|宾馆|饭店|农场|林场"
)
#: After a full name these do, by its last character.
_GOES_ON = {
    **dict.fromkeys("区县旗木", re.compile("路|街(?!道)|大道|巷|弄|公路|医院|政府|人民")),
    "市": re.compile("路|街(?!道)|大道|巷|弄|场|民|政"),
    **dict.fromkeys("镇乡", re.compile("[东南西北中]?(?:路|街(?!道))|大道|巷|弄|村|镇|中学|小学")),
    "道": re.compile("路"),
}
#: A full name in its own city or province only begins the name of a road if nothing else follows.
_ROAD_ENDS = re.compile("[东南西北中]?(?:路|街|大道|巷|弄)$")
#: What shows, behind a city or district named for short, that an address goes on.
_NAME_FOLLOWS = "[^路街巷]{2,}?(?:路|街|大道|巷|[县区市镇乡村]|社区|小区|花园|大厦|广场|公寓|[苑园城])"
_ADDRESS_FOLLOWS = re.compile(_NAME_FOLLOWS)
_CITY_GOES_ON = re.compile(f"{_NAME_FOLLOWS}|[^路街巷]+$")
#: Behind a short name that nothing is said above of: a village, a road, or a name long enough for a place of its own.
_NAMED_FOLLOWS = re.compile(
    "(?!.?(?:街道|镇|乡)|办事处|工贸|体育)(?:[^路街巷]{2,5}?(?:村|社区)|.{2,8}(?:路|街|大道)|[^0-9A-Z对旁附]{4})"
)
#: A district by its ending, as those are that were abolished: 南通港闸区.
_DISTRICT_FOLLOWS = re.compile("[^路街巷东南西北新小园发业]{2}[区县]")
_FULL_END = re.compile("(?:街道|镇|乡)$")
#: Many towns have roads of these names, so the name of the town does not go on: 南通学院中路.
_ROAD_OF_ITS_OWN = re.compile("(?:学院|科技|工业|机场|火车站|大学|文化|新桥|城[东南西北])[东南西北中]?(?:路|大道|街)")
#: What shows, behind a district that is said again, that an address goes on: 崇川区崇川观音山路.
_ROAD_AGAIN = re.compile("[^路街巷]{3}[东南西北中]?(?:路|街|大道)|[东南西北][一二三四五六]环")
_ROAD_FOLLOWS = re.compile("[^路街巷]{2,4}?(?:路|街|大道)")
#: 良渚工业区 and 乔司派出所 are places, not what lies in a town.
_ZONE_FOLLOWS = re.compile("[东南西北中]?(?:开发|工业|经济|高新|科技|园区|派出所|卫生|中心|政府|农贸|菜|面料|街道)")
#: 控江路 is not short for the street named after it.
_NO_SHORT = "路街巷道村区"


#: Districts whose names are words are told in their own cities only.
_WORDS = frozenset({"城区", "郊区", "矿区"})


class Front(NamedTuple):
    """The front of an address, and the places in it before which the writer left a gap."""

    text: str
    gaps: Container[int]


class Place(NamedTuple):
    """How far a front was read: the level of the last division, and the codes it may have."""

    start: int
    level: str
    codes: Codes


def recognise(front: Front, place: Place) -> tuple[Entry, int] | None:
    """Return the division that stands at a place, a longer name before a shorter one, and where its name ends."""
    start = place.start
    for end in range(min(len(front.text), start + _LONGEST_NAME), start + 1, -1):
        name = front.text[start:end]
        found = _upper(front, end, name, place) or _full(front, end, name, place.codes)
        if found is None and end - start <= _LONGEST_SHORT:
            found = _everyday(front, end, name, place)
        if found:
            return found, end
    return None


def _upper(front: Front, end: int, name: str, place: Place) -> Entry | None:
    """Return the province or city that stands here: by its full name, or its short one where what follows agrees."""
    if name in TAIWAN:
        return Entry("city", name, TAIWAN_CODES)
    code, full = nation().get(name, ("", ""))
    if not code:
        return None
    level = "province" if len(code) == PROVINCE else "city"
    if name == full:
        said = end in front.gaps or not _ROAD_ENDS.match(front.text, end)
    else:
        said = _said_short(front, end, code, place) or _said_again(front, end, code, place)
    return Entry(level, full, (code,)) if said else None


def _said_short(front: Front, end: int, code: str, place: Place) -> bool:
    """Tell whether a province or city is meant by its short name: 浙江, 杭州天目山路, 南通海门区, but not 宁波大学."""
    if place.level not in {"", "province"} or (place.level == "province" and len(code) == PROVINCE):
        return False
    if end not in front.gaps and _names_more(front.text, end):
        return _followed(front.text, end, (code,))
    return len(code) == PROVINCE or code.startswith(place.codes or "-") or bool(_CITY_GOES_ON.match(front.text, end))


def _names_more(text: str, end: int) -> bool:
    """Tell whether a short name here begins the name of something else: 宁波大学, but not 宁波大学路."""
    return bool(_NAME_GOES_ON.match(text, end)) and not _ROAD_OF_ITS_OWN.match(text, end)


def _said_again(front: Front, end: int, code: str, place: Place) -> bool:
    """Tell whether a province or city is said again for short, with what lies in it: 南通市崇川区南通崇川人民路."""
    above = place.codes if place.level not in {"street", "community"} else ()
    if not above or not all(one.startswith(code) for one in above):
        return False
    return bool(_DISTRICT_FOLLOWS.match(front.text, end)) or _followed(front.text, end, (code,))


def _followed(text: str, end: int, codes: Codes) -> bool:
    """Tell whether a finer division of these follows: 南通海门区, 如皋长江镇."""
    stops = range(min(len(text), end + _LONGEST_NAME), end + _LEAST, -1)
    if any(within(entry.codes, codes) for stop in stops for entry in full_named(text[end:stop])):
        return True
    short = short_named(text[end : end + _LEAST], codes)
    return short is not None and not _NAME_GOES_ON.match(text, end + _LEAST)


def _full(front: Front, end: int, name: str, above: Codes) -> Entry | None:
    """Return the district or street of this full name, those in the divisions above before others."""
    goes_on = _GOES_ON.get(name[-1])
    if goes_on is None:
        return None
    for entry in full_named(name):
        codes = within(entry.codes, above) or within(entry.codes, cities(above))
        if name in _WORDS and not (codes and above):
            return None
        if codes and above and not _ROAD_ENDS.match(front.text, end):
            return entry._replace(codes=codes)
        if not goes_on.match(front.text, end):
            return entry._replace(codes=codes or entry.codes)
    return None


def _everyday(front: Front, end: int, name: str, place: Place) -> Entry | None:
    """Return the district or street that is called so for short, in the divisions above or the only one there is."""
    if name[-1] in _NO_SHORT or place.level in {"street", "community"}:
        return None
    above = place.codes
    found = short_named(name, above) or (short_named(name, cities(above)) if above else None)
    if found and found.level == place.level and not _district_again(front, end, found, above):
        found = short_named(name, cities(above), level="street")
    if found is None:
        return None
    return found if (above and end in front.gaps) or _goes_on(front.text, end, found, above) else None


def _district_again(front: Front, end: int, found: Entry, above: Codes) -> bool:
    """Tell whether the district above is said again for short, with what lies in it: 如皋市如皋长江镇."""
    again = _followed(front.text, end, found.codes) or bool(_ROAD_AGAIN.match(front.text, end))
    return again and bool(within(found.codes, above))


def _goes_on(text: str, end: int, found: Entry, above: Codes) -> bool:
    """Tell whether an address goes on behind the short name of a district or street, and no name that begins so."""
    street = found.level == "street"
    if not above and not _stands_alone(text, end, found):
        return False
    if _NAME_GOES_ON.match(text, end) and (not above or _names_more(text, end)):
        return not street and _followed(text, end, found.codes)
    return not (street and _ZONE_FOLLOWS.match(text, end))


def _stands_alone(text: str, end: int, found: Entry) -> bool:
    """Tell whether a short name that nothing is said above of is that of a district or street: 望京文峰中心.

    Names of two characters that several streets have are words as well.
    """
    street = found.level == "street"
    short = _FULL_END.sub("", found.name) if street else found.name
    alone = len(found.codes) == 1
    if not alone and (len(short) == _LEAST or not street):
        return False
    follows = _ROAD_FOLLOWS if street else _ADDRESS_FOLLOWS
    if alone and follows.match(text, end):
        return True
    return bool(_NAMED_FOLLOWS.match(text, end)) and not _longer(text, end, len(short))


def _longer(text: str, end: int, size: int) -> bool:
    """Tell whether the name of another street begins where one of so many characters does: 陆家嘴 for 陆家."""
    start = max(end - size, 0)
    return any(short_named(text[start:stop], ()) for stop in range(end + 1, min(len(text), end + 3) + 1))
