"""Copies of tables for display: longitude and latitude, few digits, few vertices. They are never to be measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.crs import to_record

#: Digits of a degree that are kept: 0.1 m.
DIGITS = 6
#: A browser draws more polygons than these on one canvas instead of as SVG, and with thinned borders.
MANY_POLYGONS = 3_000
#: Borders with more vertices than these are thinned: a page of a district then stays below a megabyte.
MANY_VERTICES = 60_000
#: Borders are thinned by at most this share of the map's longer side.
TOLERANCE_SHARE = 1 / 8_000
_METRES_PER_DEGREE = 111_320
#: A ring of fewer points encloses nothing.
_RING_POINTS = 3

#: A line or ring as whole numbers: longitude and latitude of its first point in units of the last digit, then steps.
Path = list[int]
#: Vertices as complex numbers, by which they can be looked up.
Vertices = NDArray[np.complex128]


def lon_lat(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows that have a geometry, in degrees as the web understands them (WGS 84 within centimetres).

    Raises
    ------
    CrsError
        If the table does not say its CRS, or says one that cannot be transformed safely.
    """
    there = table[~(table.geometry.isna() | table.geometry.is_empty)]
    return to_record(there)


def bounds_of(boxes: Sequence[Any]) -> tuple[float, float, float, float]:
    """Return west, south, east and north of all boxes together, degrees with as many digits as are kept."""
    west, south = np.array(boxes)[:, :2].min(axis=0).round(DIGITS).tolist()
    east, north = np.array(boxes)[:, 2:].max(axis=0).round(DIGITS).tolist()
    return west, south, east, north


def tolerance_deg(bounds: tuple[float, float, float, float]) -> float:
    """Return by how much borders may be thinned on a map of these bounds, in degrees."""
    west, south, east, north = bounds
    return max(east - west, north - south) * TOLERANCE_SHARE


def tolerance_m(degrees: float) -> int:
    """Return a tolerance in metres along a meridian, rounded up."""
    return int(np.ceil(degrees * _METRES_PER_DEGREE))


def dispensable(sides: Sequence[NDArray[Any]], tolerance: float) -> Vertices | None:
    """Return the vertices that a map can do without, the same for all areas that share them.

    Neighbours that both lose a vertex still meet, areas above lose it with those inside them, and an area that is the
    same in two plans looks the same in both: so no gap opens anywhere.

    Parameters
    ----------
    sides
        For each plan the polygons that are not divided further, in degrees.
    tolerance
        Greatest shift of a border, degrees; 0 keeps every vertex.

    Returns
    -------
    numpy.ndarray of complex128 or None
        Longitudes and latitudes (imaginary); None where every vertex stays.
    """
    if tolerance <= 0:
        return None
    given = np.concatenate([_vertices(polygons) for polygons in sides])
    kept = np.concatenate([_vertices(_simpler(polygons, tolerance)) for polygons in sides])
    return np.setdiff1d(given, kept)


def _vertices(geometries: NDArray[Any]) -> Vertices:
    """Return all vertices of geometries."""
    return np.asarray(shapely.get_coordinates(geometries) @ np.array([1, 1j]))


def _simpler(polygons: NDArray[Any], tolerance: float) -> NDArray[Any]:
    """Return simplified polygons; those of a partition keep the vertices where three of them meet."""
    if bool(shapely.coverage_is_valid(polygons)):
        return np.asarray(shapely.coverage_simplify(polygons, tolerance))
    return np.asarray(shapely.simplify(polygons, tolerance))


def polygons(geometries: NDArray[Any], without: Vertices | None = None) -> list[list[list[Path]]]:
    """Return each geometry as polygons of rings, each ring as whole numbers; lines and points in it are left out.

    Parameters
    ----------
    geometries
        Polygons in degrees.
    without
        Vertices that are passed over, unless nothing would be left of a ring.
    """
    pieces, owner = shapely.get_parts(geometries, return_index=True)
    areal = shapely.get_type_id(pieces) == shapely.GeometryType.POLYGON
    pieces, owner = pieces[areal], owner[areal]
    rings, piece = shapely.get_rings(pieces, return_index=True)
    made: list[list[list[Path]]] = [[] for _ in geometries]
    last = -1
    for ring, path in zip(piece.tolist(), _paths(rings, without, closed=True), strict=True):
        shapes = made[owner[ring]]
        if ring != last:
            shapes.append([])
            last = ring
        if path:
            shapes[-1].append(path)
    return made


def lines(geometries: NDArray[Any]) -> list[list[Path]]:
    """Return each geometry as lines of whole numbers; polygons and points in it are left out."""
    pieces, owner = shapely.get_parts(geometries, return_index=True)
    linear = np.isin(shapely.get_type_id(pieces), (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING))
    made: list[list[Path]] = [[] for _ in geometries]
    for row, path in zip(owner[linear].tolist(), _paths(pieces[linear], None, closed=False), strict=True):
        made[row].append(path)
    return made


def points(geometries: NDArray[Any]) -> list[list[float]]:
    """Return a point of each geometry, inside it where it has an inside: longitude, latitude."""
    inside = shapely.point_on_surface(geometries)
    spots: list[list[float]] = np.column_stack([shapely.get_x(inside), shapely.get_y(inside)]).round(DIGITS).tolist()
    return spots


def _paths(strings: NDArray[Any], without: Vertices | None, *, closed: bool) -> list[Path]:
    """Return lines as whole numbers."""
    xy, of = shapely.get_coordinates(strings, return_index=True)
    stays = np.ones(len(xy), dtype=bool) if without is None else ~np.isin(xy @ np.array([1, 1j]), without)
    units = np.rint(xy * 10**DIGITS).astype(np.int64)
    ends = np.searchsorted(of, np.arange(len(strings) + 1))
    return [
        _path(units[start:end], stays[start:end], closed=closed)
        for start, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    ]


def _path(units: NDArray[np.int64], stays: NDArray[np.bool_], *, closed: bool) -> Path:
    """Return one line: its first point, then steps; empty where a ring encloses nothing."""
    thin = _unrepeated(units[stays], closed=closed)
    if closed and len(thin) < _RING_POINTS:
        thin = _unrepeated(units, closed=closed)
        if len(thin) < _RING_POINTS:
            return []
    return [int(number) for number in np.diff(thin, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel()]


def _unrepeated(units: NDArray[np.int64], *, closed: bool) -> NDArray[np.int64]:
    """Return points without those that repeat the one before; of a ring also without the last, which is the first."""
    fresh = np.ones(len(units), dtype=bool)
    fresh[1:] = (units[1:] != units[:-1]).any(axis=1)
    thin = units[fresh]
    return thin[:-1] if closed and len(thin) > 1 and (thin[0] == thin[-1]).all() else thin
