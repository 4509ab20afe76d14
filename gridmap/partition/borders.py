"""Distance in metres from points to the nearest border."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer

from gridmap import crs
from gridmap.crs import is_metric
from gridmap.errors import CrsError
from gridmap.partition.edges import Rows
from gridmap.partition.orientation import Flags, Floats

#: Longest edge to be projected as it is: in a zone its middle then strays by about a centimetre.
LONGEST_M = 1000.0
#: A degree of latitude, in metres.
DEGREE_M = 111_320.0
#: Points asked of the tree at a time, which bounds the memory they take.
POINTS_AT_ONCE = 65_536


class Borders:
    """The borders of the finest areas, in a metric system.

    A point in an area that no other overlaps has its nearest border in that area's own: every way to another border
    crosses it. So most points are measured to one border; the others are put to a search tree of all of them.

    Parameters
    ----------
    polygons
        The finest areas in their rows; None in the rows of the others.
    system
        CRS of the polygons.
    alone
        Rows of finest areas that overlap with no other.

    Raises
    ------
    CrsError
        If the system is not stated, or no metric system fits the place.
    """

    def __init__(self, polygons: Any, system: CRS | None, *, alone: Flags) -> None:
        if system is None:
            raise CrsError("areas that do not say their coordinate system", do="state it: an EPSG code such as 4490")
        self._degrees = bool(system.is_geographic)
        self._project = None if is_metric(system) else _projection(system, polygons)
        lines = shapely.boundary(polygons)
        if self._project is not None:
            longest = LONGEST_M / (DEGREE_M if self._degrees else system.axis_info[0].unit_conversion_factor)
            lines = shapely.transform(shapely.segmentize(lines, longest), self._project.transform, interleaved=False)
        self._lines = lines
        # a last row that is never alone stands for the points outside, whose row is -1
        self._alone = np.append(alone, False)
        self._own = [line if single else None for line, single in zip(lines, alone, strict=True)] + [None]
        self._tree = shapely.STRtree(lines)
        # the tree is built by its first question: ask it now, before threads do
        self._tree.query_nearest(shapely.Point(0, 0))

    @property
    def nbytes(self) -> int:
        """Bytes of the lines and their tree, reckoned: 24 per point, 280 per line with its place in the tree."""
        return int(24 * shapely.get_num_coordinates(self._lines).sum() + 280 * len(self._lines))

    def distance(self, x: Floats, y: Floats, row: Rows) -> Floats:
        """Return metres from each point to the nearest border, NaN where a coordinate is no place.

        Parameters
        ----------
        x, y
            Points in the areas' CRS.
        row
            The area that holds each, -1 for none.
        """
        result = np.full(len(x), np.nan)
        known = np.flatnonzero(self._places(x, y))
        for start in range(0, len(known), POINTS_AT_ONCE):
            chosen = known[start : start + POINTS_AT_ONCE]
            east, north = self._moved(x[chosen], y[chosen])
            finite = np.isfinite(east) & np.isfinite(north)
            result[chosen[finite]] = self._metres(shapely.points(east[finite], north[finite]), row[chosen[finite]])
        return result

    def distance_one(self, x: float, y: float, row: int) -> float:
        """Return metres from one point to the nearest border, NaN where a coordinate is no place."""
        if not self._places(x, y):
            return float("nan")
        east, north = self._moved(x, y)
        if not (abs(east) < np.inf and abs(north) < np.inf):
            return float("nan")
        point, own = shapely.Point(east, north), self._own[row]
        if own is not None:
            return float(own.distance(point))
        _, metres = self._tree.query_nearest(point, return_distance=True, all_matches=False)
        return float(metres[0])

    def _metres(self, points: Any, row: Rows) -> Floats:
        """Return metres from points to the nearest border: their own, or that which the tree finds."""
        alone = self._alone[row]
        metres = shapely.distance(self._lines[np.where(alone, row, 0)], points)
        _, metres[~alone] = self._tree.query_nearest(points[~alone], return_distance=True, all_matches=False)
        return np.asarray(metres)

    def _places(self, x: Any, y: Any) -> Any:
        """Tell which coordinates are finite and, in degrees, on the globe."""
        if self._degrees:
            return (abs(x) <= 180) & (abs(y) <= 90)  # noqa: PLR2004 - the globe's
        return (abs(x) < np.inf) & (abs(y) < np.inf)

    def _moved(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Return coordinates in the metric system."""
        return (x, y) if self._project is None else self._project.transform(x, y)


def _projection(system: CRS, lines: Any) -> Transformer:
    """Return the way to the metric system of the lines' place.

    `gridmap.crs.to_metric` chooses that system, and refuses a way that would shift. Its own `convert` looks at each
    call for what is settled here once, which costs ten times the projection of a point.
    """
    frame = gpd.GeoDataFrame(geometry=[shapely.box(*shapely.total_bounds(lines))], crs=system)
    return Transformer.from_crs(system, crs.to_metric(frame).crs, always_xy=True)
