"""Streets and what runs along them: which metres are one corridor, on streets drawn by hand."""

from __future__ import annotations

from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from gridmap.compiling import COMPILED
from gridmap.tracks.matching import Beside, Corridors, prepared
from gridmap.tracks.matching.visits import Visits, onto
from tests import walks

needs_numba = pytest.mark.skipif(not COMPILED, reason="without numba there is only one way")


def corridors(*rows: tuple[str, str | None, list[tuple[float, float]]], **options: Any) -> Corridors:
    """The corridors of streets given as class, name and vertices in metres."""
    kinds, names, lines = zip(*rows, strict=True)
    table = geopandas.GeoDataFrame(
        {"id": range(len(rows)), "class": kinds, "name": names},
        geometry=[shapely.LineString(line) for line in lines],
        crs=4549,
    )
    return prepared(table, **options).corridors


def along(found: Corridors, street: int, low: float, high: float) -> list[tuple[int, float, float]]:
    """Main street, and metres along it, of a stretch of a street; neighbours made one."""
    placed = found.onto(np.array([street]), np.array([low]), np.array([high]))
    rows = walks.united(placed.street, placed.at_low, placed.at_high)
    return [(int(main), round(a, 1), round(b, 1)) for main, a, b in rows.itertuples(index=False)]


ROAD = ("residential", "解放路", [(0.0, 0.0), (300.0, 0.0)])


def test_a_sidewalk_is_walked_on_its_street() -> None:
    found = corridors(ROAD, ("footway", None, [(0, 9), (300, 9)]))
    assert along(found, 1, 50, 120) == [(0, 50, 120)]
    assert found.own_m(2).tolist() == [300, 0]


def test_a_sidewalk_drawn_against_its_street_falls_along_it() -> None:
    found = corridors(ROAD, ("footway", None, [(300, 9), (0, 9)]))
    placed = found.places(np.array([1]), np.array([50.0]))
    assert (placed[0].tolist(), placed[1].round(6).tolist()) == ([0], [250])


@pytest.mark.parametrize(("off", "joined"), [(11.9, True), (12.1, False), (20, False)])
def test_what_runs_more_than_twelve_metres_off_is_a_street_of_its_own(off: float, joined: bool) -> None:  # noqa: FBT001
    found = corridors(ROAD, ("footway", None, [(0, off), (300, off)]))
    assert found.own_m(2).tolist() == [300, 0 if joined else 300]


@pytest.mark.parametrize(("rise", "joined"), [(0.3, True), (0.4, False)], ids=["17 degrees", "22 degrees"])
def test_what_runs_more_than_twenty_degrees_off_is_a_street_of_its_own(rise: float, joined: bool) -> None:  # noqa: FBT001
    found = corridors(ROAD, ("footway", None, [(100, 1), (130, 1 + 30 * rise)]))
    assert (found.own_m(2)[1] == 0) == joined


def test_a_path_that_leaves_its_street_is_its_own_from_there() -> None:
    found = corridors(ROAD, ("footway", None, [(0, 8), (150, 8), (150, 200)]))
    assert found.own_m(2)[1] == pytest.approx(192, abs=5)
    assert [row[0] for row in along(found, 1, 0, 342)] == [0, 1]


def test_the_carriageways_of_one_street_are_one_corridor_and_neighbours_of_other_names_are_not() -> None:
    other = [(300.0, 11.0), (0.0, 11.0)]
    assert corridors(ROAD, ("residential", "解放路", other)).own_m(2).tolist() == [300, 0]
    assert corridors(ROAD, ("residential", "和平巷", other)).own_m(2).tolist() == [300, 300]


def test_the_main_street_is_the_one_of_the_higher_class_wherever_it_stands_in_the_table() -> None:
    found = corridors(("service", None, [(0, 10), (300, 10)]), ROAD)
    assert found.own_m(2).tolist() == [0, 300]


def test_what_has_joined_a_street_is_no_main_street_to_a_third() -> None:
    found = corridors(ROAD, ("footway", None, [(0, 9), (300, 9)]), ("footway", None, [(0, 18), (300, 18)]))
    assert found.own_m(3).tolist() == [300, 0, 300]


def test_a_street_that_goes_on_beyond_the_end_of_another_does_not_run_beside_it() -> None:
    onward = ("footway", None, [(300.0, 0.0), (310.0, 0.0), (400.0, 0.0)])
    found = corridors(ROAD, onward, beside=Beside(least_m=1))
    assert found.own_m(2).tolist() == [300, 100]


def test_a_short_stretch_beside_a_street_does_not_join_it_unless_it_is_all_there_is() -> None:
    bent = [(100.0, 80.0), (100.0, 9.0), (112.0, 9.0), (112.0, 80.0)]
    assert corridors(ROAD, ("footway", None, bent)).own_m(2)[1] == pytest.approx(154)
    assert corridors(ROAD, ("footway", None, [(100, 9), (112, 9)])).own_m(2)[1] == 0


def test_a_stretch_of_a_main_street_is_beside_all_of_its_corridor() -> None:
    found = corridors(ROAD, ("footway", None, [(300, 9), (0, 9)]), ("footway", None, [(0, -9), (100, -9)]))
    placed = found.beside(np.array([0]), np.array([80.0]), np.array([200.0]))
    rows = walks.united(placed.street, placed.at_low, placed.at_high)
    assert rows.round(3).to_numpy().tolist() == [[0, 80, 200], [1, 100, 220], [2, 80, 100]]


def test_every_metre_of_every_street_is_in_one_piece(shared_data: Any) -> None:
    table = walks.helsinki(shared_data("helsinki_osm/Helsinki.osm.pbf"))
    ready = prepared(table)
    found, metres = ready.corridors, ready.ground.graph.street_m
    assert np.bincount(found.street, found.to_m - found.from_m, len(metres)) == pytest.approx(metres)
    assert (found.from_m[1:] >= found.to_m[:-1] - 1e-6)[found.street[1:] == found.street[:-1]].all()
    lines = table.geometry.to_numpy()
    one = shapely.line_interpolate_point(lines[found.street], (found.from_m + found.to_m) / 2)
    other = shapely.line_interpolate_point(lines[found.main], (found.main_from_m + found.main_to_m) / 2)
    assert shapely.distance(one, other).max() < 12 + 5


def test_the_pieces_can_be_had_as_a_table_by_id() -> None:
    table = corridors(ROAD, ("footway", None, [(0, 9), (10, 9)]), beside=None).table(["A", "B"])
    assert table[["street", "main"]].to_numpy().tolist()[0] == ["A", "A"]
    assert set(table["main"]) == {"A"}


def test_an_interval_that_touches_a_piece_by_rounding_has_no_part_on_it() -> None:
    ends = {"from_m": [0.0, 10.0], "to_m": [10.0 + 1e-12, 20.0], "main_from_m": [0.0, 10.0], "main_to_m": [10.0, 20.0]}
    pieces = {name: np.array(values) for name, values in ends.items()}
    found = Corridors(street=np.zeros(2, np.int64), main=np.array([1, 2]), **pieces)
    assert found.onto(np.array([0]), np.array([10.0]), np.array([20.0])).street.tolist() == [2]


TWO_PIECES = Corridors(
    street=np.zeros(2, np.int64),
    from_m=np.array([0.0, 10.0]),
    to_m=np.array([10.0, 20.0]),
    main=np.array([1, 2]),
    main_from_m=np.array([0.0, 10.0]),
    main_to_m=np.array([10.0, 20.0]),
)


@pytest.mark.parametrize("kernel", [False, pytest.param(True, marks=needs_numba)], ids=["numpy", "kernel"])
@pytest.mark.parametrize(
    ("first", "last", "mains", "spans"),
    [
        (0.0, 20.0, [1, 2], [(0, 20), (20, 40)]),
        (20.0, 0.0, [2, 1], [(0, 20), (20, 40)]),
        (0.0, 0.0, [1, 2], [(0, 40), (0, 40)]),
    ],
    ids=["along", "against", "there and back"],
)
def test_a_visit_beside_two_main_streets_is_one_of_each_at_an_even_pace(
    first: float,
    last: float,
    mains: list[int],
    spans: list[tuple[int, int]],
    kernel: bool,  # noqa: FBT001
) -> None:
    number, metres = np.zeros(1, np.int64), {"low": 0.0, "high": 20.0, "begun": 0.0, "ended": 40.0}
    one = Visits(run=number, steps=number, kind=number, line=number, first=np.array([first]), last=np.array([last]),
                 **{name: np.array([value]) for name, value in metres.items()})  # fmt: skip
    found = onto(one, TWO_PIECES, kernel=kernel)
    assert found.line.tolist() == mains
    assert list(zip(found.begun, found.ended, strict=True)) == spans


def test_what_lies_beside_a_main_street_is_found_in_whatever_order_streets_joined_theirs() -> None:
    low, high = np.zeros(3), np.full(3, 10.0)
    found = Corridors(
        street=np.arange(3), main=np.array([2, 1, 2]), from_m=low, to_m=high, main_from_m=low, main_to_m=high
    )
    placed = found.beside(np.array([2, 1]), np.zeros(2), np.full(2, 10.0))
    assert (placed.given.tolist(), placed.street.tolist()) == ([0, 0, 1], [0, 2, 1])
