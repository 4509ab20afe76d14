"""Ground and households that service places are for within some minutes: the 15-minute circle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import crs
from gridmap.errors import Fault, InputError, TableError
from gridmap.network.doors import DOOR_M, Doors, doors
from gridmap.network.modes import FOOT, Mode
from gridmap.network.reach import Stretches, first, lines, reached, stretches, total
from gridmap.network.rings import counting, households, seconds_of
from gridmap.network.ways import Ways, ways
from gridmap.streets import StreetGraph

Floats = npt.NDArray[np.float64]

#: Walking minutes of the life circle (生活圈).
MINUTES = (5.0, 10.0, 15.0)


@dataclass(frozen=True, kw_only=True)
class Service:
    """How people get to service places, and what ground lies along a street."""

    #: how they go; not asked for where prepared `Ways` are given
    mode: Mode | str = FOOT
    #: metres from a street beyond which a place cannot be reached along streets
    off_m: float = 150.0
    #: metres from a street beyond which the way of a building is not known
    door_m: float = DOOR_M
    #: metres on either side of a reached street that are drawn as reached ground
    beside_m: float = 30.0
    #: square metres of a gap inside reached ground up to which it is drawn as reached: the inside of a block
    block_m2: float = 50_000.0
    #: metres between the outline that is drawn and the true one, at most
    tolerance_m: float = 0.5

    def __post_init__(self) -> None:
        """Refuse lengths of no meaning."""
        for name in ("off_m", "door_m", "beside_m", "tolerance_m"):
            if not 0 < getattr(self, name) < np.inf:
                raise InputError(f"{name} {getattr(self, name)}", expected="metres above 0")


@dataclass(frozen=True, kw_only=True)
class ServiceArea:
    """What service places reach, kind by kind."""

    #: ``kind``, ``minutes``, ``places``, ``places_too_far`` (from any street), ``length_m`` (open streets),
    #: ``reached_m``, ``share``, ``area_m2`` (of the polygon), ``households``, ``households_reached``,
    #: ``share_households``, ``households_too_far`` (missing without buildings), polygons; kinds by name
    polygons: gpd.GeoDataFrame
    #: minutes from each building, in the order of the table, to the nearest place of each kind, a column a kind, NaN
    #: beyond the most minutes and where no street is near; without buildings there are no rows
    minutes: pd.DataFrame
    #: whether each building is too far from any street to tell
    too_far: npt.NDArray[np.bool_]


def service_area(
    places: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | StreetGraph | Ways,
    minutes: Sequence[float] = MINUTES,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    service: Service | None = None,
) -> ServiceArea:
    """Return the ground and the households from which service places are within some minutes along streets.

    A metre of street is reached where the nearest place of the kind is in time; metres are exact, an edge counts as far
    as time lasts. A building is reached when the way from its middle straight to the nearest street and along streets
    is in time. The polygon is drawn: ground beside reached streets and the insides of blocks that these enclose.

    Parameters
    ----------
    places
        ``kind`` and points in any CRS.
    streets
        A table of lines in any CRS, a graph, or prepared `Ways`.
    minutes
        How long the way may take.
    buildings
        Polygons in any CRS, ``households`` where known; without that column every building counts as one.
    service
        How people go, and what ground lies along a street.

    Returns
    -------
    ServiceArea
        Polygons in the CRS of the places; a kind none of whose places is near a street reaches nothing.

    Raises
    ------
    InputError
        If there are no minutes, or no place is near a street.
    TableError
        If there are no places, they say no kind, or there are no streets.
    CrsError
        If a table states no CRS.

    Examples
    --------
    >>> table = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (2000, 0)])], crs=4549)
    >>> clinic = gpd.GeoDataFrame({"kind": ["clinic"]}, geometry=gpd.points_from_xy([0], [0]), crs=4549)
    >>> service_area(clinic, table).polygons[["minutes", "reached_m", "share"]].round(3).values.tolist()
    [[5.0, 390.0, 0.195], [10.0, 780.0, 0.39], [15.0, 1170.0, 0.585]]
    """
    asked, limits = service or Service(), seconds_of(minutes)
    _refuse_placeless(places)
    ready = ways(streets, asked.mode)
    behind = None if buildings is None else doors(buildings, ready, asked.door_m)
    xy, kind = ready.to_metres(places), places["kind"].astype(str).to_numpy(dtype=object)
    _refuse_far(ready, xy, asked.off_m)
    rows, times = [], {}
    for name in sorted(set(kind)):
        cut = stretches(ready, xy[kind == name], asked.off_m)
        node_s = first(cut, np.flatnonzero(cut.foot >= 0), limits[-1])
        rows += [{"kind": name, **_area(cut, node_s, limit, behind, asked)} for limit in limits]
        times[name] = _minutes(cut, node_s, limits[-1], behind)
    table = gpd.GeoDataFrame(rows, geometry="geometry", crs=ready.graph.crs)
    far = np.empty(0, dtype=bool) if behind is None else behind.too_far
    index = None if buildings is None else buildings.index
    return ServiceArea(polygons=crs.to_system(table, places.crs), minutes=pd.DataFrame(times, index=index), too_far=far)


def _area(cut: Stretches, node_s: Floats, limit: float, behind: Doors | None, asked: Service) -> dict[str, Any]:
    """What one kind reaches in time."""
    metres, counts = reached(cut, node_s, limit), counting(cut)
    length, arrived = float(cut.length_m[counts].sum()), float(total(cut, metres)[counts].sum())
    ground = _ground(lines(cut, metres)[0], asked)
    return {
        "minutes": limit / 60,
        "places": int((cut.foot >= 0).sum()),
        "places_too_far": int((cut.foot < 0).sum()),
        "length_m": length,
        "reached_m": arrived,
        "share": arrived / length,
        "area_m2": float(shapely.area(ground)),
        **households(cut, node_s, limit, behind),
        "geometry": ground,
    }


def _minutes(cut: Stretches, node_s: Floats, limit: float, behind: Doors | None) -> Floats:
    """Minutes to each building; NaN beyond the limit."""
    if behind is None:
        return np.empty(0)
    seconds = behind.seconds(cut, node_s)
    return np.where(seconds <= limit, seconds, np.nan) / 60


def _ground(parts: npt.NDArray[Any], asked: Service) -> Any:
    """Ground beside lines, with the insides of small blocks; a corner is drawn with as many edges as it takes."""
    turn = np.arccos(max(1 - asked.tolerance_m / asked.beside_m, 0.0))
    beside = shapely.union_all(shapely.buffer(parts, asked.beside_m, quad_segs=int(np.ceil(np.pi / 4 / turn))))
    pieces = shapely.get_parts(beside)
    return shapely.MultiPolygon([_filled(piece, asked.block_m2) for piece in pieces])


def _filled(piece: Any, block_m2: float) -> Any:
    """A polygon without its small holes."""
    holes = [ring for ring in piece.interiors if shapely.area(shapely.polygons(ring)) > block_m2]
    return shapely.polygons(piece.exterior, holes=holes or None)


def _refuse_placeless(places: gpd.GeoDataFrame) -> None:
    """Refuse places that say no kind, or none at all."""
    if "kind" not in places:
        raise TableError("places", [Fault(code="missing_column", message="no column kind; map or add it")])
    if not len(places):
        raise TableError("places", [Fault(code="no_places", message="no place; give at least one")])


def _refuse_far(ready: Ways, xy: Floats, off_m: float) -> None:
    """Refuse places of which none is near a street."""
    if (ready.feet(xy, off_m).edge < 0).all():
        raise InputError(
            f"places of which none is within {off_m:.0f} m of a street open to mode {ready.mode.name!r}",
            expected="places beside the streets given",
            do="check the coordinate system of both, or load the streets of the place",
        )
