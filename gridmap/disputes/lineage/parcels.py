"""Parcels of one epoch, checked and made comparable."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.errors import Fault, InputError, TableError
from gridmap.frames.shapes import shape_faults
from gridmap.hierarchy import texts
from gridmap.tessellation.lineage import Side, in_metres

_POLYGONS = (shapely.GeometryType.POLYGON.value, shapely.GeometryType.MULTIPOLYGON.value)


def two_epochs(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> tuple[Side, Side, Any]:
    """Return the parcels of two epochs made comparable, and the metric system that they are compared in.

    Parameters
    ----------
    old, new
        ``id`` and polygons, any CRS; rings that cross themselves are mended.

    Returns
    -------
    tuple of (Side, Side, pyproj.CRS)

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
    shapes, system = in_metres(old, new)
    one, other = (
        Side(codes=names, names=np.full(len(names), None, dtype=object), shapes=shape, area=shapely.area(shape))
        for names, shape in zip(ids, shapes, strict=True)
    )
    return one, other, system


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
    ids = pd.Series(texts(parcels, "id"), dtype=object)
    wrong = [
        ("missing_id", "no identifier; give each parcel one", ids.isna()),
        ("duplicate_id", "an identifier that another parcel has too", ids.duplicated() & ids.notna()),
    ]
    faults = [
        Fault(code=code, message=f"{ids[row]}: {message}", feature=int(row) + 1, column="id")
        for code, message, where in wrong
        for row in np.flatnonzero(where)
    ]
    faults += _shape_faults(parcels)
    if faults:
        raise TableError(said, sorted(faults, key=lambda fault: fault.feature or 0))
    return ids.to_numpy()


def _shape_faults(parcels: gpd.GeoDataFrame) -> list[Fault]:
    """Return what is wrong with geometries but rings that cross themselves, which are mended and told."""
    shapes = parcels.geometry.to_numpy()
    sound = np.isin(shapely.get_type_id(shapes), _POLYGONS) & np.isfinite(shapely.bounds(shapes)).all(axis=1)
    # the faults of a shape cost much to tell, and most tables have none
    if sound.all() and (shapely.area(shapes) > 0).all() and parcels.crs is not None and not parcels.crs.is_geographic:
        return []
    return [fault for fault in shape_faults(shapes, ("polygon",), parcels.crs) if fault.code != "invalid_ring"]
