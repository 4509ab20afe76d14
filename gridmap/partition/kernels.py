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
    lattice = layer.lattice
    rows = np.empty(len(x), np.int32)
    frame = (lattice.x0, lattice.y0, lattice.per_unit, lattice.columns, lattice.rows, layer.contested)
    arrays = (layer.cell_row, layer.incidence, layer.record_start, layer.sides, layer.base)
    _locate(x, y, rows, frame, arrays, layer.edges.ends, layer.edges.label)
    left = np.flatnonzero(rows == _LEFT) if layer.contested < len(layer.base) else np.empty(0, np.int64)
    if left.size:
        rows[left] = lookup.holding(layer, x[left], y[left])
    return rows


@numba.njit(nogil=True, cache=True)
def _locate(x: Any, y: Any, rows: Any, frame: Any, arrays: Any, ends: Any, label: Any) -> None:
    """Answer all points, a block at a time: cells first, then the records of those that have one."""
    x0, y0, per_unit, columns, lines, contested = frame
    cell_row, incidence, record_start, sides, base = arrays
    point = np.empty(_BLOCK, np.int64)
    record = np.empty(_BLOCK, np.int64)
    edge = np.empty(_BLOCK, np.int64)
    for begin in range(0, len(x), _BLOCK):
        count = 0
        for i in range(begin, min(begin + _BLOCK, len(x))):
            column, line = (x[i] - x0) * per_unit, (y[i] - y0) * per_unit
            row = np.int32(OUTSIDE)
            if column >= 0 and line >= 0 and column < columns and line < lines:
                row = cell_row[np.int64(line) * columns + np.int64(column)]
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
                rows[i] = _by_label(x[i], y[i], incidence, record_start[r], record_start[r + 1], base[r], ends, label)
            else:
                rows[i] = _LEFT


@numba.njit(nogil=True, cache=True)
def _by_label(  # noqa: PLR0913 - a kernel takes its arrays one by one
    x: Any, y: Any, incidence: Any, start: Any, stop: Any, base: Any, ends: Any, label: Any
) -> Any:
    """Return the row of a point in a plain record."""
    for k in range(start, stop):
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
