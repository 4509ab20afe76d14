"""What a plan is drawn from: the atoms, what stands on them, and the grids in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas
import numpy as np
import shapely

from gridmap.crs import convert, to_metric
from gridmap.errors import InputError
from gridmap.frames import conform
from gridmap.partition.drawing.areas import graph_of
from gridmap.partition.drawing.asking import checked_buildings, weights_of
from gridmap.partition.drawing.atoms import Atoms, atoms
from gridmap.partition.drawing.graph import AtomGraph
from gridmap.partition.drawing.tabling import Stock
from gridmap.partition.drawing.transferring import leaves_in_force
from gridmap.partition.edges import Polygons
from gridmap.partition.orientation import Floats

#: Metres within which borders are taken to be the same.
_HAIR_M = 0.001
_COUNTS = ("households", "residents")


@dataclass(frozen=True, kw_only=True)
class Site:
    """All that a plan is drawn from."""

    graph: AtomGraph
    stock: Stock
    #: people of each building, shape (b,), and what they are counted as
    weight: Floats
    noun: str
    #: a place in each building, in ``metric``, shape (b, 2)
    xy: Floats
    #: system of the atoms, and of what was given
    metric: Any
    crs: Any
    #: grids in force; None: there are none
    standing: geopandas.GeoDataFrame | None
    #: what was noticed about the input
    warnings: tuple[str, ...]
    #: where buildings stand, the atoms as they were cut
    ground: Atoms | None = None


def site_of_buildings(
    buildings: geopandas.GeoDataFrame,
    streets: geopandas.GeoDataFrame,
    *,
    weight: str,
    standing: geopandas.GeoDataFrame | None,
    options: Mapping[str, Any],
) -> Site:
    """Return buildings and streets as ground to draw on.

    Parameters
    ----------
    buildings, streets, weight, standing
        See `gridmap.partition.drawing.drawing.draw`.
    options
        Further options of `gridmap.partition.drawing.atoms.atoms`.

    Raises
    ------
    TableError, InputError, CrsError
        As `gridmap.partition.drawing.drawing.draw`.
    """
    table, assumed = checked_buildings(buildings, weight)
    in_force = None if standing is None else leaves_in_force(standing)
    ground = atoms(table, streets, weight=weight, standing=in_force, **options)
    parents = options.get("parents")
    counts = {name: table[name].fillna(0).to_numpy(np.int64) for name in _COUNTS}
    stock = Stock(
        cells=np.asarray(ground.cells.geometry.array),
        ids=table["id"].to_numpy(object),
        atom=ground.building_atom,
        parents=None if parents is None else _codes(parents, "parents"),
        **counts,
    )
    return Site(
        graph=ground.graph,
        stock=stock,
        weight=counts[weight].astype(np.float64),
        noun=weight,
        xy=_places(table, ground.cells.crs),
        metric=ground.cells.crs,
        crs=buildings.crs,
        standing=in_force,
        warnings=(*assumed, *map(str, ground.warnings)),
        ground=ground,
    )


def site_of_areas(
    areas: geopandas.GeoDataFrame, *, weight: str, standing: geopandas.GeoDataFrame | None, nested: bool
) -> Site:
    """Return plain areas as ground to draw on.

    Parameters
    ----------
    areas, weight, standing, nested
        See `gridmap.partition.drawing.drawing.draw_from_areas`.

    Raises
    ------
    TableError, InputError, CrsError
        As `gridmap.partition.drawing.drawing.draw_from_areas`.
    """
    table = conform(areas, "areas", tolerate=("invalid_ring",))
    if table.empty:
        raise InputError("no areas", expected="at least one")
    weights = weights_of(table, weight)
    metric = to_metric(table)
    counts = {name: table[name].fillna(0).to_numpy(np.int64) for name in _COUNTS}
    above = np.unique(table["parent"].fillna("").to_numpy(object), return_inverse=True)
    codes, parent = above if nested else (None, np.zeros(len(table), np.int64))
    cells, mended = _fitting(np.asarray(metric.geometry.array))
    return Site(
        graph=replace(graph_of(cells, weights), parent=parent),
        stock=Stock(
            cells=cells,
            ids=table["code"].to_numpy(object),
            atom=np.arange(len(table)),
            parents=codes,
            **counts,
        ),
        weight=weights,
        noun=weight,
        xy=shapely.get_coordinates(shapely.point_on_surface(cells)),
        metric=metric.crs,
        crs=areas.crs,
        standing=None if standing is None else leaves_in_force(standing),
        warnings=mended,
    )


def _places(table: geopandas.GeoDataFrame, system: Any) -> Floats:
    """A place in each row of a table, in another system."""
    xy = shapely.get_coordinates(shapely.point_on_surface(np.asarray(table.geometry.array)))
    return xy if table.crs == system else np.column_stack(convert(xy[:, 0], xy[:, 1], table.crs, system))


def _fitting(polygons: Polygons) -> tuple[Polygons, tuple[str, ...]]:
    """Polygons whose neighbours share vertices, and what was done for it: hand-drawn borders differ by a hair."""
    if shapely.coverage_is_valid(polygons, gap_width=_HAIR_M):
        return polygons, ()
    whole = shapely.make_valid(polygons, method="structure", keep_collapsed=False)
    fitted = shapely.coverage_clean(whole, snapping_distance=_HAIR_M)
    moved = float(np.abs(shapely.area(fitted) - shapely.area(polygons)).sum())
    if shapely.is_empty(fitted).any():
        raise InputError(
            "areas of which one lies on others", expected="areas that do not overlap", do="clean them first"
        )
    return fitted, (f"borders of neighbours did not agree; {moved:.2f} m2 changed hands to make them agree",)


def _codes(areas: geopandas.GeoDataFrame, source: str) -> Any:
    """Codes of areas."""
    return conform(areas, "areas", source=source)["code"].to_numpy(object)
