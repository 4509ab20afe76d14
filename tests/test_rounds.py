"""Rounds along every street, and along given ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import geopandas as gpd
import networkx as nx
import numpy as np
import pyogrio
import pytest
import shapely

from gridmap.errors import GridmapError, InputError, NotFoundError
from gridmap.network.rounds import Round, gpx, inspection_round, joins
from gridmap.network.rounds.bounds import Borders, bound
from gridmap.network.rounds.direct import direct
from gridmap.network.rounds.exact import improved
from gridmap.network.rounds.joins import cheapest_join
from gridmap.network.rounds.linking import pruned, walks
from gridmap.network.rounds.reducing import Reduced
from gridmap.network.rounds.rural import extra_walks
from gridmap.network.rounds.task import Task
from gridmap.network.rounds.walks import Walk, check_bound, check_round
from gridmap.samples import town

SQUARE = {"south": [(0, 0), (100, 0)], "east": [(100, 0), (100, 100)]}
SQUARE |= {"north": [(100, 100), (0, 100)], "west": [(0, 100), (0, 0)]}
DIAGONAL = {"across": [(0, 0), (100, 100)]}
#: two squares that only a street of 50 m joins, and a street that nothing joins
APART = {"bridge": [(100, 0), (150, 0)], "far": [(150, 0), (150, 80)], "island": [(900, 900), (900, 950)]}


def drawn(lines, **columns):
    lines = {name: shapely.LineString(np.add(line, (500_000, 3_500_000))) for name, line in lines.items()}
    return gpd.GeoDataFrame({"id": list(lines), **columns}, geometry=list(lines.values()), crs=4549)


def degrees(x, y):
    point = gpd.GeoSeries(gpd.points_from_xy([500_000 + x], [3_500_000 + y]), crs=4549).to_crs(4490)[0]
    return point.x, point.y


def grid(seed, size=5, share=0.3):
    """A jittered grid of streets, some of them missing, some required."""
    random = np.random.default_rng(seed)
    xy = np.stack(np.meshgrid(np.arange(size), np.arange(size)), -1).reshape(-1, 2) * 100 + random.normal(
        0, 20, (size**2, 2)
    )
    node = np.arange(size**2).reshape(size, size)
    ends = np.concatenate(
        [np.c_[node[:, :-1].ravel(), node[:, 1:].ravel()], np.c_[node[:-1].ravel(), node[1:].ravel()]]
    )
    length = np.hypot(*(xy[ends[:, 0]] - xy[ends[:, 1]]).T)
    return Task(ends=ends, length_m=length, required=random.random(len(ends)) < share, home=0, nodes=size**2)


def blossom(ends, length, odd):
    """The least pairing of odd nodes, as networkx finds it."""
    graph = nx.Graph()
    for (a, b), metres in sorted(zip(ends.tolist(), length.tolist(), strict=True), key=lambda edge: -edge[1]):
        graph.add_edge(a, b, weight=metres)
    total = 0.0
    for piece in nx.connected_components(graph):
        pairs = nx.Graph()
        for a in (node for node in piece if odd[node]):
            far = nx.single_source_dijkstra_path_length(graph, a)
            pairs.add_weighted_edges_from((a, b, far[b]) for b in piece if odd[b] and b != a)
        total += sum(pairs[a][b]["weight"] for a, b in nx.min_weight_matching(pairs))
    return total


@pytest.mark.parametrize("seed", range(60))
def test_the_cheapest_join_is_as_short_as_the_pairing_of_networkx(seed):
    random = np.random.default_rng(seed)
    nodes, many = int(random.integers(2, 26)), int(random.integers(1, 60))
    ends = random.integers(0, nodes, (many, 2))
    length = random.random(many) * 100 if seed % 2 else random.integers(0, 3, many).astype(float)
    odd = np.bincount(ends[random.random(many) < 0.6].ravel(), minlength=nodes) % 2 == 1
    taken = cheapest_join(ends, length, odd)
    assert ((np.bincount(ends[taken].ravel(), minlength=nodes) % 2 == 1) == odd).all()
    assert length[taken].sum() == pytest.approx(blossom(ends, length, odd), abs=1e-3)


@pytest.mark.parametrize("seed", range(8))
def test_pairs_that_were_not_looked_at_first_are_found_by_the_proof(seed, monkeypatch):
    monkeypatch.setattr(joins, "NEAR", 1)
    task = grid(seed, size=6)
    taken = cheapest_join(task.ends, task.length_m, task.odd)
    assert task.length_m[taken].sum() == pytest.approx(blossom(task.ends, task.length_m, task.odd), abs=1e-3)


def test_a_set_that_two_required_edges_lead_out_of_asks_for_nothing():
    ends = np.array([[0, 1], [1, 2], [2, 0]])
    task = Task(ends=ends, length_m=np.ones(3), required=np.ones(3, dtype=bool), home=0, nodes=3)
    assert not Borders(task=task).add(np.array([False, True, False]))


def test_a_piece_with_an_odd_number_of_odd_nodes_has_no_join():
    with pytest.raises(ValueError, match="odd number of odd nodes"):
        cheapest_join(np.array([[0, 1], [2, 3]]), np.ones(2), np.array([True, False, True, False]))


def test_odd_nodes_far_from_all_others_are_joined_too():
    """Eleven odd nodes close together and one a hundred kilometres off."""
    ends = np.array([[0, node] for node in range(1, 12)] + [[11, 12]])
    length = np.append(np.ones(11), 100_000.0)
    odd = np.ones(13, dtype=bool)
    odd[[0]] = False
    taken = cheapest_join(ends, length, odd)
    assert length[taken].sum() == pytest.approx(100_000 + 10, abs=1e-3)


def test_a_square_is_walked_once_round():
    made = inspection_round(drawn(SQUARE), degrees(0, 0))
    assert (made.length_m, made.required_m, made.gap) == (pytest.approx(400), pytest.approx(400), 0.0)
    assert made.stops["street"].tolist() == ["south", "east", "north", "west"]
    assert not made.stops["again"].any()


def test_of_a_square_with_a_diagonal_the_diagonal_is_walked_twice():
    made = inspection_round(drawn(SQUARE | DIAGONAL), degrees(0, 0))
    assert made.length_m == pytest.approx(400 + 2 * 100 * np.sqrt(2))
    assert made.stops.loc[made.stops["again"], "street"].tolist() == ["across"]


def test_a_round_starts_and_ends_in_the_middle_of_a_street_where_its_post_stands():
    made = inspection_round(drawn(SQUARE), degrees(30, -10))
    assert made.line.coords[0] == pytest.approx((500_030, 3_500_000), abs=0.01)
    assert made.line.is_ring
    assert made.stops[["from_m", "to_m"]].iloc[[0, -1]].to_numpy().tolist() == [
        pytest.approx([30, 100], abs=0.01) if made.stops["direction"][0] == 1 else pytest.approx([0, 30], abs=0.01),
        pytest.approx([0, 30], abs=0.01) if made.stops["direction"][0] == 1 else pytest.approx([30, 100], abs=0.01),
    ]


def test_minutes_follow_from_the_speed_of_the_mode():
    """400 m at 1.3 m/s; the second side is begun after 100 m."""
    made = inspection_round(drawn(SQUARE), degrees(0, 0))
    assert made.minutes == pytest.approx(400 / 1.3 / 60)
    assert made.stops["minutes"].tolist() == pytest.approx([0, 1.282, 2.564, 3.846], abs=0.001)


def test_what_nothing_joins_to_the_start_is_listed_and_the_rest_is_walked():
    made = inspection_round(drawn(SQUARE | APART), degrees(0, 0))
    assert made.unreachable == ("island",)
    assert made.length_m == pytest.approx(400 + 2 * 130)


def test_a_street_closed_to_the_mode_is_listed_and_not_walked():
    table = drawn(SQUARE | DIAGONAL, **{"class": ["residential"] * 4 + ["motorway"]})
    made = inspection_round(table, degrees(0, 0))
    assert (made.unreachable, made.length_m) == (("across",), pytest.approx(400))


def test_streets_that_lie_on_each_other_are_walked_once():
    made = inspection_round(drawn(SQUARE | {"again": [(0, 0), (100, 0)]}), degrees(0, 0))
    assert made.length_m == pytest.approx(400)


def test_one_required_street_is_walked_there_and_back_where_that_is_shorter():
    made = inspection_round(drawn(SQUARE), degrees(0, 0), required=["south"])
    assert (made.length_m, made.bound_m, made.gap) == (pytest.approx(200), pytest.approx(200), 0.0)


def test_two_required_sides_across_a_square_need_the_others_too():
    made = inspection_round(drawn(SQUARE), degrees(0, 0), required=["south", "north"])
    assert (made.length_m, made.required_m, made.gap) == (pytest.approx(400), pytest.approx(200), pytest.approx(0))
    assert made.stops.loc[~made.stops["required"], "street"].tolist() == ["east", "west"]


def shortest_by_trying(task):
    """The least length over all numbers of walks besides, 0 to 2 an edge."""
    best = np.inf
    for extra in product(range(3), repeat=len(task.ends)):
        walks = np.array(extra)
        metres = float(task.length_m @ walks)
        if metres < best and not task.parity(walks).any() and task.joined(walks):
            best = metres
    return task.required_m + best


@pytest.mark.parametrize("seed", range(12))
def test_a_small_rural_round_is_the_shortest_and_its_bound_holds(seed):
    task = grid(seed, size=2 + seed % 2 * 0 + 0, share=0.5) if seed < 2 else grid_of_nine(seed)
    extra, least = extra_walks(task)
    length = task.required_m + float(task.length_m @ extra)
    best = shortest_by_trying(task)
    assert least <= best + 1e-6
    assert length == pytest.approx(best, rel=0.002)
    assert least >= 0.998 * best
    assert length >= best - 1e-6


def grid_of_nine(seed):
    """Nine nodes in a ring with two chords: 3 ** 9 possibilities at most."""
    random = np.random.default_rng(seed)
    ends = np.array([[a, (a + 1) % 7] for a in range(7)] + [[0, 3], [2, 5]])
    return Task(
        ends=ends, length_m=random.uniform(10, 100, len(ends)), required=random.random(9) < 0.4, home=1, nodes=7
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_rural_round_is_closed_holds_all_required_streets_and_is_within_five_percent_of_its_bound(seed):
    task = grid(seed, size=7, share=0.3)
    extra, least = extra_walks(task, tries=20)
    assert task.joined(extra)
    assert not task.parity(extra).any()
    length = task.required_m + float(task.length_m @ extra)
    assert least - 1e-6 <= length <= 1.05 * least


def test_the_bound_counts_the_way_to_a_piece_and_back():
    """Home at 0, a required loop of 3 x 10 m round 1, 2, 3 that is 40 m away."""
    ends = np.array([[0, 1], [1, 2], [2, 3], [3, 1]])
    task = Task(
        ends=ends, length_m=np.array([40.0, 10, 10, 10]), required=np.array([0, 1, 1, 1], dtype=bool), home=0, nodes=4
    )
    assert bound(task).length_m == pytest.approx(110)


@pytest.mark.parametrize(
    ("edges", "forward", "why"),
    [([0, 1], [True, True], "come home"), ([0, 2], [True, True], "leap"), ([0, 0], [True, False], "missing 2")],
    ids=["open", "leap", "missing"],
)
def test_a_broken_round_is_an_error_never_an_answer(edges, forward, why):
    ends = np.array([[0, 1], [1, 2], [2, 0]])
    walk = Walk(edge=np.array(edges), forward=np.array(forward))
    with pytest.raises(GridmapError, match=why):
        check_round(walk, ends, np.ones(3, dtype=bool), 0)


def test_a_round_below_its_bound_is_an_error():
    with pytest.raises(GridmapError, match="below its bound"):
        check_bound(99.0, 100.0)


@pytest.mark.parametrize(
    ("start", "required", "error", "message"),
    [
        ((5000, 5000), None, InputError, "off the streets"),
        ((0, 0), [], InputError, "no required street"),
        ((0, 0), ["island"], InputError, "none can be reached"),
        ((0, 0), ["south", "nowhere"], NotFoundError, "1 unknown streets: nowhere"),
    ],
    ids=["off", "none", "unreached", "unknown"],
)
def test_what_cannot_be_planned_is_refused_with_a_reason(start, required, error, message):
    with pytest.raises(error, match=message):
        inspection_round(drawn(SQUARE | APART), degrees(*start), required=required)


def test_the_sample_town_is_walked_in_full_by_one_closed_line():
    streets = town(seed=0, buildings=500)["streets"]
    made = inspection_round(streets, streets.geometry.iloc[0].coords[0])
    walked = gpd.GeoSeries([made.line], crs=streets.crs).to_crs(4549).length[0]
    assert made.line.is_closed
    assert walked == pytest.approx(made.length_m, rel=2e-4)
    assert set(made.stops["street"]) | set(made.unreachable) == set(streets.loc[streets["barrier"].isna(), "id"])


def test_streets_of_helsinki_are_walked_within_five_percent_of_the_bound(shared_data):
    table = pyogrio.read_dataframe(shared_data("helsinki_osm/Helsinki.osm.pbf"), layer="lines")
    table = table[table["highway"].isin(["primary", "secondary", "tertiary", "unclassified", "residential"])]
    table = table.rename(columns={"osm_id": "id", "highway": "class"}).reset_index(drop=True)
    made = inspection_round(table, (24.945, 60.17), required=table["id"][::9])
    assert made.required_m <= made.bound_m <= made.length_m <= 1.05 * made.bound_m


@pytest.mark.parametrize("seed", range(3))
def test_paths_scattered_over_helsinki_are_walked_within_a_hundredth_of_the_bound(shared_data, seed):
    table = pyogrio.read_dataframe(shared_data("helsinki_osm/Helsinki.osm.pbf"), layer="lines")
    table = table[table["highway"].notna()].rename(columns={"osm_id": "id", "highway": "class"}).reset_index(drop=True)
    paths = table.loc[table["class"].isin(["footway", "path", "pedestrian", "steps"]), "id"]
    made = inspection_round(table, (24.945, 60.17), required=paths.sample(40, random_state=seed))
    assert made.required_m < made.bound_m <= made.length_m <= 1.01 * made.bound_m


def test_crossings_that_nothing_is_required_at_are_passed_by():
    """Home 0, required 3-4; from 0 to 3 it is 5 m by 1 and 6 m by 2, from 0 to 4 no way past 3 is shorter."""
    ends = np.array([[0, 1], [1, 3], [0, 2], [2, 3], [3, 4]])
    task = Task(
        ends=ends, length_m=np.array([2.0, 3, 3, 3, 4]), required=np.array([0, 0, 0, 0, 1], dtype=bool), home=0, nodes=5
    )
    lean = direct(task)
    assert lean.task.ends.tolist() == [[1, 2], [0, 1], [1, 2]]
    assert lean.task.length_m.tolist() == [4, 5, 4]
    assert [sorted(members) for members in lean.members] == [[4], [0, 1], [4]]


def test_walks_along_ways_that_share_an_edge_add_up_on_it():
    lean = Reduced(task=grid(0), members=[[0, 1], [1, 2]])
    assert lean.spread(np.array([1, 2]), 4).tolist() == [1, 3, 2, 0]


def test_of_three_walks_along_a_needed_edge_one_is_left_and_of_four_two():
    """Home 0 - 1 - 2, required 1-2: the way to it is walked there and back."""
    task = Task(ends=np.array([[0, 1], [1, 2]]), length_m=np.ones(2), required=np.array([False, True]), home=0, nodes=3)
    assert pruned(task, np.array([4, 3])).tolist() == [2, 1]
    assert pruned(task, np.array([2, 2])).tolist() == [2, 0]


@pytest.mark.parametrize("seed", range(4))
def test_a_round_that_is_far_from_the_shortest_is_made_so_and_its_bound_raised(seed):
    """Every edge of a ring with two chords walked twice besides is a round, if a long one."""
    task = grid_of_nine(seed)
    wrong = np.where(task.required, 0, 2)
    wrong[cheapest_join(task.ends, task.length_m, task.odd)] += 1
    extra, least = improved(task, wrong, bound(task, rounds=1))
    length = task.required_m + float(task.length_m @ extra)
    assert length == pytest.approx(shortest_by_trying(task), rel=0.002)
    assert 0.998 * length <= least <= length + 1e-6


def improving(task):
    """The lengths of a first round and of one improved, and the bounds before and after."""
    first, least = walks(task, task.length_m), bound(task, rounds=1)
    extra, bound_m = improved(task, first, least)
    lengths = [task.required_m + float(task.length_m @ each) for each in (first, extra)]
    return *lengths, least.length_m, bound_m


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_walks_that_fall_into_pieces_tell_the_programme_what_it_lacks(seed):
    _, length, _, bound_m = improving(grid(seed, size=8, share=0.12))
    assert bound_m <= length + 1e-6 <= 1.003 * bound_m


@pytest.mark.parametrize("seed", [0, 3])
def test_a_round_is_led_by_walks_that_fall_into_pieces(seed):
    first, length, before, after = improving(grid(seed, size=7, share=0.1))
    assert length < 0.99 * first
    assert after > before


def test_the_only_way_to_a_piece_is_walked_there_and_back():
    """Home 0 - 1 - 2, required 1-2; a way of five walks is none that anybody needs."""
    task = Task(ends=np.array([[0, 1], [1, 2]]), length_m=np.ones(2), required=np.array([False, True]), home=0, nodes=3)
    extra, least = improved(task, np.array([2, 3]), replace(bound(task), length_m=1.0, left_m=np.zeros(2)))
    assert (extra.tolist(), least) == ([2, 1], pytest.approx(4))


def test_a_loop_at_the_end_of_a_required_street_is_walked_once():
    """Home 0, 0-1 of 5 m and a loop of 30 m at 1 required, and 2-3 of 1 m, two metres from home: 5 * 2 + 30 + 2 * 3."""
    task = Task(
        ends=np.array([[0, 1], [1, 1], [0, 2], [2, 3]]),
        length_m=np.array([5.0, 30, 2, 1]),
        required=np.array([1, 1, 0, 1], dtype=bool),
        home=0,
        nodes=4,
    )
    extra, least = extra_walks(task)
    assert (extra.tolist(), least) == ([1, 0, 2, 1], pytest.approx(46))


def test_gpx_is_read_back_by_gdal_with_the_way_and_the_names(tmp_path):
    made = inspection_round(drawn(SQUARE, name=["南街", "East & <Co>", None, ""]), degrees(0, 0))
    (tmp_path / "round.gpx").write_bytes(gpx(made, name="巡查"))
    way = pyogrio.read_dataframe(tmp_path / "round.gpx", layer="tracks").to_crs(4549)
    turns = pyogrio.read_dataframe(tmp_path / "round.gpx", layer="route_points")
    assert way["name"].tolist() == ["巡查"]
    assert way.length[0] == pytest.approx(400, abs=0.1)
    assert turns["name"].tolist() == ["0 min 南街", "1 min East & <Co>", "3 min north", "4 min west"]


def test_an_empty_round_is_no_file():
    empty = Round(
        stops=drawn({}), line=shapely.LineString(), crs=4549, length_m=0, required_m=0, bound_m=0, gap=0, minutes=0
    )
    with pytest.raises(InputError, match="without a way"):
        gpx(empty)


def test_the_order_of_the_rows_does_not_change_the_length():
    lengths = set()
    for order in list(permutations(range(5)))[::40]:
        table = drawn(SQUARE | DIAGONAL).iloc[list(order)].reset_index(drop=True)
        lengths.add(round(inspection_round(table, degrees(0, 0)).length_m, 6))
    assert lengths == {682.842712}
