"""How good a plan is, in a few figures; two plans beside each other."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from gridmap.errors import InputError
from gridmap.partition.checking.forms import polsby_popper
from gridmap.plans.belonging import Footprints, holders
from gridmap.plans.changes import common_level, of_level
from gridmap.plans.sides import counts_of, levels_of, refuse_faulty, texts
from gridmap.tessellation.lineage import Rows, in_metres

#: A figure is a number, or None where what it is made of is not known.
Figures = dict[str, float | None]


def figures(
    areas: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None = None,
    *,
    target: float = 300,
    band: float = 0.1,
    standing: gpd.GeoDataFrame | None = None,
    level: str | None = None,
) -> Figures:
    """Return the figures by which plans are compared.

    Parameters
    ----------
    areas
        The plan (code, level, kind, households; polygon); grids of ``kind`` special count for nothing but the ground.
    buildings
        Households of each (polygon); without them the plan's own counts are taken.
    target
        Households that a grid should have.
    band
        Share of the target that a grid may have more or less.
    standing
        The plan in force, to tell how many households would change grid.
    level
        The level that is measured; where it is left out, ``grid``, or the finest of a plan without grids.

    Returns
    -------
    dict of str to float or None
        ``grids``; ``households``, ``largest``, ``smallest`` (households of a grid); ``mean_deviation``,
        ``max_deviation`` (of the households of a grid from the target, as a share of it); ``share_in_band`` (of the
        grids); ``compactness_mean``, ``compactness_min`` (Polsby-Popper: 4 pi area / perimeter squared, 1 is a circle);
        ``households_moved`` (see `households_moved`; None without a standing plan or buildings), ``buildings_outside``
        (that no grid has any of).

    Raises
    ------
    TableError, CrsError, InputError
        As `gridmap.plans.compare`.

    Examples
    --------
    >>> from shapely import box
    >>> squares = gpd.GeoDataFrame({"code": ["a", "b"], "households": [300, 360]},
    ...     geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4549)
    >>> said = figures(squares)
    >>> said["grids"], round(said["mean_deviation"], 3), said["share_in_band"], round(said["compactness_min"], 3)
    (2, 0.1, 0.5, 0.785)
    """
    refuse_faulty(areas, "areas")
    if not len(areas):
        raise InputError("a plan without any area", expected="at least one grid")
    grids = areas[levels_of([areas])[0] == (level or common_level(areas, areas))]
    homes = None if buildings is None else holders(grids, Footprints(buildings))
    basic = texts(grids, "kind") != "special"
    households = _households(grids, buildings, homes)
    (shapes,), _ = in_metres(grids)
    compact = polsby_popper(shapely.area(shapes), shapely.length(shapes))
    moved = None if standing is None or buildings is None else households_moved(standing, areas, buildings, level=level)
    return {
        "grids": len(grids),
        **_load(None if households is None else households[basic], target, band),
        "compactness_mean": float(compact.mean()),
        "compactness_min": float(compact.min()),
        "households_moved": moved,
        "buildings_outside": None if homes is None else int((homes < 0).sum()),
    }


def differences(one: Mapping[str, float | None], other: Mapping[str, float | None]) -> pd.DataFrame:
    """Return two plans' figures beside each other.

    Parameters
    ----------
    one, other
        What `figures` returned of each.

    Returns
    -------
    pandas.DataFrame
        ``figure``, ``a``, ``b``, ``difference`` (b less a; NaN where one is not known), in the order of the first.

    Raises
    ------
    None

    Examples
    --------
    >>> differences({"grids": 60, "share_in_band": 0.5}, {"grids": 63, "share_in_band": 0.75})
              figure     a      b  difference
    0          grids  60.0  63.00        3.00
    1  share_in_band   0.5   0.75        0.25
    """
    names = list(dict.fromkeys([*one, *other]))
    a, b = (pd.Series([said.get(name) for name in names], dtype=float) for said in (one, other))
    return pd.DataFrame({"figure": names, "a": a, "b": b, "difference": b - a})


def households_moved(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, *, level: str | None = None
) -> int:
    """Return how many households get another grid, whatever the grids are called.

    Each old grid is taken to go on as at most one new grid, and each new one to be at most one old one, in the way that
    leaves most households where they are; all others move. So nobody moves where a grid is but renamed, and of two
    that merge the smaller one moves.

    Parameters
    ----------
    old, new
        The plans.
    buildings
        households; polygon.
    level
        The level that households change; where it is left out, ``grid`` if both plans have it, else the finest they
        share.

    Returns
    -------
    int
        Households of buildings that lie in a grid of either plan and do not stay.

    Raises
    ------
    TableError, CrsError, InputError
        As `gridmap.plans.compare`.
    """
    level, drawn = level or common_level(old, new), Footprints(buildings)
    ends = {name: holders(of_level(plan, level), drawn) for name, plan in (("old", old), ("new", new))}
    table = pd.DataFrame({**ends, "n": counts_of(buildings, "households")})
    inside = int(table["n"][(table["old"] >= 0) | (table["new"] >= 0)].sum())
    both = table[(table["old"] >= 0) & (table["new"] >= 0) & (table["n"] > 0)]
    pairs = both.groupby(["old", "new"])["n"].sum().reset_index()
    return inside - (_most_staying(*(pairs[name].to_numpy() for name in ("old", "new", "n"))) if len(pairs) else 0)


def _most_staying(old: Rows, new: Rows, households: NDArray[np.int64]) -> int:
    """Return the most households that pairs can hold of which no two share an old or a new grid.

    A matching of greatest weight. Each grid also has a partner of its own that holds nobody, and these have each other
    as their grids have, so that every choice of pairs is part of a matching of all.
    """
    before, after = int(old.max()) + 1, int(new.max()) + 1
    rows = np.concatenate([old, np.arange(before), before + np.arange(after), before + new])
    columns = np.concatenate([new, after + np.arange(before), np.arange(after), after + old])
    held = np.concatenate([households, np.zeros(before + after + len(old), dtype=np.int64)])
    # all matchings have as many pairs, so that what is added to each cost does not matter: none may be 0
    costs = coo_array((households.max() + 1.0 - held, (rows, columns)), shape=(before + after, before + after)).tocsr()
    chosen = min_weight_full_bipartite_matching(costs)
    return int((households.max() + 1 - costs[chosen]).sum())


def _households(
    grids: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None, homes: Rows | None
) -> NDArray[np.float64] | None:
    """Return the households of each grid: of its buildings, else as the plan has them; None where nothing tells."""
    if buildings is not None and homes is not None:
        inside = homes >= 0
        counts = counts_of(buildings, "households")[inside]
        return np.bincount(homes[inside], weights=counts, minlength=len(grids)).astype(float)
    if "households" not in grids or grids["households"].isna().any():
        return None
    return counts_of(grids, "households").astype(float)


def _load(households: NDArray[np.float64] | None, target: float, band: float) -> Figures:
    """Return the figures of the households of grids."""
    if households is None or not len(households):
        names = ("households", "largest", "smallest", "mean_deviation", "max_deviation", "share_in_band")
        return dict.fromkeys(names)
    off = np.abs(households / target - 1)
    return {
        "households": int(households.sum()),
        "largest": int(households.max()),
        "smallest": int(households.min()),
        "mean_deviation": float(off.mean()),
        "max_deviation": float(off.max()),
        # 330 / 300 - 1 is 0.1 and a little, as floats go
        "share_in_band": float((off <= band + 1e-9).mean()),
    }
