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
    ...     end=np.ones(2), post=one, shift=one, rank=one, direction=one, length_m=np.array([30.0]))
    >>> union_metres(twice, one, 1).tolist()
    [[[10.0, 10.0, 10.0]]]
    """
    lines = len(visits.length_m)
    order = np.argsort(group.astype(np.int32), kind="stable")
    order = order[group[order] >= 0]
    key = group[order] * lines + visits.line[order]
    from_m, to_m, rank = visits.from_m[order], visits.to_m[order], visits.rank[order]
    metres = np.zeros((groups * lines, len(CLASSES)))
    for at in range(len(CLASSES)):
        if at and not np.any(rank == at):
            metres[:, at] = metres[:, at - 1]
            continue
        rows = slice(None) if at == int(rank.max(initial=0)) else rank <= at
        metres[:, at] = united(key[rows], from_m[rows], to_m[rows], groups * lines)
    return metres.reshape(groups, lines, len(CLASSES)).transpose(1, 0, 2)


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
    same = key[1:] == key[:-1]
    begin[1:][same] = np.maximum(begin[1:][same], reached[:-1][same])
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
        same = key[step:] == key[:-step]
        reached[step:] = np.where(same, np.maximum(reached[step:], reached[:-step]), reached[step:])
        step *= 2
    return reached


def _longest(key: Ints) -> int:
    """Rows of the key that has most."""
    first = np.flatnonzero(np.diff(key, prepend=key[:1] - 1))
    return int(np.diff(np.append(first, len(key))).max(initial=0))
