"""The parts that rounds are made of, on graphs of a few edges: cuts of the bound, reductions, fillings, stops."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.network import Dispatch, Mode, rings
from gridmap.network.rounds import inspection_round, overdue_round, planning
from gridmap.network.rounds.bounds import Borders, _broken, _narrow, _odd
from gridmap.network.rounds.calls import Calls
from gridmap.network.rounds.planning import filled, planned
from gridmap.network.rounds.reducing import reduced
from gridmap.network.rounds.round import _parted
from gridmap.network.rounds.task import Task
from tests.street_grid import X, Y, fixes


def task(required, others=(), metres=1.0):
    """Edges between nodes, those first that must be walked; home is 0."""
    ends = np.array([*required, *others])
    held = np.arange(len(ends)) < len(required)
    return Task(ends=ends, length_m=np.full(len(ends), metres), required=held, home=0, nodes=int(ends.max()) + 1)


def shares(required, *others):
    """A task, and how often an answer walks each of the other edges (a, b, share)."""
    made = task(required, [(a, b) for a, b, _ in others])
    return made, np.array([0.0] * len(required) + [share for *_, share in others])


def sets(found):
    return [np.flatnonzero(inside).tolist() for inside in found]


#: a block of two streets that is walked in and out of 1.5 times
BLOCK = shares([(1, 2), (1, 2)], (0, 1, 0.75), (0, 2, 0.75))
#: four odd nodes in a row: at the end of it 3 is left 0.8 times, and 2 and 3 together 0.5 times
ROW = shares([(0, 2), (1, 3)], (0, 1, 0.9), (0, 1, 0.9), (2, 3, 0.8), (1, 2, 0.5))


def test_a_piece_that_less_than_two_walks_lead_out_of_is_cut_off():
    assert sets(_narrow(*BLOCK)) == [[1, 2]]


def test_a_piece_that_two_walks_lead_out_of_is_none():
    assert sets(_narrow(BLOCK[0], np.array([0.0, 0, 1.25, 0.75]))) == []


def test_pieces_behind_one_narrow_border_are_cut_off_by_it_once():
    """Home 0, a block behind one walk and another behind that, three walks on."""
    assert sets(_narrow(*shares([(1, 2), (1, 2), (3, 4), (3, 4)], (0, 1, 1.0), (2, 3, 1.5), (2, 4, 1.5)))) == [
        [1, 2, 3, 4]
    ]


def test_an_odd_set_that_less_than_one_walk_leads_out_of_is_found_behind_an_even_one_that_is_left_less():
    assert sets(_odd(*ROW)) == [[3]]


def test_odd_nodes_that_a_walk_leads_out_of_are_none():
    assert sets(_odd(ROW[0], np.array([0.0, 0, 0.9, 0.9, 0.8, 0.2]) + 0.05)) == [[3]]
    assert sets(_odd(*shares([(0, 2), (1, 3)], (0, 1, 0.9), (0, 1, 0.9), (2, 3, 0.9), (2, 3, 0.9), (1, 2, 0.2)))) == []


@pytest.mark.parametrize("answer", [BLOCK, ROW], ids=["narrow", "odd"])
def test_the_programme_is_given_what_its_answer_breaks(answer):
    """All is one piece, so that no set grown from pieces tells anything."""
    made, share = answer
    borders = Borders(task=made)
    assert _broken(borders, share, made.length_m) == 1
    assert len(borders.edges) == 1


@pytest.mark.parametrize(
    "others",
    [[(1, 1)], [(0, 0)], [(1, 2)], [(1, 2), (2, 3)], [(1, 2), (2, 3), (3, 1)], [(1, 2), (1, 2)]],
    ids=["loop", "loop at home", "dead end", "long dead end", "block", "there and back"],
)
def test_what_leads_back_to_where_it_began_is_left_out_unless_it_must_be_walked(others):
    assert reduced(task([(0, 1)], others)).members == [[0]]
    every = reduced(task([(0, 1), *others]))
    assert sorted(edge for members in every.members for edge in members) == list(range(len(others) + 1))


def test_a_chain_that_need_not_be_walked_is_one_edge_as_long_as_its_parts():
    """From 0 to 3 by 1 and 2, beside required streets from 0 to 3."""
    small = reduced(task([(0, 3), (3, 4)], [(0, 1), (1, 2), (2, 3)], metres=10.0))
    (chain,) = np.flatnonzero(~small.task.required)
    assert (small.task.length_m[chain], sorted(small.members[chain])) == (30, [2, 3, 4])


def calls(far, stretches, points, over_s):
    """Stretches (from, to, seconds, debt) and checkpoints at places so many seconds from each other; home is 0."""
    pairs = [pair for a, b, *_ in stretches for pair in ((a, b), (b, a))]
    spots = [(at, at) for at in (*points, 0)]
    count = len(pairs) + len(spots)
    rest = [0.0] * len(spots)
    return Calls(
        begin=np.array([a for a, _ in pairs + spots]),
        end=np.array([b for _, b in pairs + spots]),
        takes_s=np.array([row[2] for row in stretches for _ in range(2)] + rest, dtype=float),
        worth=np.array([row[3] for row in stretches for _ in range(2)] + rest, dtype=float),
        opens_s=np.zeros(count),
        closes_s=np.full(count, np.inf),
        place=np.full(count, np.nan),
        far_s=np.array(far, dtype=float),
        stretches=len(stretches),
        over_s=over_s,
    )


def test_of_two_stretches_of_which_one_can_be_walked_that_is_taken_which_brings_more_for_its_time():
    """Two debts for ten seconds there and back before three for forty."""
    far = [[0, 5, 20], [5, 0, 25], [20, 25, 0]]
    assert filled(calls(far, [(0, 1, 5, 2), (0, 2, 20, 3)], [], 40), [], np.ones(2)) in ([0], [1])


def test_a_trifle_on_the_way_does_not_keep_from_what_is_owed_most():
    """To the first checkpoint it is 10 s past a trifle, 15 s past a great debt; in 215 s there is time for one."""
    far = [[0, 10, 100], [10, 0, 100], [100, 100, 0]]
    asked = calls(far, [(0, 1, 10, 0.01), (0, 1, 15, 9)], [1, 2], 215)
    assert filled(asked, [4, 5], np.ones(2)) == [2, 4, 5]


def test_what_lies_on_the_way_is_taken_along_at_no_cost():
    far = [[0, 10, 100], [10, 0, 100], [100, 100, 0]]
    asked = calls(far, [(0, 1, 10, 0.01)], [1, 2], 210)
    assert filled(asked, [2, 3], np.ones(1)) == [0, 2, 3]


@pytest.mark.parametrize(("worth", "kept"), [(99.99, True), (50.0, False)], ids=["slightly", "much"])
def test_a_plan_that_is_slightly_worse_is_gone_on_from_and_the_best_is_what_is_told(monkeypatch, worth, kept):
    """The first filling brings 100, all others what is stated."""
    asked = calls(np.zeros((1, 1)), [(0, 0, 1, 100.0), (0, 0, 1, worth)], [], 9)
    fillings, thinned = iter([[0], *[[2]] * 30]), []
    monkeypatch.setattr(planning, "filled", lambda *_: next(fillings))
    monkeypatch.setattr(planning, "_thinned", lambda _calls, plan, _random: thinned.append(plan) or plan)
    assert planned(asked, [], turns=30) == [0]
    assert ([2] in thinned) == kept


def test_the_last_turns_go_on_from_better_plans_alone(monkeypatch):
    """In the last ten of 1 000 turns hardly one in a million plans that are worse by a thousandth is kept."""
    asked = calls(np.zeros((1, 1)), [(0, 0, 1, 100.0), (0, 0, 1, 99.9)], [], 9)
    fillings, thinned = iter([*[[0]] * 991, *[[2]] * 10]), []
    monkeypatch.setattr(planning, "filled", lambda *_: next(fillings))
    monkeypatch.setattr(planning, "_thinned", lambda _calls, plan, _random: thinned.append(plan) or plan)
    assert planned(asked, [], turns=1000) == [0]
    assert thinned == [[0]] * 1000


STOPS = {
    "on": ((0, 1, 0, 1, 0, 50), (0, 1, 0, 1, 50, 90), False),
    "on, backwards": ((0, -1, 0, 1, 50, 90), (0, -1, 0, 1, 0, 50), False),
    "another street": ((0, 1, 0, 1, 0, 50), (1, 1, 0, 1, 50, 90), True),
    "about": ((0, 1, 0, 1, 0, 50), (0, -1, 0, 1, 0, 50), True),
    "again": ((0, 1, 0, 1, 0, 50), (0, 1, 1, 1, 50, 90), True),
    "not asked for": ((0, 1, 0, 1, 0, 50), (0, 1, 0, 0, 50, 90), True),
    "past a loop of it": ((0, 1, 0, 1, 0, 50), (0, 1, 0, 1, 150, 200), True),
    "past a loop, backwards": ((0, -1, 0, 1, 50, 90), (0, -1, 0, 1, 90, 99), True),
}


@pytest.mark.parametrize(("one", "other", "parted"), STOPS.values(), ids=STOPS)
def test_steps_are_one_stop_while_they_go_on_along_one_street_in_one_way(one, other, parted):
    row, way, again, required, from_m, to_m = np.array([one, other]).T
    along = np.stack([from_m, to_m], axis=1).astype(float)
    assert _parted(row, way, again == 1, required == 1, along).tolist() == [True, parted]


def drawn(lines, **columns):
    shapes = [shapely.LineString(np.add(line, (X, Y))) for line in lines.values()]
    return gpd.GeoDataFrame({"id": list(lines), **columns}, geometry=shapes, crs=4549)


def degrees(x, y):
    point = gpd.GeoSeries(gpd.points_from_xy([X + x], [Y + y]), crs=4549).to_crs(4490)[0]
    return point.x, point.y


def test_a_round_from_a_bend_has_no_vertex_twice():
    """An L of 30 m and 40 m, walked there and back from its bend."""
    made = inspection_round(drawn({"bent": [(0, 0), (30, 0), (30, 40)]}), degrees(30, 0))
    assert made.length_m == pytest.approx(140, abs=0.01)
    places = np.round(np.array(made.line.coords) - (X, Y), 2) + 0.0
    assert {tuple(place) for place in places.tolist()} == {(30, 0), (0, 0), (30, 40)}
    assert len(places) == 5


#: A street drawn twice, 0.4 mm apart, the second time from its other end.
TWICE = {"one": [(0, 0), (100, 0)], "other": [(100, 0), (50, 0.0004), (0, 0)]}


def test_a_place_on_a_street_that_is_drawn_again_the_other_way_round_is_where_it_is():
    """The second drawing is nearer to a place north of the street; 30 m from its west end the round begins."""
    made = inspection_round(drawn(TWICE), degrees(30, 5))
    assert made.line.coords[0] == pytest.approx((X + 30, Y), abs=0.01)
    assert made.length_m == pytest.approx(200, abs=0.01)


#: An open street drawn on a closed one, and one that goes on from it.
CLOSED = {"closed": [(0, 0), (100, 0)], "open": [(100, 0), (0, 0)], "on": [(100, 0), (100, 80)]}


def closed():
    return drawn(CLOSED, **{"class": ["motorway", "residential", "residential"]})


@pytest.mark.parametrize("start", [(30, 0), (100, 40)], ids=["on it", "beside"])
def test_a_street_that_is_drawn_on_a_closed_one_is_walked(start):
    made = inspection_round(closed(), degrees(*start))
    assert (made.length_m, made.unreachable) == (pytest.approx(360, abs=0.01), ())


def test_debt_of_a_street_that_is_drawn_on_a_closed_one_is_worked_off():
    owed = pd.DataFrame({"street": ["open"], "weight": [5.0]})
    made = overdue_round(closed(), degrees(100, 40), 10, overdue=owed)
    assert (made.collected, made.unreachable) == (pytest.approx(5), ())


def test_metres_of_a_street_that_is_drawn_on_a_closed_one_are_reached_once():
    walkers = Dispatch(mode=Mode(name="slow", speed_m_s=1.0, closed=frozenset({"motorway"})))
    (found,) = rings(fixes(a=(100, 0)), closed(), (1,), dispatch=walkers).rings[["reached_m", "length_m"]].to_numpy()
    assert found.tolist() == [pytest.approx(120), pytest.approx(180)]


def test_a_street_of_no_length_that_was_named_is_told_as_unreachable():
    table = drawn({"street": [(0, 0), (100, 0)], "dot": [(40, 0), (40, 0)]})
    named = inspection_round(table, degrees(0, 0), required=["street", "dot"])
    assert (named.unreachable, named.length_m) == (("dot",), pytest.approx(200, abs=0.01))
    assert inspection_round(table, degrees(0, 0)).unreachable == ()
