"""Levels, parents and codes of areas: who lies in whom.

An area names the area that holds it by that area's code (``parent``); a table may hold all levels mixed. An area's
*depth* is the number of its ancestors in the table, so that deeper means finer.

Codes nest by their digits: district 6 (GB/T 2260), then 3 each for street (GB/T 10114), community and grid, and 2 for
a micro-grid: ``320613`` > ``320613001`` > ``320613001002`` > ``320613001002003`` > ``32061300100200304``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from gridmap.errors import Fault, InputError, TableError

#: The named levels, coarsest first. A table may use further names where its parents tell the order.
LEVELS = ("district", "street", "community", "grid", "micro")

#: Digits of a code, by level.
CODE_LENGTHS = {"district": 6, "street": 9, "community": 12, "grid": 15, "micro": 17}

#: More ancestors than this are taken for a mistake; real hierarchies have four.
MAX_DEPTH = 100

_RANKS = {level: rank for rank, level in enumerate(LEVELS)}
_LEVEL_BY_LENGTH = {length: level for level, length in CODE_LENGTHS.items()}


def level_rank(level: str) -> int:
    """Return how fine a named level is: 0 for a district, 4 for a micro-grid.

    Parameters
    ----------
    level
        One of ``LEVELS``.

    Returns
    -------
    int
        Position in ``LEVELS``.

    Raises
    ------
    InputError
        If the level has another name.

    Examples
    --------
    >>> level_rank("community")
    2
    """
    if level not in _RANKS:
        raise InputError(f"level {level!r}", expected="one of " + ", ".join(LEVELS))
    return _RANKS[level]


def level_of_code(code: str) -> str | None:
    """Return the level that a code's length tells, or None where it tells none.

    Parameters
    ----------
    code
        Code of an area.

    Returns
    -------
    str or None
        One of ``LEVELS``; None if the code is not 6, 9, 12, 15 or 17 digits.

    Raises
    ------
    None

    Examples
    --------
    >>> level_of_code("320613001002")
    'community'
    >>> level_of_code("A-17") is None
    True
    """
    return _LEVEL_BY_LENGTH.get(len(code)) if code.isascii() and code.isdigit() else None


def split_code(code: str) -> dict[str, str]:
    """Return the codes of the areas that a code lies in, and its own, coarsest first.

    Parameters
    ----------
    code
        Code of 6, 9, 12, 15 or 17 digits.

    Returns
    -------
    dict of str to str
        Code by level.

    Raises
    ------
    InputError
        If the code has another length or holds anything but digits.

    Examples
    --------
    >>> split_code("320613001")
    {'district': '320613', 'street': '320613001'}
    """
    level = level_of_code(code)
    if level is None:
        raise InputError(
            f"code {code!r} of {len(code)} characters",
            expected="6 digits (district), 9 (street), 12 (community), 15 (grid) or 17 (micro)",
        )
    return {name: code[: CODE_LENGTHS[name]] for name in LEVELS[: _RANKS[level] + 1]}


def parent_rows(areas: pd.DataFrame) -> NDArray[np.int64]:
    """Return the row of the area that holds each area, -1 where there is none.

    A parent that the table does not hold is a fault, unless the table holds nothing coarser than that area: a file of
    grids alone may name their communities. How coarse an area is, its ``level`` tells, else the length of its code;
    areas of which neither is known count as being of one level, and are compared by whether any of that level has its
    parent here.

    Parameters
    ----------
    areas
        Table with ``code`` and, if known, ``parent`` and ``level``; all levels mixed, in any order.

    Returns
    -------
    numpy.ndarray of int64, shape (len(areas),)
        Row positions; all -1 where the table has no ``parent`` column, or an empty one.

    Raises
    ------
    TableError
        If codes are missing or repeated, parents unknown, or areas lie in themselves by way of their parents; all
        faults at once, with feature numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> parent_rows(pd.DataFrame({"code": ["b", "a"], "parent": ["a", None]}))
    array([ 1, -1])
    """
    codes, faults = _codes(areas)
    parents, unknown = _look_up(areas, codes)
    faults = faults + unknown + _cycles(codes, parents)
    if faults:
        raise TableError("areas", sorted(faults, key=lambda fault: fault.feature or 0))
    return parents


def depths(areas: pd.DataFrame) -> NDArray[np.int8]:
    """Return the number of ancestors of each area: 0 at the top, more the finer.

    In a table without parents the levels tell the depth, counted among the levels that are present: in a table of
    communities and grids these have the depths 0 and 1.

    Parameters
    ----------
    areas
        Table with ``code`` and, if known, ``parent`` and ``level``.

    Returns
    -------
    numpy.ndarray of int8, shape (len(areas),)
        Depths; all 0 where neither parents, levels nor codes tell an order.

    Raises
    ------
    TableError
        As `parent_rows`; also if an area has a level that is not one of ``LEVELS`` in a table without parents, or
        more than ``MAX_DEPTH`` ancestors.

    Examples
    --------
    >>> import pandas as pd
    >>> depths(pd.DataFrame({"code": ["g", "c"], "level": ["grid", "community"]}))
    array([1, 0], dtype=int8)
    """
    parents = parent_rows(areas)
    if not _has_parents(areas):
        return _depths_by_level(areas)
    depth = np.zeros(len(parents), dtype=np.int64)
    above = parents
    while (above >= 0).any():
        depth += above >= 0
        above = np.where(above >= 0, parents[above], -1)
    deep = np.flatnonzero(depth > MAX_DEPTH)
    if len(deep):
        raise TableError("areas", [_fault("too_deep", row, f"more than {MAX_DEPTH} ancestors") for row in deep])
    return depth.astype(np.int8)


def chain(row: int, parent_rows: ArrayLike) -> tuple[int, ...]:
    """Return the rows of an area's ancestors and its own, coarsest first.

    Parameters
    ----------
    row
        Row position of the area; -1 for none.
    parent_rows
        What `parent_rows` returned for its table.

    Returns
    -------
    tuple of int
        Row positions, the last being ``row``; empty for -1.

    Raises
    ------
    InputError
        If the table has no such row.

    Examples
    --------
    >>> chain(0, [2, -1, 1])
    (1, 2, 0)
    >>> chain(-1, [2, -1, 1])
    ()
    """
    parents = np.asarray(parent_rows)
    if not -1 <= row < len(parents):
        raise InputError(f"row {row}", expected=f"-1 or a row of the table of {len(parents)} areas")
    rows: list[int] = []
    while row >= 0:
        rows.append(int(row))
        row = int(parents[row])
    return tuple(reversed(rows))


def roll_up(areas: pd.DataFrame, counts: ArrayLike) -> NDArray[np.generic]:
    """Return counts with those of all descendants added, area by area.

    Parameters
    ----------
    areas
        Table with ``code`` and ``parent``.
    counts
        What each area holds by itself: shape (len(areas),) or (len(areas), kinds). A missing value (NaN) makes every
        ancestor's sum missing.

    Returns
    -------
    numpy.ndarray
        Sums of the same shape and kind of number.

    Raises
    ------
    TableError
        As `parent_rows`.
    InputError
        If there is not one count for each area.

    Examples
    --------
    >>> import pandas as pd
    >>> roll_up(pd.DataFrame({"code": ["a", "b", "c"], "parent": [None, "a", "a"]}), [0, 3, 4])
    array([7, 3, 4])
    """
    totals = np.array(counts)
    if totals.ndim == 0 or len(totals) != len(areas):
        raise InputError(f"counts of shape {totals.shape}", expected=f"one for each of the {len(areas)} areas")
    parents, depth = parent_rows(areas), depths(areas)
    for level in range(int(depth.max(initial=0)), 0, -1):
        rows = np.flatnonzero((depth == level) & (parents >= 0))
        np.add.at(totals, parents[rows], totals[rows])
    return totals


def texts(table: pd.DataFrame, column: str) -> list[str | None]:
    """Return a column as text, None where a value is missing or blank, or the whole column is missing.

    Parameters
    ----------
    table
        Any table.
    column
        Its name.

    Raises
    ------
    None

    Examples
    --------
    >>> import pandas as pd
    >>> texts(pd.DataFrame({"code": [" a ", None, 7]}), "code"), texts(pd.DataFrame({"code": ["a"]}), "name")
    (['a', None, '7'], [None])
    """
    if column not in table.columns:
        return [None] * len(table)
    missing, values = table[column].isna().tolist(), table[column].tolist()
    return [None if lacks else str(value).strip() or None for value, lacks in zip(values, missing, strict=True)]


def _fault(code: str, row: int | np.integer[Any], message: str, column: str = "parent") -> Fault:
    """Return a fault of one area, by its row position."""
    return Fault(code=code, message=message, feature=int(row) + 1, column=column)


def _has_parents(areas: pd.DataFrame) -> bool:
    """Tell whether any area names a parent."""
    return any(texts(areas, "parent"))


def _codes(areas: pd.DataFrame) -> tuple[dict[str, int], list[Fault]]:
    """Return the first row of each code, and the faults of missing and repeated codes."""
    if "code" not in areas.columns:
        raise TableError("areas", [Fault(code="missing_column", message="column code is missing", column="code")])
    rows: dict[str, int] = {}
    faults = []
    for row, code in enumerate(texts(areas, "code")):
        if code is None:
            faults.append(_fault("missing_code", row, "no code; give each area one", "code"))
        elif code in rows:
            message = f"code {code} is that of feature {rows[code] + 1} too; give each area its own"
            faults.append(_fault("duplicate_code", row, message, "code"))
        else:
            rows[code] = row
    return rows, faults


def _look_up(areas: pd.DataFrame, codes: dict[str, int]) -> tuple[NDArray[np.int64], list[Fault]]:
    """Return the parents' rows, and the faults of those who should be in the table and are not."""
    names = texts(areas, "parent")
    parents = np.array([-1 if name is None else codes.get(name, -1) for name in names], dtype=np.int64)
    absent = [row for row, name in enumerate(names) if name is not None and parents[row] < 0]
    if not absent:
        return parents, []
    levels = _levels(areas)
    coarsest = min((_RANKS[level] for level in levels if level in _RANKS), default=0)
    settled = {levels[row] for row in np.flatnonzero(parents >= 0)}
    message = "parent {} is not in the table; add that area, or leave the parent empty at the top"
    faults = [
        _fault("unknown_parent", row, message.format(names[row]))
        for row in absent
        if _should_be_here(levels[row], coarsest, settled)
    ]
    return parents, faults


def _should_be_here(level: str | None, coarsest: int, settled: set[str | None]) -> bool:
    """Tell whether the parent of an area of this level is to be expected in the table."""
    return _RANKS[level] > coarsest if level in _RANKS else level in settled


def _levels(areas: pd.DataFrame) -> list[str | None]:
    """Return the level each area states, else the one its code's length tells."""
    stated, codes = texts(areas, "level"), texts(areas, "code")
    return [level or level_of_code(code or "") for level, code in zip(stated, codes, strict=True)]


def _cycles(codes: dict[str, int], parents: NDArray[np.int64]) -> list[Fault]:
    """Return a fault for each area that is its own ancestor, found by doubling the steps upward."""
    above = parents
    for _ in range(len(parents).bit_length()):
        above = np.where(above >= 0, above[above], -1)
    names = {row: code for code, row in codes.items()}
    return [
        _fault("cycle", row, f"{names[row]} lies in itself by way of its parents; correct one of them")
        for row in np.unique(above[above >= 0])
    ]


def _depths_by_level(areas: pd.DataFrame) -> NDArray[np.int8]:
    """Return the depths that levels tell, counted among the levels that are present."""
    levels = _levels(areas)
    if not any(texts(areas, "level")) and None in levels:
        return np.zeros(len(areas), dtype=np.int8)
    if faults := _unranked(levels):
        raise TableError("areas", faults)
    present = sorted({_RANKS[level] for level in levels if level})
    return np.array([present.index(_RANKS[level]) for level in levels if level], dtype=np.int8)


def _unranked(levels: Sequence[str | None]) -> list[Fault]:
    """Return a fault for each level whose place is unknown."""
    message = "level {!r} is none of " + ", ".join(LEVELS) + ", and no parents tell its place; give the parents"
    return [
        _fault("unknown_level", row, message.format(level), "level")
        for row, level in enumerate(levels)
        if level not in _RANKS
    ]
