"""Which area each building, address and post belongs to: by the same rules as the service that locates them."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap import crs
from gridmap.partition import AreaIndex
from gridmap.plans.grounds import Floats, Rows
from gridmap.plans.sides import picked

#: Share of a footprint that may lie over a border without the building being in both areas; as where addresses are
#: located: outlines are drawn by the roof or by the wall, a metre or two apart.
SLACK_SHARE = 0.05

#: Degrees (some 200 m) from an address to its building; what lies farther away is another building of that id.
FAR_DEG = 2e-3

#: Metres that a degree of latitude has at most, to draw a circle that surely holds a footprint.
_METRES_PER_DEGREE = 111_700.0


class Held(NamedTuple):
    """The areas that hold buildings."""

    #: row of the area with the largest share of each building, -1 where none has any
    area: Rows
    #: position of a building that more than one area may hold, ...
    building: Rows
    #: ... row of one of these areas, ...
    holder: Rows
    #: ... and its share of the footprint
    share: Floats


def holders(areas: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> Rows:
    """Return the row of the area that each building belongs to, -1 where none has any of it: see `Ground`."""
    if not len(areas):
        return np.full(len(buildings), -1, dtype=np.intp)
    return Ground(areas).buildings(crs.to_record(buildings).geometry.to_numpy()).area


class Ground:
    """The areas of one plan, asked who holds what.

    *A point* belongs to the area that `gridmap.partition.AreaIndex` names: on a border, the one east of it, else north.
    *A building* belongs to the finest area with the largest share of its footprint, of equal shares to that of the
    least code. *An address* belongs where its building does, if that is known and near; where the building stands on a
    border, to the area of the address point if that holds more than ``SLACK_SHARE`` of it. An address without a
    building is a point. Wherever the service that locates addresses gives one sure area, these rules give the same.

    Parameters
    ----------
    areas
        Areas of one level, or of several with their parents, in any CRS.

    Raises
    ------
    TableError
        What `gridmap.partition.AreaIndex` refuses.
    CrsError
        If the table says no CRS, or one that cannot be taken to degrees.
    """

    def __init__(self, areas: gpd.GeoDataFrame) -> None:
        # degrees of the record, in which addresses are located: the last digit of a coordinate decides on a border
        areas = crs.to_record(areas)
        self._index = AreaIndex(areas)
        self._shapes = areas.geometry.to_numpy()
        self._finest = np.setdiff1d(np.arange(len(areas)), self._index.parents)

    def codes(self, rows: Rows) -> NDArray[np.object_]:
        """Return the codes of rows, None for -1."""
        return picked(self._index.codes, rows)

    def points(self, shapes: NDArray[Any]) -> Rows:
        """Return the row of the area that holds each point, -1 outside and for missing ones; points in degrees."""
        centres = shapely.centroid(shapes)
        return self._index.locate(shapely.get_x(centres), shapely.get_y(centres)).astype(np.intp)

    def buildings(self, shapes: NDArray[Any]) -> Held:
        """Return the areas that hold buildings, given in degrees."""
        west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
        x, y = (west + east) / 2, (south + north) / 2
        area = self._index.locate(x, y).astype(np.intp)
        reach = np.hypot((east - west) * np.cos(np.radians(y)), north - south) / 2 * _METRES_PER_DEGREE
        # nothing of a footprint lies beyond a border that is farther away than its own corners
        near = np.flatnonzero(~(self._index.border_distance(x, y) > reach) & (shapely.area(shapes) > 0))
        building, holder, share = self._shares(shapes, near)
        order = np.lexsort((self._index.codes[holder].astype(str), -share, building))
        first, at = np.unique(building[order], return_index=True)
        area[near] = -1
        area[first] = holder[order][at]
        return Held(area, building, holder, share)

    def addresses(self, points: NDArray[Any], building: Rows, shapes: NDArray[Any], held: Held) -> Rows:
        """Return the row of the area of each address.

        Parameters
        ----------
        points
            Of the addresses, in degrees.
        building
            Position of the building of each, -1 where it is not known.
        shapes, held
            The buildings in degrees, and what `buildings` said of them.
        """
        area = self.points(points)
        known = np.flatnonzero(building >= 0)
        near = shapely.dwithin(shapes[building[known]], shapely.centroid(points[known]), FAR_DEG)
        known = known[near & (held.area[building[known]] >= 0)]
        shared = held.share > SLACK_SHARE
        both = {*zip(held.building[shared].tolist(), held.holder[shared].tolist(), strict=True)}
        pairs = zip(building[known].tolist(), area[known].tolist(), strict=True)
        away = known[[pair not in both for pair in pairs]] if len(known) else known
        area[away] = held.area[building[away]]
        return area

    def _shares(self, shapes: NDArray[Any], near: Rows) -> tuple[Rows, Rows, Floats]:
        """Return buildings, the finest areas that hold some of them, and their shares."""
        if not len(near):
            return near, near, np.empty(0)
        one, other = shapely.STRtree(self._shapes[self._finest]).query(shapes[near], predicate="intersects")
        building, holder = near[one], self._finest[other]
        # a share is the same in degrees as in metres: over one house both axes are scaled evenly
        whole, ground = shapely.make_valid(shapes[building]), shapely.make_valid(self._shapes[holder])
        share = shapely.area(shapely.intersection(whole, ground)) / shapely.area(whole)
        some = share > 0
        return building[some], holder[some], share[some]
