"""Distance in metres from points to the nearest border."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer

from gridmap import crs
from gridmap.errors import CrsError
from gridmap.partition.edges import Ints, RingEdges
from gridmap.partition.orientation import Flags, Floats

#: Edges in one line of the search tree: more make it slower, fewer make it larger.
EDGES_PER_LINE = 16
#: Longest edge to be projected as it is: in a zone its middle then strays by about a centimetre.
LONGEST_M = 1000.0
#: A degree of latitude, in metres.
DEGREE_M = 111_320.0
#: Points asked of the tree at a time, which bounds the memory they take.
POINTS_AT_ONCE = 65_536


class Borders:
    """Lines along the borders of the finest areas, in a metric system, under a search tree.

    Parameters
    ----------
    lines
        What `border_lines` returned.
    system
        CRS of the lines.

    Raises
    ------
    CrsError
        If the system is not stated, or no metric system fits the place.
    """

    def __init__(self, lines: Any, system: CRS | None) -> None:
        if system is None:
            raise CrsError("areas that do not say their coordinate system", do="state it: an EPSG code such as 4490")
        self._degrees = bool(system.is_geographic)
        self._project = None if is_metric(system) else _projection(system, lines)
        if self._project is not None:
            longest = LONGEST_M / (DEGREE_M if self._degrees else system.axis_info[0].unit_conversion_factor)
            lines = shapely.transform(shapely.segmentize(lines, longest), self._project.transform, interleaved=False)
        self._tree = shapely.STRtree(lines)
        # the tree is built by its first question: ask it now, before threads do
        self._tree.query_nearest(shapely.Point(0, 0))

    @property
    def nbytes(self) -> int:
        """Bytes of the lines and their tree, reckoned: 24 per point, 280 per line with its place in the tree."""
        lines = self._tree.geometries
        return int(24 * shapely.get_num_coordinates(lines).sum() + 280 * len(lines))

    def distance(self, x: Floats, y: Floats) -> Floats:
        """Return metres from each point to the nearest border, NaN where a coordinate is no place."""
        result = np.full(len(x), np.nan)
        known = np.flatnonzero(self._places(x, y))
        for start in range(0, len(known), POINTS_AT_ONCE):
            chosen = known[start : start + POINTS_AT_ONCE]
            east, north = self._moved(x[chosen], y[chosen])
            finite = np.isfinite(east) & np.isfinite(north)
            points = shapely.points(east[finite], north[finite])
            at, metres = self._tree.query_nearest(points, return_distance=True, all_matches=False)
            result[chosen[finite][at[0]]] = metres
        return result

    def distance_one(self, x: float, y: float) -> float:
        """Return metres from one point to the nearest border, NaN where a coordinate is no place."""
        if not self._places(x, y):
            return float("nan")
        east, north = self._moved(x, y)
        if not (abs(east) < np.inf and abs(north) < np.inf):
            return float("nan")
        _, metres = self._tree.query_nearest(shapely.Point(east, north), return_distance=True, all_matches=False)
        return float(metres[0])

    def _places(self, x: Any, y: Any) -> Any:
        """Tell which coordinates are finite and, in degrees, on the globe."""
        if self._degrees:
            return (abs(x) <= 180) & (abs(y) <= 90)  # noqa: PLR2004 - the globe's
        return (abs(x) < np.inf) & (abs(y) < np.inf)

    def _moved(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Return coordinates in the metric system."""
        return (x, y) if self._project is None else self._project.transform(x, y)


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


def _projection(system: CRS, lines: Any) -> Transformer:
    """Return the way to the metric system of the lines' place.

    `gridmap.crs.to_metric` chooses that system, and refuses a way that would shift. Its own `convert` looks at each
    call for what is settled here once, which costs ten times the projection of a point.
    """
    frame = gpd.GeoDataFrame(geometry=[shapely.box(*shapely.total_bounds(lines))], crs=system)
    return Transformer.from_crs(system, crs.to_metric(frame).crs, always_xy=True)


def border_lines(rings: RingEdges, first: Ints, chosen: Flags) -> Any:
    """Return the borders of the chosen areas, each edge once, cut into lines of at most `EDGES_PER_LINE` edges.

    Parameters
    ----------
    rings
        Edges of all rings, in their order.
    first
        Positions in ``rings`` at which each distinct edge of the chosen areas comes first.
    chosen
        Whether an edge of ``rings`` belongs to the chosen areas.

    Raises
    ------
    Nothing
        Any edges make lines.
    """
    position = np.sort(first[chosen[first]])
    ends, turn = rings.ends[position], rings.turn[position]
    forward = np.where((turn > 0)[:, None], ends, ends[:, [2, 3, 0, 1]])
    joined = np.append(False, (forward[1:, :2] == forward[:-1, 2:]).all(axis=1))
    run_start = np.maximum.accumulate(np.where(joined, 0, np.arange(len(position))))
    begins = (np.arange(len(position)) - run_start) % EDGES_PER_LINE == 0
    line = np.cumsum(begins) - 1
    # each line has its edges' beginnings and one end more
    points = np.vstack([forward[:, :2], forward[np.append(np.flatnonzero(begins)[1:] - 1, len(position) - 1), 2:]])
    index = np.append(line, np.arange(line[-1] + 1))
    order = np.argsort(index, kind="stable")
    return shapely.linestrings(points[order], indices=index[order])
