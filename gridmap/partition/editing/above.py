"""The areas above the finest ones: unions of their children, so that levels nest by construction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.errors import ConflictError, InputError, NotFoundError
from gridmap.frames import counts
from gridmap.hierarchy import depths, parent_rows, roll_up
from gridmap.partition.editing.plane import Shapes
from gridmap.partition.editing.results import COUNTS, FIGURES


def upper(
    areas: gpd.GeoDataFrame, hierarchy: pd.DataFrame, *, touched: Collection[str] | None = None
) -> gpd.GeoDataFrame:
    """Return the areas of all levels, those above being the unions of the finest ones in them.

    A union takes over the vertices of its parts and computes none: a community's border is, to the last digit, that of
    its grids, and so on upwards.

    Parameters
    ----------
    areas
        The finest areas: ``code``, ``parent``, polygon; a partition, in any CRS.
    hierarchy
        The areas above: ``code``, ``parent``, if wanted ``name``, ``level`` and further columns; its geometry, if it
        has any, is that of before.
    touched
        Codes of areas, of any level, that an edit changed (`Edited.changed` and `Edited.parents`): they and those that
        hold them are made anew; all others keep the very same geometry, which ``hierarchy`` must have. Default: all
        are made.

    Returns
    -------
    geopandas.GeoDataFrame
        Areas above, coarsest first, in the order of ``hierarchy`` within a level, then the finest ones; the columns of
        ``areas``, then those that only ``hierarchy`` has. Counts of areas above are the sums of their parts, missing
        where one is; figures are missing.

    Raises
    ------
    TableError
        If codes are missing or repeated, parents unknown, or a count is no whole number from 0 up.
    NotFoundError
        If there is no area of a touched code.
    InputError
        If only some are to be made and ``hierarchy`` has no geometry.
    ConflictError
        If an area above has no part, or parts overlap or do not share their borders exactly.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> squares = [shapely.box(x, 0, x + 1, 1) for x in (0, 1, 2)]
    >>> grids = gpd.GeoDataFrame({"code": ["a1", "a2", "b1"], "parent": ["a", "a", "b"]}, geometry=squares, crs=4549)
    >>> levels = upper(grids, pd.DataFrame({"code": ["a", "b"], "parent": [None, None]}))
    >>> dict(zip(levels["code"], levels.area.tolist()))
    {'a': 2.0, 'b': 1.0, 'a1': 1.0, 'a2': 1.0, 'b1': 1.0}
    """
    name = areas.geometry.name
    old = hierarchy.geometry.to_numpy() if isinstance(hierarchy, gpd.GeoDataFrame) else None
    table = _stacked(areas, hierarchy)
    depth = depths(table)
    above = np.arange(len(hierarchy))
    leaves = _leaves(table, len(hierarchy))
    wanted = above if touched is None else _wanted(table, len(hierarchy), touched)
    if old is None and len(wanted) < len(above):
        raise InputError("areas above without geometry", expected="that of before", do="make all, without touched")
    shapes = np.empty(len(table), dtype=object)
    shapes[len(hierarchy) :] = areas.geometry.to_numpy()
    shapes[above] = old if old is not None else None
    for row in wanted:
        shapes[row] = _union(shapes[leaves[row]], str(table["code"].iloc[row]))
    order = np.concatenate([above[np.argsort(depth[above], kind="stable")], np.arange(len(hierarchy), len(table))])
    result = gpd.GeoDataFrame(table.iloc[order].reset_index(drop=True))
    return result.set_geometry(gpd.GeoSeries(shapes[order], crs=areas.crs, name=name))


def _stacked(areas: gpd.GeoDataFrame, hierarchy: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of both tables in one, those above first, with counts added up."""
    fine = pd.DataFrame(areas.drop(columns=areas.geometry.name))
    coarse = pd.DataFrame(hierarchy)
    if isinstance(hierarchy, gpd.GeoDataFrame):
        coarse = coarse.drop(columns=hierarchy.geometry.name)
    columns = [*fine.columns, *(name for name in coarse.columns if name not in fine.columns)]
    table = pd.DataFrame({name: _column(coarse, fine, name) for name in columns})
    for name in COUNTS:
        if name in fine.columns:
            known = np.zeros(len(table))
            known[len(coarse) :] = counts(fine, name, source="areas").to_numpy(dtype=np.float64, na_value=np.nan)
            table[name] = _counted(roll_up(table, known))
    for name in FIGURES:
        if name in table.columns:
            table[name] = table[name].where(np.arange(len(table)) >= len(coarse))
    return table


def _column(coarse: pd.DataFrame, fine: pd.DataFrame, name: str) -> pd.Series:
    """Return one column of both tables; None where a table lacks it."""
    parts = [part[name].astype(object) if name in part else pd.Series([None] * len(part)) for part in (coarse, fine)]
    values = [value for part in parts for value in part.tolist()]
    kinds = {part[name].dtype for part in (coarse, fine) if name in part}
    same = len(kinds) == 1 and name in coarse and name in fine
    return pd.Series(values, dtype=kinds.pop() if same else object)


def _counted(sums: npt.NDArray[Any]) -> pd.Series:
    """Return sums as whole numbers, missing where unknown."""
    return pd.Series(sums).astype("Int64")


def _leaves(table: pd.DataFrame, above: int) -> dict[int, list[int]]:
    """Return the rows of the finest areas in each area above."""
    parents = parent_rows(table)
    leaves: dict[int, list[int]] = {row: [] for row in range(above)}
    for leaf in range(above, len(table)):
        row = int(parents[leaf])
        while row >= 0:
            leaves.setdefault(row, []).append(leaf)
            row = int(parents[row])
    return leaves


def _wanted(table: pd.DataFrame, above: int, touched: Collection[str]) -> npt.NDArray[np.int64]:
    """Return the rows of the areas above that are touched, or hold one that is."""
    rows = {str(code): row for row, code in enumerate(table["code"].tolist())}
    unknown = sorted({str(code) for code in touched} - rows.keys())
    if unknown:
        raise NotFoundError(f"area {unknown[0]}", expected="codes of areas in the tables")
    parents = parent_rows(table)
    found: set[int] = set()
    for code in touched:
        row = rows[str(code)]
        while row >= 0 and row not in found:
            found.add(row)
            row = int(parents[row])
    return np.array(sorted(row for row in found if row < above), dtype=np.int64)


def _union(parts: Shapes, code: str) -> Any:
    """Return the union of areas that share their borders exactly."""
    if not len(parts):
        raise ConflictError(f"area {code} has no part left", expected="at least one", do="abolish it, or give it one")
    if not shapely.coverage_is_valid(parts):
        raise ConflictError(
            f"the parts of area {code} overlap or do not share their borders", do="clean the areas first"
        )
    whole = shapely.get_parts(shapely.coverage_union_all(parts))
    return whole[0] if len(whole) == 1 else shapely.multipolygons(whole)
