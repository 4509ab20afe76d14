"""Names of divisions that are no longer in force, and what holds their ground now."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.address.divisions import canonical
from gridmap.address.nation import nation
from gridmap.address.writing import plain
from gridmap.errors import InputError
from gridmap.frames.validity import in_force
from gridmap.hierarchy import LEVELS, level_of_code
from gridmap.resources import shipped

#: A successor holds at least this share of the former ground: less is a border that was surveyed or drawn anew.
LEAST_SHARE = 0.05

#: A former area and its only successor are the same ground if each holds at least this share of the other: the name
#: changed, and perhaps a border by no more than one part in ten.
SAME_SHARE = 0.9

#: Ground of which the areas of a level hold less than this share is held by none of that level.
HELD_SHARE = 0.5

_COLUMNS = ("name", "level", "until", "successors", "shares", "how")
_NEEDED = ("code", "name")


class Successor(NamedTuple):
    """What stands in the place of a district or city that is no more."""

    #: full name: 通州区
    name: str
    #: year in which the former name ended
    year: int
    #: full name of the city it lies in; itself, if it is a city; empty where it lies in none
    city: str
    #: full name of the province it lies in
    province: str
    #: renamed, converted (abolished, another set up on its ground) or merged (into a larger one)
    kind: str
    #: code of what stands there today: 6 digits, 4 of a city
    code: str


class _Event(NamedTuple):
    """A row of data/former.csv."""

    old: str
    new: str
    year: int
    kind: str
    city: str
    code: str


def former_names(areas_ever: gpd.GeoDataFrame, on: date, *, least_share: float = LEAST_SHARE) -> pd.DataFrame:
    """Return the names of areas that were in force and no longer are, and which areas hold their ground.

    A name is former on a day if an area of that name was in force before, and none of any level is on that day: a name
    that was given to other ground is in force there. It is *renamed* if its ground is that of one area of its level,
    *merged* if it is part of one, *split* if several hold it, *abolished* if those of its level hold less than half of
    it. Where none of its level holds any, the finest areas above that do stand for it.

    Parameters
    ----------
    areas_ever
        Areas of all times with code, name, polygons, valid_from and valid_to as `gridmap.frames.validity` has them, and
        level where the code does not tell it; in any CRS. Rows without a name, a level or a polygon are passed over.
    on
        The day asked about, which may be a past one: what was former then.
    least_share
        Least share of the former ground, 0 to 1, that a successor holds. Shares are of areas in the table's own units:
        over the ground of a former area a degree is as long everywhere.

    Returns
    -------
    pandas.DataFrame
        One row for each former name and ground, the latest first: ``name`` (without the office that runs it, as
        `divisions.canonical` writes it), ``level``, ``until`` (first day it was no longer in force), ``successors``
        (tuple of codes in force, the largest share first), ``shares`` (of the former ground that each holds), ``how``.

    Raises
    ------
    InputError
        If there is no column of codes or names.

    Examples
    --------
    >>> change, box = date(2020, 1, 1), shapely.box
    >>> areas = gpd.GeoDataFrame(
    ...     {
    ...         "code": ["1", "2", "3"],
    ...         "name": ["东市社区居委会", "西市社区", "城中社区"],
    ...         "level": "community",
    ...         "valid_from": [None, None, change],
    ...         "valid_to": [change, change, None],
    ...     },
    ...     geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 0, 2, 1)],
    ... )
    >>> former_names(areas, date(2024, 1, 1))[["name", "successors", "how"]].to_numpy().tolist()
    [['东市社区', ('3',), 'merged'], ['西市社区', ('3',), 'merged']]
    >>> len(former_names(areas, date(2019, 12, 31)))
    0
    """
    areas = _named(areas_ever)
    now = in_force(areas, on).reset_index(drop=True)
    ended = np.array([day is not None and day <= on for day in areas["valid_to"]], dtype=bool)
    past = _latest(areas[ended & ~areas["name"].isin(now["name"])], least_share)
    held = _successors(past, now, least_share)
    rows = [(row["name"], row["level"], row["valid_to"], *_told(held.get(place))) for place, row in past.iterrows()]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype({"name": object, "level": object, "how": object})


def _named(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the areas that have name, level and polygon, their names as they are compared."""
    if missing := [name for name in _NEEDED if name not in areas.columns]:
        raise InputError(f"areas without {' and '.join(missing)}", expected="columns code, name and polygons")
    levels = areas["level"] if "level" in areas else pd.Series(None, index=areas.index, dtype=object)
    table = gpd.GeoDataFrame(
        {
            "code": areas["code"].astype(str),
            "name": [canonical(plain(name)) if isinstance(name, str) else "" for name in areas["name"]],
            "level": [_level(level, code) for level, code in zip(levels, areas["code"], strict=True)],
            "valid_from": _days(areas, "valid_from"),
            "valid_to": _days(areas, "valid_to"),
        },
        geometry=shapely.make_valid(areas.geometry.to_numpy()),
    )
    drawn = shapely.area(table.geometry.to_numpy()) > 0
    return table[drawn & (table["name"] != "") & table["level"].notna()].reset_index(drop=True)


def _level(level: Any, code: Any) -> str | None:
    """Return the level that an area states, or else its code."""
    return level if isinstance(level, str) and level else level_of_code(str(code))


def _days(areas: gpd.GeoDataFrame, name: str) -> pd.Series:
    """Return a column of days as objects; None where there is none."""
    days = areas[name].astype(object) if name in areas else pd.Series(None, index=areas.index, dtype=object)
    return days.where(days.notna(), None)


def _latest(past: gpd.GeoDataFrame, least_share: float) -> gpd.GeoDataFrame:
    """Return areas, the latest first, without those whose name a later one had on the same ground."""
    past = past.sort_values(["valid_to", "code"], ascending=[False, True], kind="stable").reset_index(drop=True)
    again = past[past.duplicated(["level", "name"], keep=False)]
    earlier = [row for _, same in again.groupby(["level", "name"]) for row in _earlier(same, least_share)]
    return past.drop(index=earlier).reset_index(drop=True)


def _earlier(same: gpd.GeoDataFrame, least_share: float) -> list[int]:
    """Return which of the areas of one name, latest first, stand on ground that a later one had."""
    shapes = same.geometry.to_numpy()
    return [
        row
        for place, row in enumerate(same.index)
        if (shapely.area(shapely.intersection(shapes[place], shapes[:place])) >= least_share * shapes[place].area).any()
    ]


def _successors(past: gpd.GeoDataFrame, now: gpd.GeoDataFrame, least_share: float) -> dict[int, pd.DataFrame]:
    """Return what holds the ground of each former area: code, share, share_back and whether it is of its level."""
    found: dict[int, pd.DataFrame] = {}
    for above in range(len(LEVELS)):
        left = past[~past.index.isin(list(found))]
        held = _overlaps(left, now[now["level"].isin(_raised(left["level"], above))], above)
        held = held[held["share"] >= least_share].sort_values(["share", "code"], ascending=[False, True])
        found.update({row: held[held["former"] == row] for row in held["former"].unique()})
    return found


def _raised(levels: pd.Series, above: int) -> set[str]:
    """Return the levels that lie so many above others."""
    return {raised for level in set(levels) if (raised := _up(level, above)) is not None}


def _up(level: str, above: int) -> str | None:
    """Return the level that lies so many above another; None where there is none or its rank is not known."""
    if not above:
        return level
    rank = LEVELS.index(level) - above if level in LEVELS else -1
    return LEVELS[rank] if rank >= 0 else None


def _overlaps(past: gpd.GeoDataFrame, now: gpd.GeoDataFrame, above: int) -> pd.DataFrame:
    """Return which areas in force, so many levels above, hold which share of which former area."""
    shapes, others = past.geometry.to_numpy(), now.geometry.to_numpy()
    one, other = shapely.STRtree(others).query(shapes, predicate="intersects")
    raised = np.array([_up(level, above) for level in past["level"]], dtype=object)
    fits = raised[one] == now["level"].to_numpy(dtype=object)[other]
    one, other = one[fits], other[fits]
    shared: NDArray[np.float64] = shapely.area(shapely.intersection(shapes[one], others[other]))
    return pd.DataFrame(
        {
            "former": past.index.to_numpy()[one],
            "code": now["code"].to_numpy(dtype=object)[other],
            "share": shared / shapely.area(shapes[one]),
            "share_back": shared / shapely.area(others[other]),
            "level": not above,
        }
    )


def _told(held: pd.DataFrame | None) -> tuple[tuple[str, ...], tuple[float, ...], str]:
    """Return codes and shares of what holds a former ground, and how it came to that."""
    if held is None:
        return (), (), "abolished"
    codes, shares = tuple(held["code"]), tuple(float(min(share, 1.0)) for share in held["share"])
    return codes, shares, _how(held)


def _how(held: pd.DataFrame) -> str:
    """Return how a former area came to be held so."""
    if not held["level"].all() or held["share"].sum() < HELD_SHARE:
        return "abolished"
    if len(held) > 1:
        return "split"
    same = min(held["share"].iloc[0], held["share_back"].iloc[0]) >= SAME_SHARE
    return "renamed" if same else "merged"


def national_former(on: date | None = None) -> Mapping[str, tuple[Successor, ...]]:
    """Return which districts and cities of China stand in the place of former ones, by the former full name.

    A former name is followed through all its changes up to the day: 海门县 became 海门市, and that 海门区. Only whole
    divisions that became all or part of one other are told (1983 to 2023, see data/README.md). What is a former name in
    one city may be in force in another (清河区), so mind city and province.

    Parameters
    ----------
    on
        The day asked about; today where it is left out. A change counts from the first day of its year, for sources do
        not agree on the day.

    Returns
    -------
    mapping of str to tuple of Successor
        Of several places of one former name, that of the lower code first. Not to be changed.

    Raises
    ------
    None

    Examples
    --------
    >>> [(place.name, place.year, place.city) for place in national_former()["海门县"]]
    [('海门区', 1994, '南通市')]
    >>> national_former(date(2000, 1, 1))["海门县"][0].name, "海门市" in national_former(date(2000, 1, 1))
    ('海门市', False)
    """
    return _former_by((on or date.max).year)


@lru_cache(maxsize=16)
def _former_by(year: int) -> Mapping[str, tuple[Successor, ...]]:
    """Return what had come in place of former names by the end of a year."""
    events = [event for event in _events() if event.year <= year]
    onward = {(event.code, event.old): event for event in events}
    found: dict[str, tuple[Successor, ...]] = {}
    for event in events:
        found[event.old] = (*found.get(event.old, ()), _successor(event, onward))
    return MappingProxyType(found)


def _successor(event: _Event, onward: Mapping[tuple[str, str], _Event]) -> Successor:
    """Return what an event led to in the end."""
    end = event
    while (after := onward.get((end.code, end.new))) and after.year >= end.year:
        end = after
    return Successor(end.new, event.year, event.city, _provinces()[event.code[:2]], event.kind, event.code)


@lru_cache(maxsize=1)
def _events() -> tuple[_Event, ...]:
    """Return the changes, in the order of the codes they led to; read when first asked for."""
    with shipped("data/former.csv").open(encoding="utf-8", newline="") as rows:
        return tuple(
            _Event(old, new, int(year), kind, city, code)
            for old, new, year, kind, city, code in list(csv.reader(rows))[1:]
        )


@lru_cache(maxsize=1)
def _provinces() -> dict[str, str]:
    """Return the provinces by code."""
    return {code: name for code, name in nation().values() if len(code) == len("32")}
