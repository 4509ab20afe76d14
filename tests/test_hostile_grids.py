"""Broken tables of every sort, given to every function on grids: it answers, or refuses with an error of its own."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from gridmap import partition, plans
from gridmap.blocks import street_blocks, street_faces, street_sides
from gridmap.errors import ConflictError, CrsError, GridmapError, InputError, TableError
from gridmap.tessellation import cells, faces, surroundings
from gridmap.tessellation.noding import polygons_between

X, Y = 500_000, 3_500_000


def square(x, y, wide=100, high=100):
    return box(X + x, Y + y, X + x + wide, Y + y + high)


def table(*shapes, crs=4549, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def pair(**columns):
    return table(square(0, 0), square(100, 0), **{"code": ["a", "b"], **columns})


#: a corner of it is at no number
NOWHERE = shapely.set_coordinates(square(0, 0), [[X, Y], [X + 9, np.nan], [X + 9, Y + 9], [X, Y + 9], [X, Y]])
#: two triangles that meet in a point
BOW = Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])
#: there and back
FLAT = Polygon([(X, Y), (X + 50, Y), (X + 90, Y)])
RING = square(0, 0).difference(square(40, 40, 20, 20))

BROKEN = {
    "nothing": pair().iloc[:0],
    "one area": pair().iloc[:1],
    "corners that touch": table(square(0, 0), square(100, 100), code=["a", "b"]),
    "an enclave": table(RING, square(40, 40, 20, 20), code=["a", "b"]),
    "an open hole": table(RING, code=["a"]),
    "several parts": table(MultiPolygon([square(0, 0), square(300, 0)]), square(100, 0), code=["a", "b"]),
    "far away": table(box(1e15, 1e15, 1e15 + 100, 1e15 + 100), code=["a"]),
    "unknown counts": pair(households=[np.nan, 5], residents=[np.nan, np.nan]),
    "infinite counts": pair(households=[np.inf, 5]),
    "words for counts": pair(households=["many", 5]),
    "counts below nought": pair(households=[-4, 5]),
    "one code twice": pair(code=["a", "a"]),
    "no code in a row": pair(code=["a", None]),
    "numbers for codes": pair(code=[1, 2]),
    "no codes": pair().drop(columns="code"),
    "degrees": pair().to_crs(4490),
    "web mercator": pair().to_crs(3857),
    "no system": gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=list(pair().geometry)),
    "no shape in a row": table(square(0, 0), None, code=["a", "b"]),
    "an empty shape": table(square(0, 0), Polygon(), code=["a", "b"]),
    "a point": table(square(0, 0), Point(X, Y), code=["a", "b"]),
    "rings that cross": table(BOW, square(100, 0), code=["a", "b"]),
    "no number for a corner": table(NOWHERE, square(100, 0), code=["a", "b"]),
    "no ground": table(FLAT, code=["a"]),
    "heights": table(shapely.force_3d(square(0, 0), 5.0), square(100, 0), code=["a", "b"]),
    "a parent without children": table(square(0, 0), square(100, 0), code=["a", "P"], parent=["Q", None]),
    "a parent beside its child": table(square(0, 0), square(100, 0), code=["a", "P"], parent=["P", None]),
    "parents in a circle": pair(parent=["b", "a"]),
    "its own parent": pair(parent=["a", None]),
    "an overlap": table(square(0, 0), square(50, 0), code=["a", "b"]),
    "one on the other": table(square(0, 0), square(0, 0), code=["a", "b"]),
    "labels twice": pair().set_axis([7, 7]),
    "another name for the geometry": pair().rename_geometry("shape"),
    "a speck": table(box(X, Y, X + 1e-7, Y + 1e-7), code=["a"]),
    "the date line": table(box(179.999, 10, 180, 10.001), box(-180, 10, -179.999, 10.001), crs=4490, code=["a", "b"]),
    "no place on the globe": table(box(500, 100, 501, 101), crs=4490, code=["a"]),
    "latitude first": table(box(32, 118, 33, 119), crs=4490, code=["a"]),
}

HOUSES = table(square(10, 10, 20, 20), square(120, 10, 20, 20), id=["1", "2"], households=[10, 20])
ROADS = table(
    LineString([(X - 10, Y + 50), (X + 210, Y + 50)]),
    LineString([(X + 100, Y - 10), (X + 100, Y + 110)]),
    id=["s", "t"],
    name=["甲路", None],
    **{"class": ["primary", "residential"]},
)
SPOTS = table(Point(X + 5, Y + 5), Point(X + 150, Y + 5), id=["p", "q"], building=["1", None], text=["x", "y"])
#: drawing is asked what it takes and not what it finds
STOP = lambda: True  # noqa: E731 - an option
ABOVE = pd.DataFrame({"code": ["P"], "parent": [None]})


def spots(*places):
    return [(X + x, Y + y) for x, y in places]


def with_ids(given):
    return given.rename(columns={"code": "id"})


FUNCTIONS = {
    "check": partition.check,
    "check with all": lambda given: partition.check(given, square(0, 0, 200), buildings=HOUSES, streets=ROADS),
    "check within": lambda given: partition.check(pair(), given),
    "check in parents": lambda given: partition.check(pair(), parents=given),
    "check buildings": lambda given: partition.check(pair(), buildings=with_ids(given)),
    "clean": lambda given: partition.clean(given, within=square(0, 0, 200, 120), snap_m=0.5),
    "clean within": lambda given: partition.clean(pair(), within=given),
    "unions of wholes": lambda given: partition.unions(given, pair()),
    "unions of parts": lambda given: partition.unions(pair(), given),
    "spellings": lambda given: partition.spellings(given, pd.DataFrame({"name": ["x"]})),
    "draw houses": lambda given: partition.draw(with_ids(given), None, target=15, stop=STOP),
    "draw within": lambda given: partition.draw(HOUSES, ROADS, within=given, target=15, stop=STOP),
    "draw in parents": lambda given: partition.draw(HOUSES, ROADS, parents=given, target=15, stop=STOP),
    "draw pieces": lambda given: partition.draw(HOUSES, ROADS, fixed=given, target=15, stop=STOP),
    "draw again": lambda given: partition.draw(HOUSES, ROADS, standing=given, target=15, stop=STOP),
    "draw from areas": lambda given: partition.draw_from_areas(given, target=15, stop=STOP),
    "merge": lambda given: partition.merge(given, ["a", "b"]),
    "split": lambda given: partition.split(given, "a", spots((-5, 50), (105, 50)), ["a", "z"]),
    "insert": lambda given: partition.insert_vertex(given, (X + 100, Y + 50)),
    "move": lambda given: partition.move_vertex(given, (X + 100, Y), (X + 100, Y + 5), outer=True),
    "delete": lambda given: partition.delete_vertex(given, (X + 100, Y), outer=True),
    "give": lambda given: partition.give(given, [spots((90, 20), (100, 20), (100, 40), (90, 40))], to="b"),
    "give buildings": lambda given: partition.give_buildings(given, HOUSES, ["1"], to="b"),
    "give broken buildings": lambda given: partition.give_buildings(pair(), with_ids(given), ["a"], to="b"),
    "redraw": lambda given: partition.redraw_border(given, "a", "b", spots((100, 0), (120, 50), (100, 100))),
    "upper": lambda given: partition.upper(given, ABOVE),
    "upper of these": lambda given: partition.upper(pair(parent=["P", "P"]), given),
    "compare old": lambda given: plans.compare(given, pair()),
    "compare new": lambda given: plans.compare(pair(), given),
    "change sheet": lambda given: plans.change_sheet(given, pair(), buildings=HOUSES, addresses=SPOTS, cameras=SPOTS),
    "change sheet of houses": lambda given: plans.change_sheet(pair(), pair(), buildings=with_ids(given)),
    "change sheet of addresses": lambda given: plans.change_sheet(pair(), pair(), addresses=with_ids(given)),
    "codes": lambda given: plans.assign_codes(given.assign(parent="320613001002", level="grid")),
    "bounds": lambda given: plans.bounds_in_words(given, ROADS),
    "figures": lambda given: plans.figures(given, HOUSES, standing=pair()),
    "figures beside": lambda given: plans.figures(pair(), HOUSES, standing=given),
    "a table of mergers": lambda given: plans.merged(given, {"a": "m", "b": "m"}),
    "forms": lambda given: plans.registration_forms(
        given, plans.compare(pair(), pair(code=["a", "c"])), effective=date(2026, 1, 1), streets=ROADS
    ),
    "blocks within": lambda given: street_blocks(ROADS, given),
    "faces of blocks within": lambda given: street_faces(ROADS, given),
    "cells": lambda given: cells(given.geometry.to_numpy(), [square(10, 10, 5, 5)]),
    "cells of outlines": lambda given: cells([square(-10, -10, 400, 400)], given.geometry.to_numpy()),
    "faces": lambda given: faces(shapely.boundary(given.geometry.to_numpy()), limit=square(-10, -10, 400, 400)),
    "surroundings": lambda given: surroundings(given.geometry.to_numpy()),
}


def surprises(function, tables):
    """What broke, by the name of the table, instead of being refused."""
    found = {}
    for name, given in tables.items():
        try:
            function(given)
        except GridmapError:
            continue
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what this looks for
            found[name] = repr(error)
    return found


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_broken_areas_are_answered_or_refused(function):
    assert surprises(function, BROKEN) == {}


def line(*places, **columns):
    return table(LineString([(X + x, Y + y) for x, y in places]), **{"id": ["s"], "class": ["primary"], **columns})


BROKEN_ROADS = {
    "nothing": ROADS.iloc[:0],
    "no length": line((0, 0), (0, 0)),
    "no shape": table(None, id=["s"]),
    "an empty shape": table(LineString(), id=["s"]),
    "ground": table(square(0, 0), id=["s"]),
    "a ring": table(LineString(square(0, 0).exterior.coords), id=["s"]),
    "a line like an 8": line((0, 0), (100, 100), (100, 0), (0, 100)),
    "there and back": line((0, 0), (100, 0), (0, 0)),
    "one on the other": table(*[LineString(spots((0, 0), (100, 0)))] * 2, id=["s", "t"]),
    "no number for a corner": table(
        shapely.set_coordinates(line((0, 0), (9, 0)).geometry[0], [[X, Y], [X + 9, np.nan]]), id=["s"]
    ),
    "a speck": line((0, 0), (1e-6, 0)),
    "heights": table(LineString([(X, Y, 1), (X + 100, Y, 2)]), id=["s"], name=["路"]),
    "a river alone": line((0, 0), (100, 0), barrier=["river"]).drop(columns="class"),
    "no system": gpd.GeoDataFrame({"id": ["s"]}, geometry=[ROADS.geometry[0]]),
    "latitude first": table(LineString([(32, 118), (33, 119)]), crs=4490, id=["s"]),
    "numbers for words": ROADS.assign(**{"class": [1, 2], "name": [np.nan, 7]}),
}
OF_ROADS = {
    "blocks": street_blocks,
    "sides": lambda given: street_sides(given, square(-20, -20, 240, 240)),
    "faces": street_faces,
    "draw": lambda given: partition.draw(HOUSES, given, target=15, stop=STOP),
    "check": lambda given: partition.check(pair(), streets=given),
    "bounds": lambda given: plans.bounds_in_words(pair(), given),
}


@pytest.mark.parametrize("function", OF_ROADS.values(), ids=OF_ROADS)
def test_broken_streets_are_answered_or_refused(function):
    assert surprises(function, BROKEN_ROADS) == {}


@pytest.mark.parametrize(
    "function",
    [
        lambda given: partition.check(pair(), given),
        lambda given: partition.check(pair(), parents=given),
        lambda given: partition.check(pair(), buildings=with_ids(given)),
        lambda given: partition.unions(pair(), given),
        lambda given: street_blocks(ROADS, given),
    ],
    ids=["territory", "parents", "buildings", "parts", "blocks"],
)
def test_a_table_on_an_old_datum_is_refused_and_not_silently_shifted(function):
    xian = gpd.GeoDataFrame({"code": ["a"]}, geometry=[square(0, 0)], crs=2385)
    with pytest.raises(CrsError, match="changes the datum"):
        function(xian)


def test_an_area_without_ground_is_told_as_one_whose_rings_are_no_polygon():
    found = partition.check(table(FLAT, square(100, 0), code=["a", "b"]))
    assert found.loc[found["rule"] == "invalid", ["codes", "measured"]].to_numpy().tolist() == [["a", 0.0]]


def test_a_word_in_a_column_of_counts_is_told_with_its_feature():
    with pytest.raises(TableError, match="feature 2, column households: households is 'many'"):
        partition.check(pair(households=[3, "many"]))


def test_a_territory_in_metres_of_areas_in_degrees_is_refused():
    with pytest.raises(TableError, match="cannot be degrees"):
        partition.check(pair().to_crs(4490), square(0, 0, 200))


def test_rings_of_a_territory_that_cross_are_read_as_even_odd():
    found = partition.check(table(square(0, 0), code=["a"]), BOW)
    assert found[["rule", "measured"]].to_numpy().tolist() == [["outside", 5000.0]]


def test_a_building_whose_rings_cross_counts_where_its_ground_is():
    crossed = table(BOW, id=["h"], households=[200])
    assert partition.check(pair(), buildings=crossed)["codes"].tolist() == ["b"]


@pytest.mark.parametrize(
    "function",
    [
        lambda given: partition.give(given, [spots((90, 20), (100, 20), (100, 40), (90, 40))], to="b"),
        lambda given: partition.give_buildings(given, HOUSES, ["1"], to="b"),
    ],
    ids=["ground", "buildings"],
)
def test_nothing_is_taken_from_an_area_that_crosses_itself(function):
    with pytest.raises(ConflictError, match="area a crosses itself already"):
        function(table(BOW, square(100, 0), code=["a", "b"]))


def test_all_that_keeps_areas_from_being_edited_is_told_at_once():
    with pytest.raises(TableError) as refused:
        partition.merge(table(NOWHERE, square(100, 0), code=[None, "b"]), ["a", "b"])
    assert [(fault.code, fault.feature) for fault in refused.value.faults] == [("missing_code", 1), ("no_ground", 1)]


def test_a_building_whose_rings_cross_is_given_with_its_ground():
    # its two triangles stand within 10 m of the border
    bow = Polygon(spots((90, 40), (98, 48), (98, 40), (90, 48)))
    given = partition.give_buildings(pair(), table(bow, square(20, 40, 20, 20), id=["h", "i"]), ["h"], to="b")
    assert given.geometry.iloc[1].covers(shapely.make_valid(bow))


def test_members_that_overlap_are_not_merged():
    over = table(square(0, 0), square(50, 0), code=["a", "b"])
    with pytest.raises(TableError, match="m: its members overlap"):
        plans.merged(over, {"a": "m", "b": "m"})


def test_the_households_of_a_merger_are_unknown_where_those_of_a_member_are():
    merged = plans.merged(pair(households=[3, None]), {"a": "m", "b": "m"})
    assert merged["households"].isna().tolist() == [True]


@pytest.mark.parametrize(
    "function",
    [partition.clean, lambda given: partition.unions(given, pair()), lambda given: partition.unions(pair(), given)],
    ids=["clean", "unions of wholes", "unions of parts"],
)
def test_areas_of_several_levels_are_refused_where_one_is_asked_for(function):
    both = table(square(0, 0), square(100, 0), square(0, 0, 200), code=["a", "b", "P"], parent=["P", "P", None])
    with pytest.raises(TableError, match="feature 3: area P holds others"):
        function(both)


def test_no_faces_have_no_cells():
    assert len(cells([], [square(0, 0)]).geometry) == 0


def test_a_lane_without_length_has_ground_around_it_all_the_same():
    # 75 m less the 10 m by which corners are rounded
    assert surroundings([LineString([(5, 5), (5, 5)])]).covers(Point(5, 5).buffer(65))


def test_nothing_is_ground_around_no_numbers():
    with pytest.raises(InputError, match="nothing to find the limit around"):
        surroundings([Point(np.nan, 0)])


def test_a_crossing_is_put_on_a_line_and_not_between_two_parts_of_another():
    # from the first part of the first line to the second one, the straight way leads past the crossing by 0.3 mm
    parts = shapely.from_wkt("MULTILINESTRING ((0 0, 0 1), (10 7, 10 8))")
    rim = shapely.boundary(box(-20, -20, 20, 20))
    across = [LineString([(-20, 4.0003), (20, 4.0003)]), LineString([(5.0004, -20), (5.0004, 20)])]
    corners = shapely.get_coordinates(polygons_between(np.array([parts, *across, rim], dtype=object)))
    inner = corners[(np.abs(corners - [5, 4]) < 1).all(axis=1)]
    assert np.unique(inner[:, 1]).tolist() == [4.0003]
