"""Households, floor space and staff of areas by their service places: on one street of 400 m, by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.network import Mode, Service
from gridmap.standards import Norms, services
from tests.street_grid import X, Y, points

WALK = Service(mode=Mode(name="slow", speed_m_s=1.0))


def straight(length):
    return gpd.GeoDataFrame(geometry=[shapely.LineString([(X, Y), (X + length, Y)])], crs=4549)


def houses(*rows):
    """Buildings of 2 m by 2 m around (x, y), each of so many households."""
    shapes = [shapely.box(X + x - 1, Y + y - 1, X + x + 1, Y + y + 1) for x, y, _ in rows]
    return gpd.GeoDataFrame({"households": [row[2] for row in rows]}, geometry=shapes, crs=4549)


def told(table, *columns):
    return [tuple(row) for row in table[list(columns)].round(3).to_numpy().tolist()]


def squares(**columns):
    """A community of 400 m by 100 m in two grids."""
    table = {"code": ["c", "a", "b"], "level": ["community", "grid", "grid"], "parent": [None, "c", "c"], **columns}
    spans = [(0, 400), (0, 200), (200, 400)]
    return gpd.GeoDataFrame(table, geometry=[shapely.box(X + a, Y - 50, X + b, Y + 50) for a, b in spans], crs=4549)


NORMS = Norms(ranges={"community": {"floor_share": (1.0, None), "staff_per_10000": (18.0, None)}}, reach={1.0: 0.5})


def served(**options):
    places = points((10, 0), (390, 0), kind=["clinic", "school"], floor_m2=[200.0, 50.0], staff=[3, 9])
    built = houses((30, 0, 300), (180, 0, 500), (250, 0, 200)).assign(residents=[600, 1400, 0])
    given = {"places": places, "areas": squares(), "buildings": built, "minutes": (1, 4), "rules": (WALK, NORMS)}
    return services(streets=straight(400), **given | options)


def test_households_within_the_minutes_are_told_by_area_and_kind_and_held_to_the_norm():
    found = served().areas.query("kind == 'all'")
    assert told(found, "code", "minutes", "households", "reached", "share", "norm")[::2] == [
        ("c", 1, 1000, 300, 0.3, 0.5),
        ("a", 1, 800, 300, 0.375, 0.5),
        ("b", 1, 200, 0, 0, 0.5),
    ]
    assert found["reached"].tolist() == [300, 1000, 300, 800, 0, 200]
    assert found["kept"].tolist() == [False, pd.NA, False, pd.NA, False, pd.NA]


def test_floor_space_and_staff_are_held_to_the_norms_of_their_level():
    found = served().areas.query("kind == 'all' and minutes == 1").drop(columns="geometry")
    columns = ["code", "places", "floor_m2", "floor_m2_per_100", "staff", "staff_per_10000"]
    assert told(found, *columns) == [
        ("c", 1, 200, 20, 3, 15),
        ("a", 1, 200, 25, 3, 15),
        ("b", 0, 0, 0, 0, pytest.approx(np.nan, nan_ok=True)),
    ]
    assert told(found.iloc[:1], "floor_norm", "floor_kept", "staff_norm", "staff_kept") == [(30, False, 18, False)]
    assert found[["floor_kept", "staff_kept"]].isna().to_numpy().tolist() == [
        [False, False],
        [True, True],
        [True, True],
    ]


def test_kinds_that_do_not_count_are_told_without_a_norm():
    found = served().areas.query("kind == 'school' and code == 'c'")
    assert told(found, "places", "reached", "floor_m2", "staff") == [(1, 0, 50, 9), (1, 700, 50, 9)]
    assert found[["norm", "floor_norm", "staff_norm"]].isna().to_numpy().all()


def test_without_buildings_what_areas_state_is_taken_and_nobody_knows_who_is_reached():
    places = points((10, 0), kind=["clinic"], floor_m2=[200.0], staff=[3])
    found = services(
        places, straight(400), squares(households=[1000, 800, 200], residents=[2000, 1500, 500]), rules=(WALK, NORMS)
    ).areas
    assert told(
        found.query("code == 'c' and kind == 'all'").head(1), "households", "floor_m2_per_100", "staff_per_10000"
    ) == [(1000, 20, 15)]
    assert found["share"].isna().all()


def test_without_areas_the_layer_of_areas_is_empty():
    made = services(points((10, 0), (10, 170), kind=["clinic"] * 2), straight(400), rules=(WALK, NORMS))
    assert (len(made.areas), sorted(set(made.polygons["kind"]))) == (0, ["all", "clinic"])
    assert made.places["street_m"].tolist() == [0, pytest.approx(np.nan, nan_ok=True)]


def every(**options):
    """The figures of the places that count together, minute by minute."""
    return served(**options).areas.query("kind == 'all'").drop(columns="geometry")


def test_what_norms_do_not_count_has_no_part_in_all_places_together():
    """The school is beside 30 of 100 households: the clinic at the other end reaches none in a minute."""
    found = every(buildings=houses((380, 0, 30), (200, 0, 70)))
    assert told(found.query("minutes == 1").head(1), "households", "reached", "places") == [(100, 0, 1)]


def test_where_no_place_counts_there_are_no_places_together():
    school = points((390, 0), kind=["school"], floor_m2=[50.0], staff=[9])
    made = services(school, straight(400), squares(), rules=(WALK, NORMS))
    assert set(made.areas["kind"]) == set(made.polygons["kind"]) == {"school"}


def test_households_whose_house_is_far_from_every_street_are_told_beside_those_reached():
    """The house of 40 stands 160 m beside the street, in the grid that is so wide."""
    wide = squares().set_geometry([shapely.box(X, Y - 50, X + 400, Y + 250)] * 3, crs=4549).iloc[[0]]
    found = services(
        points((10, 0), kind=["clinic"]),
        straight(400),
        wide,
        buildings=houses((30, 0, 60), (100, 161, 40)),
        minutes=(4,),
        rules=(WALK, NORMS),
    ).areas
    assert told(found, "kind", "households", "reached", "too_far") == [("all", 100, 60, 40), ("clinic", 100, 60, 40)]


def test_rows_stand_area_by_area_in_the_order_given_then_by_kind_and_minutes_each_with_its_ground():
    table = squares().iloc[[2, 0, 1]]
    found = served(areas=table).areas
    kinds = [(kind, minutes) for kind in ("all", "clinic", "school") for minutes in (1, 4)]
    assert told(found, "code", "kind", "minutes") == [(code, *one) for code in ("b", "c", "a") for one in kinds]
    # metres from the west end at which the ground of each begins
    assert (found.bounds["minx"] - X).tolist() == [200] * 6 + [0] * 12
    assert found.area.round().tolist() == [20_000] * 6 + [40_000] * 6 + [20_000] * 6


@pytest.mark.parametrize(("column", "figure"), [("floor_m2", "floor_m2_per_100"), ("staff", "staff_per_10000")])
def test_what_no_place_states_is_missing_and_so_is_whether_its_norm_is_kept(column, figure):
    places = points((10, 0), kind=["clinic"], floor_m2=[200.0], staff=[3]).drop(columns=column)
    found = every(places=places).head(1)
    kept = column.partition("_")[0] + "_kept"
    assert found[[column, figure, kept]].isna().to_numpy().all()
    assert found[[kept.replace("kept", "norm")]].notna().to_numpy().all()


def test_the_norm_of_floor_space_grows_with_the_households_of_an_area():
    """1 000 at 30 m2 a hundred and 1 000 more at 50 m2 a hundred: 800 m2 for 2 000 households are 40 m2 a hundred."""
    found = every(buildings=houses((30, 0, 2000)).assign(residents=5000)).head(1)
    assert told(found, "floor_norm") == [(40,)]


@pytest.mark.parametrize(("floor", "kept"), [(300.0, True), (299.9, False)], ids=["just", "not quite"])
def test_a_norm_that_is_just_met_is_kept(floor, kept):
    """1 000 households, 30 m2 a hundred."""
    places = points((10, 0), kind=["clinic"], floor_m2=[floor], staff=[3])
    assert told(every(places=places).head(1), "floor_norm", "floor_kept") == [(30, kept)]


def test_of_buildings_that_state_no_households_nobody_knows_who_is_reached():
    found = every(buildings=houses((30, 0, 1)).drop(columns="households"))
    assert found[["households", "reached", "share", "too_far", "kept"]].isna().to_numpy().all()


def test_areas_that_state_no_level_are_held_to_the_norms_of_that_which_their_code_tells():
    """Twelve digits, the last three of them not zero: a community."""
    table = squares().iloc[[0]].assign(code="320613001001").drop(columns=["level", "parent"])
    found = every(areas=table).head(1)
    assert told(found, "level", "floor_norm", "staff_norm") == [("community", 30, 18)]
