"""Streets cut along the borders of areas, with the area on either side: a street on a border belongs to both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from gridmap import hierarchy
from gridmap.coverage.cuts import along, between, crossings
from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.laying import overlaid
from gridmap.coverage.walked.ledger import Ledger, Visits
from gridmap.coverage.walked.unions import in_order
from gridmap.crs import to_system
from gridmap.errors import CrsError
from gridmap.partition import AreaIndex

#: A street that runs so near to a border, metres, runs on it: borders are drawn along the middle of streets, and
#: coordinates in degrees are kept to centimetres.
BORDER_M = 0.5
#: Shorter metres between two borders are rounding.
_LEAST_M = 1e-9


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Stretches of street that no border crosses, by street and metre."""

    #: code, and parent, level and name where known, of the areas
    areas: pd.DataFrame
    #: row of the parent of each area, -1 for none
    parent: Ints
    #: row of the street, ascending, shape (n,)
    street: Ints
    #: row of the ledger's stretch, ascending
    line: Ints
    #: metres along the street
    from_m: Floats
    to_m: Floats
    #: row of the finest area to the left and to the right, -1 outside
    left: Ints
    right: Ints

    def __len__(self) -> int:
        """Return the number of stretches."""
        return len(self.line)

    @property
    def length_m(self) -> Floats:
        """Metres of each."""
        return np.asarray(self.to_m - self.from_m)

    @cached_property
    def _above(self) -> Ints:
        """Each area and all that hold it, row by row, -1 where there are no more; the last row is outside."""
        chain = [np.append(np.arange(len(self.parent)), -1)]
        parents = np.append(self.parent, -1)
        while (chain[-1] >= 0).any():
            chain.append(parents[chain[-1]])
        return np.column_stack(chain)

    @cached_property
    def _holding(self) -> Any:
        """Ones where a stretch (column) lies in an area (row)."""
        above = np.hstack([self._above[self.left], self._above[self.right]])
        stretch = np.repeat(np.arange(len(self)), above.shape[1])
        return self._matrix(above.ravel(), stretch)

    @cached_property
    def _sharing(self) -> Any:
        """Ones where a stretch (column) lies in two areas of which this one (row) is the parent."""
        left, right = self._above[self.left], self._above[self.right]
        # the two chains meet once: above that they are the same, below it none of one is in the other
        found = []
        for one in range(left.shape[1] - 1):
            for other in range(right.shape[1] - 1):
                apart = (left[:, one] >= 0) & (right[:, other] >= 0) & (left[:, one] != right[:, other])
                met = apart & (left[:, one + 1] == right[:, other + 1]) & (left[:, one + 1] >= 0)
                found.append(np.column_stack([left[met, one + 1], np.flatnonzero(met)]))
        rows = np.concatenate(found) if found else np.zeros((0, 2), np.int64)
        return self._matrix(rows[:, 0], rows[:, 1])

    def _matrix(self, area: Ints, stretch: Ints) -> Any:
        inside = area >= 0
        ones = np.ones(int(inside.sum()))
        found = sparse.csr_matrix((ones, (area[inside], stretch[inside])), shape=(len(self.parent), len(self)))
        found.data[:] = 1.0
        return found

    def per_area(self, amounts: npt.NDArray[Any]) -> Floats:
        """Amounts of stretches, shape (n, ...), summed by area; what lies on a border counts once in each area."""
        return self._summed(self._holding, amounts)

    def shared(self, amounts: npt.NDArray[Any]) -> Floats:
        """Amounts that two areas of one parent both count, by parent: its children's sum exceeds it by so much."""
        return self._summed(self._sharing, amounts)

    def greatest(self, amounts: Floats) -> Floats:
        """Greatest amount of the stretches of each area, shape (n,); NaN where it has none."""
        held = self._holding.tocoo()
        most = np.full(len(self.parent), -np.inf)
        np.maximum.at(most, held.row, amounts[held.col])
        return np.where(np.isfinite(most), most, np.nan)

    def _summed(self, matrix: Any, amounts: npt.NDArray[Any]) -> Floats:
        flat = np.asarray(matrix @ amounts.reshape(len(self), -1))
        return flat.reshape(len(self.parent), *amounts.shape[1:])


def sides(book: Ledger, areas: gpd.GeoDataFrame, *, border_m: float = BORDER_M) -> Sides:
    """Return the streets of a ledger cut along the borders of areas.

    A stretch lies in the finest areas that hold the places ``border_m`` to the left and to the right of its middle, and
    in all that hold these. Where the two differ, it runs on their border: it counts in both, and once in what holds
    both, so that the children of an area exceed it by exactly what they share.

    Parameters
    ----------
    book
        The ledger whose streets are cut.
    areas
        ``code``, ``parent`` and ``level`` where known, polygons in any CRS; all levels mixed.
    border_m
        A street that runs so near to a border runs on it, metres.

    Returns
    -------
    Sides
        By street and metre; what is no street is left out.

    Raises
    ------
    CrsError
        If the areas state no CRS.
    TableError
        If the areas cannot be indexed.
    """
    if areas.crs is None:
        raise CrsError("areas that do not say their coordinate system", do="state it: an EPSG code such as 4490")
    lines = book.lines
    metric = to_system(areas, lines.crs)
    segment, begin, end = between(lines, crossings(lines, metric), book.length_m > 0)
    way = lines.ends[segment, 2:] - lines.ends[segment, :2]
    metres = np.hypot(*way.T)
    aside = np.column_stack([-way[:, 1], way[:, 0]]) / metres[:, None] * border_m
    middle = np.column_stack([along(lines, segment, (begin + end) / 2, axis) for axis in (0, 1)])
    index = AreaIndex(metric)
    left, right = (index.locate(*place.T).astype(np.int64) for place in (middle + aside, middle - aside))
    start = lines.start_m[segment]
    named = pd.DataFrame(areas[[name for name in ("code", "parent", "level", "name") if name in areas]])
    found = Sides(
        areas=named.reset_index(drop=True),
        parent=np.asarray(hierarchy.parent_rows(named.reset_index(drop=True)), dtype=np.int64),
        street=lines.line[segment],
        line=lines.line[segment],
        from_m=start + begin * metres,
        to_m=start + end * metres,
        left=left,
        right=right,
    )
    return _joined(_within(found, book))


def over(visits: Visits, laid: Sides) -> Visits:
    """Return visits cut where the streets are: the line of each is the row of its stretch.

    Parameters
    ----------
    visits
        Visits to streets.
    laid
        The streets cut along borders.

    Returns
    -------
    Visits
        Metres still count along the street; ``length_m`` is that of each stretch.

    Raises
    ------
    Nothing
        What lies in no stretch is left out.
    """
    row, visit, begin, end = overlaid((visits.line, visits.from_m, visits.to_m), (laid.line, laid.from_m, laid.to_m))
    # visits of a street come by metre, and so do what is left of them in each of its stretches
    order = in_order(row)
    cut = visits.taken(visit[order])
    return replace(cut, line=row[order], from_m=begin[order], to_m=end[order], begins_m=laid.from_m, ends_m=laid.to_m)


def _within(cut: Sides, book: Ledger) -> Sides:
    """Stretches cut to those of the ledger."""
    held = (book.street, book.visits.begins_m, book.visits.ends_m)
    row, part, low, high = overlaid((cut.street, cut.from_m, cut.to_m), held)
    order = np.lexsort((low, row))
    row, part = row[order], part[order]
    street, left, right = (each[part] for each in (cut.street, cut.left, cut.right))
    return replace(cut, street=street, line=row, from_m=low[order], to_m=high[order], left=left, right=right)


def _joined(cut: Sides) -> Sides:
    """Stretches that go on between the same areas as one."""
    real = cut.to_m - cut.from_m > _LEAST_M
    street, line, left, right = (each[real] for each in (cut.street, cut.line, cut.left, cut.right))
    fresh = np.ones(len(line), dtype=bool)
    fresh[1:] = (np.diff(line) != 0) | (np.diff(left) != 0) | (np.diff(right) != 0)
    first = np.flatnonzero(fresh)
    last = np.append(first, len(line))[1:] - 1
    return replace(
        cut,
        street=street[first],
        line=line[first],
        from_m=cut.from_m[real][first],
        to_m=cut.to_m[real][last],
        left=left[first],
        right=right[first],
    )
