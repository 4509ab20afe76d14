"""Kinds of arrays, and the few ways of handling them that every part of the tessellation needs."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]
Polygons: TypeAlias = npt.NDArray[Any]

#: Odd constants of the mixing below: 2^64 divided by the golden ratio, and one of Steele, Lea and Flood's splitmix64.
_GOLDEN, _MIX_1 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9


def number_rows(rows: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """Return (number of each row, first position of each number): equal rows of 8-byte values get equal numbers.

    Numbers count up in the order in which the rows first appear. Rows are told apart by a 64-bit mix of their bits; the
    answer is checked, and found by sorting in the one case in 10^6 towns in which two mixes fall together.

    Parameters
    ----------
    rows
        Shape (n, k), float64 without negative zeros, or int64.

    Raises
    ------
    Nothing
        Any rows can be numbered.
    """
    number, first = _numbered(mixed(rows))
    if (rows[first[number]] == rows).all():
        return number, first
    _, at, inverse = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(at)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[inverse.ravel()], at[order]


def mixed(rows: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    """Return 64 bits that depend on all bits of a row."""
    bits = np.ascontiguousarray(rows).view(np.uint64).reshape(rows.shape)
    mix = np.full(len(rows), _GOLDEN, dtype=np.uint64)
    for column in bits.T:
        mix ^= column
        mix *= np.uint64(_MIX_1)
        mix ^= mix >> np.uint64(32)
    return mix


def _numbered(values: npt.NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """Return (number of each value, first position of each number)."""
    number, distinct = pd.factorize(values)
    number = number.astype(np.int64)
    first = np.full(len(distinct), len(values), dtype=np.int64)
    first[number[::-1]] = np.arange(len(values))[::-1]
    return number, first


def parts_of(shapes: Polygons) -> tuple[Polygons, Ints]:
    """Return (the parts of shapes, row of each): where every shape is one polygon, the very shapes, which is quicker.

    Parameters
    ----------
    shapes
        Polygons or MultiPolygons, shape (n,).

    Raises
    ------
    Nothing
        An empty shape has no part.
    """
    if (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all():
        return shapes, np.arange(len(shapes))
    parts, row = shapely.get_parts(shapes, return_index=True)
    return parts, row.astype(np.int64)


def spread(count: Ints) -> tuple[Ints, Ints]:
    """Return (number of the group, place in the group) of the members of groups of so many, shape (sum,) each.

    Examples
    --------
    >>> [part.tolist() for part in spread(np.array([2, 0, 3]))]
    [[0, 0, 2, 2, 2], [0, 1, 0, 1, 2]]
    """
    which = np.repeat(np.arange(len(count)), count)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)


def next_in_ring(ring: Ints) -> Ints:
    """Return the step after each step, round its ring; the steps of a ring stand together in order, shape (n,).

    Examples
    --------
    >>> next_in_ring(np.array([7, 7, 7, 9, 9])).tolist()
    [1, 2, 0, 4, 3]
    """
    begins = np.flatnonzero(np.append(True, ring[1:] != ring[:-1])[: len(ring)])
    following = np.arange(1, len(ring) + 1)
    following[np.append(begins[1:], len(ring))[: len(begins)] - 1] = begins
    return following


def steps_of(lines: Polygons) -> tuple[Floats, Ints]:
    """Return (the two ends of each straight step of lines, shape (n, 2, 2); row of the line, shape (n,)).

    Parameters
    ----------
    lines
        LineStrings, LinearRings or MultiLineStrings, whose parts no step joins, shape (m,).

    Raises
    ------
    Nothing
        An empty line has no step.

    Examples
    --------
    >>> ends, row = steps_of(shapely.from_wkt(["MULTILINESTRING ((0 0, 1 0, 1 2), (5 5, 6 5))", "LINESTRING EMPTY"]))
    >>> ends.tolist()
    [[[0.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [1.0, 2.0]], [[5.0, 5.0], [6.0, 5.0]]]
    >>> row.tolist()
    [0, 0, 0]
    """
    parts, row = shapely.get_parts(lines, return_index=True)
    points, of = shapely.get_coordinates(parts, return_index=True)
    start = np.flatnonzero(of[1:] == of[:-1])
    return np.stack([points[start], points[start + 1]], axis=1), row[of[start]].astype(np.int64)


def rank_in_chains(following: Ints) -> tuple[Ints, Ints]:
    """Return (last member of its chain, steps to it) for each member of chains.

    Every member points to the next, the last one to itself; found by doubling the pointers, in as many rounds as the
    longest chain's length has bits.

    Parameters
    ----------
    following
        The next member of each, shape (n,); no chain runs in a circle.

    Raises
    ------
    Nothing
        A circle is never left: its members are said to end at themselves.

    Examples
    --------
    >>> [part.tolist() for part in rank_in_chains(np.array([1, 2, 2, 3]))]
    [[2, 2, 2, 3], [2, 1, 0, 0]]
    """
    end = following.copy()
    steps = (end != np.arange(len(end))).astype(np.int64)
    for _ in range(len(end).bit_length()):
        further = steps[end]
        if not further.any():
            break
        steps, end = steps + further, end[end]
    return end, steps


def least_in_circles(following: Ints) -> Ints:
    """Return the least member of the circle that each member lies on; ``following`` is a permutation, shape (n,).

    Examples
    --------
    >>> least_in_circles(np.array([1, 2, 0, 3])).tolist()
    [0, 0, 0, 3]
    """
    least = np.arange(len(following))
    jump = following.copy()
    while True:
        lower = np.minimum(least, least[jump])
        if (lower == least).all():
            return least
        least, jump = lower, jump[jump]
