"""Two plans made comparable: codes, names, levels, and ground in one metric system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap import hierarchy
from gridmap.errors import Fault, InputError, TableError
from gridmap.frames import counts
from gridmap.frames.shapes import shape_faults
from gridmap.hierarchy import LEVELS, level_of_code
from gridmap.tessellation import lineage
from gridmap.tessellation.lineage import Texts, in_metres


@dataclass(frozen=True, kw_only=True, eq=False)
class Side(lineage.Side):
    """The areas of one of two plans, row by row."""

    #: level of each area, ``""`` where neither plan tells any
    levels: Texts


def sides(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> tuple[Side, Side, Any]:
    """Return two plans made comparable, and the metric system that they are compared in.

    Both are taken to metres by one and the same function, so that equal coordinates stay equal. Plans that are in the
    same metric system already are compared in it.

    Raises
    ------
    TableError
        If codes are missing or repeated, or geometries are missing, empty or no polygons; all faults of a plan at once.
    CrsError
        If a plan says no CRS, or one that cannot be taken to metres.
    InputError
        If neither plan has an area.
    """
    for said, table in (("old plan", old), ("new plan", new)):
        refuse_faulty(table, said)
    shapes, system = in_metres(old, new)
    levels = levels_of([old, new])
    made = [
        Side(codes=codes_of(table), names=texts(table, "name"), levels=level, shapes=shape, area=shapely.area(shape))
        for table, level, shape in zip((old, new), levels, shapes, strict=True)
    ]
    return made[0], made[1], system


def refuse_faulty(areas: gpd.GeoDataFrame, said: str) -> None:
    """Refuse a table of areas without codes, with repeated ones, or without ground, naming every fault."""
    if not isinstance(areas, gpd.GeoDataFrame):
        raise InputError(f"{said} of type {type(areas).__name__}", expected="a GeoDataFrame of polygons")
    if "code" not in areas:
        raise TableError(said, [Fault(code="missing_column", message="no column code; name it", column="code")])
    codes = texts(areas, "code")
    wrong = [
        ("missing_code", "no code; give each area one", pd.isna(codes)),
        ("duplicate_code", "a code that another area has too", _repeated(codes)),
    ]
    faults = [
        Fault(code=code, message=f"{codes[row]}: {message}", feature=int(row) + 1, column="code")
        for code, message, where in wrong
        for row in np.flatnonzero(where)
    ]
    # rings that cross themselves are mended
    shapes = shape_faults(areas.geometry.to_numpy(), ("polygon",), areas.crs)
    faults += [fault for fault in shapes if fault.code != "invalid_ring"]
    if faults:
        raise TableError(said, sorted(faults, key=lambda fault: fault.feature or 0))


def counts_of(table: pd.DataFrame, column: str) -> NDArray[np.int64]:
    """Return a column of counts, 0 where a cell is missing or the table has no such column.

    Raises
    ------
    TableError
        If a cell is no whole number from 0 up; all of them at once.
    """
    return counts(table, column, source="table").fillna(0).to_numpy(dtype=np.int64)


def texts(table: pd.DataFrame, column: str) -> Texts:
    """Return a column as texts, None where a cell is blank or the table has no such column."""
    return np.array(hierarchy.texts(table, column), dtype=object)


def codes_of(table: pd.DataFrame) -> Texts:
    """Return the codes of areas as texts."""
    return texts(table, "code")


def levels_of(tables: Sequence[pd.DataFrame]) -> list[Texts]:
    """Return the level of each area of some tables: as stated, else as the length of its code tells.

    Where nothing tells it and the tables know but one level, it is that one: a draft whose grids are not coded yet.

    Raises
    ------
    TableError
        If an area has no level, and the tables know several.

    Examples
    --------
    >>> [levels.tolist() for levels in levels_of([pd.DataFrame({"code": ["320613001002003", "draft-1"]})])]
    [['grid', 'grid']]
    """
    found = [_told(table) for table in tables]
    known = {level for levels in found for level in levels.tolist() if level}
    if len(known) <= 1:
        only = next(iter(known), "")
        return [np.full(len(levels), only, dtype=object) for levels in found]
    message = f"no level, where there are {', '.join(sorted(known, key=rank))}; give each area its own"
    faults = [
        Fault(code="missing_level", message=message, feature=int(row) + 1, column="level")
        for levels in found
        for row in np.flatnonzero(pd.isna(levels))
    ]
    if faults:
        raise TableError("areas", faults)
    return found


def rank(level: str) -> tuple[int, str]:
    """Return a key that sorts levels from coarse to fine, those of the user's own last, by name."""
    return (LEVELS.index(level), "") if level in LEVELS else (len(LEVELS), level)


def _told(table: pd.DataFrame) -> Texts:
    """Return the level that each area states, else the one that its code tells, else None."""
    stated, codes = texts(table, "level").tolist(), codes_of(table).tolist()
    told = [level or level_of_code(code or "") for level, code in zip(stated, codes, strict=True)]
    return np.array(told or [], dtype=object)


def _repeated(codes: Texts) -> NDArray[np.bool_]:
    """Tell which codes stand in a row above, too."""
    series = pd.Series(codes, dtype=object)
    return np.asarray(series.duplicated() & series.notna(), dtype=bool)
