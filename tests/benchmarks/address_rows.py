"""The rows of a world of addresses: what stands in a district, and how its office writes it down."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

import pandas as pd

from tests.benchmarks.address_ground import Road
from tests.benchmarks.address_nation import City
from tests.benchmarks.address_words import Names

if TYPE_CHECKING:
    from tests.benchmarks.address_world import _Ground

#: Columns of the truth, as `Row` has them.
COMPONENTS = (
    *("province", "city", "district", "town", "community", "road", "lane", "number", "group"),
    *("compound", "block", "unit", "room", "word", "form", "plot", "stated"),
)
_components = attrgetter(*COMPONENTS)
#: the share of a district's rows that each form may fill; plates along roads take what is left
SHARES = {"village": 0.10, "lane": 0.08, "yard": 0.08, "loose": 0.10, "tower": 0.03, "alley": 0.06, "slab": 0.30}
_WEST_NORTH = ("北京市", "天津市", "河北省", "山西省", "陕西省", "辽宁省", "吉林省", "黑龙江省")
_LANES = ("上海市", "福建省")


@dataclass(frozen=True, slots=True)
class Row:
    """One address, taken apart; a component that it does not have is empty."""

    id: str
    lon: float
    lat: float
    province: str
    city: str
    district: str
    town: str
    community: str
    road: str
    #: ``100``, or ``100/3`` for 100弄3支弄
    lane: str
    #: ``5``, ``5附1``, ``5-1``, ``甲5``, ``5之2``
    number: str
    group: str
    compound: str
    #: number or letter of the building
    block: str
    unit: str
    room: str
    #: what this office calls a building here: 幢, 栋, 号楼, 座
    word: str
    #: plate, gate, slab, loose, lane, yard, village, tower, alley
    form: str
    #: number of its plot
    plot: int
    #: whether the office writes its community down
    stated: bool


def parts(row: Row) -> Iterator[tuple[str, str]]:
    """The pieces of an address's text with their kinds, in the order in which they are written."""
    yield "province", row.province
    yield "city", row.city
    yield "district", row.district
    yield "town", row.town
    yield "community", row.community if row.stated else ""
    yield "road", row.road
    main, _, side = row.lane.partition("/")
    yield "lane", main and f"{main}弄" + (f"{side}支弄" if side else "")
    yield "group", row.group and f"{row.group}组"
    yield "number", plate(row.number, yard=row.form == "yard")
    yield "compound", row.compound
    yield "block", row.block and row.block + row.word
    yield "unit", row.unit and f"{row.unit}单元"
    yield "room", row.room and f"{row.room}室"


def plate(number: str, *, yard: bool = False) -> str:
    """A plate as it is written: ``5号附1号``, ``5号之2``, ``甲5号``, ``5-1号``."""
    if not number:
        return ""
    for mark in ("附", "之"):
        main, found, sub = number.partition(mark)
        if found:
            return f"{main}号{mark}{sub}" + ("号" if mark == "附" else "")
    return number + ("号院" if yard else "号")


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How the office of a district writes addresses."""

    city: City
    #: whether communities stand in addresses along roads
    stated: bool
    #: how numbers between two plates are made: 附, 之, -, 甲
    between: str
    #: whether there are 弄, and whether there are 号院
    lanes: bool
    yards: bool


@dataclass(frozen=True, kw_only=True)
class _Site:
    """A piece of ground that a compound, a lane or a yard stands on."""

    ground: _Ground
    habits: Habits
    #: the road of its gate and the number there; None for a compound without
    road: Road | None
    number: int
    #: metres, where it has no gate
    corner: tuple[float, float] = (0.0, 0.0)

    def place(self, back: float, aside: float = 0.0) -> tuple[float, float]:
        """A place some metres behind the gate and aside of it."""
        if self.road is None:
            return self.corner[0] + aside, self.corner[1] + back
        x, y = self.road.plate(self.number, back)
        return (x + aside, y) if self.road.across else (x, y + aside)


class Rows:
    """Fills districts with addresses; a text is taken once."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(f"rows {seed}")
        self._rows: list[tuple] = []
        self._texts: set[str] = set()
        self._plots = 0

    def habits(self, city: City) -> Habits:
        """How the office of a district of this city writes."""
        chance = self.chance
        return Habits(
            city=city,
            stated=chance.random() < 0.5,
            between=chance.choice(("附", "附", "之", "-", "甲")),
            lanes=city.province in _LANES or chance.random() < 0.25,
            yards=city.province in _WEST_NORTH or chance.random() < 0.2,
        )

    def table(self) -> pd.DataFrame:
        """Every address so far."""
        names = ("id", "text", "building", "lon", "lat", *COMPONENTS)
        return pd.DataFrame(dict(zip(names, zip(*self._rows, strict=True), strict=True)))

    def fill(self, ground: _Ground, names: Names, habits: Habits, count: int) -> None:
        """Put about so many addresses into a district."""
        first, taken = len(self), set()
        makers = {
            "village": self._village,
            "lane": self._lane if habits.lanes else None,
            "yard": self._yard if habits.yards else None,
            "loose": self._loose,
            "tower": self._tower,
            "alley": self._alley,
            "slab": self._slabs,
        }
        for form, make in makers.items():
            before = len(self)
            while make and len(self) - before < SHARES[form] * count and make(ground, names, habits, taken):
                pass
        self._plates(ground, habits, count - (len(self) - first))

    def __len__(self) -> int:
        return len(self._texts)

    def _add(self, site: _Site, plot: int, where: tuple[float, float], **named: str) -> None:
        """One address, unless its text is taken."""
        # what would stand beyond the border of its district stands as far inside of it
        x, y = (site.ground.side - abs(site.ground.side - abs(metres)) for metres in where)
        where = x, y
        town, part = site.ground.at(x, y)
        row = self._row(site, plot, town, part, named)
        text = "".join(text for _, text in parts(row))
        if text in self._texts:
            return
        self._texts.add(text)
        lon, lat = site.ground.spot.degrees(*where)
        building = f"B{plot}" + (f"-{row.block}" if row.block else "")
        self._rows.append((f"A{len(self._texts):07d}", text, building, lon, lat, *_components(row)))

    def _row(self, site: _Site, plot: int, town: int, part: int, named: dict[str, str]) -> Row:
        city, ground = site.habits.city, site.ground
        community = ground.communities[town][part]
        empty = dict.fromkeys(("road", "lane", "number", "group", "compound", "block", "unit", "room", "word"), "")
        return Row(
            id="",
            lon=0.0,
            lat=0.0,
            province=city.province,
            city=city.name,
            district=ground.district.name,
            town=ground.towns[town][1],
            community=community,
            plot=plot,
            stated=site.habits.stated or named["form"] == "village",
            **(empty | named),  # type: ignore[arg-type]
        )

    def _plot(self) -> int:
        self._plots += 1
        return self._plots

    def _gate(self, ground: _Ground, habits: Habits) -> _Site:
        """A free number on some road."""
        while True:
            road = self.chance.choice(ground.roads)
            number = self.chance.randint(1, road.last)
            if number not in road.numbers:
                road.numbers.add(number)
                return _Site(ground=ground, habits=habits, road=road, number=number)

    def _named(self, site: _Site) -> dict[str, str]:
        return {"road": site.road.name, "number": str(site.number)} if site.road else {}

    def _slabs(self, ground: _Ground, names: Names, habits: Habits, taken: set[str]) -> bool:
        """One compound at a road, or several phases of one."""
        # some names stand twice in a district: in another street of it
        name = names.compound(taken if self.chance.random() < 0.97 else ())
        taken.add(name)
        phases = self.chance.choice((2, 2, 3)) if self.chance.random() < 0.12 else 1
        for k in range(phases):
            site = self._gate(ground, habits)
            called = name + (f"{'一二三'[k]}期" if phases > 1 else "")
            self._compound(site, called, {**self._named(site), "form": "slab"})
        return True

    def _loose(self, ground: _Ground, names: Names, habits: Habits, taken: set[str]) -> bool:
        """One compound that no road leads to in its address."""
        name = names.compound(taken)
        taken.add(name)
        corner = self.chance.uniform(50, ground.side - 400), self.chance.uniform(50, ground.side - 400)
        site = _Site(ground=ground, habits=habits, road=None, number=0, corner=corner)
        self._compound(site, name, {"form": "loose"})
        return True

    def _yard(self, ground: _Ground, _: Names, habits: Habits, __: set[str]) -> bool:
        """A yard that is known by its number: 15号院3号楼."""
        site = self._gate(ground, habits)
        self._compound(site, "", {**self._named(site), "form": "yard"}, word="号楼")
        return True

    def _compound(self, site: _Site, name: str, named: dict[str, str], word: str = "") -> None:
        """Buildings in rows behind the gate; the office goes down to the building, the entrance or the room."""
        chance, plot = self.chance, self._plot()
        word = word or chance.choice(("幢", "幢", "栋", "号楼"))
        named = {**named, "compound": name}
        depth = chance.choices((0, 1, 2), (0.45, 0.5, 0.05))[0]
        if chance.random() < 0.7:
            self._add(site, plot, site.place(2.0), **named)
        wide = chance.randint(2, 6)
        for k in range(chance.randint(4, 10 if depth == 2 else 34)):
            where = site.place(30 + 45.0 * (k // wide), 60.0 * (k % wide))
            block = {**named, "block": str(k + 1), "word": word}
            if chance.random() < 0.03 and k > 2:
                continue  # a building that was never built, or 4幢 that nobody wanted
            if depth != 1 or chance.random() < 0.5:
                self._add(site, plot, where, **block)
            self._entrances(site, plot, where, block, depth)

    def _entrances(self, site: _Site, plot: int, where: tuple[float, float], block: dict[str, str], depth: int) -> None:
        for unit in range(1, self.chance.randint(2, 4) + 1 if depth else 1):
            door = where[0] + 15.0 * (unit - 1), where[1]
            # a building is of one community, though the border runs through it
            door = door if site.ground.at(*door) == site.ground.at(*where) else where
            self._add(site, plot, door, **block, unit=str(unit))
            for room in range(8 if depth == 2 else 0):
                self._add(site, plot, door, **block, unit=str(unit), room=f"{room // 2 + 1}0{room % 2 + 1}")

    def _lane(self, ground: _Ground, _: Names, habits: Habits, __: set[str]) -> bool:
        """Houses along a lane that goes off a road: 100弄5号, 100弄3支弄5号."""
        site, plot = self._gate(ground, habits), self._plot()
        road = site.road
        assert road is not None
        named = {"road": road.name, "form": "lane"}
        for side in range(0, self.chance.choice((1, 1, 1, 3)), 1):
            lane = f"{site.number}/{side}" if side else str(site.number)
            for k in range(1, self.chance.randint(6, 36)):
                if self.chance.random() < 0.9:
                    where = site.place(10 + 8.0 * k, 40.0 * side + 10 * (k % 2))
                    self._add(site, plot if side else self._plot(), where, **named, lane=lane, number=str(k))
        return True

    def _village(self, ground: _Ground, _: Names, habits: Habits, taken: set[str]) -> bool:
        """The groups and houses of one village."""
        free = [
            (town, part)
            for town, own in enumerate(ground.communities)
            for part, name in enumerate(own)
            if name.endswith("村") and name not in taken
        ]
        if not free:
            return False
        town, part = self.chance.choice(free)
        taken.add(ground.communities[town][part])
        across, up = ground.grid
        wide, high = ground.side / across / 2, ground.side / up / 2
        west, south = (town % across * 2 + part % 2) * wide, (town // across * 2 + part // 2) * high
        site = _Site(ground=ground, habits=habits, road=None, number=0)
        for group in range(1, self.chance.randint(3, 14) + 1):
            for number in range(1, self.chance.randint(5, 32) + 1):
                where = west + self.chance.uniform(5, wide - 5), south + self.chance.uniform(5, high - 5)
                if self.chance.random() < 0.93:
                    self._add(site, self._plot(), where, form="village", group=str(group), number=str(number))
        return True

    def _tower(self, ground: _Ground, names: Names, habits: Habits, taken: set[str]) -> bool:
        """One tall building, with or without letters."""
        site, plot = self._gate(ground, habits), self._plot()
        name = names.tower(taken)
        taken.add(name)
        named = {**self._named(site), "compound": name, "form": "tower"}
        self._add(site, plot, site.place(10.0), **named)
        for k in range(self.chance.choice((0, 0, 2, 3))):
            block = {**named, "block": "ABC"[k], "word": "座"}
            self._add(site, plot, site.place(20.0, 30.0 * k), **block)
            for room in range(self.chance.choice((0, 0, 12))):
                self._add(site, plot, site.place(20.0, 30.0 * k), **block, room=f"{room // 4 + 3:d}0{room % 4 + 1}")
        return True

    def _alley(self, ground: _Ground, names: Names, habits: Habits, taken: set[str]) -> bool:
        """A small lane with a name and plates of its own."""
        name = names.lane(taken)
        taken.add(name)
        start = self.chance.uniform(20, ground.side - 420)
        pace = self.chance.uniform(4, 7)
        road = Road(
            name=name,
            district=ground.district.name,
            across=self.chance.random() < 0.5,
            level=self.chance.uniform(20, ground.side - 20),
            start=start,
            end=start + self.chance.uniform(200, 390),
            pace_m=pace,
            wave=(pace, 40.0, 0.0),
            rising=True,
            odd_above=True,
            spot=ground.spot,
        )
        ground.roads.append(road)
        self._along(ground, road, habits, self.chance.uniform(0.5, 0.95), form="alley")
        return True

    def _plates(self, ground: _Ground, habits: Habits, count: int) -> None:
        """Plates along the roads, evenly dense or not, until so many are there."""
        roads = [road for road in ground.roads if road.end - road.start > 400]
        room = sum(road.last for road in roads)
        share = count / room / 1.06
        for road in roads:
            self._along(ground, road, habits, min(0.95, share * self.chance.uniform(0.5, 1.5)))

    def _along(self, ground: _Ground, road: Road, habits: Habits, share: float, form: str = "plate") -> None:
        """Plates of one road, each with this probability; some have another one beside them."""
        for number in range(1, road.last + 1):
            if number in road.numbers or self.chance.random() > share:
                continue
            road.numbers.add(number)
            site = _Site(ground=ground, habits=habits, road=road, number=number)
            named = {"road": road.name, "form": form}
            self._add(site, self._plot(), site.place(0.0), **named, number=str(number))
            if self.chance.random() < 0.06:
                for k in range(1, self.chance.randint(2, 4)):
                    between = f"甲{number}" if habits.between == "甲" else f"{number}{habits.between}{k}"
                    self._add(site, self._plot(), site.place(3.0), **named, number=between)
