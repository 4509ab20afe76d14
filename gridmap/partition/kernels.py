"""The lookup of one layer, compiled: the extra ``gridmap[fast]`` installs numba, which compiles it on first use.

The same answers as `gridmap.partition.lookup`, without its passing arrays. Points in contested cells are left to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gridmap.compiling import compiled
from gridmap.partition import lookup
from gridmap.partition.cells import OUTSIDE, Layer
from gridmap.partition.edges import Rows
from gridmap.partition.orientation import ERROR_BOUND, Floats

#: Points whose records are fetched together, so that the memory is waited for once and not point by point.
_BLOCK = 256
#: The answer of a point in a contested cell.
_LEFT = np.int32(-2)
_SPLITTER = 2.0**27 + 1.0
#: Stands for cells that are the bins themselves.
_EVEN = np.empty(0, np.int32)


def holding(layer: Layer, x: Floats, y: Floats) -> Rows:
    """Return the row of the area that holds each nudged point: see `gridmap.partition.lookup.holding`.

    Parameters
    ----------
    layer
        Areas of one depth.
    x, y
        Points, shape (n,).

    Raises
    ------
    Nothing
        Every point has an answer.
    """
    column, row = layer.lattice.x, layer.lattice.y
    rows = np.empty(len(x), np.int32)
    frame = (column.start, column.per_unit, column.bins, row.start, row.per_unit, row.bins)
    cells = (_EVEN, _EVEN) if column.cell_of_bin is None else (column.cell_of_bin, row.cell_of_bin)
    records = (layer.cell_row, layer.incidence, layer.record_start, layer.sides, layer.base)
    _locate(
        (x, y), rows, (*frame, *cells, len(column), layer.contested), records, (layer.edges.ends, layer.edges.label)
    )
    left = np.flatnonzero(rows == _LEFT) if layer.contested < len(layer.base) else np.empty(0, np.int64)
    if left.size:
        rows[left] = lookup.holding(layer, x[left], y[left])
    return rows


@compiled
def _locate(points: Any, rows: Any, frame: Any, records: Any, edges: Any) -> Any:
    """Answer all points, a block at a time: first their cells, then single records, then the others.

    What it returns has no meaning, but keeps the compiler from leaving out the reads ahead of `_answer_several`.
    """
    fetched = 0.0
    single, several = np.empty(_BLOCK, np.int64), np.empty(_BLOCK, np.int64)
    for begin in range(0, len(rows), _BLOCK):
        count, others = _read_cells(points, rows, frame, records, (begin, single, several))
        _answer_singles(points, rows, single[:count], records, edges[0])
        fetched += _answer_several(points, rows, several[:others], records, (*edges, frame[-1]))
    return fetched


@compiled
def _read_cells(points: Any, rows: Any, frame: Any, records: Any, block: Any) -> Any:
    """Give each point of a block what its cell says; list the points in single records, and those in others."""
    x, y = points
    x0, x_per_unit, x_bins, y0, y_per_unit, y_bins, column_of, row_of, columns, _ = frame
    cell_row, sides = records[0], records[3]
    begin, single, several = block
    end = min(begin + _BLOCK, len(x))
    for i in range(begin, end):
        east, north = (x[i] - x0) * x_per_unit, (y[i] - y0) * y_per_unit
        if east >= 0 and north >= 0 and east < x_bins and north < y_bins:
            rows[i] = cell_row[_cell(np.int64(east), np.int64(north), column_of, row_of, columns)]
        else:
            rows[i] = OUTSIDE
    singles = others = 0
    for i in range(begin, end):
        record = -2 - rows[i]
        # listed without a branch, which the processor could not foresee
        single[singles], several[others] = i, i
        singles += (record >= 0) & (record < len(sides))
        others += record >= len(sides)
    return singles, others


@compiled
def _cell(column: Any, row: Any, column_of: Any, row_of: Any, columns: Any) -> Any:
    """Return the number of the cell of two bins."""
    if len(column_of):
        return np.int64(row_of[row]) * columns + column_of[column]
    return row * columns + column


@compiled
def _answer_singles(points: Any, rows: Any, single: Any, records: Any, ends: Any) -> None:
    """Answer the points in cells that one edge crosses."""
    x, y = points
    incidence, sides = records[1], records[3]
    edge = np.empty(_BLOCK, np.int64)
    for j in range(len(single)):
        edge[j] = incidence[-2 - rows[single[j]]] >> 2
    for j in range(len(single)):
        i = single[j]
        rows[i] = sides[-2 - rows[i], 1 - _left(ends, edge[j], x[i], y[i])]


@compiled
def _answer_several(points: Any, rows: Any, several: Any, records: Any, edges: Any) -> Any:
    """Answer the points in cells of several edges; those in contested cells are left."""
    x, y = points
    incidence, record_start, base = records[1], records[2], records[4]
    ends, label, contested = edges
    start, stop = np.empty(_BLOCK, np.int64), np.empty(_BLOCK, np.int64)
    first, last = np.empty(_BLOCK, np.int64), np.empty(_BLOCK, np.int64)
    fetched = 0.0
    # loops of one read each: the processor then waits for many reads at once
    for j in range(len(several)):
        record = -2 - rows[several[j]]
        start[j], stop[j] = record_start[record], record_start[record + 1]
    for j in range(len(several)):
        first[j], last[j] = incidence[start[j]] >> 2, incidence[stop[j] - 1] >> 2
    for j in range(len(several)):
        fetched += ends[first[j], 0] + ends[last[j], 0]
    for j in range(len(several)):
        fetched += label[first[j]] + label[last[j]] + base[-2 - rows[several[j]]]
    for j in range(len(several)):
        i = several[j]
        record = -2 - rows[i]
        answer = base[record]
        for k in range(start[j], stop[j]):
            answer ^= label[incidence[k] >> 2] * _counted(ends, incidence[k], x[i], y[i])
        rows[i] = answer - 1 if record < contested else _LEFT
    return fetched


@compiled
def _counted(ends: Any, packed: Any, x: Any, y: Any) -> Any:
    """Return 1 if an incident edge counts for the point, else 0."""
    edge = packed >> 2
    spans = ((packed & 2 != 0) | (ends[edge, 1] <= y)) & ((packed & 1 != 0) | (y < ends[edge, 3]))
    return np.int32(spans) & np.int32(_left(ends, edge, x, y))


@compiled
def _left(ends: Any, edge: Any, x: Any, y: Any) -> Any:
    """Return 1 if the nudged point lies left of an edge, else 0: see `gridmap.partition.orientation.left_of`."""
    x1, y1, x2, y2 = ends[edge, 0], ends[edge, 1], ends[edge, 2], ends[edge, 3]
    along, across = (x2 - x1) * (y - y1), (y2 - y1) * (x - x1)
    difference = along - across
    if abs(difference) > ERROR_BOUND * (abs(along) + abs(across)):
        return np.int32(difference > 0)
    sign = _exact_sign(x1, y1, x2, y2, x, y)
    return np.int32(sign > 0 or (sign == 0 and y1 == y2))


@compiled
def _exact_sign(x1: Any, y1: Any, x2: Any, y2: Any, x: Any, y: Any) -> Any:
    """Return the sign of the determinant as of real numbers: see `gridmap.partition.orientation.exact_sign`."""
    expansion = np.zeros(16)
    size = 0
    for first, second in (((x2, x1), (y, y1)), ((y1, y2), (x, x1))):
        for a in _two_difference(first[0], first[1]):
            for b in _two_difference(second[0], second[1]):
                for term in _two_product(a, b):
                    carry = term
                    for k in range(size):
                        carry, expansion[k] = _two_sum(carry, expansion[k])
                    expansion[size] = carry
                    size += 1
    for k in range(size - 1, -1, -1):
        if expansion[k] != 0.0:
            return 1 if expansion[k] > 0.0 else -1
    return 0


@compiled
def _two_sum(a: Any, b: Any) -> Any:
    """Return the rounded sum and what rounding lost."""
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)


@compiled
def _two_difference(a: Any, b: Any) -> Any:
    """Return the rounded difference and what rounding lost."""
    return _two_sum(a, -b)


@compiled
def _two_product(a: Any, b: Any) -> Any:
    """Return the rounded product and what rounding lost."""
    product = a * b
    scaled = _SPLITTER * a
    a_high = scaled - (scaled - a)
    scaled = _SPLITTER * b
    b_high = scaled - (scaled - b)
    a_low, b_low = a - a_high, b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
