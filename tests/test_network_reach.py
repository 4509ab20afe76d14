"""Streets, households and ground within some minutes: on a grid of streets on paper, and in the town by small steps."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString

from gridmap import crs
from gridmap.errors import InputError, TableError
from gridmap.network import Dispatch, Mode, Service, rings, service_area, ways
from gridmap.network.reach import first, first_two, lines, reached, shared, stretches, total
from gridmap.samples import town
from gridmap.standards import services
from tests.street_grid import NOW, X, Y, fixes, oracle, points, streets

SLOW = Mode(name="slow", speed_m_s=1.0)
POSTS = Dispatch(mode=SLOW)
WALK = Service(mode=SLOW)


def straight(length=1000.0, **columns):
    return gpd.GeoDataFrame(columns, geometry=[LineString([(X, Y), (X + length, Y)])], crs=4549)


def houses(*rows, count="households"):
    """Buildings of 2 m by 2 m around (x, y), each of so many households."""
    shapes = [shapely.box(X + x - 1, Y + y - 1, X + x + 1, Y + y + 1) for x, y, _ in rows]
    return gpd.GeoDataFrame({count: [row[2] for row in rows]}, geometry=shapes, crs=4549)


def told(table, *columns):
    return [tuple(row) for row in table[list(columns)].round(3).to_numpy().tolist()]


def test_a_post_reaches_both_ways_along_its_street():
    found = rings(fixes(a=(500, 0)), straight(), (1, 5, 10), dispatch=POSTS).rings
    assert told(found, "minutes", "reached_m", "share") == [(1, 120, 0.12), (5, 600, 0.6), (10, 1000, 1)]
    assert shapely.length(found.geometry).tolist() == pytest.approx([120, 600, 1000])


def test_the_way_to_the_street_takes_its_time():
    assert told(rings(fixes(a=(500, 20)), straight(), (1,), dispatch=POSTS).rings, "reached_m") == [(80,)]


def test_what_two_posts_reach_counts_once_and_is_served_by_neither_alone():
    found = rings(fixes(a=(450, 0), b=(550, 0)), straight(), (1, 2), dispatch=POSTS).rings
    # 390..510 and 490..610; 330..570 and 430..670
    assert told(found, "posts", "reached_m", "sole_m", "share_sole") == [(2, 220, 200, 0.2), (2, 340, 200, 0.2)]


def test_two_posts_at_one_place_serve_nothing_alone():
    assert told(
        rings(fixes(a=(450, 0), b=(450, 0)), straight(), (1,), dispatch=POSTS).rings, "reached_m", "sole_m"
    ) == [(120, 0)]


def test_a_third_post_takes_nothing_from_what_two_share():
    found = rings(fixes(a=(400, 0), b=(450, 0), c=(500, 0)), straight(), (1,), dispatch=POSTS).rings
    # alone: 340..390 and 510..560
    assert told(found, "reached_m", "sole_m") == [(220, 100)]


def test_round_a_block_the_far_side_is_reached_from_both_ends():
    square = gpd.GeoDataFrame(
        geometry=[LineString([(X, Y), (X + 100, Y), (X + 100, Y + 100), (X, Y + 100), (X, Y)])], crs=4549
    )
    found = rings(fixes(a=(0, 50)), square, (2, 3, 4), dispatch=POSTS).rings
    assert told(found, "reached_m") == [(240,), (360,), (400,)]


def test_posts_that_may_not_be_sent_reach_nothing():
    found = rings(fixes([900, 0], a=(0, 0), b=(500, 900)), straight(), (5,), now=NOW, dispatch=POSTS).rings
    assert told(found, "posts", "reached_m", "share", "sole_m") == [(0, 0, 0, 0)]
    assert found.geometry.is_empty.all()


def test_streets_are_told_one_by_one():
    found = rings(fixes(a=(0, 0)), streets(2), (2,), dispatch=POSTS).streets
    assert told(found, "street", "length_m", "reached_m", "sole_m") == [
        (0, 100, 100, 100),
        (1, 100, 20, 20),
        (2, 100, 100, 100),
        (3, 100, 20, 20),
    ]


def test_streets_closed_to_the_mode_do_not_count():
    table = streets(2, kinds=["service", "footway", "service", "service"])
    found = rings(fixes(a=(0, 0)), table, (60,), dispatch=Dispatch(mode="car")).rings
    assert told(found, "length_m", "share") == [(300, 1)]


def test_a_street_drawn_twice_counts_once():
    table = pd.concat([straight(), straight()], ignore_index=True)
    assert told(rings(fixes(a=(500, 0)), table, (1,), dispatch=POSTS).rings, "length_m", "reached_m", "sole_m") == [
        (1000, 120, 120)
    ]


def test_households_are_those_behind_doors_reached_in_time():
    built = houses((540, 19, 3), (541, -20, 5), (900, 0, 7), (300, 151, 11))
    found = rings(fixes(a=(500, 0)), straight(), (1,), buildings=built, dispatch=POSTS).rings
    assert told(found, "households", "households_reached", "share_households", "households_too_far") == [
        (26, 3, 0.115, 11)
    ]


def test_without_a_column_every_building_counts_as_one():
    built = houses((540, 0, 1), (900, 0, 1), count="floors")
    found = rings(fixes(a=(500, 0)), straight(), (1,), buildings=built, dispatch=POSTS).rings
    assert told(found, "households", "households_reached") == [(2, 1)]


def test_rings_come_back_in_the_system_of_the_fixes():
    found = rings(crs.to_system(fixes(a=(500, 0)), 4490), straight(), (1,), dispatch=POSTS).rings
    assert found.crs.to_epsg() == 4490


def test_a_place_serves_the_streets_within_its_minutes():
    found = service_area(points((0, 0), kind=["clinic"]), straight(2000), service=WALK).polygons
    assert told(found, "kind", "minutes", "places", "reached_m", "share") == [
        ("clinic", 5, 1, 300, 0.15),
        ("clinic", 10, 1, 600, 0.3),
        ("clinic", 15, 1, 900, 0.45),
    ]


def test_each_kind_is_reached_from_its_own_places():
    places = points((0, 0), (2000, 0), (1000, 900), kind=["clinic", "clinic", "school"])
    found = service_area(places, straight(2000), (5,), service=WALK).polygons
    assert told(found, "kind", "places", "places_too_far", "reached_m") == [("clinic", 2, 0, 600), ("school", 0, 1, 0)]
    assert found.geometry.is_empty.tolist() == [False, True]


def test_ground_beside_a_reached_street_is_drawn_to_the_stated_tolerance():
    places = points((1000, 0), kind=["clinic"])
    for tolerance in (0.5, 0.05):
        asked = Service(mode=SLOW, beside_m=40, tolerance_m=tolerance)
        (area,) = service_area(places, straight(2000), (5,), service=asked).polygons["area_m2"]
        whole = 600 * 80 + np.pi * 40**2
        assert whole - 2 * np.pi * 40 * tolerance <= area <= whole


def test_the_inside_of_a_block_is_reached_ground_and_that_of_a_park_is_not():
    places = points((0, 0), kind=["clinic"])
    inside = shapely.Point(X + 50, Y + 50)
    for most, filled in ((1600, True), (1599, False)):
        asked = Service(mode=SLOW, block_m2=most)
        (ground,) = service_area(places, streets(2), (15,), service=asked).polygons.geometry
        assert ground.contains(inside) == filled


def test_minutes_to_each_building_are_told_kind_by_kind():
    built = houses((130, 20, 1), (590, 0, 1), (100, 400, 1)).set_index(pd.Index(["x", "y", "z"]))
    places = points((100, 10), (580, 0), kind=["clinic", "school"])
    found = service_area(places, straight(), (1, 2), buildings=built, service=WALK)
    assert found.minutes.round(3).to_dict() == {
        "clinic": {"x": 1.0, "y": pytest.approx(np.nan, nan_ok=True), "z": pytest.approx(np.nan, nan_ok=True)},
        "school": {"x": pytest.approx(np.nan, nan_ok=True), "y": 0.167, "z": pytest.approx(np.nan, nan_ok=True)},
    }
    assert found.too_far.tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("places", "minutes", "error", "words"),
    [
        (points((0, 0)), (5,), TableError, "no column kind"),
        (points((0, 0), kind=["clinic"]).iloc[:0], (5,), TableError, "no place; give at least one"),
        (points((0, 900), kind=["clinic"]), (5,), InputError, "none is within 150 m of a street open to mode 'slow'"),
        (points((0, 0), kind=["clinic"]), (), InputError, "minutes \\[\\]; expected numbers above 0"),
        (points((0, 0), kind=["clinic"]), (0,), InputError, "minutes \\[0\\]"),
        (points((0, 0), kind=["clinic"]), (np.nan,), InputError, "minutes \\[nan\\]"),
    ],
    ids=["no kind", "empty", "far", "no minutes", "zero", "nan"],
)
def test_service_areas_that_cannot_be_told_are_refused(places, minutes, error, words):
    with pytest.raises(error, match=words):
        service_area(places, straight(), minutes, service=WALK)


@pytest.mark.parametrize("name", ["off_m", "door_m", "beside_m", "tolerance_m"])
def test_lengths_of_no_meaning_are_refused(name):
    with pytest.raises(InputError, match=f"{name} 0; expected metres above 0"):
        Service(**{name: 0})


@pytest.fixture(scope="module")
def tables():
    return town(seed=5, buildings=1500)


@pytest.fixture(scope="module")
def known(tables):
    """The streets of the town cut at 25 places, and the same in networkx."""
    ready, rng = ways(tables["streets"]), np.random.default_rng(11)
    made = ready.graph
    edges = rng.choice(ready.open_edges, 25)
    alongs = rng.random(25) * made.length_m[edges]
    spots = shapely.get_coordinates(shapely.line_interpolate_point(made.edges[edges], alongs))
    cut = stretches(ready, spots, 1.0)
    whole = oracle(made, edges, alongs, ready.mode.speeds(made.kind))
    return cut, whole


def _sampled(cut, whole, limit, k):
    """Metres of each stretch at which the k-th soonest place is in time, metre by metre."""
    name = {node: ("at", place) for place, node in enumerate(cut.foot.tolist())}
    seconds = [
        nx.single_source_dijkstra_path_length(whole, ("at", place), weight="s") for place in range(len(cut.foot))
    ]
    metres = np.zeros(len(cut.edge))
    for at, ((u, v), length, pace) in enumerate(
        zip(cut.ends.tolist(), cut.length_m.tolist(), cut.s_per_m.tolist(), strict=True)
    ):
        steps = np.arange(0.5, max(np.ceil(length), 1)) * length / max(np.ceil(length), 1)
        one, other = name.get(u, u), name.get(v, v)
        times = [
            np.minimum(t.get(one, np.inf) + steps * pace, t.get(other, np.inf) + (length - steps) * pace)
            for t in seconds
        ]
        metres[at] = (np.sort(times, axis=0)[k] <= limit).mean() * length
    return metres


@pytest.mark.parametrize("limit", [60.0, 200.0])
def test_metres_reached_by_one_and_by_two_are_those_counted_metre_by_metre(known, limit):
    cut, whole = known
    seconds, which = first_two(cut, np.arange(25), limit)
    one = total(cut, reached(cut, seconds[:, 0], limit))
    two = shared(cut, seconds, which, limit)
    assert np.abs(one - _sampled(cut, whole, limit, 0)).max() <= 1.01
    assert np.abs(two - _sampled(cut, whole, limit, 1)).max() <= 1.51
    assert 0 < two.sum() < one.sum()


def test_lines_reached_are_as_long_as_the_metres_reached(known):
    cut, _ = known
    seconds = first(cut, np.arange(25), 120.0)
    metres = reached(cut, seconds, 120.0)
    drawn, edge = lines(cut, metres)
    per_edge = np.bincount(cut.edge, total(cut, metres), len(cut.ways.graph))
    assert np.bincount(edge, shapely.length(drawn), len(cut.ways.graph)) == pytest.approx(per_edge, abs=1e-6)
    assert seconds == pytest.approx(first_two(cut, np.arange(25), 120.0)[0][:, 0])


def test_grids_of_the_town_add_up_to_their_community(tables):
    made = services(
        tables["places"], tables["streets"], tables["areas"], buildings=tables["buildings"], minutes=(5, 15)
    )
    table = made.areas.drop(columns="geometry").set_index(["code", "kind", "minutes"])
    parents = tables["areas"].set_index("code")["parent"]
    grids = table[table["level"] == "grid"].reset_index()
    sums = grids.groupby([grids["code"].map(parents), "kind", "minutes"])[
        ["households", "reached", "too_far", "places"]
    ].sum()
    assert (table.loc[sums.index, sums.columns].astype(float) == sums.astype(float)).to_numpy().all()


def test_more_minutes_reach_no_less(tables):
    found = service_area(tables["places"], tables["streets"], (5, 10, 15), buildings=tables["buildings"]).polygons
    for _, kind in found.groupby("kind"):
        assert kind[["reached_m", "households_reached", "area_m2"]].diff().iloc[1:].ge(0).to_numpy().all()
