"""Parcels as they are written: rings of named points, from a reading or from a table of shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap import crs as crs_
from gridmap.errors import InputError
from gridmap.formats.parcels.reading import Reading

#: What datums and shapes are called in the files of offices.
DATUM_NAMES = {"CGCS2000": "2000国家大地坐标系", "Xian 1980": "1980西安坐标系", "Beijing 1954": "1954北京坐标系"}
KIND_NAMES = {"polygon": "面", "line": "线"}


@dataclass(frozen=True, kw_only=True)
class Ring:
    """A ring or a line: every point once."""

    #: name of each point
    names: list[str]
    #: x and y, east first, shape (points, 2)
    points: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A parcel to be written."""

    #: identifier
    id: str
    #: name of the place
    name: str
    #: ``polygon`` or ``line``
    shape: str
    #: area to declare in square metres; NaN for none
    area_m2: float
    #: its rings, in the order of the file where it was read from one
    rings: list[Ring]
    #: its shape
    geometry: Any
    #: fields of an exchange file
    fields: Mapping[str, str] = field(default_factory=dict)


def plots_of(parcels: Reading | geopandas.GeoDataFrame) -> list[Plot]:
    """The parcels of a reading, with the names and the order of their points, or those of a table.

    Parameters
    ----------
    parcels
        A reading, or a table with ``id`` (its index where it has none), ``name``?, ``declared_area_m2``? and polygons
        or lines.

    Raises
    ------
    InputError
        If a geometry is missing, or neither polygon nor line.
    """
    table = parcels.parcels if isinstance(parcels, Reading) else parcels
    bad = ~np.isin(shapely.get_dimensions(table.geometry.to_numpy()), (1, 2))
    if bad.any() or not len(table):
        given = f"parcel {int(np.flatnonzero(bad)[0]) + 1} without polygon or line" if bad.any() else "no parcels"
        raise InputError(given, expected="a polygon or a line for each")
    named = _named(parcels.points, len(table)) if isinstance(parcels, Reading) else None
    fields = parcels.fields if isinstance(parcels, Reading) else ()
    areas = _areas(table)
    return [
        Plot(
            id=_text(row, "id") or str(table.index[at]),
            name=_text(row, "name"),
            shape="polygon" if shapely.get_dimensions(shape) == 2 else "line",  # noqa: PLR2004 (a surface)
            area_m2=float(areas[at]),
            rings=named[at] if named is not None else _rings(shape),
            geometry=shape,
            fields=fields[at] if fields else {},
        )
        for at, (row, shape) in enumerate(zip(table.to_dict("records"), table.geometry.to_numpy(), strict=True))
    ]


def in_zone(parcels: Reading | geopandas.GeoDataFrame) -> tuple[Reading | geopandas.GeoDataFrame, int]:
    """Parcels in metres of a zone, and its EPSG code: as they are where they are in metres, else in that of the place.

    Parameters
    ----------
    parcels
        A reading or a table.

    Raises
    ------
    CrsError
        If a table does not say its system.
    """
    table = parcels.parcels if isinstance(parcels, Reading) else parcels
    if table.crs is not None and crs_.is_metric(table.crs):
        return parcels, int(crs_.parse(table.crs).removeprefix("EPSG:"))
    flat = crs_.to_metric(table)
    zone = crs_.zone_of(flat.crs)
    if zone is not None:
        flat = crs_.to_system(flat, crs_.zone_epsg(zone.number, zone.width, datum=zone.datum))
    return flat, int(crs_.parse(flat.crs).removeprefix("EPSG:"))


def _areas(table: geopandas.GeoDataFrame) -> NDArray[np.float64]:
    """Declared areas, else those of the shapes; NaN for lines."""
    flat = table if table.crs is None or crs_.is_metric(table.crs) else crs_.to_metric(table)
    shapes = flat.geometry.to_numpy()
    found = np.where(shapely.get_dimensions(shapes) == 2, shapely.area(shapes), np.nan)  # noqa: PLR2004 (a surface)
    if "declared_area_m2" not in table:
        return np.asarray(found)
    stated = pd.to_numeric(table["declared_area_m2"], errors="coerce").to_numpy(dtype=float)
    return np.where(np.isfinite(stated), stated, found)


def _named(points: pd.DataFrame, count: int) -> list[list[Ring]]:
    """Rings of each parcel of a reading."""
    begin = (points["ring"] == 1) & (points["number"] == 1)
    owner = begin.cumsum().to_numpy() - 1
    rings: list[list[Ring]] = [[] for _ in range(count)]
    places = points[["y_east", "x_north"]].to_numpy(dtype=float)
    names = points["name"].to_numpy(dtype=object)
    starts = np.flatnonzero(points["number"].to_numpy() == 1)
    for start, end in zip(starts, [*starts[1:], len(points)], strict=True):
        rings[owner[start]].append(Ring(names=names[start:end].tolist(), points=places[start:end]))
    return rings


def _rings(shape: Any) -> list[Ring]:
    """Rings of a shape, its points numbered through."""
    begun, rings = 1, []
    for ring, closed in _outlines(shape):
        points = shapely.get_coordinates(ring)[: -1 if closed else None]
        rings.append(Ring(names=[f"J{number}" for number in range(begun, begun + len(points))], points=points))
        begun += len(points)
    return rings


def _outlines(shape: Any) -> Iterator[tuple[Any, bool]]:
    """Rings of polygons, and lines; whether each is closed."""
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            yield from ((ring, True) for ring in shapely.get_rings(part))
        else:
            yield part, False


def _text(row: Mapping[Any, Any], name: str) -> str:
    """A cell as text; empty where it is missing."""
    cell = row.get(name)
    return "" if cell is None or pd.isna(cell) else str(cell)
