"""Bad input of fixes, rule by rule: each fault has its own word, message and rows."""

from __future__ import annotations

import datetime as dt

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.errors import TableError
from gridmap.tracks import Cleaning, judge
from gridmap.tracks.ordering import in_order

START = pd.Timestamp("2024-05-06T00:00:00Z")
WEEKS = pd.Timedelta(weeks=1_024)


def fixes(places, *, post="A", seconds=None, every=5.0, crs=4490, **columns):
    """Fixes at places given as longitude and latitude, five seconds apart."""
    seconds = np.arange(len(places)) * every if seconds is None else seconds
    times = START + pd.to_timedelta(seconds, unit="s")
    points = geopandas.points_from_xy(*np.array(places, dtype=float).T)
    return geopandas.GeoDataFrame({"post": post, "time": times, **columns}, geometry=points, crs=crs)


def east(count, step=7.0, seed=1):
    """Places of a walk to the east near Nantong with the errors of a usual receiver, in degrees."""
    x, y = step * np.arange(count), np.zeros(count)
    noise = np.random.default_rng(seed).normal(0, 1, (2, count))
    return list(zip(120.86 + (x + noise[0]) / 94_400, 32.01 + (y + noise[1]) / 110_900, strict=True))


def codes(judged):
    return dict(zip(judged.faults["code"], judged.faults["rows"], strict=True))


def told(judged, code):
    return judged.faults.set_index("code")["message"][code]


def rows(table):
    return table.to_numpy().tolist()


def with_bad(*bad):
    """Six good fixes and then some bad ones."""
    return fixes([*east(6), *bad])


@pytest.mark.parametrize(
    ("place", "code", "said"),
    [
        pytest.param((0.0, 0.0), "zero_place", "places at 0, 0", id="nought"),
        pytest.param((np.nan, 32.0), "no_place", "no place", id="no number"),
        pytest.param((np.inf, 32.0), "no_place", "no place", id="infinite"),
        pytest.param((32.01, 120.86), "swapped_place", "latitude and longitude exchanged", id="swapped"),
        pytest.param((500.0, 32.0), "no_degrees", "no degrees", id="beyond the globe"),
        pytest.param((40_581_000.0, 3_543_000.0), "metres_as_degrees", "EPSG:4528", id="zone 40"),
        pytest.param((13_454_000.0, 3_766_000.0), "metres_as_degrees", "EPSG:3857", id="web Mercator"),
        pytest.param((581_000.0, 3_543_000.0), "metres_as_degrees", "4534 to 4554", id="no zone"),
    ],
)
def test_a_place_where_no_fix_can_be_is_dropped_and_named(place, code, said):
    judged = judge(with_bad(place))
    assert codes(judged) == {code: (6,)}
    assert said in told(judged, code)
    assert rows(judged.dropped) == [[6, "place"]]


def test_a_missing_point_is_dropped():
    table = with_bad((120.86, 32.01))
    table.loc[6, "geometry"] = None
    assert codes(judge(table)) == {"no_place": (6,)}


def test_a_table_all_of_whose_places_are_swapped_is_refused_with_what_to_do():
    with pytest.raises(TableError, match="exchanged") as refused:
        judge(fixes([(lat, lon) for lon, lat in east(4)]))
    assert [(fault.code, fault.feature) for fault in refused.value.faults] == [("swapped_place", 1)]


def test_in_the_west_of_china_swapped_places_are_told_by_where_the_others_are():
    kashgar = [(76.0, 39.5), (76.0001, 39.5), (76.0002, 39.5), (39.5, 76.0)]
    assert codes(judge(fixes(kashgar))) == {"swapped_place": (3,)}


def test_a_swapped_place_is_told_by_the_outline_where_it_is_known():
    outline = shapely.box(75, 39, 77, 40)
    kashgar = [(39.5, 76.0), (39.5, 76.0001), (76.0, 39.5)]
    assert codes(judge(fixes(kashgar), cleaning=Cleaning(outline=outline))) == {"swapped_place": (0, 1)}


def test_fixes_outside_the_territory_are_told_and_kept():
    outline = shapely.box(120.8599, 32.0, 120.86033, 32.1)
    judged = judge(fixes(east(7)), cleaning=Cleaning(outline=outline))
    assert codes(judged)["outside"] == (5, 6)
    assert len(judged.dropped) == 0


def test_a_fix_without_a_post_is_dropped():
    table = fixes(east(5))
    table["post"] = ["A", None, "A", "A", "A"]
    judged = judge(table)
    assert codes(judged) == {"no_post": (1,)}
    assert judged.fixes["row"].tolist() == [0, 2, 3, 4]


def shifted(table, at, delta):
    """The table with the clock of some rows moved."""
    times = table["time"].copy()
    times.loc[at] = times.loc[at] + delta if isinstance(delta, pd.Timedelta) else pd.Timestamp(delta, tz="UTC")
    return table.assign(time=times)


@pytest.mark.parametrize(
    ("clock", "code", "said"),
    [
        pytest.param("1901-12-13T20:45:54", "clock_never_set", "before 1990, the first 1901-12-13", id="1901"),
        pytest.param("1970-01-01T00:00:03", "clock_never_set", "1970-01-01", id="1970"),
        pytest.param("1980-01-06T00:00:03", "clock_never_set", "1980-01-06", id="1980"),
        pytest.param("2036-02-07T06:28:16", "clock_run_over", "2036 or later", id="2036"),
        pytest.param("2024-05-06T00:20:01", "clock_future", "in the future", id="future"),
        pytest.param("2004-09-20T00:00:15", "clock_rollover", "1 024 weeks too early", id="weeks anew"),
    ],
)
def test_a_clock_that_cannot_be_right_is_dropped_and_named(clock, code, said):
    limits = Cleaning(now=dt.datetime(2024, 5, 6, 0, 15, tzinfo=dt.UTC))
    judged = judge(shifted(fixes(east(6)), 3, clock), cleaning=limits)
    assert codes(judged) == {code: (3,)}
    assert said in told(judged, code)
    assert rows(judged.dropped) == [[3, "clock"]]


def test_five_minutes_ahead_of_the_receiver_are_allowed():
    limits = Cleaning(now=(START + pd.Timedelta(seconds=20)).to_pydatetime())
    assert len(judge(shifted(fixes(east(6)), 5, pd.Timedelta(seconds=295)), cleaning=limits).dropped) == 0
    assert codes(judge(shifted(fixes(east(6)), 5, pd.Timedelta(seconds=296)), cleaning=limits)) == {
        "clock_future": (5,)
    }


def test_a_missing_time_is_dropped():
    judged = judge(fixes(east(6)).assign(time=lambda table: table["time"].mask(table.index == 2)))
    assert codes(judged) == {"no_time": (2,)}


def two_posts(delta):
    """Fixes of A in the right, and of B with its clock wrong by something."""
    table = pd.concat([fixes(east(6)), fixes(east(6, seed=2), post="B")], ignore_index=True)
    return shifted(table, range(6, 12), delta)


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        pytest.param(-WEEKS, "wrong by -619315200 s", id="weeks anew"),
        pytest.param(pd.Timedelta(hours=8), "wrong by 28800 s", id="local time as UTC"),
    ],
)
def test_a_post_whose_clock_is_wrong_throughout_is_held_with_by_how_much(delta, said):
    limits = Cleaning(now=(START + pd.Timedelta(seconds=40)).to_pydatetime())
    judged = judge(two_posts(delta), cleaning=limits)
    assert rows(judged.held[["post", "reason"]]) == [["B", "clock"]]
    assert said in judged.held["message"][0]


def test_a_clock_set_right_by_sign_ins_counts_again():
    limits = Cleaning(now=(START + pd.Timedelta(seconds=40)).to_pydatetime(), offsets_s={"B": -28_800.0})
    judged = judge(two_posts(pd.Timedelta(hours=8)), cleaning=limits)
    assert len(judged.held) == 0
    assert set(judged.fixes["shift"]) == {"2024-05-06 day"}


def test_a_little_disorder_is_sorted():
    table = fixes(east(40)).iloc[[*range(20), *range(25, 32), *range(20, 25), *range(32, 40)]]
    judged = judge(table)
    assert set(judged.fixes["leg"]) == {0}
    assert judged.fixes["time"].is_monotonic_increasing


def test_a_clock_that_jumps_back_parts_the_track():
    seconds = np.concatenate([np.arange(40) * 5.0, 52.0 + np.arange(40) * 5.0])
    judged = judge(fixes(east(80), seconds=seconds))
    assert codes(judged)["clock_jump"] == (40,)
    assert judged.fixes["leg"].tolist() == [0] * 40 + [1] * 40


def test_fixes_sent_late_go_back_to_their_place():
    table = fixes(east(60))
    late = table.iloc[[*range(20), *range(40, 60), *range(20, 40)]].reset_index(drop=True)
    judged = judge(late)
    assert "clock_jump" not in codes(judged)
    assert set(judged.fixes["leg"]) == {0}


def test_rows_in_no_order_are_sorted_and_that_is_told():
    table = fixes(east(200)).sample(frac=1, random_state=2).reset_index(drop=True)
    judged = judge(table)
    assert "rows are in no order" in told(judged, "unordered")
    assert set(judged.fixes["leg"]) == {0}


def stuck(speed, accuracy=4.0, count=130):
    """A walk whose device repeats its last place for more than ten minutes, and walks on."""
    places = east(30)
    places = [*places[:15], *[places[15]] * count, *places[15:]]
    return fixes(places, speed_m_s=speed, accuracy_m=accuracy)


def test_a_sensor_stuck_while_the_post_moves_makes_no_stop():
    judged = judge(stuck(1.4))
    assert len(judged.stops) == 0
    assert (judged.dropped["reason"] == "frozen").sum() == 130
    assert "though the device says that it moves" in told(judged, "frozen")


@pytest.mark.parametrize(
    ("speed", "accuracy", "flagged"),
    [
        pytest.param(0.0, 4.0, False, id="says it stands"),
        pytest.param(np.nan, 4.0, True, id="always the same accuracy"),
        pytest.param(np.nan, np.arange(160) % 7 + 3.0, False, id="other accuracies"),
    ],
)
def test_a_post_that_may_stand_is_not_dropped(speed, accuracy, flagged):
    judged = judge(stuck(speed, accuracy))
    assert ("frozen" in codes(judged)) == flagged
    assert len(judged.dropped) == 0
    assert len(judged.stops) == 1


def test_ten_minutes_at_one_place_are_no_stuck_sensor():
    assert "frozen" not in codes(judge(stuck(1.4, count=120)))
    assert "frozen" in codes(judge(stuck(1.4, count=121)))


def test_a_walk_with_usual_errors_is_not_held():
    assert len(judge(fixes(np.round(east(60), 7))).held) == 0


def mocked(places):
    return set(judge(fixes(places)).held["reason"])


def test_steps_one_like_the_other_are_held():
    angle = np.random.default_rng(4).normal(0, 0.3, 60).cumsum()
    x, y = (7 * np.cumsum(np.cos(angle)), 7 * np.cumsum(np.sin(angle)))
    places = np.column_stack([120.86 + x / 94_543.6, 32.01 + y / 110_887.0])
    assert mocked(places) == {"mocked_spacing"}


def test_a_track_on_straight_lines_is_held():
    step = np.random.default_rng(4).uniform(4, 10, 60).cumsum()
    assert mocked(np.column_stack([120.86 + step / 94_400, np.full(60, 32.01)])) == {"mocked_noise"}


def test_coordinates_of_four_decimals_are_held():
    assert mocked(np.round(east(80, step=25.0), 4)) >= {"mocked_decimals"}
    assert "mocked_decimals" not in mocked(np.round(east(80, step=25.0), 5))


def test_the_same_walk_on_another_day_is_held_and_the_first_is_not():
    again = pd.concat([fixes(east(40)), fixes(east(40), seconds=86_400 + np.arange(40) * 6.0)], ignore_index=True)
    judged = judge(again)
    assert rows(judged.held[["post", "shift", "reason"]]) == [["A", "2024-05-07 day", "mocked_copy"]]
    assert len(judged.dropped) == 0


def test_a_walk_known_from_before_is_held():
    first = judge(fixes(east(40)))
    known = dict(zip(first.shapes["shape"], first.shapes["post"] + " " + first.shapes["shift"], strict=True))
    later = fixes(east(40), post="B", seconds=86_400 + np.arange(40) * 5.0)
    held = judge(later, cleaning=Cleaning(earlier=known)).held
    assert "place for place the fixes of A 2024-05-06 day" in held["message"][0]
    assert len(judge(fixes(east(40)), cleaning=Cleaning(earlier=known)).held) == 0


def test_a_device_of_two_posts_in_one_shift_is_told():
    table = pd.concat(
        [fixes(east(6), device="d1"), fixes(east(6, seed=2), post="B", seconds=60 + np.arange(6) * 5.0, device="d1")]
    )
    judged = judge(table)
    assert "device d1 reports for A, B in 2024-05-06 day" in told(judged, "shared_device")
    assert judged.fixes["leg"].nunique() == 2


def test_a_post_at_two_places_is_told_and_its_tracks_stay_apart():
    far = [(lon, lat + 0.01) for lon, lat in east(6)]
    table = pd.concat([fixes(east(6), device="d1"), fixes(far, device="d2")], ignore_index=True)
    judged = judge(table)
    assert "at two places" in told(judged, "two_places")
    assert judged.fixes["leg"].tolist() == [0] * 6 + [1] * 6
    assert judged.waterfall["km"].iloc[-1] < 0.15


def test_two_devices_of_a_post_side_by_side_are_in_order():
    near = [(lon, lat + 0.0001) for lon, lat in east(6)]
    table = pd.concat([fixes(east(6), device="d1"), fixes(near, device="d2")], ignore_index=True)
    assert len(judge(table).faults) == 0


def test_one_device_in_a_fast_car_is_not_at_two_places():
    assert "two_places" not in codes(judge(fixes(east(20, step=250.0), device="d1")))


def test_posts_without_a_device_share_none():
    devices = [None] * 12 + ["d1"] * 6
    table = pd.concat([fixes(east(6, seed=k), post=post) for k, post in enumerate("ABC")], ignore_index=True)
    assert "shared_device" not in codes(judge(table.assign(device=devices)))


@pytest.mark.parametrize(("wrong", "held"), [(3, []), (4, ["B"])], ids=["half", "most"])
def test_a_post_is_held_for_its_clock_when_most_of_its_times_are_wrong(wrong, held):
    limits = Cleaning(now=(START + pd.Timedelta(seconds=40)).to_pydatetime())
    table = shifted(two_posts(pd.Timedelta(0)), range(6, 6 + wrong), pd.Timedelta(hours=8))
    assert judge(table, cleaning=limits).held["post"].tolist() == held


def test_one_wrong_time_of_a_post_with_one_fix_holds_nobody():
    limits = Cleaning(now=(START + pd.Timedelta(seconds=40)).to_pydatetime())
    judged = judge(shifted(two_posts(pd.Timedelta(0)), range(6, 12), -WEEKS).iloc[:7], cleaning=limits)
    assert codes(judged) == {"clock_rollover": (6,)}
    assert len(judged.held) == 0


@pytest.mark.parametrize("hours", [8.5, 20], ids=["no whole hours", "no zone"])
def test_a_clock_ahead_by_what_no_zone_is_says_no_offset(hours):
    limits = Cleaning(now=(START + pd.Timedelta(seconds=40)).to_pydatetime())
    assert "set the clock" in judge(two_posts(pd.Timedelta(hours=hours)), cleaning=limits).held["message"][0]


def test_a_time_long_ago_that_would_lie_in_the_future_is_no_rollover():
    limits = Cleaning(now=dt.datetime(2024, 5, 6, 0, 15, tzinfo=dt.UTC))
    assert "clock_rollover" not in codes(judge(shifted(fixes(east(6)), 3, "2005-06-01"), cleaning=limits))


def test_a_round_walked_the_other_way_is_no_copy():
    back = fixes(east(40)[::-1], seconds=86_400 + np.arange(40) * 5.0)
    assert len(judge(pd.concat([fixes(east(40)), back], ignore_index=True)).held) == 0


def test_of_pairs_of_fixes_nobody_can_say_whether_they_lie_on_lines():
    """Two fixes, then silence for longer than a leg lasts, thirty times: no fix has two neighbours."""
    step = np.random.default_rng(4).uniform(4, 10, 60).cumsum()
    places = np.column_stack([120.86 + step / 94_400, np.full(60, 32.01)])
    seconds = np.repeat(np.arange(30) * 300.0, 2) + np.tile([0.0, 5.0], 30)
    assert len(judge(fixes(places, seconds=seconds)).held) == 0


def test_metres_are_not_taken_for_coarse_degrees():
    x, y = np.round(fixes(east(80, step=25.0)).to_crs(4549).get_coordinates().to_numpy().T, 2)
    assert len(judge(fixes(np.column_stack([x, y]), crs=4549)).held) == 0


@pytest.mark.parametrize(("inside", "said"), [(5, "they count no street"), (2, "most of them")], ids=["few", "most"])
def test_what_fixes_outside_the_territory_mean_goes_by_how_many_they_are(inside, said):
    last = (east(7)[inside - 1][0] + east(7)[inside][0]) / 2
    outline = shapely.box(120.8599, 32.0, last, 32.1)
    assert said in told(judge(fixes(east(7)), cleaning=Cleaning(outline=outline)), "outside")


def test_of_several_faults_of_a_fix_the_first_that_everything_needs_is_the_reason():
    table = fixes([*east(5), (0, 0), (0, 0)])
    table["post"] = [*"AAAAA", "A", None]
    table["time"] = table["time"].mask(table.index >= 5)
    assert rows(judge(table).dropped) == [[5, "place"], [6, "post"]]


def test_nought_and_minus_nought_are_one_place():
    both = [fixes([(x, 3_543_000.0), (7.0, 3_543_000.0)], post=post, crs=4549) for x, post in ((0.0, "A"), (-0.0, "B"))]
    judged = judge(pd.concat(both, ignore_index=True))
    assert rows(judged.dropped) == [[2, "duplicate"], [3, "duplicate"]]


def test_a_clock_that_runs_back_once_in_eleven_fixes_shows_rows_in_no_order():
    seconds = np.concatenate([20.0 * np.arange(10) + k for k in range(10)])
    judged = judge(fixes(east(100, step=1.0)[:100], seconds=seconds))
    assert "runs back 9 times" in told(judged, "unordered")


def test_fixes_that_fit_between_the_others_in_two_places_are_another_run():
    seconds = np.concatenate([begin + np.arange(20) * 5.0 for begin in (0, 200, 100, 300)])
    assert codes(judge(fixes(east(80), seconds=seconds)))["clock_jump"] == (40,)


def test_rows_are_put_in_order_however_far_apart_their_times_are():
    assert in_order(np.array([1, 0, 1]), np.array([2**61, 5, 0])).tolist() == [1, 2, 0]


def relieved(places, every=600.0):
    """Fixes of one post whose two devices take turns."""
    devices = ["d1" if k % 2 == 0 else "d2" for k in range(len(places))]
    return fixes(places, every=every, device=devices)


def test_two_devices_far_apart_one_after_the_other_are_at_one_place_each():
    places = [(lon, lat + 0.01 * (k % 2)) for k, (lon, lat) in enumerate(east(8))]
    assert "two_places" not in codes(judge(relieved(places)))
    assert "two_places" in codes(judge(relieved(places, every=10.0)))


def test_two_moments_far_apart_are_an_error_of_a_fix_and_not_two_places():
    places = [(lon, lat + 0.01 * (k == 4)) for k, (lon, lat) in enumerate(east(8))]
    assert "two_places" not in codes(judge(relieved(places, every=25.0)))
