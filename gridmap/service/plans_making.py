"""What a draft is made of: the areas in force down to a level, or a drawn set, each area in the one above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import crs, hierarchy
from gridmap.errors import Fault, InputError, TableError
from gridmap.partition import AreaIndex
from gridmap.store.plans_rows import COUNTS, WORDS

#: The level that grid administrators draw, where the territory has it.
USUAL_LEVEL = "grid"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The areas of a draft."""

    #: those that no other divides, in EPSG:4490
    leaves: gpd.GeoDataFrame
    #: those above, without geometry
    upper: pd.DataFrame


def usual_level(areas: pd.DataFrame) -> str | None:
    """Return the finest level of a draft where none is asked for: ``grid``, None where no area is one.

    Raises
    ------
    None
    """
    return USUAL_LEVEL if "level" in areas and bool((areas["level"] == USUAL_LEVEL).any()) else None


def parts_of(areas: gpd.GeoDataFrame, level: str | None) -> Parts:
    """Return areas of all levels as those of a draft: nothing finer than a level, ground only where nothing divides it.

    Parameters
    ----------
    areas
        code, name?, level?, parent?, kind?, households?, residents? and polygons; all levels mixed.
    level
        The finest level; None: whatever is finest.

    Raises
    ------
    InputError
        If no area is of that level.
    TableError
        As `gridmap.hierarchy.parent_rows`.
    CrsError
        If the table states no CRS that can be taken to degrees.
    """
    kept, _ = divided(areas, level)
    above = kept["code"].isin(set(kept["parent"].dropna()))
    return Parts(leaves=_leaves(kept[~above]), upper=_words(kept[above]))


def divided(areas: gpd.GeoDataFrame, level: str | None) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return areas down to a level, and those that are finer, both with their parents and in EPSG:4490.

    Raises
    ------
    InputError, TableError, CrsError
        As `parts_of`.
    """
    areas = with_parents(crs.to_record(areas).reset_index(drop=True))
    if level is not None and not (areas["level"] == level).any():
        raise InputError(
            f"no area is of level {level!r}",
            expected=f"one of {_levels(areas)}",
            code="no_such_level",
            values={"level": level, "levels": _levels(areas)},
        )
    finer = _finer(areas, level)
    return areas[~finer], areas[finer]


def drawn_parts(drawn: gpd.GeoDataFrame, standing: gpd.GeoDataFrame, level: str | None) -> Parts:
    """Return a drawn set as the areas of a draft, below the areas in force where it holds none of the levels above.

    Parameters
    ----------
    drawn
        As for `parts_of`; an area whose parent is not stated lies in the one in force that holds a point inside it.
    standing
        The areas in force.
    level
        The finest level; None: whatever is finest.

    Raises
    ------
    InputError, TableError, CrsError
        As `parts_of`.
    """
    drawn = _promised(crs.to_record(drawn))
    if drawn["parent"].isin(set(drawn["code"])).any() or standing.empty:
        return parts_of(drawn, level)
    whole = parts_of(standing, usual_level(standing))
    named = drawn["parent"].dropna()
    unknown = set(named) - set(whole.upper["code"])
    if unknown:
        raise TableError("areas", [_unknown(row, name) for row, name in named.items() if name in unknown])
    above = standing[standing["code"].isin(set(whole.upper["code"]))]
    leaves = drawn if above.empty else with_parents(pd.concat([_promised(above), drawn], ignore_index=True))
    leaves = _leaves(leaves[leaves["code"].isin(set(drawn["code"]))])
    return Parts(leaves=leaves, upper=_holding(whole.upper, leaves))


def with_parents(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return areas of which each names its parent, found by a point inside it where it names none.

    Raises
    ------
    TableError
        As `gridmap.hierarchy.depths`.
    """
    areas = _promised(areas)
    levels = areas["level"].map(_rank)
    lacking = np.flatnonzero(areas["parent"].isna() & levels.notna() & (levels > levels.min()))
    if not len(lacking):
        hierarchy.parent_rows(areas)
        return areas
    parents = areas["parent"].to_numpy(dtype=object, copy=True)
    inside = shapely.get_coordinates(shapely.point_on_surface(areas.geometry.to_numpy()))
    for rank in np.unique(levels.to_numpy()[lacking]):
        rows = lacking[levels.to_numpy()[lacking] == rank]
        coarser = areas[levels < rank]
        found = AreaIndex(coarser[["code", "level", "geometry"]], compiled=False).locate(*inside[rows].T)
        codes = coarser["code"].to_numpy(dtype=object)
        parents[rows] = np.where(found >= 0, codes[found], None)
    areas = areas.assign(parent=parents)
    hierarchy.parent_rows(areas)
    return areas


def _finer(areas: gpd.GeoDataFrame, level: str | None) -> npt.NDArray[np.bool_]:
    """Which areas lie in one of a level."""
    parents = hierarchy.parent_rows(areas)
    of_level = (areas["level"] == level).to_numpy(dtype=bool)
    finer, above = np.zeros(len(areas), dtype=bool), parents
    while level is not None and (above >= 0).any():
        finer |= (above >= 0) & of_level[above]
        above = np.where(above >= 0, parents[above], -1)
    return finer


def _leaves(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    names = [*WORDS, *COUNTS]
    kinds = dict.fromkeys(COUNTS, "Int64")
    return areas[[*names, "geometry"]].astype(kinds).sort_values("code", ignore_index=True)


def _holding(upper: pd.DataFrame, leaves: pd.DataFrame) -> pd.DataFrame:
    """Those areas above in which some of the leaves lie."""
    holding, found = set(leaves["parent"].dropna()), -1
    while len(holding) > found:
        found = len(holding)
        holding |= set(upper.loc[upper["code"].isin(holding), "parent"].dropna())
    return upper[upper["code"].isin(holding)].reset_index(drop=True)


def _words(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(areas[list(WORDS)]).sort_values("code", ignore_index=True)


def _promised(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Areas with every column of a plan, None where nothing is known; no column else."""
    lacking = {name: None for name in (*WORDS, *COUNTS) if name not in areas}
    named = areas if areas.geometry.name == "geometry" else areas.rename_geometry("geometry")
    table = named.assign(**lacking)[[*WORDS, *COUNTS, "geometry"]]
    words = {name: table[name].astype(object).where(table[name].notna(), None) for name in WORDS}
    return table.assign(**words)


def _rank(level: Any) -> float:
    """How fine a level is; NaN where its name does not tell."""
    return float(hierarchy.level_rank(level)) if level in hierarchy.LEVELS else float("nan")


def _levels(areas: pd.DataFrame) -> str:
    return ", ".join(sorted({str(level) for level in areas["level"].dropna()})) or "none: no area states its level"


def _unknown(row: Any, name: str) -> Fault:
    message = f"parent {name} is neither in the set nor in force"
    return Fault(code="unknown_parent", message=message, feature=int(row) + 1, column="parent")
