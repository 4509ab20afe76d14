"""Polygons put together from the lines between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.tessellation.arrays import (
    Flags,
    Floats,
    Ints,
    Polygons,
    least_in_circles,
    number_rows,
    rank_in_chains,
    spread,
)
from gridmap.tessellation.pieces import assembled


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Straight lines, each between the ground of two labels; together they bound every label's ground."""

    #: shape (n, 2, 2): from, to; x, y
    ends: Floats
    #: label on the left and on the right, -1 for ground beyond, shape (n, 2)
    beside: Ints
    #: whether the line may be thinned: it is a seam through free ground, shape (n,)
    loose: Flags


@dataclass(frozen=True, kw_only=True)
class Chains:
    """Lines joined end to end wherever nothing else begins."""

    #: points of all chains, one chain after the other, shape (n, 2)
    points: Floats
    #: points per chain, shape (m,)
    sizes: Ints
    #: label on the left and on the right, shape (m, 2)
    beside: Ints
    #: whether it may be thinned, shape (m,)
    loose: Flags

    @property
    def starts(self) -> Ints:
        """Position of the first point of each chain."""
        return np.cumsum(self.sizes) - self.sizes


def joined(lines: Lines) -> Chains:
    """Return the lines as chains.

    A chain ends where three or more lines meet, where its kind changes, and, of a closed one, anywhere.

    Parameters
    ----------
    lines
        Lines that share their ends exactly.

    Raises
    ------
    Nothing
        Any lines can be joined.
    """
    place, first = number_rows(lines.ends.reshape(-1, 2) + 0.0)
    points = lines.ends.reshape(-1, 2)[first] + 0.0
    passes = _passed_through(place, lines, len(first))
    # a step is a line gone along one way: step 2k from its first end, step 2k + 1 from its second
    following = _following(place, passes)
    end, left = rank_in_chains(following)
    circling = np.flatnonzero(following[end] != end)
    if circling.size:
        passes[place[_one_per_circle(following, circling)]] = False
        end, left = rank_in_chains(_following(place, passes))
    begins = np.flatnonzero(~passes[place])
    kept = np.zeros(len(place), dtype=bool)
    kept[end[begins[end[begins] < (begins ^ 1)]]] = True
    steps = np.flatnonzero(kept[end])
    steps = steps[np.lexsort([-left[steps], end[steps]])]
    last = np.flatnonzero(left[steps] == 0)
    line, back = steps[last] // 2, steps[last] % 2 == 1
    return Chains(
        points=points[np.insert(place[steps], last + 1, place[steps[last] ^ 1])],
        sizes=np.diff(np.concatenate([[-1], last])) + 1,
        beside=np.where(back[:, None], lines.beside[line][:, ::-1], lines.beside[line]),
        loose=lines.loose[line],
    )


def _passed_through(place: Ints, lines: Lines, count: int) -> Flags:
    """Tell at which places exactly two lines of one kind meet."""
    loose = np.bincount(place, np.repeat(lines.loose, 2), count)
    passes: Flags = (np.bincount(place, minlength=count) == 2) & (loose != 1)  # noqa: PLR2004 (two ends: a line goes on)
    return passes


def _following(place: Ints, passes: Flags) -> Ints:
    """Return the step after each step; a step that ends where lines meet points to itself."""
    leaving = np.full((len(passes), 2), -1)
    order = np.argsort(place, kind="stable")
    inner = order[passes[place[order]]]
    leaving[place[inner[::2]]] = np.column_stack([inner[::2], inner[1::2]])
    step = np.arange(len(place))
    out = leaving[place[step ^ 1]]
    return np.where(passes[place[step ^ 1]], np.where(out[:, 0] == (step ^ 1), out[:, 1], out[:, 0]), step)


def _one_per_circle(following: Ints, circling: Ints) -> Ints:
    """Return the first step along the lowest line of each circle, whichever way round it is gone."""
    position = np.full(len(following), -1)
    position[circling] = np.arange(len(circling))
    return np.unique(circling[least_in_circles(position[following[circling]])] // 2 * 2)


def thinned(chains: Chains, thin: Flags, tolerance_m: float) -> Chains:
    """Return the chains with fewer points: those chosen are straightened by at most ``tolerance_m``, their ends stay.

    Parameters
    ----------
    chains
        The chains.
    thin
        Whether each may be thinned, shape (n,).
    tolerance_m
        Greatest distance of a point left out from the new line, metres.

    Raises
    ------
    Nothing
        A closed chain that would collapse stays as it is.

    Source: D. H. Douglas and T. K. Peucker, Cartographica 10, 1973.
    """
    which = np.flatnonzero(thin & (chains.sizes > 2))  # noqa: PLR2004 (two points are straight)
    if not which.size or tolerance_m <= 0:
        return chains
    owner = np.repeat(np.arange(len(chains.sizes)), chains.sizes)
    chosen = np.zeros(len(chains.sizes), dtype=bool)
    chosen[which] = True
    lines = shapely.linestrings(chains.points[chosen[owner]], indices=np.cumsum(chosen)[owner[chosen[owner]]] - 1)
    simple = shapely.simplify(lines, tolerance_m, preserve_topology=False)
    closed = shapely.is_closed(lines) & (shapely.get_num_coordinates(simple) < 4)  # noqa: PLR2004 (a ring has four)
    simple[closed] = lines[closed]
    points, at = shapely.get_coordinates(simple, return_index=True)
    everything = np.concatenate([chains.points[~chosen[owner]], points])
    place = np.concatenate([owner[~chosen[owner]], which[at]])
    order = np.argsort(place, kind="stable")
    sizes = np.bincount(place, minlength=len(chains.sizes))
    return Chains(points=everything[order], sizes=sizes, beside=chains.beside, loose=chains.loose)


@dataclass(frozen=True, kw_only=True)
class Rings:
    """Which chains make up which ring; `drawn` turns them into polygons."""

    #: chains in the order of the rings, shape (n,)
    chain: Ints
    #: whether the chain is gone from its last point to its first, shape (n,)
    back: Flags
    #: ring of each, shape (n,)
    ring: Ints
    #: label of each ring, shape (rings,)
    label: Ints


def rings_of(chains: Chains) -> Rings:
    """Return the rings of the ground of each label, the ground on their left.

    Parameters
    ----------
    chains
        All the chains that bound the ground.

    Raises
    ------
    Nothing
        Chains that bound no ground make no ring.
    """
    count = len(chains.sizes)
    walk = np.flatnonzero(np.concatenate([chains.beside[:, 0], chains.beside[:, 1]]) >= 0)
    chain, back = walk % count, walk >= count
    label = chains.beside[chain, back.astype(np.int64)]
    place, following = _next_walk(chains, chain, back, label)
    circle = least_in_circles(following)
    opened = np.where(following == circle, np.arange(len(walk)), following)
    _, left = rank_in_chains(opened)
    order = np.lexsort([-left, circle])
    _, ring = np.unique(circle[order], return_inverse=True)
    apart = _untwined(ring, place[order])
    order, ring = order[np.argsort(apart, kind="stable")], np.sort(apart)
    return Rings(chain=chain[order], back=back[order], ring=ring, label=label[order][_firsts(ring)])


def _untwined(ring: Ints, place: Ints) -> Ints:
    """Return the ring of each walk after rings that come back to a place are cut apart there.

    Ground that touches itself at a corner has such a ring: round it and round the hole that touches it in one go.
    """
    at = number_rows(np.column_stack([ring, place]))[0]
    number, twined = ring.copy(), np.unique(ring[np.bincount(at)[at] > 1])
    for one in twined.tolist():
        walks = np.flatnonzero(ring == one)
        way: list[int] = []
        for walk in walks.tolist():
            again = [position for position, earlier in enumerate(way) if place[earlier] == place[walk]]
            if again:
                number[way[again[0] :]] = number.max() + 1
                del way[again[0] :]
            way.append(walk)
    return np.asarray(np.unique(number, return_inverse=True)[1])


def _firsts(groups: Ints) -> Ints:
    """Return where each group of equal neighbours begins."""
    return np.flatnonzero(np.append(True, groups[1:] != groups[:-1])) if len(groups) else np.empty(0, dtype=np.int64)


def _next_walk(chains: Chains, chain: Ints, back: Flags, label: Ints) -> tuple[Ints, Ints]:
    """Return (where each walk along a chain starts, the walk that goes on where it ends), round the same ground."""
    low, high = chains.starts, chains.starts + chains.sizes - 1
    at = np.column_stack([np.where(back, high[chain], low[chain]), np.where(back, low[chain], high[chain])])
    near = np.column_stack([np.where(back, at[:, 0] - 1, at[:, 0] + 1), np.where(back, at[:, 1] + 1, at[:, 1] - 1)])
    rows = np.column_stack([chains.points[at].reshape(-1, 2), np.repeat(label, 2).astype(np.float64)])
    place = number_rows(rows)[0].reshape(-1, 2)
    order = np.argsort(place[:, 0], kind="stable")
    first = np.searchsorted(place[order, 0], place[:, 1])
    following = order[first]
    crowded = np.flatnonzero(np.bincount(place[:, 0])[place[:, 1]] > 1)
    for walk in crowded:
        out = order[first[walk] : np.searchsorted(place[order, 0], place[walk, 1], side="right")]
        came = np.arctan2(*(chains.points[near[walk, 1]] - chains.points[at[walk, 1]])[::-1])
        leaves = np.arctan2(*(chains.points[near[out, 0]] - chains.points[at[out, 0]]).T[::-1])
        # the ground lies left of the way: the next border, turning from where one came with the clock
        following[walk] = out[np.argmin((came - leaves) % (2 * np.pi))]
    return place[:, 0], following


def flat_rings(chains: Chains, rings: Rings) -> Ints:
    """Return the labels of rings that are no more than two lines there and back: thinned, they hold no ground.

    Parameters
    ----------
    chains
        The chains, thinned or not; `rings_of` of the same chains made the rings.
    rings
        Rings along them.

    Raises
    ------
    Nothing
        Rings of three lines and more are not looked at.
    """
    lines = np.bincount(rings.ring, chains.sizes[rings.chain] - 1, len(rings.label))
    return rings.label[lines < 3]  # noqa: PLR2004 (a triangle has three)


def drawn(chains: Chains, rings: Rings) -> tuple[Polygons, Ints]:
    """Return (polygons, label of each): the ground inside the rings, one polygon per connected part.

    Parameters
    ----------
    chains
        The chains, thinned or not; `rings_of` of the same chains made the rings.
    rings
        Rings along them.

    Raises
    ------
    Nothing
        A polygon may turn out invalid where thinned chains cross.
    """
    points, sizes = _walked(chains, rings)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    shell = _signed_areas(points, starts) > 0
    # the shell first, then its holes; a label with several shells has its holes told apart below
    order = np.lexsort([~shell, rings.label])
    label = rings.label[order]
    pick = np.repeat(starts[:-1][order], sizes[order]) + spread(sizes[order])[1]
    several = np.bincount(label, shell[order].astype(np.float64)) > 1
    simple = ~several[label]
    polygons = assembled(points[pick[np.repeat(simple, sizes[order])]], sizes[order][simple], _counts(label[simple]))
    labels = label[simple][_firsts(label[simple])]
    if simple.all():
        return polygons, labels
    rest = [
        _apart([points[starts[r] : starts[r + 1]] for r in order[label == one]], shell[order[label == one]])
        for one in np.flatnonzero(several)
    ]
    extra = np.repeat(np.flatnonzero(several), [len(part) for part in rest])
    return np.concatenate([polygons, *rest]), np.concatenate([labels, extra])


def _counts(groups: Ints) -> Ints:
    """Return the sizes of groups of equal neighbours."""
    return np.diff(np.append(_firsts(groups), len(groups)))


def _walked(chains: Chains, rings: Rings) -> tuple[Floats, Ints]:
    """Return (points of the closed rings, points per ring)."""
    # each walk gives all its points but the last; a ring is closed with its first
    steps = chains.sizes[rings.chain] - 1
    walk, inside = spread(steps)
    start = np.where(rings.back, chains.starts[rings.chain] + steps, chains.starts[rings.chain])
    at = start[walk] + inside * np.where(rings.back, -1, 1)[walk]
    sizes = np.bincount(rings.ring, steps, len(rings.label)).astype(np.int64)
    closing = np.cumsum(sizes)
    return chains.points[np.insert(at, closing, at[closing - sizes])], sizes + 1


def _signed_areas(points: Floats, starts: Ints) -> Floats:
    """Return the area of each closed ring, positive counter-clockwise (shoelace formula)."""
    ring = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    x, y = (points - points[starts[:-1]][ring]).T
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    cross[ring[1:] != ring[:-1]] = 0
    return np.bincount(ring[:-1], cross, len(starts) - 1) / 2


def _apart(rings: list[Floats], shell: Flags) -> Polygons:
    """Return one polygon per shell, each with the holes that lie in it."""
    shells = np.asarray([shapely.Polygon(ring) for ring, is_shell in zip(rings, shell, strict=True) if is_shell])
    holes: list[list[Floats]] = [[] for _ in shells]
    for ring, is_shell in zip(rings, shell, strict=True):
        if not is_shell:
            around = np.flatnonzero(shapely.covers(shells, shapely.Polygon(ring)))
            holes[around[np.argmin(shapely.area(shells[around]))]].append(ring)
    polygons = [shapely.Polygon(part.exterior, inner) for part, inner in zip(shells, holes, strict=True)]
    return np.asarray(polygons, dtype=object)
