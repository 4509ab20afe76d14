"""The change sheet of a new plan: what changes grid on the day, and who must be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import crs
from gridmap.errors import InputError
from gridmap.plans.belonging import Footprints, Ground, Held
from gridmap.plans.informing import informed
from gridmap.plans.lineage import COUNTS, compare
from gridmap.plans.sides import codes_of, counts_of, levels_of, rank, texts
from gridmap.tessellation.lineage import LineageLimits, Rows, Texts

_LIMITS = LineageLimits()

#: Columns that name an area before and after.
_ENDS = ["old", "new"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Turn:
    """The areas that hold things before and after, on the level asked about."""

    #: the plan before and the plan after
    grounds: tuple[Ground, Ground]
    #: kind by old and new code, an empty text where one plan does not hold the ground
    kinds: pd.Series[Any]

    def moved(self, things: pd.DataFrame, rows: Sequence[Rows]) -> pd.DataFrame:
        """Return the things whose area has another code after than before, with both codes and the kind."""
        old, new = (ground.named(row) for ground, row in zip(self.grounds, rows, strict=True))
        there = things.assign(old=old, new=new)[old != new]
        kind = self.kinds.reindex(_by_ends(there)).to_numpy(object)
        # a point may pass where no ground worth a row does: a border moved by less than the tolerance
        there = there.assign(kind=np.where(pd.isna(kind), "adjusted", kind))
        keys = [there[name].fillna("").astype(str) for name in (*_ENDS, "id") if name in there]
        ordered: pd.DataFrame = there.iloc[np.lexsort(keys[::-1])].reset_index(drop=True)
        return ordered


@dataclass(frozen=True, kw_only=True, eq=False)
class Stock:
    """The buildings, and the areas that hold them before and after."""

    #: ids of the buildings
    ids: Texts
    #: their footprints
    footprints: Footprints
    #: the areas that hold them before, and after
    held: tuple[Held, Held]

    @classmethod
    def of(cls, buildings: gpd.GeoDataFrame, grounds: tuple[Ground, Ground]) -> Stock:
        """Return the buildings of a table."""
        drawn = Footprints(buildings)
        held = (grounds[0].buildings(drawn), grounds[1].buildings(drawn))
        return cls(ids=texts(buildings, "id"), footprints=drawn, held=held)

    def positions(self, ids: Texts) -> Rows:
        """Return the positions of buildings by their ids, -1 for unknown ones and for none."""
        place = {name: at for at, name in enumerate(self.ids.tolist()) if name}
        return np.array([place.get(name, -1) for name in ids.tolist()], dtype=np.intp)


def change_sheet(  # noqa: PLR0913 - two plans, and each layer that lies in them by its name
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    addresses: gpd.GeoDataFrame | None = None,
    cameras: gpd.GeoDataFrame | None = None,
    checkpoints: gpd.GeoDataFrame | None = None,
    level: str | None = None,
    limits: LineageLimits = _LIMITS,
) -> dict[str, pd.DataFrame]:
    """Return what changes area on the day that a new plan comes into force, table by table, and who must be told.

    A thing *changes area* if the code of the area that it belongs to is another after than before: also where the area
    was but renamed, since its code stands on doors, in files and in the heads of people. What belongs where is stated
    by `gridmap.plans.belonging.Ground`: points as the service locates them, buildings by the largest share of their
    footprint, addresses by their building.

    Parameters
    ----------
    old, new
        All areas of the plan before and of the plan after (code, name, level, parent, households, residents; polygon).
    buildings
        id, households, residents; polygon.
    addresses
        id, text, building; point.
    cameras, checkpoints
        id; point.
    level
        The level that things change; where it is left out, ``grid`` if both plans have it, else the finest they share.
        Where an area has none of that level, its own code counts.
    limits
        What counts as ground (see `gridmap.plans.compare`).

    Returns
    -------
    dict of str to pandas.DataFrame
        ``areas``
            The lineage of all levels (see `gridmap.plans.compare`) but for areas unchanged: level, old, new, kind,
            share_old, share_new, area_m2, households, residents, buildings (that pass), old_name, new_name,
            old_households, new_households, old_residents, new_residents (of the whole areas: of the buildings in
            them, else as the areas have it).
        ``buildings``
            id, old, new, kind, households, residents.
        ``households``
            old, new, kind, households, residents, buildings: how many of the buildings go which way.
        ``addresses``, ``cameras``, ``checkpoints``
            id, (text,) old, new, kind; ``checkpoints`` also name.
        ``inform``
            level, code, name, side (leaving, arriving), households, residents, buildings, addresses, cameras,
            checkpoints, why: each area of the level that changed, and each area above it, with what leaves or arrives.

        All rows by old code, new code and id.

    Raises
    ------
    TableError, CrsError, InputError
        As `gridmap.plans.compare`; also if counts are no numbers, or neither plan has an area of ``level``.

    Examples
    --------
    >>> from shapely import box
    >>> old = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)], crs=4549)
    >>> new = gpd.GeoDataFrame({"code": ["c"]}, geometry=[box(0, 0, 200, 100)], crs=4549)
    >>> homes = gpd.GeoDataFrame({"id": ["h"], "households": [12]}, geometry=[box(95, 10, 120, 20)], crs=4549)
    >>> change_sheet(old, new, buildings=homes)["buildings"][["id", "old", "new", "kind", "households"]]
      id old new   kind  households
    0  h   b   c  merge          12
    """
    changes = compare(old, new, buildings, limits=limits)
    level = _asked_level(old, new, level)
    grounds = (Ground(of_level(old, level)), Ground(of_level(new, level)))
    turn = Turn(grounds=grounds, kinds=changes["kind"].set_axis(_by_ends(changes)))
    homes = None if buildings is None else Stock.of(buildings, grounds)
    moved = {
        "buildings": _buildings(turn, buildings, homes),
        "addresses": _addresses(turn, addresses, homes),
        "cameras": _points(turn, cameras, ["id"]),
        "checkpoints": _points(turn, checkpoints, ["id", "name"]),
    }
    passing = moved["buildings"].assign(buildings=1).groupby([*_ENDS, "kind"], dropna=False, as_index=False)
    areas = _areas(changes, old, new)
    return {
        "areas": areas[areas["kind"] != "unchanged"].reset_index(drop=True),
        **moved,
        "households": passing[list(COUNTS)].sum(),
        "inform": informed(areas, moved, (old, new), level),
    }


def _asked_level(old: pd.DataFrame, new: pd.DataFrame, level: str | None) -> str:
    """Return the level whose changes are asked about, if there are any areas of it."""
    known = {held for levels in levels_of([old, new]) for held in levels.tolist()}
    if level is not None and level not in known:
        raise InputError(f"level {level!r}", expected=f"one of {', '.join(sorted(known, key=rank))}")
    return level or common_level(old, new)


def _by_ends(table: pd.DataFrame) -> pd.MultiIndex:
    """Return the old and new codes of rows as an index."""
    return pd.MultiIndex.from_frame(table[_ENDS].astype(object).fillna(""))


def common_level(old: pd.DataFrame, new: pd.DataFrame) -> str:
    """Return ``grid`` if both plans have grids, else the finest level that both have, else that of the new plan.

    Raises
    ------
    TableError
        If an area has no level where there are several.

    Examples
    --------
    >>> common_level(pd.DataFrame({"code": ["320613"]}), pd.DataFrame({"code": ["320613", "320613001"]}))
    'district'
    """
    before, after = (set(levels.tolist()) for levels in levels_of([old, new]))
    both = before & after or after or before
    return "grid" if "grid" in both else max(both, key=rank)


def of_level(areas: gpd.GeoDataFrame, level: str) -> gpd.GeoDataFrame:
    """Return the areas of a level, and those above it that are divided no further: code and polygon.

    Raises
    ------
    TableError
        If an area has no level where there are several.
    """
    levels, parents = levels_of([areas])[0], texts(areas, "parent")
    above = {parent for parent in parents.tolist() if parent}
    codes = codes_of(areas)
    leaf = [
        bool(above) and rank(own) < rank(level) and code not in above
        for own, code in zip(levels.tolist(), codes.tolist(), strict=True)
    ]
    kept = (levels == level) | np.array(leaf, dtype=bool)
    return gpd.GeoDataFrame({"code": codes[kept]}, geometry=areas.geometry.to_numpy()[kept], crs=areas.crs)


def _buildings(turn: Turn, buildings: pd.DataFrame | None, homes: Stock | None) -> pd.DataFrame:
    """Return the buildings that change area."""
    names = ["id", *_ENDS, "kind", "households", "residents"]
    if buildings is None or homes is None:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in names})
    things = {"id": texts(buildings, "id"), **{name: counts_of(buildings, name) for name in COUNTS[:2]}}
    return turn.moved(pd.DataFrame(things), [held.area for held in homes.held])[names]


def _addresses(turn: Turn, addresses: gpd.GeoDataFrame | None, homes: Stock | None) -> pd.DataFrame:
    """Return the addresses that change area: with their building where it is known, else with their point."""
    if addresses is None or homes is None or "building" not in addresses:
        return _points(turn, addresses, ["id", "text"])
    points = crs.to_record(addresses).geometry.to_numpy()
    building = homes.positions(texts(addresses, "building"))
    rows = [
        ground.addresses(points, building, homes.footprints, held)
        for ground, held in zip(turn.grounds, homes.held, strict=True)
    ]
    return turn.moved(pd.DataFrame({name: texts(addresses, name) for name in ("id", "text")}), rows)


def _points(turn: Turn, things: gpd.GeoDataFrame | None, names: Sequence[str]) -> pd.DataFrame:
    """Return the points that change area."""
    if things is None or not len(things):
        return pd.DataFrame({name: pd.Series(dtype=object) for name in (*names, *_ENDS, "kind")})
    points = crs.to_record(things).geometry.to_numpy()
    rows = [ground.points(points) for ground in turn.grounds]
    return turn.moved(pd.DataFrame({name: texts(things, name) for name in names}), rows)


def _areas(changes: gpd.GeoDataFrame, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the lineage with the names of the areas, and their households and residents as a whole."""
    table = pd.DataFrame(changes.drop(columns=["geometry", "carries_on"]))
    for end, plan in zip(_ENDS, (old, new), strict=True):
        codes = codes_of(plan)
        table[f"{end}_name"] = table[end].map(dict(zip(codes.tolist(), texts(plan, "name").tolist(), strict=True)))
        for name in COUNTS[:2]:
            table[f"{end}_{name}"] = table[end].map(_whole(changes, end, name, plan)).astype("Int64")
    return table


def _whole(changes: pd.DataFrame, end: str, name: str, plan: pd.DataFrame) -> pd.Series[Any]:
    """Return how many households or residents each area has: by its buildings, else as the plan has it."""
    if changes[name].notna().all():
        return changes.groupby(end)[name].sum()
    known = pd.to_numeric(plan[name]) if name in plan else pd.Series(pd.NA, index=plan.index)
    return known.astype("Int64").set_axis(codes_of(plan))
