"""Buildings as obstacles: their footprints made valid and disjoint, their walls sorted into a grid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from gridmap.crs import parse, to_metric
from gridmap.crs.transform import convert
from gridmap.errors import InputError
from gridmap.visibility.sweep.obstacles import Obstacles, disjoint
from gridmap.visibility.sweep.pieces import Floats, Ints

#: Height of a floor, where a building says floors alone: the usual 2.8 to 3.2 m between floors of dwellings.
FLOOR_M = 3.0
#: Height of a building that says neither height nor floors: above a camera's usual pole, so that it hides what lies
#: behind it for ever and nothing is called seen that may not be.
UNKNOWN_HEIGHT_M = 10.0
#: Side of a cell of the grid of walls: a camera that sees 60 to 100 m looks at some twenty of them.
CELL_M = 24.0
#: Most cells along one side: a scene of two far places is not given a grid of what lies between.
MOST_CELLS = 2_000
#: Values of OSM's ``building`` that are no obstacle at the ground.
OPEN_BELOW = ("roof", "carport")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Obstacles in a metric system: walls with the building on their left, in a grid of square cells."""

    #: metric system of everything here
    crs: CRS
    #: x0, y0, x1, y1 of each wall, metres, shape (n, 4)
    edges: Floats
    #: height of what stands on its left, metres, shape (n,)
    height: Floats
    #: row of that building in its table, shape (n,)
    owner: Ints
    #: footprints without common ground, equal neighbours made one
    obstacles: Obstacles
    #: west and south of the grid, and the side of its cells, metres
    frame: tuple[float, float, float]
    #: cells from west to east, and from south to north
    shape: tuple[int, int]
    #: walls of cell (i, j) are ``wall[start[i * shape[1] + j]:start[i * shape[1] + j + 1]]``
    start: Ints
    wall: Ints
    #: cell of each entry of ``wall``
    entry_cell: Ints
    #: first column and row of each wall, shape (n, 2)
    first_cell: Ints
    #: the heights that were taken for granted: building (identifier), height_m, what (a sentence)
    assumed: pd.DataFrame
    #: footprints by place
    tree: shapely.STRtree = field(repr=False)

    def __len__(self) -> int:
        """Return the number of walls."""
        return len(self.edges)


def scene(
    buildings: gpd.GeoDataFrame,
    *,
    crs: Any = None,
    unknown_height_m: float = UNKNOWN_HEIGHT_M,
    floor_m: float = FLOOR_M,
    cell_m: float = CELL_M,
) -> Scene:
    """Return buildings as what hides ground from cameras.

    A *scene* is made once and asked often. Obstacles are made valid on a lattice of 1 mm; where they overlap, the
    higher building holds the ground; what touches at equal height becomes one.

    Parameters
    ----------
    buildings
        Polygons with ``height_m``, or else ``floors``; neither, or not above 0: `unknown_height_m`, and said in
        ``assumed``. ``building=roof`` and ``carport`` stand open at the ground and are left out.
    crs
        Metric system to compute in: that of the views. By default that of the buildings' place.
    unknown_height_m, floor_m
        Metres.
    cell_m
        Side of the grid's cells, metres.

    Raises
    ------
    InputError
        If a height given here is not above 0.
    CrsError
        If the buildings say no CRS, or one whose shift is unknown.

    Examples
    --------
    Two halves of one house make four walls, not eight:

    >>> halves = gpd.GeoDataFrame({"height_m": [6.0, 6.0]}, crs=4528,
    ...     geometry=[shapely.box(4e7, 3.5e6, 4e7 + 5, 3.5e6 + 8), shapely.box(4e7 + 5, 3.5e6, 4e7 + 10, 3.5e6 + 8)])
    >>> len(scene(halves)), len(scene(halves.assign(height_m=[6.0, 9.0])))
    (6, 8)
    """
    _check_lengths(unknown_height_m=unknown_height_m, floor_m=floor_m, cell_m=cell_m)
    solid = np.flatnonzero(_solid(buildings))
    table = buildings.iloc[solid]
    heights, assumed = _heights(table, unknown_height_m, floor_m)
    system, outlines = _measured(table, crs)
    return _gridded(system, disjoint(outlines, heights, solid), assumed, cell_m)


def _check_lengths(**lengths: float) -> None:
    """Refuse a length that is none."""
    for name, length in lengths.items():
        if not 0 < length < np.inf:
            raise InputError(f"{name}={length}", expected="metres above 0", do="give a length", code="bad_length")


def _solid(buildings: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Return which buildings stand in the way at the ground."""
    there = ~(buildings.geometry.isna() | buildings.geometry.is_empty).to_numpy()
    if "building" in buildings:
        there &= ~buildings["building"].isin(OPEN_BELOW).to_numpy()
    return np.asarray(there, np.bool_)


def _heights(table: gpd.GeoDataFrame, unknown_m: float, floor_m: float) -> tuple[Floats, pd.DataFrame]:
    """Return the height of each building, and those that were assumed."""
    stated, floors = (_positive(table, column) for column in ("height_m", "floors"))
    heights = np.where(np.isnan(stated), floors * floor_m, stated)
    unknown = np.isnan(heights)
    heights[unknown] = unknown_m
    by_floors = np.isnan(stated) & ~unknown
    what = np.select(
        [by_floors, unknown],
        [
            f"height from its floors, {floor_m:g} m each",
            f"neither height nor floors: taken as {unknown_m:g} m high",
        ],
        "",
    )
    rows = np.flatnonzero(by_floors | unknown)
    ids = table["id"] if "id" in table else pd.Series(table.index)
    return heights, pd.DataFrame(
        {"building": ids.to_numpy()[rows], "height_m": heights[rows], "what": what[rows].astype(object)}
    )


def _positive(table: gpd.GeoDataFrame, column: str) -> Floats:
    """Return a column's numbers above 0, NaN for all else."""
    if column not in table:
        return np.full(len(table), np.nan)
    numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers) & (numbers > 0), numbers, np.nan)


def _measured(table: gpd.GeoDataFrame, crs: Any) -> tuple[CRS, npt.NDArray[Any]]:
    """Return the metric system, and the outlines in it."""
    if not len(table):
        return CRS(crs if crs is not None else table.crs), np.empty(0, object)
    if crs is None:
        moved = to_metric(table)
        return CRS(moved.crs), shapely.force_2d(moved.geometry.to_numpy())
    source, target = parse(table.crs), parse(crs)
    outlines = shapely.force_2d(table.geometry.to_numpy())
    if source != target:
        outlines = shapely.transform(outlines, lambda x, y: convert(x, y, source, target), interleaved=False)
    return CRS(crs), outlines


def _gridded(system: CRS, obstacles: Obstacles, assumed: pd.DataFrame, cell_m: float) -> Scene:
    """Return the walls of footprints in a grid."""
    rings, polygon = shapely.get_rings(obstacles.polygons, return_index=True)
    places, ring = shapely.get_coordinates(rings, return_index=True)
    within = np.flatnonzero(ring[1:] == ring[:-1])
    edges = np.ascontiguousarray(np.hstack([places[within], places[within + 1]]))
    of = polygon[ring[within]]
    west, south, cell_m = _frame(edges, cell_m)
    low, high = (
        (np.floor((pick(edges[:, :2], edges[:, 2:]) - (west, south)) / cell_m)).astype(np.int64)
        for pick in (np.minimum, np.maximum)
    )
    columns, rows = (int(count) for count in high.max(axis=0, initial=0) + 1)
    wall, cell = _entries(low, high, rows)
    order = np.argsort(cell, kind="stable")
    return Scene(
        crs=system,
        edges=edges,
        height=obstacles.height[of],
        owner=obstacles.owners(edges, of),
        obstacles=obstacles,
        frame=(west, south, cell_m),
        shape=(columns, rows),
        start=np.searchsorted(cell[order], np.arange(columns * rows + 1)),
        wall=wall[order],
        entry_cell=cell[order],
        first_cell=low,
        assumed=assumed,
        tree=shapely.STRtree(obstacles.polygons),
    )


def _frame(edges: Floats, cell_m: float) -> tuple[float, float, float]:
    """Return west, south and the side of the cells, larger where the scene is very wide."""
    if not len(edges):
        return 0.0, 0.0, cell_m
    x, y = edges[:, ::2], edges[:, 1::2]
    west, south = float(x.min()), float(y.min())
    return west, south, max(cell_m, (x.max() - west) / MOST_CELLS, (y.max() - south) / MOST_CELLS)


def _entries(low: Ints, high: Ints, rows: int) -> tuple[Ints, Ints]:
    """Return each wall as often as there are cells that its bounds touch, and those cells."""
    wide, tall = (high - low + 1).T
    count = wide * tall
    wall = np.repeat(np.arange(len(low)), count)
    place = np.arange(len(wall)) - np.repeat(np.cumsum(count) - count, count)
    i, j = np.divmod(place, tall[wall])
    return wall, (low[wall, 0] + i) * rows + low[wall, 1] + j
