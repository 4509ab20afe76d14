"""The ledger of visits and the shares of street walked: worked out by hand, by drawing, and metre by metre."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.ops import substring

from gridmap.coverage import walked
from gridmap.coverage.walked.daylight import altitude, halved
from gridmap.coverage.walked.ledger import ledger
from gridmap.coverage.walked.moments import seconds
from gridmap.crs import to_metric, to_record
from gridmap.errors import CrsError, InputError, TableError
from gridmap.samples import town
from gridmap.tracks.matching.corridors import Corridors
from tests.walkbook import X0, Y0, ZONE, areas, book, moment, rows, streets

SHARES = ["share", "share_inferred", "share_unknown", "share_never"]


@pytest.fixture(scope="module")
def sample():
    """A sample town, its ledger, and the streets cut along its areas."""
    tables = town(seed=0, buildings=1000)
    made = ledger(tables["truth_walked"], tables["streets"])
    return tables, made, walked.sides(made, tables["areas"])


def share(made, column="share"):
    return walked.street_shares(made)[column].tolist()


def of(table, code, shift="all"):
    return table.set_index(["code", "shift"]).loc[(code, shift)]


def test_a_metre_walked_ten_times_counts_once():
    assert share(book(*["P1 day a 0 30 08:00 08:01"] * 10, "P2 night a 20 50 21:00 21:01")) == [0.5]


def test_one_walk_that_three_members_report_is_one_visit():
    assert len(book(*["P1 day a 0 30 08:00 08:01"] * 3).visits) == 1


def test_two_posts_on_one_stretch_at_one_time_are_two_visits():
    assert len(book("P1 day a 0 30 08:00 08:01", "P2 day a 0 30 08:00 08:01").visits) == 2


def test_a_metre_counts_for_the_surest_of_its_visits_and_the_four_shares_add_up():
    made = book(
        "P1 day a 0 40 08:00 08:01", "P1 day a 20 60 08:01 08:02 inferred", "P1 day a 50 90 08:02 08:09 unknown"
    )
    found = walked.street_shares(made)[SHARES].to_numpy()[0]
    assert found == pytest.approx([0.4, 0.2, 0.3, 0.1])


def test_what_is_only_unknown_is_not_nought():
    table = walked.street_shares(book("P1 day a 0 40 08:00 08:09 unknown"))
    assert np.isnan(table["share"][0])
    assert table[SHARES[1:]].to_numpy()[0] == pytest.approx([0, 0.4, 0.6])


def test_a_street_where_nobody_went_is_never_walked_and_known_to_be():
    assert share(book("P1 day a 0 100 08:00 08:09", a=100, b=50)) == [1.0, 0.0]


def test_metres_that_fall_were_walked_against_the_line():
    made = book("P1 day a 60 20 08:00 08:01")
    assert (made.visits.from_m[0], made.visits.to_m[0], made.visits.direction[0]) == (20, 60, -1)


def test_a_river_has_no_metres_to_be_walked():
    table = streets(a=100, r=100).assign(barrier=[None, "river"])
    table["class"] = ["residential", None]
    made = ledger(rows("P1 day a 0 50 08:00 08:01"), table)
    assert walked.street_shares(made)["length_m"].tolist() == [100, 0]
    assert np.isnan(share(made)[1])


def test_the_order_of_the_rows_does_not_matter(sample):
    tables, made, _ = sample
    turned = ledger(tables["truth_walked"].iloc[::-1], tables["streets"])
    assert [getattr(turned.visits, name).tolist() for name in ("line", "from_m", "start", "post")] == [
        getattr(made.visits, name).tolist() for name in ("line", "from_m", "start", "post")
    ]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("street", "z", "unknown_street"),
        ("to_m", 120, "off_street"),
        ("from_m", -5, "off_street"),
        ("from_m", None, "off_street"),
        ("end", moment("07:00"), "bad_time"),
        ("class", "guessed", "bad_choice"),
    ],
    ids=["no such street", "beyond its end", "before its beginning", "no metre", "ends before it begins", "no class"],
)
def test_a_stretch_that_cannot_be_is_refused_with_its_row(column, value, code):
    table = rows("P1 day a 0 10 08:00 08:01", "P1 day a 10 20 08:01 08:02").astype(object)
    table.loc[1, column] = value
    with pytest.raises(TableError) as caught:
        ledger(table, streets(a=100))
    assert [(fault.code, fault.feature) for fault in caught.value.faults] == [(code, 2)]


def test_all_missing_columns_are_told_at_once():
    with pytest.raises(TableError, match=r"no column end") as caught:
        ledger(rows("P1 day a 0 10 08:00 08:01").drop(columns=["end", "shift"]), streets(a=100))
    assert len(caught.value.faults) == 2


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(InputError, match="no zone"):
        ledger(rows("P1 day a 0 10 08:00 08:01").assign(start="2024-05-06T08:00:00"), streets(a=100))


def test_a_few_centimetres_beyond_the_end_are_cut_off():
    assert share(book("P1 day a 0 100.05 08:00 08:01")) == [1.0]


def test_an_empty_ledger_knows_nothing_of_any_area():
    made = book(a=100)
    table = walked.areas(made, walked.sides(made, areas(A=(-1, -1, 200, 1))))
    assert table["shift"].tolist() == ["all", "day", "night"]
    assert table["share"].isna().all()
    assert table["share_unknown"].tolist() == [1.0, 1.0, 1.0]


def test_a_period_holds_the_visits_that_began_in_it():
    made = book("P1 day a 0 10 08:00 08:10", "P1 day a 10 20 09:00 09:10")
    assert [
        len(made.during(since, until).visits) for since, until in [(None, moment("09:00")), (moment("09:00"), None)]
    ] == [1, 1]


def corridor():
    """Street b runs beside the first 60 m of a, drawn against it; the rest of b is its own."""
    return Corridors(
        street=np.array([0, 1, 1]),
        from_m=np.array([0.0, 0.0, 60.0]),
        to_m=np.array([100.0, 60.0, 80.0]),
        main=np.array([0, 0, 1]),
        main_from_m=np.array([0.0, 60.0, 60.0]),
        main_to_m=np.array([100.0, 0.0, 80.0]),
    )


def test_a_side_path_counts_with_its_street_and_its_metres_once():
    table = rows("P1 day b 0 80 08:00 08:08", "P1 day a 50 70 09:00 09:01")
    made = ledger(table, streets(a=100, b=80), corridors=corridor())
    found = walked.street_shares(made)
    assert found["length_m"].tolist() == [100, 20]
    assert found["walked_m"].tolist() == [70, 20]


def test_a_walk_on_a_side_path_keeps_its_time_and_turns_with_the_street():
    made = ledger(rows("P1 day b 0 80 08:00 08:08"), streets(a=100, b=80), corridors=corridor())
    visits = made.visits
    assert [int(each) for each in visits.direction] == [-1, 1]
    assert (visits.start - visits.start[0]).tolist() == [0, 360]
    assert (visits.end - visits.start).tolist() == [360, 120]


def test_a_street_on_a_border_counts_in_both_areas_and_once_in_their_parent():
    made = book("P1 day a 0 40 08:00 08:01", a=100)
    laid = walked.sides(made, areas(D=(-5, -50, 105, 50), D__S=(-5, -50, 105, 0), D__N=(-5, 0, 105, 50)))
    table = walked.areas(made, laid)
    assert [of(table, code)["length_m"] for code in "DSN"] == [100, 100, 100]
    assert of(table, "D")[["walked_m", "shared_m", "shared_walked_m"]].tolist() == [40, 100, 40]


def test_a_street_that_crosses_a_border_is_cut_there():
    made = book("P1 day a 30 70 08:00 08:01", a=100)
    laid = walked.sides(made, areas(D=(-5, -50, 105, 50), D__W=(-5, -50, 60, 50), D__E=(60, -50, 105, 50)))
    table = walked.areas(made, laid)
    assert [of(table, code)["walked_m"] for code in ("D", "W", "E")] == pytest.approx([40, 30, 10])
    assert of(table, "D")["shared_m"] == 0


def test_a_street_on_the_outer_border_counts_once():
    made = book("P1 day a 0 40 08:00 08:01", a=100)
    table = walked.areas(made, walked.sides(made, areas(D=(-5, 0, 105, 50), D__N=(-5, 0, 105, 50))))
    assert of(table, "D")[["length_m", "shared_m"]].tolist() == [100, 0]


@pytest.mark.parametrize(("off", "shared"), [(0.3, 100.0), (0.7, 0.0)], ids=["30 cm beside", "70 cm beside"])
def test_a_street_within_half_a_metre_of_a_border_runs_on_it(off, shared):
    made = book(a=100)
    laid = walked.sides(made, areas(D=(-5, -50, 105, 50), D__S=(-5, -50, 105, off), D__N=(-5, off, 105, 50)))
    assert laid.shared(laid.length_m)[0] == shared


def test_an_area_without_streets_has_no_share():
    made = book("P1 day a 0 40 08:00 08:01", a=100)
    table = walked.areas(made, walked.sides(made, areas(A=(-5, -5, 105, 5), B=(-5, 50, 105, 90))))
    assert np.isnan(of(table, "B")["share"])
    assert of(table, "B")["length_m"] == 0


def test_areas_that_state_no_crs_are_refused():
    with pytest.raises(CrsError, match="do not say"):
        walked.sides(book(a=100), areas(A=(0, 0, 1, 1)).set_crs(None, allow_override=True))


def test_children_less_what_they_share_make_up_their_parent_at_every_level(sample):
    _, made, laid = sample
    table = walked.areas(made, laid).set_index(["shift", "code"])
    told = laid.areas.dropna(subset="parent")
    for shift in table.index.levels[0]:
        here = table.loc[shift]
        for column, twice in (("length_m", "shared_m"), ("walked_m", "shared_walked_m")):
            sums = here[column].reindex(told["code"]).groupby(told["parent"].to_numpy()).sum()
            assert (sums - here.loc[sums.index, twice] - here.loc[sums.index, column]).abs().max() < 1


def test_every_level_of_the_sample_town_holds_shared_streets(sample):
    # else the test above would hold of a town whose streets never run on borders
    _, _, laid = sample
    level = laid.areas["level"].to_numpy()
    shared = laid.shared(laid.length_m)
    assert all(shared[level == each].sum() > 100 for each in ("district", "street", "community", "grid"))


def test_metres_of_an_area_are_those_that_drawing_finds_in_it(sample):
    tables, made, laid = sample
    label = made.shifts[0]
    one = tables["truth_walked"][tables["truth_walked"]["shift"] == label]
    lines = to_metric(tables["streets"]).set_index("id").geometry
    walks = [substring(lines[row.street], row.from_m, row.to_m) for row in one.itertuples()]
    # on a lattice: ends of overlapping stretches lie on one another but for their last digits
    drawn = shapely.union_all(walks, grid_size=1e-3)
    shapes = to_metric(tables["areas"]).geometry
    table = walked.areas(made, laid)
    table = table[table["shift"] == label]
    # a border runs along streets: what lies within 5 cm of it lies on it
    expected = [drawn.intersection(shape.buffer(0.05)).length for shape in shapes]
    assert table["walked_m"].to_numpy() == pytest.approx(expected, abs=1.5)


def test_the_town_was_walked_as_its_truth_says(sample):
    _, made, laid = sample
    whole = walked.areas(made, laid).query("shift == 'all'")
    assert whole[SHARES].sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert 0.5 < whole["share"].iloc[0] <= 1


def test_a_shift_without_any_record_is_unknown_and_not_nought():
    made = book("P1 day a 0 40 08:00 08:01")
    laid = walked.sides(made, areas(A=(-5, -5, 105, 5)))
    table = walked.areas(made, laid, shifts=["2024-05-06 day", "2024-05-06 night"])
    assert of(table, "A", "2024-05-06 day")["share"] == 0.4
    lost = of(table, "A", "2024-05-06 night")
    assert np.isnan(lost["share"])
    assert lost[SHARES[1:]].tolist() == [0, 1, 0]


def test_an_area_where_somebody_may_have_been_is_not_nought():
    made = book("P1 day a 0 40 08:00 08:01", "P1 day a 60 80 08:05 08:15 unknown")
    laid = walked.sides(made, areas(W=(-5, -5, 50, 5), E=(50, -5, 105, 5)))
    table = walked.areas(made, laid)
    assert of(table, "W")["share"] == pytest.approx(0.8)
    assert np.isnan(of(table, "E")["share"])


def test_metres_by_day_and_by_night_less_those_of_both_are_all_metres():
    made = book("P1 day a 0 60 08:00 08:10", "P1 night a 40 90 21:00 21:10")
    laid = walked.sides(made, areas(A=(-5, -5, 105, 5)))
    table = walked.areas(made, laid)
    assert [of(table, "A", half)["walked_m"] for half in ("all", "day", "night")] == [90, 60, 50]


def test_a_walk_across_the_change_of_shifts_is_parted_where_it_was_then():
    made = book("P1 day a 80 0 19:54 20:02")
    parts = halved(made.visits, walked.Clock())
    # ten metres a minute, westwards: at eight o'clock it had come from 80 m to 20 m
    assert sorted(zip(parts.from_m.round(3), parts.to_m.round(3), strict=True)) == [(0, 20), (20, 80)]
    laid = walked.sides(made, areas(A=(-5, -5, 105, 5)))
    assert of(walked.areas(made, laid), "A", "day")["walked_m"] == pytest.approx(60)


def test_a_stretch_walked_there_and_back_stays_whole():
    table = rows("P1 day a 0 80 19:54 20:02").assign(direction=0)
    made = ledger(table, streets(a=100))
    laid = walked.sides(made, areas(A=(-5, -5, 105, 5)))
    assert of(walked.areas(made, laid), "A", "day")["walked_m"] == 80


@pytest.mark.parametrize(
    ("place", "date", "rises", "sets"),
    [
        ((116.40, 39.90), "2024-06-21", "04:46", "19:46"),
        ((116.40, 39.90), "2024-12-21", "07:33", "16:53"),
        ((121.47, 31.23), "2024-03-20", "06:00", "18:06"),
    ],
    ids=["Beijing in June", "Beijing in December", "Shanghai at the equinox"],
)
def test_the_sun_rises_and_sets_when_the_almanac_says(place, date, rises, sets):
    sun = walked.Sun(lon=place[0], lat=place[1])
    midnight = seconds(f"{date}T00:00:00+08:00")
    day = sun.is_day(midnight + 60.0 * np.arange(1440))
    told = [int(clock[:2]) * 60 + int(clock[3:]) for clock in (rises, sets)]
    assert np.flatnonzero(day)[[0, -1]] == pytest.approx(told, abs=3)


def test_the_sun_stands_highest_where_its_declination_says():
    # the June solstice of 2024 fell on the 20th at 20:51 UTC: at the tropic the sun is overhead at noon
    noon = seconds("2024-06-20T12:00:00+00:00") + 60.0 * np.arange(-30, 30)
    assert altitude(noon, 0.0, 23.44).max() == pytest.approx(90, abs=0.1)


def test_hours_of_a_day_that_are_none_are_refused():
    with pytest.raises(InputError, match="day_from < day_to"):
        walked.Clock(day_from=20, day_to=8)


@pytest.mark.parametrize(("metres", "done"), [(90, True), (89, False)], ids=["nine tenths", "less"])
def test_a_street_that_must_be_walked_is_done_at_nine_tenths_of_its_length(metres, done):
    table = walked.must_walk(book(f"P1 day a 0 {metres} 08:00 08:01", a=100, b=50), np.array([True, False]))
    assert (table["id"].tolist(), table["done"].tolist()) == (["a"], [done])


def test_whether_a_street_is_done_is_not_known_where_the_rest_is_unknown():
    table = walked.must_walk(book("P1 day a 0 60 08:00 08:01", "P1 day a 60 95 08:01 08:09 unknown"), np.array([True]))
    assert table["done"].isna().tolist() == [True]


INTERVALS = st.lists(
    st.tuples(st.integers(0, 99), st.integers(1, 40), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=12
)


def drawn(intervals):
    """Visits of whole metres: where, how long, of which class, in which shift."""
    words, labels = walked.CLASSES, ("day", "night", "dusk")
    lines = [
        f"P1 {labels[shift]} a {at} {min(at + long, 100)} 08:{row:02d} 08:{row + 1:02d} {words[rank]}"
        for row, (at, long, rank, shift) in enumerate(intervals)
    ]
    return book(*lines)


@settings(max_examples=40, deadline=None)
@given(INTERVALS)
def test_shares_are_those_that_counting_every_metre_gives(intervals):
    surest = np.full(100, 3)
    for at, long, rank, _ in intervals:
        surest[at : at + long] = np.minimum(surest[at : at + long], rank)
    counted = np.bincount(surest, minlength=4) / 100
    table = walked.street_shares(drawn(intervals))[SHARES].fillna(0.0)
    assert table.to_numpy()[0] == pytest.approx(counted)


@settings(max_examples=25, deadline=None)
@given(INTERVALS)
def test_shifts_and_areas_are_counted_as_every_metre_gives_them(intervals):
    made = drawn(intervals)
    laid = walked.sides(made, areas(D=(-5, -5, 105, 5), D__W=(-5, -5, 37, 5), D__E=(37, -5, 105, 5)))
    table = walked.areas(made, laid)
    for number, label in enumerate(("day", "night", "dusk")):
        seen = np.zeros(100, dtype=bool)
        for at, long, rank, shift in intervals:
            seen[at : at + long] |= (rank == 0) & (shift == number)
        if f"2024-05-06 {label}" in made.shifts:
            found = [of(table, code, f"2024-05-06 {label}")["walked_m"] for code in ("D", "W", "E")]
            assert found == pytest.approx([seen.sum(), seen[:37].sum(), seen[37:].sum()])


@settings(max_examples=25, deadline=None)
@given(INTERVALS, INTERVALS)
def test_more_visits_never_lower_coverage_nor_raise_what_was_never_walked(some, more):
    less, both = (walked.street_shares(drawn(each)).fillna(0.0).iloc[0] for each in (some, some + more))
    assert both["share"] >= less["share"] - 1e-12
    assert both["share_never"] <= less["share_never"] + 1e-12


def test_moments_are_read_from_words_objects_and_columns_alike():
    text = "2024-05-06T08:00:00+08:00"
    assert seconds(text) == seconds(dt.datetime.fromisoformat(text)) == 1_714_953_600.0
    column = pd.Series(pd.to_datetime([text, None], utc=True))
    assert seconds(column)[0] == 1_714_953_600.0
    assert np.isnan(seconds(column)[1])


def test_streets_of_many_vertices_are_cut_at_the_metre():
    bend = [(0, 0), (30, 0), (30, 40), (90, 40)]
    made = book("P1 day a 20 80 08:00 08:01", a=bend)
    laid = walked.sides(made, areas(A=(-5, -5, 30.01, 20), B=(-5, 20, 200, 50)))
    assert [of(walked.areas(made, laid), code)["walked_m"] for code in "AB"] == pytest.approx([30, 30])


def test_streets_in_degrees_are_measured_in_metres():
    line = gpd.GeoSeries([shapely.LineString([(X0, Y0), (X0 + 100, Y0)])], crs=ZONE).to_frame("geometry")
    table = gpd.GeoDataFrame(line.assign(id="a"), geometry="geometry", crs=ZONE)
    made = ledger(rows("P1 day a 0 50 08:00 08:01"), to_record(table))
    assert walked.street_shares(made)["length_m"].tolist() == pytest.approx([100], abs=1e-3)


def test_a_street_that_stands_twice_is_refused():
    table = pd.concat([streets(a=100), streets(a=50)], ignore_index=True)
    with pytest.raises(TableError, match="give each row its own") as caught:
        ledger(rows("P1 day a 0 10 08:00 08:01"), table)
    assert caught.value.faults[0].feature == 2
