"""Sign-ins judged against windows, order, speed, place and track: each status by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.coverage import walked
from gridmap.coverage.walked import Period, Rules, Track
from gridmap.crs import to_record
from gridmap.errors import InputError, TableError
from tests.walkbook import X0, Y0, ZONE, moment

ONE_DAY = Period(since=dt.date(2024, 5, 6), until=dt.date(2024, 5, 7))


def points(*rows):
    """Checkpoints such as ("K1", x, "08:30", "11:30"), with more columns as keywords behind."""
    table = pd.DataFrame([row[2:] for row in rows], columns=["opens", "closes"]).assign(id=[row[0] for row in rows])
    return gpd.GeoDataFrame(table, geometry=[shapely.Point(X0 + row[1], Y0) for row in rows], crs=ZONE)


def scans(*words):
    """Scans such as ``P1 K1 09:00 5``: metres east of the origin, or none."""
    rows = [(word + " -").split()[:4] for word in words]
    places = [None if x == "-" else shapely.Point(X0 + float(x), Y0) for *_, x in rows]
    table = pd.DataFrame([row[:3] for row in rows], columns=["post", "checkpoint", "time"])
    return gpd.GeoDataFrame(table.assign(time=table["time"].map(moment)), geometry=places, crs=ZONE)


K1 = ("K1", 0, "08:30", "11:30")


def statuses(checkpoints, *words, period=ONE_DAY, **options):
    table = walked.signins(scans(*words), checkpoints, period, **options)
    return table["status"].tolist()


@pytest.mark.parametrize(
    ("clock", "status"),
    [
        ("08:30", ["on_time"]),
        ("11:30", ["on_time"]),
        ("08:16", ["early"]),
        ("08:15", ["early"]),
        ("11:45", ["late"]),
        ("08:14", ["out_of_window", "missed"]),
        ("11:46", ["missed", "out_of_window"]),
    ],
    ids=["as it opens", "as it closes", "early", "just not too early", "late", "too early", "too late"],
)
def test_a_scan_is_on_time_within_its_window_and_early_or_late_a_quarter_of_an_hour_around(clock, status):
    assert sorted(statuses(points(K1), f"P1 K1 {clock}")) == sorted(status)


def test_what_nobody_signed_is_missed():
    table = walked.signins(scans(), points(K1), ONE_DAY)
    assert table[["checkpoint", "shift", "status"]].to_numpy().tolist() == [["K1", "2024-05-06 day", "missed"]]
    assert table["post"].isna().all()
    assert table["due"][0].isoformat() == "2024-05-06T00:30:00+00:00"


def test_what_is_still_open_is_not_missed_yet():
    now = Period(since=dt.date(2024, 5, 6), until=dt.date(2024, 5, 7), now=moment("11:00"))
    assert statuses(points(K1), period=now) == []


def test_a_window_may_run_across_midnight():
    night = points(("K1", 0, "22:00", "02:00"))
    table = walked.signins(scans("P1 K1 7T01:59", "P1 K1 21:50", "P1 K1 7T02:10"), night, ONE_DAY)
    assert table["status"].tolist() == ["early", "on_time", "late"]
    assert table["shift"].tolist() == ["2024-05-06 night"] * 3


def test_a_checkpoint_open_in_both_shifts_is_due_in_both():
    table = walked.signins(scans(), points(("K1", 0, "07:00", "22:00")), ONE_DAY)
    # the night shift finds it open from eight to ten, and from seven to eight in the morning
    assert table["shift"].tolist() == ["2024-05-06 day", "2024-05-06 night"]
    assert [each.isoformat()[:16] for each in table["closes"]] == ["2024-05-06T12:00", "2024-05-07T00:00"]


def test_either_window_of_a_shift_will_do():
    both = points(("K1", 0, "07:00", "22:00"))
    table = walked.signins(scans("P1 K1 7T07:30"), both, ONE_DAY)
    assert table[["shift", "status"]].to_numpy().tolist() == [
        ["2024-05-06 day", "missed"],
        ["2024-05-06 night", "on_time"],
    ]


def test_a_checkpoint_without_hours_is_always_open():
    assert statuses(points(("K1", 0, None, None)), "P1 K1 12:00", "P1 K1 7T03:00") == ["on_time", "on_time"]


def test_the_last_hour_of_the_day_is_24():
    assert statuses(points(("K1", 0, "21:00", "24:00")), "P1 K1 23:59") == ["on_time"]


def test_a_scan_at_the_change_of_shifts_belongs_to_the_shift_that_begins():
    table = walked.signins(scans("P1 K1 20:00"), points(("K1", 0, "00:00", "24:00")), ONE_DAY)
    assert table[["shift", "status"]].to_numpy().tolist() == [
        ["2024-05-06 day", "missed"],
        ["2024-05-06 night", "on_time"],
    ]


@pytest.mark.parametrize(
    ("opens", "closes"), [("25:00", "11:00"), ("08:30", None), ("noon", "11:00"), ("24:30", "01:00")]
)
def test_hours_that_are_none_are_refused_with_their_row(opens, closes):
    with pytest.raises(TableError, match="two hours such as") as caught:
        walked.signins(scans(), points(K1, ("K2", 0, opens, closes)), ONE_DAY)
    assert caught.value.faults[0].feature == 2


def test_a_scan_of_an_unknown_checkpoint_is_refused():
    with pytest.raises(TableError, match="no such checkpoint"):
        walked.signins(scans("P1 K9 09:00"), points(K1), ONE_DAY)


@pytest.mark.parametrize(("away", "status"), [(50, "on_time"), (51, "off_site")], ids=["radius and errors", "farther"])
def test_a_scan_is_off_site_beyond_the_radius_and_two_errors(away, status):
    # 30 m and twice the 10 m of a device that tells none
    assert statuses(points(K1), f"P1 K1 09:00 {away}")[0] == status


def test_the_radius_and_the_error_stated_count():
    made = scans("P1 K1 09:00 25").assign(accuracy_m=[2.0])
    table = walked.signins(made, points(K1).assign(radius_m=[20.0]), ONE_DAY)
    assert table["status"][0] == "off_site"
    assert table["off_m"][0] == pytest.approx(25)


def test_a_scan_off_site_does_not_answer_what_is_due():
    assert statuses(points(K1), "P1 K1 09:00 500") == ["off_site", "missed"]


def test_a_scan_without_a_place_is_not_off_site():
    table = walked.signins(scans("P1 K1 09:00"), points(K1), ONE_DAY)
    assert table["status"].tolist() == ["on_time"]
    assert np.isnan(table["off_m"][0])
    assert table["copied"].tolist() == [False]


def test_the_same_point_within_a_minute_is_a_duplicate_for_the_same_post_alone():
    made = scans("P1 K1 09:00", "P1 K1 09:00", "P2 K1 09:00", "P1 K1 09:01")
    made.loc[1, "time"] = "2024-05-06T09:00:30+08:00"
    made.loc[3, "time"] = "2024-05-06T09:02:00+08:00"
    table = walked.signins(made, points(K1), ONE_DAY)
    assert table["status"].tolist() == ["on_time", "on_time", "duplicate", "on_time"]


TWO = points(("K1", 0, "08:00", "12:00"), ("K2", 420, "08:00", "12:00"))


@pytest.mark.parametrize(("clock", "status"), [("09:01", "on_time"), ("09:00", "too_fast")], ids=["7 m/s", "at once"])
def test_a_post_cannot_come_faster_than_a_bicycle(clock, status):
    assert statuses(TWO, "P1 K1 09:00", f"P1 K2 {clock}")[1] == status


def test_another_post_may_be_elsewhere_at_once():
    assert statuses(TWO, "P1 K1 09:00", "P2 K2 09:00") == ["on_time", "on_time"]


def test_how_far_it_is_by_street_can_be_told():
    far = walked.signins(
        scans("P1 K1 09:00", "P1 K2 09:01"), TWO, ONE_DAY, distance=lambda one, _: np.full(len(one), 421.0)
    )
    assert far["status"].tolist() == ["on_time", "too_fast", "missed"]


ORDER = points(*[(f"K{at}", at * 10, "08:00", "12:00") for at in (1, 2, 3)]).assign(place_in_order=[1, 2, 3])


def test_a_point_signed_after_a_later_one_is_out_of_order_and_counts():
    table = walked.signins(scans("P1 K1 09:00", "P1 K3 09:10", "P1 K2 09:20"), ORDER, ONE_DAY)
    assert table["status"].tolist() == ["on_time", "out_of_order", "on_time"]
    done = walked.completion(table, ORDER, ONE_DAY).set_index("shift")
    assert done.loc["2024-05-06 day", ["due", "done", "share"]].tolist() == [3, 3, 1.0]


def test_order_is_asked_of_each_post_and_shift_and_only_where_it_is_planned():
    assert statuses(ORDER, "P1 K3 09:00", "P2 K1 09:10")[:1] == ["on_time"]
    free = ORDER.drop(columns="place_in_order")
    assert set(statuses(free, "P1 K3 09:00", "P1 K2 09:10", "P1 K1 09:20")) == {"on_time"}


def test_a_place_equal_to_the_stored_one_is_told_and_no_verdict():
    stored = to_record(points(K1))
    made = to_record(scans("P1 K1 09:00 0", "P1 K1 10:00 0.3"))
    table = walked.signins(made, stored, ONE_DAY)
    # a millionth of a degree is 9 cm eastwards here
    assert table["copied"].tolist() == [True, False]
    assert table["status"].tolist() == ["on_time", "on_time"]


def test_a_point_that_needs_two_visits_is_done_with_two():
    twice = points(K1).assign(visits=[2])
    for words, done in [(["P1 K1 09:00"], 0), (["P1 K1 09:00", "P2 K1 10:00"], 1), (["P1 K1 09:00", "P1 K1 09:00"], 0)]:
        table = walked.signins(scans(*words), twice, ONE_DAY)
        assert walked.completion(table, twice, ONE_DAY)["done"].tolist() == [done, 0, done]


def test_completion_counts_what_was_due_and_each_status():
    two = points(K1, ("K2", 9000, "08:30", "11:30"))
    table = walked.signins(scans("P1 K1 09:00", "P2 K2 11:40"), two, ONE_DAY)
    found = walked.completion(table, two, ONE_DAY).set_index("shift")
    assert found.loc["all", ["due", "done", "share", "on_time", "late", "missed"]].tolist() == [2, 1, 0.5, 1, 1, 0]
    assert np.isnan(found.loc["2024-05-06 night", "share"])


def test_at_a_place_that_is_due_once_a_month_a_scan_is_on_time_and_counts_on_its_list():
    monthly = points(K1).assign(every_days=30.0)
    table = walked.signins(scans("P1 K1 13:00", "P2 K1 13:30 900"), monthly, ONE_DAY)
    assert table["status"].tolist() == ["on_time", "off_site"]
    good = table[table["status"] == "on_time"]
    kept = walked.must_visits(monthly, good, now=moment("23:00"), since=moment("00:00"))
    assert kept[["visits", "status"]].to_numpy().tolist() == [[1, "done"]]


def test_what_may_still_be_made_is_not_due_yet():
    two = points(K1, ("K2", 9000, "08:30", "11:30"))
    until_ten = replace(ONE_DAY, now=pd.Timestamp(moment("10:00")))
    table = walked.signins(scans("P1 K1 09:00"), two, until_ten)
    found = walked.completion(table, two, until_ten).set_index("shift")
    assert found.loc["2024-05-06 day", ["due", "done", "open", "share"]].tolist() == [1, 1, 1, 1.0]


def track(*words, **options):
    """Fixes such as ``P1 09:00 5``."""
    rows = [word.split() for word in words]
    table = pd.DataFrame({"post": [row[0] for row in rows], "time": [moment(row[1]) for row in rows]})
    return Track(
        fixes=gpd.GeoDataFrame(table, geometry=[shapely.Point(X0 + float(row[2]), Y0) for row in rows], crs=ZONE),
        **options,
    )


@pytest.mark.parametrize(
    ("scan", "fix", "case"),
    [
        (["P1 K1 09:00"], "P1 09:01 30", "scan_and_track"),
        (["P1 K1 09:00"], "P1 09:01 31", "scan_only"),
        (["P1 K1 09:00"], "P1 09:02 0", None),
        (["P1 K1 09:00"], "P2 09:00 0", None),
        ([], "P2 09:00 30", "track_only"),
        ([], "P2 09:00 31", "neither"),
        ([], "P2 12:00 0", None),
    ],
    ids=["there", "elsewhere", "track silent", "another's track", "passed", "not passed", "nobody out"],
)
def test_scan_and_track_say_together_one_of_four_things_or_nothing(scan, fix, case):
    table = walked.signins(scans(*scan), points(K1), ONE_DAY, track=track(fix))
    assert table["track"].tolist() == [case]


def test_agreement_is_shared_among_what_is_known():
    table = walked.signins(scans("P1 K1 09:00", "P1 K1 10:00"), points(K1), ONE_DAY, track=track("P1 09:00 0"))
    found = walked.agreement(table).set_index("case")
    assert found.loc[["scan_and_track", "scan_only", "unknown"], "count"].tolist() == [1, 0, 1]
    assert found.loc["scan_and_track", "share"] == 1


def test_what_is_on_the_list_of_the_month_is_not_due_each_shift():
    assert statuses(points(K1).assign(every_days=[30])) == []


@pytest.mark.parametrize(
    ("last", "now", "status"),
    [
        (1, 24, "done"),
        (1, 25, "due"),
        (1, 31, "due"),
        (1, 32, "overdue"),
        (None, 20, "due"),
        (None, 32, "overdue"),
    ],
    ids=["a week ahead", "in the last week", "on the last day", "a day too late", "never yet", "never, and too late"],
)
def test_the_list_of_the_month_tells_what_is_done_due_and_overdue(last, now, status):
    month = points(K1).assign(every_days=[30])
    made = pd.DataFrame({"checkpoint": [], "time": []})
    if last:
        made = pd.DataFrame({"checkpoint": ["K1"], "time": [f"2024-05-{last:02d}T12:00:00+08:00"]})
    date = dt.date(2024, 5, 1) + dt.timedelta(days=now - 1)
    table = walked.must_visits(month, made, now=f"{date}T11:00:00+08:00", since="2024-05-01T00:00:00+08:00")
    assert table["status"].tolist() == [status]


def test_where_two_visits_are_needed_the_older_of_the_last_two_counts():
    month = points(K1).assign(every_days=[30], visits=[2])
    made = pd.DataFrame({"checkpoint": "K1", "time": ["2024-05-01T12:00:00+08:00", "2024-05-20T12:00:00+08:00"]})
    table = walked.must_visits(month, made, now="2024-06-01T00:00:00+08:00", since="2024-04-01T00:00:00+08:00")
    assert table[["needed", "visits", "status"]].to_numpy().tolist() == [[2, 1, "overdue"]]
    assert table["next"][0].isoformat() == "2024-05-31T04:00:00+00:00"


def test_a_visit_every_nought_days_is_refused():
    with pytest.raises(InputError, match="days above 0"):
        walked.must_visits(
            points(K1).assign(every_days=[0]), pd.DataFrame(), now=moment("08:00"), since=moment("07:00")
        )


def test_the_tolerance_is_that_of_the_plan():
    assert statuses(points(K1), "P1 K1 08:00", rules=Rules(tolerance_s=1800)) == ["early"]


def test_a_scan_before_the_period_belongs_to_no_shift():
    table = walked.signins(scans("P1 K1 5T09:00"), points(K1), ONE_DAY)
    assert table["status"].tolist() == ["out_of_window", "missed"]
    assert table["shift"].isna().tolist() == [True, False]


def test_the_same_point_a_minute_later_is_a_scan_of_its_own():
    assert statuses(points(K1), "P1 K1 09:00", "P1 K1 09:01") == ["on_time", "on_time"]


def test_speed_is_told_from_the_scan_before_and_not_from_its_duplicate():
    """250 m in 40 s; of the duplicate only ten are left."""
    table = walked.signins(
        scans("P1 K1 09:00", "P1 K1 09:00", "P1 K2 09:00").assign(
            time=[f"2024-05-06T09:00:{second}+08:00" for second in ("00", "30", "40")]
        ),
        points(K1, ("K2", 250, "08:30", "11:30")),
        ONE_DAY,
    )
    assert sorted(table["status"]) == ["duplicate", "on_time", "on_time"]


def test_who_went_back_once_is_still_behind_the_farthest_point():
    table = walked.signins(scans("P1 K3 09:00", "P1 K1 09:10", "P1 K2 09:20"), ORDER, ONE_DAY)
    assert dict(zip(table["checkpoint"], table["status"], strict=True)) == {
        "K1": "out_of_order",
        "K2": "out_of_order",
        "K3": "on_time",
    }


def test_a_window_that_began_the_evening_before_is_due_in_the_morning_too():
    listed = walked.duties.due(pd.DataFrame({"id": ["K1"], "opens": ["22:00"], "closes": ["10:00"]}), ONE_DAY)
    assert listed.shift.tolist() == ["2024-05-06 day", "2024-05-06 night"]


def test_a_point_that_states_no_visits_or_nought_needs_one():
    checkpoints = pd.DataFrame({"id": ["K1", "K2"], "visits": [0, None]})
    assert walked.duties.due(checkpoints, ONE_DAY).visits.tolist() == [1, 1, 1, 1]
