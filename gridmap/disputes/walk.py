"""The walk of a line in words: from point to point in sixteen directions from true north."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Proj

from gridmap.crs import convert

Floats = NDArray[np.float64]

#: The sixteen directions, each a sector of 22.5 degrees about its middle; north is 348°45' to 11°15' (GB/T 17796).
DIRECTIONS_ZH = (
    "北", "东北偏北", "东北", "东北偏东", "东", "东南偏东", "东南", "东南偏南",
    "南", "西南偏南", "西南", "西南偏西", "西", "西北偏西", "西北", "西北偏北",
)  # fmt: skip
DIRECTIONS = (
    "north", "north-northeast", "northeast", "east-northeast", "east", "east-southeast", "southeast", "south-southeast",
    "south", "south-southwest", "southwest", "west-southwest", "west", "west-northwest", "northwest", "north-northwest",
)  # fmt: skip
_SECTOR_DEG = 22.5


def direction(azimuth_deg: ArrayLike) -> Any:
    """Return the number of the direction of an azimuth: 0 north, 4 east, 15 north-northwest.

    Parameters
    ----------
    azimuth_deg
        From true north, clockwise.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> [DIRECTIONS[k] for k in direction([348.74, 348.76, 11.24, 11.26])]
    ['north-northwest', 'north', 'north', 'north-northeast']
    """
    turned = np.floor((np.asarray(azimuth_deg, dtype=np.float64) + _SECTOR_DEG / 2) / _SECTOR_DEG)
    return turned.astype(np.int64) % len(DIRECTIONS)


def walk(line: Any, crs: Any, *, names: list[str] | None = None) -> pd.DataFrame:
    """Return the walk along a line: from each point to the next, in which direction and how far.

    Directions are from true north: the north of the map is off it by the convergence, 0.75° at the edge of a 3-degree
    zone at latitude 30, which changes the word near the border of a sector.

    Parameters
    ----------
    line
        One line, in the metres of a projected CRS.
    crs
        That CRS.
    names
        Names of its points; J1, J2, ... where they are left out.

    Returns
    -------
    DataFrame
        ``from``, ``to``, ``azimuth_deg`` (from true north), ``direction`` and ``direction_zh``, ``distance_m`` (on the
        map), ``text`` and ``text_zh``.

    Raises
    ------
    ValueError
        If there are not as many names as points.
    CrsError
        If the coordinates are none of the CRS.

    Examples
    --------
    >>> told = walk(shapely.LineString([(500000, 3320000), (500000, 3320020), (500030, 3320020)]), 4549)
    >>> told["text_zh"].tolist()
    ['从J1起，向北20.00米至J2', '从J2起，向东30.00米至J3']
    """
    points = shapely.get_coordinates(line)
    titles = names if names is not None else [f"J{k + 1}" for k in range(len(points))]
    east, north = np.diff(points, axis=0).T
    middle = (points[:-1] + points[1:]) / 2
    azimuth = (np.degrees(np.arctan2(east, north)) + convergence_deg(middle, crs)) % 360
    number = direction(azimuth)
    rows = list(zip(titles[:-1], titles[1:], number.tolist(), np.hypot(east, north).tolist(), strict=True))
    return pd.DataFrame(
        {
            "from": titles[:-1],
            "to": titles[1:],
            "azimuth_deg": azimuth,
            "direction": [DIRECTIONS[k] for k in number.tolist()],
            "direction_zh": [DIRECTIONS_ZH[k] for k in number.tolist()],
            "distance_m": np.hypot(east, north),
            "text": [f"from {a} {DIRECTIONS[k]} {metres:.2f} m to {b}" for a, b, k, metres in rows],
            "text_zh": [f"从{a}起，向{DIRECTIONS_ZH[k]}{metres:.2f}米至{b}" for a, b, k, metres in rows],
        }
    )


def convergence_deg(points: Floats, crs: Any) -> Floats:
    """Return by how much true north is west of the north of the map, in degrees, at points of a projected CRS.

    An azimuth from true north is that from the north of the map plus this.

    Raises
    ------
    CrsError
        If the coordinates are none of the CRS.

    Examples
    --------
    >>> points = np.array([[500000.0, 3320000.0], [644700.0, 3320000.0]])
    >>> [round(float(angle), 2) + 0.0 for angle in convergence_deg(points, 4549)]
    [0.0, 0.75]
    """
    system = CRS(crs)
    lon, lat = convert(points[:, 0], points[:, 1], system, system.geodetic_crs)
    found: Floats = np.asarray(Proj(system).get_factors(lon, lat).meridian_convergence, dtype=np.float64)
    return found


def walks(lines: gpd.GeoDataFrame, key: str = "id") -> pd.DataFrame:
    """Return the walks of all lines of a table in a metric CRS, each by its key; see `walk`.

    Raises
    ------
    CrsError
        As `walk`.
    """
    parts = [
        walk(part, lines.crs).assign(**{key: name})
        for name, shape in zip(lines[key], lines.geometry, strict=True)
        for part in shapely.get_parts(shape)
    ]
    columns = [key, "from", "to", "azimuth_deg", "direction", "direction_zh", "distance_m", "text", "text_zh"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
