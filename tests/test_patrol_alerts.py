"""How far ways are followed until it is certain who is first at an alert."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.crs import to_wgs84
from gridmap.network import Posts, nearest, ways
from gridmap.service.patrol_answers.alerts import _likely_s, _nearest

X, Y = 500_000, 3_500_000


def roads(**bends):
    """A street from the alert to the place of each post, by way of a bend: (x of the place, bend)."""
    lines = [shapely.LineString(np.add([(0, 0), bend, (x, 0)], (X, Y))) for x, bend in bends.values()]
    return ways(gpd.GeoDataFrame({"id": list(bends)}, geometry=lines, crs=4549))


def known(**at):
    """Posts: (x, age in seconds)."""
    return Posts(
        post=np.array(list(at), dtype=object),
        xy=np.array([(X + x, Y) for x, _ in at.values()], dtype=float),
        age_s=np.array([age for _, age in at.values()], dtype=float),
        barred=np.full(len(at), "", dtype=object),
        now=pd.Timestamp("2026-05-06T00:00Z"),
        crs=4549,
    )


#: By the streets it is 286 m to the near post, 130 m straight, and 351 m to the far one, 195 m straight.
STREETS = {"near": (130, (65, 127.377)), "far": (-195, (-97.5, 145.925))}


def test_who_is_in_time_with_an_old_position_is_not_first_before_it_is_known_who_comes_later():
    """220 s and 100 s old beside 270 s and fresh: ways are first followed for 100 s * 1.6 + 100 s = 260 s alone."""
    posts, ready, at = known(near=(130, 100.0), far=(-195, 0.0)), roads(**STREETS), to_wgs84(X, Y, 4549)
    assert _likely_s(posts, ready, at, 1) == pytest.approx(260, abs=0.1)
    found, _ = _nearest(posts, ready, at, 1)
    assert found.loc[found["chosen"], ["post", "seconds"]].to_numpy().tolist() == [["far", pytest.approx(270, abs=0.1)]]
    assert nearest(posts, ready, at, n=1)["post"].tolist() == found["post"].tolist()


def test_ways_are_followed_no_farther_than_those_who_are_chosen_may_be():
    """The near post is there in 220 s; nobody in 260 s can be before it."""
    found, whole = _nearest(known(near=(130, 0.0), far=(-195, 20.0)), roads(**STREETS), to_wgs84(X, Y, 4549), 1)
    assert (found["post"][0], found["chosen"].tolist(), whole) == ("near", [True, False], False)
    assert found["seconds"].isna().tolist() == [False, True]


def test_where_nobody_is_free_all_are_told_of():
    posts = known(near=(130, 0.0), far=(-195, 20.0))
    posts.barred[:] = "too_old"
    found, whole = _nearest(posts, roads(**STREETS), to_wgs84(X, Y, 4549), 1)
    assert (found["chosen"].any(), found["reason"].tolist(), whole) == (False, ["too_old", "too_old"], True)
