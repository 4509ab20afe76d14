"""Courses: streets as somebody walks them, through crossings and round bends, each with its chainage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gridmap.blocks.network import Network

#: Radians by which a course may turn at a crossing: as far as the name goes on, ...
TURN_NAMED = np.radians(100)
#: ... and where no name says so, or two short courses become one.
TURN = np.radians(45)


@dataclass(frozen=True, kw_only=True)
class Course:
    """A walk along edges of the network, each but once."""

    #: edges in the order of the walk
    edges: tuple[int, ...]
    #: whether each is walked from its first vertex to its last
    forward: tuple[bool, ...]
    #: crossings passed, one more than there are edges
    nodes: tuple[int, ...]
    #: metres from the start to each crossing
    chainage: tuple[float, ...]

    @property
    def length_m(self) -> float:
        """Metres from start to end."""
        return self.chainage[-1]

    @property
    def tips(self) -> tuple[int, int]:
        """Crossings where it begins and ends."""
        return self.nodes[0], self.nodes[-1]


def courses(net: Network) -> list[Course]:
    """Return the courses of a network: every edge in exactly one.

    At each crossing the edges are led on into each other in pairs, the straighter before the more bent: those of one
    name, and those without a name that go about straight on. So a named street is one course, whatever crosses it.

    Parameters
    ----------
    net
        The network.

    Returns
    -------
    list of Course
        The longest first.

    Raises
    ------
    Nothing
        Any network has courses.
    """
    follows = _pairs(net)
    left = dict.fromkeys(range(len(net.edges)))
    found = []
    while left:
        walk = _walk(follows, next(iter(left)))
        for edge, _ in walk:
            del left[edge]
        found.append(course_of(net, walk))
    return sorted(found, key=lambda course: (-course.length_m, course.edges))


def course_of(net: Network, walk: list[tuple[int, bool]]) -> Course:
    """Return a walk as a course that begins at its western end, the southern one where they are as far west."""
    first, last = _start(net, walk[0]), _start(net, _back(walk[-1]))
    if last < first:
        walk = [_back(step) for step in reversed(walk)]
    nodes = [int(net.ends[edge, 0 if forward else 1]) for edge, forward in walk]
    edge, forward = walk[-1]
    lengths = net.length_m[[edge for edge, _ in walk]]
    return Course(
        edges=tuple(edge for edge, _ in walk),
        forward=tuple(forward for _, forward in walk),
        nodes=(*nodes, int(net.ends[edge, 1 if forward else 0])),
        chainage=(0.0, *np.cumsum(lengths).tolist()),
    )


def bend(one: float, other: float) -> float:
    """Return by how much a walk turns that comes in by one direction and leaves by another, as seen from the crossing.

    Examples
    --------
    >>> round(float(np.degrees(bend(np.pi, 0.0)))), round(float(np.degrees(bend(np.pi, np.pi / 2))))
    (0, 90)
    """
    return abs(np.pi - abs((one - other + np.pi) % (2 * np.pi) - np.pi))


def _pairs(net: Network) -> dict[tuple[int, int], tuple[int, int]]:
    """The edge end into which each edge end leads on."""
    follows: dict[tuple[int, int], tuple[int, int]] = {}
    for meeting in net.at():
        for one, other in _best(net, meeting):
            if one not in follows and other not in follows:
                follows[one], follows[other] = other, one
    return follows


def _best(net: Network, meeting: list[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Pairs of edge ends at a crossing that could be one course, the best first."""
    ranked = []
    for at, one in enumerate(meeting):
        for other in meeting[at + 1 :]:
            turn = bend(net.leaving[one], net.leaving[other])
            named = net.name[one[0]] == net.name[other[0]] != ""
            nameless = net.name[one[0]] == net.name[other[0]] == ""
            same = net.street[one[0]] == net.street[other[0]]
            if turn <= (TURN_NAMED if named or same else TURN if nameless else -1.0):
                ranked.append((turn, one, other))
    yield from ((one, other) for _, one, other in sorted(ranked))


def _walk(follows: dict[tuple[int, int], tuple[int, int]], edge: int) -> list[tuple[int, bool]]:
    """The walk that an edge is a part of, as (edge, forward)."""
    ahead = list(_onward(follows, (edge, 1), edge))
    if ahead and ahead[-1][0] == edge:
        return ahead
    behind = [_back(step) for step in _onward(follows, (edge, 0), edge)]
    return [*reversed(behind), (edge, True), *ahead]


def _onward(
    follows: dict[tuple[int, int], tuple[int, int]], tip: tuple[int, int], start: int
) -> Iterator[tuple[int, bool]]:
    """Steps from an edge end on; a ring ends with the edge that it started from."""
    while tip in follows:
        edge, end = follows[tip]
        yield edge, end == 0
        if edge == start:
            return
        tip = (edge, 1 - end)


def _back(step: tuple[int, bool]) -> tuple[int, bool]:
    """A step walked the other way."""
    return step[0], not step[1]


def _start(net: Network, step: tuple[int, bool]) -> tuple[float, float]:
    """Place where a step begins."""
    x, y = net.edges[step[0]].coords[0 if step[1] else -1]
    return float(x), float(y)
