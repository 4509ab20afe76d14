"""What a user would otherwise tell coverage by: nearest edges, buffers round tracks, leuvenmapmatching.

Each is given the fixes of a crew as sent, but for those sent twice, and gives the lines that it takes for walked. A
peer is imported when it is used, so that the rest runs where it is not installed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

from gridmap.tracks import clean
from tests import walks
from tests.benchmarks.patrols_grounds import Ground

#: metres round a track in which streets are said to be walked
NARROW_M, WIDE_M = 10.0, 20.0
#: standard error of fixes, and metres beyond which no street is looked for
_SIGMA_M, _FAR_M = 8.0, 60.0
#: candidates per fix that are kept, which makes it 3 to 30 times as fast as without
_LATTICE = 5


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a peer says of one track."""

    #: lines said to be walked
    lines: Any
    #: fixes it got to before it gave up
    reached: int


#: says what was walked by a track: metres, shape (n, 2)
Peer = Callable[[np.ndarray], Answer]


def as_sent(one: walks.Walk) -> np.ndarray:
    """Return the fixes of a walk in metres, without copies."""
    first = np.unique(one.time, return_index=True)[1]
    return np.column_stack([one.x, one.y])[first]


def cleaned(one: walks.Walk, ground: Ground) -> np.ndarray:
    """Return the fixes of a walk as gridmap cleans them."""
    return np.asarray(shapely.get_coordinates(clean(walks.fixes([one], ground.streets.crs)).geometry.to_numpy()))


def nearest_edge(ground: Ground) -> Peer:
    """Return the peer that takes for walked what lies between fixes in a row that are nearest to one edge."""
    edges, tree = ground.ready.ground.graph.edges, ground.ready.ground.graph.tree

    def work(xy: np.ndarray) -> Answer:
        points = shapely.points(xy)
        edge = tree.nearest(points)
        along = shapely.line_locate_point(edges[edge], points)
        begin = np.flatnonzero(np.diff(edge, prepend=-1))
        low, high = np.minimum.reduceat(along, begin), np.maximum.reduceat(along, begin)
        parts = [substring(edges[k], a, b) for k, a, b in zip(edge[begin], low, high, strict=True) if b > a]
        return Answer(lines=shapely.union_all(parts), reached=len(xy))

    return work


def whole_edges(ground: Ground) -> Peer:
    """Return the peer that takes each edge for walked that is nearest to some fix."""
    edges, tree = ground.ready.ground.graph.edges, ground.ready.ground.graph.tree

    def work(xy: np.ndarray) -> Answer:
        return Answer(lines=shapely.union_all(edges[np.unique(tree.nearest(shapely.points(xy)))]), reached=len(xy))

    return work


def buffer(metres: float) -> Callable[[Ground], Peer]:
    """Return the peer that takes for walked what lies within some metres of the track."""

    def made(ground: Ground) -> Peer:
        edges, tree = ground.ready.ground.graph.edges, ground.ready.ground.graph.tree

        def work(xy: np.ndarray) -> Answer:
            swath = shapely.buffer(shapely.LineString(xy), metres)
            near = edges[np.sort(tree.query(swath, predicate="intersects"))]
            return Answer(lines=shapely.union_all(shapely.intersection(near, swath)), reached=len(xy))

        return work

    return made


def leuven(ground: Ground) -> Peer:
    """Return leuvenmapmatching: a hidden Markov model in Python, its states the pieces between vertices."""
    from leuvenmapmatching.map.inmem import InMemMap
    from leuvenmapmatching.matcher.distance import DistanceMatcher

    logging.getLogger("be.kuleuven.cs.dtai.mapmatching").setLevel(logging.ERROR)
    map_con, nodes = _vertices(ground, InMemMap("streets", use_latlon=False, use_rtree=False, index_edges=True))

    def work(xy: np.ndarray) -> Answer:
        matcher = DistanceMatcher(
            map_con,
            max_dist=_FAR_M,
            max_dist_init=_FAR_M,
            obs_noise=_SIGMA_M,
            obs_noise_ne=2 * _SIGMA_M,
            min_prob_norm=0.001,
            non_emitting_states=True,
            max_lattice_width=_LATTICE,
        )
        _, last = matcher.match([(x, y) for x, y in xy.tolist()])
        states = matcher.lattice_best or []
        if not states:
            return Answer(lines=shapely.LineString(), reached=0)
        # from where the first fix lies on its street to where the last one does
        places = [states[0].edge_m.pi, *(nodes[k] for k in matcher.path_pred_onlynodes[1:-1]), states[-1].edge_m.pi]
        return Answer(lines=shapely.node(shapely.LineString(places)), reached=last + 1)

    return work


def _vertices(ground: Ground, map_con: Any) -> tuple[Any, np.ndarray]:
    """The map with all vertices of edges as nodes, both ways, and their places."""
    xy, edge = shapely.get_coordinates(ground.ready.ground.graph.edges, return_index=True)
    place, node = np.unique(np.round(xy, 3), axis=0, return_inverse=True)
    node = node.ravel()
    for k, (x, y) in enumerate(place.tolist()):
        map_con.add_node(k, (x, y))
    inside = (edge[1:] == edge[:-1]) & (node[1:] != node[:-1])
    for a, b in np.column_stack([node[:-1], node[1:]])[inside].tolist():
        map_con.add_edge(a, b)
        map_con.add_edge(b, a)
    return map_con, place


#: Peers by what the table calls them; each is made of a ground.
PEERS: dict[str, Callable[[Ground], Peer]] = {
    "nearest edge (STRtree)": nearest_edge,
    "nearest edge, whole edges": whole_edges,
    "buffer of 10 m": buffer(NARROW_M),
    "buffer of 20 m": buffer(WIDE_M),
}
#: The matcher that pip brings, as slow as it is.
LEUVEN = "leuvenmapmatching"
