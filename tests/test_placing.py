"""Where to put cameras: poles on streets drawn by hand, places to be seen, and the reason of each."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import LineString, Point, box

from gridmap.errors import CrsError, InputError, TableError, TooLargeError
from gridmap.visibility.placement.candidates import CameraModel, candidates
from gridmap.visibility.placement.placing import Terms, place, proposal
from gridmap.visibility.seeing import viewsheds

EAST, NORTH = 500_000.0, 3_540_000.0
# a level axis and no dead zone: it finds from the pole on up to 1908 / 62.5 = 30.5 m
LEVEL = CameraModel(tilt_deg=None)
FINDS_M = 2560 / (2 * math.tan(math.radians(67.7 / 2))) / 62.5


def streets(*rows):
    """Streets of (id, points) or (id, points, class, barrier), metres of EPSG:4549 from a corner."""
    table = {name: [(*row, None, None)[at] for row in rows] for name, at in (("id", 0), ("class", 2), ("barrier", 3))}
    shapes = [LineString([(EAST + x, NORTH + y) for x, y in row[1]]) for row in rows]
    return gpd.GeoDataFrame({**table, "name": [f"{row[0]} Road" for row in rows]}, geometry=shapes, crs=4549)


def houses(*bounds, height_m=20.0):
    shapes = [box(EAST + w, NORTH + s, EAST + e, NORTH + n) for w, s, e, n in bounds]
    return gpd.GeoDataFrame({"id": range(len(shapes)), "height_m": height_m}, geometry=shapes, crs=4549)


def points(*places):
    spots = [Point(EAST + x, NORTH + y) for x, y in places]
    return gpd.GeoDataFrame({"id": [f"D{at}" for at in range(len(spots))]}, geometry=spots, crs=4549)


def spots(table):
    xy = shapely.get_coordinates(table.to_crs(4549).geometry.to_numpy()) - (EAST, NORTH)
    return [tuple(place) for place in np.unique(xy.round(2), axis=0).tolist()]


def headings(table):
    return sorted(table["heading_deg"].round().astype(int) % 360)


MAIN = ("main", [(0, 0), (60, 0)])


def test_poles_stand_at_both_kerbs_every_so_many_metres():
    made = candidates(streets(MAIN), houses(), every_m=30)
    assert spots(made) == [(15, -3.5), (15, 3.5), (45, -3.5), (45, 3.5)]
    assert spots(candidates(streets((*MAIN, "primary")), houses(), every_m=60)) == [(30, -9), (30, 9)]


def test_cameras_at_a_kerb_look_along_the_street_both_ways_and_across():
    made = candidates(streets(("up", [(0, 0), (0, 30)])), houses())
    west = made[made.geometry.x < EAST]
    assert headings(west) == [0, 90, 180]
    assert headings(made[made.geometry.x > EAST]) == [0, 180, 270]


def test_no_pole_stands_in_a_house_or_at_its_wall():
    made = candidates(streets(MAIN), houses((10, 3, 20, 9), (40, -8, 50, 8)), every_m=30)
    assert spots(made) == [(15, -3.5), (15, 1.75)]
    assert made.geometry.distance(houses((10, 3, 20, 9), (40, -8, 50, 8)).union_all()).min() >= 0.3


def test_a_pole_keeps_clear_of_a_wall_that_it_would_not_touch():
    assert spots(candidates(streets(("a", [(0, 0), (30, 0)])), houses((0, 3.7, 30, 9)))) == [(15, -3.5), (15, 1.75)]


def test_cameras_at_a_crossing_look_along_each_arm_from_its_widest_corner():
    tee = streets(("a", [(-10, 0), (10, 0)]), ("b", [(0, 0), (0, -10)]))
    made = candidates(tee, houses())
    assert set(made["at"]) == {"crossing"}
    assert spots(made) == [(0, 3.5)]
    # the arms are aimed at 20 m out: atan(3.5 / 20) = 10 degrees below the street
    assert headings(made) == [100, 180, 260]


def test_lines_that_cross_without_a_vertex_are_a_crossing():
    made = candidates(streets(("a", [(-8, 0), (8, 0)]), ("b", [(0, -8), (0, 8)])), houses())
    assert len(made) == 4
    assert math.hypot(*spots(made)[0]) == pytest.approx(3.5 * math.sqrt(2), abs=0.02)


def test_headings_are_from_true_north():
    far_east = gpd.GeoSeries([LineString([(121.4, 32.0), (121.4, 32.001)])], crs=4490)
    road = gpd.GeoDataFrame({"id": ["1"]}, geometry=far_east.to_crs(4549), crs=4549)
    made = candidates(road, houses(), every_m=110)
    assert headings(made) == [0, 0, 90, 180, 180, 270]
    azimuth = Geod(ellps="GRS80").inv(121.4, 32.0, 121.4, 32.001)[0]
    # grid north lies 0.74 degrees off here
    assert np.abs((made["heading_deg"] - azimuth + 180) % 360 - 180).min() < 0.01


def test_rivers_have_no_poles():
    river = ("r", [(0, 100), (60, 100)], None, "river")
    assert spots(candidates(streets(MAIN, river), houses())) == spots(candidates(streets(MAIN), houses()))
    with pytest.raises(TableError, match="no street among the lines"):
        candidates(streets(river), houses())


def test_a_street_cut_in_pieces_has_the_poles_of_a_whole_one():
    halves = streets(("a", [(0, 0), (25, 0)]), ("b", [(60, 0), (25, 0)]))
    assert spots(candidates(halves, houses())) == spots(candidates(streets(MAIN), houses()))


def test_the_order_of_streets_makes_no_difference():
    town = streets(MAIN, ("b", [(30, -40), (30, 50)]), ("c", [(0, 30), (70, 33)]))
    one, other = (place(table, houses(), count=4).to_wkb() for table in (town, town.iloc[::-1]))
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))


def level(*names, **more):
    return Terms(models=tuple(CameraModel(name=name, tilt_deg=None) for name in names or ("level",)), **more)


def test_a_camera_adds_the_metres_between_its_dead_zone_and_the_end_of_its_band():
    # by hand: lower edge of the picture at 10 + atan(9/16 tan 33.85) degrees; find ends at 1908 / 62.5 m of depth
    down = math.radians(10) + math.atan(9 / 16 * math.tan(math.radians(67.7 / 2)))
    near = 6 / math.tan(down)
    far = (FINDS_M - 4.3 * math.sin(math.radians(10))) / math.cos(math.radians(10))
    made = place(streets(("a", [(0, 0), (100, 0)])), houses(), count=1)
    assert made["gain_m"].tolist() == pytest.approx([far - near], abs=1e-5)


def test_a_house_between_takes_away_what_it_hides():
    road, block = streets(("a", [(0, 0), (60, 0)]), ("b", [(20, 12), (60, 12)])), houses((20, 5, 40, 9))
    made = proposal(road, block, count=3, terms=level())
    cameras = made.poles.drop(columns=["rank", "gain_m", "total_share"])
    seen = viewsheds(cameras, block, tolerance_m=1e-4).query("band in ('recognise', 'find')").union_all()
    expected = road.geometry.intersection(seen).length.sum()
    assert made.seen_m == pytest.approx(expected, abs=1e-3)
    assert made.poles["total_share"].iloc[-1] == pytest.approx(expected / 100, abs=1e-5)


def camera(x, y, heading, **more):
    table = {"id": ["old"], "kind": "fixed", "status": "online", "heading_deg": [heading], "width_px": 2560}
    return gpd.GeoDataFrame({**table, "hfov_deg": 67.7, **more}, geometry=[Point(EAST + x, NORTH + y)], crs=4549)


def test_what_an_existing_camera_sees_counts_for_nothing():
    road = streets(("a", [(0, 0), (40, 0)]))
    made = proposal(road, houses(), camera(0, 0, 90.0), count=1, terms=level())
    assert made.before_m == pytest.approx(FINDS_M, abs=1e-6)
    assert 5 < made.poles["gain_m"].iloc[0] < 40 - FINDS_M + 1e-5
    assert made.gains.total_bounds[0] >= EAST + FINDS_M - 1e-6
    assert made.seen_m == pytest.approx(made.before_m + made.poles["gain_m"].sum())
    assert made.poles["total_share"].tolist() == pytest.approx([(FINDS_M + made.poles["gain_m"].iloc[0]) / 40])


def test_an_offline_camera_counts_only_if_it_is_said_so_and_is_named_else():
    road, old = streets(MAIN), camera(0, 0, 90.0, status="offline")
    found, every = (proposal(road, houses(), old, count=1, terms=Terms(offline=counts)) for counts in (False, True))
    assert (found.before_m, found.offline) == (0, ("old",))
    assert (every.before_m, every.offline) == (pytest.approx(FINDS_M), ())
    assert proposal(road, houses(), old, count=1).before_m == 0


def test_a_camera_without_heading_is_not_counted_and_said_so():
    made = proposal(streets(MAIN), houses(), camera(0, 0, None), count=1)
    assert (made.before_m, made.uncounted) == (0, ("old",))


def test_each_camera_says_which_streets_it_adds_and_where():
    made = proposal(streets(("a", [(0, 0), (100, 0)])), houses(), count=2)
    assert made.poles["where"].tolist() == ["a Road 20 m", "a Road 20 m"]
    assert made.gains.groupby("rank")["gain_m"].sum().tolist() == pytest.approx(made.poles["gain_m"].tolist())
    assert made.gains.length.tolist() == pytest.approx(made.gains["gain_m"].tolist())


@pytest.mark.parametrize(("name", "called"), [("Road", " Road"), ("", "")], ids=["named", "without names"])
def test_of_the_streets_that_a_camera_adds_the_three_longest_are_named(name, called):
    lines = [
        ("z", [(0, 0), (20, 0)]),
        ("d", [(18, -1), (18, 1)]),
        ("c", [(15, -1), (15, 2)]),
        ("b", [(10, -2), (10, 3)]),
    ]
    road = streets(*lines)
    road["name"] = road["name"] if name else ""
    made = place(road, houses(), count=1, terms=Terms(candidates=camera(0, 0, 90.0)))
    assert made["where"].tolist() == [f"z{called} 20 m, b{called} 5 m, c{called} 3 m"]


def test_ground_that_two_see_is_told_of_the_first_alone():
    made = proposal(streets(("a", [(0, 0), (45, 0)])), houses(), count=2, terms=level())
    assert made.gains.groupby("rank")["gain_m"].sum().tolist() == pytest.approx(made.poles["gain_m"].tolist(), abs=1e-5)
    assert made.gains["gain_m"].sum() == pytest.approx(made.gains.union_all().length)


def test_fewer_cameras_are_proposed_where_more_add_nothing():
    made = proposal(streets(("a", [(0, 0), (40, 0)])), houses(), count=50, terms=level())
    assert len(made.poles) < 10
    assert made.poles["gain_m"].min() > 0


def test_a_narrower_band_reaches_less():
    reached = [
        proposal(streets(("a", [(0, 0), (200, 0)])), houses(), count=1, band=band, terms=level()).seen_m
        for band in ("recognise", "find", "detect")
    ]
    assert reached == pytest.approx(sorted(reached))
    assert reached[0] < reached[1] / 1.8 < reached[2] / 3.6


def test_the_best_choice_is_proven_where_the_case_is_small():
    town = streets(MAIN, ("b", [(30, -40), (30, 50)]), ("c", [(0, 30), (70, 33)]))
    plain, exact = (proposal(town, houses((5, 5, 20, 25)), count=3, terms=Terms(exact=way)) for way in (False, True))
    assert exact.gap == 0
    assert plain.most_m >= exact.seen_m >= plain.seen_m >= 0.99 * exact.seen_m


def test_a_budget_is_kept():
    models = (CameraModel(name="dear", width_px=3840, cost=3.0), CameraModel(name="cheap"))
    made = place(streets(("a", [(0, 0), (300, 0)])), houses(), count=9, terms=Terms(models=models, budget=4.0))
    assert made["cost"].sum() <= 4
    assert len(made) > 1


def test_candidates_of_ones_own_are_chosen_from():
    own = pd.concat([camera(0, 0, 90.0).assign(id="first"), camera(60, 0, 0.0).assign(id="second")])
    made = place(streets(MAIN), houses(), count=1, terms=Terms(candidates=own))
    assert made["id"].tolist() == ["first"]


def must(where, road=MAIN, block=(), **more):
    made = proposal(streets(road), houses(*block), terms=level(must_see=where), **{"count": 2, **more})
    return made, made.places["why"].tolist()


def test_a_place_that_must_be_seen_comes_before_more_street():
    made, why = must(points((15, 22)), road=("a", [(0, 0), (300, 0)]), count=1)
    assert why == ["chosen"]
    assert made.poles["must_see"].tolist() == ["D0"]
    assert made.places[["rank", "message"]].to_numpy().tolist() == [[1, "camera 1 of the proposal sees it"]]


def test_a_place_that_must_be_seen_comes_first_without_the_solver_too():
    terms = level(must_see=points((15, 22)), exact=False)
    made = proposal(streets(("a", [(0, 0), (300, 0)])), houses(), count=1, terms=terms)
    assert made.places["why"].tolist() == ["chosen"]


def test_a_place_that_is_seen_already_needs_no_camera():
    made = proposal(streets(MAIN), houses(), camera(0, 0, 90.0), count=1, terms=level(must_see=points((10, 1))))
    assert made.places[["seen", "why"]].to_numpy().tolist() == [[True, "existing"]]
    assert made.places["rank"].isna().all()


def test_of_a_place_that_nobody_can_see_it_is_said_why():
    assert must(points((30, 90)))[1] == ["too_far"]
    assert must(points((30, 20)), block=[(-40, 8, 100, 12)])[1] == ["hidden"]
    assert must(points((30, 9.5)), block=[(-40, 8, 100, 8.5)])[1] == ["hidden"]
    made, why = must(points((15, 20), (1000, 20)), road=("a", [(0, 0), (1015, 0)]), count=1)
    assert sorted(why) == ["chosen", "spent"]
    assert made.places["message"].str.contains("allow more cameras").sum() == 1


def test_a_place_beyond_the_range_of_all_cameras_is_too_far_though_they_resolve_more():
    terms = Terms(candidates=camera(0, 0, 90.0, range_m=15.0), must_see=points((20, 0)))
    made = proposal(streets(MAIN), houses(), count=1, terms=terms).places
    assert made["why"].tolist() == ["too_far"]
    assert "20 m away, and cameras reach 15 m" in made["message"].iloc[0]


@pytest.mark.parametrize(
    ("where", "block"),
    [
        ((30, 20), [(25, 10, 35, 30)]),
        ((30, 11), [(25, 10, 35, 30)]),
        # the gap of 0.4 mm is closed, and their walls come to lie at 10.000
        ((30, 20), [(25.0004, 10.0004, 35, 30), (35.0004, 10.0004, 45, 30)]),
    ],
    ids=["deep", "just behind its wall", "walls moved outwards"],
)
def test_a_place_inside_a_house_is_seen_by_its_front(where, block):
    made, why = must(points(where), block=block)
    assert why == ["chosen"]
    assert made.places["seen"].all()


@pytest.mark.parametrize(("half_m", "why"), [(0.138, "hidden"), (0.4, "chosen")], ids=["0.5 m", "1.4 m"])
def test_a_house_of_which_less_than_a_metre_is_in_view_is_not_seen(half_m, why):
    # a gap that ends 11 m off opens at the front, 19.9 m off, to 19.9 / 11 times as much
    block = houses((10, -20, 11, -half_m), (10, half_m, 11, 20), (20, -5, 30, 5))
    terms = Terms(candidates=camera(0, 0, 90.0), must_see=points((25, 0)))
    assert proposal(streets(MAIN), block, count=1, terms=terms).places["why"].tolist() == [why]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"count": 0}, "0 cameras; expected 1 to 5000"),
        ({"band": "identify"}, "band 'identify'; expected one of recognise, find, detect, seen"),
        ({"terms": Terms(budget=-1.0)}, "a budget of -1.0"),
        ({"terms": Terms(every_m=1.0)}, "poles every 1.0 m; expected 5 to 1000 m"),
        ({"terms": Terms(models=())}, "no camera model"),
        ({"terms": Terms(models=(CameraModel(cost=0.0),))}, "at a cost of 0.0; expected a cost above 0"),
        ({"terms": Terms(candidates=camera(0, 0, 90.0, cost=-1.0))}, "cost is no number above 0"),
    ],
    ids=["no camera", "band", "budget", "distance", "models", "cost", "own cost"],
)
def test_what_cannot_be_asked_for_is_refused(more, message):
    with pytest.raises(InputError, match=message):
        place(streets(MAIN), houses(), **{"count": 1, **more})


def test_too_many_candidates_are_refused_before_they_are_made():
    with pytest.raises(TooLargeError, match="expected at most 100000 candidates; put poles further apart"):
        candidates(streets(("a", [(0, 0), (1_000_000, 0)])), houses(), every_m=5)


def test_streets_that_do_not_say_where_they_are_are_refused():
    with pytest.raises(CrsError, match="does not say its coordinate system"):
        place(streets(MAIN).set_crs(None, allow_override=True), houses(), count=1)


def test_nothing_is_changed_in_place():
    road, block, old = streets(MAIN), houses((10, 5, 20, 9)), camera(0, 0, 90.0)
    copies = [table.copy() for table in (road, block, old)]
    place(road, block, old, count=2, terms=Terms(must_see=points((30, 5))))
    for table, copy in zip((road, block, old), copies, strict=True):
        pd.testing.assert_frame_equal(table, copy)
