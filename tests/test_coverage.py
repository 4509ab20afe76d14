"""Shares of streets that cameras see, worked out by hand on straight streets and cones that look along them."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import coverage
from gridmap.coverage import Counting, Targets
from gridmap.errors import InputError, TableError
from gridmap.visibility.lines import gridded, parts
from gridmap.visibility.sweep.pieces import Pieces

ZONE = 4549
BANDS = ["recognise", "find", "detect", "seen"]
CERTAINTIES = ["guaranteed", "nominal", "possible"]


def cone(view, band, near, far):
    """Ground to the east of a camera between the diagonals, from one depth to another."""
    return view, BANDS.index(band), (near, -near, near, near), (far, -far, far, far)


def seen(*views):
    """Pieces and views of cameras: (name, x, y, certainty, {band: (near, far)}), one row per camera and certainty."""
    rows = [cone(at, band, *depths) for at, view in enumerate(views) for band, depths in view[4].items()]
    view, band, inner, outer = (np.array(column) for column in zip(*rows, strict=True))
    straight = np.zeros(len(view), bool)
    names = list(dict.fromkeys(each[0] for each in views))
    ground = Pieces(
        view=view,
        band=band,
        inner=inner.astype(float),
        outer=outer.astype(float),
        inner_arc=straight,
        outer_arc=straight,
        blocker=np.full(len(view), -1),
    )
    return ground, SimpleNamespace(
        crs=ZONE,
        ids=np.array(names, object),
        camera=np.array([names.index(each[0]) for each in views]),
        certainty=np.array([CERTAINTIES.index(each[3]) for each in views], np.int8),
        xy=np.array([each[1:3] for each in views], float),
        range_m=np.full(len(views), 1000.0),
    )


def roads(*lengths, **columns):
    """Streets to the east from x = 0, a kilometre apart."""
    lines = [shapely.LineString([(0, 1000 * row), (metres, 1000 * row)]) for row, metres in enumerate(lengths)]
    return gpd.GeoDataFrame({"id": [f"s{row}" for row in range(len(lines))], **columns}, geometry=lines, crs=ZONE)


class Scene:
    """Streets, cameras and what they see."""

    def __init__(self, streets, *views, areas=None, **columns):
        self.streets, self.areas = streets, areas
        self.pieces, self.views = seen(*views)
        self.cameras = pd.DataFrame({"id": self.views.ids, **columns})
        self.lines = gridded(streets, ZONE)
        self.parts = parts(self.pieces, self.views, self.lines)
        self.laid = coverage.cuts(self.lines, streets, areas)

    def shares(self, column="seen_m", street="s0", **asked):
        table = coverage.streets(self.parts, self.views, self.streets, self.cameras, counting=Counting(**asked))
        return table[table["id"] == street].set_index("band")[column].to_dict()

    def blind(self, **asked):
        counting = Counting(**asked)
        return coverage.blind(self.parts, self.views, self.streets, self.cameras, self.laid, counting=counting)

    def lost(self, groups=None, **asked):
        counting = Counting(**asked)
        table = coverage.lost_without(self.parts, self.views, self.cameras, groups=groups, counting=counting)
        return dict(table.iloc[:, :2].itertuples(index=False))


def watched(*spans, certainty="nominal", band="seen"):
    """Cameras A, B, ... at the start of street s0, each seeing from one metre to another."""
    names = "ABCDEFGH"
    return [(names[at], 0.0, 0.0, certainty, {band: span}) for at, span in enumerate(spans)]


def bands(**metres):
    return {band: pytest.approx(metres.get(band, 0.0)) for band in BANDS}


def test_two_cameras_on_one_metre_count_it_once():
    assert Scene(roads(100), *watched((10, 40), (30, 50))).shares() == bands(seen=40)


def test_shares_are_of_the_whole_street():
    assert Scene(roads(200), *watched((10, 40))).shares("share") == bands(seen=0.15)


def test_a_metre_counts_for_its_best_band_and_bands_add_up():
    scene = Scene(
        roads(100),
        ("A", 0, 0, "nominal", {"recognise": (0, 10), "find": (10, 30)}),
        ("B", 0, 0, "nominal", {"detect": (5, 50)}),
    )
    assert scene.shares() == bands(recognise=10, find=20, detect=20)


def test_at_least_a_band_counts_the_better_ones_too():
    scene = Scene(roads(100), ("A", 0, 0, "nominal", {"recognise": (0, 10), "find": (10, 30), "seen": (30, 50)}))
    assert scene.shares(at_least=True) == bands(recognise=10, find=30, detect=30, seen=50)


def test_streets_that_nobody_sees_are_there_with_nothing():
    assert Scene(roads(100, 50), *watched((10, 40))).shares("share", "s1") == bands()


def test_a_street_without_length_has_no_share():
    assert np.isnan(Scene(roads(100, 0), *watched((10, 40))).shares("share", "s1")["seen"])


def test_a_camera_that_is_offline_counts_only_when_asked():
    scene = Scene(roads(100), *watched((10, 40), (30, 50)), status=["online", "offline"])
    assert scene.shares() == bands(seen=30)
    assert scene.shares(offline=True) == bands(seen=40)


@pytest.mark.parametrize(
    ("day", "metres"),
    [(date(2025, 12, 31), 20), (date(2026, 1, 1), 40), (date(2026, 2, 28), 40), (date(2026, 3, 1), 30)],
    ids=["the day before", "first day", "last day", "first day no more"],
)
def test_a_camera_counts_from_its_first_day_until_the_day_it_ends(day, metres):
    scene = Scene(
        roads(100), *watched((10, 40), (30, 50)), valid_from=["2026-01-01", None], valid_to=[None, date(2026, 3, 1)]
    )
    assert scene.shares(on=day) == bands(seen=metres)


def test_a_camera_without_heading_is_possible_only():
    scene = Scene(roads(100), *watched((10, 40), certainty="possible"))
    assert [scene.shares(share)["seen"] for share in ("share_guaranteed", "share", "share_possible")] == [0, 0, 0.3]


def test_a_camera_whose_heading_is_known_is_guaranteed_and_possible_too():
    scene = Scene(roads(100), *watched((10, 40)))
    assert [scene.shares(share)["seen"] for share in ("share_guaranteed", "share", "share_possible")] == [0.3] * 3


def test_a_camera_known_by_octant_has_three_shares():
    views = [("A", 0, 0, sure, {"seen": (0, far)}) for sure, far in zip(CERTAINTIES, (10, 20, 35), strict=True)]
    scene = Scene(roads(100), *views)
    assert [scene.shares(share)["seen"] for share in ("share_guaranteed", "share", "share_possible")] == [
        0.1,
        0.2,
        0.35,
    ]


def test_an_octant_so_narrow_that_nothing_is_guaranteed_has_no_guaranteed_share():
    scene = Scene(roads(100), ("A", 0, 0, "nominal", {"seen": (0, 20)}), ("A", 0, 0, "possible", {"seen": (0, 40)}))
    assert [scene.shares(share)["seen"] for share in ("share_guaranteed", "share", "share_possible")] == [0, 0.2, 0.4]


def test_cameras_of_another_table_are_refused():
    scene = Scene(roads(100), *watched((10, 40)))
    with pytest.raises(TableError, match="2 cameras; expected the 1"):
        coverage.streets(scene.parts, scene.views, scene.streets, pd.concat([scene.cameras] * 2))


def test_streets_of_another_table_are_refused():
    scene = Scene(roads(100), *watched((10, 40)))
    with pytest.raises(TableError, match="2 streets; expected the 1"):
        coverage.streets(scene.parts, scene.views, roads(1, 2), scene.cameras)


def test_a_band_that_is_none_is_refused():
    with pytest.raises(InputError, match="identify"):
        Scene(roads(100), *watched((10, 40))).blind(band="identify")


def test_days_that_are_none_are_refused():
    with pytest.raises(InputError, match="valid_to is no day"):
        coverage.counted(pd.DataFrame({"valid_to": ["soon"]}), Counting(on=date(2026, 1, 1)))


def test_depth_counts_cameras_metre_by_metre():
    scene = Scene(roads(100), *watched((10, 50), (20, 60), (30, 40), (35, 45)))
    table = coverage.depth(scene.parts, scene.views, scene.streets, scene.cameras)
    # at least one: 10-60; two: 20-50; three: 30-45, of them 35-40 by four
    assert table[["seen_1_m", "seen_2_m", "seen_3_m"]].to_numpy().tolist() == [pytest.approx([50, 30, 15])]


def test_depth_is_summed_area_by_area_up_to_the_parent():
    boxes = [shapely.box(0, -10, 100, 10), shapely.box(0, -10, 40, 10), shapely.box(40, -10, 90, 10)]
    areas = gpd.GeoDataFrame({"code": ["p", "w", "e"], "parent": [None, "p", "p"]}, geometry=boxes, crs=ZONE)
    scene = Scene(
        roads(100), *watched((10, 50), (20, 60), (30, 45)), ("Z", 0, 0, "nominal", {"detect": (35, 95)}), areas=areas
    )
    found = {}
    for band in ("seen", "detect"):
        counting = Counting(band=band)
        table = coverage.area_depth(scene.parts, scene.views, scene.laid, scene.cameras, counting=counting)
        found[band] = table.set_index("code").round(6).T.to_dict("list")
    # two: 20-60; three: 30-45 by A, B and C, and 35-50 by A, B and Z
    assert found["seen"] == {"p": [100, 85, 40, 20], "w": [40, 30, 20, 10], "e": [50, 50, 20, 10]}
    assert found["detect"]["p"] == [100, 60, 0, 0]


def test_three_views_of_one_camera_are_one_camera():
    views = [("A", 0, 0, sure, {"seen": (0, far)}) for sure, far in zip(CERTAINTIES, (10, 20, 35), strict=True)]
    scene = Scene(roads(100), *views)
    table = coverage.depth(scene.parts, scene.views, scene.streets, scene.cameras)
    assert table[["seen_1_m", "seen_2_m"]].to_numpy().tolist() == [[20, 0]]


def test_the_blind_list_holds_what_lies_between_viewsheds():
    table = Scene(roads(100), *watched((10, 40), (60, 80))).blind()
    assert table[["rank", "from_m", "to_m"]].to_numpy().tolist() == [[1, 40, 60], [2, 80, 100], [3, 0, 10]]
    assert table.geometry.iloc[0].wkt == "LINESTRING (40 0, 60 0)"


def test_blind_streets_are_ranked_by_class_before_length():
    streets = roads(50, 90, 70, 80, **{"class": ["residential", "footway", "primary_link", None]})
    table = Scene(streets, *watched((0, 20))).blind()
    assert table["id"].tolist() == ["s2", "s0", "s1", "s3"]


def test_blind_in_a_band_is_what_is_seen_less_well():
    scene = Scene(roads(100), ("A", 0, 0, "nominal", {"find": (0, 30), "seen": (30, 100)}))
    assert scene.blind(band="find")[["from_m", "to_m"]].to_numpy().tolist() == [[30, 100]]
    assert scene.blind().empty


def test_blind_metres_and_seen_metres_make_the_street():
    scene = Scene(roads(100), *watched((10, 40), (30, 80)))
    assert scene.blind()["length_m"].sum() + sum(scene.shares().values()) == pytest.approx(100)


def test_a_chink_between_two_viewsheds_is_not_listed():
    assert Scene(roads(100), *watched((0, 40), (40.5, 100))).blind().empty


def test_a_river_is_not_blind():
    streets = roads(50, 90, barrier=["river", None])
    assert Scene(streets, *watched((0, 20))).blind()["id"].tolist() == ["s1"]


def test_what_only_one_camera_sees_is_lost_without_it():
    assert Scene(roads(100), *watched((10, 40), (30, 60))).lost() == {"A": pytest.approx(20), "B": pytest.approx(20)}


def test_the_camera_without_which_most_is_lost_comes_first():
    assert list(Scene(roads(100), *watched((10, 40), (30, 80), (80, 85))).lost()) == ["B", "A", "C"]


def test_two_cameras_of_one_street_lose_together_what_neither_loses_alone():
    scene = Scene(roads(100), *watched((10, 40), (10, 40), (35, 60)))
    assert scene.lost(groups=["main", "main", None]) == {"main": pytest.approx(25)}
    assert scene.lost()["A"] == 0


def test_a_metre_still_seen_less_well_is_lost_for_its_band():
    scene = Scene(roads(100), *watched((0, 40), band="find"), ("B", 0, 0, "nominal", {"detect": (0, 40)}))
    assert (scene.lost()["A"], scene.lost(band="find")["A"]) == (0, 40)


def test_a_camera_stands_on_the_nearest_street_or_on_none():
    points = gpd.GeoDataFrame(geometry=shapely.points([(5, 20), (5, 980), (5, 500)]), crs=ZONE)
    assert coverage.street_of_cameras(points, roads(100, 100)).tolist() == ["s0", "s1", None]


def grids(*spans, parent=None):
    """Areas along street s0, each from one metre to another."""
    shapes = [shapely.box(west, -50, east, 50) for west, east in spans]
    codes = [f"g{at}" for at in range(len(spans))]
    table = gpd.GeoDataFrame({"code": codes, "parent": parent}, geometry=shapes, crs=ZONE)
    if parent is None:
        return table
    whole = gpd.GeoDataFrame({"code": [parent], "parent": [None]}, geometry=[shapely.box(0, -50, 100, 50)], crs=ZONE)
    return gpd.GeoDataFrame(pd.concat([whole, table], ignore_index=True), crs=ZONE)


def by_area(scene, column="seen_m", **asked):
    table = coverage.street_shares(
        scene.parts, scene.views, scene.laid, scene.cameras, counting=Counting(at_least=True, **asked)
    )
    return table[table["band"] == "seen"].set_index("code")[column].to_dict()


def test_metres_count_for_the_area_they_lie_in_and_parents_are_the_sums():
    scene = Scene(roads(100), *watched((10, 70), (30, 95)), areas=grids((0, 40), (40, 90), parent="c"))
    # ten metres at the end of the street lie in the community and in none of its grids
    assert by_area(scene) == {"c": pytest.approx(85), "g0": pytest.approx(30), "g1": pytest.approx(50)}
    assert by_area(scene, "share") == {"c": pytest.approx(0.85), "g0": pytest.approx(0.75), "g1": pytest.approx(1)}


def test_a_street_along_a_border_counts_for_one_area():
    table = gpd.GeoDataFrame(
        {"code": ["n", "s"]}, geometry=[shapely.box(0, 0, 100, 50), shapely.box(0, -50, 100, 0)], crs=ZONE
    )
    scene = Scene(roads(100), *watched((10, 70)), areas=table)
    assert by_area(scene) == {"n": pytest.approx(60), "s": 0}


def test_blind_stretches_name_their_area_and_end_at_its_border():
    table = Scene(roads(100), *watched((10, 40)), areas=grids((0, 60), (60, 90))).blind()
    codes = table.sort_values("from_m")["code"]
    assert codes[codes.notna()].tolist() == ["g0", "g0", "g1"]
    assert sorted(table["length_m"]) == pytest.approx([10, 10, 20, 30])


def test_two_days_differ_by_what_cameras_that_came_and_went_see_alone():
    scene = Scene(
        roads(100),
        *watched((0, 30), (20, 50), (45, 60)),
        areas=grids((0, 50), (50, 100)),
        valid_from=[None, None, "2026-01-01"],
        valid_to=["2026-01-01", None, None],
    )
    table = coverage.compare(
        scene.parts,
        scene.views,
        scene.laid,
        scene.cameras,
        old=Counting(on=date(2025, 6, 1)),
        new=Counting(on=date(2026, 6, 1)),
    )
    # then 0-50, now 20-60
    assert table[["old_m", "new_m", "gained_m", "lost_m", "kept_m"]].to_numpy().tolist() == [
        pytest.approx([50, 30, 0, 20, 30]),
        pytest.approx([0, 10, 10, 0, 0]),
    ]


def test_what_works_compares_with_what_there_is():
    scene = Scene(roads(100), *watched((0, 30), (20, 50)), areas=grids((0, 100)), status=["online", "offline"])
    table = coverage.compare(
        scene.parts, scene.views, scene.laid, scene.cameras, old=Counting(offline=True), new=Counting()
    )
    assert table["lost_m"].tolist() == [pytest.approx(20)]


def test_where_nobody_sees_a_street_all_of_it_is_blind_and_nothing_is_lost():
    scene = Scene(roads(100), ("A", 5000, 5000, "possible", {"seen": (0, 5)}), areas=grids((0, 50)))
    assert (scene.shares(), by_area(scene), scene.lost()) == (bands(), {"g0": 0}, {"A": 0})
    assert sorted(scene.blind()["length_m"]) == [50, 50]


def test_a_territory_without_streets_has_no_shares_of_streets():
    scene = Scene(roads(), *watched((10, 40)), areas=grids((0, 50)))
    assert (len(scene.blind()), scene.lost()) == (0, {"A": 0})
    assert np.isnan(by_area(scene, "share")["g0"])


def places(*points):
    return gpd.GeoDataFrame({"id": [f"p{at}" for at in range(len(points))]}, geometry=shapely.points(points), crs=ZONE)


def test_a_place_is_seen_by_all_whose_ground_it_lies_in_the_best_band_first():
    scene = Scene(roads(100), *watched((10, 60)), ("B", 0, 0, "nominal", {"find": (20, 40)}))
    table = coverage.places_seen(scene.pieces, scene.views, places((30, 0), (50, 0), (5, 0)), scene.cameras)
    assert table["cameras"].tolist() == [2, 1, 0]
    assert table["by"].tolist() == ["B A", "A", ""]
    assert table["band"].tolist() == ["find", "seen", None]


def test_a_door_on_a_wall_is_seen_where_the_ground_before_it_is():
    scene = Scene(roads(100), *watched((10, 60)))
    table = coverage.places_seen(scene.pieces, scene.views, places((60.3, 0), (60.7, 0)), scene.cameras)
    assert table["cameras"].tolist() == [1, 0]


def test_a_place_inside_a_building_is_seen_where_its_outline_is():
    hall = gpd.GeoDataFrame(geometry=[shapely.box(60, -5, 80, 5)], crs=ZONE)
    scene = Scene(roads(100), *watched((10, 60)))
    table = coverage.places_seen(scene.pieces, scene.views, places((70, 0)), scene.cameras, buildings=hall)
    assert table[["cameras", "judged"]].to_numpy().tolist() == [[1, "outline"]]


def test_places_without_a_point_are_refused_with_their_number():
    faulty = gpd.GeoDataFrame({"id": ["p", "q"]}, geometry=[shapely.Point(0, 0), None], crs=ZONE)
    scene = Scene(roads(100), *watched((10, 60)))
    with pytest.raises(TableError, match="feature 2: no point"):
        coverage.places_seen(scene.pieces, scene.views, faulty, scene.cameras)


def rate(cameras, figure, **options):
    table = coverage.rates(cameras, **options).set_index("figure")
    return table.loc[figure, ["count", "of", "unknown", "kept"]].tolist()


def test_cameras_that_are_offline_lower_the_online_rate_below_its_target():
    cameras = pd.DataFrame({"status": ["online"] * 18 + ["offline"] * 2})
    assert rate(cameras, "online") == [18, 20, 0, False]
    assert rate(cameras, "online", targets=Targets(online=0.9)) == [18, 20, 0, True]


def test_cameras_not_in_force_are_in_no_rate():
    cameras = pd.DataFrame({"status": ["online", "offline"], "valid_to": [None, "2026-01-01"]})
    assert rate(cameras, "online", counting=Counting(on=date(2026, 1, 1))) == [1, 1, 0, True]


def test_key_cameras_have_a_target_of_their_own():
    cameras = pd.DataFrame({"status": ["online"] * 24 + ["offline"], "point_class": ["1"] * 24 + ["1"]})
    # 96 %: enough for industries, too little for key places
    assert (rate(cameras, "online")[-1], rate(cameras, "online_key")) == (True, [24, 25, 0, False])


def test_what_nobody_states_is_unknown_and_not_zero():
    assert rate(pd.DataFrame({"status": ["online"]}), "networked") == [0, 0, 1, pd.NA]
    joined = pd.DataFrame({"status": ["online"] * 3, "networked": [True, "否", None]})
    assert rate(joined, "networked") == [1, 2, 1, False]


def test_high_definition_begins_at_1280_pixels():
    assert rate(pd.DataFrame({"width_px": [1279, 1280, 3840]}), "high_definition") == [2, 3, 0, False]


def test_key_places_must_be_seen_well_enough_to_detect_who_enters():
    seen_places = pd.DataFrame({"band": ["recognise", "detect", "seen", None]})
    assert rate(pd.DataFrame({"status": []}), "key_places", seen=seen_places) == [2, 4, 0, False]
