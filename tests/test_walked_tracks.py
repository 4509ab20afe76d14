"""Quality of tracks, where crews stood, and error bars of areas, worked out by hand."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gridmap.coverage import walked
from gridmap.errors import TableError
from tests.walkbook import X0, Y0, ZONE, areas, book, moment


def fixes(*seconds, post="P1", **columns):
    times = pd.Timestamp(moment("08:00")) + pd.to_timedelta(list(seconds), unit="s")
    return pd.DataFrame({"post": post, "shift": "2024-05-06 day", "time": times, **columns})


def test_the_quality_of_a_track_is_told_from_its_intervals_and_what_was_dropped():
    kept = fixes(0, 10, 20, 30, 40, 140, offset_m=[1.0, -2, 3, -4, 5, 6])
    gone = pd.DataFrame(
        {"post": "P1", "shift": "2024-05-06 day", "reason": ["duplicate", "duplicate", "spike", "clock"]}
    )
    found = walked.quality(kept, dropped=gone, verdicts=pd.DataFrame({"post": ["P1"], "datum": ["WGS 84"]})).iloc[0]
    assert found[["interval_p50_s", "interval_p90_s"]].tolist() == pytest.approx([10, 64])
    assert found["gap_share"] == pytest.approx(100 / 140)
    assert found[["spike_share", "duplicate_share", "dropped_share"]].tolist() == pytest.approx([0.1, 0.2, 0.2])
    assert found["sigma_m"] == pytest.approx(3.5 / 0.67449, rel=1e-4)
    assert found[["datum", "grade"]].tolist() == ["WGS 84", "C"]


def test_the_error_of_a_track_is_found_from_its_offsets():
    off = np.random.default_rng(7).normal(0, 8, 4000)
    assert walked.quality(fixes(*range(4000), offset_m=off))["sigma_m"][0] == pytest.approx(8, rel=0.05)


@pytest.mark.parametrize(
    ("every", "grade"), [(10, "A"), (60, "C"), (31, "C")], ids=["seen throughout", "gaps throughout", "just beyond"]
)
def test_a_track_is_graded_by_the_worst_of_its_figures(every, grade):
    assert walked.quality(fixes(*range(0, 600, every)))["grade"].tolist() == [grade]


def test_more_than_one_in_twenty_dropped_is_grade_c():
    gone = pd.DataFrame({"post": "P1", "shift": "2024-05-06 day", "reason": ["spike"] * 4})
    grades = [walked.quality(fixes(*range(60)), dropped=gone.head(count))["grade"][0] for count in (0, 2, 4)]
    assert grades == ["A", "B", "C"]


def test_a_post_all_of_whose_fixes_were_dropped_is_told_too():
    gone = pd.DataFrame({"post": ["P2"], "shift": ["2024-05-06 day"], "reason": ["clock"]})
    table = walked.quality(fixes(0, 10), dropped=gone)
    assert table[["post", "fixes", "dropped_share"]].to_numpy().tolist() == [["P1", 2, 0.0], ["P2", 0, 1.0]]


def stops(*rows):
    """Stops such as (x, "08:00", "08:12")."""
    x, begin, end = zip(*rows, strict=True)
    times = {
        "arrived": [pd.Timestamp(moment(each)) for each in begin],
        "left": [pd.Timestamp(moment(each)) for each in end],
    }
    return gpd.GeoDataFrame(
        {"post": "P1", "shift": "2024-05-06 day", **times}, geometry=gpd.points_from_xy(np.array(x) + X0, Y0), crs=ZONE
    )


def spots(*x, **columns):
    return gpd.GeoDataFrame(
        {"id": [f"H{at}" for at in range(len(x))], **columns},
        geometry=gpd.points_from_xy(np.array(x, float) + X0, Y0),
        crs=ZONE,
    )


def test_dwell_at_a_hot_spot_is_told_by_how_long_it_lasted():
    stood = stops(
        (0, "08:00", "08:10"),
        (10, "09:00", "09:16"),
        (0, "10:00", "10:04"),
        (0, "11:00", "11:31"),
        (500, "12:00", "12:12"),
    )
    found = walked.dwell(stood, spots(0, 900), since=moment("08:00"), until=moment("16:00"))
    assert found.iloc[0, 1:].tolist() == pytest.approx([4, 1.0, 61 / 4, 0.5, 0.25, 0.25])
    assert found.iloc[1, 1:3].tolist() == [0, 0]
    assert found.iloc[1, 3:].isna().all()


def test_a_spot_reaches_as_far_as_it_states():
    stood = stops((40, "08:00", "08:10"))
    found = walked.dwell(stood, spots(0, 0, radius_m=[30.0, None]), since=moment("08:00"), until=moment("16:00"))
    assert found["stops"].tolist() == [0, 1]


def test_time_stood_outside_places_and_hours_of_rest_is_idle():
    out = walked.worked(fixes(0, 3600 * 4))
    stood = stops((0, "08:30", "09:00"), (500, "09:30", "10:00"), (500, "11:45", "12:00"), (500, "09:50", "10:10"))
    rests = [(dt.time(11, 50), dt.time(13))]
    table = walked.idle(stood, out, places=spots(0), rests=rests)
    # forty minutes by two devices and five before the rest, of four hours
    assert table[["hours", "stopped_h", "idle_h", "share"]].to_numpy()[0] == pytest.approx(
        [4, 85 / 60, 45 / 60, 0.1875]
    )


def test_an_hour_of_rest_may_run_across_midnight():
    table = fixes(0).assign(begin=moment("23:00"), end=moment("7T01:00"))[["post", "shift", "begin", "end"]]
    stood = stops((0, "23:30", "7T00:30"))
    assert walked.idle(stood, table, rests=[(dt.time(23, 45), dt.time(0, 15))])["idle_h"].tolist() == [0.5]


def test_a_post_that_never_stood_was_never_idle():
    table = walked.idle(stops((0, "08:00", "08:10")).head(0), walked.worked(fixes(0, 3600)))
    assert table[["stopped_h", "idle_h", "share"]].to_numpy()[0].tolist() == [0, 0, 0]


def known(interval, speed, sigma):
    """A calibration for tests: a tenth may be wrong for every ten seconds between fixes."""
    assert (speed, sigma) == pytest.approx((50 / 300, 8))
    return SimpleNamespace(low=1 - interval / 100, high=1 + interval / 100)


def graded(*intervals):
    posts = [f"P{at + 1}" for at in range(len(intervals))]
    return pd.DataFrame({"post": posts, "shift": "2024-05-06 day", "interval_p50_s": intervals, "sigma_m": 8.0})


def test_the_error_bar_of_an_area_is_that_of_its_tracks_by_their_metres():
    made = book("P1 day a 0 50 08:00 08:05", "P2 day a 50 100 08:00 08:05", a=200)
    laid = walked.sides(made, areas(A=(-5, -5, 205, 5), A__W=(-5, -5, 50, 5)))
    table = walked.areas(made, laid, bars=walked.bars(made, graded(10.0, 30.0), known)).query("shift == 'all'")
    # half of the street claimed, half by a tenth of error and half by three tenths
    assert table[["share", "share_low", "share_high"]].to_numpy()[0] == pytest.approx([0.5, 0.4, 0.6])
    assert table[["share", "share_low", "share_high"]].to_numpy()[1] == pytest.approx([1.0, 0.9, 1.0])


def test_a_long_stand_does_not_make_a_crew_slow():
    made = book("P1 day a 0 90 08:00 08:09", "P1 day b 0 20 08:09 10:00", a=90, b=20)
    asked = []
    walked.bars(made, graded(10.0), lambda *figures: asked.append(figures) or SimpleNamespace(low=1, high=1))
    assert asked == [(10.0, pytest.approx(90 / 540), 8.0)]


def test_where_fixes_are_too_far_apart_to_observe_the_bar_is_about_what_is_inferred():
    made = book("P1 day a 0 50 08:00 08:05 inferred", a=100)
    laid = walked.sides(made, areas(A=(-5, -5, 105, 5)))
    coarse, fine = (
        walked.areas(made, laid, bars=walked.bars(made, graded(interval), known)).loc[0] for interval in (60.0, 30.0)
    )
    assert coarse[["share", "share_low", "share_high"]].tolist() == pytest.approx([0, 0.5 * 0.4, 0.5 * 1.6])
    assert fine[["share", "share_low", "share_high"]].tolist() == [0, 0, 0]


def test_an_area_whose_tracks_error_is_not_known_has_no_error_bar():
    made = book("P1 day a 0 50 08:00 08:05", "P2 day a 50 100 08:00 08:05")
    laid = walked.sides(made, areas(A=(-5, -5, 105, 5)))
    table = walked.areas(made, laid, bars=walked.bars(made, graded(10.0), known))
    assert table.loc[0, ["share_low", "share_high"]].isna().all()


def test_without_a_calibration_there_is_no_error_bar():
    made = book("P1 day a 0 50 08:00 08:05")
    table = walked.areas(made, walked.sides(made, areas(A=(-5, -5, 105, 5))))
    assert not {"share_low", "share_high"} & set(table)


def test_tracks_without_their_interval_are_refused():
    with pytest.raises(TableError, match="no column interval_p50_s"):
        walked.bars(book(), pd.DataFrame({"post": [], "shift": [], "sigma_m": []}), known)


def test_legs_of_different_days_are_never_joined():
    made = book("P1 day a 0 20 08:00 08:05", "P1 day a 80 100 7T08:00 7T08:05")
    assert walked.effort(made)[["km", "hours"]].to_numpy()[0] == pytest.approx([0.04, 10 / 60])
    assert walked.street_shares(made)["walked_m"].tolist() == [40]


def test_a_rest_that_began_the_day_before_is_still_a_rest():
    table = fixes(0).assign(begin=moment("7T00:00"), end=moment("7T01:00"))[["post", "shift", "begin", "end"]]
    stood = stops((0, "7T00:05", "7T00:30"))
    assert walked.idle(stood, table, rests=[(dt.time(23, 45), dt.time(0, 15))])["idle_h"].tolist() == [0.25]


def test_who_arrives_as_a_window_ends_stood_in_the_next():
    stood = stops((0, "08:00", "08:10"), (0, "16:00", "16:10"))
    assert walked.dwell(stood, spots(0), since=moment("08:00"), until=moment("16:00"))["stops"].tolist() == [1]


def test_a_spot_that_states_no_radius_reaches_fifty_metres():
    stood = stops((49, "08:00", "08:10"), (51, "09:00", "09:10"))
    assert walked.dwell(stood, spots(0), since=moment("08:00"), until=moment("16:00"))["stops"].tolist() == [1]


def test_a_rest_within_a_longer_one_does_not_cut_it_short():
    table = walked.idle(
        stops((0, "12:00", "14:30")),
        walked.worked(fixes(0, 3600 * 8)),
        rests=[(dt.time(12), dt.time(14)), (dt.time(12, 30), dt.time(13))],
    )
    assert table["idle_h"].tolist() == [0.5]


def test_a_clock_half_an_hour_off_has_other_hours():
    made = book("P1 day a 0 100 08:10 08:20", "P2 day a 0 100 08:40 08:50")
    assert walked.overlap(made)["share"].iloc[-1] == 1
    assert walked.overlap(made, ahead_h=8.5)["share"].iloc[-1] == 0
