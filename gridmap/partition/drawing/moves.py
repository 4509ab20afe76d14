"""What a plan of grids costs, and what changes when an atom moves to a neighbouring grid: kernels on arrays or lists.

The cost of a plan is the sum of

- per grid: ``steep x² + line x`` for the share ``x`` of the target by which its weight lies outside the band,
  ``gentle d²`` for the share ``d`` by which it differs from the ideal, and ``shape (1 - 4 pi A / P²)`` for its
  perimeter P and area A, where the fraction is the measure of Polsby and Popper;
- ``barrier`` for each weighted metre of a barrier with the same grid on both sides;
- ``spread sqrt(share of the target)`` for each part of a grid that lies in a superblock of its own;
- per atom away from its home grid, what it costs that it does not stay.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from gridmap.compiling import compiled

#: Positions in `Plan.tally`: how many atoms lie on a border, the last stamp, how many places of `Plan.keys` are taken,
#: the last number drawn by lot, and how many superblocks there are.
BORDER, STAMP, TAKEN, LUCK, BLOCKS = 0, 1, 2, 3, 4

#: Lehmer's generator, x -> 48271 x mod (2^31 - 1): its products stay below 2^47, exact in any integer.
#: Source: S. K. Park, K. W. Miller, P. K. Stockmeyer, Communications of the ACM 36(7), 1993, page 110.
MODULUS, MULTIPLIER = 2147483647, 48271

#: Spreads keys over the places of a table; grids times atoms stay far below 2^63 divided by it.
SCATTER = 1000003
_FOUR_PI = 4.0 * math.pi


class Ground(NamedTuple):
    """The atoms and their neighbours; those of atom i stand from ``start[i]`` to ``start[i + 1]``."""

    start: Any
    other: Any
    source: Any
    length: Any
    barrier: Any
    weight: Any
    area: Any
    perimeter: Any
    superblock: Any
    #: 1 where the atom lies at the rim of the ground, else 0
    rim: Any
    #: the grid in which the atom should stay, -1 where it has none
    home: Any
    #: what it costs to be elsewhere
    stay: Any


class Plan(NamedTuple):
    """The grid of each atom, and what is kept up to date with it."""

    label: Any
    #: of each grid: weight, area, perimeter, number of atoms
    weight: Any
    area: Any
    perimeter: Any
    atoms: Any
    #: of each atom: how many neighbours lie in another grid
    foreign: Any
    #: atoms that have such neighbours, `BORDER` of them, and the position of each atom there, -1 for none
    border: Any
    position: Any
    #: table of weight by grid and superblock: the key of each place (-1: free), and the weight
    keys: Any
    held: Any
    #: which atoms were seen in the search of that stamp, and room for a queue
    mark: Any
    queue: Any
    #: place of each atom in a tree, and room for its links, near ones and those across barriers
    place: Any
    near: Any
    far: Any
    tally: Any


class Rules(NamedTuple):
    """What counts how much; weights are in the unit of the atoms (households or residents)."""

    low: float
    high: float
    ideal: float
    target: float
    steep: float
    line: float
    gentle: float
    shape: float
    barrier: float
    spread: float


@compiled
def lot(plan: Any, count: Any) -> Any:
    """Return a whole number from 0 to count - 1 by lot."""
    drawn = plan.tally[LUCK] * MULTIPLIER % MODULUS
    plan.tally[LUCK] = drawn
    return drawn % count


@compiled
def size_cost(rules: Any, weight: Any) -> Any:
    """Return what a grid of some weight costs for its weight."""
    away = (weight - rules.ideal) / rules.target
    cost = rules.gentle * away * away
    outside = max(rules.low - weight, weight - rules.high) / rules.target
    if outside > 0.0:
        cost += rules.steep * outside * outside + rules.line * outside
    return cost


@compiled
def shape_cost(rules: Any, area: Any, perimeter: Any) -> Any:
    """Return what a grid costs for its shape; ground without extent has none."""
    if area <= 0.0 or perimeter <= 0.0:
        return 0.0
    return rules.shape * (1.0 - _FOUR_PI * area / (perimeter * perimeter))


@compiled
def spread_cost(rules: Any, weight: Any) -> Any:
    """Return what the part of a grid in one superblock costs."""
    if weight < 0.5:  # noqa: PLR2004 (weights are counts; what is left of subtractions is none)
        return 0.0
    return rules.spread * math.sqrt(weight / rules.target)


@compiled
def place_of(plan: Any, key: Any) -> Any:
    """Return the place of a key in the table, or the free place where it belongs."""
    last = len(plan.keys) - 1
    place = (key * SCATTER >> 4) & last
    while plan.keys[place] != key and plan.keys[place] >= 0:
        place = (place + 1) & last
    return place


@compiled
def spread_change(plan: Any, rules: Any, block: Any, move: Any) -> Any:
    """Return the change of cost when (weight, from grid, to grid) moves inside one superblock."""
    weight, old, new = move
    blocks = plan.tally[BLOCKS]
    lost = plan.held[place_of(plan, old * blocks + block)]
    won = plan.held[place_of(plan, new * blocks + block)]
    after = spread_cost(rules, lost - weight) + spread_cost(rules, won + weight)
    return after - spread_cost(rules, lost) - spread_cost(rules, won)


@compiled
def hold(plan: Any, key: Any, weight: Any) -> None:
    """Add weight under a key of the table; a table that is half full is cleared of what holds nothing."""
    place = place_of(plan, key)
    if plan.keys[place] < 0:
        plan.keys[place] = key
        plan.held[place] = 0.0
        plan.tally[TAKEN] += 1
    plan.held[place] += weight
    if plan.tally[TAKEN] * 2 > len(plan.keys):
        _clear(plan)


@compiled
def _clear(plan: Any) -> None:
    """Take out of the table all keys whose weight is none, and put the others back to where they are found."""
    keys, held = plan.keys.copy(), plan.held.copy()
    for place in range(len(keys)):
        plan.keys[place] = -1
        plan.held[place] = 0.0
    plan.tally[TAKEN] = 0
    for place in range(len(keys)):
        if keys[place] >= 0 and held[place] >= 0.5:  # noqa: PLR2004 (as in spread_cost)
            found = place_of(plan, keys[place])
            plan.keys[found] = keys[place]
            plan.held[found] = held[place]
            plan.tally[TAKEN] += 1


@compiled
def shared(ground: Any, plan: Any, atom: Any, old: Any, new: Any) -> Any:
    """Return metres and barrier metres of border that an atom shares with the rest of one grid, and with another."""
    length_old = length_new = barrier_old = barrier_new = 0.0
    for k in range(ground.start[atom], ground.start[atom + 1]):
        grid = plan.label[ground.other[k]]
        if grid == old:
            length_old += ground.length[k]
            barrier_old += ground.barrier[k]
        elif grid == new:
            length_new += ground.length[k]
            barrier_new += ground.barrier[k]
    return length_old, barrier_old, length_new, barrier_new


@compiled
def pair_cost(rules: Any, plan: Any, old: Any, new: Any) -> Any:
    """Return what two grids cost for weight and shape."""
    sizes = size_cost(rules, plan.weight[old]) + size_cost(rules, plan.weight[new])
    shapes = shape_cost(rules, plan.area[old], plan.perimeter[old])
    return sizes + shapes + shape_cost(rules, plan.area[new], plan.perimeter[new])


@compiled
def away(ground: Any, atom: Any, grid: Any) -> Any:
    """Return what it costs that an atom is in a grid that is not its home."""
    if ground.home[atom] < 0 or ground.home[atom] == grid:
        return 0.0
    return ground.stay[atom]


@compiled
def flip_change(ground: Any, plan: Any, rules: Any, atom: Any, new: Any) -> Any:
    """Return the change of the plan's cost when an atom moves to a neighbouring grid."""
    old = plan.label[atom]
    length_old, barrier_old, length_new, barrier_new = shared(ground, plan, atom, old, new)
    weight, area, around = ground.weight[atom], ground.area[atom], ground.perimeter[atom]
    change = rules.barrier * (barrier_new - barrier_old) - pair_cost(rules, plan, old, new)
    change += away(ground, atom, new) - away(ground, atom, old)
    change += size_cost(rules, plan.weight[old] - weight) + size_cost(rules, plan.weight[new] + weight)
    change += shape_cost(rules, plan.area[old] - area, plan.perimeter[old] - around + 2.0 * length_old)
    change += shape_cost(rules, plan.area[new] + area, plan.perimeter[new] + around - 2.0 * length_new)
    if weight > 0.0 and rules.spread > 0.0:
        change += spread_change(plan, rules, ground.superblock[atom], (weight, old, new))
    return change


@compiled
def flip(ground: Any, plan: Any, atom: Any, new: Any) -> None:
    """Move an atom to another grid."""
    old = plan.label[atom]
    length_old, _, length_new, _ = shared(ground, plan, atom, old, new)
    weight, blocks = ground.weight[atom], plan.tally[BLOCKS]
    plan.weight[old] -= weight
    plan.weight[new] += weight
    plan.area[old] -= ground.area[atom]
    plan.area[new] += ground.area[atom]
    plan.perimeter[old] += 2.0 * length_old - ground.perimeter[atom]
    plan.perimeter[new] += ground.perimeter[atom] - 2.0 * length_new
    plan.atoms[old] -= 1
    plan.atoms[new] += 1
    if weight > 0.0:
        hold(plan, old * blocks + ground.superblock[atom], -weight)
        hold(plan, new * blocks + ground.superblock[atom], weight)
    plan.label[atom] = new
    _move_border(ground, plan, atom, old, new)


@compiled
def _move_border(ground: Any, plan: Any, atom: Any, old: Any, new: Any) -> None:
    """Bring up to date which atoms lie on a border, after an atom went from one grid to another."""
    foreign = 0
    for k in range(ground.start[atom], ground.start[atom + 1]):
        other = ground.other[k]
        grid = plan.label[other]
        if grid == new:
            plan.foreign[other] -= 1
        else:
            foreign += 1
            if grid == old:
                plan.foreign[other] += 1
        list_border(plan, other)
    plan.foreign[atom] = foreign
    list_border(plan, atom)


@compiled
def list_border(plan: Any, atom: Any) -> None:
    """List an atom among those on a border if it has neighbours in another grid, else take it off the list."""
    position = plan.position[atom]
    count = plan.tally[BORDER]
    if plan.foreign[atom] > 0 and position < 0:
        plan.border[count] = atom
        plan.position[atom] = count
        plan.tally[BORDER] = count + 1
    elif plan.foreign[atom] == 0 and position >= 0:
        last = plan.border[count - 1]
        plan.border[position] = last
        plan.position[last] = position
        plan.position[atom] = -1
        plan.tally[BORDER] = count - 1


@compiled
def holds_without(ground: Any, plan: Any, atom: Any) -> Any:
    """Return whether the rest of an atom's grid is there and hangs together without it."""
    plan.tally[STAMP] += 2
    wanted = plan.tally[STAMP]
    grid = plan.label[atom]
    sought, first = 0, -1
    for k in range(ground.start[atom], ground.start[atom + 1]):
        other = ground.other[k]
        if plan.label[other] == grid:
            plan.mark[other] = wanted
            first = other
            sought += 1
    if sought == 0:
        return False
    return sought == 1 or _reached(ground, plan, atom, (first, sought, wanted))


@compiled
def _reached(ground: Any, plan: Any, atom: Any, search: Any) -> Any:
    """Return whether a search from one neighbour of an atom, in its grid but not through it, finds all the others."""
    first, sought, wanted = search
    grid, seen = plan.label[atom], wanted + 1
    plan.mark[first] = seen
    plan.queue[0] = first
    read, filled = 0, 1
    sought -= 1
    while read < filled:
        here = plan.queue[read]
        read += 1
        for k in range(ground.start[here], ground.start[here + 1]):
            other = ground.other[k]
            if plan.label[other] != grid or other == atom or plan.mark[other] == seen:
                continue
            if plan.mark[other] == wanted:
                sought -= 1
                if sought == 0:
                    return True
            plan.mark[other] = seen
            plan.queue[filled] = other
            filled += 1
    return False
