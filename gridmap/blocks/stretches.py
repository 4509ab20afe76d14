"""Stretches: spines cut to length, and every other piece of street with the stretch that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from shapely.ops import substring

from gridmap.blocks.courses import Course
from gridmap.blocks.cutting import SHORTEST, cut
from gridmap.blocks.network import SAME_M, Ints, Lines, Network
from gridmap.blocks.settling import APART_M, Branch, Settled, main_name

#: Metres of a street before a crossing that belong to the block which goes on over it: about half a road's width.
STUB_M = 8.0


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The middle line of one block."""

    #: position of its spine
    spine: int
    #: metres along the spine, without the corners that other stretches hold
    from_m: float
    to_m: float
    #: row of the street that most of it is
    street: int
    #: name of the spine, empty where it has none
    name: str


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """All metres of street, each in one piece, and each piece in one stretch."""

    #: LineStrings; those of spines are drawn along them, shape (n,)
    lines: Lines
    #: position among ``stretches``, shape (n,)
    stretch: Ints
    #: whether a piece is a part of the spine itself, shape (n,)
    on_spine: np.ndarray
    #: in the order of the spines and along them
    stretches: tuple[Stretch, ...]


def stretched(net: Network, settled: Settled, *, wanted_m: float) -> Pieces:
    """Return the streets cut into stretches.

    Where two spines cross, only one can go on: ground on both sides of both cannot be in one piece. The longer one may,
    the other is cut there; what is left of it between two such crossings and too short for a stretch is a branch of
    the one that goes on. Each stretch is cut as `gridmap.blocks.cutting.cut` says.

    Parameters
    ----------
    net
        The network.
    settled
        Its spines and branches.
    wanted_m
        Metres that a stretch should have.

    Raises
    ------
    Nothing
        Any network can be cut.
    """
    work = _Work(net=net, least_m=SHORTEST * wanted_m, wanted_m=wanted_m)
    for spine in settled.spines:
        _cut_spine(work, spine)
    for branch in settled.branches:
        work.found += list(_branch(work, branch))
    return _pieces(work)


class _Span(NamedTuple):
    """A part of a spine, and the stretch that it is or belongs to."""

    from_m: float
    to_m: float
    stretch: int


@dataclass(kw_only=True)
class _Work:
    """What is cut so far."""

    net: Network
    #: metres that a stretch should have, and must
    wanted_m: float
    least_m: float
    stretches: list[Stretch] = field(default_factory=list)
    #: (piece of street, drawn along its course; its stretch; whether it is of the spine)
    found: list[tuple[shapely.LineString, int, bool]] = field(default_factory=list)
    #: parts of each spine in order
    spans: list[list[_Span]] = field(default_factory=list)
    #: the stretch that goes on at a crossing
    passing: dict[int, int] = field(default_factory=dict)


def _cut_spine(work: _Work, spine: Course) -> None:
    """Cut a spine at the crossings that others pass, and what is left by length."""
    net = work.net
    chainage = dict(zip(spine.chainage, spine.nodes, strict=True))
    taken = [metres for metres, node in chainage.items() if node in work.passing]
    bounds = sorted({0.0, spine.length_m, *taken})
    at, spans = len(work.spans), []
    for start, end in pairwise(bounds):
        hosts = [work.passing[chainage[metres]] for metres in (start, end) if chainage[metres] in work.passing]
        if hosts and end - start < work.least_m:
            spans.append(_Span(start, end, hosts[0]))
            work.found += [(line, hosts[0], False) for _, line in _between(net, spine, start, end)]
            continue
        crossings = [metres - start for metres in _crossings(net, spine) if start < metres < end]
        for low, high in pairwise(cut(end - start, crossings, wanted_m=work.wanted_m, spare_m=STUB_M)):
            spans.append(_Span(start + low, start + high, len(work.stretches)))
            _add(work, at, spine, spans[-1])
    work.spans.append(spans)


def _branch(work: _Work, branch: Branch) -> Iterator[tuple[shapely.LineString, int, bool]]:
    """Pieces of a branch, of the stretch that it is entered from."""
    course, spans = branch.course, work.spans[branch.spine]
    if branch.at_m is None:
        yield from ((line, number, False) for line, number in _beside(work.net, course, work, branch.spine))
        return
    home = next((span.stretch for span in spans if branch.at_m <= span.to_m + SAME_M), spans[-1].stretch)
    yield from ((line, home, False) for line in work.net.edges[list(course.edges)])


def _add(work: _Work, at: int, spine: Course, span: _Span) -> None:
    """Add a stretch, which goes on at all crossings within it."""
    net, parts = work.net, list(_between(work.net, spine, span.from_m, span.to_m))
    street = _most(net, [(edge, line.length) for edge, line in parts])
    work.stretches.append(
        Stretch(spine=at, from_m=span.from_m, to_m=span.to_m, street=street, name=main_name(net, spine))
    )
    work.found += [(line, span.stretch, True) for _, line in parts]
    inside = zip(spine.chainage, spine.nodes, strict=True)
    degree = net.degree
    work.passing |= {
        node: span.stretch
        for metres, node in inside
        if span.from_m + SAME_M < metres < span.to_m - SAME_M and degree[node] > 3  # noqa: PLR2004 - a T leaves a side
    }


def _pieces(work: _Work) -> Pieces:
    """All that was cut; of streets that end at a crossing which a stretch goes on over, the last metres are its own."""
    pieces: list[tuple[shapely.LineString, int, bool]] = []
    stretches = list(work.stretches)
    place = {_spot(point): owner for point, owner in _passed(work)}
    for line, number, spinal in work.found:
        low, high = _corners(line, number, place)
        pieces.append((substring(line, low.metres, line.length - high.metres), number, spinal))
        if low.metres:
            pieces.append((substring(line, 0, low.metres), low.stretch, False))
        if high.metres:
            pieces.append((substring(line, line.length - high.metres, line.length), high.stretch, False))
        if spinal:
            one = stretches[number]
            stretches[number] = replace(one, from_m=one.from_m + low.metres, to_m=one.to_m - high.metres)
    lines, stretch, on_spine = zip(*pieces, strict=True)
    return Pieces(
        lines=np.array(lines, dtype=object),
        stretch=np.array(stretch),
        on_spine=np.array(on_spine),
        stretches=tuple(stretches),
    )


class _Corner(NamedTuple):
    """The metres before a crossing that another stretch goes on over, none elsewhere."""

    metres: float
    stretch: int


def _corners(line: shapely.LineString, number: int, place: dict[tuple[float, ...], int]) -> tuple[_Corner, _Corner]:
    """What is taken off the two ends of a piece."""
    owners = [place.get(_spot(line.coords[at]), number) for at in (0, -1)]
    reach = min(STUB_M, line.length / 4)
    low, high = (_Corner(reach if owner != number else 0.0, owner) for owner in owners)
    return low, high


def _spot(point: Sequence[float]) -> tuple[float, ...]:
    """A place on the lattice, by which ends of pieces are known."""
    return tuple(np.rint(np.asarray(point) / SAME_M).tolist())


def _passed(work: _Work) -> Iterator[tuple[tuple[float, float], int]]:
    """Places of the crossings that a stretch goes on over."""
    for edge, pair in enumerate(work.net.ends.tolist()):
        for end, node in enumerate(pair):
            if node in work.passing:
                yield work.net.edges[edge].coords[0 if end == 0 else -1], work.passing[node]


def _crossings(net: Network, course: Course) -> list[float]:
    """Chainages at which something else meets a course."""
    degree = net.degree
    inner = zip(course.nodes[1:-1], course.chainage[1:-1], strict=True)
    return [metres for node, metres in inner if degree[node] > 2]  # noqa: PLR2004 - two go on into each other


def _between(net: Network, course: Course, start: float, end: float) -> Iterator[tuple[int, shapely.LineString]]:
    """(edge, the part of it, drawn along the course) of a course between two chainages."""
    passed = zip(course.edges, course.forward, course.chainage[:-1], course.chainage[1:], strict=True)
    for edge, forward, begins, ends in passed:
        low, high = max(start, begins) - begins, min(end, ends) - begins
        if high - low <= SAME_M:
            continue
        line = net.edges[edge] if forward else shapely.reverse(net.edges[edge])
        whole = high - low >= ends - begins - SAME_M
        yield edge, line if whole else substring(line, low, high)


def _beside(net: Network, course: Course, work: _Work, at: int) -> Iterator[tuple[shapely.LineString, int]]:
    """Pieces of a carriageway, cut beside the cuts of the spine, each with the stretch beside it."""
    spans = work.spans[at]
    parts = [
        shapely.multilinestrings([line for line, number, _ in work.found if number == span.stretch]) for span in spans
    ]
    marks = [shapely.get_point(next(iter(part.geoms)), 0) for part in parts[1:]]
    for edge in course.edges:
        line = net.edges[edge]
        near = [mark for mark in marks if shapely.distance(line, mark) <= APART_M]
        for start, end in pairwise(sorted({0.0, line.length, *(line.project(mark) for mark in near)})):
            if end - start > SAME_M:
                piece = substring(line, start, end)
                middle = shapely.line_interpolate_point(piece, 0.5, normalized=True)
                yield piece, spans[int(np.argmin(shapely.distance(parts, middle)))].stretch


def _most(net: Network, parts: list[tuple[int, float]]) -> int:
    """Row of the street that has most of the metres."""
    metres: dict[int, float] = {}
    for edge, length in parts:
        street = int(net.street[edge])
        metres[street] = metres.get(street, 0.0) + length
    return max(sorted(metres), key=lambda street: metres[street])
