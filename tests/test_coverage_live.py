"""Live edit: what one camera's change brings is what computing everything anew would say."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap import coverage
from gridmap.coverage import Counting, Sees
from gridmap.errors import TableError
from gridmap.visibility.lines import gridded, parts
from gridmap.visibility.sweep.pieces import Pieces

ZONE = 4549
QUARTERS = [(1, -1, 1, 1), (1, 1, -1, 1), (-1, 1, -1, -1), (-1, -1, 1, -1)]
STREETS = gpd.GeoDataFrame(
    {"id": ["s", "t", "u"]},
    geometry=[shapely.LineString(ends) for ends in ([(0, 30), (200, 30)], [(40, 0), (40, 120)], [(0, 0), (150, 120)])],
    crs=ZONE,
)
AREAS = gpd.GeoDataFrame(
    {"code": ["p", "w", "e"], "parent": [None, "p", "p"]},
    geometry=[shapely.box(0, 0, 200, 120), shapely.box(0, 0, 90, 120), shapely.box(90, 0, 190, 120)],
    crs=ZONE,
)
HOUSES = gpd.GeoDataFrame(geometry=[shapely.box(50, 40, 70, 60), shapely.box(85, 10, 95, 50)], crs=ZONE)
LINES = gridded(STREETS, ZONE)
LAID = coverage.cuts(LINES, STREETS, AREAS)
PLOTS = coverage.ground(AREAS, ZONE, buildings=HOUSES, plot_m=60)


def sight(cameras):
    """Pieces and views of cameras: (x, y, quarter it looks to, reach, certainties); find up to half the reach."""
    rows, camera, certainty, xy = [], [], [], []
    for at, (x, y, quarter, reach, sure) in enumerate(cameras):
        for certain in sure:
            half, full = (np.multiply(QUARTERS[quarter], reach * share * (1 + certain)) for share in (0.25, 0.5))
            rows += [(len(camera), 1, np.zeros(4), half), (len(camera), 3, half, full)]
            camera, certainty, xy = [*camera, at], [*certainty, certain], [*xy, (x, y)]
    view, band, inner, outer = zip(*rows, strict=True) if rows else ((), (), np.zeros((0, 4)), np.zeros((0, 4)))
    flags = np.zeros(len(view), bool)
    pieces = Pieces(
        view=np.array(view, int),
        band=np.array(band, int),
        inner=np.array(inner),
        outer=np.array(outer),
        inner_arc=flags,
        outer_arc=flags,
        blocker=np.full(len(view), -1),
    )
    views = SimpleNamespace(
        crs=ZONE,
        ids=np.arange(len(cameras)),
        camera=np.array(camera, int),
        certainty=np.array(certainty, np.int8),
        xy=np.array(xy, float).reshape(-1, 2),
        range_m=np.full(len(camera), 300.0),
    )
    return pieces, views


def standing(cameras, online, counting):
    pieces, views = sight(cameras)
    table = pd.DataFrame(
        {"id": [f"C{at}" for at in range(len(cameras))], "status": np.where(online, "online", "offline")}
    )
    return coverage.stand(
        (pieces, views, parts(pieces, views, LINES)), table, STREETS, LAID, plots=PLOTS, counting=counting
    )


def sees(camera, *, online=True):
    pieces, views = sight([camera])
    table = pd.DataFrame({"id": ["any"], "status": ["online" if online else "offline"]})
    return Sees(camera=table, views=views, pieces=pieces)


def assert_same(one, other):
    for name in ("streets", "street_shares", "areas"):
        pd.testing.assert_frame_equal(getattr(one, name)(), getattr(other, name)(), rtol=1e-9, atol=1e-6)


A, B, C = (10, 30, 0, 40, [1]), (30, 30, 0, 60, [1]), (60, 80, 2, 50, [0, 1, 2])
CAMERAS = st.tuples(
    st.integers(0, 200),
    st.integers(0, 120),
    st.integers(0, 3),
    st.integers(5, 80),
    st.sampled_from([[1], [2], [0, 1, 2], [1, 2]]),
)
CHANGES = st.lists(st.tuples(st.integers(0, 6), st.none() | CAMERAS, st.booleans()), max_size=4)


@settings(max_examples=40, deadline=None)
@given(st.lists(CAMERAS, min_size=1, max_size=6), CHANGES, st.booleans())
def test_changes_one_by_one_give_what_computing_everything_anew_gives(cameras, changes, at_least):
    counting = Counting(at_least=at_least)
    now, there, online = standing(cameras, [True] * len(cameras), counting), list(cameras), [True] * len(cameras)
    for row, camera, works in changes:
        at = min(row, len(there))
        if camera is None and at == len(there):
            continue
        now = coverage.replaced(now, {f"C{at}": camera and sees(camera, online=works)}).after
        gone = (0, 0, 0, 5, []) if camera is None else camera
        there[at : at + 1], online[at : at + 1] = [gone], [works]
    assert_same(now, standing(there, online, counting))


def test_what_stood_before_a_change_stands_as_before():
    before = standing([A, B], [True, True], Counting())
    told = before.areas()
    coverage.replaced(before, {"C0": sees(C)})
    pd.testing.assert_frame_equal(before.areas(), told)
    assert_same(before, standing([A, B], [True, True], Counting()))


def test_a_change_lists_only_what_differs_with_what_was_before():
    change = coverage.replaced(standing([A, B], [True, True], Counting(at_least=True)), {"C1": None})
    row = change.streets.set_index(["id", "band"]).loc[("s", "seen")]
    # A sees from 10 to 50 m of street s, B from 30 to 90
    assert (row["before_m"], row["seen_m"]) == (pytest.approx(80), pytest.approx(40))
    # nothing of what B alone sees is recognised
    assert set(change.streets["band"]) == {"find", "detect", "seen"}


def test_a_camera_put_back_leaves_nothing_changed():
    before = standing([A, B, C], [True] * 3, Counting())
    moved = coverage.replaced(before, {"C2": sees(A)}).after
    assert_same(coverage.replaced(moved, {"C2": sees(C)}).after, before)


def test_a_camera_that_goes_offline_is_lost_where_only_what_works_counts():
    change = coverage.replaced(standing([A], [True], Counting()), {"C0": sees(A, online=False)})
    assert change.after.streets()["seen_m"].sum() == 0
    both = coverage.replaced(standing([A], [True], Counting(offline=True)), {"C0": sees(A, online=False)})
    assert both.streets.empty


def test_several_changes_at_once_are_those_one_by_one():
    before = standing([A, B], [True, True], Counting())
    at_once = coverage.replaced(before, {"C0": sees(C), "new": sees(A), "C1": None}).after
    assert_same(at_once, standing([C, (0, 0, 0, 5, []), A], [True] * 3, Counting()))


def test_streets_alone_can_be_kept():
    pieces, views = sight([A])
    table = pd.DataFrame({"id": ["C0"]})
    kept = coverage.stand((pieces, views, parts(pieces, views, LINES)), table, STREETS, LAID)
    assert coverage.replaced(kept, {"C0": sees(B)}).areas.empty


def test_a_camera_nobody_knows_cannot_go():
    with pytest.raises(TableError, match="no camera X"):
        coverage.replaced(standing([A], [True], Counting()), {"X": None})


def test_cameras_of_one_id_are_refused():
    pieces, views = sight([A, B])
    table = pd.DataFrame({"id": ["C0", "C0"]})
    with pytest.raises(TableError, match="ids of cameras repeat"):
        coverage.stand((pieces, views, parts(pieces, views, LINES)), table, STREETS, LAID)
