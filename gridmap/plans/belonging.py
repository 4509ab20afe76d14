"""Which area each building, address and post belongs to: by the same rules as the service that locates them."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap import crs
from gridmap.partition import AreaIndex
from gridmap.tessellation.lineage import Floats, Rows, picked

#: Share of a footprint that may lie over a border without the building being in both areas; as where addresses are
#: located: outlines are drawn by the roof or by the wall, a metre or two apart.
SLACK_SHARE = 0.05

#: Degrees (some 200 m) from an address to its building; what lies farther away is another building of that id.
FAR_DEG = 2e-3


class Footprints:
    """The footprints of buildings in degrees of the record, to be asked about as often as there are plans and levels.

    Parameters
    ----------
    buildings
        Polygons, in any CRS.

    Raises
    ------
    CrsError
        If the table says no CRS, or one that cannot be taken to degrees.
    """

    def __init__(self, buildings: gpd.GeoDataFrame) -> None:
        self.shapes: NDArray[Any] = crs.to_record(buildings).geometry.to_numpy()
        self.solid = shapely.area(self.shapes) > 0
        self.tree = shapely.STRtree(np.where(self.solid, self.shapes, None))

    def __len__(self) -> int:
        return len(self.shapes)


class Held(NamedTuple):
    """The areas that hold buildings."""

    #: row of the area with the largest share of each building, -1 where none has any
    area: Rows
    #: position of a building that no area holds whole, ...
    building: Rows
    #: ... row of one of the areas that hold a part, ...
    holder: Rows
    #: ... and its share of the footprint
    share: Floats


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
        What `gridmap.partition.AreaIndex` refuses, when a point is asked about.
    CrsError
        If the table says no CRS, or one that cannot be taken to degrees.
    """

    def __init__(self, areas: gpd.GeoDataFrame) -> None:
        # degrees of the record, in which addresses are located: the last digit of a coordinate decides on a border
        self._areas = crs.to_record(areas) if len(areas) else areas
        self.codes: NDArray[np.object_] = areas["code"].to_numpy(dtype=object)
        parents = set(areas["parent"]) if "parent" in areas else set()
        self._finest = np.flatnonzero([code not in parents for code in self.codes.tolist()])
        self._shapes = self._areas.geometry.to_numpy()[self._finest]

    @cached_property
    def _index(self) -> AreaIndex:
        """Of the points, made when one is asked about."""
        return AreaIndex(self._areas)

    def named(self, rows: Rows) -> NDArray[np.object_]:
        """Return the codes of rows, None for -1."""
        return picked(self.codes, rows)

    def points(self, shapes: NDArray[Any]) -> Rows:
        """Return the row of the area that holds each point, -1 outside and for missing ones; points in degrees."""
        rows = np.full(len(shapes), -1, dtype=np.intp)
        # a shape of a coordinate that is no number has no centre, which is no matter for warnings
        with np.errstate(invalid="ignore"):
            centres = shapely.centroid(shapes)
        there = np.flatnonzero(~(shapely.is_missing(centres) | shapely.is_empty(centres)))
        if len(self.codes) and len(there):
            rows[there] = self._index.locate(shapely.get_x(centres[there]), shapely.get_y(centres[there]))
        return rows

    def buildings(self, buildings: Footprints) -> Held:
        """Return the areas that hold buildings; one that is drawn without extent is where its point is."""
        inside, whole = buildings.tree.query(self._shapes, predicate="contains")
        times = np.bincount(whole, minlength=len(buildings))
        area = np.full(len(buildings), -1, dtype=np.intp)
        area[whole] = self._finest[inside]
        building, holder, share = self._shares(buildings.shapes, np.flatnonzero((times != 1) & buildings.solid))
        order = np.lexsort((self.codes[holder].astype(str), -share, building))
        first, at = np.unique(building[order], return_index=True)
        area[first] = holder[order][at]
        flat = np.flatnonzero(~buildings.solid)
        area[flat] = self.points(buildings.shapes[flat])
        return Held(area, building, holder, share)

    def addresses(self, points: NDArray[Any], building: Rows, buildings: Footprints, held: Held) -> Rows:
        """Return the row of the area of each address.

        Parameters
        ----------
        points
            Of the addresses, in degrees.
        building
            Position of the building of each, -1 where it is not known.
        buildings, held
            The buildings, and what `buildings` said of them.
        """
        area = self.points(points)
        known = np.flatnonzero(building >= 0)
        near = shapely.dwithin(buildings.shapes[building[known]], shapely.centroid(points[known]), FAR_DEG)
        known = known[near & (held.area[building[known]] >= 0)]
        # where several areas hold the building, the point decides between them
        shared = held.share > SLACK_SHARE
        shares = pd.MultiIndex.from_arrays([held.building[shared], held.holder[shared]])
        one = pd.MultiIndex.from_arrays([building[known], area[known]]).isin(shares)
        area[known[~one]] = held.area[building[known[~one]]]
        return area

    def _shares(self, shapes: NDArray[Any], which: Rows) -> tuple[Rows, Rows, Floats]:
        """Return some buildings, the finest areas that hold parts of them, and their shares."""
        if not len(which) or not len(self._shapes):
            return which[:0], which[:0], np.empty(0)
        one, other = shapely.STRtree(self._shapes).query(shapes[which], predicate="intersects")
        # a share is the same in degrees as in metres: over one house both axes are scaled evenly
        whole, ground = shapely.make_valid(shapes[which[one]]), shapely.make_valid(self._shapes[other])
        share = shapely.area(shapely.intersection(whole, ground)) / shapely.area(whole)
        some = share > 0
        return which[one[some]], self._finest[other[some]], share[some]


def holders(areas: gpd.GeoDataFrame, buildings: Footprints) -> Rows:
    """Return the row of the area that each building belongs to, -1 where none has any of it: see `Ground`."""
    return Ground(areas).buildings(buildings).area
