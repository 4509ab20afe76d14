"""Metres between nodes of the street graph that lie near each other, kept in a table for quick answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Odd number by which keys are spread over the slots (2^64 divided by the golden ratio).
SPREAD = np.uint64(0x9E3779B97F4A7C15)
#: Nodes from which ways are sought at a time.
_CHUNK = 256
#: Nodes that are tried to estimate how many pairs there will be.
_TRIED = 200


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Metres between nodes at most `reach_m` apart, as an open-addressing hash table of `slots` (a power of two)."""

    #: number of nodes of the graph
    nodes: int
    #: metres up to which routes are kept
    reach_m: float
    #: lesser node * nodes + greater node in each slot, -1 where the slot is empty
    keys: Ints
    #: metres of that pair
    metres: npt.NDArray[np.float32]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return int((self.keys >= 0).sum())


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
        Pairs that the table may hold: 24 bytes each, and at most twice that.

    Raises
    ------
    Nothing
        A graph without edges has an empty table.
    """
    order = _by_place(xy, reach_m)
    while reach_m > 1 and _expected(matrix, xy, order, reach_m) > most:
        reach_m /= 2
    found = [_from(matrix, xy, order[at : at + _CHUNK], reach_m) for at in range(0, len(order), _CHUNK)]
    keys = np.concatenate([np.empty(0, np.int64), *[key for key, _ in found]])
    metres = np.concatenate([np.empty(0, np.float32), *[far for _, far in found]])
    slots, kept = _table(keys, metres)
    return Pairs(nodes=len(xy), reach_m=reach_m, keys=slots, metres=kept)


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
    keys = np.minimum(one, other) * np.int64(table.nodes) + np.maximum(one, other)
    mask = np.int64(len(table.keys) - 1)
    slot = spread(keys, len(table.keys))
    held = table.keys[slot]
    metres = np.where(held == keys, table.metres[slot], np.inf).astype(np.float64)
    left = np.flatnonzero((held != keys) & (held >= 0))
    while len(left):
        slot[left] = (slot[left] + 1) & mask
        held = table.keys[slot[left]]
        hit = held == keys[left]
        metres[left[hit]] = table.metres[slot[left[hit]]]
        left = left[~hit & (held >= 0)]
    return metres


def spread(keys: Ints, slots: int) -> Ints:
    """First slot that each key is looked for in; `slots` is a power of two."""
    mixed = keys.astype(np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(31))) * SPREAD
    mixed ^= mixed >> np.uint64(29)
    return (mixed & np.uint64(slots - 1)).astype(np.int64)


def _by_place(xy: Floats, reach_m: float) -> Ints:
    """Nodes in an order in which neighbours lie near each other."""
    cell = np.floor(xy / max(reach_m, 1.0)).astype(np.int64)
    return np.lexsort([xy[:, 1], xy[:, 0], cell[:, 1], cell[:, 0]]) if len(xy) else np.empty(0, np.int64)


def _expected(matrix: sparse.csr_matrix, xy: Floats, order: Ints, reach_m: float) -> float:
    """Pairs that the table will hold, from nodes spread evenly over the ground."""
    if len(order) == 0:
        return 0.0
    tried = order[:: max(1, len(order) // _TRIED)]
    count = sum(len(_from(matrix, xy, tried[at : at + 1], reach_m, every=True)[0]) for at in range(len(tried)))
    return count / len(tried) * len(order) / 2


def _from(
    matrix: sparse.csr_matrix, xy: Floats, sources: Ints, reach_m: float, *, every: bool = False
) -> tuple[Ints, npt.NDArray[np.float32]]:
    """Keys and metres of the pairs of some nodes with greater ones (or with all), sought on the ground within reach."""
    low, high = xy[sources].min(axis=0) - reach_m, xy[sources].max(axis=0) + reach_m
    near = np.flatnonzero(np.all((xy >= low) & (xy <= high), axis=1))
    part = matrix[near][:, near]
    metres = dijkstra(part, indices=np.searchsorted(near, sources), limit=reach_m)
    row, column = np.nonzero(np.isfinite(metres))
    one, other = sources[row], near[column]
    kept = (other != one) if every else (other > one)
    keys = one[kept] * np.int64(len(xy)) + other[kept]
    return keys, metres[row[kept], column[kept]].astype(np.float32)


def _table(keys: Ints, metres: npt.NDArray[np.float32]) -> tuple[Ints, npt.NDArray[np.float32]]:
    """Keys and metres by slot: each key in the first free slot from its own on."""
    slots = 1 << int(2 * len(keys)).bit_length()
    held, kept = np.full(slots, -1, np.int64), np.zeros(slots, np.float32)
    slot, left = spread(keys, slots), np.arange(len(keys))
    while len(left):
        free = left[held[slot[left]] < 0]
        # of several keys that want one slot the last one written stays
        held[slot[free]] = keys[free]
        kept[slot[free]] = metres[free]
        left = left[held[slot[left]] != keys[left]]
        slot[left] = (slot[left] + 1) & (slots - 1)
    return held, kept
