"""Areas opened for an edit: found by code and by place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.errors import ConflictError, Fault, InputError, NotFoundError, TableError
from gridmap.partition.editing.plane import Plane, Points, Shapes, plane_of

#: Rows of a table, by position.
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Mosaic:
    """The finest areas of a territory, with what an edit looks up."""

    #: as given
    table: gpd.GeoDataFrame
    #: row by code
    rows: dict[str, int]
    #: codes by row
    codes: list[str]
    #: geometries by row
    shapes: Shapes
    #: west, south, east, north by row
    bounds: Points
    #: where to measure
    plane: Plane

    @property
    def box(self) -> Points:
        """West, south, east and north of all areas."""
        return np.concatenate([self.bounds[:, :2].min(axis=0), self.bounds[:, 2:].max(axis=0)])

    def row(self, code: str) -> int:
        """Return the row of an area; NotFoundError if there is none of that code."""
        if code not in self.rows:
            raise NotFoundError(
                f"area {code!r}",
                expected="the code of one of the areas",
                do="fetch the areas again",
                code="no_area",
                values={"areas": [code]},
            )
        return self.rows[code]

    def within(self, box: Points) -> Rows:
        """Return the rows of the areas whose bounds meet a box."""
        west, south, east, north = self.bounds.T
        return np.flatnonzero((west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1]))

    def around(self, rows: Iterable[int]) -> Rows:
        """Return rows and those whose bounds meet theirs, in order."""
        return np.unique(np.concatenate([self.within(self.bounds[row]) for row in rows]))

    def near(self, points: Points, reach_m: float) -> Rows:
        """Return the rows whose bounds come as near to the points' as metres."""
        low, high = points.min(axis=0), points.max(axis=0)
        reach = max(self.plane.reach(reach_m, low), self.plane.reach(reach_m, high))
        return self.within(np.concatenate([low - reach, high + reach]))

    def ground(self, rows: Iterable[int]) -> Shapes:
        """Return areas in metres; ConflictError if one crosses itself, so that nobody can tell what it holds."""
        chosen = list(rows)
        plans = self.plane.drawn(self.shapes[chosen])
        crossed = np.flatnonzero(~shapely.is_valid(plans))
        if len(crossed):
            code = self.codes[chosen[int(crossed[0])]]
            raise ConflictError(
                f"area {code} crosses itself already, before the edit",
                expected="areas whose borders meet in their ends only",
                do="clean the areas first",
                code="crosses_itself_already",
                values={"area": code},
            )
        return plans

    def parents(self, rows: Iterable[int]) -> list[str | None]:
        """Return the parents of areas, each once, in order."""
        if "parent" not in self.table.columns:
            return [None]
        values = self.table["parent"].to_numpy(dtype=object)
        found = (values[row] for row in rows)
        return list(dict.fromkeys(None if pd.isna(value) else str(value) for value in found))

    def refuse_across(self, rows: Iterable[int], *, across: bool) -> None:
        """Refuse an edit between areas of several parents, unless it says that it means to."""
        parents = self.parents(rows)
        if len(parents) > 1 and not across:
            raise ConflictError(
                f"the border between {' and '.join(str(parent) for parent in parents)} would move too",
                expected="an edit among the areas of one parent",
                do="draw it inside one of them, or say across=True if that border may be decided here",
                code="border_of_parents",
                values={"parents": [parent for parent in parents if parent is not None]},
            )


def opened(areas: gpd.GeoDataFrame) -> Mosaic:
    """Return areas opened for an edit.

    Raises
    ------
    TableError
        If codes are missing or repeated, an area is the parent of another, or is without ground; all faults at once.
    CrsError
        If the table says no CRS, or one that cannot be taken to metres.
    """
    if "code" not in areas.columns:
        raise TableError("areas", [Fault(code="missing_column", message="column code is missing", column="code")])
    if not len(areas):
        raise InputError("a table without areas", expected="the finest areas of a territory")
    codes = [str(code) for code in areas["code"].tolist()]
    rows = {code: row for row, code in enumerate(codes)}
    shapes = areas.geometry.to_numpy()
    bounds = np.asarray(shapely.bounds(shapes))
    faults = [*_unnamed(areas), *_repeated(codes, rows), *_upper(areas, rows), *_groundless(shapes, bounds)]
    if faults:
        raise TableError("areas", faults)
    box = np.concatenate([bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)])
    return Mosaic(table=areas, rows=rows, codes=codes, shapes=shapes, bounds=bounds, plane=plane_of(areas, box))


def _unnamed(areas: gpd.GeoDataFrame) -> list[Fault]:
    """Return a fault for each area without a code."""
    message = "no code; give every area one"
    nameless = np.flatnonzero(areas["code"].isna())
    return [Fault(code="missing_code", message=message, feature=int(row) + 1) for row in nameless]


def _repeated(codes: list[str], rows: dict[str, int]) -> list[Fault]:
    """Return a fault for each code that comes again."""
    if len(rows) == len(codes):
        return []
    return [
        Fault(code="duplicate_code", message=f"code {code} comes twice; give each area its own", feature=row + 1)
        for row, code in enumerate(codes)
        if rows[code] != row
    ]


def _upper(areas: gpd.GeoDataFrame, rows: dict[str, int]) -> list[Fault]:
    """Return a fault for each area that holds others of the table."""
    if "parent" not in areas.columns:
        return []
    message = "area {} holds others of the table; edit the finest areas, and make those above of them with upper()"
    parents = sorted(set(areas["parent"].dropna().tolist()) & rows.keys())
    return [Fault(code="not_finest", message=message.format(code), feature=rows[code] + 1) for code in parents]


def lost(shapes: Shapes) -> npt.NDArray[np.bool_]:
    """Return which shapes have a corner that is at no number: their bounds do not tell."""
    points, row = shapely.get_coordinates(shapes, return_index=True)
    return np.isin(np.arange(len(shapes)), row[~np.isfinite(points).all(axis=1)])


def _groundless(shapes: Shapes, bounds: Points) -> list[Fault]:
    """Return a fault for each area that is no polygon with ground at a finite place."""
    kinds = (shapely.GeometryType.POLYGON.value, shapely.GeometryType.MULTIPOLYGON.value)
    bad = ~np.isin(shapely.get_type_id(shapes), kinds) | ~np.isfinite(bounds).all(axis=1) | lost(shapes)
    message = "no polygon with ground; mend the areas first"
    return [Fault(code="no_ground", message=message, feature=int(row) + 1) for row in np.flatnonzero(bad)]
