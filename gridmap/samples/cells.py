"""Nested areas of the sample town, as numbers on its plots, and their outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridmap.samples.ground import Array, Ints
from gridmap.samples.streets import RAIL, RIVER, SECONDARY, Plan, Span

#: Households that a grid and a micro-grid are meant to have.
GRID_HOUSEHOLDS, MICRO_HOUSEHOLDS = 300, 110
#: How welcome a border is on a line of each class: nothing, lane, residential ... primary, river, railway.
_WELCOME = np.array([0.0, 0.3, 0.7, 0.85, 1.0, 1.0, 1.2, 1.1])


@dataclass(frozen=True, kw_only=True)
class Land:
    """What a fair cut needs to know, as sums from the south-west corner."""

    #: weight of the plots
    weight: Array
    #: welcome along each line
    across: Array
    up: Array

    def parts(self, span: Span) -> tuple[Array, Array]:
        """Share of the weight south of each row, and west of each column, within a span."""
        south, west, north, east = span
        rows = self.weight[south : north + 1, east] - self.weight[south : north + 1, west]
        columns = self.weight[north, west : east + 1] - self.weight[south, west : east + 1]
        return _shares(rows), _shares(columns)


def land(plan: Plan, weight: Array) -> Land:
    """Sums over plots and lines."""
    across = np.cumsum(np.pad(_WELCOME[plan.across], ((0, 0), (1, 0))), axis=1)
    up = np.cumsum(np.pad(_WELCOME[plan.up], ((1, 0), (0, 0))), axis=0)
    return Land(weight=np.pad(weight, ((1, 0), (1, 0))).cumsum(0).cumsum(1), across=across, up=up)


def divide(ground: Land, span: Span, sizes: Sequence[int]) -> list[Span]:
    """Cut a span into as many as there are sizes, each with that share of the weight, along streets where possible.

    Fewer come out where the span has not that many plots.
    """
    if len(sizes) == 1:
        return [span]
    half = len(sizes) // 2
    cut = _best_cut(ground, span, sum(sizes[:half]) / sum(sizes), len(sizes))
    if cut is None:
        return [span]
    first, second = cut
    half = min(max(half, len(sizes) - _plots(second)), _plots(first))
    rest = sizes[half:]
    return [*divide(ground, first, sizes[:half]), *divide(ground, second, rest[: _plots(second)])]


def count(households: float, target: int) -> int:
    """Number of areas of about ``target`` households."""
    return max(1, round(households / target))


def fray(rng: np.random.Generator, plan: Plan, light: NDArray[np.bool_], levels: Sequence[Ints]) -> None:
    """Hand some ``light`` plots at borders to the neighbour, so that areas are not all boxes.

    Every area stays one piece. Borders on main roads, river and railway stay. All levels change
    together and in place.
    """
    finest = levels[-1]
    rows, columns = finest.shape
    throws = rng.random(finest.shape)
    for row, column in zip(*np.nonzero(light & (throws < 0.2)), strict=True):  # noqa: PLR2004 (one plot of five)
        for (row2, column2), rank in _neighbours(plan, int(row), int(column), rows, columns):
            other = finest[row2, column2]
            if other == finest[row, column] or rank >= SECONDARY:
                continue
            if all(_may_pass(level, int(row), int(column), int(level[row2, column2])) for level in levels):
                for level in levels:
                    level[row, column] = level[row2, column2]
                break


def rings(labels: Ints) -> dict[int, list[int]]:
    """Nodes around every label from 0 up, counter-clockwise; a node's number is row * (columns + 1) + column.

    Labels below 0 are no area. Every area must be one piece without holes.
    Every node of the lattice on the border is in the ring, so that neighbours share all their vertices.
    """
    rows, columns = labels.shape
    wide = columns + 1
    framed = np.pad(labels, 1, constant_values=-2)
    row, column = np.indices(labels.shape)
    node = row * wide + column
    steps = ((0, 1, 0, 1), (1, 2, 1, 1 + wide), (2, 1, 1 + wide, wide), (1, 0, wide, 0))
    following: dict[int, dict[int, int]] = {int(label): {} for label in np.unique(labels) if label >= 0}
    for down, right, begin, end in steps:
        border = (framed[down : down + rows, right : right + columns] != labels) & (labels >= 0)
        triples = (labels[border], node[border] + begin, node[border] + end)
        for label, start, stop in zip(*(part.tolist() for part in triples), strict=True):
            following[label][start] = stop
    return {label: _chained(step) for label, step in following.items()}


def _chained(step: dict[int, int]) -> list[int]:
    """A ring from its steps, from its least node on."""
    start = min(step)
    ring, node = [start], step[start]
    while node != start:
        ring.append(node)
        node = step[node]
    return ring


def _shares(sums: Array) -> Array:
    """Sums as shares of the last one."""
    share: Array = (sums - sums[0]) / max(sums[-1] - sums[0], 1e-9)
    return share


def _plots(span: Span) -> int:
    """Number of plots in a span."""
    return (span[2] - span[0]) * (span[3] - span[1])


def _best_cut(ground: Land, span: Span, share: float, pieces: int) -> tuple[Span, Span] | None:
    """The cut that is fairest, along a street, and leaves no strips."""
    south, west, north, east = span
    rows, columns = ground.parts(span)
    tall, wide = north - south, east - west
    level = (ground.across[south + 1 : north, east] - ground.across[south + 1 : north, west]) / wide
    upright = (ground.up[north, west + 1 : east] - ground.up[south, west + 1 : east]) / tall
    unfair = np.concatenate([np.abs(rows[1:-1] - share), np.abs(columns[1:-1] - share)])
    if not len(unfair):
        return None
    strips = np.concatenate(
        [np.full(tall - 1, max(0.0, wide / tall - 1)), np.full(wide - 1, max(0.0, tall / wide - 1))]
    )
    cost = 6 * unfair - np.concatenate([level, upright]) + 0.5 * np.minimum(strips, 4) / max(pieces / 4, 1)
    best = int(np.argmin(np.round(cost, 9)))
    if best < tall - 1:
        line = south + 1 + best
        return (south, west, line, east), (line, west, north, east)
    line = west + 1 + best - (tall - 1)
    return (south, west, north, line), (south, line, north, east)


def _neighbours(plan: Plan, row: int, column: int, rows: int, columns: int) -> list[tuple[tuple[int, int], int]]:
    """Plots beside a plot, with the class of the line between."""
    found = []
    if row:
        found.append(((row - 1, column), int(plan.across[row, column])))
    if row + 1 < rows:
        found.append(((row + 1, column), int(plan.across[row + 1, column])))
    if column:
        found.append(((row, column - 1), int(plan.up[row, column])))
    if column + 1 < columns:
        found.append(((row, column + 1), int(plan.up[row, column + 1])))
    return [(place, RIVER if rank in (RIVER, RAIL) else rank) for place, rank in found]


def _may_pass(level: Ints, row: int, column: int, to: int) -> bool:
    """Whether a plot can change its area while both areas stay one piece without a hole or a pinched corner."""
    own = int(level[row, column])
    if own == to:
        return True
    around = [
        int(level[row + down, column + right])
        if 0 <= row + down < level.shape[0] and 0 <= column + right < level.shape[1]
        else -1
        for down, right in ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
    ]
    return _one_arc(around, own) and _one_arc(around, to)


def _one_arc(around: list[int], label: int) -> bool:
    """Whether the label fills one unbroken stretch of the eight neighbours."""
    mine = [value == label for value in around]
    changes = sum(a != b for a, b in zip(mine, mine[1:] + mine[:1], strict=True))
    return changes == 2  # noqa: PLR2004 (in and out once)
