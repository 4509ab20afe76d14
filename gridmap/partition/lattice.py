"""The lattice of square cells that lies under a layer of areas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.errors import InputError
from gridmap.partition.edges import Ints, Rows, spread
from gridmap.partition.orientation import Flags, Floats, left_of

#: Cells per edge: a tenth of the points of a partition then lie in a cell that an edge crosses.
CELLS_PER_EDGE = 12
#: Fewest and most cells of a lattice; the most take 32 MB.
FEWEST_CELLS, MOST_CELLS = 64, 2**23
#: Most cells that a caller may ask for by stating the size of a cell.
MOST_CELLS_STATED = 2**26
#: Bins of an axis whose cells are narrow where edges are dense.
BINS = 2**16


@dataclass(frozen=True, kw_only=True)
class Axis:
    """Columns from west to east, or rows from south to north.

    A number lies in bin ``int((number - start) * per_unit)``, and in the cell of that bin. Subtraction and
    multiplication round monotonically, hence the numbers of a cell form one interval. `slack` is wider than any
    rounding here: the interval of cell c lies within ``lines[c] - slack`` and ``lines[c + 1] + slack``.
    """

    start: float
    #: bins per unit of the coordinates
    per_unit: float
    bins: int
    #: cell of each bin; None where cells and bins are the same
    cell_of_bin: Rows | None
    #: where cells begin, and where the last one ends, shape (cells + 1,)
    lines: Floats
    #: middle of each cell, shape (cells,)
    centres: Floats
    slack: float

    def __len__(self) -> int:
        return len(self.centres)

    def cells_at(self, numbers: Floats) -> Ints:
        """Return the cell of each number, the first or last one for those beyond."""
        bins = np.clip(np.floor((numbers - self.start) * self.per_unit), 0, self.bins - 1).astype(np.int64)
        return bins if self.cell_of_bin is None else self.cell_of_bin[bins].astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """Cells in rows from south to north: cell number row * columns + column."""

    x: Axis
    y: Axis

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.x)

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.x) * len(self.y)


@dataclass(frozen=True, kw_only=True)
class Incidences:
    """Which edge matters in which cell, sorted by cell.

    An edge that leaves a cell to the east is thought to run on for ever, likewise to the west: inside the cell nothing
    changes by that, and then the edges of a cell alone tell what an eastward ray from any of its points crosses, up to
    one constant per cell. `open_below` says that the edge is known to begin below any point of the cell, or to be
    lengthened beyond its lower end; `open_above` likewise.
    """

    #: row * columns + column
    cell: Ints
    edge: Ints
    open_below: Flags
    open_above: Flags


@dataclass(frozen=True, kw_only=True)
class Crossings:
    """Where edges cross the centre lines of the rows of cells."""

    edge: Ints
    row: Ints
    #: first column whose centre lies right of the edge (nudged as everywhere)
    column: Ints


def lay(ends: Floats, *, cell: float | None) -> Lattice:
    """Return the lattice of square cells for these edges, one spare cell around them.

    Parameters
    ----------
    ends
        Edges, shape (n, 4).
    cell
        Width of a cell in the units of the coordinates; None chooses `CELLS_PER_EDGE`.

    Raises
    ------
    InputError
        If ``cell`` is not above zero or asks for more than `MOST_CELLS_STATED` cells.
    """
    low, high, grain = _extent(ends)
    width, height = (high - low).tolist()
    # below 64 grains a cell could not tell neighbouring numbers apart
    size = max(_size(width, height, len(ends)) if cell is None else _stated(width, height, cell), 64 * grain)
    x, y = (
        _even(start - size, int(span / size) + 3, size, grain) for start, span in ((low[0], width), (low[1], height))
    )
    return Lattice(x=x, y=y)


def lay_unevenly(ends: Floats) -> Lattice:
    """Return a lattice whose columns and rows are narrow where edges are dense.

    It serves where even cells fail: a town, and one area a thousand kilometres away.

    Parameters
    ----------
    ends
        Edges, shape (n, 4).

    Raises
    ------
    Nothing
        Any edges have a lattice.
    """
    _, _, grain = _extent(ends)
    lines = int(np.sqrt(min(max(CELLS_PER_EDGE * len(ends), FEWEST_CELLS), MOST_CELLS)))
    return Lattice(x=_dense(ends[:, [0, 2]].ravel(), lines, grain), y=_dense(ends[:, [1, 3]].ravel(), lines, grain))


def _extent(ends: Floats) -> tuple[Floats, Floats, float]:
    """Return the least and greatest x and y, and the distance between neighbouring numbers of that magnitude."""
    points = ends.reshape(-1, 2)
    return points.min(axis=0), points.max(axis=0), float(np.spacing(np.abs(points).max()))


def _even(start: float, cells: int, size: float, grain: float) -> Axis:
    """Return an axis of equal cells."""
    return Axis(
        start=float(start),
        per_unit=1 / size,
        bins=cells,
        cell_of_bin=None,
        lines=np.asarray(start + np.arange(cells + 1) * size, np.float64),
        centres=np.asarray(start + (np.arange(cells) + 0.5) * size, np.float64),
        slack=_slack(cells, size, grain),
    )


def _dense(numbers: Floats, cells: int, grain: float) -> Axis:
    """Return an axis half of whose cells are spread evenly over the extent, half over the numbers."""
    low, span = float(numbers.min()), float(numbers.max() - numbers.min())
    size = max(span / (BINS - 3), 64 * grain)
    bins = int(span / size) + 3
    start = low - size
    counts = np.bincount(np.floor((numbers - start) / size).astype(np.int64), minlength=bins)[:bins]
    share = (np.cumsum(counts) / len(numbers) + np.arange(bins) / bins) / 2
    step = np.append(0, np.diff(np.floor(share * cells)) > 0)
    # the spare cells hold nothing else
    step[[1, -1]] = 1
    cell_of_bin = np.cumsum(step).astype(np.int32)
    first = np.flatnonzero(np.append(True, np.diff(cell_of_bin) > 0))
    lines = start + np.append(first, bins) * size
    return Axis(
        start=start,
        per_unit=1 / size,
        bins=bins,
        cell_of_bin=cell_of_bin,
        lines=lines,
        centres=(lines[:-1] + lines[1:]) / 2,
        slack=_slack(bins, size, grain),
    )


def _slack(bins: int, size: float, grain: float) -> float:
    """Return a distance above what rounding can shift: of the coordinates, and of the number of a bin."""
    return 8 * grain + size * max(1e-9, 1e-14 * bins)


def _size(width: float, height: float, edges: int) -> float:
    """Return the width of a cell that gives `CELLS_PER_EDGE`."""
    cells = min(max(CELLS_PER_EDGE * edges, FEWEST_CELLS), MOST_CELLS)
    return float(max(np.sqrt(width * height / cells), max(width, height) / cells))


def _stated(width: float, height: float, cell: float) -> float:
    """Return the width of a cell as asked for."""
    if not cell > 0 or (width / cell + 3) * (height / cell + 3) > MOST_CELLS_STATED:
        raise InputError(
            f"cells of width {cell} over {width:g} x {height:g}",
            expected=f"a width above zero that gives at most {MOST_CELLS_STATED} cells",
            do="leave `cell` out to have it chosen",
        )
    return float(cell)


def rasterise(ends: Floats, lattice: Lattice) -> Incidences:
    """Return the cells through which each edge passes, and perhaps a few beside them.

    Parameters
    ----------
    ends
        Edges, shape (n, 4).
    lattice
        The cells.

    Raises
    ------
    Nothing
        The lattice covers the edges.
    """
    edge, column = _columns(ends, lattice.x)
    at, row = _rows(ends[edge], column, lattice)
    edge, column = edge[at], column[at]
    west, east = lattice.x.lines[column] - lattice.x.slack, lattice.x.lines[column + 1] + lattice.x.slack
    south, north = lattice.y.lines[row] - lattice.y.slack, lattice.y.lines[row + 1] + lattice.y.slack
    x1, y1, x2, y2 = ends[edge].T
    beyond1, beyond2 = (x1 < west) | (x1 > east), (x2 < west) | (x2 > east)
    # an edge wholly east of the cell would end there, not be lengthened; one wholly west is never crossed
    keep = ~(((x1 > east) & (x2 > east)) | ((x1 < west) & (x2 < west)))
    found = np.flatnonzero(keep)
    cell = (row * lattice.columns + column)[found]
    order = found[np.argsort(cell, kind="stable")]
    return Incidences(
        cell=(row * lattice.columns + column)[order],
        edge=edge[order],
        open_below=(beyond1 | (y1 <= south))[order],
        open_above=(beyond2 | (y2 > north))[order],
    )


def _columns(ends: Floats, axis: Axis) -> tuple[Ints, Ints]:
    """Return (edge, column) for the columns that each edge spans."""
    low, high = np.minimum(ends[:, 0], ends[:, 2]), np.maximum(ends[:, 0], ends[:, 2])
    return spread(axis.cells_at(low - 3 * axis.slack), axis.cells_at(high + 3 * axis.slack) + 1)


def _rows(ends: Floats, column: Ints, lattice: Lattice) -> tuple[Ints, Ints]:
    """Return (position, row) for the rows that each edge spans within its column."""
    x1, y1, x2, y2 = ends.T
    slack = 3 * lattice.x.slack
    west, east = lattice.x.lines[column] - slack, lattice.x.lines[column + 1] + slack
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        at_west = np.clip((west - x1) / (x2 - x1), 0.0, 1.0)
        at_east = np.clip((east - x1) / (x2 - x1), 0.0, 1.0)
    upright = x1 == x2
    at_west[upright], at_east[upright] = 0.0, 1.0
    y_west, y_east = y1 + at_west * (y2 - y1), y1 + at_east * (y2 - y1)
    slack = 3 * lattice.y.slack
    first = lattice.y.cells_at(np.minimum(y_west, y_east) - slack)
    last = lattice.y.cells_at(np.maximum(y_west, y_east) + slack)
    return spread(first, last + 1)


def cross(ends: Floats, lattice: Lattice) -> Crossings:
    """Return where each edge crosses the centre lines of the rows of cells, decided exactly.

    Parameters
    ----------
    ends
        Edges, shape (n, 4).
    lattice
        The cells.

    Raises
    ------
    Nothing
        The lattice covers the edges with a spare column on both sides.
    """
    centre_x, centre_y = lattice.x.centres, lattice.y.centres
    edge, row = spread(np.searchsorted(centre_y, ends[:, 1]), np.searchsorted(centre_y, ends[:, 3]))
    x1, y1, x2, y2 = ends[edge].T
    x = x1 + (centre_y[row] - y1) / (y2 - y1) * (x2 - x1)
    column = np.searchsorted(centre_x, x - 4 * lattice.x.slack)
    unsure = np.flatnonzero(column < np.searchsorted(centre_x, x + 4 * lattice.x.slack))
    column[unsure] = _settle(ends[edge[unsure]], centre_x, centre_y[row[unsure]], column[unsure])
    return Crossings(edge=edge, row=row, column=column)


def _settle(ends: Floats, centre_x: Floats, y: Floats, column: Ints) -> Ints:
    """Return the first column, from those given on, whose centre is not left of its edge."""
    column = column.copy()
    x1, y1, x2, y2 = ends.T
    left = np.arange(len(column))
    while left.size:
        ahead = left_of(x1[left], y1[left], x2[left], y2[left], centre_x[column[left]], y[left])
        left = left[ahead]
        column[left] += 1
    return column


def label_of_centres(crossings: Crossings, label: Rows, lattice: Lattice) -> Rows:
    """Return the XOR of (row + 1) of the areas that hold each cell's centre, shape (rows * columns,).

    One sweep over all rows of cells: each begins and ends outside every area, so that it leaves nothing to the next.
    """
    toggles = np.zeros(lattice.size, np.int32)
    np.bitwise_xor.at(toggles, crossings.row * lattice.columns + crossings.column, label[crossings.edge])
    return np.bitwise_xor.accumulate(toggles)
