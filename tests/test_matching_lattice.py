"""The likeliest way through the candidates, against all ways tried one by one; and the kernels against numpy."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import geopandas
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.compiling import COMPILED
from gridmap.streets import graph, point_on
from gridmap.tracks.matching import Matching, Prepared, match, pairs_kernel, paths, prepared
from gridmap.tracks.matching import pairs as tables
from gridmap.tracks.matching.ground import Ground, ground
from gridmap.tracks.matching.lattice import Candidates, Steps, routes
from gridmap.tracks.matching.paths import Places, pieces
from gridmap.tracks.matching.tracing import candidates, likeliest
from tests import walks

needs_numba = pytest.mark.skipif(not COMPILED, reason="without numba there is only one way")
both_ways = pytest.mark.parametrize("kernel", [False, pytest.param(True, marks=needs_numba)], ids=["numpy", "kernel"])


def lattice_of_streets(seed: int, size: int = 5, apart: float = 60.0) -> geopandas.GeoDataFrame:
    """Streets between the points of a crooked lattice, some of them missing."""
    rng = np.random.default_rng(seed)
    points = np.stack(np.meshgrid(np.arange(size), np.arange(size), indexing="ij"), axis=-1) * apart
    points = points + rng.uniform(-0.3 * apart, 0.3 * apart, points.shape) + 1000
    lines = [(points[i, j], points[i + 1, j]) for i in range(size - 1) for j in range(size)]
    lines += [(points[i, j], points[i, j + 1]) for i in range(size) for j in range(size - 1)]
    kept = [shapely.LineString(line) for line in lines if rng.random() > 0.15]
    return geopandas.GeoDataFrame({"id": [f"S{k}" for k in range(len(kept))]}, geometry=kept, crs=4549)


def sidewalk(line: shapely.LineString) -> shapely.LineString:
    """A path 7 m beside a street, between its ends, drawn against it."""
    (one, *_, other), beside = line.coords, shapely.offset_curve(line, 7.0).segmentize(5.0)
    return shapely.reverse(shapely.LineString([one, *beside.coords[1:-1], other]))


def steps_of(x: Any, y: Any, sigma: float = 8.0) -> Steps:
    """Steps of one track whose routes may be as long as they like."""
    straight = np.hypot(np.diff(x, prepend=x[0]), np.diff(y, prepend=y[0]))
    linked = np.arange(len(x)) > 0
    return Steps(linked=linked, straight=straight, most=np.full(len(x), 1e9), sigma=np.full(len(x), sigma))


def between(made: Ground, one: tuple[int, float], other: tuple[int, float]) -> float:
    """Metres between two places on edges, by networkx on the graph cut at both."""
    cut: Any = nx.MultiGraph()
    places = {0: one, 1: other}
    for edge, (first, last) in enumerate(made.graph.ends.tolist()):
        stops = sorted((along, f"place {k}") for k, (at, along) in places.items() if at == edge)
        chain = [(0.0, first), *stops, (float(made.length[edge]), last)]
        for (a, u), (b, v) in pairwise(chain):
            cut.add_edge(u, v, weight=max(b - a, 0.0))
    try:
        return float(nx.shortest_path_length(cut, "place 0", "place 1", weight="weight"))
    except nx.NetworkXNoPath:
        return float("inf")


def loss(made: Ground, found: Candidates, steps: Steps, way: tuple[int, ...]) -> float:
    """What a way costs: half the squares of the errors, and by how much its routes differ from the straight lines."""
    total = 0.0
    for i, k in enumerate(way):
        total += found.square[i, k] / (2 * 8.0**2)
        if i == 0:
            continue
        pair = ((i - 1, way[i - 1]), (i, k))
        here = [(int(made.segments.edge[found.segment[j, c]]), float(found.along[j, c])) for j, c in pair]
        over = between(made, *here) - steps.straight[i]
        total += over / 8.0 if over > 0 else -over / 24.0
        total += 1.0 if here[0][0] != here[1][0] else 0.0
    return total


@both_ways
@pytest.mark.parametrize("seed", range(3))
def test_no_way_through_the_candidates_is_likelier_than_the_one_chosen(seed: int, kernel: bool) -> None:  # noqa: FBT001
    made = ground(graph(lattice_of_streets(seed, size=3)), Matching(edges=3))
    rng = np.random.default_rng(seed + 100)
    x, y = (1000 + np.cumsum(rng.uniform(5, 35, 5)) for _ in range(2))
    found = candidates(made, x, y, kernel=kernel)
    steps = steps_of(x, y)
    chosen, fresh = likeliest(made, found, steps, kernel=kernel)
    every = [loss(made, found, steps, way) for way in product(*(range(count) for count in found.count))]
    assert fresh.tolist() == [True, False, False, False, False]
    assert loss(made, found, steps, tuple(chosen)) == pytest.approx(min(every), rel=1e-5)


@both_ways
def test_the_candidates_are_the_nearest_edges_within_reach_nearest_first(kernel: bool) -> None:  # noqa: FBT001
    made = ground(graph(lattice_of_streets(5)))
    x, y = np.random.default_rng(1).uniform(980, 1260, (2, 40))
    found = candidates(made, x, y, kernel=kernel)
    for i, point in enumerate(shapely.points(x, y)):
        far = shapely.distance(made.graph.edges, point)
        expected = np.sort(far[far <= 35])[:8]
        assert np.sqrt(found.square[i, : found.count[i]]) == pytest.approx(expected)


@both_ways
@pytest.mark.parametrize("far", [36.0, 60.0, 1e4, 1e9], ids=["just beyond", "beyond", "far", "elsewhere"])
def test_a_fix_beyond_the_ground_has_no_candidates(far: float, kernel: bool) -> None:  # noqa: FBT001
    made = ground(graph(lattice_of_streets(5)))
    (west, south), (east, north) = made.graph.node_xy.min(axis=0), made.graph.node_xy.max(axis=0)
    x, y = (grid.ravel() for grid in np.meshgrid([west - far, 1120, east + far], [south - far, 1120, north + far]))
    assert candidates(made, x, y, kernel=kernel).count.astype(bool).tolist() == [False] * 4 + [True] + [False] * 4


@both_ways
def test_a_fix_on_a_crossing_of_many_streets_keeps_the_first_of_them(kernel: bool) -> None:  # noqa: FBT001
    turns = np.linspace(0, np.pi, 12, endpoint=False)
    lines = [shapely.LineString([(0, 0), (100 * np.cos(turn), 100 * np.sin(turn))]) for turn in turns]
    made = ground(graph(geopandas.GeoDataFrame({"id": range(12)}, geometry=lines, crs=4549)))
    found = candidates(made, np.zeros(1), np.zeros(1), kernel=kernel)
    assert made.segments.edge[found.segment[0]].tolist() == list(range(8))
    assert found.square.tolist() == [[0.0] * 8]


@needs_numba
def test_the_kernel_keeps_the_same_candidates_where_there_are_more_than_it_may_keep() -> None:
    made = ground(graph(lattice_of_streets(5, apart=15)), Matching(edges=4))
    x, y = np.random.default_rng(1).uniform(990, 1070, (2, 200))
    one, other = (candidates(made, x, y, kernel=kernel) for kernel in (True, False))
    assert one.count.tolist() == other.count.tolist()
    assert max(other.count) == 4
    assert (one.segment == other.segment).all()
    assert (one.along == other.along).all()


def test_a_route_is_as_long_as_in_the_graph_cut_at_both_places() -> None:
    made = ground(graph(lattice_of_streets(7)), Matching(table_m=5000))
    rng = np.random.default_rng(2)
    edge = rng.integers(0, len(made.length), (2, 60))
    along = rng.uniform(0, 1, edge.shape) * made.length[edge]
    metres, _ = routes(made, (edge[0], along[0]), (edge[1], along[1]))
    expected = [between(made, (a, s), (b, t)) for a, b, s, t in zip(*edge, *along, strict=True)]
    assert metres == pytest.approx(np.array(expected), rel=1e-4)


@both_ways
def test_the_pieces_of_a_way_are_as_long_as_its_route_and_join_end_to_end(kernel: bool) -> None:  # noqa: FBT001
    made = ground(graph(lattice_of_streets(7)), Matching(table_m=5000))
    rng = np.random.default_rng(3)
    edge = rng.integers(0, len(made.length), 40)
    along = rng.uniform(0.1, 0.9, 40) * made.length[edge]
    times = np.arange(40.0)
    places = Places(edge=edge, along=along, begun=times, ended=times, fresh=np.zeros(40, dtype=bool))
    metres, _ = routes(made, (edge[:-1], along[:-1]), (edge[1:], along[1:]))
    way = pieces(made, places, np.arange(1, 40), np.zeros(39, dtype=np.int64), kernel=kernel)
    assert np.bincount(way.step, np.abs(way.reaches - way.leaves))[1:] == pytest.approx(metres, rel=1e-4)
    ends = [point_on(made.graph, way.edge, at) for at in (way.leaves, way.reaches)]
    assert ends[0][1:] == pytest.approx(ends[1][:-1], abs=1e-6)


@needs_numba
def test_the_kernel_finds_all_pieces_however_many_a_step_has(monkeypatch: pytest.MonkeyPatch) -> None:
    made = ground(graph(lattice_of_streets(7)), Matching(table_m=5000))
    edge, times = np.arange(20) % len(made.length), np.arange(20.0)
    places = Places(edge=edge, along=np.full(20, 5.0), begun=times, ended=times, fresh=np.zeros(20, dtype=bool))
    expected = pieces(made, places, np.arange(1, 20), np.zeros(19, dtype=np.int64), kernel=False)
    monkeypatch.setattr(paths, "_PIECES", 1)
    found = pieces(made, places, np.arange(1, 20), np.zeros(19, dtype=np.int64), kernel=True)
    assert len(expected) > 19
    assert all((getattr(found, name) == values).all() for name, values in vars(expected).items())


@needs_numba
def test_the_kernel_finds_the_metres_of_all_pairs_that_the_table_has() -> None:
    made = graph(lattice_of_streets(3))
    table = tables.pairs(made.matrix(), made.node_xy, reach_m=150, most=10**6)
    one, other = (grid.ravel() for grid in np.meshgrid(np.arange(made.nodes), np.arange(made.nodes)))
    found = [pairs_kernel.between(a, b, table.slots) for a, b in zip(one, other, strict=True)]
    assert found == tables.between(table, one, other).tolist()


def test_the_table_of_routes_knows_all_pairs_within_reach_and_no_others() -> None:
    made = graph(lattice_of_streets(3, size=8))
    table = tables.pairs(made.matrix(), made.node_xy, reach_m=200, most=10**6)
    graph_of_nodes = nx.from_scipy_sparse_array(made.matrix())
    expected = {
        (a, b): far
        for a, others in nx.all_pairs_dijkstra_path_length(graph_of_nodes, cutoff=200)
        for b, far in others.items()
    }
    one, other = (grid.ravel() for grid in np.meshgrid(np.arange(made.nodes), np.arange(made.nodes)))
    found = tables.between(table, one, other)
    wanted = [expected.get((a, b), np.inf) for a, b in zip(one.tolist(), other.tolist(), strict=True)]
    assert found == pytest.approx(np.array(wanted), rel=1e-6)


def test_an_edge_may_be_shorter_than_the_line_between_its_nodes_where_ends_were_joined() -> None:
    lines = [shapely.LineString([(0, 0), (10, 0)]), shapely.LineString([(10.04, 0), (20, 0)])]
    made = graph(geopandas.GeoDataFrame({"id": ["A", "B"]}, geometry=lines, crs=4549))
    assert tables.pairs(made.matrix(), made.node_xy, reach_m=200, most=100).straightest == pytest.approx(0.996)


def test_streets_whose_ends_all_meet_have_no_route_shorter_than_the_straight_line() -> None:
    made = graph(lattice_of_streets(3))
    assert tables.pairs(made.matrix(), made.node_xy, reach_m=200, most=10**6).straightest == pytest.approx(1)


def test_ways_are_sought_together_only_where_they_may_be_about_as_long() -> None:
    most = np.array([90.0, 4000, 92, 2800, 91, 20, 0.0])
    together = [sorted(most[part].tolist()) for part in paths.alike(most)]
    assert together == [[0], [20], [90, 91, 92], [2800, 4000]]


def test_no_more_ways_are_sought_together_than_there_is_room_for() -> None:
    assert [len(part) for part in paths.alike(np.full(70, 90.0))] == [32, 32, 6]


def test_the_table_reaches_less_far_where_it_would_grow_too_large() -> None:
    made = graph(lattice_of_streets(3, size=8))
    table = tables.pairs(made.matrix(), made.node_xy, reach_m=800, most=400)
    assert table.reach_m in {100, 200, 400}
    assert len(table) < 800


@pytest.fixture(scope="module")
def tracks() -> tuple[Prepared, Any]:
    """Walks over crooked streets, some with sidewalks, with all that goes wrong."""
    table = lattice_of_streets(11, size=9)
    sides = table.iloc[::3].assign(id=lambda rows: rows["id"] + " path", **{"class": "footway"})
    sides = sides.set_geometry([sidewalk(line) for line in sides.geometry])
    ready = prepared(pd.concat([table.assign(**{"class": "residential"}), sides], ignore_index=True))
    made = ready.ground.graph
    manner = walks.Manner(hours=0.3, gaps=2, long_gaps=1, stops=1, spikes=0.03)
    each = [walks.walk(made, np.random.default_rng(80_000 + k), manner, post=f"post {k}") for k in range(6)]
    return ready, walks.fixes(each, made.crs)


@needs_numba
def test_the_kernels_and_numpy_give_the_same_visits(
    tracks: tuple[Prepared, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ready, fixes = tracks
    by_kernel = match(fixes, ready)
    monkeypatch.setattr("gridmap.tracks.matching.journey.COMPILED", False)
    by_numpy = match(fixes, ready)
    assert len(by_kernel[1]) > 50
    assert by_kernel[0]["street"].ne(by_kernel[0]["way"]).sum() > 50
    for one, other in zip(by_kernel, by_numpy, strict=True):
        assert one.equals(other)


def test_where_no_route_leads_on_a_way_begins_anew() -> None:
    table = geopandas.GeoDataFrame(
        {"id": ["A", "B"]},
        geometry=[shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(120, 0), (300, 0)])],
        crs=4549,
    )
    made = ground(graph(table))
    x = np.array([20.0, 40, 60, 160, 180])
    for kernel in (False, *([True] if COMPILED else [])):
        found = candidates(made, x, np.zeros(5), kernel=kernel)
        _, fresh = likeliest(made, found, steps_of(x, np.zeros(5)), kernel=kernel)
        assert fresh.tolist() == [True, False, False, True, False]
