"""A pair of neighbouring grids put together and cut anew where that is cheapest along a tree grown by lot.

A spanning tree of the two grids is grown from one atom; where it has the choice it goes on inside the barriers, and
crosses one only when nothing else is left. Cutting any of its edges leaves two connected grids. What each of these cuts
costs is computed exactly, in one pass from the tips to the root, and the cheapest is made if it does not cost too much.

Source: D. DeFord, M. Duchin, J. Solomon, Recombination: a family of Markov chains for redistricting, Harvard Data
Science Review 3(1), 2021, for the step; there the cut is drawn by lot among the balanced ones.
"""

from __future__ import annotations

from typing import Any

from gridmap.compiling import compiled
from gridmap.partition.drawing.compiling import reals, wholes
from gridmap.partition.drawing.moves import STAMP, away, flip, lot, pair_cost, shape_cost, size_cost, spread_change

#: What is summed up from the tips of the tree to its root: of the atoms beyond a cut their weight, area, perimeters,
#: borders (and barrier metres of these) among themselves, and with any atom of the pair, the cost of their not staying
#: if they became the first grid or the second, how many they are, how many of them are
#: in the first grid now, and how many touch other grids or the rim of the ground.
WEIGHT, AREA, PERIMETER, INNER, INNER_BARRIER, REACH, REACH_BARRIER, STAY_ONE, STAY_TWO, COUNT, OWN, OPEN = range(12)
_SUMS = 12
#: The share of a border along a barrier that makes the tree cross it last.
_BARRED = 0.5


@compiled
def recut(ground: Any, plan: Any, rules: Any, move: Any) -> Any:
    """Cut an atom's grid and another that it touches anew if that costs at most so much; return the change of cost.

    Parameters
    ----------
    ground, plan, rules
        See `gridmap.partition.drawing.moves`; the plan is changed.
    move
        (atom, the other grid, most that the change may cost).
    """
    atom, two, most = move
    one = plan.label[atom]
    size = plan.atoms[one] + plan.atoms[two]
    order, above = wholes(size), wholes(size)
    if _grow(ground, plan, (order, above), (atom, two)) < size:
        return 0.0
    sums = reals(size * _SUMS)
    now = _sum_up(ground, plan, (order, above, sums), (one, two))
    now = pair_cost(rules, plan, one, two) + rules.barrier * now[0] + now[1]
    best, cheapest = 0, now + most
    for at in range(1, size):
        cost = _cut_cost(rules, sums, size, at)
        if cost <= cheapest and _both_open(sums, size, at):
            best, cheapest = at, cost
    if best == 0:
        return 0.0
    return _cut(ground, plan, rules, (order, above, sums, best, (one, two, most, cheapest - now)))


@compiled
def _grow(ground: Any, plan: Any, tree: Any, start: Any) -> Any:
    """Grow a tree over two grids, barriers last; return how many atoms it reached.

    ``order`` receives the atoms as they are reached, ``above`` for each the place there of that it grew from.
    """
    order, above = tree
    atom, two = start
    one = plan.label[atom]
    plan.tally[STAMP] += 2
    seen = plan.tally[STAMP]
    order[0] = atom
    plan.mark[atom], plan.place[atom] = seen, 0
    filled = 1
    near, far = _reach(ground, plan, (atom, one, two), (0, 0))
    while near + far > 0 and filled < len(order):
        if near > 0:
            link = _drawn(plan, plan.near, near)
            near -= 1
        else:
            link = _drawn(plan, plan.far, far)
            far -= 1
        atom = ground.other[link]
        if plan.mark[atom] == seen:
            continue
        order[filled], above[filled] = atom, plan.place[ground.source[link]]
        plan.mark[atom], plan.place[atom] = seen, filled
        filled += 1
        near, far = _reach(ground, plan, (atom, one, two), (near, far))
    return filled


@compiled
def _drawn(plan: Any, links: Any, count: Any) -> Any:
    """Return one of so many links by lot, and put the last in its place."""
    at = lot(plan, count)
    link = links[at]
    links[at] = links[count - 1]
    return link


@compiled
def _reach(ground: Any, plan: Any, start: Any, counts: Any) -> Any:
    """List the links from an atom to others of two grids, near ones and those across a barrier; return how many."""
    atom, one, two = start
    near, far = counts
    for k in range(ground.start[atom], ground.start[atom + 1]):
        grid = plan.label[ground.other[k]]
        if plan.mark[ground.other[k]] == plan.mark[atom] or grid not in (one, two):
            continue
        if ground.barrier[k] > _BARRED * ground.length[k]:
            plan.far[far] = k
            far += 1
        else:
            plan.near[near] = k
            near += 1
    return near, far


@compiled
def _sum_up(ground: Any, plan: Any, tree: Any, pair: Any) -> Any:
    """Fill the sums of a tree; return the barrier metres inside the two grids now and what it costs not to stay."""
    order, above, sums = tree
    one, two = pair
    size = len(order)
    barrier = staying = 0.0
    for at in range(size):
        atom = order[at]
        sums[WEIGHT * size + at] = ground.weight[atom]
        sums[AREA * size + at] = ground.area[atom]
        sums[PERIMETER * size + at] = ground.perimeter[atom]
        sums[STAY_ONE * size + at] = away(ground, atom, one)
        sums[STAY_TWO * size + at] = away(ground, atom, two)
        sums[COUNT * size + at] = 1.0
        sums[OPEN * size + at] = 1.0 if ground.rim[atom] == 1 else 0.0
        sums[OWN * size + at] = 1.0 if plan.label[atom] == one else 0.0
        staying += away(ground, atom, plan.label[atom])
        barrier += _sum_borders(ground, plan, tree, at)
    for at in range(size - 1, 0, -1):
        for k in range(_SUMS):
            sums[k * size + above[at]] += sums[k * size + at]
    return barrier, staying


@compiled
def _sum_borders(ground: Any, plan: Any, tree: Any, at: Any) -> Any:
    """Add an atom's borders to the sums, those with later atoms where their ways to the root meet.

    What it returns are the barrier metres with later atoms of the same grid.
    """
    order, above, sums = tree
    atom, size = order[at], len(order)
    seen = plan.mark[atom]
    barrier = 0.0
    for k in range(ground.start[atom], ground.start[atom + 1]):
        other = ground.other[k]
        if plan.mark[other] != seen:
            sums[OPEN * size + at] = 1.0
            continue
        sums[REACH * size + at] += ground.length[k]
        sums[REACH_BARRIER * size + at] += ground.barrier[k]
        if plan.place[other] > at:
            meet = _meet(above, at, plan.place[other])
            sums[INNER * size + meet] += ground.length[k]
            sums[INNER_BARRIER * size + meet] += ground.barrier[k]
            if plan.label[other] == plan.label[atom]:
                barrier += ground.barrier[k]
    return barrier


@compiled
def _meet(above: Any, at: Any, other: Any) -> Any:
    """Return where the ways of two places to the root meet; what is above a place always comes before it."""
    while at != other:
        if at > other:
            at = above[at]
        else:
            other = above[other]
    return at


@compiled
def _cut_cost(rules: Any, sums: Any, size: Any, at: Any) -> Any:
    """Return what two grids cost that a cut above a place of the tree makes."""
    weight, area = sums[WEIGHT * size + at], sums[AREA * size + at]
    inner, barrier = sums[INNER * size + at], sums[INNER_BARRIER * size + at]
    rest = sums[INNER * size] + inner - sums[REACH * size + at]
    rest_barrier = sums[INNER_BARRIER * size] + barrier - sums[REACH_BARRIER * size + at]
    around = sums[PERIMETER * size + at] - 2.0 * inner
    rest_around = sums[PERIMETER * size] - sums[PERIMETER * size + at] - 2.0 * rest
    cost = size_cost(rules, weight) + size_cost(rules, sums[WEIGHT * size] - weight)
    cost += shape_cost(rules, area, around) + shape_cost(rules, sums[AREA * size] - area, rest_around)
    first, second = _stay_costs(sums, size, at)
    return cost + rules.barrier * (barrier + rest_barrier) + min(first, second)


@compiled
def _both_open(sums: Any, size: Any, at: Any) -> Any:
    """Return whether neither side of a cut lies inside the other."""
    beyond, both = sums[OPEN * size + at], sums[OPEN * size]
    return both == 0.0 or 0.0 < beyond < both


@compiled
def _stay_costs(sums: Any, size: Any, at: Any) -> Any:
    """Return what not staying costs if the atoms beyond a cut become the first grid, and if they become the second."""
    one, two = sums[STAY_ONE * size + at], sums[STAY_TWO * size + at]
    return one + sums[STAY_TWO * size] - two, two + sums[STAY_ONE * size] - one


@compiled
def _beyond_is_one(sums: Any, size: Any, at: Any) -> Any:
    """Return whether the atoms beyond a cut become the first grid: the cheaper way, else that which moves fewer."""
    first, second = _stay_costs(sums, size, at)
    if first != second:
        return first < second
    own, count = sums[OWN * size + at], sums[COUNT * size + at]
    changed = count - own + sums[OWN * size] - own
    return 2.0 * changed <= size


@compiled
def _cut(ground: Any, plan: Any, rules: Any, made: Any) -> Any:
    """Make a cut, or leave all as it was if superblocks make it too dear; return the change of cost."""
    order, above, sums, best, (one, two, most, change) = made
    size = len(order)
    beyond_is_one = _beyond_is_one(sums, size, best)
    side = wholes(size)
    for at in range(best, size):
        side[at] = 1 if at == best else side[above[at]]
    for at in range(size):
        grid = one if (side[at] == 1) == beyond_is_one else two
        side[at] = 0
        if grid != plan.label[order[at]]:
            change += _spread(ground, plan, rules, (order[at], grid))
            flip(ground, plan, order[at], grid)
            side[at] = 1
    if change <= most:
        return change
    for at in range(size):
        if side[at] == 1:
            flip(ground, plan, order[at], one + two - plan.label[order[at]])
    return 0.0


@compiled
def _spread(ground: Any, plan: Any, rules: Any, move: Any) -> Any:
    """Return what moving an atom to another grid changes in the cost of superblocks."""
    atom, new = move
    if ground.weight[atom] <= 0.0 or rules.spread <= 0.0:
        return 0.0
    return spread_change(plan, rules, ground.superblock[atom], (ground.weight[atom], plan.label[atom], new))
