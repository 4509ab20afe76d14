"""The four boundaries of areas in words: east, south, west and north, by the streets along them."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.plans.sides import codes_of, refuse_faulty, texts
from gridmap.tessellation.lineage import Floats, Rows, in_metres

#: Sides of an area in the order in which a deed names them.
SIDES = ("east", "south", "west", "north")

#: Metres from a border to the middle of the street that it runs along: half a main road, and the survey.
REACH_M = 25.0

#: Part of a side that a street must run along to be named.
LEAST_SHARE = 0.2

#: Least cosine between a border and the street that it runs along: 45 degrees, beyond which the street crosses it.
_SAME_WAY = 0.7

#: Metres of border that are looked at as one.
_PIECE_M = 10.0

#: Metres beyond the border at which the neighbour is looked for.
_BEYOND_M = 0.5


class _Pieces(NamedTuple):
    """Short pieces of the outer borders of areas."""

    #: row of the area
    area: Rows
    #: position in `SIDES` that the piece faces
    side: Rows
    #: metres
    length: Floats
    #: direction as a unit vector, shape (n, 2)
    way: NDArray[np.float64]
    #: points in the middle
    middle: NDArray[Any]
    #: points beyond
    beyond: NDArray[Any]


def bounds_in_words(
    areas: gpd.GeoDataFrame, streets: gpd.GeoDataFrame | None, *, among: gpd.GeoDataFrame | None = None
) -> pd.DataFrame:
    """Return what each area reaches to in the east, south, west and north, in words.

    A piece of border belongs to the side that it faces outwards. It runs along the nearest named street, river or
    railway within ``REACH_M`` that does not cross it; if there is none, along the area beyond it. Named is what a side
    runs along for at least ``LEAST_SHARE`` of its length, the longest first; a neighbour is named after 邻; 界外 is
    ground outside all areas.

    Parameters
    ----------
    areas
        Areas (code; polygon) in any CRS.
    streets
        Lines with a name, barriers too, in any CRS; None: only neighbours are told.
    among
        All areas of the level (code, name; polygon), for the neighbours; where it is left out, ``areas`` themselves.

    Returns
    -------
    pandas.DataFrame
        Columns east, south, west, north; a row for each area, with the index of ``areas``.

    Raises
    ------
    TableError
        If areas lack codes or ground; all faults at once.
    CrsError
        If a table says no CRS, or one that cannot be taken to metres.

    Examples
    --------
    >>> from shapely import LineString, box
    >>> grid = gpd.GeoDataFrame({"code": ["a"]}, geometry=[box(0, 0, 100, 100)], crs=4549)
    >>> road = gpd.GeoDataFrame({"name": ["人民路"]}, geometry=[LineString([(105, -50), (105, 150)])], crs=4549)
    >>> bounds_in_words(grid, road).loc[0].tolist()
    ['人民路', '界外', '界外', '界外']
    """
    if not len(areas):
        return pd.DataFrame({side: pd.Series(dtype=object) for side in SIDES}, index=areas.index)
    refuse_faulty(areas, "areas")
    among = areas if among is None else among
    named = areas.iloc[:0] if streets is None else streets[~pd.isna(texts(streets, "name"))]
    (shapes, lines, others), _ = in_metres(areas, named, among)
    pieces = _pieces(shapes)
    words = _along(pieces, lines, texts(named, "name"))
    left = np.flatnonzero(words == "")
    words[left] = _beyond(pieces.beyond[left], others, _neighbour_names(among))
    return _by_side(pieces, words).set_axis(areas.index)


def _pieces(shapes: NDArray[Any]) -> _Pieces:
    """Return the pieces of the outer rings of areas."""
    parts, owner = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    rings = shapely.segmentize(shapely.get_exterior_ring(parts), _PIECE_M)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    held = np.flatnonzero(ring[1:] == ring[:-1])
    start, end = points[held], points[held + 1]
    east, north = (end - start).T
    # rings run anticlockwise, so that the ground beyond lies to the right
    out = np.column_stack([north, -east]) / np.hypot(east, north)[:, None]
    flat = np.abs(out[:, 0]) < np.abs(out[:, 1])
    side = np.where(flat, np.where(out[:, 1] > 0, 3, 1), np.where(out[:, 0] > 0, 0, 2))
    middle = (start + end) / 2
    return _Pieces(
        owner[ring[held]],
        side,
        np.hypot(east, north),
        np.column_stack([-out[:, 1], out[:, 0]]),
        shapely.points(middle),
        shapely.points(middle + out * _BEYOND_M),
    )


def _along(pieces: _Pieces, lines: NDArray[Any], names: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the name of the street that each piece runs along, an empty text where there is none."""
    parts, line = shapely.get_parts(lines, return_index=True)
    piece, part = shapely.STRtree(parts).query(pieces.middle, predicate="dwithin", distance=REACH_M)
    middle, street = pieces.middle[piece], parts[part]
    same = np.abs((pieces.way[piece] * _way(street, middle)).sum(axis=1)) >= _SAME_WAY
    piece, name = piece[same], names[line[part[same]]]
    away = shapely.distance(middle[same], street[same])
    words = np.full(len(pieces.middle), "", dtype=object)
    # the nearest comes last; of streets equally near, the one whose name comes first, whatever the order of the table
    order = np.lexsort((name.astype(str), away, piece))[::-1]
    words[piece[order]] = name[order]
    return words


def _way(lines: NDArray[Any], points: NDArray[Any]) -> NDArray[np.float64]:
    """Return the direction of lines where points are nearest, as unit vectors; shape (n, 2)."""
    at = shapely.line_locate_point(lines, points)
    ends = [shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(at + off, 0))) for off in (-1, 1)]
    ahead = ends[1] - ends[0]
    return np.asarray(ahead / np.maximum(np.hypot(ahead[:, 0], ahead[:, 1]), 1e-9)[:, None])


def _beyond(points: NDArray[Any], others: NDArray[Any], names: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the area that lies beyond each piece."""
    words = np.full(len(points), "界外", dtype=object)
    point, other = shapely.STRtree(others).query(points, predicate="within")
    words[point] = names[other]
    return words


def _neighbour_names(among: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return how areas are named as neighbours: by their name, else their code."""
    names = zip(texts(among, "name").tolist(), codes_of(among).tolist(), strict=True)
    return np.array([f"邻{name or code}" for name, code in names], dtype=object)


def _by_side(pieces: _Pieces, words: NDArray[np.object_]) -> pd.DataFrame:
    """Return the words of each side of each area, the longest stretch first."""
    table = pd.DataFrame({"area": pieces.area, "side": pieces.side, "word": words, "length": pieces.length})
    along = table.groupby(["area", "side", "word"], as_index=False)["length"].sum()
    share = along["length"] / along.groupby(["area", "side"])["length"].transform("sum")
    longest = along.groupby(["area", "side"])["length"].transform("max")
    along = along[(share >= LEAST_SHARE) | (along["length"] == longest)]
    along = along.sort_values(["area", "side", "length", "word"], ascending=[True, True, False, True])
    said = along.groupby(["area", "side"])["word"].agg("、".join).unstack()  # noqa: PD010 - one row for each area
    every: pd.DataFrame = said.reindex(columns=range(len(SIDES))).set_axis(list(SIDES), axis=1).rename_axis(None)
    return every
