"""Draw grids over a territory, and mend those in force."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import geopandas
import numpy as np
import pandas as pd
import shapely

from gridmap.crs import to_metric
from gridmap.errors import InputError
from gridmap.partition.drawing.aims import Aims, size_of
from gridmap.partition.drawing.areas import graph_of
from gridmap.partition.drawing.asking import check_wish, checked_buildings, weights_of
from gridmap.partition.drawing.drawn import Drawn, TRANSFERS
from gridmap.partition.drawing.explaining import Names, report, units_of
from gridmap.partition.drawing.graph import AtomGraph
from gridmap.partition.drawing.planning import Planned, Wish, planned
from gridmap.partition.drawing.standing import Standing
from gridmap.partition.drawing.tabling import Stock, grids_table, in_crs, places
from gridmap.partition.drawing.transferring import grid_of_points, leaves_in_force, majority, transfers_of
from gridmap.partition.orientation import Floats

#: What it costs that people change grid: a grid's worth of them as much as this.
STAY = 6.0


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """All that a plan is drawn from."""

    graph: AtomGraph
    stock: Stock
    weight: Floats
    noun: str
    metric: Any
    crs: Any
    #: grids in force, and the grid of each building there; None: there are none
    standing: geopandas.GeoDataFrame | None
    warnings: tuple[str, ...]


def draw(  # noqa: PLR0913 (the contract's signature; all but the first six are named)
    buildings: geopandas.GeoDataFrame,
    streets: geopandas.GeoDataFrame,
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
    aims: Aims | None = None,
    prefix: str = "G",
    progress: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Drawn:
    """Return grids that fill a territory: of about equal size, connected, compact, stopping at barriers."""
    from gridmap.partition.drawing.atoms import atoms

    check_wish(target, tolerance, band, weight)
    table, warnings = checked_buildings(buildings, weight)
    options = {} if barriers is None else {"barriers": barriers}
    ground = atoms(table, streets, within=within, parents=parents, fixed=fixed, weight=weight, **options)
    counts = {name: table[name].fillna(0).to_numpy(np.int64) for name in ("households", "residents")}
    stock = Stock(
        cells=np.asarray(ground.cells.geometry.array),
        ids=table["id"].to_numpy(object),
        atom=ground.building_atom,
        **counts,
        parents=None if parents is None else parents["code"].astype(str).to_numpy(object),
    )
    site = _Ground(
        graph=ground.graph,
        stock=stock,
        weight=counts[weight].astype(float),
        noun=weight,
        metric=ground.cells.crs,
        crs=buildings.crs,
        standing=None if standing is None else leaves_in_force(standing),
        warnings=(*warnings, *map(str, ground.warnings)),
    )
    wish = Wish(
        size=size_of(target, tolerance, band),
        aims=aims or Aims(),
        seed=seed,
        special=_special_pieces(fixed, special),
        progress=progress,
        stop=stop,
    )
    points = shapely.point_on_surface(np.asarray(table.geometry.array))
    return _drawn(site, wish, stay, prefix, geopandas.GeoSeries(points, crs=table.crs))


def redraw(
    buildings: geopandas.GeoDataFrame, streets: geopandas.GeoDataFrame, standing: geopandas.GeoDataFrame, **options: Any
) -> Drawn:
    """Return the grids in force mended after a change, with the list of those who change grid."""
    return draw(buildings, streets, standing=standing, **options)


def draw_from_areas(  # noqa: PLR0913 (the options of draw, all named)
    areas: geopandas.GeoDataFrame,
    target: float,
    tolerance: float = 0.1,
    seed: int = 0,
    *,
    weight: Literal["households", "residents"] = "households",
    band: tuple[float, float] | None = None,
    standing: geopandas.GeoDataFrame | None = None,
    stay: float = STAY,
    level: str = "community",
    aims: Aims | None = None,
    prefix: str = "G",
    progress: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Drawn:
    """Return larger areas made of whole given ones: villages into precincts, 49 communities into 18."""
    check_wish(target, tolerance, band, weight)
    weights = weights_of(areas, weight)
    if "code" not in areas.columns or areas["code"].isna().any() or areas["code"].duplicated().any():
        raise InputError("areas without a code each of their own", expected="a column code, all different")
    metric = to_metric(areas)
    cells = np.asarray(metric.geometry.array)
    counts = {
        name: areas[name].fillna(0).to_numpy(np.int64) if name in areas else np.zeros(len(areas), np.int64)
        for name in ("households", "residents")
    }
    stock = Stock(
        cells=cells, ids=areas["code"].astype(str).to_numpy(object), atom=np.arange(len(areas)), **counts, parents=None
    )
    site = _Ground(
        graph=graph_of(cells, weights),
        stock=stock,
        weight=weights,
        noun=weight,
        metric=metric.crs,
        crs=areas.crs,
        standing=None if standing is None else leaves_in_force(standing),
        warnings=(),
    )
    wish = Wish(size=size_of(target, tolerance, band), aims=aims or Aims(), seed=seed, progress=progress, stop=stop)
    points = shapely.point_on_surface(cells)
    drawn = _drawn(site, wish, stay, prefix, geopandas.GeoSeries(points, crs=metric.crs))
    return replace(
        drawn, grids=drawn.grids.assign(level=level), assignment=drawn.assignment.rename(columns={"building": "area"})
    )


def _special_pieces(fixed: geopandas.GeoDataFrame | None, special: Collection[str]) -> frozenset[int]:
    """Numbers of the fixed pieces whose kind makes a grid of its own."""
    if fixed is None or not special:
        return frozenset()
    if "kind" not in fixed.columns:
        raise InputError(
            "fixed pieces without a kind", expected=f"a column kind, of which {', '.join(special)} stand alone"
        )
    return frozenset(np.flatnonzero(fixed["kind"].isin(list(special)).to_numpy()).tolist())


def _drawn(site: _Ground, wish: Wish, stay: float, prefix: str, points: geopandas.GeoSeries) -> Drawn:
    """The plan of some ground as tables."""
    graph, stock = site.graph, site.stock
    house_grid = None if site.standing is None else grid_of_points(site.standing, points, points.crs)
    former = None
    if site.standing is not None:
        spots = grid_of_points(site.standing, shapely.points(graph.xy), site.metric)
        former = majority(graph, stock, house_grid, spots, site.weight)
    plan = planned(graph, wish, None if former is None else Standing(grid=former, stay=stay))
    codes = _codes(plan, site, prefix)
    grids = grids_table(graph, plan, stock, codes, wish.size.target)
    names = Names(
        units=_named(site), parents=() if stock.parents is None else list(stock.parents), grids=codes, noun=site.noun
    )
    told = replace(report(graph, plan, grids, wish.size, names), warnings=site.warnings)
    assignment = pd.DataFrame(
        {"building": pd.array(stock.ids, dtype="str"), "grid": pd.array(_codes_of(codes, plan, stock), dtype="str")}
    )
    transfers = pd.DataFrame(columns=list(TRANSFERS))
    if site.standing is not None:
        old_codes = np.append(site.standing["code"].to_numpy(object), None)
        houses = pd.DataFrame(
            {
                "building": assignment["building"],
                "households": stock.households,
                "weight": site.weight,
                "from": pd.array(old_codes[house_grid], dtype="str"),
                "to": assignment["grid"],
            }
        )
        houses["there"] = houses["from"].isin(codes)
        houses["old"] = houses["to"].isin(set(old_codes[:-1]))
        transfers = transfers_of(graph, stock, former, houses, wish.size)
        was = houses["from"].notna()
        moved = float(houses.loc[was & (houses["from"] != houses["to"]), "weight"].sum())
        told = replace(told, moved=moved / max(float(site.weight.sum()), 1e-9))
    order = places(grids["geometry"].to_numpy())
    table = in_crs(grids.iloc[order].reset_index(drop=True), site.metric, site.crs)
    return Drawn(grids=table, assignment=assignment, report=told, transfers=transfers)


def _codes_of(codes: list[str], plan: Planned, stock: Stock) -> Any:
    """Code of the grid of each building; None for one outside."""
    return np.where(stock.atom >= 0, np.array(codes, object)[plan.label[stock.atom]], None)


def _named(site: _Ground) -> list[list[str]]:
    """Ids of the buildings on each unit, most people first."""
    unit = units_of(site.graph)
    order = np.lexsort((np.arange(len(site.weight)), -site.weight))
    names: list[list[str]] = [[] for _ in range(int(unit.max(initial=-1)) + 1)]
    for row in order[site.stock.atom[order] >= 0].tolist():
        names[unit[site.stock.atom[row]]].append(str(site.stock.ids[row]))
    return names


def _codes(plan: Planned, site: _Ground, prefix: str) -> list[str]:
    """Codes of the grids: those in force where one goes on, else by position."""
    from gridmap.partition.drawing.tabling import unions

    count = len(plan.special)
    taken = set() if site.standing is None else set(site.standing["code"])
    order = places(unions(site.stock.cells, plan.label))
    width = max(4, len(str(count)))
    fresh = (f"{prefix}{number:0{width}d}" for number in range(1, 10**9))
    codes = [""] * count
    for grid in order.tolist():
        if plan.former[grid] >= 0:
            codes[grid] = site.standing["code"].iloc[plan.former[grid]]
        else:
            codes[grid] = next(code for code in fresh if code not in taken)
    return codes
