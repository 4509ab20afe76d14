"""How many grids each part of the ground gets: parts that no grid may span, islands and areas above."""

from __future__ import annotations

import numpy as np

from gridmap.partition.drawing.graph import AtomGraph, connected, without_pairs
from gridmap.partition.edges import Ints
from gridmap.partition.orientation import Floats


def inside_parents(graph: AtomGraph) -> AtomGraph:
    """Return the ground without the neighbourhoods across the border of a parent.

    Parameters
    ----------
    graph
        The ground.

    Raises
    ------
    Nothing
        Ground of one parent stays as it is.
    """
    return without_pairs(graph, graph.parent[graph.a] != graph.parent[graph.b])


def regions(graph: AtomGraph) -> Ints:
    """Return the region of each atom, shape (n,): a connected part of one parent, numbered by their first atoms.

    Parameters
    ----------
    graph
        The ground.

    Raises
    ------
    Nothing
        Every atom lies in one region.
    """
    return connected(inside_parents(graph))


def reckoned(weight: Floats, target: float, high: float) -> Floats:
    """Return the weights by which grids are counted: an atom too heavy for any grid counts as one grid.

    Else a tower of 900 households would be given the grids of three, of which its neighbours' people had to fill two.

    Parameters
    ----------
    weight
        Households or residents of each atom, shape (n,).
    target, high
        Size of a grid, and the greatest that is as wished.

    Raises
    ------
    Nothing
        Any weights can be reckoned with.

    Examples
    --------
    >>> reckoned(np.array([20.0, 320.0, 900.0]), 300, 330).tolist()
    [20.0, 320.0, 300.0]
    """
    return np.where(weight > high, target, weight)


def seats(weight: Floats, target: float) -> Ints:
    """Return the number of grids of each region, shape (r,).

    The number for all is the sum of the weights divided by the target, rounded; regions get it by largest remainder.
    Populated ground never gets none: regions of less than a target get one, and the others share what is theirs alone.

    Parameters
    ----------
    weight
        Weight of each region, shape (r,).
    target
        Weight of a grid.

    Raises
    ------
    Nothing
        Regions without weight get no grid.

    Examples
    --------
    >>> seats(np.array([1000.0, 500.0, 40.0, 0.0]), 300).tolist()
    [3, 2, 1, 0]
    """
    quota = weight / target
    count = (weight > 0).astype(np.int64)
    large = np.flatnonzero(quota >= 1)
    whole = np.floor(quota[large] + 1e-9).astype(np.int64)
    missing = int(np.floor(quota[large].sum() + 0.5)) - int(whole.sum())
    order = np.argsort(-(quota[large] - whole), kind="stable")
    whole[order[: max(missing, 0)]] += 1
    count[large] = whole
    return count
