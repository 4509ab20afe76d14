"""Two epochs of parcels made by rule, with the truth of what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

#: metres of a parcel, in a system of metres, and how far its corners are off the lattice
SIDE_M, JITTER_M = 60.0, 9.0
EPSG, EAST, NORTH = 4549, 520_000.0, 3_350_000.0
#: metres by which the middle of a common side moves where a border is adjusted
MOVED_M = 12.0
#: what happens to the two parcels of a plot that changes, in turn; how many of them have other ground after
EVENTS = {"split": 1, "merge": 2, "adjusted": 2, "complex": 2, "created": 0, "abolished": 1, "renamed": 0}

#: what parcels are laid as: see `pair` and `cells`
BRICKS, SNAPPED, LOOSE = "bricks", "snapped cells", "cells"

Nodes = NDArray[np.float64]
#: a parcel of a plot: its corner columns from which to which, and the way that the middle of its common side moved
Part = tuple[int, int, float]
#: parcels of a plot as they are before or after, by what happens to it: name and part
_WHOLE: list[tuple[str, Part]] = [("a", (0, 2, 0.0)), ("b", (2, 4, 0.0))]
_BEFORE: dict[str, list[tuple[str, Part]]] = {"created": _WHOLE[1:]}
_AFTER: dict[str, list[tuple[str, Part]]] = {
    "split": [("c", (0, 1, 0.0)), ("d", (1, 2, 0.0)), _WHOLE[1]],
    "merge": [("c", (0, 4, 0.0))],
    "adjusted": [("a", (0, 2, MOVED_M)), ("b", (2, 4, MOVED_M))],
    "complex": [("c", (0, 1, 0.0)), ("d", (1, 3, 0.0)), ("e", (3, 4, 0.0))],
    "abolished": _WHOLE[1:],
    "renamed": [("c", (0, 2, 0.0)), _WHOLE[1]],
}
#: what became of what: old and new name, and kind where it is not that of the plot
_LINEAGE = {
    "unchanged": ["aa", "bb"],
    "split": ["ac", "ad", "bb unchanged"],
    "merge": ["ac", "bc"],
    "adjusted": ["aa", "ba", "bb"],
    "complex": ["ac", "ad", "bd", "be"],
    "created": ["-a", "bb unchanged"],
    "abolished": ["a-", "bb unchanged"],
    "renamed": ["ac", "bb unchanged"],
}


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two epochs, and what became of each parcel."""

    #: id and polygon
    old: gpd.GeoDataFrame
    new: gpd.GeoDataFrame
    #: old, new (None where there is none), kind; None where nobody made the changes by kind
    truth: pd.DataFrame | None
    #: share of the old parcels that are not there with the same ground after
    changed: float
    #: how the parcels are laid
    laid: str = BRICKS


def pair(count: int, *, changed: float = 0.07, seed: int = 0) -> Pair:
    """Return two epochs of about so many parcels, laid like bricks, of which a share is changed.

    Each row of bricks lies half a brick off the next, so that a parcel has six neighbours; it has eight corners, off
    the lattice by chance. Two bricks beside each other are a plot, and what happens, happens inside a plot.
    """
    rng = np.random.default_rng(seed)
    wide = max(2, round(np.sqrt(count) / 2))
    plots = max(2, count // (2 * wide)) * wide
    per_round = sum(EVENTS.values())
    happens = np.full(plots, "unchanged", dtype=object)
    rounds = max(1, round(changed * 2 * plots / per_round))
    struck = rng.permutation(plots)[: rounds * len(EVENTS)]
    happens[struck] = np.resize(list(EVENTS), len(struck))
    corners, middles = _nodes(rng, plots // wide, wide)
    epochs = [_epoch(happens, wide, corners, middles, after=after) for after in (False, True)]
    truth = [
        (*(None if name == "-" else f"{plot}{name}" for name in said[:2]), said[3:] or what)
        for plot, what in enumerate(happens.tolist())
        for said in _LINEAGE[what]
    ]
    table = pd.DataFrame(truth, columns=["old", "new", "kind"], dtype=object)
    return Pair(old=epochs[0], new=epochs[1], truth=table, changed=rounds * per_round / len(epochs[0]))


def cells(count: int, *, moved: float = 0.01, seed: int = 42, step_m: float | None = 0.001) -> Pair:
    """Return two epochs of about so many Voronoi cells, of which a share of the seeds moves by up to 12 m.

    A seed that moves changes its own cell and those round it, about seven in all, so that each changed parcel has
    ground in common with three. Vertices are snapped to a lattice of ``step_m``, to which GEOS then keeps all that is
    cut out of them, four times as slowly; None leaves them as they come, the same vertex off by its last bits.
    """
    rng = np.random.default_rng(seed)
    wide = int(np.sqrt(count))
    place = np.stack(np.meshgrid(np.arange(wide), np.arange(wide)), axis=-1).reshape(-1, 2) * SIDE_M + SIDE_M / 2
    before = place + rng.uniform(-2 * JITTER_M, 2 * JITTER_M, place.shape)
    goes = rng.random(len(place)) < moved
    after = before.copy()
    after[goes] += rng.uniform(-MOVED_M, MOVED_M, (int(goes.sum()), 2))
    frame = shapely.box(EAST, NORTH, EAST + wide * SIDE_M, NORTH + wide * SIDE_M)
    shapes = [_cells(seeds + np.array([EAST, NORTH]), frame, step_m) for seeds in (before, after)]
    names = [f"c{number}" for number in range(len(place))]
    old, new = (gpd.GeoDataFrame({"id": names}, geometry=shape, crs=EPSG) for shape in shapes)
    changed = ~shapely.equals_exact(*shapes, tolerance=0.002, normalize=True)
    return Pair(old=old, new=new, truth=None, changed=float(changed.mean()), laid=SNAPPED if step_m else LOOSE)


def _cells(seeds: Nodes, frame: shapely.Polygon, step_m: float | None) -> NDArray[Any]:
    """Return the Voronoi cell of each seed."""
    drawn = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=frame, ordered=True)
    shapes = np.asarray(shapely.intersection(shapely.get_parts(drawn), frame))
    return shapes if step_m is None else np.asarray(shapely.set_precision(shapes, step_m))


def _nodes(rng: np.random.Generator, rows: int, wide: int) -> tuple[Nodes, Nodes]:
    """Return the corners of bricks, and the middles of their sides; shape (row, column, 2)."""
    places = []
    for count, off in ((rows + 1, 0.0), (rows, 0.5)):
        column, row = np.meshgrid(np.arange(4 * wide + 2), np.arange(count) + off)
        place = np.stack([column * SIDE_M / 2 + EAST, row * SIDE_M + NORTH], axis=-1)
        places.append(np.round(place + rng.uniform(-JITTER_M, JITTER_M, place.shape), 3))
    return places[0], places[1]


def _epoch(happens: NDArray[Any], wide: int, corners: Nodes, middles: Nodes, *, after: bool) -> gpd.GeoDataFrame:
    """Return the parcels before or after."""
    names, shapes = [], []
    for what in ("unchanged", *EVENTS):
        plots = np.flatnonzero(happens == what)
        for name, part in (_AFTER if after else _BEFORE).get(what, _WHOLE):
            names += [f"{plot}{name}" for plot in plots.tolist()]
            shapes.append(_shapes(plots, part, wide, (corners, middles)))
    return gpd.GeoDataFrame({"id": names}, geometry=np.concatenate(shapes), crs=EPSG)


def _shapes(plots: NDArray[np.intp], part: Part, wide: int, nodes: tuple[Nodes, Nodes]) -> NDArray[Any]:
    """Return one part of each of some plots."""
    begin, end, moved = part
    row, first = plots // wide, 4 * (plots % wide) + plots // wide % 2
    below = [nodes[0][row, first + step] for step in range(begin, end + 1)]
    above = [nodes[0][row + 1, first + step] for step in range(end, begin - 1, -1)]
    # a brick is divided along a straight line, and has a middle only on a side that bricks have
    sides = [_side(nodes[1][row, first + step], moved if step == 2 else 0.0, step) for step in (end, begin)]
    ring: Sequence[Nodes] = [*below, *sides[0], *above, *sides[1]]
    return np.asarray(shapely.polygons(np.stack(ring, axis=1)))


def _side(middle: Nodes, moved: float, step: int) -> list[Nodes]:
    """Return the middle of a side, where it has one."""
    return [middle + np.array([moved, 0.0])] if step % 2 == 0 else []
