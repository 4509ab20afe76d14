"""Streets made ready for matching: segments by cell, the ends of edges, and the table of routes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse

from gridmap.streets import StreetGraph
from gridmap.tracks.matching.limits import Matching
from gridmap.tracks.matching.pairs import Pairs, pairs

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Cells of the grid at most; cells grow where the ground is larger.
MOST_CELLS = 4_000_000
#: Cells along the distance within which streets are considered, and segments that are laid on them at a time.
_CELLS_ACROSS, _CHUNK = 3, 4096
#: Share of a distance that is more than what rounding to 32 bits takes from it or adds.
_ROUNDED = 1e-6


@dataclass(frozen=True, kw_only=True)
class Cells:
    """A grid over the ground, and the segments that a fix in each of its cells may be near."""

    #: lower left corner, side of the cells, cells in each direction
    left: float
    bottom: float
    side: float
    columns: int
    rows: int
    #: segments within reach of cell c (column * rows + row) are ``inside[begin[c]:begin[c + 1]]``, nearest first
    begin: Ints
    inside: npt.NDArray[np.int32]
    #: metres that each lies from the middle of its cell at least
    far_m: npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Segments:
    """Straight pieces of the edges in their order, shape (m,) each, and the cells of the ground around them."""

    #: first vertex and the step to the second
    x: Floats
    y: Floats
    dx: Floats
    dy: Floats
    #: the step's length, squared
    square: Floats
    #: edge, and the metres along it at which the segment begins
    edge: Ints
    along: Floats
    #: x, y, dx, dy, 1 / square, along, edge and length once more, side by side for the kernel, shape (m, 8)
    packed: Floats
    cells: Cells


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A street graph made ready for matching, batch after batch; made by `prepared`."""

    graph: StreetGraph
    matching: Matching
    segments: Segments
    pairs: Pairs
    #: nodes at both ends of each edge, and its metres along its vertices
    first: Ints
    last: Ints
    length: Floats

    @cached_property
    def adjacency(self) -> tuple[sparse.csr_matrix, Ints]:
        """What `StreetGraph.adjacency` gives by metres, sought once."""
        return self.graph.adjacency()


def ground(graph: StreetGraph, matching: Matching | None = None) -> Ground:
    """Return a street graph made ready for matching.

    Parameters
    ----------
    graph
        The streets, as `gridmap.streets.graph` makes them.
    matching
        Limits and weights.

    Raises
    ------
    Nothing
        No fix is near the streets of an empty graph.
    """
    matching = matching or Matching()
    table = pairs(graph.matrix(), graph.node_xy, reach_m=matching.table_m, most=matching.pairs)
    first, last = np.ascontiguousarray(graph.ends.T, dtype=np.int64)
    length = np.asarray(graph.length_m, dtype=np.float64)
    segments = _segments(graph, matching.within_m)
    return Ground(graph=graph, matching=matching, segments=segments, pairs=table, first=first, last=last, length=length)


def _segments(graph: StreetGraph, within_m: float) -> Segments:
    """Straight pieces of all edges that have no twin before them, and the cells around them."""
    alone = np.flatnonzero(graph.twin == np.arange(len(graph)))
    vertex, edge = shapely.get_coordinates(graph.edges[alone], return_index=True)
    follows = np.flatnonzero((edge[1:] == edge[:-1]) & np.any(vertex[1:] != vertex[:-1], axis=1))
    start, step = vertex[follows], vertex[follows + 1] - vertex[follows]
    square = (step**2).sum(axis=1)
    edge = alone[edge[follows]]
    run = np.cumsum(np.sqrt(square)) - np.sqrt(square)
    begins = np.flatnonzero(np.diff(edge, prepend=-1))
    along = run - np.repeat(run[begins], np.diff(np.append(begins, len(edge))))
    length = np.sqrt(square)
    packed = np.column_stack([start, step, 1 / square, along, edge, length])
    return Segments(
        packed=np.ascontiguousarray(packed),
        x=np.ascontiguousarray(start[:, 0]),
        y=np.ascontiguousarray(start[:, 1]),
        dx=np.ascontiguousarray(step[:, 0]),
        dy=np.ascontiguousarray(step[:, 1]),
        square=square,
        edge=edge,
        along=along,
        cells=_cells(start, step, within_m),
    )


def _cells(start: Floats, step: Floats, within_m: float) -> Cells:
    """The grid over some segments, which looks at one cell for a fix: cells know all that is within reach of them."""
    low, high = np.minimum(start, start + step), np.maximum(start, start + step)
    if len(start) == 0:
        low = high = np.zeros((1, 2))
    left, bottom = low.min(axis=0) - within_m
    width, height = high.max(axis=0) + within_m - (left, bottom)
    side = max(within_m / _CELLS_ACROSS, float(np.sqrt(width * height / MOST_CELLS)))
    columns, rows = int(width / side) + 1, int(height / side) + 1
    origin, reach = np.array([left, bottom]), within_m + side * np.sqrt(0.5)
    found = [
        _reached(start[at : at + _CHUNK] - origin, step[at : at + _CHUNK], side, reach, (columns, rows))
        for at in range(0, len(start), _CHUNK)
    ]
    segment = np.concatenate([np.empty(0, np.int64), *[row + at * _CHUNK for at, (row, _, _) in enumerate(found)]])
    cell = np.concatenate([np.empty(0, np.int64), *[cell for _, cell, _ in found]])
    far = np.concatenate([np.empty(0), *[far for _, _, far in found]])
    order = np.lexsort([far, cell])
    return Cells(
        left=float(left),
        bottom=float(bottom),
        side=side,
        columns=columns,
        rows=rows,
        begin=np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=columns * rows))]),
        inside=segment[order].astype(np.int32),
        far_m=(far[order] * (1 - _ROUNDED)).astype(np.float32),
    )


def _reached(
    start: Floats, step: Floats, side: float, reach: float, shape: tuple[int, int]
) -> tuple[Ints, Ints, Floats]:
    """Segments, the cells whose middles they are within reach of, and the metres between both."""
    low, high = np.minimum(start, start + step) - reach, np.maximum(start, start + step) + reach
    first = np.maximum(np.floor(low / side), 0).astype(np.int64)
    last = np.minimum(np.floor(high / side), np.array(shape) - 1).astype(np.int64)
    spans = last - first + 1
    count = spans.prod(axis=1)
    segment = np.repeat(np.arange(len(start)), count)
    nth = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    column, row = first[segment, 0] + nth // spans[segment, 1], first[segment, 1] + nth % spans[segment, 1]
    x, y = ((each + 0.5) * side - start[segment, axis] for axis, each in enumerate((column, row)))
    dx, dy = step[segment].T
    share = np.clip((x * dx + y * dy) / (dx * dx + dy * dy), 0.0, 1.0)
    # a little more than needed, so that rounding leaves nothing out
    far = np.hypot(share * dx - x, share * dy - y)
    near = far <= reach * (1 + 1e-9)
    return segment[near], (column * shape[1] + row)[near], far[near]
