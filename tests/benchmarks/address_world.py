"""A world of addresses for a seed: real districts, invented roads, compounds and villages, and the truth beside them.

Every row of ``addresses`` carries its components in columns of their own, so that an answer is judged by what the
place is and not by how its text looks. House numbers hang where their road's law puts them, so that a number between
two plates has a true place too.

    python -m tests.benchmarks.address_world [SEED] [ADDRESSES]     prints some of each form
"""

from __future__ import annotations

import math
import random
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import geopandas as gpd
import pandas as pd
import shapely

from tests.benchmarks.address_ground import Road, Spot, lattice
from tests.benchmarks.address_nation import City, District, chosen
from tests.benchmarks.address_rows import COMPONENTS, Row, Rows
from tests.benchmarks.address_words import Names

#: addresses of a district of ordinary size
ORDINARY = 10_000
#: a district has at most so many times the addresses of an ordinary one; then there are more districts
LARGEST = 4.0


@dataclass(frozen=True, kw_only=True)
class World:
    """Tables as a gazetteer takes them, and what is true."""

    #: what it was made from
    seed: int
    #: districts, streets and communities: code, name, level, parent, polygon
    areas: gpd.GeoDataFrame
    #: roads: id, name, line
    streets: gpd.GeoDataFrame
    #: id, text, building, lon, lat, and the columns of the truth
    addresses: pd.DataFrame
    #: names of towns that are no more: name, level, until, successors, shares
    former: pd.DataFrame
    #: where two roads meet: province, city, district, a, b, lon, lat
    crossings: pd.DataFrame
    #: roads by district and name
    roads: dict[tuple[str, str], Road] = field(repr=False)

    @property
    def given(self) -> pd.DataFrame:
        """The addresses without the truth: what a gazetteer may see."""
        return self.addresses[["id", "text", "building", "lon", "lat"]]

    @cached_property
    def rows(self) -> list[Row]:
        """The addresses with their components, in the table's order."""
        columns = [self.addresses[name].tolist() for name in ("id", "lon", "lat", *COMPONENTS)]
        return [Row(*values) for values in zip(*columns, strict=True)]


def world(seed: int, addresses: int = 100_000) -> World:
    """A world of about so many addresses; the same for the same seed."""
    chance = random.Random(f"world {seed}")
    names = Names(f"names {seed}")
    scale = min(LARGEST, max(1.0, addresses / (10 * ORDINARY)))
    count = max(2, round(addresses / (ORDINARY * scale)))
    each = addresses / count
    maker = Rows(seed)
    made: list[_Ground] = []
    for city, districts, spots in _placed(chance, count, math.sqrt(each / ORDINARY)):
        for district, spot in zip(districts, spots, strict=True):
            ground = _ground(chance, names, city, district, (spot, math.sqrt(each / ORDINARY)))
            maker.fill(ground, names, maker.habits(city), round(each))
            made.append(ground)
    return World(
        seed=seed,
        areas=_areas(made),
        streets=_streets(made),
        addresses=maker.table(),
        former=_former(chance, names, made),
        crossings=_crossings(made),
        roads={(road.district, road.name): road for ground in made for road in ground.roads},
    )


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """A district laid out: towns in columns and rows, four communities in each, and the roads across them."""

    city: City
    district: District
    spot: Spot
    #: metres
    side: float
    #: towns each way
    grid: tuple[int, int]
    #: code and name of towns, row by row
    towns: list[tuple[str, str]]
    #: names of the communities of each town, south-west, south-east, north-west, north-east
    communities: list[list[str]]
    roads: list[Road]
    #: whether its table of areas calls communities by their committees: 新街村委会, 城东社区居委会
    official: bool

    def at(self, x: float, y: float) -> tuple[int, int]:
        """Which town and which of its communities hold a place."""
        across, up = self.grid
        column = min(2 * across - 1, max(0, int(x / self.side * 2 * across)))
        row = min(2 * up - 1, max(0, int(y / self.side * 2 * up)))
        return row // 2 * across + column // 2, row % 2 * 2 + column % 2

    def box(self, x: tuple[float, float], y: tuple[float, float]) -> shapely.Polygon:
        """A part of the district, its sides given as shares, in degrees."""
        west, south = self.spot.degrees(x[0] * self.side, y[0] * self.side)
        east, north = self.spot.degrees(x[1] * self.side, y[1] * self.side)
        return shapely.box(west, south, east, north)


def _placed(chance: random.Random, count: int, scale: float) -> list[tuple[City, list[District], list[Spot]]]:
    """Cities with as many of their districts as are wanted, side by side."""
    cities = chosen(chance, min(count, chance.choice((2, 3, 3)) if count < 20 else 4))
    shares = [count // len(cities) + (k < count % len(cities)) for k in range(len(cities))]
    placed, known = [], set()
    for k, (city, share) in enumerate(zip(cities, shares, strict=True)):
        # a name that another city has too would make two districts of the world one
        own = [district for district in city.districts if district.name not in known]
        districts = chance.sample(own, min(share, len(own)))
        known |= {district.name for district in districts}
        lat = 24.0 + 3.7 * k
        step = 4000 * scale / (111_320 * math.cos(math.radians(lat)))
        placed.append((city, districts, [Spot(lon=104.2 + 4.1 * k + n * step, lat=lat) for n in range(len(districts))]))
    return placed


def _ground(chance: random.Random, names: Names, city: City, district: District, size: tuple[Spot, float]) -> _Ground:
    spot, scale = size
    grid = (3, 3) if len(district.towns) >= 9 else (3, 2) if len(district.towns) >= 6 else (2, 2)
    by_name = {name: code for code, name in district.towns}
    towns = [(by_name[name], name) for name in chance.sample(sorted(by_name), grid[0] * grid[1])]
    communities: list[list[str]] = []
    taken: set[str] = set()
    for _, name in towns:
        rural = not name.endswith("街道")
        own = []
        for _ in range(4):
            own.append(names.community(taken, village=rural and chance.random() < 0.75))
            taken.add(own[-1])
        communities.append(own)
    return _Ground(
        city=city,
        district=district,
        spot=spot,
        side=4000 * scale,
        grid=grid,
        towns=towns,
        communities=communities,
        roads=lattice(chance, names, district.name, spot, scale),
        official=chance.random() < 0.3,
    )


def _areas(made: list[_Ground]) -> gpd.GeoDataFrame:
    """Districts, towns and communities: together a partition, level by level."""
    rows: list[tuple[str, str, str, str, shapely.Polygon]] = []
    for ground in made:
        code, (across, up) = ground.district.code, ground.grid
        rows.append((code, ground.district.name, "district", ground.city.code, ground.box((0, 1), (0, 1))))
        for k, (town, name) in enumerate(ground.towns):
            x, y = k % across, k // across
            box = ground.box((x / across, (x + 1) / across), (y / up, (y + 1) / up))
            rows.append((town, name, "street", code, box))
            for n, community in enumerate(ground.communities[k]):
                west, south = x + n % 2 / 2, y + n // 2 / 2
                part = ground.box((west / across, (west + 0.5) / across), (south / up, (south + 0.5) / up))
                committee = ("委会" if community.endswith("村") else "居委会") if ground.official else ""
                rows.append((f"{town}{n + 1:03d}", community + committee, "community", town, part))
    table = pd.DataFrame([row[:4] for row in rows], columns=["code", "name", "level", "parent"])
    return gpd.GeoDataFrame(table, geometry=[row[4] for row in rows], crs=4490)


def _streets(made: list[_Ground]) -> gpd.GeoDataFrame:
    roads = [road for ground in made for road in ground.roads]
    table = pd.DataFrame({"id": [f"R{k:05d}" for k in range(len(roads))], "name": [road.name for road in roads]})
    return gpd.GeoDataFrame(table, geometry=[road.line() for road in roads], crs=4490)


def _former(chance: random.Random, names: Names, made: list[_Ground]) -> pd.DataFrame:
    """Two towns of every district that were merged into another one."""
    real = {name for ground in made for _, name in ground.district.towns}
    rows = []
    for ground in made:
        for code, _ in chance.sample(ground.towns, 2):
            while (name := names.stem() + chance.choice(("街道", "镇", "乡"))) in real:
                pass
            real.add(name)
            rows.append((name, "street", date(chance.randint(2001, 2021), 7, 1), (code,), (1.0,)))
    return pd.DataFrame(rows, columns=["name", "level", "until", "successors", "shares"])


def _crossings(made: list[_Ground]) -> pd.DataFrame:
    """Where a road that runs east meets one that runs north."""
    rows = []
    for ground in made:
        lanes = [road for road in ground.roads if not road.across]
        for road in (road for road in ground.roads if road.across):
            for other in lanes:
                y = road.middle(other.level)[1]
                x, y = other.middle(y)[0], road.middle(other.middle(y)[0])[1]
                if road.start < x < road.end and other.start < y < other.end:
                    where = (ground.city.province, ground.city.name, ground.district.name)
                    rows.append((*where, road.name, other.name, *ground.spot.degrees(x, y)))
    return pd.DataFrame(rows, columns=["province", "city", "district", "a", "b", "lon", "lat"])


def main(arguments: list[str]) -> None:
    """Print some addresses of each form."""
    seed, addresses = (int(arguments[k]) if len(arguments) > k else value for k, value in enumerate((1, 100_000)))
    made = world(seed, addresses)
    texts: dict[str, list[str]] = defaultdict(list)
    for text, form in zip(made.addresses["text"], made.addresses["form"], strict=True):
        texts[form].append(text)
    for form, found in sorted(texts.items()):
        print(f"{form} ({len(found)})", *random.Random(0).sample(found, min(6, len(found))), sep="\n    ")
    print(len(made.addresses), "addresses;", len(made.streets), "roads;", len(made.areas), "areas")


if __name__ == "__main__":
    main(sys.argv[1:])
