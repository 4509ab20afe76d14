"""The tie rule in SQL, against exact rational arithmetic."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction
from itertools import pairwise

import geopandas as gpd
import numpy as np
import psycopg
import pytest
import shapely
from shapely.geometry import MultiPolygon, Polygon

from gridmap import store

DAY = date(2026, 1, 1)
SOURCE = store.Source(file="areas.geojson")


def exact(value):
    return Fraction(float(value))


def edges(shape):
    for part in getattr(shape, "geoms", [shape]):
        for ring in (part.exterior, *part.interiors):
            points = [(exact(x), exact(y)) for x, y in ring.coords]
            yield from pairwise(points)


def turn(a, b, p):
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def holds(shape, p):
    """Whether the shape holds p nudged by (+e, +e^2): an odd number of edges to its east."""
    odd = False
    for a, b in edges(shape):
        low, high = sorted((a, b), key=lambda q: q[1])
        if low[1] <= p[1] < high[1]:
            crossing = low[0] + (p[1] - low[1]) * (high[0] - low[0]) / (high[1] - low[1])
            odd ^= crossing > p[0]
    return odd


def borders(shape, p):
    between = (
        (a, b)
        for a, b in edges(shape)
        if min(a[0], b[0]) <= p[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])
    )
    return any(turn(a, b, p) == 0 for a, b in between)


def answer(areas, depth, x, y):
    """Code by the tie rule; `areas` is {code: shape}."""
    p = (exact(x), exact(y))
    for within in (holds, borders):
        held = sorted((-depth[code], code) for code, shape in areas.items() if within(shape, p))
        if held:
            return held[0][1]
    return None


def probes(areas, seed=0):
    """Every vertex and edge midpoint, their neighbours by one step of a double, and points at random."""
    points = []
    for shape in areas.values():
        xy = shapely.get_coordinates(shape)
        middle = (xy[1:] + xy[:-1]) / 2
        points += [xy, middle]
    base = np.unique(np.concatenate(points), axis=0)
    near = [np.column_stack([np.nextafter(base[:, 0], to), base[:, 1]]) for to in (-np.inf, np.inf)]
    near += [np.column_stack([base[:, 0], np.nextafter(base[:, 1], to)]) for to in (-np.inf, np.inf)]
    west, south, east, north = shapely.total_bounds(list(areas.values()))
    random = np.random.default_rng(seed).uniform((west - 1, south - 1), (east + 1, north + 1), (100, 2))
    return np.concatenate([base, *near, random])


def ask(record, points):
    with record.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT code FROM areas_of(%s, %s, %s)", (points[:, 0].tolist(), points[:, 1].tolist(), DAY)
        )
        return [row.code for row in rows]


def enter(record, areas, parents):
    table = gpd.GeoDataFrame(
        {"code": list(areas), "parent": [parents.get(code) for code in areas]}, geometry=list(areas.values()), crs=4490
    )
    with record.begin() as connection:
        store.load(connection, "areas", table, source=SOURCE, actor="test", effective=DAY)


def star(rng, x, y, radius, corners):
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    far = rng.uniform(0.3, 1, corners) * radius
    return Polygon(np.column_stack([x + far * np.cos(angles), y + far * np.sin(angles)]))


def nested():
    """Town over two villages over grids; one village has an enclave of the other, and an island."""
    enclave = shapely.box(0.2, 0.2, 0.4, 0.4)
    west = MultiPolygon(
        [Polygon(shapely.box(0, 0, 1.1, 2).exterior.coords, [enclave.exterior.coords]), shapely.box(3, 3, 4, 4)]
    )
    east = MultiPolygon([Polygon([(1.1, 0), (2, 0.1), (2.3, 2), (1.1, 2)]), enclave])
    areas = {"t": shapely.union_all([west, east]), "v1": west, "v2": east}
    areas |= {"g1": shapely.box(0, 1, 1.1, 2), "g2": shapely.box(0.4, 0, 1.1, 0.7), "g3": enclave}
    parents = {"v1": "t", "v2": "t", "g1": "v1", "g2": "v1", "g3": "v2"}
    return areas, parents, {"t": 0, "v1": 1, "v2": 1, "g1": 2, "g2": 2, "g3": 2}


def overlapping():
    rng = np.random.default_rng(7)
    areas = {f"s{n}": star(rng, 120 + rng.uniform(-1, 1), 31 + rng.uniform(-1, 1), 1.5, 9) for n in range(6)}
    return areas, {}, dict.fromkeys(areas, 0)


def tenths():
    """Triangles that share slanted borders whose midpoints no double can hold."""
    corners = [(120.1, 31.1), (120.7, 31.3), (120.9, 31.9), (120.3, 31.7)]
    middle = (120.45, 31.55)
    areas = {f"k{n}": Polygon([corners[n], corners[(n + 1) % 4], middle]) for n in range(4)}
    return areas, {}, dict.fromkeys(areas, 0)


@pytest.mark.parametrize("make", [nested, overlapping, tenths])
def test_every_vertex_midpoint_and_neighbour_has_the_area_that_exact_arithmetic_gives_it(record, make):
    areas, parents, depth = make()
    enter(record, areas, parents)
    points = probes(areas)
    assert ask(record, points) == [answer(areas, depth, x, y) for x, y in points]


TOWN = {"w": shapely.box(0, 0, 1, 2), "e": shapely.box(1, 0, 2, 1), "n": shapely.box(1, 1, 2, 2)}


@pytest.mark.parametrize(
    ("x", "y", "code"),
    [
        pytest.param(1, 0.5, "e", id="a border's points go east"),
        pytest.param(1.5, 1, "n", id="those of an east-west border go north"),
        pytest.param(1, 1, "n", id="a corner goes north-east"),
        pytest.param(2, 0.5, "e", id="the eastern rim is closed"),
        pytest.param(2, 1, "e", id="a corner of the rim: the least code"),
        pytest.param(2, 2.0000000000000004, None, id="one step beyond is outside"),
        pytest.param(math.nan, 1, None, id="not a number"),
        pytest.param(math.inf, 1, None, id="infinite"),
        pytest.param(1e300, 1, None, id="no longitude"),
    ],
)
def test_a_point_on_a_border_belongs_to_one_area(record, x, y, code):
    enter(record, TOWN, {})
    assert ask(record, np.array([[x, y]])) == [code]


@pytest.mark.parametrize(
    "value", [0.1, 120.123456789012345, -31.7, 0.0, 5e-324, 2.0**-1022, 1.7976931348623157e308, 2.0**60]
)
def test_a_double_is_taken_apart_exactly(record, value):
    with record.connect() as connection:
        whole = connection.exec_driver_sql("SELECT gridmap_exact(%s)", (value,)).scalar_one()
    assert Fraction(whole) == Fraction(value)


def test_a_past_day_is_answered_by_the_plan_of_that_day(record):
    enter(record, TOWN, {})
    june = date(2026, 6, 1)
    with record.begin() as connection:
        new = gpd.GeoDataFrame(
            {"code": ["w", "e"]}, geometry=[shapely.box(0, 0, 1.5, 2), shapely.box(1.5, 0, 2, 2)], crs=4490
        )
        store.publish(connection, new, effective=june, source=SOURCE, actor="test")
        days = [date(2025, 12, 31), DAY, date(2026, 5, 31), june]
        found = [connection.exec_driver_sql("SELECT area_at(1.2, 0.5, %s)", (day,)).scalar() for day in days]
    assert found == [None, "e", "e", "w"]


def test_the_chain_goes_from_the_coarsest_area_to_the_finest(record):
    areas, parents, _ = nested()
    enter(record, areas, parents)
    with record.connect() as connection:
        rows = connection.exec_driver_sql("SELECT code, depth FROM areas_at(0.3, 0.3, %s)", (DAY,)).all()
    assert rows == [("t", 0), ("v2", 1), ("g3", 2)]


def test_a_lookup_uses_the_spatial_index(record, record_url):
    many = {f"g{n}": shapely.box(n % 50, n // 50, n % 50 + 1, n // 50 + 1) for n in range(2500)}
    enter(record, many, {})
    said = []
    with psycopg.connect(record_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.add_notice_handler(lambda notice: said.append(notice.message_primary))
        connection.execute("ANALYZE areas")
        connection.execute("LOAD 'auto_explain'")
        for name, value in (("log_min_duration", "0"), ("log_nested_statements", "on")):
            connection.execute(f"SET auto_explain.{name} = {value}")
        connection.execute("SET client_min_messages = log")
        connection.execute("SELECT area_at(10.5, 10.5, %s)", (DAY,))
    plan = next(text for text in said if "FROM areas" in text and "ORDER BY a.depth" in text)
    assert "areas_geom" in plan
    assert "Seq Scan on areas" not in plan


def test_the_sign_of_a_turn_is_exact_where_doubles_are_not(record):
    """The points of Kettner et al. (2008), Classroom examples of robustness problems, figure 2."""
    steps = [0.5 + n * 2.0**-53 for n in range(0, 32, 2)]
    points = [(x, y) for x in steps for y in steps]
    query = "SELECT gridmap_turn(12, 12, 24, 24, x, y) FROM unnest(%s::float8[], %s::float8[]) AS p (x, y)"
    with record.connect() as connection:
        signs = connection.exec_driver_sql(query, tuple(map(list, zip(*points, strict=True)))).scalars().all()
    assert signs == [(y > x) - (y < x) for x, y in points]
