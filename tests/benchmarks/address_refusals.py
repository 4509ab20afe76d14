"""Questions that no single address answers: what is not there, what is elsewhere, what is nothing, what is twofold.

Also the questions that are answered at another level than that of a plate: crossings, roads, compounds, communities.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import pairwise

from tests.benchmarks import address_typos as typos
from tests.benchmarks.address_drafts import Draft, Place, extent, pick
from tests.benchmarks.address_ground import Road
from tests.benchmarks.address_nation import City, cities
from tests.benchmarks.address_rows import Row
from tests.benchmarks.address_verdicts import Question
from tests.benchmarks.address_words import Names

Maker = Callable[[random.Random, Place], Question | None]
_PLATED = ("plate",)
_COMPOUNDS = ("slab", "loose", "yard")

#: Texts that name nothing.
FRAGMENTS = (
    *("{number}号", "{block}幢", "{block}幢{unit}单元", "{unit}单元{unit}01室", "{block}号楼", "{block}-{unit}-301"),
    *(
        "号楼",
        "小区",
        "小区门口",
        "路",
        "东路",
        "{unit}组{number}号",
        "村委会",
        "大厦A座",
        "门口",
        "旁边那个小区",
        "我家",
    ),
    *(
        "{number}弄{block}号",
        "那边路口",
        "{road}",
        "{compound}",
        "{block}",
        "{number}号{block}幢",
        "花园",
        "楼下{number}",
    ),
    *("社区", "街道", "市区", "就是上次那个地方", "{block}栋{unit}门", "交叉口", "省", "附近", "第{unit}个门进去"),
)
#: Texts that programs stumble over, and what is written where nothing is known.
ATTACKS = (
    *("' OR {0}={0} --", "'; DROP TABLE addresses; -- {}", "<script>alert({})</script>", "{{{{{0}*{0}}}}}", "%00{}"),
    *(
        "../../../etc/passwd{}",
        "SELECT {}",
        "NULL",
        "无",
        "nan{}",
        "{}' UNION SELECT 1",
        "<img src=x onerror=alert({})>",
    ),
)
#: What is written again and again.
MONOTONE = (
    "\x00\x01\x1b[31m",
    "😀🏠",
    "(",
    "号",
    "1",
    "一",
    "-",
    "\u202e\u202d\u200b",
    "#",
    "路",
    "3幢",
    "你好",
    "1号",
    "/",
)


def _refused(draft: Draft, kind: str) -> Question:
    """The draft as a question that has no answer."""
    return Question(query=draft.text(), kind=kind, expects="refused", plain=draft.row.id)


def _some_road(chance: random.Random, place: Place) -> tuple[Row, Road]:
    """Any plate along a road, and its road."""
    row = pick(chance, place, _PLATED)
    return row, place.world.roads[row.district, row.road]


def absent_building(chance: random.Random, place: Place) -> Question | None:
    """A building that a known compound does not have."""
    draft = Draft(pick(chance, place, _COMPOUNDS))
    row = draft.row
    if not row.block:
        return None
    block = str(chance.randint(1, 60))
    draft.free |= {"town", "community", "unit", "room"}
    if place.fits(draft, block=block):
        return None
    draft.pieces["block"] = block + row.word
    draft.pieces.pop("room", None)
    return _refused(draft, "absent_building")


def beyond_range(chance: random.Random, place: Place) -> Question | None:
    """A number past the end of its road."""
    row, road = _some_road(chance, place)
    draft = Draft(row)
    draft.pieces["number"] = f"{max(road.last, *road.numbers) + chance.randint(40, 900)}号"
    return _refused(draft, "beyond_range")


def gap_number(chance: random.Random, place: Place) -> Question | None:
    """A number that is missing between two plates of its side of the road."""
    row, road = _some_road(chance, place)
    sides = [sorted(number for number in road.numbers if number % 2 == odd) for odd in (0, 1)]
    gaps = [pair for side in sides for pair in pairwise(side) if 2 < pair[1] - pair[0] <= 20]
    if not gaps:
        return None
    lower, upper = chance.choice(gaps)
    number = chance.randrange(lower + 2, upper, 2)
    draft = Draft(row)
    draft.drop("town", "community")
    draft.pieces["number"] = f"{number}号"
    if place.fits(draft, number=str(number)):
        return None
    spot = road.spot.degrees(*road.plate(number))
    return Question(query=draft.text(), kind="gap_number", expects="gap", point=spot, plain=row.id)


def absent_road(chance: random.Random, place: Place) -> Question | None:
    """A road whose name is nowhere in the world, nor near a name of it."""
    row, road = _some_road(chance, place)
    name = Names(str(chance.random())).stem() + re.sub(".*?(?=路$|街$|大道$|大街$|巷$)", "", road.name)
    if place.names.within_one(name):
        return None
    draft = Draft(row)
    draft.pieces["road"] = name
    return _refused(draft, "absent_road")


def other_road(chance: random.Random, place: Place) -> Question | None:
    """A name that is one arbitrary character away from a road of the world: another road."""
    row, road = _some_road(chance, place)
    kept = len(re.search("(大道|大街|.)$", road.name)[0])  # type: ignore[index]
    name = typos.replaced(chance, road.name, kept)
    if name is None or place.names.near(name):
        return None
    draft = Draft(row)
    draft.pieces["road"] = name
    return _refused(draft, "other_road")


def like_named_road(chance: random.Random, place: Place) -> Question | None:
    """A number that only a road of a like name has: 文一路300号, where 文二路 alone is so long."""
    row, road = _some_road(chance, place)
    near = place.local_names[row.district].within_one(road.name) - {road.name}
    others = [
        place.world.roads[row.district, name] for name in sorted(near) if (row.district, name) in place.world.roads
    ]
    numbers = [n for other in others for n in sorted(other.numbers) if n > max(road.last, *road.numbers) + 20]
    if not numbers:
        return None
    draft = Draft(row)
    draft.drop("town", "community")
    draft.pieces["number"] = f"{chance.choice(numbers)}号"
    return _refused(draft, "like_named_road")


def _moved(chance: random.Random, place: Place, city: City, kind: str) -> Question:
    """A true local part under the divisions of a place that the world does not have."""
    draft = Draft(pick(chance, place, ("plate", "slab", "loose", "yard")))
    district = chance.choice(city.districts)
    new = {"province": city.province, "city": city.name, "district": district.name}
    if "town" in draft.pieces:
        new["town"] = chance.choice(district.towns)[1]
    if draft.row.form != "village":
        draft.drop("community")
    draft.pieces = new | {key: text for key, text in draft.pieces.items() if key not in new}
    return _refused(draft, kind)


def other_city(chance: random.Random, place: Place) -> Question | None:
    """The same road and number in another city of the province."""
    own = {(row.province, row.city) for row in place.rows[:: max(1, len(place.rows) // 500)]}
    provinces = {province for province, _ in own}
    pool = [city for city in cities() if city.province in provinces and (city.province, city.name) not in own]
    return _moved(chance, place, chance.choice(pool), "other_city") if pool else None


def other_province(chance: random.Random, place: Place) -> Question | None:
    """The same road and number in another province."""
    provinces = {row.province for row in place.rows[:: max(1, len(place.rows) // 500)]}
    return _moved(
        chance, place, chance.choice([city for city in cities() if city.province not in provinces]), "other_province"
    )


def other_district(chance: random.Random, place: Place) -> Question | None:
    """The same road and number in another district of the world, that has no such road nor one like it."""
    draft = Draft(pick(chance, place, ("plate", "slab", "loose")))
    row = draft.row
    others = [name for name in sorted(place.local_towns) if place.cities[name] == place.cities[row.district]]
    district = chance.choice(others)
    names = [name for name in (row.road, row.compound) if name]
    if district == row.district or any(place.local_names[district].within_one(name) for name in names):
        return None
    draft.drop("town", "community")
    draft.pieces["district"] = district
    return _refused(draft, "other_district")


def fragment(chance: random.Random, place: Place) -> Question | None:
    """Too little to tell anything."""
    row = pick(chance, place, ("slab",))
    filled = {"number": chance.randint(1, 300), "block": chance.randint(1, 40), "unit": chance.randint(1, 4)}
    text = chance.choice(FRAGMENTS).format(**filled, road=row.road[:1], compound=row.compound[:1])
    # there are streets called 花园街道
    if len(text) > 1 and any(name.startswith(text) for name in place.names.names):
        return None
    return Question(query=text, kind="fragment", expects="refused")


def hostile(chance: random.Random, place: Place) -> Question | None:
    """Text that wants to do harm, or no address at all."""
    row = pick(chance, place, _PLATED)
    if chance.random() < 0.4:
        text = chance.choice(ATTACKS).format(chance.randint(1, 9999))
    elif chance.random() < 0.2:
        text = "".join(chr(chance.randrange(0x20, 0x2FFF)) for _ in range(chance.randint(5, 60)))
    else:
        # a name sixty times over is still that name; four hundred times it is no address
        monotone = chance.choice((row.road, row.district)) if chance.random() < 0.1 else chance.choice(MONOTONE)
        text = monotone * chance.choice((400, 3000) if monotone in (row.road, row.district) else (60, 400, 3000))
    return Question(query=text, kind="hostile", expects="refused")


def same_road_twice(chance: random.Random, place: Place) -> Question | None:
    """A plate that two districts have, and no district is named."""
    draft = Draft(pick(chance, place, ("plate", "alley")))
    draft.drop("province", "city", "district", "town", "community")
    rows = place.fits(draft)
    if len({row.district for row in rows}) < 2 or len({row.plot for row in rows}) > 4:
        return None
    return _twofold(draft, rows, "same_road_twice")


def same_compound_twice(chance: random.Random, place: Place) -> Question | None:
    """A building that two compounds of one name have, and neither road nor street is named."""
    draft = Draft(pick(chance, place, ("slab", "loose")))
    draft.drop(
        "road", "number", "town", "community", *(("province", "city", "district") if chance.random() < 0.5 else ())
    )
    if not draft.row.block:
        return None
    rows = place.fits(draft)
    if not 2 <= len({row.plot for row in rows}) <= 4:
        return None
    return _twofold(draft, rows, "same_compound_twice")


def _twofold(draft: Draft, rows: list[Row], kind: str) -> Question:
    return Question(
        query=draft.text(), kind=kind, expects="ambiguous", ids=frozenset(row.id for row in rows), plain=draft.row.id
    )


def crossing(chance: random.Random, place: Place) -> Question | None:
    """Where two roads meet."""
    table = place.crossings
    province, city, district, a, b, lon, lat = table[chance.randrange(len(table))]
    if chance.random() < 0.5:
        a, b = b, a
    head = chance.choice((province + city + district, city + district, district))
    joined = chance.choice((f"{a}与{b}", f"{a}和{b}", f"{a}、{b}", f"{a}/{b}"))
    text = head + joined + chance.choice(("交叉口", "交叉口", "路口", "交汇处", "交叉路口", "十字路口", "交界处"))
    return Question(query=text, kind="crossing", expects="near", point=(lon, lat), plain=district)


def road_only(chance: random.Random, place: Place) -> Question | None:
    """A road, nothing of it: the answer is the road's middle, give or take half its length."""
    row, road = _some_road(chance, place)
    lon, lat = road.spot.degrees(*road.middle((road.start + road.end) / 2))
    return Question(
        query=row.province + row.city + row.district + road.name,
        kind="road_only",
        expects="level",
        levels=("road",),
        point=(lon, lat),
        reach_m=(road.end - road.start) / 2,
        plain=row.id,
    )


def compound_only(chance: random.Random, place: Place) -> Question | None:
    """A compound, no building of it."""
    draft = Draft(pick(chance, place, ("slab", "loose")))
    draft.drop("road", "number", "block", "unit", "room", "town", "community")
    rows = place.fits(draft)
    if len({row.plot for row in rows}) != 1:
        return None
    lon, lat, reach = extent(rows)
    return Question(
        query=draft.text(),
        kind="compound_only",
        expects="level",
        levels=("compound", "number", "place"),
        point=(lon, lat),
        reach_m=reach,
        plain=draft.row.id,
    )


def community_only(chance: random.Random, place: Place) -> Question | None:
    """A community or village, no house of it."""
    row = chance.choice(place.rows)
    code = place.codes[row.district, row.town, row.community]
    head = row.province + row.city + row.district + (row.town if chance.random() < 0.6 else "")
    tail = row.community + ("" if chance.random() < 0.7 else "委会" if row.community.endswith("村") else "居委会")
    return Question(
        query=head + tail, kind="community_only", expects="level", levels=("community",), area=code, plain=row.id
    )


#: Kinds without an answer.
REFUSALS: dict[str, Maker] = {
    make.__name__: make
    for make in (
        *(absent_building, beyond_range, gap_number, absent_road, other_road, like_named_road),
        *(other_city, other_province, other_district, fragment, hostile),
    )
}
#: Kinds with several answers.
AMBIGUOUS: dict[str, Maker] = {make.__name__: make for make in (same_road_twice, same_compound_twice)}
#: Kinds that are answered at another level than a plate's.
ELSEWHERE: dict[str, Maker] = {make.__name__: make for make in (crossing, road_only, compound_only, community_only)}
