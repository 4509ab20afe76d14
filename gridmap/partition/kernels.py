"""The lookup of one layer, compiled: the extra ``gridmap[fast]`` installs numba, which compiles it on first use.

The same answers as `gridmap.partition.lookup`, at a third of its cost. Points in contested cells are left to it.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

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


@numba.njit(nogil=True, cache=True)
def _locate(points: Any, rows: Any, frame: Any, records: Any, edges: Any) -> None:
    """Answer all points, a block at a time: cells first, then the records of those that have one."""
    x, y = points
    x0, x_per_unit, x_bins, y0, y_per_unit, y_bins, column_of, row_of, columns, contested = frame
    cell_row, incidence, record_start, sides, base = records
    ends = edges[0]
    point = np.empty(_BLOCK, np.int64)
    record = np.empty(_BLOCK, np.int64)
    edge = np.empty(_BLOCK, np.int64)
    for begin in range(0, len(x), _BLOCK):
        count = 0
        for i in range(begin, min(begin + _BLOCK, len(x))):
            east, north = (x[i] - x0) * x_per_unit, (y[i] - y0) * y_per_unit
            row: Any = np.int32(OUTSIDE)
            if east >= 0 and north >= 0 and east < x_bins and north < y_bins:
                row = cell_row[_cell(np.int64(east), np.int64(north), column_of, row_of, columns)]
            rows[i] = row
            point[count], record[count] = i, -2 - row
            count += row < OUTSIDE
        for j in range(count):
            edge[j] = incidence[record[j]] >> 2
        for j in range(count):
            i, r = point[j], record[j]
            if r < len(sides):
                rows[i] = sides[r, 0] if _left(ends, edge[j], x[i], y[i]) else sides[r, 1]
            elif r < contested:
                span = record_start[r], record_start[r + 1]
                rows[i] = _by_label(x[i], y[i], base[r], span, incidence, edges)
            else:
                rows[i] = _LEFT


@numba.njit(nogil=True, cache=True)
def _cell(column: Any, row: Any, column_of: Any, row_of: Any, columns: Any) -> Any:
    """Return the number of the cell of two bins."""
    if len(column_of):
        return np.int64(row_of[row]) * columns + column_of[column]
    return row * columns + column


@numba.njit(nogil=True, cache=True)
def _by_label(x: Any, y: Any, base: Any, span: Any, incidence: Any, edges: Any) -> Any:
    """Return the row of a point in a plain record."""
    ends, label = edges
    for k in range(span[0], span[1]):
        packed = incidence[k]
        edge = packed >> 2
        spans = (packed & 2 != 0 or ends[edge, 1] <= y) and (packed & 1 != 0 or y < ends[edge, 3])
        if spans and _left(ends, edge, x, y):
            base ^= label[edge]
    return base - np.int32(1)


@numba.njit(nogil=True, cache=True)
def _left(ends: Any, edge: Any, x: Any, y: Any) -> Any:
    """Tell whether the nudged point lies left of an edge: see `gridmap.partition.orientation.left_of`."""
    x1, y1, x2, y2 = ends[edge, 0], ends[edge, 1], ends[edge, 2], ends[edge, 3]
    along, across = (x2 - x1) * (y - y1), (y2 - y1) * (x - x1)
    difference = along - across
    if abs(difference) > ERROR_BOUND * (abs(along) + abs(across)):
        return difference > 0
    sign = _exact_sign(x1, y1, x2, y2, x, y)
    return sign > 0 or (sign == 0 and y1 == y2)


@numba.njit(nogil=True, cache=True)
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


@numba.njit(nogil=True, cache=True)
def _two_sum(a: Any, b: Any) -> Any:
    """Return the rounded sum and what rounding lost."""
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)


@numba.njit(nogil=True, cache=True)
def _two_difference(a: Any, b: Any) -> Any:
    """Return the rounded difference and what rounding lost."""
    return _two_sum(a, -b)


@numba.njit(nogil=True, cache=True)
def _two_product(a: Any, b: Any) -> Any:
    """Return the rounded product and what rounding lost."""
    product = a * b
    scaled = _SPLITTER * a
    a_high = scaled - (scaled - a)
    scaled = _SPLITTER * b
    b_high = scaled - (scaled - b)
    a_low, b_low = a - a_high, b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
