"""Streets made ready to be asked for ways: the graph, the seconds of each edge, the edges that a place belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from gridmap.crs import RECORD_EPSG, from_wgs84, to_system
from gridmap.errors import InputError
from gridmap.network.modes import FOOT, Mode, mode_of
from gridmap.streets import NearestEdges, StreetGraph, graph, located

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Metres of streets below which a piece of the graph that nothing joins is taken for a fault of the map: no place
#: belongs to a courtyard path that leads nowhere while a street passes by.
LEAST_PIECE_M = 300.0


@dataclass(frozen=True, kw_only=True)
class Ways:
    """A street graph and what it costs to pass its edges."""

    #: the streets
    graph: StreetGraph
    #: who passes them
    mode: Mode
    #: seconds for a metre of each edge, infinite where it is closed, shape (n,)
    s_per_m: Floats
    #: edges that places belong to, in order
    open_edges: Ints

    @cached_property
    def adjacency(self) -> tuple[sparse.csr_matrix, Ints]:
        """(Seconds from node to neighbouring node, edge of each entry)."""
        return self.graph.adjacency(self.seconds)

    @cached_property
    def step_m(self) -> dict[tuple[int, int], float]:
        """Metres of the quickest edge between neighbouring nodes."""
        matrix, edge = self.adjacency
        row = np.repeat(np.arange(self.graph.nodes), np.diff(matrix.indptr))
        pairs = zip(row.tolist(), matrix.indices.tolist(), strict=True)
        return dict(zip(pairs, self.graph.length_m[edge].tolist(), strict=True))

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The open edges by place."""
        return shapely.STRtree(self.graph.edges[self.open_edges])

    @cached_property
    def twin(self) -> Ints:
        """First edge open to the mode that lies where each does, the first of all where none is; shape (n,)."""
        passable, twin = np.flatnonzero(np.isfinite(self.s_per_m)), self.graph.twin
        first = np.full(len(twin), len(twin))
        np.minimum.at(first, twin[passable], passable)
        return np.asarray(np.where(first < len(twin), first, np.arange(len(twin)))[twin])

    @property
    def seconds(self) -> Floats:
        """Seconds of each edge."""
        return self.s_per_m * self.graph.length_m

    def to_metres(self, table: gpd.GeoDataFrame | gpd.GeoSeries) -> Floats:
        """Return points of a table in the metres of the graph, shape (m, 2); NaN where there is none.

        Raises
        ------
        CrsError
            If the table states no CRS.
        """
        points = to_system(table.geometry, self.graph.crs).to_numpy()
        return np.column_stack([shapely.get_x(points), shapely.get_y(points)])

    def place(self, lon_lat: tuple[float, float]) -> Floats:
        """Return a place given in degrees in the metres of the graph, shape (2,).

        Raises
        ------
        InputError
            If these are no degrees.
        """
        return np.asarray(from_wgs84(*lon_lat, self.graph.crs), dtype=float)

    def degrees(self, table: gpd.GeoDataFrame | gpd.GeoSeries) -> list[tuple[float, float]]:
        """Return points of a table as longitudes and latitudes.

        Raises
        ------
        CrsError
            If the table states no CRS.
        """
        points = to_system(table.geometry, RECORD_EPSG).to_numpy()
        return list(zip(shapely.get_x(points).tolist(), shapely.get_y(points).tolist(), strict=True))

    def feet(self, xy: Floats, within_m: float) -> NearestEdges:
        """Return the open edge nearest to each point, the first of several as near; -1 where none is near enough.

        Raises
        ------
        Nothing
            A point without a place is near nothing.
        """
        edge = np.full(len(xy), len(self.open_edges))
        placed = np.flatnonzero(np.isfinite(xy).all(axis=1))
        points = shapely.points(xy[placed])
        if len(self.open_edges) and len(placed):
            asked, found = self.tree.query_nearest(points, max_distance=within_m)
            np.minimum.at(edge, placed[asked], found)
        near = edge < len(self.open_edges)
        edge = np.where(near, np.append(self.open_edges, -1)[edge], -1)
        along, offset = np.full(len(xy), np.nan), np.full(len(xy), np.nan)
        along[near], offset[near] = located(self.graph, edge[near], shapely.points(xy[near]))
        return NearestEdges(edge=edge, along_m=along, offset_m=offset)


def ways(
    streets: Ways | StreetGraph | gpd.GeoDataFrame, mode: Mode | str = FOOT, *, least_piece_m: float = LEAST_PIECE_M
) -> Ways:
    """Return streets made ready to be asked for ways; done once, it may be asked any number of times.

    Parameters
    ----------
    streets
        A table of lines in any CRS, a graph of it, or what this function returned, which is given back.
    mode
        Who goes: `FOOT`, `EBIKE`, `CAR`, their names, or one of your own.
    least_piece_m
        Connected pieces of fewer metres that are open to the mode are nobody's nearest street, unless there are no
        others.

    Raises
    ------
    InputError
        If the mode is unknown, or no street is open to it.
    TableError, CrsError
        As `gridmap.streets.graph`.

    Examples
    --------
    >>> line = shapely.LineString([(0, 0), (260, 0)])
    >>> ways(gpd.GeoDataFrame({"class": ["service"]}, geometry=[line], crs=4549), "car").seconds.tolist()
    [65.0]
    """
    if isinstance(streets, Ways):
        return streets
    made = streets if isinstance(streets, StreetGraph) else graph(streets)
    who = mode_of(mode)
    speed = who.speeds(made.kind)
    if not (speed > 0).any():
        raise InputError(
            f"streets that are all closed to mode {who.name!r}", expected="one that is open", do="choose another mode"
        )
    slowness = np.divide(1.0, speed, out=np.full(len(made), np.inf), where=speed > 0)
    return Ways(graph=made, mode=who, s_per_m=slowness, open_edges=_open(made, speed > 0, least_piece_m))


def _open(made: StreetGraph, passable: npt.NDArray[np.bool_], least_piece_m: float) -> Ints:
    """Passable edges of pieces that are long enough."""
    ends = made.ends[passable]
    size = (made.nodes, made.nodes)
    linked = sparse.coo_matrix((np.ones(len(ends)), ends.T), shape=size)
    label = csgraph.connected_components(linked, directed=False)[1]
    metres = np.bincount(label[ends[:, 0]], made.length_m[passable], minlength=label.max() + 1)
    edges = np.flatnonzero(passable)
    long = metres[label[ends[:, 0]]] >= min(least_piece_m, metres.max())
    return np.asarray(edges[long])
