"""A table of fixes taken apart into arrays, in metres and microseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import crs as crs_
from gridmap.errors import Fault, TableError
from gridmap.tracks.flaws import Flaw
from gridmap.tracks.limits import Cleaning
from gridmap.tracks.places import place_flaws
from gridmap.tracks.shifts import SECOND

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: What stands for a moment that is missing.
NO_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The fixes of a table, an entry for each row."""

    #: position of the post in ``posts``
    post: Ints
    #: codes of the posts, in their order
    posts: list[str]
    #: position of the device in ``devices``; -1 where none is told
    device: Ints
    #: codes of the devices, in their order
    devices: list[str]
    #: one number for each device of each post, in their order
    track: Ints
    #: microseconds since 1970 UTC, `NO_TIME` where missing
    time_us: Ints
    #: as given, in the CRS of the table
    given: tuple[Floats, Floats]
    #: metres east and north; NaN where the place cannot be used
    x: Floats
    y: Floats
    #: metres, NaN where not told
    accuracy_m: Floats
    #: metres a second as the device reported them, NaN where not told
    speed_m_s: Floats
    #: the CRS of x and y; None where no place can be used
    metric: str | None
    #: whether the table is in degrees
    degrees: bool


def take(fixes: pd.DataFrame, cleaning: Cleaning) -> tuple[Taken, list[Flaw]]:
    """The arrays of a table, and what is wrong with its places.

    Parameters
    ----------
    fixes
        The table ``fixes``, or any with its columns.
    cleaning
        Clocks to set right, and the outline of the territory.

    Raises
    ------
    TableError
        If the columns post, time or the places are missing.
    CrsError
        If the table does not say its CRS, or no place in it can be in that CRS.
    """
    _refuse(fixes)
    post, posts = _coded(fixes["post"])
    device, devices = _coded(fixes["device"]) if "device" in fixes else (np.full(len(fixes), -1, dtype=np.int64), [])
    given, system = _given(fixes)
    flaws, good = place_flaws(given, system, cleaning.outline)
    x, y, metric = _metres(given, good, system)
    taken = Taken(
        post=post,
        posts=posts,
        device=device,
        devices=devices,
        track=_pairs(post, device, len(devices)),
        time_us=_moments(fixes["time"], post, posts, cleaning),
        given=given,
        x=x,
        y=y,
        accuracy_m=_numbers(fixes, "accuracy_m"),
        speed_m_s=_numbers(fixes, "speed_m_s"),
        metric=metric,
        degrees=system in {"EPSG:4490", "EPSG:4326"} or not _projected(system),
    )
    return taken, flaws


def _refuse(fixes: pd.DataFrame) -> None:
    """Refuse a table without the columns that everything needs."""
    faults = [
        Fault(code="missing_column", message=f"the table has no column {name}; its columns are {list(fixes.columns)}")
        for name in ("post", "time")
        if name not in fixes
    ]
    if not isinstance(fixes, geopandas.GeoDataFrame) and not {"lon", "lat"} <= set(fixes.columns):
        faults.append(Fault(code="missing_geometry", message="the table has no geometry, nor columns lon and lat"))
    if faults:
        raise TableError("fixes", faults)


def _coded(column: pd.Series[Any]) -> tuple[Ints, list[str]]:
    """Positions of cells in the ordered list of the distinct ones, -1 for missing ones, and the list."""
    codes, names = pd.factorize(column, sort=False)
    texts = [str(name) for name in names]
    order = sorted(range(len(texts)), key=texts.__getitem__)
    place = np.empty(len(texts) + 1, dtype=np.int64)
    place[order], place[-1] = np.arange(len(texts)), -1
    return place[codes], [texts[number] for number in order]


def _pairs(post: Ints, device: Ints, devices: int) -> Ints:
    """One number for each device of each post, in their order."""
    return (post + 1) * (devices + 1) + device + 1


def _given(fixes: pd.DataFrame) -> tuple[tuple[Floats, Floats], str]:
    """Coordinates as given, NaN where there are none, and the name of their CRS."""
    if isinstance(fixes, geopandas.GeoDataFrame):
        shapes = fixes.geometry.to_numpy()
        points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
        shapes = shapes if points.all() else np.where(points, shapes, None)
        if fixes.crs is None:
            raise crs_none()
        return (shapely.get_x(shapes), shapely.get_y(shapes)), crs_.parse(fixes.crs)
    return (_numbers(fixes, "lon"), _numbers(fixes, "lat")), "EPSG:4326"


def crs_none() -> Exception:
    """The error of a table that says no CRS."""
    from gridmap.errors import CrsError

    return CrsError("fixes that do not say their coordinate system", do="state it: an EPSG code, GCJ-02 or BD-09")


def _projected(system: str) -> bool:
    """Whether a system has metres or feet."""
    from pyproj import CRS

    return not system.startswith("EPSG:") or bool(CRS(system).is_projected)


def _metres(given: tuple[Floats, Floats], good: Mask, system: str) -> tuple[Floats, Floats, str | None]:
    """Coordinates in the metric system of their middle, NaN where they cannot be used."""
    x, y = (np.where(good, axis, np.nan) for axis in given)
    if not good.any():
        return x, y, None
    middle = crs_.to_wgs84(float(np.median(x[good])), float(np.median(y[good])), system)
    metric = system if system.startswith("EPSG:") and _is_metric(system) else f"EPSG:{crs_.metric_epsg(*middle)}"
    east, north = (x, y) if metric == system else crs_.convert(x, y, system, metric)
    return np.asarray(east), np.asarray(north), metric


def _is_metric(system: str) -> bool:
    """Whether lengths in a system are metres."""
    from pyproj import CRS

    return crs_.is_metric(CRS(system))


def _moments(column: pd.Series[Any], post: Ints, posts: list[str], cleaning: Cleaning) -> Ints:
    """Moments in microseconds, the clocks of some posts set right."""
    times = pd.to_datetime(column, utc=True).dt.as_unit("us")
    moments = times.to_numpy(dtype="datetime64[us]").astype(np.int64)
    for name, seconds in cleaning.offsets_s.items():
        if name in posts:
            mine = (post == posts.index(name)) & (moments != NO_TIME)
            moments = np.where(mine, moments + round(seconds * SECOND), moments)
    return moments


def _numbers(fixes: pd.DataFrame, name: str) -> Floats:
    """A column of numbers; NaN throughout where it is missing."""
    if name not in fixes:
        return np.full(len(fixes), np.nan)
    return pd.to_numeric(fixes[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
