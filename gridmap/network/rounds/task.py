"""What a round has to do, on bare arrays: edges, those that must be walked, and the pieces that these make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def components(nodes: int, ends: Ints) -> Ints:
    """Return the number of the connected piece of each node, shape (nodes,)."""
    linked = sparse.coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes))
    return np.asarray(csgraph.connected_components(linked, directed=False)[1], dtype=np.int64)


@dataclass(frozen=True, kw_only=True)
class Task:
    """A connected graph, the edges that a round must walk, and the node where it starts and ends."""

    #: nodes of each edge, shape (n, 2)
    ends: Ints
    #: metres of each edge, shape (n,)
    length_m: Floats
    #: whether it must be walked, shape (n,)
    required: Flags
    #: where the round starts and ends
    home: int
    #: number of nodes
    nodes: int

    @cached_property
    def degree(self) -> Ints:
        """Ends of required edges at each node."""
        return np.bincount(self.ends[self.required].ravel(), minlength=self.nodes)

    @property
    def odd(self) -> Flags:
        """Nodes that an odd number of required edges meets at."""
        return np.asarray(self.degree % 2 == 1)

    @property
    def required_m(self) -> float:
        """Metres that must be walked."""
        return float(self.length_m[self.required].sum())

    @cached_property
    def piece(self) -> Ints:
        """Connected piece of required edges that each node belongs to, -1 where none meets; home is in one."""
        label, used = components(self.nodes, self.ends[self.required]), self.degree > 0
        used[self.home] = True
        found = np.full(self.nodes, -1)
        found[used] = np.unique(label[used], return_inverse=True)[1]
        return found

    @property
    def pieces(self) -> int:
        """Number of pieces, home's among them."""
        return int(self.piece.max()) + 1

    @cached_property
    def merged(self) -> Ints:
        """Node in the graph where each piece is one node; pieces first."""
        free = np.flatnonzero(self.piece < 0)
        found = self.piece.copy()
        found[free] = self.pieces + np.arange(len(free))
        return found

    def joined(self, extra: Ints) -> bool:
        """Whether the required edges and those that are walked besides are one piece."""
        label = components(self.nodes, self.ends[self.required | (extra > 0)])
        return len(np.unique(label[self.piece >= 0])) == 1

    def parity(self, extra: Ints) -> Flags:
        """Nodes that an odd number of edges meets at, as often as they are walked."""
        flat = np.bincount(self.ends.ravel(), weights=np.repeat(self.required + extra, 2), minlength=self.nodes)
        return np.asarray(flat % 2 == 1)
