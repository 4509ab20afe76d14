"""Fixes matched to streets: hand-worked streets, and what is never claimed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.errors import InputError
from gridmap.samples import town
from gridmap.tracks import Cleaning, judge
from gridmap.tracks.matching import Beside, Matching, Prepared, match, prepared
from tests import walks

START = dt.datetime(2024, 5, 6, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))

#: Metres by which the smoothing of noise shortens a way at the place where a crew turns back.
TURNED_M = 8


def streets(**lines: list[tuple[float, float]]) -> geopandas.GeoDataFrame:
    """A table of streets by their vertices in metres; a name with an underscore is one of a footway."""
    kinds = ["footway" if "_" in name else "residential" for name in lines]
    geometry = [shapely.LineString(line) for line in lines.values()]
    return geopandas.GeoDataFrame({"id": list(lines), "class": kinds}, geometry=geometry, crs=4549)


def track(*places: tuple[float, float], every_s: float = 5, seconds: Any = None) -> geopandas.GeoDataFrame:
    """Fixes of one post at places in metres, so many seconds apart."""
    after = np.arange(len(places)) * every_s if seconds is None else np.asarray(seconds)
    times = pd.Timestamp(START) + pd.to_timedelta(after, unit="s")
    points = geopandas.points_from_xy(*np.array(places, dtype=float).T)
    return geopandas.GeoDataFrame({"post": "A", "time": times}, geometry=points, crs=4549)


def along(*corners: tuple[float, float], step: float = 7) -> list[tuple[float, float]]:
    """Places every few metres along a line, its end included."""
    line = shapely.LineString(corners)
    at = [*np.arange(0, line.length, step), line.length]
    return [(point.x, point.y) for point in shapely.line_interpolate_point(line, at)]


def walked(fixes: geopandas.GeoDataFrame, table: geopandas.GeoDataFrame | Prepared) -> list[tuple[Any, ...]]:
    """Street, metres, direction and class of each visit, in order."""
    rows = match(fixes, table)[1][["street", "from_m", "to_m", "direction", "class"]]
    return [(street, round(a), round(b), way, kind) for street, a, b, way, kind in rows.itertuples(index=False)]


def test_a_street_walked_from_end_to_end_is_one_visit_along_it() -> None:
    table = streets(A=[(0, 0), (200, 0)])
    assert walked(track(*along((0, 2), (200, 2))), table) == [("A", 0, 200, 1, "observed")]


def test_a_street_walked_against_its_line_has_its_metres_from_low_to_high_and_the_direction_minus_one() -> None:
    table = streets(A=[(0, 0), (200, 0)])
    assert walked(track(*along((150, 0), (50, 0))), table) == [("A", 50, 150, -1, "observed")]


def test_of_parallel_streets_twenty_metres_apart_the_nearer_one_is_walked() -> None:
    table = streets(A=[(0, 0), (300, 0)], B=[(0, 20), (300, 20)], C=[(0, 0), (0, 20)], D=[(300, 0), (300, 20)])
    wobbling = [(x, 16 + 5 * (k % 2)) for k, x in enumerate(range(20, 280, 7))]
    assert walked(track(*wobbling), table) == [("B", 20, 279, 1, "observed")]


def test_a_way_there_and_back_has_no_direction_and_its_metres_once() -> None:
    table = streets(A=[(0, 0), (300, 0)])
    (street, low, high, direction, _), *others = walked(track(*along((20, 0), (150, 0), (40, 0))), table)
    assert (street, low, direction, others) == ("A", 20, 0, [])
    assert high == pytest.approx(150, abs=TURNED_M)


def test_a_dead_end_is_walked_there_and_back_between_two_visits_of_the_main_street() -> None:
    table = streets(A=[(0, 0), (300, 0)], B=[(150, 0), (150, 100)])
    fixes = track(*along((50, 0), (150, 0), (150, 80), (150, 0), (250, 0)))
    before, (street, low, high, direction, _), after = walked(fixes, table)
    assert (before, after) == (("A", 50, 150, 1, "observed"), ("A", 150, 250, 1, "observed"))
    assert (street, low, direction) == ("B", 0, 0)
    assert high == pytest.approx(80, abs=TURNED_M)


def test_a_few_metres_into_a_side_street_and_back_are_noise_and_the_way_goes_on() -> None:
    table = streets(A=[(0, 0), (300, 0)], B=[(150, 0), (150, 100)])
    fixes = track(*along((50, 0), (150, 0), (150, 10), (150, 0), (250, 0), step=5), every_s=4)
    assert walked(fixes, table) == [("A", 50, 250, 1, "observed")]


def test_a_corner_passes_over_to_the_next_street_at_their_junction() -> None:
    table = streets(A=[(0, 0), (150, 0)], B=[(150, 0), (150, 150)])
    assert walked(track(*along((50, 0), (150, 0), (150, 100))), table) == [
        ("A", 50, 150, 1, "observed"),
        ("B", 0, 100, 1, "observed"),
    ]


def test_a_junction_is_passed_when_an_even_pace_passes_it() -> None:
    table = streets(A=[(0, 0), (150, 0)], B=[(150, 0), (150, 150)])
    rows = match(track((100, 0), (130, 0), (150, 30), (150, 60), every_s=20), table)[1]
    passed = [(moment - pd.Timestamp(START)).total_seconds() for moment in (rows["end"][0], rows["start"][1])]
    assert passed == [pytest.approx(28, abs=0.01)] * 2


def test_a_street_is_not_left_where_a_bridge_crosses_it() -> None:
    lines = {"A": [(0, 0), (100, 0), (300, 0)], "B": [(100, -100), (100, 0), (100, 100)]}
    table = streets(**lines).assign(layer=[None, "1"])
    fixes = track(*along((20, 1), (96, 1)), *along((102, 8), (102, 60)))
    assert ("B", "observed") in {row[::4] for row in walked(fixes, streets(**lines))}
    assert all(low >= 20 and kind != "inferred" for _, low, _, _, kind in walked(fixes, table))
    joins = [row for row in walked(fixes, table) if row[0] == "B" and row[1] < 5 and row[4] == "observed"]
    assert joins == []


def test_a_loop_walked_round_is_walked_whole() -> None:
    square = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    table = streets(A=[(-100, 0), (0, 0)], B=square)
    rows = walked(track(*along((-50, 0), *square, (-50, 0))), table)
    assert [row[:3] for row in rows] == [("A", 50, 100), ("B", 0, 400), ("A", 50, 100)]


def test_fixes_say_where_on_which_street_they_were_and_how_far_from_it() -> None:
    fixes, _ = match(track((0, 4), (30, 4), (60, 4)), streets(A=[(0, 0), (200, 0)]))
    assert fixes[["street", "along_m", "offset_m"]].to_numpy().tolist() == [["A", 0, 4], ["A", 30, 4], ["A", 60, 4]]


def test_fixes_far_from_all_streets_are_on_none_and_what_was_walked_past_them_was_not_observed() -> None:
    table = streets(A=[(0, 0), (300, 0)])
    there = [*along((0, 0), (100, 0)), (110, 80), (120, 80), *along((130, 0), (200, 0))]
    seconds = np.arange(len(there)) * 20.0
    fixes, rows = match(track(*there, seconds=seconds), table)
    assert fixes["street"].isna().sum() == 2
    assert set(rows.loc[(rows["from_m"] < 115) & (rows["to_m"] > 115), "class"]) == {"inferred"}


@pytest.mark.parametrize(
    ("silence", "kind"), [(30, "observed"), (31, "inferred"), (180, "inferred"), (181, "unknown"), (900, "unknown")]
)
def test_the_way_over_a_silence_is_observed_up_to_30_s_and_inferred_up_to_180_s(silence: int, kind: str) -> None:
    seconds = [0, 5, 10, 10 + silence, 15 + silence, 20 + silence]
    fixes = track((0, 0), (7, 0), (14, 0), (114, 0), (121, 0), (128, 0), seconds=seconds)
    rows = match(fixes, streets(A=[(0, 0), (300, 0)]))[1]
    assert set(rows.loc[(rows["from_m"] < 60) & (rows["to_m"] > 60), "class"]) == {kind}


def test_standing_still_is_no_way_and_no_gap() -> None:
    wander = np.random.default_rng(5).normal((100, 0), 4, (60, 2))
    there = [*along((30, 0), (100, 0)), *map(tuple, wander), *along((100, 0), (170, 0))]
    table = streets(A=[(0, 0), (300, 0)], B=[(100, 0), (100, 100)])
    assert walked(track(*there), table) == [("A", 30, 170, 1, "observed")]


def test_a_silence_while_standing_parts_the_visit_so_that_nothing_observed_spans_it() -> None:
    there = [*along((30, 0), (100, 0)), *[(100, 0)] * 60, *along((100, 0), (170, 0))]
    seconds = np.arange(len(there)) * 5.0
    seconds[40:] += 100
    rows = match(track(*there, seconds=seconds), streets(A=[(0, 0), (300, 0)]))[1]
    silent = pd.Timestamp(START) + pd.to_timedelta([seconds[39] + 1, seconds[40] - 1], unit="s")
    assert not ((rows["start"] < silent[0]) & (rows["end"] > silent[1]) & (rows["class"] == "observed")).any()


def test_a_fix_thrown_sixty_metres_away_does_not_draw_the_way_to_another_street() -> None:
    table = streets(A=[(0, 0), (400, 0)], B=[(0, 60), (400, 60)], C=[(0, 0), (0, 60)], D=[(190, 0), (190, 60)])
    there = along((20, 0), (370, 0), step=14)
    there[12] = (there[12][0], 60.0)
    assert walked(track(*there, every_s=10), table) == [("A", 20, 370, 1, "observed")]


def test_no_route_is_taken_that_nobody_is_fast_enough_for() -> None:
    table = streets(A=[(0, 0), (1000, 0)], B=[(0, 40), (1000, 40)], C=[(0, 0), (0, 40)])
    there = [*along((450, 0), (500, 0)), *along((500, 40), (550, 40))]
    rows = match(track(*there), table)[1]
    known = rows[rows["class"] != "unknown"]
    assert known["from_m"].min() >= 440
    assert known["to_m"].max() <= 560


@pytest.mark.parametrize(("pause", "streets_walked"), [(5, {"A", "B"}), (15, {"A", "B", "C"})])
def test_a_detour_is_walked_only_where_there_was_time_for_it(pause: int, streets_walked: set[str]) -> None:
    table = streets(A=[(0, 0), (120, 0)], B=[(0, 45), (120, 45)], C=[(0, 0), (0, 45)])
    there = [*along((40, 0), (75, 0)), *along((75, 45), (110, 45))]
    seconds = np.arange(len(there)) * 5.0 + np.where(np.arange(len(there)) < len(there) / 2, 0, pause - 5)
    assert set(match(track(*there, seconds=seconds), table)[1]["street"]) == streets_walked


def test_shifts_are_not_joined() -> None:
    seconds = [0, 5, 10, 11 * 3600, 11 * 3600 + 5, 11 * 3600 + 10]
    fixes = track((1, 0), (7, 0), (14, 0), (114, 0), (121, 0), (128, 0), seconds=seconds)
    rows = match(fixes, streets(A=[(0, 0), (300, 0)]))[1]
    assert rows["shift"].tolist() == ["2024-05-06 day", "2024-05-06 night"]
    assert rows[["from_m", "to_m"]].to_numpy().round().tolist() == [[1, 14], [114, 128]]


def test_what_is_walked_beside_a_street_is_walked_on_it_once() -> None:
    table = streets(A=[(0, 0), (300, 0)], left_path=[(0, 10), (300, 10)], right_path=[(300, -10), (0, -10)])
    rows = match(track(*along((20, 10), (200, 10))), table)
    assert walked(track(*along((20, 10), (200, 10))), table) == [("A", 20, 200, 1, "observed")]
    assert set(rows[0]["street"]) == {"A"}
    assert set(rows[0]["way"]) == {"left_path"}


def test_a_side_path_drawn_against_its_street_is_walked_in_the_direction_of_the_street() -> None:
    table = streets(A=[(0, 0), (300, 0)], right_path=[(300, -10), (0, -10)])
    assert walked(track(*along((20, -10), (200, -10))), table) == [("A", 20, 200, 1, "observed")]


def test_the_order_of_the_fixes_and_how_many_are_matched_at_a_time_do_not_matter() -> None:
    ready = prepared(streets(A=[(0, 0), (300, 0)], B=[(150, 0), (150, 200)]))
    small = prepared(streets(A=[(0, 0), (300, 0)], B=[(150, 0), (150, 200)]), matching=Matching(batch=10))
    fixes = pd.concat([track(*along((20, 0), (150, 0), (150, 100))).assign(post=post) for post in "AB"])
    fixes.loc[fixes["post"] == "B", "time"] += pd.Timedelta(seconds=7)
    expected = match(fixes, ready)[1]
    pd.testing.assert_frame_equal(match(fixes.sample(frac=1, random_state=3), ready)[1], expected)
    pd.testing.assert_frame_equal(match(fixes, small)[1], expected)
    assert set(expected["post"]) == {"A", "B"}


def test_fixes_in_degrees_are_matched_as_those_in_metres_and_go_back_in_degrees() -> None:
    table, fixes = streets(A=[(400_000, 3_500_000), (400_300, 3_500_000)]), None
    fixes = track(*[(x + 400_000, y + 3_500_000) for x, y in along((20, 0), (200, 0))])
    placed, rows = match(fixes.to_crs(4326), table.to_crs(4490))
    assert placed.crs == 4326
    assert rows[["street", "from_m", "to_m"]].round(1).to_numpy().tolist() == [["A", 20.0, 200.0]]


def test_no_fix_near_a_street_is_no_walk() -> None:
    fixes, rows = match(track((0, 500), (7, 500), (14, 500)), streets(A=[(0, 0), (300, 0)]))
    assert fixes["street"].isna().all()
    assert len(rows) == 0


@pytest.fixture(scope="module")
def town_ready() -> tuple[Prepared, geopandas.GeoDataFrame]:
    """The streets of the sample town, ready, and their table in metres."""
    table = town()["streets"]
    table = table[table["class"].notna()].reset_index(drop=True)
    table = table.to_crs(table.estimate_utm_crs())
    return prepared(table), table


def scored(ready: Prepared, table: geopandas.GeoDataFrame, manner: walks.Manner, seeds: range) -> pd.DataFrame:
    """Recall and false share of what was observed, walk by walk."""
    graph = ready.ground.graph
    each = [walks.walk(graph, np.random.default_rng(seed), manner, post=f"post {seed}") for seed in seeds]
    rows = match(walks.fixes(each, graph.crs), ready)[1]
    rows = rows[rows["class"] == "observed"]
    row, lines = {name: k for k, name in enumerate(ready.ids)}, table.geometry.to_numpy()
    found = []
    for one in each:
        mine = rows[rows["post"] == one.post]
        claimed = walks.lines(walks.united(mine["street"].map(row), mine["from_m"], mine["to_m"]), lines)
        whole, seen = walks.truth(one, graph), walks.truth(one, graph, one.seen)
        true = [
            walks.lines(walks.united(part["street"], part["from_m"], part["to_m"]), lines) for part in (whole, seen)
        ]
        found.append(walks.score(claimed, *true))
    return pd.DataFrame(found)


@pytest.mark.parametrize("speed", [1.4, 4.2], ids=["on foot", "on electric bicycles"])
def test_of_what_is_walked_in_the_sample_town_98_percent_is_found_and_less_than_1_percent_is_claimed_besides(
    town_ready: tuple[Prepared, geopandas.GeoDataFrame], speed: float
) -> None:
    found = scored(*town_ready, walks.Manner(speed_m_s=speed), range(90_000, 90_004))
    assert np.average(found["recall"], weights=found["seen_m"]) >= 0.98
    assert np.average(found["false"], weights=found["walked_m"]) <= 0.01


@pytest.fixture(scope="module")
def centre_ready(shared_data: Any) -> tuple[Prepared, geopandas.GeoDataFrame]:
    """The centre of Helsinki with all its sidewalks, ready, and its table in metres."""
    table = walks.helsinki(shared_data("helsinki_osm/Helsinki.osm.pbf"))
    return prepared(table), table


def test_in_a_centre_with_dense_sidewalks_98_percent_is_found_and_less_than_1_percent_is_claimed_besides(
    centre_ready: tuple[Prepared, geopandas.GeoDataFrame],
) -> None:
    found = scored(*centre_ready, walks.Manner(), range(90_000, 90_010))
    assert np.average(found["recall"], weights=found["seen_m"]) >= 0.98
    assert np.average(found["false"], weights=found["walked_m"]) <= 0.01


@pytest.mark.parametrize("ground", ["town_ready", "centre_ready"])
def test_nothing_is_observed_inside_a_silence(ground: str, request: pytest.FixtureRequest) -> None:
    ready: Prepared = request.getfixturevalue(ground)[0]
    graph = ready.ground.graph
    each = [
        walks.walk(graph, np.random.default_rng(seed), walks.Manner(gaps=5, long_gaps=2), post=f"post {seed}")
        for seed in range(90_100, 90_108)
    ]
    rows = match(walks.fixes(each, graph.crs), ready)[1]
    for one in each:
        mine = rows[(rows["post"] == one.post) & (rows["class"] == "observed")]
        spans = [(mine[name] - pd.Timestamp(walks.START)).dt.total_seconds().to_numpy() for name in ("start", "end")]
        sent = np.unique(one.time)
        silent = np.flatnonzero(np.diff(sent) > 30)
        for low, high in zip(sent[silent], sent[silent + 1], strict=True):
            assert not ((spans[0] < high - 0.01) & (spans[1] > low + 0.01)).any()


def test_the_fixes_of_the_sample_town_lie_where_its_truth_says() -> None:
    made = town(buildings=300)
    fixes, _ = match(made["fixes"], made["streets"])
    true = made["truth_fixes"].set_index("fix").loc[fixes["row"]]
    near = ~true["wild"].to_numpy() & (np.abs(fixes["along_m"].to_numpy() - true["along_m"].to_numpy()) < 25)
    right = (fixes["street"].to_numpy() == true["street"].to_numpy()) & near
    assert right.mean() > 0.9


def test_judged_fixes_are_taken_as_they_were_judged() -> None:
    fixes, table = track(*along((0, 0), (200, 0))), streets(A=[(0, 0), (300, 0)])
    judged = judge(fixes, cleaning=Cleaning(gap_s=4))
    assert match(None, table, judged=judged)[1]["class"].tolist() == ["unknown"]


def test_no_receiver_is_believed_to_err_by_a_centimetre() -> None:
    links = {f"L{x}": [(x, 0), (x, 20)] for x in range(0, 301, 50)}
    table = streets(A=[(0, 0), (300, 0)], B=[(0, 20), (300, 20)], **links)
    there = [(x, 11 if 100 <= x <= 128 else 0) for x in range(30, 271, 14)]
    assert {row[0] for row in walked(track(*there).assign(accuracy_m=0.01), table)} == {"A"}


def test_no_way_leads_back_in_time_from_one_leg_to_the_next() -> None:
    judged = judge(track(*along((7, 0), (140, 0))))
    late = np.repeat([0, 1], [10, len(judged.fixes) - 10])
    fixes = judged.fixes.assign(
        leg=judged.fixes["leg"] + late, time=judged.fixes["time"] - pd.to_timedelta(6 * late, unit="s")
    )
    rows = match(None, streets(A=[(0, 0), (300, 0)]), judged=dataclasses.replace(judged, fixes=fixes))[1]
    assert rows[["from_m", "to_m", "class"]].round().to_numpy().tolist() == [[7, 70, "observed"], [77, 140, "observed"]]


def test_a_street_of_its_own_may_be_asked_for_every_path() -> None:
    table = streets(A=[(0, 0), (300, 0)], left_path=[(0, 10), (300, 10)])
    ready = prepared(table, beside=Beside(width_m=0))
    assert walked(track(*along((20, 10), (200, 10))), ready) == [("left_path", 20, 200, 1, "observed")]


def test_without_fixes_nothing_is_matched() -> None:
    with pytest.raises(InputError, match="neither fixes nor judged fixes"):
        match(None, streets(A=[(0, 0), (300, 0)]))
