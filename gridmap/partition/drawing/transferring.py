"""From the areas in force to the grid of each atom, and from a mended plan to the list of those who change grid."""

from __future__ import annotations

from typing import Any

import geopandas
import numpy as np
import pandas as pd

from gridmap import crs
from gridmap.errors import InputError
from gridmap.frames import conform
from gridmap.partition.drawing.aims import Size
from gridmap.partition.drawing.drawn import TRANSFERS
from gridmap.partition.drawing.graph import AtomGraph, connected
from gridmap.partition.drawing.tabling import Stock
from gridmap.partition.edges import Ints
from gridmap.partition.index import AreaIndex
from gridmap.partition.orientation import Floats


def leaves_in_force(standing: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Return the grids among areas in force: those of level ``grid``, else those that are the parent of none.

    Parameters
    ----------
    standing
        Areas as promised in `gridmap.frames`.

    Raises
    ------
    TableError
        If the table breaks its promise.
    InputError
        If it is empty.
    """
    table = conform(standing, "areas", source="standing")
    if table.empty:
        raise InputError("no areas in force", expected="the grids to be mended, or standing=None")
    grids = table["level"] == "grid"
    if not grids.any():
        grids = ~table["code"].isin(table["parent"].dropna())
    leaves: geopandas.GeoDataFrame = table[grids].assign(parent=None).reset_index(drop=True)
    return leaves


def grid_at(areas: geopandas.GeoDataFrame, xy: Floats, system: Any) -> Ints:
    """Return the row of the area that holds each place, -1 for none, shape (n,).

    Parameters
    ----------
    areas
        Grids in force, any CRS.
    xy
        Places in ``system``, shape (n, 2).
    system
        Their system.

    Raises
    ------
    CrsError
        If there is no proper way between the systems.
    """
    x, y = xy.T if areas.crs == system else crs.convert(xy[:, 0], xy[:, 1], system, areas.crs)
    return AreaIndex(areas).locate(x, y).astype(np.int64)


def majority(stock: Stock, house_grid: Ints, ground_grid: Ints, weight: Floats) -> Ints:
    """Return the grid in force of each atom: that of most of its people, of an empty atom that of a point in it.

    Parameters
    ----------
    stock
        What stands on the atoms.
    house_grid, ground_grid
        Grid in force of each building, shape (b,), and of a point in each atom, shape (n,).
    weight
        People of each building, shape (b,).

    Raises
    ------
    Nothing
        Where no grid in force is, the answer is -1.
    """
    grids = int(max(house_grid.max(initial=-1), ground_grid.max(initial=-1))) + 1
    known = np.flatnonzero((house_grid >= 0) & (stock.atom >= 0))
    keys, which = np.unique(stock.atom[known] * max(grids, 1) + house_grid[known], return_inverse=True)
    held = np.bincount(which, weight[known] + 1e-6, len(keys))
    order = np.lexsort((-keys, held))
    result = ground_grid.copy()
    result[keys[order] // max(grids, 1)] = keys[order] % max(grids, 1)
    return result


def transfers_of(graph: AtomGraph, stock: Stock, former: Ints, houses: pd.DataFrame, size: Size) -> pd.DataFrame:
    """Return the buildings that change grid: building, households, from, to, reason; in the order of the buildings.

    Parameters
    ----------
    graph, stock
        The ground and what stands there.
    former
        The grid in force of each atom, -1 for none, shape (n,).
    houses
        One row per building: ``building``, ``households``, ``weight``, ``from``, ``to`` (codes; missing where there is
        none), ``there`` (whether the old grid still exists) and ``old`` (whether the new one did before).
    size
        How large grids may be.

    Raises
    ------
    Nothing
        Where nobody moves the list is empty.
    """
    weight = houses.groupby("from")["weight"].sum()
    cut_off = _cut_off(graph, former)[stock.atom]
    moved = houses[houses["from"].notna() & houses["to"].notna() & (houses["from"] != houses["to"])]
    before, after = moved["from"].map(weight), moved["to"].map(weight).fillna(0.0)
    reasons = [
        (~moved["there"].to_numpy(bool), "its grid is dissolved"),
        (~moved["old"].to_numpy(bool), "its grid is split"),
        (cut_off[moved.index], "it is cut off from its grid"),
        ((before > size.high).to_numpy(), "its grid is too large"),
        ((after < size.low).to_numpy(), "the other grid is too small"),
    ]
    said = np.select([when for when, _ in reasons], [why for _, why in reasons], "it makes room between two others")
    return moved.assign(reason=said)[list(TRANSFERS)].reset_index(drop=True)


def _cut_off(graph: AtomGraph, former: Ints) -> Any:
    """Whether an atom lies in another part of its grid in force than most of its people."""
    part = connected(graph, former)
    weight = np.bincount(part, graph.weight)
    order = np.lexsort((-part, weight[part], former))
    last = np.append(former[order][1:] != former[order][:-1], True)
    main = part[order[last]]
    return ~np.isin(part, main)
