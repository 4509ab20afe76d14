"""Lines beside each other, objects between them, a line for a wanted share, its walk, its points and its posts."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely import LineString, Point, Polygon, box

from gridmap.crs import to_wgs84
from gridmap.disputes import boundary_points, compare, deviations, direction, post_table, profile, solve, walk
from gridmap.disputes.walk import DIRECTIONS_ZH
from gridmap.errors import InputError

WALL = LineString([(0, 0), (100, 0)])
SOUTH, NORTH = box(0, 0, 100, 10), box(0, 8, 100, 20)


def between(a, b, **options):
    return deviations([a], [b], **options).iloc[0]


def claimed(*shapes):
    return gpd.GeoDataFrame({"party": list("AB"), "accuracy_m": 0.05}, geometry=list(shapes), crs=4549)


def drawn(line):
    return gpd.GeoDataFrame({"id": ["L"]}, geometry=[LineString(line)], crs=4549)


def test_a_bulge_of_ten_metres_is_ten_metres_apart_and_not_fifty_one():
    told = between(WALL, LineString([(0, 0), (50, 10), (100, 0)]))
    assert told["frechet_m"] == pytest.approx(10)
    assert told["hausdorff_m"] == pytest.approx(10)
    assert told["mean_offset_m"] == pytest.approx(5)


def test_a_line_drawn_backwards_is_five_metres_apart_and_not_a_hundred():
    told = between(WALL, LineString([(100, 5), (0, 5)]))
    assert told[["frechet_m", "hausdorff_m", "mean_offset_m"]].tolist() == pytest.approx([5, 5, 5])


def test_a_line_of_a_part_is_compared_with_that_part():
    told = between(WALL, LineString([(40, 0.5), (60, 0.5)]))
    assert told[["common_m", "hausdorff_ab_m", "hausdorff_ba_m", "p95_m"]].tolist() == pytest.approx(
        [20, 0.5, 0.5, 0.5]
    )


def test_a_line_that_turns_back_is_farther_by_frechet_than_by_hausdorff():
    told = between(WALL, LineString([(0, 1), (70, 1), (30, 1.2), (100, 1)]))
    assert told["hausdorff_m"] == pytest.approx(1.2, abs=1e-3)
    # who walks along the wall must wait where the other turns back over 40 m: half of it
    assert told["frechet_m"] == pytest.approx(20, abs=0.6)


def test_lines_of_very_many_vertices_are_told_in_a_moment_and_to_the_centimetre():
    x = np.linspace(0, 100, 20_000)
    told = between(WALL, LineString(np.column_stack([x, 5 + 0.002 * np.cos(x * 900)])))
    assert told["frechet_m"] == pytest.approx(5, abs=0.01)


def test_both_directions_of_hausdorff_are_told():
    told = between(WALL, LineString([(0, 1), (45, 1), (50, 30), (55, 1), (100, 1)]))
    assert told["hausdorff_ba_m"] == pytest.approx(30)
    assert told["hausdorff_ab_m"] < 6


def test_the_mean_offset_has_the_sign_of_the_side_and_turns_with_the_lines():
    there, back = between(WALL, LineString([(0, 3), (100, 3)])), between(LineString([(0, 3), (100, 3)]), WALL)
    assert (there["mean_offset_m"], back["mean_offset_m"]) == pytest.approx((3, -3))


def test_lines_without_common_extent_have_no_distance():
    told = between(WALL, LineString([(200, 0), (300, 0)]))
    assert told["common_m"] == 0
    assert told.drop("common_m").isna().all()


def test_the_profile_has_a_row_every_half_metre_with_the_side():
    told = profile(WALL, LineString([(0, 4), (50, 0), (100, -4)]))
    assert len(told) == len(np.unique(np.append(np.arange(0, told["along_m"].iloc[-1], 0.5), told["along_m"].iloc[-1])))
    signs = np.sign(told["offset_m"].round(6))
    assert (signs[told["along_m"] < 48] == 1).all()
    assert (signs[told["along_m"] > 52] == -1).all()


@pytest.fixture(scope="module")
def objects():
    things = gpd.GeoDataFrame(
        {"id": ["tree", "well", "path", "far"], "kind": ["tree", None, "path", "tree"]},
        geometry=[Point(20, 8.5), Point(30, 9.8), LineString([(60, 5), (60, 15)]), Point(50, 18)],
        crs=4549,
    )
    houses = gpd.GeoDataFrame({"id": ["house"]}, geometry=[box(70, 8.5, 80, 10.5)], crs=4549)
    return compare(claimed(SOUTH, NORTH), drawn([(0, 9), (100, 9)]), houses, objects=things).objects.set_index("id")


def test_objects_in_the_contested_ground_are_told_with_their_side_and_distance(objects):
    assert "far" not in objects.index
    assert objects.loc["tree", ["kind", "side", "distance_m"]].tolist() == ["tree", "A", 0.5]
    assert objects.loc["well", ["kind", "side"]].tolist() == ["object", "B"]
    assert objects.loc["well", "distance_m"] == pytest.approx(0.8)


def test_a_house_that_a_candidate_cuts_is_told_with_the_share_cut_off(objects):
    # 0.5 of its 2 m lie south of the line; 1.5 of them in the contested ground
    house = objects.loc["house"]
    assert house[["kind", "side", "distance_m"]].tolist() == ["building", "B", 0.0]
    assert house[["cut_share", "strip_share"]].tolist() == pytest.approx([0.25, 0.75])


def test_a_path_that_a_candidate_crosses_is_cut_by_length(objects):
    assert objects.loc["path", ["cut_share", "strip_share"]].tolist() == pytest.approx([0.4, 0.2])


def test_objects_are_told_without_any_candidate():
    house = gpd.GeoDataFrame({"id": ["house"]}, geometry=[box(70, 8, 80, 12)], crs=4549)
    told = compare(claimed(SOUTH, NORTH), None, house).objects.iloc[0]
    assert (told["candidate"], told["side"], told["strip_share"]) == (None, None, 0.5)


CLAIM_LINES = {
    "smooth": ([(0, 0), (50, 4), (120, -3), (200, 0)], [(0, 20), (60, 26), (130, 18), (200, 22)]),
    "shared ends": ([(0, 0), (50, -8), (120, -10), (200, 0)], [(0, 0), (60, 12), (130, 9), (200, 0)]),
    "crossing": ([(0, -5), (100, 5), (200, -5)], [(0, 5), (100, -5), (200, 5)]),
    "very different": ([(0, 0), (200, 0)], [(0, 5), (80, 5), (80, 60), (110, 60), (110, 5), (200, 5)]),
}


@pytest.mark.parametrize("lines", CLAIM_LINES.values(), ids=CLAIM_LINES)
@pytest.mark.parametrize("share", [0.3, 0.5, 0.6])
def test_a_line_is_found_that_leaves_the_wanted_share(lines, share):
    solved = solve(*map(LineString, lines), share)
    ground = shapely.make_valid(Polygon([*lines[0], *lines[1][::-1]]), method="structure", keep_collapsed=False)
    assert solved.area_m2 == pytest.approx(ground.area)
    assert solved.share == pytest.approx(share, abs=1e-6 / ground.area * 2)
    assert solved.line.is_simple
    assert solved.kind in {"between", "parallel"}


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_a_solved_line_parts_the_ground_in_that_share_when_it_is_cut_along_it(share):
    a, b = map(LineString, CLAIM_LINES["smooth"])
    solved = solve(a, b, share)
    ground = Polygon([*a.coords, *b.coords[::-1]])
    cut = shapely.get_parts(shapely.polygonize([shapely.union_all([ground.boundary, solved.line])]))
    south = min(cut, key=lambda part: part.centroid.y)
    assert solved.kind == "between"
    assert south.area / ground.area == pytest.approx(share, abs=1e-4)


@pytest.mark.parametrize(
    ("bearing", "expected"),
    # a strip of 100 m by 10 m, a quarter of it: 25 m at an end, or 2.5 m along; aslant 45 degrees, 5 m on either side
    [
        (0, [(0, 10), (25, 10), (25, 0), (100, 0)]),
        (180, [(0, 0), (75, 0), (75, 10), (100, 10)]),
        (90, [(0, 2.5), (100, 2.5)]),
        (270, [(0, 2.5), (100, 2.5)]),
        (30, [(0, 10), (25 + 5 / 3**0.5, 10), (25 - 5 / 3**0.5, 0), (100, 0)]),
    ],
    ids=["north: the west", "south: the east", "east", "west", "aslant"],
)
def test_a_straight_cut_follows_one_line_as_far_as_the_cut_and_the_other_from_there(bearing, expected):
    solved = solve(WALL, LineString([(0, 10), (100, 10)]), 0.25, bearing_deg=bearing)
    assert (solved.kind, solved.share) == ("parallel", pytest.approx(0.25, abs=1e-9))
    assert np.array(solved.line.coords) == pytest.approx(np.array(expected), abs=1e-5)


@pytest.mark.parametrize("bearing", [80, 100, 260, 280])
def test_a_cut_along_the_lines_leaves_the_share_on_the_side_of_the_first_whichever_way_it_runs(bearing):
    hedge = LineString([(100, 10), (0, 10)])
    solved = solve(hedge, LineString([(100, 0), (0, 0)]), 0.25, bearing_deg=bearing)
    assert solved.line.interpolate(0.5, normalized=True).y > 5
    # it runs the way of the first line
    assert solved.line.coords[0][0] > solved.line.coords[-1][0]


@pytest.mark.parametrize("name", ["smooth", "shared ends", "crossing"])
@pytest.mark.parametrize("bearing", [20, 110])
def test_the_border_over_a_cut_has_the_share_between_itself_and_the_first_line(name, bearing):
    a, b = map(LineString, CLAIM_LINES[name])
    solved = solve(a, b, 0.3, bearing_deg=bearing)
    # what lies between two lines lies in an odd number of the rings that they make
    ring = [*a.coords, *shapely.get_coordinates(solved.line)[::-1]]
    between = shapely.make_valid(Polygon(ring), method="structure", keep_collapsed=False).area
    assert between == pytest.approx(0.3 * solved.area_m2, abs=1e-3)


def test_a_solved_line_keeps_to_the_ground_between_where_that_bulges():
    bulge = CLAIM_LINES["very different"][1]
    south, north = Polygon([(0, -50), *bulge, (200, -50)]), Polygon([(0, 0), (200, 0), (200, 90), (0, 90)])
    found = compare(claimed(south, north), shares=[0.5])
    assert found.candidates["status"].tolist() == ["settles"]
    assert found.ledger["undisputed_m2"].max() < 0.1
    assert found.ledger["gain_m2"].tolist() == pytest.approx([1325, 1325], abs=0.5)


@pytest.mark.parametrize("bearing", [0, 30, 45, 90, 200])
def test_a_cut_at_any_bearing_settles_and_gives_the_wanted_share(bearing):
    found = compare(claimed(SOUTH, NORTH), shares=[0.25], bearing_deg=bearing)
    assert found.candidates["status"].tolist() == ["settles"]
    assert found.ledger["gain_m2"].tolist() == pytest.approx([50, 150], abs=0.05)


def test_bends_of_both_lines_that_nearly_coincide_are_one_post():
    # bends at 20, 40, 60 and 80 m, those of the other line 1 m farther; the one at 50 m has no partner
    a = LineString([(0, 0), (20, 3), (40, -2), (60, 4), (80, -1), (100, 0)])
    b = LineString([(0, 20), (21, 23), (41, 18), (50, 22), (61, 24), (81, 19), (100, 20)])
    solved = solve(a, b, 0.4)
    assert len(solved.line.coords) == 7
    assert Polygon([*a.coords, *solved.line.coords[::-1]]).area == pytest.approx(0.4 * solved.area_m2, abs=1e-5)


def test_where_a_solved_line_runs_straight_it_has_no_posts():
    nearly = LineString([(0, 10), (30, 10.04), (70, 9.96), (100, 10)])
    assert len(solve(LineString([(0, 0), (50, 0.01), (100, 0)]), nearly, 0.5).line.coords) == 2


def test_posts_stand_no_nearer_to_each_other_than_half_a_step():
    rng = np.random.default_rng(4)
    a, b = (
        LineString(np.column_stack([np.sort(np.append(rng.uniform(0, 500, 40), (0, 500))), rng.normal(y, 2, 42)]))
        for y in (0, 30)
    )
    line = solve(a, b, 0.5).line
    # both lines together bend in 82 places at most: half a step is 3 m at least
    assert np.hypot(*np.diff(np.array(line.coords), axis=0).T).min() > 3
    assert len(line.coords) < 60


def test_a_share_of_all_or_nothing_is_a_claim_itself_and_more_is_refused():
    a, b = map(LineString, CLAIM_LINES["smooth"])
    apart = [shapely.hausdorff_distance(solve(a, b, share).line, line) for share, line in ((0, a), (1, b))]
    assert max(apart) < 0.5
    with pytest.raises(InputError):
        solve(a, b, 1.1)
    with pytest.raises(InputError):
        solve(a, a, 0.5)


@pytest.mark.parametrize(("north", "gap"), [(NORTH, False), (box(0, 14, 100, 20), True)], ids=["overlap", "gap"])
def test_a_candidate_solved_for_a_share_gives_that_share_by_its_ledger(north, gap):
    found = compare(claimed(SOUTH, north), shares=[0.25])
    whole = (found.gaps if gap else found.contested)["area_m2"].sum()
    assert found.ledger["gain_m2"].tolist() == pytest.approx([whole / 4, whole * 3 / 4], abs=1e-3)
    assert found.candidates["id"].tolist() == ["A 25% | B 75%"]


def shares(claims, *asked):
    """Ids of the candidates and what each gives its parties."""
    found = compare(claims, shares=asked)
    return found.candidates["id"].tolist(), found.ledger["gain_m2"].round(2).tolist()


def test_a_share_is_that_of_the_party_it_names():
    assert shares(claimed(SOUTH, NORTH), ("B", 0.25)) == (["B 25% | A 75%"], [150, 50])
    assert compare(claimed(SOUTH, NORTH), shares=[("B", 0.25)]).candidates["source"].tolist() == ["solved: between"]
    with pytest.raises(InputError) as refused:
        shares(claimed(SOUTH, NORTH), ("C", 0.25))
    assert refused.value.code == "no_party"


def test_shares_that_differ_by_a_tenth_of_a_percent_are_two_candidates():
    assert shares(claimed(SOUTH, NORTH), 0.333, 0.334)[0] == ["A 33.3% | B 66.7%", "A 33.4% | B 66.6%"]


def test_neighbours_with_one_border_are_no_hindrance_to_a_share_of_others():
    table = gpd.GeoDataFrame({"party": list("ABC")}, geometry=[SOUTH, NORTH, box(0, 20, 100, 30)], crs=4549)
    assert shares(table, 0.5) == (["A 50% | B 50%"], [100, 100])
    with pytest.raises(InputError):
        shares(claimed(SOUTH, box(0, 10, 100, 20)), 0.5)


@pytest.mark.parametrize("reach", [18, 10], ids=["both stretches overlap", "of one the lines are one"])
def test_parties_that_meet_along_two_stretches_get_one_candidate(reach):
    # C lies between them from 100 to 200 m; west of it A and B overlap by 2 m, east of it by 2 m or not at all
    east = box(200, 8, 300, 30) if reach > 10 else box(200, 10, 300, 30)
    north = shapely.union_all([box(0, 8, 100, 30), box(0, 20, 300, 30), east])
    table = gpd.GeoDataFrame({"party": list("ABC")}, geometry=[box(0, 0, 300, 10), north, box(100, 10, 200, 20)])
    ids, gains = shares(table.set_crs(4549), ("A", 0.25))
    assert compare(table.set_crs(4549), shares=[0.25]).candidates["source"].tolist() == ["solved: between"]
    whole = 400 if reach > 10 else 200
    # posts stand on whole millimetres: up to half of one along 200 m
    assert (ids, gains) == (["A 25% | B 75%"], pytest.approx([whole / 4, whole * 3 / 4], abs=0.1))


@pytest.mark.parametrize("number", range(16), ids=DIRECTIONS_ZH)
def test_each_of_the_sixteen_directions_is_a_sector_of_its_own(number):
    middle = 22.5 * number
    assert direction([middle, middle + 11.2, middle - 11.2]).tolist() == [number] * 3
    assert direction([middle + 11.3, middle - 11.3]).tolist() == [(number + 1) % 16, (number - 1) % 16]


@pytest.mark.parametrize("east", [360_000.0, 500_000.0, 640_000.0])
def test_directions_are_from_true_north_and_not_from_that_of_the_map(east):
    line = LineString([(east, 3_320_000), (east + 40, 3_320_030)])
    lon, lat = to_wgs84(*np.array(line.coords).T, 4549)
    azimuth = Geod(ellps="GRS80").inv(lon[0], lat[0], lon[1], lat[1])[0]
    assert walk(line, 4549)["azimuth_deg"][0] == pytest.approx(azimuth, abs=1e-3)


def test_near_the_border_of_a_sector_the_convergence_changes_the_word():
    # 11° from the north of the map, at the edge of the zone 11.75° from true north
    run = 100 * np.sin(np.radians(11)), 100 * np.cos(np.radians(11))
    words = [
        walk(LineString([(east, 3_320_000), (east + run[0], 3_320_000 + run[1])]), 4549)["text_zh"][0]
        for east in (500_000, 644_700)
    ]
    assert words == ["从J1起，向北100.00米至J2", "从J1起，向东北偏北100.00米至J2"]


def test_a_table_of_boundary_points_has_north_as_x_and_ends_where_it_began():
    told = boundary_points(box(500_000, 3_320_000, 500_010, 3_320_016), 4549)
    assert told["name"].tolist() == ["J1", "J2", "J3", "J4", "J1"]
    assert told["x_north"].between(3_320_000, 3_320_016).all()
    assert told["y_east"].between(500_000, 500_010).all()
    assert told["distance_m"].sum() == pytest.approx(52)


def test_a_hole_goes_on_with_the_numbers_in_a_part_of_its_own():
    yard = box(500_000, 3_320_000, 500_030, 3_320_030) - box(500_010, 3_320_010, 500_020, 3_320_020)
    told = boundary_points(yard, 4549)
    assert told.groupby("part")["name"].agg(["first", "last"]).to_numpy().tolist() == [["J1", "J1"], ["J5", "J5"]]


def posts(*rows):
    letters, places, x = zip(*rows, strict=True)
    points = gpd.points_from_xy(np.array(x) + 500_000.0, np.full(len(x), 3_320_000.0))
    return gpd.GeoDataFrame({"letter": letters, "place": places}, geometry=points, crs=4549)


LINE = LineString([(500_100, 3_320_000), (500_000, 3_320_000)])


def test_posts_are_numbered_from_west_to_east_with_the_letter_of_their_kind():
    told = post_table(posts(("Q", "c", 90), ("B", "b", 41), ("A", "b", 40), ("Q", "a", 0)), LINE, line_code="3306")
    assert told["post"].tolist() == ["3306001Q", "3306002A", "3306002B", "3306003Q"]
    assert told["next_m"].tolist() == pytest.approx([40, 50, 50, np.nan], nan_ok=True)
    assert told["kind_zh"].tolist() == ["单立", "双立", "双立", "单立"]


def test_posts_run_from_north_to_south_where_the_line_does():
    upright = LineString([(500_000, 3_320_000), (500_000, 3_320_100)])
    table = gpd.GeoDataFrame(geometry=gpd.points_from_xy([500_000] * 2, [3_320_010, 3_320_090]), crs=4549)
    assert post_table(table, upright, line_code="3306")["x_north"].tolist() == [3_320_090, 3_320_010]


@pytest.mark.parametrize(
    ("rows", "code"),
    [([("A", "a", 0)], "3306"), ([("X", "a", 0)], "3306"), ([("Q", "a", 0)], "33")],
    ids=["one of two", "no such letter", "short code"],
)
def test_posts_that_do_not_go_together_are_refused(rows, code):
    with pytest.raises(InputError):
        post_table(posts(*rows), LINE, line_code=code)
