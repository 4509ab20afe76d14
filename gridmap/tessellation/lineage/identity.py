"""Which of two sides hold the very same ground, told without a look at any other ground."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.tessellation.arrays import mixed
from gridmap.tessellation.lineage.sides import Flags, Rows, Side

#: Vertices that differ by less are the same: a millimetre is finer than any survey, and rounding to it is common.
SAME_M = 0.001
#: Length of an outline over the root of its area, up to which a millimetre to and fro may change that area.
_SLACK = 100.0


def identical(old: Side, new: Side) -> tuple[Rows, Rows]:
    """Return rows of the old and of the new side that hold the same ground, each row once.

    *The same ground* has the same sides once vertices are rounded to ``SAME_M``, whatever vertex a ring begins at,
    whichever way it runs, and in whatever order the parts stand. What is called the same on both sides goes together
    first, and has the same ground too where its vertices differ by less than ``SAME_M`` and were rounded apart.

    Parameters
    ----------
    old, new
        The two; codes are given once on each side.

    Returns
    -------
    tuple of numpy.ndarray of int, shape (n,) each
        Those of one code and the very same vertices, the others of one code, then the rest by code.

    Raises
    ------
    None
    """
    one, other = _namesakes(old, new)
    # most are the very same vertices, which is told ten times as fast as their keys are made
    copied = shapely.equals_identical(old.shapes[one], new.shapes[other])
    one, other = one[copied], other[copied]
    left, right = rows_without(one, len(old)), rows_without(other, len(new))
    more = _drawn_otherwise(old.take(left), new.take(right))
    return np.concatenate([one, left[more[0]]]), np.concatenate([other, right[more[1]]])


def _namesakes(old: Side, new: Side) -> tuple[Rows, Rows]:
    """Return rows of one code on both sides, in the order of the old side."""
    namesake = pd.Index(new.codes, dtype=object).get_indexer(pd.Index(old.codes, dtype=object))
    one = np.flatnonzero(namesake >= 0)
    return one, namesake[one]


def _drawn_otherwise(old: Side, new: Side) -> tuple[Rows, Rows]:
    """Return rows of the same ground, whatever vertices it has."""
    keys, others = ground_keys(old.shapes), ground_keys(new.shapes)
    one, other = _namesakes(old, new)
    same = keys[one] == others[other]
    near = np.flatnonzero(~same)
    near = near[_as_large(old, new, one[near], other[near])]
    same[near] = shapely.equals_exact(old.shapes[one[near]], new.shapes[other[near]], tolerance=SAME_M, normalize=True)
    one, other = one[same], other[same]
    more = _by_key((keys, others), (old, new), (rows_without(one, len(old)), rows_without(other, len(new))))
    found = np.concatenate([one, more[0]]), np.concatenate([other, more[1]])
    # keys that fall together by chance would be of other areas; what is taken apart wrongly is laid over, and no harm
    alike = _as_large(old, new, *found)
    return found[0][alike], found[1][alike]


def ground_keys(shapes: NDArray[Any]) -> NDArray[np.uint64]:
    """Return a number for each polygon that is the same for the same ground: see `identical`.

    The number is the sum of a 64-bit mix of every side of the polygon, which is why no order matters; of 200 000
    grounds, any two fall together by chance once in 10^9 times.

    Parameters
    ----------
    shapes
        Polygons in metres, shape (n,).

    Returns
    -------
    numpy.ndarray of uint64, shape (n,)

    Raises
    ------
    None

    Examples
    --------
    The square that begins elsewhere, runs the other way and is off by a tenth of a millimetre:

    >>> square = shapely.from_wkt("POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))")
    >>> other = shapely.from_wkt("POLYGON ((1 1.0001, 1 0, 0 0, 0 1, 1 1.0001))")
    >>> one, two = ground_keys(np.array([square, other]))
    >>> bool(one == two)
    True
    """
    rings, of = _rings(shapes)
    corner = mixed(np.rint(shapely.get_coordinates(rings) / SAME_M).astype(np.int64))
    # a sum of both ends is the same from either end; it is mixed again so that sides do not add up to other sides
    side = mixed((corner[:-1] + corner[1:])[:, None])
    side[corner[:-1] == corner[1:]] = 0
    total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(side, dtype=np.uint64)])
    end = np.cumsum(shapely.get_num_coordinates(rings))
    key = total[end - 1] - total[np.append(0, end)[: len(end)]]
    if len(rings) == len(shapes):
        return np.asarray(key)
    every = np.zeros(len(shapes), dtype=np.uint64)
    np.add.at(every, of, key)
    return every


def rows_without(rows: Rows, count: int) -> Rows:
    """Return the rows of so many that are not among these."""
    free = np.ones(count, dtype=bool)
    free[rows] = False
    return np.flatnonzero(free)


def _rings(shapes: NDArray[Any]) -> tuple[NDArray[Any], Rows]:
    """Return the rings of polygons and the polygon of each: where all are of one ring, the polygons themselves."""
    parts = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    if parts.all() and not shapely.get_num_interior_rings(shapes).any():
        return shapes, np.arange(len(shapes))
    single, part_of = shapely.get_parts(shapes, return_index=True)
    rings, of = shapely.get_rings(single, return_index=True)
    return rings, part_of[of]


def _by_key(keys: tuple[Any, Any], sides: tuple[Side, Side], rows: tuple[Rows, Rows]) -> tuple[Rows, Rows]:
    """Return rows of one key among some, the lowest codes first where several have one ground."""
    found = [key[of] for key, of in zip(keys, rows, strict=True)]
    known = [np.isin(one, other) for one, other in (found, found[::-1])]
    tables = [
        pd.DataFrame({"row": of[has], "key": key[has], "code": side.codes[of[has]]}).sort_values("code", kind="stable")
        for key, side, of, has in zip(found, sides, rows, known, strict=True)
    ]
    numbered = [table.assign(number=table.groupby("key").cumcount()) for table in tables]
    pairs = numbered[0].merge(numbered[1], on=["key", "number"], suffixes=("", "_new"))
    return pairs["row"].to_numpy(dtype=np.intp), pairs["row_new"].to_numpy(dtype=np.intp)


def _as_large(old: Side, new: Side, one: Rows, other: Rows) -> Flags:
    """Tell which rows are as large as others but for a millimetre along their outlines."""
    area = old.area[one]
    return np.asarray(np.abs(area - new.area[other]) <= _SLACK * SAME_M * np.sqrt(area))
