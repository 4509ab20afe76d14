"""The ground as a graph of atoms, the smallest pieces that grids are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from gridmap.partition.edges import Ints
from gridmap.partition.orientation import Flags, Floats

#: The share of its border by which an atom must touch no other to be at the rim: rounding leaves less.
_RIM = 1e-6


@dataclass(frozen=True, kw_only=True)
class AtomGraph:
    """Atoms and which of them share a border.

    An *atom* is a piece of ground that is never cut: a building with the ground around it, a whole compound, or ground
    without buildings. Two atoms are neighbours where they share a border of some length; a corner is none.
    """

    #: households (or residents) of each atom, shape (n,)
    weight: Floats
    #: square metres of each atom, shape (n,)
    area_m2: Floats
    #: metres around each atom, shape (n,)
    perimeter_m: Floats
    #: a point in each atom, metres, shape (n, 2)
    xy: Floats
    #: the area above that holds each atom and that no grid may cross, 0 where there is but one, shape (n,)
    parent: Ints
    #: number of the fixed piece (a compound, a school) that the atom is a part of, -1 for none, shape (n,)
    piece: Ints
    #: the part of the ground between main barriers in which each atom lies, shape (n,)
    superblock: Ints
    #: neighbours, the lower number first, each pair once, shape (m,)
    a: Ints
    b: Ints
    #: metres of border that the two share, shape (m,)
    length_m: Floats
    #: metres of it along a barrier, each multiplied by its class's weight, shape (m,)
    barrier_m: Floats

    def __len__(self) -> int:
        """Return how many atoms there are."""
        return len(self.weight)


class Around(NamedTuple):
    """The neighbours of every atom: those of atom i stand from ``start[i]`` to ``start[i + 1]``, by their number."""

    #: shape (n + 1,)
    start: Ints
    #: each neighbour, shape (2m,)
    other: Ints
    #: the atom whose neighbour it is, shape (2m,)
    source: Ints
    #: which of the graph's pairs the two are, shape (2m,)
    pair: Ints


def around(graph: AtomGraph) -> Around:
    """Return the neighbours of every atom.

    Parameters
    ----------
    graph
        The ground.

    Raises
    ------
    Nothing
        Any graph has such a list.

    Examples
    --------
    >>> import shapely
    >>> from gridmap.partition.drawing.areas import graph_of
    >>> row = [shapely.box(x, 0, x + 1, 1) for x in range(3)]
    >>> around(graph_of(np.array(row), np.ones(3))).other.tolist()
    [1, 0, 2, 1]
    """
    source = np.concatenate([graph.a, graph.b])
    other = np.concatenate([graph.b, graph.a])
    order = np.lexsort((other, source))
    start = np.searchsorted(source[order], np.arange(len(graph) + 1))
    return Around(start, other[order], source[order], np.tile(np.arange(len(graph.a)), 2)[order])


def taken(graph: AtomGraph, atoms: Ints) -> AtomGraph:
    """Return the part of the ground that some atoms are, numbered in the order given.

    Parameters
    ----------
    graph
        The ground.
    atoms
        Numbers of atoms, each once.

    Raises
    ------
    Nothing
        Pairs of which one atom is left out are left out.
    """
    number = np.full(len(graph), -1)
    number[atoms] = np.arange(len(atoms))
    a, b = number[graph.a], number[graph.b]
    kept = np.flatnonzero((a >= 0) & (b >= 0))
    low, high = np.minimum(a[kept], b[kept]), np.maximum(a[kept], b[kept])
    order = np.lexsort((high, low))
    pairs = kept[order]
    return AtomGraph(
        weight=graph.weight[atoms],
        area_m2=graph.area_m2[atoms],
        perimeter_m=graph.perimeter_m[atoms],
        xy=graph.xy[atoms],
        parent=graph.parent[atoms],
        piece=graph.piece[atoms],
        superblock=graph.superblock[atoms],
        a=low[order],
        b=high[order],
        length_m=graph.length_m[pairs],
        barrier_m=graph.barrier_m[pairs],
    )


def without_pairs(graph: AtomGraph, dropped: Flags) -> AtomGraph:
    """Return the same atoms without some of the neighbourhoods.

    Parameters
    ----------
    graph
        The ground.
    dropped
        Whether a pair is left out, shape (m,).

    Raises
    ------
    Nothing
        Pairs may be left out at will.
    """
    keep = ~dropped
    return replace(
        graph, a=graph.a[keep], b=graph.b[keep], length_m=graph.length_m[keep], barrier_m=graph.barrier_m[keep]
    )


def merged(graph: AtomGraph, group: Ints) -> AtomGraph:
    """Return the ground with the atoms of each group made one.

    Weights, areas and shared borders add up; a border inside a group is none any more. The parent, the piece and the
    superblock are those of the heaviest member, of several of the largest.

    Parameters
    ----------
    graph
        The ground.
    group
        The group of each atom, numbered from 0 without a gap, shape (n,).

    Raises
    ------
    Nothing
        Members of a group need not be neighbours.
    """
    count = int(group.max(initial=-1)) + 1
    order = np.lexsort((graph.area_m2, graph.weight, group))
    chief = order[np.searchsorted(group[order], np.arange(count), side="right") - 1]
    a, b = group[graph.a], group[graph.b]
    inside = a == b
    area = sums(group, graph.area_m2, count)
    within = sums(a[inside], graph.length_m[inside], count)
    key = np.minimum(a, b)[~inside] * np.int64(count) + np.maximum(a, b)[~inside]
    pairs, which = np.unique(key, return_inverse=True)
    share = graph.area_m2 / np.maximum(area[group], np.finfo(float).tiny)
    return AtomGraph(
        weight=sums(group, graph.weight, count),
        area_m2=area,
        perimeter_m=sums(group, graph.perimeter_m, count) - 2 * within,
        xy=np.column_stack([np.bincount(group, graph.xy[:, axis] * share, count) for axis in (0, 1)]),
        parent=graph.parent[chief],
        piece=graph.piece[chief],
        superblock=graph.superblock[chief],
        a=pairs // max(count, 1),
        b=pairs % max(count, 1),
        length_m=sums(which, graph.length_m[~inside], len(pairs)),
        barrier_m=sums(which, graph.barrier_m[~inside], len(pairs)),
    )


def rim_of(graph: AtomGraph) -> Flags:
    """Return whether each atom lies at the rim of the ground, shape (n,): a part of its border is no neighbour's.

    Parameters
    ----------
    graph
        The ground.

    Raises
    ------
    Nothing
        Where neighbourhoods were left out, as between parents, there is a rim too.
    """
    count = len(graph)
    shared = sums(graph.a, graph.length_m, count) + sums(graph.b, graph.length_m, count)
    rim: Flags = graph.perimeter_m - shared > _RIM * graph.perimeter_m
    return rim


def connected(graph: AtomGraph, label: Ints | None = None) -> Ints:
    """Return the number of the connected part in which each atom lies, numbered by their first atoms, shape (n,).

    Parameters
    ----------
    graph
        The ground.
    label
        Only neighbours of one label hold together; None: all do.

    Raises
    ------
    Nothing
        A lonely atom is a part of its own.
    """
    held = np.ones(len(graph.a), bool) if label is None else label[graph.a] == label[graph.b]
    links = np.ones(int(held.sum()), np.int8)
    size = len(graph)
    matrix = sparse.coo_matrix((links, (graph.a[held], graph.b[held])), shape=(size, size))
    part = csgraph.connected_components(matrix, directed=False)[1].astype(np.int64)
    return numbered(part)


def sums(group: Ints, amounts: Floats, count: int) -> Floats:
    """Return the sum of the amounts of each group, shape (count,).

    >>> sums(np.array([1, 1, 0]), np.array([5.0, 7.0, 1.0]), 3).tolist()
    [1.0, 12.0, 0.0]
    """
    return np.bincount(group, amounts, count).astype(np.float64)


def numbered(label: Ints) -> Ints:
    """Return labels as numbers from 0 in the order of their first atoms.

    >>> numbered(np.array([7, 3, 7, 5])).tolist()
    [0, 1, 0, 2]
    """
    _, first, which = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[which]
