"""Shared edges: every edge of the areas once, with the areas on whose rings it lies."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.partition.orientation import Flags, Floats

Ints: TypeAlias = npt.NDArray[np.int64]
Rows: TypeAlias = npt.NDArray[np.int32]
Polygons: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class RingEdges:
    """Every edge of every ring, in the order of the rings; two neighbours hold the same edge twice."""

    #: shape (n, 4): x1, y1, x2, y2 from the lower to the upper end, from west to east where both are equally high
    ends: Floats
    #: row of the area
    row: Rows
    #: 1 where the area's inside lies left of the edge, -1 where right
    turn: Rows
    #: number of the ring
    ring: Ints

    def take(self, position: Ints) -> RingEdges:
        """Return the edges at some positions."""
        return RingEdges(**{field.name: getattr(self, field.name)[position] for field in fields(self)})


@dataclass(frozen=True, kw_only=True)
class Edges:
    """Each edge once."""

    #: shape (n, 4) as of `RingEdges`
    ends: Floats
    #: XOR of (row + 1) of its owners: what crossing it does to the label of a point
    label: Rows
    #: whether as many areas begin as end here, so that crossing it does not change how many areas hold a point
    balanced: Flags
    #: owners of edge i are ``owner[owner_start[i]:owner_start[i + 1]]``, shape (n + 1,)
    owner_start: Rows
    #: rows of the areas
    owner: Rows

    def owners_of(self, edges: Ints) -> tuple[Ints, Rows]:
        """Return (position in ``edges``, row of an owner), one pair per owner."""
        at, index = spread(self.owner_start[edges], self.owner_start[edges + 1])
        return at, self.owner[index]


def ring_edges(polygons: Polygons) -> RingEdges:
    """Return the edges of the rings of all polygons; edges of no length are left out.

    Parameters
    ----------
    polygons
        Polygons or MultiPolygons, shape (n,).

    Raises
    ------
    Nothing
        What the polygons must be is checked by `gridmap.partition.AreaIndex`.
    """
    parts, part_row = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points = points + 0.0  # -0.0 and 0.0 are one place
    ends = np.hstack([points[:-1], points[1:]])
    keep = (ring[:-1] == ring[1:]) & ((ends[:, 0] != ends[:, 2]) | (ends[:, 1] != ends[:, 3]))
    ends, ring = ends[keep], ring[:-1][keep]
    downward = (ends[:, 1] > ends[:, 3]) | ((ends[:, 1] == ends[:, 3]) & (ends[:, 0] > ends[:, 2]))
    ends[downward] = ends[downward][:, [2, 3, 0, 1]]
    row = part_row[ring_part[ring]].astype(np.int32)
    return RingEdges(ends=ends, row=row, turn=np.where(downward, -1, 1).astype(np.int32), ring=ring.astype(np.int64))


def merge(rings: RingEdges, *, crooked: Flags) -> Edges:
    """Return each edge once.

    Parameters
    ----------
    rings
        Edges of the rings.
    crooked
        Whether an area's rings are invalid, shape (areas,): inside and outside of its edges cannot be told by their
        direction, hence they never count as balanced.

    Raises
    ------
    Nothing
        Any edges can be merged.
    """
    order = np.lexsort(rings.ends.T)
    ends, row = rings.ends[order], rings.row[order]
    start = np.flatnonzero(np.append(True, (ends[1:] != ends[:-1]).any(axis=1)))
    balance = np.add.reduceat(rings.turn[order], start)
    unsure = np.logical_or.reduceat(crooked[row], start)
    return Edges(
        ends=np.ascontiguousarray(ends[start]),
        label=np.bitwise_xor.reduceat(row + np.int32(1), start),
        balanced=(balance == 0) & ~unsure,
        owner_start=np.append(start, len(row)).astype(np.int32),
        owner=row,
    )


def spread(start: npt.NDArray[Any], stop: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """Return the members of many ranges: (number of the range, member), shape (sum of lengths,) each.

    Examples
    --------
    >>> [part.tolist() for part in spread(np.array([5, 9, 2]), np.array([7, 9, 5]))]
    [[0, 0, 2, 2, 2], [5, 6, 2, 3, 4]]
    """
    length = stop - start
    which = np.repeat(np.arange(len(length)), length)
    before = np.cumsum(length) - length
    return which, np.arange(len(which)) + np.repeat(start - before, length)
