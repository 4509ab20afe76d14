"""Stretches walked laid on the stretches that count: side paths on their street, and every metre once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gridmap.coverage.sweeping import Floats, Ints

if TYPE_CHECKING:
    from gridmap.tracks.matching.corridors import Corridors

#: Stretches that are less apart touch, metres.
_TOUCH_M = 1e-6


def overlaid(
    given: tuple[Ints, Floats, Floats], held: tuple[Ints, Floats, Floats]
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return intervals on streets cut where others lie.

    Parameters
    ----------
    given
        Street, begin and end of each interval, shape (n,).
    held
        Street, begin and end of disjoint intervals, by street and metre, shape (m,).

    Returns
    -------
    tuple of arrays
        Row of what is held, row of what is given (ascending), and the metres along the street that both have.

    Raises
    ------
    Nothing
        What lies in nothing held is left out.

    Examples
    --------
    >>> one, two = np.array([0]), np.array([0, 0])
    >>> found = overlaid((one, np.array([3.0]), np.array([8.0])), (two, np.array([0.0, 5.0]), np.array([5.0, 9.0])))
    >>> [each.tolist() for each in found]
    [[0, 1], [0, 0], [3.0, 5.0], [5.0, 8.0]]
    """
    street, from_m, to_m = given
    streets = max(int(held[0].max(initial=-1)), int(street.max(initial=-1))) + 1
    number = np.bincount(held[0], minlength=streets)
    first, count = (np.cumsum(number) - number)[street], number[street]
    part = np.repeat(np.arange(len(street)), count)
    row = np.repeat(first, count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    low, high = np.maximum(from_m[part], held[1][row]), np.minimum(to_m[part], held[2][row])
    real = high > low
    return row[real], part[real], low[real], high[real]


def counted(
    street: npt.NDArray[np.bool_], length_m: Floats, corridors: Corridors | None
) -> tuple[Ints, Floats, Floats]:
    """Return the stretches that count: street, begin and end, by street and metre.

    A street that runs along others from end to end, and what is no street, has one of 0 m.

    Parameters
    ----------
    street
        What is a street.
    length_m
        Metres of each.
    corridors
        Which run along which.

    Raises
    ------
    Nothing
        Without corridors each street is one stretch.
    """
    whole = np.where(street, length_m, 0.0)
    every = np.arange(len(whole))
    if corridors is None:
        return every, np.zeros(len(whole)), whole
    own = corridors.own & street[corridors.street]
    row, begin, end = corridors.street[own], corridors.from_m[own], corridors.to_m[own]
    fresh = np.ones(len(row), dtype=bool)
    fresh[1:] = (np.diff(row) != 0) | (begin[1:] > end[:-1] + _TOUCH_M)
    first = np.flatnonzero(fresh)
    last = np.append(first, len(row))[1:] - 1
    none = np.setdiff1d(every, row)
    row, begin, end = (
        np.concatenate(each) for each in ((row[first], none), (begin[first], none * 0.0), (end[last], none * 0.0))
    )
    order = np.lexsort((begin, row))
    return row[order], begin[order], end[order]


def onto(columns: dict[str, Any], corridors: Corridors) -> dict[str, Any]:
    """Return stretches on the main streets that they lie along, each with its share of the time.

    Raises
    ------
    Nothing
        What lies on no corridor is left out.
    """
    placed = corridors.onto(columns["line"], columns["from_m"], columns["to_m"])
    part = timed({name: each[placed.given] for name, each in columns.items()}, placed.low, placed.high)
    turned = np.where(placed.at_high < placed.at_low, -1, 1)
    low, high = np.minimum(placed.at_low, placed.at_high), np.maximum(placed.at_low, placed.at_high)
    return {**part, "line": placed.street, "from_m": low, "to_m": high, "direction": part["direction"] * turned}


def timed(columns: dict[str, Any], low: Floats, high: Floats) -> dict[str, Any]:
    """Return parts of stretches with the time that they took at an even pace; there and back takes all of it.

    Raises
    ------
    Nothing
        Any part took some time.
    """
    whole = np.maximum(columns["to_m"] - columns["from_m"], _TOUCH_M)
    ahead, took = columns["direction"] > 0, columns["end"] - columns["start"]
    before = np.where(ahead, low - columns["from_m"], columns["to_m"] - high) / whole
    after = np.where(ahead, high - columns["from_m"], columns["to_m"] - low) / whole
    once = columns["direction"] != 0
    start = np.where(once & (before > 0), columns["start"] + before * took, columns["start"])
    end = np.where(once & (after < 1), columns["start"] + after * took, columns["end"])
    return {**columns, "from_m": low, "to_m": high, "start": start, "end": end}
