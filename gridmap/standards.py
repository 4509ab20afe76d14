"""Figures of each area beside the norms: households and residents, staff, floor space, form, way to the service point.

The norms of grassroots governance differ from province to province and are written as ranges: a `Norms` says which
hold. The text of GB/T 34300 is not at hand; the defaults are those that yearbooks and guides state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gridmap import crs, hierarchy
from gridmap.errors import CrsError, Fault, TableError
from gridmap.partition import AreaIndex
from gridmap.partition.checking.forms import polsby_popper

Floats = npt.NDArray[np.float64]

#: least and greatest; None: no limit on that side
Range = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True)
class FloorSpace:
    """Floor space that the service places of an area should have, by its households."""

    #: square metres for every hundred households
    per_100_m2: float = 30.0
    #: households up to which that holds ...
    up_to: int = 1000
    #: ... and square metres for every further hundred
    further_100_m2: float = 50.0

    def needed_m2(self, households: Any) -> Floats:
        """Return the square metres that areas of so many households need.

        Examples
        --------
        >>> FloorSpace().needed_m2([0, 500, 1000, 1200]).tolist()
        [0.0, 150.0, 300.0, 400.0]
        """
        count = np.asarray(households, dtype=float)
        within = np.minimum(count, self.up_to) / 100 * self.per_100_m2
        return np.asarray(within + np.maximum(count - self.up_to, 0) / 100 * self.further_100_m2)


@dataclass(frozen=True, kw_only=True)
class Norms:
    """What the figures of each level are held to."""

    #: range of each figure, by level and figure
    ranges: Mapping[str, Mapping[str, Range]] = field(
        default_factory=lambda: MappingProxyType(
            {
                "grid": {
                    "households": (150.0, 500.0),
                    "compactness": (0.2, None),
                    "service_m": (None, 500.0),
                },
                "community": {
                    "households": (1000.0, 3000.0),
                    "staff_per_10000": (18.0, None),
                    "floor_share": (1.0, None),
                    "service_m": (None, 1000.0),
                },
            }
        )
    )
    #: floor space needed by households
    floor_space: FloorSpace = field(default_factory=FloorSpace)
    #: kinds of places whose staff and floor space count
    service_kinds: frozenset[str] = frozenset({"community_centre", "clinic", "social_facility"})
    #: kinds of places that people go to as their service point
    point_kinds: frozenset[str] = frozenset({"community_centre"})


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
    ground = _Ground.of(areas)
    table = pd.DataFrame({"code": areas["code"].astype(str).to_numpy()})
    for name in ("name", "level"):
        table[name] = areas[name].to_numpy(object) if name in areas else None
    table["level"] = [_level(code, level) for code, level in zip(table["code"], table["level"], strict=True)]
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


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """Areas with what is asked of them for each layer."""

    #: the areas
    table: gpd.GeoDataFrame
    #: which of them holds a point
    index: AreaIndex
    #: the areas in metres
    metric: gpd.GeoSeries

    @classmethod
    def of(cls, areas: gpd.GeoDataFrame) -> _Ground:
        if areas.crs is None:
            raise CrsError("areas that do not say their coordinate system", do="state it: an EPSG code such as 4490")
        return cls(table=areas, index=AreaIndex(areas), metric=crs.to_metric(areas[["geometry"]]).geometry)

    def summed(self, points: gpd.GeoSeries, counts: Any) -> Any:
        """Counts of points by area, those of all areas inside included; shape (areas,) or (areas, kinds)."""
        own = crs.to_system(points, self.table.crs)
        rows = self.index.locate(own.x.to_numpy(), own.y.to_numpy())
        numbers = np.asarray(counts, dtype=float)
        totals = np.zeros((len(self.table), *numbers.shape[1:]))
        np.add.at(totals, rows[rows >= 0], numbers[rows >= 0])
        return hierarchy.roll_up(self.table, totals)


def _people(ground: _Ground, areas: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None) -> dict[str, Any]:
    """Households, residents and buildings of each area."""
    if buildings is None:
        stated = {count: _column(areas, count, np.nan) for count in ("households", "residents")}
        return {**stated, "buildings": np.full(len(areas), np.nan)}
    known = [count for count in ("households", "residents") if count in buildings]
    counts = np.column_stack([*(_column(buildings, count, 0.0) for count in known), np.ones(len(buildings))])
    sums = ground.summed(buildings.geometry.representative_point(), counts)
    people = {count: _column(areas, count, np.nan) for count in ("households", "residents")}
    return {**people, **dict(zip([*known, "buildings"], sums.T, strict=True))}


def _form(metric: gpd.GeoSeries) -> dict[str, Any]:
    """Ground and compactness of each area."""
    size, around = metric.area.to_numpy(), metric.length.to_numpy()
    return {"area_m2": size, "compactness": polsby_popper(size, around)}


def _services(ground: _Ground, places: gpd.GeoDataFrame | None, norms: Norms) -> dict[str, Any]:
    """Staff and floor space of each area's service places."""
    if places is None:
        return dict.fromkeys(("staff", "floor_m2"), np.full(len(ground.table), np.nan))
    _require(places, "places", ("kind",))
    chosen = places[places["kind"].isin(norms.service_kinds)]
    counts = np.column_stack([_column(chosen, name, 0.0) for name in ("staff", "floor_m2")])
    staff, floor = ground.summed(chosen.geometry, counts).T
    return {"staff": staff, "floor_m2": floor}


def _shares(table: pd.DataFrame, norms: Norms) -> dict[str, Any]:
    """What staff and floor space are for so many people."""
    households, residents = (table[name].to_numpy(dtype=float) for name in ("households", "residents"))
    needed = norms.floor_space.needed_m2(households)
    floor = table["floor_m2"].to_numpy(dtype=float)
    return {
        "staff_per_10000": _ratio(table["staff"].to_numpy(dtype=float) * 10_000, residents),
        "floor_needed_m2": needed,
        "floor_per_100_m2": _ratio(floor * 100, households),
        "floor_share": _ratio(floor, needed),
    }


def _ways(ground: _Ground, buildings: gpd.GeoDataFrame | None, places: gpd.GeoDataFrame | None, norms: Norms) -> Floats:
    """Mean metres of a household to the nearest service point, NaN where there are no households or no points."""
    missing = np.full(len(ground.table), np.nan)
    if buildings is None or places is None or "households" not in buildings:
        return missing
    points = places[places["kind"].isin(norms.point_kinds)]
    if points.empty or buildings.empty:
        return missing
    doors = buildings.geometry.representative_point()
    metres, _ = cKDTree(_metric_points(ground, points.geometry)).query(_metric_points(ground, doors))
    weight = _column(buildings, "households", 0.0)
    total, households = ground.summed(doors, np.column_stack([metres * weight, weight])).T
    return _ratio(total, households)


def _metric_points(ground: _Ground, points: gpd.GeoSeries) -> Floats:
    """Coordinates in the metres of the areas."""
    return np.asarray(shapely.get_coordinates(crs.to_system(points, ground.metric.crs).to_numpy()))


def _ratio(one: Floats, other: Floats) -> Floats:
    """One over the other, NaN where the other is nothing or not known."""
    ratio = np.full(len(one), np.nan)
    np.divide(one, other, out=ratio, where=other > 0)
    return ratio


def _column(table: pd.DataFrame, name: str, missing: float) -> Floats:
    """A column of numbers; what is missing stands as said."""
    if name not in table:
        return np.full(len(table), missing)
    return np.asarray(pd.to_numeric(table[name]).to_numpy(dtype=float, na_value=missing))


def _kept(value: float, least: float | None, greatest: float | None) -> bool | None:
    """Whether a figure lies in its range; unknown where the figure is."""
    if pd.isna(value):
        return None
    return (least is None or value >= least) and (greatest is None or value <= greatest)


def _level(code: str, stated: Any) -> str | None:
    """A level as stated, else as the code tells."""
    return hierarchy.level_of_code(code) if stated is None or pd.isna(stated) else str(stated)


def _refuse_unknown(ranges: Iterable[str]) -> None:
    if unknown := [figure for figure in ranges if figure not in FIGURES]:
        message = f"no figure {' or '.join(unknown)}; expected one of {', '.join(FIGURES)}"
        raise TableError("norms", [Fault(code="unknown_figure", message=message)])


def _require(table: pd.DataFrame, source: str, columns: Iterable[str]) -> None:
    if missing := [name for name in columns if name not in table]:
        raise TableError(
            source, [Fault(code="missing_column", message=f"no column {' or '.join(missing)}; map or add it")]
        )
