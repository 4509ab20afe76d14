"""Real divisions for worlds of addresses: provinces, cities, districts and their streets."""

from __future__ import annotations

import csv
import gzip
import os
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: cities that are none, but a group of counties under a province
NO_CITY = re.compile("^(市辖区|县)$|直辖县级")
#: endings of ordinary names, and their greatest length: development zones are not what streets are named like
TOWN = re.compile(".{1,6}(街道|镇|乡)$")
DISTRICT = re.compile(".{1,8}[区县市旗]$")
#: a city needs so many districts with so many towns each to stand in a world
ENOUGH = 4


@dataclass(frozen=True, kw_only=True)
class District:
    """A county-level division with its towns."""

    #: six digits
    code: str
    #: its name
    name: str
    #: code and name of each street, town or township
    towns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class City:
    """A city with its districts; ``name`` is empty where the province is the city."""

    #: four digits
    code: str
    #: its name, empty for the four municipalities
    name: str
    #: name of its province
    province: str
    #: its districts
    districts: tuple[District, ...]


@cache
def cities() -> tuple[City, ...]:
    """Every city with enough districts of ordinary names."""
    folder = Path(os.environ.get("GRIDMAP_SHARED_DATA", ROOT.parent / "shared" / "data")) / "nantong"
    read = _statistical(folder) if (folder / "streets.csv").exists() else _shipped()
    return tuple(city for city in read if len(city.districts) >= ENOUGH)


def chosen(chance: random.Random, count: int) -> list[City]:
    """Some cities, of different provinces."""
    pool = list(cities())
    picked: list[City] = []
    while len(picked) < count:
        city = chance.choice(pool)
        if city.province not in {other.province for other in picked}:
            picked.append(city)
    return picked


def _rows(path: Path) -> Iterator[dict[str, str]]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    yield from csv.DictReader(text.decode().splitlines())


def _statistical(folder: Path) -> Iterator[City]:
    """Cities from the tables of statistical codes."""
    provinces = {row["code"]: row["name"] for row in _rows(folder / "provinces.csv")}
    names = {row["code"]: row["name"] for row in _rows(folder / "cities.csv")}
    towns: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in _rows(folder / "streets.csv"):
        towns[row["areaCode"]].append((row["code"], row["name"]))
    areas = [(row["code"], row["name"]) for row in _rows(folder / "areas.csv")]
    return _cities(provinces, names, areas, towns)


def _shipped() -> Iterator[City]:
    """Cities from the tables that come with the project, where the others are not at hand."""
    named = {row["code"]: row["name"] for row in _rows(ROOT / "data" / "nation.csv")}
    provinces = {code: name for code, name in named.items() if len(code) == 2}
    names = {code: name for code, name in named.items() if len(code) == 4}
    areas, towns = [], {}
    for row in _rows(ROOT / "data" / "nation_districts.csv.gz"):
        areas.append((row["code"], row["name"]))
        towns[row["code"]] = [(f"{row['code']}{k:03d}", name) for k, name in enumerate(row["streets"].split(), 1)]
    return _cities(provinces, names, areas, towns)


def _cities(
    provinces: dict[str, str],
    names: dict[str, str],
    areas: list[tuple[str, str]],
    towns: dict[str, list[tuple[str, str]]],
) -> Iterator[City]:
    """Districts put together under their cities."""
    below: dict[str, list[District]] = defaultdict(list)
    for code, name in areas:
        own = [(town, called) for town, called in towns.get(code, []) if TOWN.match(called)]
        if DISTRICT.match(name) and len({called for _, called in own}) >= ENOUGH:
            below[code[:4]].append(District(code=code, name=name, towns=tuple(own)))
    for code, districts in below.items():
        name = names.get(code, "市辖区")
        if name == "县" or "直辖县级" in name:
            continue
        called = "" if NO_CITY.search(name) else name
        yield City(code=code, name=called, province=provinces[code[:2]], districts=tuple(districts))
