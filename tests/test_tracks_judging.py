"""What fixes are worth: copies, spikes, clocks, legs, stops and the kilometres that remain, each worked out by hand."""

from __future__ import annotations

import datetime as dt

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import crs
from gridmap.errors import CrsError, InputError, TableError
from gridmap.tracks import Cleaning, Shifts, Window, clean, collapsed, judge

START = pd.Timestamp("2024-05-06T00:00:00Z")
#: Metres in CGCS2000 zone 40 (EPSG:4549), within Nantong.
ORIGIN = (581_000.0, 3_543_000.0)


def fixes(*tracks, **columns):
    """Fixes of tracks ``(post, seconds, metres east, metres north)``, in metres from one place of Nantong."""
    parts = [pd.DataFrame({"post": post, "s": s, "e": e, "n": n}) for post, s, e, n in tracks]
    table = pd.concat(parts, ignore_index=True)
    points = geopandas.points_from_xy(table["e"] + ORIGIN[0], table["n"] + ORIGIN[1])
    times = START + pd.to_timedelta(table["s"], unit="s")
    return geopandas.GeoDataFrame({"post": table["post"], "time": times, **columns}, geometry=points, crs=4549)


def walk(count=10, every=5.0, pace=1.4, post="A", begin=0.0):
    """A post that walks east, a fix every few seconds."""
    seconds = begin + np.arange(count) * every
    return post, seconds, np.arange(count) * every * pace, np.zeros(count)


def reasons(judged):
    return dict(zip(judged.dropped["row"], judged.dropped["reason"], strict=True))


def km(judged):
    return dict(zip(judged.waterfall["step"], judged.waterfall["km"].round(6), strict=True))


def test_a_plain_walk_is_kept_whole_and_credited_whole():
    judged = judge(fixes(walk(11)))
    assert len(judged.dropped) == 0
    assert km(judged)["credited"] == 0.07
    assert judged.fixes["speed_m_s"].round(9).tolist()[1:] == [1.4] * 10


def test_the_team_members_copies_are_counted_once_however_many_they_are():
    one = walk(11)
    judged = judge(fixes(one, *[(f"B{k}", *one[1:]) for k in range(4)]))
    assert km(judged)["raw"] == 0.35
    assert km(judged)["credited"] == 0.07
    assert set(judged.fixes["post"]) == {"A"}


def test_copies_are_dropped_in_whatever_order_the_rows_are():
    table = fixes(walk(11), ("B", *walk(11)[1:]))
    mixed = table.sample(frac=1, random_state=3).reset_index(drop=True)
    assert judge(mixed).fixes.drop(columns="row").equals(judge(table).fixes.drop(columns="row"))


def test_of_two_fixes_of_one_device_and_moment_the_more_accurate_is_kept():
    table = fixes(walk(3), ("A", [5.0], [8.0], [1.0]), accuracy_m=[9.0, 9.0, 9.0, 4.0])
    assert reasons(judge(table)) == {1: "duplicate"}


def test_two_posts_that_pass_one_place_at_different_times_are_both_kept():
    assert len(judge(fixes(walk(5), walk(5, post="B", begin=1.0))).fixes) == 10


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_spike_of_up_to_three_fixes_is_dropped(length):
    post, seconds, east, north = walk(20)
    north[8 : 8 + length] = 500
    assert reasons(judge(fixes((post, seconds, east, north)))) == dict.fromkeys(range(8, 8 + length), "spike")


def test_four_fixes_far_away_are_no_spike():
    post, seconds, east, north = walk(20)
    north[8:12] = 500
    assert "spike" not in reasons(judge(fixes((post, seconds, east, north)))).values()


@pytest.mark.parametrize(("at", "fallen"), [(slice(0, 2), {0, 1}), (slice(18, 20), {18, 19})], ids=["first", "last"])
def test_a_spike_at_an_end_is_dropped_by_its_one_leg(at, fallen):
    post, seconds, east, north = walk(20)
    north[at] = 500
    assert set(reasons(judge(fixes((post, seconds, east, north))))) == fallen


def test_who_goes_steadily_too_fast_makes_no_spikes_but_is_told_of():
    judged = judge(fixes(walk(20, pace=20.0)))
    assert len(judged.dropped) == 0
    assert judged.faults.set_index("code")["rows"]["too_fast"] == tuple(range(20))


def test_a_minute_of_speed_is_not_told_of():
    assert "too_fast" not in set(judge(fixes(walk(13, pace=20.0))).faults["code"])


def test_fixes_of_cell_towers_are_dropped_for_their_accuracy():
    judged = judge(fixes(walk(4), accuracy_m=[5.0, 100.0, 100.5, np.nan]))
    assert reasons(judged) == {2: "accuracy"}


def test_more_than_one_spike_in_twenty_is_told_of_the_post():
    post, seconds, east, north = walk(40)
    north[[10, 20, 30]] = 500
    judged = judge(fixes((post, seconds, east, north)))
    told = judged.faults.set_index("code")
    assert told["post"]["many_spikes"] == "A"
    assert "3 of 40 fixes" in told["message"]["many_spikes"]


@pytest.mark.parametrize(("gap", "legs"), [(180, 1), (181, 2)], ids=["at the limit", "beyond it"])
def test_a_leg_ends_at_a_gap_and_nothing_is_credited_in_it(gap, legs):
    judged = judge(fixes(("A", [0.0, 5, 5 + gap, 10 + gap], [0.0, 7, 107, 114], np.zeros(4))))
    assert judged.fixes["leg"].nunique() == legs
    assert km(judged)["credited"] == {1: 0.114, 2: 0.014}[legs]


def test_legs_of_one_post_and_another_are_never_joined():
    judged = judge(fixes(walk(3), ("B", [15.0, 20.0], [500.0, 507.0], [0.0, 0.0])))
    assert judged.fixes["leg"].tolist() == [0, 0, 0, 1, 1]
    assert km(judged)["raw"] == 0.021


def test_the_night_shift_belongs_to_the_date_on_which_it_began():
    # 11:59:55 UTC is 19:59:55 in China; 24 hours and 5 seconds later it is again 20:00
    moments = [43_195.0, 43_200, 57_600, 86_395, 86_400]
    judged = judge(fixes(("A", moments, np.arange(5.0), np.zeros(5))))
    nights = ["2024-05-06 night"] * 3
    assert judged.fixes["shift"].tolist() == ["2024-05-06 day", *nights, "2024-05-07 day"]
    assert judged.fixes["leg"].tolist() == [0, 1, 2, 3, 4]


def test_what_lies_in_no_shift_is_off_duty():
    morning = Window(name="morning", begins=dt.time(8, 30), ends=dt.time(11, 30))
    shifts = Shifts(windows=(morning,))
    kept = clean(fixes(("A", [1_799.0, 1_800, 12_600], [0.0, 1, 2], [0.0, 0, 0])), shifts=shifts)
    assert kept["shift"].tolist() == ["2024-05-06 off", "2024-05-06 morning", "2024-05-06 off"]


@pytest.mark.parametrize(
    "windows",
    [
        pytest.param([], id="none"),
        pytest.param([("a", 8, 12), ("a", 12, 20)], id="one name twice"),
        pytest.param([("a", 8, 12), ("b", 11, 20)], id="overlap"),
        pytest.param([("a", 20, 8), ("b", 7, 9)], id="overlap after midnight"),
        pytest.param([("off", 8, 12)], id="the word for off duty"),
    ],
)
def test_shifts_that_tell_nothing_apart_are_refused(windows):
    with pytest.raises(InputError):
        Shifts(windows=tuple(Window(name=n, begins=dt.time(a), ends=dt.time(b)) for n, a, b in windows))


def stay(seconds=200, radius=6.0, outliers=()):
    """A post that walks in, stands about a place 100 m on, and walks out again."""
    before = [(t, 1.4 * t, 0.0) for t in range(0, 70, 5)]
    inside = [(70 + t, 100 + radius * (-1) ** (t // 5), 0.0) for t in range(0, seconds + 1, 5)]
    inside = [(t, e, 40.0 if k in outliers else n) for k, (t, e, n) in enumerate(inside)]
    after = [(70 + seconds + t, 100 + 1.4 * t, 0.0) for t in range(5, 100, 5)]
    return "A", *np.array(before + inside + after, dtype=float).T


def test_a_stop_is_where_the_post_stayed_from_arriving_to_leaving():
    judged = judge(fixes(stay()))
    stop = judged.stops.iloc[0]
    assert len(judged.stops) == 1
    # the radius of a stop is walked in 14 s, and fixes come every 5 s
    assert abs((stop["arrived"] - START).total_seconds() - 70) <= 15
    assert abs((stop["left"] - START).total_seconds() - 270) <= 15
    assert abs(stop.geometry.x - ORIGIN[0] - 100) <= 6.0


@pytest.mark.parametrize(("seconds", "stops"), [(90, 0), (150, 1)], ids=["shorter", "longer"])
def test_a_stop_lasts_two_minutes_at_least(seconds, stops):
    assert len(judge(fixes(stay(seconds))).stops) == stops


@pytest.mark.parametrize(
    ("outliers", "stops"), [((10, 11), 1), ((10, 11, 12), 0)], ids=["two outliers stay", "three end it"]
)
def test_two_outliers_do_not_end_a_stop_but_three_do(outliers, stops):
    assert len(judge(fixes(stay(125, outliers=outliers))).stops) == stops


def test_wandering_about_in_a_stop_is_not_credited():
    # forty steps of twelve metres in the stop, and six of arriving and leaving beside its place
    credited = km(judge(fixes(stay())))
    assert credited["stop_wander"] == pytest.approx(0.48, abs=0.012)
    assert credited["credited"] == pytest.approx(0.1 + 0.133, abs=0.012)


def test_a_stop_collapses_to_arriving_and_leaving_at_its_place():
    judged = judge(fixes(stay()))
    table = collapsed(judged)
    stood = table[table["stop"] == 0]
    assert stood["time"].tolist() == [judged.stops["arrived"][0], judged.stops["left"][0]]
    assert (stood.geometry == judged.stops.geometry[0]).all()


def test_a_crew_that_strolls_makes_no_stop():
    assert len(judge(fixes(walk(200, every=5.0, pace=0.8))).stops) == 0


def test_a_waterfall_adds_up_in_fixes_and_kilometres():
    post, seconds, east, north = stay()
    north[5] = 500
    table = judge(fixes((post, seconds, east, north), ("B", seconds, east, north))).waterfall
    middle = table.iloc[1:-1]
    assert table["fixes"].iloc[0] - middle["fixes"].sum() == table["fixes"].iloc[-1]
    assert table["km"].iloc[0] - middle["km"].sum() == pytest.approx(table["km"].iloc[-1])
    assert table["left_km"].iloc[-1] == table["km"].iloc[-1]


def test_the_waterfall_of_real_rangers_is_that_which_was_measured(shared_data):
    pytest.importorskip("pyarrow")
    path = shared_data("smart_patrols/get-patrol-observations-from-smart.parquet")
    table = geopandas.read_parquet(path).rename(columns={"patrol_id": "post", "fixtime": "time"})
    limits = Cleaning(fastest_m_s=30, slack_m=45, gap_s=600, stop_radius_m=40, stop_s=300)
    judged = judge(table, cleaning=limits)
    left = dict(zip(judged.waterfall["step"], judged.waterfall["left_km"], strict=True))
    assert (judged.dropped["reason"] == "duplicate").sum() == 21_998
    for step, measured in (("raw", 1_160), ("spikes", 1_094), ("gaps", 807), ("credited", 760)):
        assert left[step] == pytest.approx(measured, rel=0.02)


def test_fixes_come_back_in_the_crs_and_at_the_places_given():
    table = fixes(walk(5)).to_crs(4490)
    judged = judge(table)
    assert judged.fixes.crs == table.crs
    assert judged.fixes.geometry.geom_equals(table.geometry).all()


def test_columns_of_longitude_and_latitude_do_as_well_as_points():
    east, north = np.array([0.0, 7, 14]) + ORIGIN[0], np.full(3, ORIGIN[1])
    lon, lat = crs.to_wgs84(east, north, 4549)
    bare = pd.DataFrame({"post": "A", "time": START + pd.to_timedelta([0, 5, 10], unit="s"), "lon": lon, "lat": lat})
    assert km(judge(bare))["credited"] == 0.014


def test_the_table_given_is_not_changed():
    table = fixes(stay())
    before = table.copy(deep=True)
    judge(table)
    assert table.equals(before)


@pytest.mark.parametrize("column", ["post", "time"])
def test_a_table_without_what_everything_needs_is_refused(column):
    with pytest.raises(TableError, match=f"no column {column}"):
        judge(fixes(walk(3)).drop(columns=column))


def test_fixes_that_say_no_crs_are_refused():
    with pytest.raises(CrsError, match="do not say their coordinate system"):
        judge(fixes(walk(3)).set_crs(None, allow_override=True))


def test_no_fixes_are_worth_nothing():
    judged = judge(fixes(walk(3)).iloc[:0])
    assert (len(judged.fixes), len(judged.stops), judged.waterfall["km"].sum()) == (0, 0, 0.0)


def test_a_lone_fix_makes_a_leg_of_no_length():
    judged = judge(fixes(walk(1)))
    assert judged.fixes["leg"].tolist() == [0]
    assert np.isnan(judged.fixes["speed_m_s"].item())


def test_compiled_and_plain_kernels_judge_alike(monkeypatch):
    from gridmap.tracks import spikes, stopping, walking_kernel

    rng = np.random.default_rng(5)
    post, seconds, east, north = stay(600)
    table = fixes((post, seconds, east + rng.normal(0, 5, len(east)), north + 400 * (rng.random(len(east)) < 0.05)))
    first = judge(table)
    for module, name in ((spikes, "mark_spikes"), (stopping, "mark_stops")):
        kernel = getattr(walking_kernel, name)
        monkeypatch.setattr(module, name, getattr(kernel, "py_func", kernel))
        monkeypatch.setattr(module, "ready", lambda array: array.tolist())
    again = judge(table)
    assert again.fixes.equals(first.fixes)
    assert len(first.dropped) > 3
    assert shapely.equals_exact(again.stops.geometry.to_numpy(), first.stops.geometry.to_numpy()).all()


def test_the_centre_of_a_stop_runs_with_the_fixes_that_joined_it():
    # ten centimetres a second: the mean of what came before is never more than 15 m behind
    judged = judge(fixes(walk(57, pace=0.1)))
    assert judged.stops["fixes"].tolist() == [57]


def test_a_spike_among_fixes_that_are_one_hides_them_only_at_first():
    post, seconds, east, north = walk(20)
    north[8:12] = [500, 500, 900, 500]
    assert set(reasons(judge(fixes((post, seconds, east, north))))) == {8, 9, 10, 11}


def test_of_three_fixes_here_and_two_there_nobody_knows_which_are_wrong():
    post, seconds, east, north = walk(5)
    north[3:] = 500
    assert len(judge(fixes((post, seconds, east, north))).dropped) == 0


def test_one_spike_in_twenty_is_not_told_of_the_post():
    post, seconds, east, north = walk(20)
    north[10] = 500
    judged = judge(fixes((post, seconds, east, north)))
    assert reasons(judged) == {10: "spike"}
    assert "many_spikes" not in set(judged.faults["code"])


def test_more_than_a_minute_of_speed_is_told_of():
    assert "too_fast" in set(judge(fixes(walk(14, pace=20.0))).faults["code"])


def test_the_waterfall_counts_all_rows_and_two_fixes_of_each_stop():
    table = fixes(stay())
    table.loc[0, "geometry"] = None
    judged = judge(table)
    left = dict(zip(judged.waterfall["step"], judged.waterfall["left_fixes"], strict=True))
    assert (left["raw"], left["unusable"]) == (len(table), len(table) - 1)
    # within 20 m of its place lies what was walked in 14 s before and after: some of 41 fixes and of six beside
    assert left["credited"] == len(table) - 1 - (judged.stops["fixes"].item() - 2)


def test_outliers_that_come_back_are_counted_anew():
    assert len(judge(fixes(stay(125, outliers=(5, 10, 15)))).stops) == 1
