"""Unions of visits before any sum: a metre walked ten times counts once."""

from __future__ import annotations

import numpy as np

from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.ledger import CLASSES, Visits


def union_metres(visits: Visits, group: Ints, groups: int) -> Floats:
    """Return the metres of each line walked in each group: observed, at least inferred, at least guessed.

    Parameters
    ----------
    visits
        Visits in their order.
    group
        Number of the group of each, such as its shift, shape (n,); -1 for none.
    groups
        How many there are.

    Returns
    -------
    numpy.ndarray
        Shape (lines, groups, 3); the three never shrink.

    Raises
    ------
    Nothing
        Of no visits there are no metres.

    Examples
    --------
    Ten metres walked twice are ten metres:

    >>> one = np.zeros(2, np.int64)
    >>> twice = Visits(line=one, from_m=np.array([0.0, 5.0]), to_m=np.array([10.0, 10.0]), start=np.zeros(2),
    ...     end=np.ones(2), post=one, shift=one, rank=one, direction=one, begins_m=np.zeros(1), ends_m=np.array([30.0]))
    >>> union_metres(twice, one, 1).tolist()
    [[[10.0, 10.0, 10.0]]]
    """
    lines = len(visits.length_m)
    order = in_order(group + 1)[np.count_nonzero(group < 0) :]
    key = group[order] * lines + visits.line[order]
    from_m, to_m, rank = visits.from_m[order], visits.to_m[order], visits.rank[order]
    metres = np.zeros((len(CLASSES), groups * lines))
    for at in range(len(CLASSES)):
        metres[at] = metres[at - 1]
        # only where somebody is of this class can it add to the surer ones
        here = np.zeros(groups * lines, dtype=bool)
        here[key[rank == at]] = True
        rows = here[key] & (rank <= at)
        metres[at, here] = united(key[rows], from_m[rows], to_m[rows], groups * lines)[here]
    return metres.reshape(len(CLASSES), groups, lines).transpose(2, 1, 0)


def in_order(key: Ints) -> Ints:
    """Return the rows in the order of their key, those of one key in the order they had.

    Sixteen bits of the key at a time: numpy sorts so few by counting, several times faster than more of them.

    Parameters
    ----------
    key
        From 0 up, shape (n,).

    Raises
    ------
    Nothing
        Of no rows there is no order.

    Examples
    --------
    >>> in_order(np.array([1, 0, 1])).tolist(), in_order(np.array([65_537, 2])).tolist()
    ([1, 0, 2], [1, 0])
    """
    order, rest = np.argsort(key.astype(np.uint16), kind="stable"), key >> 16
    while rest.any():
        order = order[np.argsort(rest.astype(np.uint16)[order], kind="stable")]
        rest = rest >> 16
    return order


def united(key: Ints, from_m: Floats, to_m: Floats, keys: int) -> Floats:
    """Return the metres of the union of the intervals of each key, shape (keys,).

    Parameters
    ----------
    key
        Ascending, shape (n,).
    from_m, to_m
        The intervals, ascending by ``from_m`` within a key.
    keys
        How many keys there are.

    Raises
    ------
    Nothing
        Of no intervals there are no metres.

    Examples
    --------
    >>> united(np.array([0, 0, 1]), np.array([0.0, 1.0, 1.0]), np.array([9.0, 2.0, 2.0]), 3).tolist()
    [9.0, 1.0, 0.0]
    """
    if not len(key):
        return np.zeros(keys)
    reached = running_max(key, to_m)
    begin = from_m.copy()
    begin[1:] = np.where(key[1:] == key[:-1], np.maximum(from_m[1:], reached[:-1]), from_m[1:])
    return np.asarray(np.bincount(key, np.maximum(to_m - begin, 0.0), keys), dtype=float)


def running_max(key: Ints, values: Floats) -> Floats:
    """Return the greatest value so far among the rows of each key; equal keys stand together.

    Values are copied, never shifted by their key: shifting would round centimetres away in a large table.

    Raises
    ------
    Nothing
        Any values have a greatest.

    Examples
    --------
    >>> running_max(np.array([0, 0, 0, 7]), np.array([3.0, 9.0, 1.0, 2.0])).tolist()
    [3.0, 9.0, 9.0, 2.0]
    """
    reached, step, longest = values.copy(), 1, _longest(key)
    # each pass doubles how far back every row has looked
    while step < longest:
        longer = (key[step:] == key[:-step]) & (reached[:-step] > reached[step:])
        reached[step:] = np.where(longer, reached[:-step], reached[step:])
        step *= 2
    return reached


def _longest(key: Ints) -> int:
    """Rows of the key that has most."""
    last = np.flatnonzero(key[1:] != key[:-1])
    return int(np.diff(np.concatenate([[-1], last, [len(key) - 1]])).max())
