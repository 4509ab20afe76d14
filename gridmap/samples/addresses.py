"""Door plates of the sample town: along streets, in compounds, in villages."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.crs import RECORD_EPSG
from gridmap.samples import blocks
from gridmap.samples.areas import Nest
from gridmap.samples.buildings import EAST, NORTH, SOUTH, Buildings, building_ids, units
from gridmap.samples.compounds import Gates
from gridmap.samples.ground import Array, Ground, Ints, degrees
from gridmap.samples.network import chainage
from gridmap.samples.site import Site
from gridmap.samples.streets import SETBACK_M, Plan

PREFIX = "江苏省南通市崇川区"
#: One house number of ten is left out, where two plots became one.
SKIPPED = 0.1


@dataclass(frozen=True, kw_only=True)
class Fronts:
    """Where street fronts lie along their streets; one entry per front in each array."""

    #: number of the street, -1 where the line carries none
    run: Ints
    #: metres from the street's beginning
    along: Array
    #: whether the plot lies to the left of the street
    left: NDArray[np.bool_]


def fronts(ground: Ground, plan: Plan, row: Ints, column: Ints, side: Ints, share: Array) -> Fronts:
    """Street, chainage and side of plot fronts; ``share`` is the place along the front, 0 to 1 north- or eastwards."""
    across_run, across_m, up_run, up_m = _chainages(ground, plan)
    level = (side == SOUTH) | (side == NORTH)
    line_row, line_column = row + (side == NORTH), column + (side == EAST)
    last_row, last_column = np.array(up_run.shape) - 1
    flat = line_row, np.minimum(line_column, across_run.shape[1] - 1)
    high = np.minimum(line_row, last_row), np.minimum(line_column, last_column)
    run = np.where(level, across_run[flat], up_run[high])
    start = np.where(level, across_m[flat], up_m[high])
    ahead = np.hypot(*_step(ground, line_row, line_column, level))
    return Fronts(run=run, along=start + share * ahead, left=(side == SOUTH) | (side == EAST))


def numbers(rng: np.random.Generator, places: Fronts) -> Ints:
    """House numbers: rising along the street, odd on its left and even on its right."""
    order = np.lexsort((places.along, places.left, places.run))
    side = places.run[order] * 2 + places.left[order]
    steps = 1 + (rng.random(len(order)) < SKIPPED)
    total = np.cumsum(steps)
    first = np.flatnonzero(np.diff(side, prepend=-9))
    group = np.cumsum(np.diff(side, prepend=-9) != 0) - 1
    serial = total - (total[first] - steps[first])[group]
    found = np.zeros(len(order), dtype=np.int64)
    found[order] = 2 * serial - places.left[order]
    return found


def table(rng: np.random.Generator, site: Site) -> tuple[geopandas.GeoDataFrame, Ints, Ints]:
    """Every address as frames promise, and the row and column of its plot.

    Order: buildings, in their order, each followed by its entrances; then the gates of compounds.
    """
    built, gate = site.built, site.gate
    stems, gate_text = _stems(rng, site)
    building, unit = _entrances(built)
    open_ = np.flatnonzero(gate.side >= 0)
    row = np.concatenate([built.row[building], gate.row[open_]])
    column = np.concatenate([built.column[building], gate.column[open_]])
    texts = [stems[k] + (f"{u}单元" if u else "") for k, u in zip(building.tolist(), unit.tolist(), strict=True)]
    texts += [gate_text[k] for k in open_.tolist()]
    rows = {
        "id": [f"A{k + 1:06d}" for k in range(len(texts))],
        "text": [place + text for place, text in zip(_places(site.now, row, column), texts, strict=True)],
        "building": pd.Series(building_ids(building) + [None] * len(open_), dtype="str"),
    }
    doors = _doors(built, site.corners, building, unit)
    lon, lat = degrees(*np.concatenate([doors, _gate_points(site.ground, site.plan, gate, open_)]).T).T
    return geopandas.GeoDataFrame(rows, geometry=geopandas.points_from_xy(lon, lat), crs=RECORD_EPSG), row, column


def _entrances(built: Buildings) -> tuple[Ints, Ints]:
    """Building and entrance of every address of a building: 0 is the whole house, 1, 2 ... its entrances."""
    entrance = np.where(units(built) > 1, units(built) + 1, 1)
    building = np.repeat(np.arange(len(built)), entrance)
    return building, np.arange(len(building)) - np.repeat(np.cumsum(entrance) - entrance, entrance)


def _share(built: Buildings) -> Array:
    """Place of a building along the side of its plot that it faces."""
    return np.where((built.side == SOUTH) | (built.side == NORTH), built.s, built.t)


def _joined(first: Fronts, second: Fronts) -> Fronts:
    """Both, one after the other."""
    return Fronts(
        run=np.concatenate([first.run, second.run]),
        along=np.concatenate([first.along, second.along]),
        left=np.concatenate([first.left, second.left]),
    )


def _gate_texts(streets: list[str], gate: Gates, front: Fronts, plates: Ints) -> list[str]:
    """``人民中路88号虹桥花园`` for every compound; its name alone where no street passes."""
    return [
        f"{streets[run]}{plate}号{name}" if side >= 0 else name
        for run, plate, side, name in zip(front.run, plates, gate.side, gate.name, strict=True)
    ]


def _places(nest: Nest, row: Ints, column: Ints) -> list[str]:
    """Divisions that come before the street."""
    street, community = nest.labels["street"][row, column], nest.labels["community"][row, column]
    names = nest.names
    pairs = zip(street.tolist(), community.tolist(), strict=True)
    return [PREFIX + names["street"][above] + names["community"][below] for above, below in pairs]


def _stems(rng: np.random.Generator, site: Site) -> tuple[list[str], list[str]]:
    """What comes after the divisions, for every building and for every block's gate."""
    built, gate, streets = site.built, site.gate, [run.name for run in site.plan.runs]
    front = fronts(site.ground, site.plan, built.row, built.column, built.side, _share(built))
    gate_front = fronts(site.ground, site.plan, gate.row, gate.column, gate.side, np.full(len(gate.row), 0.5))
    plates = numbers(rng, _joined(front, gate_front))
    gate_text = _gate_texts(streets, gate, gate_front, plates[len(built) :])
    block = site.plan.block[built.row, built.column]
    house = _counted(block)
    group, number = _village_numbers(built, block, site.now)
    stems = []
    for k, use in enumerate(built.use.tolist()):
        if use in (blocks.SHOPS, blocks.OLD):
            stems.append(f"{streets[front.run[k]]}{plates[k]}号")
        elif use in blocks.COMPOUND:
            word = "幢" if use in (blocks.SLABS, blocks.TOWERS) else "号楼"
            stems.append(f"{gate_text[block[k]]}{house[k]}{word}")
        else:
            stems.append(f"{group[k]}组{number[k]}号")
    return stems, gate_text


def _counted(keys: Ints) -> Ints:
    """1, 2, 3 ... among entries of the same key, in their order."""
    order = np.argsort(keys, kind="stable")
    starts = np.diff(keys[order], prepend=-1) != 0
    first = np.flatnonzero(starts)
    found = np.zeros(len(keys), dtype=np.int64)
    found[order] = np.arange(len(keys)) - first[np.cumsum(starts) - 1] + 1
    return found


def _village_numbers(built: Buildings, block: Ints, nest: Nest) -> tuple[Ints, Ints]:
    """Group (组) and house number: a block of a community is a group."""
    community = nest.labels["community"][built.row, built.column]
    rural = np.isin(built.use, (blocks.VILLAGE, blocks.FARM, blocks.PARK))
    group, number = np.zeros(len(built), dtype=np.int64), np.zeros(len(built), dtype=np.int64)
    pairs = community[rural] * (block.max() + 1) + block[rural]
    every, which = np.unique(pairs, return_inverse=True)
    group[rural] = _counted(every // (block.max() + 1))[which]
    number[rural] = _counted(pairs)
    return group, number


def _doors(built: Buildings, corners: Array, building: Ints, unit: Ints) -> Array:
    """Points half a metre before the front: its middle, or the entrance's share of it; metres."""
    side = np.maximum(built.side, SOUTH)[building]
    begin, end = corners[building, side], corners[building, (side + 1) % 4]
    count = units(built)[building]
    share = np.where(unit > 0, (unit - 0.5) / count, 0.5)[:, None]
    along = end - begin
    outward = np.stack([along[:, 1], -along[:, 0]], axis=-1) / np.hypot(along[:, 0], along[:, 1])[:, None]
    found: Array = np.round(begin + share * along + 0.5 * outward, 3)
    return found


def _gate_points(ground: Ground, plan: Plan, gate: Gates, which: Ints) -> Array:
    """Points of gates, a metre before the plot begins; metres."""
    row, column, side = gate.row[which], gate.column[which], gate.side[which]
    rank = np.where(
        (side == SOUTH) | (side == NORTH),
        plan.across[row + (side == NORTH), column],
        plan.up[np.minimum(row, plan.up.shape[0] - 1), column + (side == EAST)],
    )
    corner = ground.corners(row, column)
    middle = (corner[np.arange(len(side)), side] + corner[np.arange(len(side)), (side + 1) % 4]) / 2
    inwards = corner.mean(axis=1) - middle
    found: Array = np.round(middle + inwards * ((SETBACK_M[rank] - 1) / np.hypot(*inwards.T))[:, None], 3)
    return found


def _chainages(ground: Ground, plan: Plan) -> tuple[Ints, Array, Ints, Array]:
    """Street and its metres at the beginning of every line of the lattice, across and up."""
    across_run, across_m = np.full(plan.across.shape, -1), np.zeros(plan.across.shape)
    up_run, up_m = np.full(plan.up.shape, -1), np.zeros(plan.up.shape)
    for k, run in enumerate(plan.runs):
        metres = chainage(ground, run)[:-1]
        if run.rows[0] == run.rows[-1]:
            across_run[run.rows[:-1], run.columns[:-1]], across_m[run.rows[:-1], run.columns[:-1]] = k, metres
        elif run.columns[0] == run.columns[-1]:
            up_run[run.rows[:-1], run.columns[:-1]], up_m[run.rows[:-1], run.columns[:-1]] = k, metres
    return across_run, across_m, up_run, up_m


def _step(ground: Ground, row: Ints, column: Ints, level: NDArray[np.bool_]) -> tuple[Array, Array]:
    """East and north from a node to the next one, across or up."""
    rows, columns = ground.shape
    row2, column2 = np.minimum(row + ~level, rows), np.minimum(column + level, columns)
    return ground.x[row2, column2] - ground.x[row, column], ground.y[row2, column2] - ground.y[row, column]
