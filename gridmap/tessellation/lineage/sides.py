"""Two partitions of one ground, or two epochs of it, made comparable: ground in one metric system, row by row."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap import crs
from gridmap.errors import InputError

#: Texts, None where there is none.
Texts = NDArray[np.object_]
Rows = NDArray[np.intp]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_POLYGONS = (shapely.GeometryType.POLYGON.value, shapely.GeometryType.MULTIPOLYGON.value)


@dataclass(frozen=True, kw_only=True, eq=False)
class Side:
    """What is compared of one of the two, row by row: areas of a plan, parcels of an epoch."""

    #: what each is called by: its code, its identifier
    codes: Texts
    #: its name, None where it has none
    names: Texts
    #: its ground in metres; valid polygons
    shapes: NDArray[Any]
    #: m2 of it
    area: Floats

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: Rows) -> Self:
        """Return some of the rows."""
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def picked(values: NDArray[Any], rows: Rows, blank: Any = None) -> NDArray[Any]:
    """Return the values of rows, a blank one for the row -1."""
    found = np.full(len(rows), blank, dtype=values.dtype)
    held = rows >= 0
    found[held] = values[rows[held]]
    return found


def in_metres(*tables: gpd.GeoDataFrame) -> tuple[list[NDArray[Any]], Any]:
    """Return the geometries of tables in one metric system, and that system; invalid polygons are mended.

    All are taken there by one and the same function, so that equal coordinates stay equal. Tables that are in the same
    metric system already stay in it.

    Raises
    ------
    InputError
        If all tables are empty.
    CrsError
        If a table says no CRS, or one that cannot be taken to metres.
    """
    shapes, system = as_drawn(*tables)
    return [mended(shape, broken(shape)) for shape in shapes], system


def as_drawn(*tables: gpd.GeoDataFrame) -> tuple[list[NDArray[Any]], Any]:
    """Return the same with invalid polygons as they are.

    Raises
    ------
    InputError, CrsError
        As `in_metres`.
    """
    filled = [table for table in tables if len(table)]
    if not filled:
        raise InputError("tables without any row", expected="at least one area")
    if any(table.crs is None or table.crs != filled[0].crs for table in filled):
        filled = [crs.to_record(table) for table in filled]
    system, shapes = filled[0].crs, np.concatenate([table.geometry.to_numpy() for table in filled])
    if not crs.is_metric(system):
        every = crs.to_metric(gpd.GeoDataFrame(geometry=shapes, crs=system))
        system, shapes = every.crs, every.geometry.to_numpy()
    flat = _exact(shapely.force_2d(shapes) if shapely.has_z(shapes).any() else shapes)
    return np.split(flat, np.cumsum([len(table) for table in tables])[:-1]), system


def _exact(shapes: NDArray[Any]) -> NDArray[Any]:
    """Return shapes whose overlays are not rounded: some were snapped to a lattice and would keep to it."""
    snapped = np.flatnonzero(shapely.get_precision(shapes) > 0)
    if not len(snapped):
        return shapes
    free = shapes.copy()
    free[snapped] = shapely.set_precision(shapes[snapped], 0, mode="pointwise")
    return free


def broken(shapes: NDArray[Any]) -> Flags:
    """Tell which polygons are invalid: their rings cross themselves or each other."""
    wrong = np.asarray(~shapely.is_valid(shapes))
    wrong[wrong] = np.isin(shapely.get_type_id(shapes[wrong]), _POLYGONS)
    return wrong


def mended(shapes: NDArray[Any], wrong: Flags) -> NDArray[Any]:
    """Return polygons of the same ground that overlays can work on; those that are wrong are mended."""
    sound = shapes.copy()
    sound[wrong] = [polygons_of(shape) for shape in shapely.make_valid(shapes[wrong])]
    return sound


def polygons_of(shape: Any) -> Any:
    """Return the polygons of a geometry as one, without its lines and points."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    solid = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return solid[0] if len(solid) == 1 else shapely.multipolygons(solid)
