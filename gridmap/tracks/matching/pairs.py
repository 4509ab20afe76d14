"""Metres between nodes of the street graph that lie near each other, kept in a table for quick answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Odd number by which nodes are spread over the slots (2^32 divided by the golden ratio), and how its digits are cut.
SPREAD, SHIFT = 0x9E3779B1, 15
#: Slots for each pair at least.
_ROOM = 1.5
#: Nodes from which ways are sought at a time.
_CHUNK = 256
#: Nodes that are tried to estimate how many pairs there will be.
_TRIED = 200


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Metres between nodes at most `reach_m` apart: for each node a small open-addressing hash table of greater nodes.

    What is asked one after the other lies near each other on the ground, and so it does in memory.
    """

    #: metres up to which routes are kept
    reach_m: float
    #: metres of a route for each metre of the straight line between its ends, at least; at most 1
    straightest: float
    #: slots of node n are ``begin[n]:begin[n + 1]``, a power of two
    begin: Ints
    #: greater node in each slot, -1 where the slot is empty
    keys: npt.NDArray[np.int32]
    #: metres of that pair
    metres: npt.NDArray[np.float32]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return int((self.keys >= 0).sum())

    @property
    def slots(self) -> tuple[Ints, npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """The table as kernels take it: begin, keys, metres."""
        return self.begin, self.keys, self.metres


def pairs(matrix: sparse.csr_matrix, xy: Floats, *, reach_m: float, most: int) -> Pairs:
    """Return the metres between all nodes that lie within reach of each other along the streets.

    Parameters
    ----------
    matrix
        Metres from node to neighbouring node, symmetric, shape (k, k).
    xy
        Places of the nodes in metres, shape (k, 2); no edge is shorter than the straight line.
    reach_m
        Metres up to which routes are sought; halved until the table is expected to fit.
    most
        Pairs that the table may hold: 12 to 24 bytes each.

    Raises
    ------
    Nothing
        A graph without edges has an empty table.
    """
    order = _by_place(xy, reach_m)
    while reach_m > 1 and _expected(matrix, xy, order, reach_m) > most:
        reach_m /= 2
    found = [_from(matrix, xy, order[at : at + _CHUNK], reach_m) for at in range(0, len(order), _CHUNK)]
    one, other = (np.concatenate([np.empty(0, np.int64), *[part[k] for part in found]]) for k in range(2))
    metres = np.concatenate([np.empty(0, np.float32), *[part[2] for part in found]])
    begin, keys, kept = _table(len(xy), one, other, metres)
    return Pairs(reach_m=reach_m, straightest=_straightest(matrix, xy), begin=begin, keys=keys, metres=kept)


def _straightest(matrix: sparse.csr_matrix, xy: Floats) -> float:
    """The least of all edges' metres for each metre of the straight line; no route has less than its edges.

    Nodes are where ends were joined that lay some centimetres apart, so that an edge may be shorter than the line.
    """
    edges = matrix.tocoo()
    straight = np.hypot(*(xy[edges.row] - xy[edges.col]).T)
    return float(np.min(edges.data[straight > 0] / straight[straight > 0], initial=1.0))


def between(table: Pairs, one: Ints, other: Ints) -> Floats:
    """Return the metres between each two nodes: 0 from a node to itself, infinite beyond the table's reach.

    Parameters
    ----------
    table
        The table.
    one, other
        Nodes, shape (m,) each.

    Raises
    ------
    Nothing
        Nodes the table does not know are infinitely far.
    """
    metres = np.zeros(len(one))
    apart = np.flatnonzero(one != other)
    metres[apart] = _looked_up(table, one[apart], other[apart])
    return metres


def _looked_up(table: Pairs, one: Ints, other: Ints) -> Floats:
    """Metres between each two nodes, none of them twice the same."""
    key = np.maximum(one, other)
    first, mask, slot = _slots(table.begin, np.minimum(one, other), key)
    held = table.keys[first + slot]
    metres = np.where(held == key, table.metres[first + slot], np.inf).astype(np.float64)
    left = np.flatnonzero((held != key) & (held >= 0))
    while len(left):
        slot[left] = (slot[left] + 1) & mask[left]
        at = first[left] + slot[left]
        held = table.keys[at]
        hit = held == key[left]
        metres[left[hit]] = table.metres[at[hit]]
        left = left[~hit & (held >= 0)]
    return metres


def _slots(begin: Ints, one: Ints, other: Ints) -> tuple[Ints, Ints, Ints]:
    """First slot of each lesser node, the number of its slots less one, and which of them is looked at first."""
    mask = begin[one + 1] - begin[one] - 1
    return begin[one], mask, ((other * SPREAD) >> SHIFT) & mask


def _by_place(xy: Floats, reach_m: float) -> Ints:
    """Nodes in an order in which neighbours lie near each other."""
    cell = np.floor(xy / max(reach_m, 1.0)).astype(np.int64)
    return np.lexsort([xy[:, 1], xy[:, 0], cell[:, 1], cell[:, 0]]) if len(xy) else np.empty(0, np.int64)


def _expected(matrix: sparse.csr_matrix, xy: Floats, order: Ints, reach_m: float) -> float:
    """Pairs that the table will hold, from nodes spread evenly over the ground."""
    if len(order) == 0:
        return 0.0
    tried = order[:: max(1, len(order) // _TRIED)]
    count = sum(len(_from(matrix, xy, tried[at : at + 1], reach_m, every=True)[2]) for at in range(len(tried)))
    return count / len(tried) * len(order) / 2


def _from(
    matrix: sparse.csr_matrix, xy: Floats, sources: Ints, reach_m: float, *, every: bool = False
) -> tuple[Ints, Ints, npt.NDArray[np.float32]]:
    """Nodes and metres of the pairs of some with greater ones (or with all), sought on the ground within reach."""
    low, high = xy[sources].min(axis=0) - reach_m, xy[sources].max(axis=0) + reach_m
    near = np.flatnonzero(np.all((xy >= low) & (xy <= high), axis=1))
    part = matrix[near][:, near]
    metres = dijkstra(part, indices=np.searchsorted(near, sources), limit=reach_m)
    row, column = np.nonzero(np.isfinite(metres))
    one, other = sources[row], near[column]
    kept = (other != one) if every else (other > one)
    return one[kept], other[kept], metres[row[kept], column[kept]].astype(np.float32)


def _table(
    nodes: int, one: Ints, other: Ints, metres: npt.NDArray[np.float32]
) -> tuple[Ints, npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """First slots of all nodes; nodes and metres by slot, each in the first free slot of its lesser node."""
    count = np.bincount(one, minlength=nodes)
    size = np.int64(1) << np.ceil(np.log2(np.maximum(count * _ROOM, 1))).astype(np.int64)
    begin = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    held, kept = np.full(begin[-1], -1, np.int32), np.zeros(begin[-1], np.float32)
    first, mask, slot = _slots(begin, one, other)
    left = np.arange(len(one))
    while len(left):
        at = first[left] + slot[left]
        free = held[at] < 0
        # of several that want one slot the last one written stays
        held[at[free]] = other[left[free]]
        kept[at[free]] = metres[left[free]]
        left = left[held[at] != other[left]]
        slot[left] = (slot[left] + 1) & mask[left]
    return begin, held, kept
