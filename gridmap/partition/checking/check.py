"""All rules over a set of areas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import shapely

from gridmap.crs import to_system
from gridmap.errors import Fault, InputError, TableError
from gridmap.partition.checking import counts, forms, ground, vertices
from gridmap.partition.checking.barriers import barriers
from gridmap.partition.checking.found import Finding, as_table
from gridmap.partition.checking.limits import Limits
from gridmap.partition.checking.measured import Measured, ground_faults, measure
from gridmap.partition.checking.nesting import ground_of_parents, nesting
from gridmap.partition.findings import mended


def check(
    areas: gpd.GeoDataFrame,
    within: Any = None,
    parents: gpd.GeoDataFrame | None = None,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    streets: gpd.GeoDataFrame | None = None,
    limits: Limits | None = None,
) -> gpd.GeoDataFrame:
    """Return what keeps areas from being a partition that could be published, a row for each place.

    A *partition* fills its territory: every point is held by exactly one area of each layer. What one layer must be is
    asked of the finest areas, and again of each level above, together with areas that are divided no further.

    Parameters
    ----------
    areas
        ``code`` and polygons in any CRS; ``name``, ``level``, ``parent``, ``households``, ``residents`` if known; all
        levels mixed.
    within
        The territory: a polygon in the CRS of the areas, or a table of polygons. Without it only enclosed gaps can be
        seen.
    parents
        Areas one level up, where they are not in the table itself; their ground is the territory if ``within`` does
        not say otherwise.
    buildings
        ``id`` and polygons, ``households``, ``residents``: for buildings that no area holds or that a border cuts;
        their counts then stand for those of the areas.
    streets
        Lines with ``barrier`` or ``class``: for barriers that run through areas.
    limits
        Where each rule draws its line.

    Returns
    -------
    geopandas.GeoDataFrame
        ``rule``, ``codes`` (joined by ``;``), ``measured``, ``unit``, ``limit``, ``message``, ``mend`` (what could be
        done, empty where only people can know) and the place, in the CRS of the areas. Rules come in the order of
        their weight (invalid, duplicate_code, overlap, gap, outside, nesting, multi_part, hole, sliver, t_junction,
        orphan_building, cut_building, households, residents, barrier, compactness), the worst place first in each.

    Raises
    ------
    TableError
        If there are no areas, or some lack a code or polygon, parents go round in circles, or buildings lack an id or
        polygon; all faults of a table at once.
    CrsError
        If a table states no CRS, or one that cannot be taken to metres.
    InputError
        If the territory is no polygon.

    Examples
    --------
    >>> squares = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 90)]
    >>> areas = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=squares, crs=4549)
    >>> check(areas, shapely.box(0, 0, 200, 100))[["rule", "codes", "measured", "unit"]].values.tolist()
    [['gap', 'a;b', 1000.0, 'm2'], ['t_junction', 'a;b', 0.0, 'm']]
    """
    limits = limits or Limits()
    case = _Case(
        areas=measure(areas),
        limits=limits,
        within=territory(within, areas),
        parents=None if parents is None else measure(to_system(parents, areas.crs)),
        buildings=None if buildings is None else _standing(buildings, areas.crs),
        streets=streets,
    )
    return as_table(_findings(case), areas.crs)


@dataclass(frozen=True, kw_only=True)
class _Case:
    """What a check is asked about, made ready."""

    areas: Measured
    limits: Limits
    within: Any
    parents: Measured | None
    buildings: gpd.GeoDataFrame | None
    streets: gpd.GeoDataFrame | None


def _findings(case: _Case) -> Iterator[Finding]:
    """What each rule finds, the gravest rule first."""
    areas, limits = case.areas, case.limits
    within = case.within if case.within is not None or case.parents is None else ground_of_parents(case.parents)
    yield from forms.invalid(areas, limits)
    yield from counts.duplicate_codes(areas, limits)
    yield from ground.overlaps(areas, limits)
    yield from ground.gaps(areas, limits, within=within)
    yield from ground.outside(areas, limits, within=within)
    yield from nesting(areas, limits, parents=case.parents)
    yield from forms.multi_part(areas, limits)
    yield from forms.holes(areas, limits)
    yield from forms.slivers(areas, limits)
    yield from vertices.t_junctions(areas, limits)
    if case.buildings is not None:
        yield from counts.orphan_buildings(areas, limits, buildings=case.buildings)
    for count in ("households", "residents"):
        yield from counts.out_of_norm(areas, limits, count=count, buildings=case.buildings)
    if case.streets is not None:
        yield from barriers(areas, limits, streets=case.streets)
    yield from forms.compactness(areas, limits)


def _standing(buildings: gpd.GeoDataFrame, system: Any) -> gpd.GeoDataFrame:
    """Buildings in the CRS of the areas, their rings mended."""
    if "id" not in buildings:
        raise TableError(
            "buildings", [Fault(code="missing_column", message="no column id; map or add it", column="id")]
        )
    table = to_system(buildings, system)
    if faults := ground_faults(table.geometry.to_numpy(), system):
        raise TableError("buildings", faults)
    return table.set_geometry(mended(table.geometry.to_numpy()), crs=table.crs)


def territory(within: Any, areas: gpd.GeoDataFrame) -> Any:
    """Return the territory as one polygon or several in the CRS of the areas; None where it is not known.

    Parameters
    ----------
    within
        A polygon in the CRS of the areas, or a table of polygons in any; rings are read as even-odd. None: not known.
    areas
        Table with a CRS.

    Raises
    ------
    InputError
        If it is no polygon, or a table without any.
    TableError
        If polygons are empty, not finite, or lie where no place is.
    CrsError
        If the table says no CRS, or one that cannot be taken to that of the areas.
    """
    if within is None:
        return None
    if isinstance(within, shapely.Geometry):
        within = gpd.GeoSeries([within], crs=areas.crs)
    if not isinstance(within, gpd.GeoDataFrame | gpd.GeoSeries) or not len(within):
        raise InputError("a territory that is no polygon", expected="a polygon, or a table of polygons")
    table = to_system(gpd.GeoDataFrame(geometry=within.geometry), areas.crs)
    shapes = shapely.force_2d(table.geometry.to_numpy())
    if faults := ground_faults(shapes, table.crs):
        raise TableError("within", faults)
    return shapely.union_all(mended(shapes))
