"""Points to rows of areas: one layer, many points at a time, in numpy."""

from __future__ import annotations

import numpy as np

from gridmap.partition.cells import OUTSIDE, Layer
from gridmap.partition.edges import Ints, Rows, spread
from gridmap.partition.orientation import Flags, Floats, exact_sign, left_of


def cells_of(layer: Layer, x: Floats, y: Floats) -> tuple[Ints, Flags | None]:
    """Return the cell of each point, and whether it lies in the lattice at all (None: all do)."""
    column, row = layer.lattice.x, layer.lattice.y
    with np.errstate(over="ignore", invalid="ignore"):
        east, north = (x - column.start) * column.per_unit, (y - row.start) * row.per_unit
    inside = (east >= 0) & (north >= 0) & (east < column.bins) & (north < row.bins)
    whole = bool(inside.all())
    if not whole:
        east, north = np.where(inside, east, 0), np.where(inside, north, 0)
    columns, rows = east.astype(np.int64), north.astype(np.int64)
    if column.cell_of_bin is not None and row.cell_of_bin is not None:
        columns, rows = column.cell_of_bin.take(columns).astype(np.int64), row.cell_of_bin.take(rows).astype(np.int64)
    return rows * len(column) + columns, None if whole else inside


def holding(layer: Layer, x: Floats, y: Floats) -> Rows:
    """Return the row of the area that holds each point nudged by (e, e squared), `OUTSIDE` where none does.

    Parameters
    ----------
    layer
        Areas of one depth.
    x, y
        Points, shape (n,), in the coordinates of the areas; anything, not-a-number included.

    Returns
    -------
    numpy.ndarray of int32, shape (n,)

    Raises
    ------
    Nothing
        Every point has an answer.
    """
    cell, inside = cells_of(layer, x, y)
    rows = layer.cell_row.take(cell)
    if inside is not None:
        rows[~inside] = OUTSIDE
    recorded = np.flatnonzero(rows < OUTSIDE)
    if recorded.size:
        record = -2 - rows.take(recorded)
        _of_singles(layer, x, y, record, recorded, rows)
        beyond = record >= len(layer.sides)
        _of_several(layer, x, y, record[beyond], recorded[beyond], rows)
    return rows


def _of_singles(layer: Layer, x: Floats, y: Floats, record: Rows, point: Ints, rows: Rows) -> None:
    """Answer the points in cells that one edge crosses."""
    single = np.flatnonzero(record < len(layer.sides))
    record, point = record.take(single), point.take(single)
    ends = layer.edges.ends.take(layer.incidence.take(record) >> 2, axis=0)
    left = left_of(ends[:, 0], ends[:, 1], ends[:, 2], ends[:, 3], x.take(point), y.take(point))
    rows[point] = layer.sides.ravel().take(2 * record.astype(np.int64) + ~left)


def _of_several(layer: Layer, x: Floats, y: Floats, record: Rows, point: Ints, rows: Rows) -> None:
    """Answer the points in cells of several edges."""
    plain = record < layer.contested
    if plain.any():
        kept = point[plain]
        rows[kept] = _by_label(layer, x.take(kept), y.take(kept), record[plain])
    if not plain.all():
        kept = point[~plain]
        rows[kept] = _area_by_area(layer, x.take(kept), y.take(kept), record[~plain])


def _by_label(layer: Layer, x: Floats, y: Floats, record: Rows) -> Rows:
    """Return the rows of points in plain records: their label after all edges of the cell are counted."""
    start, stop = layer.record_start.take(record), layer.record_start.take(record + 1)
    at, index = spread(start, stop)
    packed = layer.incidence.take(index)
    counted = _counted(layer, x.take(at), y.take(at), packed)
    toggle = layer.edges.label.take(packed >> 2) * counted
    first = np.cumsum(stop - start) - (stop - start)
    answer: Rows = (layer.base.take(record) ^ np.bitwise_xor.reduceat(toggle, first)) - np.int32(1)
    return answer


def _area_by_area(layer: Layer, x: Floats, y: Floats, record: Rows) -> Rows:
    """Return the rows of points in contested records: the first of the areas that holds them."""
    rank = record - layer.contested
    at, group = spread(layer.group_start.take(rank), layer.group_start.take(rank + 1))
    member, index = spread(layer.incidence_start.take(group), layer.incidence_start.take(group + 1))
    point = at[member]
    counted = _counted(layer, x.take(point), y.take(point), layer.group_incidence.take(index))
    odd = np.bincount(member[counted], minlength=len(group)) % 2 == 1
    holds = np.flatnonzero(layer.group_holds[group] ^ odd)
    answer = np.full(len(record), OUTSIDE, np.int32)
    # written backwards, so that the first of a point's areas is written last
    answer[at[holds][::-1]] = layer.group_row[group[holds]][::-1]
    return answer


def _counted(layer: Layer, x: Floats, y: Floats, packed: Rows) -> Flags:
    """Return whether each incident edge counts for its point."""
    x1, y1, x2, y2 = layer.edges.ends.take(packed >> 2, axis=0).T
    spans = ((packed & 2 != 0) | (y1 <= y)) & ((packed & 1 != 0) | (y < y2))
    chosen = np.flatnonzero(spans)
    counted = np.zeros(len(packed), np.bool_)
    counted[chosen] = left_of(x1[chosen], y1[chosen], x2[chosen], y2[chosen], x[chosen], y[chosen])
    return counted


def touching(layer: Layer, x: Floats, y: Floats, rank: Rows) -> Rows:
    """Return the row of the area of least code on whose border each point lies exactly, `OUTSIDE` where on none.

    Parameters
    ----------
    layer, x, y
        As of `holding`.
    rank
        Place of each area in the order of the codes.

    Raises
    ------
    Nothing
        Every point has an answer.
    """
    answer = np.full(len(x), OUTSIDE, np.int32)
    cell, inside = cells_of(layer, x, y)
    rows = layer.cell_row.take(cell)
    point = np.flatnonzero((rows < OUTSIDE) & (True if inside is None else inside))
    record = -2 - rows[point]
    at, index = spread(layer.record_start[record], layer.record_start[record + 1])
    at, edge = point[at], layer.incidence[index].astype(np.int64) >> 2
    on = _on_edge(layer.edges.ends[edge], x[at], y[at])
    owned, row = layer.edges.owners_of(edge[on])
    at = at[on][owned]
    order = np.argsort(-rank[row], kind="stable")
    answer[at[order]] = row[order]
    return answer


def _on_edge(ends: Floats, x: Floats, y: Floats) -> Flags:
    """Return whether each point lies on its edge, ends included."""
    x1, y1, x2, y2 = ends.T
    near = np.flatnonzero((y1 <= y) & (y <= y2) & (np.minimum(x1, x2) <= x) & (x <= np.maximum(x1, x2)))
    on = np.zeros(len(ends), np.bool_)
    on[near] = exact_sign(x1[near], y1[near], x2[near], y2[near], x[near], y[near]) == 0
    return on
