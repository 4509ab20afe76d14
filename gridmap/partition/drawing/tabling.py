"""A plan as tables: grids with their polygons and figures, and which building is in which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from gridmap.crs import to_system
from gridmap.partition.checking.forms import polsby_popper
from gridmap.partition.drawing.graph import AtomGraph
from gridmap.partition.drawing.planning import Planned
from gridmap.partition.edges import Ints, Polygons


@dataclass(frozen=True, kw_only=True)
class Stock:
    """What stands on the atoms."""

    #: polygon of each atom in a metric CRS, shape (n,)
    cells: Polygons
    #: name of each building (or area), its atom, and its people, shape (b,)
    ids: Any
    atom: Ints
    households: Ints
    residents: Ints
    #: codes of the parents by their numbers; None: there are none
    parents: Any


def grids_table(graph: AtomGraph, plan: Planned, stock: Stock, polygons: Polygons, codes: Any) -> pd.DataFrame:
    """Return one row per grid with ``geometry`` in the metric CRS, in the order of the labels.

    Parameters
    ----------
    graph, plan, stock
        The ground, which atom is in which grid, and what stands there.
    polygons, codes
        Polygon and code of each grid, shape (k,).

    Raises
    ------
    Nothing
        Every label has an atom.
    """
    count, label = len(codes), plan.label
    inside = stock.atom >= 0
    houses = label[stock.atom[inside]]
    area, around = shapely.area(polygons), shapely.length(polygons)
    within = label[graph.a] == label[graph.b]
    parents = graph.parent[_firsts(label, count)]
    return pd.DataFrame(
        {
            "code": pd.array(codes, dtype="str"),
            "name": pd.array([None] * count, dtype="str"),
            "level": pd.array(["grid"] * count, dtype="str"),
            "parent": pd.array([None] * count if stock.parents is None else list(stock.parents[parents]), dtype="str"),
            "households": _sums(houses, stock.households[inside], count),
            "residents": _sums(houses, stock.residents[inside], count),
            "buildings": np.bincount(houses, minlength=count),
            "area_m2": area,
            "compactness": polsby_popper(area, around),
            "parts": shapely.get_num_geometries(polygons),
            "kind": pd.array(np.where(plan.special, "special", "basic"), dtype="str"),
            "deviation": 0.0,
            "barrier_m": np.bincount(label[graph.a[within]], graph.barrier_m[within], count),
            "geometry": polygons,
        }
    )


def unions(cells: Polygons, label: Ints) -> Polygons:
    """Return the union of the cells of each label: their outer borders, vertex by vertex, shape (k,).

    Parameters
    ----------
    cells
        Polygons of a valid coverage, shape (n,).
    label
        Numbered from 0 without a gap, shape (n,).

    Raises
    ------
    Nothing
        Each label has a cell.
    """
    order = np.argsort(label, kind="stable")
    groups = np.split(cells[order], np.cumsum(np.bincount(label))[:-1])
    return np.array([_union(group) for group in groups], dtype=object)


def _union(cells: Polygons) -> Any:
    """The union of cells of a coverage; a collection of one part is that part."""
    try:
        union = cells[0] if len(cells) == 1 else shapely.coverage_union_all(cells)
    except shapely.GEOSException:  # areas that were drawn by hand may overlap by a hair
        union = shapely.union_all(cells)
    # the order of cells decides where a ring begins; equal ground is to be equal bytes
    parts = shapely.get_parts(shapely.normalize(union))
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _firsts(label: Ints, count: int) -> Ints:
    """An atom of each grid."""
    first = np.zeros(count, np.int64)
    first[label[::-1]] = np.arange(len(label))[::-1]
    return first


def _sums(houses: Ints, counts: Ints, grids: int) -> Ints:
    """Sums by grid as whole numbers."""
    sums: Ints = np.bincount(houses, counts, grids).astype(np.int64)
    return sums


def places(polygons: Polygons) -> Ints:
    """Return the order of polygons from west to east, then from north to south, by their middles.

    Parameters
    ----------
    polygons
        In a metric CRS, shape (k,).

    Raises
    ------
    Nothing
        Any polygons have an order.

    Examples
    --------
    >>> places(np.array([shapely.box(2, 0, 3, 1), shapely.box(0, 0, 1, 1), shapely.box(0, 1, 1, 2)])).tolist()
    [2, 1, 0]
    """
    middle = np.round(shapely.get_coordinates(shapely.centroid(polygons)), 3)
    order: Ints = np.lexsort((-middle[:, 1], middle[:, 0]))
    return order


def in_crs(table: pd.DataFrame, metric: Any, crs: Any) -> geopandas.GeoDataFrame:
    """Return a table with polygons in a metric CRS as one in another, neighbours keeping equal vertices.

    Parameters
    ----------
    table
        With ``geometry``.
    metric, crs
        Systems of the polygons now, and wanted.

    Raises
    ------
    CrsError
        If there is no proper way between the two.
    """
    return to_system(geopandas.GeoDataFrame(table, geometry="geometry", crs=metric), crs)
