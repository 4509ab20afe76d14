"""What became of each row of a side: the kinds that the graph of old and new rows tells."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.tessellation.lineage.grounds import LineageLimits, Pairs
from gridmap.tessellation.lineage.sides import Flags, Floats, Rows, Side, Texts, picked

KINDS = ("unchanged", "renamed", "adjusted", "split", "merge", "complex", "created", "abolished")


class Shares(NamedTuple):
    """What part of each area a pair holds; NaN where there is none."""

    #: of the old area
    old: Floats
    #: of the new area
    new: Floats


class Told(NamedTuple):
    """What is told of each pair."""

    #: one of ``KINDS``
    kind: NDArray[np.object_]
    #: whether its new row carries on its old one
    carried: Flags
    #: number of the group of rows that its old row, or else its new one, is tied into
    group: Rows
    #: whether it ties its rows together, and is not just a border that moved
    tied: Flags


def shares(pairs: Pairs, old: Side, new: Side) -> Shares:
    """Return what part of the old and of the new area the ground of each pair is."""
    return Shares(_share(pairs.area, pairs.old, old.area), _share(pairs.area, pairs.new, new.area))


def kinds(pairs: Pairs, old: Side, new: Side, limits: LineageLimits, tied: Flags | None = None) -> Told:
    """Return what became of what: see `gridmap.plans.lineage.compare`, where the kinds are defined.

    Parameters
    ----------
    pairs
        The ground in common.
    old, new
        The two sides.
    limits
        What counts as an exchange between neighbours.
    tied
        Which pairs tie their rows together, where that is known already; else it is told by the ground.

    Returns
    -------
    Told
        Arrays as long as the pairs.

    Raises
    ------
    None
    """
    # rows that have to do with one another and with nothing else need no graph: nearly all, where little changed
    alone = _only(pairs.old) & _only(pairs.new) & (pairs.area > 0)
    plain, rest = np.flatnonzero(alone), np.flatnonzero(~alone)
    told = _told(pairs.take(rest), old, new, limits, None if tied is None else tied[rest])
    count = len(alone)
    every = Told(np.empty(count, object), np.ones(count, bool), np.empty(count, np.intp), np.ones(count, bool))
    for said, values in zip(every, told, strict=True):
        said[rest] = values
    every.kind[plain] = _named(pairs.take(plain), old, new)
    every.group[plain] = told.group.max(initial=-1) + 1 + np.arange(len(plain))
    return every


def _told(pairs: Pairs, old: Side, new: Side, limits: LineageLimits, known: Flags | None) -> Told:
    """Return what became of what, of any pairs."""
    share = shares(pairs, old, new)
    names = picked(old.codes, pairs.old, "").astype(str), picked(new.codes, pairs.new, "").astype(str)
    both, held = (pairs.old >= 0) & (pairs.new >= 0), pairs.area > 0
    tied = both & held & (_ties(pairs, share, names, limits) if known is None else known)
    group_old, group_new = _groups(pairs, tied, len(old), len(new))
    count = max(group_old.max(initial=-1), group_new.max(initial=-1)) + 1
    before, after = np.bincount(group_old, minlength=count), np.bincount(group_new, minlength=count)
    heirs = tied & _heirs(pairs, share, tied, names, limits)
    lasting = (before == after) & (np.bincount(group_old[pairs.old[heirs]], minlength=count) == before)
    alone = (before == 1) & (after == 1)
    group = np.where(pairs.old >= 0, picked(group_old, pairs.old, -1), picked(group_new, pairs.new, -1))
    said = _kind_of_group(before[group], after[group], lasting[group])
    said[both & ~tied] = "adjusted"
    single = tied & alone[group] & _only(pairs.old, held) & _only(pairs.new, held)
    said[single] = _named(pairs.take(single), old, new)
    carried = tied & (alone | lasting)[group] & (heirs | alone[group])
    return Told(said, carried, group, tied)


def _share(area: Floats, rows: Rows, of: Floats) -> Floats:
    """Return areas as shares of those of rows, NaN for the row -1."""
    return np.asarray(area / picked(of, rows, np.nan))


def _ties(pairs: Pairs, share: Shares, names: tuple[Texts, Texts], limits: LineageLimits) -> Flags:
    """Tell which pairs are more than a border moved: a good share of one, or the largest piece of one."""
    large = np.fmax(share.old, share.new) > limits.exchange_share
    # of pieces that are equal to the square millimetre, the one of the least codes
    order = np.lexsort((*names[::-1], -np.round(pairs.area, 6)))
    for rows in (pairs.old, pairs.new):
        large[_first(rows, order)] = True
    return large


def _first(rows: Rows, order: Rows) -> Rows:
    """Return the first pair of each row, in some order of the pairs."""
    return order[np.unique(rows[order], return_index=True)[1]]


def _groups(pairs: Pairs, tied: Flags, count_old: int, count_new: int) -> tuple[Rows, Rows]:
    """Return the number of the component that each old and each new area lies in."""
    size = count_old + count_new
    one, other = pairs.old[tied], count_old + pairs.new[tied]
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(size, size))
    _, group = connected_components(graph, directed=False)
    return group[:count_old], group[count_old:]


def _heirs(pairs: Pairs, share: Shares, tied: Flags, names: tuple[Texts, Texts], limits: LineageLimits) -> Flags:
    """Tell which pairs are one area before and after: each has most in common with the other, and enough."""
    # the common ground over the mean of both areas is the harmonic mean of its shares of them
    alike = np.full(len(tied), -1.0)
    alike[tied] = 2 / (1 / share.old[tied] + 1 / share.new[tied])
    order = np.lexsort((*names[::-1], -alike))
    one, other = (np.isin(np.arange(len(alike)), _first(rows, order)) for rows in (pairs.old, pairs.new))
    return one & other & (alike > limits.same_share)


def _kind_of_group(before: Rows, after: Rows, lasting: Flags) -> NDArray[np.object_]:
    """Return the kinds of components by how many old and new areas they have."""
    said = np.full(len(before), "complex", dtype=object)
    said[(before == 1) & (after > 1)] = "split"
    said[(before > 1) & (after == 1)] = "merge"
    said[lasting | ((before == 1) & (after == 1))] = "adjusted"
    said[after == 0] = "abolished"
    said[before == 0] = "created"
    return said


def _only(rows: Rows, held: Flags | None = None) -> Flags:
    """Tell which rows hold ground in one pair only; no row is none."""
    counted = rows if held is None else rows[held]
    times = np.bincount(counted[counted >= 0], minlength=rows.max(initial=-1) + 1)
    return np.asarray(picked(times, rows, 0) == 1)


def _named(pairs: Pairs, old: Side, new: Side) -> NDArray[np.object_]:
    """Return unchanged or renamed for rows whose ground is the same; names count where both have one."""
    other = old.codes[pairs.old] != new.codes[pairs.new]
    one, two = old.names[pairs.old], new.names[pairs.new]
    other |= (one != two) & (one != None) & (two != None)  # noqa: E711 - element by element
    return np.where(other, "renamed", "unchanged").astype(object)
