"""One point to the row of its area, in plain Python: no array is made for it."""

from __future__ import annotations

from collections.abc import Iterator

from gridmap.partition.cells import OUTSIDE, Layer
from gridmap.partition.edges import Rows
from gridmap.partition.orientation import ERROR_BOUND, LEAST, sign_one


class Single:
    """The same layer as `gridmap.partition.lookup` reads, seen through memory views, whose items are plain numbers."""

    def __init__(self, layer: Layer, rank: Rows) -> None:
        x, y = layer.lattice.x, layer.lattice.y
        self._bins = (x.start, x.per_unit, x.bins, y.start, y.per_unit, y.bins)
        self._columns = len(x)
        self._column_of_bin = None if x.cell_of_bin is None else x.cell_of_bin.data
        self._row_of_bin = None if y.cell_of_bin is None else y.cell_of_bin.data
        self._cell_row = layer.cell_row.data
        self._ends = layer.edges.ends.ravel().data
        self._label = layer.edges.label.data
        self._incidence = layer.incidence.data
        self._record_start = layer.record_start.data
        self._sides = layer.sides.ravel().data
        self._singles = len(layer.sides)
        self._base = layer.base.data
        self._contested = layer.contested
        self._layer = layer
        self._rank = rank

    def holding(self, x: float, y: float) -> int:
        """Return the row of the area that holds the nudged point, -1 where none does."""
        row = self._cell(x, y)
        if row >= OUTSIDE:
            return row
        record = -2 - row
        if record < self._singles:
            return self._sides[2 * record + (not self._left(self._incidence[record] >> 2, x, y))]
        if record < self._contested:
            label = self._base[record]
            for packed in self._incidence[self._record_start[record] : self._record_start[record + 1]]:
                if self._counted(packed, x, y):
                    label ^= self._label[packed >> 2]
            return label - 1
        return next(self._holders(record - self._contested, x, y), OUTSIDE)

    def touching(self, x: float, y: float) -> int:
        """Return the row of the area of least code on whose border the point lies exactly, -1 where on none."""
        row = self._cell(x, y)
        if row >= OUTSIDE:
            return OUTSIDE
        start, stop = self._record_start[-2 - row], self._record_start[-1 - row]
        edges = [packed >> 2 for packed in self._incidence[start:stop] if self._on(packed >> 2, x, y)]
        bounds, owner = self._layer.edges.owner_start, self._layer.edges.owner
        rows = [int(row) for edge in edges for row in owner[bounds[edge] : bounds[edge + 1]]]
        return min(rows, key=lambda row: int(self._rank[row]), default=OUTSIDE)

    def _cell(self, x: float, y: float) -> int:
        """Return what the table says of the point's cell."""
        x0, x_per_unit, x_bins, y0, y_per_unit, y_bins = self._bins
        east, north = (x - x0) * x_per_unit, (y - y0) * y_per_unit
        if not (0 <= east < x_bins and 0 <= north < y_bins):
            return OUTSIDE
        column, row = int(east), int(north)
        if self._column_of_bin is not None and self._row_of_bin is not None:
            column, row = self._column_of_bin[column], self._row_of_bin[row]
        return self._cell_row[row * self._columns + column]

    def _holders(self, record: int, x: float, y: float) -> Iterator[int]:
        """Yield the areas of a contested record that hold the point."""
        layer = self._layer
        for group in range(layer.group_start[record], layer.group_start[record + 1]):
            members = layer.group_incidence[layer.incidence_start[group] : layer.incidence_start[group + 1]]
            holds = bool(layer.group_holds[group])
            for packed in members.tolist():
                holds ^= self._counted(packed, x, y)
            if holds:
                yield int(layer.group_row[group])

    def _counted(self, packed: int, x: float, y: float) -> bool:
        """Tell whether an incident edge counts for the point."""
        first = packed >> 2 << 2
        if not packed & 2 and self._ends[first + 1] > y:
            return False
        if not packed & 1 and self._ends[first + 3] <= y:
            return False
        return self._left(packed >> 2, x, y)

    def _left(self, edge: int, x: float, y: float) -> bool:
        """Tell whether the nudged point lies left of an edge: see `gridmap.partition.orientation.left_of`."""
        x1, y1, x2, y2 = self._ends[4 * edge : 4 * edge + 4]
        along, across = (x2 - x1) * (y - y1), (y2 - y1) * (x - x1)
        difference = along - across
        # the filter holds while nothing underflows
        if abs(difference) > ERROR_BOUND * (abs(along) + abs(across)) and abs(difference) > LEAST * LEAST:
            return difference > 0
        sign = sign_one(x1, y1, x2, y2, x, y)
        return sign > 0 or (sign == 0 and y1 == y2)

    def _on(self, edge: int, x: float, y: float) -> bool:
        """Tell whether the point lies on an edge, ends included."""
        x1, y1, x2, y2 = self._ends[4 * edge : 4 * edge + 4]
        near = y1 <= y <= y2 and min(x1, x2) <= x <= max(x1, x2)
        return near and sign_one(x1, y1, x2, y2, x, y) == 0
