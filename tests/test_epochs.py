"""What became of each parcel between two epochs: every kind, noise, books that balance, and what must be told."""

from __future__ import annotations

import time
from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from gridmap.disputes import LineageLimits, compare_epochs, epochs
from gridmap.errors import CrsError, InputError, TableError
from gridmap.samples import town
from gridmap.tessellation.lineage.identity import ground_keys
from tests.benchmarks.epochs_grounds import pair


def year(crs=4549, **shapes):
    """Parcels by identifier."""
    return gpd.GeoDataFrame({"id": list(shapes)}, geometry=list(shapes.values()), crs=crs)


def told(table):
    """``a>b split`` for each row."""
    rows = zip(table["old"], table["new"], table["kind"], strict=True)
    return [f"{old or '-'}>{new or '-'} {kind}" for old, new, kind in rows]


def findings(old, new, **limits):
    found = compare_epochs(old, new, limits=LineageLimits(**limits)).findings
    return list(zip(found["code"], found["epoch"], found["parcels"], found["area_m2"].round(2), strict=True))


WEST, EAST, BOTH = box(0, 0, 100, 100), box(100, 0, 200, 100), box(0, 0, 200, 100)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": WEST, "b": EAST}, {"a": WEST, "b": EAST}, ["a>a unchanged", "b>b unchanged"]),
        ({"a": WEST}, {"x": WEST}, ["a>x renamed"]),
        ({"a": WEST, "b": EAST}, {"c": BOTH}, ["a>c merge", "b>c merge"]),
        ({"c": BOTH}, {"a": WEST, "b": EAST}, ["c>a split", "c>b split"]),
        (
            {"a": WEST, "b": EAST},
            {"a": box(0, 0, 110, 100), "b": box(110, 0, 200, 100)},
            ["a>a adjusted", "b>a adjusted", "b>b adjusted"],
        ),
        (
            {"a": WEST, "b": EAST},
            {"x": box(0, 0, 50, 100), "y": box(50, 0, 150, 100), "z": box(150, 0, 200, 100)},
            ["a>x complex", "a>y complex", "b>y complex", "b>z complex"],
        ),
        ({"a": WEST}, {"a": WEST, "b": EAST}, ["a>a unchanged", "->b created"]),
        ({"a": WEST, "b": EAST}, {"a": WEST}, ["a>a unchanged", "b>- abolished"]),
        ({"a": BOTH}, {"a": WEST}, ["a>a adjusted", "a>- adjusted"]),
    ],
    ids=["unchanged", "renamed", "merge", "split", "adjusted", "complex", "created", "abolished", "part lost"],
)
def test_each_kind_is_told(old, new, expected):
    assert told(epochs(year(**old), year(**new))) == expected


def test_shares_areas_and_ground_are_those_of_the_common_ground():
    found = epochs(year(a=WEST, b=EAST), year(a=box(0, 0, 110, 100), b=box(110, 0, 200, 100)))
    assert found["area_m2"].tolist() == [10000, 1000, 9000]
    assert found["share_old"].round(9).tolist() == [1, 0.1, 0.9]
    assert found["share_new"].round(6).tolist() == [0.909091, 0.090909, 1]
    assert found.geometry[1].equals(box(100, 0, 110, 100))


def test_a_strip_over_a_moved_border_does_not_descend_and_both_owners_are_events_of_their_own():
    found = epochs(year(a=WEST, b=EAST), year(a=box(0, 0, 110, 100), b=box(110, 0, 200, 100)))
    assert found["descends"].tolist() == [True, False, True]
    assert found["event"].tolist() == [0, 1, 1]


def test_a_merger_is_one_event():
    assert epochs(year(a=WEST, b=EAST, d=box(300, 0, 400, 9)), year(c=BOTH, d=box(300, 0, 400, 9)))[
        "event"
    ].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    "drawn",
    [
        box(0, 0, 100, 100, ccw=False),
        shapely.Polygon([(100, 100), (0, 100), (0, 0), (100, 0)]),
        shapely.Polygon([(0.0004, 0), (100, 0), (100, 100), (0, 99.9996)]),
        shapely.Polygon([(0, 0), (0, 0), (100, 0), (100, 100), (0, 100)]),
        shapely.MultiPolygon([WEST]),
        shapely.set_precision(WEST, 0.001),
        shapely.force_3d(WEST, 7),
    ],
    ids=["other way", "other corner", "0.4 mm off", "corner twice", "multi", "snapped", "height"],
)
def test_the_same_ground_is_known_however_it_is_drawn(drawn):
    assert told(epochs(year(a=WEST), year(b=drawn))) == ["a>b renamed"]
    assert len(set(ground_keys(np.array([WEST, shapely.force_2d(drawn)])).tolist())) == 1


def test_vertices_that_were_rounded_apart_are_the_same_ground_without_an_overlay():
    drawn = [shapely.Polygon([(x, 0), (100, 0), (100, 100), (0, 100)]) for x in (0.0004, 0.0006)]
    found = compare_epochs(year(a=drawn[0]), year(a=drawn[1]))
    assert told(found.lineage) == ["a>a unchanged"]
    assert found.dropped.empty


def test_the_books_say_what_a_millimetre_is_worth():
    off = shapely.Polygon([(0.0004, 0), (100, 0), (100, 100), (0, 100)])
    books = compare_epochs(year(a=WEST), year(a=off)).ledger.set_index("epoch")
    # the ground in common is booked as the old parcel has it
    assert books["dropped_m2"].round(6).to_dict() == {"old": 0.0, "new": -0.02}
    assert books["error_m2"].abs().max() < 1e-9


def test_ground_that_was_snapped_to_a_lattice_is_not_snapped_again():
    halves = {"a": box(0, 0, 50, 100), "b": box(50, 0, 100, 100)}
    old = year(**{name: shapely.set_precision(shape, 1) for name, shape in halves.items()})
    found = epochs(old, year(c=shapely.Polygon([(0, 0), (100, 0), (100, 33)])))
    # the line is at half of 33 where the two meet
    assert found.loc[found["new"] == "c", "area_m2"].tolist() == [412.5, 1237.5]


def test_heights_do_not_count():
    assert not epochs(year(a=shapely.force_3d(WEST, 7)), year(a=EAST)).geometry.has_z.any()


def test_two_millimetres_are_other_ground():
    moved = shapely.Polygon([(0.002, 0), (100, 0), (100, 100), (0, 100)])
    assert len(set(ground_keys(np.array([WEST, moved])).tolist())) == 2


def test_keys_that_fall_together_by_chance_make_no_ground_the_same(monkeypatch):
    name = "gridmap.tessellation.lineage.identity.ground_keys"
    monkeypatch.setattr(name, lambda shapes: np.zeros(len(shapes), dtype=np.uint64))
    assert told(epochs(year(a=WEST), year(b=BOTH))) == ["a>b adjusted", "->b adjusted"]


def test_a_hole_is_part_of_the_ground():
    holed = WEST - box(40, 40, 60, 60)
    assert len(set(ground_keys(np.array([WEST, holed, box(40, 40, 60, 60)])).tolist())) == 3
    assert told(epochs(year(a=WEST), year(a=holed))) == ["a>a adjusted", "a>- adjusted"]


def wandering(by):
    """The two parcels with a common border that swings by so many metres to either side."""
    border = [(100 + (by if k % 2 else -by), 10 * k) for k in range(11)]
    return year(a=shapely.Polygon([(0, 0), *border, (0, 100)]), b=shapely.Polygon([*border, (200, 100), (200, 0)]))


def test_borders_that_wander_within_the_noise_change_nothing_and_their_slivers_are_booked():
    found = compare_epochs(wandering(2), wandering(-2), limits=LineageLimits(tolerance_m=4.1))
    assert told(found.lineage) == ["a>a unchanged", "b>b unchanged"]
    # ten triangles of which five each passed over: two borders that cross at 5 m, 4 m apart at the ends of a step
    assert found.dropped["area_m2"].sum() == pytest.approx(found.ledger["dropped_m2"][:2].sum())
    assert found.ledger["dropped_m2"][:2].sum() == pytest.approx(200)


def test_borders_that_wander_further_than_the_noise_are_adjusted():
    assert set(epochs(wandering(2), wandering(-2), limits=LineageLimits(tolerance_m=1))["kind"]) == {"adjusted"}


def test_parts_below_the_least_area_are_dropped_and_booked():
    old, new = year(a=WEST), year(a=WEST - box(0, 0, 3, 3))
    found = compare_epochs(old, new, limits=LineageLimits(least_m2=10))
    assert told(found.lineage) == ["a>a unchanged"]
    assert found.dropped[["old", "area_m2"]].to_dict("records") == [{"old": "a", "area_m2": 9.0}]
    assert found.ledger.set_index("epoch")["dropped_m2"].to_dict() == {"old": 9.0, "new": 0.0}


def test_a_parcel_that_is_all_noise_still_has_its_row():
    lane = box(0, 0, 100, 0.1)
    assert told(epochs(year(a=lane), year(a=shapely.segmentize(lane, 20), b=EAST))) == ["a>a unchanged", "->b created"]


def test_ground_under_an_unchanged_parcel_is_not_created_but_held_twice():
    found = compare_epochs(year(a=WEST), year(a=WEST, b=box(50, 0, 150, 100)))
    assert found.lineage[["old", "new", "area_m2"]].to_numpy(dtype=object).tolist() == [
        ["a", "a", 10000.0],
        ["a", "b", 5000.0],
        [None, "b", 5000.0],
    ]
    assert found.ledger["twice_m2"].round(6).tolist() == [5000, 0, 0]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            {"a": shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])},
            {"a": WEST},
            ("invalid_ring", "old", "a", 50.0),
        ),
        (
            {"a": WEST},
            {"a": shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])},
            ("invalid_ring", "new", "a", 50.0),
        ),
        ({"a": WEST, "b": box(90, 0, 200, 100)}, {"a": WEST}, ("overlap", "old", "a;b", 1000.0)),
        ({"a": WEST}, {"a": WEST, "b": box(20, 20, 30, 30)}, ("overlap", "new", "a;b", 100.0)),
        (
            {"a": WEST},
            {"a": shapely.MultiPolygon([WEST, box(300, 0, 310, 10)])},
            ("exclave", "new", "a", 100.0),
        ),
        (
            {"a": WEST - box(40, 40, 60, 60), "b": box(40, 40, 60, 60)},
            {"a": WEST},
            ("enclave", "old", "b;a", 400.0),
        ),
        ({"a": WEST}, {"a": box(400, 0, 430, 100)}, ("reused_id", None, "a", 3000.0)),
    ],
    ids=["invalid", "invalid after", "overlap", "overlap inside", "exclave", "enclave", "reused identifier"],
)
def test_what_should_be_known_is_told(old, new, expected):
    assert expected in findings(year(**old), year(**new))


def test_an_overlap_is_told_of_each_epoch_that_has_it_wherever_it_lies():
    held = {"a": WEST, "b": box(90, 0, 200, 100)}
    assert [row[:3] for row in findings(year(**held), year(**held))] == [
        ("overlap", "old", "a;b"),
        ("overlap", "new", "a;b"),
    ]
    fits, overlaid = {"a": WEST, "b": EAST, "z": box(200, 0, 300, 100)}, {"b": box(100, 0, 250, 100)}
    assert findings(year(**fits), year(**fits | overlaid)) == [("overlap", "new", "b;z", 5000.0)]


def test_an_overlap_within_the_noise_is_not_told():
    assert findings(year(a=WEST, b=box(99.9, 0, 200, 100)), year(a=WEST, b=EAST)) == []


def test_findings_are_said_in_both_languages():
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    told = compare_epochs(year(a=bow), year(a=WEST, b=box(90, 0, 200, 100))).findings
    assert told["message"].tolist() == [
        "parcel a: its rings cross; it was mended and is 50.00 m2",
        "parcels a and b both hold 1000.00 m2; it counts for both",
        "parcel a lies in 2 parts; 25.00 m2 are apart from the largest",
    ]
    assert told["message_zh"].tolist() == [
        "宗地 a 的边线自相交叉或相互交叉，已修正，面积为 50.00 平方米",
        "宗地 a 与 b 重叠 1000.00 平方米，两宗均计入",
        "宗地 a 分为 2 块，最大一块之外有 25.00 平方米",
    ]


def test_two_files_of_different_places_are_told():
    found = compare_epochs(year(a=WEST), year(b=box(400, 0, 430, 100))).findings
    assert found["code"].tolist() == ["nothing_common"]
    assert "lie 300 m apart" in found["message"][0]
    assert "相距 300 米" in found["message_zh"][0]


def test_two_good_epochs_give_no_findings():
    assert findings(year(a=WEST, b=EAST), year(c=BOTH)) == []


def test_an_epoch_that_was_drawn_anew_is_told_with_how_far_its_borders_lie_off():
    found = compare_epochs(wandering(2), wandering(-2), limits=LineageLimits(tolerance_m=4.1)).findings
    assert found["code"].tolist() == ["drawn_anew"]
    # the borders are 4 m apart at each corner, and nowhere nearer than that over sqrt(10^2 + 4^2) * 10
    assert "0 of 2 parcels are drawn as before; borders of those that stayed lie off by 3.71 m" in found["message"][0]


def test_the_order_of_the_rows_does_not_matter():
    made = pair(200, changed=0.5)
    found = epochs(made.old, made.new)
    mixed = epochs(made.old.sample(frac=1, random_state=1), made.new.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(found, mixed)


def test_degrees_give_the_areas_of_metres_and_ground_in_degrees():
    metres = year(a=shapely.transform(WEST, lambda xy: xy + np.array([500_000, 3_350_000])))
    found = epochs(metres.to_crs(4490), metres.to_crs(4490).assign(id="b"))
    assert found["area_m2"][0] == pytest.approx(10_000, rel=1e-6)
    assert found.crs == 4490
    assert found.total_bounds[0] == pytest.approx(120, abs=0.01)


@pytest.mark.parametrize(
    ("old", "error", "said"),
    [
        (gpd.GeoDataFrame({"id": ["a", "a"]}, geometry=[WEST, EAST], crs=4549), TableError, "feature 2.*another"),
        (
            gpd.GeoDataFrame({"id": ["a", None]}, geometry=[WEST, EAST], crs=4549),
            TableError,
            "feature 2.*no identifier",
        ),
        (gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(0, 0)], crs=4549), TableError, "Point"),
        (gpd.GeoDataFrame({"id": ["a"]}, geometry=[None], crs=4549), TableError, "no geometry"),
        (gpd.GeoDataFrame({"name": ["a"]}, geometry=[WEST], crs=4549), TableError, "no column id"),
        (gpd.GeoDataFrame({"id": ["a"]}, geometry=[WEST]), CrsError, "does not say"),
        (gpd.GeoDataFrame({"id": ["a"]}, geometry=[WEST], crs=2385), CrsError, "Xian 1980"),
        ([WEST], InputError, "GeoDataFrame"),
    ],
    ids=["twice", "no id", "point", "no geometry", "no column", "no crs", "other datum", "no table"],
)
def test_what_cannot_be_compared_is_refused(old, error, said):
    with pytest.raises(error, match=said):
        epochs(old, year(a=WEST))


def test_two_empty_epochs_are_refused_and_one_is_not():
    none = year(a=WEST).iloc[:0]
    with pytest.raises(InputError, match="without any row"):
        epochs(none, none)
    assert told(epochs(none, year(a=WEST))) == ["->a created"]
    assert told(epochs(year(a=WEST), none)) == ["a>- abolished"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 400)] * 4), min_size=1, max_size=6), st.randoms())
def test_the_books_balance_for_any_ground(boxes, random):
    shapes = [box(x, y, x + 1 + w / 7, y + 1 + h / 3) for x, y, w, h in boxes]
    old = year(**{f"p{k}": shape for k, shape in enumerate(shapes)})
    new = year(
        **{f"p{k}": shapely.transform(shape, lambda xy: xy + random.uniform(0, 30)) for k, shape in enumerate(shapes)}
    )
    found = compare_epochs(old, new)
    books = found.ledger
    assert (books["error_m2"].abs() <= 1e-6 * books["area_m2"]).all()
    gone = books[["common_m2", "alone_m2", "dropped_m2", "error_m2"]].sum(axis=1)
    np.testing.assert_allclose(books["area_m2"] + books["twice_m2"], gone, rtol=1e-12)
    # what is alone was never held by the other epoch, whatever overlaps
    alone = found.lineage[found.lineage["new"].isna()].union_all()
    assert alone.intersection(new.union_all()).area == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("seed", [0, 7, 8])
def test_the_parcels_of_the_sample_town_are_read_as_their_truth_says(seed):
    made = town(seed=seed, buildings=200)
    found = epochs(made["parcels_before"], made["parcels"])
    truth = made["truth_parcels"]
    assert Counter(told(found)) == Counter(told(truth.astype(object).where(truth.notna(), None)))


@pytest.fixture(scope="module")
def made_pair():
    made = pair(8000)
    return made, compare_epochs(made.old, made.new)


def test_a_made_pair_is_read_as_it_was_made(made_pair):
    made, found = made_pair
    assert 0.065 < made.changed < 0.075
    assert Counter(told(found.lineage)) == Counter(told(made.truth))


def test_the_books_of_a_made_pair_balance_to_a_millionth_of_each_parcel(made_pair):
    books = made_pair[1].ledger
    assert (books["error_m2"].abs() / books["area_m2"]).max() < 1e-9
    assert books["twice_m2"].eq(0).all()
    old = books[books["epoch"] == "old"]
    assert old["area_m2"].sum() == pytest.approx(made_pair[0].old.area.sum(), rel=1e-12)


def test_what_did_not_change_costs_next_to_nothing(made_pair):
    made = made_pair[0]
    old, new = (np.asarray(table.geometry.to_numpy(), dtype=object) for table in (made.old, made.new))
    begin = time.process_time()
    epochs(made.old, made.new)
    between = time.process_time()
    one, other = shapely.STRtree(new).query(old, predicate="intersects")
    shapely.area(shapely.intersection(old[one], new[other]))
    # 12 times is promised, and measured by the benchmark, where nothing else runs
    assert time.process_time() - between > 6 * (between - begin)
