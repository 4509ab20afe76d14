"""Moves of single atoms by lot, each kept if it makes the plan cheaper or, while it is warm, not too much dearer."""

from __future__ import annotations

from typing import Any

import numpy as np

from gridmap.compiling import compiled
from gridmap.partition.drawing.enclosing import encloses
from gridmap.partition.drawing.moves import (
    BORDER,
    away,
    flip,
    flip_change,
    holds_without,
    lot,
    pair_cost,
    shape_cost,
    shared,
    size_cost,
    spread_change,
)
from gridmap.partition.drawing.recutting import recut

#: -ln of evenly spread numbers between 0 and 1. A move that costs d is made at heat t if d <= t * (one of these by
#: lot), which is the rule of Metropolis; read from a table it gives the same bits whoever computes logarithms.
CHANCES = -np.log((np.arange(4096) + 0.5) / 4096)

#: Of ten moves, how many exchange two atoms instead of moving one: they pass where weights are coarse.
_SWAPS_OF_TEN = 3
#: Most steps from the atom at the border to that given in exchange.
_STEPS = 4


@compiled
def anneal(ground: Any, plan: Any, rules: Any, course: Any) -> Any:
    """Change the plan by many moves by lot; return by how much its cost changed.

    Parameters
    ----------
    ground, plan, rules
        See `gridmap.partition.drawing.moves`; the plan is changed.
    course
        (heat at first, what it is multiplied by at each move, number of moves, moves between two new cuts of a pair of
        grids (0: none), table of chances).
    """
    heat, cooling, moves, between, chances = course
    total = 0.0
    for turn in range(moves):
        heat *= cooling
        if plan.tally[BORDER] == 0:
            break
        atom = plan.border[lot(plan, plan.tally[BORDER])]
        other = _abroad(ground, plan, atom)
        most = heat * chances[lot(plan, len(chances))]
        if between > 0 and turn % between == 0:
            total += recut(ground, plan, rules, (atom, plan.label[other], most))
        elif lot(plan, 10) < _SWAPS_OF_TEN:
            total += _exchange(ground, plan, rules, (atom, other, most))
        else:
            total += _give(ground, plan, rules, (atom, plan.label[other], most))
    return total


@compiled
def _abroad(ground: Any, plan: Any, atom: Any) -> Any:
    """Return a neighbour by lot that lies in another grid than an atom that has such neighbours."""
    first, count = ground.start[atom], ground.start[atom + 1] - ground.start[atom]
    at = lot(plan, count)
    while plan.label[ground.other[first + at]] == plan.label[atom]:
        at += 1
        if at == count:
            at = 0
    return ground.other[first + at]


@compiled
def _give(ground: Any, plan: Any, rules: Any, move: Any) -> Any:
    """Move an atom to a grid if that costs at most so much and leaves its own connected; return the change of cost."""
    atom, new, most = move
    if plan.atoms[plan.label[atom]] == 1:
        return 0.0
    change = flip_change(ground, plan, rules, atom, new)
    if change > most or not holds_without(ground, plan, atom) or encloses(ground, plan, atom, new):
        return 0.0
    flip(ground, plan, atom, new)
    return change


@compiled
def _exchange(ground: Any, plan: Any, rules: Any, move: Any) -> Any:
    """Exchange an atom with one near its neighbour if that costs at most so much; return the change of cost."""
    atom, other, most = move
    old, new = plan.label[atom], plan.label[other]
    back = _walk(ground, plan, other)
    change, joined = _exchange_change(ground, plan, rules, (atom, back))
    if not joined or change > most or not holds_without(ground, plan, atom) or encloses(ground, plan, atom, new):
        return 0.0
    flip(ground, plan, atom, new)
    if holds_without(ground, plan, back) and not encloses(ground, plan, back, old):
        flip(ground, plan, back, old)
        return change
    flip(ground, plan, atom, old)
    return 0.0


@compiled
def _walk(ground: Any, plan: Any, atom: Any) -> Any:
    """Return an atom of the same grid, a few steps away by lot."""
    for _ in range(lot(plan, _STEPS)):
        first = ground.start[atom]
        other = ground.other[first + lot(plan, ground.start[atom + 1] - first)]
        if plan.label[other] == plan.label[atom]:
            atom = other
    return atom


@compiled
def _between(ground: Any, atom: Any, other: Any) -> Any:
    """Return metres and barrier metres of border between two atoms."""
    for k in range(ground.start[atom], ground.start[atom + 1]):
        if ground.other[k] == other:
            return ground.length[k], ground.barrier[k]
    return 0.0, 0.0


@compiled
def _exchange_change(ground: Any, plan: Any, rules: Any, pair: Any) -> Any:
    """Return the change of cost when two atoms of two grids are exchanged, and whether each then has neighbours."""
    atom, back = pair
    old, new = plan.label[atom], plan.label[back]
    length, barrier = _between(ground, atom, back)
    left, left_barrier, joined, joined_barrier = shared(ground, plan, atom, old, new)
    gone, gone_barrier, come, come_barrier = shared(ground, plan, back, new, old)
    if come - length <= 0.0 or joined - length <= 0.0:
        return 0.0, False
    around, area = ground.perimeter[atom] - ground.perimeter[back], ground.area[atom] - ground.area[back]
    weight = ground.weight[atom] - ground.weight[back]
    change = rules.barrier * (joined_barrier - left_barrier + come_barrier - gone_barrier - 2.0 * barrier)
    change += away(ground, atom, new) - away(ground, atom, old) + away(ground, back, old) - away(ground, back, new)
    change += size_cost(rules, plan.weight[old] - weight) + size_cost(rules, plan.weight[new] + weight)
    old_perimeter = plan.perimeter[old] - around + 2.0 * (left - come + length)
    new_perimeter = plan.perimeter[new] + around + 2.0 * (gone - joined + length)
    change += shape_cost(rules, plan.area[old] - area, old_perimeter)
    change += shape_cost(rules, plan.area[new] + area, new_perimeter)
    change -= pair_cost(rules, plan, old, new)
    if rules.spread > 0.0:
        change += _exchange_spread(ground, plan, rules, pair)
    return change, True


@compiled
def _exchange_spread(ground: Any, plan: Any, rules: Any, pair: Any) -> Any:
    """Return what an exchange changes in the cost of superblocks."""
    atom, back = pair
    old, new = plan.label[atom], plan.label[back]
    block, block_back = ground.superblock[atom], ground.superblock[back]
    if block == block_back:
        weight = ground.weight[atom] - ground.weight[back]
        return spread_change(plan, rules, block, (weight, old, new))
    there = spread_change(plan, rules, block, (ground.weight[atom], old, new))
    return there + spread_change(plan, rules, block_back, (ground.weight[back], new, old))
