"""The posts that are first at an alert: on a grid of streets on paper, and in the sample town beside networkx."""

from __future__ import annotations

import time

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import crs
from gridmap.errors import CrsError, InputError, TableError
from gridmap.network import CAR, EBIKE, FOOT, Dispatch, Mode, nearest, posts, ways, wrong_responders
from gridmap.samples import town
from gridmap.streets import graph
from tests.street_grid import NOW, X, Y, fixes, lon_lat, oracle, points, streets

SLOW = Mode(name="slow", speed_m_s=1.0)
SECONDS = Dispatch(mode=SLOW)


def answer(known, at, *columns, table=None, **options):
    options = {"dispatch": SECONDS, "now": NOW, **options}
    rows = nearest(known, streets() if table is None else table, lon_lat(*at), **options)[list(columns)]
    return [tuple(row) for row in rows.round(2).to_numpy().tolist()]


def test_posts_come_in_the_order_of_their_way_along_streets():
    known = fixes(a=(200, 200), b=(100, 0), c=(0, 150))
    assert answer(known, (0, 0), "rank", "post", "seconds", "metres", "straight_m") == [
        (1, "b", 100, 100, 100),
        (2, "c", 150, 150, 150),
        (3, "a", 400, 400, 282.84),
    ]


def test_the_way_to_and_from_the_street_counts_too():
    assert answer(fixes(a=(150, 20)), (50, -10), "seconds", "metres") == [(130, 130)]


def test_a_post_on_the_street_of_the_alert_does_not_go_by_a_crossing():
    assert answer(fixes(a=(70, 0), b=(30, 0)), (40, 0), "post", "metres") == [("b", 10), ("a", 30)]


def test_a_post_at_the_alert_is_there():
    assert answer(fixes(a=(40, 0)), (40, 0), "seconds", "chosen", "reason") == [(0, True, "")]


def test_a_second_of_age_counts_as_a_second_of_way():
    known = fixes([200, 0], old=(100, 0), fresh=(250, 0))
    assert answer(known, (0, 0), "post", "seconds", "age_s", "reason", n=1) == [
        ("fresh", 250, 0, ""),
        ("old", 100, 200, "older"),
    ]


def test_the_weight_of_age_can_be_set():
    known = fixes([200, 0], old=(100, 0), fresh=(250, 0))
    assert answer(known, (0, 0), "post", dispatch=Dispatch(mode=SLOW, age_weight=0.5)) == [("old",), ("fresh",)]


def test_who_is_nearer_by_straight_line_only_is_told_so():
    gone = streets().drop(index=3)  # the street in the west
    known = fixes(north=(0, 100), east=(180, 0), far=(200, 200))
    assert answer(known, (0, 0), "post", "metres", "reason", table=gone, n=1) == [
        ("east", 180, ""),
        ("north", 300, "farther_though_nearer"),
        ("far", 400, "farther"),
    ]


@pytest.mark.parametrize(
    ("age", "reason"), [(299, ""), (300, ""), (301, "too_old"), (-290, ""), (-301, "future")], ids=str
)
def test_a_position_counts_for_five_minutes_and_clocks_may_run_ahead_as_much(age, reason):
    assert answer(fixes([age], a=(100, 0)), (0, 0), "reason", "age_s") == [(reason, max(age, 0))]


def test_all_stale_posts_are_told_with_their_age_and_nobody_is_chosen():
    known = fixes([900, 400], a=(100, 0), b=(200, 0))
    assert answer(known, (0, 0), "post", "age_s", "chosen", "reason") == [
        ("a", 900, False, "too_old"),
        ("b", 400, False, "too_old"),
    ]


def test_the_last_fix_of_a_post_counts_and_one_of_a_wrong_clock_does_not():
    known = pd.concat([fixes([60], a=(0, 100)), fixes([5], a=(100, 0)), fixes([-9000], a=(200, 200))])
    assert answer(known, (0, 0), "metres", "age_s") == [(100, 5)]


def test_without_a_moment_the_last_fix_of_all_says_what_time_it_is():
    assert answer(fixes([900, 800], a=(100, 0), b=(0, 0)), (0, 0), "post", "age_s", now=None) == [("b", 0), ("a", 100)]


def test_posts_off_duty_are_not_sent():
    known = fixes(a=(10, 0), b=(20, 0), c=(30, 0), d=(40, 0)).assign(status=["off", None, "在岗", "on_duty"])
    asked = Dispatch(mode=SLOW, on_duty=["a", "b", "c"])
    assert answer(known, (0, 0), "post", "reason", dispatch=asked) == [
        ("b", ""),
        ("c", ""),
        ("a", "off_duty"),
        ("d", "off_duty"),
    ]


def test_a_post_off_the_streets_is_not_sent():
    assert answer(fixes(a=(100, -99), b=(100, -101)), (0, 0), "post", "reason") == [("a", ""), ("b", "off_streets")]


def test_a_post_whose_fix_has_no_place_is_not_sent():
    known = fixes(a=(100, 0), b=(0, 0))
    known.loc[1, "geometry"] = None
    assert answer(known, (0, 0), "post", "reason") == [("a", ""), ("b", "no_place")]


def test_a_post_on_streets_that_nothing_joins_cannot_be_reached():
    island = gpd.GeoDataFrame(geometry=[shapely.LineString([(X + 250, Y), (X + 250, Y + 900)])], crs=4549)
    table = pd.concat([streets(), island], ignore_index=True)
    assert answer(fixes(a=(250, 0), b=(200, 200)), (200, 0), "post", "reason", table=table) == [
        ("b", ""),
        ("a", "unreachable"),
    ]


def test_a_short_path_that_nothing_joins_is_nobodys_street():
    court = gpd.GeoDataFrame(geometry=[shapely.LineString([(X + 40, Y + 10), (X + 60, Y + 10)])], crs=4549)
    table = pd.concat([streets(), court], ignore_index=True)
    assert answer(fixes(a=(50, 10)), (0, 0), "metres", table=table) == [(60,)]


def test_who_would_take_more_than_the_most_seconds_is_not_sent():
    asked = Dispatch(mode=SLOW, most_s=250)
    assert answer(fixes(a=(200, 49), b=(200, 51)), (0, 0), "post", "reason", dispatch=asked) == [
        ("a", ""),
        ("b", "unreachable"),
    ]


def test_a_crowd_nearer_by_straight_line_hides_nobody_who_is_first_along_streets():
    gone = streets().drop(index=3)  # the street in the west
    crowd = {f"n{k:02}": (k, 100) for k in range(20)}
    rows = answer(fixes(**crowd, east=(200, 40)), (0, 0), "post", "metres", table=gone, n=1)
    assert rows[:2] == [("east", 240), ("n19", 281)]


def test_those_too_far_even_in_a_straight_line_are_not_looked_at():
    near = {f"n{k:02}": (k, 0) for k in range(20)}
    rows = answer(fixes(**near, far=(200, 200)), (0, 0), "post", "rank", "seconds", "reason", n=2)
    assert rows[:2] == [("n00", 1, 0, ""), ("n01", 2, 1, "")]
    assert rows[-1] == ("far", pd.NA, pytest.approx(np.nan, nan_ok=True), "farther")


@pytest.mark.parametrize(
    ("mode", "seconds", "metres"),
    [(FOOT, 100 / 0.6, 100), (EBIKE, 300 / 4.2, 300), (CAR, 300 / 4.0, 300)],
    ids=["up the steps", "by the next street", "by the next street, among gates"],
)
def test_each_mode_goes_its_own_way(mode, seconds, metres):
    table = streets(kinds=["service", "service", "footway", "steps", "service", "service"])
    told = answer(fixes(a=(0, 100)), (0, 0), "seconds", "metres", table=table, dispatch=Dispatch(mode=mode))
    assert told == [(pytest.approx(seconds, abs=0.01), metres)]


def test_nobody_stands_on_a_street_closed_to_the_mode():
    table = streets(kinds=["service", "footway", "service", "service", "service", "service"])
    assert answer(fixes(a=(150, 95)), (150, 0), "metres", table=table, dispatch=Dispatch(mode="car")) == [
        (pytest.approx(195),)
    ]


def test_prepared_streets_and_posts_give_the_same_answer():
    known, ready = fixes([0, 30], a=(70, 20), b=(150, 100)), ways(graph(streets()), SLOW)
    given = nearest(posts(known, ready, now=NOW), ready, lon_lat(0, 0), dispatch=SECONDS)
    pd.testing.assert_frame_equal(given, nearest(known, streets(), lon_lat(0, 0), now=NOW, dispatch=SECONDS))


def test_the_order_of_the_fixes_does_not_matter():
    known = fixes([9, 5, 3, 1], d=(0, 50), a=(50, 0), c=(50, 100), b=(100, 50))
    one, other = (nearest(each, streets(), lon_lat(0, 0), now=NOW) for each in (known, known.iloc[::-1]))
    pd.testing.assert_frame_equal(one, other)


def test_degrees_are_as_good_as_metres():
    known = fixes(a=(70, 20), b=(150, 100))
    one = nearest(crs.to_system(known, 4490), crs.to_system(streets(), 4490), lon_lat(0, 0), now=NOW)
    other = nearest(known, streets(), lon_lat(0, 0), now=NOW)
    pd.testing.assert_frame_equal(one, other, atol=1e-3)


EMPTY = fixes(a=(0, 0)).iloc[:0]
TEXTS = fixes(a=(0, 0)).assign(time=["2026-03-01 08:00"])


@pytest.mark.parametrize(
    ("known", "options", "error", "words"),
    [
        (EMPTY, {}, TableError, "no fix of any post; give at least one"),
        (fixes(a=(0, 0)).drop(columns="time"), {}, TableError, "no column time; map or add it"),
        (fixes(a=(0, 0)).drop(columns="post"), {}, TableError, "no column post; map or add it"),
        (TEXTS, {}, TableError, "feature 1: no moment with its zone"),
        (fixes(a=(0, 0)).assign(time="soon"), {}, TableError, "feature 1: no moment with its zone"),
        (fixes(a=(0, 0)).set_crs(None, allow_override=True), {}, CrsError, "does not say its coordinate system"),
        (fixes(a=(0, 0)), {"n": 0}, InputError, "n 0; expected 1 or more"),
        (fixes(a=(0, 0)), {"now": pd.Timestamp("2026-03-01")}, InputError, "without a zone"),
        (fixes(a=(0, 0)), {"dispatch": Dispatch(most_age_s=-1)}, InputError, "most_age_s -1"),
        (
            fixes(a=(0, 0)),
            {"dispatch": Dispatch(mode="plane")},
            InputError,
            "mode 'plane'; expected one of foot, e-bike, car",
        ),
    ],
    ids=["empty", "no time", "no post", "no zone", "no moment", "no crs", "n", "now", "age", "mode"],
)
def test_what_cannot_be_answered_is_refused(known, options, error, words):
    with pytest.raises(error, match=words):
        answer(known, (0, 0), "post", **options)


def test_an_alert_far_from_any_street_is_refused():
    with pytest.raises(
        InputError, match="an alert 500 m from the nearest street open to mode 'slow'; expected at most 300 m"
    ):
        answer(fixes(a=(0, 0)), (0, -500), "post")


def test_streets_that_are_all_closed_to_the_mode_are_refused():
    with pytest.raises(InputError, match="all closed to mode 'car'"):
        answer(fixes(a=(0, 0)), (0, 0), "post", table=streets(kinds=["footway"] * 6), dispatch=Dispatch(mode=CAR))


@pytest.mark.parametrize("speed", [0.0, -1.0, np.inf, np.nan])
def test_a_mode_that_leads_nowhere_is_refused(speed):
    with pytest.raises(InputError, match="a speed of mode 'x' that is not above 0"):
        Mode(name="x", speed_m_s=1.0, by_class={"steps": speed})


@pytest.fixture(scope="module")
def tables():
    return town(seed=5, buildings=1500)


@pytest.mark.parametrize("mode", [FOOT, EBIKE, CAR], ids=["foot", "e-bike", "car"])
def test_seconds_and_metres_are_those_of_networkx(tables, mode):
    ready, rng = ways(tables["streets"], mode), np.random.default_rng(7)
    made = ready.graph
    edges = rng.choice(ready.open_edges, 41)
    alongs = rng.random(41) * made.length_m[edges]
    spots = shapely.get_coordinates(shapely.line_interpolate_point(made.edges[edges], alongs))
    whole = oracle(made, edges, alongs, mode.speeds(made.kind))
    seconds, path = nx.single_source_dijkstra(whole, ("at", 40), weight="s")
    known = gpd.GeoDataFrame(
        {"post": [f"{k:02}" for k in range(40)], "time": NOW}, geometry=gpd.points_from_xy(*spots[:40].T), crs=made.crs
    )
    at = crs.to_wgs84(*spots[40], made.crs)
    rows = nearest(known, ready, at, n=40).sort_values("post")
    assert rows["seconds"].to_numpy() == pytest.approx([seconds["at", k] for k in range(40)], abs=1e-3)
    assert rows["metres"].to_numpy() == pytest.approx(
        [nx.path_weight(whole, path["at", k], "m") for k in range(40)], abs=1e-2
    )


def test_looking_at_a_few_posts_only_finds_the_same_three(tables):
    ready, rng = ways(tables["streets"]), np.random.default_rng(8)
    west, south, east, north = shapely.total_bounds(ready.graph.edges)
    spots = np.column_stack([rng.uniform(west, east, 300), rng.uniform(south, north, 300)])
    ages = pd.to_timedelta(rng.integers(0, 300, 300), unit="s")
    known = gpd.GeoDataFrame(
        {"post": [f"{k:03}" for k in range(300)], "time": NOW - ages},
        geometry=gpd.points_from_xy(*spots.T),
        crs=ready.graph.crs,
    )
    for spot in spots[:20]:
        at = crs.to_wgs84(*spot, ready.graph.crs)
        few, all_of = (nearest(known, ready, at, n=n, now=NOW) for n in (3, 300))
        assert few["post"][:3].tolist() == all_of["post"][:3].tolist()


@pytest.mark.alone
def test_an_answer_takes_a_few_milliseconds_when_the_graph_is_at_hand():
    ready, rng = ways(streets(side=160)), np.random.default_rng(9)
    assert len(ready.graph) > 50_000
    spots = rng.uniform(0, 15_900, (500, 2))
    known = posts(fixes(**{f"{k:03}": tuple(spot) for k, spot in enumerate(spots)}), ready)
    nearest(known, ready, lon_lat(0, 0))
    took = []
    for spot in rng.uniform(0, 15_900, (100, 2)):
        begin = time.process_time()
        nearest(known, ready, lon_lat(*spot))
        took.append(time.process_time() - begin)
    assert np.percentile(took, 95) < 0.010


def test_alerts_to_which_a_straight_line_sends_the_wrong_post_are_told():
    gone = streets().drop(index=3)
    known = fixes([0, 0, 999], north=(0, 100), east=(180, 0), late=(0, 0))
    told = wrong_responders(known, gone, points((0, 0), (200, 0)), now=NOW, dispatch=SECONDS)
    assert told[["alert", "nearest", "straight", "wrong"]].to_numpy().tolist() == [
        [0, "east", "north", True],
        [1, "east", "east", False],
    ]
    assert told["extra_s"].round(6).tolist() == [120, 0]


def test_where_nobody_can_come_nobody_is_wrong():
    told = wrong_responders(fixes([999], a=(0, 0)), streets(), points((0, 0)), now=NOW)
    assert told[["nearest", "straight", "wrong"]].to_numpy().tolist() == [["", "", False]]


def test_points_of_a_table_are_what_posts_stand_on():
    ready = ways(streets(), SLOW)
    assert (ready.to_metres(points((30, 40))) - [X, Y]).tolist() == [[30, 40]]
