"""Who draws: gridmap, and what a user would otherwise cut a graph of atoms with.

A peer is given the atoms as a graph, and returns the grid of each. It is imported when it is used, so that the rest
runs where it is not installed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse

from gridmap.partition.drawing.graph import AtomGraph, connected

#: a peer made ready: what is called to draw, and is measured
Ready = Callable[[], np.ndarray]
#: what a grid may differ by where that can be asked for
TOLERANCE = 0.1
#: how much of a border's length a barrier along it takes from the cost of cutting there
ALONG_BARRIER = 0.95
#: how often GerryChain looks for a cut before it gives up, and how often METIS improves one
_ATTEMPTS, _PASSES = 20_000, 30
#: permille by which METIS may be out of balance
_UNBALANCED = 30


def grids_wanted(graph: AtomGraph, target: float) -> int:
    """Return how many grids the households fill."""
    return max(round(float(graph.weight.sum()) / target), 1)


def metis(graph: AtomGraph, target: float, seed: int, *, barriers: bool) -> Ready:
    """Return METIS, cutting as little border as it can, or as little as is no barrier."""
    import pymetis

    cost = np.maximum(graph.length_m - ALONG_BARRIER * graph.barrier_m, 0.1) if barriers else graph.length_m
    matrix = _matrix(graph, np.maximum(1, np.round(cost)).astype(int))
    options = pymetis.Options()
    # METIS refuses to keep grids of ground in several parts connected
    options.contig = int(connected(graph).max(initial=0) == 0)
    options.ufactor, options.seed, options.niter = _UNBALANCED, seed + 1, _PASSES
    count = grids_wanted(graph, target)

    def work() -> np.ndarray:
        _, label = pymetis.part_graph(
            count,
            adjacency=pymetis.CSRAdjacency(matrix.indptr, matrix.indices),
            vweights=graph.weight.astype(int),
            eweights=matrix.data,
            recursive=False,
            options=options,
        )
        return np.asarray(label)

    return work


def gerrychain(graph: AtomGraph, target: float, seed: int) -> Ready:
    """Return GerryChain's `recursive_tree_part`."""
    import networkx as nx
    from gerrychain import Graph
    from gerrychain.partition import recursive_tree_part
    from gerrychain.tree import bipartition_tree

    plain = nx.Graph()
    plain.add_nodes_from((atom, {"households": int(weight)}) for atom, weight in enumerate(graph.weight))
    plain.add_edges_from(zip(graph.a.tolist(), graph.b.tolist(), strict=True))
    ready, count = Graph.from_networkx(plain), grids_wanted(graph, target)
    cut = partial(bipartition_tree, max_attempts=_ATTEMPTS)
    ideal = float(graph.weight.sum()) / count

    def work() -> np.ndarray:
        found = recursive_tree_part(
            ready, range(count), ideal, "households", TOLERANCE, bipartition_tree_fn=cut, rng=seed + 1
        )
        return np.array([found[atom] for atom in range(len(graph))])

    return work


def spopt(graph: AtomGraph, target: float, seed: int, *, method: str) -> Ready:
    """Return a method of spopt: regions of places that are alike, here near one another."""
    import geopandas
    import spopt.region as regions
    from libpysal.weights import W

    table = geopandas.GeoDataFrame(
        {"x": graph.xy[:, 0], "y": graph.xy[:, 1], "households": graph.weight},
        geometry=geopandas.points_from_xy(*graph.xy.T),
    )
    matrix = _matrix(graph, np.ones(len(graph.a)))
    near = {atom: matrix.indices[matrix.indptr[atom] : matrix.indptr[atom + 1]].tolist() for atom in range(len(graph))}
    beside = W(near, silence_warnings=True)
    count = grids_wanted(graph, target)
    made: dict[str, Callable[[], Any]] = {
        "MaxP": lambda: regions.MaxPHeuristic(
            table, beside, ["x", "y"], "households", (1 - TOLERANCE) * target, 2,
            max_iterations_construction=10, max_iterations_sa=1,
        ),
        "Ward": lambda: regions.WardSpatial(table, beside, ["x", "y"], n_clusters=count),
        "SKATER": lambda: regions.Skater(table, beside, ["x", "y"], n_clusters=count, floor=3, islands="increase"),
    }  # fmt: skip

    def work() -> np.ndarray:
        # spopt draws its chances from the global generators
        np.random.seed(seed + 1)  # noqa: NPY002
        random.seed(seed + 1)
        model = made[method]()
        model.solve()
        return np.asarray(model.labels_, dtype=int)

    return work


def _matrix(graph: AtomGraph, cost: np.ndarray) -> sparse.csr_matrix:
    """Return the neighbourhoods as a symmetric matrix."""
    rows, columns = np.concatenate([graph.a, graph.b]), np.concatenate([graph.b, graph.a])
    matrix = sparse.csr_matrix((np.tile(cost, 2), (rows, columns)), shape=(len(graph), len(graph)))
    matrix.sort_indices()
    return matrix


#: peers by the name in the table
PEERS: dict[str, Callable[..., Ready]] = {
    "METIS": partial(metis, barriers=False),
    "METIS, barriers": partial(metis, barriers=True),
    "GerryChain": gerrychain,
    "spopt Ward": partial(spopt, method="Ward"),
    "spopt MaxP": partial(spopt, method="MaxP"),
    "spopt SKATER": partial(spopt, method="SKATER"),
}
#: of these nobody need wonder whether they finish
QUICK = ("METIS", "METIS, barriers")
