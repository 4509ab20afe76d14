"""The arrangement of claims: cells of ground, each with all parties that claim it, and gaps that nobody claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse

from gridmap.disputes.limits import Limits

Shapes = NDArray[Any]

#: Shorter contacts of a gap and a claim, in metres, are those of a corner.
_ALONG_M = 0.01


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """Cells that fill the claimed ground and the gaps in it, without overlap.

    A cell is ground that no claim's border crosses. ``claimed`` tells who claims it; of a gap nobody does, and
    ``about`` tells whose claims it lies between.
    """

    #: polygons in local metres
    cells: Shapes
    #: area of each in m2
    area: NDArray[np.float64]
    #: cell by party: who claims it
    claimed: sparse.csr_array
    #: cell by party: who claims it, or between whose claims it lies
    about: sparse.csr_array
    #: which cells are narrower than surveys are written: borders that were one and rounded twice leave such slivers
    narrow: NDArray[np.bool_]

    @cached_property
    def claims(self) -> NDArray[np.intp]:
        """How many parties claim each cell: none of a gap."""
        count: NDArray[np.intp] = np.diff(self.claimed.indptr)
        return count

    @cached_property
    def disputed(self) -> NDArray[np.bool_]:
        """Which cells several parties claim, or nobody; what one gains of a sliver of a gap no other loses."""
        found: NDArray[np.bool_] = (self.claims > 1) | ((self.claims == 0) & ~self.narrow)
        return found

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Where the cells are."""
        return shapely.STRtree(self.cells)

    @cached_property
    def _by_party(self) -> sparse.csc_array:
        return sparse.csc_array(self.about)

    def cells_about(self, parties: Iterable[int]) -> NDArray[np.intp]:
        """Positions of the cells that any of these parties claims, or that lie beside a claim of theirs."""
        start, cell = self._by_party.indptr, self._by_party.indices
        found = [cell[start[party] : start[party + 1]] for party in parties]
        return np.unique(np.concatenate(found or [np.empty(0, dtype=np.intp)])).astype(np.intp)

    def among(self, cells: NDArray[np.intp]) -> frozenset[int]:
        """Positions of the parties of any of some cells."""
        start, party = self.about.indptr, self.about.indices
        return frozenset(each for cell in set(cells.tolist()) for each in party[start[cell] : start[cell + 1]].tolist())


def dense(matrix: sparse.csr_array, cells: NDArray[np.intp], parties: Sequence[int]) -> NDArray[np.bool_]:
    """Some cells by some parties (in order) of a large matrix; slicing it by columns would walk over all of them."""
    order = np.asarray(parties, dtype=np.intp)
    found = np.zeros((len(cells), len(order)), dtype=bool)
    rows = [matrix.indices[matrix.indptr[cell] : matrix.indptr[cell + 1]] for cell in cells.tolist()]
    row = np.repeat(np.arange(len(cells)), [len(each) for each in rows])
    party = np.concatenate(rows or [np.empty(0, dtype=np.intp)]).astype(np.intp)
    at = np.minimum(np.searchsorted(order, party), len(order) - 1)
    known = order[at] == party
    found[row[known], at[known]] = True
    return found


def arrangement(shapes: Shapes, *, within: Any = None, limits: Limits) -> Arrangement:
    """Return the cells of the claims of all parties, and the gaps between them.

    A gap is ground that nobody claims and that lies between the claims of two parties or more: it is enclosed by them,
    or a channel between them at most ``gap_m`` wide. A notch in one party's claim is none.

    Parameters
    ----------
    shapes
        One valid polygon or multipolygon for each party, in local metres on the grid of millimetres.
    within
        All claims with the gaps between them, where it is known what is a gap.
    limits
        ``gap_m``, ``trace_m``, ``snap_m``.

    Raises
    ------
    Nothing
    """
    borders = shapely.boundary(shapes)
    closed = _closed(shapes, limits) if within is None else within
    lines = shapely.union_all(np.append(borders, shapely.boundary(closed)))
    faces = shapely.get_parts(shapely.polygonize([lines]))
    claimed = _incidence(faces, shapes)
    width = 2 * shapely.area(faces) / np.maximum(shapely.length(faces), np.finfo(float).tiny)
    open_ = (np.diff(claimed.indptr) == 0) & (width > limits.trace_m)
    gaps = np.zeros(len(faces), dtype=bool)
    gaps[open_] = shapely.intersects(shapely.point_on_surface(faces[open_]), closed)
    between = _touching(faces, gaps, shapes, limits)
    gaps &= np.diff(between.indptr) > 1
    about = sparse.csr_array(claimed + between)
    keep = (np.diff(claimed.indptr) > 0) | gaps
    return Arrangement(
        cells=faces[keep],
        area=shapely.area(faces[keep]),
        claimed=_rows(claimed, keep),
        about=_rows(about, keep),
        narrow=width[keep] < limits.snap_m,
    )


def _closed(shapes: Shapes, limits: Limits) -> Any:
    """All claims with the channels and holes between them filled, square at their mouths."""
    reach = limits.gap_m / 2
    wide = shapely.disjoint_subset_union_all(shapely.buffer(shapes, reach, join_style="mitre"))
    narrow = shapely.buffer(wide, -reach, join_style="mitre")
    # corners come back within a few nanometres: on the grid they are the claims' own again
    snapped = shapely.set_precision(shapely.set_precision(narrow, limits.snap_m), 0)
    whole = shapely.union_all(np.append(shapes, snapped))
    parts = shapely.get_parts(whole)
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(parts)))


def _incidence(faces: Shapes, shapes: Shapes) -> sparse.csr_array:
    """Face by party: whose claim a point inside the face lies in."""
    points = shapely.point_on_surface(faces)
    party, face = shapely.STRtree(points).query(shapes, predicate="intersects")
    return _matrix(face, party, (len(faces), len(shapes)))


def _touching(faces: Shapes, gaps: NDArray[np.bool_], shapes: Shapes, limits: Limits) -> sparse.csr_array:
    """Face by party: whose claims a gap touches along some length."""
    rows = np.flatnonzero(gaps)
    gap, party = shapely.STRtree(shapes).query(faces[rows], predicate="dwithin", distance=limits.snap_m)
    # what touches in a point only is no neighbour
    near = shapely.buffer(faces[rows][gap], limits.snap_m, join_style="mitre")
    along = shapely.length(shapely.intersection(shapely.boundary(shapes[party]), near)) > _ALONG_M
    return _matrix(rows[gap[along]], party[along], (len(faces), len(shapes)))


def _matrix(row: NDArray[np.intp], column: NDArray[np.intp], shape: tuple[int, int]) -> sparse.csr_array:
    """Ones in a sparse matrix."""
    found = sparse.csr_array((np.ones(len(row), dtype=np.int8), (row, column)), shape=shape)
    found.sort_indices()
    return found


def _rows(matrix: sparse.csr_array, keep: NDArray[np.bool_]) -> sparse.csr_array:
    """Some rows of a matrix."""
    found = sparse.csr_array(matrix[np.flatnonzero(keep)])
    found.eliminate_zeros()
    found.sort_indices()
    return found
