"""Arrays and lists for kernels that are compiled or run as plain Python: see `gridmap.compiling`.

A kernel is written once, on things that are indexed and never resized. Compiled it is given arrays; plain it is given
lists, whose items Python reads several times faster than those of arrays. It draws its chances from whole numbers below
2^31 and its logarithms from a table, so that both ways give the same bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.compiling import COMPILED, compiled


def readied(array: npt.NDArray[Any]) -> Any:
    """Return an array as the kernels read it fastest: itself where they are compiled, else a list.

    >>> len(readied(np.zeros(3)))
    3
    """
    return np.ascontiguousarray(array) if COMPILED else array.tolist()


def _list_of_reals(count: int) -> list[float]:
    """Return room for real numbers, all 0."""
    return [0.0] * count


def _list_of_wholes(count: int) -> list[int]:
    """Return room for whole numbers, all 0."""
    return [0] * count


def _array_of_reals(count: int) -> npt.NDArray[np.float64]:
    """Return room for real numbers, all 0."""
    return np.zeros(count, np.float64)


def _array_of_wholes(count: int) -> npt.NDArray[np.int64]:
    """Return room for whole numbers, all 0."""
    return np.zeros(count, np.int64)


#: Room that a kernel needs for itself.
reals: Any = compiled(_array_of_reals) if COMPILED else _list_of_reals
wholes: Any = compiled(_array_of_wholes) if COMPILED else _list_of_wholes
