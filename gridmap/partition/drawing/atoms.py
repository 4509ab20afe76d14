"""Atoms: the ground cut into the smallest pieces that grids are made of, and which of them are neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from gridmap import crs
from gridmap.errors import CrsError, InputError, TableError
from gridmap.frames.shapes import shape_faults
from gridmap.partition.drawing.barring import barriers_of, metres_along, superblocks
from gridmap.partition.drawing.following import cutting
from gridmap.partition.drawing.graph import AtomGraph
from gridmap.partition.drawing.joining import Joined, joined, lumped, together
from gridmap.partition.drawing.noticing import Warned, noticed
from gridmap.partition.edges import Ints, Polygons
from gridmap.partition.orientation import Floats
from gridmap.tessellation import Borders, Cells, Shared, borders, faces, shared, surroundings
from gridmap.tessellation.arrays import parts_of

#: Square metres below which two areas do not overlap but touch: a millimetre along a long border.
_TOUCHING_M2 = 1.0


@dataclass(frozen=True, kw_only=True)
class Atoms:
    """The ground in atoms."""

    #: one row per atom, in the order of the graph: polygon in a metric CRS
    cells: geopandas.GeoDataFrame
    #: atom of each building, -1 for one that lies wholly outside the limit, shape (buildings,)
    building_atom: Ints
    #: the atoms as a graph
    graph: AtomGraph
    #: what was taken otherwise than it was given
    warnings: tuple[Warned, ...]
    #: the faces shared out among the parts of buildings: what is still so after a change need not be cut again
    shared: Shared


def atoms(  # noqa: PLR0913 (what the ground is made of: each option is a table or a number of its own)
    buildings: geopandas.GeoDataFrame,
    streets: geopandas.GeoDataFrame | None,
    *,
    within: geopandas.GeoDataFrame | None = None,
    parents: geopandas.GeoDataFrame | None = None,
    fixed: geopandas.GeoDataFrame | None = None,
    weight: str = "households",
    standing: geopandas.GeoDataFrame | None = None,
    barriers: Mapping[str, float] | None = None,
    lump: float = 0.0,
    before: Atoms | None = None,
) -> Atoms:
    """Return the ground as atoms: each building with the ground around it, up to the nearest street.

    Streets, rivers, railways and the borders of parents and fixed pieces part the ground into faces; each face is
    shared out among its buildings (`gridmap.tessellation.cells`). A face without buildings is an atom of its own. Atoms
    fill the ground without gap or overlap, each is one polygon, and no building is cut.

    Parameters
    ----------
    buildings
        Polygons, with the column that ``weight`` names; where it is missing in a row, 0. A building in several parts is
        one atom where its parts' cells touch; else it counts where its largest part stands.
    streets
        Lines, ``class`` (OSM highway value) and ``barrier`` (river, canal, railway); all of them part the ground,
        whatever their class. None for no streets.
    within
        The ground to be divided, polygons. Without it that of the parents, else `gridmap.tessellation.surroundings` of
        the buildings and streets.
    parents
        Polygons that no atom reaches across, without overlap.
    fixed
        Polygons of compounds, schools, hospitals, markets, without overlap; the atoms in one of them are one piece.
    weight
        Column that is summed up per atom.
    standing
        Polygons of areas in force: their borders part the ground too, so that ground can stay where it is. None: there
        are none.
    barriers
        Weight of each value of ``barrier`` and ``class``; default `gridmap.partition.drawing.barring.BARRIERS`. Those
        with a weight bound superblocks.
    lump
        Neighbouring buildings of one face become one atom, the nearest first, as long as they weigh no more than this
        together and fill no more than a hectare. It makes the graph smaller where buildings are tiny; 3 % of the target
        is little against a tolerance of 10 %. 0 lumps nothing.
    before
        The atoms of the same ground before a change, in the same CRS: only faces whose streets or outlines changed are
        shared out anew, and the answer is what it would be without. None: there are none.

    Returns
    -------
    Atoms
        In the metric CRS of ``within`` (else of the buildings), or, where that is in degrees, in that of the place.
        ``cells`` has ``weight`` and the polygons. ``graph.parent`` and ``graph.piece`` are rows of ``parents`` and
        ``fixed``. The order of the buildings makes no difference to the atoms.

    Raises
    ------
    TableError
        If a table holds missing, empty, invalid or other shapes; all faults of the table at once.
    InputError
        If the column ``weight`` is missing or holds something else than numbers from 0 up, polygons of ``parents`` or
        ``fixed`` overlap, a barrier's weight is no number from 0 up, the ground is a mere speck, or nothing tells where
        it is.
    CrsError
        If a table does not say its CRS, or cannot be taken to that of the others.

    Examples
    --------
    >>> houses = [shapely.box(x, 10, x + 10, 20) for x in (10, 40, 110)]
    >>> table = geopandas.GeoDataFrame({"households": [3, 4, 5]}, geometry=houses, crs=4549)
    >>> road = shapely.LineString([(80, 0), (80, 30)])
    >>> roads = geopandas.GeoDataFrame({"class": ["primary"]}, geometry=[road], crs=4549)
    >>> block = geopandas.GeoDataFrame(geometry=[shapely.box(0, 0, 140, 30)], crs=4549)
    >>> graph = atoms(table, roads, within=block).graph
    >>> graph.weight.tolist(), graph.a.tolist(), graph.b.tolist(), graph.barrier_m.tolist()
    ([3.0, 4.0, 5.0], [0, 1], [1, 2], [0.0, 24.0])
    """
    system = _system(within if within is not None else buildings)
    houses, lines = _shapes(buildings, "buildings", system), _shapes(streets, "streets", system)
    above, pieces = (
        _apart(_shapes(table, name, system), name) for table, name in ((parents, "parents"), (fixed, "fixed"))
    )
    counts = _weights(buildings, weight)
    limit = _limit(_shapes(within, "within", system), above, np.concatenate([houses, lines]))
    drawn = np.concatenate([shapely.boundary(above), shapely.boundary(pieces), lines])
    known = before.shared if before is not None and before.cells.crs == system else None
    parts, building = parts_of(houses)
    plain = whole = shared(faces(drawn, limit=limit), parts, before=known)
    if len(cuts := cutting(_shapes(standing, "standing", system), plain)):
        whole = shared(faces(np.concatenate([cuts, drawn]), limit=limit), parts, before=plain)
    parted = whole.faces
    if not len(parted):
        raise InputError("ground of less than a millimetre", expected="ground to be divided, in the CRS that it states")
    ground = _ground(whole, building, len(houses))
    places = shapely.point_on_surface(parted)
    rows = _Rows(
        parent=_holder(above, places) if len(above) else np.zeros(len(parted), dtype=np.int64),
        piece=_holder(pieces, places),
        superblock=superblocks(bars := barriers_of(streets, lines, barriers), limit, places),
    )
    units = _units(ground, rows, counts, lump)
    building_atom = np.where(ground.cell >= 0, units.atom[ground.cell], -1)
    graph = _graph(ground, units, rows, _per_atom(building_atom, counts, units))
    graph = replace(graph, barrier_m=units.summed(metres_along(bars, ground.borders, ground.cells.face)))
    return Atoms(
        cells=geopandas.GeoDataFrame({"weight": graph.weight}, geometry=units.geometry, crs=system),
        building_atom=building_atom,
        graph=graph,
        warnings=noticed(houses, building_atom, units.geometry, limit, parents=above),
        shared=plain,
    )


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """Cells of the ground and who stands in them."""

    #: the cells
    cells: Cells
    #: their common borders
    borders: Borders
    #: building of each cell, -1 for none
    building: Ints
    #: cell of each building, of its largest part where it has several, -1 for one outside
    cell: Ints


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """What each face lies in."""

    #: row of the parent, -1 for none, 0 without parents
    parent: Ints
    #: row of the fixed piece, -1 for none
    piece: Ints
    #: number of the superblock
    superblock: Ints

    @property
    def region(self) -> Ints:
        """One number for parent and piece: what differs in it is never joined."""
        return (self.parent + 1) * (int(self.piece.max(initial=-1)) + 2) + self.piece + 1


def _system(table: geopandas.GeoDataFrame) -> Any:
    """Return the metric system in which to work: the table's own where that is metric."""
    if table.crs is not None and crs.is_metric(table.crs):
        return table.crs
    return crs.to_metric(table).crs


def _shapes(table: geopandas.GeoDataFrame | None, source: str, system: Any) -> Polygons:
    """Return the shapes of a table in a metric system, or refuse the table."""
    if table is None or not len(table):
        return np.empty(0, dtype=object)
    if table.crs is None:
        raise CrsError(
            f"{source} that do not say their coordinate system", do="state it: an EPSG code, GCJ-02 or BD-09"
        )
    shapes = np.asarray(table.geometry.array)
    shapes = shapely.force_2d(shapes) if (shapely.has_z(shapes) | shapely.has_m(shapes)).any() else shapes
    if faults := shape_faults(shapes, ("line",) if source == "streets" else ("polygon",), table.crs):
        raise TableError(source, faults)
    if table.crs == system:
        return np.asarray(shapes)
    return np.asarray(shapely.transform(shapes, lambda x, y: crs.convert(x, y, table.crs, system), interleaved=False))


def _apart(areas: Polygons, source: str) -> Polygons:
    """Return areas, or refuse those that overlap."""
    one, two = shapely.STRtree(areas).query(areas, predicate="intersects")
    one, two = one[one < two], two[one < two]
    common = shapely.area(shapely.intersection(areas[one], areas[two]))
    if (common > _TOUCHING_M2).any():
        worst = int(common.argmax())
        raise InputError(
            f"{source} {one[worst]} and {two[worst]} overlap by {common[worst]:.0f} m2",
            expected="areas that touch at most",
            do="check and clean them first",
        )
    return areas


def _weights(buildings: geopandas.GeoDataFrame, column: str) -> Floats:
    """Return the weights of buildings; missing ones are 0."""
    if column not in buildings.columns:
        raise InputError(f"buildings without a column {column}", expected="households or residents per building")
    weight = pd.to_numeric(buildings[column], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.flatnonzero((np.isnan(weight) & buildings[column].notna().to_numpy()) | (weight < 0) | np.isinf(weight))
    if wrong.size:
        given = f"{column} {buildings[column].iloc[wrong[0]]} of building {wrong[0] + 1} (and {len(wrong) - 1} more)"
        raise InputError(given, expected="finite numbers from 0 up")
    return np.asarray(np.nan_to_num(weight, nan=0.0))


def _limit(within: Polygons, above: Polygons, shapes: Polygons) -> Any:
    """Return the ground to be divided: what is given, else that of the parents, else that around everything."""
    if len(within) or len(above):
        return shapely.union_all(within if len(within) else above)
    return surroundings(shapes)


def _holder(polygons: Polygons, points: Polygons) -> Ints:
    """Return the row of the first polygon that holds each point, -1 for none."""
    holder = np.full(len(points), -1)
    point, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
    order = np.lexsort([-polygon, point])
    holder[point[order]] = polygon[order]
    return holder


def _ground(made: Shared, building: Ints, count: int) -> _Ground:
    """Return the ground of parts of buildings, each of one of so many buildings, as that of buildings."""
    return _Ground(
        cells=made.cells,
        borders=borders(made.cells.geometry),
        building=np.append(building, -1)[made.cells.owner],
        cell=_cell_of(made.outlines, building, made.cells, count),
    )


def _cell_of(parts: Polygons, building: Ints, ground: Cells, count: int) -> Ints:
    """Return the cell of each building: that of its largest part that has one, or around it where it has none."""
    own = np.flatnonzero(ground.owner >= 0)[::-1]
    cell = np.full(len(parts), -1)
    cell[ground.owner[own]] = own
    lost = np.flatnonzero(cell < 0)
    cell[lost] = _holder(ground.geometry, shapely.point_on_surface(parts[lost]))
    order = np.lexsort([shapely.area(parts), cell >= 0])
    of_building = np.full(count, -1)
    of_building[building[order]] = cell[order]
    return of_building


def _units(ground: _Ground, rows: _Rows, counts: Floats, lump: float) -> Joined:
    """Return the cells joined to atoms."""
    made = ground.cells
    units = joined(made, ground.borders, together(made, ground.borders, ground.building, rows.region[made.face]))
    if not lump > 0:
        return units
    weight = _per_atom(np.where(ground.cell >= 0, units.atom[ground.cell], -1), counts, units)
    return joined(made, ground.borders, lumped(units, weight, made.face[units.first], lump)[units.atom])


def _per_atom(building_atom: Ints, counts: Floats, units: Joined) -> Floats:
    """Return the sums of counts per atom; what is in none is not counted."""
    return np.bincount(building_atom + 1, counts, len(units.first) + 1)[1:].astype(np.float64)


def _graph(ground: _Ground, units: Joined, rows: _Rows, weight: Floats) -> AtomGraph:
    """Return the atoms as a graph without barriers."""
    face = ground.cells.face[units.first]
    return AtomGraph(
        weight=weight,
        area_m2=shapely.area(units.geometry),
        perimeter_m=shapely.length(units.geometry),
        xy=shapely.get_coordinates(shapely.point_on_surface(units.geometry)),
        parent=rows.parent[face],
        piece=rows.piece[face],
        superblock=rows.superblock[face],
        a=units.a,
        b=units.b,
        length_m=units.summed(ground.borders.length_m),
        barrier_m=np.zeros(len(units.a)),
    )
