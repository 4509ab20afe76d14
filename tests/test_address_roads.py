"""Where numbers hang that no plate bears, where roads cross, and what lies beside: worked out by hand, in metres."""

from __future__ import annotations

from math import hypot, sqrt

import geopandas as gpd
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from gridmap.address import Gazetteer
from gridmap.address.roads import Plate, Plates, Side
from gridmap.address.spots import Plane, Spot, aside, crossings, extent, meeting


def side(first: int, last: int, metres: float, y: float = 0.0) -> list[tuple[str, float, float]]:
    """Every second number from first to last, so many metres per number from x = 0 on."""
    return [(str(number), (number - first) * metres, y) for number in range(first, last + 1, 2)]


def found(plates, number, line=None):
    """Where a number should hang, rounded to millimetres."""
    place = Plates(plates, line).between(number)
    return None if place is None else (round(place.x, 3), round(place.y, 3), place.lower, place.upper, place.side)


# --- between two plates ---


def test_a_number_hangs_in_proportion_between_the_two_plates_of_its_side():
    assert found([("1", 0, 0), ("11", 50, 0), ("2", 0, 20), ("12", 100, 20)], "4") == (20, 20, "2", "12", "even")


def test_the_other_side_of_the_road_tells_nothing():
    assert found([("1", 0, 0), ("2", 0, 20), ("6", 40, 20), ("9", 40, 0)], "4") == (20, 20, "2", "6", "even")
    assert found([("1", 0, 0), ("9", 40, 0)], "4") is None


def test_the_nearest_plates_on_either_hand_are_taken():
    assert found([("9", 90, 0), ("1", 0, 0), ("5", 40, 0), ("13", 130, 0)], "7") == (65, 0, "5", "9", "odd")


@pytest.mark.parametrize(
    "number", ["1", "21", "4000000", "甲", ""], ids=["below", "above", "far above", "word", "empty"]
)
def test_nothing_is_guessed_beyond_the_known_plates(number):
    assert found([("3", 0, 0), ("19", 160, 0)], number) is None


def test_a_road_without_plates_tells_nothing():
    road = Plates([])
    assert (road.between("1"), road.sides(), road.extent(), road.mouth("3")) == (None, (), None, None)


@pytest.mark.parametrize("given_number", ["5附1", "5甲", "5-1", "5之1"])
def test_a_sub_number_sits_with_its_main_number(given_number):
    assert found([("5", 40, 0), ("3", 20, 0), ("9", 80, 0)], given_number) == (40, 0, "5", "5", "odd")


def test_a_sub_number_is_less_sure_than_the_plate_itself():
    road = Plates([("5", 40, 0)])
    assert road.between("5").accuracy_m == 10
    assert road.between("5附1").accuracy_m == 60


def test_the_plate_without_an_addition_stands_for_its_number():
    assert found([("5附1", 90, 0), ("5", 40, 0), ("9", 80, 0)], "7") == (60, 0, "5", "9", "odd")


def test_the_middle_one_of_several_plates_with_one_number_stands_for_it():
    road = Plates([("5", 30, 0), ("5", 60, 0), ("5", 40, 0), ("9", 80, 0)])
    # 20 m from the middle plate to the last one
    assert road.between("5") is not None
    assert (road.between("5").x, road.between("5").accuracy_m) == (40, 20)


# --- how sure it is ---


def test_accuracy_grows_with_the_gap_and_with_what_is_untold_beside_it():
    # 0.42 * sqrt(1.6) * 100 m * sqrt(1/4) and the 10 m of a plate
    assert Plates([("1", 0, 0), ("21", 100, 0)]).between("11").accuracy_m == pytest.approx(10 + 21 * sqrt(1.6))


def test_even_numbering_beside_the_gap_makes_it_surer():
    road = Plates([*side(1, 11, 10), ("21", 200, 0), ("23", 220, 0)])
    assert road.between("17").accuracy_m == pytest.approx(10 + 0.42 * 100 * sqrt(0.6 * 0.4))


@pytest.mark.parametrize(
    "plates",
    [
        [("1", 0, 0), ("3", 10, 0), ("7", 90, 0)],
        [("3", 0, 0), ("7", 80, 0), ("9", 90, 0)],
        [("1", 0, 0), ("3", 40, 0), ("7", 120, 0), ("9", 280, 0), ("11", 320, 0)],
    ],
    ids=["before", "behind", "evenly before, by 4 behind"],
)
def test_uneven_numbering_beside_the_gap_makes_it_less_sure(plates):
    # 80 m for 4 numbers; 5 or 80 m per number beside: a break of 4, or of its root where one hand is even
    broken = 4 if len(plates) == 3 else 2
    assert Plates(plates).between("5").accuracy_m == pytest.approx(10 + 0.42 * sqrt(broken) * 80 / 2)


def test_a_plate_that_is_less_exact_makes_what_hangs_beside_it_less_exact():
    exact, mouth = (Plates([Plate("1", 0, 0), Plate("9", 40, 0, off)]).between("5").accuracy_m for off in (0.0, 15.0))
    assert mouth == exact + 15


# --- what is implausible ---


@pytest.mark.parametrize(
    "plates",
    [
        [("1", 0, 0), ("9", 1501, 0)],
        [("1", 0, 0), ("61", 19, 0)],
        [("1", 0, 0), ("3", 10, 0), ("7", 180, 0)],
        [Plate("1", 0, 0, 480), Plate("9", 80, 0, 480), Plate("11", 100, 0)],
        [("1", 0, 0), ("3", 180, 0), ("7", 1600, 0)],
    ],
    ids=["too far apart", "too near", "metres per number break by more than 8", "off by 500 m", "off by 600 m"],
)
def test_implausible_neighbours_tell_nothing(plates):
    assert found(plates, "5") is None


def test_a_plate_far_off_the_way_is_passed_over():
    plates = [("1", 0, 0), ("5", 40, 0), ("9", 48_000, 0), ("13", 120, 0), ("17", 160, 0)]
    assert found(plates, "11") == (100, 0, "5", "13", "odd")


def test_a_lane_may_turn_round():
    plates = [("1", 0, 0), ("3", 50, 0), ("5", 100, 0), ("9", 100, 40), ("11", 50, 40)]
    assert found(plates, "7") == (100, 20, "5", "9", "odd")


def test_a_short_lane_may_turn_sharply():
    assert found([("1", 0, 0), ("5", 60, 10), ("9", 0, 20)], "3") == (30, 5, "1", "5", "odd")


# --- sides ---


def test_the_sides_of_a_road_tell_their_ranges():
    road = Plates([("1", 0, 0), ("7", 60, 0), ("2", 0, 20), ("12", 100, 20), ("4", 20, 20)])
    assert road.sides() == (
        Side(side="odd", first=1, last=7, plates=2),
        Side(side="even", first=2, last=12, plates=3),
    )


ROW = [(str(number), number * 10.0, 0.0) for number in (1, 2, 3, 4, 5, 6, 7, 8, 11)]


def test_numbers_may_run_along_one_side_of_a_lane():
    assert found(ROW, "10") == (100, 0, "8", "11", "both")
    assert Plates(ROW).sides() == (Side(side="both", first=1, last=11, plates=9),)


def test_a_row_may_turn_at_the_end_of_its_lane():
    out = [(str(number), number * 10.0, 0.0) for number in range(1, 7)]
    back = [(str(number), (13 - number) * 10.0, 30.0) for number in range(7, 12)]
    assert found([*out, *back, ("15", -20, 30)], "13") == (0, 30, "11", "15", "both")


def test_two_sides_of_a_narrow_street_are_no_row():
    street = [(str(number), number * 10.0, 8.0 * (number % 2)) for number in range(1, 12)]
    assert {found.side for found in Plates(street).sides()} == {"odd", "even"}


def test_one_side_of_a_straight_road_is_no_row():
    assert found(side(1, 21, 10), "4") is None


def test_few_plates_show_no_row():
    assert found([("1", 10, 0), ("2", 20, 0), ("3", 30, 0), ("5", 50, 0)], "4") is None


# --- along a line ---

#: 100 m east, then 100 m north
BENT = shapely.LineString([(0, 0), (100, 0), (100, 100)])


def test_a_number_hangs_along_the_line_of_its_street_at_the_side_of_its_plates():
    # plates 5 m to the right, 50 m before the corner and 50 m behind it
    place = Plates([("1", 50, -5), ("11", 105, 50)], BENT).between("9")
    # four fifths of 100 m along: 30 m behind the corner
    assert (round(place.x, 6), round(place.y, 6)) == (105, 30)


def test_the_line_may_run_against_the_numbers():
    place = Plates([("11", 50, -5), ("1", 105, 50)], BENT).between("3")
    assert (round(place.x, 6), round(place.y, 6)) == (105, 30)


def test_the_line_makes_the_gap_as_long_as_the_way():
    way, straight = (Plates([("1", 50, 0), ("11", 100, 50)], line).between("5").accuracy_m for line in (BENT, None))
    assert (way - 10) / (straight - 10) == pytest.approx(sqrt(2))


@pytest.mark.parametrize(
    "plates",
    [[("1", 50, -300), ("9", 400, 50)], [("1", 100, 400), ("9", 180, 400)], [("1", 50, 0), ("9", 50, 300)]],
    ids=["far off", "beyond its end", "one of them"],
)
def test_plates_that_do_not_hang_beside_the_line_are_joined_straight(plates):
    (_, x0, y0), (_, x1, y1) = plates
    assert found(plates, "5", BENT)[:2] == ((x0 + x1) / 2, (y0 + y1) / 2)


def test_pieces_of_a_line_are_joined():
    pieces = shapely.MultiLineString([[(100, 100), (100, 0)], [(0, 0), (100, 0)]])
    assert found([("1", 50, -5), ("11", 105, 50)], "9", pieces)[:2] == (105, 30)


def test_of_two_carriageways_the_nearer_one_is_followed():
    ways = shapely.MultiLineString([[(0, 0), (100, 50), (200, 0)], [(0, 60), (200, 60)]])
    assert found([("1", 0, 65), ("9", 200, 65)], "5", ways)[:2] == (100, 65)


# --- properties ---


@st.composite
def roads(draw):
    """Plates of a winding road, in order but at uneven distances, and a number between two of its odd ones."""
    odd = sorted(draw(st.sets(st.integers(0, 60), min_size=2, max_size=9)))
    number = draw(st.integers(odd[0], odd[-1]))
    jolts = draw(st.lists(st.tuples(st.floats(-9, 9), st.floats(-30, 30)), min_size=len(odd), max_size=len(odd)))
    plates = [(str(2 * n + 1), 10 * n + x, y) for n, (x, y) in zip(odd, jolts, strict=True)]
    return plates, str(2 * number + 1)


@given(roads())
def test_a_place_lies_between_its_two_plates_and_never_outside_the_range(road):
    plates, number = road
    place = Plates(plates).between(number)
    assume(place is not None)
    assert int(place.lower) <= int(number) <= int(place.upper)
    (_, x0, y0), (_, x1, y1) = (
        plate for wanted in (place.lower, place.upper) for plate in plates if plate[0] == wanted
    )
    assert min(x0, x1) - 1e-6 <= place.x <= max(x0, x1) + 1e-6
    assert min(y0, y1) - 1e-6 <= place.y <= max(y0, y1) + 1e-6


@given(roads(), st.integers(0, 70))
def test_no_number_is_told_beyond_the_plates_of_its_side(road, beyond):
    plates, _ = road
    last = max(int(number) for number, _, _ in plates)
    assert Plates(plates).between(str(last + 2 + 2 * beyond)) is None
    assert Plates(plates).between(str(last + 1)) is None


@given(roads())
def test_the_order_of_the_plates_does_not_matter(road):
    plates, number = road
    assert Plates(plates).between(number) == Plates(reversed(plates)).between(number)


@given(st.integers(1, 100), st.integers(1, 10), st.floats(2, 20), st.floats(-1000, 1000), st.floats(-1000, 1000))
def test_equal_fronts_are_met_exactly(first, doors, metres, x, y):
    last = first + 4 * doors
    plates = [(str(first), x, y), (str(last), x + (last - first) * metres, y)]
    assume((last - first) * metres <= 1500)
    middle = Plates(plates).between(str(first + 2 * doors))
    assert middle.x == pytest.approx(x + 2 * doors * metres, abs=1e-6)
    assert middle.y == pytest.approx(y)


# --- lanes, crossings, extents ---


def test_a_lane_leaves_its_road_at_its_number_and_less_surely_than_a_door_hangs():
    road = Plates([("421", 0, 0), ("425", 40, 0)])
    mouth = road.mouth("423")
    assert (mouth.x, mouth.y) == (20, 0)
    assert mouth.accuracy_m == pytest.approx(1.6 * road.between("423").accuracy_m)


def test_a_lane_begins_near_its_lowest_plate():
    lane = Plates([("6", 0, 30), Plate("3", 10, 20, 5.0), ("5", 10, 40)])
    # three numbers of 6 m, the 10 m of a plate and the 5 m that this one may be off
    assert lane.start() == Spot(x=10, y=20, accuracy_m=33)
    assert Plates([]).start() is None


def lines(*points: str) -> shapely.Geometry:
    """Lines of a road, each as its points in one text: 0 0, 10 0."""
    return shapely.union_all([shapely.from_wkt(f"LINESTRING ({line})") for line in points])


def test_two_roads_cross_at_one_place():
    assert crossings(lines("0 0, 100 0"), lines("50 -50, 50 50")) == (Spot(x=50, y=0, accuracy_m=25),)


def test_roads_that_cross_twice_have_two_crossings():
    found = crossings(lines("0 0, 1000 0"), lines("100 -50, 100 50, 900 50, 900 -50"))
    assert [(spot.x, spot.y) for spot in found] == [(100, 0), (900, 0)]


def test_the_two_carriageways_of_a_road_make_one_crossing():
    (found,) = crossings(lines("0 0, 100 0", "0 20, 100 20"), lines("50 -50, 50 50"))
    assert (found.x, found.y, found.accuracy_m) == (50, 10, 35)


def test_a_side_street_drawn_to_the_kerb_meets_the_road():
    (found,) = crossings(lines("0 0, 100 0"), lines("50 12, 50 90"))
    assert (found.x, found.y) == (50, 6)


def test_roads_that_keep_apart_do_not_cross():
    assert crossings(lines("0 0, 100 0"), lines("50 16, 50 90")) == ()


def test_roads_known_by_their_plates_meet_between_the_nearest_two():
    found = meeting([(0, 0), (200, 0)], [(230, 40), (230, 140)])
    assert found == Spot(x=215, y=20, accuracy_m=50)


def test_the_meeting_of_two_roads_is_never_surer_than_a_plate_of_each():
    assert meeting([(0, 0)], [(4, 0)]) == Spot(x=2, y=0, accuracy_m=20)


@pytest.mark.parametrize("far", [[(201, 0)], []], ids=["far", "no plates"])
def test_roads_with_no_plates_near_each_other_do_not_meet(far):
    assert meeting([(0, 0)], far) is None
    assert meeting(far, [(0, 0)]) is None


def test_the_extent_of_a_place_is_one_of_its_plates_and_the_reach_of_the_others():
    assert extent([(0, 0), (300, 0), (140, 10)]) == Spot(x=140, y=10, accuracy_m=hypot(160, 10))


def test_a_single_plate_reaches_as_far_as_a_plate_may_be_off():
    assert extent([(7, 8)]) == Spot(x=7, y=8, accuracy_m=10)
    assert extent([]) is None


def test_the_extent_of_a_road_is_that_of_both_sides():
    assert Plates([("1", 0, 0), ("3", 50, 0), ("2", 0, 30)]).extent() == Spot(x=0, y=0, accuracy_m=50)


# --- beside something ---

HERE = Spot(x=1000.0, y=500.0, accuracy_m=10.0)


@pytest.mark.parametrize(
    ("words", "x", "y", "accuracy_m"),
    [
        ("往东50米", 1050, 500, 20),
        ("西侧约100公尺", 900, 500, 30),
        ("向北1.5公里", 1000, 2000, 310),
        ("南50M", 1000, 450, 20),
        ("前200公尺", 1000, 500, 210),
        ("对面", 1000, 500, 50),
        ("斜对面", 1000, 500, 50),
        ("旁边", 1000, 500, 35),
        ("左侧", 1000, 500, 35),
        ("附近", 1000, 500, 210),
        ("后面", 1000, 500, 50),
        ("东侧", 1000, 500, 60),
        ("门口", 1000, 500, 25),
    ],
)
def test_a_relation_moves_a_place_or_makes_it_less_sure(words, x, y, accuracy_m):
    assert aside(HERE, words) == Spot(x=x, y=y, accuracy_m=accuracy_m)


def test_a_place_to_the_north_east_is_as_far_north_as_east():
    found = aside(HERE, "东北方向100米")
    assert (round(found.x - 1000, 2), round(found.y - 500, 2)) == (70.71, 70.71)


@pytest.mark.parametrize("words", ["", "5号", "人民路"])
def test_words_that_tell_no_relation_tell_no_place(words):
    assert aside(HERE, words) is None


# --- metres from degrees ---


def test_a_degree_of_latitude_is_111_km_and_one_of_longitude_half_that_at_60_degrees():
    x, y = Plane(120.0, 60.0).metres(121.0, 61.0)
    assert y == pytest.approx(111_195, abs=1)
    assert x == pytest.approx(55_597, abs=1)


@given(st.floats(100, 130), st.floats(20, 50))
def test_degrees_come_back_from_metres(lon, lat):
    plane = Plane(121.0, 31.0)
    assert plane.degrees(*plane.metres(lon, lat)) == pytest.approx((lon, lat))


# --- asked of a gazetteer ---

#: A road along a bend: 200 m east, then 200 m north; lane 9 leads off it to the east.
TOWN = [
    ("崇川区人民路1号", 0, 0),
    ("崇川区人民路21号", 200, 200),
    ("崇川区人民路9弄2号", 215, 5),
    ("崇川区青年路9弄2号", 900, 0),
]


def gazetteer(**tables) -> Gazetteer:
    """The town in metres of zone 40."""
    places = [shapely.Point(40_500_000 + x, 3_540_000 + y) for _, x, y in TOWN]
    plates = {"id": range(len(TOWN)), "text": [text for text, _, _ in TOWN]}
    return Gazetteer(gpd.GeoDataFrame(plates, geometry=places, crs=4528), **tables)


def place(match) -> tuple[float, float, float]:
    """Where an answer lies, in the metres of the town, and how surely."""
    return round(match.x - 40_500_000, 1), round(match.y - 3_540_000, 1), match.accuracy_m


def test_a_gazetteer_interpolates_along_the_line_of_the_street():
    line = shapely.LineString([(40_500_000, 3_540_000), (40_500_200, 3_540_000), (40_500_200, 3_540_200)])
    streets = gpd.GeoDataFrame({"id": [1], "name": ["人民路"]}, geometry=[line], crs=4528)
    straight, along = (gazetteer(streets=table).match("人民路11号") for table in (None, streets))
    assert place(straight)[:2] == (100, 100)
    assert place(along)[:2] == (200, 0)


def test_a_gazetteer_tells_the_mouth_of_a_lane_by_its_plates_or_by_its_road():
    # 22 m for plate 2 of the lane; the road alone is less sure
    assert place(gazetteer().match("人民路9弄口")) == (215, 5, 22)
    found = gazetteer().match("人民路5巷口")
    assert (found.level, found.local, place(found)[:2]) == ("crossing", "人民路5弄口", (40, 40))


@pytest.mark.parametrize("text", ["人民路23弄口", "青年路5弄口"], ids=["beyond the plates", "no plates"])
def test_a_gazetteer_tells_no_mouth_of_a_lane_that_nothing_tells(text):
    assert gazetteer().match(text).status == "not_found"
