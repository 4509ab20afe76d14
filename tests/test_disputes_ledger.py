"""What is contested, what is a gap, and what each candidate gives and takes: by rectangles, and by random pairs."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Polygon, box

from gridmap.disputes import compare, matrix
from gridmap.errors import CrsError, InputError, TableError
from gridmap.samples import town, villages
from tests.quarrels import ledgers, pairs

#: Two villages, one south of the other, that overlap by 2 m over 100 m.
SOUTH, NORTH = box(0, 0, 100, 10), box(0, 8, 100, 20)


def claimed(shapes, parties="ABCDEFGH", crs=4549, **columns):
    rows = {"party": list(parties)[: len(shapes)], "accuracy_m": 0.05} | columns
    return gpd.GeoDataFrame(rows, geometry=list(shapes), crs=crs)


def drawn(*lines, crs=4549):
    return gpd.GeoDataFrame(
        {"id": [f"L{k}" for k in range(len(lines))]}, geometry=list(map(LineString, lines)), crs=crs
    )


def ledger(shapes, *lines, **options):
    """Gain, loss, of it undisputed, by candidate and party."""
    found = compare(claimed(shapes), drawn(*lines), **options).ledger
    return found[["candidate", "party", "gain_m2", "loss_m2", "undisputed_m2"]].round(6).to_numpy().tolist()


def same(found, expected):
    """Whether rows are the same words and nearly the same figures."""
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    assert np.array([row[2:] for row in found]) == pytest.approx(np.array([row[2:] for row in expected]), abs=1e-6)


def codes(compared):
    return [warning["code"] for warning in compared.warnings]


def test_ground_that_two_parties_claim_is_contested_and_a_gap_is_between_them():
    over, apart = compare(claimed([SOUTH, NORTH])), compare(claimed([SOUTH, box(0, 13, 100, 20)]))
    assert (over.contested["parties"].tolist(), over.contested["area_m2"].tolist()) == (["A | B"], [200.0])
    assert apart.contested.empty
    assert (apart.gaps["parties"].tolist(), apart.gaps["area_m2"].tolist()) == (["A | B"], [300.0])


@pytest.mark.parametrize(
    ("height", "expected"),
    # corners of 5 cm: a strip of 100 m by h has the error .05 * sqrt(4 * (100**2 + h**2) / 8)
    [(8, 3.5362), (9, 5.0002)],
    ids=["one side gets all", "each side gets half"],
)
def test_what_one_party_loses_is_as_uncertain_as_what_the_other_gains(height, expected):
    found = compare(claimed([SOUTH, NORTH]), drawn([(-1, height), (101, height)])).ledger
    assert found["error_m2"].tolist() == pytest.approx([expected, expected], abs=1e-4)


@pytest.fixture(scope="module")
def written():
    """Ledger of two villages as files hold them, to the millimetre: borders that were one now cross in slivers."""
    land = town()
    claims = land["claims"].to_crs(4528)
    claims.geometry = shapely.transform(claims.geometry.to_numpy(), lambda points: np.round(points, 3))
    return compare(claims, land["candidates"], shares=[0.4], bearing_deg=0).ledger


def test_a_straight_cut_between_villages_gives_the_share_by_the_ledger(written):
    # posts stand on whole millimetres
    gains = written[written["candidate"].str.contains("40%")]["gain_m2"].to_numpy()
    assert gains[0] / gains.sum() == pytest.approx(0.4, abs=2e-5)


def test_what_one_village_gains_the_other_loses_to_the_last_digit(written):
    pairs = [rows[["gain_m2", "loss_m2"]].to_numpy() for _, rows in written.groupby("candidate")]
    assert all((one == other[::-1]).all() for one, other in pairs)
    assert written.groupby("candidate")["net_m2"].sum().tolist() == [0.0] * len(pairs)


def test_a_gap_narrower_than_surveys_are_written_is_nobodys_gain():
    # a wedge of half a millimetre: 0.025 m2
    found = compare(claimed([SOUTH, Polygon([(0, 10), (100, 10.001), (100, 20), (0, 20)])]), drawn([(0, 9), (100, 9)]))
    assert found.gaps.empty
    assert found.ledger["gain_m2"].tolist() == pytest.approx([0, 100], abs=1e-9)


def test_two_villages_are_told_one_error_of_what_changes_hands(written):
    found = written
    both = found.groupby("candidate", sort=False)["error_m2"]
    assert both.nunique().eq(1).all()
    assert (both.size() == 2).all()
    assert (found["error_m2"] > 0).all()


def test_what_two_gain_of_a_gap_nobody_loses():
    # a gap of 100 m by 3 m is parted in 1 m and 2 m: what one gets is no loss of the other
    found = compare(claimed([SOUTH, box(0, 13, 100, 20)]), drawn([(-1, 11), (101, 11)])).ledger
    by_party = found.set_index("party")["error_m2"]
    assert by_party[["A", "B"]].tolist() == pytest.approx([3.5357, 3.5362], abs=1e-4)


def test_a_sliver_that_comes_of_rounding_has_no_error():
    # half a millimetre over 100 m: 0.05 m2, which nobody tells
    found = compare(claimed([SOUTH, NORTH]), drawn([(-1, 8.0005), (101, 8.0005)])).ledger
    assert found["error_m2"].tolist() == pytest.approx([3.5362, 3.5362], abs=1e-3)


def test_contested_pieces_are_numbered_by_their_size():
    found = compare(claimed([box(0, 0, 100, 10), box(0, 8, 30, 20), box(60, 5, 100, 20)], "ABB"))
    assert found.contested[["id", "area_m2"]].round(6).to_numpy().tolist() == [["C1", 200.0], ["C2", 60.0]]


def test_a_notch_in_one_claim_and_a_field_far_away_are_no_gaps():
    notched = Polygon([(0, 0), (30, 0), (30, 10), (20, 10), (20, 5), (10, 5), (10, 10), (0, 10)])
    assert compare(claimed([notched, box(0, -20, 30, 0)])).gaps.empty
    assert compare(claimed([SOUTH, box(0, 61, 100, 70)])).gaps.empty


def test_claims_aslant_leave_no_slivers_of_arithmetic_in_what_is_told():
    slanted = [shapely.affinity.rotate(shape, 17.3, origin=(0, 0)) for shape in (SOUTH, box(10, 8, 90, 20))]
    gap = [shapely.affinity.rotate(shape, 17.3, origin=(0, 0)) for shape in (SOUTH, box(10, 13, 90, 20))]
    over, apart = compare(claimed(slanted)), compare(claimed(gap))
    assert [len(each) for each in (over.contested, over.gaps, over.agreed)] == [1, 0, 2]
    assert [len(each) for each in (apart.contested, apart.gaps, apart.agreed)] == [0, 1, 2]
    assert len(over.cells) <= 5


def test_three_claims_make_cells_with_all_their_claimants():
    found = compare(claimed([box(0, 0, 10, 10), box(5, 5, 15, 15), box(8, 0, 20, 8)])).cells
    areas = found.groupby("parties")["area_m2"].sum().to_dict()
    # by hand: the squares share 5 x 5, of which 2 x 3 are C's too
    expected = {"A": 65, "B": 60, "C": 65, "A | B": 19, "A | C": 10, "B | C": 15, "A | B | C": 6}
    assert areas == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([(0, 9), (100, 9)], [100, 100]),
        ([(0, 8.5), (100, 8.5)], [50, 150]),
        ([(100, 10), (0, 10)], [200, 0]),
        ([(0, 8), (100, 8)], [0, 200]),
        ([(0, 8), (100, 10)], [100, 100]),
        ([(-50, 9), (150, 9)], [100, 100]),
        ([(0.4, 9), (99.6, 9)], [100, 100]),
    ],
    ids=["half", "quarter", "as A claims, drawn backwards", "as B claims", "aslant", "too long", "a little short"],
)
def test_a_candidate_gives_each_party_the_contested_ground_on_its_side(line, expected):
    south, north = expected
    same(ledger([SOUTH, NORTH], line), [["L0", "A", south, north, 0], ["L0", "B", north, south, 0]])


def test_a_gap_goes_to_the_side_it_lies_on_and_is_nobodys_loss():
    same(ledger([SOUTH, box(0, 12, 100, 20)], [(0, 11), (100, 11.5)]), [["L0", "A", 125, 0, 0], ["L0", "B", 75, 0, 0]])


def test_a_candidate_that_leaves_the_strip_takes_what_one_party_alone_claims_and_that_is_told():
    found = compare(claimed([SOUTH, NORTH]), drawn([(0, 11), (100, 11)]))
    assert found.ledger[["gain_m2", "loss_m2", "undisputed_m2"]].to_numpy().tolist() == [[300, 0, 0], [0, 300, 100]]
    assert codes(found) == ["takes_undisputed"]


#: Three villages from south to north: one border is agreed, the other disputed by a metre.
THREE = [SOUTH, box(0, 10, 100, 20), box(0, 19, 100, 30)]


@pytest.mark.parametrize(
    ("height", "expected"),
    [
        (12, [["L0", "A", 200, 0, 0], ["L0", "B", 0, 200, 200]]),
        (17, [["L0", "B", 0, 300, 200], ["L0", "C", 300, 0, 0]]),
    ],
    ids=["towards the neighbour with whom it has no quarrel", "towards the one it has"],
)
def test_a_candidate_inside_one_claim_gives_what_it_cuts_off_to_the_neighbour_there(height, expected):
    lines = drawn([(0, height), (100, height)])
    same(ledger(THREE, lines.geometry[0].coords), expected)
    found = compare(claimed(THREE), lines)
    # the one gains what it never claimed
    assert found.ledger["unclaimed_m2"].tolist() == pytest.approx(found.ledger["undisputed_m2"][::-1].tolist())
    assert codes(found) == ["takes_undisputed"]


def test_what_is_cut_off_towards_two_neighbours_is_undecided_between_them():
    # A and C both adjoin the two metres in the south of B
    found = compare(claimed([box(0, 0, 50, 10), box(0, 10, 100, 20), box(50, 0, 100, 10)]), drawn([(0, 12), (100, 12)]))
    assert found.candidates[["status", "parties"]].to_numpy().tolist() == [["undecided", "A | B | C"]]
    assert found.candidates["undecided_m2"].tolist() == [200.0]
    assert found.ledger[["gain_m2", "loss_m2"]].to_numpy().sum() == 0


def test_a_neighbour_at_a_corner_gains_nothing_of_what_is_cut_off():
    found = compare(claimed([SOUTH, box(0, 10, 100, 20), box(100, 0, 120, 10)]), drawn([(0, 12), (100, 12)])).ledger
    assert found["party"].tolist() == ["A", "B"]


def test_a_party_all_of_whose_claim_another_claims_too_has_the_side_that_is_nobodys():
    # most of what B claims lies north, where A's own ground is: B's side can only be the south
    same(
        ledger([box(0, 0, 100, 100), box(40, 10, 60, 30)], [(0, 16), (100, 16)]),
        [["L0", "A", 280, 1600, 1480], ["L0", "B", 1600, 280, 0]],
    )


def test_ground_that_somebody_else_claims_too_stays_open_when_a_line_takes_what_lies_around_it():
    other, line = box(90, 3, 120, 6), [(0, 9), (60, 9), (70, 2), (100, 2)]
    found = compare(claimed([SOUTH, NORTH, other]), drawn(line)).ledger.set_index("party")
    north = SOUTH & Polygon([*line, (100, 20), (0, 20)])
    assert found.index.tolist() == ["A", "B"]
    assert found.loc["A", "loss_m2"] == pytest.approx(north.area - 30, abs=0.01)


def test_a_gap_towards_a_third_party_is_not_settled_between_two():
    same(
        ledger([SOUTH, NORTH, box(0, 23, 100, 30)], [(0, 9), (100, 9)]),
        [["L0", "A", 100, 100, 0], ["L0", "B", 100, 100, 0]],
    )


def test_a_candidate_through_disputed_ground_concerns_those_who_dispute_it_alone():
    # C adjoins what the line leaves of A in the north
    found = compare(claimed([SOUTH, NORTH, box(100, 9.2, 120, 30)]), drawn([(0, 9), (100, 9)]))
    assert found.candidates["parties"].tolist() == ["A | B"]


def test_a_line_that_ends_short_of_the_edges_is_carried_on_and_that_is_told():
    found = compare(claimed([SOUTH, NORTH]), drawn([(0.3, 9), (99.5, 9)]))
    assert found.candidates[["status", "joined_m"]].to_numpy().tolist() == [["settles", pytest.approx(0.5)]]
    assert codes(found) == ["carried_on"]


@pytest.mark.parametrize(
    "line",
    [[(0, 5), (90, 5)], [(40, 10.5), (60, 10.5), (60, 20), (40, 20), (40, 10.5)]],
    ids=["towards an edge outside the disputed ground", "that ends where it began"],
)
def test_a_line_is_not_carried_on(line):
    found = compare(claimed([box(0, 0, 100, 30), box(0, 10, 100, 40)]), drawn(line))
    assert found.candidates["joined_m"].tolist() == [0.0]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ([(0, 9), (50, 9)], "does_not_cross"),
        ([(50, -5), (50, 25)], "undecided"),
        ([(0, 50), (100, 50)], "outside"),
        ([(20, 15), (80, 15)], "does_not_cross"),
        ([(0, 19), (10, 20)], "outside"),
    ],
    ids=["half way in", "across both", "beside", "inside one", "a corner of one that adjoins nobody"],
)
def test_a_candidate_that_does_not_part_the_claims_is_told_and_not_guessed(line, status):
    found = compare(claimed([SOUTH, NORTH]), drawn(line))
    assert found.candidates["status"].tolist() == [status]
    assert found.ledger[["gain_m2", "loss_m2"]].to_numpy().sum() == 0
    assert codes(found) in ([status], ["outside"])


def test_a_candidate_that_halves_the_own_ground_of_both_is_no_border_between_them():
    # more of A's own ground lies west of it, more of B's east: by little, which tells nothing
    found = compare(claimed([SOUTH, box(10, 8, 110, 20)]), drawn([(54, -5), (54, 25)]))
    assert found.candidates["status"].tolist() == ["undecided"]
    assert found.candidates["undecided_m2"].tolist() == [180.0]


def test_claims_that_are_not_flush_are_parted_where_their_own_lines_cross():
    same(
        ledger([box(0, 0, 200, 10), box(50, 8, 150, 20)], [(50, 9), (150, 9)]),
        [["L0", "A", 100, 100, 0], ["L0", "B", 100, 100, 0]],
    )


def test_what_changes_against_the_line_as_it_stands_is_told_separately():
    found = compare(claimed([SOUTH, NORTH]), drawn([(0, 9), (100, 9)], [(0, 9.5), (100, 9.5)]), status_quo="L0").ledger
    assert found["change_m2"].tolist() == pytest.approx([0, 0, 50, -50])


@pytest.mark.parametrize(
    ("north", "heights"),
    [(box(0, 14, 100, 20), (11, 12)), (NORTH, (11, 12)), (box(0, 10, 100, 20), (9, 11))],
    ids=["in a gap", "in ground of one", "across a border"],
)
def test_a_line_that_lies_a_metre_farther_changes_a_metre_of_ground_whosever_it_was(north, heights):
    found = compare(claimed([SOUTH, north]), drawn(*([(0, y), (100, y)] for y in heights)), status_quo="L0").ledger
    moved = 100 * (heights[1] - heights[0])
    assert found["change_m2"].tolist() == pytest.approx([0, 0, moved, -moved])


def test_the_ledger_is_told_in_mu_of_which_fifteen_are_a_hectare():
    found = compare(claimed([box(0, 0, 1000, 100), box(0, 90, 1000, 200)]), drawn([(0, 100), (1000, 100)])).ledger
    assert found[["gain_mu", "loss_mu"]].to_numpy().tolist() == [[pytest.approx(15), 0], [0, pytest.approx(15)]]


def test_lines_claimed_by_two_parties_have_the_ground_between_them_contested():
    lines = claimed([LineString([(0, 0), (100, 0)]), LineString([(100, 2), (0, 2)])])
    found = compare(lines, drawn([(0, 0.5), (100, 0.5)]))
    # each is taken to claim towards the other: A holds the north
    assert found.contested["area_m2"].tolist() == [200.0]
    assert found.ledger["gain_m2"].tolist() == pytest.approx([150, 50])
    assert codes(found) == ["sides_assumed"]


def test_lines_that_cross_leave_a_gap_behind_the_crossing():
    lines = claimed([LineString([(0, 0), (100, 0)]), LineString([(0, -2), (60, -2), (100, 2)])])
    found = compare(lines)
    assert found.contested["area_m2"].sum() == pytest.approx(60 * 2 + 20 * 2 / 2, abs=0.1)
    assert found.gaps["area_m2"].sum() == pytest.approx(20 * 2 / 2, abs=0.25)


@pytest.mark.parametrize(
    ("line", "contested", "gap"),
    [
        ([(0, 8), (100, 8)], 200, 0),
        ([(100, 8), (0, 8)], 200, 0),
        ([(-30, 8), (150, 8)], 200, 0),
        ([(20, 8), (80, 8)], 120, 0),
        ([(0, 13), (100, 13)], 0, 300),
        ([(0, 2), (100, 2)], 200, 0),
    ],
    ids=["within", "drawn backwards", "longer", "along a part", "outside", "within, towards the south"],
)
def test_a_line_claims_the_ground_of_a_polygon_behind_it_up_to_the_border_it_runs_along(line, contested, gap):
    found = compare(claimed([SOUTH, LineString(line)]))
    assert (found.contested["area_m2"].sum(), found.gaps["area_m2"].sum()) == pytest.approx((contested, gap), abs=1e-6)
    assert found.agreed["parties"].tolist() == ["A"]
    assert found.lines["hausdorff_m"].tolist() == pytest.approx([3 if gap else 2])
    assert codes(found) == ["side_taken"]


def test_a_candidate_between_a_line_and_a_polygon_has_a_ledger_whichever_comes_first():
    shapes, line = [SOUTH, LineString([(0, 8), (100, 8)])], [(0, 9), (100, 9)]
    assert ledger(shapes, line) == [["L0", "A", 100, 100, 0], ["L0", "B", 100, 100, 0]]
    assert ledger(shapes[::-1], line) == [["L0", "A", 100, 100, 0], ["L0", "B", 100, 100, 0]]


def test_the_band_behind_a_line_takes_nothing_of_others():
    found = compare(claimed([SOUTH, LineString([(0, 8), (100, 8)]), box(0, 12, 100, 30)]))
    assert dict(zip(found.contested["parties"], found.contested["area_m2"], strict=True)) == {"A | B": 200}
    # two lines that cross within the polygon do dispute its corner
    corner = compare(claimed([SOUTH, LineString([(0, 8), (100, 8)]), LineString([(95, 0), (95, 10)])])).contested
    assert dict(zip(corner["parties"], corner["area_m2"], strict=True)) == {"A | B": 190, "A | C": 40, "A | B | C": 10}


def test_coordinates_with_a_zone_prefix_give_the_same_ledger():
    def moved(east, north, crs):
        shapes = shapely.transform(np.array([SOUTH, NORTH]), lambda xy: xy + np.array([east, north]))
        line = shapely.transform(LineString([(0, 8.7), (100, 9.1)]), lambda xy: xy + np.array([east, north]))
        return compare(claimed(shapes, crs=crs), drawn(line.coords, crs=crs)).ledger[["gain_m2", "loss_m2"]]

    plain, prefixed = moved(520_000, 3_352_000, 4549), moved(40_520_000, 3_352_000, 4528)
    assert np.abs(plain - prefixed).max().max() < 1e-6


def test_claims_in_degrees_come_out_in_degrees_and_are_measured_in_metres():
    shapes = shapely.transform(np.array([SOUTH, NORTH]), lambda xy: xy + np.array([520_000, 3_352_000]))
    found = compare(claimed(shapes).to_crs(4490), drawn(crs=4490))
    assert found.contested.crs.to_epsg() == 4490
    assert found.contested["area_m2"].sum() == pytest.approx(200, abs=0.2)


@pytest.fixture(scope="module")
def random_pairs():
    claims, candidates, kinds = pairs(np.random.default_rng(20261122), 400)
    return claims, candidates, kinds, *ledgers(claims, candidates)


def test_ledgers_of_random_pairs_balance_to_a_millionth_of_a_square_metre(random_pairs):
    books = random_pairs[-1]
    gains = books.ledger.groupby("candidate")["gain_m2"].sum()
    settled = books.candidates.set_index("id")["settled_m2"].dropna()
    assert len(settled) > 190
    assert np.abs(gains - settled[gains.index]).max() < 1e-6
    assert (books.ledger[["gain_m2", "loss_m2", "undisputed_m2", "unclaimed_m2"]] >= 0).all(axis=None)


def test_losses_and_open_ground_of_random_pairs_without_gaps_add_up_to_the_contested_ground(random_pairs):
    claims, _, _, own, land, books = random_pairs
    metric = shapely.set_precision(shapely.set_precision(claims.geometry.to_numpy(), 0.001), 0)
    contested = shapely.area(shapely.intersection(metric[::2], metric[1::2]))
    gaps = {own.parties[party][:-1] for party in land.among(np.flatnonzero(land.claims == 0))}
    loss = books.ledger.groupby("candidate")[["loss_m2", "undisputed_m2"]].sum()
    table = books.candidates.set_index("id").join(loss).assign(contested=contested).dropna(subset="settled_m2")
    table = table[~table.index.isin(gaps)]
    assert len(table) > 100
    lost = table["loss_m2"] - table["undisputed_m2"] + table["undecided_m2"]
    assert np.abs(lost - table["contested"]).max() < 1e-6


def test_what_one_of_a_random_pair_gains_the_other_loses_or_nobody_claimed(random_pairs):
    *_, land, books = random_pairs
    whole = books.ledger.groupby("candidate")[["gain_m2", "loss_m2", "unclaimed_m2", "undisputed_m2"]].sum()
    surplus = whole["gain_m2"] - whole["loss_m2"]
    assert surplus.min() > -1e-6
    assert surplus.sum() <= land.area[land.claims == 0].sum() + 1e-6
    assert np.abs(whole["unclaimed_m2"] - whole["undisputed_m2"]).max() < 1e-6


def test_cells_of_random_pairs_fill_each_claim(random_pairs):
    *_, own, land, _ = random_pairs
    assert np.abs(land.claimed.T @ land.area - shapely.area(own.shapes)).max() < 1e-6


def test_the_ledger_does_not_care_which_party_comes_first(random_pairs):
    claims, candidates, *_, books = random_pairs
    other = claims["party"].str[:-1] + claims["party"].str[-1].map({"a": "b", "b": "a"})
    again = ledgers(claims.assign(party=other)[::-1], candidates)[-1].ledger
    again["party"] = again["party"].str[:-1] + again["party"].str[-1].map({"a": "b", "b": "a"})
    both = books.ledger.merge(again, on=["candidate", "party"], suffixes=("", "_again"))
    assert len(both) == len(books.ledger)
    assert np.abs(both["gain_m2"] - both["gain_m2_again"]).max() < 1e-6


def test_claims_to_the_same_ground_settle_nothing(random_pairs):
    _, _, kinds, *_, books = random_pairs
    assert set(books.candidates[kinds == "equal"]["status"]) <= {"undecided", "outside", "does_not_cross"}


@pytest.fixture(scope="module")
def eight():
    return villages(buildings=5000)


@pytest.fixture(scope="module")
def found(eight):
    return compare(eight["claims"], eight["candidates"])


def test_four_lines_between_eight_villages_are_settled_as_they_were_drawn(eight, found):
    both = found.ledger.merge(eight["truth_ledger"], on=["candidate", "party"], suffixes=("", "_true"))
    assert len(both) == 24
    # half a millimetre of rounding along 500 m
    assert np.abs(both["gain_m2"] - both["gain_m2_true"]).max() < 0.05
    assert np.abs(both["loss_m2"] - both["loss_m2_true"]).max() < 0.05
    assert found.candidates["difference_m2"].abs().max() < 1e-6


def test_the_matrix_tells_each_village_by_each_candidate_in_square_metres_and_mu(found):
    told = matrix(found.ledger)
    assert told.shape == (8, 1 + 2 * 12)
    square, mu = told["L1 half way_m2"].dropna(), told["L1 half way_mu"].dropna()
    assert square.sum() == pytest.approx(0, abs=0.05)
    assert mu.to_numpy() == pytest.approx(square.to_numpy() * 0.0015)


def test_a_map_a_century_old_cannot_decide_and_a_survey_of_today_can(eight, found):
    lines = found.lines
    accuracy = eight["claims"].set_index("party")["accuracy_m"]
    verdicts = dict(zip(accuracy[lines["a"]], lines["verdict"], strict=True))
    assert verdicts == {0.05: "beyond", 1.0: "beyond", 5.0: "beyond", 10.0: "cannot_decide"}


def test_bad_claims_are_refused_all_at_once():
    table = claimed([SOUTH, NORTH, shapely.Point(0, 0), Polygon()])
    table["party"] = ["A", None, "C", "D"]
    with pytest.raises(TableError) as refused:
        compare(table)
    assert [fault.code for fault in refused.value.faults] == ["missing_party", "wrong_geometry", "missing_geometry"]


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (claimed([SOUTH])[:0], "empty"),
        (claimed([SOUTH, NORTH], parties="AA"), "one_party"),
        (claimed([SOUTH, LineString([(0, 8), (100, 8)]), NORTH], parties="AAB"), "mixed_claims"),
        (claimed([SOUTH, LineString([(20, 12), (80, 12), (80, 15), (20, 12)])]), "no_strip"),
        (claimed([SOUTH, shapely.MultiLineString([[(0, 8), (40, 8)], [(50, 8), (100, 8)]])]), "broken_line"),
        (claimed([LineString([(0, k), (9, k)]) for k in (0, 3, 7)]), "no_partner"),
    ],
    ids=["empty", "one party", "line and polygon of one", "line that closes", "line in pieces", "three lines"],
)
def test_claims_that_cannot_be_compared_are_refused(table, code):
    with pytest.raises(InputError) as refused:
        compare(table)
    assert refused.value.code == code


def test_a_bow_tie_is_two_triangles_and_that_is_told():
    tie = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    found = compare(claimed([tie, box(20, 0, 30, 10)]))
    assert found.claims["area_m2"].tolist() == [50.0, 100.0]
    assert codes(found) == ["ring_mended"]


def test_spikes_and_points_given_twice_change_nothing():
    spiked = Polygon([(0, 0), (0, 0), (100, 0), (100, 5), (140, 5), (100, 5), (100, 10), (100, 10), (0, 10)])
    assert ledger([spiked, NORTH], [(0, 9), (100, 9)]) == ledger([SOUTH, NORTH], [(0, 9), (100, 9)])


def test_xian_1980_is_measured_on_its_own_datum_and_never_brought_to_another():
    claims = claimed(
        shapely.transform(np.array([SOUTH, NORTH]), lambda xy: xy + np.array([500_000, 3_352_000])), crs=2385
    )
    assert compare(claims).contested["area_m2"].sum() == pytest.approx(200)
    with pytest.raises(CrsError):
        compare(claims, drawn([(500_000, 3_352_009), (500_100, 3_352_009)], crs=4549))


def test_candidates_that_are_no_lines_are_refused_with_those_of_one_id():
    lines = drawn([(0, 9), (100, 9)], [(0, 8), (100, 8)]).assign(id="L0")
    lines.loc[2] = ["L2", SOUTH]
    with pytest.raises(TableError) as refused:
        compare(claimed([SOUTH, NORTH]), lines)
    assert [(fault.code, fault.feature) for fault in refused.value.faults] == [
        ("duplicate_id", 2),
        ("wrong_geometry", 3),
    ]


def test_tables_are_not_changed():
    claims, lines = claimed([SOUTH, NORTH]), drawn([(0, 9), (100, 9)])
    before = claims.copy(), lines.copy()
    compare(claims, lines)
    pd.testing.assert_frame_equal(pd.DataFrame(claims), pd.DataFrame(before[0]))
    pd.testing.assert_frame_equal(pd.DataFrame(lines), pd.DataFrame(before[1]))
