"""The lattice of square cells that lies under a layer of areas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.errors import InputError
from gridmap.partition.edges import Ints, Rows, spread
from gridmap.partition.orientation import Flags, Floats, left_of

#: Cells per edge: a tenth of the points of a partition then lie in a cell that an edge crosses.
CELLS_PER_EDGE = 16
#: Fewest and most cells of a lattice; the most take 32 MB.
FEWEST_CELLS, MOST_CELLS = 64, 2**23
#: Most cells that a caller may ask for by stating the size of a cell.
MOST_CELLS_STATED = 2**26


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """Square cells in rows from south to north; a point lies in column ``int((x - x0) * per_unit)``, likewise its row.

    Subtraction and multiplication round monotonically, hence the points of a column form one interval. `slack` is wider
    than any rounding here: the interval of column c lies within ``x0 + c * cell - slack`` and
    ``x0 + (c + 1) * cell + slack``.
    """

    x0: float
    y0: float
    #: width and height of a cell, in the units of the coordinates
    cell: float
    #: 1 / cell
    per_unit: float
    columns: int
    rows: int
    slack: float

    def centres_x(self) -> Floats:
        """Return x of the centres of the columns."""
        return self.x0 + (np.arange(self.columns) + 0.5) * self.cell

    def centres_y(self) -> Floats:
        """Return y of the centres of the rows."""
        return self.y0 + (np.arange(self.rows) + 0.5) * self.cell


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
    """Return the lattice for these edges, one spare cell around them.

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
    low = np.minimum(ends[:, :2].min(axis=0), ends[:, 2:].min(axis=0))
    width, height = np.maximum(ends[:, :2].max(axis=0), ends[:, 2:].max(axis=0)) - low
    grain = float(np.spacing(np.abs(ends).max()))
    # below 64 grains a cell could not tell neighbouring numbers apart
    size = max(_size(width, height, len(ends)) if cell is None else _stated(width, height, cell), 64 * grain)
    columns, rows = int(width / size) + 3, int(height / size) + 3
    return Lattice(
        x0=float(low[0]) - size,
        y0=float(low[1]) - size,
        cell=size,
        per_unit=1 / size,
        columns=columns,
        rows=rows,
        slack=8 * grain + size * max(1e-9, 1e-14 * max(columns, rows)),
    )


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
    edge, column = _columns(ends, lattice)
    at, row = _rows(ends[edge], column, lattice)
    edge, column = edge[at], column[at]
    west = lattice.x0 + column * lattice.cell - lattice.slack
    east = lattice.x0 + (column + 1) * lattice.cell + lattice.slack
    south = lattice.y0 + row * lattice.cell - lattice.slack
    north = lattice.y0 + (row + 1) * lattice.cell + lattice.slack
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


def _columns(ends: Floats, lattice: Lattice) -> tuple[Ints, Ints]:
    """Return (edge, column) for the columns that each edge spans."""
    slack = 3 * lattice.slack
    low = np.minimum(ends[:, 0], ends[:, 2]) - slack
    high = np.maximum(ends[:, 0], ends[:, 2]) + slack
    first = _clip((low - lattice.x0) * lattice.per_unit, lattice.columns)
    last = _clip((high - lattice.x0) * lattice.per_unit, lattice.columns)
    return spread(first, last + 1)


def _rows(ends: Floats, column: Ints, lattice: Lattice) -> tuple[Ints, Ints]:
    """Return (position, row) for the rows that each edge spans within its column."""
    x1, y1, x2, y2 = ends.T
    slack = 3 * lattice.slack
    west = lattice.x0 + column * lattice.cell - slack
    east = west + lattice.cell + 2 * slack
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        at_west = np.clip((west - x1) / (x2 - x1), 0.0, 1.0)
        at_east = np.clip((east - x1) / (x2 - x1), 0.0, 1.0)
    upright = x1 == x2
    at_west[upright], at_east[upright] = 0.0, 1.0
    y_west, y_east = y1 + at_west * (y2 - y1), y1 + at_east * (y2 - y1)
    first = _clip((np.minimum(y_west, y_east) - slack - lattice.y0) * lattice.per_unit, lattice.rows)
    last = _clip((np.maximum(y_west, y_east) + slack - lattice.y0) * lattice.per_unit, lattice.rows)
    return spread(first, last + 1)


def _clip(position: Floats, count: int) -> Ints:
    """Return whole positions within 0 and count - 1."""
    return np.clip(np.floor(position), 0, count - 1).astype(np.int64)


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
    centre_x, centre_y = lattice.centres_x(), lattice.centres_y()
    edge, row = spread(np.searchsorted(centre_y, ends[:, 1]), np.searchsorted(centre_y, ends[:, 3]))
    x1, y1, x2, y2 = ends[edge].T
    x = x1 + (centre_y[row] - y1) / (y2 - y1) * (x2 - x1)
    position = (x - lattice.x0) * lattice.per_unit + 0.5
    column = np.clip(np.floor(position), 1, lattice.columns - 1).astype(np.int64)
    close = np.flatnonzero(np.abs(position - np.rint(position)) < 4 * lattice.slack * lattice.per_unit)
    column[close] = _settle(ends[edge[close]], centre_x, centre_y[row[close]], np.rint(position[close]))
    return Crossings(edge=edge, row=row, column=column)


def _settle(ends: Floats, centre_x: Floats, y: Floats, near: Floats) -> Ints:
    """Return the first column whose centre is not left of its edge, which is one of the three around ``near``."""
    first = np.clip(near.astype(np.int64) - 1, 0, len(centre_x) - 1)
    column = first.copy()
    for step in range(3):
        tried = np.minimum(first + step, len(centre_x) - 1)
        column += (tried == column) & left_of(*ends.T, centre_x[tried], y)
    return column


def label_of_centres(crossings: Crossings, label: Rows, lattice: Lattice) -> Rows:
    """Return the XOR of (row + 1) of the areas that hold each cell's centre, shape (rows * columns,).

    One sweep over all rows of cells: each begins and ends outside every area, so that it leaves nothing to the next.
    """
    toggles = np.zeros(lattice.rows * lattice.columns, np.int32)
    np.bitwise_xor.at(toggles, crossings.row * lattice.columns + crossings.column, label[crossings.edge])
    return np.bitwise_xor.accumulate(toggles)
