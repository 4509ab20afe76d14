"""Coordinates and tables from one system into another, refusing what cannot be done honestly."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from gridmap.crs.names import BD09, GCJ02, RECORD_EPSG, ZONES, metric_epsg, parse, zone_epsg
from gridmap.crs.shift import bd09_shift, bd09_undone, gcj02_shift, gcj02_undone
from gridmap.errors import CrsError, InputError

#: What has geometries in a system.
Located = TypeVar("Located", gpd.GeoDataFrame, gpd.GeoSeries)

Pair = tuple[NDArray[np.float64], NDArray[np.float64]]

#: Systems whose coordinates are degrees and which agree within centimetres: passed on unchanged.
_SAME_DEGREES = {"EPSG:4490", "EPSG:4326"}

#: Datums whose parameters to others are secret or local. PROJ answers with a shift of 0 m where the truth is 30 to
#: 130 m, or with the parameters of another region.
_GUARDED = {"Xian 1980": 4610, "Beijing 1954": 4214, "New Beijing": 4555}


#: Greatest longitude (some count all the way round) and latitude, in degrees.
_LONGEST, _STEEPEST = 360.0, 90.0

_CGCS2000, _WGS84 = "China 2000", "World Geodetic System 1984 ensemble"


def to_wgs84(x: ArrayLike, y: ArrayLike, crs: Any) -> tuple[Any, Any]:
    """Return WGS 84 longitudes and latitudes of coordinates.

    Parameters
    ----------
    x, y
        East and north in the system's unit, or longitude and latitude in degrees: two numbers, or two sequences of
        one length. NaN stays NaN.
    crs
        System of the coordinates: EPSG code, ``"GCJ-02"`` or ``"BD-09"`` (see `parse`).

    Returns
    -------
    lon, lat : float or numpy.ndarray of float64
        Degrees; numbers for numbers, arrays for sequences.

    Raises
    ------
    CrsError
        If the system is not understood, is on a datum that needs parameters (Xian 1980, Beijing 1954), the coordinates
        cannot be coordinates of that system, or PROJ knows no proper way.
    InputError
        If x and y are not numbers or differ in shape.

    Examples
    --------
    >>> lon, lat = to_wgs84(40520760.1990, 3352680.1240, 4528)
    >>> f"{lon:.6f} {lat:.6f}"
    '120.215800 30.293600'
    """
    return convert(x, y, crs, "EPSG:4326")


def from_wgs84(lon: ArrayLike, lat: ArrayLike, crs: Any) -> tuple[Any, Any]:
    """Return coordinates of WGS 84 places in another system.

    Parameters
    ----------
    lon, lat
        Degrees: two numbers, or two sequences of one length. NaN stays NaN.
    crs
        System wanted: EPSG code, ``"GCJ-02"`` or ``"BD-09"`` (see `parse`).

    Returns
    -------
    x, y : float or numpy.ndarray of float64
        East and north in the system's unit, or longitude and latitude.

    Raises
    ------
    CrsError, InputError
        As `to_wgs84`.

    Examples
    --------
    >>> x, y = from_wgs84(120.2158, 30.2936, "GCJ-02")
    >>> f"{x:.6f} {y:.6f}"
    '120.220328 30.291170'
    """
    return convert(lon, lat, "EPSG:4326", crs)


def convert(x: ArrayLike, y: ArrayLike, source: Any, target: Any) -> tuple[Any, Any]:
    """Return coordinates in another system.

    Between systems on one datum, be it Xian 1980 or Beijing 1954, the projection alone is done or undone.

    Parameters
    ----------
    x, y
        East and north, or longitude and latitude: two numbers, or two sequences of one length. NaN stays NaN.
    source, target
        Systems the coordinates are in, and are wanted in (see `parse`).

    Returns
    -------
    x, y : float or numpy.ndarray of float64
        East and north in the target's unit, or longitude and latitude in degrees.

    Raises
    ------
    CrsError, InputError
        As `to_wgs84`.

    Examples
    --------
    >>> lon, lat = convert(500000.0, 3320113.4, 2385, 4610)
    >>> f"{lon:.4f} {lat:.4f}"
    '120.0000 30.0000'
    """
    xs, ys = _numbers(x, y)
    origin = parse(source)
    way = _way(origin, parse(target))
    _refuse_non_degrees(xs, ys, origin)
    with np.errstate(invalid="ignore"):
        east, north = way(xs, ys)
    lost = np.isfinite(xs) & np.isfinite(ys) & ~(np.isfinite(east) & np.isfinite(north))
    if lost.any():
        first = tuple(np.argwhere(np.atleast_1d(lost))[0])
        place = f"{np.atleast_1d(xs)[first]}, {np.atleast_1d(ys)[first]}"
        raise CrsError(f"{int(lost.sum())} of {lost.size} coordinates lie outside {origin}, the first {place}")
    return (float(east), float(north)) if xs.ndim == 0 else (east, north)


def to_record(table: gpd.GeoDataFrame, crs: Any = None) -> gpd.GeoDataFrame:
    """Return a table in the record's system, CGCS2000 degrees (EPSG:4490).

    WGS 84 agrees with CGCS2000 within centimetres: its coordinates are kept to the last digit. Heights are kept.

    Parameters
    ----------
    table
        Any geometries; not changed.
    crs
        System of the coordinates where the table does not say, or says wrong, as GeoJSON does of GCJ-02 (see `parse`).
        It has precedence.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows, columns, index and attrs.

    Raises
    ------
    CrsError
        If neither the table nor ``crs`` says the system, or as `to_wgs84`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> table = gpd.GeoDataFrame(geometry=gpd.points_from_xy([120.5], [32.0]), crs=4326)
    >>> to_record(table).crs.to_epsg()
    4490
    """
    source = parse(crs) if crs is not None else _stated(table)
    return _moved(table, source, f"EPSG:{RECORD_EPSG}")


def to_system(table: Located, system: Any) -> Located:
    """Return a table, or a column of geometries, in another system, such as that of a second table.

    This is what stands for ``to_crs`` everywhere in gridmap: that moves Xian 1980 and Beijing 1954 by nothing, and says
    nothing.

    Parameters
    ----------
    table
        Any geometries with a CRS; not changed.
    system
        The system wanted (see `parse`); a table that is in it already is returned as it is, whatever the system.

    Returns
    -------
    geopandas.GeoDataFrame or geopandas.GeoSeries
        The same rows, columns, index and attrs.

    Raises
    ------
    CrsError
        If the table says no CRS, or as `to_wgs84`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> table = gpd.GeoDataFrame(geometry=gpd.points_from_xy([500000.0], [3320113.4]), crs=4549)
    >>> point = to_system(table, 4490).geometry[0]
    >>> f"{point.x:.4f} {point.y:.4f}"
    '120.0000 30.0000'
    """
    if table.crs is not None and table.crs == system:
        return table
    return _moved(table, _stated(table), parse(system))


def convert_shapes(shapes: Any, source: Any, target: Any) -> NDArray[Any]:
    """Return geometries in another system, without heights; see `convert`.

    Parameters
    ----------
    shapes
        Geometries, shape (n,); missing ones stay missing.
    source, target
        Systems the coordinates are in, and are wanted in (see `parse`).

    Returns
    -------
    numpy.ndarray of shapely geometries, shape (n,)
        The very same where both systems are one.

    Raises
    ------
    CrsError, InputError
        As `to_wgs84`.

    Examples
    --------
    >>> convert_shapes([shapely.Point(120.5, 32.0)], 4326, 4490)[0].wkt
    'POINT (120.5 32)'
    """
    given = np.asarray(shapes, dtype=object)
    if source == target:
        return given
    moved: NDArray[Any] = shapely.transform(given, lambda x, y: convert(x, y, source, target), interleaved=False)
    return moved


def is_metric(system: CRS) -> bool:
    """Tell whether lengths on the map of this system are metres on the ground.

    Degrees are not, nor feet, nor any Mercator projection along the equator: the web's stretches by 1 / cos(latitude).

    Examples
    --------
    >>> [is_metric(CRS(code)) for code in (4490, 4549, 3857, 2263)]
    [False, True, False, False]
    """
    if not system.is_projected or any(axis.unit_name != "metre" for axis in system.axis_info):
        return False
    method = system.coordinate_operation.method_name.lower() if system.coordinate_operation else ""
    return "mercator" not in method or "transverse" in method or "oblique" in method


def to_metric(table: Located) -> Located:
    """Return a table, or a column of shapes, in the metric system of its place: see `metric_epsg`.

    A table on Xian 1980 or Beijing 1954 stays on its datum.

    Parameters
    ----------
    table
        Any geometries with a CRS; not changed.

    Returns
    -------
    geopandas.GeoDataFrame or GeoSeries
        The same rows, columns, index and attrs, in metres; the zone is that of the middle of the table's bounds.

    Raises
    ------
    CrsError
        If the table says no CRS, holds no geometry that could tell the place, or as `to_wgs84`.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> square = gpd.GeoDataFrame(geometry=[shapely.box(120.0, 32.0, 120.001, 32.001)], crs=4490)
    >>> round(to_metric(square).area[0])
    10478
    """
    source = _stated(table)
    bounds = table.total_bounds
    if not np.isfinite(bounds).all():
        raise CrsError(
            "a table without any geometry", expected="at least one geometry, to tell the place to measure in"
        )
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    datum = _datum(source)
    if datum not in _GUARDED:
        return _moved(table, source, f"EPSG:{metric_epsg(*to_wgs84(x, y, source))}")
    if CRS(source).is_projected:
        return table.copy()
    if datum == "New Beijing":
        do = "state one of its zones, or have the surveying office transform the file to CGCS2000"
        raise CrsError(f"degrees of {datum}", expected="metres, for its zones are none of gridmap's", do=do)
    zone = int(np.clip((x + 1.5) // 3, *ZONES[3]))
    return _moved(table, source, f"EPSG:{zone_epsg(zone, prefixed=False, datum=datum)}")


def _stated(table: gpd.GeoDataFrame | gpd.GeoSeries) -> str:
    """Return the name of the system a table says it is in."""
    if table.crs is None:
        raise CrsError("a table that does not say its coordinate system", do="state it: an EPSG code, GCJ-02 or BD-09")
    return parse(table.crs)


def _moved(table: Located, source: str, target: str) -> Located:
    """Return the table with its coordinates in another system."""
    if source == target or {source, target} <= _SAME_DEGREES:
        return table.copy().set_crs(target, allow_override=True)
    # one call for the whole table: the transformer's start costs more than a thousand points
    geometries = table.geometry.to_numpy()
    if shapely.has_z(geometries).any():
        moved = shapely.transform(
            geometries, lambda x, y, z: (*convert(x, y, source, target), z), include_z=True, interleaved=False
        )
    else:
        moved = shapely.transform(geometries, lambda x, y: convert(x, y, source, target), interleaved=False)
    column = gpd.GeoSeries(moved, index=table.index, crs=target, name=table.geometry.name)
    return column if isinstance(table, gpd.GeoSeries) else table.set_geometry(column)


def _numbers(x: ArrayLike, y: ArrayLike) -> Pair:
    """Return coordinates as float64 arrays of one shape."""
    try:
        xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            "coordinates that are not numbers", expected="two numbers, or two sequences of numbers"
        ) from None
    if xs.shape != ys.shape:
        raise InputError(f"{xs.size} x and {ys.size} y coordinates", expected="as many of one as of the other")
    return xs, ys


def _refuse_non_degrees(x: NDArray[np.float64], y: NDArray[np.float64], source: str) -> None:
    """Refuse metres, or latitudes given first, where degrees are stated."""
    if not _in_degrees(source):
        return
    wrong = (np.abs(x) > _LONGEST) | (np.abs(y) > _STEEPEST)
    if wrong.any():
        place = f"{np.atleast_1d(x[wrong])[0]}, {np.atleast_1d(y[wrong])[0]}"
        raise CrsError(
            f"{place} in {source}",
            expected="longitude and latitude in degrees, longitude first",
            do="check the order of the axes, or state the projected system of these coordinates",
        )


@lru_cache(maxsize=256)
def _in_degrees(name: str) -> bool:
    """Tell whether a named system is of degrees."""
    return name in {GCJ02, BD09} or bool(CRS(name).is_geographic)


@lru_cache(maxsize=256)
def _way(source: str, target: str) -> Callable[[NDArray[np.float64], NDArray[np.float64]], Pair]:
    """Return the function that takes coordinates from one system to another."""
    if source == target or {source, target} <= _SAME_DEGREES:
        return lambda x, y: (x.copy(), y.copy())
    undo, shift = (
        {GCJ02: gcj02_undone, BD09: bd09_undone}.get(source),
        {GCJ02: gcj02_shift, BD09: bd09_shift}.get(target),
    )
    if undo:
        onward = _way("EPSG:4326", target)
        return lambda x, y: onward(*undo(x, y))
    if shift:
        towards = _way(source, "EPSG:4326")
        return lambda x, y: _shifted(*towards(x, y), shift)
    return _projection(source, target)


def _shifted(lon: NDArray[np.float64], lat: NDArray[np.float64], shift: Callable[..., Pair]) -> Pair:
    """Return places moved by a shift."""
    east, north = shift(lon, lat)
    return lon + east, lat + north


def _projection(source: str, target: str) -> Callable[[NDArray[np.float64], NDArray[np.float64]], Pair]:
    """Return PROJ's way between two EPSG systems.

    The transformer is shared by all threads: pyproj keeps a PROJ object and context per thread inside it since 3.1.
    """
    datums = _datum(source), _datum(target)
    if datums[0] != datums[1] and (guarded := _GUARDED.keys() & set(datums)):
        raise CrsError(
            f"{source} to {target} changes the datum from {datums[0]} to {datums[1]}",
            expected="one datum",
            do=f"the parameters of {' and '.join(sorted(guarded))} are not public, and PROJ would silently shift by "
            "0 m: give common points (--common-points) where the command "
            "takes them, or have the surveying office transform the file to CGCS2000",
        )
    if _CGCS2000 in datums and datums[0] != datums[1]:
        # PROJ no longer lists any transformation of CGCS2000; that it is WGS 84 within centimetres is said here
        ends = ("EPSG:4490", "EPSG:4326") if datums[0] == _CGCS2000 else ("EPSG:4326", "EPSG:4490")
        off, onto = _way(source, ends[0]), _way(ends[1], target)
        return lambda x, y: onto(*off(x, y))
    try:
        way = Transformer.from_crs(source, target, always_xy=True, allow_ballpark=False)
    except ProjError:
        raise CrsError(
            f"{source} to {target}: PROJ knows no transformation between their datums",
            do="transform the file to EPSG:4490 with the parameters of its origin",
        ) from None

    def transform(x: NDArray[np.float64], y: NDArray[np.float64]) -> Pair:
        east, north = way.transform(x, y)
        return np.asarray(east), np.asarray(north)

    return transform


@lru_cache(maxsize=256)
def _datum(name: str) -> str:
    """Return the datum of a named system."""
    if name in {GCJ02, BD09}:
        return _WGS84
    geodetic = CRS(name).geodetic_crs
    codes = {f"EPSG:{code}": datum for datum, code in _GUARDED.items()}
    if geodetic is None or geodetic.datum is None:
        return name
    return codes.get(f"EPSG:{geodetic.to_epsg()}", geodetic.datum.name)
