"""Sweeping along lines: how many cover each metre.

Intervals on lines are swept by their ends: after each end so many cover the metres up to the next. Ends are copied,
never computed, so what is counted once is counted exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Stretches:
    """Stretches of lines along which the same cover them, in order; what nobody covers is left out."""

    #: row of the line, shape (n,)
    line: Ints
    #: metres along the line
    from_m: Floats
    to_m: Floats
    #: sum of the weights of those who cover it, shape (n, k)
    sums: Ints

    @property
    def metres(self) -> Floats:
        """Length of each."""
        return np.asarray(self.to_m - self.from_m)

    def summed(self, lines: int, chosen: Any) -> Floats:
        """Metres of each line that the chosen stretches have; ``chosen`` of shape (n,) or (n, k)."""
        mask = np.asarray(chosen)
        total = np.zeros((lines, *mask.shape[1:]))
        for column in np.ndindex(mask.shape[1:]):
            rows = mask[(slice(None), *column)]
            total[(slice(None), *column)] = np.bincount(self.line[rows], self.metres[rows], lines)
        return total


def swept(line: Ints, from_m: Floats, to_m: Floats, weights: Ints) -> Stretches:
    """Return the stretches of lines between all ends of intervals, with the sums of the weights that cover each.

    Parameters
    ----------
    line
        Row of the line of each interval, shape (n,), in any order.
    from_m, to_m
        Where it begins and ends, metres along the line.
    weights
        What each adds where it lies, shape (n, k).

    Returns
    -------
    Stretches
        By line and metre.

    Raises
    ------
    Nothing
        Of no intervals there are no stretches.

    Examples
    --------
    >>> found = swept(np.array([0, 0]), np.array([0.0, 5.0]), np.array([10.0, 20.0]), np.array([[1], [1]]))
    >>> found.from_m.tolist(), found.sums[:, 0].tolist()
    ([0.0, 5.0, 10.0], [1, 2, 1])
    """
    lines, metres = np.concatenate([line, line]), np.concatenate([from_m, to_m])
    order = np.lexsort((metres, lines))
    lines, metres = lines[order], metres[order]
    steps = np.concatenate([weights, -weights])
    ones = np.repeat(np.array([1, -1]), len(line))
    covered = np.cumsum(ones[order])[:-1]
    real = np.flatnonzero((covered > 0) & (metres[1:] > metres[:-1])) if len(line) else np.zeros(0, np.int64)
    sums = np.column_stack([np.cumsum(column[order])[real] for column in steps.T])
    return Stretches(line=lines[real], from_m=metres[real], to_m=metres[real + 1], sums=sums)


def merged(line: Ints, key: Ints, from_m: Floats, to_m: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Return intervals with those of one line and one key that overlap or touch made one.

    Parameters
    ----------
    line, key
        Row of the line and who covers it, shape (n,).
    from_m, to_m
        Where each begins and ends.

    Returns
    -------
    tuple of arrays
        Line, key, from_m and to_m, by line and key.

    Raises
    ------
    Nothing
        Any intervals can be merged.

    Examples
    --------
    >>> merged(np.zeros(2, int), np.ones(2, int), np.array([0.0, 2.0]), np.array([3.0, 5.0]))[3].tolist()
    [5.0]
    """
    keys, pair = np.unique(np.column_stack([line, key]), axis=0, return_inverse=True)
    found = swept(pair.ravel(), from_m, to_m, np.ones((len(line), 1), np.int64))
    fresh = np.ones(len(found.line), dtype=bool)
    fresh[1:] = (np.diff(found.line) != 0) | (found.from_m[1:] > found.to_m[:-1])
    first = np.flatnonzero(fresh)
    last = np.append(first, len(fresh))[1:] - 1
    pair = found.line[first]
    return keys[pair, 0], keys[pair, 1], found.from_m[first], found.to_m[last]
