"""Effort, overlap, spread, adherence and periods, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gridmap.coverage import walked
from gridmap.coverage.walked.daylight import by_day, halved
from gridmap.errors import ConflictError, InputError, TableError
from tests.walkbook import areas, book, moment, rows, streets


def figures(table):
    return table.set_index("figure")["value"]


def test_a_street_walked_twice_is_twice_the_effort():
    table = walked.effort(book("P1 day a 0 100 08:00 08:02", "P1 day a 100 0 08:02 08:04"))
    assert table[["km", "km_foot", "hours"]].to_numpy()[0] == pytest.approx([0.2, 0.2, 4 / 60])


def test_members_who_report_one_walk_make_one():
    made = book("P1 day a 0 90 08:00 08:02", "P1 day a 10 100 08:00 08:02", "P1 day a 30 60 08:01 08:02")
    assert walked.effort(made)[["km", "hours"]].to_numpy()[0] == pytest.approx([0.1, 2 / 60])


def test_walks_on_two_ends_of_a_street_at_one_time_stay_apart():
    made = book("P1 day a 0 20 08:00 08:02", "P1 day a 70 100 08:01 08:02")
    assert walked.effort(made)["km"].tolist() == pytest.approx([0.05])


def test_two_posts_on_one_street_are_two_efforts():
    made = book("P1 day a 0 100 08:00 08:02", "P2 day a 0 100 08:00 08:02")
    assert walked.effort(made)[["post", "km"]].to_numpy().tolist() == [["P1", 0.1], ["P2", 0.1]]


@pytest.mark.parametrize(
    ("minutes", "mode"), [(2, "km_foot"), (0.25, "km_e_bike"), (0.2, "km_car")], ids=["0.8 m/s", "6.7 m/s", "8.3 m/s"]
)
def test_how_a_post_moves_is_told_from_its_speed(minutes, mode):
    end = pd.Timestamp(moment("08:00")) + pd.Timedelta(minutes=minutes)
    made = walked.ledger(rows("P1 day a 0 100 08:00 08:01").assign(end=end), streets(a=100))
    assert walked.effort(made)[mode].tolist() == pytest.approx([0.1])


def test_kilometres_by_day_and_by_night_add_up_to_all():
    made = book("P1 day a 0 100 19:58 20:03")
    parted = halved(made.visits, walked.Clock())
    day = by_day(parted, walked.Clock())
    assert [parted.metres[half].sum() for half in (day, ~day)] == pytest.approx([40, 60])


def test_what_two_posts_walked_in_one_hour_overlaps():
    made = book("P1 day a 0 60 08:10 08:20", "P2 day a 40 100 08:40 08:50")
    # walked 100 m, 20 of them by both
    assert walked.overlap(made)[["km", "km_overlap", "share"]].to_numpy()[-1] == pytest.approx([0.1, 0.02, 0.2])


def test_one_post_does_not_overlap_with_itself_nor_with_another_in_the_next_hour():
    made = book("P1 day a 0 100 08:10 08:20", "P1 day a 0 100 08:40 08:50", "P2 day a 0 100 09:10 09:20")
    assert walked.overlap(made)["share"].tolist() == [0, 0]


def test_shares_of_two_areas_have_the_gini_worked_out_by_hand():
    # one of two equal areas has all: the curve lies along the axis to one half
    table = figures(walked.equity([0.0, 0.8], [50, 50]))
    assert table[["gini", "theil", "mean"]].tolist() == pytest.approx([0.5, np.log(2), 0.4])
    assert np.isnan(table["p90_to_p10"])


def test_an_area_twice_as_long_is_as_two_areas():
    one, two = (figures(walked.equity(*each)) for each in [([0.2, 0.6], [2, 1]), ([0.2, 0.2, 0.6], [1, 1, 1])])
    assert one[["gini", "theil", "p90", "p10", "worst_decile"]].tolist() == pytest.approx(
        two[["gini", "theil", "p90", "p10", "worst_decile"]].tolist()
    )


def test_theil_between_and_within_groups_add_up():
    table = figures(walked.equity([0.2, 0.4, 0.6, 0.8], [1, 1, 1, 1], groups=list("aabb")))
    means = np.array([0.3, 0.7]) / 0.5
    assert table["theil_between"] == pytest.approx((means * np.log(means)).mean())
    assert table["theil_between"] + table["theil_within"] == pytest.approx(table["theil"])


def test_equal_groups_have_no_theil_between():
    table = figures(walked.equity([0.2, 0.6, 0.2, 0.6], [1, 1, 1, 1], groups=list("aabb")))
    assert table["theil_between"] == pytest.approx(0, abs=1e-12)


def test_the_worst_decile_is_a_tenth_of_the_street_and_not_of_the_areas():
    table = figures(walked.equity([0.0, 1.0], [5, 95]))
    # five metres of nought and five of one
    assert table["worst_decile"] == pytest.approx(0.5)


def test_what_is_not_known_is_left_out_and_counted():
    table = figures(walked.equity([np.nan, 0.5], [10, 10]))
    assert table[["areas", "unknown", "mean", "gini"]].tolist() == [1, 1, 0.5, 0]


def test_of_nothing_known_there_are_no_figures():
    assert figures(walked.equity([np.nan], [10]))[["gini", "mean"]].isna().all()


@pytest.mark.parametrize("shares", [[0.5], [-0.1, 0.5]], ids=["too few", "negative"])
def test_shares_that_cannot_be_are_refused(shares):
    with pytest.raises(InputError, match="none negative"):
        walked.equity(shares, [1, 1])


def test_patrols_in_proportion_to_need_need_not_move():
    assert walked.proportionality([30, 10], [3, 1]) == pytest.approx(0)
    assert walked.proportionality([1, 0], [0, 1]) == 1
    assert np.isnan(walked.proportionality([0, 0], [0, 1]))


def test_a_round_is_kept_as_far_as_its_streets_were_walked():
    plan = pd.DataFrame({"street": ["a", "a", "b"], "from_m": [0, 40, 100], "to_m": [50, 60, 60]})
    made = book("P1 day a 30 100 08:00 08:05", a=100, b=100)
    table = walked.adherence(plan, made, order=(["k1", "k2", "k3"], ["k1", "k3", "k3", "k2"]))
    # planned 60 + 40, of which 30 were walked; 40 were walked besides
    found = table[["planned_m", "done_m", "both_m", "share_done", "share_besides", "order"]].to_numpy()[0]
    assert found == pytest.approx([100, 70, 30, 0.3, 40 / 70, 1 / 3])


def test_an_order_kept_backwards_is_minus_one_and_of_one_point_unknown():
    assert walked.tau("abcd", "dcba") == -1
    assert np.isnan(walked.tau("abcd", "b"))


def test_a_plan_of_unknown_streets_is_refused():
    with pytest.raises(TableError, match="no such street"):
        walked.adherence(pd.DataFrame({"street": ["z"], "from_m": [0], "to_m": [1]}), book())


def test_two_periods_tell_what_was_gained_and_lost():
    made = book("P1 day a 0 60 08:00 08:05", "P1 day a 40 90 7T08:00 7T08:05")
    old, new = made.during(until=moment("7T00:00")), made.during(since=moment("7T00:00"))
    columns = ["old_m", "new_m", "gained_m", "lost_m", "kept_m"]
    assert walked.compare_streets(old, new)[columns].to_numpy()[0].tolist() == [60, 50, 30, 40, 20]
    laid = walked.sides(made, areas(W=(-5, -5, 50, 5), E=(50, -5, 105, 5)))
    assert walked.compare_areas(old, new, laid)[columns].to_numpy().tolist() == [
        [50, 10, 0, 40, 10],
        [10, 40, 30, 0, 10],
    ]


def test_ledgers_of_different_streets_do_not_compare():
    with pytest.raises(ConflictError, match="one table of streets"):
        walked.compare_streets(book(a=100), book(b=100))


def test_of_a_checkpoint_that_is_planned_twice_the_first_place_counts():
    assert walked.tau(["k1", "k2", "k1"], ["k1", "k2"]) == 1


def test_what_is_inferred_keeps_a_plan_only_where_that_is_asked_for():
    plan = pd.DataFrame({"street": ["a"], "from_m": [0], "to_m": [100]})
    made = book("P1 day a 0 40 08:00 08:05", "P1 day a 40 90 08:05 08:10 inferred")
    assert walked.adherence(plan, made)["both_m"].tolist() == [40]
    assert walked.adherence(plan, made, least="inferred")["both_m"].tolist() == [90]


def test_of_ten_areas_alike_in_length_nine_tenths_do_not_exceed_the_ninth():
    table = figures(walked.equity(np.arange(1, 11) / 10, np.ones(10)))
    assert table[["p90", "p10"]].tolist() == [0.9, 0.1]


def test_an_area_without_streets_has_no_part_in_what_is_even():
    table = figures(walked.equity([0.5, 0.9], [10, 0]))
    assert table[["areas", "unknown", "mean"]].tolist() == [1, 0, 0.5]
