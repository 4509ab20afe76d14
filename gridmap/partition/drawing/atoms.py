"""Atoms: the ground cut into the smallest pieces that grids are made of, and which of them are neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from gridmap import crs
from gridmap.errors import Fault, InputError, TableError
from gridmap.frames.shapes import shape_faults
from gridmap.partition.borders import is_metric
from gridmap.partition.drawing.graph import AtomGraph
from gridmap.partition.edges import Ints, Polygons
from gridmap.partition.orientation import Floats
from gridmap.tessellation import Cells, borders, cells, faces, surroundings

#: How hard it should be to let a grid cross each class of line, per metre: rivers, canals and railways as motorways,
#: streets that can be crossed on foot less. Classes that are not named are no barriers; their lines still part cells.
BARRIERS: Mapping[str, float] = {
    "river": 1.0,
    "canal": 1.0,
    "railway": 1.0,
    "motorway": 1.0,
    "trunk": 1.0,
    "primary": 0.8,
    "secondary": 0.6,
}
#: Metres from a barrier's line within which a border runs along it: the lattice of the faces is a millimetre.
_ALONG_M = 0.005


@dataclass(frozen=True, kw_only=True)
class Warned:
    """Something that was taken otherwise than it was given."""

    #: a short stable word, for programs: ``outside``, ``partly_outside``, ``overlap``, ``apart``
    code: str
    #: rows of the buildings concerned, in order
    buildings: tuple[int, ...]
    #: what was found and what was done
    message: str

    def __str__(self) -> str:
        """Return the message."""
        return self.message


@dataclass(frozen=True, kw_only=True)
class Atoms:
    """The ground in atoms."""

    #: one row per atom, in the order of the graph: polygon in a metric CRS
    cells: geopandas.GeoDataFrame
    #: atom of each building, -1 for one that lies outside the limit, shape (buildings,)
    building_atom: Ints
    #: the atoms as a graph
    graph: AtomGraph
    #: what was taken otherwise than it was given
    warnings: tuple[Warned, ...]


def atoms(  # noqa: PLR0913 (what the ground is made of: each option is a table or a number of its own)
    buildings: geopandas.GeoDataFrame,
    streets: geopandas.GeoDataFrame,
    *,
    within: geopandas.GeoDataFrame | None = None,
    parents: geopandas.GeoDataFrame | None = None,
    fixed: geopandas.GeoDataFrame | None = None,
    weight: str = "households",
    barriers: Mapping[str, float] | None = None,
    lump: float = 0.0,
) -> Atoms:
    """Return the ground as atoms: each building with the ground around it, up to the nearest street."""
    system = _system(within if within is not None else buildings)
    houses = _shapes(buildings, "buildings", system)
    lines = _shapes(streets, "streets", system)
    above, pieces = (_shapes(table, "areas", system) for table in (parents, fixed))
    limit = _limit(within, above, np.concatenate([houses, lines]), system)
    parted = faces(np.concatenate([shapely.boundary(above), shapely.boundary(pieces), lines]), limit=limit)
    parts, row = shapely.get_parts(houses, return_index=True)
    ground = cells(parted, parts)
    points = shapely.point_on_surface(parted)
    superblock, barrier_lines, barrier_weights = _barriers(streets, lines, limit, points, barriers)
    cell_atom, building_cell = np.arange(len(ground.face)), _cells_of(parts, row, ground, len(houses))
    shared = borders(ground.geometry)
    barrier_m = _barrier_m(shared, ground, barrier_lines, barrier_weights)
    building_atom = np.where(building_cell >= 0, cell_atom[building_cell], -1)
    counted = building_atom >= 0
    graph = AtomGraph(
        weight=np.bincount(building_atom[counted], _weights(buildings, weight)[counted], len(ground.face)),
        area_m2=shapely.area(ground.geometry),
        perimeter_m=shapely.length(ground.geometry),
        xy=shapely.get_coordinates(shapely.point_on_surface(ground.geometry)),
        parent=_holder(above, points)[ground.face] if len(above) else np.zeros(len(ground.face), dtype=np.int64),
        piece=_holder(pieces, points)[ground.face],
        superblock=superblock[ground.face],
        a=shared.a,
        b=shared.b,
        length_m=shared.length_m,
        barrier_m=barrier_m,
    )
    table = geopandas.GeoDataFrame({"weight": graph.weight}, geometry=ground.geometry, crs=system)
    return Atoms(cells=table, building_atom=building_atom, graph=graph, warnings=())


def _system(table: geopandas.GeoDataFrame) -> Any:
    """Return the metric system in which to work: the table's own where that is metric."""
    if table.crs is not None and is_metric(table.crs):
        return table.crs
    return crs.to_metric(table).crs


def _shapes(table: geopandas.GeoDataFrame | None, source: str, system: Any) -> Polygons:
    """Return the shapes of a table in a metric system, or refuse the table."""
    if table is None or not len(table):
        return np.empty(0, dtype=object)
    shapes = shapely.force_2d(table.geometry.to_numpy())
    kind = "line" if source == "streets" else "polygon"
    if faults := shape_faults(shapes, (kind,), table.crs):
        raise TableError(source, faults)
    if table.crs == system:
        return np.asarray(shapes)
    return np.asarray(shapely.transform(shapes, lambda x, y: crs.convert(x, y, table.crs, system), interleaved=False))


def _limit(within: geopandas.GeoDataFrame | None, above: Polygons, shapes: Polygons, system: Any) -> Any:
    """Return the ground to be divided: what is given, else that of the parents, else that around everything."""
    if within is not None:
        return shapely.union_all(_shapes(within, "within", system))
    return shapely.union_all(above) if len(above) else surroundings(shapes)


def _holder(polygons: Polygons, points: Polygons) -> Ints:
    """Return the row of the first polygon that holds each point, -1 for none."""
    holder = np.full(len(points), -1)
    if len(polygons):
        point, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
        holder[point[::-1]] = polygon[::-1]
    return holder


def _cells_of(parts: Polygons, row: Ints, ground: Cells, count: int) -> Ints:
    """Return the cell of each building: that of its largest part, -1 for one outside."""
    own = np.flatnonzero(ground.owner >= 0)[::-1]
    cell = np.full(len(parts), -1)
    cell[ground.owner[own]] = own
    lost = np.flatnonzero(cell < 0)
    cell[lost] = _holder(ground.geometry, shapely.point_on_surface(parts[lost]))
    order = np.lexsort([shapely.area(parts), cell >= 0])
    building = np.full(count, -1)
    building[row[order]] = cell[order]
    return building


def _weights(buildings: geopandas.GeoDataFrame, column: str) -> Floats:
    """Return the weights of buildings; missing ones are 0."""
    if column not in buildings.columns:
        raise InputError(f"buildings without a column {column}", expected="households or residents per building")
    return np.asarray(pd.to_numeric(buildings[column]).fillna(0), dtype=np.float64)


def _barriers(
    streets: geopandas.GeoDataFrame, lines: Polygons, limit: Any, points: Polygons, weights: Mapping[str, float] | None
) -> tuple[Ints, Polygons, Floats]:
    """Return (superblock of each face, lines of barriers, weight of each line)."""
    weights = BARRIERS if weights is None else weights
    kinds = streets.get("barrier", pd.Series(None, index=streets.index, dtype=object))
    classes = streets.get("class", pd.Series(None, index=streets.index, dtype=object))
    weight = kinds.where(kinds.notna(), classes).map(dict(weights)).fillna(0).to_numpy(dtype=np.float64)
    if not len(lines):
        return np.zeros(len(points), dtype=np.int64), lines, weight
    main = np.flatnonzero(weight > 0)
    return _holder(faces(lines[main], limit=limit), points), lines[main], weight[main]


def _barrier_m(shared: Any, ground: Cells, lines: Polygons, weights: Floats) -> Floats:
    """Return the weighted metres along barriers of each pair of neighbours."""
    apart = np.flatnonzero((ground.face[shared.a] != ground.face[shared.b])[shared.pair])
    segments, parts, line = shared.segments[apart], *shapely.get_parts(lines, return_index=True)
    points, of = shapely.get_coordinates(parts, return_index=True)
    start = np.flatnonzero(of[1:] == of[:-1])
    walls = shapely.linestrings(np.stack([points[start], points[start + 1]], axis=1))
    middles = shapely.points((segments[:, :2] + segments[:, 2:]) / 2)
    at, wall = shapely.STRtree(walls).query(middles, predicate="dwithin", distance=_ALONG_M)
    factor = np.zeros(len(segments))
    np.maximum.at(factor, at, weights[line[of[start[wall]]]])
    return np.bincount(shared.pair[apart], factor * shared.segment_m[apart], len(shared.a))
