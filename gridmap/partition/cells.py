"""One layer of areas of equal depth, as cells from which the area of a point is read."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from gridmap.partition.edges import Edges, Ints, Rows, spread
from gridmap.partition.lattice import (
    Crossings,
    Incidences,
    Lattice,
    cross,
    label_of_centres,
    lay,
    lay_unevenly,
    rasterise,
)
from gridmap.partition.orientation import Flags, Floats, left_of

#: In `Layer.cell_row`: no area. Less than that, it names a record.
OUTSIDE = -1

#: Edges in one cell from which on uneven cells are tried.
CROWD = 64
#: The kinds of records: see `Layer`.
_SINGLE, _PLAIN, _CONTESTED = range(3)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """Areas of one depth.

    The *label* of a point is the XOR of (row + 1) over the areas that hold it: where areas do not overlap, it names the
    one that does. Crossing an edge changes it by the edge's own label. A cell without edges has one answer; one with
    edges has a *record*: the label that its points have before the edges of the cell are counted, and those edges.

    Records come in three kinds, in this order. *Single*: one edge crosses the cell from side to side, hence two
    answers. *Plain*: several edges. *Contested*: areas may overlap in the cell, so that labels would be mixed up; there
    the edges are listed once more for each area by itself, areas in the order of their codes.
    """

    lattice: Lattice
    edges: Edges
    #: answer of each cell: a row, `OUTSIDE`, or -2 - number of its record; shape (rows * columns,)
    cell_row: Rows
    #: per record and edge: ``edge << 2 | open_below << 1 | open_above`` (see `Incidences`)
    incidence: Rows
    #: incidences of record r are ``incidence[record_start[r]:record_start[r + 1]]``
    record_start: Rows
    #: answers of the single records, shape (singles, 2): left of the edge, right of it
    sides: Rows
    #: label of each record before its edges are counted, shape (records,)
    base: Rows
    #: first contested record
    contested: int
    #: groups of contested record r are ``group_start[r - contested]`` up to the next
    group_start: Rows
    #: row of the group's area; of the areas that hold a point, the first one is the answer
    group_row: Rows
    #: whether the area holds the cell before its edges are counted
    group_holds: Flags
    #: incidences of group g are ``group_incidence[incidence_start[g]:incidence_start[g + 1]]``
    incidence_start: Rows
    group_incidence: Rows

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        values = [getattr(part, field.name) for part in (self, self.edges) for field in fields(part)]
        return sum(value.nbytes for value in values if isinstance(value, np.ndarray))


@dataclass(frozen=True, kw_only=True)
class _Groups:
    """The contested cells' areas: sorted by cell, then by rank of the code."""

    cell: Ints
    row: Rows
    holds: Flags
    incidence_start: Ints
    incidence: Rows


@dataclass(frozen=True, kw_only=True)
class _Sweep:
    """Which areas hold the centres of the cells."""

    #: row number * number of rows of cells + row of cells, of each stretch
    line: Ints
    #: first column whose centre the area holds, and first one after it that it does not
    start: Ints
    stop: Ints
    #: how many areas hold each cell's centre, shape (rows * columns,)
    count: Rows


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """What is known of a layer before its records are written."""

    edges: Edges
    lattice: Lattice
    incidences: Incidences
    #: whether each incident edge counts for the centre of its cell
    counted: Flags
    #: labels of the centres, shape (cells,)
    label: Rows
    #: cells in which two areas may hold one point, shape (cells,)
    contested: Flags


def build(edges: Edges, rank: Rows, *, cell: float | None) -> Layer:
    """Return the cells of a layer.

    Parameters
    ----------
    edges
        Edges of the areas of the layer.
    rank
        Place of each area among all in the order of their codes, shape (areas,).
    cell
        Width of the cells; None chooses one.

    Raises
    ------
    InputError
        As `gridmap.partition.lattice.lay`.
    """
    lattice, incidences = _lay(edges.ends, cell)
    crossings = cross(edges.ends, lattice)
    label = label_of_centres(crossings, edges.label, lattice)
    sweep = _sweep(edges, crossings, lattice)
    draft = _Draft(
        edges=edges,
        lattice=lattice,
        incidences=incidences,
        counted=_counted_at_centres(edges.ends, incidences, lattice),
        label=label,
        contested=_contested(edges, incidences, sweep, label),
    )
    return _assemble(draft, _groups(draft, sweep, rank))


def _lay(ends: Floats, cell: float | None) -> tuple[Lattice, Incidences]:
    """Return even cells and what crosses them, or uneven ones where too many edges would share a cell."""
    lattice = lay(ends, cell=cell)
    incidences = rasterise(ends, lattice)
    crowd = np.bincount(incidences.cell)
    if cell is not None or crowd.max() <= CROWD:
        return lattice, incidences
    uneven = lay_unevenly(ends)
    others = rasterise(ends, uneven)
    # the work of a lookup grows with the edges of its cell, and points lie where edges are
    better = (np.bincount(others.cell) ** 2.0).sum() < (crowd**2.0).sum()
    return (uneven, others) if better else (lattice, incidences)


def _counted_at_centres(ends: Floats, incidences: Incidences, lattice: Lattice) -> Flags:
    """Return whether each incident edge counts for the centre of its cell."""
    row, column = np.divmod(incidences.cell, lattice.columns)
    x1, y1, x2, y2 = ends[incidences.edge].T
    y = lattice.y.centres[row]
    spans = (incidences.open_below | (y1 <= y)) & (incidences.open_above | (y < y2))
    counted: Flags = spans & left_of(x1, y1, x2, y2, lattice.x.centres[column], y)
    return counted


def _sweep(edges: Edges, crossings: Crossings, lattice: Lattice) -> _Sweep:
    """Return the stretches of cells whose centres each area holds: from every other crossing to the next."""
    at, row = edges.owners_of(crossings.edge)
    key = (row.astype(np.int64) * len(lattice.y) + crossings.row[at]) * (lattice.columns + 1) + crossings.column[at]
    key.sort()
    line, column = np.divmod(key, lattice.columns + 1)
    start, stop, line = column[::2], column[1::2], line[::2]
    first = (line % len(lattice.y)) * lattice.columns
    change = np.zeros(lattice.size, np.int32)
    np.add.at(change, first + start, 1)
    np.add.at(change, first + stop, -1)
    return _Sweep(line=line, start=start, stop=stop, count=np.cumsum(change, dtype=np.int32))


def _contested(edges: Edges, incidences: Incidences, sweep: _Sweep, label: Rows) -> Flags:
    """Return the cells in which two areas may hold one point, shape (rows * columns,).

    How many areas hold a point changes only across edges that are not balanced. So a cell without such edges holds as
    many everywhere as at its centre. If all of them belong to one area, the count is at most one above that of the
    other areas at the centre. Anything else counts as contested.
    """
    contested: Flags = sweep.count > 1
    loose = np.flatnonzero(~edges.balanced[incidences.edge])
    if not loose.size:
        return contested
    edge, cell = incidences.edge[loose], incidences.cell[loose]
    alone = np.diff(edges.owner_start)[edge] == 1
    row = np.where(alone, edges.owner[edges.owner_start[edge]], -1)
    start = np.flatnonzero(np.append(True, cell[1:] != cell[:-1]))
    least, most, cell = np.minimum.reduceat(row, start), np.maximum.reduceat(row, start), cell[start]
    others = (sweep.count[cell] == 1) & (label[cell] != least + 1)
    contested[cell[(least != most) | (least < 0) | others]] = True
    return contested


def _groups(draft: _Draft, sweep: _Sweep, rank: Rows) -> _Groups:
    """Return the areas of the contested cells, each with its own edges."""
    areas, of_rank = len(rank), np.argsort(rank, kind="stable")
    chosen = np.flatnonzero(draft.contested[draft.incidences.cell])
    at, row = draft.edges.owners_of(draft.incidences.edge[chosen])
    chosen = chosen[at]
    key = draft.incidences.cell[chosen] * areas + rank[row]
    cell, holder = _holding(sweep, draft.contested, draft.lattice)
    holding = np.unique(cell * areas + rank[holder])
    order = np.argsort(key, kind="stable")
    key, chosen = key[order], chosen[order]
    group = np.union1d(key, holding)
    odd = np.bincount(np.searchsorted(group, key)[draft.counted[chosen]], minlength=len(group)) % 2 == 1
    return _Groups(
        cell=group // areas,
        row=of_rank[group % areas].astype(np.int32),
        holds=np.isin(group, holding, assume_unique=True) ^ odd,
        incidence_start=np.append(np.searchsorted(key, group), len(key)),
        incidence=_packed(draft.incidences)[chosen],
    )


def _holding(sweep: _Sweep, contested: Flags, lattice: Lattice) -> tuple[Ints, Rows]:
    """Return (cell, row) for the areas that hold the centres of contested cells."""
    first = (sweep.line % len(lattice.y)) * lattice.columns
    so_far = np.append(0, np.cumsum(contested))
    matters = np.flatnonzero(so_far[first + sweep.stop] > so_far[first + sweep.start])
    at, cell = spread((first + sweep.start)[matters], (first + sweep.stop)[matters])
    keep = contested[cell]
    row = sweep.line[matters] // len(lattice.y)
    return cell[keep], row[at[keep]].astype(np.int32)


def _packed(incidences: Incidences) -> Rows:
    """Return the incidences as `Layer.incidence` keeps them."""
    return (incidences.edge << 2 | incidences.open_below << 1 | incidences.open_above).astype(np.int32)


def _assemble(draft: _Draft, groups: _Groups) -> Layer:
    """Return the layer: records sorted by kind, cells pointing to them."""
    edges, incidences = draft.edges, draft.incidences
    start = np.flatnonzero(np.append(True, incidences.cell[1:] != incidences.cell[:-1]))
    cell, length = incidences.cell[start], np.diff(np.append(start, len(incidences.cell)))
    toggled = np.where(draft.counted, edges.label[incidences.edge], np.int32(0))
    base = draft.label[cell] ^ np.bitwise_xor.reduceat(toggled, start)
    single = (length == 1) & incidences.open_below[start] & incidences.open_above[start]
    kind = np.where(draft.contested[cell], _CONTESTED, np.where(single, _SINGLE, _PLAIN))
    order = np.argsort(kind, kind="stable")
    cell, length, start, base = cell[order], length[order], start[order], base[order]
    singles, contested = np.searchsorted(kind[order], [_PLAIN, _CONTESTED]).tolist()
    left = base[:singles] ^ edges.label[incidences.edge[start[:singles]]]
    return Layer(
        lattice=draft.lattice,
        edges=edges,
        cell_row=_cell_rows(draft.label, groups, cell),
        incidence=_packed(incidences)[spread(start, start + length)[1]],
        record_start=_bounds(length),
        sides=np.column_stack([left, base[:singles]]) - np.int32(1),
        base=base,
        contested=contested,
        **_group_fields(groups, cell[contested:]),
    )


def _cell_rows(label: Rows, groups: _Groups, recorded: Ints) -> Rows:
    """Return the answer of each cell, or which record gives it."""
    cell_row = label - np.int32(1)
    # a contested cell without edges has one answer: the least of the codes that hold it
    cell, first = np.unique(groups.cell, return_index=True)
    cell_row[cell] = groups.row[first]
    cell_row[recorded] = -2 - np.arange(len(recorded), dtype=np.int32)
    return cell_row


def _group_fields(groups: _Groups, recorded: Ints) -> dict[str, Any]:
    """Return the fields of `Layer` on groups, for the contested cells that have records."""
    begin = np.searchsorted(groups.cell, recorded)
    end = np.searchsorted(groups.cell, recorded, side="right")
    _, kept = spread(begin, end)
    start, stop = groups.incidence_start[kept], groups.incidence_start[kept + 1]
    return {
        "group_start": _bounds(end - begin),
        "group_row": groups.row[kept],
        "group_holds": groups.holds[kept],
        "incidence_start": _bounds(stop - start),
        "group_incidence": groups.incidence[spread(start, stop)[1]],
    }


def _bounds(length: Ints) -> Rows:
    """Return where ranges of these lengths begin, and where the last one ends."""
    return np.append(0, np.cumsum(length)).astype(np.int32)
