"""Streets as a table says them: which lines are streets, their parts, and the level on which they run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.errors import Fault, TableError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Classes of lines that nobody can go along: they are not there yet, or no longer.
NO_STREETS = frozenset({"construction", "proposed", "planned", "abandoned", "disused", "razed"})

_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Lines of the streets part by part, without steps of no length."""

    #: row of the table of each part, shape (p,)
    row: Ints
    #: metres along the street at which each part begins, shape (p,)
    start_m: Floats
    #: metres of each part, shape (p,)
    length_m: Floats
    #: level on which each part runs: 0 the ground, shape (p,)
    level: Floats
    #: vertices, part by part, shape (v, 2)
    xy: Floats
    #: part of each vertex, shape (v,)
    part: Ints
    #: metres along the part at each vertex, shape (v,)
    along_m: Floats
    #: first vertex of each part and, at the end, the number of vertices, shape (p + 1,)
    begin: Ints

    @property
    def is_end(self) -> Flags:
        """Whether each vertex is the first or the last of its part."""
        flags = np.zeros(len(self.xy), dtype=bool)
        flags[self.begin[:-1]] = flags[self.begin[1:] - 1] = True
        return flags

    @property
    def steps(self) -> Ints:
        """First vertex of each straight step."""
        last = np.zeros(len(self.xy), dtype=bool)
        last[self.begin[1:] - 1] = True
        return np.flatnonzero(~last)


def is_street(streets: pd.DataFrame, *, passed_over: Collection[str] = NO_STREETS) -> Flags:
    """Return whether each line is a street: what ``barrier`` calls a barrier and ``class`` no street is none.

    Parameters
    ----------
    streets
        ``class``, ``barrier`` where known.
    passed_over
        Classes that are no streets here: motorways, say, or paths.

    Raises
    ------
    Nothing
        A line of which nothing is known is a street.

    Examples
    --------
    >>> kinds = {"class": [None, "primary", None], "barrier": ["river", "lock_gate", None]}
    >>> is_street(pd.DataFrame(kinds)).tolist()
    [False, True, True]
    """
    kinds, barriers = texts(streets, "class"), texts(streets, "barrier")
    open_ = np.isin(barriers, ["", "no"])
    return np.asarray(~np.isin(kinds, list(passed_over)) & ((kinds != "") | open_))


def texts(table: pd.DataFrame, name: str) -> npt.NDArray[np.object_]:
    """Return a column as stripped texts, empty where a cell or the column is missing, shape (n,).

    Raises
    ------
    Nothing
        Whatever a cell holds has a text.
    """
    if name not in table:
        return np.full(len(table), "", dtype=object)
    cells = table[name].astype(object)
    return np.array(["" if gone else str(cell).strip() for cell, gone in zip(cells, cells.isna(), strict=True)], object)


def levels(streets: pd.DataFrame) -> Floats:
    """Return the level on which each street runs: ``layer``, else 1 for a ``bridge``, -1 for a ``tunnel``, else 0.

    Where there are no such columns, they are looked for in what GDAL calls ``other_tags`` of OpenStreetMap.

    Raises
    ------
    Nothing
        A layer that is no number is no layer.

    Examples
    --------
    >>> levels(pd.DataFrame({"bridge": ["yes", "no", None], "layer": [None, None, "-2"]})).tolist()
    [1.0, 0.0, -2.0]
    """
    layer = pd.to_numeric(pd.Series(_tag(streets, "layer")), errors="coerce").to_numpy(dtype=float)
    bridge, tunnel = (~np.isin(_tag(streets, name), ["", "no", "False", "false", "0"]) for name in ("bridge", "tunnel"))
    return np.where(np.isfinite(layer), layer, bridge * 1.0 - tunnel * 1.0)


def drawn(streets: gpd.GeoDataFrame, chosen: Flags) -> Drawn:
    """Return the lines of the chosen streets, part by part.

    Parameters
    ----------
    streets
        Lines in metres.
    chosen
        Which rows are streets.

    Raises
    ------
    TableError
        If there are other geometries than lines among them, or coordinates that are not finite.
    """
    shapes = streets.geometry.to_numpy()
    _refuse_others(shapes, chosen)
    rows = np.flatnonzero(chosen & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    parts, of = shapely.get_parts(shapely.force_2d(shapes[rows]), return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    moves = np.ones(len(xy), dtype=bool)
    moves[1:] = (part[1:] != part[:-1]) | (xy[1:] != xy[:-1]).any(axis=1)
    many = np.bincount(part[moves], minlength=len(parts)) > 1
    kept = moves & many[part]
    return _measured(xy[kept], (np.cumsum(many) - 1)[part[kept]], rows[of[many]], levels(streets))


def _measured(xy: Floats, part: Ints, row: Ints, level: Floats) -> Drawn:
    """Parts with their metres."""
    begin = np.searchsorted(part, np.arange(len(row) + 1))
    steps = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    steps[begin[:-1]] = 0.0
    run = np.cumsum(steps)
    along = run - run[begin[part]]
    length = along[begin[1:] - 1]
    done = np.cumsum(length) - length
    first = np.searchsorted(row, row)
    return Drawn(
        row=row,
        start_m=done - done[first],
        length_m=length,
        level=level[row],
        xy=xy,
        part=part,
        along_m=along,
        begin=begin,
    )


def _tag(streets: pd.DataFrame, name: str) -> npt.NDArray[np.object_]:
    """A column, or the tag of that name in ``other_tags``."""
    if name in streets or "other_tags" not in streets:
        return texts(streets, name)
    found = streets["other_tags"].astype("str").str.extract(f'"{name}"=>"([^"]*)"')[0]
    return texts(pd.DataFrame({name: found}), name)


def _refuse_others(shapes: npt.NDArray[Any], chosen: Flags) -> None:
    """Refuse streets that are no lines or lie nowhere."""
    missing = shapely.is_missing(shapes)
    other = chosen & ~missing & ~np.isin(shapely.get_type_id(shapes), _LINES)
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    endless = np.zeros(len(shapes), dtype=bool)
    endless[of[~np.isfinite(xy).all(axis=1)]] = True
    faults = [
        Fault(code="not_a_line", message=f"a {shapes[at].geom_type}; expected a line", feature=int(at) + 1)
        for at in np.flatnonzero(other)
    ] + [
        Fault(code="not_finite", message="coordinates that are not finite; draw the line anew", feature=int(at) + 1)
        for at in np.flatnonzero(endless & chosen & ~other)
    ]
    if faults:
        raise TableError("streets", sorted(faults, key=lambda fault: fault.feature or 0))
