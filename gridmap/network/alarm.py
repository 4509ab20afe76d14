"""An alert on the streets, and the ways from there to anybody."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import csgraph

from gridmap.errors import InputError
from gridmap.network.ways import Ways

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alert, its street, and the quickest way from there to each node."""

    #: the streets
    ways: Ways
    #: the alert in the metres of the graph, shape (2,)
    xy: Floats
    #: its edge, the metres along it, and the metres from the alert to there
    edge: int
    along_m: float
    offset_m: float
    #: seconds to each node, infinite where there is no way, shape (k,)
    node_s: Floats
    #: node before each on the way, negative at those next to the alert, shape (k,)
    before: Ints
    #: metres to the nodes that were asked for
    _node_m: dict[int, float] = field(default_factory=dict)

    def ways_to(self, xy: Floats, within_m: float) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
        """Return (seconds, metres, whether it is off the streets) of each place, shape (m,) each.

        The way to the street at either end is straight, at the speed of the mode.

        Parameters
        ----------
        xy
            Places in the metres of the graph, shape (m, 2).
        within_m
            How far from a street a place may be.

        Raises
        ------
        Nothing
            Where there is no way seconds and metres are infinite; off the streets they are not known.
        """
        feet = self.ways.feet(xy, within_m)
        off = feet.edge < 0
        edge, pace = np.maximum(feet.edge, 0), self.ways.s_per_m[np.maximum(feet.edge, 0)]
        rest = np.stack(
            [feet.along_m, self.ways.graph.length_m[edge] - feet.along_m, np.abs(feet.along_m - self.along_m)]
        )
        lead = self.offset_m / self.ways.mode.speed_m_s
        here = np.where(edge == self.edge, lead, np.inf)
        options = np.vstack([self.node_s[self.ways.graph.ends[edge]].T, here]) + rest * pace
        best = np.where(off, 0, np.argmin(np.nan_to_num(options, nan=np.inf), axis=0))
        take = best, np.arange(len(edge))
        seconds = options[take] + feet.offset_m / self.ways.mode.speed_m_s
        metres = [self._metres(e, b) if np.isfinite(s) else s for e, b, s in zip(edge, best, seconds, strict=True)]
        return seconds, np.array(metres, dtype=float) + rest[take] + feet.offset_m, off

    def _metres(self, edge: int, way: int) -> float:
        """Metres from the alert to one end of an edge, or to the alert's own foot."""
        return self.offset_m if way > 1 else self._to_node(int(self.ways.graph.ends[edge, way]))

    def _to_node(self, node: int) -> float:
        """Metres to a node along the quickest way; what is found once is kept."""
        path = []
        while node not in self._node_m and self.before[node] >= 0:
            path.append(node)
            node = int(self.before[node])
        if node not in self._node_m:
            first = (self.node_s[node] - self.offset_m / self.ways.mode.speed_m_s) / self.ways.s_per_m[self.edge]
            self._node_m[node] = self.offset_m + float(first)
        for after in reversed(path):
            self._node_m[after] = self._node_m[node] + self.ways.step_m[node, after]
            node = after
        return self._node_m[node]


def alarm(ways: Ways, xy: Floats, *, off_m: float = 300.0, most_s: float = np.inf) -> Alarm:
    """Return an alert with the quickest ways from there.

    Parameters
    ----------
    ways
        The streets.
    xy
        The alert in the metres of the graph, shape (2,).
    off_m
        How far it may be from the nearest open street.
    most_s
        Seconds beyond which no way is looked for.

    Raises
    ------
    InputError
        If it is farther from any open street.
    """
    feet = ways.feet(xy[None, :], np.inf)
    offset = float(feet.offset_m[0])
    if not offset <= off_m:
        raise InputError(
            f"an alert {offset:.0f} m from the nearest street open to mode {ways.mode.name!r}",
            expected=f"at most {off_m:.0f} m",
            do="check longitude and latitude, or load the streets of the place",
        )
    edge, along = int(feet.edge[0]), float(feet.along_m[0])
    node_s, before = _from(ways, edge, along, offset, most_s)
    return Alarm(ways=ways, xy=xy, edge=edge, along_m=along, offset_m=offset, node_s=node_s, before=before)


def _from(ways: Ways, edge: int, along: float, offset: float, most_s: float) -> tuple[Floats, Ints]:
    """(Seconds to each node, node before it) from a place on an edge: the better of the ways by its two ends."""
    rest = np.array([along, ways.graph.length_m[edge] - along]) * ways.s_per_m[edge]
    found = csgraph.dijkstra(ways.adjacency[0], indices=ways.graph.ends[edge], limit=most_s, return_predecessors=True)
    by_end = found[0] + rest[:, None]
    other = by_end[1] < by_end[0]
    seconds = np.where(other, by_end[1], by_end[0]) + offset / ways.mode.speed_m_s
    return seconds, np.where(other, found[1][1], found[1][0])
