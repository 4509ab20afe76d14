"""Figures of areas beside the norms, worked out by hand on two grids of one community."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point, box

from gridmap.errors import CrsError, TableError
from gridmap.standards import FloorSpace, Norms, figures, judge

EAST, NORTH = 500_000, 3_540_000


def at(x0, y0, x1, y1):
    return box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


def areas(**columns):
    """A community of 200 m by 100 m in two square grids."""
    table = {"code": ["c", "a", "b"], "level": ["community", "grid", "grid"], "parent": [None, "c", "c"], **columns}
    return gpd.GeoDataFrame(table, geometry=[at(0, 0, 200, 100), at(0, 0, 100, 100), at(100, 0, 200, 100)], crs=4549)


def buildings(*rows):
    """Buildings of 10 m by 10 m: (x, households, residents)."""
    columns = {
        "id": [str(x) for x, _, _ in rows],
        "households": [h for _, h, _ in rows],
        "residents": [r for *_, r in rows],
    }
    return gpd.GeoDataFrame(columns, geometry=[at(x, 40, x + 10, 50) for x, _, _ in rows], crs=4549)


def places(*rows):
    """Places: (x, kind, floor space, staff)."""
    columns = {
        "kind": [row[1] for row in rows],
        "floor_m2": [row[2] for row in rows],
        "staff": [row[3] for row in rows],
    }
    return gpd.GeoDataFrame(columns, geometry=[Point(EAST + row[0], NORTH + 45) for row in rows], crs=4549)


def values(table, figure):
    return table.set_index("code")[figure].tolist()


def test_households_of_buildings_are_summed_up_to_every_level():
    table = figures(areas(), buildings=buildings((10, 60, 150), (50, 40, 90), (110, 300, 700)))
    assert values(table, "households") == [400, 100, 300]
    assert values(table, "residents") == [940, 240, 700]
    assert values(table, "buildings") == [3, 2, 1]


def test_without_buildings_the_areas_own_counts_stand():
    table = figures(areas(households=[400, 100, 300], residents=[None, None, None]))
    assert values(table, "households") == [400, 100, 300]
    assert np.isnan(values(table, "residents")).all()


def test_buildings_go_before_what_the_areas_state():
    assert values(figures(areas(households=[1, 1, 1]), buildings=buildings((10, 60, 150))), "households") == [60, 60, 0]


def test_ground_and_compactness_are_those_of_squares():
    table = figures(areas())
    assert values(table, "area_m2") == pytest.approx([20_000, 10_000, 10_000])
    # 4 pi 20 000 / 600 squared, 4 pi 10 000 / 400 squared
    assert values(table, "compactness") == pytest.approx([0.698, 0.785, 0.785], abs=0.001)


def test_staff_is_counted_per_ten_thousand_residents():
    people = buildings((10, 100, 2000), (110, 100, 3000))
    table = figures(areas(), buildings=people, places=places((20, "clinic", 50, 3), (120, "police", 90, 20)))
    assert values(table, "staff") == [3, 3, 0]
    assert values(table, "staff_per_10000") == [6, 15, 0]


@pytest.mark.parametrize(
    ("households", "needed"),
    [(0, 0), (100, 30), (1000, 300), (1001, 300.5), (1100, 350), (3000, 1300)],
)
def test_floor_space_grows_by_fifty_square_metres_per_hundred_households_above_a_thousand(households, needed):
    assert FloorSpace().needed_m2([households]).tolist() == [needed]


def test_floor_space_is_told_per_hundred_households_and_as_a_share_of_what_is_needed():
    people = buildings((10, 1200, 0))
    table = figures(areas(), buildings=people, places=places((20, "community_centre", 600, 0)))
    assert values(table, "floor_m2")[:2] == [600, 600]
    assert values(table, "floor_per_100_m2")[:2] == [50, 50]
    assert values(table, "floor_share")[:2] == [1.5, 1.5]


def test_the_way_to_the_service_point_is_the_mean_of_the_households():
    # doors at 15, 55 and 115; the points at 25 and 105
    people = buildings((10, 30, 0), (50, 10, 0), (110, 5, 0))
    table = figures(
        areas(), buildings=people, places=places((25, "community_centre", 1, 1), (105, "community_centre", 1, 1))
    )
    # a: (30 x 10 + 10 x 30) / 40, b: 10, both: (600 + 50) / 45
    assert values(table, "service_m") == pytest.approx([650 / 45, 15, 10], abs=1e-6)


def test_what_cannot_be_known_is_missing():
    table = figures(areas())
    unknown = ["households", "residents", "buildings", "staff", "floor_m2", "floor_share", "service_m"]
    assert table[unknown].isna().all(axis=None)


def test_layers_may_come_in_other_systems():
    layers = {"buildings": buildings((10, 60, 150), (110, 300, 700)), "places": places((20, "clinic", 50, 3))}
    moved = {name: layer.to_crs(4490) for name, layer in layers.items()}
    assert values(figures(areas(), **moved), "households") == [360, 60, 300]
    assert values(figures(areas(), **moved), "staff") == [3, 3, 0]


def test_a_level_that_is_not_stated_is_told_by_the_code():
    table = areas().assign(code=["320613001002", "320613001002001", "320613001002002"], level=None, parent=None)
    assert figures(table)["level"].tolist() == ["community", "grid", "grid"]


GRID = Norms(ranges={"grid": {"households": (150, 500), "compactness": (0.2, None)}})


@pytest.mark.parametrize(("households", "kept"), [(149, False), (150, True), (500, True), (501, False)])
def test_a_norm_is_kept_up_to_its_very_limits(households, kept):
    judged = judge(figures(areas(households=[0, households, 0])), GRID)
    assert judged.query("code == 'a' and figure == 'households'")["kept"].tolist() == [kept]


def test_whether_a_norm_is_kept_is_not_known_where_the_figure_is_not():
    judged = judge(figures(areas(households=[0, None, 0])), GRID)
    assert judged.query("code == 'a' and figure == 'households'")["kept"].isna().all()


def test_a_norm_is_asked_of_its_own_level_only():
    judged = judge(figures(areas(households=[9000, 200, 200])), GRID)
    assert judged["code"].tolist() == ["a", "a", "b", "b"]
    assert judged["kept"].all()


def test_what_is_judged_stands_beside_its_norm_and_unit():
    row = judge(figures(areas(households=[0, 120, 0])), GRID).iloc[0]
    assert (row.figure, row.measured, row.unit, row.least, row.greatest) == ("households", 120, "households", 150, 500)


def test_a_norm_for_a_figure_that_there_is_not_is_refused():
    with pytest.raises(TableError, match="no figure height"):
        judge(figures(areas()), Norms(ranges={"grid": {"height": (0, 1)}}))


def test_places_without_kinds_are_refused():
    with pytest.raises(TableError, match="no column kind"):
        figures(areas(), places=places((20, "clinic", 50, 3)).drop(columns="kind"))


def test_areas_without_a_system_are_refused():
    with pytest.raises(CrsError, match="state it"):
        figures(areas().set_crs(None, allow_override=True))


def test_the_areas_are_not_changed():
    table = areas(households=[1, 2, 3])
    before = table.copy(deep=True)
    figures(table, buildings=buildings((10, 60, 150)))
    assert table.equals(before)
