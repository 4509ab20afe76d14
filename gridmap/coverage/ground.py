"""The ground of areas in plots: small parts of each area, so that what is seen can be united plot by plot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import hierarchy
from gridmap.coverage.nesting import Nested, nested
from gridmap.coverage.overlaying import shared, united, without
from gridmap.coverage.sweeping import Floats, Ints
from gridmap.crs import to_system
from gridmap.errors import CrsError, Fault, TableError
from gridmap.prepared import prepared

Shapes = npt.NDArray[np.object_]

#: Width of a plot, metres: about the range of a camera. Uniting many viewsheds at once costs more than in several lots.
PLOT_M = 150.0


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Plots that fill areas without overlap, each in the area whose ground it is: of none of the areas inside it."""

    #: the metric system
    crs: Any
    #: code, parent and level of the areas
    areas: pd.DataFrame
    #: row of the area of each plot, shape (n,)
    area: Ints
    #: polygons, shape (n,)
    plots: Shapes
    #: what buildings stand on in each plot, None without buildings
    built: Shapes | None
    #: ground, and open ground (where no building stands), square metres, shape (n, 2); open ground NaN where unknown
    m2: Floats

    def __len__(self) -> int:
        """Return the number of plots."""
        return len(self.plots)

    @property
    def none_seen(self) -> Floats:
        """Amounts of plots of which nothing is seen, shape (n, 2)."""
        return np.where(np.isnan(self.m2), np.nan, 0.0)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Which plots meet a shape."""
        return shapely.STRtree(self.plots)

    @cached_property
    def nested(self) -> Nested:
        """Which area lies in which."""
        return nested(self.areas)

    def per_area(self, amounts: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Amounts of plots, shape (n, ...), summed by area, those of areas inside included."""
        return self.nested.summed(self.area, amounts)

    def measured(self, shapes: Shapes, plots: Ints) -> Floats:
        """Ground and open ground that shapes have in these plots, square metres, shape (n, 2)."""
        inside = areal(shared(shapes, self.plots[plots]))
        whole = shapely.area(inside)
        if self.built is None:
            return np.column_stack([whole, np.full(len(whole), np.nan)])
        return np.column_stack([whole, whole - shapely.area(shared(inside, self.built[plots]))])


def ground(
    areas: gpd.GeoDataFrame, crs: Any, *, buildings: gpd.GeoDataFrame | None = None, plot_m: float = PLOT_M
) -> Ground:
    """Return the ground of areas in plots.

    The own ground of an area is what lies in none of its children. What is summed from plots to areas, and from areas
    to their parents, reconciles: a parent has what its children have, and what lies in none of them.

    Parameters
    ----------
    areas
        ``code``, ``parent`` and ``level`` where known, polygons in any CRS; all levels mixed.
    crs
        The metric system of the views.
    buildings
        Polygons in any CRS; without them open ground is not known.
    plot_m
        Width of the plots; it changes no figure.

    Returns
    -------
    Ground
        Plots by area.

    Raises
    ------
    CrsError
        If a table states no CRS.
    TableError
        If codes are missing or repeated or parents unknown, or a geometry is no valid polygon.

    Examples
    --------
    >>> square = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(0, 0, 200, 100)], crs=4549)
    >>> house = gpd.GeoDataFrame(geometry=[shapely.box(10, 10, 20, 20)], crs=4549)
    >>> made = ground(square, 4549, buildings=house)
    >>> made.per_area(made.m2).tolist()
    [[20000.0, 19900.0]]
    """
    for name, table in (("areas", areas), ("buildings", buildings)):
        if table is not None and table.crs is None:
            raise CrsError(f"{name} that do not say their coordinate system", do="state it: an EPSG code such as 4490")
    _refuse_faulty(areas.geometry.to_numpy())
    shapes = _valid(to_system(areas.geometry, crs).to_numpy())
    named = pd.DataFrame(areas[[name for name in ("code", "parent", "level") if name in areas]]).reset_index(drop=True)
    area, plots = _cut(_own(named, shapes), plot_m)
    whole = shapely.area(plots)
    built = None if buildings is None else _built(plots, to_system(buildings.geometry, crs).to_numpy())
    free = np.full(len(plots), np.nan) if built is None else whole - shapely.area(built)
    return Ground(crs=crs, areas=named, area=area, plots=plots, built=built, m2=np.column_stack([whole, free]))


def _refuse_faulty(shapes: Shapes) -> None:
    wrong = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), (3, 6)) | ~shapely.is_valid(shapes))
    message = "no valid polygon; repair it, or leave the area out"
    if len(wrong):
        raise TableError(
            "areas", [Fault(code="invalid_polygon", message=message, feature=int(row) + 1) for row in wrong]
        )


def _own(areas: pd.DataFrame, shapes: Shapes) -> Shapes:
    """Each area without its children."""
    parents = hierarchy.parent_rows(areas)
    own = shapes.copy()
    for parent in np.unique(parents[parents >= 0]):
        own[parent] = without(shapes[parent], united(shapes[parents == parent]))
    return areal(own)


def _cut(shapes: Shapes, plot_m: float) -> tuple[Ints, Shapes]:
    """Shapes cut along the lines of a lattice: the row of the shape of each plot, and the plots."""
    bounds = shapely.bounds(shapes)
    low, high = np.floor(bounds[:, :2] / plot_m), np.ceil(bounds[:, 2:] / plot_m)
    count = np.where(np.isnan(bounds[:, 0]), 0, np.prod(np.maximum(high - low, 1), axis=1)).astype(np.int64)
    row = np.repeat(np.arange(len(shapes)), count)
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    tall = np.maximum(high - low, 1)[row, 1].astype(np.int64)
    corner = (low[row] + np.column_stack([nth // tall, nth % tall])) * plot_m
    squares = shapely.box(*corner.T, *(corner + plot_m).T)
    ready = prepared(shapes)
    meets = shapely.intersects(ready[row], squares)
    row, squares = row[meets], squares[meets]
    across = ~shapely.contains_properly(ready[row], squares)
    squares[across] = areal(shared(shapes[row[across]], squares[across]))
    real = shapely.area(squares) > 0
    return row[real], squares[real]


def _built(plots: Shapes, buildings: Shapes) -> Shapes:
    """What buildings stand on in each plot; buildings that overlap count once."""
    walls = _valid(buildings)
    plot, building = shapely.STRtree(walls).query(plots, predicate="intersects")
    found = np.full(len(plots), shapely.Polygon(), dtype=object)
    for each, rows in grouped(plot, building):
        found[each] = united(walls[rows])
    return areal(shared(found, plots))


def areal(shapes: Shapes) -> Shapes:
    """Return geometries without the lines and points in which two shapes do no more than touch.

    Parameters
    ----------
    shapes
        Any geometries, shape (n,).

    Raises
    ------
    Nothing
        What has no ground is an empty polygon.

    Examples
    --------
    >>> both = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.Point(5, 5)])
    >>> areal(np.array([both, shapely.Point(0, 0)])).tolist()
    [<POLYGON ((1 0, 1 1, 0 1, 0 0, 1 0))>, <POLYGON EMPTY>]
    """
    found = np.array(shapes, dtype=object)
    for row in np.flatnonzero(~np.isin(shapely.get_type_id(found), (3, 6))):
        parts = shapely.get_parts(shapely.get_parts(found[row]))
        solid = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
        found[row] = solid[0] if len(solid) == 1 else shapely.MultiPolygon(solid) if len(solid) else shapely.Polygon()
    return found


def _valid(shapes: Shapes) -> Shapes:
    """Shapes made valid: what is valid in degrees need not be in metres, by the last digit."""
    broken = ~shapely.is_valid(shapes)
    return areal(np.where(broken, shapely.make_valid(shapes), shapes)) if broken.any() else shapes


def grouped(keys: Ints, rows: Ints) -> list[tuple[int, Ints]]:
    """Return rows by key, in order.

    Raises
    ------
    Nothing
        No rows have no keys.

    Examples
    --------
    >>> [(key, rows.tolist()) for key, rows in grouped(np.array([2, 0, 2]), np.array([7, 8, 9]))]
    [(0, [8]), (2, [7, 9])]
    """
    order = np.lexsort((rows, keys))
    keys, rows = keys[order], rows[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    ends = np.append(first, len(keys))[1:]
    return [(int(keys[begin]), rows[begin:end]) for begin, end in zip(first, ends, strict=True)]
