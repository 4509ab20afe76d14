"""What became of each area: the kinds that the graph of old and new areas tells."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.plans.grounds import Floats, LineageLimits, Pairs, Rows
from gridmap.plans.sides import Side, picked

KINDS = ("unchanged", "renamed", "adjusted", "split", "merge", "complex", "created", "abolished")

Flags = NDArray[np.bool_]


class Shares(NamedTuple):
    """What part of each area a pair holds; NaN where there is none."""

    #: of the old area
    old: Floats
    #: of the new area
    new: Floats


def shares(pairs: Pairs, old: Side, new: Side) -> Shares:
    """Return what part of the old and of the new area the ground of each pair is."""
    return Shares(_share(pairs.area, pairs.old, old.area), _share(pairs.area, pairs.new, new.area))


def kinds(pairs: Pairs, old: Side, new: Side, limits: LineageLimits) -> tuple[NDArray[np.object_], Flags]:
    """Return the kind of each pair, and whether its new area carries on its old one."""
    share = shares(pairs, old, new)
    both = (pairs.old >= 0) & (pairs.new >= 0)
    tied = both & _ties(pairs, share, both, limits)
    group_old, group_new = _groups(pairs, tied, len(old), len(new))
    count = max(group_old.max(initial=-1), group_new.max(initial=-1)) + 1
    before, after = np.bincount(group_old, minlength=count), np.bincount(group_new, minlength=count)
    heirs = tied & _heirs(pairs, tied, old, new, limits)
    lasting = (before == after) & (np.bincount(group_old[pairs.old[heirs]], minlength=count) == before)
    alone = (before == 1) & (after == 1)
    kind = _kind_of_group(before, after, lasting)
    group = np.where(pairs.old >= 0, picked(group_old, pairs.old, -1), picked(group_new, pairs.new, -1))
    said = kind[group]
    said[both & ~tied] = "adjusted"
    single = both & tied & alone[group] & _only(pairs.old, len(old)) & _only(pairs.new, len(new))
    said[single] = _named(pairs, single, old, new)
    carried = tied & (alone | lasting)[group] & (heirs | alone[group])
    return said, carried


def _share(area: Floats, rows: Rows, of: Floats) -> Floats:
    """Return areas as shares of those of rows, NaN for the row -1."""
    return np.asarray(area / picked(of, rows, np.nan))


def _ties(pairs: Pairs, share: Shares, both: Flags, limits: LineageLimits) -> Flags:
    """Tell which pairs are more than a border moved: a good share of one, or the largest piece of one."""
    large = np.fmax(share.old, share.new) > limits.exchange_share
    for rows in (pairs.old, pairs.new):
        order = np.lexsort((pairs.new, pairs.old, -pairs.area, ~both))
        _, first = np.unique(rows[order], return_index=True)
        large[order[first]] = True
    return large


def _groups(pairs: Pairs, tied: Flags, count_old: int, count_new: int) -> tuple[Rows, Rows]:
    """Return the number of the component that each old and each new area lies in."""
    size = count_old + count_new
    one, other = pairs.old[tied], count_old + pairs.new[tied]
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(size, size))
    _, group = connected_components(graph, directed=False)
    return group[:count_old], group[count_old:]


def _heirs(pairs: Pairs, tied: Flags, old: Side, new: Side, limits: LineageLimits) -> Flags:
    """Tell which pairs are one area before and after: each has most in common with the other, and enough."""
    both = picked(old.area, pairs.old, np.nan) + picked(new.area, pairs.new, np.nan)
    alike = np.where(tied, 2 * pairs.area / both, -1.0)
    best = np.ones(len(alike), dtype=bool)
    for rows, codes in ((pairs.old, picked(new.codes, pairs.new)), (pairs.new, picked(old.codes, pairs.old))):
        order = np.lexsort((codes.astype(str), -alike))
        _, first = np.unique(rows[order], return_index=True)
        mine = np.zeros(len(alike), dtype=bool)
        mine[order[first]] = True
        best &= mine
    return best & (alike > limits.same_share)


def _kind_of_group(before: Rows, after: Rows, lasting: Flags) -> NDArray[np.object_]:
    """Return the kind of each component by how many old and new areas it has."""
    said = np.full(len(before), "complex", dtype=object)
    said[(before == 1) & (after > 1)] = "split"
    said[(before > 1) & (after == 1)] = "merge"
    said[lasting | ((before == 1) & (after == 1))] = "adjusted"
    said[after == 0] = "abolished"
    said[before == 0] = "created"
    return said


def _only(rows: Rows, count: int) -> Flags:
    """Tell which rows stand in one pair only."""
    times = np.bincount(rows[rows >= 0], minlength=count)
    return np.asarray(picked(times, rows, 0) == 1)


def _named(pairs: Pairs, single: Flags, old: Side, new: Side) -> NDArray[np.object_]:
    """Return unchanged or renamed for areas whose ground is the same; names count where both have one."""
    one, other = pairs.old[single], pairs.new[single]
    code = old.codes[one] != new.codes[other]
    name = (old.names[one] != new.names[other]) & (old.names[one] != None) & (new.names[other] != None)  # noqa: E711 - element by element
    return np.where(code | name, "renamed", "unchanged").astype(object)
