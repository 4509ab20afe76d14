"""From a place to the street there, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.errors import InputError
from gridmap.streets.graph import StreetGraph

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class NearestEdges:
    """The edge nearest to each of m points."""

    #: the edge, -1 where none is near enough, shape (m,)
    edge: Ints
    #: metres along the edge to the foot of the point, NaN where there is none, shape (m,)
    along_m: Floats
    #: metres from the point to its foot, NaN where there is none, shape (m,)
    offset_m: Floats

    def __iter__(self) -> Any:
        """Give edge, metres along and offset, to be unpacked."""
        return iter((self.edge, self.along_m, self.offset_m))


def point_on(graph: StreetGraph, edge: Any, along_m: Any) -> Floats:
    """Return the points so many metres along edges, shape (m, 2), in the metres of the graph.

    Parameters
    ----------
    graph
        The streets.
    edge
        Edges, shape (m,).
    along_m
        Metres from the first vertex of each; what is beyond an end is at that end.

    Raises
    ------
    IndexError
        If there is no such edge.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from gridmap.streets import graph
    >>> made = graph(gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (8, 0)])], crs=4549))
    >>> point_on(made, [0, 0], [3, 9]).tolist()
    [[3.0, 0.0], [8.0, 0.0]]
    """
    edge = np.asarray(edge, dtype=np.int64)
    along = np.clip(along_m, 0.0, graph.length_m[edge])
    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(graph.edges[edge], along)))


def nearest_edge(graph: StreetGraph, xy: Any, within_m: float = np.inf) -> NearestEdges:
    """Return the edge nearest to each point, and where on it.

    Of several as near, the first of the graph.

    Parameters
    ----------
    graph
        The streets.
    xy
        Points in the metres of the graph, shape (m, 2).
    within_m
        How far an edge may be.

    Raises
    ------
    InputError
        If a coordinate is not finite, or ``within_m`` is negative.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from gridmap.streets import graph
    >>> made = graph(gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (8, 0)])], crs=4549))
    >>> edge, along_m, offset_m = nearest_edge(made, [(3, 4), (3, 40)], within_m=5)
    >>> edge.tolist(), along_m.tolist(), offset_m.tolist()
    ([0, -1], [3.0, nan], [4.0, nan])
    """
    at = np.asarray(xy, dtype=float).reshape(-1, 2)
    if not np.isfinite(at).all():
        raise InputError("a point without finite coordinates", expected="metres, x east and y north")
    if not within_m >= 0:
        raise InputError(f"within_m {within_m}", expected="0 or more metres")
    points = shapely.points(at)
    edge = np.full(len(at), len(graph))
    # GEOS asks for a reach above 0, and takes every place of the plane within an infinite one
    reach = None if np.isinf(within_m) else max(within_m, np.nextafter(0, 1))
    point, found = graph.tree.query_nearest(points, max_distance=reach)
    np.minimum.at(edge, point, found)
    near = edge < len(graph)
    edge[~near] = -1
    along, offset = np.full(len(at), np.nan), np.full(len(at), np.nan)
    along[near], offset[near] = located(graph, edge[near], points[near])
    return NearestEdges(edge=edge, along_m=along, offset_m=offset)


def located(graph: StreetGraph, edge: Ints, points: npt.NDArray[Any]) -> tuple[Floats, Floats]:
    """Return (metres along its edge of the place nearest to each point, metres from there to the point), shape (m,).

    Raises
    ------
    IndexError
        If there is no such edge.
    """
    lines = graph.edges[edge]
    # GEOS rounds otherwise when it locates than when it measures: a place may come out beyond the end
    along = np.minimum(shapely.line_locate_point(lines, points), graph.length_m[edge])
    return np.asarray(along), np.asarray(shapely.distance(lines, points))
