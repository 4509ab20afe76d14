"""Grids inside another given a way out."""

from __future__ import annotations

import numpy as np

from gridmap.partition.drawing.graph import AtomGraph, numbered, rim_of, taken
from gridmap.partition.drawing.moves import Rules
from gridmap.partition.drawing.recutting import recut
from gridmap.partition.drawing.searching import ground_of, plan_of
from gridmap.partition.edges import Ints

#: Cuts of an enclosed grid and that around it that are compared, and how often all such grids are gone through.
_CUTS, _ROUNDS = 60, 3
#: Any cut is better than none.
_WHATEVER = 1e12


def enclosed(graph: AtomGraph, label: Ints) -> list[tuple[int, int]]:
    """Return the grids that lie inside another, each with that other: beyond it no way leads to the rim of the ground.

    Of several grids inside one only those that touch it are named.

    Parameters
    ----------
    graph
        The ground.
    label
        Numbered from 0 without a gap, shape (n,).

    Raises
    ------
    Nothing
        There may be none.
    """
    near: dict[int, set[int]] = {grid: set() for grid in range(-1, int(label.max(initial=-1)) + 1)}
    one, two = label[graph.a], label[graph.b]
    pairs = np.unique(np.column_stack([one, two])[one != two], axis=0).tolist()
    pairs += [[-1, grid] for grid in np.unique(label[rim_of(graph)]).tolist()]
    for a, b in pairs:
        near[a].add(b)
        near[b].add(a)
    found = []
    for grid in _joints(near):
        inside = set(near) - _reached(near, -1, grid) - {grid}
        found += [(other, grid) for other in sorted(inside & near[grid])]
    return found


def _joints(near: dict[int, set[int]]) -> list[int]:
    """Grids without which others have no way to the rim (-1), by depth-first search.

    Source: J. Hopcroft, R. Tarjan, Algorithm 447: efficient algorithms for graph manipulation, CACM 16(6), 1973.
    """
    order, low, joints = {-1: 0}, {-1: 0}, set()
    stack = [(-1, -2, iter(sorted(near[-1])))]
    while stack:
        here, above, others = stack[-1]
        for other in others:
            if other not in order:
                order[other] = low[other] = len(order)
                stack.append((other, here, iter(sorted(near[other]))))
                break
            if other != above:
                low[here] = min(low[here], order[other])
        else:
            stack.pop()
            if stack and above >= 0 and low[here] >= order[above]:
                joints.add(above)
            if stack:
                low[above] = min(low[above], low[here])
    return sorted(joints)


def _reached(near: dict[int, set[int]], start: int, without: int) -> set[int]:
    """What can be reached from a grid without another."""
    seen, waiting = {start}, [start]
    while waiting:
        for other in near[waiting.pop()] - seen - {without}:
            seen.add(other)
            waiting.append(other)
    return seen


def opened(graph: AtomGraph, label: Ints, rules: Rules, *, seed: int) -> Ints:
    """Return the plan with enclosed grids and those around them cut anew so that both have a way out, shape (n,).

    Parameters
    ----------
    graph, label
        The ground and the plan.
    rules
        What counts how much.
    seed
        Equal seeds give equal plans.

    Raises
    ------
    Nothing
        Where there is no such cut, as around a single atom, the plan stays as it is.
    """
    for turn in range(_ROUNDS):
        pairs = enclosed(graph, label)
        if not pairs:
            break
        for inner, outer in pairs:
            label = _cut_anew(graph, label, rules, (inner, outer), seed + turn)
    return label


def _cut_anew(graph: AtomGraph, label: Ints, rules: Rules, pair: tuple[int, int], seed: int) -> Ints:
    """The plan with two grids cut anew in the cheapest of some ways by which fewer grids are enclosed."""
    atoms = np.flatnonzero(np.isin(label, pair))
    part, here = taken(graph, atoms), numbered(label[atoms])
    names = np.array(pair if label[atoms[0]] == pair[0] else pair[::-1])
    ground, plan = ground_of(part), plan_of(part, here, seed)
    best, least, cost, before = label, np.inf, 0.0, len(enclosed(graph, label))
    for turn in range(_CUTS):
        atom = turn * 7919 % len(atoms)
        cost += recut(ground, plan, rules, (atom, 1 - plan.label[atom], _WHATEVER))
        now = np.array(plan.label)
        if cost < least and (now != here).any() and not enclosed(part, now):
            cut = label.copy()
            cut[atoms] = names[now]
            # of several grids inside one, two that have a way out of each other may still have none out of the third
            if len(enclosed(graph, cut)) < before:
                best, least = cut, cost
    return best
