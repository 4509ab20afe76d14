"""Posts of several candidates: each stands on its own line."""

from __future__ import annotations

import geopandas as gpd
from shapely import LineString, Point

from gridmap.service.dispute_lines import posts

LINES = gpd.GeoDataFrame(
    {"id": ["north", "south"]},
    geometry=[LineString([(500000, 100), (500100, 100)]), LineString([(500000, 0), (500100, 0)])],
    crs=4549,
)


def test_a_post_that_names_no_candidate_stands_on_the_nearest():
    set_ = gpd.GeoDataFrame(geometry=[Point(500050, 3), Point(500010, 98)], crs=4549)
    found = posts(LINES, {"": "3206"}, set_)
    assert sorted(found["candidate"]) == ["north", "south"]
    assert found.set_index("candidate")["y_east"].round().to_dict() == {"north": 500010, "south": 500050}
