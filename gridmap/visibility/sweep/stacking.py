"""Rays that pieces of one camera share, and pieces that follow each other along the same rays made one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gridmap.visibility.sweep.cutting import narrowed
from gridmap.visibility.sweep.pieces import Flags, Floats, Ints, Pieces, joined, taken, width
from gridmap.visibility.sweep.wedges import ranges

#: Rays of one camera nearer than this are one, radians: at 100 m a tenth of a micrometre.
SAME_RAY = 1e-9
#: Places on a ray nearer than this are one, metres.
SAME_PLACE_M = 1e-7


def stacked(pieces: Pieces, group: Ints) -> tuple[Pieces, Ints]:
    """Return pieces with those made one that follow each other along the same rays, such as bands of one viewshed.

    Parameters
    ----------
    pieces
        Any pieces.
    group
        Group of each; pieces of one group are of one camera.

    Raises
    ------
    Nothing
        Groups of one band stay as they are.
    """
    lowest, highest = (reduce_.reduceat(pieces.band, _starts(group)) for reduce_ in (np.minimum, np.maximum))
    mixed = (lowest != highest)[np.cumsum(_flags(group)) - 1] if len(pieces) else np.zeros(0, np.bool_)
    if not mixed.any():
        return pieces, group
    rows = np.flatnonzero(mixed)
    slim, of, slab = _by_slab(taken(pieces, rows), group[rows])
    order = np.lexsort((np.hypot(*slim.inner[:, :2].T) + np.hypot(*slim.inner[:, 2:].T), slab))
    slim, of, slab = taken(slim, order), group[rows][of[order]], slab[order]
    apart = np.abs(slim.inner[1:] - slim.outer[:-1]).max(axis=1, initial=0.0) > SAME_PLACE_M
    begins = np.append(True, (slab[1:] != slab[:-1]) | apart | (slim.inner_arc[1:] != slim.outer_arc[:-1]))
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(slim)) - 1
    deep = replace(taken(slim, last), inner=slim.inner[first], inner_arc=slim.inner_arc[first])
    plain = np.flatnonzero(~mixed)
    every = joined([replace(taken(pieces, plain), view=group[plain]), replace(deep, view=of[first])])
    return every, every.view


def _flags(group: Ints) -> Flags:
    """Return which rows begin a run of the same group."""
    return np.append(np.ones(1, np.bool_), group[1:] != group[:-1])[: len(group)]


def _starts(group: Ints) -> Ints:
    """Return the first row of each run."""
    return np.flatnonzero(_flags(group))


def _by_slab(pieces: Pieces, group: Ints) -> tuple[Pieces, Ints, Ints]:
    """Return pieces cut along all rays of their group, the row of each before, and the slab of directions it is in."""
    count = len(pieces)
    ray = rays(pieces, group)
    direction, ray_group = directions(pieces, group, ray)
    first = np.searchsorted(ray_group, group)
    size = np.searchsorted(ray_group, group, side="right") - first
    left, right = ray[:count], ray[count:]
    of, step = ranges(np.zeros(count, np.int64), (left - right) % size)
    slab = first[of] + (right[of] - first[of] + step) % size[of]
    after = first[of] + (slab - first[of] + 1) % size[of]
    wide = width(pieces.outer)[of]
    own = pieces.outer[of, :2] / np.hypot(*pieces.outer[of, :2].T)[:, None]
    begin, end = (width(np.hstack([own, direction[ray]])) for ray in (slab, after))
    begin, end = np.where(step == 0, 0.0, begin), np.where(after == left[of], wide, end)
    return narrowed(taken(pieces, of), (begin, end), (wide, own)), of, slab


def rays(pieces: Pieces, group: Ints) -> Ints:
    """Return the ray on the left and on the right of each piece, left ones first.

    Parameters
    ----------
    pieces
        Any pieces.
    group
        Group of each; pieces of one group are of one camera.

    Raises
    ------
    Nothing
        Each piece has two rays.
    """
    angle = np.arctan2(
        np.concatenate([pieces.outer[:, 3], pieces.outer[:, 1]]),
        np.concatenate([pieces.outer[:, 2], pieces.outer[:, 0]]),
    )
    # west is both pi and -pi
    angle = np.where(angle > np.pi - SAME_RAY / 2, angle - 2 * np.pi, angle)
    of = np.concatenate([group, group])
    order = np.lexsort((angle, of))
    new = np.ones(len(order), np.bool_)
    new[1:] = (np.diff(of[order]) != 0) | (np.diff(angle[order]) > SAME_RAY)
    ray = np.empty(len(order), np.int64)
    ray[order] = np.cumsum(new) - 1
    return ray


def directions(pieces: Pieces, group: Ints, ray: Ints) -> tuple[Floats, Ints]:
    """Return the direction and the group of each ray.

    Parameters
    ----------
    pieces
        Any pieces.
    group
        Group of each; pieces of one group are of one camera.
    ray
        What `rays` returned.

    Raises
    ------
    Nothing
        Each ray has a direction.
    """
    ends = np.concatenate([pieces.outer[:, 2:], pieces.outer[:, :2]])
    _, first = np.unique(ray, return_index=True)
    found = ends[first]
    return found / np.hypot(found[:, 0], found[:, 1])[:, None], np.concatenate([group, group])[first]
