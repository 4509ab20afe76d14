"""Tables that are signed: the boundary points of a line or a parcel, and the posts set along a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridmap.crs import convert
from gridmap.errors import InputError

Floats = NDArray[np.float64]

#: Heads of the columns as land offices print them; X is north, Y is east.
HEADS_ZH = {
    "name": "界址点号",
    "distance_m": "距离",
    "x_north": "X坐标",
    "y_east": "Y坐标",
    "lon": "经度",
    "lat": "纬度",
    "note": "备注",
    "post": "界桩号",
    "kind_zh": "界桩类型",
}
#: Posts by the letter of their number (GB/T 17796): one at its place, of two, of three.
POSTS = {
    "Q": ("single", "单立"),
    "A": ("of two", "双立"),
    "B": ("of two", "双立"),
    "C": ("of three", "三立"),
    "D": ("of three", "三立"),
    "E": ("of three", "三立"),
}
#: Digits of the code of a line and of the serial number of a post.
_LINE_DIGITS, _SERIAL_DIGITS = 4, 3


def boundary_points(shape: Any, crs: Any, *, prefix: str = "J") -> pd.DataFrame:
    """Return the table of boundary points of a line or a parcel, in the order of the drawing.

    Each row is a point and the distance to the next; the last row of a ring is its first point again, as offices print
    it. X is the north, Y the east coordinate: one public program swaps them.

    Parameters
    ----------
    shape
        A line or polygon in the metres of a projected CRS; points of the second ring or part follow those of the first.
    crs
        That CRS.
    prefix
        What stands before the numbers.

    Returns
    -------
    DataFrame
        ``part`` (1, 2, ... for rings and parts), ``name``, ``x_north``, ``y_east`` (to the millimetre),
        ``distance_m`` (on the map, to the next; nan of the last), ``lon``, ``lat``, ``note``.

    Raises
    ------
    CrsError
        If the coordinates are none of the CRS.

    Examples
    --------
    >>> table = boundary_points(shapely.box(500000, 3320000, 500010, 3320016), 4549)
    >>> table["name"].tolist(), table["distance_m"].tolist()
    (['J1', 'J2', 'J3', 'J4', 'J1'], [16.0, 10.0, 16.0, 10.0, nan])
    """
    rings = _rings(shape)
    counted, tables = 0, []
    for part, ring in enumerate(rings, start=1):
        points = shapely.get_coordinates(ring)
        closed = bool(shapely.is_closed(ring))
        numbers = np.arange(len(points) - closed) + counted + 1
        counted += len(numbers)
        names = [f"{prefix}{number}" for number in (*numbers, *numbers[: int(closed)])]
        steps = np.append(np.hypot(*np.diff(points, axis=0).T), np.nan)
        tables.append(_rows(points, crs).assign(part=part, name=names, distance_m=steps, note=""))
    columns = ["part", "name", "x_north", "y_east", "distance_m", "lon", "lat", "note"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def post_table(posts: gpd.GeoDataFrame, line: Any, *, line_code: str) -> pd.DataFrame:
    """Return the table of posts along a line, numbered as GB/T 17796 does.

    A post's number has eight characters: the code of the line, a serial number from 001, and a letter: Q of a post that
    stands alone, A and B of two at one place (on both banks, as a rule), C, D and E of three. Serial numbers run from
    west to east, or from north to south where the line does so rather.

    Parameters
    ----------
    posts
        ``letter?`` (Q where it is missing), ``place?`` (posts of one place bear one serial number; each its own where
        it is missing) and points in a projected CRS.
    line
        The line in the same metres.
    line_code
        Four digits.

    Returns
    -------
    DataFrame
        ``post``, ``kind``, ``kind_zh``, ``x_north``, ``y_east``, ``lon``, ``lat``, ``along_m`` (from the beginning of
        the line), ``next_m`` (along the line to the next place; nan of the last), ``off_m`` (from the line).

    Raises
    ------
    InputError
        If the code is not four digits, a letter is none of those, the posts of a place do not go together, or there
        are more places than three digits count.

    Examples
    --------
    >>> posts = gpd.GeoDataFrame(geometry=gpd.points_from_xy([500090, 500010], [3320000, 3320000]), crs=4549)
    >>> line = shapely.LineString([(500100, 3320000), (500000, 3320000)])
    >>> post_table(posts, line, line_code="3306")[["post", "next_m"]].values.tolist()
    [['3306001Q', 80.0], ['3306002Q', nan]]
    """
    if not (len(line_code) == _LINE_DIGITS and line_code.isascii() and line_code.isdigit()):
        raise InputError(f"line code {line_code}", expected="four digits", code="line_code")
    course = _southward(line)
    points = shapely.get_coordinates(posts.geometry.to_numpy())
    letters = posts["letter"].fillna("Q").astype(str).to_numpy() if "letter" in posts else np.full(len(posts), "Q")
    places = posts["place"].astype(str).to_numpy() if "place" in posts else np.arange(len(posts)).astype(str)
    along = shapely.line_locate_point(course, shapely.points(points))
    table = _rows(points, posts.crs).assign(letter=letters, place=places, along_m=along)
    table["off_m"] = shapely.distance(shapely.points(points), course)
    table["along_m"] = table.groupby("place")["along_m"].transform("min")
    _refuse_posts(table)
    table = table.sort_values(["along_m", "place", "letter"], kind="stable").reset_index(drop=True)
    serial = table["place"].ne(table["place"].shift()).cumsum()
    table["post"] = line_code + serial.astype(str).str.zfill(_SERIAL_DIGITS) + table["letter"]
    table["kind"] = [POSTS[letter][0] for letter in table["letter"]]
    table["kind_zh"] = [POSTS[letter][1] for letter in table["letter"]]
    begins = table.groupby(serial)["along_m"].first()
    table["next_m"] = serial.map((begins.shift(-1) - begins).to_dict())
    return table[["post", "kind", "kind_zh", "x_north", "y_east", "lon", "lat", "along_m", "next_m", "off_m"]]


def _refuse_posts(table: pd.DataFrame) -> None:
    """Refuse letters that there are not, and places whose posts do not go together."""
    sets: Sequence[str] = ("Q", "AB", "CDE")
    together = table.groupby("place")["letter"].apply(lambda letters: "".join(sorted(letters)))
    wrong = together[~together.isin(sets)]
    if len(wrong):
        raise InputError(
            f"posts {wrong.iloc[0]} at one place",
            expected="Q alone, A and B, or C, D and E",
            do="give posts of one place the same place, and each its letter",
            code="post_letters",
        )
    if len(together) >= 10**_SERIAL_DIGITS:
        raise InputError(f"{len(together)} places of posts", expected="999 at most", do="split the line", code="posts")


def _southward(line: Any) -> Any:
    """The line from west to east, or from north to south where it does so rather."""
    run = np.diff(shapely.get_coordinates(line)[[0, -1]], axis=0)[0]
    back = run[0] < 0 if abs(run[0]) >= abs(run[1]) else run[1] > 0
    return shapely.reverse(line) if back else line


def _rings(shape: Any) -> list[Any]:
    """Rings of polygons, or the parts of lines."""
    parts = shapely.get_parts(shape)
    areal = shapely.get_dimensions(parts) == 2  # noqa: PLR2004 - a polygon's
    return [*(shapely.get_rings(parts) if areal.all() else parts)]


def _rows(points: Floats, crs: Any) -> pd.DataFrame:
    """Coordinates as they are printed."""
    system = CRS(crs)
    lon, lat = convert(points[:, 0], points[:, 1], system, system.geodetic_crs)
    return pd.DataFrame(
        {"x_north": np.round(points[:, 1], 3), "y_east": np.round(points[:, 0], 3), "lon": lon, "lat": lat}
    )
