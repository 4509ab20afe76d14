"""From the ground to a plan: in broad strokes first, then atom by atom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gridmap.partition.drawing.aims import Aims, Size, rules_of
from gridmap.partition.drawing.bisecting import bisected
from gridmap.partition.drawing.coarsening import coarsened, without_leaves
from gridmap.partition.drawing.graph import AtomGraph, merged, numbered, taken
from gridmap.partition.drawing.seats import inside_parents, reckoned, regions, seats
from gridmap.partition.drawing.searching import Course, improved
from gridmap.partition.edges import Ints

#: Groups to a grid in broad strokes.
_STROKES = 14
_BROAD = dict(per_atom=900, per_grid=60)
_FINE = dict(per_atom=110, per_grid=8)


def solved(
    graph: AtomGraph, size: Size, aims: Aims, *, seed: int = 0, watch: Callable[[int], bool] = lambda _: False
) -> Ints:
    """Return the grid of each atom, numbered from 0; no grid spans two regions."""
    graph = inside_parents(graph)
    units = without_leaves(graph)
    fine = merged(graph, units)
    groups = coarsened(fine, weight=size.target / _STROKES, area_m2=float(fine.area_m2.sum()))
    broad = merged(fine, groups)
    rules = rules_of(size, aims)
    label = _first(broad, size)
    k = int(label.max()) + 1
    label = improved(
        broad,
        label,
        rules,
        courses=(
            Course(
                hot=1.5,
                cold=0.03,
                moves=_BROAD["per_atom"] * len(broad),
                between=max(1, _BROAD["per_atom"] * len(broad) // (_BROAD["per_grid"] * k)),
            ),
        ),
        seed=seed,
        watch=watch,
    )
    label = label[groups]
    label = improved(
        fine,
        label,
        rules,
        courses=(
            Course(
                hot=0.25,
                cold=0.005,
                moves=_FINE["per_atom"] * len(fine),
                between=max(1, _FINE["per_atom"] * len(fine) // (_FINE["per_grid"] * k)),
            ),
        ),
        seed=seed,
        watch=watch,
    )
    return label[units]


def _first(graph: AtomGraph, size: Size) -> Ints:
    region = regions(graph)
    weight = reckoned(graph.weight, size.target, size.high)
    count = seats(np.bincount(region, weight), size.target)
    count = np.minimum(np.maximum(count, 1), np.bincount(region))
    label = np.zeros(len(graph), np.int64)
    first = 0
    for r in range(len(count)):
        atoms = np.flatnonzero(region == r)
        part = taken(replace(graph, weight=weight), atoms)
        label[atoms] = first + bisected(part, int(count[r]))
        first += int(count[r])
    return label
