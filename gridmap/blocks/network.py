"""Streets as a network: pieces between crossings, and the crossings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gridmap.errors import Fault, TableError
from gridmap.prepared import prepared
from gridmap.streets import is_street
from gridmap.streets.reading import texts
from gridmap.tessellation.noding import LATTICE_M

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Lines = npt.NDArray[Any]

#: Metres between two ends that are one crossing.
SAME_M = 2 * LATTICE_M
#: Metres of a street's end by which its direction is told: a kink at a crossing is no direction.
END_M = 12.0


@dataclass(frozen=True, kw_only=True)
class Network:
    """Every metre of street once, cut at every crossing."""

    #: LineStrings in metres, shape (n,)
    edges: Lines
    #: row of the street that each is a part of, shape (n,)
    street: Ints
    #: name of that street, empty where it has none, shape (n,)
    name: npt.NDArray[np.object_]
    #: crossing at the first and at the last vertex of each edge, shape (n, 2)
    ends: Ints
    #: direction in which each edge leaves its two crossings, radians from east, shape (n, 2)
    leaving: Floats

    @property
    def length_m(self) -> Floats:
        """Metres of each edge."""
        return np.asarray(shapely.length(self.edges))

    @property
    def degree(self) -> Ints:
        """Number of edge ends at each crossing."""
        return np.bincount(self.ends.ravel())

    def at(self) -> list[list[tuple[int, int]]]:
        """For each crossing the (edge, end) that meet there, in order of the edges."""
        meeting: list[list[tuple[int, int]]] = [[] for _ in range(int(self.ends.max(initial=-1)) + 1)]
        for edge, pair in enumerate(self.ends.tolist()):
            for end, node in enumerate(pair):
                meeting[node].append((edge, end))
        return meeting


def network(streets: gpd.GeoDataFrame, *, within: Any, passed_over: Collection[str] = ()) -> Network:
    """Return the network of streets inside a territory.

    Lines are cut where they cross, with or without a common vertex, and where they lie on one another they count once,
    for the first. What ``barrier`` calls a barrier and ``class`` no street (a river, a railway) is not a part of it.

    Parameters
    ----------
    streets
        ``id``, ``name``, ``class``, ``barrier`` and lines in metres.
    within
        Polygon in the same metres.
    passed_over
        Classes that are no streets here: motorways, say, or paths.

    Raises
    ------
    TableError
        If no street is left.
    """
    chosen = np.flatnonzero(is_street(streets, passed_over=passed_over))
    lines = shapely.force_2d(streets.geometry.to_numpy()[chosen])
    inside = shapely.covers(prepared(within), lines)
    lines[~inside] = shapely.intersection(lines[~inside], within)
    parts, row = shapely.get_parts(lines, return_index=True)
    drawn = (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & (shapely.length(parts) > SAME_M)
    if not drawn.any():
        raise TableError(
            "streets", [Fault(code="no_streets", message="no street inside the territory; give at least one")]
        )
    parts, row = parts[drawn], chosen[row[drawn]]
    edges = np.asarray(shapely.get_parts(shapely.union_all(parts, grid_size=LATTICE_M)))
    edges = edges[shapely.length(edges) > SAME_M]
    edges = edges[np.lexsort(shapely.get_coordinates(shapely.line_interpolate_point(edges, 0.5, normalized=True)).T)]
    street = row[_owner(edges, parts)]
    return Network(
        edges=edges,
        street=street,
        name=texts(streets, "name")[street],
        ends=_crossings(edges),
        leaving=_leaving(edges),
    )


def _owner(edges: Lines, lines: Lines) -> Ints:
    """Position of the first line that each edge lies on."""
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    edge, line = shapely.STRtree(lines).query(middles, predicate="dwithin", distance=10 * LATTICE_M)
    owner = np.full(len(edges), len(lines))
    np.minimum.at(owner, edge, line)
    lost = np.flatnonzero(owner == len(lines))
    owner[lost] = shapely.STRtree(lines).nearest(middles[lost]) if len(lost) else owner[lost]
    return owner


def _crossings(edges: Lines) -> Ints:
    """Number of the crossing at the two ends of each edge."""
    tips = np.stack([shapely.get_coordinates(shapely.get_point(edges, at)) for at in (0, -1)], axis=1)
    places = np.rint(tips.reshape(-1, 2) / LATTICE_M)
    _, node = np.unique(places, axis=0, return_inverse=True)
    return node.reshape(-1, 2).astype(np.int64)


def _leaving(edges: Lines) -> Floats:
    """Direction of each edge away from its two ends."""
    reach = np.minimum(END_M, shapely.length(edges) / 2)
    tips = [shapely.get_coordinates(shapely.get_point(edges, at)) for at in (0, -1)]
    steps = [shapely.get_coordinates(shapely.line_interpolate_point(edges, at)) for at in (reach, -reach)]
    ways = [step - tip for step, tip in zip(steps, tips, strict=True)]
    return np.stack([np.arctan2(way[:, 1], way[:, 0]) for way in ways], axis=1)
