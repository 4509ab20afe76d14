"""Rounds of a shift: what is owed most, in the time that there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, permutations, product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.errors import InputError, NotFoundError, TableError
from gridmap.network.rounds import Shift, overdue_round
from gridmap.network.rounds.calls import Calls
from gridmap.network.rounds.planning import habit, planned
from gridmap.network.rounds.signing import signing_order
from gridmap.network.rounds.visits import visits

#: a cross of four arms of 78 m: one minute each on foot at 1.3 m/s
ARMS = {"east": (78, 0), "north": (0, 78), "west": (-78, 0), "south": (0, -78)}


def cross():
    lines = [shapely.LineString(np.add([(0, 0), tip], (500_000, 3_500_000))) for tip in ARMS.values()]
    return gpd.GeoDataFrame({"id": list(ARMS)}, geometry=lines, crs=4549)


def points(**at):
    spots = gpd.points_from_xy(*np.add(list(at.values()), (500_000, 3_500_000)).T)
    return gpd.GeoDataFrame({"id": list(at)}, geometry=spots, crs=4549)


START = points(here=(0, 0)).to_crs(4490).geometry[0].coords[0]


def owed(**weight):
    return pd.DataFrame({"street": list(weight), "weight": list(weight.values())})


def test_in_four_minutes_the_two_arms_that_are_owed_most_are_walked():
    made = overdue_round(cross(), START, 4.01, overdue=owed(east=1, north=5, west=2, south=4))
    assert (made.collected, made.possible) == (pytest.approx(9), pytest.approx(12))
    assert set(made.stops["street"]) == {"north", "south"}
    assert made.minutes == pytest.approx(4)


def test_with_time_enough_all_is_worked_off_and_the_bound_is_met():
    made = overdue_round(cross(), START, 10, overdue=owed(east=1, north=5, west=2, south=4))
    assert made.collected == made.collected_bound == pytest.approx(12)


def test_without_weights_metres_are_owed():
    made = overdue_round(cross(), START, 10, overdue=pd.DataFrame({"street": ["east"]}))
    assert made.possible == pytest.approx(78)


def test_a_street_on_the_way_counts():
    lines = [[(0, 0), (50, 0)], [(50, 0), (90, 0)]]
    table = gpd.GeoDataFrame({"id": ["way", "end"]}, geometry=[shapely.LineString(line) for line in lines], crs=4549)
    at = gpd.GeoSeries(gpd.points_from_xy([0], [0]), crs=4549).to_crs(4490)[0]
    made = overdue_round(table, (at.x, at.y), 3, overdue=owed(end=9, way=0.001))
    assert made.collected == pytest.approx(9.001)


def test_a_checkpoint_is_signed_in_at_within_its_window_and_waited_for():
    """It opens ten minutes after the start; the sign-in takes one, the way back one."""
    gate = points(gate=(78, 0)).assign(opens="08:10", closes="08:12")
    made = overdue_round(cross(), START, 13, overdue=owed(north=1), signins=gate)
    assert made.signins["checkpoint"].tolist() == ["gate"]
    assert 10 <= made.signins["minutes"][0] <= 12
    assert made.collected == pytest.approx(1)


def test_sign_ins_come_before_debt():
    gate = points(gate=(78, 0)).assign(opens="08:00", closes="09:00")
    made = overdue_round(cross(), START, 3.1, overdue=owed(north=100), signins=gate)
    assert (made.collected, made.signins["checkpoint"].tolist()) == (0.0, ["gate"])


def test_a_window_across_midnight_is_open_after_it():
    gate = points(gate=(78, 0)).assign(opens="22:00", closes="02:00")
    made = overdue_round(cross(), START, 10, overdue=owed(east=1), signins=gate, shift=Shift(begins="01:00"))
    assert made.signins["minutes"][0] <= 8


def test_checkpoints_without_windows_may_be_signed_in_at_any_time():
    made = overdue_round(cross(), START, 10, overdue=owed(east=1), signins=points(a=(78, 0), b=(0, 78)))
    assert set(made.signins["checkpoint"]) == {"a", "b"}


@pytest.mark.parametrize(
    ("windows", "minutes", "message"),
    [
        ({"near": ("06:00", "07:00"), "far": ("08:00", "09:00")}, 30, "even alone: near$|even alone: near;"),
        ({"near": ("08:00", "08:02"), "far": ("08:00", "08:02")}, 30, "together with the others: (near|far);"),
        ({"near": ("08:00", "09:00"), "far": ("08:00", "09:00")}, 2, "even alone: near, far;"),
    ],
    ids=["closed", "at once", "no time"],
)
def test_windows_that_cannot_be_met_are_named(windows, minutes, message):
    opens, closes = zip(*windows.values(), strict=True)
    gates = points(near=(78, 0), far=(-78, 0)).assign(opens=opens, closes=closes)
    with pytest.raises(InputError, match=message):
        overdue_round(cross(), START, minutes, overdue=owed(east=1), signins=gates)


@pytest.mark.parametrize(
    ("minutes", "overdue", "error", "message"),
    [
        (0, owed(east=1), InputError, "0 minutes"),
        (-5, owed(east=1), InputError, "-5 minutes"),
        (float("nan"), owed(east=1), InputError, "nan minutes"),
        (9, owed(nowhere=1), NotFoundError, "unknown streets: nowhere"),
        (9, owed(east=-1), TableError, "a weight that is no number"),
        (9, owed(east=0), InputError, "none can be reached"),
        (9, pd.DataFrame({"id": ["east"]}), TableError, "no column street"),
        (9, pd.DataFrame({"street": ["east", "east"]}), TableError, "more than once"),
    ],
    ids=["zero", "negative", "nan", "unknown", "weight", "nothing", "column", "twice"],
)
def test_what_cannot_be_planned_is_refused_with_a_reason(minutes, overdue, error, message):
    with pytest.raises(error, match=message):
        overdue_round(cross(), START, minutes, overdue=overdue)


@pytest.mark.parametrize("place", [(5000, 5000), (0, 900)])
def test_a_checkpoint_off_the_streets_is_refused(place):
    with pytest.raises(InputError, match="1 checkpoints off the streets"):
        overdue_round(cross(), START, 9, overdue=owed(east=1), signins=points(gate=place))


def test_a_time_that_is_none_is_refused():
    with pytest.raises(InputError, match="25:00"):
        overdue_round(cross(), START, 9, overdue=owed(east=1), shift=Shift(begins="25:00"), signins=points(a=(0, 0)))


def scattered(seed, stretches=5):
    """Calls at random places of a plane, the last of them the start."""
    random = np.random.default_rng(seed)
    xy = random.uniform(0, 100, (2 * stretches + 1, 2))
    far = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    pairs = np.arange(2 * stretches).reshape(-1, 2)
    takes = np.append(np.repeat(far[pairs[:, 0], pairs[:, 1]], 2), 0)
    return Calls(
        begin=np.append(pairs.ravel(), 2 * stretches),
        end=np.append(pairs[:, ::-1].ravel(), 2 * stretches),
        takes_s=takes,
        worth=np.append(np.repeat(random.uniform(1, 9, stretches), 2), 0),
        opens_s=np.zeros(len(takes)),
        closes_s=np.full(len(takes), np.inf),
        place=np.full(len(takes), np.nan),
        far_s=far,
        stretches=stretches,
        over_s=250.0,
    )


def test_a_timetable_that_misses_a_window_is_none():
    """The first call takes ten seconds, the second closes after nine."""
    calls = Calls(
        begin=np.zeros(3, dtype=int),
        end=np.zeros(3, dtype=int),
        takes_s=np.array([10.0, 1, 0]),
        worth=np.zeros(3),
        opens_s=np.zeros(3),
        closes_s=np.array([np.inf, 9, np.inf]),
        place=np.full(3, np.nan),
        far_s=np.zeros((1, 1)),
        stretches=0,
        over_s=99.0,
    )
    assert calls.timetable([0, 1]) is None
    assert calls.timetable([1, 0])[0].tolist() == [0, 1, 11, 11]


def best_by_trying(calls):
    best = 0.0
    for count in range(calls.stretches + 1):
        for order in permutations(range(calls.stretches), count):
            for ways in product((0, 1), repeat=count):
                plan = [2 * stretch + way for stretch, way in zip(order, ways, strict=True)]
                way = [calls.home, *plan, calls.home]
                time = sum(calls.far_s[calls.end[a], calls.begin[b]] + calls.takes_s[b] for a, b in pairwise(way))
                best = max(best, calls.total(plan)) if time <= calls.over_s else best
    return best


@pytest.mark.parametrize("seed", range(5))
def test_a_small_plan_is_the_best_of_all(seed):
    calls = scattered(seed)
    plan = planned(calls, [], turns=150)
    assert len({call // 2 for call in plan}) == len(plan)
    assert calls.total(plan) == pytest.approx(best_by_trying(calls))


def test_a_plan_collects_much_more_than_going_to_the_nearest_next():
    random = np.random.default_rng(4)
    xy = np.stack(np.meshgrid(np.arange(11), np.arange(11)), -1).reshape(-1, 2) * 100.0 + (500_000, 3_500_000)
    xy += random.normal(0, 25, xy.shape)
    node = np.arange(121).reshape(11, 11)
    ends = np.concatenate(
        [np.c_[node[:, :-1].ravel(), node[:, 1:].ravel()], np.c_[node[:-1].ravel(), node[1:].ravel()]]
    )
    table = gpd.GeoDataFrame(
        {"id": range(len(ends))}, geometry=[shapely.LineString(xy[pair]) for pair in ends], crs=4549
    )
    due = np.flatnonzero(random.random(len(ends)) < 0.35)
    debts = pd.DataFrame({"street": due, "weight": random.exponential(1, len(due)) + 0.3})
    start = gpd.GeoSeries(gpd.points_from_xy(*xy[[60]].T), crs=4549).to_crs(4490)[0]
    made = overdue_round(table, (start.x, start.y), 90, overdue=debts)
    assert made.habit * 1.25 <= made.collected <= made.collected_bound
    assert made.minutes <= 90
    assert made.length_m == pytest.approx(made.minutes * 60 * 1.3)


def gates(*places):
    """Checkpoints at the tips of the arms, in an order to be kept."""
    return points(**ARMS).assign(place_in_order=places)


@pytest.mark.parametrize("places", [(1, 2, 3, 4), (4, 3, 2, 1), (2, 1, 4, 3)], ids=["as listed", "backwards", "across"])
def test_checkpoints_whose_order_is_fixed_are_signed_in_at_in_it(places):
    made = overdue_round(cross(), START, 30, overdue=owed(east=1, south=9), signins=gates(*places))
    assert made.signins["checkpoint"].tolist() == [name for _, name in sorted(zip(places, ARMS, strict=True))]
    assert made.minutes <= 12.01


def test_a_checkpoint_without_a_place_is_signed_in_at_whenever_it_suits():
    """East closes first and has no place; the others keep theirs."""
    table = gates(None, 3, 2, 1).assign(opens="08:00", closes=["08:02", "09:00", "09:00", "09:00"])
    made = overdue_round(cross(), START, 30, overdue=owed(east=1), signins=table)
    assert made.signins["checkpoint"].tolist() == ["east", "south", "west", "north"]


def test_an_order_that_windows_do_not_allow_is_refused():
    table = gates(1, 2, 3, 4).assign(opens="08:00", closes=["09:00", "08:02", "09:00", "09:00"])
    with pytest.raises(InputError, match=r"together with the others: (east|north)"):
        overdue_round(cross(), START, 30, overdue=owed(east=1), signins=table)


def test_more_checkpoints_than_all_orders_are_tried_of_keep_their_order_too(monkeypatch):
    monkeypatch.setattr("gridmap.network.rounds.signing.ALL_ORDERS", 0)
    made = overdue_round(cross(), START, 30, overdue=owed(east=1), signins=gates(3, 1, 4, 2))
    assert made.signins["checkpoint"].tolist() == ["north", "south", "east", "west"]


def test_a_window_as_long_as_a_day_is_always_open():
    table = points(gate=(78, 0)).assign(opens="08:00", closes="08:00")
    assert visits(table, "20:00").windows_s.tolist() == [[0, np.inf]]


def test_the_debt_of_a_street_is_that_of_all_its_parts_together():
    lines = [[(-78, 0), (0, 0), (78, 0)], [(0, 0), (0, 78)]]
    shapes = [shapely.LineString(np.add(line, (500_000, 3_500_000))) for line in lines]
    table = gpd.GeoDataFrame({"id": ["bar", "stem"]}, geometry=shapes, crs=4549)
    made = overdue_round(table, START, 10, overdue=owed(bar=4))
    assert (made.possible, made.collected) == (pytest.approx(4), pytest.approx(4))


def test_time_to_sign_in_is_none_to_work_off_debt():
    """Three of four minutes are left, a minute an arm, there were no ways between."""
    debts = owed(east=1, north=5, west=2, south=4)
    made = overdue_round(cross(), START, 4, overdue=debts, signins=points(gate=(0, 0)))
    assert made.collected_bound == pytest.approx(11, abs=0.01)


def test_what_is_too_far_to_come_home_from_is_in_no_bound():
    lines = [shapely.LineString(line) for line in ([(0, 0), (60, 0)], [(0, 0), (0, 400)], [(0, 400), (0, 500)])]
    table = gpd.GeoDataFrame({"id": ["near", "way", "far"]}, geometry=lines, crs=4549)
    at = gpd.GeoSeries(gpd.points_from_xy([0], [0]), crs=4549).to_crs(4490)[0]
    assert overdue_round(table, (at.x, at.y), 3, overdue=owed(near=1, far=9)).collected_bound == pytest.approx(1)


def test_a_window_that_closes_soon_comes_before_debt_that_is_worth_more():
    gate = points(gate=(78, 0)).assign(opens="08:00", closes="08:02")
    made = overdue_round(cross(), START, 10, overdue=owed(north=100, east=1), signins=gate)
    assert made.signins["minutes"].item() == pytest.approx(1, abs=0.01)
    assert made.collected == pytest.approx(101)


def test_who_goes_to_the_nearest_next_walks_no_stretch_again():
    assert sorted(call // 2 for call in habit(replace(scattered(0), over_s=10_000))) == [0, 1, 2, 3, 4]


def signing(*x, closes=None):
    """Checkpoints on a line, at so many seconds from the start, with no time for a sign-in."""
    at = np.array([*x, 0.0])
    count = len(at)
    return Calls(
        begin=np.arange(count),
        end=np.arange(count),
        takes_s=np.zeros(count),
        worth=np.zeros(count),
        opens_s=np.zeros(count),
        closes_s=np.append(np.full(count - 1, np.inf) if closes is None else closes, np.inf).astype(float),
        place=np.full(count, np.nan),
        far_s=np.abs(at[:, None] - at),
        stretches=0,
        over_s=10_000.0,
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_sign_ins_ends_as_early_as_any_that_meets_the_windows(seed):
    random = np.random.default_rng(seed)
    calls = signing(*random.uniform(-100, 100, 5), closes=random.uniform(200, 900, 5))
    ends = [times[0][-1] for plan in permutations(range(5)) if (times := calls.timetable(list(plan))) is not None]
    assert calls.timetable(signing_order(calls, list("abcde")))[0][-1] == pytest.approx(min(ends))


def test_of_very_many_sign_ins_each_is_put_in_where_it_costs_least(monkeypatch):
    """Out to 78 by 40, back to -78: 312; any other order is longer."""
    monkeypatch.setattr("gridmap.network.rounds.signing.ALL_ORDERS", 0)
    calls = signing(78, -78, 40)
    assert calls.timetable(signing_order(calls, list("abc")))[0][-1] == 312
