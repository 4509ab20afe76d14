"""Parcels of two epochs, checked and made comparable."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.errors import Fault, InputError, TableError
from gridmap.frames.shapes import shape_faults
from gridmap.hierarchy import texts
from gridmap.tessellation.lineage import Flags, Rows, Side, as_drawn, broken, identical, mended, rows_without

_POLYGONS = (shapely.GeometryType.POLYGON.value, shapely.GeometryType.MULTIPOLYGON.value)


class TwoEpochs(NamedTuple):
    """Parcels of two epochs in one metric system, in the order of their identifiers."""

    #: parcels of the old epoch
    old: Side
    #: parcels of the new one
    new: Side
    #: rows of the old and of the new epoch that are of the very same ground
    same: tuple[Rows, Rows]
    #: which old and which new parcels had rings that cross themselves, and were mended
    broken: tuple[Flags, Flags]
    #: the system that they are compared in
    system: Any


def two_epochs(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> TwoEpochs:
    """Return the parcels of two epochs made comparable.

    Parameters
    ----------
    old, new
        ``id`` and polygons, any CRS; rings that cross themselves are mended.

    Returns
    -------
    TwoEpochs
        The same whatever the order of the rows is.

    Raises
    ------
    TableError
        If identifiers are missing or repeated, or geometries are missing, empty or no polygons; all faults of an epoch
        at once.
    CrsError
        If a table says no CRS, or one that cannot be taken to metres.
    InputError
        If neither epoch has a parcel.
    """
    ids = [checked_ids(table, said) for said, table in (("old parcels", old), ("new parcels", new))]
    shapes, system = as_drawn(old, new)
    drawn = [_side(names, shape) for names, shape in zip(ids, shapes, strict=True)]
    same = identical(*drawn)
    # what is the same ground before and after is looked at once
    wrong = broken(drawn[0].shapes), np.zeros(len(new), dtype=bool)
    wrong[1][same[1]] = wrong[0][same[0]]
    others = rows_without(same[1], len(new))
    wrong[1][others] = broken(drawn[1].shapes[others])
    one, other = (_mended(side, rows) for side, rows in zip(drawn, wrong, strict=True))
    return TwoEpochs(one, other, same, wrong, system)


def checked_ids(parcels: gpd.GeoDataFrame, said: str) -> NDArray[np.object_]:
    """Return the identifiers of parcels, having refused what cannot be compared.

    Raises
    ------
    InputError, TableError
        As `two_epochs`.
    """
    if not isinstance(parcels, gpd.GeoDataFrame):
        raise InputError(f"{said} of type {type(parcels).__name__}", expected="a GeoDataFrame of polygons")
    if "id" not in parcels:
        raise TableError(said, [Fault(code="missing_column", message="no column id; name it", column="id")])
    ids = texts(parcels, "id")
    faults = [*_id_faults(ids), *_shape_faults(parcels)]
    if faults:
        raise TableError(said, sorted(faults, key=lambda fault: fault.feature or 0))
    return np.array(ids, dtype=object)


def _id_faults(ids: list[str | None]) -> list[Fault]:
    """Return which identifiers are missing or repeated."""
    known = set(ids)
    if len(known) == len(ids) and None not in known:
        return []
    series = pd.Series(ids, dtype=object)
    wrong = [
        ("missing_id", "no identifier; give each parcel one", series.isna()),
        ("duplicate_id", "an identifier that another parcel has too", series.duplicated() & series.notna()),
    ]
    return [
        Fault(code=code, message=f"{ids[row]}: {message}", feature=int(row) + 1, column="id")
        for code, message, where in wrong
        for row in np.flatnonzero(where).tolist()
    ]


def _shape_faults(parcels: gpd.GeoDataFrame) -> list[Fault]:
    """Return what is wrong with geometries, but for rings that cross themselves: these are mended and told."""
    shapes = parcels.geometry.to_numpy()
    # to tell the faults of shapes is slow, and most tables have none
    if parcels.crs is not None and not parcels.crs.is_geographic and _sound(shapes):
        return []
    return [fault for fault in shape_faults(shapes, ("polygon",), parcels.crs) if fault.code != "invalid_ring"]


def _sound(shapes: NDArray[Any]) -> bool:
    """Tell whether all are polygons of some ground; the area of one with a coordinate that is not finite is none."""
    area = shapely.area(shapes)
    return bool(((area > 0) & (area < np.inf)).all() and np.isin(shapely.get_type_id(shapes), _POLYGONS).all())


def _side(ids: NDArray[np.object_], shapes: NDArray[Any]) -> Side:
    """Return parcels in the order of their identifiers."""
    order = np.argsort(ids.astype(str), kind="stable")
    names = np.full(len(ids), None, dtype=object)
    return Side(codes=ids[order], names=names, shapes=shapes[order], area=shapely.area(shapes[order]))


def _mended(side: Side, wrong: Flags) -> Side:
    """Return parcels that overlays can work on."""
    if not wrong.any():
        return side
    shapes = mended(side.shapes, wrong)
    return Side(codes=side.codes, names=side.names, shapes=shapes, area=shapely.area(shapes))
