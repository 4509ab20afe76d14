"""Figures of each area beside the norms: people, staff, floor space, form, way to the service point."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gridmap import crs
from gridmap.errors import Fault, TableError
from gridmap.partition.checking.forms import polsby_popper
from gridmap.standards.ground import Ground, column, level_of, ratio
from gridmap.standards.norms import Norms

Floats = npt.NDArray[np.float64]

#: Figures of an area in the order of the table, with their units.
FIGURES = {
    "households": "households",
    "residents": "residents",
    "buildings": "buildings",
    "area_m2": "m2",
    "compactness": "Polsby-Popper",
    "staff": "persons",
    "staff_per_10000": "per 10 000 residents",
    "floor_m2": "m2",
    "floor_needed_m2": "m2",
    "floor_per_100_m2": "m2 per 100 households",
    "floor_share": "share of what is needed",
    "service_m": "m",
}


def figures(
    areas: gpd.GeoDataFrame,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    places: gpd.GeoDataFrame | None = None,
    norms: Norms | None = None,
) -> gpd.GeoDataFrame:
    """Return the figures of each area.

    A building counts for the area that holds a point inside it, a place for the area that holds it, and both for all
    areas above. A figure that cannot be known is missing: households and residents where neither buildings nor areas
    state them, staff and floor space where no places are given.

    Parameters
    ----------
    areas
        ``code`` and polygons in any CRS, all levels mixed; ``name``, ``level``, ``parent``, ``households``,
        ``residents`` if known.
    buildings
        ``id``, ``households``, ``residents`` and polygons; what they say goes before what the areas state.
    places
        ``kind``, ``floor_m2``, ``staff`` and points.
    norms
        Which kinds of places count, and how much floor space is needed.

    Returns
    -------
    geopandas.GeoDataFrame
        In the order and CRS of the areas: ``code``, ``name``, ``level``, the figures of ``FIGURES``, geometry.
        ``staff_per_10000`` is per 10 000 residents; ``floor_share`` the floor space over that which is needed;
        ``service_m`` the mean way of a household to the nearest service point as the crow flies.

    Raises
    ------
    TableError
        If areas cannot be indexed, or a layer lacks what is counted.
    CrsError
        If a layer states no CRS.

    Examples
    --------
    >>> square = gpd.GeoDataFrame({"code": ["a"], "households": [1200]}, geometry=[shapely.box(0, 0, 9, 9)], crs=4549)
    >>> figures(square)[["households", "floor_needed_m2", "compactness"]].round(3).values.tolist()
    [[1200.0, 400.0, 0.785]]
    """
    norms = norms or Norms()
    ground = Ground.of(areas)
    table = pd.DataFrame({"code": areas["code"].astype(str).to_numpy()})
    for name in ("name", "level"):
        table[name] = areas[name].to_numpy(object) if name in areas else None
    table["level"] = [level_of(code, level) for code, level in zip(table["code"], table["level"], strict=True)]
    table = table.assign(**_people(ground, areas, buildings), **_form(ground.metric))
    table = table.assign(**_services(ground, places, norms))
    table = table.assign(**_shares(table, norms))
    table["service_m"] = _ways(ground, buildings, places, norms)
    shapes = gpd.GeoSeries(areas.geometry.to_numpy(), crs=areas.crs)
    return gpd.GeoDataFrame(table[["code", "name", "level", *FIGURES]], geometry=shapes)


def judge(figured: gpd.GeoDataFrame, norms: Norms | None = None) -> pd.DataFrame:
    """Return each figure that a norm is set for, beside its norm.

    Parameters
    ----------
    figured
        What `figures` returned.
    norms
        Ranges by level and figure.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``name``, ``level``, ``figure``, ``measured``, ``unit``, ``least``, ``greatest``, ``kept`` (missing
        where the figure is): level by level, and in the order of the areas.

    Raises
    ------
    TableError
        If a norm is set for a figure that there is not.

    Examples
    --------
    >>> one = gpd.GeoDataFrame({"code": ["a"], "level": ["grid"], "households": [501]}, geometry=[None])
    >>> rule = Norms(ranges={"grid": {"households": (150, 500)}})
    >>> judge(one.assign(name="甲"), rule)[["figure", "measured", "greatest", "kept"]].values.tolist()
    [['households', 501.0, 500.0, False]]
    """
    rows = []
    for level, ranges in (norms or Norms()).ranges.items():
        _refuse_unknown(ranges)
        of_level = figured[figured["level"] == level]
        for code, name, *measured in of_level[["code", "name", *ranges]].itertuples(index=False):
            for (figure, (least, greatest)), value in zip(ranges.items(), measured, strict=True):
                kept = _kept(value, least, greatest)
                rows.append((code, name, level, figure, value, FIGURES[figure], least, greatest, kept))
    columns = ["code", "name", "level", "figure", "measured", "unit", "least", "greatest", "kept"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"measured": "float64", "least": "float64", "greatest": "float64", "kept": "boolean"})


def _people(ground: Ground, areas: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None) -> dict[str, Any]:
    """Households, residents and buildings of each area."""
    if buildings is None:
        stated = {count: column(areas, count, np.nan) for count in ("households", "residents")}
        return {**stated, "buildings": np.full(len(areas), np.nan)}
    known = [count for count in ("households", "residents") if count in buildings]
    counts = np.column_stack([*(column(buildings, count, 0.0) for count in known), np.ones(len(buildings))])
    sums = ground.summed(buildings.geometry.representative_point(), counts)
    people = {count: column(areas, count, np.nan) for count in ("households", "residents")}
    return {**people, **dict(zip([*known, "buildings"], sums.T, strict=True))}


def _form(metric: gpd.GeoSeries) -> dict[str, Any]:
    """Ground and compactness of each area."""
    size, around = metric.area.to_numpy(), metric.length.to_numpy()
    return {"area_m2": size, "compactness": polsby_popper(size, around)}


def _services(ground: Ground, places: gpd.GeoDataFrame | None, norms: Norms) -> dict[str, Any]:
    """Staff and floor space of each area's service places."""
    if places is None:
        return dict.fromkeys(("staff", "floor_m2"), np.full(len(ground.table), np.nan))
    _require(places, "places", ("kind",))
    chosen = places[places["kind"].isin(norms.service_kinds)]
    counts = np.column_stack([column(chosen, name, 0.0) for name in ("staff", "floor_m2")])
    staff, floor = ground.summed(chosen.geometry, counts).T
    return {"staff": staff, "floor_m2": floor}


def _shares(table: pd.DataFrame, norms: Norms) -> dict[str, Any]:
    """What staff and floor space are for so many people."""
    households, residents = (table[name].to_numpy(dtype=float) for name in ("households", "residents"))
    needed = norms.floor_space.needed_m2(households)
    floor = table["floor_m2"].to_numpy(dtype=float)
    return {
        "staff_per_10000": ratio(table["staff"].to_numpy(dtype=float) * 10_000, residents),
        "floor_needed_m2": needed,
        "floor_per_100_m2": ratio(floor * 100, households),
        "floor_share": ratio(floor, needed),
    }


def _ways(ground: Ground, buildings: gpd.GeoDataFrame | None, places: gpd.GeoDataFrame | None, norms: Norms) -> Floats:
    """Mean metres of a household to the nearest service point, NaN where there are no households or no points."""
    missing = np.full(len(ground.table), np.nan)
    if buildings is None or places is None or "households" not in buildings:
        return missing
    points = places[places["kind"].isin(norms.point_kinds)]
    if points.empty or buildings.empty:
        return missing
    doors = buildings.geometry.representative_point()
    metres, _ = cKDTree(_metric_points(ground, points.geometry)).query(_metric_points(ground, doors))
    weight = column(buildings, "households", 0.0)
    total, households = ground.summed(doors, np.column_stack([metres * weight, weight])).T
    return ratio(total, households)


def _metric_points(ground: Ground, points: gpd.GeoSeries) -> Floats:
    """Coordinates in the metres of the areas."""
    return np.asarray(shapely.get_coordinates(crs.to_system(points, ground.metric.crs).to_numpy()))


def _kept(value: float, least: float | None, greatest: float | None) -> bool | None:
    """Whether a figure lies in its range; unknown where the figure is."""
    if pd.isna(value):
        return None
    return (least is None or value >= least) and (greatest is None or value <= greatest)


def _refuse_unknown(ranges: Iterable[str]) -> None:
    if unknown := [figure for figure in ranges if figure not in FIGURES]:
        message = f"no figure {' or '.join(unknown)}; expected one of {', '.join(FIGURES)}"
        raise TableError("norms", [Fault(code="unknown_figure", message=message)])


def _require(table: pd.DataFrame, source: str, columns: Iterable[str]) -> None:
    if missing := [name for name in columns if name not in table]:
        raise TableError(
            source, [Fault(code="missing_column", message=f"no column {' or '.join(missing)}; map or add it")]
        )
