"""Which streets run along which: streets joined to corridors, from the main streets down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.streets import StreetGraph
from gridmap.tracks.matching import lattice
from gridmap.tracks.matching.corridors import Corridors
from gridmap.tracks.matching.ground import Ground

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Classes of streets from the main one down (OpenStreetMap's words); a street may join one that stands before it.
RANKS = (
    ("motorway",),
    ("trunk",),
    ("primary",),
    ("secondary",),
    ("tertiary",),
    ("unclassified", "residential", "living_street", "road", ""),
    ("motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link", "busway"),
    ("service", "track"),
    ("pedestrian", "cycleway", "footway", "path", "trail", "bridleway", "steps", "corridor", "sidewalk"),
)
#: Streets of these ranks and below join whatever they run along; above, only the carriageways of one street do.
SIDE_RANK = 6
#: Rank of classes that the list does not have.
_USUAL_RANK = 5
#: Edges looked at beside an atom.
_MOST_BESIDE = 16
#: Metres on the main street between the middles of neighbouring atoms that are beside one stretch of it.
_MEET_M = 15.0


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What counts as running along a street."""

    #: metres off at most: the sidewalk of a wide road; streets in their own right lie 20 m apart and more. With 15 m
    #: no more is gained, and what is walked at the outer edge is told of a street that nobody saw
    width_m: float = 12.0
    #: degrees by which directions differ at most
    angle_deg: float = 20.0
    #: metres of the pieces that are judged, and of the shortest stretch that joins, unless a street joins whole
    step_m: float = 5.0
    least_m: float = 20.0


@dataclass(frozen=True, kw_only=True)
class _Atoms:
    """Short pieces of all edges, by street and metre, shape (a,) each."""

    edge: Ints
    street: Ints
    #: metres along the street
    from_m: Floats
    to_m: Floats
    #: middle, and unit vector of the direction in which the street is drawn there
    middle: Floats
    toward: Floats
    #: first atom of each edge
    begin: Ints


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """Atoms with places beside them on other streets, by atom, nearest first, shape (c,) each."""

    atom: Ints
    #: atom of the other street, and the metres along that street
    other: Ints
    along: Floats
    #: whether both are drawn the same way
    same: Flags


def laid(ground: Ground, names: Any = None, beside: Beside | None = None) -> Corridors:
    """Return which streets run along which.

    Streets are gone through from the main one down: by class, then the longer first. A stretch joins the nearest
    main street beside it, that is, whose foot lies at most `width_m` off, sideways, and whose direction differs by at
    most `angle_deg`. A street that has joined another is no main street to a third, so nothing is farther from its main
    street than `width_m`. Streets for vehicles join each other only where both have one name (or neither has one):
    carriageways of one street do, parallel lanes of an old quarter do not.

    Parameters
    ----------
    ground
        The streets.
    names
        Name of every row of the table of streets; None or NaN where there is none.
    beside
        What counts as running along a street.

    Returns
    -------
    Corridors
        Every metre of every street once.

    Raises
    ------
    Nothing
        Streets that run along none are their own corridors.
    """
    beside = beside or Beside()
    graph = ground.graph
    if not len(graph):
        return _alone(graph)
    atoms = _atoms(graph, beside.step_m)
    pairs = _pairs(ground, atoms, beside)
    if not len(pairs.atom):
        return _alone(graph)
    joins = _joined(graph, atoms, _allowed(graph, atoms, pairs, names), beside)
    return _pieces(atoms, pairs, joins, graph.street_m)


def _alone(graph: StreetGraph) -> Corridors:
    """Every street as its own corridor."""
    street = np.unique(graph.street)
    start, end = np.zeros(len(street)), graph.street_m[street]
    return Corridors(street=street, from_m=start, to_m=end, main=street, main_from_m=start, main_to_m=end)


def _atoms(graph: StreetGraph, step_m: float) -> _Atoms:
    """All edges cut into pieces of about `step_m`."""
    count = np.maximum(np.ceil(graph.length_m / step_m), 1).astype(np.int64)
    edge = np.repeat(np.arange(len(graph)), count)
    begin = np.cumsum(count) - count
    nth = np.arange(len(edge)) - begin[edge]
    size = (graph.to_m - graph.from_m)[edge] / count[edge]
    from_m = graph.from_m[edge] + nth * size
    lines, along = graph.edges[edge], (nth + 0.5) * (graph.length_m / count)[edge]
    ends = [
        shapely.get_coordinates(shapely.line_interpolate_point(lines, np.clip(along + shift, 0, graph.length_m[edge])))
        for shift in (-1.0, 1.0)
    ]
    step = ends[1] - ends[0]
    return _Atoms(
        edge=edge,
        street=graph.street[edge],
        from_m=from_m,
        to_m=from_m + size,
        middle=shapely.get_coordinates(shapely.line_interpolate_point(lines, along)),
        toward=step / np.maximum(np.hypot(*step.T), 1e-9)[:, None],
        begin=begin,
    )


def _pairs(ground: Ground, atoms: _Atoms, beside: Beside) -> _Pairs:
    """Atoms with all places sideways of them on other streets that run the same way."""
    wide = replace(ground, matching=replace(ground.matching, within_m=beside.width_m, edges=_MOST_BESIDE))
    found = lattice.candidates(wide, *np.ascontiguousarray(atoms.middle.T))
    atom, nth = np.nonzero(np.arange(_MOST_BESIDE) < found.count[:, None])
    segment, along = found.segment[atom, nth], found.along[atom, nth]
    held = ground.segments
    share = (along - held.along[segment]) / np.sqrt(held.square[segment])
    foot = np.column_stack([held.x, held.y])[segment] + share[:, None] * np.column_stack([held.dx, held.dy])[segment]
    toward = np.column_stack([held.dx, held.dy])[segment] / np.sqrt(held.square[segment])[:, None]
    off, own = foot - atoms.middle[atom], atoms.toward[atom]
    cosine = (toward * own).sum(axis=1)
    ahead, far = np.abs((off * own).sum(axis=1)), np.hypot(*off.T)
    edge = held.edge[segment]
    kept = (np.abs(cosine) >= np.cos(np.radians(beside.angle_deg))) & (atoms.street[atom] != ground.graph.street[edge])
    # the foot lies sideways: a street that goes on in the same direction beyond its end does not run beside
    kept &= ahead <= np.maximum(0.5 * far, 1e-6)
    atom, edge, along, cosine = atom[kept], edge[kept], along[kept], cosine[kept]
    count = np.diff(np.append(atoms.begin, len(atoms.edge)))[edge]
    place = np.minimum((along / ground.length[edge] * count).astype(np.int64), count - 1)
    return _Pairs(atom=atom, other=atoms.begin[edge] + place, along=ground.graph.from_m[edge] + along, same=cosine > 0)


def _ranks(graph: StreetGraph) -> Ints:
    """Rank of every street of the table, by its class."""
    known = {name: rank for rank, names in enumerate(RANKS) for name in names}
    rank = np.full(len(graph.street_m), _USUAL_RANK)
    rank[graph.street] = [known.get(str(kind), _USUAL_RANK) for kind in graph.kind]
    return rank


def _allowed(graph: StreetGraph, atoms: _Atoms, pairs: _Pairs, names: Any) -> tuple[_Pairs, Flags, Ints]:
    """Pairs of which the first may join the second, and the place of every street in the order of main streets."""
    rank = _ranks(graph)
    order = np.lexsort([np.arange(len(rank)), -graph.street_m, rank])
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    named = np.full(len(rank), "", dtype=object)
    if names is not None:
        named = np.array([name if isinstance(name, str) else "" for name in names], dtype=object)
    one, other = atoms.street[pairs.atom], atoms.street[pairs.other]
    may = (place[other] < place[one]) & ((rank[one] >= SIDE_RANK) | (named[one] == named[other]))
    return pairs, may, place


def _joined(graph: StreetGraph, atoms: _Atoms, allowed: tuple[_Pairs, Flags, Ints], beside: Beside) -> Ints:
    """Pair by which each atom joins a main street, -1 where it joins none."""
    pairs, may, place = allowed
    begin = np.searchsorted(atoms.street, np.arange(len(graph.street_m) + 1))
    first = np.searchsorted(pairs.atom, begin)
    joins = np.full(len(atoms.edge), -1)
    for street in np.argsort(place, kind="stable").tolist():
        chosen = np.flatnonzero(may[first[street] : first[street + 1]]) + first[street]
        # what has joined another street is no main street
        chosen = chosen[joins[pairs.other[chosen]] < 0]
        if not len(chosen):
            continue
        nearest = chosen[np.flatnonzero(np.diff(pairs.atom[chosen], prepend=-1))]
        rows = slice(begin[street], begin[street + 1])
        found = np.full(begin[street + 1] - begin[street], -1)
        found[pairs.atom[nearest] - begin[street]] = nearest
        metres = atoms.to_m[rows] - atoms.from_m[rows]
        joins[rows] = _long_enough(found, metres, beside.least_m)
    return joins


def _long_enough(found: Ints, metres: Floats, least_m: float) -> Ints:
    """Stretches that join, without those that are shorter than `least_m` and not the whole street."""
    beside = found >= 0
    if beside.all():
        return found
    starts = np.flatnonzero(np.diff(beside, prepend=~beside[0]))
    length = np.add.reduceat(metres, starts)
    long = np.repeat(length >= least_m, np.diff(np.append(starts, len(found))))
    return np.where(beside & long, found, -1)


def _pieces(atoms: _Atoms, pairs: _Pairs, joins: Ints, street_m: Floats) -> Corridors:
    """Atoms as pieces: those of a main street in a row made one, the others between the places beside their ends."""
    own = joins < 0
    main = np.where(own, atoms.street, atoms.street[pairs.other[joins]])
    middle = np.where(own, (atoms.from_m + atoms.to_m) / 2, pairs.along[joins])
    half = (atoms.to_m - atoms.from_m) / 2 * np.where(own | pairs.same[joins], 1.0, -1.0)
    one, other = middle - half, middle + half
    # neighbours meet half way between their middles, so that what is walked on both is one stretch of the main street
    meets = (np.diff(main) == 0) & (np.diff(atoms.street) == 0) & (np.abs(middle[1:] - middle[:-1]) < _MEET_M)
    meets &= np.sign(middle[1:] - middle[:-1]) == np.sign(half[1:])
    between = (middle[1:] + middle[:-1]) / 2
    other[:-1][meets], one[1:][meets] = between[meets], between[meets]
    one, other = (np.clip(ends, 0.0, street_m[main]) for ends in (one, other))
    starts = np.flatnonzero(~(np.append(False, own[1:] & own[:-1] & (np.diff(atoms.street) == 0))))
    ends = np.append(starts[1:], len(own)) - 1
    return Corridors(
        street=atoms.street[starts],
        from_m=atoms.from_m[starts],
        to_m=atoms.to_m[ends],
        main=main[starts],
        main_from_m=one[starts],
        main_to_m=np.where(own[starts], atoms.to_m[ends], other[ends]),
    )
