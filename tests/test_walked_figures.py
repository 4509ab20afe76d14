"""Effort, overlap, spread, gaps beside cameras, sight, adherence, quality, dwell and periods, worked out by hand."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from gridmap.coverage import walked
from gridmap.coverage.walked.daylight import by_day, halved
from gridmap.coverage.walked.sight import within
from gridmap.errors import ConflictError, InputError, TableError
from gridmap.tracks.matching.corridors import Corridors
from gridmap.visibility import scene
from gridmap.visibility.lines import Parts
from tests.walkbook import X0, Y0, ZONE, areas, book, moment, rows, streets
from tests.walkbook import streets as lines


def figures(table):
    return table.set_index("figure")["value"]


def parts(*rows, streets=1):
    line, low, high = (np.array(each) for each in zip(*rows, strict=True))
    none = np.zeros(len(rows), np.int64)
    return Parts(line=line, from_m=low * 1.0, to_m=high * 1.0, view=none, band=none, length_m=np.full(streets, 100.0))


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


def test_four_lengths_beside_cameras_are_told_by_day_and_by_night():
    made = book("P1 day a 0 50 08:00 08:05", "P1 night a 50 60 21:00 21:05")
    laid = walked.sides(made, areas(A=(-5, -5, 105, 5)))
    table = walked.gap(made, parts((0, 40, 80)), laid).set_index("shift")
    four = ["neither_m", "camera_m", "patrol_m", "both_m"]
    assert table.loc["day", four].tolist() == [20, 30, 40, 10]
    assert table.loc["night", four].tolist() == [60, 30, 0, 10]
    assert table.loc["all", four].tolist() == [20, 20, 40, 20]


def test_cameras_that_see_less_by_night_count_less_by_night():
    made = book("P1 day a 0 50 08:00 08:05")
    laid = walked.sides(made, areas(A=(-5, -5, 105, 5)))
    seen = {"all": parts((0, 0, 100)), "day": parts((0, 0, 100)), "night": parts((0, 0, 10))}
    assert walked.gap(made, seen, laid).set_index("shift")["neither_m"].tolist() == [0, 0, 90]


def test_four_lengths_of_areas_on_both_sides_of_a_street_count_once_above():
    made = book("P1 day a 0 50 08:00 08:05")
    laid = walked.sides(made, areas(D=(-5, -50, 105, 50), D__S=(-5, -50, 105, 0), D__N=(-5, 0, 105, 50)))
    table = walked.gap(made, parts((0, 40, 80)), laid).query("shift == 'all'")
    assert table["both_m"].tolist() == [10, 10, 10]


def test_cameras_on_other_streets_are_refused():
    made = book("P1 day a 0 50 08:00 08:05")
    laid = walked.sides(made, areas(A=(-5, -5, 105, 5)))
    with pytest.raises(TableError, match="2 streets"):
        walked.gap(made, parts((0, 0, 9), streets=2), laid)


@pytest.mark.parametrize(
    ("half", "left"),
    [("all", [(80, 100)]), ("day", [(80, 100)]), ("night", [(0, 40), (80, 100)])],
)
def test_stretches_that_neither_a_patrol_nor_a_camera_covers_are_the_longest_first(half, left):
    made = book("P1 day a 0 50 08:00 08:05", "P1 night a 50 60 21:00 21:05")
    table = walked.unwatched(made, parts((0, 40, 80)), lines(a=100), half=half)
    assert list(zip(table["from_m"], table["to_m"], strict=True)) == left
    assert table.geometry.length.tolist() == pytest.approx([high - low for low, high in left])


def test_of_stretches_that_nobody_covers_the_busiest_street_comes_first():
    table = lines(a=100, b=50).assign(**{"class": ["residential", "primary"], "name": ["甲路", None]})
    found = walked.unwatched(book(a=100, b=50), parts((0, 0, 100 - 0.5), streets=2), table)
    assert found[["rank", "id", "class"]].to_numpy().tolist() == [[1, "b", "primary"]]
    with pytest.raises(TableError, match="1 streets"):
        walked.unwatched(book(a=100, b=50), parts((0, 0, 9)), table)


def looked(made, width, **options):
    seen = walked.sight(made, widths=walked.Widths(day=width, night=width, car=width), **options)
    return walked.street_sight(made, seen)["seen_m"].tolist()


CROSS = {"a": [(0, 0), (100, 0)], "b": [(50, -50), (50, 50)]}


def test_with_no_width_what_is_in_sight_is_what_was_walked():
    assert looked(book("P1 day a 20 70 08:00 08:05", **CROSS), 0) == pytest.approx([50, 0])


def test_a_side_street_is_in_sight_as_far_as_the_width():
    # along a: 20 m beyond both ends; across b: 20 m to each side
    assert looked(book("P1 day a 20 70 08:00 08:05", **CROSS), 20) == pytest.approx([90, 40])


def test_around_the_end_of_a_walk_sight_is_a_disc():
    # 6 m beside the end of the walk and 10 m of sight: 8 m along by Pythagoras
    made = book("P1 day a 0 40 08:00 08:05", a=[(0, 0), (40, 0)], b=[(40, 6), (100, 6)])
    assert looked(made, 10) == pytest.approx([40, 8])


def wall(west, south, east, north):
    house = gpd.GeoDataFrame(
        {"height_m": [9.0]}, geometry=[shapely.box(X0 + west, Y0 + south, X0 + east, Y0 + north)], crs=ZONE
    )
    return scene(house, crs=CRS(ZONE))


def test_a_building_hides_the_street_behind_it():
    made = book("P1 day a 0 100 08:00 08:05", a=[(0, 0), (100, 0)], b=[(0, 20), (100, 20)])
    assert looked(made, 30) == pytest.approx([100, 100])
    assert looked(made, 30, scene=wall(-50, 8, 150, 12)) == pytest.approx([100, 0])


def test_past_the_corner_of_a_building_one_sees_as_far_as_the_rays_reach():
    # a wall from 30 m on, 10 m off; the street 20 m off. From 18.8 m along, a ray past the corner meets it 22.4 m on,
    # which is as far as 30 m of sight reach; who is put every 2 m sees to within 1 m of that
    made = book("P1 day a 0 40 08:00 08:05", a=[(0, 0), (40, 0)], b=[(0, 20), (100, 20)])
    reach = np.sqrt(30**2 - 20**2)
    best = (60 - reach) / 2 + reach
    assert best - 1 <= looked(made, 30, scene=wall(30, 9.9, 150, 10))[1] <= best


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0, 60), min_size=2, max_size=2), st.integers(0, 60), st.booleans())
def test_sight_never_shrinks_with_its_width(widths, at, walls):
    made = book(f"P1 day a {at} {at + 30} 08:00 08:05", **CROSS)
    hidden = {"scene": wall(55, 5, 70, 30)} if walls else {}
    narrow, wide = (sum(looked(made, width, **hidden)) for width in sorted(widths))
    assert narrow <= wide + 1e-6


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-20, 20), min_size=8, max_size=8), st.integers(1, 20))
def test_what_lies_within_reach_of_a_segment_is_what_drawing_its_surroundings_gives(places, reach):
    near, segment = np.array(places[:4], float), np.array(places[4:], float)
    if np.array_equal(near[:2], near[2:]) or np.array_equal(segment[:2], segment[2:]):
        return
    low, high = within(near[None], segment[None], np.array([float(reach)]))
    line = shapely.LineString(segment.reshape(2, 2))
    around = shapely.LineString(near.reshape(2, 2)).buffer(reach, quad_segs=500)
    assert max(high[0] - low[0], 0) * line.length == pytest.approx(
        line.intersection(around).length, abs=0.02 * line.length + 0.3
    )


def test_by_night_and_in_a_car_sight_is_of_another_width():
    # a hundred metres in ten seconds is a car
    lines = streets(a=[(0, 0), (100, 0)], b=[(50, -50), (50, 50)])
    night = walked.ledger(rows("P1 night a 0 100 21:00 21:05"), lines)
    end = pd.Timestamp(moment("08:00")) + pd.Timedelta(seconds=10)
    car = walked.ledger(rows("P1 day a 0 100 08:00 08:01").assign(end=end), lines)
    found = [walked.street_sight(made, walked.sight(made))["seen_m"][1] for made in (night, car)]
    assert found == pytest.approx([24, 60])


def test_sight_in_areas_is_cut_at_their_borders():
    made = book("P1 day a 0 40 08:00 08:05")
    laid = walked.sides(made, areas(W=(-5, -5, 50, 5), E=(50, -5, 105, 5)))
    table = walked.area_sight(laid, walked.sight(made))
    assert table["seen_m"].tolist() == pytest.approx([50, 10])


def test_widths_below_nought_are_refused():
    with pytest.raises(InputError, match="0 or more"):
        walked.Widths(night=-1)


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


def parted():
    """A ledger in which 20 m in the middle of a run along the beginning of b."""
    corridors = Corridors(
        street=np.array([0, 0, 0, 1]),
        from_m=np.array([0.0, 30, 50, 0]),
        to_m=np.array([30.0, 50, 100, 100]),
        main=np.array([0, 1, 0, 1]),
        main_from_m=np.array([0.0, 0, 50, 0]),
        main_to_m=np.array([30.0, 20, 100, 100]),
    )
    return walked.ledger(rows("P1 day a 20 60 08:00 08:05"), streets(a=100, b=100), corridors=corridors)


def test_a_street_that_leaves_another_again_counts_on_both_sides_of_it():
    table = walked.street_shares(parted())
    assert table[["length_m", "walked_m"]].to_numpy().tolist() == [[80, 20], [100, 20]]


def test_cameras_and_patrols_meet_on_the_streets_that_count():
    made = parted()
    laid = walked.sides(made, areas(A=(-5, -5, 105, 15)))
    table = walked.gap(made, parts((0, 30, 50), (1, 10, 50), streets=2), laid)
    # cameras see b from 10 to 50 m; what they see of a runs along b and counts there
    assert table.iloc[0, 2:].tolist() == [180, 110, 30, 30, 10]


def test_what_is_owed_of_a_street_in_two_parts_is_that_of_both():
    made = parted()
    owing = walked.Owing(now=moment("8T08:05"), duty=np.array(["must", "monthly"], dtype=object))
    table = walked.streets(made, owing)
    assert table[["overdue_m", "target_h", "passes"]].to_numpy().tolist() == [[80, 24, 1], [0, 720, 1]]
    laid = walked.sides(made, areas(A=(-5, -5, 105, 15)))
    assert walked.overdue(made, laid, owing)["overdue_m"].tolist() == [80]


def test_sight_and_plans_are_told_on_the_streets_that_count():
    made = parted()
    seen = walked.street_sight(made, walked.sight(made, widths=walked.Widths(day=0, night=0, car=0)))
    assert seen["seen_m"].tolist() == pytest.approx([20, 20])
    plan = pd.DataFrame({"street": ["a", "b"], "from_m": [0, 0], "to_m": [60, 20]})
    assert walked.adherence(plan, made)[["planned_m", "both_m"]].to_numpy()[0].tolist() == [60, 40]


def test_a_rest_that_began_the_day_before_is_still_a_rest():
    table = fixes(0).assign(begin=moment("7T00:00"), end=moment("7T01:00"))[["post", "shift", "begin", "end"]]
    stood = stops((0, "7T00:05", "7T00:30"))
    assert walked.idle(stood, table, rests=[(dt.time(23, 45), dt.time(0, 15))])["idle_h"].tolist() == [0.25]


def test_of_a_checkpoint_that_is_planned_twice_the_first_place_counts():
    assert walked.tau(["k1", "k2", "k1"], ["k1", "k2"]) == 1


def test_what_is_inferred_keeps_a_plan_only_where_that_is_asked_for():
    plan = pd.DataFrame({"street": ["a"], "from_m": [0], "to_m": [100]})
    made = book("P1 day a 0 40 08:00 08:05", "P1 day a 40 90 08:05 08:10 inferred")
    assert walked.adherence(plan, made)["both_m"].tolist() == [40]
    assert walked.adherence(plan, made, least="inferred")["both_m"].tolist() == [90]


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


def test_of_ten_areas_alike_in_length_nine_tenths_do_not_exceed_the_ninth():
    table = figures(walked.equity(np.arange(1, 11) / 10, np.ones(10)))
    assert table[["p90", "p10"]].tolist() == [0.9, 0.1]


def test_an_area_without_streets_has_no_part_in_what_is_even():
    table = figures(walked.equity([0.5, 0.9], [10, 0]))
    assert table[["areas", "unknown", "mean"]].tolist() == [1, 0, 0.5]
