"""What patrols have in sight, and what they leave beside cameras, worked out by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from gridmap.coverage import walked
from gridmap.coverage.walked.sight import within
from gridmap.errors import InputError, TableError
from gridmap.tracks.matching.corridors import Corridors
from gridmap.visibility import scene
from gridmap.visibility.lines import Parts
from tests.walkbook import X0, Y0, ZONE, areas, book, moment, rows, streets
from tests.walkbook import streets as lines


def parts(*rows, streets=1):
    line, low, high = (np.array(each) for each in zip(*rows, strict=True))
    none = np.zeros(len(rows), np.int64)
    return Parts(line=line, from_m=low * 1.0, to_m=high * 1.0, view=none, band=none, length_m=np.full(streets, 100.0))


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
