"""The street graph: streets drawn by hand in metres of EPSG:4549, the sample town, and the centre of Helsinki."""

from __future__ import annotations

import time
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import CrsError, InputError, TableError, TooLargeError
from gridmap.samples import town
from gridmap.streets import Limits, graph, nearest_edge, point_on

EAST, NORTH = 500_000.0, 3_540_000.0


def line(text):
    """A line of ``0,0 100,0 ...``, of several parts where ``|`` stands between them."""
    parts = [
        [(EAST + float(x), NORTH + float(y)) for x, y in (pair.split(",") for pair in part.split())]
        for part in text.split("|")
    ]
    return shapely.MultiLineString(parts) if len(parts) > 1 else shapely.LineString(parts[0])


def endless(value):
    """A line whose last vertex lies nowhere."""
    return shapely.set_coordinates(line("0,0 9,0"), [(EAST, NORTH), (value, NORTH)])


def streets(*texts, epsg=4549, **columns):
    shapes = [text if text is None or not isinstance(text, str) else line(text) for text in texts]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=epsg)


def pieces(made):
    """Street, metres from and to, and both nodes of every edge."""
    numbers = np.column_stack([made.street, made.from_m.round(3), made.to_m.round(3), made.ends])
    return [tuple(row) for row in numbers.tolist()]


def spots(made):
    return [tuple(spot) for spot in (made.node_xy - [EAST, NORTH]).round(6).tolist()]


CROSS = ("0,0 100,0", "40,-30 40,50")
SHARED = ("0,0 40,0 100,0", "40,-30 40,0 40,50")


def test_streets_are_cut_at_a_vertex_that_they_share():
    made = graph(streets(*SHARED))
    assert pieces(made) == [(0, 0, 40, 0, 1), (0, 40, 100, 1, 2), (1, 0, 30, 3, 1), (1, 30, 80, 1, 4)]
    assert spots(made) == [(0, 0), (40, 0), (100, 0), (40, -30), (40, 50)]


def test_streets_that_cross_without_a_vertex_join_only_when_all_crossings_do():
    assert pieces(graph(streets(*CROSS), crossings="shared")) == [(0, 0, 100, 0, 1), (1, 0, 80, 2, 3)]
    assert pieces(graph(streets(*CROSS), crossings="all")) == pieces(graph(streets(*SHARED)))


@pytest.mark.parametrize(
    ("extra", "expected"),
    [([], "all"), (["200,0 200,50", "200,0 250,0", "200,0 150,0"], "shared")],
    ids=["one crossing, no junction", "one crossing, one junction"],
)
def test_crossings_without_a_vertex_join_by_themselves_where_they_outnumber_the_junctions(extra, expected):
    made = graph(streets(*CROSS, *extra))
    assert (made.crossings, made.bare) == (expected, 1)


def test_a_street_that_ends_on_another_joins_it():
    made = graph(streets("0,0 100,0", "40,0 40,50"), crossings="shared")
    assert pieces(made) == [(0, 0, 40, 0, 1), (0, 40, 100, 1, 2), (1, 0, 50, 1, 3)]


@pytest.mark.parametrize(("gap", "edges"), [(0.04, 3), (0.06, 2), (-0.04, 3), (-0.06, 2)])
def test_an_end_may_miss_what_it_joins_by_five_centimetres(gap, edges):
    assert len(graph(streets("0,0 100,0", f"40,{gap} 40,50"), crossings="shared")) == edges


def test_an_end_that_overshoots_a_little_leaves_no_stump():
    made = graph(streets("0,0 100,0", "40,-0.04 40,50"), crossings="all")
    assert [row[:3] for row in pieces(made)] == [(0, 0, 40), (0, 40, 100), (1, 0, 50.04)]


@pytest.mark.parametrize("x", [40, 40.0005])
def test_ends_on_either_side_of_a_street_join_it_and_each_other(x):
    made = graph(streets("0,0 100,0", "40,0.04 40,50", f"{x},-0.04 {x},-50"), crossings="shared")
    assert made.ends.tolist() == [[0, 1], [1, 2], [1, 3], [1, 4]]


def test_ends_that_meet_within_five_centimetres_are_one_node():
    made = graph(streets("0,0 100,0", "100.03,0.03 200,0", "100,-0.04 100,-50"))
    assert made.ends.tolist() == [[0, 1], [1, 2], [1, 3]]


def test_an_end_beside_a_bend_joins_the_street_once():
    made = graph(streets("0,0 50,0 50,50", "50.03,-0.03 90,-40"), crossings="shared")
    assert pieces(made) == [(0, 0, 50, 0, 1), (0, 50, 100, 1, 2), (1, 0, pytest.approx(56.526, abs=1e-3), 1, 3)]


def test_a_wider_snap_joins_what_is_drawn_worse():
    assert len(graph(streets("0,0 100,0", "40,0.8 40,50"), snap_m=1, crossings="shared")) == 3


def test_a_street_that_only_comes_near_joins_nothing():
    assert len(graph(streets("0,0 50,0 100,0", "0,10 50,0.02 100,10"), crossings="shared")) == 2


def test_a_street_of_a_millimetre_keeps_it():
    made = graph(streets("0,0 100,0", "100,0 100.001,0"))
    assert made.ends.tolist() == [[0, 1], [1, 1]]
    assert made.length_m.tolist() == pytest.approx([100, 0.001], abs=1e-6)


@pytest.mark.parametrize(
    "column", [{"bridge": [None, "yes"]}, {"tunnel": [None, "yes"]}, {"layer": [None, "1"]}], ids=str
)
@pytest.mark.parametrize("lines", [CROSS, SHARED], ids=["no vertex", "a vertex at one place"])
def test_what_crosses_on_another_level_does_not_join(lines, column):
    assert pieces(graph(streets(*lines, **column), crossings="all")) == [(0, 0, 100, 0, 1), (1, 0, 80, 2, 3)]


@pytest.mark.parametrize(
    "words", [{"bridge": ["no", None]}, {"layer": [0, None]}, {"layer": ["ground", None]}], ids=str
)
def test_what_says_that_it_is_on_the_ground_joins(words):
    assert len(graph(streets(*CROSS, **words), crossings="all")) == 4


def test_two_bridges_on_one_level_join():
    assert len(graph(streets(*CROSS, bridge=["yes", "viaduct"]), crossings="all")) == 4


def test_a_bridge_joins_at_its_ends_where_the_road_has_a_vertex():
    made = graph(streets("0,0 50,0 100,0", "50,0 50,80", bridge=[None, "yes"]))
    assert pieces(made) == [(0, 0, 50, 0, 1), (0, 50, 100, 1, 2), (1, 0, 80, 1, 3)]


def test_a_road_that_ends_under_a_bridge_does_not_climb_it():
    assert len(graph(streets("0,0 100,0", "50,-40 50,0", bridge=["yes", None]), crossings="shared")) == 2


def test_levels_are_read_from_the_tags_of_openstreetmap():
    tags = [None, '"bridge"=>"yes","layer"=>"1"']
    assert len(graph(streets(*CROSS, other_tags=tags), crossings="all")) == 2


def test_three_streets_through_one_point_have_one_node_there():
    made = graph(streets("0,0 100,0", "50,-50 50,50", "0,-50 100,50"), crossings="all")
    assert (len(made), made.nodes, made.bare) == (6, 7, 3)


def test_a_street_with_a_vertex_on_another_joins_it():
    made = graph(streets("0,0 100,0", "40,-30 40,0 40,50"), crossings="shared")
    assert pieces(made) == pieces(graph(streets(*SHARED)))


def test_a_third_street_drawn_over_a_junction_joins_it():
    made = graph(streets(*SHARED, "0,-40 80,40"), crossings="shared")
    assert [row for row in pieces(made) if row[0] == 2] == [
        (2, 0, pytest.approx(56.569, abs=1e-3), 5, 1),
        (2, pytest.approx(56.569, abs=1e-3), pytest.approx(113.137, abs=1e-3), 1, 6),
    ]


def test_metres_go_on_from_part_to_part():
    made = graph(streets("0,0 30,0|50,0 90,0", "60,0 60,20"), crossings="shared")
    assert [row[:3] for row in pieces(made)] == [(0, 0, 30), (0, 30, 40), (0, 40, 70), (1, 0, 20)]
    assert made.street_m.tolist() == [70, 20]


def test_edges_keep_their_vertices_and_the_direction_of_their_street():
    made = graph(streets("0,0 30,40 60,40 60,0", "60,20 90,20"), crossings="shared")
    assert shapely.equals(made.edges[0], line("0,0 30,40 60,40 60,20"))
    assert shapely.get_coordinates(made.edges[1]).tolist() == shapely.get_coordinates(line("60,20 60,0")).tolist()
    assert made.length_m.tolist() == [100, 20, 30]


def test_a_ring_is_a_loop_at_one_node_and_leads_nowhere():
    made = graph(streets("0,0 10,0 10,10 0,10 0,0"))
    assert pieces(made) == [(0, 0, 40, 0, 0)]
    assert made.matrix().nnz == 0
    assert [column.tolist() for column in made.incidence] == [[0, 2], [0, 0], [0, 1]]


def test_a_street_that_crosses_itself_is_cut_there_where_all_crossings_join():
    eight = streets("0,0 40,0 40,30 20,30 20,-20")
    assert pieces(graph(eight, crossings="shared")) == [(0, 0, 140, 0, 1)]
    assert pieces(graph(eight, crossings="all")) == [(0, 0, 20, 0, 1), (0, 20, 120, 1, 1), (0, 120, 140, 1, 2)]


def test_a_street_that_comes_back_to_its_own_middle_is_cut_there():
    made = graph(streets("0,0 40,0 40,30 20,30 20,0"), crossings="shared")
    assert pieces(made) == [(0, 0, 20, 0, 1), (0, 20, 120, 1, 1)]


def test_streets_drawn_twice_keep_their_metres_and_name_the_first():
    made = graph(streets("0,0 50,0 100,0", "100,0 50,0 0,0", "0,0 100,0", "0,0 50,60 100,0"), crossings="shared")
    assert made.twin[made.street == 1].tolist() == [1, 0]
    assert made.street_m.tolist()[:3] == [100, 100, 100]
    assert (made.twin[made.street == 2] < 2).all()
    assert made.twin[made.street == 3].tolist() == np.flatnonzero(made.street == 3).tolist()


def test_a_street_that_goes_there_and_back_turns_at_a_node():
    made = graph(streets("0,0 40,0 10,0", "40,0 40,50"), crossings="shared")
    assert pieces(made) == [(0, 0, 10, 0, 1), (0, 10, 40, 1, 2), (0, 40, 70, 2, 1), (1, 0, 50, 2, 3)]
    assert made.twin.tolist() == [0, 1, 1, 3]
    assert pieces(graph(streets("0,0 40,0 0,0"))) == [(0, 0, 40, 0, 1), (0, 40, 80, 1, 0)]


def test_streets_that_share_a_stretch_are_cut_at_both_of_its_ends():
    made = graph(streets("0,0 100,0", "30,0 70,0 70,50"), crossings="shared")
    assert [row[:3] for row in pieces(made)] == [(0, 0, 30), (0, 30, 70), (0, 70, 100), (1, 0, 40), (1, 40, 90)]
    assert made.twin.tolist() == [0, 1, 2, 1, 4]


@pytest.mark.parametrize("word", ["shared", "all"])
def test_lines_of_no_length_are_no_streets(word):
    made = graph(
        streets("0,0 0,0", "0,0 0,0 10,0 10,0", None, shapely.LineString(), "10,0 10,0|10,0 20,0"), crossings=word
    )
    assert pieces(made) == [(1, 0, 10, 0, 1), (4, 0, 10, 1, 2)]
    assert made.street_m.tolist() == [0, 10, 0, 0, 10]


def test_rivers_railways_and_streets_not_yet_built_are_no_streets():
    kinds = {"class": [None, "primary", None, "construction", None], "barrier": ["river", "gate", None, None, "no"]}
    made = graph(streets(*[f"0,{y} 50,{y}" for y in range(5)], **kinds))
    assert made.street.tolist() == [1, 2, 4]
    assert made.kind.tolist() == ["primary", "", ""]


def test_classes_can_be_passed_over():
    made = graph(streets("0,0 50,0", "0,9 50,9", **{"class": ["motorway", "path"]}), passed_over=["motorway"])
    assert made.street.tolist() == [1]


def test_pieces_of_the_graph_are_numbered_from_the_longest():
    made = graph(streets("0,0 10,0", "500,0 600,0", "10,0 15,0", "600,0 610,0"))
    assert made.component.tolist() == [1, 0, 1, 0]


def test_the_matrix_takes_the_cheapest_of_parallel_edges_both_ways():
    made = graph(streets("0,0 50,50 100,0", "0,0 100,0"))
    assert made.matrix().toarray().tolist() == [[0, 100], [100, 0]]
    assert made.edge_between([0, 1, 0], [1, 0, 0]).tolist() == [1, 1, -1]
    assert made.edge_between([0], [1], np.array([1.0, 2.0])).tolist() == [0]


def test_an_edge_that_cannot_be_passed_is_not_in_the_matrix():
    made = graph(streets("0,0 100,0", "100,0 200,0"))
    assert made.matrix(np.array([7.0, np.inf])).toarray().tolist() == [[0, 7, 0], [7, 0, 0], [0, 0, 0]]


def test_edge_ends_are_found_by_their_node():
    made = graph(streets(*SHARED))
    begin, edge, end = made.incidence
    at = slice(begin[1], begin[2])
    assert list(zip(edge[at].tolist(), end[at].tolist(), strict=True)) == [(0, 1), (1, 0), (2, 1), (3, 0)]


def test_degrees_are_measured_in_the_metres_of_the_place():
    lonlat = streets(*SHARED).to_crs(4490)
    made = graph(lonlat)
    assert made.crs == "EPSG:4549"
    assert made.length_m.round(4).tolist() == [40, 60, 30, 50]


def test_a_table_in_metres_keeps_its_system_unless_another_is_asked_for():
    table = streets(*SHARED, epsg=3067)
    assert graph(table).crs == "EPSG:3067"
    assert graph(table, crs=32635).crs == "EPSG:32635"


def test_a_point_is_found_on_the_nearest_edge_and_given_back():
    made = graph(streets(*SHARED))
    found = nearest_edge(made, np.array([[EAST + 70, NORTH + 3], [EAST + 41, NORTH + 30], [EAST + 70, NORTH - 30]]), 20)
    assert found.edge.tolist() == [1, 3, -1]
    assert found.along_m[:2].round(6).tolist() == [30, 30]
    assert found.offset_m[:2].round(6).tolist() == [3, 1]
    assert (point_on(made, [1], [30]) - [EAST, NORTH]).round(6).tolist() == [[70, 0]]


def test_of_edges_as_near_the_first_is_taken():
    made = graph(streets("0,0 100,0", "0,10 100,10"))
    assert nearest_edge(made, [[EAST + 50, NORTH + 5]]).edge.tolist() == [0]


@pytest.mark.parametrize("within", [0.0, np.inf])
def test_a_point_on_a_street_is_found_at_any_reach(within):
    made = graph(streets("0,0 100,0"))
    assert nearest_edge(made, [[EAST + 50, NORTH]], within).edge.tolist() == [0]


@pytest.mark.parametrize(
    ("table", "options", "error", "words"),
    [
        (streets("0,0 9,0", epsg=None), {}, CrsError, "do not say their coordinate system"),
        (streets("0,0 9,0"), {"crs": 4490}, CrsError, "expected a system in metres"),
        (streets("0,0 9,0"), {"crossings": "some"}, InputError, "expected auto, shared or all"),
        (streets("0,0 9,0"), {"snap_m": -1}, InputError, "expected 0 or more metres"),
        (streets("0,0 9,0"), {"snap_m": np.nan}, InputError, "expected 0 or more metres"),
        (streets("0,0 0,0"), {}, TableError, "no street with a length"),
        (streets(), {}, TableError, "no street with a length"),
        (streets("0,0 9,0", shapely.Point(0, 0)), {}, TableError, "feature 2: a Point; expected a line"),
        (streets(endless(np.nan)), {}, TableError, "feature 1: coordinates that are not finite"),
        (streets("0,0 9,0", endless(np.inf)), {}, TableError, "feature 2: coordinates that are not finite"),
        (streets("0,0 9,0 9,9"), {"limits": Limits(vertices=2)}, TooLargeError, "3 vertices; expected at most 2"),
    ],
    ids=["no crs", "degrees", "crossings", "snap", "nan snap", "no length", "empty", "point", "nan", "inf", "limit"],
)
def test_what_cannot_be_a_street_graph_is_refused(table, options, error, words):
    with pytest.raises(error, match=words):
        graph(table, **options)


@pytest.mark.parametrize("point", [[np.nan, 0], [np.inf, 0]])
def test_a_point_without_a_place_is_refused(point):
    with pytest.raises(InputError, match="finite coordinates"):
        nearest_edge(graph(streets("0,0 9,0")), [point])


def test_a_negative_reach_is_refused():
    with pytest.raises(InputError, match="within_m -1"):
        nearest_edge(graph(streets("0,0 9,0")), [[0, 0]], -1)


@pytest.fixture(scope="module")
def tables():
    return town(seed=3, buildings=1500)


def test_the_sample_town_has_a_node_at_every_vertex_that_streets_share(tables):
    lines = tables["streets"][tables["streets"]["barrier"].isna()].reset_index(drop=True)
    made = graph(lines)
    vertices = [shapely.get_coordinates(each).tolist() for each in lines.geometry]
    seen = pd.Series([tuple(spot) for points in vertices for spot in points]).value_counts()
    cut = [
        (at, spot)
        for at, points in enumerate(vertices)
        for k, spot in enumerate(map(tuple, points))
        if seen[spot] > 1 or k in {0, len(points) - 1}
    ]
    assert len(made) == sum(one[0] == other[0] for one, other in pairwise(cut))
    assert made.nodes == len({spot for _, spot in cut})


def test_the_sample_town_is_one_piece_without_its_river_and_railway(tables):
    lines = tables["streets"]
    made = graph(lines)
    assert set(made.component) == {0}
    assert made.crossings == "shared"
    assert lines["barrier"].isna().to_numpy()[made.street].all()


def test_every_stretch_truly_walked_begins_and_ends_within_its_street(tables):
    made = graph(tables["streets"])
    row = tables["streets"].reset_index().set_index("id")["index"]
    walked = tables["truth_walked"]
    assert (walked[["from_m", "to_m"]].max(axis=1) <= made.street_m[row[walked["street"]]] + 0.001).all()


def test_true_places_of_fixes_are_found_at_their_metre_of_their_street(tables):
    made, true = graph(tables["streets"]), tables["truth_fixes"].iloc[::40]
    edge, along, offset = nearest_edge(made, shapely.get_coordinates(true.geometry.to_crs(made.crs)))
    ids = tables["streets"]["id"].to_numpy()[made.street[edge]]
    same = ids == true["street"].to_numpy()
    assert offset.max() < 0.01
    assert same.mean() > 0.97  # the rest stand on a junction
    assert np.abs(made.from_m[edge] + along - true["along_m"])[same].max() < 0.02


@pytest.fixture(scope="module")
def helsinki(shared_data):
    lines = gpd.read_file(shared_data("helsinki_osm/Helsinki.osm.pbf"), layer="lines").rename(
        columns={"highway": "class"}
    )
    return lines[lines["class"].notna()].drop(columns="barrier").reset_index(drop=True)


def test_helsinki_is_connected_as_its_nodes_in_openstreetmap_say(helsinki):
    made = graph(helsinki)
    lines = helsinki[~helsinki["class"].isin(["construction"])]
    oracle = nx.Graph()
    for points in (
        shapely.get_coordinates(lines.geometry.iloc[0]),
        *map(shapely.get_coordinates, lines.geometry.iloc[1:]),
    ):
        oracle.add_edges_from(pairwise(map(tuple, points.tolist())))
    assert made.crossings == "shared"
    assert made.component.max() + 1 <= nx.number_connected_components(oracle)
    assert len({*made.component.tolist()}) >= nx.number_connected_components(oracle) - made.bare


def test_helsinki_keeps_every_metre_once_and_in_order(helsinki):
    made = graph(helsinki)
    whole = helsinki.geometry.to_crs(made.crs).length.to_numpy()
    assert np.bincount(made.street, made.length_m, len(helsinki)) == pytest.approx(made.street_m, abs=1e-6)
    assert made.street_m[made.street_m > 0] == pytest.approx(whole[made.street_m > 0], abs=1e-6)
    assert shapely.length(made.edges) == pytest.approx(made.to_m - made.from_m, abs=1e-6)
    ends = np.stack([shapely.get_coordinates(shapely.get_point(made.edges, at)) for at in (0, -1)], axis=1)
    assert np.abs(ends - made.node_xy[made.ends]).max() <= 0.05


def test_turning_the_order_of_the_streets_changes_no_edge(helsinki):
    made, turned = graph(helsinki), graph(helsinki.iloc[::-1].reset_index(drop=True))
    street = len(helsinki) - 1 - turned.street
    order = np.lexsort([turned.from_m, street])
    assert (street[order] == made.street).all()
    assert turned.from_m[order] == pytest.approx(made.from_m, abs=1e-6)
    assert (turned.component[order] == 0).sum() == (made.component == 0).sum()


corners = st.tuples(st.integers(0, 6), st.integers(0, 6))
drawings = st.lists(st.lists(corners, min_size=2, max_size=4), min_size=1, max_size=7)


@settings(max_examples=60, deadline=None)
@given(drawings)
def test_where_all_crossings_join_the_graph_has_the_metres_and_the_connected_pieces_that_overlay_finds(drawing):
    lines = [shapely.LineString([(EAST + 10 * x, NORTH + 10 * y) for x, y in points]) for points in drawing]
    lines = [each for each in lines if each.length]
    if not lines:
        return
    made = graph(gpd.GeoDataFrame(geometry=lines, crs=4549), crossings="all")
    single = made.edges[made.twin == np.arange(len(made))]
    assert shapely.length(single).sum() == pytest.approx(shapely.union_all(lines, grid_size=1e-4).length, abs=0.05)
    graph_of = nx.Graph(made.ends.tolist())
    joined = shapely.get_parts(shapely.union_all([each.buffer(1e-3) for each in lines]))
    assert nx.number_connected_components(graph_of) == len(joined)


@pytest.mark.alone
def test_ten_thousand_pieces_take_less_than_a_second():
    side, rng = 70, np.random.default_rng(0)
    spots_ = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1) * 100.0 + rng.uniform(-20, 20, (side, side, 2))
    ends = [np.stack([spots_[:, :-1], spots_[:, 1:]], -2), np.stack([spots_[:-1], spots_[1:]], -2)]
    table = gpd.GeoDataFrame(
        geometry=shapely.linestrings(np.concatenate([each.reshape(-1, 2, 2) for each in ends])), crs=4549
    )
    begin = time.process_time()
    made = graph(table)
    assert (len(made), made.nodes) == (2 * side * (side - 1), side * side)
    assert time.process_time() - begin < 1


def test_a_place_is_never_beyond_the_end_of_its_edge():
    bends = (
        np.random.default_rng(5).random((500, 4, 2)).cumsum(axis=1) * 90
        + np.arange(500)[:, None, None] * 1e4
        + (EAST, NORTH)
    )
    made = graph(gpd.GeoDataFrame(geometry=shapely.linestrings(bends), crs=4549))
    edge, along, _ = nearest_edge(made, bends[:, -1] + 1.0)
    assert (edge == np.arange(500)).all()
    assert (along <= made.length_m).all()
    assert (shapely.line_locate_point(made.edges, shapely.points(bends[:, -1] + 1.0)) > made.length_m).any()
