"""Tables with some rows changed; the geometry of all others is the same object as before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.partition.editing.mosaic import Mosaic

#: Counts of what stands on an area's ground: unknown once its borders move, until somebody counts again.
COUNTS = ("households", "residents", "buildings")
#: Figures that follow from ground and counts, hence unknown likewise.
FIGURES = ("area_m2", "compactness", "deviation", "barrier_m", "parts")


@dataclass(frozen=True, kw_only=True)
class Change:
    """What an edit does to a table."""

    #: new geometry by row
    shapes: Mapping[int, Any] = field(default_factory=dict)
    #: further new values by row
    cells: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    #: rows that go
    gone: Sequence[int] = ()
    #: new areas that stand behind a row: (that row, their values and geometry)
    new: Sequence[tuple[int, Mapping[str, Any]]] = ()
    #: rows whose counts still hold, since only vertices on straight borders came or went
    counted: Sequence[int] = ()


def changed(mosaic: Mosaic, change: Change) -> gpd.GeoDataFrame:
    """Return the table with a change made.

    Rows keep their order and index labels. A new area stands behind that from which it was taken and has its values,
    but for those given; its label is the next whole number, or its code in an index of texts. Counts and figures of
    areas whose borders moved are missing: what is on the new ground has to be counted anew.

    Parameters
    ----------
    mosaic
        The areas before.
    change
        What is to change.
    """
    table = mosaic.table
    gone = set(change.gone)
    order, fresh = _order(len(table), gone, [row for row, _ in change.new])
    result = table if len(order) == len(table) and not change.new else table.iloc[order]
    where = {row: at for at, row in enumerate(order) if fresh[at] < 0}
    shapes = mosaic.shapes[order]
    cells: dict[str, dict[int, Any]] = {}
    for row, shape in change.shapes.items():
        shapes[where[row]] = shape
    for at, (_, values) in ((at, change.new[k]) for at, k in enumerate(fresh) if k >= 0):
        shapes[at] = values["geometry"]
        _note(cells, at, {name: value for name, value in values.items() if name != "geometry"})
        _note(cells, at, _uncounted(table, set(values)))
    for row in change.shapes.keys() - set(change.counted):
        _note(cells, where[row], _uncounted(table, set(change.cells.get(row, ()))))
    for row, values in change.cells.items():
        _note(cells, where[row], values)
    columns = {name: _with(result[name], at) for name, at in cells.items() if name in table.columns}
    columns[table.geometry.name] = gpd.GeoSeries(shapes, index=result.index, crs=table.crs)
    result = result.assign(**columns)
    return _labelled(result, table, fresh) if change.new else result


def _note(cells: dict[str, dict[int, Any]], at: int, values: Mapping[str, Any]) -> None:
    """Note values of a row."""
    for name, value in values.items():
        cells.setdefault(name, {})[at] = value


def _order(rows: int, gone: set[int], sources: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the old row of each new row, and the number of the new area that it is (-1: none)."""
    behind: dict[int, list[int]] = {}
    for k, row in enumerate(sources):
        behind.setdefault(row, []).append(k)
    order, fresh = [], []
    for row in range(rows):
        members = [] if row in gone else [-1]
        for k in [*members, *behind.get(row, [])]:
            order.append(row)
            fresh.append(k)
    return order, fresh


def _uncounted(table: gpd.GeoDataFrame, given: set[str]) -> dict[str, Any]:
    """Return what is unknown of an area whose borders moved."""
    return {name: None for name in (*COUNTS, *FIGURES) if name in table.columns and name not in given}


def _with(column: pd.Series, values: Mapping[int, Any]) -> pd.Series:
    """Return a column with other values at some positions; whole numbers become nullable where one is unknown."""
    unknown = any(value is None for value in values.values())
    if unknown and isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu":
        column = column.astype("Int64")
    column = column.copy()
    for at, value in values.items():
        column.iloc[at] = _missing(column) if value is None else value
    return column


def _missing(column: pd.Series) -> Any:
    """Return what stands for an unknown value in a column."""
    return None if column.dtype == object else column.dtype.na_value if hasattr(column.dtype, "na_value") else np.nan


def _labelled(result: gpd.GeoDataFrame, table: gpd.GeoDataFrame, fresh: Sequence[int]) -> gpd.GeoDataFrame:
    """Return the table with labels of their own for new areas."""
    labels = result.index.tolist()
    whole = pd.api.types.is_integer_dtype(table.index)
    first = int(table.index.max()) + 1 if whole else 0
    for at, k in enumerate(fresh):
        if k >= 0:
            labels[at] = first + k if whole else str(result["code"].iloc[at])
    return result.set_axis(pd.Index(labels, name=table.index.name))


@dataclass(frozen=True, kw_only=True, eq=False)
class Edited:
    """An edit that was made."""

    #: the areas after it
    areas: gpd.GeoDataFrame = field(repr=False)
    #: codes of areas that were and are, with another geometry or other values
    changed: tuple[str, ...]
    #: codes of areas that are no more
    removed: tuple[str, ...]
    #: codes of areas that were not
    added: tuple[str, ...]
    #: the areas before it
    standing: gpd.GeoDataFrame = field(repr=False)

    @property
    def before(self) -> gpd.GeoDataFrame:
        """The rows that changed or went, as they were: put in the place of `after`, they undo the edit."""
        return _of(self.standing, {*self.changed, *self.removed})

    @property
    def after(self) -> gpd.GeoDataFrame:
        """The rows that changed or came, as they are."""
        return _of(self.areas, {*self.changed, *self.added})

    @property
    def parents(self) -> tuple[str, ...]:
        """Codes of the areas above whose children changed, before or after: those that `upper` has to make anew."""
        found = [row for table in (self.before, self.after) if "parent" in table for row in table["parent"].dropna()]
        return tuple(dict.fromkeys(str(code) for code in found))


def edited(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> Edited:
    """Return what became of areas: which changed, went and came, told by the identity of their geometry.

    Parameters
    ----------
    before, after
        A table of areas, and what a function of this package made of it.

    Raises
    ------
    Nothing
        Any two tables can be compared.
    """
    old = dict(zip(before["code"].tolist(), before.geometry.to_numpy(), strict=True))
    new = dict(zip(after["code"].tolist(), after.geometry.to_numpy(), strict=True))
    return Edited(
        areas=after,
        changed=tuple(str(code) for code, shape in new.items() if code in old and old[code] is not shape),
        removed=tuple(str(code) for code in old if code not in new),
        added=tuple(str(code) for code in new if code not in old),
        standing=before,
    )


def _of(table: gpd.GeoDataFrame, codes: set[str]) -> gpd.GeoDataFrame:
    """Return the rows of some codes."""
    return table.iloc[[row for row, code in enumerate(table["code"].tolist()) if str(code) in codes]]
