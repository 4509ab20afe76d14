"""Who need not have left their grid goes back to it."""

from __future__ import annotations

import numpy as np

from gridmap.partition.drawing.aims import Size
from gridmap.partition.drawing.graph import Around, AtomGraph, around, sums
from gridmap.partition.edges import Ints


def returned(graph: AtomGraph, label: Ints, home: Ints, size: Size) -> Ints:
    """Return the plan with every atom back in its home grid that can go there alone, shape (n,).

    An atom can go back where a neighbour of it lies in its home grid, the grid that it leaves stays in one part, and
    neither grid gets further out of size. The heaviest go first, and all are asked again when one went.

    Parameters
    ----------
    graph, label
        The ground and the plan; every grid connected.
    home
        The grid of each atom in force, -1 for none.
    size
        How large grids may be.

    Raises
    ------
    Nothing
        Where nobody can go back the plan stays as it is.

    Examples
    --------
    >>> import shapely
    >>> from gridmap.partition.drawing.aims import size_of
    >>> from gridmap.partition.drawing.areas import graph_of
    >>> row = graph_of(np.array([shapely.box(x, 0, x + 1, 1) for x in range(4)]), np.array([5.0, 1.0, 1.0, 5.0]))
    >>> home, gone = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    >>> returned(row, gone, home, size_of(6, 0.2, None)).tolist()
    [0, 0, 0, 1]
    >>> returned(row, gone, home, size_of(6, 0.1, None)).tolist()
    [0, 0, 1, 1]
    """
    near, label = around(graph), label.copy()
    weight = sums(label, graph.weight, int(max(label.max(initial=-1), home.max(initial=-1))) + 1)
    away = np.flatnonzero((home >= 0) & (home != label))
    waiting = away[np.argsort(-graph.weight[away], kind="stable")].tolist()
    went = True
    while went:
        went = False
        for atom in waiting:
            here, there, own = label[atom], home[atom], graph.weight[atom]
            if here == there or there not in label[_beside(near, atom)]:
                continue
            before = _out(size, weight[here]) + _out(size, weight[there])
            if _out(size, weight[here] - own) + _out(size, weight[there] + own) > before:
                continue
            if _leaves_one_part(near, label, atom):
                label[atom] = there
                weight[here] -= own
                weight[there] += own
                went = True
    return label


def _beside(near: Around, atom: int) -> Ints:
    """The neighbours of an atom."""
    return near.other[near.start[atom] : near.start[atom + 1]]


def _out(size: Size, weight: float) -> float:
    """By how much a grid is out of size."""
    return max(size.low - weight, weight - size.high, 0.0)


def _leaves_one_part(near: Around, label: Ints, atom: int) -> bool:
    """Whether the grid of an atom is something, and connected, without it."""
    grid = label[atom]
    members = set(np.flatnonzero(label == grid).tolist()) - {atom}
    if not members:
        return False
    waiting = [next(iter(members))]
    seen = set(waiting)
    while waiting:
        for other in _beside(near, waiting.pop()).tolist():
            if other in members and other not in seen:
                seen.add(other)
                waiting.append(other)
    return len(seen) == len(members)
