"""Survey error as a verdict, areas and their errors: the reference's figures, and simulated surveys."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from gridmap.disputes import (
    CLASSES,
    Limits,
    SurveyError,
    area_error,
    compare,
    deviations,
    ellipsoidal,
    judge,
    limit,
    mu,
    tolerance,
)
from gridmap.disputes.survey import offset_error
from gridmap.errors import InputError, TableError
from tests.resurveys import CORNERS, courses, rates, surveyed

WALL = shapely.linestrings([[0, 0], [50, 0], [100, 0]])


def beside(metres, line=WALL):
    return shapely.transform(line, lambda xy: xy + np.array([0, metres]))


def verdict(a, b, **errors):
    return judge([a], [b], **{"error_a": 0.05, "error_b": 0.05} | errors).iloc[0]


def claims(*shapes, **columns):
    return gpd.GeoDataFrame({"party": list("AB")} | columns, geometry=list(shapes), crs=4549)


def test_the_tolerance_is_that_of_all_free_vertices_together():
    # m √(2 ln(n / α)): 0.05 · √(2 ln 900) and 0.10 · √(2 ln 6000)
    assert tolerance(0.05, 0.05, 9) == pytest.approx(0.18443, abs=1e-5)
    assert tolerance(0.10, 0.10, 60) == pytest.approx(0.41713, abs=1e-5)


def test_the_limit_of_one_point_is_that_of_the_code_for_all_classes():
    assert [round(float(limit(m, m)), 3) for m in CLASSES.values()] == [0.141, 0.212, 0.283]


def test_all_sources_of_error_are_taken_together():
    # 0.03² + 0.04² + (0.2 mm x 500 = 0.1)² + 0.12² = 0.0269... by hand: 0.0009 + 0.0016 + 0.01 + 0.0144
    combined = SurveyError(point_m=0.03, georeference_m=0.04, scale=500, datum_m=0.12).combined_m
    assert combined == pytest.approx(0.0269**0.5)
    assert SurveyError(point_m=0, scale=10_000).combined_m == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("metres", "errors", "expected"),
    [
        (0.05, {}, "within_survey_error"),
        (0.50, {}, "beyond"),
        (0.50, {"error_b": 2.0}, "cannot_decide"),
        (0.20, {"error_b": 2.0}, "within_survey_error"),
        (20.0, {"error_b": 2.0}, "beyond"),
    ],
    ids=["5 cm", "50 cm", "50 cm on a map 1:10 000", "20 cm that no survey tells", "20 m on that map"],
)
def test_a_verdict_says_whether_surveys_could_tell(metres, errors, expected):
    assert verdict(WALL, beside(metres), **errors)["verdict"] == expected


def test_what_lies_beyond_is_told_by_how_much_over_how_many_metres():
    told = verdict(WALL, beside(0.5))
    # three vertices: 0.05 √(2 ln 300) = 0.168875; the ground beyond is 100 m long
    assert told["tolerance_m"] == pytest.approx(0.168875, abs=1e-6)
    assert told["beyond_m"] == pytest.approx(0.5 - 0.168875, abs=1e-6)
    assert told["over_m"] == pytest.approx(100)
    assert told["beyond_m2"] == pytest.approx(100 * (0.5 - 0.168875), abs=1e-3)


def test_a_bulge_is_beyond_only_where_it_bulges():
    bulge = shapely.linestrings([[0, 0], [40, 0], [50, 10], [60, 0], [100, 0]])
    told = verdict(WALL, bulge)
    # one vertex differs: T = 0.05 √(2 ln 100); the flanks, each 10 √2 long, are beyond from T on
    reach = 0.05 * np.sqrt(2 * np.log(100))
    assert told["vertices"] == 1
    assert told["over_m"] == pytest.approx(2 * np.sqrt(2) * (10 - reach), abs=1e-6)
    assert told["beyond_m2"] == pytest.approx((10 - reach) ** 2, abs=1e-6)


def test_the_direction_in_which_a_line_was_drawn_does_not_change_the_verdict():
    line = shapely.linestrings([[0, 0.3], [30, 0.1], [100, 0.2]])
    assert verdict(WALL, line).to_dict() == pytest.approx(verdict(WALL, shapely.reverse(line)).to_dict())


def test_a_chance_of_nought_and_a_negative_error_are_refused():
    with pytest.raises(InputError):
        tolerance(0.05, 0.05, 9, alpha=0)
    with pytest.raises(InputError):
        tolerance(0.05, -0.05, 9)


@pytest.mark.parametrize("corners", CORNERS)
def test_two_surveys_of_one_line_are_called_two_lines_in_one_of_a_hundred_at_most(corners):
    false, found = rates(np.random.default_rng(7), corners, count=250)
    assert false <= 0.01
    assert found >= 0.97


def test_surveys_with_vertices_elsewhere_on_the_same_line_are_no_dispute():
    rng = np.random.default_rng(11)
    truth = courses(rng, 400, 8)
    between = (truth[:, :-1] + truth[:, 1:]) / 2
    finer = np.stack([truth[:, :-1], between], axis=2).reshape(400, -1, 2)
    finer = np.concatenate([finer, truth[:, -1:]], axis=1)
    told = judge(surveyed(rng, truth, 0.075), surveyed(rng, finer, 0.075), error_a=0.075, error_b=0.075)
    assert (told["verdict"] == "beyond").mean() <= 0.01


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (shapely.box(0, 0, 10, 16), [0.67, 1.00, 1.33]),
        (shapely.box(0, 0, 66.6667, 100), [4.25, 6.37, 8.50]),
    ],
    ids=["homestead", "10 mu"],
)
def test_the_error_of_an_area_is_that_of_its_corners(shape, expected):
    # of a rectangle a x b all four diagonals count: m √(4 (a² + b²) / 8)
    assert area_error([shape] * 3, list(CLASSES.values())) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("corners", [4, 7, 30])
def test_the_error_of_an_area_is_that_of_simulated_surveys(corners):
    rng = np.random.default_rng(corners)
    turn = np.sort(rng.uniform(0, 2 * np.pi, corners))
    ring = np.column_stack([60 * np.cos(turn), 40 * np.sin(turn)])
    shapes = shapely.polygons(ring + rng.normal(0, 0.05 / np.sqrt(2), (20_000, corners, 2)))
    assert area_error([shapely.Polygon(ring)], 0.05)[0] == pytest.approx(shapely.area(shapes).std(), rel=0.02)


def test_a_hole_adds_to_the_error_and_takes_from_the_area():
    yard = shapely.box(0, 0, 30, 30) - shapely.box(10, 10, 20, 26)
    alone = area_error([shapely.box(0, 0, 30, 30), shapely.box(0, 0, 10, 16)], 0.05)
    assert area_error([yard], 0.05)[0] == pytest.approx(np.hypot(*alone))
    field = gpd.GeoSeries([yard], crs=4549).translate(500_000, 3_320_000)
    assert ellipsoidal(field)[0] == pytest.approx(740, abs=0.001)


def test_ten_mu_at_the_edge_of_a_zone_are_three_and_a_half_square_metres_larger_on_the_map():
    side = (10 * 2000 / 3) ** 0.5
    edge = shapely.box(644_700, 3_320_000, 644_700 + side, 3_320_000 + side)
    assert 10 * 2000 / 3 - ellipsoidal(gpd.GeoSeries([edge], crs=4549))[0] == pytest.approx(3.44, abs=0.02)


def test_long_edges_are_straight_on_the_map_and_not_on_the_ellipsoid():
    square = shapely.box(560_000, 3_320_000, 580_000, 3_340_000)
    fine = gpd.GeoSeries([shapely.segmentize(square, 20)], crs=4549).to_crs(4490)
    lon, lat = shapely.get_coordinates(fine.iloc[0]).T
    oracle = abs(Geod(ellps="GRS80").polygon_area_perimeter(lon, lat)[0])
    assert ellipsoidal(gpd.GeoSeries([square], crs=4549))[0] == pytest.approx(oracle, abs=0.05)


def test_fifteen_mu_are_a_hectare():
    assert mu(10_000.0) == pytest.approx(15)


def test_a_claim_without_accuracy_is_taken_for_the_third_class_and_that_is_told():
    found = compare(claims(shapely.box(0, 0, 100, 10), shapely.box(0, 8, 100, 20)))
    assert found.claims["accuracy_m"].tolist() == [0.1, 0.1]
    assert found.lines["assumed"].all()
    assert [warning["code"] for warning in found.warnings] == ["accuracy_assumed"] * 2


def strip():
    """Two claims that overlap over 400 m in winding lines, about 16 m wide."""
    x = np.linspace(0, 400, 21)
    south, north = 3 * np.sin(x / 30) + 8, 2 * np.cos(x / 40) - 8
    return (
        shapely.Polygon([(0, -100), (400, -100), *np.column_stack([x, south])[::-1]]),
        shapely.Polygon([*np.column_stack([x, north]), (400, 100), (0, 100)]),
    )


@pytest.mark.parametrize("common", [(1.0, 0.0), (0.5, 1.0)], ids=["a map and a survey", "two maps"])
def test_a_shift_of_a_whole_claim_leaves_ground_as_open_as_claims_cut_again_where_they_may_lie(common):
    rng, (south, north) = np.random.default_rng(1), strip()
    table = claims(south, north, accuracy_m=1e-6, georeference_m=common)
    line = gpd.GeoDataFrame({"id": ["L"]}, geometry=[shapely.LineString([(0, 0), (400, 1)])], crs=4549)
    shifted = [
        np.array([shapely.transform(shape, lambda xy, by=by: xy + by) for by in rng.normal(0, m / 2**0.5, (1500, 2))])
        for shape, m in zip((south, north), common, strict=True)
    ]
    both = shapely.intersection(*shifted)
    got = shapely.area(
        shapely.intersection(both, shapely.Polygon([(-9, 0), (0, 0), (400, 1), (409, 1), (409, -99), (-9, -99)]))
    )
    found = compare(table, line)
    assert found.contested["error_m2"].tolist() == pytest.approx([shapely.area(both).std()], rel=0.05)
    assert found.ledger["error_m2"].tolist() == pytest.approx([(2 * got - shapely.area(both)).std()] * 2, rel=0.05)
    # wherever a claim lies, it is as large
    assert found.claims["error_m2"].max() < 0.001


def test_what_shifts_both_ends_of_a_strip_alike_is_three_times_what_chance_alone_would_leave():
    # 400 m between a map that lies 5 m off and a survey: 5 / √2 · 400
    found = compare(claims(*strip(), accuracy_m=0.05, georeference_m=[5.0, np.nan]))
    assert found.contested["error_m2"].tolist() == pytest.approx([5 / 2**0.5 * 400], rel=0.01)


def test_the_mean_offset_is_as_uncertain_as_that_of_simulated_surveys():
    rng = np.random.default_rng(13)
    truth = np.column_stack([np.linspace(0, 200, 11), np.zeros(11)])
    one, other = (shapely.linestrings(truth + rng.normal(0, 0.05 / 2**0.5, (1500, 11, 2))) for _ in range(2))
    error = offset_error(one[:1], other[:1], errors=([0.05] * 1,) * 2, common=([0.0],) * 2)
    assert deviations(one, other, step_m=20)["mean_offset_m"].std() == pytest.approx(error[0], rel=0.05)


def test_a_line_that_was_shifted_as_a_whole_has_a_mean_offset_no_better_than_its_place():
    told = compare(claims(*strip(), accuracy_m=0.001, georeference_m=[3.0, 4.0])).lines.iloc[0]
    assert told["mean_offset_error_m"] == pytest.approx(5 / 2**0.5, rel=0.02)


def test_a_claim_has_one_error_wherever_it_is_told():
    found = compare(
        claims(shapely.Polygon([(0, 0), (50, 0), (100, 0), (100, 10), (0, 10)]), shapely.box(0, 8, 100, 20))
    )
    told = found.areas.set_index(["what", "name"])["error_m2"]["claim"]
    assert found.claims.set_index("party")["error_m2"].to_dict() == pytest.approx(told.to_dict())


def test_the_class_the_scale_and_the_georeferencing_of_a_claim_count():
    shapes = shapely.box(0, 0, 100, 10), shapely.box(0, 8, 100, 20)
    found = compare(claims(*shapes, accuracy_class=[1, 2], scale=[np.nan, 500], georeference_m=[0.12, np.nan]))
    assert found.claims["accuracy_m"].tolist() == pytest.approx([0.13, 0.125])


@pytest.mark.parametrize(
    ("columns", "code"),
    [({"accuracy_m": [-1, 0.05]}, "wrong_accuracy"), ({"accuracy_class": [4, 1]}, "wrong_class")],
    ids=["negative", "fourth class"],
)
def test_accuracies_that_there_are_not_are_refused(columns, code):
    with pytest.raises(TableError) as refused:
        compare(claims(shapely.box(0, 0, 9, 9), shapely.box(0, 8, 9, 20), **columns))
    assert [(fault.code, fault.feature) for fault in refused.value.faults] == [(code, 1)]


def test_a_resurvey_of_a_border_is_no_dispute_although_it_leaves_slivers():
    rng = np.random.default_rng(3)
    x = np.linspace(0, 400, 80)
    course = np.column_stack([x, 40 + 6 * np.sin(x / 25)])
    moved = course + rng.normal(0, 0.05 / np.sqrt(2), course.shape) * (0, 1)
    south = shapely.Polygon([(0, 0), (400, 0), *course[::-1]])
    north = shapely.Polygon([*moved, (400, 90), (0, 90)])
    found = compare(claims(south, north, accuracy_m=0.05))
    assert len(found.contested) > 10
    assert found.lines["verdict"].tolist() == ["within_survey_error"]
    assert compare(claims(south, north, accuracy_m=0.001)).lines["verdict"].tolist() == ["beyond"]


def test_two_surveys_of_one_homestead_are_compared_by_their_whole_borders():
    ring = np.array([[0, 0], [12, 0], [12, 9], [20, 9], [20, 30], [0, 30]], dtype=float)
    moved = ring + np.random.default_rng(5).normal(0, 0.03, ring.shape)
    found = compare(claims(shapely.Polygon(ring), shapely.Polygon(np.roll(moved, 2, axis=0)), accuracy_m=0.05))
    assert found.lines["verdict"].tolist() == ["within_survey_error"]
    assert found.lines["common_m"][0] == pytest.approx(100, abs=0.3)


def test_the_chance_of_a_false_dispute_is_a_limit_that_can_be_set():
    shapes = shapely.box(0, 0, 100, 10), shapely.box(0, 9.85, 100, 20)
    strict, lax = (compare(claims(*shapes, accuracy_m=0.05), limits=Limits(alpha=a)).lines for a in (0.5, 0.001))
    assert (strict["verdict"][0], lax["verdict"][0]) == ("beyond", "within_survey_error")


def test_of_a_party_with_two_sources_the_worse_counts():
    table = gpd.GeoDataFrame(
        {"party": ["A", "A", "B"], "accuracy_m": [0.05, 5.0, 0.05]},
        geometry=[shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(0, 9, 20, 20)],
        crs=4549,
    )
    assert compare(table).claims.set_index("party")["accuracy_m"].to_dict() == {"A": 5.0, "B": 0.05}


def test_contested_ground_is_as_uncertain_as_the_worse_claim_makes_it():
    # a strip of 100 m by 2 m: m √(4 · (100² + 2²) / 8) with the half metre of B
    found = compare(claims(shapely.box(0, 0, 100, 10), shapely.box(0, 8, 100, 20), accuracy_m=[0.05, 0.5]))
    assert found.contested["error_m2"].tolist() == pytest.approx([0.5 * (4 * 10_004 / 8) ** 0.5])


def test_the_ledger_is_as_uncertain_as_the_worse_claim_makes_it():
    line = gpd.GeoDataFrame({"id": ["1"]}, geometry=[shapely.LineString([(0, 8), (100, 8)])], crs=4549)
    pair = claims(shapely.box(0, 0, 100, 10), shapely.box(0, 8, 100, 20), accuracy_m=[0.05, 0.5])
    assert compare(pair, line).ledger["error_m2"].tolist() == pytest.approx([0.5 * (4 * 10_004 / 8) ** 0.5] * 2)


def test_on_lines_without_common_extent_nobody_can_decide():
    far = shapely.linestrings([[300, 0], [400, 0]])
    assert verdict(WALL, far)["verdict"] == "cannot_decide"


def test_lines_are_judged_alike_alone_and_among_others():
    pairs = [
        (WALL, beside(0.1)),
        (beside(1.0), shapely.linestrings([[0, 3], [20, 4], [60, 3], [100, 4]])),
        (beside(7.0), beside(7.05)),
    ]
    errors = {"errors": (np.array([0.05]), np.array([0.1])), "common": (np.array([1.0]), np.array([0.0]))}
    alone = [float(offset_error([one], [other], **errors)[0]) for one, other in pairs]
    among = {name: tuple(np.repeat(each, 3) for each in both) for name, both in errors.items()}
    together = offset_error([one for one, _ in pairs], [other for _, other in pairs], **among)
    assert together.tolist() == pytest.approx(alone)
