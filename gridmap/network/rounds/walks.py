"""A closed walk along edges, drawn through them all, and the check that it is one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.errors import GridmapError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Walk:
    """Edges in the order in which they are walked."""

    #: the edges, shape (s,)
    edge: Ints
    #: whether each is walked from its first end to its second, shape (s,)
    forward: Flags

    def nodes(self, ends: Ints) -> tuple[Ints, Ints]:
        """Return the nodes at which each step begins and ends."""
        pair = ends[self.edge]
        return np.where(self.forward, pair[:, 0], pair[:, 1]), np.where(self.forward, pair[:, 1], pair[:, 0])


def closed_walk(ends: Ints, times: Ints, home: int) -> Walk:
    """Return a walk from home to home along every edge as often as asked for (Hierholzer 1873).

    Parameters
    ----------
    ends
        Nodes of each edge, shape (n, 2).
    times
        How often each is walked, shape (n,): an even number of walks meets at every node, and all hang together.
    home
        The node where it starts and ends.

    Raises
    ------
    Nothing
        What does not hang together is not walked: see `check_round`.

    Examples
    --------
    >>> triangle = np.array([[0, 1], [1, 2], [0, 2]])
    >>> walk = closed_walk(triangle, np.array([1, 1, 1]), home=1)
    >>> walk.edge.tolist(), walk.forward.tolist()
    ([0, 2, 1], [False, True, False])
    """
    left = times.tolist()
    at: list[list[int]] = [[] for _ in range(int(max(ends.max(initial=0), home)) + 1)]
    pairs = ends.tolist()
    for edge in range(len(pairs) - 1, -1, -1):
        for node in set(pairs[edge]):
            at[node].append(edge)
    way, steps = [(home, -1, True)], []
    while way:
        node = way[-1][0]
        while at[node] and not left[at[node][-1]]:
            at[node].pop()
        if at[node]:
            edge = at[node][-1]
            left[edge] -= 1
            forward = pairs[edge][0] == node
            way.append((pairs[edge][1] if forward else pairs[edge][0], edge, forward))
        else:
            steps.append(way.pop()[1:])
    steps = steps[-2::-1]
    return Walk(
        edge=np.array([edge for edge, _ in steps], dtype=np.int64),
        forward=np.array([forward for _, forward in steps], dtype=bool),
    )


def check_round(walk: Walk, ends: Ints, required: Flags, home: int) -> None:
    """Refuse a walk that is no round: it starts and ends at home, without a leap, along every required edge.

    Raises
    ------
    GridmapError
        If it is broken: a fault of gridmap, never an answer.
    """
    begins, stops = walk.nodes(ends)
    closed = not len(walk.edge) or (begins[0] == home and stops[-1] == home)
    joined = bool((stops[:-1] == begins[1:]).all())
    missed = int((~np.isin(np.flatnonzero(required), walk.edge)).sum())
    if not (closed and joined) or missed:
        what = "that does not come home" if not closed else "with a leap" if not joined else f"missing {missed} edges"
        raise GridmapError(f"a round {what} was found", do="report it: this is a fault of gridmap", code="broken_round")


def check_bound(length_m: float, bound_m: float) -> None:
    """Refuse a round shorter than what no round falls below.

    Raises
    ------
    GridmapError
        If it is: then one of the two is wrong.
    """
    if length_m < bound_m - 1e-3 - 1e-6 * bound_m:
        raise GridmapError(
            f"a round of {length_m:.3f} m below its bound of {bound_m:.3f} m was found",
            do="report it: this is a fault of gridmap",
            code="broken_bound",
        )
