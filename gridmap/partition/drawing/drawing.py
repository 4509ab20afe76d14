"""Draw grids over a territory, and mend those in force."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Literal

import geopandas
import numpy as np
import pandas as pd

from gridmap.partition.drawing.aims import Aims, size_of
from gridmap.partition.drawing.asking import check_given, check_ground, check_special, check_wish
from gridmap.partition.drawing.atoms import Atoms
from gridmap.partition.drawing.drawn import TRANSFERS, Drawn
from gridmap.partition.drawing.explaining import Names, report, units_of
from gridmap.partition.drawing.grounds import Site, site_of_areas, site_of_buildings
from gridmap.partition.drawing.planning import Planned, Wish, planned
from gridmap.partition.drawing.standing import Standing
from gridmap.partition.drawing.tabling import grids_table, in_crs, places, unions
from gridmap.partition.drawing.transferring import grid_at, majority, transfers_of

#: What it costs that a grid's worth of people changes grid, beside the costs of `Aims`.
STAY = 6.0
#: Small neighbours are one atom up to this share of the target: a tenth of what the tolerance usually leaves.
_LUMP = 0.01


def draw(  # noqa: PLR0913 (the contract's signature; what is not asked for need not be named)
    buildings: geopandas.GeoDataFrame,
    streets: geopandas.GeoDataFrame | None,
    within: geopandas.GeoDataFrame | None = None,
    target: float = 300,
    tolerance: float = 0.1,
    seed: int = 0,
    *,
    weight: Literal["households", "residents"] = "households",
    band: tuple[float, float] | None = None,
    parents: geopandas.GeoDataFrame | None = None,
    fixed: geopandas.GeoDataFrame | None = None,
    special: Collection[str] = (),
    barriers: Mapping[str, float] | None = None,
    standing: geopandas.GeoDataFrame | None = None,
    stay: float = STAY,
    ground: Atoms | None = None,
    aims: Aims | None = None,
    prefix: str = "G",
    progress: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Drawn:
    """Return grids that fill a territory: of about equal size, connected, compact, stopping at barriers.

    A *grid* is made of whole atoms (`gridmap.partition.drawing.atoms`), a building with the ground around it: no
    building is cut, and grids have no gap and no overlap. There are as many grids as the people fill, reckoned for each
    connected part of the ground and each parent by itself; populated ground always gets one. The search looks for a
    plan that is cheap by `gridmap.partition.drawing.aims.Aims`; it proves nothing, but says of every grid that is not
    as was wished what forces it. Equal input and seed give equal plans, in whatever order the buildings come.

    Parameters
    ----------
    buildings
        As promised in `gridmap.frames`, any CRS.
    streets
        As promised there; rivers, railways and main roads are barriers. None: there are none.
    within
        The ground to be divided, polygons. None: that of the parents, else the surroundings of the buildings.
    target, tolerance
        Households (or residents) of a grid, and the share of them by which it may differ.
    seed
        Any whole number.
    weight
        What grids are balanced by.
    band
        Least and greatest size, such as ``(300, 500)``, any size between being equally good; the target is then its
        middle and the tolerance counts nothing.
    parents
        Areas that no grid may cross.
    fixed
        Compounds, schools, hospitals, markets: polygons that stay whole, with their ``kind``.
    special
        Kinds of fixed pieces that become special grids of their own, of whatever size.
    barriers
        Weight of each class of street and barrier; None: `gridmap.partition.drawing.barring.BARRIERS`.
    standing
        Areas in force, which are mended instead of drawn anew: grids keep their code and people their grid as far as
        sizes allow.
    stay
        What it costs that a grid's worth of people changes grid; more moves fewer, and leaves more grids out of size.
    ground
        ``Drawn.ground`` of a plan of the same ground before a change: where streets and outlines are as they were the
        ground need not be cut again. It makes no difference but of time. None: there is none.
    aims
        What counts how much.
    prefix
        What the provisional codes begin with.
    progress
        Called with the moves made and those expected in all, which may grow.
    stop
        Asked now and then; True ends the search, and the best plan so far is returned, ``report.stopped`` being True.

    Returns
    -------
    Drawn
        Unpacks as ``grids, assignment``. Grids, in the CRS of the buildings, from west to east and then from north to
        south: code (``G0001``..., or that in force), name (that in force, else missing), level (``grid``), parent,
        households, residents, buildings, area_m2, compactness (Polsby-Popper, 4 pi A / P²), parts, kind (``basic``,
        ``special``; a draft keeps it for its serials and figures, the record of areas in force has no such column),
        deviation (share of the target), barrier_m (weighted metres of barriers inside) and polygon.
        Assignment, in the order of the buildings: building, grid (missing for a building outside ``within``).
        ``report`` explains the plan, ``transfers`` lists who changes grid.

    Raises
    ------
    TableError
        If a table breaks its promise, there is no building, or nobody lives in them; all faults of the table at once.
    InputError
        If a size is not above 0, the tolerance not between 0 and 1, the band not rising, ``within`` or ``parents``
        without any area, pieces or parents overlap, a special kind is asked for that no piece has, or ``ground`` is
        none.
    CrsError
        If a table does not say its CRS, or cannot be taken to that of the others.

    Examples
    --------
    >>> import shapely
    >>> houses = [shapely.box(40 * k, 10, 40 * k + 20, 30) for k in range(6)]
    >>> table = geopandas.GeoDataFrame({"id": list("abcdef"), "households": [400, 90, 110, 100, 80, 120]},
    ...     geometry=houses, crs=4549)
    >>> drawn = draw(table, None, target=250, tolerance=0.2)
    >>> grids, assignment = drawn
    >>> grids["households"].tolist(), assignment["grid"].tolist()
    ([400, 300, 200], ['G0001', 'G0002', 'G0002', 'G0002', 'G0003', 'G0003'])
    >>> drawn.report.exceptions[0].message
    'grid G0001 of 400 households: a alone holds 400'
    """
    check_wish(target, tolerance, band, weight)
    check_given(within=within, parents=parents)
    options: dict[str, Any] = {"within": within, "parents": parents, "fixed": fixed, "barriers": barriers}
    options["before"] = check_ground(ground)
    size = size_of(target, tolerance, band)
    options["lump"] = 0.0 if standing is not None else size.target * _LUMP
    wish = Wish(
        size=size,
        aims=aims or Aims(),
        seed=seed,
        special=check_special(fixed, special),
        progress=progress,
        stop=stop,
    )
    site = site_of_buildings(buildings, streets, weight=weight, standing=standing, options=options)
    return _drawn(site, wish, stay, prefix)


def redraw(
    buildings: geopandas.GeoDataFrame,
    streets: geopandas.GeoDataFrame | None,
    standing: geopandas.GeoDataFrame,
    **options: Any,
) -> Drawn:
    """Return the grids in force mended after a change, with the list of those who change grid.

    Parameters
    ----------
    buildings, streets
        As for `draw`, as they are now.
    standing
        The areas in force.
    **options
        Those of `draw`. With ``ground``, the `Drawn.ground` of the plan before, a change of 2 % of the buildings takes
        a third of the time.

    Raises
    ------
    TableError, InputError, CrsError
        As `draw`, of the areas in force too.
    """
    return draw(buildings, streets, standing=standing, **options)


def draw_from_areas(  # noqa: PLR0913 (the options of draw)
    areas: geopandas.GeoDataFrame,
    target: float = 300,
    tolerance: float = 0.1,
    seed: int = 0,
    *,
    weight: Literal["households", "residents"] = "households",
    band: tuple[float, float] | None = None,
    nested: bool = False,
    standing: geopandas.GeoDataFrame | None = None,
    stay: float = STAY,
    level: str = "community",
    aims: Aims | None = None,
    prefix: str = "G",
    progress: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Drawn:
    """Return larger areas made of whole given ones: villages into precincts, 49 communities into 18.

    Parameters
    ----------
    areas
        As promised in `gridmap.frames`, of one level, with the counts that ``weight`` names; neighbours share vertices.
    nested
        Whether no new area may hold areas of several ``parent``.
    level
        Level of the new areas.
    target, tolerance, seed, weight, band, standing, stay, aims, prefix, progress, stop
        As for `draw`.

    Returns
    -------
    Drawn
        As `draw` returns it, but for the assignment: area, grid. ``buildings`` counts areas.

    Raises
    ------
    TableError, InputError, CrsError
        As `draw`.

    Examples
    --------
    >>> import shapely
    >>> squares = [shapely.box(k, 0, k + 1, 1) for k in range(4)]
    >>> table = {"code": list("abcd"), "households": [10, 20, 25, 5]}
    >>> drawn = draw_from_areas(geopandas.GeoDataFrame(table, geometry=squares, crs=4549), target=30)
    >>> drawn.assignment["grid"].tolist()
    ['G0001', 'G0001', 'G0002', 'G0002']
    """
    check_wish(target, tolerance, band, weight)
    wish = Wish(size=size_of(target, tolerance, band), aims=aims or Aims(), seed=seed, progress=progress, stop=stop)
    site = site_of_areas(areas, weight=weight, standing=standing, nested=nested)
    drawn = _drawn(site, wish, stay, prefix)
    renamed = drawn.assignment.rename(columns={"building": "area"})
    return replace(drawn, grids=drawn.grids.assign(level=level), assignment=renamed)


def _drawn(site: Site, wish: Wish, stay: float, prefix: str) -> Drawn:
    """The plan of some ground as tables."""
    former, house_grid = _in_force(site)
    plan = planned(site.graph, wish, None if former is None else Standing(grid=former, stay=stay))
    polygons = unions(site.stock.cells, plan.label)
    codes = _codes(plan, polygons, site, prefix)
    grids = grids_table(site.graph, plan, site.stock, polygons, codes).assign(
        deviation=np.bincount(plan.label, site.graph.weight) / wish.size.target - 1,
        name=_names(plan, site),
    )
    parents = () if site.stock.parents is None else list(site.stock.parents)
    names = Names(on_unit=_ids_on_unit(site), parents=parents, grids=list(codes), noun=site.noun)
    told = replace(report(site.graph, plan, grids, wish.size, names), warnings=site.warnings)
    known: Any = np.where(site.stock.atom >= 0, codes[plan.label[site.stock.atom]], None)
    columns = {"building": pd.array(site.stock.ids, dtype="str"), "grid": pd.array(known, dtype="str")}
    assignment = pd.DataFrame(columns)
    transfers = pd.DataFrame(columns=list(TRANSFERS))
    if former is not None and house_grid is not None:
        houses = _houses(site, assignment, house_grid)
        transfers = transfers_of(site.graph, site.stock, former, houses, wish.size)
        told = replace(told, moved=_moved(houses))
    order = places(polygons)
    table = in_crs(grids.iloc[order].reset_index(drop=True), site.metric, site.crs)
    return Drawn(grids=table, assignment=assignment, report=told, transfers=transfers, ground=site.ground)


def _in_force(site: Site) -> tuple[Any, Any]:
    """The grid in force of each atom, and of each building; None where there are none."""
    if site.standing is None:
        return None, None
    xy = np.concatenate([site.xy, site.graph.xy])
    house_grid, ground_grid = np.split(grid_at(site.standing, xy, site.metric), [len(site.xy)])
    return majority(site.stock, house_grid, ground_grid, site.weight), house_grid


def _houses(site: Site, assignment: pd.DataFrame, house_grid: Any) -> pd.DataFrame:
    """Each building with its grid in force and that to come: see `transfers_of`."""
    in_force = [] if site.standing is None else site.standing["code"].tolist()
    codes: Any = np.array([*in_force, None], object)
    houses = assignment.rename(columns={"grid": "to"}).assign(
        households=site.stock.households,
        weight=site.weight,
        **{"from": pd.array(codes[house_grid], dtype="str")},
    )
    return houses.assign(there=houses["from"].isin(set(houses["to"])), old=houses["to"].isin(in_force))


def _moved(houses: pd.DataFrame) -> float:
    """Share of the people that change grid."""
    changed = houses["from"].notna() & houses["to"].notna() & (houses["from"] != houses["to"])
    return float(houses.loc[changed, "weight"].sum() / houses["weight"].sum())


def _ids_on_unit(site: Site) -> Callable[[int], list[str]]:
    """What tells the ids of the buildings on a unit, most people first."""
    inside = np.flatnonzero(site.stock.atom >= 0)
    unit = units_of(site.graph)[site.stock.atom[inside]]
    ids = site.stock.ids[inside].astype(str)
    order = np.lexsort((ids, -site.weight[inside], unit))
    ids, unit = ids[order], unit[order]
    return lambda which: ids[slice(*np.searchsorted(unit, [which, which + 1]))].tolist()


def _names(plan: Planned, site: Site) -> Any:
    """Name of each grid: that of the one in force where it goes on."""
    in_force = [] if site.standing is None else site.standing["name"].tolist()
    return pd.array(np.array([*in_force, None], object)[plan.former], dtype="str")


def _codes(plan: Planned, polygons: Any, site: Site, prefix: str) -> Any:
    """Code of each grid: that in force where one goes on, else one by position that is not in force."""
    in_force = [] if site.standing is None else site.standing["code"].tolist()
    width = max(4, len(str(len(polygons))))
    numbers = (f"{prefix}{number:0{width}d}" for number in range(1, len(polygons) + len(in_force) + 1))
    fresh = iter([code for code in numbers if code not in set(in_force)])
    codes = np.empty(len(polygons), object)
    for grid in places(polygons).tolist():
        former = plan.former[grid]
        codes[grid] = in_force[former] if former >= 0 else next(fresh)
    return codes
