"""The search for a plan: how near it comes to the proven best, and that plain and compiled kernels agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely

from gridmap.partition.drawing.aims import Aims, rules_of, size_of
from gridmap.partition.drawing.annealing import CHANCES, anneal
from gridmap.partition.drawing.areas import graph_of
from gridmap.partition.drawing.bisecting import bisected
from gridmap.partition.drawing.coarsening import without_leaves
from gridmap.partition.drawing.compiling import readied
from gridmap.partition.drawing.graph import AtomGraph, connected, merged
from gridmap.partition.drawing.moves import Rules
from gridmap.partition.drawing.opening import enclosed, opened
from gridmap.partition.drawing.searching import Course, ground_of, improved, plan_of
from gridmap.partition.drawing.seats import seats
from gridmap.partition.drawing.solving import solved


def lattice(weights, *, barred=()):
    """Squares of 100 m, the first row in the south; ``barred`` are columns with a river on their east side."""
    rows, columns = len(weights), len(weights[0])
    cells = [shapely.box(100 * i, 100 * j, 100 * i + 100, 100 * j + 100) for j in range(rows) for i in range(columns)]
    graph = graph_of(np.array(cells), np.array(weights, float).ravel())
    column = np.arange(rows * columns) % columns
    along = np.isin(column[graph.a], barred) & (column[graph.b] == column[graph.a] + 1)
    block = np.searchsorted(np.sort(np.array(barred, int)), column)
    parts = {name: getattr(graph, name) for name in AtomGraph.__dataclass_fields__}
    return AtomGraph(**parts | {"barrier_m": np.where(along, graph.length_m, 0.0), "superblock": block})


class Oracle:
    """The cheapest of all plans of connected grids, by looking at every one; costs as the docstrings define them."""

    def __init__(self, graph: AtomGraph, rules: Rules) -> None:
        self.graph, self.rules = graph, rules
        self.near = [0] * len(graph)
        for a, b in zip(graph.a.tolist(), graph.b.tolist(), strict=True):
            self.near[a] |= 1 << b
            self.near[b] |= 1 << a
        self.cost = cache(self.cost)
        self.best = cache(self.best)

    def cost(self, atoms: int) -> float:
        graph, rules = self.graph, self.rules
        chosen = np.array([atoms >> k & 1 for k in range(len(graph))], bool)
        inside = chosen[graph.a] & chosen[graph.b]
        weight, area = graph.weight[chosen].sum(), graph.area_m2[chosen].sum()
        around = graph.perimeter_m[chosen].sum() - 2 * graph.length_m[inside].sum()
        beyond = max(rules.low - weight, weight - rules.high, 0) / rules.target
        total = rules.steep * beyond**2 + rules.line * beyond
        total += rules.gentle * ((weight - rules.ideal) / rules.target) ** 2
        total += rules.shape * (1 - 4 * np.pi * area / around**2) + rules.barrier * graph.barrier_m[inside].sum()
        parts = np.bincount(graph.superblock[chosen], graph.weight[chosen])
        return float(total + rules.spread * np.sqrt(parts / rules.target).sum())

    def connected(self, free: int):
        """Every connected set of free atoms that holds the first of them."""
        first = free & -free
        stack = [(first, first)]
        while stack:
            chosen, shut = stack.pop()
            rim = 0
            for k in range(len(self.graph)):
                if chosen >> k & 1:
                    rim |= self.near[k]
            rim &= free & ~shut & ~chosen
            if not rim:
                yield chosen
                continue
            pick = rim & -rim
            stack += [(chosen | pick, shut), (chosen, shut | pick)]

    def best(self, free: int, grids: int) -> float:
        if grids == 0 or not free:
            return 0.0 if grids == 0 and not free else float("inf")
        if grids == 1:
            return self.cost(free) if free in set(self.connected(free)) else float("inf")
        return min(self.cost(one) + self.best(free & ~one, grids - 1) for one in self.connected(free))

    def of(self, label) -> float:
        return sum(self.cost(sum(1 << k for k in np.flatnonzero(label == g).tolist())) for g in set(label.tolist()))


def test_the_oracle_itself_finds_what_a_hand_finds():
    oracle = Oracle(lattice([[1, 1, 1]]), rules_of(size_of(3, 0.1, None), Aims()))
    assert sorted(bin(atoms) for atoms in oracle.connected(0b111)) == ["0b1", "0b11", "0b111"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("rows", "columns", "grids"), [(4, 4, 2), (3, 4, 3), (2, 6, 4)])
def test_a_plan_of_few_atoms_costs_at_most_two_percent_more_than_the_best_there_is(rows, columns, grids, seed):
    weights = np.random.default_rng(seed).integers(10, 60, (rows, columns))
    graph = lattice(weights.tolist(), barred=(1,))
    size = size_of(weights.sum() / grids, 0.1, None)
    label = solved(graph, size, Aims())
    oracle = Oracle(graph, rules_of(size, Aims()))
    assert len(set(connected(graph, label).tolist())) == len(set(label.tolist())) == grids
    assert oracle.of(label) <= 1.02 * oracle.best((1 << len(graph)) - 1, grids)


def test_moves_swaps_and_cuts_change_the_cost_by_what_they_say():
    graph = lattice(np.random.default_rng(1).integers(0, 40, (6, 8)).tolist(), barred=(2, 5))
    rules = rules_of(size_of(graph.weight.sum() / 6, 0.1, None), Aims())
    start = np.repeat([0, 1, 2, 3, 4, 5], 8)
    oracle = Oracle(graph, rules)
    for between in (0, 2):
        course = Course(hot=2.0, cold=0.01, moves=4000, between=between)
        found = improved(graph, start, rules, courses=(course,), seed=3)
        assert len(set(connected(graph, found).tolist())) == 6
        assert oracle.of(found) < oracle.of(start)


@pytest.mark.parametrize(
    "weights",
    [[0, 0, 300], [300, 0, 0], [0, 300, 0], [100, 0, 0, 0, 200], [0, 0, 0, 0, 0]],
    ids=["all in the east", "all in the west", "all in the middle", "at both ends", "nobody"],
)
def test_every_grid_of_a_first_plan_has_an_atom_wherever_people_live(weights):
    first = bisected(lattice([weights]), len(weights))
    assert sorted(first.tolist()) == list(range(len(weights)))


def test_light_leaves_go_to_their_one_neighbour_and_two_that_have_but_each_other_are_one():
    assert without_leaves(lattice([[1, 9, 9, 1]]), 5).tolist() == [0, 0, 1, 1]
    assert without_leaves(lattice([[1, 1]]), 5).tolist() == [0, 0]
    assert without_leaves(lattice([[5, 9, 9, 5]]), 5).tolist() == [0, 1, 2, 3]


PLAIN = """
import json, sys
sys.path.insert(0, {folder!r})
from test_drawing_search import *
from gridmap.compiling import COMPILED
graph = lattice(np.random.default_rng(2).integers(0, 40, (9, 10)).tolist(), barred=(3, 6))
print(json.dumps([COMPILED, solved(graph, size_of(150, 0.1, None), Aims(), seed=7).tolist()]))
"""


def test_plain_kernels_draw_the_same_plan_as_compiled_ones():
    pytest.importorskip("numba", reason="nothing is compiled without numba")
    script = PLAIN.format(folder=str(Path(__file__).parent))
    answers = []
    for switch in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"NUMBA_DISABLE_JIT": switch},
            capture_output=True,
            check=True,
        )
        answers.append(json.loads(done.stdout))
    (compiled, one), (plain, two) = answers
    assert (compiled, plain) == (True, False)
    assert one == two


def test_other_seeds_draw_other_plans():
    graph = lattice(np.random.default_rng(5).integers(0, 40, (12, 12)).tolist())
    plans = {tuple(solved(graph, size_of(200, 0.1, None), Aims(), seed=seed).tolist()) for seed in range(3)}
    assert len(plans) > 1


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        pytest.param([900, 600], [3, 2], id="whole numbers"),
        pytest.param([430, 470], [1, 2], id="the larger remainder gets the grid"),
        pytest.param([3000, 20], [10, 1], id="few people get one, not at the cost of others"),
        pytest.param([3000, 0], [10, 0], id="nobody gets none"),
        pytest.param([450], [2], id="half a grid is one"),
    ],
)
def test_grids_are_shared_out_by_largest_remainder(weights, expected):
    assert seats(np.array(weights, float), 300).tolist() == expected


def test_merging_atoms_adds_up_borders_and_leaves_none_inside():
    graph = merged(lattice([[1, 2], [3, 4]], barred=(0,)), np.array([0, 1, 0, 1]))
    assert graph.weight.tolist() == [4, 6]
    assert graph.perimeter_m.tolist() == [600, 600]
    assert (graph.a.tolist(), graph.b.tolist(), graph.length_m.tolist()) == ([0], [1], [200.0])
    assert graph.barrier_m.tolist() == [200.0]


def test_a_region_that_one_river_parts_is_cut_at_the_river():
    graph = lattice([[10] * 8] * 4, barred=(3,))
    label = solved(graph, size_of(80, 0.1, None), Aims())
    west = {int(g) for g, k in zip(label, range(32), strict=True) if k % 8 < 4}
    east = set(label.tolist()) - west
    assert (len(west), len(east)) == (2, 2)
    assert all(sum(1 for g in label if g == grid) == 8 for grid in west | east)


def test_memory_of_the_search_grows_with_the_atoms_and_not_with_grids_times_superblocks():
    sizes = []
    for rows in (10, 20, 40):
        graph = lattice([[1] * 20] * rows, barred=tuple(range(19)))
        plan = plan_of(graph, np.arange(20 * rows) // 2, 1)
        sizes.append(sum(len(part) for part in plan))
    assert all(after <= 2.2 * before for before, after in pairwise(sizes))


def test_grids_inside_another_are_seen_be_they_one_or_two():
    graph = lattice([[1] * 5] * 5)
    ring = np.zeros(25, int)
    ring[[11, 12, 13]] = [1, 1, 2]
    assert enclosed(graph, ring) == [(1, 0), (2, 0)]
    # a way out to the rim
    ring[10] = 1
    assert enclosed(graph, ring) == []


def test_a_grid_inside_another_is_given_a_way_out():
    graph = lattice([[1] * 5] * 5)
    ring = np.zeros(25, int)
    ring[[6, 7, 8, 11, 12, 13, 16, 17, 18]] = 1
    label = opened(graph, ring, rules_of(size_of(12, 0.3, None), Aims()), seed=0)
    assert enclosed(graph, label) == []
    assert len(set(connected(graph, label).tolist())) == 2


def test_no_move_closes_a_ring_around_another_grid():
    graph = lattice(np.random.default_rng(3).integers(0, 40, (12, 12)).tolist())
    rules = rules_of(size_of(graph.weight.sum() / 12, 0.1, None), Aims(shape=0.0))
    for seed in range(4):
        plan = plan_of(graph, np.arange(144) // 12, seed)
        # nothing but chance: shapes count nothing and it is hot
        anneal(ground_of(graph), plan, rules, (50.0, 1.0, 4000, 0, readied(CHANCES)))
        assert (np.array(plan.label) != np.arange(144) // 12).sum() > 50
        assert enclosed(graph, np.array(plan.label)) == []


def test_what_is_kept_up_to_date_by_moves_is_what_counting_anew_gives():
    graph = lattice(np.random.default_rng(4).integers(0, 40, (8, 8)).tolist(), barred=(3,))
    rules = rules_of(size_of(graph.weight.sum() / 8, 0.1, None), Aims())
    start = np.arange(64) // 8
    plan = plan_of(graph, start, 1)
    change = anneal(ground_of(graph), plan, rules, (3.0, 0.9995, 5000, 7, readied(CHANCES)))
    label, oracle = np.array(plan.label), Oracle(graph, rules)
    assert oracle.of(label) - oracle.of(start) == pytest.approx(change)
    assert np.array(plan.weight).tolist() == np.bincount(label, graph.weight).tolist()
    foreign = np.bincount(np.concatenate([graph.a, graph.b]), np.tile(label[graph.a] != label[graph.b], 2), 64)
    assert np.array(plan.foreign).tolist() == foreign.tolist()
    assert sorted(plan.border[: plan.tally[0]]) == np.flatnonzero(foreign).tolist()
