"""What is read of tables of addresses and areas to suggest from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.address.divisions import canonical
from gridmap.address.tables import holds_nothing
from gridmap.address.writing import plain
from gridmap.crs import to_record, to_system
from gridmap.errors import InputError
from gridmap.hierarchy import level_of_code

#: Levels of areas whose names are suggested: a grid is called 第三网格, which tells nothing.
LEVELS = ("district", "street", "community")


class Area(NamedTuple):
    """An area that has a name."""

    #: full name, without the office that runs it
    name: str
    #: one of `LEVELS`
    level: str
    #: its code, if it has one
    code: str | None
    #: name of the district that it is or lies in; empty where none is known
    district: str
    #: names of all areas that it lies in
    above: frozenset[str]
    #: its ground
    shape: shapely.Geometry


class _Record(NamedTuple):
    """A row of the table of areas."""

    code: str
    name: str
    level: str
    parent: str
    shape: shapely.Geometry | None


def columns(addresses: pd.DataFrame) -> tuple[list[Any], list[str], NDArray[np.float64], NDArray[np.float64]]:
    """Return ids, texts (empty where missing) and places of a table of addresses.

    Raises
    ------
    InputError
        If the table has no texts or no places.
    """
    if "text" not in addresses.columns:
        raise InputError("a table of addresses without a column text", expected="id, text and a point or lon, lat")
    texts = ["" if holds_nothing(text) else str(text) for text in addresses["text"]]
    ids = addresses["id"] if "id" in addresses.columns else addresses.index
    if isinstance(addresses, gpd.GeoDataFrame):
        points = shapely.centroid(addresses.geometry.to_numpy())
        return ids.tolist(), texts, shapely.get_x(points), shapely.get_y(points)
    if not {"lon", "lat"} <= set(addresses.columns):
        raise InputError("a table of addresses without places", expected="a point geometry, or columns lon and lat")
    return ids.tolist(), texts, addresses["lon"].to_numpy(float), addresses["lat"].to_numpy(float)


def named_areas(areas: gpd.GeoDataFrame, addresses: pd.DataFrame) -> Iterator[Area]:
    """Return the areas whose names are suggested, in the system of the addresses.

    Raises
    ------
    CrsError
        If the systems of the two tables cannot be brought together.
    """
    records = {record.code: record for record in _records(_in_system_of(areas, addresses))}
    for record in records.values():
        if record.level in LEVELS and record.name and record.shape is not None and not record.shape.is_empty:
            above = list(_above(record, records))
            district = next((one.name for one in [record, *above] if one.level == "district"), "")
            names = frozenset(one.name for one in above if one.name)
            yield Area(record.name, record.level, record.code, district, names, record.shape)


def _in_system_of(areas: gpd.GeoDataFrame, addresses: pd.DataFrame) -> gpd.GeoDataFrame:
    """The areas in the system of the addresses, degrees where these state none."""
    if not isinstance(addresses, gpd.GeoDataFrame) or areas.crs in (None, addresses.crs):
        return areas
    return to_record(areas) if addresses.crs is None else to_system(areas, addresses.crs)


def _records(areas: gpd.GeoDataFrame) -> Iterator[_Record]:
    blank = pd.Series([""] * len(areas), index=areas.index)
    texts = [areas.get(name, blank).fillna("").astype(str) for name in ("code", "name", "level", "parent")]
    for code, name, level, parent, shape in zip(*texts, areas.geometry, strict=True):
        yield _Record(code, canonical(plain(name)), level or level_of_code(code) or "", parent, shape)


def _above(record: _Record, records: Mapping[str, _Record]) -> Iterator[_Record]:
    """The areas that one lies in, the next one first; a circle of parents ends where it began."""
    seen = {record.code}
    while record.parent in records and record.parent not in seen:
        seen.add(record.parent)
        record = records[record.parent]
        yield record
