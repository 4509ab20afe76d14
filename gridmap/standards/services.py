"""Service places beside the norms: households within some minutes, floor space and staff, by area and kind of place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.network import Service, ServiceArea, Ways, service_area, ways
from gridmap.standards.ground import Ground, column, level_of, ratio
from gridmap.standards.norms import Norms
from gridmap.streets import StreetGraph

Floats = npt.NDArray[np.float64]

#: All kinds of places whose staff and floor space count, as one kind: the norms are set for these together.
ALL = "all"
#: Walking minutes of the life circle.
MINUTES = (5.0, 10.0, 15.0)


@dataclass(frozen=True, kw_only=True)
class Services:
    """The layers of an answer on service places."""

    #: the places as given, and ``street_m``: metres to the nearest street, missing beyond ``service.off_m``
    places: gpd.GeoDataFrame
    #: area by area, kind by kind, minutes by minutes, see `services`
    areas: gpd.GeoDataFrame
    #: what each kind reaches, see `gridmap.network.ServiceArea`
    polygons: gpd.GeoDataFrame


def services(
    places: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | StreetGraph | Ways,
    areas: gpd.GeoDataFrame | None = None,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    minutes: Sequence[float] = MINUTES,
    rules: tuple[Service, Norms] | None = None,
) -> Services:
    """Return what service places reach, and their floor space and staff, beside the norms.

    Parameters
    ----------
    places
        ``kind``, ``floor_m2``, ``staff`` and points in any CRS.
    streets
        A table of lines in any CRS, a graph, or prepared `gridmap.network.Ways`.
    areas
        ``code`` and polygons in any CRS, all levels mixed; ``name``, ``level``, ``parent``, ``households``,
        ``residents`` where known. Without them the layer has no rows.
    buildings
        Polygons in any CRS, ``households``, ``residents`` where known: they go before what the areas state. Without
        them nobody knows who is reached.
    minutes
        How long the way may take.
    rules
        How people go, and what the figures are held to.

    Returns
    -------
    Services
        Its layer ``areas``, area by area in the order given, then by kind and minutes: ``code``, ``name``, ``level``,
        ``kind``, ``minutes``, ``households``, ``reached``, ``share`` (of the households), ``too_far`` (households whose
        building is too far from any street to tell), ``norm`` (least share) and ``kept``; ``places`` inside the area,
        ``floor_m2``, ``floor_m2_per_100`` households, ``floor_norm``, ``floor_kept``; ``residents``, ``staff``,
        ``staff_per_10000`` residents, ``staff_norm``, ``staff_kept``; polygons. Norms hold for the kind ``all``: the
        places of ``Norms.service_kinds`` together. What nobody knows is missing, and so is whether it is kept.

    Raises
    ------
    InputError
        If there are no minutes, or no place is near a street.
    TableError
        If there are no places or streets, or the areas cannot be indexed.
    CrsError
        If a layer states no CRS.
    """
    service, norms = rules or (Service(), Norms())
    ready = ways(streets, service.mode)
    reach = service_area(_with_all(places, norms), ready, minutes, buildings=buildings, service=service)
    offset = ready.feet(ready.to_metres(places), service.off_m).offset_m
    layer = _no_areas(places) if areas is None else _by_area(areas, places, buildings, reach, norms)
    return Services(places=places.assign(street_m=offset), areas=layer, polygons=reach.polygons)


def _with_all(places: gpd.GeoDataFrame, norms: Norms) -> gpd.GeoDataFrame:
    """The places, and those that count once more as one kind."""
    if "kind" not in places:
        return places
    counted = places[places["kind"].isin(norms.service_kinds)].assign(kind=ALL)
    return pd.concat([places, counted], ignore_index=True) if len(counted) else places


def _no_areas(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The layer of no areas."""
    return gpd.GeoDataFrame({"code": pd.Series(dtype=str)}, geometry=gpd.GeoSeries([], crs=places.crs))


def _by_area(
    areas: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None,
    reach: ServiceArea,
    norms: Norms,
) -> gpd.GeoDataFrame:
    """The figures of every area, kind and minutes."""
    ground = Ground.of(areas)
    people = _people(ground, areas, buildings)
    asked = reach.polygons[["kind", "minutes"]]
    arrived = _arrived(ground, buildings, reach, asked)
    rows = [
        pd.DataFrame(
            {
                "code": areas["code"].astype(str).to_numpy(),
                "name": areas["name"].to_numpy(object) if "name" in areas else None,
                "level": _levels(areas),
                "kind": kind,
                "minutes": minutes,
                **_reached(people, arrived[:, [at, -1]], norms.reach.get(minutes) if kind == ALL else None),
                **_supplied(ground, _of_kind(places, norms, kind), people, norms if kind == ALL else None),
                "row": np.arange(len(areas)),
            }
        )
        for at, (kind, minutes) in enumerate(asked.itertuples(index=False))
    ]
    table = pd.concat(rows).sort_values("row", kind="stable", ignore_index=True)
    shapes = gpd.GeoSeries(areas.geometry.to_numpy()[table["row"]], crs=areas.crs)
    return gpd.GeoDataFrame(table.drop(columns="row"), geometry=shapes)


def _people(ground: Ground, areas: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None) -> dict[str, Floats]:
    """Households and residents of each area: of the buildings, else as stated."""
    people = {name: column(areas, name, np.nan) for name in ("households", "residents")}
    if buildings is not None:
        inside = buildings.geometry.representative_point()
        for name in people:
            if name in buildings:
                people[name] = ground.summed(inside, column(buildings, name, 0.0))
    return people


def _arrived(ground: Ground, buildings: gpd.GeoDataFrame | None, reach: ServiceArea, asked: pd.DataFrame) -> Floats:
    """Households reached of each area for each kind and minutes, those too far from any street in the last column."""
    if buildings is None or "households" not in buildings:
        return np.full((len(ground.table), len(asked) + 1), np.nan)
    count = column(buildings, "households", 0.0)
    # half a millisecond: the minutes were seconds once
    in_time = [(reach.minutes[kind] <= minutes + 1e-5).to_numpy() for kind, minutes in asked.itertuples(index=False)]
    numbers = np.column_stack([*in_time, reach.too_far]) * count[:, None]
    return np.asarray(ground.summed(buildings.geometry.representative_point(), numbers))


def _reached(people: dict[str, Floats], arrived: Floats, norm: float | None) -> dict[str, Any]:
    """Share of the households reached, beside its norm."""
    share = ratio(arrived[:, 0], people["households"])
    least = np.full(len(share), np.nan if norm is None else norm)
    return {
        "households": people["households"],
        "reached": arrived[:, 0],
        "share": share,
        "too_far": arrived[:, 1],
        "norm": least,
        "kept": _at_least(share, least),
    }


def _supplied(
    ground: Ground, places: gpd.GeoDataFrame, people: dict[str, Floats], norms: Norms | None
) -> dict[str, Any]:
    """Floor space and staff of the places inside each area, beside their norms."""
    counts = np.column_stack([np.ones(len(places)), column(places, "floor_m2", 0.0), column(places, "staff", 0.0)])
    number, floor, staff = ground.summed(places.geometry, counts).T
    floor = floor if "floor_m2" in places else np.full(len(number), np.nan)
    staff = staff if "staff" in places else np.full(len(number), np.nan)
    per_100, per_10000 = ratio(floor * 100, people["households"]), ratio(staff * 10_000, people["residents"])
    floor_norm, staff_norm = _norms_of(ground, people["households"], norms)
    return {
        "places": number.astype(np.int64),
        "floor_m2": floor,
        "floor_m2_per_100": per_100,
        "floor_norm": floor_norm,
        "floor_kept": _at_least(per_100, floor_norm),
        "residents": people["residents"],
        "staff": staff,
        "staff_per_10000": per_10000,
        "staff_norm": staff_norm,
        "staff_kept": _at_least(per_10000, staff_norm),
    }


def _norms_of(ground: Ground, households: Floats, norms: Norms | None) -> tuple[Floats, Floats]:
    """(Least square metres per 100 households, least staff per 10 000 residents) of each area's level; NaN: none."""
    if norms is None:
        return np.full(len(households), np.nan), np.full(len(households), np.nan)
    floor, staff = (
        np.array([_least(norms, level, figure) for level in _levels(ground.table)], dtype=float)
        for figure in ("floor_share", "staff_per_10000")
    )
    return floor * ratio(norms.floor_space.needed_m2(households) * 100, households), staff


def _least(norms: Norms, level: str | None, figure: str) -> float:
    """Lower end of the range of a figure on a level; NaN where there is none."""
    least, _ = norms.ranges.get(level or "", {}).get(figure, (None, None))
    return np.nan if least is None else least


def _at_least(measured: Floats, least: Floats) -> pd.arrays.BooleanArray:
    """Whether a norm is kept; missing where there is none or nobody knows."""
    return pd.arrays.BooleanArray(measured >= least, np.isnan(measured) | np.isnan(least))


def _of_kind(places: gpd.GeoDataFrame, norms: Norms, kind: str) -> gpd.GeoDataFrame:
    """The places of a kind, or of all that count."""
    return places[places["kind"].isin(norms.service_kinds) if kind == ALL else places["kind"].astype(str) == kind]


def _levels(areas: gpd.GeoDataFrame) -> list[str | None]:
    """The level of each area, as stated or as its code tells."""
    stated = areas["level"] if "level" in areas else [None] * len(areas)
    return [level_of(code, level) for code, level in zip(areas["code"].astype(str), stated, strict=True)]
