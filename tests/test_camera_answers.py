"""What is told of cameras: shares, ranks and counts by hand, without a service and without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import frames
from gridmap.api.cameras_answers import MOST_LISTED, _listed
from gridmap.api.cameras_asked import MOST_CHANGED, days_of, what_if_of
from gridmap.service import camera_edits as edits
from gridmap.service import camera_failing as failing
from gridmap.service import camera_pages as pages
from gridmap.service import camera_shares as sharing
from gridmap.service.camera_changes import Change, tag
from gridmap.service.camera_watches import watch
from gridmap.territory import today
from tests.test_camera_watching import FOUR, after, stood

DAY = date(2026, 3, 1)


class Still:
    """A record that holds the same on all days."""

    def __init__(self, held):
        self.at = lambda _: held


def camera(x):
    return gpd.GeoDataFrame({"id": ["a"], "kind": "fixed"}, geometry=[shapely.Point(x, 32)], crs=4490)


def test_a_camera_that_was_moved_is_another_state_of_it():
    assert tag(camera(120)) == tag(camera(120))
    assert tag(camera(120)) != tag(camera(120.0000001))
    assert tag(camera(120).iloc[:0]) is None


def test_a_first_day_alone_is_compared_with_today():
    assert days_of({"on": None, "from": DAY, "to": None}) == (today(), DAY)
    assert days_of({"on": DAY, "from": None, "to": None}) == (DAY, None)


def test_of_a_long_list_the_first_are_told_and_how_many_there_are():
    said = _listed(pd.DataFrame({"id": range(MOST_LISTED + 1)}), "places")
    assert (said["numberMatched"], said["numberReturned"]) == (MOST_LISTED + 1, MOST_LISTED)
    assert said["places"][-1] == {"id": MOST_LISTED - 1}


def test_a_camera_that_would_break_changes_the_shares_of_those_that_work_alone():
    now = after([(*row[:4], "online") for row in FOUR])
    working = watch(replace(now, cameras=frames.conform(now.cameras, "cameras", source="test")))
    found = edits.what_if(Still(working), Change(set={"a": {"status": "offline"}}), on=DAY)
    assert set(found.shares["cameras"]) == {"online"}
    (lost,) = found.shares.query("code == 'p' and of == 'streets' and band == 'any'").eval("seen_before - seen_after")
    # a looks east from 20 and sees as far as 80, b west from 60
    assert lost == pytest.approx(20)


@pytest.mark.parametrize(("share", "summed"), [(0.1, 0.4), (np.nan, np.nan)], ids=["streets", "no street"])
def test_an_area_without_streets_has_no_share_of_them_in_sum_either(share, summed):
    row = {"code": "p", "of": "streets", "cameras": "all", "band": list("abcd"), "seen": 2.0}
    table = pd.DataFrame({**row, **dict.fromkeys(("share", "share_guaranteed", "share_possible"), share)})
    last = sharing.with_sums(table).iloc[-1]
    assert (last["band"], last["seen"], last["share"]) == ("any", 8, pytest.approx(summed, nan_ok=True))


def test_cameras_are_counted_by_how_sure_it_is_where_they_look():
    vague = stood().recorded.cameras.assign(heading_accuracy_deg=[22.5, None, None, None])
    found = sharing.counts(watch(replace(stood().recorded, cameras=vague)))
    # a is vague, c has no heading, and the last stands 15 m deep in a high house
    sure = {"heading_known": 2, "heading_uncertain": 1, "possible_only": 1}
    assert found == {"total": 4, "online": 3, **sure, "refused": 1, "moved": 0}


def test_blind_stretches_of_an_area_are_ranked_anew():
    both = [sharing.blind(stood(), code)["rank"].tolist() for code in ("w", "e")]
    assert min(map(len, both)) > 0
    assert both == [list(range(1, len(ranks) + 1)) for ranks in both]


def test_a_page_shows_the_ground_of_cameras_that_work_and_the_places_of_all():
    shown = pages.tables(stood(), exact=True)
    assert set(shown["viewsheds"]["camera"]) == {"a", "c"}
    assert set(shown["cameras"]["id"]) == {"a", "b", "c", "inside"}


def test_as_many_cameras_as_may_be_asked_about_are_asked_about():
    change, _ = what_if_of({"remove": [f"C{number}" for number in range(MOST_CHANGED)]})
    assert len(change.ids) == MOST_CHANGED


def test_a_camera_that_nobody_knows_is_one_added():
    new = {"lon": 120.1, "lat": 32.0, "kind": "fixed"}
    found = edits.what_if(Still(stood()), Change(set={"n": new}), on=DAY)
    assert found.cameras.to_numpy().tolist() == [["n", "added"]]


def test_an_area_is_told_with_its_own_streets_and_ground():
    found = sharing.areas_of(stood(), "e")[["streets_m", "ground_m2"]]
    assert found.to_numpy().tolist() == [pytest.approx([60, 6000], rel=1e-6)]


def test_a_place_is_told_of_the_area_that_holds_it_alone():
    assert [failing.places(stood(), code)["id"].tolist() for code in ("w", "e")] == [["x"], []]
