"""Short streets joined to others: a lane belongs to the street that it is entered from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely

from gridmap.blocks.courses import TURN, Course, bend, course_of
from gridmap.blocks.network import Network

#: Metres between the carriageways of one road, and the share of a course that must lie so near to be one of them.
APART_M, BESIDE = 40.0, 0.8
#: Metres from a spine within which a short street that meets no other, a path cut off by the rim, belongs to it.
NEARBY_M = 100.0
#: Metres between the places at which that is looked at.
STEP_M = 20.0


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A short course, or the other carriageway, and where it belongs."""

    #: the course
    course: Course
    #: position among the spines
    spine: int
    #: chainage of the spine at which it is entered; None: it runs beside the spine and is cut where that is
    at_m: float | None


@dataclass(frozen=True, kw_only=True)
class Settled:
    """Courses long enough to be cut into blocks, and the others with the one that each belongs to."""

    #: the longest first
    spines: tuple[Course, ...]
    #: all other courses
    branches: tuple[Branch, ...]


def settle(net: Network, courses: list[Course], *, least_m: float) -> Settled:
    """Return which courses are cut into blocks and what the others belong to.

    The second carriageway of a road belongs to the first. A course shorter than ``least_m`` goes on as one with another
    short one that it runs straight into, or with whatever course begins where it ends and nothing else does; failing
    that it is a branch of the longest course that it touches, or of what a course that it touches is a branch of. Where
    a group of courses has no long one, its longest is the spine.

    Parameters
    ----------
    net
        The network.
    courses
        All of its courses, the longest first.
    least_m
        Least metres of a spine.

    Raises
    ------
    Nothing
        Every course belongs somewhere.
    """
    beside = _carriageways(net, courses, least_m)
    single = [course for at, course in enumerate(courses) if at not in beside]
    joined = _joined(net, single, least_m)
    places = _places(net, joined, least_m)
    order = [at for at, place in places.items() if place is None]
    spines = tuple(joined[at] for at in order)
    hosted = [
        Branch(course=joined[at], spine=order.index(place.spine), at_m=place.at_m)
        for at, place in places.items()
        if place is not None
    ]
    return Settled(spines=spines, branches=(*hosted, *_along(net, [courses[at] for at in sorted(beside)], spines)))


class _Place(NamedTuple):
    """Where a course that is no spine is entered."""

    #: position of the spine among all courses
    spine: int
    #: chainage of the spine
    at_m: float


def _places(net: Network, courses: list[Course], least_m: float) -> dict[int, _Place | None]:
    """The place of each course, None for those that are spines; layer by layer around the spines."""
    touching = _touching(courses)
    places: dict[int, _Place | None] = {at: None for at, course in enumerate(courses) if course.length_m >= least_m}
    around = set(places)
    while len(places) < len(courses):
        guests = {guest for host in around for guest in touching[host] if guest not in places}
        if not guests:
            # a group of streets without a long one: the longest left is the first in order
            alone = next(at for at in range(len(courses)) if at not in places)
            places[alone] = _nearby(net, courses, places, alone)
            guests = {alone}
        for guest in sorted(guests - places.keys()):
            hosts = [host for host in touching[guest] if host in around]
            places[guest] = _entry(courses, places, guest, min(hosts, key=lambda at: _rank(net, courses, guest, at)))
        around = guests
    return places


def _nearby(net: Network, courses: list[Course], places: dict[int, _Place | None], alone: int) -> _Place | None:
    """Where a street that meets no other belongs: to the spine beside it, or nowhere if that is far."""
    spines = [at for at, place in places.items() if place is None]
    line = line_of(net, courses[alone])
    lines = [line_of(net, courses[at]) for at in spines]
    if not spines or (metres := shapely.distance(lines, line)).min() > NEARBY_M:
        return None
    nearest = int(np.argmin(metres))
    edges = net.edges[list(courses[spines[nearest]].edges)]
    beside = int(np.argmin(shapely.distance(edges, line)))
    return _Place(spines[nearest], courses[spines[nearest]].chainage[beside])


def _touching(courses: list[Course]) -> list[list[int]]:
    """For each course those that it has a crossing in common with."""
    at_node: dict[int, set[int]] = {}
    for at, course in enumerate(courses):
        for node in course.nodes:
            at_node.setdefault(node, set()).add(at)
    return [sorted({o for node in course.nodes for o in at_node[node]} - {at}) for at, course in enumerate(courses)]


def _rank(net: Network, courses: list[Course], guest: int, host: int) -> tuple[bool, float, int]:
    """Order in which hosts are taken: of the same name, then the longest."""
    names = {net.name[edge] for edge in courses[guest].edges} - {""}
    other = names.isdisjoint({net.name[edge] for edge in courses[host].edges})
    return other, -courses[host].length_m, host


def _entry(courses: list[Course], places: dict[int, _Place | None], guest: int, host: int) -> _Place:
    """Where a course is entered from its host: at the first crossing that both have, or where the host itself is."""
    place = places[host]
    if place is not None:
        return place
    common = set(courses[guest].nodes)
    passed = zip(courses[host].nodes, courses[host].chainage, strict=True)
    return _Place(host, next(metres for node, metres in passed if node in common))


def _carriageways(net: Network, courses: list[Course], least_m: float) -> set[int]:
    """Positions of courses that run beside a longer one of the same name nearly all of their way."""
    by_name: dict[str, list[int]] = {}
    for at, course in enumerate(courses):
        if course.length_m >= least_m and (name := main_name(net, course)):
            by_name.setdefault(name, []).append(at)
    beside: set[int] = set()
    for group in by_name.values():
        for place, at in enumerate(group):
            longer = [courses[other] for other in group[:place] if other not in beside]
            if longer and _runs_beside(net, courses[at], longer):
                beside.add(at)
    return beside


def _runs_beside(net: Network, course: Course, longer: list[Course]) -> bool:
    """Whether a course lies beside one of the longer ones."""
    line = line_of(net, course)
    places = shapely.line_interpolate_point(line, np.arange(STEP_M / 2, line.length, STEP_M))
    return any((shapely.distance(line_of(net, other), places) <= APART_M).mean() >= BESIDE for other in longer)


def _along(net: Network, beside: list[Course], spines: Sequence[Course]) -> Iterator[Branch]:
    """Carriageways with the spine of their name that they lie nearest to."""
    for course in beside:
        name, line = main_name(net, course), line_of(net, course)
        same = [at for at, spine in enumerate(spines) if main_name(net, spine) == name]
        middle = shapely.line_interpolate_point(line, 0.5, normalized=True)
        nearest = min(same, key=lambda at: (shapely.distance(line_of(net, spines[at]), middle), at))
        yield Branch(course=course, spine=nearest, at_m=None)


def _joined(net: Network, courses: list[Course], least_m: float) -> list[Course]:
    """Courses of which short ones were led on into others, the longest first."""
    standing = dict(enumerate(courses))
    degree = net.degree
    while pair := _next_pair(net, standing, degree, least_m):
        one, other, walk = pair
        del standing[one], standing[other]
        standing[max([one, other, *standing]) + 1] = course_of(net, walk)
    return sorted(standing.values(), key=lambda course: (-course.length_m, course.edges))


def _next_pair(
    net: Network, standing: dict[int, Course], degree: np.ndarray, least_m: float
) -> tuple[int, int, list[tuple[int, bool]]] | None:
    """The straightest two courses that should be one, with the walk along both."""
    tips: dict[int, list[int]] = {}
    for at, course in standing.items():
        for node in set(course.tips):
            tips.setdefault(node, []).append(at)
    best = None
    for node, meeting in tips.items():
        for place, one in enumerate(meeting):
            for other in meeting[place + 1 :]:
                shorts = [standing[at].length_m < least_m for at in (one, other)]
                only = degree[node] == 2  # noqa: PLR2004 - nothing else goes on from here
                if not (all(shorts) or (only and any(shorts))):
                    continue
                walk, turn = _walk(net, standing[one], standing[other], node)
                if (turn <= TURN or only) and (best is None or (turn, one, other) < best[0]):
                    best = (turn, one, other), walk
    return None if best is None else (best[0][1], best[0][2], best[1])


def _walk(net: Network, one: Course, other: Course, node: int) -> tuple[list[tuple[int, bool]], float]:
    """The walk along one course and on along another from the crossing where both end, and how much it turns there."""
    first = list(zip(one.edges, one.forward, strict=True))
    then = list(zip(other.edges, other.forward, strict=True))
    if one.nodes[-1] != node:
        first = [(edge, not forward) for edge, forward in reversed(first)]
    if other.nodes[0] != node:
        then = [(edge, not forward) for edge, forward in reversed(then)]
    (last, onward), (next_, forward) = first[-1], then[0]
    turn = bend(net.leaving[last, 1 if onward else 0], net.leaving[next_, 0 if forward else 1])
    return [*first, *then], turn


def main_name(net: Network, course: Course) -> str:
    """Return the name that most metres of a course have, empty if none has one."""
    metres: dict[str, float] = {}
    for edge, length in zip(course.edges, net.length_m[list(course.edges)].tolist(), strict=True):
        metres[net.name[edge]] = metres.get(net.name[edge], 0.0) + length
    metres.pop("", None)
    return max(sorted(metres), key=lambda name: metres[name]) if metres else ""


def line_of(net: Network, course: Course) -> shapely.MultiLineString:
    """Return the edges of a course as one geometry."""
    return shapely.multilinestrings(net.edges[list(course.edges)])
