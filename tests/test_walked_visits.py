"""How long streets were left alone, what is owed, and when: by hand, and minute by minute on every metre."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.coverage import walked
from gridmap.coverage.walked.ledger import ledger
from gridmap.coverage.walked.passes import passes
from gridmap.errors import InputError
from tests.walkbook import areas, book, moment, rows, streets

SINCE, UNTIL = moment("08:00"), moment("18:00")


def idle(*visits, **lines):
    return walked.idleness(book(*visits, **lines), since=SINCE, until=UNTIL)


def owed(made, now, **options):
    return walked.streets(made, walked.Owing(now=moment(now), **options))


def told(table, *columns):
    return table[list(columns)].to_numpy(dtype=object)[0].tolist()


def test_gaps_run_from_the_end_of_a_visit_to_the_beginning_of_the_next_and_to_both_ends_of_the_window():
    # left alone 08-10, 11-15 and 15:30-18: squares 4 + 16 + 6.25 over twice ten hours
    table = idle("P1 day a 0 100 10:00 11:00", "P1 day a 0 100 15:00 15:30")
    assert told(table, "visits", "mean_h", "worst_h") == pytest.approx([2, 26.25 / 20, 4])


def test_a_street_never_visited_was_left_alone_all_the_time():
    assert told(idle(a=100), "visits", "mean_h", "worst_h") == pytest.approx([0, 5, 10])


@pytest.mark.parametrize(("next_", "visits"), [("10:14", 1), ("10:15", 2)], ids=["nine minutes", "ten minutes"])
def test_visits_less_than_ten_minutes_apart_are_one(next_, visits):
    table = idle("P1 day a 0 100 10:00 10:05", f"P2 day a 0 100 {next_} 10:20")
    assert told(table, "visits") == [visits]


def test_a_chain_of_visits_is_one_however_long():
    table = idle(*[f"P1 day a 0 100 10:{minute:02d} 10:{minute + 1:02d}" for minute in range(0, 50, 9)])
    assert told(table, "visits", "worst_h") == pytest.approx([1, 18 - 10 - 46 / 60])


def test_a_short_visit_within_a_long_one_does_not_end_it():
    table = idle("P1 day a 0 100 10:00 12:00", "P2 day a 0 100 10:30 10:31", "P1 day a 0 100 12:05 12:06")
    assert told(table, "visits", "worst_h") == pytest.approx([1, 18 - 12.1])


def test_the_mean_is_that_over_metres_and_the_worst_that_of_the_worst_metre():
    table = idle("P1 day a 0 50 13:00 13:00")
    assert told(table, "visits", "mean_h", "worst_h") == pytest.approx([0.5, (2.5 + 5) / 2, 10])


def test_visits_outside_the_window_do_not_count():
    table = idle("P1 day a 0 100 06:00 06:10", "P1 day a 0 100 13:00 13:00", "P1 day a 0 100 19:00 19:10")
    assert told(table, "visits", "worst_h") == pytest.approx([1, 5])


def test_who_was_there_when_the_window_began_had_not_left_it_alone():
    table = idle("P1 day a 0 100 07:00 09:00")
    assert told(table, "visits", "mean_h", "worst_h") == pytest.approx([1, 81 / 20, 9])


def test_what_is_inferred_counts_only_where_it_is_asked_for():
    made = book("P1 day a 0 100 13:00 13:00 inferred")
    found = [walked.idleness(made, since=SINCE, until=UNTIL, least=least) for least in ("observed", "inferred")]
    assert [each["worst_h"][0] for each in found] == pytest.approx([10, 5])


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(InputError, match="an end after its beginning"):
        walked.idleness(book(), since=UNTIL, until=SINCE)


def test_streets_of_an_area_are_left_alone_as_their_metres_are():
    made = book("P1 day a 60 100 13:00 13:00", a=100, b=100)
    laid = walked.sides(made, areas(D=(-5, -50, 105, 50), D__W=(-5, -50, 50, 50), D__E=(50, -50, 105, 50)))
    table = walked.area_idleness(made, laid, since=SINCE, until=UNTIL).set_index("code")
    # of east's 100 m, 40 were visited once in the middle of the day
    assert table.loc["E", ["visits", "mean_h", "worst_h"]].tolist() == pytest.approx([0.4, 0.4 * 2.5 + 0.6 * 5, 10])
    assert table.loc["W", ["visits", "mean_h", "worst_h"]].tolist() == pytest.approx([0, 5, 10])
    assert table.loc["D", "mean_h"] == pytest.approx((4 + 5) / 2)


def test_ends_of_visits_are_moved_to_the_nearest_two_metres():
    found = passes(book("P1 day a 10.9 51.1 13:00 13:00").visits)
    assert found.from_m.tolist() == [0, 10, 52]
    fine = passes(book("P1 day a 10.9 51.1 13:00 13:00").visits, every_m=0.1)
    assert fine.from_m.tolist() == pytest.approx([0, 10.9, 51.1])


def test_a_visit_to_the_end_of_a_street_reaches_it():
    assert passes(book("P1 day a 0 100.7 13:00 13:00", a=101).visits).from_m.tolist() == [0, 100]


def test_a_visit_along_all_of_a_street_leaves_nothing_of_it():
    # 101 m is nearer to no mark: 100 m would leave the last metre unvisited
    assert passes(book("P1 day a 0 101 13:00 13:00", a=101).visits).from_m.tolist() == [0]


def test_marks_at_no_distance_are_refused():
    with pytest.raises(InputError, match="more than 0"):
        passes(book().visits, every_m=0)


VISITS = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6), st.integers(0, 570), st.integers(0, 40)), max_size=9)


@settings(max_examples=40, deadline=None)
@given(VISITS)
def test_idleness_is_what_counting_every_minute_of_every_metre_gives(visits):
    # ten places of ten metres, ten hours from eight o'clock in minutes
    clock = [(at, min(at + long, 10), begin, min(begin + lasts, 600)) for at, long, begin, lasts in visits]
    made = book(*[f"P{row} day a {a * 10} {b * 10} {hour(s)} {hour(e)}" for row, (a, b, s, e) in enumerate(clock)])
    table = walked.idleness(made, since=SINCE, until=UNTIL)
    means, worst = zip(
        *[counted([each[2:] for each in clock if each[0] <= at < each[1]]) for at in range(10)], strict=True
    )
    assert told(table, "mean_h", "worst_h") == pytest.approx([np.mean(means), max(worst)])


def hour(minute):
    return f"{8 + minute // 60:02d}:{minute % 60:02d}"


def counted(visits):
    """Mean and worst idleness in hours of a place, walking through the day visit by visit."""
    left, gaps = 0, []
    for begin, end in sorted(visits):
        if not gaps or begin - left >= 10:
            gaps.append(max(begin - left, 0))
        left = max(left, end)
    gaps.append(600 - left)
    return sum(gap**2 for gap in gaps) / 1200 / 60, max(gaps) / 60


def test_a_street_is_passed_as_often_as_it_was_visited_and_last_when_the_last_visit_ended():
    made = book("P1 day a 0 30 08:00 08:05", "P2 day a 50 80 08:07 08:09", "P1 day a 0 100 12:00 12:30")
    table = owed(made, "13:00")
    assert told(table, "passes") == [2]
    assert table["last_passed"][0].isoformat() == "2024-05-06T04:30:00+00:00"


def test_the_idleness_of_a_street_is_that_within_which_nine_tenths_of_it_were_visited():
    made = book("P1 day a 0 60 08:00 09:00", "P1 day a 60 92 10:00 11:00", "P1 day a 60 70 12:00 12:00")
    # 10 m an hour ago, 22 m two hours ago, 60 m four hours ago: ninety metres within four hours
    assert told(owed(made, "13:00"), "idle_h") == pytest.approx([4])


def test_a_post_that_crosses_a_street_has_not_visited_it():
    made = book("P1 day a 0 100 08:00 08:30", "P1 day a 0 10 7T08:00 7T08:00", a=100)
    table = owed(made, "9T09:00")
    assert told(table, "passes", "idle_h", "overdue") == [2, 72.5, True]


def test_what_is_owed_is_told_by_duty():
    made = book(
        "P1 day a 0 100 08:00 08:00", "P1 day b 0 100 08:00 08:00", "P1 day c 0 100 08:00 08:00", a=100, b=100, c=100
    )
    table = owed(made, "8T08:00", duty=np.array(["must", None, "monthly"], dtype=object))
    assert table["target_h"].tolist() == [24, 72, 720]
    assert table["overdue"].tolist() == [True, False, False]
    # two days where one was granted: one day too many, for each of 100 metres
    assert table["debt_m"].tolist() == [100, 0, 0]


def test_what_is_visited_exactly_as_often_as_it_should_be_is_not_overdue():
    made = book("P1 day a 0 100 08:00 08:00")
    assert told(owed(made, "9T08:00"), "overdue", "overdue_m") == [False, 0]


def test_a_street_never_visited_is_overdue_only_once_the_record_is_long_enough():
    made = book("P1 day a 0 100 08:00 08:00", a=100, b=100)
    early, late = (owed(made, now).iloc[1] for now in ("7T08:00", "10T08:00"))
    assert early[["overdue", "idle_h"]].isna().all()
    assert late["overdue"] is True or late["overdue"] == True  # noqa: E712 (pandas' own)
    assert late["overdue_m"] == 100
    assert np.isnan(late["idle_h"])
    assert late["debt_m"] == pytest.approx(100 * (96 / 72 - 1))


def test_when_the_record_begins_can_be_told():
    made = book("P1 day a 0 100 8T08:00 8T08:00", a=100, b=100)
    table = owed(made, "9T08:00", since=moment("5T08:00"))
    assert table["overdue"].tolist() == [False, True]


def test_nothing_is_known_of_an_empty_ledger():
    table = owed(book(a=100), "9T08:00")
    assert table[["overdue", "idle_h", "last_passed"]].isna().all(axis=None)


def test_what_is_no_street_is_never_overdue():
    table = streets(a=100, r=100).assign(barrier=[None, "river"])
    table["class"] = ["residential", None]
    made = ledger(rows("P1 day a 0 100 08:00 08:00"), table)
    found = owed(made, "20T08:00")
    assert found["overdue"].isna().tolist() == [False, True]
    assert np.isnan(found["target_h"][1])


def test_visits_after_the_moment_asked_about_are_not_known_yet():
    made = book("P1 day a 0 100 08:00 08:10", "P1 day a 0 100 12:00 12:10")
    assert told(owed(made, "10:10"), "passes", "idle_h") == pytest.approx([1, 2])


def test_who_is_there_now_leaves_nothing_alone():
    assert told(owed(book("P1 day a 0 100 08:00 12:00"), "10:00"), "idle_h") == [0]


def test_a_duty_that_is_none_is_refused():
    with pytest.raises(InputError, match="must, ordinary, monthly"):
        owed(book(), "10:00", duty=np.array(["weekly"], dtype=object))


def test_overdue_metres_of_areas_add_up_and_the_unknown_is_told():
    made = book("P1 day a 0 40 08:00 08:00", "P1 day b 0 100 9T08:00 9T08:00", a=100, b=100)
    laid = walked.sides(made, areas(D=(-5, -50, 105, 50), D__S=(-5, -50, 105, 5), D__N=(-5, 5, 105, 50)))
    late = walked.overdue(made, laid, walked.Owing(now=moment("9T20:00"))).set_index("code")
    assert late.loc[["D", "S", "N"], "overdue_m"].tolist() == [100, 100, 0]
    assert late.loc["D", "debt_m"] == pytest.approx(100 * (84 / 72 - 1))
    early = walked.overdue(made, laid, walked.Owing(now=moment("7T08:00"))).set_index("code")
    assert early.loc[["D", "S", "N"], "unknown_m"].tolist() == [160, 60, 100]
    assert early["overdue_m"].tolist() == [0, 0, 0]


def test_clockwork_has_no_variation_and_one_hour():
    made = book(*[f"P1 day a 0 100 {day}T10:00 {day}T10:00" for day in (6, 7, 8)])
    table = walked.regularity(made, since=moment("5T10:00"), until=moment("9T10:00"))
    assert told(table, "visits", "cv", "modal_hour", "modal_share") == [3, 0.0, 10, 1.0]


def test_variation_is_the_deviation_of_the_gaps_over_their_mean():
    # gaps of 2, 4 and 4 hours: mean 10/3, deviation sqrt(8/9)
    made = book("P1 day a 0 100 10:00 10:00", "P1 day a 0 100 14:00 14:00")
    table = walked.regularity(made, since=SINCE, until=UNTIL)
    assert told(table, "cv", "modal_share") == pytest.approx([np.sqrt(8 / 9) / (10 / 3), 0.5])


def test_a_street_without_visits_has_no_regularity():
    table = walked.regularity(book(a=100), since=SINCE, until=UNTIL)
    assert table[["cv", "modal_hour", "modal_share"]].isna().all(axis=None)


def test_what_was_never_visited_in_a_ledger_longer_than_its_target_is_overdue_and_not_unknown():
    made = book("P1 day a 0 40 08:00 08:00", a=100)
    laid = walked.sides(made, areas(D=(-5, -50, 105, 50)))
    late = walked.overdue(made, laid, walked.Owing(now=moment("6T20:00"), since="2024-05-01T08:00:00+08:00"))
    assert late[["overdue_m", "unknown_m"]].to_numpy().tolist() == [[60, 0]]


def test_only_visits_that_began_in_the_window_tell_its_hour():
    made = book(*[f"P1 day a 0 100 {day}T{hour}:00 {day}T{hour}:00" for day, hour in ((5, 9), (6, 10), (7, 11))])
    table = walked.regularity(made, since=moment("6T00:00"), until=moment("7T00:00"))
    assert told(table, "visits", "modal_hour") == [1, 10]
