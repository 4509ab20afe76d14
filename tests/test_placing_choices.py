"""Which candidates are taken: choices against all that could be made."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from gridmap.visibility.placement.choosing import (
    SHARE_OF_BEST,
    SHARE_OF_BEST_COSTS,
    Means,
    bound,
    chosen_well,
    greedy,
    ordered,
)
from gridmap.visibility.placement.placing import Terms, _chosen
from gridmap.visibility.placement.proving import Musts, proven, seers
from gridmap.visibility.placement.reaching import intervals, reach

NOWHERE = Musts(who=np.empty(0, np.int64), place=np.empty(0, np.int64), count=0)
NOTHING = intervals([])


def drawn(seed, count=9, lines=3, length=12):
    """Who sees which metres, as sets, and the same as reach: every part begins and ends at whole metres."""
    rng = np.random.default_rng(seed)
    rows = []
    for who in range(count):
        for line in range(lines):
            a, b = np.sort(rng.integers(0, length, 2)).tolist()
            rows += [(who, line, a, b), (who, line, a, b + 2)][: rng.integers(0, 3)]
    cells = [{(line, m) for w, line, a, b in rows if w == who for m in range(a, b)} for who in range(count)]
    return cells, reach(intervals(rows), count, seen=intervals([]))


def of(cells, chosen):
    return len(set().union(*(cells[one] for one in chosen)))


def all_choices(cells, means):
    for count in range(means.count + 1):
        for chosen in combinations(range(len(cells)), count):
            if sum(means.cost[list(chosen)]) <= means.budget:
                yield chosen


def even(count, candidates=9):
    return Means(cost=np.ones(candidates), count=count)


def priced(seed, budget=6.0, candidates=9):
    return Means(cost=np.random.default_rng(seed).integers(1, 5, candidates).astype(float), count=6, budget=budget)


def best(cells, means):
    return max(of(cells, chosen) for chosen in all_choices(cells, means))


SEEDS = range(25)


@pytest.mark.parametrize("seed", SEEDS)
def test_gains_are_the_metres_that_nobody_sees_yet(seed):
    cells, reached = drawn(seed)
    left = reached.left(np.array([0, 3]))
    assert reached.gains(left).tolist() == [of(cells, [0, 3, one]) - of(cells, [0, 3]) for one in range(9)]


@pytest.mark.parametrize("seed", SEEDS)
def test_at_each_step_who_adds_most_is_taken_and_of_equals_the_first(seed):
    cells, reached = drawn(seed)
    chosen, expected = [], []
    for _ in range(5):
        adds = [of(cells, [*chosen, one]) - of(cells, chosen) for one in range(9)]
        if max(adds) == 0:
            break
        chosen.append(adds.index(max(adds)))
        expected.append(max(adds))
    made = greedy(reached, even(5))
    assert (made.chosen, made.gains) == (chosen, expected)


def test_of_many_candidates_too_who_adds_most_is_taken():
    cells, reached = drawn(1, count=400, lines=6, length=40)
    made = greedy(reached, even(8, 400))
    for at, one in enumerate(made.chosen):
        adds = [of(cells, [*made.chosen[:at], other]) for other in range(400)]
        assert one == adds.index(max(adds))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_solver_finds_the_best_of_all_choices(seed):
    cells, reached = drawn(seed)
    for means in (even(3), priced(seed)):
        found = proven(reached, means, NOWHERE)
        assert of(cells, found.chosen) == best(cells, means)
        assert found.bound_m == pytest.approx(best(cells, means), rel=1e-5)
        assert tuple(found.chosen) in set(all_choices(cells, means))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_good_choice_keeps_to_its_means_and_reaches_the_share_that_is_proven(seed):
    cells, reached = drawn(seed)
    for means, share in ((even(3), SHARE_OF_BEST), (priced(seed), SHARE_OF_BEST_COSTS)):
        made = chosen_well(reached, means)
        assert tuple(sorted(made.chosen)) in set(all_choices(cells, means))
        assert made.total_m == of(cells, made.chosen)
        assert made.total_m >= share * best(cells, means)


@pytest.mark.parametrize("steps", [0, 3, 120])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_choice_exceeds_the_bound_nor_one_with_a_candidate_its_own(seed, steps):
    cells, reached = drawn(seed)
    for means in (even(3), priced(seed)):
        limit = bound(reached, means, reached_m=0.0, steps=steps)
        worth = {chosen: of(cells, chosen) for chosen in all_choices(cells, means)}
        assert limit.metres >= max(worth.values()) - 1e-9
        for one in range(9):
            assert limit.with_each[one] >= max((m for c, m in worth.items() if one in c), default=0) - 1e-9


def test_the_bound_is_close_after_some_steps():
    gaps = []
    for seed in SEEDS:
        cells, reached = drawn(seed)
        top = best(cells, even(3))
        gaps.append(bound(reached, even(3), reached_m=top).metres / top - 1)
    assert np.mean(gaps) < 0.02


def test_exchanges_undo_a_greedy_step_that_two_others_make_useless():
    # the one in the middle sees most, but the two others together see all that it sees
    three = reach(intervals([(0, 0, 2, 10), (1, 0, 0, 6), (2, 0, 6, 12)]), 3, seen=intervals([]))
    assert greedy(three, even(2, 3)).total_m == 10
    assert chosen_well(three, even(2, 3)).total_m == 12


def test_with_a_budget_two_cheap_ones_beat_a_dear_one():
    three = reach(intervals([(0, 0, 0, 10), (1, 1, 0, 8), (2, 2, 0, 8)]), 3, seen=intervals([]))
    means = Means(cost=np.array([4.0, 2.0, 2.0]), count=3, budget=4.0)
    assert sorted(chosen_well(three, means).chosen) == [1, 2]


def test_what_is_seen_before_counts_for_nothing():
    one = reach(intervals([(0, 0, 0, 10)]), 1, seen=intervals([(0, 0, 3, 5), (7, 0, 4, 6)]))
    assert one.gains(one.metres).tolist() == [7]


def test_parts_of_one_candidate_that_overlap_count_once():
    one = reach(intervals([(0, 0, 0, 6), (0, 0, 2, 3), (0, 0, 5, 9)]), 1, seen=intervals([]))
    assert one.gains(one.metres).tolist() == [9]


def test_a_camera_that_sees_most_of_what_must_be_seen_comes_before_one_that_sees_most_street():
    two = reach(intervals([(0, 0, 0, 90), (1, 1, 0, 1)]), 2, seen=intervals([]))
    musts = Musts(who=np.array([1]), place=np.array([0]), count=1)
    assert seers(two, even(2, 2), musts) == [1]
    assert proven(two, even(1, 2), musts).chosen == [1]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_solver_sees_as_many_places_as_can_be_and_then_most_street(seed):
    cells, reached = drawn(seed)
    rng = np.random.default_rng(seed)
    pairs = np.argwhere(rng.random((9, 5)) < 0.25)
    musts = Musts(who=pairs[:, 0], place=pairs[:, 1], count=5)
    worth = {c: (len(set(pairs[np.isin(pairs[:, 0], c), 1])), of(cells, c)) for c in all_choices(cells, even(3))}
    found = proven(reached, even(3), musts)
    assert worth[tuple(found.chosen)] == max(worth.values())
    assert worth[tuple(sorted(seers(reached, even(3), musts)))][0] >= SHARE_OF_BEST * max(worth.values())[0]


def test_the_chosen_are_ranked_by_what_they_add():
    three = reach(intervals([(0, 0, 0, 3), (1, 0, 0, 9), (2, 1, 0, 5)]), 3, seen=intervals([]))
    made = ordered(three, [0, 1, 2])
    assert (made.chosen, made.gains) == ([1, 2, 0], [9, 5, 0])


def test_those_who_are_taken_in_any_case_stay_at_the_beginning():
    three = reach(intervals([(0, 0, 0, 3), (1, 0, 0, 9), (2, 1, 0, 5)]), 3, seen=intervals([]))
    made = ordered(three, [0, 1, 2], first=[0])
    assert (made.chosen, made.gains) == ([0, 1, 2], [3, 6, 5])


def test_who_is_taken_in_any_case_is_not_exchanged_for_who_sees_more_street():
    two = reach(intervals([(0, 0, 0, 90), (1, 1, 0, 1)]), 2, seen=intervals([]))
    assert chosen_well(two, even(1, 2), first=[1]).chosen == [1]


def seeing(*pairs, count):
    """Who sees which of so many places."""
    who, place = np.array(pairs).T
    return Musts(who=who, place=place, count=count)


def test_of_those_who_see_as_many_places_who_sees_most_street_is_taken():
    two = reach(intervals([(0, 0, 0, 1), (1, 1, 0, 90)]), 2, seen=intervals([]))
    assert seers(two, even(1, 2), seeing((0, 0), (1, 0), count=1)) == [1]


def test_a_place_is_seen_by_who_costs_less_though_it_sees_less_street():
    two = reach(intervals([(0, 0, 0, 90), (1, 1, 0, 1)]), 2, seen=intervals([]))
    means = Means(cost=np.array([4.0, 1.0]), count=2, budget=4.0)
    assert seers(two, means, seeing((0, 0), (1, 0), count=1)) == [1]


def test_places_are_told_of_the_candidates_that_are_left_alone():
    left = seeing((0, 0), (2, 1), (5, 2), count=3).only(np.array([2, 4]))
    assert (left.who.tolist(), left.place.tolist(), left.count) == ([0], [1], 3)


def test_a_place_is_told_of_the_first_who_sees_it():
    assert seeing((0, 0), (1, 0), count=2).seen_by([1, 0]).tolist() == [0, -1]


def test_the_bound_of_the_solver_holds_for_stretches_that_it_leaves_out():
    one = reach(intervals([(0, 0, 0, 0.0005), (0, 1, 0, 10)]), 1, seen=intervals([]))
    assert proven(one, even(1, 1), NOWHERE).bound_m == pytest.approx(10.0005, abs=1e-5)


def test_the_solver_is_not_asked_where_there_are_too_many_pairs():
    # a stretch that one sees alone, and one that both see: three pairs
    two = reach(intervals([(0, 0, 0, 10), (1, 0, 0, 4)]), 2, seen=intervals([]))
    assert proven(two, even(1, 2), NOWHERE, most=2) is None
    assert proven(two, even(1, 2), NOWHERE, most=3).chosen == [0]


def test_more_places_count_before_more_street_where_the_solver_finds_both():
    # the first sees four of six places and most street, but with either of the others only five
    three = reach(intervals([(0, 0, 0, 100), (1, 1, 0, 1), (2, 2, 0, 1)]), 3, seen=intervals([]))
    pairs = [*((0, place) for place in range(4)), (1, 0), (1, 2), (1, 4), (2, 1), (2, 3), (2, 5)]
    found, most_m = _chosen(three, even(2, 3), seeing(*pairs, count=6), Terms())
    assert sorted(found.chosen) == [1, 2]
    assert most_m >= found.total_m == 2


def test_what_the_solver_proves_lowers_the_bound():
    # a stretch of 10 m between each two of four: any two see five; prices alone leave six
    pairs = combinations(range(4), 2)
    four = reach(intervals([(who, line, 0, 10) for line, pair in enumerate(pairs) for who in pair]), 4, seen=NOTHING)
    assert bound(four, even(2, 4), reached_m=50).metres == pytest.approx(60)
    found, most_m = _chosen(four, even(2, 4), NOWHERE, Terms())
    assert (found.total_m, most_m) == (50, pytest.approx(50, rel=1e-5))
