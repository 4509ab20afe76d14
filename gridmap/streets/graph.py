"""The street graph: what it holds, and the matrices that shortest paths are found in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Lines = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class StreetGraph:
    """Streets cut at their junctions: k nodes and n edges, all in metres; made by `gridmap.streets.graph`."""

    #: name of the metric system
    crs: str
    #: ``shared`` or ``all``: which crossings join
    crossings: str
    #: crossings of streets on one level without a common vertex; they join only where ``crossings`` is ``all``
    bare: int
    #: places of the nodes, shape (k, 2)
    node_xy: Floats
    #: node at the first and at the last vertex of each edge, shape (n, 2); both are one at a loop
    ends: Ints
    #: LineStrings in the direction in which their street is drawn, street by street and metre by metre, shape (n,)
    edges: Lines
    #: metres of each edge, shape (n,)
    length_m: Floats
    #: row of each edge's street in the table, shape (n,)
    street: Ints
    #: metres along that street, its parts one after the other, at which each edge begins and ends, shape (n,) each
    from_m: Floats
    to_m: Floats
    #: class of that street, empty where it says none, shape (n,)
    kind: npt.NDArray[np.object_]
    #: number of the connected piece of the graph that each edge belongs to, longest piece first, shape (n,)
    component: Ints
    #: first edge that each lies on from end to end; its own number where it is the first, shape (n,)
    twin: Ints
    #: metres of every row of the table, 0 for what is no street, shape (rows,)
    street_m: Floats

    def __len__(self) -> int:
        """Return the number of edges."""
        return len(self.edges)

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_xy)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The edges by place."""
        return shapely.STRtree(self.edges)

    @cached_property
    def incidence(self) -> tuple[Ints, Ints, Ints]:
        """Edge ends by node: (begin, edge, end); those of node v are at ``begin[v]:begin[v + 1]``, end 0 first, 1 last.

        A loop is at its node twice.
        """
        flat = self.ends.ravel()
        order = np.argsort(flat, kind="stable")
        begin = np.concatenate([[0], np.cumsum(np.bincount(flat, minlength=self.nodes))])
        return begin, order // 2, order % 2

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints, Ints]:
        """Both directions of all edges but loops: (from node, to node, edge)."""
        edge = np.flatnonzero(self.ends[:, 0] != self.ends[:, 1])
        one, other = self.ends[edge].T
        return np.concatenate([one, other]), np.concatenate([other, one]), np.concatenate([edge, edge])

    def adjacency(self, weight: Floats | None = None) -> tuple[sparse.csr_matrix, Ints]:
        """Return (the matrix of `matrix`, the edge of each of its entries).

        Parameters
        ----------
        weight
            Metres, seconds or what else an edge costs, shape (n,), not negative; by default metres. Edges whose weight
            is not finite cannot be passed.

        Raises
        ------
        Nothing
            A graph without edges has an empty matrix.
        """
        cost = self.length_m if weight is None else np.asarray(weight, dtype=float)
        row, column, edge = self._pairs
        order = np.lexsort([edge, cost[edge], column, row])
        row, column, edge = row[order], column[order], edge[order]
        first = np.ones(len(row), dtype=bool)
        first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
        kept = first & np.isfinite(cost[edge])
        row, column, edge = row[kept], column[kept], edge[kept]
        begin = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=self.nodes))])
        size = (self.nodes, self.nodes)
        return sparse.csr_matrix((cost[edge], column.astype(np.int32), begin.astype(np.int32)), shape=size), edge

    def matrix(self, weight: Floats | None = None) -> sparse.csr_matrix:
        """Return what it costs to go from node to neighbouring node, for `scipy.sparse.csgraph`.

        Both directions; of several edges between two nodes the cheapest. Loops lead nowhere and are left out.

        Parameters
        ----------
        weight
            As for `adjacency`.

        Raises
        ------
        Nothing
            A graph without edges has an empty matrix.
        """
        return self.adjacency(weight)[0]

    def edge_between(self, one: Ints, other: Ints, weight: Floats | None = None) -> Ints:
        """Return the cheapest edge between each two nodes, -1 where there is none.

        Parameters
        ----------
        one, other
            Nodes, shape (m,) each.
        weight
            As for `adjacency`.

        Raises
        ------
        Nothing
            Nodes that are no neighbours have no edge.
        """
        found, edge = self.adjacency(weight)
        row = np.repeat(np.arange(self.nodes), np.diff(found.indptr))
        keys = row * self.nodes + found.indices
        asked = np.asarray(one, dtype=np.int64) * self.nodes + np.asarray(other, dtype=np.int64)
        at = np.minimum(np.searchsorted(keys, asked), max(len(keys) - 1, 0))
        return np.where(keys[at] == asked, edge[at], -1) if len(keys) else np.full(len(asked), -1)
